"""Geometry as short text for a page: simplified, rounded, delta coded, varint, base64.

A stream is a row of unsigned varints (7 bits per byte, low bits first). Signed numbers are zig-zag
coded first. Coordinates are whole multiples of a step in degrees and each is written as the
difference from the coordinate before it, through the whole stream.

    roads     5 line counts (by rank), then per line its vertex count, then all x, y
    shapes    number of shapes; per shape its number of rings; per ring vertex count * 2 + closed;
              then all x, y. Rings of one shape are filled by the even-odd rule.
    places    six columns one after the other, each of the length that is sent beside the stream
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from quarterhour.render.map.layers import BaseRoads, Places

ROAD_STEP_DEG: Final = 1e-5
SHAPE_STEP_DEG: Final = 1e-6
ROAD_TOLERANCE_M: Final = 1.5
SHAPE_TOLERANCE_M: Final = 1.0
N_RANKS: Final = 5
_METRES_PER_DEGREE: Final = 111_320.0
_MIN_LINE: Final = 2
_LINE, _RING, _POLYGON, _LAST_SINGLE = 1, 2, 3, 3
_LINES: Final = (_LINE, _RING)

Ints = np.ndarray[Any, np.dtype[np.int64]]


def zigzag(values: Ints) -> Ints:
    """Signed to unsigned: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return (values << 1) ^ (values >> 63)


def varint(values: Ints) -> bytes:
    """Unsigned whole numbers as varints; ValueError for a negative one."""
    if values.size == 0:
        return b""
    if int(values.min()) < 0:
        message = "a varint cannot be negative"
        raise ValueError(message)
    sizes = np.ones(values.size, dtype=np.int64)
    rest = values >> 7
    while rest.any():
        sizes += rest > 0
        rest = rest >> 7
    ends = np.cumsum(sizes)
    out = np.zeros(int(ends[-1]), dtype=np.uint8)
    starts = ends - sizes
    for step in range(int(sizes.max())):
        has = sizes > step
        more = np.where(sizes[has] > step + 1, 128, 0)
        out[starts[has] + step] = ((values[has] >> (7 * step)) & 127) | more
    return out.tobytes()


def text(*parts: Ints) -> str:
    """The parts one after the other as varints, in base64."""
    return base64.b64encode(b"".join(varint(part) for part in parts)).decode("ascii")


def deltas(x: Ints, y: Ints) -> Ints:
    """Zig-zag coded differences of the coordinates, x and y in turn."""
    pairs = np.empty((x.size, 2), dtype=np.int64)
    pairs[:, 0] = np.diff(x, prepend=0)
    pairs[:, 1] = np.diff(y, prepend=0)
    return zigzag(pairs.ravel())


def steps(degrees: NDArray[np.float64], step_deg: float) -> Ints:
    """Degrees as whole multiples of `step_deg`."""
    return np.rint(np.asarray(degrees, dtype=np.float64) / step_deg).astype(np.int64)


def locality(x: NDArray[np.float64], y: NDArray[np.float64]) -> Ints:
    """An order in which neighbours in space are neighbours in the row (Morton order)."""
    code = np.zeros(x.size, dtype=np.int64)
    if x.size == 0:
        return code
    for shift, values in ((0, x), (1, y)):
        span = float(np.ptp(values)) or 1.0
        cell = ((values - values.min()) / span * 65535).astype(np.int64)
        for bit in range(16):
            code |= ((cell >> bit) & 1) << (2 * bit + shift)
    return np.argsort(code, kind="stable")


def _scale(lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres per degree of longitude and latitude near the middle of `lat`."""
    middle = float(np.median(lat)) if lat.size else 0.0
    return np.array([_METRES_PER_DEGREE * np.cos(np.radians(middle)), _METRES_PER_DEGREE])


def pack_roads(roads: BaseRoads) -> str:
    """The base roads, main roads first, simplified by `ROAD_TOLERANCE_M` metres."""
    sizes = np.diff(roads.line_start)
    lon = np.asarray(roads.lon, dtype=np.float64)
    lat = np.asarray(roads.lat, dtype=np.float64)
    scale = _scale(lat)
    usable = sizes >= _MIN_LINE
    inside = np.repeat(usable, sizes)
    index = np.repeat(np.arange(int(usable.sum())), sizes[usable])
    vertices = np.column_stack([lon, lat])[inside] * scale
    rank = np.minimum(np.asarray(roads.rank, dtype=np.int64)[usable], N_RANKS - 1)
    if not rank.size:
        return text(np.zeros(N_RANKS, dtype=np.int64))
    lines = shapely.simplify(
        shapely.linestrings(vertices, indices=index), ROAD_TOLERANCE_M, preserve_topology=False
    )
    start = vertices[np.searchsorted(index, np.arange(rank.size))]
    near = locality(start[:, 0], start[:, 1])
    order = near[np.argsort(rank[near], kind="stable")]
    points, owner = shapely.get_coordinates(lines[order], return_index=True)
    counts = np.bincount(owner, minlength=rank.size).astype(np.int64)
    x = steps(points[:, 0] / scale[0], ROAD_STEP_DEG)
    y = steps(points[:, 1] / scale[1], ROAD_STEP_DEG)
    by_rank = np.bincount(rank, minlength=N_RANKS).astype(np.int64)
    return text(by_rank, counts, deltas(x, y))


def _rings(shapes: Sequence[BaseGeometry | None]) -> tuple[NDArray[Any], Ints]:
    """The rings and open lines of all shapes with the shape of each; points are left out."""
    parts = np.array(shapes, object)
    owner = np.arange(len(parts))
    present = ~(shapely.is_missing(parts) | shapely.is_empty(parts))
    parts, owner = parts[present], owner[present]
    while (shapely.get_type_id(parts) > _LAST_SINGLE).any():
        parts, of = shapely.get_parts(parts, return_index=True)
        owner = owner[of]
    polygon = shapely.get_type_id(parts) == _POLYGON
    rings, of = shapely.get_rings(parts[polygon], return_index=True)
    line = np.isin(shapely.get_type_id(parts), _LINES)
    lines = np.concatenate([rings, parts[line]])
    owner = np.concatenate([owner[polygon][of], owner[line]])
    order = np.argsort(owner, kind="stable")
    return lines[order], owner[order]


def _simplified(lines: NDArray[Any], tolerance_m: float) -> NDArray[Any]:
    """Lines with fewer vertices, none moved by more than about `tolerance_m` metres.

    Each by itself, which is fast: rings that then touch are drawn as well as any, and nothing is
    counted with them.
    """
    if not len(lines):
        return lines
    scale = _scale(shapely.get_coordinates(lines)[:, 1])
    metric = shapely.transform(lines, lambda points: points * scale)
    fewer = shapely.simplify(metric, tolerance_m, preserve_topology=False)
    flat = shapely.get_num_coordinates(fewer) < np.where(shapely.is_closed(lines), 4, 2)
    return np.asarray(
        shapely.transform(np.where(flat, metric, fewer), lambda points: points / scale), object
    )


def pack_shapes(
    shapes: Iterable[BaseGeometry | None], tolerance_m: float = SHAPE_TOLERANCE_M
) -> str:
    """Polygons or lines, in order; an absent or empty one keeps its place with no ring."""
    given = list(shapes)
    rings, owner = _rings(given)
    rings = _simplified(rings, tolerance_m)
    closed = shapely.get_type_id(rings) == _RING
    # the last vertex of a ring repeats its first
    size = shapely.get_num_coordinates(rings) - closed
    every, of = shapely.get_coordinates(rings, return_index=True)
    last = np.ones(len(of), bool)
    last[:-1] = of[1:] != of[:-1]
    every = every[~(last & closed[of])] if len(of) else np.empty((0, 2))
    n_rings = np.bincount(owner, minlength=len(given))
    heads = [len(given)]
    at = 0
    for count in n_rings.tolist():
        heads.append(count)
        heads.extend((2 * size[at : at + count] + closed[at : at + count]).tolist())
        at += count
    x = steps(every[:, 0], SHAPE_STEP_DEG)
    y = steps(every[:, 1], SHAPE_STEP_DEG)
    return text(np.array(heads, dtype=np.int64), deltas(x, y))


def tenths_of_minutes(minutes: NDArray[np.float64], *, up: bool) -> Ints:
    """Tenths of minutes plus one, 0 where there is no time; `up` never rounds down.

    A place beyond the cutoff by a second must not read as if it were inside it.
    """
    found = np.isfinite(minutes)
    tenths = np.where(found, minutes, 0.0) * 10.0
    whole = np.ceil(tenths - 1e-6) if up else np.rint(tenths)
    return np.where(found, whole.astype(np.int64) + 1, 0)


def pack_places(places: Places, reasons: Sequence[str], *, step_deg: float = SHAPE_STEP_DEG) -> str:
    """Demand places: x, y, tenths of the amount, tenths of minutes + 1, nearest + 1, reason.

    Without `reasons` the last column is left out.
    """
    order = locality(np.asarray(places.lon), np.asarray(places.lat))
    reason = [reasons.index(key) for key in places.reason] if reasons else []
    return text(
        zigzag(np.diff(steps(places.lon[order], step_deg), prepend=0)),
        zigzag(np.diff(steps(places.lat[order], step_deg), prepend=0)),
        np.rint(places.amount[order] * 10).astype(np.int64),
        tenths_of_minutes(places.minutes[order], up=True),
        np.asarray(places.nearest[order], dtype=np.int64) + 1,
        np.array(reason, np.int64)[order if reasons else slice(0)],
    )
