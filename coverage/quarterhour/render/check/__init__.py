"""What a check found, as sentences and as a page."""
