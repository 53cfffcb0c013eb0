"""Coverage by unit as tables: the four meanings, capacity, and one table for every level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour import units
from quarterhour.answers.answer_words import SUPPLIES, denominator, group_note, who_walks
from quarterhour.answers.unit_counts import UNKNOWN, YES
from quarterhour.answers.unit_meanings import ADMINISTRATIVE, LAND, PER, meanings_of, ratios_of
from quarterhour.answers.unit_words import (
    KINDS,
    PARTS,
    definition,
    level_note,
    meaning_note,
    source,
    unit_heading,
)
from quarterhour.inputs import EVERYONE, Note
from quarterhour.measures import counted, parts_told
from quarterhour.tabular import Chart, Column, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.answers.unit_counts import LevelCoverage, Sums, UnitCoverage
    from quarterhour.answers.unit_meanings import Meaning

    Cell = tuple[Column, Any]

YES_NOTE, NO_NOTE = Note("是", "yes"), Note("否", "no")
OUTSIDE_NOTE = Note("不在任何单元内", "outside every unit")
TOTAL_NOTE = Note("合计", "Total")

WALKING = Note(
    "城镇与农村均按步行计时；达州方案提出的农村“30分钟”未写明出行方式，本表按步行",
    "urban and rural times are both on foot; the plan of Dazhou, which asks for 30 minutes in rural"
    " areas, does not say by what mode, and walking is taken here",
)


def tables_of(found: UnitCoverage, *, number: int = 1) -> list[Table]:
    """The meanings, beds and places for 1000 people, and for every level its units.

    A second table of a level has the other groups of people, where there are some.

    `number`: of the service in the study, part of the keys of the tables.
    """
    tables = [_meanings(found, number)]
    if ratios_of(found):
        tables.append(_ratios(found, number))
    for level in found.levels:
        if level.placed:
            tables.append(_level(found, level, number))
            tables += _other_groups(found, level, number)
    return tables


def _meanings(found: UnitCoverage, number: int) -> Table:
    a = found.assessment
    rows = []
    said: set[tuple[str, str]] = set()
    for m in meanings_of(found):
        name = meaning_note(m.key, m.level, group_note(a, m.group or a.group))
        first = (m.key, m.level) not in said  # once for all groups and parts
        said.add((m.key, m.level))
        rows.append((
            name, PARTS[m.part], "/".join(f"{v:g}" for v in m.minutes) or None,
            m.numerator, m.denominator, _unit(m, a.ground.demand.kind), m.share,
            m.unlinked if m.denominator is not None and m.level == "" else None,
            m.unknown if m.level and m.denominator is not None else None,
            m.missing or (definition(m.key, found.threshold_percent) if first else None),
            source(m.key, m.level) if first else None,
        ))  # fmt: skip
    notes = [who_walks(a)]
    if found.urban is not None:
        notes.append(WALKING)
    elif found.rural_cutoff_min != a.cutoffs_min[-1]:
        minutes = f"{found.rural_cutoff_min:g}"
        notes.append(
            Note(
                f"设有农村时限（{minutes}分钟），但研究中没有城镇范围 [urban]，"
                f"各处均按{a.cutoffs_min[-1]:g}分钟计",
                f"there is a rural cutoff of {minutes} minutes and no urban area ([urban]): all"
                f" places count at {a.cutoffs_min[-1]:g} minutes",
            )
        )
    if found.land is not None and found.land.n_twice:
        n = found.land.n_twice
        notes.append(
            Note(
                f"居住区之间有重叠：{n} 个位置同时位于多个居住区，只计一次",
                f"residential areas overlap: {counted(n, 'position lies', 'positions lie')} in"
                " several, and each counts once",
            )
        )
    notes.append(
        Note(
            "“覆盖率”须连同分母一起引用；四种口径不能互相替代",
            "a coverage rate is to be quoted with its denominator; none stands for another",
        )
    )
    return Table(
        key=f"meanings_{number}",
        title=Note(f"{a.name}：不同口径的覆盖率", f"{a.name}: coverage by meaning"),
        columns=(
            Column("meaning", "口径", "Meaning"),
            Column("part", "范围", "Part"),
            Column("minutes", "时限（分钟）", "Cutoff (min)"),
            Column("numerator", "分子", "Numerator", "number"),
            Column("denominator", "分母", "Denominator", "number"),
            Column("unit", "单位", "Unit"),
            Column("share", "覆盖率", "Share", "percent"),
            Column("unlinked", "其中附近无道路", "Of these without a road", "number"),
            Column("unknown", "其中无法判断", "Of these not known", "integer"),
            Column("definition", "定义", "Definition"),
            Column("source", "口径来源", "Source"),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _unit(m: Meaning, kind: str) -> Note:
    if m.key == LAND:
        return Note("公顷", "ha")
    if not m.level:
        return Note("人", "people") if kind == "people" else Note("栋", "buildings")
    return Note("个", "units")


def _ratios(found: UnitCoverage, number: int) -> Table:
    a = found.assessment
    rows = [
        (SUPPLIES[r.capacity], group_note(a, r.group), r.amount, r.people, r.per_1000, r.facilities,
         r.blank)
        for r in ratios_of(found)
    ]  # fmt: skip
    return Table(
        key=f"capacity_{number}",
        title=Note(f"{a.name}：每千人床位（托位）", f"{a.name}: beds and places per 1000 people"),
        columns=(
            Column("capacity", "项目", "Capacity"),
            Column("group", "分母人群", "People of the denominator"),
            Column("amount", "数量", "Number", "number"),
            Column("people", "人口", "People", "people"),
            Column("per_1000", "每千人", "Per 1000", "number"),
            Column("facilities", "设施数", "Facilities", "integer"),
            Column("blank", "其中未填数量", "Of these without a number", "integer"),
        ),
        rows=tuple(rows),
        notes=(
            Note(
                "每千人 = 1000 × 研究范围内计入设施的数量 ÷ 研究范围内该人群人口；"
                "未填数量的设施按0计",
                "per 1000 = 1000 x the number of the serving facilities of the area / its people of"
                " the group; facilities that give no number count as 0",
            ),
        ),
    )


def _level(found: UnitCoverage, level: LevelCoverage, number: int) -> Table:
    a, name = found.assessment, level.units.level
    rows = [_cells(found, level, k, title) for k, title in _rows(level)]
    of = level_note(name)
    chart = Chart(
        "bar",
        Note(f"{a.name}：各{of.zh}覆盖率", f"{a.name}: share covered of {of.en}"),
        "unit",
        ("share",),
    )
    return Table(
        key=f"by_{name}_{number}",
        title=Note(f"{a.name}：按{of.zh}", f"{a.name}: by {of.en}"),
        columns=tuple(column for column, _ in rows[-1]),
        rows=tuple(tuple(value for _, value in row) for row in rows),
        notes=(who_walks(a), denominator(a), *_notes(found, level)),
        chart=chart if name in ADMINISTRATIVE else None,
        total=1,
    )


def _other_groups(found: UnitCoverage, level: LevelCoverage, number: int) -> list[Table]:
    """People of the groups that the service is not for, by unit; none where there are none."""
    a, of = found.assessment, level_note(level.units.level)
    groups = [g for g in a.ground.demand.amounts if g != a.group]
    if not groups:
        return []
    rows = [
        [*_who(level, k, title), *(pair for g in groups for pair in _people(found, level, g, k))]
        for k, title in _rows(level)
    ]
    return [
        Table(
            key=f"by_{level.units.level}_people_{number}",
            title=Note(f"{a.name}：按{of.zh}，其他人群", f"{a.name}: other groups by {of.en}"),
            columns=tuple(column for column, _ in rows[-1]),
            rows=tuple(tuple(value for _, value in row) for row in rows),
            notes=(who_walks(a), denominator(a), *_notes(found, level)[:1]),
            total=1,
        )
    ]


def _rows(level: LevelCoverage) -> list[tuple[int | None, Note | None]]:
    """Units, then what is outside every unit where there is something, and the whole as None."""
    n = len(level.units)
    rows: list[tuple[int | None, Note | None]] = [(k, None) for k in level.listed.tolist()]
    land = 0 if level.land is None else int(level.land.total[n])
    if level.people[EVERYONE].total[n] or level.facilities[n] or land:
        rows.append((n, OUTSIDE_NOTE))
    return [*rows, (None, TOTAL_NOTE)]


def _notes(found: UnitCoverage, level: LevelCoverage) -> list[Note]:
    a, of = found.assessment, level_note(level.units.level)
    told = [
        Note(
            f"{of.zh}之间如有重叠，一处只计入先列出的一个；合计等于研究范围全部",
            f"where {of.en} overlap, a place counts in the first of them; the total is that of the"
            " whole study area",
        )
    ]
    part = int((~level.counted[level.listed]).sum())
    if part:
        told.append(
            Note(
                f"{part} 个单元只有不到一半面积在研究范围内：列出其在范围内的人口，不计入单元数",
                f"less than half of {counted(part, 'unit')} lies in the study area: the people"
                " there are listed, and no such unit is counted",
            )
        )
    if found.urban is not None:
        minutes, rural = a.cutoffs_min[-1], found.rural_cutoff_min
        told.append(
            Note(
                f"城乡合计覆盖率：城镇{minutes:g}分钟、农村{rural:g}分钟，均为步行；"
                "人口过半在城镇范围内的单元为城镇",
                f"share with own cutoffs: {minutes:g} minutes in urban and {rural:g} in rural"
                " places, both on foot; a unit is urban where at least half of its people are",
            )
        )
    return told


def _who(level: LevelCoverage, k: int | None, title: Note | None) -> list[Cell]:
    """Name, county and kind of a unit, or the title of a row that is none."""
    of = level.units
    unit = k if title is None else None
    heading = unit_heading(of.level)
    cells: list[Cell] = [
        (Column("unit", heading.zh, heading.en), title if unit is None else of.name[unit])
    ]
    if any(of.county):
        text = None if unit is None else of.county[unit] or None
        cells.append((Column("county", "区县", "County"), text))
    if any(of.kind):
        text = None if unit is None else of.kind[unit]
        cells.append((Column("kind", "类型", "Kind"), KINDS.get(text or "", text) or None))
    return cells


def _cells(
    found: UnitCoverage, level: LevelCoverage, k: int | None, title: Note | None
) -> list[Cell]:
    """A row of a level; `k` is the number of units for what is outside, None for the whole."""
    a = found.assessment

    def verdict(of: NDArray[Any]) -> Note | None:
        return None if title is not None or k is None else _flag(int(of[k]))

    cells = _who(level, k, title)
    if level.urban is not None:
        cells.append((Column("urban", "城镇", "Urban"), verdict(level.urban)))
    if not level.counted[level.listed].all():
        cells.append((Column("counted", "计入单元数", "Counted"), verdict(level.counted)))
    cells += _people(found, level, a.group, k)
    if level.people_own is not None:
        share = _five(level.people_own[a.group], k)[-1]
        own = Column("share_own", "覆盖率（城乡各按时限）", "Share with own cutoffs", "percent")
        cells.append((own, share))
    if level.land is not None:
        total, covered, _, _, share = _five(level.land, k)
        cells += [
            (Column("land_ha", "居住用地（公顷）", "Residential land (ha)", "number"), total),
            (Column("land_covered_ha", "已覆盖（公顷）", "Covered (ha)", "number"), covered),
            (Column("land_share", "居住用地覆盖率", "Share of land covered", "percent"), share),
        ]
    number = int(level.facilities.sum() if k is None else level.facilities[k])
    cells += [
        (Column("facilities", "设施数", "Facilities", "integer"), number),
        (Column("present", "有设施", "Has a facility"), verdict(level.present)),
        (Column("reached", "可达", "Reached"), verdict(level.reached)),
    ]
    for capacity, amounts in level.capacity.items():
        amount = float(amounts.amount.sum() if k is None else amounts.amount[k])
        zh, en = SUPPLIES[capacity]
        cells.append((Column(capacity, zh, en.capitalize(), "number"), amount))
        if a.ground.demand.kind != "people":
            continue
        for group in dict.fromkeys((a.group, EVERYONE)):
            people, who = _five(level.people[group], k)[0], group_note(a, group)
            column = Column(
                f"{capacity}_per_1000_{group}", f"每千人{zh}（{who.zh}）",
                f"{en.capitalize()} per 1000 ({who.en})", "number",
            )  # fmt: skip
            cells.append((column, PER * amount / people if people else None))
    return cells


def _people(found: UnitCoverage, level: LevelCoverage, group: str, k: int | None) -> list[Cell]:
    """The people of a group and what became of them."""
    a = found.assessment
    form = "people" if a.ground.demand.kind == "people" else "number"
    zh, en = group_note(a, group)
    key = "" if group == a.group else f"_{group}"
    total, covered, uncovered, unlinked, share = _five(level.people[group], k)
    if form == "people":  # what else is counted has its decimals
        total, covered, uncovered, unlinked = parts_told(total, covered, uncovered, unlinked)
    return [
        (Column(f"total{key}", zh, en, form), total),
        (Column(f"covered{key}", f"{zh}：已覆盖", f"{en}: covered", form), covered),
        (Column(f"uncovered{key}", f"{zh}：未覆盖", f"{en}: uncovered", form), uncovered),
        (Column(f"unlinked{key}", f"{zh}：附近无道路", f"{en}: no road near", form), unlinked),
        (Column(f"share{key}", f"{zh}：覆盖率", f"{en}: share covered", "percent"), share),
    ]


def _five(of: Sums, k: int | None) -> tuple[float, float, float, float, float | None]:
    """Total, covered, uncovered, unlinked and share of a unit, or of all with None."""
    total, covered, unlinked = (
        int(v.sum() if k is None else v[k]) for v in (of.total, of.covered, of.unlinked)
    )
    left = total - covered - unlinked
    return (
        units.persons(total), units.persons(covered), units.persons(left), units.persons(unlinked),
        covered / total if total else None,
    )  # fmt: skip


def _flag(verdict: int) -> Note | None:
    if verdict == UNKNOWN:
        return None
    return YES_NOTE if verdict == YES else NO_NOTE
