"""The p-median: sites with the least weighted distance from every place to its nearest one."""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import milp
from quarterhour.core.siting.building import site_variables
from quarterhour.core.siting.milp import (
    FEASIBLE,
    INFEASIBLE,
    NO_LIMITS,
    NOTHING,
    OPTIMAL,
    Limits,
    Program,
)
from quarterhour.core.siting.nouns import Rules, Solution, nothing
from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Progress = Callable[[float, float], None]

ROUNDS = 1_500
PATIENCE = 15


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
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Solution:
    """The choice of `rules.n_sites` with the least total cost, and its bound.

    minimise sum_ij c_ij x_ij with sum_j x_ij = 1, x_ij <= y_j, sum_j y_j <= p (Hakimi 1964,
    Operations Research 12:450-459; ReVelle and Swain 1970, Geographical Analysis 2:30-42). First by
    exchanges and a Lagrangian bound, which settles most sites and pairs; the rest by branching on
    the sites, or by the solver where there are few pairs left or a budget.

    Returns
    -------
    Solution
        `objective` and `bound`: the unit of `cost`.
    """
    begin = time.monotonic()
    open_ = ~rules.forbidden
    none = np.empty(0, np.int64)
    if rules.budget is not None or not open_.any():
        return exactly(pairs, rules, none, -np.inf, limits, progress)
    p = int(open_.sum()) if rules.n_sites is None else min(rules.n_sites, int(open_.sum()))
    search = searching(pairs, rules, open_)
    chosen = search.greedy(p)
    known = pairs.total(chosen)
    if not rules.allow(chosen) or not np.isfinite(known):
        return exactly(pairs, rules, none, -np.inf, limits, progress)
    bad = (search.bad_first, search.bad)
    state = np.where(open_, FREE, OUT).astype(np.int8)
    state[rules.required] = IN
    for j in np.flatnonzero(rules.required).tolist():
        state[bad[1][bad[0][j] : bad[0][j + 1]]] = OUT
    tree = Tree(whole=pairs, pairs=pairs, search=search, p=p, grain=grain(pairs), bad=bad)
    root = bound(
        pairs, state, p, known, tree.enough(known), first_prices(pairs),
        rounds=ROUNDS, step=STEP, patience=PATIENCE,
    )  # fmt: skip
    chosen, known = tree.better(root.taken, chosen, known)
    small = narrowed(pairs, state, root.price, tree.enough(known) - root.low)
    tree = replace(tree, pairs=small, search=searching(small, rules, state != OUT))
    chosen = tried(tree.search, pairs, chosen, root.often, tries=TRIES)
    known = pairs.total(chosen)
    if progress is not None:
        progress(known, tree.rounded(root.low))
    nodes, by_clock, low = 0, False, min(tree.rounded(root.low), known)
    if root.low <= tree.enough(known):
        state = settle(state, root, tree.enough(known), bad)
        small = narrowed(pairs, state, root.price, tree.enough(known) - root.low)
        tree = replace(tree, pairs=small, search=searching(small, rules, state != OUT))
        few = len(small.cost) <= FEW
        grown = tree.grow(state, root, chosen, limits, progress, most=SOME if few else None)
        chosen, low, nodes, by_clock = grown
        known = pairs.total(chosen)
        if few and low < known and nodes == SOME:
            left = limits.after(time.monotonic() - begin, nodes)
            rules = replace(rules, forbidden=state == OUT)
            found = exactly(small, rules, chosen, low, left, progress)
            ...
    return Solution(
        status=OPTIMAL if low >= known or root.low > tree.enough(known) else FEASIBLE,
        chosen=np.sort(chosen),
        objective=known,
        bound=low,
        nodes=nodes,
        by_clock=by_clock,
    )
