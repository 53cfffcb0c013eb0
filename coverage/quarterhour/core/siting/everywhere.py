"""Most people where there are too many candidates to list whom each reaches: bounds, and fewer.

The Lagrangian bound needs no pairs, only the sum of the multipliers around each candidate. So the
multipliers are found among some candidates, the bound is that of all of them, and it tells which
candidates no better choice has. What is left is small enough to be solved like any other question.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.milp import NO_LIMITS, Limits
from quarterhour.core.siting.reduce import LARGEST
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover, Rules
    from quarterhour.core.siting.searches import Field

    IntArray = NDArray[np.int64]
    Progress = Callable[[float, float], None]

MOST_PAIRS = 8_000_000
"""Pairs of candidates and places from which on candidates are left out first."""

FEW_PAIRS, LIST_PAIRS = 2_000_000, 20_000_000
"""Pairs kept where a proof is out of reach, and those listed to make a bound sharper."""

ROUNDS, LOOKS, STEPS, EXCHANGES = 4, 6, 300, 20
"""Rounds among some candidates, then among those left; steps of a bound; exchanges."""

MORE = 2_000
"""Candidates that come in after a round, those that the bound of all would take first."""

LITTLE, BARELY = 0.95, 0.995
"""Shares of the pairs and of the bound above which a round was not worth another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed(_Frozen):
    """Fewer candidates. `kept`: bool per candidate. `alone`: int64 weight around each of them all.

    `chosen`, `known`: a choice among them and what it covers. `bound`: no choice of any candidates
    covers more. `whole`: every choice that covers more than `known`, or as much, is among the kept
    ones. `pairs`: of all candidates with places of weight. `bounds`: int64, what 0, 1, 2 ...
    candidates of all cover at most, up to the number that is asked for. `others`: bool per
    candidate, some all over the area, for whoever looks for another choice. `joined`: bool per
    candidate, those among which the multipliers were found. `by_clock`: the limit of seconds
    stopped it.
    """

    kept: NDArray[np.bool_]
    alone: IntArray
    chosen: IntArray
    known: int
    bound: int
    whole: bool
    pairs: int
    bounds: IntArray
    others: NDArray[np.bool_]
    joined: NDArray[np.bool_]
    by_clock: bool


def narrowed(
    field: Field,
    weight: IntArray,
    rules: Rules,
    *,
    pairs: tuple[int, int, int] = (FEW_PAIRS, MOST_PAIRS, LIST_PAIRS),
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Narrowed:
    """The candidates that may be in a best choice, with about as many `pairs` at most.

    For multipliers l_i in [0, w_i] no choice of p candidates covers more than sum_i (w_i - l_i) +
    the p largest v_j, where v_j is the sum of l_i around candidate j; with candidate j it covers
    less by what v_j lacks to the p-th largest. Where that is below what a choice at hand covers,
    the candidate is left out. If too many are left, those of the largest v_j are kept, and `whole`
    is false.

    Raises
    ------
    ValueError
        For rules without a number of sites or a budget, or more people than can be counted.
    """
    if rules.most_sites() is None:
        raise ValueError("a number of sites or a budget is needed")
    if float(weight.astype(np.float64).sum()) >= LARGEST:
        raise ValueError(f"more than {LARGEST / 1e6:.4g} people")
    return _Narrowing(field, weight, rules, pairs, limits, progress).run()


class _Narrowing:
    """What is known so far: `price` int64 per place, `value` per candidate, `bound`, `open`."""

    def __init__(
        self,
        field: Field,
        weight: IntArray,
        rules: Rules,
        pairs: tuple[int, int, int],
        limits: Limits,
        progress: Progress | None,
    ) -> None:
        self.field, self.weight, self.rules = field, weight, rules
        self.few_pairs, self.most_pairs, self.list_pairs = pairs
        self.limits, self.progress = limits, progress
        self.used = weight > 0
        self.size = field.values(self.used.astype(np.int64))
        self.alone = field.values(weight)
        self.open = (~rules.forbidden & (self.alone > 0)) | rules.required
        self.near = field.spread()
        self.begin = time.monotonic()  # what was compiled until here does not count
        self.pairs = int(self.size[self.open].sum())
        self.p = min(rules.most_sites() or 0, int(self.open.sum()))
        self.others, self.joined = self.open, np.zeros(len(self.open), bool)
        self.chosen, self.known = np.empty(0, np.int64), -1
        self.price, self.value = weight.copy(), self.alone
        most = np.sort(self.alone[self.open])[::-1][: self.p]
        self.bounds = np.minimum(np.concatenate([[0], np.cumsum(most)]), int(weight.sum()))
        self.bound = int(self.bounds[-1])
        self.free = ~rules.bound_together() & ~rules.forbidden
        if rules.budget is not None:
            self.free[:] = False  # an exchange might cost more

    def run(self) -> Narrowed:
        """The rounds, until few enough candidates are left."""
        if self._pairs(self.open) <= self.most_pairs or not self.p:
            return self._result(self.open, whole=True)
        some = self._some()
        self.others = np.zeros(len(self.open), bool)
        self.others[_thinned(some, self.size, self.few_pairs)] = True
        for k in range(ROUNDS):
            before, was = self._pairs(self.open), self.bound
            self._round(some)
            self.joined[some] = True
            left = self._pairs(self.open)
            little = left > before * LITTLE and self.bound > was * BARELY
            enough = left <= self.list_pairs or (k > 0 and little)
            if enough or self.limits.over(self.begin):
                break
            some = self._with_more(some)
        whole = left <= self.list_pairs
        kept = self._first(self.list_pairs)
        if whole and self._pairs(kept) > self.most_pairs and not self.limits.over(self.begin):
            kept = self._sharpened(kept)
        if not whole or self._pairs(kept) > self.most_pairs:
            whole, kept = False, self._first(self.few_pairs)
        return self._result(kept, whole=whole)

    def _result(self, kept: NDArray[np.bool_], *, whole: bool) -> Narrowed:
        bounds = np.append(self.bounds[:-1], max(self.bound, self.known))
        return Narrowed(
            kept=kept,
            alone=self.alone,
            chosen=self.chosen,
            known=max(self.known, 0),
            bound=max(self.bound, self.known),
            whole=whole,
            pairs=self.pairs,
            # fewer sites cover no more than more of them
            bounds=np.minimum.accumulate(bounds[::-1])[::-1].copy(),
            others=self.others,
            joined=self.joined,
            by_clock=self.limits.over(self.begin),
        )

    def _pairs(self, which: NDArray[np.bool_]) -> int:
        return int(self.size[which].sum())

    def _some(self) -> IntArray:
        """Of neighbours the one with most people, thinned until their pairs are few enough."""
        order = np.lexsort((-self.alone, self.near))
        order = order[self.open[order]]
        group = self.near[order]
        lead = np.ones(len(order), bool)
        lead[1:] = group[1:] != group[:-1]
        some = np.sort(order[lead])
        some = _thinned(some, self.size, self.most_pairs // 2)
        return np.union1d(some, np.flatnonzero(self.rules.required))

    def _with_more(self, some: IntArray) -> IntArray:
        """Those of `some`, while there is room, and of the others the best of each neighbourhood.

        Neighbours are worth about the same: of each neighbourhood one comes in, so that those that
        come in stand all over the area and not around the best of all.
        """
        out = ~self.open
        out[some] = True
        rest = np.flatnonzero(~out)
        rest = rest[np.lexsort((rest, -self.value[rest]))]
        _, lead = np.unique(self.near[rest], return_index=True)
        rest = rest[np.sort(lead)[:MORE]]
        if int(self.size[some].sum()) > self.most_pairs:
            some = some[(self.value[some] * 2 >= self._last()) | self.rules.required[some]]
        return np.unique(np.concatenate([some, rest, self.chosen]))

    def _last(self) -> int:
        """The p-th largest value of the candidates."""
        value = self.value[~self.rules.forbidden]
        return int(np.partition(value, len(value) - self.p)[len(value) - self.p])

    def _round(self, some: IntArray) -> None:
        """Multipliers among some candidates, the bound of all, and the candidates it leaves."""
        cover = self.field.rows(some, self.used)
        keep = np.zeros(self.field.n_sites, bool)
        keep[some] = True
        self._search(cover, keep)
        first = self.value is self.alone
        found = search_cover.lagrangian(
            cover.rows(some), self.weight, self.p, self.known, rounds=STEPS,
            start=None if first else self.price.astype(np.float64),
            limits=self.limits.left(self.begin),
        )  # fmt: skip
        price = np.clip(np.floor(found.price).astype(np.int64), 0, self.weight)
        value = self.field.values(price)
        open_ = value[~self.rules.forbidden]
        top = np.partition(open_, len(open_) - self.p)[len(open_) - self.p :]
        bound = int((self.weight - price).sum()) + int(top.sum())
        every = int((self.weight - price).sum()) + np.cumsum(np.sort(top)[::-1])
        self.bounds[1:] = np.minimum(self.bounds[1:], every)
        if bound < self.bound or first:
            self.bound, self.price, self.value = min(bound, self.bound), price, value
            self.open &= (int(top.min()) - value <= bound - self.known) | self.rules.required
        self._tell()

    def _search(self, cover: Cover, keep: NDArray[np.bool_]) -> None:
        """Greedy and exchanges among the candidates to `keep`; what is better becomes `chosen`."""
        weight = self.weight
        rules = replace(self.rules, forbidden=self.rules.forbidden | ~keep)
        starts = [search_cover.greedy(cover, weight, rules)]
        if len(self.chosen) and keep[self.chosen].all():
            starts.append(self.chosen)
        for found in starts:
            if not self.rules.allow(found):
                continue
            better = found
            for _ in range(EXCHANGES):
                if self.limits.over(self.begin) or not self.free.any():
                    break
                once = search_cover.exchange(cover, weight, better, self.free & keep, rounds=1)
                if np.array_equal(once, np.sort(better)):
                    break
                better = once
            known = int(weight[cover.covered(better)].sum())
            if known > self.known:
                self.chosen, self.known = np.sort(better), known

    def _first(self, pairs: int) -> NDArray[np.bool_]:
        """Of the candidates that are left those of the largest values, up to so many pairs."""
        order = np.flatnonzero(self.open)
        order = order[np.lexsort((order, -self.value[order]))]
        fits = np.cumsum(self.size[order]) <= pairs
        kept = np.zeros(len(self.open), bool)
        kept[order[fits]] = True
        kept[self.chosen] = True
        kept |= self.rules.required & ~self.rules.forbidden
        return kept

    def _sharpened(self, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Fewer of the candidates that may be in a better choice, by a bound of them alone."""
        cover = self.field.rows(np.flatnonzero(kept), self.used)
        price = self.price.astype(np.float64)
        for _ in range(LOOKS):
            some = np.flatnonzero(kept)
            self._search(cover, kept)
            if self.limits.over(self.begin):
                break
            rows = cover.rows(some)
            found = search_cover.lagrangian(
                rows, self.weight, self.p, self.known, rounds=STEPS // 2, start=price,
                limits=self.limits.left(self.begin),
            )  # fmt: skip
            if found.value < self.bound:
                # a choice of others covers less than what is known
                self.bound = max(int(np.ceil(found.value)), self.known)
            price = found.price
            self.value = self.value.copy()
            self.value[some] = np.floor(found.site).astype(np.int64)
            slack = found.value - self.known + 1 + 1e-9 * found.value
            order = np.sort(found.site)[::-1]
            last = order[min(self.p, len(order)) - 1]
            before = self._pairs(kept)
            out = some[last - found.site > slack]
            kept = kept.copy()
            kept[out[~self.rules.required[out]]] = False
            self.open &= kept
            self._tell()
            left = self._pairs(kept)
            if left <= self.most_pairs or left > before * LITTLE:
                break
            cover = self._fewer(cover, kept)
        return kept

    def _fewer(self, cover: Cover, kept: NDArray[np.bool_]) -> Cover:
        size = np.where(kept, np.diff(cover.first), 0)
        return replace(
            cover,
            first=np.concatenate([[0], np.cumsum(size)]),
            place=cover.place[np.repeat(kept, np.diff(cover.first))],
        )

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.known / 1e6, self.bound / 1e6)


def _thinned(some: IntArray, size: IntArray, pairs: int) -> IntArray:
    """Every second one, again and again, until there are few enough pairs."""
    while size[some].sum() > pairs and len(some) > 1:
        some = some[::2]
    return some
