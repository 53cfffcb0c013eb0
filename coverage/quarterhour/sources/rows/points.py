"""Rows with a position: tables with coordinate columns and GIS layers, bad rows set aside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.errors import InputError
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.files.vector import TABLE_SUFFIXES, VECTOR_SUFFIXES
from quarterhour.sources.rows.cells import cell_number, cell_text
from quarterhour.sources.rows.changes import ChangeLog
from quarterhour.sources.rows.columns import plain_heading, understand
from quarterhour.sources.rows.coordinate_columns import Used, settle
from quarterhour.sources.rows.layer_points import inside_point, layer_points
from quarterhour.sources.rows.point_rows import PointRows, Unplaced, ask, point_rows, texts_of
from quarterhour.sources.rows.positions import read_positions, tell_datum
from quarterhour.sources.rows.tables import Table, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from quarterhour.sources.rows.point_rows import Resolve

    Box = tuple[float, float, float, float]

__all__ = ["PointRows", "Unplaced", "cell_number", "cell_text", "inside_point", "read_points"]

FOOTER = re.compile(
    r"^((合计|总计|小计|共计|总和)(\W|\d|$)|.{0,6}(合计|总计|小计)$|"
    r"(填表|填报|制表|审核|报送|经办|统计)(人|时间|日期|单位)|(单位)?(联系|负责)人:|"
    r"备注(:|$)|注[:\d]|(填表)?说明:|(数据|资料)?来源:|日期:|"
    r"(total|sum|subtotal|notes?|sources?)(\W|$))",
    re.IGNORECASE,
)
"""What the first cell of a row below the data begins with, without spaces."""


def read_points(
    path: Path,
    *,
    layer: str,
    needed: str,
    sheet: str | None = None,
    gis_layer: str | None = None,
    coordinates: str = "wgs84",
    columns: Mapping[str, str] | None = None,
    near: Box | None = None,
    resolve: Resolve | None = None,
    may_lack: bool = False,
) -> PointRows:
    """Rows of a table or a GIS layer as points; a polygon stands at a point inside it.

    Rows without a usable position, rows below the data, and rows that repeat an id are set aside.
    Coordinates that are written oddly are understood and told in `changes`.

    Parameters
    ----------
    path
        .xlsx, .csv or a GIS layer.
    layer, needed
        What is read, for `SetAside` and for messages.
    sheet, gis_layer
        Sheet of a workbook, layer of a GIS file.
    coordinates
        wgs84, gcj02, bd09, cgcs2000 (degrees, or metres of a 3-degree Gauss-Krüger zone), "EPSG:n",
        or auto, which `resolve` settles. A GIS layer in metres says its own.
    columns
        Heading by meaning, where the headings are not to be recognised.
    near
        West, south, east and north of the roads in degrees, with a margin: tells exchanged
        coordinates, and zones that are not written.
    resolve
        Looks at the coordinates as they are written (east, north, stated system); the system that
        it has `used` is taken. Where it takes `rows` and `groups`, it is told the numbers of the
        rows and what their column of sources (数据来源) says.
    may_lack
        Whether a table without any coordinate columns is one in which no row has a position.

    Raises
    ------
    InputError
        The file, sheet or layer cannot be used, or has no coordinate columns.
    """
    suffix = path.suffix.lower()
    if suffix in VECTOR_SUFFIXES:
        return layer_points(
            path, layer=layer, needed=needed, gis_layer=gis_layer, coordinates=coordinates,
            named=columns, near=near, resolve=resolve,
        )  # fmt: skip
    if suffix not in TABLE_SUFFIXES:
        kinds = " ".join((*TABLE_SUFFIXES, *VECTOR_SUFFIXES))
        hint = "; save it as .xlsx in Excel" if suffix in {".xls", ".et", ".ods"} else ""
        raise InputError(
            f"{path}: this kind of file is not known; needed is {needed}: {kinds}{hint}"
        )
    table = read_table(path, sheet=sheet, needed=needed, columns=columns)
    if coordinates == datum.AUTO and resolve is None:
        raise InputError(f"{table.where}: {datum.NEEDS_ROADS}")
    understood = understand(list(table.columns), columns=columns, where=table.where)
    used = settle(
        table.columns,
        understood,
        coordinates=coordinates,
        near=near,
        where=table.where,
        may_lack=may_lack,
    )
    names = texts_of(table.columns, understood.heading.get("name"))
    log = ChangeLog(layer, path.name, table.sheet, table.row, names)
    if table.chosen is not None:
        log.whole("sheet", *table.chosen)
    aside = _beside_data(table, used)
    data = {h: [None if k in aside else v for k, v in enumerate(table.columns[h])]
            for h in (used.east, used.north) if h}  # fmt: skip
    try:
        at = read_positions(
            data, used, coordinates=coordinates, near=near, log=log, rows=len(table.row)
        )
        faults = {**at.faults, **aside}
        good = np.array([k for k in range(len(at.x)) if k not in faults], np.int64)
        x, y, system, fit = at.x[good], at.y[good], at.coordinates, None
        if resolve is not None and len(good):
            source = texts_of(table.columns, understood.heading.get("source"))
            fit = ask(resolve, x, y, system, good, table.row, source)
            system = fit.used
        system = "wgs84" if system == datum.AUTO else system  # no row was left to look at
        lon, lat = datum.to_wgs84(x, y, system)
    except InputError as error:
        raise InputError(f"{table.where}: {error}") from error
    tell_datum(used, system, log)
    for k in np.flatnonzero(~(np.isfinite(lon) & np.isfinite(lat))).tolist():
        faults[int(good[k])] = ("bad_coordinate", f"coordinate is outside {system}")
    position = {
        int(k): p
        for k, *p in zip(
            good.tolist(), lon.tolist(), lat.tolist(), x.tolist(), y.tolist(), strict=True
        )
        if int(k) not in faults
    }
    return point_rows(
        path, sheet=table.sheet, columns=table.columns, numbers=table.row, position=position,
        faults=faults, layer=layer, understood=understood, used=used, log=log, fit=fit,
        coordinates=system, form=table.form, header_row=table.header_row, sheets=table.sheets,
    )  # fmt: skip


def _beside_data(table: Table, used: Used) -> dict[int, tuple[str, str]]:
    """Rows below or between the data that are no data: sums, signatures, repeated headings."""
    found: dict[int, tuple[str, str]] = {}
    told = [h for h in (used.east, used.north) if h]
    cells = list(table.columns.values())
    for k in range(len(table.row)):
        at = [table.columns[h][k] for h in told]
        # a cell that begins with a figure is neither a heading nor part of a footer
        if all(isinstance(v, (int, float)) or str(v or "")[:1].isdigit() for v in at):
            continue
        texts = [cell_text(v) for v in at]
        # of two rows of headings the lower is the last word of a joined heading
        if all(
            t and plain_heading(h).endswith(plain_heading(t))
            for t, h in zip(texts, told, strict=True)
        ):
            found[k] = ("header_row", "the row repeats the headings")
            continue
        if any(any(c.isdigit() for c in t) and not FOOTER.match(t) for t in texts):
            continue
        first = next((t for column in cells if (t := cell_text(column[k]))), "")
        if FOOTER.match(first.replace(" ", "").replace("\u3000", "").replace("：", ":")):
            found[k] = (
                "footer_row",
                f"the row stands below the data and is no place: {first[:40]}",
            )
    return found
