"""What lies beyond the edge of the data: which results it could change, and how much is missing.

Roads are known inside an extent and unknown outside, where somebody could at best walk straight. A
route that leaves the known roads leaves them at an exit, where a known road crosses the edge of the
extent, and comes back at one; hence, for a place P and the exits e and f,

    ms(P) >= min over e, f of  known_ms(P to e) + straight_m(e, f) / speed + known_ms(f to facility)

Walking on known roads is never faster than straight, so that further exits on the way change
nothing. A place is certain where this bound lies beyond the cutoff: more road data cannot bring it
within. What is covered stays covered, as a road more makes no way longer, except where a nearer
road beyond the edge could take over the link of the place or of its facility.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour import units
from quarterhour.assessing.assessment import Count
from quarterhour.assessing.facility_links import facility_points, linked
from quarterhour.core import reach as times
from quarterhour.core.slope import DOWNHILL
from quarterhour.inputs import EVERYONE
from quarterhour.model import Linkage, PointSet, _Frozen
from quarterhour.sources.ground import edge_notes as say
from quarterhour.sources.ground import extents

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import Note
    from quarterhour.sources.ground.extents import Missing, Spots

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

ROADS, FACILITIES, PEOPLE = 1, 2, 4
LAYERS = {"roads": ROADS, "facilities": FACILITIES, "people": PEOPLE}
"""Bits of a flag: which layer, continued beyond its edge, could change the result."""

EDGE_M = 30.0
"""Roads this near to the edge count as beyond it: a way may be torn at its last vertex inside."""

SLACK_MS = 1_000
"""A second for what is rounded: pieces to milliseconds, the projection to 1e-4 within 100 km."""

SLACK_M = 5.0
"""More than the fastest walker gets in that second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardReport(_Frozen):
    """What the edge of the data leaves open at the last cutoff.

    `place_flags`: uint8 bits per demand place whose status could change, 0 outside the study area.
    `facility_flags`: uint8 bits per facility row whose people reached could change. `more[group]`:
    int64 millionths per facility row, people that it could reach at most beside those it does
    reach, if roads went on. `counts[layer][group]`: the flagged demand inside the area by its
    status now; layers are roads, facilities and any. `missing_m[layer][side]`: whole tens of metres
    of data that are needed further out, 0 for none. `extents[layer]`: the polygon (longitude,
    latitude) within which the layer is taken as complete.
    """

    place_flags: NDArray[np.uint8]
    facility_flags: NDArray[np.uint8]
    more: dict[str, IntArray]
    counts: dict[str, dict[str, Count]]
    missing_m: dict[str, Missing]
    extents: dict[str, Any]
    notes: tuple[Note, ...]


def guard_report(
    assessment: Assessment,
    *,
    road_extent: Any = None,  # noqa: ANN401 - shapely geometry
    facility_extent: Any = None,  # noqa: ANN401
    people_extent: Any = None,  # noqa: ANN401
    threads: int | None = None,
) -> GuardReport:
    """Places and facilities that roads, facilities or people beyond the data could change.

    Parameters
    ----------
    road_extent
        Polygon (longitude, latitude) inside which every road is in the data, such as the box of an
        OSM file or the outline that it was cut with; default: `known_roads`. The default errs on
        the side of flagging: along a shore where the land itself has no more roads it flags too.
    facility_extent
        Polygon inside which every facility is in the list; default: the study area, and what lies
        between the listed facilities of the guard zone.
    people_extent
        Polygon inside which people are counted; default: the study area, beyond which nobody is.
    """
    known = _known(assessment, road_extent, facility_extent, people_extent)
    run = _Run(assessment, known, threads)
    place_flags = run.place_flags()
    facility_flags, more = run.facility_flags()
    counts = _counts(assessment, place_flags)
    missing = {layer: run.missing(layer) for layer in known}
    return GuardReport(
        place_flags=place_flags, facility_flags=facility_flags, more=more, counts=counts,
        missing_m=missing, extents=known,
        notes=_notes(assessment, run.reach_m, counts, facility_flags, missing),
    )  # fmt: skip


def flagged_places(
    assessment: Assessment, *, road_extent: Any = None, threads: int | None = None  # noqa: ANN401
) -> NDArray[np.uint8]:  # fmt: skip
    """The `place_flags` of `guard_report` alone, which take a small part of its time."""
    return _Run(assessment, _known(assessment, road_extent), threads).place_flags()


def _known(
    assessment: Assessment, roads: Any, facilities: Any = None, people: Any = None  # noqa: ANN401
) -> dict[str, Any]:  # fmt: skip
    ground, given = assessment.ground, assessment.facilities
    near = shapely.intersects_xy(ground.zone_m, *ground.crs.metres(given.lon, given.lat))
    return {
        "roads": roads or extents.known_roads(ground.network),
        "facilities": facilities
        or extents.listed_extent(ground.area, given.lon[near], given.lat[near]),
        "people": people or ground.area,
    }


class _Run:
    """The searches of one report, in metres and engine milliseconds."""

    def __init__(self, a: Assessment, known: dict[str, Any], threads: int | None) -> None:
        self.a, self.ground, self.threads = a, a.ground, threads
        self.costs = self.ground.impedance(a.walker, toward=a.direction == "to")
        self.inside_ms = units.ms_of_min(a.inside_min)
        self.limit_ms = a.cutoff_ms + SLACK_MS
        flat = bool(a.walker.rule_m) or self.ground.network.piece_forward_mm is None
        fastest = a.walker.speed_mmph * (1.0 if flat else DOWNHILL)
        self.reach_m = a.cutoff_ms * fastest / units.MS_PER_HOUR / units.MM_PER_M
        self.ms_per_m = a.cutoff_ms / self.reach_m
        metric = self.ground.crs.geometry_m
        self.extent = {layer: metric(shapely.make_valid(shape)) for layer, shape in known.items()}
        self.near = metric(self.ground.area).buffer(self.reach_m + SLACK_M)
        self.inner = self.extent["roads"].buffer(-EDGE_M)
        shapely.prepare(self.inner)

        points = self.ground.demand_points
        self.place_xy = np.column_stack([points.x_m, points.y_m])
        self.places = self.ground.link("demand", self.costs.linkable, threads)
        self.place_stops = times.stops(self.costs, self.places)
        limit_m = self.ground.link_limit_m
        self.place_loose, self.place_open = self._loose(points, self.places, limit_m)
        self.facility_points, _ = facility_points(self.ground, a.facilities)
        links = linked(self.ground, self.costs, self.facility_points, a.facilities, a.link_limit_m)
        loose, open_ = self._loose(self.facility_points, links, a.link_limit_m)
        own = self.facility_points
        status = np.array(a.facility_status, object)[own.owner]
        serves = np.isin(status, ("used", "unlinked"))
        self.serving = (status == "used") & shapely.intersects_xy(self.near, own.x_m, own.y_m)
        self.facility_loose = loose & serves
        self.facility_open = open_ & serves
        self.links = extents.chosen(links, (status == "used")[links.point])
        self.sources = times.stops(self.costs, self.links, inside_ms=self.inside_ms)

        self.exits = self._crossings(self.inner.boundary, self.near)
        # the exits from which a facility is in reach, and the milliseconds from them to it
        exits = self._stops(self.exits)
        found = times.nearest(self.costs, self.sources, exits, limit_ms=self.limit_ms)
        self.entries = self.exits.xy[found.place]
        self.entry_ms = found.ms.astype(np.float64)

    def _crossings(self, border: Any, near: Any) -> Spots:  # noqa: ANN401 - shapely geometries
        """Where the edges that the walker can use cross the part of a border that is near."""
        index = self.ground.index(self.costs.out_open | self.costs.in_open)
        return extents.crossings(index, shapely.intersection(border, near))

    def _stops(self, spots: Spots, extra_ms: FloatArray | None = None) -> times.Stops:
        """Stops of a search, each its own owner, `extra_ms` beside the road."""
        found = times.stops(self.costs, spots.linkage())
        if extra_ms is None:
            return found
        return replace(found, access_ms=np.floor(extra_ms).astype(np.int32)[found.owner])

    def _loose(
        self, points: PointSet, linkage: Linkage, limit_m: float
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Bool per point: a road beyond the edge could take over its link; it stands beyond it.

        The second holds for the first, and where the point on the road lies beyond.
        """
        away_m = extents.inside_m(self.extent["roads"], points.x_m, points.y_m, limit_m)
        link_m = np.full(len(points.x_m), limit_m)
        link_m[linkage.point] = linkage.access_mm / units.MM_PER_M
        loose = away_m <= link_m
        beyond = loose.copy()
        beyond[linkage.point] |= ~shapely.intersects_xy(
            self.inner, linkage.snap_x_m, linkage.snap_y_m
        )
        return loose, beyond

    def place_flags(self) -> NDArray[np.uint8]:
        """Bits per place."""
        a, inside = self.a, self.ground.inside
        covered = a.demand.covered(a.cutoff_ms)
        loose = self.place_loose
        # the link of the place itself could change: what is covered or unlinked need not stay so
        roads = loose & (covered | ~a.demand.linked)
        if self.facility_loose.any():
            sure = extents.chosen(self.links, ~self.facility_loose[self.links.point])
            stops = times.stops(self.costs, sure, inside_ms=self.inside_ms)
            found = times.nearest(self.costs, stops, self.place_stops, limit_ms=a.cutoff_ms)
            still = np.zeros(len(covered), bool)
            still[found.place] = True
            roads |= covered & ~still
        left = inside & ~covered
        open_xy = self._at(self.facility_open)
        roads |= self._could_reach(left, self.entries, self.entry_ms, open_xy)
        others = left & (a.demand.linked | loose) & self._beyond_facilities(left)
        flags = ROADS * (roads & inside) + FACILITIES * others
        return np.asarray(flags, np.uint8)

    def _at(self, points: NDArray[np.bool_]) -> FloatArray:
        """Metres east and north of the chosen facility points."""
        own = self.facility_points
        return np.column_stack([own.x_m[points], own.y_m[points]])

    def _could_reach(
        self,
        among: NDArray[np.bool_],
        entries: FloatArray,
        entry_ms: FloatArray,
        open_xy: FloatArray,
    ) -> NDArray[np.bool_]:
        """Bool per place, of those among: the bound over unknown land is within the cutoff.

        `entries`: exits by which a facility is reached, and the milliseconds to it; `open_xy`:
        facilities that themselves stand beyond the edge.
        """
        xy = np.concatenate([entries, open_xy])
        ms = np.concatenate([entry_ms, np.zeros(len(open_xy))])
        result = np.zeros(len(among), bool)
        if len(xy):
            out_ms = extents.straight_ms(self.exits.xy, xy, ms, self.ms_per_m)
            result[self._within(self.exits, out_ms)] = True
            rows = np.flatnonzero(self.place_open & among)
            out_ms = extents.straight_ms(self.place_xy[rows], xy, ms, self.ms_per_m)
            result[rows[out_ms <= self.limit_ms]] = True
        return result & among

    def _within(self, spots: Spots, extra_ms: FloatArray) -> IntArray:
        """Places from which a spot is reached within the cutoff, with `extra_ms` still to go."""
        use = np.flatnonzero(extra_ms <= self.limit_ms)
        stops = self._stops(spots.take(use), extra_ms[use])
        return times.nearest(self.costs, stops, self.place_stops, limit_ms=self.limit_ms).place

    def _beyond_facilities(self, left: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Bool per place: a facility beyond the extent of the list could be within the cutoff."""
        result = np.zeros(len(left), bool)
        extent, link_m = self.extent["facilities"], self.a.link_limit_m
        if shapely.covers(extent, self.near):
            return result
        spots, extra_ms, inner = self._edge_of(extent, link_m, self.near)
        result[self._within(spots, extra_ms)] = True
        beyond = self.place_open.copy()
        beyond[self.places.point] |= ~shapely.intersects_xy(
            inner, self.places.snap_x_m, self.places.snap_y_m
        )
        rows = np.flatnonzero(left & beyond)
        x, y = self.place_xy[rows].T
        result[rows[extents.inside_m(extent, x, y, self.reach_m) <= self.reach_m]] = True
        return result

    def _edge_of(self, extent: Any, link_m: float, near: Any) -> tuple[Spots, FloatArray, Any]:  # noqa: ANN401
        """Spots on known roads that lead out of an extent, and the milliseconds still to go.

        What lies outside is at most `link_m` from its road, which may lie inside: the band of that
        width is crossed at best straight. Exits of the road data lead out at best straight, too.
        """
        inner = extent.buffer(-link_m)
        shapely.prepare(inner)
        band = self._crossings(inner.boundary, near)
        away_m = extents.inside_m(extent, self.exits.xy[:, 0], self.exits.xy[:, 1], self.reach_m)
        extra = np.concatenate([np.full(len(band), link_m), away_m])
        return band.joined(self.exits), extra * self.ms_per_m, inner

    def facility_flags(self) -> tuple[NDArray[np.uint8], dict[str, IntArray]]:
        """Bits per facility, and the people that it could reach beside its own, by group."""
        a, n = self.a, len(self.a.facilities)
        amounts, inside = self.ground.demand.amounts, self.ground.inside
        somebody = inside & (amounts[EVERYONE] > 0)
        flags = np.zeros(n, np.uint8)
        more = {group: np.zeros(n, np.int64) for group in amounts}
        owner = self.facility_points.owner
        flags[owner[self.facility_loose]] |= ROADS
        losable = (self.place_loose & somebody)[a.within.place]
        flags[a.within.source[losable]] |= ROADS
        by_exit = self._times_to(self._stops(self.exits))
        for row in np.unique(owner[np.isin(owner, a.used) | self.facility_open]):
            here = self._at(owner == row)
            away_ms = extents.straight_ms(self.place_xy, here, np.zeros(len(here)), self.ms_per_m)
            part = slice(by_exit.first[row], by_exit.first[row + 1])
            could = self._could_reach(
                somebody & (away_ms <= self.limit_ms),
                self.exits.xy[by_exit.place[part]],
                by_exit.ms[part].astype(np.float64),
                self._at(self.facility_open & (owner == row)),
            )
            could[a.within.place[a.within.first[row] : a.within.first[row + 1]]] = False
            if could.any():
                flags[row] |= ROADS
                for group, amount in amounts.items():
                    more[group][row] = amount[could].sum()
        flags[self._beyond_people()] |= PEOPLE
        return flags, more

    def _times_to(self, spots: times.Stops) -> times.TravelTimes:
        reached = times.reach_nodes(
            self.costs, self.sources, limit_ms=self.limit_ms, threads=self.threads
        )
        return times.places_within(
            self.costs, self.sources, reached, spots, limit_ms=self.limit_ms, threads=self.threads
        )

    def _beyond_people(self) -> IntArray:
        """Rows of the facilities in use that people who are not counted could walk to."""
        extent, link_m = self.extent["people"], self.ground.link_limit_m
        around = self.near.buffer(self.reach_m)
        if shapely.covers(extent, around):
            return np.empty(0, np.int64)
        spots, extra_ms, inner = self._edge_of(extent, link_m, around)
        use = np.flatnonzero(extra_ms <= self.limit_ms)
        found = self._times_to(self._stops(spots.take(use), extra_ms[use]))
        at = self.links
        in_band = ~shapely.intersects_xy(inner, at.snap_x_m, at.snap_y_m)
        rows = np.union1d(np.flatnonzero(np.diff(found.first)), at.owner[in_band])
        return rows[np.isin(rows, self.facility_points.owner[self.serving])]

    def missing(self, layer: str) -> Missing:
        """How far more data of a layer are needed, by side: within reach of the people of the area.

        People are needed within reach of the facilities that serve somebody of the area.
        """
        somebody = self.ground.inside & (self.ground.demand.amounts[EVERYONE] > 0)
        xy = self._at(self.serving) if layer == "people" else self.place_xy[somebody]
        return extents.missing_m(xy, self.extent[layer], self.reach_m)


def _counts(a: Assessment, flags: NDArray[np.uint8]) -> dict[str, dict[str, Count]]:
    """Flagged demand inside the area, by layer and group."""
    covered, linked = a.demand.covered(a.cutoff_ms), a.demand.linked
    parts = {"covered": covered, "uncovered": ~covered & linked, "unlinked": ~linked}
    bits = {"any": ROADS | FACILITIES, "roads": ROADS, "facilities": FACILITIES}
    result: dict[str, dict[str, Count]] = {}
    for layer, bit in bits.items():
        hit = a.ground.inside & ((flags & bit) > 0)
        result[layer] = {
            group: Count(
                total=int(amount[hit].sum()),
                **{name: int(amount[hit & part].sum()) for name, part in parts.items()},
            )
            for group, amount in a.ground.demand.amounts.items()
        }
    return result


def _notes(
    a: Assessment,
    reach_m: float,
    counts: dict[str, dict[str, Count]],
    facility_flags: NDArray[np.uint8],
    missing: dict[str, Missing],
) -> tuple[Note, ...]:
    """What is missing and what it could change."""
    kind, left = a.ground.demand.kind, a.counts[-1][a.group].told(a.ground.demand.kind)
    roads, others = (counts[layer][a.group] for layer in ("roads", "facilities"))
    # where the roads are the area, and their own metres the demand, they end where they end
    of_roads = kind == "street_metres" and not a.ground.area_given
    short = any(missing["roads"].values()) and not of_roads
    by_roads, by_people = (int(((facility_flags & b) > 0).sum()) for b in (ROADS, PEOPLE))
    n = int((np.isin(np.arange(len(a.facilities)), a.used) | (facility_flags > 0)).sum())
    result = []
    if short:
        result.append(say.missing_roads(missing["roads"], reach_m, a.cutoffs_min[-1]))
    if short or roads.total:
        result.append(say.beyond_roads(kind, left, roads.uncovered, roads.covered, roads.unlinked))
    if by_roads:
        result.append(say.facilities_at_roads_end(by_roads, n))
    if others.uncovered:
        result.append(say.beyond_facilities(kind, left, others.uncovered, reach_m))
    if by_people:
        result.append(say.facilities_at_peoples_end(by_people, n))
    return tuple(result)
