"""The part that all programs share: which sites may be built together, and what they may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from quarterhour.core.siting.milp import Program
    from quarterhour.core.siting.nouns import Rules


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
        program.rows(np.zeros(n, np.int64), sites, rules.cost, upper=rules.budget, n=1)
    groups = np.unique(rules.exclusive[rules.exclusive >= 0])
    if len(groups):
        of = np.flatnonzero(rules.exclusive >= 0)
        row = np.searchsorted(groups, rules.exclusive[of])
        program.rows(row, sites[of], 1.0, upper=1.0, n=len(groups))
    if len(rules.apart):
        row = np.repeat(np.arange(len(rules.apart)), 2)
        program.rows(row, sites[rules.apart.ravel()], 1.0, upper=1.0)
    return sites
