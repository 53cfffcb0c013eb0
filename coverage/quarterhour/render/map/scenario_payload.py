"""A scenario or a proposal as the page's script reads it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from quarterhour.render.map.pack import pack_shapes
from quarterhour.render.map.rebuilt import rebuilt_payload
from quarterhour.render.map.sites import sites_payload
from quarterhour.render.map.views import VIEW_TOLERANCE_M, figure_payload, places_payload
from quarterhour.render.sentences import scenario_sentence
from quarterhour.render.words import group_pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.render.map.layers import Scenario
    from quarterhour.render.map.model_layers import WhatIf
    from quarterhour.render.map.states import States


def number(value: float | None, digits: int) -> float | None:
    """A value rounded, whole where it is; None for none."""
    if value is None or not math.isfinite(value):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded == int(rounded) else rounded


def reached_payload(reached: dict[str, float], unit: str) -> list[list[Any]]:
    """Names of the groups and how many of each are reached."""
    return [[*group_pair(key, unit), number(n, 1)] for key, n in reached.items()]


def scenario_payload(
    scenario: Scenario,
    unit: str,
    reasons: Sequence[str],
    states: States,
    model: WhatIf | None = None,
) -> dict[str, Any]:
    """A scenario as the script reads it; `reasons`: of the map's places, in its order."""

    def spot(lon: float, lat: float) -> list[float]:
        return [round(float(lat), 6), round(float(lon), 6)]

    return {
        "name": scenario.name,
        "label": list(scenario.label or (scenario.name, scenario.name)),
        "shown": scenario.shown,
        "proposed": scenario.proposed,
        "among": scenario.among,
        "closed": pack_shapes(scenario.closed),
        "cuts": [spot(lon, lat) for lon, lat in scenario.cuts.tolist()],
        "opened": pack_shapes(scenario.opened),
        "services": [
            {
                "added": [
                    {
                        "name": it.name,
                        "kind": it.kind,
                        "at": spot(it.lon, it.lat),
                        "reached": reached_payload(it.reached, unit),
                    }
                    for it in one.added
                ],
                "opened": list(one.opened),
                "gained": places_payload(one.gained, reasons),
                "lost": places_payload(one.lost, reasons),
                "told": list(scenario_sentence(one, unit)),
                "figure": figure_payload(one.after, unit),
                **states.told(at, one),
                "area": "" if one.area is None else pack_shapes([one.area], VIEW_TOLERANCE_M),
                **sites_payload(one, unit),
                **rebuilt_payload(one.rebuilt, model, at),
            }
            for at, one in enumerate(scenario.services)
        ],
    }
