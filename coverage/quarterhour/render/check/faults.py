"""The commonest faults of inputs in Chinese, by the pattern of their English sentence."""

from __future__ import annotations

import re
from typing import Final

from quarterhour.render.check.faults_plan import PLAN_FAULTS
from quarterhour.render.check.faults_site import SITE_FAULTS, in_zh
from quarterhour.render.check.words import MEANINGS

FAULTS: Final[tuple[tuple[str, str], ...]] = (
    (
        r"^(?P<f>.+?): file not found",
        "{f}：找不到这个文件。请检查文件名和路径（从研究文件所在文件夹算起）",
    ),
    (r"^(?P<f>.+?): is a folder;", "{f}：这是文件夹，需要的是文件"),
    (r"^(?P<f>.+?): the (?:study )?file is empty", "{f}：文件是空的"),
    (
        r"^(?P<f>.+?): holds no change at all; needed is the GeoJSON",
        "{f}：没有任何改动。请在地图“试一试”中先作改动，再导出文件",
    ),
    (
        (
            r"^(?P<f>.+?): (?:its only feature|none of its \S+ features).*; needed is the GeoJSON"
            r" file that the map writes"
        ),
        "{f}：其中的改动都不能用。需要本研究地图“试一试”导出的文件，至少含一项可用的改动",
    ),
    (
        r"^(?P<f>.+?): is no (?:JSON|GeoJSON FeatureCollection); needed is the GeoJSON file that",
        "{f}：不是地图“试一试”导出的文件（GeoJSON）。请重新导出",
    ),
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
        (
            r"^(?P<f>.+?): service (?P<s>'.*?') says supply = (?P<k>\"\w+\") \((?P<w>.*?)\), and"
            r" the table (?P<why>has no such column|is empty there)"
        ),
        (
            "{f}：服务 {s} 写了 supply = {k}（{w}），但已计入的设施没有这一列的数值。"
            "请在该服务的 columns 中指明列名，或填写这一列，或删去 supply"
        ),
    ),
    (
        (
            r"^(?P<f>.+?): service (?P<s>'.*?') says supply = (?P<k>\"\w+\") \((?P<w>.*?)\), and no"
            r" facility that serves has a number of 0 to 100,000 there: (?P<l>.+?); correct"
        ),
        (
            "{f}：服务 {s} 写了 supply = {k}（{w}），但已计入的设施没有一处的数值可用"
            "（应为 0 到 100,000 的数）：{l}"
        ),
    ),
    (
        r"^(?P<f>.+?): (?P<k>\[.+?): the name is used twice",
        "{f}：{k} 的名称重复（大小写、空格不同也算相同）。请各用一个名称",
    ),
    (r"^(?P<f>.+?): (?P<k>\[.+?) name has a line break", "{f}：{k} 的 name 有换行。请写在一行内"),
    (
        r"^(?P<f>.+?): (?P<k>\[.+?) need_share is 0",
        "{f}：{k} 的 need_share 是 0；需要大于 0、不超过 1 的占比，如 0.03（3%）",
    ),
    (
        r"^(?P<f>.+?): (?P<k>\[.+?) says supply, and \[supply\] (?P<s>\w+) is 0",
        (
            "{f}：{k} 写了 supply，而 [supply] 的 {s} 是 0，没有需求者。请改为大于 0，"
            "或在该服务中写 need_share"
        ),
    ),
    (
        (
            r"^(?P<f>.+?): \[supply\] home_share, community_share and institution_share are"
            r" (?P<l>.+?) and add up to (?P<v>\S+);"
        ),
        (
            "{f}：[supply] 的 home_share、community_share、institution_share 为 {l}，合计 {v}；"
            "三者之和应为 1"
        ),
    ),
    (
        (
            r"^(?P<f>.+?): (?P<k>\[.+?) level = (?P<v>'.*?') \((?P<s>.+?)\) is there twice:"
            r" (?P<o>.+?) gives"
        ),
        "{f}：{k} 的 level = {v}（{s}）重复：{o} 已给出这一级。请只保留一个",
    ),
    (
        (
            r"^(?P<f>.+?): (?P<k>\[.+?) plans: no plan is called (?P<v>'.*?'); shipped are"
            r" (?P<l>.+?), a plan"
        ),
        "{f}：{k} 没有名为 {v} 的规划；自带的有：{l}；自己的规划请写文件名，如 plan.toml",
    ),
    (
        r"^(?P<f>.+?): (?P<k>\[.+?) plans names (?P<v>'.*?') twice",
        "{f}：{k} 的 plans 重复写了 {v}。请删去一个",
    ),
    (
        r"^(?P<f>.+?): (?P<k>\[.+?) thresholds names (?P<v>.+?); no plan has such an indicator",
        "{f}：{k} 的 thresholds 写了 {v}，没有这一编号的指标。请写编号，如 Z-02",
    ),
    (
        (
            r"^(?P<f>.+?): (?P<k>\[.+?) thresholds\.(?P<s>\S+) is (?P<v>\S+); .*a number from 0 to"
            r" (?P<o>[\d,]+)$"
        ),
        "{f}：{k} thresholds 的 {s} 写的是 {v}；需要 0 到 {o} 之间的数",
    ),
    (
        (
            r"^(?P<f>.+?): (?P<k>\[.+?) people\.(?P<s>\S+) is (?P<v>\S+); needed is a number of"
            r" people from 1 to (?P<o>[\d,]+)$"
        ),
        "{f}：{k} people 的 {s} 写的是 {v}；需要 1 到 {o} 之间的人数",
    ),
    (
        (
            r"^(?P<f>.+?): (?P<k>\[.+?) people names the group (?P<v>'.*?'), which .*?; known are"
            r" (?P<l>.+?)(?:;|$)"
        ),
        "{f}：{k} people 的人群 {v} 不在 [people.groups] 中，规划也未用到；现有：{l}",
    ),
    (
        (
            r"^(?P<f>.+?): (?P<k>\[.+?): rural_cutoff_min is (?P<v>\S+), and in urban places the"
            r" last of cutoffs_min counts, (?P<o>\S+):"
        ),
        "{f}：{k} 的 rural_cutoff_min 是 {v}，小于城区所用的 cutoffs_min 末项 {o}；应不小于它",
    ),
    (
        (
            r"^(?P<f>.+?): says that its coordinates are degrees \((?P<s>.+?)\), and they stand"
            r" around (?P<a>\S+ \S+), which are metres"
        ),
        (
            "{f}：文件写明坐标为经纬度（{s}），但坐标值在 {a} 附近，是以米为单位的。"
            "请在 QGIS 中设定正确的坐标系后另存"
        ),
    ),
    (
        r"^(?P<f>.+?): (?P<v>'.*?') names the sheet (?P<s>'.*?'), and such a file has no sheets",
        "{f}：{v} 指明了工作表 {s}，但这种文件没有工作表。请删去 # 及其后的内容",
    ),
    (
        (
            r"^(?P<f>.+?): has no column of the names of its units \((?P<s>.+?)\); found are"
            r" (?P<l>.+?): name it"
        ),
        "{f}：没有单元名称一列（{s}）；现有：{l}。请用 name 指明",
    ),
    (
        r"^(?P<f>.+?): \[roads\] needs exactly one of source, place and bbox",
        "{f}：[roads] 的 source、place、bbox 须写且只写一个",
    ),
)
"""English sentences of common faults as patterns, and what they say in Chinese."""


def fault_zh(sentence: str) -> str | None:
    """A fault in Chinese, None where it is not one of the common ones."""
    for pattern, told in (*SITE_FAULTS, *FAULTS, *PLAN_FAULTS):
        found = re.search(pattern, sentence)
        if found:
            parts = {
                k: in_zh((v or "").replace(" sheet ", " 工作表 "))
                for k, v in found.groupdict().items()
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
