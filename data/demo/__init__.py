"""The synthetic demo district that ships with Quarterhour; see SOURCE.md."""
