"""Layers for GIS programs, with styles."""
