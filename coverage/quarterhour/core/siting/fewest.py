"""LSCP and its relatives: fewest (or cheapest) sites for all who can be covered, or for shares.

Of choices as good as each other the lowest is returned: the fewest sites, and of these the lowest
numbers in ascending order. See `lowest_exact` for what is done where that takes too long.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.beginning import enough_quickly
from quarterhour.core.siting.building import covered_variables, site_variables
from quarterhour.core.siting.fewest_search import (
    MANY,
    fewer_by_search,
    needed,
    numbered_places,
)
from quarterhour.core.siting.lowest_cover import lowest_enough
from quarterhour.core.siting.milp import INFEASIBLE, NO_LIMITS, OPTIMAL, Limits, Program
from quarterhour.core.siting.nouns import Cover, Rules, Solution, nothing
from quarterhour.core.siting.outcome import best_choice
from quarterhour.core.siting.reduce import Merged, dominated, merged
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]

SCALE = 1_000_000.0

SEARCH = 0.6
"""Of the seconds, for the search by weights where there are many pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(_Frozen):
    """At least `amount` (int64 millionths) must be covered among the places `of` (bool).

    `done` places count as well: the amount is of all cover, old and new. `name`: for messages.
    """

    of: NDArray[np.bool_]
    amount: int
    name: str = ""


def fewest_sites(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    *,
    done: NDArray[np.bool_] | None = None,
    needs: Sequence[Need] | None = None,
    every: bool = False,
    by_cost: bool = False,
    at_least: int = 0,
    ties: bool = True,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Solution:
    """The fewest sites (with `by_cost` the least yuan) that cover what is needed.

    Without `needs`, every place that has a candidate within the cutoff must be covered: minimise
    sum_j y_j with sum over the sites that reach i of y_j >= 1 (Toregas, Swain, ReVelle and Bergman
    1971, Operations Research 19:1363-1373). With needs, shares of the people suffice.

    `every`: a place without a candidate within the cutoff makes it infeasible, instead of being
    left out. `at_least`: a bound known beforehand. `ties`: whether it matters which of several
    choices as good is returned.

    Returns
    -------
    Solution
        `objective` and `bound`: sites or yuan. Where it is infeasible, `why["need"]` names the
        needs that all candidates together do not meet, with the most that they reach; else the
        rules clash with each other.
    """
    begin = time.monotonic()
    before = np.zeros(cover.n_places, bool) if done is None else done
    if every and not (cover.covered(np.flatnonzero(~rules.forbidden)) | before).all():
        return nothing(INFEASIBLE, unreached=True)
    short = short_of(cover, weight, np.flatnonzero(~rules.forbidden), before, needs or ())
    if short:
        return nothing(INFEASIBLE, need=short)
    part = np.full(cover.n_places, 0, np.int64) if needs is None else parts_of(cover, needs)
    counts = weight if needs is not None else np.ones(cover.n_places, np.int64)
    # a place that only forbidden candidates reach cannot be covered
    lost = ~cover.covered(np.flatnonzero(~rules.forbidden))
    small = merged(cover, counts, leave=before | lost, apart=part)
    price = rules.cost if by_cost else None
    if by_cost and price is None:
        raise ValueError("the cheapest choice needs costs")
    free = ~rules.bound_together() & ~rules.forbidden
    # where there is a budget as well, the cheaper of two equal sites must stay
    drop = dominated(small.cover, small.weight, free, cost=rules.cost)
    tight = replace(rules, forbidden=rules.forbidden | drop)
    program = Program("min")
    unit = np.ones(cover.n_sites) if price is None else price.astype(np.float64)
    sites = site_variables(program, tight, cost=unit)
    large = len(small.cover.place) > MANY
    asked = needed(small.cover, rules) if large and needs is None else np.arange(len(small.weight))
    if needs is None:
        _all(program, small, sites, asked)
    else:
        share_rows(program, small, sites, lacking(weight, before, needs), needs)
    everything = int(small.weight.sum())

    def worth(picked: NDArray[np.bool_]) -> int | None:
        chosen = np.flatnonzero(picked)
        if not rules.allow(chosen):
            return None
        if needs is None and small.worth(chosen) < everything:
            return None
        if needs is not None and short_of(cover, weight, chosen, before, needs):
            return None
        return len(chosen) if price is None else int(price[chosen].sum())

    # places that count for nothing that is still lacking do not draw the first choice
    counted = small.weight * _counts(small, needs, lacking(weight, before, needs or ()))
    found = enough_quickly(small.cover, counted, tight, worth, by_cost=by_cost)
    must = np.flatnonzero(rules.required)
    lack = lacking(weight, before, needs or ())
    top = int(price[must].sum()) if price is not None else max(
        len(must), at_least, _least(small, tight, everything, needs, lack)
    )  # fmt: skip
    if found is not None and large and needs is None and price is None:
        found = fewer_by_search(
            small.cover, tight, found, asked, least=top, limits=limits.left(begin).part(SEARCH)
        )
    start = None
    if found is not None:
        start = np.zeros(program.n_variables)
        start[sites[found]] = 1
        if needs is not None:
            start[len(sites) :][small.cover.covered(np.flatnonzero(found))] = 1
    outcome = best_choice(
        program, sites, worth, found=found, start=start, scale=1, dear=rules.dear,
        top=top, limits=limits.left(begin), progress=progress,
    )  # fmt: skip
    if outcome.status == INFEASIBLE:
        return nothing(INFEASIBLE, rules=True)
    solution = outcome.solution(np.flatnonzero(outcome.picked))
    # of many pairs a choice that is not proven is not worth the exchanges for a lower one
    if not outcome.some or not ties or (large and solution.status != OPTIMAL):
        return solution
    if needs is None:
        amounts = [(small.weight, everything)]
    else:
        of = [_counts(small, [need], [1]) for need in needs]
        amounts = [(small.weight * k, least) for k, least in zip(of, lack, strict=True)]
    known = int(solution.objective)

    def good(chosen: NDArray[np.int64]) -> bool:
        value = worth(np.isin(np.arange(cover.n_sites), chosen))
        return value is not None and value <= known

    def rows(program: Program, sites: NDArray[np.int64]) -> None:
        if needs is None:
            _all(program, small, sites, asked)
        else:
            share_rows(program, small, sites, lack, needs)

    solution = lowest_enough(
        small.cover, rules, solution, good, amounts, rows, counts=small.weight, price=price,
        known=known, limits=limits, begin=begin,
    )  # fmt: skip
    chosen = solution.chosen
    objective = len(chosen) if price is None else int(price[chosen].sum())
    return replace(solution, objective=objective, bound=min(solution.bound, objective))


def _least(
    small: Merged,
    rules: Rules,
    everything: int,
    needs: Sequence[Need] | None,
    lack: Sequence[int],
) -> int:
    """Fewer sites reach less than is needed, even if no two of them reach the same people."""
    asked = [(small.weight, everything)]
    if needs is not None:
        asked = [(small.weight * _counts(small, [need], [1]), k)
                 for need, k in zip(needs, lack, strict=True)]  # fmt: skip
    cover, most = small.cover, 0
    for weight, amount in asked:
        running = np.concatenate([[0], np.cumsum(weight[cover.place])])
        size = (running[cover.first[1:]] - running[cover.first[:-1]])[~rules.forbidden]
        total = np.cumsum(np.sort(size)[::-1])
        if amount > 0 and len(total) and total[-1] >= amount:
            most = max(most, int(np.searchsorted(total, amount)) + 1)
    return most


def _counts(small: Merged, needs: Sequence[Need] | None, lack: Sequence[int]) -> NDArray[np.int64]:
    """1 for each class of places that counts for a need which still lacks something, else 0."""
    if needs is None:
        return np.ones(len(small.weight), np.int64)
    result = np.zeros(len(small.weight), np.int64)
    used = small.of >= 0
    for need, left in zip(needs, lack, strict=True):
        if left:
            result[small.of[used & need.of]] = 1
    return result


def short_of(
    cover: Cover,
    weight: NDArray[np.int64],
    chosen: NDArray[np.int64],
    done: NDArray[np.bool_],
    needs: Sequence[Need],
) -> list[tuple[str, int, int]]:
    """Needs (name, amount, reached) that a choice does not meet, exactly."""
    covered = cover.covered(chosen) | done
    reach = [(need, int(weight[need.of & covered].sum())) for need in needs]
    return [(need.name, need.amount, can) for need, can in reach if can < need.amount]


def parts_of(cover: Cover, needs: Sequence[Need]) -> NDArray[np.int64]:
    """A number per place that tells apart which needs it counts for."""
    every = np.column_stack([need.of for need in needs]) if needs else np.zeros((cover.n_places, 0))
    _, part = np.unique(every, axis=0, return_inverse=True)
    return part.reshape(-1).astype(np.int64)


def lacking(weight: NDArray[np.int64], done: NDArray[np.bool_], needs: Sequence[Need]) -> list[int]:
    """What each need still lacks."""
    return [max(need.amount - int(weight[need.of & done].sum()), 0) for need in needs]


def _all(
    program: Program, small: Merged, sites: NDArray[np.int64], asked: NDArray[np.int64]
) -> None:
    cover = numbered_places(small.cover, asked)
    program.rows(cover.place, sites[cover.site], 1.0, lower=1.0, n=cover.n_places)


def share_rows(
    program: Program,
    small: Merged,
    sites: NDArray[np.int64],
    left: Sequence[int],
    needs: Sequence[Need],
) -> NDArray[np.int64]:
    """The variables x_i <= sum of the sites that reach i, enough of them for every need."""
    people = covered_variables(program, small.cover, sites)
    lead = np.full(small.cover.n_places, -1, np.int64)
    used = np.flatnonzero(small.of >= 0)
    lead[small.of[used][::-1]] = used[::-1]
    for need, lack in zip(needs, left, strict=True):
        if lack:
            of = np.flatnonzero(need.of[lead])
            program.rows(
                np.zeros(len(of), np.int64),
                people[of],
                small.weight[of] / SCALE,
                lower=lack / SCALE,
                n=1,
            )
    return people
