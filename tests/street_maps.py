"""Random street networks for Hypothesis, with an exact map between network and source pieces.

Lengths are drawn, not measured, so that ties, zero lengths and detours all happen. Every piece that
places may stand on carries two vertices of its own, whose longitudes number them: they tell where
the network put the piece and which way round.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from hypothesis import strategies as st

from quarterhour.core import graph, reach
from quarterhour.core.impedance import Impedance, impedance
from quarterhour.model import FERRY, STEPS, Linkage, RawLines, RoadNetwork
from quarterhour.walkers import WALKERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.model import Walker

HOUR_MS = 3_600_000
OWN = 1_000
"""Keys from here on belong to vertices that only one line has."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A source piece between two points: u to v as drawn.

    `inner`: its own vertices, each with its millimetres from u.
    """

    u: int
    v: int
    mm: int
    kind: int
    oneway: bool
    inner: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Position:
    """A place on a piece, `mm` from the side of the edge's tail, `access_mm` beside it."""

    piece: int
    mm: int
    access_mm: int
    owner: int


@dataclass(frozen=True, kw_only=True)
class Streets:
    """A network, the pieces it was made from, and where it put them."""

    lines: RawLines
    network: RoadNetwork
    pieces: list[Piece]
    edge_of: dict[int, tuple[int, int, bool]]
    """Edge, millimetres from its tail, and whether drawn from head to tail, of each piece that has
    two vertices of its own."""

    def linkage(self, positions: Sequence[Position], n_owners: int) -> Linkage:
        """What linking would give for places at these positions."""
        rows = [self.edge_of[p.piece] for p in positions]
        n = len(positions)
        offset = [row[1] + p.mm for row, p in zip(rows, positions, strict=True)]
        access = np.array([p.access_mm for p in positions], np.int64)
        return Linkage(
            linked=np.ones(n, bool),
            point=np.arange(n),
            owner=np.array([p.owner for p in positions], np.int64),
            edge=np.array([row[0] for row in rows], np.int32),
            offset_mm=np.array(offset, np.int64),
            access_mm=access,
            snap_x_m=np.zeros(n),
            snap_y_m=np.zeros(n),
            nearest_m=access / 1000,
            limit_m=1000.0,
            n_owners=n_owners,
        )

    def usable(self, piece: int, walker: Walker) -> bool:
        """Whether a walker may use the piece at all."""
        kind = self.pieces[piece].kind
        return not kind & FERRY and (walker.steps or not kind & STEPS)

    def oracle(
        self, walker: Walker, groups: dict[str, Sequence[Position]], *, toward: bool
    ) -> nx.DiGraph:
        """Uncontracted graph with the positions in it; arcs run the way a search grows.

        Nodes are points of the drawing and (group, number) for the positions, which join the points
        at the ends of their piece and, past each other, the positions on the same piece.
        """
        out = nx.DiGraph()
        out.add_nodes_from({end for piece in self.pieces for end in (piece.u, piece.v)})
        for k, piece in enumerate(self.pieces):
            if self.usable(k, walker):
                ms = piece_ms(piece, walker)
                _arc(out, piece.u, piece.v, ms)
                if not piece.oneway:
                    _arc(out, piece.v, piece.u, ms)
        everyone = [((g, k), p) for g, group in groups.items() for k, p in enumerate(group)]
        for node, p in everyone:
            out.add_node(node)
            piece, flipped = self.pieces[p.piece], self.edge_of[p.piece][2]
            tail, head = (piece.v, piece.u) if flipped else (piece.u, piece.v)
            ahead, back = not (piece.oneway and flipped), not (piece.oneway and not flipped)
            total, at = piece_ms(piece, walker), self.ms_at(p, walker)
            for end, ms, leaves, enters in (
                (tail, at, back or p.mm == 0, ahead or p.mm == 0),
                (head, total - at, ahead or p.mm == piece.mm, back or p.mm == piece.mm),
            ):
                if leaves:
                    _arc(out, node, end, ms)
                if enters:
                    _arc(out, end, node, ms)
            for other, q in everyone:
                if q.piece == p.piece and other != node:
                    step = self.ms_at(q, walker) - at
                    if (ahead and q.mm >= p.mm) or (back and q.mm <= p.mm):
                        _arc(out, node, other, abs(step))
        return out.reverse() if toward else out

    def ms_at(self, p: Position, walker: Walker) -> int:
        """Milliseconds from the tail side of the piece: the formula of a partial arc."""
        piece = self.pieces[p.piece]
        return (piece_ms(piece, walker) * p.mm + piece.mm // 2) // max(piece.mm, 1)

    def stops(self, positions: Sequence[Position], n_owners: int, costs: Impedance) -> reach.Stops:
        """Positions as the search wants them."""
        return reach.stops(costs, self.linkage(positions, n_owners))


def _arc(graph_: nx.DiGraph, a: object, b: object, ms: int) -> None:
    if not graph_.has_edge(a, b) or graph_[a][b]["ms"] > ms:
        graph_.add_edge(a, b, ms=ms)


def piece_ms(piece: Piece, walker: Walker) -> int:
    """Milliseconds of a piece; steps take five thirds of the time, except by a distance rule."""
    steps = piece.kind & STEPS and not walker.rule_m
    return walk_ms((piece.mm * 10 + 3) // 6 if steps else piece.mm, walker)


def walk_ms(mm: int, walker: Walker) -> int:
    """Milliseconds of a length, rounded half up, in Python's own integers."""
    speed = walker.speed_mmph
    return (mm * HOUR_MS + speed // 2) // speed


def costs_of(streets: Streets, walker: str, *, toward: bool = True) -> Impedance:
    """Impedance of a named walker."""
    return impedance(streets.network, WALKERS[walker], toward=toward)


@st.composite
def streets(draw: st.DrawFn, *, longest_mm: int = 400_000, most_points: int = 9) -> Streets:
    """A random multigraph: lines over shared points, of any kind and direction, loops included."""
    n_points = draw(st.integers(2, most_points))
    point = st.integers(0, n_points - 1)
    kind = st.sampled_from([0, 0, 0, 0, 2, STEPS, FERRY])
    length = st.one_of(st.integers(0, longest_mm), st.sampled_from([0, 1, 2, 60_000, 60_000]))
    line = st.tuples(
        st.lists(point, min_size=2, max_size=6),
        kind,
        st.sampled_from([False, False, False, True]),
        st.lists(st.tuples(length, length, length, st.booleans()), min_size=5, max_size=5),
    )
    drawn = draw(st.lists(line, min_size=1, max_size=12))
    # the ends of a one-way street without length are one point, which no oracle can tell apart
    return assemble(
        [
            (points, kind, oneway, [(a, b, max(c, oneway), own) for a, b, c, own in hops])
            for points, kind, oneway, hops in drawn
        ]
    )


def assemble(
    drawn: Sequence[tuple[list[int], int, bool, list[tuple[int, int, int, bool]]]],
) -> Streets:
    """Streets of lines given by points, kind, one-way, and three lengths per hop, or one."""
    key: list[int] = []
    step: list[int] = []
    first = [0]
    for points, _, _, hops in drawn:
        key.append(points[0])
        step.append(0)
        for b, (one, two, three, marked) in zip(points[1:], hops, strict=False):
            if marked:
                key += [OWN + len(key), OWN + len(key) + 1]
                step += [one, two]
            key.append(b)
            step.append(three)
        first.append(len(key))
    name = np.array(key, np.float64)
    lines = RawLines(
        vertex_key=np.array(key, np.int64),
        lon=name,
        lat=(name * 7) % 13,
        segment_mm=np.array(step, np.int64),
        first_vertex=np.array(first, np.int64),
        kind=np.array([k for _, k, _, _ in drawn], np.uint8),
        oneway=np.array([o for _, _, o, _ in drawn], bool),
        rank=np.zeros(len(drawn), np.uint8),
    )
    network = graph.build(lines)
    made = _pieces(lines)
    return Streets(lines=lines, network=network, pieces=made, edge_of=_places(network, made))


def _pieces(lines: RawLines) -> list[Piece]:
    """Pieces between line ends and vertices that are used more than once, in plain Python."""
    uses = Counter(lines.vertex_key.tolist())
    made = []
    for k in range(lines.n_lines):
        lo, hi = int(lines.first_vertex[k]), int(lines.first_vertex[k + 1])
        uses[int(lines.vertex_key[lo])] += 1
        uses[int(lines.vertex_key[hi - 1])] += 1
    for k in range(lines.n_lines):
        lo, hi = int(lines.first_vertex[k]), int(lines.first_vertex[k + 1])
        u, mm, inner = int(lines.vertex_key[lo]), 0, []
        for at in range(lo + 1, hi):
            v = int(lines.vertex_key[at])
            mm += int(lines.segment_mm[at])
            if uses[v] == 1:
                inner.append((v, mm))
            else:
                kind, oneway = int(lines.kind[k]), bool(lines.oneway[k])
                made.append(Piece(u=u, v=v, mm=mm, kind=kind, oneway=oneway, inner=tuple(inner)))
                u, mm, inner = v, 0, []
    return made


def _places(network: RoadNetwork, made: list[Piece]) -> dict[int, tuple[int, int, bool]]:
    edge_of_vertex = np.repeat(np.arange(network.n_edges), np.diff(network.first_vertex))
    where = {int(name): k for k, name in enumerate(network.vertex_lon)}
    found = {}
    for k, piece in enumerate(made):
        if len(piece.inner) > 1 and (piece.u != piece.v or piece.mm > 0):
            (one, one_mm), (two, _) = piece.inner[:2]
            flipped = where[one] > where[two]
            start = int(network.vertex_mm[where[one]])
            start -= piece.mm - one_mm if flipped else one_mm
            found[k] = (int(edge_of_vertex[where[one]]), start, flipped)
    return found


@st.composite
def positions(
    draw: st.DrawFn, town: Streets, walker: str, *, at_most: int, owners: int | None = None
) -> list[Position]:
    """Places on pieces that the walker can use; each its own owner, or owners shared in order."""
    usable = [k for k in town.edge_of if town.usable(k, WALKERS[walker])]
    if not usable:
        return []
    n = draw(st.integers(1, at_most))
    found = []
    for _ in range(n):
        piece = draw(st.sampled_from(usable))
        mm = town.pieces[piece].mm
        at = draw(st.one_of(st.integers(0, mm), st.sampled_from([0, mm // 2, mm])))
        access = draw(st.sampled_from([0, 0, 1, 7_000, 30_000]))
        found.append((piece, at, access))
    of = range(n) if owners is None else sorted(draw(st.integers(0, owners - 1)) for _ in range(n))
    return [
        Position(piece=piece, mm=at, access_mm=access, owner=owner)
        for owner, (piece, at, access) in zip(of, found, strict=True)
    ]
