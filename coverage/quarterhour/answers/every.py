"""All answers beyond coverage: units, overlap, supply, gaps, equity, time line and targets."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quarterhour.answers import (
    care_tiers,
    equity,
    gap_layers,
    gap_summary,
    gap_tables,
    overlap,
    supply_demand,
    supply_tables,
    timeline,
    unit_layers,
    unit_tables,
)
from quarterhour.answers.gap_areas import uncovered_areas
from quarterhour.answers.gaps import find_gaps
from quarterhour.answers.membership import units_at, units_of_areas
from quarterhour.answers.unit_coverage import cover_units
from quarterhour.inputs import Note
from quarterhour.plans import target_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from quarterhour.answers.care_tiers import TierTable
    from quarterhour.answers.equity import Equity
    from quarterhour.answers.gap_areas import AreaGap
    from quarterhour.answers.gaps import Gaps
    from quarterhour.answers.overlap import Overlap
    from quarterhour.answers.supply_demand import SupplyDemand
    from quarterhour.answers.timeline import Timeline
    from quarterhour.answers.unit_counts import UnitCoverage
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground
    from quarterhour.gather.inputs import Gather
    from quarterhour.inputs import UnitSet
    from quarterhour.plans.target_run import TargetResults
    from quarterhour.results import Layer
    from quarterhour.tabular import Table

    Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswers:
    """What is asked of one service; `supply` and `tiers` where the study names a column of it."""

    assessment: Assessment
    units: UnitCoverage
    overlap: Overlap
    equity: Equity
    gaps: Gaps
    areas: tuple[AreaGap, ...]
    supply: SupplyDemand | None
    tiers: TierTable | None
    timeline: Timeline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers of a study, services in its order."""

    services: tuple[ServiceAnswers, ...]
    targets: TargetResults | None

    def tables(self) -> list[Table]:
        """Every table, each with a key of its own."""
        found: list[Table] = []
        study = self.services
        for k, one in enumerate(study):
            n = k + 1
            column = one.supply.column if one.supply else None
            found += unit_tables.tables_of(one.units, number=n)
            same = _one_cutoff(one)
            found += _noted(overlap.tables_of(one.overlap, number=n, supply=column), same)
            found += _noted(equity.tables_of(one.equity, number=n), same)
            if one.supply is not None:
                found += supply_tables.tables_of(one.supply, number=n)
            if one.tiers is not None:
                found += care_tiers.tables_of(one.tiers, number=n)
        found += gap_tables.tables_of([one.gaps for one in study], [one.areas for one in study])
        lines = [one.timeline for one in study if one.timeline is not None]
        if lines:
            found += timeline.tables_of(lines)
        if self.targets is not None:
            found += target_run.tables_of(self.targets)
        return [table for table in found if table.rows]

    def layers(self, places: Mapping[str, Layer] | None = None) -> dict[str, Layer]:
        """Further layers of the GeoPackage.

        `places`: layers of `results.layers_of` for the same assessments; the one of people (demand)
        inside the study area then comes back with a column more: `gap`, the rank of the gap of its
        service that a place is in, empty for those who are covered.
        """
        found = gap_layers.marked(places or {}, [one.gaps for one in self.services])
        found |= gap_layers.layers_of([one.gaps for one in self.services])
        found |= unit_layers.layers_of([one.units for one in self.services])
        return found

    def add_to(self, summary: dict[str, Any]) -> None:
        """Put every answer into the document of summary.json."""
        for told, one in zip(summary["services"], self.services, strict=True):
            told["redundancy"] = overlap.summary_of(one.overlap)
            told["equity"] = equity.summary_of(one.equity)
            told["gaps"] = gap_summary.summary_of(one.gaps, one.areas)
            if one.supply is not None:
                told["supply"] = supply_demand.summary_of(one.supply)
            if one.tiers is not None:
                told["tiers"] = care_tiers.summary_of(one.tiers)
        summary["units"] = [unit_layers.summary_of(one.units) for one in self.services]
        lines = [one.timeline for one in self.services if one.timeline is not None]
        if lines:
            summary["timeline"] = [timeline.summary_of(line) for line in lines]
        if self.targets is not None:
            summary["targets"] = target_run.summary_of(self.targets)


def answer(
    inputs: Gather,
    assessments: Sequence[Assessment],
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Answers:
    """Every answer that the study's inputs allow.

    Raises
    ------
    InputError
        A column of supply, a unit layer or a plan cannot be used.
    """
    total = len(assessments) + 1
    found = []
    for k, one in enumerate(assessments):
        if progress is not None:
            progress(f"{one.name}: answers", k, total)
        found.append(_service(inputs, k, one, threads))
    targets = None
    if inputs.study.targets.plans:
        if progress is not None:
            progress("targets", total - 1, total)
        targets = target_run.run_targets(inputs, assessments[0].ground, threads=threads)
    return Answers(services=tuple(found), targets=targets)


def _service(inputs: Gather, k: int, a: Assessment, threads: int | None) -> ServiceAnswers:
    study, ground = inputs.study, a.ground
    service, towns, levels = study.service[k], study.towns, inputs.units()
    covered = cover_units(
        a,
        levels,
        urban=inputs.urban(),
        rural_cutoff_min=service.rural_cutoff_min,
        threshold_percent=study.targets.threshold_percent,
        supply=service.supply,
        zones=towns.zones if towns else None,
        threads=threads,
    )
    supply = tiers = None
    if service.supply is not None and ground.demand.kind == "people":
        supply = supply_demand.supply_demand(
            a, column=service.supply, need_share=service.need_share, part=study.supply
        )
        tiers = care_tiers.tiers_of([a], study.supply, column=service.supply)
    rural = rural_min = with_room = None
    if covered.urban is not None and service.rural_cutoff_min is not None:
        rural, rural_min = covered.own & ~covered.urban, service.rural_cutoff_min
    if supply is not None:  # what does not say how many may have some
        with_room = ~(supply.supply == 0)
    town = levels.get("town") if study.gaps.by_town else None
    town_of, names = towns_of_gaps(inputs, ground)
    return ServiceAnswers(
        assessment=a,
        units=covered,
        overlap=overlap.overlap(a),
        equity=equity.equity_of(a, equity.units_of(covered)),
        gaps=find_gaps(
            a,
            join_m=study.gaps.join_m,
            town_of=town_of,
            town_names=names,
            full=None if supply is None else supply.unplaced,
            with_room=with_room,
            rural=rural,
            rural_cutoff_min=rural_min,
        ),
        areas=uncovered_areas(a, town_of=_town_of_areas(a, town), town_names=names),
        supply=supply,
        tiers=tiers,
        timeline=timeline.timeline(
            a, data_year=timeline.data_year_of(study.study.data_date), threads=threads
        ),
    )


def towns_of_gaps(
    inputs: Gather, ground: Ground
) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    """Where gaps end at towns, that of every place of demand (-1: none), and the towns' names."""
    town = inputs.units().get("town") if inputs.study.gaps.by_town else None
    if town is None:
        return None, ()
    return units_at(ground.demand.lon, ground.demand.lat, town), tuple(town.name)


def _one_cutoff(one: ServiceAnswers) -> Note | None:
    """That an answer uses the minutes of towns everywhere, where rural places have their own."""
    rural = one.gaps.rural_cutoff_min
    if rural is None:
        return None
    minutes = f"{one.assessment.cutoffs_min[-1]:g}"
    return Note(
        f"城乡同一时限（最长 {minutes} 分钟），不用乡村时限 {rural:g} 分钟；"
        "按城乡各自时限的覆盖率见“不同口径的覆盖率”与各级单元表",
        f"One cutoff in town and country ({minutes} min at most): the rural one of {rural:g} min is"
        " not used here. Coverage by the cutoff of each is in the tables by meaning and by unit",
    )


def _noted(tables: list[Table], note: Note | None) -> list[Table]:
    """The tables with a note more."""
    if note is None:
        return tables
    return [dataclasses.replace(t, notes=(*t.notes, note)) for t in tables]


def _town_of_areas(a: Assessment, town: UnitSet | None) -> NDArray[Any] | None:
    areas = a.ground.residential
    return None if town is None or areas is None else units_of_areas(areas.geometry, town)
