"""The fewest additions with which the indicators of a study's plans pass, and the proof."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.clash import clash
from quarterhour.core.siting.fewest import Need
from quarterhour.core.siting.milp import INFEASIBLE, NOTHING, OPTIMAL, Limits
from quarterhour.core.siting.nouns import Cover, Solution
from quarterhour.core.siting.targets import Asked, fewest_for_targets
from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.model import _Frozen
from quarterhour.plans.target_register import register_of
from quarterhour.plans.target_run import plan_of, run_targets
from quarterhour.siting.aim_parts import Aim, Counted, Reached, Site
from quarterhour.siting.aims import aims_of
from quarterhour.siting.aims_units import named
from quarterhour.siting.built import as_built, kind_built, with_built
from quarterhour.siting.more_nouns import More
from quarterhour.siting.rules import USABLE, rules_of, status_of
from quarterhour.siting.site import candidates_for, result_of
from quarterhour.siting.solve import task_of
from quarterhour.siting.why import clash_note, enough, refused
from quarterhour.sources.facilities.candidates import some_facilities
from quarterhour.targets.data import Settings
from quarterhour.targets.evidence import PASS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.siting.nouns import Rules
    from quarterhour.gather.laying import Laid
    from quarterhour.inputs import Facilities
    from quarterhour.siting.result import SiteResult
    from quarterhour.sources.facilities.candidates import Candidates
    from quarterhour.study_file.site_parts import SitePart
    from quarterhour.targets.evidence import PartResult

    Steps = Callable[[str, int, int], None]
    Found = Callable[[float, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsResult(_Frozen):
    """An answered question about targets.

    `site`: the chosen sites and what they add. `aims`: every part of every indicator as it is;
    `after`: the same parts, judged again with the chosen sites among the facilities. `kind`: what
    is built, as the plans count it.
    """

    site: SiteResult
    aims: tuple[Aim, ...]
    after: tuple[PartResult, ...]
    kind: str

    @property
    def asked(self) -> list[int]:
        """Parts that sites were to make pass."""
        return [k for k, aim in enumerate(self.aims) if aim.open]


def targets_with(
    part: SitePart,
    laid: Laid,
    k: int,
    given: Assessment,
    wanted: Candidates | str,
    *,
    threads: int | None = None,
    progress: Steps | None = None,
    found: Found | None = None,
) -> TargetsResult:
    """The fewest candidates for service `k` that make the plans of [targets] pass.

    Raises
    ------
    InputError
        There are no plans, it is not known what is built, or the rules cannot be kept.
    """
    inputs, ground = laid.inputs, laid.ground
    study = inputs.study
    if not study.targets.plans:
        raise InputError(
            '[site] problem = "targets" needs the plans to be met: add [targets] with plans, such'
            ' as plans = ["national"]'
        )
    kind = kind_built(part, study.service[k], given)
    every = candidates_for(part, given, wanted, threads=threads)
    at = as_built(every.at, kind, study.service[k].supply, every.capacity)
    task = task_of(part, given, every.at, narrow=True, threads=threads, progress=progress)
    if task.ask is not None:
        raise InputError(
            f'[site] problem = "targets" is asked of {len(every):,} candidates, which reach too'
            ' many places to be listed; take candidates = "network" with a larger spacing_m, or'
            " name candidates in a file"
        )
    status, aside = status_of(ground, every, task.reach.links, given.name)
    rules, status = rules_of(part, every, status, ground)
    limits = Limits(seconds=part.seconds, nodes=part.nodes)
    if progress is not None:
        progress("targets", 0, 2)
    plans = [plan_of(name, inputs.home) for name in study.targets.plans]
    told = study.targets
    settings = Settings(
        threshold_percent=told.threshold_percent,
        thresholds={key: float(value) for key, value in told.thresholds.items()},
        year=told.year,
    )
    now = register_of(inputs, ground, threads=threads)
    both = register_of(with_built(inputs, at, k), ground, threads=threads)
    site = Site(given=given, at=at, register=both, first=len(now.facilities))
    aims = aims_of(plans, now, site, settings)
    usable = np.flatnonzero([s == USABLE for s in status])
    asked, cover, weight, done = _asked(aims, len(every))
    aims = _within_reach(aims, asked.short(cover, weight, usable, done), usable)
    asked, cover, weight, done = _asked(aims, len(every))
    if progress is not None:
        progress("solve", 0, 1)
    solution = _nothing() if not any(aim.open for aim in aims) else fewest_for_targets(
        cover, weight, rules, asked, done=done, limits=limits, progress=found
    )  # fmt: skip
    if solution.status == NOTHING:
        raise InputError("[site] nothing was found within the limits; raise seconds or nodes")
    if solution.status == INFEASIBLE:
        kinds = clash(cover, weight, rules, asked, done=done, limits=limits).kinds

        def solve(relaxed: Rules, by_cost: bool) -> Solution:
            return fewest_for_targets(
                cover, weight, relaxed, asked, done=done, by_cost=by_cost, limits=limits.part(0.5)
            )

        clashes = clash_note(part, every, rules, kinds)
        more = enough(part, every, rules, kinds, solve)
        raise refused((clashes, *more))
    result = result_of(
        part, given, every, task, status, solution, More(), rules=rules,
        language=study.study.language, set_aside=every.at.set_aside + aside, threads=threads,
        progress=progress,
    )  # fmt: skip
    if progress is not None:
        progress("targets", 1, 2)
    picked: Facilities = some_facilities(at, result.chosen)
    chosen = dataclasses.replace(picked, name=result.sites.name)
    seen = with_built(inputs, chosen, k) if len(chosen) else inputs
    judged = run_targets(seen, ground, plans, threads=threads)
    after = tuple(p for plan in judged.plans for one in plan.indicators for p in one.parts)
    return TargetsResult(site=result, aims=tuple(aims), after=after, kind=kind)


def _nothing() -> Solution:
    """No site is needed, or none helps."""
    return Solution(status=OPTIMAL, chosen=np.empty(0, np.int64), objective=0.0, bound=0.0)


def _asked(
    aims: Sequence[Aim], n: int
) -> tuple[Asked, Cover, NDArray[np.int64], NDArray[np.bool_]]:
    """All requirements, with the places of each share of people one behind the other."""
    counted = [one for aim in aims for one in aim.counted]
    blocks: list[Reached | Counted] = [*(one for aim in aims for one in aim.reached), *counted]
    places = [len(one.weight) for one in blocks]
    start = np.concatenate([[0], np.cumsum(places)]).astype(np.int64)
    total = int(start[-1])
    sites, at = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for one, first in zip(blocks, start.tolist(), strict=False):
        keep = one.weight[one.cover.place] > 0
        sites.append(one.cover.site[keep])
        at.append(one.cover.place[keep].astype(np.int64) + first)
    site, place = np.concatenate(sites), np.concatenate(at)
    order = np.lexsort((place, site))
    cover = Cover(
        first=np.concatenate([[0], np.cumsum(np.bincount(site, minlength=n))]).astype(np.int64),
        place=place[order].astype(np.int32),
        n_places=total,
    )
    needs, among = [], []
    for one, a, b in zip(blocks, start[:-1].tolist(), start[1:].tolist(), strict=True):
        if isinstance(one, Counted):
            place = np.full(total, -1, np.int64)
            place[a:b] = one.among.place
            among.append(dataclasses.replace(one.among, place=place))
            continue
        of = np.zeros(total, bool)
        of[a:b] = True
        needs.append(Need(of=of, amount=one.amount, name=one.name))
    asked = Asked(
        needs=tuple(needs),
        presence=tuple(one for aim in aims for one in aim.presence),
        stocks=tuple(one for aim in aims for one in aim.stock),
        among=tuple(among),
    )
    weight = np.concatenate([np.empty(0, np.int64), *(one.weight for one in blocks)])
    done = np.concatenate([np.empty(0, bool), *(one.done for one in blocks)])
    return asked, cover, weight, done


def _within_reach(
    aims: Sequence[Aim], short: Sequence[tuple[str, int, int]], usable: NDArray[np.int64]
) -> list[Aim]:
    """The parts without those that all candidates together do not make pass, and why."""
    names = {name for name, _, _ in short}
    found = []
    for aim in aims:
        own = [*(one.name for one in aim.reached), *(one.name for one in aim.counted)]
        own += [*(one.name for one in aim.presence), *(one.name for one in aim.stock)]
        if names.isdisjoint(own):
            found.append(aim)
            continue
        share = min((most / amount for name, amount, most in short if name in own), default=0.0)
        where = _never(aim, usable)
        lost = Note(
            f"所有候选点全部建成也不够（最多达到要求的 {share:.1%}）{where.zh}",
            f"all candidates together are not enough (at most {share:.1%} of what is asked for)"
            f"{where.en}",
        )
        found.append(
            dataclasses.replace(aim, reached=(), presence=(), stock=(), counted=(), why=lost)
        )
    return found


def _never(aim: Aim, usable: NDArray[np.int64]) -> Note:
    """The units that pass with no choice of candidates, by name."""
    for one in aim.counted:
        good = one.among.passing(one.cover, one.weight, usable, one.done)
        left = np.flatnonzero(one.among.of & ~good).tolist()
        if left:
            names = named(tuple(one.names[k] for k in left))
            return Note(f"：{names.zh} 始终不达标", f": {names.en} never pass")
    return Note("", "")


def missed(result: TargetsResult) -> list[int]:
    """Parts that sites were to make pass and that do not, as judged again."""
    return [k for k in result.asked if result.after[k].result != PASS]
