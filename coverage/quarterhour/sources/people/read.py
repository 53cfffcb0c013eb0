"""People from a raster, points, polygons or a table, by group, with totals kept."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Demand, Note
from quarterhour.measures import counted
from quarterhour.sources.files.vector import VECTOR_SUFFIXES
from quarterhour.sources.people.places import PEOPLE, amounts_of, demand_of
from quarterhour.sources.people.raster import RASTER_SUFFIXES, read_raster
from quarterhour.sources.people.rows import read_rows
from quarterhour.sources.roads.osm import OSM_SUFFIXES
from quarterhour.units import ESTIMATED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quarterhour.inputs import AreaSet
    from quarterhour.sources.people.disaggregate import SpreadReport
    from quarterhour.sources.people.places import Places
    from quarterhour.sources.people.totals import TotalsFile

    Box = tuple[float, float, float, float]
    Progress = Callable[[str, int, int], None]

VALUES = ("count", "per_km2")
WEIGHTS = ("people", "area", "floor_area", "equal")


def read_people(
    source: str | Path | AreaSet,
    *,
    people: str | None = None,
    groups: Mapping[str, float | str] | None = None,
    values: str = "count",
    sheet: str | None = None,
    layer: str | None = None,
    coordinates: str = "wgs84",
    columns: Mapping[str, str] | None = None,
    near: Box | None = None,
    resolve: Any = None,  # noqa: ANN401 - as in `read_points`
    progress: Progress | None = None,
    totals: TotalsFile | None = None,
    weight: str | None = None,
) -> Demand:
    """People at places, everyone and by group, as integer millionths that keep the total.

    Parameters
    ----------
    source
        GeoTIFF, or points, polygons or a table with a people column. A raster's people stand at its
        cell centres, a polygon's at a point inside it. With `totals` also residential areas, or
        buildings as a GIS layer or as those of an OSM file.
    people
        Column of the people, or the description of a raster's band (default: its first band).
    groups
        Share of everyone (0 to 1), or a column or band of the source, by group name.
    values
        "count": people per cell, polygon or row. "per_km2": people per square kilometre of a cell
        or polygon, taken times its area on the ellipsoid.
    sheet, layer, coordinates, columns, resolve
        As in `read_facilities`.
    near
        West, south, east, north of the study in degrees: a raster of more than 20 million cells is
        read only there.
    progress
        Called with what is read, how much of it, and of how much.
    totals
        Totals of townships or communities that are spread over the places of the source; the
        source's own people are then only weights. `read_people_report` gives the account of it.
    weight
        With `totals`, what they are spread by: people (the source's own), area, floor_area or
        equal. Default: people; of residential areas area, of OSM buildings floor_area.

    Raises
    ------
    InputError
        The file, column, band or share cannot be used, or nobody is in it.
    """
    return read_people_report(
        source, people=people, groups=groups, values=values, sheet=sheet, layer=layer,
        coordinates=coordinates, columns=columns, near=near, resolve=resolve, progress=progress,
        totals=totals, weight=weight,
    )[0]  # fmt: skip


def read_people_report(
    source: str | Path | AreaSet,
    *,
    people: str | None = None,
    groups: Mapping[str, float | str] | None = None,
    values: str = "count",
    sheet: str | None = None,
    layer: str | None = None,
    coordinates: str = "wgs84",
    columns: Mapping[str, str] | None = None,
    near: Box | None = None,
    resolve: Any = None,  # noqa: ANN401 - as in `read_points`
    progress: Progress | None = None,
    totals: TotalsFile | None = None,
    weight: str | None = None,
) -> tuple[Demand, SpreadReport | None]:
    """As `read_people`, with the account of how totals were spread (None without totals)."""
    if totals is not None:
        return _spread(
            source, totals, checked_groups(groups), weight, people=people, values=values,
            sheet=sheet, layer=layer, coordinates=coordinates, columns=columns, near=near,
            resolve=resolve, progress=progress,
        )  # fmt: skip
    if weight is not None:
        raise InputError(
            f"weight = {weight!r} says how totals are spread, and there are no totals; add"
            " [people.totals], or leave weight out"
        )
    if not isinstance(source, (str, Path)):
        raise InputError(
            f"{source.file or 'residential areas'}: say where people live, not how many; add"
            " [people.totals] with a table of totals"
        )
    path = Path(source)
    wanted = checked_groups(groups)
    if values not in VALUES:
        raise InputError(
            f"values = {values!r}; needed is count (people) or per_km2 (people per km2)"
        )
    per_km2 = values == "per_km2"
    if path.suffix.lower() in RASTER_SUFFIXES:
        no_coordinates(path, coordinates)
        found, _ = read_raster(path, people, wanted, per_km2=per_km2, near=near, progress=progress)
    else:
        found = read_rows(
            path, people, wanted, per_km2=per_km2, sheet=sheet, layer=layer,
            coordinates=coordinates, columns=columns or None, near=near, resolve=resolve,
        )  # fmt: skip
    estimated = per_km2 or path.suffix.lower() in RASTER_SUFFIXES
    grain = ESTIMATED if estimated else 1
    demand = demand_of(found, amounts_of(found.people, wanted, path, grain))
    if not demand.amounts[EVERYONE].any():
        bad = len(found.set_aside)
        many = counted(bad, "row is", "rows are")
        example = f" ({many} set aside; first: {found.set_aside[0].line()})" if bad else ""
        raise InputError(
            f"{path}: holds no people{example}; needed is at least one place with people above 0"
        )
    return demand, None


def _spread(
    source: str | Path | AreaSet,
    totals: TotalsFile,
    groups: dict[str, float | str],
    weight: str | None,
    **read: Any,  # noqa: ANN401 - the choices of `read_people_report`
) -> tuple[Demand, SpreadReport]:
    """Totals spread over whatever the source is."""
    from quarterhour.sources.people import buildings  # noqa: PLC0415 - only where totals are spread
    from quarterhour.sources.people.disaggregate import spread_totals  # noqa: PLC0415

    if weight not in {None, *WEIGHTS}:
        raise InputError(f"weight = {weight!r}; needed is one of {', '.join(WEIGHTS)}")
    if not isinstance(source, (str, Path)):
        # areas say nothing of people: what they have is land
        if weight == "floor_area":
            raise InputError(
                'weight = "floor_area" needs buildings; residential areas are spread by area'
            )
        return spread_totals(buildings.residential_places(source), totals, groups)
    path = Path(source)
    per_km2 = read["values"] == "per_km2"
    if path.suffix.lower() in RASTER_SUFFIXES:
        no_coordinates(path, read["coordinates"])
        return spread_totals(
            _weighed_cells(path, totals, groups, weight or "people", per_km2, read), totals, groups
        )
    if path.name.lower().endswith(OSM_SUFFIXES):
        kind = "floor_area" if weight in {None, "people"} else str(weight)
        return spread_totals(buildings.read_osm_buildings(path, weight=kind), totals, groups)
    if weight in {"floor_area", "area"} and path.suffix.lower() in VECTOR_SUFFIXES:
        moved = read["coordinates"] in {"gcj02", "bd09"}
        found = buildings.read_buildings(
            path, weight=weight, layer=read["layer"], columns=read["columns"],
            coordinates=read["coordinates"] if moved else "wgs84",
        )  # fmt: skip
        return spread_totals(found, totals, groups)
    places = read_rows(
        path, read["people"], _own(totals, groups), per_km2=per_km2,
        needs_people=False, weight=weight or "people", sheet=read["sheet"], layer=read["layer"],
        coordinates=read["coordinates"], columns=read["columns"] or None, near=read["near"],
        resolve=read["resolve"],
    )  # fmt: skip
    return spread_totals(places, totals, groups)


def _weighed_cells(
    path: Path,
    totals: TotalsFile,
    groups: dict[str, float | str],
    weight: str,
    per_km2: bool,
    read: Mapping[str, Any],
) -> Places:
    import numpy as np  # noqa: PLC0415 - beside its use

    if weight == "floor_area":
        raise InputError(f'{path}: weight = "floor_area" needs buildings, and this is a raster')
    own = _own(totals, groups)
    places, m2 = read_raster(
        path, read["people"], own, per_km2=per_km2, near=read["near"], progress=read["progress"]
    )
    weights = {"people": places.people[EVERYONE], "area": m2, "equal": np.ones(len(m2))}
    said = {"people": PEOPLE, "area": Note("有人格网的面积", "the area of cells with people"),
            "equal": Note("有人格网，各格相等", "cells with people, each the same")}  # fmt: skip
    return dataclasses.replace(places, weight=weights[weight], weighed=said[weight])


def _own(totals: TotalsFile, groups: dict[str, float | str]) -> dict[str, float | str]:
    """The groups that are columns or bands of the source and not of the table of totals."""
    from quarterhour.sources.people.totals import read_totals  # noqa: PLC0415 - only with totals

    _, missing = read_totals(totals, groups)
    return {group: value for group, value in groups.items() if group in missing}


def checked_groups(groups: Mapping[str, float | str] | None) -> dict[str, float | str]:
    """The groups as a dictionary; `InputError` where a name or a share cannot be used."""
    wanted = dict(groups or {})
    for name, value in wanted.items():
        if name == EVERYONE:
            raise InputError(f"people group {EVERYONE!r} is everyone and cannot be redefined")
        if not isinstance(value, str) and not 0 <= value <= 1:
            raise InputError(
                f"people group {name!r}: a share between 0 and 1 is needed, not {value}"
            )
    return wanted


def no_coordinates(path: Path, coordinates: str) -> None:
    """Raise `InputError` where a study names the coordinates of a raster, which says its own."""
    if coordinates not in {"wgs84", "auto"}:
        raise InputError(
            f"{path}: a raster says its coordinate system itself; leave out coordinates ="
            f" {coordinates!r} under [people]"
        )
