"""The outline of what is inside on a grid: rings, made simpler, and which hole is in which part.

A ring crosses grid edges one after another, with the inside to the left. Making it simpler moves
crossings along their own edges until they lie on straight lines, so that no node changes sides,
rings never touch, no hole is lost, and what was proven of the cells stays true.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import numpy as np

from quarterhour.core.area_cells import BITS, SIDE, corners_inside, crossing, inside_at, side_edge
from quarterhour.core.search import grown
from quarterhour.kernels import kernel

LONGEST = 128
"""Crossings that one straight line may replace: what keeps the effort in proportion."""


@kernel
def rings(slot, inside, first, key):
    """Crossings ring by ring: CSR, number of the crossing, row, column and side of its cell.

    `parent`: a ring on the left of each ring's westernmost point, across nodes inside, as a number
    of a crossing; -1 where nothing was noted.
    """
    n = len(key)
    ring_of = np.full(n, -1, np.int64)
    ring_first = np.zeros(64, np.int64)
    order, place = np.empty(n, np.int64), np.empty((n, 3), np.int64)
    west = np.empty((64, 2), np.int64)
    count = used = 0
    for j in range(1, slot.shape[0] - 1):
        for i in range(1, slot.shape[1] - 1):
            s = slot[j, i]
            if s < 0:
                continue
            for start in range(first[s], first[s + 1]):
                node, way = key[start] >> 1, key[start] & 1
                if way == 1 or ring_of[start] >= 0 or not inside[node]:
                    continue
                local = node - (s << 2 * BITS)
                row, col = j * SIDE + (local >> BITS), i * SIDE + (local & (SIDE - 1))
                side = 0
                if count + 2 > len(ring_first):
                    ring_first = grown(ring_first)
                    wider = np.empty((len(ring_first), 2), np.int64)
                    wider[:count] = west[:count]
                    west = wider
                west[count, 0], west[count, 1] = col, row
                now = start
                while ring_of[now] < 0:
                    ring_of[now] = count
                    order[used] = now
                    place[used, 0], place[used, 1], place[used, 2] = row, col, side
                    used += 1
                    if side == 0 and (
                        col < west[count, 0] or (col == west[count, 0] and row < west[count, 1])
                    ):
                        west[count, 0], west[count, 1] = col, row
                    bits = corners_inside(slot, inside, row, col)
                    side += 1
                    while not bits >> (side + 1 & 3) & 1:
                        side += 1
                    side &= 3
                    now = crossing(first, key, side_edge(slot, row, col, side))
                    # the neighbour across that side
                    row += (side == 2) - (side == 0)
                    col += (side == 1) - (side == 3)
                    side = side + 2 & 3
                count += 1
                ring_first[count] = used
    parent = np.empty(count, np.int64)
    for r in range(count):
        col, row = west[r]
        while inside_at(slot, inside, row, col - 1):
            col -= 1
        parent[r] = ring_of[crossing(first, key, side_edge(slot, row, col - 1, 0))]
    return ring_first[: count + 1], order, place, parent


@kernel
def _at(place, k, share):
    """Position of a share of the grid edge that a ring crosses."""
    row, col, side = place[k, 0], place[k, 1], place[k, 2]
    if side == 0:
        return col + share, float(row)
    if side == 1:
        return col + 1.0, row + share
    if side == 2:
        return col + share, row + 1.0
    return float(col), row + share


@kernel
def _straight(lo, hi, order, place, at, inner, outer, begin):
    """Last crossing of a ring, after `begin`, that a straight line may lead to.

    The line must cross every edge between within its limits: its direction stays between the
    directions `a` (left) and `b` (right) of the limits, as seen from the beginning.
    """
    n = hi - lo
    px, py = _at(place, lo + begin, at[order[lo + begin]])
    last = begin + 1
    ax = ay = bx = by = 0.0
    for j in range(begin + 1, min(n, begin + LONGEST) + 1):
        k = lo + (j if j < n else 0)
        c = order[k]
        x, y = _at(place, k, at[c])
        x, y = x - px, y - py
        if j > begin + 1 and bx * y - by * x >= 0.0 and x * ay - y * ax >= 0.0:
            last = j
        ux, uy = _at(place, k, inner[c])
        vx, vy = _at(place, k, outer[c])
        ux, uy, vx, vy = ux - px, uy - py, vx - px, vy - py
        if vx * uy - vy * ux <= 1e-9:
            break  # fixed, or seen from behind
        if j == begin + 1:
            ax, ay, bx, by = ux, uy, vx, vy
            continue
        if (ax + bx) * (ux + vx) + (ay + by) * (uy + vy) <= 0.0:
            break  # behind the beginning
        if ux * ay - uy * ax > 0.0:
            ax, ay = ux, uy
        if bx * vy - by * vx > 0.0:
            bx, by = vx, vy
        if bx * ay - by * ax <= 1e-9:
            break
    return last


@kernel
def simplified(ring_first, order, place, at, inner, outer):
    """Points of the rings, (n, 2), with their CSR; `at` is moved to where the rings then cross."""
    xy = np.empty((len(order) + len(ring_first), 2))
    first = np.zeros(len(ring_first), np.int64)
    used = 0
    for r in range(len(ring_first) - 1):
        lo, hi = ring_first[r], ring_first[r + 1]
        begin = 0
        while begin < hi - lo:
            xy[used] = _at(place, lo + begin, at[order[lo + begin]])
            last = _straight(lo, hi, order, place, at, inner, outer, begin)
            ex, ey = _at(place, lo + last % (hi - lo), at[order[lo + last % (hi - lo)]])
            dx, dy = ex - xy[used, 0], ey - xy[used, 1]
            for k in range(lo + begin + 1, lo + last):
                c = order[k]
                row, col, side = place[k, 0], place[k, 1], place[k, 2]
                if side & 1 == 0:
                    y = row + (side == 2)
                    share = xy[used, 0] + (y - xy[used, 1]) * dx / dy - col
                else:
                    x = col + (side == 1)
                    share = xy[used, 1] + (x - xy[used, 0]) * dy / dx - row
                low, high = min(inner[c], outer[c]), max(inner[c], outer[c])
                at[c] = min(max(share, low), high)
            used += 1
            begin = last
        xy[used] = xy[first[r]]
        used += 1
        first[r + 1] = used
    return xy[:used], first


@kernel
def parts(xy, first, parent):
    """Rings in the order of a multipolygon, each part before its holes, and how many each has."""
    n = len(parent)
    part = np.full(n, -1, np.int64)
    n_parts = 0
    for r in range(n):
        twice = 0.0  # twice the area, above zero against the clock: with the inside to the left
        ox, oy = xy[first[r]]
        for v in range(first[r] + 1, first[r + 1] - 1):
            twice += (xy[v, 0] - ox) * (xy[v + 1, 1] - oy) - (xy[v + 1, 0] - ox) * (xy[v, 1] - oy)
        if twice > 0.0:
            part[r] = n_parts
            n_parts += 1
    size = np.zeros(n_parts, np.int64)
    outer = part >= 0
    for r in range(n):
        at = r
        while part[at] < 0:  # every step leads west, and an outline is reached in the end
            at = parent[at]
        part[r] = part[at]
        size[part[r]] += 1
    following = np.cumsum(size) - size
    order = np.empty(n, np.int64)
    for turn in range(2):
        for r in range(n):
            if outer[r] == (turn == 0):
                order[following[part[r]]] = r
                following[part[r]] += 1
    return order, size
