"""Rows with a position in WGS-84, and what is kept of those without."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.inputs import Reading, SetAside
from quarterhour.sources.rows.cells import cell_text
from quarterhour.sources.rows.columns import Columns, find_column
from quarterhour.sources.rows.uses import repeated_ids, uses_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.inputs import Change, DatumFit
    from quarterhour.sources.rows.changes import ChangeLog
    from quarterhour.sources.rows.coordinate_columns import Used

    FloatArray = NDArray[np.float64]
    Resolve = Callable[..., DatumFit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A row without a usable position: what a place could still be found by.

    `row`, `reason`: as in `SetAside`. `values`: all cells by heading.
    """

    row: int
    name: str
    town: str
    county: str
    address: str
    reason: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRows:
    """Rows with a usable position in WGS-84; `columns` hold only those rows.

    `x`, `y`: the coordinates as they are written, east and north, in the system `coordinates`, so
    that `datum.to_wgs84(x, y, coordinates)` is (lon, lat). `unplaced`: the rows that were set aside
    for want of coordinates. `meanings`: heading by meaning, see `sources.rows.columns`.
    `approximate`: as in `Facilities`.
    """

    path: Path
    sheet: str
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    row: NDArray[np.int64]
    columns: dict[str, list[Any]]
    set_aside: tuple[SetAside, ...]
    x: NDArray[np.float64] | None = None
    y: NDArray[np.float64] | None = None
    coordinates: str = "wgs84"
    changes: tuple[Change, ...] = ()
    reading: Reading | None = None
    fit: DatumFit | None = None
    unplaced: tuple[Unplaced, ...] = ()
    meanings: dict[str, str] = field(default_factory=dict)
    approximate: NDArray[np.bool_] | None = None

    def text(self, meaning: str) -> list[str]:
        """Texts of the column that means `meaning`, empty where there is none."""
        return [cell_text(value) for value in self.cells(meaning)]

    def cells(self, meaning: str) -> list[Any]:
        """Cells of the column that means `meaning`, None where there is none."""
        heading = self.meanings.get(meaning) or find_column(list(self.columns), meaning)
        return [None] * len(self.row) if heading is None else self.columns[heading]


def texts_of(columns: dict[str, list[Any]], heading: str | None) -> list[str]:
    """Texts of a column, [] where there is none."""
    return [] if heading is None else [cell_text(v) for v in columns[heading]]


def ask(
    resolve: Resolve,
    x: FloatArray,
    y: FloatArray,
    system: str,
    rows: NDArray[np.intp],
    numbers: list[int],
    source: list[str],
) -> DatumFit:
    """What `resolve` finds; the rows are named as the user sees them where it can name them."""
    takes = inspect.signature(resolve).parameters
    more: dict[str, Any] = {}
    if "rows" in takes:
        more["rows"] = [numbers[k] for k in rows.tolist()]
    if "groups" in takes and len(set(source)) > 1:
        more["groups"] = [source[k] for k in rows.tolist()]
    return resolve(x, y, system, **more)


def point_rows(
    path: Path,
    *,
    sheet: str,
    columns: dict[str, list[Any]],
    numbers: list[int],
    position: dict[int, list[float]],
    faults: dict[int, tuple[str, str]],
    layer: str,
    understood: Columns,
    used: Used | None,
    log: ChangeLog,
    fit: DatumFit | None,
    coordinates: str,
    form: str,
    header_row: int | None,
    sheets: tuple[str, ...],
) -> PointRows:
    """The rows that have a position, the others set aside, and the reading of the file.

    `position`: longitude, latitude, x and y by row index; `faults`: reason and detail by row index.
    """
    meanings, uses = uses_of(columns, understood, used, log)
    unplaced_reasons = {"missing_coordinate", "bad_coordinate", "placeholder_coordinate"}
    text = {m: texts_of(columns, meanings.get(m)) for m in ("name", "town", "county", "address")}

    def of(meaning: str, k: int) -> str:
        return text[meaning][k] if text[meaning] else ""

    unplaced = tuple(
        Unplaced(
            row=numbers[k], name=of("name", k), town=of("town", k), county=of("county", k),
            address=of("address", k), reason=reason, values={h: v[k] for h, v in columns.items()},
        )
        for k, (reason, _) in sorted(faults.items())
        if reason in unplaced_reasons
    )  # fmt: skip
    repeated_ids(columns, meanings.get("id"), text["name"], position, faults, numbers, log)
    aside = tuple(
        SetAside(
            layer=layer, file=path.name, sheet=sheet, row=numbers[k], name=of("name", k),
            reason=reason, detail=detail,
        )
        for k, (reason, detail) in sorted(faults.items())
    )  # fmt: skip
    no_data = sum(reason in {"header_row", "footer_row"} for reason, _ in faults.values())
    keep = sorted(position)
    lon, lat, x, y = (np.array([position[k][i] for k in keep], np.float64) for i in range(4))
    return PointRows(
        path=path,
        sheet=sheet,
        lon=lon,
        lat=lat,
        row=np.array([numbers[k] for k in keep], np.int64),
        columns={name: [values[k] for k in keep] for name, values in columns.items()},
        set_aside=aside,
        x=x,
        y=y,
        coordinates=coordinates,
        changes=log.done(),
        reading=Reading(
            layer=layer, file=path.name, sheet=sheet, form=form, header_row=header_row,
            rows=len(numbers) - no_data, coordinates=coordinates, columns=uses, sheets=sheets,
        ),
        fit=fit,
        unplaced=unplaced,
        meanings=meanings,
    )  # fmt: skip
