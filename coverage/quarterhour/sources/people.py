"""People from a raster, points, polygons or a table, by group, with totals kept."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Demand, Note, SetAside
from quarterhour.sources.points import cell_number, cell_text, read_points
from quarterhour.sources.vector import require_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

RASTER_SUFFIXES = (".tif", ".tiff", ".vrt")
WINDOW_ROWS = 1024

MOST_AT_A_PLACE = 1e9
"""More than this is not a number of people: an undeclared no-data value, or a wrong column."""

MOST_CELLS = 1000
"""Bad raster cells that are set aside one by one; more of one value are one line with their number,
for they are an undeclared no-data value."""


def read_people(
    source: str | Path,
    *,
    people: str | None = None,
    groups: Mapping[str, float | str] | None = None,
    sheet: str | None = None,
    layer: str | None = None,
    coordinates: str = "wgs84",
) -> Demand:
    """People at places, everyone and by group, as integer millionths that keep the total.

    Parameters
    ----------
    source
        GeoTIFF, or points, polygons or a table with a people column. A raster's people stand at its
        cell centres, a polygon's at a point inside it.
    people
        Column of the people, or the description of a raster's band (default: its first band).
    groups
        Share of everyone (0 to 1), or a column or band of the source, by group name.
    sheet, layer, coordinates
        As in `read_facilities`.

    Raises
    ------
    InputError
        The file, column, band or share cannot be used, or nobody is in it.
    """
    path = Path(source)
    wanted = dict(groups or {})
    for name, value in wanted.items():
        if name == EVERYONE:
            raise InputError(f"people group {EVERYONE!r} is everyone and cannot be redefined")
        if not isinstance(value, str) and not 0 <= value <= 1:
            raise InputError(
                f"people group {name!r}: a share between 0 and 1 is needed, not {value}"
            )
    if path.suffix.lower() in RASTER_SUFFIXES:
        if coordinates != "wgs84":
            raise InputError(
                f"{path}: a raster says its coordinate system itself; leave out coordinates ="
                f" {coordinates!r} under [people]"
            )
        found = _read_raster(path, people, wanted)
    else:
        found = _read_rows(path, people, wanted, sheet, layer, coordinates)
    if not found.amounts[EVERYONE].any():
        bad = len(found.set_aside)
        example = f" ({bad} rows are set aside; first: {found.set_aside[0].line()})" if bad else ""
        raise InputError(
            f"{path}: holds no people{example}; needed is at least one place with people above 0"
        )
    return found


def _amounts(
    path: Path,
    everyone: NDArray[np.float64],
    columns: dict[str, NDArray[np.float64]],
    groups: dict[str, float | str],
) -> dict[str, NDArray[np.int64]]:
    for values in (everyone, *columns.values()):
        if values.sum() > MOST_AT_A_PLACE * 100:
            raise InputError(
                f"{path}: holds {values.sum():.3g} people, more than there are; check the column or"
                " band of the people"
            )
    amounts = {EVERYONE: units.micro_people(everyone)}
    total = int(amounts[EVERYONE].sum())
    for name, value in groups.items():
        if isinstance(value, str):
            amounts[name] = units.micro_people(columns[name])
        else:
            share = units.apportion(amounts[EVERYONE], math.floor(total * value + 0.5))
            amounts[name] = share
    return amounts


def _read_rows(
    path: Path,
    people: str | None,
    groups: dict[str, float | str],
    sheet: str | None,
    layer: str | None,
    coordinates: str,
) -> Demand:
    rows = read_points(
        path, layer="people", needed="people", sheet=sheet, gis_layer=layer, coordinates=coordinates
    )
    column = people or next(
        (c for c in ("population", "people", "人口") if c in rows.columns), None
    )
    if column is None:
        raise InputError(
            f"{path}: which column holds the people? found are {', '.join(rows.columns)}: name it"
            " with people under [people]"
        )
    named = {EVERYONE: column, **{k: v for k, v in groups.items() if isinstance(v, str)}}
    for group, heading in named.items():
        _require(heading, group, list(rows.columns), path)
    numbers = {g: [cell_number(v) for v in rows.columns[h]] for g, h in named.items()}
    faults: dict[int, tuple[str, str]] = {}
    for group, heading in named.items():
        for k, number in enumerate(numbers[group]):
            if k in faults:
                continue
            text = cell_text(rows.columns[heading][k])
            if number is None:
                faults[k] = ("bad_people", f"{heading} is not a number: {text!r}")
            elif number < 0:
                faults[k] = ("negative_people", f"{heading} is negative: {text}")
            elif number > MOST_AT_A_PLACE:
                faults[k] = ("bad_people", f"{heading} is not a number of people: {text}")
    names = rows.text("name")
    aside = tuple(
        SetAside(
            layer="people", file=path.name, sheet=rows.sheet, row=int(rows.row[k]), name=names[k],
            reason=reason, detail=detail,
        )
        for k, (reason, detail) in sorted(faults.items())
    )  # fmt: skip
    keep = [
        k for k in range(len(rows.row)) if k not in faults and any(numbers[g][k] for g in numbers)
    ]
    values = {g: np.array([numbers[g][k] for k in keep], np.float64) for g in numbers}
    return Demand(
        kind="people",
        lon=rows.lon[keep],
        lat=rows.lat[keep],
        amounts=_amounts(path, values[EVERYONE], values, groups),
        row=rows.row[keep],
        names=tuple(names[k] for k in keep),
        file=path.name,
        sheet=rows.sheet,
        set_aside=rows.set_aside + aside,
        notes=_larger_groups(path, values),
    )


def _larger_groups(path: Path, values: dict[str, NDArray[np.float64]]) -> tuple[Note, ...]:
    """A note for every group that somewhere has more people than there are."""
    notes = []
    for group, people in values.items():
        more = int((people > values[EVERYONE]).sum())
        if more:
            notes.append(
                Note(
                    f"{path.name}：{more} 处的 {group} 多于总人口，请检查这两列",
                    f"{path.name}: {more} places have more {group} than people: check the columns",
                )
            )
    return tuple(notes)


def _require(heading: str, group: str, found: list[str], path: Path) -> None:
    import difflib  # noqa: PLC0415 - only for the message

    if heading in found:
        return
    near = difflib.get_close_matches(heading, found, 1, 0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    what = "people" if group == EVERYONE else f"the group {group!r}"
    raise InputError(
        f"{path}: has no column or band {heading!r} for {what}{hint}; found are {', '.join(found)}"
    )


def _read_raster(path: Path, people: str | None, groups: dict[str, float | str]) -> Demand:
    import rasterio  # noqa: PLC0415 - only for rasters
    from pyproj.exceptions import ProjError  # noqa: PLC0415
    from rasterio.errors import NotGeoreferencedWarning, RasterioError  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    require_file(path, "a raster of people (GeoTIFF)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told as an error below
            raster = rasterio.open(path)
        with raster:
            if raster.crs is None or raster.transform.is_identity:
                raise InputError(
                    f"{path}: does not say its coordinate system; needed is a GeoTIFF with a CRS:"
                    " set it in QGIS (Assign projection) and save it again"
                )
            bands = _bands(raster, path, people, groups)
            parts = []
            for top in range(0, raster.height, WINDOW_ROWS):
                window = Window(0, top, raster.width, min(WINDOW_ROWS, raster.height - top))
                parts.append(_cells(raster, bands, window, top))
            transform = raster.transform
            to_lonlat = _raster_to_lonlat(raster.crs.to_wkt())
    except ProjError as error:
        raise InputError(
            f"{path}: its coordinate system has no known place on the earth; needed is a GeoTIFF"
            " with a CRS: set it in QGIS (Assign projection) and save it again"
        ) from error
    except (RasterioError, OSError) as error:
        why = " ".join(str(error.__cause__ or error).split())[:160]
        raise InputError(
            f"{path}: cannot be read as a raster ({why}); needed is a GeoTIFF: it may be damaged or"
            " of another kind"
        ) from error
    row, col = (np.concatenate([p[k] for p in parts]) for k in (0, 1))
    values = {g: np.concatenate([p[2][g] for p in parts]) for g in bands}
    bad = np.concatenate([p[3] for p in parts])
    bad_value = np.concatenate([p[4] for p in parts])
    x = transform.c + transform.a * (col + 0.5) + transform.b * (row + 0.5)
    y = transform.f + transform.d * (col + 0.5) + transform.e * (row + 0.5)
    lon, lat = to_lonlat(x, y)
    return Demand(
        kind="people",
        lon=np.asarray(lon, np.float64),
        lat=np.asarray(lat, np.float64),
        amounts=_amounts(path, values[EVERYONE], values, groups),
        row=np.full(len(row), -1, np.int64),
        file=path.name,
        set_aside=_bad_cells(path, bad, bad_value),
        notes=_larger_groups(path, values),
    )


def _bad_cells(
    path: Path, cells: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[SetAside, ...]:
    """Cells that hold no number of people; many of one value are one entry."""
    told: list[tuple[str, str]] = []
    for value in np.unique(values).tolist():
        of = cells[values == value]
        reason = "negative_people" if value < 0 else "bad_people"
        if len(of) > MOST_CELLS:
            row, col = of[0].tolist()
            detail = (
                f"{len(of)} raster cells hold {value:g} (first: row {row}, column {col}): it looks"
                " like a no-data value that the file does not declare"
            )
            told.append((reason, detail))
            continue
        told += [
            (reason, f"raster cell (row {r}, column {c}) holds {value:g} people")
            for r, c in of.tolist()
        ]
    return tuple(
        SetAside(
            layer="people",
            file=path.name,
            sheet="",
            row=None,
            name="",
            reason=reason,
            detail=detail,
        )
        for reason, detail in told
    )


def _bands(
    raster: Any,  # noqa: ANN401 - rasterio is untyped
    path: Path,
    people: str | None,
    groups: dict[str, float | str],
) -> dict[str, int]:
    """Band number by group; bands go by their description, or by number."""
    described = {str(text): k for k, text in enumerate(raster.descriptions, 1) if text}
    found = {**described, **{str(k): k for k in range(1, raster.count + 1)}}
    bands = {}
    # the default name of a column says nothing about a raster with one unnamed band
    if people is None or (people not in found and raster.count == 1 and not described):
        bands[EVERYONE] = 1
    else:
        _require(people, EVERYONE, list(found), path)
        bands[EVERYONE] = found[people]
    for group, value in groups.items():
        if isinstance(value, str):
            _require(value, group, list(found), path)
            bands[group] = found[value]
    for band in bands.values():
        if raster.dtypes[band - 1].startswith("complex"):
            raise InputError(f"{path}: band {band} holds complex numbers; needed are people")
    return bands


def _cells(
    raster: Any,  # noqa: ANN401 - rasterio is untyped
    bands: dict[str, int],
    window: Any,  # noqa: ANN401
    top: int,
) -> tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    dict[str, NDArray[np.float64]],
    NDArray[np.int64],
    NDArray[np.float64],
]:
    """Rows, columns and people of the cells with anybody; the bad cells and what they hold."""
    read = {}
    for group, band in bands.items():
        data = raster.read(band, window=window, masked=True)
        values = np.ma.filled(data.astype(np.float64), 0.0)
        read[group] = np.where(np.isfinite(values), values, 0.0)
    everyone = next(iter(read.values()))
    held = everyone.copy()
    some = np.zeros(everyone.shape, bool)
    for values in read.values():
        held = np.where((values < 0) | (values > MOST_AT_A_PLACE), values, held)
        some |= values > 0
    wrong = (held < 0) | (held > MOST_AT_A_PLACE)
    row, col = np.nonzero(some & ~wrong)
    bad = np.argwhere(wrong).astype(np.int64) + np.array([top, 0])
    return row + top, col, {g: v[row, col] for g, v in read.items()}, bad, held[wrong]


def _raster_to_lonlat(wkt: str) -> Any:  # noqa: ANN401 - a function of arrays
    from pyproj import CRS, Transformer  # noqa: PLC0415 - rasterio's own GDAL must not do CRS work

    crs = CRS.from_wkt(wkt)
    if crs.to_epsg() in {4326, 4490}:
        return lambda x, y: (x, y)
    return Transformer.from_crs(crs, 4326, always_xy=True).transform
