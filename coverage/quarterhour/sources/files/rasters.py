"""Rasters through one door, with errors that name the file."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from quarterhour.errors import InputError
from quarterhour.sources.files.vector import require_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def open_raster(path: Path, what: str) -> Iterator[Any]:
    """A georeferenced raster of `what` (people, heights); faults while it is read are told, too.

    Raises
    ------
    InputError
        The file is missing, no raster, damaged, or does not say where on the earth it lies.
    """
    import rasterio  # noqa: PLC0415 - only for rasters
    from pyproj.exceptions import ProjError  # noqa: PLC0415
    from rasterio.errors import NotGeoreferencedWarning, RasterioError  # noqa: PLC0415

    require_file(path, f"a raster of {what} (GeoTIFF)")
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
            yield raster
    except ProjError as error:
        raise InputError(
            f"{path}: its coordinate system has no known place on the earth; needed is a GeoTIFF"
            " with a CRS: set it in QGIS (Assign projection) and save it again"
        ) from error
    except (RasterioError, OSError, UnicodeDecodeError) as error:
        why = " ".join(str(error.__cause__ or error).split())[:160]
        raise InputError(
            f"{path}: cannot be read as a raster ({why}); needed is a GeoTIFF of {what}: it may be"
            " damaged or of another kind"
        ) from error
