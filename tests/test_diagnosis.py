"""What is doubtful about drawn towns, counted by eye."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from quarterhour.core import graph, snap
from quarterhour.core.diagnosis import RoadDiagnosis, diagnose, diagnosis_notes
from quarterhour.core.impedance import impedance
from quarterhour.model import PointSet
from quarterhour.sources.roads.read import read_roads
from quarterhour.sources.roads.walkable import Way, way
from quarterhour.walkers import WALKERS
from road_files import lonlat, node_lines, osm_text, write_osm
from towns import DEGREES_PER_M, Spots, Town, raw_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from quarterhour.model import RoadNetwork

    Line = Sequence[tuple[float, float]]

FAR = shapely.box(-1e5, -1e5, 1e5, 1e5)
"""A zone so wide that no end of a drawn town lies at its edge."""


def network_of(*lines: Line | tuple[Line, Mapping[str, str]]) -> RoadNetwork:
    """Streets drawn in metres, joined where they share a vertex; some with tags of their own."""
    key: dict[tuple[float, float, int], int] = {}
    keys: list[int] = []
    xy: list[tuple[float, float]] = []
    first, ways = [0], []
    for item in lines:
        line, tags = item if isinstance(item, tuple) and isinstance(item[1], dict) else (item, {})
        found = way({"highway": "residential", **tags})
        assert isinstance(found, Way)
        for x, y in line:
            keys.append(key.setdefault((x, y, 0), len(key)))
            xy.append((x, y))
        first.append(len(xy))
        ways.append(found)
    return graph.build(raw_lines(keys, xy, first, ways))


def look(network: RoadNetwork, **how: Any) -> RoadDiagnosis:
    x, y = network.vertex_lon / DEGREES_PER_M, network.vertex_lat / DEGREES_PER_M
    return diagnose(network, x, y, **{"zone_m": FAR, **how})


MAIN = [(0.0, 0.0), (400.0, 0.0)]


@pytest.mark.parametrize(
    ("gap", "n"), [(0.0, 1), (0.5, 1), (4.999, 1), (5.0, 1), (5.01, 0), (30.0, 0)]
)
def test_a_dead_end_that_misses_another_road(gap: float, n: int) -> None:
    found = look(network_of(MAIN, [(100.0, 80.0), (100.0, gap)]))
    assert found.near_misses.total == len(found.near_misses) == n
    assert (found.dead_ends, len(found.parts)) == (4, 2)
    if n:
        miss = found.near_misses
        assert abs(miss.gap_m[0] - gap) < 1e-6
        at = np.array([miss.lon[0], miss.lat[0]]) / DEGREES_PER_M
        np.testing.assert_allclose(at, (100.0, gap), atol=1e-9)
        assert miss.joins.tolist() == [True]
        assert miss.joins_m.tolist() == [80 - gap]
        assert np.isinf(miss.detour_m[0])


def test_what_is_no_miss() -> None:
    # a stub that ends beside the road it branches off, and beside another at the same junction
    stub = network_of([(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)], [(100.0, 0.0), (100.0, 4.0)])
    assert look(stub).near_misses.total == 0
    fork = network_of(MAIN, [(0.0, 0.0), (15.0, 2.0)])
    assert look(fork).near_misses.total == 0
    # but a street that comes back to its beginning after a long way has a gap there
    back = [(0.0, 0.0), (0.0, 90.0), (90.0, 90.0), (90.0, 3.0)]
    found = look(network_of([(-50.0, 0.0), (0.0, 0.0)], [(0.0, 0.0), (200.0, 0.0)], back))
    assert found.near_misses.total == 1
    assert found.near_misses.detour_m.tolist() == [90 + 90 + 87 + 90]
    assert found.near_misses.joins.tolist() == [False]


@pytest.mark.parametrize("kind", ["bridge", "tunnel"])
def test_nothing_misses_the_bridge_above_or_the_tunnel_below(kind: str) -> None:
    side = [(100.0, 80.0), (100.0, 3.0)]
    over = (MAIN, {kind: "yes"})
    assert look(network_of(over, side)).near_misses.total == 0
    assert look(network_of(over, (side, {kind: "yes"}))).near_misses.total == 2 - 1
    # at the end of the bridge it is on the ground
    at_end = look(network_of(over, [(400.0, 80.0), (400.0, 3.0)]))
    assert at_end.near_misses.total == 2  # each of the two ends misses the other road


@pytest.mark.parametrize(
    ("other", "n"),
    [
        ([(112.0, 0.0), (200.0, 0.0)], 1),
        ([(119.8, 2.0), (200.0, 2.0)], 1),
        ([(120.1, 0.0), (200.0, 0.0)], 0),
        ([(112.0, 9.0), (200.0, 9.0)], 0),  # 37 degrees off the line
        ([(112.0, 0.0), (112.0, 90.0)], 0),  # runs across, and does not point here
    ],
)
def test_dead_ends_that_face_each_other(other: Line, n: int) -> None:
    found = look(network_of([(0.0, 0.0), (100.0, 0.0)], other))
    assert found.gaps.total == n


def test_crossings_without_a_joint() -> None:
    cross = [(100.0, -50.0), (100.0, 70.0)]
    found = look(network_of(MAIN, cross))
    assert found.crossings.total == 1
    spot = found.crossings
    assert (spot.lon[0] / DEGREES_PER_M, spot.lat[0] / DEGREES_PER_M) == (100.0, 0.0)
    assert spot.joins_m.tolist() == [120]
    for tags in ({"bridge": "yes"}, {"tunnel": "yes"}):
        assert look(network_of(MAIN, (cross, tags))).crossings.total == 0
    jointed = (
        [(0.0, 0.0), (100.0, 0.0), (400.0, 0.0)],
        [(100.0, -50.0), (100.0, 0.0), (100.0, 70.0)],
    )
    assert look(network_of(*jointed)).crossings.total == 0
    # many squares of the search grid hold both of two long streets: they cross once
    long = look(network_of([(0.0, 0.0), (3_000.0, 2_000.0)], [(0.0, 2_000.0), (3_000.0, 0.0)]))
    assert long.crossings.total == 1


def test_half_bridges_and_roads_cut_by_the_edge_of_the_data() -> None:
    bridge = ([(400.0, 0.0), (600.0, 0.0)], {"bridge": "yes"})
    whole = network_of(MAIN, bridge, [(600.0, 0.0), (900.0, 0.0)])
    assert look(whole).half_bridges.total == 0
    half = network_of(MAIN, bridge)
    found = look(half)
    assert found.half_bridges.total == 1
    assert found.half_bridges.lon[0] / DEGREES_PER_M == 600.0
    # where the data end, the bridge may go on
    zone = shapely.box(-1_000.0, -1_000.0, 650.0, 1_000.0)
    cut = look(half, zone_m=zone)
    assert (cut.dead_ends, cut.cut_ends, cut.half_bridges.total) == (2, 1, 0)
    # and a road that was cut beyond it misses nothing
    side = network_of(MAIN, [(100.0, 80.0), (100.0, 3.0)])
    assert look(side, zone_m=shapely.box(0.0, 10.0, 400.0, 400.0)).near_misses.total == 0
    # without a zone the outline of all roads stands for it
    frame = [(-500.0, -500.0), (1_500.0, -500.0), (1_500.0, 500.0), (-500.0, 500.0)]
    inner = look(network_of(MAIN, bridge, frame), zone_m=None)
    assert (inner.dead_ends, inner.cut_ends, inner.half_bridges.total) == (4, 2, 1)


def test_parts_with_their_length_and_people() -> None:
    town = Town(
        """
        A---B---C

        D-E   F--G
        """,
        ABC="residential", DE="footway", FG="footway",
    )  # fmt: skip
    costs = impedance(town.network, WALKERS["adult"])
    homes: Spots = {"1": ("AB", 10), "2": ("BC", 10), "3": ("DE", 5), "4": ("FG", 5), "far": "A"}
    homes["far"] = ("AB", 0, 900)
    people = np.array([5, 6, 30, 8, 1000]) * 1_000_000
    found = look(town.network, demand=town.link(costs, homes, 50), amount=people)
    assert found.parts.length_m.tolist() == [800, 300, 200]
    assert found.parts.n_edges.tolist() == [1, 1, 1]
    assert (found.parts.amount // 1_000_000).tolist() == [11, 8, 30]
    assert found.length_m == 1300
    (zh, en), *_ = diagnosis_notes(found)
    assert "1.3 km" in en
    assert "3 parts" in en
    assert "77.6%" in en  # 38 of 49
    assert "互不连通的 3 部分" in zh


def test_a_ferry_is_no_road() -> None:
    ferry = ([(400.0, 0.0), (800.0, 0.0)], {"route": "ferry", "highway": ""})
    network = network_of(MAIN, ferry, [(800.0, 0.0), (900.0, 0.0)])
    found = look(network)
    assert found.parts.length_m.tolist() == [400, 100]
    # the pier is no dead end: the ferry goes on
    assert found.dead_ends == 2


def test_what_would_join_most_comes_first_and_lists_are_cut() -> None:
    sides = [[(20.0 * k + 10, 9.0 + k), (20.0 * k + 10, 4.0)] for k in range(1, 15)]
    network = network_of(MAIN, *sides)
    found = look(network, most=3)
    assert (found.near_misses.total, len(found.near_misses)) == (14, 3)
    assert found.near_misses.joins_m.tolist() == [19, 18, 17]
    x, y = network.vertex_lon / DEGREES_PER_M, network.vertex_lat / DEGREES_PER_M
    # people live on the shortest side street
    index = snap.SegmentIndex(network, x, y, edges=np.ones(network.n_edges, bool))
    place = snap.link(index, PointSet.single(np.array([30.0]), np.array([9.0])), limit_m=20)
    rich = look(network, most=3, demand=place, amount=np.array([7_000_000]))
    assert rich.near_misses.joins_m.tolist() == [6, 19, 18]
    assert rich.near_misses.joins_amount.tolist() == [7_000_000, 0, 0]


def test_a_closed_gate_is_no_dead_end_and_its_part_is_marked(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (160.0, 0.0), 4: (0.0, 50.0)}
    street = {"highway": "residential"}
    node = node_lines({2: nodes[2]})[0]
    gate = node.replace("/>", '><tag k="barrier" v="gate"/><tag k="foot" v="no"/></node>')
    path = tmp_path / "town.osm"
    text = osm_text(nodes, [([4, 1, 2, 3], street)]).replace(node, gate)
    path.write_text(text, encoding="utf-8")
    network = read_roads(path, cache=False)
    lon, lat = lonlat(0, 0)
    x, y = (network.vertex_lon - lon) * 96_000, (network.vertex_lat - lat) * 111_000
    found = diagnose(network, x, y, zone_m=FAR)
    assert (found.closed_gates, found.dead_ends, found.near_misses.total) == (1, 2, 0)
    assert np.round(found.parts.length_m).tolist() == [150, 60]
    assert found.parts.gated.tolist() == [True, True]
    assert any(
        note.en.startswith("gates that are closed to walkers: 1;")
        for note in diagnosis_notes(found)
    )


def test_a_sound_network_has_nothing_to_tell(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (50.0, 80.0)}
    path = write_osm(tmp_path / "ring.osm", nodes, [([1, 2, 3, 1], {"highway": "residential"})])
    network = read_roads(path, cache=False)
    found = diagnose(network, network.vertex_lon * 1e5, network.vertex_lat * 1e5)
    assert (found.dead_ends, found.cut_ends, len(found.parts)) == (0, 0, 1)
    notes = diagnosis_notes(found)
    assert [note.en for note in notes] == ["0.3 km of road, all in one part"]


def test_random_streets_tell_the_same_whatever_their_order() -> None:
    rng = np.random.default_rng(4)
    start = rng.uniform(0, 900, (120, 2)).round(1)
    ends = (start + rng.normal(0, 60, (120, 2))).round(1)
    lines = [[tuple(a), tuple(b)] for a, b in zip(start.tolist(), ends.tolist(), strict=True)]
    one = look(network_of(*lines), most=10_000)
    two = look(network_of(*lines[::-1]), most=10_000)
    assert one.crossings.total > 20
    for name in ("near_misses", "gaps", "crossings"):
        a, b = getattr(one, name), getattr(two, name)
        assert a.total == b.total
        assert sorted(np.round(a.gap_m, 6)) == sorted(np.round(b.gap_m, 6))
    # the crossings are those that shapely counts
    shapes = shapely.linestrings(np.stack([start, ends], 1))
    i, j = shapely.STRtree(shapes).query(shapes, predicate="crosses")
    assert one.crossings.total == (i < j).sum()
