"""Roads from any source, as a network; processed files are cached."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from quarterhour.core import graph
from quarterhour.errors import InputError
from quarterhour.sources.files.vector import VECTOR_SUFFIXES, require_file
from quarterhour.sources.roads.cache import cached_network
from quarterhour.sources.roads.lines import JOIN_TOLERANCE_M, read_gis_lines
from quarterhour.sources.roads.osm import OSM_SUFFIXES, read_osm_lines
from quarterhour.sources.roads.repair import repair
from quarterhour.sources.roads.through_osmnx import download, lines_of_graph, read_graphml

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np
    from numpy.typing import NDArray

    from quarterhour.model import RawLines, RoadNetwork

OSM_CREDIT = "© OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright)"
MOST_REPAIR_M = 50.0
NEEDED = "roads as .osm.pbf, .osm, .osm.gz, .osm.bz2, .gpkg, .shp, .geojson, .parquet or .graphml"


def read_roads(
    source: str | Path | nx.MultiDiGraph | None = None,
    *,
    place: str | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    guard_m: float = 0.0,
    layer: str | None = None,
    join_tolerance_m: float = JOIN_TOLERANCE_M,
    split_crossings: bool = False,
    repair_m: float = 0.0,
    cache: bool = True,
    store: bool = True,
) -> RoadNetwork:
    """Walking network of a road file, an OSMnx graph, or a download.

    Parameters
    ----------
    source
        OSM file, GIS lines, GraphML, or an OSMnx MultiDiGraph.
    place, bbox
        Instead of `source`: a place name, or (west, south, east, north) in degrees, downloaded
        through OSMnx.
    guard_m
        Metres around `place` or `bbox` that are downloaded too: people at its edge walk outside.
    layer
        Layer of a GIS file that has several.
    join_tolerance_m, split_crossings
        For GIS lines only: ends this close are joined; lines are also split where they cross.
    repair_m
        Dead ends that miss another road by at most this are joined to it; `joints` of the network
        tells where. 0: nothing is repaired. Small gaps may be walls: look at the diagnosis first.
    cache
        Use the processed network that is kept beside its source.
    store
        Keep it there for the next time.

    Raises
    ------
    InputError
        The file is missing, empty, truncated, foreign, without CRS, or has no walkable line.
    OfflineError
        A download was needed and there is no connection.
    """
    if not (math.isfinite(repair_m) and 0 <= repair_m <= MOST_REPAIR_M):
        raise InputError(
            f"repair_m is {repair_m}; needed are metres from 0 (no repair) to {MOST_REPAIR_M:g}:"
            " wider gaps are no slips of the pen"
        )
    if sum(given is not None for given in (source, place, bbox)) != 1:
        raise InputError("roads need exactly one of source, place and bbox")
    if place is not None or bbox is not None:
        what = f"the roads of {place}" if place is not None else f"the roads in {bbox}"
        found = download(place=place, bbox=bbox, guard_m=guard_m)
        return _of_osm(_network(lines_of_graph(found, what), repair_m, what))
    if not (math.isfinite(join_tolerance_m) and join_tolerance_m >= 0):
        raise InputError(f"join_tolerance_m is {join_tolerance_m}; needed are metres, 0 or more")
    if not isinstance(source, (str, Path)):
        return _of_osm(_network(lines_of_graph(source), repair_m, "the graph"))
    path = Path(source)
    require_file(path, NEEDED)
    name = path.name.lower()
    options: dict[str, object] = {}

    def lines() -> RawLines:
        if name.endswith(OSM_SUFFIXES):
            return read_osm_lines(path)
        if name.endswith(".graphml"):
            return read_graphml(path)
        return read_gis_lines(
            path,
            layer=layer,
            join_tolerance_m=join_tolerance_m,
            split_crossings=split_crossings,
        )

    if name.endswith(VECTOR_SUFFIXES):
        options = {"layer": layer, "join_m": join_tolerance_m, "crossings": split_crossings}
    elif not name.endswith((*OSM_SUFFIXES, ".graphml")):
        raise InputError(f"{path}: this kind of file is not known; needed are {NEEDED}")
    if repair_m:
        options["repair_m"] = repair_m
    if cache:
        network = cached_network(
            path, options, lambda: _network(lines(), repair_m, str(path)), store=store
        )
    else:
        network = _network(lines(), repair_m, str(path))
    return network if name.endswith(VECTOR_SUFFIXES) else _of_osm(network)


def _network(lines: RawLines, repair_m: float, label: str) -> RoadNetwork:
    network = graph.build(lines)
    if not network.n_edges:
        raise InputError(
            f"{label}: every road that can be walked begins and ends at one point; needed are roads"
            " with a length: check the coordinates"
        )
    if not repair_m:
        return network
    return dataclasses.replace(repair(network, repair_m), waits=network.waits)


def _of_osm(network: RoadNetwork) -> RoadNetwork:
    return dataclasses.replace(network, credit=OSM_CREDIT)


def clip(network: RoadNetwork, zone: shapely.Geometry) -> RoadNetwork:
    """The edges that touch `zone` (longitude, latitude), whole."""
    import numpy as np  # noqa: PLC0415

    lon, lat = network.vertex_lon, network.vertex_lat
    if shapely.covers(zone, shapely.box(lon.min(), lat.min(), lon.max(), lat.max())):
        return network
    lines = shapely.linestrings(
        np.column_stack([lon, lat]),
        indices=np.repeat(np.arange(network.n_edges), np.diff(network.first_vertex)),
    )
    keep: NDArray[np.bool_] = np.zeros(network.n_edges, bool)
    keep[shapely.STRtree(lines).query(zone, predicate="intersects")] = True
    return graph.subset(network, keep)
