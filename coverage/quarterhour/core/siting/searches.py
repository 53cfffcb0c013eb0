"""Who is within the cutoff of candidates, found by searches whenever it is asked and never stored.

Where every place is a candidate the pairs of a city may be a hundred million; one pass of searches
over all candidates, which only adds up weights, takes a few seconds and no memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from quarterhour.core.parallel import in_blocks
from quarterhour.core.reach import Stops, _csr, _seeds, nearest, places_within, reach_nodes
from quarterhour.core.siting import greedy_kernels as kernels
from quarterhour.core.siting.nouns import Cover
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance

    IntArray = NDArray[np.int64]

HUB_MS, MOST_MS = 60_000, 120_000
"""Walk from a hub to the nodes around it, and to candidates that it bounds."""

NET_ROUNDS = 12
"""Rounds in which each hub gives one candidate that is too far from the others."""

BLOCK = 4_096
"""Candidates whose places are listed at once."""


class Field(Protocol):
    """Candidates and places, with three questions about them."""

    @property
    def n_sites(self) -> int:
        """Candidates."""

    @property
    def n_places(self) -> int:
        """Places."""

    def values(self, weight: IntArray) -> IntArray:
        """Sum of a weight over the places of each candidate."""

    def rows(self, some: IntArray, keep: NDArray[np.bool_]) -> Cover:
        """The places to `keep` of some candidates; the others, keeping their numbers, have none."""

    def spread(self) -> IntArray:
        """A number per candidate: those of the same number are neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(_Frozen):
    """A field whose pairs are known."""

    cover: Cover

    @property
    def n_sites(self) -> int:
        """Candidates."""
        return self.cover.n_sites

    @property
    def n_places(self) -> int:
        """Places."""
        return self.cover.n_places

    def values(self, weight: IntArray) -> IntArray:
        """Sum of a weight over the places of each candidate."""
        running = np.concatenate([[0], np.cumsum(weight[self.cover.place])])
        return np.asarray(running[self.cover.first[1:]] - running[self.cover.first[:-1]], np.int64)

    def rows(self, some: IntArray, keep: NDArray[np.bool_]) -> Cover:
        """The places to `keep` of some candidates; the others, keeping their numbers, have none."""
        return numbered(kept_places(self.cover.rows(some), keep), some, self.n_sites)

    def spread(self) -> IntArray:
        """Four neighbours each, in the order of their numbers."""
        return np.arange(self.n_sites) // 4


def kept_places(cover: Cover, keep: NDArray[np.bool_]) -> Cover:
    """The cover without the other places, whose numbers stay."""
    use = keep[cover.place]
    running = np.concatenate([[0], np.cumsum(use)])
    return Cover(first=running[cover.first], place=cover.place[use], n_places=cover.n_places)


def numbered(rows: Cover, some: IntArray, n_sites: int) -> Cover:
    """Rows of some candidates, ascending, as a cover of all, where the others have no places."""
    size = np.zeros(n_sites, np.int64)
    size[some] = np.diff(rows.first)
    return Cover(
        first=np.concatenate([[0], np.cumsum(size)]), place=rows.place, n_places=rows.n_places
    )


class Searches:
    """A field on streets: candidates and places as stops, within `limit_ms` of each other."""

    def __init__(
        self,
        impedance: Impedance,
        candidates: Stops,
        places: Stops,
        limit_ms: int,
        *,
        threads: int | None = None,
    ) -> None:
        self.impedance, self.candidates, self.places = impedance, candidates, places
        self.limit_ms, self.threads = limit_ms, threads
        order = np.argsort(places.edge, kind="stable")
        self.on_edge = places.edge[order]
        self.place = replace(
            places, owner=places.owner[order], edge=self.on_edge, offset_mm=places.offset_mm[order],
            out_ms=places.out_ms[order], in_ms=places.in_ms[order],
            access_ms=places.access_ms[order],
        )  # fmt: skip
        n_edges = impedance.network.n_edges
        self.place_first = _csr(self.on_edge.astype(np.int64), n_edges)
        # an edge is counted as a whole only where each of its places is on no other edge
        alone = np.bincount(places.owner, minlength=places.n_owners)[self.place.owner] == 1
        mixed = np.bincount(self.on_edge[~alone], minlength=n_edges) > 0
        self.need_ms = kernels.needs(
            impedance.arc_edge_side, impedance.in_ms, self.place_first, self.place.out_ms,
            self.place.in_ms, self.place.access_ms, mixed,
        )  # fmt: skip
        owner, node, ms = _seeds(impedance, candidates)
        self.seeds = (_csr(owner, candidates.n_owners), node, ms)
        self.by_owner = np.argsort(candidates.owner, kind="stable")
        by = self.by_owner
        self.stops = (
            _csr(candidates.owner, candidates.n_owners), candidates.edge[by],
            candidates.offset_mm[by], candidates.out_ms[by], candidates.in_ms[by],
            candidates.access_ms[by],
        )  # fmt: skip

    @property
    def n_sites(self) -> int:
        """Candidates."""
        return self.candidates.n_owners

    @property
    def n_places(self) -> int:
        """Places."""
        return self.places.n_owners

    def edge_sum(self, weight: IntArray) -> IntArray:
        """Weight of the places of each edge."""
        running = np.zeros(len(self.on_edge) + 1, np.int64)
        np.cumsum(weight[self.place.owner], out=running[1:])
        return np.asarray(running[self.place_first[1:]] - running[self.place_first[:-1]])

    def values(
        self, weight: IntArray, *, some: IntArray | None = None, edge_sum: IntArray | None = None
    ) -> IntArray:
        """Sum of a weight over the places of each candidate, or of `some`."""
        costs, place = self.impedance, self.place
        of = np.arange(self.n_sites) if some is None else some
        on_edge = self.edge_sum(weight) if edge_sum is None else edge_sum
        parts = in_blocks(
            lambda lo, hi: kernels.gains(
                costs.first_arc, costs.arc_to_ms, costs.arc_edge_side, costs.in_ms, costs.out_open,
                costs.in_open, *self.seeds, *self.stops, self.place_first, place.owner,
                place.offset_mm, place.out_ms, place.in_ms, place.access_ms, weight, on_edge,
                self.need_ms, of[lo:hi], self.limit_ms,
            ),
            len(of),
            threads=self.threads,
        )  # fmt: skip
        return np.concatenate([np.empty(0, np.int64), *parts])

    def rows(self, some: IntArray, keep: NDArray[np.bool_]) -> Cover:
        """The places to `keep` of some candidates; the others, keeping their numbers, have none."""
        sizes, parts = [np.zeros(1, np.int64)], [np.empty(0, np.int32)]
        use = keep[self.places.owner]
        places = self.places
        places = replace(
            places, owner=places.owner[use], edge=places.edge[use], out_ms=places.out_ms[use],
            offset_mm=places.offset_mm[use], in_ms=places.in_ms[use],
            access_ms=places.access_ms[use],
        )  # fmt: skip
        for lo in range(0, len(some), BLOCK):
            at = self.stops_of(some[lo : lo + BLOCK])
            nodes = reach_nodes(self.impedance, at, limit_ms=self.limit_ms, threads=self.threads)
            found = places_within(
                self.impedance, at, nodes, places, limit_ms=self.limit_ms, threads=self.threads
            )
            sizes.append(np.diff(found.first))
            parts.append(found.place)
        rows = Cover(
            first=np.cumsum(np.concatenate(sizes)), place=np.concatenate(parts),
            n_places=self.n_places,
        )  # fmt: skip
        return numbered(rows, some, self.n_sites)

    def stops_of(self, some: IntArray) -> Stops:
        """The stops of some candidates, numbered anew."""
        at, first = self.candidates, self.stops[0]
        size = np.diff(first)[some]
        start = np.repeat(first[some] - np.cumsum(size) + size, size)
        row = self.by_owner[start + np.arange(int(size.sum()))]
        return Stops(
            owner=np.repeat(np.arange(len(some)), size), edge=at.edge[row],
            offset_mm=at.offset_mm[row], out_ms=at.out_ms[row], in_ms=at.in_ms[row],
            access_ms=at.access_ms[row], n_owners=len(some),
        )  # fmt: skip

    def spread(self) -> IntArray:
        """The hub near each candidate; those without one count as neighbours of each other."""
        return self.hubs()[1]

    def net(self, order: IntArray, radius_ms: int, first: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Bool per candidate: enough of those in `order` for all of them to be within the radius.

        Each is kept itself or at most `radius_ms` on foot from a kept one; the `first` ones are
        kept in any case, and of neighbours the one that comes first in `order`.
        """
        group = self.hubs(radius_ms)[1]
        kept = first.copy()
        far = order
        for _ in range(NET_ROUNDS):
            far = far[self.walk_from(kept, radius_ms)[far] < 0]
            _, lead = np.unique(group[far], return_index=True)
            kept[far[lead]] = True
            if not len(far):
                break
        else:
            kept[far[self.walk_from(kept, radius_ms)[far] < 0]] = True
        return kept

    def walk_from(self, kept: NDArray[np.bool_], limit_ms: int) -> IntArray:
        """Milliseconds on foot from the nearest kept candidate to each, -1 beyond the limit."""
        walk = np.full(self.n_sites, -1, np.int64)
        if kept.any():
            some = self.stops_of(np.flatnonzero(kept))
            near = nearest(self.impedance, some, self.candidates, limit_ms=limit_ms)
            walk[near.place] = near.ms
        walk[kept] = 0
        return walk

    def hubs(self, radius_ms: int = HUB_MS) -> tuple[IntArray, IntArray, IntArray]:
        """Nodes that are hubs, the hub of each candidate (-1 for none), and the walk between."""
        costs, at = self.impedance, self.candidates
        nodes, node_hub, node_ms = kernels.hubs(costs.first_arc, costs.arc_to_ms, radius_ms)
        hub, ms = kernels.nearest_hub(
            node_hub, node_ms, costs.out_open, costs.in_open, costs.network.edge_tail,
            costs.network.edge_head, costs.in_ms, at.owner, at.edge, at.out_ms, at.in_ms,
            at.n_owners, 2 * radius_ms,
        )  # fmt: skip
        return nodes, hub, ms
