"""The parts of a facility's name, and whether two names may mean one facility."""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from quarterhour.sources.facilities.kinds import kind_keys, longest_name, related, squeeze

LEVELS = (
    re.compile(r"^([^省市区县]{2,3}省|[^省市区县]{2,4}自治区)"),
    re.compile(r"^([^省市区县]{2,4}市)"),
    # a 社区 or 小区 is no county, a 校区 or 院区 no part of the administration
    re.compile(r"^([^省市区县]{1,4}(?:(?<![社小园片校院库景厂宅民])区|县))"),
    # 渡市镇 and 任市镇 are towns, 小镇 is none
    re.compile(r"^([^省区县镇乡]{1,5}(?:街道办事处|街道|办事处|(?<!小)镇)|[^省市区县镇乡]{2,4}乡)"),
)
"""Province, city, county and town that a name may begin with."""

FILLERS = re.compile(
    r"股份有限公司|有限责任公司|有限公司|集团|公司|民办非企业单位|公建民营|民办|公办|民营|国有|"
    r"普惠性|普惠|改扩建|新建|改建|扩建|建设|工程|项目|社区居委会|居委会|社区|小区|村委会"
)
"""What is added to a name or left out without meaning another facility."""

LEFT_OVER = re.compile(r"^(?:综合)?(?:服务中心|服务站|服务点|服务|中心|机构|部|站|点|院|园)$")
AT_THE_END = re.compile(r"(?:综合)?(?:服务中心|服务站|服务点|服务|中心|机构)$")
BRANCHES = re.compile(
    r"分院|分园|分部|分校|分中心|分店|分点|总院|总园|总部|本部|[东西南北新旧老]?[院校园]区"
)
ESSENTIAL = frozenset("东西南北上下前后内外左右新旧甲乙丙丁")
NUMERALS = {sign: k for k, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
CHINESE_NUMBER = re.compile(
    r"[一二三四五六七八九]?十[一二三四五六七八九]?|[零〇一二三四五六七八九]+"
)
WHOM = re.compile(r"婴幼儿|老年人|老人|老年")
"""For whom a facility is, which its kind says already."""

LATIN = re.compile(r"[a-zà-öø-ÿ]")

WRONG_OF = ((10, 2), (4, 1))
"""Names of so many characters are similar with so many wrong ones: 雅戈尔乐园 and 雅弋尔乐园. Of
three none may be wrong (小天使, 小天才), of eight not two (香龙, 肖家 before 川渝毗邻地区)."""

SIMILAR_LATIN = 0.9
"""Ratio from which names in Latin letters are similar: Kita am Park and Kita am Bach are not."""


class Parts(NamedTuple):
    """A name taken apart.

    `levels`: province, city, county and town, "" where the name says none. `proper`: what is left
    without them, without the kind and without fillers. `kinds`: keys of the kinds that it names.
    `marks`: numbers, directions and branches in it, by which two names are never the same.
    """

    levels: tuple[str, ...]
    proper: str
    kinds: tuple[str, ...]
    marks: tuple[str, ...]

    @property
    def identity(self) -> str:
        """What tells the facility from others of its kind: its proper name, or else its town."""
        return self.proper or re.sub(r"(?:街道|镇|乡)$", "", self.levels[-1])

    @property
    def generic(self) -> bool:
        """Whether the name says a kind and no more, as hundreds of others do."""
        return not self.proper and not self.levels[-1] and not self.marks


@lru_cache(maxsize=1 << 17)
def parts_of(name: str) -> Parts:
    """A name taken apart; all parts are empty where there is no name."""
    plain = unicodedata.normalize("NFKC", name[:200]).casefold()
    counted = CHINESE_NUMBER.sub(_digits, plain)
    numbers = [str(int(n)) for n in re.findall(r"[0-9]{1,9}", counted)]
    rest = re.sub(r"[0-9]+", "", squeeze(counted))
    levels = []
    for level in LEVELS:
        found = level.match(rest)
        levels.append(re.sub(r"(?<=街道)办事处$", "", found[1]) if found else "")
        rest = rest[found.end() :] if found else rest
    rest = FILLERS.sub("", rest)
    span = longest_name(rest)
    proper = rest
    if span:
        before, after = rest[: span[0]].strip(), rest[span[1] :].strip()
        after = "" if LEFT_OVER.match(after) else AT_THE_END.sub("", after)
        proper = f"{before} {after}".strip() if LATIN.search(rest) else before + after
        proper = WHOM.sub("", proper)
        proper = re.sub(r"第$", "", "" if LEFT_OVER.match(proper) else proper)
    parts = Parts(tuple(levels), proper, kind_keys(name), ())
    own = parts.identity
    marks = [*numbers, *BRANCHES.findall(own), *(c for c in own if c in ESSENTIAL)]
    return parts._replace(marks=tuple(sorted(marks)))


def _digits(match: re.Match[str]) -> str:
    """A Chinese number in digits, so that 第二 and 第2 are the same."""
    tens, ten, ones = match[0].partition("十")
    if not ten:
        return "".join(str(NUMERALS[sign]) for sign in tens)
    return str(10 * NUMERALS.get(tens, 1) + NUMERALS.get(ones, 0))


def may_be_one(a: Parts, b: Parts) -> bool:
    """Whether nothing in two names says that they are two: numbers, directions, towns, kinds."""
    if a.marks != b.marks:
        return False
    if any(x and y and x != y for x, y in zip(a.levels, b.levels, strict=True)):
        return False
    return not (a.kinds and b.kinds) or related(a.kinds, b.kinds)


def similarity(a: Parts, b: Parts) -> float:
    """0 to 1: how much the proper names agree; 0 where the names are too different.

    One proper name within the other (阳光, 阳光宝贝) counts as 0.8 at least, one proper name with
    two kinds as 0.9. A name that says its kind and no more agrees by 0.8 with any of that kind, but
    not 安岳县养老院, the one of its county.
    """
    first, second = a.identity, b.identity
    if first == second and a.kinds == b.kinds:
        return 1.0
    if first == second:
        return 0.9 if first else 0.0
    if not first or not second:
        bare = b if first else a
        return 0.8 if a.kinds and b.kinds and not any(bare.levels) else 0.0
    short, long = sorted((first, second), key=lambda name: (len(name), name))
    match = difflib.SequenceMatcher(None, short, long, autojunk=False)
    if LATIN.search(short) or LATIN.search(long):
        words, more = set(short.split()), set(long.split())
        if words <= more and max(map(len, words)) >= 4:
            return max(0.8, match.ratio())
        return ratio if (ratio := match.ratio()) >= SIMILAR_LATIN else 0.0
    if len(short) >= 2 and short in long:
        return max(0.8, match.ratio())
    wrong = next((n for length, n in WRONG_OF if len(short) >= length), 0)
    if len(long) - len(short) > wrong:
        return 0.0
    same = sum(block.size for block in match.get_matching_blocks())
    return match.ratio() if len(long) - same <= wrong else 0.0
