"""The contract of a polygon: all reached pieces inside, nothing farther than 30 m from one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from quarterhour.core import graph, pieces, reach, service_area
from quarterhour.core.impedance import impedance
from quarterhour.core.pieces import Pieces
from quarterhour.model import PointSet, RoadNetwork
from quarterhour.sources.roads.walkable import Way
from quarterhour.walkers import WALKERS
from towns import DEGREES_PER_M, Town, raw_lines


def metres(network: RoadNetwork) -> tuple[Any, Any]:
    return network.vertex_lon / DEGREES_PER_M, network.vertex_lat / DEGREES_PER_M


def random_streets(seed: int, extent: float = 1_500.0) -> RoadNetwork:
    """A bent grid of streets with some missing: blocks, dead ends and parts that lie apart."""
    rng = np.random.default_rng(seed)
    n = 12
    step = extent / n
    xy = np.stack(np.meshgrid(np.arange(n), np.arange(n)), axis=-1) * step
    xy = xy + rng.normal(0, step / 4, xy.shape)
    key, points, first = [], [], [0]
    for i in range(n):
        for j in range(n):
            for a, b in ((i + 1, j), (i, j + 1)):
                if a < n and b < n and rng.random() < 0.7:
                    bend = (xy[i, j] + xy[a, b]) / 2 + rng.normal(0, step / 6, 2)
                    key += [i * n + j, 1_000 + len(key), a * n + b]
                    points += [xy[i, j], bend, xy[a, b]]
                    first.append(len(key))
    ways = [Way(0, 1, 1)] * (len(first) - 1)
    return graph.build(raw_lines(key, [tuple(p) for p in points], first, ways))


def reached(network: RoadNetwork, cutoff_ms: int, spots: list[tuple[float, float]]) -> Pieces:
    """Pieces within a cutoff of facilities at positions in metres."""
    from quarterhour.core import snap

    x, y = metres(network)
    costs = impedance(network, WALKERS["elderly"])
    index = snap.SegmentIndex(network, x, y, edges=costs.linkable)
    at = np.array(spots, np.float64)
    linkage = snap.link(index, PointSet.single(at[:, 0], at[:, 1]), limit_m=500)
    sources = reach.stops(costs, linkage)
    nodes = reach.reach_nodes(costs, sources, limit_ms=cutoff_ms)
    return pieces.reached_pieces(costs, sources, nodes, cutoff_ms=cutoff_ms)


def drawn(network: RoadNetwork, found: Pieces, **how: Any) -> tuple[Any, Any]:
    x, y = metres(network)
    lines = service_area.lines_by_source(network, x, y, found)
    return service_area.polygons(network, x, y, found, **how), lines


def rings(polygon: Any) -> int:
    """Number of outlines and holes."""
    return len(shapely.get_rings(shapely.get_parts(polygon)))


def check(polygon: Any, line: Any, seed: int = 0) -> None:
    """The contract, at every vertex and at random points of the polygon and of the pieces."""
    assert shapely.is_valid(polygon), shapely.is_valid_reason(polygon)
    shapely.prepare(polygon)
    assert polygon.covers(line)
    assert shapely.distance(polygon.boundary, line) > 0
    rng = np.random.default_rng(seed)
    west, south, east, north = polygon.bounds
    x, y = rng.uniform(west, east, 4_000), rng.uniform(south, north, 4_000)
    inside = shapely.points(x, y)[shapely.contains_xy(polygon, x, y)]
    assert len(inside) > 50
    corners = shapely.points(shapely.get_coordinates(polygon))
    middles = shapely.line_interpolate_point(
        polygon.boundary, np.linspace(0, 1, 2_000), normalized=True
    )
    shapely.prepare(line)
    for points in (inside, corners, middles):
        assert shapely.distance(points, line).max() <= service_area.OFFSET_M


@pytest.mark.parametrize("seed", range(5))
def test_polygons_hold_all_that_is_reached_and_little_more(seed: int) -> None:
    network = random_streets(seed)
    found = reached(network, 420_000, [(700, 700), (100, 100), (1_300, 300)])
    polygons, lines = drawn(network, found)
    for polygon, line in zip(polygons, lines, strict=True):
        assert line.length > 300
        check(polygon, line, seed)


def test_all_streets_at_once_keep_the_contract() -> None:
    network = random_streets(9, extent=2_500.0)
    n = network.n_edges
    whole = Pieces(
        first=np.array([0, n]), edge=np.arange(n, dtype=np.int32),
        start_mm=np.zeros(n, np.int64), end_mm=network.edge_length_mm.copy(),
    )  # fmt: skip
    (polygon,), (line,) = drawn(network, whole)
    check(polygon, line)
    assert rings(polygon) > 20  # blocks are holes


def test_a_ring_road_of_400_m_keeps_its_hole() -> None:
    turn = np.linspace(0, 2 * np.pi, 73)
    xy = [(400 * np.cos(a), 400 * np.sin(a)) for a in turn]
    key = [*range(72), 0]
    network = graph.build(raw_lines(key, xy, [0, 73], [Way(0, 1, 1)]))
    # 2510 m round: 1260 s each way are enough
    (polygon,), (line,) = drawn(network, reached(network, 1_260_000, [(400, 0)]))
    check(polygon, line)
    assert polygon.geom_type == "MultiPolygon"
    (part,) = polygon.geoms
    (hole,) = part.interiors
    assert not polygon.contains(shapely.Point(0, 0))
    # the hole is a disc of radius 400 less at most the offset, and no smaller
    assert np.pi * 370**2 < shapely.Polygon(hole).area < np.pi * 400**2
    # 900 s reach 900 m each way: no ring and no hole yet
    (polygon,), (line,) = drawn(network, reached(network, 900_000, [(400, 0)]))
    check(polygon, line)
    assert len(polygon.geoms[0].interiors) == 0


def test_parts_that_lie_apart_are_parts_of_one_multipolygon() -> None:
    town = Town(
        """
        A----B

        C----D
        """,
        AB="residential",
        CD="residential",
    )
    walks = town.walks({"two doors": [("AB", 200), ("CD", 200)]}, {})
    nodes = reach.reach_nodes(walks.costs, walks.sources, limit_ms=100_000)
    found = pieces.reached_pieces(walks.costs, walks.sources, nodes, cutoff_ms=100_000)
    (polygon,), (line,) = drawn(town.network, found)
    check(polygon, line)
    assert len(polygon.geoms) == 2


def test_nothing_reached_is_an_empty_polygon() -> None:
    town = Town("A----B", AB="residential")
    walks = town.walks({"near": ("AB", 100), "far": ("AB", 100, 40)}, {})
    nodes = reach.reach_nodes(walks.costs, walks.sources, limit_ms=30_000)
    found = pieces.reached_pieces(walks.costs, walks.sources, nodes, cutoff_ms=30_000)
    polygons, lines = drawn(town.network, found)
    assert [p.is_empty for p in polygons] == [False, True]
    assert [line.is_empty for line in lines] == [False, True]
    assert lines[0].length == pytest.approx(60)


def test_the_same_pieces_give_the_same_polygon_whatever_is_drawn_beside_them() -> None:
    network = random_streets(6)
    spots = [(300.0 + 90 * k, 500.0) for k in range(9)]
    found = reached(network, 300_000, spots)
    polygons, _ = drawn(network, found, threads=1)
    again, _ = drawn(network, found, threads=5)
    alone, _ = drawn(network, reached(network, 300_000, spots[4:5]))
    assert shapely.to_wkb(polygons).tolist() == shapely.to_wkb(again).tolist()
    assert shapely.to_wkb(alone[0]) == shapely.to_wkb(polygons[4])


def test_lines_are_cut_to_the_millimetre() -> None:
    town = Town("A----B", AB="residential")
    walks = town.walks({"clinic": ("AB", 123.456)}, {})
    nodes = reach.reach_nodes(walks.costs, walks.sources, limit_ms=100_001)
    found = pieces.reached_pieces(walks.costs, walks.sources, nodes, cutoff_ms=100_001)
    _, (line,) = drawn(town.network, found)
    west, _, east, _ = line.bounds
    assert [west, east] == pytest.approx([23.455, 223.457], abs=1e-9)


def test_an_offset_too_small_for_the_grid_is_refused() -> None:
    town = Town("A----B", AB="residential")
    found = reached(town.network, 100_000, [(0, 0)])
    with pytest.raises(ValueError, match="too small"):
        drawn(town.network, found, offset_m=16)


@pytest.mark.parametrize("seed", [0, 4, 6])
def test_simplifying_keeps_every_hole_and_every_part(seed: int) -> None:
    network = random_streets(seed)
    found = reached(network, 900_000, [(700, 700), (500, 900)])
    plain, _ = drawn(network, found, simplify_m=0.0)
    light, lines = drawn(network, found, simplify_m=5.0)
    for one, two, line in zip(plain, light, lines, strict=True):
        assert rings(one) == rings(two) > 1
        assert len(one.geoms) == len(two.geoms)
        assert shapely.get_num_coordinates(two) < 0.6 * shapely.get_num_coordinates(one)
        check(two, line)
