"""What became of an indicator: pass, fail or unknown, with everything that it rests on.

Values are fractions: 60 % of 10 is 6 exactly, and nothing is rounded before it is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quarterhour.inputs import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from quarterhour.targets.data import Rows

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"

COUNTED, PLANNED, LACKS, NO_UNIT = "counted", "planned", "lacks", "no_unit"
"""Facilities or units that were counted; facilities that were counted and are only planned; those
that lack what is asked for; facilities that lie in no known unit."""


NOTHING = Note("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One facility or unit that a result rests on.

    `role`: one of `COUNTED`, `PLANNED`, `LACKS`, `NO_UNIT`. `what`: facility or the level of the
    unit. `row`: as the user sees it. `value`: what it counts for, None for one.
    """

    role: str
    what: str
    name: str
    file: str
    row: int | None
    value: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a rule measures, before it is compared.

    `value`: in the unit of the rule, None where it cannot be computed. `lower_bound`: something is
    missing that could only raise the value. `missing`: what. `lacking`: how much more it takes to
    reach a target (and whether it has to be exceeded), and of what.
    """

    value: Fraction | None
    lower_bound: bool = False
    missing: tuple[Note, ...] = ()
    assumptions: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    lacking: Callable[[Fraction, bool], Fraction] | None = None
    lacking_of: Note = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """One part of an indicator; value, target and distance are in the unit that is printed.

    `distance`: value less target, None where there is no value. `more`: how much more it takes to
    reach the target, of what `more_of`; None where that cannot be said or it is reached. `year`: of
    the milestone, 0 for a standing target. `stated`: whether the plan states the number.
    `planned`: how many facilities count that are only planned; `without_planned`: the result
    without these, "" where there are none.
    """

    zh: str
    en: str
    unit: Note
    rule: str
    direction: str
    result: str
    value: Fraction | None
    target: Fraction | None
    stated: bool
    year: int
    distance: Fraction | None
    more: Fraction | None
    more_of: Note
    missing: tuple[Note, ...]
    assumptions: tuple[Note, ...]
    notes: tuple[Note, ...]
    evidence: tuple[Evidence, ...]
    planned: int = 0
    without_planned: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorResult:
    """One indicator of a plan; `parts` is empty for one that geography cannot compute."""

    plan: str
    id: str
    domain: str
    zh: str
    en: str
    kind: str
    clause: str
    unit: Note
    counted_per: Note
    unconfirmed: bool
    result: str
    parts: tuple[PartResult, ...]
    remark: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResult:
    """All indicators of a plan."""

    key: str
    name: Note
    document: str
    date: str
    status: str
    source: str
    remark: Note
    indicators: tuple[IndicatorResult, ...]

    def count(self, result: str) -> int:
        """Indicators with this result."""
        return sum(one.result == result for one in self.indicators)


def combine(results: Sequence[str]) -> str:
    """All pass: pass. Any fail: fail, whatever else is unknown. Otherwise unknown."""
    if FAIL in results:
        return FAIL
    return UNKNOWN if UNKNOWN in results or not results else PASS


def reached(value: Fraction, direction: str, target: Fraction, *, share: bool) -> bool:
    """Whether a value meets a target; the equal sign of a share means that it is reached."""
    if direction == ">":
        return value > target
    if direction == "<=":
        return value <= target
    if direction == "=" and not share:
        return value == target
    return value >= target


def verdict(measured: Measured, direction: str, target: Fraction, *, share: bool) -> str:
    """Pass, fail or unknown; what can only be raised may pass already, or be too much already."""
    value = measured.value
    if value is None:
        return UNKNOWN
    good = reached(value, direction, target, share=share)
    if not measured.lower_bound:
        return PASS if good else FAIL
    upward = direction in {">=", ">"} or (direction == "=" and share)
    if upward:
        return PASS if good else UNKNOWN
    return FAIL if value > target else UNKNOWN


def of_rows(
    rows: Rows,
    chosen: Sequence[int],
    role: str,
    what: str,
    values: Sequence[Fraction] | None = None,
) -> list[Evidence]:
    """Evidence of some rows, in their order; what counts and is only planned is told apart."""
    planned = getattr(rows, "planned", None)
    return [
        Evidence(
            role=PLANNED if role == COUNTED and planned is not None and planned[k] else role,
            what=what,
            name=rows.name[k],
            file=rows.tables[rows.table[k]],
            row=rows.row[k],
            value=None if values is None else values[n],
        )
        for n, k in enumerate(chosen)
    ]
