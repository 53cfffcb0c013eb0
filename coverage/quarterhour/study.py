"""A study file to a whole run: read, assess, write. Outputs carry no clock and no absolute path."""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from quarterhour import analysis, results
from quarterhour.beside import walkers_beside
from quarterhour.errors import InputError
from quarterhour.gather import Gather
from quarterhour.ground import PEOPLE_LINK_M, Ground, prepare
from quarterhour.inputs import Note
from quarterhour.publish import Steps, attribution, write_outputs
from quarterhour.relief import add_slopes
from quarterhour.render.words import WORDS
from quarterhour.settings import Study, load_study
from quarterhour.sources.scenery import read_scenery

if TYPE_CHECKING:
    from collections.abc import Callable

    from quarterhour.assessment import Assessment
    from quarterhour.inputs import AreaSet, Change, DatumFit, Facilities, Scenery, SetAside

    Progress = Callable[[str, int, int], None]


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

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was read otherwise than it is written, in the order of reading."""
        told = [*self.ground.demand.changes]
        for areas in (self.ground.residential, self.districts):
            told += () if areas is None else areas.changes
        for facilities in self.facilities:
            told += [change for change in facilities.changes if change not in told]
        return tuple(told)

    @property
    def fits(self) -> list[tuple[str, str, DatumFit | None]]:
        """Layer, file and fit of every table of points."""
        demand = self.ground.demand
        told = [("people", demand.file, demand.fit)]
        for facilities in self.facilities:
            one = ("facilities", facilities.file, facilities.fit)
            told += [one] if one not in told else []
        return told


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
    steps = Steps(progress, 5 + len(study.service))

    inputs = Gather(study, file.parent, store=store)
    steps("roads")
    network = inputs.roads()
    notes: list[Note] = []
    steps("area")
    area = inputs.area()
    districts = inputs.districts()
    steps("people")
    people = inputs.people()
    steps("facilities")
    facilities = []
    for k in range(len(study.service)):
        found = inputs.facilities(k)
        facilities.append(found)
        notes += [n for n in found.notes if n not in notes]
        steps("facilities")
    steps("residential")
    ground = prepare(
        network,
        people,
        area=area,
        residential=inputs.residential(),
        buildings=inputs.buildings(),
        guard_m=inputs.guard_m,
        link_limit_m=study.people.link_limit_m if study.people else PEOPLE_LINK_M,
        roads_label=study.roads.source or study.roads.place or "roads",
    )
    terrain = inputs.terrain(_bounds(ground))
    if terrain is not None and study.terrain is not None:
        notes += add_slopes(ground, terrain, study.terrain.rule)
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
        scenery=_scenery(inputs.osm_path, ground, notes),
        notes=tuple(notes),
    )


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
        assessed = analysis.assess_on(
            ready.ground,
            facilities,
            cutoffs_min=service.cutoffs_min,
            walker=service.who(),
            group=service.group,
            link_limit_m=service.link_limit_m,
            limit_min=ready.study.limit_min(service),
            direction=service.direction,
            inside_min=service.inside_min,
            name=service.name,
            threads=threads,
            progress=_part(progress, service.name, k, len(ready.facilities)),
        )
        others = [who for who in ready.study.study.beside() if who != assessed.walker]
        beside = walkers_beside(assessed, others, threads=threads)
        assessments.append(dataclasses.replace(assessed, beside=beside))
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
        changes=ready.changes,
        fits=ready.fits,
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
    if road_path is None:
        return None
    try:
        return read_scenery(road_path, _bounds(ground))
    except InputError as error:  # the map does without its backdrop
        why = str(error).replace(str(road_path), road_path.name)
        notes.append(Note(f"地图不含水面与绿地：{why}", f"no water and green on the map: {why}"))
        return None


def _bounds(ground: Ground) -> tuple[float, float, float, float]:
    """West, south, east, north of the study area and its guard zone, in degrees."""
    west, south, east, north = shapely.bounds(ground.crs.geometry_lonlat(ground.zone_m))
    return float(west), float(south), float(east), float(north)


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
