"""Fewest sites for requirements of several kinds, and why they cannot be met: every choice."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.clash import RULES, _asked, _keys_of, _rules, clash, filtered
from quarterhour.core.siting.fewest import Need, fewest_sites
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.targets import Asked, Presence, Stock, fewest_for_targets
from siting_cases import (
    MICRO,
    best_of,
    cover_of,
    covers,
    every_choice,
    flags_for,
    people,
    rules_for,
    weights_for,
)


def test_one_in_each_unit_and_enough_beds() -> None:
    # the second covers everybody; but every unit wants one, and there must be 50 beds
    cover = cover_of(["x..", "xxx", "..x", "..x"])
    unit = np.array([0, 0, 1, 1])
    weight, rules = people(1, 1, 1), Rules.plain(4)
    everybody = Need(of=np.ones(3, bool), amount=3 * MICRO, name="people")
    none, both = np.zeros(2, bool), np.ones(2, bool)
    each = Presence(unit=unit, has=none, of=both, amount=2, name="units")
    beds = Stock(each=np.array([10, 10, 10, 30]), existing=10, amount=50, name="beds")
    assert fewest_for_targets(cover, weight, rules, Asked(needs=(everybody,))).objective == 1
    found = fewest_for_targets(cover, weight, rules, Asked(needs=(everybody,), presence=(each,)))
    assert found.chosen.tolist()[0] == 1
    assert (found.objective, found.bound, found.status) == (2, 2, "optimal")
    every = Asked(needs=(everybody,), presence=(each,), stocks=(beds,))
    assert fewest_for_targets(cover, weight, rules, every).chosen.tolist() == [1, 3]
    # the first unit has one already
    old = Asked(presence=(replace(each, has=np.array([True, False])),))
    assert fewest_for_targets(cover, weight, rules, old).objective == 1
    assert fewest_for_targets(cover, weight, rules, Asked()).objective == 0


def test_what_is_out_of_reach_is_named() -> None:
    cover = cover_of(["x", "."])
    beds = Stock(each=np.array([10, 20]), existing=5, amount=40, name="床位")
    found = fewest_for_targets(cover, people(1), Rules.plain(2), Asked(stocks=(beds,)))
    assert found.status == "infeasible"
    assert found.why["need"] == [("床位", 40, 35)]
    one = replace(beds, amount=35)
    two = fewest_for_targets(cover, people(1), Rules.plain(2, n_sites=1), Asked(stocks=(one,)))
    assert (two.status, two.why) == ("infeasible", {"rules": True})


@st.composite
def asked_of(draw: st.DrawFn, n: int, m: int) -> Asked:
    """Needs, presence and stocks for `n` candidates and `m` places."""
    n_units = draw(st.integers(1, 3))
    units = st.lists(st.integers(-1, n_units - 1), min_size=n, max_size=n)
    beds = st.lists(st.integers(0, 9), min_size=n, max_size=n)
    return Asked(
        needs=tuple(
            Need(of=draw(flags_for(m)), amount=draw(st.integers(0, 20)) * 777_777, name=f"n{k}")
            for k in range(draw(st.integers(0, 2)))
        ),
        presence=tuple(
            Presence(
                unit=np.array(draw(units), np.int64),
                has=draw(flags_for(n_units)),
                of=~draw(flags_for(n_units)),
                amount=draw(st.integers(0, n_units)),
                name=f"p{k}",
            )
            for k in range(draw(st.integers(0, 2)))
        ),
        stocks=tuple(
            Stock(
                each=np.array(draw(beds), np.int64),
                existing=draw(st.integers(0, 5)),
                amount=draw(st.integers(0, 30)),
                name=f"s{k}",
            )
            for k in range(draw(st.integers(0, 2)))
        ),
    )


def meets(
    cover: Cover, weight: np.ndarray, asked: Asked, done: np.ndarray, chosen: np.ndarray
) -> bool:
    """The requirements in plain words, one by one."""
    got = cover.covered(chosen) | done
    units_with = [
        set(np.flatnonzero(p.has).tolist()) | {int(p.unit[k]) for k in chosen.tolist()}
        for p in asked.presence
    ]
    return (
        all(sum(weight[n.of & got].tolist()) >= n.amount for n in asked.needs)
        and all(
            len(there & set(np.flatnonzero(p.of).tolist())) >= p.amount
            for there, p in zip(units_with, asked.presence, strict=True)
        )
        and all(
            s.existing + sum(s.each[k] for k in chosen.tolist()) >= s.amount for s in asked.stocks
        )
    )


@settings(max_examples=100, deadline=None)
@given(covers(most_sites=12), st.data())
def test_fewest_for_targets_equal_the_best_of_every_choice(
    cover: Cover, data: st.DataObject
) -> None:
    n, m = cover.n_sites, cover.n_places
    rules, weight = data.draw(rules_for(n)), data.draw(weights_for(m))
    done, asked = data.draw(flags_for(m)), data.draw(asked_of(n, m))
    by_cost = rules.cost is not None and data.draw(st.booleans())

    def worth(chosen: np.ndarray) -> float:
        price = rules.price(chosen) if by_cost else len(chosen)
        return -price if meets(cover, weight, asked, done, chosen) else -np.inf

    best = best_of(rules, worth)
    found = fewest_for_targets(cover, weight, rules, asked, done=done, by_cost=by_cost)
    if best is None or best == -np.inf:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.objective == found.bound == -best == -worth(found.chosen)
    assert rules.allow(found.chosen)
    if not asked.presence and not asked.stocks and asked.needs:
        plain = fewest_sites(cover, weight, rules, done=done, needs=asked.needs, by_cost=by_cost)
        assert plain.objective == found.objective


@settings(max_examples=80, deadline=None)
@given(covers(most_sites=5), st.data())
def test_any_one_of_what_clashes_can_be_dropped(cover: Cover, data: st.DataObject) -> None:
    n, m = cover.n_sites, cover.n_places
    rules, weight = data.draw(rules_for(n)), data.draw(weights_for(m, most=5))
    asked, done = data.draw(asked_of(n, m)), np.zeros(m, bool)

    def possible(kinds: tuple[str, ...]) -> bool:
        few, part = _rules(rules, list(kinds)), _asked(asked, list(kinds))
        return any(meets(cover, weight, part, done, chosen) for chosen in every_choice(few))

    found = clash(cover, weight, rules, asked)
    assert found.minimal
    if not found.kinds:
        assert possible((*RULES, *_keys_of(asked)))
        return
    assert not possible(found.kinds)
    for smaller in itertools.combinations(found.kinds, len(found.kinds) - 1):
        assert possible(smaller)


def test_a_clash_by_eye() -> None:
    cover = cover_of(["x.", ".x"])
    both = Need(of=np.ones(2, bool), amount=2 * MICRO, name="全市")
    rules = replace(
        Rules.plain(2, n_sites=2, budget=5, cost=np.array([3, 3], np.int64)),
        apart=np.array([[0, 1]]),
    )
    found = clash(cover, people(1, 1), rules, Asked(needs=(both,)))
    # spacing and budget each stand in the way; one of the two is told
    assert found.kinds == ("budget", "need:全市")
    # beyond every candidate: the need alone
    more = replace(both, amount=3 * MICRO)
    assert clash(cover, people(1, 1), rules, Asked(needs=(more,))).kinds == ("need:全市",)
    must = replace(Rules.plain(2), required=np.array([True, True]), apart=np.array([[0, 1]]))
    assert clash(cover, people(1, 1), must).kinds == ("required", "spacing")
    assert clash(cover, people(1, 1), Rules.plain(2)).kinds == ()


def test_a_clash_that_cannot_be_told_is_not_called_smallest() -> None:
    answers = {("a", "b", "c"): False, ("b", "c"): None, ("a", "c"): False, ("a",): True}
    found = filtered(["a", "b", "c"], lambda kinds: answers[tuple(kinds)])
    assert (found.kinds, found.minimal) == (("a", "c"), False)


def test_without_candidates_what_stands_is_enough_or_not() -> None:
    cover = Cover(first=np.zeros(1, np.int64), place=np.empty(0, np.int32), n_places=2)
    need = Need(of=np.ones(2, bool), amount=MICRO, name="people")
    for done, status in ((True, "optimal"), (False, "infeasible")):
        before = np.array([done, False])
        found = fewest_for_targets(
            cover, people(1, 1), Rules.plain(0), Asked(needs=(need,)), done=before
        )
        plain = fewest_sites(cover, people(1, 1), Rules.plain(0), needs=[need], done=before)
        assert found.status == plain.status == status
