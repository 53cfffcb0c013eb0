"""Every word the map and the summary table show, in Chinese and English.

One table, so that a label is the same in the page, in the terminal and in a report. A language is
"zh", "en" or "both"; "both" puts Chinese first and English after a slash.
"""

from __future__ import annotations

import re
from typing import Final

from quarterhour.errors import InputError
from quarterhour.render.map.words_print import PRINTED
from quarterhour.render.map.words_views import VIEW_WORDS
from quarterhour.render.map.words_what_if import WHAT_IF

LANGUAGES: Final = ("zh", "en", "both")
UNITS: Final = ("people", "residential_land", "buildings", "street_metres")

WORDS: Final[dict[str, tuple[str, str]]] = {
    # the figures
    "total": ("总量", "Total"),
    "covered": ("可达", "Covered"),
    "uncovered": ("未覆盖", "Not covered"),
    "unlinked": ("未能连接路网", "Not linked to roads"),
    "unlinked_short": ("未连路网", "Unlinked"),
    "partly": ("部分可达", "Partly covered"),
    "share_covered": ("可达占比", "Share covered"),
    "share_of_linked": ("占已连接路网者", "of those linked"),
    "share_of_total": ("占总量", "of the total"),
    "service": ("服务", "Service"),
    "walker": ("步行者", "Walker"),
    "cutoff": ("时限", "Cutoff"),
    "group": ("人群", "Group"),
    "beside": ("换一种步行者", "With other walkers"),
    "speed": ("步速", "Walking speed"),
    "rule": ("换算规则", "Distance rule"),
    "minutes": ("分钟", "min"),
    "metres": ("米", "m"),
    "mps": ("米/秒", "m/s"),
    "data_date": ("数据日期", "Data date"),
    "figures": ("数据表", "Figures as a table"),
    # scenarios
    "scenario": ("方案", "Scenario"),
    "scenarios": ("方案与现状比较", "Scenarios compared with today"),
    "scenario_closed": ("封闭的道路", "Streets closed"),
    "scenario_opened": ("新增的道路", "Streets opened"),
    "scenario_added": ("新增的设施", "Facilities added"),
    "added_one": ("方案新增", "Added by the scenario"),
    "scenario_gained": ("新增可达", "Covered only with it"),
    "scenario_lost": ("不再可达", "No longer covered"),
    "scenario_dropped": ("停用的设施", "Facilities that close"),
    # proposed sites
    "proposal": ("建议方案", "Proposal"),
    "proposal_notes": ("说明", "What else should be known"),
    "site_one": ("建议新址", "Proposed site"),
    "site_best": ("建议新址（按新增覆盖排序）", "Proposed sites, by what they add"),
    "site_other": ("另一方案的新址", "Sites of the other choice"),
    "site_row": ("点选一行，可在图上看到该处。", "Choose a row to see it on the map."),
    "closed_row": ("停用的设施", "Facilities that close"),
    "site_rank": ("次序", "Rank"),
    "site_name": ("名称", "Name"),
    "site_added": ("新增覆盖", "Newly covered"),
    "site_added_people": ("新增覆盖人数", "People added"),
    "tab_proposal": ("方案", "Proposal"),
    "layers_proposal": ("方案与图例", "Proposal and legend"),
    "site_added_of": ("新增覆盖：", "Newly covered:"),
    "site_reached": ("现服务", "Reaches now"),
    "site_reach": ("时限内可达（含已覆盖）", "Within reach, covered before or not"),
    "site_cost": ("造价", "Cost"),
    "site_size": ("规模", "Size"),
    "site_capacity": ("容量", "Room for"),
    "site_when": ("建设年份", "Built in"),
    "site_closes": ("停用", "Closes"),
    "site_closed": ("方案中停用", "Closes in this plan"),
    "wan_yuan": ("万元", "10,000 yuan"),
    "curve_budget": ("预算与新增覆盖", "Budget and what is newly covered"),
    "curve_budget_axis": ("预算（万元）", "Budget (10,000 yuan)"),
    "curve_sites": ("新建数量与新增覆盖", "Number of sites and what is newly covered"),
    "curve_sites_axis": ("新建数量", "New sites"),
    "curve_bound": ("已证明的上限", "Proven bound"),
    "curve_status": ("结论", "Conclusion"),
    "curve_proven": ("已证明最优", "proven best"),
    "curve_open": ("未证明", "not proven"),
    "curve_table": ("曲线数据", "The curve as a table"),
    "no_figures": (
        "没有人口或需求数据，因此不给出覆盖率。",
        "No demand data, so no coverage share is given.",
    ),
    "outside_people": ("研究范围以外，未计入", "Outside the study area, not counted"),
    "set_aside": ("未采用的设施行数", "Facility rows set aside"),
    # what is counted
    "people": ("人", "people"),
    "residential_land": ("公顷居住用地", "hectares of residential land"),
    "buildings": ("栋建筑", "buildings"),
    "street_metres": ("米街道", "metres of street"),
    "street_kilometres": ("公里街道", "km of street"),
    # groups
    "all": ("全部人口", "everyone"),
    "all_demand": ("全部", "all"),
    # facilities
    "facilities": ("设施", "Facilities"),
    "facility": ("设施", "Facility"),
    "kind": ("类别", "Kind"),
    "status": ("状态", "Status"),
    "facility_used": ("已计入", "Counted"),
    "facility_closes": ("停用", "Closes"),
    "facility_planned": ("规划，未计入", "Planned, not counted"),
    "facility_unlinked": ("离路网太远，未计入", "Too far from a road, not counted"),
    "reached": ("服务到的", "Reached"),
    "link_m": ("到道路的距离", "Distance to the road"),
    "position": ("位置", "Position"),
    "position_gates": ("从出入口进入", "Entered through its gates"),
    "position_approximate": ("近似：仅知所在乡镇（街道）", "Approximate: only its town is known"),
    "other_facilities": ("其他服务的设施", "Facilities of other services"),
    "own_area": ("该设施的服务区", "Service area of this facility"),
    # places and residential areas
    "place": ("需求点", "Demand place"),
    "places": ("包含需求点", "Places in this symbol"),
    "nearest": ("最近设施", "Nearest facility"),
    "to_nearest": ("到最近设施", "To the nearest facility"),
    "reason": ("原因", "Reason"),
    "far": ("超出时限", "Beyond the cutoff"),
    "beyond_limit": ("搜索范围内没有设施", "No facility within the search limit"),
    "disconnected": ("所在路网没有设施", "No facility on this part of the network"),
    "behind_barrier": (
        "与道路之间隔着水面、铁路、快速路或围墙",
        "Roads only behind water, a railway, an expressway or a wall",
    ),
    "no_road": ("连接距离内没有道路", "No road within the link limit"),
    "residential": ("居住区", "Residential areas"),
    "residential_one": ("居住区", "Residential area"),
    "share_inside": ("区内可达占比（按位置）", "Share of positions inside covered"),
    "median_minutes": ("到最近设施（中位数）", "To the nearest facility (median)"),
    "unnamed": ("（无名称）", "(no name)"),
    # gaps
    "gaps": ("空白区", "Gaps"),
    "gap_one": ("空白区", "Gap"),
    "gaps_ranked": ("空白区，由大到小", "Gaps, the largest first"),
    "gap_row": ("点选一行，可在图上看到该处及其步行路线。", "Choose a row to see it and its walk."),
    "gap_plain": ("未覆盖的片区，由大到小编号", "Not covered, numbered by size"),
    "gap_edge": ("位于数据边缘，尚难断定", "At the edge of the data, not certain"),
    "gap_unlinked": ("未能连接路网", "Not linked to roads"),
    "gap_route": (
        "到最近设施的步行路线（选中后显示）",
        "Walk to the nearest facility, once chosen",
    ),
    "gap_rank": ("序号", "Rank"),
    "gap_name": ("名称与原因", "Name and reason"),
    "gap_all": ("显示全部", "Show all"),
    "gap_top": ("只看前几处", "Show the first only"),
    "gap_no_route": (
        "排名靠后，本图未画其路线；见 results.gpkg。",
        "Its walk is not drawn on this map, for its rank; see results.gpkg.",
    ),
    "to_walk": ("步行", "Walk"),
    "walk": ("步行路程", "Walk"),
    "legend": ("图例", "Legend"),
    "layers_gaps": ("图例与空白区", "Legend and gaps"),
    # layers
    "layers": ("图例与图层", "Legend and layers"),
    "roads": ("步行路网", "Walking network"),
    "ferry": ("轮渡", "Ferry"),
    "scenery": ("水面与绿地", "Water and green"),
    "water": ("水面", "Water"),
    "green": ("绿地", "Green"),
    "districts": ("行政区界线", "District lines"),
    "boundary": ("研究范围", "Study boundary"),
    "service_areas": ("服务区", "Service areas"),
    "within": ("分钟以内", "min or less"),
    "uncovered_place": ("未覆盖", "Not covered"),
    "uncovered_people": ("未覆盖的人口", "People not covered"),
    "uncovered_residential_land": ("未覆盖的居住用地", "Residential land not covered"),
    "uncovered_buildings": ("未覆盖的建筑", "Buildings not covered"),
    "uncovered_street_metres": ("未覆盖的街道", "Streets not covered"),
    "unlinked_people": ("未能连接路网的人口", "People not linked to roads"),
    "unlinked_residential_land": (
        "未能连接路网的居住用地",
        "Residential land not linked to roads",
    ),
    "unlinked_buildings": ("未能连接路网的建筑", "Buildings not linked to roads"),
    "unlinked_street_metres": ("未能连接路网的街道", "Streets not linked to the network"),
    "tiles": ("在线底图", "Online base map"),
    # the page
    "choose_service": ("选择服务", "Choose a service"),
    "language": ("语言", "Language"),
    "both_languages": ("双语", "Both"),
    "method": ("数据与方法", "Data and method"),
    "source": ("资料来源", "Source"),
    "internal": ("内部工作用图", "Internal working map"),
    "synthetic": ("合成数据", "SYNTHETIC DATA"),
    "not_capacity": (
        "服务区表示步行可达，不等于有可用床位或托位。",
        "A service area means reachable on foot; it does not mean a free bed or place.",
    ),
    "drawing_only": (
        "图上多边形仅供显示（简化约 1 米）；数字以步行时间计算为准。",
        "Polygons are drawings (simplified by about 1 m); the figures come from walking times.",
    ),
    "rounded": (
        "总量、可达、未连路网各自取整，未覆盖为其余；不同行的数相加可能相差 1。",
        (
            "Total, covered and not linked are rounded by themselves, not covered is the rest; rows"
            " may add up to one more or less."
        ),
    ),
    "north": ("北", "North"),
    "whole_area": ("显示全图", "Show the whole area"),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "close": ("关闭", "Close"),
    **PRINTED,
    "map": ("地图", "Map"),
    "version": ("版本", "Version"),
    "study_key": ("研究编号", "Study key"),
    "licences": ("所用软件许可", "Software licences"),
    "no_script": (
        "本页地图需要 JavaScript；下方文字和数据表仍可阅读。",
        "The map on this page needs JavaScript; the text and tables can still be read.",
    ),
    "old_browser": (
        "浏览器版本过旧，地图无法显示。请使用极速模式，或换用新版 Edge、Chrome、Firefox。",
        "This browser is too old to show the map. Please use a current Edge, Chrome or Firefox.",
    ),
    **VIEW_WORDS,
    **WHAT_IF,
}

_AGE_RANGE = re.compile(r"age_(\d+)_(\d+|plus)")


def both(zh: str, en: str, language: str) -> str:
    """The text in one language, or Chinese and English with a slash; raises InputError."""
    if language not in LANGUAGES:
        message = f"language is {language!r}; it must be one of {', '.join(LANGUAGES)}"
        raise InputError(message)
    if language == "both":
        return zh if zh == en else f"{zh} / {en}"
    return zh if language == "zh" else en


def label(key: str, language: str) -> str:
    """The label for `key`; an unknown key is our mistake and raises KeyError."""
    zh, en = WORDS[key]
    return both(zh, en, language)


def group_pair(group: str, unit: str = "people") -> tuple[str, str]:
    """Chinese and English name of a group; a user's own group keeps its own name.

    `unit` is what is counted: where that is not people, nobody is called everyone.
    """
    if group == "all":
        return WORDS["all" if unit == "people" else "all_demand"]
    found = _AGE_RANGE.fullmatch(group)
    if found is None:
        return group, group
    low, high = found.groups()
    if high == "plus":
        return f"{low}岁以上", f"aged {low} and over"
    return f"{low}–{high}岁", f"aged {low}–{high}"


def group_label(group: str, language: str, unit: str = "people") -> str:
    """Name of a group, such as 60岁以上 / aged 60 and over."""
    zh, en = group_pair(group, unit)
    return both(zh, en, language)
