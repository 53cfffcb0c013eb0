"""Tables that every report has: coverage by service, rows set aside, changes, method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour._version import __version__
from quarterhour.answers.answer_words import denominator, group_note
from quarterhour.inputs import EVERYONE, Note
from quarterhour.measures import counted
from quarterhour.render.check import sentences as say
from quarterhour.render.check.words import PARTS, REASONS
from quarterhour.render.words import WORDS
from quarterhour.tabular import Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.assessing.assessment import Assessment

INSIDE = Note(
    "可达：从住处沿路步行到设施的时间（含到道路的一段）不超过时限，恰好等于时限也计入；服务区表示步行可达，"
    "不等于有可用床位或托位",
    "Covered: the walk along the roads to a facility, the legs to the road included, takes no more"
    " than the cutoff, itself included; reachable does not mean a free bed or place",
)
APART = Note(
    "未连路网：住处附近没有道路，计入总量，既不算可达，也不算未覆盖",
    "Unlinked: no road near the home; part of the total, neither covered nor not covered",
)


def _column(key: str, word: str, form: str = "text") -> Column:
    return Column(key, *WORDS[word], form)


def unit_note(a: Assessment) -> Note:
    """What the amounts are: people, or what stands in for them."""
    zh, en = WORDS[a.ground.demand.kind]
    return Note(f"单位：{zh}", f"Unit: {en}")


def coverage_table(assessments: Sequence[Assessment]) -> Table:
    """Total, covered, uncovered, unlinked and share of every service, cutoff and group.

    The group that a service is for comes first.
    """
    first = assessments[0]
    rows = [
        (
            a.name, cutoff, group_note(a, group), *count.told(), count.share_covered,
        )
        for a in assessments
        for cutoff, counts in zip(a.cutoffs_min, a.counts, strict=True)
        for group, count in sorted(counts.items(), key=lambda found: found[0] != a.group)
    ]  # fmt: skip
    return Table(
        key="summary",
        title=Note("各服务可达情况", "Coverage by service"),
        columns=(
            _column("service", "service"),
            Column("cutoff_min", "时限（分钟）", "Cutoff (min)", "number"),
            _column("group", "group"),
            _column("total", "total", "people"),
            _column("covered", "covered", "people"),
            _column("uncovered", "uncovered", "people"),
            _column("unlinked", "unlinked_short", "people"),
            _column("share_covered", "share_covered", "percent"),
        ),
        rows=tuple(rows),
        notes=(denominator(first), INSIDE, APART, unit_note(first)),
    )


def headline_table(assessments: Sequence[Assessment]) -> Table:
    """The group of each service at its last cutoff: what the cover of the workbook shows."""
    rows = []
    for a in assessments:
        count = a.counts[-1][a.group]
        told = count.told()
        rows.append(
            (
                Note(*(f"{a.name} · {a.cutoffs_min[-1]:g} {unit}" for unit in ("分钟", "min"))),
                group_note(a, a.group), len(a.used),
                count.share_covered, told.covered, told.total, told.uncovered, told.unlinked,
            )
        )  # fmt: skip
    return Table(
        key="headlines",
        title=Note("主要指标", "Key figures"),
        columns=(
            _column("service", "service"),
            _column("group", "group"),
            Column("facilities", "计入的设施", "Facilities counted", "integer"),
            _column("share_covered", "share_covered", "percent"),
            _column("covered", "covered", "people"),
            Column("total", "总量（分母）", "Total (denominator)", "people"),
            _column("uncovered", "uncovered", "people"),
            _column("unlinked", "unlinked_short", "people"),
        ),
        rows=tuple(rows),
        notes=(denominator(assessments[0]), unit_note(assessments[0])),
    )  # fmt: skip


def _part(layer: str) -> Note:
    return Note(*PARTS.get(layer, (layer, layer)))


def set_aside_table(summary: dict[str, Any]) -> Table:
    """Rows of every input that are not used, each once, with the reason."""
    rows = say.all_set_aside(summary)
    told = [Note(*REASONS.get(r["reason"], (r["reason"],) * 2)) for r in rows]
    counts = (say.reasons(rows),) if rows else ()
    return Table(
        key="set_aside",
        title=Note("未采用的行", "Rows set aside"),
        columns=(
            Column("layer", "数据", "Input"),
            Column("file", "文件", "File"),
            Column("sheet", "工作表", "Sheet"),
            Column("row", "行", "Row", "year"),  # a number to look up, without separators
            Column("name", "名称", "Name"),
            Column("reason", "原因", "Reason"),
            Column("detail", "说明", "What was found"),
        ),
        rows=tuple(
            (_part(r["layer"]), r["file"], r["sheet"], r["row"], r["name"], why, say.reason(r))
            for r, why in zip(rows, told, strict=True)
        ),
        notes=(
            Note(
                "这些行不参与步行计算；因离道路太远而未采用的设施仍然存在，按单元有无设施、床位托位"
                "总数和规划指标照常计入。原文件没有改动；行号与原表一致（从1起）",
                "Nobody walks to or from these rows. A facility that is only too far from a road is"
                " there all the same: it counts where a unit has a facility, in totals of beds and"
                " places, and for targets. No file was changed; rows as in the file, from 1",
            ),
            *counts,
        ),
    )


def changes_table(summary: dict[str, Any]) -> Table:
    """What was read otherwise than it is written."""
    return Table(
        key="changes",
        title=Note("改动和推断", "What was changed or guessed"),
        columns=(
            Column("layer", "数据", "Input"),
            Column("file", "文件", "File"),
            Column("sheet", "工作表", "Sheet"),
            Column("row", "行", "Row", "year"),
            Column("name", "名称", "Name"),
            Column("kind", "类别", "Kind"),
            Column("detail", "改动", "What was made of it"),
        ),
        rows=tuple(
            (
                _part(r["layer"]), r["file"], r["sheet"], r["row"], r["name"],
                say.change_kind(r["kind"]), Note(r["detail_zh"], r["detail_en"]),
            )
            for r in summary["changes"]
        ),
        notes=(
            Note(
                "与原表写法不同之处；没有行号的是整个文件。原文件没有改动",
                "What was read otherwise than it is written; without a row the whole file is meant."
                " No file was changed",
            ),
        ),
    )  # fmt: skip


def walker_note(a: Assessment) -> Note:
    """Who walks, and how fast, or by which rule of distances."""
    zh, en = a.walker.label_zh or a.walker.name, a.walker.label_en or a.walker.name
    if a.walker.rule_m:
        rule = "、".join(f"{m:g} min = {d:g} m" for m, d in a.walker.rule_m)
        return Note(f"{zh}，按换算规则 {rule}", f"{en}, by the distances {rule}")
    speed = f"{a.walker.speed_mps:g}"
    return Note(f"{zh}，步速 {speed} 米/秒", f"{en}, {speed} m/s")


def method_table(
    assessments: Sequence[Assessment], summary: dict[str, Any], *, study_key: str = ""
) -> Table:
    """The parameters that the results rest on, and where the data come from."""
    study, ground = summary["study"], assessments[0].ground
    rows: list[tuple[Any, Any, Any]] = []

    def say_(about: Any, what: Note, value: Any) -> None:  # noqa: ANN401 - a text or a note
        rows.append((about, what, value))

    whole = Note("全部", "all")
    area = Note("研究文件给定", "given by the study") if study["area_given"] else Note(
        "未给出，按数据范围", "not given: as far as the data reach"
    )  # fmt: skip
    say_(whole, Note("研究范围", "Study area"), area)
    unit = WORDS[ground.demand.kind]
    say_(whole, Note("需求数据", "Demand"), Note(
        f"{study['places']:,} 处，单位：{unit[0]}", f"{counted(study['places'], 'place')}, in"
        f" {unit[1]}"
    ))  # fmt: skip
    outside = study["outside_area"].get(EVERYONE, 0)
    if outside:
        say_(whole, Note(*WORDS["outside_people"]), f"{outside:,.0f}")
    say_(whole, Note("住处到道路的最大距离", "Longest leg from a home to the road"),
         f"{study['link_limit_m']:g} m")  # fmt: skip
    roads = summary["roads"]
    if roads:
        say_(whole, Note("步行路网", "Walking network"), Note(
            f"{roads['length_km']:,.0f} 公里，{roads['parts']} 个互不连通的部分",
            f"{roads['length_km']:,.0f} km in {counted(roads['parts'], 'part')}",
        ))  # fmt: skip
    for a in assessments:
        minutes = "、".join(f"{c:g}" for c in a.cutoffs_min)
        say_(a.name, Note("人群", "Group"), group_note(a, a.group))
        say_(a.name, Note("步行者", "Walker"), walker_note(a))
        say_(a.name, Note("时限（分钟）", "Cutoffs (min)"), minutes)
        say_(a.name, Note("搜索上限（分钟）", "Searched up to (min)"), f"{a.limit_min:g}")
        say_(a.name, Note("方向", "Direction"), Note("走向设施", "to the facility")
             if a.direction == "to" else Note("从设施出发", "from the facility"))  # fmt: skip
        if a.inside_min:
            say_(a.name, Note("设施内步行（分钟）", "Inside the facility (min)"),
                 f"{a.inside_min:g}")  # fmt: skip
        say_(a.name, Note("设施到道路的最大距离", "Longest leg from a facility to the road"),
             f"{a.link_limit_m:g} m")  # fmt: skip
        said = [f"{len(a.used)} 处计入", f"{len(a.used)} counted"]
        planned = a.facility_status.count("planned")
        if planned:
            said = [
                f"{said[0]}，{planned} 处规划未计入",
                f"{said[1]}, {planned} planned, not counted",
            ]
        say_(a.name, Note("设施", "Facilities"), Note(*said))
    for fit in summary["datum"]:
        say_(_part(fit["layer"]), Note("坐标系", "Coordinates"), say.fit_short(
            {**fit, "n_points": fit["points"]}
        ))  # fmt: skip
    if study["data_date"]:
        say_(whole, Note(*WORDS["data_date"]), study["data_date"])
    for line in study["attribution"]:
        say_(whole, Note(*WORDS["source"]), line)
    say_(whole, Note("软件", "Software"), f"Quarterhour 一刻钟 {__version__}")
    if study_key:
        say_(whole, Note(*WORDS["study_key"]), study_key)
    return Table(
        key="method",
        title=Note("参数与来源", "Parameters and sources"),
        columns=(
            Column("about", "对象", "About"),
            Column("what", "参数", "Parameter"),
            Column("value", "取值", "Value"),
        ),
        rows=tuple(dict.fromkeys(rows)),
        notes=(INSIDE, APART),
    )
