"""Multipliers of covering everyone: how many sites at least, whatever the candidates are.

With multipliers u_i of the places, none of whose sums over the places of a candidate is above 1, no
choice that covers everyone has fewer than sum u_i sites.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from quarterhour.core.siting.milp import NO_LIMITS, Limits
from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover

    FloatArray = NDArray[np.float64]

STEPS, AT_ONCE, PATIENCE, MEMORY = 1_500, 50, 15, 0.7
"""Steps of the subgradient method and those between two looks at the clock; steps without a better
bound after which they get smaller; share of the last direction kept in the next one."""

EVENED = 40
"""Rounds in which multipliers are evened out."""

PROGRAMS, NEAR, PROGRAM_PAIRS = 3, 0.9, 1_600_000
"""Linear programs that are solved, among the candidates whose sum is above this, and their pairs.
"""

READ = 150_000
"""Pairs of such a program that are worth a second."""

ITERATIONS = 150
"""Iterations of the interior point method, which takes some forty."""


class Dual(NamedTuple):
    """Multipliers of the places, and how much of each candidate the last program builds.

    `built`: 0 to 1 per candidate, None where no program was solved.
    """

    price: FloatArray
    built: FloatArray | None


def values(cover: Cover, price: FloatArray) -> FloatArray:
    """Sum of the multipliers over the places of each candidate."""
    running = np.concatenate([[0.0], np.cumsum(price[cover.place])])
    found: FloatArray = running[cover.first[1:]] - running[cover.first[:-1]]
    return found


def multipliers(
    cover: Cover,
    known: int,
    *,
    start: FloatArray | None = None,
    limits: Limits = NO_LIMITS,
    steps: int = STEPS,
    programs: int = PROGRAMS,
) -> Dual:
    """Multipliers of the places, none of whose sums is above 1 (but for rounding), as large as can.

    Each place has a candidate. First by subgradient steps on sum u_i - sum_j max(0, v_j - 1) (the
    relaxation of Beasley 1987, EJOR 31:85-93), v_j the sum around candidate j, evened out; then by
    linear programs among the candidates of large v_j, those that exceed 1 joining in.

    Parameters
    ----------
    known
        Sites of a choice at hand, by which the steps are measured.
    start
        Multipliers to begin with.
    """
    begin = time.monotonic()
    by_place = cover.transposed()
    size = np.diff(cover.first)
    most = np.zeros(cover.n_places, np.int64)
    np.maximum.at(most, cover.place, np.repeat(size, size))
    price = 1.0 / np.maximum(most, 1)
    if start is not None:
        price = np.maximum(price * 0.1, start)
    _even(cover.first, cover.place, price, EVENED)
    best, way = price.copy(), np.zeros(len(price))
    state = np.array([1.0, 0.0, -np.inf, 0.0])
    taken = 0
    while taken < steps and not state[3] and (taken == 0 or not limits.over(begin)):
        once = min(AT_ONCE, steps - taken)
        _subgradient(cover.first, cover.place, price, best, way, state, float(known), once)
        taken += once
    price = best
    _even(cover.first, cover.place, price, EVENED)
    near = values(cover, price)
    some = near > NEAR
    built = None
    for _ in range(programs):
        some[_firsts(by_place, near)] = True
        n_pairs = int(size[some].sum())
        rest = limits.left(begin).seconds
        if n_pairs > PROGRAM_PAIRS or (rest is not None and rest < n_pairs / READ):
            break
        found = _program(cover.rows(np.flatnonzero(some)), rest)
        if found is None:
            break
        built = np.zeros(cover.n_sites)
        built[some] = found[1]
        near = values(cover, found[0])
        exceed = near > 1 + 1e-6
        even = found[0].copy()
        _even(cover.first, cover.place, even, EVENED)
        if even.sum() > price.sum():
            price = even
        if not (exceed & ~some).any():
            break
        some |= exceed
    return Dual(price, built)


def _firsts(by_place: Cover, near: FloatArray) -> NDArray[np.int64]:
    """Of the candidates of each place the first one of the largest value."""
    value = near[by_place.place]
    order = np.lexsort((by_place.place, -value, by_place.site))
    at = order[by_place.first[:-1][np.diff(by_place.first) > 0]]
    found: NDArray[np.int64] = np.unique(by_place.place[at]).astype(np.int64)
    return found


@kernel
def _even(first, place, price, rounds):
    """Each multiplier divided, in place, by the largest sum that it is part of, again and again.

    Then a sum is at most what it was divided by what it was: 1.
    """
    most = np.empty(len(price))
    for _ in range(rounds):
        most[:] = 0.0
        for j in range(len(first) - 1):
            total = 0.0
            for k in range(first[j], first[j + 1]):
                total += price[place[k]]
            for k in range(first[j], first[j + 1]):
                most[place[k]] = max(most[place[k]], total)
        for i in range(len(price)):
            price[i] = price[i] / most[i] if most[i] > 0 else 0.0


@kernel
def _subgradient(first, place, price, best, way, state, known, rounds):
    """Some steps; `state`: step, steps without a better bound, the bound, whether it ended."""
    n, m = len(first) - 1, len(price)
    slope = np.empty(m)
    for _ in range(rounds):
        total = 0.0
        for i in range(m):
            total += price[i]
            slope[i] = 1.0
        for j in range(n):
            value = 0.0
            for k in range(first[j], first[j + 1]):
                value += price[place[k]]
            if value > 1.0:
                total -= value - 1.0
                for k in range(first[j], first[j + 1]):
                    slope[place[k]] -= 1.0
        state[1] = 0.0 if total > state[2] + 1e-6 * abs(state[2]) else state[1] + 1
        if total > state[2]:
            state[2] = total
            best[:] = price
        if state[1] > PATIENCE:
            state[0], state[1] = state[0] * 0.7, 0.0
        norm = 0.0
        for i in range(m):
            if price[i] == 0.0 and slope[i] < 0.0:
                slope[i] = 0.0
            way[i] = MEMORY * way[i] + (1 - MEMORY) * slope[i]
            norm += way[i] * way[i]
        if state[0] < 1e-3 or norm == 0.0:
            state[3] = 1.0
            break
        move = state[0] * max(known - total, 1e-3 * known) / norm
        for i in range(m):
            price[i] = max(price[i] + move * way[i], 0.0)


def _program(cover: Cover, seconds: float | None) -> tuple[FloatArray, FloatArray] | None:
    """The least sum of y_j with sum of the y_j around every place >= 1: multipliers, and y.

    None where the solver does not come to an end.
    """
    import highspy  # noqa: PLC0415 - heavy

    n, m = cover.n_sites, cover.n_places
    highs: Any = highspy.Highs()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("random_seed", 0),
        ("solver", "ipm"),
        ("run_crossover", "off"),
        ("ipm_iteration_limit", ITERATIONS),
    ):
        highs.setOptionValue(name, value)
    if seconds is not None:
        highs.setOptionValue("time_limit", float(seconds))
    shape = (n, m)
    matrix = csr_array((np.ones(len(cover.place)), cover.place, cover.first), shape=shape)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, m
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.ones(n), np.zeros(n), np.full(n, np.inf)
    lp.row_lower_, lp.row_upper_ = np.ones(m), np.full(m, np.inf)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    highs.passModel(lp)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = highs.getSolution()
    price = np.maximum(np.array(found.row_dual, np.float64), 0.0)
    return price, np.clip(np.array(found.col_value, np.float64), 0.0, 1.0)
