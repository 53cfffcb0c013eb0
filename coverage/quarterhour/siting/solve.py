"""A siting question as arrays for the core: who counts, what is done, and the program's answer."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.centre import centre
from quarterhour.core.siting.clash import clash
from quarterhour.core.siting.fewest import Need, fewest_sites
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.median import PATIENCE, ROUNDS, STEP, distances, median, started
from quarterhour.core.siting.median_bound import bound, first_prices
from quarterhour.core.siting.milp import FEASIBLE, OPTIMAL
from quarterhour.core.siting.nouns import Cover, Rules, Solution
from quarterhour.core.siting.reduce import dominated, merged
from quarterhour.core.siting.search_cover import conflict_lists
from quarterhour.core.siting.targets import Asked
from quarterhour.errors import InputError
from quarterhour.model import _Frozen
from quarterhour.siting.cover import SiteCover, site_cover
from quarterhour.siting.wide import Ask, Wide, backed, fewer, fewest, least_minutes, thinned
from quarterhour.siting.wide_share import fewest_for, lacking_of
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.siting.milp import Limits
    from quarterhour.inputs import Facilities
    from quarterhour.study_file.site_parts import SitePart

    Progress = Callable[[float, float], None]
    Steps = Callable[[str, int, int], None]

COVERING = ("most_people", "everyone", "backup", "targets", "close", "move")
"""Problems that count who is within the cutoff; the others count how far people walk."""


class Towns(NamedTuple):
    """Town of every place of demand: `of` int64, -1 for none, and the names by number."""

    of: NDArray[np.int64]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(_Frozen):
    """Everything that a siting problem is about, place by place of the demand.

    `weight`: int64 millionths of the service's group inside the study area. `done`: bool, within
    the cutoff of an existing facility. `reach`: places of the candidates: for covering problems
    those that are not done, within the cutoff; for the others those that a candidate brings nearer.
    `before`: minutes to the nearest existing facility, the search limit where there is none.
    `towns`: None where no share of towns is asked for. `ask`: there are too many candidates to list
    whom each reaches: `reach` is empty until `task_narrowed` has said which are looked at, `wide`.
    """

    part: SitePart
    given: Assessment
    weight: NDArray[np.int64]
    done: NDArray[np.bool_]
    reach: SiteCover
    before: NDArray[np.float64]
    towns: Towns | None
    ask: Ask | None = None
    wide: Wide | None = None

    @property
    def covers(self) -> bool:
        """Whether the problem is one of cover."""
        return self.part.problem in COVERING


def task_of(
    part: SitePart,
    given: Assessment,
    at: Facilities,
    *,
    towns: Towns | None = None,
    narrow: bool = False,
    threads: int | None = None,
    progress: Steps | None = None,
) -> Task:
    """The task of a study's [site] on the service `given`, for the candidates `at`.

    `narrow`: where there are too many candidates, their reach waits for `task_narrowed`.
    """
    ground = given.ground
    weight = np.where(ground.inside, ground.demand.amounts[given.group], 0)
    done = given.demand.covered(given.cutoff_ms)
    limit_ms = max(given.walker.limit_ms(given.limit_min), given.cutoff_ms)
    some = (given.demand.nearest >= 0) & (given.demand.ms <= limit_ms)
    before_ms = np.where(some, given.demand.ms, limit_ms).astype(np.int32)
    covers = part.problem in COVERING
    keep = weight > 0
    if part.problem in {"most_people", "everyone"} and not (part.size or part.capacity):
        keep &= ~done  # who is covered may lack room, and counts where room is asked for
    ask = Ask(
        given=given, at=at, weight=np.where(keep, weight, 0), threads=threads,
        limit_ms=given.cutoff_ms if covers else limit_ms,
        below_ms=None if covers else np.where(some, before_ms, limit_ms + 1).astype(np.int32),
    )  # fmt: skip
    waits = narrow and ask.too_many()
    reach = ask.reach(np.zeros(len(at), bool) if waits else None, progress=progress)
    return Task(
        part=part, given=given, weight=weight, done=done, reach=reach,
        before=given.walker.minutes(before_ms), towns=towns, ask=ask if waits else None,
    )  # fmt: skip


def task_narrowed(
    task: Task,
    rules: Rules,
    limits: Limits,
    progress: Progress | None = None,
    *,
    alone: bool = True,
) -> tuple[Task, Rules]:
    """The task and the rules with the candidates that are looked at, where there are too many.

    Most people with a number of sites: those that a better choice may have. Else, and where several
    services share that number and are not asked `alone`, one of each neighbourhood.
    """
    part, ask = task.part, task.ask
    if ask is None:
        return task, rules
    plain = alone and part.problem == "most_people" and not (part.size or part.capacity)
    if plain and rules.most_sites() is not None:
        wide = fewer(ask, rules, limits, progress)
    elif part.problem == "everyone":
        needs = needs_of(task)
        if needs is None:
            wide = fewest(ask, rules, limits, progress)
        else:
            asked = lacking_of(needs, task.weight, task.done)
            wide = fewest_for(ask, rules, asked, limits, progress)
    elif part.problem == "backup" and rules.most_sites() is not None:
        wide = backed(ask, rules, times_of(task), limits, progress)
    else:
        wide = thinned(ask, rules)
        timed = not task.given.walker.rule_m  # minutes are milliseconds in another unit
        wide = dataclasses.replace(wide, bounds_all=part.problem == "median" and timed)
    reach = ask.reach(wide.listed)
    out = rules.forbidden | (~wide.kept & ~rules.required)
    return dataclasses.replace(task, reach=reach, wide=wide), dataclasses.replace(
        rules, forbidden=out
    )


def times_of(task: Task) -> NDArray[np.int64]:
    """Existing facilities within the cutoff of each place."""
    within = task.given.within.place
    return np.bincount(within, minlength=len(task.weight)).astype(np.int64)


def needs_of(task: Task) -> list[Need] | None:
    """The shares that must be covered, None where everybody who can be is to be."""
    part = task.part
    if part.share is None and part.share_each_town is None:
        return None
    needs = []
    if part.share is not None:
        every = np.ones(len(task.weight), bool)
        needs.append(Need(of=every, amount=_part_of(task.weight.sum(), part.share), name="all"))
    if part.share_each_town is not None:
        if task.towns is None:
            raise InputError(
                "[site] share_each_town needs the polygons of the towns; add [towns] with a source"
            )
        for k, name in enumerate(task.towns.names):
            of = task.towns.of == k
            total = int(task.weight[of].sum())
            if total:
                amount = _part_of(total, part.share_each_town)
                needs.append(Need(of=of, amount=amount, name=name))
    return needs


def _part_of(total: int, share: float) -> int:
    """At least this share, in whole millionths."""
    return ceil(int(total) * share - 1e-6)


def solve(task: Task, rules: Rules, limits: Limits, progress: Progress | None = None) -> Solution:
    """The answer of the task under these rules.

    `objective` and `bound`: millionths of a person (most_people), sites (everyone), person-minutes
    (median) or minutes (center).

    Raises
    ------
    InputError
        The problem lacks a number of sites or a budget.
    """
    part, problem = task.part, task.part.problem
    if problem == "everyone":
        known = None if task.wide is None else task.wide.fewest
        at_least = 0 if known is None else known.bound
        return fewest_sites(
            task.reach.cover, task.weight, rules, done=task.done | (task.weight == 0),
            needs=needs_of(task), limits=limits, progress=progress, at_least=at_least,
        )  # fmt: skip
    if part.n_sites is None and part.budget is None:
        raise InputError(
            f'[site] problem = "{problem}" needs n_sites or budget: how many sites may be built, or'
            " what they may cost (万元)"
        )
    if problem == "most_people":
        return most_covered(
            task.reach.cover, task.weight, rules, done=task.done, limits=limits, progress=progress,
            start=None if task.wide is None else task.wide.chosen,
        )  # fmt: skip
    if problem == "median":
        return _median(task, rules, limits, progress)
    if problem == "center":
        return _centre(task, rules, limits, progress)
    raise InputError(f'[site] problem = "{problem}" is not solved here')


class Pairs(NamedTuple):
    """Candidate, place (numbered among `places`) and minutes of each walk that is shorter."""

    site: NDArray[np.int64]
    place: NDArray[np.int64]
    minutes: NDArray[np.float64]
    places: NDArray[np.int64]


def pairs_of(task: Task, places: NDArray[np.int64]) -> Pairs:
    """The walks of the task to these places."""
    cover = task.reach.cover
    number = np.full(cover.n_places, -1, np.int64)
    number[places] = np.arange(len(places))
    use = number[cover.place] >= 0
    return Pairs(
        site=cover.site[use],
        place=number[cover.place[use]],
        minutes=task.given.walker.minutes(task.reach.ms[use]),
        places=places,
    )


def _median(task: Task, rules: Rules, limits: Limits, progress: Progress | None) -> Solution:
    """Person-minutes to the nearest facility, old or new, of everybody near a road."""
    begin = time.monotonic()
    places = np.flatnonzero((task.weight > 0) & task.given.demand.linked)
    pairs = pairs_of(task, places)
    weight = task.weight[places] / MICRO
    made = distances(pairs.site, pairs.place, pairs.minutes, weight, len(rules.required))
    made = dataclasses.replace(made, beyond=weight * task.before[places])
    if task.wide is None or task.ask is None or not task.wide.bounds_all:
        return median(made, rules, limits=limits, progress=progress)
    best = median(made, rules, limits=limits.part(0.4), progress=progress)
    if best.status not in {OPTIMAL, FEASIBLE}:
        return best
    # multipliers among the candidates that were kept, and a bound for all of them
    p = rules.most_sites() or int(task.wide.usable.sum())
    found = bound(
        made, started(rules.forbidden, rules.required, conflict_lists(rules, made.n_sites)), p,
        float(best.objective), np.inf, first_prices(made), rounds=ROUNDS, step=STEP,
        patience=PATIENCE, limits=limits.left(begin).part(0.5),
    )  # fmt: skip
    price = np.zeros(len(task.weight))
    price[places] = found.price / np.maximum(weight, 1e-12)
    low = least_minutes(task.ask, task.wide.usable, places, price, p)
    return task.wide.told_least(best, low)


def _centre(task: Task, rules: Rules, limits: Limits, progress: Progress | None) -> Solution:
    """The longest walk in minutes, of those whom an existing or a new facility can serve."""
    some = task.given.demand.nearest >= 0
    reached = task.reach.cover.covered(np.flatnonzero(~rules.forbidden))
    places = np.flatnonzero((task.weight > 0) & task.given.demand.linked & (some | reached))
    pairs = pairs_of(task, places)
    before = np.where(some, task.before, np.inf)[places]
    return centre(
        pairs.site, pairs.place, pairs.minutes, len(places), rules, existing=before, limits=limits,
        progress=progress,
    )  # fmt: skip


def clashing(task: Task, rules: Rules, limits: Limits) -> tuple[str, ...]:
    """Requirements that cannot be met together, by the keys of `core.siting.clash`."""
    asked = Asked()
    if task.part.problem == "everyone":
        can = task.done | task.reach.cover.covered(np.flatnonzero(~rules.forbidden))
        every = Need(of=can, amount=int(task.weight[can].sum()), name="all")
        asked = Asked(needs=tuple(needs_of(task) or [every]))
    found = clash(task.reach.cover, task.weight, rules, asked, done=task.done, limits=limits)
    return found.kinds


def anywhere(
    task: Task,
    at: Facilities,
    rules: Rules,
    moved_ms: int,
    limits: Limits,
    *,
    threads: int | None = None,
) -> float:
    """What no sites anywhere along the streets can better; the unit of the objective.

    Every position along the streets has a candidate at most `moved_ms` away. So whoever such sites
    serve within the cutoff is within the cutoff and `moved_ms` of as many candidates: a bound for
    the candidates with the longer cutoff is one for all positions with the true one.
    """
    given, part = task.given, task.part
    wide = site_cover(
        given, at, limit_ms=given.cutoff_ms + moved_ms,
        link_limit_m=given.link_limit_m,
        keep=(task.weight > 0) & ~task.done, threads=threads,
        only=None if task.wide is None else task.wide.kept,
    ).cover  # fmt: skip
    n = wide.n_sites
    if part.problem == "everyone":
        # whoever no candidate reaches in time may be in reach of a position between them
        free = Rules.plain(n)
        needs = needs_of(task)
        done = task.done | (task.weight == 0)
        if needs is None:
            done = done | ~task.reach.cover.covered(np.arange(n))
        return fewest_sites(
            wide, task.weight, free, done=done, needs=needs, ties=False, limits=limits
        ).bound
    small = merged(wide, task.weight, leave=task.done)
    total = float(small.weight.sum())
    number = rules.most_sites()
    if number is None:
        return total
    keep = np.flatnonzero(~dominated(small.cover, small.weight, np.ones(n, bool)))
    less = small.cover.rows(keep)
    known = search_cover.greedy(less, small.weight, Rules.plain(len(keep), n_sites=number))
    worth = int(small.weight[less.covered(known)].sum())
    return min(total, search_cover.lagrangian(less, small.weight, number, worth).value)


def cover_at_cutoff(task: Task) -> Cover:
    """Places within the cutoff of each candidate that a covering problem counts."""
    return task.reach.cover if task.covers else task.reach.within(task.given.cutoff_ms)
