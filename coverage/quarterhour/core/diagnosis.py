"""What is doubtful about a road network: parts that hang together with nothing, and missing joints.

Nothing is changed here. Each list begins with what matters most: first the places where a joint
would bring people to the rest of the network, then metres of road, then by the walk it would save.
Lists are cut at `most`; `total` counts all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core import misses
from quarterhour.core.impedance import components
from quarterhour.inputs import Note
from quarterhour.model import BRIDGE, FERRY, TUNNEL, Linkage, RoadNetwork, _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

NEAR_M = 5.0
FACING_M = 20.0
EDGE_M = 100.0
"""A road that ends this near to the outline of all roads may have been cut off with the data."""

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Spots(_Frozen):
    """Places on the network, the most important first.

    `total`: how many there are, listed or not. `lon`, `lat`: degrees. `edge`, `other`: the roads,
    -1 where there is no other. `gap_m`: straight metres between them. `detour_m`: walking between
    them today, infinite beyond 1 km. `joins`: bool, a joint would join two parts of the network;
    `joins_m` and `joins_amount` are what the shorter part holds (metres of road; millionths).
    """

    total: int
    lon: Floats
    lat: Floats
    edge: Ints
    other: Ints
    gap_m: Floats
    detour_m: Floats
    joins: NDArray[np.bool_]
    joins_m: Floats
    joins_amount: Ints

    def __len__(self) -> int:
        return len(self.lon)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(_Frozen):
    """Parts of the network that no road joins, the longest first.

    `length_m`, `n_edges`, `amount` (int64 millionths linked there; zero without demand). `lon`,
    `lat`: a point of its longest edge. `gated`: bool, a closed gate stands at one of its ends.
    """

    length_m: Floats
    n_edges: Ints
    amount: Ints
    lon: Floats
    lat: Floats
    gated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.length_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadDiagnosis:
    """What is known about the soundness of a network.

    `parts`: all of them. `dead_ends`, of which `cut_ends` lie at the edge of the data, where a road
    may go on. `near_misses`: dead ends that miss another road by at most `near_m`. `gaps`: pairs of
    dead ends that face each other, at most `facing_m` apart. `crossings`: roads on the ground that
    cross without a joint. `half_bridges`: bridges and tunnels that end in the air, not at the edge
    of the data. `closed_gates`: where roads were cut. `joints`: gaps that a repair has closed.
    `has_amount`: whether demand was given.
    """

    near_m: float
    facing_m: float
    parts: Parts
    dead_ends: int
    cut_ends: int
    near_misses: Spots
    gaps: Spots
    crossings: Spots
    half_bridges: Spots
    closed_gates: int
    joints: int
    has_amount: bool

    @property
    def length_m(self) -> float:
        """Metres of road, ferries apart."""
        return float(self.parts.length_m.sum())


def diagnose(
    network: RoadNetwork,
    x_m: Floats,
    y_m: Floats,
    *,
    demand: Linkage | None = None,
    amount: Ints | None = None,
    zone_m: Any = None,  # noqa: ANN401 - shapely geometry
    near_m: float = NEAR_M,
    facing_m: float = FACING_M,
    most: int = MOST,
) -> RoadDiagnosis:
    """Parts, near misses, gaps, crossings and half bridges of `network`.

    Parameters
    ----------
    x_m, y_m
        float64 per vertex of the network, in a metric CRS.
    demand, amount
        Places linked to the network, and int64 millionths per owner.
    zone_m
        Outline to which the roads were clipped, in the same CRS; default: the hull of all roads.
        Roads that end within 100 m of it, or beyond it, are taken to be cut off by the data: their
        bridges are no half bridges, and what ends beyond it is no miss. Data that were cut along
        another line are not recognised.
    near_m, facing_m
        How far apart dead ends and roads, and facing dead ends, may be.
    most
        Longest list.
    """
    walked = (network.edge_kind & FERRY) == 0
    label = components(network, walked)[network.edge_tail].astype(np.int64)
    amounts = np.zeros(int(label.max(initial=-1)) + 1, np.int64)
    if demand is not None and amount is not None:
        owner, first = np.unique(demand.owner, return_index=True)  # the first gate stands for all
        np.add.at(amounts, label[demand.edge[first]], amount[owner])
    walked_mm = np.where(walked, network.edge_length_mm, 0).astype(np.float64)
    metres: Floats = np.bincount(label, weights=walked_mm, minlength=len(amounts)) / 1000.0
    ends = misses.dead_ends(network, x_m, y_m)
    segments = misses.Segments(network, x_m, y_m)
    cut = _at_edge(ends.x_m, ends.y_m, x_m, y_m, zone_m)
    # beyond the zone roads were dropped, and with them joints
    inner = ends
    if zone_m is not None:
        inner = ends.at(np.asarray(shapely.intersects_xy(zone_m, ends.x_m, ends.y_m), bool))

    def spots(found: misses.Misses) -> Spots:
        return _spots(network, found, label, metres, amounts, most)

    raised = (network.edge_kind[ends.edge] & (BRIDGE | TUNNEL)) != 0
    return RoadDiagnosis(
        near_m=near_m,
        facing_m=facing_m,
        parts=_parts(network, walked, label, metres, amounts),
        dead_ends=len(ends),
        cut_ends=int(cut.sum()),
        near_misses=spots(misses.near_misses(network, inner, segments, within_m=near_m)),
        gaps=spots(misses.facing_gaps(network, inner, beyond_m=near_m, within_m=facing_m)),
        crossings=spots(misses.crossings(network, segments)),
        half_bridges=spots(_halves(network, ends, raised & ~cut)),
        closed_gates=len(network.closed_gates),
        joints=len(network.joints),
        has_amount=demand is not None and amount is not None,
    )


def _at_edge(
    x: Floats,
    y: Floats,
    all_x: Floats,
    all_y: Floats,
    zone_m: Any,  # noqa: ANN401
) -> NDArray[np.bool_]:
    """Points near the outline of the zone, or beyond it."""
    if zone_m is None:
        zone_m = shapely.multipoints(np.column_stack([all_x, all_y])).convex_hull
    inner = shapely.buffer(zone_m, -EDGE_M)
    shapely.prepare(inner)
    return np.asarray(~shapely.intersects_xy(inner, x, y), bool)


def _parts(
    network: RoadNetwork, walked: NDArray[np.bool_], label: Ints, metres: Floats, amounts: Ints
) -> Parts:
    n_edges = np.bincount(label[walked], minlength=len(metres))
    order = np.lexsort((np.arange(len(metres)), -metres))
    order = order[n_edges[order] > 0]
    by_length = np.lexsort((np.arange(len(label)), -network.edge_length_mm, label))
    by_length = by_length[walked[by_length]]
    _, first = np.unique(label[by_length], return_index=True)
    longest = np.full(len(metres), -1, np.int64)
    longest[label[by_length[first]]] = by_length[first]
    middle = (network.first_vertex[longest[order]] + network.first_vertex[longest[order] + 1]) // 2
    place = network.vertex_lon + 1j * network.vertex_lat
    gate = np.isin(place, network.closed_gates[:, 0] + 1j * network.closed_gates[:, 1])
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.first_vertex))
    gated = np.zeros(len(metres), bool)
    gated[label[edge[gate]]] = True
    return Parts(
        length_m=metres[order], n_edges=n_edges[order], amount=amounts[order],
        lon=network.vertex_lon[middle], lat=network.vertex_lat[middle], gated=gated[order],
    )  # fmt: skip


def _halves(network: RoadNetwork, ends: misses.DeadEnds, keep: NDArray[np.bool_]) -> misses.Misses:
    edge = ends.edge[keep]
    n = len(edge)
    length = network.edge_length_mm[edge]
    return misses.Misses(
        edge=edge, offset_mm=np.where(ends.at_head[keep], length, 0),
        other=np.full(n, -1, np.int64), other_mm=np.zeros(n, np.int64),
        gap_m=np.full(n, np.nan), detour_mm=np.full(n, misses.NO_WAY),
    )  # fmt: skip


def _spots(
    network: RoadNetwork,
    found: misses.Misses,
    label: Ints,
    metres: Floats,
    amounts: Ints,
    most: int,
) -> Spots:
    """The most important of `found`, with their positions."""
    a = label[found.edge]
    b = np.where(found.other >= 0, label[found.other], a)
    joins = a != b
    lesser = np.where(metres[a] <= metres[b], a, b)
    joins_m = np.where(joins, metres[lesser], 0.0)
    joins_amount = np.where(joins, amounts[lesser], 0)
    detour = np.where(found.detour_mm == misses.NO_WAY, np.inf, found.detour_mm / 1000.0)
    order = np.lexsort((np.arange(len(found)), found.gap_m, -detour, -joins_m, -joins_amount))
    order = order[:most]
    lon, lat = _position(network, found.edge[order], found.offset_mm[order])
    return Spots(
        total=len(found), lon=lon, lat=lat, edge=found.edge[order], other=found.other[order],
        gap_m=found.gap_m[order], detour_m=detour[order], joins=joins[order],
        joins_m=joins_m[order], joins_amount=joins_amount[order],
    )  # fmt: skip


def _position(network: RoadNetwork, edge: Ints, offset_mm: Ints) -> tuple[Floats, Floats]:
    """Degrees of positions, straight between the vertices."""
    before = np.concatenate([[0], np.cumsum(network.edge_length_mm + 1)])
    run = np.repeat(before[:-1], np.diff(network.first_vertex)) + network.vertex_mm
    right = np.searchsorted(run, before[edge] + offset_mm, side="left")
    left = np.maximum(right - 1, network.first_vertex[edge])
    span = np.maximum(network.vertex_mm[right] - network.vertex_mm[left], 1)
    t = (offset_mm - network.vertex_mm[left]) / span
    lon, lat = network.vertex_lon, network.vertex_lat
    return lon[left] + t * (lon[right] - lon[left]), lat[left] + t * (lat[right] - lat[left])


NEAR_MISSES = Note(
    "{} 处断头路端点距另一条道路不超过 {} 米，可能漏接",
    "dead ends that miss another road: {}, by {} m or less",
)
GAPS = Note(
    "{} 处两条断头路相对、间隔不超过 {} 米，中间可能缺一段",
    "pairs of dead ends that face each other: {}, within {} m; a piece may be missing",
)
CROSSINGS = Note(
    "{} 处道路平面相交却没有交叉点，可能漏绘交点，或立交未注明桥梁、隧道",
    "places where roads cross on the ground without a joint: {}; a node may be missing, or a"
    " bridge or tunnel is not marked",
)
HALF_BRIDGES = Note(
    "{} 处桥梁或隧道有一端不与任何道路相接",
    "ends of bridges or tunnels that meet no road: {}",
)


def diagnosis_notes(found: RoadDiagnosis) -> tuple[Note, ...]:
    """The diagnosis in sentences, Chinese and English; what there is none of is not said."""
    km, parts = found.length_m / 1000.0, found.parts
    notes = []
    if len(parts) > 1:
        apart_km = float(parts.length_m[1:].sum()) / 1000.0
        apart, every = int(parts.amount[1:].sum()), int(parts.amount.sum())
        zh, en = "", ""
        if found.has_amount and every:
            zh = f"，其上有 {apart / every:.1%} 的需求"
            en = f" with {apart / every:.1%} of the linked demand"
        notes.append(Note(
            f"路网全长 {km:.1f} 公里，分为互不连通的 {len(parts)} 部分；主体以外共"
            f" {apart_km:.1f} 公里{zh}",
            f"{km:.1f} km of road in {len(parts)} parts that no road joins; outside the main part"
            f" {apart_km:.1f} km{en}",
        ))  # fmt: skip
    else:
        notes.append(Note(
            f"路网全长 {km:.1f} 公里，全部连通", f"{km:.1f} km of road, all in one part",
        ))  # fmt: skip
    near, far = f"{found.near_m:g}", f"{found.facing_m:g}"
    notes += [
        _with_joins(spots, zh.format(spots.total, metres), en.format(spots.total, metres))
        for spots, metres, zh, en in (
            (found.near_misses, near, *NEAR_MISSES),
            (found.gaps, far, *GAPS),
            (found.crossings, "", *CROSSINGS),
            (found.half_bridges, "", *HALF_BRIDGES),
        )
        if spots.total
    ]
    if found.closed_gates:
        notes.append(Note(
            f"{found.closed_gates} 处大门禁止行人通行，道路在此断开",
            f"gates that are closed to walkers: {found.closed_gates}; the roads are cut there",
        ))  # fmt: skip
    if found.joints:
        notes.append(Note(
            f"按要求补接了 {found.joints} 处道路缺口",
            f"gaps that were joined on request: {found.joints}",
        ))  # fmt: skip
    return tuple(notes)


def _with_joins(spots: Spots, zh: str, en: str) -> Note:
    """The sentence, with where the first place is and what it would join."""
    at = f"{spots.lon[0]:.5f}, {spots.lat[0]:.5f}"
    if spots.joins[0]:
        metres = f"{spots.joins_m[0]:.0f}"
        return Note(
            f"{zh}；最要紧的一处在 {at}，接上可连通 {metres} 米道路",
            f"{en}; the most important at {at}, where a joint would connect {metres} m of road",
        )
    return Note(f"{zh}；例如 {at}", f"{en}; for example at {at}")
