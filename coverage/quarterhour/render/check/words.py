"""The words of a check: parts of a study, meanings of columns, reasons, changes, common faults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTS: Final[dict[str, tuple[str, str]]] = {
    "study": ("研究文件", "study file"),
    "roads": ("道路", "roads"),
    "area": ("研究范围", "study area"),
    "people": ("人口", "people"),
    "stand_in": ("需求（代替人口）", "demand instead of people"),
    "totals": ("人口总数表", "totals of people"),
    "facilities": ("设施", "facilities"),
    "entrances": ("出入口", "entrances"),
    "residential": ("居住区", "residential areas"),
    "districts": ("行政区", "districts"),
    "towns": ("乡镇（街道）", "towns"),
    "units": ("统计单元", "units"),
    "urban": ("城区范围", "urban area"),
    "supply": ("供需", "supply"),
    "targets": ("规划指标", "targets"),
    "site": ("选址", "siting"),
    "candidates": ("候选地点", "candidate sites"),
    "terrain": ("地形", "terrain"),
    "barriers": ("障碍", "barriers"),
    "edge": ("数据边缘", "edge of the data"),
    "duplicates": ("重复设施", "duplicates"),
    "scenario": ("方案", "scenario"),
    "datum": ("坐标系", "coordinates"),
}

MEANINGS: Final[dict[str, tuple[str, str]]] = {
    "name": ("名称", "name"), "kind": ("类型", "kind"), "status": ("状态", "status"),
    "id": ("编号", "identifier"), "lon": ("经度", "longitude"), "lat": ("纬度", "latitude"),
    "east": ("横坐标（东）", "east"), "north": ("纵坐标（北）", "north"),
    "position": ("坐标（一格）", "position"), "address": ("地址", "address"),
    "town": ("街道/乡镇", "town"), "county": ("区县", "county"), "city": ("市", "city"),
    "community": ("社区/村", "community"), "beds": ("床位", "beds"),
    "nursing_beds": ("护理型床位", "nursing beds"), "family_beds": ("家庭养老床位", "beds at home"),
    "dementia_beds": ("认知障碍床位", "dementia beds"), "rehab_beds": ("康复床位", "rehab beds"),
    "places": ("托位", "places"), "inclusive_places": ("普惠托位", "inclusive places"),
    "inclusive": ("普惠", "inclusive"), "open_year": ("建成年份", "year of opening"),
    "close_year": ("关闭年份", "year of closing"),
    "floor_area_m2": ("建筑面积", "floor area"), "site_area_m2": ("占地面积", "site area"),
    "cost": ("投资", "cost"), "star": ("等级", "stars"), "registration": ("备案", "registration"),
    "operator": ("运营单位", "operator"), "operator_type": ("运营性质", "kind of operator"),
    "lead": ("责任单位", "office in charge"), "comprehensive": ("综合功能", "comprehensive"),
    "medical": ("医养结合", "medical care"), "clinic": ("内设医疗机构", "clinic"),
    "smart": ("智慧养老", "smart"), "meals": ("助餐", "meals"), "staff": ("工作人员", "staff"),
    "enrolment": ("在托、入住人数", "enrolment"), "households": ("户数", "households"),
    "dwellings": ("住宅套数", "dwellings"), "levels": ("层数", "levels"),
    "people": ("人口", "people"), "entrances": ("出入口", "entrances"),
    "geriatric": ("老年医学科", "geriatric department"), "visitors": ("人流量", "visitors"),
    "nursing_room": ("母婴室", "nursing room"), "compliant": ("达标", "up to standard"),
    "county_run": ("县级直管", "run by the county"), "chain": ("连锁", "chain"),
    "scene": ("服务场景", "scene"), "hospital_level": ("医院等级", "level of the hospital"),
    "age_friendly": ("老年友好社区", "age-friendly community"),
    "demonstration": ("示范", "demonstration"), "nursery_class": ("托班", "nursery class"),
    "eligible": ("有条件", "eligible"),
    "source": ("坐标来源", "source of the coordinates"),
}  # fmt: skip
"""What a column may be; a people group keeps its own name."""

LEVELS: Final[dict[str, tuple[str, str]]] = {
    "county": ("区县", "counties"), "town": ("镇（街道）", "towns"),
    "community": ("社区", "communities"), "village": ("村", "villages"),
    "new_residential": ("新建居住区", "new residential areas"),
    "old_residential": ("已建成居住区", "existing residential areas"),
}  # fmt: skip
"""Levels of units; other ones go by the study's own word."""

HOW: Final[dict[str, tuple[str, str]]] = {
    "named": ("研究文件指定", "named in the study"),
    "recognised": ("由列名识别", "by its heading"),
    "guessed": ("由内容推断", "by its content"),
    "unused": ("未使用", "not used"),
}

REASONS: Final[dict[str, tuple[str, str]]] = {
    "missing_coordinate": ("缺少坐标", "no coordinate"),
    "bad_coordinate": ("坐标无法使用", "coordinate cannot be used"),
    "placeholder_coordinate": ("坐标是占位的数", "coordinate stands for none"),
    "header_row": ("重复的列名行", "headings once more"),
    "footer_row": ("表尾的合计或说明，不是数据", "below the data, no row of it"),
    "duplicate_id": ("编号重复", "identifier used twice"),
    "outside_area": ("在研究范围及其外围以外", "outside the study area and its guard zone"),
    "too_far_from_road": ("离道路太远", "too far from any road"),
    "behind_barrier": ("与道路之间隔着障碍", "a barrier lies between it and the road"),
    "no_polygon": ("不是面", "not a polygon"),
    "no_area": ("找不到所在的面", "no area for it"),
    "bad_people": ("人口不是数字", "people are not a number"),
    "negative_people": ("人口为负数", "people are negative"),
    "missing_people": ("缺少人口", "no people"),
    "bad_value": ("数值无法使用", "value cannot be used"),
    "bad_cost": ("造价无法使用", "cost cannot be used"),
    "negative_cost": ("造价为负数", "cost is negative"),
    "bad_capacity": ("容量无法使用", "capacity cannot be used"),
    "bad_flag": ("不是“是”或“否”", "neither yes nor no"),
    "bad_service": ("没有这个服务", "no such service"),
    "bad_entrance": ("出入口坐标无法使用", "entrance cannot be used"),
    "far_entrance": ("出入口离设施太远", "entrance too far from its place"),
    "ambiguous_name": ("名称对应多处", "name fits several"),
    "unmatched_name": ("名称找不到对应", "name fits none"),
    "no_place": ("范围内没有可分摊的位置", "nowhere in it to spread people over"),
    "no_weight": ("范围内各处的权重都是零", "the places in it weigh nothing"),
    "no_unit": ("没有写明单位名称", "no unit is named"),
    "sum_row": ("合计行", "a row of sums"),
    "duplicate_unit": ("单位重复", "unit given twice"),
    "closes_nothing": ("附近没有可封闭的道路", "no street to close near it"),
    "no_geometry": ("没有可用的图形", "no geometry that can be used"),
    "no_street": ("附近没有道路，未计入", "no street near it, left out"),
    "closed_off": ("位于方案封闭的范围内，该方案下不计入", "on ground that the scenario closes"),
    "bad_pin": ("不是可用的改动", "no change that can be used"),
    "number_twice": ("序号重复", "number used twice"),
    "not_joined": ("两端附近都没有道路，未计入", "no street near its ends, left out"),
    "no_name": ("没有名称", "no name"),
    "unknown_town": ("找不到所属乡镇", "its town was not found"),
}

CHANGES: Final[dict[str, tuple[str, str]]] = {
    "dms": ("度分秒", "degrees, minutes and seconds"),
    "hemisphere": ("带方位字母的坐标", "coordinates with a letter"),
    "full_width": ("全角字符", "full-width signs"),
    "invisible": ("不可见字符", "invisible signs"),
    "comma": ("带逗号的数字", "numbers with a comma"),
    "plain": ("带多余符号", "other signs around a value"),
    "one_cell": ("经纬度在同一单元格", "both coordinates in one cell"),
    "swapped": ("经纬度颠倒", "longitude and latitude exchanged"),
    "unit": ("数字带单位", "numbers with a unit"),
    "about": ("约数", "values that are not exact"),
    "date": ("日期", "dates"),
    "unread": ("看不懂，按空白处理", "not understood and left blank"),
    "zone": ("属于另一投影带", "in another zone"),
    "sheet": ("选定的工作表", "the sheet that was chosen"),
    "datum": ("坐标系", "coordinate system"),
    "merged": ("重复设施合并", "duplicates merged"),
    "placed_by_town": ("按乡镇安放", "placed in their town"),
    "mended": ("图形修复", "geometry mended"),
    "name_ignored": ("名称对不上，按位置归属", "name fits none, the position does"),
    "name_matched": ("按相近名称对应", "matched by a similar name"),
    "entrances_unread": ("出入口看不懂", "gates not understood"),
    "kind_from_name": ("按名称判断类型", "kind taken from the name"),
    "matched": ("单位名称对应", "units matched"),
    "share": ("百分比换算", "percentages"),
    "nested": ("重叠的居住区", "areas within areas"),
    "joined": ("道路断口补接", "gaps in roads joined"),
    "closed": ("方案封闭的道路", "streets closed by scenarios"),
    "opened": ("方案新增的道路", "streets opened by scenarios"),
    "loose_end": ("新增道路的端点未接通", "ends of new streets that meet no street"),
    "planned_serves": ("规划设施按已建成计入", "planned rows that serve"),
    "undated_serves": ("没有开业年份而计入", "rows without a year of opening that serve"),
    "left_out": ("不参与选址的候选点", "candidates left out"),
    "no_position": ("没有位置的单元", "units without a position"),
    "unnamed": ("没有名称的单元", "units without a name"),
    "one_unit": ("同名的面合为一个单元", "polygons of one name taken as one unit"),
    "added_pin": ("网页上新增的设施", "facilities added in the page"),
    "closed_pin": ("网页上关闭或迁出的设施", "facilities closed or moved in the page"),
    "not_closed": ("要关闭的设施不在表中", "facilities to be closed that are not in the table"),
    "other_terms": ("网页上改过的步速或分钟数", "speed or minutes chosen in the page"),
    "other_network": ("网页的文件出自另一路网", "a file of a page with another network"),
    "none_serves": ("服务没有可用设施", "a service without any facility"),
}


def form_pair(form: str) -> tuple[str, str]:
    """The kind of a file, such as workbook or text (UTF-8)."""
    zh = re.sub(r"^workbook", "Excel 工作簿", form)
    zh = re.sub(r" (\d+) x (\d+) cells", r"，\1 × \2 格", zh)
    zh = zh.replace("people per cell", "值为每格人数").replace(
        "people per km2", "值为每平方公里人数"
    )
    return re.sub(r"^text \((.*)\)$", r"文本（\1）", zh), form


def meaning_pair(meaning: str) -> tuple[str, str]:
    """What a column was taken to be; a group of people keeps its own name."""
    from quarterhour.render.words import group_pair  # noqa: PLC0415 - one table of groups

    return MEANINGS.get(meaning) or group_pair(meaning)


CELLS: Final = frozenset(
    {"bad_coordinate", "missing_coordinate", "placeholder_coordinate", "header_row", "footer_row",
     "bad_people", "negative_people", "bad_value"}
)  # fmt: skip
"""Reasons whose English sentence ends with what stands in the cell."""

WHY: Final = (
    ("outside the earth", "超出经纬度范围"),
    ("is not a number", "不是数字"),
    ("does not hold two numbers", "不是两个数"),
    ("looks like degrees", "像是经纬度"),
    ("not in metres like the others", "与其他行不同，不是米"),
)


def reason_zh(reason: str, detail: str) -> str:
    """Why a row is not used, in Chinese; the English sentence where the reason has no word."""
    if reason not in REASONS:
        return detail
    told = REASONS[reason][0]
    found = re.search(r"(\d[\d.,]*|over \d+) m away, the limit is ([\d.]+) m", detail)
    if found:
        return f"{told}：{found[1].replace('over ', '超过 ')} 米，限 {found[2]} 米"
    none = re.search(r"within ([\d.]+) m", detail)
    if none and "counted apart" in detail:  # people who are in the total all the same
        within = f"{none[1]} 米内"
        road = "的道路都被隔断" if reason == "behind_barrier" else "没有道路"
        return f"{within}{road}，计入总量，单列为未连路网"
    why = next((zh for en, zh in WHY if en in detail), "")
    cell = re.search(r": ([^;]+)", detail) if reason in CELLS else None
    return told + (f"（{why}）" if why else "") + (f"：“{cell[1]}”" if cell else "")


BACKGROUND: Final[dict[str, float | None]] = {
    "个居住区在研究范围以外，未列入": None,
    "）在研究范围以外，不计": None,
    "取一个位置（而不是": None,
    "已改接到未被隔断的道路": 5,
    "只有被隔断的道路，未接入路网": 1,
    "道路没有高程，按平路计算": 10,
    "道路的坡度超过": None,
    "栋可能有人居住的建筑": None,
    "栋有层数；其余按": None,
    "人（相符）": None,
    "个单元的总数按": None,
    "不在表中任何单元内，没有人口": 5,
    "边缘以外的道路不会改变任何结果": None,
    "边缘以外的道路可能改变的结果不到": None,
}
"""Words of notes that ask for nothing, and the percent up to which that is so (None: always)."""


CLEARLY: Final = 0.6
"""The stated system is the nearest where its median is below this share of every other."""

FEWEST: Final = 5
"""Points below which the distances to the roads say nothing at all."""


def is_doubtful(
    verdict: str, stated: str, used: str, median_m: Mapping[str, float], n_points: int
) -> bool:
    """Whether a coordinate system should be looked up.

    Not where it fits, nor where the roads decide nothing and the stated system, which is `used`,
    lies clearly nearest to them: `median_m` are the metres under each.
    """
    if verdict == "undecided" and stated == used in median_m and n_points >= FEWEST:
        others = [metres for system, metres in median_m.items() if system != used]
        return not others or median_m[used] > CLEARLY * min(others)
    return verdict != "fits"


def is_background(told_zh: str) -> bool:
    """Whether a note, by its Chinese text, is good to know and asks for nothing."""
    for words, most in BACKGROUND.items():
        if words in told_zh:
            share = re.search(r"([\d.]+)%", told_zh)
            return most is None or share is None or float(share[1]) <= most
    return False
