"""What a scenario changes of the streets: closures and new streets read from files, and applied."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core.alter import TOLERANCE_M, Altered, close_streets, open_streets
from quarterhour.errors import InputError
from quarterhour.frames import MetricCrs, bounds_of
from quarterhour.inputs import Change, Note, SetAside
from quarterhour.model import (
    BRIDGE,
    LIFT,
    RANK_PATH,
    RANK_STEPS,
    STEPS,
    TUNNEL,
    RawLines,
    RoadNetwork,
)
from quarterhour.sources import datum
from quarterhour.sources.cells import cell_text
from quarterhour.sources.columns import find_column
from quarterhour.sources.lengths import segment_mm
from quarterhour.sources.points import read_points
from quarterhour.sources.vector import TABLE_SUFFIXES, read_vector, to_wgs84

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.sources.point_rows import Resolve

KINDS: dict[str, tuple[str, ...]] = {
    "steps": ("steps", "stairs", "台阶", "楼梯", "梯道", "踏步"),
    "bridge": ("bridge", "footbridge", "overpass", "天桥", "人行天桥", "桥", "连廊"),
    "tunnel": ("tunnel", "underpass", "subway", "地道", "人行地道", "地下通道", "隧道"),
    "lift": ("lift", "elevator", "电梯", "直梯"),
    "path": ("path", "footway", "street", "road", "步道", "道路", "街道", "人行道", "通道", "巷道"),
}
"""Words of the column of kinds."""

BITS = {"steps": STEPS, "bridge": BRIDGE, "tunnel": TUNNEL, "lift": LIFT, "path": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """Features of a file in WGS-84, with their names, kinds and rows as the user sees them."""

    geometry: NDArray[Any]
    name: tuple[str, ...]
    kind: tuple[str, ...]
    row: tuple[int, ...]
    file: str
    set_aside: tuple[SetAside, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredRoads:
    """Roads of a scenario: the network, every street closed and joint made, and rows not used.

    `closed`: float64 longitude, latitude and metres of every cut (n, 3). `opened_m`: metres of the
    new streets that are joined. `joints`, `loose`: ends and crossings of them that are joined, and
    ends that are not.
    """

    network: RoadNetwork
    changes: tuple[Change, ...]
    set_aside: tuple[SetAside, ...]
    closed: NDArray[np.float64]
    opened_m: float = 0.0
    joints: int = 0
    loose: int = 0

    @property
    def closed_m(self) -> float:
        """Metres of street that are gone."""
        return float(self.closed[:, 2].sum())


def read_closures(
    path: Path,
    *,
    layer: str | None = None,
    coordinates: str = "wgs84",
    resolve: Resolve | None = None,
) -> Shapes:
    """Points, lines and polygons that close streets: a GIS layer, or a table of points.

    Raises
    ------
    InputError
        The file cannot be used.
    """
    needed = "closed streets (points, lines or polygons)"
    if path.suffix.lower() in TABLE_SUFFIXES:
        rows = read_points(
            path, layer="closures", needed=needed, sheet=layer, coordinates=coordinates,
            resolve=resolve,
        )  # fmt: skip
        return Shapes(
            geometry=shapely.points(rows.lon, rows.lat),
            name=tuple(rows.text("name") or [""] * len(rows.row)),
            kind=("",) * len(rows.row),
            row=tuple(rows.row.tolist()),
            file=path.name,
            set_aside=rows.set_aside,
            changes=rows.changes,
        )
    return _layer(path, layer, coordinates, resolve, "closures", needed, (0, 1, 2))


def read_openings(
    path: Path,
    *,
    layer: str | None = None,
    coordinates: str = "wgs84",
    resolve: Resolve | None = None,
) -> Shapes:
    """New streets as lines of a GIS layer; a column kind (类型) may say what they are.

    Raises
    ------
    InputError
        The file cannot be used, holds no line, or a kind that is not known.
    """
    needed = "new streets (lines)"
    found = _layer(path, layer, coordinates, resolve, "openings", needed, (1,))
    if not len(found.geometry):
        raise InputError(f"{path}: holds no lines; needed are new streets as lines")
    kinds = []
    for text, row in zip(found.kind, found.row, strict=True):
        parts = [p for p in text.lower().replace("，", ",").replace("、", ",").split(",") if p]
        known = [key for p in parts for key, words in KINDS.items() if p.strip() in words]
        if len(known) < len(parts):
            raise InputError(
                f"{path} row {row}: the kind {text!r} is not known; needed is one of"
                f" {', '.join(words[0] for words in KINDS.values())}"
                " (台阶、天桥、地道、电梯、步道), or nothing"
            )
        kinds.append(",".join(known))
    return dataclasses.replace(found, kind=tuple(kinds))


def _layer(
    path: Path,
    layer: str | None,
    coordinates: str,
    resolve: Resolve | None,
    what: str,
    needed: str,
    dimensions: tuple[int, ...],
) -> Shapes:
    """Simple features of a GIS layer, one row per part; features of other kinds are set aside."""
    frame = read_vector(path, layer=layer, needed=needed)
    # metres are in the system that the layer names; degrees may be shifted, whatever it says
    is_open = coordinates == datum.AUTO and frame.crs.is_geographic
    frame = to_wgs84(frame)
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    names = {str(c) for c in frame.columns if c != frame.geometry.name}
    text: dict[str, list[str]] = {}
    for meaning in ("name", "kind"):
        heading = find_column(sorted(names), meaning)
        values = [""] * len(frame) if heading is None else frame[heading].tolist()
        text[meaning] = [cell_text(v) for v in values]
    aside, rows, shapes = [], [], []
    for k, shape in enumerate(geometry):
        why = ""
        if shape is None or shapely.is_empty(shape):
            why = "the feature has no geometry"
        elif not (np.abs(shapely.get_coordinates(shape)) <= (180.0, 90.0)).all():
            why = "the feature lies outside the earth"
        parts = [] if why else [
            p for p in _simple(shape) if shapely.get_dimensions(p) in dimensions
        ]  # fmt: skip
        if not parts:
            aside.append(
                SetAside(
                    layer=what, file=path.name, sheet="", row=k + 1, name=text["name"][k],
                    reason="no_geometry", detail=why or f"is none of {needed}",
                )
            )  # fmt: skip
        rows += [k] * len(parts)
        shapes += parts
    found = np.array(shapes, object)
    changes: tuple[Change, ...] = ()
    if is_open and len(found):
        coordinates, changes = _by_roads(found, resolve, path, what)
    if coordinates in {"gcj02", "bd09"} and len(found):
        found = shapely.transform(
            found, lambda xy: np.column_stack(datum.to_wgs84(xy[:, 0], xy[:, 1], coordinates))
        )
    return Shapes(
        geometry=found,
        name=tuple(text["name"][k] for k in rows),
        kind=tuple(text["kind"][k] for k in rows),
        row=tuple(k + 1 for k in rows),
        file=path.name,
        set_aside=tuple(aside),
        changes=changes,
    )


def _by_roads(
    shapes: NDArray[Any], resolve: Resolve | None, path: Path, what: str
) -> tuple[str, tuple[Change, ...]]:
    """The system in which the vertices of shapes lie best on the roads, and what is told of it."""
    if resolve is None:
        raise InputError(f"{path}: {datum.NEEDS_ROADS}")
    xy = np.unique(shapely.get_coordinates(shapes), axis=0)
    fit = resolve(xy[:, 0], xy[:, 1], datum.AUTO)
    system = "wgs84" if fit.used == datum.AUTO else fit.used
    if fit.note is not None:
        told = fit.note
    else:
        told = Note(f"由道路判断坐标系为 {system}", f"by the roads its coordinates are {system}")
    if fit.verdict != "fits":
        told = Note(
            f"{told.zh}；按 {system} 读取，请核对，或写明 coordinates",
            f"{told.en}; it is read as {system}: check it, or name its coordinates",
        )
    return system, (
        Change(
            layer=what, file=path.name, sheet="", row=None, name="", kind="datum", detail=told
        ),
    )  # fmt: skip


def _simple(shape: Any) -> list[Any]:  # noqa: ANN401 - shapely geometry
    parts = []
    for part in shapely.get_parts(shape):
        parts += _simple(part) if shapely.get_type_id(part) >= 4 else [part]
    return parts


def lines_of(shapes: Shapes) -> RawLines:
    """New streets as lines for `core.alter`; lengths are geodesic."""
    lonlat = shapely.get_coordinates(shapes.geometry)
    count = shapely.get_num_coordinates(shapes.geometry)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    lon, lat = lonlat[:, 0].copy(), lonlat[:, 1].copy()
    kind = [sum(BITS[k] for k in set(text.split(",")) if k) for text in shapes.kind]
    steps = np.array([(k & STEPS) != 0 for k in kind], bool)
    n = len(kind)
    return RawLines(
        vertex_key=np.arange(len(lon), dtype=np.int64),
        lon=lon,
        lat=lat,
        segment_mm=segment_mm(lon, lat, first),
        first_vertex=first,
        kind=np.array(kind, np.uint8),
        oneway=np.zeros(n, bool),
        rank=np.where(steps, RANK_STEPS, RANK_PATH).astype(np.uint8),
    )


def alter_roads(
    network: RoadNetwork,
    closures: Shapes | None = None,
    openings: Shapes | None = None,
    *,
    tolerance_m: float = TOLERANCE_M,
    split_crossings: bool = False,
) -> AlteredRoads:
    """`network` without what `closures` close and with what `openings` open, in this order.

    Every shape says what it did, or is set aside because it did nothing.
    """
    crs = MetricCrs(bounds_of((network.vertex_lon, network.vertex_lat)))
    x_m, y_m = crs.metres(network.vertex_lon, network.vertex_lat)
    changes: list[Change] = []
    aside: list[SetAside] = []
    cuts = np.empty((0, 3))
    opened: dict[str, Any] = {}
    if closures is not None:
        done = close_streets(
            network, x_m, y_m, crs.geometry_m(closures.geometry), tolerance_m=tolerance_m
        )
        changes += [*closures.changes, *_closed(closures, done)]
        aside += [*closures.set_aside, *_idle(closures, done, "closures", tolerance_m)]
        network, x_m, y_m = done.network, done.x_m, done.y_m
        cuts = done.closed[:, :3]
    if openings is not None:
        lines = lines_of(openings)
        done = open_streets(
            network, x_m, y_m, lines, *crs.metres(lines.lon, lines.lat),
            tolerance_m=tolerance_m, split_crossings=split_crossings,
        )  # fmt: skip
        changes += [*openings.changes, *_opened(openings, lines, done)]
        aside += [*openings.set_aside, *_idle(openings, done, "openings", tolerance_m)]
        network = done.network
        opened = _joined(lines, done)
    return AlteredRoads(
        network=network, changes=tuple(changes), set_aside=tuple(aside), closed=cuts, **opened
    )


def _joined(lines: RawLines, done: Altered) -> dict[str, Any]:
    """Metres, joints and loose ends of the new streets that are joined."""
    new = np.ones(lines.n_lines, bool)
    new[done.idle] = False
    metres = np.add.reduceat(lines.segment_mm, lines.first_vertex[:-1]) / 1000.0
    return {
        "opened_m": float(metres[new].sum()),
        "joints": int(new[done.joints[:, 3].astype(np.int64)].sum()),
        "loose": int(new[done.loose[:, 2].astype(np.int64)].sum()),
    }


def _closed(shapes: Shapes, done: Altered) -> list[Change]:
    cuts = Counter(done.closed[:, 3].astype(int).tolist())
    metres = np.zeros(len(shapes.geometry))
    np.add.at(metres, done.closed[:, 3].astype(int), done.closed[:, 2])
    first = {int(row[3]): row for row in done.closed[::-1]}
    return [
        _change(
            shapes, k, "closures", "closed",
            f"{first[k][0]:.6f}, {first[k][1]:.6f} 等 {n} 处道路封闭，共 {metres[k]:.1f} 米",
            f"closes streets at {_places(n)}, the first at {first[k][0]:.6f}, {first[k][1]:.6f};"
            f" {metres[k]:.1f} m are gone",
        )
        for k, n in sorted(cuts.items())
    ]  # fmt: skip


def _opened(shapes: Shapes, lines: RawLines, done: Altered) -> list[Change]:
    metres = np.add.reduceat(lines.segment_mm, lines.first_vertex[:-1]) / 1000.0
    idle = set(done.idle.tolist())
    joints = Counter(done.joints[:, 3].astype(int).tolist())
    widest = np.zeros(len(shapes.geometry))
    np.maximum.at(widest, done.joints[:, 3].astype(int), done.joints[:, 2])
    told = [
        _change(
            shapes, k, "openings", "opened",
            f"新增 {metres[k]:.1f} 米，与道路或其他新增线接通 {joints[k]} 处，"
            f"最大间隙 {widest[k]:.2f} 米",
            f"opens {metres[k]:.1f} m, joined to streets or other new lines at"
            f" {_places(joints[k])}, over gaps of at most {widest[k]:.2f} m",
        )
        for k in range(len(shapes.geometry)) if k not in idle
    ]  # fmt: skip
    told += [
        _change(
            shapes, int(k), "openings", "loose_end",
            f"{lon:.6f}, {lat:.6f} 处的端点附近没有道路，未接通",
            f"its end at {lon:.6f}, {lat:.6f} has no street near it and is joined to none",
        )
        for lon, lat, k in done.loose.tolist() if int(k) not in idle
    ]  # fmt: skip
    return told


def _places(n: int) -> str:
    return "1 place" if n == 1 else f"{n} places"


def _change(shapes: Shapes, k: int, layer: str, kind: str, zh: str, en: str) -> Change:
    return Change(
        layer=layer, file=shapes.file, sheet="", row=shapes.row[k], name=shapes.name[k], kind=kind,
        detail=Note(zh, en),
    )  # fmt: skip


def _idle(shapes: Shapes, done: Altered, layer: str, tolerance_m: float) -> list[SetAside]:
    nobody = f"neither end has a street within {tolerance_m:g} m, so that nobody gets there"
    why = {
        "closures": ("closes_nothing", f"no street lies under it or within {tolerance_m:g} m"),
        "openings": ("not_joined", f"{nobody}; it is left out"),
    }[layer]
    return [
        SetAside(
            layer=layer, file=shapes.file, sheet="", row=shapes.row[k], name=shapes.name[k],
            reason=why[0], detail=why[1],
        )
        for k in done.idle.tolist()
    ]  # fmt: skip
