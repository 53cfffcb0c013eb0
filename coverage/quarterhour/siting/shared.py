"""Sites of several services that share one budget or one number of sites."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.milp import INFEASIBLE, NOTHING, OPTIMAL, Limits
from quarterhour.core.siting.nouns import Solution
from quarterhour.core.siting.reduce import dominated, merged
from quarterhour.core.siting.shared_budget import SHARES, Service, Shared, most_for_all
from quarterhour.errors import InputError
from quarterhour.model import _Frozen
from quarterhour.siting.more_nouns import More
from quarterhour.siting.rules import USABLE, check_amounts, rules_of, status_of
from quarterhour.siting.site import candidates_for, result_of
from quarterhour.siting.solve import task_narrowed, task_of
from quarterhour.siting.split import MOST_POINTS, split
from quarterhour.siting.words import nothing_in_reach
from quarterhour.sources.facilities.candidates import YUAN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.siting.nouns import Rules
    from quarterhour.inputs import Note, SetAside
    from quarterhour.siting.result import SiteResult
    from quarterhour.siting.solve import Task
    from quarterhour.sources.facilities.candidates import Candidates
    from quarterhour.study_file.site_parts import SitePart

    Steps = Callable[[str, int, int], None]
    Found = Callable[[float, float], None]

SUM, FAIR = "sum", "fair"
"""Aims of several services: the most people in sum, or the largest smallest share first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedResult(_Frozen):
    """One answer per service, in the order asked for.

    `solution`: of all together; its objective and bound are the weighted sum of millionths newly
    covered, or, where the aim is fair, billionths of the people of the service that is worst off.
    """

    part: SitePart
    solution: Solution
    sites: tuple[SiteResult, ...]

    @property
    def fair(self) -> bool:
        """Whether the service that is worst off comes first."""
        return self.part.aim_of_services == FAIR

    @property
    def among(self) -> int | None:
        """Candidates of all services, where what is proven holds for those only; None for all."""
        some = [one.among for one in self.sites]
        if all(k is None for k in some):
            return None
        return sum(
            one.status.count(USABLE) if k is None else k
            for one, k in zip(self.sites, some, strict=True)
        )

    @property
    def added(self) -> int:
        """Millionths newly covered, summed over services without weights."""
        return sum(one.added[one.given.group] for one in self.sites)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A service with its candidates, what may be built for it, and who that reaches."""

    given: Assessment
    every: Candidates
    task: Task
    status: tuple[str, ...]
    rules: Rules
    aside: tuple[SetAside, ...]

    @property
    def notes(self) -> tuple[Note, ...]:
        """That not all candidates were looked at."""
        wide = self.task.wide
        return () if wide is None else tuple(wide.notes(self.given.walker.minutes))

    @property
    def helps(self) -> bool:
        """Whether a usable candidate reaches somebody who is not covered."""
        size = np.diff(self.task.reach.cover.first)
        return bool((size[[s == USABLE for s in self.status]] > 0).any())

    @property
    def lacks(self) -> bool:
        """Whether anybody is not covered."""
        return bool(((self.task.weight > 0) & ~self.task.done).any())


def check_shared(part: SitePart) -> None:
    """Raise `InputError` where the question is none for several services, or only for them."""
    names = part.service or []
    several = len(names) > 1
    for key, told in (("aim_of_services", part.aim_of_services != SUM),
                      ("service_weights", bool(part.service_weights))):  # fmt: skip
        if told and not several:
            raise InputError(
                f"[site] {key} goes with several services, such as service ="
                ' ["养老", "托育"]; name them, or leave it out'
            )
    for name in part.service_weights:
        if name not in names:
            raise InputError(
                f"[site] service_weights names {name!r}, which is none of service ="
                f" {', '.join(names)}"
            )
    if not several:
        return
    if len(set(names)) < len(names):
        raise InputError(f"[site] service names one twice: {', '.join(names)}")
    other = [key for key in ("phases", "curve", "size", "capacity") if getattr(part, key)]
    if part.problem != "most_people" or other:
        what = f'problem = "{part.problem}"' if part.problem != "most_people" else other[0]
        raise InputError(
            f"[site] several services share one budget or number of sites; {what} is asked of one"
            f" service, such as service = {names[0]!r}"
        )


def shared_with(
    part: SitePart,
    given: Sequence[Assessment],
    wanted: Candidates | str,
    *,
    language: str = "zh",
    threads: int | None = None,
    progress: Steps | None = None,
    found: Found | None = None,
) -> SharedResult:
    """Sites of all services by their aim, a building for one of them.

    Raises
    ------
    InputError
        The question contradicts itself, or there is nothing to choose from.
    """
    cases = [
        _case(part, one, candidates_for(part, one, wanted, threads=threads), threads, progress)
        for one in given
    ]
    _check(part, cases)
    if progress is not None:
        progress("solve", 0, 1)
    limits = Limits(seconds=part.seconds, nodes=part.nodes)
    services = [_service(part, case) for case in cases]
    number = _number(part, cases)
    fair = part.aim_of_services == FAIR
    if not any(case.lacks for case in cases):
        shared = _all_covered(len(cases))
    elif number is not None and number * len(cases) <= MOST_POINTS:
        shared = split(services, number, fair=fair, limits=limits, progress=found)
    else:
        shared = most_for_all(
            services,
            budget=None if part.budget is None else round(part.budget * YUAN),
            n_sites=part.n_sites,
            smallest_share=fair,
            limits=limits,
            progress=found,
        )
    if shared.solution.status == INFEASIBLE:
        raise InputError(
            "[site] what is required of all services together leaves no choice: require fewer"
            " candidates, or make apart_m smaller"
        )
    if shared.solution.status == NOTHING:
        raise InputError("[site] nothing was found within the limits; raise seconds or nodes")
    whole = dataclasses.replace(
        shared.solution, bound=min(shared.solution.bound, _top(part, cases))
    )
    results = []
    for case, chosen, gained in zip(cases, shared.chosen, shared.gained, strict=True):
        solution = dataclasses.replace(
            whole, chosen=chosen, objective=float(gained), bound=float("nan")
        )
        results.append(
            result_of(
                part, case.given, case.every, case.task, case.status, solution, More(),
                rules=case.rules, notes=case.notes, language=language,
                set_aside=case.every.at.set_aside + case.aside, anywhere_too=False,
                threads=threads, progress=progress,
            )
        )  # fmt: skip
    return SharedResult(part=part, solution=whole, sites=tuple(results))


def _top(part: SitePart, cases: Sequence[_Case]) -> int:
    """What no choice exceeds, as all candidates together reach no more."""
    total, shares = 0, [SHARES]
    for case in cases:
        weight, done = case.task.weight, case.task.done
        usable = np.flatnonzero(~case.rules.forbidden)
        new = int(weight[case.task.reach.cover.covered(usable) & ~done].sum())
        total += part.service_weights.get(case.given.name, 1) * new
        people = int(weight.sum())
        if people:
            shares.append(SHARES * (int(weight[done].sum()) + new) // people)
    return min(shares) if part.aim_of_services == FAIR else total


def _case(
    part: SitePart,
    given: Assessment,
    every: Candidates,
    threads: int | None,
    progress: Steps | None,
) -> _Case:
    blank = [k for k in np.flatnonzero(every.required).tolist()
             if not every.service or not every.service[k]]  # fmt: skip
    if blank:
        names = " or ".join(part.service or ())
        raise InputError(
            f"{every.at.file}: {every.label(blank[0])} is required, and with several services it"
            f" must be known for which; fill in the column 服务 (service) with {names}"
        )
    task = task_of(part, given, every.at, narrow=True, threads=threads, progress=progress)
    status, aside = status_of(given.ground, every, task.reach.links, given.name)
    try:
        rules, status = rules_of(part, every, status, given.ground, alone=False)
    except InputError as error:
        raise InputError(f"service {given.name!r}: {error}") from error
    if progress is not None and task.ask is not None:
        progress("narrowing_the_candidates", 0, 1)
    limits = Limits(seconds=part.seconds, nodes=part.nodes)
    task, rules = task_narrowed(task, rules, limits, alone=False)
    return _Case(given=given, every=every, task=task, status=status, rules=rules, aside=aside)


def _check(part: SitePart, cases: Sequence[_Case]) -> None:
    """Raise `InputError` where what all services ask for together cannot be built."""
    every = cases[0].every
    if every.source == "table":
        _check_table(part, every, cases)
    else:
        for case in cases:
            check_amounts(part, case.every, [(case.status, case.rules)])
    lacking = [case for case in cases if case.lacks]
    if lacking and not any(case.helps for case in cases) and not every.required.any():
        raise InputError(nothing_in_reach(lacking[0].given, lacking[0].every))


def _check_table(part: SitePart, every: Candidates, cases: Sequence[_Case]) -> None:
    """Raise `InputError` where rows that all services share are required against each other."""
    file, label = every.at.file, every.label
    for k in np.flatnonzero(every.required).tolist():
        names = [case.given.name for case in cases if case.rules.required[k]]
        if len(names) > 1:
            raise InputError(
                f"{file}: {label(k)} is required for {' and '.join(names)}, and a building holds"
                " one of them; name one service in its row"
            )
    must = np.flatnonzero(np.any([case.rules.required for case in cases], axis=0))
    group = every.group[must]
    for number in np.unique(group[group >= 0]).tolist():
        both = must[group == number].tolist()
        if len(both) > 1:
            raise InputError(
                f"{file}: {label(both[0])} and {label(both[1])} are both required, and of the group"
                f" {every.group_name[number]!r} only one may be built; require only one"
            )
    some = sum(any(case.status[k] == USABLE for case in cases) for k in range(len(every)))
    if part.n_sites is not None and part.n_sites > some:
        raise InputError(
            f"[site] n_sites is {part.n_sites}, and {file} has only {some} usable"
            f" candidate{'s' if some > 1 else ''}; ask for fewer sites, or add candidates"
        )
    check_amounts(part, every, [(case.status, case.rules) for case in cases])


def _service(part: SitePart, case: _Case) -> Service:
    """The case as the core has it; a group of which one may be built is one building."""
    every, rules, building = case.every, case.rules, None
    if every.source == "table":
        building = np.where(every.group >= 0, every.group + len(every), np.arange(len(every)))
    else:  # generated ones are no buildings: of two the one that covers all of the other is enough
        small = merged(case.task.reach.cover, case.task.weight, leave=case.task.done)
        free = ~rules.bound_together() & ~rules.forbidden
        drop = dominated(small.cover, small.weight, free, cost=rules.cost)
        rules = dataclasses.replace(rules, forbidden=rules.forbidden | drop)
    return Service(
        cover=case.task.reach.cover,
        weight=case.task.weight,
        rules=dataclasses.replace(rules, n_sites=None, budget=None),
        done=case.task.done,
        factor=part.service_weights.get(case.given.name, 1),
        building=building,
    )


def _number(part: SitePart, cases: Sequence[_Case]) -> int | None:
    """How many generated sites may be built in all; None where more than their number counts."""
    if any(case.every.source == "table" for case in cases):
        return None
    number = part.n_sites
    if part.budget is not None and part.cost:  # generated ones all cost the same
        affordable = round(part.budget * YUAN) // max(round(part.cost * YUAN), 1)
        number = affordable if number is None else min(number, affordable)
    return number


def _all_covered(n: int) -> Shared:
    none = np.empty(0, np.int64)
    return Shared(
        solution=Solution(status=OPTIMAL, chosen=none, objective=0.0, bound=0.0),
        chosen=(none,) * n,
        gained=(0,) * n,
    )
