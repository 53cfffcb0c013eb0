"""Barriers: which things in OpenStreetMap are some, and that nobody is linked across them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from quarterhour.assessing.ground import prepare
from quarterhour.core import snap
from quarterhour.core.crossing import (
    CLIFF,
    EXPRESSWAY,
    RAILWAY,
    RIVER,
    WALL,
    WATER,
    BarrierIndex,
    Barriers,
)
from quarterhour.errors import InputError
from quarterhour.frames import MetricCrs
from quarterhour.inputs import EVERYONE, Demand
from quarterhour.model import Linkage, PointSet
from quarterhour.sources.ground.barriers import (
    barriers_of,
    is_water,
    line_kind,
    read_barrier_layer,
    read_barriers,
)
from quarterhour.sources.roads.read import read_roads
from road_files import LOCAL, lonlat, osm_text, refusal, way_lines, write_osm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Point = tuple[float, float]

EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)
STREET = {"highway": "residential"}


def tags(text: str) -> dict[str, str]:
    return dict(item.split("=") for item in text.split())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("waterway=river", RIVER),
        ("waterway=canal", RIVER),
        ("waterway=canal layer=-1", RIVER),
        ("waterway=river intermittent=yes", None),
        ("waterway=river tunnel=culvert", None),
        ("waterway=canal bridge=aqueduct", None),
        ("waterway=stream", None),
        ("waterway=ditch", None),
        ("railway=rail", RAILWAY),
        ("railway=rail layer=-1", RAILWAY),
        ("railway=light_rail tunnel=no", RAILWAY),
        ("railway=subway", RAILWAY),
        ("railway=subway tunnel=yes", None),
        ("railway=subway location=underground", None),
        ("railway=rail bridge=viaduct", None),
        ("railway=rail layer=1", None),
        ("railway=rail covered=yes", None),
        ("railway=rail disused=yes", None),
        ("railway=abandoned", None),
        ("railway=tram", None),
        ("highway=motorway", EXPRESSWAY),
        ("highway=motorway_link", EXPRESSWAY),
        ("highway=motorway bridge=yes", None),
        ("highway=motorway tunnel=yes", None),
        ("highway=motorway foot=yes", None),
        ("highway=trunk", None),
        ("highway=trunk motorroad=yes", EXPRESSWAY),
        ("highway=trunk foot=no", EXPRESSWAY),
        ("highway=trunk motorroad=yes sidewalk=both", None),
        ("highway=primary foot=no", None),
        ("barrier=wall", WALL),
        ("barrier=city_wall", WALL),
        ("barrier=retaining_wall", WALL),
        ("barrier=fence", None),
        ("barrier=hedge", None),
        ("natural=cliff", CLIFF),
        ("railway=rail layer=high", RAILWAY),
    ],
)
def test_what_a_line_stops(text: str, kind: int | None) -> None:
    assert line_kind(tags(text)) == kind


@pytest.mark.parametrize(
    ("text", "wet"),
    [
        ("natural=water", True),
        ("natural=water water=river", True),
        ("waterway=riverbank", True),
        ("waterway=dock", True),
        ("landuse=reservoir", True),
        ("natural=water intermittent=yes", False),
        ("natural=water covered=yes", False),
        ("natural=wetland", False),
        ("landuse=basin", False),
        ("leisure=swimming_pool", False),
    ],
)
def test_what_is_open_water(text: str, wet: bool) -> None:
    assert is_water(tags(text)) is wet


def linked(path: Path, at: Sequence[Point], *, barriers: Barriers | None = None) -> Linkage:
    """Places (metres) linked to the roads of a file, with its own barriers or with others."""
    network = read_roads(path, cache=False)
    if barriers is None:
        barriers = read_barriers(path, EVERYWHERE)
    crs = MetricCrs((*lonlat(0, 0), *lonlat(0, 0)))
    x, y = crs.metres(network.vertex_lon, network.vertex_lat)
    index = snap.SegmentIndex(network, x, y, edges=np.ones(network.n_edges, bool))
    fence = BarrierIndex(barriers, *crs.metres(barriers.lon, barriers.lat))
    px, py = crs.metres(*np.array([lonlat(*p) for p in at]).T)
    return snap.link(index, PointSet.single(px, py), limit_m=200, barriers=fence)


def town(tmp_path: Path, barrier: Mapping[str, str], *more: Point) -> Path:
    """Two streets from west to east, 60 m to the south and 100 m to the north of a line at 0."""
    nodes = {1: (-300.0, -60.0), 2: (300.0, -60.0), 3: (-300.0, 100.0), 4: (300.0, 100.0)}
    line = {11 + k: xy for k, xy in enumerate(more or ((-400.0, 0.0), (400.0, 0.0)))}
    ways = [([1, 2], STREET), ([3, 4], STREET), (list(line), barrier)]
    return write_osm(tmp_path / "town.osm", nodes | line, ways)


@pytest.mark.parametrize("barrier", ["waterway=river", "railway=rail", "barrier=wall"])
def test_nobody_is_linked_across(barrier: str, tmp_path: Path) -> None:
    # 5 m north of the line: the southern street is 65 m away, the northern one 95 m
    found = linked(town(tmp_path, tags(barrier)), [(0.0, 5.0), (0.0, -5.0)])
    assert np.round(found.access_mm / 1000).tolist() == [95, 55]
    assert found.blocked is not None
    assert found.blocked.tolist() == [True, False]
    assert found.n_blocked == 1
    free = linked(town(tmp_path, tags("barrier=fence")), [(0.0, 5.0), (0.0, -5.0)])
    assert np.round(free.access_mm / 1000).tolist() == [65, 55]
    assert free.n_blocked == 0


def test_whoever_has_only_roads_behind_barriers_stays_unlinked_and_is_told(tmp_path: Path) -> None:
    nodes = {1: (-300.0, 0.0), 2: (300.0, 0.0), 3: (-300.0, 30.0), 4: (300.0, 30.0)}
    ways = [([1, 2], STREET), ([3, 4], {"highway": "motorway"})]
    path = write_osm(tmp_path / "town.osm", nodes, ways)
    found = linked(path, [(0.0, 100.0), (0.0, 20.0), (0.0, 900.0)])
    assert found.linked.tolist() == [False, True, False]
    assert found.behind_barrier is not None
    # the third has no road within 200 m, whatever there is between
    assert found.behind_barrier.tolist() == [True, False, False]
    assert np.isinf(found.nearest_m[0])


def test_a_bridge_deck_over_the_water_is_not_reached_from_the_bank(tmp_path: Path) -> None:
    """A bridge from the southern to the northern bank, which recedes towards it by 40 m."""
    nodes = {
        1: (0.0, -140.0), 2: (0.0, -40.0), 3: (0.0, 80.0), 4: (0.0, 140.0),
        11: (-900.0, -40.0), 12: (900.0, -40.0), 13: (900.0, 40.0), 14: (60.0, 40.0),
        15: (0.0, 80.0), 16: (-900.0, 80.0),
    }  # fmt: skip
    ways = [
        ([1, 2], STREET), ([2, 3], STREET | {"bridge": "yes"}), ([3, 4], STREET),
        ([11, 12, 13, 14, 15, 16, 11], {"natural": "water"}),
    ]  # fmt: skip
    path = write_osm(tmp_path / "town.osm", nodes, ways)
    # the deck is 60 m away across the water, the bridgehead 69.462 m along the bank
    found = linked(path, [(60.0, 45.0), (60.0, -45.0)])
    assert found.blocked is not None
    assert found.blocked.tolist() == [True, False]
    assert np.round(found.access_mm / 1000, 1).tolist() == [69.5, 60]
    assert np.round(found.snap_y_m).tolist() == [80, -45]
    # a boat under the bridge comes ashore at the deck
    assert np.round(linked(path, [(20.0, 10.0)]).access_mm / 1000).tolist() == [20]


def test_a_place_in_the_water_reaches_its_bank_but_not_across_an_island(tmp_path: Path) -> None:
    nodes = {
        1: (-300.0, 60.0), 2: (300.0, 60.0),
        11: (-400.0, 50.0), 12: (400.0, 50.0), 13: (400.0, -150.0), 14: (-400.0, -150.0),
        21: (-200.0, 0.0), 22: (200.0, 0.0), 23: (200.0, -40.0), 24: (-200.0, -40.0),
    }  # fmt: skip
    ways = [([1, 2], STREET), ([11, 12, 13, 14, 11], {}), ([21, 22, 23, 24, 21], {})]
    relation = ([(102, "outer"), (103, "inner")], {"type": "multipolygon", "natural": "water"})
    path = tmp_path / "lake.osm"
    path.write_text(osm_text(nodes, ways, [relation]), encoding="utf-8")
    at = {"boat": (0.0, 30.0), "island": (0.0, -20.0), "beyond the island": (0.0, -60.0)}
    found = linked(path, list(at.values()))
    assert dict(zip(at, found.linked.tolist(), strict=True)) == {
        "boat": True, "island": False, "beyond the island": False,
    }  # fmt: skip
    assert found.behind_barrier is not None
    assert found.behind_barrier.tolist() == [False, True, True]


def test_adjoining_waters_are_one_and_a_river_in_its_own_outline_is_none(tmp_path: Path) -> None:
    nodes = {1: (-300.0, 60.0), 2: (300.0, 60.0),
             11: (-400.0, 50.0), 12: (0.0, 50.0), 13: (0.0, -50.0), 14: (-400.0, -50.0),
             15: (400.0, 50.0), 16: (400.0, -50.0),
             21: (-400.0, 20.0), 22: (400.0, 20.0), 23: (600.0, 20.0)}  # fmt: skip
    ways = [
        ([1, 2], STREET), ([11, 12, 13, 14, 11], {"waterway": "riverbank"}),
        ([12, 15, 16, 13, 12], {"natural": "water"}), ([21, 22, 23], {"waterway": "river"}),
    ]  # fmt: skip
    path = write_osm(tmp_path / "river.osm", nodes, ways)
    found = read_barriers(path, EVERYWHERE)
    assert sorted(found.kind.tolist()) == [WATER, RIVER]
    river = slice(*found.first[[0, 1]])
    # of the line only what lies outside the water
    assert np.allclose(found.lon[river], [lonlat(400, 20)[0], lonlat(600, 20)[0]], atol=2e-7)
    assert found.entered.tolist() == [False, True]
    # a place in one of the two crosses neither the line nor the seam between them
    assert linked(path, [(-3.0, 10.0)]).linked.tolist() == [True]


def test_ponds_short_walls_and_rings_of_walls_are_walked_around(tmp_path: Path) -> None:
    square = [(0.0, 0.0), (30.0, 0.0), (30.0, 30.0), (0.0, 30.0)]
    large = [(2 * x, 2 * y) for x, y in square]
    nodes = {1: (-9.0, -9.0), 2: (-9.0, 9.0)}
    nodes |= {10 + k: xy for k, xy in enumerate(square)} | {
        20 + k: xy for k, xy in enumerate(large)
    }
    ring, wide = [10, 11, 12, 13, 10], [20, 21, 22, 23, 20]
    ways = [
        ([1, 2], STREET), (ring, {"natural": "water"}), (wide, {"barrier": "wall"}),
        (wide, {"natural": "cliff"}), ([10, 11], {"barrier": "wall"}),
    ]  # fmt: skip
    path = write_osm(tmp_path / "small.osm", nodes, ways)
    assert len(read_barriers(path, EVERYWHERE)) == 0
    ways = [([1, 2], STREET), (wide, {"natural": "water"}), (wide[:2], {"barrier": "wall"})]
    path = write_osm(tmp_path / "large.osm", nodes, ways)
    assert sorted(read_barriers(path, EVERYWHERE).kind.tolist()) == [WATER, WALL]


@pytest.mark.parametrize(
    ("gate", "n"), [("barrier=gate", 0), ("entrance=yes", 0), ("barrier=gate access=private", 1),
                    ("barrier=bollard", 1)],
)  # fmt: skip
def test_a_wall_with_an_open_gate_stops_nobody(gate: str, n: int, tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (200.0, 0.0)}
    text = osm_text(nodes, [([1, 2, 3], {"barrier": "wall"})])
    marks = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags(gate).items())
    lon, lat = lonlat(*nodes[2])
    node = f'<node id="2" version="1" lon="{lon:.7f}" lat="{lat:.7f}"'
    path = tmp_path / "wall.osm"
    path.write_text(text.replace(node + "/>", f"{node}>{marks}</node>"), encoding="utf-8")
    assert len(read_barriers(path, EVERYWHERE)) == n


def test_nodes_after_ways_and_missing_nodes(tmp_path: Path) -> None:
    nodes = {k: (100.0 * k, 0.0) for k in (1, 2, 3, 5, 6)} | {7: (100.0, 300.0)}
    ways = [([1, 2, 3, 4, 5, 6], {"railway": "rail"}), ([1, 3, 7, 1], {"natural": "water"}),
            ([1, 4, 7, 1], {"natural": "water"})]  # fmt: skip
    whole = read_barriers(write_osm(tmp_path / "cut.osm", nodes, ways), EVERYWHERE)
    # the run of three nodes and the run of two; the ring that lacks a node is no area
    assert np.diff(whole.first).tolist() == [3, 2, 4]
    text = osm_text(nodes, []).replace("</osm>", "") + "\n".join(way_lines(ways)) + "</osm>"
    head, tail = text.index("<node"), text.index("<way")
    path = tmp_path / "overpass.osm"
    turned = text[:head] + text[tail:].replace("</osm>", "") + text[head:tail] + "</osm>"
    path.write_text(turned, encoding="utf-8")
    late = read_barriers(path, EVERYWHERE)
    np.testing.assert_array_equal(late.lon, whole.lon)
    np.testing.assert_array_equal(late.first, whole.first)


def test_only_what_touches_the_bounds_is_read(tmp_path: Path) -> None:
    path = town(tmp_path, {"railway": "rail"})
    assert len(read_barriers(path, (*lonlat(-50, -50), *lonlat(50, 50)))) == 1
    assert len(read_barriers(path, (*lonlat(-50, 150), *lonlat(50, 250)))) == 0


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson"])
def test_a_layer_of_lines_or_of_polygons(suffix: str, tmp_path: Path) -> None:
    path = town(tmp_path, {"barrier": "fence"})
    crs = LOCAL if suffix != ".geojson" else "EPSG:4326"
    for name, shape in (
        ("line", shapely.LineString([(-400, 0), (400, 0)])),
        ("area", shapely.box(-400, -20, 400, 0)),
    ):
        file = tmp_path / f"{name}{suffix}"
        gpd.GeoDataFrame(geometry=[shape], crs=LOCAL).to_crs(crs).to_file(file)
        layer = read_barrier_layer(file)
        found = linked(path, [(0.0, 5.0), (0.0, -10.0), (0.0, -30.0)], barriers=layer)
        # a place inside the polygon is on neither bank
        assert np.round(found.access_mm / 1000).tolist() == [95, 50, 30]


def test_what_a_study_may_say(tmp_path: Path) -> None:
    roads = town(tmp_path, {"railway": "rail"})
    layer = tmp_path / "rivers.gpkg"
    line = shapely.LineString([(0, 0), (0, 90)])
    frame = gpd.GeoDataFrame(geometry=[line, line], crs=LOCAL)
    frame.to_file(layer, layer="rivers")
    frame[:1].to_file(layer, layer="canals")
    box = EVERYWHERE
    for choice, count in ((None, 1), ("osm", 1), (roads, 1)):
        found = barriers_of(choice, roads=roads, bounds=box)
        assert found is not None
        assert len(found) == count
    assert barriers_of("none", roads=roads, bounds=box) is None
    assert barriers_of(None, roads=layer, bounds=box) is None
    assert barriers_of(None, roads=None, bounds=box) is None
    named = barriers_of(layer, roads=roads, bounds=box, layer="rivers")
    assert named is not None
    assert len(named) == 2
    text = refusal(lambda: barriers_of("osm", roads=layer, bounds=box), InputError)
    assert "OpenStreetMap" in text
    text = refusal(lambda: barriers_of(layer, roads=roads, bounds=box), InputError)
    assert "rivers" in text


def test_ways_without_nodes_and_without_extent_do_no_harm(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (0.0, 0.0)}
    kinds = [{"barrier": "wall"}, {"natural": "water"}, {"railway": "rail"}]
    ways = [(refs, kind) for refs in ([], [1], [1, 2], [1, 2, 1, 2, 1]) for kind in kinds]
    path = write_osm(tmp_path / "nothing.osm", nodes, ways)
    found = read_barriers(path, EVERYWHERE)
    assert set(found.kind.tolist()) <= {RAILWAY}
    street = {3: (-50.0, -9.0), 4: (50.0, -9.0)}
    path = write_osm(tmp_path / "street.osm", nodes | street, [*ways, ([3, 4], STREET)])
    assert linked(path, [(0.0, 9.0)]).linked.tolist() == [True]


def test_files_that_cannot_be_used_say_so(tmp_path: Path) -> None:
    whole = town(tmp_path, {"railway": "rail"}).read_bytes()
    broken = tmp_path / "half.osm"
    broken.write_bytes(whole[: len(whole) // 2])
    assert "cannot be read" in refusal(lambda: read_barriers(broken, EVERYWHERE), InputError)
    points = tmp_path / "points.gpkg"
    gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=LOCAL).to_file(points)
    assert "no line and no polygon" in refusal(lambda: read_barrier_layer(points), InputError)
    gone = tmp_path / "gone.osm"
    assert "not found" in refusal(lambda: read_barriers(gone, EVERYWHERE), InputError)


def test_a_study_keeps_its_barriers_and_tells_what_they_did(tmp_path: Path) -> None:
    """Ten people north of the line, thirty south of it, sixty 120 m beyond the northern street."""
    path = town(tmp_path, {"railway": "rail"})
    network = read_roads(path, cache=False)
    lon, lat = np.array([lonlat(0, 5), lonlat(0, -5), lonlat(0, -180)]).T
    people = np.array([10, 30, 60], np.int64) * 1_000_000
    demand = Demand(
        kind="people", lon=lon, lat=lat, amounts={EVERYONE: people}, row=np.arange(1, 4)
    )
    ground = prepare(network, demand, guard_m=900, barriers=read_barriers(path, EVERYWHERE))
    edges = np.ones(ground.network.n_edges, bool)
    places = ground.link("demand", edges, None)
    assert np.round(places.access_mm / 1000).tolist() == [95, 55, 120]
    (note,) = ground.barrier_notes(places)
    assert note.en.startswith("10.00% of the demand is cut off from its nearest road")
    assert note.zh.startswith("10.00% 的需求与最近的道路之间隔着")
    clinic = PointSet.single(*ground.crs.metres(lon[:1], lat[:1]))
    assert ground.link_facilities(clinic, edges, limit_m=70).linked.tolist() == [False]
    free = prepare(network, demand, guard_m=900)
    assert free.link_facilities(clinic, edges, limit_m=70).linked.tolist() == [True]
    assert free.barrier_notes(free.link("demand", edges, None)) == ()
    # with a limit of 90 m the northern street is out of reach, and the southern one barred
    short = prepare(
        network, demand, guard_m=900, link_limit_m=90, barriers=read_barriers(path, EVERYWHERE)
    )
    (note,) = short.barrier_notes(short.link("demand", edges, None))
    assert "10.00% of the demand has only roads behind barriers within 90 m" in note.en
