"""Which facilities and units an indicator counts, and what its data lack."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.inputs import Note
from quarterhour.measures import counted, verb
from quarterhour.targets import words
from quarterhour.targets.filters import Filter, empty, judge, number_of
from quarterhour.targets.layers import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from quarterhour.targets.data import BoolArray, FacilityRows, IntArray, Register, Rows
    from quarterhour.targets.filters import Judged

LAYERS = {
    "town": "[towns]",
    "county": "[towns]",
    "residential": "[residential]",
}
"""Sections of a study that give a level; the others come from [[units]]."""


@dataclass(slots=True, kw_only=True)
class Case:
    """One part of an indicator being worked out.

    `year`: facilities count that are open by then, None where only those of today count.
    `milestone`: year of the target, 0 for a standing one. `threshold`: percent of status targets.
    `levels`: what the plan calls levels of its own. `existing_only`: nothing planned counts. The
    lists collect what has to be told; `planned`: rows that count and are only planned.
    """

    register: Register
    year: int | None
    milestone: int
    threshold: Fraction
    levels: dict[str, Note] = field(default_factory=dict)
    missing: list[Note] = field(default_factory=list)
    assumptions: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    existing_only: bool = False
    planned: set[int] = field(default_factory=set)

    @property
    def rows(self) -> FacilityRows:
        """The facilities."""
        return self.register.facilities

    def lack(self, zh: str, en: str) -> None:
        """Something is missing."""
        self.missing += [] if Note(zh, en) in self.missing else [Note(zh, en)]

    def tell(self, zh: str, en: str) -> None:
        """Something should be known."""
        self.notes += [] if Note(zh, en) in self.notes else [Note(zh, en)]

    def assume(self, note: Note) -> None:
        """Something was assumed."""
        self.assumptions += [] if note in self.assumptions else [note]

    def level(self, key: str) -> Note:
        """The units of a level in words."""
        return self.levels.get(key) or words.LEVELS.get(key) or Note(key, key)

    def column(self, key: str) -> Note:
        """A column in words, with its key."""
        own = words.column(key)
        zh = words.COLUMNS[key].zh if key in words.COLUMNS else self.register.headings.get(key, key)
        return Note(f"{zh}（{key}）" if zh != key else key, f"{own.en} ({key})")

    def no_column(self, rows: Rows, table: int, key: str) -> None:
        """A column of a table is missing."""
        what = self.column(key)
        self.lack(
            f"表“{rows.tables[table]}”缺少列：{what.zh}",
            f"{rows.tables[table]} has no column {what.en}",
        )

    def told_missing(self, rows: Rows, judged: Judged) -> None:
        """Columns that leave rows undecided."""
        for table, key in judged.missing:
            self.no_column(rows, table, key)

    def told_left(self, rows: Rows, judged: Judged) -> None:
        """Conditions that were left out."""
        for table, key in judged.left_out:
            what = self.column(key)
            self.tell(
                f"表“{rows.tables[table]}”没有列：{what.zh}，这一条件不用",
                f"{rows.tables[table]} has no column {what.en}: this condition is left out",
            )

    def told_blank(
        self, rows: Rows, blank: dict[tuple[int, str], list[int]], of: Counter[int]
    ) -> None:
        """Empty cells, by table and column."""
        for (table, key), found in blank.items():
            n, what = len(found), self.column(key)
            whole = max(of[table], n)
            self.tell(
                f"“{rows.tables[table]}”{whole} 行中有 {n} 行的{what.zh}为空，不计入",
                f"{n} of {counted(whole, 'row')} of {rows.tables[table]} have no value in"
                f" {what.en} and do not count",
            )


@dataclass(slots=True, kw_only=True)
class Chosen:
    """Rows that count; `partial`: others might, if a missing column were there.

    `walkable`: rows that may be walked to, whether or not they lie in the study area.
    """

    rows: list[int]
    partial: bool
    walkable: list[int] = field(default_factory=list)


def facilities(
    case: Case, condition: Filter, *, opened: str | None = None, since: int | None = None
) -> Chosen | None:
    """Facilities that pass and are open; None where the data hold nothing of the kind."""
    if not domain_is_there(case, condition):
        return None
    rows = case.rows
    judged = judge(condition, rows, range(len(rows)))
    case.told_left(rows, judged)
    active = _open(case, judged, opened, since)
    chosen = [k for k in active if judged.yes[k]]
    undecided = [k for k in active if judged.open[k] and rows.counts[k]]
    if undecided:
        only = judge(condition, rows, undecided)
        case.told_missing(rows, only)
    # both are told, whichever comes first
    partial = _no_open_year(case, judged, opened) or bool(undecided)
    kind = Filter(kinds=condition.kinds, domain=condition.domain)
    of_kind = judge(kind, rows, active).yes
    of = Counter(rows.table[k] for k in active if of_kind[k])
    live = set(active)
    blank = {at: [k for k in found if k in live] for at, found in judged.blank.items()}
    case.told_blank(rows, {at: found for at, found in blank.items() if found}, of)
    case.planned |= {k for k in chosen if rows.planned[k]}
    outside = [k for k in chosen if not rows.counts[k]]
    if outside:
        case.tell(
            f"研究范围以外的 {len(outside)} 个设施不计入总数",
            f"{counted(len(outside), 'facility', 'facilities')} outside the study area"
            f" {verb(f'{len(outside)}', 'is', 'are')} not counted",
        )
    return Chosen(rows=[k for k in chosen if rows.counts[k]], partial=partial, walkable=chosen)


def _no_open_year(case: Case, judged: Judged, opened: str | None) -> bool:
    """Whether a table without years of opening holds rows that were asked for by their year."""
    if opened is None:
        return False
    rows = case.rows
    lacking = {
        rows.table[k]
        for k in range(len(rows))
        if (judged.yes[k] or judged.open[k]) and "open_year" not in rows.columns[rows.table[k]]
    }
    for table in sorted(lacking):
        case.no_column(rows, table, "open_year")
    return bool(lacking)


def _open(case: Case, judged: Judged, opened: str | None, since: int | None) -> list[int]:
    """Rows that are open in the year, in their order; what passes but is not is told."""
    rows, year = case.rows, case.year
    starts, (closed_by, gone) = _opens(case), _closed(case)

    def fits(k: int, opens: int) -> bool:
        if opened is not None:
            wanted = opens == case.milestone if opened == "year" else opens > (since or 0)
            return opens >= 0 and wanted and (opened == "year" or year is None or opens <= year)
        if opens < 0 or year is None:
            return not rows.planned[k]
        return opens <= year

    found: list[int] = []
    told = dict.fromkeys(("later", "no_year", "slipped", "late", "closed"), 0)
    for k in range(len(rows)):
        if case.existing_only and rows.planned[k]:
            continue
        said, opens = int(rows.open_year[k]), int(starts[k])
        fault = ""
        if not fits(k, opens):
            if said >= 0:
                fault = "slipped" if fits(k, said) else "later" if opened is None else ""
            elif opened is None or "open_year" in rows.columns[rows.table[k]]:
                fault = "no_year"
        elif gone[k]:
            fault = "closed"
        else:
            found.append(k)
            told["late"] += judged.yes[k] and opens != said
        if fault:
            told[fault] += judged.yes[k]
    _told_years(case, told, closed_by, planned_only=opened is None)
    return found


def _opens(case: Case) -> IntArray:
    """The year in which each row opens, -1 for none: what is planned not before the data are of."""
    rows, data_year = case.rows, case.register.data_year
    if data_year is None:
        return rows.open_year
    known = rows.planned & (rows.open_year >= 0)
    return np.where(known, np.maximum(rows.open_year, data_year), rows.open_year)


def _closed(case: Case) -> tuple[int | None, BoolArray]:
    """Rows that are closed at the end of a year, and that year: of the present, the one before."""
    rows, by = case.rows, case.year
    if by is None and case.register.data_year is not None:
        by = case.register.data_year - 1
    if by is None or rows.close_year is None:
        return None, np.zeros(len(rows), bool)
    return by, (rows.close_year >= 0) & (rows.close_year <= by)


def _told_years(
    case: Case, told: dict[str, int], closed_by: int | None, *, planned_only: bool
) -> None:
    year, data_year = case.year, case.register.data_year
    if n := told["later"]:
        when = "目前" if year is None else f" {year} 年"
        case.tell(
            f"{n} 个设施在{when}尚未开放，不计入",
            f"{counted(n, 'facility is', 'facilities are')} not open in {year} and not counted"
            if year is not None
            else f"{counted(n, 'facility is', 'facilities are')} not open yet and not counted",
        )
    if n := told["slipped"]:
        case.tell(
            f"{n} 个规划设施在 {data_year} 年的数据中仍是规划，最早按 {data_year} 年建成，不计入",
            f"{counted(n, 'facility is', 'facilities are')} still planned in the data of"
            f" {data_year}: to open in {data_year} at the earliest and not counted",
        )
    if n := told["late"]:
        case.tell(
            f"{n} 个规划设施的建成年份早于数据年份 {data_year}，按 {data_year} 年建成",
            f"{counted(n, 'planned facility', 'planned facilities')} should have opened before"
            f" {data_year}, the year of the data, and {verb(f'{n}', 'is', 'are')} taken to open in"
            f" {data_year}",
        )
    if n := told["closed"]:
        case.tell(
            f"{n} 个设施到 {closed_by} 年底已关闭，不计入",
            f"{counted(n, 'facility is', 'facilities are')} closed by the end of {closed_by} and"
            f" {verb(f'{n}', 'does', 'do')} not count",
        )
    if n := told["no_year"]:
        zh, en = ("规划", "planned ") if planned_only else ("", "")
        many = counted(n, f"{en}facility has", f"{en}facilities have")
        case.tell(
            f"{n} 个{zh}设施没有建成年份，不计入",
            f"{many} no year of opening and {verb(f'{n}', 'does', 'do')} not count",
        )


def domain_is_there(case: Case, condition: Filter) -> bool:
    """Whether any table has a single row of the domain that is asked for; told where none has."""
    rows, known = case.rows, case.register.kinds
    kinds = condition.all_kinds
    domains = set(condition.domains) | {known[k][1] for k in kinds if k in known}
    have: set[str] = set().union(*rows.domains) if len(rows) else set()
    no_kind_column = any("kind" not in columns for columns in rows.columns)
    if not kinds and not domains:
        found = len(rows) > 0
    elif (domains - {"other", "both"}) & have or ("both" in domains and have):
        found = True
    else:
        found = no_kind_column or any(own.intersection(kinds) for own in rows.kinds)
    if not found:
        what = words.listed([known[k][0] if k in known else Note(k, k) for k in kinds])
        if not kinds:
            what = words.listed([words.DOMAINS[d] for d in sorted(domains)] or [Note("", "any")])
        case.lack(
            f"没有设施表列有{what.zh}一类的设施：请在 [[service]] 或 [targets] facilities 加入",
            f"no table of facilities lists any such as {what.en}: add one under [[service]] or"
            " [targets] facilities",
        )
    return found


def units(case: Case, levels: Sequence[str], condition: Filter) -> tuple[Layer, Chosen] | None:
    """The units of these levels that pass; None where all layers, or a column, are missing."""
    layer = layer_of(case, levels)
    if layer is None:
        return None
    rows = layer.rows
    every = range(len(rows))
    judged = judge(condition, rows, every)
    if any(judged.open):
        case.told_missing(rows, judged)
        return None
    case.told_left(rows, judged)
    case.told_blank(rows, judged.blank, Counter(rows.table))
    found = [k for k in every if judged.yes[k]]
    if not found:
        label, files = layer.label, "、".join(rows.tables)
        case.lack(
            f"图层“{files}”中没有符合条件的{label.zh}",
            f"{', '.join(rows.tables)} has none of the {label.en} that are asked for",
        )
        return None
    return layer, Chosen(rows=found, partial=False)


def layer_of(case: Case, levels: Sequence[str]) -> Layer | None:
    """The units of those of these levels that the study has; None where it has none."""
    have = [key for key in levels if key in case.register.units]
    if have:
        absent = [case.level(key) for key in levels if key not in have]
        if absent:
            what = words.listed(absent)
            case.tell(f"没有{what.zh}的图层，不计", f"no layer of {what.en}: they are left out")
        return Layer(case.register, have, words.listed([case.level(key) for key in have]))
    for key in levels:
        needed = f'[[units]] level = "{key}"'
        if key in LAYERS:
            needed = f"{LAYERS[key]} / {needed}"
        label = case.level(key)
        case.lack(f"缺少{label.zh}的图层，需要 {needed}", f"no layer of {label.en}: needs {needed}")
    return None


@dataclass(slots=True, kw_only=True)
class Summed:
    """Values of an attribute, one per row; `partial`: a table lacks the column."""

    values: list[Fraction]
    partial: bool

    @property
    def total(self) -> Fraction:
        """Sum of the values."""
        return sum(self.values, Fraction(0))


def values_of(case: Case, rows: Rows, chosen: Sequence[int], attribute: str | None) -> Summed:
    """The attribute of each row, 0 where it is empty or missing, which is told; 1 without one."""
    if attribute is None:
        return Summed(values=[Fraction(1)] * len(chosen), partial=False)
    partial = False
    blank: dict[tuple[int, str], list[int]] = {}
    values: list[Fraction] = []
    for k in chosen:
        table = rows.table[k]
        value = None
        if attribute not in rows.columns[table]:
            partial = True
            case.no_column(rows, table, attribute)
        else:
            value = _amount(rows.values[attribute][k])
            if value is None:
                blank.setdefault((table, attribute), []).append(k)
        values.append(value or Fraction(0))
    case.told_blank(rows, blank, tables_of(rows, chosen))
    return Summed(values=values, partial=partial)


def _amount(value: object) -> Fraction | None:
    """A number; a flag counts as one where it is yes."""
    if empty(value):
        return None
    if value in {"yes", "no"}:
        return Fraction(int(value == "yes"))
    return number_of(value)


def tables_of(rows: Rows, chosen: Iterable[int]) -> Counter[int]:
    """How many of the rows each table has."""
    return Counter(rows.table[k] for k in chosen)
