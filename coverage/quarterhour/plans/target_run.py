"""The plans of a study evaluated, and what came of them as tables and for summary.json."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quarterhour.inputs import Note
from quarterhour.measures import singular, verb
from quarterhour.plans.target_facilities import read_listed
from quarterhour.plans.target_register import check_plan, register_of
from quarterhour.render.summary import change_rows, set_aside_rows
from quarterhour.study_file.settings import input_path
from quarterhour.study_file.settings_answers import require_one_of_each, require_thresholds
from quarterhour.tabular import Column, Table
from quarterhour.targets import words
from quarterhour.targets.data import Settings
from quarterhour.targets.evidence import COUNTED, FAIL, LACKS, NO_UNIT, PASS, PLANNED, UNKNOWN
from quarterhour.targets.rules import evaluate_plan, number_text
from quarterhour.targets.schema import load_plan, shipped_plans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction
    from pathlib import Path

    from quarterhour.assessing.ground import Ground
    from quarterhour.gather.inputs import Gather
    from quarterhour.inputs import Change, Reading, SetAside
    from quarterhour.targets.evidence import Evidence, IndicatorResult, PartResult, PlanResult
    from quarterhour.targets.schema import Plan

ROLES: dict[str, Note] = {
    LACKS: Note("未达到", "lacks it"),
    COUNTED: Note("计入", "counted"),
    PLANNED: Note("计入（规划）", "counted (planned)"),
    NO_UNIT: Note("不在任何单元内", "in no unit"),
}
FACILITY = Note("设施", "facility")
MOST = 60
"""Rows of evidence of one role that the outputs list; how many there are is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResults:
    """The plans of a study with all their indicators; `notes`: what must be known of the data.

    `changes`, `set_aside`, `readings`: of the tables of [targets] facilities.
    """

    plans: tuple[PlanResult, ...]
    notes: tuple[Note, ...] = ()
    changes: tuple[Change, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    readings: tuple[Reading, ...] = ()


def plan_of(name: str, home: Path | None = None) -> Plan:
    """A plan by its key, or a file beside the study; its kinds and columns are known.

    Raises
    ------
    InputError
        There is none, or something in it is not allowed.
    """
    found = name
    if home is not None and name not in shipped_plans():
        path = input_path(home, name)
        found = str(path) if path.exists() or name.lower().endswith(".toml") else name
    plan = load_plan(found)
    check_plan(plan, found if found.lower().endswith(".toml") else f"{found}.toml")
    return plan


def run_targets(
    inputs: Gather,
    ground: Ground,
    plans: Sequence[Plan] | None = None,
    *,
    threads: int | None = None,
) -> TargetResults:
    """Every indicator of the plans, default those of [targets] plans, on the data of a study.

    Raises
    ------
    InputError
        A plan, a table or a layer cannot be used.
    """
    part = inputs.study.targets
    if plans is None:
        plans = [plan_of(name, inputs.home) for name in part.plans]
    if not plans:
        return TargetResults(plans=())
    require_one_of_each(plans, "[targets]")
    require_thresholds(part.thresholds, plans, "[targets]")
    settings = Settings(
        threshold_percent=part.threshold_percent,
        thresholds={key: float(value) for key, value in part.thresholds.items()},
        year=part.year,
    )
    register = register_of(inputs, ground, threads=threads)
    listed = read_listed(inputs)
    return TargetResults(
        plans=tuple(evaluate_plan(plan, register, settings) for plan in plans),
        notes=register.notes,
        changes=listed.changes,
        set_aside=listed.set_aside,
        readings=listed.readings,
    )


def summary_of(results: TargetResults) -> dict[str, Any]:
    """The plans for summary.json.

    `notes` (zh, en). `set_aside`, `changes`: as at the top level, of the tables of [targets]
    facilities. `plans`: a list with `key`, `zh`, `en`, `document`, `date`, `status`,
    `source`, `note_zh`, `note_en`, the numbers of indicators that `pass`, `fail` and are `unknown`,
    and `indicators`: `id`, `domain`, `zh`, `en`, `class` (G, G+ or X: not of geography), `clause`,
    `counted_per_zh`, `counted_per_en`, `unconfirmed`, `result` (pass, fail or unknown), `note_zh`,
    `note_en` (of class X: why it cannot be computed) and `parts`. A part has `zh`, `en`, `rule`,
    `result`, `direction` (>=, >, = or <=), `unit_zh`, `unit_en`, and in this unit `value`, `target`
    and `distance` (value - target; null where there is none); `target_stated` (false: the plan says
    no number, the user's threshold counts), `target_year` (0: standing), `more` (how much more it
    takes, of `more_of_zh`, `more_of_en`; null where that cannot be said), `planned` (how many
    facilities count that are only planned), `without_planned` (the result without them, or null),
    and lists of (zh, en): `missing` (what an unknown result needs), `assumptions`, `notes`; and
    `evidence`: `role` (lacks, counted, planned: counted too, no_unit), `what` (facility or the
    level of a unit), `name`, `file`, `row`, `value`, at most 60 of each role; `evidence_total`: how
    many there are by role.
    """
    return {
        "notes": _both(results.notes),
        "set_aside": set_aside_rows(results.set_aside),
        "changes": change_rows(results.changes),
        "plans": [
            {
                "key": plan.key, "zh": plan.name.zh, "en": plan.name.en,
                "document": plan.document, "date": plan.date, "status": plan.status,
                "source": plan.source, "note_zh": plan.remark.zh, "note_en": plan.remark.en,
                **{result: plan.count(result) for result in (PASS, FAIL, UNKNOWN)},
                "indicators": [_indicator(one) for one in plan.indicators],
            }
            for plan in results.plans
        ],
    }  # fmt: skip


def _indicator(one: IndicatorResult) -> dict[str, Any]:
    return {
        "id": one.id, "domain": one.domain, "zh": one.zh, "en": one.en, "class": one.kind,
        "clause": one.clause, "counted_per_zh": one.counted_per.zh,
        "counted_per_en": one.counted_per.en, "unconfirmed": one.unconfirmed,
        "result": one.result, "note_zh": one.remark.zh, "note_en": one.remark.en,
        "parts": [_part(part) for part in one.parts],
    }  # fmt: skip


def _part(part: PartResult) -> dict[str, Any]:
    return {
        "zh": part.zh, "en": part.en, "rule": part.rule, "result": part.result,
        "direction": part.direction, "unit_zh": part.unit.zh, "unit_en": part.unit.en,
        "value": _float(part.value), "target": _float(part.target),
        "target_stated": part.stated, "target_year": part.year,
        "distance": _float(part.distance), "more": _float(part.more),
        "more_of_zh": part.more_of.zh, "more_of_en": part.more_of.en,
        "planned": part.planned, "without_planned": part.without_planned or None,
        "missing": _both(part.missing), "assumptions": _both(part.assumptions),
        "notes": _both(part.notes),
        "evidence": [
            {"role": e.role, "what": e.what, "name": e.name, "file": e.file, "row": e.row,
             "value": _float(e.value)}
            for e in listed(part.evidence)
        ],
        "evidence_total": {
            role: n for role in ROLES if (n := sum(e.role == role for e in part.evidence))
        },
    }  # fmt: skip


def listed(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The first of each role."""
    seen: Counter[str] = Counter()
    kept = []
    for e in evidence:
        seen[e.role] += 1
        kept += [e] if seen[e.role] <= MOST else []
    return kept


def _both(notes: Sequence[Note]) -> list[dict[str, str]]:
    return [{"zh": n.zh, "en": n.en} for n in notes]


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def tables_of(results: TargetResults) -> list[Table]:
    """The indicators (targets) and the facilities and units that they rest on (target_evidence)."""
    if not results.plans:
        return []
    return [_targets(results), _evidence(results)]


def _targets(results: TargetResults) -> Table:
    rows = [
        _row(plan.key, one, part)
        for plan in results.plans
        for one in plan.indicators
        for part in (one.parts or (None,))
    ]
    notes = [
        Note(
            "“无法判断”只表示缺少数据，并写明缺哪一列或哪一图层；比较用精确分数，不先四舍五入。"
            "各级服务圈分别计算：15 分钟达标不等于 5 分钟达标。",
            "Unknown means that data are absent, and says which column or layer; fractions are"
            " compared exactly, before rounding. Circles are computed each by itself: fifteen"
            " minutes say nothing of five.",
        )
    ]
    for plan in results.plans:
        status = words.STATUS[plan.status]
        said = " ".join(t for t in (plan.document, plan.date) if t)
        notes.append(
            Note(
                f"{plan.key}：{plan.name.zh}（{status.zh}）{said}；{plan.source}",
                f"{plan.key}: {plan.name.en} ({status.en}) {said}; {plan.source}",
            )
        )
        if plan.remark.zh or plan.remark.en:
            notes.append(plan.remark)
    return Table(
        key="targets",
        title=Note("规划指标", "Targets of the plans"),
        columns=(
            Column("plan", "规划", "plan"),
            Column("id", "编号", "id"),
            Column("indicator", "指标", "indicator"),
            Column("result", "结果", "result"),
            Column("value", "现值", "value", "number"),
            Column("target", "目标", "target"),
            Column("distance", "与目标之差", "distance to target", "number"),
            Column("unit", "单位", "unit"),
            Column("year", "目标年份", "year of target", "year"),
            Column("more", "还差", "still needed"),
            Column("clause", "出处", "clause"),
            Column("why", "依据、假设与缺少的数据", "basis, assumptions and missing data"),
        ),
        rows=tuple(rows),
        notes=(*notes, *results.notes),
    )


def _row(plan: str, one: IndicatorResult, part: PartResult | None) -> tuple[Any, ...]:
    name, why = Note(*named(one, part)), reason_note(one, part)
    if part is None:
        nothing = (None,) * 6
        return (plan, one.id, name, words.NOT_COMPUTED, *nothing, one.clause, why)
    return (
        plan, one.id, name, words.RESULTS[part.result], _float(part.value), target_text(part),
        _float(part.distance), part.unit, part.year or None, more_note(part), one.clause, why,
    )  # fmt: skip


def named(one: IndicatorResult, part: PartResult | None) -> tuple[str, str]:
    """What is measured: the indicator, and its part where it has several."""
    zh, en = one.zh, one.en
    if part is not None and len(one.parts) > 1 and (part.zh or part.en):
        zh, en = f"{zh}：{part.zh or part.en}", f"{en}: {part.en or part.zh}"
    return (f"{zh}（未核实）", f"{en} (unconfirmed)") if one.unconfirmed else (zh, en)


def target_text(part: PartResult) -> str:
    """The target as it is compared: >= 60."""
    if part.target is None:
        return ""
    # what the user's threshold judges is to be reached, whatever sign a plan without a number has
    direction = ">=" if not part.stated and part.direction == "=" else part.direction
    sign = {">=": "≥", "<=": "≤"}.get(direction, direction)
    return f"{sign} {number_text(part.target)}"


def more_note(part: PartResult | None) -> Note | None:
    """How much more it takes, None where that is not said."""
    if part is None or part.more is None:
        return None
    much = number_text(part.more)
    what = part.more_of.en
    return Note(f"{much} {part.more_of.zh}", f"{much} {verb(much, singular(what), what)}")


def reason_note(one: IndicatorResult, part: PartResult | None) -> Note:
    """What a result rests on in one text: what is missing, or else fails, assumptions, notes."""
    if part is None:
        return one.remark
    told = [*part.missing, *part.assumptions, *part.notes]
    if one.remark.zh or one.remark.en:
        told.append(one.remark)
    return Note("；".join(n.zh for n in told if n.zh), "; ".join(n.en for n in told if n.en))


def reason_lines(one: IndicatorResult, part: PartResult | None) -> list[Note]:
    """All that a result rests on, one line each: missing data, assumptions, notes, evidence."""
    if part is None:
        return [one.remark]
    told = [Note(f"缺少：{n.zh}", f"missing: {n.en}") for n in part.missing]
    told += [Note(f"假设：{n.zh}", f"assumed: {n.en}") for n in part.assumptions]
    told += part.notes
    more = more_note(part)
    told += [Note(f"还差：{more.zh}", f"still needed: {more.en}")] if more else []
    for role, label in ROLES.items():
        names = _names(part.evidence, role, most=12)
        told += [Note(f"{label.zh}：{names.zh}", f"{label.en}: {names.en}")] if names else []
    return [*told, *([one.remark] if one.remark.zh or one.remark.en else [])]


def first_evidence(one: IndicatorResult, part: PartResult | None) -> Note:
    """The shortest answer to why: what is missing, the first that lack it, the first counted."""
    if part is None:
        return one.remark
    if part.missing:
        return part.missing[0]
    if part.result == FAIL:
        more = more_note(part)
        lacks = _names(part.evidence, LACKS)
        parts = [
            *([Note(f"还差 {more.zh}", f"{more.en} more")] if more else []),
            *([Note(f"未达到：{lacks.zh}", f"lacking: {lacks.en}")] if lacks else []),
        ]
        if parts:
            return Note("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))
    if part.without_planned not in {"", part.result}:
        return part.notes[0]  # that the result rests on what is only planned
    found = [(ROLES[role], _names(part.evidence, role)) for role in (COUNTED, PLANNED)]
    some = [(role, names) for role, names in found if names]
    if some:
        return Note(
            "；".join(f"{role.zh}：{names.zh}" for role, names in some),
            "; ".join(f"{role.en}: {names.en}" for role, names in some),
        )
    told = [*part.notes, *part.assumptions]
    return told[0] if told else Note("", "")


def _names(evidence: Sequence[Evidence], role: str, most: int = 3) -> Note | None:
    found = [e.name or (f"#{e.row}" if e.row is not None else "") for e in evidence
             if e.role == role]  # fmt: skip
    if not found:
        return None
    left = len(found) - most
    return Note(
        "、".join(found[:most]) + (f" 等 {len(found)} 个" if left > 0 else ""),
        ", ".join(found[:most]) + (f" and {left} more" if left > 0 else ""),
    )


def _evidence(results: TargetResults) -> Table:
    return Table(
        key="target_evidence",
        title=Note("规划指标的依据", "What the targets rest on"),
        columns=(
            Column("plan", "规划", "plan"),
            Column("id", "编号", "id"),
            Column("part", "分项", "part", "integer"),
            Column("role", "作用", "role"),
            Column("what", "对象", "what"),
            Column("name", "名称", "name"),
            Column("value", "数值", "value", "number"),
            Column("file", "文件", "file"),
            Column("row", "行", "row", "integer"),
        ),
        rows=tuple(_evidence_rows(results)),
        notes=(
            Note(
                "未达到目标的单元和计入的设施；每项最多列出 60 个。"
                "数值：计入的床位、托位等，或单元的比值。",
                "Units that lack what is asked for, and facilities that were counted; at most 60 of"
                " each are listed. Value: the beds or places that count, or the ratio of the unit.",
            ),
        ),
    )


def _evidence_rows(results: TargetResults) -> Iterator[tuple[Any, ...]]:
    for plan in results.plans:
        for one in plan.indicators:
            for k, part in enumerate(one.parts):
                for e in listed(part.evidence):
                    what = FACILITY if e.what == "facility" else _level(e.what)
                    yield (
                        plan.key, one.id, k + 1, ROLES[e.role], what, e.name, _float(e.value),
                        e.file, e.row,
                    )  # fmt: skip


def _level(key: str) -> Note:
    return words.listed([words.LEVELS.get(k, Note(k, k)) for k in key.split("+")])
