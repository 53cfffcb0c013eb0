"""How much of the streets lies inside service areas: what a polygon holds beyond what is reached.

Contract: all reached pieces lie inside, and they are parts of the streets; so the metres of street
inside, less those reached, are the metres inside that are not reached. Both are straight lines in
the plane of the streets, cut exactly where the outline crosses them.
"""

# ruff: noqa: ANN001, ANN201 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.core.area_cells import BITS, SIDE, corners_inside, leave, part_inside
from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas(_Frozen):
    """Service areas with their errors, one per source.

    `polygon`: multipolygons that hold every reached piece. `reached_m`: metres of the reached
    pieces. `streets_m`: metres of walkable street inside, NaN where no streets were given.
    `offset_m`: no point of a polygon is farther than this from a reached piece.
    """

    polygon: NDArray[Any]
    reached_m: FloatArray
    streets_m: FloatArray
    offset_m: float

    @property
    def unreached_m(self) -> FloatArray:
        """Metres of walkable street inside that are not reached."""
        return np.maximum(self.streets_m - self.reached_m, 0.0)

    @property
    def unreached_share(self) -> FloatArray:
        """`unreached_m` as a share of all walkable street inside, 0 where there is none."""
        share = np.zeros(len(self.streets_m))
        np.divide(self.unreached_m, self.streets_m, out=share, where=self.streets_m > 0)
        share[np.isnan(self.streets_m)] = np.nan
        return share


@kernel
def line_inside(ax, ay, bx, by, slot, inside, first, key, at):
    """Share of a straight line, in steps of the grid, that lies inside."""
    share = t = 0.0
    dx, dy = bx - ax, by - ay
    row, col = int(np.floor(ay)), int(np.floor(ax))
    last_row, last_col = int(np.floor(by)), int(np.floor(bx))
    top, right = slot.shape[0] * SIDE - 1, slot.shape[1] * SIDE - 1
    while True:
        until, next_row, next_col = leave(row, col, last_row, last_col, ax, ay, dx, dy, t)
        if 0 <= row < top and 0 <= col < right:
            bits = corners_inside(slot, inside, row, col)
            if bits == 15:
                share += until - t
            elif bits != 0:
                share += part_inside(
                    ax, ay, dx, dy, t, until, row, col, bits, slot, first, key, at, 0.0
                )
        if row == last_row and col == last_col:
            return share
        row, col, t = next_row, next_col, until


@kernel
def streets_inside(
    slot, row0, col0, inside, first, key, at, streets, length, gx, gy, cell, nx, ny, gfirst,
    gmember, seen, turn,
):  # fmt: skip
    """Sum of `length` of the streets inside; `seen` holds `turn` for those that were looked at."""
    total = 0.0
    for j in range(1, slot.shape[0] - 1):
        for i in range(1, slot.shape[1] - 1):
            if slot[j, i] < 0:
                continue
            x0, y0 = col0 + (i << BITS), row0 + (j << BITS)
            i0, i1 = np.floor((x0 - gx) / cell), np.floor((x0 + SIDE - gx) / cell)
            j0, j1 = np.floor((y0 - gy) / cell), np.floor((y0 + SIDE - gy) / cell)
            for gj in range(max(int(j0), 0), min(int(j1), ny - 1) + 1):
                for gi in range(max(int(i0), 0), min(int(i1), nx - 1) + 1):
                    for m in range(gfirst[gj * nx + gi], gfirst[gj * nx + gi + 1]):
                        s = gmember[m]
                        if seen[s] == turn:
                            continue
                        seen[s] = turn
                        total += length[s] * line_inside(
                            streets[s, 0] - col0, streets[s, 1] - row0,
                            streets[s, 2] - col0, streets[s, 3] - row0,
                            slot, inside, first, key, at,
                        )  # fmt: skip
    return total
