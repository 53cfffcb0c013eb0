"""Other states of a service in terms of today's network, for the page to make them again.

Where facilities are entered, which streets are cut and which are new, who walks; and the study's
own times, by which the page checks that it has made the very same state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.assessing.analysis import inside_ms_of, toward
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.core.carried import Carried, carried
from quarterhour.core.identity import network_key
from quarterhour.core.waits import half_ms, waits_of
from quarterhour.errors import InputError
from quarterhour.render.map.rebuilt import NewRoad, Rebuilt
from quarterhour.whatif.slopes import slopes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground
    from quarterhour.model import Linkage, RoadNetwork, Walker

    Ints = NDArray[np.int64]
    Spot = tuple[int, int]

MOST_CUTS = 4_000
"""Cuts and new streets of a state that is still told; a plan of a city's quarter has hundreds."""


def rebuilt(
    before: Assessment, state: Assessment, drawn: Mapping[int, int], *, slope_rule: str = "none"
) -> Rebuilt | None:
    """The state of the service `before` for the page; None where the page cannot make it.

    `drawn`: number on the map of the facilities of the state, by their row there; the others are
    the state's own. `slope_rule`: by which the slopes of the ground were made.
    """
    who = state.walker
    if not who.rule_m and not np.array_equal(half_ms(who), half_ms(before.walker)):
        return None  # the page has the waits of the service's own walker
    try:
        change = _Change(before.ground, state.ground, who, slope_rule)
    except _Unknown:
        return None
    costs = state.ground.impedance(who, toward=toward(state.direction))
    links = link_facilities(state.ground, costs, state.facilities, state.link_limit_m).linkage
    edge, offset = change.of(links.edge.astype(np.int64), links.offset_mm)
    if (edge < 0).any():
        return None  # entered from a new street
    rows = links.owner.tolist()
    n_drawn = sum(status != "outside" for status in before.facility_status)
    own = list(dict.fromkeys(row for row in rows if row not in drawn))
    number = {row: n_drawn + k for k, row in enumerate(own)} | dict(drawn)
    at = state.facilities
    found = state.demand
    return Rebuilt(
        gates=np.column_stack([
            np.array([number[row] for row in rows], np.int64), edge, offset, links.access_mm
        ]).astype(np.int64).reshape(-1, 4),
        own=tuple((float(at.lon[row]), float(at.lat[row])) for row in own),
        ms=np.where(found.nearest >= 0, found.ms, -1).astype(np.int32),
        moved=_moved(before, state, change),
        limit_ms=max(who.limit_ms(state.limit_min), state.cutoff_ms),
        cutoff_ms=state.cutoff_ms,
        inside_ms=0 if who.rule_m else inside_ms_of(who, state.inside_min),
        cuts=change.cuts,
        parts=change.parts,
        roads=change.roads,
        walker=None if who == before.walker else {
            "name": who.name, "speed_mmph": who.speed_mmph,
            "rule_m": [list(pair) for pair in who.rule_m], "steps": who.steps,
            "steps_factor": who.steps_factor, "steps_penalty_s": who.steps_penalty_s,
        },
    )  # fmt: skip


def _moved(before: Assessment, state: Assessment, change: _Change) -> NDArray[np.bool_]:
    """Bool per row of the demand: linked in the state to another position than today."""
    old, new = (
        a.ground.link(
            "demand", a.ground.impedance(a.walker, toward=toward(a.direction)).linkable, None
        )
        for a in (before, state)
    )
    if new is old:
        return np.zeros(old.n_owners, bool)
    ours = (old.edge.astype(np.int64), old.offset_mm)
    theirs = change.of(new.edge.astype(np.int64), new.offset_mm)
    if all(bool((np.diff(at.owner) > 0).all()) for at in (old, new)):  # one position each
        one, two = _table(old, *ours), _table(new, *theirs)
        return np.asarray((one != two).any(axis=1))
    known = _Known()
    return np.not_equal(known.sets(old, *ours), known.sets(new, *theirs))


def _table(linkage: Linkage, edge: Ints, offset_mm: Ints) -> Ints:
    """Edge, offset and leg per owner, of whom each has one position at most; -1 for none."""
    out = np.full((linkage.n_owners, 3), -1, np.int64)
    out[linkage.owner] = np.column_stack([edge, offset_mm, linkage.access_mm])
    return out


class _Known:
    """Sets of positions as numbers, equal ones as the same number; 0 for none."""

    def __init__(self) -> None:
        self.numbers: dict[frozenset[tuple[int, ...]], int] = {frozenset(): 0}

    def sets(self, linkage: Linkage, edge: Ints, offset_mm: Ints) -> Ints:
        """A number per owner for the positions that it is linked to."""
        at: list[list[tuple[int, ...]]] = [[] for _ in range(linkage.n_owners)]
        columns = (linkage.owner, edge, offset_mm, linkage.access_mm)
        for owner, *where in zip(*(c.tolist() for c in columns), strict=True):
            at[owner].append(tuple(where))
        return np.array(
            [self.numbers.setdefault(frozenset(rows), len(self.numbers)) for rows in at], np.int64
        )


class _Unknown(Exception):  # noqa: N818 - never leaves this file
    """The page cannot make this change."""


class _Change:
    """What is cut, what is left of streets and what is new, in terms of today's network."""

    def __init__(self, old: Ground, new: Ground, who: Walker, rule: str) -> None:
        self.cuts: Ints = np.empty((0, 2), np.int64)
        self.parts: tuple[tuple[int, int, Ints, Ints], ...] = ()
        self.roads: tuple[NewRoad, ...] = ()
        self.on: Carried | None = None
        same = old is new or network_key(old.network) == network_key(new.network)
        if same and _slopes_alike(old.network, new.network):
            return
        self.base, self.net = old.network, new.network
        self.on = carried(self.base, self.net)
        if self.on is None:
            raise _Unknown
        try:
            slopes = slopes_of(self.net, rule)
        except InputError as error:
            raise _Unknown from error
        self.slope = None if slopes is None else slopes[0]
        self.node = self._nodes()
        self._cut()
        self._open(who)
        if len(self.cuts) + len(self.roads) > MOST_CUTS:
            raise _Unknown

    def of(self, edge: Ints, offset_mm: Ints) -> tuple[Ints, Ints]:
        """Positions of the changed network on today's; edge -1 on a new street."""
        if self.on is None:
            return edge, offset_mm
        return self.on.edge[edge], self.on.start_mm[edge] + offset_mm

    def _ends(self, e: int) -> tuple[Spot, Spot]:
        """Where the ends of an edge lie on today's network."""
        assert self.on is not None  # noqa: S101 - only then
        b, start = int(self.on.edge[e]), int(self.on.start_mm[e])
        return (b, start), (b, start + int(self.net.edge_length_mm[e]))

    def _nodes(self) -> dict[int, int]:
        """Nodes of the changed network by those of today, as most streets there are whole."""
        assert self.on is not None  # noqa: S101 - only then
        found: dict[int, int] = {}
        for e in np.flatnonzero(self.on.whole).tolist():
            b = int(self.on.edge[e])
            for mine, its in (
                (self.base.edge_tail[b], self.net.edge_tail[e]),
                (self.base.edge_head[b], self.net.edge_head[e]),
            ):
                if found.setdefault(int(mine), int(its)) != int(its):
                    raise _Unknown  # one point has become two, or two one
        return found

    def _pieces(self, e: int) -> tuple[Ints, Ints]:
        rows = slice(int(self.net.first_piece[e]), int(self.net.first_piece[e + 1]))
        mm = self.net.piece_start_mm[rows]
        return mm, np.zeros(len(mm), np.int64) if self.slope is None else self.slope[rows]

    def _cut(self) -> None:
        """Cuts between what is left of the streets that are not whole any more."""
        assert self.on is not None  # noqa: S101 - only then
        net, on, base = self.net, self.on, self.base
        whole = np.zeros(base.n_edges, bool)
        whole[on.edge[on.whole]] = True
        left: dict[int, list[int]] = {int(b): [] for b in np.flatnonzero(~whole)}
        for e in np.flatnonzero(~on.whole & (on.edge >= 0)).tolist():
            left[int(on.edge[e])].append(e)
        cuts, parts = [], []
        for b, edges in left.items():
            at, length = 0, int(base.edge_length_mm[b])
            node = self.node.get(int(base.edge_tail[b]))
            for e in sorted(edges, key=lambda e: (int(on.start_mm[e]), e)):
                (_, start), (_, end) = self._ends(e)
                tail, head = int(net.edge_tail[e]), int(net.edge_head[e])
                if start > at:
                    cuts += [(b, at), (b, start)]
                elif node is not None and node != tail:
                    cuts.append((b, at))
                elif node is None:
                    self.node.setdefault(int(base.edge_tail[b]), tail)
                parts.append((b, start, *self._pieces(e)))
                at, node = end, head
            if at < length or not edges:
                cuts += [(b, at), (b, length)]
            elif node != self.node.setdefault(int(base.edge_head[b]), int(node or 0)):
                cuts.append((b, length))
        if cuts:
            self.cuts = np.array(sorted(set(cuts)), np.int64)
        self.parts = tuple(parts)

    def _open(self, who: Walker) -> None:
        """New streets between positions of today's, or between nodes of their own."""
        assert self.on is not None  # noqa: S101 - only then
        net, on = self.net, self.on
        fresh = np.flatnonzero(on.edge < 0)
        if not len(fresh):
            return
        asked = {int(v) for e in fresh for v in (net.edge_tail[e], net.edge_head[e])}
        where: dict[int, Spot] = {}
        for e in np.flatnonzero(on.edge >= 0).tolist():
            tail, head = int(net.edge_tail[e]), int(net.edge_head[e])
            if tail in asked or head in asked:
                first, last = self._ends(e)
                where.setdefault(tail, first)
                where.setdefault(head, last)
        own = {v: (-1, k) for k, v in enumerate(sorted(asked - set(where)))}
        waits = waits_of(net, who)
        roads = []
        for e in fresh.tolist():
            mm, slope = self._pieces(e)
            here = waits.edge == e
            rows = slice(int(net.first_vertex[e]), int(net.first_vertex[e + 1]))
            ends = [
                where[v] if v in where else own[v]
                for v in (int(net.edge_tail[e]), int(net.edge_head[e]))
            ]
            if net.edge_oneway[e]:
                raise _Unknown
            roads.append(
                NewRoad(
                    start=ends[0], end=ends[1], length_mm=int(net.edge_length_mm[e]),
                    kind=int(net.edge_kind[e]), rank=int(net.edge_rank[e]), piece_start_mm=mm,
                    slope=slope, wait_mm=waits.start_mm[here], wait_ms=waits.ms[here],
                    lonlat=np.column_stack([net.vertex_lon[rows], net.vertex_lat[rows]]),
                )
            )  # fmt: skip
        self.roads = tuple(roads)


def _slopes_alike(old: RoadNetwork, new: RoadNetwork) -> bool:
    pairs = (
        (old.piece_forward_mm, new.piece_forward_mm), (old.piece_backward_mm, new.piece_backward_mm)
    )  # fmt: skip
    return all(
        (a is None and b is None) or (a is not None and b is not None and np.array_equal(a, b))
        for a, b in pairs
    )
