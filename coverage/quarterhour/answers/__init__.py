"""Answers beyond coverage: by unit, gaps, overlap, supply, equity, over time, between runs."""
