"""Small road files in every format, drawn in metres around one origin."""

from __future__ import annotations

import bz2
import gzip
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from quarterhour.errors import QuarterhourError
    from quarterhour.model import RoadNetwork

    Point = tuple[float, float]
    Way = tuple[Sequence[int], Mapping[str, str]]
    Relation = tuple[Sequence[tuple[int, str]], Mapping[str, str]]

LON_0, LAT_0 = 104.65, 30.12
LOCAL = CRS.from_proj4(f"+proj=tmerc +lat_0={LAT_0} +lon_0={LON_0} +k=1 +datum=WGS84 +units=m")
GEOD = Geod(ellps="WGS84")
_TO_LONLAT = Transformer.from_crs(LOCAL, 4326, always_xy=True)


def lonlat(x_m: float, y_m: float) -> Point:
    """Degrees, as exact as an OSM file can hold them (1e-7)."""
    lon, lat = _TO_LONLAT.transform(x_m, y_m)
    return round(lon, 7), round(lat, 7)


def osm_text(
    nodes: Mapping[int, Point], ways: Sequence[Way], relations: Sequence[Relation] = ()
) -> str:
    """OSM XML; `nodes` are in metres, ways are numbered from 101 and relations from 901."""
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">',
        *node_lines(nodes), *way_lines(ways), *relation_lines(relations), "</osm>",
    ])  # fmt: skip


def node_lines(nodes: Mapping[int, Point]) -> list[str]:
    places = {ref: lonlat(*xy) for ref, xy in nodes.items()}
    return [
        f'<node id="{ref}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"/>'
        for ref, (lon, lat) in places.items()
    ]


def way_lines(ways: Sequence[Way]) -> list[str]:
    return [
        f'<way id="{101 + k}" version="1">'
        + "".join(f'<nd ref="{ref}"/>' for ref in refs)
        + _tags(tags)
        + "</way>"
        for k, (refs, tags) in enumerate(ways)
    ]


def relation_lines(relations: Sequence[Relation]) -> list[str]:
    return [
        f'<relation id="{901 + k}" version="1">'
        + "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
        + _tags(tags)
        + "</relation>"
        for k, (members, tags) in enumerate(relations)
    ]


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def write_osm(path: Path, nodes: Mapping[int, Point], ways: Sequence[Way]) -> Path:
    """An OSM file in the format that its name says."""
    if path.name.endswith(".pbf"):
        import osmium
        from osmium.osm.mutable import Node
        from osmium.osm.mutable import Way as OsmWay

        with osmium.SimpleWriter(str(path)) as writer:
            for ref, xy in nodes.items():
                writer.add_node(Node(id=ref, location=lonlat(*xy), version=1))
            for k, (refs, tags) in enumerate(ways):
                writer.add_way(OsmWay(id=101 + k, nodes=list(refs), tags=dict(tags), version=1))
        return path
    content = osm_text(nodes, ways).encode()
    if path.name.endswith(".gz"):
        content = gzip.compress(content)
    elif path.name.endswith(".bz2"):
        content = bz2.compress(content)
    path.write_bytes(content)
    return path


def line_frame(*lines: Sequence[Point], **columns: Sequence[object]) -> gpd.GeoDataFrame:
    """Road lines in metres of the local projection, with columns."""
    geometry = [shapely.LineString(line) for line in lines]
    return gpd.GeoDataFrame(dict(columns), geometry=geometry, crs=LOCAL)


def n_components(network: RoadNetwork) -> int:
    """Parts of a network that no edge joins."""
    n = network.n_nodes
    ones = np.ones(network.n_edges, np.int8)
    graph = coo_array((ones, (network.edge_tail, network.edge_head)), shape=(n, n))
    return int(connected_components(graph, directed=False)[0])


def length_m(network: RoadNetwork) -> float:
    return float(network.edge_length_mm.sum()) / 1000.0


def degrees(network: RoadNetwork) -> list[int]:
    """How many edge ends meet at the nodes, in ascending order."""
    ends = np.concatenate([network.edge_tail, network.edge_head])
    return sorted(np.bincount(ends, minlength=network.n_nodes).tolist())


def refusal(call: Callable[[], object], kind: type[QuarterhourError]) -> str:
    """The message that `call` refuses with: one line, short enough to read."""
    with pytest.raises(kind) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    assert 20 < len(text) < 600
    return text
