"""Fewest sites for shares, with too many candidates to list: how many there are at least."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.everywhere import narrowed
from quarterhour.core.siting.everywhere_fewest import Fewest
from quarterhour.core.siting.milp import NO_LIMITS, Limits
from quarterhour.core.siting.nouns import Rules
from quarterhour.siting.wide import thinned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from quarterhour.core.siting.fewest import Need
    from quarterhour.siting.wide import Ask, Wide

    Progress = Callable[[float, float], None]


def fewest_for(
    ask: Ask,
    rules: Rules,
    asked: Sequence[tuple[NDArray[np.bool_], int]],
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Wide:
    """Candidates all over the area, the best of them closer, and how many sites any need at least.

    `asked`: places (bool) and how many millionths of them must newly be covered. For each of these
    alone: what 1, 2, 3 ... sites among all candidates cover at most (`everywhere.narrowed`).
    """
    wide = thinned(ask, rules)
    bound, by_clock = int(rules.required.sum()), False
    kept, more = np.flatnonzero(wide.kept), wide.kept.copy()
    plain = dataclasses.replace(Rules.plain(len(rules.forbidden)), forbidden=rules.forbidden)
    for of, amount in asked:
        part = dataclasses.replace(ask, weight=np.where(of, ask.weight, 0))
        field, weight, _ = part.searches()
        cover = field.rows(kept, weight > 0)
        order = search_cover.greedy(cover, weight, plain)
        enough = _first_enough([cover.place[cover.first[k] : cover.first[k + 1]] for k in order],
                               weight, amount)  # fmt: skip
        if not enough:
            continue
        found = narrowed(
            field, weight, dataclasses.replace(plain, n_sites=enough),
            limits=limits.part(1 / len(asked)), progress=progress,
        )  # fmt: skip
        bound = max(bound, min(int(np.searchsorted(found.bounds, amount)), enough))
        by_clock = by_clock or found.by_clock
        more |= found.joined & ~rules.forbidden
    told = Fewest(
        kept=more, bound=bound, price=np.zeros(0, np.int64), by_clock=by_clock
    )  # fmt: skip
    return dataclasses.replace(wide, kept=more, fewest=told, moved_ms=None)


def _first_enough(rows: list[NDArray[np.int32]], weight: NDArray[np.int64], amount: int) -> int:
    """How many of the rows, one after the other, come to the amount; 0 where all do not."""
    left, total = weight.copy(), 0
    for k, row in enumerate(rows if amount > 0 else (), 1):
        total += int(left[row].sum())
        left[row] = 0
        if total >= amount:
            return k
    return 0


def lacking_of(
    needs: Sequence[Need], weight: NDArray[np.int64], done: NDArray[np.bool_]
) -> list[tuple[NDArray[np.bool_], int]]:
    """Of everybody, and of all towns together, who must newly be covered; towns are disjoint."""
    found = []
    for some in ([n for n in needs if n.name == "all"], [n for n in needs if n.name != "all"]):
        lack = sum(max(n.amount - int(weight[n.of & done].sum()), 0) for n in some)
        if lack:
            found.append((np.logical_or.reduce([n.of for n in some]), lack))
    return found
