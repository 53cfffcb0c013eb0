"""Communities and villages: parts of each town around some of its residential areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from demo_data.blocks import Home

HOMES_EACH = 8
"""Residential areas of a community, about."""

NUMBERS = "一二三四五六七八九十"


def make_communities(
    homes: list[tuple[Home, str]], units: list[tuple[str, str, BaseGeometry]]
) -> list[tuple[str, str, str, BaseGeometry]]:
    """Name, kind (社区 or 村), town and polygon: each town cut by the nearest of its seeds."""
    found = []
    for town, kind, polygon in units:
        inside = [shapely.point_on_surface(h.ground) for h, unit in homes if unit == town]
        middle = np.array(sorted((p.x, p.y) for p in inside))
        parts = max(1, min(len(NUMBERS), round(len(middle) / HOMES_EACH)))
        seeds = middle[[(2 * k + 1) * len(middle) // (2 * parts) for k in range(parts)]]
        what = "社区" if kind == "街道" else "村"
        stem = town.removesuffix("街道").removesuffix("镇").removesuffix("乡")
        cells = [polygon]
        if parts > 1:
            made = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=polygon)
            cells = [shapely.intersection(cell, polygon) for cell in made.geoms]
        order = sorted(cells, key=lambda c: (c.centroid.x, c.centroid.y))
        found += [(f"{stem}{NUMBERS[k]}{what}", what, town, cell) for k, cell in enumerate(order)]
    return found
