"""Gaps as tables of the workbook and the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour import units
from quarterhour.answers.answer_words import group_note
from quarterhour.answers.gap_reasons import DETOUR, NEAR
from quarterhour.answers.gap_summary import (
    everyone_of,
    nearest_name,
    persons_of,
    persons_or_none,
    summary_of,
)
from quarterhour.answers.gap_words import REASON_WORDS
from quarterhour.assessing.assessment import PARTLY, UNCOVERED, UNLINKED
from quarterhour.inputs import EVERYONE, Note
from quarterhour.measures import NAMES, counted
from quarterhour.tabular import Chart, Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from quarterhour.answers.gap_areas import AreaGap
    from quarterhour.answers.gaps import Gap, Gaps
    from quarterhour.assessing.assessment import Assessment

MOST_ROWS = 200
"""Gaps of a service that a table lists; the others are one row. All are in the GeoPackage."""

STATUS_WORDS = {
    UNCOVERED: Note("未覆盖", "uncovered"),
    PARTLY: Note("部分覆盖", "partly covered"),
    UNLINKED: Note("未接入路网", "unlinked"),
}


def _called(a: Assessment, row: int) -> str | Note | None:
    """Name of a facility for a table, None for none; its row where it has no name."""
    if row < 0 or a.facilities.name[row].strip():
        return nearest_name(a, row)
    number = int(a.facilities.row[row])
    return Note(f"第 {number} 行（未命名）", f"row {number} (no name)")


def tables_of(found: Sequence[Gaps], areas: Sequence[Sequence[AreaGap]] = ()) -> list[Table]:
    """Gaps by reason, the gaps, those without room, and uncovered residential areas by name.

    `areas`: of each service, in the order of `found`. A table without rows is left out.
    """
    if not found:
        return []
    unit = NAMES[found[0].assessment.ground.demand.kind]
    form = "people" if found[0].assessment.ground.demand.kind == "people" else "number"
    tables = [_reasons(found, unit, form), _gaps(found, unit, form), _full(found, form)]
    tables.append(_areas(list(zip(found, areas, strict=False)), unit, form))
    return [t for t in tables if t.rows]


SERVICE = Column("service", "服务", "Service")
REASON_NOTE = Note(
    "原因按顺序判定，先成立者为准：未接入路网者看附近有无道路、是否被隔断；其余依次为数据边缘、"
    "路网断开、台阶、坡度、障碍或绕行、设施不远但步行超时限、附近没有设施。一处空白区的原因取其中"
    f"服务对象人数最多者。设施不远：最近设施的直线距离不超过时限可及距离（平路）的 {NEAR:g} 倍；"
    f"其中步行至少为直线的 {DETOUR:g} 倍的为障碍（直线穿过水面、铁路等）或绕行，不到的为步行"
    "超时限；更远的为附近没有设施",
    "The first reason that holds counts: for the unlinked whether there is a road, and if it is"
    " cut off; for the others the edge of the data, a broken network, steps, hills, a barrier or"
    " detour, near but the walk is too long, no facility near. A gap has the reason of most of its"
    f" people of the group. Near: the nearest facility in a straight line is at most {NEAR:g} times"
    " as far as the cutoff is worth on the flat; then a walk of at least"
    f" {DETOUR:g} times the straight line is a barrier (the line crosses water, a railway ...) or a"
    " detour, and a shorter one is near but too long; what is farther has no facility near",
)


def _how(found: Gaps) -> Note:
    """How places became gaps."""
    town = ("，不跨乡镇", ", and never across the border of a town") if found.by_town else ("", "")
    minutes = found.assessment.cutoffs_min[-1]
    name = found.assessment.name
    return Note(
        f"{name}：沿路相距不超过 {found.join_m:g} 米的未覆盖地点归为一处{town[0]}；超出一处新设施"
        f"在 {minutes:g} 分钟（平路 {found.reach_m:.0f} 米）内可及范围的，再行划分",
        f"{name}: uncovered places within {found.join_m:g} m of each other along the streets are"
        f" one gap{town[1]}; a gap that is larger than one new facility could serve within"
        f" {minutes:g} min ({found.reach_m:.0f} m on the flat) is parted",
    )


def minutes_note(found: Gaps) -> Note:
    """Which minutes count, and what the rural cutoff has to do with it."""
    a = found.assessment
    name, minutes, rural = a.name, f"{a.cutoffs_min[-1]:g}", found.rural_cutoff_min
    if rural is None:
        return Note(
            f"{name}：未覆盖指步行 {minutes} 分钟内没有设施",
            f"{name}: not covered means no facility within a walk of {minutes} min",
        )
    return Note(
        f"{name}：未覆盖指步行 {minutes} 分钟内没有设施，城乡同一时限，不用乡村时限 {rural:g} "
        f"分钟；城区以外 {rural:g} 分钟内可达者符合乡村标准，见“空白区”表“其中符合乡村时限”一列",
        f"{name}: not covered means no facility within a walk of {minutes} min, in town and country"
        f" alike; the rural cutoff of {rural:g} min is not used. Who is outside the urban area and"
        f" within {rural:g} min meets the rural standard: see the column within the rural cutoff of"
        " the gaps",
    )


def _reasons(found: Sequence[Gaps], unit: Note, form: str) -> Table:
    rows: list[tuple[Any, ...]] = []
    for one in found:
        a = one.assessment
        every = sum(g.people[a.group] for g in one.gaps)
        for reason, facts in summary_of(one)["reasons"].items():
            share = facts["people"] * units.MICRO / every if every else None
            rows.append(
                (
                    a.name, REASON_WORDS[reason], group_note(a, a.group), facts["gaps"],
                    facts["people"], share,
                )
            )  # fmt: skip
    return Table(
        key="gap_reasons",
        title=Note("空白区的原因", "Why people are not covered"),
        columns=(
            SERVICE,
            Column("reason", "原因", "Reason"),
            Column("group", "服务对象", "Group"),
            Column("gaps", "空白区数", "Gaps", "integer"),
            Column("people", f"未覆盖（{unit.zh}）", f"Not covered ({unit.en})", form),
            Column("share", "占未覆盖的比例", "Share of those not covered", "percent"),
        ),
        rows=tuple(rows),
        notes=(*(minutes_note(one) for one in found), REASON_NOTE),
        chart=Chart(
            "barh", Note("未覆盖的原因", "Why people are not covered"), "reason", ("people",)
        ),
    )


NEAREST = (
    Column("nearest", "步行最近的设施", "Nearest on foot"),
    Column("minutes", "步行时间（分钟）", "Walk (min)", "minutes"),
    Column("walk_m", "步行距离（米）", "Walk (m)", "metres"),
)
WHERE = (
    Column("why", "依据", "Evidence"),
    Column("lon", "经度", "Longitude", "number"),
    Column("lat", "纬度", "Latitude", "number"),
)
PLACE = (
    SERVICE,
    Column("rank", "序号", "Rank", "integer"),
    Column("name", "名称", "Name"),
    Column("town", "乡镇（街道）", "Town"),
)


def _gaps(found: Sequence[Gaps], unit: Note, form: str) -> Table:
    rural = any(one.rural_cutoff_min is not None for one in found)
    columns = (
        *PLACE,
        Column("people", f"服务对象（{unit.zh}）", f"Of the group ({unit.en})", form),
        Column("everyone", f"合计（{unit.zh}）", f"All ({unit.en})", form),
        *([
            Column("within_rural", f"其中符合乡村时限（{unit.zh}）",
                   f"Of the group, within the rural cutoff ({unit.en})", form)
        ] if rural else []),
        Column("reason", "原因", "Reason"),
        *NEAREST,
        Column("straight_m", "直线最近的设施（米）", "Nearest, straight line (m)", "metres"),
        Column("detour", "绕行系数（步行/直线）", "Walk / straight line", "number"),
        *WHERE,
    )  # fmt: skip

    def figures(a: Assessment, gap: Gap) -> dict[str, Any]:
        return {
            "people": persons_of(gap.people, a.group),
            "everyone": everyone_of(gap),
            "within_rural": persons_or_none(gap.within_rural),
            "reason": REASON_WORDS[gap.reason],
            "straight_m": gap.straight_m,
            "detour": gap.detour,
        }

    def sums(one: Gaps, rest: Sequence[Gap]) -> dict[str, Any]:
        cutoff = one.rural_cutoff_min
        rural = None if cutoff is None else sum(g.within_rural or 0 for g in rest)
        return {
            "people": units.persons(sum(g.people[one.assessment.group] for g in rest)),
            "everyone": units.persons(sum(g.people[EVERYONE] for g in rest)),
            "within_rural": persons_or_none(rural),
        }

    rows = [row for one in found for row in _rows(one, one.gaps, columns, figures, sums)]
    return Table(
        key="gaps",
        title=Note("空白区", "Gaps"),
        columns=columns,
        rows=tuple(rows),
        notes=(
            *(minutes_note(one) for one in found),
            *(_how(one) for one in found),
            Note(
                "每个未覆盖的人都在且只在一处空白区内（含未接入路网者）；步行时间、距离与经纬度"
                "属于该处的中心地点；步行最近的设施与直线最近的设施可能不是同一处；空白表示在搜索时限内"
                "走不到任何设施",
                "Everyone who is not covered is in exactly one gap, the unlinked too; minutes,"
                " metres and position are those of the place in the middle; the nearest facility on"
                " foot need not be the nearest in a straight line; blank: no facility is within"
                " the search limit",
            ),
            REASON_NOTE,
        ),
    )  # fmt: skip


def _full(found: Sequence[Gaps], form: str) -> Table:
    """People in need who are covered and find no room."""
    columns = (
        *PLACE,
        Column("need", "需求而无余位（人）", "In need, no room (people)", form),
        *NEAREST,
        *WHERE,
    )

    def figures(a: Assessment, gap: Gap) -> dict[str, Any]:
        return {"need": persons_of(gap.people, a.group)}

    def sums(one: Gaps, rest: Sequence[Gap]) -> dict[str, Any]:
        return {"need": units.persons(sum(g.people[one.assessment.group] for g in rest))}

    rows = [row for one in found for row in _rows(one, one.full, columns, figures, sums)]
    return Table(
        key="gaps_full",
        title=Note("有设施但无余位的地方", "Places with facilities that are full"),
        columns=columns,
        rows=tuple(rows),
        notes=(
            Note(
                "需求：服务对象中需要床位（托位）的人，按需求比例计算（见供需表），不是服务对象人数。"
                "他们在时限内有设施，但按尽量多安排的方案仍排不上；合计是确定的，落在哪一处随方案而定",
                "Need: those of the group who need a bed or place, by the share in need (see supply"
                " and demand), and not all people of the group. They have facilities within the"
                " cutoff, and no room there where as many as possible are placed; how many they are"
                " is certain, where they are depends on who is placed",
            ),
            Note(
                "这些人已覆盖，不在空白区内；地点相距不超过归并距离的归为一处，步行时间、距离与经纬度"
                "属于该处的中心地点；最近的设施只看有床位（托位）的",
                "They are covered and in no gap; places near each other along the streets are one,"
                " and minutes, metres and position are those of the place in the middle; the"
                " nearest facility is one that has any bed or place",
            ),
        ),
    )


def _rows(
    one: Gaps,
    gaps: Sequence[Gap],
    columns: Sequence[Column],
    figures: Callable[[Assessment, Gap], dict[str, Any]],
    sums: Callable[[Gaps, Sequence[Gap]], dict[str, Any]],
) -> Iterator[tuple[Any, ...]]:
    """A row for each gap, and one for all that the table has no room for."""
    a = one.assessment
    for gap in gaps[:MOST_ROWS]:
        told = _cells(a, gap) | figures(a, gap)
        yield tuple(told[column.key] for column in columns)
    rest = gaps[MOST_ROWS:]
    if rest:
        name = Note(f"其余 {len(rest)} 处", counted(len(rest), "further gap"))
        told = {"service": a.name, "name": name} | sums(one, rest)
        yield tuple(told.get(column.key) for column in columns)


def _cells(a: Assessment, gap: Gap) -> dict[str, Any]:
    """What the tables of both kinds tell of a gap."""
    return {
        "service": a.name, "rank": gap.rank, "name": gap.name, "town": gap.town or None,
        "nearest": _called(a, gap.facility), "minutes": gap.minutes, "walk_m": gap.walk_m,
        "why": gap.told, "lon": round(gap.lon, 6), "lat": round(gap.lat, 6),
    }  # fmt: skip


def _areas(found: Sequence[tuple[Gaps, Sequence[AreaGap]]], unit: Note, form: str) -> Table:
    groups = [] if not found else list(found[0][0].assessment.ground.demand.amounts)
    groups = [g for g in groups if g != EVERYONE]
    if all([one.assessment.group] == groups for one, _ in found):
        groups = []  # that is told already
    rows: list[tuple[Any, ...]] = []
    for one, areas in found:
        a = one.assessment
        rows += [
            (
                a.name, g.name or None, g.town or None, STATUS_WORDS[g.status], g.share,
                persons_of(g.inside, a.group), persons_of(g.uncovered, a.group),
                units.persons(g.uncovered[EVERYONE]),
                *(units.persons(g.uncovered[group]) for group in groups), g.minutes,
                _called(a, g.facility), REASON_WORDS[g.reason], g.told,
            )
            for g in areas
        ]  # fmt: skip
    label = {g: group_note(found[0][0].assessment, g) for g in groups}
    return Table(
        key="uncovered_areas",
        title=Note("未覆盖的居住区", "Uncovered residential areas"),
        columns=(
            SERVICE,
            Column("name", "居住区", "Residential area"),
            Column("town", "乡镇（街道）", "Town"),
            Column("status", "状态", "Status"),
            Column("share", "已覆盖的比例", "Share covered", "percent"),
            Column("inside", f"区内服务对象（{unit.zh}）", f"Of the group ({unit.en})", form),
            Column("people", f"未覆盖的服务对象（{unit.zh}）",
                   f"Of the group, not covered ({unit.en})", form),
            Column("everyone", f"未覆盖合计（{unit.zh}）", f"Not covered, all ({unit.en})", form),
            *(
                Column(f"uncovered_{g}", f"未覆盖：{label[g].zh}（{unit.zh}）",
                       f"Not covered: {label[g].en} ({unit.en})", form)
                for g in groups
            ),
            Column("minutes", "步行时间（分钟）", "Walk (min)", "minutes"),
            Column("nearest", "步行最近的设施", "Nearest on foot"),
            Column("reason", "原因", "Reason"),
            Column("why", "依据", "Evidence"),
        ),
        rows=tuple(rows),
        notes=(
            *(minutes_note(one) for one, _ in found),
            Note(
                "区内人口为落在该居住区内的人口地点之和；居住区相互重叠时同一人可计入多个居住区。"
                "已覆盖的比例按该居住区的判定方式（位置、人口或出入口）计算",
                "People inside are those of the places in the area; where areas overlap, somebody"
                " may count in several. The share covered is that of what the area is judged by:"
                " positions, people or gates",
            ),
            REASON_NOTE,
        ),
    )  # fmt: skip
