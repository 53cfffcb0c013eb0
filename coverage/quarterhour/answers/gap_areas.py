"""Residential areas that are not covered, by name, with who lives there and why."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.answers.gap_evidence import evidence, walks
from quarterhour.answers.gap_reasons import REASONS, Asking, Left, subset
from quarterhour.answers.gap_words import sentence
from quarterhour.assessing.assessment import COVERED, UNCOVERED
from quarterhour.core import reach as times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import Note

    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaGap:
    """A residential area that is not covered as a whole.

    `area`: row of `Ground.residential`. `town`: "" where none is known. `status`: uncovered, partly
    or unlinked, and `share` covered, as in `AreaVerdict`; None for an unlinked area. `inside` and
    `uncovered`: people by group whose places lie in it, int64 millionths (of a unit of demand),
    all of them and those who are not covered. `minutes`, `facility` (row, -1 for none within the
    limit): of the area where it is uncovered, else of the median of its uncovered positions.
    `reason`, `told`: of that position.
    """

    area: int
    name: str
    town: str
    status: str
    share: float | None
    inside: dict[str, int]
    uncovered: dict[str, int]
    minutes: float | None
    facility: int
    reason: str
    told: Note


def uncovered_areas(
    a: Assessment,
    *,
    town_of: Ints | None = None,
    town_names: Sequence[str] = (),
) -> tuple[AreaGap, ...]:
    """Residential areas that are uncovered, partly covered or unlinked at the last cutoff.

    Those with most uncovered people of the service's group come first, then those with most people,
    then in the order of the layer. `town_of`: index of the town of every area, -1 for none.
    """
    areas, at = a.ground.residential, a.residential_times
    if areas is None or at is None or not a.residential:
        return ()
    verdict = a.residential[-1]
    chosen = np.flatnonzero(verdict.status != COVERED)
    if not len(chosen):
        return ()
    asking = Asking(a)
    left = _positions(asking, chosen)
    why = asking.decide(left)
    rows = np.arange(len(chosen))
    found = walks(asking, left, rows)
    facts = evidence(asking, left, why, rows, found)
    inside, uncovered = _people(a, chosen)
    result = []
    for k, area in enumerate(chosen.tolist()):
        minutes, facility = facts[k]["minutes"], int(left.nearest[k])
        if verdict.status[area] == UNCOVERED and at.nearest[area] >= 0:
            minutes, facility = asking.minutes(int(at.ms[area])), int(at.nearest[area])
        reason = REASONS[why.code[k]]
        town = -1 if town_of is None else int(town_of[area])
        share = float(verdict.share[area])
        result.append(
            AreaGap(
                area=area,
                name=areas.name[area],
                town=town_names[town] if 0 <= town < len(town_names) else "",
                status=str(verdict.status[area]),
                share=None if np.isnan(share) else share,
                inside={g: int(v[k]) for g, v in inside.items()},
                uncovered={g: int(v[k]) for g, v in uncovered.items()},
                minutes=minutes,
                facility=facility,
                reason=reason,
                told=sentence(reason, facts[k], cutoff_min=a.cutoffs_min[-1]),
            )
        )
    group = a.group
    return tuple(sorted(result, key=lambda g: (-g.uncovered[group], -g.inside[group], g.area)))


def _positions(asking: Asking, chosen: Ints) -> Left:
    """Of every area the position that speaks for it.

    The lower median by time of its uncovered positions with a facility within the limit; without
    any the first that is linked, else the first. Where all positions are covered (an area that is
    judged by gates or people), of all of them.
    """
    a, ground = asking.a, asking.ground
    points = ground.residential_points
    assert points is not None, "there are verdicts only for areas"  # noqa: S101
    number = np.full(points.n_owners, -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    mine = np.flatnonzero(number[points.owner] >= 0)
    linkage = ground.link("residential", asking.costs.linkable, None)
    alone = dataclasses.replace(linkage, owner=linkage.point, n_owners=len(points.owner))
    linkage = subset(alone, mine)
    stops = times.stops(asking.costs, linkage)
    near = times.nearest(asking.costs, asking.gates, stops, limit_ms=asking.limit_ms)
    n = len(mine)
    ms, nearest = np.zeros(n, np.int32), np.full(n, -1, np.int64)
    ms[near.place] = near.ms
    nearest[near.place] = asking.links.points.owner[near.facility]
    served = times.owners_on_components_of(asking.costs, asking.gates, stops)

    of = number[points.owner[mine]]
    covered = (nearest >= 0) & (ms <= a.cutoff_ms)
    some_left = np.zeros(len(chosen), bool)
    some_left[of[~covered]] = True
    ask = ~covered | ~some_left[of]
    late = np.where(nearest >= 0, ms.astype(np.int64), np.iinfo(np.int64).max)
    order = np.lexsort((np.arange(n), late, ~linkage.linked, ~ask, of))
    first = np.searchsorted(of[order], np.arange(len(chosen)))
    timed = np.bincount(of[ask & (nearest >= 0)], minlength=len(chosen))
    pick = order[first + np.maximum(timed - 1, 0) // 2]
    flags = np.zeros(len(pick), np.uint8)
    if a.edge is not None:
        flags = a.edge.place_flags[_nearest_places(a, mine[pick])]
    return Left(
        x_m=points.x_m[mine[pick]], y_m=points.y_m[mine[pick]], linkage=subset(linkage, pick),
        nearest=nearest[pick], ms=ms[pick], served=served[pick], flags=flags,
    )  # fmt: skip


def _nearest_places(a: Assessment, position: Ints) -> Ints:
    """The demand place inside the study area that is nearest to each position."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to load

    at, points = a.ground.demand_points, a.ground.residential_points
    assert points is not None, "there are verdicts only for areas"  # noqa: S101
    rows = np.flatnonzero(a.ground.inside)
    tree = cKDTree(np.column_stack([at.x_m[rows], at.y_m[rows]]))
    _, which = tree.query(np.column_stack([points.x_m[position], points.y_m[position]]))
    return np.asarray(rows[which], np.int64)


def _people(a: Assessment, chosen: Ints) -> tuple[dict[str, Ints], dict[str, Ints]]:
    """People by group in each area, and those of them who are not covered."""
    ground = a.ground
    assert ground.residential is not None, "there are verdicts only for areas"  # noqa: S101
    rows = np.flatnonzero(ground.inside)
    tree = shapely.STRtree(shapely.points(ground.demand.lon[rows], ground.demand.lat[rows]))
    area, hit = tree.query(ground.residential.geometry[chosen], predicate="intersects")
    place = rows[hit]
    left = ~a.demand.covered(a.cutoff_ms)[place]

    def sums(use: NDArray[Any]) -> dict[str, Ints]:
        result = {}
        for group, amount in ground.demand.amounts.items():
            total = np.zeros(len(chosen), np.int64)
            np.add.at(total, area[use], amount[place[use]])
            result[group] = total
        return result

    return sums(np.ones(len(place), bool)), sums(left)
