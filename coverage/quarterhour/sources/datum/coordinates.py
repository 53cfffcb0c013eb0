"""Coordinates as they are found in tables, to WGS-84 longitude and latitude.

GCJ-02 is WGS-84 moved by a published formula of some hundred metres that is to be inverted; BD-09
adds a second one. Both are inverted by fixed-point iteration, to far below a millimetre. CGCS2000
is taken as WGS-84: they differ by centimetres to decimetres.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pyproj import CRS, Transformer

    FloatArray = NDArray[np.float64]

NAMES = ("wgs84", "gcj02", "bd09", "cgcs2000")

AUTO = "auto"
"""Not a system: the one that fits the roads best is taken, see `sources.datum.fit`."""

NEEDS_ROADS = (
    'coordinates = "auto" needs the roads to compare with, and there are none here; needed is'
    ' wgs84, gcj02, bd09, cgcs2000 or "EPSG:n"'
)

AXIS_M = 6_378_245.0
ECCENTRICITY_SQ = 0.006693421622965943
"""Krassovsky 1940, as the published formula has it."""

CHINA = (72.004, 0.8293, 137.8347, 55.8271)
"""Box outside which the formula does nothing: west, south, east, north."""


def known_coordinates(name: str) -> bool:
    """Whether `name` is a system that `to_wgs84` takes, or auto."""
    return (
        name in NAMES
        or name == AUTO
        or re.fullmatch(r"EPSG:\d{4,6}", name, re.IGNORECASE) is not None
    )


def to_wgs84(x: FloatArray, y: FloatArray, coordinates: str) -> tuple[FloatArray, FloatArray]:
    """Longitude and latitude in WGS-84 of `x` (east) and `y` (north) in `coordinates`.

    `coordinates`: wgs84, gcj02, bd09, cgcs2000, or "EPSG:n" with x east and y north whatever the
    axis order of the code is.

    Raises
    ------
    InputError
        `coordinates` is auto, which only the roads can settle, or no system.
    """
    if coordinates == AUTO:
        raise InputError(NEEDS_ROADS)
    if coordinates in {"wgs84", "cgcs2000"}:
        return x, y
    if coordinates == "gcj02":
        return _inverse(gcj02_of_wgs84, x, y)
    if coordinates == "bd09":
        return _inverse(gcj02_of_wgs84, *_inverse(bd09_of_gcj02, x, y))
    lon, lat = _to_lonlat(coordinates).transform(x, y)
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def in_use(x: FloatArray, y: FloatArray, coordinates: str) -> NDArray[np.bool_]:
    """Which points lie where an EPSG system is used, with a wide margin; all where it is not said.

    The margin is 5 degrees: tables reach beyond the strip that their system is meant for.
    """
    use = None if coordinates in NAMES else crs_of(coordinates).area_of_use
    if use is None:
        return np.ones(len(x), bool)
    lon, lat = _to_lonlat(coordinates).transform(x, y)
    inside = (np.abs(lon - (use.west + use.east) / 2) <= (use.east - use.west) / 2 + 5.0) & (
        np.abs(lat - (use.south + use.north) / 2) <= (use.north - use.south) / 2 + 5.0
    )
    return np.asarray(inside, bool)


def between(
    x: FloatArray, y: FloatArray, coordinates: str, to: str
) -> tuple[FloatArray, FloatArray]:
    """Points of one EPSG system in another, x east and y north in both."""
    from pyproj import Transformer  # noqa: PLC0415 - only for projected tables

    moved = Transformer.from_crs(crs_of(coordinates), crs_of(to), always_xy=True).transform(x, y)
    return np.asarray(moved[0], np.float64), np.asarray(moved[1], np.float64)


def is_degrees(coordinates: str) -> bool:
    """Whether the system is in degrees: all the named ones, auto, and geographic EPSG codes."""
    return coordinates in NAMES or coordinates == AUTO or bool(crs_of(coordinates).is_geographic)


def crs_of(coordinates: str) -> CRS:
    """The system of an EPSG code."""
    from pyproj import CRS  # noqa: PLC0415 - only for projected tables
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        crs = CRS.from_user_input(coordinates.upper())
    except CRSError as error:
        raise InputError(
            f"coordinates = {coordinates!r}: the EPSG registry has no such code; needed is"
            f" {', '.join(NAMES)} or EPSG:n"
        ) from error
    if not (crs.is_projected or crs.is_geographic):
        raise InputError(
            f"coordinates = {coordinates!r} is {crs.name}, which gives no place on the map; needed"
            f" is {', '.join(NAMES)} or EPSG:n of a projected system"
        )
    return crs


@lru_cache(maxsize=32)
def _to_lonlat(coordinates: str) -> Transformer:
    from pyproj import Transformer  # noqa: PLC0415

    return Transformer.from_crs(crs_of(coordinates), 4326, always_xy=True)


def gcj02_of_wgs84(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """GCJ-02 of WGS-84 degrees; unchanged outside the China box."""
    x, y = lon - 105.0, lat - 35.0
    wave = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
        + (wave + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)
           + 160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    )  # fmt: skip
    east = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
        + (wave + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)
           + 150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    )  # fmt: skip
    phi = np.radians(lat)
    w = 1.0 - ECCENTRICITY_SQ * np.sin(phi) ** 2
    dlat = np.degrees(north / (AXIS_M * (1.0 - ECCENTRICITY_SQ) / (w * np.sqrt(w))))
    dlon = np.degrees(east / (AXIS_M / np.sqrt(w) * np.cos(phi)))
    west, south, east_edge, north_edge = CHINA
    inside = (lon >= west) & (lon <= east_edge) & (lat >= south) & (lat <= north_edge)
    return lon + np.where(inside, dlon, 0.0), lat + np.where(inside, dlat, 0.0)


def bd09_of_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """BD-09 of GCJ-02 degrees."""
    turn = np.pi * 3000.0 / 180.0
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * turn)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * turn)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _inverse(
    forward: Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    lon: FloatArray,
    lat: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """x with forward(x) = (lon, lat), by x <- x + (target - forward(x))."""
    x, y = lon.copy(), lat.copy()
    for _ in range(12):
        fx, fy = forward(x, y)
        x, y = x + (lon - fx), y + (lat - fy)
    return x, y
