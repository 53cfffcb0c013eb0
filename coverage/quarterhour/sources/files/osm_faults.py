"""What libosmium raises over files that it cannot read."""

from __future__ import annotations


def osm_faults() -> tuple[type[Exception], ...]:
    """Exceptions that say that an OpenStreetMap file is not as it should be."""
    import osmium  # noqa: PLC0415 - only for OSM files

    # a coordinate that is no number has an exception of its own, which is no RuntimeError
    return (RuntimeError, ValueError, OSError, osmium.InvalidLocationError)
