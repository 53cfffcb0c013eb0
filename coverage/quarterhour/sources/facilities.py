"""Facilities from a workbook, a text table or a GIS layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.errors import InputError
from quarterhour.inputs import Facilities, Note
from quarterhour.sources.points import read_points
from quarterhour.sources.tables import find_column

if TYPE_CHECKING:
    from collections.abc import Sequence

PLANNED = ("规划", "planned", "拟建", "新建", "在建", "proposed")


def read_facilities(
    source: str | Path,
    *,
    sheet: str | None = None,
    layer: str | None = None,
    kinds: Sequence[str] | None = None,
    status: Sequence[str] | None = None,
    coordinates: str = "wgs84",
) -> Facilities:
    """Facility rows with a position; rows without one are set aside, named and counted.

    Parameters
    ----------
    source
        .xlsx, .csv (UTF-8 or GBK) with lon and lat columns, or a GIS layer.
    sheet, layer
        Sheet of a workbook, layer of a GIS file.
    kinds
        Only rows with one of these in the kind column (类型).
    status
        Only rows with one of these in the status column (状态) serve; the others are kept as
        planned.
    coordinates
        wgs84, gcj02, bd09, cgcs2000 or "EPSG:n". A GIS layer says its own; gcj02 and bd09
        say that its degrees are shifted.

    Raises
    ------
    InputError
        The file cannot be used, or a filter names a column or value that is not there.
    """
    path = Path(source)
    rows = read_points(
        path, layer="facilities", needed="facilities", sheet=sheet, gis_layer=layer,
        coordinates=coordinates,
    )  # fmt: skip
    kind, state, name = rows.text("kind"), rows.text("status"), rows.text("name")
    where = f"{path} sheet {rows.sheet}" if rows.sheet else str(path)
    label = where.removeprefix(str(path.parent)).lstrip("/\\")  # outputs carry no whole paths
    chosen = _matches(kind, kinds, "kind", "kinds", where, list(rows.columns))
    serving = _matches(state, status, "status", "status", where, list(rows.columns))
    keep = np.flatnonzero(chosen)
    notes: list[Note] = []
    for key, values, wanted in (("kinds", kind, kinds), ("status", state, status)):
        missing = [repr(w) for w in wanted or () if w not in values]
        if missing:
            absent = ", ".join(missing)
            zh = f"{label}：没有 {key} 为 {absent} 的行"
            notes.append(Note(zh, f"{label}: no row has the {key} {absent}"))
    planned = sum(any(word in state[k].lower() for word in PLANNED) for k in keep)
    if status is None and planned:
        notes.append(
            Note(
                f"{label}：{planned} 行的状态为“规划”一类，与其他设施一样计入；只计现状请写"
                ' status = ["现状"]',
                f"{label}: {planned} rows have a status such as 规划 (planned) and are counted like"
                " the others; to count only existing ones set status, for example"
                ' status = ["现状"]',
            )
        )
    return Facilities(
        name=tuple(name[k] for k in keep),
        kind=tuple(kind[k] for k in keep),
        status=tuple(state[k] for k in keep),
        lon=rows.lon[keep],
        lat=rows.lat[keep],
        row=rows.row[keep],
        serving=serving[keep],
        file=path.name,
        sheet=rows.sheet,
        other_kinds=int((~chosen).sum()),
        set_aside=rows.set_aside,
        notes=tuple(notes),
    )


def _matches(
    values: list[str],
    wanted: Sequence[str] | None,
    meaning: str,
    key: str,
    where: str,
    headings: list[str],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if wanted is None:
        return np.ones(len(values), bool)
    if find_column(headings, meaning) is None:
        raise InputError(
            f"{where}: {key} is set but there is no {meaning} column (类型, 状态); found are"
            f" {', '.join(headings)}"
        )
    found = np.array([value in wanted for value in values], bool)
    if len(values) and not found.any():
        raise InputError(
            f"{where}: no row has {meaning} {' or '.join(map(repr, wanted))}; found are"
            f" {', '.join(sorted(set(filter(None, values)))[:12])}"
        )
    return found
