"""Integer units: nothing is lost in rounding, and cutoffs mean what they say."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour import units
from quarterhour.errors import InputError
from quarterhour.walkers import WALKERS, check_cutoffs, walker

moderate = settings(max_examples=300, deadline=None, derandomize=True)

amount = st.one_of(
    st.integers(0, 10**7).map(float),
    st.floats(0, 1e7, allow_nan=False, allow_subnormal=False),
    st.sampled_from([0.0, 0.5e-6, 1.5e-6, 1e-9, 1 / 3]),
)


@moderate
@given(st.lists(amount, min_size=1, max_size=60), st.integers(0, 10**12))
def test_apportioned_numbers_add_up_and_follow_their_weights(
    weights: list[float], total: int
) -> None:
    if sum(weights) <= 0:
        total = 0
    parts = units.apportion(weights, total)
    assert int(parts.sum()) == total
    assert parts.min() >= 0
    if total == 0:
        return
    whole = sum(map(Fraction, weights))
    for part, weight in zip(parts.tolist(), weights, strict=True):
        quota = Fraction(weight) * total / whole
        assert abs(part - quota) <= 1 + quota * Fraction(1, 10**14)
        assert part == 0 or weight > 0


@moderate
@given(
    st.lists(amount, min_size=1, max_size=60),
    st.integers(0, 10**12),
    st.sampled_from([1, 10, 1000]),
)
def test_of_apportioned_multiples_only_one_has_more(
    weights: list[float], total: int, grain: int
) -> None:
    if sum(weights) <= 0:
        total = 0
    parts = units.apportion(weights, total, grain)
    assert int(parts.sum()) == total
    odd = np.flatnonzero(parts % grain)
    assert len(odd) <= 1
    assert all(weights[k] > 0 for k in np.flatnonzero(parts))
    least = parts // grain
    if not len(odd):
        assert (least == units.apportion(weights, total // grain)).all()


def test_what_is_more_than_a_multiple_goes_to_the_largest_remainder() -> None:
    assert units.apportion([1, 1, 1], 3_500, 1000).tolist() == [1_500, 1_000, 1_000]
    assert units.apportion([2, 3], 8_500, 1000).tolist() == [3_500, 5_000]  # of 3.2 and 4.8
    assert units.apportion([0, 5], 999, 1000).tolist() == [0, 999]
    assert units.share_of(10_000, 0.2819, 1000) == 3_000
    assert units.share_of(10_000, 0.25, 1000) == 3_000, "half up"
    assert units.share_of(10_000, 0.2819) == 2_819


def test_estimated_people_are_whole_thousandths() -> None:
    people = [1.23456, 0.0004, 0.0004, 0.0004, 0.0003]  # 1.23606 in all
    assert units.micro_people(people, 1000).tolist() == [1_235_000, 1_000, 0, 0, 0]


def test_remainders_go_to_the_largest_and_then_to_the_first() -> None:
    assert units.apportion([1, 1, 1], 10).tolist() == [4, 3, 3]
    assert units.apportion([10, 20, 30.5, 39.5], 10).tolist() == [1, 2, 3, 4]
    assert units.apportion([0, 0, 1], 7).tolist() == [0, 0, 7]
    assert units.apportion([0, 0], 0).tolist() == [0, 0]
    assert units.apportion([], 0).tolist() == []


@moderate
@given(st.lists(amount, min_size=0, max_size=60))
def test_millionths_of_people_keep_the_total(people: list[float]) -> None:
    micro = units.micro_people(people)
    assert micro.dtype == np.int64
    total = float(np.asarray(people, np.float64).__mul__(1e6).sum())
    assert int(micro.sum()) == int(np.floor(total + 0.5))
    for part, number in zip(micro.tolist(), people, strict=True):
        assert abs(part - number * 1e6) <= 1.001
        assert part >= 0


def test_whole_people_stay_whole() -> None:
    people = np.arange(1000.0)
    assert (units.micro_people(people) == np.arange(1000) * 1_000_000).all()
    assert units.persons(1_500_000) == 1.5


def test_rounding_is_half_up() -> None:
    assert units.mm_of_m([0.0004, 0.0005, 0.0015, 1.0005, 2.4995]).tolist() == [0, 1, 2, 1001, 2500]
    assert units.ms_of_min(15) == 900_000
    assert units.ms_of_min(0.1) == 6_000
    assert units.ms_of_min(1 / 3) == 20_000
    assert units.ms_of_min(np.float64(7.5)) == 450_000
    # 60 mm at 1.2 m/s are 50 ms, 3 mm are 2.5 ms
    assert units.walk_ms(np.array([60, 3, 0]), 4_320_000).tolist() == [50, 3, 0]


def test_speeds_are_whole_millimetres_per_hour() -> None:
    assert units.speed_mm_per_hour(1.2) == 4_320_000
    assert units.speed_mm_per_hour(0.65) == 2_340_000
    assert WALKERS["engine_5kmh"].speed_mmph == 5_000_000
    assert {name: w.speed_mmph for name, w in WALKERS.items() if w.speed_mps == 1.0} == {
        "elderly": 3_600_000,
        "caregiver_with_stroller": 3_600_000,
    }


@moderate
@given(st.integers(0, 50_000_000), st.sampled_from(sorted(WALKERS)))
def test_walking_time_is_the_exact_quotient_rounded_half_up(length_mm: int, name: str) -> None:
    speed = WALKERS[name].speed_mmph
    exact = Fraction(length_mm * 3_600_000, speed)
    found = int(units.walk_ms(np.array([length_mm]), speed)[0])
    assert Fraction(-1, 2) < found - exact <= Fraction(1, 2)


@moderate
@given(st.sampled_from(sorted(WALKERS)), st.integers(0, 4_000_000), st.integers(0, 4_000_000))
def test_minutes_grow_with_the_time(name: str, a: int, b: int) -> None:
    low, high = WALKERS[name].minutes(np.sort(np.array([a, b], np.int32))).tolist()
    assert low <= high
    assert (low < high) == (a != b)


@pytest.mark.parametrize("name", sorted(WALKERS))
def test_minutes_are_within_a_cutoff_exactly_when_the_time_is(name: str) -> None:
    who = WALKERS[name]
    for cutoff in (5, 10, 15):
        edge = who.cutoff_ms(cutoff)
        inside, beyond = who.minutes(np.array([edge, edge + 1], np.int32)).tolist()
        assert inside == cutoff
        assert beyond > cutoff


@moderate
@given(st.sampled_from(sorted(WALKERS)), st.floats(0.5, 180), st.floats(0.5, 180))
def test_search_limits_grow_and_are_the_inverse_of_minutes(name: str, a: float, b: float) -> None:
    who = WALKERS[name]
    low, high = sorted((a, b))
    assert who.limit_ms(low) <= who.limit_ms(high)
    # half a millisecond, or half a millimetre, of rounding
    assert who.minutes(np.array([who.limit_ms(a)]))[0] == pytest.approx(a, abs=1e-5)


@pytest.mark.parametrize("name", sorted(WALKERS))
def test_a_search_to_a_cutoff_is_the_cutoff(name: str) -> None:
    for cutoff in (5, 10, 15):
        assert WALKERS[name].limit_ms(cutoff) == WALKERS[name].cutoff_ms(cutoff)


def test_the_standard_knows_three_cutoffs_in_metres() -> None:
    rule = WALKERS["standard_1000m"]
    assert [rule.cutoff_ms(c) for c in (5, 10, 15)] == [300_000, 500_000, 1_000_000]
    # 400 m are half way between 5 and 10 minutes; 1500 m lie one more part of 500 m beyond
    assert rule.minutes(np.array([0, 150_000, 400_000, 750_000, 1_500_000])).tolist() == [
        0, 2.5, 7.5, 12.5, 20,
    ]  # fmt: skip
    assert rule.limit_ms(60) == 5_500_000
    with pytest.raises(KeyError, match="no cutoff 20 min"):
        rule.cutoff_ms(20)
    with pytest.raises(InputError, match="5, 10, 15"):
        check_cutoffs(rule, (5, 12))
    check_cutoffs(WALKERS["adult"], (7, 12))


def test_a_study_may_set_a_speed_within_reason() -> None:
    assert walker("adult", speed_mps=0.9).speed_mmph == 3_240_000
    for speed in (0.05, 3.5, float("nan")):
        with pytest.raises(InputError, match="walking speed"):
            walker("adult", speed_mps=speed)
    with pytest.raises(InputError, match="distance rule"):
        walker("standard_1000m", speed_mps=1.0)
    with pytest.raises(InputError, match="did you mean 'elderly'"):
        walker("eldery")


def test_every_walker_says_where_its_number_comes_from() -> None:
    assert all(len(w.source) > 20 and w.label_zh and w.label_en for w in WALKERS.values())
