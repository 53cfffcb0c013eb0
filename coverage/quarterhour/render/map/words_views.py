"""The words of search, stages, comparison and the list of layers, in Chinese and English."""

from __future__ import annotations

from typing import Final

VIEW_WORDS: Final[dict[str, tuple[str, str]]] = {
    # search
    "search": ("搜索名称或拼音", "Search names"),
    "search_none": ("没有找到", "Nothing found"),
    "search_found": ("条结果，用上下键选择", "results; choose with the arrow keys"),
    "street": ("道路", "Street"),
    "place_name": ("地名", "Place"),
    "district": ("行政区", "District"),
    # stages
    "stages": ("时间与方案", "Years and scenarios"),
    "today": ("现状", "Today"),
    "play": ("逐年播放", "Play the years"),
    "pause": ("暂停", "Pause"),
    "next_stage": ("下一年", "Next year"),
    "than_today": ("比现状", "against today"),
    "stage_note": (
        "空白区按现状计算，此处不显示。",
        "Gaps are those of today, and are not shown here.",
    ),
    "stage_area": ("届时的服务区", "Service area then"),
    "stage_new": ("新增的服务区", "Newly reached"),
    "stage_gone": ("不再到达", "No longer reached"),
    "stage_gained": ("新增可达的", "Newly covered"),
    "stage_lost": ("不再可达的", "No longer covered"),
    "stage_left": ("仍未覆盖的", "Still not covered"),
    "stage_opened": ("届时开放的设施", "Facilities open by then"),
    "stage_closed": ("届时关闭的设施", "Facilities closed by then"),
    # comparison
    "compare": ("对比", "Compare"),
    "compare_end": ("结束对比", "End the comparison"),
    "compare_left": ("左侧", "Left"),
    "compare_right": ("右侧", "Right"),
    "compare_line": (
        "对比分界线，用左右键移动",
        "Dividing line, moved with the left and right keys",
    ),
    "walkers_group": ("步行者", "Walkers"),
    # layers
    "facilities_used": ("现有", "Existing"),
    "facilities_planned": ("规划", "Planned"),
    "facilities_unlinked": ("离路网太远", "Too far from a road"),
    "facilities_several": ("多处设施，数字为处数", "Several facilities and their number"),
    # what a symbol of several stands for, and the walk of one place
    "members_facility": ("点选一处查看：", "Choose one to see it:"),
    "members_place": ("点选一处，查看其步行路线：", "Choose a place to see its walk:"),
    "rounded_place": ("（已取整）", "(rounded)"),
    "members_more": ("处，放大地图后可见", "more; zoom in to part them"),
    "members_back": ("返回列表", "Back to the list"),
    "walk_own": ("黑线为此处到最近设施的步行路线：", "The black line is the walk from here:"),
    "walk_none": ("本图不能画出此处的步行路线。", "This walk cannot be drawn on this map."),
    "walk_state": (
        "此情景下的步行网络无法在页面中准确重现，故不画路线。",
        "The page cannot make the streets of this state exactly, so no walk is drawn.",
    ),
    "walk_beyond": ("超出计算范围", "beyond the search"),
    "walk_wait": (
        "路网准备中，稍后再点即可画出路线。",
        "The network is getting ready; click again shortly.",
    ),
    "gap_in": ("位于空白区", "In gap"),
    "covered_people": ("可达的人口", "People covered"),
    "covered_residential_land": ("可达的居住用地", "Residential land covered"),
    "covered_buildings": ("可达的建筑", "Buildings covered"),
    "covered_street_metres": ("可达的街道", "Streets covered"),
    "covered_place": ("可达", "Covered"),
    "scenarios_own": ("方案", "Scenarios"),
    "place_names": ("地名", "Place names"),
    "base_map": ("底图", "Base map"),
    "expand": ("展开或收起", "Open or close"),
    # figures
    "kpi_gaps": ("处空白区", "gaps"),
    "kpi_targets": ("规划指标", "Plan indicators"),
    "kpi_passed": ("达标", "pass"),
    "kpi_failed": ("未达标", "fail"),
    "kpi_unknown": ("无法判断", "unknown"),
    "kpi_of": ("占", "of"),
    "approval": ("审图号", "Map approval No."),
    # data and method
    "method_crs": ("坐标系", "Coordinates"),
    "method_crs_told": (
        "WGS-84 经纬度（与 CGCS2000 视为相同）；长度沿椭球面量算；图面为网络墨卡托投影",
        "WGS-84 (CGCS2000 taken as equal); lengths along the ellipsoid; drawn in Web Mercator",
    ),
    "method_time": ("步行者与时限", "Walker and cutoff"),
    "method_base": ("统计基数", "Counted"),
    "method_date": ("数据日期", "Date of the data"),
    "method_date_none": ("未注明", "not given"),
    "method_source": ("资料来源", "Sources"),
    "method_inclusive": ("含", "inclusive"),
}
