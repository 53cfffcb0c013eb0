"""Geodesic lengths of polylines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import Geod

from quarterhour.units import mm_of_m

if TYPE_CHECKING:
    from numpy.typing import NDArray


def segment_mm(
    lon: NDArray[np.float64], lat: NDArray[np.float64], first_vertex: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Millimetres on the WGS-84 ellipsoid from each vertex's predecessor, 0 at a line's first."""
    metres = np.zeros(len(lon))
    if len(lon) > 1:
        _, _, metres[1:] = Geod(ellps="WGS84").inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    metres[first_vertex[:-1]] = 0.0
    return mm_of_m(metres)
