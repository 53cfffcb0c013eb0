"""The same services otherwise: in a later year, or with another walker; and the plans in figures.

What is compared with the study as it is, and what the page's script reads of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from quarterhour.errors import InputError
from quarterhour.render.map.pack import pack_places, pack_shapes
from quarterhour.render.map.rebuilt import rebuilt_payload
from quarterhour.render.sentences import conserved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from quarterhour.render.map.layers import Areas, Figure, GapList, MapData, Places, Verdicts
    from quarterhour.render.map.rebuilt import Rebuilt
    from quarterhour.render.map.states import States

KINDS: Final = ("year", "walker")
NAME_KINDS: Final = ("town", "village", "street")

VIEW_TOLERANCE_M: Final = 3.0
"""Areas of a view are for comparison at a glance: a little coarser than those of the study."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """One service otherwise than the study counts it, at its last cutoff.

    `figure`: of the service's own group, of the same total. `gained`, `lost`: places covered only
    here and only in the study as it is; `minutes` in the state in which they are covered. `area`:
    polygon of all that is served. `opened`, `closed`: places in `ServiceLayer.facilities` of those
    that serve here and not today, and the other way round. `residential`: verdicts as in `Areas`,
    empty where there are none. `rebuilt`: how the page makes this state, None where it cannot.
    """

    figure: Figure
    gained: Places
    lost: Places
    area: BaseGeometry | None
    opened: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()
    residential: Verdicts | None = None
    gaps: GapList | None = None
    rebuilt: Rebuilt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A state to look at beside today's: `kind` is "year" or "walker"; `name` in two languages.

    `services`: in the order of the map; None where a service is as it is today (a year) or cannot
    be counted (a walker).
    """

    kind: str
    name: tuple[str, str]
    services: tuple[ServiceView | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTally:
    """How many indicators of a plan are reached, are not, and cannot be told from the data."""

    name: tuple[str, str]
    passed: int
    failed: int
    unknown: int


def check_views(data: MapData) -> None:
    """Raises InputError for views and names that cannot be shown."""
    for name, lon, lat, kind in data.names:
        if kind not in NAME_KINDS or not (math.isfinite(lon) and math.isfinite(lat)):
            message = (
                f"the name {name!r} is of kind {kind!r} at {lon}, {lat}; needed is one of"
                f" {', '.join(NAME_KINDS)} at a finite position"
            )
            raise InputError(message)
    for view in data.views:
        what = f"the view {view.name[1]!r}"
        if view.kind not in KINDS:
            message = f"{what} is of kind {view.kind!r}; it must be one of {', '.join(KINDS)}"
            raise InputError(message)
        if len(view.services) != len(data.services):
            message = (
                f"{what} has {len(view.services)} services and the map {len(data.services)}; give "
                "each service of the map, in its order"
            )
            raise InputError(message)
        for one, service in zip(view.services, data.services, strict=True):
            if one is None:
                continue
            rows = (*one.opened, *one.closed)
            if any(not 0 <= row < len(service.facilities) for row in rows):
                message = f"{what}: a facility of {service.name!r} is none of the map's"
                raise InputError(message)
            if other_areas(one.residential, service.residential):
                message = f"{what}: {service.name!r} has other residential areas than the map"
                raise InputError(message)


def other_areas(verdicts: Verdicts | None, areas: Areas | None) -> bool:
    """Whether verdicts are not of these residential areas."""
    if verdicts is None:
        return False
    sizes = {len(v) for v in (verdicts.status, verdicts.share, verdicts.minutes)}
    return areas is None or sizes != {len(areas.name)}


def places_payload(places: Places, reasons: Sequence[str]) -> dict[str, Any]:
    """Places as the script reads them; `hidden` where there are some and none is told."""
    hidden = {"hidden": True} if places.hidden else {}
    return {"n": len(places.reason), "packed": pack_places(places, reasons), **hidden}


def views_payload(data: MapData, reasons: Sequence[str], states: States) -> list[dict[str, Any]]:
    """Every view; what is the same object as in an earlier view is named, not repeated."""
    seen: dict[int, list[int]] = {}
    told = []
    for number, view in enumerate(data.views):
        services: list[Any] = []
        for at, one in enumerate(view.services):
            if one is None:
                services.append(None)
            elif id(one) in seen:
                services.append({"same": seen[id(one)]})
            else:
                seen[id(one)] = [number, at]
                services.append(
                    {
                        **_service(one, reasons, data.demand_unit),
                        **states.told(at, one),
                        **rebuilt_payload(one.rebuilt, data.what_if, at),
                    }
                )
        told.append({"kind": view.kind, "name": list(view.name), "services": services})
    return told


def _service(one: ServiceView, reasons: Sequence[str], unit: str) -> dict[str, Any]:
    return {
        "figure": figure_payload(one.figure, unit),
        "gained": places_payload(one.gained, reasons),
        "lost": places_payload(one.lost, reasons),
        "area": pack_shapes([one.area], VIEW_TOLERANCE_M),
        "opened": list(one.opened),
        "closed": list(one.closed),
    }


def names_payload(data: MapData) -> dict[str, Any]:
    """Names to write on the map, by kind, and where."""
    return {
        kind: [
            [name, round(float(lat), 5), round(float(lon), 5)]
            for name, lon, lat, of in data.names
            if of == kind
        ]
        for kind in NAME_KINDS
    }


def figure_payload(figure: Figure, unit: str) -> dict[str, Any]:
    """A figure as the script shows it, in whole units whose parts add up."""
    share, shown = figure.share_covered, conserved(figure, unit)
    return {
        "total": shown.total,
        "covered": shown.covered,
        "uncovered": shown.uncovered,
        "unlinked": shown.unlinked,
        "share": None if share is None else round(share, 6),
    }
