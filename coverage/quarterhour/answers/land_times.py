"""Residential land in hectares by position, each with its own time, and the times of any points.

Land is measured at positions inside the residential areas (25 m apart), each linked and timed, and
never by laying a service area over it. A position stands for its part of the hectares of its area.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.assessing.analysis import inside_ms_of, toward
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.assessing.ground import M2_PER_HA
from quarterhour.assessing.residential import GATES
from quarterhour.core import reach as times
from quarterhour.model import PointSet, _Frozen
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.model import Linkage

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTimes(_Frozen):
    """Points with their times: `ms` counts only where a facility was `found` within the limit."""

    lon: FloatArray
    lat: FloatArray
    linked: BoolArray
    found: BoolArray
    ms: NDArray[np.int32]

    def covered(self, cutoff_ms: int) -> BoolArray:
        """Bool per point: within the cutoff, inclusive."""
        return self.found & (self.ms <= cutoff_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Land(_Frozen):
    """Positions of residential land inside the study area.

    `area`: int64 row of `Ground.residential`. `amount`: int64 millionths of a hectare. `n_twice`:
    positions left out because they also lie in an area before their own.
    """

    at: PointTimes
    area: IntArray
    amount: IntArray
    n_twice: int


def land_of(a: Assessment, *, threads: int | None = None) -> Land | None:
    """Residential land with the times of a service, None where the study has no areas.

    Positions of an area that is judged by its gates have the time of its best gate; the others have
    their own. Land that lies in several areas counts once, in the first of them. The hectares of an
    area without overlap add up to its size, to the millionth.
    """
    ground = a.ground
    points, areas = ground.residential_points, ground.residential
    if points is None or areas is None or not len(points.owner):
        return None
    costs = ground.impedance(a.walker, toward=toward(a.direction))
    linkage = ground.link("residential", costs.linkable, threads)
    at = _timed(a, points, linkage)
    at = _by_gates(a, at, points.owner)
    _, first = np.unique(points.x_m + 1j * points.y_m, return_index=True)
    once = np.zeros(len(points.owner), bool)
    once[first] = True
    inside = np.asarray(shapely.intersects_xy(ground.area, at.lon, at.lat), bool)
    keep = np.flatnonzero(once & inside)
    size = shapely.area(ground.crs.geometry_m(areas.geometry))
    return Land(
        at=_only(at, keep),
        area=points.owner[keep],
        amount=_hectares(size, points.owner)[keep],
        n_twice=int((~once & inside).sum()),
    )


def times_at(a: Assessment, lon: FloatArray, lat: FloatArray) -> PointTimes:
    """Times of a service at any points, linked to the roads as its places of demand are."""
    ground = a.ground
    x, y = ground.crs.metres(lon, lat)
    points = PointSet.single(x, y)
    costs = ground.impedance(a.walker, toward=toward(a.direction))
    linkage = ground.link_facilities(points, costs.linkable, limit_m=ground.link_limit_m)
    return _timed(a, points, linkage)


def _timed(a: Assessment, points: PointSet, linkage: Linkage) -> PointTimes:
    """Every point by itself, to the nearest facility within the search limit of the service."""
    ground, who = a.ground, a.walker
    costs = ground.impedance(who, toward=toward(a.direction))
    links = link_facilities(ground, costs, a.facilities, a.link_limit_m)
    sources = times.stops(costs, links.linkage, inside_ms=inside_ms_of(who, a.inside_min))
    alone = times.stops(costs, linkage, each_point=True)
    near = times.nearest(costs, sources, alone, limit_ms=limit_ms_of(a))
    n = len(points.owner)
    ms, found = np.zeros(n, np.int32), np.zeros(n, bool)
    ms[near.place], found[near.place] = near.ms, True
    lon, lat = ground.crs.lonlat(points.x_m, points.y_m)
    return PointTimes(lon=lon, lat=lat, linked=linkage.linked, found=found, ms=ms)


def limit_ms_of(a: Assessment) -> int:
    """Engine milliseconds up to which the times of a service are known."""
    return max(a.walker.limit_ms(a.limit_min), a.cutoff_ms)


def _by_gates(a: Assessment, at: PointTimes, owner: IntArray) -> PointTimes:
    """Positions of areas that are judged by their gates, as their area."""
    if not a.residential or a.residential_times is None:
        return at
    gates = (a.residential[-1].judged_by == GATES)[owner]
    if not gates.any():
        return at
    of = a.residential_times
    return PointTimes(
        lon=at.lon,
        lat=at.lat,
        linked=np.where(gates, of.linked[owner], at.linked),
        found=np.where(gates, (of.nearest >= 0)[owner], at.found),
        ms=np.where(gates, of.ms[owner], at.ms).astype(np.int32),
    )


def _only(at: PointTimes, keep: IntArray) -> PointTimes:
    return PointTimes(
        lon=at.lon[keep], lat=at.lat[keep], linked=at.linked[keep], found=at.found[keep],
        ms=at.ms[keep],
    )  # fmt: skip


def _hectares(size_m2: FloatArray, owner: IntArray) -> IntArray:
    """Millionths of a hectare per position, adding up to those of each area.

    What does not divide goes to the first positions of an area, a millionth each.
    """
    total = np.floor(size_m2 / M2_PER_HA * MICRO + 0.5).astype(np.int64)
    number = np.bincount(owner, minlength=len(size_m2))
    first = np.cumsum(number) - number
    rank = np.arange(len(owner)) - first[owner]
    each, rest = total // np.maximum(number, 1), total % np.maximum(number, 1)
    return np.asarray(each[owner] + (rank < rest[owner]), np.int64)
