"""Scenarios of a study: streets closed and opened, facilities added, and who gains and loses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.errors import InputError
from quarterhour.gather import Gather
from quarterhour.inputs import EVERYONE
from quarterhour.laying import assess_service, lay
from quarterhour.model import _Frozen
from quarterhour.settings import input_path
from quarterhour.sources.alterations import (
    AlteredRoads,
    Shapes,
    alter_roads,
    read_closures,
    read_openings,
)
from quarterhour.sources.more_facilities import serving_in, with_more

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from quarterhour.assessment import Assessment, Count
    from quarterhour.inputs import Change, Facilities, SetAside
    from quarterhour.model import RoadNetwork
    from quarterhour.study_parts import ScenarioPart

    Progress = Callable[[str, int, int], None]
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
                resolve=self._resolve() if self.part.coordinates == "auto" else None,
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

    def facilities(self, k: int) -> Facilities:
        """The facilities of service `k` with those of the scenario, as they serve in its year."""
        found: Facilities = self._changed(f"facilities {k}", lambda: self._with_more(k))
        return found

    def _with_more(self, k: int) -> Facilities:
        service, part = self.study.service[k], self.part
        found = self.base.facilities(k)
        if part.facilities is not None and (part.service or service.name) == service.name:
            more = self._facilities(
                service.model_copy(
                    update={
                        "facilities": part.facilities, "sheet": part.sheet,
                        "coordinates": part.coordinates, "layer": None, "kinds": None,
                        "status": None, "tags": None, "columns": {}, "entrances": None,
                    }
                )
            )  # fmt: skip
            found = more if part.replace else with_more(found, more)
        return found if part.year is None else serving_in(found, part.year)


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
    for key in ("service", "sheet", "replace"):
        if getattr(part, key) and part.facilities is None:
            raise InputError(f"{at} says {key} without facilities; name a table, or leave it out")
    if part.open is None and part.split_crossings:
        raise InputError(f"{at} says split_crossings without open; name new streets or leave it")
    if not any((part.close, part.open, part.facilities, part.year)):
        raise InputError(f"{at} changes nothing; needed is close, open, facilities or year")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChange(_Frozen):
    """One service before and after, at its last cutoff.

    `gained`, `lost`: bool per place of demand inside the area, covered only after and only before.
    `gained_by`, `lost_by`: int64 millionths by group. `before_ms`, `after_ms`: time to the nearest
    facility, -1 where none is within the limit.
    """

    before: Assessment
    after: Assessment
    gained: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    before_ms: NDArray[np.int64]
    after_ms: NDArray[np.int64]
    gained_by: dict[str, int]
    lost_by: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioResult:
    """A scenario worked out: services in the order of the study, and all that was changed.

    `closures`, `openings`: the shapes to draw, in longitude and latitude.
    """

    part: ScenarioPart
    services: tuple[ServiceChange, ...]
    closures: Shapes | None
    openings: Shapes | None
    changes: tuple[Change, ...]
    set_aside: tuple[SetAside, ...]


def run_scenario(
    base: Gather,
    before: Sequence[Assessment],
    part: ScenarioPart,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> ScenarioResult:
    """What a scenario changes against `before`, the assessments of the study as it is.

    Raises
    ------
    InputError
        A file of the scenario cannot be used, or streets stand in for people: then closing and
        opening streets would change what is counted.
    """
    changes_streets = part.close is not None or part.open is not None
    if changes_streets and before[0].ground.demand.kind == "street_metres":
        raise InputError(
            f"[[scenario]] {part.name} needs people, residential areas or buildings: where metres"
            " of street stand in for them, the demand itself would change"
        )
    inputs = ScenarioGather(base, part)
    altered = inputs.altered()
    if not altered.network.n_edges:
        raise InputError(
            f"[[scenario]] {part.name}: {part.close} closes every street; needed is a closure that"
            " leaves some, so that there is something to compare"
        )
    laid = lay(inputs)
    after = [
        assess_service(laid, k, inputs.facilities(k), threads=threads, progress=progress)
        for k in range(len(base.study.service))
    ]
    told: list[Change] = [*altered.changes]
    aside: list[SetAside] = [*altered.set_aside]
    for k, old in enumerate(before):
        facilities = inputs.facilities(k)
        told += [c for c in facilities.changes if c not in old.facilities.changes]
        aside += [r for r in after[k].set_aside if r not in old.set_aside]
    return ScenarioResult(
        part=part,
        services=tuple(compare(a, b) for a, b in zip(before, after, strict=True)),
        closures=inputs.closures(),
        openings=inputs.openings(),
        changes=tuple(told),
        set_aside=tuple(aside),
    )


def compare(before: Assessment, after: Assessment) -> ServiceChange:
    """Who gains and who loses between two assessments of the same demand."""
    ground = before.ground
    same = np.array_equal(ground.demand.lon, after.ground.demand.lon) and np.array_equal(
        ground.demand.lat, after.ground.demand.lat
    )
    assert same, "both assessments are of the same places"  # noqa: S101 - our mistake
    old, new = (a.demand.covered(a.cutoff_ms) & ground.inside for a in (before, after))
    gained, lost = new & ~old, old & ~new
    amounts = ground.demand.amounts
    return ServiceChange(
        before=before,
        after=after,
        gained=gained,
        lost=lost,
        before_ms=_ms(before),
        after_ms=_ms(after),
        gained_by={g: int(a[gained].sum()) for g, a in amounts.items()},
        lost_by={g: int(a[lost].sum()) for g, a in amounts.items()},
    )


def _ms(assessment: Assessment) -> NDArray[np.int64]:
    found = assessment.demand
    return np.where(found.nearest >= 0, found.ms.astype(np.int64), -1)


def summary_of(result: ScenarioResult) -> dict[str, Any]:
    """A scenario for summary.json: counts before and after, their difference, gained and lost."""
    part = result.part
    return {
        "name": part.name,
        "year": part.year,
        "services": [_service(change) for change in result.services],
        "changes": [change.line() for change in result.changes],
        "set_aside": [row.line() for row in result.set_aside],
    }


def _service(change: ServiceChange) -> dict[str, Any]:
    before, after = change.before, change.after
    return {
        "name": before.name,
        "group": before.group,
        "cutoffs": [
            {
                "minutes": minutes,
                "groups": {g: _difference(old[g], new[g]) for g in old},
            }
            for minutes, old, new in zip(
                before.cutoffs_min, before.counts, after.counts, strict=True
            )
        ],
        "gained": {g: units.persons(n) for g, n in change.gained_by.items()},
        "lost": {g: units.persons(n) for g, n in change.lost_by.items()},
        "facilities_before": len(before.used),
        "facilities_after": len(after.used),
    }


def _difference(before: Count, after: Count) -> dict[str, Any]:
    return {
        "total": units.persons(before.total),
        "covered_before": units.persons(before.covered),
        "covered_after": units.persons(after.covered),
        "difference": units.persons(after.covered - before.covered),
        "share_before": before.share_covered,
        "share_after": after.share_covered,
    }


def layer_of(results: Sequence[ScenarioResult]) -> dict[str, Any] | None:
    """Columns of the places that gain or lose cover, by scenario and service; None for no place.

    `scenario`, `service`, and those of `places_of`.
    """
    parts: list[dict[str, Any]] = []
    for result in results:
        for change in result.services:
            columns = places_of(change)
            n = len(columns["row"])
            named = {
                "scenario": np.full(n, result.part.name, object),
                "service": np.full(n, change.before.name, object),
            }
            parts.append({**named, **columns})
    if not any(len(part["row"]) for part in parts):
        return None
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def places_of(change: ServiceChange) -> dict[str, NDArray[Any]]:
    """Columns of a layer of the places that gain or lose cover, in the order of the demand.

    `lon`, `lat`, `row` (of the people, -1 for a raster cell), `people`, `change` (gained or lost),
    `minutes_before`, `minutes_after` (NaN for none within the limit).
    """
    demand = change.before.ground.demand
    at = np.flatnonzero(change.gained | change.lost)

    def minutes(a: Assessment, ms: NDArray[np.int64]) -> NDArray[np.float64]:
        found = a.walker.minutes(np.maximum(ms[at], 0).astype(np.int32))
        return np.where(ms[at] >= 0, found, np.nan)

    return {
        "lon": demand.lon[at],
        "lat": demand.lat[at],
        "row": demand.row[at],
        "people": demand.amounts[EVERYONE][at] / units.MICRO,
        "change": np.where(change.gained[at], "gained", "lost"),
        "minutes_before": minutes(change.before, change.before_ms),
        "minutes_after": minutes(change.after, change.after_ms),
    }
