"""The whole job as OSMnx's documentation teaches it: facilities, times, polygons and a folium map.

    python scripts/bench_recipe.py city.osm.pbf facilities.csv OUT_FOLDER

A program of its own, timed from its start to its end. It follows OSMnx's isochrone example (times
on the edges, `nearest_nodes`, `ego_graph`, buffered nodes and edges dissolved) for every facility
and cutoff, says how many metres of street are covered and how many minutes away every junction is,
draws areas, roads and facilities, and writes them to a GeoPackage. OSMnx reads OSM XML but not PBF,
so the roads are converted first; the same ways are kept as by our reader, so that streets can be
compared with streets. It does less than our job: a facility stands at its nearest junction, and a
street is reached whole or not at all.

The last line it prints is JSON: seconds per step, and metres of street covered per cutoff.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

SPEED_M_PER_MIN = 1.2 * 60
CUTOFFS_MIN = (5, 10, 15)
NODE_BUFFER_M = 30
EDGE_BUFFER_M = 30
"""OSMnx's example draws 50 and 25 m; 30 m is our own offset and costs the same."""

COLOURS = {5: "#0b6e4f", 10: "#3fa34d", 15: "#a1c349"}


def main() -> None:
    """Do the job and print how long each step took."""
    pbf, table, out = (Path(a) for a in sys.argv[1:4])
    taken: dict[str, float] = {}
    clock = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        taken[step] = now - clock
        clock = now

    import folium
    import geopandas as gpd
    import networkx as nx
    import osmnx as ox

    lap("imports")
    xml = convert(pbf, out / "roads.osm")
    lap("pbf to xml")
    roads = ox.graph_from_xml(xml, bidirectional=True, retain_all=True)
    roads = ox.project_graph(roads)
    for *_, data in roads.edges(data=True, keys=True):
        data["time"] = data["length"] / SPEED_M_PER_MIN
    lap("graph")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    points = gpd.GeoDataFrame(
        {"name": [r["name"] for r in rows]},
        geometry=gpd.points_from_xy(
            [float(r["lon"]) for r in rows], [float(r["lat"]) for r in rows]
        ),
        crs=4326,
    ).to_crs(roads.graph["crs"])
    centres = ox.nearest_nodes(roads, points.geometry.x, points.geometry.y)
    lap("nearest nodes")
    areas: dict[int, list[Any]] = {cutoff: [] for cutoff in CUTOFFS_MIN}
    reached_edges: dict[int, set[Any]] = {cutoff: set() for cutoff in CUTOFFS_MIN}
    for centre in centres:
        for cutoff in CUTOFFS_MIN:
            reached = nx.ego_graph(roads, centre, radius=cutoff, distance="time")
            reached_edges[cutoff].update(reached.edges(keys=True))
            areas[cutoff].append(isochrone(roads, reached))
    lap("searches and polygons")
    whole = {
        cutoff: gpd.GeoSeries(areas[cutoff], crs=roads.graph["crs"]).union_all()
        for cutoff in CUTOFFS_MIN
    }
    lap("dissolved")
    streets = ox.graph_to_gdfs(ox.convert.to_undirected(roads), nodes=False)
    covered = {
        cutoff: sum(roads.edges[edge]["length"] for edge in edges) / 2
        for cutoff, edges in reached_edges.items()
    }
    minutes = nx.multi_source_dijkstra_path_length(roads, set(centres), cutoff=60, weight="time")
    nx.set_node_attributes(roads, minutes, "minutes")
    lap("street metres covered")
    middle = points.to_crs(4326).geometry
    page = folium.Map([middle.y.mean(), middle.x.mean()], zoom_start=13)
    base = {"color": "#999999", "weight": 1}
    folium.GeoJson(
        streets.geometry.to_crs(4326).to_json(), name="roads", style_function=lambda _: base
    ).add_to(page)
    for cutoff in reversed(CUTOFFS_MIN):
        style = {"color": COLOURS[cutoff], "weight": 1, "fillOpacity": 0.25}
        for name, shapes in (
            (f"{cutoff} min", [whole[cutoff]]),
            (f"{cutoff} min, each", areas[cutoff]),
        ):
            layer = gpd.GeoSeries(shapes, crs=roads.graph["crs"]).to_crs(4326)
            group = folium.FeatureGroup(name=name, show=len(shapes) == 1)
            folium.GeoJson(layer.to_json(), style_function=lambda _, s=style: s).add_to(group)
            group.add_to(page)
    for name, point in zip(points["name"], middle, strict=True):
        folium.Marker([point.y, point.x], tooltip=name).add_to(page)
    folium.LayerControl().add_to(page)
    page.save(out / "map.html")
    lap("map")
    shapes = [(c, shape) for c in CUTOFFS_MIN for shape in (whole[c], *areas[c])]
    layers = gpd.GeoDataFrame(
        {"cutoff_min": [c for c, _ in shapes]},
        geometry=[shape for _, shape in shapes],
        crs=roads.graph["crs"],
    )
    layers.to_file(out / "results.gpkg", layer="service_areas")
    points.to_file(out / "results.gpkg", layer="facilities")
    ox.graph_to_gdfs(roads, edges=False)[["minutes", "geometry"]].to_file(
        out / "results.gpkg", layer="junctions"
    )
    lap("geopackage")
    print(json.dumps({
        "seconds": taken,
        "covered_m": {str(cutoff): metres for cutoff, metres in covered.items()},
        "streets_m": float(streets.length.sum()),
        "facilities": len(centres),
        "nodes": len(roads),
    }))  # fmt: skip


def isochrone(roads: Any, reached: Any) -> Any:  # noqa: ANN401 - networkx and shapely are untyped
    """Polygon around the reached nodes and edges: `make_iso_polys` of OSMnx's example."""
    import geopandas as gpd
    from shapely.geometry import LineString, Point

    nodes = gpd.GeoDataFrame(
        {"id": list(reached.nodes)},
        geometry=[Point(data["x"], data["y"]) for _, data in reached.nodes(data=True)],
    ).set_index("id")
    lines = []
    for u, v in reached.edges():
        ends = LineString([nodes.loc[u].geometry, nodes.loc[v].geometry])
        lines.append(roads.get_edge_data(u, v)[0].get("geometry", ends))
    shapes = list(nodes.buffer(NODE_BUFFER_M).geometry)
    if lines:
        shapes += list(gpd.GeoSeries(lines).buffer(EDGE_BUFFER_M).geometry)
    return gpd.GeoSeries(shapes).union_all()


def convert(pbf: Path, xml: Path) -> Path:
    """OSM XML of the ways that can be walked, and of their nodes."""
    import osmium

    from quarterhour.sources.roads.walkable import way

    keep = osmium.IdTracker()
    ways = []
    for item in osmium.FileProcessor(str(pbf), osmium.osm.WAY):
        if "highway" in item.tags or "route" in item.tags:
            found = way(dict(item.tags))
            if found is not None:
                ways.append(item.id)
                keep.add_references(item)
    wanted = set(ways)
    xml.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(xml)) as writer:
        nodes = osmium.FileProcessor(str(pbf), osmium.osm.NODE).with_filter(keep.id_filter())
        for item in nodes:
            writer.add_node(item)
        for item in osmium.FileProcessor(str(pbf), osmium.osm.WAY):
            if item.id in wanted:
                writer.add_way(item)
    return xml


if __name__ == "__main__":
    main()
