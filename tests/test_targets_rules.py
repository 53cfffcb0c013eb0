"""Every rule of a plan passes, fails and is unknown on tables that can be added up by eye."""

from __future__ import annotations

from fractions import Fraction

import pytest

from quarterhour.targets.evidence import combine, reached
from quarterhour.targets.filters import number_of
from quarterhour.targets.groups import same_group
from target_rows import judged, named, register

HOMES = {"kinds": ["elderly_institution"]}

BEDS = """
    name kind         beds nursing_beds town
    甲院  nursing_home 100  40           东
    乙院  senior_home  200  60           西
    丙站  senior_day_care 20 0           西
"""


def test_a_total_adds_up_what_passes() -> None:
    data = register(BEDS)
    found = judged(data, "total", 300, facilities=HOMES, attribute="beds")
    assert (found.result, found.value, found.distance) == ("pass", 300, 0)
    assert [(e.name, e.value, e.file, e.row) for e in found.evidence] == [
        ("甲院", 100, "表1.csv", 2), ("乙院", 200, "表1.csv", 3),
    ]  # fmt: skip
    less = judged(data, "total", 301, facilities=HOMES, attribute="beds")
    assert (less.result, less.distance, less.more) == ("fail", -1, 1)
    every = judged(data, "total", 3, facilities={"kinds": ["elderly_facility"]})
    assert (every.result, every.value) == ("pass", 3)


def test_printed_units_are_scaled() -> None:
    # 300 beds are 0.03 万张, exactly
    part = {"facilities": HOMES, "attribute": "beds", "scale": 10000}
    found = judged(register(BEDS), "total", 0.03, **part)
    assert (found.result, found.value, found.distance) == ("pass", Fraction(3, 100), 0)
    found = judged(register(BEDS), "total", 0.031, **part)
    assert (found.result, found.distance, found.more) == ("fail", Fraction(-1, 1000), 10)


def test_more_than_is_strict() -> None:
    data = register(BEDS)
    at_least = judged(data, "total", 2, facilities=HOMES, direction=">=")
    more_than = judged(data, "total", 2, facilities=HOMES, direction=">")
    assert (at_least.result, more_than.result, more_than.more) == ("pass", "fail", 1)


def test_shares_are_compared_exactly() -> None:
    # 6 of 10 are 60 %, not 60.00000000000001 %
    rows = "\n".join(f"院{k} nursery {'yes' if k < 6 else 'no'}" for k in range(10))
    data = register(f"name kind inclusive\n{rows}")
    part = {"facilities": {"kinds": ["nursery"]}, "having": {"inclusive": True}}
    reaches = judged(data, "share_of", 60, **part)
    exceeds = judged(data, "share_of", 60, direction=">", **part)
    assert (reaches.result, reaches.value, exceeds.result) == ("pass", 60, "fail")
    assert exceeds.more == 1
    assert judged(data, "share_of", 60.1, **part).result == "fail"


def test_the_equal_sign_of_a_share_means_that_it_is_reached() -> None:
    assert reached(Fraction(100), "=", Fraction(100), share=True)
    assert reached(Fraction(85), "=", Fraction(80), share=True)
    assert not reached(Fraction(85), "=", Fraction(80), share=False)
    data = register(BEDS)
    assert judged(data, "total", 2, facilities=HOMES, direction="=").result == "pass"
    assert judged(data, "total", 1, facilities=HOMES, direction="=").result == "fail"
    assert judged(data, "total", 1, facilities=HOMES, direction="<=").result == "fail"


def test_a_share_of_beds() -> None:
    part = {"facilities": HOMES, "attribute": "beds", "part_attribute": "nursing_beds"}
    found = judged(register(BEDS), "share_of", 55, **part)
    # 100 of 300; 55 % of 300 are 165
    assert (found.result, found.value, found.more) == ("fail", Fraction(100, 3), 65)
    assert judged(register(BEDS), "share_of", 33.3, **part).result == "pass"


def test_inclusive_places_by_their_column_or_by_the_flag() -> None:
    with_column = register("name kind places inclusive_places\n甲 nursery 50 20\n乙 nursery 50 40")
    with_flag = register("name kind places inclusive\n甲 nursery 50 yes\n乙 nursery 50 no")
    neither = register("name kind places\n甲 nursery 50")
    part = {
        "facilities": {"kinds": ["nursery"]}, "attribute": "places",
        "part_attribute": "inclusive_places", "having": {"inclusive": True},
    }  # fmt: skip
    assert judged(with_column, "share_of", 60, **part).value == 60
    assert judged(with_flag, "share_of", 50, **part).value == 50
    found = judged(neither, "share_of", 50, **part)
    said = " ".join(n.en for n in found.missing)
    assert found.result == "unknown"
    assert "inclusive_places" in said
    assert "(inclusive)" in said


def test_a_ratio_per_thousand_people() -> None:
    data = register("name kind places\n甲 nursery 9", homes="0:东:2000")
    part = {"facilities": {"kinds": ["nursery"]}, "attribute": "places"}
    found = judged(data, "ratio", 4.5, **part)
    assert (found.result, found.value) == ("pass", Fraction(9, 2))
    found = judged(data, "ratio", 4.55, **part)
    # 4.55 per thousand of 2000 are 9.1 places: one more
    assert (found.result, found.more) == ("fail", 1)
    assert "2,000" in found.assumptions[0].en


def test_stated_people_come_before_those_of_the_study() -> None:
    # 9 830 places for 2 308 600 people are 4.258 per thousand
    table = "name kind places\n甲 nursery 9830"
    stated = {"all": Fraction(2308600)}
    data = register(table, homes="0:东:2000", stated_people=stated)
    part = {"facilities": {"kinds": ["nursery"]}, "attribute": "places"}
    found = judged(data, "ratio", 4.5, **part)
    assert found.result == "fail"
    assert float(found.value or 0) == pytest.approx(4.258, abs=0.001)
    assert found.more == 559  # 4.5 per thousand are 10 388.7 places
    assert "[targets.people] all = 2,308,600" in found.assumptions[0].zh


def test_a_ratio_to_another_column() -> None:
    # 600 m2 for 40 places are 15 m2 each; what has no places is left out
    data = register("name kind places floor_area_m2\n甲 nursery 40 600\n乙 nursery - 999")
    part = {"facilities": {"kinds": ["nursery"]}, "attribute": "floor_area_m2",
            "per_attribute": "places", "per": 1}  # fmt: skip
    found = judged(data, "ratio", 12, **part)
    assert (found.result, found.value) == ("pass", 15)
    assert any("1 of 2 rows" in n.en for n in found.notes)


def test_ratios_without_people_are_unknown() -> None:
    part = {"facilities": HOMES, "attribute": "beds"}
    found = judged(register(BEDS), "ratio", 1, **part)
    assert (found.result, found.value) == ("unknown", None)
    assert "[people]" in found.missing[0].zh
    assert "[targets.people] all" in found.missing[0].en
    grouped = judged(register(BEDS, homes="0:东:10"), "ratio", 1, group="age_80_plus", **part)
    assert "[people.groups] age_80_plus" in grouped.missing[0].en


def test_groups_go_by_their_ages() -> None:
    assert same_group("age_60_plus", ["all", "60岁以上"]) == "60岁以上"
    assert same_group("age_60_plus", ["all", "elderly"]) == "elderly"
    assert same_group("age_0_3", ["0-3岁"]) == "0-3岁"
    assert same_group("age_0_3", ["0-6岁", "age_60_plus"]) is None


def test_a_size_rule() -> None:
    data = register("""
        name kind         beds clinic
        大   nursing_home 300  yes
        巨   nursing_home 500  no
        小   nursing_home 299  no
    """)
    part = {"facilities": HOMES, "where_size": {"beds": {"min": 300}}, "must": {"clinic": True}}
    found = judged(data, "size_rule", 100, **part)
    assert (found.result, found.value, found.more) == ("fail", 50, 1)
    assert named(found, "lacks") == ["巨"]
    smaller = {**part, "where_size": {"beds": {"below": 500, "above": 299}}}
    assert judged(data, "size_rule", 100, **smaller).result == "pass"
    none = judged(data, "size_rule", 100, **{**part, "where_size": {"beds": {"min": 501}}})
    assert none.result == "pass"
    assert "none is of this size" in none.notes[0].en
    missing = judged(register("name kind beds\n大 nursing_home 300"), "size_rule", 100, **part)
    assert missing.result == "unknown"
    assert missing.missing[0].en == "表1.csv has no column clinic inside (clinic)"


def test_the_missing_column_is_named() -> None:
    data = register("name kind\n甲院 senior_home")
    found = judged(data, "total", 1, facilities=HOMES, attribute="beds")
    assert (found.result, found.value) == ("unknown", None)
    assert found.missing[0].zh == "表“表1.csv”缺少列：床位（beds）"
    kinds = judged(register("name beds\n甲院 30"), "total", 1, facilities=HOMES)
    assert (kinds.result, kinds.missing[0].en) == ("unknown", "表1.csv has no column kind (kind)")


def test_what_is_missing_in_one_table_cannot_undo_a_pass() -> None:
    # 100 beds are there; the other table does not say how many
    data = register("name kind beds\n甲 senior_home 100", "name kind\n乙 senior_home")
    part = {"facilities": HOMES, "attribute": "beds"}
    enough = judged(data, "total", 100, **part)
    assert (enough.result, enough.value) == ("pass", 100)
    assert any("the result stands" in n.en for n in enough.notes)
    assert judged(data, "total", 101, **part).result == "unknown"
    # of at most 99 it is too much already
    assert judged(data, "total", 99, direction="<=", **part).result == "fail"
    assert judged(data, "total", 100, direction="<=", **part).result == "unknown"
    # a share of beds that are not all known is not known
    shared = judged(data, "share_of", 1, attribute="beds", part_attribute="beds", facilities=HOMES)
    assert shared.result == "unknown"


def test_an_empty_cell_is_a_no_and_told() -> None:
    data = register("name kind inclusive\n甲 nursery yes\n乙 nursery -\n丙院 senior_home -")
    part = {"facilities": {"kinds": ["nursery"], "inclusive": True}}
    found = judged(data, "total", 2, **part)
    assert (found.result, found.value) == ("fail", 1)
    # the home for the old is none of them
    assert "1 of 2 rows of 表1.csv have no value in inclusive (inclusive)" in found.notes[0].en


def test_nothing_of_a_kind_is_none_but_a_missing_domain_is_unknown() -> None:
    complexes = {"kinds": ["senior_complex"]}
    assert judged(register(BEDS), "total", 1, facilities=complexes).value == 0
    found = judged(register("name kind\n甲 nursery"), "total", 1, facilities=complexes)
    assert found.result == "unknown"
    assert "no table of facilities lists any" in found.missing[0].en
    hospitals = judged(register(BEDS), "total", 1, facilities={"kinds": ["hospital"]})
    assert hospitals.result == "unknown"
    nothing = judged(register(BEDS), "share_of", 1, facilities=complexes, having={"smart": True})
    assert (nothing.result, nothing.value) == ("unknown", None)


def test_planned_facilities_count_from_their_year() -> None:
    data = register("""
        name kind        beds status year
        旧   senior_home 100  现状   -
        新   senior_home 50   规划   2024
        远   senior_home 70   规划   2026
        某   senior_home 90   规划   -
    """)
    part = {"facilities": HOMES, "attribute": "beds",
            "targets": [{"year": 2023, "value": 100}, {"year": 2025, "value": 200}]}  # fmt: skip
    last = judged(data, "total", None, **part)
    assert (last.year, last.value, last.result) == (2025, 150, "fail")
    assert any("1 facility is not open in 2025" in n.en for n in last.notes)
    assert any("1 planned facility has no year" in n.en for n in last.notes)
    early = judged(data, "total", None, year=2023, **part)
    assert (early.year, early.value, early.result) == (2023, 100, "pass")
    between = judged(data, "total", None, year=2024, **part)
    assert (between.year, between.value) == (2023, 150)
    before = judged(data, "total", None, year=2020, **part)
    assert (before.year, before.value) == (2023, 100)
    after = judged(data, "total", None, year=2030, **part)
    assert (after.year, after.value, after.result) == (2025, 220, "pass")
    # a standing target is about today
    assert judged(data, "total", 100, facilities=HOMES, attribute="beds").value == 100


def test_new_in_the_year() -> None:
    data = register("name kind beds year\n甲 senior_home 10 2022\n乙 senior_home 20 2023\n"
                    "丙 senior_home 40 2025\n丁 senior_home 80 -")  # fmt: skip
    goal = [{"year": 2023, "value": 20}, {"year": 2025, "value": 40}]
    part = {"facilities": HOMES, "attribute": "beds", "targets": goal}
    assert judged(data, "total", None, opened="year", year=2023, **part).value == 20
    found = judged(data, "total", None, opened="year", **part)
    assert (found.value, found.result) == (40, "pass")
    assert any("no year of opening" in n.en for n in found.notes)
    assert judged(data, "total", None, opened="since", since=2022, **part).value == 60
    undated = register("name kind beds\n甲 senior_home 10")
    found = judged(undated, "total", None, opened="year", **part)
    assert found.result == "unknown"
    assert "open_year" in found.missing[0].en
    # a table that says neither what its rows are nor since when hides them, and has not none
    found = judged(register("name beds\n甲院 10"), "total", None, opened="year", **part)
    assert (found.result, found.value) == ("unknown", None)
    assert "open_year" in found.missing[0].en


def test_a_status_target_takes_the_threshold_of_the_user() -> None:
    data = register("name kind smart\n甲 senior_home yes\n乙 senior_home no")
    part = {"facilities": HOMES, "having": {"smart": True}, "direction": "="}
    found = judged(data, "share_of", None, **part)
    assert (found.target, found.stated, found.result) == (80, False, "fail")
    assert "judged by 80 %" in found.assumptions[0].en
    assert judged(data, "share_of", None, thresholds={"T-1": 50.0}, **part).result == "pass"
    counted = judged(data, "total", None, facilities=HOMES)
    assert (counted.target, counted.result) == (1, "pass")


def test_conditions_of_columns() -> None:
    data = register("""
        name kind        star  operator_type beds smart
        甲   senior_home 三星级 公办          300  -
        乙   senior_home ★★    公建民营       299  yes
        丙   senior_home 未评   民办          -    no
    """)

    def count(**condition: object) -> Fraction | None:
        return judged(data, "total", 1, facilities={**HOMES, **condition}).value

    assert count(star={"min": 2}) == 2
    assert count(star={"above": 2}) == 1
    assert count(operator_type={"contains": ["公办", "公建"]}) == 2
    assert count(operator_type={"not": ["公办"]}) == 2
    assert count(operator_type=["公办", "民办"]) == 2
    assert count(operator_type="民办") == 1
    assert count(beds=300) == 1
    assert count(beds={"max": 299}) == 1
    assert count(beds={"filled": False}) == 1
    assert count(smart=False) == 1
    assert count(any=[{"smart": True}, {"beds": {"min": 300}}]) == 2
    assert count(any=[{"kinds": ["nursery"]}, {"smart": True}]) == 1
    assert [number_of(t) for t in ("四级", "5A", "AAA", "未评", "")] == [4, 5, 3, None, None]


def test_alternatives_with_a_missing_column() -> None:
    data = register("name kind smart\n甲 senior_home yes\n乙 senior_home no")
    either = {**HOMES, "any": [{"smart": True}, {"medical": True}]}
    assert judged(data, "total", 1, facilities=either).result == "pass"
    assert judged(data, "total", 2, facilities=either).result == "unknown"
    known = {**HOMES, "any_known": [{"smart": True}, {"medical": True}]}
    found = judged(data, "total", 2, facilities=known)
    assert (found.result, found.value) == ("fail", 1)
    where = {**HOMES, "if_known": {"medical": True}}
    found = judged(data, "total", 2, facilities=where)
    assert found.result == "pass"
    assert any("this condition is left out" in n.en for n in found.notes)
    none = {**HOMES, "any_known": [{"clinic": True}, {"medical": True}]}
    assert judged(data, "total", 1, facilities=none).result == "unknown"


def test_parts_combine() -> None:
    assert combine(["pass", "pass"]) == "pass"
    assert combine(["pass", "unknown"]) == "unknown"
    assert combine(["unknown", "fail", "pass"]) == "fail"
    assert combine([]) == "unknown"
