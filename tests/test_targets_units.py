"""Rules counted by unit, and people in reach, on a street where a step is a minute."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from target_rows import judged, named, register

CARE = {"kinds": ["senior_complex"]}
TOWNS = "东:street 西:street 南:town"

TWO = """
    name kind           town at
    甲   senior_complex 东   2
    乙   senior_complex 西   -
    丙   senior_home    南   9
"""


def test_presence_in_every_street() -> None:
    data = register(TWO, towns=TOWNS)
    every = judged(data, "presence", 100, level="town", facilities=CARE)
    assert (every.result, every.value, every.more) == ("fail", Fraction(200, 3), 1)
    assert named(every, "lacks") == ["南"]
    # 乙 has no coordinates and counts by the town that its row names
    assert named(every, "counted") == ["甲", "乙"]
    streets = judged(data, "presence", 100, level="town", facilities=CARE,
                     units={"kind": ["street"]})  # fmt: skip
    assert (streets.result, streets.value) == ("pass", 100)
    assert judged(data, "presence", 100, level="town", facilities=CARE, at_least=2).value == 0


def test_presence_without_the_layer_or_a_column_of_it_is_unknown() -> None:
    found = judged(register(TWO), "presence", 100, level="town", facilities=CARE)
    assert (found.result, found.value) == ("unknown", None)
    assert "[towns]" in found.missing[0].en
    found = judged(register(TWO), "presence", 100, level="community", facilities=CARE)
    assert found.missing[0].en == 'no layer of communities: needs [[units]] level = "community"'
    found = judged(register(TWO, towns=TOWNS), "presence", 100, level="town", facilities=CARE,
                   units={"eligible": True})  # fmt: skip
    assert found.missing[0].en == "town.gpkg has no column eligible (eligible)"


def test_facilities_in_no_town_are_told() -> None:
    data = register("name kind town\n甲 senior_complex -", towns=TOWNS)
    found = judged(data, "presence", 100, level="town", facilities=CARE)
    assert found.value == 0
    assert named(found, "no_unit") == ["甲"]
    assert any("1 facility lies in none of the towns" in n.en for n in found.notes)


def test_several_levels_are_counted_together() -> None:
    units = {"community": "name\n一社\n二社", "village": "name\n三村"}
    data = register(
        "name kind community village\n甲 senior_complex 一社 -\n乙 senior_complex - 三村",
        units=units,
    )
    part = {"facilities": CARE, "by": "presence"}
    both = judged(data, "share_of_units", 60, level=["community", "village"], **part)
    assert (both.value, named(both, "lacks")) == (Fraction(200, 3), ["二社"])
    # an absent layer of several is told, all of them absent are unknown
    one = judged(data, "share_of_units", 60, level=["community", "town"], **part)
    assert one.value == 50
    assert any("no layer of towns" in n.en for n in one.notes)
    none = judged(data, "share_of_units", 60, level=["town", "county"], **part)
    assert (none.result, len(none.missing)) == ("unknown", 2)


def test_units_whose_people_are_in_reach() -> None:
    # 甲 stands at 2 and reaches up to 7 in five minutes: of 东 6 of 10, of 西 nobody
    homes = "1:东:6 8:东:4 20:西:9 30:南:0"
    data = register(TWO, towns=TOWNS, homes=homes, positions={"town": [(2, 5), (2, 30)]})
    part = {"level": "town", "facilities": CARE, "by": "reach", "minutes": 5}
    found = judged(data, "share_of_units", 100, threshold_percent=60, **part)
    # nobody lives in 南: one of its two positions is covered
    assert (found.value, named(found, "lacks")) == (Fraction(100, 3), ["西", "南"])
    assert any("judged by positions" in n.en for n in found.notes)
    assert any("1 facility has no coordinates" in n.en for n in found.notes)
    half = judged(data, "share_of_units", 100, threshold_percent=50, **part)
    assert named(half, "lacks") == ["西"]
    strict = judged(data, "share_of_units", 100, threshold_percent=60.0001, **part)
    assert strict.value == 0
    either = judged(data, "share_of_units", 60, threshold_percent=61, **{**part, "by": "either"})
    assert (either.result, named(either, "lacks")) == ("pass", ["南"])


def test_circles_are_judged_each_by_itself() -> None:
    data = register(TWO, towns=TOWNS, homes="1:东:5 12:东:5")
    part = {"facilities": CARE}
    fifteen = judged(data, "share_in_reach", 100, minutes=15, **part)
    five = judged(data, "share_in_reach", 100, minutes=5, **part)
    assert (fifteen.result, five.result, five.value, five.more) == ("pass", "fail", 50, 5)
    both = judged(data, "share_in_reach", 100, minutes=10, **part)
    assert both.value == 100  # 12 - 2: exactly ten minutes are inside


def test_people_in_the_urban_area() -> None:
    data = register(TWO, towns=TOWNS, homes="1:东:5 40:西:5 3:南:10*")
    part = {"facilities": CARE, "minutes": 5}
    assert judged(data, "share_in_reach", 50, where="urban", **part).value == 50
    assert judged(data, "share_in_reach", 50, where="rural", **part).value == 100
    assert judged(data, "share_in_reach", 50, where="all", **part).value == 75
    assert judged(data, "share_in_reach", 50, where="urban_or_all", **part).value == 50
    plain = register(TWO, towns=TOWNS, homes="1:东:5 40:西:5")
    found = judged(plain, "share_in_reach", 50, where="urban", **part)
    assert (found.result, found.missing[0].en) == (
        "unknown", "what is urban is not known: needs [urban]",
    )  # fmt: skip
    found = judged(plain, "share_in_reach", 50, where="urban_or_all", **part)
    assert (found.value, found.result) == (50, "pass")


def test_reach_needs_people_and_coordinates() -> None:
    part = {"facilities": CARE, "minutes": 5}
    found = judged(register(TWO, towns=TOWNS), "share_in_reach", 1, **part)
    assert "needs [people]" in found.missing[0].en
    nowhere = register("name kind at\n甲 senior_complex -", towns=TOWNS, homes="1:东:5")
    found = judged(nowhere, "share_in_reach", 1, **part)
    assert (found.result, found.missing[0].en) == (
        "unknown", "none of these facilities has coordinates (表1.csv): no walk can be timed",
    )  # fmt: skip
    # a facility beyond the study area is walked to, and not counted
    beyond = register("name kind at where\n甲 senior_complex 2 外", towns=TOWNS, homes="1:东:5")
    assert judged(beyond, "share_in_reach", 100, **part).result == "pass"
    assert judged(beyond, "total", 1, facilities=CARE).value == 0


def test_a_unit_at_the_edge_has_what_stands_in_it() -> None:
    edge = register("name kind town where\n甲 senior_complex 东 外", towns="东:street")
    found = judged(edge, "presence", 100, level="town", facilities=CARE)
    assert (found.result, named(found, "counted")) == ("pass", ["甲"])


ESTATES = {"new_residential": "name households\n新城 200\n新村 100\n空地 -"}
ROOMS = """
    name kind           floor_area_m2 new_residential
    甲   senior_complex 60            新城
    乙   senior_complex 29            新村
"""


def test_ratio_of_the_worst_unit() -> None:
    data = register(ROOMS, units=ESTATES)
    part = {"level": "new_residential", "facilities": CARE, "attribute": "floor_area_m2",
            "per": 100, "per_attribute": "households"}  # fmt: skip
    found = judged(data, "ratio", 30, **part)
    # 60 m2 for 200 households are 30 per hundred, 29 for 100 are 29
    assert (found.result, found.value, found.distance) == ("fail", 29, -1)
    assert [(e.name, e.value) for e in found.evidence] == [("新村", 29), ("新城", 30)]
    assert any("1 unit has no people (households)" in n.en for n in found.notes)
    assert judged(data, "ratio", 29, **part).result == "pass"


def test_share_of_units_with_a_ratio() -> None:
    part = {"level": "new_residential", "facilities": CARE, "by": "ratio", "at_least": 30,
            "attribute": "floor_area_m2", "per": 100, "per_attribute": "households"}  # fmt: skip
    found = judged(register(ROOMS, units=ESTATES), "share_of_units", 80, **part)
    # an estate that does not say its households is not served
    assert (found.value, named(found, "lacks")) == (Fraction(100, 3), ["新村", "空地"])
    without = register(ROOMS, units={"new_residential": "name\n新城"})
    found = judged(without, "share_of_units", 80, **part)
    assert found.missing[0].en == "new_residential.gpkg has no column households (households)"


def test_units_are_counted_and_shared() -> None:
    units = {"community": "name age_friendly urban\n一 yes yes\n二 no yes\n三 - no"}
    data = register(TWO, units=units)
    part: dict[str, Any] = {"level": "community"}
    friendly = {"age_friendly": True}
    total = judged(data, "total", 1, of="units", units=friendly, **part)
    assert (total.value, named(total, "counted")) == (1, ["一"])
    shared = judged(data, "share_of", 50, over="units", units={"urban": True}, having=friendly,
                    **part)  # fmt: skip
    assert (shared.result, shared.value) == ("pass", 50)
    rule = judged(data, "size_rule", 100, over="units", where_size={"urban": True},
                  must=friendly, **part)  # fmt: skip
    assert (rule.result, named(rule, "lacks")) == ("fail", ["二"])
    absent = judged(data, "total", 1, of="units", units={"scene": True}, **part)
    assert (absent.result, absent.missing[0].en) == (
        "unknown", "community.gpkg has no column service scene (scene)",
    )  # fmt: skip


FACILITY = st.tuples(
    st.sampled_from(["senior_complex", "senior_home"]),
    st.sampled_from(["东", "西", "南", "-"]),
    st.integers(0, 30),
    st.sampled_from([0, 10, 40]),
)
RULES: list[tuple[str, dict[str, Any]]] = [
    ("presence", {"level": "town"}),
    ("total", {"attribute": "beds"}),
    ("share_in_reach", {"minutes": 5}),
    ("share_of_units", {"level": "town", "by": "reach", "minutes": 5}),
    ("ratio", {"attribute": "beds"}),
]


@settings(max_examples=60, deadline=None)
@given(
    have=st.lists(FACILITY, min_size=1, max_size=5),
    more=FACILITY,
    goal=st.integers(1, 120),
    rule=st.sampled_from(RULES),
)
def test_one_more_facility_never_breaks_a_target(
    have: list[tuple[str, str, int, int]],
    more: tuple[str, str, int, int],
    goal: int,
    rule: tuple[str, dict[str, Any]],
) -> None:
    def table(rows: list[tuple[str, str, int, int]]) -> str:
        lines = [
            f"院{k} {kind} {town} {at} {beds}" for k, (kind, town, at, beds) in enumerate(rows)
        ]
        return "\n".join(["name kind town at beds", *lines])

    homes = "1:东:5 8:东:4 20:西:9 30:南:7"
    before, after = (
        judged(register(table(rows), towns=TOWNS, homes=homes), rule[0], goal,
               facilities=CARE, **rule[1])
        for rows in (have, [*have, more])
    )  # fmt: skip
    assert (before.value or 0) <= (after.value or 0)
    assert (before.result, after.result) != ("pass", "fail")
