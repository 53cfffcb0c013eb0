"""Towns as polygons: rows without coordinates placed by their town, and the town of a point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.inputs import SetAside
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.rows.point_rows import PointRows, Unplaced
from quarterhour.sources.units.towns import Towns, place_by_town, read_towns, town_of
from quarterhour.study import run_study
from road_files import refusal
from small_study import box, small_study

# two counties, each of two towns of 0.1 by 0.1 degrees:
#
#   河东区  莲花街道 | 狮山镇      latitude 30.1 to 30.2
#   河西县  莲花镇   | 永安乡      latitude 30.0 to 30.1
#          104.0      104.1     104.2
SQUARES = {
    ("河东区", "莲花街道"): shapely.box(104.0, 30.1, 104.1, 30.2),
    ("河东区", "狮山镇"): shapely.box(104.1, 30.1, 104.2, 30.2),
    ("河西县", "莲花镇"): shapely.box(104.0, 30.0, 104.1, 30.1),
    ("河西县", "永安乡"): shapely.box(104.1, 30.0, 104.2, 30.1),
}


def write(path: Path, geometry: list[Any], **columns: list[Any]) -> Path:
    frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=4326)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    counties, names = zip(*SQUARES, strict=True)
    path = tmp_path_factory.mktemp("towns") / "towns.gpkg"
    return write(path, list(SQUARES.values()), 区县=list(counties), 乡镇=list(names))


@pytest.fixture(scope="module")
def towns(drawn: Path) -> Towns:
    return read_towns(drawn)


def listed(towns: Towns) -> list[str]:
    return [str(entry) for entry in towns.register.towns]


# ----------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("town", "county"),
    [
        ("乡镇", "区县"),
        ("街道", "县"),
        ("town", "county"),
        ("名称", "所属区县"),
        ("name", "district"),
    ],
)
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".parquet"])
def test_towns_and_counties_are_found_in_their_columns(
    town: str, county: str, suffix: str, tmp_path: Path
) -> None:
    path = write(
        tmp_path / f"towns{suffix}", [SQUARES["河东区", "狮山镇"]],
        **{town: ["狮山镇"], county: ["河东区"], "面积": [1.0]},
    )  # fmt: skip
    read = read_towns(path)
    assert listed(read) == ["河东区狮山镇"]
    assert read.file == path.name
    assert read.reading is not None
    assert read.reading.layer == "towns"
    assert [(use.heading, use.meaning, use.how) for use in read.reading.columns] == [
        (town, "town", "recognised"), (county, "county", "recognised"), ("面积", "", "unused"),
    ]  # fmt: skip


def test_columns_may_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "t.gpkg", [shapely.box(0, 0, 1, 1)], JDMC=["狮山镇"], SSQX=["河东区"])
    assert listed(read_towns(path, name="JDMC", county="SSQX")) == ["河东区狮山镇"]
    text = refusal(lambda: read_towns(path, name="JDMC", county="SSQ"), InputError)
    assert "no column 'SSQ' (did you mean 'SSQX'?)" in text
    text = refusal(lambda: read_towns(path, name="JDMC"), InputError)
    assert "has no column of their county (区县), without which a town cannot be told" in text
    assert "JDMC, SSQX" in text


def test_parts_of_one_town_are_one_town(tmp_path: Path) -> None:
    boxes = [shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6), shapely.box(1, 0, 3, 1)]
    path = write(
        tmp_path / "t.gpkg", boxes, 乡镇=["莲花镇", "永安乡", "莲花镇"], 区县=["河西县"] * 3
    )
    read = read_towns(path)
    assert listed(read) == ["河西县莲花镇", "河西县永安乡"]
    assert shapely.area(read.geometry).tolist() == pytest.approx([3.0, 1.0])


def test_polygons_without_a_name_or_a_county_are_set_aside(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.parquet",
        [shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1), shapely.Point(9, 9),
         shapely.box(4, 0, 5, 1)],
        乡镇=["莲花镇", None, "点", "永安乡"], 区县=["河西县", "河西县", "河西县", None],
    )  # fmt: skip
    read = read_towns(path)
    assert listed(read) == ["河西县莲花镇"]
    assert [(a.row, a.name, a.reason) for a in read.set_aside] == [
        (2, "", "no_name"), (3, "点", "no_polygon"), (4, "永安乡", "no_county"),
    ]  # fmt: skip
    empty = write(tmp_path / "e.parquet", [shapely.box(0, 0, 1, 1)], 乡镇=["莲花镇"], 区县=[None])
    text = refusal(lambda: read_towns(empty), InputError)
    assert "no polygon has both a town and a county" in text


def test_shifted_degrees_are_moved_back(drawn: Path) -> None:
    moved = read_towns(drawn, coordinates="gcj02")
    lon, lat = datum.to_wgs84(np.array([104.0]), np.array([30.1]), "gcj02")
    corners = shapely.get_coordinates(moved.geometry[0])
    assert np.hypot(*(corners - [lon[0], lat[0]]).T).min() < 1e-9
    assert np.hypot(*(corners - [104.0, 30.1]).T).min() > 0.003  # some 350 m
    text = refusal(lambda: read_towns(drawn, coordinates="EPSG:4544"), InputError)
    assert "coordinates of towns polygons are 'EPSG:4544'" in text
    assert [change.kind for change in moved.changes] == ["datum"]


def test_real_districts_are_read_with_their_broken_rings(shared: Path, tmp_path: Path) -> None:
    # there are no polygons of towns: the districts of a city stand in for the towns of a county
    for name in ("511700", "512000"):
        frame = gpd.read_file(shared / "boundaries" / f"{name}.geojson")
        frame["区县"] = "达州市"
        path = tmp_path / f"{name}.geojson"
        frame[["name", "区县", "geometry"]].to_file(path)
        read = read_towns(path, coordinates="gcj02")
        assert [entry.town for entry in read.register.towns] == frame["name"].tolist()
        assert shapely.is_valid(read.geometry).all()
        at = shapely.point_on_surface(read.geometry)
        inside = town_of(shapely.get_x(at), shapely.get_y(at), read)
        assert inside.tolist() == list(range(len(frame)))


def test_real_districts_alone_do_not_say_their_county(shared: Path) -> None:
    path = shared / "boundaries" / "511700.geojson"
    assert "of their county" in refusal(lambda: read_towns(path), InputError)


# ----------------------------------------------------------------------------------------- placing


def table(*cells: tuple[str, str, str], placed: dict[int, tuple[float, float]]) -> PointRows:
    """Rows of (name, county, town) from row 2 of a sheet; those in `placed` have a position."""
    rows = {k + 2: cell for k, cell in enumerate(cells)}
    have = [row for row in rows if row in placed]
    lack = [row for row in rows if row not in placed]
    headings = ("名称", "区县", "街道")
    return PointRows(
        path=Path("facilities.xlsx"),
        sheet="养老",
        lon=np.array([placed[row][0] for row in have], float),
        lat=np.array([placed[row][1] for row in have], float),
        x=np.array([placed[row][0] for row in have], float),
        y=np.array([placed[row][1] for row in have], float),
        row=np.array(have, np.int64),
        columns={h: [rows[row][k] for row in have] for k, h in enumerate(headings)},
        set_aside=tuple(
            SetAside(
                layer="facilities", file="facilities.xlsx", sheet="养老", row=row,
                name=rows[row][0], reason="missing_coordinate", detail="coordinate is missing",
            )
            for row in lack
        ),
        unplaced=tuple(
            Unplaced(
                row=row, name=rows[row][0], county=rows[row][1], town=rows[row][2], address="",
                reason="missing_coordinate", values=dict(zip(headings, rows[row], strict=True)),
            )
            for row in lack
        ),
    )  # fmt: skip


def test_rows_without_coordinates_stand_in_their_town(towns: Towns) -> None:
    rows = table(
        ("甲", "河东区", "莲花街道办事处"),
        ("乙", "河东区", "莲花街道"),
        ("丙", "河西县", "莲花"),
        ("丁", "河西", "永安乡"),
        placed={3: (104.05, 30.15)},
    )
    done, approximate = place_by_town(rows, towns, layer="facilities")
    assert done.row.tolist() == [2, 3, 4, 5]
    assert done.columns["名称"] == ["甲", "乙", "丙", "丁"]
    assert approximate.tolist() == [True, False, True, True]
    assert [listed(towns)[k] for k in town_of(done.lon, done.lat, towns)] == [
        "河东区莲花街道", "河东区莲花街道", "河西县莲花镇", "河西县永安乡",
    ]  # fmt: skip
    # what is written stays what it is
    assert (done.lon[1], done.lat[1]) == (104.05, 30.15)
    assert done.x is not None
    assert np.isnan(done.x).tolist() == approximate.tolist()
    assert not done.set_aside
    assert not done.unplaced
    assert [(c.row, c.name, c.kind, c.file, c.sheet) for c in done.changes] == [
        (2, "甲", "placed_by_town", "facilities.xlsx", "养老"),
        (4, "丙", "placed_by_town", "facilities.xlsx", "养老"),
        (5, "丁", "placed_by_town", "facilities.xlsx", "养老"),
    ]
    assert "位置为近似" in done.changes[0].detail.zh
    assert "coordinate is missing" in done.changes[0].detail.en
    assert "the kind of unit is not written" in done.changes[1].detail.en


def test_what_a_town_does_not_settle_stays_set_aside(towns: Towns) -> None:
    rows = table(
        ("甲", "河东区", "城南街道"),
        ("乙", "", "永安乡"),
        ("丙", "河东区", ""),
        ("丁", "河东区", "莲花街道；狮山镇"),
        ("戊", "经开区", "狮山镇"),
        placed={},
    )
    done, approximate = place_by_town(rows, towns, layer="facilities")
    assert len(done.row) == len(approximate) == 0
    assert done.unplaced == rows.unplaced
    assert not done.changes
    details = [item.detail for item in done.set_aside]
    assert [item.row for item in done.set_aside] == [2, 3, 4, 5, 6]
    assert all(detail.startswith("coordinate is missing; ") for detail in details)
    assert "河东区 has no town 城南街道" in details[0]
    assert "nearest are 河西县永安乡" in details[1]
    assert details[2].endswith("no town is named")
    assert "2 towns are named" in details[3]
    assert "name its county in zones" in details[4]
    # a zone with its county is a county like others
    done, _ = place_by_town(rows, towns, zones={"经开区": "河东区"}, layer="facilities")
    assert done.row.tolist() == [6]
    assert "经开区按 zones 属河东区" in done.changes[0].detail.zh


def test_a_row_that_is_set_aside_for_another_reason_stays_so(towns: Towns) -> None:
    rows = table(("甲", "河东区", "狮山镇"), placed={2: (104.15, 30.15)})
    aside = SetAside(layer="facilities", file="f", sheet="", row=9, name="x",
                     reason="repeated_id", detail="the id is that of row 2")  # fmt: skip
    rows = PointRows(path=rows.path, sheet="", lon=rows.lon, lat=rows.lat, row=rows.row,
                     columns=rows.columns, set_aside=(aside,))  # fmt: skip
    done, approximate = place_by_town(rows, towns, layer="facilities")
    assert done.set_aside == (aside,)
    assert approximate.tolist() == [False]
    assert done.x is None


KNOWN = st.sampled_from([*SQUARES, ("", "莲花"), ("河东区", "无此镇"), ("南县", "永安乡")])


@settings(max_examples=60)
@given(places=st.lists(st.tuples(KNOWN, st.booleans()), max_size=8))
def test_every_row_is_placed_or_set_aside_and_the_others_do_not_notice(
    towns: Towns, places: list[tuple[tuple[str, str], bool]]
) -> None:
    cells = [(str(k), *place) for k, (place, _) in enumerate(places)]
    have = {k + 2: (104.0 + k, 30.0) for k, (_, has) in enumerate(places) if has}
    rows = table(*cells, placed=have)
    done, approximate = place_by_town(rows, towns, layer="facilities")
    every = sorted([*done.row.tolist(), *(item.row for item in done.set_aside)])
    assert every == list(range(2, len(places) + 2))
    assert done.row.tolist() == sorted(done.row.tolist())
    for k, row in enumerate(done.row.tolist()):
        assert done.columns["名称"][k] == str(row - 2)
        assert approximate[k] == (row not in have)
        if row in have:
            assert (done.lon[k], done.lat[k]) == have[row]
        else:
            square = SQUARES[places[row - 2][0]]
            assert square.contains(shapely.Point(done.lon[k], done.lat[k]))
    assert len(done.changes) == approximate.sum()
    # a second time there is nothing left to do
    again, still = place_by_town(done, towns, layer="facilities")
    assert still.tolist() == approximate.tolist()
    assert again.row.tolist() == done.row.tolist()
    assert len(again.changes) == len(done.changes)


def test_a_study_places_its_facilities_on_request(tmp_path: Path) -> None:
    # the middle of the town lies at (600, 0), on the main street
    table = "设施名称,区县,街道,经度,纬度\n北站,河东,莲花办事处,,\n南站,,莲花街道,,\n"
    town = {"towns": {"source": "towns.gpkg"}, "service.0.place_by_town": True}
    study = small_study(tmp_path / "s", town, {"facilities.csv": table})
    write(study.parent / "towns.gpkg", [box(400, -50, 800, 50)], 区县=["河东区"], 街道=["莲花街道"])
    result = run_study(study)
    facilities = result.prepared.facilities[0]
    assert facilities.name == ("北站",)
    assert facilities.approximate is not None
    assert facilities.approximate.tolist() == [True]
    rows = result.assessments[0].set_aside
    assert [(row.row, row.name) for row in rows] == [(3, "南站")]
    assert "nearest are 河东区莲花街道" in rows[0].detail
    # without the request the study cannot run, for want of any facility
    study = small_study(tmp_path / "t", None, {"facilities.csv": table})
    assert "'北站': coordinate is missing" in refusal(lambda: run_study(study), InputError)


# --------------------------------------------------------------------------------- town of a point


def test_a_point_on_a_border_is_in_the_first_of_its_towns(towns: Towns) -> None:
    lon = np.array([104.05, 104.1, 104.1, 104.15, 104.3])
    lat = np.array([30.15, 30.15, 30.1, 30.05, 30.1])
    assert town_of(lon, lat, towns).tolist() == [0, 0, 0, 3, -1]
    assert town_of(lon[:0], lat[:0], towns).tolist() == []
