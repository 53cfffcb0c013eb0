"""A uniform grid over straight segments: which segments touch a square of the plane."""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

CELL_M = 50.0
"""Width of a grid cell: about the length of a street segment, so that cells hold a handful."""


class Grid:
    """Squares of `cell_m` metres from the corner `x0`, `y0`, `nx` by `ny` of them.

    `first`, `member`: CSR of the segments by every square that they touch, row by row from the
    south-west, in segment order. Segments run from `ax`, `ay` to `bx`, `by`, float64 metres.
    """

    def __init__(self, ax: FloatArray, ay: FloatArray, bx: FloatArray, by: FloatArray) -> None:
        lo_x, lo_y = np.minimum(ax, bx), np.minimum(ay, by)
        hi_x, hi_y = np.maximum(ax, bx), np.maximum(ay, by)
        empty = len(ax) == 0
        self.x0 = 0.0 if empty else float(lo_x.min())
        self.y0 = 0.0 if empty else float(lo_y.min())
        span_x = 0.0 if empty else float(hi_x.max()) - self.x0
        span_y = 0.0 if empty else float(hi_y.max()) - self.y0
        # a country with few roads must not ask for more cells than it has segments by far
        self.cell_m = max(CELL_M, (span_x * span_y / (16.0 * max(len(ax), 4096))) ** 0.5)
        self.nx = int(span_x / self.cell_m) + 1
        self.ny = int(span_y / self.cell_m) + 1
        self.first, self.member = _fill(
            ax, ay, bx, by, self.x0, self.y0, self.cell_m, self.nx, self.ny
        )


@kernel
def _fill(ax, ay, bx, by, x0, y0, cell, nx, ny):
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
