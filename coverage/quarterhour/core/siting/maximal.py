"""MCLP: the most people within the cutoff of a number of sites or for a budget.

Of choices that are worth the same the lowest is returned: the fewest sites, and of these the lowest
numbers in ascending order. See `lowest_exact` for what is done where that takes too long.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.building import covered_variables, site_variables
from quarterhour.core.siting.lowest_cover import lowest_most
from quarterhour.core.siting.median import Distances, median
from quarterhour.core.siting.milp import (
    FEASIBLE,
    INFEASIBLE,
    NO_LIMITS,
    OPTIMAL,
    Limits,
    Program,
)
from quarterhour.core.siting.nouns import Cover, Rules, Solution
from quarterhour.core.siting.outcome import best_choice
from quarterhour.core.siting.reduce import Merged, dominated, merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]

SCALE = 1_000_000
"""People in the program are whole persons with decimals: better numbers for the solver."""

ROUNDS, FEW_ROUNDS, LATE_ROUNDS = 200, 10, 50
"""Exchanges at most, those between two looks at the clock, and steps of a bound after the end."""

FEW = 120_000
"""Pairs that the solver takes on: each place has one level only, so more than of a p-median."""

BOUND = 0.3
"""Share of the seconds that are left for the first bound."""


def most_covered(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    *,
    done: NDArray[np.bool_] | None = None,
    start: NDArray[np.int64] | None = None,
    ties: bool = True,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Solution:
    """The choice that covers the most weight beyond what is `done`, with its bound.

    maximise sum_i w_i x_i with x_i <= sum over the sites j that reach i of y_j, and the rules
    (Church and ReVelle 1974, Papers of the Regional Science Association 32:101-118).

    Parameters
    ----------
    cover, weight
        Places within the cutoff of each candidate, and int64 millionths of people at each.
    done
        Places that existing facilities cover; they count nothing.
    start
        A choice at hand: what is found is never worse, where the rules allow it.
    ties
        Whether it matters which of several choices that are worth the same is returned.

    Returns
    -------
    Solution
        `objective` and `bound`: int64 millionths of newly covered people.
    """
    begin = time.monotonic()
    small = merged(cover, weight, leave=done)
    rules = rules.counted()
    tied = rules.bound_together()
    free = ~tied & ~rules.forbidden
    drop = dominated(small.cover, small.weight, free, cost=rules.cost)
    given, rules = rules, replace(rules, forbidden=rules.forbidden | drop)
    found = search_cover.greedy(small.cover, small.weight, rules)
    known, top, tight = small.worth(found), float(small.weight.sum()), rules
    if progress is not None:
        progress(known / SCALE, top / SCALE)
    if not rules.allow(found):  # required sites clash, or cost more than there is
        found = np.empty(0, np.int64)
    elif rules.budget is None and not limits.over(begin):
        found = _exchanged(small, found, ~rules.forbidden & ~tied, limits, begin)
    # a site that another one makes needless is allowed all the same
    if start is not None and _better(small, given, start, found):
        found = np.sort(start)
    known = small.worth(found)
    plain = rules.budget is None and rules.n_sites is not None and given.allow(found)
    if plain and rules.n_sites is not None:
        open_ = np.flatnonzero(~rules.forbidden)
        # a few steps even where the time is over: better than everybody as the bound
        rounds = LATE_ROUNDS if limits.over(begin) else search_cover.ROUNDS
        bound = search_cover.lagrangian(
            small.cover.rows(open_), small.weight, rules.n_sites, known, rounds=rounds,
            limits=limits.left(begin).part(BOUND),
        )  # fmt: skip
        top = min(top, bound.value)
        if progress is not None:
            progress(known / SCALE, top / SCALE)
        if top - known >= 1:
            out, sure = search_cover.settled(bound, rules.n_sites, known)
            tight = _settle(rules, open_[out], open_[sure])
    rest = limits.left(begin)
    if top - known < 1 and given.allow(found):
        best = Solution(status=OPTIMAL, chosen=np.sort(found), objective=known, bound=known)
    elif limits.over(begin) and given.allow(found):
        best = Solution(
            status=FEASIBLE, chosen=np.sort(found), objective=known, bound=np.ceil(top),
            by_clock=True,
        )  # fmt: skip
    elif rules.budget is None and rules.n_sites and not tied.any():
        best = _by_median(small, given, tight, found, top, rest, progress)
    else:
        best = _exact(small, given, tight, found, top, rest, progress)
    if best.status not in {OPTIMAL, FEASIBLE} or not ties:
        return best
    return lowest_most(small, given, best, limits=limits, begin=begin)


def _exchanged(
    small: Merged, found: NDArray[np.int64], free: NDArray[np.bool_], limits: Limits, begin: float
) -> NDArray[np.int64]:
    """Exchanges while they gain; under a limit of seconds a few at a time, until it is over."""
    rounds = ROUNDS if limits.seconds is None else FEW_ROUNDS
    known = -1
    for _ in range(ROUNDS // rounds):
        if small.worth(found) == known or limits.over(begin):
            break
        known = small.worth(found)
        found = search_cover.exchange(small.cover, small.weight, found, free, rounds=rounds)
    return found


def _better(small: Merged, rules: Rules, one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Whether a choice is allowed and worth more than another, or the other is not allowed."""
    return rules.allow(one) and (not rules.allow(other) or small.worth(one) > small.worth(other))


def _settle(rules: Rules, out: NDArray[np.int64], sure: NDArray[np.int64]) -> Rules:
    forbidden, required = rules.forbidden.copy(), rules.required.copy()
    forbidden[out], required[sure] = True, True
    # a site that must be built anyhow is not left out
    return replace(rules, forbidden=forbidden & ~rules.required, required=required)


def _by_median(
    small: Merged,
    given: Rules,
    tight: Rules,
    found: NDArray[np.int64],
    top: float,
    limits: Limits,
    progress: Progress | None,
) -> Solution:
    """The same as a p-median, whose branching on sites closes what the solver does not.

    A place costs nothing where it is covered and its weight where it is not, so that the least cost
    leaves the least weight without cover. `tight`: the rules, and what the bound has settled.
    """
    by_place = small.cover.transposed()
    total = int(small.weight.sum())
    solved = median(
        Distances(
            first=by_place.first,
            site=by_place.place,
            cost=np.zeros(len(by_place.place)),
            beyond=small.weight.astype(np.float64),
            n_sites=small.cover.n_sites,
        ),
        tight,
        start=found if tight.allow(found) else None,
        few=FEW,
        ties=False,
        limits=limits,
        progress=None if progress is None else lambda a, b: progress(total - a, total - b),
    )
    chosen = found
    if len(solved.chosen) and _better(small, given, solved.chosen, found):
        chosen = solved.chosen
    objective = small.worth(chosen)
    # with sites settled by the bound, no way left means that nothing is better than `found`
    proven = solved.status in {OPTIMAL, INFEASIBLE}
    low = solved.bound if np.isfinite(solved.bound) else 0.0
    bound = objective if proven else min(top, float(np.ceil(total - low * (1 - 1e-12))))
    return Solution(
        status=OPTIMAL if proven or bound <= objective else FEASIBLE,
        chosen=np.sort(chosen),
        objective=objective,
        bound=max(bound, objective),
        nodes=solved.nodes,
        by_clock=solved.by_clock,
    )


def _exact(
    small: Merged,
    rules: Rules,
    tight: Rules,
    found: NDArray[np.int64],
    top: float,
    limits: Limits,
    progress: Progress | None,
) -> Solution:
    """The same by the solver, which looks for something better than `found` under `tight` rules.

    `tight`: the rules, and what the bound has settled. `top`: a bound that is known.
    """
    program = Program("max")
    sites = site_variables(program, tight)
    people = covered_variables(program, small.cover, sites, cost=small.weight / SCALE)
    at_hand, start = None, None
    if tight.allow(found):
        at_hand, start = np.zeros(small.cover.n_sites, bool), np.zeros(program.n_variables)
        at_hand[found] = True
        start[sites[found]] = 1
        start[people[small.cover.covered(found)]] = 1

    def worth(picked: NDArray[np.bool_]) -> int | None:
        chosen = np.flatnonzero(picked)
        return small.worth(chosen) if tight.allow(chosen) else None

    # a bound above what there is to cover says nothing
    outcome = best_choice(
        program, sites, worth, found=at_hand, start=start, top=int(np.ceil(top)),
        dear=rules.dear, limits=limits, progress=progress,
    )  # fmt: skip
    best = outcome.solution(np.flatnonzero(outcome.picked))
    if at_hand is not None or not rules.allow(found):
        return best
    # with sites settled by the bound, no way left means that nothing is better than `found`
    known = small.worth(found)
    if outcome.some and outcome.objective >= known:
        return best
    bound = known if outcome.status == INFEASIBLE else float(np.ceil(top))
    bound = max(min(bound, float(outcome.bound)), known) if outcome.some else bound
    return Solution(
        status=OPTIMAL if bound <= known else FEASIBLE,
        chosen=found,
        objective=known,
        bound=bound,
        nodes=outcome.nodes,
        by_clock=outcome.by_clock,
    )
