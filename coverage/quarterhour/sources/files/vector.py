"""Vector layers and tables as frames: one door, with errors that name the file."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

VECTOR_SUFFIXES = (".gpkg", ".shp", ".geojson", ".json", ".parquet", ".geoparquet", ".fgb")
TABLE_SUFFIXES = (".csv", ".txt", ".xlsx", ".xlsm")

LARGEST = 1e9
"""No coordinate is larger, in degrees, metres or feet; the areas of much larger ones overflow."""


def require_file(path: Path, needed: str) -> None:
    """Raise `InputError` unless `path` is a file that is not empty."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder; needed is {needed}")
    if not path.exists():
        raise InputError(
            f"{path}: file not found; needed is {needed}: check the path, which is taken from the"
            " folder of the study file"
        )
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty; needed is {needed}")


def read_vector(path: Path, *, layer: str | None = None, needed: str) -> gpd.GeoDataFrame:
    """A layer of a GIS file with its CRS; rows keep their order.

    Raises
    ------
    InputError
        Missing, empty, unreadable, without a CRS, or several layers and none named.
    """
    import geopandas as gpd  # noqa: PLC0415 - heavy

    require_file(path, needed)
    try:
        if path.suffix.lower() in {".parquet", ".geoparquet"}:
            frame = gpd.read_parquet(path)
            for column in frame.columns[frame.dtypes == "str"]:
                frame[column].tolist()  # arrow looks at the bytes of a text only when it is asked
        else:
            _require_one_layer(path, list(layer_names(path)), layer)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of GDAL, about fields that are not used here
                frame = gpd.read_file(path, layer=layer, encoding=_dbf_encoding(path))
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{path}: cannot be read as {needed} ({_one_line(error)}); the file may be damaged or"
            " of another kind: open it in QGIS and save it again"
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(f"{path}: has no geometries; needed is {needed}")
    if frame.crs is None:
        raise InputError(
            f"{path}: does not say its coordinate system; needed is {needed} with a CRS: set the"
            " CRS in QGIS (or add the .prj file) and save it again"
        )
    frame.columns = _told_apart([str(name) for name in frame.columns])
    return _in_reach(frame)


def _in_reach(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame without geometries that hold no number, or one larger than any coordinate."""
    geometry = frame.geometry.to_numpy()
    at, owner = shapely.get_coordinates(geometry, return_index=True)
    bad = owner[~(np.abs(at) < LARGEST).all(axis=1)]
    if not len(bad):
        return frame
    geometry = geometry.copy()
    geometry[bad] = None
    return frame.set_geometry(geometry, crs=frame.crs)


def _told_apart(names: list[str]) -> list[str]:
    """Names of columns, of which a damaged or joined table may have two of the same."""
    result: list[str] = []
    for name in names:
        unique, n = name, 1
        while unique in result:
            n += 1
            unique = f"{name} ({n})"
        result.append(unique)
    return result


FORMS = {
    ".gpkg": "GeoPackage", ".shp": "shapefile", ".geojson": "GeoJSON", ".json": "GeoJSON",
    ".parquet": "GeoParquet", ".geoparquet": "GeoParquet", ".fgb": "FlatGeobuf",
}  # fmt: skip


def form_of(path: Path) -> str:
    """What kind of GIS file it is, as in `Reading`."""
    return FORMS.get(path.suffix.lower(), path.suffix.lstrip("."))


def layer_names(path: Path) -> tuple[str, ...]:
    """Layers with geometries of a file that `read_vector` reads."""
    import pyogrio  # noqa: PLC0415 - heavy

    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of GDAL, about files that other programs have written
        return tuple(str(name) for name, kind in pyogrio.list_layers(path) if kind is not None)


def _require_one_layer(path: Path, names: list[str], layer: str | None) -> None:
    if layer is None and len(names) > 1:
        raise InputError(
            f"{path}: has the layers {', '.join(names)}; needed is one: name it with layer"
        )
    if layer is not None and layer not in names:
        raise InputError(f"{path}: has no layer {layer!r}, only {', '.join(names)}")


def _dbf_encoding(path: Path) -> str | None:
    """Encoding of a shapefile that does not say it itself: UTF-8, or GB18030 where it is not."""
    if path.suffix.lower() != ".shp":
        return None
    beside = {part.name.lower(): part for part in path.parent.iterdir()}
    table = beside.get(path.stem.lower() + ".dbf")
    if table is None or path.stem.lower() + ".cpg" in beside:
        return None
    content = table.read_bytes()
    if len(content) < 32 or content[29]:  # the header says it
        return None
    begin = int.from_bytes(content[8:10], "little")
    names = [content[k : k + 11].split(b"\0")[0] for k in range(32, begin - 1, 32)]
    try:
        b" ".join([*names, content[begin:]]).decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def to_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame in WGS-84 longitude and latitude; CGCS2000 is taken as identical (cm to dm)."""
    return frame if frame.crs.to_epsg() == 4326 else frame.to_crs(4326)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def require_column(frame: Any, column: str, path: Path) -> None:  # noqa: ANN401 - any frame
    """Raise `InputError` with a suggestion when `column` is not there."""
    import difflib  # noqa: PLC0415

    if column in frame.columns:
        return
    names = [str(name) for name in frame.columns if name != "geometry"]
    near = difflib.get_close_matches(column, names, 1, 0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise InputError(f"{path}: has no column {column!r}{hint}; found are {', '.join(names)}")
