"""The lowest of all choices as good as the best: distances, room, years, services, closing."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting import flow
from quarterhour.core.siting.backup import backup
from quarterhour.core.siting.capacity import Sizes, most_served
from quarterhour.core.siting.centre import centre
from quarterhour.core.siting.closing import best_moves, fewest_lost
from quarterhour.core.siting.fewest import Need
from quarterhour.core.siting.median import distances, median
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.phases import Year, phased
from quarterhour.core.siting.shared_budget import Service, most_for_all
from quarterhour.core.siting.targets import Asked, Presence, Stock, fewest_for_targets
from siting_cases import every_choice, flags_for
from siting_ties import begun, likes, lowest, lowest_of_two, rings, tied_covers, tied_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

__all__ = ["begun"]

pytestmark = pytest.mark.usefixtures("begun")

BEYOND = 1000


@st.composite
def walks(draw: st.DrawFn) -> tuple[int, IntArray]:
    """Candidates, and distances of places (rows) to them, mostly alike; 9 is no walk at all."""
    if draw(st.booleans()):
        ring = draw(rings(most_sites=7))
        far = np.full((ring.n_places, ring.n_sites), draw(st.sampled_from([2, 9])))
        far[ring.place, ring.site] = 1
        return ring.n_sites, far
    n, m = draw(st.integers(2, 7)), draw(st.integers(1, 7))
    far = draw(
        st.lists(st.sampled_from([0, 1, 1, 2, 9]), min_size=n * m, max_size=n * m).map(np.array)
    )
    return n, far.reshape(m, n).astype(np.int64)


def pairs_in(far: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Site, place and distance of every walk."""
    place, site = np.nonzero(far < 9)
    return site.astype(np.int64), place.astype(np.int64), far[place, site]


def nearest(far: IntArray, chosen: IntArray) -> IntArray:
    """Distance of every place to the nearest chosen site."""
    walk = np.where(far < 9, far, BEYOND)[:, chosen]
    return np.minimum(walk.min(axis=1, initial=BEYOND), BEYOND)


@settings(max_examples=150, deadline=None)
@given(walks(), st.data())
def test_the_median(case: tuple[int, IntArray], data: st.DataObject) -> None:
    n, far = case
    rules, weight = data.draw(tied_rules(n)), data.draw(likes(len(far))) // 333_333
    site, place, walk = pairs_in(far)
    made = distances(site, place, walk * 1.0, weight * 1.0, n, beyond=float(BEYOND))
    found = median(made, rules)
    wanted = lowest(rules, lambda c: int((nearest(far, c) * weight).sum()), most=False)
    if wanted is None:
        assert found.status == "infeasible"
        return
    assert (found.status, found.ties) == ("optimal", "lowest")
    assert found.chosen.tolist() == wanted


@settings(max_examples=150, deadline=None)
@given(walks(), st.data())
def test_the_centre(case: tuple[int, IntArray], data: st.DataObject) -> None:
    n, far = case
    rules = data.draw(tied_rules(n))
    site, place, walk = pairs_in(far)
    before = np.where(data.draw(flags_for(len(far))), 2.0, float(BEYOND))
    found = centre(site, place, walk * 1.0, len(far), rules, existing=before)
    wanted = lowest(
        rules, lambda c: float(np.minimum(nearest(far, c), before).max()), most=False
    )  # fmt: skip
    if wanted is None:
        assert found.status == "infeasible"
        return
    assert (found.status, found.ties) == ("optimal", "lowest")
    assert found.chosen.tolist() == wanted


@settings(max_examples=150, deadline=None)
@given(tied_covers(most_sites=7), st.sampled_from(["most", "everyone", "weighted"]),
       st.data())  # fmt: skip
def test_backup(cover: Cover, first: str, data: st.DataObject) -> None:
    weight, rules = data.draw(likes(cover.n_places)), data.draw(tied_rules(cover.n_sites))
    times = data.draw(flags_for(cover.n_places)).astype(np.int64)
    found = backup(cover, weight, rules, times=times, first=first, weights=(2, 1)).solution

    def covered(chosen: IntArray) -> tuple[int, int]:
        at = times + np.bincount(cover.rows(chosen).place, minlength=cover.n_places)
        return int(weight[at >= 1].sum()), int(weight[at >= 2].sum())

    every = covered(np.flatnonzero(~rules.forbidden))[0]
    most = max((covered(c)[0] for c in every_choice(rules)), default=0)

    def worth(chosen: IntArray) -> int | None:
        once, twice = covered(chosen)
        if first == "weighted":
            return 2 * once + twice
        return twice if once == (most if first == "most" else every) else None

    wanted = lowest(rules, worth)
    if wanted is None:
        assert found.status == "infeasible"
        return
    assert (found.status, found.ties) == ("optimal", "lowest")
    assert found.chosen.tolist() == wanted


@settings(max_examples=100, deadline=None)
@given(tied_covers(most_sites=4), st.data())
def test_room_and_sizes(cover: Cover, data: st.DataObject) -> None:
    """Sizes are compared as the rows of their table."""
    n = cover.n_sites
    weight, rules = data.draw(likes(cover.n_places)), data.draw(tied_rules(n))
    each = st.sampled_from([0, 1_000_000, 1_000_000, 2_000_000])
    sizes = Sizes(
        site=np.repeat(np.arange(n), 2),
        capacity=np.array(data.draw(st.lists(each, min_size=2 * n, max_size=2 * n)), np.int64),
        cost=np.tile([0, 3], n),
    )
    room = np.array([data.draw(each)], np.int64)
    old = Cover(first=np.array([0, 1]), place=np.zeros(1, np.int32), n_places=cover.n_places)
    found = most_served(cover, weight, sizes, rules, existing=old, existing_capacity=room)
    joined = Cover(
        first=np.append(cover.first, len(cover.place) + 1),
        place=np.append(cover.place, np.int32(0)),
        n_places=cover.n_places,
    )  # fmt: skip
    price = sizes.price(rules)
    known: list[tuple[int, int, list[int]]] = []
    for options in itertools.product([None, 0, 1], repeat=n):
        built = [2 * j + k for j, k in enumerate(options) if k is not None]
        sites = sizes.site[built] if built else np.empty(0, np.int64)
        if not replace(rules, budget=None).allow(sites):
            continue
        if rules.budget is not None and price[built].sum() > rules.budget:
            continue
        rooms = np.append(np.zeros(n, np.int64), room)
        rooms[sites] = sizes.capacity[built]
        left = flow.largest(joined, weight, rooms).left
        known.append((int(left.sum()), len(built), built))
    if not known:
        assert found.solution.status == "infeasible"
        return
    assert (found.solution.status, found.solution.ties) == ("optimal", "lowest")
    assert found.size.tolist() == min(known)[2]


@settings(max_examples=100, deadline=None)
@given(tied_covers(most_sites=5), st.data())
def test_years(cover: Cover, data: st.DataObject) -> None:
    """The sites of the last year are compared first, then those of the year before."""
    n = cover.n_sites
    weight, rules = data.draw(likes(cover.n_places)), data.draw(tied_rules(n))
    number = st.none() | st.integers(0, 3)
    years = [
        Year(n_sites=data.draw(number), factor=data.draw(st.integers(1, 2)),
             budget=None if rules.cost is None else data.draw(st.none() | st.integers(0, 12)))
        for _ in range(2)
    ]  # fmt: skip
    found = phased(cover, weight, rules, years)
    last = [y.budget for y in years]
    money = [min((b for b in [rules.budget, *last[k:]] if b is not None), default=None)
             for k in (0, 1)]  # fmt: skip
    known = []
    for chosen in every_choice(rules):
        for size in range(len(chosen) + 1):
            for early in itertools.combinations(chosen.tolist(), size):
                stands = [np.array(early, np.int64), chosen]
                if any(
                    (y.n_sites is not None and len(s) > y.n_sites)
                    or (m is not None and rules.price(s) > m)
                    for y, s, m in zip(years, stands, money, strict=True)
                ) or (years[1].n_sites is not None and size > years[1].n_sites):
                    continue
                total = sum(
                    y.factor * int(weight[cover.covered(s)].sum())
                    for y, s in zip(years, stands, strict=True)
                )
                known.append((-total, len(chosen), chosen.tolist(), size, list(early)))
    if not known:
        assert found.solution.status == "infeasible"
        return
    _, _, whole, _, early = min(known)
    assert (found.solution.status, found.solution.ties) == ("optimal", "lowest")
    assert found.solution.chosen.tolist() == whole
    assert found.built[0].tolist() == early


@settings(max_examples=100, deadline=None)
@given(tied_covers(most_sites=4), tied_covers(most_sites=4), st.booleans(),
       st.data())  # fmt: skip
def test_services_that_share(one: Cover, other: Cover, fair: bool, data: st.DataObject) -> None:
    """Candidates are numbered one service after the other."""
    services = [
        Service(cover=cover, weight=data.draw(likes(cover.n_places)),
                rules=data.draw(tied_rules(cover.n_sites)), factor=data.draw(st.integers(1, 2)),
                done=data.draw(flags_for(cover.n_places)))
        for cover in (one, other)
    ]  # fmt: skip
    n_sites, budget = data.draw(st.integers(0, 4)), data.draw(st.none() | st.integers(0, 15))
    found = most_for_all(services, n_sites=n_sites, budget=budget, smallest_share=fair)
    wanted = lowest_of_two(services, n_sites, budget, fair=fair)
    if wanted is None:
        assert found.solution.status == "infeasible"
        return
    assert (found.solution.status, found.solution.ties) == ("optimal", "lowest")
    assert found.solution.chosen.tolist() == wanted


@settings(max_examples=150, deadline=None)
@given(tied_covers(most_sites=7), st.data())
def test_targets(cover: Cover, data: st.DataObject) -> None:
    n = cover.n_sites
    weight, rules = data.draw(likes(cover.n_places)), data.draw(tied_rules(n))
    by_cost = rules.cost is not None and data.draw(st.booleans())
    asked = Asked(
        needs=(Need(of=np.ones(cover.n_places, bool), amount=int(weight.sum()) // 2),),
        presence=(
            Presence(unit=np.arange(n) % 2, has=np.array([False, True]), of=np.ones(2, bool),
                     amount=data.draw(st.integers(1, 2))),
        ) if data.draw(st.booleans()) else (),
        stocks=(
            Stock(each=np.arange(n) % 3, existing=1, amount=data.draw(st.integers(0, 3))),
        ) if data.draw(st.booleans()) else (),
    )  # fmt: skip
    done = data.draw(flags_for(cover.n_places))
    found = fewest_for_targets(cover, weight, rules, asked, done=done, by_cost=by_cost)

    def worth(chosen: IntArray) -> int | None:
        if int(weight[cover.covered(chosen) | done].sum()) < int(weight.sum()) // 2:
            return None
        if any(len({1, *(chosen % 2).tolist()}) < one.amount for one in asked.presence):
            return None
        if any(1 + int((chosen % 3).sum()) < one.amount for one in asked.stocks):
            return None
        return rules.price(chosen) if by_cost else len(chosen)

    wanted = lowest(rules, worth, most=False)
    if wanted is None:
        assert found.status == "infeasible"
        return
    assert (found.status, found.ties) == ("optimal", "lowest")
    assert found.chosen.tolist() == wanted


@settings(max_examples=100, deadline=None)
@given(tied_covers(most_sites=7), st.data())
def test_closing(existing: Cover, data: st.DataObject) -> None:
    """The lowest numbers stay: of facilities that are alike the last ones close."""
    n = existing.n_sites
    weight, stay = data.draw(likes(existing.n_places)), data.draw(flags_for(n))
    close = data.draw(flags_for(n)) & ~stay
    number = data.draw(st.integers(int(close.sum()), int((~stay).sum())))
    found = fewest_lost(existing, weight, number, stay=stay, close=close)
    rules = replace(Rules.plain(n), required=stay, forbidden=close)
    wanted = lowest(
        rules,
        lambda c: int(weight[existing.covered(c)].sum()) if len(c) == n - number else None,
    )
    assert (found.solution.status, found.solution.ties) == ("optimal", "lowest")
    assert found.solution.chosen.tolist() == wanted
    assert sorted([*found.closed.tolist(), *(wanted or [])]) == list(range(n))


@settings(max_examples=100, deadline=None)
@given(tied_covers(most_sites=4), st.data())
def test_moving(existing: Cover, data: st.DataObject) -> None:
    """The fewest closures and openings; then the facilities that close, then what opens."""
    n_old = existing.n_sites
    m = existing.n_places
    row = st.lists(st.booleans(), min_size=m, max_size=m)
    marks = data.draw(st.lists(row, min_size=1, max_size=4))
    rows = [np.flatnonzero(mark) for mark in marks]
    cover = Cover(
        first=np.concatenate([[0], np.cumsum([len(one) for one in rows])]).astype(np.int64),
        place=np.concatenate(rows).astype(np.int32), n_places=existing.n_places,
    )  # fmt: skip
    weight, rules = data.draw(likes(existing.n_places)), data.draw(tied_rules(cover.n_sites))
    most = data.draw(st.integers(0, 2))
    found = best_moves(existing, cover, weight, rules, most)
    known: list[tuple[int, int, list[int]]] = []
    for size in range(min(most, n_old) + 1):
        for closed in itertools.combinations(range(n_old), size):
            kept = existing.covered(np.setdiff1d(np.arange(n_old), closed))
            for opened in every_choice(rules):
                if len(opened) <= size:
                    total = int(weight[kept | cover.covered(opened)].sum())
                    options = [*closed, *(opened + n_old).tolist()]
                    known.append((-total, len(options), options))
    if not known:
        assert found.solution.status == "infeasible"
        return
    assert (found.solution.status, found.solution.ties) == ("optimal", "lowest")
    told = [*found.closed.tolist(), *(found.solution.chosen + n_old).tolist()]
    assert told == min(known)[2]
