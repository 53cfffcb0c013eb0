"""Units that results are counted by: counties, towns, communities, estates, lists of hospitals.

A unit may be a polygon, a point, or a row of a list that says no position at all. It always has a
name, by which a result speaks of it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import Change, Note, SetAside, UnitSet
from quarterhour.measures import counted
from quarterhour.sources.datum.declared import require_degrees
from quarterhour.sources.files.vector import VECTOR_SUFFIXES, read_vector
from quarterhour.sources.rows.attributes import attributes_of
from quarterhour.sources.rows.cells import cell_text
from quarterhour.sources.rows.changes import MOST_ROWS, ChangeLog
from quarterhour.sources.rows.columns import find_column, plain_heading, understand
from quarterhour.sources.rows.point_rows import PointRows
from quarterhour.sources.rows.points import FOOTER, read_points
from quarterhour.sources.rows.uses import uses_of
from quarterhour.sources.units.areas import read_areas
from quarterhour.sources.units.town_units import COUNTY, TOWN_LEVEL, kind_of, unions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from quarterhour.inputs import Reading
    from quarterhour.sources.rows.point_rows import Resolve

    Box = tuple[float, float, float, float]

LAYER = "units"
"""Name of the layer in `SetAside`, `Change` and `Reading`."""

COMMUNITY, VILLAGE = "community", "village"
ADMINISTRATION = (COUNTY, TOWN_LEVEL, COMMUNITY, VILLAGE)
"""Levels of the administration, whose units are known by their names."""

NAME_MEANINGS: dict[str, tuple[str, ...]] = {
    COUNTY: ("county", "name"),
    TOWN_LEVEL: ("town", "name"),
    COMMUNITY: ("community", "name"),
    VILLAGE: ("community", "name"),
}
"""Meanings of the column that the name of a unit stands in, the best first; else name."""

NOT_OF_UNITS: dict[str, tuple[str, ...]] = {
    COUNTY: ("county", "floor_area_m2"),
    TOWN_LEVEL: ("town", "floor_area_m2"),
    COMMUNITY: ("community", "floor_area_m2"),
    VILLAGE: ("community", "floor_area_m2"),
}
"""Meanings that repeat a unit's own name, and 面积, which is not the floor area of a building."""

UNPLACED = frozenset({"missing_coordinate", "bad_coordinate", "placeholder_coordinate"})
"""Reasons of rows without a position, which are units all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Rows of units before they are named: `geometry` is one per row of `rows`."""

    rows: PointRows
    geometry: NDArray[Any]
    names: list[str]
    reading: Reading | None


def read_units(
    path: str | Path,
    *,
    level: str,
    layer: str | None = None,
    sheet: str | None = None,
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
    coordinates: str = "wgs84",
    near: Box | None = None,
    resolve: Resolve | None = None,
) -> UnitSet:
    """Units of one level in WGS-84: polygons, points, or rows without any position.

    Rows without a usable position are kept, and told where the table has coordinates. Units of the
    administration without a name are set aside; estates and the like without one are named by their
    row. Several polygons of one county or town, or of one community of one town, are one unit.

    Parameters
    ----------
    path
        A GIS layer, or a workbook or text table with or without coordinates.
    level
        county, town, community, village, new_residential, old_residential or another word.
    layer, sheet
        Layer of a GIS file, sheet of a workbook.
    name
        Column of the names; default: 区县, 乡镇, 社区 by the level, or else 名称.
    columns
        Heading by meaning, where the headings are not to be recognised.
    coordinates
        Of polygons wgs84, gcj02 or bd09; of points as in `points.read_points`.
    near, resolve
        As in `points.read_points`.

    Raises
    ------
    InputError
        The file cannot be used, has no column of names, or holds no unit.
    """
    source = Path(path)
    named = dict(columns or {})
    if name is not None:
        if plain_heading(named.get("name", name)) != plain_heading(name):
            raise InputError(
                f"{source}: [[units]] level = {level!r} says name = {name!r} and columns says that"
                f" name is {named['name']!r}; leave one of them out"
            )
        named["name"] = name
    is_layer = source.suffix.lower() in VECTOR_SUFFIXES
    key, value, other = ("sheet", sheet, "layer") if is_layer else ("layer", layer, "sheet")
    if value is not None:
        raise InputError(
            f"{source}: [[units]] level = {level!r} says {key} = {value!r}, and this kind of file"
            f" has no {key}s; leave it out, or say {other}"
        )
    if is_layer and _has_polygons(source, layer, level):
        found = _polygons(source, level, layer, named, coordinates)
    else:
        found = _points(source, level, layer, sheet, named, coordinates, near=near, resolve=resolve)
    return _named(found, source, level)


def _has_polygons(path: Path, layer: str | None, level: str) -> bool:
    geometry = read_vector(path, layer=layer, needed=f"{level} units").geometry.to_numpy()
    return bool(np.isin(shapely.get_type_id(geometry), (3, 6)).any())


def _polygons(
    path: Path, level: str, layer: str | None, named: dict[str, str], coordinates: str
) -> _Found:
    frame = read_vector(path, layer=layer, needed=f"{level} polygons")
    require_degrees(frame, path)
    data = {str(c): frame[c].tolist() for c in frame.columns if c != frame.geometry.name}
    heading = _name_heading(list(data), level, named, str(path))
    areas = read_areas(path, name=heading, layer=layer, coordinates=coordinates, what=level)
    understood = understand(list(data), columns=named, where=str(path))
    log = ChangeLog(LAYER, path.name, "", list(range(1, len(frame) + 1)))
    meanings, uses = uses_of(data, understood, None, log)
    at = (areas.row - 1).tolist()
    nowhere = np.full(len(at), np.nan)
    rows = PointRows(
        path=path, sheet="", lon=nowhere, lat=nowhere, row=areas.row,
        columns={h: [values[k] for k in at] for h, values in data.items()},
        set_aside=tuple(dataclasses.replace(item, layer=LAYER) for item in areas.set_aside),
        changes=(*log.done(), *(dataclasses.replace(c, layer=LAYER) for c in areas.changes)),
        meanings=meanings,
    )  # fmt: skip
    reading = areas.reading
    if reading is not None:
        reading = dataclasses.replace(reading, layer=LAYER, columns=uses)
    return _Found(rows=rows, geometry=areas.geometry, names=list(areas.name), reading=reading)


def _points(
    path: Path,
    level: str,
    layer: str | None,
    sheet: str | None,
    named: dict[str, str],
    coordinates: str,
    *,
    near: Box | None,
    resolve: Resolve | None,
) -> _Found:
    placed = read_points(
        path, layer=LAYER, needed=f"{level} units", sheet=sheet, gis_layer=layer,
        coordinates=coordinates, columns=named, near=near, resolve=resolve, may_lack=True,
    )  # fmt: skip
    where = f"{path} sheet {placed.sheet}" if placed.sheet else str(path)
    heading = _name_heading(list(placed.columns), level, named, where)
    listed = not {"lon", "lat", "position"} & set(placed.meanings) and placed.reading is not None
    without_columns = listed and path.suffix.lower() not in VECTOR_SUFFIXES
    aside = [item for item in placed.set_aside if item.reason not in UNPLACED]
    told = {item.row: item for item in placed.set_aside if item.reason in UNPLACED}
    kept: list[tuple[int, dict[str, Any]]] = []
    changes: list[Change] = []
    for row in placed.unplaced:
        fault = _no_data(row.values, heading)
        if fault is not None:
            aside.append(_aside(placed, row.row, row.name, *fault))
            continue
        kept.append((row.row, row.values))
        if not without_columns:
            changes.append(_without_position(placed, told[row.row]))
    if len(changes) > MOST_ROWS:
        changes = [_many_without_position(placed, len(changes))]
    number = np.concatenate([placed.row, np.array([n for n, _ in kept], np.int64)])
    order = np.argsort(number, kind="stable").tolist()
    geometry = np.full(len(number), None, object)
    geometry[: len(placed.row)] = shapely.points(placed.lon, placed.lat)
    nowhere = np.full(len(kept), np.nan)
    rows = dataclasses.replace(
        placed,
        lon=np.concatenate([placed.lon, nowhere])[order],
        lat=np.concatenate([placed.lat, nowhere])[order],
        row=number[order],
        columns={
            h: [[*values, *(cells.get(h) for _, cells in kept)][k] for k in order]
            for h, values in placed.columns.items()
        },
        x=None,
        y=None,
        set_aside=tuple(sorted(aside, key=lambda item: item.row or 0)),
        changes=(*placed.changes, *changes),
        unplaced=(),
    )
    reading = placed.reading
    if reading is not None:
        less = sum(item.reason in {"header_row", "footer_row"} for item in aside)
        less -= sum(item.reason in {"header_row", "footer_row"} for item in placed.set_aside)
        system = "" if without_columns else reading.coordinates
        reading = dataclasses.replace(reading, rows=reading.rows - less, coordinates=system)
    names = [cell_text(v) for v in rows.columns[heading]]
    return _Found(rows=rows, geometry=geometry[order], names=names, reading=reading)


def _name_heading(headings: list[str], level: str, named: Mapping[str, str], where: str) -> str:
    """The column of the names; `InputError` where there is none."""
    if "name" in named:
        plain = plain_heading(named["name"])
        found = next((h for h in headings if plain_heading(h) == plain), None)
        if found is not None:
            return found
    for meaning in NAME_MEANINGS.get(level, ("name",)):
        heading = named.get(meaning) or find_column(headings, meaning)
        if heading is not None:
            return next(
                (h for h in headings if plain_heading(h) == plain_heading(heading)), heading
            )
    raise InputError(
        f"{where}: has no column of the names of its units ([[units]] level = {level!r}); found are"
        f" {', '.join(headings) or 'no columns'}: name it with name"
    )


def _no_data(values: Mapping[str, Any], heading: str) -> tuple[str, str] | None:
    """Reason and detail where a row below or between the data is no unit."""
    if plain_heading(cell_text(values.get(heading))) == plain_heading(heading):
        return "header_row", "the row repeats the headings"
    first = next((text for cell in values.values() if (text := cell_text(cell))), "")
    for text in (first, cell_text(values.get(heading))):
        if FOOTER.match(text.replace(" ", "").replace("\u3000", "").replace("：", ":")):
            return "footer_row", f"the row stands below the data and is no unit: {text[:40]}"
    return None


def _aside(rows: PointRows, row: int, name: str, reason: str, detail: str) -> SetAside:
    return SetAside(
        layer=LAYER, file=rows.path.name, sheet=rows.sheet, row=row, name=name, reason=reason,
        detail=detail,
    )  # fmt: skip


def _change(rows: PointRows, row: int | None, name: str, kind: str, detail: Note) -> Change:
    return Change(
        layer=LAYER, file=rows.path.name, sheet=rows.sheet, row=row, name=name, kind=kind,
        detail=detail,
    )  # fmt: skip


def _without_position(rows: PointRows, item: SetAside) -> Change:
    zh = "坐标缺失或不可用，作为没有位置的单位保留"
    en = f"kept as a unit without a position ({item.detail})"
    return _change(rows, item.row, item.name, "no_position", Note(zh, en))


def _many_without_position(rows: PointRows, n: int) -> Change:
    zh = f"{n} 行坐标缺失或不可用，作为没有位置的单位保留"
    en = f"no usable coordinates in {counted(n, 'row')}: kept as units without a position"
    return _change(rows, None, "", "no_position", Note(zh, en))


def _named(found: _Found, path: Path, level: str) -> UnitSet:
    rows, names = found.rows, list(found.names)
    aside, changes = list(rows.set_aside), list(rows.changes)
    keep = []
    for k, text in enumerate(names):
        number = int(rows.row[k])
        if text:
            keep.append(k)
        elif level in ADMINISTRATION:
            aside.append(_aside(rows, number, "", "no_name", "the unit has no name"))
        else:
            names[k] = f"未命名{number}"
            detail = Note(f"没有名称，称为“{names[k]}”", f"has no name and is called {names[k]}")
            changes.append(_change(rows, number, names[k], "unnamed", detail))
            keep.append(k)
    if not keep:
        raise InputError(
            f"{path}: holds no unit with a name ([[units]] level = {level!r}, {len(names)} rows);"
            " fill the column of names, or name another one with name"
        )
    attributes, odd = attributes_of(rows, keep, layer=LAYER)
    for meaning in NOT_OF_UNITS.get(level, ()):
        attributes.pop(meaning, None)
    county = attributes.pop("county", None)
    kinds = rows.text("kind")
    result = UnitSet(
        level=level,
        name=tuple(names[k] for k in keep),
        county=("",) * len(keep) if county is None else tuple(map(str, county)),
        kind=tuple(kind_of(level, names[k], kinds[k]) for k in keep),
        geometry=found.geometry[keep],
        row=rows.row[keep],
        attributes=attributes,
        file=path.name,
        sheet=rows.sheet,
        set_aside=tuple(sorted(aside, key=lambda item: item.row or 0)),
        changes=(*changes, *odd),
        reading=found.reading,
    )
    return _joined(result, rows, keep)


def _joined(units: UnitSet, rows: PointRows, keep: Sequence[int]) -> UnitSet:
    """Polygons of one county or town, or of one community of one town, as one unit each."""
    if units.level not in ADMINISTRATION or not (shapely.get_dimensions(units.geometry) == 2).all():
        return units
    lower = units.level in {COMMUNITY, VILLAGE}
    town = rows.text("town") if lower else [""] * len(rows.row)
    city = rows.text("city")
    parts: dict[tuple[str, ...], list[int]] = {}
    for k, at in enumerate(keep):
        # without its town, a community may have its name in common with any other
        alone = str(k) if lower and not town[at] else ""
        key = (city[at], units.county[k], town[at], units.name[k], alone)
        parts.setdefault(key, []).append(k)
    if len(parts) == len(units):
        return units
    first = [members[0] for members in parts.values()]
    changes = [
        _change(
            rows, int(units.row[members[0]]), units.name[members[0]], "one_unit",
            Note(f"{len(members)} 个面同名，合为一个单位",
                 f"{len(members)} polygons of this name are one unit"),
        )
        for members in parts.values()
        if len(members) > 1
    ]  # fmt: skip
    return dataclasses.replace(
        units,
        name=tuple(units.name[k] for k in first),
        county=tuple(units.county[k] for k in first),
        kind=tuple(units.kind[k] for k in first),
        geometry=unions(units.geometry, list(parts.values())),
        row=units.row[first],
        attributes={m: tuple(v[k] for k in first) for m, v in units.attributes.items()},
        changes=(*units.changes, *changes),
    )
