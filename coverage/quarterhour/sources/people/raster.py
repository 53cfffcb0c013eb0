"""People of a raster, block by block, as counts per cell or as densities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Change, ColumnUse, Note, Reading, SetAside
from quarterhour.measures import counted
from quarterhour.sources.files.rasters import open_raster
from quarterhour.sources.people.checks import density_notes, require_heading
from quarterhour.sources.people.places import MOST_AT_A_PLACE, Places, larger_groups
from quarterhour.sources.people.surface import cell_m2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Progress = Callable[[str, int, int], None]
    Affine = tuple[float, float, float, float, float, float]

RASTER_SUFFIXES = (".tif", ".tiff", ".vrt")

CELLS_AT_ONCE = 4_000_000
"""Cells of a block that is held in memory, of every band."""

LARGE_CELLS = 20_000_000
"""A raster with more cells, such as one of a whole country, is read only near the study."""

MOST_CELLS = 1000
"""Bad raster cells that are set aside one by one; more of one value are one line with their number,
for they are an undeclared no-data value."""


class _Block(NamedTuple):
    """Cells of a block that hold anybody, and the bad cells with what they hold."""

    row: NDArray[np.int64]
    col: NDArray[np.int64]
    people: dict[str, FloatArray]
    m2: FloatArray
    bad: NDArray[np.int64]
    bad_value: FloatArray


def read_raster(
    path: Path,
    people: str | None,
    groups: Mapping[str, float | str],
    *,
    per_km2: bool = False,
    near: tuple[float, float, float, float] | None = None,
    progress: Progress | None = None,
) -> tuple[Places, FloatArray]:
    """The cells with anybody in them, at their centres, and the square metres of each.

    Parameters
    ----------
    path
        GeoTIFF, or whatever else rasterio opens.
    people
        Description or number of the people's band (default: the first).
    groups
        Shares, which are left to the caller, and bands of the groups.
    per_km2
        The bands hold people per square kilometre; otherwise people per cell.
    near
        West, south, east, north in degrees: of a raster with more than `LARGE_CELLS` cells only
        the part around these bounds is read.
    progress
        Called with what is done, how much of it, and of how much.

    Raises
    ------
    InputError
        The file or a band cannot be used, or the raster does not reach `near`.
    """
    with open_raster(path, "people") as raster:
        bands = _bands(raster, path, people, groups)
        system, degrees, to_lonlat, from_lonlat = _system(raster.crs.to_wkt())
        affine: Affine = tuple(raster.transform)[:6]
        if affine[0] * affine[4] == affine[1] * affine[3]:
            raise InputError(f"{path}: its cells have no area; needed is a raster with a grid")
        whole = (0, raster.height, 0, raster.width)
        part = whole
        if near is not None and raster.height * raster.width > LARGE_CELLS:
            part = _part(raster.transform, from_lonlat, near, whole, path)
        rows_only = degrees and affine[1] == affine[3] == 0
        windows = _windows(part, *raster.block_shapes[0])
        parts = []
        for k, window in enumerate(windows):
            parts.append(_cells(raster, bands, window, per_km2, affine, to_lonlat, rows_only))
            if progress is not None:
                progress("people", k + 1, len(windows))
        form = f"GeoTIFF {raster.width} x {raster.height} cells, {raster.dtypes[0]}"
        described = raster.descriptions
        scaled = _scaled(raster, bands, path)
    block = _joined(parts, bands)
    a, b, c, d, e, f = affine
    lon, lat = to_lonlat(
        a * (block.col + 0.5) + b * (block.row + 0.5) + c,
        d * (block.col + 0.5) + e * (block.row + 0.5) + f,
    )
    lon, lat = _turned(np.asarray(lon, np.float64)), np.asarray(lat, np.float64)
    on_earth = np.isfinite(lon) & np.isfinite(lat) & np.isfinite(block.m2)
    on_earth &= (np.abs(np.nan_to_num(lat)) <= 90) & (np.abs(np.nan_to_num(lon)) <= 180)
    lost = int((~on_earth).sum())
    aside = _bad_cells(path, block.bad, block.bad_value)
    if lost:
        gone = block.people[EVERYONE][~on_earth].sum()
        told = f"{counted(lost, 'raster cell')} with {gone:g} people outside the earth"
        aside += (_aside(path, "bad_coordinate", told),)
    values = {g: v[on_earth] for g, v in block.people.items()}
    m2 = block.m2[on_earth]
    notes = larger_groups(path.name, values) + density_notes(
        path.name, values[EVERYONE], m2, per_km2
    )
    if part != whole:
        notes = (_near_note(path.name, part, whole), *notes)
    places = Places(
        lon=lon[on_earth],
        lat=lat[on_earth],
        row=np.full(len(m2), -1, np.int64),
        people=values,
        file=path.name,
        set_aside=aside,
        notes=notes,
        changes=scaled,
        readings=(
            Reading(
                layer="people",
                file=path.name,
                form=form + (", people per km2" if per_km2 else ", people per cell"),
                rows=len(m2),
                coordinates=system,
                columns=tuple(
                    ColumnUse(
                        described[band - 1] or f"band {band}",
                        "people" if group == EVERYONE else group,
                        "named" if group != EVERYONE or people is not None else "guessed",
                        f"{values[group][0]:g}" if len(m2) else "",
                    )
                    for group, band in bands.items()
                ),
            ),
        ),
    )
    return places, m2


def _system(wkt: str) -> tuple[str, bool, Any, Any]:
    """Name of the CRS, whether it is WGS-84 degrees, functions to and from lon and lat."""
    from pyproj import CRS, Transformer  # noqa: PLC0415 - rasterio's own GDAL must not do CRS work

    crs = CRS.from_wkt(wkt)
    code = crs.to_epsg()
    name = f"EPSG:{code}" if code else crs.name
    if code in {4326, 4490}:
        return name, True, lambda x, y: (x, y), lambda x, y: (x, y)
    forth = Transformer.from_crs(crs, 4326, always_xy=True)
    back = Transformer.from_crs(4326, crs, always_xy=True)
    return name, False, forth.transform, back.transform


def _turned(lon: FloatArray) -> FloatArray:
    """Longitudes of 0 to 360 degrees as -180 to 180."""
    return np.where((lon > 180) & (lon <= 360), lon - 360, lon)


def _part(
    transform: Any,  # noqa: ANN401 - affine.Affine
    from_lonlat: Any,  # noqa: ANN401 - a function of arrays
    near: tuple[float, float, float, float],
    whole: tuple[int, int, int, int],
    path: Path,
) -> tuple[int, int, int, int]:
    """Rows and columns, from and to, of the cells that touch the bounds."""
    west, south, east, north = near
    along = np.linspace(0, 1, 33)
    lon = np.concatenate(
        [west + (east - west) * along] * 2 + [np.full(33, west), np.full(33, east)]
    )
    lat = np.concatenate(
        [np.full(33, south), np.full(33, north)] + [south + (north - south) * along] * 2
    )
    x, y = from_lonlat(lon, lat)
    back = ~transform
    col = back.a * np.asarray(x) + back.b * np.asarray(y) + back.c
    row = back.d * np.asarray(x) + back.e * np.asarray(y) + back.f
    ok = np.isfinite(col) & np.isfinite(row)
    r0, r1, c0, c1 = whole
    if ok.any():
        # a bent edge may reach a little beyond its points
        r0 = max(r0, int(np.floor(row[ok].min())) - 1)
        r1 = min(r1, int(np.ceil(row[ok].max())) + 1)
        c0 = max(c0, int(np.floor(col[ok].min())) - 1)
        c1 = min(c1, int(np.ceil(col[ok].max())) + 1)
    if not ok.any() or r0 >= r1 or c0 >= c1:
        raise InputError(
            f"{path}: does not reach the study area ({west:.3f}, {south:.3f}, {east:.3f},"
            f" {north:.3f}); needed is a raster of the same place: check [people] source"
        )
    return r0, r1, c0, c1


def _windows(
    part: tuple[int, int, int, int], block_rows: int, block_cols: int
) -> list[tuple[int, int, int, int]]:
    """Parts of at most about `CELLS_AT_ONCE` cells whose edges are those of the file's blocks."""
    r0, r1, c0, c1 = part
    first_col = c0 // block_cols * block_cols
    wide = max(block_cols, CELLS_AT_ONCE // block_rows // block_cols * block_cols)
    wide = min(wide, -(-(c1 - first_col) // block_cols) * block_cols)
    high = max(1, CELLS_AT_ONCE // wide)
    high = high // block_rows * block_rows or high  # a block larger than that is read in parts
    first_row = r0 // high * high
    return [
        (max(r0, r), min(r1, r + high), max(c0, c), min(c1, c + wide))
        for r in range(first_row, r1, high)
        for c in range(first_col, c1, wide)
    ]


def _joined(parts: list[_Block], bands: dict[str, int]) -> _Block:
    """All blocks as one, cells by row and column whatever the blocks were."""
    row, col, m2, bad, bad_value = (
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("row", "col", "m2", "bad", "bad_value")
    )
    people = {g: np.concatenate([p.people[g] for p in parts]) for g in bands}
    if len(row) and not (np.diff(row) >= 0).all():
        order = np.lexsort((col, row))
        row, col, m2 = row[order], col[order], m2[order]
        people = {g: v[order] for g, v in people.items()}
    order = np.lexsort((bad[:, 1], bad[:, 0]))
    return _Block(row, col, people, m2, bad[order], bad_value[order])


def _cells(
    raster: Any,  # noqa: ANN401 - rasterio is untyped
    bands: dict[str, int],
    window: tuple[int, int, int, int],
    per_km2: bool,
    affine: Affine,
    to_lonlat: Any,  # noqa: ANN401 - a function of arrays
    rows_only: bool,
) -> _Block:
    from rasterio.windows import Window  # noqa: PLC0415 - only for rasters

    r0, r1, c0, c1 = window
    read = {}
    for group, band in bands.items():
        data = raster.read(band, window=Window(c0, r0, c1 - c0, r1 - r0), masked=True)
        values = np.ma.filled(data.astype(np.float64), 0.0)
        values[np.isnan(values)] = 0.0
        scale, offset = raster.scales[band - 1], raster.offsets[band - 1]
        if (scale, offset) != (1.0, 0.0):
            values = np.where(np.ma.getmaskarray(data), 0.0, values * scale + offset)
        read[group] = values
    everyone = read[EVERYONE]
    held = everyone
    some = np.zeros(everyone.shape, bool)
    wrong = np.zeros(everyone.shape, bool)
    for values in read.values():
        bad = (values < 0) | (values > MOST_AT_A_PLACE)
        if bad.any():
            held = np.where(bad, values, held)
            wrong |= bad
        some |= values > 0
    row, col = np.nonzero(some & ~wrong)
    people = {g: v[row, col] for g, v in read.items()}
    where = np.argwhere(wrong).astype(np.int64) + np.array([r0, c0])
    row, col = row + r0, col + c0
    m2 = cell_m2(affine, to_lonlat, row, col, rows_only=rows_only)
    if per_km2:
        people = {g: v * np.nan_to_num(m2) / 1e6 for g, v in people.items()}
    return _Block(row, col, people, m2, where, held[wrong])


def _scaled(raster: Any, bands: dict[str, int], path: Path) -> tuple[Change, ...]:  # noqa: ANN401
    """What was multiplied because the file says that its numbers are to be multiplied."""
    told = []
    for band in sorted(set(bands.values())):
        scale, offset = raster.scales[band - 1], raster.offsets[band - 1]
        if (scale, offset) != (1.0, 0.0):
            told.append(
                Change(
                    layer="people", file=path.name, sheet="", row=None, name="", kind="unit",
                    detail=Note(
                        f"第 {band} 波段按文件自带的系数换算：数值 × {scale:g} + {offset:g}",
                        f"band {band} is taken times {scale:g} plus {offset:g}, as the file says",
                    ),
                )
            )  # fmt: skip
    return tuple(told)


def _near_note(
    file: str, part: tuple[int, int, int, int], whole: tuple[int, int, int, int]
) -> Note:
    read = f"{part[3] - part[2]} x {part[1] - part[0]}"
    every = f"{whole[3]} x {whole[1]}"
    return Note(
        f"{file}：栅格很大，只读取研究范围及其周边（{every} 个格网中的"
        f" {read} 个），以外的人口未统计",
        f"{file}: the raster is large, so only the part around the study was read ({read} of"
        f" {every} cells); people beyond it are not counted",
    )


def _aside(path: Path, reason: str, detail: str) -> SetAside:
    return SetAside(
        layer="people", file=path.name, sheet="", row=None, name="", reason=reason, detail=detail
    )


def _bad_cells(path: Path, cells: NDArray[np.int64], values: FloatArray) -> tuple[SetAside, ...]:
    """Cells that hold no number of people; many of one value are one entry."""
    told: list[SetAside] = []
    for value in np.unique(values).tolist():
        of = cells[values == value]
        reason = "negative_people" if value < 0 else "bad_people"
        if len(of) > MOST_CELLS:
            row, col = of[0].tolist()
            detail = (
                f"{counted(len(of), 'raster cell holds', 'raster cells hold')} {value:g} (first:"
                f" row {row}, column {col}): it looks"
                " like a no-data value that the file does not declare"
            )
            told.append(_aside(path, reason, detail))
            continue
        told += [
            _aside(path, reason, f"raster cell (row {r}, column {c}) holds {value:g} people")
            for r, c in of.tolist()
        ]
    return tuple(told)


def _bands(
    raster: Any,  # noqa: ANN401 - rasterio is untyped
    path: Path,
    people: str | None,
    groups: Mapping[str, float | str],
) -> dict[str, int]:
    """Band number by group; bands go by their description, or by number."""
    described = {str(text): k for k, text in enumerate(raster.descriptions, 1) if text}
    found = {**described, **{str(k): k for k in range(1, raster.count + 1)}}
    bands = {}
    # the default name of a column says nothing about a raster with one unnamed band
    if people is None or (people not in found and raster.count == 1 and not described):
        bands[EVERYONE] = 1
    else:
        require_heading(people, EVERYONE, list(found), path)
        bands[EVERYONE] = found[people]
    for group, value in groups.items():
        if isinstance(value, str):
            require_heading(value, group, list(found), path)
            bands[group] = found[value]
    for band in bands.values():
        if raster.dtypes[band - 1].startswith("complex"):
            raise InputError(f"{path}: band {band} holds complex numbers; needed are people")
    return bands
