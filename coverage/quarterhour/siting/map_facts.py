"""The figures of an answered siting question for the panel of its map, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.core.siting.milp import OPTIMAL
from quarterhour.inputs import Note
from quarterhour.render.map.site_layers import Curve
from quarterhour.siting.closing import MOVE, ClosingResult
from quarterhour.siting.closing_tables import bound_note
from quarterhour.siting.demand import amount_of, measure_of, summed_of
from quarterhour.siting.for_targets import TargetsResult
from quarterhour.siting.result import money
from quarterhour.siting.shared import SharedResult
from quarterhour.siting.shared_tables import told_together
from quarterhour.siting.words import added_of, objective_of, percent, problem_of
from quarterhour.targets.evidence import PASS

if TYPE_CHECKING:
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.siting.nouns import Solution
    from quarterhour.siting.answered import Result
    from quarterhour.siting.result import SiteResult
    from quarterhour.study_file.site_parts import SitePart

    Fact = tuple[tuple[str, str], tuple[str, str]]

UPPER = Note("已证明的上限", "Proven upper bound")
LOWER = Note("已证明的下限", "Proven lower bound")
MOST = {"most_people", "backup"}
"""Problems whose bound is the most that there can be; of the others it is the least."""


def facts_of(result: Result) -> tuple[Fact, ...]:
    """Question, result with its denominator, bound and gap, number, cost and budget."""
    if isinstance(result, ClosingResult):
        found = _closing(result)
    elif isinstance(result, SharedResult):
        found = _shared(result)
    elif isinstance(result, TargetsResult):
        found = _targets(result)
    else:
        found = _site(result)
    return tuple(((label.zh, label.en), (value.zh, value.en)) for label, value in found)


def curve_of(result: SiteResult) -> Curve | None:
    """The curve of the answer for the map, None where none was asked for."""
    curve = result.more.curve
    if curve is None:
        return None
    asked = result.part.budget if curve.by == "budget" else result.part.n_sites
    return Curve(
        by=curve.by,
        points=tuple(
            (value, _people(one.objective), _people(one.bound), one.status == OPTIMAL)
            for value, one in zip(curve.values, curve.points, strict=True)
        ),
        chosen=float(asked) if asked in curve.values else None,
    )


def _people(value: float) -> float | None:
    return units.persons(int(value)) if np.isfinite(value) else None


def _of(part: Note, whole: str, share: float | None, zh: str, en: str) -> Note:
    """An amount out of another, and its share."""
    told = "–" if share is None else f"{share:.1%}"
    return Note(f"{part.zh} / {zh} {whole}（{told}）", f"{part.en} of {whole} {en} ({told})")


def _problem(given: Assessment, part: SitePart) -> tuple[Note, Note]:
    return Note("问题", "Question"), problem_of(given, part.problem)


def _gap(solution: Solution, bound: Note, label: Note = UPPER) -> list[tuple[Note, Note]]:
    """The bound, and how far the best possible may be from what was found."""
    if not np.isfinite(solution.bound):
        return [(label, Note("尚未证明", "nothing is proven"))]
    if solution.status == OPTIMAL:
        return [(label, Note(f"{bound.zh}（差距 0）", f"{bound.en} (gap 0)"))]
    if not np.isfinite(solution.gap):
        return [(label, bound)]
    most = percent(solution.gap)
    told = Note(f"{bound.zh}（差距至多 {most}）", f"{bound.en} (gap at most {most})")
    return [(label, told)]


def _among(label: Note, among: int | None) -> Note:
    """A label of what is proven for so many candidates only, None for all."""
    if among is None:
        return label
    return Note(f"{label.zh}（{among:,} 个候选点中）", f"{label.en} (among {among:,} candidates)")


def _built(n: int, part: SitePart, cost: int | None) -> list[tuple[Note, Note]]:
    """Number of sites and cost, each with the most that was allowed."""
    most = "" if part.n_sites is None else f"（至多 {part.n_sites} 处）"
    most_en = "" if part.n_sites is None else f" (at most {part.n_sites})"
    found = [(Note("新增设施", "New sites"), Note(f"{n} 处{most}", f"{n}{most_en}"))]
    if cost or part.budget is not None:
        spent = "–" if cost is None else f"{money(cost):,.10g}"
        zh, en = f"{spent} 万元", f"{spent} × 10,000 yuan"
        if part.budget is not None:
            zh = f"{spent} / 预算 {part.budget:,.10g} 万元"
            en = f"{spent} of a budget of {part.budget:,.10g} (10,000 yuan)"
        found.append((Note("造价", "Cost"), Note(zh, en)))
    return found


def _site(result: SiteResult) -> list[tuple[Note, Note]]:
    a, solution, part = result.given, result.solution, result.part
    count = a.counts[-1][a.group]
    lacking, told = count.uncovered + count.unlinked, count.told(a.ground.demand.kind)
    today = ("现状未覆盖或未连路网", "not covered or not linked today")
    whole = measure_of(a).number(told.uncovered + told.unlinked)
    share = result.added[a.group] / lacking if lacking else None
    added = _of(added_of(result), whole, share, *today)
    found = [_problem(a, part)]
    more = result.more
    plain = part.problem == "most_people" and more.phased is None and more.served is None
    if not plain and np.isfinite(solution.objective):
        found.append((Note("目标值", "Objective"), objective_of(result, solution.objective)))
    found.append((Note("新增覆盖", "Newly covered"), added))
    finite = np.isfinite(solution.bound)
    bound = objective_of(result, solution.bound) if finite else Note("", "")
    label = UPPER if part.problem in MOST else LOWER
    label = _among(label, result.among)
    return [*found, *_gap(solution, bound, label), *_built(len(result.steps), part, result.cost)]


def _shared(result: SharedResult) -> list[tuple[Note, Note]]:
    solution = result.solution
    people = summed_of(result.sites[0].given, result.added)
    finite = np.isfinite(solution.bound)
    bound = told_together(result, solution.bound) if finite else Note("", "")
    costs = [one.cost for one in result.sites]
    cost = None if None in costs else sum(c or 0 for c in costs)
    # what is best is a share, or a sum with weights, and not the people newly covered
    other = result.fair or result.part.service_weights
    goal = (
        [(Note("目标值", "Objective"), told_together(result, solution.objective))] if other else []
    )
    return [
        _problem(result.sites[0].given, result.part),
        (
            Note("各服务新增覆盖合计", "Newly covered, all services"),
            Note(people.zh, f"{people.en}, summed over services"),
        ),
        *goal,
        *_gap(solution, bound, _among(UPPER, result.among)),
        *_built(sum(len(one.steps) for one in result.sites), result.part, cost),
    ]


def _targets(result: TargetsResult) -> list[tuple[Note, Note]]:
    asked = result.asked
    good = sum(result.after[k].result == PASS for k in asked)
    label = Note("可由选址达标的指标", "Targets that sites can meet")
    told = Note(f"{good} / {len(asked)} 项达标", f"{good} of {len(asked)} pass")
    problem, *rest = _site(result.site)
    return [problem, (label, told), *rest]


def _closing(result: ClosingResult) -> list[tuple[Note, Note]]:
    a, solution, change = result.given, result.solution, result.change
    before = a.counts[-1][a.group].covered
    lost, gained = change.lost_by[a.group], change.gained_by[a.group]
    n = len(result.closed)
    found = [
        _problem(a, result.part),
        (
            Note("停用", "Closed"),
            Note(f"{n} 处 / 现有 {len(result.used)} 处", f"{n} of {len(result.used)} that serve"),
        ),
        (
            Note("不再可达", "No longer covered"),
            _of(
                amount_of(a, lost),
                measure_of(a).number(units.persons(before)),
                lost / before if before else None,
                "现状可达",
                "covered today",
            ),
        ),
    ]
    if result.part.problem == MOVE:
        found.append((Note("新增可达", "Newly covered"), amount_of(a, gained)))
    bound = bound_note(result)
    cost = None if (result.costs < 0).any() else int(result.costs.sum())
    priced = [(Note("造价", "Cost"), Note(f"{money(cost):,.10g} 万元",
               f"{money(cost):,.10g} × 10,000 yuan"))] if cost else []  # fmt: skip
    return [*found, *_gap(solution, bound, _among(Note("已证明", "Proven"), result.among)), *priced]
