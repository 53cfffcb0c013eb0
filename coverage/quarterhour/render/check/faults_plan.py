"""Faults of plans, project lists and comparisons in Chinese, by the pattern of their sentence."""

from __future__ import annotations

from typing import Final

PLAN_FAULTS: Final[tuple[tuple[str, str], ...]] = (
    (
        r"^there is no plan (?P<p>'.*?'); needed is one of (?P<l>.+), or a figure file",
        "没有规划 {p}；可用的是 {l}，或自己的数字文件（.toml）",
    ),
    (
        r"^(?P<f>.+?): cannot be read \(.*\); needed is a (?:figure file|project list)",
        "{f}：无法读取。请检查文件名、路径和权限",
    ),
    (r"^(?P<f>.+?): is not in UTF-8; save", "{f}：不是 UTF-8 文本。请另存为 UTF-8"),
    (
        r"^(?P<f>.+?): is no TOML file \((?P<toml>.+)\); correct the figure file",
        "{f}：不是 TOML 文件。{toml}",
    ),
    (
        r"^(?P<f>.+?): has a number of thousands of digits",
        "{f}：有一个几千位的数字。请改正",
    ),
    (
        (
            r"^(?P<f>.+?): the project list has no column (?P<c>\w+); needed are the headings"
            r" (?P<l>.+?) in its first row.*; found are (?P<o>.+)$"
        ),
        "{f}：项目清单没有 {c} 列；第一行须是列名 {l}，以英文逗号分隔；现有：{o}",
    ),
    (
        r"^(?P<f>.+?): line (?P<k>\d+): (?P<w>.+?); a quotation mark may be open there",
        "{f}：第 {k} 行读不下去，可能有引号没有结束，或一格过长。请改正，或重新另存为 csv",
    ),
    (
        (
            r"^(?P<f>.+?): the (?P<w>check|head) (?P<c>'.*?') selects (?P<s>'.*?'), and the project"
            r" list"
        ),
        "{f}：{c} 的 select 中，{s} 在项目清单里没有对应的行。请改正编号",
    ),
    (
        r"^(?P<f>.+?): the head (?P<c>'.*?') is about the county (?P<s>'.*?'), and no row",
        "{f}：{c} 的 counties 中，项目清单没有 {s} 的行。请改正",
    ),
    (
        (
            r"^(?P<f>.+?): the head (?P<c>'.*?') has the part (?P<s>'.*?'); needed are keys"
            r" of other heads: (?P<l>.+)$"
        ),
        "{f}：{c} 的 parts 中没有 {s} 这个小计；可用的是 {l}",
    ),
    (
        r"^(?P<f>.+?): the head (?P<c>'.*?') has a cost, and its part (?P<s>'.*?') has none",
        "{f}：{c} 有投资数，它的组成部分 {s} 没有。请补上 cost",
    ),
    (
        r"^(?P<f>.+?): a \[\[text\]\] is about the row (?P<s>'.*?'), which",
        "{f}：[[text]] 所写的 {s} 不在项目清单中。请改正 no",
    ),
    (
        (
            r"^(?P<f>.+?): the check (?P<c>'.*?') has the rule (?P<s>'.*?'); needed is one of"
            r" (?P<l>.+)$"
        ),
        "{f}：{c} 的 rule 写的是 {s}；可用的是 {l}",
    ),
    (
        (
            r"^(?P<f>.+?): the sites of (?P<s>\S+) have (?P<a>\S+) beds, the list has"
            r" (?P<c>\S+); correct the rows (?P<l>.+)$"
        ),
        "{f}：{s} 各处床位合计为 {a}，清单为 {c}。请改正第 {l} 行",
    ),
    (
        (
            r"^(?P<f>.+?): the sites of (?P<s>\S+) have (?P<a>\S+) places, the list has"
            r" (?P<c>\S+); correct the rows (?P<l>.+)$"
        ),
        "{f}：{s} 各处托位合计为 {a}，清单为 {c}。请改正第 {l} 行",
    ),
    (
        r"^(?P<f>.+?): has no column 清单号 \(no\)",
        "{f}：没有“清单号”列，不知道各处属于清单的哪一行",
    ),
    (
        r"^--domain is .* and --write is not given",
        "--domain 只用于 --write：请同时写出，或都不写",
    ),
    (
        r"^--zone gives (?P<z>\S+) to (?P<a>\S+) and to (?P<b>\S+); needed",
        "--zone 把 {z} 既归 {a} 又归 {b}；一个功能区只能归一个区县",
    ),
    (r"^--zone is (?P<z>'.*?'); needed", "--zone 写的是 {z}；应写成 功能区=区县"),
    (
        r"^(?P<f>.+?): .*needed is the folder of a finished run",
        (
            "{f}：不是运行结果的文件夹，或其中的文件已损坏。需要 summary.json、results.gpkg 和"
            " manifest.json"
        ),
    ),
    (
        r"^(?P<f>.+?): cannot be written \(",
        "{f}：无法写入。请检查磁盘空间和权限，关闭打开它的程序，或另选一个位置",
    ),
)
"""English sentences of these faults as patterns, and what they say in Chinese."""
