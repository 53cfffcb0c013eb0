"""The rules of a plan, evaluated on plain data: few, general and exact.

No rule reads the result of another: that everybody is within fifteen minutes says nothing of five.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import TYPE_CHECKING

from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.targets import rules_sums, rules_units, words
from quarterhour.targets.choosing import Case
from quarterhour.targets.evidence import (
    COUNTED,
    NOTHING,
    PASS,
    PLANNED,
    UNKNOWN,
    IndicatorResult,
    Measured,
    PartResult,
    PlanResult,
    combine,
    verdict,
)
from quarterhour.targets.filters import exact

if TYPE_CHECKING:
    from quarterhour.targets.data import Register, Settings
    from quarterhour.targets.schema import AnyRule, Head, Indicator, Plan, Target

BY_UNIT = frozenset({"presence", "share_of_units", "share_in_reach"})
"""Rules for which a facility counts that stands just outside the study area."""

MOST_NAMED = 6
"""Planned facilities that a note names."""

MEASURES = {
    "presence": rules_units.presence,
    "share_of_units": rules_units.share_of_units,
    "share_in_reach": rules_units.share_in_reach,
    "total": rules_sums.total,
    "ratio": rules_units.ratio,
    "share_of": rules_sums.share_of,
    "size_rule": rules_sums.size_rule,
}


def evaluate_plan(plan: Plan, register: Register, settings: Settings) -> PlanResult:
    """Every indicator of the plan, in its order."""
    head = plan.plan
    return PlanResult(
        key=head.key,
        name=Note(head.zh, head.en),
        document=head.document,
        date=head.date,
        status=head.status,
        source=head.source,
        remark=Note(head.note_zh, head.note_en),
        indicators=tuple(evaluate(head, one, register, settings) for one in plan.indicator),
    )


def evaluate(
    head: Head, indicator: Indicator, register: Register, settings: Settings
) -> IndicatorResult:
    """One indicator: pass where all of its parts pass, fail where any fails, else unknown."""
    unit = Note(indicator.unit_zh, indicator.unit_en)
    parts = tuple(
        evaluate_part(part, register, settings, id_=indicator.id, head=head, unit=unit)
        for part in indicator.part
    )
    remark = Note(indicator.note_zh, indicator.note_en)
    if not parts:
        remark = Note(indicator.explain_zh, indicator.explain_en)
    return IndicatorResult(
        plan=head.key,
        id=indicator.id,
        domain=indicator.domain,
        zh=indicator.zh,
        en=indicator.en,
        kind=indicator.kind,
        clause=indicator.clause,
        unit=unit,
        counted_per=Note(indicator.counted_per_zh, indicator.counted_per_en),
        unconfirmed=indicator.unconfirmed,
        result=combine([part.result for part in parts]),
        parts=parts,
        remark=remark,
    )


def evaluate_part(
    part: AnyRule,
    register: Register,
    settings: Settings,
    *,
    id_: str = "",
    head: Head | None = None,
    unit: Note = NOTHING,
) -> PartResult:
    """One part of the indicator `id_`: measured, and compared with the milestone in force."""
    year, milestone = milestone_of(part, settings)
    threshold = exact(settings.thresholds.get(id_, settings.threshold_percent))
    case = Case(
        register=register,
        year=year,
        milestone=milestone.year,
        threshold=threshold,
        levels={key: Note(w.zh, w.en) for key, w in head.levels.items()} if head else {},
    )
    target = _target(case, part, milestone, settings.thresholds.get(id_))
    _told_milestone(case, part, milestone, settings)
    measured: Measured = MEASURES[part.rule](case, part)  # type: ignore[operator]
    scale = exact(part.scale)
    wanted = None if target is None else target * scale
    result = UNKNOWN
    # a threshold for a target without a number is one to be reached
    share = part.rule in words.SHARES or milestone.value is None
    if wanted is not None:
        result = verdict(measured, part.direction, wanted, share=share)
    value = measured.value
    known = value is not None and (result != UNKNOWN or not measured.lower_bound)
    notes = list(case.notes) + [n for n in measured.notes if n not in case.notes]
    if value and measured.lower_bound:
        least = number_text(value / scale)
        notes.insert(0, Note(f"缺列的行不计，至少为 {least}", f"at least {least} without them"))
    planned, without = _planned_of(case, part), ""
    if planned and wanted is not None:
        again = dataclasses.replace(
            case, existing_only=True, missing=[], assumptions=[], notes=[], planned=set()
        )
        less: Measured = MEASURES[part.rule](again, part)  # type: ignore[operator]
        without = verdict(less, part.direction, wanted, share=share)
        shown = less.value is not None and (without != UNKNOWN or not less.lower_bound)
        less_value = less.value / scale if shown and less.value is not None else None
        # the first note: `first_evidence` tells it where the result rests on it
        notes.insert(0, _told_planned(case, planned, result, without, less_value))
    more = None
    if known and wanted is not None and result != PASS and measured.lacking is not None:
        more = measured.lacking(wanted, part.direction == ">")
    return PartResult(
        zh=part.zh,
        en=part.en,
        unit=Note(part.unit_zh or unit.zh, part.unit_en or unit.en),
        rule=part.rule,
        direction=part.direction,
        result=result,
        value=value / scale if known and value is not None else None,
        target=target,
        stated=milestone.value is not None,
        year=milestone.year,
        distance=value / scale - target
        if known and value is not None and target is not None
        else None,
        more=more if more is not None and more > 0 else None,
        more_of=measured.lacking_of,
        missing=tuple(case.missing) if result == UNKNOWN else (),
        assumptions=tuple(case.assumptions),
        notes=tuple(notes) if result == UNKNOWN else (*notes, *_left(case)),
        # while data are absent nobody is said to lack anything
        evidence=tuple(
            e for e in measured.evidence if result != UNKNOWN or e.role in {COUNTED, PLANNED}
        ),
        planned=len(planned),
        without_planned=without,
    )


def _planned_of(case: Case, part: AnyRule) -> list[int]:
    """Rows that count and are only planned; sums leave out what stands outside the study area."""
    by_unit = part.rule in BY_UNIT or (part.rule == "ratio" and bool(part.level))
    return [k for k in sorted(case.planned) if by_unit or case.rows.counts[k]]


def _told_planned(
    case: Case, planned: list[int], result: str, without: str, value: Fraction | None
) -> Note:
    """How many planned facilities count, and whether the result rests on them."""
    n = len(planned)
    names = [case.rows.name[k] or f"#{case.rows.row[k]}" for k in planned[:MOST_NAMED]]
    more = "…" if n > MOST_NAMED else ""
    than = words.RESULTS[without]
    zh, en = f"不计它们则{than.zh}", f"without them: {than.en}"
    if value is not None:
        shown = number_text(value)
        zh, en = f"不计它们为 {shown}，{than.zh}", f"without them {shown}, {than.en}"
    if result != without:
        zh, en = f"{zh}（结果取决于它们）", f"{en} (the result rests on them)"
    return Note(
        f"计入 {n} 个规划设施：{'、'.join(names)}{more}；{zh}",
        f"{counted(n, 'planned facility counts', 'planned facilities count')}:"
        f" {', '.join(names)}{more}; {en}",
    )


def _left(case: Case) -> list[Note]:
    """What is missing and does not change the result."""
    return [Note(f"{n.zh}（不影响结果）", f"{n.en} (the result stands)") for n in case.missing]


def milestone_of(part: AnyRule, settings: Settings) -> tuple[int | None, Target]:
    """The year that is evaluated, None for the present, and the milestone in force in it.

    The year is the user's, or that of the last milestone; in force is the last milestone up to it,
    and before the first one the first.
    """
    last = part.targets[-1].year
    year = settings.year if settings.year is not None else (last or None)
    due = [t for t in part.targets if year is None or t.year <= year]
    return year, due[-1] if due else part.targets[0]


def _told_milestone(case: Case, part: AnyRule, milestone: Target, settings: Settings) -> None:
    if settings.year is not None:
        case.assume(
            Note(
                f"按 {settings.year} 年评价，设施计到该年为止",
                f"evaluated in {settings.year}, with the facilities open by then",
            )
        )
    if len(part.targets) > 1:
        case.assume(
            Note(
                f"计划有 {len(part.targets)} 个阶段目标，取 {milestone.year} 年的",
                f"the plan has {len(part.targets)} milestones; taken is that of {milestone.year}",
            )
        )


def _target(case: Case, part: AnyRule, milestone: Target, own: float | None) -> Fraction | None:
    """The number of the plan, or the user's threshold where it states none."""
    if milestone.value is not None:
        return exact(milestone.value)
    if part.rule in words.SHARES:
        percent = number_text(case.threshold)
        case.assume(
            Note(
                f"计划未给出数值，按 {percent}% 判断（[targets] threshold_percent 或 thresholds）",
                f"the plan states no number; judged by {percent} % ([targets] threshold_percent or"
                " thresholds)",
            )
        )
        return case.threshold
    if own is None:
        one = Fraction(0 if part.direction == ">" else 1)
        case.assume(
            Note(
                "计划未给出数值，按至少 1 个判断（可用 [targets] thresholds 改）",
                "the plan states no number; judged by at least one ([targets] thresholds can say"
                " another)",
            )
        )
        return one
    case.assume(
        Note(
            f"计划未给出数值，按 [targets] thresholds 的 {number_text(exact(own))} 判断",
            f"the plan states no number; judged by {number_text(exact(own))} of [targets]"
            " thresholds",
        )
    )
    return exact(own)


def number_text(value: Fraction) -> str:
    """A number for reading: at most four decimals, without zeros at the end."""
    text = f"{float(round(value, 4)):,.4f}".rstrip("0").rstrip(".")
    return "0" if text in {"", "-0"} else text
