"""Parts of a network that no facility is on: how large, how far from the others, and what is torn.

A part is torn off where a dead end misses another road by little, or where two roads on the ground
cross and have no joint (`core.misses` says which); a joint there would make one of two parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.core import misses
from quarterhour.core.route import position

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance

    Floats = NDArray[np.float64]

JOINT_M = 15.0
"""Roads that miss each other by so much at most may be one road that was drawn in two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """One part of the network without a facility.

    `length_m`: metres of street that the walker can use. `away_m`: straight metres to the nearest
    street of a part with a facility; None where there is none. `joint_m`, `joint`: metres to be
    joined and the longitude and latitude of the smallest joint to such a part, None where no road
    misses another one by `JOINT_M` or less.
    """

    length_m: float
    away_m: float | None
    joint_m: float | None
    joint: tuple[float, float] | None


def parts_apart(
    costs: Impedance,
    x_m: Floats,
    y_m: Floats,
    served: NDArray[np.bool_],
    wanted: Sequence[int],
) -> dict[int, Apart]:
    """What is known about the `wanted` components of `costs`.

    `x_m`, `y_m`: per vertex of the network, in metres. `served`: bool per component.
    """
    net = costs.network
    usable = costs.out_open | costs.in_open
    of_edge = np.where(usable, costs.component[net.edge_tail], -1)
    length = np.bincount(of_edge + 1, weights=net.edge_length_mm, minlength=len(served) + 1)[1:]
    joints = _joints(costs, x_m, y_m, of_edge, served)
    start, end = net.first_vertex[:-1], net.first_vertex[1:]
    box = np.column_stack([
        np.minimum.reduceat(x_m, start), np.minimum.reduceat(y_m, start),
        np.maximum.reduceat(x_m, start), np.maximum.reduceat(y_m, start),
    ])  # fmt: skip
    of_edge_served = (of_edge >= 0) & served[of_edge]
    others = np.flatnonzero(of_edge_served)
    result = {}

    def lines(edges: NDArray[np.int64]) -> NDArray[np.object_]:
        count = (end - start)[edges]
        before = np.cumsum(count) - count
        vertex = np.arange(int(count.sum())) + np.repeat(start[edges] - before, count)
        xy = np.column_stack([x_m[vertex], y_m[vertex]])
        drawn: NDArray[np.object_] = shapely.linestrings(
            xy, indices=np.repeat(np.arange(len(edges)), count)
        )
        return drawn

    for part in wanted:
        mine = np.flatnonzero(of_edge == part)
        away = None
        if len(others):
            west, south = box[mine, :2].min(axis=0)
            east, north = box[mine, 2:].max(axis=0)
            aside_x = np.maximum(np.maximum(box[others, 0] - east, west - box[others, 2]), 0.0)
            aside_y = np.maximum(np.maximum(box[others, 1] - north, south - box[others, 3]), 0.0)
            least = np.hypot(aside_x, aside_y)
            # a first street gives a distance that no street behind a farther box can beat
            first = others[[int(np.argmin(least))]]
            own = lines(mine)
            most = float(shapely.distance(own, lines(first)[0]).min())
            near = others[least <= most]
            tree = shapely.STRtree(own)
            found = tree.query_nearest(lines(near), return_distance=True, all_matches=False)[1]
            away = float(found.min())
        joint_m, joint = joints.get(part, (None, None))
        result[part] = Apart(
            length_m=float(length[part]) / 1000.0, away_m=away, joint_m=joint_m, joint=joint
        )
    return result


def _joints(
    costs: Impedance,
    x_m: Floats,
    y_m: Floats,
    of_edge: NDArray[np.int64],
    served: NDArray[np.bool_],
) -> dict[int, tuple[float, tuple[float, float]]]:
    """The smallest joint of each part to one with a facility."""
    net = costs.network
    ends = misses.dead_ends(net, x_m, y_m)
    segments = misses.Segments(net, x_m, y_m)
    result: dict[int, tuple[float, tuple[float, float]]] = {}
    for found in (
        misses.crossings(net, segments),
        misses.near_misses(net, ends, segments, within_m=JOINT_M),
    ):
        one, two = of_edge[found.edge], of_edge[found.other]
        for mine, theirs in ((one, two), (two, one)):
            hit = np.flatnonzero((mine >= 0) & (theirs >= 0) & (mine != theirs))
            hit = hit[served[theirs[hit]] & ~served[mine[hit]]]
            for k in hit.tolist():
                gap, part = float(found.gap_m[k]), int(mine[k])
                if part not in result or gap < result[part][0]:
                    at = (int(found.edge[k]), int(found.offset_mm[k]))
                    result[part] = (gap, position(net, net.vertex_lon, net.vertex_lat, *at))
    return result
