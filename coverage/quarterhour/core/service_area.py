"""Service areas: reached pieces as lines (the truth) and as polygons (the drawing, with its error).

Contract of a polygon, for an offset d: every reached piece lies inside, every point of the polygon
lies within d of a reached piece, and holes are kept. With streets, it is told how many metres of
street inside are not reached. With barriers, the polygon ends at them: a point behind one, as seen
from the nearest reached pieces, lies inside only within a cell of the grid (`GRID_M` * sqrt(2)) of
a point before it.

How: on a grid of step h, nodes within c of a reached piece, before any barrier, are inside, and so
are the corners of a cell in which a piece would otherwise be cut off. The outline crosses the grid
between a node inside and one outside. A point of the polygon has a corner of its cell inside, at
most h * sqrt(2) away, so it is within c + h * sqrt(2) <= d of a reached piece; a corner taken in
for a piece is within h * sqrt(2) of it, which is less than c. A cell that holds a piece has all
corners inside, for h * sqrt(2) <= c, or a barrier in it, and then the piece has been tried.
Simplifying moves the outline along the edges of the grid only, by at most s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core import area_field, area_outline
from quarterhour.core.area_error import Areas, streets_inside
from quarterhour.core.crossing import CONTACT_M, BarrierIndex, no_barriers
from quarterhour.core.graph import _ranges
from quarterhour.core.parallel import in_blocks
from quarterhour.core.search import grown
from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.pieces import Pieces
    from quarterhour.core.snap import SegmentIndex
    from quarterhour.model import RoadNetwork

    FloatArray = NDArray[np.float64]

OFFSET_M = 30.0
"""Largest distance from a reached piece to any point of its polygon."""

GRID_M = 6.0
SIMPLIFY_M = 1.5
LEVEL_M = 20.0
"""Distance of the outline from the reached pieces, where neither grid nor barrier interfere."""


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
    barriers: BarrierIndex | None = None,
    threads: int | None = None,
) -> NDArray[Any]:
    """The polygons of `service_areas`, without what they hold of the streets."""
    return service_areas(
        network, x_m, y_m, pieces, offset_m=offset_m, grid_m=grid_m, simplify_m=simplify_m,
        barriers=barriers, threads=threads,
    ).polygon  # fmt: skip


def service_areas(
    network: RoadNetwork,
    x_m: FloatArray,
    y_m: FloatArray,
    pieces: Pieces,
    *,
    streets: SegmentIndex | None = None,
    barriers: BarrierIndex | None = None,
    offset_m: float = OFFSET_M,
    grid_m: float = GRID_M,
    simplify_m: float = SIMPLIFY_M,
    threads: int | None = None,
) -> Areas:
    """One multipolygon per source around its reached pieces, by the contract above, with its error.

    `x_m`, `y_m`: coordinates of the network's vertices in a metric CRS. `streets`: all streets that
    the pieces are parts of, for the metres inside that are not reached; None leaves them untold.
    `barriers`: where polygons end, in the same CRS. A source that reaches nothing has an empty one.

    Raises
    ------
    ValueError
        `offset_m` is too small for a grid of `grid_m`.
    """
    level = min(LEVEL_M * offset_m / OFFSET_M, offset_m - grid_m * 2**0.5)
    if level <= grid_m * 2**0.5:
        raise ValueError("offset_m is too small for grid_m")
    xy, first = piece_lines(network, x_m, y_m, pieces)
    walls: tuple[Any, ...] = (barriers if barriers is not None else no_barriers()).arrays()
    fences = (np.column_stack(walls[:4]) / grid_m, *_scaled(walls[5:], grid_m))
    roads, length = np.empty((0, 4)), np.empty(0)
    road_grid = _scaled(walls[5:], grid_m)  # of the right types; not looked at
    if streets is not None:
        roads = np.column_stack([streets.ax, streets.ay, streets.bx, streets.by])
        length = np.hypot(streets.bx - streets.ax, streets.by - streets.ay)
        g = streets.grid
        roads = roads / grid_m
        road_grid = _scaled((g.x0, g.y0, g.cell_m, g.nx, g.ny, g.first, g.member), grid_m)
    scaled = xy / grid_m
    n = len(pieces.first) - 1

    def block(lo: int, hi: int) -> tuple[NDArray[Any], ...]:
        found: tuple[NDArray[Any], ...] = _areas(
            scaled, first, pieces.first, lo, hi, level / grid_m, simplify_m / grid_m,
            CONTACT_M / grid_m, fences, roads, length, road_grid,
        )  # fmt: skip
        return (_multipolygons(found[0] * grid_m, *found[1:4]), *found[4:])

    blocks = in_blocks(block, n, threads=threads)
    empty = np.empty(0)
    polygon = np.concatenate([np.empty(0, object), *(b[0] for b in blocks)])
    inside = np.concatenate([empty, *(b[1] for b in blocks)])
    return Areas(
        polygon=polygon,
        reached_m=np.concatenate([empty, *(b[2] for b in blocks)]) * grid_m,
        streets_m=inside if streets is not None else np.full(n, np.nan),
        offset_m=offset_m,
    )


def _scaled(grid: tuple[Any, ...], step: float) -> tuple[Any, ...]:
    """Origin, width of a square, and the rest of a segment grid, in steps."""
    x0, y0, cell, *rest = grid
    return (x0 / step, y0 / step, cell / step, *rest)


def _multipolygons(
    xy: FloatArray,
    ring_first: NDArray[np.int64],
    part_first: NDArray[np.int64],
    source_first: NDArray[np.int64],
) -> NDArray[Any]:
    result: NDArray[Any] = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, xy, (ring_first, part_first, source_first)
    )
    return result


@kernel
def _areas(  # type: ignore[no-untyped-def]  # noqa: ANN202 - numba reads the types
    xy, first, source_first, lo, hi, level, slack, contact, fences,  # noqa: ANN001
    streets, length, street_grid,  # noqa: ANN001
):  # fmt: skip
    """Points, CSR of rings, parts and sources, street inside and steps reached, of some sources."""
    points, used = np.empty((4096, 2)), 0
    ring_first, n_rings = np.zeros(64, np.int64), 0
    part_first, n_parts = np.zeros(64, np.int64), 0
    out_first = np.zeros(hi - lo + 1, np.int64)
    inside_m, reached = np.zeros(hi - lo), np.zeros(hi - lo)
    seen = np.full(len(streets), -1, np.int32)
    for source in range(lo, hi):
        p0, p1 = source_first[source], source_first[source + 1]
        out_first[source - lo + 1] = n_parts
        if p0 == p1:
            continue
        starts = first[p0 : p1 + 1] - first[p0]
        own = xy[first[p0] : first[p1]]
        row0, col0, slot, n_slots = area_field.blocks(own, starts, level + 1.001)
        own = own.copy()
        for v in range(len(own)):
            own[v, 0] -= col0
            own[v, 1] -= row0
        walls = (*fences, col0, row0)
        free, clear, fenced = area_field.stamp(own, starts, slot, n_slots, level, contact, walls)
        inside = (clear <= np.float32(level * level)).astype(np.int8)
        while True:
            edge_first, key, at, inner, outer = area_field.crossings(
                slot, n_slots, inside, free, clear, level, slack, walls
            )
            if len(fences[0]) == 0 or not area_field.hold_pieces(
                own, starts, fenced, slot, inside, edge_first, key, at, inner, outer
            ):
                break
        ring, order, place, parent = area_outline.rings(slot, inside, edge_first, key)
        outline, vertex_first = area_outline.simplified(ring, order, place, at, inner, outer)
        sequence, size = area_outline.parts(outline, vertex_first, parent)
        while used + len(outline) > len(points):
            wider = np.empty((2 * len(points), 2))
            wider[:used] = points[:used]
            points = wider
        for r in sequence:
            for v in range(vertex_first[r], vertex_first[r + 1]):
                points[used, 0] = outline[v, 0] + col0
                points[used, 1] = outline[v, 1] + row0
                used += 1
            n_rings += 1
            if n_rings == len(ring_first):
                ring_first = grown(ring_first)
            ring_first[n_rings] = used
        for k in range(len(size)):
            n_parts += 1
            if n_parts == len(part_first):
                part_first = grown(part_first)
            part_first[n_parts] = part_first[n_parts - 1] + size[k]
        out_first[source - lo + 1] = n_parts
        for k in range(len(starts) - 1):
            for v in range(starts[k], starts[k + 1] - 1):
                dx, dy = own[v + 1, 0] - own[v, 0], own[v + 1, 1] - own[v, 1]
                reached[source - lo] += np.sqrt(dx * dx + dy * dy)
        if len(streets) > 0:
            rx, ry, rcell, rnx, rny, rfirst, rmember = street_grid
            inside_m[source - lo] = streets_inside(
                slot, row0, col0, inside, edge_first, key, at, streets, length,
                rx, ry, rcell, rnx, rny, rfirst, rmember, seen, source,
            )  # fmt: skip
    return (
        points[:used], ring_first[: n_rings + 1], part_first[: n_parts + 1], out_first,
        inside_m, reached,
    )  # fmt: skip
