"""The inputs of a study, read one by one: a run stops at the first fault, a check goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from quarterhour.errors import InputError
from quarterhour.gather.ground import OSM, GatherGround
from quarterhour.sources.datum.coordinates import AUTO, is_degrees
from quarterhour.sources.facilities.duplicates import find_duplicates, merge_duplicates
from quarterhour.sources.facilities.entrances import (
    entrances_of_column,
    read_area_entrances,
    read_entrances,
)
from quarterhour.sources.facilities.osm import read_osm_facilities
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.people.read import read_people_report
from quarterhour.sources.people.totals import TotalsFile
from quarterhour.sources.roads.osm import OSM_SUFFIXES
from quarterhour.sources.units.areas import read_areas, read_osm_areas
from quarterhour.sources.units.read import read_units
from quarterhour.sources.units.town_units import counties_of, in_order, level_named, units_of_towns
from quarterhour.sources.units.towns import place_by_town, read_towns
from quarterhour.study_file.settings import input_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from quarterhour.inputs import AreaSet, Demand, Facilities, UnitSet
    from quarterhour.sources.facilities.entrances import AreaGates
    from quarterhour.sources.people.disaggregate import SpreadReport
    from quarterhour.sources.rows.point_rows import PointRows
    from quarterhour.sources.units.towns import Towns
    from quarterhour.study_file.parts import (
        DistrictsPart,
        PeoplePart,
        ResidentialPart,
        ServicePart,
        TotalsPart,
    )

    Box = tuple[float, float, float, float]

Read = TypeVar("Read")

BUILDINGS_PER_KM = 1.0
"""Fewer buildings per kilometre of street mean that the road file was stripped of them, and street
metres stand in for people instead."""


class Gather(GatherGround):
    """The inputs of a study, each read when it is asked for, and only once.

    Every method raises `InputError` where its input cannot be used.
    """

    def districts(self) -> AreaSet | None:
        """Areas drawn for orientation."""
        part = self.study.districts
        return None if part is None else self._areas("districts", part)

    def towns(self) -> Towns | None:
        """Town polygons, None where the study names none."""
        part = self.study.towns
        if part is None:
            return None
        path = input_path(self.home, part.source)
        return self._once(
            "towns",
            lambda: read_towns(
                path,
                layer=part.layer,
                name=part.name,
                county=part.county,
                coordinates=part.coordinates,
            ),
        )

    def units(self) -> dict[str, UnitSet]:
        """Units by level: those of [[units]], and the towns of [towns] with their counties."""
        return self._once("units", self._units)

    def _units(self) -> dict[str, UnitSet]:
        towns = self.towns()
        found: dict[str, UnitSet] = {}
        if towns is not None:
            found = {"county": counties_of(towns), "town": units_of_towns(towns)}
        given = {"town"} & set(found)  # a layer of counties replaces those of the towns
        for part in self.study.units:
            level = level_named(part.level)
            if level in given:
                other = "[towns]" if level == "town" and towns is not None else "another [[units]]"
                raise InputError(
                    f"[[units]] level = {part.level!r} ({part.source}) is there twice: {other}"
                    " gives this level already; keep one of them"
                )
            given.add(level)
            found[level] = read_units(
                input_path(self.home, part.source), level=level, layer=part.layer, sheet=part.sheet,
                name=part.name, columns=part.columns, coordinates=part.coordinates,
                near=self._near(), resolve=self._resolve() if part.coordinates == AUTO else None,
            )  # fmt: skip
        return in_order(found)

    def urban(self) -> AreaSet | None:
        """Polygons of the urban area, None where the study names none."""
        part = self.study.urban
        if part is None:
            return None
        path = input_path(self.home, part.source)
        return self._once(
            "urban",
            lambda: read_areas(path, layer=part.layer, coordinates=part.coordinates, what="urban"),
        )

    def people(self) -> Demand | None:
        """The people, None where the study has none."""
        part = self.study.people
        return None if part is None else self._people(part)[0]

    def spread(self) -> SpreadReport | None:
        """What became of the totals that were spread, None where there are none."""
        part = self.study.people
        return None if part is None else self._people(part)[1]

    def _people(self, part: PeoplePart) -> tuple[Demand, SpreadReport | None]:
        return self._once(
            "people",
            lambda: read_people_report(
                self._places_of_people(part),
                people=part.people,
                groups=part.groups,
                values=part.values,
                sheet=part.sheet,
                layer=part.layer,
                coordinates=part.coordinates,
                columns=part.columns,
                near=self._near(),
                resolve=self._resolve(),
                totals=self._totals(part.totals),
                weight=part.weight,
            ),
        )

    def _places_of_people(self, part: PeoplePart) -> Path | AreaSet:
        if part.source == "buildings":
            return self._source(OSM, '[people] source = "buildings", which')
        areas = self.residential() if part.source == "residential" else None
        return input_path(self.home, part.source) if areas is None else areas

    def _totals(self, part: TotalsPart | None) -> TotalsFile | None:
        if part is None:
            return None
        towns = self.towns() if part.areas is None else None
        zones = self.study.towns.zones if self.study.towns else {}
        return TotalsFile(
            source=input_path(self.home, part.source),
            areas=input_path(self.home, part.areas or "") if towns is None else towns,
            sheet=part.sheet,
            columns=part.columns,
            areas_layer=part.areas_layer,
            areas_coordinates=part.areas_coordinates,
            zones=part.zones or zones,
        )

    def facilities(self, k: int) -> Facilities:
        """The facilities of service `k`, duplicates merged and gates known as the study asks."""
        return self._once(f"facilities {k}", lambda: self._facilities(self.study.service[k]))

    def _facilities(self, part: ServicePart) -> Facilities:
        path = self._source(part.facilities, f"[[service]] {part.name} facilities")
        is_osm = path.name.lower().endswith(OSM_SUFFIXES)
        if is_osm:
            found = self._of_osm(path, part)
        elif part.tags is not None:
            raise InputError(
                f"{path}: tags choose facilities from an OpenStreetMap file, and this is none; use"
                " kinds for a table, or name a .osm.pbf"
            )
        else:
            towns = self.towns() if part.place_by_town else None
            found = read_facilities(
                path,
                sheet=part.sheet,
                layer=part.layer,
                kinds=part.kinds,
                status=part.status,
                coordinates=part.coordinates,
                columns=part.columns,
                near=self._near(),
                resolve=self._resolve(),
                place=None if towns is None else self._placing(towns),
            )
        found = entrances_of_column(found)
        if part.duplicates == "merge":
            # before the gates: rows of one name would be ambiguous
            found = merge_duplicates(found, find_duplicates(found))
        if part.entrances is None or (part.entrances == OSM and is_osm):
            return found
        gates = self._source(part.entrances, f"[[service]] {part.name} entrances")
        # gates are mapped with their facilities as a rule, but never as metres in their system
        like = found.coordinates if is_degrees(found.coordinates) else AUTO
        return read_entrances(
            gates,
            found,
            sheet=part.entrances_sheet,
            coordinates=self._stated(part.entrances_coordinates or like),
            resolve=self._resolve(),
        )

    def _of_osm(self, path: Path, part: ServicePart) -> Facilities:
        for key in ("status", "sheet", "layer"):
            if getattr(part, key) is not None:
                raise InputError(
                    f"{path}: an OpenStreetMap file has no {key}; leave it out of the service"
                    f" {part.name}"
                )
        return read_osm_facilities(
            path, tags=part.tags, kinds=part.kinds, entrances=part.entrances == OSM
        )

    def _placing(self, towns: Towns) -> Callable[[PointRows], tuple[PointRows, Any]]:
        zones = self.study.towns.zones if self.study.towns else {}
        return lambda rows: place_by_town(rows, towns, zones=zones, layer="facilities")

    def residential(self) -> AreaSet | None:
        """The residential areas, None where the study names none."""
        part = self.study.residential
        if part is None:
            return None
        if part.source == OSM:
            return self._once("residential", self._residential_osm)
        if part.source.lower().endswith(OSM_SUFFIXES):
            raise InputError(
                f"[residential] source is {part.source!r}; for the homes in the road file write"
                ' source = "osm", or name a layer of polygons such as a .gpkg'
            )
        return self._areas("residential", part)

    def residential_gates(self) -> AreaGates | None:
        """Gates of the residential areas, None where the study names none."""
        part, areas = self.study.residential, self.residential()
        if part is None or part.entrances is None or areas is None:
            return None
        path = input_path(self.home, part.entrances)
        return self._once(
            "residential gates",
            lambda: read_area_entrances(
                path,
                areas,
                coordinates=self._stated(part.entrances_coordinates or part.coordinates),
                resolve=self._resolve(),
            ),
        )

    def _areas(self, what: str, part: ResidentialPart | DistrictsPart) -> AreaSet:
        path = input_path(self.home, part.source)
        return self._once(
            what,
            lambda: read_areas(
                path, name=part.name, layer=part.layer, coordinates=part.coordinates, what=what
            ),
        )

    def _residential_osm(self) -> AreaSet:
        path = self.osm_path
        if path is None:
            raise InputError(
                '[residential] source = "osm" needs roads from an OpenStreetMap file; found'
                f" [roads] {self.study.roads.source or 'without a file'}: give a file of areas"
            )
        found = read_osm_areas(path, what="residential")
        if not len(found):
            raise InputError(
                f"{path}: has no landuse=residential and no homes; give a file of residential"
                " areas, or leave [residential] out"
            )
        return found

    def buildings(self) -> AreaSet | None:
        """Buildings of the road file, as far as they are to stand in for people."""
        study = self.study
        if study.people is not None or study.residential is not None or self.osm_path is None:
            return None
        found = read_osm_areas(self.osm_path, what="buildings")
        street_km = self.roads().edge_length_mm.sum() / 1e6
        return found if len(found) >= BUILDINGS_PER_KM * street_km else None
