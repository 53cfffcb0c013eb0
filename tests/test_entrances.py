"""Gates of facilities and of residential areas, from columns, tables and layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.inputs import AreaSet, Facilities
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.facilities.entrances import (
    entrances_of_column,
    read_area_entrances,
    read_entrances,
)
from road_files import LOCAL, lonlat, refusal

if TYPE_CHECKING:
    from pathlib import Path


def places(*names: str, **more: Any) -> Facilities:
    """Facilities 500 m apart from west to east."""
    at = np.array([lonlat(500.0 * k, 0) for k in range(len(names))]).reshape(-1, 2)
    return Facilities(
        name=names, kind=("",) * len(names), status=("",) * len(names),
        lon=at[:, 0].copy(), lat=at[:, 1].copy(), row=np.arange(2, len(names) + 2),
        serving=np.ones(len(names), bool), file="设施.xlsx", sheet="养老", **more,
    )  # fmt: skip


def column(*cells: Any, **more: Any) -> Facilities:
    names = tuple(f"{'甲乙丙丁戊'[k]}养老院" for k in range(len(cells)))
    return entrances_of_column(places(*names, attributes={"entrances": cells}, **more))


def cell(*gates: tuple[float, float]) -> str:
    return "; ".join("{},{}".format(*lonlat(x, y)) for x, y in gates)


def owners(found: Any) -> list[int]:
    return found.entrances.owner.tolist()


def test_a_cell_lists_gates() -> None:
    found = column("", cell((510, 20), (530, 0)), cell((1000, 5)))
    assert owners(found) == [1, 1, 2]
    assert (found.entrances.lon[0], found.entrances.lat[0]) == lonlat(510, 20)
    assert found.entrances.name == ("", "", "")
    assert not found.set_aside
    assert not found.changes


@pytest.mark.parametrize(
    "written",
    ["东门 {0} {1}", "东门：{0}，{1}", "东门({0},{1})", "（{0}、{1}）东门", "东门 E{0} N{1}°",
     "东门\u3000{0},{1}；", "东门 {0}E {1}N"],
)  # fmt: skip
def test_a_gate_in_a_cell_may_have_a_name(written: str) -> None:
    found = column(written.format(*lonlat(10, 10)))
    assert found.entrances is not None
    assert found.entrances.name == ("东门",)
    assert found.entrances.lon[0] == lonlat(10, 10)[0]


def test_the_number_of_a_gate_is_no_coordinate() -> None:
    found = column("2号门 {},{}".format(*lonlat(10, 10)))
    assert found.entrances is not None
    assert found.entrances.name == ("2号门",)
    assert found.entrances.lat[0] == lonlat(10, 10)[1]


def test_gates_of_a_column_are_in_the_coordinates_of_the_facilities() -> None:
    x, y = datum.gcj02_of_wgs84(*(np.array([v]) for v in lonlat(30, 0)))
    found = column(f"{x[0]:.8f},{y[0]:.8f}", coordinates="gcj02")
    assert found.entrances is not None
    assert abs(found.entrances.lon[0] - lonlat(30, 0)[0]) < 2e-8


def test_exchanged_coordinates_are_turned_round_and_told() -> None:
    lon, lat = lonlat(20, 0)
    found = column(f"{lat},{lon}")
    assert found.entrances is not None
    assert (found.entrances.lon[0], found.entrances.lat[0]) == (lon, lat)
    assert [c.kind for c in found.changes] == ["swapped"]
    assert found.changes[0].row == 2


def test_bad_gates_are_set_aside_and_the_facility_stays() -> None:
    found = column("正门; " + cell((5, 0)), cell((9000, 0)), "999.5,888.5", "1.5", "104.1,30.1,7.5")
    assert owners(found) == [0]
    assert len(found) == 5
    assert [(a.row, a.reason) for a in found.set_aside] == [
        (2, "bad_entrance"), (3, "far_entrance"), (4, "far_entrance"), (5, "bad_entrance"),
        (6, "bad_entrance"),
    ]  # fmt: skip
    assert "8 km away" in found.set_aside[1].detail
    assert "outside the earth" in found.set_aside[2].detail
    assert all(a.layer == "entrances" and a.sheet == "养老" for a in found.set_aside)


def test_a_facility_somewhere_in_its_town_may_have_a_far_gate() -> None:
    found = column(cell((9000, 0)), approximate=np.array([True]))
    assert owners(found) == [0]


def test_a_column_without_coordinates_is_not_used() -> None:
    found = column("2个", "东门、西门", "")
    assert found.entrances is None
    assert not found.set_aside
    assert [c.kind for c in found.changes] == ["entrances_unread"]
    untouched = places("甲", attributes={"entrances": ("",)})
    assert entrances_of_column(untouched) is untouched
    assert entrances_of_column(column(math.nan)).entrances is None


def table(path: Path, *rows: str, heading: str = "设施名称,出入口,经度,纬度") -> Path:
    path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
    return path


def line(*cells: str, at: tuple[float, float]) -> str:
    return ",".join([*cells, *map(str, lonlat(*at))])


def test_a_table_names_the_facility_and_the_gate(tmp_path: Path) -> None:
    path = table(
        tmp_path / "gates.csv",
        line("清河养老院", "北门", at=(500, 60)),
        line("宝莲食堂", "", at=(0, 20)),
        line("清河 养老院", "南门", at=(500, -60)),
    )
    found = read_entrances(path, places("宝莲食堂", "清河养老院", "无门"))
    assert found.entrances is not None
    assert owners(found) == [0, 1, 1]
    assert found.entrances.name == ("", "北门", "南门")
    assert not found.set_aside


@pytest.mark.parametrize(
    ("heading", "gate"),
    [("facility,gate,lon,lat", "E"), ("所属设施,名称,经度,纬度", "E"), ("name,入口,x,y", "E"),
     ("名称,备注,lng,lat", "")],
)  # fmt: skip
def test_headings_of_many_kinds(heading: str, gate: str, tmp_path: Path) -> None:
    path = table(tmp_path / "gates.csv", line("乙", "E", at=(500, 9)), heading=heading)
    found = read_entrances(path, places("甲", "乙"))
    assert owners(found) == [1]
    assert found.entrances is not None
    assert found.entrances.name == (gate,)


def test_the_study_may_say_which_column_is_which(tmp_path: Path) -> None:
    path = table(tmp_path / "gates.csv", line("E", "乙", at=(500, 9)), heading="A,B,lon,lat")
    words = {"facility": "B", "gate": "A"}
    found = read_entrances(path, places("甲", "乙"), columns=words)
    assert owners(found) == [1]
    text = refusal(lambda: read_entrances(path, places("甲"), columns={"gate": "C"}), InputError)
    assert "gate is 'C'" in text
    text = refusal(lambda: read_entrances(path, places("甲")), InputError)
    assert "no column says to which facility" in text


def test_gates_of_no_or_of_two_facilities_are_set_aside(tmp_path: Path) -> None:
    path = table(
        tmp_path / "gates.csv",
        line("日间照料中心", "北门", at=(0, 60)),
        line("清河养老苑", "北门", at=(500, 60)),
        line("", "北门", at=(500, 60)),
        line("清河养老院", "北门", at=(9500, 60)),
    )
    before = places("日间照料中心", "清河养老院", "日间照料中心")
    found = read_entrances(path, before)
    assert found.entrances is None
    assert [(a.row, a.reason) for a in found.set_aside] == [
        (2, "ambiguous_name"), (3, "unmatched_name"), (4, "unmatched_name"), (5, "far_entrance"),
    ]  # fmt: skip
    assert "rows 2, 4" in found.set_aside[0].detail
    assert "清河养老院" in found.set_aside[1].detail
    assert "9 km" in found.set_aside[3].detail
    assert len(found) == len(before)


def test_an_id_tells_facilities_of_one_name_apart(tmp_path: Path) -> None:
    before = places("食堂", "食堂", attributes={"id": ("A1", "A2")})
    path = table(tmp_path / "gates.csv", line("A2", "食堂", at=(500, 9)), line("A9", "", at=(0, 9)),
                 heading="编号,设施名称,经度,纬度")  # fmt: skip
    found = read_entrances(path, before)
    assert owners(found) == [1]
    assert "no facility has this id 'A9'" in found.set_aside[0].detail


def test_the_number_of_a_gate_is_not_that_of_its_facility(tmp_path: Path) -> None:
    before = places("甲养老院", "乙养老院", attributes={"id": ("1", "2")})
    path = table(tmp_path / "gates.csv", line("1", "乙养老院", at=(500, 9)),
                 line("2", "甲养老院", at=(0, 9)), heading="编号,设施名称,经度,纬度")  # fmt: skip
    found = read_entrances(path, before)
    assert owners(found) == [0, 1]
    assert found.entrances is not None
    assert found.entrances.lon[1] == lonlat(500, 9)[0]


def test_several_gates_repeat_the_id_of_their_facility(tmp_path: Path) -> None:
    before = places("食堂", "食堂", attributes={"id": ("A1", "A2")})
    gates = [("A1", "南门", 0), ("A2", "西门", 490), ("A2", "东门", 510), ("A1", "北门", 10)]
    path = table(
        tmp_path / "gates.csv", *[line(key, gate, at=(x, 9)) for key, gate, x in gates],
        heading="设施编号,出入口,经度,纬度",
    )  # fmt: skip
    found = read_entrances(path, before)
    assert not found.set_aside
    assert found.entrances is not None
    assert owners(found) == [0, 0, 1, 1]
    assert found.entrances.name == ("南门", "北门", "西门", "东门")


def test_a_longer_name_is_understood_and_told(tmp_path: Path) -> None:
    path = table(tmp_path / "gates.csv", line("资阳市雁江区清河养老院", "", at=(500, 9)))
    found = read_entrances(path, places("宝莲养老院", "清河养老院"))
    assert owners(found) == [1]
    assert [c.kind for c in found.changes] == ["name_matched"]
    other = table(tmp_path / "other.csv", line("清河第二养老院", "", at=(500, 9)))
    assert read_entrances(other, places("宝莲养老院", "清河养老院")).entrances is None


def test_workbooks_layers_and_columns_come_together(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.create_sheet("出入口")
    page.append(["设施名称", "门", "经度", "纬度"])
    page.append(["乙养老院", "东门", *lonlat(520, 0)])
    page.append(["甲养老院", "西门", "看不清", 30])
    book.save(tmp_path / "gates.xlsx")
    frame = gpd.GeoDataFrame(
        {"facility": ["甲养老院", "乙养老院"], "name": ["大门", "后门"]},
        geometry=[shapely.Point(10, 0), shapely.Point(520, 0)], crs=LOCAL,
    )  # fmt: skip
    frame.to_file(tmp_path / "gates.gpkg", layer="gates")
    found = column(cell((1, 2)), "")
    found = read_entrances(tmp_path / "gates.xlsx", found, sheet="出入口")
    found = read_entrances(tmp_path / "gates.gpkg", found, layer="gates")
    assert found.entrances is not None
    # the gate that both files have counts once, with its first name
    assert owners(found) == [0, 0, 1]
    assert found.entrances.name == ("", "大门", "东门")
    assert [(a.file, a.row, a.reason) for a in found.set_aside] == [
        ("gates.xlsx", 3, "bad_coordinate")
    ]


SQUARES = {"清河里": (0, 0), "花园": (200, 0), "梅园": (400, 0), "": (600, 0)}


def areas(names: dict[str, tuple[float, float]] | None = None) -> AreaSet:
    """Squares of 100 m."""
    corners = SQUARES if names is None else names
    shapes = [shapely.box(x, y, x + 100, y + 100) for x, y in corners.values()]
    in_degrees = gpd.GeoSeries(shapes, crs=LOCAL).to_crs(4326).to_numpy()
    return AreaSet(geometry=np.array(in_degrees, object), name=tuple(n.strip() for n in corners),
                   kind=("",) * len(corners), row=np.arange(1, len(corners) + 1))  # fmt: skip


def test_a_gate_belongs_to_the_area_that_it_names_or_else_to_the_nearest(tmp_path: Path) -> None:
    path = table(
        tmp_path / "gates.csv",
        line("花园", "东门", at=(110, 50)),  # beside 清河里, but it says 花园
        line("", "内门", at=(50, 50)),
        line("", "路边", at=(125, 50)),
        line("", "远", at=(135, 50)),
        line("没有的小区", "南门", at=(450, -10)),
        line("花园", "错", at=(5000, 50)),
        heading="小区,出入口,经度,纬度",
    )
    found = read_area_entrances(path, areas())
    by_gate = dict(zip(found.entrances.name, owners(found), strict=True))
    assert by_gate == {"内门": 0, "路边": 0, "东门": 1, "南门": 2}
    assert owners(found) == sorted(owners(found))
    assert [(a.row, a.reason) for a in found.set_aside] == [(5, "no_area"), (7, "far_entrance")]
    # a name that no area has is told, with the area that was taken instead
    assert [(c.row, c.name, c.kind) for c in found.changes] == [(6, "没有的小区", "name_ignored")]
    assert "where it stands" in found.changes[0].detail.en


def test_of_several_areas_with_the_name_the_nearest_is_meant(tmp_path: Path) -> None:
    two = {"花园": (0, 0), "花园 ": (1000, 0)}
    path = table(tmp_path / "gates.csv", line("花园", "", at=(950, 50)), heading="小区,门,x,y")
    assert owners(read_area_entrances(path, areas(two))) == [1]


def test_a_gate_between_two_areas_goes_to_the_first(tmp_path: Path) -> None:
    path = table(tmp_path / "gates.csv", line("", at=(110, 50)), heading="name,lon,lat")
    both = {"乙": (120, 0), "甲": (0, 0)}
    assert owners(read_area_entrances(path, areas(both))) == [0]


def test_without_areas_every_gate_is_set_aside(tmp_path: Path) -> None:
    path = table(tmp_path / "gates.csv", line("甲", "", at=(0, 0)))
    found = read_area_entrances(path, areas({}))
    assert not len(found.entrances)
    assert [a.reason for a in found.set_aside] == ["no_area"]
    assert found.reading is not None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_any_text_in_the_column_is_no_crash(cells: list[str]) -> None:
    found = column(*cells)
    assert len(found) == len(cells)
    if found.entrances is not None:
        assert (np.diff(found.entrances.owner) >= 0).all()
        assert np.isfinite(found.entrances.lon).all()


def test_a_gate_on_the_other_side_of_the_earth_is_no_gate(tmp_path: Path) -> None:
    path = tmp_path / "gates.csv"
    path.write_text("小区,lon,lat\n花园,-75.35,-30.12\n,-165.0,80.0\n,15.0,0.5\n", encoding="utf-8")
    found = read_area_entrances(path, areas())
    assert [a.reason for a in found.set_aside] == ["far_entrance", "no_area", "no_area"]
    text = "设施名称,lon,lat\n甲,-75.35,-30.12\n"
    path.write_text(text, encoding="utf-8")
    assert [a.reason for a in read_entrances(path, places("甲")).set_aside] == ["far_entrance"]


CELLS = st.sampled_from(
    ["甲", "乙", "", "104.65", "30.12", "30.12,104.65", "东门", "1e9", '"', "-"]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=6))
def test_any_table_ends_in_gates_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("gates") / "gates.csv"
    lines = ["设施名称,出入口,经度,纬度", *(";".join(row).replace(";", ",") for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    before = places("甲", "乙")
    try:
        found = read_entrances(path, before)
        around = read_area_entrances(path, areas())
    except InputError as error:
        assert str(path) in str(error)  # noqa: PT017 - either is right
        return
    n = 0 if found.entrances is None else len(found.entrances)
    assert n + len(found.set_aside) <= len(rows)
    assert len(around.entrances) + len(around.set_aside) <= len(rows)
    assert len(found) == 2
