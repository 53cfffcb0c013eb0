"""The lowest of all choices that cover the most, or of all that are enough."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.building import budget_row, covered_variables, site_variables
from quarterhour.core.siting.lowest import lowest
from quarterhour.core.siting.lowest_exact import EXCHANGED, Equal
from quarterhour.core.siting.lowest_probe import probed
from quarterhour.core.siting.median import Distances
from quarterhour.core.siting.milp import NO_LIMITS, OPTIMAL, Limits, Program
from quarterhour.core.siting.nouns import Cover, Rules, Solution
from quarterhour.core.siting.outcome import SCALE, lean
from quarterhour.core.siting.reduce import Merged, dominated, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

LARGE = 5_000
"""Pairs from which on a Lagrangian bound leaves out candidates before a program is made."""

ROUNDS, STEPS = 300, 60_000_000
"""Steps of that bound at most, and pairs that they may look at."""


def lowest_most(
    small: Merged,
    rules: Rules,
    solution: Solution,
    *,
    fixed: bool = False,
    limits: Limits = NO_LIMITS,
    begin: float = 0.0,
) -> Solution:
    """`solution`, which covers the most, or the lowest choice that covers as much if it is proven.

    `rules`: as they were asked, without anything left out. `fixed`: choices of as many sites only.
    """
    known = int(solution.objective)

    def low(picked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        sites = lowest(small.cover, rules, np.flatnonzero(picked), [(small.weight, known)])
        return _mask(sites, len(picked))

    def good(picked: NDArray[np.bool_]) -> bool:
        sites = np.flatnonzero(picked)
        return rules.allow(sites) and small.worth(sites) == known

    first = _mask(solution.chosen, small.cover.n_sites)
    if not fixed:
        first = lean(first, known, lambda picked: known if good(picked) else None)
    if solution.status != OPTIMAL:
        chosen = np.flatnonzero(low(first))
        # of a choice that is not proven an exchange may cover more
        worth = small.worth(chosen)
        bound = max(solution.bound, worth)
        proven = OPTIMAL if bound <= worth else solution.status
        return replace(
            solution, chosen=chosen, objective=worth, bound=bound, status=proven,
            ties=EXCHANGED if proven == OPTIMAL else "",
        )  # fmt: skip
    first = low(first)
    out, sure = _settled(small, rules, first, known, fixed=fixed)
    cover = _without(small.cover, out)
    done = cover.covered(np.flatnonzero(sure))
    few = merged(cover, small.weight, leave=done | (small.weight == 0))
    tight = replace(rules, forbidden=rules.forbidden | out, required=rules.required | sure)
    if rules.budget is None and not fixed:
        few, tight = _probed(few, tight, known - int(small.weight[done].sum()), first)
    program = Program("max")
    sites = site_variables(program, tight)
    covered_variables(program, few.cover, sites, cost=few.weight / SCALE)
    found = Equal(
        program=program, options=sites, good=good, low=low, fixed=fixed, limits=limits,
        known=(known - int(small.weight[done].sum())) / SCALE, begin=begin,
    ).lowest(first)  # fmt: skip
    return replace(solution, chosen=np.flatnonzero(found.picked), ties=found.ties)


def _probed(
    few: Merged, rules: Rules, known: int, first: NDArray[np.bool_]
) -> tuple[Merged, Rules]:
    """The same as a p-median: a place costs nothing where it is covered, else its weight."""
    by_place = few.cover.transposed()
    pairs = Distances(
        first=by_place.first,
        site=by_place.place,
        cost=np.zeros(len(by_place.place)),
        beyond=few.weight.astype(np.float64),
        n_sites=few.cover.n_sites,
    )
    most = float(int(few.weight.sum()) - known) + 0.5  # weights are whole
    _, tight = probed(pairs, rules, first, most)
    cover = _without(few.cover, tight.forbidden)
    return merged(cover, few.weight), tight


def lowest_enough(
    cover: Cover,
    rules: Rules,
    solution: Solution,
    good: Callable[[NDArray[np.int64]], bool],
    amounts: Sequence[tuple[NDArray[np.int64], int]],
    rows: Callable[[Program, NDArray[np.int64]], object],
    *,
    counts: NDArray[np.int64],
    price: NDArray[np.int64] | None = None,
    known: int | None = None,
    limits: Limits = NO_LIMITS,
    begin: float = 0.0,
) -> Solution:
    """`solution`, which is enough, or the lowest choice that is as good if it is proven.

    Parameters
    ----------
    good
        Whether a choice (ascending) is allowed and enough, for as few sites or as little money.
    amounts
        As in `lowest.lowest`.
    rows
        Adds what is needed to a program with these variables of the candidates.
    counts
        Weight of the places; those of 0 need not be covered.
    price, known
        Yuan per candidate and of a choice, where it is for the least of them; else `known` sites,
        or None where their number is not what is asked.
    """

    def low(picked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        sites = lowest(cover, rules, np.flatnonzero(picked), amounts, price=price)
        return _mask(sites, len(picked))

    def as_good(picked: NDArray[np.bool_]) -> bool:
        return good(np.flatnonzero(picked))

    first = _mask(solution.chosen, cover.n_sites)
    if price is not None or known is None:
        first = lean(first, 0, lambda picked: 0 if as_good(picked) else None)
    first = low(first)
    if solution.status != OPTIMAL:
        return replace(solution, chosen=np.flatnonzero(first))
    free = ~rules.bound_together() & ~rules.forbidden
    out = dominated(cover, counts, free, cost=rules.cost, lower_only=True)
    program = Program("min")
    unit = np.zeros(cover.n_sites)
    if price is None and known is not None:
        unit = np.ones(cover.n_sites)
    sites = site_variables(program, replace(rules, forbidden=rules.forbidden | out), cost=unit)
    rows(program, sites)
    if price is not None and known is not None:
        budget_row(program, sites, price, known)
    found = Equal(
        program=program, options=sites, good=as_good, low=low, limits=limits, begin=begin,
        known=float(known) if price is None and known is not None else None,
    ).lowest(first)  # fmt: skip
    return replace(solution, chosen=np.flatnonzero(found.picked), ties=found.ties)


def _settled(
    small: Merged, rules: Rules, first: NDArray[np.bool_], known: int, *, fixed: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Candidates that the lowest choice does not have, and those that it must have."""
    out, sure = rules.forbidden.copy(), np.zeros(len(first), bool)
    if not fixed:
        free = ~rules.bound_together() & ~rules.forbidden
        out |= dominated(small.cover, small.weight, free, cost=rules.cost, lower_only=True)
    keep, count = np.flatnonzero(~out), int(first.sum())
    cover = small.cover.rows(keep)
    if len(cover.place) < LARGE or not count:
        return out & ~rules.required, sure
    rounds = min(ROUNDS, STEPS // len(cover.place))
    bound = search_cover.lagrangian(cover, small.weight, count, known, rounds=rounds)
    # one millionth of a person of slack: choices that cover as much must stay
    away, must = search_cover.settled(bound, count, known - 1)
    out[keep[away]] = True
    sure[keep[must]] = True
    return out & ~rules.required, sure


def _without(cover: Cover, out: NDArray[np.bool_]) -> Cover:
    """The same candidates, of which some cover nothing."""
    use = ~out[cover.site]
    size = np.where(out, 0, np.diff(cover.first))
    first = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    return Cover(first=first, place=cover.place[use], n_places=cover.n_places)


def _mask(sites: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    result = np.zeros(n, bool)
    result[sites] = True
    return result
