"""The local frame of the demo district: metres east and north of one point, and seeded helpers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter
from shapely.geometry import LineString

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]

SEED = 20260115
LON0, LAT0 = 105.60, 30.30

# The district is about 9 x 8 km; roads run on to HALF_*_M so that people near the border have a
# network on both sides.
HALF_X_M, HALF_Y_M = 6000.0, 5500.0

_A_M, _E2 = 6378137.0, 0.00669437999014
_SIN2 = math.sin(math.radians(LAT0)) ** 2
# Radii of the WGS 84 ellipsoid at LAT0. A plain scale keeps errors below 0.1 % over the district,
# and, unlike a projection library, gives the same digits with every version.
M_PER_DEG_LAT = math.radians(_A_M * (1 - _E2) / (1 - _E2 * _SIN2) ** 1.5)
M_PER_DEG_LON = math.radians(_A_M * math.cos(math.radians(LAT0)) / math.sqrt(1 - _E2 * _SIN2))


def rng_for(stage: str) -> np.random.Generator:
    """Return the generator of one stage; stages do not disturb each other's numbers."""
    return np.random.default_rng([SEED, *stage.encode()])


def to_lonlat(xy_m: Floats) -> Floats:
    """Return degrees (lon, lat), rounded to the 1e-7 that OSM keeps, for metres (x, y)."""
    xy_m = np.asarray(xy_m, dtype=np.float64)
    lonlat = np.empty_like(xy_m)
    lonlat[..., 0] = LON0 + xy_m[..., 0] / M_PER_DEG_LON
    lonlat[..., 1] = LAT0 + xy_m[..., 1] / M_PER_DEG_LAT
    return np.round(lonlat, 7)


def to_xy(lonlat: Floats) -> Floats:
    """Return metres (x, y) for degrees (lon, lat)."""
    lonlat = np.asarray(lonlat, dtype=np.float64)
    xy_m = np.empty_like(lonlat)
    xy_m[..., 0] = (lonlat[..., 0] - LON0) * M_PER_DEG_LON
    xy_m[..., 1] = (lonlat[..., 1] - LAT0) * M_PER_DEG_LAT
    return xy_m


def spline(points_m: Sequence[tuple[float, float]], step_m: float = 25.0) -> LineString:
    """Return a smooth line through the points, with a vertex about every step_m."""
    points = np.asarray(points_m, dtype=np.float64)
    chord = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T) ** 0.75)])
    curve = CubicSpline(chord, points, axis=0, bc_type="natural")
    dense = curve(np.linspace(0.0, chord[-1], 400))
    length_m = float(np.hypot(*np.diff(dense, axis=0).T).sum())
    return LineString(curve(np.linspace(0.0, chord[-1], max(2, round(length_m / step_m) + 1))))


def coords(geometry: BaseGeometry) -> Floats:
    """Return the coordinates of a line as an (n, 2) array of metres."""
    return np.asarray(geometry.coords, dtype=np.float64)[:, :2]


class Field:
    """A smooth scalar field on a regular grid of metres, read by bilinear interpolation."""

    def __init__(self, values: Floats, cell_m: float, half_x_m: float, half_y_m: float) -> None:
        """Keep the grid; row 0 is the southern edge."""
        self.values = values
        self.cell_m = cell_m
        self.half_x_m = half_x_m
        self.half_y_m = half_y_m

    def at(self, x_m: Floats | float, y_m: Floats | float) -> Floats:
        """Return the interpolated values; points outside take the edge."""
        rows, cols = self.values.shape
        fx = np.clip((np.asarray(x_m) + self.half_x_m) / self.cell_m, 0, cols - 1.001)
        fy = np.clip((np.asarray(y_m) + self.half_y_m) / self.cell_m, 0, rows - 1.001)
        ix, iy = fx.astype(np.int64), fy.astype(np.int64)
        tx, ty = fx - ix, fy - iy
        v = self.values
        low = v[iy, ix] * (1 - tx) + v[iy, ix + 1] * tx
        high = v[iy + 1, ix] * (1 - tx) + v[iy + 1, ix + 1] * tx
        return np.asarray(low * (1 - ty) + high * ty)


def grid_xy(
    cell_m: float, half_x_m: float = HALF_X_M + 500, half_y_m: float = HALF_Y_M + 500
) -> tuple[Floats, Floats]:
    """Return the x and y of a grid over the whole frame; row 0 is the southern edge."""
    x = np.arange(-half_x_m, half_x_m + cell_m / 2, cell_m)
    y = np.arange(-half_y_m, half_y_m + cell_m / 2, cell_m)
    gx, gy = np.meshgrid(x, y)
    return gx, gy


def noise(
    rng: np.random.Generator, shape: tuple[int, int], cell_m: float, wavelength_m: float
) -> Floats:
    """Return smooth noise with mean 0 and standard deviation 1."""
    values = gaussian_filter(rng.standard_normal(shape), wavelength_m / 4 / cell_m, mode="reflect")
    return np.asarray((values - values.mean()) / values.std())


def smoothstep(t: Floats) -> Floats:
    """Return 0 below 0, 1 above 1 and a smooth rise between."""
    t = np.clip(t, 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))
