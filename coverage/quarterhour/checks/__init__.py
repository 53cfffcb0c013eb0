"""What can be said about a study before it is run."""
