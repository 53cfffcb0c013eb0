"""Smaller problems with the same optimum: places that are alike merged, useless candidates left."""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover


LARGEST = 2.0**62
"""Sums from here on are refused: an int64 would soon overflow without a word."""

MOST_STEPS = 1_500_000_000
"""Comparisons of places after which no more candidates are looked at: some seconds, and the same
ones in every run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(_Frozen):
    """Places that the same candidates cover, as one: `cover` with `weight` int64 per class.

    `of`: class of each place, -1 where no candidate covers it or it is left out.
    """

    cover: Cover
    weight: NDArray[np.int64]
    of: NDArray[np.int64]

    def worth(self, chosen: NDArray[np.int64]) -> int:
        """Weight of all places that a choice covers."""
        return int(self.weight[self.cover.covered(chosen)].sum())


def merged(
    cover: Cover,
    weight: NDArray[np.int64],
    *,
    leave: NDArray[np.bool_] | None = None,
    apart: NDArray[np.int64] | None = None,
) -> Merged:
    """One class for all places with the same candidates, in the order of their first place.

    `leave`: places that do not count, such as those already covered. `apart`: a number per place;
    places with different numbers are not merged (towns with minima of their own).

    Raises
    ------
    ValueError
        For more people than an int64 of millionths counts.
    """
    if float(weight.astype(np.float64).sum()) >= LARGEST:
        raise ValueError(
            f"the people sum to {weight.astype(np.float64).sum() / 1e6:.4g},"
            f" more than {LARGEST / 1e6:.4g} can be counted exactly in millionths"
        )
    by_place = cover.transposed()
    n_sites = np.diff(by_place.first)
    use = np.flatnonzero((n_sites > 0) if leave is None else (n_sites > 0) & ~leave)
    # sums of two random 64-bit numbers per candidate tell the sets apart; checked below
    numbers = np.random.default_rng(20_210_701).integers(
        0, 2**63, (2, cover.n_sites), dtype=np.uint64
    )
    keys = []
    for number in numbers:
        running = np.zeros(len(by_place.place) + 1, np.uint64)
        np.cumsum(number[by_place.place], out=running[1:])
        keys.append(running[by_place.first[use + 1]] - running[by_place.first[use]])
    if apart is not None:
        keys.append(apart[use].astype(np.uint64))
    _, lead, of = np.unique(np.column_stack(keys), axis=0, return_index=True, return_inverse=True)
    of = of.reshape(-1)
    order = np.argsort(lead, kind="stable")
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    lead, of = lead[order], number[of]
    classes = np.full(cover.n_places, -1, np.int64)
    classes[use] = of
    total = np.zeros(len(lead), np.int64)
    np.add.at(total, of, weight[use])
    small = by_place.rows(use[lead])
    assert _alike(by_place, use, small, of), "merged places have the same candidates"  # noqa: S101
    return Merged(cover=small.transposed(), weight=total, of=classes)


def _alike(by_place: Cover, use: NDArray[np.int64], small: Cover, of: NDArray[np.int64]) -> bool:
    size, lead_size = np.diff(by_place.first)[use], np.diff(small.first)[of]
    if not np.array_equal(size, lead_size):
        return False
    every = by_place.rows(use).place
    return np.array_equal(every, small.rows(of).place)


def dominated(
    cover: Cover,
    weight: NDArray[np.int64],
    free: NDArray[np.bool_],
    *,
    cost: NDArray[np.int64] | None = None,
    lower_only: bool = False,
    most_steps: int = MOST_STEPS,
) -> NDArray[np.bool_]:
    """Candidates that can be left out: another one covers all that they cover and costs no more.

    Of equal ones the lowest stays; one that covers nothing of weight is dominated by building
    nothing. Only `free` candidates, which no rule ties to others, are left out or stand in. After
    `most_steps` comparisons the candidates that are left stay, as they may. `lower_only`: only for
    one of a lower number, so that the lowest of all choices as good stays as well, where a site
    that another one makes idle is not built.
    """
    price = np.zeros(cover.n_sites, np.int64) if cost is None else cost
    by_place = cover.transposed()
    out: NDArray[np.bool_] = _dominated(
        cover.first, cover.place, by_place.first, by_place.place, weight, price, free,
        np.int64(most_steps), lower_only,
    )  # fmt: skip
    return out


@kernel
def _dominated(first, place, place_first, site, weight, cost, free, most_steps, lower_only):
    n = len(first) - 1
    out = np.zeros(n, np.bool_)
    steps = np.int64(0)
    for j in range(n):
        if steps > most_steps:
            break
        if not free[j]:
            continue
        rarest, fewest = -1, np.int64(2**62)
        for k in range(first[j], first[j + 1]):
            i = place[k]
            size = place_first[i + 1] - place_first[i]
            if weight[i] > 0 and size < fewest:
                rarest, fewest = i, size
        if rarest < 0:
            out[j] = True
            continue
        for at in range(place_first[rarest], place_first[rarest + 1]):
            other = site[at]
            if other == j or out[other] or not free[other] or cost[other] > cost[j]:
                continue
            if lower_only and other > j:
                continue
            inside, walked = _inside(
                place, first[j], first[j + 1], first[other], first[other + 1], weight
            )
            steps += walked
            if inside:
                same, walked = _inside(
                    place, first[other], first[other + 1], first[j], first[j + 1], weight
                )
                steps += walked
                if not same or cost[other] < cost[j] or other < j:
                    out[j] = True
                    break
    return out


@kernel
def _inside(place, a, a_end, b, b_end, weight):
    """Whether all places of weight in a are in b, both ascending, and how many were looked at."""
    start = a + b
    while a < a_end:
        if weight[place[a]] == 0:
            a += 1
            continue
        while b < b_end and place[b] < place[a]:
            b += 1
        if b == b_end or place[b] != place[a]:
            return False, a + b - start
        a += 1
    return True, a + b - start
