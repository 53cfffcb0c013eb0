"""Good choices for the p-median quickly: greedy addition, exchanges, and sites tried one by one."""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.milp import NO_LIMITS, Limits
from quarterhour.core.siting.search_cover import conflict_lists
from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.median import Distances
    from quarterhour.core.siting.nouns import Rules

    FloatArray = NDArray[np.float64]


SWAP_PAIRS = 10_000_000
"""Pairs that exchanges look at between two looks at the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(_Frozen):
    """The pairs by site, and which sites may be moved.

    `first`, `place`, `cost`: CSR by site. `beyond`: cost of a place without a site, finite.
    `allowed`, `required`: bool per site. `bad_first`, `bad`: CSR of the sites that each excludes.
    """

    first: NDArray[np.int64]
    place: NDArray[np.int32]
    cost: FloatArray
    beyond: FloatArray
    allowed: NDArray[np.bool_]
    required: NDArray[np.bool_]
    bad_first: NDArray[np.int64]
    bad: NDArray[np.int64]

    def greedy(
        self, p: int, *, limits: Limits = NO_LIMITS, begin: float = 0.0
    ) -> NDArray[np.int64]:
        """Required sites, then at most `p` in all by what they save; then exchanges."""
        chosen: NDArray[np.int64] = _add(
            self.first, self.place, self.cost, self.beyond, self.allowed,
            np.flatnonzero(self.required), p, self.bad_first, self.bad,
        )  # fmt: skip
        return self.exchanged(chosen, limits=limits, begin=begin)

    def exchanged(
        self,
        chosen: NDArray[np.int64],
        *,
        keep: NDArray[np.bool_] | None = None,
        limits: Limits = NO_LIMITS,
        begin: float = 0.0,
    ) -> NDArray[np.int64]:
        """`chosen` after exchanges of one site for another while they help; `keep` stay.

        `limits`, `begin`: seconds after which they end, counted from a time of the clock.
        """
        stay = self.required if keep is None else self.required | keep
        better = chosen.copy()
        once = -1 if limits.seconds is None else max(SWAP_PAIRS // (len(self.cost) + 1), 1)
        more = True
        while more and not limits.over(begin):
            more = _swap(
                self.first, self.place, self.cost, self.beyond, self.allowed, stay, better,
                self.bad_first, self.bad, once,
            )  # fmt: skip
        return np.sort(better)

    def within(self, pairs: Distances, open_: NDArray[np.bool_]) -> Search:
        """The same among the `open_` sites and fewer pairs."""
        return _search(pairs, self.required, open_, (self.bad_first, self.bad))


def searching(pairs: Distances, rules: Rules, open_: NDArray[np.bool_]) -> Search:
    """The search among the `open_` sites."""
    return _search(pairs, rules.required, open_, conflict_lists(rules, pairs.n_sites))


def _search(
    pairs: Distances,
    required: NDArray[np.bool_],
    open_: NDArray[np.bool_],
    bad: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> Search:
    use = open_[pairs.site]
    site = pairs.site[use]
    order = np.argsort(site, kind="stable")
    place = np.repeat(np.arange(pairs.n_places, dtype=np.int32), np.diff(pairs.first))[use][order]
    first = np.zeros(pairs.n_sites + 1, np.int64)
    np.cumsum(np.bincount(site, minlength=pairs.n_sites), out=first[1:])
    most = float(pairs.cost.max(initial=0.0)) * 4 + 1
    return Search(
        first=first,
        place=place,
        cost=pairs.cost[use][order],
        beyond=np.where(np.isfinite(pairs.beyond), pairs.beyond, most),
        allowed=open_,
        required=required,
        bad_first=bad[0],
        bad=bad[1],
    )


@kernel
def _serve(first, place, cost, near, second, by, j):
    """Tell the places of site j that it is built."""
    for k in range(first[j], first[j + 1]):
        i = place[k]
        if cost[k] < near[i]:
            second[i], near[i], by[i] = near[i], cost[k], j
        elif cost[k] < second[i]:
            second[i] = cost[k]


@kernel
def _add(first, place, cost, beyond, allowed, required, p, bad_first, bad):
    n, m = len(first) - 1, len(beyond)
    near, second = beyond.copy(), beyond.copy()
    by = np.full(m, -1, np.int64)
    shut = ~allowed
    chosen = np.empty(max(p, len(required)), np.int64)
    gains = np.full(n, np.inf)
    fresh = np.zeros(n, np.int64)
    count = 0
    while count < len(chosen):
        best = -1
        if count < len(required):
            best = required[count]
        else:
            # what a site saves only falls: the most of the old ones is checked until it is true
            while True:
                best, top = -1, -1.0
                for j in range(n):
                    if not shut[j] and gains[j] > top:
                        best, top = j, gains[j]
                if best < 0 or fresh[best] == count + 1:
                    break
                gain = 0.0
                for k in range(first[best], first[best + 1]):
                    if cost[k] < near[place[k]]:
                        gain += near[place[k]] - cost[k]
                gains[best] = gain
                fresh[best] = count + 1
            if best < 0:
                break
        shut[best] = True
        for k in range(bad_first[best], bad_first[best + 1]):
            shut[bad[k]] = True
        chosen[count] = best
        count += 1
        _serve(first, place, cost, near, second, by, best)
    return chosen[:count].copy()


@kernel
def _swap(first, place, cost, beyond, allowed, stay, chosen, bad_first, bad, most_rounds):
    """Exchange in place, at most so many times (-1: any); whether there may be more to come."""
    n, m, p = len(first) - 1, len(beyond), len(chosen)
    near, second = np.empty(m), np.empty(m)
    by = np.empty(m, np.int64)
    inside = np.zeros(n, np.bool_)
    inside[chosen] = True
    lost, extra = np.empty(n), np.zeros(n)
    clash = np.zeros(n, np.int64)
    done = 0
    while done != most_rounds:
        done += 1
        near[:] = beyond
        second[:] = beyond
        by[:] = -1
        for a in range(p):
            _serve(first, place, cost, near, second, by, chosen[a])
        lost[:] = 0.0
        for i in range(m):
            if by[i] >= 0:
                lost[by[i]] += second[i] - near[i]
        clash[:] = 0
        for a in range(p):
            for k in range(bad_first[chosen[a]], bad_first[chosen[a] + 1]):
                clash[bad[k]] += 1
        # less than the error of the sums is no gain
        most, drop, take = 1e-9 + 1e-12 * near.sum(), -1, -1
        for j in range(n):
            if inside[j] or not allowed[j] or clash[j] > 1:
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
                if profit > most * (1 + 1e-12) and not stay[r]:
                    if clash[j] == 1 and not _excludes(bad_first, bad, j, r):
                        continue
                    most, drop, take = profit, a, j
        if drop < 0:
            return False
        inside[chosen[drop]], inside[take] = False, True
        chosen[drop] = take
    return True


@kernel
def _excludes(bad_first, bad, j, other):
    return (bad[bad_first[j] : bad_first[j + 1]] == other).any()


def tried(
    search: Search,
    pairs: Distances,
    chosen: NDArray[np.int64],
    often: FloatArray,
    *,
    tries: int,
    limits: Limits = NO_LIMITS,
    begin: float = 0.0,
) -> NDArray[np.int64]:
    """The best choice found by building, one after another, the sites the bound takes most often.

    Each of them replaces the site that is missed least, and exchanges follow that keep it.
    """
    known = pairs.total(chosen)
    order = np.argsort(-often, kind="stable")
    order = order[(often[order] > 0) & search.allowed[order]][:tries]
    for j in order.tolist():
        if limits.over(begin):
            break
        if j in chosen or not len(chosen):
            continue
        keep = np.zeros(pairs.n_sites, bool)
        keep[j] = True
        bad = search.bad[search.bad_first[j] : search.bad_first[j + 1]]
        if np.isin(bad, chosen).any():
            continue
        other = _without_least(search, np.append(chosen, j), keep)
        for more in (keep, None):  # then the site itself may go as well
            other = search.exchanged(other, keep=more, limits=limits, begin=begin)
        total = pairs.total(other)
        if total < known:
            chosen, known = other, total
    return chosen


def _without_least(
    search: Search, chosen: NDArray[np.int64], keep: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """`chosen` without the site whose places lose least."""
    m = len(search.beyond)
    near, second = search.beyond.copy(), search.beyond.copy()
    by = np.full(m, -1, np.int64)
    for j in chosen.tolist():
        _serve(search.first, search.place, search.cost, near, second, by, j)
    lost = np.zeros(len(search.first) - 1)
    np.add.at(lost, by[by >= 0], (second - near)[by >= 0])
    lost[keep | search.required] = np.inf
    return np.delete(chosen, int(np.argmin(lost[chosen])))
