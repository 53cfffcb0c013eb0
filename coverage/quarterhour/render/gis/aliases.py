"""Names of layers, of their columns and of the codes in them, in Chinese and English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from quarterhour.render.words import group_pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Pair = tuple[str, str]

LAYERS: Final[Mapping[str, Pair]] = {
    "sites_closed": ("建议关闭的设施", "facilities to close"),
    "sites_chosen": ("建议选址", "proposed sites"),
    "facilities": ("设施", "facilities"),
    "gaps": ("空白区", "gaps"),
    "gap_routes": ("空白区到最近设施的步行路线", "walks from the gaps"),
    "scenario_changes": ("方案引起的变化", "changes by scenario"),
    "changes": ("变化", "changes"),
    "newly_covered": ("新增可达的人口", "newly covered"),
    "no_longer_covered": ("不再可达的人口", "no longer covered"),
    "still_uncovered": ("仍未覆盖的人口", "still not covered"),
    "sites_areas": ("建议选址的服务区", "service areas of the proposed sites"),
    "sites_candidates": ("候选点", "candidate sites"),
    "unit_points": ("统计单元（点）", "units (points)"),
    "people": ("人口", "people"),
    "demand": ("需求点", "demand"),
    "people_outside": ("研究范围外的人口", "people outside the study area"),
    "demand_outside": ("研究范围外的需求点", "demand outside the study area"),
    "service_area_lines": ("可达街道", "streets within reach"),
    "service_areas": ("服务区", "service areas"),
    "residential": ("居住小区", "residential areas"),
    "units": ("统计单元", "units"),
}
"""Layers in the order in which they are drawn, the topmost first."""

COLUMNS: Final[Mapping[str, Pair]] = {
    "service": ("服务", "service"),
    "scenario": ("方案", "scenario"),
    "name": ("名称", "name"),
    "name_en": ("英文名称", "name in English"),
    "kind": ("类型（原文）", "kind as given"),
    "kind_zh": ("类型", "kind in Chinese"),
    "kind_en": ("英文类型", "kind"),
    "state": ("建设状态（原文）", "state as given"),
    "status": ("判定", "status"),
    "row": ("原表行号", "row of the table"),
    "source_row": ("原表行号", "row of the source"),
    "place": ("人口点编号", "number of the place"),
    "link_m": ("到道路距离（米）", "to the road (m)"),
    "people_reached": ("时限内人口（人）", "people within reach"),
    "demand_reached": ("时限内需求量", "demand within reach"),
    "detail": ("说明", "detail"),
    "edge": ("可能受数据边缘影响", "data whose edge could change it"),
    "position": ("位置依据", "position from"),
    "cutoff_min": ("时限（分钟）", "cutoff (min)"),
    "scope": ("范围", "scope"),
    "facility": ("设施", "facility"),
    "facility_row": ("设施行号", "row of the facility"),
    "area_ha": ("面积（公顷）", "area (ha)"),
    "length_km": ("长度（公里）", "length (km)"),
    "unreached_m": ("面内未达街道（米）", "streets inside not reached (m)"),
    "unreached_share": ("面内未达街道占比", "share of streets inside not reached"),
    "offset_m": ("绘图外扩（米）", "drawn beyond the streets (m)"),
    "people": ("人口（人）", "people"),
    "areas": ("小区数（个）", "areas"),
    "street_metres": ("街道长度（米）", "streets (m)"),
    "nearest": ("最近设施", "nearest facility"),
    "nearest_row": ("最近设施行号", "row of the nearest facility"),
    "gate": ("入口", "gate"),
    "minutes": ("步行（分钟）", "walk (min)"),
    "metres": ("步行（米）", "walk (m)"),
    "reason": ("原因", "reason"),
    "gap": ("空白区序号", "rank of its gap"),
    "share_covered": ("可达占比", "share covered"),
    "judged_by": ("判定方法", "judged by"),
    "positions": ("判定点数", "positions"),
    "positions_covered": ("可达判定点", "positions covered"),
    "positions_unlinked": ("未连接判定点", "positions not linked"),
    "covered": ("是否已覆盖（设施已满）", "covered (but full)"),
    "rank": ("序号", "rank"),
    "town": ("镇街", "town"),
    "group": ("服务人群", "group"),
    "of_group": ("服务人群人数（人）", "people of the group"),
    "within_rural": ("农村时限内人数（人）", "within the rural cutoff"),
    "need": ("缺床位或学位人数（人）", "people who find no place"),
    "places": ("人口点数", "places"),
    "share": ("原因所占比例", "share of the reason"),
    "median_min": ("步行中位数（分钟）", "median walk (min)"),
    "why": ("原因说明", "why, in Chinese"),
    "why_en": ("英文原因说明", "why"),
    "walk_m": ("步行距离（米）", "walk (m)"),
    "straight_m": ("直线距离（米）", "straight line (m)"),
    "detour": ("绕行系数", "detour factor"),
    "change": ("变化", "change"),
    "minutes_before": ("原步行（分钟）", "walk before (min)"),
    "minutes_after": ("现步行（分钟）", "walk after (min)"),
    "nearest_before": ("原最近设施", "nearest before"),
    "nearest_after": ("现最近设施", "nearest after"),
    "order": ("次序", "order"),
    "cost_10k_yuan": ("投资（万元）", "cost (10,000 yuan)"),
    "capacity": ("容量", "capacity"),
    "reached": ("时限内服务人群（人）", "people within reach"),
    "uncovered_in_reach": ("时限内未覆盖（人）", "not covered, within reach"),
    "candidate_in_reach": ("时限内有候选点", "a candidate is within reach"),
    "linked": ("已连路网", "linked"),
    "area": ("片区", "area"),
    "level": ("层级", "level"),
    "unit": ("单元", "unit"),
    "county": ("区县", "county"),
    "counted": ("计入统计", "counted"),
    "urban": ("城镇", "urban"),
    "share_own": ("按各自时限可达占比", "share covered, each at its own cutoff"),
    "land_ha": ("居住用地（公顷）", "residential land (ha)"),
    "land_covered_ha": ("可达居住用地（公顷）", "residential land covered (ha)"),
    "land_share": ("居住用地可达占比", "share of residential land covered"),
    "facilities": ("设施数", "facilities"),
    "present": ("有设施", "has a facility"),
    "beds": ("床位", "beds"),
}

OF_GROUP: Final[Mapping[str, Pair]] = {
    "total": ("总数", "total"),
    "covered": ("可达", "covered"),
    "uncovered": ("未覆盖", "not covered"),
    "unlinked": ("未连接", "not linked"),
    "share": ("可达占比", "share covered"),
    "reached": ("时限内", "within reach"),
    "added": ("新增可达", "newly covered"),
}
"""Beginnings of columns that there are for each group, such as covered_age_60_plus."""

BY_LAYER: Final[Mapping[tuple[str, str], Pair]] = {
    ("facilities", "places"): ("学位或托位", "places"),
    ("units", "places"): ("学位或托位", "places"),
    ("unit_points", "places"): ("学位或托位", "places"),
    ("units", "reached"): ("居民走得到", "reached by its people"),
    ("unit_points", "reached"): ("居民走得到", "reached by its people"),
    ("units", "kind"): ("类别", "kind"),
    ("unit_points", "kind"): ("类别", "kind"),
    ("residential", "kind"): ("小区类别", "kind"),
}

STATUS: Final = (
    ("covered", "已覆盖", "covered"),
    ("partly", "部分覆盖", "partly covered"),
    ("uncovered", "未覆盖", "not covered"),
    ("unlinked", "未连接路网", "not linked"),
)
FACILITY_STATUS: Final = (
    ("used", "现状在用", "existing, serving"),
    ("planned", "规划", "planned"),
    ("unlinked", "未连接路网", "not linked"),
    ("outside", "范围外", "outside the area"),
)
CANDIDATE_STATUS: Final = (
    ("chosen", "选中", "chosen"),
    ("usable", "可选", "possible"),
    ("unusable", "不可用", "not usable"),
    ("excluded", "已排除", "excluded"),
    ("outside", "范围外", "outside the area"),
    ("unlinked", "未连接路网", "not linked"),
    ("unpriced", "没有造价", "without a cost"),
    ("elsewhere", "属于其他服务", "of another service"),
)
CHANGES: Final = (("gained", "新增可达", "gained"), ("lost", "不再可达", "lost"))
YES_NO: Final = (("yes", "是", "yes"), ("no", "否", "no"))
REASONS: Final = (
    ("beyond", "设施不远，步行超时限", "near, but the walk is too long"),
    ("no_facility", "附近没有设施", "no facility near"),
    ("detour", "绕行过远", "detour"),
    ("barrier", "障碍阻隔", "barrier"),
    ("hill", "坡度", "hill"),
    ("walker", "只有台阶可走", "steps only"),
    ("disconnected", "路网断开", "road network broken"),
    ("edge", "数据边缘", "edge of the data"),
    ("far_from_road", "附近没有道路", "far from any road"),
    ("behind_barrier", "被隔断", "cut off from roads"),
    ("full", "设施已满", "full"),
)
PLACE_REASONS: Final = (
    ("far", "步行超时限", "too far"),
    ("beyond_limit", "搜索范围内没有设施", "none within the limit of the search"),
    ("disconnected", "路网断开", "road network broken"),
    ("behind_barrier", "被隔断", "cut off from roads"),
    ("unlinked", "未连接路网", "not linked"),
)
SCOPE: Final = (("all", "全部设施合计", "all facilities"), ("facility", "单个设施", "one facility"))
POSITIONS: Final = (
    ("own", "自身坐标", "its own position"),
    ("gates", "出入口", "its gates"),
    ("approximate", "所在镇街（近似）", "its town, approximate"),
)

_CODES: Final[Mapping[tuple[str, str], tuple[tuple[str, str, str], ...]]] = {
    ("facilities", "status"): FACILITY_STATUS,
    ("facilities", "position"): POSITIONS,
    ("sites_candidates", "status"): CANDIDATE_STATUS,
    ("gaps", "reason"): REASONS,
    ("", "status"): STATUS,
    ("", "reason"): PLACE_REASONS,
    ("", "change"): CHANGES,
    ("", "scope"): SCOPE,
    ("", "counted"): YES_NO,
    ("", "urban"): YES_NO,
    ("units", "present"): YES_NO,
    ("unit_points", "present"): YES_NO,
    ("units", "reached"): YES_NO,
    ("unit_points", "reached"): YES_NO,
}


def base_of(layer: str) -> str:
    """The layer that one with a number, or outside the study area, is like."""
    return layer if layer in LAYERS else re.sub(r"(_outside|_\d+)+$", "", layer)


def title_of(layer: str) -> str:
    """A layer in both languages, its own name where it has none; a number stays."""
    found = LAYERS.get(layer) or LAYERS.get(base_of(layer))
    if found is None:
        return layer
    number = re.search(r"_(\d+)$", layer)
    return f"{found[0]} {found[1]}" + (f" {number[1]}" if number else "")


def alias_of(layer: str, column: str, given: Iterable[str] = ()) -> str:
    """A column in both languages; empty for one that keeps its name, as those of `given` do."""
    found = BY_LAYER.get((base_of(layer), column)) or COLUMNS.get(column)
    if found is None:
        for key, (zh, en) in OF_GROUP.items():
            group = column.removeprefix(f"{key}_")
            if group != column and group and column not in given:
                group_zh, group_en = group_pair(group)
                return f"{group_zh}{zh} {en}, {group_en}"
        zh, en = group_pair(column)
        return "" if zh == en else f"{zh}（人） {en}"
    zh, en = found
    return f"{zh} {en}"


def codes_of(layer: str, column: str) -> tuple[tuple[str, str, str], ...]:
    """Codes of a column with what they mean, Chinese and English; empty for free text."""
    return _CODES.get((base_of(layer), column)) or _CODES.get(("", column), ())
