"""Everything that can be said about the inputs of a study before it is run.

Each input is tried on its own, so that one look finds every fault and not only the first.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterhour.assessing import analysis
from quarterhour.checks.answers import look_at_supply, read_answers, warn_of_answers
from quarterhour.checks.findings import FIRST, Findings, Warned
from quarterhour.checks.looks import (
    STAND_INS,
    datum_note,
    diagnosis_of,
    edge_told,
    elsewhere,
    pairs_of,
)
from quarterhour.checks.scenarios import look_at_scenarios
from quarterhour.errors import QuarterhourError
from quarterhour.gather.inputs import Gather
from quarterhour.gather.laying import assess_service, lay
from quarterhour.render.check.words import is_doubtful
from quarterhour.sources.people.disaggregate import conservation_lines
from quarterhour.sources.roads.repair import joint_changes
from quarterhour.study_file.settings import load_study
from quarterhour.whatif.choice import what_if_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from quarterhour.gather.laying import Laid
    from quarterhour.inputs import Demand, Facilities
    from quarterhour.study import StudyResult
    from quarterhour.study_file.settings import Study

    Progress = Callable[[str, int, int], None]


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
    steps = _steps(progress, 7 + 2 * len(found.study.service))
    inputs = Gather(found.study, file.parent, store=False)
    steps("roads")
    found.network = found.attempt("roads", "", inputs.roads)
    if found.network is None:
        # the tables can be looked at all the same, only not compared with roads
        inputs = Gather(_without_auto(found.study), file.parent, store=False)
    _read(found, inputs, steps)
    _same_place(found)
    if found.network is not None and not _stopped(
        found, "roads", "area", "people", "residential", "entrances"
    ):
        _lay(found, inputs, steps, threads)
    look_at_supply(found)
    look_at_scenarios(found, inputs)
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

    many = ("service", "scenario", "units")
    parts = {key: [stated(part) for part in getattr(study, key)] for key in many}
    site = stated(study.site)
    return study.model_copy(update={"people": stated(study.people), "site": site, **parts})


def _stopped(found: Findings, *parts: str) -> bool:
    return any(problem.part in parts for problem in found.problems)


def _read(found: Findings, inputs: Gather, step: Callable[[str], None]) -> None:
    """Try every input by itself."""
    study = found.study
    assert study is not None  # noqa: S101 - the caller has loaded it
    step("area")
    found.attempt("area", "", inputs.area)
    found.districts = found.attempt("districts", "", inputs.districts)
    found.towns = found.attempt("towns", "", inputs.towns)
    step("people")
    found.people = found.attempt("people", "", inputs.people)
    step("residential")
    found.residential = found.attempt("residential", "", inputs.residential)
    found.gates = found.attempt("entrances", "", inputs.residential_gates)
    for k, service in enumerate(study.service):
        step("facilities")
        facilities = found.attempt("facilities", service.name, partial(inputs.facilities, k))
        if facilities is not None:
            found.facilities[k] = facilities
            _some_rows(found, facilities, service.name)
    step("answers")
    read_answers(found, inputs)


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
        if len(facilities) and not found.at_fault(name):
            made = found.attempt(
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
        units=ready.laid.inputs.units(),
        urban=ready.laid.inputs.urban(),
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
    for note in what_if_note(laid.inputs.study, ground.demand.kind):
        found.warn("people", note)
    warn_of_answers(found, laid)
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
    if note is not None and (fit := layer.fit) is not None and not found.at_fault(service):
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
