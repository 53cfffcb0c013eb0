"""Points to the nearest position along an edge, not to the nearest node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.parallel import in_blocks
from quarterhour.kernels import kernel
from quarterhour.model import Linkage, PointSet, RoadNetwork
from quarterhour.units import mm_of_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

CELL_M = 50.0
"""Width of a grid cell: about the length of a street segment, so that cells hold a handful."""


class SegmentIndex:
    """Uniform grid over the straight segments of the chosen edges of a network.

    `vertex_x_m`, `vertex_y_m`: float64 coordinates of the network's vertices in a metric CRS.
    `edges`: bool per edge, which may be linked to.
    """

    def __init__(
        self,
        network: RoadNetwork,
        vertex_x_m: FloatArray,
        vertex_y_m: FloatArray,
        *,
        edges: NDArray[np.bool_],
    ) -> None:
        per_edge = np.diff(network.first_vertex)
        edge_of_vertex = np.repeat(np.arange(network.n_edges, dtype=np.int32), per_edge)
        is_start = np.ones(len(edge_of_vertex), bool)
        is_start[network.first_vertex[1:] - 1] = False
        segment = np.flatnonzero(is_start & edges[edge_of_vertex])
        self.edge = edge_of_vertex[segment]
        self.ax, self.ay = vertex_x_m[segment], vertex_y_m[segment]
        self.bx, self.by = vertex_x_m[segment + 1], vertex_y_m[segment + 1]
        self.start_mm = network.vertex_mm[segment]
        self.end_mm = network.vertex_mm[segment + 1]
        lo_x = np.minimum(self.ax, self.bx)
        lo_y = np.minimum(self.ay, self.by)
        hi_x = np.maximum(self.ax, self.bx)
        hi_y = np.maximum(self.ay, self.by)
        empty = len(segment) == 0
        self.x0 = 0.0 if empty else float(lo_x.min())
        self.y0 = 0.0 if empty else float(lo_y.min())
        span_x = 0.0 if empty else float(hi_x.max()) - self.x0
        span_y = 0.0 if empty else float(hi_y.max()) - self.y0
        # a country with few roads must not ask for more cells than it has segments by far
        self.cell_m = max(CELL_M, (span_x * span_y / (16.0 * max(len(segment), 4096))) ** 0.5)
        self.nx = int(span_x / self.cell_m) + 1
        self.ny = int(span_y / self.cell_m) + 1
        self.first, self.member = _fill(
            self.ax, self.ay, self.bx, self.by, self.x0, self.y0, self.cell_m, self.nx, self.ny
        )


def link(
    index: SegmentIndex,
    points: PointSet,
    *,
    limit_m: float,
    search_m: float | None = None,
    threads: int | None = None,
) -> Linkage:
    """Linkage of every point within `limit_m` (inclusive) of a road of `index`.

    Distances are straight and planar in the CRS of the index. Ties go to the lowest segment, hence
    the lowest edge. Points farther than the limit are marked, not dropped; how far the nearest road
    is from them is told up to `search_m` (default: the limit).
    """
    n = len(points.x_m)
    search = max(limit_m, search_m or 0.0)

    def block(lo: int, hi: int) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
        found: tuple[NDArray[np.int64], FloatArray, FloatArray] = _nearest(
            points.x_m[lo:hi], points.y_m[lo:hi], search,
            index.ax, index.ay, index.bx, index.by,
            index.x0, index.y0, index.cell_m, index.nx, index.ny, index.first, index.member,
        )  # fmt: skip
        return found

    parts = in_blocks(block, n, threads=threads, smallest=20_000)
    segment = np.concatenate([p[0] for p in parts]) if parts else np.empty(0, np.int64)
    distance = np.concatenate([p[1] for p in parts]) if parts else np.empty(0)
    share = np.concatenate([p[2] for p in parts]) if parts else np.empty(0)
    linked = (segment >= 0) & (mm_of_m(np.where(segment >= 0, distance, 0.0)) <= mm_of_m(limit_m))
    point = np.flatnonzero(linked)
    s, t = segment[point], share[point]
    start = index.start_mm[s]
    offset = start + np.floor(t * (index.end_mm[s] - start) + 0.5).astype(np.int64)
    return Linkage(
        linked=linked,
        point=point,
        owner=points.owner[point],
        edge=index.edge[s],
        offset_mm=offset,
        access_mm=mm_of_m(distance[point]),
        snap_x_m=index.ax[s] + t * (index.bx[s] - index.ax[s]),
        snap_y_m=index.ay[s] + t * (index.by[s] - index.ay[s]),
        nearest_m=distance,
        limit_m=limit_m,
        n_owners=points.n_owners,
    )


@kernel
def _fill(ax, ay, bx, by, x0, y0, cell, nx, ny):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """CSR of the segments by every cell that they touch, in segment order."""
    first = np.zeros(nx * ny + 1, np.int64)
    member = np.empty(0, np.int32)
    for turn in range(2):  # count, then write
        for s in range(len(ax)):
            x_lo, x_hi = min(ax[s], bx[s]), max(ax[s], bx[s])
            y_lo, y_hi = min(ay[s], by[s]), max(ay[s], by[s])
            j0 = min(max(int((y_lo - y0) / cell), 0), ny - 1)
            j1 = min(max(int((y_hi - y0) / cell), 0), ny - 1)
            for j in range(j0, j1 + 1):
                # the part of the segment inside this row of cells, a little widened
                lo, hi = x_lo, x_hi
                dy = by[s] - ay[s]
                if j1 > j0 and dy != 0.0:
                    t0 = (y0 + j * cell - ay[s]) / dy
                    t1 = (y0 + (j + 1) * cell - ay[s]) / dy
                    t0, t1 = min(max(min(t0, t1), 0.0), 1.0), min(max(t0, t1, 0.0), 1.0)
                    xa, xb = ax[s] + t0 * (bx[s] - ax[s]), ax[s] + t1 * (bx[s] - ax[s])
                    lo, hi = min(xa, xb) - 1e-6, max(xa, xb) + 1e-6
                i0 = min(max(int((lo - x0) / cell), 0), nx - 1)
                i1 = min(max(int((hi - x0) / cell), 0), nx - 1)
                for i in range(i0, i1 + 1):
                    c = j * nx + i
                    if turn == 0:
                        first[c + 1] += 1
                    else:
                        member[first[c]] = s
                        first[c] += 1
        if turn == 0:
            for c in range(nx * ny):
                first[c + 1] += first[c]
            member = np.empty(first[nx * ny], np.int32)
    for c in range(nx * ny, 0, -1):  # writing moved every offset to its end
        first[c] = first[c - 1]
    first[0] = 0
    return first, member


@kernel
def _nearest(px, py, limit, ax, ay, bx, by, x0, y0, cell, nx, ny, first, member):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Segment (-1 for none within `limit`), distance and share along it, per point."""
    n = len(px)
    best_segment = np.full(n, -1, np.int64)
    best_distance = np.full(n, np.inf)
    best_share = np.zeros(n)
    limit_sq = (limit + 1e-3) * (limit + 1e-3)  # the caller rounds to millimetres, and cuts there
    for p in range(n):
        x, y = px[p], py[p]
        fi, fj = np.floor((x - x0) / cell), np.floor((y - y0) / cell)
        reach = np.ceil(limit / cell) + 1.0
        if not (-reach <= fi <= nx + reach and -reach <= fj <= ny + reach):
            continue  # far away, or nowhere
        ci, cj = int(fi), int(fj)
        best = limit_sq
        winner = -1
        share = 0.0
        ring = 0
        # distance to the nearest side of the own cell: what ring r + 1 is at least away
        in_x, in_y = x - (x0 + ci * cell), y - (y0 + cj * cell)
        inner = min(in_x, cell - in_x, in_y, cell - in_y)
        while True:
            away = inner + (ring - 1) * cell
            if ring > 0 and away > 0.0 and away * away > best:
                break
            for j in range(max(cj - ring, 0), min(cj + ring, ny - 1) + 1):
                edge_row = j == cj - ring or j == cj + ring
                step = 1 if edge_row or ring == 0 else 2 * ring
                for i in range(ci - ring, ci + ring + 1, step):
                    if i < 0 or i >= nx:
                        continue
                    c = j * nx + i
                    for m in range(first[c], first[c + 1]):
                        s = member[m]
                        dx, dy = bx[s] - ax[s], by[s] - ay[s]
                        length_sq = dx * dx + dy * dy
                        t = 0.0
                        if length_sq > 0.0:
                            t = ((x - ax[s]) * dx + (y - ay[s]) * dy) / length_sq
                            t = min(max(t, 0.0), 1.0)
                        ex, ey = ax[s] + t * dx - x, ay[s] + t * dy - y
                        d = ex * ex + ey * ey
                        if d < best or (d == best and (winner < 0 or s < winner)):
                            best, winner, share = d, s, t
            ring += 1
        if winner >= 0:
            best_segment[p] = winner
            best_distance[p] = np.sqrt(best)
            best_share[p] = share
    return best_segment, best_distance, best_share
