"""What a shape closes of the edges of a network: stretches of them, and cuts without a length.

Contract: a polygon closes all that lies inside. A point cuts every street near it. A line closes
the streets that it runs along, for as far as it goes with them, and not those that meet them, end
at them or cross them; where it runs along nothing it is a barrier, and cuts what it crosses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from shapely.ops import substring

from quarterhour.core.joining import SAME_MM, nearest_on
from quarterhour.model import BRIDGE, FERRY, TUNNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.splice import Flat

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Stretches = list[tuple[int, int, int]]

LEAST_M = 0.1
"""A line is never nearer to a street than drawing errors are: degrees are written with seven
digits, and straight lines bend by some millimetres between systems."""

SKEW_DEG = 20.0
"""A line runs along a street that turns away from it by at most this much."""

WHILE = 4
"""A street that a line meets is within its tolerance for a while too, up to some three times the
tolerance where they part at `SKEW_DEG`; it runs along one that stays for longer."""

DRIFT = 0.2
"""What is shorter runs along a line as a whole, and moves off it by at most this share."""


class _Along(NamedTuple):
    """Segments of edges beside segments of a line: one row per pair that runs side by side.

    `edge`; `start_mm`, `end_mm`: stretch of the edge; `from_m`, `to_m`: stretch of the line;
    `off_m`: how far the two are apart at the start and the end of the edge's stretch (n, 2).
    """

    edge: Ints
    start_mm: Floats
    end_mm: Floats
    from_m: Floats
    to_m: Floats
    off_m: Floats


def closed_by(flat: Flat, tree: Any, shape: Any, tolerance_m: float) -> Stretches:  # noqa: ANN401
    """Edge, start and end (millimetres from the tail) of what a shape closes, without ferries.

    `tree`: shapely's STRtree of the lines of `flat`. A cut at a point starts where it ends.
    """
    found: Stretches = []
    for kind, part in _parts_of(shape):
        if kind == 2:
            found += _under(flat, tree, part)
        elif kind == 0 or not shapely.length(part):
            x, y = shapely.get_coordinates(part)[0].tolist()
            found += _cut_near(flat, tree, x, y, tolerance_m)
        else:
            found += _by_line(flat, tree, part, tolerance_m)
    return sorted(set(found))


def merged(stretches: list[tuple[int, int]], gap: int = 0) -> list[tuple[int, int]]:
    """Stretches in order, those that touch or lie at most `gap` apart made one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if result and start <= result[-1][1] + gap:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _parts_of(shape: Any) -> list[tuple[int, Any]]:  # noqa: ANN401 - shapely geometry
    """Simple geometries with their dimension: 0 points, 1 lines, 2 polygons."""
    found: list[tuple[int, Any]] = []
    for part in shapely.get_parts(shape):
        if shapely.get_type_id(part) >= 4:
            found += _parts_of(part)
        elif not shapely.is_empty(part):
            found.append((int(shapely.get_dimensions(part)), part))
    return found


def _cut_near(
    flat: Flat,
    tree: Any,  # noqa: ANN401 - shapely's STRtree
    x: float,
    y: float,
    tolerance_m: float,
    *,
    without: int = FERRY,
) -> Stretches:
    """A cut in every edge within the tolerance of a point, but for the kinds `without`."""
    hits = tree.query(shapely.Point(x, y), predicate="dwithin", distance=tolerance_m)
    found = []
    for e in sorted(hits.tolist()):
        if not flat.network.edge_kind[e] & without:
            offset, _ = nearest_on(flat, e, x, y)
            found.append((e, offset, offset))
    return found


def _under(flat: Flat, tree: Any, zone: Any) -> Stretches:  # noqa: ANN401 - shapely
    """All that lies inside a polygon."""
    return [
        (e, a, b)
        for e in sorted(tree.query(zone, predicate="intersects").tolist())
        if not flat.network.edge_kind[e] & FERRY
        for a, b in _covered(flat, e, zone)
    ]


def _covered(flat: Flat, edge: int, zone: Any) -> list[tuple[int, int]]:  # noqa: ANN401
    """Stretches of an edge inside a polygon, in millimetres from the tail, none of them empty."""
    net = flat.network
    lo, hi = int(net.first_vertex[edge]), int(net.first_vertex[edge + 1])
    xy = np.column_stack([flat.x_m[lo:hi], flat.y_m[lo:hi]])
    mm = net.vertex_mm[lo:hi]
    segments = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1))
    inside, of = shapely.get_parts(shapely.intersection(segments, zone), return_index=True)
    lines = np.flatnonzero(shapely.length(inside) > 0)
    stretches = []
    for k in lines.tolist():
        s = int(of[k])
        away = np.hypot(*(shapely.get_coordinates(inside[k])[[0, -1]] - xy[s]).T)
        whole = float(np.hypot(*(xy[s + 1] - xy[s])))
        a, b = sorted((away / whole).tolist())
        span = int(mm[s + 1] - mm[s])
        start, end = (int(mm[s]) + int(np.floor(min(t, 1.0) * span + 0.5)) for t in (a, b))
        if end > start:
            stretches.append((start, end))
    return merged(stretches)


def _by_line(flat: Flat, tree: Any, line: Any, tolerance_m: float) -> Stretches:  # noqa: ANN401
    """The streets that a line runs along, and cuts where it runs along none."""
    reach_m = max(tolerance_m, LEAST_M)
    near = np.sort(tree.query(line, predicate="dwithin", distance=reach_m))
    near = near[(flat.network.edge_kind[near] & FERRY) == 0]
    # a line that trembles runs along a street all the same: as it is drawn, and without its tremor
    calm = shapely.simplify(line, reach_m / 2)
    beside = _Along(*(
        np.concatenate(two)
        for two in zip(*(_beside(flat, near, one, reach_m) for one in (line, calm)), strict=True)
    ))  # fmt: skip
    whole_m = float(shapely.length(line))
    found: Stretches = []
    used: list[tuple[int, int]] = []
    for e in np.unique(beside.edge).tolist():
        for start, end, rows in _stretches(flat, beside, e, reach_m):
            if _runs_along(flat, beside, rows, (e, start, end), whole_m, reach_m):
                found.append((e, start, end))
                used += [
                    (int(a * 1000), int(b * 1000))
                    for a, b in zip(beside.from_m[rows], beside.to_m[rows], strict=True)
                ]
    return found + _barrier(flat, tree, near, line, used, reach_m)


def _beside(flat: Flat, near: Ints, line: Any, reach_m: float) -> _Along:  # noqa: ANN401
    """Where segments of edges and of a line run side by side, both within the other's ends."""
    first, count = flat.network.first_vertex, np.diff(flat.network.first_vertex)
    vertex = np.concatenate([
        np.empty(0, np.int64), *(np.arange(first[e], first[e + 1] - 1) for e in near)
    ])  # fmt: skip
    edge = np.repeat(near, count[near] - 1)
    xy = np.column_stack([flat.x_m, flat.y_m])
    at = shapely.get_coordinates(line)
    ruler = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(at, axis=0).T))])
    some = np.flatnonzero(np.diff(ruler) > 0)
    own = shapely.linestrings(np.stack([at[some], at[some + 1]], axis=1))
    street = shapely.linestrings(np.stack([xy[vertex], xy[vertex + 1]], axis=1))
    s, k = shapely.STRtree(own).query(street, predicate="dwithin", distance=reach_m)
    k = some[k]
    axis, length = at[k + 1] - at[k], np.diff(ruler)[k]
    axis = axis / length[:, None]
    across = np.column_stack([-axis[:, 1], axis[:, 0]])
    begin = xy[vertex[s]] - at[k]
    step = xy[vertex[s] + 1] - xy[vertex[s]]
    u, v = (begin * axis).sum(axis=1), (begin * across).sum(axis=1)
    du, dv = (step * axis).sum(axis=1), (step * across).sum(axis=1)
    size = np.hypot(du, dv)
    lo, hi = np.zeros(len(s)), np.ones(len(s))
    for start, move, low, high in ((u, du, 0.0, length), (v, dv, -reach_m, reach_m)):
        still = np.abs(move) < 1e-9
        by = np.where(still, 1.0, move)
        a, b = (low - start) / by, (high - start) / by
        lo = np.where(still, lo, np.maximum(lo, np.minimum(a, b)))
        hi = np.where(still, hi, np.minimum(hi, np.maximum(a, b)))
    keep = (size > 0) & (hi > lo) & (np.abs(du) >= size * np.cos(np.radians(SKEW_DEG)))
    s, k, lo, hi, u, du, v, dv = (w[keep] for w in (s, k, lo, hi, u, du, v, dv))
    mm = flat.network.vertex_mm
    base, span = mm[vertex[s]], mm[vertex[s] + 1] - mm[vertex[s]]
    along = np.sort(np.column_stack([u + lo * du, u + hi * du]), axis=1) + ruler[k][:, None]
    return _Along(
        edge=edge[s],
        start_mm=base + lo * span,
        end_mm=base + hi * span,
        from_m=along[:, 0],
        to_m=along[:, 1],
        off_m=np.column_stack([v + lo * dv, v + hi * dv]),
    )


def _stretches(
    flat: Flat, beside: _Along, edge: int, reach_m: float
) -> list[tuple[int, int, Ints]]:
    """Stretches of an edge beside the line, and the rows of `beside` that each is made of.

    At a bend the outer side of the line is bare for as long as the tolerance is wide, and small
    kinks of a street are no turns: such gaps are bridged.
    """
    rows = np.flatnonzero(beside.edge == edge)
    start = np.floor(beside.start_mm[rows] + 0.5).astype(np.int64)
    end = np.floor(beside.end_mm[rows] + 0.5).astype(np.int64)
    length = int(flat.network.edge_length_mm[edge])
    pairs = list(zip(start.tolist(), end.tolist(), strict=True))
    result = []
    for a, b in merged(pairs, int(2000 * reach_m)):
        own = rows[(start >= a) & (end <= b)]
        first, last = (0 if a <= SAME_MM else a), (length if b >= length - SAME_MM else b)
        if last > first:
            result.append((first, last, own))
    return result


def _runs_along(
    flat: Flat,
    beside: _Along,
    rows: Ints,
    stretch: tuple[int, int, int],
    whole_m: float,
    reach_m: float,
) -> bool:
    """Whether a line accompanies a stretch of a street, and does not only meet its street there."""
    edge, start, end = stretch
    size_m = (end - start) / 1000.0
    if size_m >= WHILE * reach_m:
        return True
    all_of_edge = end - start == int(flat.network.edge_length_mm[edge])
    all_of_line = float(np.ptp([beside.from_m[rows], beside.to_m[rows]])) >= 0.9 * whole_m
    first, last = np.argmin(beside.start_mm[rows]), np.argmax(beside.end_mm[rows])
    drift = abs(float(beside.off_m[rows[last], 1] - beside.off_m[rows[first], 0]))
    return (all_of_line or all_of_edge) and drift <= DRIFT * size_m


def _barrier(
    flat: Flat,
    tree: Any,  # noqa: ANN401 - shapely's STRtree
    near: Ints,
    line: Any,  # noqa: ANN401
    used: list[tuple[int, int]],
    reach_m: float,
) -> Stretches:
    """Cuts where a line runs along no street: at what it crosses, and at what it ends at.

    Bridges pass over it and tunnels under it.
    """
    whole = float(shapely.length(line))
    taken = [(a / 1000.0, b / 1000.0) for a, b in merged(used, int(1000 * WHILE * reach_m))]
    ends = [0.0, *[v for pair in taken for v in pair], whole]
    free = [(ends[k], ends[k + 1]) for k in range(0, len(ends), 2)]
    if taken:  # the line of a street may be a little longer than the street
        free = [(a, b) for a, b in free if b - a > WHILE * reach_m]
    raised = BRIDGE | TUNNEL | FERRY
    ground = [e for e in near.tolist() if not flat.network.edge_kind[e] & raised]
    streets = _lines_of(flat, ground)
    found: Stretches = []
    for a, b in free:
        # close to where it leaves a street it is still at that street
        bare = substring(line, a if a <= 0 else a + reach_m, b if b >= whole else b - reach_m)
        crossed = set()
        for e, points in zip(ground, shapely.intersection(streets, bare), strict=True):
            for x, y in shapely.get_coordinates(points).tolist():
                offset, _ = nearest_on(flat, e, x, y)
                found.append((e, offset, offset))
                crossed.add(e)
        for is_end, at in ((a <= 0, 0), (b >= whole, -1)):
            if is_end:
                x, y = shapely.get_coordinates(line)[at].tolist()
                cuts = _cut_near(flat, tree, x, y, reach_m, without=raised)
                found += [cut for cut in cuts if cut[0] not in crossed]
    return found


def _lines_of(flat: Flat, edges: list[int]) -> NDArray[Any]:
    """Some edges as shapely LineStrings."""
    first = flat.network.first_vertex
    return np.array(
        [
            shapely.linestrings(
                flat.x_m[first[e] : first[e + 1]], flat.y_m[first[e] : first[e + 1]]
            )
            for e in edges
        ],
        object,
    )
