"""What all services of a study share: the roads of the study area, and the places linked to them.

A `Ground` prepares once what depends on roads, people and area; impedances, road indexes and
linkages are kept by what they depend on, so that a second service with the same walker costs only
its own search.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core import snap
from quarterhour.core.crossing import BarrierIndex, Barriers
from quarterhour.core.impedance import Impedance, impedance
from quarterhour.core.merge import either
from quarterhour.errors import InputError
from quarterhour.frames import MetricCrs
from quarterhour.inputs import EVERYONE, AreaSet, Demand, Note
from quarterhour.measures import counted
from quarterhour.model import FERRY, TUNNEL, Linkage, PointSet, RoadNetwork, Walker
from quarterhour.sources.roads.read import clip
from quarterhour.units import MICRO, mm_of_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

POSITION_M = 25.0
"""Spacing of the positions at which residential land is measured."""

M2_PER_HA = 10_000.0
MOST_POSITIONS = 3_000_000
STRETCH_M = 25.0
"""Longest stretch of street that is judged as one, where street metres stand in for people."""

PEOPLE_LINK_M = 200.0
FACILITY_LINK_M = 100.0


@dataclass(kw_only=True)
class Ground:
    """Roads, demand and residential areas of one study, in one metric CRS.

    `area`: study area (longitude, latitude). `area_given`: whether the study named it. `inside`:
    bool per demand place. `position_*`: the points at which residential areas are measured.
    `barriers`: what no access leg crosses, None where nobody looked. `today`: bool per edge, is no
    street of a plan: who is nearest to a new one keeps the link to these; None where all are.
    """

    network: RoadNetwork
    crs: MetricCrs
    x_m: FloatArray
    y_m: FloatArray
    area: Any
    area_given: bool
    zone_m: Any
    demand: Demand
    demand_points: PointSet
    inside: NDArray[np.bool_]
    residential: AreaSet | None
    residential_points: PointSet | None
    link_limit_m: float
    barriers: BarrierIndex | None = None
    today: NDArray[np.bool_] | None = None
    notes: list[Note] = field(default_factory=list)
    _impedances: dict[tuple[Walker, bool], Impedance] = field(default_factory=dict)
    _indexes: dict[bytes, snap.SegmentIndex] = field(default_factory=dict)
    _linkages: dict[tuple[bytes, str], Linkage] = field(default_factory=dict)

    def impedance(self, walker: Walker, *, toward: bool = True) -> Impedance:
        """Impedance of a walker, made once."""
        key = (walker, toward)
        if key not in self._impedances:
            self._impedances[key] = impedance(self.network, walker, toward=toward)
        return self._impedances[key]

    def index(self, edges: NDArray[np.bool_]) -> snap.SegmentIndex:
        """Road index of the linkable edges, made once per set of edges."""
        key = edges.tobytes()
        if key not in self._indexes:
            self._indexes[key] = snap.SegmentIndex(self.network, self.x_m, self.y_m, edges=edges)
        return self._indexes[key]

    def link(self, layer: str, edges: NDArray[np.bool_], threads: int | None) -> Linkage:
        """Linkage of the "demand" or the "residential" points, made once per set of edges."""
        key = (edges.tobytes(), layer)
        if key not in self._linkages:
            points = self.demand_points if layer == "demand" else self.residential_points
            assert points is not None, "residential points are asked for only where there are some"  # noqa: S101
            self._linkages[key] = self._linked(
                points, edges, limit_m=self.link_limit_m, threads=threads
            )
        return self._linkages[key]

    def link_facilities(
        self,
        points: PointSet,
        edges: NDArray[np.bool_],
        *,
        limit_m: float,
        search_m: float | None = None,
    ) -> Linkage:
        """Linkage of facilities; how far the nearest road is, is told up to `search_m`."""
        return self._linked(points, edges, limit_m=limit_m, search_m=search_m)

    def _linked(self, points: PointSet, edges: NDArray[np.bool_], **how: Any) -> Linkage:  # noqa: ANN401
        found = snap.link(self.index(edges), points, barriers=self.barriers, **how)
        if self.today is None:
            return found
        old = self.index(edges & self.today)
        return either(found, snap.link(old, points, barriers=self.barriers, **how))

    def barrier_notes(self, places: Linkage) -> tuple[Note, ...]:
        """What the barriers have done to the demand inside the study area, where they did."""
        if places.blocked is None or places.behind_barrier is None:
            return ()
        amount = np.where(self.inside, self.demand.amounts[EVERYONE], 0)
        total = max(int(amount.sum()), 1)
        # one point per place of demand
        other = int(amount[places.blocked & places.linked].sum()) / total
        none = int(amount[places.behind_barrier].sum()) / total
        notes = []
        if other > 0:
            notes.append(
                Note(
                    f"{_share(other)} 的需求与最近的道路之间隔着水面、铁路、快速路或围墙等，"
                    "已改接到未被隔断的道路",
                    f"{_share(other)} of the demand is cut off from its nearest road by water, a"
                    " railway, an expressway or a wall, and is linked to another road",
                )
            )
        if none > 0:
            notes.append(
                Note(
                    f"{_share(none)} 的需求在 {self.link_limit_m:g} 米内只有被隔断的道路，"
                    "未接入路网",
                    f"{_share(none)} of the demand has only roads behind barriers within"
                    f" {self.link_limit_m:g} m and is not linked",
                )
            )
        return tuple(notes)


def prepare(
    network: RoadNetwork,
    demand: Demand | None,
    *,
    area: Any = None,  # noqa: ANN401 - shapely geometry
    residential: AreaSet | None = None,
    buildings: AreaSet | None = None,
    guard_m: float,
    link_limit_m: float = PEOPLE_LINK_M,
    roads_label: str = "the roads",
    barriers: Barriers | None = None,
) -> Ground:
    """Ground of a study: study area, metric CRS, roads clipped to area and guard zone, places.

    Without `demand`, residential land stands in for people, or else buildings, or else the metres
    of the streets themselves. With `barriers`, nobody is linked to a road behind one.

    Raises
    ------
    InputError
        No road, or no demand, lies in the study area.
    """
    notes: list[Note] = []
    given = area is not None
    if area is None:
        area, told = _default_area(network, demand, residential, buildings)
        notes.append(told)
    crs = MetricCrs(tuple(shapely.bounds(area)))
    area_m = crs.geometry_m(area)
    zone_m = area_m.buffer(guard_m, quad_segs=8)
    whole = not given and demand is None and residential is None and not _some(buildings)
    clipped = network if whole else clip(network, crs.geometry_lonlat(zone_m))
    if not clipped.n_edges:
        raise InputError(
            f"{roads_label}: no road that can be walked lies in the study area"
            f" ({', '.join(f'{v:.4f}' for v in shapely.bounds(area))}); the roads cover"
            f" {_extent(network)}: check that roads, people and area are of the same place"
        )
    x_m, y_m = crs.metres(clipped.vertex_lon, clipped.vertex_lat)
    points = None
    if residential is not None:
        every = len(residential)
        residential = _within(residential, area)
        if len(residential) < every:
            left = every - len(residential)
            notes.append(
                Note(
                    f"{left} 个居住区在研究范围以外，未列入",
                    f"not reported, as outside the study area: {counted(left, 'residential area')}",
                )
            )
        points = positions(residential, crs, notes)
    if demand is None:
        if residential is not None and points is not None and len(points.x_m):
            demand = _land(residential, points, crs)
        elif _some(buildings):
            demand = _buildings(buildings)
        else:
            demand = _streets(clipped, crs, x_m, y_m)
    inside = np.asarray(shapely.intersects_xy(area, demand.lon, demand.lat), bool)
    if not inside.any():
        raise InputError(
            f"{demand.file or 'demand'}: nothing of it lies inside the study area; check that the"
            " area and the people are of the same place"
        )
    px, py = crs.metres(demand.lon, demand.lat)
    return Ground(
        network=clipped,
        crs=crs,
        x_m=x_m,
        y_m=y_m,
        area=area,
        area_given=given,
        zone_m=zone_m,
        demand=demand,
        demand_points=PointSet.single(px, py),
        inside=inside,
        residential=residential,
        residential_points=points,
        link_limit_m=link_limit_m,
        barriers=barrier_index(barriers, crs),
        notes=notes,
    )


def _share(part: float) -> str:
    """A small share that is not nothing never reads as nothing."""
    return "<0.01%" if part < 0.0001 else f"{part:.2%}"


def barrier_index(barriers: Barriers | None, crs: MetricCrs) -> BarrierIndex | None:
    """Barriers as the legs of a ground meet them, None where nobody looked."""
    if barriers is None:
        return None
    return BarrierIndex(barriers, *crs.metres(barriers.lon, barriers.lat))


def _some(areas: AreaSet | None) -> bool:
    return areas is not None and len(areas) > 0


def _extent(network: RoadNetwork) -> str:
    lon, lat = network.vertex_lon, network.vertex_lat
    return f"{lon.min():.4f}, {lat.min():.4f}, {lon.max():.4f}, {lat.max():.4f}"


def _default_area(
    network: RoadNetwork,
    demand: Demand | None,
    residential: AreaSet | None,
    buildings: AreaSet | None,
) -> tuple[Any, Note]:
    """Box around the people, or what stands in for them, and the note that says so."""
    if demand is not None:
        lon, lat, what = demand.lon, demand.lat, Note("人口", "people")
    elif _some(residential) or _some(buildings):
        source = residential if _some(residential) else buildings
        assert source is not None  # noqa: S101 - _some says so
        box = shapely.total_bounds(source.geometry)
        lon, lat, what = (
            box[[0, 2]],
            box[[1, 3]],
            Note("居住区或建筑", "residential areas or buildings"),
        )
    else:
        lon, lat, what = network.vertex_lon, network.vertex_lat, Note("道路", "roads")
    pad = 1e-6  # the outermost points lie inside
    box = (lon.min() - pad, lat.min() - pad, lon.max() + pad, lat.max() + pad)
    return shapely.box(*box), Note(
        f"未给出研究范围，以{what.zh}数据的范围代替",
        f"no study area was given: the extent of the {what.en} is used",
    )


def _within(areas: AreaSet, area: Any) -> AreaSet:  # noqa: ANN401 - shapely geometry
    """The areas that stand (by a point inside them) in the study area."""
    at = shapely.point_on_surface(areas.geometry)
    keep = np.flatnonzero(shapely.intersects_xy(area, shapely.get_x(at), shapely.get_y(at)))
    return AreaSet(
        geometry=areas.geometry[keep],
        name=tuple(areas.name[k] for k in keep),
        kind=tuple(areas.kind[k] for k in keep),
        row=areas.row[keep],
        file=areas.file,
        set_aside=areas.set_aside,
        changes=areas.changes,
        reading=areas.reading,
    )


def positions(areas: AreaSet, crs: MetricCrs, notes: list[Note]) -> PointSet:
    """Positions on a 25 m grid inside each area, at least one (a point inside) per area."""
    geometry = crs.geometry_m(areas.geometry)
    step = POSITION_M
    total = float(shapely.area(geometry).sum())
    if total / step**2 > MOST_POSITIONS:
        step = (total / MOST_POSITIONS) ** 0.5
        notes.append(
            Note(
                f"居住用地很大，每 {step:.0f} 米取一个位置（而不是 25 米）",
                f"residential land is measured every {step:.0f} m instead of 25 m: it is large",
            )
        )
    xs, ys, owner = [], [], []
    bounds = shapely.bounds(geometry)
    shapely.prepare(geometry)
    for k, polygon in enumerate(geometry):
        west, south, east, north = bounds[k]
        gx = np.arange(np.ceil(west / step), np.floor(east / step) + 1) * step
        gy = np.arange(np.ceil(south / step), np.floor(north / step) + 1) * step
        x, y = (a.ravel() for a in np.meshgrid(gx, gy))
        hit = shapely.contains_xy(polygon, x, y) if len(x) else np.zeros(0, bool)
        if not hit.any():
            at = shapely.point_on_surface(polygon)
            x, y, hit = np.array([at.x]), np.array([at.y]), np.array([True])
        xs.append(x[hit])
        ys.append(y[hit])
        owner.append(np.full(int(hit.sum()), k, np.int64))
    empty = np.empty(0)
    return PointSet(
        x_m=np.concatenate([empty, *xs]),
        y_m=np.concatenate([empty, *ys]),
        owner=np.concatenate([np.empty(0, np.int64), *owner]),
        n_owners=len(areas),
    )


def _land(areas: AreaSet, points: PointSet, crs: MetricCrs) -> Demand:
    """Residential land as demand: every position stands for its share of its area's hectares."""
    lon, lat = crs.lonlat(points.x_m, points.y_m)
    size = shapely.area(crs.geometry_m(areas.geometry))
    per = size / np.bincount(points.owner, minlength=len(areas))
    return Demand(
        kind="residential_land",
        lon=lon,
        lat=lat,
        amounts={EVERYONE: np.floor(per[points.owner] / M2_PER_HA * MICRO + 0.5).astype(np.int64)},
        row=areas.row[points.owner],
        names=tuple(areas.name[k] for k in points.owner),
        file=areas.file,
    )


def _buildings(areas: AreaSet | None) -> Demand:
    assert areas is not None  # noqa: S101 - the caller has looked
    at = shapely.point_on_surface(areas.geometry)
    return Demand(
        kind="buildings",
        lon=shapely.get_x(at),
        lat=shapely.get_y(at),
        amounts={EVERYONE: np.full(len(areas), MICRO, np.int64)},
        row=areas.row,
        names=areas.name,
        file=areas.file,
    )


def _streets(network: RoadNetwork, crs: MetricCrs, x_m: FloatArray, y_m: FloatArray) -> Demand:
    """Metres of the streets as demand, in stretches of at most 25 m that stand at their middle."""
    from quarterhour.core.pieces import Pieces  # noqa: PLC0415 - compiled, and only needed here
    from quarterhour.core.service_area import piece_lines  # noqa: PLC0415

    usable = np.flatnonzero((network.edge_kind & (FERRY | TUNNEL)) == 0)
    length = network.edge_length_mm[usable]
    count = np.maximum(-(-length // int(STRETCH_M * 1000)), 1)
    edge = np.repeat(usable, count)
    k = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    n, whole = np.repeat(count, count), np.repeat(length, count)
    start, end = whole * k // n, whole * (k + 1) // n
    middle = (start + end) // 2
    xy, _ = piece_lines(
        network, x_m, y_m,
        Pieces(first=np.array([0, len(edge)]), edge=edge.astype(np.int32), start_mm=middle,
               end_mm=middle),
    )  # fmt: skip
    # a piece without length has two equal vertices and nothing between
    lon, lat = crs.lonlat(xy[0::2, 0], xy[0::2, 1])
    return Demand(
        kind="street_metres",
        lon=lon,
        lat=lat,
        amounts={EVERYONE: (end - start) * (MICRO // int(mm_of_m(1.0)))},
        row=np.full(len(edge), -1, np.int64),
    )
