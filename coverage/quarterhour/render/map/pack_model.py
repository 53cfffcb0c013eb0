"""The what-if model as text for a page: what it is, and its arrays as `pack_stream` codes them.

The head says what cannot be a row of numbers. The arrays follow in the order in which the page
reads them: streets, demand, gaps, waits, barriers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.render.map.pack_network import (
    STEP_M,
    TOLERANCE_M,
    Plane,
    pack_barriers,
    pack_network,
)
from quarterhour.render.map.pack_places import pack_demand, pack_gaps, pack_waits
from quarterhour.render.map.pack_stream import Stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.render.map.model_layers import ModelService, WhatIf

FORMAT: Final = 3
RATIO_DIGITS: Final = 12
"""Digits of the ratios of speeds, which are told as differences of differences."""

_ORDER: Final = 3


def pack_model(model: WhatIf, *, bound: str = "") -> dict[str, Any]:
    """The model as the page reads it: its format, and everything else as one compressed text.

    `bound`: the mark of the page that it belongs to, see `what_if.mark_of`.
    """
    out = Stream()
    net = model.network
    plane = Plane(net.lon, net.lat)
    drawn, cut_mm = pack_network(out, net, plane)
    if net.speed_ratio is not None:
        out.array(_differences(net.speed_ratio), signed=True)
    demands = [pack_demand(out, d, net, drawn, plane) for d in model.demands]
    for service in model.services:
        if service.gap is not None:
            pack_gaps(out, service.gap, model.demands[service.demand].edge, net)
    for wait in model.waits:
        pack_waits(out, wait)
    head: dict[str, Any] = {
        "key": net.key,
        "bound": bound,
        "n_nodes": net.n_nodes,
        "n_edges": len(net.tail),
        "step_m": STEP_M,
        "tolerance_m": TOLERANCE_M,
        "lon": [plane.lon_0, plane.lon_step],
        "lat": [plane.lat_0, plane.lat_step],
        "rounding": model.rounding_people,
        "cut_mm": cut_mm,
        "ratios": 0 if net.speed_ratio is None else len(net.speed_ratio),
        "demands": demands,
        "services": [_service(s) for s in model.services],
        "waits": len(model.waits),
        "barriers": pack_barriers(out, model.barriers, plane),
        "answers": list(model.answers),
    }
    return {"format": FORMAT, "gzip": out.text(head)}


def _differences(ratio: NDArray[np.float64]) -> NDArray[np.int64]:
    """Ratios as whole numbers of their last digit, each as what its three forerunners do not tell.

    They lie on a smooth line: differences of differences of differences are small.
    """
    whole = np.rint(ratio * 10**RATIO_DIGITS).astype(np.int64)
    assert bool((whole / 10**RATIO_DIGITS == ratio).all()), "core.slope rounds them"  # noqa: S101
    for _ in range(_ORDER):
        whole = np.diff(whole, prepend=0)
    return whole


def _service(service: ModelService) -> dict[str, Any]:
    gates = (service.gate_owner, service.gate_edge, service.gate_offset_mm, service.gate_access_mm)
    return {
        "name": service.name,
        "group": service.group,
        "walker": service.walker,
        "toward": service.toward,
        "inside_ms": service.inside_ms,
        "cutoffs_min": list(service.cutoffs_min),
        "cutoffs_ms": list(service.cutoffs_ms),
        "limit_ms": service.limit_ms,
        "link_limit_mm": service.link_limit_mm,
        "demand": service.demand,
        "waits": service.waits,
        "gaps": service.gap is not None,
        "facilities": [
            [f.name, round(f.lon, 6), round(f.lat, 6), f.row, f.status] for f in service.facilities
        ],
        "gates": [column.tolist() for column in gates],
    }
