"""Barriers that nobody walks across off the roads: rivers, railways, expressways, walls.

Contract: a leg runs straight from a place to a position on a road, in metres of a plane. It crosses
a barrier where the two lines share a point. Three contacts do not count:

- within `CONTACT_M` of the road's end: the road lies on or along the barrier itself (a level
  crossing, a path on a dam, a street drawn on the line of the bank), and whoever stands there has
  arrived;
- within `CONTACT_M` of the place, for barriers that are lines: the place stands on the barrier
  (a house in a city wall), on neither side of it;
- leaving the water: an outline of water is crossed only from land into water. A place inside the
  water (a houseboat, the centre of a raster cell, a coordinate that is a little off) is on neither
  bank and reaches the nearest one, but not the other one across an island.

A leg that runs along a straight barrier does not cross it; one that meets its very end does.
"""

# ruff: noqa: ANN001, ANN201 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.grid import Grid
from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

CONTACT_M = 0.5
"""A road is at least a metre wide, so half a metre from its line is the road; and coordinates of
places are seldom better than that."""

WATER, RIVER, RAILWAY, EXPRESSWAY, WALL, CLIFF, LAYER = range(7)
"""Kinds of barrier: outlines of water, rivers and canals drawn as lines, ..., the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Barriers(_Frozen):
    """Lines that no access leg crosses.

    `lon`, `lat`: degrees per vertex. `first`: CSR offsets of the lines, (n + 1,). `kind`: uint8 per
    line. `entered`: bool per line, an outline of water, which lies to the right of the line; it is
    crossed from the left only. `file`: where they are from.
    """

    lon: FloatArray
    lat: FloatArray
    first: NDArray[np.int64]
    kind: NDArray[np.uint8]
    entered: NDArray[np.bool_]
    file: str = ""

    def __len__(self) -> int:
        return len(self.kind)


class BarrierIndex:
    """Grid over the segments of barriers.

    `x_m`, `y_m`: float64 per vertex of `barriers`, in the metric CRS of the places and roads.
    """

    def __init__(self, barriers: Barriers, x_m: FloatArray, y_m: FloatArray) -> None:
        is_start = np.ones(len(x_m), bool)
        is_start[barriers.first[1:] - 1] = False
        start = np.flatnonzero(is_start)
        line = np.repeat(np.arange(len(barriers)), np.diff(barriers.first))[start]
        self.ax, self.ay = x_m[start], y_m[start]
        self.bx, self.by = x_m[start + 1], y_m[start + 1]
        self.entered = barriers.entered[line]
        self.kind = barriers.kind[line]
        self.grid = Grid(self.ax, self.ay, self.bx, self.by)

    def __len__(self) -> int:
        return len(self.ax)

    def arrays(self) -> tuple[object, ...]:
        """What the kernel `crossed` takes behind the leg."""
        g = self.grid
        return (
            self.ax, self.ay, self.bx, self.by, self.entered,
            g.x0, g.y0, g.cell_m, g.nx, g.ny, g.first, g.member,
        )  # fmt: skip


@functools.cache
def no_barriers() -> BarrierIndex:
    """An index of nothing, made once and not at import: it needs a kernel."""
    none = np.empty(0)
    nothing = Barriers(
        lon=none, lat=none, first=np.zeros(1, np.int64), kind=none.astype(np.uint8),
        entered=none.astype(bool),
    )  # fmt: skip
    return BarrierIndex(nothing, none, none)


@kernel
def crossed(px, py, qx, qy, ax, ay, bx, by, entered, x0, y0, cell, nx, ny, first, member):
    """Whether the leg from the place p to the road position q crosses a barrier."""
    dx, dy = qx - px, qy - py
    length = np.sqrt(dx * dx + dy * dy)
    latest = length - CONTACT_M
    if latest < 0.0 or len(ax) == 0:
        return False
    # the squares under the leg's box; one micrometre wider, as the squares were filled
    i0 = np.floor((min(px, qx) - 1e-6 - x0) / cell)
    i1 = np.floor((max(px, qx) + 1e-6 - x0) / cell)
    j0 = np.floor((min(py, qy) - 1e-6 - y0) / cell)
    j1 = np.floor((max(py, qy) + 1e-6 - y0) / cell)
    if i1 < 0 or j1 < 0 or i0 >= nx or j0 >= ny:
        return False
    for j in range(max(int(j0), 0), min(int(j1), ny - 1) + 1):
        for i in range(max(int(i0), 0), min(int(i1), nx - 1) + 1):
            c = j * nx + i
            for m in range(first[c], first[c + 1]):
                s = member[m]
                ex, ey = bx[s] - ax[s], by[s] - ay[s]
                turn = dx * ey - dy * ex  # above zero where the leg goes from left to right
                if turn == 0.0 or (entered[s] and turn < 0.0):
                    continue
                wx, wy = ax[s] - px, ay[s] - py
                u = (wx * dy - wy * dx) / turn
                if not -1e-9 <= u <= 1.0 + 1e-9:
                    continue
                along = (wx * ey - wy * ex) / turn * length
                earliest = 0.0 if entered[s] else CONTACT_M
                if earliest <= along <= latest:
                    return True
    return False
