"""Water and green of an OpenStreetMap file: what makes a map readable as a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import PlaceName, Scenery
from quarterhour.sources.files.osm_faults import osm_faults
from quarterhour.sources.units.areas import polygons_only

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
TOWNS = {"city": 0, "town": 1, "suburb": 2, "quarter": 3}
VILLAGES = {"village": 0, "neighbourhood": 1, "hamlet": 2}
MAIN_STREETS = {"trunk", "primary", "secondary"}
MOST_NAMES = 500
"""Names of each kind; of more, the less important are left out."""
SMALLEST_M2 = 2_000.0
"""Smaller patches cannot be seen on a map of a district and would only make its file larger."""


def read_scenery(path: Path, bounds: tuple[float, float, float, float]) -> Scenery:
    """Water, green, rivers as lines, and names, of an OSM file inside `bounds` (degrees).

    Raises
    ------
    InputError
        The file cannot be read.
    """
    import osmium  # noqa: PLC0415 - only for OSM files
    from osmium import filter as keep  # noqa: PLC0415

    make = osmium.geom.WKBFactory()
    found: dict[str, list[str]] = {"water": [], "green": [], "stream": []}
    patches = [(key, value) for of in (WATER, GREEN) for key in of for value in of[key]]
    lines = [("waterway", value) for value in STREAMS]
    lines += [("highway", value) for value in MAIN_STREETS]
    places = [("place", value) for value in (*TOWNS, *VILLAGES)]
    names = _Names(bounds)
    try:
        items = osmium.FileProcessor(str(path)).with_areas(keep.TagFilter(*patches))
        kinds = osmium.osm.NODE | osmium.osm.WAY | osmium.osm.AREA
        items = items.with_filter(keep.EntityFilter(kinds))
        # by value and not by key: every street has a highway, and few of them a name on the map
        for item in items.with_filter(keep.TagFilter(*patches, *lines, *places)):
            tags = item.tags
            try:
                if names.take(item):
                    continue
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
    return Scenery(water=_large(water), green=_large(green), stream=stream, names=names.found())


class _Names:
    """Names of places and main streets inside bounds; of a street its longest way."""

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        self.bounds = bounds
        self.towns: list[tuple[int, str, float, float]] = []
        self.villages: list[tuple[int, str, float, float]] = []
        self.streets: dict[str, tuple[float, float, float]] = {}

    def take(self, item: Any) -> bool:  # noqa: ANN401 - osmium's objects
        """Whether the object is a named place or main street; then its name is kept."""
        tags = item.tags
        name = tags.get("name", "").strip()
        place, street = tags.get("place"), tags.get("highway")
        if not name:
            return False
        if item.is_node():
            for of, ranks in ((self.towns, TOWNS), (self.villages, VILLAGES)):
                if place in ranks and self._inside(item.location.lon, item.location.lat):
                    of.append((ranks[place], name, item.location.lon, item.location.lat))
                    return True
            return False
        if not item.is_way() or street not in MAIN_STREETS:
            return False
        ends = [(node.lon, node.lat) for node in item.nodes if node.location.valid()]
        if ends:
            lon, lat = ends[len(ends) // 2]
            steps = np.diff(np.array(ends), axis=0)
            length = float(np.hypot(steps[:, 0], steps[:, 1]).sum())
            if self._inside(lon, lat) and length > self.streets.get(name, (0.0,))[0]:
                self.streets[name] = (length, lon, lat)
        return True

    def _inside(self, lon: float, lat: float) -> bool:
        west, south, east, north = self.bounds
        return west <= lon <= east and south <= lat <= north

    def found(self) -> tuple[PlaceName, ...]:
        """The most important of each kind, in an order that depends on nothing else."""
        result = []
        for kind, of in (("town", self.towns), ("village", self.villages)):
            listed = sorted(set(of))[:MOST_NAMES]
            result += [PlaceName(name, lon, lat, kind) for _, name, lon, lat in listed]
        longest = sorted(self.streets.items(), key=lambda it: (-it[1][0], it[0]))[:MOST_NAMES]
        result += [PlaceName(name, lon, lat, "street") for name, (_, lon, lat) in longest]
        return tuple(result)


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
