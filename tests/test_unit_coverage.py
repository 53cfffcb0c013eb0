"""Coverage by unit: people, land, facilities and verdicts, by hand arithmetic.

One street runs east from a facility at x = 0; the walker makes 1 m/s, so that 15 minutes end at
x = 900 and 30 minutes at x = 1800. Ten people live in each place:

    x =   100   800 | 1000  1700 | 1900  (2000, 900 m beside the street: without a road)
          town A    |   town B   |   town C
                   900          1800
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.answers.unit_counts import NO, UNKNOWN, YES
from quarterhour.answers.unit_coverage import cover_units
from quarterhour.answers.unit_meanings import meanings_of, ratios_of
from quarterhour.assessing.analysis import assess
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, AreaSet, Demand, UnitSet
from quarterhour.units import MICRO
from road_files import lonlat, refusal
from test_guard_zone import degrees, facilities, network

if TYPE_CHECKING:
    from quarterhour.answers.unit_counts import LevelCoverage, UnitCoverage
    from quarterhour.assessing.assessment import Assessment

STREET = [(-200.0, 0.0), (4000.0, 0.0)]
AREA = shapely.box(-200, -1500, 2700, 1500)
HOMES = [(100, 0), (800, 0), (1000, 0), (1700, 0), (1900, 0), (2000, 900)]
OLD = [0, 5, 10, 0, 5, 0]
"""Old people in each place, of ten."""

A, B, C = (shapely.box(w, -1400, e, 1400) for w, e in ((-200, 900), (900, 1800), (1800, 2600)))
NEAR = shapely.box(101, 1, 299, 49)
BEYOND = shapely.box(1001, 1, 1199, 49)
ALONE = shapely.box(2101, 901, 2199, 949)
HECTARES = (198 * 48 / 1e4, 198 * 48 / 1e4, 98 * 48 / 1e4)


def areas(*shapes: shapely.Geometry) -> AreaSet:
    geometry = np.empty(len(shapes), object)
    geometry[:] = [degrees(s) for s in shapes]
    return AreaSet(
        geometry=geometry, name=tuple(f"a{k}" for k in range(len(shapes))),
        kind=("",) * len(shapes), row=np.arange(1, len(shapes) + 1),
    )  # fmt: skip


def units(*shapes: shapely.Geometry | None, level: str = "town", **more: Any) -> UnitSet:
    geometry = np.empty(len(shapes), object)
    geometry[:] = [None if s is None else degrees(s) for s in shapes]
    return UnitSet(
        level=level, name=tuple("ABCDEFGH"[: len(shapes)]), county=("",) * len(shapes),
        kind=("",) * len(shapes), geometry=geometry, row=np.arange(1, len(shapes) + 1), **more,
    )  # fmt: skip


@lru_cache(maxsize=8)
def town(*, land: bool = False, walker: str = "elderly", limit_min: float = 60) -> Assessment:
    lon, lat = np.array([lonlat(*p) for p in HOMES]).T
    people = Demand(
        kind="people", lon=lon, lat=lat, row=np.arange(2, len(HOMES) + 2), file="p.csv",
        amounts={EVERYONE: np.full(6, 10 * MICRO), "old": np.array(OLD) * MICRO},
    )  # fmt: skip
    care = facilities((0, 0))
    return assess(
        network([STREET]), people, replace(care, attributes={"beds": (50.0,)}), group="old",
        walker=walker, area=degrees(AREA), limit_min=limit_min, name="养老",
        residential=areas(NEAR, BEYOND, ALONE) if land else None,
    )  # fmt: skip


def level_of(found: UnitCoverage, name: str = "town") -> LevelCoverage:
    level = found.level(name)
    assert level is not None
    return level


def people(amounts: np.ndarray) -> list[float]:
    return (amounts / MICRO).tolist()


def test_people_of_every_town_and_outside() -> None:
    level = level_of(cover_units(town(), [units(A, B)]))
    everyone, old = level.people[EVERYONE], level.people["old"]
    # A, B, and last what is outside both
    assert people(everyone.total) == [20, 20, 20]
    assert people(everyone.covered) == [20, 0, 0]
    assert people(everyone.uncovered) == [0, 20, 10]
    assert people(everyone.unlinked) == [0, 0, 10]
    assert everyone.share.tolist() == [1, 0, 0]
    assert people(old.total) == [5, 10, 5]
    assert people(old.covered) == [5, 0, 0]


def test_a_place_in_two_units_counts_in_the_first() -> None:
    wide = shapely.box(500, -1400, 1200, 1400)  # overlaps with A at 800, with B at 1000
    level = level_of(cover_units(town(), [units(A, wide, B)]))
    assert people(level.people[EVERYONE].total) == [20, 10, 10, 20]


def test_rural_places_have_their_own_cutoff() -> None:
    found = cover_units(town(), [units(A, B, C)], urban=areas(A), rural_cutoff_min=30)
    shares = {
        (m.part, m.minutes): (m.numerator, m.denominator)
        for m in meanings_of(found)
        if m.key == "people" and m.group == EVERYONE
    }
    # within 30 minutes are also 1000 and 1700, which are rural, but not 1900
    assert shares == {
        ("whole", (15,)): (20, 60),
        ("urban", (15,)): (20, 20),
        ("rural", (30,)): (20, 40),
        ("combined", (15, 30)): (40, 60),
    }
    level = level_of(found)
    assert level.urban is not None
    assert level.urban.tolist() == [True, False, False]
    assert level.people_own is not None
    assert people(level.people_own[EVERYONE].covered) == [20, 20, 0, 0]
    assert level.reached.tolist() == [YES, NO, NO]
    assert level.reached_own is not None
    assert level.reached_own.tolist() == [YES, YES, NO]


def test_without_a_rural_cutoff_rural_places_have_that_of_the_service() -> None:
    found = cover_units(town(), [units(A, B, C)], urban=areas(A))
    rows = [m for m in meanings_of(found) if m.key == "people" and m.group == "old"]
    assert [(m.part, m.minutes, m.numerator) for m in rows] == [
        ("whole", (15,), 5), ("urban", (15,), 5), ("rural", (15,), 0), ("combined", (15,), 5),
    ]  # fmt: skip


def test_hectares_are_measured_at_positions() -> None:
    found = cover_units(town(land=True), [units(A, B, C)], urban=areas(A), rural_cutoff_min=30)
    level = level_of(found)
    assert level.land is not None
    assert people(level.land.total) == pytest.approx([*HECTARES, 0], rel=2e-3)
    assert people(level.land.covered) == pytest.approx([HECTARES[0], 0, 0, 0], rel=2e-3)
    assert people(level.land.unlinked) == pytest.approx([0, 0, HECTARES[2], 0], rel=2e-3)
    rows = {m.part: m for m in meanings_of(found) if m.key == "land"}
    assert rows["whole"].share == pytest.approx(0.9504 / 2.3712, rel=1e-3)
    assert rows["whole"].unlinked == pytest.approx(HECTARES[2], rel=2e-3)
    assert (rows["urban"].share, rows["combined"].minutes) == (1, (15, 30))
    assert rows["rural"].share == pytest.approx(0.9504 / (2.3712 - 0.9504), rel=1e-3)


def test_land_in_two_areas_counts_once() -> None:
    made = town(land=True)
    twice = shapely.box(101, 1, 299, 98)  # the same land and as much beside it
    overlapping = assess(
        made.ground.network, made.ground.demand, made.facilities, group="old", walker="elderly",
        area=degrees(AREA), residential=areas(NEAR, twice),
    )  # fmt: skip
    land = cover_units(overlapping).land
    assert land is not None
    assert land.n_twice > 0
    ground = overlapping.ground
    assert ground.residential_points is not None
    assert land.n_twice + len(land.amount) == len(ground.residential_points.owner)
    first = land.area == 0
    assert land.amount[first].sum() / MICRO == pytest.approx(HECTARES[0], rel=2e-3)
    # every position of the second area stands for the same part of it, also those left out
    positions = int((ground.residential_points.owner == 1).sum())
    part = (positions - land.n_twice) / positions
    left = land.amount[~first].sum() / MICRO
    assert left == pytest.approx(198 * 97 / 1e4 * part, rel=2e-3)


def test_presence_is_not_reach() -> None:
    # the facility stands in A; nearly all of C lies beyond 15 minutes, and B has no facility
    narrow = shapely.box(-200, -1400, 50, 1400)
    level = level_of(cover_units(town(), [units(narrow, shapely.box(50, -1400, 900, 1400), B)]))
    assert level.facilities.tolist() == [1, 0, 0, 0]
    assert level.present.tolist() == [YES, NO, NO]
    # nobody lives in the first, and there is no land: nobody can say whether it is reached
    assert level.reached.tolist() == [UNKNOWN, YES, NO]
    blocks = replace(level.units, level="community")
    rows = {m.key: m for m in meanings_of(cover_units(town(), [blocks])) if m.level == "community"}
    assert (rows["with_facility"].numerator, rows["with_facility"].denominator) == (1, 3)
    assert (rows["reached"].numerator, rows["reached"].denominator) == (1, 3)
    assert rows["reached"].unknown == 1


def test_a_unit_is_reached_from_the_threshold_on() -> None:
    both = shapely.box(-200, -1400, 1200, 1400)  # 5 of 15 old people are covered
    for percent, verdict in ((33, YES), (34, NO)):
        level = level_of(cover_units(town(), [units(both)], threshold_percent=percent))
        assert level.reached.tolist() == [verdict]
    pieces = shapely.union(shapely.box(700, -9, 850, 9), shapely.box(1850, -9, 1950, 9))
    level = level_of(cover_units(town(), [units(pieces)], threshold_percent=50))  # 5 of 10
    assert level.reached.tolist() == [YES]


def test_without_people_of_the_group_land_decides() -> None:
    found = cover_units(town(land=True), [units(shapely.box(-200, -1400, 700, 1400))])
    level = level_of(found)
    assert people(level.people["old"].total) == [0, 20]
    assert level.reached.tolist() == [YES]


def test_a_village_that_is_a_point_is_reached_by_its_own_walk() -> None:
    spots = [shapely.Point(899, 0), shapely.Point(1100, 0), shapely.Point(1000, 900)]
    made = units(*spots, None, level="village")
    level = level_of(cover_units(town(), [made]), "village")
    assert level.reached.tolist() == [YES, NO, NO, UNKNOWN]
    assert level.present.tolist() == [UNKNOWN] * 4
    assert people(level.people[EVERYONE].total) == [0, 0, 0, 0, 60]
    rows = [m for m in meanings_of(cover_units(town(), [made])) if m.level == "village"]
    assert [(m.key, m.numerator, m.denominator, m.unknown) for m in rows] == [
        ("with_facility", None, None, 0), ("reached", 1, 4, 1),
    ]  # fmt: skip
    assert rows[0].missing is not None
    assert "no column that names their unit" in rows[0].missing.en


def test_facilities_may_name_the_units_that_are_no_polygons() -> None:
    made = town()
    named = replace(made, facilities=replace(made.facilities, attributes={"community": ("B",)}))
    level = level_of(cover_units(named, [units(None, None, level="community")]), "community")
    assert level.present.tolist() == [NO, YES]
    assert level.facilities.tolist() == [0, 1, 0]


def test_units_beyond_the_study_area_are_not_counted() -> None:
    # of the first three tenths lie in the area, the second lies outside, the third is all inside
    partly, out = shapely.box(2400, -1000, 3400, 1000), shapely.box(5000, 0, 6000, 100)
    level = level_of(cover_units(town(), [units(partly, out, A)]))
    assert level.counted.tolist() == [False, False, True]
    assert level.listed.tolist() == [2]
    wide = shapely.box(1850, -1400, 5000, 1400)  # a quarter inside, but people live there
    level = level_of(cover_units(town(), [units(wide, A)]))
    assert (level.counted.tolist(), level.listed.tolist()) == ([False, True], [0, 1])
    assert people(level.people[EVERYONE].total) == [20, 20, 20]


def test_beds_for_every_thousand() -> None:
    found = cover_units(town(), [units(A, B)])
    rows = {r.group: r for r in ratios_of(found)}
    assert rows["old"].per_1000 == 50 * 1000 / 20
    assert rows[EVERYONE].per_1000 == 50 * 1000 / 60
    assert level_of(found).capacity["beds"].amount.tolist() == [50, 0, 0]
    assert ratios_of(cover_units(town(), supply="places")) == ()
    unsaid = replace(town(), facilities=replace(town().facilities, attributes={"beds": (np.nan,)}))
    (row, _) = ratios_of(cover_units(unsaid))
    assert (row.amount, row.facilities, row.blank, row.per_1000) == (0, 1, 1, 0)


def test_planned_facilities_are_not_present() -> None:
    planned = replace(town(), facility_status=("planned",))
    level = level_of(cover_units(planned, [units(A)]))
    assert level.present.tolist() == [NO]
    unlinked = replace(town(), facility_status=("unlinked",))
    assert level_of(cover_units(unlinked, [units(A)])).present.tolist() == [YES]


def test_a_rural_cutoff_that_is_not_known_is_refused() -> None:
    text = refusal(
        lambda: cover_units(town(limit_min=20), urban=areas(A), rural_cutoff_min=30), InputError
    )
    assert "rural_cutoff_min is 30, and facilities are looked for only up to limit_min = 20" in text
    text = refusal(
        lambda: cover_units(town(walker="standard_1000m"), urban=areas(A), rural_cutoff_min=30),
        InputError,
    )
    assert "knows only the cutoffs 5, 10, 15 min" in text


def test_a_study_without_units_says_what_is_missing() -> None:
    rows = {(m.key, m.level): m.missing for m in meanings_of(cover_units(town()))}
    assert {key for key, missing in rows.items() if missing is not None} == {
        ("land", ""), ("with_facility", "community"), ("with_facility", "town"),
    }  # fmt: skip


edges = st.integers(-2, 26)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(edges, edges, st.booleans()), min_size=1, max_size=6),
    st.tuples(edges, edges),
)
def test_units_part_people_and_land_without_losing_any(
    strips: list[tuple[int, int, bool]], urban: tuple[int, int]
) -> None:
    shapes = [
        shapely.box(100 * min(w, e) + 25, -1400 if low else 450, 100 * max(w, e) + 75, 1400)
        for w, e, low in strips
    ]
    city = shapely.box(100 * min(urban) + 25, -1400, 100 * max(urban) + 75, 1400)
    made = town(land=True)
    found = cover_units(made, [units(*shapes)], urban=areas(city), rural_cutoff_min=30)
    level = level_of(found)
    assert level.people_own is not None
    assert level.land is not None
    assert found.land is not None
    for group, amount in made.ground.demand.amounts.items():
        count, parts = made.counts[-1][group], level.people[group]
        assert int(parts.total.sum()) == count.total == int(amount.sum())
        assert int(parts.covered.sum()) == count.covered
        assert int(parts.unlinked.sum()) == count.unlinked
        assert (level.people_own[group].covered >= parts.covered).all()
        assert (parts.uncovered >= 0).all()
        # each place belongs to the first strip that holds it
        for k, shape in enumerate(shapes):
            mine = [
                p for p, (x, y) in enumerate(HOMES)
                if shape.intersects(shapely.Point(x, y))
                and not any(s.intersects(shapely.Point(x, y)) for s in shapes[:k])
            ]  # fmt: skip
            assert int(parts.total[k]) == int(amount[mine].sum())
    assert int(level.land.total.sum()) == int(found.land.amount.sum())
    rows = {m.part: m for m in meanings_of(found) if m.key == "people" and m.group == EVERYONE}
    for of in ("numerator", "denominator", "unlinked"):
        parts_of = [getattr(rows[p], of) for p in ("urban", "rural", "combined")]
        assert parts_of[0] + parts_of[1] == parts_of[2]
