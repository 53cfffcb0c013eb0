"""Where people live, as positions with weights: residential areas by area, buildings by floor area.

A building weighs its footprint times its levels. Where its levels are not known it gets the median
of the buildings of its kind in the same file, or of all of them where those are too few, or 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.frames import MetricCrs
from quarterhour.inputs import Note, Reading
from quarterhour.measures import counted
from quarterhour.sources.files.osm_faults import osm_faults
from quarterhour.sources.files.vector import read_vector, require_file
from quarterhour.sources.people.places import Places
from quarterhour.sources.people.surface import polygon_m2
from quarterhour.sources.rows.cells import cell_number, cell_text
from quarterhour.sources.rows.columns import find_column, understand
from quarterhour.sources.units.areas import polygons_only, read_areas

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from quarterhour.inputs import AreaSet

    FloatArray = NDArray[np.float64]

SPACING_M = 50.0
"""Spacing of the positions over which the people of a residential area are spread."""

MOST_POSITIONS = 2_000_000
MOST_LEVELS = 200
ENOUGH = 10
"""Buildings of a kind with known levels that a median is taken of."""

NOT_HOMES = frozenset({
    "industrial", "warehouse", "retail", "commercial", "office", "supermarket", "kiosk", "school",
    "kindergarten", "university", "college", "hospital", "church", "chapel", "cathedral", "mosque",
    "temple", "shrine", "monastery", "religious", "public", "civic", "government", "train_station",
    "transportation", "garage", "garages", "parking", "carport", "shed", "barn", "stable", "sty",
    "cowshed", "farm_auxiliary", "greenhouse", "roof", "hangar", "service", "transformer_tower",
    "water_tower", "silo", "storage_tank", "ruins", "construction", "stadium", "grandstand",
    "sports_hall", "pavilion", "bunker", "bridge", "castle", "hotel", "toilets",
})  # fmt: skip
"""Values of `building` (https://wiki.openstreetmap.org/wiki/Key:building) where nobody lives as a
rule; a building of another or of no kind may be a home and counts."""


def residential_places(areas: AreaSet) -> Places:
    """Positions every 50 m inside residential areas, at least one in each, weighing its land."""
    crs = MetricCrs(tuple(shapely.total_bounds(areas.geometry).tolist()))
    geometry = crs.geometry_m(areas.geometry)
    m2 = polygon_m2(areas.geometry)
    step = max(SPACING_M, float((m2.sum() / MOST_POSITIONS) ** 0.5))
    shapely.prepare(geometry)
    xs, ys, owner = [], [], []
    inner = shapely.point_on_surface(geometry)
    for k, (west, south, east, north) in enumerate(shapely.bounds(geometry).tolist()):
        gx = np.arange(np.ceil(west / step), np.floor(east / step) + 1) * step
        gy = np.arange(np.ceil(south / step), np.floor(north / step) + 1) * step
        x, y = (grid.ravel() for grid in np.meshgrid(gx, gy))
        hit = shapely.contains_xy(geometry[k], x, y) if len(x) else np.zeros(0, bool)
        x, y = x[hit], y[hit]
        if not len(x):
            x, y = np.array([shapely.get_x(inner[k])]), np.array([shapely.get_y(inner[k])])
        xs.append(x)
        ys.append(y)
        owner.append(np.full(len(x), k))
    of = np.concatenate(owner)
    lon, lat = crs.lonlat(np.concatenate(xs), np.concatenate(ys))
    return Places(
        lon=lon,
        lat=lat,
        row=areas.row[of],
        weight=(m2 / np.bincount(of, minlength=len(areas)))[of],
        weighed=Note("居住用地面积", "the area of residential land"),
        names=tuple(areas.name[k] for k in of.tolist()),
        file=areas.file,
        set_aside=areas.set_aside,
        notes=(
            Note(
                f"{areas.file}：{len(areas)} 个居住区内每 {step:.0f} 米取一个位置，共 {len(of)} 个",
                f"{areas.file}: {counted(len(of), 'position')} every {step:.0f} m in {len(areas)}"
                " residential areas",
            ),
        ),
        changes=areas.changes,
        readings=() if areas.reading is None else (areas.reading,),
    )


def read_buildings(
    source: str | Path,
    *,
    weight: str = "floor_area",
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    coordinates: str = "wgs84",
) -> Places:
    """Buildings of a GIS layer, a point inside each, weighing floor area, footprint or 1.

    Raises
    ------
    InputError
        The file or a column cannot be used, or holds no polygon.
    """
    path = Path(source)
    areas = read_areas(path, layer=layer, coordinates=coordinates, what="buildings")
    frame = read_vector(path, layer=layer, needed="buildings").iloc[areas.row - 1]
    headings = [str(c) for c in frame.columns if c != frame.geometry.name]
    known = understand(headings, columns=columns, where=str(path)).heading
    levels = known.get("levels") or next((h for h in headings if h == "building:levels"), None)
    kind = find_column(headings, "kind") or next((h for h in headings if h == "building"), None)
    told = [cell_number(v) for v in frame[levels]] if levels else [None] * len(areas)
    kinds = [cell_text(v) for v in frame[kind]] if kind else [""] * len(areas)
    area = known.get("floor_area_m2") if weight == "floor_area" else None
    given = [cell_number(v) for v in frame[area]] if area else None
    found = _places(areas.geometry, told, kinds, weight, path.name, list(areas.name), given)
    return Places(
        lon=found[0], lat=found[1], row=areas.row, weight=found[2], weighed=found[3],
        names=areas.name, file=path.name, set_aside=areas.set_aside, notes=found[4],
        changes=areas.changes, readings=() if areas.reading is None else (areas.reading,),
    )  # fmt: skip


def read_osm_buildings(source: str | Path, *, weight: str = "floor_area") -> Places:
    """Buildings of an OSM file in which somebody may live, a point inside each, with weights.

    Raises
    ------
    InputError
        The file cannot be read or holds no such building.
    """
    import osmium  # noqa: PLC0415 - only for OSM files
    from osmium import filter as keep  # noqa: PLC0415

    path = Path(source)
    require_file(path, "an OpenStreetMap file")
    make = osmium.geom.WKBFactory()
    wkb: list[str] = []
    tags: list[tuple[str, str, str]] = []
    item: Any
    other = 0
    try:
        areas = osmium.FileProcessor(str(path)).with_areas(keep.KeyFilter("building"))
        for item in areas.with_filter(keep.EntityFilter(osmium.osm.AREA)):
            kind = item.tags.get("building", "no")
            if kind == "no":
                continue
            if kind in NOT_HOMES:
                other += 1
                continue
            try:
                wkb.append(make.create_multipolygon(item))
            except RuntimeError:
                continue  # rings that do not close: not an area
            tags.append((kind, item.tags.get("building:levels", ""), item.tags.get("name", "")))
    except osm_faults() as error:
        raise InputError(
            f"{path}: buildings cannot be read from this OpenStreetMap file"
            f" ({' '.join(str(error).split())[:200]}); it may be truncated: download it again"
        ) from error
    geometry = polygons_only(shapely.make_valid(shapely.from_wkb(np.array(wkb, object))))
    use = np.flatnonzero(~shapely.is_empty(geometry)).tolist()
    if not use:
        raise InputError(
            f"{path}: holds no buildings; name a layer of buildings, or spread the totals over"
            " residential areas or a raster"
        )
    names = [tags[k][2] for k in use]
    told = [_first_number(tags[k][1]) for k in use]
    kinds = [tags[k][0] for k in use]
    lon, lat, weights, weighed, notes = _places(
        geometry[use], told, kinds, weight, path.name, names, None
    )
    notes = (
        Note(
            f"{path.name}：{len(use)} 栋可能有人居住的建筑；另有 {other} 栋按用途不作为住宅",
            f"{path.name}: {counted(len(use), 'building')} that may be homes; {other} more are none"
            " by their kind",
        ),
        *notes,
    )
    return Places(
        lon=lon, lat=lat, row=np.arange(1, len(use) + 1), weight=weights, weighed=weighed,
        names=tuple(names), file=path.name, notes=notes,
        readings=(
            Reading(layer="people", file=path.name, form="OpenStreetMap buildings", rows=len(use),
                    coordinates="wgs84"),
        ),
    )  # fmt: skip


def _first_number(text: str) -> float | None:
    """The levels of a tag: 5, or the first of 5;6 and 5-6."""
    return cell_number(text.replace("-", ";").split(";")[0])


def _places(
    geometry: NDArray[Any],
    told: Sequence[float | None],
    kinds: Sequence[str],
    weight: str,
    file: str,
    names: Sequence[str],
    given: Sequence[float | None] | None,
) -> tuple[FloatArray, FloatArray, FloatArray, Note, tuple[Note, ...]]:
    assert len(names) == len(geometry)  # noqa: S101 - both are of the same buildings
    at = shapely.point_on_surface(geometry)
    lon, lat = np.asarray(shapely.get_x(at)), np.asarray(shapely.get_y(at))
    m2 = polygon_m2(geometry)
    if weight == "equal":
        return lon, lat, np.ones(len(m2)), Note("每栋相等", "building, each the same"), ()
    if weight == "area":
        return lon, lat, m2, Note("建筑基底面积", "the footprint of buildings"), ()
    levels, notes = _levels(told, kinds, file)
    floor = m2 * levels
    if given is not None:
        stated = np.array([np.nan if v is None or v <= 0 else v for v in given], np.float64)
        use = np.isfinite(stated)
        floor = np.where(use, stated, floor)
        notes = (
            Note(
                f"{file}：{int(use.sum())} 栋采用表中建筑面积，其余按基底面积 × 层数",
                f"{file}: floor area of {counted(int(use.sum()), 'building')} from the table, the"
                " others footprint times levels",
            ),
            *(notes if not use.all() else ()),
        )
    weighed = Note("建筑面积（基底面积 × 层数）", "floor area (footprint x levels)")
    return lon, lat, floor, weighed, notes


def _levels(
    told: Sequence[float | None], kinds: Sequence[str], file: str
) -> tuple[FloatArray, tuple[Note, ...]]:
    """Levels of each building, and how those that are not known were found."""
    levels = np.array([np.nan if v is None else v for v in told], np.float64)
    with np.errstate(invalid="ignore"):
        known = (levels > 0) & (levels <= MOST_LEVELS)
    levels[~known] = 1.0
    kind = np.array(kinds, object)
    usual = float(np.median(levels[known])) if known.sum() >= ENOUGH else 1.0
    taken: dict[float, int] = {}
    for name in sorted(set(kinds)):
        of = kind == name
        rest = of & ~known
        if not rest.any():
            continue
        own = levels[of & known]
        value = float(np.median(own)) if len(own) >= ENOUGH else usual
        levels[rest] = value
        taken[value] = taken.get(value, 0) + int(rest.sum())
    if not taken:
        return levels, ()
    listed_zh = "、".join(f"{n} 栋取 {v:g} 层" for v, n in sorted(taken.items()))
    listed_en = ", ".join(f"{n} as {v:g}" for v, n in sorted(taken.items()))
    return levels, (
        Note(
            f"{file}：{int(known.sum())} 栋有层数；其余按同类建筑的中位数，不足 {ENOUGH} 栋者"
            f"按全部建筑的中位数或 1 层：{listed_zh}",
            f"{file}: {counted(int(known.sum()), 'building says its', 'buildings say their')}"
            " levels; the others are taken as the"
            f" median of their kind, or of all, or 1: {listed_en}",
        ),
    )  # fmt: skip
