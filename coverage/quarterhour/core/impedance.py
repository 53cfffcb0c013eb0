"""Length, class and walker to milliseconds per arc, settled before any search.

Rounding is done once per piece, half up; a contracted edge is the sum of its pieces. A position
inside a piece costs ``(piece_ms * offset_mm + length_mm // 2) // length_mm``, both measured from
the edge's tail, so that the two parts of an arc always add up to the whole. Where a walker waits
(`core.waits`), the pieces of the impedance are cut around the millimetre that holds the wait.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.core.waits import waits_of
from quarterhour.kernels import kernel
from quarterhour.model import FERRY, LIFT, STEPS, TUNNEL, RoadNetwork, Walker, _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Impedance(_Frozen):
    """Milliseconds of one walker on one network, seen from the sources of a search.

    A search grows from its sources. `out` is growing along an edge from tail to head, `in` from
    head to tail; for walks *toward* the sources, growing from tail to head costs what walking from
    head to tail costs.

    `out_open`, `in_open`: bool per edge. `out_ms`, `in_ms`: int32 per edge. `piece_out_ms`,
    `piece_in_ms`: int32 per piece, milliseconds between the tail and the start of the piece.
    `piece_mm`: int64 from the tail. `first_arc` (n_nodes + 1,), `arc_to_ms` (int64, milliseconds in
    the upper and target node in the lower 32 bits), `arc_edge_side` (int32, edge * 2 + 1 where the
    arc grows from the head). `component`: int32 per node over usable edges. `linkable`: bool per
    edge.
    """

    network: RoadNetwork
    walker: Walker
    out_open: NDArray[np.bool_]
    in_open: NDArray[np.bool_]
    out_ms: NDArray[np.int32]
    in_ms: NDArray[np.int32]
    piece_out_ms: NDArray[np.int32]
    piece_in_ms: NDArray[np.int32]
    piece_mm: NDArray[np.int64]
    first_arc: NDArray[np.int32]
    arc_to_ms: NDArray[np.int64]
    arc_edge_side: NDArray[np.int32]
    component: NDArray[np.int32]
    linkable: NDArray[np.bool_]

    def access_ms(self, access_mm: NDArray[np.int64]) -> NDArray[np.int32]:
        """Milliseconds of the straight walk between a place and the road."""
        return units.walk_ms(access_mm, self.walker.speed_mmph).astype(np.int32)

    def position_ms(
        self, edge: NDArray[np.int32], offset_mm: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Milliseconds between the tail and a position, growing out and growing in."""
        times = ((self.out_ms, self.piece_out_ms), (self.in_ms, self.piece_in_ms))
        out_ms, in_ms = _position_ms(self.network, times, edge, offset_mm)
        return out_ms, in_ms


Times = tuple["NDArray[np.int32]", "NDArray[np.int32]"]
"""Milliseconds of each edge, and of the way from its tail to the start of each piece."""


def _position_ms(
    net: RoadNetwork,
    times: tuple[Times, ...],
    edge: NDArray[np.int32] | NDArray[np.int64],
    offset_mm: NDArray[np.int64],
) -> list[NDArray[np.int32]]:
    """Milliseconds between the tail and positions, for each of `times`."""
    piece_mm = net.piece_start_mm
    before = np.concatenate([[0], np.cumsum(net.edge_length_mm)])
    start = np.repeat(before[:-1], np.diff(net.first_piece)) + piece_mm
    piece = np.searchsorted(start, before[edge] + offset_mm, side="right") - 1
    piece = np.clip(piece, net.first_piece[edge], net.first_piece[edge + 1] - 1)
    last = piece + 1 == net.first_piece[edge + 1]
    nxt = np.minimum(piece + 1, len(start) - 1)
    length = np.where(last, net.edge_length_mm[edge], piece_mm[nxt]) - piece_mm[piece]
    into = offset_mm - piece_mm[piece]
    result = []
    for total, cum in times:
        ms = (np.where(last, total[edge], cum[nxt]) - cum[piece]).astype(np.int64)
        part = (ms * into + length // 2) // np.maximum(length, 1)
        result.append((cum[piece] + part).astype(np.int32))
    return result


def _with_waits(
    network: RoadNetwork, walker: Walker, ahead: Times, behind: Times
) -> tuple[RoadNetwork, Times, Times]:
    """The network with pieces cut around the waits of `walker`, and both times with the waits.

    A whole edge takes its own milliseconds and those of its waits, to the millisecond.
    """
    wait = waits_of(network, walker)
    if not len(wait.edge):
        return network, ahead, behind
    touched = np.zeros(network.n_edges, bool)
    touched[wait.edge] = True
    of_piece = np.repeat(np.arange(network.n_edges), np.diff(network.first_piece))
    length = network.edge_length_mm
    cut = np.unique(
        np.concatenate([
            np.column_stack([of_piece, network.piece_start_mm])[touched[of_piece]],
            np.column_stack([wait.edge, wait.start_mm]),
            np.column_stack([wait.edge, wait.start_mm + 1]),
        ]),
        axis=0,
    )  # fmt: skip
    cut = cut[cut[:, 1] < length[cut[:, 0]]]
    whole = np.flatnonzero(~touched[of_piece])
    edge = np.concatenate([of_piece[whole], cut[:, 0]])
    start = np.concatenate([network.piece_start_mm[whole], cut[:, 1]])
    order = np.argsort(edge, kind="stable")  # pieces of one edge come in order
    edge, start, is_cut = edge[order], start[order], (np.arange(len(edge)) >= len(whole))[order]
    first = np.searchsorted(edge, np.arange(network.n_edges + 1))
    by_place = np.lexsort((wait.start_mm, wait.edge))
    waited = np.concatenate([[0], np.cumsum(wait.ms[by_place])])
    # waits lie before a position from the end of their millimetre on
    ruler = np.concatenate([[0], np.cumsum(length + 1)])
    after = ruler[wait.edge[by_place]] + wait.start_mm[by_place] + 1
    along = waited[np.searchsorted(after, ruler[edge] + start, side="right")]
    along -= waited[np.searchsorted(after, ruler[edge], side="right")]
    extra = np.zeros(network.n_edges, np.int64)
    np.add.at(extra, wait.edge, wait.ms)
    fresh = _position_ms(network, (ahead, behind), edge[is_cut], start[is_cut])
    result: list[Times] = []
    for (total, cum), at_cut in zip((ahead, behind), fresh, strict=True):
        ms = np.empty(len(edge), np.int64)
        ms[~is_cut], ms[is_cut] = cum[whole], at_cut
        result.append(((total + extra).astype(np.int32), (ms + along).astype(np.int32)))
    cut_up = replace(
        network,
        first_piece=first.astype(np.int64),
        piece_start_mm=start,
        piece_forward_mm=None,
        piece_backward_mm=None,
    )
    return cut_up, result[0], result[1]


def impedance(network: RoadNetwork, walker: Walker, *, toward: bool = True) -> Impedance:
    """Milliseconds of `walker` on `network`, for walks toward the sources, or away from them.

    On slopes each direction has its own time. Ferries are never walked. Steps are closed to walkers
    without steps. Ferries, tunnels and lifts are not linkable: nobody steps into them from beside.
    A one-way edge is closed backwards. Where the walker waits, `network` of the result has the
    same edges in other pieces.
    """
    kind = network.edge_kind
    usable = (kind & FERRY) == 0
    if not walker.steps:
        usable &= (kind & STEPS) == 0
    there_mm, back_mm = _flat_mm(network, walker)
    ahead, behind = (_along(network, walker, mm) for mm in (there_mm, back_mm))
    network, ahead, behind = _with_waits(network, walker, ahead, behind)
    (out_ms, piece_out_ms), (in_ms, piece_in_ms) = (behind, ahead) if toward else (ahead, behind)
    forward, backward = usable, usable & ~network.edge_oneway
    out_open, in_open = (backward, forward) if toward else (forward, backward)
    first_arc, arc_to_ms, arc_edge_side = _arcs(network, out_open, in_open, out_ms, in_ms)
    return Impedance(
        network=network,
        walker=walker,
        out_open=out_open,
        in_open=in_open,
        out_ms=out_ms,
        in_ms=in_ms,
        piece_out_ms=piece_out_ms,
        piece_in_ms=piece_in_ms,
        piece_mm=network.piece_start_mm,
        first_arc=first_arc,
        arc_to_ms=arc_to_ms,
        arc_edge_side=arc_edge_side,
        component=components(network, usable),
        linkable=usable & ((kind & (TUNNEL | LIFT)) == 0),
    )


def _flat_mm(network: RoadNetwork, walker: Walker) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Millimetres on the flat that each piece is worth, from tail to head and back.

    A distance rule counts the metres of the street, whatever its slope or steps. A lift is level.
    """
    length = network.piece_end_mm - network.piece_start_mm
    if walker.rule_m:
        return length, length
    there, back = network.piece_forward_mm, network.piece_backward_mm
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.first_piece))
    steps = np.flatnonzero((network.edge_kind[edge] & STEPS) != 0)
    lift = np.flatnonzero((network.edge_kind[edge] & LIFT) != 0)
    there, back = ((length if worth is None else worth).copy() for worth in (there, back))
    there[lift] = back[lift] = length[lift]
    if len(steps):
        there[steps] = back[steps] = _steps_mm(network, walker, edge[steps], steps)
    return there, back


def _steps_mm(
    network: RoadNetwork, walker: Walker, edge: NDArray[np.int64], piece: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Millimetres on the flat of pieces of steps; the penalty of a flight is shared by length.

    Edges of steps that meet where no third one does are one flight, whatever else meets there: a
    landing from which a path leads off, or where an edge was cut, does not make two of it. Each
    edge has its share of the penalty to the millimetre, and a walker who leaves on the way too.
    """
    start, end = network.piece_start_mm[piece], network.piece_end_mm[piece]
    worth: NDArray[np.int64] = np.floor((end - start) * walker.steps_factor + 0.5).astype(np.int64)
    if walker.steps_penalty_s:
        flight_mm = walker.steps_penalty_s * 1000 * walker.speed_mmph / units.MS_PER_HOUR
        per_mm = flight_mm / np.maximum(_flight_lengths_mm(network)[edge], 1)
        # rounded along the edge, so that the pieces of a flight add up to one penalty
        worth += (np.floor(end * per_mm + 0.5) - np.floor(start * per_mm + 0.5)).astype(np.int64)
    return worth


def _flight_lengths_mm(network: RoadNetwork) -> NDArray[np.int64]:
    """Length of the flight that each edge is part of; of an edge without steps nothing."""
    steps = np.flatnonzero((network.edge_kind & STEPS) != 0)
    n = len(steps)
    ends = np.concatenate([network.edge_tail[steps], network.edge_head[steps]])
    order = np.argsort(ends, kind="stable")
    _, first, count = np.unique(ends[order], return_index=True, return_counts=True)
    pair = first[count == 2]
    one, two = order[pair] % max(n, 1), order[pair + 1] % max(n, 1)
    flight = _components(one.astype(np.int32), two.astype(np.int32), n)
    length = np.zeros(n, np.int64)
    np.add.at(length, flight, network.edge_length_mm[steps])
    result = np.zeros(network.n_edges, np.int64)
    result[steps] = length[flight]
    return result


def _along(
    network: RoadNetwork, walker: Walker, flat_mm: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Milliseconds of each edge, and of the way from its tail to the start of each piece."""
    total = np.concatenate([[0], np.cumsum(units.walk_ms(flat_mm, walker.speed_mmph))])
    before = total[network.first_piece[:-1]]
    edge_ms = total[network.first_piece[1:]] - before
    piece_ms = total[:-1] - np.repeat(before, np.diff(network.first_piece))
    return edge_ms.astype(np.int32), piece_ms.astype(np.int32)


def _arcs(
    network: RoadNetwork,
    out_open: NDArray[np.bool_],
    in_open: NDArray[np.bool_],
    out_ms: NDArray[np.int32],
    in_ms: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]:
    """CSR of the open arcs by the node they grow from, in edge order."""
    out_edge, in_edge = np.flatnonzero(out_open), np.flatnonzero(in_open)
    origin = np.concatenate([network.edge_tail[out_edge], network.edge_head[in_edge]])
    target = np.concatenate([network.edge_head[out_edge], network.edge_tail[in_edge]])
    ms = np.concatenate([out_ms[out_edge], in_ms[in_edge]]).astype(np.int64)
    edge_side = np.concatenate([out_edge * 2, in_edge * 2 + 1])
    order = np.lexsort((edge_side, origin))
    first = np.zeros(network.n_nodes + 1, np.int32)
    np.cumsum(np.bincount(origin, minlength=network.n_nodes), out=first[1:])
    packed = (ms << 32) | target.astype(np.int64)
    return first, packed[order], edge_side[order].astype(np.int32)


def components(network: RoadNetwork, usable: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Weakly connected component of every node over the usable edges, numbered by lowest node."""
    label: NDArray[np.int32] = _components(
        network.edge_tail[usable], network.edge_head[usable], network.n_nodes
    )
    return label


@kernel
def _components(tail, head, n_nodes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Union by lowest node with path halving; a kernel, because it spares loading scipy.sparse."""
    root = np.arange(n_nodes, dtype=np.int32)
    for e in range(len(tail)):
        a, b = tail[e], head[e]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        if a < b:
            root[b] = a
        else:
            root[a] = b
    count = 0
    for node in range(n_nodes):  # a root is never above its members
        if root[node] == node:
            root[node] = count
            count += 1
        else:
            root[node] = root[root[node]]
    return root
