"""Rows with a position: tables with coordinate columns and GIS layers, bad rows set aside."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import SetAside
from quarterhour.sources import datum
from quarterhour.sources.tables import find_column, read_table
from quarterhour.sources.vector import TABLE_SUFFIXES, VECTOR_SUFFIXES, read_vector

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRows:
    """Rows with a usable position in WGS-84; `columns` hold only those rows."""

    path: Path
    sheet: str
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    row: NDArray[np.int64]
    columns: dict[str, list[Any]]
    set_aside: tuple[SetAside, ...]

    def text(self, meaning: str) -> list[str]:
        """Texts of the column that means `meaning`, empty where there is none."""
        heading = find_column(list(self.columns), meaning)
        if heading is None:
            return [""] * len(self.row)
        return [cell_text(value) for value in self.columns[heading]]


def cell_text(value: object) -> str:
    """A cell as text: no nan, no trailing .0 of numbers that Excel made of codes."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return "" if text in {"nan", "None", "<NA>", "NaT"} else text


def cell_number(value: object) -> float | None:
    """A cell as a finite number, None where it is none; 1,234 is a thousand, 30,5 is thirty."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if "_" in text:
            return None  # a number to Python, to nobody else
        value = text.replace(",", "" if THOUSANDS.fullmatch(text) else ".")
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def read_points(
    path: Path,
    *,
    layer: str,
    needed: str,
    sheet: str | None = None,
    gis_layer: str | None = None,
    coordinates: str = "wgs84",
) -> PointRows:
    """Rows of a table or a GIS layer as points; a polygon stands at a point inside it.

    Rows without a usable position, and rows that repeat an id, are set aside.

    Raises
    ------
    InputError
        The file, sheet or layer cannot be used, or has no coordinate columns.
    """
    suffix = path.suffix.lower()
    if suffix in VECTOR_SUFFIXES:
        return _from_vector(
            path, layer=layer, needed=needed, gis_layer=gis_layer, coordinates=coordinates
        )
    if suffix not in TABLE_SUFFIXES:
        kinds = " ".join((*TABLE_SUFFIXES, *VECTOR_SUFFIXES))
        hint = "; save it as .xlsx in Excel" if suffix in {".xls", ".et", ".ods"} else ""
        raise InputError(
            f"{path}: this kind of file is not known; needed is {needed}: {kinds}{hint}"
        )
    table = read_table(path, sheet=sheet, needed=needed)
    where = f"{path} sheet {table.sheet}" if table.sheet else str(path)
    degrees = coordinates in datum.NAMES
    lon_name, lat_name = None, None
    for east, north in (("lon", "lat"),) if degrees else (("east", "north"), ("lon", "lat")):
        if lon_name is None or lat_name is None:
            lon_name, lat_name = table.find(east), table.find(north)
    if lon_name is None or lat_name is None:
        raise InputError(
            f"{where}: has no coordinate columns; needed are lon and lat (经度, 纬度), or x and y"
            f' with coordinates = "EPSG:n"; found are {", ".join(table.columns)}'
        )
    x = [cell_number(v) for v in table.columns[lon_name]]
    y = [cell_number(v) for v in table.columns[lat_name]]
    faults: dict[int, tuple[str, str]] = {}
    for k, (a, b) in enumerate(zip(x, y, strict=True)):
        raw = (cell_text(table.columns[lon_name][k]), cell_text(table.columns[lat_name][k]))
        if a is None or b is None:
            blank = not raw[0] or not raw[1]
            reason = "missing_coordinate" if blank else "bad_coordinate"
            faults[k] = (reason, f"coordinate is {'missing' if blank else 'not a number'}: {raw}")
        elif degrees and not (-180 <= a <= 180 and -90 <= b <= 90):
            swapped = abs(a) <= 90 and abs(b) <= 180
            hint = "; longitude and latitude look exchanged" if swapped else ""
            faults[k] = ("bad_coordinate", f"coordinate is outside the earth: {raw}{hint}")
    good = [k for k in range(len(x)) if k not in faults]
    gx, gy = (np.array([v[k] for k in good], np.float64) for v in (x, y))
    try:
        swapped = datum.looks_swapped(gx, gy, coordinates)
        lon, lat = datum.to_wgs84(gx, gy, coordinates)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    if swapped:
        raise InputError(
            f"{where}: {lon_name} and {lat_name} lie outside {coordinates} and would fit the other"
            f" way round; needed is x (or 横坐标) east and y (or 纵坐标) north: swap the headings"
        )
    position = dict(zip(good, zip(lon.tolist(), lat.tolist(), strict=True), strict=True))
    for k, (a, b) in list(position.items()):
        if not (math.isfinite(a) and math.isfinite(b)):
            faults[k] = ("bad_coordinate", f"coordinate is outside {coordinates}")
            del position[k]
    return _rows(path, table.sheet, table.columns, table.row, position, faults, layer)


def _from_vector(
    path: Path, *, layer: str, needed: str, gis_layer: str | None, coordinates: str
) -> PointRows:
    from pyproj import CRS, Transformer  # noqa: PLC0415 - only for layers

    frame = read_vector(path, layer=gis_layer, needed=needed)
    geometry = frame.geometry.to_numpy()
    if coordinates not in datum.NAMES and not datum.crs_of(coordinates).equals(
        CRS(frame.crs), ignore_axis_order=True
    ):
        raise InputError(
            f"{path}: says itself that its coordinates are {frame.crs.name}, and the study says"
            f" {coordinates}: leave coordinates out, or correct the file"
        )
    to_lonlat = None
    if frame.crs.to_epsg() not in {4326, 4490}:
        to_lonlat = Transformer.from_crs(frame.crs, 4326, always_xy=True)
    faults: dict[int, tuple[str, str]] = {}
    position: dict[int, tuple[float, float]] = {}
    missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    for k in np.flatnonzero(missing).tolist():
        faults[k] = ("missing_coordinate", "the feature has no geometry")
    rows = np.flatnonzero(~missing)
    at = inside_point(geometry[rows])
    x, y = shapely.get_x(at), shapely.get_y(at)
    lon, lat = to_lonlat.transform(x, y) if to_lonlat is not None else (x, y)
    if coordinates in {"gcj02", "bd09"}:
        # a layer of a web map calls itself WGS-84 for want of a name for its shifted degrees
        lon, lat = datum.to_wgs84(np.asarray(lon), np.asarray(lat), coordinates)
    for k, a, b in zip(
        rows.tolist(), np.asarray(lon).tolist(), np.asarray(lat).tolist(), strict=True
    ):
        if math.isfinite(a) and math.isfinite(b) and -180 <= a <= 180 and -90 <= b <= 90:
            position[k] = (a, b)
        else:
            faults[k] = ("bad_coordinate", "the feature lies outside the earth")
    columns = {
        str(name): frame[name].tolist() for name in frame.columns if name != frame.geometry.name
    }
    numbers = list(range(1, len(frame) + 1))
    return _rows(path, "", columns, numbers, position, faults, layer)


def inside_point(geometry: NDArray[Any]) -> NDArray[Any]:
    """A point of each geometry: its centroid where that lies inside, else a point on it."""
    centre: NDArray[Any] = np.asarray(shapely.centroid(geometry))
    dimension = shapely.get_dimensions(geometry)
    outside = (dimension == 2) & ~shapely.intersects(geometry, centre)
    needs = outside | (dimension == 1)
    if needs.any():
        centre[needs] = shapely.point_on_surface(geometry[needs])
    return centre


def _rows(
    path: Path,
    sheet: str,
    columns: dict[str, list[Any]],
    numbers: list[int],
    position: dict[int, tuple[float, float]],
    faults: dict[int, tuple[str, str]],
    layer: str,
) -> PointRows:
    id_name = find_column(list(columns), "id")
    if id_name is not None:
        seen: dict[str, int] = {}
        for k in sorted(position):
            key = cell_text(columns[id_name][k])
            if not key:
                continue
            if key in seen:
                faults[k] = ("duplicate_id", f"id {key!r} is already used in row {seen[key]}")
                del position[k]
            else:
                seen[key] = numbers[k]
    name_column = find_column(list(columns), "name")
    names = columns[name_column] if name_column else [None] * len(numbers)
    aside = tuple(
        SetAside(
            layer=layer, file=path.name, sheet=sheet, row=numbers[k], name=cell_text(names[k]),
            reason=reason, detail=detail,
        )
        for k, (reason, detail) in sorted(faults.items())
    )  # fmt: skip
    keep = sorted(position)
    return PointRows(
        path=path,
        sheet=sheet,
        lon=np.array([position[k][0] for k in keep], np.float64),
        lat=np.array([position[k][1] for k in keep], np.float64),
        row=np.array([numbers[k] for k in keep], np.int64),
        columns={name: [values[k] for k in keep] for name, values in columns.items()},
        set_aside=aside,
    )
