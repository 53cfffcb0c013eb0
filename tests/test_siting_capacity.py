"""Sites with places for people: against every choice with an own count of who can be served."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.capacity import Served, Sizes, most_served
from quarterhour.core.siting.flow import Flow, largest
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import Limits
from quarterhour.core.siting.nouns import Cover, Rules
from siting_cases import MICRO, cover_of, covers, people, rules_for, weights_for

if TYPE_CHECKING:
    from numpy.typing import NDArray


def by_cuts(cover: Cover, weight: NDArray[np.int64], room: NDArray[np.int64]) -> int:
    """The most that can be served: the smallest cut, over every set of sites (Ford, Fulkerson)."""
    open_ = np.flatnonzero(room > 0).tolist()
    best = int(weight.sum())
    for size in range(len(open_) + 1):
        for full in itertools.combinations(open_, size):
            others = np.array([k for k in open_ if k not in full], np.int64)
            cut = int(room[list(full)].sum()) + int(weight[cover.covered(others)].sum())
            best = min(best, cut)
    return best


def every_choice_of_sizes(sizes: Sizes, rules: Rules) -> list[NDArray[np.int64]]:
    """All choices of at most one size per site that the rules and the budget allow."""
    price = sizes.price(rules)
    plain = replace(rules, budget=None)
    found = []
    for size in range(len(rules.required) + 1 if rules.n_sites is None else rules.n_sites + 1):
        for rows in itertools.combinations(range(len(sizes.site)), size):
            at = np.array(rows, np.int64)
            sites = sizes.site[at]
            cheap = rules.budget is None or price[at].sum() <= rules.budget
            if cheap and len(np.unique(sites)) == len(sites) and plain.allow(sites):
                found.append(at)
    return found


def checked(
    found: Served, cover: Cover, weight: NDArray[np.int64], sizes: Sizes, old: NDArray[np.int64]
) -> None:
    """Nobody is served twice or out of reach, and nobody is beyond the room of a site."""
    n = cover.n_sites
    in_class = np.zeros(len(found.left), np.int64)
    used = found.of >= 0
    np.add.at(in_class, found.of[used], weight[used])
    went = np.zeros(len(in_class), np.int64)
    np.add.at(went, found.flow_class, found.flow_people)
    assert (went + found.left == in_class).all()
    assert found.flow_people.sum() == found.solution.objective
    assert found.load.sum() + found.existing_load.sum() == found.solution.objective
    assert (found.load <= sizes.capacity[found.size]).all()
    assert (found.existing_load <= old).all()
    assert sizes.site[found.size].tolist() == found.solution.chosen.tolist()
    for k, site in zip(found.flow_class.tolist(), found.flow_site.tolist(), strict=True):
        if site < n:
            places = np.flatnonzero(found.of == k)
            reach = cover.place[cover.first[site] : cover.first[site + 1]]
            assert np.isin(places, reach).all()


def test_a_full_site_sends_people_to_the_other() -> None:
    # both reach the middle; 3 + 3 places, 5 people: all have room only if the middle goes right
    cover = cover_of(["xx.", ".xx"])
    found = most_served(cover, people(3, 2, 0), Sizes.one(people(3, 3)), Rules.plain(2, n_sites=2))
    assert found.solution.objective == 5 * MICRO
    assert found.load.tolist() == people(3, 2).tolist()
    assert found.left.sum() == 0


def test_room_decides_and_not_reach() -> None:
    # the first reaches 9 people but has room for 2, the second reaches and serves 4
    cover = cover_of(["xxx.", "..xx"])
    weight = people(3, 4, 2, 2)
    one = Rules.plain(2, n_sites=1)
    assert most_covered(cover, weight, one).chosen.tolist() == [0]
    found = most_served(cover, weight, Sizes.one(people(2, 4)), one)
    assert (found.solution.chosen.tolist(), found.solution.objective) == ([1], 4 * MICRO)


def test_one_large_site_or_two_small_ones() -> None:
    cover = cover_of(["xxx", "xx.", "..x"])
    weight = people(10, 10, 10)
    sizes = Sizes(
        site=np.array([0, 0, 1, 1, 2, 2]),
        capacity=people(10, 30, 10, 30, 10, 30),
        cost=np.array([4, 9, 4, 9, 4, 9], np.int64),
    )
    found = most_served(cover, weight, sizes, replace(Rules.plain(3), budget=9))
    assert (found.solution.chosen.tolist(), found.size.tolist()) == ([0], [1])
    assert found.solution.objective == 30 * MICRO
    less = most_served(cover, weight, sizes, replace(Rules.plain(3), budget=8))
    assert less.solution.objective == 20 * MICRO
    assert (less.size % 2 == 0).all()


def test_existing_facilities_serve_first_and_keep_their_room() -> None:
    # 10 people, the old one has room for 4; the new one adds 5, not 10
    found = most_served(
        cover_of(["x"]), people(10), Sizes.one(people(5)), Rules.plain(1),
        existing=cover_of(["x"]), existing_capacity=people(4),
    )  # fmt: skip
    assert found.before == 4 * MICRO
    assert found.solution.objective == 9 * MICRO
    assert found.existing_load.tolist() == [4 * MICRO]


@settings(max_examples=150, deadline=None)
@given(covers(most_sites=5, most_places=7), st.data())
def test_a_flow_grown_site_by_site_is_largest(cover: Cover, data: st.DataObject) -> None:
    weight = data.draw(weights_for(cover.n_places))
    room = data.draw(weights_for(cover.n_sites))
    made = Flow.of(cover, weight)
    for k in data.draw(st.permutations(range(cover.n_sites))):
        more = made.gain(k, int(room[k]))
        before = int(made.left.sum())
        assert made.fill(k, int(room[k])) == more == before - int(made.left.sum())
    assert int(weight.sum() - made.left.sum()) == by_cuts(cover, weight, room)
    assert made.left.min(initial=0) >= 0
    assert made.flow.min(initial=0) >= 0
    assert (made.load() + made.room == room).all()
    assert largest(cover, weight, room).left.sum() == made.left.sum()


@settings(max_examples=120, deadline=None)
@given(covers(most_sites=5, most_places=6), st.data())
def test_equals_the_best_of_every_choice(cover: Cover, data: st.DataObject) -> None:
    n, m = cover.n_sites, cover.n_places
    rules = data.draw(rules_for(n))
    weight = data.draw(weights_for(m))
    count = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    site = np.repeat(np.arange(n), count)
    cost = data.draw(st.none() | st.lists(st.integers(0, 5), min_size=len(site),
                                          max_size=len(site)))  # fmt: skip
    sizes = Sizes(
        site=site,
        capacity=data.draw(weights_for(len(site))),
        cost=None if cost is None else np.array(cost, np.int64),
    )
    old = data.draw(
        st.none() | covers(most_sites=2, most_places=m).filter(lambda c: c.n_places == m)
    )
    kept = np.zeros(0, np.int64) if old is None else data.draw(weights_for(old.n_sites))
    both = cover if old is None else cover_of_both(cover, old)

    def worth(rows: NDArray[np.int64]) -> int:
        room = np.zeros(n, np.int64)
        room[sizes.site[rows]] = sizes.capacity[rows]
        return by_cuts(both, weight, np.concatenate([room, kept]))

    best = max((worth(rows) for rows in every_choice_of_sizes(sizes, rules)), default=None)
    found = most_served(
        cover, weight, sizes, rules, existing=old, existing_capacity=None if old is None else kept
    )
    if best is None:
        assert found.solution.status == "infeasible"
        return
    assert found.solution.status == "optimal"
    assert found.solution.objective == found.solution.bound == best == worth(found.size)
    assert found.before == worth(np.empty(0, np.int64))
    assert any(rows.tolist() == found.size.tolist() for rows in every_choice_of_sizes(sizes, rules))
    checked(found, cover, weight, sizes, kept)


@settings(max_examples=40, deadline=None)
@given(covers(most_sites=12, most_places=12), st.data())
def test_twelve_sites_of_one_size(cover: Cover, data: st.DataObject) -> None:
    n = cover.n_sites
    weight, sizes = data.draw(weights_for(cover.n_places)), Sizes.one(data.draw(weights_for(n)))
    rules = replace(data.draw(rules_for(n)), n_sites=data.draw(st.integers(0, 3)))
    worth = [
        by_cuts(cover, weight, np.where(np.isin(np.arange(n), rows), sizes.capacity, 0))
        for rows in every_choice_of_sizes(sizes, rules)
    ]
    found = most_served(cover, weight, sizes, rules)
    assert found.solution.status == ("optimal" if worth else "infeasible")
    if worth:
        assert found.solution.objective == found.solution.bound == max(worth)


def cover_of_both(one: Cover, other: Cover) -> Cover:
    return Cover(
        first=np.concatenate([one.first, other.first[1:] + one.first[-1]]),
        place=np.concatenate([one.place, other.place]),
        n_places=one.n_places,
    )


@settings(max_examples=80, deadline=None)
@given(covers(most_sites=9, most_places=12), st.data())
def test_room_for_everybody_is_the_plain_problem(cover: Cover, data: st.DataObject) -> None:
    weight = data.draw(weights_for(cover.n_places))
    rules = data.draw(rules_for(cover.n_sites))
    everybody = Sizes.one(np.full(cover.n_sites, int(weight.sum()), np.int64))
    plain = most_covered(cover, weight, rules)
    found = most_served(cover, weight, everybody, rules)
    assert found.solution.status == plain.status
    if plain.status == "optimal":
        assert found.solution.objective == plain.objective


@settings(max_examples=40, deadline=None)
@given(covers(most_sites=6, most_places=8), st.data())
def test_more_room_or_money_never_serves_fewer(cover: Cover, data: st.DataObject) -> None:
    n = cover.n_sites
    weight, room = data.draw(weights_for(cover.n_places)), data.draw(weights_for(n))
    cost = np.array(data.draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)), np.int64)
    got = [
        most_served(
            cover, weight, Sizes.one(room), Rules.plain(n, budget=money, cost=cost)
        ).solution.objective
        for money in (0, 3, 9, 30, 100)
    ]
    assert got == sorted(got)
    more = most_served(cover, weight, Sizes.one(room + MICRO), Rules.plain(n, n_sites=2))
    less = most_served(cover, weight, Sizes.one(room), Rules.plain(n, n_sites=2))
    assert more.solution.objective >= less.solution.objective


@pytest.fixture(scope="module")
def town() -> tuple[Cover, NDArray[np.int64], Sizes]:
    rng = np.random.default_rng(11)
    place, site = rng.random((300, 2)), rng.random((40, 2))
    near = np.hypot(*(site[:, None] - place[None]).transpose(2, 0, 1)) < 0.15
    cover = cover_of(["".join(".x"[int(m)] for m in row) for row in near])
    return cover, people(*rng.integers(1, 30, 300)), Sizes.one(people(*rng.integers(100, 400, 40)))


def test_stopped_early_it_tells_a_true_bound(
    town: tuple[Cover, NDArray[np.int64], Sizes],
) -> None:
    cover, weight, sizes = town
    rules = Rules.plain(40, n_sites=6)
    whole = most_served(cover, weight, sizes, rules)
    assert whole.solution.status == "optimal"
    stopped = most_served(cover, weight, sizes, rules, limits=Limits(nodes=0))
    assert stopped.solution.bound >= whole.solution.objective >= stopped.solution.objective
    assert (stopped.solution.status == "optimal") == (stopped.solution.gap == 0)
    checked(stopped, cover, weight, sizes, np.zeros(0, np.int64))
    again = most_served(cover, weight, sizes, rules)
    assert again.solution.chosen.tolist() == whole.solution.chosen.tolist()
    assert again.flow_people.tolist() == whole.flow_people.tolist()
