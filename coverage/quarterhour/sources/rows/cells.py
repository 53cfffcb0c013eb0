"""What stands in a cell: texts, numbers with units, years, yes or no."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import NamedTuple

THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")

BLANK = frozenset({"", "nan", "None", "<NA>", "NaT", "NULL", "null", "#N/A", "N/A", "n/a"})
"""Texts that programs write for nothing."""

DASHES = frozenset("-—–－―/\\无") | {"--", "——", "暂无", "未知", "不详", "空"}
"""Texts that people write for nothing in a column of numbers."""

ABOUT = re.compile(
    r"^(约|大约|近|超过|超|逾|不少于|不低于|共|计|合计|~|≈|>=|≥|>|about|approx\.?|ca\.?)"
)
MORE = re.compile(r"(左右|上下|以上|余|多|\+)")
UNITS = re.compile(
    r"(张床位|张床|个床位|个托位|平方米|平米|平方|人次|床位|托位|公顷|亩|"
    r"㎡|m2|m²|sqm|张|个|人|名|位|床|间|处|户|套|栋|所|家|项|元|年|岁|"
    r"beds?|places?|people|persons?|years?)(?:/[年日天])?$",
    re.IGNORECASE,
)
SCALES = {"万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2}

YES = frozenset({
    "是", "有", "对", "已", "√", "✓", "✔", "☑", "yes", "y", "true", "t", "1", "已备案", "已登记",
    "具备", "普惠", "普惠性", "普惠型", "属于", "符合", "x√", "ok", "达标", "已达标", "合格",
    "已开设", "已设立", "连锁", "示范",
})  # fmt: skip
NO = frozenset({
    "否", "无", "没有", "未", "不是", "×", "✗", "✘", "☐", "no", "n", "false", "f", "0", "未备案",
    "未登记", "不具备", "非普惠", "非普惠性", "不属于", "不符合", "-", "—", "--", "/", "未达标",
    "不达标", "不合格", "未开设", "未设立", "非连锁", "非示范", "未评定",
})  # fmt: skip


class Understood(NamedTuple):
    """A value with how it was read: "" as it stands, else the key of a change; None is nothing."""

    value: float | None
    how: str


INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
"""Signs without width that come along when a coordinate is copied from a web page."""


def plain_text(value: object) -> str:
    """The text of a cell in half-width letters, digits and signs, without invisible ones."""
    text = cell_text(value)
    if text.isascii():
        return text
    text = INVISIBLE.sub("", text).translate(_SIGNS)
    return unicodedata.normalize("NFKC", text).strip()


def width_of(text: str) -> str:
    """How the signs of a number are written: "", full_width or invisible."""
    if text.isascii():
        return ""
    return "invisible" if INVISIBLE.search(text) else "full_width"


_SIGNS = str.maketrans({
    "。": ".", "、": ",", "º": "°", "˚": "°", "′": "'", "’": "'", "‘": "'", "´": "'", "ʹ": "'",
    "＇": "'", "｀": "'", "″": '"', "”": '"', "“": '"', "＂": '"', "〃": '"', "−": "-", "–": "-",
    "—": "-", "－": "-", "〜": "~", "～": "~",
})  # fmt: skip
"""Signs that NFKC leaves alone or takes apart."""


def cell_text(value: object) -> str:
    """A cell as text: no nan, no trailing .0 of numbers that Excel made of codes."""
    if isinstance(value, str):
        text = value.strip()
        return "" if text in BLANK else text
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if math.isnan(value) else str(int(value) if value.is_integer() else value)
    if isinstance(value, dt.datetime):
        # a missing moment of pandas says that it is a datetime
        moment = str(value)
        return "" if moment in BLANK else moment.removesuffix(" 00:00:00")
    text = str(value).strip()
    return "" if text in BLANK else text


def cell_number(value: object) -> float | None:
    """A cell as a finite number, None where it is none; 1,234 is a thousand, 30,5 is thirty.

    Full-width digits and signs count like others; nothing else is made of a text, see
    `understood_number` for that.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip() if value.isascii() else plain_text(value)
        if "_" in text:
            return None  # a number to Python, to nobody else
        if "," in text:
            text = text.replace(",", "" if THOUSANDS.fullmatch(text) else ".")
        value = text
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def understood_number(value: object) -> Understood:
    """A number in words of an office: 120张, 约120, 1.2万, １２０.

    `how`: "", full_width, invisible, unit (a unit or a scale was taken off), about (it is not
    exact), or unread (there is something, and it is no number).
    """
    number = cell_number(value)
    text = cell_text(value)
    if number is not None:
        return Understood(number, width_of(text))
    text = plain_text(value).replace(" ", "")
    if not text or text in DASHES:
        return Understood(None, "")
    how = "unit"
    if ABOUT.match(text.lower()):
        text, how = ABOUT.sub("", text.lower(), count=1), "about"
    rest = UNITS.sub("", text)
    if MORE.search(rest):
        rest, how = MORE.sub("", rest, count=1), "about"
    rest = UNITS.sub("", rest)
    scale = 1.0
    while rest and rest[-1] in SCALES:
        scale, rest = scale * SCALES[rest[-1]], rest[:-1]
    number = cell_number(rest)
    if number is None:
        return Understood(None, "unread")
    # 1.2 times ten thousand is 12000 and not 12000.000000000002
    return _finite(float(f"{number * scale:.12g}"), how)


MONEY_10K = {"元": 1e-4, "万元": 1.0, "万": 1.0, "亿元": 1e4, "亿": 1e4, "千元": 0.1}
"""Factor to ten thousand yuan by unit, with or without 人民币 before it."""

AREA_M2 = {
    "平方米": 1.0, "㎡": 1.0, "m2": 1.0, "平米": 1.0, "平方": 1.0, "sqm": 1.0, "万平方米": 1e4,
    "万平米": 1e4, "万㎡": 1e4, "万m2": 1e4, "公顷": 1e4, "ha": 1e4, "亩": 10_000 / 15,
    "平方公里": 1e6, "km2": 1e6,
}  # fmt: skip
"""Factor to square metres by unit."""


def understood_amount(value: object, factors: dict[str, float], factor: float) -> Understood:
    """A number in the unit that its cell says, or else in that of its heading, times its factor.

    `factors`: factor by unit; `factor`: of a number without a unit.
    """
    number = cell_number(value)
    if number is not None:
        return _finite(_times(number, factor), width_of(cell_text(value)))
    text = plain_text(value).replace(" ", "").replace("人民币", "").lower()
    for unit in sorted(factors, key=lambda u: (-len(u), u)):
        sign = unicodedata.normalize("NFKC", unit)
        if text.endswith(sign):
            inner = understood_number(text.removesuffix(sign))
            if inner.value is not None:
                about = "about" if inner.how == "about" else "unit"
                return _finite(_times(inner.value, factors[unit]), about)
    inner = understood_number(value)
    if inner.value is None:
        return inner
    return _finite(_times(inner.value, factor), inner.how)


def _finite(number: float, how: str) -> Understood:
    """A number that its unit has not made too large for one."""
    return Understood(number, how) if math.isfinite(number) else Understood(None, "unread")


def _times(number: float, factor: float) -> float:
    return number if factor == 1.0 else float(f"{number * factor:.12g}")


YEAR = r"(?:18|19|20|21)\d\d|2200"
"""A year that a facility may have opened in, up to the last one that a study may name."""


def understood_year(value: object) -> Understood:
    """A year of a date or a text: 1998年, 2021-06, 2021年6月, 20210630.

    `how`: "", date (a text that is one), unit, full_width or unread.
    """
    if isinstance(value, (dt.date, dt.datetime)):
        return Understood(float(value.year), "")
    number = cell_number(value)
    text = plain_text(value).replace(" ", "")
    if not text or text in DASHES:
        return Understood(None, "")
    if number is not None and 1800 <= number <= 2200 and number.is_integer():
        return Understood(number, width_of(cell_text(value)))
    found = re.fullmatch(rf"(?:约|建于)?({YEAR})(年|年代)?(?:建成|建|投用|开业)?", text)
    if found:
        return Understood(float(found[1]), "unit")
    found = re.match(rf"({YEAR})(?:[-/.年](?:0?[1-9]|1[0-2])(?!\d)|(?:0[1-9]|1[0-2])"
                     r"(?:[0-3]\d)?$)", text)  # fmt: skip
    if found:
        return Understood(float(found[1]), "date")
    return Understood(None, "unread")


def understood_flag(value: object) -> tuple[str, str]:
    """A cell such as 是, √, 无 or 0 as "yes", "no" or ""; and "" or "unread"."""
    if isinstance(value, bool):
        return ("yes" if value else "no"), ""
    text = cell_text(value).strip().lower()
    if not text:
        return "", ""
    half = plain_text(text)
    if text in YES or half in YES:
        return "yes", ""
    if text in NO or half in NO:
        return "no", ""
    return "", "unread"
