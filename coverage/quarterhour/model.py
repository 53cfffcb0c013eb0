"""The nouns: frozen dataclasses of checked, read-only arrays with units in their names."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS, BRIDGE, TUNNEL, FERRY, LIFT = 1, 2, 4, 8, 16
"""Bits of an edge's kind."""

RANK_MAIN, RANK_STREET, RANK_PATH, RANK_STEPS, RANK_FERRY = range(5)
"""What an edge looks like on a map; it never changes a time."""


WAIT_SIGNAL, WAIT_PART, WAIT_SIGNAL_CROSSING, WAIT_CROSSING, WAIT_LIFT = range(1, 6)
"""Where a walk waits: at a signal for the streets that meet there, at one of several signals of a
wide junction, at a crossing with signals, at a crossing of a major road without, at a lift."""


class _Frozen:
    """Sets every array of a dataclass read-only."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]  # subclasses are dataclasses
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawLines(_Frozen):
    """Walkable polylines before they become a graph.

    `vertex_key`: int64, equal keys are the same point of the network. `lon`, `lat`: degrees per
    vertex. `segment_mm`: int64 per vertex, geodesic length from the vertex before it in its line, 0
    at a line's first vertex. `first_vertex`: int64, shape (n_lines + 1,). `kind`: uint8 bits.
    `oneway`: bool, passable along the line's direction only. `rank`: uint8. `waits`: as in
    `RoadNetwork`.
    """

    vertex_key: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    segment_mm: NDArray[np.int64]
    first_vertex: NDArray[np.int64]
    kind: NDArray[np.uint8]
    oneway: NDArray[np.bool_]
    rank: NDArray[np.uint8]
    waits: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))

    @property
    def n_lines(self) -> int:
        """Number of lines."""
        return len(self.first_vertex) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadNetwork(_Frozen):
    """A walking network: nodes joined by edges that keep their geometry and their inner pieces.

    An edge is a chain of source pieces without a junction between them; its two directions are two
    arcs unless `edge_oneway`. Times are rounded per piece, so that contracting a chain changes no
    result. Vertex arrays run edge by edge, from tail to head.

    Attributes
    ----------
    edge_tail, edge_head
        int32 node index, shape (n_edges,).
    edge_kind, edge_rank
        uint8 bits (STEPS, BRIDGE, TUNNEL, FERRY, LIFT), and rank for drawing.
    edge_oneway
        bool, passable from tail to head only.
    first_vertex, vertex_lon, vertex_lat, vertex_mm
        CSR offsets (n_edges + 1,), degrees, and int64 millimetres from the tail.
    credit
        Whom the data must name wherever it is shown; empty where nobody asks for it.
    first_piece, piece_start_mm
        CSR offsets (n_edges + 1,) and int64 millimetres from the tail where each piece begins.
    closed_gates
        float64 longitude and latitude of the gates that walkers may not pass, shape (n, 2); the
        roads are cut there.
    joints
        float64 longitude, latitude and metres of the gaps that a repair has closed, shape (n, 3).
    waits
        float64 longitude, latitude and kind (WAIT_SIGNAL ...) of the points where walks wait, shape
        (n, 3); each is a vertex of the network, or was one before the roads were clipped.
    piece_forward_mm, piece_backward_mm
        int64 millimetres on the flat that each piece is worth from tail to head and back, because
        of its slope; None where no terrain was given.
    """

    n_nodes: int
    edge_tail: NDArray[np.int32]
    edge_head: NDArray[np.int32]
    edge_kind: NDArray[np.uint8]
    edge_rank: NDArray[np.uint8]
    edge_oneway: NDArray[np.bool_]
    first_vertex: NDArray[np.int64]
    vertex_lon: NDArray[np.float64]
    vertex_lat: NDArray[np.float64]
    vertex_mm: NDArray[np.int64]
    first_piece: NDArray[np.int64]
    piece_start_mm: NDArray[np.int64]
    credit: str = ""
    closed_gates: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    joints: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))
    waits: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))
    piece_forward_mm: NDArray[np.int64] | None = None
    piece_backward_mm: NDArray[np.int64] | None = None

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.edge_tail)

    @property
    def edge_length_mm(self) -> NDArray[np.int64]:
        """int64, shape (n_edges,)."""
        return self.vertex_mm[self.first_vertex[1:] - 1]

    @property
    def piece_end_mm(self) -> NDArray[np.int64]:
        """int64 millimetres from the tail where each piece ends."""
        end = np.empty_like(self.piece_start_mm)
        end[:-1] = self.piece_start_mm[1:]
        end[self.first_piece[1:] - 1] = self.edge_length_mm
        return end


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSet(_Frozen):
    """Places as points, one or more per owner (a facility may have several entrances).

    `x_m`, `y_m`: float64 in the study's metric CRS. `owner`: int64, the facility, demand place or
    area that the point belongs to, ascending, 0 .. `n_owners` - 1.
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    owner: NDArray[np.int64]
    n_owners: int

    @classmethod
    def single(cls, x_m: NDArray[np.float64], y_m: NDArray[np.float64]) -> PointSet:
        """One point per owner."""
        return cls(x_m=x_m, y_m=y_m, owner=np.arange(len(x_m), dtype=np.int64), n_owners=len(x_m))


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage(_Frozen):
    """A `PointSet` linked to the nearest position along an edge.

    `linked`: bool per point. The other arrays have one entry per *linked* point, in point order:
    `point` (int64 index), `edge` (int32), `offset_mm` (int64 from the tail), `access_mm` (int64
    straight from the point to the road), `snap_x_m`, `snap_y_m`. `nearest_m`: float64 per point,
    distance to the nearest usable road as far as was searched, infinite beyond. `blocked`: bool per
    point, its nearest road lies behind a barrier, so that it is linked to another one or to none;
    None where no barriers were looked at. `behind_barrier`: bool per point, not linked although
    there is a road within the limit.
    """

    linked: NDArray[np.bool_]
    point: NDArray[np.int64]
    owner: NDArray[np.int64]
    edge: NDArray[np.int32]
    offset_mm: NDArray[np.int64]
    access_mm: NDArray[np.int64]
    snap_x_m: NDArray[np.float64]
    snap_y_m: NDArray[np.float64]
    nearest_m: NDArray[np.float64]
    limit_m: float
    n_owners: int
    blocked: NDArray[np.bool_] | None = None
    behind_barrier: NDArray[np.bool_] | None = None

    @property
    def n_blocked(self) -> int:
        """Points whose nearest road lies behind a barrier."""
        return 0 if self.blocked is None else int(self.blocked.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """A way of walking: a speed or a distance rule, and what is forbidden.

    `speed_mps`: metres per second on the flat. `rule_m`: pairs (minutes, metres) of a distance
    rule; time is then metres at 1 m/s inside the engine, and only the listed cutoffs exist.
    `source`: where the number comes from. Steps take `steps_factor` times as long as a flat street
    of their length, whatever their slope, and `steps_penalty_s` seconds more for each flight; a
    distance rule counts their metres. The factor is that of GraphHopper, 3 km/h instead of 5.
    `signal_s`, `crossing_s`, `lift_s`: seconds that a walk through a signal, across a major road
    without one, or by a lift waits on average (`core.waits` says where); a distance rule never
    waits.
    """

    name: str
    label_zh: str
    label_en: str
    speed_mps: float
    steps: bool
    source: str
    rule_m: tuple[tuple[float, float], ...] = ()
    steps_factor: float = 5 / 3
    steps_penalty_s: float = 0.0
    signal_s: float = 0.0
    crossing_s: float = 0.0
    lift_s: float = 0.0

    @property
    def speed_mmph(self) -> int:
        """Millimetres per hour, the integer that times are computed with."""
        return units.speed_mm_per_hour(1.0 if self.rule_m else self.speed_mps)

    def cutoff_ms(self, cutoff_min: float) -> int:
        """Inclusive cutoff in engine milliseconds; a distance rule knows only its own cutoffs."""
        if not self.rule_m:
            return units.ms_of_min(cutoff_min)
        for minutes, metres in self.rule_m:
            if minutes == cutoff_min:
                return round(metres * units.MM_PER_M)
        known = ", ".join(f"{minutes:g}" for minutes, _ in self.rule_m)
        raise KeyError(f"walker {self.name!r} has no cutoff {cutoff_min:g} min, only {known}")

    def minutes(self, ms: NDArray[np.int32]) -> NDArray[np.float64]:
        """Minutes of engine milliseconds.

        For a distance rule, linear between its points (0, 0), (5, 300), (10, 500) ... and beyond
        the last with the slope of its last part, so that minutes <= cutoff exactly where the
        distance is within the rule.
        """
        value = np.asarray(ms, np.float64)
        if not self.rule_m:
            return value / units.MS_PER_MIN
        at = np.array([0.0, *(metres * units.MM_PER_M for _, metres in self.rule_m)])
        minutes = np.array([0.0, *(minutes for minutes, _ in self.rule_m)])
        part = np.clip(np.searchsorted(at, value, side="left"), 1, len(at) - 1)
        run = (value - at[part - 1]) / (at[part] - at[part - 1])
        return np.asarray(minutes[part - 1] + run * (minutes[part] - minutes[part - 1]), np.float64)

    def limit_ms(self, limit_min: float) -> int:
        """Engine milliseconds of a search limit: the inverse of `minutes`, rounded."""
        if not self.rule_m:
            return units.ms_of_min(limit_min)
        points = ((0.0, 0.0), *self.rule_m)
        last = len(points) - 1
        part = next((k for k in range(1, last) if limit_min <= points[k][0]), last)
        (m0, d0), (m1, d1) = points[part - 1], points[part]
        metres = d1 + (limit_min - m1) * (d1 - d0) / (m1 - m0)
        return round(metres * units.MM_PER_M)
