"""A list of facilities as an office keeps it: what is read of it, told and refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pyproj import Transformer

from quarterhour.errors import InputError
from quarterhour.inputs import DatumFit
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.facilities.read import read_facilities
from test_tables import book, text

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.inputs import Facilities

Rows = list[list[Any]]
HEAD = ["名称", "经度", "纬度"]
NEAR = (104.0, 29.5, 105.5, 31.0)
"""A box around 104.65, 30.12."""


def read(tmp_path: Path, rows: Rows, **more: Any) -> Facilities:
    return read_facilities(text(tmp_path / "f.csv", rows, sign=";"), **more)


def kinds(found: Facilities) -> list[tuple[str, int | None]]:
    return [(c.kind, c.row) for c in found.changes]


def reasons(found: Facilities) -> list[tuple[int | None, str]]:
    return [(s.row, s.reason) for s in found.set_aside]


# --- headings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("merged", [True, False])
def test_headings_in_two_rows(tmp_path: Path, merged: bool) -> None:
    """坐标 over 经度 and 纬度, 床位 over 总数 and 护理型; with merged cells and without."""
    rows: Rows = [
        ["雁江区养老机构一览表", None, None, None, None, None, None],
        ["设施名称", "坐标", None, "床位", None, "托位", "备注"],
        [None, "经度", "纬度", "总数", "其中：护理型", "总数", None],
        ["东街养老院", 104.65, 30.12, 120, 60, 0, "好"],
    ]
    spans = ["A1:G1", "A2:A3", "B2:C2", "D2:E2", "G2:G3"] if merged else []
    found = read_facilities(book(tmp_path / "b.xlsx", merge={"表": spans}, 表=rows))
    assert found.name == ("东街养老院",)
    assert found.attributes == {"beds": (120.0,), "nursing_beds": (60.0,), "places": (0.0,)}
    assert found.reading is not None
    assert (found.reading.header_row, found.reading.rows) == (3, 1)
    assert [(c.heading, c.meaning, c.how) for c in found.reading.columns] == [
        ("设施名称", "name", "recognised"), ("经度", "lon", "recognised"),
        ("纬度", "lat", "recognised"), ("床位 总数", "beds", "recognised"),
        ("床位 其中：护理型", "nursing_beds", "recognised"), ("托位 总数", "places", "recognised"),
        ("备注", "", "unused"),
    ]  # fmt: skip


def test_coordinates_in_the_upper_of_two_rows_of_headings(tmp_path: Path) -> None:
    rows: Rows = [["名称", "经度", "纬度", "床位", None], [None, None, None, "总数", "护理型"],
                  ["甲", 104.65, 30.12, 50, 20]]  # fmt: skip
    for spans in ([], ["A1:A2", "B1:B2", "C1:C2", "D1:E1"]):
        found = read_facilities(book(tmp_path / "b.xlsx", merge={"表": spans}, 表=rows))
        assert (found.name, found.row.tolist()) == (("甲",), [3])
        assert found.attributes == {"beds": (50.0,), "nursing_beds": (20.0,)}


def test_the_only_sheet_with_coordinates_is_taken_and_told(tmp_path: Path) -> None:
    rows: Rows = [HEAD, ["甲", 104.65, 30.12]]
    path = book(
        tmp_path / "b.xlsx", 填表说明=[["请按要求填写"]], 养老设施=rows, 选项=[["是"], ["否"]]
    )
    found = read_facilities(path)
    assert (found.sheet, len(found)) == ("养老设施", 1)
    assert kinds(found) == [("sheet", None)]
    assert "填表说明, 养老设施, 选项" in found.changes[0].detail.en
    assert found.reading is not None
    assert found.reading.sheets == ("填表说明", "养老设施", "选项")


def test_several_usable_sheets_are_listed_with_their_rows(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", 养老=[HEAD], 托育=[HEAD, ["甲", 104.65, 30.12]])
    with pytest.raises(InputError, match=r"name it with sheet \(rows of data: 养老 0, 托育 1"):
        read_facilities(path)


def test_rows_that_are_no_places(tmp_path: Path) -> None:
    rows: Rows = [
        ["序号", *HEAD],
        [1, "甲", 104.65, 30.12],
        ["序号", *HEAD],
        [2, "乙", 104.66, 30.13],
        ["合计里社区站", "", "", ""],
        ["合计", "2", "", ""],
        ["填表人：", "", "", ""],
        ["备注：坐标由各镇街填报", "", "", ""],
        ["雁江区小计", "", "", ""],
    ]
    found = read(tmp_path, rows)
    assert found.name == ("甲", "乙")
    assert reasons(found) == [
        (3, "header_row"), (5, "missing_coordinate"), (6, "footer_row"), (7, "footer_row"),
        (8, "footer_row"), (9, "footer_row"),
    ]  # fmt: skip


def test_a_study_names_the_headings(tmp_path: Path) -> None:
    rows: Rows = [["简称", "全名", "E", "N", "经度", "纬度"], ["甲", "甲院", 104.65, 30.12, 0, 0]]
    found = read(tmp_path, rows, columns={"name": "全名", "lon": "E", "lat": "N"})
    assert (found.name, found.lon[0], found.lat[0]) == (("甲院",), 104.65, 30.12)
    assert found.reading is not None
    assert [c.how for c in found.reading.columns] == ["unused", *["named"] * 3, *["unused"] * 2]
    with pytest.raises(InputError, match="did you mean '全名'"):
        read(tmp_path, rows, columns={"name": "全名称"})


def test_coordinates_without_headings_are_guessed_and_told(tmp_path: Path) -> None:
    rows: Rows = [["名称", "床位", "A", "B"]]
    rows += [[f"院{k}", 20 + k, 104.6512 + k / 1000, 30.1234] for k in range(4)]
    found = read(tmp_path, rows)
    assert (found.lon[0], found.lat[0]) == (104.6512, 30.1234)
    assert kinds(found) == [("guessed", None)]
    assert found.reading is not None
    assert [c.how for c in found.reading.columns] == ["recognised"] * 2 + ["guessed"] * 2
    rows = [[*row, *row[2:]] for row in rows]
    rows[0][4:] = ["C", "D"]
    with pytest.raises(InputError, match=r"several columns .* A \(104.6512\), B \(30.1234\)"):
        read(tmp_path, rows)


def test_a_column_of_pairs_without_a_heading_is_guessed(tmp_path: Path) -> None:
    found = read(tmp_path, [["名称", "说明栏"], ["甲", "104.65,30.12"], ["乙", "104.66,30.13"]])
    assert found.lon.tolist() == [104.65, 104.66]
    assert kinds(found)[0] == ("guessed", None)


def test_two_headings_for_one_meaning_are_told(tmp_path: Path) -> None:
    rows: Rows = [
        ["设施名称（全称）", "设施名称（简称）", "经度", "纬度"],
        ["甲院", "甲", 104.65, 30.12],
    ]
    found = read(tmp_path, rows)
    assert found.name == ("甲院",)
    assert kinds(found) == [("column", None)]
    assert "设施名称（简称） could be it too" in found.changes[0].detail.en


def test_heading_that_speaks_of_another_datum_is_told(tmp_path: Path) -> None:
    rows: Rows = [["名称", "经度(GCJ-02)", "纬度(GCJ-02)"], ["甲", 104.65, 30.12]]
    assert kinds(read(tmp_path, rows)) == [("datum_heading", None)]
    assert kinds(read(tmp_path, rows, coordinates="gcj02")) == []


def test_of_two_pairs_of_coordinates_the_one_that_names_the_system_of_the_study(
    tmp_path: Path,
) -> None:
    gcj, _ = datum.gcj02_of_wgs84(np.array([104.65]), np.array([30.12]))
    head = ["名称", "纬度(GCJ-02)", "经度(WGS84)", "经度(GCJ-02)", "纬度(WGS84)"]
    rows: Rows = [head, ["甲", 30.1172, 104.65, gcj[0], 30.12]]
    found = read(tmp_path, rows)
    assert (found.lon[0], found.lat[0]) == (104.65, 30.12)
    assert kinds(found) == [("column", None), ("column", None)]
    shifted = read(tmp_path, rows, coordinates="gcj02")
    assert shifted.x is not None
    assert shifted.x[0] == gcj[0]


# --- coordinates --------------------------------------------------------------------------------


def test_odd_coordinates_are_understood_and_told(tmp_path: Path) -> None:
    rows: Rows = [
        HEAD,
        ["度分秒", "106°16′48″E", "30°0′36″N"],
        ["全角", "１０６．２８", "30.01"],
        ["一格", "106.28,30.01", ""],
        ["颠倒", 30.01, 106.28],
        ["字母颠倒", "N30.01", "E106.28"],
        ["正常", 106.28, 30.01],
    ]
    found = read(tmp_path, rows)
    assert found.lon == pytest.approx([106.28] * 6)
    assert found.lat == pytest.approx([30.01] * 6)
    assert sorted(kinds(found)) == [
        ("dms", 2), ("dms", 2), ("full_width", 3), ("hemisphere", 6), ("hemisphere", 6),
        ("one_cell", 4), ("swapped", 5), ("swapped", 6),
    ]  # fmt: skip


@pytest.mark.parametrize("cells", [
    ["106.28,30.01", "106.29,30.02"], ["30.01，106.28", "30.02，106.29"],
    ["POINT(106.28 30.01)", "POINT(106.29 30.02)"], ["经度:106.28 纬度:30.01", "106.29 30.02"],
])  # fmt: skip
def test_one_column_of_coordinates(tmp_path: Path, cells: list[str]) -> None:
    found = read(tmp_path, [["名称", "坐标"], ["甲", cells[0]], ["乙", cells[1]], ["丙", "待定"]])
    assert found.lon.tolist() == [106.28, 106.29]
    assert found.lat.tolist() == [30.01, 30.02]
    assert kinds(found) == [("one_cell", 2), ("one_cell", 3)]
    assert reasons(found) == [(4, "bad_coordinate")]


def test_the_column_that_is_filled_in(tmp_path: Path) -> None:
    found = read(tmp_path, [[*HEAD, "坐标"], ["甲", "", "", "104.65,30.12"]])
    assert found.lon.tolist() == [104.65]


def test_latitude_first_where_the_heading_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, [["name", "LatLon"], ["a", "49.41, 8.68"]])
    assert (found.lon[0], found.lat[0]) == (8.68, 49.41)


def test_many_changes_of_one_kind_are_one(tmp_path: Path) -> None:
    rows = [HEAD, *[[f"院{k}", "106°16′48″", 30.01] for k in range(21)]]
    (change,) = read(tmp_path, rows).changes
    assert (change.kind, change.row) == ("dms", None)
    assert "21 cells" in change.detail.en
    assert "row 2: '106°16′48″' was read as 106.28" in change.detail.en
    assert len(read(tmp_path, rows[:21]).changes) == 20


def test_exchanged_columns(tmp_path: Path) -> None:
    rows: Rows = [HEAD, ["甲", 30.12, 104.65], ["乙", 30.13, 104.66]]
    found = read(tmp_path, rows)
    assert (found.lon.tolist(), found.lat.tolist()) == ([104.65, 104.66], [30.12, 30.13])
    assert kinds(found) == [("swapped", None)]
    assert "all 2 rows" in found.changes[0].detail.en


def test_exchanged_only_where_it_is_certain(tmp_path: Path) -> None:
    """8.68 E, 49.41 N: both numbers may be a latitude; the roads or the other rows tell."""
    good: Rows = [[f"院{k}", 8.68 + k / 100, 49.41] for k in range(5)]
    assert kinds(read(tmp_path, [HEAD, ["倒", 49.41, 8.68], *good])) == [("swapped", 2)]
    alone: Rows = [HEAD, ["倒", 49.41, 8.68], *good[:2]]
    assert kinds(read(tmp_path, alone)) == []
    near = (8.5, 49.3, 8.9, 49.5)
    assert kinds(read(tmp_path, alone, near=near)) == [("swapped", 2)]
    assert kinds(read(tmp_path, [HEAD, *good, ["远", 13.4, 52.5]], near=near)) == []


def test_placeholders_are_no_coordinates(tmp_path: Path) -> None:
    nothing = [(0, 0), (1, 1), (-1, -1), (999, 999), (104.65, 9999), ("0.0", "0")]
    rows: Rows = [HEAD, *[["无", *pair] for pair in nothing], ["甲", 104.65, 30.12]]
    found = read(tmp_path, rows)
    assert found.name == ("甲",)
    assert reasons(found) == [(k, "placeholder_coordinate") for k in range(2, 8)]


METRES = {"EPSG:4544": (104.65, 30.12), "EPSG:4549": (121.2, 29.9), "EPSG:4523": (104.65, 30.12)}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("code", METRES)
def test_metres_of_a_gauss_krueger_zone(tmp_path: Path, code: str, turned: bool) -> None:
    """X is north in a survey table; without a zone the neighbourhood tells the middle."""
    lon, lat = METRES[code]
    to = Transformer.from_crs(4326, code, always_xy=True)
    at = [to.transform(lon + k / 100, lat) for k in range(3)]
    rows: Rows = [["名称", "X", "Y"]]
    rows += [[f"院{k}", *((n, e) if turned else (e, n))] for k, (e, n) in enumerate(at)]
    near = (lon - 0.5, lat - 0.5, lon + 0.5, lat + 0.5)
    found = read(tmp_path, rows, coordinates="cgcs2000", near=near)
    assert found.lon == pytest.approx([lon, lon + 0.01, lon + 0.02], abs=1e-8)
    assert found.lat == pytest.approx([lat] * 3, abs=1e-8)
    assert found.coordinates == code
    assert kinds(found) == [("projected", None), *[("axis_order", None)] * turned]
    assert found.x is not None
    assert found.x == pytest.approx([e for e, _ in at])
    if code != "EPSG:4523":  # without its zone
        with pytest.raises(InputError, match="without the number of their zone"):
            read(tmp_path, rows, coordinates="cgcs2000")


def test_rows_of_a_neighbouring_zone_and_rows_the_other_way_round(tmp_path: Path) -> None:
    here = Transformer.from_crs(4326, 4523, always_xy=True)
    there = Transformer.from_crs(4326, 4524, always_xy=True)
    a, b, c = here.transform(106.4, 30), here.transform(106.45, 30), there.transform(106.55, 30)
    rows: Rows = [
        ["名称", "横坐标", "纵坐标"],
        ["甲", *a],
        ["乙", *b],
        ["丙", *c],
        ["丁", *a[::-1]],
    ]
    found = read(tmp_path, rows, coordinates="cgcs2000")
    assert found.lon == pytest.approx([106.4, 106.45, 106.55, 106.4], abs=1e-8)
    assert kinds(found) == [("projected", None), ("swapped", 5), ("zone", 4)]


def fit(used: str) -> Any:
    """Stands for a look at the roads; keeps what it was asked."""
    asked: list[Any] = []

    def resolve(x: Any, y: Any, stated: str) -> DatumFit:
        asked.append((x.tolist(), y.tolist(), stated))
        return DatumFit(stated=stated, used=used, verdict="other", median_m={}, n_points=len(x),
                        best=used, sure=0.99)  # fmt: skip

    return resolve, asked


def test_auto_is_what_the_roads_say(tmp_path: Path) -> None:
    x, y = datum.gcj02_of_wgs84(np.array([104.65]), np.array([30.12]))
    rows: Rows = [HEAD, ["甲", x[0], y[0]], ["无", "", ""]]
    with pytest.raises(InputError, match='"auto" needs the roads'):
        read(tmp_path, rows, coordinates="auto")
    resolve, asked = fit("gcj02")
    found = read(tmp_path, rows, coordinates="auto", resolve=resolve)
    assert asked == [([x[0]], [y[0]], "auto")]
    assert found.lon[0] == pytest.approx(104.65, abs=1e-9)
    assert (found.coordinates, found.x.tolist() if found.x is not None else None) == (
        "gcj02",
        [x[0]],
    )
    assert found.fit is not None
    assert found.reading is not None
    assert found.reading.coordinates == "gcj02"


def test_the_roads_are_told_rows_and_sources_if_they_ask(tmp_path: Path) -> None:
    asked: dict[str, Any] = {}

    def resolve(x: Any, y: Any, stated: str, *, groups: Any = None, rows: Any = None) -> DatumFit:
        asked.update(groups=groups, rows=rows)
        return fit(stated)[0](x, y, stated)  # type: ignore[no-any-return]

    rows: Rows = [[*HEAD, "数据来源"], ["无", "", "", "a"], ["甲", 104.65, 30.12, "民政局"],
                  ["乙", 104.66, 30.12, "卫健局"]]  # fmt: skip
    read(tmp_path, rows, resolve=resolve)
    assert asked == {"groups": ["民政局", "卫健局"], "rows": [3, 4]}
