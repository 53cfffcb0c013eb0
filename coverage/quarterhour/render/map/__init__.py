"""The map: one HTML file that opens offline, its data, its written parts and its scripts."""
