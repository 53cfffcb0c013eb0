"""Faults of questions for new sites in Chinese, by the pattern of their sentence."""

from __future__ import annotations

import re
from typing import Final

SITE_FAULTS: Final[tuple[tuple[str, str], ...]] = (
    (
        r"^(?P<f>.+?): (?P<k>\[.+?) is (?P<v>[^:]+): a number of at most (?P<a>\S+) is needed",
        "{f}：{k} 是 {v}；需要不大于 {a} 的数",
    ),
    (
        (
            r"^\[site\] n_sites is (?P<n>\d+), and (?P<f>.+?) has only (?P<a>\d+) usab"
            "le candidate"
        ),
        ("[site] n_sites 是 {n}，而 {f} 只有 {a} 个可用的候选点。请减少数量，或补充候选点"),
    ),
    (
        (
            r"^\[site\] n_sites is (?P<a>\d+), and (?P<s>.+?) has (?P<b>\d+) facilit.+"
            r" at most (?P<c>\d+)"
        ),
        ("[site] n_sites 是 {a}，而“{s}”在用设施 {b} 处，至多可处理 {c} 处。请减少数量"),
    ),
    (
        r"^\[site\] n_sites is (?P<a>\d+): no facility of (?P<s>.+?) would be left",
        "[site] n_sites 是 {a}：“{s}”将没有设施留下。请减少数量",
    ),
    (
        (
            r"^(?P<k>n_sites|budget|seconds|close) is (?P<v>\S+); a number above 0 is "
            "needed"
        ),
        "{k} 是 {v}；需要大于 0 的数",
    ),
    (
        (
            r"^(?P<f>.+?): \[site\] (?P<k>\S+) is (?P<v>.+?): a number of (?P<a>\S+) o"
            "r more is needed"
        ),
        "{f}：[site] 的 {k} 是 {v}；需要不小于 {a} 的数",
    ),
    (
        (
            r"^(?P<f>.+?): (?P<k>\[\[?site\S*(?: number \d+(?: \(.*?\))? \S+| \S+)?) i"
            "s (?P<v>.+?): a (?:finite )?number (?:above 0 )?is needed"
        ),
        "{f}：{k} 是 {v}；需要大于 0 的有限数",
    ),
    (
        r'^\[site\] problem = "(?P<v>\w+)" needs n_sites or budget',
        (
            '[site] problem = "{v}" 需要 n_sites（新建数量，--sites）或 budget（预算'
            "，万元，--budget）"
        ),
    ),
    (
        r'^\[site\] problem = "(?P<v>\w+)" needs n_sites: how many existing',
        '[site] problem = "{v}" 需要 n_sites：处理几处现有设施（--close）',
    ),
    (
        r"^\[site\] names the service (?P<s>'.*?'); the study has (?P<l>.+)$",
        "[site] 的 service 写的是 {s}；研究中的服务有：{l}",
    ),
    (
        (
            r"^\[site\] does not say which service gets new sites; needed is service ="
            " one of (?P<l>.+)$"
        ),
        "[site] 没有写为哪个服务选址：请写 service = 以下之一：{l}",
    ),
    (
        (
            r"^\[site\] candidates is (?P<v>'.*?'); needed is a file such as idle\.xls"
            "x, or one of (?P<l>.+)$"
        ),
        "[site] 的 candidates 写的是 {v}；应为文件名（如 idle.xlsx）或 {l}",
    ),
    (
        r"^(?P<f>.+?): no usable candidate \((?P<w>.*?)\); needed",
        (
            "{f}：没有可用的候选点（{w}）。至少要有一处在研究范围内、靠近道路、未注明"
            "不可用；如果全部落在别处，请检查坐标和坐标系"
        ),
    ),
    (
        r"^\[site\] budget needs costs, and no candidate of (?P<f>.+?) has one;",
        (
            "[site] 写了 budget，但 {f} 没有一处有造价。请填写“投资”列，或在 [site]"
            " 写 cost（每处万元）"
        ),
    ),
    (
        (
            r"^\[site\] budget is (?P<v>\S+) 万元, and the required candidates of (?P<"
            r"f>.+?) cost (?P<a>[\d.]+)"
        ),
        ("[site] 预算 {v} 万元，而 {f} 中必选的候选点共需 {a} 万元。请提高预算，或减少必选"),
    ),
    (
        (
            r"^\[site\] budget is (?P<v>\S+) 万元, and the cheapest candidate of (?P<f"
            r">.+?), (?P<s>.+?), costs (?P<a>[\d.]+);"
        ),
        (
            "[site] 预算 {v} 万元，低于 {f} 中最便宜的候选点 {s}（{a} 万元）。请提高"
            "预算；造价如以元计，列名请写“造价（元）”"
        ),
    ),
    (
        (
            r"^\[site\] budget is (?P<v>\S+) 万元, and the cheapest site with the size"
            r" (?P<s>'.*?') costs (?P<a>[\d.]+)"
        ),
        "[site] 预算 {v} 万元，低于最便宜的一处（规模 {s}，{a} 万元）。请提高预算",
    ),
    (
        (
            "^(?P<f>.+?): (?P<s>.+?) is required and (?P<w>excluded|marked as unusabl"
            "e|outside[^;]*|[^;]+); take one of the two back"
        ),
        "{f}：{s}既写了必选，又不能选（{w}）。请取消其一",
    ),
    (
        (
            "^(?P<f>.+?): (?P<a>.+?) and (?P<b>.+?) are both required, and of the gro"
            "up (?P<s>'.*?') only one"
        ),
        "{f}：{a} 与 {b} 都是必选，但互斥组 {s} 只能建一处。请只留一处必选",
    ),
    (
        (
            "^(?P<f>.+?): (?P<a>.+?) and (?P<b>.+?) are both required and nearer to e"
            r"ach other than apart_m = (?P<v>\S+);"
        ),
        ("{f}：{a} 与 {b} 都是必选，但相距小于 apart_m = {v} 米。请只留一处必选，或减小 apart_m"),
    ),
    (
        (
            r"^(?P<f>.+?): (?P<a>\d+) candidates are required and n_sites is (?P<v>\d+"
            ");"
        ),
        ("{f}：必选的候选点有 {a} 处，而 n_sites 是 {v}。请减少必选，或把 n_sites 提高到 {a} 以上"),
    ),
    (
        r"^\[site\] share_each_town needs the polygons of the towns",
        "[site] share_each_town 需要各街道（乡镇）的面：请写 [towns] 和 source",
    ),
    (
        "^(?P<f>.+?): (?P<s>.+?) is required and has no capacity",
        "{f}：{s} 是必选，但没有填写容量。请填写“容量”列，或写 [[site.size]]",
    ),
    (
        (
            r"^\[site\] capacity is asked for, and no usable candidate of (?P<f>.+?) h"
            "as one;"
        ),
        (
            "[site] 写了 capacity，但 {f} 中可用的候选点都没有容量。请填写“容量”列"
            "，或写 [[site.size]]"
        ),
    ),
    (
        r"^\[site\] (?P<k>share|share_each_town) says how many must be covered",
        '[site] 的 {k} 是覆盖要求，只用于 problem = "everyone"',
    ),
    (
        r"^\[site\] size and capacity go with",
        ('[site] 的 size、capacity 只用于 problem = "most_people"，且不与 curve、phases 同用'),
    ),
    (
        r"^\[\[site\.size\]\] names (?P<l>.+?): give every",
        "[[site.size]] 的名称 {l} 有重复。请各用一个名称",
    ),
    (
        r"^\[site\] need_share says how many need a place",
        "[site] 的 need_share 是需要名额者的占比：请同时写 capacity 或 size",
    ),
    (
        (
            r'^\[site\] (?P<k>phases|curve) goe?s?(?: go)? with problem = "most_people'
            '"'
        ),
        '[site] 的 {k} 只用于 problem = "most_people"',
    ),
    (
        r"^\[site\] phases names (?P<v>'.*?'); needed are years",
        ('[site] 的 phases 写了 {v}；应写年份和新建数量，如 {{ "2026" = 2, "2027" = 1 }}'),
    ),
    (
        r"^\[site\] phases build (?P<a>\d+) sites and n_sites is (?P<v>\d+);",
        ("[site] 的 phases 共建 {a} 处，而 n_sites 是 {v}。请使两者一致，或不写 n_sites"),
    ),
    (
        r"^\[site\] curve names (?P<v>\S+) sites; needed are whole numbers",
        "[site] 的 curve 写了 {v} 处；数量应为整数",
    ),
    (
        r"^\[site\] nothing was found within the limits",
        "[site] 在时间或节点限制内没有找到方案。请放宽 seconds 或 nodes",
    ),
    (
        r'^\[site\] problem = "targets" needs the plans',
        ('[site] problem = "targets" 需要规划：请写 [targets] 和 plans，如 plans = ["national"]'),
    ),
    (
        r'^\[site\] problem = "targets" is asked of (?P<a>[\d,]+) candidates',
        (
            '[site] problem = "targets" 的候选点太多（{a} 个）。请用 candidates = "ne'
            'twork" 并加大 spacing_m，或在文件中列出候选点'
        ),
    ),
    (
        r"^\[site\] kind is (?P<v>'.*?'), which is no kind",
        ("[site] 的 kind 写的是 {v}，规划中没有这种设施；应为养老院、日间照料中心、托育机构等"),
    ),
    (
        r"^\[site\] does not say what is built",
        ("[site] 没有写建什么设施，规划无从计数：请写 kind，如养老院、日间照料中心、托育机构"),
    ),
    (
        (
            r"^\[site\] keep names (?P<v>'.*?'), and no facility of (?P<s>.+?) that se"
            "rves"
        ),
        "[site] 的 keep 写了 {v}，“{s}”在用的设施中没有这个名称",
    ),
    (
        r"^\[site\] keep goes with",
        '[site] 的 keep 只用于 problem = "close" 或 "move"',
    ),
    (
        r'^\[site\] (?P<k>\w+) does not go with problem = "(?P<v>\w+)"',
        '[site] 的 {k} 不与 problem = "{v}" 同用',
    ),
    (
        r"^\[site\] service names one twice: (?P<l>.+)$",
        "[site] 的 service 有重复：{l}",
    ),
    (
        (
            r"^\[site\] service_weights names (?P<v>'.*?'), which is none of service ="
            " (?P<l>.+)$"
        ),
        "[site] 的 service_weights 写了 {v}，不在 service 中：{l}",
    ),
    (
        r"^\[site\] (?P<k>\w+) goes with several services",
        '[site] 的 {k} 只用于几个服务一起选址，如 service = ["养老", "托育"]',
    ),
    (
        (
            r"^\[site\] several services share one budget or number of sites; (?P<k>.+"
            "?) is asked of one"
        ),
        "[site] 几个服务共用数量或预算时，不能写 {k}；请只写一个服务",
    ),
    (
        (
            "^(?P<f>.+?): (?P<s>.+?) is required, and with several services it must b"
            "e known for which"
        ),
        "{f}：{s} 是必选，但没有写用于哪个服务。请在“服务”列中填写",
    ),
    (
        ("^(?P<f>.+?): (?P<s>.+?) is required for .+?, and a building holds one of them"),
        ("{f}：{s} 同时是几个服务的必选，而一处房屋只用于一个服务。请在该行只写一个服务"),
    ),
    (
        r"^\[site\] what is required of all services together leaves no choice",
        "[site] 几个服务的必选合在一起无法满足。请减少必选，或减小 apart_m",
    ),
    (
        r"^\[site\] no choice meets the requirements of the candidates",
        "[site] 没有方案满足候选点的各项要求",
    ),
    (
        r"^\[site\] apart_m is (?P<v>\S+), nearer than which (?P<a>\d+) candidates",
        (
            "[site] 的 apart_m 是 {v}，{a} 个候选点之间相距更近的太多。请减小 apart_m"
            "，或加大 spacing_m，或在文件中列出候选点"
        ),
    ),
    (
        (
            r"^\[site\] candidates: (?P<f>.+?): columns says that (?P<m>\S+) is (?P<v>"
            "'.*?'), and there is no such heading; found are (?P<l>.+)$"
        ),
        "[site] 候选点 {f}：columns 写 {m} 是 {v}，但没有这个列名；现有：{l}",
    ),
    (
        "^--close goes without --sites and --budget",
        "--close 不与 --sites、--budget 同用。请只写一个",
    ),
)
"""English sentences of these faults as patterns, and what they say in Chinese."""

WORDS: Final = (
    (r"(\S+) is ('.*?'), which is no (?:cost|number|room)", r"“\1”写的是 \2，不是数"),
    (r"(\S+) is (\S+): a cost is not negative", r"“\1”是 \2，造价不能为负"),
    (r"(\w+) is ('.*?'); needed is 是 or 否 \(yes or no\)", r"\1 写的是 \2，应为是或否"),
    (r"coordinate is outside the earth", "坐标不在地球上"),
    (
        r"; (\d+) set aside, the first: (.+?)(?: sheet (.+?))? row (\d+)(.*)$",
        r"；另有 \1 行未采用，如第 \4 行\5",
    ),
    (r" \(row (\d+)\)", r"（第 \1 行）"),
    (r" \(sheet (.+?), row (\d+)\)", r"（工作表 \1 第 \2 行）"),
    (r" \(number (\d+)\)", r"（第 \1 个）"),
    (r"\b(\d+) outside\b", r"\1 处在研究范围外"),
    (r"\b(\d+) unlinked\b", r"\1 处未接入路网"),
    (r"\b(\d+) unusable\b", r"\1 处不可用"),
    (r"\b(\d+) excluded\b", r"\1 处禁选"),
    (r"\b(\d+) unpriced\b", r"\1 处无造价"),
    (r"\b(\d+) for another service\b", r"\1 处用于其他服务"),
    (r"^no rows", "没有可用的行"),
    (r"^marked as unusable$", "是否可用写的是否"),
    (r"^excluded$", "禁选"),
    (r"^outside the study area$", "在研究范围外"),
    (r"^not near a road$", "附近没有道路"),
    (r"^without a cost, which the budget needs$", "没有造价，无法计入预算"),
)
"""What stands in such a sentence besides names and numbers."""


def in_zh(text: str) -> str:
    """A part of such a sentence in Chinese."""
    for pattern, told in WORDS:
        text = re.sub(pattern, told, text)
    return text
