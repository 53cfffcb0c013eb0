"""Facilities listed twice: found by name and place, told from neighbours, merged on request."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.inputs import Entrances, Facilities, Note
from quarterhour.sources.facilities.duplicates import (
    DuplicatePair,
    find_duplicates,
    merge_duplicates,
)
from quarterhour.sources.facilities.kinds import kind_keys
from quarterhour.sources.facilities.name_parts import parts_of, similarity
from road_files import GEOD, lonlat

if TYPE_CHECKING:
    from pathlib import Path

    Row = tuple[str, float, float]


def town(*rows: Row, **more: Any) -> Facilities:
    """Facilities from names and metres east and north."""
    at = np.array([lonlat(x, y) for _, x, y in rows]).reshape(-1, 2)
    names = tuple(name for name, _, _ in rows)
    given_kinds = more.pop("kind", ("",) * len(rows))
    return Facilities(
        name=names,
        kind=given_kinds,
        status=more.pop("status", ("",) * len(rows)),
        lon=at[:, 0].copy(),
        lat=at[:, 1].copy(),
        row=np.arange(2, len(rows) + 2),
        serving=more.pop("serving", np.ones(len(rows), bool)),
        file="list.xlsx",
        sheet="设施",
        kind_keys=tuple(kind_keys(kind) for kind in given_kinds),
        **more,
    )


def pairs(facilities: Facilities, **limits: float) -> list[tuple[int, int]]:
    return [(pair.a, pair.b) for pair in find_duplicates(facilities, **limits)]


def two(first: str, second: str, apart_m: float, **more: Any) -> bool:
    return pairs(town((first, 0, 0), (second, apart_m, 0), **more)) == [(0, 1)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("宝莲社区日间照料中心", "宝莲社区日间照料中心"),
        ("资阳市雁江区宝莲社区日间照料中心", "宝莲日间照料服务中心（民办）"),
        ("乐至县博优托育服务有限公司", "博优托育中心"),
        ("第二幼儿园", "第2幼儿园"),
        ("AWO - Kindertagesstätte Bergheim", "awo kindertagesstätte bergheim"),
    ],
)
def test_one_name_within_300_m_is_one_facility(first: str, second: str) -> None:
    assert two(first, second, 250)
    assert not two(first, second, 310)


def test_a_name_that_says_only_a_kind_must_be_nearer() -> None:
    assert two("日间照料中心", "社区日间照料中心", 90)
    assert not two("日间照料中心", "日间照料中心", 110)
    assert two("东城街道日间照料中心", "东城街道日间照料中心", 250)  # this one says where


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("雅戈尔老年乐园", "雅弋尔老年乐园"),  # one wrong character in many
        ("阳光幼儿园", "阳光宝贝幼儿园"),
        ("宝莲社区日间照料中心", "日间照料中心"),
        ("红黄蓝幼儿园", "红黄蓝幼儿园托班"),
        ("Kinderhaus Regenbogen", "Regenbogen"),
        ("渠县静边镇托育项目", "静边托育中心"),  # a town without its suffix
        ("东城街道养老院", "东城养老院"),
    ],
)
def test_similar_names_at_one_place_are_one_facility(first: str, second: str) -> None:
    assert two(first, second, 25)
    assert two(second, first, 25)
    assert not two(first, second, 35)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("第一幼儿园", "第二幼儿园"),
        ("机关第一幼儿园", "机关幼儿园"),
        ("阳光幼儿园1号楼", "阳光幼儿园2号楼"),
        ("东门社区养老院", "西门社区养老院"),
        ("宣汉县示范幼儿园", "宣汉县示范幼儿园城南分园"),
        ("阳光幼儿园东区", "阳光幼儿园西区"),
        ("东城街道日间照料中心", "西城街道日间照料中心"),
        ("安岳县敬老院", "乐至县敬老院"),
        ("宝莲社区养老院", "宝莲社区幼儿园"),  # two kinds under one roof
        ("宝莲日间照料中心", "幸福日间照料中心"),
        ("小天使幼儿园", "小天才幼儿园"),
        ("香龙川渝毗邻地区区域养老服务中心", "肖家川渝毗邻地区区域养老服务中心"),
        ("达川区渡市镇托育项目", "达川区景市镇托育项目"),
        ("渠县涌兴镇托育项目", "渠县岩峰托育项目"),
        ("安岳县养老院", "乐康养老院"),
        ("Kita am Park", "Kita am Bach"),
        ("Emmertsgrundpassage 36-38", "Emmertsgrundpassage 43"),
        ("", "宝莲社区养老院"),
    ],
)
def test_neighbours_with_different_names_stay_two(first: str, second: str) -> None:
    assert not two(first, second, 0)
    assert not two(second, first, 20)


def test_what_the_other_columns_say_counts() -> None:
    same = "清河养老院", "清河养老院", 50
    assert two(*same)
    assert two(*same, attributes={"town": ("东城街道", "东城")})
    assert not two(*same, attributes={"town": ("东城街道", "西城街道")})
    assert two(*same, attributes={"town": ("东城街道", "")})
    assert not two(*same, attributes={"address": ("Emmertsgrundpassage 36-38", "Passage 43")})
    assert two(*same, attributes={"address": ("人民路12号", "人民路12号附3号")})
    assert not two(*same, attributes={"address": ("人民路12号2楼", "人民路14号2楼")})
    assert not two(*same, kind=("养老院", "幼儿园"))
    assert two(*same, kind=("养老院", "养老机构"))
    assert not two(*same, serving=np.array([True, False]))  # one is planned only
    # a place in the middle of the town says nothing, its name still does
    rough = np.array([True, True])
    assert two(*same, approximate=rough)
    assert not two("阳光幼儿园", "阳光宝贝幼儿园", 0, approximate=rough)


def test_rows_without_names_are_one_only_at_one_position() -> None:
    assert two("", "", 0, kind=("幼儿园", "幼儿园"))
    assert not two("", "", 2, kind=("幼儿园", "幼儿园"))
    assert not two("", "", 0, kind=("幼儿园", "养老院"))


def test_a_pair_says_why() -> None:
    (pair,) = find_duplicates(town(("甲", 900, 0), ("清河养老院", 0, 0), ("清河养老院", 0, 120)))
    assert (pair.a, pair.b, pair.row_a, pair.row_b) == (1, 2, 3, 4)
    assert pair.distance_m == 120.0
    assert pair.rule == "same_name"
    assert pair.why == ("名称相同，相距 120 米", "the same name, 120 m apart")
    (pair,) = find_duplicates(town(("阳光幼儿园", 0, 0), ("阳光宝贝幼儿园", 12, 0)))
    assert pair.rule == "same_place"
    assert pair.similarity == 0.8
    assert pair.why == ("相距 12 米，名称相近（80 %）", "12 m apart with similar names (80 %)")


def test_distances_are_those_of_the_ellipsoid() -> None:
    for lon, lat in ((104.6, 30.1), (8.7, 49.4), (24.9, 60.2), (0.0, 0.0)):
        far = GEOD.fwd(lon, lat, 37.0, 299.9)[:2]
        list_ = town(("清河养老院", 0, 0), ("清河养老院", 0, 0))
        moved = Facilities(**{
            **{name: getattr(list_, name) for name in list_.__slots__},
            "lon": np.array([lon, far[0]]), "lat": np.array([lat, far[1]]),
        })  # fmt: skip
        assert [pair.distance_m for pair in find_duplicates(moved)] == [299.9]


def test_fillers_and_crowds_are_no_duplicates() -> None:
    grid = [(k % 10 * 20.0, k // 10 * 20.0) for k in range(100)]
    assert pairs(town(*[("待定", x, y) for x, y in grid])) == []
    # a hundred rows in the middle of the county, two of them of one name
    assert pairs(town(*[(f"阳光{k % 99}养老院", 0, 0) for k in range(100)])) == []
    assert pairs(town()) == []
    assert pairs(town(("甲", 0, 0))) == []


def test_a_long_list_is_no_trouble() -> None:
    rng = np.random.default_rng(7)
    names = np.array(list("清河宝莲阳光金色幸福安居"))[rng.integers(0, 12, (20_000, 3))]
    at = rng.uniform(0, 20_000, (20_000, 2))
    rows = [("".join(n) + "养老院", x, y) for n, (x, y) in zip(names, at, strict=True)]
    one = ("独一无二养老院", -500.0, -500.0)
    found = pairs(town(one, *rows, one))
    assert (0, 20_001) in found
    assert len(found) < 1000


def test_the_two_houses_of_one_name_in_heidelberg(shared: Path) -> None:
    path = shared / "heidelberg" / "heidelberg_facilities.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    columns: dict[str, Any] = {
        "name": tuple(r["name"] for r in rows), "kind": tuple(r["amenity"] for r in rows),
        "status": ("",) * 27, "row": np.arange(2, 29), "serving": np.ones(27, bool),
        "lon": np.array([float(r["lon"]) for r in rows]),
        "lat": np.array([float(r["lat"]) for r in rows]),
    }  # fmt: skip
    # the list does not know that the houses have two numbers: it is proposed, nothing more
    (pair,) = find_duplicates(Facilities(**columns))
    assert pair.name_a == pair.name_b == "Kindertagesstätte Emmertsgrundpassage"
    assert pair.distance_m == 59.1
    numbers = [""] * 27
    numbers[pair.a], numbers[pair.b] = "Emmertsgrundpassage 36-38", "Emmertsgrundpassage 43"
    told = Facilities(**columns, attributes={"address": tuple(numbers)})
    assert find_duplicates(told) == ()


def chain(**more: Any) -> Facilities:
    return town(
        ("清河养老院", 0, 0), ("幸福食堂", 500, 0), ("清河养老院", 0, 200), ("清河养老院", 0, 400),
        **more,
    )  # fmt: skip


def test_merging_keeps_the_lowest_row_and_fills_what_it_leaves_empty() -> None:
    nan = math.nan
    before = chain(
        kind=("", "", "养老院", "敬老院"),
        attributes={"beds": (nan, nan, 40.0, 60.0), "address": ("甲路1号", "", "", "")},
    )
    found = [DuplicatePair(a=a, b=b, row_a=a + 2, row_b=b + 2, name_a="", name_b="", distance_m=0,
                           similarity=1, rule="same_name", why=Note("", ""))
             for a, b in ((0, 2), (2, 3))]  # fmt: skip
    after = merge_duplicates(before, found)
    assert after.name == ("清河养老院", "幸福食堂")
    assert after.row.tolist() == [2, 3]
    assert after.lon.tolist() == before.lon[:2].tolist()
    assert after.kind == ("养老院", "")
    assert after.kind_keys == (("senior_home",), ())
    assert after.attributes["beds"][0] == 40.0  # filled from row 4, never 100
    assert after.attributes["address"] == ("甲路1号", "")
    assert [(c.kind, c.row, c.name) for c in after.changes] == [
        ("merged", 4, "清河养老院"), ("merged", 5, "清河养老院"),
    ]  # fmt: skip
    assert after.changes[0].detail.en == (
        "was merged into row 2 '清河养老院'; filled from it: kind 养老院, beds 40"
    )
    assert after.changes[1].detail.zh == (
        "与第 2 行“清河养老院”合并，保留第 2 行；未采用：kind 敬老院、beds 60"
    )
    assert len(before) == 4  # nothing happens to what was read


def test_merging_follows_chains_in_any_order() -> None:
    before = chain()
    found = find_duplicates(before)
    assert [(p.a, p.b) for p in found] == [(0, 2), (2, 3)]
    for order in (found, found[::-1], (*found, *found)):
        after = merge_duplicates(before, order)
        assert after.row.tolist() == [2, 3]
        assert len(after.changes) == 2
    assert merge_duplicates(before, ()) is before


def test_merging_prefers_an_exact_position_and_keeps_the_gates() -> None:
    before = chain(
        approximate=np.array([True, False, False, False]),
        x=np.arange(4.0), y=np.arange(4.0),
        entrances=Entrances(lon=np.arange(4.0), lat=np.arange(4.0),
                            owner=np.array([1, 2, 2, 3]), name=("a", "b", "c", "d")),
    )  # fmt: skip
    after = merge_duplicates(before, find_duplicates(before))
    assert after.approximate is not None
    assert after.approximate.tolist() == [False, False]
    assert after.x is not None
    assert after.x.tolist() == [2.0, 1.0]
    assert after.lat[0] == before.lat[2]
    assert "lon lat" in after.changes[0].detail.en
    assert after.entrances is not None
    # the gates of rows 4 and 5 now lead to row 2, into which they were merged
    assert after.entrances.owner.tolist() == [0, 0, 0, 1]
    assert after.entrances.name == ("b", "c", "d", "a")


NAMES = st.sampled_from([
    "", "清河养老院", "清河社区养老院", "阳光幼儿园", "阳光宝贝幼儿园", "第一幼儿园", "第二幼儿园",
    "日间照料中心", "Kita am Park", "１２３", "东门食堂", "\u3000",
])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NAMES, st.integers(0, 400), st.integers(0, 30)), max_size=14), st.data())
def test_pairs_do_not_depend_on_the_order_of_the_rows(rows: list[Any], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    found = {frozenset(pair) for pair in pairs(town(*rows))}
    again = pairs(town(*[rows[k] for k in order]))
    assert found == {frozenset((order[a], order[b])) for a, b in again}
    assert all(a < b for a, b in again)
    first = town(*rows)
    after = merge_duplicates(first, find_duplicates(first))
    assert len(after) + len(after.changes) == len(rows)
    assert set(after.row.tolist()) | {c.row for c in after.changes} == set(first.row.tolist())


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_names_are_compared_alike_from_both_sides(first: str, second: str) -> None:
    a, b = parts_of(first), parts_of(second)
    assert 0.0 <= similarity(a, b) <= 1.0
    assert (similarity(a, b) > 0) == (similarity(b, a) > 0)
