"""Totals of townships spread over cells, points, residential areas and buildings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import quarterhour as qh
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, AreaSet, Demand
from quarterhour.sources.people.disaggregate import SpreadReport, conservation_lines
from quarterhour.sources.people.read import read_people_report
from quarterhour.sources.people.totals import TotalsFile
from quarterhour.sources.units.areas import read_osm_areas

if TYPE_CHECKING:
    from pathlib import Path

STEP = 0.001
WEST, NORTH = 104.6, 30.2
TOWNS = {"甲街道": (0, 0, 2, 2), "乙镇": (2, 0, 4, 2), "丙乡": (0, 2, 4, 4)}
"""Columns and rows of a raster of four by four cells, from and to."""


def part(c0: float, r0: float, c1: float, r1: float) -> shapely.Polygon:
    return shapely.box(WEST + c0 * STEP, NORTH - r1 * STEP, WEST + c1 * STEP, NORTH - r0 * STEP)


def raster(folder: Path, cells: Any) -> Path:
    band = np.asarray(cells, "float64")
    at = rasterio.Affine(STEP, 0, WEST, 0, -STEP, NORTH)
    with rasterio.open(
        folder / "p.tif", "w", driver="GTiff", count=1, height=band.shape[0], width=band.shape[1],
        dtype="float64", crs="EPSG:4326", transform=at,
    ) as file:  # fmt: skip
        file.write(band, 1)
    return folder / "p.tif"


def units(folder: Path, table: str, towns: dict[str, tuple[int, ...]] = TOWNS) -> TotalsFile:
    shapes = [part(*at) for at in towns.values()]
    columns = {"乡镇": list(towns), "区县": ["东区"] * len(towns)}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4326).to_file(folder / "towns.gpkg")
    (folder / "t.csv").write_text(table, encoding="utf-8")
    return TotalsFile(source=folder / "t.csv", areas=folder / "towns.gpkg")


def persons(demand: Demand, group: str = EVERYONE) -> list[float]:
    return (demand.amounts[group] / 1e6).tolist()


def spread(*given: Any, **choices: Any) -> tuple[Demand, SpreadReport]:
    demand, report = read_people_report(*given, **choices)
    assert report is not None
    assert report.conserved
    return demand, report


CELLS = [[1, 1, 3, 1], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 9]]


def test_totals_replace_the_people_of_a_raster(tmp_path: Path) -> None:
    told = units(tmp_path, "区县,街道,人口,老人\n东区,甲街道,100,10\n东区,乙,40,7\n东区,丙乡,5,5\n")
    found, report = spread(
        raster(tmp_path, CELLS), totals=told, groups={"old": "老人", "young": 0.1}
    )
    # by row: 甲 甲 乙 乙 / 甲 甲 / 丙
    assert persons(found) == [25, 25, 30, 10, 25, 25, 5]
    assert persons(found, "old") == [2.5, 2.5, 5.25, 1.75, 2.5, 2.5, 5]
    assert persons(found, "young") == [2.5, 2.5, 3, 1, 2.5, 2.5, 0.5]
    assert report.n_places.tolist() == [4, 2, 1]
    assert not found.set_aside
    assert [(c.kind, c.name) for c in found.changes] == [("matched", "东区 乙")]
    assert [r.layer for r in found.readings] == ["people", "totals", "towns"]
    assert conservation_lines(report)[:2] == [
        "everyone: 145 in the table = 145 spread + 0 lost (which adds up)",
        "old: 22 in the table = 22 spread + 0 lost (which adds up)",
    ]


def test_weights_may_be_equal_or_the_area(tmp_path: Path) -> None:
    told = units(tmp_path, "区县,街道,人口\n东区,乙镇,40\n")
    path = raster(tmp_path, CELLS)
    assert persons(spread(path, totals=told, weight="equal")[0]) == [20, 20]
    assert persons(spread(path, totals=told, weight="area")[0]) == pytest.approx([20, 20])
    with pytest.raises(InputError, match="this is a raster"):
        read_people_report(path, totals=told, weight="floor_area")
    with pytest.raises(InputError, match="there are no totals"):
        read_people_report(path, weight="area")


def test_everybody_who_is_lost_is_told(tmp_path: Path) -> None:
    table = (
        "区县,街道,人口\n东区,甲街道,100\n东区,甲街道,3\n东区,丁镇,7\n东区,丙乡,50\n"
        "东区,戊镇,-4\n东区,,6\n,合计,200\n"
    )
    cells = [[1, 1, 5, 1], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    found, report = spread(raster(tmp_path, cells), totals=units(tmp_path, table))
    assert persons(found) == [25, 25, 25, 25]
    assert {(a.row, a.reason) for a in found.set_aside} == {
        (3, "duplicate_unit"), (4, "no_area"), (5, "no_place"), (6, "negative_people"),
        (7, "no_unit"), (8, "sum_row"),
    }  # fmt: skip
    assert report.lost[EVERYONE].tolist() == [0, 7_000_000, 50_000_000]
    assert report.places_without_unit == 2
    assert report.share_without_unit == pytest.approx(6 / 10)
    assert report.areas_without_row == ("东区 乙镇",)
    english = "\n".join(note.en for note in found.notes)
    assert (
        "57 people of 2 units have nowhere to be and are not counted: 东区 丁镇, 东区 丙乡"
        in english
    )
    assert "2 places (60.0% of the weight) lie in no unit" in english
    assert "its row of the sum says 200 people, the rows add up to 157 (+43)" in english


def test_functional_zones_belong_to_a_county(tmp_path: Path) -> None:
    told = units(tmp_path, "区县,街道,人口\n经开区,甲街道,8\n")
    path = raster(tmp_path, CELLS)
    with pytest.raises(InputError, match="nobody could be spread"):
        read_people_report(path, totals=told)
    told = TotalsFile(source=told.source, areas=told.areas, zones={"经开区": "东区"})
    assert persons(spread(path, totals=told)[0]) == [2, 2, 2, 2]


def test_points_lend_their_weight_and_their_own_share_of_a_group(tmp_path: Path) -> None:
    told = units(tmp_path, "区县,街道,人口（万人）\n东区,甲街道,1.2\n")
    lon, lat = WEST + 0.5 * STEP, NORTH - 0.5 * STEP
    (tmp_path / "p.csv").write_text(
        f"lon,lat,人口,young\n{lon},{lat},1,1\n{lon + STEP},{lat},3,0.75\n", encoding="utf-8"
    )
    found, report = spread(tmp_path / "p.csv", totals=told, groups={"young": "young"})
    assert persons(found) == [3000, 9000]
    assert persons(found, "young") == [3000, 2250]
    assert report.spread["young"].tolist() == [5_250_000_000]
    assert found.row.tolist() == [2, 3]


def test_an_area_in_two_towns_is_shared_by_its_land(tmp_path: Path) -> None:
    told = units(tmp_path, "区县,街道,人口\n东区,甲街道,60\n东区,乙镇,30\n")
    areas = AreaSet(
        geometry=np.array([part(0, 0, 4, 2)]), name=("小区",), kind=("",), row=np.array([1])
    )
    found, report = spread(areas, totals=told)
    assert len(found) > 20
    assert set(found.names) == {"小区"}
    east = found.lon > WEST + 2 * STEP
    assert sum(persons(found)) == 90
    assert found.amounts[EVERYONE][east].sum() == pytest.approx(30e6)
    assert report.weighed.en == "the area of residential land"


def test_buildings_weigh_their_footprint_times_their_levels(tmp_path: Path) -> None:
    told = units(tmp_path, "区县,街道,人口\n东区,甲街道,80\n")
    homes = [part(k, 0, k + 0.5, 0.5) for k in (0, 0.6, 1.2)]
    frame = gpd.GeoDataFrame({"层数": [5, 2, None]}, geometry=homes, crs=4326)
    frame.to_file(tmp_path / "homes.gpkg")
    found, _ = spread(tmp_path / "homes.gpkg", totals=told, weight="floor_area")
    assert persons(found) == pytest.approx([50, 20, 10], rel=1e-6)
    english = "\n".join(note.en for note in found.notes)
    assert "2 buildings say their levels; the others are taken as" in english
    assert "1 as 1" in english


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("区县,街道\n东区,甲街道\n", "has no column of people"),
        ("人口,备注\n5,无\n", "has no column of the units"),
        ("区县,街道,人口\n东区,甲街道,0\n", "holds no unit with people"),
        ("区县,街道,人口\n西区,甲街道,5\n", "nobody could be spread"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, table: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        qh.read_people(raster(tmp_path, CELLS), totals=units(tmp_path, table))


def test_a_group_that_nobody_has_is_an_error(tmp_path: Path) -> None:
    told = units(tmp_path, "区县,街道,人口\n东区,甲街道,5\n")
    with pytest.raises(InputError, match="老人"):
        qh.read_people(raster(tmp_path, CELLS), totals=told, groups={"old": "老人"})


@settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.lists(st.sampled_from([0, 0, 1, 2.5, 1e-7, 1e6]), min_size=16, max_size=16),
    st.lists(st.tuples(st.sampled_from(sorted(TOWNS)), st.integers(0, 10**6)), max_size=3,
             unique_by=lambda row: row[0]),
    st.floats(0, 1),
)  # fmt: skip
def test_random_rasters_and_totals_keep_everyone(
    tmp_path: Path, cells: list[float], rows: list[tuple[str, int]], share: float
) -> None:
    table = "区县,街道,人口,老人\n" + "".join(f"东区,{t},{n},{n // 3}\n" for t, n in rows)
    band = np.array(cells).reshape(4, 4)
    told = units(tmp_path, table)
    try:
        found, report = spread(
            raster(tmp_path, band), totals=told, groups={"old": "老人", "part": share}
        )
    except InputError:
        living = {t for t, (c0, r0, c1, r1) in TOWNS.items() if band[r0:r1, c0:c1].any()}
        assert not any(n and t in living for t, n in rows)
        return
    for group in (EVERYONE, "old", "part"):
        assert report.table[group].sum() == found.amounts[group].sum() + report.lost[group].sum()
    for k, (town, people) in enumerate(rows):
        c0, r0, c1, r1 = TOWNS[town]
        full = bool(band[r0:r1, c0:c1].any())
        assert report.spread[EVERYONE][k] == (people * 1_000_000 if full else 0)
    _, again = spread(
        raster(tmp_path, band), totals=units(tmp_path, _turned(table)), groups={"old": "老人"}
    )
    same = dict(zip(again.unit, again.spread["old"].tolist(), strict=True))
    assert same == dict(zip(report.unit, report.spread["old"].tolist(), strict=True))


def _turned(table: str) -> str:
    head, *rows = table.splitlines()
    return "\n".join([head, *reversed(rows), ""])


def test_homes_of_a_real_file(shared: Path, tmp_path: Path) -> None:
    pbf = shared / "liechtenstein" / "liechtenstein-latest.osm.pbf"
    halves = [shapely.box(9.3, 46.7, 9.7, 47.17), shapely.box(9.3, 47.17, 9.7, 47.6)]
    gpd.GeoDataFrame({"name": ["南", "北"]}, geometry=halves, crs=4326).to_file(tmp_path / "u.gpkg")
    (tmp_path / "t.csv").write_text("名称,人口\n南,24000\n北,13500\n", encoding="utf-8")
    told = TotalsFile(source=tmp_path / "t.csv", areas=tmp_path / "u.gpkg")
    for source in (pbf, read_osm_areas(pbf, what="residential")):
        found, report = spread(source, totals=told)
        assert int(found.amounts[EVERYONE].sum()) == 37_500_000_000
        assert len(found) > 5000
        assert not report.lost[EVERYONE].any()


def test_counties_with_invalid_rings(shared: Path, tmp_path: Path) -> None:
    # the seven counties of Dazhou; numbers of people are made up, one each per county
    areas = shared / "boundaries" / "511700.geojson"
    names = gpd.read_file(areas)["name"].tolist()
    rows = "".join(f"{name},{(k + 1) * 100}\n" for k, name in enumerate(names))
    (tmp_path / "t.csv").write_text("区县,人口\n" + rows, encoding="utf-8")
    band = np.ones((210, 200))
    at = rasterio.Affine(0.01, 0, 106.6, 0, -0.01, 32.4)
    with rasterio.open(
        tmp_path / "p.tif", "w", driver="GTiff", count=1, height=210, width=200, dtype="float64",
        crs="EPSG:4326", transform=at,
    ) as file:  # fmt: skip
        file.write(band, 1)
    found, report = spread(tmp_path / "p.tif", totals=TotalsFile(source=tmp_path / "t.csv",
                           areas=areas, areas_coordinates="gcj02"))  # fmt: skip
    assert report.spread[EVERYONE].tolist() == [(k + 1) * 100_000_000 for k in range(len(names))]
    assert int(found.amounts[EVERYONE].sum()) == 2_800_000_000
    assert report.places_without_unit > 0
