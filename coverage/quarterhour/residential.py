"""Residential areas judged by the positions inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.assessment import COVERED, PARTLY, UNCOVERED, UNLINKED, AreaVerdict, PlaceTimes
from quarterhour.core import reach as times

if TYPE_CHECKING:
    from quarterhour.core.impedance import Impedance
    from quarterhour.ground import Ground


def judge(
    ground: Ground,
    costs: Impedance,
    sources: times.Stops,
    limit_ms: int,
    cutoffs_ms: list[int],
    threads: int | None,
) -> tuple[tuple[AreaVerdict, ...], PlaceTimes | None]:
    """Verdicts by cutoff; the times of an area are those of its median position with a facility."""
    points = ground.residential_points
    if points is None or points.n_owners == 0:
        return (), None
    linkage = ground.link("residential", costs.linkable, threads)
    at = times.stops(costs, linkage)
    # every position by itself, then put together by area
    alone = times.stops(costs, linkage, each_point=True)
    found = times.nearest(costs, sources, alone, limit_ms=limit_ms)
    owner = points.owner
    n_areas = points.n_owners
    n_positions = np.bincount(owner, minlength=n_areas)
    n_linked = np.bincount(linkage.owner, minlength=n_areas)
    verdicts = []
    for cutoff_ms in cutoffs_ms:
        hit = found.place[found.ms <= cutoff_ms]
        n_covered = np.bincount(owner[hit], minlength=n_areas)
        status = np.full(n_areas, PARTLY, object)
        status[n_covered == 0] = UNCOVERED
        status[n_covered == n_linked] = COVERED
        status[n_linked == 0] = UNLINKED
        verdicts.append(
            AreaVerdict(
                status=status, n_positions=n_positions, n_linked=n_linked, n_covered=n_covered
            )
        )
    order = np.lexsort((found.facility, found.ms, owner[found.place]))
    by_area = owner[found.place][order]
    count = np.bincount(by_area, minlength=n_areas)
    first = np.cumsum(count) - count
    some = np.flatnonzero(count)
    middle = order[first[some] + (count[some] - 1) // 2]
    nearest = np.full(n_areas, -1, np.int64)
    ms = np.zeros(n_areas, np.int32)
    nearest[some], ms[some] = found.facility[middle], found.ms[middle]
    served = times.owners_on_components_of(costs, sources, at)
    return tuple(verdicts), PlaceTimes(nearest=nearest, ms=ms, linked=n_linked > 0, served=served)
