"""The p-median by branch and bound on the sites, with the Lagrangian bound at every node."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.core.siting.median_bound import FREE, IN, OUT, Bound, bound, settle
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.siting.median import Distances
    from quarterhour.core.siting.median_search import Search
    from quarterhour.core.siting.milp import Limits

    Progress = Callable[[float, float], None]

NODE_ROUNDS, NODE_STEP, NODE_PATIENCE = 60, 0.5, 6
NEAR = 1.003
"""Cost of a relaxed answer, as a multiple of the best, from which exchanges are tried."""


class Grown(NamedTuple):
    """What the tree found: a choice, a bound of all that is left, and how it ended."""

    chosen: NDArray[np.int64]
    low: float
    nodes: int
    by_clock: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree(_Frozen):
    """A problem to branch on.

    `whole`: the pairs; `pairs`: those that a better choice may use. `grain`: number that every cost
    is a multiple of, 0 where there is none. `bad`: CSR of the sites that each site excludes.
    `wanted`: a cost that is good enough, where nothing is asked but whether there is such a choice.
    """

    whole: Distances
    pairs: Distances
    search: Search
    p: int
    grain: float
    bad: tuple[NDArray[np.int64], NDArray[np.int64]]
    wanted: float | None = None

    def enough(self, known: float) -> float:
        """A bound above this proves that nothing is better than `known`."""
        if self.wanted is not None and known > self.wanted:
            return self.wanted + self.margin(known)
        return known - max(self.grain - self.margin(known), self.margin(known))

    def margin(self, known: float) -> float:
        """What counts as nothing beside a cost: 1e-9 of it, and well below the grain.

        An answer counts as proven when nothing is cheaper by more than this.
        """
        usual = max(abs(known) * 1e-9, 1e-9)
        if not self.grain:
            return usual
        # below 1e-13 of a cost there is nothing but the rounding of the sums
        return max(min(usual, self.grain / 4), abs(known) * 1e-13)

    def narrowed(self, state: NDArray[np.int8], root: Bound, most: float) -> Tree:
        """Only the sites and pairs that a choice may use which costs at most `most`.

        A place served at a cost above its multiplier raises the bound by the difference.
        """
        of = self.whole
        limit = root.price + max(most - root.low, 0.0) + self.margin(most)
        place = np.repeat(np.arange(of.n_places), np.diff(of.first))
        use = (state[of.site] != OUT) & (of.cost <= np.minimum(limit, of.beyond)[place])
        first = np.zeros(of.n_places + 1, np.int64)
        np.cumsum(np.bincount(place[use], minlength=of.n_places), out=first[1:])
        small = replace(
            of,
            first=first,
            site=of.site[use],
            cost=of.cost[use],
            beyond=np.where(of.beyond <= limit, of.beyond, np.inf),
        )
        return replace(self, pairs=small, search=self.search.within(small, state != OUT))

    def grow(
        self,
        state: NDArray[np.int8],
        root: Bound,
        chosen: NDArray[np.int64],
        limits: Limits,
        progress: Progress | None,
        *,
        most: int | None = None,
    ) -> Grown:
        """Branch on the site that the bound is least sure of, always at the lowest bound.

        `most`: nodes after which another way shall be tried.
        """
        begin = time.monotonic()
        known = self.whole.total(chosen)
        heap = [(root.low, 0, state, root.price, root.often)]
        number, nodes, by_clock = 1, 0, False
        while heap and heap[0][0] <= self.enough(known):
            if limits.seconds is not None and time.monotonic() - begin > limits.seconds:
                by_clock = True
                break
            if nodes in {limits.nodes, most}:
                break
            low, _, state, price, often = heapq.heappop(heap)
            nodes += 1
            if progress is not None and nodes % 20 == 1:
                progress(known, low)
            free = np.flatnonzero(state == FREE)
            if not len(free):
                chosen, known = self.better(state == IN, chosen, known)
                continue
            site = int(free[np.argmin(np.abs(often[free] - 0.5))])
            for branch in (IN, OUT):
                child = self._child(state, site, branch)
                found = bound(
                    self.pairs, child, self.p, known, self.enough(known), price,
                    rounds=NODE_ROUNDS, step=NODE_STEP, patience=NODE_PATIENCE,
                )  # fmt: skip
                if found.cost <= known * NEAR:
                    chosen, known = self.better(found.taken, chosen, known)
                if found.low > self.enough(known):
                    continue
                child = settle(child, found, self.enough(known), self.bad)
                built = child == IN
                if built.sum() >= self.p or not (child == FREE).any():
                    chosen, known = self.better(built, chosen, known)
                    continue
                value = (max(low, found.low), number, child, found.price, found.often)
                heapq.heappush(heap, value)
                number += 1
        if not heap or heap[0][0] > self.enough(known):  # nothing is left that is better
            low = known if self.wanted is None or not heap else heap[0][0]
            return Grown(chosen, low, nodes, by_clock=False)
        return Grown(chosen, min(self.rounded(heap[0][0]), known), nodes, by_clock)

    def rounded(self, low: float) -> float:
        """A bound raised to the next cost that there can be."""
        if not self.grain:
            return low
        return float(np.ceil(low / self.grain - 1e-6)) * self.grain

    def _child(self, state: NDArray[np.int8], site: int, branch: int) -> NDArray[np.int8]:
        child = state.copy()
        child[site] = branch
        if branch == IN:
            first, bad = self.bad
            child[bad[first[site] : first[site + 1]]] = OUT
        return child

    def better(
        self, taken: NDArray[np.bool_], chosen: NDArray[np.int64], known: float
    ) -> tuple[NDArray[np.int64], float]:
        """The better one of what is known and of a relaxed answer after exchanges."""
        other = np.flatnonzero(taken | self.search.required)
        first, bad = self.bad
        inside = np.zeros(len(taken), bool)
        inside[other] = True
        if any(inside[bad[first[j] : first[j + 1]]].any() for j in other.tolist()):
            return chosen, known
        if len(other) > self.p:
            return chosen, known
        other = self.search.exchanged(other)
        total = self.whole.total(other)
        return (other, total) if total < known else (chosen, known)
