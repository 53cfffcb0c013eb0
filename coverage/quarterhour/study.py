"""A study file to a whole run: read, assess, write. Outputs carry no clock and no absolute path."""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterhour import results
from quarterhour.answers.every import answer
from quarterhour.answers.unit_outside import told_of
from quarterhour.assessing import analysis
from quarterhour.assessing.ground import PEOPLE_LINK_M, Ground
from quarterhour.assessing.residential import judged_note
from quarterhour.checks.looks import diagnosis_of, pairs_of
from quarterhour.errors import InputError
from quarterhour.gather.inputs import Gather
from quarterhour.gather.laying import Laid, assess_service, bounds_of, lay
from quarterhour.inputs import Note
from quarterhour.plans.target_run import plan_of
from quarterhour.publish import Steps, attribution, map_of, write_outputs
from quarterhour.render.words import WORDS
from quarterhour.scenarios.scenario import ScenarioResult, run_scenario, summary_of
from quarterhour.sources.ground.scenery import read_scenery
from quarterhour.sources.roads.repair import joint_changes
from quarterhour.sources.roads.waits import wait_note
from quarterhour.study_file.settings import Study, load_study
from quarterhour.whatif.choice import what_if_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from quarterhour.answers.every import Answers
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import (
        AreaSet,
        Change,
        DatumFit,
        Facilities,
        Scenery,
        SetAside,
        UnitSet,
    )
    from quarterhour.sources.facilities.entrances import AreaGates
    from quarterhour.sources.units.towns import Towns

    Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A study with everything that its file names, read and checked."""

    path: Path
    study: Study
    laid: Laid
    facilities: tuple[Facilities, ...]
    districts: AreaSet | None
    scenery: Scenery | None
    notes: tuple[Note, ...]

    @property
    def ground(self) -> Ground:
        """The ground that the services share."""
        return self.laid.ground

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """Rows of people, areas, towns and gates that are not used."""
        rows = self.ground.demand.set_aside
        for areas in self._layers:
            rows += () if areas is None else areas.set_aside
        return rows

    @property
    def _layers(self) -> tuple[AreaSet | AreaGates | Towns | UnitSet | None, ...]:
        inputs = self.laid.inputs
        gates, towns = inputs.residential_gates(), inputs.towns()
        units = inputs.units().values()
        return (self.ground.residential, gates, self.districts, towns, *units, inputs.urban())

    @property
    def _roads_name(self) -> str:
        path = self.laid.inputs.road_path
        return "roads" if path is None else path.name

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was read otherwise than it is written, in the order of reading."""
        told = [*self.ground.demand.changes]
        for areas in self._layers:
            told += () if areas is None else areas.changes
        told += joint_changes(self.ground.network, self._roads_name)
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
    scenarios: tuple[ScenarioResult, ...] = ()
    answers: Answers | None = None
    written: tuple[Path, ...] = ()

    def _repr_html_(self) -> str:
        """The figures of every service, and the map where it is small, for notebooks."""
        from quarterhour.assessing.glance import of_study  # noqa: PLC0415 - only notebooks ask for it
        from quarterhour.render.map.html import map_html  # noqa: PLC0415 - folium is heavy

        page = map_html(map_of(self, ""))
        return of_study(
            self.prepared.study.study.name, self.assessments, page, written=self.written
        )


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
    inputs.roads()
    notes: list[Note] = []
    steps("area")
    inputs.area()
    districts = inputs.districts()
    inputs.units()
    inputs.urban()
    for name in study.targets.plans:  # a bad plan is told before the long work
        plan_of(name, file.parent)
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
    laid = lay(inputs)
    ground = laid.ground
    notes += laid.notes
    notes += told_of(inputs, ground)
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
        laid=laid,
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
        assessments.append(
            assess_service(
                ready.laid,
                k,
                facilities,
                threads=threads,
                progress=_part(progress, service.name, k, len(ready.facilities)),
            )
        )
    told = [*ready.notes, *analysis.unlinked_note(ready.ground, assessments)]
    first = assessments[0]
    told += what_if_note(ready.study, first.ground.demand.kind)
    costs = first.ground.impedance(first.walker, toward=first.direction == "to")
    told += first.ground.barrier_notes(first.ground.link("demand", costs.linkable, threads))
    part = ready.study.residential
    if part is not None and part.by == "people" and first.ground.demand.kind != "people":
        told.append(
            Note(
                "没有人口数据，居住区按区内位置判断，而不是按人口",
                "without people, residential areas are judged by positions, not by people",
            )
        )
    if first.residential:
        judged = judged_note(first.residential[-1])
        told += [] if judged is None else [judged]
    told += [note for _, _, note in pairs_of([(a.name, a.facilities) for a in assessments])[1]]
    for a in assessments:
        waits = wait_note(a.ground.network, a.walker)
        told += [] if waits is None or waits in told else [waits]
    roads, broken = diagnosis_of(first.ground.network, first.ground, first)
    told += broken
    for a in assessments:
        told += [note for note in (a.edge.notes if a.edge else ()) if note not in told]
    ready = dataclasses.replace(ready, notes=tuple(told))
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
        spread=ready.laid.inputs.spread(),
        roads=roads,
    )
    answers = answer(ready.laid.inputs, assessments, threads=threads, progress=progress)
    answers.add_to(summary)
    scenarios = tuple(
        run_scenario(ready.laid.inputs, assessments, part, threads=threads)
        for part in ready.study.scenario
    )
    if scenarios:
        summary["scenarios"] = [summary_of(s) for s in scenarios]
    result = StudyResult(
        prepared=ready,
        assessments=tuple(assessments),
        summary=summary,
        set_aside=rows,
        scenarios=scenarios,
        answers=answers,
    )
    if out is None:
        return result
    written = write_outputs(result, Path(out), progress)
    return dataclasses.replace(result, written=written)


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
        return read_scenery(road_path, bounds_of(ground))
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
