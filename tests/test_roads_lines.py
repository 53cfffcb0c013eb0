"""Road lines of GIS files: joined within the tolerance, split where they touch."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from quarterhour.core import graph
from quarterhour.errors import InputError
from quarterhour.model import BRIDGE, STEPS, TUNNEL
from quarterhour.sources.roads.lines import lines_of_frame
from quarterhour.sources.roads.read import read_roads
from road_files import GEOD, LOCAL, degrees, length_m, line_frame, lonlat, n_components, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from quarterhour.model import RoadNetwork

    Line = Sequence[tuple[float, float]]

MAIN = [(-200.0, 0.0), (200.0, 0.0)]


def network_of(
    frame: gpd.GeoDataFrame, *, join_m: float = 0.5, crossings: bool = False
) -> RoadNetwork:
    lines = lines_of_frame(frame, "town", join_tolerance_m=join_m, split_crossings=crossings)
    return graph.build(lines)


def drawn(
    *lines: Line, join_m: float = 0.5, crossings: bool = False, **columns: Any
) -> RoadNetwork:
    return network_of(line_frame(*lines, **columns), join_m=join_m, crossings=crossings)


def write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".parquet", ".fgb"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32648", "EPSG:4490", "EPSG:4544"])
def test_every_format_and_system_gives_the_same_town(suffix: str, crs: str, tmp_path: Path) -> None:
    frame = line_frame([(-300.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (500.0, 0.0)], [(0, 0), (0, 90)])
    if suffix == ".geojson":  # always WGS-84 by its standard
        crs = "EPSG:4326"
    path = write(frame.to_crs(crs), tmp_path / f"roads{suffix}")
    network = read_roads(path, cache=False)
    assert degrees(network) == [1, 1, 1, 3]
    np.testing.assert_allclose(
        sorted(network.edge_length_mm / 1000), [90, 300, 500], rtol=0, atol=0.01
    )
    middle = [network.vertex_lon[0], network.vertex_lat[0]]
    assert np.abs(np.subtract(middle, lonlat(0, 0))).max() < 0.01


def test_coordinates_in_degrees_are_kept_as_they_are() -> None:
    frame = line_frame(MAIN, [(0.0, 50.0), (0.0, 0.3)]).to_crs(4326)
    network = network_of(frame)
    corners = {tuple(xy) for line in frame.geometry for xy in line.coords}
    read = set(zip(network.vertex_lon.tolist(), network.vertex_lat.tolist(), strict=True))
    assert corners <= read


@pytest.mark.parametrize("angle", [0.0, 45.0, 90.0, 200.0])
@pytest.mark.parametrize(("gap", "parts"), [(0.0, 1), (0.4, 1), (0.6, 2)])
def test_ends_are_joined_within_the_tolerance(gap: float, parts: int, angle: float) -> None:
    dx, dy = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    network = drawn([(0, 0), (-100 * dx, -100 * dy)], [(gap * dx, gap * dy), (90 * dx, 90 * dy)])
    assert n_components(network) == parts


def test_the_tolerance_can_be_wider_or_nothing() -> None:
    lines = [(0.0, 0.0), (100.0, 0.0)], [(103.0, 0.0), (200.0, 0.0)]
    assert n_components(drawn(*lines, join_m=4.0)) == 1
    assert n_components(drawn(*lines, join_m=2.0)) == 2
    lines = [(0.0, 0.0), (100.0, 0.0)], [(100.0, 0.0), (200.0, 0.0)]
    assert n_components(drawn(*lines, join_m=0.0)) == 1
    assert n_components(drawn(MAIN, [(0.0, 0.0), (0.0, 50.0)], join_m=0.0)) == 1


@pytest.mark.parametrize("gap", [-0.4, -0.001, 0.0, 0.3, 0.49])
def test_an_end_that_touches_the_inside_of_a_line_splits_it(gap: float) -> None:
    network = drawn(MAIN, [(20.0, 80.0), (20.0, gap)])
    assert degrees(network) == [1, 1, 1, 3]
    assert sorted(np.round(network.edge_length_mm / 1000)) == [80, 180, 220]


def test_an_end_that_stops_short_of_a_line_does_not() -> None:
    network = drawn(MAIN, [(20.0, 80.0), (20.0, 0.6)])
    assert (n_components(network), network.n_edges) == (2, 2)


def test_streets_that_stop_short_on_either_side_meet_in_one_junction() -> None:
    network = drawn(MAIN, [(20.0, 80.0), (20.0, 0.4)], [(20.2, -80.0), (20.2, -0.4)])
    assert degrees(network) == [1, 1, 1, 1, 4]


@pytest.mark.parametrize("along", [0.2, 0.45, 0.55])
def test_an_end_beside_a_vertex_or_an_end_of_a_line_is_joined(along: float) -> None:
    bent = [(-200.0, 0.0), (0.0, 0.0), (200.0, 0.0)]
    at_vertex = drawn(bent, [(along, 80.0), (along, 0.45)])
    assert n_components(at_vertex) == 1
    at_end = drawn(MAIN, [(200 - along, 80.0), (200 - along, 0.45)])
    assert n_components(at_end) == 1


def test_several_ends_on_one_line_split_it_in_order() -> None:
    sides = [[(x, 50.0), (x, 0.0)] for x in (150.0, -100.0, 30.0, 31.0)]
    network = drawn(MAIN, *sides)
    assert n_components(network) == 1
    pieces = np.round(network.edge_length_mm / 1000)
    assert sorted(pieces) == [1, 50, 50, 50, 50, 50, 100, 119, 130]


def test_chained_short_lines_keep_their_length() -> None:
    """Lines shorter than the tolerance, as in data that was cut by a grid, must not shrink away."""
    network = drawn([(-50.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (0.4, 0.0)], [(0.4, 0.0), (50.0, 0.0)])
    assert (network.n_edges, network.n_nodes) == (1, 2)
    assert abs(length_m(network) - 100.0) < 0.01


def test_lines_meet_at_inner_vertices_they_share() -> None:
    network = drawn([(-100, 0), (0, 0), (100, 0)], [(0, -50), (0, 0), (0, 70)])
    assert degrees(network) == [1, 1, 1, 1, 4]


CROSS = [(-100.0, 0.0), (100.0, 0.0)], [(0.0, -60.0), (0.0, 70.0)]


def test_lines_that_cross_meet_only_on_request() -> None:
    assert n_components(drawn(*CROSS)) == 2
    network = drawn(*CROSS, crossings=True)
    assert degrees(network) == [1, 1, 1, 1, 4]
    assert sorted(np.round(network.edge_length_mm / 1000)) == [60, 70, 100, 100]


@pytest.mark.parametrize(
    "columns",
    [
        {"bridge": ["yes", None]},
        {"bridge": ["T", "F"]},
        {"bridge": [1, 0]},
        {"bridge": [1.0, 0.0]},
        {"bridge": [True, False]},
        {"tunnel": ["no", "yes"]},
        {"layer": [0, 1]},
        {"layer": ["-1", None]},
        {"layer": [1.0, float("nan")]},
        {"LAYER": ["1", "0"]},
    ],
)
def test_a_bridge_never_meets_what_it_crosses(columns: dict[str, list[object]]) -> None:
    assert n_components(drawn(*CROSS, crossings=True, **columns)) == 2
    # nor at a vertex that both happen to have there
    vertex = [[(-100, 0), (0, 0), (100, 0)], [(0, -60), (0, 0), (0, 70)]]
    assert n_components(drawn(*vertex, crossings=True, **columns)) == 2
    # but at its ends it meets the street
    road = [[(-100, 0), (0, 0)], [(0, 0), (0, 70)]]
    assert n_components(drawn(*road, **columns)) == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"bridge": ["no", None]},
        {"bridge": [0, 0]},
        {"bridge": ["yes", "yes"]},
        {"layer": ["ground", "0"]},
        {"tunnel": ["building_passage", ""]},
    ],
)
def test_lines_of_one_level_meet_where_they_cross(columns: dict[str, list[object]]) -> None:
    assert n_components(drawn(*CROSS, crossings=True, **columns)) == 1


def test_lines_may_cross_more_than_once_and_at_an_end() -> None:
    wave = [(-90.0, -30.0), (-45.0, 30.0), (0.0, -30.0), (45.0, 30.0), (90.0, 0.0)]
    network = drawn(CROSS[0], wave, crossings=True)
    # three crossings, and the end of the wave touches the street
    assert degrees(network) == [1, 1, 1, 3, 4, 4, 4]
    assert abs(length_m(network) - 200 - shapely.LineString(wave).length) < 0.01


def test_parts_of_a_multiline_are_lines() -> None:
    several = shapely.MultiLineString(
        [[(0, 0), (50, 0)], [(50, 0), (50, 30)], [(300, 0), (340, 0)]]
    )
    frame = gpd.GeoDataFrame({"highway": ["footway"]}, geometry=[several], crs=LOCAL)
    network = network_of(frame)
    assert (n_components(network), network.n_edges) == (2, 2)
    assert abs(length_m(network) - 120.0) < 0.01


def test_heights_are_ignored() -> None:
    flat = drawn(MAIN, [(20.0, 80.0), (20.0, 0.0)])
    high = drawn([(*xy, 7.0) for xy in MAIN], [(20.0, 80.0, 3.0), (20.0, 0.0, 99.0)])
    assert (flat.edge_length_mm == high.edge_length_mm).all()
    assert n_components(high) == 1


def test_rows_without_a_usable_line_are_passed_over(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"name": ["line", "none", "empty", "polygon", "point", "nowhere"]},
        geometry=[
            shapely.LineString(MAIN), None, shapely.LineString(), shapely.Point(0, 0).buffer(9),
            shapely.Point(3, 3), shapely.LineString([(0, 0), (np.inf, 5)]),
        ],
        crs=LOCAL,
    )  # fmt: skip
    assert abs(length_m(network_of(frame)) - 400.0) < 0.01
    path = write(frame[:5], tmp_path / "mixed.parquet")
    assert abs(length_m(read_roads(path, cache=False)) - 400.0) < 0.01


def test_columns_named_as_tags_are_obeyed(tmp_path: Path) -> None:
    rows = [
        ("footway", "", "", "", 0),
        ("motorway", "", "", "", None),
        ("motorway", "yes", "", "", 0),
        ("residential", "no", "", "", None),
        ("service", "", "private", "", None),
        ("service", "yes", "private", "", 0),
        ("steps", "", "", "", STEPS),
        ("footway", "", "", "yes", 0),
    ]
    lines = [[(0.0, 100.0 * k), (10.0 + k, 100.0 * k)] for k in range(len(rows))]
    tags = dict(
        zip(("highway", "foot", "access", "oneway:foot"), zip(*[r[:4] for r in rows], strict=True),
            strict=True)
    )  # fmt: skip
    frame = line_frame(*lines, **tags)
    expected = {10 + k: row[4] for k, row in enumerate(rows) if row[4] is not None}
    for suffix in (".gpkg", ".shp", ".geojson", ".parquet"):
        written = frame.to_crs(4326) if suffix == ".geojson" else frame
        if suffix == ".shp":  # such names have at most ten characters
            written = written.rename(columns={"oneway:foot": "oneway_foo"})
        network = read_roads(write(written, tmp_path / f"tags{suffix}"), cache=False)
        metres = np.round(network.edge_length_mm / 1000).astype(int).tolist()
        assert dict(zip(metres, network.edge_kind.tolist(), strict=True)) == expected
        assert {m for m, one in zip(metres, network.edge_oneway, strict=True) if one} == {17}


@pytest.mark.parametrize(("value", "begin"), [("yes", -200.0), ("-1", 200.0)])
def test_oneway_for_feet_has_its_direction(value: str, begin: float) -> None:
    network = drawn(MAIN, **{"oneway:foot": [value]})
    assert network.edge_oneway.all()
    at = np.subtract([network.vertex_lon[0], network.vertex_lat[0]], lonlat(begin, 0.0))
    assert np.abs(at).max() < 2e-7


def test_a_geofabrik_shapefile_is_understood() -> None:
    lines = [[(0.0, 100.0 * k), (10.0 + k, 100.0 * k)] for k in range(4)]
    network = drawn(
        *lines,
        fclass=["footway", "motorway_link", "track_grade3", "steps"],
        bridge=["T", "F", "F", "F"],
        tunnel=["F", "F", "T", "F"],
        oneway=["B", "F", "T", "F"],
        layer=[1, 0, -1, 0],
    )
    metres = np.round(network.edge_length_mm / 1000).astype(int).tolist()
    kinds = dict(zip(metres, network.edge_kind.tolist(), strict=True))
    assert kinds == {10: BRIDGE, 12: TUNNEL, 13: STEPS}
    assert not network.edge_oneway.any()


def test_tags_of_merged_lines_as_osmnx_writes_them_are_read() -> None:
    lines = [[(0.0, 100.0 * k), (10.0 + k, 100.0 * k)] for k in range(3)]
    network = drawn(
        *lines, highway=["['footway', 'steps']", "['residential', 'motorway']", "residential"]
    )
    metres = np.round(network.edge_length_mm / 1000).astype(int).tolist()
    assert dict(zip(metres, network.edge_kind.tolist(), strict=True)) == {10: STEPS, 12: 0}


def test_a_column_that_is_called_route_is_not_a_ferry() -> None:
    assert abs(length_m(drawn(MAIN, route=["Bus 7"])) - 400.0) < 0.01


def test_a_file_with_several_layers_needs_a_name(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    line_frame(MAIN).to_file(path, layer="roads")
    line_frame([(0.0, 0.0), (70.0, 0.0)]).to_file(path, layer="道路")
    text = refusal(lambda: read_roads(path, cache=False), InputError)
    assert "roads" in text
    assert "道路" in text
    assert round(length_m(read_roads(path, layer="道路", cache=False))) == 70
    text = refusal(lambda: read_roads(path, layer="rivers", cache=False), InputError)
    assert "no layer 'rivers'" in text


def test_files_that_cannot_be_used_end_in_one_sentence(tmp_path: Path) -> None:
    def told(path: Path) -> str:
        text = refusal(lambda: read_roads(path, cache=False), InputError)
        assert path.name in text
        return text

    frame = line_frame(MAIN)
    without = gpd.GeoDataFrame(geometry=frame.geometry.to_numpy())
    with pytest.warns(UserWarning, match="crs"):
        path = write(without, tmp_path / "no_crs.gpkg")
    assert "coordinate system" in told(path)
    shape = write(frame.to_crs(32648), tmp_path / "no_prj.shp")
    shape.with_suffix(".prj").unlink()
    assert "coordinate system" in told(shape)
    polygons = gpd.GeoDataFrame(geometry=frame.buffer(5.0), crs=LOCAL)
    assert "holds no lines" in told(write(polygons, tmp_path / "polygons.gpkg"))
    closed = line_frame(MAIN, highway=["motorway"])
    assert "no line can be walked" in told(write(closed, tmp_path / "closed.gpkg"))
    nothing = gpd.GeoDataFrame({"a": [1]}, geometry=[None], crs=LOCAL)
    assert "holds no lines" in told(write(nothing, tmp_path / "nothing.parquet"))
    # metres in a file that says degrees, as when the system was assigned and not converted
    metres = gpd.GeoDataFrame(geometry=frame.to_crs(32648).geometry.to_numpy(), crs=4326)
    assert "do not fit" in told(write(metres, tmp_path / "metres.gpkg"))
    for name, content in {
        "random.gpkg": np.random.default_rng(5).bytes(4000),
        "random.parquet": np.random.default_rng(5).bytes(4000),
        "page.geojson": b"<!DOCTYPE html><html></html>",
        "cut.geojson": json.dumps({"type": "FeatureCollection", "features": [3]})[:-9].encode(),
        "alone.shp": np.random.default_rng(5).bytes(400),
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert "cannot be read as road lines" in told(path)
    whole = write(line_frame(*[MAIN] * 500), tmp_path / "whole.gpkg").read_bytes()
    (tmp_path / "half.gpkg").write_bytes(whole[: len(whole) // 2])
    told(tmp_path / "half.gpkg")
    table = frame.drop(columns="geometry").assign(a=1)
    table.to_parquet(tmp_path / "table.parquet")
    assert "cannot be read as road lines" in told(tmp_path / "table.parquet")


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_is_a_length(tolerance: float, tmp_path: Path) -> None:
    path = write(line_frame(MAIN), tmp_path / "roads.gpkg")
    text = refusal(lambda: read_roads(path, join_tolerance_m=tolerance), InputError)
    assert "join_tolerance_m" in text


def test_random_towns_are_joined_as_their_vertices_say() -> None:
    """A grid town, its streets cut at random and moved a little, against the town itself."""
    rng = np.random.default_rng(11)
    for _ in range(5):
        lines = []
        for k in range(6):
            inner = 100 * rng.choice(5, 4, replace=False) + rng.uniform(3, 97, 4)
            cuts = np.sort([0, 500, *inner])
            for a, b in pairwise(cuts):
                lines += [[(a, 100 * k), (b, 100 * k)], [(100 * k, a), (100 * k, b)]]
        noisy = [rng.uniform(-0.1, 0.1, (2, 2)) + line for line in lines]
        network = drawn(*noisy, crossings=True)
        assert n_components(network) == 1
        fours = sum(d == 4 for d in degrees(network))
        # corners have two ends, which are contracted, and sides three
        assert (fours, sum(d == 3 for d in degrees(network))) == (16, 16)
        assert abs(length_m(network) - 12 * 500) < 6 * len(lines) * 0.1


def test_wuhan_is_one_network(shared: Path) -> None:
    frame = gpd.read_parquet(shared / "wuhan" / "wuhan_roads.parquet")
    everything = frame.drop(columns="highway")
    lines = lines_of_frame(everything, "Wuhan", join_tolerance_m=0.0, split_crossings=False)
    # the ends of its two-vertex lines, as its source counts them
    assert len(np.unique(lines.vertex_key)) == 82_891
    joined = lines_of_frame(everything, "Wuhan", join_tolerance_m=0.5, split_crossings=False)
    n_points = len(np.unique(joined.vertex_key))
    assert 82_800 < n_points <= 82_891
    network = graph.build(joined)
    assert n_components(network) == 1
    # 7,185 km on the map; a little longer on the earth, at the middle of a UTM zone's third
    assert abs(frame.length.sum() / 1000 - 7185) < 1
    assert abs(length_m(network) / 1000 / 7185 - 1) < 0.002

    walked = read_roads(shared / "wuhan" / "wuhan_roads.parquet", cache=False)
    closed = frame.highway.isin(["motorway", "motorway_link", "trunk_link"])
    xy = shapely.get_coordinates(frame.geometry[~closed].to_crs(4326))
    _, _, metres = GEOD.inv(*xy[0::2].T, *xy[1::2].T)
    assert abs(length_m(walked) - metres.sum()) < 1.0
    assert (~closed).sum() == 81_116
