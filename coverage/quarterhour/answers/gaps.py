"""Gaps of a service: who is not covered, in places that a planner can name, the largest first.

Every place of the study area that has people and is not covered is in exactly one gap. How places
become gaps:

1. Places near a road belong together along the streets (`core.gaps`): neighbours are at most
   `join_m` of walking apart, and, with towns, of one town. Unlinked places belong together by
   straight distance, where their reason is the same, and are never in a gap with others.
2. What is wider than one new facility in its middle could serve within the cutoff, on flat streets,
   is parted (`core.parting`): a gap is no larger than one facility's walk.
3. The reason of a gap is that of most of its people of the service's group (`gap_reasons`); among
   the places with that reason stands its middle, the one with the least sum of straight distances
   to them by people. The walk, its evidence and its drawing are those of the middle.

Gaps are ranked by people of the service's group, then by all people, then by their lowest place.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.answers.gap_evidence import evidence, outline, walks
from quarterhour.answers.gap_names import CROWDED, GAP, names_of
from quarterhour.answers.gap_reasons import FULL, REASONS, Asking, Reasoned, asked_again, left_of
from quarterhour.answers.gap_words import sentence
from quarterhour.core import gaps as joined
from quarterhour.core.parting import parted_along, parted_straight
from quarterhour.inputs import EVERYONE
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.gap_reasons import Left
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import Note

    Ints = NDArray[np.int64]

JOIN_M = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(_Frozen):
    """One gap.

    `rank`: from 1. `town`: "" where none is known. `places`: int64 rows of the demand, ascending.
    `people[group]`: int64 millionths (of a unit of demand); of a gap of those without room only the
    service's group, and of it those in need of a bed or place. `within_rural`: int64 millionths of
    the group who are within the cutoff of rural places, None where none is asked for. `centre`: the
    row of its middle, at `lon`, `lat`. `extent`: polygons (longitude, latitude) for a map.
    `facility`: row of the nearest facility of the middle on foot, -1 for none within the search
    limit; `minutes`, `walk_m`, `detour` and `route` (LineString from the middle to it) then are
    None. `straight_m`: metres to the facility that lies nearest in a straight line, which may be
    another one; None without any. `detour`: walk_m / straight_m. `median_min`: minutes of the
    median person of the group, None where these have no facility within the limit. `reason`: of
    `gap_reasons.REASONS`; `share`: of the gap's people of the group, who have it. `evidence`: as in
    `gap_evidence`; `told`: the same as a sentence.
    """

    rank: int
    name: Note
    town: str
    places: Ints
    people: dict[str, int]
    within_rural: int | None = None
    centre: int
    lon: float
    lat: float
    extent: Any
    facility: int
    minutes: float | None
    walk_m: float | None
    straight_m: float | None
    detour: float | None
    route: Any
    median_min: float | None
    reason: str
    share: float
    evidence: dict[str, Any]
    told: Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """The gaps of one service at its last cutoff.

    `gaps`: of those who are not covered. `full`: of those who are covered and find no room; their
    people are no part of `gaps`. `rural_cutoff_min`: the longer cutoff of places outside the urban
    area, by which nobody is left out of the gaps; None where there is none. `reach_m`: flat metres
    that the cutoff is worth. `by_town`: whether gaps end at the borders of towns: `town_of` is the
    town of every place of demand, None without, `town_names` are theirs.
    """

    assessment: Assessment
    gaps: tuple[Gap, ...]
    full: tuple[Gap, ...]
    join_m: float
    reach_m: float
    rural_cutoff_min: float | None = None
    town_of: Ints | None = None
    town_names: tuple[str, ...] = ()

    @property
    def by_town(self) -> bool:
        """Whether gaps end at the borders of towns."""
        return self.town_of is not None


def uncovered_rows(a: Assessment) -> Ints:
    """Rows of the demand inside the study area that have people and are not covered, ascending."""
    some = np.zeros(len(a.ground.demand), bool)
    for amount in a.ground.demand.amounts.values():
        some |= amount > 0
    return np.flatnonzero(a.ground.inside & some & ~a.demand.covered(a.cutoff_ms))


def find_gaps(
    a: Assessment,
    *,
    join_m: float = JOIN_M,
    town_of: Ints | None = None,
    town_names: Sequence[str] = (),
    full: Ints | None = None,
    with_room: NDArray[np.bool_] | None = None,
    rural: NDArray[np.bool_] | None = None,
    rural_cutoff_min: float | None = None,
) -> Gaps:
    """The gaps of a service.

    Parameters
    ----------
    join_m
        How far neighbours of one gap may be apart.
    town_of, town_names
        Index of the town of every demand place, -1 for none, and the towns' names; gaps then end
        at the borders of towns. Default: no towns.
    full
        int64 millionths of people of the group per demand place who need a bed or place and are
        within the cutoff of facilities without room for them. Default: nobody looked.
    with_room
        Bool per facility row: has any bed or place. The walks of those without room lead to one of
        these: what has none is no facility that is full. Default: all.
    rural, rural_cutoff_min
        Bool per demand place: outside the urban area and within the cutoff of rural places, which
        is so many minutes. Default: there is no such cutoff.
    """
    asking = Asking(a)
    amounts = a.ground.demand.amounts
    made = _Made(asking, join_m, town_of, town_names, rural)
    rows = uncovered_rows(a)
    gaps = made.gaps(rows, {g: v[rows] for g, v in amounts.items()})
    for group, amount in amounts.items():
        left = int(amount[rows].sum())
        assert sum(g.people[group] for g in gaps) == left, "everyone is in exactly one gap"  # noqa: S101
    crowded: tuple[Gap, ...] = ()
    if full is not None:
        covered = a.demand.covered(a.cutoff_ms) & a.ground.inside
        rows = np.flatnonzero(covered & (full > 0))
        if with_room is not None and not with_room[a.used].all():
            some = dataclasses.replace(a.facilities, serving=a.facilities.serving & with_room)
            roomy = Asking(dataclasses.replace(a, facilities=some))
            made = _Made(roomy, join_m, town_of, town_names, rural)
        crowded = made.gaps(rows, {a.group: full[rows]}, is_full=True)
    return Gaps(
        assessment=a, gaps=gaps, full=crowded, join_m=join_m, reach_m=asking.reach_m,
        rural_cutoff_min=None if rural is None else rural_cutoff_min,
        town_of=town_of, town_names=tuple(town_names),
    )  # fmt: skip


def find_again(today: Gaps, a: Assessment) -> Gaps:
    """The gaps of another state of a service, joined and named as those of today.

    Without those who find no room, and without those within a rural cutoff.
    """
    return find_gaps(a, join_m=today.join_m, town_of=today.town_of, town_names=today.town_names)


class _Made:
    """Gaps of one assessment in the making."""

    def __init__(
        self,
        asking: Asking,
        join_m: float,
        town_of: Ints | None,
        town_names: Sequence[str],
        rural: NDArray[np.bool_] | None,
    ) -> None:
        self.asking, self.a, self.join_m = asking, asking.a, join_m
        self.town_of, self.town_names, self.rural = town_of, town_names, rural

    def gaps(
        self, rows: Ints, people: dict[str, Ints], *, is_full: bool = False
    ) -> tuple[Gap, ...]:
        """Gaps of the demand places `rows`, of whom `people` (by group, per row) are counted."""
        a, n = self.a, len(rows)
        if not n:
            return ()
        left = left_of(self.asking, rows)
        if is_full:
            left = asked_again(self.asking, left)
        why = self.asking.decide(left)
        if is_full:
            why = _all_full(why)
        town = np.full(n, -1, np.int64) if self.town_of is None else self.town_of[rows]
        counted = people[a.group]
        part = self._parts(left, why, town, counted)
        size = int(part.max()) + 1
        sums = {g: _sums(part, v, size) for g, v in people.items()}
        lowest = np.full(size, n, np.int64)
        np.minimum.at(lowest, part, np.arange(n))
        everyone = sums.get(EVERYONE, sums[a.group])
        order = np.lexsort((lowest, -everyone, -sums[a.group]))
        rank = np.empty(size, np.int64)
        rank[order] = np.arange(size)
        part = rank[part]
        sums = {g: v[order] for g, v in sums.items()}
        near = None
        if self.rural is not None and not is_full:
            near = _sums(part, np.where(self.rural[rows], counted, 0), size)
        members = _split(part, size)

        weight = _weights(part, people, a.group, size)
        votes = np.zeros((size, len(REASONS)))
        np.add.at(votes, (part, why.code), weight)
        code = np.argmax(votes, axis=1)
        share = votes[np.arange(size), code] / np.maximum(votes.sum(axis=1), 1e-300)
        centre = np.empty(size, np.int64)
        for k, mine in enumerate(members):
            alike = mine[why.code[mine] == code[k]]
            centre[k] = alike[joined.middle(left.x_m[alike], left.y_m[alike], counted[alike])]
        found = walks(self.asking, left, centre)
        facts = evidence(self.asking, left, why, centre, found)
        crs = a.ground.crs
        extent = crs.geometry_lonlat(outline(left.x_m, left.y_m, part, size))
        names, towns = names_of(
            a, members, rows, counted, centre, town, self.town_names,
            called=CROWDED if is_full else GAP,
        )  # fmt: skip
        lon, lat = a.ground.demand.lon, a.ground.demand.lat
        result = []
        for k, mine in enumerate(members):
            walk, at = found[k], int(rows[centre[k]])
            reason = REASONS[code[k]]
            result.append(
                Gap(
                    rank=k + 1,
                    name=names[k],
                    town=towns[k],
                    places=rows[mine],
                    people={g: int(v[k]) for g, v in sums.items()},
                    within_rural=None if near is None else int(near[k]),
                    centre=at,
                    lon=float(lon[at]),
                    lat=float(lat[at]),
                    extent=extent[k],
                    facility=-1 if walk is None else walk.facility,
                    minutes=facts[k]["minutes"],
                    walk_m=facts[k]["walk_m"],
                    straight_m=facts[k]["straight_m"],
                    detour=facts[k]["detour"],
                    route=None if walk is None else walk.line,
                    median_min=self._median(left, mine, weight[mine]),
                    reason=reason,
                    share=float(share[k]),
                    evidence=facts[k],
                    told=sentence(reason, facts[k], cutoff_min=a.cutoffs_min[-1]),
                )
            )
        return tuple(result)

    def _parts(self, left: Left, why: Reasoned, town: Ints, counted: Ints) -> Ints:
        """Gap of every point, numbered in no order."""
        costs, reach_m = self.asking.costs, self.asking.reach_m
        link = left.linkage
        part = np.empty(len(left), np.int64)
        on, off = link.point, np.flatnonzero(~left.linked)
        usable = costs.out_open | costs.in_open
        cluster = joined.joined_along(
            costs.network, usable, link.edge, link.offset_mm,
            join_mm=int(units.mm_of_m(self.join_m)), town=town[on],
        )  # fmt: skip
        part[on] = parted_along(
            costs.network, usable, link.edge, link.offset_mm, cluster,
            xy_m=(left.x_m[on], left.y_m[on]), weight=counted[on],
            reach_mm=int(units.mm_of_m(reach_m)),
        )  # fmt: skip
        first = int(part[on].max(initial=-1)) + 1
        x, y = left.x_m[off], left.y_m[off]
        kind = town[off] * len(REASONS) + why.code[off]
        cluster = joined.joined_straight(x, y, join_m=self.join_m, kind=kind)
        part[off] = first + parted_straight((x, y), cluster, weight=counted[off], reach_m=reach_m)
        return part

    def _median(self, left: Left, mine: Ints, weight: NDArray[np.float64]) -> float | None:
        """Minutes of the lower median of the people; those beyond the limit come last."""
        ms = np.where(
            left.nearest[mine] >= 0, left.ms[mine].astype(np.int64), np.iinfo(np.int64).max
        )
        order = np.argsort(ms, kind="stable")
        within = np.cumsum(weight[order])
        middle = mine[order[int(np.searchsorted(within, within[-1] / 2))]]
        return self.asking.minutes(int(left.ms[middle])) if left.nearest[middle] >= 0 else None


def _all_full(why: Reasoned) -> Reasoned:
    return Reasoned(
        code=np.full(len(why.code), FULL, np.int8), straight_m=why.straight_m,
        straight_to=why.straight_to, crosses=why.crosses, other_ms=why.other_ms,
    )  # fmt: skip


def _sums(part: Ints, amount: Ints, size: int) -> Ints:
    total = np.zeros(size, np.int64)
    np.add.at(total, part, amount)
    return total


def _split(part: Ints, size: int) -> list[Ints]:
    """Members of every part, ascending."""
    order = np.argsort(part, kind="stable")
    return np.split(order, np.searchsorted(part[order], np.arange(1, size)))


def _weights(part: Ints, people: dict[str, Ints], group: str, size: int) -> NDArray[np.float64]:
    """What a place counts in its gap: people of the group, or all people where there are none."""
    weight = people[group].astype(np.float64)
    for other in (EVERYONE, ""):
        none = _sums(part, weight.astype(np.int64), size)[part] == 0
        fallback = people[other] if other in people else np.ones(len(part), np.int64)
        weight = np.where(none, fallback, weight)
    return weight
