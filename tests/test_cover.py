"""Redundancy and marginal people: by hand, and against closing a facility and running again."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessed import assessed, facilities_at, pairs, people_at
from quarterhour import assess, read_facilities, read_roads
from quarterhour.answers.overlap import Overlap, overlap, summary_of, tables_of
from quarterhour.core import cover
from quarterhour.units import MICRO
from towns import Town

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment

# A to B, B to C and C to D are 500 m each; at 1 m/s 15 minutes are 900 m
STREET = "A----B----C----D"
HOMES = {
    "甲": ("A", 10), "乙": (("AB", 200), 20), "丙": ("B", 30), "丁": (("BC", 250), 40),
    "戊": ("D", 50), "field": (("AB", 250, 400), 7),
}  # fmt: skip


def street(**more: object) -> Assessment:
    town = Town(STREET, ABCD="residential")
    facilities = facilities_at(town, {"西院": "A", "中院": "B", "东院": ("BC", 300)}, **more)
    return assessed(town, people_at(town, HOMES, old=0.1), facilities, cutoffs_min=(5, 10, 15))


def test_how_many_facilities_everybody_has() -> None:
    # metres to the facilities at 0, 500 and 800 m along the street:
    #   甲 0 500 800, 乙 200 300 600, 丙 500 0 300, 丁 750 250 50, 戊 1500 1000 700
    found = overlap(street())
    five, ten, fifteen = (
        (c.none, c.one, c.two, c.more, c.unlinked) for c in (g["all"] for g in found.counts)
    )
    # within 300 m 甲 1, 乙 2, 丙 2, 丁 2, 戊 0; within 600 m 甲 2, 乙 3, 丙 3, 丁 2, 戊 0;
    # within 900 m all three, 戊 only the eastern one
    assert five == tuple(n * MICRO for n in (50, 10, 20 + 30 + 40, 0, 7))
    assert ten == tuple(n * MICRO for n in (50, 0, 10 + 40, 20 + 30, 7))
    assert fifteen == tuple(n * MICRO for n in (0, 50, 0, 10 + 20 + 30 + 40, 7))
    assert found.counts[-1]["old"].more == 10 * MICRO
    assert found.counts[-1]["all"].share_backed_up == 100 / 157


def test_who_would_lose_and_who_would_walk_farther() -> None:
    found = overlap(street())
    assert (found.unique["all"] / MICRO).tolist() == [0, 0, 50]
    # 西院: 甲 500 s and 乙 100 s more; 中院: 丙 300 s; 东院: 丁 200 s, 戊 would lose it
    assert (found.farther["all"] / MICRO).tolist() == [30, 30, 40]
    minutes = [(10 * 500 + 20 * 100) / 30 / 60, 300 / 60, 200 / 60]
    assert found.extra_min["all"].tolist() == pytest.approx(minutes, abs=1e-4)
    assert found.extra_min["old"].tolist() == pytest.approx(minutes, abs=1e-4)


def test_a_facility_that_serves_nobody_or_does_not_serve_adds_nothing() -> None:
    # without 东院, 戊 is 1000 m from 中院
    found = overlap(street(closed=[2]))
    assert found.assessment.facility_status == ("used", "used", "planned")
    assert (found.unique["all"] / MICRO).tolist() == [0, 0, 0]
    assert found.extra_min["all"][2:].tolist() == pytest.approx([np.nan], nan_ok=True)
    rows = tables_of(found)[1].rows
    assert rows[2][3:] == (None, None, None, None)
    assert rows[2][2].zh == "规划，未计入"


def test_two_at_one_place_take_nothing_from_each_other() -> None:
    town = Town(STREET, ABCD="residential")
    twins = facilities_at(town, {"甲院": "B", "乙院": "B"})
    found = overlap(assessed(town, people_at(town, HOMES), twins))
    assert found.unique["all"].tolist() == [0, 0]
    assert found.farther["all"].tolist() == [0, 0]
    assert found.counts[-1]["all"].one == 0


def test_the_tables_say_what_they_count() -> None:
    found = overlap(street(beds=[60.0, np.nan, 0.0]))
    redundancy, each = tables_of(found, number=2)
    assert (redundancy.key, each.key) == ("redundancy_2", "facilities_2")
    assert len(redundancy.rows) == 3 * 2
    assert redundancy.rows[-2][2:8] == (157, 0, 50, 0, 100, 7)
    assert "分母" in redundancy.notes[1].zh
    assert [c.key for c in each.columns][-1] == "beds"
    assert [r[-1] for r in each.rows] == [60, None, 0]
    assert each.rows[2][3:5] == (150, 50)
    summary = json.loads(json.dumps(summary_of(found), allow_nan=False))
    assert summary["cutoffs"][2]["groups"]["all"]["three_or_more"] == 100
    assert summary["facilities"][2]["groups"]["all"]["unique"] == 50


def test_a_distance_rule_is_told_in_its_minutes() -> None:
    # 300, 500 and 1000 m mean 5, 10 and 15 minutes: from 300 m to 500 m are 5 minutes more
    town = Town(STREET, ABCD="residential")
    homes = people_at(town, {"甲": (("AB", 300), 10)})
    two = facilities_at(town, {"西": "A", "东": (("BC", 300))})
    found = overlap(assessed(town, homes, two, walker="standard_1000m"))
    assert found.extra_min["all"][0] == pytest.approx(5, abs=1e-4)


def equal_to_closing(a: Assessment, after: Assessment, k: int, found: Overlap) -> None:
    """Facility `k` closed in `after`: the same people lose cover, the same walk farther."""
    amounts = {g: np.where(a.ground.inside, v, 0) for g, v in a.ground.demand.amounts.items()}
    before_at, after_at = (x.demand.covered(x.cutoff_ms) for x in (a, after))
    assert not (after_at & ~before_at).any()
    farther = after_at & (after.demand.ms > a.demand.ms)
    more = after.walker.minutes(after.demand.ms) - a.walker.minutes(a.demand.ms)
    for g, people in amounts.items():
        lost = a.counts[-1][g].covered - after.counts[-1][g].covered
        assert found.unique[g][k] == lost
        assert found.farther[g][k] == people[farther].sum()
        if people[farther].any():
            mean = np.average(more[farther], weights=people[farther])
            assert found.extra_min[g][k] == pytest.approx(mean)
        else:
            assert np.isnan(found.extra_min[g][k])


GRID = """
    A----B----C
    |    |    |
    D----E----F
    |    |    |
    G----H----I
    """
WAYS = {"ABC": "residential", "DEF": "residential", "GHI": "residential",
        "ADG": "residential", "BEH": "residential", "CFI": "residential"}  # fmt: skip
SPOTS = st.tuples(
    st.sampled_from(["AB", "BC", "DE", "EF", "GH", "HI", "AD", "BE", "EH", "FI"]),
    st.integers(0, 200).map(float),
)


@settings(max_examples=12, deadline=None)
@given(
    facilities=st.lists(SPOTS, min_size=2, max_size=4),
    homes=st.lists(st.tuples(SPOTS, st.integers(0, 50)), min_size=3, max_size=8),
    cutoff=st.sampled_from([2, 5, 10]),
)
def test_marginal_people_equal_closing_the_facility_and_running_again(
    facilities: list[tuple[str, float]],
    homes: list[tuple[tuple[str, float], int]],
    cutoff: float,
) -> None:
    town = Town(GRID, **WAYS)
    places = {f"home {k}": (spot, n) for k, (spot, n) in enumerate([*homes, (("EF", 7.0), 3)])}
    people = people_at(town, places, old=0.3)
    named = {f"facility {k}": spot for k, spot in enumerate(facilities)}
    a = assessed(town, people, facilities_at(town, named), cutoffs_min=(1, cutoff))
    found = overlap(a)
    for k in range(len(named)):
        closed = facilities_at(town, named, closed=[k])
        equal_to_closing(a, assessed(town, people, closed, cutoffs_min=(1, cutoff)), k, found)


def test_closing_facilities_of_a_real_city(shared: Path) -> None:
    # the walkers of the streets of Heidelberg; every 25 m of street stand for people
    roads = read_roads(shared / "heidelberg" / "heidelberg.osm.pbf")
    facilities = read_facilities(shared / "heidelberg" / "heidelberg_facilities.csv")
    a = assess(roads, None, facilities, cutoffs_min=(10, 15), limit_min=20)
    found = overlap(a)
    c = found.counts[-1]["all"]
    assert c.one + c.two + c.more == a.counts[-1]["all"].covered
    assert c.two > 0
    order = a.used[np.argsort(-found.unique["all"][a.used], kind="stable")]
    for k in (order[0], order[len(order) // 2], order[-1]):
        serving = facilities.serving.copy()
        serving[k] = False
        fewer = dataclasses.replace(facilities, serving=serving)
        after = assess(roads, None, fewer, cutoffs_min=(10, 15), limit_min=20)
        equal_to_closing(a, after, int(k), found)


@given(
    st.lists(st.dictionaries(st.integers(0, 5), st.integers(0, 9), max_size=6), max_size=6),
    st.lists(st.integers(0, 10**13), min_size=6, max_size=6),
)
def test_two_best_by_brute_force(rows: list[dict[int, int]], people: list[int]) -> None:
    amount = np.array(people, np.int64)
    best = cover.two_best(pairs(*rows), 6)
    for p in range(6):
        times = sorted((row[p], k) for k, row in enumerate(rows) if p in row)
        assert best.n[p] == len(times)
        assert best.first[p] == (times[0][1] if times else -1)
        assert not times or best.first_ms[p] == times[0][0]
        assert len(times) < 2 or best.second_ms[p] == times[1][0]
    for cutoff in (0, 4, 9):
        n = cover.facilities_in_reach(pairs(*rows), 6, cutoff)
        assert n.tolist() == [sum(p in r and r[p] <= cutoff for r in rows) for p in range(6)]
        assert sum(cover.by_number(n, amount)) == sum(people)
    marginal = cover.marginal(best, amount, np.ones(6), len(rows))
    alone = [p for p in range(6) if sum(p in r for r in rows) == 1]
    for k, row in enumerate(rows):
        assert marginal.unique[k] == sum(people[p] for p in alone if p in row)
