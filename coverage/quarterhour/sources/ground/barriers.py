"""What nobody walks across beside the roads: water, railways, expressways, walls, cliffs.

From OpenStreetMap (wiki.openstreetmap.org, the pages Key:waterway, Tag:natural=water, Key:railway,
Key:barrier, Tag:natural=cliff), with these choices:

- `waterway=river|canal` as lines; streams, ditches and drains can be stepped over or forded. Not in
  a tunnel or culvert, not on a bridge (an aqueduct), not `intermittent=yes`.
- `natural=water`, `waterway=riverbank|dock`, `landuse=reservoir` as outlines. Adjoining ones are
  one body of water; bodies less than `SMALL_M` across are walked around. The line of a river inside
  its own outline says nothing more and is left out.
- `railway=rail|light_rail|subway|narrow_gauge` on the ground. Not `tram`: it runs in the street or
  beside it and is crossed anywhere. Not tunnels and bridges (one passes above or below); abandoned,
  disused and planned lines have other values or carry `abandoned=yes` or `disused=yes`.
- `highway=motorway|motorway_link`, and `trunk|trunk_link` that say `motorroad=yes` or `foot=no`,
  where walkers may not use them, on the ground. A trunk road without these is an ordinary street.
- `barrier=wall|city_wall|retaining_wall` and `natural=cliff` of `SMALL_M` and more, unless they are
  closed (what a ring encloses has a gate, whether it is drawn or not, and everybody inside would
  be cut off) or a gate or an entrance that is open to walkers is a node of the wall. Not `fence`,
  `hedge` and `guard_rail`: mostly bounds of plots, with doors that nobody draws.

A road that crosses a barrier is not cut: where roads are drawn there is a bridge, an underpass, a
level crossing or a gate. Only legs beside the roads are stopped.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from quarterhour.core.crossing import (
    CLIFF,
    EXPRESSWAY,
    LAYER,
    RAILWAY,
    RIVER,
    WALL,
    WATER,
    Barriers,
)
from quarterhour.errors import InputError
from quarterhour.sources.files.osm_faults import osm_faults
from quarterhour.sources.files.vector import read_vector, require_file, to_wgs84
from quarterhour.sources.roads.osm import OSM_SUFFIXES
from quarterhour.sources.roads.walkable import GATES, NEGATIVE, gate_is_closed, way
from quarterhour.sources.units.areas import polygons_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Bounds = tuple[float, float, float, float]

SMALL_M = 50.0
"""A pond or a wall shorter than this is walked around, with less than a minute lost."""

WATER_AREAS = {"natural": {"water"}, "waterway": {"riverbank", "dock"}, "landuse": {"reservoir"}}
RIVERS = frozenset({"river", "canal"})
RAILS = frozenset({"rail", "light_rail", "subway", "narrow_gauge"})
WALLS = frozenset({"wall", "city_wall", "retaining_wall"})
EXPRESSWAYS = frozenset({"motorway", "motorway_link"})
TRUNKS = frozenset({"trunk", "trunk_link"})
LINES = {"waterway": RIVERS, "railway": RAILS, "highway": EXPRESSWAYS | TRUNKS,
         "barrier": WALLS, "natural": {"cliff"}}  # fmt: skip
METRES_PER_DEGREE = 111_000.0


class _Line(NamedTuple):
    """A way with what it is: its node numbers and positions, NaN where the file lacks the node."""

    kind: int
    nodes: list[tuple[int, float, float]]


def line_kind(tags: Mapping[str, str]) -> int | None:
    """What barrier a way with these tags is as a line, None where it is none."""
    railway, highway = tags.get("railway"), tags.get("highway", "")
    if tags.get("waterway") in RIVERS:
        dry = tags.get("intermittent") == "yes"
        return None if dry or not _on_ground(tags, layer=False) else RIVER
    if railway in RAILS:
        gone = "yes" in {tags.get("abandoned"), tags.get("disused")}
        below = tags.get("location") in {"underground", "underwater"}
        return None if gone or below or not _on_ground(tags) else RAILWAY
    if highway in EXPRESSWAYS or (
        highway in TRUNKS and (tags.get("motorroad") == "yes" or tags.get("foot") == "no")
    ):
        return EXPRESSWAY if way(tags) is None and _on_ground(tags) else None
    if tags.get("barrier") in WALLS:
        return WALL
    return CLIFF if tags.get("natural") == "cliff" else None


def _on_ground(tags: Mapping[str, str], *, layer: bool = True) -> bool:
    """Whether it is neither bridged nor covered; lines above the ground may say so by `layer`.

    Below the ground they do not: cuttings and whole rivers are often given `layer=-1`.
    """
    if any(tags.get(key, "").lower() not in NEGATIVE for key in ("bridge", "tunnel", "covered")):
        return False
    try:
        return not (layer and float(tags.get("layer", "0")) > 0)
    except ValueError:
        return True  # a layer that is not a number says nothing about height


def is_water(tags: Mapping[str, str]) -> bool:
    """Whether an area with these tags is open water all the year."""
    wet = any(tags.get(key) in values for key, values in WATER_AREAS.items())
    return wet and tags.get("intermittent") != "yes" and _on_ground(tags, layer=False)


def read_barriers(source: str | Path, bounds: Bounds) -> Barriers:
    """Barriers of an OpenStreetMap file that touch `bounds` (west, south, east, north; degrees).

    There may be none. Of a line whose nodes are partly missing, as at the edge of an extract, the
    runs that are there are kept; an area that is cut there is left out, as its ring does not close.

    Raises
    ------
    InputError
        The file is missing or cannot be read.
    """
    path = Path(source)
    require_file(path, "an OpenStreetMap file")
    try:
        lines, water, areas = _read(path)
        open_gates = _open_gates(path) if any(line.kind == WALL for line in lines) else set()
        # nodes that stand after the ways, as Overpass writes them
        missing = {n for w in (*lines, *water) for n, lon, _ in w.nodes if np.isnan(lon)}
        place = _places(path, missing) if missing and not path.name.endswith(".pbf") else {}
    except osm_faults() as error:
        raise InputError(
            f"{path}: barriers cannot be read from this OpenStreetMap file"
            f" ({' '.join(str(error).split())[:200]}); it may be truncated: download it again, or"
            ' set barriers = "none" under [roads]'
        ) from error
    rings = [
        shapely.Polygon(run)
        for item in water
        for run in _runs(item, place)
        if len(run) > 3 and len(run) == len(item.nodes)
    ]
    polygons = np.array([*rings, *shapely.from_wkb(np.array(areas, object))], object)
    kept, kinds = [], []
    for line in lines:
        refs = [ref for ref, _, _ in line.nodes]
        if line.kind in {WALL, CLIFF} and refs[:1] == refs[-1:]:
            continue
        if line.kind == WALL and not open_gates.isdisjoint(refs):
            continue
        for run in _runs(line, place):
            if len(run) > 1:
                kept.append(shapely.LineString(run))
                kinds.append(line.kind)
    return _barriers(
        np.array(kept, object), np.array(kinds, np.uint8), polygons, bounds, path.name, SMALL_M
    )


def read_barrier_layer(
    source: str | Path, *, layer: str | None = None, bounds: Bounds | None = None
) -> Barriers:
    """Barriers of a GIS layer: its lines, and its polygons as water that is not entered.

    Raises
    ------
    InputError
        The file cannot be used, or holds neither lines nor polygons.
    """
    path = Path(source)
    frame = to_wgs84(read_vector(path, layer=layer, needed="barriers, as lines or polygons"))
    parts = shapely.force_2d(frame.geometry.dropna().to_numpy())
    parts = shapely.get_parts(shapely.get_parts(parts))  # twice: collections hold collections
    on_earth = np.nan_to_num(np.abs(shapely.bounds(parts)), nan=999.0) <= [180, 90, 180, 90]
    parts = parts[on_earth.all(axis=1)]
    of_type = shapely.get_type_id(parts)
    lines, polygons = parts[np.isin(of_type, (1, 2))], parts[of_type == 3]
    if not len(lines) and not len(polygons):
        raise InputError(
            f"{path}: holds no line and no polygon on the earth; needed are barriers such as rivers"
            " or railways"
        )
    kinds = np.full(len(lines), LAYER, np.uint8)
    return _barriers(lines, kinds, polygons, bounds, path.name, 0.0)


def barriers_of(
    choice: str | Path | None,
    *,
    roads: str | Path | None,
    bounds: Bounds,
    layer: str | None = None,
) -> Barriers | None:
    """Barriers as a study names them: "osm", "none", or a GIS file; None where nobody looks.

    `choice` None: "osm" where the roads are an OpenStreetMap file, else "none".

    Raises
    ------
    InputError
        "osm" without roads from an OpenStreetMap file, or a file that cannot be used.
    """
    is_osm = roads is not None and Path(roads).name.lower().endswith(OSM_SUFFIXES)
    if choice is None:
        choice = "osm" if is_osm else "none"
    if choice == "none":
        return None
    if choice == "osm":
        if not is_osm or roads is None:
            raise InputError(
                f'barriers = "osm" needs roads from an OpenStreetMap file, found are {roads}; name'
                ' a GIS file of rivers and railways instead, or set barriers = "none"'
            )
        return read_barriers(roads, bounds)
    if str(choice).lower().endswith(OSM_SUFFIXES):
        return read_barriers(choice, bounds)
    return read_barrier_layer(choice, layer=layer, bounds=bounds)


def _read(path: Path) -> tuple[list[_Line], list[_Line], list[str]]:
    """Lines, closed ways of water, and water of relations as WKB."""
    import osmium  # noqa: PLC0415 - only for OSM files
    from osmium import filter as keep  # noqa: PLC0415

    make = osmium.geom.WKBFactory()
    lines: list[_Line] = []
    water: list[_Line] = []
    areas: list[str] = []
    item: Any
    wet = [(key, value) for key, values in WATER_AREAS.items() for value in sorted(values)]
    dry = [(key, value) for key, values in LINES.items() for value in sorted(values)]
    items = osmium.FileProcessor(str(path)).with_areas(keep.TagFilter(*wet))
    items = items.with_filter(keep.EntityFilter(osmium.osm.WAY | osmium.osm.AREA))
    for item in items.with_filter(keep.TagFilter(*wet, *dry)):
        tags = {tag.k: tag.v for tag in item.tags}
        if isinstance(item, osmium.osm.Area):
            if not item.from_way() and is_water(tags):
                try:
                    areas.append(make.create_multipolygon(item))
                except RuntimeError:
                    continue  # rings that do not close: not an area
            continue
        kind = line_kind(tags)
        if kind is not None:
            lines.append(_Line(kind, _nodes(item)))
        elif item.is_closed() and is_water(tags):
            water.append(_Line(WATER, _nodes(item)))
    return lines, water, areas


def _nodes(item: Any) -> list[tuple[int, float, float]]:  # noqa: ANN401 - osmium's way
    return [
        (n.ref, n.lon, n.lat) if n.location.valid() else (n.ref, np.nan, np.nan) for n in item.nodes
    ]


def _open_gates(path: Path) -> set[int]:
    """Nodes where a wall can be passed."""
    import osmium  # noqa: PLC0415
    from osmium import filter as keep  # noqa: PLC0415

    nodes: Any = osmium.FileProcessor(str(path), osmium.osm.NODE)
    return {
        node.id
        for node in nodes.with_filter(keep.KeyFilter("barrier", "entrance"))
        if ("entrance" in node.tags or node.tags.get("barrier") in {*GATES, "entrance"})
        and not gate_is_closed({tag.k: tag.v for tag in node.tags})
    }


def _places(path: Path, wanted: set[int]) -> dict[int, tuple[float, float]]:
    import osmium  # noqa: PLC0415

    nodes: Any = osmium.FileProcessor(str(path), osmium.osm.NODE)
    return {n.id: (n.lon, n.lat) for n in nodes if n.id in wanted and n.location.valid()}


def _runs(line: _Line, place: Mapping[int, tuple[float, float]]) -> Iterable[NDArray[np.float64]]:
    """The stretches of a way whose nodes are known, (n, 2) degrees."""
    xy = np.array(
        [place.get(ref, (lon, lat)) if lon != lon else (lon, lat) for ref, lon, lat in line.nodes]  # noqa: PLR0124 - NaN
    ).reshape(-1, 2)
    gaps = np.flatnonzero(np.isnan(xy[:, 0]))
    for run in np.split(xy, gaps):
        known = run[~np.isnan(run[:, 0])]
        if len(known):
            yield known


def _barriers(
    lines: NDArray[Any],
    kinds: NDArray[np.uint8],
    polygons: NDArray[Any],
    bounds: Bounds | None,
    file: str,
    small_m: float,
) -> Barriers:
    """Lines and outlines as arrays; the water lies to the right of its outlines."""
    if bounds is not None:
        box = shapely.box(*bounds)
        near = shapely.intersects(lines, box)
        lines, kinds = lines[near], kinds[near]
        polygons = polygons[shapely.intersects(polygons, box)]
    water = shapely.union_all(polygons_only(shapely.make_valid(polygons)))
    bodies = shapely.get_parts(water)
    bodies = bodies[(shapely.get_type_id(bodies) == 3) & (_extent_m(bodies) >= small_m)]
    # GEOS' normal form: shells clockwise and holes against it, so that the inside is to the right
    rings = shapely.get_rings(shapely.normalize(bodies))
    wet = np.isin(kinds, (RIVER, LAYER))
    if len(bodies) and wet.any():
        shapely.prepare(water)
        inside = np.flatnonzero(wet & np.asarray(shapely.intersects(water, lines)))
        lines = lines.copy()
        lines[inside] = shapely.difference(lines[inside], water)
    short = np.isin(kinds, (WALL, CLIFF)) & (_length_m(lines) < small_m)
    pieces, of = shapely.get_parts(lines[~short], return_index=True)
    dry = ~shapely.is_empty(pieces)
    every = np.array([*pieces[dry], *rings], object)
    xy, line = shapely.get_coordinates(every, return_index=True)
    count = np.bincount(line, minlength=len(every))
    n_lines = int(dry.sum())
    return Barriers(
        lon=xy[:, 0].copy(),
        lat=xy[:, 1].copy(),
        first=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        kind=np.concatenate([kinds[~short][of[dry]], np.full(len(rings), WATER)]).astype(np.uint8),
        entered=np.arange(len(every)) >= n_lines,
        file=file,
    )


def _flat(geometry: NDArray[Any]) -> NDArray[Any]:
    """Geometries in metres by the latitude of their own south: enough to tell large from small."""
    south = shapely.bounds(geometry)[:, 1]
    scale = METRES_PER_DEGREE * np.cos(np.radians(south))
    xy, of = shapely.get_coordinates(geometry, return_index=True)
    metres = np.column_stack([xy[:, 0] * scale[of], xy[:, 1] * METRES_PER_DEGREE])
    return np.asarray(shapely.set_coordinates(geometry.copy(), metres), object)


def _length_m(lines: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(shapely.length(_flat(lines)), np.float64) if len(lines) else np.empty(0)


def _extent_m(areas: NDArray[Any]) -> NDArray[np.float64]:
    """Diagonal of each area's box."""
    if not len(areas):
        return np.empty(0)
    west, south, east, north = shapely.bounds(_flat(areas)).T
    return np.asarray(np.hypot(east - west, north - south), np.float64)
