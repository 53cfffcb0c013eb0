"""The demo district: what the product promises about it, checked on the shipped files."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import osmium
import pytest
import rasterio
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString, Point, Polygon

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "data" / "demo"
HEADINGS = ["名称", "类型", "经度", "纬度", "床位", "状态", "建成年份", "街道/乡镇", "地址"]
# Metres per degree at 30.30 N; good to 0.1 %, enough for what is checked here.
SCALE_M = np.array([96_228.0, 110_860.0])
# The versions that wrote the shipped files. Others may write other bytes, never other content.
MADE_WITH = {
    "numpy": "2.4.6",
    "scipy": "1.17.1",
    "shapely": "2.2.0",
    "pyogrio": "0.13.0",
    "rasterio": "1.4.4",
    "openpyxl": "3.1.5",
    "osmium": "4.3.2",
    "pyproj": "3.7.2",
}


class Town:
    """Nodes and ways of the shipped OSM file, in metres from 0 E, 0 N."""

    def __init__(self, path: Path) -> None:
        self.nodes: dict[int, tuple[float, float]] = {}
        self.node_tags: dict[int, dict[str, str]] = {}
        self.ways: list[tuple[list[int], dict[str, str]]] = []
        for item in osmium.FileProcessor(str(path)):
            if item.is_node():
                lonlat = np.array([item.location.lon, item.location.lat])
                self.nodes[item.id] = tuple((lonlat * SCALE_M).tolist())
                if len(item.tags):
                    self.node_tags[item.id] = dict(item.tags)
            else:
                self.ways.append(([n.ref for n in item.nodes], dict(item.tags)))

    def line(self, refs: list[int]) -> LineString:
        return LineString([self.nodes[ref] for ref in refs])

    def roads(self, *classes: str) -> list[tuple[list[int], dict[str, str]]]:
        return [
            (refs, tags)
            for refs, tags in self.ways
            if "highway" in tags and (not classes or tags["highway"] in classes)
        ]

    def walkable(self) -> list[tuple[list[int], dict[str, str]]]:
        return [
            (refs, tags)
            for refs, tags in self.roads()
            if tags["highway"] != "motorway" and tags.get("foot") != "no"
        ]


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(DEMO / "roads.osm.pbf")


@pytest.fixture(scope="module")
def people() -> Any:
    with rasterio.open(DEMO / "population.tif") as raster:
        assert raster.crs.to_epsg() == 4326
        assert raster.descriptions == ("population", "age_60_plus", "age_0_3")
        assert raster.nodata == -99999
        assert raster.res == pytest.approx((3 / 3600, 3 / 3600))
        return raster.read(masked=True).astype(np.float64)


def rows(sheet: str, path: Path = DEMO / "facilities.xlsx") -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(path, read_only=True)
    values = list(book[sheet].iter_rows(values_only=True))
    book.close()
    return values


def test_small_enough_to_ship() -> None:
    sizes = {p.name: p.stat().st_size for p in DEMO.iterdir() if p.is_file()}
    assert sum(sizes.values()) < 2_500_000
    assert sizes["roads.osm.pbf"] < 700_000
    assert sizes["dem.tif"] < 700_000


def test_says_that_it_is_synthetic() -> None:
    header = osmium.io.Reader(str(DEMO / "roads.osm.pbf")).header()
    assert "SYNTHETIC" in header.get("generator")
    assert "Synthetic" in (DEMO / "SOURCE.md").read_text(encoding="utf-8")
    study = tomllib.loads((DEMO / "study.toml").read_text(encoding="utf-8"))
    assert study["study"]["synthetic"] is True
    for entry in (study["roads"], study["people"], study["residential"], study["districts"]):
        assert (DEMO / entry["source"]).exists()


def test_two_bridges_and_no_other_way_over_the_river(town: Town) -> None:
    ring = next(refs for refs, tags in town.ways if tags.get("water") == "river")
    river = Polygon([town.nodes[ref] for ref in ring])
    over = [(refs, tags) for refs, tags in town.roads() if town.line(refs).intersects(river)]
    assert sorted(tags["highway"] for _, tags in over) == ["primary", "tertiary"]
    for refs, tags in over:
        assert tags["bridge"] == "yes"
        assert tags["layer"] == "1"
        assert not river.contains(Point(town.nodes[refs[0]]))
        assert not river.contains(Point(town.nodes[refs[-1]]))


def test_every_case_a_walking_router_must_read(town: Town) -> None:
    have = {tags["highway"] for _, tags in town.roads()}
    assert have >= {
        "motorway", "trunk", "primary", "secondary", "tertiary", "residential", "living_street",
        "unclassified", "track", "service", "footway", "path", "pedestrian", "steps",
    }  # fmt: skip
    walkable = town.walkable()
    assert any(tags.get("oneway") == "yes" for _, tags in walkable)
    assert any(tags.get("access") == "private" for _, tags in walkable)
    assert any(tags.get("tunnel") == "yes" for _, tags in walkable)
    assert any(tags.get("foot") == "no" for _, tags in town.roads())
    assert sum(tags.get("barrier") == "gate" for tags in town.node_tags.values()) > 150
    assert sum("building" in tags for _, tags in town.ways) > 300
    assert sum(tags.get("place") == "village" for tags in town.node_tags.values()) > 30
    assert any(tags.get("leisure") == "park" for _, tags in town.ways)


def test_walking_network_hangs_together(town: Town) -> None:
    pairs = np.array([p for refs, _ in town.walkable() for p in pairwise(refs)])
    nodes, index = np.unique(pairs, return_inverse=True)
    index = index.reshape(pairs.shape)
    links = coo_matrix((np.ones(len(pairs)), index.T), shape=(len(nodes),) * 2)
    count, _ = connected_components(links, directed=False)
    assert count == 1


def test_motorway_has_no_junction_with_streets(town: Town) -> None:
    streets = {ref for refs, tags in town.roads() if tags["highway"] != "motorway" for ref in refs}
    motorway = town.roads("motorway")
    assert not streets & {ref for refs, _ in motorway for ref in refs}
    ground = shapely.STRtree(
        [town.line(refs) for refs, tags in town.walkable() if "tunnel" not in tags]
    )
    for refs, tags in motorway:
        if "bridge" not in tags and "tunnel" not in tags:
            assert not len(ground.query(town.line(refs), predicate="intersects"))


def test_gates_are_the_only_way_into_an_estate(town: Town) -> None:
    estates = gpd.read_file(DEMO / "residential.gpkg")
    walls = estates[estates["kind"] == "小区"].geometry
    rings = [LineString(np.array(wall.exterior.coords) * SCALE_M) for wall in walls]
    gates = shapely.MultiPoint(
        [town.nodes[ref] for ref, tags in town.node_tags.items() if "barrier" in tags]
    ).buffer(1.0)
    tree = shapely.STRtree(rings)
    for refs, _ in town.walkable():
        line = town.line(refs)
        for k in tree.query(line, predicate="intersects"):
            assert line.intersection(rings[k]).difference(gates).is_empty


def test_people_add_up_and_groups_stay_inside(people: Any) -> None:
    total, old, young = people.sum(axis=(1, 2))
    assert total == pytest.approx(100_300, abs=100)
    assert old / total == pytest.approx(0.22, abs=0.003)
    assert young / total == pytest.approx(0.022, abs=0.0005)
    assert (people >= 0).all()
    assert (people[1] + people[2] <= people[0]).all()


def test_a_few_people_live_far_from_any_road(town: Town, people: Any) -> None:
    with rasterio.open(DEMO / "population.tif") as raster:
        row, col = np.nonzero(people[0].filled(0) > 0)
        x, y = raster.xy(row, col)
    points = shapely.points(np.column_stack([x, y]) * SCALE_M)
    tree = shapely.STRtree([town.line(refs) for refs, _ in town.walkable()])
    _, away_m = tree.query_nearest(points, return_distance=True, all_matches=False)
    share = people[0].data[row, col][away_m > 400].sum() / people[0].sum()
    assert 0.001 < share < 0.006
    # Between linked and lost there is a wide gap, so the reach of a link decides nothing.
    assert not ((away_m > 150) & (away_m < 400)).any()


def test_eight_districts_tile_the_area() -> None:
    districts = gpd.read_file(DEMO / "districts.gpkg", layer="districts")
    area = gpd.read_file(DEMO / "district.gpkg", layer="area")
    assert districts.crs.to_epsg() == area.crs.to_epsg() == 4326
    assert len(area) == 1
    assert districts["kind"].value_counts().to_dict() == {"街道": 3, "镇": 3, "乡": 2}
    assert districts.geometry.is_valid.all()
    union = districts.union_all()
    assert union.symmetric_difference(area.union_all()).area < 1e-10
    areas = shapely.area(districts.geometry.to_numpy())
    assert areas.sum() == pytest.approx(union.area, rel=1e-9)


def test_residential_areas() -> None:
    homes = gpd.read_file(DEMO / "residential.gpkg", layer="residential")
    districts = gpd.read_file(DEMO / "districts.gpkg")
    assert 150 <= len(homes) <= 250
    assert set(homes["kind"]) == {"小区", "村", "老街坊"}
    assert set(homes["town"]) <= set(districts["name"])
    assert homes["name"].is_unique
    assert homes.geometry.is_valid.all()


@pytest.mark.parametrize(
    ("sheet", "capacity", "count"), [("养老设施", "床位", 16), ("托育设施", "托位", 18)]
)
def test_facility_sheets(sheet: str, capacity: str, count: int) -> None:
    head, *body = rows(sheet)
    assert list(head) == [capacity if h == "床位" else h for h in HEADINGS]
    assert len(body) == count
    area = gpd.read_file(DEMO / "district.gpkg").union_all()
    assert len({row[0] for row in body}) == count
    for row in body:
        assert area.contains(Point(row[2], row[3]))
        assert row[5] in {"现状", "规划"}
        assert (2025 <= row[6] <= 2028) if row[5] == "规划" else (row[6] < 2025)
    assert sum(row[5] == "现状" for row in body) / count == pytest.approx(0.67, abs=0.05)


def test_one_nursery_is_far_from_the_network(town: Town) -> None:
    tree = shapely.STRtree([town.line(refs) for refs, _ in town.walkable()])
    for sheet, lost in (("养老设施", 0), ("托育设施", 1)):
        points = shapely.points(np.array([row[2:4] for row in rows(sheet)[1:]]) * SCALE_M)
        _, away_m = tree.query_nearest(points, return_distance=True, all_matches=False)
        assert (away_m > 30).sum() == lost
        assert away_m.max() < 280


def test_terrain_fits_river_and_rural_roads(town: Town) -> None:
    with rasterio.open(DEMO / "dem.tif") as raster:
        assert raster.crs.to_epsg() == 4326
        height = raster.read(1)
        west, north = raster.bounds.left, raster.bounds.top

    def at(xy: np.ndarray) -> np.ndarray:
        lon, lat = (xy / SCALE_M).T
        col, row = (lon - west) * 3600 - 0.5, (north - lat) * 3600 - 0.5
        c = np.clip(col.astype(int), 0, height.shape[1] - 2)
        r = np.clip(row.astype(int), 0, height.shape[0] - 2)
        u, v = col - c, row - r
        top = height[r, c] * (1 - u) + height[r, c + 1] * u
        low = height[r + 1, c] * (1 - u) + height[r + 1, c + 1] * u
        return top * (1 - v) + low * v

    assert 230 < height.min() < 245
    assert 560 < height.max() < 640
    course = next(refs for refs, tags in town.ways if tags.get("waterway") == "river")
    line = town.line(course)
    xy = shapely.get_coordinates(line.interpolate(np.arange(800, line.length - 800, 100)))
    assert at(xy).max() < 246
    slopes = []
    for refs, _ in town.roads("unclassified"):
        line = town.line(refs)
        xy = shapely.get_coordinates(line.interpolate(np.arange(0, line.length, 50)))
        slopes.append(np.abs(np.diff(at(xy))) / 50)
    assert np.quantile(np.concatenate(slopes), 0.97) < 0.12


def test_script_makes_the_same_again(tmp_path: Path, town: Town, people: Any) -> None:
    script = ROOT / "scripts" / "make_demo_data.py"
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True, timeout=300)
    names = sorted(p.name for p in DEMO.iterdir() if p.is_file())
    assert sorted(p.name for p in tmp_path.iterdir()) == names
    if all(importlib.metadata.version(name) == v for name, v in MADE_WITH.items()):
        for name in names:
            assert (tmp_path / name).read_bytes() == (DEMO / name).read_bytes(), name
        return
    # Other versions may round a coordinate differently; what is counted has to stay.
    again = Town(tmp_path / "roads.osm.pbf")
    assert len(again.ways) == pytest.approx(len(town.ways), rel=0.02)
    with rasterio.open(tmp_path / "population.tif") as raster:
        fresh = raster.read(masked=True).astype(np.float64)
    assert fresh.shape == people.shape
    assert fresh.sum(axis=(1, 2)) == pytest.approx(people.sum(axis=(1, 2)), rel=0.001)
    for sheet in ("养老设施", "托育设施"):
        old, new = rows(sheet), rows(sheet, tmp_path / "facilities.xlsx")
        assert [row[0] for row in new] == [row[0] for row in old]
    assert len(gpd.read_file(tmp_path / "districts.gpkg")) == 8


def test_source_note_counts_match(people: Any) -> None:
    note = (DEMO / "SOURCE.md").read_text(encoding="utf-8")
    found = re.search(r"\| people \| ([\d,.]+) \|", note)
    assert found
    assert float(found[1].replace(",", "")) == pytest.approx(people[0].sum(), abs=0.1)
