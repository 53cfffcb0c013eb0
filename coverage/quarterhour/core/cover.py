"""How often places are covered, and what each facility adds to the others.

Contract: `within` holds all pairs of a facility and a place up to the last cutoff, each pair once;
amounts are int64 millionths per place, and places that do not count have the amount 0. Cutoffs are
inclusive milliseconds. Equal times go to the lowest facility.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments of kernels
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.reach import TravelTimes

MOST = 3
"""Facilities from which on a place is not told apart further: 0, 1, 2, 3 or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoBest(_Frozen):
    """The two nearest facilities per place within the last cutoff.

    `first`: int32 facility, -1 for none. `first_ms`, `second_ms`: int32, count only where `n` is at
    least 1 and 2. `n`: int32, facilities in reach.
    """

    first: NDArray[np.int32]
    first_ms: NDArray[np.int32]
    second_ms: NDArray[np.int32]
    n: NDArray[np.int32]


@kernel
def _two_best(first, place, ms, n_places):
    best = np.full(n_places, -1, np.int32)
    best_ms = np.zeros(n_places, np.int32)
    next_ms = np.zeros(n_places, np.int32)
    count = np.zeros(n_places, np.int32)
    for source in range(len(first) - 1):
        for k in range(first[source], first[source + 1]):
            p, t = place[k], ms[k]
            if count[p] == 0 or t < best_ms[p]:
                next_ms[p] = best_ms[p]
                best[p], best_ms[p] = source, t
            elif count[p] == 1 or t < next_ms[p]:
                next_ms[p] = t
            count[p] += 1
    return best, best_ms, next_ms, count


def two_best(within: TravelTimes, n_places: int) -> TwoBest:
    """The nearest and the second nearest facility of every place, and how many are in reach."""
    best, best_ms, next_ms, count = _two_best(within.first, within.place, within.ms, n_places)
    return TwoBest(first=best, first_ms=best_ms, second_ms=next_ms, n=count)


def facilities_in_reach(within: TravelTimes, n_places: int, cutoff_ms: int) -> NDArray[np.int64]:
    """Number of facilities within the cutoff per place."""
    at = within.place[within.ms <= cutoff_ms]
    return np.bincount(at, minlength=n_places).astype(np.int64)


def by_number(n: NDArray[np.int64], amount: NDArray[np.int64]) -> tuple[int, ...]:
    """Amount with 0, 1, 2 and 3 or more facilities in reach, millionths; they add up to all."""
    parts = tuple(int(amount[n == k if k < MOST else n >= MOST].sum()) for k in range(MOST + 1))
    assert sum(parts) == int(amount.sum()), "every place has one number of facilities"  # noqa: S101
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Marginal(_Frozen):
    """What the closure of each facility would do to the covered places, per facility.

    `unique`: int64 millionths that only it covers: they would lose cover. `farther`: int64
    millionths for whom it is the nearest and who would stay covered, with a longer walk.
    `extra`: float64, the sum of amount times `cost` of that longer walk, in people and the unit of
    `cost`.
    """

    unique: NDArray[np.int64]
    farther: NDArray[np.int64]
    extra: NDArray[np.float64]


def marginal(
    best: TwoBest,
    amount: NDArray[np.int64],
    extra: NDArray[np.float64],
    n_facilities: int,
) -> Marginal:
    """Unique and farther amounts of every facility.

    `extra`: per place, what the walk to the second nearest facility costs more than that to the
    nearest; it is looked at only where there are two.
    """
    at = np.flatnonzero(best.n > 0)
    owner, size = best.first[at], amount[at]
    alone = best.n[at] == 1
    longer = ~alone & (best.second_ms[at] > best.first_ms[at])
    return Marginal(
        unique=_sums(owner[alone], size[alone], n_facilities),
        farther=_sums(owner[longer], size[longer], n_facilities),
        extra=np.bincount(
            owner[longer], weights=size[longer] * extra[at[longer]], minlength=n_facilities
        )
        / 1e6,
    )


def _sums(owner: NDArray[np.int32], size: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Exact sums by owner: bincount would add them as floats."""
    order = np.argsort(owner, kind="stable")
    running = np.concatenate([np.zeros(1, np.int64), np.cumsum(size[order])])
    lo, hi = (np.searchsorted(owner[order], np.arange(n), side) for side in ("left", "right"))
    return np.asarray(running[hi] - running[lo], np.int64)
