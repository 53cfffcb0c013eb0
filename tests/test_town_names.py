"""Names of towns: what is the same, what is probably meant, and what must not be guessed."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.sources.units.town_names import (
    Register,
    Town,
    TownMatch,
    cleaned,
    match_county,
    match_town,
    match_towns,
    register_of,
    split_towns,
    stem_and_kind,
)

if TYPE_CHECKING:
    from pathlib import Path

HILLS = {
    "河东区": "莲花街道 三桥铺街道 狮山镇 永安乡 清溪场镇 高山土家族乡",
    "河西县": "莲花镇 清溪镇 朝阳镇 朝阳乡 石桥街道 石桥铺街道 南津街街道",
    "北山市": "清溪乡 清溪场镇 双龙镇 双龙湾镇 镇子镇",
}
"""Three counties of one city with the same few names, made for these tests."""

ZONES = {"经开区": "河东区", "高新区": "河西县"}


@pytest.fixture(scope="module")
def hills() -> Register:
    return register_of(
        Town(county=county, town=town, city="丘陵市")
        for county, towns in HILLS.items()
        for town in towns.split()
    )


@pytest.fixture(scope="module")
def real(shared: Path) -> Register:
    path = shared.parent / "reference" / "admin_codes.csv"
    if not path.exists():
        pytest.skip(f"no list of towns at {path}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return register_of(Town(county=r["county"], town=r["town"], city=r["city"]) for r in rows)


def found(register: Register, match: TownMatch) -> str:
    return match.status if match.index is None else str(register.towns[match.index])


# ------------------------------------------------------------------------------------ single names


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (" 莲 花\u3000街道\n", "莲花街道"),
        ("[莲]花街道", "莲花街道"),
        ("【莲】花街道", "莲花街道"),
        ("岳阳（5个）", "岳阳"),
        ("岳阳(5个)", "岳阳"),
        ("（全区）", "全区"),
        ("", ""),
    ],
)
def test_blanks_and_brackets_go(written: str, plain: str) -> None:
    assert cleaned(written) == plain


@pytest.mark.parametrize(
    ("name", "stem", "kind"),
    [
        ("莲花街道", "莲花", "街道"), ("莲花街道办事处", "莲花", "街道"),
        ("莲花办事处", "莲花", "街道"),
        ("莲花街道办", "莲花", "街道"), ("莲花街办", "莲花", "街道"), ("狮山镇", "狮山", "镇"),
        ("狮山镇人民政府", "狮山", "镇"), ("永安乡", "永安", "乡"), ("永安乡政府", "永安", "乡"),
        ("高山土家族乡", "高山", "乡"), ("平等侗族苗族乡", "平等", "乡"),
        ("高山民族乡", "高山", "乡"),
        ("南津街街道", "南津街", "街道"), ("镇子镇", "镇子", "镇"), ("镇", "镇", ""),
        ("街道", "街道", ""),
        ("莲花", "莲花", ""), ("回族乡", "回族", "乡"),
    ],
)  # fmt: skip
def test_the_kind_of_unit_is_told_from_the_name(name: str, stem: str, kind: str) -> None:
    assert stem_and_kind(name) == (stem, kind)


def test_a_cell_may_list_several_towns(hills: Register) -> None:
    assert split_towns("莲花；狮山镇、永安乡 ,高山/清溪") == (
        "莲花",
        "狮山镇",
        "永安乡",
        "高山",
        "清溪",
    )
    assert split_towns(" ") == ()
    both = match_towns("河东区", "莲花/永安办事处", hills)
    # 永安 is a 乡 there, so that 办事处 is another kind of unit
    assert [found(hills, m) for m in both] == ["河东区莲花街道", "河东区永安乡"]
    assert [m.status for m in both] == ["abbreviated", "abbreviated"]


# ---------------------------------------------------------------------------- a town of its county


@pytest.mark.parametrize(
    ("county", "town", "status", "entry"),
    [
        ("河东区", "莲花街道", "exact", "河东区莲花街道"),
        ("河西县", "莲花镇", "exact", "河西县莲花镇"),
        ("河东", "莲花街道", "exact", "河东区莲花街道"),
        ("丘陵市河东区", "莲花街道", "exact", "河东区莲花街道"),
        ("[河]东区", "莲花 街道", "normalised", "河东区莲花街道"),
        ("河东区", "莲花街道办事处", "normalised", "河东区莲花街道"),
        ("河东区", "丘陵市河东区莲花街办", "normalised", "河东区莲花街道"),
        ("", "河西县莲花镇", "normalised", "河西县莲花镇"),
        ("河东区", "高山乡", "normalised", "河东区高山土家族乡"),
        ("河东区", "狮山镇红星村", "normalised", "河东区狮山镇"),
        ("河西县", "石桥铺街道办事处春风社区", "normalised", "河西县石桥铺街道"),
        ("河东区", "莲花", "abbreviated", "河东区莲花街道"),
        ("河西县", "莲花", "abbreviated", "河西县莲花镇"),
        ("河西县", "石桥", "abbreviated", "河西县石桥街道"),
        ("河西县", "南津街", "abbreviated", "河西县南津街街道"),
        ("河东区", "莲花镇", "abbreviated", "河东区莲花街道"),
        ("河东区", "狮山镇街道", "abbreviated", "河东区狮山镇"),
        ("河东区", "三桥街道", "abbreviated", "河东区三桥铺街道"),
        ("河东区", "三铺办事处", "abbreviated", "河东区三桥铺街道"),
        ("河东区", "清溪镇", "abbreviated", "河东区清溪场镇"),
        ("河西县", "清溪镇", "exact", "河西县清溪镇"),
        # 朝阳 is a 镇 and a 乡; 清溪镇 may be 清溪乡 or 清溪场镇
        ("河西县", "朝阳", "ambiguous", ""),
        ("河西县", "朝阳街道", "ambiguous", ""),
        ("北山市", "清溪镇", "ambiguous", ""),
        ("北山市", "双龙", "abbreviated", "北山市双龙镇"),
        ("北山市", "镇子", "abbreviated", "北山市镇子镇"),
        # the first character is never supplied, and two are never missing
        ("河东区", "桥铺街道", "unresolved", ""),
        ("河东区", "三街道", "unresolved", ""),
        ("河东区", "城南街道", "unresolved", ""),
        ("河东区", "县城", "unresolved", ""),
        ("河东区", "莲花社区卫生服务中心", "unresolved", ""),
        ("河东区", "", "unresolved", ""),
    ],
)  # fmt: skip
def test_what_a_name_is_taken_for(
    hills: Register, county: str, town: str, status: str, entry: str
) -> None:
    match = match_town(county, town, hills)
    assert (match.status, found(hills, match)) == (status, entry or status)
    assert match.note.zh
    assert match.note.en


@pytest.mark.parametrize("county", ["", "河南区", "经开区", "市本级", "丘陵市"])
def test_a_town_alone_does_not_do(hills: Register, county: str) -> None:
    # 石桥铺街道 is in one county only, and still it is not taken
    match = match_town(county, "石桥铺街道", hills)
    assert match.status == "unresolved"
    assert [str(hills.towns[k]) for k in match.candidates] == ["河西县石桥铺街道"]
    assert "河西县石桥铺街道" in match.note.zh
    assert "河西县石桥铺街道" in match.note.en


def test_a_functional_zone_needs_its_county(hills: Register) -> None:
    assert match_town("经开区", "莲花街道", hills).index is None
    for county in ("经开区", "丘陵经开区", "丘陵市经开区"):
        match = match_town(county, "莲花街道", hills, zones=ZONES)
        assert found(hills, match) == "河东区莲花街道"
        assert "zones" in match.note.zh
    assert found(hills, match_town("高新区", "莲花", hills, zones=ZONES)) == "河西县莲花镇"
    # rows that name no county, where the study says which one is meant
    assert found(hills, match_town("", "莲花", hills, zones={"": "河西县"})) == "河西县莲花镇"
    # a zone in a county that is not there helps nobody
    assert match_town("经开区", "莲花街道", hills, zones={"经开区": "河南"}).status == "unresolved"


def test_a_row_that_contradicts_itself_is_not_placed(hills: Register) -> None:
    match = match_town("河东区", "河西县莲花镇", hills)
    assert match.status == "unresolved"
    assert "河西县" in match.note.en
    assert "河东区" in match.note.en


def test_a_namesake_elsewhere_is_said(hills: Register) -> None:
    match = match_town("河东区", "清溪镇", hills)
    assert "河西县清溪镇" in match.note.zh
    assert "北山市" not in match.note.zh  # 清溪乡 is another name


def test_the_candidates_of_an_ambiguous_name_are_all_that_fit(hills: Register) -> None:
    match = match_town("北山市", "清溪镇", hills)
    assert [hills.towns[k].town for k in match.candidates] == ["清溪乡", "清溪场镇"]


def test_near_names_of_the_county_come_before_namesakes(hills: Register) -> None:
    match = match_town("河东区", "狮子山镇", hills)
    assert str(hills.towns[match.candidates[0]]) == "河东区狮山镇"
    match = match_town("河东区", "南津街街道", hills)
    assert [str(hills.towns[k]) for k in match.candidates] == ["河西县南津街街道"]


def test_one_county_name_in_two_cities_needs_its_city() -> None:
    register = register_of(
        Town(county="鼓楼区", town="五里街道", city=city) for city in ("甲州市", "乙州市")
    )
    assert match_county("鼓楼区", register)[0] is None
    assert match_town("鼓楼区", "五里街道", register).status == "unresolved"
    assert match_county("乙州鼓楼区", register)[0] == ("乙州市", "鼓楼区")
    assert match_town("乙州市鼓楼区", "五里街道", register).index == 1


def test_the_same_entry_twice_is_not_decided_by_chance() -> None:
    register = register_of([Town(county="河东区", town="莲花街道")] * 2)
    assert match_town("河东区", "莲花街道", register).status == "ambiguous"


# -------------------------------------------------------------------------------------- invariants

ALL = [(county, town) for county, towns in HILLS.items() for town in towns.split()]
ANY_TEXT = st.text(alphabet="莲花清溪场镇乡街道办事处河东区西县[]（）;/ 5", max_size=12)


@given(entry=st.sampled_from(ALL), blanks=st.sampled_from(["", " ", "\u3000", "\n"]))
def test_a_name_of_the_register_is_always_itself(
    hills: Register, entry: tuple[str, str], blanks: str
) -> None:
    county, town = entry
    match = match_town(county, blanks.join(town), hills)
    assert found(hills, match) == county + town
    assert match.status == ("normalised" if blanks else "exact")


@settings(max_examples=200)
@given(county=ANY_TEXT | st.sampled_from(list(HILLS)), town=ANY_TEXT | st.text(max_size=20))
def test_any_text_gives_a_match_of_its_county_or_a_reason(
    hills: Register, county: str, town: str
) -> None:
    match = match_town(county, town, hills, zones=ZONES)
    assert match.status in {"exact", "normalised", "abbreviated", "ambiguous", "unresolved"}
    assert (match.index is None) == (match.status in {"ambiguous", "unresolved"})
    assert match.note.zh
    if match.index is not None:
        key, _ = match_county(county, hills, zones=ZONES)
        entry = hills.towns[match.index]
        assert entry.county in {key[1] if key else "", *(c for c in HILLS if c in cleaned(town))}


@settings(max_examples=50)
@given(order=st.permutations(ALL), county=st.sampled_from(list(HILLS)), town=ANY_TEXT)
def test_the_order_of_the_register_decides_nothing(
    hills: Register, order: list[tuple[str, str]], county: str, town: str
) -> None:
    mixed = register_of(Town(county=c, town=t, city="丘陵市") for c, t in order)
    one, other = match_town(county, town, hills), match_town(county, town, mixed)
    assert (one.status, found(hills, one)) == (other.status, found(mixed, other))


# ------------------------------------------------- names as project lists of four places print them


@pytest.mark.parametrize(
    ("county", "town", "status", "entry"),
    [
        ("雁江区", "三贤街道", "abbreviated", "雁江区三贤祠街道"),
        ("雁江区", "三贤街道办事处", "abbreviated", "雁江区三贤祠街道"),
        ("雁江区", "狮子办事处", "abbreviated", "雁江区狮子山街道"),
        ("[雁]江区", "宝莲街道办事处", "normalised", "雁江区宝莲街道"),
        ("乐至县", "南塔", "abbreviated", "乐至县南塔街道"),
        ("安岳县", "岳阳(5个)", "abbreviated", "安岳县岳阳镇"),
        ("安岳县", "城南街道", "unresolved", ""),
        ("渠县", "中滩", "abbreviated", "渠县中滩镇"),
        ("渠县", "清溪镇", "abbreviated", "渠县清溪场镇"),
        ("宣汉县", "清溪镇", "exact", "宣汉县清溪镇"),
        ("经开区", "安仁镇", "unresolved", ""),
        ("万源市", "石塘镇街道", "abbreviated", "万源市石塘镇"),
        ("达川区", "小河嘴", "unresolved", ""),
        ("市本级", "莲花湖片区", "unresolved", ""),
        ("通川区", "柳家坝", "unresolved", ""),
        ("乐至县", "县城", "unresolved", ""),
        ("安岳县", "中心场镇", "unresolved", ""),
        ("安岳县", "中心场镇各1", "unresolved", ""),
        ("雁江区", "宝莲社区卫生服务中心", "unresolved", ""),
        # homonyms
        ("通川区", "朝阳街道", "exact", "通川区朝阳街道"),
        ("安岳县", "朝阳镇", "exact", "安岳县朝阳镇"),
        ("大竹县", "朝阳乡", "exact", "大竹县朝阳乡"),
        ("达川区", "石桥", "abbreviated", "达川区石桥镇"),
        ("安岳县", "石桥", "abbreviated", "安岳县石桥街道"),
        ("大竹县", "石桥", "abbreviated", "大竹县石桥铺镇"),
        ("通川区", "双龙镇", "exact", "通川区双龙镇"),
        ("安岳县", "双龙镇", "unresolved", ""),
        ("渠县", "三汇", "abbreviated", "渠县三汇镇"),
        ("合川区", "三汇镇", "exact", "合川区三汇镇"),
        ("大竹县", "东柳街道", "exact", "大竹县东柳街道"),
        ("鄞州", "东柳街道办", "normalised", "鄞州区东柳街道"),
        ("达州高新区", "斌郎街道", "unresolved", ""),
    ],
)  # fmt: skip
def test_troublesome_names(real: Register, county: str, town: str, status: str, entry: str) -> None:
    match = match_town(county, town, real)
    assert (match.status, found(real, match)) == (status, entry or status), match.note


def test_zones_of_dazhou(real: Register) -> None:
    zones = {"经开区": "达川区", "高新区": "达川区"}
    match = match_town("经开区", "安仁镇", real, zones=zones)
    assert (match.status, found(real, match)) == ("abbreviated", "达川区安仁乡")
    assert "建制不同" in match.note.zh
    match = match_town("达州高新区", "斌郎街道", real, zones=zones)
    assert (match.status, found(real, match)) == ("exact", "达川区斌郎街道")


def test_every_town_of_the_list_is_found_as_it_is_written(real: Register) -> None:
    for k, entry in enumerate(real.towns):
        match = match_town(entry.county, entry.town, real)
        assert (match.status, match.index) == ("exact", k), entry


def test_project_lists(real: Register, shared: Path) -> None:
    names: dict[tuple[str, str], str] = {}
    for path in sorted((shared.parent / "reference" / "projects").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                for match in match_towns(row["county"], row["town"], real):
                    names[row["county"], match.town] = match.status
    # 14 of the normalised ones name a village, a street or a community behind their town; the
    # others that are not simply the name stand above, or are towns of a functional zone
    count = {status: list(names.values()).count(status) for status in set(names.values())}
    assert count == {"exact": 108, "normalised": 17, "abbreviated": 6, "unresolved": 13}
    assert sorted(t for (_, t), status in names.items() if status == "unresolved") == sorted([
        "小河嘴", "莲花湖片区", "柳家坝", "宝莲社区卫生服务中心", "城南街道", "中心场镇各1", "县城",
        "斌郎街道", "亭子镇", "亭子镇", "麻柳镇", "福善镇", "安仁镇",
    ])  # fmt: skip
