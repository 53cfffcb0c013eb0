"""Of equal choices one with low numbers: no single exchange for a lower candidate keeps it as good.

More is not promised: two exchanges at once may lead to a choice that is lower still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover, Rules


def lowest(
    cover: Cover,
    rules: Rules,
    chosen: NDArray[np.int64],
    amounts: Sequence[tuple[NDArray[np.int64], int]],
    *,
    price: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """`chosen`, ascending, after exchanges of one site for a lower one while there are any.

    Parameters
    ----------
    amounts
        Weights of the places and what a choice must cover of them.
    price
        Yuan that must not grow, where the choice is for the least of them.
    """
    inside = np.zeros(cover.n_sites, bool)
    inside[chosen] = True
    times = np.bincount(cover.rows(chosen).place, minlength=cover.n_places)
    changed = True
    while changed:
        changed = False
        for old in np.flatnonzero(inside).tolist():
            row = cover.place[cover.first[old] : cover.first[old + 1]]
            times[row] -= 1
            equal = ~rules.forbidden[:old] & ~inside[:old]
            if price is not None:
                equal &= price[:old] <= price[old]
            for weight, least in amounts:
                equal &= _won(cover, weight, times, old) >= least - int(weight[times > 0].sum())
            inside[old] = False
            for new in np.flatnonzero(equal).tolist():
                inside[new] = True
                if rules.allow(np.flatnonzero(inside)):
                    times[cover.place[cover.first[new] : cover.first[new + 1]]] += 1
                    changed = True
                    break
                inside[new] = False
            else:
                inside[old] = True
                times[row] += 1
    return np.flatnonzero(inside)


def _won(
    cover: Cover, weight: NDArray[np.int64], times: NDArray[np.int64], before: int
) -> NDArray[np.int64]:
    """What each candidate below a number covers that nobody else does."""
    end = cover.first[before]
    fresh = np.where(times == 0, weight, 0)
    running = np.concatenate([[0], np.cumsum(fresh[cover.place[:end]])])
    won: NDArray[np.int64] = running[cover.first[1 : before + 1]] - running[cover.first[:before]]
    return won
