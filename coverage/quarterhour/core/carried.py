"""Where the edges of a changed network lie on the one that it was made from.

Contract: both networks have their shapes in the same degrees. An edge that was not touched has the
very vertices that it had; a part of one lies on it, to a ten thousandth of a metre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.model import RoadNetwork

    Ints = NDArray[np.int64]

ON_IT_DEG = 1e-9
"""Vertices of a part lie on its edge but for rounding: a ten thousandth of a metre."""

MOST_TOUCHED = 5_000
"""Edges that are not found unchanged; of more, a change is not followed."""


class Carried(NamedTuple):
    """Per edge of the changed network: the edge that it is of (-1 for a new one), and from where.

    `start_mm`: of the part on its edge, from the tail. `whole`: bool, it is all of that edge.
    """

    edge: Ints
    start_mm: Ints
    whole: NDArray[np.bool_]


def carried(base: RoadNetwork, net: RoadNetwork) -> Carried | None:
    """The edges of `net` on `base`; None where too much of it is changed to be followed."""
    n = net.n_edges
    edge, start = np.full(n, -1, np.int64), np.zeros(n, np.int64)
    whole = np.zeros(n, bool)
    known: dict[tuple[object, ...], list[int]] = {}
    for e, key in enumerate(_keys(base)):
        known.setdefault(key, []).append(e)
    for e, key in enumerate(_keys(net)):
        found = known.get(key)
        if found:  # of two alike the first: they stay in their order
            edge[e] = found.pop(0)
            whole[e] = True
    left = np.flatnonzero(~whole)
    there = np.array(sorted(e for rows in known.values() for e in rows), np.int64)
    if len(left) > MOST_TOUCHED or len(there) > MOST_TOUCHED:
        return None
    if len(left) and len(there):
        _parts(base, net, left, there, edge, start)
    return Carried(edge, start, whole)


def _keys(net: RoadNetwork) -> list[tuple[object, ...]]:
    first = net.first_vertex.tolist()
    columns = (
        net.edge_length_mm.tolist(), net.edge_kind.tolist(), net.edge_rank.tolist(),
        net.edge_oneway.tolist(),
    )  # fmt: skip
    lon, lat = np.ascontiguousarray(net.vertex_lon), np.ascontiguousarray(net.vertex_lat)
    return [
        (*row, lon[first[e] : first[e + 1]].tobytes(), lat[first[e] : first[e + 1]].tobytes())
        for e, row in enumerate(zip(*columns, strict=True))
    ]


def _line(net: RoadNetwork, e: int) -> tuple[NDArray[np.float64], Ints]:
    rows = slice(int(net.first_vertex[e]), int(net.first_vertex[e + 1]))
    return np.column_stack([net.vertex_lon[rows], net.vertex_lat[rows]]), net.vertex_mm[rows]


def _parts(
    base: RoadNetwork, net: RoadNetwork, left: Ints, there: Ints, edge: Ints, start: Ints
) -> None:
    """Fills in the edge and the start of those of `left` that are parts of one of `there`."""
    lines = [_line(base, e) for e in there.tolist()]
    shapes = [shapely.linestrings(points) for points, _ in lines]
    tree = shapely.STRtree(shapes)
    for e in left.tolist():
        points, mm = _line(net, e)
        near = tree.query(shapely.box(*shapely.linestrings(points).bounds).buffer(ON_IT_DEG))
        for k in sorted(near.tolist()):
            b = int(there[k])
            alike = (
                net.edge_kind[e] == base.edge_kind[b]
                and net.edge_rank[e] == base.edge_rank[b]
                and net.edge_oneway[e] == base.edge_oneway[b]
            )
            at = _start(points, int(mm[-1]), *lines[k]) if alike else -1
            if at >= 0 and shapely.distance(shapely.points(points), shapes[k]).max() < ON_IT_DEG:
                edge[e], start[e] = b, at
                break


def _start(points: NDArray[np.float64], length_mm: int, on: NDArray[np.float64], mm: Ints) -> int:
    """Millimetres from the tail where a part of this length begins on a line, -1 for none."""
    first, last = (_positions(p, on, mm) for p in (points[0], points[-1]))
    return next((a for a in first for b in last if b - a == length_mm), -1)


def _positions(point: NDArray[np.float64], on: NDArray[np.float64], mm: Ints) -> list[int]:
    """Whole millimetres at which a line passes a point; several where it meets itself."""
    step = np.diff(on, axis=0)
    size = (step**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = ((point - on[:-1]) * step).sum(axis=1) / size
    t = np.clip(np.where(size > 0, t, 0.0), 0.0, 1.0)
    far = np.hypot(*(on[:-1] + t[:, None] * step - point).T)
    found = np.floor(mm[:-1] + t * np.diff(mm) + 0.5).astype(np.int64)
    return sorted(set(found[far < ON_IT_DEG].tolist()))
