"""What a facility is: its kind, recognised in the words of plans, lists and OpenStreetMap."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DOMAINS = ("elderly", "childcare", "both", "other")

SERVICES: dict[str, tuple[str, str]] = {
    "residential": ("机构养老", "residential care"),
    "nursing": ("长期护理", "nursing care"),
    "day_care": ("日间照料", "day care"),
    "home_care": ("居家养老", "home care"),
    "meals": ("老年助餐", "meals for older people"),
    "learning": ("老年教育", "learning in old age"),
    "wellness": ("康养", "health and wellness"),
    "nursery": ("托育", "care of children under three"),
    "preschool": ("学前教育", "preschool education"),
    "guidance": ("指导与支持", "guidance and support"),
    "health": ("医疗卫生", "health care"),
    "activity": ("文体活动", "activities"),
}
"""What a kind may offer, in Chinese and English; the keys of `Kind.services`."""

BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|〔([^〔〕]*)〕")
SEPARATORS = re.compile(r"[、,;/+&|\n·]|(?<![a-z])and(?![a-z])")
AND = re.compile(r"[及和与]")
ATTACHED = re.compile(r"附设|附属|内设|配建|增设|开设")
SIGNS = re.compile(r"[^\w]+")
LONGEST = 200
"""Characters of a cell that are looked at; whatever is longer is a description."""
LETTER = re.compile(r"[a-zà-öø-ÿ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of facility.

    `domain`: one of `DOMAINS`. `services`: keys of `SERVICES`. `broader`: keys of the kinds that it
    is counted among, all of them. `synonyms`: other names, as they are usually written; `whole`:
    those that count only where they are all that a cell says. `osm`: tags of OpenStreetMap, in the
    notation of `facilities_osm.read_osm_facilities`.
    """

    key: str
    zh: str
    en: str
    domain: str
    services: tuple[str, ...]
    broader: tuple[str, ...]
    synonyms: tuple[str, ...]
    whole: tuple[str, ...]
    osm: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that means this kind: its labels, its key and its synonyms."""
        return (self.zh, self.en, self.key, *self.synonyms, *self.whole)


def squeeze(text: str) -> str:
    """A text for comparing names: one width and case, without signs, one blank between words."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("_", " ")
    words = SIGNS.sub(" ", plain).split()
    # blanks separate Latin words only; between Chinese characters they are decoration
    joined = "".join(
        (" " if k and LETTER.match(word) and LETTER.match(words[k - 1][-1]) else "") + word
        for k, word in enumerate(words)
    )
    return joined.strip()


def _table() -> dict[str, Kind]:
    table = resources.files("quarterhour.sources.facilities").joinpath("kinds.toml")
    text = table.read_text(encoding="utf-8")
    return {
        key: Kind(
            key=key,
            zh=entry["zh"],
            en=entry["en"],
            domain=entry["domain"],
            services=tuple(entry["services"]),
            broader=tuple(entry.get("broader", ())),
            synonyms=tuple(entry["synonyms"]),
            whole=tuple(entry.get("whole", ())),
            osm=tuple(entry["osm"]),
        )
        for key, entry in tomllib.loads(text).items()
    }


KINDS: Mapping[str, Kind] = MappingProxyType(_table())
"""All kinds by key."""

_BY_NAME: dict[str, str] = {}
for _kind in KINDS.values():
    for _name in _kind.names:
        _BY_NAME.setdefault(squeeze(_name), _kind.key)
# longest first: the longest name that a text contains decides
_WITHIN = _BY_NAME.keys() - {squeeze(name) for kind in KINDS.values() for name in kind.whole}
_LENGTHS = sorted({len(name) for name in _WITHIN}, reverse=True)


@lru_cache(maxsize=1 << 14)
def kind_keys(text: str) -> tuple[str, ...]:
    """Keys of the kinds that a cell names, in its order; () where it names none.

    The whole cell is tried first, then its parts between 、，；/+ and, where both sides are kinds,
    及 和 与; what stands in brackets is a part of its own. Of a part the longest name that it
    contains decides; what is 附设 (attached to something) counts, not what it is attached to.
    """
    text = text[:LONGEST]
    whole = _BY_NAME.get(squeeze(text))
    if whole is not None:
        return (whole,)
    plain = unicodedata.normalize("NFKC", text).casefold()
    found: list[str] = []
    for part in _parts(plain):
        for key in _keys_of_part(part):
            if key not in found:
                found.append(key)
    if not found:  # words that only together are a name
        found = [key for key in (_key_within(plain),) if key]
    return tuple(found)


def _parts(text: str) -> Iterator[str]:
    """The text without its brackets, cut at the separators; then what the brackets hold."""
    inner: list[str] = []

    def keep(match: re.Match[str]) -> str:
        inside = next(group for group in match.groups() if group is not None)
        inner.append(inside)
        # a bracket of a few characters in the middle belongs to the word: 失能(失智)老人, [企]业办
        middle = match.end() < len(match.string)
        return inside if middle and len(inside) <= 3 else ""

    outer = BRACKETS.sub(keep, text)
    for piece in (outer, *inner):
        yield from (part.strip() for part in SEPARATORS.split(piece) if part.strip())


def _keys_of_part(part: str) -> tuple[str, ...]:
    whole = _BY_NAME.get(squeeze(part))
    if whole is not None:
        return (whole,)
    cuts = [[part[: m.start()], part[m.end() :]] for m in AND.finditer(part)]
    for sides in (AND.split(part), *cuts) if cuts else ():
        keys = [_key_within(side) for side in sides]
        if None not in keys:
            return tuple(key for key in keys if key is not None)
    for match in ATTACHED.finditer(part):
        key = _key_within(part[match.end() :])
        if key is not None:
            return (key,)
    key = _key_within(part)
    return (key,) if key is not None else ()


def _key_within(text: str) -> str | None:
    """The kind of the longest name that a text contains."""
    plain = squeeze(text)
    found = longest_name(plain)
    return _BY_NAME[plain[found[0] : found[1]]] if found else None


def longest_name(text: str) -> tuple[int, int] | None:
    """Where the longest name of a kind stands in a squeezed text.

    Of names of one length the last, where Chinese and English put the word that matters.
    """
    for length in _LENGTHS:
        for start in range(len(text) - length, -1, -1):
            if text[start : start + length] not in _WITHIN:
                continue
            before, after = text[start - 1 : start], text[start + length :]
            if LETTER.match(text[start]) and (
                (before and LETTER.match(before)) or re.match(r"(?!e?s\b)[a-zà-öø-ÿ]", after)
            ):
                continue  # within a word: no care in scare; a plural is the same kind
            return start, start + length
    return None


def related(keys: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two facilities may be of one kind: a key in common, or one broader than the other."""
    return any(
        a == b or a in KINDS[b].broader or b in KINDS[a].broader for a in keys for b in others
    )


def wanted_key(wanted: str) -> str | None:
    """The kind that a wanted value is a key, label or synonym of; None where it is none."""
    return _BY_NAME.get(squeeze(wanted))


def matches(cell: str, wanted: Sequence[str]) -> bool:
    """Whether a cell is one of the wanted kinds.

    A wanted value is the literal text of a cell or of one of its parts, or a key, label or synonym
    of a kind. A kind also stands for the narrower ones that are counted among it.
    """
    texts = {squeeze(cell), *(squeeze(part) for part in _parts(_plain(cell)))}
    keys = kind_keys(cell)
    for value in wanted:
        if squeeze(value) in texts or value == cell:
            return True
        key = wanted_key(value)
        if key is not None and any(key == k or key in KINDS[k].broader for k in keys):
            return True
    return False


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def nearest_kinds(text: str, *, n: int = 3) -> tuple[str, ...]:
    """Names of kinds that resemble `text`, best first, for messages."""
    plain = squeeze(text)
    usual = {squeeze(name): name for kind in reversed(tuple(KINDS.values())) for name in kind.names}
    near = difflib.get_close_matches(plain, usual, n * 3, 0.6)
    found: dict[str, str] = {}  # one name per kind
    for name in (*near, *(KINDS[key].zh for key in kind_keys(text))):
        found.setdefault(_BY_NAME[squeeze(name)], usual[squeeze(name)])
    return tuple(found.values())[:n]
