"""Units from layers and tables: polygons, points and lists without any position."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.inputs import UnitSet
from quarterhour.sources.units.read import read_units
from quarterhour.sources.units.town_units import counties_of, in_order, level_named, units_of_towns
from quarterhour.sources.units.towns import read_towns
from road_files import refusal

WEST, EAST = shapely.box(104.0, 30.0, 104.1, 30.1), shapely.box(104.1, 30.0, 104.2, 30.1)
NORTH = shapely.box(104.0, 30.1, 104.1, 30.2)


def layer(path: Path, shapes: list[Any], crs: int = 4326, **columns: list[Any]) -> Path:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return path


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def kinds_of_rows(units: UnitSet) -> list[str]:
    return ["none" if g is None else g.geom_type for g in units.geometry]


# ---------------------------------------------------------------------------------------- polygons


def test_polygons_with_names_counties_and_values(tmp_path: Path) -> None:
    path = layer(
        tmp_path / "c.gpkg", [WEST, EAST], 社区=["桥头社区", "新村社区"], 区县=["河东区", "河东区"],
        户数=["1200", "800户"], 备注=["", "x"],
    )  # fmt: skip
    found = read_units(path, level="community")
    assert (found.level, found.name, found.county) == (
        "community", ("桥头社区", "新村社区"), ("河东区", "河东区"),
    )  # fmt: skip
    assert found.attributes["households"] == (1200.0, 800.0)
    assert "community" not in found.attributes
    assert kinds_of_rows(found) == ["Polygon", "Polygon"]
    assert (found.file, found.row.tolist()) == ("c.gpkg", [1, 2])
    assert found.reading is not None
    assert [(u.heading, u.meaning) for u in found.reading.columns] == [
        ("社区", "community"), ("区县", "county"), ("户数", "households"), ("备注", ""),
    ]  # fmt: skip
    assert [c.kind for c in found.changes] == ["unit"]  # 800户


@pytest.mark.parametrize(
    ("level", "column"),
    [("county", "区县"), ("county", "name"), ("town", "乡镇"), ("town", "名称"),
     ("community", "社区"), ("village", "村"), ("new_residential", "小区名称"), ("block", "name")],
)  # fmt: skip
def test_the_name_stands_in_the_column_of_the_level(
    level: str, column: str, tmp_path: Path
) -> None:
    path = layer(tmp_path / "u.gpkg", [WEST], **{column: ["甲地"]})
    assert read_units(path, level=level).name == ("甲地",)


def test_the_name_column_may_be_named(tmp_path: Path) -> None:
    path = layer(tmp_path / "u.gpkg", [WEST], MC=["甲地"], name=["不是"])
    assert read_units(path, level="town", name="MC").name == ("甲地",)
    assert read_units(path, level="town", columns={"name": "MC"}).name == ("甲地",)
    text = refusal(
        lambda: read_units(path, level="town", name="MC", columns={"name": "name"}), InputError
    )
    assert "leave one of them out" in text


@pytest.mark.parametrize(
    ("name", "kind"),
    [("莲花街道", "street"), ("莲花街道办事处", "street"), ("狮山镇", "town"),
     ("永安乡", "township"), ("平等侗族苗族乡", "township"), ("东坪", "")],
)  # fmt: skip
def test_the_kind_of_a_town_is_in_its_name(name: str, kind: str, tmp_path: Path) -> None:
    path = layer(tmp_path / "t.gpkg", [WEST], 乡镇=[name])
    assert read_units(path, level="town").kind == (kind,)


def test_a_column_of_kinds_comes_before_the_name(tmp_path: Path) -> None:
    path = layer(tmp_path / "t.gpkg", [WEST, EAST], 乡镇=["东坪", "西坪"], 类型=["街道", "镇"])
    assert read_units(path, level="town").kind == ("street", "town")


def test_bad_polygons_are_mended_or_set_aside(tmp_path: Path) -> None:
    bow = shapely.Polygon([(104, 30), (104.1, 30.1), (104.1, 30), (104, 30.1)])
    path = layer(
        tmp_path / "c.gpkg", [WEST, bow, shapely.Point(104, 30), EAST, NORTH],
        社区=["甲", "乙", "丙", "", "丁"],
    )  # fmt: skip
    found = read_units(path, level="community")
    assert found.name == ("甲", "乙", "丁")
    assert [(s.layer, s.row, s.reason) for s in found.set_aside] == [
        ("units", 3, "no_polygon"), ("units", 4, "no_name"),
    ]  # fmt: skip
    assert [(c.layer, c.row, c.kind) for c in found.changes] == [("units", 2, "mended")]


def test_an_estate_without_a_name_is_called_by_its_row(tmp_path: Path) -> None:
    path = layer(tmp_path / "e.gpkg", [WEST, EAST], name=["", "湖畔"])
    found = read_units(path, level="new_residential")
    assert found.name == ("未命名1", "湖畔")
    assert [(c.row, c.kind) for c in found.changes] == [(1, "unnamed")]


def test_several_polygons_of_one_name_are_one_unit(tmp_path: Path) -> None:
    path = layer(
        tmp_path / "t.gpkg",
        [WEST, EAST, NORTH],
        乡镇=["莲花镇"] * 3,
        区县=["河东区", "河东区", "河西县"],
    )
    found = read_units(path, level="town")
    assert (found.name, found.county) == (("莲花镇", "莲花镇"), ("河东区", "河西县"))
    assert shapely.area(found.geometry).tolist() == pytest.approx([0.02, 0.01])
    assert [c.kind for c in found.changes] == ["one_unit"]


def test_communities_of_one_name_are_one_only_within_one_town(tmp_path: Path) -> None:
    shapes, names = [WEST, EAST, NORTH], ["新村社区"] * 3
    alone = layer(tmp_path / "a.gpkg", shapes, 社区=names)
    assert len(read_units(alone, level="community")) == 3
    towns = layer(tmp_path / "b.gpkg", shapes, 社区=names, 乡镇=["甲镇", "乙镇", "甲镇"])
    found = read_units(towns, level="community")
    assert len(found) == 2
    assert found.attributes["town"] == ("甲镇", "乙镇")


def test_shifted_polygons_are_moved_and_told(tmp_path: Path) -> None:
    path = layer(tmp_path / "c.gpkg", [WEST], 社区=["甲"])
    found = read_units(path, level="community", coordinates="gcj02")
    assert [c.kind for c in found.changes] == ["datum"]
    away = shapely.centroid(found.geometry[0]).distance(shapely.centroid(WEST)) * 111_000
    assert 300 < away < 700
    text = refusal(lambda: read_units(path, level="community", coordinates="auto"), InputError)
    assert "coordinates of community polygons are 'auto'" in text


# ------------------------------------------------------------------------------- points and tables


def test_a_layer_of_points(tmp_path: Path) -> None:
    path = layer(
        tmp_path / "v.gpkg", [shapely.Point(104, 30), None, shapely.Point(104.1, 30)],
        村=["甲村", "乙村", "丙村"],
    )  # fmt: skip
    found = read_units(path, level="village")
    assert found.name == ("甲村", "乙村", "丙村")
    assert kinds_of_rows(found) == ["Point", "none", "Point"]
    assert [(c.row, c.kind) for c in found.changes] == [(2, "no_position")]
    assert found.set_aside == ()


def test_a_table_with_coordinates_keeps_rows_without_them(tmp_path: Path) -> None:
    path = table(
        tmp_path / "v.csv",
        "村,区县,经度,纬度,人口\n甲村,河东区,104.1,30.1,500\n乙村,河东区,,,300\n丙村,河西县,104.2,999,200\n",
    )
    found = read_units(path, level="village")
    assert found.name == ("甲村", "乙村", "丙村")
    assert kinds_of_rows(found) == ["Point", "none", "none"]
    assert found.attributes["people"] == (500.0, 300.0, 200.0)
    assert [(c.row, c.kind) for c in found.changes] == [(3, "no_position"), (4, "no_position")]


def test_a_list_without_coordinates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["医院名单"], ["医院名称", "等级", "区县"], ["一院", "三级", "河东区"],
                ["二院", "二级", "河西县"], ["", "", ""], ["合计", "2", ""]):  # fmt: skip
        sheet.append(row)
    path = tmp_path / "h.xlsx"
    book.save(path)
    found = read_units(path, level="hospital", name="医院名称")
    assert found.name == ("一院", "二院")
    assert found.attributes["star"] == ("三级", "二级")
    assert kinds_of_rows(found) == ["none", "none"]
    assert (found.row.tolist(), found.changes) == ([3, 4], ())
    assert [(s.row, s.reason) for s in found.set_aside] == [(6, "footer_row")]
    assert found.reading is not None
    assert (found.reading.rows, found.reading.coordinates) == (2, "")


def test_headings_in_the_middle_of_a_list_are_no_unit(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", "乡镇,区县\n甲镇,河东区\n乡镇,区县\n乙镇,河东区\n")
    found = read_units(path, level="town")
    assert found.name == ("甲镇", "乙镇")
    assert [(s.row, s.reason) for s in found.set_aside] == [(3, "header_row")]


# -------------------------------------------------------------------------------------- refusals


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    path = layer(tmp_path / "u.gpkg", [WEST], 编码=["5101"])
    text = refusal(lambda: read_units(path, level="community"), InputError)
    assert "has no column of the names of its units ([[units]] level = 'community')" in text
    assert "found are 编码: name it with name" in text


def test_a_file_with_empty_names_is_refused(tmp_path: Path) -> None:
    path = layer(tmp_path / "u.gpkg", [WEST], 社区=[""])
    text = refusal(lambda: read_units(path, level="community"), InputError)
    assert "holds no unit with a name" in text


def test_an_empty_layer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "u.gpkg"
    gpd.GeoDataFrame({"社区": np.array([], object)}, geometry=[], crs=4326).to_file(path)
    assert "holds no unit" in refusal(lambda: read_units(path, level="community"), InputError)


def test_a_missing_file_and_a_missing_sheet_are_refused(tmp_path: Path) -> None:
    text = refusal(lambda: read_units(tmp_path / "no.gpkg", level="town"), InputError)
    assert "file not found; needed is town units" in text
    book = openpyxl.Workbook()
    book.save(tmp_path / "h.xlsx")
    text = refusal(lambda: read_units(tmp_path / "h.xlsx", level="town", sheet="乡镇"), InputError)
    assert "has no sheet '乡镇'" in text


CELLS = [
    "",
    "甲镇",
    "乙镇",
    "乡镇",
    "合计",
    "104.1",
    "30,1",
    "x",
    "-1",
    "名称",
    "注：",
    " ",
    "经度",
]
cells = st.sampled_from(CELLS)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6), st.sampled_from(["town", ""]))
def test_any_table_is_read_or_refused_in_one_sentence(rows: list[list[str]], level: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = table(Path(folder) / "t.csv", "\n".join(",".join(row) for row in rows))
        refused, found = "", None
        try:
            found = read_units(path, level=level)
        except InputError as error:
            refused = str(error)
        if found is None:
            assert refused.startswith(str(path))
            return
        assert all(found.name)
        assert len(found.geometry) == len(found.row) == len(found)
        assert not set(found.row.tolist()) & {item.row for item in found.set_aside}


# ----------------------------------------------------------------------------- the towns of a study


def test_towns_and_their_counties_are_units(tmp_path: Path) -> None:
    path = layer(
        tmp_path / "t.gpkg", [WEST, EAST, NORTH], 乡镇=["莲花街道", "狮山镇", "永安乡"],
        区县=["河东区", "河东区", "河西县"], 智慧=["是", "", "否"], 面积=[1.0, 2.0, 3.0],
    )  # fmt: skip
    towns = read_towns(path)
    found = units_of_towns(towns)
    assert found.name == ("莲花街道", "狮山镇", "永安乡")
    assert found.kind == ("street", "town", "township")
    assert found.county == ("河东区", "河东区", "河西县")
    assert found.attributes == {"smart": ("yes", "", "no")}
    counties = counties_of(towns)
    assert (counties.level, counties.name) == ("county", ("河东区", "河西县"))
    assert shapely.area(counties.geometry).tolist() == pytest.approx([0.02, 0.01])
    assert (found.row.tolist(), counties.row.tolist()) == ([1, 2, 3], [1, 3])


def test_levels_may_be_called_by_their_chinese_names() -> None:
    words = {"社区": "community", "街道": "town", " 区县 ": "county", "村": "village",
             "老旧小区": "old_residential", "community": "community", "医院": "医院"}  # fmt: skip
    assert {word: level_named(word) for word in words} == words
    made = {level: UnitSet(
        level=level, name=(), county=(), kind=(), geometry=np.empty(0, object), row=np.empty(0, int)
    ) for level in ("医院", "community", "county")}  # fmt: skip
    assert list(in_order(made)) == ["county", "community", "医院"]


def test_counties_of_ningbo(shared: Path) -> None:
    path = shared / "boundaries" / "330200.geojson"
    found = read_units(path, level="county", coordinates="gcj02")
    assert len(found) == 10
    assert {"鄞州区", "慈溪市"} <= set(found.name)
    assert shapely.is_valid(found.geometry).all()


def test_communities_of_shenzhen_are_points(shared: Path) -> None:
    found = read_units(shared / "imports" / "shenzhen_communities.csv", level="community")
    assert len(found) == 42
    assert set(kinds_of_rows(found)) == {"Point"}
    assert found.attributes["open_year"][:2] == (1998.0, 2001.0)
