"""The walking network and the people of a map, for the page that answers "what if".

Times are whole milliseconds, lengths whole millimetres, people whole millionths. Unlike
`render.map.layers` this is not what is drawn but what is computed with, exactly as it was computed
before; a drawer packs it and the page's script unpacks the very same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quarterhour.model import _Frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelNetwork(_Frozen):
    """A walking network as `quarterhour.model.RoadNetwork` has it.

    `key`: of the network, see `core.identity`. `tail`, `head`, `kind`, `rank`, `oneway`,
    `length_mm`: per edge. `first_vertex`, `lon`, `lat`: shapes from tail to head, which are drawn
    and pinned to, not measured. `first_piece`, `piece_start_mm`: pieces. `slope`: thousandths per
    piece from tail to head, None on flat ground. `speed_ratio`: speed on a slope of each number of
    thousandths over the speed on the flat, from -(n - 1) / 2 on.
    """

    key: str
    n_nodes: int
    tail: Ints
    head: Ints
    kind: Ints
    rank: Ints
    oneway: NDArray[np.bool_]
    length_mm: Ints
    first_vertex: Ints
    lon: Floats
    lat: Floats
    first_piece: Ints
    piece_start_mm: Ints
    slope: Ints | None = None
    speed_ratio: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDemand(_Frozen):
    """Places of demand inside the study area, those at one position made one.

    `edge`, `offset_mm`, `access_mm`: per place; the first `n_regular` are middles of stretches of
    street of at most `stretch_mm`, in the order of edges, and the rest ascend by edge. `amounts`:
    by group, the first is everyone. `unlinked`: by group, of those who have no street near them.
    `column`, `row`: on the even grid that nearly all of them lie on, -1 for one beside it; `lon`,
    `lat`: where the first at each place is; None where there is no such grid. On an edge the places
    then ascend by row and column. `of_row`: the place of every row of the demand of the ground, -1
    for none; it is not sent.
    """

    edge: Ints
    offset_mm: Ints
    access_mm: Ints
    amounts: dict[str, Ints]
    unlinked: dict[str, int]
    lon: Floats | None = None
    lat: Floats | None = None
    column: Ints | None = None
    row: Ints | None = None
    n_regular: int = 0
    stretch_mm: int = 0
    of_row: Ints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWaits(_Frozen):
    """Waits of one kind of walker: each in the millimetre of `edge` that begins at `start_mm`."""

    edge: Ints
    start_mm: Ints
    ms: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacility:
    """One drawn facility; `row`: as the user sees it; `status`: used, planned or unlinked."""

    name: str
    lon: float
    lat: float
    row: int
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelService(_Frozen):
    """One service, its walker and where its facilities are entered.

    `walker`: what of `quarterhour.model.Walker` its times depend on. `demand`, `waits`: numbers in
    the lists of the model. `gate_*`: linked points in the order of the facilities, `gate_owner` a
    number in `facilities`; a planned one is in `facilities` and has no gate. `gap`: per place of
    `demand` the number of its gap among those that are drawn, -1 for none; None where nobody
    looked.
    """

    name: str
    group: str
    walker: dict[str, Any]
    toward: bool
    inside_ms: int
    cutoffs_min: tuple[float, ...]
    cutoffs_ms: tuple[int, ...]
    limit_ms: int
    link_limit_mm: int
    demand: int
    waits: int
    facilities: tuple[ModelFacility, ...]
    gate_owner: Ints
    gate_edge: Ints
    gate_offset_mm: Ints
    gate_access_mm: Ints
    gap: Ints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBarriers(_Frozen):
    """Lines that no straight leg crosses: `first` (n + 1,), `lon`, `lat`; `entered` per line."""

    first: Ints
    lon: Floats
    lat: Floats
    entered: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """All that the page computes with.

    `answers`: questions with their answers as `quarterhour` computes them, by which the page tests
    itself. `rounding_people`: amounts are multiples of it, 0 where they are exact. `off`: of every
    service, how many millionths of its group more than the report's are covered today; empty where
    amounts are exact. It is written in the page, not sent.
    """

    network: ModelNetwork
    demands: tuple[ModelDemand, ...]
    waits: tuple[ModelWaits, ...]
    services: tuple[ModelService, ...]
    barriers: ModelBarriers | None
    answers: tuple[dict[str, Any], ...]
    rounding_people: int = 0
    off: tuple[int, ...] = ()
