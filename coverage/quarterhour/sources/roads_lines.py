"""Road lines of a GIS file: joined at their ends, split where they touch, and on request cross."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from quarterhour.errors import InputError
from quarterhour.model import RawLines
from quarterhour.sources.lengths import segment_mm
from quarterhour.sources.vector import read_vector, to_wgs84
from quarterhour.sources.walkable import Way, way

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

TAGS = ("highway", "foot", "access", "motorroad", "sidewalk", "indoor", "bridge", "tunnel",
        "oneway:foot", "route")  # fmt: skip

JOIN_TOLERANCE_M = 0.5
"""Ends of lines this close are one junction: drawing errors are smaller, streets are wider."""


def read_gis_lines(
    path: Path,
    *,
    layer: str | None = None,
    join_tolerance_m: float = JOIN_TOLERANCE_M,
    split_crossings: bool = False,
) -> RawLines:
    """Walkable lines of a GIS file as a network without gaps below the tolerance.

    Columns named as OSM tags (highway or fclass, foot, access, bridge, tunnel, layer ...) are obeyed
    where the file has them; without a highway column every line can be walked.

    Raises
    ------
    InputError
        Unreadable, without CRS, or no line that can be walked.
    """
    frame = read_vector(path, layer=layer, needed="road lines")
    return lines_of_frame(
        frame, str(path), join_tolerance_m=join_tolerance_m, split_crossings=split_crossings
    )


def lines_of_frame(
    frame: gpd.GeoDataFrame, label: str, *, join_tolerance_m: float, split_crossings: bool
) -> RawLines:
    """As `read_gis_lines`, from a frame with a CRS; `label` names it in messages."""
    frame = to_wgs84(frame)
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    usable = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    lineal = np.isin(shapely.get_type_id(geometry), (1, 2, 5))
    if not (usable & lineal).any():
        raise InputError(f"{label}: holds no lines; needed are road lines (LineString)")
    rows = np.flatnonzero(usable & lineal)
    parts, of = shapely.get_parts(geometry[rows], return_index=True)
    found = _ways(frame, rows)
    keep = [
        k
        for k in range(len(parts))
        if found[of[k]] is not None and np.isfinite(shapely.get_coordinates(parts[k])).all()
    ]
    if not keep:
        raise InputError(
            f"{label}: no line can be walked; the columns highway, foot and access close them all"
        )
    ways = [found[of[k]] for k in keep]
    level = _levels(frame, rows)[of[keep]]
    lon0, lat0 = shapely.get_coordinates(parts[keep]).mean(axis=0)
    metre = np.array([111_319.49 * np.cos(np.radians(lat0)), 110_946.3])
    flat = shapely.transform(parts[keep], lambda xy: (xy - (lon0, lat0)) * metre)
    xy, key, first = _joined(flat, level, join_tolerance_m, split_crossings)
    lonlat = xy / metre + (lon0, lat0)
    direction = np.array([w.direction for w in ways if w is not None])
    return _raw(lonlat, key, first, [w for w in ways if w is not None], direction)


def _raw(
    lonlat: NDArray[np.float64],
    key: NDArray[np.int64],
    first: NDArray[np.int64],
    ways: list[Way],
    direction: NDArray[np.int64],
) -> RawLines:
    for line in np.flatnonzero(direction < 0):
        part = slice(first[line], first[line + 1])
        lonlat[part], key[part] = lonlat[part][::-1].copy(), key[part][::-1].copy()
    lon, lat = lonlat[:, 0].copy(), lonlat[:, 1].copy()
    return RawLines(
        vertex_key=key,
        lon=lon,
        lat=lat,
        segment_mm=segment_mm(lon, lat, first),
        first_vertex=first,
        kind=np.array([w.kind for w in ways], np.uint8),
        oneway=direction != 1,
        rank=np.array([w.rank for w in ways], np.uint8),
    )


def _ways(frame: gpd.GeoDataFrame, rows: NDArray[np.int64]) -> list[Way | None]:
    """What each row is to a walker, by the OSM tags that the file has as columns."""
    names = {str(c).lower(): c for c in frame.columns}
    columns: dict[str, list[str]] = {}
    for tag in TAGS:
        column = names.get(tag) or names.get({"highway": "fclass"}.get(tag, tag.replace(":", "_")))
        if column is not None:
            columns[tag] = [_tag(value) for value in frame[column].to_numpy()[rows]]
    if "highway" not in columns:
        columns["highway"] = [""] * len(rows)
    memo: dict[tuple[str, ...], Way | None] = {}
    result: list[Way | None] = []
    for values in zip(*columns.values(), strict=True):
        if values not in memo:
            tags = dict(zip(columns, values, strict=True))
            # a line without a class is a road that the file's author put there to be used
            tags["highway"] = tags["highway"] or ("" if tags.get("route") else "road")
            memo[values] = way(tags)
        result.append(memo[values])
    return result


def _tag(value: object) -> str:
    if isinstance(value, (list, tuple, np.ndarray)):
        value = value[0] if len(value) else ""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    text = str(value).strip()
    return "" if text in {"nan", "None", "<NA>"} else text


def _levels(frame: gpd.GeoDataFrame, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lines on different levels never meet where they only cross: bridges, tunnels, layers."""
    names = {str(c).lower(): c for c in frame.columns}
    level = np.zeros(len(rows), np.int64)
    for tag, weight in (("bridge", 100), ("tunnel", -100)):
        if tag in names:
            tags = [_tag(v).lower() for v in frame[names[tag]].to_numpy()[rows]]
            level += [0 if t in {"", "no", "f", "false", "0"} else weight for t in tags]
    if "layer" in names:
        for k, value in enumerate(frame[names["layer"]].to_numpy()[rows]):
            try:
                level[k] += int(float(_tag(value) or 0))
            except ValueError:
                continue  # a layer that is not a number says nothing about height
    return level


def _joined(
    lines: NDArray[Any], level: NDArray[np.int64], tolerance: float, crossings: bool
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Vertices (metres), their keys and CSR offsets, with touching and crossing points added."""
    inserts: dict[int, list[tuple[float, float, float]]] = {}
    first = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(lines))])
    xy = shapely.get_coordinates(lines)
    tree = shapely.STRtree(lines)
    ends = np.unique(np.concatenate([first[:-1], first[1:] - 1]))
    points = shapely.points(xy[ends])
    end_of, line_of = tree.query(points, predicate="dwithin", distance=max(tolerance, 1e-3))
    own = np.searchsorted(first, ends, side="right") - 1
    other = own[end_of] != line_of
    end_of, line_of = end_of[other], line_of[other]
    along = shapely.line_locate_point(lines[line_of], points[end_of])
    length = shapely.length(lines[line_of])
    inside = (along > tolerance) & (along < length - tolerance)
    for p, k, at in zip(end_of[inside], line_of[inside], along[inside], strict=True):
        inserts.setdefault(int(k), []).append((float(at), *map(float, xy[ends[p]])))
    if crossings:
        _add_crossings(lines, level, tree, inserts)
    touched: set[tuple[float, float]] = set()
    if inserts:
        pieces, sizes = [], []
        for k in range(len(lines)):
            own_xy = xy[first[k] : first[k + 1]]
            if k in inserts:
                own_xy = _with_points(own_xy, inserts[k], tolerance, touched)
            pieces.append(own_xy)
            sizes.append(len(own_xy))
        xy = np.concatenate(pieces)
        first = np.concatenate([[0], np.cumsum(sizes)])
    key = _keys(xy, first, level, touched, tolerance)
    return xy, key, first.astype(np.int64)


def _with_points(
    xy: NDArray[np.float64],
    points: list[tuple[float, float, float]],
    tolerance: float,
    touched: set[tuple[float, float]],
) -> NDArray[np.float64]:
    """The line with each point as a vertex, unless it has one within the tolerance already.

    The vertex that stands for each point is added to `touched`.
    """
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    rows = [(float(at), float(x), float(y)) for at, (x, y) in zip(run, xy, strict=True)]
    for at, x, y in points:
        near = min(rows, key=lambda row, at=at: abs(row[0] - at))  # type: ignore[misc]
        if abs(near[0] - at) > tolerance:
            rows.append((at, x, y))
            near = rows[-1]
        touched.update([(near[1], near[2]), (x, y)])
    rows.sort()
    return np.array([[x, y] for _, x, y in rows])


def _add_crossings(
    lines: NDArray[Any],
    level: NDArray[np.int64],
    tree: shapely.STRtree,
    inserts: dict[int, list[tuple[float, float, float]]],
) -> None:
    one, two = tree.query(lines, predicate="crosses")
    pair = (one < two) & (level[one] == level[two])
    one, two = one[pair], two[pair]
    meeting = shapely.intersection(lines[one], lines[two])
    for k, a in enumerate(one):
        for point in shapely.get_coordinates(meeting[k]):
            for line in (a, two[k]):
                at = float(shapely.line_locate_point(lines[line], shapely.points(point)))
                inserts.setdefault(int(line), []).append((at, float(point[0]), float(point[1])))


def _keys(
    xy: NDArray[np.float64],
    first: NDArray[np.int64],
    level: NDArray[np.int64],
    touched: set[tuple[float, float]],
    tolerance: float,
) -> NDArray[np.int64]:
    """Equal keys for equal vertices (to a millimetre) and for line ends within the tolerance.

    Inner vertices of lines on different levels stay apart: a bridge may share a vertex with the
    street below it without meeting it.
    """
    grid = np.round(xy * 1000.0).astype(np.int64)
    ends = np.unique(np.concatenate([first[:-1], first[1:] - 1]))
    storey = np.repeat(level, np.diff(first))
    storey[ends] = 0
    _, key = np.unique(np.column_stack([grid, storey]), axis=0, return_inverse=True)
    key = key.reshape(-1).astype(np.int64)
    if touched:
        at = np.array(sorted(touched))
        is_touched = {(int(round(x * 1000)), int(round(y * 1000))) for x, y in at}
        more = [k for k, (x, y) in enumerate(grid.tolist()) if (x, y) in is_touched]
        ends = np.unique(np.concatenate([ends, np.array(more, np.int64)]))
    points = shapely.points(xy[ends])
    one, two = shapely.STRtree(points).query(points, predicate="dwithin", distance=tolerance)
    n = int(key.max()) + 1
    graph = coo_array((np.ones(len(one), np.int8), (key[ends[one]], key[ends[two]])), shape=(n, n))
    _, cluster = connected_components(graph, directed=False)
    joined: NDArray[np.int64] = cluster[key].astype(np.int64)
    return joined
