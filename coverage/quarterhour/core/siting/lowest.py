"""Of equal choices one with low numbers: no single exchange for a lower candidate keeps it as good.

Two exchanges at once may lead to a choice that is lower still: see `lowest_exact`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from quarterhour.core.siting.median import Distances
    from quarterhour.core.siting.nouns import Cover, Rules

FEW_TRIES, WORK = 200, 20_000_000
"""Exchanges that are tried one by one in any case, and the work that more of them may take."""


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


def lowest_by(
    picked: NDArray[np.bool_],
    worth: Callable[[NDArray[np.bool_]], int | None],
    *,
    width: int = 1,
    work: int = 1,
    over: Callable[[], bool] = lambda: False,
) -> NDArray[np.bool_]:
    """`picked` after exchanges of a block of `width` options for a lower empty one, worth as much.

    Each exchange is tried. `work`: what one trial takes, such as the pairs that it looks at; of
    large questions only as many are tried as `WORK` allows.
    """
    known, result = worth(picked), picked.reshape(-1, width).copy()
    tries = max(FEW_TRIES, WORK // max(work, 1))
    changed = True
    while changed:
        changed = False
        for old in np.flatnonzero(result.any(axis=1)).tolist():
            for new in np.flatnonzero(~result[:old].any(axis=1)).tolist():
                if not tries or over():
                    return result.ravel()
                tries -= 1
                result[[old, new]] = result[[new, old]]
                if worth(result.ravel()) == known:
                    changed = True
                    break
                result[[old, new]] = result[[new, old]]
    return result.ravel()


def lowest_near(
    pairs: Distances, rules: Rules, chosen: NDArray[np.int64], known: float
) -> NDArray[np.int64]:
    """`chosen`, ascending, after exchanges of a site for a lower one that cost at most `known`."""
    inside = np.zeros(pairs.n_sites, bool)
    inside[chosen] = True
    place = np.repeat(np.arange(pairs.n_places), np.diff(pairs.first))
    changed = True
    while changed:
        changed = False
        for old in np.flatnonzero(inside).tolist():
            inside[old] = False
            now, _ = pairs.best(np.flatnonzero(inside))
            lone = ~np.isfinite(now)
            base = float(now[~lone].sum())
            part = np.where(lone[place], pairs.cost, np.minimum(pairs.cost - now[place], 0.0))
            cost = np.bincount(pairs.site, weights=part, minlength=pairs.n_sites)[:old] + base
            serves = np.bincount(pairs.site[lone[place]], minlength=pairs.n_sites)[:old]
            # rounding of the sums is settled by adding them up anew
            near = cost <= known * (1 + 1e-9) + 1e-9
            equal = ~rules.forbidden[:old] & ~inside[:old] & (serves == lone.sum()) & near
            inside[old] = True
            for new in np.flatnonzero(equal).tolist():
                inside[[old, new]] = False, True
                at = np.flatnonzero(inside)
                if rules.allow(at) and pairs.total(at) <= known:
                    changed = True
                    break
                inside[[old, new]] = True, False
    return np.flatnonzero(inside)
