"""The p-center: sites that make the longest distance to the nearest one as short as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.fewest import fewest_sites
from quarterhour.core.siting.milp import (
    FEASIBLE,
    INFEASIBLE,
    NO_LIMITS,
    NOTHING,
    OPTIMAL,
    Limits,
)
from quarterhour.core.siting.nouns import Cover, Rules, Solution, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]


def centre(
    site: NDArray[np.int64],
    place: NDArray[np.int64],
    distance: NDArray[np.float64],
    n_places: int,
    rules: Rules,
    *,
    existing: NDArray[np.float64] | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Solution:
    """The choice with the shortest longest distance, and a bound that no choice goes below.

    minimise z with z >= the distance of every place to its nearest chosen site (Hakimi 1965,
    Operations Research 13:462-475). The answer is one of the distances: they are halved until one
    is enough for the rules and the next shorter is not, each asked as a covering problem.

    Parameters
    ----------
    site, place, distance
        Pairs, in any order. A place that is in no pair, and has no existing facility, makes the
        problem infeasible: `why["unreached"]` counts them.
    existing
        Distance of each place to its nearest existing facility, inf where there is none.
    """
    before = np.full(n_places, np.inf) if existing is None else existing
    order = np.lexsort((place, site))
    site, place, distance = site[order], place[order], distance[order]
    reached = np.isfinite(before)
    reached[place[~rules.forbidden[site]]] = True
    if not reached.all():
        return nothing(INFEASIBLE, unreached=int((~reached).sum()))
    radii = np.unique(np.concatenate([distance, before[np.isfinite(before)], [0.0]]))
    weight = np.ones(n_places, np.int64)
    low, high = 0, len(radii) - 1
    best: Solution | None = None
    unsure, by_clock, nodes = False, False, 0
    while low <= high:
        middle = (low + high) // 2
        found = fewest_sites(
            _within(site, place, distance, n_places, len(rules.required), radii[middle]),
            weight,
            rules,
            done=before <= radii[middle],
            every=True,
            limits=limits,
        )
        nodes, by_clock = nodes + found.nodes, by_clock or found.by_clock
        if progress is not None:
            progress(float(radii[high]), float(radii[low]))
        if found.status in {OPTIMAL, FEASIBLE}:
            best, high = found, middle - 1
        elif found.status == INFEASIBLE:
            low = middle + 1
        else:  # stopped: neither yes nor no, so nothing is proven below the best
            unsure = True
            break
    if best is None:
        return nothing(NOTHING if unsure else INFEASIBLE, rules=True)
    chosen = best.chosen
    longest = _longest(site, place, distance, before, chosen)
    bound = float(radii[min(low, len(radii) - 1)])
    return Solution(
        status=OPTIMAL if bound >= longest else FEASIBLE,
        chosen=chosen,
        objective=longest,
        bound=min(bound, longest),
        nodes=nodes,
        by_clock=by_clock,
    )


def _within(
    site: NDArray[np.int64],
    place: NDArray[np.int64],
    distance: NDArray[np.float64],
    n_places: int,
    n_sites: int,
    radius: float,
) -> Cover:
    near = distance <= radius
    first = np.zeros(n_sites + 1, np.int64)
    np.cumsum(np.bincount(site[near], minlength=n_sites), out=first[1:])
    return Cover(first=first, place=place[near].astype(np.int32), n_places=n_places)


def _longest(
    site: NDArray[np.int64],
    place: NDArray[np.int64],
    distance: NDArray[np.float64],
    before: NDArray[np.float64],
    chosen: NDArray[np.int64],
) -> float:
    nearest = before.copy()
    use = np.isin(site, chosen)
    np.minimum.at(nearest, place[use], distance[use])
    return float(nearest.max(initial=0.0))
