"""Slopes of a walking network: heights along its edges to lengths on the flat.

A walker on a slope S (rise over run, positive uphill) walks r(S) times as fast as on the flat.
A piece of length L is then worth L / r(S) on the flat, each way with its own sign of S; these
lengths are whole millimetres and do not depend on the walker's speed. S is a whole number of
thousandths: no terrain model knows a slope better, and a page can then hold it in one number.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.model import BRIDGE, FERRY, LIFT, STEPS, TUNNEL, RoadNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Heights = Callable[[FloatArray, FloatArray], FloatArray]

STEEPEST = 0.5
"""Steeper slopes are taken as this one: no street is steeper, but a terrain model beside one may
be, and the functions were measured on gentler slopes."""

THOUSAND = 1000.0
DIGITS = 12

DOWNHILL = 1.2
"""How much faster than on the flat anybody walks anywhere: 1.19 on the best slope of Tobler."""

RULES = ("tobler", "irmischer_clarke", "none")


def ratio(slope: FloatArray, rule: str) -> FloatArray:
    """Speed on `slope` (rise over run) divided by the speed on the flat.

    tobler
        exp(-3.5 |S + 0.05|) / exp(-0.175): fastest 5 % downhill. Tobler 1993, NCGIA 93-1.
    irmischer_clarke
        (0.11 + exp(-(100 |S| + 5)^2 / 1800)) / 1.0962, the function for men on a path of Irmischer
        and Clarke 2018 (Cartography and Geographic Information Science 45(2)): the same up and
        down.
    none
        1, whatever the slope.

    Rounded to twelve digits: processors differ in the sixteenth digit of an exponential, and
    lengths on the flat shall be the same on all of them.
    """
    s = np.clip(slope, -STEEPEST, STEEPEST)
    if rule == "tobler":
        return np.asarray(np.round(np.exp(-3.5 * np.abs(s + 0.05) + 0.175), DIGITS), np.float64)
    if rule == "irmischer_clarke":
        on_path = _on_path(np.abs(s)) / _on_path(np.zeros(1))[0]
        return np.asarray(np.round(on_path, DIGITS), np.float64)
    if rule == "none":
        return np.ones_like(s)
    raise KeyError(f"slope rule {rule!r} is none of {', '.join(RULES)}")


def _on_path(steepness: FloatArray) -> FloatArray:
    """Metres per second of a man on a path: Irmischer and Clarke 2018."""
    return np.asarray(0.11 + np.exp(-((100 * steepness + 5) ** 2) / 1800), np.float64)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """A network with slopes, and what they were made of.

    `network`: with `piece_forward_mm` and `piece_backward_mm`. `unknown_mm`: length of the pieces
    without a height, taken as flat. `climb_mm`: height gained over all pieces, tail to head, as a
    plain figure to look at. `steep_mm`: length of the pieces steeper than `STEEPEST`.
    """

    network: RoadNetwork
    unknown_mm: int
    climb_mm: int
    steep_mm: int


def graded(network: RoadNetwork, heights: Heights, *, step_m: float, rule: str) -> Grades:
    """Network whose pieces are worth their lengths on the flat, cut at most `step_m` apart.

    `heights`: metres at longitudes and latitudes, NaN where unknown. Bridges and tunnels do not
    follow the ground: they rise evenly between the ends of the whole structure. A piece on flat
    ground stays whole and is worth its length, so that slopes of zero change no millisecond.
    """
    step_mm = max(int(step_m * 1000), 1)
    length = network.piece_end_mm - network.piece_start_mm
    count = np.maximum(-(-length // step_mm), 1)
    part = np.repeat(np.arange(len(length)), count)
    k = np.arange(len(part)) - np.repeat(np.cumsum(count) - count, count)
    start = network.piece_start_mm[part] + length[part] * k // count[part]
    end = network.piece_start_mm[part] + length[part] * (k + 1) // count[part]
    edge_of_piece = np.repeat(np.arange(network.n_edges), np.diff(network.first_piece))
    edge = edge_of_piece[part]
    at_node = _node_heights(network, heights)
    z0 = _heights_at(network, heights, at_node, edge, start)
    z1 = _heights_at(network, heights, at_node, edge, end)
    run = np.maximum(end - start, 1)
    rise = (z1 - z0) * 1000.0
    unknown = np.isnan(rise)
    exact = np.where(unknown, 0.0, rise / run)
    slope = thousandths(exact) / THOUSAND
    forward = _worth(end - start, slope, rule)
    backward = _worth(end - start, -slope, rule)
    plain = (forward == end - start) & (backward == end - start)
    uneven = np.zeros(len(length), bool)
    np.logical_or.at(uneven, part, ~plain)
    keep = uneven[part] | (k == 0)
    whole = ~uneven[part[keep]]
    pieces = np.bincount(edge[keep], minlength=network.n_edges)
    first = np.zeros(network.n_edges + 1, np.int64)
    np.cumsum(pieces, out=first[1:])
    return Grades(
        network=dataclasses.replace(
            network,
            first_piece=first,
            piece_start_mm=start[keep],
            piece_forward_mm=np.where(whole, length[part[keep]], forward[keep]),
            piece_backward_mm=np.where(whole, length[part[keep]], backward[keep]),
        ),
        unknown_mm=int((end - start)[unknown].sum()),
        climb_mm=int(np.nansum(np.maximum(rise, 0))),
        steep_mm=int((end - start)[np.abs(exact) > STEEPEST].sum()),
    )


def thousandths(slope: FloatArray) -> FloatArray:
    """Slopes as whole thousandths, the steepest as `STEEPEST`."""
    steepest = STEEPEST * THOUSAND
    return np.asarray(np.clip(np.rint(slope * THOUSAND), -steepest, steepest), np.float64)


def _worth(length: NDArray[np.int64], slope: FloatArray, rule: str) -> NDArray[np.int64]:
    return np.asarray(np.floor(length / ratio(slope, rule) + 0.5), np.int64)


def _heights_at(
    network: RoadNetwork,
    heights: Heights,
    at_node: FloatArray,
    edge: NDArray[np.int64],
    offset_mm: NDArray[np.int64],
) -> FloatArray:
    """Height of positions on edges: of the ground, or of the structure that the edge is."""
    length = network.edge_length_mm[edge]
    tail, head = at_node[network.edge_tail[edge]], at_node[network.edge_head[edge]]
    share = offset_mm / np.maximum(length, 1)
    z = tail + (head - tail) * share
    z[offset_mm == 0], z[offset_mm == length] = tail[offset_mm == 0], head[offset_mm == length]
    ground = ~_structure(network)[edge] & (offset_mm > 0) & (offset_mm < length)
    lon, lat = position_lonlat(network, edge[ground], offset_mm[ground])
    z[ground] = heights(lon, lat)
    return z


def position_lonlat(
    network: RoadNetwork, edge: NDArray[np.int64], offset_mm: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Longitude and latitude of positions on edges, straight between vertices."""
    before = np.concatenate([[0], np.cumsum(network.edge_length_mm + 1)])
    per_edge = np.diff(network.first_vertex)
    along = network.vertex_mm + np.repeat(before[:-1], per_edge)
    right = np.searchsorted(along, before[edge] + offset_mm, side="left")
    right = np.clip(right, network.first_vertex[edge] + 1, network.first_vertex[edge + 1] - 1)
    a, b = right - 1, right
    span = np.maximum(along[b] - along[a], 1)
    t = np.clip((before[edge] + offset_mm - along[a]) / span, 0.0, 1.0)
    lon, lat = network.vertex_lon, network.vertex_lat
    return lon[a] + t * (lon[b] - lon[a]), lat[a] + t * (lat[b] - lat[a])


def _structure(network: RoadNetwork) -> NDArray[np.bool_]:
    return np.asarray((network.edge_kind & (BRIDGE | TUNNEL | FERRY)) != 0, bool)


def _node_heights(network: RoadNetwork, heights: Heights) -> FloatArray:
    """Height of every node: of the ground, or, within a bridge or tunnel, between its ends.

    A structure may be made of several edges that meet above the ground. Their inner nodes lie so
    that each is the mean of its neighbours, the nearer ones counting more: on a single way that is
    an even rise. A free end, as of a bridge that is cut, goes on level with the rest.
    """
    lon = np.zeros(network.n_nodes)
    lat = np.zeros(network.n_nodes)
    first, last = network.first_vertex[:-1], network.first_vertex[1:] - 1
    for node, vertex in ((network.edge_tail, first), (network.edge_head, last)):
        lon[node], lat[node] = network.vertex_lon[vertex], network.vertex_lat[vertex]
    z = heights(lon, lat)
    built = _structure(network)
    on_ground = np.zeros(network.n_nodes, bool)
    # steps and lifts lead up to a deck: they do not hold it to the ground
    holds = ~built & ((network.edge_kind & (STEPS | LIFT)) == 0)
    for node in (network.edge_tail, network.edge_head):
        on_ground[node[holds]] = True
    touched = np.zeros(network.n_nodes, bool)
    for node in (network.edge_tail, network.edge_head):
        touched[node[built]] = True
    inner = touched & ~on_ground
    return z if not inner.any() else _between(network, z, inner, built)


def _between(
    network: RoadNetwork, z: FloatArray, inner: NDArray[np.bool_], built: NDArray[np.bool_]
) -> FloatArray:
    """Heights of the inner nodes of structures: weighted means of their neighbours.

    A structure that no street meets stands on its free ends: nothing else carries it.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only for structures of several edges
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415
    from scipy.sparse.linalg import spsolve  # noqa: PLC0415

    known = ~inner & ~np.isnan(z)
    some = known | inner  # what has no height carries nothing
    use = built & (network.edge_tail != network.edge_head)
    use &= some[network.edge_tail] & some[network.edge_head]
    tail, head = network.edge_tail[use], network.edge_head[use]
    weight = 1.0 / np.maximum(network.edge_length_mm[use], 1)
    n = network.n_nodes
    graph = csr_matrix((weight, (tail, head)), shape=(n, n))
    graph = graph + graph.T
    _, part = connected_components(graph, directed=False)
    anchored = np.zeros(part.max() + 1, bool)
    anchored[part[known]] = True
    degree = np.bincount(network.edge_tail, minlength=n)
    degree += np.bincount(network.edge_head, minlength=n)
    known |= inner & (degree == 1) & ~anchored[part] & ~np.isnan(z)
    anchored[part[known]] = True
    free = np.flatnonzero(inner & anchored[part] & ~known)
    if not len(free):
        return z
    rows = graph[free]
    total = np.asarray(rows[:, np.flatnonzero(known)].sum(axis=1)).ravel()
    inside = rows[:, free]
    total = total + np.asarray(inside.sum(axis=1)).ravel()
    system = csr_matrix((total, (np.arange(len(free)), np.arange(len(free))))) - inside
    given = rows[:, np.flatnonzero(known)] @ z[known]
    result = z.copy()
    result[free] = spsolve(system.tocsc(), given)
    return result
