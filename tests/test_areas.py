"""Residential areas, districts and study boundaries; and roads clipped to a zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from quarterhour.core import graph
from quarterhour.errors import InputError
from quarterhour.sources.roads.read import clip, read_roads
from quarterhour.sources.units.areas import read_areas, read_boundary, read_osm_areas
from road_files import LOCAL, lonlat, osm_text, refusal, write_osm

if TYPE_CHECKING:
    from pathlib import Path

BOWTIE = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
FLAT = shapely.Polygon([(0, 0), (50, 0), (0, 0)])


def square(x: float, y: float, side: float = 100.0) -> shapely.Polygon:
    return shapely.box(x, y, x + side, y + side)


def write(path: Path, *geometry: Any, **columns: Any) -> Path:
    frame = gpd.GeoDataFrame(columns, geometry=list(geometry), crs=LOCAL)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


def square_m(geometry: Any) -> float:
    return float(gpd.GeoSeries([geometry], crs=4326).to_crs(LOCAL).area.iloc[0])


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".parquet"])
@pytest.mark.parametrize("column", ["名称", "name", "NAME"])
def test_names_are_found_in_their_usual_columns(suffix: str, column: str, tmp_path: Path) -> None:
    path = write(
        tmp_path / f"areas{suffix}", square(0, 0), square(300, 0), **{column: ["清河里", None]}
    )
    areas = read_areas(path, what="residential")
    assert areas.name == ("清河里", "")
    assert areas.row.tolist() == [1, 2]
    assert areas.file == path.name


def test_a_shapefile_in_gbk_without_a_word_about_it_is_read(tmp_path: Path) -> None:
    for encoding in ("GBK", "UTF-8"):
        path = tmp_path / f"{encoding}.shp"
        frame = gpd.GeoDataFrame({"名称": ["清河里小区"]}, geometry=[square(0, 0)], crs=LOCAL)
        frame.to_file(path, encoding=encoding)
        path.with_suffix(".cpg").unlink()
        table = bytearray(path.with_suffix(".dbf").read_bytes())
        table[29] = 0  # the mark of the language in the header
        path.with_suffix(".dbf").write_bytes(table)
        assert read_areas(path, what="residential").name == ("清河里小区",)


def test_a_column_may_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "areas.gpkg", square(0, 0), 小区=["清河里"], name=["x"])
    assert read_areas(path, name="小区", what="residential").name == ("清河里",)
    text = refusal(lambda: read_areas(path, name="小屋", what="residential"), InputError)
    assert "no column '小屋'" in text


def test_rings_that_cross_themselves_are_mended(tmp_path: Path) -> None:
    path = write(tmp_path / "areas.gpkg", BOWTIE, square(300, 0))
    areas = read_areas(path, what="residential")
    assert shapely.is_valid(areas.geometry).all()
    assert abs(square_m(areas.geometry[0]) - 5000.0) < 1.0
    assert not areas.set_aside


def test_rows_without_a_polygon_are_set_aside(tmp_path: Path) -> None:
    path = write(
        tmp_path / "areas.parquet",
        square(0, 0), None, shapely.Polygon(), shapely.Point(5, 5), FLAT, square(300, 0),
        name=["a", "none", "empty", "point", "flat", "b"],
    )  # fmt: skip
    areas = read_areas(path, what="districts")
    assert areas.name == ("a", "b")
    assert areas.row.tolist() == [1, 6]
    assert [(a.row, a.name, a.layer) for a in areas.set_aside] == [
        (2, "none", "districts"), (3, "empty", "districts"), (4, "point", "districts"),
        (5, "flat", "districts"),
    ]  # fmt: skip
    assert np.isin(shapely.get_type_id(areas.geometry), (3, 6)).all()


def test_layers_without_a_polygon_say_so(tmp_path: Path) -> None:
    for k, geometry in enumerate([shapely.LineString([(0, 0), (9, 9)]), shapely.Point(1, 1), FLAT]):
        path = write(tmp_path / f"no{k}.gpkg", geometry)
        text = refusal(lambda path=path: read_areas(path, what="residential"), InputError)
        assert "holds no polygon; needed are residential polygons" in text
    text = refusal(lambda: read_boundary(tmp_path / "none.gpkg"), InputError)
    assert "boundary polygons" in text


def test_a_boundary_is_the_union_of_its_polygons(tmp_path: Path) -> None:
    path = write(tmp_path / "district.gpkg", square(0, 0), square(50, 0), square(900, 900))
    boundary = read_boundary(path)
    assert abs(square_m(boundary) - 25_000.0) < 1.0


def test_real_districts_are_mended(shared: Path) -> None:
    files = sorted((shared / "boundaries").glob("*.geojson"))
    assert files
    broken = 0
    for path in files:
        frame = gpd.read_file(path)
        broken += int((~frame.is_valid).sum())
        areas = read_areas(path, what="districts")
        assert areas.name == tuple(frame["name"])
        assert not areas.set_aside
        assert shapely.is_valid(areas.geometry).all()
        whole = shapely.area(shapely.make_valid(frame.geometry.to_numpy())).sum()
        assert abs(shapely.area(areas.geometry).sum() / whole - 1) < 1e-9
        boundary = read_boundary(path)
        assert boundary.is_valid
        assert abs(boundary.area / whole - 1) < 1e-3
    assert broken == 5


# ------------------------------------------------------------------------------- areas of OSM files


def corners(first: int, x: float, y: float, side: float) -> dict[int, tuple[float, float]]:
    places = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return {first + k: place for k, place in enumerate(places)}


def ring(first: int) -> list[int]:
    return [first, first + 1, first + 2, first + 3, first]


OSM_NODES = {
    **corners(1, 0, 0, 200), **corners(11, 20, 20, 30), **corners(21, 400, 0, 30),
    **corners(31, 500, 0, 30), **corners(41, 600, 0, 300), **corners(51, 700, 100, 100),
    **corners(61, 190, 90, 40), **corners(71, 1000, 0, 30),
}  # fmt: skip
OSM_WAYS = [
    (ring(1), {"landuse": "residential", "name": "清河里"}),
    (ring(11), {"building": "apartments", "name": "inside the land"}),
    (ring(21), {"building": "house", "name": "alone"}),
    (ring(31), {"building": "school"}),
    (ring(41), {}),
    (ring(51), {}),
    (ring(61), {"building": "apartments", "name": "mostly outside the land"}),
    (ring(71), {"building": "no"}),
    ([71, 72, 73], {"building": "house", "name": "not closed"}),
]
ESTATE = ([(105, "outer"), (106, "inner")],
          {"type": "multipolygon", "landuse": "residential", "name": "estate"})  # fmt: skip


@pytest.fixture
def osm_file(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(osm_text(OSM_NODES, OSM_WAYS, [ESTATE]), encoding="utf-8")
    return path


def test_homes_inside_residential_land_are_not_counted_twice(osm_file: Path) -> None:
    areas = read_osm_areas(osm_file, what="residential")
    found = sorted(zip(areas.kind, areas.name, strict=True))
    assert found == [
        ("building", "alone"), ("building", "mostly outside the land"),
        ("residential_land", "estate"), ("residential_land", "清河里"),
    ]  # fmt: skip
    assert areas.file == "town.osm"


def test_a_relation_keeps_its_hole(osm_file: Path) -> None:
    areas = read_osm_areas(osm_file, what="residential")
    estate = areas.geometry[areas.name.index("estate")]
    assert abs(square_m(estate) - (300.0**2 - 100.0**2)) < 5.0
    assert not shapely.covers(estate, shapely.Point(lonlat(750, 150)))
    assert shapely.covers(estate, shapely.Point(lonlat(650, 50)))


def test_buildings_are_all_buildings(osm_file: Path) -> None:
    areas = read_osm_areas(osm_file, what="buildings")
    assert len(areas) == 4
    assert set(areas.kind) == {"building"}


def test_a_file_without_areas_has_none(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "roads.osm", OSM_NODES, [([1, 2], {"highway": "path"})])
    for what in ("residential", "buildings"):
        assert len(read_osm_areas(path, what=what)) == 0


def test_files_that_are_not_openstreetmap_say_so(tmp_path: Path) -> None:
    path = tmp_path / "town.osm.pbf"
    text = refusal(lambda: read_osm_areas(path, what="residential"), InputError)
    assert "not found" in text
    path.write_bytes(b"<html></html>")
    text = refusal(lambda: read_osm_areas(path, what="residential"), InputError)
    assert "areas cannot be read" in text


# ----------------------------------------------------------------------------------------- clipping

STREETS = {1: (0.0, 0.0), 2: (300.0, 0.0), 3: (300.0, 300.0), 4: (900.0, 0.0), 5: (900.0, 400.0),
           6: (2000.0, 0.0)}  # fmt: skip
STREET = {"highway": "residential"}


def in_degrees(zone_m: shapely.Geometry) -> shapely.Geometry:
    return gpd.GeoSeries([zone_m], crs=LOCAL).to_crs(4326).iloc[0]


def test_clipping_keeps_whole_edges_that_touch_the_zone(tmp_path: Path) -> None:
    ways = [([1, 2, 4, 6], STREET), ([2, 3], {"highway": "steps"}), ([4, 5], STREET)]
    network = read_roads(write_osm(tmp_path / "town.osm", STREETS, ways), cache=False)
    # the zone ends in the middle of the street from 300 to 900
    near = clip(network, in_degrees(shapely.box(-50, -50, 600, 50)))
    assert sorted(np.round(near.edge_length_mm / 1000)) == [300, 300, 600]
    assert near.n_nodes == 4
    assert near.edge_tail.max() < 4
    assert near.edge_head.max() < 4
    kept = {tuple(xy) for xy in zip(network.vertex_lon, network.vertex_lat, strict=True)}
    assert set(zip(near.vertex_lon, near.vertex_lat, strict=True)) <= kept
    # each kept edge is the very edge of the whole network
    for edge in range(near.n_edges):
        part = slice(near.first_vertex[edge], near.first_vertex[edge + 1])
        twins = [
            k
            for k in range(network.n_edges)
            if np.array_equal(
                network.vertex_lon[network.first_vertex[k] : network.first_vertex[k + 1]],
                near.vertex_lon[part],
            )
        ]
        assert len(twins) == 1
        assert near.edge_kind[edge] == network.edge_kind[twins[0]]
        assert near.edge_length_mm[edge] == network.edge_length_mm[twins[0]]
    # a zone around everything changes nothing, and one elsewhere leaves nothing
    assert clip(network, in_degrees(shapely.box(-99, -99, 3000, 999))) is network
    assert clip(network, in_degrees(shapely.box(5000, 5000, 6000, 6000))).n_edges == 0


def test_an_edge_is_kept_where_only_its_middle_is_in_the_zone(tmp_path: Path) -> None:
    ways = [([1, 2, 4, 6], STREET)]
    network = read_roads(write_osm(tmp_path / "town.osm", STREETS, ways), cache=False)
    middle = clip(network, in_degrees(shapely.box(550, -5, 560, 5)))
    assert np.round(middle.edge_length_mm / 1000).tolist() == [2000]
    assert isinstance(graph.subset(network, np.array([False])).n_nodes, int)
