"""Part "link": a million points to their nearest position along a street."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from bench_common import Part, heidelberg_roads, race, random, require, say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.model import RoadNetwork

N_POINTS = 1_000_000
N_PEER = 50_000
LIMIT_M = 200.0
SIDE_M = 40.0
"""Standard deviation of how far a point lies beside its street."""

OURS = "ours, index and a million points"
ALONE = "ours, the index alone"
SHAPELY = "shapely STRtree.query_nearest, per million"


def measure(*, repeat: int, quick: bool) -> Part:
    """Seconds to link a million seeded points near streets within 200 m."""
    from quarterhour.core import snap
    from quarterhour.model import PointSet

    network, costs = heidelberg_roads()
    x, y = metres(network)
    px, py = beside_streets(network, x, y, N_POINTS)
    points = PointSet.single(px, py)

    def index() -> snap.SegmentIndex:
        return snap.SegmentIndex(network, x, y, edges=costs.linkable)

    def ours() -> object:
        return snap.link(index(), points, limit_m=LIMIT_M)

    say("  comparing answers: distance to the nearest street")
    link = snap.link(index(), points, limit_m=LIMIT_M)
    segments = _segments(network, x, y, costs.linkable)
    tree = shapely.STRtree(segments)
    few = shapely.points(px[:N_PEER], py[:N_PEER])
    (at, _), distance = tree.query_nearest(
        few, max_distance=2 * LIMIT_M, return_distance=True, all_matches=False
    )
    theirs = np.full(N_PEER, np.inf)
    theirs[at] = distance
    found = theirs <= LIMIT_M
    require((link.linked[:N_PEER] == found).all(), "link: shapely and ours link different points")
    gap = np.abs(theirs[found] - link.nearest_m[:N_PEER][found]).max()
    require(gap < 1e-6, f"link: shapely's and our distances differ by {gap:g} m")

    times = race(
        {
            OURS: ours,
            ALONE: index,
            SHAPELY: lambda: shapely.STRtree(segments).query_nearest(
                few, max_distance=LIMIT_M, all_matches=False
            ),
        },
        repeat,
        slow={SHAPELY: 1 if quick else 3},
    )
    scale = N_POINTS / N_PEER
    peer = type(times[SHAPELY])(seconds=tuple(s * scale for s in times[SHAPELY].seconds))
    return Part(
        name="link",
        title=f"Linking a million points to {len(segments)} street segments, limit {LIMIT_M:g} m",
        agreed=f"same points linked and same distances within {max(gap, 1e-12):.0e} m on the first"
        f" {N_PEER}; {link.linked.mean():.2%} linked",
        rows=(
            times[OURS].row(OURS),
            times[ALONE].row(ALONE),
            peer.against(
                times[OURS], SHAPELY, note=f"{N_PEER} points, scaled up; it has one thread"
            ),
        ),
    )


def metres(network: RoadNetwork) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Vertices in a metric CRS centred on the network."""
    from quarterhour.frames import MetricCrs, bounds_of

    lon, lat = network.vertex_lon, network.vertex_lat
    return MetricCrs(bounds_of((lon, lat))).metres(lon, lat)


def beside_streets(
    network: RoadNetwork, x: NDArray[np.float64], y: NDArray[np.float64], n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seeded points: a vertex of a random street, moved a little aside."""
    rng = random()
    vertex = rng.integers(0, len(network.vertex_mm), n)
    return x[vertex] + rng.normal(0, SIDE_M, n), y[vertex] + rng.normal(0, SIDE_M, n)


def _segments(
    network: RoadNetwork,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    linkable: NDArray[np.bool_],
) -> NDArray[np.object_]:
    """Straight parts of the streets that may be linked to."""
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.first_vertex))
    start = np.flatnonzero((edge[:-1] == edge[1:]) & linkable[edge[:-1]])
    ends = np.stack([np.column_stack([x[start + k], y[start + k]]) for k in (0, 1)], axis=1)
    segments: NDArray[np.object_] = shapely.linestrings(ends)
    return segments
