"""Backup coverage: people who keep a facility within the cutoff when the nearest one is full."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.building import site_variables
from quarterhour.core.siting.everywhere_backup import as_good, only
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import INFEASIBLE, NO_LIMITS, NOTHING, Limits, Program
from quarterhour.core.siting.nouns import Cover, Rules, Solution, nothing
from quarterhour.core.siting.outcome import SCALE, Outcome, best_choice, kept_in_order
from quarterhour.core.siting.reduce import Merged, merged
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]

MANY = 300_000
"""Pairs from which on candidates that no best first cover has are left out."""

EVERYONE, MOST, WEIGHTED = "everyone", "most", "weighted"
"""What the first cover must be: everyone who can be reached, as many as possible, or a weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup(_Frozen):
    """Sites with the people that they cover once and twice, int64 millionths, old cover included.

    `solution`: its objective and bound are the people covered twice, or the weighted sum of both
    covers. `first`: how the first cover was found, None where everyone must be covered or it is
    weighted; a second cover after a first one that is not proven is not proven either.
    """

    solution: Solution
    once: int
    twice: int
    first: Solution | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case(_Frozen):
    """Classes of places with `base`: facilities that reach them already, at most 2."""

    cover: Cover
    weight: NDArray[np.int64]
    base: NDArray[np.int64]
    rules: Rules

    def twofold(self, picked: NDArray[np.bool_]) -> tuple[int, int]:
        """Millionths covered once and twice."""
        times = self.base.copy()
        at = self.cover.rows(np.flatnonzero(picked)).place
        np.add.at(times, at, 1)
        return int(self.weight[times >= 1].sum()), int(self.weight[times >= 2].sum())


def backup(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    *,
    times: NDArray[np.int64] | None = None,
    first: str = MOST,
    weights: tuple[int, int] = (1, 1),
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Backup:
    """The choice with the most people covered twice, once the first cover is as it must be.

    maximise sum_i w_i u_i with u_i + 1 <= b_i + sum over the sites that reach i of y_j (Hogan and
    ReVelle 1986, Management Science 32:1434-1444: BACOP1 where everyone must be covered once); with
    x_i + u_i <= the same sum, u_i <= x_i for the other two (BACOP2).

    Parameters
    ----------
    times
        b_i: existing facilities within the cutoff of each place.
    first
        "everyone" (all people who can be covered must be, else infeasible), "most" (the largest
        first cover that the rules allow, then the second), "weighted" (a sum of both).
    weights
        For "weighted": whole weights of the first and the second cover, the first not smaller.

    Raises
    ------
    ValueError
        For a second weight that is larger than the first, or a negative one.
    """
    begin = time.monotonic()
    one, two = weights if first == WEIGHTED else (0, 1)
    if first == WEIGHTED and not one >= two >= 0:
        raise ValueError("the weight of the first cover is at least that of the second")
    base = np.zeros(cover.n_places, np.int64) if times is None else np.minimum(times, 2)
    least, lead = 0, None
    if first == MOST:
        lead = most_covered(
            cover,
            weight,
            rules,
            done=base >= 1,
            ties=False,
            limits=limits.part(0.5),
            progress=progress,
        )
        if lead.status in {INFEASIBLE, NOTHING}:
            return Backup(solution=nothing(lead.status), once=0, twice=0, first=lead)
        if len(cover.place) > MANY:
            kept = as_good(
                cover, weight, rules, base >= 1, int(lead.objective),
                limits=limits.left(begin).part(0.3),
            )  # fmt: skip
            rules = replace(rules, forbidden=~kept & ~rules.required | rules.forbidden)
            cover = only(cover, kept)
    small = merged(cover, weight, leave=base >= 2, apart=base)
    case = _Case(cover=small.cover, weight=small.weight, base=_of_classes(small, base), rules=rules)
    always = int(weight[base >= 2].sum()), int(weight[(base == 1) & (small.of < 0)].sum())
    if lead is not None:
        least = int(lead.objective) + int(small.weight[case.base >= 1].sum())
    elif first == EVERYONE:
        can = case.base >= 1
        can |= case.cover.covered(np.flatnonzero(~rules.forbidden))
        least = int(small.weight[can].sum())

    def worth(picked: NDArray[np.bool_]) -> int | None:
        if not rules.allow(np.flatnonzero(picked)):
            return None
        once, twice = case.twofold(picked)
        return None if once < least else one * once + two * twice

    outcome = _solve(case, worth, least, (one, two), lead, limits.left(begin), progress)
    once, twice = case.twofold(outcome.picked)
    fixed = (one + two) * always[0] + one * always[1]
    found = outcome.solution(np.flatnonzero(outcome.picked))
    if not outcome.some:
        return Backup(solution=found, once=0, twice=0, first=lead)
    return Backup(
        solution=replace(found, objective=found.objective + fixed, bound=found.bound + fixed),
        once=once + always[0] + always[1],
        twice=twice + always[0],
        first=lead,
    )


def _of_classes(small: Merged, base: NDArray[np.int64]) -> NDArray[np.int64]:
    result = np.zeros(len(small.weight), np.int64)
    used = small.of >= 0
    result[small.of[used]] = base[used]
    return result


def _solve(
    case: _Case,
    worth: Callable[[NDArray[np.bool_]], int | None],
    least: int,
    weights: tuple[int, int],
    lead: Solution | None,
    limits: Limits,
    progress: Progress | None,
) -> Outcome:
    cover, rules = case.cover, case.rules
    n = cover.n_places
    program = Program("max")
    sites = site_variables(program, rules)
    unit = case.weight / SCALE
    once = program.variables(n, cost=weights[0] * unit)
    twice = program.variables(n, cost=weights[1] * unit)
    program.rows(
        np.concatenate([cover.place, np.arange(n), np.arange(n)]),
        np.concatenate([sites[cover.site], once, twice]),
        np.concatenate([np.full(len(cover.place), -1.0), np.ones(2 * n)]),
        upper=case.base,
        n=n,
    )
    program.rows(
        np.tile(np.arange(n), 2),
        np.concatenate([twice, once]),
        np.repeat([1.0, -1.0], n),
        upper=0.0,
        n=n,
    )
    if least:
        # within the tolerance of the solver: what is found is counted again
        program.rows(np.zeros(n, np.int64), once, unit, lower=least / SCALE, n=1)
    first = np.zeros(cover.n_sites, bool)
    order = search_cover.greedy(cover, case.weight, rules)
    if lead is not None:
        first[lead.chosen] = True
        doubled = np.bincount(cover.site, weights=unit[cover.place], minlength=cover.n_sites)
        order = np.argsort(-doubled, kind="stable")
    elif rules.allow(order):
        first[order] = True
        order = np.argsort(~first, kind="stable")
    found = kept_in_order(order, cover.n_sites, worth, first)
    start = None
    if found is not None:
        times = case.base.copy()
        np.add.at(times, cover.rows(np.flatnonzero(found)).place, 1)
        start = np.zeros(program.n_variables)
        start[sites[found]] = 1
        start[once[times >= 1]] = 1
        start[twice[times >= 2]] = 1
    return best_choice(
        program, sites, worth, found=found, start=start, dear=rules.dear, limits=limits,
        top=_top(case, least, weights), width=1, progress=progress,
    )  # fmt: skip


def _top(case: _Case, least: int, weights: tuple[int, int]) -> int:
    """No choice is worth more: a site adds one cover to whoever it reaches, and no more than that.

    With the people S that the largest sites reach, one by one, and B who are covered already,
    once + twice <= B + S and twice <= once; `least` of the first covers are given away.
    """
    one, two = weights
    everybody = int(case.weight.sum())
    inside = np.zeros(case.cover.n_sites, np.int64)
    np.add.at(inside, case.cover.site, case.weight[case.cover.place])
    inside[case.rules.forbidden] = 0
    most = case.rules.most_sites()
    reached = int(np.sort(inside)[::-1][:most].sum())
    both = int(case.weight[case.base >= 1].sum()) + reached
    if one == 0:
        return two * min(everybody, both // 2, both - least)
    return min((one + two) * everybody, one * both)
