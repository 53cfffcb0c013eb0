"""River and hills: everything the town has to arrange itself with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Polygon

from demo_data.frame import Field, coords, grid_xy, noise, rng_for, smoothstep, spline

if TYPE_CHECKING:
    from demo_data.frame import Floats

CELL_M = 25.0

RIVER_M = [
    (-6700, 2050), (-5600, 1750), (-4600, 800), (-3500, 250), (-2650, -450), (-1700, -820),
    (-750, -520), (-80, 220), (650, 830), (1500, 800), (2150, 180), (2650, -620), (3500, -1150),
    (4600, -1050), (5500, -1500), (6700, -1550),
]  # fmt: skip

# Where the valley is broad: centre, radius, how far the level ground reaches beyond the bank.
_BASINS_M = [
    (-1100, 200, 1100, 500), (600, 1500, 1000, 350), (3200, 1100, 1100, 1300),
    (900, -500, 900, 900), (-1900, -1700, 800, 600), (-3900, 1300, 700, 500),
    (4300, -1900, 900, 600),
]  # fmt: skip

# Level ground in the hills where the small towns stand: centre and radius.
_SHELVES_M = [(-2000, -3900, 430), (-1500, 3200, 330), (1950, 3420, 330)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """River and terrain of the district, in metres."""

    river_line: LineString
    river: Polygon
    height: Field
    bank_distance: Field


def make_river() -> tuple[LineString, Polygon]:
    """Return the centre line and the water surface of a river about 170 m wide."""
    line = spline(RIVER_M, step_m=40.0)
    xy = coords(line)
    tangent = np.gradient(xy, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.hypot(*tangent.T)[:, None]
    rng = rng_for("river")
    half = 82 + 11 * gaussian_filter(rng.standard_normal((2, len(xy))), (0, 5)) * 3
    ring = np.vstack([xy + normal * half[0][:, None], (xy - normal * half[1][:, None])[::-1]])
    return line, Polygon(ring).buffer(0)


def make_land() -> Land:
    """Return river and hills; heights run from about 240 m at the water to 620 m."""
    line, river = make_river()
    gx, gy = grid_xy(CELL_M)
    dense = np.array([line.interpolate(s).coords[0] for s in np.arange(0, line.length, 10.0)])
    centre_m, nearest = cKDTree(dense).query(np.column_stack([gx.ravel(), gy.ravel()]))
    bank_m = (centre_m - 85.0).reshape(gx.shape)
    # The water falls by 0.5 m per kilometre of river.
    water = (247.0 - 0.0005 * 10.0 * nearest).reshape(gx.shape)

    rng = rng_for("hills")
    flat_m = np.full(gx.shape, 240.0)
    for x, y, radius, reach in _BASINS_M:
        flat_m += reach * np.exp(-(((gx - x) ** 2 + (gy - y) ** 2) / radius**2))
    flat_m *= 1 + 0.25 * noise(rng, gx.shape, CELL_M, 1400)
    waves = [noise(rng, gx.shape, CELL_M, w) for w in (3600, 1900, 950, 480)]
    # Folding the noise (1 - |n|) makes ridges and side valleys instead of round domes.
    ridges = 1.05 - np.abs(0.75 * waves[0] + 0.45 * waves[1])
    relief = 150 + 115 * ridges + 34 * waves[1] + 22 * waves[2] + 6 * waves[3]
    corner = 0.75 + 0.5 * smoothstep((np.hypot(gx / 1.15, gy) - 2600) / 3000)
    rise = smoothstep((bank_m - flat_m) / 1700)
    terrace = 5.0 * smoothstep(bank_m / 60) + 0.008 * np.clip(bank_m, 0, 1500)
    terrace += 1.6 * waves[2] * smoothstep(bank_m / 400)
    height = water + terrace + np.clip(relief, 25, None) * corner * rise
    height = np.where(bank_m < 0, water - 2.5 * smoothstep(-bank_m / 50), height)
    for x, y, radius in _SHELVES_M:
        away = np.hypot(gx - x, gy - y) / radius
        inside = away < 1
        level = float(height[inside].mean())
        share = 1 - smoothstep((away - 0.55) / 1.0)
        height = height * (1 - share) + (level + 0.12 * (height - level)) * share
    height = gaussian_filter(height, 1.0)
    high = height > 560
    height[high] = 560 + (height[high] - 560) * 60 / max(60.0, float(height.max()) - 560)
    half_x, half_y = float(gx.max()), float(gy.max())
    return Land(
        river_line=line,
        river=river,
        height=Field(height, CELL_M, half_x, half_y),
        bank_distance=Field(bank_m, CELL_M, half_x, half_y),
    )


def slope_grid(height: Field) -> Floats:
    """Return rise over run per grid cell."""
    dy, dx = np.gradient(height.values, height.cell_m)
    return np.asarray(np.hypot(dx, dy))
