"""Travel times: bounded searches from facilities to nodes and places.

Contract: times are int32 milliseconds with all access legs included; every cutoff and limit is
inclusive; an absent entry means beyond the limit or unreachable; equal times go to the lowest
facility. Results do not depend on the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core import search
from quarterhour.core.graph import _ranges
from quarterhour.core.parallel import in_blocks
from quarterhour.model import Linkage, _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops(_Frozen):
    """Positions on edges with the times that a search needs.

    `owner`, `edge`, `offset_mm` (from the tail): per position. `out_ms`, `in_ms`: milliseconds
    between the edge's tail and the position, growing out and in. `access_ms`: the leg beside the
    road. `n_owners`: owners, linked or not.
    """

    owner: NDArray[np.int64]
    edge: NDArray[np.int32]
    offset_mm: NDArray[np.int64]
    out_ms: NDArray[np.int32]
    in_ms: NDArray[np.int32]
    access_ms: NDArray[np.int32]
    n_owners: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach(_Frozen):
    """Nodes reached from each source: CSR `first` (n_sources + 1,), `node`, `ms`, in no order."""

    first: NDArray[np.int64]
    node: NDArray[np.int32]
    ms: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelTimes(_Frozen):
    """Sparse times from source to place: CSR `first`, `place` ascending within a source, `ms`."""

    first: NDArray[np.int64]
    place: NDArray[np.int32]
    ms: NDArray[np.int32]

    @property
    def source(self) -> NDArray[np.int64]:
        """Source of every entry."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest(_Frozen):
    """The nearest facility of every place that has one within the limit.

    `place`: int64 ascending. `facility`: int32. `ms`: int32.
    """

    place: NDArray[np.int64]
    facility: NDArray[np.int32]
    ms: NDArray[np.int32]


def stops(
    impedance: Impedance, linkage: Linkage, *, each_point: bool = False, inside_ms: int = 0
) -> Stops:
    """Times of the linked points of `linkage` on `impedance`, by owner or each for itself.

    `inside_ms`: the walk behind the door, added to the leg beside the road.
    """
    edge, offset_mm, row = _also_at_nodes(impedance, linkage.edge, linkage.offset_mm)
    out_ms, in_ms = impedance.position_ms(edge, offset_mm)
    return Stops(
        owner=(linkage.point if each_point else linkage.owner)[row],
        edge=edge,
        offset_mm=offset_mm,
        out_ms=out_ms,
        in_ms=in_ms,
        access_ms=impedance.access_ms(linkage.access_mm[row]) + np.int32(inside_ms),
        n_owners=len(linkage.linked) if each_point else linkage.n_owners,
    )


def _also_at_nodes(
    impedance: Impedance, edge: NDArray[np.int32], offset_mm: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Edges and offsets of the positions, and which of the given positions each one is.

    A position at the very end of a one-way edge is a node, open to whatever meets there: it is also
    given as a position at the end of every other usable edge of that node.
    """
    net = impedance.network
    row = np.arange(len(edge))
    oneway = impedance.out_open[edge] != impedance.in_open[edge]
    if not oneway.any():
        return edge, offset_mm, row
    at_tail = np.flatnonzero(oneway & (offset_mm == 0))
    at_head = np.flatnonzero(oneway & (offset_mm == net.edge_length_mm[edge]))
    node = np.concatenate([net.edge_tail[edge[at_tail]], net.edge_head[edge[at_head]]])
    usable = np.flatnonzero(impedance.out_open | impedance.in_open)
    ends = np.concatenate([net.edge_tail[usable], net.edge_head[usable]])
    order = np.argsort(ends, kind="stable")
    lo, hi = (np.searchsorted(ends[order], node, side) for side in ("left", "right"))
    found = order[_ranges(lo, hi - lo)]
    more = usable[found % len(usable)].astype(np.int32)
    more_mm = np.where(found < len(usable), 0, net.edge_length_mm[more])
    more_row = np.repeat(np.concatenate([at_tail, at_head]), hi - lo)
    return (
        np.concatenate([edge, more]),
        np.concatenate([offset_mm, more_mm]),
        np.concatenate([row, more_row]),
    )


def _seeds(
    impedance: Impedance, at: Stops
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Owner, node and milliseconds of the ends of their edges that the stops are open to, or at."""
    net, edge = impedance.network, at.edge
    to_tail = impedance.in_open[edge] | (at.offset_mm == 0)
    to_head = impedance.out_open[edge] | (at.offset_mm == net.edge_length_mm[edge])
    tail_ms = at.access_ms + at.in_ms
    head_ms = at.access_ms + impedance.out_ms[edge] - at.out_ms
    owner = np.concatenate([at.owner[to_tail], at.owner[to_head]])
    node = np.concatenate([net.edge_tail[edge[to_tail]], net.edge_head[edge[to_head]]])
    ms = np.concatenate([tail_ms[to_tail], head_ms[to_head]])
    order = np.argsort(owner, kind="stable")
    return owner[order], node[order], ms[order]


def _csr(owner: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    first = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=n), out=first[1:])
    return first


def reach_nodes(
    impedance: Impedance, sources: Stops, *, limit_ms: int, threads: int | None = None
) -> Reach:
    """Nodes within `limit_ms` of each source, by one bounded search per source."""
    owner, node, ms = _seeds(impedance, sources)
    first = _csr(owner, sources.n_owners)
    parts = in_blocks(
        lambda lo, hi: search.bounded(
            impedance.first_arc, impedance.arc_to_ms, first, node, ms, lo, hi, limit_ms
        ),
        sources.n_owners,
        threads=threads,
        smallest=8,
    )
    return Reach(
        first=_joined_offsets([p[0] for p in parts]),
        node=_joined([p[1] for p in parts]),
        ms=_joined([p[2] for p in parts]),
    )


def places_within(
    impedance: Impedance,
    sources: Stops,
    reach: Reach,
    places: Stops,
    *,
    limit_ms: int,
    threads: int | None = None,
) -> TravelTimes:
    """Every place within `limit_ms` of each source, best entrance to best entrance."""
    net = impedance.network
    by_edge = np.argsort(places.edge, kind="stable")
    place_first = _csr(places.edge.astype(np.int64), net.n_edges)
    by_source = np.argsort(sources.owner, kind="stable")
    parts = in_blocks(
        lambda lo, hi: search.places_within(
            impedance.first_arc, impedance.arc_edge_side, reach.first, reach.node, reach.ms,
            impedance.in_ms, place_first, places.owner[by_edge], places.offset_mm[by_edge],
            places.out_ms[by_edge], places.in_ms[by_edge], places.access_ms[by_edge],
            places.n_owners, _csr(sources.owner, sources.n_owners), sources.edge[by_source],
            sources.offset_mm[by_source], sources.out_ms[by_source], sources.in_ms[by_source],
            sources.access_ms[by_source],
            impedance.out_open, impedance.in_open, lo, hi, limit_ms,
        ),
        sources.n_owners,
        threads=threads,
        smallest=8,
    )  # fmt: skip
    return TravelTimes(
        first=_joined_offsets([p[0] for p in parts]),
        place=_joined([p[1] for p in parts]),
        ms=_joined([p[2] for p in parts]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestNodes(_Frozen):
    """The nearest source of the reached nodes: `node` ascending, `source`, `ms`."""

    node: NDArray[np.int32]
    source: NDArray[np.int32]
    ms: NDArray[np.int32]


def nearest_nodes(impedance: Impedance, sources: Stops, *, limit_ms: int) -> NearestNodes:
    """The nearest source of every node within `limit_ms`, by one search from all sources."""
    label, source = _labels(impedance, sources, limit_ms)
    node = np.flatnonzero(label != search.UNREACHED)
    return NearestNodes(node=node.astype(np.int32), source=source[node], ms=label[node])


def _labels(
    impedance: Impedance, sources: Stops, limit_ms: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    owner, node, ms = _seeds(impedance, sources)
    labels: tuple[NDArray[np.int32], NDArray[np.int32]] = search.from_all(
        impedance.first_arc, impedance.arc_to_ms, node, ms, owner.astype(np.int32), limit_ms
    )
    return labels


def nearest(impedance: Impedance, sources: Stops, places: Stops, *, limit_ms: int) -> Nearest:
    """The nearest source of every place within `limit_ms`, best entrance to best entrance."""
    net = impedance.network
    label, source = _labels(impedance, sources, limit_ms)
    by_edge = np.lexsort((sources.owner, sources.edge))
    ms, who = search.nearest_place(
        label, source, impedance.out_open, impedance.in_open, net.edge_tail, net.edge_head,
        impedance.in_ms, places.edge, places.offset_mm, places.out_ms, places.in_ms,
        places.access_ms, _csr(sources.edge.astype(np.int64), net.n_edges),
        sources.owner[by_edge], sources.offset_mm[by_edge], sources.out_ms[by_edge],
        sources.in_ms[by_edge], sources.access_ms[by_edge], limit_ms,
    )  # fmt: skip
    found = who >= 0
    owner, ms, who = places.owner[found], ms[found], who[found]
    order = np.lexsort((who, ms, owner))
    owner, ms, who = owner[order], ms[order], who[order]
    best = np.ones(len(owner), bool)
    best[1:] = owner[1:] != owner[:-1]
    return Nearest(place=owner[best], facility=who[best], ms=ms[best])


def owners_on_components_of(
    impedance: Impedance, sources: Stops, places: Stops
) -> NDArray[np.bool_]:
    """Bool per owner of `places`: any of its points is on a part of the network with a source."""
    tail = impedance.network.edge_tail
    served = np.zeros(int(impedance.component.max(initial=-1)) + 1, bool)
    served[impedance.component[tail[sources.edge]]] = True
    result = np.zeros(places.n_owners, bool)
    result[places.owner[served[impedance.component[tail[places.edge]]]]] = True
    return result


def _joined(parts: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def _joined_offsets(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """One CSR offset array out of those of consecutive blocks."""
    result = [np.zeros(1, np.int64)]
    for part in parts:
        result.append(part[1:] + result[-1][-1])
    return np.concatenate(result)
