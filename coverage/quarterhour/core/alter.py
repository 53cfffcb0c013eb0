"""Streets closed and opened: what a plan changes of a walking network, exact and with a log.

Closing comes first, then opening. Streets that nothing is done to keep their edges, lengths and
milliseconds. A street that is cut keeps the millimetres of what remains.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core import graph
from quarterhour.core.joining import joined, joints_of, nearest_on
from quarterhour.core.splice import Flat, Part, at_mm, with_parts
from quarterhour.model import FERRY, RawLines, RoadNetwork, _Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TOLERANCE_M = 5.0
"""A point or line this close to a street is meant to be on it, and ends of new streets this far
from others are meant to meet them: half a street's width."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Altered(_Frozen):
    """A changed network and what was done to it.

    `x_m`, `y_m`: its vertices in the metric CRS. `closed`: float64 longitude, latitude, metres
    that are gone and number of the shape, one row per cut in a street (n, 4); a cut at a point
    takes no metres. `joints`: longitude, latitude, metres between the new line and what it meets,
    and number of the new line (n, 4). `loose`: longitude, latitude and number of the new lines'
    ends that meet nothing (n, 3). `idle`: numbers of the shapes that close nothing, or of the new
    lines that no street meets, not even through other new lines.
    """

    network: RoadNetwork
    x_m: Floats
    y_m: Floats
    closed: Floats
    joints: Floats
    loose: Floats
    idle: Ints


def close_streets(
    network: RoadNetwork,
    x_m: Floats,
    y_m: Floats,
    shapes: Sequence[Any] | NDArray[Any],
    *,
    tolerance_m: float = TOLERANCE_M,
) -> Altered:
    """`network` without the streets that `shapes` (shapely, in the CRS of `x_m`, `y_m`) close.

    A polygon takes away what it covers; a line takes away what lies within `tolerance_m` of it; a
    point cuts every street within `tolerance_m` at the position nearest to it, so that nobody
    passes there although no metre is lost.
    """
    flat = Flat(network, x_m, y_m)
    lines = flat.lines()
    tree = shapely.STRtree(lines)
    cuts: dict[int, list[tuple[int, int]]] = {}
    log: list[tuple[float, float, float, int]] = []
    idle = []
    for number, shape in enumerate(shapes):
        found = []
        for kind, part in _parts_of(shape):
            found += _closed_by(flat, tree, kind, part, tolerance_m)
        found = sorted(set(found))
        if not found:
            idle.append(number)
        for e, start, end in found:
            cuts.setdefault(e, []).append((start, end))
            middle = (start + end) // 2
            lon = at_mm(network, network.vertex_lon, e, middle)
            lat = at_mm(network, network.vertex_lat, e, middle)
            log.append((lon, lat, (end - start) / 1000.0, number))
    parts: list[Part] = []
    node = network.n_nodes
    for e in sorted(cuts):
        kept, node = _kept(network, e, _merged(cuts[e]), node)
        parts += kept
    made = with_parts(flat, parts, sorted(cuts))
    return _altered(made, closed=np.array(log, np.float64).reshape(-1, 4), idle=idle)


def open_streets(
    network: RoadNetwork,
    x_m: Floats,
    y_m: Floats,
    lines: RawLines,
    line_x_m: Floats,
    line_y_m: Floats,
    *,
    tolerance_m: float = TOLERANCE_M,
    split_crossings: bool = False,
) -> Altered:
    """`network` with the streets of `lines`, whose vertices lie at `line_x_m`, `line_y_m`.

    An end is joined to the nearest street or other new line within `tolerance_m`, by a path as
    long as the gap where there is one. Where new lines meet each other they go on, possibly up in
    the air: such an end is joined to a street only where it touches it (`joining.TOUCH_M`). On its
    way a new line meets nothing, unless `split_crossings`: then it is joined to the streets on the
    ground that it crosses, if it is neither bridge nor tunnel itself. Bridges and tunnels that are
    there are joined only at their ends. New lines that no street meets are left out.
    """
    old = Flat(network, x_m, y_m)
    if not lines.n_lines:
        return _altered(old, idle=[])
    flat = _with_lines(old, lines, line_x_m, line_y_m)
    found, loose = joints_of(
        flat, network.n_edges, tolerance_m=tolerance_m, split_crossings=split_crossings
    )
    lon, lat = flat.network.vertex_lon, flat.network.vertex_lat

    def place(edge: int, offset_mm: int) -> list[float]:
        return [at_mm(flat.network, v, edge, offset_mm) for v in (lon, lat)]

    first = network.n_edges
    joints = [[*place(j.edge, j.offset_mm), j.gap_mm / 1000.0, j.edge - first] for j in found]
    ends = [[*place(e, offset), e - first] for e, offset in loose]
    idle = _not_joined(first, lines.n_lines, found)
    if idle:  # an island would draw places to it
        gone = [first + k for k in idle]
        number = np.arange(flat.network.n_edges) - np.searchsorted(
            gone, np.arange(flat.network.n_edges)
        )
        found = [
            j._replace(edge=int(number[j.edge]), other=int(number[j.other]))
            for j in found
            if j.edge not in gone
        ]
        flat = with_parts(flat, [], gone)
    return _altered(
        joined(flat, found),
        joints=np.array(joints, np.float64).reshape(-1, 4),
        loose=np.array(ends, np.float64).reshape(-1, 3),
        idle=idle,
    )


def _not_joined(n_old: int, n_new: int, found: Sequence[Any]) -> list[int]:
    """New lines from which no old street is reached over the joints."""
    group = list(range(n_new + 1))  # the last is the old network

    def top(k: int) -> int:
        while group[k] != k:
            k = group[k]
        return k

    for joint in found:
        a, b = (min(e - n_old, n_new) if e >= n_old else n_new for e in (joint.edge, joint.other))
        group[top(a)] = top(b)
    return [k for k in range(n_new) if top(k) != top(n_new)]


def _altered(
    flat: Flat,
    *,
    closed: Floats | None = None,
    joints: Floats | None = None,
    loose: Floats | None = None,
    idle: list[int],
) -> Altered:
    net = flat.network
    whole = graph.subset(net, np.ones(net.n_edges, bool))  # without nodes that nothing meets
    return Altered(
        network=whole if whole.n_nodes < net.n_nodes else net,
        x_m=flat.x_m,
        y_m=flat.y_m,
        closed=np.empty((0, 4)) if closed is None else closed,
        joints=np.empty((0, 4)) if joints is None else joints,
        loose=np.empty((0, 3)) if loose is None else loose,
        idle=np.array(idle, np.int64),
    )


def _parts_of(shape: Any) -> list[tuple[int, Any]]:  # noqa: ANN401 - shapely geometry
    """Simple geometries with their dimension: 0 points, 1 lines, 2 polygons."""
    found: list[tuple[int, Any]] = []
    for part in shapely.get_parts(shape):
        if shapely.get_type_id(part) >= 4:
            found += _parts_of(part)
        elif not shapely.is_empty(part):
            found.append((int(shapely.get_dimensions(part)), part))
    return found


def _closed_by(
    flat: Flat,
    tree: Any,  # noqa: ANN401 - shapely's STRtree
    kind: int,
    shape: Any,  # noqa: ANN401
    tolerance_m: float,
) -> list[tuple[int, int, int]]:
    """Edge, start and end of what one simple shape closes; ferries are none of its business."""
    net = flat.network
    if kind == 0:
        hits = tree.query(shape, predicate="dwithin", distance=tolerance_m)
    else:
        zone = shape if kind == 2 else shapely.buffer(shape, tolerance_m)
        hits = tree.query(zone, predicate="intersects")
    found = []
    for e in sorted(hits.tolist()):
        if net.edge_kind[e] & FERRY:
            continue
        if kind == 0:
            offset, _ = nearest_on(flat, e, shapely.get_x(shape), shapely.get_y(shape))
            found.append((e, offset, offset))
        else:
            found += [(e, a, b) for a, b in _covered(flat, e, zone)]
    return found


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
    return _merged(stretches)


def _merged(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches in order, those that touch made one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _kept(
    network: RoadNetwork, edge: int, gone: list[tuple[int, int]], node: int
) -> tuple[list[Part], int]:
    """What remains of an edge; ends at a cut are nodes of their own, numbered from `node`."""
    length = int(network.edge_length_mm[edge])
    begin, tail = 0, int(network.edge_tail[edge])
    parts = []
    for start, end in [*gone, (length, None)]:
        last = end is None
        if start > begin:
            head = int(network.edge_head[edge]) if last else node
            node += 0 if last else 1
            parts.append(Part(edge, begin, start, tail, head))
        if end is not None:
            begin, tail = end, node
            node += 1
    return parts, node


def _with_lines(flat: Flat, lines: RawLines, x_m: Floats, y_m: Floats) -> Flat:
    """The network and each line as an edge of its own, between two nodes of its own."""
    net = flat.network
    assert net.piece_forward_mm is None, "roads are changed before they get slopes"  # noqa: S101
    along = np.cumsum(lines.segment_mm)
    count = np.diff(lines.first_vertex)
    along -= np.repeat(along[lines.first_vertex[:-1]], count)
    n = lines.n_lines
    node = net.n_nodes + 2 * np.arange(n)
    network = dataclasses.replace(
        net,
        n_nodes=net.n_nodes + 2 * n,
        edge_tail=np.concatenate([net.edge_tail, node]).astype(np.int32),
        edge_head=np.concatenate([net.edge_head, node + 1]).astype(np.int32),
        edge_kind=np.concatenate([net.edge_kind, lines.kind]),
        edge_rank=np.concatenate([net.edge_rank, lines.rank]),
        edge_oneway=np.concatenate([net.edge_oneway, lines.oneway]),
        first_vertex=np.concatenate(
            [net.first_vertex, net.first_vertex[-1] + lines.first_vertex[1:]]
        ),
        vertex_lon=np.concatenate([net.vertex_lon, lines.lon]),
        vertex_lat=np.concatenate([net.vertex_lat, lines.lat]),
        vertex_mm=np.concatenate([net.vertex_mm, along]),
        first_piece=np.concatenate([net.first_piece, net.first_piece[-1] + 1 + np.arange(n)]),
        piece_start_mm=np.concatenate([net.piece_start_mm, np.zeros(n, np.int64)]),
    )
    return Flat(network, np.concatenate([flat.x_m, x_m]), np.concatenate([flat.y_m, y_m]))
