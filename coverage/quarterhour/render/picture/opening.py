"""The state that a map opens with, read from its page: today's, or what it was asked to propose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from quarterhour.render.picture import unpack

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Spots = NDArray[np.float64]

_COLUMNS: Final = ("people", "tenths", "look", "at", "shape")
_SAME_PLACE: Final = 6
"""Decimals of a degree in which the places of today and of a state are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is drawn of the first service.

    `name`, `plan`, `one`: of the state, its scenario and the service in that, as the page has them;
    None for today. `gaps`: columns by rank of the gaps of the state, None where nobody looked for
    any. `left`, `gained`, `lost`: places as longitude and latitude; `apart`: those without a road.
    """

    name: list[str] | None
    plan: dict[str, Any] | None
    one: dict[str, Any] | None
    gaps: dict[str, Any] | None
    left: Spots
    apart: Spots
    gained: Spots
    lost: Spots


def opening_of(data: dict[str, Any]) -> Opening:
    """The state that the page opens with: the first scenario that it shows unasked, else today."""
    service, step = data["services"][0], data["steps"]["shape"]
    left, none = _spots(service["uncovered"], step), np.zeros((0, 2))
    apart = _spots(service["unlinked"], step)
    plan = next((it for it in data["scenarios"] if it["shown"]), None)
    if plan is None:
        return Opening(
            name=None, plan=None, one=None, gaps=_gaps(service, None), left=left, apart=apart,
            gained=none, lost=none,
        )  # fmt: skip
    one = plan["services"][0]
    gained, lost = _spots(one["gained"], step), _spots(one["lost"], step)
    away = {tuple(spot) for spot in gained.round(_SAME_PLACE).tolist()}
    every = np.vstack([left, lost])
    keep = [tuple(spot) not in away for spot in every.round(_SAME_PLACE).tolist()]
    return Opening(
        name=plan["label"], plan=plan, one=one, gaps=_gaps(service, one),
        left=every[np.array(keep, bool)], apart=apart, gained=gained, lost=lost,
    )  # fmt: skip


def _spots(sent: dict[str, Any], step: float) -> Spots:
    return unpack.places(sent["packed"], sent["n"], step)[0]


def _gaps(service: dict[str, Any], one: dict[str, Any] | None) -> dict[str, Any] | None:
    """The gaps of a state by rank: rows of the pool, which begins with today's."""
    pool = service["gaps"]
    if pool is None or (one is not None and one.get("gaps", pool) is None):
        return None
    sent = pool if one is None else one.get("gaps", pool)
    if sent is pool:
        rows, names = list(range(pool["n"])), dict(enumerate(pool["name"]))
    else:
        steps = np.array(sent["rows"], dtype=np.int64) + 1
        rows = (np.cumsum(steps) - 1).tolist()
        names = {k: sent["name"].get(str(k), pool["name"][row]) for k, row in enumerate(rows)}
    return {
        "n": len(rows), "total": sent["total"], "all": sent["all"], "packed": pool["packed"],
        "name": [names[k] for k in range(len(rows))],
        **{key: [pool[key][row] for row in rows] for key in _COLUMNS},
    }  # fmt: skip


def area_of(shapes: list[list[tuple[bool, Spots]]]) -> BaseGeometry:
    """Shapes as one polygon, a ring within a ring as its hole."""
    found = []
    for shape in shapes:
        rings = [np.vstack([ring, ring[:1]]) for closed, ring in shape if closed and len(ring) > 2]
        if rings:
            lines = shapely.multilinestrings([shapely.linestrings(ring) for ring in rings])
            found.append(shapely.make_valid(shapely.build_area(lines)))
    return shapely.union_all(found)


def rings_of(area: BaseGeometry) -> list[list[tuple[bool, Spots]]]:
    """A polygon as the shapes of a page."""
    parts = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and not p.is_empty]
    return [
        [(True, shapely.get_coordinates(ring)[:-1]) for ring in (part.exterior, *part.interiors)]
        for part in parts
    ]
