"""Few sites for everyone: places that need no look of their own, and a search by weights."""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.milp import NO_LIMITS, Limits
from quarterhour.core.siting.nouns import Cover
from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Rules

MANY = 300_000
"""Pairs from which on the search is worth its seconds; fewer are soon solved exactly."""

STEPS, AT_ONCE = 4_000_000, 4_000
"""Steps of the search, and those between two looks at the clock."""

WORK = 15_000_000_000
"""Scores that the steps may change: some seconds, and the same ones in every run."""

SEED = 20_210_701
MOST_COMPARED = 1_500_000_000
"""Comparisons of candidates after which no more places are looked at, the same in every run."""


def numbered_places(cover: Cover, places: NDArray[np.int64]) -> Cover:
    """The cover of these places only, ascending, by their numbers among them."""
    number = np.full(cover.n_places, -1, np.int64)
    number[places] = np.arange(len(places))
    at = number[cover.place]
    running = np.concatenate([[0], np.cumsum(at >= 0)])
    return Cover(
        first=running[cover.first], place=at[at >= 0].astype(np.int32), n_places=len(places)
    )


def needed(cover: Cover, rules: Rules) -> NDArray[np.int64]:
    """Places that are enough: who covers them covers all that usable candidates cover."""
    open_ = cover.rows(np.flatnonzero(~rules.forbidden))
    some = np.bincount(open_.place, minlength=cover.n_places) > 0
    return np.flatnonzero(some & ~implied(open_))


def fewer_by_search(
    cover: Cover,
    rules: Rules,
    found: NDArray[np.bool_],
    asked: NDArray[np.int64],
    *,
    least: int = 0,
    limits: Limits = NO_LIMITS,
) -> NDArray[np.bool_]:
    """`found`, which covers the places `asked`, with fewer sites where the search finds them.

    Sites that a rule ties to others stay as they are; under a budget nothing is changed.
    """
    if rules.budget is not None:
        return found
    open_ = np.flatnonzero(~rules.forbidden)
    small = numbered_places(cover.rows(open_), asked)
    better = fewer(
        small, np.flatnonzero(found[open_]), ~rules.bound_together()[open_], least=least,
        limits=limits,
    )  # fmt: skip
    result = np.zeros(len(found), bool)
    result[open_[better]] = True
    return result if replace(rules, n_sites=None).allow(open_[better]) else found


def implied(cover: Cover, *, most_steps: int = MOST_COMPARED) -> NDArray[np.bool_]:
    """Bool per place: whoever covers some other place covers this one, too.

    Of places with the same candidates the first is not implied. A place without a candidate implies
    nothing and is not implied.
    """
    by_place = cover.transposed()
    order = np.argsort(np.diff(by_place.first), kind="stable")
    out: NDArray[np.bool_] = _implied(
        by_place.first, by_place.place, cover.first, cover.place, order, np.int64(most_steps)
    )
    return out


@kernel
def _implied(first, site, site_first, place, order, most_steps):
    out = np.zeros(len(first) - 1, np.bool_)
    steps = np.int64(0)
    for a in order:
        size = first[a + 1] - first[a]
        if out[a] or size == 0:
            continue
        if steps > most_steps:
            break
        least, few = -1, np.int64(2**62)
        for k in range(first[a], first[a + 1]):
            j = site[k]
            if site_first[j + 1] - site_first[j] < few:
                least, few = j, site_first[j + 1] - site_first[j]
        # a place that has all candidates of this one has the one with fewest places
        for q in range(site_first[least], site_first[least + 1]):
            i = place[q]
            other = first[i + 1] - first[i]
            if i == a or out[i] or other < size or (other == size and i < a):
                continue
            at, inside = first[i], True
            for k in range(first[a], first[a + 1]):
                while at < first[i + 1] and site[at] < site[k]:
                    at += 1
                    steps += 1
                if at == first[i + 1] or site[at] != site[k]:
                    inside = False
                    break
            out[i] = inside
    return out


def fewer(
    cover: Cover,
    chosen: NDArray[np.int64],
    free: NDArray[np.bool_],
    *,
    least: int = 0,
    steps: int = STEPS,
    limits: Limits = NO_LIMITS,
) -> NDArray[np.int64]:
    """A choice, ascending, that covers every place that some candidate covers, like `chosen` does.

    One site after another is taken away, and others come in where somebody is left without: places
    that are often left without weigh more and more (Gao, Weise and Li 2015, Information Sciences
    302:72-92). Only `free` candidates come and go. It ends with `least` sites, after so many
    `steps`, or with the seconds of `limits`; without those it repeats exactly.
    """
    begin = time.monotonic()
    by_place = cover.transposed()
    n, m = cover.n_sites, cover.n_places
    inside = np.zeros(n, np.bool_)
    inside[chosen] = True
    times = np.bincount(cover.rows(np.flatnonzero(inside)).place, minlength=m).astype(np.int64)
    by = np.zeros(m, np.int64)  # sum of the numbers of the sites that cover a place
    np.add.at(by, cover.place, np.where(inside, np.arange(n), 0)[cover.site])
    weight, score = np.ones(m, np.int64), np.zeros(n, np.int64)
    alone = np.flatnonzero(times == 1)
    np.add.at(score, by[alone], -weight[alone])
    when = np.zeros(n, np.int64)
    best = inside.copy()
    state = np.array([0, SEED, inside.sum(), 0], np.int64)
    some = np.flatnonzero(free)
    while state[0] < steps and state[3] < WORK and not limits.over(begin):
        _fewer(
            cover.first, cover.place, by_place.first, by_place.place, free, some, inside, times, by,
            weight, score, when, best, state, min(AT_ONCE, steps - state[0]), least,
        )  # fmt: skip
        if state[2] <= least:
            break
    return np.flatnonzero(best)


@kernel
def _put_in(first, place, site_first, site, inside, times, by, weight, score, j):
    """Take a candidate in; how many scores were changed."""
    work = np.int64(0)
    inside[j] = True
    score[j] = -score[j]
    for k in range(first[j], first[j + 1]):
        i = place[k]
        if times[i] == 0:
            for q in range(site_first[i], site_first[i + 1]):
                if site[q] != j:
                    score[site[q]] -= weight[i]
            work += site_first[i + 1] - site_first[i]
        elif times[i] == 1:
            score[by[i]] += weight[i]
        times[i] += 1
        by[i] += j
    return work


@kernel
def _take_out(first, place, site_first, site, inside, times, by, weight, score, j):
    """Take a site out; how many scores were changed."""
    work = np.int64(0)
    inside[j] = False
    score[j] = -score[j]
    for k in range(first[j], first[j + 1]):
        i = place[k]
        times[i] -= 1
        by[i] -= j
        if times[i] == 0:
            for q in range(site_first[i], site_first[i + 1]):
                if site[q] != j:
                    score[site[q]] += weight[i]
            work += site_first[i + 1] - site_first[i]
        elif times[i] == 1:
            score[by[i]] -= weight[i]
    return work


@kernel
def _fewer(
    first, place, site_first, site, free, some, inside, times, by, weight, score, when, best, state,
    most, least,
):  # fmt: skip
    """Some steps; `state`: steps so far, the next number drawn, sites of the best choice, work."""
    m = len(times)
    open_ = np.empty(m, np.int64)  # places left without, and where each of them stands
    at = np.full(m, -1, np.int64)
    count = 0
    for i in range(m):
        if times[i] == 0 and site_first[i + 1] > site_first[i]:
            at[i] = count
            open_[count] = i
            count += 1
    built = np.empty(len(some), np.int64)
    n_built = 0
    for j in some:
        if inside[j]:
            built[n_built] = j
            n_built += 1
    total = 0
    for j in range(len(inside)):
        total += inside[j]
    last = -1
    for _ in range(most):
        state[0] += 1
        while True:
            if count == 0 and total < state[2]:
                state[2] = total
                best[:] = inside
            if n_built == 0 or (count == 0 and total <= least):
                return
            if count > 0 and total < state[2] - 1:
                break  # nothing came in for the one that went before
            # the site that is missed least goes, of equal ones the one that has stood longest
            drop = -1
            for a in range(n_built):
                j = built[a]
                if j == last and n_built > 1:
                    continue
                if (
                    drop < 0
                    or score[j] > score[built[drop]]
                    or (score[j] == score[built[drop]] and when[j] < when[built[drop]])
                ):
                    drop = a
            j = built[drop]
            again = count == 0
            state[3] += n_built + _take_out(
                first, place, site_first, site, inside, times, by, weight, score, j
            )
            for k in range(first[j], first[j + 1]):
                i = place[k]
                if times[i] == 0 and at[i] < 0:
                    at[i] = count
                    open_[count] = i
                    count += 1
            n_built -= 1
            built[drop] = built[n_built]
            total -= 1
            when[j] = state[0]
            if not again:
                break
        if count == 0:
            continue
        state[1] = (state[1] * 1103515245 + 12345) & 0x7FFFFFFF
        i = open_[(state[1] >> 8) % count]
        take = -1
        for q in range(site_first[i], site_first[i + 1]):
            j = site[q]
            if not free[j] or inside[j] or when[j] == state[0]:
                continue
            if (
                take < 0
                or score[j] > score[take]
                or (score[j] == score[take] and when[j] < when[take])
            ):
                take = j
        if take >= 0:
            state[3] += _put_in(
                first, place, site_first, site, inside, times, by, weight, score, take
            )
            for k in range(first[take], first[take + 1]):
                i = place[k]
                if at[i] >= 0:
                    count -= 1
                    other = open_[count]
                    open_[at[i]] = other
                    at[other] = at[i]
                    at[i] = -1
            built[n_built] = take
            n_built += 1
            total += 1
            when[take] = state[0]
            last = take
        for a in range(count):
            i = open_[a]
            weight[i] += 1
            for q in range(site_first[i], site_first[i + 1]):
                score[site[q]] += 1
            state[3] += site_first[i + 1] - site_first[i]
