"""A study file to a whole run: read, assess, write. Outputs carry no clock and no absolute path."""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from quarterhour import analysis, results
from quarterhour.errors import InputError
from quarterhour.ground import PEOPLE_LINK_M, Ground, prepare
from quarterhour.inputs import Note
from quarterhour.publish import Steps, attribution, write_outputs
from quarterhour.render.words import WORDS
from quarterhour.settings import Study, input_path, load_study
from quarterhour.sources.areas import read_areas, read_boundary, read_osm_areas
from quarterhour.sources.facilities import read_facilities
from quarterhour.sources.people import read_people
from quarterhour.sources.roads import read_roads
from quarterhour.sources.roads_osm import OSM_SUFFIXES
from quarterhour.sources.scenery import read_scenery

if TYPE_CHECKING:
    from collections.abc import Callable

    from quarterhour.assessment import Assessment
    from quarterhour.inputs import AreaSet, Demand, Facilities, Scenery, SetAside

    Progress = Callable[[str, int, int], None]

BUILDINGS_PER_KM = 1.0
"""Fewer buildings per kilometre of street mean that the road file was stripped of them, and street
metres stand in for people instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A study with everything that its file names, read and checked."""

    path: Path
    study: Study
    ground: Ground
    facilities: tuple[Facilities, ...]
    districts: AreaSet | None
    scenery: Scenery | None
    notes: tuple[Note, ...]

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """Rows of people, residential areas and districts that are not used."""
        rows = self.ground.demand.set_aside
        for areas in (self.ground.residential, self.districts):
            rows += () if areas is None else areas.set_aside
        return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """A finished study: one assessment per service, and the documents that were written."""

    prepared: Prepared
    assessments: tuple[Assessment, ...]
    summary: dict[str, Any]
    set_aside: tuple[SetAside, ...]
    written: tuple[Path, ...] = ()


def prepare_study(
    path: str | Path, *, store: bool = True, progress: Progress | None = None
) -> Prepared:
    """Read and check everything that a study file names; `store`: keep the processed roads.

    Raises
    ------
    QuarterhourError
        Something in it cannot be used; the message says what and where.
    """
    file = Path(path)
    study = load_study(file)
    home = file.parent
    steps = Steps(progress, 5 + len(study.service))

    guard = max(analysis.guard_metres(s.who(), study.limit_min(s)) for s in study.service)
    steps("roads")
    road_path = None if study.roads.source is None else input_path(home, study.roads.source)
    network = read_roads(
        road_path,
        place=study.roads.place,
        bbox=None if study.roads.bbox is None else _box(study.roads.bbox),
        layer=study.roads.layer,
        join_tolerance_m=study.roads.join_tolerance_m,
        split_crossings=study.roads.split_crossings,
        guard_m=guard,
        store=store,
    )
    notes: list[Note] = []
    steps("area")
    area = None
    if study.study.area is not None:
        area = read_boundary(input_path(home, study.study.area), layer=study.study.area_layer)
    districts = None
    if study.districts is not None:
        d = study.districts
        districts = read_areas(
            input_path(home, d.source), name=d.name, layer=d.layer, what="districts"
        )
    steps("people")
    people = _people(study, home)
    steps("facilities")
    facilities = []
    for service in study.service:
        found = read_facilities(
            input_path(home, service.facilities),
            sheet=service.sheet,
            layer=service.layer,
            kinds=service.kinds,
            status=service.status,
            coordinates=service.coordinates,
        )
        facilities.append(found)
        notes += [n for n in found.notes if n not in notes]
        steps("facilities")
    steps("residential")
    residential, buildings = _areas(study, home, road_path, people, network.edge_length_mm.sum())
    ground = prepare(
        network,
        people,
        area=area,
        residential=residential,
        buildings=buildings,
        guard_m=guard,
        link_limit_m=study.people.link_limit_m if study.people else PEOPLE_LINK_M,
        roads_label=study.roads.source or study.roads.place or "roads",
    )
    if people is None:
        kind = ground.demand.kind
        notes.append(
            Note(
                f"未给出人口，以{WORDS[kind][0]}代替",
                f"no people were given: {kind} stand in for them",
            )
        )
    else:
        notes += people.notes
    notes.append(_link_note(study))
    return Prepared(
        path=file,
        study=study,
        ground=ground,
        facilities=tuple(facilities),
        districts=districts,
        scenery=_scenery(road_path, ground, notes),
        notes=tuple(notes),
    )


def _box(values: list[float]) -> tuple[float, float, float, float]:
    west, south, east, north = values
    if not (west < east and south < north):
        raise InputError(
            f"[roads] bbox is {values}; needed is west < east, south < north (degrees)"
        )
    return west, south, east, north


def _people(study: Study, home: Path) -> Demand | None:
    part = study.people
    if part is None:
        return None
    return read_people(
        input_path(home, part.source),
        people=part.people,
        groups=part.groups,
        sheet=part.sheet,
        layer=part.layer,
        coordinates=part.coordinates,
    )


def _areas(
    study: Study, home: Path, road_path: Path | None, people: Demand | None, length_mm: int
) -> tuple[AreaSet | None, AreaSet | None]:
    """Residential areas, and the buildings that may stand in for people."""
    is_osm = road_path is not None and road_path.name.lower().endswith(OSM_SUFFIXES)
    part = study.residential
    if part is not None:
        if part.source == "osm":
            if not is_osm or road_path is None:
                raise InputError(
                    '[residential] source = "osm" needs roads from an OpenStreetMap file; found'
                    f" [roads] {study.roads.source or 'without a file'}: give a file of areas"
                )
            found = read_osm_areas(road_path, what="residential")
            if not len(found):
                raise InputError(
                    f"{road_path}: has no landuse=residential and no homes; give a file of"
                    " residential areas, or leave [residential] out"
                )
            return found, None
        if part.source.lower().endswith(OSM_SUFFIXES):
            raise InputError(
                f"[residential] source is {part.source!r}; for the homes in the road file write"
                ' source = "osm", or name a layer of polygons such as a .gpkg'
            )
        return (
            read_areas(
                input_path(home, part.source),
                name=part.name,
                layer=part.layer,
                what="residential",
            ),
            None,
        )
    if people is None and is_osm and road_path is not None:
        found = read_osm_areas(road_path, what="buildings")
        if len(found) >= BUILDINGS_PER_KM * length_mm / 1e6:
            return None, found
    return None, None


def run_study(
    path: str | Path,
    out: str | Path | None = None,
    *,
    threads: int | None = None,
    store: bool = True,
    progress: Progress | None = None,
) -> StudyResult:
    """Run a study; with `out`, write map.html, results.gpkg, summary.json and manifest.json there.

    `store`: keep the processed roads beside their source, or in the user's cache folder.

    Raises
    ------
    QuarterhourError
        Something in the study cannot be used, or `out` cannot be written.
    """
    if out is not None:
        _require_no_file(Path(out))
    ready = prepare_study(path, store=store, progress=progress)
    assessments = []
    for k, (service, facilities) in enumerate(
        zip(ready.study.service, ready.facilities, strict=True)
    ):
        assessments.append(
            analysis.assess_on(
                ready.ground,
                facilities,
                cutoffs_min=service.cutoffs_min,
                walker=service.who(),
                group=service.group,
                link_limit_m=service.link_limit_m,
                limit_min=ready.study.limit_min(service),
                name=service.name,
                threads=threads,
                progress=_part(progress, service.name, k, len(ready.facilities)),
            )
        )
    ready = dataclasses.replace(
        ready, notes=(*ready.notes, *analysis.unlinked_note(ready.ground, assessments))
    )
    rows = ready.set_aside + analysis.far_rows(ready.ground, assessments)
    summary = results.summary_of(
        assessments,
        study={
            "name": ready.study.study.name,
            "language": ready.study.study.language,
            "synthetic": ready.study.study.synthetic,
            "data_date": ready.study.study.data_date,
            "attribution": attribution(ready.study, ready.ground.network),
        },
        set_aside=rows,
        notes=ready.notes,
    )
    result = StudyResult(
        prepared=ready, assessments=tuple(assessments), summary=summary, set_aside=rows
    )
    if out is None:
        return result
    written = write_outputs(result, Path(out), progress)
    return StudyResult(
        prepared=ready,
        assessments=result.assessments,
        summary=summary,
        set_aside=rows,
        written=written,
    )


def _require_no_file(out: Path) -> None:
    """Before the work, not after it: the results need a folder."""
    for place in (out, *out.parents):
        with contextlib.suppress(OSError):  # a place that cannot be looked at fails when written
            if place.is_file():
                raise InputError(f"{place}: is a file; choose a folder for the results with --out")


def _scenery(road_path: Path | None, ground: Ground, notes: list[Note]) -> Scenery | None:
    """Water and green around the study area, where the roads come from OpenStreetMap."""
    if road_path is None or not road_path.name.lower().endswith(OSM_SUFFIXES):
        return None
    west, south, east, north = shapely.bounds(ground.crs.geometry_lonlat(ground.zone_m))
    try:
        return read_scenery(road_path, (west, south, east, north))
    except InputError as error:  # the map does without its backdrop
        why = str(error).replace(str(road_path), road_path.name)
        notes.append(Note(f"地图不含水面与绿地：{why}", f"no water and green on the map: {why}"))
        return None


def _link_note(study: Study) -> Note:
    """How far people and facilities may stand from a road."""
    people = study.people.link_limit_m if study.people else PEOPLE_LINK_M
    limits = ", ".join(f"{s.name} {s.link_limit_m:g} m" for s in study.service)
    return Note(
        f"与道路的最大连接距离：居住点 {people:g} 米；设施：{limits}",
        f"longest leg to the road: places {people:g} m; facilities: {limits}",
    )


def _part(progress: Progress | None, name: str, k: int, n: int) -> Progress | None:
    """The progress of service `k` of `n` as a part of the whole."""
    if progress is None:
        return None
    return lambda what, done, total: progress(f"{name}: {what}", k * total + done, n * total)
