"""Service areas: reached pieces as lines (the truth) and as polygons (the drawing, with its error).

Contract of a polygon, for an offset d: every reached piece lies inside, and every point of the
polygon lies within d of a reached piece. Holes are kept.

How: distances to the reached pieces are computed on a grid of step h near the pieces, and the
level c = d - h * sqrt(2) - s is contoured by marching squares; s is the tolerance of the
simplification. A point inside a contour has a corner of its cell below the level, at most
h * sqrt(2) away, and a point on a reached piece has all four corners of its cell within
h * sqrt(2), which is below c - s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core.graph import _ranges
from quarterhour.core.parallel import in_blocks
from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.pieces import Pieces
    from quarterhour.model import RoadNetwork

    FloatArray = NDArray[np.float64]

OFFSET_M = 30.0
"""Largest distance from a reached piece to any point of its polygon."""

GRID_M = 6.0
SIMPLIFY_M = 1.5
TILE = 512
"""Grid steps per side of the part that is held in memory at once."""


def piece_lines(
    network: RoadNetwork, x: FloatArray, y: FloatArray, pieces: Pieces
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Coordinates of the reached pieces, exactly cut: (n, 2) vertices and CSR offsets by piece.

    `x`, `y`: coordinates of the network's vertices in any CRS; ends are interpolated along the
    segment that they fall on.
    """
    before = np.concatenate([[0], np.cumsum(network.edge_length_mm + 1)])
    at = np.repeat(before[:-1], np.diff(network.first_vertex)) + network.vertex_mm
    lo, hi = before[pieces.edge] + pieces.start_mm, before[pieces.edge] + pieces.end_mm
    inner_lo = np.searchsorted(at, lo, side="right")  # first vertex after the start
    inner_hi = np.searchsorted(at, hi, side="left")  # first vertex not before the end
    n_inner = np.maximum(inner_hi - inner_lo, 0)
    first = np.concatenate([[0], np.cumsum(n_inner + 2)]).astype(np.int64)
    xy = np.empty((int(first[-1]), 2))
    inner = _ranges(inner_lo, n_inner)
    place = _ranges(first[:-1] + 1, n_inner)
    xy[place, 0], xy[place, 1] = x[inner], y[inner]
    # the segment that an end falls on begins at `left`; on a vertex the share is 0 or 1
    for mm, left, where in ((lo, inner_lo - 1, first[:-1]), (hi, inner_hi - 1, first[1:] - 1)):
        span = np.maximum(at[left + 1] - at[left], 1)
        share = (mm - at[left]) / span
        xy[where, 0] = x[left] + share * (x[left + 1] - x[left])
        xy[where, 1] = y[left] + share * (y[left + 1] - y[left])
    return xy, first


def lines_by_source(
    network: RoadNetwork, x: FloatArray, y: FloatArray, pieces: Pieces
) -> NDArray[Any]:
    """One MultiLineString of reached pieces per source, empty where nothing is reached."""
    xy, first = piece_lines(network, x, y, pieces)
    n = len(pieces.first) - 1
    offsets = (first, pieces.first)
    if len(xy) == 0:
        return np.array([shapely.MultiLineString()] * n, object)
    multi: NDArray[Any] = shapely.from_ragged_array(
        shapely.GeometryType.MULTILINESTRING, xy, offsets
    )
    return multi


def polygons(
    network: RoadNetwork,
    x_m: FloatArray,
    y_m: FloatArray,
    pieces: Pieces,
    *,
    offset_m: float = OFFSET_M,
    grid_m: float = GRID_M,
    simplify_m: float = SIMPLIFY_M,
    threads: int | None = None,
) -> NDArray[Any]:
    """One polygon or multipolygon per source around its reached pieces, by the contract above.

    `x_m`, `y_m`: coordinates of the network's vertices in a metric CRS.
    """
    level = offset_m - grid_m * 2**0.5 - simplify_m
    if level <= grid_m * 2**0.5 + simplify_m:
        raise ValueError("offset_m is too small for grid_m and simplify_m")
    xy, first = piece_lines(network, x_m, y_m, pieces)

    n = len(pieces.first) - 1

    def block(lo: int, hi: int) -> list[Any]:
        return [
            _polygon(
                xy,
                first[pieces.first[s] : pieces.first[s + 1] + 1],
                level,
                grid_m,
                simplify_m,
                threads if n == 1 else 1,
            )
            for s in range(lo, hi)
        ]

    blocks = in_blocks(block, n, threads=threads)
    out = np.empty(n, object)
    out[:] = [polygon for part in blocks for polygon in part]
    return out


def _polygon(
    xy: FloatArray,
    first: NDArray[np.int64],
    level: float,
    grid_m: float,
    simplify_m: float,
    threads: int | None,
) -> Any:  # noqa: ANN401 - shapely geometries are untyped
    if len(first) < 2:
        return shapely.Polygon()
    # in steps of the grid; corners on whole multiples, so that equal pieces give equal outlines
    xy = xy[first[0] : first[-1]] / grid_m
    first = first - first[0]
    lo = np.minimum.reduceat(xy, first[:-1]) - level / grid_m - 1
    hi = np.maximum.reduceat(xy, first[:-1]) + level / grid_m + 1
    col0, row0 = np.floor(lo.min(axis=0)).astype(np.int64).tolist()
    col1, row1 = np.ceil(hi.max(axis=0)).astype(np.int64).tolist()
    tiles = [(row, col) for row in range(row0, row1, TILE) for col in range(col0, col1, TILE)]

    def some(begin: int, end: int) -> list[Any]:
        shapes: list[Any] = []
        for row, col in tiles[begin:end]:
            top, right = min(row + TILE, row1), min(col + TILE, col1)
            near = (lo <= (right, top)).all(axis=1) & (hi >= (col, row)).all(axis=1)
            if near.any():
                field = np.full((top - row + 1, right - col + 1), np.inf, np.float32)
                _stamp(xy, first, np.flatnonzero(near), field, col, row, level / grid_m + 1.0)
                rough = np.array(_contours(field, level / grid_m, (col, row), grid_m), object)
                frame = (col * grid_m, row * grid_m, right * grid_m, top * grid_m)
                shapes += _simplified(rough, simplify_m, frame).tolist()
        return shapes

    shapes = [shape for part in in_blocks(some, len(tiles), threads=threads) for shape in part]
    if len(tiles) > 1:
        shapes = list(shapely.get_parts(shapely.coverage_union_all(shapes)))
    return shapely.multipolygons(shapes)


def _simplified(
    shapes: NDArray[Any], tolerance_m: float, frame: tuple[float, float, float, float]
) -> NDArray[Any]:
    """Polygons with every ring simplified alone, but rings that would then cross left alone.

    Contours neither cross nor touch, so leaving enough of them as they are ends without a crossing;
    this is some ten times faster than a simplification that keeps the topology as it goes. A small
    hole may end up on the wrong side of a ring without crossing it: then its polygon is left alone.
    Vertices on the `frame` (west, south, east, north) stay, so that tiles still meet.
    """
    if not len(shapes):
        return shapes
    rings, owner = shapely.get_rings(shapes, return_index=True)
    ring_first = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(shapes)))])
    light = _lighter(rings, tolerance_m, frame)
    while True:
        one, other = shapely.STRtree(light).query(light, predicate="intersects")
        bad = ~shapely.is_simple(light)
        bad[one[one != other]] = True
        bad &= light != rings
        if not bad.any():
            xy, at = shapely.get_coordinates(light, return_index=True)
            vertex_first = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=len(light)))])
            result: NDArray[Any] = shapely.from_ragged_array(
                shapely.GeometryType.POLYGON, xy, (vertex_first, ring_first)
            )
            bad = ~shapely.is_valid(result)[owner] & (light != rings)
            if not bad.any():
                return result
        light = np.where(bad, rings, light)


def _lighter(
    rings: NDArray[Any], tolerance_m: float, frame: tuple[float, float, float, float]
) -> NDArray[Any]:
    """Rings simplified one by one, from vertex on the frame to vertex on the frame."""
    west, south, east, north = frame
    light = shapely.simplify(rings, tolerance_m, preserve_topology=False)
    xy, at = shapely.get_coordinates(rings, return_index=True)
    x, y = xy[:, 0], xy[:, 1]
    pinned = (x == west) | (x == east) | (y == south) | (y == north)
    first = np.searchsorted(at, np.arange(len(rings) + 1))
    for ring in np.unique(at[pinned]):
        part = slice(first[ring], first[ring + 1] - 1)  # without the repeated vertex
        pins = np.flatnonzero(pinned[part])
        points = np.roll(xy[part], -pins[0], axis=0)
        stops = np.append(pins - pins[0], len(points))
        points = np.vstack([points, points[:1]])
        run = np.repeat(np.arange(len(pins)), np.diff(stops) + 1)
        place = np.arange(len(run)) - run  # a pin ends one run and begins the next
        runs = shapely.linestrings(points[place], indices=run)
        runs = shapely.simplify(runs, tolerance_m, preserve_topology=False)
        rest, of = shapely.get_coordinates(runs, return_index=True)
        begins = np.ones(len(of), bool)
        begins[:-1] = of[1:] == of[:-1]  # the end of a run is the beginning of the next
        kept = rest[begins]
        light[ring] = shapely.linearrings(np.vstack([kept[:-1], kept[:1]]))
    return np.where(shapely.get_num_coordinates(light) < 4, rings, light)


def _contours(
    field: NDArray[np.float32], level: float, corner: tuple[int, int], grid_m: float
) -> list[Any]:
    """Polygons, with holes, of the part of the grid where the distance is at most `level`."""
    from contourpy import FillType, ZInterp, contour_generator  # noqa: PLC0415 - slow to import

    np.sqrt(field, out=field)
    np.minimum(field, np.float32(level + 2.0), out=field)
    generator = contour_generator(
        z=field, name="serial", fill_type=FillType.OuterOffset, z_interp=ZInterp.Linear
    )
    shapes = []
    for points, offsets in zip(*generator.filled(-1.0, level), strict=True):
        rings = offsets.astype(np.int64)
        polygon = shapely.from_ragged_array(
            shapely.GeometryType.POLYGON,
            np.round(points + corner, 6) * grid_m,
            (rings, np.array([0, len(rings) - 1], np.int64)),
        )
        shapes.append(polygon[0])
    return shapes


@kernel
def _stamp(xy, first, lines, field, col0, row0, reach):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Lower `field` to the squared distance from the segments of `lines`, in steps of the grid."""
    # every sum is formed in the same way in every tile, so that tiles agree where they meet
    rows, cols = field.shape
    for line in lines:
        for v in range(first[line], first[line + 1] - 1):
            ax, ay = xy[v, 0], xy[v, 1]
            bx, by = xy[v + 1, 0], xy[v + 1, 1]
            dx, dy = bx - ax, by - ay
            length_sq = dx * dx + dy * dy
            inverse = 1.0 / length_sq if length_sq > 0.0 else 0.0
            j0 = max(int(np.ceil(min(ay, by) - reach)) - row0, 0)
            j1 = min(int(np.floor(max(ay, by) + reach)) - row0, rows - 1)
            i0 = max(int(np.ceil(min(ax, bx) - reach)) - col0, 0)
            i1 = min(int(np.floor(max(ax, bx) + reach)) - col0, cols - 1)
            for j in range(j0, j1 + 1):
                py = (j + row0) - ay
                for i in range(i0, i1 + 1):
                    px = (i + col0) - ax
                    t = min(max((px * dx + py * dy) * inverse, 0.0), 1.0)
                    ex, ey = px - t * dx, py - t * dy
                    d = np.float32(ex * ex + ey * ey)
                    field[j, i] = min(field[j, i], d)
