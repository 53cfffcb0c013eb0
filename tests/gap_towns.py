"""Streets, homes and facilities in metres, assessed at 1 m/s, so that a metre is a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.assessing.analysis import assess_on
from quarterhour.assessing.ground import prepare
from quarterhour.core import graph
from quarterhour.core.crossing import Barriers
from quarterhour.inputs import EVERYONE, AreaSet, Demand, Facilities
from quarterhour.model import RawLines
from quarterhour.sources.roads.lengths import segment_mm
from quarterhour.units import MICRO
from road_files import lonlat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground
    from quarterhour.model import RoadNetwork

    Point = tuple[float, float]
    Line = Sequence[Point]

AREA = shapely.box(-5000, -5000, 5000, 5000)


def degrees(shape_m: Any) -> Any:
    """A shape in metres as longitude and latitude."""
    return shapely.transform(shape_m, lambda xy: np.array([lonlat(*p) for p in xy]))


def network(lines: Sequence[Line], kinds: Sequence[int] = ()) -> RoadNetwork:
    """Streets in metres; points that are equal are joined. `kinds`: bits per street."""
    at = [point for line in lines for point in line]
    number = {point: k for k, point in enumerate(dict.fromkeys(at))}
    lon, lat = np.array([lonlat(*point) for point in at]).T
    first = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    n = len(lines)
    return graph.build(
        RawLines(
            vertex_key=np.array([number[p] for p in at], np.int64), lon=lon, lat=lat,
            segment_mm=segment_mm(lon, lat, first), first_vertex=first,
            kind=np.array([*kinds, *[0] * (n - len(kinds))], np.uint8),
            oneway=np.zeros(n, bool), rank=np.ones(n, np.uint8),
        )
    )  # fmt: skip


def facilities(*at: Point, names: Sequence[str] | None = None) -> Facilities:
    """Facilities f0, f1 ..."""
    lon, lat = np.array([lonlat(*p) for p in at]).T
    n = len(at)
    return Facilities(
        name=tuple(f"f{k}" for k in range(n)) if names is None else tuple(names), kind=("",) * n,
        status=("",) * n, lon=lon, lat=lat, row=np.arange(2, n + 2), serving=np.ones(n, bool),
        file="f.csv",
    )  # fmt: skip


def homes(*at: Point, old: Sequence[int] | None = None, names: Sequence[str] = ()) -> Demand:
    """Ten people in each place, of whom `old` are old."""
    lon, lat = np.array([lonlat(*p) for p in at]).T
    some = [1] * len(at) if old is None else old
    return Demand(
        kind="people", lon=lon, lat=lat, row=np.arange(2, len(at) + 2), file="p.csv",
        amounts={
            EVERYONE: np.full(len(at), 10 * MICRO, np.int64),
            "old": np.array(some, np.int64) * MICRO,
        },
        names=tuple(names),
    )  # fmt: skip


def fences(*lines: tuple[int, Line]) -> Barriers:
    """Barriers of these kinds, drawn as lines."""
    at = [lonlat(*p) for _, line in lines for p in line]
    lon, lat = np.array(at).T
    return Barriers(
        lon=lon, lat=lat, first=np.cumsum([0, *(len(line) for _, line in lines)]),
        kind=np.array([kind for kind, _ in lines], np.uint8), entered=np.zeros(len(lines), bool),
    )  # fmt: skip


def areas(**shapes_m: Any) -> AreaSet:
    """Residential areas by name, drawn in metres."""
    return AreaSet(
        geometry=np.array([degrees(s) for s in shapes_m.values()], object),
        name=tuple(shapes_m),
        kind=("",) * len(shapes_m),
        row=np.arange(1, len(shapes_m) + 1),
    )


def assessed(
    lines: Sequence[Line],
    people: Demand,
    care: Facilities,
    *,
    kinds: Sequence[int] = (),
    barriers: Barriers | None = None,
    residential: AreaSet | None = None,
    change: Callable[[Ground], None] | None = None,
    **more: Any,
) -> Assessment:
    """The service of the old, 900 m in 15 minutes unless told otherwise."""
    ground = prepare(
        network(lines, kinds), people, area=degrees(AREA), guard_m=3600, barriers=barriers,
        residential=residential,
    )  # fmt: skip
    if change is not None:
        change(ground)
    told = {"cutoffs_min": (15,), "walker": None, "group": "old", "name": "care"} | more
    if told["walker"] is None:
        from quarterhour.walkers import WALKERS

        told["walker"] = WALKERS["elderly"]
    return assess_on(ground, care, **told)
