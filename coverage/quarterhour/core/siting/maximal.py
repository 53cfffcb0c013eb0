"""MCLP: the most people within the cutoff of a number of sites or for a budget."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import milp, search_cover
from quarterhour.core.siting.building import covered_variables, site_variables
from quarterhour.core.siting.median import Distances, median
from quarterhour.core.siting.milp import (
    FEASIBLE,
    INFEASIBLE,
    NO_LIMITS,
    NOTHING,
    OPTIMAL,
    Limits,
    Program,
)
from quarterhour.core.siting.nouns import Cover, Rules, Solution, nothing
from quarterhour.core.siting.reduce import Merged, dominated, merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]

SCALE = 1_000_000
"""People in the program are whole persons with decimals: better numbers for the solver."""


def most_covered(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    *,
    done: NDArray[np.bool_] | None = None,
    start: NDArray[np.int64] | None = None,
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

    Returns
    -------
    Solution
        `objective` and `bound`: int64 millionths of newly covered people.
    """
    small = merged(cover, weight, leave=done)
    tied = rules.bound_together()
    free = ~tied & ~rules.forbidden
    drop = dominated(small.cover, small.weight, free, cost=rules.cost)
    rules = replace(rules, forbidden=rules.forbidden | drop)
    found = search_cover.greedy(small.cover, small.weight, rules)
    if not rules.allow(found):  # required sites clash, or cost more than there is
        found = np.empty(0, np.int64)
    elif rules.budget is None:
        found = search_cover.exchange(small.cover, small.weight, found, ~rules.forbidden & ~tied)
    if start is not None and _better(small, rules, start, found):
        found = start
    known, top, tight = small.worth(found), float(small.weight.sum()), rules
    if rules.budget is None and rules.n_sites is not None and rules.allow(found):
        open_ = np.flatnonzero(~rules.forbidden)
        bound = search_cover.lagrangian(small.cover.rows(open_), small.weight, rules.n_sites, known)
        top = min(top, bound.value)
        if top - known >= 1:
            out, sure = search_cover.settled(bound, rules.n_sites, known)
            tight = _settle(rules, open_[out], open_[sure])
    if top - known < 1 and rules.allow(found):
        best = Solution(status=OPTIMAL, chosen=found, objective=known, bound=known)
    elif rules.budget is None and rules.n_sites and not tied.any():
        best = _by_median(small, rules, found, top, limits, progress)
    else:
        best = _exact(small, rules, tight, found, top, limits, progress)
    return _lowest(small, rules, best)


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
    rules: Rules,
    found: NDArray[np.int64],
    top: float,
    limits: Limits,
    progress: Progress | None,
) -> Solution:
    """The same as a p-median, whose branching on sites closes what the solver does not.

    A place costs nothing where it is covered and its weight where it is not, so that the least cost
    leaves the least weight without cover.
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
        rules,
        limits=limits,
        progress=None if progress is None else lambda a, b: progress(total - a, total - b),
    )
    chosen = found
    if len(solved.chosen) and _better(small, rules, solved.chosen, found):
        chosen = solved.chosen
    objective = small.worth(chosen)
    proven = solved.status == OPTIMAL
    low = solved.bound if np.isfinite(solved.bound) else 0.0
    bound = objective if proven else min(top, float(np.ceil(total - low * (1 - 1e-12))))
    return Solution(
        status=OPTIMAL if proven or bound <= objective else FEASIBLE,
        chosen=chosen,
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
    start = None
    if tight.allow(found):
        start = np.zeros(program.n_variables)
        start[sites[found]] = 1
        start[people[small.cover.covered(found)]] = 1
    solved = milp.solve(program, start=start, limits=limits, progress=progress)
    if solved.status == INFEASIBLE and not rules.allow(found):
        return nothing(INFEASIBLE)
    chosen = found
    if len(solved.x):
        other = np.flatnonzero(solved.x[sites] > 0.5)
        if not rules.allow(found) or small.worth(other) > small.worth(found):
            chosen = other
    if not rules.allow(chosen):
        return nothing(NOTHING)
    objective = small.worth(chosen)
    # with sites settled by the bound, no way left means that nothing is better than `found`
    proven = solved.status in {OPTIMAL, INFEASIBLE}
    bound = objective if proven else min(top, _whole(solved.bound))
    return Solution(
        status=OPTIMAL if bound <= objective else FEASIBLE,
        chosen=chosen,
        objective=objective,
        bound=max(bound, objective),
        nodes=solved.nodes,
        by_clock=solved.by_clock,
    )


def _whole(bound: float) -> float:
    """A bound of the solver in millionths, rounded to the safe side of its tolerance."""
    return float(np.ceil(bound * SCALE * (1 + 1e-9))) if np.isfinite(bound) else float("inf")


def _lowest(small: Merged, rules: Rules, best: Solution) -> Solution:
    """The same worth with lower candidates, one exchanged for one, while there are any."""
    cover = small.cover
    inside = np.zeros(cover.n_sites, bool)
    inside[best.chosen] = True
    times = np.bincount(cover.rows(best.chosen).place, minlength=cover.n_places)
    changed = True
    while changed:
        changed = False
        for old in np.flatnonzero(inside).tolist():
            row = cover.place[cover.first[old] : cover.first[old + 1]]
            times[row] -= 1
            # what each candidate would cover that nobody else does
            running = np.concatenate(
                [[0], np.cumsum(np.where(times == 0, small.weight, 0)[cover.place])]
            )
            won = running[cover.first[1 : old + 2]] - running[cover.first[: old + 1]]
            equal = (won[:old] == won[old]) & ~rules.forbidden[:old] & ~inside[:old]
            inside[old] = False
            for new in np.flatnonzero(equal).tolist():
                inside[new] = True
                if rules.allow(np.flatnonzero(inside)):
                    times[cover.place[cover.first[new] : cover.first[new + 1]]] += 1
                    changed = True
                    break
                inside[new] = False
            else:
                inside[old] = True
                times[row] += 1
    return replace(best, chosen=np.flatnonzero(inside))
