"""Slopes on the streets of a real city, against heights and a Dijkstra of the test's own."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from scipy.ndimage import gaussian_filter

from quarterhour.core import reach, snap
from quarterhour.core.impedance import impedance
from quarterhour.core.slope import graded, position_lonlat
from quarterhour.frames import MetricCrs, bounds_of
from quarterhour.model import BRIDGE, FERRY, STEPS, TUNNEL, PointSet
from quarterhour.sources.ground.terrain import read_terrain
from quarterhour.sources.roads.read import read_roads
from quarterhour.walkers import WALKERS

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.model import RoadNetwork

N_SOURCES = 6
LIMIT_MS = 900_000


@pytest.fixture(scope="module")
def city(shared: Path) -> tuple[RoadNetwork, RoadNetwork, Path]:
    """Streets of Porto Alegre, the same with slopes, and the file of the heights."""
    dem = shared / "porto_alegre" / "poa_elevation.tif"
    roads = read_roads(shared / "porto_alegre" / "poa_osm.pbf", cache=False)
    terrain = read_terrain(dem)
    steep = graded(roads, terrain.heights, step_m=terrain.cell_m, rule="tobler")
    assert 0 < steep.unknown_mm < 0.1 * roads.edge_length_mm.sum()
    return roads, steep.network, dem


def plain_heights(dem: Path, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Bilinear heights of the smoothed raster, one place after another."""
    with rasterio.open(dem) as raster:
        z, t = gaussian_filter(raster.read(1).astype(float), 1.0, mode="nearest"), raster.transform
    found = np.full(len(lon), np.nan)
    for k, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
        col, row = (x - t.c) / t.a - 0.5, (y - t.f) / t.e - 0.5
        j, i = math.floor(col), math.floor(row)
        if 0 <= j < z.shape[1] - 1 and 0 <= i < z.shape[0] - 1:
            u, v = col - j, row - i
            found[k] = (
                z[i, j] * (1 - u) * (1 - v) + z[i, j + 1] * u * (1 - v)
                + z[i + 1, j] * (1 - u) * v + z[i + 1, j + 1] * u * v
            )  # fmt: skip
    return found


def test_pieces_are_worth_what_their_ends_say(city: tuple[RoadNetwork, RoadNetwork, Path]) -> None:
    _, net, dem = city
    length = net.piece_end_mm - net.piece_start_mm
    edge = np.repeat(np.arange(net.n_edges), np.diff(net.first_piece))
    street = (net.edge_kind[edge] & (BRIDGE | TUNNEL | FERRY | STEPS)) == 0
    inner = (net.piece_start_mm > 0) & (net.piece_end_mm < net.edge_length_mm[edge])
    rows = np.random.default_rng(3).choice(np.flatnonzero(street & inner), 400, replace=False)
    low, high = (
        plain_heights(dem, *position_lonlat(net, edge[rows], at[rows]))
        for at in (net.piece_start_mm, net.piece_end_mm)
    )
    known = ~np.isnan(low + high)
    assert known.sum() > 300
    slope = np.clip((high - low) * 1000 / length[rows], -0.5, 0.5)
    slope = np.round(slope, 3)  # slopes are whole thousandths
    for worth, sign in ((net.piece_forward_mm, 1), (net.piece_backward_mm, -1)):
        assert worth is not None
        speed = np.exp(-3.5 * np.abs(sign * slope + 0.05)) / np.exp(-0.175)
        assert worth[rows][known] == pytest.approx((length[rows] / speed)[known], rel=1e-4, abs=1)


def test_times_agree_with_a_plain_dijkstra(city: tuple[RoadNetwork, RoadNetwork, Path]) -> None:
    flat, net, _ = city
    walker = WALKERS["elderly"]
    crs = MetricCrs(bounds_of((net.vertex_lon, net.vertex_lat)))
    x, y = crs.metres(net.vertex_lon, net.vertex_lat)
    rng = np.random.default_rng(5)
    at = rng.choice(len(x), N_SOURCES, replace=False)
    points = PointSet.single(x[at] + 5.0, y[at])
    different = 0
    for toward in (True, False):
        costs = impedance(net, walker, toward=toward)
        link = snap.link(snap.SegmentIndex(net, x, y, edges=costs.linkable), points, limit_m=100)
        assert link.linked.all()
        found = reach.reach_nodes(costs, reach.stops(costs, link), limit_ms=LIMIT_MS)
        level = impedance(flat, walker, toward=toward)
        plain = reach.reach_nodes(level, reach.stops(level, link), limit_ms=LIMIT_MS)
        for k in range(N_SOURCES):
            ours = dict(zip(*(a[found.first[k] : found.first[k + 1]].tolist()
                              for a in (found.node, found.ms)), strict=True))  # fmt: skip
            assert ours == dijkstra(net, link, k, toward=toward)
            even = dict(zip(*(a[plain.first[k] : plain.first[k + 1]].tolist()
                              for a in (plain.node, plain.ms)), strict=True))  # fmt: skip
            different += ours != even
    assert different == 2 * N_SOURCES  # hills everywhere


def dijkstra(net: RoadNetwork, link: object, k: int, *, toward: bool) -> dict[int, int]:
    """Milliseconds between a source and the nodes, at 1 m/s, by a heap over whole edges."""
    there, back, length = [], [], (net.piece_end_mm - net.piece_start_mm).tolist()
    forward, backward = net.piece_forward_mm.tolist(), net.piece_backward_mm.tolist()
    for e in range(net.n_edges):
        pieces = range(net.first_piece[e], net.first_piece[e + 1])
        if net.edge_kind[e] & STEPS:
            # five thirds of the time of a street, each piece rounded to a millimetre
            ways = [[math.floor(length[p] * 5 / 3 + 0.5) for p in pieces]] * 2
        else:
            ways = [[way[p] for p in pieces] for way in (forward, backward)]
        there.append(ways[0])
        back.append(ways[1])
    arcs: dict[int, list[tuple[int, int]]] = {}
    for e in range(net.n_edges):
        if net.edge_kind[e] & FERRY:
            continue
        tail, head = int(net.edge_tail[e]), int(net.edge_head[e])
        up, down = sum(there[e]), sum(back[e])
        pairs = [(tail, head, up)] if net.edge_oneway[e] else [(tail, head, up), (head, tail, down)]
        for a, b, ms in pairs:
            arcs.setdefault(b if toward else a, []).append((a if toward else b, ms))
    e = int(link.edge[k])  # type: ignore[attr-defined]
    offset, access = int(link.offset_mm[k]), int(link.access_mm[k])  # type: ignore[attr-defined]
    to_tail, to_head = _ends(net, e, offset, there[e], back[e], toward=toward)
    heap = [(access + to_head, int(net.edge_head[e]))]
    if not net.edge_oneway[e] or toward:
        heap.append((access + to_tail, int(net.edge_tail[e])))
    if net.edge_oneway[e] and toward:
        heap = heap[1:]
    heapq.heapify(heap)
    done: dict[int, int] = {}
    while heap:
        ms, node = heapq.heappop(heap)
        if node in done or ms > LIMIT_MS:
            continue
        done[node] = ms
        for other, step in arcs.get(node, ()):
            if other not in done:
                heapq.heappush(heap, (ms + step, other))
    return done


def _ends(
    net: RoadNetwork, e: int, offset: int, there: list[int], back: list[int], *, toward: bool
) -> tuple[int, int]:
    """Milliseconds between a position and the tail and the head of its edge."""
    starts = net.piece_start_mm[net.first_piece[e] : net.first_piece[e + 1]].tolist()
    ends = [*starts[1:], int(net.edge_length_mm[e])]
    k = max(n for n, start in enumerate(starts) if start <= offset)
    if k == len(starts):
        k -= 1
    size, into = ends[k] - starts[k], offset - starts[k]

    def before(ways: list[int]) -> int:
        return sum(ways[:k]) + (ways[k] * into + size // 2) // max(size, 1)

    # what is walked from the tail to the head, and back
    ahead, behind = before(there), before(back)
    if toward:
        return ahead, sum(back) - behind
    return behind, sum(there) - ahead
