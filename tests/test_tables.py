"""Tables and layers as planners keep them: workbooks, csv, shifted and projected coordinates."""

from __future__ import annotations

import io
import re
import time
import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from quarterhour.errors import InputError
from quarterhour.inputs import DatumFit
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.people.read import read_people
from quarterhour.sources.rows.points import cell_number, cell_text
from small_study import box, lonlat

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[list[Any]]
PLAIN: Rows = [["名称", "经度", "纬度"], ["甲", 104.65, 30.12], ["乙", 104.66, 30.13]]


def book(path: Path, *, merge: dict[str, list[str]] | None = None, **sheets: Rows) -> Path:
    """A workbook of sheets, with cells merged by sheet."""
    whole = openpyxl.Workbook()
    del whole["Sheet"]
    for title, rows in sheets.items():
        page = whole.create_sheet(title)
        for row in rows:
            page.append(row)
        for span in (merge or {}).get(title, []):
            page.merge_cells(span)
    whole.save(path)
    return path


def text(path: Path, rows: Rows, *, sign: str = ",", encoding: str = "utf-8") -> Path:
    lines = [sign.join(str(c) for c in row) for row in rows]
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def refusal(path: Path, **more: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_facilities(path, **more)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_a_workbook_as_a_planner_keeps_it(tmp_path: Path) -> None:
    """Title over all columns, headings in two merged rows, blank column, blank and merged rows."""
    rows: Rows = [
        ["雁江区养老设施一览表", None, None, None, None, None],
        [None] * 6,
        ["序号", "设施名称", None, "类型", "坐标", None],
        [None, None, None, None, "经度（°）", "纬度（°）"],
        [1, "东街养老院", None, "养老院", 104.65, 30.12],
        [2, "西街养老院", None, None, "104.66", " 30.13 "],
        [None] * 6,
        [3, "北街站", None, "日间照料", 104.67, 30.14],
        ["合计", "三处", None, None, None, None],
    ]
    spans = ["A1:F1", "A3:A4", "B3:B4", "D3:D4", "E3:F3", "D5:D6"]
    path = book(tmp_path / "表.xlsx", merge={"养老": spans}, 养老=rows)
    found = read_facilities(path)
    assert found.name == ("东街养老院", "西街养老院", "北街站")
    assert found.kind == ("养老院", "养老院", "日间照料")  # the merged cell counts for both rows
    assert found.row.tolist() == [5, 6, 8]
    assert found.lon.tolist() == [104.65, 104.66, 104.67]
    assert found.lat.tolist() == [30.12, 30.13, 30.14]
    assert [(r.row, r.name, r.reason) for r in found.set_aside] == [(9, "三处", "footer_row")]
    assert found.sheet == "养老"


def test_sheets(tmp_path: Path) -> None:
    path = book(tmp_path / "two.xlsx", 养老设施=PLAIN, 托育设施=PLAIN[:2])
    assert len(read_facilities(path, sheet="托育设施")) == 1
    assert "has the sheets 养老设施, 托育设施; needed is one: name it with sheet" in refusal(path)
    missing = refusal(path, sheet="托育")
    assert "has no sheet '托育'; found are 养老设施, 托育设施" in missing


def test_formulas_count_as_what_they_were_last_worth(tmp_path: Path) -> None:
    path = book(tmp_path / "plain.xlsx", 表=PLAIN)
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename.endswith("sheet1.xml"):
                data, n = re.subn(rb"<v>104\.65</v>", rb"<f>104+0.65</f><v>104.65</v>", data)
                assert n == 1
            new.writestr(item, data)
    path.write_bytes(packed.getvalue())
    assert read_facilities(path).lon.tolist() == [104.65, 104.66]


def test_formula_that_was_never_worked_out_is_a_missing_coordinate(tmp_path: Path) -> None:
    path = book(tmp_path / "f.xlsx", 表=[*PLAIN, ["丙", "=104+0.67", 30.14]])
    found = read_facilities(path)
    assert len(found) == 2
    assert [(r.row, r.reason) for r in found.set_aside] == [(4, "missing_coordinate")]


def test_formatting_down_to_the_last_row_of_a_sheet_costs_nothing(tmp_path: Path) -> None:
    whole = openpyxl.load_workbook(book(tmp_path / "far.xlsx", 表=PLAIN))
    whole["表"].cell(row=1_048_576, column=16_384).font = openpyxl.styles.Font(bold=True)
    whole.save(tmp_path / "far.xlsx")
    began = time.perf_counter()
    assert read_facilities(tmp_path / "far.xlsx").row.tolist() == [2, 3]
    assert time.perf_counter() - began < 5


def test_empty_sheet_and_sheet_without_coordinates(tmp_path: Path) -> None:
    assert "no headings were found" in refusal(book(tmp_path / "empty.xlsx", 表=[]))
    path = book(tmp_path / "none.xlsx", 表=[["名称", "地址"], ["甲", "东街"]])
    message = refusal(path)
    assert "sheet 表: has no coordinate columns" in message
    assert "found are 名称 (甲), 地址 (东街)" in message
    assert 'columns = { lon = "...", lat = "..." }' in message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_csv_in_every_encoding_and_with_every_separator(
    tmp_path: Path, encoding: str, sign: str
) -> None:
    titled: Rows = [["资阳市雁江区养老服务设施"], [], *PLAIN]
    for rows, first in ((PLAIN, 2), (titled, 4)):
        found = read_facilities(text(tmp_path / "表.csv", rows, sign=sign, encoding=encoding))
        assert found.name == ("甲", "乙")
        assert found.lon.tolist() == [104.65, 104.66]
        assert found.row.tolist() == [first, first + 1]


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    rows: Rows = [["name", "lon", "lat"], ["a", "104,65", "30,12"]]
    found = read_facilities(text(tmp_path / "de.csv", rows, sign=";"))
    assert (found.lon.tolist(), found.lat.tolist()) == ([104.65], [30.12])


def test_pairs_that_are_cut_at_their_comma(tmp_path: Path) -> None:
    rows: Rows = [["坐标", "名称"], [104.65, 30.12, "甲"], [104.66, 30.13, "乙"]]
    found = read_facilities(text(tmp_path / "cut.csv", rows))
    assert found.name == ("甲", "乙")
    assert (found.lon.tolist(), found.lat.tolist()) == ([104.65, 104.66], [30.12, 30.13])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_row_numbers_with_line_breaks_in_quotes(tmp_path: Path, end: str) -> None:
    lines = ["name,lon,lat", '"a', 'of two lines",104.65,30.12', "", "b,104.66,x", "c,104.67,30.14"]
    path = tmp_path / "quoted.csv"
    path.write_bytes(end.join(lines).encode())
    found = read_facilities(path)
    assert found.row.tolist() == [2, 6]  # where an editor shows their beginning
    assert found.name[0].split() == ["a", "of", "two", "lines"]
    assert [r.row for r in found.set_aside] == [5]


def test_quotation_mark_that_is_never_closed_swallows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_text('name,lon,lat\na,104.65,30.12\n"b,104.66,30.13\nc,104.67,30.14\n')
    message = refusal(path)
    assert "line 3" in message
    assert "quotation mark may be open there" in message
    path.write_text('name,lon,lat\n"a" of old,104.65,30.12\n"b\nb",104.66,30.13')
    assert read_facilities(path).name == ("a of old", "b\nb")


@pytest.mark.parametrize(
    "headings",
    [
        ("name", "lon", "lat"),
        ("Name", "LONGITUDE", "Latitude"),
        ("机构名称", "经度", "纬度"),
        ("项目名称", "东经（度）", "北纬（度）"),
        (" 设施 名称 ", "经 度", "纬　度*"),
        ("名称", "X", "Y"),
    ],
)
def test_headings(tmp_path: Path, headings: tuple[str, str, str]) -> None:
    found = read_facilities(text(tmp_path / "h.csv", [list(headings), ["甲", 104.65, 30.12]]))
    assert found.name == ("甲",)
    assert (found.lon[0], found.lat[0]) == (104.65, 30.12)


@pytest.mark.parametrize("headings", [("x", "y"), ("横坐标", "纵坐标"), ("Easting", "Northing")])
def test_projected_table(tmp_path: Path, headings: tuple[str, str]) -> None:
    """x is east and y north, whatever the axis order of the code; degrees beside them are left."""
    east, north = Transformer.from_crs(4326, 4544, always_xy=True).transform(104.65, 30.12)
    rows: Rows = [["名称", "经度", "纬度", *headings], ["甲", 104.9, 30.9, east, north]]
    path = text(tmp_path / "gk.csv", rows)
    found = read_facilities(path, coordinates="EPSG:4544")
    assert found.lon[0] == pytest.approx(104.65, abs=1e-8)
    assert found.lat[0] == pytest.approx(30.12, abs=1e-8)
    assert read_facilities(path, coordinates="epsg:4544").lon[0] == found.lon[0]
    rows[1][3:] = [north, east]
    turned = read_facilities(text(path, rows), coordinates="EPSG:4544")
    assert turned.lon[0] == found.lon[0]
    assert [c.kind for c in turned.changes if c.kind != "column"] == ["swapped"]


def test_coordinate_systems_that_do_not_exist(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", [["x", "y"], [466000, 3333000]])
    for code, words in (("EPSG:99999", "no such code"), ("EPSG:5773", "gives no place on the map")):
        with pytest.raises(InputError, match=words):
            read_facilities(path, coordinates=code)


def test_degrees_in_a_projected_study_are_set_aside_or_refused_never_moved(tmp_path: Path) -> None:
    path = text(tmp_path / "t.csv", [["x", "y"], [35466000, 3333000]])
    aside = read_facilities(path).set_aside[0]  # degrees were said
    assert aside.reason == "bad_coordinate"
    assert 'it looks like metres: say coordinates = "cgcs2000"' in aside.detail
    path = text(tmp_path / "d.csv", [["x", "y"], [466000, 3333000], [104.65, 30.12]])
    found = read_facilities(path, coordinates="EPSG:4544")
    assert len(found) == 1
    assert [(a.row, a.reason) for a in found.set_aside] == [(3, "bad_coordinate")]
    assert "looks like degrees" in found.set_aside[0].detail


def test_gis_layers_of_every_format_and_shape(tmp_path: Path) -> None:
    """Points stay where they are; a plot stands at a point inside it."""
    square = box(0, 0, 100, 100)
    bow = shapely.Polygon([lonlat(*c) for c in ((0, 0), (100, 100), (100, 0), (0, 100))])
    horseshoe = box(0, 0, 90, 90).difference(box(30, 30, 60, 91))
    shapes = [shapely.Point(104.65, 30.12), square, horseshoe, bow, None, shapely.Point()]
    frame = gpd.GeoDataFrame(
        {"name": ["点", "面", "凹", "结", "无", "空"], "type": ["a"] * 6}, geometry=shapes, crs=4326
    )
    for name in ("f.gpkg", "f.geojson", "f.parquet"):
        path = tmp_path / name
        frame.to_parquet(path) if name.endswith("parquet") else frame.to_file(path)
        found = read_facilities(path)
        assert found.name == ("点", "面", "凹", "结"), name
        assert [r.reason for r in found.set_aside] == ["missing_coordinate"] * 2
        assert (found.lon[0], found.lat[0]) == (104.65, 30.12)
        at = shapely.points(found.lon[1:], found.lat[1:])
        assert shapely.distance(shapely.make_valid(np.array(shapes[1:4])), at).max() < 1e-12
    frame.iloc[:4].to_file(tmp_path / "f.fgb")
    assert len(read_facilities(tmp_path / "f.fgb")) == 4
    points = frame.iloc[:1].to_crs(4544)
    points.to_file(tmp_path / "点.shp")
    moved = read_facilities(tmp_path / "点.shp")
    assert moved.lon[0] == pytest.approx(104.65, abs=1e-9)


def test_layer_of_a_web_map_may_be_shifted(tmp_path: Path) -> None:
    """A file says WGS-84 for its GCJ-02 degrees, because its format knows no other."""
    x, y = datum.gcj02_of_wgs84(np.array([104.65]), np.array([30.12]))
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=shapely.points(x, y), crs=4326)
    frame.to_file(tmp_path / "poi.geojson")
    found = read_facilities(tmp_path / "poi.geojson", coordinates="gcj02")
    assert found.lon[0] == pytest.approx(104.65, abs=1e-9)
    assert "says itself" in refusal(tmp_path / "poi.geojson", coordinates="EPSG:4544")
    frame.to_crs(4544).to_file(tmp_path / "gk.gpkg")
    assert len(read_facilities(tmp_path / "gk.gpkg", coordinates="EPSG:4544")) == 1


def test_layer_whose_datum_the_roads_tell(tmp_path: Path) -> None:
    """Degrees of a web map are looked at as they are; metres say themselves what they are."""
    x, y = datum.gcj02_of_wgs84(np.array([104.65]), np.array([30.12]))
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=shapely.points(x, y), crs=4326)
    frame.to_file(tmp_path / "poi.geojson")
    frame.to_crs(4544).to_file(tmp_path / "gk.gpkg")
    asked: list[str] = []

    def resolve(east: Any, north: Any, stated: str) -> DatumFit:
        asked.append(stated)
        assert len(east) == len(north) == 1
        used = "gcj02" if stated == "auto" else stated
        return DatumFit(stated=stated, used=used, verdict="fits", median_m={}, n_points=1,
                        best=used, sure=0.9)  # fmt: skip

    found = read_facilities(tmp_path / "poi.geojson", coordinates="auto", resolve=resolve)
    assert found.lon[0] == pytest.approx(104.65, abs=1e-9)
    assert found.coordinates == "gcj02"
    assert "needs the roads" in refusal(tmp_path / "poi.geojson", coordinates="auto")
    own = read_facilities(tmp_path / "gk.gpkg", coordinates="auto", resolve=resolve)
    assert own.lon[0] == pytest.approx(x[0], abs=1e-8)
    assert asked == ["auto", "EPSG:4544"]
    assert own.coordinates == "EPSG:4544"
    for each in (found, own):  # what is written and the system it is in give the place back
        assert each.x is not None
        assert each.y is not None
        lon, lat = datum.to_wgs84(each.x, each.y, each.coordinates)
        assert (lon.tolist(), lat.tolist()) == (each.lon.tolist(), each.lat.tolist())


def test_layer_with_latitude_before_longitude(tmp_path: Path) -> None:
    at = [shapely.Point(30.12, 104.65), shapely.Point(30.13, 104.66)]
    frame = gpd.GeoDataFrame({"name": ["甲", "乙"]}, geometry=at, crs=4326)
    frame.to_file(tmp_path / "turned.geojson")
    found = read_facilities(tmp_path / "turned.geojson")
    assert (found.lon.tolist(), found.lat.tolist()) == ([104.65, 104.66], [30.12, 30.13])
    assert [c.kind for c in found.changes] == ["swapped", "swapped"]


def metres(lon: float, lat: float, x: float, y: float) -> tuple[float, float]:
    """East and north metres from one point to another."""
    turn, _, distance = Geod(ellps="WGS84").inv(lon, lat, x, y)
    return distance * np.sin(np.radians(turn)), distance * np.cos(np.radians(turn))


@pytest.mark.parametrize(
    ("lon", "lat", "east", "north", "bd_total"),
    [
        (104.65, 30.12, 237, -313, 937),  # 雁江
        (107.51, 31.22, 443, -239, 1142),  # 通川
        (106.28, 29.97, 368, -293, 1059),  # 合川
        (121.55, 29.82, 401, -287, 1102),  # 鄞州
    ],
)
def test_published_offsets(
    lon: float, lat: float, east: float, north: float, bd_total: float
) -> None:
    """Offsets of county seats, published without the exact point: to a twentieth."""
    at = np.array([lon]), np.array([lat])
    gcj = datum.gcj02_of_wgs84(*at)
    bd = datum.bd09_of_gcj02(*gcj)
    assert metres(lon, lat, gcj[0][0], gcj[1][0]) == pytest.approx((east, north), abs=20)
    assert np.hypot(*metres(lon, lat, bd[0][0], bd[1][0])) == pytest.approx(bd_total, rel=0.03)


def test_tables_are_moved_back(tmp_path: Path) -> None:
    gcj = datum.gcj02_of_wgs84(np.array([104.65]), np.array([30.12]))
    bd = datum.bd09_of_gcj02(*gcj)
    for system, (x, y) in (("gcj02", gcj), ("bd09", bd)):
        rows: Rows = [["lon", "lat", "population"], [f"{x[0]:.12f}", f"{y[0]:.12f}", 5]]
        path = text(tmp_path / f"{system}.csv", rows)
        for found in (
            read_facilities(path, coordinates=system),
            read_people(path, coordinates=system),
        ):
            assert np.hypot(*metres(104.65, 30.12, found.lon[0], found.lat[0])) < 0.001
    plain = text(tmp_path / "c.csv", PLAIN)
    assert read_facilities(plain, coordinates="cgcs2000").lon.tolist() == [104.65, 104.66]


CHINA_LON, CHINA_LAT = st.floats(73.5, 135.0), st.floats(18.0, 53.5)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(lon=CHINA_LON, lat=CHINA_LAT)
def test_inverse_is_exact_to_a_millimetre_all_over_china(lon: float, lat: float) -> None:
    gcj = datum.gcj02_of_wgs84(np.array([lon]), np.array([lat]))
    bd = datum.bd09_of_gcj02(*gcj)
    for system, (x, y) in (("gcj02", gcj), ("bd09", bd)):
        assert np.hypot(*metres(lon, lat, x[0], y[0])) > 50  # it had been moved
        back = datum.to_wgs84(x, y, system)
        assert np.hypot(*metres(lon, lat, back[0][0], back[1][0])) < 0.001


@pytest.mark.parametrize(
    ("cell", "number"),
    [(5, 5), ("5", 5), (" 5.5 ", 5.5), ("1,234", 1234), ("30,5", 30.5), ("１２", 12), (None, None),
     ("", None), ("约5", None), (float("nan"), None), ("inf", None), (True, None), ("1_000", None)],
)  # fmt: skip
def test_numbers_in_cells(cell: Any, number: float | None) -> None:
    assert cell_number(cell) == number


def test_texts_in_cells() -> None:
    cells = [None, float("nan"), 7.0, 7.5, "  甲 ", "nan", "<NA>", 0, pd.NaT, [1, 2]]
    assert [cell_text(c) for c in cells] == ["", "", "7", "7.5", "甲", "", "", "0", "", "[1, 2]"]
    days = [pd.Timestamp("2021-06-01"), pd.Timestamp("2021-06-01 08:30")]
    assert [cell_text(c) for c in days] == ["2021-06-01", "2021-06-01 08:30:00"]
