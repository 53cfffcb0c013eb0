"""Which unit a place, a facility or an area lies in, and what is urban.

Every result is a row of the units, or -1 for none. Where units overlap or meet, the lowest row
counts, so that nobody is counted in two units of one level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.sources.rows.columns import plain_heading
from quarterhour.sources.units.town_names import (
    Register,
    Town,
    cleaned,
    match_county,
    match_towns,
    register_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from quarterhour.inputs import AreaSet, Facilities, UnitSet

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

TOWN_OR_COUNTY = ("county", "town")
"""Levels so large that a facility placed somewhere in its town lies in the right unit of them."""


def has_area(units: UnitSet) -> BoolArray:
    """Bool per unit: is a polygon."""
    return np.asarray(shapely.get_dimensions(units.geometry) == 2, bool)


def units_at(lon: FloatArray, lat: FloatArray, units: UnitSet) -> IntArray:
    """The unit whose polygon each point lies in, the border included; -1 for none."""
    return first_inside(lon, lat, polygons_of(units))


def polygons_of(units: UnitSet) -> NDArray[Any]:
    """The polygons of the units, None for those that have none."""
    result = units.geometry.copy()
    result[~has_area(units)] = None
    return result


def urban_at(lon: FloatArray, lat: FloatArray, urban: AreaSet) -> BoolArray:
    """Bool per point: inside an urban area, its border included; the others are rural."""
    return first_inside(lon, lat, urban.geometry) >= 0


def first_inside(lon: FloatArray, lat: FloatArray, geometry: NDArray[Any]) -> IntArray:
    """The lowest polygon that each point lies in, its border included; -1 for none."""
    result = np.full(len(lon), -1, np.int64)
    if not len(lon):
        return result
    unit, point = shapely.STRtree(shapely.points(lon, lat)).query(geometry, predicate="intersects")
    # the last assignment to an element stays: the lowest unit of a point comes last
    order = np.argsort(-unit, kind="stable")
    result[point[order]] = unit[order]
    return result


def units_of_facilities(facilities: Facilities, units: UnitSet) -> IntArray:
    """The unit whose polygon each facility lies in, -1 for none.

    A facility that stands somewhere in its town for want of coordinates is in no smaller unit.
    """
    found = units_at(facilities.lon, facilities.lat, units)
    if facilities.approximate is not None and units.level not in TOWN_OR_COUNTY:
        found = np.where(facilities.approximate, -1, found)
    return found


def units_written(
    facilities: Facilities, units: UnitSet, *, zones: Mapping[str, str] | None = None
) -> IntArray | None:
    """The unit that the columns of each facility name, -1 for none; None without such a column.

    The columns are 区县 for counties, 区县 and 乡镇 for towns, and 社区 for smaller units.
    """
    meaning = units.level if units.level in TOWN_OR_COUNTY else "community"
    texts = facilities.attributes.get(meaning)
    if texts is None:
        return None
    county = facilities.attributes.get("county", ("",) * len(facilities))
    look = UnitNames(units, zones=zones)
    found = [look(str(c), str(t)) for c, t in zip(county, texts, strict=True)]
    return np.array(found, np.int64)


def units_of_areas(geometry: NDArray[Any], units: UnitSet) -> IntArray:
    """The unit that the largest part of each polygon lies in, -1 for none.

    `geometry`: longitude and latitude; parts of one polygon are compared in degrees, which all have
    the same size there. An area that only touches units lies in none.
    """
    polygons = polygons_of(units)
    area, unit = shapely.STRtree(polygons).query(geometry, predicate="intersects")
    part = shapely.area(shapely.intersection(geometry[area], polygons[unit]))
    result = np.full(len(geometry), -1, np.int64)
    # smallest parts first and, of equal ones, the lowest unit last, which stays
    order = np.lexsort((-unit, part, area))
    order = order[part[order] > 0]
    result[area[order]] = unit[order]
    return result


def register_of_units(units: UnitSet) -> Register:
    """The units of the level town as a register of names, in their order."""
    city = units.attributes.get("city", ("",) * len(units))
    return register_of(
        Town(county=county, town=name, city=str(c))
        for county, name, c in zip(units.county, units.name, city, strict=True)
    )


class UnitNames:
    """Looks up the unit that a row without coordinates names.

    A town is looked for in its county only, see `town_names.match_town`; a cell that lists several
    towns names none. Of the level county, `county` names the unit. Of another level, `town` is the
    name of the unit, which must be the only one of that name, in that county where one is given.
    """

    def __init__(self, units: UnitSet, *, zones: Mapping[str, str] | None = None) -> None:
        self.units, self.zones = units, zones
        if units.level == "county":
            city = units.attributes.get("city", ("",) * len(units))
            entries = zip(units.name, city, strict=True)
            self._register = register_of(Town(county=n, town="", city=str(c)) for n, c in entries)
        else:
            self._register = register_of_units(units)

    def __call__(self, county: str, town: str) -> int:
        """The row of the unit, -1 where none or several could be meant."""
        if self.units.level == "county":
            key, _ = match_county(county, self._register, zones=self.zones)
            return -1 if key is None else self._register.by_county[key][0]
        if self.units.level == "town":
            found = match_towns(county, town, self._register, zones=self.zones)
            index = found[0].index if len(found) == 1 else None
            return -1 if index is None else index
        wanted = plain_heading(cleaned(town))
        if not wanted:
            return -1
        same = [k for k, n in enumerate(self.units.name) if plain_heading(cleaned(n)) == wanted]
        if county and any(self.units.county):
            same = [k for k in same if self.units.county[k] in {"", county.strip()}]
        return same[0] if len(same) == 1 else -1
