"""LSCP and its relatives: fewest (or cheapest) sites for all who can be covered, or for shares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import milp
from quarterhour.core.siting.building import covered_variables, site_variables
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
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]

SCALE = 1_000_000.0


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
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Solution:
    """The fewest sites (with `by_cost` the least yuan) that cover what is needed.

    Without `needs`, every place that has a candidate within the cutoff must be covered: minimise
    sum_j y_j with sum over the sites that reach i of y_j >= 1 (Toregas, Swain, ReVelle and Bergman
    1971, Operations Research 19:1363-1373). With needs, shares of the people suffice.

    `every`: a place without a candidate within the cutoff makes it infeasible, instead of being
    left out.

    Returns
    -------
    Solution
        `objective` and `bound`: sites or yuan. Where it is infeasible, `why["need"]` names the
        needs that all candidates together do not meet, with the most that they reach; else the
        rules clash with each other.
    """
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
    if needs is None:
        _all(program, small, sites)
    else:
        share_rows(program, small, sites, lacking(weight, before, needs), needs)
    nodes = 0
    while True:
        solved = milp.solve(program, limits=limits, progress=progress)
        nodes += solved.nodes
        if solved.status == INFEASIBLE:
            return nothing(INFEASIBLE, rules=True)
        if solved.status == NOTHING:
            return nothing(NOTHING)
        chosen = np.flatnonzero(solved.x[sites] > 0.5)
        if needs is None or not short_of(cover, weight, chosen, before, needs):
            break
        # within the tolerance of the solver, but short: whatever suffices has another site, too
        others = np.delete(sites, chosen)
        program.rows(np.zeros(len(others), np.int64), others, 1.0, lower=1.0, n=1)
    objective = len(chosen) if price is None else int(price[chosen].sum())
    bound = objective if solved.status == OPTIMAL else int(np.ceil(solved.bound - 1e-6))
    return Solution(
        status=OPTIMAL if bound >= objective else FEASIBLE,
        chosen=chosen,
        objective=objective,
        bound=min(bound, objective),
        nodes=nodes,
        by_clock=solved.by_clock,
    )


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


def _all(program: Program, small: Merged, sites: NDArray[np.int64]) -> None:
    cover = small.cover
    program.rows(cover.place, sites[cover.site], 1.0, lower=1.0, n=cover.n_places)


def share_rows(
    program: Program,
    small: Merged,
    sites: NDArray[np.int64],
    left: Sequence[int],
    needs: Sequence[Need],
) -> None:
    """x_i <= sum of the sites that reach i, and enough of the x_i for every need."""
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
