"""Our own scripts and styles of the map page."""
