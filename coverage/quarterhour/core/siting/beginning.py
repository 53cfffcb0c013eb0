"""Choices to begin with: quick, allowed, and enough, so that a stopped search has an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.siting.median import Distances
    from quarterhour.core.siting.nouns import Cover, Rules

    Worth = Callable[[NDArray[np.bool_]], int | None]

MANY = 3_000
"""Candidates that cover nothing new are tried one by one up to this number of them."""


def enough_quickly(
    cover: Cover, weight: NDArray[np.int64], rules: Rules, worth: Worth, *, by_cost: bool = False
) -> NDArray[np.bool_] | None:
    """Bool per candidate: the first of the greedy order that are enough, less those not needed.

    `worth`: None for what is not allowed or not enough. None where the greedy order is not enough.
    """
    n = cover.n_sites
    priced = rules
    if by_cost and rules.budget is None and rules.cost is not None:
        priced = replace(rules, budget=int(rules.cost.sum()))
    order = search_cover.greedy(cover, weight, priced)
    built = np.zeros(n, bool)
    built[order] = True
    if not rules.allow(order):
        return None
    if worth(built) is None and n <= MANY:
        for k in np.flatnonzero(~built & ~rules.forbidden).tolist():
            built[k] = True
            built[k] = rules.allow(np.flatnonzero(built))
            if built[k]:
                order = np.append(order, k)
    if worth(built) is None:
        return None
    low, high = int(rules.required.sum()), len(order)
    while low < high:
        middle = (low + high) // 2
        built[:] = False
        built[order[:middle]] = True
        low, high = (middle + 1, high) if worth(built) is None else (low, middle)
    built[:] = False
    built[order[:low]] = True
    for k in order[:low][::-1].tolist():
        built[k] = False
        built[k] = worth(built) is None
    return built


def near_quickly(pairs: Distances, rules: Rules) -> NDArray[np.int64]:
    """Sites by what they save per yuan, places without a site first; empty where that fails."""
    none = np.empty(0, np.int64)
    chosen = np.flatnonzero(rules.required)
    if not rules.allow(chosen):
        return none
    place = np.repeat(np.arange(pairs.n_places), np.diff(pairs.first))
    far = 2 * float(pairs.cost.sum()) + 1.0  # a place without a site outweighs all others
    now = np.minimum(pairs.best(chosen)[0], far)
    unit = np.ones(pairs.n_sites) if rules.cost is None else np.maximum(rules.cost, 1)
    free = ~rules.forbidden & ~rules.required
    while True:
        saved = np.maximum(now[place] - pairs.cost, 0.0)
        gain = np.bincount(pairs.site, weights=saved, minlength=pairs.n_sites) / unit
        gain[~free] = 0.0
        best = int(np.argmax(gain)) if len(gain) else 0
        if not len(gain) or gain[best] <= 0:
            break
        free[best] = False
        if rules.allow(np.append(chosen, best)):
            chosen = np.append(chosen, best)
            now = np.minimum(pairs.best(chosen)[0], far)
    return np.sort(chosen) if np.isfinite(pairs.total(chosen)) else none
