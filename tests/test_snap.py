"""Linking against brute force: the distance of every point to every segment, by shapely."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core import graph, grid, snap
from quarterhour.core.crossing import CONTACT_M, RAILWAY, BarrierIndex
from quarterhour.model import Linkage, PointSet, RoadNetwork
from quarterhour.sources.ground.barriers import _barriers
from quarterhour.sources.roads.walkable import Way
from towns import DEGREES_PER_M, Town, raw_lines

STREET = Way(0, 1, 1)
Points = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def network_of(segments: Points) -> RoadNetwork:
    """Lines of two vertices each, (n, 4) metres."""
    xy = segments.reshape(-1, 2)
    n = len(segments)
    return graph.build(
        raw_lines(range(2 * n), [tuple(p) for p in xy], range(0, 2 * n + 1, 2), [STREET] * n)
    )


def linked(network: RoadNetwork, points: Points, *, limit_m: float, **how: Any) -> Linkage:
    x, y = network.vertex_lon / DEGREES_PER_M, network.vertex_lat / DEGREES_PER_M
    index = snap.SegmentIndex(network, x, y, edges=np.ones(network.n_edges, bool))
    return snap.link(index, PointSet.single(points[:, 0], points[:, 1]), limit_m=limit_m, **how)


def check(network: RoadNetwork, points: Points, *, limit_m: float) -> Linkage:
    """Distances and positions are those of the nearest line, and the limit cuts where it should."""
    found = linked(network, points, limit_m=limit_m)
    x, y = network.vertex_lon / DEGREES_PER_M, network.vertex_lat / DEGREES_PER_M
    n = network.n_edges
    lines = shapely.linestrings(
        np.column_stack([x, y]), indices=np.repeat(np.arange(n), np.diff(network.first_vertex))
    )
    at = shapely.points(points)
    distance = np.array([shapely.distance(lines, p).min() for p in at])
    expected = np.floor(distance * 1000 + 0.5) <= limit_m * 1000
    sure = np.abs(distance - limit_m) > 0.001
    np.testing.assert_array_equal(found.linked[sure], expected[sure])
    assert found.point.tolist() == np.flatnonzero(found.linked).tolist()
    of = found.point
    np.testing.assert_allclose(found.nearest_m[of], distance[of], atol=1e-6)
    np.testing.assert_allclose(found.access_mm / 1000, distance[of], atol=6e-4)
    # the position is on the edge that is named, as far from its tail as is said, and as near
    snapped = shapely.points(found.snap_x_m, found.snap_y_m)
    np.testing.assert_allclose(shapely.distance(lines[found.edge], snapped), 0, atol=1e-6)
    np.testing.assert_allclose(shapely.distance(snapped, at[of]), distance[of], atol=1e-6)
    length = network.edge_length_mm[found.edge]
    share = found.offset_mm / np.maximum(length, 1)
    along = shapely.line_interpolate_point(lines[found.edge], share, normalized=True)
    np.testing.assert_allclose(shapely.distance(along, snapped), 0, atol=2e-3)
    assert ((found.offset_mm >= 0) & (found.offset_mm <= length)).all()
    return found


@pytest.mark.parametrize("seed", range(6))
def test_random_points_on_random_streets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    extent = float(rng.choice([200.0, 2_000.0, 20_000.0]))
    start = rng.uniform(0, extent, (150, 2))
    length = rng.choice([0.0, 5.0, 60.0, 900.0], (150, 1))
    segments = np.hstack([start, start + rng.normal(0, 1, (150, 2)) * length])
    points = rng.uniform(-0.2 * extent, 1.2 * extent, (300, 2))
    found = check(network_of(segments), points, limit_m=200)
    assert found.linked.any()


def test_points_on_vertices_and_on_streets_have_no_access_leg() -> None:
    rng = np.random.default_rng(3)
    segments = rng.uniform(0, 1_000, (80, 4))
    on = segments[:, :2] + (segments[:, 2:] - segments[:, :2]) * rng.uniform(0, 1, (80, 1))
    points = np.vstack([segments[:, :2], segments[:, 2:], on])
    found = check(network_of(segments), points, limit_m=1)
    assert found.linked.all()
    assert found.access_mm.max() == 0


def test_points_and_streets_on_the_borders_of_grid_cells() -> None:
    step = np.arange(0, 1_001, grid.CELL_M)
    zero = np.zeros_like(step)
    across = np.column_stack([zero, step, zero + 1_000, step])
    down = np.column_stack([step, zero, step, zero + 1_000])
    x, y = (
        a.ravel() for a in np.meshgrid(np.arange(-60.0, 1_061, 25), np.arange(-60.0, 1_061, 25))
    )
    points = np.column_stack([x, y])
    check(network_of(np.vstack([across, down])), points, limit_m=30)
    check(network_of(across[::4]), points, limit_m=120)


def test_almost_level_streets_are_found_from_both_sides_of_a_cell_border() -> None:
    tilt = np.array([1e-3, 1e-6, 1e-9, 0.0])
    y = np.full(4, 2 * grid.CELL_M)
    segments = np.column_stack([np.zeros(4), y - tilt / 2, np.full(4, 1_000.0), y + tilt / 2])
    frame = np.array([[0.0, 0.0, 10.0, 0.0], [0.0, 200.0, 10.0, 200.0]])
    points = np.array([[x, 100 + d] for x in range(-20, 1_021, 13) for d in (-40, -1e-3, 1e-3, 40)])
    check(network_of(np.vstack([segments, frame])), points.astype(float), limit_m=90)


def test_few_streets_in_a_whole_country() -> None:
    # 5,000 km apart: cells must be wide, or there would be ten billion of them
    segments = np.array([
        [0.0, 0.0, 900.0, 50.0],
        [4_999_000.0, 4_999_500.0, 5_000_000.0, 5_000_000.0],
        [0.0, 4_000_000.0, 3_000_000.0, 4_000_100.0],
    ])  # fmt: skip
    points = np.array([
        [450.0, 60.0], [4_999_500.0, 4_999_700.0], [1_500_000.0, 4_000_100.0],
        [2_500_000.0, 2_500_000.0], [-150.0, -100.0],
    ])  # fmt: skip
    network = network_of(segments)
    found = check(network, points, limit_m=200)
    assert found.linked.tolist() == [True, True, True, False, True]


def test_points_far_outside_or_nowhere_are_unlinked() -> None:
    network = network_of(np.array([[0.0, 0.0, 100.0, 0.0]]))
    nowhere = [
        [1e12, 0.0],
        [-1e12, 1e12],
        [np.inf, 0.0],
        [np.nan, 0.0],
        [0.0, 201.0],
        [-200.0, 0.0],
    ]
    found = linked(network, np.array(nowhere), limit_m=200)
    assert found.linked.tolist() == [False] * 5 + [True]
    assert np.isinf(found.nearest_m[:5]).all()


def test_the_limit_includes_its_own_millimetre() -> None:
    network = network_of(np.array([[0.0, 0.0, 100.0, 0.0]]))
    points = np.array([[50.0, 200.0], [50.0, 200.0004], [50.0, 200.0006], [50.0, -200.001]])
    found = linked(network, points, limit_m=200)
    assert found.linked.tolist() == [True, True, False, False]
    assert found.access_mm.tolist() == [200_000, 200_000]
    assert found.offset_mm.tolist() == [50_000, 50_000]


def test_the_distance_of_a_place_beyond_the_limit_is_told_as_far_as_was_searched() -> None:
    network = network_of(np.array([[0.0, 0.0, 100.0, 0.0]]))
    points = np.array([[50.0, 20.0], [50.0, 700.0], [50.0, 1_200.0]])
    found = linked(network, points, limit_m=100, search_m=1_000)
    assert found.linked.tolist() == [True, False, False]
    assert found.nearest_m.tolist() == [20.0, 700.0, np.inf]
    assert found.n_owners == 3
    assert found.owner.tolist() == [0]


def test_ties_go_to_the_lowest_edge() -> None:
    network = network_of(np.array([[0.0, 10.0, 100.0, 10.0], [0.0, -10.0, 100.0, -10.0]]))
    found = linked(network, np.array([[50.0, 0.0]]), limit_m=50)
    assert found.edge.tolist() == [0]


def test_threads_change_no_link() -> None:
    rng = np.random.default_rng(5)
    network = network_of(rng.uniform(0, 3_000, (400, 4)))
    points = rng.uniform(0, 3_000, (50_000, 2))
    one, two = (linked(network, points, limit_m=40, threads=k) for k in (1, 5))
    assert 0 < one.linked.sum() <= 50_000
    np.testing.assert_array_equal(one.linked, two.linked)
    np.testing.assert_array_equal(one.edge, two.edge)
    np.testing.assert_array_equal(one.offset_mm, two.offset_mm)
    np.testing.assert_array_equal(one.access_mm, two.access_mm)


def test_only_the_chosen_edges_are_linked_to() -> None:
    town = Town("A----B----C", AB="steps", BC="residential")
    homes = {"beside the steps": ("AB", 470, 10), "far": ("AB", 100, 10)}
    walks = town.walks({"clinic": "C"}, homes, walker="caregiver_with_stroller")
    # 31.623 m straight to B, then 500
    assert walks.ms() == {"beside the steps": 531_623, "far": None}
    assert walks.linked() == {"beside the steps": True, "far": False}


def test_no_streets_and_no_points() -> None:
    network = network_of(np.array([[0.0, 0.0, 100.0, 0.0]]))
    assert len(linked(network, np.empty((0, 2)), limit_m=100).linked) == 0
    x = network.vertex_lon
    index = snap.SegmentIndex(network, x, x, edges=np.zeros(1, bool))
    found = snap.link(index, PointSet.single(np.zeros(2), np.zeros(2)), limit_m=100)
    assert found.linked.tolist() == [False, False]


def fences(lines: list[Any], waters: list[Any] | None = None) -> BarrierIndex:
    """Barriers drawn in metres: lines, and outlines of water."""
    kinds = np.full(len(lines), RAILWAY, np.uint8)
    drawn = _barriers(
        np.array(lines, object), kinds, np.array(waters or [], object), None, "", small_m=0.0
    )
    return BarrierIndex(drawn, drawn.lon, drawn.lat)


def stopped(leg: Any, lines: Any, water: Any) -> bool:
    """The rule once more, by overlaying shapes; `lines` and `water` are one geometry each."""
    if leg.length <= CONTACT_M:
        return False
    to_road = shapely.line_interpolate_point(leg, leg.length - CONTACT_M)
    from_place = shapely.line_interpolate_point(leg, min(CONTACT_M, leg.length))
    between = shapely.LineString([from_place, to_road])
    if leg.length > 2 * CONTACT_M and shapely.intersects(between, lines):
        return True
    leg = shapely.LineString([leg.coords[0], to_road])
    wet = [p for p in shapely.get_parts(shapely.intersection(leg, water)) if p.length > 0]
    starts_wet = shapely.intersects(water, shapely.Point(leg.coords[0]))
    return len(wet) > starts_wet


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), extent=st.sampled_from([30.0, 120.0, 400.0]))
def test_no_leg_crosses_a_barrier_and_the_nearest_free_road_is_found(
    seed: int, extent: float
) -> None:
    rng = np.random.default_rng(seed)
    segments = rng.uniform(0, extent, (int(rng.integers(1, 12)), 4))
    network = network_of(segments)
    points = rng.uniform(-0.1 * extent, 1.1 * extent, (25, 2))
    walls = [
        shapely.LineString(rng.uniform(0, extent, (int(rng.integers(2, 5)), 2)))
        for _ in range(int(rng.integers(0, 5)))
    ]
    ponds = [
        shapely.convex_hull(
            shapely.MultiPoint(rng.uniform(0, extent, 2) + rng.normal(0, extent / 8, (5, 2)))
        )
        for _ in range(int(rng.integers(0, 4)))
    ]
    limit_m = 0.4 * extent
    found = linked(network, points, limit_m=limit_m, barriers=fences(walls, ponds))
    free = linked(network, points, limit_m=limit_m)
    lines, water = shapely.union_all(walls), shapely.union_all(ponds)
    x, y = network.vertex_lon / DEGREES_PER_M, network.vertex_lat / DEGREES_PER_M
    pairs = np.column_stack([x, y]).reshape(-1, 2, 2)  # every edge is one segment
    assert found.blocked is not None
    assert found.behind_barrier is not None
    for k, (px, py) in enumerate(points):
        legs = [shapely.shortest_line(shapely.Point(px, py), s) for s in shapely.linestrings(pairs)]
        open_m = [leg.length for leg in legs if not stopped(leg, lines, water)]
        nearest, way = min(leg.length for leg in legs), min(open_m, default=np.inf)
        assert found.linked[k] == (way <= limit_m)
        assert found.behind_barrier[k] == (nearest <= limit_m < way)
        assert found.blocked[k] == (nearest <= limit_m and nearest < way)
        if found.linked[k]:
            assert abs(found.nearest_m[k] - way) < 1e-6
    # who is not blocked is linked as if there were no barriers
    same = np.flatnonzero(~found.blocked & found.linked)
    for name in ("edge", "offset_mm", "access_mm", "snap_x_m"):
        one = getattr(found, name)[np.searchsorted(found.point, same)]
        assert (one == getattr(free, name)[np.searchsorted(free.point, same)]).all()


def test_a_road_on_the_barrier_is_reached_and_one_behind_it_is_not() -> None:
    street = network_of(np.array([[0.0, 0.0, 100.0, 0.0]]))
    north, south = [50.0, 20.0], [50.0, -20.0]
    for wall_y, expected in ((0.0, [True, True]), (0.4, [True, True]), (0.6, [False, True])):
        wall = shapely.LineString([(-10.0, wall_y), (110.0, wall_y)])
        found = linked(street, np.array([north, south]), limit_m=50, barriers=fences([wall]))
        assert found.linked.tolist() == expected
    # a place in the wall is on neither side of it; a metre behind it is behind it
    wall = shapely.LineString([(-10.0, 20.0), (110.0, 20.0)])
    for y, expected_one in ((20.0, True), (20.4, True), (21.0, False)):
        at = np.array([[50.0, y]])
        found = linked(street, at, limit_m=50, barriers=fences([wall]))
        assert found.linked.tolist() == [expected_one]


def test_a_leg_through_the_corner_of_two_walls_is_stopped_and_one_along_a_wall_is_not() -> None:
    street = network_of(np.array([[0.0, 0.0, 100.0, 0.0]]))
    corner = shapely.LineString([(0.0, 30.0), (50.0, 10.0), (100.0, 30.0)])
    found = linked(street, np.array([[50.0, 40.0]]), limit_m=50, barriers=fences([corner]))
    assert found.linked.tolist() == [False]
    along = shapely.LineString([(50.0, 5.0), (50.0, 60.0)])
    found = linked(street, np.array([[50.0, 40.0]]), limit_m=50, barriers=fences([along]))
    assert found.linked.tolist() == [True]


def test_barriers_that_stop_nobody_change_no_byte_and_neither_do_threads() -> None:
    rng = np.random.default_rng(8)
    network = network_of(rng.uniform(0, 3_000, (400, 4)))
    points = rng.uniform(0, 3_000, (60_000, 2))
    far = [shapely.LineString([(9_000.0, 0.0), (9_000.0, 3_000.0)])]
    lines = [shapely.LineString(rng.uniform(0, 3_000, (2, 2))) for _ in range(40)]
    plain = linked(network, points, limit_m=40)
    assert plain.blocked is None
    away = linked(network, points, limit_m=40, barriers=fences(far))
    one, two = (
        linked(network, points, limit_m=40, threads=k, barriers=fences(lines)) for k in (1, 5)
    )
    assert 0 < one.n_blocked < len(points)
    for name in ("linked", "edge", "offset_mm", "access_mm", "snap_x_m", "nearest_m"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(away, name))
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    np.testing.assert_array_equal(one.blocked, two.blocked)
