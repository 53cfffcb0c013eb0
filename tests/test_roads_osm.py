"""OpenStreetMap files: split where ways share a node, nowhere else; and files that are none."""

from __future__ import annotations

import bz2
import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from quarterhour.errors import InputError
from quarterhour.model import BRIDGE, STEPS
from quarterhour.sources.roads.osm import read_osm_lines
from quarterhour.sources.roads.read import read_roads
from road_files import (
    GEOD,
    degrees,
    length_m,
    lonlat,
    n_components,
    node_lines,
    osm_text,
    refusal,
    way_lines,
    write_osm,
)

if TYPE_CHECKING:
    from pathlib import Path

STREET = {"highway": "residential"}

CROSS = {1: (-300.0, 0.0), 2: (0.0, 0.0), 3: (500.0, 0.0), 4: (0.0, -200.0), 5: (0.0, 400.0)}
"""A street of 800 m, and one of 600 m that crosses it at node 2."""


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf"])
def test_ways_are_split_at_the_node_they_share_in_every_format(suffix: str, tmp_path: Path) -> None:
    ways = [([1, 2, 3], STREET), ([4, 2, 5], STREET)]
    network = read_roads(write_osm(tmp_path / f"town{suffix}", CROSS, ways), cache=False)
    assert degrees(network) == [1, 1, 1, 1, 4]
    assert sorted(np.round(network.edge_length_mm / 1000).tolist()) == [200, 300, 400, 500]


def test_a_bridge_that_only_crosses_does_not_connect(tmp_path: Path) -> None:
    nodes = {k: xy for k, xy in CROSS.items() if k != 2}
    ways = [([1, 3], STREET), ([4, 5], {"highway": "footway", "bridge": "yes"})]
    network = read_roads(write_osm(tmp_path / "town.osm", nodes, ways), cache=False)
    assert (n_components(network), network.n_edges) == (2, 2)
    assert sorted(network.edge_kind.tolist()) == [0, BRIDGE]


def test_two_nodes_at_one_place_are_two_nodes(tmp_path: Path) -> None:
    nodes = {**CROSS, 6: CROSS[2]}
    ways = [([1, 2, 3], STREET), ([4, 6, 5], {"highway": "footway", "bridge": "yes"})]
    network = read_roads(write_osm(tmp_path / "town.osm", nodes, ways), cache=False)
    assert n_components(network) == 2


def test_chains_become_one_edge_with_their_geometry_and_length(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    xy = np.cumsum(rng.uniform(5.0, 40.0, (60, 2)), axis=0)
    nodes = {k + 1: (float(x), float(y)) for k, (x, y) in enumerate(xy)}
    # ways of 12 segments, each drawn the other way round than the one before
    runs = [list(range(k + 1, min(k + 14, 61))) for k in range(0, 59, 12)]
    ways = [(run if k % 2 else run[::-1], STREET) for k, run in enumerate(runs)]
    path = write_osm(tmp_path / "chain.osm", nodes, ways)
    network = read_roads(path, cache=False)
    assert (network.n_edges, network.n_nodes) == (1, 2)
    assert len(network.first_piece) == 2
    assert len(network.piece_start_mm) == len(runs)
    drawn = np.column_stack([network.vertex_lon, network.vertex_lat])
    if drawn[0, 0] > drawn[-1, 0]:
        drawn = drawn[::-1]
    np.testing.assert_array_equal(drawn, [lonlat(*point) for point in nodes.values()])
    raw = read_osm_lines(path)
    assert network.edge_length_mm.sum() == raw.segment_mm.sum()
    exact = GEOD.line_length(*drawn.T)
    assert abs(length_m(network) - exact) < 0.0005 * len(nodes)


def test_a_chain_ends_where_steps_begin(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (150.0, 0.0), 4: (300.0, 0.0)}
    ways = [([1, 2], STREET), ([2, 3], {"highway": "steps"}), ([3, 4], STREET)]
    network = read_roads(write_osm(tmp_path / "town.osm", nodes, ways), cache=False)
    steps = network.edge_kind == STEPS
    assert np.round(network.edge_length_mm[steps] / 1000).tolist() == [50]
    assert network.n_edges == 3


def test_segments_are_geodesic_to_the_millimetre(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    nodes = {k: tuple(rng.uniform(-9e4, 9e4, 2).tolist()) for k in range(1, 201)}
    ways = [(list(range(k, k + 10)), STREET) for k in range(1, 200, 10)]
    raw = read_osm_lines(write_osm(tmp_path / "wide.osm", nodes, ways))
    inner = np.ones(len(raw.lon), bool)
    inner[raw.first_vertex[:-1]] = False
    to = np.flatnonzero(inner)
    _, _, metres = GEOD.inv(raw.lon[to - 1], raw.lat[to - 1], raw.lon[to], raw.lat[to])
    assert np.abs(raw.segment_mm[to] / 1000.0 - metres).max() < 0.001
    assert (raw.segment_mm[~inner] == 0).all()


def test_only_what_can_be_walked_is_read(tmp_path: Path) -> None:
    ways = [([1, 2], STREET), ([2, 3], {"highway": "motorway"}), ([4, 2], {"building": "yes"})]
    network = read_roads(write_osm(tmp_path / "town.osm", CROSS, ways), cache=False)
    assert round(length_m(network)) == 300


def gated(path: Path, gate: str, ways: list[tuple[list[int], dict[str, str]]]) -> Path:
    """The crossroads with a gate at node 2."""
    marks = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in (t.split("=") for t in gate.split()))
    node = node_lines({2: CROSS[2]})[0]
    text = osm_text(CROSS, ways).replace(node, node.replace("/>", f">{marks}</node>"))
    assert marks in text
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("gate", "parts"), [("barrier=gate", 1), ("barrier=gate access=private", 2),
                        ("barrier=gate access=private foot=yes", 1),
                        ("barrier=gate locked=yes", 2)],
)  # fmt: skip
def test_a_closed_gate_cuts_its_way_and_both_sides_remain(
    gate: str, parts: int, tmp_path: Path
) -> None:
    path = gated(tmp_path / "town.osm", gate, [([1, 2, 3], STREET)])
    network = read_roads(path, cache=False)
    assert n_components(network) == parts
    expected = [300, 500] if parts == 2 else [800]
    assert sorted(np.round(network.edge_length_mm / 1000).tolist()) == expected
    told = [list(lonlat(*CROSS[2]))] if parts == 2 else []
    assert network.closed_gates.tolist() == told


def test_a_closed_gate_at_a_junction_or_at_an_end_lets_nobody_through(tmp_path: Path) -> None:
    closed = "barrier=gate foot=no"
    path = gated(tmp_path / "cross.osm", closed, [([1, 2, 3], STREET), ([4, 2, 5], STREET)])
    network = read_roads(path, cache=False)
    assert (n_components(network), len(network.closed_gates)) == (4, 1)
    path = gated(tmp_path / "ends.osm", closed, [([1, 2], STREET), ([2, 3], STREET)])
    assert n_components(read_roads(path, cache=False)) == 2
    path = gated(tmp_path / "ring.osm", closed, [([2, 3, 5, 2], STREET)])
    network = read_roads(path, cache=False)
    assert (n_components(network), degrees(network)) == (1, [1, 1])


@pytest.mark.parametrize(("value", "begin"), [("yes", 1), ("-1", 3)])
def test_oneway_for_feet_has_its_direction(value: str, begin: int, tmp_path: Path) -> None:
    ways = [([1, 2, 3], {"highway": "footway", "oneway:foot": value})]
    network = read_roads(write_osm(tmp_path / "town.osm", CROSS, ways), cache=False)
    assert network.edge_oneway.tolist() == [True]
    assert (network.vertex_lon[0], network.vertex_lat[0]) == lonlat(*CROSS[begin])


def test_an_extract_may_lack_nodes_beyond_its_edge(tmp_path: Path) -> None:
    nodes = {k: (100.0 * k, 0.0) for k in range(1, 8) if k not in {1, 4}}
    # of 1..7 the nodes 1 and 4 are missing: 2-3 and 5-6-7 remain; a way of one node is none
    ways = [([1, 2, 3, 4, 5, 6, 7], STREET), ([1, 2, 4], STREET)]
    for name in ("cut.osm", "cut.osm.pbf"):
        network = read_roads(write_osm(tmp_path / name, nodes, ways), cache=False)
        lengths = np.round(network.edge_length_mm / 1000).tolist()
        assert sorted(lengths) == [100, 200]
        assert n_components(network) == 2


def test_nodes_may_stand_after_the_ways_as_overpass_writes_them(tmp_path: Path) -> None:
    ways = [([1, 2, 3], STREET), ([4, 2, 5], STREET)]
    text = ["<osm version='0.6'>", *way_lines(ways), *node_lines(CROSS), "</osm>"]
    path = tmp_path / "export.osm"
    path.write_text("\n".join(text), encoding="utf-8")
    network = read_roads(path, cache=False)
    assert degrees(network) == [1, 1, 1, 1, 4]
    assert round(length_m(network)) == 1400


def test_new_objects_have_negative_numbers_as_in_josm(tmp_path: Path) -> None:
    nodes = {-k: xy for k, xy in CROSS.items() if k < 4} | {4: CROSS[4], 5: CROSS[5]}
    ways = [([-1, -2, -3], STREET), ([4, -2, 5], STREET)]
    path = tmp_path / "drawn.osm"
    path.write_text(osm_text(nodes, ways), encoding="utf-8")
    assert degrees(read_roads(path, cache=False)) == [1, 1, 1, 1, 4]


def test_an_area_ring_and_a_double_node_do_no_harm(tmp_path: Path) -> None:
    ways = [([1, 4, 3, 5, 1], {"highway": "pedestrian", "area": "yes"}), ([1, 1, 2], STREET)]
    network = read_roads(write_osm(tmp_path / "town.osm", CROSS, ways), cache=False)
    assert n_components(network) == 1
    ring = sum(np.hypot(*side) for side in ((300, 200), (500, 200), (500, 400), (300, 400)))
    assert abs(length_m(network) - ring - 300.0) < 0.1


def test_files_that_are_not_openstreetmap_end_in_one_sentence(tmp_path: Path) -> None:
    whole = write_osm(tmp_path / "whole.osm.pbf", CROSS, [([1, 2, 3], STREET)]).read_bytes()
    rng = np.random.default_rng(3)
    page = b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
    xml = osm_text(CROSS, [([1, 2, 3], STREET)]).encode()
    wrong = {
        "truncated.osm.pbf": whole[: len(whole) // 2],
        "short.osm.pbf": whole[:-3],
        "random.osm.pbf": rng.bytes(4000),
        "page.osm.pbf": page,
        "page.osm": page,
        "truncated.osm": xml[: len(xml) // 2],
        "truncated.osm.gz": gzip.compress(xml)[:-30],
        "truncated.osm.bz2": bz2.compress(xml)[:-30],
        "random.osm.bz2": rng.bytes(4000),
    }
    for name, content in wrong.items():
        path = tmp_path / name
        path.write_bytes(content)
        text = refusal(lambda path=path: read_roads(path, cache=False), InputError)
        assert name in text
        assert "cannot be read as OpenStreetMap data" in text


def test_files_without_roads_say_so(tmp_path: Path) -> None:
    for name in ("houses.osm", "houses.osm.pbf"):
        path = write_osm(tmp_path / name, CROSS, [([1, 2, 4, 1], {"building": "yes"})])
        text = refusal(lambda path=path: read_roads(path, cache=False), InputError)
        assert "no way that can be walked" in text
    path = write_osm(tmp_path / "motorway.osm", CROSS, [([1, 3], {"highway": "motorway"})])
    assert "no way that can be walked" in refusal(lambda: read_roads(path, cache=False), InputError)
    path = write_osm(tmp_path / "nowhere.osm", {}, [([1, 3], STREET)])
    assert "no way that can be walked" in refusal(lambda: read_roads(path, cache=False), InputError)


def test_empty_missing_and_unknown_files_say_so(tmp_path: Path) -> None:
    empty = tmp_path / "empty.osm.pbf"
    empty.touch()
    assert "is empty" in refusal(lambda: read_roads(empty), InputError)
    assert "not found" in refusal(lambda: read_roads(tmp_path / "no.osm.pbf"), InputError)
    assert "is a folder" in refusal(lambda: read_roads(tmp_path), InputError)
    strange = tmp_path / "roads.docx"
    strange.write_bytes(b"x")
    assert "not known" in refusal(lambda: read_roads(strange), InputError)
    assert "exactly one" in refusal(read_roads, InputError)


def test_a_real_city_has_the_length_of_its_ways(shared: Path) -> None:
    """The same ways, added up one by one with another program for the nodes and the lengths."""
    import osmium

    from quarterhour.sources.roads.osm import KEYS
    from quarterhour.sources.roads.walkable import way

    path = shared / "heidelberg" / "heidelberg.osm.pbf"
    place: dict[int, tuple[float, float]] = {}
    ways: list[list[int]] = []
    for item in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY):
        if item.is_node():
            place[item.id] = (item.lon, item.lat)
        elif way({key: item.tags[key] for key in KEYS if key in item.tags}) is not None:
            ways.append([node.ref for node in item.nodes])
    known = [[place[ref] for ref in refs if ref in place] for refs in ways]
    xy = np.concatenate([np.array(line) for line in known if line])
    of = np.repeat(np.arange(len(known)), [len(line) for line in known])
    _, _, metres = GEOD.inv(*xy[:-1].T, *xy[1:].T)
    exact = metres[of[1:] == of[:-1]].sum()
    network = read_roads(path, cache=False)
    assert abs(length_m(network) / exact - 1.0) < 1e-6
    n_ends = len({ref for refs in ways for ref in (refs[0], refs[-1])})
    assert network.n_nodes < n_ends * 2
    zone = shapely.box(*np.min(list(place.values()), 0), *np.max(list(place.values()), 0))
    assert shapely.covers(zone, shapely.points(network.vertex_lon, network.vertex_lat)).all()
