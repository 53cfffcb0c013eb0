"""Road lines of a GIS file: joined at their ends, split where they touch, and on request cross."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.model import BRIDGE, TUNNEL, RawLines
from quarterhour.sources.files.vector import read_vector, to_wgs84
from quarterhour.sources.roads.lengths import segment_mm
from quarterhour.sources.roads.walkable import Way, tag_values, way_of_line

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TAGS = ("highway", "foot", "access", "motorroad", "sidewalk", "indoor", "bridge", "tunnel",
        "oneway:foot", "route")  # fmt: skip

JOIN_TOLERANCE_M = 0.5
"""Ends of lines this close are one junction: drawing errors are smaller, streets are wider."""

SAME_M = 0.01
"""An end this close to a line touches it, whatever the tolerance: a street that is straight on a
map of metres is bent by some millimetres in degrees."""


def read_gis_lines(
    path: Path,
    *,
    layer: str | None = None,
    join_tolerance_m: float = JOIN_TOLERANCE_M,
    split_crossings: bool = False,
) -> RawLines:
    """Walkable lines of a GIS file as a network without gaps below the tolerance.

    Columns named as OSM tags (highway or fclass, foot, access, bridge, tunnel, layer ...) are
    obeyed where the file has them; without a highway column every line can be walked.

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
    rows = np.flatnonzero(usable & np.isin(shapely.get_type_id(geometry), (1, 2, 5)))
    if not len(rows):
        raise InputError(f"{label}: holds no lines; needed are road lines (LineString)")
    parts, of = shapely.get_parts(geometry[rows], return_index=True)
    on_earth = _on_earth(parts)
    if not on_earth.any():
        x, y = shapely.get_coordinates(parts[0])[0]
        raise InputError(
            f"{label}: its coordinates (the first is {x:.10g}, {y:.10g}) do not fit its coordinate"
            " system: set the right CRS in QGIS and save it again"
        )
    ways, level = _ways(frame, rows)
    keep = np.flatnonzero(on_earth & np.array([ways[k] is not None for k in of]))
    if not len(keep):
        raise InputError(
            f"{label}: no line can be walked; the columns highway, foot and access close them all"
        )
    lonlat = shapely.get_coordinates(parts[keep])
    middle = lonlat.mean(axis=0)
    metre = np.array([111_319.49 * np.cos(np.radians(middle[1])), 110_946.3])
    first = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(parts[keep]))])
    drawn = Drawn((lonlat - middle) * metre, first.astype(np.int64), level[of[keep]])
    cuts = _cuts(drawn, max(join_tolerance_m, SAME_M), crossings=split_crossings)
    drawn, at, added = _cut(drawn, cuts, max(join_tolerance_m, SAME_M))
    key = _keys(drawn, cuts.tie(at), join_tolerance_m)
    whole = np.empty_like(drawn.xy)
    is_new = np.zeros(len(whole), bool)
    is_new[added] = True
    whole[~is_new] = lonlat
    whole[is_new] = drawn.xy[added] / metre + middle
    return _raw(whole, key, drawn.first, [w for k in keep if (w := ways[of[k]]) is not None])


def _raw(lonlat: Floats, key: Ints, first: Ints, ways: list[Way]) -> RawLines:
    direction = np.array([w.direction for w in ways])
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


def _on_earth(lines: NDArray[Any]) -> NDArray[np.bool_]:
    """Lines whose every coordinate is a longitude and latitude."""
    xy, of = shapely.get_coordinates(lines, return_index=True)
    fits = (np.abs(xy) <= (180.0, 90.0)).all(axis=1)  # not true of NaN and infinity
    bad = np.zeros(len(lines), bool)
    bad[of[~fits]] = True
    return ~bad


def _ways(frame: gpd.GeoDataFrame, rows: Ints) -> tuple[list[Way | None], Ints]:
    """What each row is to a walker, by the OSM tags that the file has as columns, and its level.

    Lines on different levels never meet where they only cross: bridges, tunnels, layers.
    """
    names = {str(c).lower(): c for c in frame.columns if c != frame.geometry.name}
    columns: dict[str, list[tuple[str, ...]]] = {}
    for tag in (*TAGS, "layer"):
        # a shapefile cuts names after ten characters
        for name in (tag, tag.replace(":", "_"), tag[:10], tag.replace(":", "_")[:10],
                     {"highway": "fclass"}.get(tag, tag)):  # fmt: skip
            if name in names:
                columns[tag] = _column(frame[names[name]].to_numpy()[rows])
                break
    layers = columns.pop("layer", [("",)] * len(rows))
    memo: dict[tuple[tuple[str, ...], ...], Way | None] = {}
    ways: list[Way | None] = []
    for values in zip(*columns.values(), strict=True) if columns else [()] * len(rows):
        if values not in memo:
            memo[values] = way_of_line(dict(zip(columns, values, strict=True)))
        ways.append(memo[values])
    level = np.array([_layer(values[0]) for values in layers], np.int64)
    kind = np.array([0 if way is None else way.kind for way in ways], np.int64)
    return ways, level + 100 * ((kind & BRIDGE) > 0) - 100 * ((kind & TUNNEL) > 0)


def _column(values: NDArray[Any]) -> list[tuple[str, ...]]:
    memo: dict[object, tuple[str, ...]] = {}
    result = []
    for value in values:
        if isinstance(value, (list, set, np.ndarray)):  # cannot be a key
            result.append(tag_values(value))
            continue
        if value not in memo:
            memo[value] = tag_values(value)
        result.append(memo[value])
    return result


def _layer(text: str) -> int:
    try:
        return int(float(text or 0))
    except (ValueError, OverflowError):
        return 0  # a layer that is not a number says nothing about height


class Drawn(NamedTuple):
    """Lines in metres: vertices, CSR offsets of the lines, and a level per line."""

    xy: Floats
    first: Ints
    level: Ints

    def lines(self) -> NDArray[Any]:
        """As shapely LineStrings."""
        of = np.repeat(np.arange(len(self.level)), np.diff(self.first))
        lines: NDArray[Any] = shapely.linestrings(self.xy, indices=of)
        return lines

    def ends(self) -> Ints:
        """Vertices that begin or end a line."""
        return np.unique(np.concatenate([self.first[:-1], self.first[1:] - 1]))


class Cuts(NamedTuple):
    """Places where lines are cut: the line, metres along it, the point, and what it is joined with.

    `end`: the vertex of the line end that touches there, or -1 where two lines cross; those cuts
    come in pairs, one after the other.
    """

    line: Ints
    along: Floats
    xy: Floats
    end: Ints

    def tie(self, at: tuple[Ints, Ints]) -> Ints:
        """Pairs of vertices that are one junction, shape (n, 2); `at` is from `_cut`."""
        vertex, moved = at
        crossing = np.flatnonzero(self.end < 0)
        touching = np.flatnonzero(self.end >= 0)
        return np.concatenate([
            np.column_stack([vertex[touching], moved[self.end[touching]]]),
            vertex[crossing].reshape(-1, 2),
        ])  # fmt: skip


def _cuts(drawn: Drawn, near_m: float, *, crossings: bool) -> Cuts:
    """Where an end touches the inside of another line, and where lines of one level cross."""
    xy, first = drawn.xy, drawn.first
    lines = drawn.lines()
    tree = shapely.STRtree(lines)
    ends = drawn.ends()
    _, sample = np.unique(_millimetres(xy[ends]), return_index=True)
    ends = ends[np.sort(sample)]
    end_of, line = tree.query(shapely.points(xy[ends]), predicate="dwithin", distance=near_m)
    end = ends[end_of]
    to_begin = np.hypot(*(xy[end] - xy[first[line]]).T)
    to_finish = np.hypot(*(xy[end] - xy[first[line + 1] - 1]).T)
    inside = (to_begin > near_m) & (to_finish > near_m)
    end, line = end[inside], line[inside]
    along = shapely.line_locate_point(lines[line], shapely.points(xy[end]))
    cuts = Cuts(line, along, xy[end], end)
    if not crossings:
        return cuts
    one, two = tree.query(lines, predicate="crosses")
    pair = (one < two) & (drawn.level[one] == drawn.level[two])
    one, two = one[pair], two[pair]
    point, of = shapely.get_coordinates(
        shapely.intersection(lines[one], lines[two]), return_index=True
    )
    both = np.column_stack([one[of], two[of]]).ravel()
    point = np.repeat(point, 2, axis=0)
    along_both = shapely.line_locate_point(lines[both], shapely.points(point))
    return Cuts(
        np.concatenate([line, both]),
        np.concatenate([along, along_both]),
        np.concatenate([cuts.xy, point]),
        np.concatenate([end, np.full(len(both), -1)]),
    )


def _cut(drawn: Drawn, cuts: Cuts, near_m: float) -> tuple[Drawn, tuple[Ints, Ints], Ints]:
    """The lines with a vertex at every cut, unless they have one within `near_m` along already.

    Also (the vertex of each cut, the new number of each old vertex), and the vertices added.
    """
    xy, first, level = drawn
    step = np.zeros(len(xy))
    step[1:] = np.hypot(*np.diff(xy, axis=0).T)
    # metres along all lines, one behind the other with gaps wider than near_m
    step[first[1:-1]] = 10.0 * near_m + 1.0
    run = np.cumsum(step)
    at = run[first[cuts.line]] + cuts.along
    right = np.clip(np.searchsorted(run, at), 1, len(run) - 1)
    near = np.where(at - run[right - 1] <= run[right] - at, right - 1, right)
    fresh = np.flatnonzero(np.abs(run[near] - at) > near_m)
    fresh = fresh[np.argsort(at[fresh], kind="stable")]
    # cuts this close to one another share a vertex
    leads = np.diff(at[fresh], prepend=-np.inf) > near_m
    added = fresh[leads]
    before = np.searchsorted(run, at[added])
    moved = np.arange(len(xy)) + np.searchsorted(before, np.arange(len(xy)), side="right")
    new = before + np.arange(len(added))
    vertex = moved[near]
    vertex[fresh] = new[np.cumsum(leads) - 1]
    result = Drawn(
        np.insert(xy, before, cuts.xy[added], axis=0),
        first + np.searchsorted(before, first),
        level,
    )
    return result, (vertex, moved), new


def _millimetres(xy: Floats) -> Ints:
    """One number per point, equal for points that are equal to a millimetre."""
    grid = np.round(xy * 1000.0).astype(np.int64)
    code: Ints = (grid[:, 0] << 32) + grid[:, 1]
    return code


def _keys(drawn: Drawn, ties: Ints, tolerance: float) -> Ints:
    """Equal keys for equal vertices, for the pairs of `ties`, and for ends within the tolerance.

    Inner vertices of lines on different levels stay apart: a bridge may share a vertex with the
    street below it without meeting it.
    """
    ends = drawn.ends()
    _, key = np.unique(_millimetres(drawn.xy), return_inverse=True)
    if drawn.level.any():
        storey = np.repeat(drawn.level, np.diff(drawn.first))
        levels, storey = np.unique(storey, return_inverse=True)
        _, key = np.unique(key * len(levels) + storey, return_inverse=True)
    end_key, sample = np.unique(key[ends], return_index=True)
    from scipy.sparse import coo_array  # noqa: PLC0415 - slow to load, and only needed here
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415
    from scipy.spatial import cKDTree  # noqa: PLC0415

    close = cKDTree(drawn.xy[ends[sample]]).query_pairs(tolerance, output_type="ndarray")
    close = end_key[close.astype(np.int64)].reshape(-1, 2)
    # a line shorter than the tolerance is still a line: its own ends stay apart
    n = int(key.max()) + 1
    begin, finish = drawn.first[:-1], drawn.first[1:] - 1
    short = np.hypot(*(drawn.xy[begin] - drawn.xy[finish]).T) <= tolerance
    short &= np.diff(drawn.first) == 2
    own = np.sort(key[np.column_stack([begin, finish])[short]], axis=1)
    close = close[~np.isin(close[:, 0] * n + close[:, 1], own[:, 0] * n + own[:, 1])]
    pair = np.concatenate([close, key[ties]])
    graph = coo_array((np.ones(len(pair), np.int8), (pair[:, 0], pair[:, 1])), shape=(n, n))
    _, cluster = connected_components(graph, directed=False)
    joined: Ints = cluster[key].astype(np.int64)
    return joined
