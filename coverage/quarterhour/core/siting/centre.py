"""The p-center: sites that make the longest distance to the nearest one as short as possible."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.fewest import fewest_sites
from quarterhour.core.siting.lowest_cover import lowest_enough
from quarterhour.core.siting.median import Distances, left, started
from quarterhour.core.siting.median_bound import bound, settle
from quarterhour.core.siting.median_branch import Tree
from quarterhour.core.siting.median_search import searching, tried
from quarterhour.core.siting.milp import (
    FEASIBLE,
    INFEASIBLE,
    NO_LIMITS,
    NOTHING,
    OPTIMAL,
    Limits,
)
from quarterhour.core.siting.nouns import Cover, Rules, Solution, nothing
from quarterhour.core.siting.reduce import dominated, merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]

ROUNDS, TRIES = 600, 60
"""Steps of the bound, and sites tried one by one, for each distance."""


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
    rules = rules.counted()
    before = np.full(n_places, np.inf) if existing is None else existing
    order = np.lexsort((place, site))
    site, place, distance = site[order], place[order], distance[order]
    reached = np.isfinite(before)
    reached[place[~rules.forbidden[site]]] = True
    if not reached.all():
        return nothing(INFEASIBLE, unreached=int((~reached).sum()))
    radii = np.unique(np.concatenate([distance, before[np.isfinite(before)], [0.0]]))
    begin = time.monotonic()
    low, high = 0, len(radii) - 1
    best = _quickly(site, place, distance, before, rules)
    if best is not None:
        high = int(np.searchsorted(radii, best.objective)) - 1
    unsure, by_clock, nodes = False, False, 0
    while low <= high:
        middle = (low + high) // 2
        found = _covering(
            _within(site, place, distance, n_places, len(rules.required), radii[middle]),
            rules,
            before <= radii[middle],
            left(limits, begin, nodes),
        )
        nodes, by_clock = nodes + found.nodes, by_clock or found.by_clock
        if found.status in {OPTIMAL, FEASIBLE}:
            longest = _longest(site, place, distance, before, found.chosen)
            best = replace(found, objective=longest)
            high = min(middle, int(np.searchsorted(radii, longest))) - 1
        elif found.status == INFEASIBLE:
            low = middle + 1
        else:  # stopped: neither yes nor no, so nothing is proven below the best
            unsure = True
            break
        if progress is not None:
            known = np.inf if best is None else best.objective
            progress(float(known), float(radii[min(low, len(radii) - 1)]))
    by_clock |= unsure and limits.over(begin)
    if best is None:
        return replace(nothing(NOTHING if unsure else INFEASIBLE, rules=True), by_clock=by_clock)
    chosen = best.chosen
    longest = _longest(site, place, distance, before, chosen)
    within = _within(site, place, distance, n_places, len(rules.required), longest)
    far = (before > longest).astype(np.int64)
    least = float(radii[min(low, len(radii) - 1)])
    found = Solution(
        status=OPTIMAL if least >= longest else FEASIBLE,
        chosen=chosen,
        objective=longest,
        bound=min(least, longest),
        nodes=nodes,
        by_clock=by_clock,
    )
    small = merged(within, far, leave=far == 0)
    every = small.cover
    found = lowest_enough(
        every, rules, found,
        lambda sites: rules.allow(sites) and bool(every.covered(sites).all()),
        [(small.weight, int(small.weight.sum()))],
        lambda program, sites: program.rows(
            every.place, sites[every.site], 1.0, lower=1.0, n=every.n_places
        ),
        counts=small.weight, limits=limits, begin=begin,
    )  # fmt: skip
    # of a choice that is not proven an exchange may be a shorter one
    longest = _longest(site, place, distance, before, found.chosen)
    return replace(found, objective=longest, bound=min(found.bound, longest))


def _quickly(
    site: NDArray[np.int64],
    place: NDArray[np.int64],
    distance: NDArray[np.float64],
    before: NDArray[np.float64],
    rules: Rules,
) -> Solution | None:
    """A choice to begin with: greedy within the shortest distance at which it reaches everybody."""
    ones, n = np.ones(len(before), np.int64), len(rules.required)
    radii = np.unique(np.concatenate([distance, before[np.isfinite(before)]]))
    best: Solution | None = None
    low, high = 0, len(radii) - 1
    while low <= high:
        middle = (low + high) // 2
        cover = _within(site, place, distance, len(before), n, float(radii[middle]))
        chosen = search_cover.greedy(cover, ones, rules, done=before <= radii[middle])
        longest = _longest(site, place, distance, before, chosen)
        allowed = rules.allow(chosen) and bool(np.isfinite(longest))
        if allowed and (best is None or longest < best.objective):
            best = Solution(status=FEASIBLE, chosen=np.sort(chosen), objective=longest, bound=0.0)
        if allowed and longest <= radii[middle]:
            high = middle - 1
        else:
            low = middle + 1
    return best


def _covering(cover: Cover, rules: Rules, done: NDArray[np.bool_], limits: Limits) -> Solution:
    """Whether the rules allow a choice that covers every place that is not `done`, and which.

    As a p-median where a place left out costs 1: is there a choice of cost 0? The bound says no as
    soon as it is above 0, which is easier than to find the fewest sites.
    """
    open_ = ~rules.forbidden
    if not (cover.covered(np.flatnonzero(open_)) | done).all():
        return nothing(INFEASIBLE)
    ones = np.ones(cover.n_places, np.int64)
    if rules.budget is not None or (rules.required & rules.forbidden).any():
        return fewest_sites(cover, ones, rules, done=done, every=True, ties=False, limits=limits)
    small = merged(cover, ones, leave=done)
    tied = rules.bound_together()
    out = rules.forbidden | dominated(small.cover, small.weight, ~tied & open_)
    by_place = small.cover.transposed()
    m, p = by_place.n_sites, int((~out).sum())
    pairs = Distances(
        first=by_place.first,
        site=by_place.place,
        cost=np.zeros(len(by_place.place)),
        beyond=np.ones(m),
        n_sites=cover.n_sites,
    )
    p = p if rules.n_sites is None else min(p, rules.n_sites)
    search = searching(pairs, rules, ~out)
    begin = time.monotonic()
    chosen = search.greedy(p, limits=limits, begin=begin)
    if not rules.allow(chosen):
        return fewest_sites(cover, ones, rules, done=done, every=True, ties=False, limits=limits)
    bad = (search.bad_first, search.bad)
    state = started(out, rules.required, bad)
    tree = Tree(whole=pairs, pairs=pairs, search=search, p=p, grain=1.0, bad=bad, wanted=0.0)
    known = pairs.total(chosen)
    degree = np.bincount(by_place.site[~out[by_place.place]], minlength=m)
    root = bound(
        pairs, state, p, known, tree.enough(known), 1.0 / np.maximum(degree, 1),
        rounds=ROUNDS, step=1.0, patience=15, limits=limits.left(begin),
    )  # fmt: skip
    if known > 0 and root.low > tree.enough(known):
        return nothing(INFEASIBLE)
    chosen, known = tree.better(root.taken, chosen, known)
    if known > 0:
        chosen = tried(
            search, pairs, chosen, root.often, tries=TRIES, limits=limits, begin=begin
        )  # fmt: skip
        known = pairs.total(chosen)
    nodes, by_clock = 0, False
    if known > 0:
        state = settle(state, root, tree.enough(known), bad)
        grown = tree.grow(state, root, chosen, limits.left(begin), None)
        chosen, nodes, by_clock = grown.chosen, grown.nodes, grown.by_clock
        known = pairs.total(chosen)
        if known > 0:
            stopped = grown.low <= 0
            return replace(
                nothing(NOTHING if stopped else INFEASIBLE), nodes=nodes, by_clock=by_clock
            )
    return Solution(
        status=FEASIBLE, chosen=chosen, objective=float(len(chosen)), bound=0.0, nodes=nodes
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
