"""What headings mean, and what a study may say about them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from quarterhour.errors import InputError
from quarterhour.sources.rows.column_words import FORMS, SYNONYMS
from quarterhour.sources.rows.columns import (
    checked,
    find_column,
    heading_unit,
    holds_coordinates,
    matches,
    named_datum,
    understand,
)

if TYPE_CHECKING:
    from pathlib import Path

MEANT = {
    "设施名称": "name", "设施名称（全称）": "name", "机构 名称*": "name", "name_vi": "name",
    "Facility Name": "name", "1.名称": "name",
    "类型": "kind", "设施类别": "kind", "amenity": "kind",
    "经度": "lon", "经度(GCJ-02)": "lon", "ＬＯＮ": "lon", "经\n度": "lon", "东经（度）": "lon",
    "百度经度": "lon", "lng": "lon",
    "纬　度*": "lat", "Latitude": "lat", "纬度/°": "lat",
    "坐标": "position", "经纬度": "position", "位置坐标": "position",
    "详细地址": "address", "所在街道": "town", "乡镇（街道）": "town", "街道/乡镇": "town",
    "所属区县": "county", "区（市、县）": "county", "社区（村）": "community",
    "床位数（张）": "beds", "核定床位数": "beds", "number of beds": "beds", "床位/张": "beds",
    "护理型床位数": "nursing_beds", "其中：护理型床位": "nursing_beds",
    "床位数（护理型）": "nursing_beds", "床位数（必填）": "beds", "人口（万人）": "people",
    "社区名称": "community",
    "托位数（个）": "places", "普惠托位数": "inclusive_places", "是否普惠": "inclusive",
    "建设状态": "status", "现状/规划": "status",
    "建成年份": "open_year", "开业时间": "open_year", "build_date": "open_year",
    "建筑面积（平方米）": "floor_area_m2", "floor_area_m2": "floor_area_m2",
    "用地面积": "site_area_m2",
    "总投资（万元）": "cost", "investment_10k_yuan": "cost",
    "星级评定": "star", "备案情况": "registration", "运营单位": "operator", "编号": "id",
    "2020年末常住人口（人）": "people", "POP2000": "people", "出入口": "entrances",
}  # fmt: skip


@pytest.mark.parametrize(("heading", "meaning"), MEANT.items())
def test_headings_of_an_office(heading: str, meaning: str) -> None:
    assert min(matches(heading).values()).meaning == meaning


@pytest.mark.parametrize(
    "heading",
    ["联系电话", "电话", "备注", "序号", "老年人口", "60岁以上人口", "人口密度", "规划床位",
     "人口（60岁以上）", "床位数（规划）",
     "distance", "STATE_NAME", "geometry_type", "apply_central_10k_yuan", "", "附件"],
)  # fmt: skip
def test_headings_that_mean_nothing_here(heading: str) -> None:
    assert matches(heading) == {}


def test_every_synonym_means_what_its_list_says() -> None:
    for meaning, words in SYNONYMS.items():
        for word in words:
            assert meaning in matches(word), (meaning, word)
    assert set(FORMS) <= set(SYNONYMS)
    several = {w: sorted(matches(w)) for ws in SYNONYMS.values() for w in ws if len(matches(w)) > 1}
    # x and y are degrees or metres, which the coordinate system decides
    assert several == {"x": ["east", "lon"], "y": ["lat", "north"]}


def test_the_plainest_heading_wins_and_its_rivals_are_told() -> None:
    found = understand(["核定床位数", "床位", "设施名称", "名称", "地址"])
    assert found.heading == {"beds": "床位", "name": "名称", "address": "地址"}
    assert found.rivals == {"beds": ("核定床位数",), "name": ("设施名称",)}


def test_no_heading_has_two_meanings() -> None:
    headings = ["x", "y", "lon", "lat", "类型", "type", "区", "面积", "街道", "位置", "投资"]
    heading = understand(headings).heading
    used = [h for m, h in heading.items() if m not in {"east", "north"}]
    assert len(used) == len(set(used))
    assert (heading["lon"], heading["lat"]) == ("lon", "lat")


def test_a_study_names_headings_itself() -> None:
    headings = ["甲列", "经度", "纬度", "E", "N"]
    found = understand(headings, columns={"name": "甲列", "lon": "E", "lat": "ｎ"})
    assert (found.heading["name"], found.heading["lon"], found.heading["lat"]) == ("甲列", "E", "N")
    assert found.named == {"name", "lon", "lat"}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"nane": "甲"}, "the meaning 'nane', which is not known (did you mean 'name'?)"),
        ({"经度": "甲"}, "did you mean 'lon'?"),
        ({"name": "名秤"}, "no such heading (did you mean '名称'?); found are 名称, 经度"),
        ({"name": "名称", "kind": "名称"}, "'名称' is name and kind"),
    ],
)
def test_names_that_are_wrong(columns: dict[str, str], words: str) -> None:
    with pytest.raises(InputError) as caught:
        checked(columns, ["名称", "经度"], "f.xlsx")
    assert str(caught.value).startswith("f.xlsx: columns")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("headings", "yes"),
    [
        (["名称", "经度", "纬度"], True),
        (["x", "y"], True),
        (["横坐标", "纵坐标"], True),
        (["名称", "坐标"], True),
        (["经度", "y坐标"], False),
        (["名称", "地址"], False),
        ([], False),
    ],
)
def test_headings_with_coordinates(headings: list[str], yes: bool) -> None:
    assert holds_coordinates(headings) is yes


def test_find_column_goes_by_the_order_of_its_synonyms() -> None:
    assert find_column(["项目名称", "名称"], "name") == "名称"
    assert find_column(["a", "b"], "name") is None
    assert find_column(["a"], "no such meaning") is None


def test_what_else_a_heading_says() -> None:
    assert [heading_unit(h) for h in ("投资（万元）", "床位/张", "面积[㎡]", "投资")] == [
        "万元", "张", "m2", "",
    ]  # fmt: skip
    assert [named_datum(h) for h in ("经度(GCJ-02)", "百度经度", "经度_wgs84", "经度")] == [
        "gcj02", "bd09", "wgs84", "",
    ]  # fmt: skip


def test_headings_of_plan_projects(shared: Path) -> None:
    folder = shared.parent / "reference" / "projects"
    if not folder.is_dir():
        pytest.skip("no plan projects here")
    for path in sorted(folder.glob("*.csv")):
        headings = next(csv.reader([path.read_text(encoding="utf-8-sig").splitlines()[0]]))
        found = understand(headings).heading
        assert found == {
            "name": "name", "kind": "type", "open_year": "year_end", "county": "county",
            "town": "town", "beds": "beds", "places": "places", "floor_area_m2": "floor_area_m2",
            "cost": "investment_10k_yuan", "lead": "lead",
        }  # fmt: skip
