"""Too many candidates to list whom each of them reaches: fewer of them, and what that may cost."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.assessing.place_search import Places
from quarterhour.core import reach as times
from quarterhour.core.siting import search_cover
from quarterhour.core.siting.everywhere import MOST_PAIRS, Narrowed, narrowed
from quarterhour.core.siting.everywhere_fewest import Fewest, fewest_of_all
from quarterhour.core.siting.everywhere_median import least_total
from quarterhour.core.siting.lowest_exact import EXCHANGED
from quarterhour.core.siting.milp import FEASIBLE, NO_LIMITS, OPTIMAL, Limits
from quarterhour.core.siting.nouns import Rules, Solution
from quarterhour.core.siting.searches import Searches
from quarterhour.inputs import Note
from quarterhour.model import _Frozen
from quarterhour.siting.cover import SiteCover, site_cover, sources_of, stops_where
from quarterhour.units import MICRO, MS_PER_MIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.siting.backup import Backup
    from quarterhour.inputs import Facilities

    Progress = Callable[[float, float], None]
    Steps = Callable[[str, int, int], None]

BACKED = (2_000_000, 5_000_000, 20_000_000)
"""Pairs as in `everywhere.narrowed`, where a second cover is asked for."""

THIN_PAIRS = 5_000_000
"""Pairs of one candidate of each neighbourhood."""

RADII_MS = tuple(1_000 * s for s in (15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 960))
"""Longest walks from a candidate that is left out to a kept one."""

MANY, SAMPLE, COUNTED = 2_000, 256, 4_000
"""Candidates below which all are listed; of how many whether the pairs are too many is told, and of
how many how wide the net must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide(_Frozen):
    """Which candidates are looked at.

    `kept`: bool per candidate, of the `usable` ones. `alone`: int64 millionths per candidate, not
    covered and within its cutoff. `moved_ms`: the longest walk from a kept candidate to one that is
    left out, None where `narrowed` says what those left out could add. `pairs`: of all candidates.
    `unreached_at`: bool per place, it counts and no usable candidate at all is within the cutoff.
    `fewest`: the bound for all candidates where everyone is to be covered. `twice`: for a second
    cover, millionths who may get one, the most covers, first and second, that they can have, and
    millionths who have two already. `bounds_all`: the answer comes with a bound for all candidates.
    """

    kept: NDArray[np.bool_]
    alone: NDArray[np.int64]
    usable: NDArray[np.bool_]
    pairs: int
    unreached_at: NDArray[np.bool_]
    moved_ms: int | None = None
    narrowed: Narrowed | None = None
    fewest: Fewest | None = None
    twice: tuple[int, int, int] | None = None
    bounds_all: bool = False

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Candidates whose places are listed: the kept ones, and those for another choice."""
        return self.kept if self.narrowed is None else self.kept | self.narrowed.others

    @property
    def among(self) -> int | None:
        """How many candidates what is proven holds for, None for all."""
        every = self.narrowed is not None or self.fewest is not None or self.bounds_all
        return None if every else int(self.kept.sum())

    @property
    def chosen(self) -> NDArray[np.int64] | None:
        """A choice at hand."""
        return None if self.narrowed is None else self.narrowed.chosen

    def told(self, best: Solution) -> Solution:
        """An answer for the kept candidates, as what it is among all of them."""
        found = self.narrowed
        if found is None or best.status not in {OPTIMAL, FEASIBLE}:
            return best
        bound = min(int(best.bound), found.bound) if found.whole else found.bound
        return self.bounded(best, bound)

    def told_at(self, number: int, best: Solution) -> Solution:
        """The same for another number of sites than the one that was asked for."""
        found = self.narrowed
        if found is None or best.status not in {OPTIMAL, FEASIBLE}:
            return best
        return self.bounded(best, int(found.bounds[min(number, len(found.bounds) - 1)]))

    def told_least(self, best: Solution, low: float) -> Solution:
        """The least among the kept candidates with a bound for all of them."""
        if low >= best.objective:
            return dataclasses.replace(best, bound=best.objective, status=OPTIMAL, by_clock=False)
        by_size = best.status == OPTIMAL
        return dataclasses.replace(
            best, bound=low, status=FEASIBLE, by_size=by_size, by_clock=best.by_clock
        )

    def told_fewest(self, best: Solution) -> Solution:
        """The fewest sites among the kept candidates, as what they are among all of them."""
        found = self.fewest
        if found is None or best.status not in {OPTIMAL, FEASIBLE}:
            return best
        bound = min(found.bound, int(best.objective))
        if bound >= best.objective:
            return dataclasses.replace(
                best, bound=bound, status=OPTIMAL, by_clock=False, ties=EXCHANGED
            )
        by_clock = best.by_clock or found.by_clock
        by_size = best.status == OPTIMAL and not by_clock
        return dataclasses.replace(
            best, bound=bound, status=FEASIBLE, by_clock=by_clock, by_size=by_size
        )

    def told_backup(self, found: Backup) -> Backup:
        """A second cover among the kept candidates, as what it is among all of them.

        Where those that a best first cover may have are all kept, it is the same. Else a site adds
        one cover to whoever it reaches: of all covers those that the first one takes are gone.
        """
        best = found.solution
        if self.narrowed is None or self.twice is None or best.status not in {OPTIMAL, FEASIBLE}:
            return found
        if self.narrowed.whole:
            return found
        open_, covers, always = self.twice
        most = always + min(open_, covers // 2, covers - (found.once - always))
        bound = max(int(best.objective), most)
        by_clock = best.by_clock or self.narrowed.by_clock
        return dataclasses.replace(
            found,
            solution=dataclasses.replace(
                best, bound=bound, status=FEASIBLE, by_clock=by_clock, by_size=not by_clock
            ),
        )

    def bounded(self, best: Solution, bound: int) -> Solution:
        """An answer with a bound for all candidates, and what stopped it where they differ."""
        bound = max(bound, int(best.objective))
        if bound <= best.objective:
            # of the candidates that were left out, which none better needs, one may be as good
            return dataclasses.replace(
                best, bound=bound, status=OPTIMAL, by_clock=False, ties=EXCHANGED
            )
        by_clock = best.by_clock or (self.narrowed is not None and self.narrowed.by_clock)
        # what is proven among the kept candidates was stopped by nothing but their number
        by_size = best.status == OPTIMAL and not by_clock
        return dataclasses.replace(
            best, bound=bound, status=FEASIBLE, by_clock=by_clock, by_size=by_size
        )

    def notes(self, minutes: Callable[[NDArray[np.int32]], NDArray[np.float64]]) -> list[Note]:
        """That not all candidates were looked at, and what that may cost."""
        n, m = len(self.kept), int(self.kept.sum())
        if self.fewest is not None or self.bounds_all:
            return [Note(
                f"候选点 {n:,} 个：在其中 {m:,} 个里求解；差距按全部候选点的下界计算",
                f"{n:,} candidates: chosen among {m:,} of them; the gap is counted from a bound for"
                " all of them",
            )]  # fmt: skip
        if self.narrowed is not None:
            if self.narrowed.whole:
                return [Note(
                    f"候选点 {n:,} 个：先按上界排除不可能更优者，余 {m:,} 个参加求解；"
                    "结论对全部候选点成立",
                    f"{n:,} candidates: those that no better choice has were left out by a bound,"
                    f" {m:,} are left to choose from; what is said holds for all of them",
                )]  # fmt: skip
            return [Note(
                f"候选点 {n:,} 个：在其中 {m:,} 个里求解；差距按全部候选点的上界计算",
                f"{n:,} candidates: chosen among {m:,} of them; the gap is counted from a bound for"
                " all of them",
            )]  # fmt: skip
        away = ceil(float(minutes(np.array([self.moved_ms or 0], np.int32))[0]) * 10 - 1e-6) / 10
        return [Note(
            f"候选点 {n:,} 个过多，每片只取一个，共 {m:,} 个参加求解；最优性只对这些候选点成立；"
            f"其余每个候选点距其中一个步行不超过 {away:.1f} 分钟",
            f"{n:,} candidates are too many: one of each neighbourhood, {m:,} in all, are chosen"
            f" from, and what is proven holds among these; each of the others is at most {away:.1f}"
            " min on foot from one of them",
        )]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(_Frozen):
    """What is asked of the candidates. `weight`: int64 millionths per place that count.

    `limit_ms`: how far a candidate reaches. `below_ms`: per place, only shorter walks count.
    """

    given: Assessment
    at: Facilities
    weight: NDArray[np.int64]
    limit_ms: int
    below_ms: NDArray[np.int32] | None = None
    threads: int | None = None

    def searches(self) -> tuple[Searches, NDArray[np.int64], NDArray[np.int64]]:
        """The candidates and the positions of places as a field; weight per position; its places.

        Places that are not linked have position -1.
        """
        given = self.given
        costs, _, sources = sources_of(given, self.at, given.link_limit_m)
        places = Places(given.ground, costs, self.threads)
        group = places.merged.group
        weight = np.zeros(places.merged.linkage.n_owners, np.int64)
        np.add.at(weight, group[group >= 0], self.weight[group >= 0])
        field = Searches(costs, sources, places.stops, self.limit_ms, threads=self.threads)
        return field, weight, group

    def too_many(self, most: int = MOST_PAIRS) -> bool:
        """Whether the pairs of all candidates are more than are listed, told by a sample."""
        n = len(self.at)
        if n < MANY:
            return False
        some = self.sample()
        return len(self.reach(some).cover.place) * n > most * int(some.sum())

    def sample(self) -> NDArray[np.bool_]:
        """Bool per candidate: some of them, evenly by number."""
        some = np.zeros(len(self.at), bool)
        some[np.linspace(0, len(self.at) - 1, SAMPLE).astype(np.int64)] = True
        return some

    def reach(
        self, only: NDArray[np.bool_] | None = None, progress: Steps | None = None
    ) -> SiteCover:
        """The places that all candidates reach, or `only` some."""
        return site_cover(
            self.given, self.at, limit_ms=self.limit_ms, link_limit_m=self.given.link_limit_m,
            keep=self.weight > 0, below_ms=self.below_ms, only=only, threads=self.threads,
            progress=progress,
        )  # fmt: skip


def fewer(
    ask: Ask, rules: Rules, limits: Limits = NO_LIMITS, progress: Progress | None = None
) -> Wide:
    """The candidates that a best choice may have: see `core.siting.everywhere`."""
    field, weight, group = ask.searches()
    found = narrowed(field, weight, rules.counted(), limits=limits, progress=progress)
    return Wide(
        usable=~rules.forbidden, kept=found.kept, alone=found.alone, pairs=found.pairs,
        narrowed=found,
        unreached_at=_unreached(field, rules, ask.weight > 0, group),
    )  # fmt: skip


def fewest(
    ask: Ask, rules: Rules, limits: Limits = NO_LIMITS, progress: Progress | None = None
) -> Wide:
    """Candidates for the fewest sites that cover everyone, and a bound for all candidates."""
    wide = thinned(ask, rules)
    field, weight, _ = ask.searches()
    found = fewest_of_all(
        field, weight > 0, rules, np.flatnonzero(wide.kept), limits=limits, progress=progress
    )
    return dataclasses.replace(wide, kept=found.kept, fewest=found, moved_ms=None)


def backed(
    ask: Ask,
    rules: Rules,
    times: NDArray[np.int64],
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Wide:
    """Candidates for a second cover: those that a best first cover may have, and what is known.

    `times`: existing facilities within the cutoff of each place.
    """
    lone = dataclasses.replace(ask, weight=np.where(times == 0, ask.weight, 0))
    field, weight, group = lone.searches()
    counted = rules.counted()
    found = narrowed(field, weight, counted, pairs=BACKED, limits=limits, progress=progress)
    again = times < 2
    _, open_, _ = dataclasses.replace(ask, weight=np.where(again, ask.weight, 0)).searches()
    around = field.values(open_)[~rules.forbidden]
    most = int(np.sort(around)[::-1][: counted.most_sites()].sum())
    once = int(ask.weight[times == 1].sum())
    return Wide(
        usable=~rules.forbidden, kept=found.kept, alone=found.alone, pairs=found.pairs,
        narrowed=found,
        twice=(int(ask.weight[again].sum()), once + most, int(ask.weight[~again].sum())),
        unreached_at=_unreached(field, rules, lone.weight > 0, group),
    )  # fmt: skip


def least_minutes(
    ask: Ask,
    usable: NDArray[np.bool_],
    places: NDArray[np.int64],
    upto: NDArray[np.float64],
    p: int,
) -> float:
    """Person-minutes that no `p` usable candidates go below: see `everywhere_median`.

    `upto`: minutes per place, the multiplier of one person; of those that count, `places`.
    """
    field, _, group = ask.searches()
    weight, longest = np.zeros(field.n_places), np.full(field.n_places, np.iinfo(np.int32).max)
    share = np.zeros(field.n_places)
    places = places[group[places] >= 0]
    at = group[places]
    people = ask.weight[places] / MICRO
    np.add.at(weight, at, people)
    np.add.at(share, at, people * upto[places])
    below = ask.limit_ms if ask.below_ms is None else ask.below_ms[places]
    np.minimum.at(longest, at, below)
    upto_ms = np.floor(share / np.maximum(weight, 1e-12) * MS_PER_MIN).astype(np.int64)
    upto_ms = np.minimum(upto_ms, longest)
    return least_total(field, weight, np.where(weight > 0, upto_ms, 0), usable, p) / MS_PER_MIN


def _unreached(
    field: Searches, rules: Rules, counts: NDArray[np.bool_], position: NDArray[np.int64]
) -> NDArray[np.bool_]:
    usable = stops_where(field.candidates, ~rules.forbidden[field.candidates.owner])
    near = times.nearest(field.impedance, usable, field.places, limit_ms=field.limit_ms)
    reached = np.zeros(field.n_places + 1, bool)  # the last is for places that are not linked
    reached[near.place] = True
    return np.asarray(counts & ~reached[position], bool)


def thinned(ask: Ask, rules: Rules, most_pairs: int = THIN_PAIRS) -> Wide:
    """One candidate of each neighbourhood, and those that alone reach somebody.

    Whoever is in reach of any usable candidate is in reach of a kept one, and every other usable
    candidate is at most `moved_ms` on foot from a kept one: the smallest of `RADII_MS` with few
    enough pairs. So where only walks and a number of sites count, each site of any choice has a
    kept one that is at most so much farther for everybody. Required candidates stay; of neighbours
    the cheapest stays, of these the one with most people.
    """
    field, weight, position = ask.searches()
    used = weight > 0
    alone = field.values(weight)
    usable = ~rules.forbidden & (alone > 0)
    every = np.flatnonzero(usable)
    looked = every[:: max(len(every) // COUNTED, 1)]
    size = np.zeros(field.n_sites)  # of most candidates about as many as of those looked at
    if len(every):
        size[every] = np.interp(every, looked, field.values(used.astype(np.int64), some=looked))
    cost = np.zeros(field.n_sites, np.int64) if rules.cost is None else rules.cost
    order = np.lexsort((-alone, cost))
    order = order[usable[order]]
    # of the walks within the limit only some may count: how many is told by a sample
    some = ask.sample()
    listed = field.values(used.astype(np.int64), some=np.flatnonzero(some))
    share = len(ask.reach(some).cover.place) / max(int(listed.sum()), 1)
    for radius_ms in RADII_MS:
        kept = field.net(order, radius_ms, rules.required)
        if size[kept].sum() * share <= most_pairs:
            break
    # whoever is in reach of any candidate is in reach of a kept one
    seen = field.rows(np.flatnonzero(kept), used).covered(np.flatnonzero(kept))
    missing = used & ~seen
    if missing.any():
        more = np.flatnonzero(usable & (field.values(np.where(missing, weight, 0)) > 0))
        cover = field.rows(more, missing)
        kept[search_cover.greedy(cover, weight, Rules.plain(field.n_sites))] = True
    moved = field.walk_from(kept, radius_ms)
    return Wide(
        usable=~rules.forbidden, kept=kept, alone=alone, pairs=round(float(size.sum())),
        moved_ms=int(moved[usable & ~kept].max(initial=0)),
        unreached_at=_unreached(field, rules, ask.weight > 0, position),
    )  # fmt: skip
