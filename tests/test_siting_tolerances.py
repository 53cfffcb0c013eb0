"""Where the tolerance of a solver would be an error: a yuan too much, a person too few, a tie."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.alternative import alternative
from quarterhour.core.siting.backup import EVERYONE, backup
from quarterhour.core.siting.capacity import Sizes, most_served
from quarterhour.core.siting.fewest import Need, fewest_sites
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.median import distances, median
from quarterhour.core.siting.milp import Limits
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.phases import Year, phased
from quarterhour.core.siting.shared_budget import Service, most_for_all
from quarterhour.core.siting.targets import Asked, fewest_for_targets

PERSON = 1_000_000


def reach(*rows: str) -> Cover:
    """A candidate per row, a place per letter, x where it is within the cutoff."""
    near = np.array([[c == "x" for c in row] for row in rows])
    first = np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.int64)
    return Cover(first=first, place=np.nonzero(near)[1].astype(np.int32), n_places=near.shape[1])


def every(n: int) -> list[np.ndarray]:
    return [
        np.array(c, np.int64) for k in range(n + 1) for c in itertools.combinations(range(n), k)
    ]


def test_the_second_cover_keeps_the_first_one() -> None:
    cover = reach("...x", "..x.", "xx..", "x.x.", "....", ".x..", "....")
    people = np.array([283, 31, 32, 201]) * PERSON
    found = backup(cover, people, Rules.plain(7, n_sites=3), first="most")
    assert (found.once, found.twice) == (547 * PERSON, 283 * PERSON)
    assert found.solution.status == "optimal"


def test_everyone_who_can_be_covered_is() -> None:
    cover = reach("xx.x", ".x..", "....", "x..x", "....", ".x.x", "xxx.")
    people, times = np.array([65, 81, 266, 162]) * PERSON, np.array([1, 0, 1, 0])
    found = backup(cover, people, Rules.plain(7, n_sites=1), times=times, first=EVERYONE)
    assert (found.solution.status, found.once, found.twice) == (
        "optimal", 574 * PERSON, 65 * PERSON,
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6), most=st.sampled_from([2 * 10**6, 10**8, 10**9]),
    near=st.booleans(),
)  # fmt: skip
@example(seed=14467, most=10**9, near=True)
@example(seed=876363, most=10**9, near=True)
def test_a_budget_one_yuan_short_is_kept_and_proven(seed: int, most: int, near: bool) -> None:
    rng = np.random.default_rng(seed)
    n, m = 8, 24
    at = rng.random((n, m)) < 0.2
    cover = reach(*("".join(".x"[int(c)] for c in row) for row in at))
    people = rng.integers(1, 1000, m) * PERSON
    cost = most + rng.integers(0, 3, n) if near else rng.integers(most // 4, most, n)
    picked = rng.choice(n, int(rng.integers(2, n)), replace=False)
    budget = int(cost[picked].sum()) - 1
    rules = Rules.plain(n, budget=budget, cost=cost)
    choices = [c for c in every(n) if rules.allow(c)]
    best = max(int(people[at[c].any(axis=0)].sum()) for c in choices)
    free = Rules.plain(n, cost=cost)
    answers = (
        most_covered(cover, people, rules),
        phased(cover, people, free, [Year(budget=budget)]).solution,
        most_for_all([Service(cover=cover, weight=people, rules=free)], budget=budget).solution,
        most_served(cover, people, Sizes.one(np.full(n, 10**15)), rules).solution,
    )
    for answer in answers:
        assert (answer.status, answer.objective) == ("optimal", best)
        assert rules.allow(answer.chosen)
    distance = rng.integers(1, 1000, (n, m)).astype(float)
    place, site = np.tile(np.arange(m), n), np.repeat(np.arange(n), m)
    pairs = distances(site, place, distance.ravel(), np.ones(m), n, beyond=2000.0)
    nearest = median(pairs, rules)
    assert nearest.status == "optimal"
    assert nearest.objective == min(pairs.total(c) for c in choices)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_other_choice_is_found_and_proven_without_loss(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 6, 10
    at = rng.random((n, m)) < 0.3
    cover = reach(*("".join(".x"[int(c)] for c in row) for row in at))
    people = rng.integers(0, 3 * 10**8, m)
    rules = Rules.plain(n, n_sites=3)
    best = most_covered(cover, people, rules)
    other = alternative(cover, people, rules, best, loss=0)  # type: ignore[arg-type]
    same = set(best.chosen.tolist())
    least = min(
        len(same & set(c.tolist()))
        for c in every(n)
        if rules.allow(c) and people[at[c].any(axis=0)].sum() >= best.objective
    )
    assert (other.solution.status, other.solution.objective) == ("optimal", least)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), p=st.integers(1, 4))
def test_no_exchange_for_a_lower_candidate_is_as_good(seed: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 8, 10
    at = rng.random((n, m)) < 0.35
    cover = reach(*("".join(".x"[int(c)] for c in row) for row in at))
    people = rng.integers(1, 3, m) * PERSON
    all_of_them = int(people[at.any(axis=0)].sum())
    cases = (
        (most_covered(cover, people, Rules.plain(n, n_sites=p)), None),
        (fewest_sites(cover, people, Rules.plain(n)), all_of_them),
        (
            fewest_sites(
                cover, people, Rules.plain(n),
                needs=[Need(of=np.ones(m, bool), amount=all_of_them * 7 // 10)],
            ),
            all_of_them * 7 // 10,
        ),
    )  # fmt: skip
    for found, wanted in cases:
        least = found.objective if wanted is None else wanted
        for k, old in enumerate(found.chosen.tolist()):
            for new in set(range(old)) - set(found.chosen.tolist()):
                other = np.append(np.delete(found.chosen, k), new)
                assert people[at[other].any(axis=0)].sum() < least


def test_equal_sites_are_taken_from_the_front_though_one_of_them_covers_more() -> None:
    # 1 covers all that 0 covers, but beside 2 both are worth the same
    found = most_covered(reach("x..", "xx.", ".xx"), np.full(3, PERSON), Rules.plain(3, n_sites=2))
    assert found.chosen.tolist() == [0, 2]


def test_a_start_with_a_needless_candidate_counts() -> None:
    # by people per yuan 0 comes first, and then there is no money for the others; 1 covers all that
    # 2 covers
    cover = reach("x.....", ".xxxxx", ".xxxx.")
    rules = Rules.plain(3, budget=10, cost=np.array([1, 10, 10]))
    people, stop = np.full(6, PERSON), Limits(seconds=0.0)
    assert most_covered(cover, people, rules, limits=stop).objective == PERSON
    found = most_covered(cover, people, rules, start=np.array([2]), limits=stop)
    # the exchange of 2 for the lower 1 covers one more
    assert (found.status, found.chosen.tolist(), found.objective) == ("feasible", [1], 5 * PERSON)
    assert found.bound >= 5 * PERSON


def test_without_a_node_the_first_choice_is_told_with_its_bound() -> None:
    rng = np.random.default_rng(0)
    n, m = 60, 300
    site, at = rng.random((n, 2)), rng.random((m, 2))
    far = np.rint(1000 * np.sqrt(((site[:, None] - at[None]) ** 2).sum(axis=2)))
    cover = reach(*("".join(".x"[int(c)] for c in row) for row in far < 200))
    people = rng.integers(1, 1000, m) * PERSON
    need = Need(of=np.ones(m, bool), amount=int(people.sum()) * 9 // 10)
    stop = Limits(nodes=0)
    cost = rng.integers(100, 500, n) * 10_000
    a, b = np.nonzero(far < 500)
    pairs = distances(a, b, far[a, b], np.ones(m), n, beyond=900.0)
    poor = Rules.plain(n, budget=int(cost.sum()) // 10, cost=cost)
    answers = (
        fewest_sites(cover, people, Rules.plain(n), needs=[need], limits=stop),
        fewest_for_targets(cover, people, Rules.plain(n), Asked(needs=(need,)), limits=stop),
        fewest_sites(cover, people, Rules.plain(n), limits=stop),
        median(pairs, poor, limits=stop),
    )
    for found in answers:
        assert found.status in {"optimal", "feasible"}
        assert 0 <= found.bound <= found.objective
    assert people[cover.covered(answers[0].chosen)].sum() >= need.amount
    assert poor.allow(answers[3].chosen)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), whole=st.booleans(), unit=st.sampled_from([1.0, 1e7]))
def test_the_least_distance_is_always_proven(seed: int, whole: bool, unit: float) -> None:
    rng = np.random.default_rng(seed)
    n, m = 9, 20
    far = rng.random((n, m)) * 1000
    far = np.rint(far) if whole else far
    weight = rng.integers(0, 50, m) * unit
    place, site = np.tile(np.arange(m), n), np.repeat(np.arange(n), m)
    pairs = distances(site, place, far.ravel(), weight, n)
    found = median(pairs, Rules.plain(n, n_sites=3))
    least = min(pairs.total(c) for c in every(n) if len(c) == 3)
    assert found.status == "optimal"
    assert found.bound == found.objective == pytest.approx(least, rel=1e-9)


def test_more_people_than_can_be_counted_are_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        most_covered(reach("xx"), np.full(2, 2**62), Rules.plain(1, n_sites=1))
