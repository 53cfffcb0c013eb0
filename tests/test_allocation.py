"""People handed to facilities: the largest number by hand, by brute force and by scipy's flow."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from assessed import pairs
from quarterhour.core.allocation import allocate, classes
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from quarterhour.core.allocation import Allocation
    from quarterhour.core.reach import TravelTimes

ROWS = st.lists(st.sets(st.integers(0, 6)), max_size=5)
NEED = st.lists(st.integers(0, 12), min_size=7, max_size=7)
ROOM = st.lists(st.integers(0, 20), min_size=5, max_size=5)


def reach(*rows: set[int]) -> TravelTimes:
    return pairs(*(dict.fromkeys(row, 1) for row in rows))


def plan(rows: list[set[int]], need: list[int], room: list[int]) -> Allocation:
    return allocate(reach(*rows), np.array(need, np.int64), np.array(room[: len(rows)], np.int64))


def test_who_can_only_go_to_one_is_given_the_bed_there() -> None:
    # 10 beds at 0 for places 0 and 1, 10 at 1 for place 1 alone: whoever fills facility 0 with the
    # people of place 1 leaves those of place 0 without
    found = plan([{0, 1}, {1}], [10, 10], [10, 10])
    assert found.served == 20
    assert found.assigned.tolist() == [10, 10]
    assert not found.short.any()
    assert not found.full.any()


def test_the_chain_is_pushed_along() -> None:
    # places 0, 1 and 2 take the first facility they see; place 3 has only that of place 0, which
    # has to move on, and push the next one on, up to the room at the far end
    rows = [{0, 3}, {0, 1}, {1, 2}, {2}]
    assert plan(rows, [5, 5, 5, 5], [5, 5, 5, 5]).served == 20
    assert plan(rows, [5, 5, 5, 5], [5, 5, 5, 2]).served == 17


def test_where_not_everybody_can_be_served() -> None:
    # places 0 and 1 compete for facility 0; place 2 has facility 1 for itself, place 3 has none
    found = plan([{0, 1}, {2}], [8, 8, 5, 4], [10, 9])
    assert found.served == 15
    assert found.short.tolist() == [True, True, False, False]
    assert found.full.tolist() == [True, False]
    assert found.assigned.tolist() == [10, 5]


def test_everybody_has_the_same_chance() -> None:
    # 30 beds for places of 40 and 20 that all have it in reach, and 30 for the first alone
    found = plan([{0, 1}], [40, 20], [30])
    assert found.unplaced.tolist() == [20, 10]
    found = plan([{0, 1}, {0}, {1}], [400, 200], [300, 0, 0])
    assert found.unplaced.tolist() == [200, 100]
    # three that compete in different ways: 2 of 5 are served everywhere
    found = plan([{0, 1}, {1, 2}, {2, 0}], [100, 100, 100], [40, 40, 40])
    assert found.unplaced.tolist() == [60, 60, 60]
    # a whole that cannot be divided goes by largest remainder, and then by the lowest place
    assert plan([{0, 1, 2}], [5, 5, 5], [4]).unplaced.tolist() == [4, 4, 3]


def test_millions_of_people_in_millionths() -> None:
    # more than int32 holds, and more than doubles hold exactly
    need = [3_000_000_000_000_001, 9_007_199_254_740_993]
    found = plan([{0, 1}], need, [9_007_199_254_740_995])
    assert found.served == 9_007_199_254_740_995
    # a quarter of 12,007,199,254,740,994 find no room, in exact proportion
    missing = sum(need) - found.served
    exact = [Fraction(n * missing, sum(need)) for n in need]
    assert sum(found.unplaced.tolist()) == missing
    assert all(abs(u - e) < 1 for u, e in zip(found.unplaced.tolist(), exact, strict=True))
    assert plan([{0, 1}], need, [sum(need)]).served == sum(need)


def test_nothing_to_hand_out() -> None:
    assert plan([], [5, 0], []).served == 0
    assert plan([set(), {0}], [5, 0], [3, 0]).served == 0
    assert plan([{1}], [5, 0], [3]).served == 0


@given(ROWS)
def test_classes_are_places_with_the_same_facilities(rows: list[set[int]]) -> None:
    group, n, first = classes(reach(*rows), 7)
    sets = [frozenset(k for k, row in enumerate(rows) if p in row) for p in range(7)]
    for a, b in itertools.combinations(range(7), 2):
        assert (group[a] == group[b]) == (sets[a] == sets[b])
    assert n == len(set(sets))
    assert first.tolist() == [group.tolist().index(c) for c in range(n)]
    assert (np.diff(first) > 0).all()


def flow(rows: list[set[int]], need: list[int], room: list[int]) -> int:
    """The largest flow by scipy, place by place: source, places, facilities, sink."""
    n, m = len(need), len(rows)
    table = np.zeros((n + m + 2, n + m + 2), np.int32)
    table[0, 1 : n + 1] = need
    table[n + 1 : n + m + 1, -1] = room[:m]
    for j, row in enumerate(rows):
        for i in row:
            table[1 + i, n + 1 + j] = 1000
    return int(maximum_flow(csr_array(table), 0, n + m + 1).flow_value)


def hall(rows: list[set[int]], need: list[int], room: list[int]) -> int:
    """The largest number served, by looking at every set of facilities (Hall 1935)."""
    reached = sum(n for p, n in enumerate(need) if any(p in row for row in rows))
    lacking = 0
    for k in range(len(rows) + 1):
        for some in itertools.combinations(range(len(rows)), k):
            only = sum(
                n
                for p, n in enumerate(need)
                if any(p in row for row in rows)
                and all(j in some for j, row in enumerate(rows) if p in row)
            )
            lacking = max(lacking, only - sum(room[j] for j in some))
    return reached - lacking


@given(ROWS, NEED, ROOM)
def test_the_largest_number(rows: list[set[int]], need: list[int], room: list[int]) -> None:
    found = plan(rows, need, room)
    assert found.served == flow(rows, need, room) == hall(rows, need, room)
    # who finds no room is in reach, and only where not everybody can be served
    reached = np.array([any(p in row for row in rows) for p in range(7)])
    assert found.unplaced.sum() == np.array(need)[reached].sum() - found.served
    assert (found.unplaced >= 0).all()
    assert (found.unplaced <= np.array(need)).all()
    assert not found.unplaced[~found.short].any()
    # one allocation that has it, and serves the others
    served = (np.where(reached, need, 0) - found.unplaced).tolist()
    assert flow(rows, served, room) == found.served
    assert found.assigned.sum() == found.served
    assert (found.assigned >= 0).all()
    assert (found.assigned <= np.array(room[: len(rows)], np.int64)).all()
    assert (found.assigned[found.full] == np.array(room[: len(rows)])[found.full]).all()


@settings(max_examples=60)
@given(ROWS, NEED, ROOM)
def test_short_is_where_one_more_person_could_not_be_served(
    rows: list[set[int]], need: list[int], room: list[int]
) -> None:
    found = plan(rows, need, room)
    for p in range(7):
        if not need[p] or not any(p in row for row in rows):
            assert not found.short[p]
            continue
        # a place is short exactly where taking one of its people away loses no seat
        fewer = [n - (k == p) for k, n in enumerate(need)]
        assert found.short[p] == (plan(rows, fewer, room).served == found.served)
    for j in range(len(rows)):
        # one more bed helps exactly at the facilities that are always full
        more = [n + (k == j) for k, n in enumerate(room)]
        assert found.full[j] == (plan(rows, need, more).served > found.served)


@given(ROWS, NEED, ROOM, st.permutations(range(7)))
def test_the_order_of_places_changes_nothing_that_is_unique(
    rows: list[set[int]], need: list[int], room: list[int], order: list[int]
) -> None:
    one = plan(rows, need, room)
    moved = [{order.index(p) for p in row} for row in rows]
    two = plan(moved, [need[p] for p in order], room)
    assert two.served == one.served
    assert two.short.tolist() == one.short[order].tolist()
    assert two.full.tolist() == one.full.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_a_larger_case_in_millionths(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [set(rng.choice(400, 60, replace=False).tolist()) for _ in range(30)]
    need, room = rng.integers(0, 40, 400).tolist(), rng.integers(0, 400, 30).tolist()
    found = plan(rows, [n * MICRO for n in need], [n * MICRO for n in room])
    padded = [int(n) for n in need]
    assert found.served == flow(rows, padded, [int(n) for n in room]) * MICRO
