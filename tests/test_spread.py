"""Totals spread over places: whole millionths, nobody lost, nobody gained."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.spread import spread, sums, unit_of

moderate = settings(max_examples=200, deadline=None, derandomize=True)

place = st.tuples(
    st.integers(-1, 4),
    st.one_of(st.just(0.0), st.floats(1e-300, 1e300), st.integers(0, 1000).map(float)),
)


@moderate
@given(st.lists(place, max_size=40), st.lists(st.integers(0, 10**13), min_size=5, max_size=5))
def test_every_unit_keeps_its_total_or_loses_all_of_it(
    places: list[tuple[int, float]], totals: list[int]
) -> None:
    unit = np.array([u for u, _ in places], np.int64)
    weight = np.array([w for _, w in places], np.float64)
    micro = spread(unit, weight, np.array(totals, np.int64))
    found = sums(unit, micro, 5).tolist()
    for k, total in enumerate(totals):
        assert found[k] == (total if weight[unit == k].any() else 0)
    assert (micro >= 0).all()
    assert not micro[(unit < 0) | (weight == 0)].any()


def test_parts_follow_the_weights_and_ties_go_to_the_first() -> None:
    unit = np.array([0, 1, 0, -1, 0, 1])
    weight = np.array([1.0, 1, 2, 9, 1, 1])
    micro = spread(unit, weight, np.array([8000, 5000]))
    assert micro.tolist() == [2000, 3000, 4000, 0, 2000, 2000]
    assert spread(unit, weight * 1e-310, np.array([8000, 5000])).tolist() == micro.tolist()


def test_one_place_has_what_is_less_than_a_thousandth() -> None:
    unit, weight = np.zeros(3, np.int64), np.array([2.0, 2.0, 4.0])
    assert spread(unit, weight, np.array([8_000_400])).tolist() == [2_000_400, 2_000_000, 4_000_000]
    # 2,500.25 and 5,000.5 thousandths: the last of these comes first, then the first of the others
    assert spread(unit, weight, np.array([10_001_001])).tolist() == [
        2_500_001,
        2_500_000,
        5_001_000,
    ]


def test_a_point_on_a_border_belongs_to_the_first_polygon() -> None:
    squares = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.Polygon()])
    x, y = np.array([0.5, 1.0, 1.5, 3.0]), np.array([0.5, 0.5, 1.0, 0.5])
    found, several = unit_of(x, y, squares)
    assert found.tolist() == [0, 0, 1, -1]
    assert several == 1


@moderate
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=30), st.randoms())
def test_the_order_of_places_changes_no_unit(points: list[tuple[int, int]], random: object) -> None:
    squares = np.array([shapely.box(0, 0, 4, 8), shapely.box(2, 2, 8, 6)])
    turned = list(points)
    random.shuffle(turned)  # type: ignore[attr-defined]
    found = []
    for order in (points, turned):
        x, y = (np.array([p[k] for p in order], float) for k in (0, 1))
        unit, several = unit_of(x, y, squares)
        found.append((dict(zip(order, unit.tolist(), strict=True)), several))
    assert found[0] == found[1]
