"""Several services at once: each with its own cover and rules, all paid from one budget."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.building import budget_row, covered_variables, site_variables
from quarterhour.core.siting.lowest_exact import EXCHANGED, STOPPED
from quarterhour.core.siting.milp import NO_LIMITS, OPTIMAL, Limits, Program
from quarterhour.core.siting.nouns import Cover, Rules, Solution
from quarterhour.core.siting.outcome import (
    SCALE,
    Outcome,
    best_choice,
    kept_in_order,
    lowest_equal,
)
from quarterhour.core.siting.reduce import Merged, merged
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]

SHARES = 1_000_000_000
"""The smallest share is told in billionths: finer than one person of any city."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(_Frozen):
    """One service: who its candidates reach, what may be built, and how much a person counts.

    `weight`: int64 millionths. `done`: bool per place, covered already. `factor`: whole number by
    which its people count in the sum. `building`: int64 number of the building of each candidate,
    the same numbers in all services, -1 for none: a building holds one service at most.
    """

    cover: Cover
    weight: NDArray[np.int64]
    rules: Rules
    done: NDArray[np.bool_] | None = None
    factor: int = 1
    building: NDArray[np.int64] | None = None

    @property
    def before(self) -> int:
        """Millionths covered already."""
        return 0 if self.done is None else int(self.weight[self.done].sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(_Frozen):
    """Sites of all services. `chosen`: candidates per service. `gained`: millionths per service.

    `solution`: over the candidates of all services, numbered one service after the other; its
    objective and bound are the weighted sum of millionths newly covered, or, for the smallest
    share, billionths of the people of the service that is worst off.
    """

    solution: Solution
    chosen: tuple[NDArray[np.int64], ...]
    gained: tuple[int, ...]


def most_for_all(
    services: Sequence[Service],
    *,
    budget: int | None = None,
    n_sites: int | None = None,
    smallest_share: bool = False,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Shared:
    """The sites of all services, within one budget, that cover the most people with its bound.

    maximise sum_s factor_s sum_i w_si x_si, each service under its own rules, all costs together
    within the budget, and one service at most per building. With `smallest_share` the share of the
    service that is worst off, old cover included, is as large as can be: maximise z with
    z <= (before_s + sum_i w_si x_si) / sum_i w_si for every service with people; of the choices
    with that share one that covers the most is taken (best within the limits).

    Parameters
    ----------
    budget, n_sites
        Yuan and sites for all services together, on top of what the rules of each one say.
    """
    begin = time.monotonic()
    small = [merged(one.cover, one.weight, leave=one.done) for one in services]
    case = _Case(services, small, budget=budget, n_sites=n_sites, smallest_share=smallest_share)
    part = limits.part(0.5) if smallest_share else limits
    outcome = _solve(case, None, part.left(begin), progress)
    picked, ties = outcome.picked, outcome.ties
    if smallest_share and outcome.some:  # what is left goes where it covers most
        case.least = outcome.objective
        second = _solve(case, picked, limits.left(begin), progress)
        picked, ties = second.picked, second.ties
        if outcome.status == OPTIMAL and not ties:  # the sum of the people is not proven
            ties = STOPPED if second.by_clock else EXCHANGED
    parts = case.parts(picked)
    solution = outcome.solution(np.flatnonzero(picked))
    return Shared(
        solution=replace(solution, ties=ties if solution.status == OPTIMAL else ""),
        chosen=tuple(parts),
        gained=tuple(one.worth(sites) for one, sites in zip(small, parts, strict=True)),
    )


def lowest_shared(
    services: Sequence[Service],
    found: Shared,
    *,
    n_sites: int,
    smallest_share: bool,
    proven: bool,
    limits: Limits = NO_LIMITS,
    begin: float = 0.0,
) -> Shared:
    """An answer that was found otherwise, or the lowest one that is as good if it is proven.

    `proven`: nothing covers more, of the choices with as large a smallest share where that is asked
    for. `begin`: time of the clock from which `limits` count.
    """
    small = [merged(one.cover, one.weight, leave=one.done) for one in services]
    case = _Case(services, small, budget=None, n_sites=n_sites, smallest_share=smallest_share)
    case.least = int(found.solution.objective) if smallest_share else None
    picked = np.zeros(int(case.first[-1]), bool)
    picked[found.solution.chosen] = True
    known = case.worth(picked)
    if not proven or known is None:
        ties = EXCHANGED if found.solution.status == OPTIMAL else ""
        return replace(found, solution=replace(found.solution, ties=ties))
    program, sites, _, _ = _program(case)
    low = lowest_equal(program, sites, case.worth, picked, known, limits=limits, begin=begin)
    parts = case.parts(low.picked)
    return Shared(
        solution=replace(found.solution, chosen=np.flatnonzero(low.picked), ties=low.ties),
        chosen=tuple(parts),
        gained=tuple(one.worth(chosen) for one, chosen in zip(small, parts, strict=True)),
    )


class _Case:
    """All services as one list of candidates, and what a choice among them is worth.

    `least`: the smallest share that is known to be possible; then the sum of the people counts.
    """

    def __init__(
        self,
        services: Sequence[Service],
        small: Sequence[Merged],
        *,
        budget: int | None,
        n_sites: int | None,
        smallest_share: bool,
    ) -> None:
        self.services, self.small = services, small
        self.smallest_share = smallest_share
        self.least: int | None = None
        size = [one.cover.n_sites for one in services]
        self.first = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
        self.rules = _stacked(services, self.first, budget, n_sites)
        self.total = [int(one.weight.sum()) for one in services]

    def parts(self, picked: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
        """Chosen candidates of each service."""
        return [
            np.flatnonzero(picked[a:b])
            for a, b in zip(self.first[:-1].tolist(), self.first[1:].tolist(), strict=True)
        ]

    def dear(self, picked: NDArray[np.bool_]) -> bool:
        """Whether a choice costs more than all services have, or one of them."""
        alone = zip(self.services, np.split(picked, self.first[1:-1]), strict=True)
        return self.rules.dear(picked) or any(one.rules.dear(own) for one, own in alone)

    def worth(self, picked: NDArray[np.bool_]) -> int | None:
        """The sum or the smallest share, None where a rule is broken."""
        if not self.rules.allow(np.flatnonzero(picked)):
            return None
        parts = self.parts(picked)
        every = list(zip(self.services, self.small, parts, self.total, strict=True))
        if not all(one.rules.allow(sites) for one, _, sites, _ in every):
            return None
        gained = [few.worth(sites) for _, few, sites, _ in every]
        total = sum(one.factor * new for one, new in zip(self.services, gained, strict=True))
        if not self.smallest_share:
            return total
        shares = [
            Fraction(SHARES * (one.before + new), all_)
            for one, new, all_ in zip(self.services, gained, self.total, strict=True)
            if all_
        ]
        smallest = int(min(shares, default=Fraction(SHARES)))
        if self.least is None:
            return smallest
        return total if smallest >= self.least else None


def _stacked(
    services: Sequence[Service],
    first: NDArray[np.int64],
    budget: int | None,
    n_sites: int | None,
) -> Rules:
    """Rules of all candidates together; what a service alone may build or spend comes on top."""
    groups, apart, offset = [], [np.empty((0, 2), np.int64)], 0
    for one, start in zip(services, first[:-1].tolist(), strict=True):
        own = one.rules.exclusive
        groups.append(np.where(own >= 0, own + offset, -1))
        offset += int(own.max(initial=-1)) + 1
        apart.append(one.rules.apart + start)
    n = int(first[-1])
    building = np.concatenate([
        np.full(one.cover.n_sites, -1, np.int64) if one.building is None else one.building
        for one in services
    ])  # fmt: skip
    for number in np.unique(building[building >= 0]):
        at = np.flatnonzero(building == number)
        a, b = np.triu_indices(len(at), 1)
        apart.append(np.column_stack([at[a], at[b]]))
    return Rules(
        required=np.concatenate([one.rules.required for one in services]),
        forbidden=np.concatenate([one.rules.forbidden for one in services]),
        exclusive=np.concatenate(groups),
        apart=np.concatenate(apart),
        n_sites=n_sites,
        budget=budget,
        cost=np.concatenate([_cost(one) for one in services]) if n else np.zeros(0, np.int64),
    )


def _cost(one: Service) -> NDArray[np.int64]:
    cost = one.rules.cost
    return np.zeros(one.cover.n_sites, np.int64) if cost is None else cost


def _solve(
    case: _Case,
    picked: NDArray[np.bool_] | None,
    limits: Limits,
    progress: Progress | None,
) -> Outcome:
    """The best sum or smallest share; `picked`: a choice to begin with."""
    by_share = case.smallest_share and case.least is None
    program, sites, people, share = _program(case)
    if picked is None:
        picked = kept_in_order(_greedy(case), int(case.first[-1]), case.worth, case.rules.required)
    start = None
    if picked is not None:
        start = np.zeros(program.n_variables)
        start[sites[picked]] = 1
        for few, covered, chosen in zip(case.small, people, case.parts(picked), strict=True):
            start[covered[few.cover.covered(chosen)]] = 1
        start[share] = ((case.worth(picked) or 0) if by_share else case.least or 0) / SHARES
    return best_choice(
        program, sites, case.worth, found=picked, start=start,
        scale=SHARES if by_share else SCALE, dear=case.dear, limits=limits,
        width=None if by_share else 1, progress=progress,
    )  # fmt: skip


def _program(
    case: _Case,
) -> tuple[Program, NDArray[np.int64], list[NDArray[np.int64]], NDArray[np.int64]]:
    """The program; variables of the sites, of the places of each service, and of the share."""
    program = Program("max")
    sites = site_variables(program, case.rules)
    by_share = case.smallest_share and case.least is None
    share = program.variables(1, cost=float(by_share), lower=(case.least or 0) / SHARES, upper=1.0)
    people = []
    for one, few, a in zip(case.services, case.small, case.first[:-1].tolist(), strict=True):
        of = sites[a : a + one.cover.n_sites]
        if one.rules.n_sites is not None:
            program.rows(np.zeros(len(of), np.int64), of, 1.0, upper=one.rules.n_sites, n=1)
        if one.rules.budget is not None:
            budget_row(program, of, _cost(one), one.rules.budget)
        unit = one.factor * few.weight / SCALE
        covered = covered_variables(program, few.cover, of, cost=0.0 if by_share else unit)
        people.append(covered)
        total = int(one.weight.sum())
        if case.smallest_share and total:
            program.rows(
                np.zeros(len(covered) + 1, np.int64),
                np.append(covered, share),
                np.append(-few.weight / total, 1.0),
                upper=one.before / total,
                n=1,
            )
    return program, sites, people, share


def _greedy(case: _Case) -> NDArray[np.int64]:
    """Candidates of all services by their gain, as if only the rules of all together held."""
    first = [np.zeros(1, np.int64)]
    place, weight = [], []
    pairs, places = 0, 0
    for one, few in zip(case.services, case.small, strict=True):
        first.append(few.cover.first[1:] + pairs)
        place.append(few.cover.place + places)
        pairs += len(few.cover.place)
        places += few.cover.n_places
        total = max(int(one.weight.sum()), 1)
        # shares are compared in billionths of the people of the service
        unit = SHARES / total if case.smallest_share else one.factor
        weight.append((few.weight * unit).astype(np.int64))
    every = Cover(
        first=np.concatenate(first).astype(np.int64),
        place=np.concatenate(place).astype(np.int32),
        n_places=places,
    )
    return search_cover.greedy(every, np.concatenate(weight), case.rules)
