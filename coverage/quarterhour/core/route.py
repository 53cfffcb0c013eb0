"""The shortest walk from a place to its nearest facility, as the pieces of street that it takes.

Contract: a route takes exactly the milliseconds that `reach.nearest` gives for its place and leads
to the same facility; its legs follow each other, each along one edge; both legs beside the road
belong to it. Of several ways that take the same time it is the one over the lowest arcs.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from quarterhour.core.pieces import Pieces
from quarterhour.core.reach import Stops, _labels, _seeds
from quarterhour.core.search import LOW, UNREACHED, grown
from quarterhour.core.service_area import piece_lines
from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance
    from quarterhour.model import RoadNetwork

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


class Leg(NamedTuple):
    """A walk along one edge, from one position to another."""

    edge: int
    from_mm: int
    to_mm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(_Frozen):
    """A walk between a place and a source of the search, told from the place on.

    `source`: owner of the stops that were searched from. `ms`: the whole of it, with both legs
    beside the road. `edge`, `from_mm`, `to_mm`: its legs, in order; none of them is empty. `start`,
    `end`: positions (edge, millimetres from the tail) where it takes to the road and leaves it.
    """

    source: int
    ms: int
    edge: Ints
    from_mm: Ints
    to_mm: Ints
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def street_mm(self) -> int:
        """Millimetres along the streets."""
        return int(np.abs(self.to_mm - self.from_mm).sum())


class Router:
    """One search from all sources, and the routes that can be read off it.

    `sources`: stops of the facilities. Walks beyond `limit_ms` (inclusive) are not looked for.
    """

    def __init__(self, costs: Impedance, sources: Stops, *, limit_ms: int) -> None:
        self.costs, self.sources, self.limit_ms = costs, sources, limit_ms
        self.length_mm = costs.network.edge_length_mm
        self.label, self.source = _labels(costs, sources, limit_ms)
        self.by_owner = np.argsort(sources.owner, kind="stable")
        self.owners = sources.owner[self.by_owner]
        self.by_edge = np.lexsort((sources.owner, sources.edge))
        self.edges = sources.edge[self.by_edge]
        owner, node, ms = _seeds(costs, sources)
        # the seeds that a search begins with: those that nothing is nearer than
        begins = (self.label[node] == ms) & (self.source[node] == owner)
        self.begins = np.zeros(costs.network.n_nodes, bool)
        self.begins[node[begins]] = True
        # arcs by the node that they grow to
        target = costs.arc_to_ms & LOW
        self.arc = np.argsort(target, kind="stable")
        n = costs.network.n_nodes
        self.first = np.zeros(n + 1, np.int64)
        np.cumsum(np.bincount(target, minlength=n), out=self.first[1:])

    def route(self, places: Stops, rows: Sequence[int] | Ints) -> Route | None:
        """The route of one place, whose stops are the `rows`; None beyond the limit."""
        best: tuple[int, int, int, int] | None = None
        for row in np.asarray(rows, np.int64).tolist():
            for found in self._ways(places, row):
                if best is None or found < best:
                    best = found
        if best is None or best[0] > self.limit_ms:
            return None
        ms, source, row, way = best
        edge, at = int(places.edge[row]), int(places.offset_mm[row])
        net = self.costs.network
        if way >= 2:  # along the one edge
            end = (edge, int(self.sources.offset_mm[way - 2]))
            legs = [Leg(edge, at, end[1])]
        else:
            node = int((net.edge_head if way else net.edge_tail)[edge])
            legs = [Leg(edge, at, int(self.length_mm[edge]) if way else 0)]
            more, node = self._back(node)
            last, end = self._arrival(node, source)
            legs += [*more, last]
        legs = [leg for leg in legs if leg.from_mm != leg.to_mm]
        columns = np.array(legs, np.int64).reshape(-1, 3)
        return Route(
            source=source, ms=ms, edge=columns[:, 0], from_mm=columns[:, 1], to_mm=columns[:, 2],
            start=(edge, at), end=end,
        )  # fmt: skip

    def _ways(self, places: Stops, row: int) -> list[tuple[int, int, int, int]]:
        """(ms, source, row, way): way 0 by the tail, 1 by the head, 2 + k along to the stop k."""
        costs, net = self.costs, self.costs.network
        e, access = int(places.edge[row]), int(places.access_ms[row])
        out_ms, in_ms = int(places.out_ms[row]), int(places.in_ms[row])
        result = []
        tail, head = int(net.edge_tail[e]), int(net.edge_head[e])
        if costs.out_open[e] and self.label[tail] != UNREACHED:
            ms = int(self.label[tail]) + out_ms + access
            result.append((ms, int(self.source[tail]), row, 0))
        if costs.in_open[e] and self.label[head] != UNREACHED:
            ms = int(self.label[head]) + int(costs.in_ms[e]) - in_ms + access
            result.append((ms, int(self.source[head]), row, 1))
        lo, hi = np.searchsorted(self.edges, [e, e + 1])
        for k in self.by_edge[lo:hi].tolist():
            s = self.sources
            ahead = int(places.offset_mm[row]) - int(s.offset_mm[k])
            if costs.out_open[e] and ahead >= 0:
                along = out_ms - int(s.out_ms[k])
            elif costs.in_open[e] and ahead <= 0:
                along = int(s.in_ms[k]) - in_ms
            else:
                continue
            ms = along + int(s.access_ms[k]) + access
            result.append((ms, int(s.owner[k]), row, 2 + k))
        return result

    def _back(self, node: int) -> tuple[list[Leg], int]:
        """Legs from a node back to one where its search began, and that node."""
        legs: list[Leg] = []
        seen = {node}
        path: list[tuple[int, int]] = []  # nodes within one instant, and the legs before them
        while not self.begins[node]:
            sides, node = self._run(node)
            legs += [self._leg(side) for side in sides.tolist()]
            if self.begins[node]:
                break
            # no street of any length leads on: one without length does
            seen.add(node)
            step = self._before(node)
            ahead = [s for s in step if s[2] not in seen]
            if not ahead:  # a loop of streets without length: try the other way round it
                node, kept = path.pop()
                del legs[kept:]
                continue
            _, side, origin = ahead[0]
            path.append((node, len(legs)))
            legs.append(self._leg(side))
            node = origin
            seen.add(node)
        return legs, node

    def _leg(self, side: int) -> Leg:
        """The walk back along an arc: one from the tail grew to the head, where the walk begins."""
        length = int(self.length_mm[side >> 1])
        return Leg(side >> 1, 0, length) if side & 1 else Leg(side >> 1, length, 0)

    def _run(self, node: int) -> tuple[Ints, int]:
        """Arcs back from a node as far as each takes time, and the node where they end."""
        costs, net = self.costs, self.costs.network
        sides, end = _run(
            node, self.first, self.arc, costs.arc_to_ms, costs.arc_edge_side, net.edge_tail,
            net.edge_head, self.label, self.source, self.begins,
        )  # fmt: skip
        return sides, int(end)

    def _before(self, node: int) -> list[tuple[int, int, int]]:
        """(milliseconds, edge and side, origin) of the arcs that gave a node its label."""
        costs = self.costs
        arcs = self.arc[self.first[node] : self.first[node + 1]]
        side = costs.arc_edge_side[arcs].astype(np.int64)
        net = costs.network
        origin = np.where(side & 1, net.edge_head[side >> 1], net.edge_tail[side >> 1])
        ms = costs.arc_to_ms[arcs] >> 32
        tight = (self.label[origin] != UNREACHED) & (
            self.label[origin].astype(np.int64) + ms == self.label[node]
        )
        tight &= self.source[origin] == self.source[node]
        return sorted(zip(ms[tight].tolist(), side[tight].tolist(), origin[tight].tolist(),
                          strict=True), key=lambda arc: arc[1])  # fmt: skip

    def _arrival(self, node: int, source: int) -> tuple[Leg, tuple[int, int]]:
        """The leg from a node where a search began to the stop that it began at."""
        s, costs, net = self.sources, self.costs, self.costs.network
        lo, hi = np.searchsorted(self.owners, [source, source + 1])
        for k in self.by_owner[lo:hi].tolist():
            e, at = int(s.edge[k]), int(s.offset_mm[k])
            length, access = int(self.length_mm[e]), int(s.access_ms[k])
            by_tail = access + int(s.in_ms[k])
            by_head = access + int(costs.out_ms[e]) - int(s.out_ms[k])
            if (
                net.edge_tail[e] == node
                and (costs.in_open[e] or at == 0)
                and by_tail == self.label[node]
            ):
                return Leg(e, 0, at), (e, at)
            if (
                net.edge_head[e] == node
                and (costs.out_open[e] or at == length)
                and by_head == self.label[node]
            ):
                return Leg(e, length, at), (e, at)
        raise AssertionError("a search begins at a stop")


@kernel
def _run(node, first, arc, arc_to_ms, arc_side, tail, head, label, source, begins):
    """Edges and sides of the arcs that gave labels, back from a node; of several the lowest."""
    sides = np.empty(64, np.int64)
    count = 0
    while not begins[node]:
        found, origin = np.int64(-1), node
        for k in range(first[node], first[node + 1]):
            a = arc[k]
            side, ms = np.int64(arc_side[a]), arc_to_ms[a] >> 32
            one = np.int64(head[side >> 1] if side & 1 else tail[side >> 1])
            if ms == 0 or label[one] == UNREACHED or source[one] != source[node]:
                continue
            if label[one] + ms == label[node] and (found < 0 or side < found):
                found, origin = side, one
        if found < 0:
            break
        if count == len(sides):
            sides = grown(sides)
        sides[count] = found
        count += 1
        node = origin
    return sides[:count].copy(), node


def position(
    network: RoadNetwork, x: Floats, y: Floats, edge: int, offset_mm: int
) -> tuple[float, float]:
    """Coordinates of a position on an edge; `x`, `y`: of the network's vertices."""
    part = slice(network.first_vertex[edge], network.first_vertex[edge + 1])
    along = network.vertex_mm[part]
    return float(np.interp(offset_mm, along, x[part])), float(np.interp(offset_mm, along, y[part]))


def street_lines(
    network: RoadNetwork, x: Floats, y: Floats, routes: Sequence[Route]
) -> list[Floats]:
    """Coordinates (n, 2) of the streets of each route, from its place on, exactly cut.

    `x`, `y`: coordinates of the network's vertices in any CRS. A route without a leg has the one
    position where it is.
    """
    count = np.array([len(r.edge) for r in routes], np.int64)
    if not count.sum():
        return [np.array([position(network, x, y, *r.start)]) for r in routes]
    edge, one, two = (
        np.concatenate([getattr(r, name) for r in routes]) for name in ("edge", "from_mm", "to_mm")
    )
    xy, first = piece_lines(
        network, x, y,
        Pieces(first=np.array([0, len(edge)]), edge=edge.astype(np.int32),
               start_mm=np.minimum(one, two), end_mm=np.maximum(one, two)),
    )  # fmt: skip
    result, leg = [], 0
    for route, n in zip(routes, count.tolist(), strict=True):
        parts = [xy[first[k] : first[k + 1]] for k in range(leg, leg + n)]
        parts = [p[::-1] if one[leg + k] > two[leg + k] else p for k, p in enumerate(parts)]
        leg += n
        line = np.concatenate(parts) if n else np.array([position(network, x, y, *route.start)])
        new = np.ones(len(line), bool)
        new[1:] = (line[1:] != line[:-1]).any(axis=1)
        result.append(line[new])
    return result


def drawn(streets: Sequence[Floats], start: Floats, end: Floats) -> NDArray[Any]:
    """LineStrings from `start` over the streets to `end`; (n, 2) coordinates each."""
    lines = np.empty(len(streets), object)
    for k, street in enumerate(streets):
        line = np.vstack([start[k], street, end[k]])
        new = np.ones(len(line), bool)
        new[1:] = (line[1:] != line[:-1]).any(axis=1)
        line = line[new]
        # who lives at the door has a line without length
        lines[k] = shapely.linestrings(line if len(line) > 1 else np.repeat(line, 2, axis=0))
    return lines
