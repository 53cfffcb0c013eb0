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
from quarterhour.core.closing import closed_by, merged
from quarterhour.core.joining import joined, joints_of
from quarterhour.core.splice import Flat, Part, at_mm, with_parts
from quarterhour.model import RawLines, RoadNetwork, _Frozen

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
    lines that no street meets, not even through other new lines. `again`: numbers of the shapes
    that close only what others before them have closed. `n_old`: edges up to here are streets that
    were there, or what remains of them; those behind are new.
    """

    network: RoadNetwork
    x_m: Floats
    y_m: Floats
    closed: Floats
    joints: Floats
    loose: Floats
    idle: Ints
    again: Ints
    n_old: int


def close_streets(
    network: RoadNetwork,
    x_m: Floats,
    y_m: Floats,
    shapes: Sequence[Any] | NDArray[Any],
    *,
    tolerance_m: float = TOLERANCE_M,
) -> Altered:
    """`network` without the streets that `shapes` (shapely, in the CRS of `x_m`, `y_m`) close.

    A polygon takes away what it covers. A line takes away the streets that it runs along, within
    `tolerance_m` and for as far as it goes with them, bridges and tunnels too; streets that meet
    these, end at them or cross them stay whole. Where a line runs along nothing it is a barrier:
    it cuts the streets on the ground that it crosses or ends at. A point cuts every street within
    `tolerance_m` at the position nearest to it. At a cut nobody passes, although no metre is lost.
    """
    flat = Flat(network, x_m, y_m)
    tree = shapely.STRtree(flat.lines())
    cuts: dict[int, list[tuple[int, int]]] = {}
    log: list[tuple[float, float, float, int]] = []
    idle, again = [], []
    for number, shape in enumerate(shapes):
        found = closed_by(flat, tree, shape, tolerance_m)
        if not found:
            idle.append(number)
        fresh = [(e, a, b) for e, start, end in found for a, b in _new(cuts.get(e, []), start, end)]
        if found and not fresh:
            again.append(number)
        for e, start, end in fresh:
            cuts[e] = merged([*cuts.get(e, []), (start, end)])
            middle = (start + end) // 2
            lon = at_mm(network, network.vertex_lon, e, middle)
            lat = at_mm(network, network.vertex_lat, e, middle)
            log.append((lon, lat, (end - start) / 1000.0, number))
    parts: list[Part] = []
    node = network.n_nodes
    for e in sorted(cuts):
        kept, node = _kept(network, e, cuts[e], node)
        parts += kept
    made = with_parts(flat, parts, sorted(cuts))
    return _altered(made, closed=np.array(log, np.float64).reshape(-1, 4), idle=idle, again=again)


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
    length = network.edge_length_mm
    split = {(j.other, j.other_mm) for j in found if j.other < first}
    inner = [(e, mm) for e, mm in split if 0 < mm < length[e]]
    made = joined(flat, found)
    return _altered(
        made,
        n_new=made.network.n_edges - first - len(inner),
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
    again: Sequence[int] = (),
    n_new: int = 0,
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
        again=np.array(again, np.int64),
        n_old=net.n_edges - n_new,
    )


def _new(there: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """What of a stretch, or of a cut without a length, is not among those that are there."""
    if start == end:
        return [] if any(a <= start <= b for a, b in there) else [(start, end)]
    left = []
    gone = [(a, b) for a, b in there if b > start and a < end and b > a]
    for a, b in [*gone, (end, end)]:
        if a > start:
            left.append((start, a))
        start = max(start, b)
    return left


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
