"""Where walks wait: signals, crossings of major roads and lifts, as milliseconds on edges.

A wait belongs to a point of the network. Each street that meets there holds one half of it in its
last millimetre before the point, the same in both directions: a walk through the point waits one
half on the way in and the other on the way out, a walk that begins or ends at the very point one
half, and a walk that only comes near it does not wait. Times stay sums of whole milliseconds, and
a wait of no seconds changes none of them.

    WAIT_SIGNAL            every street that meets at the point
    WAIT_PART              as a signal, but half as long: wide junctions have a signal at every
                           carriageway or stop line, and a walk passes two of them
    WAIT_SIGNAL_CROSSING   paths and steps only: who walks along the road does not cross it
    WAIT_CROSSING          paths and steps only
    WAIT_LIFT              every street that meets at the point

An edge of a lift (LIFT) holds one half of its wait at either end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.model import (
    FERRY,
    LIFT,
    RANK_PATH,
    RANK_STEPS,
    WAIT_CROSSING,
    WAIT_LIFT,
    WAIT_PART,
    WAIT_SIGNAL,
    WAIT_SIGNAL_CROSSING,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.model import RoadNetwork, Walker

    Ints = NDArray[np.int64]

HALVES_PER_SIGNAL = {WAIT_SIGNAL: 1.0, WAIT_PART: 0.5, WAIT_SIGNAL_CROSSING: 1.0}


class Waits(NamedTuple):
    """Waits on edges: each lies in the millimetre that begins at `start_mm` from the tail."""

    edge: Ints
    start_mm: Ints
    ms: Ints


def half_ms(walker: Walker) -> Ints:
    """Milliseconds of half a wait by kind, rounded half up; none for a distance rule."""
    seconds = np.zeros(6)
    if not walker.rule_m:
        for kind, share in HALVES_PER_SIGNAL.items():
            seconds[kind] = walker.signal_s * share
        seconds[WAIT_CROSSING] = walker.crossing_s
        seconds[WAIT_LIFT] = walker.lift_s
    return np.asarray(np.floor(seconds * 500.0 + 0.5), np.int64)


def waits_of(network: RoadNetwork, walker: Walker) -> Waits:
    """The waits of a walker, by edge and position; edges shorter than a millimetre have none."""
    half = half_ms(walker)
    vertex, kind = _vertices(network, half)
    edge = np.searchsorted(network.first_vertex, vertex, side="right") - 1
    crosses = np.isin(kind, (WAIT_SIGNAL_CROSSING, WAIT_CROSSING))
    path = np.isin(network.edge_rank[edge], (RANK_PATH, RANK_STEPS))
    walked = (network.edge_kind[edge] & FERRY) == 0
    keep = walked & (path | ~crosses)
    edge, kind, at_mm = edge[keep], kind[keep], network.vertex_mm[vertex[keep]]
    # the millimetre before the point and the one behind it, where the edge has them
    rows = [np.column_stack([edge, at_mm - 1, kind]), np.column_stack([edge, at_mm, kind])]
    if half[WAIT_LIFT]:
        lift = np.flatnonzero(network.edge_kind & LIFT)
        length = network.edge_length_mm[lift]
        rows += [
            np.column_stack([lift, at, np.full(len(lift), WAIT_LIFT)])
            for at in (np.zeros(len(lift), np.int64), length - 1)
        ]
    # two vertices at one position are one point
    row = np.unique(np.concatenate(rows).astype(np.int64), axis=0)
    fits = (row[:, 1] >= 0) & (row[:, 1] < network.edge_length_mm[row[:, 0]])
    row = row[fits]
    return Waits(row[:, 0], row[:, 1], half[row[:, 2]])


def _vertices(network: RoadNetwork, half: Ints) -> tuple[Ints, Ints]:
    """Vertices of the network at which somebody waits, and the kind of the wait."""
    asked = network.waits[half[network.waits[:, 2].astype(np.int64)] > 0]
    if not len(asked):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    place, first = np.unique(asked[:, 0] + 1j * asked[:, 1], return_index=True)
    vertex = network.vertex_lon + 1j * network.vertex_lat
    at = np.minimum(np.searchsorted(place, vertex), len(place) - 1)
    hit = np.flatnonzero(place[at] == vertex)
    return hit, asked[first[at[hit]], 2].astype(np.int64)
