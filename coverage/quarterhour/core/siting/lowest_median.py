"""The lowest of all choices whose places are as near: the p-median's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.lowest import lowest_near
from quarterhour.core.siting.lowest_exact import ENTRIES, EXCHANGED, Equal
from quarterhour.core.siting.lowest_probe import probed
from quarterhour.core.siting.median_exact import radii_program
from quarterhour.core.siting.milp import NO_LIMITS, OPTIMAL, Limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.median import Distances
    from quarterhour.core.siting.nouns import Rules, Solution

ROUNDING = 1e-12
"""What sums of costs that are not whole may differ by, relatively, because of their order."""


def lowest_median(
    pairs: Distances,
    rules: Rules,
    solution: Solution,
    *,
    whole: bool,
    few: tuple[Distances, Rules] | None = None,
    limits: Limits = NO_LIMITS,
    begin: float = 0.0,
) -> Solution:
    """`solution`, or the lowest choice that costs as little if it is proven.

    Parameters
    ----------
    whole
        Costs are whole numbers, so that sums of them have no rounding.
    few
        Pairs and rules without what no choice as good uses.
    """
    room = 0.0 if whole else ROUNDING
    most = solution.objective * (1 + room)

    def good(picked: NDArray[np.bool_]) -> bool:
        chosen = np.flatnonzero(picked)
        return rules.allow(chosen) and pairs.total(chosen) <= most

    def low(picked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        result = np.zeros(pairs.n_sites, bool)
        result[lowest_near(pairs, rules, np.flatnonzero(picked), most)] = True
        return result

    first = np.zeros(pairs.n_sites, bool)
    first[solution.chosen] = True
    if solution.status != OPTIMAL:
        chosen = np.flatnonzero(low(first))
        # of a choice that is not proven an exchange may cost less
        cost = min(pairs.total(chosen), solution.objective)
        return replace(solution, chosen=chosen, objective=cost, bound=min(solution.bound, cost))
    for k in solution.chosen[::-1].tolist():  # without sites that nobody needs
        first[k] = False
        first[k] = not good(first)
    first = low(first)
    near, tight = (pairs, rules) if few is None else few
    if rules.budget is None:
        near, tight = probed(near, tight, first, most + max(abs(most) * 1e-12, 1e-9))
    made = radii_program(near, tight) if len(near.cost) <= ENTRIES else None
    if made is None:
        return replace(solution, chosen=np.flatnonzero(first), ties=EXCHANGED)
    found = Equal(
        program=made.program, options=made.sites, good=good, low=low, limits=limits, begin=begin,
        known=solution.objective / made.scale,
    ).lowest(first)  # fmt: skip
    return replace(solution, chosen=np.flatnonzero(found.picked), ties=found.ties)
