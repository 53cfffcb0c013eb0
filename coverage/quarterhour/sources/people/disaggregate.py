"""Totals of units spread over places, with an account of every person."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units as numbers
from quarterhour.core.spread import spread, sums, unit_of
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Change, Demand, Note, SetAside
from quarterhour.measures import counted, verb
from quarterhour.model import _Frozen
from quarterhour.sources.people.places import demand_of
from quarterhour.sources.people.totals import TotalsFile, match_units, read_totals, read_units
from quarterhour.units import ESTIMATED, MICRO, persons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from quarterhour.sources.people.places import Places
    from quarterhour.sources.people.totals import Totals
    from quarterhour.sources.units.towns import Towns

    Micro = NDArray[np.int64]

MOST_NAMES = 8
"""Names that a sentence lists before it only counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadReport(_Frozen):
    """What became of the totals: `table` = `spread` + `lost`, exactly, per unit and group.

    `unit`: county and town of each usable row of the table; `row`: as in `SetAside`. `table`,
    `spread`, `lost`: int64 millionths by group. `n_places`: places in each unit. `weighed`: what
    the totals were spread by. `places_without_unit`, `share_without_unit`: places in no unit of the
    table, and their part of all weight. `places_in_several`: places in more than one polygon.
    `areas_without_row`: names of polygons that the table does not have.
    """

    unit: tuple[str, ...]
    row: NDArray[np.int64]
    table: dict[str, Micro]
    spread: dict[str, Micro]
    lost: dict[str, Micro]
    n_places: NDArray[np.int64]
    weighed: Note
    places_without_unit: int
    share_without_unit: float
    places_in_several: int
    areas_without_row: tuple[str, ...]

    @property
    def conserved(self) -> bool:
        """Whether nobody was lost or gained, to the millionth of a person, in any unit or group."""
        return all((self.table[g] == self.spread[g] + self.lost[g]).all() for g in self.table)


def spread_totals(
    places: Places, told: TotalsFile, groups: Mapping[str, float | str]
) -> tuple[Demand, SpreadReport]:
    """The totals of a table spread over the places inside each unit, and the account of it.

    A group is a share of the unit's people, a column of the table, or else a column or band of the
    places: then its part of the people is that of the source, place by place. A group with both a
    column in the table and one of its own name in the source is spread by the latter.

    Raises
    ------
    InputError
        Table or polygons cannot be used, or nobody could be spread.
    """
    assert places.weight is not None, "places that totals are spread over have weights"  # noqa: S101
    totals, missing = read_totals(told, groups)
    for group in sorted(missing - places.people.keys()):
        raise InputError(
            f"{totals.file}: has no column {groups[group]!r} for the group {group!r}; found are"
            f" {', '.join(use.heading for use in totals.reading.columns)}"
        )
    areas = read_units(told)
    changes, at, why = _matched(totals, areas, told.zones)
    polygon, several = unit_of(places.lon, places.lat, areas.geometry)
    row_of = np.full(len(areas) + 1, -1, np.int64)
    row_of[at[at >= 0]] = np.flatnonzero(at >= 0)
    unit = row_of[polygon]  # the last entry is that of no polygon
    n = len(totals)
    table: dict[str, Micro] = {}
    amounts: dict[str, Micro] = {}
    for group in (EVERYONE, *groups):
        value = groups.get(group)
        weight = places.weight
        if group == EVERYONE or group in totals.people:
            table[group] = numbers.micro_people(totals.people[group])
            own = places.people.get(group) if group != EVERYONE else None
            if own is not None:
                # in a unit where the source knows nobody of the group, as everyone is spread
                known = np.bincount(unit + 1, own, minlength=n + 1)[unit + 1] > 0
                weight = np.where(known, own, weight)
        elif isinstance(value, str):
            amounts[group] = _local_share(amounts[EVERYONE], places, group)
            table[group] = sums(unit, amounts[group], n)
            continue
        else:
            everyone = int(table[EVERYONE].sum())
            share = numbers.share_of(everyone, float(value or 0), ESTIMATED)
            table[group] = numbers.apportion(table[EVERYONE], share, ESTIMATED)
        amounts[group] = spread(unit, weight, table[group])
    done = {group: sums(unit, micro, n) for group, micro in amounts.items()}
    without = (unit < 0) & (places.weight > 0)
    whole = float(places.weight.sum())
    matched = {int(k) for k in at if k >= 0}
    report = SpreadReport(
        unit=tuple(totals.label(k) for k in range(n)),
        row=totals.row,
        table=table,
        spread=done,
        lost={group: table[group] - done[group] for group in table},
        n_places=np.bincount(unit[unit >= 0], minlength=n).astype(np.int64),
        weighed=places.weighed,
        places_without_unit=int(without.sum()),
        share_without_unit=float(places.weight[without].sum()) / whole if whole else 0.0,
        places_in_several=several,
        areas_without_row=tuple(
            f"{t.county} {t.town}".strip()
            for k, t in enumerate(areas.register.towns)
            if k not in matched
        ),
    )
    asides = _lost(totals, report, at, why)
    if not done[EVERYONE].any():
        first = f"; first: {asides[0].line()}" if asides else ""
        raise InputError(
            f"{totals.file}: nobody could be spread over {places.file or 'the places'}: no place"
            f" with a weight lies in a unit of the table{first}; check that table, polygons and"
            " places are of the same area"
        )
    keep = np.flatnonzero(np.any([micro > 0 for micro in amounts.values()], axis=0))
    demand = demand_of(places, amounts, keep=keep, notes=totals.notes + spread_notes(report))
    return _with(demand, totals, areas, asides, changes), report


def _with(
    demand: Demand, totals: Totals, areas: Towns, asides: list[SetAside], changes: list[Change]
) -> Demand:
    readings = (*demand.readings, totals.reading)
    if areas.reading is not None:
        readings += (areas.reading,)
    return dataclasses.replace(
        demand,
        set_aside=(*demand.set_aside, *totals.set_aside, *areas.set_aside, *asides),
        changes=(*demand.changes, *totals.changes, *areas.changes, *changes),
        readings=readings,
    )


def _matched(
    totals: Totals, areas: Towns, zones: Mapping[str, str]
) -> tuple[list[Change], NDArray[np.int64], dict[int, str]]:
    """Names written in another way, polygon of each row (-1 for none), and why it has none."""
    at = np.full(len(totals), -1, np.int64)
    why: dict[int, str] = {}
    changes: list[Change] = []
    taken: dict[int, int] = {}
    for k, match in enumerate(match_units(totals, areas, zones)):
        if match.index is None:
            why[k] = match.note.en
            continue
        if match.index in taken:
            why[k] = f"its polygon is already that of row {totals.row[taken[match.index]]}"
            continue
        at[k] = match.index
        taken[match.index] = k
        if match.status != "exact":
            changes.append(
                Change(
                    layer="people", file=totals.file, sheet=totals.sheet, row=int(totals.row[k]),
                    name=totals.label(k), kind="matched", detail=match.note,
                )
            )  # fmt: skip
    return changes, at, why


def _lost(
    totals: Totals, report: SpreadReport, at: NDArray[np.int64], why: dict[int, str]
) -> list[SetAside]:
    """A line for every unit of which somebody could not be spread."""
    lost = report.lost[EVERYONE]
    asides = []
    for k in np.flatnonzero(lost).tolist():
        people = counted(round(persons(int(lost[k]))), "person is lost", "people are lost")
        if at[k] < 0:
            reason, detail = "no_area", f"{people}: {why.get(k, 'the unit has no polygon')}"
        elif not report.n_places[k]:
            reason, detail = "no_place", f"{people}: no place lies in the unit"
        else:
            reason, detail = "no_weight", f"{people}: the places in the unit weigh nothing"
        asides.append(
            SetAside(
                layer="people", file=totals.file, sheet=totals.sheet, row=int(totals.row[k]),
                name=totals.label(k), reason=reason, detail=detail,
            )
        )  # fmt: skip
    return asides


def _local_share(everyone: Micro, places: Places, group: str) -> Micro:
    """People of a group where only the source knows its part of the people, place by place."""
    people = places.people.get(EVERYONE)
    own = places.people[group]
    if people is None:
        raise InputError(
            f"the group {group!r} is a column of {places.file}, which has no column of the people"
            " that it is a part of; give the group as a share, or as a column of the totals"
        )
    part = np.minimum(np.divide(own, people, out=np.zeros(len(own)), where=people > 0), 1.0)
    return np.asarray(np.floor(everyone * part / ESTIMATED + 0.5), np.int64) * ESTIMATED


def spread_notes(report: SpreadReport) -> tuple[Note, ...]:
    """Sentences on the account: what was spread, what was lost, and what lay outside."""
    return tuple(conservation_notes(report))


def conservation_notes(report: SpreadReport) -> list[Note]:
    """The check of the totals, group by group, and everything that does not fit."""
    told = []
    for group in report.table:
        table, done, lost = (
            int(v[group].sum()) for v in (report.table, report.spread, report.lost)
        )
        zh_group, en_group = ("总人口", "everyone") if group == EVERYONE else (group, group)
        ok_zh, ok_en = (
            ("相符", "which adds up") if table == done + lost else ("不相符", "NOT EQUAL")
        )
        told.append(
            Note(
                f"{zh_group}：表中 {_n(table)} 人 = 已分摊 {_n(done)} 人"
                f" + 未能分摊 {_n(lost)} 人（{ok_zh}）",
                f"{en_group}: {_n(table)} in the table = {_n(done)} spread + {_n(lost)} lost"
                f" ({ok_en})",
            )
        )
    n, weighed = len(report.unit), report.weighed
    told.append(
        Note(
            f"{n} 个单元的总数按{weighed.zh}分摊到 {int(report.n_places.sum())} 处",
            f"totals of {counted(n, 'unit')} spread over"
            f" {counted(int(report.n_places.sum()), 'place')} by {weighed.en}",
        )
    )
    without = [report.unit[k] for k in np.flatnonzero(report.lost[EVERYONE]).tolist()]
    if without:
        people = _n(int(report.lost[EVERYONE].sum()))
        told.append(
            Note(
                f"{len(without)} 个单元共 {people} 人没有可分摊的位置，未计入：{_names(without)}",
                f"{people} {verb(people, 'person', 'people')} of"
                f" {counted(len(without), 'unit')} {verb(people, 'has', 'have')} nowhere to be and"
                f" {verb(people, 'is', 'are')} not counted: {_names(without)}",
            )
        )
    if report.places_without_unit:
        share = report.share_without_unit
        told.append(
            Note(
                f"{report.places_without_unit} 处（占权重 {share:.1%}）"
                "不在表中任何单元内，没有人口",
                f"{counted(report.places_without_unit, 'place')} ({share:.1%} of the weight)"
                f" {verb(f'{report.places_without_unit}', 'lies', 'lie')} in no unit of the table"
                " and without people",
            )
        )
    if report.places_in_several:
        told.append(
            Note(
                f"{report.places_in_several} 处位于多个面内或其边界上，归入最先列出的一个",
                f"{counted(report.places_in_several, 'place lies', 'places lie')} in several"
                " polygons or on their border: counted in the first of them",
            )
        )
    if report.areas_without_row:
        absent = list(report.areas_without_row)
        told.append(
            Note(
                f"{len(absent)} 个面在总数表中没有对应行：{_names(absent)}",
                f"{counted(len(absent), 'polygon has', 'polygons have')} no row in the table of"
                f" totals: {_names(absent)}",
            )
        )
    return told


def conservation_lines(report: SpreadReport, *, language: str = "en") -> list[str]:
    """Lines for a terminal: the account of all units together, then unit by unit ("zh" or "en")."""
    lines = [note.zh if language == "zh" else note.en for note in conservation_notes(report)]
    for k, unit in enumerate(report.unit):
        parts = [
            f"{group} {_n(int(report.table[group][k]))} = {_n(int(report.spread[group][k]))} +"
            f" {_n(int(report.lost[group][k]))}"
            for group in report.table
        ]
        places = (
            f"{report.n_places[k]} 处"
            if language == "zh"
            else counted(int(report.n_places[k]), "place")
        )
        lines.append(f"{unit} ({places}): {'; '.join(parts)}")
    return lines


def _n(micro: int) -> str:
    value = persons(micro)
    return f"{micro // MICRO:,}" if micro % MICRO == 0 else f"{value:,.1f}"


def _names(names: list[str]) -> str:
    more = f" … ({len(names)})" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
