"""Facilities and candidate sites: their kinds, gates, and rows that are one place twice."""
