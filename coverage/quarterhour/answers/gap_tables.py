"""Gaps as tables, layers of a GeoPackage and a part of summary.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour import units
from quarterhour.answers.gap_reasons import DETOUR
from quarterhour.answers.gap_summary import everyone_of, nearest_name, persons_of, summary_of
from quarterhour.answers.gap_words import REASON_WORDS
from quarterhour.assessment import PARTLY, UNCOVERED, UNLINKED
from quarterhour.inputs import EVERYONE, Note
from quarterhour.render.geopackage import text_column
from quarterhour.sources.edge_notes import UNITS
from quarterhour.tabular import Chart, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.gap_areas import AreaGap
    from quarterhour.answers.gaps import Gap, Gaps
    from quarterhour.assessment import Assessment

    Layer = tuple[NDArray[Any], str, dict[str, Any]]

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
    unit = UNITS[found[0].assessment.ground.demand.kind]
    form = "people" if found[0].assessment.ground.demand.kind == "people" else "number"
    tables = [_reasons(found, unit, form), _gaps(found, unit, form, is_full=False)]
    tables.append(_gaps(found, unit, form, is_full=True))
    tables.append(_areas(list(zip(found, areas, strict=False)), unit, form))
    return [t for t in tables if t.rows]


SERVICE = Column("service", "服务", "Service")
REASON_NOTE = Note(
    "原因按顺序判定，先成立者为准：未接入路网者看附近有无道路、是否被隔断；其余依次为数据边缘、"
    "路网断开、台阶、坡度、障碍或绕行、附近没有设施。一处空白区的原因取其中服务对象人数最多者；"
    f"步行至少为直线的 {DETOUR:g} 倍、且直线在时限可及距离以内，才算障碍或绕行",
    "The first reason that holds counts: for the unlinked whether there is a road, and if it is"
    " cut off; for the others the edge of the data, a broken network, steps, hills, a barrier or"
    " detour, no facility near. A gap has the reason of most of its people of the group; a barrier"
    f" or detour is a walk of at least {DETOUR:g} times a straight line that is within the cutoff",
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


def _reasons(found: Sequence[Gaps], unit: Note, form: str) -> Table:
    rows: list[tuple[Any, ...]] = []
    for one in found:
        a = one.assessment
        every = sum(g.people[a.group] for g in one.gaps)
        for reason, facts in summary_of(one)["reasons"].items():
            share = facts["people"] * units.MICRO / every if every else None
            rows.append(
                (a.name, a.group, REASON_WORDS[reason], facts["gaps"], facts["people"], share)
            )
    return Table(
        key="gap_reasons",
        title=Note("空白区的原因", "Why people are not covered"),
        columns=(
            SERVICE,
            Column("group", "服务对象", "Group"),
            Column("reason", "原因", "Reason"),
            Column("gaps", "空白区数", "Gaps", "integer"),
            Column("people", f"未覆盖（{unit.zh}）", f"Not covered ({unit.en})", form),
            Column("share", "占未覆盖的比例", "Share of those not covered", "percent"),
        ),
        rows=tuple(rows),
        notes=(REASON_NOTE,),
        chart=Chart(
            "barh", Note("未覆盖的原因", "Why people are not covered"), "reason", ("people",)
        ),
    )


def _gaps(found: Sequence[Gaps], unit: Note, form: str, *, is_full: bool) -> Table:
    rows: list[tuple[Any, ...]] = []
    for one in found:
        every = one.full if is_full else one.gaps
        rows += [_cells(one.assessment, g) for g in every[:MOST_ROWS]]
        rest = every[MOST_ROWS:]
        if rest:
            group = one.assessment.group
            rows.append((
                one.assessment.name, None,
                Note(f"其余 {len(rest)} 处", f"{len(rest)} further gaps"), None,
                sum(g.people[group] for g in rest) / units.MICRO,
                sum(everyone_of(g, group) for g in rest), *[None] * 9,
            ))  # fmt: skip
    title = (
        Note("有设施但无余位的地方", "Places with facilities that are full")
        if is_full
        else Note("空白区", "Gaps")
    )
    return Table(
        key="gaps_full" if is_full else "gaps",
        title=title,
        columns=(
            SERVICE,
            Column("rank", "序号", "Rank", "integer"),
            Column("name", "名称", "Name"),
            Column("town", "乡镇（街道）", "Town"),
            Column("people", f"服务对象（{unit.zh}）", f"Of the group ({unit.en})", form),
            Column("everyone", f"合计（{unit.zh}）", f"All ({unit.en})", form),
            Column("reason", "原因", "Reason"),
            Column("why", "依据", "Evidence"),
            Column("nearest", "步行最近的设施", "Nearest on foot"),
            Column("minutes", "步行时间（分钟）", "Walk (min)", "minutes"),
            Column("walk_m", "步行距离（米）", "Walk (m)", "metres"),
            Column("straight_m", "直线最近的设施（米）", "Nearest, straight line (m)", "metres"),
            Column("detour", "绕行系数（步行/直线）", "Walk / straight line", "number"),
            Column("lon", "经度", "Longitude", "number"),
            Column("lat", "纬度", "Latitude", "number"),
        ),
        rows=tuple(rows),
        notes=(
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


def _cells(a: Assessment, gap: Gap) -> tuple[Any, ...]:
    return (
        a.name, gap.rank, gap.name, gap.town or None, persons_of(gap.people, a.group),
        everyone_of(gap, a.group), REASON_WORDS[gap.reason], gap.told, _called(a, gap.facility),
        gap.minutes, gap.walk_m, gap.straight_m, gap.detour, round(gap.lon, 6), round(gap.lat, 6),
    )  # fmt: skip


def _areas(found: Sequence[tuple[Gaps, Sequence[AreaGap]]], unit: Note, form: str) -> Table:
    rows: list[tuple[Any, ...]] = []
    for one, areas in found:
        a = one.assessment
        rows += [
            (
                a.name, g.name or None, g.town or None, STATUS_WORDS[g.status], g.share,
                persons_of(g.inside, a.group), persons_of(g.uncovered, a.group),
                units.persons(g.uncovered[EVERYONE]), g.minutes, _called(a, g.facility),
                REASON_WORDS[g.reason], g.told,
            )
            for g in areas
        ]  # fmt: skip
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
            Column("minutes", "步行时间（分钟）", "Walk (min)", "minutes"),
            Column("nearest", "步行最近的设施", "Nearest on foot"),
            Column("reason", "原因", "Reason"),
            Column("why", "依据", "Evidence"),
        ),
        rows=tuple(rows),
        notes=(
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


def layers_of(found: Sequence[Gaps]) -> dict[str, Layer]:
    """GeoPackage layers `gaps` (MultiPolygon) and `gap_routes` (LineString), if they have rows.

    `gaps`: `service`, `covered` (0, or 1 for those that are full), `rank`, `name`, `name_en`,
    `town`, `group`, `of_group`, `people` (or the kind of demand), `places`, `reason`, `share`,
    `why`, `why_en`, `nearest`, `nearest_row`, `minutes`, `median_min`, `walk_m`, `straight_m`,
    `detour`. `gap_routes`: from the middle of a gap to its nearest facility, with the first of
    these.
    """
    every = [(one.assessment, g) for one in found for g in (*one.gaps, *one.full)]
    if not every:
        return {}
    kind = found[0].assessment.ground.demand.kind
    nan = float("nan")

    def number(values: Sequence[float | None]) -> NDArray[np.float64]:
        return np.array([nan if v is None else v for v in values], np.float64)

    def columns(rows: Sequence[tuple[Assessment, Gap]]) -> dict[str, Any]:
        gaps = [g for _, g in rows]
        return {
            "service": text_column(a.name for a, _ in rows),
            "covered": np.array([int(g.reason == "full") for g in gaps], np.int64),
            "rank": np.array([g.rank for g in gaps], np.int64),
            "name": text_column(g.name.zh for g in gaps),
            "name_en": text_column(g.name.en for g in gaps),
            "nearest": text_column(nearest_name(a, g.facility) for a, g in rows),
            "nearest_row": number(
                [int(a.facilities.row[g.facility]) if g.facility >= 0 else None for a, g in rows]
            ),
            "minutes": number([g.minutes for g in gaps]),
            "walk_m": number([g.walk_m for g in gaps]),
            "straight_m": number([g.straight_m for g in gaps]),
            "detour": number([g.detour for g in gaps]),
        }

    shapes = np.array([_multi(g.extent) for _, g in every], object)
    more = {
        "town": text_column(g.town for _, g in every),
        "group": text_column(a.group for a, _ in every),
        "of_group": number([persons_of(g.people, a.group) for a, g in every]),
        "people" if kind == "people" else kind: number([everyone_of(g, a.group) for a, g in every]),
        "places": np.array([len(g.places) for _, g in every], np.int64),
        "reason": text_column(g.reason for _, g in every),
        "share": number([g.share for _, g in every]),
        "median_min": number([g.median_min for _, g in every]),
        "why": text_column(g.told.zh for _, g in every),
        "why_en": text_column(g.told.en for _, g in every),
    }
    layers: dict[str, Layer] = {"gaps": (shapes, "MultiPolygon", columns(every) | more)}
    walked = [(a, g) for a, g in every if g.route is not None]
    if walked:
        lines = np.empty(len(walked), object)
        lines[:] = [g.route for _, g in walked]
        layers["gap_routes"] = (lines, "LineString", columns(walked))
    return layers


def _multi(shape: Any) -> Any:  # noqa: ANN401 - shapely geometry
    return shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])
