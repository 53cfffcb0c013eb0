"""Everything that can be said about the inputs of a study before it is run.

Each input is tried on its own, so that one look finds every fault and not only the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from quarterhour import analysis
from quarterhour.check_looks import (
    STAND_INS,
    datum_note,
    diagnosis_of,
    edge_told,
    elsewhere,
    pairs_of,
)
from quarterhour.errors import QuarterhourError
from quarterhour.gather import Gather
from quarterhour.laying import assess_service, lay
from quarterhour.render.words_check import is_background, is_doubtful
from quarterhour.settings import load_study
from quarterhour.sources.disaggregate import conservation_lines
from quarterhour.sources.repair import joint_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quarterhour.assessment import Assessment
    from quarterhour.ground import Ground
    from quarterhour.inputs import AreaSet, Change, Demand, Facilities, Note
    from quarterhour.laying import Laid
    from quarterhour.model import RoadNetwork
    from quarterhour.settings import Study
    from quarterhour.sources.entrances import AreaGates
    from quarterhour.sources.towns import Towns
    from quarterhour.study import StudyResult

    Progress = Callable[[str, int, int], None]

Read = TypeVar("Read")

MISSING = ": file not found"
"""How the sentence about a file that is not there goes on after its name."""


FIRST = ("datum", "facilities", "duplicates", "people", "totals", "residential", "districts",
         "towns", "entrances", "area", "edge", "roads", "barriers", "terrain")  # fmt: skip
"""Warnings in the order in which they are worth a look."""


class Problem(NamedTuple):
    """Why a study cannot run: the part that is at fault, the services it stops, the sentence."""

    part: str
    services: tuple[str, ...]
    text: str


class Warned(NamedTuple):
    """Something that should be looked at before the results are trusted; no `services`: all.

    `is_background`: good to know, and nothing to do about it.
    """

    part: str
    services: tuple[str, ...]
    note: Note
    is_background: bool = False


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was found out about a study; None or empty where an input is not there or not usable.

    `facilities`, `assessments`: by number of the service. `pairs`: proposed duplicates by file and
    sheet. `roads`: the diagnosis of the network. `changes`: those of no other layer.
    """

    path: Path
    study: Study | None = None
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    network: RoadNetwork | None = None
    people: Demand | None = None
    residential: AreaSet | None = None
    districts: AreaSet | None = None
    towns: Towns | None = None
    facilities: dict[int, Facilities] = field(default_factory=dict)
    gates: AreaGates | None = None
    laid: Laid | None = None
    assessments: dict[int, Assessment] = field(default_factory=dict)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    roads: dict[str, Any] | None = None
    conservation: list[dict[str, Any]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def ground(self) -> Ground | None:
        """Roads, people and areas put together, None where that was not possible."""
        return self.laid.ground if self.laid else None

    @property
    def can_run(self) -> bool:
        """Whether nothing stands in the way of a run."""
        return not self.problems

    def problem(self, part: str, service: str, error: QuarterhourError | str) -> None:
        """Keep a fault; the same fault of several services is one."""
        text = self._short(" ".join(str(error).split()))
        services = (service,) if service else ()
        lost = text.partition(MISSING)
        if (
            lost[1]
            and not service
            and any(p.text.startswith(lost[0] + MISSING) for p in self.problems)
        ):
            return  # the same file is missing for another part of the study
        for k, told in enumerate(self.problems):
            if told.text == text:
                self.problems[k] = told._replace(services=(*told.services, *services))
                return
        self.problems.append(Problem(part, services, text))

    def _short(self, text: str) -> str:
        """A sentence with names of files instead of whole paths."""
        home = str(self.path.parent)
        if home != ".":
            for lead in (f"{home}/", f"{home}\\"):
                text = text.replace(lead, "")
            text = text.replace(f"{home}:", f"{self.path.parent.name}:")
        for name in _texts(self.study.model_dump() if self.study else None):
            if Path(name).is_absolute() or name[1:3] in {":\\", ":/"}:
                text = text.replace(name, name.replace("\\", "/").rsplit("/", 1)[-1])
        return text

    def warn(self, part: str, note: Note, service: str = "", *, calm: bool = False) -> None:
        """Keep a warning; the same one of several services is one."""
        services = (service,) if service else ()
        for k, told in enumerate(self.warnings):
            if told.note == note and told.part == part:
                if not set(services) <= set(told.services):
                    self.warnings[k] = told._replace(services=(*told.services, *services))
                return
        self.warnings.append(Warned(part, services, note, calm or is_background(note.zh)))


def _texts(value: object) -> Iterator[str]:
    """Every text in a study."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def check_study(
    path: str | Path, *, threads: int | None = None, progress: Progress | None = None
) -> Findings:
    """Everything that is wrong, doubtful or changed in the inputs of a study; writes nothing."""
    file = Path(path)
    found = Findings(path=file)
    try:
        found.study = load_study(file)
    except QuarterhourError as error:
        found.problem("study", "", error)
        return found
    steps = _steps(progress, 6 + 2 * len(found.study.service))
    inputs = Gather(found.study, file.parent, store=False)
    steps("roads")
    found.network = _try(found, "roads", "", inputs.roads)
    if found.network is None:
        # the tables can be looked at all the same, only not compared with roads
        inputs = Gather(_without_auto(found.study), file.parent, store=False)
    _read(found, inputs, steps)
    _same_place(found)
    if found.network is not None and not _stopped(
        found, "roads", "area", "people", "residential", "entrances"
    ):
        _lay(found, inputs, steps, threads)
    _look(found)
    return found


def _steps(progress: Progress | None, total: int) -> Callable[[str], None]:
    done = [0]

    def step(what: str) -> None:
        if progress is not None:
            progress(what, min(done[0], total), total)
        done[0] += 1

    return step


def _without_auto(study: Study) -> Study:
    """The study with degrees taken as they are where the roads were to say what they are."""

    def stated(part: Any) -> Any:  # noqa: ANN401 - a part of a study
        is_auto = part is not None and part.coordinates == "auto"
        return part.model_copy(update={"coordinates": "wgs84"}) if is_auto else part

    services = [stated(service) for service in study.service]
    return study.model_copy(update={"people": stated(study.people), "service": services})


def _at_fault(found: Findings, service: str) -> bool:
    return any(service in problem.services for problem in found.problems)


def _stopped(found: Findings, *parts: str) -> bool:
    return any(problem.part in parts for problem in found.problems)


def _try(found: Findings, part: str, service: str, read: Callable[[], Read]) -> Read | None:
    """What `read` gives, or None and a problem."""
    try:
        return read()
    except QuarterhourError as error:
        found.problem(part, service, error)
        return None


def _read(found: Findings, inputs: Gather, step: Callable[[str], None]) -> None:
    """Try every input by itself."""
    study = found.study
    assert study is not None  # noqa: S101 - the caller has loaded it
    step("area")
    _try(found, "area", "", inputs.area)
    found.districts = _try(found, "districts", "", inputs.districts)
    found.towns = _try(found, "towns", "", inputs.towns)
    step("people")
    found.people = _try(found, "people", "", inputs.people)
    step("residential")
    found.residential = _try(found, "residential", "", inputs.residential)
    found.gates = _try(found, "entrances", "", inputs.residential_gates)
    for k, service in enumerate(study.service):
        step("facilities")
        facilities = _try(found, "facilities", service.name, partial(inputs.facilities, k))
        if facilities is not None:
            found.facilities[k] = facilities
            _some_rows(found, facilities, service.name)


def _same_place(found: Findings) -> None:
    """A problem for every layer that lies elsewhere than the roads."""
    assert found.study is not None  # noqa: S101
    if found.network is None:
        return
    for k, facilities in found.facilities.items():
        fault = elsewhere(found.network, facilities)
        if fault:
            found.problem("facilities", found.study.service[k].name, fault)
    fault = elsewhere(found.network, found.people) if found.people is not None else None
    if fault:
        found.problem("people", "", fault)


def _some_rows(found: Findings, facilities: Facilities, service: str) -> None:
    """A problem where a table of facilities has no row that can be used."""
    if len(facilities):
        return
    where = facilities.file + (f" sheet {facilities.sheet}" if facilities.sheet else "")
    bad = len(facilities.set_aside)
    text = (
        f"{where}: none of its {bad} rows has a position; correct the coordinates, each row is"
        " listed among the rows set aside"
        if bad
        else f"{where}: has headings and no rows; needed is one row for each facility: fill it in"
    )
    found.problem("facilities", service, text)


def _lay(found: Findings, inputs: Gather, step: Callable[[str], None], threads: int | None) -> None:
    """Put the inputs together: one ground, and each service linked to it."""
    step("ground")
    try:
        found.laid = lay(inputs)
    except QuarterhourError as error:
        found.problem(_part_of(inputs.study, str(error)), "", error)
        return
    for k, facilities in found.facilities.items():
        step("links")
        name = inputs.study.service[k].name
        if len(facilities) and not _at_fault(found, name):
            made = _try(
                found,
                "facilities",
                name,
                partial(assess_service, found.laid, k, facilities, threads=threads),
            )
            if made is not None:
                found.assessments[k] = made


def _part_of(study: Study, sentence: str) -> str:
    """Which part of a study a fault of the whole is about."""
    parts = (
        ("terrain", study.terrain.source if study.terrain else None),
        ("barriers", study.roads.barriers),
    )
    for part, source in parts:
        if source is not None and Path(source).name in sentence:
            return part
    return "area"


def look_at_run(result: StudyResult) -> Findings:
    """What a finished run says that should be looked at, as a check says it; no diagnosis."""
    ready = result.prepared
    found = Findings(
        path=ready.path,
        study=ready.study,
        people=ready.laid.inputs.people(),
        laid=ready.laid,
        facilities=dict(enumerate(ready.facilities)),
        assessments=dict(enumerate(result.assessments)),
    )
    _look(found)
    return found


def _look(found: Findings) -> None:
    """What deserves a second look: notes of the readers, the datum, duplicates, the edge."""
    study = found.study
    assert study is not None  # noqa: S101
    for k, facilities in found.facilities.items():
        # a table without any row is a problem already
        for note in facilities.notes if len(facilities) or facilities.set_aside else ():
            found.warn("facilities", note, study.service[k].name)
        _datum(found, facilities, study.service[k].name)
    if found.people is not None:
        for note in found.people.notes:
            found.warn("people", note)
        _datum(found, found.people, "")
    if found.laid is not None:
        _look_at_ground(found, found.laid)
    _duplicates(found)
    _diagnosis(found)
    _guard(found)
    found.warnings.sort(key=lambda told: FIRST.index(told.part))


def _look_at_ground(found: Findings, laid: Laid) -> None:
    ground = laid.ground
    spread = laid.inputs.spread()
    if spread is not None:
        lines = [conservation_lines(spread, language=key) for key in ("zh", "en")]
        found.conservation = [{"zh": zh, "en": en} for zh, en in zip(*lines, strict=True)]
    for note in ground.notes:
        found.warn("area", note)
    for note in laid.notes[1:]:  # the first says only what the terrain is
        found.warn("terrain", note)
    if ground.demand.kind in STAND_INS:
        found.warn("people", STAND_INS[ground.demand.kind])
    made = list(found.assessments.values())
    if made:
        for note in analysis.unlinked_note(ground, made):
            found.warn("people", note)
        places = ground.link("demand", ground.impedance(made[0].walker).linkable, None)
        for note in ground.barrier_notes(places):
            found.warn("barriers", note)


def _datum(found: Findings, layer: Facilities | Demand, service: str) -> None:
    """A warning where coordinates fit another system better, or cannot be told apart."""
    note = None if layer.fit is None else datum_note(layer.file, layer.fit)
    if note is not None and (fit := layer.fit) is not None and not _at_fault(found, service):
        doubt = is_doubtful(fit.verdict, fit.stated, fit.used, fit.median_m, fit.n_points)
        found.warn("datum", note, service, calm=not doubt)


def _duplicates(found: Findings) -> None:
    """Proposed duplicates of every table of facilities."""
    assert found.study is not None  # noqa: S101
    services = found.study.service
    found.pairs, warned = pairs_of([(services[k].name, f) for k, f in found.facilities.items()])
    for part, service, note in warned:
        found.warn(part, note, service)


def _diagnosis(found: Findings) -> None:
    """The network looked over for parts, dead ends and gaps."""
    if found.network is None or found.study is None:
        return
    made = next(iter(found.assessments.values()), None)
    found.changes += joint_changes(found.network, found.study.roads.source or "roads")
    found.roads, notes = diagnosis_of(found.network, found.ground, made)
    for note in notes:
        found.warn("roads", note)


def _guard(found: Findings) -> None:
    """What lies beyond the edge of the data: what services share is told once."""
    for services, note, is_calm in edge_told(list(found.assessments.values())):
        found.warnings.append(Warned("edge", services, note, is_calm))
