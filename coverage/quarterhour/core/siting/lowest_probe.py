"""What the bounds settle about choices as near as a proven one: sites tried one by one.

For the p-median and whatever is one, such as the most people covered by a number of sites: where no
choice with a site costs as little, the site is left out; where none without it does, it is built.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.median_bound import FREE, IN, OUT, Bound, bound, first_prices, settle
from quarterhour.core.siting.median_branch import Tree
from quarterhour.core.siting.median_search import searching

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.median import Distances
    from quarterhour.core.siting.nouns import Rules

    FloatArray = NDArray[np.float64]
    States = NDArray[np.int8]

WORK = 100_000_000
"""Pairs that the bounds may look at, a pair at every step: some tenths of a second."""

FIRST, NEXT = (400, 1.0, 15), (40, 0.5, 6)
"""Steps of the first bound, and of those that begin with its multipliers; see `median_bound`."""

ROUNDS = 3
"""How often all sites that are left are tried."""


def probed(
    pairs: Distances, rules: Rules, chosen: NDArray[np.bool_], most: float
) -> tuple[Distances, Rules]:
    """Pairs and rules that every choice of as many sites, or fewer, for at most `most` keeps.

    `rules`: without a budget. `chosen`: such a choice.
    """
    return _Probe(pairs, rules, chosen, most).settled()


class _Probe:
    def __init__(
        self, pairs: Distances, rules: Rules, chosen: NDArray[np.bool_], most: float
    ) -> None:
        self.pairs, self.rules, self.chosen, self.most = pairs, rules, chosen, most
        self.count, self.work = int(chosen.sum()), 0
        search = searching(pairs, rules, ~rules.forbidden)
        self.bad = (search.bad_first, search.bad)
        self.tree = Tree(whole=pairs, pairs=pairs, search=search, p=self.count, grain=0.0,
                         bad=self.bad)  # fmt: skip

    def settled(self) -> tuple[Distances, Rules]:
        rules = self.rules
        state = np.where(rules.forbidden, OUT, FREE).astype(np.int8)
        for j in np.flatnonzero(rules.required).tolist():
            state = self._built(state, j)
        price, how = first_prices(self.pairs), FIRST
        for _ in range(ROUNDS):
            root = self._bound(state, price, how)
            state = settle(state, root, self.most, self.bad)
            self.pairs = self.tree.narrowed(state, root, self.most).pairs
            price, how, before = root.price, NEXT, state.copy()
            state = self._tried(state, price)
            if (state == before).all():
                break
        use = state[self.pairs.site] != OUT
        place = np.repeat(np.arange(self.pairs.n_places), np.diff(self.pairs.first))[use]
        first = np.zeros(self.pairs.n_places + 1, np.int64)
        np.cumsum(np.bincount(place, minlength=self.pairs.n_places), out=first[1:])
        small = replace(
            self.pairs, first=first, site=self.pairs.site[use], cost=self.pairs.cost[use]
        )
        return small, replace(
            rules,
            forbidden=(state == OUT) & ~rules.required,
            required=rules.required | ((state == IN) & ~rules.forbidden),
        )

    def _tried(self, state: States, price: FloatArray) -> States:
        """Every site that is left on its own."""
        for j in np.flatnonzero(state == FREE).tolist():
            if self.work > WORK:
                break
            if self.chosen[j]:  # with it there is a choice: none without it?
                other = state.copy()
                other[j] = OUT
                if self._bound(other, price, NEXT).low > self.most:
                    state = self._built(state, j)
            elif (
                state[j] == FREE and self._bound(self._built(state, j), price, NEXT).low > self.most
            ):
                state[j] = OUT
        return state

    def _built(self, state: States, site: int) -> States:
        """The states with one more site."""
        made = state.copy()
        made[site] = IN
        first, bad = self.bad
        made[bad[first[site] : first[site + 1]]] = OUT
        return made

    def _bound(self, state: States, price: FloatArray, how: tuple[int, float, int]) -> Bound:
        rounds, step, patience = how
        found = bound(
            self.pairs, state, self.count, self.most, self.most, price, rounds=rounds, step=step,
            patience=patience,
        )  # fmt: skip
        self.work += found.steps * (len(self.pairs.cost) + len(state))
        return found
