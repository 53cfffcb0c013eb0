"""The inputs of a study, read and put together."""
