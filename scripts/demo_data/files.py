"""Writing tables, layers and rasters so that the same input always gives the same bytes."""

from __future__ import annotations

import datetime as dt
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import rasterio
from openpyxl.styles import Font
from rasterio.transform import from_origin
from shapely import set_precision, transform

from demo_data.frame import LAT0, LON0, M_PER_DEG_LAT, M_PER_DEG_LON, to_lonlat, to_xy
from demo_data.people import CELL_DEG, NODATA, origin

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from demo_data.frame import Field, Floats
    from demo_data.places import Facility

_CLOCK = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)
DEM_DEG = 1 / 3600
_HEADINGS = {
    "养老设施": ["名称", "类型", "经度", "纬度", "床位", "状态", "建成年份", "街道/乡镇", "地址"],
    "托育设施": ["名称", "类型", "经度", "纬度", "托位", "状态", "建成年份", "街道/乡镇", "地址"],
}
_WIDTHS = [34, 24, 12, 12, 8, 8, 10, 14, 30]


def degrees(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry in degrees for one in metres."""
    return transform(geometry, to_lonlat)


def write_layer(
    path: Path, layer: str, columns: dict[str, list[str]], shapes: list[BaseGeometry]
) -> None:
    """Write one polygon layer as GeoPackage."""
    # A GeoPackage notes when it was written, unless told what the time is.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _CLOCK.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    path.unlink(missing_ok=True)
    frame = gpd.GeoDataFrame(
        columns, geometry=[set_precision(degrees(s), 1e-7) for s in shapes], crs="EPSG:4326"
    )
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", geometry_type="Polygon")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_people(path: Path, bands: Floats) -> None:
    """Write the population raster with one named band per group."""
    west, north = origin()
    _, rows, cols = bands.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=cols, height=rows, count=3, dtype="float32",
        crs="EPSG:4326", transform=from_origin(west, north, CELL_DEG, CELL_DEG), nodata=NODATA,
        compress="deflate", predictor=3, zlevel=9, tiled=False,
    ) as raster:  # fmt: skip
        raster.write(bands.astype(np.float32))
        for k, name in enumerate(("population", "age_60_plus", "age_0_3"), start=1):
            raster.set_band_description(k, name)
        raster.update_tags(source="synthetic: scripts/make_demo_data.py")


def write_terrain(path: Path, height: Field) -> None:
    """Write the terrain as GeoTIFF of 1 arc-second, in steps of 1/8 m."""
    cols = int((height.half_x_m - 150) / M_PER_DEG_LON / DEM_DEG) * 2
    rows = int((height.half_y_m - 150) / M_PER_DEG_LAT / DEM_DEG) * 2
    west, north = LON0 - cols / 2 * DEM_DEG, LAT0 + rows / 2 * DEM_DEG
    lon = west + (np.arange(cols) + 0.5) * DEM_DEG
    lat = north - (np.arange(rows) + 0.5) * DEM_DEG
    xy = to_xy(np.stack(np.meshgrid(lon, lat), axis=-1))
    values = np.round(height.at(xy[..., 0], xy[..., 1]) * 8) / 8
    with rasterio.open(
        path, "w", driver="GTiff", width=cols, height=rows, count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(west, north, DEM_DEG, DEM_DEG), nodata=NODATA,
        compress="deflate", predictor=3, zlevel=9, tiled=False,
    ) as raster:  # fmt: skip
        raster.write(values.astype(np.float32), 1)
        raster.set_band_description(1, "height_m")
        raster.update_tags(source="synthetic: scripts/make_demo_data.py")


def write_workbook(path: Path, facilities: list[Facility]) -> None:
    """Write the facilities, one sheet for each service, headings in the first row."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, headings in _HEADINGS.items():
        sheet = book.create_sheet(title)
        sheet.append(headings)
        for f in (f for f in facilities if f.sheet == title):
            lon, lat = to_lonlat(np.array([f.x_m, f.y_m]))
            sheet.append([f.name, f.kind, round(float(lon), 6), round(float(lat), 6), f.capacity,
                          f.status, f.year, f.unit, f.address])  # fmt: skip
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for k, width in enumerate(_WIDTHS):
            sheet.column_dimensions["ABCDEFGHI"[k]].width = width
        sheet.freeze_panes = "A2"
    book.properties.creator = "scripts/make_demo_data.py (synthetic)"
    book.properties.created = _CLOCK.replace(tzinfo=None)
    draft = path.with_suffix(".draft.xlsx")
    book.save(draft)
    _fix_zip(draft, path)
    draft.unlink()


def _fix_zip(draft: Path, path: Path) -> None:
    """Copy a workbook with the dates of its parts set to a fixed day."""
    with zipfile.ZipFile(draft) as old, zipfile.ZipFile(path, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "docProps/core.xml":
                # openpyxl writes the time of saving here, whatever was set before.
                head, _, rest = data.partition(b"<dcterms:modified")
                attributes, _, rest = rest.partition(b">")
                _, _, tail = rest.partition(b"<")
                stamp = _CLOCK.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                data = head + b"<dcterms:modified" + attributes + b">" + stamp + b"<" + tail
            fixed = zipfile.ZipInfo(item.filename, date_time=(2026, 1, 15, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            fixed.external_attr = 0o600 << 16
            new.writestr(fixed, data)
