"""Gini, Palma and the worst-off tenth: by hand, by their definition, and their invariants."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assessed import assessed, box, facilities_at, people_at
from quarterhour.answers.equity import (
    equity_of,
    equity_of_units,
    summary_of,
    tables_of,
    units_of,
    worst_tenth,
)
from quarterhour.answers.unit_coverage import cover_units
from quarterhour.core import equity
from quarterhour.inputs import UnitSet
from quarterhour.units import MICRO
from towns import Town

VALUES = st.lists(st.integers(0, 1000).map(float), min_size=1, max_size=8)
PEOPLE = st.lists(st.integers(0, 10**12), min_size=8, max_size=8)


def measure(what: Any, value: Any, people: Any = None) -> Any:
    x = np.array(value, np.float64)
    return what(x, np.array(people if people is not None else [1] * len(x), np.int64))


def test_gini_by_hand() -> None:
    assert measure(equity.gini, [3, 3, 3]) == 0
    assert measure(equity.gini, [0, 0, 0, 1]) == 0.75
    # 1 to n: (n² - 1) / (6 n · (n + 1) / 2) = (n - 1) / 3n
    assert measure(equity.gini, [1, 2, 3, 4, 5]) == pytest.approx(4 / 15)
    assert measure(equity.gini, [0, 1], [30, 10]) == 0.75
    assert measure(equity.gini, [0, 0]) is None
    assert measure(equity.gini, [5, 7], [0, 0]) is None


def test_palma_by_hand() -> None:
    assert measure(equity.palma, [7.0] * 10) == pytest.approx(0.25)
    # ten people with 1 to 10: 10 over 1 + 2 + 3 + 4
    assert measure(equity.palma, range(1, 11)) == pytest.approx(1)
    # five people: the tenth is half of the best, the 40 % are the two worst
    assert measure(equity.palma, [1, 2, 3, 4, 5]) == pytest.approx(2.5 / 3)
    assert measure(equity.palma, [0, 0, 5, 5, 5]) is None
    assert measure(equity.palma, [5.0], [0]) is None


def test_median_by_hand() -> None:
    assert measure(equity.median, [9, 1, 5]) == 5
    assert measure(equity.median, [1, 5], [3, 1]) == 1
    assert measure(equity.median, [1, 5], [1, 1]) == 1
    assert measure(equity.median, [1.0], [0]) is None


@given(VALUES, PEOPLE)
def test_gini_is_its_definition_and_lies_below_one(value: list[float], people: list[int]) -> None:
    people = people[: len(value)]
    found = measure(equity.gini, value, people)
    total = sum(people)
    sums = sum(p * x for p, x in zip(people, value, strict=True))
    if not sums:
        assert found is None
        return
    p, x = np.array(people, float) / total, np.array(value)
    expected = (p[:, None] * p * np.abs(x[:, None] - x)).sum() / (2 * (p * x).sum())
    assert found == pytest.approx(expected, abs=1e-9)
    assert 0 <= found < 1


@given(VALUES, PEOPLE, st.sampled_from([0.001, 3.0, 1e6]))
def test_units_of_value_and_cutting_places_change_nothing(
    value: list[float], people: list[int], factor: float
) -> None:
    people = people[: len(value)]
    for what in (equity.gini, equity.palma):
        one = measure(what, value, people)
        scaled = measure(what, [factor * v for v in value], people)
        halves = measure(what, value * 2, [n // 2 for n in people] + [n - n // 2 for n in people])
        if one is None:
            assert scaled is None
            assert halves is None
        else:
            assert scaled == pytest.approx(one, rel=1e-6, abs=1e-9)
            assert halves == pytest.approx(one, rel=1e-6, abs=1e-9)


@given(VALUES, st.data())
def test_giving_from_the_richer_to_the_poorer_makes_it_more_equal(
    value: list[float], data: st.DataObject
) -> None:
    # the principle of transfers of Pigou and Dalton
    rich = data.draw(st.integers(0, len(value) - 1))
    poor = data.draw(st.integers(0, len(value) - 1))
    assume(value[rich] > value[poor])
    gift = data.draw(st.floats(0.01, 0.99)) * (value[rich] - value[poor])
    after = list(value)
    after[rich] -= gift
    after[poor] += gift
    assert measure(equity.gini, after) < measure(equity.gini, value) + 1e-12


def test_the_worst_off_tenth_by_hand() -> None:
    # 100 people: 4 without a facility, 10 at 30 minutes, of whom 6 are among the tenth
    minutes, people = np.array([30.0, 5, 0]), np.array([10, 86, 4]) * MICRO
    has, covered = np.array([True, True, False]), np.array([False, True, False])
    found = worst_tenth(minutes, has, covered, people)
    assert found is not None
    assert (found.people, found.without) == pytest.approx((10, 4))
    assert found.mean_min == pytest.approx(30)
    assert found.share_covered == 0
    # 4 and 3 of the others at 12 minutes, of whom everybody is covered
    found = worst_tenth(np.array([12.0, 40, 0]), has, np.array([True, False, False]),
                        np.array([93, 3, 4]) * MICRO)  # fmt: skip
    assert found is not None
    assert found.mean_min == pytest.approx((3 * 40 + 3 * 12) / 6)
    assert found.share_covered == pytest.approx(3 / 10)
    # more than a tenth without any: nobody of them has minutes
    found = worst_tenth(minutes, has, covered, np.array([10, 30, 40]) * MICRO)
    assert found is not None
    assert (found.without, found.mean_min) == (pytest.approx(8), None)
    assert worst_tenth(minutes, has, covered, np.zeros(3, np.int64)) is None


@given(
    st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.integers(0, 50)), min_size=1,
             max_size=12)
)  # fmt: skip
def test_the_worst_off_tenth_person_by_person(rows: list[tuple[int, bool, int]]) -> None:
    # ten copies of everybody: the tenth is as many whole people as there were before
    minutes = np.array([float(m) for m, _, _ in rows])
    has = np.array([h for _, h, _ in rows])
    covered = has & (minutes <= 15)
    people = np.array([n for _, _, n in rows], np.int64)
    found = worst_tenth(minutes, has, covered, people * 10 * MICRO)
    every = sorted(
        (-m if h else -math.inf for m, h, n in rows for _ in range(10 * n))
    )[: int(people.sum())]  # fmt: skip
    if not every:
        assert found is None
        return
    assert found is not None
    known = [-m for m in every if m > -math.inf]
    assert found.without == pytest.approx(len(every) - len(known))
    assert found.share_covered == pytest.approx(sum(m <= 15 for m in known) / len(every))
    assert found.mean_min == (pytest.approx(sum(known) / len(known)) if known else None)


def test_a_drawn_town() -> None:
    # at 1 m/s 10 minutes are 600 m: 甲 has both facilities, 乙 one, 丙 none, the field no road
    town = Town("A----B----C----D----E----F----G", ABCDEFG="residential")
    homes = {
        "甲": (("AB", 250), 50.0), "乙": (("BC", 400), 30.0), "丙": ("G", 16.0),
        "field": (("AB", 250, 400), 4.0),
    }  # fmt: skip
    facilities = facilities_at(town, {"西院": "A", "中院": "B"})
    a = assessed(town, people_at(town, homes, old=0.1), facilities, cutoffs_min=(10,), limit_min=30)
    found = equity_of(a)
    everyone, old = found.groups
    assert (everyone.group, everyone.people, everyone.share_covered) == ("all", 100, 0.8)
    assert (everyone.fewest, everyone.most) == (0, 2)
    # of 130 facilities in reach: 20 people have none, 30 have 1, 50 have 2
    gini = 1 - (0.3 * (0 + 30 / 130) + 0.5 * (30 / 130 + 1))
    assert everyone.gini == pytest.approx(gini)
    # the best tenth have 2 each, the 40 % with least are 20 with none and 20 with 1
    assert everyone.palma == pytest.approx(20 / 20)
    # 丙 is 2500 m from 中院, beyond the limit of 30 minutes
    assert everyone.without == 20
    assert everyone.mean_min == pytest.approx((50 * 250 + 30 * 400) / 80 / 60, abs=1e-4)
    assert everyone.worst is not None
    assert (everyone.worst.people, everyone.worst.without) == pytest.approx((10, 10))
    assert everyone.worst.mean_min is None
    assert old.gini == pytest.approx(gini)
    assert old.people == 10


def test_between_units() -> None:
    names = ["东街道", "西街道", "南镇", "空乡"]
    total, covered = np.array([50, 30, 20, 0]) * MICRO, np.array([50, 15, 0, 0]) * MICRO
    found = equity_of_units("town", names, total, covered, group="old")
    assert found.lowest == (0, ("南镇",))
    assert found.highest == (1, ("东街道",))
    assert (found.n_units, found.without_people) == (3, 1)
    # shares 0, 0.5, 1 of 20, 30 and 50 people
    assert found.gini == pytest.approx(1 - (0.3 * (15 / 65) + 0.5 * (15 / 65 + 1)))
    # the best tenth have 10 covered, the 40 % with least 20 · 0 + 20 · 0.5
    assert found.palma == pytest.approx(1)
    assert found.worst_share == 0
    even = equity_of_units("town", names, total, total // 2)
    assert (even.gini, even.palma, even.worst_share) == pytest.approx((0, 0.25, 0.5))
    assert even.lowest == (0.5, ("东街道", "西街道", "南镇"))
    nobody = equity_of_units("town", names[:1], np.zeros(1, np.int64), np.zeros(1, np.int64))
    assert (nobody.lowest, nobody.gini, nobody.worst_share) == (None, None, None)


def test_the_units_of_a_study() -> None:
    # two towns of one name in two counties: all of 甲 is covered, none of 乙
    town = Town("A----B----C", ABC="residential")
    people = people_at(town, {"甲": ("A", 30.0), "乙": ("C", 10.0)})
    a = assessed(town, people, facilities_at(town, {"院": "A"}), area=box(-100, -100, 1100, 100))
    shapes = np.array([box(-100, -100, 500, 100), box(500, -100, 1100, 100)], object)
    towns = UnitSet(
        level="town", name=("城关镇", "城关镇"), county=("东县", "西县"), kind=("town", "town"),
        geometry=shapes, row=np.array([1, 2]),
    )  # fmt: skip
    (found,) = units_of(cover_units(a, [towns]))
    assert (found.level, found.n_units) == ("town", 2)
    assert found.lowest == (0, ("西县城关镇",))
    assert found.highest == (1, ("东县城关镇",))
    assert found.gini == pytest.approx(0.25)
    assert tables_of(equity_of(a, [found]))[1].rows[0][0].zh == "乡镇（街道）"


def test_tables_and_summary() -> None:
    town = Town("A----B", AB="residential")
    a = assessed(
        town, people_at(town, {"甲": ("A", 5.0)}, none=0.0), facilities_at(town, {"院": "B"})
    )
    units = equity_of_units("town", ["某镇"], np.array([5]) * MICRO, np.array([5]) * MICRO)
    found = equity_of(a, [units])
    groups, between = tables_of(found, number=4)
    assert (groups.key, between.key) == ("equity_4", "equity_units_4")
    assert groups.rows[0][1:7] == (5, 1, 1, 1, 0, pytest.approx(0.25))
    assert groups.rows[1][2:7] == (None,) * 5
    assert between.rows[0][3:5] == (1, ("某镇", "某镇"))
    assert any("基尼系数" in n.zh for n in groups.notes)
    assert len(tables_of(equity_of(a))) == 1
    assert not any("代替人数" in n.zh for n in groups.notes)
    streets = tables_of(equity_of(assessed(town, None, facilities_at(town, {"院": "B"}))))[0]
    assert any("以街道（米）代替人数作权重" in n.zh for n in streets.notes)
    summary = json.loads(json.dumps(summary_of(found), allow_nan=False))
    assert summary["groups"]["all"]["gini"] == 0
    assert summary["groups"]["none"]["worst_tenth"] is None
    assert summary["units"][0]["lowest"] == {"share": 1, "names": ["某镇"]}
