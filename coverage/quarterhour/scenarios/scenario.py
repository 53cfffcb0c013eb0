"""Scenarios of a study: streets closed and opened, facilities added, and who gains and loses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.errors import InputError
from quarterhour.frames import bounds_of
from quarterhour.gather.laying import assess_service, lay
from quarterhour.inputs import EVERYONE, Change, Note
from quarterhour.measures import counted
from quarterhour.model import _Frozen
from quarterhour.render.summary import change_rows, set_aside_rows
from quarterhour.scenarios.inputs import ScenarioGather
from quarterhour.scenarios.notes import climbs, links_moved
from quarterhour.scenarios.unserved import serves, unserved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment, Count
    from quarterhour.gather.inputs import Gather
    from quarterhour.gather.laying import Laid
    from quarterhour.inputs import Facilities, SetAside
    from quarterhour.sources.scenario.alterations import AlteredRoads
    from quarterhour.sources.scenario.street_shapes import Shapes
    from quarterhour.study_file.parts import ScenarioPart

    Progress = Callable[[str, int, int], None]


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

    `closures`, `openings`: the shapes to draw, in longitude and latitude. `altered`: what they did
    to the streets. `added`: by service the row of the first facility of the scenario's own table.
    """

    part: ScenarioPart
    services: tuple[ServiceChange, ...]
    closures: Shapes | None
    openings: Shapes | None
    altered: AlteredRoads
    added: tuple[int, ...]
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
    at = f"[[scenario]] {part.name}"
    try:
        return _run(base, before, part, threads, progress)
    except InputError as error:
        if str(error).startswith(at):
            raise
        raise InputError(f"{at}: {error}") from error


def _run(
    base: Gather,
    before: Sequence[Assessment],
    part: ScenarioPart,
    threads: int | None,
    progress: Progress | None,
) -> ScenarioResult:
    inputs = ScenarioGather(base, part, before[0].ground)
    altered = changed_roads(inputs, before[0].ground.demand.kind)
    laid = lay(inputs, n_old=altered.n_old)
    after: list[Assessment] = []
    told: list[Change] = [*altered.changes]
    pinned = inputs.pinned()
    aside: list[SetAside] = [*altered.set_aside, *(pinned.pins.set_aside if pinned else ())]
    added = []
    for k, old in enumerate(before):
        facilities = inputs.facilities(k)
        new = assess(laid, k, facilities, old, threads=threads, progress=progress)
        after.append(new)
        told += [c for c in facilities.changes if c not in old.facilities.changes]
        told += [c for c in inputs.told(k) if c not in told]
        if not len(new.used):
            told.append(nobody_serves(inputs, k, facilities))
        rows = inputs.where(k, new.set_aside, new.facility_status)
        aside += [r for r in rows if r not in old.set_aside]
        added.append(len(facilities) - inputs.n_added(k))
    if pinned is not None:
        _takes_effect(inputs, altered, after)
    net = before[0].ground.network
    terrain = inputs.terrain(bounds_of((net.vertex_lon, net.vertex_lat)))
    shut = inputs.closures()
    told += links_moved(before, after, before[0].ground.demand.file if shut is None else shut.file)
    told += climbs(inputs.openings(), altered, terrain)
    return ScenarioResult(
        part=part,
        services=tuple(compare(a, b) for a, b in zip(before, after, strict=True)),
        closures=inputs.closures(),
        openings=inputs.openings() or (None if pinned is None else pinned.lines()),
        altered=altered,
        added=tuple(added),
        changes=tuple(told),
        set_aside=tuple(aside),
    )


def _takes_effect(
    inputs: ScenarioGather, altered: AlteredRoads, after: Sequence[Assessment]
) -> None:
    """Raises InputError where nothing in the page's file changes anything."""
    pinned = inputs.pinned()
    if pinned is None or (pinned.streets and (len(altered.closed) or len(altered.used))):
        return
    for k, new in enumerate(after):
        first = len(new.facilities) - len(pinned.added(new.name))
        if inputs.n_shut(k) or (np.asarray(new.used) >= first).any():
            return
    n = len(pinned.pins.pins)
    raise InputError(
        f"[[scenario]] {inputs.part.name}: {inputs.part.pins}: of its {counted(n, 'change')} none"
        " takes effect; needed is a new facility or a street to be closed or linked that lies near"
        " a street, or a facility to be closed that is in the table by name and place: try the"
        " changes out again on this study's map"
    )


def changed_roads(inputs: ScenarioGather, demand_kind: str) -> AlteredRoads:
    """The roads of a scenario.

    Raises
    ------
    InputError
        Its files cannot be used, nothing is left of the roads, or streets are the demand.
    """
    part = inputs.part
    if inputs.alters() and demand_kind == "street_metres":
        raise InputError(
            f"[[scenario]] {part.name} needs people, residential areas or buildings: where metres"
            " of street stand in for them, the demand itself would change"
        )
    altered = inputs.altered()
    if not altered.network.n_edges:
        raise InputError(
            f"[[scenario]] {part.name}: {part.close or part.pins} closes every street; needed is a"
            " closure that leaves some, so that there is something to compare"
        )
    return altered


def assess(
    laid: Laid,
    k: int,
    facilities: Facilities,
    old: Assessment,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Service `k` on the ground of a scenario; where nothing serves any more, nobody is covered."""
    if not serves(laid.ground, old, facilities):
        return unserved(laid, k, facilities, old, threads=threads)
    return assess_service(laid, k, facilities, threads=threads, progress=progress)


def nobody_serves(inputs: ScenarioGather, k: int, facilities: Facilities) -> Change:
    """That a service is left without any facility, under the table that leaves it so."""
    service, part = inputs.study.service[k], inputs.part
    rows = f"{len(facilities)} 行设施" if len(facilities) else "没有可用的设施行"
    rows_en = f"{len(facilities)} {'row' if len(facilities) == 1 else 'rows'}"
    many = rows_en if len(facilities) else "no usable row"
    year_zh, year_en = (f"在 {part.year} 年", f" in {part.year}") if part.year else ("", "")
    none_zh, none_en = ("，无一可用", ", of which none serves") if len(facilities) else ("", "")
    return Change(
        layer="facilities", file=facilities.file, sheet=facilities.sheet, row=None,
        name=part.name, kind="none_serves",
        detail=Note(
            f"“{service.name}”{year_zh}没有可用的设施（{rows}{none_zh}），按无人可达计",
            f"leaves the service {service.name!r} without any facility{year_en} ({many}{none_en});"
            " nobody is covered",
        ),
    )  # fmt: skip


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
    """A scenario for summary.json: counts before and after, their difference, gained and lost.

    `changes` and `set_aside`: rows as on the top level, see `render.summary`.
    """
    part = result.part
    return {
        "name": part.name,
        "year": part.year,
        "services": [_service(change) for change in result.services],
        "changes": change_rows(result.changes),
        "set_aside": set_aside_rows(result.set_aside),
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
