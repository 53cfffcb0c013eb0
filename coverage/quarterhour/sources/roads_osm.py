"""Walkable ways of an OpenStreetMap file through pyosmium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.errors import InputError
from quarterhour.model import RawLines
from quarterhour.sources.lengths import segment_mm
from quarterhour.sources.walkable import Way, way

if TYPE_CHECKING:
    from pathlib import Path

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")

KEYS = ("highway", "route", "foot", "access", "motorroad", "sidewalk", "indoor", "bridge",
        "tunnel", "oneway:foot")  # fmt: skip


def read_osm_lines(path: Path) -> RawLines:
    """Walkable lines of an OSM file; vertices are joined where ways share a node, nowhere else.

    Raises
    ------
    InputError
        The file is truncated, not OSM, or has no way that can be walked.
    """
    import osmium  # noqa: PLC0415 - only this reader needs it
    from osmium import filter as keep  # noqa: PLC0415

    builder = LineBuilder()
    try:
        # locations are kept for all nodes, ways come only where they may matter
        ways = (
            osmium.FileProcessor(str(path))
            .with_locations()
            .with_filter(keep.EntityFilter(osmium.osm.WAY))
            .with_filter(keep.KeyFilter("highway", "route"))
        )
        for item in ways:
            tags = item.tags
            found = way({key: tags[key] for key in KEYS if key in tags})
            if found is None:
                continue
            try:
                builder.add(found, [(n.ref, n.lon, n.lat) for n in item.nodes])
            except osmium.InvalidLocationError:
                # an extract may lack nodes beyond its edge: keep the runs that are there
                run: list[tuple[int, float, float]] = []
                for n in item.nodes:
                    if n.location.valid():
                        run.append((n.ref, n.lon, n.lat))
                    else:
                        builder.add(found, run)
                        run = []
                builder.add(found, run)
    except (RuntimeError, ValueError, OSError) as error:
        raise InputError(
            f"{path}: cannot be read as OpenStreetMap data ({error}); the file may be truncated or"
            " of another kind: download it again, or name a .osm.pbf, .osm, .osm.gz or .osm.bz2"
        ) from error
    if not builder.kind:
        raise InputError(
            f"{path}: no way that can be walked was found; needed are ways with a highway tag:"
            " check that the extract holds roads"
        )
    return builder.lines()


class LineBuilder:
    """Collects lines vertex by vertex."""

    def __init__(self) -> None:
        self.key: list[int] = []
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.first: list[int] = [0]
        self.kind: list[int] = []
        self.rank: list[int] = []
        self.oneway: list[bool] = []

    def add(self, found: Way, vertices: list[tuple[int, float, float]]) -> None:
        """Add a line of (key, lon, lat); fewer than two vertices are no line."""
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
