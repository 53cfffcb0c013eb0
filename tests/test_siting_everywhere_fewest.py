"""Fewest sites with too many candidates to list: the bound is one for all of them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting import everywhere_dual, fewest, fewest_search
from quarterhour.core.siting.everywhere_dual import multipliers, values
from quarterhour.core.siting.everywhere_fewest import UNIT, fewest_of_all, least_of
from quarterhour.core.siting.fewest import fewest_sites
from quarterhour.core.siting.fewest_search import fewer, implied, needed
from quarterhour.core.siting.milp import Limits
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.searches import Stored
from test_siting_everywhere import cover_of, random_case


def least_by_trying(cover: Cover, usable: np.ndarray) -> int:
    """The fewest usable candidates that cover all that they all cover."""
    open_ = np.flatnonzero(usable)
    every = cover.covered(open_)
    for k in range(len(open_) + 1):
        for some in itertools.combinations(open_.tolist(), k):
            if np.array_equal(cover.covered(np.array(some, np.int64)), every):
                return k
    raise AssertionError


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 10), st.integers(3, 30))
def test_the_bound_is_below_the_fewest_and_the_answer_is_not(seed: int, n: int, m: int) -> None:
    cover, weight = random_case(seed, n, m)
    rng = np.random.default_rng(seed)
    rules = Rules.plain(n)
    forbidden = rng.random(n) < 0.2
    rules = Rules(
        required=np.zeros(n, bool), forbidden=forbidden, exclusive=rules.exclusive,
        apart=rules.apart,
    )  # fmt: skip
    used = weight > 0
    counted = cover_of([[k for k in row if used[k]] for row in rows_of(cover)], m)
    best = least_by_trying(counted, ~forbidden)
    open_ = np.flatnonzero(~forbidden)
    # any candidates that cover whoever can be covered: the largest ones first, as long as they add
    some, seen = [], np.zeros(m, bool)
    for k in open_[np.argsort(-np.diff(counted.first)[open_], kind="stable")].tolist():
        row = counted.place[counted.first[k] : counted.first[k + 1]]
        if not seen[row].all():
            some.append(k)
            seen[row] = True
    # few pairs are allowed, so that hard places are left out and candidates as well
    for pairs in ((10_000, 10_000), (1, 6)):
        found = fewest_of_all(
            Stored(cover=cover), used, rules, np.array(sorted(some), np.int64), pairs=pairs
        )
        assert found.bound <= best
        assert not found.kept[forbidden].any()
        kept = np.flatnonzero(found.kept)
        assert np.array_equal(counted.covered(kept), counted.covered(open_))
        total = Stored(cover=cover).values(found.price)
        assert found.bound in {0, least_of(found.price, total[~forbidden])}
        if pairs[0] > 1:
            among = fewest_sites(counted, weight, Rules(
                required=rules.required, forbidden=~found.kept, exclusive=rules.exclusive,
                apart=rules.apart,
            ), done=~used)  # fmt: skip
            assert found.bound <= among.objective
            assert among.objective == best  # all that cover somebody are kept


def rows_of(cover: Cover) -> list[list[int]]:
    ends = zip(cover.first[:-1].tolist(), cover.first[1:].tolist(), strict=True)
    return [cover.place[a:b].tolist() for a, b in ends]


def test_a_ring_needs_half_its_places_rounded_up() -> None:
    # five places in a ring, each candidate covers two neighbours: multipliers of 1/2 come to 2.5
    ring = cover_of([[0, 1], [1, 2], [2, 3], [3, 4], [0, 4]], 5)
    found = fewest_of_all(Stored(cover=ring), np.ones(5, bool), Rules.plain(5), np.arange(5))
    assert found.price.sum() == pytest.approx(2.5 * UNIT)
    assert found.bound == 3
    assert fewest_sites(ring, np.ones(5, np.int64), Rules.plain(5)).objective == 3


def test_the_bound_counts_whole_parts_only() -> None:
    # sums of 10, 10 and 9 parts are together the 29 that are asked for: three, and not two
    assert least_of(np.array([29]), np.array([10, 9, 10])) == 3
    assert least_of(np.array([20]), np.array([10, 9, 10])) == 2
    assert least_of(np.array([0]), np.array([10])) == 0


def test_required_sites_count() -> None:
    cover = cover_of([[0], [0], [0]], 1)
    plain = Rules.plain(3)
    rules = Rules(
        required=np.array([True, True, False]), forbidden=plain.forbidden,
        exclusive=plain.exclusive, apart=plain.apart,
    )  # fmt: skip
    found = fewest_of_all(Stored(cover=cover), np.ones(1, bool), rules, np.array([2]))
    assert found.bound == 2
    assert found.kept[:2].all()


def test_without_time_the_bound_is_true_and_told_as_stopped() -> None:
    cover, weight = random_case(5, 12, 60)
    found = fewest_of_all(
        Stored(cover=cover), weight > 0, Rules.plain(12), np.arange(12), limits=Limits(seconds=0.0)
    )
    assert 0 < found.bound <= fewest_sites(cover, weight, Rules.plain(12)).objective
    assert found.by_clock


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 14), st.integers(3, 40))
def test_multipliers_sum_to_one_at_most_around_every_candidate(seed: int, n: int, m: int) -> None:
    cover, _ = random_case(seed, n, m)
    seen = np.flatnonzero(cover.covered(np.arange(n)))
    small = fewest_search.numbered_places(cover, seen)
    if not len(seen):
        return
    dual = multipliers(small, n)
    assert (dual.price >= 0).all()
    assert values(small, dual.price).max() <= 1 + 1e-9
    assert dual.built is not None
    assert dual.price.sum() == pytest.approx(dual.built.sum(), rel=1e-3)  # the program's optimum


def test_multipliers_without_a_program_are_true_too(monkeypatch: pytest.MonkeyPatch) -> None:
    cover, _ = random_case(11, 14, 40)
    seen = np.flatnonzero(cover.covered(np.arange(14)))
    small = fewest_search.numbered_places(cover, seen)
    monkeypatch.setattr(everywhere_dual, "PROGRAM_PAIRS", 0)
    dual = multipliers(small, 14)
    assert dual.built is None
    assert values(small, dual.price).max() <= 1 + 1e-9
    assert dual.price.sum() == pytest.approx(multipliers(small, 14, programs=0).price.sum())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(3, 30))
def test_places_that_are_left_out_are_covered_with_the_others(seed: int, n: int, m: int) -> None:
    cover, _ = random_case(seed, n, m)
    out = implied(cover)
    asked = needed(cover, Rules.plain(n))
    near = [set(cover.site[cover.place == i].tolist()) for i in range(m)]
    for i in range(m):
        inside = [k for k in range(m) if k != i and near[k] and near[k] <= near[i]]
        first = all(near[k] == near[i] and k > i for k in inside)
        assert out[i] == (bool(near[i]) and bool(inside) and not first)
    for size in range(1, min(n, 3) + 1):
        for some in itertools.combinations(range(n), size):
            seen = cover.covered(np.array(some))
            if seen[asked].all():
                assert np.array_equal(seen, cover.covered(np.arange(n)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 10), st.integers(3, 30))
def test_the_search_covers_everyone_with_no_more_sites(seed: int, n: int, m: int) -> None:
    cover, _ = random_case(seed, n, m)
    every = cover.covered(np.arange(n))
    fixed = np.random.default_rng(seed).random(n) < 0.3
    found = fewer(cover, np.arange(n), ~fixed, steps=2_000)
    assert np.array_equal(cover.covered(found), every)
    assert np.isin(np.flatnonzero(fixed), found).all()
    if not fixed.any():
        assert len(found) == least_by_trying(cover, np.ones(n, bool))
    assert np.array_equal(found, fewer(cover, np.arange(n), ~fixed, steps=2_000))


def test_many_pairs_are_searched_and_lead_to_the_same_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cover, weight = random_case(21, 40, 120)
    small = fewest_sites(cover, weight, Rules.plain(40))
    monkeypatch.setattr(fewest, "MANY", 0)
    large = fewest_sites(cover, weight, Rules.plain(40))
    assert (large.status, large.objective) == (small.status, small.objective) == ("optimal", 6)
    told = fewest_sites(cover, weight, Rules.plain(40), at_least=6, limits=Limits(nodes=0))
    assert (told.status, told.bound) == ("optimal", 6)
