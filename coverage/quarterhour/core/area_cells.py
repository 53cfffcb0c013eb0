"""A sparse square grid around reached pieces, and what lies inside an outline drawn on it.

All lengths here are in steps of the grid. Nodes are integer positions; blocks of 16 by 16 nodes are
kept only where pieces are near (`slot`, -1 elsewhere, with a rim of -1). An outline crosses the
grid's edges between a node inside and one outside, at most once each; in a cell it runs straight
from crossing to crossing and cuts off the outside corners, so that what is inside a cell is convex
and holds all of the cell's inside corners.

A grid edge runs from a node to the right (`way` 0) or up (1); its key is 2 * node + way. Crossings
are kept ascending by key, `first` being their CSR by slot; `at` is the share of the edge, from its
node, where it is crossed.
"""

# ruff: noqa: ANN001, ANN201 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import numpy as np

from quarterhour.kernels import kernel

BITS = 4
SIDE = 1 << BITS
"""Nodes per side of a block."""


@kernel
def node_at(slot, row, col):
    """Number of the node, -1 where no block is kept."""
    s = slot[row >> BITS, col >> BITS]
    if s < 0:
        return -1
    return (s << (2 * BITS)) + ((row & (SIDE - 1)) << BITS) + (col & (SIDE - 1))


@kernel
def inside_at(slot, inside, row, col):
    """Whether a node is inside."""
    n = node_at(slot, row, col)
    return n >= 0 and inside[n] != 0


@kernel
def side_edge(slot, row, col, side):
    """Key of a side of a cell: 0 below, 1 right, 2 above, 3 left."""
    if side == 1:
        return 2 * node_at(slot, row, col + 1) + 1
    if side == 2:
        return 2 * node_at(slot, row + 1, col)
    return 2 * node_at(slot, row, col) + (1 if side == 3 else 0)


@kernel
def crossing(first, key, wanted):
    """Number of the crossing with this key, which must be there."""
    s = wanted >> (2 * BITS + 1)
    lo, hi = first[s], first[s + 1] - 1
    while lo < hi:
        middle = (lo + hi) >> 1
        if key[middle] < wanted:
            lo = middle + 1
        else:
            hi = middle
    return lo


@kernel
def side_point(row, col, side, share):
    """Position on a side of a cell, at a share of it from below or from the left."""
    if side == 0:
        return col + share, float(row)
    if side == 1:
        return col + 1.0, row + share
    if side == 2:
        return col + share, row + 1.0
    return float(col), row + share


@kernel
def corners_inside(slot, inside, row, col):
    """Bits of the corners of a cell that are inside: 1, 2, 4, 8 against the clock from below left.

    A cell of which no corner has a block has none.
    """
    local_row, local_col = row & (SIDE - 1), col & (SIDE - 1)
    if local_row < SIDE - 1 and local_col < SIDE - 1:  # all four in one block
        n = node_at(slot, row, col)
        if n < 0:
            return 0
        return inside[n] | inside[n + 1] << 1 | inside[n + SIDE + 1] << 2 | inside[n + SIDE] << 3
    bits = 1 if inside_at(slot, inside, row, col) else 0
    bits |= 2 if inside_at(slot, inside, row, col + 1) else 0
    bits |= 4 if inside_at(slot, inside, row + 1, col + 1) else 0
    return bits | (8 if inside_at(slot, inside, row + 1, col) else 0)


@kernel
def part_inside(ax, ay, dx, dy, t0, t1, row, col, bits, slot, first, key, at, margin):
    """How much of the stretch t0 .. t1 of the line a + t * d, which lies in the cell, is inside.

    What is nearer than `margin` to the outline does not count.
    """
    for side in range(4):
        if not (bits >> side & 1 and not bits >> (side + 1 & 3) & 1):
            continue
        end = side + 1
        while not bits >> (end + 1 & 3) & 1:
            end += 1
        end &= 3
        k = crossing(first, key, side_edge(slot, row, col, side))
        px, py = side_point(row, col, side, at[k])
        k = crossing(first, key, side_edge(slot, row, col, end))
        qx, qy = side_point(row, col, end, at[k])
        # the outline runs from p to q with the inside to the left
        ex, ey = qx - px, qy - py
        start = ex * (ay - py) - ey * (ax - px) - margin * np.sqrt(ex * ex + ey * ey)
        slope = ex * dy - ey * dx
        if slope > 0.0:
            t0 = max(t0, -start / slope)
        elif slope < 0.0:
            t1 = min(t1, -start / slope)
        elif start < 0.0:
            return 0.0
    return max(t1 - t0, 0.0)


@kernel
def leave(row, col, last_row, last_col, ax, ay, dx, dy, t):
    """Where the line a + t * d leaves a cell, as a share of it, and the cell it then enters.

    `last_row`, `last_col`: the cell where it ends; there the share is 1.
    """
    to_row = to_col = 2.0
    if row != last_row:
        to_row = ((row + 1 if dy > 0.0 else row) - ay) / dy
    if col != last_col:
        to_col = ((col + 1 if dx > 0.0 else col) - ax) / dx
    until = min(max(min(to_row, to_col), t), 1.0)
    if row != last_row and (to_row <= to_col or col == last_col):
        return until, row + (1 if dy > 0.0 else -1), col
    if col != last_col:
        return until, row, col + (1 if dx > 0.0 else -1)
    return 1.0, row, col
