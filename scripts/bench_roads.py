"""Part "roads": the walking network from OSM PBF and from our cache, against OSMnx from OSM XML."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench_common import Part, race, require, roads_file, say

FROM_PBF = "ours, from .osm.pbf"
FROM_CACHE = "ours, from the cache"
OSMNX = "OSMnx graph_from_xml, roads converted before"
TOLERANCE = 0.01
"""OSMnx measures on a sphere, we on the ellipsoid: some tenths of a percent."""


def measure(*, repeat: int, quick: bool) -> Part:
    """Seconds to read the roads of Heidelberg."""
    import osmnx as ox

    from bench_recipe import convert
    from quarterhour.sources.roads.read import read_roads

    pbf = roads_file()
    network = read_roads(pbf)
    require(
        (read_roads(pbf).vertex_mm == network.vertex_mm).all(),
        "roads: the cache gives another network than the file",
    )
    with tempfile.TemporaryDirectory() as folder:
        xml = convert(pbf, Path(folder) / "roads.osm")
        say("  comparing answers: metres of street")
        graph = ox.graph_from_xml(xml, bidirectional=True, retain_all=True)
        theirs = sum(m for *_, m in graph.edges(data="length")) / 2000
        ours = float(network.edge_length_mm.sum()) / 1e6
        require(
            abs(theirs / ours - 1) < TOLERANCE,
            f"roads: OSMnx finds {theirs:.0f} km of street and we {ours:.0f} km",
        )
        times = race(
            {
                FROM_PBF: lambda: read_roads(pbf, cache=False),
                FROM_CACHE: lambda: read_roads(pbf),
                OSMNX: lambda: ox.graph_from_xml(xml, bidirectional=True, retain_all=True),
            },
            repeat,
            slow={OSMNX: 1 if quick else 3},
        )
    note = "OSMnx cannot read PBF; conversion to XML is not in its time"
    return Part(
        name="roads",
        title=f"Walking network of Heidelberg ({pbf.stat().st_size / 1e6:.1f} MB PBF)",
        agreed=f"{ours:,.0f} km of street, OSMnx {theirs:,.0f} km ({theirs / ours - 1:+.2%}, sphere"
        f" instead of ellipsoid); {network.n_nodes} junctions, OSMnx {len(graph)}",
        rows=(
            times[FROM_PBF].under(3.0, FROM_PBF),
            times[FROM_CACHE].under(0.3, FROM_CACHE),
            times[OSMNX].against(times[FROM_PBF], OSMNX, note=note),
        ),
    )
