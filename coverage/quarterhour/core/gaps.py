"""Places that belong together: along the streets, or straight where there is no street.

Contract of `joined_along`: the walk between two places is the shortest way, in whole millimetres,
between their positions on the streets, both ways, over the edges that are given, and without the
legs beside the road. Two places of one town are neighbours where it is at most `join_mm`
(inclusive); it may lead through another town. A cluster is what neighbours hold together: the
connected components of that relation, so a river parts two places that no short way joins.

How, exactly and by one search: grow from all places of a town at once, with d(v) the way from a
point v to the nearest of them, s(v). For neighbours p and q, and two points u, v of an edge that
follow each other on the shortest way between them, d(u) + |uv| + d(v) is at most that whole way,
hence at most `join_mm`; and where it is, s(u) and s(v) are neighbours. So it is enough to join s(u)
and s(v) of every piece of street with d(u) + |uv| + d(v) <= join_mm, and to search half as far: of
two ends of such a piece none is farther than join_mm / 2 (Mehlhorn 1988, Information Processing
Letters 27:125-128, has it for the shortest tree).
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core import search
from quarterhour.core.crossing import CONTACT_M
from quarterhour.core.impedance import _arcs
from quarterhour.core.search import UNREACHED
from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.crossing import BarrierIndex
    from quarterhour.model import RoadNetwork

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


def joined_along(
    network: RoadNetwork,
    usable: NDArray[np.bool_],
    edge: NDArray[np.int32],
    offset_mm: Ints,
    *,
    join_mm: int,
    town: Ints | None = None,
) -> Ints:
    """Cluster of every position (int64 from 0, numbered by its lowest position).

    `usable`: bool per edge. `edge`, `offset_mm`: positions on usable edges. `town`: int64 per
    position; -1, no town, is a town like any other. Default: one town.
    """
    n = len(edge)
    root = np.arange(n, dtype=np.int64)
    if n < 2 or join_mm < 0:
        return root
    length = network.edge_length_mm
    mm = np.minimum(length, int(UNREACHED) // 2).astype(np.int32)
    first_arc, arc_to_mm, _ = _arcs(network, usable, usable, mm, mm)
    of = np.zeros(n, np.int64) if town is None else np.asarray(town, np.int64)
    order = np.lexsort((offset_mm, edge, of))  # towns, and within them edge by edge along it
    starts = np.flatnonzero(np.r_[True, of[order][1:] != of[order][:-1]])
    ways = np.flatnonzero(usable)
    for lo, hi in zip(starts.tolist(), [*starts[1:].tolist(), n], strict=True):
        mine = order[lo:hi]
        if len(mine) < 2:
            continue
        e, at = edge[mine], offset_mm[mine]
        is_first = np.r_[True, e[1:] != e[:-1]]
        is_last = np.r_[is_first[1:], True]
        # only the outermost positions of an edge look out of it
        out_mm = (length[e] - at)[is_last]
        seeds = np.concatenate([mine[is_first], mine[is_last]])
        node = np.concatenate([network.edge_tail[e[is_first]], network.edge_head[e[is_last]]])
        away = np.concatenate([at[is_first], out_mm])
        near = away <= join_mm // 2
        label, source = search.from_all(
            first_arc, arc_to_mm, node[near], away[near].astype(np.int32),
            seeds[near].astype(np.int32), join_mm // 2,
        )  # fmt: skip
        _join(
            root, label, source, ways, network.edge_tail, network.edge_head, length, mine,
            e, at, np.int64(join_mm),
        )  # fmt: skip
    return _numbered(_roots(root))


def joined_straight(x_m: Floats, y_m: Floats, *, join_m: float, kind: Ints | None = None) -> Ints:
    """Cluster of every point: neighbours are at most `join_m` apart and of one `kind`.

    int64 from 0, numbered by its lowest point.
    """
    n = len(x_m)
    root = np.arange(n, dtype=np.int64)
    if n < 2:
        return root
    of = np.zeros(n, np.int64) if kind is None else np.asarray(kind, np.int64)
    # those of one square of half the width are neighbours, so that crowds cost nothing
    square = join_m / 2
    col = np.floor((x_m - x_m.min()) / square).astype(np.int64)
    row = np.floor((y_m - y_m.min()) / square).astype(np.int64)
    order = np.lexsort((row, col, of))
    change = np.diff(np.column_stack([of, col, row])[order], axis=0).any(axis=1)
    first = np.concatenate([[0], np.flatnonzero(change) + 1, [n]])
    lead = order[first[:-1]]
    width = int(row.max()) + 8
    key = (of[lead] - of.min()) * (int(col.max()) + 8) * width + col[lead] * width + row[lead]
    _join_squares(root, x_m[order], y_m[order], order, first, key, width, float(join_m))
    return _numbered(_roots(root))


def _numbered(root: Ints) -> Ints:
    """Roots as numbers from 0, by the lowest member; a root is the lowest member."""
    _, number = np.unique(root, return_inverse=True)
    return np.asarray(number.ravel(), np.int64)


@kernel
def _root(root, a):
    while root[a] != a:
        root[a] = root[root[a]]
        a = root[a]
    return a


@kernel
def _union(root, a, b):
    """One cluster of two; its root is the lowest member."""
    a, b = _root(root, a), _root(root, b)
    if a < b:
        root[b] = a
    else:
        root[a] = b


@kernel
def _join_squares(root, x, y, name, first, key, width, join_m):
    """Join the points of each square, and those of squares that are near; all sorted by square."""
    reach = join_m * join_m
    for c in range(len(key)):
        for k in range(first[c] + 1, first[c + 1]):
            _union(root, name[first[c]], name[k])
    for c in range(len(key)):
        for step in range(4):
            for side in range(-3, 4):
                wanted = key[c] + step * width + side
                d = np.searchsorted(key, wanted)
                if d <= c or d >= len(key) or key[d] != wanted:
                    continue
                if _root(root, name[first[c]]) == _root(root, name[first[d]]):
                    continue
                met = False
                for k in range(first[c], first[c + 1]):
                    for m in range(first[d], first[d + 1]):
                        ex, ey = x[k] - x[m], y[k] - y[m]
                        if ex * ex + ey * ey <= reach:
                            _union(root, name[k], name[m])
                            met = True
                            break
                    if met:
                        break


@kernel
def _roots(root):
    for k in range(len(root)):
        root[k] = _root(root, k)
    return root


@kernel
def _join(root, label, source, ways, tail, head, length, mine, edge, at, join_mm):
    """Join the positions `mine`, which are sorted along their edges, over every piece of street."""
    n = len(mine)
    for k in range(n):
        e = edge[k]
        if k + 1 < n and edge[k + 1] == e and at[k + 1] - at[k] <= join_mm:
            _union(root, mine[k], mine[k + 1])
        t, h = tail[e], head[e]
        by_tail = (k == 0 or edge[k - 1] != e) and label[t] != UNREACHED
        if by_tail and np.int64(label[t]) + at[k] <= join_mm:
            _union(root, mine[k], np.int64(source[t]))
        by_head = (k + 1 == n or edge[k + 1] != e) and label[h] != UNREACHED
        if by_head and np.int64(label[h]) + length[e] - at[k] <= join_mm:
            _union(root, mine[k], np.int64(source[h]))
    at_edge = 0
    for w in range(len(ways)):
        e = ways[w]
        while at_edge < n and edge[at_edge] < e:
            at_edge += 1
        if at_edge < n and edge[at_edge] == e:
            continue  # the pieces between its own positions were joined above
        if label[tail[e]] == UNREACHED or label[head[e]] == UNREACHED:
            continue
        if np.int64(label[tail[e]]) + length[e] + label[head[e]] <= join_mm:
            _union(root, np.int64(source[tail[e]]), np.int64(source[head[e]]))


def middle(x_m: Floats, y_m: Floats, weight: Ints) -> int:
    """Row of the point with the least sum of straight metres to all points times their weight.

    Ties go to the lowest row. `weight`: not negative; where all are 0, every point counts 1. The
    sum is convex, so each point that is tried gives a plane below it; a point whose planes lie
    above the best sum found is never tried. Between equal weights at both ends of a row all points
    are as good: of 200 that were tried the best counts.
    """
    w = weight.astype(np.float64)
    w = w / w.sum() if w.sum() > 0 else np.full(len(w), 1.0 / len(w))
    at = int(np.argmin((x_m - w @ x_m) ** 2 + (y_m - w @ y_m) ** 2))
    return int(_middle(np.asarray(x_m, np.float64), np.asarray(y_m, np.float64), w, at))


@kernel
def _middle(x, y, w, at):
    n = len(x)
    below = np.zeros(n)
    total = np.full(n, np.inf)
    best = np.inf
    for _ in range(min(n, 200)):
        slope_x, slope_y, metres = 0.0, 0.0, 0.0
        for k in range(n):
            dx, dy = x[at] - x[k], y[at] - y[k]
            away = np.sqrt(dx * dx + dy * dy)
            if away > 0.0:
                metres += w[k] * away
                slope_x += w[k] * dx / away
                slope_y += w[k] * dy / away
        total[at] = metres
        best = min(best, metres)
        following = -1
        for k in range(n):
            plane = metres - slope_x * (x[at] - x[k]) - slope_y * (y[at] - y[k])
            below[k] = max(below[k], plane)
            # a micrometre is no difference, and keeps ties among those that are tried
            untried = total[k] == np.inf and below[k] <= best + 1e-6
            if untried and (following < 0 or below[k] < below[following]):
                following = k
        if following < 0:
            break
        at = following
    for k in range(n):
        if total[k] <= best + 1e-6:
            return k
    return at


def kinds_across(index: BarrierIndex, px: Floats, py: Floats, qx: Floats, qy: Floats) -> Ints:
    """Kinds of barrier that straight lines from p to q cross: bits 1 << kind of `core.crossing`.

    A contact counts as it does for the legs of places.
    """
    bits: Ints = _across(px, py, qx, qy, index.kind, *index.arrays())
    return bits


@kernel
def _across(
    px, py, qx, qy, kind, ax, ay, bx, by, entered, x0, y0, cell, nx, ny, first, member
):  # fmt: skip
    """As `crossing.crossed`, for every line, and all that it crosses."""
    bits = np.zeros(len(px), np.int64)
    if len(ax) == 0:
        return bits
    for p in range(len(px)):
        dx, dy = qx[p] - px[p], qy[p] - py[p]
        length = np.sqrt(dx * dx + dy * dy)
        latest = length - CONTACT_M
        if latest < 0.0:
            continue
        j0 = np.floor((min(py[p], qy[p]) - 1e-6 - y0) / cell)
        j1 = np.floor((max(py[p], qy[p]) + 1e-6 - y0) / cell)
        for j in range(max(int(j0), 0), min(int(j1), ny - 1) + 1):
            # the part of the line in this row of squares, a little widened
            lo, hi = min(px[p], qx[p]), max(px[p], qx[p])
            if j1 > j0 and dy != 0.0:
                t0 = (y0 + j * cell - 1e-6 - py[p]) / dy
                t1 = (y0 + (j + 1) * cell + 1e-6 - py[p]) / dy
                t0, t1 = min(max(min(t0, t1), 0.0), 1.0), min(max(t0, t1, 0.0), 1.0)
                xa, xb = px[p] + t0 * dx, px[p] + t1 * dx
                lo, hi = min(xa, xb), max(xa, xb)
            i0 = np.floor((lo - 1e-6 - x0) / cell)
            i1 = np.floor((hi + 1e-6 - x0) / cell)
            for i in range(max(int(i0), 0), min(int(i1), nx - 1) + 1):
                c = j * nx + i
                for m in range(first[c], first[c + 1]):
                    s = member[m]
                    ex, ey = bx[s] - ax[s], by[s] - ay[s]
                    turn = dx * ey - dy * ex
                    if turn == 0.0 or (entered[s] and turn < 0.0):
                        continue
                    wx, wy = ax[s] - px[p], ay[s] - py[p]
                    u = (wx * dy - wy * dx) / turn
                    if not -1e-9 <= u <= 1.0 + 1e-9:
                        continue
                    along = (wx * ey - wy * ex) / turn * length
                    earliest = 0.0 if entered[s] else CONTACT_M
                    if earliest <= along <= latest:
                        bits[p] |= np.int64(1) << np.int64(kind[s])
    return bits
