"""A number of sites that services share, where no building stands between them: split exactly."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.curve import curve
from quarterhour.core.siting.milp import FEASIBLE, OPTIMAL, Limits
from quarterhour.core.siting.nouns import Solution
from quarterhour.core.siting.shared_budget import SHARES, Service, Shared, lowest_shared

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Progress = Callable[[float, float], None]

MOST_POINTS = 80
"""Questions of one service that are asked for a split; for more, all are one program."""

NEVER = -1


def split(
    services: Sequence[Service],
    n_sites: int,
    *,
    fair: bool,
    limits: Limits,
    progress: Progress | None = None,
) -> Shared:
    """The best split of `n_sites` over services that do not stand in each other's way.

    Each service is solved for every number of sites (see `core.siting.curve`); the best split of
    those is found by recursion over the services: F_s(m) = max over p of F_{s-1}(m - p) + f_s(p),
    or, for the smallest share, the max of the smaller of the two. The same recursion over the
    bounds gives the bound. Of splits and choices as good the lowest is looked for.
    """
    begin = time.monotonic()
    part = limits.part(1 / max(len(services) * n_sites, 1))
    none = Solution(status=OPTIMAL, chosen=np.empty(0, np.int64), objective=0, bound=0)
    points = [[none, *_curve(one, n_sites, part, progress)] for one in services]
    sums = [
        [one.factor * int(p.objective) for p in row]
        for one, row in zip(services, points, strict=True)
    ]
    if fair:
        reach = [[_share(one, p.objective) for p in row]
                 for one, row in zip(services, points, strict=True)]  # fmt: skip
        most = [[_share(one, p.bound) for p in row]
                for one, row in zip(services, points, strict=True)]  # fmt: skip
        least, _ = _best(reach, n_sites, smallest=True)
        bound, _ = _best(most, n_sites, smallest=True)
        open_ = [
            [worth if share >= least else NEVER for worth, share in zip(*rows, strict=True)]
            for rows in zip(sums, reach, strict=True)
        ]
        _, numbers = _best(open_, n_sites)
        objective = least
    else:
        objective, numbers = _best(sums, n_sites)
        bounds = [
            [one.factor * int(p.bound) for p in row]
            for one, row in zip(services, points, strict=True)
        ]
        bound, _ = _best(bounds, n_sites)
    chosen = [row[n] for row, n in zip(points, numbers, strict=True)]
    first = np.cumsum([0, *(one.cover.n_sites for one in services)])
    found = Shared(
        solution=Solution(
            status=OPTIMAL if bound <= objective else FEASIBLE,
            chosen=np.concatenate(
                [one.chosen + k for one, k in zip(chosen, first[:-1].tolist(), strict=True)]
            ),
            objective=objective,
            bound=max(bound, objective),
            by_clock=any(p.by_clock for row in points for p in row),
        ),
        chosen=tuple(one.chosen for one in chosen),
        gained=tuple(int(one.objective) for one in chosen),
    )
    every = all(p.status == OPTIMAL for row in points for p in row)
    return lowest_shared(
        services, found, n_sites=n_sites, smallest_share=fair, limits=limits, begin=begin,
        proven=found.solution.status == OPTIMAL and (every or not fair),
    )  # fmt: skip


def _curve(one: Service, n_sites: int, limits: Limits, progress: Progress | None) -> list[Solution]:
    """The best of a service by number of sites; where nothing was found, nothing is built."""
    found = curve(
        one.cover, one.weight, one.rules, n_sites=range(1, n_sites + 1), done=one.done,
        limits=limits, progress=progress,
    )  # fmt: skip
    every = int(one.weight.sum())
    return [
        p
        if np.isfinite(p.objective)
        else replace(p, status=FEASIBLE, chosen=np.empty(0, np.int64), objective=0, bound=every)
        for p in found
    ]


def _share(one: Service, gained: float) -> int:
    """Billionths of the people of a service that are covered."""
    total = int(one.weight.sum())
    return SHARES * (one.before + int(gained)) // total if total else SHARES


def _best(
    worth: Sequence[Sequence[int]], n_sites: int, *, smallest: bool = False
) -> tuple[int, list[int]]:
    """The best sum (or smallest) of one worth per service, and how many sites each one gets.

    `worth`: of each service by number of sites, `NEVER` where it must not be. Of splits as good as
    each other the one with the fewest sites for the last services is taken.
    """
    best: list[tuple[int, list[int]] | None] = [(SHARES if smallest else 0, [])] * (n_sites + 1)
    for row in worth:
        new: list[tuple[int, list[int]] | None] = []
        for m in range(n_sites + 1):
            found: tuple[int, list[int]] | None = None
            for p in range(m + 1):
                before = best[m - p]
                if before is None or row[p] == NEVER:
                    continue
                value = min(before[0], row[p]) if smallest else before[0] + row[p]
                if found is None or value > found[0]:
                    found = (value, [*before[1], p])
            new.append(found)
        best = new
    top = best[n_sites]
    assert top is not None  # noqa: S101 - the smallest share is reached by some split
    return top
