"""How probable each of several positions of the same points is, given the streets around them.

What facilities and houses share is that they stand beside streets: rarely on the centre line, often
at 5 to 30 m, seldom in the middle of a block. Moved by a few hundred metres the same points fall
anywhere. A position is therefore judged against several hundred other positions of the very same
points among the very same streets, and not against a fixed number of metres.

The weight of a place that is `d` metres from the nearest street and `p` metres from the nearest
footpath, relative to other places, is for a width b of the built strip along streets

    w_b(d, p) = (0.05 + exp(-(d / b)^1.5) (1 - 0.75 exp(-(d / 5 m)^2))) (1 - 0.5 exp(-(p / 5 m)^2))

and the likelihood of a position is the product of w_b / Z_b over the points, with Z_b the mean of
w_b over the other positions. Points of one neighbourhood move onto the same kind of ground
together, so that their evidence counts less than once each: its logarithm is divided by the square
root of the design effect, which is the variance of the sum over the other positions divided by the
sum of the variances. The width is not known, so the likelihoods of five widths are averaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

WIDTHS_M = (15.0, 25.0, 40.0, 60.0, 90.0)
"""Built strips beside streets, from old towns to road files that hold main streets only."""

SEARCH_M = 300.0
"""Beyond this a street tells nothing more about a place."""

RADII_M = (150.0, 250.0, 350.0, 500.0, 700.0, 950.0, 1200.0)
"""How far the other positions are from a system's: what lies between systems in China."""

DIRECTIONS = 16

APART_M = 80.0
"""Other positions keep this far from every system's position, so that the right one is not among
those that it is compared with."""

PRIOR_NONE = 0.1
"""Prior probability that none of the systems is right; the systems share the rest evenly."""


SURE = 0.97
AS_GOOD = 0.02
STREETLIKE = 0.25
"""A system is believed when its probability is at least `SURE`, at most the share `AS_GOOD` of the
other positions fits as well, and its points lie among the streets as they should: their mean
log(w / Z) is at least a quarter of what it is for points that follow w. The last keeps out tables
that have nothing to do with the streets. Tried on several cities, also with positions that are no
system's: see tests/test_datum_cities.py and scripts/bench_datum.py."""

FEWEST = 8
"""Points, at different places, that say anything at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What the streets say about the systems.

    `probability`: per system, with that of none of them making up 1. `as_good`: per system, share
    of the other positions that fit at least as well. `log_ratio`: per system and point, natural
    logarithm of w / Z at the likeliest width. `other_log_ratio`: the same per other position.
    `design_effect`: at the likeliest width. `none`: probability of none of the systems.
    """

    probability: FloatArray
    none: float
    as_good: FloatArray
    log_ratio: FloatArray
    other_log_ratio: FloatArray
    design_effect: float


def believed(scores: Scores, n_points: int) -> int | None:
    """The system that is believed, None for none."""
    best = int(np.argmax(scores.probability))
    if n_points < FEWEST or not len(scores.other_log_ratio):
        return None
    other = scores.other_log_ratio
    expected = float((np.exp(other) * other).mean())  # the mean of w / Z over the others is 1
    sure = (
        scores.probability[best] >= SURE
        and scores.as_good[best] <= AS_GOOD
        and scores.log_ratio[best].mean() >= STREETLIKE * expected
    )
    return best if sure else None


def other_moves(at_m: FloatArray) -> FloatArray:
    """Moves in metres, (n, 2), from the first system to positions that are no system's.

    `at_m`: moves from the first system to each system, (n_systems, 2).
    """
    rings = []
    for k, radius in enumerate(RADII_M):
        angle = (np.arange(DIRECTIONS) + 0.5 * (k % 2)) * (2.0 * np.pi / DIRECTIONS)
        rings.append(radius * np.column_stack([np.cos(angle), np.sin(angle)]))
    around = np.concatenate(rings)
    moves = (at_m[:, None, :] + around[None, :, :]).reshape(-1, 2)
    gap = np.hypot(*(moves[:, None, :] - at_m[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    return np.asarray(moves[gap >= APART_M], np.float64)


def weight(street_m: FloatArray, path_m: FloatArray, width_m: float) -> FloatArray:
    """w_b of the module's formula."""
    beside = np.exp(-((street_m / width_m) ** 1.5)) * (
        1.0 - 0.75 * np.exp(-((street_m / 5.0) ** 2))
    )
    return np.asarray((0.05 + beside) * (1.0 - 0.5 * np.exp(-((path_m / 5.0) ** 2))), np.float64)


def score(
    street_m: FloatArray, path_m: FloatArray, inside: NDArray[np.bool_], n_systems: int
) -> Scores:
    """Probabilities of the systems whose positions are the first `n_systems` rows.

    `street_m`, `path_m`: metres to the nearest street and footpath, (positions, points), at most
    `SEARCH_M`. `inside`: where the road data reach; elsewhere nothing is known, and w / Z is 1.
    """
    ratios, effects, totals = [], [], []
    for width_m in WIDTHS_M:
        w = weight(street_m, path_m, width_m)
        others = w[n_systems:][inside[n_systems:]]
        mean = float(others.mean()) if others.size else 1.0
        ratio = np.where(inside, np.log(w / mean), 0.0)
        spread = ratio[n_systems:]
        alone = float(spread.var(axis=0).sum())
        effect = max(1.0, float(spread.sum(axis=1).var()) / alone) if alone > 0.0 else 1.0
        ratios.append(ratio)
        effects.append(effect)
        totals.append(ratio.sum(axis=1) / np.sqrt(effect))
    stack = np.array(totals)
    total = _log_mean(stack, axis=0)
    systems, others_total = total[:n_systems], total[n_systems:]
    log_none = float(_log_mean(others_total, axis=0)) if len(others_total) else 0.0
    weights = np.append(
        systems + np.log((1.0 - PRIOR_NONE) / n_systems), log_none + np.log(PRIOR_NONE)
    )
    share = np.exp(weights - weights.max())
    share /= share.sum()
    likeliest = int(np.argmax(stack[:, :n_systems].max(axis=1)))
    as_good = (others_total[None, :] >= systems[:, None]).mean(axis=1) if len(others_total) else 0.0
    return Scores(
        probability=share[:-1],
        none=float(share[-1]),
        as_good=np.broadcast_to(as_good, n_systems).astype(np.float64),
        log_ratio=ratios[likeliest][:n_systems],
        other_log_ratio=ratios[likeliest][n_systems:],
        design_effect=effects[likeliest],
    )


def _log_mean(values: FloatArray, *, axis: int) -> FloatArray:
    """Logarithm of the mean of the exponentials."""
    top = values.max(axis=axis, keepdims=True)
    return np.asarray(
        np.squeeze(top, axis=axis) + np.log(np.exp(values - top).mean(axis=axis)), np.float64
    )
