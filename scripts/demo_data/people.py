"""Who lives where: people, people of 60 and more, and children under 3, per raster cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import Point, Polygon

from demo_data.frame import LAT0, LON0, rng_for, to_lonlat, to_xy

if TYPE_CHECKING:
    from shapely.geometry import LineString

    from demo_data.blocks import Home
    from demo_data.frame import Floats

CELL_DEG = 3 / 3600
# Cells in each direction from the middle; the raster covers the district and a rim.
COLS, ROWS = 134, 106
NODATA = -99999.0
TOTAL, SHARE_60, SHARE_0_3 = 100_320.0, 0.22, 0.022

# Per zone: people per hectare of residential ground, share of 60 and more, share under 3.
_ZONES = {
    "老城": (310.0, 0.315, 0.013),
    "城中": (205.0, 0.215, 0.021),
    "新区": (190.0, 0.135, 0.037),
    "江南": (205.0, 0.150, 0.035),
    "白塔": (175.0, 0.235, 0.020),
    "石桥镇": (120.0, 0.270, 0.018),
    "柳溪镇": (120.0, 0.265, 0.018),
    "双河镇": (95.0, 0.290, 0.016),
    "青岭乡": (100.0, 0.320, 0.014),
    "东坪乡": (100.0, 0.320, 0.014),
    "": (135.0, 0.360, 0.011),
}


def origin() -> tuple[float, float]:
    """Return the western and northern edge of the population raster in degrees."""
    return LON0 - COLS // 2 * CELL_DEG, LAT0 + ROWS // 2 * CELL_DEG


def _cells_xy() -> Floats:
    """Return the middle of every cell in metres, row by row from the north."""
    west, north = origin()
    lon = west + (np.arange(COLS) + 0.5) * CELL_DEG
    lat = north - (np.arange(ROWS) + 0.5) * CELL_DEG
    glon, glat = np.meshgrid(lon, lat)
    return to_xy(np.column_stack([glon.ravel(), glat.ravel()]))


def _into_cells(points_m: Floats) -> Floats:
    """Return the share of the points that falls in each cell."""
    west, north = origin()
    lonlat = to_lonlat(points_m)
    col = np.floor((lonlat[:, 0] - west) / CELL_DEG).astype(np.int64)
    row = np.floor((north - lonlat[:, 1]) / CELL_DEG).astype(np.int64)
    counts = np.bincount(row * COLS + col, minlength=ROWS * COLS)
    return np.asarray(counts / len(points_m))


def make_people(homes: list[Home], area: Polygon, roads: list[LineString]) -> Floats:
    """Return (3, rows, cols): people, people of 60 and more, children under 3; NODATA outside."""
    rng = rng_for("people")
    people, old, young = (np.zeros(ROWS * COLS) for _ in range(3))
    for home in homes:
        density, share_60, share_0_3 = _ZONES[home.zone]
        count = home.ground.area / 1e4 * density * rng.lognormal(0.0, 0.28)
        west, south, east, north = home.ground.bounds
        gx, gy = np.meshgrid(np.arange(west + 3, east, 6.0), np.arange(south + 3, north, 6.0))
        inside = shapely.contains_xy(home.ground, gx, gy)
        share = _into_cells(np.column_stack([gx[inside], gy[inside]]))
        people += count * share
        old += count * share * share_60 * rng.lognormal(0.0, 0.12)
        young += count * share * share_0_3 * rng.lognormal(0.0, 0.2)

    centres = _cells_xy()
    within = shapely.contains_xy(area, centres[:, 0], centres[:, 1])
    tree = STRtree(roads)
    points = [Point(p) for p in centres]
    nearest = [tree.geometries[k] for k in tree.nearest(points)]
    away = np.array([line.distance(p) for line, p in zip(nearest, points, strict=True)])
    # Farmhouses stand along the country roads, a few people to a cell.
    farms = np.flatnonzero(within & (away < 70) & (people == 0) & (rng.random(len(people)) < 0.28))
    extra = np.zeros_like(people)
    extra[farms] = rng.gamma(2.0, 1.9, len(farms))
    people += extra * (people.sum() * 0.03 / extra.sum())
    old[farms] = people[farms] * 0.38
    young[farms] = people[farms] * 0.010
    people *= TOTAL / people.sum()

    # A few hamlets that no road reaches: their people cannot be linked to the network.
    remote = np.flatnonzero(within & (away > 480) & (people == 0))
    chosen = rng.choice(remote, 9, replace=False)
    people[chosen] = rng.uniform(22, 46, 9)
    old[chosen], young[chosen] = people[chosen] * 0.41, people[chosen] * 0.009
    people *= TOTAL / people.sum()
    old *= SHARE_60 * TOTAL / old.sum()
    young *= SHARE_0_3 * TOTAL / young.sum()
    bands = np.stack([people, np.minimum(old, 0.7 * people), np.minimum(young, 0.1 * people)])
    # Multiples of 1/256 compress well and add up without rounding error.
    bands = np.round(bands * 256) / 256
    bands[:, ~within] = NODATA
    return bands.reshape(3, ROWS, COLS)
