"""Facilities from a workbook, a text table or a GIS layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.errors import InputError
from quarterhour.inputs import Facilities, Note
from quarterhour.measures import counted
from quarterhour.sources.facilities import kinds as kinds_table
from quarterhour.sources.rows.attributes import attributes_of
from quarterhour.sources.rows.cells import cell_text, plain_text
from quarterhour.sources.rows.points import read_points

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from quarterhour.inputs import SetAside
    from quarterhour.sources.rows.point_rows import PointRows, Resolve

    Box = tuple[float, float, float, float]
    Place = Callable[[PointRows], tuple[PointRows, NDArray[np.bool_]]]

PLANNED = ("规划", "planned", "拟建", "新建", "在建", "proposed")


def read_facilities(
    source: str | Path,
    *,
    sheet: str | None = None,
    layer: str | None = None,
    kinds: Sequence[str] | None = None,
    status: Sequence[str] | None = None,
    coordinates: str = "wgs84",
    columns: Mapping[str, str] | None = None,
    near: Box | None = None,
    resolve: Resolve | None = None,
    place: Place | None = None,
) -> Facilities:
    """Facility rows with a position; rows without one are set aside, named and counted.

    Parameters
    ----------
    source
        .xlsx, .csv (UTF-8 or GBK) with lon and lat columns, or a GIS layer.
    sheet, layer
        Sheet of a workbook, layer of a GIS file.
    kinds
        Only rows whose kind column (类型) holds one of these, literally or as a synonym of it, see
        `sources.facilities.kinds`.
    status
        Only rows with one of these in the status column (状态) serve; the others are kept as
        planned.
    coordinates
        wgs84, gcj02, bd09, cgcs2000, "EPSG:n" or auto, which needs `resolve`. A GIS layer says its
        own; gcj02 and bd09 say that its degrees are shifted.
    columns
        Heading by meaning (name, kind, lon, lat, beds ...), where the headings are not to be
        recognised.
    near
        West, south, east and north of the roads in degrees, with a margin.
    resolve
        As in `read_points`: looks at the coordinates and says which system they are in.
    place
        Gives a position to rows without one, and says which are approximate; see
        `sources.units.towns`.

    Raises
    ------
    InputError
        The file cannot be used, or a filter names a column or value that is not there.
    """
    rows = read_points(
        Path(source), layer="facilities", needed="facilities", sheet=sheet, gis_layer=layer,
        coordinates=coordinates, columns=columns, near=near, resolve=resolve,
        may_lack=place is not None,
    )  # fmt: skip
    approximate = None
    if place is not None:
        rows, approximate = place(rows)
    return facilities_of(rows, kinds=kinds, status=status, approximate=approximate)


def facilities_of(
    rows: PointRows,
    *,
    kinds: Sequence[str] | None = None,
    status: Sequence[str] | None = None,
    approximate: NDArray[np.bool_] | None = None,
) -> Facilities:
    """The facilities among rows with a position; arguments as in `read_facilities`.

    Raises
    ------
    InputError
        A filter names a column or value that is not there.
    """
    kind, state, name = rows.text("kind"), rows.text("status"), rows.text("name")
    where = f"{rows.path} sheet {rows.sheet}" if rows.sheet else str(rows.path)
    label = where.removeprefix(str(rows.path.parent)).lstrip("/\\")  # outputs carry no whole paths
    label_zh = rows.path.name + (f" 工作表“{rows.sheet}”" if rows.sheet else "")
    chosen = _matches(rows, kind, kinds, "kind", "kinds", where)
    serving = _matches(rows, state, status, "status", "status", where)
    keep = np.flatnonzero(chosen)
    kept_rows = keep.tolist()
    notes: list[Note] = []
    for key, values, wanted in (("kinds", kind, kinds), ("status", state, status)):
        cells = set(values)
        missing = [repr(w) for w in wanted or () if not any(_is(c, [w], key) for c in cells)]
        if missing:
            absent = ", ".join(missing)
            column = "类型" if key == "kinds" else "状态"
            zh = f"{label_zh}：没有{column}为 {absent} 的行"
            notes.append(Note(zh, f"{label}: no row has the {key} {absent}"))
    planned = sum(any(word in state[k].lower() for word in PLANNED) for k in kept_rows)
    if status is None and planned:
        notes.append(
            Note(
                f"{label_zh}：{planned} 行的状态为“规划”一类，与其他设施一样计入；只计现状请写"
                ' status = ["现状"]',
                f"{label}: {counted(planned, 'row has', 'rows have')} a status such as 规划"
                " (planned), counted like the others; to count only existing ones set status,"
                ' for example status = ["现状"]',
            )
        )
    attributes, changes = attributes_of(rows, kept_rows, layer="facilities")
    left_out = set(rows.row[~chosen].tolist())
    changes = (*(c for c in rows.changes if c.row not in left_out), *changes)

    def kept(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(values[k] for k in kept_rows)

    other, aside = _other_kinds(rows, kinds)
    return Facilities(
        name=kept(name),
        kind=kept(kind),
        status=kept(state),
        lon=rows.lon[keep],
        lat=rows.lat[keep],
        row=rows.row[keep],
        serving=serving[keep],
        file=rows.path.name,
        sheet=rows.sheet,
        other_kinds=int((~chosen).sum()) + other,
        set_aside=aside,
        notes=tuple(notes),
        coordinates=rows.coordinates,
        x=None if rows.x is None else rows.x[keep],
        y=None if rows.y is None else rows.y[keep],
        attributes=attributes,
        kind_keys=tuple(kinds_table.kind_keys(kind[k]) for k in kept_rows),
        approximate=None if approximate is None else approximate[keep],
        changes=changes,
        reading=rows.reading,
        fit=rows.fit,
    )


def _other_kinds(rows: PointRows, kinds: Sequence[str] | None) -> tuple[int, tuple[SetAside, ...]]:
    """Rows without a position that are of another kind, and those set aside for this service."""
    heading = rows.meanings.get("kind")
    if kinds is None or heading is None:
        return 0, rows.set_aside
    cells = {(row.row, row.reason): cell_text(row.values.get(heading)) for row in rows.unplaced}
    other = {key for key, cell in cells.items() if cell and not _is(cell, kinds, "kinds")}
    aside = tuple(item for item in rows.set_aside if (item.row, item.reason) not in other)
    return len(rows.set_aside) - len(aside), aside


def _is(cell: str, wanted: Sequence[str], key: str) -> bool:
    """Whether a cell holds one of the wanted values: kinds by their synonyms too."""
    if cell in wanted:
        return True
    if key == "kinds":
        return kinds_table.matches(cell, wanted)
    return plain_text(cell).lower() in {plain_text(w).lower() for w in wanted}


def _matches(
    rows: PointRows,
    values: list[str],
    wanted: Sequence[str] | None,
    meaning: str,
    key: str,
    where: str,
) -> NDArray[np.bool_]:
    if wanted is None:
        return np.ones(len(values), bool)
    if meaning not in rows.meanings:
        raise InputError(
            f"{where}: {key} is set but there is no {meaning} column (类型, 状态); found are"
            f' {", ".join(rows.columns)}: name it with columns = {{ {meaning} = "..." }}'
        )
    known = {cell: _is(cell, wanted, key) for cell in set(values)}
    found = np.array([known[value] for value in values], bool)
    if len(values) and not found.any():
        raise InputError(
            f"{where}: no row has {meaning} {' or '.join(map(repr, wanted))}; found are"
            f" {', '.join(sorted(set(filter(None, values)))[:12])}"
        )
    return found
