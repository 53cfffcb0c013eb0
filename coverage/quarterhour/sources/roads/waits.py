"""Which points of OpenStreetMap make walkers wait, from the tags of the nodes and what meets there.

A junction of wide streets has several signals, one at each carriageway or stop line, and a walk
through it passes two of them: signals with another one within `WIDE_M` count half. A node that is
signal and crossing at once stops everybody where at least three arms of streets meet, or where it
is one of several without a path: a stop line before a junction. Elsewhere it stops only who
crosses the street, on a path. A crossing without signals counts only on a major road: motorway to
secondary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.inputs import Note
from quarterhour.model import (
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
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from quarterhour.model import RawLines, RoadNetwork, Walker

WIDE_M = 40.0
"""Two carriageways and their median, or the stop lines on both sides of a junction, lie this close;
the next junction lies farther. A judgement: the maps do not say which signals belong together."""


def waits_at(
    lines: RawLines,
    nodes: Mapping[int, tuple[int, bool]],
    major: Collection[int],
) -> NDArray[np.float64]:
    """Longitude, latitude and kind of the points of `lines` where walks wait, ascending, (n, 3).

    `nodes`: by vertex key the kind of wait (`walkable.wait`) and whether the node is a crossing,
    too. `major`: keys of nodes on major roads.
    """
    keys = np.array(sorted(nodes), np.int64)
    found, first = np.unique(lines.vertex_key, return_index=True)
    used = np.isin(keys, found)
    keys = keys[used]
    if not len(keys):
        return np.empty((0, 3))
    vertex = first[np.searchsorted(found, keys)]
    kind = np.array([nodes[k][0] for k in keys.tolist()], np.int64)
    crossing = np.array([nodes[k][1] for k in keys.tolist()], bool)
    on_major = np.isin(keys, np.array(sorted(major), np.int64))
    lon, lat = lines.lon[vertex], lines.lat[vertex]
    signal = np.flatnonzero(kind == WAIT_SIGNAL)
    kind[signal[_has_another(lon[signal], lat[signal])]] = WAIT_PART
    is_path = np.isin(lines.rank, (RANK_PATH, RANK_STEPS))
    streets, paths = _arms(lines, keys, ~is_path), _arms(lines, keys, is_path)
    beside = (kind == WAIT_SIGNAL) | ((kind == WAIT_PART) & (paths > 0))
    kind[beside & crossing & (streets < 3)] = WAIT_SIGNAL_CROSSING
    keep = (kind != WAIT_CROSSING) | on_major
    lon, lat, kind = lon[keep], lat[keep], kind[keep]
    return np.unique(np.column_stack([lon, lat, kind.astype(np.float64)]), axis=0)


def wait_note(network: RoadNetwork, walker: Walker) -> Note | None:
    """What a walker waits for and how often the roads have it, None where it never waits."""
    if walker.rule_m or not (walker.signal_s or walker.crossing_s or walker.lift_s):
        return None
    place = network.waits[:, 0] + 1j * network.waits[:, 1]
    here = np.isin(place, network.vertex_lon + 1j * network.vertex_lat)
    n = np.bincount(network.waits[here, 2].astype(np.int64), minlength=6)
    signals = int(n[WAIT_SIGNAL] + n[WAIT_PART] + n[WAIT_SIGNAL_CROSSING])
    lifts = int(n[WAIT_LIFT] + ((network.edge_kind & LIFT) > 0).sum())
    return Note(
        f"平均等候：信号灯 {walker.signal_s:g} 秒（路网中 {signals} 处），无信号灯过主干路"
        f" {walker.crossing_s:g} 秒（{n[WAIT_CROSSING]} 处），电梯"
        f" {walker.lift_s:g} 秒（{lifts} 处）；只计地图上标注的地方",
        f"mean waits: {walker.signal_s:g} s at signals ({signals} in the roads),"
        f" {walker.crossing_s:g} s at crossings of major roads without ({n[WAIT_CROSSING]}),"
        f" {walker.lift_s:g} s at lifts ({lifts}); only where the map has them",
    )


def _arms(lines: RawLines, keys: NDArray[np.int64], chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many arms of the chosen lines meet at each key."""
    line = np.repeat(np.arange(lines.n_lines), np.diff(lines.first_vertex))
    arms = np.full(len(line), 2, np.int64)
    arms[lines.first_vertex[:-1]] -= 1
    arms[lines.first_vertex[1:] - 1] -= 1
    arms[~chosen[line]] = 0
    at = np.searchsorted(keys, lines.vertex_key)
    hit = np.flatnonzero(keys[np.minimum(at, len(keys) - 1)] == lines.vertex_key)
    total = np.zeros(len(keys), np.int64)
    np.add.at(total, at[hit], arms[hit])
    return total


def _has_another(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Points with another within `WIDE_M`."""
    if len(lon) < 2:
        return np.empty(0, np.int64)
    from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to load, and only needed here

    metre = np.array([111_319.49 * np.cos(np.radians(lat.mean())), 110_946.3])
    tree = cKDTree(np.column_stack([lon - lon.mean(), lat - lat.mean()]) * metre)
    pairs = tree.query_pairs(WIDE_M, output_type="ndarray")
    return np.unique(pairs).astype(np.int64)
