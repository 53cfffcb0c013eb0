"""Scenarios worked out to what a map shows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.briefing.states import Looking, figure_of, shown_rows, verdicts_of
from quarterhour.render.map import layers
from quarterhour.whatif.rebuilt import rebuilt

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.scenarios.scenario import ScenarioResult, ServiceChange


def scenario_layer(result: ScenarioResult, looking: Looking) -> layers.Scenario:
    """A scenario as it is drawn: what closes and opens, and by service who gains and loses."""
    closures = () if result.closures is None else tuple(result.closures.geometry)
    openings = (
        () if result.openings is None else tuple(result.openings.geometry[result.altered.used])
    )
    return layers.Scenario(
        name=result.part.name,
        # a point has no line: it is among the cuts
        closed=tuple(shape for shape in closures if shape.geom_type != "Point"),
        cuts=result.altered.closed[result.altered.closed[:, 2] == 0.0, :2],
        opened=openings,
        services=tuple(
            service_layer(change, first, looking)
            for change, first in zip(result.services, result.added, strict=True)
        ),
    )


def service_layer(change: ServiceChange, first: int, looking: Looking) -> layers.ScenarioService:
    """One service before and after; `first`: row after of the first facility that is added."""
    before, after = change.before, change.after
    cutoff, group = before.cutoffs_min[-1], before.group
    new, gone, same = _exchanged(before, after, first)
    serves = set(before.used.tolist())
    listed = {k: row for k, row in same.items() if row not in serves}
    drawn = {row: at for at, row in enumerate(shown_rows(before))}
    return layers.ScenarioService(
        name=before.name,
        added=tuple(_added(after, k) for k in new if listed.get(k) not in drawn),
        gained=scenario_places(before, change.gained, after, change.after_ms, looking),
        lost=scenario_places(before, change.lost, before, change.before_ms, looking),
        before=figure_of(cutoff, group, before.counts[-1][group]),
        after=figure_of(cutoff, group, after.counts[-1][group]),
        area=after.dissolved[-1],
        residential=verdicts_of(after),
        opened=tuple(sorted(drawn[listed[k]] for k in new if listed.get(k) in drawn)),
        dropped=tuple(drawn[row] for row in sorted(gone) if row in drawn),
        gaps=looking.gaps_in(before, after),
        rebuilt=rebuilt(
            before, after, {k: drawn[row] for k, row in same.items() if row in drawn},
            slope_rule=looking.slope_rule,
        ),
    )  # fmt: skip


def _added(after: Assessment, k: int) -> layers.AddedMark:
    at = after.facilities
    return layers.AddedMark(
        name=at.name[k],
        kind=at.kind[k],
        lon=float(at.lon[k]),
        lat=float(at.lat[k]),
        reached={g: units.persons(int(n[k])) for g, n in after.reached.items()},
    )


def scenario_places(
    before: Assessment,
    of: NDArray[np.bool_],
    state: Assessment,
    ms: NDArray[np.int64],
    looking: Looking,
) -> layers.Places:
    """Places of a service's demand with their minutes in a state, -1 for never."""
    demand = before.ground.demand
    amount = looking.amount(before)
    rows = np.flatnonzero(of & (amount > 0))
    return layers.Places(
        lon=demand.lon[rows],
        lat=demand.lat[rows],
        amount=amount[rows] / units.MICRO,
        minutes=state.walker.minutes(np.maximum(ms[rows], 0).astype(np.int32)),
        nearest=np.full(len(rows), -1, np.int64),
        reason=("far",) * len(rows),
        exact=looking.exact(before, of),
    )


def _exchanged(
    before: Assessment, after: Assessment, first: int
) -> tuple[list[int], set[int], dict[int, int]]:
    """Rows after of those that serve only then, and rows before of those that serve only then.

    Also the row before of all that serve after and that the study has, whether they serve today.
    `first`: the row of a scenario's own first facility. Where its table stands in place of the
    study's, what has the same name and position in both is the same facility.
    """
    old, new = (
        [k for k, s in enumerate(a.facility_status) if s == "used"] for a in (before, after)
    )
    if first >= len(before.facilities):
        only = sorted(set(new) - set(old))
        return only, set(old) - set(new), {k: k for k in new if k < len(before.facilities)}

    def key(a: Assessment, k: int) -> tuple[str, float, float]:
        at = a.facilities
        return at.name[k], round(float(at.lon[k]), 6), round(float(at.lat[k]), 6)

    # those that serve first: of two at one place they are the same
    left: dict[tuple[str, float, float], list[int]] = {}
    others = sorted(set(range(len(before.facilities))) - set(old))
    for k in reversed([*old, *others]):
        left.setdefault(key(before, k), []).append(k)
    same = {k: left[key(after, k)].pop() for k in new if left.get(key(after, k))}
    serves = set(old)
    return (
        [k for k in new if same.get(k) not in serves],
        serves - set(same.values()),
        same,
    )
