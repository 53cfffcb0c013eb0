"""Roads through OSMnx: a place or a box downloaded, a graph in memory, or its GraphML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.errors import InputError, OfflineError
from quarterhour.kernels import user_cache_dir
from quarterhour.sources.roads_lines import _tag
from quarterhour.sources.roads_osm import KEYS, LineBuilder
from quarterhour.sources.vector import require_file
from quarterhour.sources.walkable import way

if TYPE_CHECKING:
    from pathlib import Path

    import networkx as nx

    from quarterhour.model import RawLines


def download(*, place: str | None = None, bbox: tuple[float, ...] | None = None) -> nx.MultiDiGraph:
    """Walking graph of a place name or of a box (west, south, east, north), cached on disk.

    Raises
    ------
    OfflineError
        The servers of OpenStreetMap cannot be reached.
    InputError
        The place is not known or has no roads.
    """
    import osmnx as ox  # noqa: PLC0415 - heavy, and only needed here
    import requests  # noqa: PLC0415

    what = f"place {place!r}" if place is not None else f"box {bbox}"
    before = (ox.settings.use_cache, ox.settings.cache_folder)
    ox.settings.use_cache = True
    ox.settings.cache_folder = str(user_cache_dir() / "osmnx")
    try:
        if place is not None:
            return ox.graph_from_place(place, network_type="all_public", retain_all=True)
        return ox.graph_from_bbox(bbox, network_type="all_public", retain_all=True)
    except (requests.exceptions.RequestException, ConnectionError, OSError) as error:
        raise OfflineError(
            f"roads of {what} could not be downloaded: the servers of OpenStreetMap cannot be"
            ' reached from here; give a road file instead with source = "city.osm.pbf" under'
            " [roads] (extracts: download.geofabrik.de)"
        ) from error
    except (ox._errors.InsufficientResponseError, ValueError, TypeError) as error:  # noqa: SLF001
        raise InputError(
            f"roads of {what}: OpenStreetMap has no such place or no roads in it"
            f" ({' '.join(str(error).split())[:120]}); check the spelling, or give a road file with"
            " source under [roads]"
        ) from error
    finally:
        ox.settings.use_cache, ox.settings.cache_folder = before


def read_graphml(path: Path) -> RawLines:
    """Walkable lines of a GraphML file that OSMnx wrote."""
    import osmnx as ox  # noqa: PLC0415 - heavy

    require_file(path, "a GraphML road network written by OSMnx")
    try:
        graph = ox.load_graphml(path)
    except Exception as error:
        raise InputError(
            f"{path}: cannot be read as GraphML of OSMnx ({' '.join(str(error).split())[:160]});"
            " write it with osmnx.save_graphml"
        ) from error
    return lines_of_graph(graph, str(path))


def lines_of_graph(graph: nx.MultiDiGraph, label: str = "the OSMnx graph") -> RawLines:
    """Walkable lines of an OSMnx graph; the two directions of a street become one line.

    Nodes keep their ids, so that lines meet where the graph says and nowhere else.
    """
    to_lonlat = _to_lonlat(graph, label)
    builder = LineBuilder()
    inner_key = -1
    seen: set[tuple[Any, ...]] = set()
    node_key = {node: k for k, node in enumerate(graph.nodes)}
    for u, v, data in graph.edges(data=True):
        tags = {key: _tag(data.get(key)) for key in KEYS if key in data}
        tags["highway"] = tags.get("highway") or ("" if tags.get("route") else "road")
        found = way(tags)
        if found is None:
            continue
        geometry = data.get("geometry")
        if geometry is not None:
            xy = np.asarray(geometry.coords)[:, :2]
        else:
            xy = np.array([[graph.nodes[n]["x"], graph.nodes[n]["y"]] for n in (u, v)], float)
        middle = tuple(map(tuple, np.round(xy, 7).tolist()))
        twin = (min(node_key[u], node_key[v]), max(node_key[u], node_key[v]),
                min(middle, middle[::-1]), found)  # fmt: skip
        if found.direction == 1 and twin in seen:
            continue
        seen.add(twin)
        keys = [node_key[u], *range(inner_key, inner_key - (len(xy) - 2), -1), node_key[v]]
        inner_key -= len(xy) - 2
        lon, lat = to_lonlat(xy)
        builder.add(found, list(zip(keys, lon.tolist(), lat.tolist(), strict=True)))
    if not builder.kind:
        raise InputError(f"{label}: no edge that can be walked was found; is it a road network?")
    return builder.lines()


def _to_lonlat(graph: nx.MultiDiGraph, label: str) -> Any:  # noqa: ANN401 - a function of arrays
    from pyproj import CRS, Transformer  # noqa: PLC0415

    crs = graph.graph.get("crs")
    if crs is None:
        raise InputError(f"{label}: the graph does not say its coordinate system (graph['crs'])")
    if CRS(crs).to_epsg() == 4326:
        return lambda xy: (xy[:, 0], xy[:, 1])
    transform = Transformer.from_crs(crs, 4326, always_xy=True).transform
    return lambda xy: transform(xy[:, 0], xy[:, 1])
