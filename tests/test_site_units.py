"""Enough units that pass by their people or by what stands in them: by eye and by every choice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.among import NEVER, Among
from quarterhour.core.siting.clash import clash
from quarterhour.core.siting.fewest import Need
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.targets import Asked, fewest_for_targets
from siting_cases import (
    MICRO,
    cover_of,
    covers,
    every_choice,
    flags_for,
    people,
    rules_for,
    weights_for,
)

# three units of two places each, six candidates that each cover one place, a seventh that covers
# the first place of every unit
TOWN = cover_of(["x.....", ".x....", "..x...", "...x..", "....x.", ".....x", "x.x.x."])
PLACE = np.array([0, 0, 1, 1, 2, 2])
WEIGHT = people(6, 4, 6, 4, 5, 5)
SITE = np.array([0, 0, 1, 1, 2, 2, 2])
ALL = np.ones(3, bool)


def units(
    *,
    by_people: tuple[float, ...] = (NEVER,) * 3,
    existing: tuple[int, ...] = (0, 0, 0),
    enough: tuple[int, ...] = (NEVER,) * 3,
    each: tuple[int, ...] = (1,) * 7,
    amount: int = 3,
) -> Among:
    amounts = [round(MICRO * n) if n != NEVER else NEVER for n in by_people]
    return Among(
        of=ALL, place=PLACE, people=np.array(amounts, np.int64), site=SITE,
        each=np.array(each, np.int64), existing=np.array(existing, np.int64),
        enough=np.array(enough, np.int64), amount=amount, name="units",
    )  # fmt: skip


def fewest(*among: Among, rules: Rules | None = None) -> list[int]:
    found = fewest_for_targets(TOWN, WEIGHT, rules or Rules.plain(7), Asked(among=among))
    assert found.status == "optimal"
    assert found.objective == found.bound
    return list(found.chosen.tolist())


def test_a_share_of_the_units_by_reach() -> None:
    # 60 % of 10 people is 6: one site passes the first two units, the third wants both its places
    sixty = units(by_people=(6, 6, 6))
    assert fewest(replace(sixty, amount=1)) in ([0], [2], [6])
    assert fewest(replace(sixty, amount=2)) == [6]
    assert fewest(sixty) == [5, 6]
    # all of the people of two units: the common site and the second place of both
    whole = units(by_people=(10, 10, 10), amount=2)
    assert len(fewest(whole)) == 3


def test_several_in_a_unit() -> None:
    # two in each of two units; one stands in the first already
    two = units(existing=(1, 0, 0), enough=(2, 2, 2), amount=2)
    assert len(fewest(two)) == 3
    assert len(fewest(replace(two, amount=1))) == 1
    assert fewest(replace(two, amount=0)) == []


def test_presence_or_reach() -> None:
    # the common site stands in the third unit and reaches enough of the two others
    either = units(by_people=(6, 6, 6), enough=(1, 1, 1))
    assert fewest(either) == [6]
    assert len(fewest(replace(either, people=np.full(3, NEVER)))) == 3


def test_beds_by_unit() -> None:
    # 30 beds in each of two units; the third has none to give
    beds = units(each=(10, 20, 30, 5, 0, 0, 0), existing=(0, 5, 0), enough=(30, 30, 30), amount=2)
    assert fewest(beds) == [0, 1, 2]
    short = fewest_for_targets(
        TOWN, WEIGHT, Rules.plain(7), Asked(among=(replace(beds, amount=3),))
    )
    assert (short.status, short.why["need"]) == ("infeasible", [("units", 3, 2)])


def test_what_clashes_is_named() -> None:
    asked = Asked(among=(units(by_people=(6, 6, 6)),))
    found = clash(TOWN, WEIGHT, Rules.plain(7, n_sites=1), asked)
    assert found.kinds == ("n_sites", "units:units")


@st.composite
def amongs(draw: st.DrawFn, cover: Cover) -> Among:
    n, k = cover.n_sites, draw(st.integers(1, 3))
    numbers = st.integers(-1, k - 1)
    return Among(
        of=~draw(flags_for(k)),
        place=np.array(draw(st.lists(numbers, min_size=cover.n_places, max_size=cover.n_places))),
        people=np.array(draw(st.lists(st.sampled_from([NEVER, 1, MICRO, 3 * 777_777, 5 * MICRO]),
                                      min_size=k, max_size=k)), np.int64),
        site=np.array(draw(st.lists(numbers, min_size=n, max_size=n))),
        each=np.array(draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), np.int64),
        existing=np.array(draw(st.lists(st.integers(0, 5), min_size=k, max_size=k)), np.int64),
        enough=np.array(draw(st.lists(st.sampled_from([NEVER, 1, 2, 7, 15]), min_size=k,
                                      max_size=k)), np.int64),
        amount=draw(st.integers(0, k)),
        name=draw(st.sampled_from("ab")),
    )  # fmt: skip


def good(one: Among, cover: Cover, weight: np.ndarray, done: np.ndarray, chosen: list[int]) -> bool:
    """The requirement in plain words."""
    reached = {p for j in chosen for p in cover.place[cover.first[j] : cover.first[j + 1]].tolist()}
    reached |= set(np.flatnonzero(done).tolist())
    passing = 0
    for u in np.flatnonzero(one.of).tolist():
        covered = sum(int(weight[p]) for p in reached if one.place[p] == u)
        have = int(one.existing[u]) + sum(int(one.each[j]) for j in chosen if one.site[j] == u)
        by_people = one.people[u] != NEVER and covered >= one.people[u]
        passing += bool(by_people or (one.enough[u] != NEVER and have >= one.enough[u]))
    return passing >= one.amount


@settings(max_examples=150, deadline=None)
@given(covers(most_sites=7, most_places=8), st.data())
def test_fewest_equal_the_best_of_every_choice(cover: Cover, data: st.DataObject) -> None:
    m = cover.n_places
    weight, done = data.draw(weights_for(m)), data.draw(flags_for(m))
    rules = data.draw(rules_for(cover.n_sites))
    among = tuple(data.draw(st.lists(amongs(cover), min_size=1, max_size=2)))
    amount = data.draw(st.integers(0, 10)) * MICRO
    need = Need(of=data.draw(flags_for(m)), amount=amount, name="n")
    asked = Asked(needs=(need,) if amount else (), among=among)
    found = fewest_for_targets(cover, weight, rules, asked, done=done)
    best = None
    for chosen in every_choice(rules):
        if asked.needs and int(weight[need.of & (cover.covered(chosen) | done)].sum()) < amount:
            continue
        if all(good(one, cover, weight, done, chosen.tolist()) for one in among):
            best = len(chosen)
            break
    if best is None:
        assert found.status == "infeasible"
        return
    assert (found.status, found.objective, found.bound) == ("optimal", best, best)
    assert rules.allow(found.chosen)
    assert all(good(one, cover, weight, done, found.chosen.tolist()) for one in among)
