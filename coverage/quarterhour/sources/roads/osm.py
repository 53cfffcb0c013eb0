"""Walkable ways of an OpenStreetMap file through pyosmium."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.core.graph import CLOSED_GATE
from quarterhour.errors import InputError
from quarterhour.model import RawLines
from quarterhour.sources.files.osm_faults import osm_faults
from quarterhour.sources.roads.lengths import segment_mm
from quarterhour.sources.roads.waits import waits_at
from quarterhour.sources.roads.walkable import MAIN, NODE_KEYS, Way, gate_is_closed, wait, way

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")

KEYS = ("highway", "route", "foot", "access", "motorroad", "sidewalk", "indoor", "bridge",
        "tunnel", "oneway:foot")  # fmt: skip
GATE_KEYS = ("barrier", "access", "foot", "locked")

Vertices = list[tuple[int, float, float]]


def read_osm_lines(path: Path) -> RawLines:
    """Walkable lines of an OSM file; vertices are joined where ways share a node, nowhere else.

    Of a way whose nodes are partly missing, as at the edge of an extract, the runs that are there
    are kept. At a gate that is closed to walkers (`walkable.gate_is_closed`) ways are cut: both
    sides remain, and nobody passes. Signals, crossings and lifts are told as `waits`.

    Raises
    ------
    InputError
        The file is truncated, not OSM, or has no way that can be walked.
    """
    try:
        gates, waits = _nodes(path)
        builder = LineBuilder(gates)
        torn, major = _read_ways(path, builder, waits.keys())
        if torn and not path.name.lower().endswith(".pbf"):
            _find_nodes(path, torn)
    except osm_faults() as error:
        raise InputError(
            f"{path}: cannot be read as OpenStreetMap data ({' '.join(str(error).split())[:200]});"
            " the file may be truncated or of another kind: download it again, or name a .osm.pbf,"
            " .osm, .osm.gz or .osm.bz2"
        ) from error
    for found, vertices in torn:
        gaps = [k for k, (_, lon, _) in enumerate(vertices) if math.isnan(lon)]
        for begin, end in pairwise([-1, *gaps, len(vertices)]):
            builder.add(found, vertices[begin + 1 : end])
    if not builder.kind:
        raise InputError(
            f"{path}: no way that can be walked was found; needed are ways with a highway tag, and"
            " their nodes: check that the extract holds roads"
        )
    lines = builder.lines()
    return dataclasses.replace(lines, waits=waits_at(lines, waits, major))


def _read_ways(
    path: Path, builder: LineBuilder, marked: Collection[int]
) -> tuple[list[tuple[Way, Vertices]], set[int]]:
    """Add all walkable ways; return those with nodes that were not found, NaN in their place.

    Also the `marked` nodes that lie on a major road, whether it can be walked or not.
    """
    import osmium  # noqa: PLC0415 - only this reader needs it
    from osmium import filter as keep  # noqa: PLC0415

    torn: list[tuple[Way, Vertices]] = []
    major: set[int] = set()
    item: Any
    # locations are kept for all nodes, ways come only where they may matter
    ways = (
        osmium.FileProcessor(str(path))
        .with_locations()
        .with_filter(keep.EntityFilter(osmium.osm.WAY))
        .with_filter(keep.KeyFilter("highway", "route"))
    )
    for item in ways:
        tags = item.tags
        if marked and tags.get("highway", "") in MAIN:
            major.update(n.ref for n in item.nodes if n.ref in marked)
        found = way({key: tags[key] for key in KEYS if key in tags})
        if found is None:
            continue
        try:
            builder.add(found, [(n.ref, n.lon, n.lat) for n in item.nodes])
        except osmium.InvalidLocationError:
            vertices = [
                (n.ref, n.lon, n.lat) if n.location.valid() else (n.ref, math.nan, math.nan)
                for n in item.nodes
            ]
            torn.append((found, vertices))
    return torn, major


def _nodes(path: Path) -> tuple[set[int], dict[int, tuple[int, bool]]]:
    """Numbers of the nodes that nobody walks through, and what makes walkers wait at others."""
    import osmium  # noqa: PLC0415
    from osmium import filter as keep  # noqa: PLC0415

    gates: set[int] = set()
    waits: dict[int, tuple[int, bool]] = {}
    nodes: Any = osmium.FileProcessor(str(path), osmium.osm.NODE)
    for node in nodes.with_filter(keep.KeyFilter("barrier", "highway")):
        tags = node.tags
        if gate_is_closed({key: tags[key] for key in GATE_KEYS if key in tags}):
            gates.add(node.id)
        found = wait({key: tags[key] for key in NODE_KEYS if key in tags})
        if found is not None:
            waits[node.id] = found
    return gates, waits


def _find_nodes(path: Path, torn: list[tuple[Way, Vertices]]) -> None:
    """Fill in nodes that stand after the ways (Overpass) or have negative numbers (JOSM)."""
    import osmium  # noqa: PLC0415

    missing = {ref for _, vertices in torn for ref, lon, _ in vertices if math.isnan(lon)}
    place: dict[int, tuple[float, float]] = {}
    node: Any
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE):
        if node.id in missing and node.location.valid():
            place[node.id] = (node.location.lon, node.location.lat)
    for _, vertices in torn:
        vertices[:] = [(ref, *place.get(ref, (lon, lat))) for ref, lon, lat in vertices]


class LineBuilder:
    """Collects lines vertex by vertex; `closed`: keys of the points where lines are cut."""

    def __init__(self, closed: Collection[int] = ()) -> None:
        self.closed = closed
        self.n_cut = 0
        self.key: list[int] = []
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.first: list[int] = [0]
        self.kind: list[int] = []
        self.rank: list[int] = []
        self.oneway: list[bool] = []

    def add(self, found: Way, vertices: Vertices) -> None:
        """Add a line of (key, lon, lat); fewer than two vertices are no line."""
        if self.closed and not {key for key, _, _ in vertices}.isdisjoint(self.closed):
            begin = 0
            for k, (key, lon, lat) in enumerate(vertices):
                if key in self.closed:  # a point of its own on either side
                    self._add(found, [*vertices[begin:k], (self._cut_key(), lon, lat)])
                    vertices[k] = (self._cut_key(), lon, lat)
                    begin = k
            vertices = vertices[begin:]
        self._add(found, vertices)

    def _cut_key(self) -> int:
        self.n_cut += 1
        return CLOSED_GATE - self.n_cut

    def _add(self, found: Way, vertices: Vertices) -> None:
        if len(vertices) < 2:
            return
        if found.direction < 0:
            vertices = vertices[::-1]
        keys, lons, lats = zip(*vertices, strict=True)
        self.key.extend(keys)
        self.lon.extend(lons)
        self.lat.extend(lats)
        self.first.append(len(self.key))
        self.kind.append(found.kind)
        self.rank.append(found.rank)
        self.oneway.append(found.direction != 1)

    def lines(self) -> RawLines:
        """The lines as arrays, with geodesic lengths."""
        lon, lat = np.array(self.lon), np.array(self.lat)
        first = np.array(self.first, np.int64)
        return RawLines(
            vertex_key=np.array(self.key, np.int64),
            lon=lon,
            lat=lat,
            segment_mm=segment_mm(lon, lat, first),
            first_vertex=first,
            kind=np.array(self.kind, np.uint8),
            oneway=np.array(self.oneway, bool),
            rank=np.array(self.rank, np.uint8),
        )
