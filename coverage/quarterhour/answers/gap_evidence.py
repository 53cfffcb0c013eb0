"""What a reason rests on, as numbers, for one place of a gap: its middle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from quarterhour import units
from quarterhour.answers.gap_reasons import (
    BARRIER,
    BEHIND_BARRIER,
    DETOUR_ONLY,
    DISCONNECTED,
    FAR_FROM_ROAD,
    HILL,
    REASONS,
    WALKER,
    kinds_of,
    subset,
)
from quarterhour.assessing.facility_links import FACILITY_SEARCH_M
from quarterhour.assessing.guard_zone import FACILITIES, ROADS
from quarterhour.core import gaps as joined
from quarterhour.core import reach as times
from quarterhour.core.apart import parts_apart
from quarterhour.core.route import Router, drawn, street_lines
from quarterhour.inputs import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.gap_reasons import Asking, Left, Reasoned
    from quarterhour.assessing.assessment import Assessment

    Ints = NDArray[np.int64]


class Walk(NamedTuple):
    """The walk from a place to its nearest facility, legs beside the road included.

    `facility`: row of the facilities. `line`: LineString (longitude, latitude) from the place to
    the facility.
    """

    facility: int
    ms: int
    metres: float
    line: Any


def walks(asking: Asking, left: Left, rows: Ints) -> list[Walk | None]:
    """The walks of the points `rows`; None where no facility is within the search limit."""
    a, ground, links = asking.a, asking.ground, asking.links
    linkage = subset(left.linkage, rows)
    stops = times.stops(asking.costs, linkage)
    order = np.argsort(stops.owner, kind="stable")
    bounds = np.searchsorted(stops.owner[order], np.arange(len(rows) + 1))
    router = Router(asking.costs, asking.gates, limit_ms=asking.limit_ms)
    found = [router.route(stops, order[bounds[k] : bounds[k + 1]]) for k in range(len(rows))]
    routes = [r for r in found if r is not None]
    net = ground.network
    streets = street_lines(net, net.vertex_lon, net.vertex_lat, routes)
    at = np.array([k for k, r in enumerate(found) if r is not None], np.int64)
    gate = np.array([r.source for r in routes], np.int64)
    points, rough = links.points, a.facilities.approximate
    x, y = (v[rows[at]] for v in (left.x_m, left.y_m))
    start = np.column_stack(ground.crs.lonlat(x, y)).reshape(-1, 2)
    end = np.column_stack(ground.crs.lonlat(points.x_m[gate], points.y_m[gate])).reshape(-1, 2)
    row = points.owner[gate]
    if rough is not None:  # such a facility is nowhere in particular: the walk ends on the road
        for k in np.flatnonzero(rough[row]).tolist():
            end[k] = streets[k][-1]
    lines = drawn(streets, start, end)
    away_mm = np.zeros(len(points.x_m), np.int64)
    away_mm[links.linkage.point] = links.linkage.access_mm
    beside_mm = np.zeros(len(rows), np.int64)
    beside_mm[linkage.point] = linkage.access_mm
    result: list[Walk | None] = [None] * len(rows)
    for k, route in enumerate(routes):
        mm = int(beside_mm[at[k]]) + route.street_mm + int(away_mm[gate[k]])
        result[int(at[k])] = Walk(
            facility=int(row[k]), ms=route.ms, metres=mm / units.MM_PER_M, line=lines[k],
        )  # fmt: skip
    return result


def facility_note(a: Assessment, row: int) -> Note:
    """What a facility is called, or its row in the table where it has no name."""
    name = a.facilities.name[row].strip()
    if name:
        return Note(f"“{name}”", f"“{name}”")
    number = int(a.facilities.row[row])
    return Note(f"设施表第 {number} 行（未命名）", f"the facility of row {number} (no name)")


def evidence(
    asking: Asking, left: Left, why: Reasoned, rows: Ints, found: Sequence[Walk | None]
) -> list[dict[str, Any]]:
    """Numbers for the points `rows`, whose walks are `found`.

    Of every point: `minutes`, `walk_m`, `facility` (what it is called) of its walk, None beyond
    `limit_min`; `straight_m`, `straight_facility`: the facility that lies nearest, None without
    any, and whether both are the `same`; `detour`: walk_m / straight_m; `linked`.
    Beside these, by reason: `road_m`, `link_limit_m` and `crosses` (unlinked places; None for a
    road farther than 5 km), `layers` (edge), `part_km`, `away_m`, `joint_m`, `joint` (longitude and
    latitude; disconnected), `steps_min` (walker), `flat_min` (hill), `crosses` (barrier,
    detour).
    """
    a = asking.a
    code = why.code[rows]
    told: list[dict[str, Any]] = []
    for k, row in enumerate(rows.tolist()):
        walk, to = found[k], int(why.straight_to[row])
        own: dict[str, Any] = {
            "minutes": None if walk is None else asking.minutes(walk.ms),
            "walk_m": None if walk is None else walk.metres,
            "facility": None if walk is None else facility_note(a, walk.facility),
            "limit_min": a.limit_min,
            "straight_m": float(why.straight_m[row]) if to >= 0 else None,
            "straight_facility": facility_note(a, int(asking.links.points.owner[to]))
            if to >= 0
            else None,
            "same": walk is not None and asking.links.points.owner[to] == walk.facility,
            "linked": bool(left.linked[row]),
        }
        near = own["straight_m"]
        own["detour"] = None if walk is None or near is None else walk.metres / max(near, 1.0)
        if code[k] in {BARRIER, DETOUR_ONLY}:
            own["crosses"] = kinds_of(int(why.crosses[row]))
        elif code[k] == WALKER:
            other = int(why.other_ms[row])
            own["steps_min"] = None if other < 0 else asking.minutes(other)
        elif code[k] == HILL:
            own["flat_min"] = asking.minutes(int(why.other_ms[row]))
        elif REASONS[code[k]] == "edge":
            bits = {"roads": ROADS, "facilities": FACILITIES}
            own["layers"] = [name for name, bit in bits.items() if left.flags[row] & bit]
        told.append(own)
    _of_roads(asking, left, rows, code, told)
    _of_parts(asking, left, rows, code, told)
    return told


def _of_roads(
    asking: Asking, left: Left, rows: Ints, code: NDArray[np.int8], told: list[dict[str, Any]]
) -> None:
    """The nearest road of places that are not linked, and what lies before it."""
    at = np.flatnonzero(np.isin(code, [FAR_FROM_ROAD, BEHIND_BARRIER]))
    if not len(at):
        return
    road = asking.roads_at(left, rows[at], search_m=FACILITY_SEARCH_M)
    bits = np.zeros(len(at), np.int64)
    fences = asking.ground.barriers
    if fences is not None:
        here = rows[at[road.point]]
        bits[road.point] = joined.kinds_across(
            fences, left.x_m[here], left.y_m[here], road.snap_x_m, road.snap_y_m
        )
    for k, own in enumerate(at.tolist()):
        away = float(road.nearest_m[k])
        told[own]["road_m"] = away if np.isfinite(away) else None
        told[own]["link_limit_m"] = asking.ground.link_limit_m
        told[own]["crosses"] = kinds_of(int(bits[k]))


def _of_parts(
    asking: Asking, left: Left, rows: Ints, code: NDArray[np.int8], told: list[dict[str, Any]]
) -> None:
    """The parts of the network on which there is no facility."""
    at = np.flatnonzero(code == DISCONNECTED)
    if not len(at):
        return
    costs, ground = asking.costs, asking.ground
    tail = costs.network.edge_tail
    served = np.zeros(int(costs.component.max(initial=-1)) + 1, bool)
    served[costs.component[tail[asking.gates.edge]]] = True
    edge = subset(left.linkage, rows[at]).edge
    part = costs.component[tail[edge]].tolist()
    known = parts_apart(costs, ground.x_m, ground.y_m, served, sorted(set(part)))
    for own, which in zip(at.tolist(), part, strict=True):
        apart = known[which]
        told[own] |= {
            "part_km": apart.length_m / 1000.0,
            "away_m": apart.away_m,
            "joint_m": apart.joint_m,
            "joint": apart.joint,
        }


def outline(x_m: NDArray[np.float64], y_m: NDArray[np.float64], part: Ints, n: int) -> NDArray[Any]:
    """Polygons of `n` parts for a map, in metres: the squares with a place, and `AROUND_M` more."""
    col = np.floor((x_m - x_m.min()) / SQUARE_M).astype(np.int64)
    row = np.floor((y_m - y_m.min()) / SQUARE_M).astype(np.int64)
    wide, high = int(col.max()) + 1, int(row.max()) + 1
    key = np.unique((part * wide + col) * high + row)
    left = x_m.min() + key // high % wide * SQUARE_M
    low = y_m.min() + key % high * SQUARE_M
    squares = shapely.box(left, low, left + SQUARE_M, low + SQUARE_M)
    bounds = np.searchsorted(key, np.arange(n + 1) * wide * high)
    shapes = np.array(
        [shapely.coverage_union_all(squares[bounds[k] : bounds[k + 1]]) for k in range(n)], object
    )
    simple: NDArray[Any] = shapely.simplify(
        shapely.buffer(shapes, AROUND_M, quad_segs=2), AROUND_M / 5
    )
    return simple


SQUARE_M = 70.0
AROUND_M = 45.0
"""Squares a square apart meet: so far apart lie the cells of a raster of 100 m at most."""
