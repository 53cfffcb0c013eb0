"""A second cover where there are many candidates: those that no best first cover has are left out.

The first cover comes before the second, so whoever covers twice is looked for only among the
choices whose first cover is as good as the best one, and these are made of few candidates.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.milp import NO_LIMITS, Limits
from quarterhour.core.siting.reduce import merged
from quarterhour.core.siting.search_cover import lagrangian
from quarterhour.core.siting.searches import numbered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover, Rules

LOOKS, STEPS, LITTLE = 5, 300, 0.95
"""Times that candidates are left out, steps of each bound, and the share of candidates above which
another look is not worth it."""


def as_good(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    done: NDArray[np.bool_],
    known: int,
    *,
    limits: Limits = NO_LIMITS,
) -> NDArray[np.bool_]:
    """Bool per candidate: a choice that newly covers `known` or more may have it.

    By the bound of `search_cover.lagrangian`: a choice with a candidate whose value is less than
    that of the last one in the relaxed choice covers less than the bound by the difference.
    """
    begin = time.monotonic()
    kept = ~rules.forbidden
    p = rules.most_sites()
    if p is None or p <= 0 or known <= 0:
        return kept
    price = None
    for _ in range(LOOKS):
        some = np.flatnonzero(kept)
        if len(some) <= p:
            break
        small = merged(cover.rows(some), weight, leave=done)
        start = None
        if price is not None:  # of the classes by their shares of the weight
            total = np.zeros(len(small.weight))
            used = small.of >= 0
            np.add.at(total, small.of[used], price[used])
            start = np.minimum(total, small.weight)
        found = lagrangian(
            small.cover, small.weight, p, known, rounds=STEPS, start=start,
            limits=limits.left(begin),
        )  # fmt: skip
        used = small.of >= 0
        price = np.zeros(cover.n_places)
        share = found.price / np.maximum(small.weight, 1)
        price[used] = share[small.of[used]] * weight[used]
        last = np.sort(found.site)[::-1][min(p, len(some)) - 1]
        slack = found.value - known + 1 + 1e-9 * found.value
        stay = (last - found.site <= slack) | rules.required[some]
        kept[some[~stay]] = False
        if stay.mean() > LITTLE or limits.over(begin):
            break
    return kept


def only(cover: Cover, kept: NDArray[np.bool_]) -> Cover:
    """The cover in which the other candidates, which keep their numbers, reach nobody."""
    some = np.flatnonzero(kept)
    return numbered(cover.rows(some), some, cover.n_sites)
