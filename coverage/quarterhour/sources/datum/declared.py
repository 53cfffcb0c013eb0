"""Coordinates that are none of the system which their file says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

FARTHEST = (180.0, 90.0)
"""Longitude and latitude of no place are larger, in degrees."""


def require_degrees(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Raise `InputError` where a layer says degrees and most of its coordinates are metres.

    The message tells the coordinates and asks for the system; single bad shapes are left to the
    reader, which sets them aside.
    """
    if frame.crs is None or not frame.crs.is_geographic:
        return
    at = shapely.get_coordinates(frame.geometry.to_numpy())
    at = at[np.isfinite(at).all(axis=1)]
    if not len(at):
        return
    middle = np.median(at, axis=0)
    if (np.abs(middle) <= FARTHEST).all():
        return
    raise InputError(
        f"{path}: says that its coordinates are degrees ({frame.crs.name}), and they stand around"
        f" {middle[0]:.0f}, {middle[1]:.0f}, which are metres; needed is the system that they are"
        " in: set the CRS of the layer in QGIS, such as EPSG:4545 for a 3-degree zone of CGCS2000,"
        " and save it again"
    )
