"""Part "facilities": 300 facilities, three cutoffs, 10,000 places; then their polygons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from bench_common import (
    CUTOFFS_MIN,
    LIMIT_MS,
    Part,
    Times,
    as_one,
    heidelberg_roads,
    junctions,
    race,
    require,
    say,
    scipy_graph,
)
from bench_link import beside_streets, metres

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance
    from quarterhour.core.pieces import Pieces
    from quarterhour.core.reach import Reach, Stops, TravelTimes
    from quarterhour.model import RoadNetwork

N_FACILITIES = 300
N_PLACES = 10_000
N_BUFFERED = 30
CUTOFFS_MS = tuple(60_000 * minutes for minutes in CUTOFFS_MIN)

TIMES = "ours: searches, reached pieces, people"
POLYGONS = "ours: 300 x 3 polygons"
DISSOLVED = "ours: 3 dissolved polygons"
ALL = "ours: all of it, with polygons"
SHAPELY = "shapely buffer of the same pieces, 300 x 3"


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Heidelberg with seeded facilities and places linked to its streets."""

    network: RoadNetwork
    costs: Impedance
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    sources: Stops
    places: Stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the first, timed part computes. `people[k]`: places within cutoff k per facility."""

    within: TravelTimes
    pieces: list[Pieces]
    together: list[Pieces]
    people: list[NDArray[np.int64]]
    covered: list[int]


def measure(*, repeat: int, quick: bool) -> Part:
    """Seconds for the times of 300 facilities, and for their polygons."""
    from quarterhour.core.service_area import polygons

    city = _city()

    def times() -> Found:
        return _times(city)

    def drawn(parts: list[Pieces]) -> list[NDArray[Any]]:
        return [polygons(city.network, city.x_m, city.y_m, p) for p in parts]

    found = times()
    say("  comparing answers with SciPy and shapely")
    nodes = _check_people(city, found)
    lines = [_lines(city, p)[:N_BUFFERED] for p in found.pieces]
    _check_polygons(drawn(found.pieces), lines)
    taken = race(
        {
            TIMES: times,
            POLYGONS: lambda: drawn(found.pieces),
            DISSOLVED: lambda: drawn(found.together),
            SHAPELY: lambda: [shapely.buffer(of, 25.0) for of in lines],
        },
        repeat,
        slow={SHAPELY: 1 if quick else 3},
    )
    every = Times(
        seconds=tuple(
            sum(parts)
            for parts in zip(*(taken[n].seconds for n in (TIMES, POLYGONS, DISSOLVED)), strict=True)
        )
    )
    scale = N_FACILITIES / N_BUFFERED
    buffered = Times(seconds=tuple(s * scale for s in taken[SHAPELY].seconds))
    return Part(
        name="facilities",
        title=f"{N_FACILITIES} random facilities, {N_PLACES} random places along streets, 5, 10"
        " and 15 minutes",
        agreed=f"same milliseconds as SciPy for all {nodes:,} pairs of facility and place within 15"
        f" min; of {3 * N_BUFFERED} polygons each holds its reached streets",
        rows=(
            taken[TIMES].under(1.0, TIMES),
            taken[POLYGONS].row(POLYGONS),
            taken[DISSOLVED].row(DISSOLVED),
            every.under(5.0, ALL),
            buffered.against(
                taken[POLYGONS],
                SHAPELY,
                note=f"{N_BUFFERED} x 3, scaled up; it has one thread",
            ),
        ),
    )


def _city() -> City:
    from quarterhour.core import snap
    from quarterhour.core.reach import stops
    from quarterhour.model import PointSet

    network, costs = heidelberg_roads()
    x, y = metres(network)
    index = snap.SegmentIndex(network, x, y, edges=costs.linkable)
    px, py = beside_streets(network, x, y, N_FACILITIES + N_PLACES)
    split = N_FACILITIES
    links = [
        snap.link(index, PointSet.single(a, b), limit_m=1000.0)
        for a, b in ((px[:split], py[:split]), (px[split:], py[split:]))
    ]
    return City(
        network=network,
        costs=costs,
        x_m=x,
        y_m=y,
        sources=stops(costs, links[0]),
        places=stops(costs, links[1]),
    )


def _times(city: City) -> Found:
    """Searches, the pieces of each facility and of all together, and who is within each cutoff."""
    from quarterhour.core import reach as times
    from quarterhour.core.pieces import reached_pieces

    costs, sources, places = city.costs, city.sources, city.places
    reach = times.reach_nodes(costs, sources, limit_ms=LIMIT_MS)
    within = times.places_within(costs, sources, reach, places, limit_ms=LIMIT_MS)
    nearest = times.nearest(costs, sources, places, limit_ms=LIMIT_MS)
    every = times.nearest_nodes(costs, sources, limit_ms=LIMIT_MS)
    together = times.Reach(first=np.array([0, len(every.node)]), node=every.node, ms=every.ms)

    def cut(stops: Stops, of: Reach) -> list[Pieces]:
        return [reached_pieces(costs, stops, of, cutoff_ms=c) for c in CUTOFFS_MS]

    return Found(
        within=within,
        pieces=cut(sources, reach),
        together=cut(as_one(sources), together),
        people=[
            np.bincount(within.source[within.ms <= c], minlength=sources.n_owners)
            for c in CUTOFFS_MS
        ],
        covered=[int((nearest.ms <= c).sum()) for c in CUTOFFS_MS],
    )


def _check_people(city: City, found: Found) -> int:
    """Times between facilities and places, from SciPy's node times and plain arithmetic."""
    from scipy.sparse.csgraph import dijkstra

    costs, net, s, p = city.costs, city.network, city.sources, city.places
    require((costs.out_open == costs.in_open).all(), "facilities: a street is one-way for walkers")
    graph = scipy_graph(junctions(costs))
    total = 0
    covered = np.zeros((len(CUTOFFS_MS), p.n_owners), bool)
    to_head = costs.out_ms[p.edge] - p.out_ms
    far = np.full(p.n_owners, np.inf)
    for k, owner in enumerate(s.owner):
        e = s.edge[k]
        ends = dijkstra(graph, indices=[net.edge_tail[e], net.edge_head[e]], limit=float(LIMIT_MS))
        begin = np.array([s.in_ms[k], costs.out_ms[e] - s.out_ms[k]]) + s.access_ms[k]
        node = (ends + begin[:, None]).min(axis=0)
        t = np.minimum(
            node[net.edge_tail[p.edge]] + p.out_ms, node[net.edge_head[p.edge]] + to_head
        )
        along = np.where(p.edge == e, np.abs(p.out_ms - s.out_ms[k]) + s.access_ms[k], np.inf)
        time = far.copy()
        time[p.owner] = np.minimum(t, along) + p.access_ms
        a, b = found.within.first[owner], found.within.first[owner + 1]
        place = np.flatnonzero(time <= LIMIT_MS)
        require(
            np.array_equal(place, found.within.place[a:b])
            and np.array_equal(time[place], found.within.ms[a:b]),
            f"facilities: SciPy and ours differ in the places that facility {owner} reaches",
        )
        covered |= time <= np.array(CUTOFFS_MS)[:, None]
        total += len(place)
    require(
        covered.sum(axis=1).tolist() == found.covered,
        "facilities: SciPy and ours differ in the number of places covered",
    )
    return total


def _lines(city: City, pieces: Pieces) -> NDArray[Any]:
    from quarterhour.core.service_area import lines_by_source

    return lines_by_source(city.network, city.x_m, city.y_m, pieces)


def _check_polygons(areas: list[NDArray[Any]], lines: list[NDArray[Any]]) -> None:
    for cutoff, polygons, of in zip(CUTOFFS_MIN, areas, lines, strict=True):
        first = polygons[: len(of)]
        shapely.prepare(first)
        require(
            shapely.covers(first, of).all(),
            f"facilities: a {cutoff} minute polygon does not hold all of its reached streets",
        )


if __name__ == "__main__":
    raise SystemExit("run bench.py --only facilities")
