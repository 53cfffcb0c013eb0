"""Rows of tables and layers: what headings and cells mean, and where each row is."""
