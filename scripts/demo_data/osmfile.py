"""Writing the network and the ground cover as an OSM PBF file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import osmium
from osmium.osm import mutable

from demo_data.frame import coords, to_lonlat

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry import Polygon

    from demo_data.frame import Floats
    from demo_data.network import Road


class OsmWriter:
    """Collects nodes and ways and writes them in order of their numbers."""

    def __init__(self) -> None:
        """Start with no objects."""
        self._nodes: dict[tuple[float, float], int] = {}
        self._tags: dict[int, dict[str, str]] = {}
        self._ways: list[tuple[list[int], dict[str, str]]] = []

    def node(self, x_m: float, y_m: float) -> int:
        """Return the number of the node at a place; the same place is the same node."""
        lon, lat = to_lonlat(np.array([x_m, y_m]))
        return self._nodes.setdefault((float(lon), float(lat)), len(self._nodes) + 1)

    def place(self, x_m: float, y_m: float, tags: dict[str, str]) -> None:
        """Add a node with tags, or add tags to the node at that place."""
        self._tags.setdefault(self.node(x_m, y_m), {}).update(tags)

    def way(self, xy_m: Floats, tags: dict[str, str]) -> None:
        """Add a way."""
        refs = [self.node(x, y) for x, y in xy_m]
        refs = [r for k, r in enumerate(refs) if k == 0 or r != refs[k - 1]]
        if len(refs) > 1:
            self._ways.append((refs, tags))

    def polygon(self, polygon: Polygon, tags: dict[str, str]) -> None:
        """Add the outer ring of a polygon as a closed way."""
        self.way(coords(polygon.exterior), tags)

    def write(self, path: Path) -> None:
        """Write the file; nothing in it depends on the clock."""
        path.unlink(missing_ok=True)
        header = osmium.io.Header()
        header.set("generator", "Quarterhour demo data: SYNTHETIC, no real place")
        # Without version, user and time stamps the objects carry only what the demo needs.
        target = osmium.io.File(str(path), "pbf,add_metadata=false")
        with osmium.SimpleWriter(target, header=header) as writer:
            for (lon, lat), number in self._nodes.items():
                tags = self._tags.get(number, {})
                writer.add_node(mutable.Node(id=number, location=(lon, lat), tags=tags))
            for number, (refs, tags) in enumerate(self._ways, start=1):
                writer.add_way(mutable.Way(id=number, nodes=refs, tags=tags))


def add_roads(writer: OsmWriter, roads: list[Road], noded: list[Floats]) -> None:
    """Add all roads with their shared nodes and the tags of single nodes."""
    for road, xy in zip(roads, noded, strict=True):
        writer.way(xy, road.tags)
        for (x, y), tags in road.marks:
            writer.place(x, y, tags)
