"""The coordinate systems that a column of numbers may be in, and where each puts the points."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.errors import InputError
from quarterhour.sources.datum.coordinates import NAMES, gcj02_of_wgs84, to_wgs84

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Bounds = tuple[float, float, float, float]

AT_ROADS_DEGREES = 0.1
"""A projected system is looked at if it puts most points on the box of the roads or this close."""

SAME_M = 1.0
"""Systems that put the points this close to each other are one."""


class Placed(NamedTuple):
    """Longitude and latitude in WGS-84 that the points have if they are in a system."""

    system: str
    lon: FloatArray
    lat: FloatArray


def in_degrees(x: FloatArray, y: FloatArray) -> bool:
    """Whether most of the values can be longitude and latitude."""
    return bool(((np.abs(x) <= 180.0) & (np.abs(y) <= 90.0)).mean() > 0.5) if len(x) else True


def systems(x: FloatArray, y: FloatArray, stated: str, roads: Bounds) -> list[Placed]:
    """Where the points are under every system that comes into question, the stated one first.

    `roads`: west, south, east and north of the road data.

    Raises
    ------
    InputError
        `stated` is not a system.
    """
    if stated not in {*NAMES, "auto"} and not stated.upper().startswith("EPSG:"):
        raise InputError(
            f"coordinates = {stated!r} is no system; needed is {', '.join(NAMES)}, EPSG:n or auto"
        )
    names = _geographic(x, y, stated) if in_degrees(x, y) else _projected(x, stated, roads)
    placed: list[Placed] = []
    for name in names:
        lon, lat = _placed(x, y, name)
        if name != stated and not in_degrees(x, y) and not _most_at_roads(lon, lat, roads):
            continue
        if not any(_same(lon, lat, other) for other in placed):
            placed.append(Placed(name, lon, lat))
    return placed


def swapped(x: FloatArray, y: FloatArray, stated: str, roads: Bounds) -> bool:
    """Whether the points lie at the roads only if east and north are exchanged."""

    def fits(east: FloatArray, north: FloatArray) -> bool:
        found = systems(east, north, stated, roads)
        return any(_most_at_roads(p.lon, p.lat, roads) for p in found)

    return len(x) > 0 and not fits(x, y) and fits(y, x)


def _geographic(x: FloatArray, y: FloatArray, stated: str) -> list[str]:
    plain = stated if stated == "cgcs2000" or stated.upper().startswith("EPSG:") else "wgs84"
    lon, _ = gcj02_of_wgs84(x, y)
    in_china = bool((lon != x).mean() > 0.5) if len(x) else False
    names = [plain, "gcj02", "bd09"] if in_china else [plain]
    if stated in NAMES:
        names = [stated, *(name for name in names if name != stated)]
    return names if in_china else names[:1]  # elsewhere nobody displaces degrees


def _projected(x: FloatArray, stated: str, roads: Bounds) -> list[str]:
    """Gauss-Krueger zones of CGCS2000 and UTM zones whose strip is at the roads, and the stated."""
    names = [] if stated == "auto" else [stated]
    zone = int(np.median(x) // 1_000_000)
    west, east = roads[0] - 3.0, roads[2] + 3.0
    if 25 <= zone <= 45:  # 3-degree zones whose easting begins with the number of the zone
        names.append(f"EPSG:{4513 + zone - 25}")
    elif 13 <= zone <= 23:  # 6-degree zones of the same kind
        names.append(f"EPSG:{4491 + zone - 13}")
    elif zone == 0:
        names += [f"EPSG:{4534 + k}" for k in range(21) if west <= 75 + 3 * k <= east]
        names += [f"EPSG:{32601 + k}" for k in range(60) if west <= -177 + 6 * k <= east]
    names.append("EPSG:3857")
    upper = stated.upper()
    return [name for k, name in enumerate(names) if k == 0 or name != upper]


def _placed(x: FloatArray, y: FloatArray, name: str) -> tuple[FloatArray, FloatArray]:
    lon, lat = to_wgs84(x, y, name)
    good = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 360.0) & (np.abs(lat) <= 90.0)
    return np.where(good, lon, np.nan), np.where(good, lat, np.nan)


def _most_at_roads(lon: FloatArray, lat: FloatArray, roads: Bounds) -> bool:
    west, south, east, north = roads
    d = AT_ROADS_DEGREES
    near = (lon >= west - d) & (lon <= east + d) & (lat >= south - d) & (lat <= north + d)
    return bool(near.mean() > 0.5) if len(lon) else False


def _same(lon: FloatArray, lat: FloatArray, other: Placed) -> bool:
    both = np.isfinite(lon) & np.isfinite(other.lon)
    if not both.any():
        return False
    north_m = (lat - other.lat)[both] * 111_320.0
    east_m = (lon - other.lon)[both] * 111_320.0 * np.cos(np.radians(lat[both]))
    return bool(np.median(np.hypot(east_m, north_m)) < SAME_M)
