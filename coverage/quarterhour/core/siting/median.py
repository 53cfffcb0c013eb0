"""The p-median: sites with the least weighted distance from every place to its nearest one."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.beginning import near_quickly
from quarterhour.core.siting.lowest_median import lowest_median
from quarterhour.core.siting.median_bound import (
    FREE,
    IN,
    OUT,
    Bound,
    bound,
    first_prices,
    settle,
)
from quarterhour.core.siting.median_branch import Grown, Tree
from quarterhour.core.siting.median_exact import exactly
from quarterhour.core.siting.median_search import Search, searching, tried
from quarterhour.core.siting.milp import FEASIBLE, NO_LIMITS, OPTIMAL, Limits
from quarterhour.core.siting.nouns import Rules, Solution
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Progress = Callable[[float, float], None]

ROUNDS, STEP, PATIENCE = 1_500, 1.0, 15
"""Steps of the first bound, which hardly moves after them."""

TRIES = 200
"""Sites tried one by one before branching."""

BUILT = 150_000
"""Pairs of which a program is made in a second."""

ROOT, TRYING, MONEY = 0.5, 0.3, 0.3
"""Shares of the seconds that are left: for the first bound, for the sites tried, under a budget."""

FEW, SOME = 40_000, 200
"""Pairs that the solver takes on, and nodes after which it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances(_Frozen):
    """Costs of pairs by place: CSR `first` (n_places + 1,), `site`, `cost` ascending in a place.

    `cost`: weight times distance of the pair. `beyond`: weight times the distance that counts for a
    place with no chosen site among its pairs, inf where such a choice is not allowed.
    """

    first: NDArray[np.int64]
    site: NDArray[np.int32]
    cost: FloatArray
    beyond: FloatArray
    n_sites: int

    @property
    def n_places(self) -> int:
        """Places."""
        return len(self.first) - 1

    def best(self, chosen: NDArray[np.int64]) -> tuple[FloatArray, NDArray[np.int64]]:
        """Cost of each place under a choice, and the site that serves it, -1 for none."""
        inside = np.zeros(self.n_sites, bool)
        inside[chosen] = True
        hit = np.flatnonzero(inside[self.site])
        place = np.searchsorted(self.first, hit, "right") - 1
        some, at = np.unique(place, return_index=True)
        cost, by = self.beyond.copy(), np.full(self.n_places, -1, np.int64)
        nearer = self.cost[hit[at]] <= cost[some]
        cost[some[nearer]] = self.cost[hit[at]][nearer]
        by[some[nearer]] = self.site[hit[at]][nearer]
        return cost, by

    def total(self, chosen: NDArray[np.int64]) -> float:
        """Cost of a choice, inf where a place is left without a site."""
        return float(self.best(chosen)[0].sum())


def distances(
    site: NDArray[np.int64],
    place: NDArray[np.int64],
    distance: FloatArray,
    weight: FloatArray,
    n_sites: int,
    *,
    beyond: float = float("inf"),
) -> Distances:
    """`Distances` of pairs in any order; equal ones in the order of the sites."""
    cost = distance * weight[place]
    order = np.lexsort((site, cost, place))
    first = np.zeros(len(weight) + 1, np.int64)
    np.cumsum(np.bincount(place, minlength=len(weight)), out=first[1:])
    with np.errstate(invalid="ignore"):
        far = np.where(weight > 0, weight * beyond, 0.0)
    return Distances(
        first=first,
        site=site[order].astype(np.int32),
        cost=cost[order],
        beyond=far,
        n_sites=n_sites,
    )


def median(
    pairs: Distances,
    rules: Rules,
    *,
    start: NDArray[np.int64] | None = None,
    few: int = FEW,
    ties: bool = True,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Solution:
    """The choice of `rules.n_sites` with the least total cost, and its bound.

    minimise sum_ij c_ij x_ij with sum_j x_ij = 1, x_ij <= y_j, sum_j y_j <= p (Hakimi 1964,
    Operations Research 12:450-459; ReVelle and Swain 1970, Geographical Analysis 2:30-42). First by
    exchanges and a Lagrangian bound, which settles most sites and pairs; the rest by branching on
    the sites, or by the solver where few pairs are left or there is a budget.

    Parameters
    ----------
    start
        A choice at hand: what is found is never worse, where the rules allow it.
    few
        Pairs up to which the solver takes on what is left after some branching.
    ties
        Whether it matters which of several choices that cost the same is returned.

    Returns
    -------
    Solution
        `objective` and `bound`: the unit of `cost`.
    """
    begin = time.monotonic()
    rules = rules.counted()
    open_ = ~rules.forbidden
    p = int(open_.sum()) if rules.n_sites is None else min(rules.n_sites, int(open_.sum()))
    search = searching(pairs, rules, open_)
    low_of = functools.partial(
        lowest_median, pairs, rules, whole=_grain(pairs) > 0, limits=limits, begin=begin
    )

    def told(found: Solution, few: tuple[Distances, Rules] | None = None) -> Solution:
        return low_of(found, few=few) if ties and found.status in {OPTIMAL, FEASIBLE} else found

    if rules.budget is not None:
        return told(_for_money(pairs, rules, search, limits, progress))
    chosen = search.greedy(p, limits=limits, begin=begin)
    known = pairs.total(chosen)
    if start is not None and rules.allow(start) and not pairs.total(start) > known:
        chosen, known = np.sort(start), pairs.total(start)
    if not rules.allow(chosen) or not np.isfinite(known):
        return told(_for_money(pairs, rules, search, limits, progress))
    bad = (search.bad_first, search.bad)
    state = started(~open_, rules.required, bad)
    tree = Tree(whole=pairs, pairs=pairs, search=search, p=p, grain=_grain(pairs), bad=bad)
    root = bound(
        pairs, state, p, known, tree.enough(known), first_prices(pairs),
        rounds=ROUNDS, step=STEP, patience=PATIENCE, limits=limits.left(begin).part(ROOT),
    )  # fmt: skip
    chosen, known = tree.better(root.taken, chosen, known)
    tree = tree.narrowed(state, root, known)
    if not limits.over(begin):
        chosen = tried(
            tree.search, pairs, chosen, root.often, tries=TRIES,
            limits=limits.left(begin).part(TRYING), begin=time.monotonic(),
        )  # fmt: skip
        known = pairs.total(chosen)
    low = min(tree.rounded(root.low), known)
    if progress is not None:
        progress(known, low)
    nodes, by_clock = 0, False
    if root.low > tree.enough(known):
        low = known
    elif limits.over(begin):
        by_clock = True
    else:
        tree = tree.narrowed(settle(state, root, known, bad), root, known)
        small = len(tree.pairs.cost) <= few
        state = settle(state, root, tree.enough(known), bad)
        rest = left(limits, begin, 0)
        grown = tree.grow(state, root, chosen, rest, progress, most=SOME if small else None)
        chosen, low, nodes, by_clock = grown
        known = pairs.total(chosen)
        if small and low < known and not by_clock and nodes == SOME:
            solved = _by_solver(tree, rules, root, grown, left(limits, begin, nodes), progress)
            return told(solved, _as_good(tree, rules, root, solved.objective))
    found = Solution(
        status=OPTIMAL if low >= known else FEASIBLE,
        chosen=np.sort(chosen),
        objective=known,
        bound=low,
        nodes=nodes,
        by_clock=by_clock,
    )
    return told(found, _as_good(tree, rules, root, known) if ties else None)


def _for_money(
    pairs: Distances, rules: Rules, search: Search, limits: Limits, progress: Progress | None
) -> Solution:
    """By the solver, with the bound of the largest number of sites that the money buys."""
    begin = time.monotonic()
    first = near_quickly(pairs, rules)
    known = pairs.total(first) if len(first) else np.inf
    low, most = 0.0, rules.most_sites()
    if np.isfinite(known) and most is not None:
        bad = (search.bad_first, search.bad)
        state = started(rules.forbidden, rules.required, bad)
        root = bound(
            pairs, state, most, known, known, first_prices(pairs),
            rounds=ROUNDS, step=STEP, patience=PATIENCE, limits=limits.left(begin).part(MONEY),
        )  # fmt: skip
        low = min(root.low * (1 - 1e-12), known)
        rest = limits.left(begin).seconds
        if rest is not None and rest < len(pairs.cost) / BUILT:  # no time to hand it to the solver
            return Solution(
                status=OPTIMAL if low >= known else FEASIBLE, chosen=first, objective=known,
                bound=low, by_clock=True,
            )  # fmt: skip
    found = exactly(pairs, rules, first, limits=limits.left(begin), progress=progress)
    if found.status != FEASIBLE:
        return found
    low = min(max(found.bound, low), found.objective)
    return replace(found, bound=low, status=OPTIMAL if low >= found.objective else FEASIBLE)


def _as_good(tree: Tree, rules: Rules, root: Bound, known: float) -> tuple[Distances, Rules]:
    """The pairs and the rules without what no choice uses that costs as little."""
    most = known + tree.margin(known)
    state = started(rules.forbidden, rules.required, tree.bad)
    state = settle(state, root, most, tree.bad)
    forbidden = (state == OUT) & ~rules.required
    required = rules.required | ((state == IN) & ~rules.forbidden)
    small = tree.narrowed(state, root, most).pairs
    return small, replace(rules, forbidden=forbidden, required=required)


def _by_solver(
    tree: Tree, rules: Rules, root: Bound, grown: Grown, limits: Limits, progress: Progress | None
) -> Solution:
    """What is left by the solver, with the sites and pairs that the choice at hand leaves."""
    known = tree.whole.total(grown.chosen)
    near, rules = _as_good(tree, rules, root, known)
    gap = max(tree.grain - tree.margin(known), 0.0) / known if known else 0.0
    found = exactly(
        near, rules, grown.chosen, gap=gap, limits=limits, progress=progress
    )  # fmt: skip
    low = found.objective if found.status == OPTIMAL else max(found.bound, grown.low)
    low = min(tree.rounded(low), found.objective)
    return replace(
        found,
        bound=low,
        status=OPTIMAL if low >= found.objective else FEASIBLE,
        nodes=found.nodes + grown.nodes,
    )


def started(
    out: NDArray[np.bool_],
    required: NDArray[np.bool_],
    bad: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.int8]:
    """States of the sites before anything is decided but what the rules say."""
    state = np.where(out, OUT, FREE).astype(np.int8)
    state[required] = IN
    for j in np.flatnonzero(required).tolist():
        state[bad[1][bad[0][j] : bad[0][j + 1]]] = OUT
    return state


def left(limits: Limits, begin: float, nodes: int) -> Limits:
    """What is left of the limits."""
    return limits.left(begin, nodes)


def _grain(pairs: Distances) -> float:
    """The largest number that all costs are multiples of, 0 where they are not whole."""
    every = np.concatenate([pairs.cost, pairs.beyond[np.isfinite(pairs.beyond)]])
    if not len(every) or every.max() > 2**50 or (every != np.rint(every)).any():
        return 0.0
    return float(np.gcd.reduce(every.astype(np.int64)))
