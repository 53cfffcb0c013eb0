"""Sites year by year: what is built stays, and what that costs against a free plan."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.building import budget_row, covered_variables, site_variables
from quarterhour.core.siting.lowest import lowest_by
from quarterhour.core.siting.lowest_exact import Low
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import FEASIBLE, NO_LIMITS, OPTIMAL, Limits, Program
from quarterhour.core.siting.nouns import Cover, Rules, Solution
from quarterhour.core.siting.outcome import SCALE, Outcome, best_choice, lowest_equal
from quarterhour.core.siting.reduce import Merged, dominated, merged
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]


LARGE = 5_000
"""Rows from which on the interior point method begins: years are alike, and the simplex method
takes several times as long for so many ties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Year(_Frozen):
    """What may stand by the end of a year, counted from the beginning of the plan.

    `n_sites`, `budget` (yuan): at most so many sites and so much money since the first year, None
    for any; money that a year leaves over is there in the next. `factor`: whole number by which
    the people of this year count.
    """

    n_sites: int | None = None
    budget: int | None = None
    factor: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Phased(_Frozen):
    """A plan by years. `built`: candidates new in each year. `covered`: millionths by each year.

    `solution`: every site of the plan; objective and bound are the sum over the years of the newly
    covered millionths times their factor. `free`: the best plan for the last year alone.
    """

    solution: Solution
    built: tuple[NDArray[np.int64], ...]
    covered: tuple[int, ...]
    free: Solution

    @property
    def price(self) -> int:
        """Millionths that the last year covers less than the best free plan that is known."""
        return int(self.free.objective) - self.covered[-1]

    @property
    def most_price(self) -> int:
        """Millionths that it covers less at most; equal to `price` where the free plan is proven.

        A plan of the same total for all years may cover more in the last one: the price is that of
        this plan.
        """
        return int(self.free.bound) - self.covered[-1]


def phased(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    years: Sequence[Year],
    *,
    done: NDArray[np.bool_] | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Phased:
    """The plan that covers most people summed over the years, what is built staying.

    maximise sum_t factor_t sum_i w_i x_it with x_it <= sum of the y_jt that reach i and
    y_jt <= y_j,t+1; each year keeps its number and its money, and the last one the other rules
    (required sites stand by the last year).

    Parameters
    ----------
    rules
        Its `n_sites` and `budget` bind every year as well.
    years
        In their order, at least one; a limit below that of an earlier year binds the earlier, too.
    limits
        Seconds for all together: the free plans of the years, which bound the sum, and the plan.

    Raises
    ------
    ValueError
        For no years, or a money limit without costs.
    """
    if not years:
        raise ValueError("a plan by years needs years")
    if rules.cost is None and any(year.budget is not None for year in years):
        raise ValueError("money needs costs")
    years = _binding(years, rules)
    small = merged(cover, weight, leave=done)
    free_sites = ~rules.bound_together() & ~rules.forbidden
    drop = dominated(small.cover, small.weight, free_sites, cost=rules.cost)
    tight = replace(rules, forbidden=rules.forbidden | drop, n_sites=None, budget=None)
    case = _Case(small=small, rules=tight, years=tuple(years))
    begin = time.monotonic()
    alone = _alone(case, limits.part(0.5))
    outcome = _solve(case, alone, limits.left(begin), progress)
    free = alone[-1]
    if not outcome.some:
        nobody = np.empty(0, np.int64)
        return Phased(
            solution=outcome.solution(nobody), built=(nobody,) * len(years),
            covered=(0,) * len(years), free=free,
        )  # fmt: skip
    low = _lowest(case, replace(rules, n_sites=None, budget=None), outcome, limits, begin)
    stands = case.by_year(low.picked)
    covered = tuple(small.worth(np.flatnonzero(row)) for row in stands)
    if free.status not in {OPTIMAL, FEASIBLE} or free.objective < covered[-1]:
        # a plan by years is a free one as well
        bound = max(free.bound, covered[-1]) if np.isfinite(free.bound) else small.weight.sum()
        free = Solution(
            status=OPTIMAL if bound <= covered[-1] else FEASIBLE,
            chosen=np.flatnonzero(stands[-1]),
            objective=covered[-1],
            bound=bound,
            by_clock=free.by_clock,
        )
    before = np.concatenate([np.zeros((1, stands.shape[1]), bool), stands[:-1]])
    return Phased(
        solution=replace(outcome.solution(np.flatnonzero(stands[-1])), ties=low.ties),
        built=tuple(np.flatnonzero(row) for row in stands & ~before),
        covered=covered,
        free=free,
    )


def _lowest(case: _Case, rules: Rules, outcome: Outcome, limits: Limits, begin: float) -> Low:
    """The lowest plan that is as good, if it is proven: the last year decides first.

    Of the sites of the last year the fewest and then the lowest numbers, then so the year before.
    `rules`: those of the last year, with the candidates that others make idle.
    """
    n, n_years = len(rules.required), len(case.years)
    whole = replace(case, rules=rules)
    if outcome.status != OPTIMAL:
        work = len(case.small.cover.place)
        return Low(lowest_by(outcome.picked, whole.worth, width=n_years, work=work,
                             over=lambda: limits.over(begin)), "")  # fmt: skip
    free = ~rules.bound_together() & ~rules.forbidden
    drop = dominated(case.small.cover, case.small.weight, free, cost=rules.cost, lower_only=True)
    tight = replace(rules, forbidden=rules.forbidden | drop)
    program, options, _ = _program(case, [tight] * n_years)
    return lowest_equal(
        program, options, whole.worth, outcome.picked, outcome.objective, width=n_years,
        blocks=[np.arange(n) * n_years + k for k in range(n_years)], limits=limits, begin=begin,
    )  # fmt: skip


def _binding(years: Sequence[Year], rules: Rules) -> list[Year]:
    """The limits that hold in truth: no year has more than a later one, as what is built stays."""
    result: list[Year] = []
    number, money = rules.n_sites, rules.budget
    for year in reversed(years):
        number = _least(number, year.n_sites)
        money = _least(money, year.budget)
        result.append(replace(year, n_sites=number, budget=money))
    return result[::-1]


def _least(one: int | None, other: int | None) -> int | None:
    return min((k for k in (one, other) if k is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case(_Frozen):
    """Options are sites by sites, for each the years backwards: the first option is (0, last)."""

    small: Merged
    rules: Rules
    years: tuple[Year, ...]

    def by_year(self, picked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Bool per year and candidate: it stands."""
        return picked.reshape(-1, len(self.years)).T[::-1]

    def flat(self, stands: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The other way round."""
        return np.ascontiguousarray(stands[::-1].T).ravel()

    def dear(self, picked: NDArray[np.bool_]) -> bool:
        """Whether a year has less money than what stands by then costs."""
        return any(
            year.budget is not None and self.rules.price(np.flatnonzero(row)) > year.budget
            for year, row in zip(self.years, self.by_year(picked), strict=True)
        )

    def worth(self, picked: NDArray[np.bool_]) -> int | None:
        """Sum over the years, None where a limit or rule is broken or something is torn down."""
        stands = self.by_year(picked)
        if (stands[:-1] & ~stands[1:]).any():
            return None
        total = 0
        for year, row in zip(self.years, stands, strict=True):
            sites = np.flatnonzero(row)
            if year.n_sites is not None and len(sites) > year.n_sites:
                return None
            if year.budget is not None and self.rules.price(sites) > year.budget:
                return None
            total += year.factor * self.small.worth(sites)
        return total if self.rules.allow(np.flatnonzero(stands[-1])) else None


def _alone(case: _Case, limits: Limits) -> list[Solution]:
    """The best free plan of each year: together they bound every plan by years."""
    begin = time.monotonic()
    found: list[Solution] = []
    for k, year in enumerate(case.years):
        last = k == len(case.years) - 1
        if (
            found
            and year.n_sites == case.years[k - 1].n_sites
            and (year.budget == case.years[k - 1].budget and not last)
        ):
            found.append(found[-1])
            continue
        rules = replace(
            case.rules, n_sites=year.n_sites, budget=year.budget,
            # required sites stand by the last year only
            required=case.rules.required if last else np.zeros(len(case.rules.required), bool),
        )  # fmt: skip
        # what a year leaves over is there for the next ones
        share = limits.left(begin).part(1 / (len(case.years) - k))
        found.append(
            most_covered(case.small.cover, case.small.weight, rules, ties=False, limits=share)
        )
    return found


def _solve(
    case: _Case, alone: list[Solution], limits: Limits, progress: Progress | None
) -> Outcome:
    begin = time.monotonic()
    found = max(
        (plan for plan in _plans(case, alone, limits) if case.worth(plan) is not None),
        key=lambda plan: case.worth(plan) or 0,
        default=None,
    )
    bounds = [_bound(case, one) for one in alone]
    top = sum(year.factor * most for year, most in zip(case.years, bounds, strict=True))
    known = None if found is None else case.worth(found)
    every = [case.rules] * len(case.years)
    if known is not None:
        for t, year in reversed(list(enumerate(case.years))):
            rest = top - year.factor * bounds[t]
            every[t] = _settled(case, t, (known - rest) / max(year.factor, 1), limits)
    program, options, people = _program(case, every)
    start = None
    if found is not None:
        start = np.zeros(program.n_variables)
        start[options[found]] = 1
        rows = case.by_year(found)[::-1]
        for k in range(len(case.years)):
            start[people[k][case.small.cover.covered(np.flatnonzero(rows[k]))]] = 1
    return best_choice(
        program, options, case.worth, found=found, start=start, top=top,
        interior=program.n_rows > LARGE, dear=case.dear, limits=limits.left(begin),
        progress=progress,
    )  # fmt: skip


def _program(
    case: _Case, every: Sequence[Rules]
) -> tuple[Program, NDArray[np.int64], list[NDArray[np.int64]]]:
    """The program under the rules of each year, its options, and the places by years backwards."""
    program = Program("max")
    cover, n = case.small.cover, case.small.cover.n_sites
    unit = case.small.weight / SCALE
    later = None
    sites, people = [], []
    for year, rules in zip(reversed(case.years), reversed(every), strict=True):
        if later is None:
            of = site_variables(program, rules)
        else:
            of = program.variables(n, upper=np.where(rules.forbidden, 0.0, 1.0), whole=True)
            program.rows(
                np.tile(np.arange(n), 2), np.concatenate([of, later]), np.repeat([1.0, -1.0], n),
                upper=0.0, n=n,
            )  # fmt: skip
        if year.n_sites is not None:
            program.rows(np.zeros(n, np.int64), of, 1.0, upper=year.n_sites, n=1)
        if year.budget is not None and case.rules.cost is not None:
            budget_row(program, of, case.rules.cost, year.budget)
        people.append(covered_variables(program, cover, of, cost=year.factor * unit))
        sites.append(of)
        later = of
    return program, np.column_stack(sites).ravel(), people


def _bound(case: _Case, one: Solution) -> int:
    """No choice covers more in a year whose free plan is this one."""
    everybody = int(case.small.weight.sum())
    return min(int(one.bound), everybody) if np.isfinite(one.bound) else everybody


def _settled(case: _Case, t: int, known: float, limits: Limits) -> Rules:
    """The rules without the candidates that no better plan has in year t.

    `known`: what this year must cover in a plan that is as good as the one at hand.
    """
    year, rules = case.years[t], case.rules
    if year.n_sites is None or year.factor <= 0:
        return rules
    at = np.flatnonzero(~rules.forbidden)
    bound = search_cover.lagrangian(
        case.small.cover.rows(at), case.small.weight, year.n_sites, int(known),
        limits=limits.part(0.05 / len(case.years)),
    )  # fmt: skip
    # half a person of slack: a plan that is as good must stay possible
    out, _ = search_cover.settled(bound, year.n_sites, int(known) - SCALE // 2)
    forbidden = rules.forbidden.copy()
    forbidden[at[out]] = True
    return replace(rules, forbidden=forbidden & ~rules.required)


def _plans(case: _Case, alone: list[Solution], limits: Limits) -> Iterator[NDArray[np.bool_]]:
    """Plans to begin with: by greedy, forwards from the first year, backwards from the last one."""
    yield _greedy(case)
    cover, weight, years = case.small.cover, case.small.weight, case.years
    n = cover.n_sites
    begin, steps = time.monotonic(), 2 * len(years)
    for backwards in (True, False):
        stands = np.zeros((len(years), n), bool)
        order = range(len(years))
        for t in reversed(order) if backwards else order:
            first = t == (len(years) - 1 if backwards else 0)
            fixed, outside = np.zeros(n, bool), case.rules.forbidden
            if not backwards and t:
                fixed = stands[t - 1]
            if backwards and not first:
                outside = outside | ~stands[t + 1]
            if t == len(years) - 1:
                fixed = fixed | case.rules.required
            rules = replace(
                case.rules, required=fixed, forbidden=outside, n_sites=years[t].n_sites,
                budget=years[t].budget,
            )  # fmt: skip
            part = limits.part(0.3).left(begin).part(1 / max(steps, 1))
            steps -= 1
            one = alone[t]
            if not first:
                one = most_covered(cover, weight, rules, ties=False, limits=part)
            stands[t, one.chosen] = True
            if not backwards:
                stands[t] |= fixed
        yield case.flat(stands)


def _greedy(case: _Case) -> NDArray[np.bool_]:
    """Each year adds what gains most to what stands already."""
    n = case.small.cover.n_sites
    stands = np.zeros((len(case.years), n), bool)
    now = np.zeros(n, bool)
    for t, year in enumerate(case.years):
        last = t == len(case.years) - 1
        rules = replace(
            case.rules, required=now | (case.rules.required if last else False),
            n_sites=year.n_sites, budget=year.budget,
        )  # fmt: skip
        now = now.copy()
        now[search_cover.greedy(case.small.cover, case.small.weight, rules)] = True
        stands[t] = now
    return case.flat(stands)
