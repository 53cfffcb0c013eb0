"""The customs desk between longitude and latitude and the study's metric CRS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS, Transformer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


class MetricCrs:
    """Transverse Mercator centred on the study: scale 1 at the centre, 1 + 5e-6 at 20 km.

    Centred so that access legs and polygons are true to the centimetre in any city, also where a
    UTM or Gauss-Krueger zone border runs through it.
    """

    def __init__(self, bounds: tuple[float, float, float, float]) -> None:
        west, south, east, north = bounds
        self.lon_0 = round((west + east) / 2, 3)
        self.lat_0 = round((south + north) / 2, 3)
        self.proj4 = (
            f"+proj=tmerc +lat_0={self.lat_0} +lon_0={self.lon_0} +k=1 +x_0=0 +y_0=0"
            " +datum=WGS84 +units=m +no_defs"
        )
        crs = CRS.from_proj4(self.proj4)
        self._forward = Transformer.from_crs(4326, crs, always_xy=True)
        self._inverse = Transformer.from_crs(crs, 4326, always_xy=True)

    def metres(self, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
        """x, y in metres."""
        x, y = self._forward.transform(lon, lat)
        return np.asarray(x, np.float64), np.asarray(y, np.float64)

    def lonlat(self, x_m: FloatArray, y_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Longitude and latitude in degrees."""
        lon, lat = self._inverse.transform(x_m, y_m)
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)

    def geometry_m(self, geometry: Any) -> Any:  # noqa: ANN401 - shapely geometries or arrays
        """Geometries from degrees to metres."""
        return self._through(geometry, self._forward)

    def geometry_lonlat(self, geometry: Any) -> Any:  # noqa: ANN401
        """Geometries from metres to degrees."""
        return self._through(geometry, self._inverse)

    @staticmethod
    def _through(geometry: Any, transformer: Transformer) -> Any:  # noqa: ANN401
        def apply(xy: FloatArray) -> FloatArray:
            return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

        return shapely.transform(geometry, apply)


def bounds_of(*layers: tuple[FloatArray, FloatArray]) -> tuple[float, float, float, float]:
    """West, south, east, north of all points of the layers together."""
    lon = np.concatenate([layer[0] for layer in layers])
    lat = np.concatenate([layer[1] for layer in layers])
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
