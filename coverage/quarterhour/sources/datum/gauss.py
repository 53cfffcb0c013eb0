"""CGCS2000 metres: which 3-degree Gauss-Krüger zone they are in, and which number is north.

In China's survey tables X is north and Y is east, with or without the number of the zone before the
six digits of the east: 35 600 000 is 600 000 m in zone 35, whose middle is 105° E. The numbers
themselves tell east from north; without a zone only the neighbourhood tells the middle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.errors import InputError
from quarterhour.sources.datum import coordinates as datum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Box = tuple[float, float, float, float]

NORTH_M = (1.5e6, 6.3e6)
"""Northing of China: latitudes 14 to 56."""

EAST_M = (1.0e5, 9.0e5)
"""Easting without its zone, for zones of six degrees as well."""

ZONES_3 = range(25, 46)
"""Numbers of the 3-degree zones, of EPSG:4513 to 4533; without them EPSG:4534 to 4554."""

ZONES_6 = range(13, 24)
"""Numbers of the 6-degree zones, of EPSG:4491 to 4501."""


class Metres(NamedTuple):
    """`x` east and `y` north in `coordinates`, NaN where a row is not in metres.

    `exchanged`: rows whose first number is the north. `moved`: rows of another zone, which were
    carried over to that of the most.
    """

    x: FloatArray
    y: FloatArray
    coordinates: str
    exchanged: NDArray[np.bool_]
    moved: NDArray[np.bool_]


def are_metres(a: FloatArray, b: FloatArray) -> bool:
    """Whether most rows are too large for degrees and fit Gauss-Krüger metres."""
    if not len(a):
        return False
    return bool((_fits(a, b) | _fits(b, a)).mean() > 0.5)


def recognise(
    a: FloatArray, b: FloatArray, near: Box | None, *, stated: str = "cgcs2000"
) -> Metres:
    """East and north of two columns in metres, and their EPSG code.

    `near`: west, south, east and north in degrees of where the places should be. `stated`: auto
    stays auto where no zone is written: other systems than Gauss-Krüger come into question then.

    Raises
    ------
    InputError
        No zone is written before the east, and `near` does not settle it.
    """
    plain, other = _fits(a, b), _fits(b, a)
    x = np.where(plain, a, np.where(other, b, np.nan))
    y = np.where(plain, b, np.where(other, a, np.nan))
    zone = np.where(np.isfinite(x), np.floor(np.nan_to_num(x) / 1e6), -1).astype(np.int64)
    known, counts = np.unique(zone[zone >= 0], return_counts=True)
    most = int(known[np.argmax(counts)])
    moved = (zone >= 0) & (zone != most)
    if most == 0 and stated == datum.AUTO:
        coordinates = stated  # the roads tell the zone
    elif most == 0:
        coordinates = _by_neighbourhood(x[zone == 0], y[zone == 0], near)
    else:
        coordinates = _code(most)
    for number in known.tolist():
        rows = zone == number
        if number == most:
            continue
        if number == 0:  # without a zone among rows that have one: of the same zone
            x[rows] += most * 1e6
            moved[rows] = False
        elif most == 0:
            x[rows], y[rows] = np.nan, np.nan
            moved[rows] = False
        else:
            x[rows], y[rows] = datum.between(x[rows], y[rows], _code(number), coordinates)
    return Metres(x, y, coordinates, other & ~plain, moved)


def _fits(east: FloatArray, north: FloatArray) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        zone = np.floor(east / 1e6)
        rest = east - zone * 1e6
        known = (zone == 0) | np.isin(zone, [*ZONES_3, *ZONES_6])
        return np.asarray(
            known & (rest >= EAST_M[0]) & (rest <= EAST_M[1])
            & (north >= NORTH_M[0]) & (north <= NORTH_M[1])
        )  # fmt: skip


def _code(zone: int) -> str:
    return f"EPSG:{4513 + zone - 25 if zone in ZONES_3 else 4491 + zone - 13}"


def _by_neighbourhood(x: FloatArray, y: FloatArray, near: Box | None) -> str:
    east, north = np.array([np.median(x)]), np.array([np.median(y)])
    found = []
    if near is not None:
        west, south, right, top = near
        for k in range(21):
            if not west - 3 <= 75 + 3 * k <= right + 3:
                continue
            code = f"EPSG:{4534 + k}"
            lon, lat = datum.to_wgs84(east, north, code)
            # half a degree: a list of the whole city and the roads of its centre
            if west - 0.5 <= lon[0] <= right + 0.5 and south - 0.5 <= lat[0] <= top + 0.5:
                found.append(code)
    if len(found) == 1:
        return found[0]
    why = "the roads do not settle it" if near is not None else "only the roads could tell"
    raise InputError(
        f"the coordinates are metres without the number of their zone (east {east[0]:.0f}, north"
        f" {north[0]:.0f}), and {why}; needed is the middle of the zone: say coordinates ="
        ' "EPSG:4544" for 105° E, "EPSG:4545" for 108° E, and so on (EPSG:4534 is 75° E, one more'
        " for every 3°)"
    )
