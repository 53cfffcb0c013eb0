"""A study as one of its scenarios changes it, and who gains and loses."""
