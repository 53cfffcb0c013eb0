"""Floating catchment areas by hand, by a stranger's figures, by brute force, and conserved."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessed import pairs
from quarterhour.core import supply as fca

PER_PERSON = (fca.TWO_STEP, fca.THREE_STEP, fca.BALANCED)
ROWS = st.lists(st.dictionaries(st.integers(0, 5), st.integers(0, 900), max_size=6), max_size=5)
PEOPLE = st.lists(st.integers(0, 1000), min_size=6, max_size=6)
BEDS = st.lists(
    st.one_of(st.integers(0, 300).map(float), st.just(math.nan)), min_size=5, max_size=5
)


def test_two_steps_by_hand() -> None:
    # 10 beds for 100 + 100 people, 20 beds for 100 + 200: 0.05 and 1/15 beds per person
    within = pairs({0: 0, 1: 0}, {1: 0, 2: 0})
    found = fca.floating_catchment(
        within, np.ones(4), np.array([100.0, 100, 200]), np.array([10.0, 20])
    )
    assert found.ratio.tolist() == pytest.approx([1 / 20, 1 / 15])
    assert found.access.tolist() == pytest.approx([1 / 20, 1 / 20 + 1 / 15, 1 / 15])
    assert found.given == 30
    assert found.received == pytest.approx(30)


def test_the_figures_of_the_readme_of_sdc_catchment() -> None:
    # https://pypi.org/project/sdc-catchment/: three consumers of 100 at 0, 1 and 2, two providers
    # of 10 at 0 and 2, weights exp(-d²/2)
    within = pairs({0: 0, 1: 1, 2: 2}, {0: 2, 1: 1, 2: 0})
    weight = np.exp(-(within.ms.astype(float) ** 2) / 2)
    found = fca.floating_catchment(within, weight, np.full(3, 100.0), np.full(2, 10.0))
    assert found.access.round(6).tolist() == [0.065179, 0.069641, 0.065179]


def test_three_steps_and_balanced_by_hand() -> None:
    # place 1 reaches both with weight 1 and is divided in halves; place 0 has weight 1/2
    within = pairs({0: 0, 1: 0}, {1: 0})
    weight = np.array([0.5, 1, 1])
    people, beds = np.array([100.0, 100]), np.array([10.0, 20])
    # three steps: R = 10 / (100·1·½ + 100·½·1) = 1/10 and 20 / (100·½·1) = 2/5
    three = fca.floating_catchment(within, weight, people, beds, method=fca.THREE_STEP)
    assert three.ratio.tolist() == pytest.approx([1 / 10, 2 / 5])
    assert three.access.tolist() == pytest.approx([1 / 20, 1 / 20 + 1 / 5])
    # balanced: everybody counts once, 100 + 50 and 50: R = 1/15 and 2/5
    even = fca.floating_catchment(within, weight, people, beds, method=fca.BALANCED)
    assert even.ratio.tolist() == pytest.approx([1 / 15, 2 / 5])
    assert even.access.tolist() == pytest.approx([1 / 15, 1 / 30 + 1 / 5])
    # as published: the same R, of which the first is divided 1/3 to 2/3 over its two places
    told = fca.floating_catchment(within, weight, people, beds, method=fca.PUBLISHED)
    assert told.ratio.tolist() == pytest.approx([1 / 15, 2 / 5])
    assert told.access.tolist() == pytest.approx([1 / 45, 2 / 45 + 2 / 5])


def test_a_facility_without_a_value_or_without_people_takes_no_part() -> None:
    within = pairs({0: 0}, {0: 0}, {1: 0}, {})
    people, beds = np.array([100.0, 0]), np.array([10.0, math.nan, 30, 40])
    for method in PER_PERSON:
        found = fca.floating_catchment(within, np.ones(3), people, beds, method=method)
        assert found.access.tolist() == pytest.approx([0.1, 0])
        assert found.given == 10
        assert np.isnan(found.ratio).tolist() == [False, True, True, True]


def test_decays() -> None:
    ms = np.array([0, 300_000, 300_001, 600_000, 600_001, 900_000, 900_001], np.int32)
    assert fca.decay_weights(ms, 900_000, "none").tolist() == [1] * 6 + [0]
    steps = fca.decay_weights(ms, 900_000, "steps")
    assert steps.tolist() == [1, 1, 0.68, 0.68, 0.22, 0.22, 0]
    linear = fca.decay_weights(ms, 900_000, "linear")
    assert linear[[0, 1, 3, 6]].tolist() == pytest.approx([1, 2 / 3, 1 / 3, 0], abs=1e-5)
    # at half the cutoff: (exp(-1/8) - exp(-1/2)) / (1 - exp(-1/2))
    half = fca.decay_weights(np.array([450_000], np.int32), 900_000, "gaussian")[0]
    assert half == pytest.approx((0.8824969 - 0.6065307) / (1 - 0.6065307), abs=1e-5)
    # exactly the cutoff is in reach, whatever the decay
    for decay in fca.DECAYS:
        weight = fca.decay_weights(ms, 900_000, decay)
        assert weight[5] > 0
        assert weight[6] == 0
        assert (np.diff(weight) <= 0).all()
    assert fca.decay_weights(np.array([0, 1], np.int32), 0, "steps").tolist() == [1, 0]


def brute(
    rows: list[dict[int, int]],
    people: list[int],
    beds: list[float],
    decay: str,
    method: str,
) -> tuple[list[float], float]:
    """Access per place in plain loops, and the supply handed out."""
    known = [j for j in range(len(rows)) if not math.isnan(beds[j])]

    def f(i: int, j: int) -> float:
        ms = np.array([rows[j][i]]) if i in rows[j] else None
        return 0.0 if ms is None else float(fca.decay_weights(ms, 900, decay)[0])

    def share(i: int, j: int) -> float:
        total = sum(f(i, k) for k in known)
        return f(i, j) / total if total else 0.0

    def pull(i: int, j: int) -> float:
        if method == fca.TWO_STEP:
            return f(i, j)
        return share(i, j) * (f(i, j) if method == fca.THREE_STEP else 1)

    counted = {j: sum(people[i] * pull(i, j) for i in range(6)) for j in known}
    ratio = {j: beds[j] / counted[j] for j in known if counted[j] > 0}
    access = [sum(ratio[j] * pull(i, j) for j in ratio) for i in range(6)]
    return access, sum(beds[j] for j in ratio)


@given(ROWS, PEOPLE, BEDS, st.sampled_from(fca.DECAYS), st.sampled_from(PER_PERSON))
def test_the_same_as_plain_loops_and_supply_conserved(
    rows: list[dict[int, int]], people: list[int], beds: list[float], decay: str, method: str
) -> None:
    within, supply = pairs(*rows), np.array(beds[: len(rows)])
    weight = fca.decay_weights(within.ms, 900, decay)
    found = fca.floating_catchment(within, weight, np.array(people, float), supply, method=method)
    access, given_out = brute(rows, people, beds, decay, method)
    assert found.access.tolist() == pytest.approx(access, rel=1e-9)
    assert found.given == pytest.approx(given_out)
    assert found.received == pytest.approx(given_out)
    assert float((found.access * people).sum()) == pytest.approx(given_out)


@given(ROWS, PEOPLE, BEDS, st.sampled_from(fca.DECAYS))
def test_the_published_balance_counts_everybody_once_and_hands_each_level_out_once(
    rows: list[dict[int, int]], people: list[int], beds: list[float], decay: str
) -> None:
    within, supply = pairs(*rows), np.array(beds[: len(rows)])
    weight = fca.decay_weights(within.ms, 900, decay)
    args = within, weight, np.array(people, float), supply
    told = fca.floating_catchment(*args, method=fca.PUBLISHED)
    even = fca.floating_catchment(*args, method=fca.BALANCED)
    assert told.ratio.tolist() == pytest.approx(even.ratio.tolist(), nan_ok=True)
    assert told.access.sum() == pytest.approx(np.nansum(told.ratio))
    reached = {p for row, s in zip(rows, supply, strict=True) if not math.isnan(s) for p in row}
    asked = np.isfinite(told.ratio) & (told.ratio > 0)
    counted = supply[asked] / told.ratio[asked]
    if asked.sum() == np.isfinite(supply).sum():
        assert counted.sum() == pytest.approx(sum(people[p] for p in reached))


@given(ROWS, PEOPLE, BEDS, st.sampled_from(PER_PERSON), st.integers(0, 5))
def test_cutting_a_place_in_two_changes_nobodys_access(
    rows: list[dict[int, int]], people: list[int], beds: list[float], method: str, which: int
) -> None:
    supply = np.array(beds[: len(rows)])
    split = [{**row, 6: row[which]} if which in row else row for row in rows]
    halves = [n / 2 if k == which else float(n) for k, n in enumerate(people)]
    one, two = (
        fca.floating_catchment(
            pairs(*r), fca.decay_weights(pairs(*r).ms, 900, "linear"), np.array(p), supply,
            method=method,
        )
        for r, p in ((rows, [float(n) for n in people]), (split, [*halves, people[which] / 2]))
    )  # fmt: skip
    assert two.access[:6].tolist() == pytest.approx(one.access.tolist())
    assert two.access[6] == pytest.approx(one.access[which])
