"""Which nodes of a grid belong to a service area, and where its outline crosses the grid's edges.

A node is inside if a reached position lies within `level` of it and the straight leg between them
crosses no barrier. Of each segment only the nearest position is tried, as in linking, and a contact
within `CONTACT_M` of the reached position is none. Unlike in linking, water is a barrier in both
directions: a bank reaches not into the river.

Where a barrier cuts a cell that holds a reached piece, the outline is tried against the piece; if
it leaves a part of it outside, all corners of the cell are taken in.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import numpy as np

from quarterhour.core.area_cells import (
    BITS,
    SIDE,
    corners_inside,
    crossing,
    leave,
    node_at,
    part_inside,
    side_edge,
)
from quarterhour.core.search import grown
from quarterhour.kernels import kernel

AREA = 1 << 2 * BITS
NEAREST = 0.02
"""Share of a grid edge that an outline keeps away from its nodes."""

CLEARANCE = 0.002
"""Steps that the outline keeps away from a reached piece."""


@kernel
def _span(ax, ay, bx, by, low, high):
    """Least and greatest x of the part of a segment between two heights, which it meets."""
    x0, x1 = ax, bx
    dy = by - ay
    if dy != 0.0:
        t0, t1 = (low - ay) / dy, (high - ay) / dy
        t0, t1 = min(max(min(t0, t1), 0.0), 1.0), max(min(max(t0, t1), 1.0), 0.0)
        x0, x1 = ax + t0 * (bx - ax), ax + t1 * (bx - ax)
    return min(x0, x1), max(x0, x1)


@kernel
def blocks(xy, starts, reach):
    """Origin (row, column) of the grid, number of every kept block, and how many there are."""
    low_x = low_y = np.inf
    high_x = high_y = -np.inf
    for v in range(len(xy)):
        low_x, high_x = min(low_x, xy[v, 0]), max(high_x, xy[v, 0])
        low_y, high_y = min(low_y, xy[v, 1]), max(high_y, xy[v, 1])
    row0 = (int(np.floor(low_y - reach)) >> BITS) - 1
    col0 = (int(np.floor(low_x - reach)) >> BITS) - 1
    n_rows = (int(np.ceil(high_y + reach)) >> BITS) - row0 + 2
    n_cols = (int(np.ceil(high_x + reach)) >> BITS) - col0 + 2
    slot = np.full((n_rows, n_cols), -1, np.int32)
    for k in range(len(starts) - 1):
        for v in range(starts[k], starts[k + 1] - 1):
            ax, ay, bx, by = xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1]
            j0 = int(np.floor(min(ay, by) - reach)) >> BITS
            j1 = int(np.ceil(max(ay, by) + reach)) >> BITS
            for j in range(j0, j1 + 1):
                x0, x1 = _span(ax, ay, bx, by, j * SIDE - reach, (j + 1) * SIDE + reach)
                i0, i1 = int(np.floor(x0 - reach)) >> BITS, int(np.ceil(x1 + reach)) >> BITS
                slot[j - row0, i0 - col0 : i1 - col0 + 1] = 0
    count = 0
    for j in range(n_rows):
        for i in range(n_cols):
            if slot[j, i] == 0:
                slot[j, i] = count
                count += 1
    return row0 * SIDE, col0 * SIDE, slot, count


@kernel
def _gather(x0, y0, x1, y1, walls, near):
    """Barrier segments that touch a box: how many, and from where to where in `near`.

    `walls`: the segments and their grid, and the column and row that the box is counted from.
    `near` may have grown.
    """
    fences, gx, gy, cell, nx, ny, first, member, col0, row0 = walls
    count = 0
    x0, y0, x1, y1 = x0 + col0, y0 + row0, x1 + col0, y1 + row0
    i0, i1 = np.floor((x0 - gx) / cell), np.floor((x1 - gx) / cell)
    j0, j1 = np.floor((y0 - gy) / cell), np.floor((y1 - gy) / cell)
    if i1 < 0 or j1 < 0 or i0 >= nx or j0 >= ny:
        return count, near
    for j in range(max(int(j0), 0), min(int(j1), ny - 1) + 1):
        for i in range(max(int(i0), 0), min(int(i1), nx - 1) + 1):
            for m in range(first[j * nx + i], first[j * nx + i + 1]):
                ax, ay, bx, by = fences[member[m]]
                if min(ax, bx) > x1 or max(ax, bx) < x0 or min(ay, by) > y1 or max(ay, by) < y0:
                    continue
                if count == len(near):
                    wider = np.empty((2 * count, 4))
                    wider[:count] = near
                    near = wider
                near[count, 0], near[count, 1] = ax - col0, ay - row0
                near[count, 2], near[count, 3] = bx - col0, by - row0
                count += 1
    return count, near


@kernel
def _first_contact(px, py, qx, qy, near, count, least):
    """Least share of the leg from p to q, above `least`, that meets a barrier; 2 for none."""
    dx, dy = qx - px, qy - py
    found = 2.0
    for m in range(count):
        ex, ey = near[m, 2] - near[m, 0], near[m, 3] - near[m, 1]
        turn = dx * ey - dy * ex
        if turn == 0.0:
            continue
        wx, wy = near[m, 0] - px, near[m, 1] - py
        u = (wx * dy - wy * dx) / turn
        if -1e-9 <= u <= 1.0 + 1e-9:
            along = (wx * ey - wy * ex) / turn
            if least < along <= 1.0:
                found = min(found, along)
    return found


@kernel
def stamp(xy, starts, slot, n_slots, level, contact, walls):
    """Squared distance per node from the segments, free and with clear legs, and what is fenced.

    `fenced`: bool per vertex, a barrier lies near the segment that begins there. Without barriers
    the two distances are one array.
    """
    reach = level + 1.001
    free = np.full(n_slots * AREA, np.inf, np.float32)
    any_wall = len(walls[0]) > 0
    clear = np.full(n_slots * AREA, np.inf, np.float32) if any_wall else free
    fenced = np.zeros(len(xy) if any_wall else 0, np.bool_)
    near = np.empty((64, 4))
    level_sq = level * level
    for k in range(len(starts) - 1):
        for v in range(starts[k], starts[k + 1] - 1):
            ax, ay, bx, by = xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1]
            dx, dy = bx - ax, by - ay
            length_sq = dx * dx + dy * dy
            inverse = 1.0 / length_sq if length_sq > 0.0 else 0.0
            count = 0
            if any_wall:
                count, near = _gather(
                    min(ax, bx) - reach, min(ay, by) - reach,
                    max(ax, bx) + reach, max(ay, by) + reach,
                    walls, near,
                )  # fmt: skip
                fenced[v] = count > 0
            for row in range(
                int(np.ceil(min(ay, by) - reach)), int(np.floor(max(ay, by) + reach)) + 1
            ):
                x0, x1 = _span(ax, ay, bx, by, row - reach, row + reach)
                col, last = int(np.ceil(x0 - reach)), int(np.floor(x1 + reach))
                py = row - ay
                while col <= last:
                    end = min(last, col | (SIDE - 1))
                    n = node_at(slot, row, col)
                    if count == 0:  # on its own: short enough to be done several nodes at a time
                        for c in range(col, end + 1):
                            px = c - ax
                            t = min(max((px * dx + py * dy) * inverse, 0.0), 1.0)
                            ex, ey = px - t * dx, py - t * dy
                            d = np.float32(ex * ex + ey * ey)
                            free[n + c - col] = min(free[n + c - col], d)
                            if any_wall:
                                clear[n + c - col] = min(clear[n + c - col], d)
                        col = end + 1
                        continue
                    for c in range(col, end + 1):
                        px = c - ax
                        t = min(max((px * dx + py * dy) * inverse, 0.0), 1.0)
                        ex, ey = px - t * dx, py - t * dy
                        d = np.float32(ex * ex + ey * ey)
                        free[n] = min(free[n], d)
                        if d < clear[n] and d <= level_sq:
                            # contacts within reach of the road's own width do not count
                            least = contact / max(np.sqrt(d), 1e-9)
                            qx, qy = ax + t * dx, ay + t * dy
                            if _first_contact(
                                qx, qy, float(c), float(row), near, count, least
                            ) > 1.0:  # fmt: skip
                                clear[n] = d
                        n += 1
                    col = end + 1
    return free, clear, fenced


@kernel
def crossings(slot, n_slots, inside, free, clear, level, slack, walls):
    """All grid edges that the outline crosses: CSR by slot, key, `at`, and how far it may move.

    `inner`, `outer`: the shares up to which the crossing may be moved towards the node inside and
    the node outside; never across a barrier.
    """
    first = np.zeros(n_slots + 1, np.int64)
    key = np.empty(256, np.int64)
    at, inner, outer = np.empty(256), np.empty(256), np.empty(256)
    near = np.empty((64, 4))
    any_wall = len(walls[0]) > 0
    used = 0
    for j in range(1, slot.shape[0] - 1):
        for i in range(1, slot.shape[1] - 1):
            s = slot[j, i]
            if s < 0:
                continue
            row0, col0 = j * SIDE, i * SIDE
            walled = False  # most blocks have no barrier, and then none of their edges has
            if any_wall:
                count, near = _gather(
                    float(col0), float(row0), float(col0 + SIDE), float(row0 + SIDE), walls, near
                )
                walled = count > 0
            for local in range(AREA):
                n = s * AREA + local
                here = inside[n]
                row, col = row0 + (local >> BITS), col0 + (local & (SIDE - 1))
                if local & (SIDE - 1) != SIDE - 1 and local < AREA - SIDE:  # within the block
                    right, above = n + 1, n + SIDE
                    if inside[right] == here and inside[above] == here:
                        continue
                else:
                    right, above = node_at(slot, row, col + 1), node_at(slot, row + 1, col)
                for way in range(2):
                    m = right if way == 0 else above
                    if m < 0 or inside[m] == here:
                        continue
                    a, b = (n, m) if here else (m, n)
                    own, other = np.sqrt(clear[a]), np.sqrt(min(free[b], np.float32(1e6)))
                    share = NEAREST
                    if own < level:
                        share = 1.0 if other <= level else (level - own) / (other - own)
                    held = False
                    if walled:
                        x, y = float(col), float(row)
                        x1, y1 = x + (way == 0), y + (way == 1)
                        count, near = _gather(x, y, x1, y1, walls, near)
                        if count > 0:
                            if not here:
                                x, y, x1, y1 = x1, y1, x, y
                            wall = _first_contact(x, y, x1, y1, near, count, -1e-9)
                            held = wall <= 1.0
                            if held:
                                share = min(share, wall - 1e-3)
                    if share == 1.0:
                        share = 0.5  # behind the end of a barrier
                    share = min(max(share, NEAREST), 1.0 - NEAREST)
                    back = max(share - slack, NEAREST)
                    ahead = share if held else min(share + slack, 1.0 - NEAREST)
                    if used == len(key):
                        key, at, inner, outer = grown(key), grown(at), grown(inner), grown(outer)
                    key[used] = 2 * n + way
                    flip = not here
                    at[used] = 1.0 - share if flip else share
                    inner[used] = 1.0 - back if flip else back
                    outer[used] = 1.0 - ahead if flip else ahead
                    used += 1
            first[s + 1] = used
    return first, key[:used], at[:used], inner[:used], outer[:used]


@kernel
def hold_pieces(xy, starts, fenced, slot, inside, first, key, at, inner, outer):
    """Fix the outline where fenced pieces pass, and take in the cells that it would cut them in.

    Whether any was taken in: the crossings are then to be found again. What is inside a cell only
    grows with its corners, so that pieces that were inside stay so.
    """
    taken = np.zeros(len(inside), np.int8)
    some = False
    for k in range(len(starts) - 1):
        for v in range(starts[k], starts[k + 1] - 1):
            if not fenced[v]:
                continue
            ax, ay, bx, by = xy[v, 0], xy[v, 1], xy[v + 1, 0], xy[v + 1, 1]
            dx, dy = bx - ax, by - ay
            row, col, t = int(np.floor(ay)), int(np.floor(ax)), 0.0
            last_row, last_col = int(np.floor(by)), int(np.floor(bx))
            while True:
                until, row1, col1 = leave(row, col, last_row, last_col, ax, ay, dx, dy, t)
                bits = corners_inside(slot, inside, row, col)
                part = 2.0 if bits == 15 else -1.0
                if 0 < bits < 15:
                    part = part_inside(
                        ax, ay, dx, dy, t, until, row, col, bits, slot, first, key, at, CLEARANCE
                    )
                if part < until - t - 1e-12:
                    some = True
                    for corner in range(4):
                        taken[node_at(slot, row + (corner >> 1), col + (corner & 1))] = 1
                elif bits != 15:
                    for side in range(4):
                        if (bits >> side & 1) != (bits >> (side + 1 & 3) & 1):
                            c = crossing(first, key, side_edge(slot, row, col, side))
                            inner[c] = outer[c] = at[c]
                if row == last_row and col == last_col:
                    break
                row, col, t = row1, col1, until
    if some:
        inside |= taken
    return some
