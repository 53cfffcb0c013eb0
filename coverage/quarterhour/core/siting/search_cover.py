"""Good choices quickly: greedy by gain, then exchanges while they help, and a Lagrangian bound."""

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

    from quarterhour.core.siting.nouns import Cover, Rules

ROUNDS = 1_000
"""Steps of the subgradient method; the bound hardly moves after them."""

PATIENCE = 12
"""Steps without a better bound after which the step is halved (Fisher 1981, Management Science
27:1-18, halves it where the bound has not improved for some iterations)."""

MEMORY = 0.7
"""Share of the last direction kept in the next one (Crowder 1976 smooths the subgradient so)."""

FEW_STEPS, STEP_PAIRS = 10, 10_000_000
"""Steps that are taken even where the time is over, and pairs between two looks at the clock."""


def greedy(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    *,
    done: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Candidates in the order of their gain: each next one covers most (per yuan under a budget).

    Required ones come first. Stops where nothing gains, or nothing more is allowed. At least
    1 - 1/e of the optimum for a number of sites (Nemhauser, Wolsey and Fisher 1978).
    """
    conflicts = conflict_lists(rules, cover.n_sites)
    start = np.zeros(cover.n_places, bool) if done is None else done.copy()
    chosen: NDArray[np.int64] = _greedy(
        cover.first,
        cover.place,
        weight,
        start,
        np.flatnonzero(rules.required),
        rules.forbidden,
        np.int64(-1 if rules.n_sites is None else rules.n_sites),
        np.int64(-1 if rules.budget is None else rules.budget),
        np.zeros(cover.n_sites, np.int64) if rules.cost is None else rules.cost,
        *conflicts,
    )
    return chosen


def conflict_lists(rules: Rules, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """CSR of the candidates that each candidate excludes: its group and what it must keep off."""
    pairs = [rules.apart, rules.apart[:, ::-1]]
    for group in np.unique(rules.exclusive[rules.exclusive >= 0]):
        of = np.flatnonzero(rules.exclusive == group)
        a, b = np.meshgrid(of, of, indexing="ij")
        pairs.append(np.column_stack([a.ravel(), b.ravel()])[(a != b).ravel()])
    every = np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), np.int64)
    first = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(every[:, 0], minlength=n), out=first[1:])
    return first, np.ascontiguousarray(every[:, 1])


@kernel
def _gain(first, place, weight, done, j):
    total = np.int64(0)
    for k in range(first[j], first[j + 1]):
        if not done[place[k]]:
            total += weight[place[k]]
    return total


@kernel
def _greedy(first, place, weight, done, required, forbidden, n_sites, budget, cost, bad_first, bad):
    n = len(first) - 1
    gain = np.empty(n, np.int64)
    free = ~forbidden
    chosen = np.empty(n, np.int64)
    count, spent = 0, np.int64(0)
    for j in range(n):
        gain[j] = _gain(first, place, weight, done, j)
    step = 0
    while n_sites < 0 or count < n_sites:
        best = -1
        if step < len(required):
            best = required[step]
            step += 1
        else:
            # gains only fall: the largest of the old ones is checked until it is true
            fresh = np.zeros(n, np.bool_)
            while True:
                best, top = -1, 0.0
                for j in range(n):
                    if free[j] and gain[j] > 0 and (budget < 0 or spent + cost[j] <= budget):
                        value = float(gain[j])
                        if budget >= 0:
                            value /= max(cost[j], 1)
                        if value > top:
                            best, top = j, value
                if best < 0 or fresh[best]:
                    break
                gain[best] = _gain(first, place, weight, done, best)
                fresh[best] = True
            if best < 0:
                break
        chosen[count] = best
        count += 1
        spent += cost[best]
        free[best] = False
        gain[best] = 0
        for k in range(first[best], first[best + 1]):
            done[place[k]] = True
        for k in range(bad_first[best], bad_first[best + 1]):
            free[bad[k]] = False
    return chosen[:count].copy()


def exchange(
    cover: Cover,
    weight: NDArray[np.int64],
    chosen: NDArray[np.int64],
    free: NDArray[np.bool_],
    *,
    done: NDArray[np.bool_] | None = None,
    rounds: int = 200,
) -> NDArray[np.int64]:
    """`chosen` after the best exchanges of one site for one `free` candidate, while they gain.

    For a plain number of sites: `free` must leave out whatever a rule ties to others, and sites
    that are not free stay.
    """
    times = np.zeros(cover.n_places, np.int32)
    if done is not None:
        times[done] = np.iinfo(np.int32).max // 2
    best: NDArray[np.int64] = _exchange(
        cover.first, cover.place, weight, np.sort(chosen), free, times, rounds
    )
    return np.sort(best)


@kernel
def _exchange(first, place, weight, chosen, free, times, rounds):
    n, p = len(first) - 1, len(chosen)
    inside = np.zeros(n, np.bool_)
    by = np.full(len(weight), -1, np.int32)  # the one site that covers a place alone
    for j in chosen:
        inside[j] = True
        for k in range(first[j], first[j + 1]):
            times[place[k]] += 1
    lost, extra = np.empty(p, np.int64), np.zeros(p, np.int64)
    for _ in range(rounds):
        lost[:] = 0
        for a in range(p):
            for k in range(first[chosen[a]], first[chosen[a] + 1]):
                if times[place[k]] == 1:
                    by[place[k]] = a
                    lost[a] += weight[place[k]]
        best, drop, take = np.int64(0), -1, -1
        for j in range(n):
            if inside[j] or not free[j] or first[j] == first[j + 1]:
                continue
            won = np.int64(0)
            extra[:] = 0
            for k in range(first[j], first[j + 1]):
                i = place[k]
                if times[i] == 0:
                    won += weight[i]
                elif times[i] == 1:
                    extra[by[i]] += weight[i]
            for a in range(p):
                gain = won + extra[a] - lost[a]
                # of equal gains the first site to go, and the first candidate to come
                if free[chosen[a]] and (gain > best or (gain == best and drop > a)):
                    best, drop, take = gain, a, j
        if drop < 0:
            break
        old = chosen[drop]
        inside[old], inside[take] = False, True
        for k in range(first[old], first[old + 1]):
            times[place[k]] -= 1
        for k in range(first[take], first[take + 1]):
            times[place[k]] += 1
        chosen[drop] = take
    return chosen


class Bound(NamedTuple):
    """An upper bound of what can be covered, and the multipliers and site values behind it.

    `value`: no choice covers more. `site`: value of each candidate in the relaxed problem;
    `base`: the part of the bound that does not depend on the choice. `price`: multipliers.
    `steps`: how many were taken.
    """

    value: float
    site: NDArray[np.float64]
    base: float
    price: NDArray[np.float64]
    steps: int


def lagrangian(
    cover: Cover,
    weight: NDArray[np.int64],
    n_sites: int,
    known: int,
    *,
    rounds: int = ROUNDS,
    start: NDArray[np.float64] | None = None,
    limits: Limits = NO_LIMITS,
) -> Bound:
    """Bound of the most that `n_sites` candidates cover, by subgradient steps on multipliers.

    Place i is covered if x_i <= sum of the y_j that reach it; these rows are relaxed with
    multipliers l_i in [0, w_i], which leaves sum_i (w_i - l_i) + the `n_sites` largest sums
    of l_i over the places of a candidate (Galvao and ReVelle 1996, EJOR 88:114-123). Steps are in
    shares of the weight: places that stand for many others move as far as they all would.
    `known`: what a choice at hand covers, by which the steps are measured.

    Parameters
    ----------
    start
        Multipliers to begin with.
    limits
        Seconds after which it ends, with `FEW_STEPS` at least.
    """
    begin = time.monotonic()
    people = weight.astype(np.float64)
    price = start
    if price is None:
        # a place is covered by so many of `n_sites` candidates that are drawn at random
        degree = np.bincount(cover.place, minlength=cover.n_places)
        price = people / np.maximum(degree * (n_sites / max(cover.n_sites, 1)), 1.0)
    price = price.copy()
    best_price, site, way = price.copy(), np.zeros(cover.n_sites), np.zeros(len(price))
    state = np.array([2.0, 0.0, np.inf, 0.0, 0.0])
    at_once = rounds if limits.seconds is None else max(STEP_PAIRS // (len(cover.place) + 1), 1)
    steps = 0
    while steps < rounds and not state[4] and (steps < FEW_STEPS or not limits.over(begin)):
        some = min(at_once, rounds - steps)
        _lagrangian(
            cover.first, cover.place, people, n_sites, float(known), some, PATIENCE, price,
            best_price, site, way, state,
        )  # fmt: skip
        steps += some
    return Bound(float(state[2]), site, float(state[3]), best_price, steps)


@kernel
def _lagrangian(
    first, place, weight, p, known, rounds, patience, price, best_price, best_site, way, state
):  # fmt: skip
    """Some steps; `state`: step, steps without a better bound, bound, its base, whether it ended.

    The next call goes on where this one stopped.
    """
    n, m = len(first) - 1, len(weight)
    p = min(p, n)
    site = np.empty(n)
    slope = np.empty(m)
    step, stale, best_value = state[0], state[1], state[2]
    for _ in range(rounds):
        base = 0.0
        for i in range(m):
            base += weight[i] - price[i]
            slope[i] = 1.0 if price[i] < weight[i] else 0.0
        for j in range(n):
            total = 0.0
            for k in range(first[j], first[j + 1]):
                total += price[place[k]]
            site[j] = total
        order = np.argsort(-site)
        value = base
        for a in range(p):
            j = order[a]
            value += site[j]
            for k in range(first[j], first[j + 1]):
                slope[place[k]] -= 1.0
        if value < best_value * (1 - 1e-9) or best_value == np.inf:
            best_value, stale = value, 0.0
            state[3] = base
            best_site[:] = site
            best_price[:] = price
        else:
            stale += 1
            if stale > patience:
                step, stale = step / 2, 0.0
        norm = 0.0
        for i in range(m):
            way[i] = MEMORY * way[i] + (1 - MEMORY) * slope[i]
            norm += way[i] * way[i] * weight[i]
        if best_value - known < 0.5 or step < 1e-4 or norm == 0.0:
            state[4] = 1.0
            break
        move = step * max(value - known, 1e-6 * abs(value)) / norm
        for i in range(m):
            # x_i = 1 and few sites reach it: its price must rise, by a share of its weight
            price[i] = min(max(price[i] + move * weight[i] * way[i], 0.0), weight[i])
    state[0], state[1], state[2] = step, stale, best_value


def settled(bound: Bound, n_sites: int, known: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Candidates that no choice better than `known` has, and those that every such choice has."""
    value = bound.site
    order = np.argsort(-value, kind="stable")
    p = min(n_sites, len(value))
    inside = np.zeros(len(value), bool)
    inside[order[:p]] = True
    last = value[order[p - 1]] if p else 0.0
    after = value[order[p]] if p < len(value) else 0.0
    slack = bound.value - known - 0.5
    out = ~inside & (last - value > slack)
    sure = inside & (value - after > slack)
    return out, sure
