"""Heights of the ground from a raster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.sources.files.rasters import open_raster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

LOWEST_M, HIGHEST_M = -500.0, 9_000.0
"""Heights outside of this are not heights: the Dead Sea lies at -430 m, Everest at 8,849 m."""

SMOOTH_CELLS = 1.0
"""Standard deviation of the smoothing: whole metres and noise of a metre or two between neighbours
must not become slopes of ten percent."""

UNITS_M = {
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "international foot": 0.3048,
    "us-ft": 1200 / 3937, "us survey foot": 1200 / 3937, "ftus": 1200 / 3937,
    "dm": 0.1, "cm": 0.01, "mm": 0.001,
}  # fmt: skip
"""Units that a band may state, in metres."""

HOLE_M = 20.0
"""Nothing but the sea lies at exactly 0 m where almost all other heights are above this."""

MARGIN_CELLS = 8
MOST_CELLS = 400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """Smoothed heights on the cells of a raster.

    `z_m`: float32 (rows, columns), NaN where unknown. `inverse`: six numbers of the affine map from
    the raster's coordinates to column and row. `cell_m`: width of a cell in metres.
    """

    z_m: NDArray[np.float32]
    inverse: tuple[float, float, float, float, float, float]
    cell_m: float
    file: str
    notes: tuple[Note, ...]
    to_raster: Any

    def heights(self, lon: FloatArray, lat: FloatArray) -> FloatArray:
        """Metres above sea level at each place, between the cell centres; NaN where unknown."""
        x, y = self.to_raster(lon, lat)
        a, b, c, d, e, f = self.inverse
        col = a * np.asarray(x) + b * np.asarray(y) + c - 0.5
        row = d * np.asarray(x) + e * np.asarray(y) + f - 0.5
        rows, cols = self.z_m.shape
        inside = (col >= -0.5) & (col <= cols - 0.5) & (row >= -0.5) & (row <= rows - 0.5)
        col = np.clip(np.where(inside, col, 0.0), 0, cols - 1)
        row = np.clip(np.where(inside, row, 0.0), 0, rows - 1)
        j, i = np.floor(col).astype(np.int64), np.floor(row).astype(np.int64)
        u, v = col - j, row - i
        total = np.zeros(len(col))
        weight = np.zeros(len(col))
        for di, dj, w in (
            (0, 0, (1 - u) * (1 - v)), (0, 1, u * (1 - v)), (1, 0, (1 - u) * v), (1, 1, u * v),
        ):  # fmt: skip
            z = self.z_m[np.minimum(i + di, rows - 1), np.minimum(j + dj, cols - 1)]
            known = ~np.isnan(z)
            total += np.where(known, w * np.where(known, z, 0.0), 0.0)
            weight += np.where(known, w, 0.0)
        some = inside & (weight > 1e-9)
        return np.where(some, total / np.where(some, weight, 1.0), np.nan)


def read_terrain(
    source: str | Path, *, near: tuple[float, float, float, float] | None = None
) -> Terrain:
    """Heights of a GeoTIFF in metres; only the window around `near` (degrees) is read.

    Raises
    ------
    InputError
        The file cannot be read, has no coordinate system, is a picture (several bands of bytes),
        or holds no heights near there.
    """
    import rasterio  # noqa: PLC0415 - only for rasters

    path = Path(source)
    with open_raster(path, "heights") as raster:
        if raster.count > 1 and raster.dtypes[0] == "uint8":
            raise InputError(
                f"{path}: has {raster.count} bands of whole numbers from 0 to 255, which is a"
                " picture such as an orthophoto; needed is one band of heights in metres"
            )
        if raster.dtypes[0].startswith("complex"):
            raise InputError(
                f"{path}: holds complex numbers; needed is one band of heights in metres"
            )
        forward, _ = _transforms(raster.crs.to_wkt())
        window = _window(raster, forward, near, path)
        values = raster.read(1, window=window, masked=True)
        scale, offset = float(raster.scales[0]), float(raster.offsets[0])
        unit = str(raster.units[0] or "").strip().lower()
        bytes_only, declared = raster.dtypes[0] == "uint8", raster.nodata is not None
        t, left, top = raster.transform, window.col_off, window.row_off
        transform = rasterio.Affine(
            t.a, t.b, t.c + t.a * left + t.b * top, t.d, t.e, t.f + t.d * left + t.e * top
        )
    z = np.ma.filled(values.astype(np.float64) * scale + offset, np.nan).astype(np.float32)
    z[~np.isfinite(z)] = np.nan
    notes = _in_metres(z, unit, path.name)
    if bytes_only and scale == 1:
        notes += _clipped(values, path.name)
    if not declared:
        notes += _holes(z, path.name)
    wild = int(((z < LOWEST_M) | (z > HIGHEST_M)).sum())
    if wild:
        example = float(z[(z < LOWEST_M) | (z > HIGHEST_M)][0])
        z[(z < LOWEST_M) | (z > HIGHEST_M)] = np.nan
        notes.append(
            Note(
                f"{path.name}：{wild} 个像元的值（如 {example:g}）不是高程，按无数据处理",
                f"{path.name}: {counted(wild, 'cell holds', 'cells hold')} no height (such as"
                f" {example:g}) and are taken as no data",
            )
        )
    if np.isnan(z).all():
        raise InputError(
            f"{path}: holds no heights near the roads; check that the terrain is of the same place"
        )
    inverse = ~transform
    return Terrain(
        z_m=smoothed(z),
        inverse=(inverse.a, inverse.b, inverse.c, inverse.d, inverse.e, inverse.f),
        cell_m=_cell_m(raster, transform, z.shape),
        file=path.name,
        notes=tuple(notes),
        to_raster=forward,
    )


def _in_metres(z: NDArray[np.float32], unit: str, file: str) -> list[Note]:
    """Turn heights in another unit into metres, in place, and say so."""
    if unit not in UNITS_M:
        return []
    z *= UNITS_M[unit]
    return [
        Note(
            f"{file}：高程单位为 {unit}，已换算为米",
            f"{file}: its heights are stated in {unit} and were converted to metres",
        )
    ]


def _clipped(values: Any, file: str) -> list[Note]:  # noqa: ANN401 - a masked array
    """What to say of bytes that reach an end of what a byte can hold: more may be cut off."""
    raw = np.ma.compressed(values)
    low, high = int((raw == 0).sum()), int((raw == 255).sum())
    if not (high or low) or raw.min() == raw.max():
        return []
    return [
        Note(
            f"{file}：高程按 0–255 的整数存储，{high} 个像元为 255、{low} 个为 0，"
            "更高或更低的地面可能被截断，坡度不可靠；请改用 16 位整数或浮点的高程数据",
            f"{file}: its heights are stored as whole numbers from 0 to 255;"
            f" {counted(high, 'cell is', 'cells are')} 255"
            f" and {low} are 0, so that higher or lower ground may be cut off and the slopes there"
            " are wrong: use heights of 16 bits or floating point",
        )
    ]


def _holes(z: NDArray[np.float32], file: str) -> list[Note]:
    """Take zeros among heights far above the sea as no data, in place, and say so."""
    zero = z == 0
    other = z[~zero & np.isfinite(z) & (z >= LOWEST_M)]
    n = int(zero.sum())
    if not n or not len(other) or float(np.percentile(other, 1)) < HOLE_M:
        return []
    z[zero] = np.nan
    return [
        Note(
            f"{file}：{n} 个像元的高程为 0，而其余几乎都在 {HOLE_M:g} 米以上，按无数据处理",
            f"{file}: {counted(n, 'cell is', 'cells are')} 0 while almost all others lie above"
            f" {HOLE_M:g} m; they are taken as no data",
        )
    ]


def smoothed(z: NDArray[np.float32]) -> NDArray[np.float32]:
    """Heights with a Gaussian of `SMOOTH_CELLS`; unknown cells stay unknown and count for none."""
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415 - heavy

    known = ~np.isnan(z)
    # around a mean, so that cells at the edge of the known are not drawn towards zero
    base = float(np.nanmean(z))
    lifted = gaussian_filter(
        np.where(known, z - base, 0.0).astype(np.float64), SMOOTH_CELLS, mode="nearest"
    )
    weight = gaussian_filter(known.astype(np.float64), SMOOTH_CELLS, mode="nearest")
    result = lifted / np.maximum(weight, 1e-12) + base
    return np.where(known, result, np.nan).astype(np.float32)


def _transforms(wkt: str) -> tuple[Any, Any]:
    from pyproj import CRS, Transformer  # noqa: PLC0415 - rasterio's own GDAL must not do CRS work

    crs = CRS.from_wkt(wkt)
    there = Transformer.from_crs(4326, crs, always_xy=True)
    return there.transform, crs


def _window(raster: Any, forward: Any, near: Any, path: Path) -> Any:  # noqa: ANN401 - rasterio
    from rasterio.windows import Window  # noqa: PLC0415

    whole = Window(0, 0, raster.width, raster.height)
    if near is None:
        return whole
    west, south, east, north = near
    lon = np.linspace(west, east, 9)
    lat = np.linspace(south, north, 9)
    gx, gy = (g.ravel() for g in np.meshgrid(lon, lat))
    x, y = forward(gx, gy)
    inverse = ~raster.transform
    col = inverse.a * np.asarray(x) + inverse.b * np.asarray(y) + inverse.c
    row = inverse.d * np.asarray(x) + inverse.e * np.asarray(y) + inverse.f
    finite = np.isfinite(col) & np.isfinite(row)
    if finite.any():
        c0 = max(int(np.floor(col[finite].min())) - MARGIN_CELLS, 0)
        c1 = min(int(np.ceil(col[finite].max())) + MARGIN_CELLS, raster.width)
        r0 = max(int(np.floor(row[finite].min())) - MARGIN_CELLS, 0)
        r1 = min(int(np.ceil(row[finite].max())) + MARGIN_CELLS, raster.height)
        if c1 > c0 and r1 > r0:
            return Window(c0, r0, c1 - c0, r1 - r0)
    b = raster.bounds
    raise InputError(
        f"{path}: lies at {b.left:.4f}, {b.bottom:.4f}, {b.right:.4f}, {b.top:.4f} of its"
        f" coordinate system and does not touch the roads ({west:.4f}, {south:.4f}, {east:.4f},"
        f" {north:.4f}); needed are heights of the study area"
    )


def _cell_m(raster: Any, transform: Any, shape: tuple[int, int]) -> float:  # noqa: ANN401
    """Geodesic width of the cell in the middle: the smaller of its two sides."""
    from pyproj import CRS, Geod, Transformer  # noqa: PLC0415

    back = Transformer.from_crs(CRS.from_wkt(raster.crs.to_wkt()), 4326, always_xy=True)
    row, col = shape[0] / 2, shape[1] / 2
    t = transform  # by hand: the operator differs between versions of its library
    corner = [(col, row), (col + 1, row), (col, row + 1)]
    lon, lat = back.transform(
        [t.a * c + t.b * r + t.c for c, r in corner], [t.d * c + t.e * r + t.f for c, r in corner]
    )
    geod = Geod(ellps="WGS84")
    across = geod.inv(lon[0], lat[0], lon[1], lat[1])[2]
    down = geod.inv(lon[0], lat[0], lon[2], lat[2])[2]
    return float(min(across, down))
