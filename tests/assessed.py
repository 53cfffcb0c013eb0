"""Drawn towns assessed whole, with people and facilities at named spots on their streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.assessing.analysis import assess
from quarterhour.core.reach import TravelTimes
from quarterhour.inputs import EVERYONE, Demand, Facilities
from quarterhour.units import MICRO
from towns import DEGREES_PER_M

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quarterhour.assessing.assessment import Assessment
    from towns import Spot, Town


def people_at(town: Town, homes: Mapping[str, tuple[Spot, float]], **groups: float) -> Demand:
    """Homes by name with their spot and people; `groups` are shares of everyone."""
    lon, lat = _degrees(town, [spot for spot, _ in homes.values()])
    everyone = np.array([round(n * MICRO) for _, n in homes.values()], np.int64)
    amounts = {EVERYONE: everyone}
    amounts |= {g: np.floor(everyone * s + 0.5).astype(np.int64) for g, s in groups.items()}
    return Demand(
        kind="people", lon=lon, lat=lat, amounts=amounts, row=np.arange(len(homes)),
        names=tuple(homes),
    )  # fmt: skip


def facilities_at(
    town: Town,
    spots: Mapping[str, Spot],
    *,
    closed: Sequence[int] = (),
    keys: Sequence[tuple[str, ...]] = (),
    **attributes: Sequence[Any],
) -> Facilities:
    """Facilities by name; those in `closed` do not serve."""
    lon, lat = _degrees(town, list(spots.values()))
    n = len(spots)
    return Facilities(
        name=tuple(spots), kind=("",) * n, status=("",) * n, lon=lon, lat=lat,
        row=np.arange(2, n + 2), serving=~np.isin(np.arange(n), list(closed)),
        file="facilities.csv", kind_keys=tuple(keys),
        attributes={k: tuple(v) for k, v in attributes.items()},
    )  # fmt: skip


def _degrees(town: Town, spots: Sequence[Spot]) -> tuple[Any, Any]:
    xy = np.array([town.at(s) for s in spots], np.float64).reshape(-1, 2) * DEGREES_PER_M
    return xy[:, 0].copy(), xy[:, 1].copy()


def box(west: float, south: float, east: float, north: float) -> Any:
    """A study area in the metres of a drawing."""
    return shapely.box(*(v * DEGREES_PER_M for v in (west, south, east, north)))


def assessed(town: Town, people: Demand, facilities: Facilities, **more: Any) -> Assessment:
    """The town assessed at 1 m/s, so that a metre is a second; 15 minutes unless told otherwise."""
    return assess(town.network, people, facilities, **{"walker": "elderly", "name": "养老", **more})


def pairs(*rows: Mapping[int, int]) -> TravelTimes:
    """Travel times of facilities, each given as milliseconds by place."""
    first = np.cumsum([0, *map(len, rows)])
    place = [p for row in rows for p in sorted(row)]
    ms = [row[p] for row in rows for p in sorted(row)]
    return TravelTimes(
        first=np.asarray(first, np.int64),
        place=np.array(place, np.int32),
        ms=np.array(ms, np.int32),
    )
