"""Conditions of plans that count where a table has the column, and are told where it has not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import test_plans_pass_fail_dazhou as dazhou
import test_plans_pass_fail_hechuan_yinzhou as others
import test_plans_pass_fail_ziyang as ziyang
from plan_cases import World, fac, judged, units
from plan_towns import without
from quarterhour.targets.data import Settings
from quarterhour.targets.evidence import FAIL, PASS
from quarterhour.targets.schema import load_plan

if TYPE_CHECKING:
    from plan_cases import Pair
    from plan_towns import Row

COUNTIES = {"county": units("甲县", "乙县")}
TOWNS = {"town": units("甲镇", "乙镇")}
FUTURE = {"future_community": units("甲", "乙")}


def seats(level: str, kind: str, *values: str, column: str) -> list[Row]:
    """Facilities, one in each unit, with their values of a column."""
    return [fac(kind, inside={level: k}, **{column: value}) for k, value in enumerate(values)]


def nurseries(level: str, *values: str) -> list[Row]:
    return seats(level, "托育机构", *values, column="inclusive")


def beds(*kinds: tuple[int, str]) -> list[Row]:
    """New public homes, inclusive or not."""
    return [fac("养老院", beds=n, operator_type="公办", open_year=2024, inclusive=yes)
            for n, yes in kinds]  # fmt: skip


def large(**columns: object) -> list[Row]:
    """A large institution without a clinic, and one that need not have any."""
    rest = {"beds": 20, "nursing_beds": 0, "clinic": "no"}
    return [fac("养老院", beds=300, nursing_beds=0, clinic="no", **columns),
            fac("敬老院", **rest, **columns)]  # fmt: skip


STATIONS = [fac("社区婴幼儿照护驿站", inside={"future_community": k}) for k in (0, 1)]

CASES: dict[str, tuple[str, str, World, str, str]] = {
    # plan, column, town, result with the column and without it
    "Z-09": (
        "ziyang", "county_run",
        World(facilities=[*seats("county", "失能照护中心", "yes", "no", column="county_run"),
                          fac("失能照护中心", county_run="yes")], units=COUNTIES),
        FAIL, PASS,
    ),
    "Z-28": (
        "ziyang", "eligible",
        World(facilities=[fac("幼儿园", nursery_class="yes", eligible="yes"),
                          fac("幼儿园", nursery_class="no", eligible="no")]),
        PASS, FAIL,
    ),
    "D-19": (
        "dazhou_draft", "hospital_level",
        World(facilities=[fac("医院", geriatric="yes", hospital_level="三级甲等"),
                          fac("医院", geriatric="no", hospital_level="一级")]),
        PASS, FAIL,
    ),
    "Y-12": ("yinzhou", "inclusive", World(facilities=beds((499, "yes"), (1, "no"))), FAIL, PASS),
    "Y-23": ("yinzhou", "inclusive",
             World(facilities=nurseries("town", "yes", "no"), units=TOWNS), FAIL, PASS),
    "Y-28": ("yinzhou", "inclusive",
             World(facilities=[*nurseries("future_community", "yes", "no"), *STATIONS],
                   units=FUTURE), FAIL, PASS),
}  # fmt: skip


@pytest.mark.parametrize("id_", CASES)
def test_a_condition_counts_where_it_is_known(id_: str) -> None:
    plan, column, town, with_it, without_it = CASES[id_]
    assert judged(plan, id_, town, Settings()).result == with_it
    less = World(facilities=without(town.facilities, column), units=town.units)
    found = judged(plan, id_, less, Settings())
    assert found.result == without_it
    assert any(f"({column})" in n.en and "left out" in n.en for p in found.parts for n in p.notes)


def test_a_clinic_is_asked_of_new_public_institutions_only() -> None:
    def result(**columns: object) -> str:
        town = World(facilities=[*large(**columns), fac("养老院", beds=10, operator_type="公办",
                                                       open_year=2024)])  # fmt: skip
        return judged("yinzhou", "Y-14", town, Settings()).result

    assert result(operator_type="公办", open_year=2024) == FAIL
    assert result(operator_type="民办", open_year=2024) == PASS
    assert result(operator_type="公办", open_year=2022) == PASS


@pytest.mark.parametrize(
    ("plan", "id_", "kind"),
    [("ziyang", "Z-22", "托育机构"), ("dazhou_draft", "D-22", "托育机构"),
     ("yinzhou", "Y-22", "托育机构"), ("yinzhou", "Y-26", "幼儿园托班")],
)  # fmt: skip
def test_inclusive_places_may_have_a_column_of_their_own(plan: str, id_: str, kind: str) -> None:
    def result(inclusive_places: int) -> str:
        # a nursery that is not inclusive as a whole has inclusive places all the same
        rows = [fac(kind, places=1300, inclusive_places=inclusive_places, inclusive="no")]
        return judged(plan, id_, World(facilities=rows), Settings()).result

    assert result(1300) == PASS
    assert result(10) == FAIL


EVERY: dict[str, dict[str, Pair]] = {
    "ziyang": ziyang.CASES, "dazhou_draft": dazhou.DRAFT, "anon_city": dazhou.COPY,
    "hechuan": others.HECHUAN, "yinzhou": others.YINZHOU,
}  # fmt: skip
PLAIN = [(plan, one.id) for plan in EVERY for one in load_plan(plan).indicator if one.kind == "G"]


def test_thirty_six_indicators_need_no_column_of_their_own() -> None:
    assert len(PLAIN) == 36
    assert sum(len(pairs) for pairs in EVERY.values()) == 36 + 74


@pytest.mark.parametrize(("plan", "id_"), PLAIN)
def test_kinds_positions_units_and_people_are_enough(plan: str, id_: str) -> None:
    """Class G: nothing but what facilities are and where they stand, and layers of units."""
    pair = EVERY[plan][id_]
    for world, result in ((pair.passes, PASS), (pair.fails, FAIL)):
        bare = [row | {"columns": {}} for row in world.facilities]
        found = judged(plan, id_, replace(world, facilities=bare), Settings(year=pair.year))
        assert found.result == result
