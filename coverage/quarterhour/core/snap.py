"""Points to the nearest position along an edge, not to the nearest node."""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.crossing import BarrierIndex, crossed, no_barriers
from quarterhour.core.grid import Grid
from quarterhour.core.parallel import in_blocks
from quarterhour.kernels import kernel
from quarterhour.model import Linkage, PointSet, RoadNetwork
from quarterhour.units import mm_of_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    _Found = tuple[NDArray[np.int64], FloatArray, FloatArray, NDArray[np.bool_], FloatArray]


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
        self.grid = Grid(self.ax, self.ay, self.bx, self.by)


def link(
    index: SegmentIndex,
    points: PointSet,
    *,
    limit_m: float,
    search_m: float | None = None,
    barriers: BarrierIndex | None = None,
    threads: int | None = None,
) -> Linkage:
    """Linkage of every point within `limit_m` (inclusive) of a road of `index`.

    Distances are straight and planar in the CRS of the index. Ties go to the lowest segment, hence
    the lowest edge. Points farther than the limit are marked, not dropped; how far the nearest road
    is from them is told up to `search_m` (default: the limit).

    With `barriers`, a point is linked to the nearest position of a segment whose straight leg to
    that position crosses no barrier (see `core.crossing`): a segment is passed over whole, also
    where another of its positions could be reached. A point whose roads all lie behind barriers
    stays unlinked and is marked so. Barriers and index are in the same CRS.
    """
    n = len(points.x_m)
    search = max(limit_m, search_m or 0.0)
    fences = (no_barriers() if barriers is None else barriers).arrays()
    g = index.grid

    def block(lo: int, hi: int) -> _Found:
        found: _Found = _nearest(
            points.x_m[lo:hi], points.y_m[lo:hi], search,
            index.ax, index.ay, index.bx, index.by,
            g.x0, g.y0, g.cell_m, g.nx, g.ny, g.first, g.member, *fences,
        )  # fmt: skip
        return found

    parts = in_blocks(block, n, threads=threads, smallest=20_000)
    segment = np.concatenate([p[0] for p in parts]) if parts else np.empty(0, np.int64)
    distance = np.concatenate([p[1] for p in parts]) if parts else np.empty(0)
    share = np.concatenate([p[2] for p in parts]) if parts else np.empty(0)
    linked = _within(distance, limit_m)
    blocked = behind = None
    if barriers is not None:
        blocked = np.concatenate([p[3] for p in parts]) if parts else np.empty(0, bool)
        nearest = np.concatenate([p[4] for p in parts]) if parts else np.empty(0)
        behind = ~linked & _within(nearest, limit_m)
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
        blocked=blocked,
        behind_barrier=behind,
    )


def _within(distance_m: FloatArray, limit_m: float) -> NDArray[np.bool_]:
    """Distances that are at most the limit, to the millimetre; infinity is none."""
    found = np.isfinite(distance_m)
    return np.asarray(found & (mm_of_m(np.where(found, distance_m, 0.0)) <= mm_of_m(limit_m)))


@kernel
def _nearest(
    px, py, limit, ax, ay, bx, by, x0, y0, cell, nx, ny, first, member,
    wax, way, wbx, wby, entered, wx0, wy0, wcell, wnx, wny, wfirst, wmember,
):  # fmt: skip
    """Segment (-1 for none within `limit`), distance and share along it, per point.

    Also whether the nearest segment of all lies behind a barrier, and how far away it is.
    """
    n = len(px)
    best_segment = np.full(n, -1, np.int64)
    best_distance = np.full(n, np.inf)
    best_share = np.zeros(n)
    blocked = np.zeros(n, np.bool_)
    nearest = np.full(n, np.inf)
    walls = len(wax) > 0
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
        free, freest = limit_sq, -1  # the nearest as if there were no barriers
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
                            if walls:
                                if d < free or (d == free and (freest < 0 or s < freest)):
                                    free, freest = d, s
                                if crossed(
                                    x, y, x + ex, y + ey, wax, way, wbx, wby, entered,
                                    wx0, wy0, wcell, wnx, wny, wfirst, wmember,
                                ):  # fmt: skip
                                    continue
                            best, winner, share = d, s, t
            ring += 1
        if winner >= 0:
            best_segment[p] = winner
            best_distance[p] = np.sqrt(best)
            best_share[p] = share
        if freest >= 0:
            blocked[p] = freest != winner
            nearest[p] = np.sqrt(free)
    return best_segment, best_distance, best_share, blocked, nearest
