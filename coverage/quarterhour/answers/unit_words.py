"""How coverage by unit is worded: names of levels and parts, definitions and where they come from.

What the sources say of a formula and could not be checked in the printed standard says so.
"""

from __future__ import annotations

from quarterhour.answers.unit_meanings import (
    ADMINISTRATIVE,
    BUILDINGS,
    COMBINED,
    LAND,
    PEOPLE,
    REACHED,
    RURAL,
    URBAN,
    WHOLE,
    WITH,
)
from quarterhour.inputs import Note

LEVELS = {
    "county": Note("区县", "counties"),
    "town": Note("乡镇（街道）", "towns"),
    "community": Note("社区", "communities"),
    "village": Note("村", "villages"),
    "new_residential": Note("新建居住区", "new residential areas"),
    "old_residential": Note("已建成居住区", "existing residential areas"),
}

UNIT_NAMES = {
    "county": Note("区县", "County"),
    "town": Note("乡镇（街道）", "Town"),
    "community": Note("社区", "Community"),
    "village": Note("村", "Village"),
}
"""Heading of the column of names."""

PARTS = {
    WHOLE: Note("全部", "whole area"),
    URBAN: Note("城镇", "urban"),
    RURAL: Note("农村", "rural"),
    COMBINED: Note("城乡合计（各按时限）", "urban and rural, each at its cutoff"),
}

KINDS = {
    "street": Note("街道", "street"),
    "town": Note("镇", "town"),
    "township": Note("乡", "township"),
}

DEFINITIONS = {
    LAND: Note(
        "时限内步行可达的居住用地面积 ÷ 全部居住用地面积；居住区内每25米取一个位置，"
        "逐点接入道路计时，附近没有道路的位置计入分母",
        "residential land within the cutoff / all residential land; measured at positions every"
        " 25 m inside the areas, each linked and timed; those without a road stay in the"
        " denominator",
    ),
    PEOPLE: Note(
        "时限内步行可达的人口 ÷ 该人群全部人口；附近没有道路的人口计入分母",
        "people within the cutoff / all people of the group; those without a road stay in the"
        " denominator",
    ),
    BUILDINGS: Note(
        "时限内步行可达的建筑数 ÷ 全部建筑数；附近没有道路的建筑计入分母",
        "buildings within the cutoff / all buildings; those without a road stay in the denominator",
    ),
    WITH: Note(
        "范围内至少有一处设施的单元数 ÷ 单元总数",
        "units with at least one facility inside / all units",
    ),
    REACHED: Note(
        "至少{percent}%的人口（无人口时为居住用地；单元为点时为该点）在时限内可达的单元数"
        " ÷ 单元总数",
        "units of whose people (of whose land, where nobody lives; of a point, the point itself) at"
        " least {percent}% are within the cutoff / all units",
    ),
}

SOURCES = {
    LAND: Note(
        "城市体检的服务半径覆盖率以居住用地面积为分母（2021年指标）；TD/T 1063-2021的步行覆盖率"
        "是否同此，未核对标准原文",
        "the national urban check (城市体检, 2021) takes residential land as the denominator of"
        " coverage by service radius; that TD/T 1063-2021 does so too is not confirmed",
    ),
    PEOPLE: Note(
        "15分钟生活圈研究的人口覆盖率（如广州南沙，步行路网）",
        "research on 15-minute circles (such as Nansha, Guangzhou, on the walking network)",
    ),
    BUILDINGS: Note(
        "15分钟生活圈研究的建筑覆盖率（如广州南沙，步行路网）",
        "research on 15-minute circles (such as Nansha, Guangzhou, on the walking network)",
    ),
    WITH: Note(
        "城市体检的社区老年服务站、普惠性幼儿园等覆盖率按社区数计，公式未核对原文",
        "the national urban check counts communities with a facility (community care stations,"
        " kindergartens); the formula is not confirmed",
    ),
    "administrative": Note(
        "各地“一老一小”方案和上海街镇覆盖率按设有设施的行政单元数计",
        "the cities' plans for care of the old and the young, and Shanghai by street and town,"
        " count units of the administration with a facility",
    ),
    REACHED: Note(
        "规划文件只提出圈层覆盖社区，没有规定比例；比例由本研究设定（threshold_percent）",
        "plans ask that circles reach communities and give no share; the share is set by this study"
        " (threshold_percent)",
    ),
}


def level_note(level: str) -> Note:
    """Name of a level, in the plural; a study's own level keeps its word."""
    return LEVELS.get(level, Note(level, level))


def unit_heading(level: str) -> Note:
    """Heading of the column of units."""
    return UNIT_NAMES.get(level, Note("单元", "Unit"))


def meaning_note(key: str, level: str, group: Note) -> Note:
    """What a share is called, so that nobody takes it for another one."""
    of = level_note(level)
    if key == LAND:
        return Note("按居住用地面积", "by residential land")
    if key == BUILDINGS:
        return Note("按建筑数", "by buildings")
    if key == PEOPLE:
        return Note(f"按人口：{group.zh}", f"by people: {group.en}")
    if key == WITH and level in ADMINISTRATIVE:
        return Note(f"按行政单元：有设施的{of.zh}", f"by administrative units: {of.en} with one")
    if key == WITH:
        return Note(f"按{of.zh}数：有设施", f"by {of.en}: with a facility")
    return Note(f"按{of.zh}数：可达", f"by {of.en}: reached")


def definition(key: str, percent: float) -> Note:
    """Numerator and denominator in words."""
    found, told = DEFINITIONS[key], f"{percent:g}"
    return Note(found.zh.replace("{percent}", told), found.en.replace("{percent}", told))


def source(key: str, level: str) -> Note:
    """Where the definition comes from."""
    return SOURCES["administrative" if key == WITH and level in ADMINISTRATIVE else key]
