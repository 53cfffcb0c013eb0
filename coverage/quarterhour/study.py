"""A study file to a whole run: read, assess, write. Outputs carry no clock and no absolute path."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from quarterhour import analysis, results
from quarterhour.briefing import map_data
from quarterhour.errors import InputError, QuarterhourError
from quarterhour.ground import Ground, prepare
from quarterhour.manifest import manifest_of
from quarterhour.render.summary import to_json
from quarterhour.settings import Study, input_path, load_study
from quarterhour.sources.areas import read_areas, read_boundary, read_osm_areas
from quarterhour.sources.cache import file_sha256
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

OSM_CREDIT = "© OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright)"
BUILDINGS_PER_KM = 1.0
"""Fewer buildings per kilometre of street mean that the road file was stripped of them, and street
metres stand in for people instead."""

OUTPUTS = ("map.html", "results.gpkg", "summary.json", "manifest.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A study with everything that its file names, read and checked."""

    path: Path
    study: Study
    ground: Ground
    facilities: tuple[Facilities, ...]
    districts: AreaSet | None
    notes: tuple[str, ...]

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
    path: str | Path, *, cache: bool = True, progress: Progress | None = None
) -> Prepared:
    """Read and check everything that a study file names; `cache`: keep the processed roads.

    Raises
    ------
    QuarterhourError
        Something in it cannot be used; the message says what and where.
    """
    file = Path(path)
    study = load_study(file)
    home = file.parent
    steps = _Steps(progress, 5 + len(study.service))

    steps("roads")
    road_path = None if study.roads.source is None else input_path(home, study.roads.source)
    network = read_roads(
        road_path,
        place=study.roads.place,
        bbox=None if study.roads.bbox is None else _box(study.roads.bbox),
        layer=study.roads.layer,
        join_tolerance_m=study.roads.join_tolerance_m,
        split_crossings=study.roads.split_crossings,
        cache=cache,
    )
    notes: list[str] = []
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
    guard = max(analysis.guard_metres(s.who(), study.limit_min(s)) for s in study.service)
    ground = prepare(
        network,
        people,
        area=area,
        residential=residential,
        buildings=buildings,
        guard_m=guard,
        link_limit_m=study.people.link_limit_m if study.people else 200.0,
        roads_label=study.roads.source or study.roads.place or "roads",
    )
    if people is None:
        notes.append(f"no people were given: {ground.demand.kind} stand in for them")
    return Prepared(
        path=file,
        study=study,
        ground=ground,
        facilities=tuple(facilities),
        districts=districts,
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
    cache: bool = True,
    progress: Progress | None = None,
) -> StudyResult:
    """Run a study; with `out`, write map.html, results.gpkg, summary.json and manifest.json there.

    `cache`: keep the processed roads beside their source, or in the user's cache folder.

    Raises
    ------
    QuarterhourError
        Something in the study cannot be used, or `out` cannot be written.
    """
    if out is not None:
        _require_no_file(Path(out))
    ready = prepare_study(path, cache=cache, progress=progress)
    assessments = []
    for k, (service, facilities) in enumerate(
        zip(ready.study.service, ready.facilities, strict=True)
    ):
        if progress is not None:
            progress(f"service {service.name}", k, len(ready.facilities))
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
            "attribution": _attribution(ready.study),
        },
        set_aside=rows,
        notes=ready.notes,
    )
    result = StudyResult(
        prepared=ready, assessments=tuple(assessments), summary=summary, set_aside=rows
    )
    if out is None:
        return result
    written = _write(result, Path(out), progress)
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


def _attribution(study: Study) -> list[str]:
    """The study's own lines, and OpenStreetMap's where its data is used and not named."""
    lines = list(study.study.attribution)
    source = (study.roads.source or "").lower()
    from_osm = source.endswith((*OSM_SUFFIXES, ".graphml")) or not source
    if from_osm and not study.study.synthetic and not any("OpenStreetMap" in t for t in lines):
        lines.append(OSM_CREDIT)
    return lines


def _write(result: StudyResult, out: Path, progress: Progress | None) -> tuple[Path, ...]:
    """Write everything beside its place, then move it there, so that no half file is ever seen."""
    from pyogrio.errors import DataSourceError  # noqa: PLC0415 - heavy

    from quarterhour.render.geopackage import write_geopackage  # noqa: PLC0415 - heavy
    from quarterhour.render.html import write_map  # noqa: PLC0415 - heavy

    ready = result.prepared
    steps = _Steps(progress, 4)
    manifest = manifest_of(ready)
    key = hashlib.sha256(to_json(manifest).encode()).hexdigest()[:12]
    study = ready.study.study
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as folder:
            temporary = Path(folder)
            steps("map")
            write_map(
                temporary / "map.html",
                map_data(
                    result.assessments,
                    title=study.name,
                    language=study.language,
                    districts=ready.districts,
                    scenery=_scenery(ready),
                    data_date=study.data_date,
                    attribution=_attribution(ready.study),
                    notes=ready.notes,
                    synthetic=study.synthetic,
                    tiles=study.tiles,
                    tiles_attribution=study.tiles_attribution,
                    study_key=key,
                ),
            )
            steps("geopackage")
            write_geopackage(temporary / "results.gpkg", results.layers_of(result.assessments))
            steps("summary")
            (temporary / "summary.json").write_text(
                to_json(result.summary), encoding="utf-8", newline="\n"
            )
            manifest["outputs"] = {
                name: file_sha256(temporary / name) for name in OUTPUTS if name != "manifest.json"
            }
            (temporary / "manifest.json").write_text(
                to_json(manifest), encoding="utf-8", newline="\n"
            )
            steps("move")
            for name in OUTPUTS:
                (temporary / name).replace(out / name)
            for side in ("-wal", "-shm", "-journal"):  # of an older results.gpkg that was open
                (out / f"results.gpkg{side}").unlink(missing_ok=True)
    except (OSError, sqlite3.Error, DataSourceError) as error:
        why = getattr(error, "strerror", None) or error
        raise QuarterhourError(
            f"{out}: the results cannot be written ({why}); choose another folder with --out, or"
            " close the program that has a file in it open"
        ) from error
    return tuple(out / name for name in OUTPUTS)


def _scenery(ready: Prepared) -> Scenery | None:
    """Water and green around the study area, where the roads come from OpenStreetMap."""
    source = ready.study.roads.source
    if source is None or not source.lower().endswith(OSM_SUFFIXES):
        return None
    west, south, east, north = shapely.bounds(ready.ground.crs.geometry_lonlat(ready.ground.zone_m))
    return read_scenery(input_path(ready.path.parent, source), (west, south, east, north))


class _Steps:
    """Counts the stages of a task for a progress display."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def __call__(self, what: str) -> None:
        if self.progress is not None:
            self.progress(what, self.done, self.total)
        self.done += 1
