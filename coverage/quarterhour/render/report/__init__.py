"""The answers as a briefing to be printed, with figures."""
