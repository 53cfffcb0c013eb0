"""Supply and demand as tables, every figure with its definition and source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.answers.answer_words import SUPPLIES, group_note, who_walks
from quarterhour.answers.supply_demand import known
from quarterhour.inputs import EVERYONE, Note
from quarterhour.measures import counted, split_told
from quarterhour.tabular import Chart, Column, Table
from quarterhour.units import persons

if TYPE_CHECKING:
    from quarterhour.answers.supply_demand import MethodResult, SupplyDemand

HUNDRED = 100.0

NAMES = {
    "2sfca": Note("两步移动搜寻法（2SFCA）", "Two-step floating catchment area (2SFCA)"),
    "e2sfca": Note("增强型两步移动搜寻法（E2SFCA）", "Enhanced two-step (E2SFCA)"),
    "3sfca": Note("三步移动搜寻法（3SFCA）", "Three-step (3SFCA)"),
    "balanced": Note("平衡法（BFCA，按人分配）", "Balanced (BFCA, handed out to people)"),
}

DECAYS = {
    "none": Note("时限内不衰减", "none within the cutoff"),
    "steps": Note("分三段：1、0.68、0.22", "three steps: 1, 0.68, 0.22"),
    "gaussian": Note("高斯衰减", "Gaussian"),
    "linear": Note("线性衰减", "linear"),
}

DEFINITIONS = (
    Note(
        "两步移动搜寻法（Luo、Wang 2003）：每处设施的供给除以时限内的需求人数，得到供需比；"
        "每个居住点把可达设施的供需比相加",
        "Two steps (Luo and Wang 2003): each facility's supply over the people in need within the"
        " cutoff; every place adds up these ratios of the facilities it reaches",
    ),
    Note(
        "增强型（Luo、Qi 2009）：两步都按步行时间加权；"
        "分三段时，时限的前、中、后三分之一权重为1、0.68、0.22",
        "Enhanced (Luo and Qi 2009): both steps weighted by the walking time; in three steps 1,"
        " 0.68 and 0.22 for the first, second and last third of the cutoff",
    ),
    Note(
        "三步（Wan、Zou、Sternberg 2012）：再按可选设施的权重把每个人的需求分摊到各设施",
        "Three steps (Wan, Zou and Sternberg 2012): demand is also divided among the facilities"
        " that people can choose from",
    ),
    Note(
        "平衡法（Páez等 2019）：每个人只计一次，分摊到可达的设施；"
        "每张床位（托位）也只分一次，按分摊的人数分配",
        "Balanced (after Páez, Higgins and Vivona 2019): everybody is counted once, divided among"
        " the facilities in reach, and supply is handed out once, to the people it was counted for",
    ),
    Note(
        "未设距离衰减时，增强型和三步法仍按三段计算，否则与两步法、平衡法相同",
        "Where no decay is set, the enhanced method and the three steps have steps all the same:"
        " without any they would be the two steps, and the balanced method",
    ),
    Note(
        "高斯：(exp(-(t/T)²/2) - exp(-1/2)) / (1 - exp(-1/2))（Dai 2010）；线性：1 - t/T；T为时限",
        "Gaussian: (exp(-(t/T)²/2) - exp(-1/2)) / (1 - exp(-1/2)) (Dai 2010); linear: 1 - t/T, with"
        " T the cutoff",
    ),
    Note(
        "各法均不增减供给：各居住点得到的供给之和等于有需求可达的设施的供给之和（已核对）",
        "All of them conserve supply: what all places receive is what the facilities with demand in"
        " reach have (checked)",
    ),
    Note(
        "基尼系数：0为人人相同，接近1为集中于少数人；够不到任何设施者按0计入",
        "Gini: 0 where all have the same, near 1 where few have all; who reaches nothing counts"
        " as 0",
    ),
)


def tables_of(found: SupplyDemand, *, number: int = 1) -> list[Table]:
    """Who is served, access by method, and the facilities with their load.

    `number`: of the service in the study, part of the keys of the tables.
    """
    return [_served(found, number), _methods(found, number), _facilities(found, number)]


def _need_notes(found: SupplyDemand) -> tuple[Note, ...]:
    """What is demand, what is supply, and what is left out."""
    a, what = found.assessment, SUPPLIES[found.column]
    who, share = group_note(a, a.group), f"{HUNDRED * found.need_share:g}%"
    notes = [
        Note(
            f"需求：研究范围内{who.zh} × {share}（{found.share_from.zh}）；"
            f"供给：已计入设施的{what.zh}数",
            f"Demand: {share} of the people inside the area ({who.en};"
            f" {found.share_from.en}); supply: {what.en} of the facilities that are counted",
        ),
        who_walks(a),
    ]
    if a.group == EVERYONE:
        notes.append(
            Note(
                "该服务未指定人群，按全部人口计算需求",
                "The service names no group, so that demand is a share of everyone",
            )
        )
    if found.unknown:
        n = len(found.unknown)
        names = [a.facilities.name[k] for k in found.unknown[:10]]
        more = n - len(names)
        end_zh, end_en = (f"等{n}处", f" and {more} more") if more else ("", "")
        notes.append(
            Note(
                f"{n}处设施没有{what.zh}数，未计入供给：{'、'.join(names)}{end_zh}",
                f"left out of the supply, as no number of {what.en} is given:"
                f" {counted(n, 'facility', 'facilities')}, {', '.join(names)}{end_en}",
            )
        )
    if found.competing:
        n = round(persons(found.competing))
        notes.append(
            Note(
                f"研究范围以外另有约{n}名有需求者可达这些设施：计入各种搜寻法的竞争，不计入能服务的人数",
                f"About {counted(n, 'person', 'people')} in need outside the area can reach the"
                " same facilities: competing in the methods, and not counted among those served",
            )
        )
    return tuple(notes)


def _served(found: SupplyDemand, number: int) -> Table:
    a, what = found.assessment, SUPPLIES[found.column]
    total = found.need_total

    parts = {
        Note("可达且有空位", "In reach and served"): found.served,
        Note("可达但已满", "In reach, but full"): found.full,
        Note("可达的设施未给出数量", "In reach of facilities without a value only"): found.unstated,
        Note("不可达", "Out of reach"): found.out_of_reach,
        Note("未能连接路网", "Not linked to a road"): found.unlinked,
    }
    whole = round(persons(total))
    told = split_told(whole, [persons(n) for n in parts.values()])
    rows: list[tuple[Any, ...]] = [
        (note, n, micro / total if total else None)
        for (note, micro), n in zip(parts.items(), told, strict=True)
    ]
    rows.append((Note("合计", "Total"), whole, 1.0 if total else None))
    short = persons(found.short_need)
    return Table(
        key=f"supply_{number}",
        title=Note(f"{a.name}：{what.zh}供需", f"{a.name}: {what.en} and the people who need them"),
        columns=(
            Column("part", "需求者", "People in need"),
            Column("people", "人数", "People", "people"),
            Column("share", "占需求", "Share of the need", "percent"),
        ),
        rows=tuple(rows),
        notes=(
            *_need_notes(found),
            Note(
                "可达且有空位：在不超过各设施数量的前提下，最多能安排的人数"
                "（最大流，精确值；人数唯一，安排给谁、由哪处设施服务不唯一）",
                "Served: the largest number that fits into the facilities they reach (a maximum"
                " flow, exact; the number is unique, who is served by which facility is not)",
            ),
            Note(
                f"供不应求的居住点共有{short:,.0f}名需求者；其余可达的居住点在任何最优安排下都能全部满足",
                f"{counted(round(short), 'person in need lives', 'people in need live')} where not"
                " everybody can be served; at all other"
                " places in reach everybody is, in every such allocation",
            ),
        ),
        chart=Chart(
            "bar",
            Note(f"{a.name}：需求者的去向", f"{a.name}: people in need"),
            "part",
            ("people",),
        ),
        total=1,
    )


def _methods(found: SupplyDemand, number: int) -> Table:
    a, what = found.assessment, SUPPLIES[found.column]

    def row(m: MethodResult) -> tuple[Any, ...]:
        return (
            NAMES[m.key], DECAYS[m.decay], _hundred(m.mean), _hundred(m.median),
            _hundred(m.lowest),
            _hundred(m.highest), m.gini, m.share_without, m.given, m.received,
        )  # fmt: skip

    per_zh, per_en = f"每百名需求者{what.zh}数", f"{what.en} per 100 in need"
    return Table(
        key=f"supply_access_{number}",
        title=Note(f"{a.name}：{what.zh}可达性", f"{a.name}: access to {what.en}"),
        columns=(
            Column("method", "方法", "Method"),
            Column("decay", "距离衰减", "Decay"),
            Column("mean", f"{per_zh}（平均）", f"{per_en}, mean", "number"),
            Column("median", "中位数", "Median", "number"),
            Column("lowest", "最低（可达者中）", "Lowest of those in reach", "number"),
            Column("highest", "最高", "Highest", "number"),
            Column("gini", "基尼系数", "Gini", "number"),
            Column("without", "够不到任何供给", "Nothing in reach", "percent"),
            Column("given", "参与分配的供给", "Supply handed out", "number"),
            Column("received", "各点得到之和", "Supply received", "number"),
        ),
        rows=tuple(row(m) for m in found.methods),
        notes=(*_need_notes(found), *DEFINITIONS),
    )


def _facilities(found: SupplyDemand, number: int) -> Table:
    a, what = found.assessment, SUPPLIES[found.column]
    first, balanced = found.methods[0], found.methods[-1]

    def row(k: int) -> tuple[Any, ...]:
        if not np.isfinite(found.supply[k]):
            note = Note("未给出数量，未计入", "no value, left out")
            return a.facilities.name[k], a.facilities.kind[k], None, None, None, None, None, note
        full = Note("是", "yes") if found.full_row[k] else Note("否", "no")
        if not found.supply[k]:
            full = Note("数量为0", "has none")
        return (
            a.facilities.name[k],
            a.facilities.kind[k],
            float(found.supply[k]),
            persons(int(found.in_reach[k])),
            _hundred(known(first.ratio[k])),
            _hundred(known(balanced.ratio[k])),
            persons(int(found.assigned[k])),
            full,
        )

    return Table(
        key=f"supply_facilities_{number}",
        title=Note(f"{a.name}：各设施的供需", f"{a.name}: supply and demand of each facility"),
        columns=(
            Column("name", "名称", "Name"),
            Column("kind", "类别", "Kind"),
            Column("supply", what.zh, what.en.capitalize(), "number"),
            Column("need", "可达的需求者", "In need who reach it", "people"),
            Column("ratio", "每百名需求者（2SFCA）", "Per 100 in need (2SFCA)", "number"),
            Column("balanced", "每百名需求者（平衡法）", "Per 100 in need (balanced)", "number"),
            Column("assigned", "安排人数（方案之一）", "Assigned (one allocation)", "people"),
            Column("full", "必满", "Always full", "text"),
        ),
        rows=tuple(row(int(k)) for k in a.used),
        notes=(
            *_need_notes(found),
            Note(
                "可达的需求者：同一人可计入多处设施；平衡法中每人只计一次",
                "In need who reach it: one person may count for several facilities; in the balanced"
                " method everybody counts once",
            ),
            Note(
                "安排人数是人数最多的方案之一（各居住点按需求逐步安排，机会均等），不是唯一的；必满：在任何这样的方案中都没有空位",
                "Assigned: one of the allocations that serve most (all places are offered the same"
                " share of their need, step by step), not the only one; always full:"
                " nothing is left there in any of them",
            ),
        ),
        chart=Chart(
            "barh", Note(f"{a.name}：供给与可达的需求者", f"{a.name}: supply and need in reach"),
            "name", ("supply", "need"),
        ),
    )  # fmt: skip


def _hundred(value: float | None) -> float | None:
    return None if value is None else HUNDRED * value
