"""Features of GIS layers as points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.files.vector import form_of, layer_names, read_vector
from quarterhour.sources.rows.changes import ChangeLog
from quarterhour.sources.rows.columns import understand
from quarterhour.sources.rows.point_rows import PointRows, ask, point_rows, texts_of
from quarterhour.sources.rows.positions import exchanged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.sources.rows.point_rows import Resolve

    Box = tuple[float, float, float, float]


def layer_points(
    path: Path,
    *,
    layer: str,
    needed: str,
    gis_layer: str | None,
    coordinates: str,
    named: Mapping[str, str] | None,
    near: Box | None,
    resolve: Resolve | None,
) -> PointRows:
    """Rows of a GIS layer, see `read_points`; `named`: its `columns`."""
    from pyproj import CRS, Transformer  # noqa: PLC0415 - only for layers

    frame = read_vector(path, layer=gis_layer, needed=needed)
    geometry = frame.geometry.to_numpy()
    crs = CRS(frame.crs)
    stated = coordinates not in datum.NAMES and coordinates != datum.AUTO
    if stated and not datum.crs_of(coordinates).equals(crs, ignore_axis_order=True):
        raise InputError(
            f"{path}: says itself that its coordinates are {frame.crs.name}, and the study says"
            f" {coordinates}: leave coordinates out, or correct the file"
        )
    data = {str(c): frame[c].tolist() for c in frame.columns if c != frame.geometry.name}
    understood = understand(list(data), columns=named, where=str(path))
    numbers = list(range(1, len(frame) + 1))
    log = ChangeLog(layer, path.name, "", numbers, texts_of(data, understood.heading.get("name")))
    missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    faults = {
        int(k): ("missing_coordinate", "the feature has no geometry, or no numbers in it")
        for k in np.flatnonzero(missing)
    }
    rows = np.flatnonzero(~missing)
    at = inside_point(geometry[rows])
    x, y = np.asarray(shapely.get_x(at)), np.asarray(shapely.get_y(at))
    shifted = coordinates in {"gcj02", "bd09"}
    code = crs.to_epsg()
    if not crs.is_geographic and code is not None and not shifted:
        system = f"EPSG:{code}"
    else:
        if code not in {4326, 4490}:
            x, y = Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y)
        # a layer of a web map calls itself WGS-84 for want of a name for its shifted degrees
        geographic = shifted or (coordinates == datum.AUTO and crs.is_geographic)
        system = coordinates if geographic else "wgs84"
        turn = exchanged(x, y, near) & (shapely.get_type_id(geometry[rows]) == 0)
        for k in np.flatnonzero(turn).tolist():
            log.row("swapped", "geometry", int(rows[k]), f"{x[k]:.7f}, {y[k]:.7f}",
                    f"{y[k]:.7f}, {x[k]:.7f}")  # fmt: skip
        x, y = np.where(turn, y, x), np.where(turn, x, y)
    fit = None
    if system == datum.AUTO and resolve is None:
        raise InputError(f"{path}: {datum.NEEDS_ROADS}")
    if resolve is not None and len(rows):
        source = texts_of(data, understood.heading.get("source"))
        fit = ask(resolve, x, y, system, rows, numbers, source)
        system = fit.used
    system = "wgs84" if system == datum.AUTO else system
    if datum.is_degrees(system):
        outside = (np.abs(x) > 360) | (np.abs(y) > 90)  # set aside below
        x, y = np.where(outside, np.nan, x), np.where(outside, np.nan, y)
    lon, lat = datum.to_wgs84(x, y, system)
    position: dict[int, list[float]] = {}
    for k, *p in zip(
        rows.tolist(), lon.tolist(), lat.tolist(), x.tolist(), y.tolist(), strict=True
    ):
        # the comparison is false for NaN
        if -180 <= p[0] <= 180 and -90 <= p[1] <= 90:
            position[int(k)] = p
        else:
            faults[int(k)] = ("bad_coordinate", "the feature lies outside the earth")
    return point_rows(
        path, sheet="", columns=data, numbers=numbers, position=position, faults=faults,
        layer=layer, understood=understood, used=None, log=log, fit=fit, coordinates=system,
        form=form_of(path), header_row=None, sheets=layer_names(path),
    )  # fmt: skip


def inside_point(geometry: NDArray[Any]) -> NDArray[Any]:
    """A point of each geometry: its centroid where that lies inside, else a point on it."""
    centre: NDArray[Any] = np.asarray(shapely.centroid(geometry))
    dimension = shapely.get_dimensions(geometry)
    outside = (dimension == 2) & ~shapely.intersects(geometry, centre)
    needs = outside | (dimension == 1)
    if needs.any():
        centre[needs] = shapely.point_on_surface(geometry[needs])
    return centre
