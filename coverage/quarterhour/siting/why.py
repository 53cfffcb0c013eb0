"""Why nothing meets the requirements: what is out of reach, what clashes, what would do."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.clash import BUDGET, EXCLUSIVE, FORBIDDEN, N_SITES, REQUIRED, SPACING
from quarterhour.core.siting.fewest import fewest_sites
from quarterhour.core.siting.milp import FEASIBLE, OPTIMAL, Limits
from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.measures import counted, verb
from quarterhour.siting.demand import COUNTED, PEOPLE, WHO, amount_of, bare_of, kind_of
from quarterhour.siting.result import money
from quarterhour.siting.rules import costs_of
from quarterhour.siting.solve import needs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quarterhour.core.siting.nouns import Rules, Solution
    from quarterhour.siting.solve import Task
    from quarterhour.sources.facilities.candidates import Candidates
    from quarterhour.study_file.site_parts import SitePart

    Solve = Callable[[Rules, bool], Solution]

MOST_NAMES = 3


def refused(why: Sequence[Note]) -> InputError:
    """The reasons as one sentence in both languages."""
    return InputError(
        "[site] " + "; ".join(note.en for note in why), zh="；".join(note.zh for note in why)
    )


def infeasible_notes(
    task: Task,
    every: Candidates,
    rules: Rules,
    solution: Solution,
    kinds: Sequence[str],
    limits: Limits,
) -> tuple[Note, ...]:
    """Why nothing meets the requirements: what cannot be reached, or what clashes."""
    part = task.part
    short = solution.why.get("need") or ()
    if short:
        return tuple(_short(task, name, amount, most) for name, amount, most in short)

    if part.problem == "center":
        return _far(task, every, rules, limits)

    def solve(relaxed: Rules, by_cost: bool) -> Solution:
        return fewest_sites(
            task.reach.cover, task.weight, relaxed, done=task.done | (task.weight == 0),
            needs=needs_of(task), by_cost=by_cost, ties=False, limits=limits,
        )  # fmt: skip

    told = clash_note(part, every, rules, kinds, COUNTED[kind_of(task.given)])
    return (told, *(enough(part, every, rules, kinds, solve) if part.problem == "everyone" else ()))


def _far(task: Task, every: Candidates, rules: Rules, limits: Limits) -> tuple[Note, ...]:
    """That not everybody can have a facility in reach at all, and how many sites would do."""
    given, part = task.given, task.part
    lost = (task.weight > 0) & given.demand.linked & (given.demand.nearest < 0)
    lost &= task.reach.cover.covered(np.flatnonzero(~rules.forbidden))
    weight = np.where(lost, task.weight, 0)
    people = amount_of(given, int(weight.sum()))
    minutes = f"{given.limit_min:g}"

    def solve(relaxed: Rules, by_cost: bool) -> Solution:
        return fewest_sites(
            task.reach.cover, weight, relaxed, done=weight == 0, by_cost=by_cost, ties=False,
            limits=limits,
        )  # fmt: skip

    kinds = [k for k, v in ((N_SITES, part.n_sites), (BUDGET, part.budget)) if v is not None]
    told = Note(
        f"{people.zh}在 {minutes} 分钟内没有现有设施，按所要求的数量、预算和限制建新址也不能使其"
        "都有，最远步行时间无从比较",
        f"{people.en} {verb(people.en, 'has', 'have')} no existing facility within {minutes} min,"
        " and by the number, budget"
        " and rules asked for new sites cannot reach all of them, so that there is no longest walk"
        " to compare",
    )
    return (told, *enough(part, every, rules, kinds, solve))


def clash_note(
    part: SitePart,
    every: Candidates,
    rules: Rules,
    kinds: Sequence[str],
    counted: Note = COUNTED[PEOPLE],
) -> Note:
    """The requirements that cannot be met together, in words with their numbers.

    `counted`: what is to be covered.
    """
    if not kinds:
        return Note("各项要求互相矛盾", "the requirements contradict each other")
    told = [kind_note(part, every, rules, kind, counted) for kind in kinds]
    zh, en = "、".join(note.zh for note in told), ", ".join(note.en for note in told)
    if len(kinds) == 1:
        return Note(f"无法满足：{zh}", f"cannot be met: {en}")
    return Note(
        f"以下要求不能同时满足，放宽其中任何一项即可：{zh}",
        f"these requirements cannot be met together, and can if any one of them is relaxed: {en}",
    )


def kind_note(
    part: SitePart, every: Candidates, rules: Rules, kind: str, counted: Note = COUNTED[PEOPLE]
) -> Note:
    """A requirement in words, with what the study asks for; `counted`: what is to be covered."""
    key, _, name = kind.partition(":")
    if key == N_SITES:
        return Note(f"新建数量上限（{part.n_sites} 处）",
                    f"the number of sites (n_sites = {part.n_sites})")  # fmt: skip
    if key == BUDGET:
        return Note(f"预算（{part.budget:,.10g} 万元）", f"the budget ({part.budget:,.10g} 万元)")
    if key == SPACING:
        return Note(
            f"新址之间的最小间距（{part.apart_m:g} 米）",
            f"the distance between new sites (apart_m = {part.apart_m:g})",
        )
    if key == EXCLUSIVE:
        names = _names([repr(name) for name in every.group_name])
        return Note(f"互斥组（{names.zh}，各只能建一处）",
                    f"the groups of which one may be built ({names.en})")  # fmt: skip
    if key == REQUIRED:
        names = _names([every.label(k) for k in np.flatnonzero(rules.required).tolist()])
        return Note(f"必选的候选点（{names.zh}）", f"the required candidates ({names.en})")
    if key == FORBIDDEN:
        n = int(rules.forbidden.sum())
        return Note(f"禁选或不可用的候选点（{n} 处）", f"the candidates that cannot be used ({n})")
    if part.problem == "targets":
        return Note(f"指标 {name}", f"the target {name}")
    return _need(part, name, counted)


def _need(part: SitePart, name: str, counted: Note) -> Note:
    """What must be covered: all, a share of all, or a share of a town."""
    if name in {"", "all"}:
        if part.share is None:
            return Note(f"应覆盖的{counted.zh}（可覆盖者全部）",
                        f"the {counted.en} to be covered (all that can be)")  # fmt: skip
        return Note(f"应覆盖的{counted.zh}（全部的 {part.share:.1%}）",
                    f"the {counted.en} to be covered ({part.share:.1%} of all)")  # fmt: skip
    share = part.share_each_town or 1.0
    return Note(f"{name}应覆盖的{counted.zh}（{share:.1%}）",
                f"the {counted.en} to be covered in {name} ({share:.1%})")  # fmt: skip


def _names(names: Sequence[str]) -> Note:
    told, left = list(names[:MOST_NAMES]), len(names) - MOST_NAMES
    return Note(
        "、".join(told) + (f" 等 {len(names)} 个" if left > 0 else ""),
        ", ".join(told) + (f" and {left} more" if left > 0 else ""),
    )


def enough(
    part: SitePart, every: Candidates, rules: Rules, kinds: Sequence[str], solve: Solve
) -> list[Note]:
    """The smallest number of sites or budget that would do, where one of them stands in the way.

    `solve`: the fewest sites (or, where its second argument is true, the least yuan) by other
    rules.
    """
    notes = []
    if N_SITES in kinds:
        found = solve(dataclasses.replace(rules, n_sites=None), False)
        n, least = found.objective, found.bound
        if found.status == OPTIMAL:
            notes.append(Note(f"新建 {n:.0f} 处即可，再少不行",
                              f"{counted(round(n), 'site')} would do, and no fewer"))  # fmt: skip
        elif found.status == FEASIBLE:
            notes.append(
                Note(
                    f"新建 {n:.0f} 处即可，少于 {least:.0f} 处不行",
                    f"{counted(round(n), 'site')} would do, and fewer than {least:.0f} would not",
                )
            )
    if BUDGET in kinds:
        cost = np.where(rules.forbidden, 0, np.maximum(costs_of(part, every), 0))
        found = solve(dataclasses.replace(rules, budget=None, cost=cost), True)
        if found.status in {OPTIMAL, FEASIBLE}:
            most = f"{money(int(found.objective)):,.10g}"
            least_zh = least_en = ""
            if found.status == FEASIBLE:
                known = f"{money(int(found.bound)):,.10g}"
                least_zh, least_en = (
                    f"，少于 {known} 万元不行",
                    f", and less than {known} would not",
                )
            else:
                least_zh, least_en = "，再少不行", ", and no less"
            notes.append(Note(f"预算 {most} 万元即可{least_zh}", f"{most} 万元 would do{least_en}"))
    return notes


def _short(task: Task, name: str, amount: int, most: int) -> Note:
    """A share that all candidates together do not reach, with the most that they do."""
    part, given = task.part, task.given
    need, can = amount_of(given, amount), amount_of(given, most)
    share = part.share if name == "all" else part.share_each_town
    of = share or 1.0
    top = of * most / amount if amount else 0.0
    who = WHO[kind_of(given)]
    who_zh = f"全部{who.zh}" if name == "all" else f"“{name}”"
    who_en = f"all {who.en}" if name == "all" else repr(name)
    return Note(
        f"{who_zh}要求覆盖 {of:.1%}（{need.zh}），所有可用的候选点全部建成也只能覆盖"
        f" {top:.1%}（{can.zh}）",
        f"{of:.1%} of {who_en} ({bare_of(given, amount)}) is asked for, and all usable candidates"
        f" together reach {top:.1%} ({bare_of(given, most)})",
    )
