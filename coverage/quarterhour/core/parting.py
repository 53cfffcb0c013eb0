"""Wide clusters of places parted, so that one place in the middle of each part is near to all.

Contract: every place of a part is within `reach` (inclusive) of the part's core, one of its own
places, and no other core of its cluster is nearer; ties go to the core that was chosen first. A
cluster whose middle (`gaps.middle`) is that near to all of it stays whole. Else cores are chosen
one after another: of the places that no core is near to, the one where most people live around it,
on squares of half the reach. Distances are those of `core.gaps`: along the streets, both ways, in
whole millimetres, or straight.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.gaps import middle
from quarterhour.core.impedance import _arcs
from quarterhour.core.search import BUCKET_BITS, UNREACHED, _put, _spread, grown
from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.model import RoadNetwork

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Tried = Callable[[Ints, Ints, Ints], None]

NONE_MM = np.iinfo(np.int64).max


def parted_along(
    network: RoadNetwork,
    usable: NDArray[np.bool_],
    edge: NDArray[np.int32],
    offset_mm: Ints,
    cluster: Ints,
    *,
    xy_m: tuple[Floats, Floats],
    weight: Ints,
    reach_mm: int,
) -> Ints:
    """Part of every position (int64 from 0, numbered by its lowest position), along the streets.

    `cluster`: of `gaps.joined_along`. `xy_m`: where the places stand; `weight`: not negative.
    """
    length = network.edge_length_mm
    mm = np.minimum(length, int(UNREACHED) // 2).astype(np.int32)
    first_arc, arc_to_mm, arc_side = _arcs(network, usable, usable, mm, mm)
    by_edge = np.lexsort((offset_mm, edge))
    first = np.zeros(network.n_edges + 1, np.int64)
    np.cumsum(np.bincount(edge, minlength=network.n_edges), out=first[1:])

    def tried(order: Ints, core: Ints, away_mm: Ints) -> None:
        _grow(
            first_arc, arc_to_mm, arc_side, network.edge_tail, network.edge_head, length, edge,
            offset_mm, cluster, first, by_edge, order, core, away_mm, np.int64(reach_mm),
        )  # fmt: skip

    return _parted(tried, cluster, xy_m, weight, reach_mm / 1000.0)


def parted_straight(
    xy_m: tuple[Floats, Floats], cluster: Ints, *, weight: Ints, reach_m: float
) -> Ints:
    """Part of every point (int64 from 0, numbered by its lowest point), by straight distance."""

    def tried(order: Ints, core: Ints, away_mm: Ints) -> None:
        by_cluster = np.argsort(cluster, kind="stable")
        bounds = np.searchsorted(cluster[by_cluster], [0, *(np.arange(cluster.max() + 1) + 1)])
        for p in order.tolist():
            if core[p] >= 0:
                continue
            mine = by_cluster[bounds[cluster[p]] : bounds[cluster[p] + 1]]
            metres = np.hypot(xy_m[0][mine] - xy_m[0][p], xy_m[1][mine] - xy_m[1][p])
            mm = np.floor(metres * 1000.0 + 0.5).astype(np.int64)
            better = (metres <= reach_m) & (mm < away_mm[mine])
            core[mine[better]], away_mm[mine[better]] = p, mm[better]

    return _parted(tried, cluster, xy_m, weight, reach_m)


def _parted(
    tried: Tried, cluster: Ints, xy_m: tuple[Floats, Floats], weight: Ints, reach_m: float
) -> Ints:
    n = len(cluster)
    if not n:
        return np.empty(0, np.int64)
    core, away_mm = np.full(n, -1, np.int64), np.full(n, NONE_MM)
    by_cluster = np.argsort(cluster, kind="stable")
    cuts = np.flatnonzero(np.diff(cluster[by_cluster])) + 1
    members = np.split(by_cluster, cuts)
    middles = [
        int(m[middle(xy_m[0][m], xy_m[1][m], weight[m])]) if len(m) > 1 else int(m[0])
        for m in members
        # what is wider than two reaches has no such middle: no walk is shorter than straight
        if all(np.ptp(v[m]) <= 2 * reach_m for v in xy_m)
    ]
    tried(np.array(middles, np.int64), core, away_mm)
    lacking = np.zeros(int(cluster.max()) + 1, bool)
    lacking[cluster[core < 0]] = True
    again = lacking[cluster]
    core[again], away_mm[again] = -1, NONE_MM
    rows = np.flatnonzero(again)
    if len(rows):
        order = _densest_first(xy_m[0][rows], xy_m[1][rows], cluster[rows], weight[rows], reach_m)
        tried(rows[order], core, away_mm)
    _, lowest, part = np.unique(core, return_index=True, return_inverse=True)
    number = np.empty(len(lowest), np.int64)
    number[np.argsort(lowest)] = np.arange(len(lowest))
    return np.asarray(number[part.ravel()], np.int64)


def _densest_first(x: Floats, y: Floats, cluster: Ints, weight: Ints, reach_m: float) -> Ints:
    """Rows by the weight in the nine squares around, then by how near they are to its middle."""
    side = reach_m / 2
    col = np.floor((x - x.min()) / side).astype(np.int64) + 1
    row = np.floor((y - y.min()) / side).astype(np.int64) + 1
    wide, high = int(col.max()) + 2, int(row.max()) + 2
    key, of = np.unique((cluster * wide + col) * high + row, return_inverse=True)
    of = of.ravel()
    # every place counts a little, so that places with nobody of the group have an order too
    w = weight.astype(np.float64) + 1e-3
    sums = np.column_stack([np.bincount(of, weights=w * v) for v in (np.ones(len(x)), x, y)])
    around = np.zeros_like(sums)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            wanted = key + dx * high + dy
            at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
            around += np.where((key[at] == wanted)[:, None], sums[at], 0.0)
    total = around[of, 0]
    off = np.hypot(x - around[of, 1] / total, y - around[of, 2] / total)
    # a millimetre and a millionth are no difference: the order must not hang on rounding
    return np.lexsort((np.arange(len(x)), np.round(off, 3), -np.round(total, -1)))


@kernel
def _grow(
    first_arc, arc_to_mm, arc_side, tail, head, length, edge, offset, cluster, first, by_edge,
    order, core, away, reach_mm,
):  # fmt: skip
    """Search from every place of `order` that has no core yet, and give itself as one."""
    n = len(first_arc) - 1
    label = np.full(n, UNREACHED, np.int32)
    bucket = np.full((reach_mm >> BUCKET_BITS) + 1, -1, np.int32)
    following = np.empty(4096, np.int32)
    entry = np.empty(4096, np.int64)
    state = np.zeros(4, np.int64)
    reached = np.empty(n, np.int32)
    for p in order:
        if core[p] >= 0:
            continue
        e = edge[p]
        state[0], state[1], state[2], state[3] = len(bucket), -1, 0, 0
        for side in range(2):
            node = np.int64(head[e] if side else tail[e])
            mm = length[e] - offset[p] if side else offset[p]
            if mm <= reach_mm and mm < label[node]:
                if label[node] == UNREACHED:
                    reached[state[3]] = node
                    state[3] += 1
                label[node] = mm
                _put(mm, node, bucket, following, entry, state)
        while not _spread(
            first_arc, arc_to_mm, label, bucket, following, entry, state, reached, reach_mm
        ):
            following, entry = grown(following), grown(entry)
        for k in range(first[e], first[e + 1]):
            q = by_edge[k]
            mm = abs(offset[q] - offset[p])
            if cluster[q] == cluster[p] and mm <= reach_mm and mm < away[q]:
                away[q], core[q] = mm, p
        for r in range(state[3]):
            node = reached[r]
            for a in range(first_arc[node], first_arc[node + 1]):
                f, from_head = arc_side[a] >> 1, arc_side[a] & 1
                for k in range(first[f], first[f + 1]):
                    q = by_edge[k]
                    mm = label[node] + (length[f] - offset[q] if from_head else offset[q])
                    if cluster[q] == cluster[p] and mm <= reach_mm and mm < away[q]:
                        away[q], core[q] = mm, p
            label[node] = UNREACHED
