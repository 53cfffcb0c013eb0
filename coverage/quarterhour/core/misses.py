"""Where roads nearly meet, or cross, and have no joint: what a diagnosis lists and a repair joins.

Contract: positions are (edge, millimetres from its tail); gaps are straight metres on a plane;
detours are millimetres of walking on the network as it is, both ways, without ferries, and
`NO_WAY` where there is no way within `DETOUR_M`. A place is listed only where a joint would save
`SAVES_M` of walking: where a stub ends beside the road that it branches off, nothing is missing.
Lists are in the order of the network's nodes or segments.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core import search
from quarterhour.core.grid import Grid
from quarterhour.core.impedance import _arcs
from quarterhour.kernels import kernel
from quarterhour.model import BRIDGE, FERRY, TUNNEL, RoadNetwork, _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DETOUR_M = 1_000.0
SAVES_M = 20.0
NO_WAY = np.int64(np.iinfo(np.int64).max)

INSIDE_M = 0.01
BLOCK = 512

FACING = 0.87
"""Cosine of 30 degrees: two dead ends that lie further out of line do not face each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadEnds(_Frozen):
    """Ends of roads where nothing goes on; closed gates are none, as something goes on behind.

    `node`: int64 ascending. `edge`: the road that ends. `at_head`: whether its head ends there.
    `x_m`, `y_m`; `out_x`, `out_y`: unit vector out of the road.
    """

    node: Ints
    edge: Ints
    at_head: NDArray[np.bool_]
    x_m: Floats
    y_m: Floats
    out_x: Floats
    out_y: Floats

    def __len__(self) -> int:
        return len(self.node)

    def at(self, keep: NDArray[np.bool_]) -> DeadEnds:
        """Some of them."""
        return DeadEnds(
            node=self.node[keep], edge=self.edge[keep], at_head=self.at_head[keep],
            x_m=self.x_m[keep], y_m=self.y_m[keep], out_x=self.out_x[keep],
            out_y=self.out_y[keep],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Misses(_Frozen):
    """Pairs of positions that lie together and are not joined.

    `edge`, `offset_mm`: the dead end, or the first of two crossing roads. `other`, `other_mm`: the
    other road. `gap_m`: straight between the two. `detour_mm`: walking between the two today.
    """

    edge: Ints
    offset_mm: Ints
    other: Ints
    other_mm: Ints
    gap_m: Floats
    detour_mm: Ints

    def __len__(self) -> int:
        return len(self.edge)

    def at(self, keep: NDArray[np.bool_] | Ints) -> Misses:
        """Some of them."""
        return Misses(
            edge=self.edge[keep], offset_mm=self.offset_mm[keep], other=self.other[keep],
            other_mm=self.other_mm[keep], gap_m=self.gap_m[keep], detour_mm=self.detour_mm[keep],
        )  # fmt: skip


def dead_ends(network: RoadNetwork, x_m: Floats, y_m: Floats) -> DeadEnds:
    """The nodes where exactly one end of one edge is, in node order."""
    tail, head = network.edge_tail.astype(np.int64), network.edge_head.astype(np.int64)
    ends = np.concatenate([tail, head])
    single = np.bincount(ends, minlength=network.n_nodes)[ends] == 1
    end = np.flatnonzero(single)
    end = end[(network.edge_kind[end % network.n_edges] & FERRY) == 0]
    edge, at_head = end % network.n_edges, end >= network.n_edges
    vertex = np.where(at_head, network.first_vertex[edge + 1] - 1, network.first_vertex[edge])
    gates = network.closed_gates
    if len(gates):
        place = network.vertex_lon[vertex] + 1j * network.vertex_lat[vertex]
        open_end = ~np.isin(place, gates[:, 0] + 1j * gates[:, 1])
        end, edge, at_head, vertex = (
            end[open_end],
            edge[open_end],
            at_head[open_end],
            vertex[open_end],
        )
    order = np.argsort(ends[end], kind="stable")
    end, edge, at_head, vertex = end[order], edge[order], at_head[order], vertex[order]
    inner = np.where(at_head, vertex - 1, vertex + 1)
    out_x, out_y = x_m[vertex] - x_m[inner], y_m[vertex] - y_m[inner]
    length = np.maximum(np.hypot(out_x, out_y), 1e-9)
    return DeadEnds(
        node=ends[end], edge=edge, at_head=at_head, x_m=x_m[vertex], y_m=y_m[vertex],
        out_x=out_x / length, out_y=out_y / length,
    )  # fmt: skip


class Segments:
    """The straight segments of the edges that are walked, on a grid."""

    def __init__(self, network: RoadNetwork, x_m: Floats, y_m: Floats) -> None:
        edge = np.repeat(np.arange(network.n_edges), np.diff(network.first_vertex))
        is_start = np.ones(len(edge), bool)
        is_start[network.first_vertex[1:] - 1] = False
        start = np.flatnonzero(is_start & ((network.edge_kind[edge] & FERRY) == 0))
        self.edge = edge[start]
        self.start_mm, self.end_mm = network.vertex_mm[start], network.vertex_mm[start + 1]
        self.ax, self.ay, self.bx, self.by = x_m[start], y_m[start], x_m[start + 1], y_m[start + 1]
        self.grid = Grid(self.ax, self.ay, self.bx, self.by)


def near_misses(
    network: RoadNetwork, ends: DeadEnds, segments: Segments, *, within_m: float
) -> Misses:
    """Dead ends with the nearest position of another road within `within_m` (inclusive).

    A road on a bridge or in a tunnel is met from beside by its like only, and by all at its ends:
    there it is on the ground.
    """
    g = segments.grid
    raised = (network.edge_kind & (BRIDGE | TUNNEL)).astype(np.int64)
    own_mm = network.edge_length_mm[ends.edge]
    root = np.where(ends.at_head, network.edge_tail[ends.edge], network.edge_head[ends.edge])
    found, share, gap = _nearest_other(
        ends.x_m, ends.y_m, ends.edge, root.astype(np.int64), own_mm, within_m,
        segments.ax, segments.ay, segments.bx, segments.by, segments.edge, segments.start_mm,
        segments.end_mm, network.edge_tail, network.edge_head, network.edge_length_mm, raised,
        g.x0, g.y0, g.cell_m, g.nx, g.ny, g.first, g.member,
    )  # fmt: skip
    hit = np.flatnonzero(found >= 0)
    s, start = found[hit], segments.start_mm[found[hit]]
    other_mm = start + np.floor(share[hit] * (segments.end_mm[s] - start) + 0.5).astype(np.int64)
    return _worth_a_joint(
        network,
        ends.edge[hit],
        np.where(ends.at_head[hit], own_mm[hit], 0),
        segments.edge[s],
        other_mm,
        gap[hit],
    )


def facing_gaps(
    network: RoadNetwork, ends: DeadEnds, *, beyond_m: float, within_m: float
) -> Misses:
    """Pairs of dead ends between `beyond_m` and `within_m` apart that point at each other."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to load, and only needed here

    if len(ends) < 2:
        none = np.empty(0, np.int64)
        return _worth_a_joint(network, none, none, none, none, np.empty(0))
    tree = cKDTree(np.column_stack([ends.x_m, ends.y_m]))
    pair = tree.query_pairs(within_m, output_type="ndarray").astype(np.int64)
    pair = pair[np.lexsort((pair[:, 1], pair[:, 0]))]
    a, b = pair[:, 0], pair[:, 1]
    dx, dy = ends.x_m[b] - ends.x_m[a], ends.y_m[b] - ends.y_m[a]
    gap = np.hypot(dx, dy)
    ahead_a = ends.out_x[a] * dx + ends.out_y[a] * dy
    ahead_b = -(ends.out_x[b] * dx + ends.out_y[b] * dy)
    keep = (gap > beyond_m) & (np.minimum(ahead_a, ahead_b) >= FACING * gap)
    a, b, gap = a[keep], b[keep], gap[keep]
    end_mm = np.where(ends.at_head, network.edge_length_mm[ends.edge], 0)
    return _worth_a_joint(network, ends.edge[a], end_mm[a], ends.edge[b], end_mm[b], gap)


def crossings(network: RoadNetwork, segments: Segments) -> Misses:
    """Roads on the ground that cross inside their segments and have no joint there."""
    g = segments.grid
    raised = (network.edge_kind & (BRIDGE | TUNNEL)) != 0
    one, two, share, share_two = _crossings(
        segments.ax, segments.ay, segments.bx, segments.by, segments.edge, raised,
        g.x0, g.y0, g.cell_m, g.nx, g.ny, g.first, g.member,
    )  # fmt: skip
    order = np.lexsort((two, one))
    one, two, share, share_two = one[order], two[order], share[order], share_two[order]

    def along(s: Ints, part: Floats) -> Ints:
        start = segments.start_mm[s]
        return start + np.floor(part * (segments.end_mm[s] - start) + 0.5).astype(np.int64)

    return _worth_a_joint(
        network, segments.edge[one], along(one, share), segments.edge[two],
        along(two, share_two), np.zeros(len(one)),
    )  # fmt: skip


def _worth_a_joint(
    network: RoadNetwork, edge: Ints, offset_mm: Ints, other: Ints, other_mm: Ints, gap_m: Floats
) -> Misses:
    """Those where a joint saves enough, with their detours."""
    detour = _detours(network, edge, offset_mm, other, other_mm)
    keep = (detour == NO_WAY) | (detour - gap_m * 1000.0 >= SAVES_M * 1000.0)
    return Misses(
        edge=edge, offset_mm=offset_mm, other=other, other_mm=other_mm, gap_m=gap_m,
        detour_mm=detour,
    ).at(keep)  # fmt: skip


def _detours(
    network: RoadNetwork, edge: Ints, offset_mm: Ints, other: Ints, other_mm: Ints
) -> Ints:
    """Millimetres of walking between the pairs of positions, `NO_WAY` beyond the limit."""
    length = network.edge_length_mm
    usable = (network.edge_kind & FERRY) == 0
    mm = np.minimum(length, 2**31 - 1).astype(np.int32)
    first_arc, arc_to_mm, _ = _arcs(network, usable, usable, mm, mm)
    n = len(edge)
    seed_first = 2 * np.arange(n + 1)
    seed_node = np.column_stack([network.edge_tail[edge], network.edge_head[edge]]).ravel()
    seed_mm = np.column_stack([offset_mm, length[edge] - offset_mm]).ravel()
    limit = int(DETOUR_M * 1000)
    detour = np.where(edge == other, np.abs(other_mm - offset_mm), NO_WAY)

    for lo in range(0, n, BLOCK):
        first, node, at_mm = search.bounded(
            first_arc, arc_to_mm, seed_first, seed_node, seed_mm, lo, min(lo + BLOCK, n), limit
        )
        source = lo + np.repeat(np.arange(len(first) - 1), np.diff(first))
        for end, beside in (
            (network.edge_tail, other_mm),
            (network.edge_head, length[other] - other_mm),
        ):
            hit = np.flatnonzero(node == end[other[source]])
            of = source[hit]
            detour[of] = np.minimum(detour[of], at_mm[hit] + beside[of])
    return np.where(detour > limit, NO_WAY, detour)


@kernel
def _nearest_other(
    px, py, own, root, own_mm, within, ax, ay, bx, by, edge, start_mm, end_mm, tail, head,
    length_mm, raised, x0, y0, cell, nx, ny, first, member,
):  # fmt: skip
    """Segment of another road (-1 for none), share along it, distance, per dead end."""
    n = len(px)
    found = np.full(n, -1, np.int64)
    shares = np.zeros(n)
    distance = np.zeros(n)
    for p in range(n):
        x, y = px[p], py[p]
        best = (within + 1e-6) * (within + 1e-6)
        i0, i1 = int(np.floor((x - within - x0) / cell)), int(np.floor((x + within - x0) / cell))
        j0, j1 = int(np.floor((y - within - y0) / cell)), int(np.floor((y + within - y0) / cell))
        for j in range(max(j0, 0), min(j1, ny - 1) + 1):
            for i in range(max(i0, 0), min(i1, nx - 1) + 1):
                for m in range(first[j * nx + i], first[j * nx + i + 1]):
                    s = member[m]
                    e = edge[s]
                    if e == own[p]:
                        continue
                    dx, dy = bx[s] - ax[s], by[s] - ay[s]
                    length_sq = dx * dx + dy * dy
                    t = 0.0
                    if length_sq > 0.0:
                        t = ((x - ax[s]) * dx + (y - ay[s]) * dy) / length_sq
                        t = min(max(t, 0.0), 1.0)
                    ex, ey = ax[s] + t * dx - x, ay[s] + t * dy - y
                    d = ex * ex + ey * ey
                    if d > best or (d == best and (found[p] < 0 or s > found[p])):
                        continue
                    at = start_mm[s] + np.floor(t * (end_mm[s] - start_mm[s]) + 0.5)
                    inside = 0 < at < length_mm[e]
                    if inside and raised[e] != 0 and raised[e] != raised[own[p]]:
                        continue
                    # the road that this one branches off: no joint is missing so near the branch
                    back = own_mm[p]
                    worth = np.sqrt(d) * 1000.0 + SAVES_M * 1000.0
                    if (tail[e] == root[p] and back + at < worth) or (
                        head[e] == root[p] and back + length_mm[e] - at < worth
                    ):
                        continue
                    best, found[p], shares[p], distance[p] = d, s, t, np.sqrt(d)
    return found, shares, distance


@kernel
def _crossings(ax, ay, bx, by, edge, raised, x0, y0, cell, nx, ny, first, member):
    """Pairs of segments of different edges that cross inside both, and the share along each."""
    one, two = [np.int64(0)], [np.int64(0)]
    share, share_two = [0.0], [0.0]
    for c in range(nx * ny):
        for m in range(first[c], first[c + 1]):
            s = member[m]
            if raised[edge[s]]:
                continue
            for k in range(m + 1, first[c + 1]):
                r = member[k]
                if raised[edge[r]] or edge[r] == edge[s]:
                    continue
                dx, dy = bx[s] - ax[s], by[s] - ay[s]
                ex, ey = bx[r] - ax[r], by[r] - ay[r]
                turn = dx * ey - dy * ex
                if turn == 0.0:
                    continue
                wx, wy = ax[r] - ax[s], ay[r] - ay[s]
                t, u = (wx * ey - wy * ex) / turn, (wx * dy - wy * dx) / turn
                # a centimetre from an end is the end: lines that touch there, touch
                ts = INSIDE_M / np.sqrt(dx * dx + dy * dy)
                us = INSIDE_M / np.sqrt(ex * ex + ey * ey)
                if not (ts < t < 1.0 - ts and us < u < 1.0 - us):
                    continue
                # several squares may hold both: the one with the crossing counts
                i = min(max(int((ax[s] + t * dx - x0) / cell), 0), nx - 1)
                j = min(max(int((ay[s] + t * dy - y0) / cell), 0), ny - 1)
                if j * nx + i == c:
                    one.append(np.int64(s))
                    two.append(np.int64(r))
                    share.append(t)
                    share_two.append(u)
    return np.array(one[1:]), np.array(two[1:]), np.array(share[1:]), np.array(share_two[1:])
