"""Walking times by a plain Dijkstra: own reading, own graph, own linking, own lengths, in floats.

Written apart from the engine, to be compared with it: every two consecutive vertices of a road are
an edge of a graph that is never contracted; times are seconds in floats, never rounded. It shares
with the product only the rules of which ways may be walked.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Geod, Transformer

from quarterhour.model import FERRY, LIFT, STEPS, TUNNEL
from quarterhour.sources.roads.walkable import Way, way

if TYPE_CHECKING:
    from pathlib import Path

GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Segment:
    """A straight bit of road between two points of the network."""

    a: Any
    b: Any
    lonlat: tuple[float, float, float, float]
    kind: int
    forward: bool
    backward: bool


@dataclass(frozen=True)
class Spot:
    """A place beside a segment: metres to it, and the share along it."""

    segment: int
    share: float
    access_m: float


def read_osm(path: Path) -> list[Segment]:
    """Segments of the walkable ways of an OpenStreetMap file."""
    import osmium

    found = []
    for item in osmium.FileProcessor(str(path)).with_locations():
        if not item.is_way():
            continue
        what = way(dict(item.tags))
        if what is None:
            continue
        nodes = [(n.ref, n.lon, n.lat) if n.location.valid() else None for n in item.nodes]
        for one, two in itertools.pairwise(nodes):
            if one is not None and two is not None:
                found.append(_segment(one[0], two[0], (*one[1:], *two[1:]), what))
    return found


def _segment(a: Any, b: Any, lonlat: tuple[float, ...], what: Way) -> Segment:
    return Segment(a, b, lonlat, what.kind, what.direction >= 0, what.direction != 0)  # type: ignore[arg-type]


def read_lines(path: Path, *, join_m: float = 0.5) -> list[Segment]:
    """Segments of a GeoParquet of two-point lines with a highway column.

    Ends closer than `join_m` are one point, and lines are split where an end of another lies that
    close to their inside.
    """
    import geopandas as gpd
    import networkx as nx

    frame = gpd.read_parquet(path, columns=["highway", "geometry"]).to_crs(4326)
    kinds = [way({"highway": str(h)}) for h in frame["highway"]]
    rows = [k for k, what in enumerate(kinds) if what is not None]
    lonlat = shapely.get_coordinates(frame.geometry.to_numpy()[rows])
    assert len(lonlat) == 2 * len(rows)
    ways = [kinds[k] for k in rows]
    xy = np.column_stack(_metric(lonlat).transform(lonlat[:, 0], lonlat[:, 1]))
    end, of = np.unique(np.round(xy, 3), axis=0, return_inverse=True)
    of = of.reshape(-1, 2)
    _, sample = np.unique(of, return_index=True)
    points = shapely.points(end)
    near = nx.Graph()
    near.add_nodes_from(range(len(end)))
    one, two = shapely.STRtree(points).query(points, predicate="dwithin", distance=join_m)
    near.add_edges_from(zip(one.tolist(), two.tolist(), strict=True))
    cluster = {p: k for k, part in enumerate(nx.connected_components(near)) for p in part}
    lines = shapely.linestrings(xy.reshape(-1, 2, 2))
    p, k = shapely.STRtree(lines).query(points, predicate="dwithin", distance=join_m)
    along = shapely.line_locate_point(lines[k], points[p])
    inside = (along > join_m) & (along < shapely.length(lines[k]) - join_m)
    cuts: dict[int, list[tuple[float, int]]] = {}
    for at, point, line in zip(along[inside], p[inside], k[inside], strict=True):
        cuts.setdefault(int(line), []).append((float(at), int(point)))
    found = []
    for line, what in enumerate(ways):
        assert what is not None
        stops = [int(of[line, 0]), *(q for _, q in sorted(cuts.get(line, []))), int(of[line, 1])]
        for a, b in itertools.pairwise(stops):
            ends = (*lonlat[sample[a]], *lonlat[sample[b]])
            found.append(_segment(cluster[a], cluster[b], ends, what))
    return found


def _metric(lonlat: np.ndarray[Any, Any]) -> Transformer:
    lon, lat = np.median(lonlat, axis=0)
    crs = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=m"
    return Transformer.from_crs(4326, crs, always_xy=True)


class Oracle:
    """A graph for one walker; times are seconds."""

    def __init__(self, segments: list[Segment], *, speed_mps: float, steps: bool) -> None:
        self.speed = speed_mps
        self.segments = [
            s for s in segments if not s.kind & FERRY and (steps or not s.kind & STEPS)
        ]
        ends = np.array([s.lonlat for s in self.segments])
        self.length = GEOD.inv(*ends.T)[2]
        # steps take five thirds of the time of a street
        self.length[[bool(s.kind & STEPS) for s in self.segments]] *= 5 / 3
        self.metric = _metric(ends[:, :2])
        xy = np.column_stack([
            *self.metric.transform(ends[:, 0], ends[:, 1]),
            *self.metric.transform(ends[:, 2], ends[:, 3]),
        ])  # fmt: skip
        self.linkable = np.array([not s.kind & (TUNNEL | LIFT) for s in self.segments])
        self.rows = np.flatnonzero(self.linkable)
        self.lines = shapely.linestrings(xy.reshape(-1, 2, 2)[self.rows])
        self.tree = shapely.STRtree(self.lines)
        # seconds by point: who can walk to it, and how long that takes
        self.before: dict[Any, list[tuple[Any, float]]] = {}
        for s, metres in zip(self.segments, self.length.tolist(), strict=True):
            if s.forward:
                self.before.setdefault(s.b, []).append((s.a, metres / self.speed))
            if s.backward:
                self.before.setdefault(s.a, []).append((s.b, metres / self.speed))

    def link(self, lon: float, lat: float, limit_m: float) -> Spot | None:
        """The nearest segment, None where it is farther than the limit."""
        point = shapely.Point(self.metric.transform(lon, lat))
        k = int(self.tree.nearest(point))
        away = shapely.distance(self.lines[k], point)
        if away > limit_m:
            return None
        share = shapely.line_locate_point(self.lines[k], point, normalized=True)
        return Spot(int(self.rows[k]), float(share), float(away))

    def times_to(self, facilities: list[Spot], limit_s: float) -> dict[Any, float]:
        """Seconds from every point of the network to the nearest facility, within the limit."""
        heap: list[tuple[float, int, Any]] = []
        for f in facilities:
            s, seconds = self.segments[f.segment], self.length[f.segment] / self.speed
            leg = f.access_m / self.speed
            if s.forward:
                heap.append((leg + f.share * seconds, len(heap), s.a))
            if s.backward:
                heap.append((leg + (1 - f.share) * seconds, len(heap), s.b))
        heapq.heapify(heap)
        done: dict[Any, float] = {}
        count = len(heap)
        while heap:
            t, _, point = heapq.heappop(heap)
            if point in done or t > limit_s:
                continue
            done[point] = t
            for other, step in self.before.get(point, ()):
                if other not in done:
                    count += 1
                    heapq.heappush(heap, (t + step, count, other))
        return done

    def seconds(self, place: Spot, facilities: list[Spot], times: dict[Any, float]) -> float:
        """Seconds from a place to the nearest facility, infinite where there is none."""
        s, whole = self.segments[place.segment], self.length[place.segment] / self.speed
        best = math.inf
        if s.forward:
            best = times.get(s.b, math.inf) + (1 - place.share) * whole
        if s.backward:
            best = min(best, times.get(s.a, math.inf) + place.share * whole)
        for f in facilities:
            step = f.share - place.share
            if f.segment == place.segment and (s.forward if step >= 0 else s.backward):
                best = min(best, abs(step) * whole + f.access_m / self.speed)
        return best + place.access_m / self.speed
