"""Assessments in other years and with other walkers to what a map shows beside today."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.briefing.states import Looking, verdicts_of
from quarterhour.render.map import layers
from quarterhour.render.map.views import PlanTally, ServiceView, View
from quarterhour.targets.evidence import FAIL, PASS, UNKNOWN
from quarterhour.whatif.rebuilt import rebuilt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.timeline import Timeline, TimelineYear
    from quarterhour.assessing.assessment import Assessment, PlaceTimes
    from quarterhour.model import Walker
    from quarterhour.plans.target_run import TargetResults

MOST_YEARS = 12
"""Years that the map has a button for; of more, the last in which something changes."""


def views_of(
    assessments: Sequence[Assessment],
    timelines: Sequence[Timeline | None],
    looking: Looking | None = None,
) -> tuple[View, ...]:
    """The years of the time lines, then the walkers beside, each with coverage, areas and places.

    `timelines`: of each assessment, None for none. `looking`: by default without gaps.
    """
    seen = [_Look(a, looking or Looking()) for a in assessments]
    return (*_years(seen, timelines), *_walkers(seen))


def tallies_of(targets: TargetResults | None) -> tuple[PlanTally, ...]:
    """The plans of a study in figures; empty without plans."""
    return tuple(
        PlanTally(
            name=(plan.name.zh, plan.name.en),
            passed=plan.count(PASS),
            failed=plan.count(FAIL),
            unknown=plan.count(UNKNOWN),
        )
        for plan in (targets.plans if targets else ())
    )


def _years(seen: Sequence[_Look], timelines: Sequence[Timeline | None]) -> list[View]:
    dated = [[y for y in line.years if y.year is not None] if line else [] for line in timelines]
    every = sorted({y.year for years in dated for y in years if y.year is not None})
    if len(every) > MOST_YEARS:
        changed = {
            y.year for years in dated for y in years if len(y.opened) or len(y.closed)
        } & set(every)
        every = sorted(year for year in changed if year is not None)[-MOST_YEARS:]
    return [
        View(
            kind="year",
            name=(str(year), str(year)),
            services=tuple(
                look.in_year([y for y in years if y.year is not None and y.year <= year])
                for look, years in zip(seen, dated, strict=True)
            ),
        )
        for year in every
    ]


def _walkers(seen: Sequence[_Look]) -> list[View]:
    who: dict[Walker, None] = {}
    for look in seen:
        who.update(dict.fromkeys(beside.walker for beside in look.a.beside))
    found = [
        View(
            kind="walker",
            name=(walker.label_zh or walker.name, walker.label_en or walker.name),
            services=tuple(look.with_walker(walker) for look in seen),
        )
        for walker in who
    ]
    return [view for view in found if any(one is not None for one in view.services)]


class _Look:
    """One service of the study, looked at otherwise."""

    def __init__(self, a: Assessment, looking: Looking) -> None:
        self.a, self.looking = a, looking
        self.known: dict[bytes, ServiceView] = {}
        drawn = [k for k, status in enumerate(a.facility_status) if status != "outside"]
        self.mark = {row: at for at, row in enumerate(drawn)}

    def in_year(self, years: Sequence[TimelineYear]) -> ServiceView | None:
        """At the end of the last of `years`; None where nothing has changed by then."""
        if not any(len(y.opened) or len(y.closed) for y in years):
            return None
        serving = np.zeros(len(self.a.facilities), bool)
        serving[years[-1].serving] = True
        key = serving.tobytes()
        if key not in self.known:
            self.known[key] = self._view(self.a.walker, serving)
        return self.known[key]

    def with_walker(self, walker: Walker) -> ServiceView | None:
        """With another walker; None where it is not beside, or has no such cutoff."""
        last = self.a.cutoffs_min[-1]
        beside = next((b for b in self.a.beside if b.walker == walker), None)
        if beside is None or last not in beside.cutoffs_min:
            return None
        return self._view(walker, self.a.facilities.serving)

    def _view(self, walker: Walker, serving: NDArray[np.bool_]) -> ServiceView:
        a, ground = self.a, self.a.ground
        state = self.looking.state(
            a, dataclasses.replace(a.facilities, serving=serving), walker=walker
        )
        counted = state.counts[-1][a.group]
        old, new = (one.demand.covered(one.cutoff_ms) & ground.inside for one in (a, state))
        changed = np.isin(np.arange(len(serving)), state.used).astype(int)
        changed -= np.isin(np.arange(len(serving)), a.used)
        return ServiceView(
            figure=layers.Figure(
                cutoff_min=a.cutoffs_min[-1], group=a.group,
                total=units.persons(counted.total), covered=units.persons(counted.covered),
                uncovered=units.persons(counted.uncovered),
                unlinked=units.persons(counted.unlinked), share_covered=counted.share_covered,
            ),
            gained=self._places(new & ~old, state.demand, walker),
            lost=self._places(old & ~new, a.demand, a.walker),
            area=state.dissolved[-1],
            opened=self._marks(np.flatnonzero(changed > 0)),
            closed=self._marks(np.flatnonzero(changed < 0)),
            residential=verdicts_of(state),
            gaps=self.looking.gaps_in(a, state),
            rebuilt=rebuilt(a, state, self.mark, slope_rule=self.looking.slope_rule),
        )  # fmt: skip

    def _marks(self, rows: NDArray[np.int64]) -> tuple[int, ...]:
        return tuple(self.mark[k] for k in rows.tolist() if k in self.mark)

    def _places(self, of: NDArray[np.bool_], found: PlaceTimes, walker: Walker) -> layers.Places:
        demand = self.a.ground.demand
        amount = self.looking.amount(self.a)
        # metres of street are drawn as streets, not as places
        rows = np.flatnonzero(of & (amount > 0) & (demand.kind != "street_metres"))
        nearest = [self.mark.get(k, -1) for k in found.nearest[rows].tolist()]
        return layers.Places(
            lon=demand.lon[rows],
            lat=demand.lat[rows],
            amount=amount[rows] / units.MICRO,
            minutes=walker.minutes(found.ms[rows]),
            nearest=np.array(nearest, np.int64),
            reason=("far",) * len(rows),
            exact=self.looking.exact(self.a, of),
        )
