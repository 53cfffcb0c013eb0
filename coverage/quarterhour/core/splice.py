"""Edges cut into parts that take their place; all other edges stay as they are.

Lengths are exact: the millimetres of the parts of an edge that is only cut add up to its own. A
part that begins inside a source piece is a piece of its own, so that its time is rounded once.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from quarterhour.core.graph import _ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.model import RoadNetwork

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


class Part(NamedTuple):
    """What remains of an edge between two positions, from node to node."""

    edge: int
    start_mm: int
    end_mm: int
    tail: int
    head: int


class Flat(NamedTuple):
    """A network with its vertices in a plane, in metres."""

    network: RoadNetwork
    x_m: Floats
    y_m: Floats

    def lines(self) -> NDArray[Any]:
        """Its edges as shapely LineStrings."""
        of = np.repeat(np.arange(self.network.n_edges), np.diff(self.network.first_vertex))
        lines: NDArray[Any] = shapely.linestrings(np.column_stack([self.x_m, self.y_m]), indices=of)
        return lines


def with_parts(flat: Flat, parts: Sequence[Part], gone: Sequence[int] = ()) -> Flat:
    """The network with the edges that parts name, and those that are `gone`, replaced by the parts.

    The order of the edges is kept; parts stand where their edge stood. Nodes may be new: the
    largest number counts. Nodes that nothing meets any more keep their number.
    """
    net = flat.network
    assert net.piece_forward_mm is None, "roads are changed before they get slopes"  # noqa: S101
    touched = np.zeros(net.n_edges, bool)
    touched[[p.edge for p in parts]] = True
    touched[list(gone)] = True
    if not touched.any():
        return flat
    whole = np.flatnonzero(~touched)
    made = [_geometry(flat, part) for part in parts]
    source = np.concatenate([whole, np.array([p.edge for p in parts], np.int64)])
    start = np.concatenate([np.zeros(len(whole), np.int64), [p.start_mm for p in parts]])
    order = np.lexsort((start, source))

    def ragged(first: Ints, values: NDArray[Any], own: list[NDArray[Any]]) -> tuple[Any, Ints]:
        """Values of whole edges and of parts, edge by edge in the new order."""
        count = np.concatenate([np.diff(first)[whole], [len(v) for v in own]]).astype(np.int64)
        kept = values[_ranges(first[:-1][whole], np.diff(first)[whole])]
        together = np.concatenate([kept, *own]) if own else kept
        begin = np.cumsum(count) - count
        offsets = np.concatenate([[0], np.cumsum(count[order])]).astype(np.int64)
        return together[_ranges(begin[order], count[order])], offsets

    vertex = [
        ragged(net.first_vertex, values, [m[k] for m in made])[0]
        for k, values in enumerate((flat.x_m, flat.y_m, net.vertex_lon, net.vertex_lat))
    ]
    vertex_mm, first_vertex = ragged(net.first_vertex, net.vertex_mm, [m[4] for m in made])
    piece, first_piece = ragged(net.first_piece, net.piece_start_mm, [m[5] for m in made])
    tail = np.concatenate([net.edge_tail[whole], [p.tail for p in parts]]).astype(np.int32)
    head = np.concatenate([net.edge_head[whole], [p.head for p in parts]]).astype(np.int32)
    most = int(max(tail.max(initial=-1), head.max(initial=-1)))
    row = source[order]
    network = dataclasses.replace(
        net,
        n_nodes=max(net.n_nodes, most + 1),
        edge_tail=tail[order],
        edge_head=head[order],
        edge_kind=net.edge_kind[row],
        edge_rank=net.edge_rank[row],
        edge_oneway=net.edge_oneway[row],
        first_vertex=first_vertex,
        vertex_lon=vertex[2],
        vertex_lat=vertex[3],
        vertex_mm=vertex_mm.astype(np.int64),
        first_piece=first_piece,
        piece_start_mm=piece.astype(np.int64),
    )
    return Flat(network, vertex[0], vertex[1])


def _geometry(flat: Flat, part: Part) -> tuple[NDArray[Any], ...]:
    """x, y, longitude, latitude and millimetres of a part's vertices, and its pieces."""
    net = flat.network
    lo, hi = int(net.first_vertex[part.edge]), int(net.first_vertex[part.edge + 1])
    mm = net.vertex_mm[lo:hi]
    inner = np.flatnonzero((mm > part.start_mm) & (mm < part.end_mm)) + lo
    values = [
        np.concatenate([
            [at_mm(net, v, part.edge, part.start_mm)],
            v[inner],
            [at_mm(net, v, part.edge, part.end_mm)],
        ])
        for v in (flat.x_m, flat.y_m, net.vertex_lon, net.vertex_lat)
    ]  # fmt: skip
    along = np.concatenate([[part.start_mm], net.vertex_mm[inner], [part.end_mm]]) - part.start_mm
    pieces = net.piece_start_mm[net.first_piece[part.edge] : net.first_piece[part.edge + 1]]
    inside = pieces[(pieces > part.start_mm) & (pieces < part.end_mm)] - part.start_mm
    return (*values, along.astype(np.int64), np.concatenate([[0], inside]).astype(np.int64))


def at_mm(network: RoadNetwork, values: Floats, edge: int, offset_mm: int) -> float:
    """A coordinate at a position of an edge: a vertex's own there, else straight between two."""
    lo, hi = int(network.first_vertex[edge]), int(network.first_vertex[edge + 1])
    mm = network.vertex_mm[lo:hi]
    right = int(np.clip(np.searchsorted(mm, offset_mm), 0, hi - lo - 1))
    if mm[right] == offset_mm or right == 0:
        return float(values[lo + right])
    t = float(offset_mm - mm[right - 1]) / float(mm[right] - mm[right - 1])
    a, b = float(values[lo + right - 1]), float(values[lo + right])
    return a + t * (b - a)


def split(
    flat: Flat, edge: Ints, offset_mm: Ints
) -> tuple[Flat, Ints]:  # fmt: skip
    """The network with a node at every position, and these nodes.

    At the ends of an edge they are its own; inside, one position is one new node.
    """
    net = flat.network
    length = net.edge_length_mm[edge]
    node = np.where(offset_mm <= 0, net.edge_tail[edge], net.edge_head[edge]).astype(np.int64)
    inside = np.flatnonzero((offset_mm > 0) & (offset_mm < length))
    if not len(inside):
        return flat, node
    place, of = np.unique(
        np.column_stack([edge[inside], offset_mm[inside]]), axis=0, return_inverse=True
    )
    node[inside] = net.n_nodes + of.ravel()
    parts = []
    for e in np.unique(place[:, 0]).tolist():
        at = np.flatnonzero(place[:, 0] == e)
        cuts = [0, *place[at, 1].tolist(), int(net.edge_length_mm[e])]
        nodes = [int(net.edge_tail[e]), *(net.n_nodes + at).tolist(), int(net.edge_head[e])]
        parts += [
            Part(e, cuts[k], cuts[k + 1], nodes[k], nodes[k + 1]) for k in range(len(cuts) - 1)
        ]
    return with_parts(flat, parts), node
