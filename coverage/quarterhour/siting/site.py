"""Where the next facilities go: the chosen sites, what they add, and what is proven about them."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from quarterhour.assessing import analysis
from quarterhour.core.siting import search_cover
from quarterhour.core.siting.milp import INFEASIBLE, NOTHING, OPTIMAL, Limits
from quarterhour.core.siting.nouns import Cover, Rules, Solution
from quarterhour.core.siting.warm import compiled
from quarterhour.errors import InputError
from quarterhour.inputs import Facilities, Note
from quarterhour.scenarios.scenario import ServiceChange, compare
from quarterhour.siting.candidates import GENERATED, NETWORK, network_candidates, place_candidates
from quarterhour.siting.more import answer, check_more, twice_of, with_total
from quarterhour.siting.more_nouns import More
from quarterhour.siting.result import SiteResult, Step
from quarterhour.siting.rules import USABLE, costs_of, rules_of, status_of
from quarterhour.siting.solve import (
    Task,
    Towns,
    anywhere,
    clashing,
    cover_at_cutoff,
    task_narrowed,
    task_of,
)
from quarterhour.siting.why import infeasible_notes
from quarterhour.siting.words import nothing_in_reach
from quarterhour.sources.facilities.candidates import Candidates, plain_candidates, some_facilities
from quarterhour.sources.scenario.facilities import with_more
from quarterhour.study_file.site_parts import SitePart

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import SetAside

    Steps = Callable[[str, int, int], None]
    Found = Callable[[float, float], None]

PROPOSED = Note("建议选址", "proposed site")


def site(
    given: Assessment,
    candidates: Candidates | Facilities | str = NETWORK,
    *,
    towns: Towns | None = None,
    language: str = "zh",
    threads: int | None = None,
    progress: Steps | None = None,
    found: Found | None = None,
    **question: Any,  # noqa: ANN401 - keys of [site]
) -> SiteResult:
    """Where to build next, given how things are: `site(assess(...), candidates, n_sites=3)`.

    Parameters
    ----------
    given
        The service as it is, from `assess`: its roads, people, walker, cutoffs and facilities.
    candidates
        From `read_candidates`; or "network": positions along the streets; or "places": every place
        where people live.
    towns
        Town of every place of demand, for `share_each_town`.
    found
        Called with the best objective so far and the bound.
    question
        The keys of [site] in a study file: problem, n_sites, budget (万元), share, apart_m, cost,
        seconds, nodes ...

    Raises
    ------
    InputError
        The question contradicts itself, or there is nothing to choose from. What cannot be met by
        any choice is a result whose `why` is not empty.
    """
    try:
        part = SitePart(**question)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(k) for k in first["loc"])
        raise InputError(
            f"site: {key} is {first['input']!r}: {first['msg'].lower()}; see [site] of a study"
        ) from error
    if part.problem in {"targets", "close", "move"}:
        raise InputError(
            f'site: problem = "{part.problem}" is asked of a study: run_site(study) with [site]'
        )
    if len(part.service or ()) > 1 or part.aim_of_services != "sum" or part.service_weights:
        raise InputError("site: several services are asked of a study: run_site(study) with [site]")
    return site_with(
        part, given, candidates, towns=towns, language=language, threads=threads,
        progress=progress, found=found,
    )  # fmt: skip


def site_with(
    part: SitePart,
    given: Assessment,
    candidates: Candidates | Facilities | str,
    *,
    towns: Towns | None = None,
    language: str = "zh",
    threads: int | None = None,
    progress: Steps | None = None,
    found: Found | None = None,
) -> SiteResult:
    """As `site`, with the question as a study file has it."""
    part = with_total(part)
    check_more(part)
    every = candidates_for(part, given, candidates, threads=threads)
    task = task_of(
        part, given, every.at, towns=towns, narrow=True, threads=threads, progress=progress
    )
    status, aside = status_of(given.ground, every, task.reach.links, given.name)
    rules, status = rules_of(part, every, status, given.ground)
    limits = Limits(seconds=part.seconds, nodes=part.nodes)
    usable = np.flatnonzero([s == USABLE for s in status])
    lacking = (task.weight > 0) & ~task.done
    notes: list[Note] = []
    more = More()
    compiled()
    begin = time.monotonic()
    settled = (
        part.problem in {"most_people", "everyone"}
        and not lacking.any()
        and not rules.required.any()
    )
    if settled:
        solution = _all_covered(part)
        notes.append(
            Note(
                "所有居住点已在服务范围内，无须新增",
                "everybody is covered already; nothing has to be built",
            )
        )
    else:
        if progress is not None and task.ask is not None:
            progress("narrowing_the_candidates", 0, 1)
        task, rules = task_narrowed(task, rules, limits.part(0.5), found)
        if task.covers and not rules.required.any() and not _reach_some(task, usable):
            told = nothing_in_reach(given, every)
            raise InputError(told.en, zh=told.zh)
        if progress is not None:
            progress("solve", 0, 1)
        solution, more = answer(task, every, rules, limits.left(begin), found)
        if task.wide is not None:
            notes += task.wide.notes(given.walker.minutes)
    why: tuple[Note, ...] = ()
    if solution.status == INFEASIBLE:
        kinds = () if solution.why.get("need") else clashing(task, rules, limits)
        why = infeasible_notes(task, every, rules, solution, kinds, limits.part(0.5))
    elif solution.status == NOTHING:
        why = (
            Note(
                "在时间或节点限制内没有找到方案，请放宽 seconds 或 nodes",
                "nothing was found within the limits; raise seconds or nodes",
            ),
        )
    return result_of(
        part, given, every, task, status, solution, more, rules=rules, why=why,
        notes=tuple(notes), language=language, set_aside=every.at.set_aside + aside,
        threads=threads, progress=progress,
    )  # fmt: skip


def result_of(
    part: SitePart,
    given: Assessment,
    every: Candidates,
    task: Task,
    status: tuple[str, ...],
    solution: Solution,
    more: More,
    *,
    rules: Rules,
    why: tuple[Note, ...] = (),
    notes: tuple[Note, ...] = (),
    language: str = "zh",
    set_aside: tuple[SetAside, ...] = (),
    anywhere_too: bool = True,
    threads: int | None = None,
    progress: Steps | None = None,
) -> SiteResult:
    """What a solution comes to: its sites in order, and the whole assessment with them.

    `anywhere_too`: for generated candidates, look what positions between them could better.
    """
    limits = Limits(seconds=part.seconds, nodes=part.nodes)
    usable = np.flatnonzero([s == USABLE for s in status])
    within = cover_at_cutoff(task)
    order = _order(task, solution.chosen, more)
    sites = proposed(every, order, language)
    change, steps = None, tuple[Step, ...]()
    if len(order):
        if progress is not None:
            progress("proof", 0, 1)
        change = compare(given, assessed_with(given, sites, threads=threads))
        steps = _steps(change, order)
        _prove(task, solution, more, change)
    bound = None
    looked = anywhere_too and part.problem in {"most_people", "everyone"}
    if every.moved_ms is not None and looked and steps:
        if progress is not None:
            progress("anywhere", 0, 1)
        short = limits.part(0.2)  # the question itself has had its time
        bound = anywhere(task, every.at, rules, every.moved_ms, short, threads=threads)
    cost = costs_of(part, every)[order]
    built = more.built(part)
    cost = cost + np.array([built[k][1] if k in built else 0 for k in order.tolist()], np.int64)
    out = (task.weight > 0) & ~task.done & ~within.covered(usable)
    alone = _alone(within, np.where(task.done, 0, task.weight))
    if task.wide is not None:
        out, alone = out & task.wide.unreached_at, task.wide.alone
    return SiteResult(
        part=part,
        given=given,
        candidates=every,
        status=status,
        links=task.reach.links,
        solution=solution,
        steps=steps,
        sites=sites,
        change=change,
        more=more,
        costs=cost,
        unreached=int(task.weight[out].sum()),
        unreached_at=out,
        anywhere=bound,
        why=why,
        alone=alone,
        notes=notes,
        set_aside=set_aside,
        among=None if task.wide is None else task.wide.among,
    )


def candidates_for(
    part: SitePart,
    given: Assessment,
    candidates: Candidates | Facilities | str,
    *,
    threads: int | None = None,
) -> Candidates:
    """The candidates of a question: those of a file, or generated ones."""
    if isinstance(candidates, Candidates):
        return candidates
    if isinstance(candidates, Facilities):
        return plain_candidates(candidates)
    if candidates == NETWORK:
        return network_candidates(given, spacing_m=part.spacing_m, threads=threads)
    if candidates in GENERATED:
        return place_candidates(given)
    raise InputError(
        f"candidates is {candidates!r}; needed are those of read_candidates, or one of"
        f" {', '.join(GENERATED)}"
    )


def _all_covered(part: SitePart) -> Solution:
    assert part.problem in {"most_people", "everyone", "backup"}  # noqa: S101 - our mistake
    none = np.empty(0, np.int64)
    return Solution(status=OPTIMAL, chosen=none, objective=0.0, bound=0.0)


def _reach_some(task: Task, usable: NDArray[np.int64]) -> bool:
    return bool((np.diff(task.reach.cover.first)[usable] > 0).any())


def _alone(cover: Cover, weight: NDArray[np.int64]) -> NDArray[np.int64]:
    """Weight within reach of each candidate."""
    running = np.concatenate([[0], np.cumsum(weight[cover.place])])
    return np.asarray(running[cover.first[1:]] - running[cover.first[:-1]], np.int64)


def _prove(task: Task, solution: Solution, more: More, change: ServiceChange) -> None:
    """The solver's people are those of a whole assessment with its sites: asserted, not assumed."""
    gained = change.gained_by[task.given.group]
    if more.phased is not None:
        assert gained == more.phased.covered[-1], "the plan's people are those of a whole run"  # noqa: S101
    elif more.backup is not None:
        twice = twice_of(change.after.within.place, task.weight)
        assert twice == more.backup.twice, "as many are covered twice in a whole run"  # noqa: S101
    elif more.served is None and task.part.problem == "most_people":
        assert gained == int(solution.objective), "the solver's people are those of a whole run"  # noqa: S101


def _order(task: Task, chosen: NDArray[np.int64], more: More) -> NDArray[np.int64]:
    """The chosen candidates by marginal gain, year by year where there are years.

    Those that add nobody come last, the lowest first.
    """
    if more.phased is not None:
        seen, parts = task.done, [np.empty(0, np.int64)]
        for new in more.phased.built:
            parts.append(_by_gain(task, new, seen))
            seen = seen | cover_at_cutoff(task).covered(new)
        return np.concatenate(parts)
    return _by_gain(task, chosen, task.done)


def _by_gain(task: Task, chosen: NDArray[np.int64], done: NDArray[np.bool_]) -> NDArray[np.int64]:
    cover = cover_at_cutoff(task).rows(chosen)
    open_ = np.where(done, 0, task.weight)
    order = search_cover.greedy(cover, open_, Rules.plain(len(chosen), n_sites=len(chosen)))
    rest = np.setdiff1d(np.arange(len(chosen)), order)
    return np.asarray(chosen[np.concatenate([order, rest])], np.int64)


def _steps(change: ServiceChange, order: NDArray[np.int64]) -> tuple[Step, ...]:
    """What each site adds to those before it, as the whole assessment with them found it."""
    before, after = change.before, change.after
    ground = before.ground
    amounts = {g: np.where(ground.inside, a, 0) for g, a in ground.demand.amounts.items()}
    seen = before.demand.covered(before.cutoff_ms)
    within, first = after.within, len(before.facilities)
    steps = []
    for k, candidate in enumerate(order.tolist(), first):
        row = within.place[within.first[k] : within.first[k + 1]]
        steps.append(
            Step(
                candidate=candidate,
                added={g: int(a[row[~seen[row]]].sum()) for g, a in amounts.items()},
                reached=int(amounts[before.group][row].sum()),
            )
        )
        seen[row] = True
    told = {g: sum(step.added[g] for step in steps) for g in amounts}
    assert told == change.gained_by, "the sites add up to what all of them gain"  # noqa: S101
    return tuple(steps)


def proposed(every: Candidates, order: NDArray[np.int64], language: str) -> Facilities:
    """The chosen candidates as facilities in this order; those without a name get one."""
    at = some_facilities(every.at, order)
    word = PROPOSED.en if language == "en" else PROPOSED.zh
    space = " " if language == "en" else ""
    told = [name or f"{word}{space}{k}" for k, name in enumerate(at.name, 1)]
    for k, name in enumerate(told):  # two of one name are told apart by their rows
        if at.name[k] and at.name.count(at.name[k]) > 1 and at.row[k] >= 0:
            row = f" (row {at.row[k]})" if language == "en" else f"（第 {at.row[k]} 行）"
            told[k] = name + row
    return dataclasses.replace(
        at,
        name=tuple(told),
        serving=np.ones(len(order), bool),
        set_aside=(),
        changes=(),
        notes=(),
    )


def assessed_with(
    given: Assessment, sites: Facilities, *, threads: int | None = None
) -> Assessment:
    """The whole assessment again, with these sites behind the facilities that there are."""
    return analysis.assess_again(given, with_more(given.facilities, sites), threads=threads)
