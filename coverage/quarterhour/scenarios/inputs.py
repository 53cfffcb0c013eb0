"""The inputs of a study as one of its scenarios changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.checks.looks import datum_note
from quarterhour.errors import InputError
from quarterhour.gather.inputs import Gather
from quarterhour.inputs import Change, Note
from quarterhour.render.check.words import is_doubtful
from quarterhour.scenarios.pins import Pinned
from quarterhour.sources.datum.coordinates import AUTO
from quarterhour.sources.scenario.alterations import AlteredRoads, alter_roads
from quarterhour.sources.scenario.facilities import (
    columns_there,
    kinds_left_out,
    nothing_added,
    of_kinds,
    planned_that_serve,
    serving_in,
    there_already,
    told_closed_off,
    told_where,
    undated_that_serve,
    with_more,
)
from quarterhour.sources.scenario.pins import read_pins
from quarterhour.sources.scenario.street_shapes import Shapes, read_closures, read_openings, walled
from quarterhour.study_file.settings import input_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quarterhour.assessing.ground import Ground
    from quarterhour.core.crossing import Barriers
    from quarterhour.inputs import Facilities, SetAside
    from quarterhour.model import RoadNetwork
    from quarterhour.study_file.parts import ScenarioPart

    Box = tuple[float, float, float, float]


class ScenarioGather(Gather):
    """The inputs of a study as a scenario changes them; what it leaves alone is read only once.

    Coordinate systems are judged by the streets as they are, and the roads in the cache stay those
    of today.
    """

    def __init__(self, base: Gather, part: ScenarioPart, ground: Ground | None = None) -> None:
        """`ground`: of the study as it is, where there is one."""
        super().__init__(base.study, base.home, store=False)
        self.base, self.part, self.ground = base, part, ground
        self._own: dict[str, Any] = {}
        _check(base, part)

    def _once(self, key: str, read: Callable[[], Any]) -> Any:  # noqa: ANN401 - as it is read
        return self.base._once(key, read)  # noqa: SLF001 - the same inputs, seen with changes

    def _near(self) -> Box | None:
        return self.base._near()  # noqa: SLF001

    def _resolve(self) -> Any:  # noqa: ANN401 - a function that names systems
        return self.base._resolve()  # noqa: SLF001

    def _changed(self, key: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401
        if key not in self._own:
            self._own[key] = make()
        return self._own[key]

    def _judge(self) -> Any:  # noqa: ANN401 - as `_resolve`
        """Which system shapes are in is asked only where the scenario leaves it open."""
        return self._resolve() if self.part.coordinates == "auto" else None

    def road_extent(self) -> Any:  # noqa: ANN401 - shapely geometry
        """As of the study: what is known does not change by a plan."""
        return self.base.road_extent()

    def closures(self) -> Shapes | None:
        """What closes streets, None where nothing does."""
        name = self.part.close
        if name is None:
            return None
        found: Shapes = self._changed(
            "close",
            lambda: read_closures(
                input_path(self.home, name),
                layer=self.part.close_layer,
                coordinates=self.part.coordinates,
                resolve=self._judge(),
            ),
        )
        return found

    def openings(self) -> Shapes | None:
        """New streets, None where there are none."""
        name = self.part.open
        if name is None:
            return None
        found: Shapes = self._changed(
            "open",
            lambda: read_openings(
                input_path(self.home, name),
                layer=self.part.open_layer,
                coordinates=self.part.coordinates,
                resolve=self._judge(),
            ),
        )
        return found

    def barriers(self, near: Box) -> Barriers | None:
        """Those of the study, and walls around closed ground: nobody walks straight across it."""
        base, shut = self.base.barriers(near), self.closures()
        return base if shut is None else walled(base, shut)

    def pinned(self) -> Pinned | None:
        """The changes that a page has written, None where the scenario names no such file."""
        name = self.part.pins
        if name is None:
            return None
        services = [s.name for s in self.study.service]
        found: Pinned = self._changed(
            "pins",
            lambda: Pinned(read_pins(input_path(self.home, name), services), self.ground),
        )
        return found

    def alters(self) -> bool:
        """Whether streets are closed or opened."""
        pinned = self.pinned()
        streets = pinned is not None and pinned.streets
        given = self.part.close is not None or self.part.open is not None
        if streets and given:
            raise InputError(
                f"{self.part.pins} closes or links streets, and the scenario has close or open"
                " too: leave one of them out, or make two scenarios"
            )
        return streets or given

    def altered(self) -> AlteredRoads:
        """The roads of the scenario, with a log."""
        pinned = self.pinned()
        if self.alters() and pinned is not None and pinned.streets:
            done: AlteredRoads = self._changed("roads", lambda: pinned.altered(self.base.roads()))
            return done
        found: AlteredRoads = self._changed(
            "roads",
            lambda: alter_roads(
                self.base.roads(),
                self.closures(),
                self.openings(),
                tolerance_m=self.part.tolerance_m,
                split_crossings=self.part.split_crossings,
            ),
        )
        return found

    def roads(self) -> RoadNetwork:
        """The walking network of the scenario."""
        return self.altered().network

    def more(self, k: int) -> Facilities | None:
        """The scenario's own table for service `k`, None where it has none for it."""
        service, part = self.study.service[k], self.part
        source = part.facilities
        if source is None or (part.service or service.name) != service.name:
            return None
        found: Facilities = self._changed(f"more {k}", lambda: self._more(k, source))
        return found

    def _more(self, k: int, source: str) -> Facilities:
        service, part = self.study.service[k], self.part
        columns = part.columns or columns_there(
            input_path(self.home, source), part.sheet, service.columns
        )
        found: Facilities = self._facilities(
            service.model_copy(
                update={
                    "facilities": source, "sheet": part.sheet, "columns": columns,
                    "coordinates": part.facilities_coordinates or service.coordinates,
                    "layer": None, "kinds": None, "status": None, "tags": None, "entrances": None,
                }
            )
        )  # fmt: skip
        return found if service.kinds is None else of_kinds(found, service.kinds)

    def facilities(self, k: int) -> Facilities:
        """The facilities of service `k` with those of the scenario, as they serve in its year."""
        found: Facilities = self._changed(f"facilities {k}", lambda: self._with_pins(k))
        return found

    def _with_pins(self, k: int) -> Facilities:
        found, pinned = self._unpinned(k), self.pinned()
        if pinned is None:
            return found
        name = self.study.service[k].name
        return with_more(pinned.closed(name, found), pinned.added(name))

    def _unpinned(self, k: int) -> Facilities:
        found: Facilities = self._changed(f"unpinned {k}", lambda: self._with_more(k))
        return found

    def _with_more(self, k: int) -> Facilities:
        found, more = self.base.facilities(k), self.more(k)
        if more is not None:
            found = more if self.part.replace else with_more(found, more)
        return found if self.part.year is None else serving_in(found, self.part.year)

    def n_added(self, k: int) -> int:
        """Facilities of service `k` that are the scenario's own, the last of its facilities."""
        more, pinned = self.more(k), self.pinned()
        n = 0 if more is None else len(more)
        return n if pinned is None else n + len(pinned.added(self.study.service[k].name))

    def n_shut(self, k: int) -> int:
        """Facilities of service `k` that the page's file closes or moves."""
        pinned, own = self.pinned(), self._unpinned(k)
        if pinned is None:
            return 0
        left = pinned.closed(self.study.service[k].name, own).serving
        return int((own.serving & ~left).sum())

    def told(self, k: int) -> tuple[Change, ...]:
        """What should be looked at of the facilities of service `k`.

        What serves although it may not be meant to, table by table; rows of the scenario's own
        table that are of other kinds, may be there already, or may be in another system.
        """
        base, more, part = self.base.facilities(k), self.more(k), self.part
        service = self.study.service[k]
        found: list[Change] = []
        if more is not None:
            found += [*nothing_added(more), *kinds_left_out(more, service.kinds or ())]
            found += system_in_doubt(more)
            found += [] if part.replace else there_already(base, more)
        pinned = self.pinned()
        if pinned is not None:
            found += pinned.told(service.name, self._unpinned(k), self.facilities(k))
        if part.year is None:
            more_told = () if more is None else planned_that_serve(more, service.status)
            return (*found, *more_told)
        tables = [] if part.replace and more is not None else [base]
        tables += [] if more is None else [more]
        return (*found, *(c for table in tables for c in undated_that_serve(table, part.year)))

    def where(self, k: int, rows: Sequence[SetAside], status: Sequence[str]) -> list[SetAside]:
        """Rows that an assessment of service `k` set aside, under the files that they stand in.

        `status`: its `facility_status`.
        """
        base, more, shut = self.base.facilities(k), self.more(k), self.closures()
        if shut is not None and len(shut.geometry):
            rows = told_closed_off(rows, status, self.facilities(k), shut.geometry)
        if more is not None and not self.part.replace:
            rows = told_where(rows, status, base, more)
        pinned = self.pinned()
        if pinned is None:
            return list(rows)
        own = pinned.added(self.study.service[k].name)
        return told_where(rows, status, self._unpinned(k), own)


def system_in_doubt(more: Facilities) -> tuple[Change, ...]:
    """What to say where the positions of a further table fit the roads better otherwise.

    A few rows decide nothing: then the system that is stated, or is the service's, is believed.
    """
    fit = more.fit
    if fit is not None and fit.verdict == "undecided" and fit.stated != AUTO:
        return ()
    note = None if fit is None else datum_note(more.file, fit)
    if fit is None or note is None:
        return ()
    if not is_doubtful(fit.verdict, fit.stated, fit.used, fit.median_m, fit.n_points):
        return ()
    told = Note(note.zh.removeprefix(f"{more.file}："), note.en.removeprefix(f"{more.file}: "))
    return (
        Change(
            layer="facilities", file=more.file, sheet=more.sheet, row=None, name="",
            kind="datum_doubt", detail=told,
        ),
    )  # fmt: skip


def _check(base: Gather, part: ScenarioPart) -> None:
    """Raise `InputError` where the scenario contradicts itself or the study."""
    at = f"[[scenario]] {part.name}"
    names = [s.name for s in base.study.service]
    if part.service is not None and part.service not in names:
        raise InputError(
            f"{at} names the service {part.service!r}; the study has {', '.join(names)}"
        )
    if part.facilities is not None and part.service is None and len(names) > 1:
        raise InputError(
            f"{at} adds facilities and does not say to which service; needed is service = one of"
            f" {', '.join(names)}"
        )
    for key in ("service", "sheet", "columns", "replace", "facilities_coordinates"):
        if getattr(part, key) and part.facilities is None:
            raise InputError(f"{at} says {key} without facilities; name a table, or leave it out")
    if part.open is None and part.split_crossings:
        raise InputError(f"{at} says split_crossings without open; name new streets or leave it")
    if not any((part.close, part.open, part.facilities, part.year, part.pins)):
        raise InputError(f"{at} changes nothing; needed is close, open, facilities, pins or year")
