"""The layers of results.gpkg in other formats: one file per layer, the same bytes each time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from quarterhour.render.gis.geopackage import no_clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    Layer = tuple[NDArray[Any], str, Mapping[str, Any]]

SUFFIXES: Final = {"geojson": ".geojson", "geoparquet": ".parquet"}
"""Formats by the name of their folder, with the end of their files' names."""

DECIMALS: Final = 7
"""Of a degree in GeoJSON, about a centimetre; GeoParquet keeps every digit."""


def write_formats(
    folder: Path, layers: Mapping[str, Layer], formats: Sequence[str]
) -> dict[str, list[Path]]:
    """Write layers in WGS-84 to `folder`/format/layer; the files by format.

    `layers`: by name, (geometries, geometry type, columns), as `write_geopackage` takes them.
    GeoJSON is that of RFC 7946: longitude before latitude, at most `DECIMALS` decimals, outer rings
    anticlockwise, no other coordinate system. GeoParquet is version 1.1 with a box per row.
    """
    written: dict[str, list[Path]] = {}
    for name, suffix in SUFFIXES.items():
        if name not in formats:
            continue
        home = folder / name
        home.mkdir()
        write = {"geojson": _geojson, "geoparquet": _geoparquet}[name]
        for layer, (geometry, kind, columns) in layers.items():
            path = home / f"{layer}{suffix}"
            write(path, _frame(geometry, columns), kind)
            written.setdefault(name, []).append(path)
    return written


def _frame(geometry: NDArray[Any], columns: Mapping[str, Any]) -> GeoDataFrame:
    """A frame whose texts are texts even in a column that is all empty."""
    # Heavy, and most runs do not ask for these formats.
    import geopandas as gpd  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    named: dict[str, Any] = {}
    for key, given in columns.items():
        values: Any = np.asarray(given)
        if values.dtype == object:
            values = pd.array(values, dtype="string")
        elif values.dtype.kind == "f":  # JSON has no number that is not finite
            values = np.where(np.isfinite(values), values, np.nan)
        named[key] = values
    return gpd.GeoDataFrame(named, geometry=geometry, crs=4326)


def _geojson(path: Path, frame: GeoDataFrame, kind: str) -> None:
    # Rounded here and not only in the file, so that what is written is valid: corners that fall
    # together would leave rings that cross themselves, and lines of no length, which GDAL writes as
    # points: a layer would then have geometries of several types.
    shapes = np.asarray(frame.geometry)
    drawn = np.isin(shapely.get_type_id(shapes), (1, 3, 5, 6)) & shapely.is_valid(shapes)
    rounded = shapes.copy()
    rounded[drawn] = [
        _alike(one, kind) for one in shapely.set_precision(shapes[drawn], 10.0**-DECIMALS)
    ]
    with no_clock():
        frame.set_geometry(rounded, crs=4326).to_file(
            path,
            driver="GeoJSON",
            engine="pyogrio",
            geometry_type=kind,
            use_arrow=True,
            layer_options={
                "RFC7946": "YES",
                "COORDINATE_PRECISION": str(DECIMALS),
                # a text in brackets stays a text
                "AUTODETECT_JSON_STRINGS": "NO",
            },
        )


def _alike(shape: Any, kind: str) -> Any:  # noqa: ANN401 - shapely geometry
    """The shape as the type of its layer."""
    if kind == "MultiPolygon" and shape.geom_type == "Polygon":
        return shapely.multipolygons([shape])
    if kind == "MultiLineString" and shape.geom_type == "LineString":
        return shapely.multilinestrings([] if shape.is_empty else [shape])
    return shape


def _geoparquet(path: Path, frame: GeoDataFrame, kind: str) -> None:  # noqa: ARG001 - as the other
    frame.to_parquet(
        path, index=False, compression="zstd", schema_version="1.1.0", write_covering_bbox=True
    )
