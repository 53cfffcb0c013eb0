"""What the headings of an office's tables mean: one list for all readers, Chinese and English."""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from quarterhour.errors import InputError
from quarterhour.sources.rows.cells import INVISIBLE
from quarterhour.sources.rows.column_words import FORMS, PREFIXES, SUFFIXES, SYNONYMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "FORMS", "SYNONYMS", "Columns", "Match", "checked", "find_column", "heading_unit",
    "holds_coordinates", "matches", "named_datum", "plain_heading", "understand",
]  # fmt: skip

_YEAR = re.compile(r"^(?:(?:19|20)\d\d年?末?)+|(?:(?:19|20)\d\d年?末?)+$")
_BRACKETS = re.compile(r"\([^()]*\)?|\[[^\[\]]*\]?|【[^【】]*】?|〔[^〔〕]*〕?|<[^<>]*>")
_INNER = re.compile(r"[(\[【〔<]([^()\[\]【】〔〕<>]*)")
_NEUTRAL = re.compile(
    r"(?:单位)?[百千万]?(?:张|个|人|名|位|床|户|套|层|间|所|人次|口)?(?:/[年日天])?"
    r"|(?:19|20)\d\d年?末?|总数?|合计|总计|全部|现有|实际|必填|选填|数字|数量|整数|beds?|places?|people"
)
"""What may stand in the brackets of a number without changing what is counted."""
_SIGNS = re.compile(r"[\s_\-.:*#※·•,;、。'\"`|~°]+")
_UNIT = re.compile(r"/(?:张|个|人|万元|元|亿元|㎡|m2|平方米|亩|公顷|户|套|度|°|deg|年)$")


class Match(NamedTuple):
    """`rank`: 0 the heading is the synonym, 1 but for brackets and units, 2 it is decorated."""

    rank: int
    order: int
    meaning: str


def plain_heading(heading: object) -> str:
    """A heading without case, spaces, signs and full-width letters; brackets stay."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", str(heading))).strip().lower()
    text = re.sub(r"^(?:\(\d+\)|\d+[.、])\s*(?=\D)", "", text)
    return _SIGNS.sub("", text)


_ORDER: dict[str, dict[str, int]] = {}
for _meaning, _words in SYNONYMS.items():
    for _k, _word in enumerate((_meaning.replace("_", ""), *_words)):
        _ORDER.setdefault(plain_heading(_word), {}).setdefault(_meaning, _k)


@lru_cache(maxsize=4096)
def matches(heading: str) -> dict[str, Match]:
    """All that a heading may mean, by meaning."""
    whole = plain_heading(heading)
    bare = _UNIT.sub("", _BRACKETS.sub("", whole))
    if whole in _ORDER:
        return {m: Match(0, k, m) for m, k in _ORDER[whole].items()}
    inner = "".join(_INNER.findall(whole))
    if inner and _counted(bare) and not _NEUTRAL.fullmatch(inner):
        # 床位数（护理型） are nursing beds, and 人口（60岁以上） is not everybody
        word = _undecorated(inner + bare) or _undecorated(bare + inner)
        return {m: Match(1, k, m) for m, k in _ORDER.get(word, {}).items()}
    for text in (bare, bare.replace("/", "")):
        if text in _ORDER:
            return {m: Match(1, k, m) for m, k in _ORDER[text].items()}
    word = _undecorated(bare)
    if not word and not whole.isascii():
        # 床位数 over 其中：护理型: the lower heading says it, or both in the order of speech
        upper, _, lower = _BRACKETS.sub("", str(heading)).strip().rpartition(" ")
        if upper and lower:
            joined = plain_heading(lower) + plain_heading(upper)
            word = _undecorated(joined) or _undecorated(plain_heading(lower))
    return {m: Match(2, k, m) for m, k in _ORDER.get(word, {}).items()}


def _counted(bare: str) -> bool:
    """Whether a heading without its brackets is a number of something, such as beds or people."""
    word = bare if bare in _ORDER else _undecorated(bare)
    return any(FORMS.get(meaning) == "number" for meaning in _ORDER.get(word, ()))


def _undecorated(text: str) -> str:
    """A synonym that is left when ordinary decoration is taken off; "" for none."""
    seen, todo = {text}, [text]
    while todo:
        word = todo.pop(0)
        if word in _ORDER:
            return word
        shorter = [word.removeprefix(p) for p in PREFIXES] + [
            word.removesuffix(s) for s in SUFFIXES
        ]
        shorter.append(_YEAR.sub("", word))
        for less in shorter:
            if len(less) > 1 and less not in seen:
                seen.add(less)
                todo.append(less)
    return ""


def find_column(headings: Sequence[str], meaning: str) -> str | None:
    """The heading that stands for `meaning`: the plainest, in the order of its synonyms."""
    if meaning not in SYNONYMS:
        return None
    found = [
        ((m.rank, m.order, k), str(h))
        for k, h in enumerate(headings)
        if (m := matches(str(h)).get(meaning)) is not None
    ]
    return min(found)[1] if found else None


PAIRS = (("lon", "lat"), ("east", "north"))


def holds_coordinates(headings: Sequence[str]) -> bool:
    """Whether these headings name longitude and latitude, east and north, or both in one."""
    found: set[str] = set()
    for heading in headings:
        found.update(matches(str(heading)))
    return "position" in found or any(a in found and b in found for a, b in PAIRS)


class Columns(NamedTuple):
    """What the columns of a table are.

    `heading`: by meaning. `named`: meanings that the study names. `rivals`: by meaning, further
    headings that would fit and are not used.
    """

    heading: dict[str, str]
    named: frozenset[str]
    rivals: dict[str, tuple[str, ...]]


def understand(
    headings: Sequence[str], *, columns: Mapping[str, str] | None = None, where: str = ""
) -> Columns:
    """Headings by meaning; no heading gets two meanings, and no meaning two headings.

    `columns`: heading by meaning, as a study names them; what it names is not looked for.

    Raises
    ------
    InputError
        `columns` names a meaning or a heading that does not exist, or one heading twice.
    """
    given = checked(columns, headings, where)
    taken: dict[str, str] = {h: m for m, h in given.items()}
    found = dict(given)
    rivals: dict[str, list[str]] = {}
    every = [
        (m.rank, m.order, k, str(h), meaning)
        for k, h in enumerate(headings)
        for meaning, m in matches(str(h)).items()
        if meaning not in given and str(h) not in taken
    ]
    # x is a longitude or an east, which the system decides, see `points`: the pair is kept apart
    for _, _, _, heading, meaning in sorted(every):
        if meaning in {"east", "north"}:
            found.setdefault(meaning, heading)
        elif meaning in found:
            if heading not in taken:
                rivals.setdefault(meaning, []).append(heading)
        elif heading not in taken:
            found[meaning] = heading
            taken[heading] = meaning
    rivals = {m: [h for h in hs if h not in taken] for m, hs in rivals.items()}
    return Columns(found, frozenset(given), {m: tuple(hs) for m, hs in rivals.items() if hs})


def checked(
    columns: Mapping[str, str] | None, headings: Sequence[str], where: str
) -> dict[str, str]:
    """`columns` of a study with the headings as the table writes them.

    Raises
    ------
    InputError
        An unknown meaning, a heading that is not there, or one heading for two meanings.
    """
    given: dict[str, str] = {}
    at = f"{where}: " if where else ""
    by_plain = {plain_heading(h): str(h) for h in reversed(list(headings))}
    for meaning, heading in (columns or {}).items():
        if meaning not in SYNONYMS:
            near = matches(meaning) or difflib.get_close_matches(meaning, SYNONYMS, 1, 0.5)
            hint = f" (did you mean {next(iter(near))!r}?)" if near else ""
            raise InputError(
                f"{at}columns names the meaning {meaning!r}, which is not known{hint}; needed is"
                f" one of {', '.join(SYNONYMS)}"
            )
        there = heading if heading in headings else by_plain.get(plain_heading(heading))
        if there is None:
            close = difflib.get_close_matches(heading, [str(h) for h in headings], 1, 0.5)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise InputError(
                f"{at}columns says that {meaning} is {heading!r}, and there is no such heading"
                f"{hint}; found are {', '.join(map(str, headings))}"
            )
        twice = next((m for m, h in given.items() if h == there), None)
        if twice is not None:
            raise InputError(
                f"{at}columns says that {there!r} is {twice} and {meaning}; needed is one meaning"
                " for a heading"
            )
        given[meaning] = there
    return given


_DATUM = (
    ("gcj02", ("gcj02", "gcj", "高德", "火星", "腾讯")),
    ("bd09", ("bd09", "百度", "bd")),
    ("wgs84", ("wgs84", "wgs", "gps")),
    ("cgcs2000", ("cgcs2000", "2000坐标", "国家2000", "天地图")),
)


def named_datum(heading: str) -> str:
    """The coordinate system that a heading speaks of, such as 经度(GCJ-02); "" for none."""
    text = plain_heading(heading)
    return next((name for name, words in _DATUM if any(w in text for w in words)), "")


def heading_unit(heading: str) -> str:
    """The unit in a heading: 万元 of 投资（万元）; "" for none."""
    text = unicodedata.normalize("NFKC", str(heading)).strip().lower().replace(" ", "")
    found = re.search(r"[(\[【]([^()\[\]【】]*)[)\]】]?$", text) or re.search(
        r"[/:]([^/:]+)$", text
    )
    if found:
        return found[1].removeprefix("单位").lstrip(":").strip()
    return "万元" if plain_heading(heading).endswith("10kyuan") else ""
