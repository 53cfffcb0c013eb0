"""Water and green of an OpenStreetMap file: what makes a map readable as a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import Scenery
from quarterhour.sources.areas import polygons_only
from quarterhour.sources.osm_faults import osm_faults

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WATER = {"natural": {"water", "bay", "strait"}, "waterway": {"riverbank", "dock"},
         "landuse": {"reservoir", "basin"}}  # fmt: skip
GREEN = {"leisure": {"park", "garden", "nature_reserve", "golf_course"},
         "landuse": {"forest", "grass", "meadow", "recreation_ground", "village_green",
                     "cemetery"},
         "natural": {"wood", "scrub", "grassland"}}  # fmt: skip
STREAMS = {"river", "canal"}
SMALLEST_M2 = 2_000.0
"""Smaller patches cannot be seen on a map of a district and would only make its file larger."""


def read_scenery(path: Path, bounds: tuple[float, float, float, float]) -> Scenery:
    """Water and green areas, and rivers as lines, of an OSM file inside `bounds` (degrees).

    Raises
    ------
    InputError
        The file cannot be read.
    """
    import osmium  # noqa: PLC0415 - only for OSM files
    from osmium import filter as keep  # noqa: PLC0415

    make = osmium.geom.WKBFactory()
    found: dict[str, list[str]] = {"water": [], "green": [], "stream": []}
    keys = ("natural", "landuse", "leisure", "waterway")
    try:
        items = osmium.FileProcessor(str(path)).with_areas(keep.KeyFilter(*keys))
        kinds = osmium.osm.WAY | osmium.osm.AREA
        items = items.with_filter(keep.EntityFilter(kinds)).with_filter(keep.KeyFilter(*keys))
        for item in items:
            tags = item.tags
            try:
                if isinstance(item, osmium.osm.Area):
                    for name, wanted in (("water", WATER), ("green", GREEN)):
                        if any(tags.get(key) in values for key, values in wanted.items()):
                            found[name].append(make.create_multipolygon(item))
                            break
                elif isinstance(item, osmium.osm.Way) and tags.get("waterway") in STREAMS:
                    found["stream"].append(make.create_linestring(item))
            except (RuntimeError, osmium.InvalidLocationError):
                continue  # an object cut off at the edge of an extract is no loss to a backdrop
    except osm_faults() as error:
        raise InputError(f"{path}: water and green cannot be read ({error})") from error
    water, green, stream = (_inside(found[key], bounds) for key in ("water", "green", "stream"))
    return Scenery(water=_large(water), green=_large(green), stream=stream)


def _inside(wkb: list[str], bounds: tuple[float, float, float, float]) -> NDArray[Any]:
    geometry = np.asarray(shapely.from_wkb(np.array(wkb, object)), object)
    west, south, east, north = bounds
    box = shapely.box(west, south, east, north)
    near = geometry[shapely.intersects(geometry, box)]
    cut = shapely.intersection(shapely.make_valid(near), box)
    return np.asarray(cut[~shapely.is_empty(cut)], object)


def _large(geometry: NDArray[Any]) -> NDArray[Any]:
    """The polygons that can be seen."""
    parts = polygons_only(geometry)
    lat = shapely.bounds(parts)[:, 1] if len(parts) else np.empty(0)
    m2 = shapely.area(parts) * 111_000.0**2 * np.cos(np.radians(lat))
    return np.asarray(parts[m2 >= SMALLEST_M2], object)
