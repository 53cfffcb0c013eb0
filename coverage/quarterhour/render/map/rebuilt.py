"""How the page makes another state of a service out of today's, to draw a place's own walk in it.

All times stay the study's: the page computes the state by itself and compares a sum of all its
milliseconds with the study's own before it draws anything of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.render.map.model_layers import ModelService, WhatIf

    Ints = NDArray[np.int64]

WEIGHTS: Final = 1009
"""As in `whatif.answers`: a place counts with its number modulo this, plus one."""

MOST_APART: Final = 0.2
"""Share of the places that may have no walk in a state; with more, none has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRoad(_Frozen):
    """A street that today's network does not have.

    `start`, `end`: edge and millimetres on today's network, or -1 and the number of a new node.
    `piece_start_mm`, `slope`: pieces and their thousandths. `wait_mm`, `wait_ms`: waits, each in
    the millimetre from there. `lonlat`: its shape (n, 2).
    """

    start: tuple[int, int]
    end: tuple[int, int]
    length_mm: int
    kind: int
    rank: int
    piece_start_mm: Ints
    slope: Ints
    wait_mm: Ints
    wait_ms: Ints
    lonlat: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt(_Frozen):
    """A state of a service in terms of today's network.

    `gates`: int64 (n, 4), where its facilities are entered, in the study's order: number among
    those of the map, or behind these in `own`; edge, offset and leg in millimetres. `own`:
    longitude and latitude of facilities that the map of today does not have. `cuts`: (n, 2) edge
    and millimetres where nobody passes. `parts`: (edge, start, piece starts, slopes) of what
    remains of streets that are cut. `roads`: new ones. `walker`: as in `ModelService`, None for
    the service's own; with it `inside_ms`, `cutoff_ms`. `ms`: int32 per row of demand, -1 for
    none. `moved`: bool per row of demand, it is linked to another position than today.
    """

    gates: Ints
    own: tuple[tuple[float, float], ...]
    ms: NDArray[np.int32]
    moved: NDArray[np.bool_]
    limit_ms: int
    cutoff_ms: int
    inside_ms: int
    cuts: Ints = field(default_factory=lambda: np.empty((0, 2), np.int64))
    parts: tuple[tuple[int, int, Ints, Ints], ...] = ()
    roads: tuple[NewRoad, ...] = ()
    walker: dict[str, Any] | None = None


def rebuilt_payload(state: Rebuilt | None, model: WhatIf | None, at: int) -> dict[str, Any]:
    """`walk` of a state of service `at` for the page; nothing without the page's own network.

    None: the page cannot make this state. Of the gates those that are not today's are told, of the
    places those that have no walk (`apart`); `sum` is of the milliseconds of all others.
    """
    if model is None:
        return {}
    service = model.services[at]
    of_row = model.demands[service.demand].of_row
    if state is None or of_row is None:
        return {"walk": None}
    ms, apart = _times(state, of_row, len(model.demands[service.demand].edge))
    if len(apart) > MOST_APART * max(len(ms), 1):
        return {"walk": None}
    place = np.flatnonzero(ms >= 0)
    shut, more = _gates(state.gates, service)
    out: dict[str, Any] = {
        "shut": shut,
        "more": more,
        "own": [[round(lat, 6), round(lon, 6)] for lon, lat in state.own],
        "limit": state.limit_ms,
        "apart": np.diff(apart, prepend=0).tolist(),
        "n": len(place),
        "sum": int(((place % WEIGHTS + 1) * (ms[place] + 1)).sum()),
    }
    if len(state.cuts):
        out["cuts"] = state.cuts.tolist()
    if state.parts:
        out["parts"] = [[e, start, mm.tolist(), s.tolist()] for e, start, mm, s in state.parts]
    if state.roads:
        out["roads"] = [_road(road) for road in state.roads]
    if state.walker is not None:
        out |= {"walker": state.walker, "inside": state.inside_ms, "cutoff": state.cutoff_ms}
    return {"walk": out}


def _times(state: Rebuilt, of_row: Ints, n: int) -> tuple[Ints, Ints]:
    """Milliseconds per place, -1 for none, and the places of which no one time is true."""
    rows = np.flatnonzero(of_row >= 0)
    place, told = of_row[rows], state.ms[rows].astype(np.int64)
    ms = np.full(n, -1, np.int64)
    ms[place[::-1]] = told[::-1]
    bad = np.zeros(n, bool)
    bad[place[state.moved[rows] | (ms[place] != told)]] = True
    ms[bad] = -1
    return ms, np.flatnonzero(bad)


def _gates(gates: Ints, service: ModelService) -> tuple[list[int], list[list[int]]]:
    """Facilities of today that do not serve as they do, and gates that are not today's."""
    base = np.column_stack([
        service.gate_owner, service.gate_edge, service.gate_offset_mm, service.gate_access_mm
    ])  # fmt: skip

    def by_owner(rows: Ints) -> dict[int, list[list[int]]]:
        out: dict[int, list[list[int]]] = {}
        for row in rows.tolist():
            out.setdefault(row[0], []).append(row)
        return out

    now, then = by_owner(base), by_owner(gates)
    same = {who for who, rows in now.items() if then.get(who) == rows}
    return (
        sorted(set(now) - same),
        [row for row in gates.tolist() if row[0] not in same],
    )


def _road(road: NewRoad) -> dict[str, Any]:
    return {
        "from": list(road.start),
        "to": list(road.end),
        "mm": road.length_mm,
        "kind": road.kind,
        "rank": road.rank,
        "pieces": [road.piece_start_mm.tolist(), road.slope.tolist()],
        "waits": [road.wait_mm.tolist(), road.wait_ms.tolist()],
        "shape": [[round(lat, 7), round(lon, 7)] for lon, lat in road.lonlat.tolist()],
    }
