"""The p-median: sites with the least weighted distance from every place to its nearest one."""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import milp
from quarterhour.core.siting.building import site_variables
from quarterhour.core.siting.milp import (
    FEASIBLE,
    INFEASIBLE,
    NO_LIMITS,
    NOTHING,
    OPTIMAL,
    Limits,
    Program,
)
from quarterhour.core.siting.nouns import Rules, Solution, nothing
from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Progress = Callable[[float, float], None]

ROUNDS = 1_500
PATIENCE = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances(_Frozen):
    """Costs of pairs by place: CSR `first` (n_places + 1,), `site`, `cost` ascending in a place.

    `cost`: weight times distance of the pair. `beyond`: weight times the distance that counts for a
    place with no chosen site among its pairs, inf where such a choice is not allowed.
    """

    first: NDArray[np.int64]
    site: NDArray[np.int32]
    cost: FloatArray
    beyond: FloatArray
    n_sites: int

    @property
    def n_places(self) -> int:
        """Places."""
        return len(self.first) - 1

    def best(self, chosen: NDArray[np.int64]) -> tuple[FloatArray, NDArray[np.int64]]:
        """Cost of each place under a choice, and the site that serves it, -1 for none."""
        inside = np.zeros(self.n_sites, bool)
        inside[chosen] = True
        hit = np.flatnonzero(inside[self.site])
        place = np.searchsorted(self.first, hit, "right") - 1
        some, at = np.unique(place, return_index=True)
        cost, by = self.beyond.copy(), np.full(self.n_places, -1, np.int64)
        nearer = self.cost[hit[at]] <= cost[some]
        cost[some[nearer]] = self.cost[hit[at]][nearer]
        by[some[nearer]] = self.site[hit[at]][nearer]
        return cost, by

    def total(self, chosen: NDArray[np.int64]) -> float:
        """Cost of a choice, inf where a place is left without a site."""
        return float(self.best(chosen)[0].sum())


def distances(
    site: NDArray[np.int64],
    place: NDArray[np.int64],
    distance: FloatArray,
    weight: FloatArray,
    n_sites: int,
    *,
    beyond: float = float("inf"),
) -> Distances:
    """`Distances` of pairs in any order; equal ones in the order of the sites."""
    cost = distance * weight[place]
    order = np.lexsort((site, cost, place))
    first = np.zeros(len(weight) + 1, np.int64)
    np.cumsum(np.bincount(place, minlength=len(weight)), out=first[1:])
    with np.errstate(invalid="ignore"):
        far = np.where(weight > 0, weight * beyond, 0.0)
    return Distances(
        first=first,
        site=site[order].astype(np.int32),
        cost=cost[order],
        beyond=far,
        n_sites=n_sites,
    )


def median(
    pairs: Distances,
    rules: Rules,
    *,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Solution:
    """The choice of `rules.n_sites` with the least total cost, and its bound.

    minimise sum_ij c_ij x_ij with sum_j x_ij = 1, x_ij <= y_j, sum_j y_j <= p (Hakimi 1964,
    Operations Research 12:450-459; ReVelle and Swain 1970, Geographical Analysis 2:30-42). First by
    exchanges and a Lagrangian bound, which settles most sites and pairs; the rest exactly.

    Returns
    -------
    Solution
        `objective` and `bound`: the unit of `cost`.
    """
    plain = not rules.bound_together().any() and rules.budget is None
    found, known = np.empty(0, np.int64), float("inf")
    keep, low, prices = ~rules.forbidden, -np.inf, None
    if plain and rules.n_sites is not None and keep.any():
        found = _start(pairs, np.flatnonzero(keep), rules.n_sites)
        known = pairs.total(found)
        if np.isfinite(known):
            low, prices, value = _bound(pairs, keep, rules.n_sites, known)
            if known - low <= 1e-9 * abs(known):
                return Solution(status=OPTIMAL, chosen=found, objective=known, bound=known)
            keep &= ~_out(value, rules.n_sites, known - low, keep)
            keep[found] = True
    return _exact(pairs, rules, keep, found, known, low, prices, limits, progress)


def _start(pairs: Distances, sites: NDArray[np.int64], p: int) -> NDArray[np.int64]:
    """Greedy addition, then exchanges of one site for another while they help."""
    allowed = np.zeros(pairs.n_sites, bool)
    allowed[sites] = True
    order = np.argsort(pairs.site, kind="stable")
    place = np.repeat(np.arange(pairs.n_places), np.diff(pairs.first))[order]
    first = np.zeros(pairs.n_sites + 1, np.int64)
    np.cumsum(np.bincount(pairs.site, minlength=pairs.n_sites), out=first[1:])
    most = float(pairs.cost.max(initial=0.0)) * 4 + 1
    beyond = np.where(np.isfinite(pairs.beyond), pairs.beyond, most)
    chosen: NDArray[np.int64] = _add_and_swap(
        first, place, pairs.cost[order], beyond, allowed, min(p, len(sites))
    )
    return np.sort(chosen)


@kernel
def _add_and_swap(first, place, cost, beyond, allowed, p):
    n, m = len(first) - 1, len(beyond)
    near, second = beyond.copy(), beyond.copy()
    by = np.full(m, -1, np.int64)
    inside = np.zeros(n, np.bool_)
    chosen = np.empty(p, np.int64)
    for count in range(p):
        best, top = -1, -1.0
        for j in range(n):
            if inside[j] or not allowed[j]:
                continue
            gain = 0.0
            for k in range(first[j], first[j + 1]):
                if cost[k] < near[place[k]]:
                    gain += near[place[k]] - cost[k]
            if gain > top:
                best, top = j, gain
        inside[best] = True
        chosen[count] = best
        for k in range(first[best], first[best + 1]):
            i = place[k]
            if cost[k] < near[i]:
                second[i], near[i], by[i] = near[i], cost[k], best
            elif cost[k] < second[i]:
                second[i] = cost[k]
    lost = np.zeros(n)
    extra = np.zeros(n)
    while True:
        lost[:] = 0.0
        for i in range(m):
            if by[i] >= 0:
                lost[by[i]] += second[i] - near[i]
        profit_most, drop, take = 1e-9, -1, -1
        for j in range(n):
            if inside[j] or not allowed[j]:
                continue
            gain = 0.0
            for a in range(p):
                extra[chosen[a]] = 0.0
            for k in range(first[j], first[j + 1]):
                i = place[k]
                if cost[k] < near[i]:
                    gain += near[i] - cost[k]
                    if by[i] >= 0:
                        extra[by[i]] += second[i] - near[i]
                elif cost[k] < second[i] and by[i] >= 0:
                    extra[by[i]] += second[i] - cost[k]
            for a in range(p):
                r = chosen[a]
                profit = gain - lost[r] + extra[r]
                if profit > profit_most * (1 + 1e-12):
                    profit_most, drop, take = profit, a, j
        if drop < 0:
            break
        inside[chosen[drop]], inside[take] = False, True
        chosen[drop] = take
        near[:] = beyond
        second[:] = beyond
        by[:] = -1
        for a in range(p):
            for k in range(first[chosen[a]], first[chosen[a] + 1]):
                i = place[k]
                if cost[k] < near[i]:
                    second[i], near[i], by[i] = near[i], cost[k], chosen[a]
                elif cost[k] < second[i]:
                    second[i] = cost[k]
    return chosen


def _bound(
    pairs: Distances, keep: NDArray[np.bool_], p: int, known: float
) -> tuple[float, FloatArray, FloatArray]:
    """Lower bound, the multipliers of the places, and the value of each site under them.

    The rows sum_j x_ij = 1 are relaxed with multipliers u_i, which leaves sum_i u_i + the `p` least
    of sum_i min(0, c_ij - u_i) (Cornuejols, Fisher and Nemhauser 1977, Management Science
    23:789-810). A place beyond all sites costs `beyond`, a site of its own that is always there.
    """
    low, prices, value = _subgradient(
        pairs.first, pairs.site, pairs.cost, pairs.beyond, keep, min(p, int(keep.sum())), known,
        ROUNDS, PATIENCE,
    )  # fmt: skip
    return float(low), prices, value


@kernel
def _subgradient(first, site, cost, beyond, keep, p, known, rounds, patience):
    m, n = len(first) - 1, len(keep)
    price = np.empty(m)
    for i in range(m):
        price[i] = beyond[i] if beyond[i] < np.inf else 0.0
        count = 0
        for k in range(first[i], first[i + 1]):
            if keep[site[k]]:
                count += 1
                if count == 2:
                    price[i] = min(cost[k], beyond[i])
                    break
    best, stale, step = -np.inf, 0, 2.0
    best_price, best_value = price.copy(), np.zeros(n)
    value = np.empty(n)
    slope = np.empty(m)
    for _ in range(rounds):
        value[:] = 0.0
        for i in range(m):
            for k in range(first[i], first[i + 1]):
                if cost[k] >= price[i]:
                    break
                value[site[k]] += cost[k] - price[i]
        for j in range(n):
            if not keep[j]:
                value[j] = 1.0
        order = np.argsort(value)
        chosen = np.zeros(n, np.bool_)
        total = 0.0
        for a in range(p):
            if value[order[a]] < 0.0:
                chosen[order[a]] = True
                total += value[order[a]]
        for i in range(m):
            served = 0.0
            for k in range(first[i], first[i + 1]):
                if cost[k] >= price[i]:
                    break
                if chosen[site[k]]:
                    served += 1.0
            if beyond[i] < price[i]:
                served += 1.0
                total += beyond[i] - price[i]
            total += price[i]
            slope[i] = 1.0 - served
        if total > best:
            if total > best + 1e-7 * abs(best):
                stale = 0
            best = total
            best_price[:] = price
            best_value[:] = value
        else:
            stale += 1
            if stale > patience:
                step, stale = step * 0.7, 0
        norm = 0.0
        for i in range(m):
            norm += slope[i] * slope[i]
        if norm == 0.0 or step < 1e-5 or known - best <= 1e-9 * abs(known):
            break
        move = step * max(known - total, 1e-6 * abs(known)) / norm
        for i in range(m):
            price[i] = max(price[i] + move * slope[i], 0.0)
    return best, best_price, best_value


def _out(value: FloatArray, p: int, slack: float, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Sites that no better choice has: with one of them the bound is above what is known."""
    of = np.sort(np.minimum(value[keep], 0.0))
    last = of[p - 1] if p <= len(of) else 0.0
    # a site among the p least costs nothing more; another one takes the place of the last of them
    out: NDArray[np.bool_] = keep & (value - last > slack * (1 + 1e-9) + 1e-9)
    return out


def _exact(
    pairs: Distances,
    rules: Rules,
    keep: NDArray[np.bool_],
    found: NDArray[np.int64],
    known: float,
    low: float,
    prices: FloatArray | None,
    limits: Limits,
    progress: Progress | None,
) -> Solution:
    """The rest exactly, in the program of radii: z_ik = 1 where no site is within radius k of i.

    minimise sum_i (c_i1 + sum_k (c_i,k+1 - c_ik) z_ik) with z_ik >= z_i,k-1 - sum of the y_j whose
    cost is c_ik (Elloumi 2010, Journal of Combinatorial Optimization 19:69-83).
    """
    program = Program("min")
    sites = site_variables(program, replace(rules, forbidden=rules.forbidden | ~keep))
    steps = _radii(pairs, keep, prices, known - low if np.isfinite(known) else np.inf)
    if steps is None:
        return nothing(INFEASIBLE, unreached=True)
    if steps.none_better:
        return Solution(status=OPTIMAL, chosen=found, objective=known, bound=known)
    scale = max(float(np.abs(steps.rise).max(initial=0.0)), 1e-9) / 1e3
    program.variables(1, cost=steps.base / scale, lower=1.0, upper=1.0)
    level = program.variables(len(steps.rise), cost=steps.rise / scale)
    rows = np.arange(len(steps.rise))
    inner = np.flatnonzero(~steps.first)
    program.rows(
        np.concatenate([rows, inner, steps.of]),
        np.concatenate([level, level[inner - 1], sites[steps.site]]),
        np.concatenate([np.ones(len(rows)), -np.ones(len(inner)), np.ones(len(steps.of))]),
        lower=np.where(steps.first, 1.0, 0.0),
        n=len(rows),
    )
    if len(steps.closed):
        last = level[steps.closed]
        program.rows(np.arange(len(last)), last, 1.0, upper=0.0)
    start = None
    if len(found):
        start = np.zeros(program.n_variables)
        start[sites[found]] = 1
        start[program.n_variables - len(level) - 1] = 1
        inside = np.zeros(pairs.n_sites, bool)
        inside[found] = True
        near = np.zeros(len(rows), bool)
        near[steps.of[inside[steps.site]]] = True
        start[level] = _open_levels(steps.first, near)
    solved = milp.solve(program, start=start, limits=limits, progress=progress)
    if solved.status == INFEASIBLE and not np.isfinite(known):
        return nothing(INFEASIBLE, rules=True)
    chosen, objective = found, known
    if len(solved.x):
        other = np.flatnonzero(solved.x[sites] > 0.5)
        if pairs.total(other) < known:
            chosen, objective = other, pairs.total(other)
    if not np.isfinite(objective):
        return nothing(NOTHING)
    proven = solved.status in {OPTIMAL, INFEASIBLE}
    bound = objective if proven else max(low, solved.bound * scale)
    return Solution(
        status=OPTIMAL if proven or bound >= objective else FEASIBLE,
        chosen=np.sort(chosen),
        objective=objective,
        bound=min(bound, objective),
        nodes=solved.nodes,
        by_clock=solved.by_clock,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Radii(_Frozen):
    """Levels of all places in a row: `rise` of cost beyond each, `first` of a place; its sites.

    `closed`: levels beyond which no better choice leaves a place. `none_better`: a place has no
    site that a better choice could serve it from.
    """

    rise: FloatArray
    first: NDArray[np.bool_]
    of: NDArray[np.int64]
    site: NDArray[np.int64]
    closed: NDArray[np.int64]
    base: float
    none_better: bool


def _radii(
    pairs: Distances, keep: NDArray[np.bool_], prices: FloatArray | None, slack: float
) -> _Radii | None:
    """Radii of the pairs that a better choice may use; None where a place has no pair at all."""
    rise, first, of, site, closed = [], [], [], [], []
    base, number, none_better = 0.0, 0, False
    for i in range(pairs.n_places):
        lo, hi = pairs.first[i], pairs.first[i + 1]
        row = np.arange(lo, hi)[keep[pairs.site[lo:hi]]]
        cost, end = pairs.cost[row], float(pairs.beyond[i])
        most = np.inf if prices is None else prices[i] + slack * (1 + 1e-9) + 1e-9
        use = (cost < end) & (cost <= most)
        row, cost = row[use], cost[use]
        if not len(row):
            if not np.isfinite(min(end, most)):
                return None
            none_better |= end > most
            base += end
            continue
        radius, at = np.unique(cost, return_inverse=True)
        shut = end > most or not np.isfinite(end)
        after = radius[-1] if shut else end
        base += float(radius[0])
        rise.append(np.append(radius[1:], after) - radius)
        first.append(np.arange(len(radius)) == 0)
        of.append(at.reshape(-1) + number)
        site.append(pairs.site[row].astype(np.int64))
        number += len(radius)
        if shut:
            closed.append(number - 1)
    empty = np.empty(0)
    return _Radii(
        rise=np.concatenate(rise) if rise else empty,
        first=np.concatenate(first) if first else np.empty(0, bool),
        of=np.concatenate(of) if of else np.empty(0, np.int64),
        site=np.concatenate(site) if site else np.empty(0, np.int64),
        closed=np.array(closed, np.int64),
        base=base,
        none_better=none_better,
    )


def _open_levels(first: NDArray[np.bool_], near: NDArray[np.bool_]) -> FloatArray:
    """1 for the levels of each place before its first near one."""
    result = np.zeros(len(first))
    state = 0.0
    for k in range(len(first)):
        state = 1.0 if first[k] else state
        state = 0.0 if near[k] else state
        result[k] = state
    return result
