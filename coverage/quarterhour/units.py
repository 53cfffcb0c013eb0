"""Integer units and the exact arithmetic on them.

Time is int32 milliseconds, length int64 millimetres, people int64 millionths of a person. Values
are converted once, where they enter or leave, and are added as integers in between, so that sums do
not depend on the order of addition, the machine or the number of threads.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MS_PER_MIN = 60_000
MM_PER_M = 1_000
MS_PER_HOUR = 3_600_000
MICRO = 1_000_000
"""Millionths in one person."""

ESTIMATED = 1_000
"""Millionths of which people are whole multiples where a source does not count but estimates them:
cells of a raster, densities, totals that are spread. No estimate knows a thousandth of a person."""


def ms_of_min(minutes: float) -> int:
    """Milliseconds of `minutes`, rounded half up."""
    return int((Decimal(str(minutes)) * MS_PER_MIN).to_integral_value(ROUND_HALF_UP))


def mm_of_m(metres: ArrayLike) -> NDArray[np.int64]:
    """Millimetres of `metres`, rounded half up; any shape."""
    scaled = np.asarray(metres, np.float64) * MM_PER_M
    return np.asarray(np.floor(scaled + 0.5), np.int64)


def speed_mm_per_hour(speed_mps: float) -> int:
    """Millimetres per hour of a speed in m/s, rounded half up.

    An hour holds 3,600,000 ms, so 1.2 m/s and 5 km/h are both whole numbers here.
    """
    return int((Decimal(str(speed_mps)) * MS_PER_HOUR).to_integral_value(ROUND_HALF_UP))


def walk_ms(length_mm: NDArray[np.int64], speed_mmph: int) -> NDArray[np.int64]:
    """Milliseconds to walk `length_mm` at `speed_mmph`, rounded half up; any shape."""
    return (length_mm * MS_PER_HOUR + speed_mmph // 2) // speed_mmph


def apportion(weights: ArrayLike, total: int, grain: int = 1) -> NDArray[np.int64]:
    """Whole numbers in proportion to `weights` that add up to `total` (largest remainder).

    `weights`: shape (n,), finite, not negative, and not all 0 unless `total` is 0. `grain`: all are
    multiples of it but one, which also has what `total` is more than a multiple. Ties of the
    remainder go to the lowest index. Quotas are formed in float64: a quota may be off by its
    rounding, the sum never is.
    """
    w = np.asarray(weights, np.float64)
    weight_sum = float(w.sum())
    assert weight_sum > 0 or total == 0, "a total above zero needs a weight above zero"  # noqa: S101
    many, rest = divmod(total, grain)
    quota = w * (many / weight_sum if weight_sum else 0.0)
    whole = _largest_remainder(quota, many)
    if grain == 1:
        return whole
    found = whole * grain
    if rest:
        found[np.argmax(np.where(w > 0, quota - whole, -np.inf))] += rest
    return found


def micro_people(people: ArrayLike, grain: int = 1) -> NDArray[np.int64]:
    """Millionths of a person per place, apportioned so that their sum is the rounded total.

    `people`: shape (n,), finite and not negative. `grain`: millionths of which all are multiples.
    """
    quota = np.asarray(people, np.float64) * (MICRO / grain)
    return _largest_remainder(quota, int(np.floor(quota.sum() + 0.5))) * grain


def share_of(total: int, share: float, grain: int = 1) -> int:
    """A share of a total, rounded half up to a multiple of `grain`."""
    return math.floor(total * share / grain + 0.5) * grain


def _largest_remainder(quota: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    whole = np.floor(quota).astype(np.int64)
    missing = total - int(whole.sum())
    if missing == 0:
        return whole
    order = np.argsort(whole - quota, kind="stable")
    order = order[quota[order] > 0]
    while missing > 0:  # a second turn happens only where float sums were off by more than n
        whole[order[:missing]] += 1
        missing = total - int(whole.sum())
    while missing < 0:
        poorest = order[::-1]
        whole[poorest[whole[poorest] > 0][:-missing]] -= 1
        missing = total - int(whole.sum())
    return whole


def persons(micro: int) -> float:
    """Persons of a number of millionths, exact to the sixth decimal."""
    return micro / MICRO
