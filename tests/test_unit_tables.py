"""Coverage by unit as tables, as a part of summary.json and as layers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest

from quarterhour.answers.unit_coverage import cover_units
from quarterhour.answers.unit_layers import layers_of, summary_of
from quarterhour.answers.unit_meanings import ratios_of
from quarterhour.answers.unit_tables import tables_of
from quarterhour.assessing.analysis import assess
from quarterhour.inputs import EVERYONE, Note
from quarterhour.render.gis.geopackage import write_geopackage
from test_guard_zone import degrees
from test_unit_coverage import AREA, A, B, C, areas, town, units

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.answers.unit_counts import UnitCoverage
    from quarterhour.tabular import Table


def found(*, urban: bool = True) -> UnitCoverage:
    levels = [units(A, B), units(A, B, C, level="community")]
    if not urban:
        return cover_units(town(land=True), levels)
    return cover_units(town(land=True), levels, urban=areas(A), rural_cutoff_min=30)


def column(table: Table, key: str) -> list[Any]:
    at = [c.key for c in table.columns].index(key)
    return [row[at] for row in table.rows]


def test_every_service_has_its_own_tables() -> None:
    keys = [table.key for table in tables_of(found(), number=2)]
    assert keys == [
        "meanings_2", "capacity_2", "by_town_2", "by_town_people_2", "by_community_2",
        "by_community_people_2",
    ]  # fmt: skip


def test_a_table_of_towns_ends_with_what_is_outside_and_the_whole() -> None:
    table = tables_of(found())[2]
    names = column(table, "unit")
    assert names[:2] == ["A", "B"]
    assert names[2:] == [Note("不在任何单元内", "outside every unit"), Note("合计", "Total")]
    assert table.total == 1
    assert column(table, "total") == [5, 10, 5, 20]  # old people, whom the service is for
    assert column(table, "unlinked") == [0, 0, 0, 0]
    assert column(table, "share") == [1, 0, 0, 0.25]
    assert column(table, "share_own") == [1, 1, 0, 0.75]  # B is reached in 30 minutes
    assert column(table, "facilities") == [1, 0, 0, 1]
    assert column(table, "beds") == [50, 0, 0, 50]
    assert column(table, "beds_per_1000_old") == [10_000, 0, 0, 2500]
    assert column(table, "beds_per_1000_all") == [2500, 0, 0, pytest.approx(50_000 / 60)]
    yes, no = Note("是", "yes"), Note("否", "no")
    assert column(table, "present") == [yes, no, None, None]
    assert column(table, "urban") == [yes, no, None, None]
    assert table.chart is not None
    assert (table.chart.label, table.chart.values) == ("unit", ("share",))


def test_other_groups_stand_in_a_table_of_their_own() -> None:
    table = tables_of(found())[3]
    assert column(table, "unit")[:2] == ["A", "B"]
    assert column(table, "total_all") == [20, 20, 20, 60]
    assert column(table, "covered_all") == [20, 0, 0, 20]
    assert column(table, "unlinked_all") == [0, 0, 10, 10]


def test_all_that_is_covered_and_not_adds_up_in_every_row() -> None:
    for k, table in enumerate(tables_of(found())[2:]):
        key = "_all" if k % 2 else ""
        named = (f"{part}{key}" for part in ("covered", "uncovered", "unlinked", "total"))
        rows = zip(*(column(table, name) for name in named), strict=True)
        assert all(a + b + c == total for a, b, c, total in rows)


def test_without_an_urban_area_nothing_is_urban() -> None:
    tables = tables_of(found(urban=False))
    assert set(column(tables[0], "part")) == {Note("全部", "whole area")}
    assert not {"urban", "share_own"} & {c.key for t in tables for c in t.columns}


def test_every_meaning_has_its_denominator_definition_and_source() -> None:
    table = tables_of(found(urban=False))[0]
    said = {(row[0].en, row[3], row[4], row[6]) for row in table.rows if row[5].en != "ha"}
    assert said == {
        ("by people: old", 5, 20, 0.25),
        ("by people: everyone", 20, 60, 1 / 3),
        ("by administrative units: towns with one", 1, 2, 0.5),
        ("by communities: with a facility", 1, 3, 1 / 3),
        ("by communities: reached", 1, 3, 1 / 3),
    }
    # the first row of a meaning says how it is defined and where that comes from
    told = {row[0].en: (row[-2], row[-1]) for row in table.rows if row[-2] is not None}
    assert {name.split(":")[0] for name in told} == {
        "by residential land", "by people", "by administrative units", "by communities",
    }  # fmt: skip
    assert len(told) == 5
    assert all(note.zh and note.en for pair in told.values() for note in pair)
    assert "至少80%的人口" in column(table, "definition")[-1].zh
    assert any("denominator" in note.en for note in table.notes)


def test_what_is_missing_stands_in_the_table() -> None:
    table = tables_of(cover_units(town()))[0]
    told = {row[0].en: row for row in table.rows}
    row = told["by communities: with a facility"]
    assert row[3:7] == (None, None, Note("个", "units"), None)
    assert 'needs [[units]] level = "community"' in column(table, "definition")[-2].en
    assert "[residential]" in told["by residential land"][9].en


def test_a_rural_cutoff_without_an_urban_area_is_told() -> None:
    table = tables_of(cover_units(town(), rural_cutoff_min=30))[0]
    assert any("no urban area ([urban]): all places count at 15" in n.en for n in table.notes)
    assert not any("[urban]" in note.en for note in tables_of(cover_units(town()))[0].notes)


def test_streets_that_stand_in_for_people_are_no_people() -> None:
    made = town()
    streets = assess(
        made.ground.network, None, made.facilities, area=degrees(AREA), walker="elderly"
    )
    done = cover_units(streets, [units(A, B)])
    assert streets.ground.demand.kind == "street_metres"
    table = tables_of(done)[0]
    told = {row[0].en: (row[6], row[-2].en) for row in table.rows if row[-2] is not None}
    assert told["by people: all"] == (None, "the study has no people: [people]")
    assert ratios_of(done) == ()
    # the street leads 900 m through A, and through B; it begins 200 m before the facility
    metres = tables_of(done)[1]
    assert column(metres, "total")[:2] == pytest.approx([1100, 900], abs=30)
    assert column(metres, "share")[:2] == pytest.approx([1, 0], abs=0.03)


def test_buildings_that_stand_in_for_people_are_called_so() -> None:
    made = town()
    stand_in = replace(made.ground.demand, kind="buildings")
    done = cover_units(replace(made, ground=replace(made.ground, demand=stand_in)))
    table = tables_of(done)[0]
    rows = {row[0].en: row[3:6] for row in table.rows}
    assert rows["by buildings"] == (20, 60, Note("栋", "buildings"))
    assert not any("people" in name for name in rows)


def test_a_bare_list_of_names_has_no_table() -> None:
    made = cover_units(town(), [units(A), units(None, None, level="hospital")])
    assert [t.key for t in tables_of(made)] == [
        "meanings_1", "capacity_1", "by_town_1", "by_town_people_1",
    ]  # fmt: skip
    assert not any("hospital" in row[0].en for row in tables_of(made)[0].rows)
    assert list(summary_of(made)["levels"]) == ["town"]
    # a list of villages says what is missing
    villages = cover_units(town(), [units(None, level="village")])
    missing = [row[9].en for row in tables_of(villages)[0].rows if "villages" in row[0].en]
    assert len(missing) == 2
    assert "no column that names their unit" in missing[0]


def test_facilities_without_a_number_are_told() -> None:
    made = town()
    silent = replace(
        made, facilities=replace(made.facilities, attributes={"beds": (float("nan"),)})
    )
    table = tables_of(cover_units(silent, [units(A)]))[1]
    assert (column(table, "amount"), column(table, "blank")) == ([0, 0], [1, 1])


def test_the_summary_says_the_same_and_is_json() -> None:
    made = found()
    text = json.dumps(summary_of(made), allow_nan=False)
    document = json.loads(text)
    towns = document["levels"]["town"]
    assert [row["unit"] for row in towns] == ["A", "B", None]
    assert towns[0]["groups"][EVERYONE] == {
        "total": 20, "covered": 20, "uncovered": 0, "unlinked": 0, "share_covered": 1,
    }  # fmt: skip
    assert [row["present"] for row in towns] == [True, False, None]
    assert towns[0]["beds_per_1000"] == {"old": 10_000, EVERYONE: 2500}
    assert document["rural_cutoff_min"] == 30
    meanings = {(m["meaning"], m["level"], m["group"], m["part"]): m for m in document["meanings"]}
    row = meanings["people", "", "all", "combined"]
    assert (row["numerator"], row["denominator"], row["minutes"]) == (40, 60, [15, 30])
    assert document["capacity"][0]["per_1000"] == 2500
    assert json.dumps(summary_of(found()), allow_nan=False) == text


def test_layers_hold_every_unit_of_every_level(tmp_path: Path) -> None:
    made = found()
    write_geopackage(tmp_path / "r.gpkg", layers_of([made, made]))
    frame = gpd.read_file(tmp_path / "r.gpkg", layer="units")
    assert set(frame.geom_type) == {"MultiPolygon"}
    assert list(zip(frame["level"], frame["unit"], strict=True)) == [
        ("town", "A"), ("town", "B"), ("community", "A"), ("community", "B"), ("community", "C"),
    ] * 2  # fmt: skip
    assert frame["covered_all"].tolist()[:5] == [20, 0, 20, 0, 0]
    assert frame["share_own"].tolist()[:3] == [1, 1, 1]
    assert frame["reached"].tolist()[:5] == ["yes", "no", "yes", "no", "no"]
    assert frame["land_share"].tolist()[:3] == [1, 0, 1]


def test_villages_are_a_layer_of_points(tmp_path: Path) -> None:
    points = units(A.centroid, None, level="village")
    layers = layers_of([cover_units(town(), [points])])
    assert list(layers) == ["unit_points"]
    write_geopackage(tmp_path / "r.gpkg", layers)
    frame = gpd.read_file(tmp_path / "r.gpkg", layer="unit_points")
    assert frame["unit"].tolist() == ["A"]
    assert frame["present"].isna().all()
    assert layers_of([cover_units(town())]) == {}
