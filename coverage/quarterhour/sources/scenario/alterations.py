"""What a scenario changes of the streets: closures and new streets applied, and told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core.alter import TOLERANCE_M, Altered, close_streets, open_streets
from quarterhour.frames import MetricCrs, bounds_of
from quarterhour.inputs import Change, Note, SetAside
from quarterhour.model import RANK_PATH, RANK_STEPS, STEPS, RawLines, RoadNetwork
from quarterhour.sources.roads.lengths import segment_mm
from quarterhour.sources.scenario.street_shapes import BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.sources.scenario.street_shapes import Shapes


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredRoads:
    """Roads of a scenario: the network, every street closed and joint made, and rows not used.

    `closed`: float64 longitude, latitude and metres of every cut (n, 3). `opened_m`: metres of the
    new streets that are joined. `joints`, `loose`: ends and crossings of them that are joined, and
    ends that are not. `used`: int64 rows of the openings that are streets now; the others are left
    out. `n_old`: edges up to here are streets that were there, those behind are new; None for all.
    """

    network: RoadNetwork
    changes: tuple[Change, ...]
    set_aside: tuple[SetAside, ...]
    closed: NDArray[np.float64]
    opened_m: float = 0.0
    joints: int = 0
    loose: int = 0
    used: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    n_old: int | None = None

    @property
    def closed_m(self) -> float:
        """Metres of street that are gone."""
        return float(self.closed[:, 2].sum())


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
            network, x_m, y_m, _valid(crs.geometry_m(closures.geometry)), tolerance_m=tolerance_m
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
        "used": np.flatnonzero(new),
        "n_old": done.n_old,
    }


def _valid(shapes: NDArray[Any]) -> NDArray[Any]:
    """The shapes; an outline that crosses itself in metres only is mended."""
    crossed = (shapely.get_dimensions(shapes) == 2) & ~shapely.is_valid(shapes)
    result = shapes.copy()
    result[crossed] = shapely.make_valid(shapes[crossed])
    return result


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
    other = ("closed_already", "closes only what others before it close")
    told = [(k, why) for k in done.idle.tolist()] + [(k, other) for k in done.again.tolist()]
    area = (why[0], f"{why[1]}; but nobody is led across it")
    told = [
        (k, area if w is why and shapely.get_dimensions(shapes.geometry[k]) == 2 else w)
        for k, w in told
    ]
    if layer == "closures":  # a feature of several parts is told once, and only where none closes
        work = {shapes.row[int(k)] for k in done.closed[:, 3].tolist()}
        first = {shapes.row[k]: (k, w) for k, w in sorted(told, reverse=True)}
        told = [one for row, one in first.items() if row not in work]
    return [
        SetAside(
            layer=layer, file=shapes.file, sheet="", row=shapes.row[k], name=shapes.name[k],
            reason=reason, detail=detail,
        )
        for k, (reason, detail) in sorted(told)
    ]  # fmt: skip
