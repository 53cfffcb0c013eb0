"""What a scenario changes: streets, facilities, and the pins saved by the page."""
