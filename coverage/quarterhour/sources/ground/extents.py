"""How far data reach, how much of them is missing, and where known roads leave an extent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core import graph
from quarterhour.errors import InputError
from quarterhour.frames import MetricCrs
from quarterhour.model import Linkage, _Frozen
from quarterhour.sources.files.osm_faults import osm_faults
from quarterhour.sources.files.vector import require_file
from quarterhour.sources.roads.cache import cached_extent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.core.snap import SegmentIndex
    from quarterhour.model import RoadNetwork

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

Missing = dict[str, int]
"""Metres of data that are missing by side."""

SIDES = ("north", "east", "south", "west")

STEP_M = 100.0
"""Longest distance between the road points that an extent is drawn around."""

THIN_M = 5.0
"""Points of roads that are nearer to each other than this count as one."""

UNSURE_M = 40.0
"""How far inside the outermost roads others may be missing: about the length of a street."""

STRIP_M = 30.0
"""Width on each side of a road that all others are in line with."""

SLACK_M = 0.001
"""More than a coordinate is off by rounding."""

WIDTHS_M = (500.0, 1_000.0, 2_000.0, 4_000.0)
MAIN_SHARE = 0.95
"""Share of the road points that the extent's main part holds; the rest are ways sticking out."""


def read_osm_box(path: Path) -> Any:  # noqa: ANN401 - shapely geometry
    """The box (longitude, latitude) that an OSM file states in its header, None where it has none.

    Raises
    ------
    InputError
        The file is missing or cannot be read.
    """
    import osmium  # noqa: PLC0415 - only for OSM files

    require_file(path, "an OpenStreetMap file")
    try:
        # nothing but the header is asked for, so that nothing else is unpacked
        with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
            box = reader.header().box()
    except osm_faults() as error:
        raise InputError(
            f"{path}: cannot be read as OpenStreetMap data ({' '.join(str(error).split())[:200]});"
            " the file may be truncated or of another kind: download it again"
        ) from error
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    found = shapely.box(low.lon, low.lat, high.lon, high.lat)
    return found if found.area else None


def known_roads(network: RoadNetwork, *, box: Any = None) -> Any:  # noqa: ANN401 - shapely geometries
    """Polygon (longitude, latitude) inside which roads can be taken as known, without holes.

    The alpha shape of the roads, moved in by `UNSURE_M`: land that a circle of `WIDTHS_M` fits into
    without a road is taken as beyond them, at its edge. The narrowest width is taken whose largest
    part still holds `MAIN_SHARE` of the roads, so that villages with land between them are one
    extent, and ways that stick out of an extract, with everything beside them missing, are none.
    `box`: the extent that the file states (longitude, latitude), if it does, which bounds it.
    """
    network = graph.subset(network, _without_ends(network))
    lon, lat = network.vertex_lon, network.vertex_lat
    crs = MetricCrs((lon.min(), lat.min(), lon.max(), lat.max()))
    x, y = crs.metres(lon, lat)
    rows = np.repeat(np.arange(network.n_edges), np.diff(network.first_vertex))
    lines = shapely.segmentize(shapely.linestrings(np.column_stack([x, y]), indices=rows), STEP_M)
    points = _thinned(shapely.get_coordinates(lines))
    hull = shapely.convex_hull(shapely.linestrings(np.resize(points, (max(len(points), 2), 2))))
    shape = hull if hull.area else hull.buffer(STRIP_M)
    for main in _alpha_shapes(points) if hull.area else ():
        shapely.prepare(main)
        if shapely.intersects_xy(main, *points.T).mean() >= MAIN_SHARE:
            shape = main
            break
    moved = shape.buffer(-UNSURE_M)
    if hull.area and moved.area:  # what is narrower than the band is taken as it is
        inner = shapely.get_parts(moved)
        shape = inner[np.argmax(shapely.area(inner))]
    extent = crs.geometry_lonlat(shape)
    if box is None:
        return extent
    within = shapely.intersection(extent, box)
    return within if within.area else extent


def _thinned(xy: FloatArray) -> FloatArray:
    """The squares of `THIN_M` that hold a point, by their middles, from west to east."""
    cell = np.round(xy / THIN_M)
    west, south = cell.min(axis=0)
    column, row = (cell - (west, south)).T.astype(np.int64)
    number = np.unique(column * (int(row.max()) + 1) + row)
    column, row = np.divmod(number, int(row.max()) + 1)
    middle: FloatArray = np.column_stack([column + west, row + south]) * THIN_M
    return middle


def _alpha_shapes(points: FloatArray) -> Iterator[Any]:
    """Largest part of the alpha shape of points by its outline, for each of `WIDTHS_M` with one.

    The shape is made of the Delaunay triangles that no wider circle goes around; what bounds it are
    the sides of only one of them.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415 - slow to load
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - slow to load
    from scipy.spatial import Delaunay, QhullError  # noqa: PLC0415 - slow to load

    try:
        mesh = Delaunay(points)
    except QhullError:  # all but on one line
        return
    corners = points[mesh.simplices]
    side = np.hypot(*np.moveaxis(corners - np.roll(corners, 1, axis=1), 2, 0))
    edge, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    double = np.abs(edge[:, 0] * other[:, 1] - edge[:, 1] * other[:, 0])
    radius = side.prod(axis=1) / np.maximum(2 * double, 1e-9)
    for width in WIDTHS_M:
        kept = radius <= width
        if not kept.any():
            continue
        beside = kept[mesh.neighbors] & (mesh.neighbors >= 0)  # of the side opposite to a corner
        of, k = np.nonzero(beside & kept[:, None])
        to = mesh.neighbors[of, k]
        links = coo_array((np.ones(len(of), bool), (of, to)), shape=2 * kept.shape)
        part = connected_components(links, directed=False)[1]
        largest = np.argmax(np.bincount(part[kept], weights=double[kept]))
        of, k = np.nonzero(~beside & (kept & (part == largest))[:, None])
        ends = np.stack([corners[of, (k + 1) % 3], corners[of, (k + 2) % 3]], axis=1)
        sides = shapely.multilinestrings(shapely.linestrings(ends))
        rings = shapely.get_parts(shapely.build_area(sides))
        yield shapely.Polygon(rings[np.argmax(shapely.area(rings))].exterior)


def kept_extent(
    source: Path | None,
    network: RoadNetwork,
    *,
    box: Any = None,  # noqa: ANN401 - shapely geometries
    store: bool = True,
) -> Any:  # noqa: ANN401
    """`known_roads` of the network of a file, from the cache of networks where it is known.

    `source`: None where the roads were downloaded. Without `store` the cache is only read.
    """
    return cached_extent(source, network, box, lambda: known_roads(network, box=box), store=store)


def _without_ends(network: RoadNetwork) -> NDArray[np.bool_]:
    """Bool per edge: leads on at both ends; all where none does.

    What ends at the edge of an extract may be cut off there, or stick out of it without the roads
    that it meets.
    """
    ends = np.stack([network.edge_tail, network.edge_head])
    meet = np.bincount(ends.ravel(), minlength=network.n_nodes)
    use = np.asarray((meet[ends] > 1).all(axis=0), bool)
    return use if use.any() else ~use


def listed_extent(area: Any, lon: FloatArray, lat: FloatArray) -> Any:  # noqa: ANN401 - geometries
    """The area, and what lies between the points of a list where some of them lie beyond it."""
    if bool(shapely.intersects_xy(area, lon, lat).all()):
        return area
    points = shapely.multipoints(np.column_stack([lon, lat]))
    return shapely.union(area, shapely.convex_hull(points))


def missing_m(xy: FloatArray, extent: Any, reach_m: float) -> Missing:  # noqa: ANN401 - shapely
    """How far the circles of `reach_m` around points stick out of an extent, by side.

    Points in metres, shape (n, 2). In whole tens of metres, rounded up; the side is the one on
    which the nearest edge of the extent lies.
    """
    xy = xy[~_deep(extent, xy, reach_m)]
    outside = ~shapely.intersects_xy(extent, xy[:, 0], xy[:, 1])
    out = _to_edge(extent, xy) * np.where(outside, -1.0, 1.0)[:, None]
    far_m = reach_m + np.hypot(*out.T) * np.where(outside, 1.0, -1.0)
    xy, out, far_m = (of[far_m > 0] for of in (xy, out, far_m))
    # straight out over the nearest edge from every point, and all around from some of them
    most = _most_by_side(out, far_m)
    _, first = np.unique(np.round(xy / (reach_m / 10)), axis=0, return_index=True)
    first = first[far_m[first] > most.min()]  # nowhere does a circle stick out farther than there
    turn = np.arange(16) * np.pi / 8
    ring = reach_m * np.column_stack([np.cos(turn), np.sin(turn)])
    around = (xy[first][:, None] + ring).reshape(-1, 2)
    around = around[~shapely.intersects_xy(extent, around[:, 0], around[:, 1])]
    beyond = -_to_edge(extent, around)
    most = np.maximum(most, _most_by_side(beyond, np.hypot(*beyond.T)))
    # half a metre is no reason for ten more
    return {
        name: int(np.ceil(max(far - 0.5, 0.0) / 10)) * 10
        for name, far in zip(SIDES, most, strict=True)
    }


def _most_by_side(out: FloatArray, far_m: FloatArray) -> FloatArray:
    """The largest of the distances by the side that their directions lead to, 0 for none."""
    dx, dy = out.T
    side = np.where(np.abs(dy) >= np.abs(dx), np.where(dy > 0, 0, 2), np.where(dx > 0, 1, 3))
    side[(dx == 0) & (dy == 0)] = -1  # on the edge itself: the circle around it tells
    return np.array([far_m[side == k].max(initial=0.0) for k in range(4)])


def _to_edge(extent: Any, xy: FloatArray) -> FloatArray:  # noqa: ANN401 - shapely geometry
    """Metres east and north from each point to the nearest edge of an extent, shape (n, 2)."""
    points = shapely.points(xy)
    lines = shapely.shortest_line(points, _nearest_side(extent, points))
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    return np.asarray(ends[:, 1] - ends[:, 0], np.float64)


def inside_m(extent: Any, x_m: FloatArray, y_m: FloatArray, as_far_as_m: float) -> FloatArray:  # noqa: ANN401
    """Metres from points to the outside of an extent: 0 outside, infinite beyond `as_far_as_m`."""
    result = np.full(len(x_m), np.inf)
    rows = np.flatnonzero(~_deep(extent, np.column_stack([x_m, y_m]), as_far_as_m))
    at = shapely.points(x_m[rows], y_m[rows])
    shapely.prepare(extent)
    inside = shapely.intersects(extent, at)
    result[rows] = 0.0
    if not inside.any():
        return result
    result[rows[inside]] = shapely.distance(at[inside], _nearest_side(extent, at[inside]))
    return result


def _deep(extent: Any, xy: FloatArray, depth_m: float) -> NDArray[np.bool_]:  # noqa: ANN401
    """Bool per point: all but sure to be at least `depth_m` inside an extent."""
    deep = extent.buffer(-depth_m)
    shapely.prepare(deep)
    return np.asarray(shapely.intersects_xy(deep, xy[:, 0], xy[:, 1]), bool)


def _nearest_side(extent: Any, points: NDArray[Any]) -> NDArray[Any]:  # noqa: ANN401
    """The straight piece of the border of an extent that is nearest to each point."""
    pieces = []
    for ring in shapely.get_rings(shapely.get_parts(extent)):
        xy = shapely.get_coordinates(ring)
        pieces.append(np.stack([xy[:-1], xy[1:]], axis=1))
    sides = shapely.linestrings(np.concatenate(pieces))
    return np.asarray(sides[shapely.STRtree(sides).nearest(points)], object)


def straight_ms(
    here: FloatArray, there: FloatArray, there_ms: FloatArray, ms_per_m: float
) -> FloatArray:
    """Least milliseconds from each point here to one there, straight, and then `there_ms` more."""
    result = np.full(len(here), np.inf)
    block = max(2_000_000 // max(len(there), 1), 1)
    for k in range(0, len(here), block):
        part = here[k : k + block, None]
        away = np.hypot(part[..., 0] - there[:, 0], part[..., 1] - there[:, 1])
        result[k : k + block] = (away * ms_per_m + there_ms).min(axis=1, initial=np.inf)
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Spots(_Frozen):
    """Positions on edges, as `Linkage` has them; `xy`: metres east and north, shape (n, 2)."""

    edge: NDArray[np.int32]
    offset_mm: IntArray
    xy: FloatArray

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, rows: IntArray) -> Spots:
        """Some of the spots."""
        return Spots(edge=self.edge[rows], offset_mm=self.offset_mm[rows], xy=self.xy[rows])

    def joined(self, other: Spots) -> Spots:
        """These, and then the others."""
        return Spots(
            edge=np.concatenate([self.edge, other.edge]),
            offset_mm=np.concatenate([self.offset_mm, other.offset_mm]),
            xy=np.concatenate([self.xy, other.xy]),
        )

    def linkage(self) -> Linkage:
        """As the linkage of points on the road, each its own owner."""
        n = len(self)
        row = np.arange(n, dtype=np.int64)
        return Linkage(
            linked=np.ones(n, bool), point=row, owner=row, edge=self.edge,
            offset_mm=self.offset_mm, access_mm=np.zeros(n, np.int64), snap_x_m=self.xy[:, 0],
            snap_y_m=self.xy[:, 1], nearest_m=np.zeros(n), limit_m=0.0, n_owners=n,
        )  # fmt: skip


def crossings(index: SegmentIndex, border: Any) -> Spots:  # noqa: ANN401 - shapely geometry
    """Where the edges of an index cross a border, in the metres of the index."""
    near = _near_border(index, border)
    ends = np.stack([index.ax[near], index.ay[near], index.bx[near], index.by[near]], axis=1)
    segments = shapely.linestrings(ends.reshape(-1, 2, 2))
    hit = np.sort(shapely.STRtree(segments).query(border, predicate="intersects"))
    cut = shapely.intersection(segments[hit], border)
    xy, which = shapely.get_coordinates(cut, return_index=True)
    s = near[hit[which]]
    dx, dy = index.bx[s] - index.ax[s], index.by[s] - index.ay[s]
    along = (xy[:, 0] - index.ax[s]) * dx + (xy[:, 1] - index.ay[s]) * dy
    share = np.clip(along / np.maximum(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
    start, end = index.start_mm[s], index.end_mm[s]
    offset_mm = start + np.floor(share * (end - start) + 0.5).astype(np.int64)
    return Spots(edge=index.edge[s], offset_mm=offset_mm, xy=xy)


def _near_border(index: SegmentIndex, border: Any) -> IntArray:  # noqa: ANN401 - shapely geometry
    """Segments, ascending, in the squares of the index that a border passes or nearly passes.

    No other can cross it; to make lines of them all would take longer than the rest.
    """
    grid = index.grid
    parts = shapely.get_parts(shapely.segmentize(border, grid.cell_m))
    xy, of = shapely.get_coordinates(parts, return_index=True)
    ends = np.stack([xy[:-1], xy[1:]])[:, of[:-1] == of[1:]]
    corner, most = (grid.x0, grid.y0), (grid.nx - 1, grid.ny - 1)
    # of the pieces, at most as long as a square is wide, and of points by themselves
    low, high = (
        np.clip((np.concatenate([at, xy]) + slack_m - corner) // grid.cell_m, 0, most)
        for at, slack_m in ((ends.min(axis=0), -SLACK_M), (ends.max(axis=0), SLACK_M))
    )
    passed = np.zeros((grid.ny, grid.nx), bool)
    for east in range(3):
        for north in range(3):
            column, row = np.minimum(low + np.array([east, north]), high).astype(np.int64).T
            passed[row, column] = True
    found = np.repeat(passed.ravel(), np.diff(grid.first))
    return np.unique(grid.member[found]).astype(np.int64)


def chosen(linkage: Linkage, keep: NDArray[np.bool_]) -> Linkage:
    """The linkage with some of its linked points only."""
    names = ("point", "owner", "edge", "offset_mm", "access_mm", "snap_x_m", "snap_y_m")
    return replace(linkage, **{name: getattr(linkage, name)[keep] for name in names})
