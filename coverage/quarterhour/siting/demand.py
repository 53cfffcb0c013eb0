"""What is counted, in words: people, or the land, buildings or streets that stand in for them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from quarterhour import units
from quarterhour.inputs import EVERYONE, Note
from quarterhour.measures import STREETS, Measure, before_and_after_told, measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.tabular import Column, Table

PEOPLE: Final = "people"
COUNTED: Final = {
    PEOPLE: Note("人数", "people"),
    "residential_land": Note("居住用地", "residential land"),
    "buildings": Note("建筑", "buildings"),
    STREETS: Note("街道", "street"),
}
"""What there is to be as much of as can be, by kind of demand."""

WHO: Final = {**COUNTED, PEOPLE: Note("人口", "people"), STREETS: Note("街道", "streets")}
"""From where the walks begin."""

SHORT: Final = {
    PEOPLE: Note("人", "person"),
    "residential_land": Note("公顷", "hectare"),
    "buildings": Note("栋", "building"),
    STREETS: Note("米", "metre"),
}
HEADS: Final = {
    "residential_land": Note("公顷", "ha"),
    "buildings": Note("栋", "buildings"),
    STREETS: Note("米", "m"),
}
"""Units that the heading of a column names; people need none."""

KILOMETRE: Final = Note("公里", "km")
PLAIN: Final = {
    "group": ("统计对象", "what is counted"),
    "added": ("新增覆盖", "newly covered"),
    "reached": ("可达（含已覆盖）", "within reach, covered before or not"),
    "total": ("总数", "total"),
}
"""Headings without the people whom those of a study with people name."""


def kind_of(given: Assessment) -> str:
    """The kind of demand."""
    return given.ground.demand.kind


def column_of(given: Assessment, group: str) -> str:
    """Name of the column of a group in a layer; of all, what is counted."""
    return kind_of(given) if group == EVERYONE else group


def measure_of(given: Assessment) -> Measure:
    """How amounts of the service's group are told, all of them alike."""
    return measure(kind_of(given), units.persons(given.counts[-1][given.group].total))


def amount_of(given: Assessment, micro: float) -> Note:
    """Millionths with their unit."""
    return measure_of(given).told(units.persons(int(micro)))


def rest_of(given: Assessment, total: float, part: float) -> Note:
    """Millionths of a total without a part, as the difference of the two numbers that are told."""
    scale = measure_of(given)
    whole, taken = (round(units.persons(int(one)) / scale.per) for one in (total, part))
    if whole == taken:
        return amount_of(given, total - part)
    return scale.told((whole - taken) * scale.per)


def told_of(given: Assessment, found: Mapping[str, float]) -> dict[str, float]:
    """Figures before and after as they are told: people whole, so that they add up."""
    return before_and_after_told(found) if kind_of(given) == PEOPLE else dict(found)


def bare_of(given: Assessment, micro: float) -> str:
    """Millionths in English where it has been said of whom: people without their unit."""
    told = amount_of(given, micro).en
    return told.removesuffix(f" {PEOPLE}") if kind_of(given) == PEOPLE else told


def summed_of(given: Assessment, micro: float) -> Note:
    """Millionths that are summed over services: who is served twice counts twice."""
    told = amount_of(given, micro)
    return Note(f"{told.zh}次" if kind_of(given) == PEOPLE else told.zh, told.en)


def whole_of(given: Assessment) -> Note:
    """What shares are of."""
    if kind_of(given) != PEOPLE:
        return Note(
            "占研究范围内总数（含未接入路网者）",
            "of the whole inside the study area, what has no road too",
        )
    return Note(
        "占研究范围内该人群总数（含未接入路网者）",
        "of all people of the group inside the study area, the unlinked too",
    )


def time_of(given: Assessment, value: float) -> Note:
    """A sum of walks: people (or what stands in for them) times minutes."""
    per, kind = measure_of(given).per, kind_of(given)
    word = SHORT[kind]
    if per > 1:
        word = Note("公里", "kilometre")
    n = f"{value / per:,.0f}"
    return Note(f"{n} {word.zh}·分钟", f"{n} {word.en}-minutes")


def in_units(table: Table, given: Assessment) -> Table:
    """A table whose amounts are not of people with their unit in the headings, long streets in km.

    Amounts of people stay as they are.
    """
    kind = kind_of(given)
    if kind == PEOPLE:
        return table
    per = measure_of(given).per
    head = KILOMETRE if per > 1 else HEADS[kind]
    counted = [column.form == "people" for column in table.columns]
    columns = tuple(
        _named(column, head if some else None)
        for column, some in zip(table.columns, counted, strict=True)
    )
    rows = tuple(
        tuple(
            value / per if some and value is not None and per > 1 else value
            for value, some in zip(row, counted, strict=True)
        )
        for row in table.rows
    )
    return dataclasses.replace(table, columns=columns, rows=rows)


def _named(column: Column, unit: Note | None) -> Column:
    zh, en = column.zh, column.en
    if column.key == "group" or (unit is not None and column.key in PLAIN):
        zh, en = PLAIN[column.key]
    if unit is None:
        return column._replace(zh=zh, en=en)
    return column._replace(zh=f"{zh}（{unit.zh}）", en=f"{en} ({unit.en})", form="number")
