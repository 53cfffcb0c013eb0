"""The data of a study as the rules of a plan need them."""

from __future__ import annotations

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.answers.membership import (
    TOWN_OR_COUNTY,
    has_area,
    units_at,
    units_of_facilities,
    units_written,
    urban_at,
)
from quarterhour.answers.timeline import data_year_of
from quarterhour.errors import InputError
from quarterhour.gather.ground import OSM
from quarterhour.inputs import Note, UnitSet
from quarterhour.measures import counted, verb
from quarterhour.plans.target_facilities import Listed, read_listed
from quarterhour.plans.target_reach import Walks
from quarterhour.sources.facilities.kinds import KINDS
from quarterhour.sources.rows.column_words import SYNONYMS
from quarterhour.sources.units.read import COMMUNITY, VILLAGE, read_units
from quarterhour.study_file.settings import input_path
from quarterhour.targets.data import FacilityRows, People, Register, UnitRows
from quarterhour.targets.filters import Filter, exact, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.ground import Ground
    from quarterhour.gather.inputs import Gather
    from quarterhour.inputs import AreaSet
    from quarterhour.targets.schema import AnyRule, Plan

    IntArray = NDArray[np.int64]

OWN_COLUMNS = frozenset({"urban", "kind", "name", "status"})
"""Columns that every facility has beside those of its table, or whose words are elsewhere."""

VILLAGES = frozenset(
    {"村", "行政村", "建制村", "村庄", "村委会", "村民委员会", "农村", "village", "rural village"}
)
"""Kinds of units in a layer of communities that are villages (small letters)."""

CHINESE = ("\u4e00", "\u9fff")


def register_of(inputs: Gather, ground: Ground, *, threads: int | None = None) -> Register:
    """Facilities, units and people of a study, and the walks between them.

    Raises
    ------
    InputError
        A table or layer cannot be used.
    """
    listed = read_listed(inputs)
    notes = list(listed.notes)
    urban = inputs.urban()
    levels = {
        level: _in_area(units, ground, notes)
        for level, units in units_by_level(inputs, notes).items()
    }
    walks = Walks(inputs.study, ground, listed, levels, threads=threads)
    stated = inputs.study.targets.people
    return Register(
        facilities=_facility_rows(inputs, listed, ground, levels, urban),
        units={level: _unit_rows(units, urban) for level, units in levels.items()},
        people=_people(ground, levels, urban),
        stated_people={group: exact(value) for group, value in stated.items()},
        reach=walks.reach,
        positions=walks.positions,
        headings={key: _chinese(names) for key, names in SYNONYMS.items()},
        kinds={key: (Note(kind.zh, kind.en), kind.domain) for key, kind in KINDS.items()},
        data_year=data_year_of(inputs.study.study.data_date),
        notes=tuple(notes),
    )


def _chinese(names: tuple[str, ...]) -> str:
    """The first Chinese heading of a meaning."""
    low, high = CHINESE
    return next((n for n in names if low <= n[0] <= high), names[0])


def units_by_level(inputs: Gather, notes: list[Note]) -> dict[str, UnitSet]:
    """The units of the study by level, and its residential areas as the level residential.

    Where no layer holds the villages, those rows of the communities are villages whose kind says
    so, and no communities; what is done is told in `notes`.

    Raises
    ------
    InputError
        A layer cannot be used, or two of them are of one level.
    """
    found = dict(inputs.units())
    community = found.get(COMMUNITY)
    if community is not None and VILLAGE not in found:
        found |= _villages(community, notes)
        if not len(found[COMMUNITY]):
            del found[COMMUNITY]
    if "residential" not in found:
        residential = inputs._once("residential units", lambda: residential_units(inputs))  # noqa: SLF001
        found |= {} if residential is None else {"residential": residential}
    return found


def _villages(units: UnitSet, notes: list[Note]) -> dict[str, UnitSet]:
    """The communities and the villages of one layer; nothing where it says nothing of villages."""
    is_village = np.array([k.strip().lower() in VILLAGES for k in units.kind], bool)
    n = int(is_village.sum())
    if not n:
        return {}
    notes.append(
        Note(
            f"{units.file}：{n} 行的类型为村，按村计，不计为社区",
            f"{units.file}: the kind of {counted(n, 'row')} says village: counted as villages and"
            " not as communities",
        )
    )
    found = {VILLAGE: dataclasses.replace(_some(units, np.flatnonzero(is_village)), level=VILLAGE)}
    return found | {COMMUNITY: _some(units, np.flatnonzero(~is_village))}


def _some(units: UnitSet, keep: IntArray) -> UnitSet:
    """Some rows of the units."""
    rows = keep.tolist()
    return UnitSet(
        level=units.level,
        name=tuple(units.name[k] for k in rows),
        county=tuple(units.county[k] for k in rows),
        kind=tuple(units.kind[k] for k in rows),
        geometry=units.geometry[keep],
        row=units.row[keep],
        attributes={key: tuple(v[k] for k in rows) for key, v in units.attributes.items()},
        file=units.file,
        sheet=units.sheet,
    )


def residential_units(inputs: Gather) -> UnitSet | None:
    """The residential areas of the study with the columns of their layer, None without any.

    A layer without a column of names has areas called by their rows.

    Raises
    ------
    InputError
        The layer cannot be used.
    """
    part, areas = inputs.study.residential, inputs.residential()
    if part is None or areas is None:
        return None
    if part.source != OSM and (part.name is not None or any(areas.name)):
        path = input_path(inputs.home, part.source)
        return read_units(
            path, level="residential", layer=part.layer, name=part.name,
            coordinates=part.coordinates,
        )  # fmt: skip
    return UnitSet(
        level="residential",
        name=tuple(n or f"#{r}" for n, r in zip(areas.name, areas.row.tolist(), strict=True)),
        county=("",) * len(areas),
        kind=areas.kind,
        geometry=areas.geometry,
        row=areas.row,
        file=areas.file,
    )


def _in_area(units: UnitSet, ground: Ground, notes: list[Note]) -> UnitSet:
    """The units that stand in the study area, by a point inside them, and rows without a place.

    Where the study names no area, those with people of the study stand in it, too.
    """
    nowhere = shapely.is_missing(units.geometry) | shapely.is_empty(units.geometry)
    at = shapely.point_on_surface(units.geometry)
    inside = shapely.intersects(ground.area, at)
    # a county may be larger than the study area and have its middle elsewhere
    middle = shapely.point_on_surface(ground.area)
    keep_it = nowhere | inside | shapely.intersects(units.geometry, middle)
    if not ground.area_given:
        demand, here = ground.demand, ground.inside
        lived_in = units_at(demand.lon[here], demand.lat[here], units)
        keep_it[np.unique(lived_in[lived_in >= 0])] = True
    keep = np.flatnonzero(keep_it)
    left = len(units) - len(keep)
    if not left:
        return units
    what = units.level
    notes.append(
        Note(
            f"{units.file}：研究范围以外的 {left} 个单元（{what}）不计",
            f"{units.file}: left out, as outside the study area, {verb(f'{left}', 'is', 'are')}"
            f" {counted(left, 'unit')} ({what})",
        )
    )
    return _some(units, keep)


def _facility_rows(
    inputs: Gather,
    listed: Listed,
    ground: Ground,
    levels: dict[str, UnitSet],
    urban: AreaSet | None,
) -> FacilityRows:
    rows = listed.facilities
    n = len(rows)
    values: dict[str, tuple[Any, ...]] = dict(rows.attributes)
    values |= {"name": rows.name, "kind": rows.kind, "status": rows.status}
    columns = [own | {"name"} for own in listed.columns]
    if urban is not None:
        own = urban_at(rows.lon, rows.lat, urban)
        said = np.where(listed.placed, np.where(own, "yes", "no"), "")
        values["urban"] = tuple(said.tolist())
        columns = [c | {"urban"} for c in columns]
    inside = np.asarray(shapely.intersects_xy(ground.area, rows.lon, rows.lat), bool)
    return FacilityRows(
        name=rows.name,
        row=tuple(rows.row.tolist()),
        table=tuple(listed.table.tolist()),
        tables=listed.tables,
        columns=tuple(columns),
        values=values,
        kinds=tuple(frozenset(_broader(keys)) for keys in listed.kind_keys),
        domains=tuple(frozenset(_domains(keys)) for keys in listed.kind_keys),
        planned=listed.planned,
        placed=listed.placed,
        # without an area of its own a study is about all that its tables list
        counts=inside | ~listed.placed | (not ground.area_given),
        open_year=_years(rows.attributes.get("open_year", ()), n),
        close_year=_years(rows.attributes.get("close_year", ()), n),
        unit={level: _units_of(inputs, listed, units) for level, units in levels.items()},
    )


def _years(values: Sequence[Any], n: int) -> IntArray:
    """Years of a column, -1 for none."""
    found = [number_of(v) for v in values] or [None] * n
    return np.array([-1 if y is None else int(y) for y in found], np.int64)


def _broader(keys: tuple[str, ...]) -> set[str]:
    return {*keys, *(b for key in keys for b in KINDS[key].broader)}


def _domains(keys: tuple[str, ...]) -> set[str]:
    found = {KINDS[key].domain for key in keys}
    return found | {"elderly", "childcare"} if "both" in found else found


def _units_of(inputs: Gather, listed: Listed, units: UnitSet) -> IntArray:
    """The unit of each facility: by its position, and without one by what its columns name."""
    rows = listed.facilities
    at = np.where(listed.placed, units_of_facilities(rows, units), -1)
    zones = inputs.study.towns.zones if inputs.study.towns else {}
    named = units_written(rows, units, zones=zones)
    if named is None:
        return np.asarray(at, np.int64)
    ask = ~listed.placed
    if units.level not in TOWN_OR_COUNTY:
        rough = rows.approximate if rows.approximate is not None else np.zeros(len(rows), bool)
        # communities that are points hold nothing: the names have to do
        ask = ask | rough | (not has_area(units).any())
    return np.asarray(np.where(ask & (at < 0), named, at), np.int64)


def _unit_rows(units: UnitSet, urban: AreaSet | None) -> UnitRows:
    n = len(units)
    values = dict(units.attributes)
    values |= {"name": units.name, "county": units.county, "kind": units.kind}
    columns = {"name", "county", *units.attributes}
    if units.level == "town" or any(units.kind):
        columns.add("kind")
    if urban is not None and "urban" not in units.attributes:
        at = shapely.point_on_surface(units.geometry)
        here = ~shapely.is_missing(at) & ~shapely.is_empty(at)
        said = np.full(n, "", object)
        inside = urban_at(shapely.get_x(at[here]), shapely.get_y(at[here]), urban)
        said[here] = np.where(inside, "yes", "no")
        values["urban"] = tuple(said.tolist())
        columns.add("urban")
    label = f"{units.file} {units.sheet}".strip() or units.level
    return UnitRows(
        level=units.level,
        name=tuple(
            f"{c}{name}" if c and units.level != "county" else name
            for c, name in zip(units.county, units.name, strict=True)
        ),
        row=tuple(units.row.tolist()),
        table=(0,) * n,
        tables=(label,),
        columns=(frozenset(columns),),
        values=values,
        kinds=(frozenset(),) * n,
        domains=(frozenset(),) * n,
    )


def _people(ground: Ground, levels: dict[str, UnitSet], urban: AreaSet | None) -> People:
    demand, inside = ground.demand, ground.inside
    lon, lat = demand.lon[inside], demand.lat[inside]
    return People(
        kind=demand.kind,
        amounts={group: amount[inside] for group, amount in demand.amounts.items()},
        unit={level: units_at(lon, lat, units) for level, units in levels.items()},
        urban=None if urban is None else urban_at(lon, lat, urban),
    )


def check_plan(plan: Plan, where: str) -> None:
    """Kinds and columns that a plan names exist.

    Raises
    ------
    InputError
        One does not; the message names the indicator and what is near.
    """
    for one in plan.indicator:
        for k, part in enumerate(one.part):
            at = f"{where}: indicator {one.id}" + (f" part {k + 1}" if len(one.part) > 1 else "")
            _check_part(part, at)


def _check_part(part: AnyRule, at: str) -> None:
    over_units = getattr(part, "over", "") == "units" or getattr(part, "of", "") == "units"
    conditions = [getattr(part, key, None) for key in ("having", "where_size", "must")]
    filters = [part.facilities, *([] if over_units else [f for f in conditions if f])]
    named = [getattr(part, key, None) for key in ("attribute", "part_attribute")]
    named += [] if part.level else [getattr(part, "per_attribute", None)]
    wanted = [key for key in named if key and not over_units]
    for one in filters:
        assert isinstance(one, Filter)  # noqa: S101 - checked when the plan was read
        for kind in one.all_kinds:
            if kind not in KINDS:
                near = difflib.get_close_matches(kind, KINDS, 1, 0.5)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise InputError(f"{at}: no kind of facility is called {kind!r}{hint}")
        wanted += one.columns
    for column in wanted:
        if column not in SYNONYMS and column not in OWN_COLUMNS:
            near = difflib.get_close_matches(column, SYNONYMS, 1, 0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(f"{at}: no column of facilities is called {column!r}{hint}")
