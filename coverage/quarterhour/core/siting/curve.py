"""How many people each number of sites, or each budget, covers at most: a curve with its proofs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import FEASIBLE, INFEASIBLE, NO_LIMITS, OPTIMAL, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover, Rules, Solution

    Progress = Callable[[float, float], None]


def curve(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    *,
    n_sites: Sequence[int] | None = None,
    budgets: Sequence[int] | None = None,
    done: NDArray[np.bool_] | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> list[Solution]:
    """The most people for each number of sites or each budget, in the order given.

    Each point is solved with the choice of the next smaller one to begin with, within `limits` of
    its own. Then they are made to agree: a choice is allowed for every larger number, so that no
    point covers less than a smaller one; a bound holds for every smaller number, so that no bound
    is above that of a larger one. A point that was stopped may be proven by its neighbour.

    Raises
    ------
    ValueError
        Unless exactly one of `n_sites` and `budgets` is given, or for budgets without costs.
    """
    if (n_sites is None) == (budgets is None):
        raise ValueError("a curve goes over numbers of sites or over budgets")
    if budgets is not None and rules.cost is None:
        raise ValueError("budgets need costs")
    values = list(n_sites if n_sites is not None else budgets or ())
    ascending = sorted(set(values))
    found: list[Solution] = []
    for value in ascending:
        at = replace(rules, n_sites=value) if n_sites is not None else replace(rules, budget=value)
        known = next((one.chosen for one in reversed(found) if _some(one)), None)
        found.append(
            most_covered(
                cover,
                weight,
                at,
                done=done,
                start=known,
                ties=False,
                limits=limits,
                progress=progress,
            )
        )
    agreed = dict(zip(ascending, _agreeing(found), strict=True))
    return [agreed[value] for value in values]


def _some(one: Solution) -> bool:
    return one.status in {OPTIMAL, FEASIBLE}


def _agreeing(points: list[Solution]) -> list[Solution]:
    """Points by growing limit with every choice carried up and every bound carried down."""
    result = list(points)
    for k in range(1, len(result)):
        less, more = result[k - 1], result[k]
        if _some(less) and (not _some(more) or more.objective < less.objective):
            bound = more.bound if _some(more) else float("inf")
            result[k] = replace(
                more, status=FEASIBLE, chosen=less.chosen, objective=less.objective, bound=bound
            )
    for k in range(len(result) - 2, -1, -1):
        less, more = result[k], result[k + 1]
        if more.status == INFEASIBLE:
            result[k] = more
        elif _some(less) and _some(more) and more.bound < less.bound:
            proven = more.bound <= less.objective
            result[k] = replace(less, bound=more.bound, status=OPTIMAL if proven else FEASIBLE)
    return result
