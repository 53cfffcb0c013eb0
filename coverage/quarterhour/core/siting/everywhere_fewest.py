"""Fewest sites where there are too many candidates to list whom each reaches.

Few places, those that are hard to cover, bound the number of sites almost as well as all of them,
and whom of those the candidates reach can be listed. The multipliers that are found so are added up
around every candidate, so that the bound is one for all of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.everywhere_dual import multipliers
from quarterhour.core.siting.fewest_search import implied, numbered_places
from quarterhour.core.siting.milp import NO_LIMITS, Limits
from quarterhour.core.siting.nouns import Rules
from quarterhour.core.siting.reduce import dominated, merged
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover
    from quarterhour.core.siting.searches import Field

    IntArray = NDArray[np.int64]
    Progress = Callable[[float, float], None]

UNIT = 10**12
"""Whole parts of a multiplier of 1."""

MOST_PAIRS, HARD_PAIRS = 11_000_000, 16_000_000
"""Pairs of the candidates that are kept with all places, and of all candidates with hard places."""

SHARE = 0.8
"""Of the seconds that are left, for the multipliers of a round."""

ROUNDS, STEPS, PROGRAMS = 3, (600, 300, 600), (1, 1, 3)
"""Rounds in which hard places come and go, and how exact the multipliers of each one are."""

NEAR = 0.9
"""Sum of the multipliers around a candidate from which on it is kept before others."""

LITTLE, LACK, SLACK = 1e-4, 0.03, 1.3
"""Of a candidate, too little to matter; of what is built around a place, what it may lack; and how
much is built around a place that is not hard after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fewest(_Frozen):
    """`kept`: bool per candidate, those to choose from. `bound`: no choice of any has fewer sites.

    `price`: int64 multiplier per place in parts of `UNIT`. `by_clock`: the seconds stopped it.
    """

    kept: NDArray[np.bool_]
    bound: int
    price: IntArray
    by_clock: bool


def fewest_of_all(
    field: Field,
    used: NDArray[np.bool_],
    rules: Rules,
    some: IntArray,
    *,
    pairs: tuple[int, int] = (MOST_PAIRS, HARD_PAIRS),
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Fewest:
    """How many sites cover everyone at least, and candidates to choose them from.

    Parameters
    ----------
    used
        Places that must be covered; those that no usable candidate reaches do not count.
    some
        Candidates, ascending, that cover whoever a usable candidate covers.
    pairs
        See `MOST_PAIRS` and `HARD_PAIRS`.
    """
    begin = time.monotonic()
    usable = ~rules.forbidden
    near = field.rows(some, used).rows(some)
    reached = near.covered(np.arange(len(some)))
    first = search_cover.greedy(near, used.astype(np.int64), Rules.plain(len(some)))
    known = len(first)
    hard = _hard(near, reached)
    price, bound = np.zeros(field.n_places, np.int64), int(rules.required.sum())
    start = np.zeros(field.n_places)
    room = len(hard)
    for k in range(ROUNDS if len(hard) else 0):
        if k == 0 or len(hard) > room:
            hard = _few_enough(field, usable, hard, pairs[1])
            room = len(hard)
        every, cover = _columns(field, usable, hard)
        found = multipliers(
            cover, known, start=start[hard] if k else None,
            limits=limits.left(begin).part(SHARE), steps=STEPS[k], programs=PROGRAMS[k],
        )  # fmt: skip
        now = np.zeros(field.n_places, np.int64)
        now[hard] = np.floor(found.price * UNIT).astype(np.int64)
        total = field.values(now)
        least = least_of(now, total[usable])
        if least > bound or k == 0:
            bound, price, value, lone = max(bound, least), now, total, every
        if progress is not None:
            progress(known, bound)
        if found.built is None or k + 1 == ROUNDS or limits.over(begin):
            break
        without, slack = _left_without(field, every, found.built, reached)
        more = _hard(near, without)
        if not len(more):
            break
        start[hard] = found.price
        hard = np.union1d(hard[slack[hard] < SLACK], more)
    kept = np.zeros(field.n_sites, bool)
    kept[some[first]] = True
    if len(hard):
        # of the candidates that cover what no other one covers those whose sum is near 1, as the
        # sites of a choice of few have it, then others whose sum is
        size = field.values(used.astype(np.int64))
        apart = lone[value[lone] >= int(UNIT * NEAR)]
        order = np.concatenate([apart, np.arange(field.n_sites)])
        order = order[np.lexsort((order, -value[order], np.arange(len(order)) >= len(apart)))]
        _, at = np.unique(order, return_index=True)
        order = order[np.sort(at)]
        order = order[usable[order] & (size[order] > 0) & ~kept[order]]
        left = pairs[0] - int(size[kept].sum())
        kept[order[np.cumsum(size[order]) <= left]] = True
    return Fewest(
        kept=(kept & usable) | rules.required, bound=bound, price=price,
        by_clock=limits.over(begin),
    )  # fmt: skip


def least_of(price: IntArray, total: IntArray) -> int:
    """The fewest candidates whose totals come to the sum of all multipliers.

    Each place is covered once at least, so the totals of a choice come to that sum or more.
    """
    most = np.cumsum(np.sort(total)[::-1])
    asked = int(price.sum())
    return 0 if asked == 0 or not len(most) else int(np.searchsorted(most, asked)) + 1


def _hard(near: Cover, which: NDArray[np.bool_]) -> IntArray:
    """Of these places those that are not covered in any case where some other one is."""
    n = near.n_sites
    small = merged(near, np.ones(near.n_places, np.int64), leave=~which)
    drop = dominated(small.cover, small.weight, np.ones(n, bool))
    need = np.flatnonzero(~implied(small.cover.rows(np.flatnonzero(~drop))))
    lead = np.full(small.cover.n_places, -1, np.int64)
    of = np.flatnonzero(small.of >= 0)
    lead[small.of[of][::-1]] = of[::-1]
    return np.sort(lead[need])


def _few_enough(
    field: Field, usable: NDArray[np.bool_], hard: IntArray, most_pairs: int
) -> IntArray:
    """Every second place, again and again, until the candidates have few enough pairs with them."""
    while len(hard) > 1:
        one = np.zeros(field.n_places, np.int64)
        one[hard] = 1
        if int(field.values(one)[usable].sum()) <= most_pairs:
            break
        hard = hard[::2]
    return hard


def _columns(field: Field, usable: NDArray[np.bool_], hard: IntArray) -> tuple[IntArray, Cover]:
    """Candidates that cover what no other one covers all of, and which of the hard places."""
    keep = np.zeros(field.n_places, bool)
    keep[hard] = True
    every = np.flatnonzero(usable)
    cover = numbered_places(field.rows(every, keep).rows(every), hard)
    lead = _different(cover)
    cover, every = cover.rows(lead), every[lead]
    out = dominated(cover, np.ones(cover.n_places, np.int64), np.ones(len(every), bool))
    stay = np.flatnonzero(~out)
    return every[stay], cover.rows(stay)


def _left_without(
    field: Field, every: IntArray, built: NDArray[np.float64], reached: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Places around which too little is built, and how much is built around each place."""
    some = np.flatnonzero(built > LITTLE)
    cover = field.rows(every[some], reached).rows(every[some])
    around = np.bincount(
        cover.place, weights=built[some][cover.site], minlength=cover.n_places
    )  # fmt: skip
    left: NDArray[np.bool_] = reached & (around < 1 - LACK)
    return left, np.asarray(around, np.float64)


def _different(cover: Cover) -> IntArray:
    """The first candidate of those with the same places; that two are taken for alike is harmless.

    Whoever is left out is asked again when the multipliers are added up around all candidates.
    """
    number = np.random.default_rng(20_210_701).integers(0, 2**63, cover.n_places, dtype=np.uint64)
    running = np.zeros(len(cover.place) + 1, np.uint64)
    np.cumsum(number[cover.place], out=running[1:])
    key = running[cover.first[1:]] - running[cover.first[:-1]]
    _, lead = np.unique(key, return_index=True)
    return np.sort(lead[np.diff(cover.first)[lead] > 0])
