"""Lines with tags, and the noding that turns drawn lines into one walking network."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely import STRtree
from shapely.geometry import LineString, Point

from demo_data.frame import coords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry.base import BaseGeometry

    from demo_data.frame import Floats

# Junctions drawn closer together than this are one junction.
JUNCTION_M = 4.0


@dataclass(slots=True)
class Road:
    """One drawn way in metres. Off-grade ways meet others only at their two ends."""

    line: LineString
    tags: dict[str, str]
    at_grade: bool = True
    # Tags of single nodes, as (x, y) and the tags.
    marks: list[tuple[tuple[float, float], dict[str, str]]] = field(default_factory=list)

    @property
    def highway(self) -> str:
        """Return the class of the way."""
        return self.tags.get("highway", "")


def points_of(geometry: BaseGeometry) -> list[tuple[float, float]]:
    """Return the points of an intersection; a shared stretch gives its two ends."""
    if geometry.is_empty:
        return []
    if geometry.geom_type == "Point":
        return [(geometry.x, geometry.y)]
    if geometry.geom_type == "LineString":
        return [geometry.coords[0][:2], geometry.coords[-1][:2]]
    return [point for part in geometry.geoms for point in points_of(part)]


def node_roads(roads: list[Road]) -> list[Floats]:
    """Return the vertices of each road such that roads that meet share the same coordinates.

    At-grade roads meet wherever they cross; the end of any road also meets an at-grade road that
    passes within half a metre.
    """
    lines = [road.line for road in roads]
    grade = [i for i, road in enumerate(roads) if road.at_grade]
    tree = STRtree([lines[i] for i in grade])
    joints: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for i in grade:
        for k in sorted(tree.query(lines[i], predicate="intersects")):
            if grade[k] > i:
                found = points_of(lines[i].intersection(lines[grade[k]]))
                joints[i] += found
                joints[grade[k]] += found
    for i, line in enumerate(lines):
        for end in (line.coords[0][:2], line.coords[-1][:2]):
            joints[i].append(end)
            for k in sorted(tree.query(Point(end), predicate="dwithin", distance=0.5)):
                joints[grade[k]].append(end)
        joints[i] += [place for place, _ in roads[i].marks]

    owner = np.array([i for i in sorted(joints) for _ in joints[i]])
    place = np.array([p for i in sorted(joints) for p in joints[i]])
    pairs = cKDTree(place).query_pairs(JUNCTION_M, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(place),) * 2)
    _, cluster = connected_components(links, directed=False)
    # A gate or the end of a bridge keeps its place; otherwise the first point of the cluster does.
    fixed = {p for road in roads for p, _ in road.marks}
    anchor: dict[int, tuple[float, float]] = {}
    for c, p in sorted(
        zip(cluster, map(tuple, place), strict=True), key=lambda t: t[1] not in fixed
    ):
        anchor.setdefault(int(c), p)

    noded = []
    for i, line in enumerate(lines):
        own = sorted({anchor[int(c)] for c in cluster[owner == i]}, key=lambda p: (p[0], p[1]))
        marks = [(line.project(Point(p)), p) for p in own]
        at = np.array([m[0] for m in marks])
        for p in coords(line):
            along = line.project(Point(p))
            if np.abs(at - along).min() > JUNCTION_M:
                marks.append((along, (float(p[0]), float(p[1]))))
        marks.sort()
        noded.append(np.array([p for _, p in marks]))
    return noded


def cut(line: LineString, start_m: float, end_m: float) -> LineString:
    """Return the piece of a line between two distances from its start."""
    xy = coords(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    inner = xy[(along > start_m + 0.01) & (along < end_m - 0.01)]
    first = np.asarray(line.interpolate(start_m).coords[0][:2])
    last = np.asarray(line.interpolate(end_m).coords[0][:2])
    return LineString(np.vstack([first, inner, last]))


def crossings_m(line: LineString, others: Iterable[LineString]) -> list[float]:
    """Return the sorted distances along a line at which it meets other lines."""
    found = {
        round(line.project(Point(p)), 2)
        for other in others
        for p in points_of(line.intersection(other))
    }
    return sorted(found)
