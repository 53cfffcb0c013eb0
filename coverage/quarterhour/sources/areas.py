"""Residential areas, districts and study boundaries, from GIS layers or from OSM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import AreaSet, SetAside
from quarterhour.sources.points import cell_text
from quarterhour.sources.tables import find_column
from quarterhour.sources.vector import read_vector, require_column, require_file, to_wgs84

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOMES = frozenset({
    "residential", "apartments", "house", "detached", "semidetached_house", "terrace", "dormitory",
    "bungalow", "cabin", "farm", "static_caravan", "houseboat", "hut",
})  # fmt: skip
"""Values of `building` that say somebody lives there."""


def read_areas(
    source: str | Path, *, name: str | None = None, layer: str | None = None, what: str
) -> AreaSet:
    """Polygons of a GIS layer in WGS-84; rings that cross themselves are mended.

    Parameters
    ----------
    source
        GeoPackage, shapefile, GeoJSON or GeoParquet with a CRS.
    name
        Column of the names; default: name, 名称 and the like.
    layer
        Layer of a file with several.
    what
        What the layer is, for messages: "residential" or "districts".

    Raises
    ------
    InputError
        The file cannot be used or holds no polygon.
    """
    path = Path(source)
    frame = to_wgs84(read_vector(path, layer=layer, needed=f"{what} polygons"))
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    bad = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    polygonal = np.isin(shapely.get_type_id(geometry), (3, 6))
    bad |= ~polygonal
    bounds = np.nan_to_num(shapely.bounds(geometry), nan=999.0)
    bad |= (np.abs(bounds) > [180, 90, 180, 90]).any(axis=1)
    if name is not None:
        require_column(frame, name, path)
    headings = [str(c) for c in frame.columns]
    name_column = name or find_column(headings, "name")
    kind_column = find_column(headings, "kind")
    names = [cell_text(v) for v in frame[name_column]] if name_column else [""] * len(frame)
    kinds = [cell_text(v) for v in frame[kind_column]] if kind_column else [""] * len(frame)
    mended = polygons_only(shapely.make_valid(np.where(bad, None, geometry)))
    # a ring without width leaves no polygon when it is mended
    bad |= shapely.is_missing(mended) | shapely.is_empty(mended)
    keep = np.flatnonzero(~bad)
    if not len(keep):
        raise InputError(f"{path}: holds no polygon; needed are {what} polygons")
    aside = tuple(
        SetAside(
            layer=what, file=path.name, sheet="", row=int(k) + 1, name=names[k],
            reason="no_polygon", detail="the feature is not a polygon on the earth",
        )
        for k in np.flatnonzero(bad)
    )  # fmt: skip
    return AreaSet(
        geometry=mended[keep],
        name=tuple(names[k] for k in keep),
        kind=tuple(kinds[k] for k in keep),
        row=keep + 1,
        file=path.name,
        set_aside=aside,
    )


def polygons_only(geometry: NDArray[Any]) -> NDArray[Any]:
    """The polygonal part of each geometry, maybe empty; mending leaves stray lines and points."""
    result = geometry.copy()
    for k in np.flatnonzero(~np.isin(shapely.get_type_id(geometry), (-1, 3, 6))):
        parts = shapely.get_parts(geometry[k])
        result[k] = shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    return result


def read_boundary(source: str | Path, *, layer: str | None = None) -> Any:  # noqa: ANN401 - shapely
    """One polygon or multipolygon (longitude, latitude): the union of all polygons of a layer."""
    areas = read_areas(source, layer=layer, what="boundary")
    return shapely.union_all(areas.geometry)


def read_osm_areas(source: str | Path, *, what: str) -> AreaSet:
    """Areas of an OSM file: "residential" (land and homes) or "buildings" (all of them).

    Residential areas are `landuse=residential`, and buildings whose tag says that somebody lives
    there; a home inside residential land is part of that land and not counted again. There may be
    none.

    Raises
    ------
    InputError
        The file is missing or cannot be read.
    """
    import osmium  # noqa: PLC0415 - only for OSM files
    from osmium import filter as keep  # noqa: PLC0415

    path = Path(source)
    require_file(path, "an OpenStreetMap file")
    make = osmium.geom.WKBFactory()
    found: list[tuple[str, str, str]] = []
    item: Any
    keys = ("landuse", "building") if what == "residential" else ("building",)
    try:
        # the key filter comes before the areas are built, so that only these are assembled
        areas = osmium.FileProcessor(str(path)).with_areas(keep.KeyFilter(*keys))
        for item in areas.with_filter(keep.EntityFilter(osmium.osm.AREA)):
            tags = item.tags
            home = tags.get("building", "no")
            land = tags.get("landuse") == "residential"
            wanted = (land or home in HOMES) if what == "residential" else home != "no"
            if not wanted:
                continue
            kind = "residential_land" if land and what == "residential" else "building"
            try:
                found.append((make.create_multipolygon(item), tags.get("name", ""), kind))
            except RuntimeError:
                continue  # rings that do not close: not an area
    except (RuntimeError, ValueError, OSError) as error:
        raise InputError(
            f"{path}: areas cannot be read from this OpenStreetMap file"
            f" ({' '.join(str(error).split())[:200]}); it may be truncated: download it again"
        ) from error
    geometry = shapely.from_wkb(np.array([wkb for wkb, _, _ in found], object))
    geometry = polygons_only(shapely.make_valid(geometry))
    kinds = np.array([k for _, _, k in found], object)
    use = np.asarray(~shapely.is_empty(geometry), bool)
    if what == "residential" and (kinds == "residential_land").any():
        land = np.flatnonzero(kinds == "residential_land")
        homes = np.flatnonzero(kinds == "building")
        inside = shapely.STRtree(geometry[land]).query(
            shapely.point_on_surface(geometry[homes]), predicate="intersects"
        )[0]
        use[homes[inside]] = False
    rows = np.flatnonzero(use)
    return AreaSet(
        geometry=geometry[rows],
        name=tuple(found[k][1] for k in rows),
        kind=tuple(found[k][2] for k in rows),
        row=np.arange(1, len(rows) + 1),
        file=path.name,
    )
