"""Residential areas, districts and study boundaries, from GIS layers or from OSM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import AreaSet, Change, ColumnUse, Note, Reading, SetAside
from quarterhour.measures import counted
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.datum.declared import require_degrees
from quarterhour.sources.files.osm_faults import osm_faults
from quarterhour.sources.files.vector import (
    form_of,
    layer_names,
    read_vector,
    require_column,
    require_file,
    to_wgs84,
)
from quarterhour.sources.rows.cells import cell_text
from quarterhour.sources.rows.columns import find_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOMES = frozenset({
    "residential", "apartments", "house", "detached", "semidetached_house", "terrace", "dormitory",
    "bungalow", "cabin", "farm", "static_caravan", "houseboat", "hut",
})  # fmt: skip
"""Values of `building` that say somebody lives there."""

LAND, NEIGHBOURHOOD, BUILDING = "residential_land", "neighbourhood", "building"

NAME_KEYS = ("name", "name:zh", "name:zh-Hans", "official_name", "name:en")
"""Tags that a name is taken from, the first that is there."""

LEAST_LAND, LEAST_BUILT = 0.5, 0.1
"""Shares of residential land, or of homes, from which on a named place is one where people live."""

LEAST_REST = 0.1
"""Share of an area that must be left when others are taken out, for it to be reported."""

SAME_AREA = 0.001
"""Relative change of an area that is not worth a word."""

M_PER_DEGREE = 111_320.0


def read_areas(
    source: str | Path,
    *,
    name: str | None = None,
    layer: str | None = None,
    coordinates: str = "wgs84",
    what: str,
) -> AreaSet:
    """Polygons of a GIS layer in WGS-84; rings that cross themselves are mended, and told.

    Parameters
    ----------
    source
        GeoPackage, shapefile, GeoJSON or GeoParquet with a CRS.
    name
        Column of the names; default: name, 名称 and the like.
    layer
        Layer of a file with several.
    coordinates
        gcj02 or bd09 for polygons taken from a web map, whatever CRS the file states; else wgs84.
    what
        What the layer is, for messages: "residential" or "districts".

    Raises
    ------
    InputError
        The file cannot be used or holds no polygon, or `coordinates` is not known.
    """
    if coordinates not in datum.NAMES:
        raise InputError(
            f"coordinates of {what} polygons are {coordinates!r}; needed is one of"
            f" {', '.join(datum.NAMES)}: another system is stated in the file itself"
        )
    path = Path(source)
    frame = read_vector(path, layer=layer, needed=f"{what} polygons")
    require_degrees(frame, Path(path))
    stated = frame.crs.to_string()
    frame = to_wgs84(frame)
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    bad = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    polygonal = np.isin(shapely.get_type_id(geometry), (3, 6))
    bad |= ~polygonal
    bad |= _off_earth(geometry)
    if name is not None:
        require_column(frame, name, path)
    headings = [str(c) for c in frame.columns if c != frame.geometry.name]
    name_column = name or find_column(headings, "name")
    kind_column = find_column(headings, "kind")
    names = [cell_text(v) for v in frame[name_column]] if name_column else [""] * len(frame)
    kinds = [cell_text(v) for v in frame[kind_column]] if kind_column else [""] * len(frame)
    whole = np.where(bad, None, geometry)
    mended = polygons_only(shapely.make_valid(whole))
    # a ring without width leaves no polygon when it is mended
    bad |= shapely.is_missing(mended) | shapely.is_empty(mended)
    bad |= _off_earth(mended)  # a hole outside its polygon has become land
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
    changes = [
        Change(
            layer=what, file=path.name, sheet="", row=int(k) + 1, name=names[k], kind="mended",
            detail=_mended_note(whole[k], mended[k]),
        )
        for k in keep[~shapely.is_valid(whole[keep])]
    ]  # fmt: skip
    result = mended[keep]
    if coordinates in {"gcj02", "bd09"}:
        moved = polygons_only(shapely.make_valid(_to_wgs84(result, coordinates)))
        changes.append(_moved(result, moved, coordinates, what, path))
        result, stated = moved, coordinates
    return AreaSet(
        geometry=result,
        name=tuple(names[k] for k in keep),
        kind=tuple(kinds[k] for k in keep),
        row=keep + 1,
        file=path.name,
        set_aside=aside,
        changes=tuple(changes),
        reading=Reading(
            layer=what,
            file=path.name,
            sheet=layer or "",
            form=form_of(path),
            rows=len(frame),
            coordinates=stated,
            columns=_uses(frame, headings, {"name": name_column, "kind": kind_column}, name),
            sheets=layer_names(path),
        ),
    )


def _off_earth(geometry: NDArray[Any]) -> NDArray[np.bool_]:
    bounds = np.nan_to_num(shapely.bounds(geometry), nan=999.0)
    return np.asarray((np.abs(bounds) > [180, 90, 180, 90]).any(axis=1))


def _mended_note(before: Any, after: Any) -> Note:  # noqa: ANN401 - shapely geometry
    """What mending a ring has done to the area, where that is more than a thousandth."""
    was, now = float(shapely.area(before)), float(shapely.area(after))
    found = shapely.is_valid_reason(before).split("[")[0].lower()
    zh, en = "面的边界自相交或自相接，已修复", f"the outline is not a simple ring ({found}): mended"
    if was <= SAME_AREA * now:
        return Note(f"{zh}；原面积无法确定", f"{en}; before, it had no area of its own")
    change = now / was - 1
    if abs(change) <= SAME_AREA:
        return Note(f"{zh}，面积不变", f"{en}, its area stays the same")
    return Note(f"{zh}；面积变化 {change:+.1%}，请核对", f"{en}; its area changes by {change:+.1%}")


def _to_wgs84(geometry: NDArray[Any], coordinates: str) -> NDArray[Any]:
    def apply(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(datum.to_wgs84(xy[:, 0], xy[:, 1], coordinates))

    return np.asarray(shapely.transform(geometry, apply), object)


def _moved(
    before: NDArray[Any], after: NDArray[Any], coordinates: str, what: str, path: Path
) -> Change:
    a, b = (shapely.get_coordinates(shapely.centroid(g)) for g in (before, after))
    east = (b[:, 0] - a[:, 0]) * np.cos(np.radians(a[:, 1]))
    far_m = float(np.median(np.hypot(east, b[:, 1] - a[:, 1]))) * M_PER_DEGREE
    system = "GCJ-02" if coordinates == "gcj02" else "BD-09"
    return Change(
        layer=what, file=path.name, sheet="", row=None, name="", kind="datum",
        detail=Note(
            f"按 {system} 坐标转换为 WGS-84，{len(a)} 个面各移动约 {far_m:.0f} 米",
            f"{counted(len(a), 'polygon was', 'polygons were')} moved from {system} to WGS-84, by"
            f" about {far_m:.0f} m",
        ),
    )  # fmt: skip


def _uses(
    frame: Any,  # noqa: ANN401 - a frame
    headings: list[str],
    found: dict[str, str | None],
    named: str | None,
) -> tuple[ColumnUse, ...]:
    """What every column was taken to be."""
    meaning = {column: key for key, column in found.items() if column is not None}
    result = []
    for heading in headings:
        filled = (text for text in map(cell_text, frame[heading]) if text)
        how = "recognised" if heading in meaning else "unused"
        result.append(
            ColumnUse(
                heading,
                meaning.get(heading, ""),
                "named" if heading == named else how,
                next(filled, ""),
            )
        )
    return tuple(result)


def polygons_only(geometry: NDArray[Any]) -> NDArray[Any]:
    """The polygonal part of each geometry, maybe empty; mending leaves stray lines and points."""
    result = geometry.copy()
    for k in np.flatnonzero(~np.isin(shapely.get_type_id(geometry), (-1, 3, 6))):
        parts = shapely.get_parts(geometry[k])
        result[k] = shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    return result


def read_boundary(
    source: str | Path, *, layer: str | None = None, coordinates: str = "wgs84"
) -> Any:  # noqa: ANN401 - shapely
    """One polygon or multipolygon (longitude, latitude): the union of all polygons of a layer."""
    areas = read_areas(source, layer=layer, coordinates=coordinates, what="boundary")
    return shapely.union_all(areas.geometry)


def read_osm_areas(source: str | Path, *, what: str) -> AreaSet:
    """Areas of an OSM file: "residential" (land and homes) or "buildings" (all of them).

    Residential areas are `landuse=residential` and `residential=*`, named `place=neighbourhood` and
    `place=quarter` where at least half is residential land or a tenth is built with homes (a 小区,
    and not a park or a whole town), and buildings whose tag says that somebody lives there. No land
    is in two areas: the named ones come first, smaller ones before those that they lie in; an area
    keeps what no earlier one has, and is left out where that is less than a tenth of it. A home
    that stands in residential land is part of that land. There may be none.

    Raises
    ------
    InputError
        The file is missing or cannot be read.
    """
    path = Path(source)
    require_file(path, "an OpenStreetMap file")
    keys = (
        ("landuse", "building", "place", "residential") if what == "residential" else ("building",)
    )
    kinds, names, geometry = _osm_polygons(path, keys)
    if what != "residential":
        use = np.asarray(~shapely.is_empty(geometry), bool)
        kinds[:] = "building"
        changes: tuple[Change, ...] = ()
    else:
        use = _lived_in(kinds, geometry)
        geometry, use, changes = _no_land_twice(kinds, names, geometry, use, path)
    rows = np.flatnonzero(use)
    return AreaSet(
        geometry=geometry[rows],
        name=tuple(names[k] for k in rows),
        kind=tuple(kinds[k] for k in rows),
        row=np.arange(1, len(rows) + 1),
        file=path.name,
        changes=changes,
        reading=Reading(
            layer=what, file=path.name, form="OpenStreetMap", rows=len(rows), coordinates="wgs84"
        ),
    )


def _osm_polygons(
    path: Path, keys: tuple[str, ...]
) -> tuple[NDArray[Any], list[str], NDArray[Any]]:
    """Kind, name and mended polygons of the areas of an OSM file that have one of the keys."""
    import osmium  # noqa: PLC0415 - only for OSM files
    from osmium import filter as keep  # noqa: PLC0415

    make = osmium.geom.WKBFactory()
    found: list[tuple[str, str, str]] = []
    item: Any
    try:
        # the key filter comes before the areas are built, so that only these are assembled
        areas = osmium.FileProcessor(str(path)).with_areas(keep.KeyFilter(*keys))
        for item in areas.with_filter(keep.EntityFilter(osmium.osm.AREA)):
            tags = item.tags
            kind = _osm_kind(tags, homes_only="landuse" in keys)
            if not kind:
                continue
            name = next((tags[key] for key in NAME_KEYS if tags.get(key)), "")
            if kind == NEIGHBOURHOOD and not name:
                continue
            try:
                found.append((make.create_multipolygon(item), name, kind))
            except RuntimeError:
                continue  # rings that do not close: not an area
    except osm_faults() as error:
        raise InputError(
            f"{path}: areas cannot be read from this OpenStreetMap file"
            f" ({' '.join(str(error).split())[:200]}); it may be truncated: download it again"
        ) from error
    geometry = shapely.from_wkb(np.array([wkb for wkb, _, _ in found], object))
    return (
        np.array([kind for _, _, kind in found], object),
        [name for _, name, _ in found],
        polygons_only(shapely.make_valid(geometry)),
    )


def _osm_kind(tags: Any, *, homes_only: bool) -> str:  # noqa: ANN401 - tags of pyosmium
    """residential_land, neighbourhood or building; "" for what is none of these."""
    home = tags.get("building", "no")
    if not homes_only:
        return BUILDING if home != "no" else ""
    if tags.get("landuse") == "residential":
        return LAND
    if home in HOMES:
        return BUILDING
    if home != "no":
        return ""
    if tags.get("residential", "no") != "no" and "highway" not in tags:
        return LAND
    return NEIGHBOURHOOD if tags.get("place") in {"neighbourhood", "quarter"} else ""


def _lived_in(kinds: NDArray[Any], geometry: NDArray[Any]) -> NDArray[np.bool_]:
    """Bool per area: not empty, and of the named places those where people live."""
    use = np.asarray(~shapely.is_empty(geometry), bool)
    size = shapely.area(geometry)
    for kind, least in ((LAND, LEAST_LAND), (BUILDING, LEAST_BUILT)):
        other = np.flatnonzero(use & (kinds == kind))
        for k in np.flatnonzero(kinds == NEIGHBOURHOOD):
            near = other[shapely.STRtree(geometry[other]).query(geometry[k])]
            inside = shapely.intersection(shapely.union_all(geometry[near]), geometry[k])
            if shapely.area(inside) >= least * size[k]:
                kinds[k] = LAND
    return np.asarray(use & (kinds != NEIGHBOURHOOD), bool)


def _no_land_twice(
    kinds: NDArray[Any],
    names: list[str],
    geometry: NDArray[Any],
    use: NDArray[np.bool_],
    path: Path,
) -> tuple[NDArray[Any], NDArray[np.bool_], tuple[Change, ...]]:
    """Areas cut to what no earlier one has, which of them are left, and what was done."""
    result, use = geometry.copy(), use.copy()
    land = np.flatnonzero(use & (kinds == LAND))
    homes = np.flatnonzero(use & (kinds == BUILDING))
    size = shapely.area(geometry)
    named = np.array([bool(name) for name in names], bool)
    # named: the smallest first, which is the most exact; unnamed: the largest first, to stay whole
    rank = np.where(named, size, -size)[land]
    land = land[np.lexsort((land, rank, ~named[land]))]
    cut = dropped = 0
    if len(land):
        tree = shapely.STRtree(geometry[land])
        place, other = tree.query(geometry[land], predicate="intersects")
        for k in range(len(land)):
            earlier = land[np.sort(other[(place == k) & (other < k)])]
            earlier = earlier[use[earlier]]
            if not len(earlier):
                continue
            rest = shapely.difference(geometry[land[k]], shapely.union_all(geometry[earlier]))
            left = float(shapely.area(rest)) / size[land[k]]
            if left < LEAST_REST:
                use[land[k]] = False
                dropped += 1
            elif left < 1 - SAME_AREA:
                result[land[k]] = polygons_only(np.array([rest], object))[0]
                cut += 1
        inside = tree.query(shapely.point_on_surface(geometry[homes]), predicate="intersects")[0]
        use[homes[inside]] = False
    changes: tuple[Change, ...] = ()
    if cut or dropped:
        detail = Note(
            f"居住用地重叠：{cut} 块减去其中单列的小区，{dropped} 块基本由其他居住区覆盖，不单列",
            f"residential land overlaps: {counted(cut, 'area was', 'areas were')} cut by those"
            " inside that are"
            f" reported by themselves, and {dropped} that others mostly cover are not reported",
        )
        changes = (
            Change(
                layer="residential", file=path.name, sheet="", row=None, name="", kind="nested",
                detail=detail,
            ),
        )  # fmt: skip
    return result, use, changes
