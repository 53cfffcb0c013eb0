"""What is told of area layers: mended rings, columns, coordinates; and named areas of OSM files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from quarterhour.errors import InputError
from quarterhour.sources.datum.coordinates import bd09_of_gcj02, gcj02_of_wgs84
from quarterhour.sources.units.areas import read_areas, read_boundary, read_osm_areas
from road_files import LOCAL, osm_text, refusal
from test_areas import BOWTIE, corners, ring, square, square_m, write

if TYPE_CHECKING:
    from pathlib import Path


# ---------------------------------------------------------------- what was done to a layer is told


def test_mended_rings_are_told_with_what_it_did_to_their_area(tmp_path: Path) -> None:
    # a spike without width keeps the area; a bow tie has none before it is mended
    spike = shapely.Polygon(
        [(0, 0), (100, 0), (100, 50), (150, 50), (100, 50), (100, 100), (0, 100)]
    )
    path = write(
        tmp_path / "areas.parquet", square(300, 0), spike, BOWTIE, name=["whole", "spike", "bow"]
    )
    areas = read_areas(path, what="residential")
    assert [(c.row, c.name, c.kind) for c in areas.changes] == [
        (2, "spike", "mended"), (3, "bow", "mended"),
    ]  # fmt: skip
    spiked, bow = (c.detail for c in areas.changes)
    assert "its area stays the same" in spiked.en
    assert "面积不变" in spiked.zh
    assert "before, it had no area of its own" in bow.en
    assert abs(square_m(areas.geometry[1]) - 10_000.0) < 1.0


def test_an_area_that_mending_changes_is_told(tmp_path: Path) -> None:
    # a figure of eight: 100 m square, and a 20 m square beyond the crossing that runs backwards
    eight = shapely.Polygon([(0, 0), (100, 0), (100, 100), (100, 120), (120, 100), (0, 100)])
    assert not eight.is_valid
    areas = read_areas(write(tmp_path / "a.gpkg", eight, name=["eight"]), what="residential")
    # 10,000 m2 less 200 m2 that run backwards, and then both
    was, now = eight.area, square_m(areas.geometry[0])
    assert f"its area changes by {now / was - 1:+.1%}" in areas.changes[0].detail.en


def test_what_a_layer_was_taken_to_be(tmp_path: Path) -> None:
    path = write(
        tmp_path / "areas.gpkg", square(0, 0), square(300, 0), 名称=["清河里", ""], 户数=[120, 80]
    )
    reading = read_areas(path, what="residential").reading
    assert reading is not None
    assert (reading.layer, reading.form, reading.rows) == ("residential", "GeoPackage", 2)
    assert reading.sheets == ("areas",)
    assert [tuple(c) for c in reading.columns] == [
        ("名称", "name", "recognised", "清河里"), ("户数", "", "unused", "120"),
    ]  # fmt: skip
    named = read_areas(path, name="户数", what="residential").reading
    assert named is not None
    assert ("户数", "name", "named", "120") in [tuple(c) for c in named.columns]


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_areas_of_a_web_map_are_moved_back(system: str, tmp_path: Path) -> None:
    true = gpd.GeoSeries([square(0, 0)], crs=LOCAL).to_crs(4326).iloc[0]
    shifted = shapely.transform(
        true, lambda xy: np.column_stack(of_wgs84(xy[:, 0], xy[:, 1], system))
    )
    path = tmp_path / "web.geojson"
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[shifted], crs=4326).to_file(path)
    areas = read_areas(path, coordinates=system, what="districts")
    assert abs(square_m(areas.geometry[0]) - 10_000.0) < 1.0
    assert shapely.hausdorff_distance(areas.geometry[0], true) < 1e-7
    assert areas.reading is not None
    assert areas.reading.coordinates == system
    (change,) = areas.changes
    assert (change.kind, change.row) == ("datum", None)
    assert "1 polygon was moved" in change.detail.en
    # without the word for it the polygons stay where the file says
    assert shapely.hausdorff_distance(read_boundary(path), shifted) < 1e-9
    assert shapely.hausdorff_distance(read_boundary(path, coordinates=system), true) < 1e-7


def of_wgs84(x: Any, y: Any, system: str) -> tuple[Any, Any]:
    x, y = gcj02_of_wgs84(x, y)
    return (x, y) if system == "gcj02" else bd09_of_gcj02(x, y)


def test_an_unknown_system_of_a_layer_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "areas.gpkg", square(0, 0))
    text = refusal(lambda: read_areas(path, coordinates="gcj2", what="districts"), InputError)
    assert "needed is one of wgs84, gcj02, bd09, cgcs2000" in text


# ------------------------------------------------------------------------ named areas of OSM files


def osm_areas(path: Path, ways: list[Any]) -> dict[str, float]:
    """Square metres by name (or kind) of the residential areas of squares drawn as (x, y, side)."""
    nodes, drawn = {}, []
    for k, (x, y, side, tags) in enumerate(ways):
        nodes |= corners(10 * k + 1, x, y, side)
        drawn.append((ring(10 * k + 1), tags))
    path.write_text(osm_text(nodes, drawn), encoding="utf-8")
    areas = read_osm_areas(path, what="residential")
    size = [square_m(g) for g in areas.geometry]
    names = zip(areas.name, areas.kind, size, strict=True)
    return {name or kind: round(m2, -1) for name, kind, m2 in names}


def test_a_name_may_stand_in_another_tag(tmp_path: Path) -> None:
    land = {"landuse": "residential"}
    found = osm_areas(tmp_path / "a.osm", [
        (0, 0, 100, land | {"name:zh": "清河里", "name:en": "Qinghe"}),
        (300, 0, 100, land | {"name:en": "Riverside"}),
        (600, 0, 100, {"residential": "gated", "name": "花园"}),
        (900, 0, 100, {"residential": "no", "name": "nothing"}),
    ])  # fmt: skip
    assert found == {"清河里": 10_000, "Riverside": 10_000, "花园": 10_000}


def test_a_named_place_is_an_area_where_people_live_in_it(tmp_path: Path) -> None:
    place = {"place": "neighbourhood"}
    found = osm_areas(tmp_path / "a.osm", [
        # 8,100 of 10,000 m2 are residential land
        (0, 0, 100, place | {"name": "东苑"}), (5, 5, 90, {"landuse": "residential"}),
        # 1,600 of 10,000 m2 are built with homes
        (300, 0, 100, {"place": "quarter", "name": "西苑"}),
        (310, 10, 40, {"building": "apartments"}),
        # a park with the hut of its keeper, and a place without a name
        (600, 0, 100, place | {"name": "park"}), (610, 10, 10, {"building": "hut", "name": "hut"}),
        (900, 0, 100, place), (905, 5, 90, {"landuse": "residential"}),
    ])  # fmt: skip
    assert found == {"东苑": 10_000, "西苑": 10_000, "hut": 100, "residential_land": 8_100}


def test_no_land_is_in_two_areas(tmp_path: Path) -> None:
    land = {"landuse": "residential"}
    found = osm_areas(tmp_path / "a.osm", [
        # two named ones in unnamed land of 90,000 m2; a smaller unnamed one in a named one
        (0, 0, 300, land), (10, 10, 100, land | {"name": "甲"}),
        (150, 150, 100, land | {"name": "乙"}),
        (20, 20, 50, land),
        # a named one in a named one that it nearly fills
        (600, 0, 100, land | {"name": "outer"}), (602, 2, 96, land | {"name": "inner"}),
    ])  # fmt: skip
    assert found == {"residential_land": 70_000, "甲": 10_000, "乙": 10_000, "inner": 9_220}
    (change,) = read_osm_areas(tmp_path / "a.osm", what="residential").changes
    assert change.kind == "nested"
    assert "1 area was cut" in change.detail.en
    assert "2 that others mostly cover" in change.detail.en


@pytest.mark.parametrize("name", ["liechtenstein/liechtenstein-latest", "helsinki/Helsinki"])
def test_real_residential_areas_share_no_land(name: str, shared: Path) -> None:
    areas = read_osm_areas(shared / f"{name}.osm.pbf", what="residential")
    assert len(areas) > 20
    assert shapely.is_valid(areas.geometry).all()
    land = areas.geometry[np.array(areas.kind) == "residential_land"]
    assert abs(shapely.union_all(land).area / shapely.area(land).sum() - 1) < 1e-6
    assert areas.reading is not None
    assert areas.reading.rows == len(areas)
