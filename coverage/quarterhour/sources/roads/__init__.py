"""Roads from any source, as a network."""
