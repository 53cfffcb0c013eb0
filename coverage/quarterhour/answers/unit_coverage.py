"""Coverage by unit: people, land, facilities, beds and places, by county, town, community ...

The numbers and what they promise are in `unit_counts`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.answers import membership
from quarterhour.answers.land_times import land_of, limit_ms_of, times_at
from quarterhour.answers.unit_counts import (
    NO,
    UNKNOWN,
    YES,
    Capacity,
    LevelCoverage,
    Sums,
    UnitCoverage,
    sums,
)
from quarterhour.assessing.facility_links import PLANNED
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.unit_counts import Verdict
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import AreaSet, UnitSet

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

CAPACITIES = ("beds", "places")
"""Attributes of facilities that are a capacity."""

HALF = 0.5
"""Share of a unit's area that lies in the study area from which on it is counted as one of it; and
share of its people from which on it is urban."""


def cover_units(
    a: Assessment,
    levels: Mapping[str, UnitSet] | Sequence[UnitSet] = (),
    *,
    urban: AreaSet | None = None,
    rural_cutoff_min: float | None = None,
    threshold_percent: float = 80,
    supply: str | None = None,
    zones: Mapping[str, str] | None = None,
    threads: int | None = None,
) -> UnitCoverage:
    """A service by units: people, residential land, facilities, beds and places.

    Parameters
    ----------
    levels
        Units of each level, in the order in which they are reported.
    urban
        Polygons of the urban area; what lies outside them is rural.
    rural_cutoff_min
        Minutes that count for rural places, on foot like the others.
    threshold_percent
        Share of a unit's people of the service's group (or of its land, where nobody lives there)
        that must be covered for it to be reached.
    supply
        beds or places, where only one of them is meant; default: each that the table has.
    zones
        County of each functional zone, for units that facilities name in their columns.

    Raises
    ------
    InputError
        The rural cutoff lies beyond the search limit, or a distance rule does not know it.
    """
    cutoff_ms = a.cutoff_ms
    rural_ms = cutoff_ms if rural_cutoff_min is None else _rural_ms(a, rural_cutoff_min)
    ground = a.ground
    demand = ground.demand
    is_urban = None if urban is None else membership.urban_at(demand.lon, demand.lat, urban)
    covered = a.demand.covered(cutoff_ms)
    own = covered
    if is_urban is not None:
        own = np.where(is_urban, covered, a.demand.covered(rural_ms))
    land = land_of(a, threads=threads)
    land_urban = land_own = None
    if land is not None and urban is not None:
        land_urban = membership.urban_at(land.at.lon, land.at.lat, urban)
        land_own = np.where(land_urban, land.at.covered(cutoff_ms), land.at.covered(rural_ms))
    sets = list(levels.values()) if hasattr(levels, "values") else list(levels)
    counted = [_counted(a, units) for units in sets]
    of_facilities = [_facility_units(a, units, zones) for units in sets]
    serving = _serving(a, counted, [found for found, _ in of_facilities])
    known = [m for m in CAPACITIES if m in a.facilities.attributes and supply in {None, m}]
    result = UnitCoverage(
        assessment=a,
        levels=(),
        threshold_percent=threshold_percent,
        rural_cutoff_min=a.cutoffs_min[-1] if rural_cutoff_min is None else rural_cutoff_min,
        urban=is_urban,
        own=own,
        land=land,
        land_urban=land_urban,
        land_own=land_own,
        facility=serving,
        capacities=tuple(known),
    )
    made = [
        _level(result, units, use, found, unknown, urban, rural_ms)
        for units, use, (found, unknown) in zip(sets, counted, of_facilities, strict=True)
    ]
    return dataclasses.replace(result, levels=tuple(made))


def _rural_ms(a: Assessment, minutes: float) -> int:
    """Engine milliseconds of the rural cutoff, which must lie within the search limit."""
    who = a.walker
    known = [m for m, _ in who.rule_m]
    if known and minutes not in known:
        raise InputError(
            f"service {a.name!r}: rural_cutoff_min is {minutes:g}, and the walker {who.name!r}"
            f" knows only the cutoffs {', '.join(f'{m:g}' for m in known)} min; take another"
            " walker, or leave rural_cutoff_min out"
        )
    found = who.cutoff_ms(minutes)
    if found > limit_ms_of(a):
        raise InputError(
            f"service {a.name!r}: rural_cutoff_min is {minutes:g}, and facilities are looked for"
            f" only up to limit_min = {a.limit_min:g}; raise limit_min"
        )
    return found


def _counted(a: Assessment, units: UnitSet) -> BoolArray:
    """Bool per unit: at least half of it lies in the study area, or it has no position at all."""
    area, geometry = a.ground.area, units.geometry
    shapely.prepare(area)
    dimension = shapely.get_dimensions(geometry)
    result = dimension < 0
    result |= (dimension < 2) & np.asarray(shapely.intersects(area, geometry), bool)
    touched = np.flatnonzero((dimension == 2) & shapely.intersects(area, geometry))
    whole = np.asarray(shapely.covers(area, geometry[touched]), bool)
    result[touched[whole]] = True
    for k in touched[~whole].tolist():
        part = shapely.area(shapely.intersection(geometry[k], area))
        result[k] = part >= HALF * shapely.area(geometry[k])
    return np.asarray(result, bool)


def _facility_units(
    a: Assessment, units: UnitSet, zones: Mapping[str, str] | None
) -> tuple[IntArray, BoolArray]:
    """The unit of each facility row, and for which units that cannot be known.

    A unit without a polygon has the facilities that name it in their column of such units.
    """
    found = membership.units_of_facilities(a.facilities, units)
    without = ~membership.has_area(units)
    if not without.any():
        return found, without
    written = membership.units_written(a.facilities, units, zones=zones)
    if written is None:
        return found, without
    use = (found < 0) & (written >= 0)
    use[use] = without[written[use]]
    return np.where(use, written, found), np.zeros(len(units), bool)


def _serving(a: Assessment, counted: list[BoolArray], found: list[IntArray]) -> BoolArray:
    """Bool per facility row: serves, and stands in the study area or in one of its units."""
    f = a.facilities
    here = np.asarray(shapely.intersects_xy(a.ground.area, f.lon, f.lat), bool)
    for use, unit in zip(counted, found, strict=True):
        here |= np.append(use, [False])[unit]
    planned = np.array([status == PLANNED for status in a.facility_status], bool)
    return np.asarray(here & ~planned, bool)


def _level(
    result: UnitCoverage,
    units: UnitSet,
    counted: BoolArray,
    facility_unit: IntArray,
    unknown: BoolArray,
    urban: AreaSet | None,
    rural_ms: int,
) -> LevelCoverage:
    a, land, n = result.assessment, result.land, len(units)
    ground, times = a.ground, a.demand
    demand = ground.demand
    place = membership.units_at(demand.lon, demand.lat, units)
    amounts = {g: np.where(ground.inside, v, 0) for g, v in demand.amounts.items()}

    def people(covered: BoolArray) -> dict[str, Sums]:
        return {g: sums(v, place, n, covered, times.linked) for g, v in amounts.items()}

    def people_at(cutoff_ms: int) -> Sums:
        return sums(amounts[a.group], place, n, times.covered(cutoff_ms), times.linked)

    at_cutoff = people(times.covered(a.cutoff_ms))
    on = None if land is None else membership.units_at(land.at.lon, land.at.lat, units)

    def hectares(covered: BoolArray | None) -> Sums | None:
        if land is None or on is None or covered is None:
            return None
        return sums(land.amount, on, n, covered, land.at.linked)

    def reached(cutoff_ms: int, who: Sums) -> Verdict:
        ground_ha = hectares(None if land is None else land.at.covered(cutoff_ms))
        return _reached(who, ground_ha, points, cutoff_ms, result.threshold_percent)

    points = _point_times(a, units)
    verdict = reached(a.cutoff_ms, at_cutoff[a.group])
    is_urban = own = None
    if urban is not None:
        is_urban = _urban_units(units, urban, place, amounts[EVERYONE], result.urban)
        own = np.where(is_urban, verdict, reached(rural_ms, people_at(rural_ms)))
    number = np.bincount(facility_unit[result.facility] % (n + 1), minlength=n + 1)
    present = np.where(number[:n] > 0, YES, np.where(unknown, UNKNOWN, NO)).astype(np.int8)
    return LevelCoverage(
        units=units,
        counted=counted,
        urban=is_urban,
        place=place,
        people=at_cutoff,
        people_own=None if result.urban is None else people(result.own),
        land=hectares(None if land is None else land.at.covered(a.cutoff_ms)),
        land_own=hectares(result.land_own),
        facilities=number.astype(np.int64),
        capacity={m: _capacity(result, m, facility_unit, n) for m in result.capacities},
        present=present,
        reached=verdict,
        reached_own=own,
    )


def _urban_units(
    units: UnitSet,
    urban: AreaSet,
    place: IntArray,
    everyone: IntArray,
    place_urban: BoolArray | None,
) -> BoolArray:
    """Bool per unit: half of its people live in the urban area; without people, its point does."""
    assert place_urban is not None, "places are urban or not where units are"  # noqa: S101
    n = len(units)
    total, inside = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    np.add.at(total, place, everyone)
    np.add.at(inside, place[place_urban], everyone[place_urban])
    result = inside[:n] >= HALF * total[:n]
    empty = np.flatnonzero(total[:n] == 0)
    at = shapely.point_on_surface(units.geometry[empty])
    there = ~shapely.is_missing(at)
    result[empty] = False
    lon, lat = shapely.get_x(at[there]), shapely.get_y(at[there])
    result[empty[there]] = membership.urban_at(lon, lat, urban)
    return np.asarray(result, bool)


def _point_times(a: Assessment, units: UnitSet) -> tuple[BoolArray, IntArray]:
    """Bool per unit: is a point; and the milliseconds from it, far beyond all for none."""
    is_point = shapely.get_dimensions(units.geometry) == 0
    ms = np.full(len(units), np.iinfo(np.int64).max, np.int64)
    rows = np.flatnonzero(is_point)
    if len(rows):
        at = shapely.point_on_surface(units.geometry[rows])
        found = times_at(a, shapely.get_x(at), shapely.get_y(at))
        ms[rows[found.found]] = found.ms[found.found]
    return is_point, ms


def _reached(
    people: Sums,
    land: Sums | None,
    points: tuple[BoolArray, IntArray],
    cutoff_ms: int,
    percent: float,
) -> Verdict:
    """Verdict per unit: by its people, without people by its land, and a point by its own time."""

    def enough(of: Sums) -> BoolArray:
        enough = of.covered[:-1] * 100.0 >= percent * of.total[:-1]
        return np.asarray(enough, bool)

    is_point, ms = points
    result = np.full(len(ms), UNKNOWN, np.int8)
    result[is_point] = (ms <= cutoff_ms)[is_point]
    if land is not None:
        some = land.total[:-1] > 0
        result[some] = enough(land)[some]
    some = people.total[:-1] > 0
    result[some] = enough(people)[some]
    return result


def _capacity(result: UnitCoverage, meaning: str, unit: IntArray, n: int) -> Capacity:
    values = np.array(result.assessment.facilities.attributes[meaning], np.float64)
    amount, blank = np.zeros(n + 1), np.zeros(n + 1, np.int64)
    use = result.facility
    said = use & np.isfinite(values)
    np.add.at(amount, unit[said], values[said])
    np.add.at(blank, unit[use & ~said], 1)
    return Capacity(amount=amount, blank=blank)
