"""What else is told beside the best choice: a curve, years, another choice, a second facility."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.alternative import Alternative, alternative
from quarterhour.core.siting.backup import Backup, backup
from quarterhour.core.siting.curve import curve
from quarterhour.core.siting.milp import FEASIBLE, OPTIMAL, Limits
from quarterhour.core.siting.phases import Phased, Year, phased
from quarterhour.core.siting.reduce import dominated, merged
from quarterhour.errors import InputError
from quarterhour.siting.more_nouns import Curve, More
from quarterhour.siting.room import served_of
from quarterhour.siting.solve import solve, times_of
from quarterhour.sources.facilities.candidates import YUAN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Rules, Solution
    from quarterhour.siting.solve import Task
    from quarterhour.siting.wide import Wide
    from quarterhour.sources.facilities.candidates import Candidates
    from quarterhour.study_file.site_parts import SitePart

    Progress = Callable[[float, float], None]

NEARBY_M = 300.0
"""Straight metres within which a generated candidate is no other site than the chosen one."""

TENTHS = 10
MOST_POINTS = 20
"""Points of a curve that a study does not name itself."""


def check_more(part: SitePart) -> None:
    """Raise `InputError` where the further questions do not fit the first one."""
    for key in ("share", "share_each_town"):
        if getattr(part, key) is not None and part.problem != "everyone":
            raise InputError(
                f'[site] {key} says how many must be covered, which goes with problem = "everyone";'
                f' found "{part.problem}"'
            )
    if part.size or part.capacity:
        if part.problem != "most_people" or part.phases or part.curve:
            raise InputError(
                '[site] size and capacity go with problem = "most_people", without curve and phases'
            )
        names = [size.name for size in part.size]
        if len(set(names)) < len(names):
            raise InputError(f"[[site.size]] names {names}: give every size its own name")
    elif part.need_share is not None:
        raise InputError("[site] need_share says how many need a place; add capacity or size")
    if part.phases:
        if part.problem != "most_people":
            raise InputError(
                f'[site] phases go with problem = "most_people"; found "{part.problem}"'
            )
        for year in part.phases:
            if not (year.isdigit() and len(year) == 4):
                raise InputError(
                    f"[site] phases names {year!r}; needed are years with their number of new"
                    ' sites, such as { "2026" = 2, "2027" = 1 }'
                )
        total = sum(part.phases.values())
        if part.n_sites is not None and part.n_sites < total:
            raise InputError(
                f"[site] phases build {total} sites and n_sites is {part.n_sites}; make them agree,"
                " or leave n_sites out"
            )
    if part.curve and part.problem != "most_people":
        raise InputError(f'[site] curve goes with problem = "most_people"; found "{part.problem}"')
    if isinstance(part.curve, list) and by_of(part) == "n_sites":
        for value in part.curve:
            if value != int(value):
                raise InputError(f"[site] curve names {value:g} sites; needed are whole numbers")


def by_of(part: SitePart) -> str:
    """What a curve goes over: the budget where there is one and no number of sites."""
    return "budget" if part.budget is not None and part.n_sites is None else "n_sites"


def curve_of(
    task: Task, rules: Rules, limits: Limits, progress: Progress | None = None
) -> Curve | None:
    """The most people by number of sites or by budget, every point proven or with its bound."""
    part = task.part
    if not part.curve:
        return None
    by = by_of(part)
    if isinstance(part.curve, list):
        values = sorted(set(part.curve))
    elif by == "budget":
        values = [(part.budget or 0.0) * k / TENTHS for k in range(1, TENTHS + 1)]
    else:
        number = part.n_sites or sum(part.phases.values())
        values = sorted({max(round(number * k / MOST_POINTS), 1) for k in range(1, 21)})
        values = [float(v) for v in values] if number > MOST_POINTS else list(_up_to(number))
    done, cover = task.done, task.reach.cover
    limits = limits.part(1 / max(len(values), 1))
    if by == "budget":
        points = curve(
            cover, task.weight, rules, budgets=[round(v * YUAN) for v in values], done=done,
            limits=limits, progress=progress,
        )  # fmt: skip
    else:
        points = curve(
            cover, task.weight, rules, n_sites=[int(v) for v in values], done=done, limits=limits,
            progress=progress,
        )  # fmt: skip
    if task.wide is not None:
        wide = task.wide
        points = [
            wide.told_at(most_at(rules, by, v), one) for v, one in zip(values, points, strict=True)
        ]
    return Curve(by=by, values=tuple(float(v) for v in values), points=tuple(points))


def most_at(rules: Rules, by: str, value: float) -> int:
    """How many sites there can be at most at a point of a curve."""
    if by == "budget":
        return replace(rules, budget=round(value * YUAN)).most_sites() or 0
    return replace(rules, n_sites=int(value)).most_sites() or 0


def _up_to(number: int) -> list[float]:
    return [float(k) for k in range(1, number + 1)]


def phased_of(
    task: Task, rules: Rules, limits: Limits, progress: Progress | None = None
) -> tuple[Phased, tuple[str, ...]]:
    """The plan by years, what is built staying; the answer is that of all years together."""
    years = tuple(sorted(task.part.phases))
    number, plan = 0, []
    for year in years:
        number += task.part.phases[year]
        plan.append(Year(n_sites=number))
    found = phased(
        task.reach.cover, task.weight, rules, plan, done=task.done, limits=limits,
        progress=progress,
    )  # fmt: skip
    return found, years


def told_by_year(wide: Wide, plan: Phased, number: list[int]) -> Phased:
    """A plan among the candidates that were kept, as what it is among all of them.

    `number`: how many sites there may be by the end of each year.
    """
    if wide.narrowed is None or plan.solution.status not in {OPTIMAL, FEASIBLE}:
        return plan
    bounds = wide.narrowed.bounds
    most = sum(int(bounds[min(k, len(bounds) - 1)]) for k in number)
    return replace(
        plan,
        solution=wide.bounded(plan.solution, most),
        free=wide.told_at(number[-1], plan.free),
    )


def alternative_of(
    task: Task,
    candidates: Candidates,
    rules: Rules,
    best: Solution,
    limits: Limits,
    progress: Progress | None = None,
) -> tuple[Alternative | None, bool | None]:
    """Another choice within one percent of the best one, or None and whether that is proven.

    Of generated candidates, which stand side by side, those nearer than `NEARBY_M` to a chosen one
    are left out: a site across the street is not another one.
    """
    if best.status not in {OPTIMAL, FEASIBLE} or not len(best.chosen):
        return None, None
    if candidates.source != "table":
        rules = replace(rules, forbidden=rules.forbidden | _nearby(task, candidates, best))
    # of two candidates beside the best choice the one that covers all of the other is enough
    chosen = np.zeros(len(rules.forbidden), bool)
    chosen[best.chosen] = True
    cover, done = task.reach.cover, task.done
    small = merged(cover, task.weight, leave=done)
    free = ~rules.bound_together() & ~rules.forbidden & ~chosen
    drop = dominated(small.cover, small.weight, free, cost=rules.cost)
    rules = replace(rules, forbidden=rules.forbidden | drop)
    found = alternative(
        cover, task.weight, rules, best, done=done, limits=limits.part(0.5), progress=progress
    )  # fmt: skip
    same = np.array_equal(np.sort(found.solution.chosen), np.sort(best.chosen))
    if same or not len(found.solution.chosen):
        return None, found.solution.status == OPTIMAL
    return found, None


def _nearby(task: Task, candidates: Candidates, best: Solution) -> NDArray[np.bool_]:
    """Candidates that are not chosen and stand near one that is."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - only for generated candidates

    at = candidates.at
    xy = np.column_stack(task.given.ground.crs.metres(at.lon, at.lat))
    away, _ = cKDTree(xy[best.chosen]).query(xy)
    near = np.asarray(away < NEARBY_M, bool)
    near[best.chosen] = False
    return near


def backup_of(
    task: Task, rules: Rules, limits: Limits, progress: Progress | None = None
) -> tuple[Backup, int]:
    """Most people covered, and of these choices the most covered twice; and those twice before."""
    times = times_of(task)
    found = backup(
        task.reach.cover, task.weight, rules, times=times, limits=limits, progress=progress
    )
    if task.wide is not None:
        found = task.wide.told_backup(found)
    return found, int(task.weight[times >= 2].sum())


def twice_of(within_place: NDArray[np.int32], weight: NDArray[np.int64]) -> int:
    """Millionths within reach of two or more, of the places of all facilities one after another."""
    times = np.bincount(within_place, minlength=len(weight))
    return int(weight[times >= 2].sum())


def with_total(part: SitePart) -> SitePart:
    """The question with the number of sites that its years build, where it names none."""
    if not part.phases or part.n_sites is not None:
        return part
    return part.model_copy(update={"n_sites": sum(part.phases.values())})


def answer(
    task: Task,
    candidates: Candidates,
    rules: Rules,
    limits: Limits,
    progress: Progress | None = None,
) -> tuple[Solution, More]:
    """The best choice, and what else the question asks for."""
    part = task.part
    if part.problem == "backup":
        found, before = backup_of(task, rules, limits, progress)
        return found.solution, More(backup=found, twice_before=before)
    if part.size or part.capacity:
        more = served_of(task, candidates, rules, limits, progress)
        assert more.served is not None  # noqa: S101 - as it was made
        return more.served.solution, more
    # the seconds are those of the whole run: what is asked first has most of them
    for_curve, for_other = (0.3 if part.curve else 0.0), 0.1
    if part.phases:
        plan, years = phased_of(task, rules, limits.part(1 - for_curve), progress)
        if task.wide is not None:
            number = np.cumsum([part.phases[year] for year in years])
            plan = told_by_year(task.wide, plan, number.tolist())
        return plan.solution, More(
            phased=plan, years=years,
            curve=curve_of(task, rules, limits.part(for_curve), progress),
        )  # fmt: skip
    if part.problem != "most_people":
        best = solve(task, rules, limits, progress)
        return best if task.wide is None else task.wide.told_fewest(best), More()
    solution = solve(task, rules, limits.part(1 - for_curve - for_other), progress)
    points = curve_of(task, rules, limits.part(for_curve), progress)
    wider = rules
    if task.wide is not None and task.wide.narrowed is not None:
        again = task.wide.listed & task.wide.usable
        wider = replace(rules, forbidden=rules.forbidden & ~again)
    other, lone = alternative_of(
        task, candidates, wider, solution, limits.part(for_other), progress
    )
    if task.wide is not None:
        solution = task.wide.told(solution)
        lone = None if lone is None else False  # one that was left out may be as good
        if other is not None:  # or differ more
            other = replace(other, farthest=False)
    return solution, More(curve=points, alternative=other, lone=lone)
