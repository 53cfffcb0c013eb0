"""What polygons hold beyond the reached streets, and where barriers end them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from quarterhour.core import pieces, reach, service_area, snap
from quarterhour.core.crossing import RIVER, WALL, BarrierIndex, Barriers
from quarterhour.core.impedance import impedance
from quarterhour.core.pieces import Pieces
from quarterhour.frames import MetricCrs, bounds_of
from quarterhour.model import PointSet, RoadNetwork
from quarterhour.sources.ground.barriers import read_barriers
from quarterhour.sources.roads.read import read_roads
from quarterhour.walkers import WALKERS
from test_service_area import check, metres, random_streets, reached
from towns import Town

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "Heidelberg": "heidelberg/heidelberg.osm.pbf",
    "Liechtenstein": "liechtenstein/liechtenstein-latest.osm.pbf",
    "Porto Alegre": "porto_alegre/poa_osm.pbf",
    "Helsinki": "helsinki/Helsinki.osm.pbf",
}
CELL_M = service_area.GRID_M * 2**0.5


def fences(*lines: list[tuple[float, float]], kind: int = WALL) -> BarrierIndex:
    xy = np.array([p for line in lines for p in line], np.float64)
    barriers = Barriers(
        lon=xy[:, 0], lat=xy[:, 1], first=np.cumsum([0, *map(len, lines)]),
        kind=np.full(len(lines), kind, np.uint8), entered=np.zeros(len(lines), bool),
    )  # fmt: skip
    return BarrierIndex(barriers, xy[:, 0].copy(), xy[:, 1].copy())


def streets_of(network: RoadNetwork, x: Any, y: Any) -> snap.SegmentIndex:
    return snap.SegmentIndex(network, x, y, edges=np.ones(network.n_edges, bool))


def held(town: Town, found: Pieces, **how: Any) -> Any:
    """Areas of the pieces of a town."""
    index = streets_of(town.network, town.x_m, town.y_m)
    return service_area.service_areas(town.network, town.x_m, town.y_m, found, streets=index, **how)


def lines_of(index: snap.SegmentIndex) -> Any:
    ends = [np.column_stack([index.ax, index.ay]), np.column_stack([index.bx, index.by])]
    return shapely.linestrings(np.stack(ends, 1))


def by_overlay(index: snap.SegmentIndex, polygon: Any) -> float:
    """Metres of street inside a polygon, by shapely."""
    lines = lines_of(index)
    shapely.prepare(polygon)
    near = lines[shapely.intersects(polygon, lines)]
    whole = shapely.contains(polygon, near)
    cut = shapely.intersection(near[~whole], polygon)
    return float(shapely.length(near[whole]).sum() + shapely.length(cut).sum())


def test_unreached_metres_of_a_cul_de_sac_beside_a_reached_street() -> None:
    # CD lies 10 m beside AB, which is reached from 300 to 500 m, and is not joined to it
    town = Town(
        """
        A---------B
        C---------D
        """,
        square_m=10.0, AB="residential", CD="residential",
    )  # fmt: skip
    one = int(np.flatnonzero(town.y_m[town.network.first_vertex[:-1]] == 0)[0])
    found = Pieces(
        first=np.array([0, 1]), edge=np.array([one], np.int32),
        start_mm=np.array([40_000]), end_mm=np.array([60_000]),
    )  # fmt: skip
    areas = held(town, found)
    assert areas.reached_m.tolist() == pytest.approx([20])
    # 20 m beyond each end of AB's piece, to a metre; on CD the round ends leave 17.3 m
    assert areas.streets_m[0] == pytest.approx(60 + 20 + 2 * 300**0.5, abs=3)
    assert areas.unreached_m[0] == pytest.approx(areas.streets_m[0] - 20)
    assert areas.unreached_share[0] == pytest.approx(areas.unreached_m[0] / areas.streets_m[0])


def test_nothing_reached_has_no_error_and_no_streets_leave_it_untold() -> None:
    town = Town("A----B", AB="residential")
    none = Pieces(
        first=np.array([0, 0]), edge=np.empty(0, np.int32), start_mm=np.empty(0, np.int64),
        end_mm=np.empty(0, np.int64),
    )  # fmt: skip
    areas = held(town, none)
    assert areas.polygon[0].is_empty
    assert (areas.unreached_m[0], areas.unreached_share[0]) == (0, 0)
    areas = service_area.service_areas(town.network, town.x_m, town.y_m, none)
    assert np.isnan(areas.unreached_m[0])
    assert np.isnan(areas.unreached_share[0])


@pytest.mark.parametrize("seed", range(4))
def test_metres_inside_are_those_of_an_overlay(seed: int) -> None:
    network = random_streets(seed)
    x, y = metres(network)
    found = reached(network, 420_000, [(700, 700), (100, 100), (1_300, 300)])
    index = streets_of(network, x, y)
    walls = fences([(100, 640), (900, 655), (1_400, 500)], [(705, 0), (690, 1_500)])
    for barriers in (None, walls):
        areas = service_area.service_areas(
            network, x, y, found, streets=index, barriers=barriers, threads=1
        )
        lines = service_area.lines_by_source(network, x, y, found)
        assert areas.reached_m == pytest.approx(shapely.length(lines))
        for k, polygon in enumerate(areas.polygon):
            assert areas.streets_m[k] == pytest.approx(by_overlay(index, polygon), abs=1e-6)
            check(polygon, lines[k], seed)
        again = service_area.service_areas(
            network, x, y, found, streets=index, barriers=barriers, threads=3
        )
        assert shapely.to_wkb(areas.polygon).tolist() == shapely.to_wkb(again.polygon).tolist()
        np.testing.assert_array_equal(areas.streets_m, again.streets_m)


def whole(town: Town) -> Pieces:
    n = town.network.n_edges
    return Pieces(
        first=np.array([0, n]), edge=np.arange(n, dtype=np.int32),
        start_mm=np.zeros(n, np.int64), end_mm=town.network.edge_length_mm.copy(),
    )  # fmt: skip


@pytest.mark.parametrize("away", [1.0, 4.0, 11.0, 19.0])
def test_a_straight_wall_beside_a_street_ends_the_polygon(away: float) -> None:
    town = Town("A----B", AB="residential")
    areas = held(town, whole(town), barriers=fences([(-100, away), (600, away)]))
    (polygon,) = areas.polygon
    assert polygon.covers(shapely.LineString([(0, 0), (500, 0)]))
    west, south, east, north = polygon.bounds
    assert away - 0.3 < north <= away
    assert (west, south, east) == pytest.approx((-20, -20, 520), abs=2)


def test_a_river_is_passed_on_its_bridge_only() -> None:
    # the bridge AB runs north over a river at y = -250; the bank road CAD reaches along it
    town = Town(
        """
           E--F
           A
        C--G--D
           |
           B
        """,
        CGD="residential", GB="residential", GA="residential", AE="residential", EF="residential",
    )  # fmt: skip
    # 10 m north of the bank road, which lies at y = -200
    areas = held(town, whole(town), barriers=fences([(-500, -190), (900, -190)], kind=RIVER))
    (polygon,) = areas.polygon
    line = service_area.lines_by_source(town.network, town.x_m, town.y_m, whole(town))[0]
    check(polygon, line)
    strip = polygon.intersection(shapely.box(-500, -189.5, 900, -150))
    # beyond the river there is the bridge's road with its own 20 m, and not the bank road's
    assert strip.bounds[0] > 300 - 20 - CELL_M
    assert strip.bounds[2] < 300 + 20 + CELL_M
    free = held(town, whole(town)).polygon[0]
    spilled = free.intersection(shapely.box(-500, -189.5, 900, -150))
    assert spilled.bounds[0] < 0


def test_a_street_that_touches_a_wall_stays_inside() -> None:
    # a wall that runs into the street, along it, and away again
    town = Town("A----B", AB="residential")
    wall = [(50.0, 40.0), (101.0, 0.2), (203.0, -0.1), (260.0, -37.0), (300.0, 3.0), (333.0, 0.0)]
    areas = held(town, whole(town), barriers=fences(wall))
    line = service_area.lines_by_source(town.network, town.x_m, town.y_m, whole(town))[0]
    check(areas.polygon[0], line)


@pytest.mark.parametrize("name", FILES)
def test_cities_keep_the_contract(name: str, shared: Path) -> None:
    network = read_roads(shared / FILES[name])
    bounds = bounds_of((network.vertex_lon, network.vertex_lat))
    crs = MetricCrs(bounds)
    x, y = crs.metres(network.vertex_lon, network.vertex_lat)
    raw = read_barriers(shared / FILES[name], bounds)
    barriers = BarrierIndex(raw, *crs.metres(raw.lon, raw.lat))
    costs = impedance(network, WALKERS["elderly"])
    index = snap.SegmentIndex(network, x, y, edges=costs.linkable)
    at = np.random.default_rng(5).integers(0, len(x), 12)
    linkage = snap.link(index, PointSet.single(x[at], y[at]), limit_m=500)
    sources = reach.stops(costs, linkage)
    nodes = reach.reach_nodes(costs, sources, limit_ms=600_000)
    found = pieces.reached_pieces(costs, sources, nodes, cutoff_ms=600_000)
    lines = service_area.lines_by_source(network, x, y, found)
    streets = snap.SegmentIndex(network, x, y, edges=costs.out_open | costs.in_open)
    free = service_area.service_areas(network, x, y, found, streets=streets)
    areas = service_area.service_areas(network, x, y, found, streets=streets, barriers=barriers)
    assert shapely.is_valid(areas.polygon).all()
    assert shapely.covers(areas.polygon, lines).all()
    assert (shapely.distance(shapely.boundary(areas.polygon), lines) > 0).all()
    for k, polygon in enumerate(areas.polygon):
        corners = shapely.points(shapely.get_coordinates(polygon))
        shapely.prepare(lines[k])
        assert shapely.distance(corners, lines[k]).max() <= areas.offset_m
        if k < 4:
            assert areas.streets_m[k] == pytest.approx(by_overlay(streets, polygon), abs=1e-5)
            assert areas.reached_m[k] == pytest.approx(lines[k].length)
    far = range(len(at))
    assert sum(behind(areas.polygon[k], lines[k], barriers) for k in far) == 0
    # what the sample finds where nothing ends them; no barrier is near those of Porto Alegre
    spilled = sum(behind(free.polygon[k], lines[k], barriers) for k in far)
    assert (spilled > 0) == (name != "Porto Alegre")


def behind(polygon: Any, line: Any, barriers: BarrierIndex) -> int:
    """Points inside, of 2000, that are cut off from all streets around and not near a barrier."""
    rng = np.random.default_rng(3)
    west, south, east, north = polygon.bounds
    x, y = rng.uniform(west, east, 2_000), rng.uniform(south, north, 2_000)
    points = shapely.points(x, y)[shapely.contains_xy(polygon, x, y)]
    xy, of = shapely.get_coordinates(shapely.get_parts(line), return_index=True)
    same = of[1:] == of[:-1]
    streets = shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], 1))
    point, street = shapely.STRtree(streets).query(points, predicate="dwithin", distance=30.0)
    legs = shapely.shortest_line(points[point], streets[street])
    ends = [
        np.column_stack([barriers.ax, barriers.ay]),
        np.column_stack([barriers.bx, barriers.by]),
    ]
    walls = shapely.STRtree(shapely.linestrings(np.stack(ends, 1)))
    stopped = np.zeros(len(legs), bool)
    stopped[walls.query(legs, predicate="intersects")[0]] = True
    clear = np.zeros(len(points), bool)
    clear[point[~stopped]] = True
    clear[walls.query(points, predicate="dwithin", distance=CELL_M)[0]] = True
    return int((~clear).sum())
