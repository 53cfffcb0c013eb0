"""Greedy cover with every point of the network as a candidate, without storing who reaches whom.

Gains are found by bounded searches, one at a time for the candidates that may still be best. What
a candidate covers lies within the cutoff, and the walk to the candidate, of a hub nearby: one
search from the hub bounds the gains of all candidates around it, so that few need their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.parallel import in_blocks
from quarterhour.core.reach import Stops, _csr, places_within, reach_nodes, stops
from quarterhour.core.siting import greedy_kernels as kernels
from quarterhour.core.siting.searches import MOST_MS, Searches
from quarterhour.model import Linkage, _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance

    Progress = Callable[[int, int], None]
    IntArray = NDArray[np.int64]

STEP_MS = 10_000
"""Steps of the bound of a hub."""

BATCH, HUB_BATCH = 128, 1024
"""Candidates searched at a time, and candidates whose hubs are searched again at a time; fixed, so
that the number of threads changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks(_Frozen):
    """Candidates in the order they were picked.

    `gain`: int64 millionths that each adds. `bound`: no choice of as many candidates as were asked
    for covers more. `searches`: from candidates and from hubs.
    """

    chosen: IntArray
    gain: IntArray
    bound: int
    searches: int

    @property
    def covered(self) -> int:
        """Millionths that all of them cover."""
        return int(self.gain.sum())


def every_vertex(impedance: Impedance) -> Stops:
    """A candidate at every vertex of the streets that places may be linked to, junctions once."""
    net = impedance.network
    edge = np.repeat(np.arange(net.n_edges, dtype=np.int32), np.diff(net.first_vertex))
    node = np.full(len(edge), -1, np.int64)
    node[net.first_vertex[:-1]] = net.edge_tail
    node[net.first_vertex[1:] - 1] = net.edge_head
    keep = impedance.linkable[edge]
    at_node = np.flatnonzero(keep & (node >= 0))
    _, first = np.unique(node[at_node], return_index=True)
    keep &= node < 0
    keep[at_node[first]] = True
    edge, offset_mm = edge[keep], net.vertex_mm[keep]
    n = len(edge)
    row = np.arange(n)
    zero = np.zeros(n, np.int64)
    at = Linkage(
        linked=np.ones(n, bool), point=row, owner=row, edge=edge, offset_mm=offset_mm,
        access_mm=zero, snap_x_m=net.vertex_lon[keep], snap_y_m=net.vertex_lat[keep],
        nearest_m=np.zeros(n), limit_m=0.0, n_owners=n,
    )  # fmt: skip
    return stops(impedance, at)


def greedy(
    impedance: Impedance,
    candidates: Stops,
    places: Stops,
    weight: IntArray,
    *,
    n_sites: int,
    limit_ms: int,
    done: NDArray[np.bool_] | None = None,
    forbidden: NDArray[np.bool_] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Picks:
    """`n_sites` candidates, each of which covers the most weight that those before it do not.

    The same as the greedy of `search_cover` on the cover of all candidates, ties to the lowest
    index; at least 1 - (1 - 1/p)^p of the optimum (Nemhauser, Wolsey and Fisher 1978, Mathematical
    Programming 14:265-294). Gains only fall, so that old ones bound new ones (Minoux 1978).

    Parameters
    ----------
    weight
        int64 millionths per owner of `places`; those `done` count nothing.
    progress
        Called with the sites picked and how many there will be.
    """
    left = weight.copy()
    if done is not None:
        left[done] = 0
    none = np.zeros(candidates.n_owners, bool)
    out = none if forbidden is None else forbidden
    field = _Field(impedance, candidates, places, left, limit_ms, out, threads)
    chosen: list[int] = []
    gain: list[int] = []
    while len(chosen) < n_sites:
        best = field.largest(1)
        if not len(best):
            break
        chosen.append(int(best[0]))
        gain.append(int(field.most[best[0]]))
        field.build(chosen[-1])
        if progress is not None:
            progress(len(chosen), n_sites)
    more = field.largest(n_sites)
    covered = sum(gain)
    bound = covered + int(field.most[more].sum())
    share = 1 - (1 - 1 / n_sites) ** n_sites if n_sites else 1.0
    if len(chosen) == n_sites:
        bound = min(bound, int(np.ceil(covered / share * (1 + 1e-12))))
    return Picks(
        chosen=np.array(chosen, np.int64),
        gain=np.array(gain, np.int64),
        bound=min(bound, int(weight.sum() if done is None else weight[~done].sum())),
        searches=field.searches,
    )


class _Field:
    """The candidates with what each may still gain at most: `most`, exact where `fresh`."""

    def __init__(
        self,
        impedance: Impedance,
        candidates: Stops,
        places: Stops,
        left: IntArray,
        limit_ms: int,
        out: NDArray[np.bool_],
        threads: int | None,
    ) -> None:
        self.of = Searches(impedance, candidates, places, limit_ms, threads=threads)
        self.left = left
        self.searches = 0
        self.edge_sum = self.of.edge_sum(left)
        self._place_hubs(out)

    def _place_hubs(self, out: NDArray[np.bool_]) -> None:
        """Hubs, the hub of each candidate (-1 for none) and its step; the first bounds."""
        at = self.of.candidates
        self.hubs, hub, ms = self.of.hubs()
        self.hub, self.step = hub, -(-ms // STEP_MS)
        self.most = np.full(at.n_owners, np.iinfo(np.int64).max)
        self.most[out | (np.bincount(at.owner, minlength=at.n_owners) == 0)] = 0
        self.fresh = np.zeros(at.n_owners, bool)
        self.hub_fresh = np.zeros(len(self.hubs), bool)
        order = np.argsort(hub, kind="stable")
        self.of_hub = order[np.searchsorted(hub[order], 0) :]
        self.first_of_hub = _csr(hub[self.of_hub], len(self.hubs))
        self._search_hubs(np.unique(hub[hub >= 0]))
        self._search(np.flatnonzero((hub < 0) & (self.most > 0)))

    def _search_hubs(self, some: IntArray) -> None:
        """Bounds of all candidates around some hubs."""
        of, costs, place = self.of, self.of.impedance, self.of.place
        parts = in_blocks(
            lambda lo, hi: kernels.profiles(
                costs.first_arc, costs.arc_to_ms, costs.arc_edge_side, costs.in_ms,
                of.place_first, place.owner, place.out_ms, place.in_ms, place.access_ms,
                self.left, self.edge_sum, self.hubs[some[lo:hi]], of.limit_ms, MOST_MS, STEP_MS,
            ),
            len(some),
            threads=of.threads,
        )  # fmt: skip
        if not parts:
            return
        self.searches += len(some)
        self.hub_fresh[some] = True
        kernels.lower(
            self.most, self.step, self.first_of_hub, self.of_hub, some, np.concatenate(parts)
        )

    def _search(self, some: IntArray) -> None:
        """True gains of some candidates."""
        if not len(some):
            return
        self.searches += len(some)
        self.most[some] = self.of.values(self.left, some=some, edge_sum=self.edge_sum)
        self.fresh[some] = True

    def largest(self, n: int) -> IntArray:
        """The `n` candidates of the largest gains above 0, largest first, then by index."""
        while n:
            true = self._first(np.flatnonzero(self.fresh & (self.most > 0)), n)
            least = 0 if len(true) < n else int(self.most[true[-1]])
            ask = np.flatnonzero(~self.fresh & (self.most >= max(least, 1)))
            if len(true) == n:  # of equal gains only a lower index comes before
                ask = ask[(self.most[ask] > least) | (ask < true[-1])]
            if not len(ask):
                return true
            ask = self._first(ask, HUB_BATCH)
            hub = self.hub[ask]
            hub = hub[hub >= 0]
            stale = np.unique(hub[~self.hub_fresh[hub]])
            if len(stale):
                self._search_hubs(stale)
            else:
                self._search(ask[:BATCH])
        return np.empty(0, np.int64)

    def _first(self, some: IntArray, n: int) -> IntArray:
        """The first `n` of some candidates in the order of what they may gain, then by index."""
        if len(some) > n > 0:
            value = self.most[some]
            some = some[value >= np.partition(value, -n)[-n]]
        return some[np.lexsort((some, -self.most[some]))][:n]

    def build(self, site: int) -> None:
        """Whatever a candidate covers counts no more."""
        of, one = self.of, self.of.stops_of(np.array([site]))
        reach = reach_nodes(of.impedance, one, limit_ms=of.limit_ms)
        within = places_within(of.impedance, one, reach, of.places, limit_ms=of.limit_ms)
        gain = int(self.left[within.place].sum())
        assert gain == self.most[site], "a gain is the weight within the cutoff"  # noqa: S101
        self.left[within.place] = 0
        self.edge_sum = self.of.edge_sum(self.left)
        self.most[site] = 0
        self.fresh[:] = False
        self.hub_fresh[:] = False
