"""The inputs of a study as one of its scenarios changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.errors import InputError
from quarterhour.gather import Gather
from quarterhour.settings import input_path
from quarterhour.sources.alterations import (
    AlteredRoads,
    Shapes,
    alter_roads,
    read_closures,
    read_openings,
)
from quarterhour.sources.more_facilities import (
    columns_there,
    planned_that_serve,
    serving_in,
    told_where,
    undated_that_serve,
    with_more,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quarterhour.inputs import Change, Facilities, SetAside
    from quarterhour.model import RoadNetwork
    from quarterhour.study_parts import ScenarioPart

    Box = tuple[float, float, float, float]


class ScenarioGather(Gather):
    """The inputs of a study as a scenario changes them; what it leaves alone is read only once.

    Coordinate systems are judged by the streets as they are, and the roads in the cache stay those
    of today.
    """

    def __init__(self, base: Gather, part: ScenarioPart) -> None:
        super().__init__(base.study, base.home, store=False)
        self.base, self.part = base, part
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

    def altered(self) -> AlteredRoads:
        """The roads of the scenario, with a log."""
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
                    "coordinates": part.coordinates, "layer": None, "kinds": None,
                    "status": None, "tags": None, "entrances": None,
                }
            )
        )  # fmt: skip
        return found

    def facilities(self, k: int) -> Facilities:
        """The facilities of service `k` with those of the scenario, as they serve in its year."""
        found: Facilities = self._changed(f"facilities {k}", lambda: self._with_more(k))
        return found

    def _with_more(self, k: int) -> Facilities:
        found, more = self.base.facilities(k), self.more(k)
        if more is not None:
            found = more if self.part.replace else with_more(found, more)
        return found if self.part.year is None else serving_in(found, self.part.year)

    def told(self, k: int) -> tuple[Change, ...]:
        """What serves in service `k` although it may not be meant to, table by table."""
        base, more, year = self.base.facilities(k), self.more(k), self.part.year
        tables = [] if self.part.replace and more is not None else [base]
        tables += [] if more is None else [more]
        if year is None:
            return () if more is None else planned_that_serve(more)
        return tuple(change for table in tables for change in undated_that_serve(table, year))

    def where(self, k: int, rows: Sequence[SetAside], status: Sequence[str]) -> list[SetAside]:
        """Rows that an assessment of service `k` set aside, under the files that they stand in.

        `status`: its `facility_status`.
        """
        base, more = self.base.facilities(k), self.more(k)
        if more is None or self.part.replace:
            return list(rows)
        return told_where(rows, status, base, more)


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
    for key in ("service", "sheet", "columns", "replace"):
        if getattr(part, key) and part.facilities is None:
            raise InputError(f"{at} says {key} without facilities; name a table, or leave it out")
    if part.open is None and part.split_crossings:
        raise InputError(f"{at} says split_crossings without open; name new streets or leave it")
    if not any((part.close, part.open, part.facilities, part.year)):
        raise InputError(f"{at} changes nothing; needed is close, open, facilities or year")
