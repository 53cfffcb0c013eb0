"""Roads through OSMnx: a place or a box downloaded, a graph in memory, or its GraphML."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import socket
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError, OfflineError
from quarterhour.kernels import user_cache_dir
from quarterhour.sources.files.vector import require_file
from quarterhour.sources.roads.osm import KEYS, LineBuilder
from quarterhour.sources.roads.waits import waits_at
from quarterhour.sources.roads.walkable import MAIN, NODE_KEYS, tag_values, wait, way_of_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import networkx as nx
    import requests
    from numpy.typing import NDArray

    from quarterhour.model import RawLines

WAYS = ['["highway"]', '["route"="ferry"]']
"""What is asked for: everything that may be walked. Who may walk there, `walkable` says, by tags
that the ready-made network types of OSMnx do not look at (a private way with foot=yes)."""

CONNECT_S = 10.0
"""Seconds within which a server answers the telephone, or counts as out of reach."""


STRANGE = "something that is not from OpenStreetMap, as the sign-in page of a network"


def download(
    *,
    place: str | None = None,
    bbox: tuple[float, ...] | None = None,
    guard_m: float = 0.0,
) -> nx.MultiDiGraph:
    """Walking graph of a place name or of a box (west, south, east, north), cached on disk.

    The answers of the servers are kept without a term in the user's cache folder, under `osmnx`.
    The graph is not simplified, so that every piece keeps its own tags. With `guard_m`, roads that
    far around the place come with it.

    Raises
    ------
    OfflineError
        The servers of OpenStreetMap cannot be reached, or refuse.
    InputError
        The place is not known, the box is none, or there are no roads.
    """
    import osmnx as ox  # noqa: PLC0415 - heavy, and only needed here
    import requests  # noqa: PLC0415

    if place is not None and not place.strip():
        raise InputError("roads of a place: the name is empty; give one as on openstreetmap.org")
    what = f"place {place!r}" if place is not None else f"box {bbox}"
    box = None if place is not None else _box(bbox)
    folder = user_cache_dir() / "osmnx"
    try:
        with _settings(folder):
            for last in (False, True):
                try:
                    zone = box or shapely.union_all(
                        ox.geocode_to_gdf(place or "").geometry.to_numpy()
                    )
                    if guard_m:
                        flat, crs = ox.projection.project_geometry(zone)
                        zone, _ = ox.projection.project_geometry(
                            flat.buffer(guard_m), crs=crs, to_latlong=True
                        )
                    return ox.graph_from_polygon(
                        zone, simplify=False, retain_all=True, truncate_by_edge=True,
                        custom_filter=WAYS,
                    )  # fmt: skip
                except json.JSONDecodeError:  # of a stored answer
                    if last:
                        raise
                    _drop_damaged(folder)
    except requests.exceptions.HTTPError as error:
        raise _offline(what, f"the server answered {_short(error)}: try again later") from error
    except (requests.exceptions.RequestException, OSError) as error:
        reason = "the servers of OpenStreetMap cannot be reached from here"
        raise _offline(what, reason) from error
    except (ValueError, TypeError) as error:
        raise InputError(
            f"roads of {what}: OpenStreetMap has no such place or no roads in it"
            f" ({_short(error)}); check the spelling, or give a road file with source under [roads]"
        ) from error
    raise AssertionError  # the loop above returns or raises


def _offline(what: str, reason: str) -> OfflineError:
    return OfflineError(
        f"roads of {what} could not be downloaded, {reason}; without a connection, give a road file"
        ' with source = "city.osm.pbf" under [roads] (extracts: download.geofabrik.de)'
    )


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:120]


def _box(bbox: tuple[float, ...] | None) -> shapely.Polygon:
    values = tuple(bbox or ())
    if len(values) == 4 and all(isinstance(v, (int, float)) for v in values):
        west, south, east, north = values
        if -180 <= west < east <= 180 and -90 <= south < north <= 90:
            return shapely.box(west, south, east, north)
    raise InputError(
        f"box {bbox}: needed are west, south, east and north in degrees, west less than east and"
        " south less than north"
    )


@contextlib.contextmanager
def _settings(folder: Path) -> Iterator[None]:
    """OSMnx as it is needed here, and as it was afterwards.

    OSMnx waits a minute when it cannot ask a server for its load, asks a third party for names that
    do not resolve, tries a busy server for ever, and takes and keeps half an answer, or any JSON,
    for a whole one. Here all of these end in an error within seconds; only a refusal for too many
    requests is waited out, once.
    """
    import osmnx as ox  # noqa: PLC0415
    import requests  # noqa: PLC0415

    waited: list[bool] = []

    def check(response: requests.Response, *_: object, **__: object) -> None:
        if response.status_code == 429 and not waited:
            waited.append(True)
            return
        wrong = _wrong_with(response)
        if wrong:
            response.close()
            raise requests.exceptions.HTTPError(wrong)

    settings = ox.settings
    timeout = settings.requests_timeout
    wanted = {
        "all_oneway": False,
        "cache_folder": str(folder),
        "cache_only_mode": False,
        "default_crs": "epsg:4326",
        "doh_url_template": None,
        "overpass_rate_limit": False,
        "overpass_settings": settings.overpass_settings.replace("{timeout}", f"{timeout:.0f}"),
        "requests_kwargs": {**settings.requests_kwargs, "hooks": {"response": check}},
        "requests_timeout": (CONNECT_S, timeout),
        "use_cache": _writable(folder),
        "useful_tags_node": list(NODE_KEYS),
        "useful_tags_way": list(KEYS),
    }
    before = {name: getattr(settings, name) for name in wanted}
    resolve = socket.getaddrinfo  # OSMnx replaces it, to stay with one of several servers
    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        yield
    finally:
        socket.getaddrinfo = resolve
        for name, value in before.items():
            setattr(settings, name, value)


def _wrong_with(response: requests.Response) -> str:
    """What an answer of Nominatim (GET) or Overpass (POST) lacks, or nothing."""
    if not response.ok:
        return f"{response.status_code} {response.reason}"
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.request.method == "GET":
        return "" if isinstance(answer, list) else STRANGE
    if not isinstance(answer, dict) or "elements" not in answer:
        return STRANGE
    return str(answer.get("remark", ""))


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _drop_damaged(folder: Path) -> None:
    """Remove stored answers that are no JSON, as after a crash or on a full disk."""
    for file in folder.glob("*.json"):
        try:
            json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            file.unlink()


def read_graphml(path: Path) -> RawLines:
    """Walkable lines of a GraphML file that OSMnx wrote."""
    import osmnx as ox  # noqa: PLC0415 - heavy

    require_file(path, "a GraphML road network written by OSMnx")
    try:
        graph = ox.load_graphml(path)
    except Exception as error:  # the XML and type parsers raise many kinds
        raise InputError(
            f"{path}: cannot be read as GraphML of OSMnx ({_short(error)});"
            " write it with osmnx.save_graphml"
        ) from error
    return lines_of_graph(graph, str(path))


def lines_of_graph(graph: nx.MultiDiGraph, label: str = "the OSMnx graph") -> RawLines:
    """Walkable lines of an OSMnx graph; the two directions of a street become one line.

    Nodes keep their ids, so that lines meet where the graph says and nowhere else.

    Raises
    ------
    InputError
        Not a graph, nodes without x and y, no coordinate system, or nothing that can be walked.
    """
    import networkx as nx  # noqa: PLC0415 - heavy

    if not isinstance(graph, nx.Graph):
        raise InputError(
            f"{label}: is of type {type(graph).__name__}; needed is a path or an OSMnx MultiDiGraph"
        )
    transform = _to_lonlat(graph, label)
    node_key = {node: k for k, node in enumerate(graph.nodes)}
    try:
        node_xy = np.array([[d["x"], d["y"]] for _, d in graph.nodes(data=True)], float)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{label}: a node has no x or y that is a number; needed is a graph made by OSMnx"
        ) from error
    lines: list[tuple[Any, int, int, NDArray[np.float64]]] = []
    seen: set[tuple[Any, ...]] = set()
    for u, v, data in graph.edges(data=True):
        found = way_of_line({key: tag_values(data[key]) for key in KEYS if key in data})
        if found is None:
            continue
        if data.get("reversed") is True:  # this arc runs against its way in OpenStreetMap
            found = found._replace(direction={0: -1, -1: 0}.get(found.direction, 1))
        ends = [node_key[u], node_key[v]]
        xy = _edge_xy(data.get("geometry"), node_xy[ends])
        if found.direction < 0:
            found, ends, xy = found._replace(direction=0), ends[::-1], xy[::-1]
        shape = [ends[0], *map(tuple, np.round(xy, 7).tolist()), ends[1]]
        twin = (found, *(min(shape, shape[::-1]) if found.direction == 1 else shape))
        if twin not in seen:
            seen.add(twin)
            lines.append((found, ends[0], ends[1], xy))
    if not lines:
        raise InputError(f"{label}: no edge that can be walked was found; is it a road network?")
    lon, lat = transform(np.concatenate([xy for *_, xy in lines]))
    if not (np.isfinite(lon) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)).all():
        raise InputError(f"{label}: its coordinates do not fit its coordinate system")
    builder = LineBuilder()
    inner_key, at = -1, 0
    for found, begin, finish, xy in lines:
        keys = [begin, *range(inner_key, inner_key - (len(xy) - 2), -1), finish]
        inner_key -= len(xy) - 2
        part = slice(at, at + len(xy))
        at += len(xy)
        vertices = list(zip(keys, lon[part].tolist(), lat[part].tolist(), strict=True))
        builder.add(found, vertices)
    made = builder.lines()
    waits = {}
    for node, data in graph.nodes(data=True):
        found_wait = wait({k: tag_values(data[k])[0] for k in NODE_KEYS if k in data})
        if found_wait is not None:
            waits[node_key[node]] = found_wait
    major = {
        node_key[node]
        for u, v, data in graph.edges(data=True)
        if waits and not MAIN.isdisjoint(tag_values(data.get("highway")))
        for node in (u, v)
    }
    return dataclasses.replace(made, waits=waits_at(made, waits, major))


def _edge_xy(geometry: Any, ends: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: ANN401
    """Vertices of an edge from its first node to its second."""
    if isinstance(geometry, str):
        geometry = shapely.from_wkt(geometry, on_invalid="ignore")
    if not isinstance(geometry, shapely.LineString) or len(geometry.coords) < 2:
        return ends
    xy: NDArray[np.float64] = shapely.get_coordinates(geometry)
    # a graph that was made undirected may name the nodes of an edge the other way round
    along, against = np.abs(xy[[0, -1]] - ends).sum(), np.abs(xy[[-1, 0]] - ends).sum()
    return xy[::-1] if against < along else xy


def _to_lonlat(graph: nx.MultiDiGraph, label: str) -> Any:  # noqa: ANN401 - a function of arrays
    from pyproj import CRS, Transformer  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    crs = graph.graph.get("crs")
    if crs is None:
        raise InputError(f"{label}: the graph does not say its coordinate system (graph['crs'])")
    try:
        known = CRS(crs)
    except CRSError as error:
        raise InputError(f"{label}: its coordinate system {crs!r} is not known") from error
    if known.to_epsg() == 4326:
        return lambda xy: (xy[:, 0], xy[:, 1])
    transform = Transformer.from_crs(known, 4326, always_xy=True).transform
    return lambda xy: transform(xy[:, 0], xy[:, 1])
