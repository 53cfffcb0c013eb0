"""People of points, polygons and tables, row by row."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Change, ColumnUse, Note, SetAside
from quarterhour.measures import counted
from quarterhour.sources.files.vector import VECTOR_SUFFIXES, read_vector, to_wgs84
from quarterhour.sources.people.checks import (
    density_notes,
    heading_factor,
    is_share,
    require_heading,
    shares_to_people,
)
from quarterhour.sources.people.places import MOST_AT_A_PLACE, Places, larger_groups
from quarterhour.sources.people.surface import polygon_m2
from quarterhour.sources.rows.cells import cell_number, cell_text, understood_number
from quarterhour.sources.rows.columns import find_column
from quarterhour.sources.rows.points import read_points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.sources.rows.point_rows import PointRows

    FloatArray = NDArray[np.float64]

WIDE_M = 1_000.0
"""A polygon wider than this is too large for its people to stand at one point of it."""

_PLAIN = re.compile(r"[0-9.+\-eE]*")


def numbers_of(values: Sequence[Any]) -> FloatArray:
    """`cell_number` of every cell, NaN where there is none."""
    texts = all(type(v) is str for v in values)
    if texts and _PLAIN.fullmatch("".join(values)) and all(values):
        try:
            found = np.array(values, np.float64)
        except ValueError:
            pass
        else:
            return np.where(np.isfinite(found), found, np.nan)
    elif values and all(type(v) is float or type(v) is int for v in values):
        found = np.array([float(v) for v in values])
        return np.where(np.isfinite(found), found, np.nan)
    plain = (cell_number(v) for v in values)
    return np.array([np.nan if v is None else v for v in plain], np.float64)


def read_rows(
    path: Path,
    people: str | None,
    groups: Mapping[str, float | str],
    *,
    per_km2: bool = False,
    needs_people: bool = True,
    weight: str = "people",
    sheet: str | None = None,
    layer: str | None = None,
    coordinates: str = "wgs84",
    **more: Any,  # noqa: ANN401 - columns, near and resolve of read_points, where they are given
) -> Places:
    """The rows with anybody; bad numbers are set aside, what was read otherwise is told.

    `per_km2`: the columns hold people per square kilometre of the row's polygon. `needs_people`:
    False where rows only carry weights: then `weight` is people, equal, area or floor_area.

    Raises
    ------
    InputError
        The file or a column cannot be used.
    """
    rows = read_points(
        path, layer="people", needed="people", sheet=sheet, gis_layer=layer,
        coordinates=coordinates, **{k: v for k, v in more.items() if v is not None},
    )  # fmt: skip
    headings = list(rows.columns)
    weighs_people = weight == "people"
    column = people if people in headings or needs_people or weighs_people else None
    column = column or rows.meanings.get("people") or find_column(headings, "people")
    if column is None and (needs_people or weighs_people):
        raise InputError(
            f"{path}: which column holds the people? found are {', '.join(headings)}: name it"
            " with people under [people]"
        )
    named = {} if column is None else {EVERYONE: column}
    named |= {k: v for k, v in groups.items() if isinstance(v, str)}
    for group, heading in named.items():
        require_heading(heading, group, headings, path)
    values, faults, changes = _numbers(rows, named)
    m2, wide = _sizes(path, layer, rows)
    notes: list[Note] = []
    for group, heading in named.items():
        if group != EVERYONE and EVERYONE in values and is_share(heading):
            values[group], told = shares_to_people(heading, values[group], values[EVERYONE])
            changes.append(_change(rows, None, "", "share", told))
    if per_km2:
        if m2 is None or not (m2 > 0).any():
            raise InputError(
                f'{path}: values = "per_km2" needs a raster or polygons, which have an area; its'
                ' rows are points: use values = "count"'
            )
        values = {g: v * m2 / 1e6 for g, v in values.items()}
    names = rows.text("name")
    aside = tuple(
        SetAside(
            layer="people", file=path.name, sheet=rows.sheet, row=int(rows.row[k]), name=names[k],
            reason=reason, detail=detail,
        )
        for k, (reason, detail) in sorted(faults.items())
    )  # fmt: skip
    some = np.ones(len(rows.row), bool)
    if named and weighs_people:
        some = np.zeros(len(rows.row), bool)
        for numbers in values.values():
            some |= numbers > 0
    some[list(faults)] = False
    keep = np.flatnonzero(some)
    values = {g: v[keep] for g, v in values.items()}
    if EVERYONE in values:
        notes += larger_groups(path.name, values)
        if m2 is not None:
            notes += density_notes(path.name, values[EVERYONE], m2[keep], per_km2)
        if wide is not None and needs_people:
            notes += _wide_note(path.name, wide[keep], values[EVERYONE])
    weights, weighed = _weight(path, rows, weight, values, m2, keep)
    reading = rows.reading
    return Places(
        lon=rows.lon[keep],
        lat=rows.lat[keep],
        row=rows.row[keep],
        people=values,
        weight=weights,
        weighed=weighed,
        names=tuple(names[k] for k in keep.tolist()),
        file=path.name,
        sheet=rows.sheet,
        set_aside=rows.set_aside + aside,
        notes=tuple(notes),
        changes=rows.changes + tuple(changes),
        readings=() if reading is None else (
            dataclasses.replace(reading, columns=uses(reading.columns, named, people)),
        ),
        coordinates=rows.coordinates,
        x=None if rows.x is None else rows.x[keep],
        y=None if rows.y is None else rows.y[keep],
        fit=rows.fit,
    )  # fmt: skip


def uses(
    columns: tuple[ColumnUse, ...], named: Mapping[str, str], people: str | None
) -> tuple[ColumnUse, ...]:
    """The columns of a reading with those of the people and of the groups."""
    by_heading = {h: g for g, h in reversed(list(named.items()))}
    told = []
    for use in columns:
        group = by_heading.get(use.heading)
        if group is None:
            meaning = "" if use.meaning == "people" else use.meaning
            told.append(use._replace(meaning=meaning, how=use.how if meaning else "unused"))
        elif group == EVERYONE:
            how = "named" if people == use.heading or use.how == "named" else "recognised"
            told.append(use._replace(meaning="people", how=how))
        else:
            told.append(use._replace(meaning=group, how="named"))
    return tuple(told)


def checked_number(cell: object, heading: str) -> tuple[float, str, str, str]:
    """Number (NaN for none), reason and detail of a fault, and how it was read, "" as it stands."""
    found = understood_number(cell)
    text = cell_text(cell)
    if found.value is None or found.how == "about":  # about nine is no number to keep a total by
        return np.nan, "bad_people", f"{heading} is not a number: {text!r}", ""
    if found.value < 0:
        return np.nan, "negative_people", f"{heading} is negative: {text}", ""
    if found.value > MOST_AT_A_PLACE:
        return np.nan, "bad_people", f"{heading} is not a number of people: {text}", ""
    return found.value, "", "", found.how


def _numbers(
    rows: PointRows, named: Mapping[str, str]
) -> tuple[dict[str, FloatArray], dict[int, tuple[str, str]], list[Change]]:
    """Numbers by group, rows that cannot be used with reason and detail, and what was changed."""
    faults: dict[int, tuple[str, str]] = {}
    changes: list[Change] = []
    values = {}
    names = rows.text("name")
    for group, heading in named.items():
        cells = rows.columns[heading]
        numbers = numbers_of(cells)
        with np.errstate(invalid="ignore"):
            odd = np.flatnonzero(~((numbers >= 0) & (numbers <= MOST_AT_A_PLACE)))
        for k in odd.tolist():
            number, reason, detail, how = checked_number(cells[k], heading)
            if reason:
                faults.setdefault(k, (reason, detail))
                continue
            numbers[k] = number
            told = Note(
                f"{heading}“{cell_text(cells[k])}”读作 {number:g}",
                f"{heading} {cell_text(cells[k])!r} is read as {number:g}",
            )
            changes.append(_change(rows, int(rows.row[k]), names[k], how or "unit", told))
        numbers[list(faults)] = 0.0
        factor = heading_factor(heading)
        if factor != 1:
            numbers = np.round(numbers * factor, 6)
            told = Note(
                f"“{heading}”按标题中的单位乘以 {factor:,.0f}",
                f"{heading!r} is taken times {factor:,.0f}, the unit of its heading",
            )
            changes.append(_change(rows, None, "", "unit", told))
        values[group] = numbers
    for numbers in values.values():
        numbers[list(faults)] = 0.0
    return values, faults, changes


def _change(rows: PointRows, row: int | None, name: str, kind: str, detail: Note) -> Change:
    return Change(
        layer="people", file=rows.path.name, sheet=rows.sheet, row=row, name=name, kind=kind,
        detail=detail,
    )  # fmt: skip


def _sizes(
    path: Path, layer: str | None, rows: PointRows
) -> tuple[FloatArray | None, FloatArray | None]:
    """Square metres and metres across of each row's polygon; None for points and tables."""
    if path.suffix.lower() not in VECTOR_SUFFIXES or _only_points(path, layer):
        return None, None
    frame = to_wgs84(read_vector(path, layer=layer, needed="people"))
    geometry = shapely.force_2d(frame.geometry.to_numpy())[rows.row - 1]
    if not (shapely.get_dimensions(geometry) == 2).any():
        return None, None
    # a ring that crosses itself has parts of negative area
    crossed = ~shapely.is_valid(geometry)
    geometry[crossed] = shapely.make_valid(geometry[crossed])
    west, south, east, north = shapely.bounds(geometry).T
    across = np.cos(np.radians((south + north) / 2)) * (east - west) * 111_320.0
    return polygon_m2(geometry), np.maximum(across, (north - south) * 111_320.0)


def _only_points(path: Path, layer: str | None) -> bool:
    """Whether the file says that it holds nothing but points, so that it is not read again."""
    import pyogrio  # noqa: PLC0415 - heavy

    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        import json  # noqa: PLC0415

        import pyarrow.parquet as pq  # noqa: PLC0415 - heavy

        told = json.loads((pq.read_schema(path).metadata or {}).get(b"geo", b"{}"))
        kinds = [k for c in told.get("columns", {}).values() for k in c.get("geometry_types", [])]
        return bool(kinds) and all("Point" in k for k in kinds)
    return "Point" in str(pyogrio.read_info(path, layer=layer)["geometry_type"])


def _wide_note(file: str, wide: FloatArray, people: FloatArray) -> tuple[Note, ...]:
    """That people of large polygons stand at one point."""
    large = (wide > WIDE_M) & (people > 0)
    if not large.any():
        return ()
    n, most, inside = int(large.sum()), float(wide[large].max()) / 1000, float(people[large].sum())
    return (
        Note(
            f"{file}：{n} 个面的宽度超过 1 公里（最宽 {most:.1f} 公里），其 {inside:,.0f} 人"
            "各按面内一点计算，步行结果会失真；请用 [people.totals] 把总数分摊到栅格、居住区或建筑",
            f"{file}: {counted(n, 'polygon is', 'polygons are')} wider than 1 km (the widest"
            f" {most:.1f} km), and their"
            f" {inside:,.0f} people stand at one point each, which no walk can be measured from:"
            " spread them over a raster, residential areas or buildings with [people.totals]",
        ),
    )


def _weight(
    path: Path,
    rows: PointRows,
    weight: str,
    people: Mapping[str, FloatArray],
    m2: FloatArray | None,
    keep: NDArray[np.int64],
) -> tuple[FloatArray, Note]:
    """What totals are spread by, and what that is."""
    if weight == "people":
        return people[EVERYONE], Note("原有人口", "the people of the source")
    if weight == "equal":
        return np.ones(len(keep)), Note("各点相等", "the same weight everywhere")
    if weight == "floor_area":
        heading = rows.meanings.get("floor_area_m2") or find_column(
            list(rows.columns), "floor_area_m2"
        )
        if heading is None:
            raise InputError(
                f'{path}: weight = "floor_area" needs buildings as polygons, or a column of the'
                f" floor area (建筑面积); found are {', '.join(rows.columns)}"
            )
        area = numbers_of(rows.columns[heading])[keep]
        return np.where(area > 0, area, 0.0), Note(
            f"建筑面积（{heading}）", f"floor area ({heading})"
        )
    if m2 is None:
        raise InputError(f'{path}: weight = "area" needs polygons or a raster; its rows are points')
    return m2[keep], Note("面积", "area")
