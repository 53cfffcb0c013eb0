"""Joining dead ends to the roads that they miss by a little, on request, with a log of every joint.

What is joined is what `core.misses.near_misses` finds: a diagnosis with the same metres lists the
same places. The joint is a piece of path, as long as the gap, to the nearest position of the other
road, where the road gets a vertex; its length and the times on it do not change. Bridges and
tunnels are joined at their own ends, or with their like, never with what they pass over or under.
Gates that are closed stay closed.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core import graph, misses
from quarterhour.frames import MetricCrs, bounds_of
from quarterhour.inputs import Change, Note
from quarterhour.model import RANK_PATH, RawLines, RoadNetwork
from quarterhour.units import mm_of_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


def repair(network: RoadNetwork, within_m: float) -> RoadNetwork:
    """`network` with every dead end joined that misses another road by `within_m` or less.

    `joints` of the result tells where, and how wide the gaps were (metres, straight). Gaps of less
    than half a millimetre are closed by making one node of two.
    """
    assert network.piece_forward_mm is None, "roads are repaired before they get slopes"  # noqa: S101
    x_m, y_m = MetricCrs(bounds_of((network.vertex_lon, network.vertex_lat))).metres(
        network.vertex_lon, network.vertex_lat
    )
    found = misses.near_misses(
        network,
        misses.dead_ends(network, x_m, y_m),
        misses.Segments(network, x_m, y_m),
        within_m=within_m,
    )
    if not len(found):
        return network
    lines, at = _lines(network, found)
    # a pair of dead ends finds one another: one joint is enough
    one, two = lines.vertex_key[at[:, 0]], lines.vertex_key[at[:, 1]]
    pair = np.column_stack([np.minimum(one, two), np.maximum(one, two)])
    _, first = np.unique(pair, axis=0, return_index=True)
    first = np.sort(first)
    at, gap_m = at[first], found.gap_m[first]
    joined = graph.build(_with_joints(lines, at, mm_of_m(gap_m)))
    end = at[:, 0]
    return dataclasses.replace(
        joined,
        credit=network.credit,
        closed_gates=network.closed_gates,
        joints=np.concatenate(
            [network.joints, np.column_stack([lines.lon[end], lines.lat[end], gap_m])]
        ),
    )


def _lines(network: RoadNetwork, found: misses.Misses) -> tuple[RawLines, Ints]:
    """The pieces of the network as lines, with a vertex at both positions of every miss.

    Also the numbers of these vertices, shape (n, 2).
    """
    n_vertices = len(network.vertex_lon)
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.first_vertex))
    # one ruler through all edges, so that positions can be looked up together
    before = np.concatenate([[0], np.cumsum(network.edge_length_mm + 1)])
    ruler = before[edge] + network.vertex_mm
    wanted = before[np.concatenate([found.edge, found.other])] + np.concatenate(
        [found.offset_mm, found.other_mm]
    )
    fresh = np.setdiff1d(wanted, ruler)
    right = np.searchsorted(ruler, fresh)
    t = (fresh - ruler[right - 1]) / (ruler[right] - ruler[right - 1])
    lon, lat = network.vertex_lon, network.vertex_lat
    lon = np.insert(lon, right, lon[right - 1] + t * (lon[right] - lon[right - 1]))
    lat = np.insert(lat, right, lat[right - 1] + t * (lat[right] - lat[right - 1]))
    edge, ruler = np.insert(edge, right, edge[right]), np.insert(ruler, right, fresh)
    first_vertex = np.searchsorted(edge, np.arange(network.n_edges + 1))
    key = network.n_nodes + np.arange(len(ruler), dtype=np.int64)
    key[first_vertex[:-1]] = network.edge_tail
    key[first_vertex[1:] - 1] = network.edge_head
    assert len(ruler) == n_vertices + len(fresh), "every position is new or a vertex"  # noqa: S101
    of_line, vertex, first = _by_piece(network, ruler, before, first_vertex)
    step = np.zeros(len(vertex), np.int64)
    step[1:] = np.diff(ruler[vertex])
    step[first[:-1]] = 0
    lines = RawLines(
        vertex_key=key[vertex],
        lon=lon[vertex],
        lat=lat[vertex],
        segment_mm=step,
        first_vertex=first,
        kind=network.edge_kind[of_line],
        oneway=network.edge_oneway[of_line],
        rank=network.edge_rank[of_line],
    )
    # the last copy of a vertex: any will do, as copies share their key
    return lines, np.searchsorted(ruler[vertex], wanted, side="right").reshape(2, -1).T - 1


def _by_piece(
    network: RoadNetwork, ruler: Ints, before: Ints, first_vertex: Ints
) -> tuple[Ints, Ints, Ints]:
    """Edge of every piece, its vertices in order (joints of pieces twice), and CSR offsets."""
    of_piece = np.repeat(np.arange(network.n_edges), np.diff(network.first_piece))
    start = np.searchsorted(ruler, before[of_piece] + network.piece_start_mm, side="left")
    end = np.searchsorted(ruler, before[of_piece] + network.piece_end_mm, side="right") - 1
    # vertices without length between them may stand where a piece begins: they go to the earlier
    is_first = np.zeros(len(start), bool)
    is_first[network.first_piece[:-1]] = True
    start = np.where(is_first, first_vertex[of_piece], np.concatenate([[0], end[:-1]]))
    count = end - start + 1
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return of_piece, graph._ranges(start, count), first  # noqa: SLF001 - a tool of the house


def _with_joints(lines: RawLines, at: Ints, gap_mm: Ints) -> RawLines:
    """The lines and a line across every gap; what is not even a millimetre apart becomes one."""
    key = lines.vertex_key.copy()
    for one, two in at[gap_mm == 0]:
        key[key == key[one]] = key[two]
    wide = at[gap_mm > 0]
    n, vertex = len(wide), wide.ravel()
    step = np.zeros(2 * n, np.int64)
    step[1::2] = gap_mm[gap_mm > 0]
    return RawLines(
        vertex_key=np.concatenate([key, key[vertex]]),
        lon=np.concatenate([lines.lon, lines.lon[vertex]]),
        lat=np.concatenate([lines.lat, lines.lat[vertex]]),
        segment_mm=np.concatenate([lines.segment_mm, step]),
        first_vertex=np.concatenate(
            [lines.first_vertex, lines.first_vertex[-1] + 2 * np.arange(1, n + 1)]
        ),
        kind=np.concatenate([lines.kind, np.zeros(n, np.uint8)]),
        oneway=np.concatenate([lines.oneway, np.zeros(n, bool)]),
        rank=np.concatenate([lines.rank, np.full(n, RANK_PATH, np.uint8)]),
    )


def joint_changes(network: RoadNetwork, file: str) -> tuple[Change, ...]:
    """Every joint that a repair has added, in the order of the network."""
    return tuple(
        Change(
            layer="roads", file=file, sheet="", row=None, name="", kind="joined",
            detail=Note(
                f"{lon:.6f}, {lat:.6f} 处的断头路与相距 {gap:.2f} 米的道路接通",
                f"the dead end at {lon:.6f}, {lat:.6f} was joined to a road {gap:.2f} m away",
            ),
        )
        for lon, lat, gap in network.joints.tolist()
    )  # fmt: skip
