"""Coordinate systems of points: declared, found out by the streets around them, and converted."""
