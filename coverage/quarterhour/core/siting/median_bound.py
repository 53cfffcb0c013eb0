"""Lower bounds of the p-median by Lagrangian multipliers, and the sites that they settle."""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.core.siting.milp import NO_LIMITS, Limits
from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.median import Distances

    FloatArray = NDArray[np.float64]

FREE, IN, OUT = 0, 1, 2
"""States of a site: undecided, built, not built."""

MEMORY = 0.7
"""Share of the last direction kept in the next one (Crowder 1976 smooths the subgradient so)."""

SMALLEST_STEP = 1e-3

FEW_STEPS, STEP_PAIRS = 10, 10_000_000
"""Steps that are taken even where the time is over, and pairs between two looks at the clock."""


class Bound(NamedTuple):
    """A lower bound of what any choice costs, with what it knows about the sites.

    `price`: multiplier of each place. `value`: what each site adds to the relaxed cost, at most 0.
    `last`, `following`: value of the last free site that the relaxed problem takes, and of the
    first that it does not. `often`: how often, lately, each site was taken, 0 to 1. `taken`: bool,
    the sites of a relaxed answer whose real cost is `cost`, the least seen. `steps`: how many were
    taken.
    """

    low: float
    price: FloatArray
    value: FloatArray
    last: float
    following: float
    often: FloatArray
    taken: NDArray[np.bool_]
    cost: float
    steps: int


def first_prices(pairs: Distances) -> FloatArray:
    """Multipliers to begin with: the cost of the second nearest site of every place."""
    n = np.diff(pairs.first)
    price = np.where(np.isfinite(pairs.beyond), pairs.beyond, 0.0)
    for nth in (1, 2):
        has = n >= nth
        price[has] = np.minimum(
            pairs.cost[pairs.first[:-1][has] + nth - 1], pairs.beyond[has]
        )  # fmt: skip
    return price


def bound(
    pairs: Distances,
    state: NDArray[np.int8],
    p: int,
    known: float,
    enough: float,
    price: FloatArray,
    *,
    rounds: int,
    step: float,
    patience: int,
    limits: Limits = NO_LIMITS,
) -> Bound:
    """Lower bound of all choices of at most `p` sites that keep to `state`.

    The rows sum_j x_ij = 1 are relaxed with multipliers u_i, which leaves sum_i u_i + the `p` least
    of sum_i min(0, c_ij - u_i) (Cornuejols, Fisher and Nemhauser 1977, Management Science
    23:789-810). A place beyond all sites costs `beyond`, a site of its own that is always there.
    `known`: what a choice at hand costs, by which the steps are measured; at a bound above `enough`
    they end, and after the seconds of `limits`, with `FEW_STEPS` at least.
    """
    begin = time.monotonic()
    m, n = pairs.n_places, len(state)
    kept = _Kept(
        price=price.copy(), best_price=price.copy(), best_value=np.zeros(n), often=np.zeros(n),
        taken=np.zeros(n, bool), way=np.zeros(m),
        at=np.array([step, 0.0, -np.inf, 0.0, 0.0, np.inf, 0.0, 0.0]),
    )  # fmt: skip
    at_once = rounds
    if limits.seconds is not None:
        at_once = max(STEP_PAIRS // (len(pairs.cost) + m + n + 1), 1)
    steps = 0
    while steps < rounds and not kept.at[6] and (steps < FEW_STEPS or not limits.over(begin)):
        some = min(at_once, rounds - steps)
        _subgradient(
            pairs.first, pairs.site, pairs.cost, pairs.beyond, state, p, known, enough, some,
            patience, *kept,
        )  # fmt: skip
        steps += some
    return Bound(
        float(kept.at[2]), kept.best_price, kept.best_value, float(kept.at[3]), float(kept.at[4]),
        kept.often, kept.taken, float(kept.at[5]), int(kept.at[7]),
    )  # fmt: skip


class _Kept(NamedTuple):
    """What goes from some steps to the next ones, changed in place.

    `at`: step, steps without a better bound, the bound, its `last` and `following`, the least real
    cost, whether it ended, and how many steps there were.
    """

    price: FloatArray
    best_price: FloatArray
    best_value: FloatArray
    often: FloatArray
    taken: NDArray[np.bool_]
    way: FloatArray
    at: FloatArray


def settle(
    state: NDArray[np.int8], found: Bound, enough: float, bad: tuple[NDArray[np.int64], ...]
) -> NDArray[np.int8]:
    """`state` with the sites that every choice below `enough` has, and those that none has.

    `bad`: CSR of the sites that each site excludes.
    """
    slack = enough - found.low
    free = state == FREE
    result = state.copy()
    # a site among the least costs nothing more; another one takes the place of the last of them
    result[free & (found.value - found.last > slack)] = OUT
    result[free & (found.following - found.value > slack)] = IN
    first, other = bad
    for j in np.flatnonzero(result == IN):
        result[other[first[j] : first[j + 1]]] = OUT
    return result


@kernel
def _take(value, state, left, chosen):
    """Mark the sites built and the `left` least free ones; the last of them, and the next."""
    n, count = len(value), 0
    free = np.empty(n)
    for j in range(n):
        chosen[j] = state[j] == IN
        if state[j] == FREE:
            free[count] = value[j]
            count += 1
    if left <= 0:
        return -np.inf, -np.inf
    if left >= count:
        for j in range(n):
            chosen[j] = state[j] != OUT
        return 0.0, 0.0
    part = np.partition(free[:count], left)
    following, last = part[left], part[:left].max()
    room = left
    for j in range(n):
        if state[j] == FREE and value[j] < last:
            chosen[j] = True
            room -= 1
    for j in range(n):
        if room > 0 and state[j] == FREE and value[j] == last:
            chosen[j] = True
            room -= 1
    return last, following


@kernel
def _subgradient(
    first, site, cost, beyond, state, p, known, enough, rounds, patience, price, best_price,
    best_value, often, taken, way, at,
):  # fmt: skip
    m, n = len(first) - 1, len(state)
    left = p
    for j in range(n):
        if state[j] == IN:
            left -= 1
    value, chosen = np.zeros(n), np.zeros(n, np.bool_)
    # a multiplier above all costs of its place, and above what is known, only adds rounding
    cap = beyond.copy()
    for i in range(m):
        if cap[i] == np.inf:
            cap[i] = 2.0 * abs(known) + 1.0
            if first[i + 1] > first[i]:
                cap[i] = max(cap[i], cost[first[i + 1] - 1])
    # steps are in shares of what is at stake in a place: heavy ones move farther than light ones
    scale, mean = np.empty(m), 0.0
    for i in range(m):
        scale[i] = beyond[i]
        if beyond[i] == np.inf:
            scale[i] = cost[first[i + 1] - 1] if first[i + 1] > first[i] else 0.0
        mean += scale[i] / m
    for i in range(m):
        scale[i] = scale[i] / mean if mean > 0 else 1.0
    step, stale, best, least = at[0], at[1], at[2], at[5]
    for _ in range(rounds):
        at[7] += 1.0
        value[:] = 0.0
        for i in range(m):
            for k in range(first[i], first[i + 1]):
                if cost[k] >= price[i]:
                    break
                value[site[k]] += cost[k] - price[i]
        last, following = _take(value, state, left, chosen)
        total, real, norm = 0.0, 0.0, 0.0
        for j in range(n):
            often[j] *= 0.9
            if chosen[j]:
                total += value[j]
                often[j] += 0.1
        for i in range(m):
            slope, nearest = 1.0, np.inf
            for k in range(first[i], first[i + 1]):
                if cost[k] >= price[i] and (nearest < np.inf or cost[k] >= beyond[i]):
                    break
                if chosen[site[k]]:
                    nearest = min(nearest, cost[k])
                    if cost[k] >= price[i]:
                        break
                    slope -= 1.0
            if beyond[i] < price[i]:
                slope -= 1.0
                total += beyond[i] - price[i]
            real += min(nearest, beyond[i])
            total += price[i]
            way[i] = MEMORY * way[i] + (1 - MEMORY) * slope
            norm += way[i] * way[i] * scale[i]
        if real < least:
            least = real
            taken[:] = chosen
        stale += 1
        if total > best:
            if total > best + 1e-6 * abs(best):
                stale = 0.0
            best, at[3], at[4] = total, last, following
            best_price[:] = price
            best_value[:] = value
        if stale > patience:
            step, stale = step * 0.6, 0.0
        if best > enough or norm == 0.0 or step < SMALLEST_STEP:
            at[6] = 1.0
            break
        move = step * max(known - total, 1e-6 * abs(known)) / norm
        for i in range(m):
            price[i] = min(max(price[i] + move * scale[i] * way[i], 0.0), cap[i])
    at[0], at[1], at[2], at[5] = step, stale, best, least
