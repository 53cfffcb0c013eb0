"""Totals of units spread over the places inside them, and not one millionth of a person lost.

Contract: within each unit the places get whole thousandths of a person in proportion to their
weights, by largest remainder, ties to the lowest index; where a total is no whole number of
thousandths, one of them has the rest. The sum over the places of a unit is exactly its total,
or 0 where no place of the unit has a weight above 0: `sum(spread) + left = totals`, unit by unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.units import ESTIMATED, apportion

if TYPE_CHECKING:
    from numpy.typing import NDArray


def unit_of(
    x: NDArray[np.float64], y: NDArray[np.float64], polygons: NDArray[Any]
) -> tuple[NDArray[np.int64], int]:
    """Index of the polygon that each point lies in, and how many points lie in several.

    -1 where there is none; the lowest index where there are several. A border belongs to the
    polygons on both of its sides.
    """
    found = np.full(len(x), -1, np.int64)
    several = np.zeros(len(x), bool)
    by_y = np.argsort(y, kind="stable")
    sorted_y = y[by_y]
    shapely.prepare(polygons)
    for k, (west, south, east, north) in enumerate(shapely.bounds(polygons).tolist()):
        if not west <= east:  # empty
            continue
        lo, hi = np.searchsorted(sorted_y, south, "left"), np.searchsorted(sorted_y, north, "right")
        near = by_y[lo:hi]
        near = near[(x[near] >= west) & (x[near] <= east)]
        inside = near[shapely.intersects_xy(polygons[k], x[near], y[near])]
        taken = found[inside] >= 0
        several[inside[taken]] = True
        found[inside[~taken]] = k
    return found, int(several.sum())


def spread(
    unit_of_place: NDArray[np.int64], weight: NDArray[np.float64], totals_micro: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Millionths of a person per place: the total of each unit, in proportion to `weight`.

    `unit_of_place`: index into `totals_micro`, -1 for none. `weight`: finite, not negative.
    `totals_micro`: not negative.
    """
    micro = np.zeros(len(unit_of_place), np.int64)
    order = np.argsort(unit_of_place, kind="stable")
    edges = np.searchsorted(unit_of_place[order], np.arange(len(totals_micro) + 1))
    for k in np.flatnonzero(totals_micro).tolist():
        at = order[edges[k] : edges[k + 1]]
        most = weight[at].max(initial=0.0)
        if most > 0:
            # as parts of the largest one, so that no scale of the weights can over- or underflow
            micro[at] = apportion(weight[at] / most, int(totals_micro[k]), ESTIMATED)
    return micro


def sums(
    unit_of_place: NDArray[np.int64], micro: NDArray[np.int64], n_units: int
) -> NDArray[np.int64]:
    """Sum of `micro` over the places of each unit, as exact integers; places of no unit count not.

    `micro` may be any int64 amounts per place.
    """
    total = np.zeros(n_units, np.int64)
    some = unit_of_place >= 0
    np.add.at(total, unit_of_place[some], micro[some])
    return total
