"""Totals of people by township or community: a table of numbers, and the polygons of its units."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Change, ColumnUse, Note, Reading, SetAside
from quarterhour.model import _Frozen
from quarterhour.sources.files.vector import read_vector
from quarterhour.sources.people.checks import (
    heading_factor,
    is_share,
    require_heading,
    shares_to_people,
)
from quarterhour.sources.people.places import larger_groups
from quarterhour.sources.people.rows import checked_number
from quarterhour.sources.rows.cells import cell_text
from quarterhour.sources.rows.columns import find_column, understand
from quarterhour.sources.rows.tables import Table, read_table
from quarterhour.sources.units.areas import read_areas
from quarterhour.sources.units.town_names import Town, TownMatch, cleaned, match_town, register_of
from quarterhour.sources.units.towns import Towns, read_towns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

SUMS = re.compile(
    r"^(合计|总计|小计|共计|全[市县区镇]|total|sum)$|(合计|总计|小计)$", re.IGNORECASE
)
"""A row of this name is the sum of others and no unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsFile:
    """What [people.totals] says: a table, and the polygons of its units.

    `columns`: heading by meaning (town, county, people). `areas`: file of the polygons, or the
    polygons themselves. `zones`: county of each functional zone. `areas_coordinates`: gcj02 or bd09
    for polygons of a web map.
    """

    source: Path
    areas: Path | Towns
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    areas_layer: str | None = None
    areas_coordinates: str = "wgs84"
    zones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals(_Frozen):
    """Rows of a table of totals. `people`: float persons by group; `row`: as in `SetAside`."""

    town: tuple[str, ...]
    county: tuple[str, ...]
    people: dict[str, FloatArray]
    row: NDArray[np.int64]
    file: str
    sheet: str
    set_aside: tuple[SetAside, ...]
    changes: tuple[Change, ...]
    notes: tuple[Note, ...]
    reading: Reading

    def __len__(self) -> int:
        return len(self.town)

    def label(self, k: int) -> str:
        """County and town of a row."""
        return " ".join(filter(None, (self.county[k], self.town[k])))


def read_totals(told: TotalsFile, groups: Mapping[str, float | str]) -> tuple[Totals, set[str]]:
    """The totals by unit, and the groups whose column the table does not have.

    Rows without a unit, with a bad number, of sums (合计) and of a unit that an earlier row has are
    set aside. A group of `groups` that names a column of the table is read from it.

    Raises
    ------
    InputError
        The table cannot be used, or has no column of the units or of the people.
    """
    path = Path(told.source)

    def usable(headings: list[str]) -> bool:
        return all(told.columns.get(m) or find_column(headings, m) for m in ("town", "people"))

    table = read_table(
        path, sheet=told.sheet, needed="totals of people", columns=told.columns, usable=usable
    )
    headings = list(table.columns)
    known = understand(headings, columns=told.columns, where=table.where).heading
    town = known.get("town") or known.get("community") or known.get("name") or known.get("county")
    if town is None or "people" not in known:
        lacks = "people (常住人口)" if town is not None else "the units (街道, 乡镇)"
        raise InputError(
            f"{table.where}: has no column of {lacks}; found are {', '.join(headings)}: name it"
            " with columns under [people.totals]"
        )
    county = known.get("county")
    named = {EVERYONE: known["people"]}
    named |= {g: h for g, h in groups.items() if isinstance(h, str) and h in headings}
    missing = {g for g, h in groups.items() if isinstance(h, str) and h not in headings}
    reader = _Rows(path, table)
    names = [cell_text(v) for v in table.columns[town]]
    counties = [cell_text(v) for v in table.columns[county]] if county else [""] * len(names)
    if county == town:
        counties = [""] * len(names)
    values = {g: [reader.number(k, h) for k in range(len(names))] for g, h in named.items()}
    good: list[int] = []
    seen: dict[tuple[str, str], int] = {}
    sums: list[tuple[int, float]] = []
    for k, name in enumerate(names):
        key = (cleaned(counties[k]), cleaned(name))
        number, reason, detail, _ = values[EVERYONE][k]
        label = cleaned(name) or cleaned(counties[k])
        if SUMS.search(label):
            reader.aside(k, label, "sum_row", f"a sum of other rows ({number:,.0f} people)")
            sums.append((k, number))
            continue
        if not name:
            reader.aside(k, "", "no_unit", f"no unit is named ({number:,.0f} people)")
            continue
        fault = next((v[k] for v in values.values() if v[k][1]), None)
        if fault is not None:
            lost = f" ({number:,.0f} people)" if not reason else ""
            reader.aside(k, name, fault[1], fault[2] + lost)
        elif key in seen:
            detail = f"row {table.row[seen[key]]} has the same unit ({number:,.0f} people)"
            reader.aside(k, name, "duplicate_unit", detail)
        else:
            seen[key] = k
            good.append(k)
            for g, h in named.items():
                reader.told(k, name, h, values[g][k])
    people = {g: np.array([values[g][k][0] for k in good], np.float64) for g in named}
    for g, h in named.items():
        if g != EVERYONE and is_share(h):
            people[g], note = shares_to_people(h, people[g], people[EVERYONE])
            reader.change(None, "", "share", note)
        factor = 1.0 if g != EVERYONE and is_share(h) else heading_factor(h)
        if factor != 1:
            people[g] = np.round(people[g] * factor, 6)
            note = Note(
                f"“{h}”按标题中的单位乘以 {factor:,.0f}",
                f"{h!r} is taken times {factor:,.0f}, the unit of its heading",
            )
            reader.change(None, "", "unit", note)
    if not good or not (people[EVERYONE] > 0).any():
        raise InputError(
            f"{table.where}: holds no unit with people; needed are rows with a town and a number"
        )
    by_heading = {h: g for g, h in reversed(list(named.items()))}
    meaning = {**{h: g for h, g in by_heading.items() if g != EVERYONE}, known["people"]: "people"}
    meaning |= {town: "town"} | ({county: "county"} if county and county != town else {})
    return Totals(
        town=tuple(names[k] for k in good),
        county=tuple(counties[k] for k in good),
        people=people,
        row=np.array([table.row[k] for k in good], np.int64),
        file=path.name,
        sheet=table.sheet,
        set_aside=tuple(reader.asides),
        changes=tuple(reader.changes),
        notes=_sum_notes(path.name, sums, people[EVERYONE], heading_factor(known["people"]))
        + larger_groups(path.name, people, Note("个单元", "units")),
        reading=Reading(
            layer="totals", file=path.name, sheet=table.sheet, form=table.form,
            header_row=table.header_row, rows=len(table.row), sheets=table.sheets,
            columns=tuple(
                ColumnUse(
                    h, meaning.get(h, ""),
                    "unused" if h not in meaning
                    else "named" if h in told.columns.values() or h in groups.values()
                    else "recognised",
                    next((t for v in cells if (t := cell_text(v))), ""),
                )
                for h, cells in table.columns.items()
            ),
        ),
    ), missing  # fmt: skip


class _Rows:
    """Collects what becomes of the rows of a table."""

    def __init__(self, path: Path, table: Table) -> None:
        self.path, self.table = path, table
        self.asides: list[SetAside] = []
        self.changes: list[Change] = []

    def number(self, k: int, heading: str) -> tuple[float, str, str, str]:
        require_heading(heading, heading, list(self.table.columns), self.path)
        return checked_number(self.table.columns[heading][k], heading)

    def aside(self, k: int, name: str, reason: str, detail: str) -> None:
        self.asides.append(
            SetAside(
                layer="people", file=self.path.name, sheet=self.table.sheet,
                row=self.table.row[k], name=name, reason=reason, detail=detail,
            )
        )  # fmt: skip

    def told(self, k: int, name: str, heading: str, found: tuple[float, str, str, str]) -> None:
        if found[3]:
            text = cell_text(self.table.columns[heading][k])
            note = Note(
                f"{heading}“{text}”读作 {found[0]:g}", f"{heading} {text!r} is read as {found[0]:g}"
            )
            self.change(self.table.row[k], name, found[3], note)

    def change(self, row: int | None, name: str, kind: str, detail: Note) -> None:
        self.changes.append(
            Change(
                layer="people", file=self.path.name, sheet=self.table.sheet, row=row, name=name,
                kind=kind, detail=detail,
            )
        )  # fmt: skip


def _sum_notes(
    file: str, sums: list[tuple[int, float]], people: FloatArray, factor: float
) -> tuple[Note, ...]:
    """Whether the only row of a sum is the sum."""
    if len(sums) != 1 or not np.isfinite(sums[0][1]):
        return ()
    told, total = sums[0][1] * factor, float(people.sum())
    if abs(told - total) <= 0.5 * factor:
        return ()
    return (
        Note(
            f"{file}：合计行为 {told:,.0f} 人，各行之和为 {total:,.0f} 人，"
            f"相差 {told - total:+,.0f}",
            f"{file}: its row of the sum says {told:,.0f} people, the rows add up to {total:,.0f}"
            f" ({told - total:+,.0f})",
        ),
    )


def read_units(told: TotalsFile) -> Towns:
    """The polygons of the units; units without a county column are known by their names alone.

    Raises
    ------
    InputError
        The file cannot be used, or holds no named polygon.
    """
    if isinstance(told.areas, Towns):
        return told.areas
    path = Path(told.areas)
    frame = read_vector(path, layer=told.areas_layer, needed="polygons of the units")
    headings = [str(c) for c in frame.columns if c != frame.geometry.name]
    if find_column(headings, "county") and (
        find_column(headings, "town") or find_column(headings, "name")
    ):
        return read_towns(path, layer=told.areas_layer, coordinates=told.areas_coordinates)
    # counties, communities of one town: their own names tell them apart, if these are unique
    areas = read_areas(
        path,
        name=find_column(headings, "town") or find_column(headings, "name")
        or find_column(headings, "community") or find_column(headings, "county"),
        layer=told.areas_layer, coordinates=told.areas_coordinates, what="towns",
    )  # fmt: skip
    parts: dict[str, list[int]] = {}
    for k, name in enumerate(areas.name):
        if name:
            parts.setdefault(name, []).append(k)
    if not parts:
        raise InputError(
            f"{path}: its polygons have no names; found are the columns"
            f" {', '.join(headings) or 'none'}; needed are the names of the units (name)"
        )
    return Towns(
        register=register_of(Town(county="", town=name) for name in parts),
        geometry=np.array([shapely.union_all(areas.geometry[k]) for k in parts.values()], object),
        file=areas.file,
        set_aside=areas.set_aside,
        changes=areas.changes,
        reading=areas.reading,
    )


def match_units(totals: Totals, units: Towns, zones: Mapping[str, str]) -> list[TownMatch]:
    """The polygon that each row of totals means, or why there is none.

    Where the polygons name no county, a row means the polygon of exactly its name.
    """
    counties = {town.county for town in units.register.towns}
    if counties == {""}:
        return [_by_name(totals, k, units) for k in range(len(totals))]
    zones = dict(zones)
    if len(counties) == 1:  # all units are of one county: a row need not say it
        zones.setdefault("", next(iter(counties)))
    return [
        match_town(totals.county[k], totals.town[k], units.register, zones=zones)
        for k in range(len(totals))
    ]


def _by_name(totals: Totals, k: int, units: Towns) -> TownMatch:
    name = cleaned(totals.town[k])
    found = [i for i, town in enumerate(units.register.towns) if cleaned(town.town) == name]
    match = TownMatch(
        county=totals.county[k], town=totals.town[k], status="exact", index=None, candidates=(),
        note=Note("", ""),
    )  # fmt: skip
    if len(found) == 1:
        return dataclasses.replace(match, index=found[0])
    return dataclasses.replace(
        match,
        status="unresolved",
        note=Note(f"没有名为“{totals.town[k]}”的面", f"no polygon is named {totals.town[k]}"),
    )
