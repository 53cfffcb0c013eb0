"""Targets that new sites make pass, and those that they cannot: sentences, a table, a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.core.siting.milp import OPTIMAL
from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.siting.for_targets import missed
from quarterhour.siting.words import verdict_of
from quarterhour.tabular import Column, Table
from quarterhour.targets.evidence import FAIL, PASS, UNKNOWN
from quarterhour.targets.rules import number_text
from quarterhour.targets.words import SHARES

if TYPE_CHECKING:
    from quarterhour.siting.aim_parts import Aim
    from quarterhour.siting.for_targets import TargetsResult
    from quarterhour.targets.evidence import PartResult

RESULTS = {
    PASS: Note("达标", "pass"), FAIL: Note("未达标", "fail"), UNKNOWN: Note("无法判断", "unknown"),
}  # fmt: skip


def target_answers(result: TargetsResult) -> tuple[Note, ...]:
    """Sentences that answer the question, the first one first."""
    asked, n = result.asked, len(result.site.steps)
    open_ = sum(_lacks_data(aim) for aim in result.aims)
    left = sum(aim.why is not None for aim in result.aims) - open_
    more = Note(f"，因数据不足无法判断 {open_} 项" if open_ else "",
                f"; {open_} cannot be judged for lack of data" if open_ else "")  # fmt: skip
    passed = sum(aim.before.result == PASS for aim in result.aims)
    notes = [
        Note(
            f"规划指标 {len(result.aims)} 项：现已达标 {passed} 项，可由选址达标 {len(asked)} 项，"
            f"选址不能改变 {left} 项{more.zh}",
            f"{counted(len(result.aims), 'part')} of indicators:"
            f" {counted(passed, 'passes', 'pass')} already, sites can make"
            f" {len(asked)} pass, and sites cannot change {left}{more.en}",
        )
    ]
    if asked:
        keys_zh, keys_en = _names(result, asked)
        bound = int(result.site.solution.bound)
        proof = Note("", "")
        if result.site.solution.status == OPTIMAL:
            proof = Note(
                f"；已证明 {n - 1} 处不可能做到" if n > 1 else "",
                f"; proven: {n - 1} will not do" if n > 1 else "",
            )
        else:
            proof = Note(
                f"；已证明少于 {bound} 处不可能做到", f"; proven: fewer than {bound} will not do"
            )
        notes.append(
            Note(
                f"新建 {n} 处“{result.kind}”即可使 {keys_zh} 达标{proof.zh}",
                f"{n} new site{'' if n == 1 else 's'} ({result.kind}) make {keys_en}"
                f" pass{proof.en}",
            )
        )
        short = missed(result)
        if short:
            zh, en = _names(result, short)
            notes.append(
                Note(
                    f"按含新址的数据重新评价，{zh} 仍未达标，见指标表",
                    f"judged again with the new sites {en} still does not pass; see the table",
                )
            )
        else:
            notes.append(
                Note(
                    "按含新址的数据重新评价，以上各项均达标",
                    "judged again with the new sites among the facilities, all of them pass",
                )
            )
    else:
        notes.append(
            Note(
                "没有可由选址达标的指标，无须新增",
                "sites can make none of them pass; none is built",
            )
        )
    return tuple(notes)


def _names(result: TargetsResult, parts: list[int], most: int = 6) -> tuple[str, str]:
    """Indicators by their numbers."""
    keys = list(dict.fromkeys(result.aims[k].key for k in parts))
    left = len(keys) - most
    zh = "、".join(keys[:most]) + (f" 等 {len(keys)} 项" if left > 0 else "")
    return zh, ", ".join(keys[:most]) + (f" and {left} more" if left > 0 else "")


def _value(part: PartResult) -> float | None:
    return None if part.value is None else float(part.value)


def _lacks_data(aim: Aim) -> bool:
    """Whether a part cannot be judged because something is missing in the data."""
    return aim.before.result == UNKNOWN and aim.why is not None and aim.why in aim.before.missing


def _advice(aim: Aim, after: PartResult) -> Note:
    """What becomes of a part: why siting cannot change it, or what the sites did."""
    if aim.why is not None and _lacks_data(aim):
        return Note(f"数据不足，无法判断：{aim.why.zh}", f"data are lacking: {aim.why.en}")
    if aim.why is not None:
        return Note(f"选址不能改变：{aim.why.zh}", f"sites cannot change it: {aim.why.en}")
    if aim.open:
        good = after.result == PASS
        return Note("由新址达标" if good else "新址未能使其达标",
                    "passes by the new sites" if good else "does not pass even so")  # fmt: skip
    return Note("现已达标", "passes already")


def target_table(result: TargetsResult) -> Table:
    """Every part of every indicator before and after."""
    rows = []
    for aim, after in zip(result.aims, result.after, strict=True):
        before, one = aim.before, aim.indicator
        name = Note(before.zh or one.zh, before.en or one.en)
        # the equal sign of a share means that it is reached
        share = before.direction == "=" and before.rule in SHARES
        sign = ">=" if share else before.direction
        wanted = "" if before.target is None else f"{sign} {number_text(before.target)}"
        rows.append(
            (aim.key, name, wanted, before.unit, _value(before), RESULTS[before.result],
             _value(after), RESULTS[after.result], _advice(aim, after))
        )  # fmt: skip
    return Table(
        key="site_targets",
        title=Note("规划指标：选址前后", "Targets before and after"),
        columns=(
            Column("key", "编号", "indicator"),
            Column("name", "指标", "what is asked for"),
            Column("target", "目标", "target"),
            Column("unit", "单位", "unit"),
            Column("before", "现值", "before", "number"),
            Column("result_before", "现结果", "result before"),
            Column("after", "建成后", "after", "number"),
            Column("result_after", "建成后结果", "result after"),
            Column("advice", "选址的作用", "what sites do"),
        ),
        rows=tuple(rows),
        notes=(
            Note(
                f"新址按“{result.kind}”（[site] kind）计入；建成后的结果由含新址的数据重新评价"
                "得出，与 quarterhour targets 用同一套规则",
                f"new sites count as {result.kind} ([site] kind); the results after are judged"
                " again on data with them, by the rules of quarterhour targets",
            ),
        ),
    )


def brief_targets(result: TargetsResult) -> Table:
    """The parts that sites were to change, for the terminal."""
    whole = target_table(result)
    keep = [0, 2, 4, 5, 6, 7]
    return Table(
        key="site_targets_brief",
        title=whole.title,
        columns=tuple(whole.columns[k] for k in keep),
        rows=tuple(tuple(whole.rows[r][k] for k in keep) for r in result.asked),
    )


def target_summary(result: TargetsResult) -> dict[str, Any]:
    """For summary.json: `kind`, how far it is proven (`zh`, `en`), and `parts` of indicators.

    A part has `key`, `plan`, `id`, `part`, `before`, `after` (values in the unit of the plan),
    `target`, `result_before`, `result_after`, `asked` (sites were to make it pass) and `why_zh`,
    `why_en`: why sites cannot change it, null where they can or need not.
    """
    return {
        "kind": result.kind,
        **verdict_of(result.site.solution)._asdict(),
        "parts": [
            {
                "key": aim.key, "plan": aim.plan, "id": aim.indicator.id, "part": aim.number + 1,
                "before": _value(aim.before), "after": _value(after),
                "target": None if aim.before.target is None else float(aim.before.target),
                "result_before": aim.before.result, "result_after": after.result,
                "asked": aim.open,
                "why_zh": None if aim.why is None else aim.why.zh,
                "why_en": None if aim.why is None else aim.why.en,
            }
            for aim, after in zip(result.aims, result.after, strict=True)
        ],
    }  # fmt: skip
