"""The part that all programs share: which sites may be built together, and what they may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.nouns import Cover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from quarterhour.core.siting.milp import Program
    from quarterhour.core.siting.nouns import Rules


LARGEST = 10_000
"""Largest number in a row of the budget."""


def site_variables(program: Program, rules: Rules, *, cost: ArrayLike = 0.0) -> NDArray[np.int64]:
    """One whole variable per candidate, bound by the rules; `cost`: its share in the objective."""
    n = len(rules.required)
    sites = program.variables(
        n,
        cost=cost,
        lower=rules.required.astype(np.float64),
        upper=np.where(rules.forbidden, 0.0, 1.0),
        whole=True,
    )
    if (rules.required & rules.forbidden).any():  # bounds that cross would be an error, not a no
        both = np.flatnonzero(rules.required & rules.forbidden)
        program.lower[-1] = np.where(rules.required & ~rules.forbidden, 1.0, 0.0)
        program.rows(np.arange(len(both)), sites[both], 1.0, lower=1.0)
    if rules.n_sites is not None:
        program.rows(np.zeros(n, np.int64), sites, 1.0, upper=rules.n_sites, n=1)
    if rules.budget is not None and rules.cost is not None:
        budget_row(program, sites, rules.cost, rules.budget)
    groups = np.unique(rules.exclusive[rules.exclusive >= 0])
    if len(groups):
        of = np.flatnonzero(rules.exclusive >= 0)
        row = np.searchsorted(groups, rules.exclusive[of])
        program.rows(row, sites[of], 1.0, upper=1.0, n=len(groups))
    if len(rules.apart):
        row = np.repeat(np.arange(len(rules.apart)), 2)
        program.rows(row, sites[rules.apart.ravel()], 1.0, upper=1.0)
    return sites


def budget_row(
    program: Program, options: NDArray[np.int64], cost: NDArray[np.int64], budget: int
) -> None:
    """What is built costs at most the budget, counted in the largest sum that divides all costs.

    The tolerance of a solver is worth many yuan beside large numbers, and scaled ones are no longer
    whole. So large numbers are written with digits of base `LARGEST`, a row for each and a whole
    variable that carries: sum of c x <= B exactly where some carry k has sum of (c mod L) x <=
    B mod L + L k and sum of (c div L) x + k <= B div L.
    """
    unit = max(int(np.gcd.reduce(cost, initial=0)), 1)
    of, whole, most = options, cost // unit, budget // unit
    while int(whole.max(initial=0)) > LARGEST and most < int(whole.sum()):
        low, rest = whole % LARGEST, most % LARGEST
        carry = program.variables(1, upper=float(-(-int(low.sum()) // LARGEST)), whole=True)
        program.rows(
            np.zeros(len(of) + 1, np.int64),
            np.append(of, carry),
            np.append(low, -LARGEST),
            upper=rest,
            n=1,
        )
        program.carries.append((int(carry[0]), of, low, rest, LARGEST))
        of, whole, most = np.append(of, carry), np.append(whole // LARGEST, 1), most // LARGEST
    program.rows(np.zeros(len(of), np.int64), of, whole, upper=most, n=1)


def covered_variables(
    program: Program,
    cover: Cover,
    sites: NDArray[np.int64],
    *,
    cost: ArrayLike = 0.0,
    upper: ArrayLike = 1.0,
) -> NDArray[np.int64]:
    """One variable per place, at most the number of chosen sites that reach it and at most `upper`.

    `sites`: variable of every candidate of the cover; `cost`: share of a place in the objective.
    """
    n = cover.n_places
    people = program.variables(n, cost=cost, upper=upper)
    program.rows(
        np.concatenate([cover.place, np.arange(n)]),
        np.concatenate([sites[cover.site], people]),
        np.concatenate([np.full(len(cover.place), -1.0), np.ones(n)]),
        upper=0.0,
        n=n,
    )
    return people


def covers_joined(parts: Sequence[Cover]) -> Cover:
    """Candidates of several covers of the same places as one list."""
    return Cover(
        first=np.concatenate(
            [[0], *(p.first[1:] + k for p, k in zip(parts, _starts(parts), strict=True))]
        ).astype(np.int64),
        place=np.concatenate([p.place for p in parts]).astype(np.int32),
        n_places=parts[0].n_places,
    )


def _starts(parts: Sequence[Cover]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum([len(p.place) for p in parts])])[:-1]
