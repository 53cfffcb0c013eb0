"""Candidates that nobody lists: positions along the streets, or every place where people live."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.assessing.analysis import toward
from quarterhour.assessing.place_search import Places
from quarterhour.core import reach as times
from quarterhour.core.pieces import Pieces
from quarterhour.core.service_area import piece_lines
from quarterhour.inputs import Facilities
from quarterhour.sources.facilities.candidates import Candidates, plain_candidates, some_facilities
from quarterhour.units import MM_PER_M, walk_ms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.impedance import Impedance

NETWORK, PLACES = "network", "places"
GENERATED = (NETWORK, PLACES)
"""Words of [site] candidates that name no file."""

SLACK_MS = 1_000
"""A second for positions that coordinates give to the millimetre only, and for rounding."""


def _bare(
    lon: NDArray[np.float64], lat: NDArray[np.float64], names: tuple[str, ...], file: str
) -> Facilities:
    n = len(lon)
    return Facilities(
        name=names or ("",) * n,
        kind=("",) * n,
        status=("",) * n,
        lon=lon,
        lat=lat,
        row=np.full(n, -1, np.int64),
        serving=np.ones(n, bool),
        file=file,
    )


def place_candidates(given: Assessment) -> Candidates:
    """Every place of demand of the service's group inside the study area, where it stands."""
    ground = given.ground
    demand = ground.demand
    at = np.flatnonzero(ground.inside & given.demand.linked & (demand.amounts[given.group] > 0))
    names = tuple(demand.names[k] for k in at.tolist()) if demand.names else ()
    found = _bare(demand.lon[at], demand.lat[at], names, demand.file or PLACES)
    return plain_candidates(dataclasses.replace(found, row=demand.row[at]), source=PLACES)


def network_candidates(
    given: Assessment, *, spacing_m: float, threads: int | None = None
) -> Candidates:
    """Positions along the streets of the study area from which somebody uncovered is in reach.

    Every street is cut into equal stretches of at most `spacing_m`, or of as long a walk on the
    flat, with a candidate in the middle of each. A position anywhere on a stretch is at most half
    of it away from that candidate: who reaches the position in time reaches the candidate at most
    `moved_ms` later, the longest of these walks. What the rounding of coordinates may add is part
    of it.
    """
    ground = given.ground
    net = ground.network
    costs = ground.impedance(given.walker, toward=toward(given.direction))
    edges = np.flatnonzero(costs.linkable & _in_reach(given, costs, threads))
    length = net.edge_length_mm[edges]
    spacing_mm = int(spacing_m * MM_PER_M)
    # steps and slopes are cut finer, so that no walk along a stretch is longer than on the flat
    walk = walk_ms(np.array([spacing_mm], np.int64), given.walker.speed_mmph)[0]
    slow = np.maximum(costs.out_ms, costs.in_ms)[edges].astype(np.int64)
    count = np.maximum.reduce([-(-length // spacing_mm), -(-slow // walk), np.ones_like(length)])
    edge = np.repeat(edges, count).astype(np.int32)
    k = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    n, whole = np.repeat(count, count), np.repeat(length, count)
    start, end = whole * k // n, whole * (k + 1) // n
    middle = (start + end) // 2
    xy, _ = piece_lines(
        net, ground.x_m, ground.y_m,
        Pieces(first=np.array([0, len(edge)]), edge=edge, start_mm=middle, end_mm=middle),
    )  # fmt: skip
    lon, lat = ground.crs.lonlat(xy[0::2, 0], xy[0::2, 1])
    inside = np.asarray(shapely.intersects_xy(ground.area, lon, lat), bool)
    at = _bare(lon, lat, (), NETWORK)
    found = plain_candidates(some_facilities(at, np.flatnonzero(inside)), source=NETWORK)
    moved = _half_ms(costs, edge, start, middle, end)[inside]
    return dataclasses.replace(found, moved_ms=int(moved.max(initial=0)) + SLACK_MS)


def _half_ms(
    costs: Impedance,
    edge: NDArray[np.int32],
    start: NDArray[np.int64],
    middle: NDArray[np.int64],
    end: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Longest walk between the middle of each stretch and one of its ends, in either direction."""
    found = [costs.position_ms(edge, at) for at in (start, middle, end)]
    walks = []
    for way in (0, 1):
        low, half, high = (one[way].astype(np.int64) for one in found)
        walks += [np.abs(half - low), np.abs(high - half)]
    return np.asarray(np.max(walks, axis=0), np.int64)


def _in_reach(given: Assessment, costs: Impedance, threads: int | None) -> NDArray[np.bool_]:
    """Bool per edge: somebody uncovered may reach a position on it within the cutoff."""
    ground = given.ground
    net = ground.network
    lacking = ground.inside & (ground.demand.amounts[given.group] > 0)
    lacking &= ~given.demand.covered(given.cutoff_ms)
    places = Places(ground, costs, threads)
    away = ground.impedance(given.walker, toward=not toward(given.direction))
    # walks from the people outwards: the same streets, looked at from the other end
    link = places.linkage
    use = lacking[link.owner]
    stops = times.stops(
        away,
        dataclasses.replace(
            link,
            linked=link.linked & lacking[: len(link.linked)],
            **{
                name: getattr(link, name)[use]
                for name in ("point", "owner", "edge", "offset_mm", "access_mm", "snap_x_m",
                             "snap_y_m")
            },
        ),
    )  # fmt: skip
    found = times.nearest_nodes(away, stops, limit_ms=given.cutoff_ms + SLACK_MS)
    reached = np.zeros(int(max(net.edge_tail.max(), net.edge_head.max())) + 1, bool)
    reached[found.node] = True
    hit: NDArray[np.bool_] = reached[net.edge_tail] | reached[net.edge_head]
    hit[stops.edge] = True
    return hit
