"""Words that the tables of several answers share, as pairs of Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.inputs import Note
from quarterhour.render.words import group_pair

if TYPE_CHECKING:
    from quarterhour.assessing.assessment import Assessment

AMOUNTS = {
    "people": Note("人数", "People"),
    "residential_land": Note("居住用地（公顷）", "Residential land (ha)"),
    "buildings": Note("建筑（栋）", "Buildings"),
    "street_metres": Note("街道（米）", "Streets (m)"),
}
"""What is counted, by kind of demand."""

STATUS = {
    "used": Note("已计入", "counted"),
    "planned": Note("规划，未计入", "planned, not counted"),
    "unlinked": Note("离路网太远，未计入", "too far from a road, not counted"),
    "outside": Note("研究范围以外，未计入", "outside the area, not counted"),
}

SUPPLIES = {"beds": Note("床位", "beds"), "places": Note("托位", "places")}


def amount(kind: str) -> Note:
    """Heading of an amount of demand."""
    return AMOUNTS.get(kind, Note("需求量", "Demand"))


def group_note(a: Assessment, group: str) -> Note:
    """Name of a group."""
    return Note(*group_pair(group, a.ground.demand.kind))


def who_walks(a: Assessment) -> Note:
    """The walker and the cutoff that counts, as a note below a table."""
    minutes = f"{a.cutoffs_min[-1]:g}"
    return Note(
        f"可达：{a.walker.label_zh}沿路步行 {minutes} 分钟以内（含 {minutes} 分钟整）",
        f"In reach: within {minutes} minutes on foot along the roads, {minutes} included"
        f" ({a.walker.label_en})",
    )


def denominator(a: Assessment) -> Note:
    """That shares are of all inside the area, those without a road included."""
    zh, en = ("人口", "people") if a.ground.demand.kind == "people" else ("需求", "demand")
    return Note(
        f"分母：研究范围内该人群的全部{zh}，含未能连接路网者",
        f"Denominator: all {en} of the group inside the study area, those not linked to a road"
        " included",
    )
