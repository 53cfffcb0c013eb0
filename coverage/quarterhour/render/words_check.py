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
    "terrain": ("地形", "terrain"),
    "barriers": ("障碍", "barriers"),
    "edge": ("数据边缘", "edge of the data"),
    "duplicates": ("重复设施", "duplicates"),
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
    "floor_area_m2": ("建筑面积", "floor area"), "site_area_m2": ("占地面积", "site area"),
    "cost": ("投资", "cost"), "star": ("等级", "stars"), "registration": ("备案", "registration"),
    "operator": ("运营单位", "operator"), "operator_type": ("运营性质", "kind of operator"),
    "lead": ("责任单位", "office in charge"), "comprehensive": ("综合功能", "comprehensive"),
    "medical": ("医养结合", "medical care"), "clinic": ("内设医疗机构", "clinic"),
    "smart": ("智慧养老", "smart"), "meals": ("助餐", "meals"), "staff": ("工作人员", "staff"),
    "enrolment": ("在托、入住人数", "enrolment"), "households": ("户数", "households"),
    "dwellings": ("住宅套数", "dwellings"), "levels": ("层数", "levels"),
    "people": ("人口", "people"), "entrances": ("出入口", "entrances"),
    "source": ("坐标来源", "source of the coordinates"),
}  # fmt: skip
"""What a column may be; a people group keeps its own name."""

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
    "footer_row": ("表尾的合计或说明，不是设施", "below the data, no place"),
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
    "bad_entrance": ("出入口坐标无法使用", "entrance cannot be used"),
    "far_entrance": ("出入口离设施太远", "entrance too far from its place"),
    "ambiguous_name": ("名称对应多处", "name fits several"),
    "unmatched_name": ("名称找不到对应", "name fits none"),
    "no_place": ("范围内没有可分摊的位置", "nowhere in it to spread people over"),
    "no_weight": ("范围内各处的权重都是零", "the places in it weigh nothing"),
    "no_unit": ("没有写明单位名称", "no unit is named"),
    "sum_row": ("合计行", "a row of sums"),
    "duplicate_unit": ("单位重复", "unit given twice"),
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
}

FAULTS: Final[tuple[tuple[str, str], ...]] = (
    (
        r"^(?P<f>.+?): file not found",
        "{f}：找不到这个文件。请检查文件名和路径（从研究文件所在文件夹算起）",
    ),
    (r"^(?P<f>.+?): is a folder;", "{f}：这是文件夹，需要的是文件"),
    (r"^(?P<f>.+?): the (?:study )?file is empty", "{f}：文件是空的"),
    (
        r"^(?P<f>.+?): has no sheet (?P<s>'.*?'|\".*?\"); found are (?P<l>.+)$",
        "{f}：没有工作表 {s}；现有：{l}。请改正 sheet",
    ),
    (
        r"^(?P<f>.+?): has the sheets (?P<l>.+?); needed is one",
        "{f}：有多个工作表（{l}）。请用 sheet 指明一个",
    ),
    (
        r"^(?P<f>.+?): has the layers (?P<l>.+?); needed is one",
        "{f}：有多个图层（{l}）。请用 layer 指明一个",
    ),
    (
        (
            r"^(?P<f>.+?): has no column or band (?P<c>'.*?') for .+?(?: \(did.*?\))?;"
            r" found are (?P<l>.+)$"
        ),
        "{f}：没有列或波段 {c}；现有：{l}",
    ),
    (
        r"^(?P<f>.+?): has no coordinate columns.*?; found are (?P<l>.+?)(?:: name them.*)?$",
        "{f}：没有坐标列。需要经度、纬度两列；现有：{l}。列名不同时用 columns 指定",
    ),
    (
        r"^(?P<f>.+?): cannot be read as an Excel workbook",
        "{f}：无法作为 Excel 工作簿读取，可能已损坏、有密码，或是旧的 .xls。请另存为 .xlsx",
    ),
    (r"^(?P<f>.+?): no headings were found", "{f}：没有找到列名（标题行）"),
    (
        r"^(?P<f>.+?): no row has (?P<m>\S+) (?P<v>.+?); found are (?P<l>.+)$",
        "{f}：没有一行的“{meaning}”是 {v}；现有：{l}",
    ),
    (r"^(?P<f>.+?): this kind of file is not known", "{f}：不认识这种文件"),
    (
        r"^(?P<f>.+?): has headings and no rows",
        "{f}：只有列名，还没有填写任何一行。请填写后再检查",
    ),
    (
        r"^(?P<f>.+?): none of its (?P<n>\d+) rows has a position",
        "{f}：{n} 行都没有可用的坐标（见“未采用的行”）",
    ),
    (
        (
            r"^(?P<f>.+?): none of its (?P<n>\d+) places is where the roads are; they stand around"
            r" (?P<a>.+?) and the roads cover (?P<c>.+?):"
        ),
        "{f}：{n} 处都不在道路所在的地方：它们在 {a} 附近，道路的范围是 {c}。请检查坐标和坐标系",
    ),
    (
        r"^(?P<f>.+?): no usable facility for the service (?P<s>'.*?') \((?P<w>.*?)\)",
        "{f}：服务 {s} 没有一处可用的设施。请检查坐标和坐标系",
    ),
    (
        r"^(?P<f>.+?): no road that can be walked lies in the study area",
        "{f}：研究范围内没有可步行的道路。请检查道路、人口、研究范围是否为同一地方",
    ),
    (
        r"^(?P<f>.+?): nothing of it lies inside the study area",
        "{f}：全部位于研究范围以外。请检查研究范围与人口是否为同一地方",
    ),
    (
        (
            r"^(?P<f>.+?): none of its (?P<n>\d+) places in the study area has a road within"
            r" (?P<m>\S+) m"
        ),
        "{f}：研究范围内的 {n} 处居住地在 {m} 米内都没有道路。请检查人口与道路是否为同一地方",
    ),
    (
        r"^(?P<f>.+?):? does not say its coordinate system|^(?P<g>.+?): .*has no CRS",
        "{f}：文件没有注明坐标系。请在 QGIS 中设定坐标系后另存",
    ),
    (
        r"^(?P<f>.+?): which column holds the people\? found are (?P<l>.+?)(?:;|:|$)",
        "{f}：哪一列是人口？现有：{l}。请用 people 指明",
    ),
    (r"^(?P<f>.+?): is not valid TOML: (?P<toml>.+)$", "{f}：{toml}"),
    (
        (
            r"^(?P<f>.+?): (?P<k>\[.+?) is (?P<v>[^:]+): a share between 0 and 1.*?;"
            r" (?P<p>[\d.]+) percent is (?P<s>[\d.]+)"
        ),
        "{f}：{k} 写的是 {v}；占比要写成 0 到 1 之间的数，不加引号：{p}% 写作 {s}",
    ),
    (
        r"^(?P<f>.+?): (?P<k>\[.+?) is (?P<v>[^:]+): allowed are (?P<l>.+?)(?: \(\d+ more.*)?$",
        "{f}：{k} 写的是 {v}；可用的是 {l}",
    ),
    (
        r"^(?P<f>.+?): (?P<k>\[.+?) is (?P<v>[^:]+): a number without quotes is needed",
        "{f}：{k} 写的是 {v}；需要数字，不加引号",
    ),
    (
        r"^(?P<f>.+?): (?P<k>\[.+?) is (?P<v>[^:]+): a text in quotes is needed",
        "{f}：{k} 写的是 {v}；需要加英文引号的文字",
    ),
    (
        r"^(?P<f>.+?): unknown walker (?P<w>'.*?');.*? known are (?P<l>.+)$",
        "{f}：没有步行者 {w}；可用的是 {l}",
    ),
    (
        (
            r"^(?P<f>.+?): (?P<m>\w+) is set but there is no (?P<n>\w+) column.*?; found are"
            r" (?P<l>.+?): name it with"
        ),
        '{f}：写了 {m}，但没有“{meaning}”列；现有：{l}。请用 columns = {{ {n} = "列名" }} 指明',
    ),
    (
        r"^(?P<v>'.*?') cannot be the name of a file; in a study file a backslash",
        "{v} 不能作文件名：研究文件中双引号里的反斜杠表示特殊字符，路径请用 /",
    ),
    (
        r"^(?P<f>.+?): the folder is not empty; choose a new",
        "{f}：文件夹不是空的。请另选一个新文件夹，以免覆盖",
    ),
    (
        r"^(?P<f>.+?): is a file; choose a folder for the results",
        "{f}：这是文件。请用 --out 另选一个结果文件夹",
    ),
    (r"^(?P<f>.+?): is not UTF-8 text", "{f}：不是 UTF-8 文本。请用记事本另存为 UTF-8"),
    (
        r"^(?P<f>.+?): unknown key (?P<k>.+?); .*allowed are (?P<l>.+)$",
        "{f}：不认识 {k}；可用的是：{l}",
    ),
    (r"^(?P<f>.+?): (?P<k>.+?) is missing; every study needs it", "{f}：缺少 {k}"),
    (
        (
            r"^(?P<f>.+?): (?P<k>.+?): group (?P<g>'.*?') is not in \[people\.groups\]; known are"
            r" (?P<l>.+?)(?:;|$)"
        ),
        "{f}：{k} 的人群 {g} 不在 [people.groups] 中；现有：{l}",
    ),
    (
        r"^(?P<f>.+?): \[roads\] needs exactly one of source, place and bbox",
        "{f}：[roads] 的 source、place、bbox 须写且只写一个",
    ),
)
"""English sentences of common faults as patterns, and what they say in Chinese."""


def fault_zh(sentence: str) -> str | None:
    """A fault in Chinese, None where it is not one of the common ones."""
    for pattern, told in FAULTS:
        found = re.search(pattern, sentence)
        if found:
            parts = {
                k: (v or "").replace(" sheet ", " 工作表 ") for k, v in found.groupdict().items()
            }
            parts["toml"] = _toml_zh(parts.get("toml", ""))
            key = parts.get("n") or parts.get("m") or ""
            parts["meaning"] = MEANINGS.get(key, (key, key))[0]
            return told.format(**parts)
    return None


TOML: Final = (
    (r"Unescaped '\\' in a string", "双引号里有反斜杠"),
    (r"Illegal character '\\n'|Unterminated string", "引号没有在同一行内结束"),
    (r"Illegal character '.*?'", "有不允许的字符"),
    (r"Invalid value", "值写得不对（文字要加英文引号）"),
    (r"Invalid statement", "这一行看不懂"),
    (r"Expected newline or end of document after a statement", "一行里有多余的内容"),
    (r"Expected '=' after a key in a key/value pair", "键的后面缺少 ="),
    (r"Expected '\]+' at the end of .*? declaration", "段名缺少 ]"),
    (r"Cannot overwrite a value", "同一个键写了两次"),
    (r"Cannot declare (.*?) twice", r"\1 写了两次"),
    (r"Unclosed array", "列表缺少 ]"),
    (r" ?\(at line (\d+), column (\d+)\)", r"（第 \1 行第 \2 个字符）"),
    (r" ?\(at end of document\)", "（文件末尾）"),
    (r"; write paths with / instead of a backslash", "。路径请用 /，不用 \\\\"),
    (r"; write (.) instead of (.), with the keyboard.*", r"。请在英文输入状态下写 \1，不用 \2"),
)
"""What the reader of TOML says, and what is said in Chinese."""


def _toml_zh(sentence: str) -> str:
    for pattern, told in TOML:
        sentence = re.sub(pattern, told, sentence)
    return sentence


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
