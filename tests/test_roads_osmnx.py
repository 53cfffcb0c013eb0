"""OSMnx graphs in memory and as GraphML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import osmnx as ox
import shapely

from quarterhour.core import graph
from quarterhour.errors import InputError
from quarterhour.model import BRIDGE, STEPS
from quarterhour.sources.roads.read import read_roads
from quarterhour.sources.roads.through_osmnx import lines_of_graph
from road_files import degrees, lonlat, n_components, refusal

if TYPE_CHECKING:
    from pathlib import Path

NODES = {1: (-300.0, 0.0), 2: (0.0, 0.0), 3: (500.0, 0.0), 4: (0.0, -200.0), 5: (0.0, 400.0)}


def osmnx_graph(*edges: tuple[int, int, dict[str, Any]], both: bool = True) -> nx.MultiDiGraph:
    """A graph as OSMnx makes it, every street as an arc in either direction."""
    made = nx.MultiDiGraph(crs="epsg:4326")
    for node, xy in NODES.items():
        lon, lat = lonlat(*xy)
        made.add_node(node, x=lon, y=lat)
    for u, v, tags in edges:
        made.add_edge(u, v, reversed=False, **tags)
        if both:
            geometry = tags.get("geometry")
            back = {} if geometry is None else {"geometry": geometry.reverse()}
            made.add_edge(v, u, reversed=True, **{**tags, **back})
    return made


def curve(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([lonlat(*xy) for xy in points])


STREET = {"highway": "residential"}
CROSS = [(1, 2, STREET), (2, 3, STREET), (4, 2, STREET), (2, 5, {"highway": "steps"})]


def test_the_two_arcs_of_a_street_are_one_edge() -> None:
    network = read_roads(osmnx_graph(*CROSS))
    assert degrees(network) == [1, 1, 1, 1, 4]
    assert sorted(np.round(network.edge_length_mm / 1000)) == [200, 300, 400, 500]
    assert sorted(network.edge_kind.tolist()) == [0, 0, 0, STEPS]
    one_way_only = read_roads(osmnx_graph(*CROSS, both=False))
    assert (one_way_only.edge_length_mm == network.edge_length_mm).all()
    assert not one_way_only.edge_oneway.any()


def test_geometry_is_kept_and_parallel_streets_stay_two() -> None:
    bow = curve(NODES[1], (-150.0, 80.0), NODES[2])
    network = read_roads(
        osmnx_graph((1, 2, STREET), (1, 2, {**STREET, "geometry": bow}), CROSS[1], (1, 5, STREET))
    )
    straight, arc = 300.0, 2 * float(np.hypot(150, 80))
    np.testing.assert_allclose(
        sorted(network.edge_length_mm / 1000), [straight, arc, 500.0, 500.0], rtol=0, atol=0.05
    )
    assert n_components(network) == 1


def test_a_graph_made_undirected_keeps_its_shape() -> None:
    bow = curve(NODES[2], (60.0, 90.0), (200.0, 90.0), NODES[3])
    made = osmnx_graph((2, 3, {**STREET, "geometry": bow}), CROSS[0])
    expected = read_roads(made)
    for undirected in (ox.convert.to_undirected(made), _turned(made)):
        network = read_roads(undirected)
        assert network.edge_length_mm.tolist() == expected.edge_length_mm.tolist()
        assert sorted(network.vertex_lon.tolist()) == sorted(expected.vertex_lon.tolist())


def _turned(made: nx.MultiDiGraph) -> nx.MultiGraph:
    """As undirected graphs may be: the geometry runs from the second node to the first."""
    turned = nx.MultiGraph(crs=made.graph["crs"])
    turned.add_nodes_from(made.nodes(data=True))
    turned.add_edges_from((v, u, d) for u, v, d in made.edges(data=True) if not d["reversed"])
    return turned


def test_one_way_for_feet_leads_one_way_in_both_arcs() -> None:
    for value, begin in (("yes", 1), ("-1", 2)):
        tags = {"highway": "footway", "oneway:foot": value}
        network = read_roads(osmnx_graph((1, 2, tags)))
        assert network.edge_oneway.tolist() == [True]
        assert np.round(network.edge_length_mm / 1000).tolist() == [300]
        assert (network.vertex_lon[0], network.vertex_lat[0]) == lonlat(*NODES[begin])


def test_tags_are_obeyed_also_where_osmnx_merged_them() -> None:
    made = osmnx_graph(
        (1, 2, {"highway": ["footway", "steps"], "bridge": ["yes", "viaduct"]}),
        (2, 3, {"highway": "residential", "foot": "no"}),
        (2, 4, {"highway": ["residential", "motorway"]}),
        (2, 5, {"name": "a street without a class"}),
    )
    network = read_roads(made)
    metres = np.round(network.edge_length_mm / 1000).tolist()
    assert dict(zip(metres, network.edge_kind.tolist(), strict=True)) == {
        300: STEPS | BRIDGE,
        400: 0,
    }


def test_a_projected_graph_gives_the_same_network() -> None:
    bow = curve(NODES[2], (60.0, 90.0), (200.0, 90.0), NODES[3])
    made = osmnx_graph((2, 3, {**STREET, "geometry": bow}), CROSS[0], CROSS[2])
    plain, projected = read_roads(made), read_roads(ox.project_graph(made))
    assert np.abs(plain.edge_length_mm - projected.edge_length_mm).max() <= 1
    np.testing.assert_allclose(plain.vertex_lon, projected.vertex_lon, rtol=0, atol=1e-9)


def test_graphml_gives_the_same_network(tmp_path: Path) -> None:
    bow = curve(NODES[2], (60.0, 90.0), (200.0, 90.0), NODES[3])
    merged = {"highway": ["footway", "steps"], "osmid": [7, 8]}
    made = osmnx_graph((2, 3, {**STREET, "geometry": bow, "osmid": 5}), (1, 2, merged), CROSS[2])
    made.add_edge(2, 5, osmid=9, reversed=False, **{"highway": "path", "oneway:foot": "yes"})
    made.add_edge(5, 2, osmid=9, reversed=True, **{"highway": "path", "oneway:foot": "yes"})
    path = tmp_path / "town.graphml"
    ox.save_graphml(made, path)
    for cache in (False, True, True):
        assert_same(read_roads(path, cache=cache), read_roads(made))


def assert_same(one: Any, two: Any) -> None:
    for name in ("edge_tail", "edge_head", "edge_kind", "edge_oneway", "vertex_lon", "vertex_mm"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_graphs_that_cannot_be_used_say_why(tmp_path: Path) -> None:
    def told(made: Any) -> str:
        return refusal(lambda: graph.build(lines_of_graph(made)), InputError)

    without = osmnx_graph(*CROSS)
    del without.graph["crs"]
    assert "coordinate system" in told(without)
    strange = osmnx_graph(*CROSS)
    strange.graph["crs"] = "epsg:no"
    assert "'epsg:no' is not known" in told(strange)
    bare = osmnx_graph(*CROSS)
    bare.add_edge(5, 99)
    assert "no x or y" in told(bare)
    metres = osmnx_graph(*CROSS)
    metres.nodes[1]["x"] = 500_000.0
    assert "do not fit" in told(metres)
    assert "no edge that can be walked" in told(osmnx_graph((1, 2, {"highway": "motorway"})))
    assert "no edge that can be walked" in told(osmnx_graph())
    assert "is of type list" in told([])
    path = tmp_path / "wrong.graphml"
    for content in (b"<graphml", b"\x00\x01\x02", b"<html></html>", b"<graphml><graph/></graphml>"):
        path.write_bytes(content)
        text = refusal(lambda: read_roads(path, cache=False), InputError)
        assert "wrong.graphml" in text
    other = nx.MultiDiGraph([("a", "b")])
    nx.write_graphml(other, path)
    assert "wrong.graphml" in refusal(lambda: read_roads(path, cache=False), InputError)
