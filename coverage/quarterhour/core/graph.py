"""Polylines to a walking network: split at shared vertices, chains contracted, ordered by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.kernels import kernel
from quarterhour.model import RawLines, RoadNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

CLOSED_GATE = -(1 << 62)
"""Vertex keys below this are ends of lines that were cut at a gate which nobody may pass."""


def build(lines: RawLines) -> RoadNetwork:
    """Network of `lines`: a junction is every line end and every vertex used more than once.

    Chains of pieces through a node where exactly two piece ends meet are contracted when they are
    alike in kind, rank and direction; their geometry and the lengths of their pieces are kept.
    Nodes and edges are numbered along a space-filling curve: neighbours lie close in memory.
    """
    node_of_vertex, n_points = _points(lines.vertex_key)
    start, end, line = _pieces(lines, node_of_vertex, n_points)
    along_mm = np.cumsum(lines.segment_mm)
    u, v = node_of_vertex[start], node_of_vertex[end]
    # a piece without length that returns to its own node joins nothing
    real = (u != v) | (along_mm[end] > along_mm[start])
    start, end, line, u, v = start[real], end[real], line[real], u[real], v[real]
    style = lines.kind[line].astype(np.int64) * 16 + lines.rank[line] * 2 + lines.oneway[line]
    chain_piece, chain_flip, chain_first = _chains(
        u, v, style, lines.oneway[line], n_points, *_incidence(u, v, n_points)
    )
    return _assemble(
        lines, along_mm, node_of_vertex, start, end, line, chain_piece, chain_flip, chain_first
    )


def _points(vertex_key: IntArray) -> tuple[IntArray, int]:
    """Point number of every vertex, in the order of first appearance."""
    _, first, inverse = np.unique(vertex_key, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse], len(first)


def _pieces(lines: RawLines, point: IntArray, n_points: int) -> tuple[IntArray, IntArray, IntArray]:
    """First and last vertex, and line, of every piece between two junction vertices."""
    is_end = np.zeros(len(point), bool)
    is_end[lines.first_vertex[:-1]] = True
    is_end[lines.first_vertex[1:] - 1] = True
    uses = np.bincount(point, minlength=n_points)
    junction = uses > 1
    junction[point[is_end]] = True
    at = np.flatnonzero(junction[point])
    line = np.repeat(np.arange(lines.n_lines), np.diff(lines.first_vertex))[at]
    same = line[:-1] == line[1:]
    return at[:-1][same], at[1:][same], line[:-1][same]


def _incidence(u: IntArray, v: IntArray, n_points: int) -> tuple[IntArray, IntArray]:
    """CSR of piece ends by node: `2 * piece` is a piece's start and `2 * piece + 1` its end."""
    ends = np.empty(2 * len(u), np.int64)
    ends[0::2], ends[1::2] = u, v
    order = np.argsort(ends, kind="stable")
    first = np.zeros(n_points + 1, np.int64)
    np.cumsum(np.bincount(ends, minlength=n_points), out=first[1:])
    return first, order


@kernel
def _chains(u, v, style, oneway, n_points, first, incident):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Chains of pieces: piece numbers, whether each runs backwards, and CSR offsets."""
    n = len(u)
    through = np.zeros(n_points, np.bool_)
    for node in range(n_points):
        if first[node + 1] - first[node] != 2:
            continue
        a, b = incident[first[node]], incident[first[node] + 1]
        pa, pb = a >> 1, b >> 1
        if pa == pb or style[pa] != style[pb]:
            continue
        # two one-way pieces continue each other only head to tail
        through[node] = not oneway[pa] or (a & 1) != (b & 1)
    chain_piece = np.empty(n, np.int64)
    chain_flip = np.empty(n, np.bool_)
    chain_first = np.empty(n + 1, np.int64)
    used = np.zeros(n, np.bool_)
    count = 0
    chains = 0
    chain_first[0] = 0
    for turn in range(2):  # chains between stops first, then rings without any stop
        for seed in range(2 * n):
            piece = seed >> 1
            begin = v[piece] if seed & 1 else u[piece]
            if used[piece] or (turn == 0 and through[begin]):
                continue
            end = seed
            while True:
                piece = end >> 1
                used[piece] = True
                chain_piece[count] = piece
                chain_flip[count] = (end & 1) == 1
                count += 1
                node = u[piece] if end & 1 else v[piece]
                if not through[node]:
                    break
                arrived = end ^ 1
                a = incident[first[node]]
                end = incident[first[node] + 1] if a == arrived else a
                if used[end >> 1]:
                    break
            lo = chain_first[chains]
            if oneway[chain_piece[lo]] and chain_flip[lo]:
                chain_piece[lo:count] = chain_piece[lo:count][::-1].copy()
                chain_flip[lo:count] = False
            chains += 1
            chain_first[chains] = count
    return chain_piece[:count], chain_flip[:count], chain_first[: chains + 1]


def _assemble(
    lines: RawLines,
    along_mm: IntArray,
    point: IntArray,
    start: IntArray,
    end: IntArray,
    line: IntArray,
    chain_piece: IntArray,
    chain_flip: NDArray[np.bool_],
    chain_first: IntArray,
) -> RoadNetwork:
    """Edges in curve order, with their vertices and pieces."""
    begin = np.where(chain_flip, end[chain_piece], start[chain_piece])
    finish = np.where(chain_flip, start[chain_piece], end[chain_piece])
    tail_vertex, head_vertex = begin[chain_first[:-1]], finish[chain_first[1:] - 1]
    tail_point, head_point = point[tail_vertex], point[head_vertex]

    used_points, sample = np.unique(np.concatenate([tail_point, head_point]), return_index=True)
    at = np.concatenate([tail_vertex, head_vertex])[sample]
    order = np.argsort(_morton(lines.lon[at], lines.lat[at]), kind="stable")
    number = np.empty(int(point.max(initial=0)) + 1, np.int64)
    number[used_points[order]] = np.arange(len(order))
    tail, head = number[tail_point], number[head_point]
    edge_order = np.lexsort((np.maximum(tail, head), np.minimum(tail, head)))

    # pieces in edge order
    size = np.diff(chain_first)[edge_order]
    first_piece = np.concatenate([[0], np.cumsum(size)])
    member = _ranges(chain_first[:-1][edge_order], size)
    piece, flip = chain_piece[member], chain_flip[member]
    length = along_mm[end[piece]] - along_mm[start[piece]]
    before = np.concatenate([[0], np.cumsum(length)])
    piece_start = before[:-1] - np.repeat(before[first_piece[:-1]], size)

    # vertices: those of each piece in walking order, a joint only once
    n_in_piece = end[piece] - start[piece] + 1
    is_first = np.zeros(len(piece), bool)
    is_first[first_piece[:-1]] = True
    skip = np.where(is_first, 0, 1)
    count = n_in_piece - skip
    step = np.where(flip, -1, 1)
    origin = np.where(flip, end[piece], start[piece])
    vertex = np.repeat(origin + step * skip, count) + np.repeat(step, count) * _ranges(
        np.zeros(len(piece), np.int64), count
    )
    vertex_mm = np.repeat(piece_start, count) + np.abs(
        along_mm[vertex] - np.repeat(along_mm[origin], count)
    )
    per_edge = np.add.reduceat(count, first_piece[:-1]) if len(count) else count
    lead = line[chain_piece[chain_first[:-1]]][edge_order]
    return RoadNetwork(
        n_nodes=len(order),
        edge_tail=tail[edge_order].astype(np.int32),
        edge_head=head[edge_order].astype(np.int32),
        edge_kind=lines.kind[lead],
        edge_rank=lines.rank[lead],
        edge_oneway=lines.oneway[lead],
        first_vertex=np.concatenate([[0], np.cumsum(per_edge)]).astype(np.int64),
        vertex_lon=lines.lon[vertex],
        vertex_lat=lines.lat[vertex],
        vertex_mm=vertex_mm,
        first_piece=first_piece.astype(np.int64),
        piece_start_mm=piece_start,
        closed_gates=_closed_gates(lines),
        waits=lines.waits,
    )


def _closed_gates(lines: RawLines) -> NDArray[np.float64]:
    """Longitude and latitude of the gates where lines were cut, each once, from west to east."""
    at = np.flatnonzero(lines.vertex_key < CLOSED_GATE)
    return np.unique(np.column_stack([lines.lon[at], lines.lat[at]]), axis=0)


def subset(network: RoadNetwork, keep: NDArray[np.bool_]) -> RoadNetwork:
    """The network of the kept edges, in the same order; nodes without an edge are dropped."""
    edges = np.flatnonzero(keep)
    ends = np.concatenate([network.edge_tail[edges], network.edge_head[edges]])
    nodes, renumbered = np.unique(ends, return_inverse=True)
    n_vertex = np.diff(network.first_vertex)[edges]
    n_piece = np.diff(network.first_piece)[edges]
    vertex = _ranges(network.first_vertex[:-1][edges], n_vertex)
    piece = _ranges(network.first_piece[:-1][edges], n_piece)
    forward, backward = network.piece_forward_mm, network.piece_backward_mm
    return RoadNetwork(
        n_nodes=len(nodes),
        edge_tail=renumbered[: len(edges)].astype(np.int32),
        edge_head=renumbered[len(edges) :].astype(np.int32),
        edge_kind=network.edge_kind[edges],
        edge_rank=network.edge_rank[edges],
        edge_oneway=network.edge_oneway[edges],
        first_vertex=np.concatenate([[0], np.cumsum(n_vertex)]).astype(np.int64),
        vertex_lon=network.vertex_lon[vertex],
        vertex_lat=network.vertex_lat[vertex],
        vertex_mm=network.vertex_mm[vertex],
        first_piece=np.concatenate([[0], np.cumsum(n_piece)]).astype(np.int64),
        piece_start_mm=network.piece_start_mm[piece],
        piece_forward_mm=None if forward is None else forward[piece],
        piece_backward_mm=None if backward is None else backward[piece],
        credit=network.credit,
        closed_gates=network.closed_gates,
        joints=network.joints,
        waits=network.waits,
    )


def _ranges(start: IntArray, count: IntArray) -> IntArray:
    """Concatenation of `start[i] .. start[i] + count[i] - 1`."""
    total = int(count.sum())
    offset = np.concatenate([[0], np.cumsum(count)])[:-1]
    return np.asarray(np.arange(total) + np.repeat(start - offset, count), np.int64)


def _morton(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Position on a Z-order curve of 2 x 20 bits over the extent of the points."""

    def spread(value: NDArray[np.float64]) -> NDArray[np.uint64]:
        lo, hi = (float(value.min()), float(value.max())) if len(value) else (0.0, 1.0)
        x = ((value - lo) / max(hi - lo, 1e-12) * ((1 << 20) - 1)).astype(np.uint64)
        for shift, mask in (
            (16, 0x0000FFFF0000FFFF),
            (8, 0x00FF00FF00FF00FF),
            (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333),
            (1, 0x5555555555555555),
        ):
            x = (x | (x << np.uint64(shift))) & np.uint64(mask)
        return x

    return spread(lon) | (spread(lat) << np.uint64(1))
