"""Sentences on data that end too near, in Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour import units
from quarterhour.inputs import Note
from quarterhour.measures import counted, measure

if TYPE_CHECKING:
    from quarterhour.measures import Parts
    from quarterhour.sources.ground.extents import Missing

SIDES_ZH = {"north": "北", "east": "东", "south": "南", "west": "西"}


def missing_roads(missing: Missing, reach_m: float, cutoff_min: float) -> Note:
    """How far more road data are needed, by side."""
    zh = "、".join(
        f"向{SIDES_ZH[name]} {metres:,} 米" for name, metres in missing.items() if metres
    )
    en = ", ".join(f"{metres:,} m in the {name}" for name, metres in missing.items() if metres)
    return Note(
        f"道路数据在研究范围边缘处留得不够：{cutoff_min:g} 分钟最多步行 {reach_m:.0f} 米，"
        f"还需补充道路数据：{zh}",
        f"the road data end too near to the edge of the study area: up to {reach_m:.0f} m are"
        f" walked in {cutoff_min:g} min; more road data are needed: {en}",
    )


def beyond_roads(kind: str, left: Parts, uncovered: int, covered: int, unlinked: int) -> Note:
    """Demand (millionths) of a kind whose result roads beyond the data could change.

    `left`: who is covered and who is not, as every output tells it.
    """
    unit = measure(kind, left.total)
    every = unit.number(left.uncovered)
    may = unit.number(min(units.persons(uncovered), left.uncovered))
    lose, lost = (unit.number(units.persons(n)) for n in (covered, unlinked))
    if not (uncovered or covered or unlinked):
        return Note(
            "边缘以外的道路不会改变任何结果：边缘附近或已覆盖，或离设施太远",
            "no result depends on roads beyond it: near the edge all is covered, or too far from"
            " any facility",
        )
    # a figure that would be shown as 0 says nothing and is left out
    at_edge = [
        (f"{n} {unit.zh}（{zh}）", f"{n} {en} {unit.unit_en(n)}")
        for n, zh, en in ((lose, "已覆盖", "covered"), (lost, "未连接道路", "unlinked"))
        if n != "0"
    ]
    edge_zh = "和 ".join(zh for zh, _ in at_edge)
    edge_en = " and ".join(en for _, en in at_edge)
    if may != "0":
        return Note(
            f"未覆盖的 {every} {unit.zh}中，有 {may} {unit.zh}离道路数据的边缘很近，"
            "边缘以外的道路可能使其变为已覆盖"
            + (f"；紧靠边缘的 {edge_zh}也可能改变" if at_edge else ""),
            f"{may} of the {every} uncovered {unit.unit_en(every)} {'is' if may == '1' else 'are'}"
            " so near to the edge of the road data that roads beyond it could cover them"
            + (f"; at the very edge, {edge_en} could change too" if at_edge else ""),
        )
    if at_edge:
        return Note(
            f"边缘以外的道路只可能改变紧靠边缘的 {edge_zh}的结果",
            f"roads beyond the edge could only change the results of {edge_en} at the very edge",
        )
    return Note(
        f"边缘以外的道路可能改变的结果不到 1 {unit.zh}",
        f"roads beyond the edge could change the results of less than one of the {unit.en}",
    )


def beyond_facilities(kind: str, left: Parts, uncovered: int, reach_m: float) -> Note:
    """Demand (millionths) of a kind that facilities which are not in the list could serve.

    `left`: who is covered and who is not, as every output tells it.
    """
    unit = measure(kind, left.total)
    every = unit.number(left.uncovered)
    may = unit.number(min(units.persons(uncovered), left.uncovered))
    return Note(
        f"设施名单未完整包括研究范围以外 {reach_m:.0f} 米内的设施：未覆盖的 {every} {unit.zh}中，"
        f"有 {may} {unit.zh}可能由名单以外的设施服务",
        f"the list of facilities does not reach {reach_m:.0f} m beyond the study area all around:"
        f" facilities that are not in it could serve {may} of the {every} uncovered"
        f" {unit.unit_en(every)}",
    )


def facilities_at_roads_end(flagged: int, used: int) -> Note:
    """Facilities whose people reached could change with roads beyond the data."""
    return Note(
        f"{used} 处设施中有 {flagged} 处，道路数据边缘以外的道路可能改变其服务人数",
        f"{flagged} of {counted(used, 'facility', 'facilities')} could reach other numbers of"
        " people by roads beyond the data",
    )


def facilities_at_peoples_end(flagged: int, used: int) -> Note:
    """Facilities that people who are not counted could walk to."""
    return Note(
        f"{used} 处设施中有 {flagged} 处，研究范围以外的人也可能走得到，这些人未计入其服务人数",
        f"{flagged} of {counted(used, 'facility', 'facilities')} could also be walked to by people"
        " beyond the study area, who are not counted among those in reach",
    )
