"""Where new lines meet a network: their ends, and on request where they cross streets."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from quarterhour.core.splice import Flat, at_mm, split
from quarterhour.model import BRIDGE, FERRY, RANK_PATH, TUNNEL, RoadNetwork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

TOUCH_M = 0.5
"""Ends of lines this close are one place: drawing errors are smaller, streets are wider."""

SAME_MM = 10
"""A position this close to the end of a street is the end: lines are drawn in degrees, which bends
them by some millimetres in a plane."""


class Joint(NamedTuple):
    """A position of a new line, the position of the edge that it meets, and what lies between."""

    edge: int
    offset_mm: int
    other: int
    other_mm: int
    gap_mm: int


def nearest_on(flat: Flat, edge: int, x: float, y: float) -> tuple[int, float]:
    """Millimetres from the tail of the position of an edge nearest to a point, and metres to it.

    Within `SAME_MM` of an end of the edge it is the end; of equally near positions the first.
    """
    net = flat.network
    lo, hi = int(net.first_vertex[edge]), int(net.first_vertex[edge + 1])
    ax, ay = flat.x_m[lo : hi - 1], flat.y_m[lo : hi - 1]
    dx, dy = flat.x_m[lo + 1 : hi] - ax, flat.y_m[lo + 1 : hi] - ay
    size = dx * dx + dy * dy
    t = np.where(size > 0, ((x - ax) * dx + (y - ay) * dy) / np.where(size > 0, size, 1.0), 0.0)
    t = np.clip(t, 0.0, 1.0)
    away = np.hypot(ax + t * dx - x, ay + t * dy - y)
    s = int(np.argmin(away))
    a, b = int(net.vertex_mm[lo + s]), int(net.vertex_mm[lo + s + 1])
    offset = a + int(np.floor(t[s] * (b - a) + 0.5))
    length = int(net.edge_length_mm[edge])
    if offset <= SAME_MM or offset >= length - SAME_MM:
        offset = 0 if offset <= length - offset else length
    return offset, float(away[s])


def joints_of(
    flat: Flat, first_new: int, *, tolerance_m: float, split_crossings: bool
) -> tuple[list[Joint], list[tuple[int, int]]]:
    """Joints of the edges from `first_new` on, and the ends of theirs that meet nothing."""
    net = flat.network
    lines = flat.lines()
    tree = shapely.STRtree(lines)
    found: list[Joint] = []
    loose: list[tuple[int, int]] = []
    for e in range(first_new, net.n_edges):
        lo, hi = int(net.first_vertex[e]), int(net.first_vertex[e + 1])
        for vertex, offset in ((lo, 0), (hi - 1, int(net.edge_length_mm[e]))):
            x, y = float(flat.x_m[vertex]), float(flat.y_m[vertex])
            near = tree.query(shapely.Point(x, y), predicate="dwithin", distance=tolerance_m)
            meets = _meets(flat, e, sorted(near.tolist()), x, y, first_new, tolerance_m)
            if not meets:
                loose.append((e, offset))
            found += [Joint(e, offset, other, at, gap) for other, at, gap in meets]
    if split_crossings:
        found += _crossings(flat, tree, lines, first_new)
    return found, loose


def _meets(
    flat: Flat, edge: int, near: list[int], x: float, y: float, first_new: int, tolerance_m: float
) -> list[tuple[int, int, int]]:
    """What an end is joined to: the nearest of all, or all new lines that it touches."""
    net = flat.network
    options = []
    for other in near:
        if other == edge or net.edge_kind[other] & FERRY:
            continue
        offset, away = nearest_on(flat, other, x, y)
        raised = int(net.edge_kind[other]) & (BRIDGE | TUNNEL)
        ends = (0, int(net.edge_length_mm[other]))
        own = int(net.edge_kind[edge]) & (BRIDGE | TUNNEL)
        if raised and raised != own and other < first_new and offset not in ends:
            continue  # nobody steps onto a bridge from the street below
        options.append((away, other, offset))
    touching = [o for o in options if o[1] >= first_new and o[0] <= TOUCH_M]
    streets = [o for o in options if o[1] < first_new and (not touching or o[0] <= TOUCH_M)]
    chosen = touching + ([min(streets)] if streets else [])
    if not touching and options:
        chosen = [min(options)]
    return [(other, at, int(np.floor(away * 1000 + 0.5))) for away, other, at in chosen
            if away <= tolerance_m]  # fmt: skip


def _crossings(
    flat: Flat,
    tree: Any,  # noqa: ANN401 - shapely's STRtree
    lines: NDArray[Any],
    first_new: int,
) -> list[Joint]:
    """Where new lines on the ground cross streets on the ground, or each other."""
    net = flat.network
    up = BRIDGE | TUNNEL | FERRY
    found = []
    for e in range(first_new, net.n_edges):
        if net.edge_kind[e] & up:
            continue
        for other in sorted(tree.query(lines[e], predicate="crosses").tolist()):
            if other >= e or net.edge_kind[other] & up:
                continue  # of two new lines the later one sees the earlier
            points = shapely.get_coordinates(shapely.intersection(lines[e], lines[other]))
            for x, y in points.tolist():
                mine, theirs = nearest_on(flat, e, x, y)[0], nearest_on(flat, other, x, y)[0]
                found.append(Joint(e, mine, other, theirs, 0))
    return found


def joined(flat: Flat, joints: Sequence[Joint]) -> Flat:
    """The network with every joint made: one node without a gap, else a path across it."""
    if not joints:
        return flat
    edge = np.array([e for j in joints for e in (j.edge, j.other)], np.int64)
    offset = np.array([o for j in joints for o in (j.offset_mm, j.other_mm)], np.int64)
    lonlat = [_at(flat, edge, offset, v) for v in (flat.x_m, flat.y_m)]
    degrees = [
        _at(flat, edge, offset, v) for v in (flat.network.vertex_lon, flat.network.vertex_lat)
    ]
    flat, node = split(flat, edge, offset)
    group = np.arange(flat.network.n_nodes)

    def top(k: int) -> int:
        while group[k] != k:
            k = int(group[k])
        return k

    for k, joint in enumerate(joints):
        if joint.gap_mm == 0:
            a, b = sorted((top(int(node[2 * k])), top(int(node[2 * k + 1]))))
            group[b] = a
    name = np.array([top(k) for k in range(len(group))], np.int64)
    made: list[int] = []
    seen: set[tuple[int, int]] = set()
    for k in range(len(joints)):
        a, b = sorted((int(name[node[2 * k]]), int(name[node[2 * k + 1]])))
        if a != b and (a, b) not in seen:
            seen.add((a, b))
            made.append(k)
    net = dataclasses.replace(
        flat.network,
        edge_tail=name[flat.network.edge_tail].astype(np.int32),
        edge_head=name[flat.network.edge_head].astype(np.int32),
    )
    at = np.array([v for k in made for v in (2 * k, 2 * k + 1)], np.int64)
    gap = np.array([joints[k].gap_mm for k in made], np.int64)
    more = _paths(net, name[node[at]], degrees[0][at], degrees[1][at], gap)
    x, y = (np.concatenate([v, w[at]]) for v, w in zip((flat.x_m, flat.y_m), lonlat, strict=True))
    return Flat(more, x, y)


def _at(flat: Flat, edge: Ints, offset: Ints, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array(
        [at_mm(flat.network, values, e, o)
         for e, o in zip(edge.tolist(), offset.tolist(), strict=True)], np.float64,
    )  # fmt: skip


def _paths(
    net: RoadNetwork,
    node: Ints,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    length_mm: Ints,
) -> RoadNetwork:
    """The network and paths of two vertices between pairs of nodes."""
    n = len(length_mm)
    mm = np.zeros(2 * n, np.int64)
    mm[1::2] = length_mm
    last, pieces = int(net.first_vertex[-1]), int(net.first_piece[-1])
    return dataclasses.replace(
        net,
        edge_tail=np.concatenate([net.edge_tail, node[0::2]]).astype(np.int32),
        edge_head=np.concatenate([net.edge_head, node[1::2]]).astype(np.int32),
        edge_kind=np.concatenate([net.edge_kind, np.zeros(n, np.uint8)]),
        edge_rank=np.concatenate([net.edge_rank, np.full(n, RANK_PATH, np.uint8)]),
        edge_oneway=np.concatenate([net.edge_oneway, np.zeros(n, bool)]),
        first_vertex=np.concatenate([net.first_vertex, last + 2 * np.arange(1, n + 1)]),
        vertex_lon=np.concatenate([net.vertex_lon, lon]),
        vertex_lat=np.concatenate([net.vertex_lat, lat]),
        vertex_mm=np.concatenate([net.vertex_mm, mm]),
        first_piece=np.concatenate([net.first_piece, pieces + np.arange(1, n + 1)]),
        piece_start_mm=np.concatenate([net.piece_start_mm, np.zeros(n, np.int64)]),
    )
