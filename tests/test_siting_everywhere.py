"""Too many candidates to list: a best choice is among those left, and the bound holds for all."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.everywhere import narrowed
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import Limits
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.searches import Stored


def cover_of(near: list[list[int]], n_places: int) -> Cover:
    first = np.concatenate([[0], np.cumsum([len(one) for one in near])]).astype(np.int64)
    place = np.array([k for one in near for k in one], np.int32)
    return Cover(first=first, place=place, n_places=n_places)


def random_case(seed: int, n: int, m: int) -> tuple[Cover, np.ndarray]:
    rng = np.random.default_rng(seed)
    at, of = rng.uniform(0, 10, (m, 2)), rng.uniform(0, 10, (n, 2))
    near = [np.flatnonzero(np.hypot(*(at - one).T) <= rng.uniform(1, 4)).tolist() for one in of]
    return cover_of(near, m), rng.integers(0, 5, m) * 1_000_000


def brute(cover: Cover, weight: np.ndarray, p: int) -> int:
    return max(
        int(weight[cover.covered(np.array(c, np.int64))].sum())
        for c in itertools.combinations(range(cover.n_sites), p)
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 12), st.integers(1, 4))
def test_the_best_of_all_is_among_those_that_are_left(seed: int, n: int, p: int) -> None:
    cover, weight = random_case(seed, n, 30)
    rules = Rules.plain(n, n_sites=p)
    best = brute(cover, weight, min(p, n))
    # few pairs are allowed, so that every round runs
    found = narrowed(Stored(cover=cover), weight, rules, pairs=(8, 12, 10_000))
    assert found.known <= best <= found.bound
    assert (np.diff(found.bounds) >= 0).all()
    for k in range(len(found.bounds)):
        assert brute(cover, weight, min(k, n)) <= found.bounds[k]
    kept = np.flatnonzero(found.kept)
    part = Stored(cover=cover).rows(kept, weight > 0)
    among = most_covered(
        part, weight, Rules(
            required=rules.required, forbidden=~found.kept, exclusive=rules.exclusive,
            apart=rules.apart, n_sites=p,
        ), start=found.chosen,
    )  # fmt: skip
    assert found.known <= among.objective <= best
    if found.whole:
        assert among.objective == best


def test_nothing_is_left_out_where_all_can_be_listed() -> None:
    cover = cover_of([[0, 1], [1, 2], []], 3)
    weight = np.array([1, 2, 4]) * 1_000_000
    found = narrowed(Stored(cover=cover), weight, Rules.plain(3, n_sites=1))
    assert found.kept.tolist() == [True, True, False]  # the third reaches nobody
    assert found.whole
    assert found.bound == 6_000_000
    assert found.alone.tolist() == [3_000_000, 6_000_000, 0]
    assert found.bounds.tolist() == [0, 6_000_000]


def test_required_and_forbidden_candidates_are_kept_and_left_out() -> None:
    cover, weight = random_case(3, 12, 40)
    rules = Rules.plain(12, n_sites=3)
    required, forbidden = np.zeros(12, bool), np.zeros(12, bool)
    required[7], forbidden[[0, 5]] = True, True
    rules = Rules(
        required=required, forbidden=forbidden, exclusive=rules.exclusive, apart=rules.apart,
        n_sites=3,
    )  # fmt: skip
    found = narrowed(Stored(cover=cover), weight, rules, pairs=(8, 12, 10_000))
    assert found.kept[7]
    assert not found.kept[[0, 5]].any()
    assert 7 in found.chosen
    best = most_covered(cover, weight, rules)
    assert found.known <= best.objective <= found.bound


def test_without_time_there_is_still_a_choice_and_a_true_bound() -> None:
    cover, weight = random_case(5, 12, 60)
    found = narrowed(
        Stored(cover=cover), weight, Rules.plain(12, n_sites=2), pairs=(8, 12, 10_000),
        limits=Limits(seconds=0.0),
    )  # fmt: skip
    assert found.known <= brute(cover, weight, 2) <= found.bound
    assert len(found.chosen) <= 2
    assert found.by_clock


def test_a_number_of_sites_is_needed() -> None:
    with pytest.raises(ValueError, match="number of sites"):
        narrowed(Stored(cover=cover_of([[0]], 1)), np.array([1]), Rules.plain(1))


def test_budgets_of_candidates_that_cost_alike_are_numbers_of_sites() -> None:
    rules = Rules.plain(3, budget=25, cost=np.array([10, 10, 10]))
    assert rules.counted().n_sites == 2
    assert rules.counted().budget is None
    assert Rules.plain(2, budget=25, cost=np.array([10, 20])).counted().budget == 25
    assert rules.most_sites() == 2
