"""Joining what a small gap keeps apart: where, how long, and nothing else changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core import graph, misses
from quarterhour.core.impedance import impedance
from quarterhour.errors import InputError
from quarterhour.frames import MetricCrs, bounds_of
from quarterhour.model import BRIDGE
from quarterhour.sources.roads.lines import lines_of_frame
from quarterhour.sources.roads.read import read_roads
from quarterhour.sources.roads.repair import _lines, joint_changes, repair
from quarterhour.walkers import WALKERS
from road_files import degrees, length_m, line_frame, lonlat, n_components, refusal, write_osm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from quarterhour.model import RoadNetwork

STREET = {"highway": "residential"}
NODES = {1: (-300.0, 0.0), 2: (500.0, 0.0), 3: (0.0, 200.0), 4: (0.0, 1.5)}
"""A street of 800 m, and one that comes from the north and ends 1.5 m beside it."""


def town(tmp_path: Path, repair_m: float, **tags: str) -> RoadNetwork:
    ways = [([1, 2], STREET | tags), ([3, 4], STREET)]
    path = write_osm(tmp_path / "town.osm", NODES, ways)
    return read_roads(path, repair_m=repair_m, cache=False)


def drawn(*lines: Sequence[tuple[float, float]]) -> RoadNetwork:
    """Lines in metres that are joined only where their ends are the same."""
    frame = line_frame(*lines)
    return graph.build(lines_of_frame(frame, "town", join_tolerance_m=0.0, split_crossings=False))


def test_a_dead_end_is_joined_and_the_joint_is_walked(tmp_path: Path) -> None:
    assert n_components(town(tmp_path, 0.0)) == 2
    found = town(tmp_path, 2.0)
    # where the street ends and the joint begins two edges meet
    assert (n_components(found), degrees(found)) == (1, [1, 1, 1, 2, 3])
    lengths = np.round(np.sort(found.edge_length_mm) / 1000, 1).tolist()
    assert lengths == [1.5, 198.5, 300.0, 500.0]
    assert abs(length_m(found) - 1000.0) < 0.02
    (joint,) = found.joints.tolist()
    assert tuple(joint[:2]) == lonlat(*NODES[4])
    assert abs(joint[2] - 1.5) < 0.02


def test_the_log_names_every_joint_in_both_languages(tmp_path: Path) -> None:
    (change,) = joint_changes(town(tmp_path, 2.0), "town.osm")
    assert (change.layer, change.kind, change.file) == ("roads", "joined", "town.osm")
    lon, lat = lonlat(*NODES[4])
    for text in change.detail:
        assert f"{lon:.6f}, {lat:.6f}" in text
        assert "1.49 " in text  # as near to 1.5 m as the degrees of the file allow
    assert joint_changes(town(tmp_path, 0.0), "town.osm") == ()


@pytest.mark.parametrize(("repair_m", "joints"), [(0.0, 0), (1.4, 0), (1.6, 1), (50.0, 1)])
def test_only_within_the_tolerance(repair_m: float, joints: int, tmp_path: Path) -> None:
    found = town(tmp_path, repair_m)
    assert len(found.joints) == joints
    assert n_components(found) == 2 - joints


@pytest.mark.parametrize("tag", ["bridge", "tunnel"])
def test_a_bridge_is_not_joined_to_what_it_passes_over(tag: str, tmp_path: Path) -> None:
    assert len(town(tmp_path, 5.0, **{tag: "yes"}).joints) == 0
    # but at its own end, where it is on the ground
    nodes = {1: (-300.0, 0.0), 2: (0.0, 0.0), 3: (0.0, 200.0), 4: (0.0, 1.5)}
    ways = [([1, 2], STREET | {tag: "yes"}), ([3, 4], STREET)]
    path = write_osm(tmp_path / "end.osm", nodes, ways)
    assert n_components(read_roads(path, repair_m=5.0, cache=False)) == 1


def test_two_dead_ends_get_one_joint() -> None:
    apart = drawn([(0, 0), (100, 0)], [(101.5, 0), (200, 0)])
    found = repair(apart, 2.0)
    assert len(found.joints) == 1
    assert n_components(found) == 1
    assert abs(length_m(found) - 200.0) < 0.02


def test_several_joints_on_one_street_cut_it_in_order() -> None:
    sides = [[(x, 50.0), (x, 1.0)] for x in (150.0, -100.0, 30.0, 33.0)]
    found = repair(drawn([(-200.0, 0.0), (200.0, 0.0)], *sides), 1.5)
    assert len(found.joints) == 4
    on_street = np.round(found.edge_length_mm / 1000)
    assert {50.0, 117.0, 130.0, 100.0, 3.0, 1.0} <= set(on_street.tolist())
    assert n_components(found) == 1
    # two that meet the street in the same millimetre share its vertex
    both = [[(0.0, 50.0), (0.0, 1.0)], [(0.0, -50.0), (0.0, -1.0)]]
    found = repair(drawn([(-200.0, 0.0), (200.0, 0.0)], *both), 1.5)
    assert degrees(found)[-1] == 4
    assert abs(length_m(found) - 500.0) < 0.02


def test_ends_at_the_very_same_place_become_one(tmp_path: Path) -> None:
    nodes = {1: (-300.0, 0.0), 2: (0.0, 0.0), 3: (0.0, 0.0), 4: (0.0, 200.0), 5: (300.0, 0.0)}
    ways = [([1, 2, 5], STREET), ([3, 4], STREET)]
    path = write_osm(tmp_path / "twins.osm", nodes, ways)
    assert n_components(read_roads(path, cache=False)) == 2
    found = read_roads(path, repair_m=0.1, cache=False)
    assert (n_components(found), degrees(found)) == (1, [1, 1, 1, 3])
    assert found.joints[:, 2].tolist() == [0.0]
    assert found.edge_length_mm.min() > 0


def test_a_closed_gate_stays_closed(tmp_path: Path) -> None:
    path = write_osm(tmp_path / "town.osm", NODES, [([1, 2], STREET), ([3, 4], STREET)])
    text = path.read_text(encoding="utf-8")
    lon, lat = lonlat(*NODES[4])
    node = f'<node id="4" version="1" lon="{lon:.7f}" lat="{lat:.7f}"'
    gate = f'{node}><tag k="barrier" v="gate"/><tag k="foot" v="no"/></node>'
    path.write_text(text.replace(node + "/>", gate), encoding="utf-8")
    found = read_roads(path, repair_m=5.0, cache=False)
    assert (n_components(found), len(found.joints), len(found.closed_gates)) == (2, 0, 1)


def test_gis_lines_are_repaired_too(tmp_path: Path) -> None:
    path = tmp_path / "roads.gpkg"
    line_frame([(-300, 0), (500, 0)], [(0, 200), (0, 1.5)], bridge=["yes", ""]).to_file(path)
    kinds = read_roads(path, repair_m=5.0, cache=False)
    assert len(kinds.joints) == 0
    assert BRIDGE in kinds.edge_kind
    line_frame([(-300, 0), (500, 0)], [(0, 200), (0, 1.5)]).to_file(path)
    assert n_components(read_roads(path, repair_m=5.0, cache=False)) == 1


@pytest.mark.parametrize("repair_m", [-1.0, 50.1, float("nan"), float("inf")])
def test_a_tolerance_is_a_short_length(repair_m: float, tmp_path: Path) -> None:
    assert "repair_m" in refusal(lambda: town(tmp_path, repair_m), InputError)


def found_in(network: RoadNetwork, within_m: float) -> misses.Misses:
    lon, lat = network.vertex_lon, network.vertex_lat
    x, y = MetricCrs(bounds_of((lon, lat))).metres(lon, lat)
    ends, segments = misses.dead_ends(network, x, y), misses.Segments(network, x, y)
    return misses.near_misses(network, ends, segments, within_m=within_m)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_repair_adds_its_joints_and_changes_nothing_else(seed: int) -> None:
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 300, (40, 2))
    lines = [[tuple(p), tuple(p + rng.normal(0, 40, 2))] for p in start]
    before = drawn(*lines)
    none = found_in(before, 1e-9)
    again = graph.build(_lines(before, none)[0])
    for name in ("edge_tail", "edge_head", "vertex_mm", "piece_start_mm", "vertex_lon"):
        np.testing.assert_array_equal(getattr(again, name), getattr(before, name))
    after = repair(before, 8.0)
    n = len(found_in(before, 8.0))
    assert n // 2 <= len(after.joints) <= n
    grown_mm = int(after.edge_length_mm.sum() - before.edge_length_mm.sum())
    assert abs(grown_mm - after.joints[:, 2].sum() * 1000) <= len(after.joints)
    assert n_components(after) <= n_components(before)
    # whoever could walk before walks as far as before, or less far
    costs = impedance(after, WALKERS["adult"])
    assert len(costs.out_ms) == after.n_edges
    # the same once more, to the byte
    twice = repair(before, 8.0)
    for name in ("edge_tail", "edge_head", "vertex_mm", "vertex_lat", "joints"):
        np.testing.assert_array_equal(getattr(after, name), getattr(twice, name))


@pytest.mark.parametrize(("repair_m", "joints"), [(2.0, 42), (5.0, 209)])
def test_heidelberg(repair_m: float, joints: int, shared: Path) -> None:
    path = shared / "heidelberg" / "heidelberg.osm.pbf"
    before, after = read_roads(path), read_roads(path, repair_m=repair_m)
    assert len(after.joints) == joints
    assert n_components(after) < n_components(before)
    assert (after.joints[:, 2] <= repair_m + 1e-6).all()
    added = int(after.edge_length_mm.sum() - before.edge_length_mm.sum())
    assert abs(added - after.joints[:, 2].sum() * 1000) <= joints
    assert len(found_in(after, repair_m)) == 0
