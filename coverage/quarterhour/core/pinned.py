"""Streets cut and linked at positions of a network, as the page does it that tries changes out.

Contract: a position is an edge and whole millimetres from its tail. At a cut nobody passes, and no
metre is lost. A link is a level street, both ways, from one position to another; nobody steps onto
it from beside. What is not cut or linked keeps its lengths and milliseconds.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.core.alter import _kept
from quarterhour.core.joining import Joint, joined
from quarterhour.core.splice import Flat, Part, with_parts
from quarterhour.model import TUNNEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.model import RoadNetwork

    Ints = NDArray[np.int64]


class Spot(NamedTuple):
    """A position on an edge."""

    edge: int
    offset_mm: int


class Link(NamedTuple):
    """A new street between two positions."""

    start: Spot
    end: Spot
    length_mm: int


def edges_in(whole: RoadNetwork, part: RoadNetwork) -> Ints:
    """For each edge of `part` its number in `whole`, of which it is a subset in the same order.

    -1 from the first edge on that is not found.
    """

    def rows(net: RoadNetwork) -> list[tuple[float, ...]]:
        first, last = net.first_vertex[:-1], net.first_vertex[1:] - 1
        columns = (
            net.edge_length_mm, net.edge_kind, net.vertex_lon[first], net.vertex_lat[first],
            net.vertex_lon[last], net.vertex_lat[last],
        )  # fmt: skip
        return list(zip(*(column.tolist() for column in columns), strict=True))

    found = np.full(part.n_edges, -1, np.int64)
    every = rows(whole)
    at = 0
    for e, row in enumerate(rows(part)):
        while at < len(every) and every[at] != row:
            at += 1
        if at == len(every):
            break
        found[e] = at
        at += 1
    return found


def cut_and_link(flat: Flat, cuts: Sequence[Spot], links: Sequence[Link]) -> Flat:
    """The network with its streets cut at `cuts` and `links` added; new edges come last."""
    net = flat.network
    by_edge: dict[int, set[int]] = {}
    for edge, offset in cuts:
        by_edge.setdefault(edge, set()).add(offset)
    parts: dict[int, list[Part]] = {}
    node = net.n_nodes
    for edge in sorted(by_edge):
        gone = [(at, at) for at in sorted(by_edge[edge])]
        parts[edge], node = _kept(net, edge, gone, node)
    made = with_parts(flat, [p for edge in sorted(parts) for p in parts[edge]], sorted(parts))
    count = np.ones(net.n_edges, np.int64)
    for edge, kept in parts.items():
        count[edge] = len(kept)
    first = np.concatenate([[0], np.cumsum(count)])

    def moved(spot: Spot) -> Spot | None:
        kept = parts.get(spot.edge)
        if kept is None:
            return Spot(int(first[spot.edge]), spot.offset_mm)
        for k, part in enumerate(kept):
            if spot.offset_mm <= part.end_mm:  # at the end of two parts, the first
                return Spot(int(first[spot.edge]) + k, max(spot.offset_mm - part.start_mm, 0))
        return None

    joints = []
    for link in links:
        start, end = moved(link.start), moved(link.end)
        if start is not None and end is not None:
            joints.append(Joint(*start, *end, link.length_mm))
    if not joints:
        return made
    done = joined(made, joints)
    kind = done.network.edge_kind.copy()
    length = made.network.edge_length_mm
    ends = {s for j in joints for s in (Spot(j.edge, j.offset_mm), Spot(j.other, j.other_mm))}
    old = made.network.n_edges + sum(0 < s.offset_mm < length[s.edge] for s in ends)
    kind[old:] |= TUNNEL
    return done._replace(network=dataclasses.replace(done.network, edge_kind=kind))
