"""Another choice that is nearly as good: as few sites in common with the best one as possible."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.building import covered_variables, site_variables
from quarterhour.core.siting.milp import FEASIBLE, NO_LIMITS, OPTIMAL, Limits, Program
from quarterhour.core.siting.outcome import SCALE, Outcome, best_choice, kept_in_order
from quarterhour.core.siting.reduce import merged
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover, Rules, Solution
    from quarterhour.core.siting.reduce import Merged

    Progress = Callable[[float, float], None]

ONE_PERCENT = Fraction(1, 100)
"""What an alternative may cover less than the best choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative(_Frozen):
    """Another choice. `covered`: its newly covered millionths. `least`: what it must cover.

    `solution`: its objective and bound are sites in common with the best choice. `farthest`: no
    choice with as few in common covers more than this one, proven.
    """

    solution: Solution
    covered: int
    least: int
    farthest: bool


def alternative(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    best: Solution,
    *,
    done: NDArray[np.bool_] | None = None,
    loss: Fraction = ONE_PERCENT,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Alternative:
    """The choice with the fewest sites of `best` that covers nearly as much, with its bound.

    minimise sum of y_j over the sites of the best choice with sum_i w_i x_i >= (1 - loss) of what
    that one covers, and the rules; of these choices one that covers the most (best within the
    limits).

    Parameters
    ----------
    best
        An answer of `most_covered` for the same cover, weights and rules.
    loss
        Share of its people that the alternative may lack.
    """
    begin = time.monotonic()
    small = merged(cover, weight, leave=done)
    full = small.worth(best.chosen)
    least = full - int(full * loss)
    same = np.zeros(cover.n_sites, bool)
    same[best.chosen] = True

    def common(picked: NDArray[np.bool_]) -> int | None:
        chosen = np.flatnonzero(picked)
        if not rules.allow(chosen) or small.worth(chosen) < least:
            return None
        return int((picked & same).sum())

    # the best choice is one of them; greedy over the others first may be a better beginning
    found = same
    others = kept_in_order(
        search_cover.greedy(
            small.cover, small.weight, replace(rules, forbidden=rules.forbidden | same)
        ),
        cover.n_sites,
        lambda picked: 0 if rules.allow(np.flatnonzero(picked)) else None,
        rules.required,
    )
    if others is not None and common(others) is not None:
        found = others
    program = Program("min")
    sites = site_variables(program, rules, cost=same.astype(np.float64))
    people = _enough(program, small, sites, least)
    must = int((rules.required & same).sum())
    outcome = best_choice(
        program, sites, common, found=found, start=_values(program, small, sites, people, found),
        top=must, scale=1, dear=rules.dear, limits=limits.part(0.5), progress=progress,
    )  # fmt: skip
    if not outcome.some:
        nobody = np.empty(0, np.int64)
        return Alternative(
            solution=outcome.solution(nobody), covered=0, least=least, farthest=False
        )
    second = _most(small, rules, same, outcome, least, limits.left(begin), progress)
    chosen = np.flatnonzero(second.picked)
    shared = int(same[chosen].sum())
    solution = replace(
        outcome.solution(chosen),
        objective=shared,
        status=OPTIMAL if outcome.bound >= shared else FEASIBLE,
    )
    return Alternative(
        solution=solution,
        covered=small.worth(chosen),
        least=least,
        farthest=solution.status == OPTIMAL and second.status == OPTIMAL,
    )


def _enough(
    program: Program, small: Merged, sites: NDArray[np.int64], least: int, *, counts: bool = False
) -> NDArray[np.int64]:
    """Variables of the places, and the row that they are covered enough."""
    unit = small.weight / SCALE
    people = covered_variables(program, small.cover, sites, cost=unit if counts else 0.0)
    # within the tolerance of the solver: what is found is counted again
    program.rows(np.zeros(len(people), np.int64), people, unit, lower=least / SCALE, n=1)
    return people


def _values(
    program: Program,
    small: Merged,
    sites: NDArray[np.int64],
    people: NDArray[np.int64],
    picked: NDArray[np.bool_],
) -> NDArray[np.float64]:
    start = np.zeros(program.n_variables)
    start[sites[picked]] = 1
    start[people[small.cover.covered(np.flatnonzero(picked))]] = 1
    return start


def _most(
    small: Merged,
    rules: Rules,
    same: NDArray[np.bool_],
    first: Outcome,
    least: int,
    limits: Limits,
    progress: Progress | None,
) -> Outcome:
    """Of the choices with as few sites in common the one that covers the most."""
    program = Program("max")
    sites = site_variables(program, rules)
    people = _enough(program, small, sites, least, counts=True)
    shared = sites[same]
    program.rows(np.zeros(len(shared), np.int64), shared, 1.0, upper=first.objective, n=1)

    def worth(picked: NDArray[np.bool_]) -> int | None:
        chosen = np.flatnonzero(picked)
        allowed = rules.allow(chosen) and int((picked & same).sum()) <= first.objective
        return small.worth(chosen) if allowed else None

    return best_choice(
        program, sites, worth, found=first.picked,
        start=_values(program, small, sites, people, first.picked),
        dear=rules.dear, limits=limits, progress=progress,
    )  # fmt: skip
