"""What the check of a plan's own arithmetic found: numbers, a sentence, and a table of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quarterhour.inputs import Note
from quarterhour.tabular import Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quarterhour.targets.projects import Plan

STATUS: dict[str, Note] = {
    "differs": Note("不一致", "differs"),
    "doubtful": Note("待核实", "to be checked"),
    "missing": Note("缺数据", "data missing"),
    "agrees": Note("一致", "agrees"),
}
"""What a finding can be, the worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was checked.

    `key`: unique within a plan. `status`: a key of `STATUS`. `clause`: where the figures stand.
    `rows`: numbers of the rows of the list that it is about. `numbers`: what was computed, by name;
    a number that could not be computed is not there.
    """

    key: str
    status: str
    sentence: Note
    clause: str = ""
    rows: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)


def amount(value: float) -> str:
    """A number as it is written in a sentence: 10,389 or 4.26."""
    if value == round(value) or abs(value) >= 1000:
        return f"{rounded(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def wan(value: float) -> str:
    """A number in ten thousands, as Chinese documents write it: 218.4万."""
    return f"{value / 1e4:.2f}".rstrip("0").rstrip(".") + "万" if value >= 1e4 else amount(value)


def rounded(value: float) -> int:
    """The nearest whole number, halves up."""
    return math.floor(value + 0.5)


def listed(rows: Sequence[str], *, most: int = 20) -> str:
    """Numbers of rows in a sentence."""
    shown = ", ".join(rows[:most])
    return f"{shown} …" if len(rows) > most else shown


def summary_of(plan: Plan, findings: Sequence[Finding]) -> dict[str, Any]:
    """Findings for summary.json.

    `plan` (key, zh, en, document, target_year, projects = rows of its list) and `findings`: each
    with key, status (differs, doubtful, missing, agrees), zh, en, clause, rows (numbers of the
    list) and numbers (by name; people, beds, places, or ten thousand yuan where the name says
    cost or central). Rows of the list that are not used are in `plan.set_aside`.
    """
    return {
        "plan": {
            "key": plan.key,
            "zh": plan.zh,
            "en": plan.en,
            "document": plan.document,
            "target_year": plan.target_year,
            "projects": len(plan.projects),
        },
        "findings": [
            {
                "key": f.key,
                "status": f.status,
                "zh": f.sentence.zh,
                "en": f.sentence.en,
                "clause": f.clause,
                "rows": list(f.rows),
                "numbers": dict(f.numbers),
            }
            for f in findings
        ],
    }


def tables_of(plan: Plan, findings: Sequence[Finding]) -> list[Table]:
    """A table of the findings, the worst first."""
    order = list(STATUS)
    rows = [
        (STATUS[f.status], f.sentence, f.clause, ", ".join(f.rows))
        for f in sorted(findings, key=lambda f: order.index(f.status))
    ]
    return [
        Table(
            key=f"reconcile_{plan.key}",
            title=Note(f"数据校核：{plan.zh}", f"Arithmetic of the plan: {plan.en}"),
            columns=(
                Column("status", "结论", "result"),
                Column("finding", "内容", "finding"),
                Column("clause", "出处", "clause"),
                Column("rows", "项目编号", "rows of the list"),
            ),
            rows=tuple(rows),
            notes=(
                Note(
                    f"数字出自{plan.document or plan.zh}，合计由项目清单逐行相加；万元、张、个",
                    f"figures as printed in {plan.document or plan.en}; sums are of the rows of its"
                    " list; money in ten thousand yuan",
                ),
            ),
        )
    ]
