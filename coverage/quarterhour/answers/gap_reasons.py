"""Why somebody is not covered: one reason per place, the first that holds of a stated order.

For places near a road that the walker can use, in this order:

1. edge: roads or facilities beyond the edge of the data could bring it within the cutoff
   (`guard_zone`); whether it is a gap at all is not known. On a part of the network without a
   facility only roads count: a part that may go on beyond the data is not known to be broken.
2. walker: a part of the network without a facility, but not for a walker who uses steps.
3. disconnected: a part of the network without a facility.
4. walker: one who uses steps, at the same speed, is there within the cutoff.
5. hill: on flat streets the walk is within the cutoff.
6. barrier, detour: a facility is near, and the shortest walk to any facility is at least `DETOUR`
   times as far as the nearest one lies; barrier where the straight line to it crosses water, a
   railway, an expressway, a wall or a cliff. A facility is near whose straight distance is at most
   `NEAR` times the metres that the cutoff is worth on flat streets.
7. beyond: a facility is near, and the walk is no such detour: it is only longer than the cutoff.
8. no_facility: no facility is near.

For the others: walker where a road with steps is near enough, behind_barrier where every road
within the limit lies behind one, else far_from_road. `full` is given to places that are covered and
find no room; it is never decided here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.assessing.guard_zone import ROADS
from quarterhour.core import crossing, gaps, snap
from quarterhour.core import reach as times
from quarterhour.core.impedance import impedance
from quarterhour.model import Linkage, PointSet, _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.impedance import Impedance

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

REASONS = (
    "far_from_road", "behind_barrier", "edge", "disconnected", "walker", "hill", "barrier",
    "detour", "beyond", "no_facility", "full",
)  # fmt: skip
(FAR_FROM_ROAD, BEHIND_BARRIER, EDGE, DISCONNECTED, WALKER, HILL, BARRIER, DETOUR_ONLY,
 BEYOND, NO_FACILITY, FULL) = range(len(REASONS))  # fmt: skip

DETOUR = 1.6
"""From so many times the straight line on a walk counts as a detour: a judgement. Of the walks of
300 m and more to the facilities of five cities half were at most 1.2 to 1.4 times as long as the
straight line, legs beside the road included, and three quarters at most 1.4 to 1.6 times."""

NEAR = 1.2
"""Up to so many times the metres of the cutoff, in a straight line, a facility is near: a
judgement. What lies just beyond them across a river is parted by the river, not by distance."""

BARRIER_KINDS = {
    crossing.WATER: "water", crossing.RIVER: "water", crossing.RAILWAY: "railway",
    crossing.EXPRESSWAY: "expressway", crossing.WALL: "wall", crossing.CLIFF: "cliff",
    crossing.LAYER: "barrier",
}  # fmt: skip


def kinds_of(bits: int) -> list[str]:
    """Names of the kinds of barrier of `core.gaps.kinds_across`, each once."""
    return list(dict.fromkeys(name for kind, name in BARRIER_KINDS.items() if bits >> kind & 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(_Frozen):
    """Points that are not covered, and what the search found for each.

    `linkage`: one point per owner. `nearest`: row of the facilities, -1 beyond the search limit;
    `ms` counts only where there is one. `served`: on a part of the network with a facility.
    `flags`: uint8 bits of `guard_zone`.
    """

    x_m: Floats
    y_m: Floats
    linkage: Linkage
    nearest: Ints
    ms: NDArray[np.int32]
    served: Bools
    flags: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.x_m)

    @property
    def linked(self) -> Bools:
        """Bool per point: near a road that the walker can use."""
        return self.linkage.linked


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoned(_Frozen):
    """The reason of every point, and what it rests on.

    `code`: int8 index of `REASONS`. `straight_m`, `straight_to`: metres to the nearest facility in
    use and the point of `FacilityLinks.points` where it is entered; infinite and -1 without any.
    `crosses`: bits of the barriers on that line, looked at only where the walk is a detour.
    `other_ms`: of the walk with steps, or on the flat, where that is the reason; else -1.
    """

    code: NDArray[np.int8]
    straight_m: Floats
    straight_to: Ints
    crosses: Ints
    other_ms: Ints


def subset(linkage: Linkage, rows: Ints) -> Linkage:
    """The linkage of some owners, renumbered in the order of `rows`; one point per owner."""
    at = np.full(linkage.n_owners, -1, np.int64)
    at[linkage.owner] = np.arange(len(linkage.owner))
    entry = at[rows]
    point = np.flatnonzero(entry >= 0)
    entry = entry[point]
    behind = linkage.behind_barrier
    return Linkage(
        linked=linkage.linked[rows], point=point, owner=point, edge=linkage.edge[entry],
        offset_mm=linkage.offset_mm[entry], access_mm=linkage.access_mm[entry],
        snap_x_m=linkage.snap_x_m[entry], snap_y_m=linkage.snap_y_m[entry],
        nearest_m=linkage.nearest_m[rows], limit_m=linkage.limit_m, n_owners=len(rows),
        behind_barrier=None if behind is None else behind[rows],
    )  # fmt: skip


class Asking:
    """The facilities of one assessment, ready to be asked about."""

    def __init__(self, a: Assessment) -> None:
        self.a, self.ground = a, a.ground
        self.toward = a.direction == "to"
        self.costs = a.ground.impedance(a.walker, toward=self.toward)
        self.links = link_facilities(a.ground, self.costs, a.facilities, a.link_limit_m)
        self.inside_ms = 0 if a.walker.rule_m else units.ms_of_min(a.inside_min)
        self.gates = times.stops(
            self.costs, self.links.linkage, each_point=True, inside_ms=self.inside_ms
        )
        self.limit_ms = max(a.walker.limit_ms(a.limit_min), a.cutoff_ms)
        self.reach_m = self.flat_m(a.cutoff_ms)
        self.used = np.flatnonzero(self.links.used[self.links.points.owner])

    def flat_m(self, ms: float) -> float:
        """Metres on flat streets that milliseconds from door to service are worth."""
        mm = max(float(ms) - self.inside_ms, 0.0) * self.a.walker.speed_mmph / units.MS_PER_HOUR
        return mm / units.MM_PER_M

    def minutes(self, ms: int) -> float:
        """Minutes of engine milliseconds."""
        return float(self.a.walker.minutes(np.array([ms], np.int32))[0])

    def decide(self, left: Left) -> Reasoned:
        """The reason of every point."""
        n = len(left)
        code = np.full(n, NO_FACILITY, np.int8)
        straight_m, straight_to = self._straight(left)
        crosses, other_ms = np.zeros(n, np.int64), np.full(n, -1, np.int64)
        on = left.linked & left.served
        per_ms = self.a.walker.speed_mmph / units.MS_PER_HOUR / units.MM_PER_M
        ms = np.where(left.nearest >= 0, left.ms.astype(np.float64), self.limit_ms)
        walk_m = (ms - self.inside_ms) * per_ms
        near = on & (straight_m <= NEAR * self.reach_m)
        code[near] = BEYOND
        rows = np.flatnonzero(near & (walk_m >= DETOUR * straight_m))
        code[rows] = DETOUR_ONLY
        if len(rows) and self.ground.barriers is not None:
            points, to = self.links.points, straight_to[rows]
            crosses[rows] = gaps.kinds_across(
                self.ground.barriers, left.x_m[rows], left.y_m[rows], points.x_m[to], points.y_m[to]
            )
            code[rows[crosses[rows] > 0]] = BARRIER
        if len(self.used):  # else nothing is broken: there is no facility
            self._hill(left, on, code, other_ms)
            code[left.linked & ~left.served] = DISCONNECTED
        code[~left.linked] = FAR_FROM_ROAD
        if left.linkage.behind_barrier is not None:
            code[left.linkage.behind_barrier & ~left.linked] = BEHIND_BARRIER
        self._steps(left, code, other_ms)
        code[left.linked & ((left.flags & ROADS) > 0)] = EDGE
        code[on & (left.flags > 0)] = EDGE
        other_ms[code == EDGE] = -1
        return Reasoned(
            code=code, straight_m=straight_m, straight_to=straight_to, crosses=crosses,
            other_ms=other_ms,
        )  # fmt: skip

    def _hill(self, left: Left, on: Bools, code: NDArray[np.int8], other_ms: Ints) -> None:
        """Places that are within the cutoff where the streets are flat."""
        a, net = self.a, self.ground.network
        if net.piece_forward_mm is None or a.walker.rule_m:
            return
        level = dataclasses.replace(net, piece_forward_mm=None, piece_backward_mm=None)
        flat = impedance(level, a.walker, toward=self.toward)
        ms, _ = self._within(flat, left.linkage, self.links.linkage)
        better = on & (ms >= 0)
        code[better], other_ms[better] = HILL, ms[better]

    def _steps(self, left: Left, code: NDArray[np.int8], other_ms: Ints) -> None:
        """Places that steps would bring to a facility, to its network or to a road."""
        a = self.a
        if a.walker.steps:
            return
        free = self.ground.impedance(dataclasses.replace(a.walker, steps=True), toward=self.toward)
        again = snap.link(
            self.ground.index(free.linkable),
            PointSet.single(left.x_m, left.y_m),
            limit_m=self.ground.link_limit_m,
            barriers=self.ground.barriers,
        )
        freed = again.linked & ~left.linked
        links = link_facilities(self.ground, free, a.facilities, a.link_limit_m)
        ms, served = self._within(free, again, links.linkage)
        freed |= (ms >= 0) | (served & ~left.served & left.linked)
        code[freed], other_ms[freed] = WALKER, ms[freed]

    def _within(self, costs: Impedance, places: Linkage, facilities: Linkage) -> tuple[Ints, Bools]:
        """Milliseconds within the cutoff (-1: none), and whether a facility can be reached."""
        gates = times.stops(costs, facilities, inside_ms=self.inside_ms)
        stops = times.stops(costs, places)
        found = times.nearest(costs, gates, stops, limit_ms=self.a.cutoff_ms)
        ms = np.full(places.n_owners, -1, np.int64)
        ms[found.place] = found.ms
        return ms, times.owners_on_components_of(costs, gates, stops)

    def _straight(self, left: Left) -> tuple[Floats, Ints]:
        """Metres to the nearest facility in use, and the point where it is entered."""
        from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to load

        n = len(left)
        if not len(self.used):
            return np.full(n, np.inf), np.full(n, -1, np.int64)
        points = self.links.points
        tree = cKDTree(np.column_stack([points.x_m[self.used], points.y_m[self.used]]))
        away, which = tree.query(np.column_stack([left.x_m, left.y_m]))
        return np.asarray(away, np.float64), self.used[which]

    def roads_at(self, left: Left, rows: Ints, *, search_m: float) -> Linkage:
        """Linkage of some points to the nearest usable road, barriers or not, up to `search_m`."""
        return snap.link(
            self.ground.index(self.costs.linkable),
            PointSet.single(left.x_m[rows], left.y_m[rows]),
            limit_m=search_m,
        )


def asked_again(asking: Asking, left: Left) -> Left:
    """The same points, timed to the facilities of `asking`, which may be fewer."""
    stops = times.stops(asking.costs, left.linkage)
    near = times.nearest(asking.costs, asking.gates, stops, limit_ms=asking.limit_ms)
    ms, nearest = np.zeros(len(left), np.int32), np.full(len(left), -1, np.int64)
    ms[near.place] = near.ms
    nearest[near.place] = asking.links.points.owner[near.facility]
    served = times.owners_on_components_of(asking.costs, asking.gates, stops)
    return dataclasses.replace(left, nearest=nearest, ms=ms, served=served)


def left_of(asking: Asking, rows: Ints) -> Left:
    """The demand places `rows` of an assessment, as points to be asked about."""
    a, ground = asking.a, asking.ground
    at = a.demand
    flags = np.zeros(len(rows), np.uint8) if a.edge is None else a.edge.place_flags[rows]
    return Left(
        x_m=ground.demand_points.x_m[rows],
        y_m=ground.demand_points.y_m[rows],
        linkage=subset(ground.link("demand", asking.costs.linkable, None), rows),
        nearest=at.nearest[rows],
        ms=at.ms[rows],
        served=at.served[rows],
        flags=flags,
    )
