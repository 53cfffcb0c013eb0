"""What was found out about a study before it is run: problems, warnings and what could be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from quarterhour.errors import QuarterhourError
from quarterhour.render.check.words import is_background

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground
    from quarterhour.checks.scenarios import ScenarioLook
    from quarterhour.gather.laying import Laid
    from quarterhour.inputs import AreaSet, Change, Demand, Facilities, Note, UnitSet
    from quarterhour.model import RoadNetwork
    from quarterhour.plans.target_facilities import Listed
    from quarterhour.sources.facilities.entrances import AreaGates
    from quarterhour.sources.units.towns import Towns
    from quarterhour.study_file.settings import Study

Read = TypeVar("Read")

MISSING = ": file not found"
"""How the sentence about a file that is not there goes on after its name."""


FIRST = (
    "datum", "facilities", "duplicates", "people", "totals", "residential", "districts", "towns",
    "units", "urban", "entrances", "supply", "targets", "site", "scenario", "area", "edge", "roads",
    "barriers", "terrain",
)  # fmt: skip
"""Warnings in the order in which they are worth a look."""


class Problem(NamedTuple):
    """Why a study cannot run: the part that is at fault, the services it stops, the sentence.

    Of the part scenario, `services` are the names of scenarios, here and in `Warned`.
    """

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

    `facilities`, `assessments`: by number of the service. `units`: by level, those of [[units]].
    `listed`: what targets count. `candidates`: those of [site] with a position. `pairs`: proposed
    duplicates by file and sheet. `roads`: the diagnosis of the network. `changes`: those of no
    other layer.
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
    units: dict[str, UnitSet] = field(default_factory=dict)
    urban: AreaSet | None = None
    listed: Listed | None = None
    candidates: Facilities | None = None
    gates: AreaGates | None = None
    laid: Laid | None = None
    assessments: dict[int, Assessment] = field(default_factory=dict)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    roads: dict[str, Any] | None = None
    conservation: list[dict[str, Any]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    scenarios: list[ScenarioLook] = field(default_factory=list)

    @property
    def ground(self) -> Ground | None:
        """Roads, people and areas put together, None where that was not possible."""
        return self.laid.ground if self.laid else None

    @property
    def can_run(self) -> bool:
        """Whether nothing stands in the way of a run."""
        return not self.problems

    def attempt(self, part: str, service: str, read: Callable[[], Read]) -> Read | None:
        """What `read` gives, or None and a problem."""
        try:
            return read()
        except QuarterhourError as error:
            self.problem(part, service, error)
            return None

    def at_fault(self, service: str) -> bool:
        """Whether a problem stops this service."""
        return any(service in p.services for p in self.problems if p.part != "scenario")

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
