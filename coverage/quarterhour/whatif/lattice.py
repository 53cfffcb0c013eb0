"""The even grid that places of people lie on, where they do: cells of a raster, squares of land."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FEW = 50
"""Fewer places are not worth a grid."""

MOST = 0.9
"""Part of the places that must lie on the grid."""

NEAR = 0.002
"""How far beside a line of the grid a place on it may be, as a part of the spacing."""


def lattice_of(x: Floats, y: Floats) -> tuple[Ints, Ints] | None:
    """Column and row of each place, both -1 for one beside the grid; None where there is no grid.

    The grid runs along x and y, with a spacing of its own in each.
    """
    if len(x) < FEW:
        return None
    across, down = _lines(x), _lines(y)
    if across is None or down is None:
        return None
    (column, on_x), (row, on_y) = across, down
    on = on_x & on_y
    if on.mean() < MOST:
        return None
    column, row = (np.where(on, v - v[on].min(), -1) for v in (column, row))
    return column, row


def _lines(values: Floats) -> tuple[Ints, NDArray[np.bool_]] | None:
    """Number of the line that each value is on, and whether it is; None without even lines."""
    every = np.sort(values)
    steps = np.diff(every)
    some = np.flatnonzero(steps > float(every[-1] - every[0]) * 1e-7)
    if not len(some):
        return None
    # the step that is seen most often, to a thousandth of itself, and where it is seen first
    size = np.round(np.log(steps[some]) * 1000).astype(np.int64)
    common, count = np.unique(size, return_counts=True)
    usual = some[np.abs(size - common[np.argmax(count)]) <= 1]
    step, zero = float(np.median(steps[usual])), float(every[usual[0]])
    number = np.zeros(len(values))
    for _ in range(3):  # the spacing is known better with every turn
        number = np.rint((values - zero) / step)
        off = np.abs((values - zero) / step - number)
        on = off <= NEAR + np.abs(number) * 1e-6
        if on.sum() < FEW:
            return None
        spread = np.ptp(number[on])
        if spread == 0:
            return None
        step, zero = (float(v) for v in np.polyfit(number[on], values[on], 1))
    if np.abs(number).max() >= 1 << 24:
        return None
    return number.astype(np.int64), np.abs((values - zero) / step - number) <= NEAR
