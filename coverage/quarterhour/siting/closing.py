"""Existing facilities that can close, or move, at least loss: named, proven and run as a whole."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.assessing import analysis
from quarterhour.core.siting.closing import best_moves, fewest_lost, unique_people
from quarterhour.core.siting.milp import INFEASIBLE, NOTHING, Limits
from quarterhour.core.siting.nouns import Cover, Solution
from quarterhour.core.siting.reduce import dominated, merged
from quarterhour.errors import InputError
from quarterhour.inputs import Facilities, Note
from quarterhour.model import _Frozen
from quarterhour.scenarios.scenario import ServiceChange, compare
from quarterhour.siting.rules import costs_of, rules_of, status_of
from quarterhour.siting.solve import task_narrowed, task_of
from quarterhour.sources.scenario.facilities import with_more

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import SetAside
    from quarterhour.sources.facilities.candidates import Candidates
    from quarterhour.study_file.site_parts import SitePart

    Steps = Callable[[str, int, int], None]
    Found = Callable[[float, float], None]
    Named = Callable[[Candidates, NDArray[np.int64]], Facilities]

CLOSE, MOVE = "close", "move"
CLOSING = (CLOSE, MOVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingResult(_Frozen):
    """Which existing facilities close, and what opens instead.

    `solution`: its objective and bound are millionths of the service's group covered afterwards.
    `used`: rows of the facilities that serve; `alone`: int64 millionths that each of these alone
    covers: what is lost where it closes and no other does. `closed`: rows that close. `opened`:
    what opens, empty for closing; `costs`: int64 yuan of these, -1 where one is not known.
    `change`: the service before and after, worked out again as a whole. `notes`: what else should
    be known. `among`: as in `SiteResult`.
    """

    part: SitePart
    given: Assessment
    solution: Solution
    used: NDArray[np.int64]
    alone: NDArray[np.int64]
    closed: NDArray[np.int64]
    opened: Facilities
    costs: NDArray[np.int64]
    change: ServiceChange
    candidates: Candidates | None
    status: tuple[str, ...]
    set_aside: tuple[SetAside, ...]
    notes: tuple[Note, ...] = ()
    among: int | None = None

    @property
    def lost(self) -> int:
        """Millionths of the group that are covered no more, less those newly covered."""
        group = self.given.group
        return self.change.lost_by[group] - self.change.gained_by[group]

    @property
    def least_lost(self) -> int:
        """No choice loses less; a negative number is a gain."""
        return self.given.counts[-1][self.given.group].covered - int(self.solution.bound)


def check_closing(part: SitePart) -> None:
    """Raise `InputError` where a question about closing asks for what only new sites have."""
    if part.problem not in CLOSING:
        if part.keep is not None:
            raise InputError('[site] keep goes with problem = "close" or "move"')
        return
    for key in ("phases", "curve", "size", "capacity", "share", "share_each_town"):
        if getattr(part, key):
            raise InputError(f'[site] {key} does not go with problem = "{part.problem}"')
    if part.n_sites is None:
        raise InputError(
            f'[site] problem = "{part.problem}" needs n_sites: how many existing facilities'
            f" {part.problem} (--close)"
        )


def close_with(
    part: SitePart,
    given: Assessment,
    candidates: Candidates | None,
    named: Named,
    *,
    threads: int | None = None,
    progress: Steps | None = None,
    found: Found | None = None,
) -> ClosingResult:
    """The answer of problem = "close" (without `candidates`) or "move".

    `named`: candidates of some rows as facilities that all have a name.

    Raises
    ------
    InputError
        There are too few facilities, a name of `keep` is none, or no choice is allowed.
    """
    check_closing(part)
    number = part.n_sites or 0
    used = given.used
    stay = _stay(part, given, used)
    free = int((~stay).sum())
    if number > free:
        kept = f", {len(used) - free} of them to be kept" if free < len(used) else ""
        raise InputError(
            f"[site] n_sites is {number}, and {given.name} has {len(used)}"
            f" facilit{'y' if len(used) == 1 else 'ies'} in use{kept}, so that at most {free} can"
            f" {part.problem}; ask for fewer"
        )
    ground = given.ground
    weight = np.where(ground.inside, ground.demand.amounts[given.group], 0)
    within = given.within
    every = Cover(first=within.first, place=within.place, n_places=len(weight))
    existing = every.rows(used)
    limits = Limits(seconds=part.seconds, nodes=part.nodes)
    status: tuple[str, ...] = ()
    aside: tuple[SetAside, ...] = ()
    notes: tuple[Note, ...] = ()
    among: int | None = None
    opened, costs = np.empty(0, np.int64), np.empty(0, np.int64)
    if progress is not None and candidates is None:
        progress("solve", 0, 1)
    if candidates is None:
        fewest = fewest_lost(existing, weight, number, stay=stay, limits=limits, progress=found)
        solution, closed = fewest.solution, used[fewest.closed]
    else:
        task = task_of(
            part, given, candidates.at, narrow=True, threads=threads, progress=progress
        )  # fmt: skip
        status, aside = status_of(ground, candidates, task.reach.links, given.name)
        rules, status = rules_of(part, candidates, status, ground)
        if progress is not None and task.ask is not None:
            progress("narrowing_the_candidates", 0, 1)
        task, rules = task_narrowed(task, rules, limits)
        if task.wide is not None:
            notes, among = tuple(task.wide.notes(given.walker.minutes)), task.wide.among
        # of two candidates the one that covers all that the other does is enough
        small = merged(task.reach.cover, weight)
        drop = dominated(
            small.cover, small.weight, ~rules.bound_together() & ~rules.forbidden, cost=rules.cost
        )
        tight = dataclasses.replace(rules, forbidden=rules.forbidden | drop)
        if progress is not None:
            progress("solve", 0, 1)
        moves = best_moves(
            existing, task.reach.cover, weight, tight, number, stay=stay, limits=limits,
            progress=found,
        )  # fmt: skip
        solution, closed, opened = moves.solution, used[moves.closed], moves.solution.chosen
        costs = costs_of(part, candidates)[opened]
    if solution.status in {INFEASIBLE, NOTHING}:
        raise InputError(
            "[site] no choice meets the requirements of the candidates"
            if solution.status == INFEASIBLE
            else "[site] nothing was found within the limits; raise seconds or nodes"
        )
    if progress is not None:
        progress("proof", 0, 1)
    sites = named(candidates, opened) if candidates is not None and len(opened) else None
    change = compare(given, assessed_without(given, closed, sites, threads=threads))
    covered = change.after.counts[-1][given.group].covered
    assert covered == int(solution.objective), "the solver's people are those of a whole run"  # noqa: S101
    return ClosingResult(
        part=part,
        given=given,
        solution=solution,
        used=used,
        alone=unique_people(existing, weight),
        closed=closed,
        opened=sites if sites is not None else _none(given),
        costs=costs,
        change=change,
        candidates=candidates,
        status=tuple(
            "chosen" if k in set(opened.tolist()) else s for k, s in enumerate(status)
        ),
        set_aside=aside if candidates is None else candidates.at.set_aside + aside,
        notes=notes, among=among,
    )  # fmt: skip


def _none(given: Assessment) -> Facilities:
    """No facility."""
    empty = np.empty(0)
    return Facilities(
        name=(), kind=(), status=(), lon=empty, lat=empty, row=empty.astype(np.int64),
        serving=empty.astype(bool), file=given.facilities.file,
    )  # fmt: skip


def _stay(part: SitePart, given: Assessment, used: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Bool per facility that serves: it must stay."""
    names = [given.facilities.name[k] for k in used.tolist()]
    wanted = set(part.keep or ())
    for name in sorted(wanted - set(names)):
        raise InputError(
            f"[site] keep names {name!r}, and no facility of {given.name} that serves is called so"
        )
    return np.array([name in wanted for name in names], bool)


def assessed_without(
    given: Assessment,
    closed: NDArray[np.int64],
    opened: Facilities | None = None,
    *,
    threads: int | None = None,
) -> Assessment:
    """The whole assessment again without some facilities, which keep their rows, and with others.

    Raises
    ------
    InputError
        No facility is left.
    """
    serving = given.facilities.serving.copy()
    serving[closed] = False
    left = dataclasses.replace(given.facilities, serving=serving)
    if opened is None and len(closed) == len(given.used):
        raise InputError(
            f"[site] n_sites is {len(closed)}: no facility of {given.name} would be left; ask for"
            " fewer"
        )
    there = left if opened is None else with_more(left, opened)
    return analysis.assess_again(given, there, threads=threads)


def facility_label(given: Assessment, k: int) -> str:
    """The name of an existing facility, or its row."""
    return given.facilities.name[k] or f"#{int(given.facilities.row[k])}"


def names_of(given: Assessment, rows: NDArray[np.int64], most: int = 8) -> Note:
    """Some facilities by name."""
    names = [facility_label(given, k) for k in rows.tolist()]
    left = len(names) - most
    return Note(
        "、".join(names[:most]) + (f" 等 {len(names)} 处" if left > 0 else ""),
        ", ".join(names[:most]) + (f" and {left} more" if left > 0 else ""),
    )
