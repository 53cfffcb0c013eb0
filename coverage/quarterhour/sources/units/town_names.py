"""Which town a written name means: always within its county, never by the name of the town alone.

Lists of facilities shorten, lengthen and misspell the names of towns, and many towns of different
counties bear the same name. A name is therefore looked for in its county only, and what was done to
make it fit is said in words, so that it can be checked.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quarterhour.inputs import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STREET, TOWN, TOWNSHIP = "街道", "镇", "乡"

PEOPLES = re.compile(
    "(?<=.)(蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜"
    "|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒"
    "|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺)族$"
)
"""Peoples that a township may be named after, as in 渡口土家族乡 and 平等侗族苗族乡."""

ENDINGS: tuple[tuple[str, str], ...] = (
    ("街道办事处", STREET), ("街道办", STREET), ("街办", STREET), ("办事处", STREET),
    ("街道", STREET),
    ("镇人民政府", TOWN), ("镇政府", TOWN), ("镇", TOWN),
    ("乡人民政府", TOWNSHIP), ("乡政府", TOWNSHIP), ("民族乡", TOWNSHIP), ("乡", TOWNSHIP),
)  # fmt: skip
"""What the kind of a town is written as."""

COUNTY_ENDINGS = ("自治县", "自治旗", "林区", "特区", "新区", "区", "县", "市", "旗")

LESS_THAN_A_COUNTY = frozenset({
    "县城", "城区", "主城区", "中心城区", "老城区", "新城区", "城关", "场镇", "中心场镇", "城镇",
    "全县", "全区", "全市", "各乡镇", "各镇街", "县域", "区域", "农村",
})  # fmt: skip
"""Words for parts of a county that are no town."""

SEPARATORS = re.compile(r"[;,、/|\n]+")
_NEAR = 0.5
_MOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """An entry of a register: a town of a county, of a city where that is known."""

    county: str
    town: str
    city: str = ""

    def __str__(self) -> str:
        return f"{self.county}{self.town}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """All towns that a name can mean; indices into `towns` by county, by name and by stem."""

    towns: tuple[Town, ...]
    by_county: dict[tuple[str, str], tuple[int, ...]]
    by_name: dict[str, tuple[int, ...]]
    by_stem: dict[str, tuple[int, ...]]

    @property
    def cities(self) -> tuple[str, ...]:
        """Names of the cities, where they are known, longest first."""
        found = {city for city, _ in self.by_county if city}
        return tuple(sorted(found, key=lambda city: (-len(city), city)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TownMatch:
    """What a written county and town were taken to mean.

    `status`: exact, normalised (the same name written in another way), abbreviated (part of the
    name or another kind of unit: to be checked), ambiguous or unresolved. `index`: of the entry in
    the register, None unless the status is one of the first three. `candidates`: indices of entries
    that are near. `note`: what was done, or why it could not be resolved.
    """

    county: str
    town: str
    status: str
    index: int | None
    candidates: tuple[int, ...]
    note: Note


def register_of(towns: Iterable[Town]) -> Register:
    """A register of these towns, in their order."""
    entries = tuple(towns)
    by_county: dict[tuple[str, str], list[int]] = {}
    by_name: dict[str, list[int]] = {}
    by_stem: dict[str, list[int]] = {}
    for k, entry in enumerate(entries):
        by_county.setdefault((entry.city, entry.county), []).append(k)
        by_name.setdefault(entry.town, []).append(k)
        by_stem.setdefault(stem_and_kind(entry.town)[0], []).append(k)
    return Register(
        towns=entries,
        by_county={key: tuple(found) for key, found in by_county.items()},
        by_name={key: tuple(found) for key, found in by_name.items()},
        by_stem={key: tuple(found) for key, found in by_stem.items()},
    )


def cleaned(text: str) -> str:
    """The name without blanks and brackets: [雁]江区 is 雁江区, 岳阳（5个） is 岳阳."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    plain = re.sub(r"[\[\]【】〔〕]", "", plain)  # a restored character stands in such brackets
    return re.sub(r"\([^()]*\)", "", plain) or plain.strip("()")


def stem_and_kind(name: str) -> tuple[str, str]:
    """The name proper and the kind of unit: 莲花街道办事处 is 莲花 and 街道; no kind is ""."""
    for ending, kind in ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            stem = name[: -len(ending)]
            while kind == TOWNSHIP and PEOPLES.search(stem):
                stem = PEOPLES.sub("", stem)
            return stem, kind
    return name, ""


def split_towns(text: str) -> tuple[str, ...]:
    """The names of a cell that lists several towns: 资溪/莲花办事处 is 资溪 and 莲花办事处."""
    parts = SEPARATORS.split(unicodedata.normalize("NFKC", text))
    return tuple(part.strip() for part in parts if part.strip())


def match_towns(
    county: str, text: str, register: Register, *, zones: Mapping[str, str] | None = None
) -> tuple[TownMatch, ...]:
    """A match for each town that the cell lists, see `match_town`; none for an empty cell."""
    return tuple(match_town(county, part, register, zones=zones) for part in split_towns(text))


def match_town(
    county: str, town: str, register: Register, *, zones: Mapping[str, str] | None = None
) -> TownMatch:
    """The entry of the register that a county and a town mean, or why there is none.

    Parameters
    ----------
    county, town
        As written. A town that begins with the name of its county may stand without one.
    zones
        County of each functional zone (经开区, 高新区), which has no towns of its own in a
        register; the key "" is the county of rows that name none.
    """
    name = cleaned(town)
    own, rest = _county_in_front(name, register)
    found, why = match_county(county, register, zones=zones)
    if own is not None:
        if found is None and not cleaned(county):
            found, why = own, Note("", "")
        if found is not None and found != own:
            zh = f"镇街名中的区县（{own[1]}）与区县列（{found[1]}）不一致"
            en = f"the town names the county {own[1]}, its row names {found[1]}"
            return _unresolved(county, town, (), Note(zh, en))
        name = rest
    if not name:
        return _unresolved(county, town, (), Note("没有写明镇街", "no town is named"))
    if found is None:
        near = _namesakes(name, register, None)
        return _unresolved(county, town, near, _with_candidates(why, near, register))
    result = _in_county(county, town, name, found, register)
    if not why.zh:
        return result
    zh, en = f"{why.zh}；{result.note.zh}", f"{why.en}; {result.note.en}"
    return dataclasses.replace(result, note=Note(zh, en))


def match_county(
    county: str, register: Register, *, zones: Mapping[str, str] | None = None
) -> tuple[tuple[str, str] | None, Note]:
    """City and county that a written county means, or None; why, empty for a plain county."""
    name = cleaned(county)
    mapped = {cleaned(key): cleaned(value) for key, value in (zones or {}).items()}
    city, rest = _city_in_front(name, register)
    zone = name if name in mapped else rest if city and rest in mapped else None
    if zone is not None:
        found, why = _plain_county(mapped[zone], register, city)
        if found is None:
            return None, why
        return found, Note(
            f"{name or '未写区县者'}按 zones 属{found[1]}",
            f"{name or 'without a county'}: in {found[1]} by zones",
        )
    if not name:
        return None, Note(
            "没有写明区县，不能只凭镇街名确定", "no county is named, and the town alone does not do"
        )
    found, why = _plain_county(name, register, "")
    if found is None and city:
        found = _plain_county(rest, register, city)[0]
    return found, Note("", "") if found is not None else why


def _plain_county(name: str, register: Register, city: str) -> tuple[tuple[str, str] | None, Note]:
    keys = [key for key in register.by_county if not city or key[0] == city]
    same = [key for key in keys if key[1] == name]
    if not same and len(name) > 1:
        same = [key for key in keys if _county_stem(key[1]) == name]
    if len(same) == 1:
        return same[0], Note("", "")
    if same:
        cities = "、".join(key[0] for key in same)
        zh, en = f"“{name}”在多个城市都有（{cities}）", f"{name} is in several cities ({cities})"
        return None, Note(zh, en)
    return None, Note(
        f"“{name}”不在区县名单中；功能区请在 zones 中写明所属区县",
        f"{name} is no county of the list; for a functional zone name its county in zones",
    )


def _county_stem(county: str) -> str:
    for ending in COUNTY_ENDINGS:
        if county.endswith(ending) and len(county) >= len(ending) + 2:
            return county[: -len(ending)]
    return county


def _city_in_front(name: str, register: Register) -> tuple[str, str]:
    for city in register.cities:
        for form in (city, city.removesuffix("市")):
            if name.startswith(form) and len(name) > len(form) + 1:
                return city, name[len(form) :]
    return "", name


def _county_in_front(name: str, register: Register) -> tuple[tuple[str, str] | None, str]:
    """The county that a town's name begins with, in full, and the rest of the name."""
    rest = re.sub(r"^[^区县市镇乡]{2,6}(省|自治区)(?=.)", "", name)
    city, behind = next(
        ((c, rest[len(c) :]) for c in register.cities if rest.startswith(c)), ("", rest)
    )
    keys = [
        key
        for key in register.by_county
        if behind.startswith(key[1]) and len(behind) > len(key[1]) and (not city or key[0] == city)
    ]
    if len(keys) == 1:
        return keys[0], behind[len(keys[0][1]) :]
    return None, behind


def _in_county(
    county: str, town: str, name: str, key: tuple[str, str], register: Register
) -> TownMatch:
    entries = register.by_county[key]
    full = {k: register.towns[k].town for k in entries}

    def matched(status: str, found: list[int], zh: str, en: str) -> TownMatch:
        note = Note(zh, en)
        if len(found) > 1:
            listed = "、".join(full[k] for k in found)
            note = Note(
                f"“{town}”在{key[1]}可能是 {listed}，请写全称",
                f"{town} may be {listed} in {key[1]}: write the whole name",
            )
            return TownMatch(county=county, town=town, status="ambiguous", index=None,
                             candidates=tuple(found), note=note)  # fmt: skip
        if status == "abbreviated":
            note = _with_namesakes(note, name, key, register)
        return TownMatch(
            county=county, town=town, status=status, index=found[0], candidates=(), note=note
        )

    same = [k for k in entries if full[k] == name]
    if same:
        status = "exact" if town.strip() == name else "normalised"
        return matched(status, same, f"即{full[same[0]]}", f"is {full[same[0]]}")
    stem, kind = stem_and_kind(name)
    parts = {k: stem_and_kind(full[k]) for k in entries}
    if kind:
        same = [k for k in entries if parts[k] == (stem, kind)]
        if same:
            return matched("normalised", same, f"即{full[same[0]]}", f"is {full[same[0]]}")
    same, behind = _beginning(name, parts, full)
    if same:
        first = full[same[0]]
        if behind in {ending for ending, _ in ENDINGS}:
            return matched("abbreviated", same, f"写有两种建制，取{first}",
                           f"two kinds of unit are written; taken as {first}")  # fmt: skip
        return matched("normalised", same, f"取{first}（其后“{behind}”不用）",
                       f"taken as {first}, without what follows ({behind})")  # fmt: skip
    if not kind:
        same = [k for k in entries if parts[k][0] == name and parts[k][1]]
        if same:
            first = full[same[0]]
            return matched("abbreviated", same, f"未写建制，取{first}",
                           f"the kind of unit is not written; taken as {first}")  # fmt: skip
    if name in LESS_THAN_A_COUNTY:
        zh, en = f"“{name}”不是一个镇街的名称", f"{name} is a part of the county and no town"
        return _unresolved(county, town, (), Note(zh, en))
    other = [k for k in entries if kind and parts[k][0] == stem and parts[k][1] not in {"", kind}]
    longer = [
        k
        for k in entries
        if parts[k][1] and kind in {"", parts[k][1]} and _drops_one(parts[k][0], stem)
    ]
    if other or longer:
        zh, en = ("建制不同", "another kind of unit") if other else ("少写一字", "a character less")
        first = full[(other + longer)[0]]
        return matched("abbreviated", sorted(other + longer), f"{zh}，取{first}，请核对",
                       f"{en}; taken as {first}, to be checked")  # fmt: skip
    near = _nearest(name, key, register)
    why = Note(f"{key[1]}没有镇街叫“{name}”", f"{key[1]} has no town {name}")
    return _unresolved(county, town, near, _with_candidates(why, near, register))


def _beginning(
    name: str, parts: dict[int, tuple[str, str]], full: dict[int, str]
) -> tuple[list[int], str]:
    """Entries whose whole name, in any of its forms, the name begins with, and what follows."""
    forms = [
        (stem + ending, k)
        for k, (stem, kind) in parts.items()
        for ending, of in ENDINGS
        if of == kind
    ]
    forms += [(whole, k) for k, whole in full.items() if parts[k][1]]
    fitting = [(form, k) for form, k in forms if name.startswith(form) and len(name) > len(form)]
    if not fitting:
        return [], ""
    longest = max(len(form) for form, _ in fitting)
    return sorted({k for form, k in fitting if len(form) == longest}), name[longest:]


def _drops_one(whole: str, short: str) -> bool:
    """Whether `short`, of two characters or more, is `whole` without one that is not its first."""
    if len(short) < 2 or len(whole) != len(short) + 1:
        return False
    return any(whole[:k] + whole[k + 1 :] == short for k in range(1, len(whole)))


def _namesakes(name: str, register: Register, but: tuple[str, str] | None) -> tuple[int, ...]:
    """Entries of this name in other counties; of this stem, where there is none of the name."""
    found = register.by_name.get(name) or register.by_stem.get(stem_and_kind(name)[0], ())
    elsewhere = (k for k in found if (register.towns[k].city, register.towns[k].county) != but)
    return tuple(elsewhere)[:_MOST]


def _nearest(name: str, key: tuple[str, str], register: Register) -> tuple[int, ...]:
    """Entries of the county with a similar name, then namesakes elsewhere."""
    stem = stem_and_kind(name)[0]
    scored = []
    for k in register.by_county[key]:
        other = stem_and_kind(register.towns[k].town)[0]
        score = difflib.SequenceMatcher(None, stem, other, autojunk=False).ratio()
        if len(other) > 1 and other in name:  # 宝莲社区卫生服务中心 is probably in 宝莲街道
            score = max(score, 0.9)
        if score >= _NEAR:
            scored.append((-score, k))
    near = [k for _, k in sorted(scored)[:_MOST]]
    return tuple((near + [k for k in _namesakes(name, register, key) if k not in near])[:_MOST])


def _with_candidates(why: Note, near: tuple[int, ...], register: Register) -> Note:
    if not near:
        return why
    listed = "、".join(str(register.towns[k]) for k in near)
    return Note(f"{why.zh}；相近的有 {listed}", f"{why.en}; nearest are {listed}")


def _with_namesakes(note: Note, name: str, key: tuple[str, str], register: Register) -> Note:
    """The note, with a warning where another county has a town of this very name."""
    others = [register.towns[k] for k in register.by_name.get(name, ())]
    listed = "、".join(str(o) for o in others if (o.city, o.county) != key)
    if not listed:
        return note
    return Note(f"{note.zh}（另有{listed}）", f"{note.en} (there is also {listed})")


def _unresolved(county: str, town: str, near: tuple[int, ...], note: Note) -> TownMatch:
    return TownMatch(
        county=county, town=town, status="unresolved", index=None, candidates=near, note=note
    )
