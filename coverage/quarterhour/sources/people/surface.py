"""Areas on the WGS-84 ellipsoid, of raster cells and of polygons.

Longitude and latitude are laid out by Lambert's cylindrical equal-area projection of the ellipsoid
(Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395, equations 3-12 and 10-1):
whatever a figure encloses there is its area on the ellipsoid, in any part of the world and for any
coordinate system that its corners come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    ToLonLat = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]

AXIS_M = 6_378_137.0
FLATTENING = 1 / 298.257223563

KNOT_CELLS = 32
"""Cells between those whose area is computed; in between it is interpolated. Over 3 km the area of
a cell of a Transverse Mercator grid bends by less than a ten-millionth."""


def equal_area_m(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """x, y in metres of a plane in which areas are those on the ellipsoid; degrees are given."""
    e = (FLATTENING * (2 - FLATTENING)) ** 0.5
    sine = np.sin(np.radians(lat))
    q = (1 - e * e) * (sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e)
    return AXIS_M * np.radians(lon), AXIS_M * q / 2


def polygon_m2(geometry: NDArray[Any]) -> FloatArray:
    """Square metres of each geometry in longitude and latitude; 0 for points and lines."""

    def flat(xy: FloatArray) -> FloatArray:
        return np.column_stack(equal_area_m(xy[:, 0], xy[:, 1]))

    return np.asarray(shapely.area(shapely.transform(geometry, flat)), np.float64)


def cell_m2(
    affine: tuple[float, float, float, float, float, float],
    to_lonlat: ToLonLat,
    row: NDArray[np.int64],
    col: NDArray[np.int64],
    *,
    rows_only: bool,
) -> FloatArray:
    """Square metres of the raster cells at `row` and `col`; NaN where they lie on no earth.

    `affine`: x = a col + b row + c, y = d col + e row + f. `rows_only`: the cells of a row are all
    alike, as in an upright grid of degrees; then no area is interpolated.
    """
    if not len(row):
        return np.empty(0)
    r0, r1, c0, c1 = int(row.min()), int(row.max()), int(col.min()), int(col.max())
    if rows_only:
        by_row = _corner_m2(affine, to_lonlat, np.arange(r0, r1 + 1), np.array([c0]))[:, 0]
        return np.asarray(by_row[row - r0], np.float64)
    n_r, n_c = (max(2, -(-(hi - lo) // KNOT_CELLS) + 1) for lo, hi in ((r0, r1), (c0, c1)))
    at_r, at_c = np.linspace(r0, max(r1, r0 + 1), n_r), np.linspace(c0, max(c1, c0 + 1), n_c)
    knots = _corner_m2(affine, to_lonlat, at_r, at_c)
    u = (row - at_r[0]) / (at_r[1] - at_r[0])
    v = (col - at_c[0]) / (at_c[1] - at_c[0])
    i = np.clip(np.floor(u).astype(np.int64), 0, n_r - 2)
    j = np.clip(np.floor(v).astype(np.int64), 0, n_c - 2)
    u, v = u - i, v - j
    upper = knots[i, j] * (1 - v) + knots[i, j + 1] * v
    lower = knots[i + 1, j] * (1 - v) + knots[i + 1, j + 1] * v
    return np.asarray(upper * (1 - u) + lower * u, np.float64)


def _corner_m2(
    affine: tuple[float, float, float, float, float, float],
    to_lonlat: ToLonLat,
    at_row: NDArray[Any],
    at_col: NDArray[Any],
) -> FloatArray:
    """Areas of the cells of every row with every column, from their four corners."""
    a, b, c, d, e, f = affine
    rows, cols = (g.ravel() for g in np.meshgrid(at_row, at_col, indexing="ij"))
    corner = [(0, 0), (0, 1), (1, 1), (1, 0)]
    r = np.concatenate([rows + k for k, _ in corner]).astype(np.float64)
    k = np.concatenate([cols + j for _, j in corner]).astype(np.float64)
    lon, lat = to_lonlat(a * k + b * r + c, d * k + e * r + f)
    lat = np.where(np.abs(lat) <= 90, lat, np.nan)
    with np.errstate(invalid="ignore"):
        x, y = (v.reshape(4, -1) for v in equal_area_m(np.asarray(lon), lat))
        turn = 2 * np.pi * AXIS_M
        x = x - turn * np.round((x - x[0]) / turn)  # a cell at the date line stays in one piece
        twice = (x[2] - x[0]) * (y[3] - y[1]) - (x[3] - x[1]) * (y[2] - y[0])
        area = np.abs(twice) / 2
    area[~np.isfinite(area)] = np.nan
    return np.asarray(area.reshape(len(at_row), len(at_col)), np.float64)
