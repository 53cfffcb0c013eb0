"""Whether points are in two systems at once, and whether their place tells which.

Under a mixture a share q of the points is in one system and the rest in another; one point in ten
may stand anywhere. With r the ratio w / Z of a point under a system (see `sources.datum.score`),

    log L(q) = sum log(0.1 + 0.9 ((1 - q) r_first + q r_second))

The gain of a mixture is what its best q adds to the better of its two systems alone. Any second
system gains something by chance: how much, is seen by taking the other positions for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.sources.datum.score import Scores

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

FEWEST_MIXED = 24
"""Points that may tell two systems from one system and some strays."""

ASTRAY = 0.1
"""Share of points that stand anywhere, under every system."""

SHARES = np.linspace(0.0, 1.0, 21)

LEAST_SHARE = 0.15
LEAST_GAIN = 4.0
CHANCE = 1.25
"""A mixture is believed from this share and gain on, and if no other position gains as much, by a
quarter."""

AS_GOOD_TOO = 0.015
LEAST_GAIN_TOO = 2.0
"""Or from this gain on, if hardly any other position of all the points fits as well as the second
system alone: two systems that both fit so well are no chance."""

CHANCE_BY_PLACE = 1.1
"""A tenth is enough where each part must be believed by itself, too."""

ANGLES = 12
"""Directions in which the points are cut in two."""


class Mixture(NamedTuple):
    """`first`, `second`: systems, the one with more points first; `share` of the second.

    `gain`: damped by the root of the design effect. `total`: log L.
    """

    first: int
    second: int
    share: float
    gain: float
    total: float


def likeliest(scores: Scores) -> Mixture:
    """The mixture of two systems that explains the points best, believed or not."""
    ratio = np.exp(scores.log_ratio)
    best: Mixture | None = None
    for a in range(len(ratio)):
        for b in range(a + 1, len(ratio)):
            gain, share, total = (float(v[0]) for v in _gain(ratio[a], ratio[b][None]))
            if best is None or gain > best.gain:
                ends = (a, b, share) if share <= 0.5 else (b, a, 1.0 - share)
                best = Mixture(*ends, gain / float(np.sqrt(scores.design_effect)), total)
    assert best is not None, "a mixture is of two systems"  # noqa: S101
    return best


def is_mixture(scores: Scores, found: Mixture) -> bool:
    """Whether the points are surely in both systems, and not in one alone."""
    if found.share < LEAST_SHARE or found.gain < LEAST_GAIN_TOO:
        return False
    both = [found.first, found.second]
    if scores.as_good[both].max() <= AS_GOOD_TOO:
        return True
    if found.gain < LEAST_GAIN:
        return False
    others = np.exp(scores.other_log_ratio)
    by_chance = max(
        float(_gain(np.exp(scores.log_ratio[k]), others)[0].max(initial=0.0)) for k in both
    )
    return found.gain * float(np.sqrt(scores.design_effect)) > CHANCE * by_chance


def _gain(one: FloatArray, others: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gain over the better one alone, share and log L of a second system, by row of `others`."""
    both = [
        np.log(ASTRAY + (1.0 - ASTRAY) * ((1.0 - q) * one + q * others)).sum(axis=1) for q in SHARES
    ]
    table = np.array(both)
    at = table.argmax(axis=0)
    gain = table.max(axis=0) - np.maximum(table[0], table[-1])
    return np.asarray(gain, np.float64), SHARES[at], table.max(axis=0)


def place_explains(scores: Scores, found: Mixture, parts: Sequence[tuple[int, IntArray]]) -> bool:
    """Whether one system for each part explains the points better than a mixture for all.

    `parts`: a system and its points.
    """
    logs = np.log(ASTRAY + (1.0 - ASTRAY) * np.exp(scores.log_ratio))
    by_part = sum(float(logs[system, points].sum()) for system, points in parts)
    # the best of so many cuts explains something by chance
    return by_part - float(np.log(2 * ANGLES * logs.shape[1])) > found.total


def by_place(
    scores: Scores, x_m: FloatArray, y_m: FloatArray, *, fewest: int
) -> tuple[IntArray, IntArray] | None:
    """Points on the two sides of the line that best parts two systems, None where none does.

    Of all straight cuts that leave `fewest` points on both sides the one is taken where a system
    for either side adds most to the best system for all. It must add a tenth more than with any
    other position in the place of one of the two.
    """
    log_ratio = np.log(ASTRAY + (1.0 - ASTRAY) * np.exp(scores.log_ratio))
    others = np.log(ASTRAY + (1.0 - ASTRAY) * np.exp(scores.other_log_ratio))
    rows = np.concatenate([log_ratio, others])
    n, n_systems = len(x_m), len(log_ratio)
    if n < 2 * fewest:
        return None
    main = int(log_ratio.sum(axis=1).argmax())
    cuts = slice(fewest - 1, n - fewest)
    best, halves = -np.inf, None
    gains = np.full(len(rows), -np.inf)
    for k in range(ANGLES):
        angle = np.pi * k / ANGLES
        order = np.argsort(np.cos(angle) * x_m + np.sin(angle) * y_m, kind="stable")
        low = np.cumsum(rows[:, order], axis=1)
        high = low[:, -1:] - low
        first = low[main, cuts] + high[:, cuts] - low[main, -1]
        second = high[main, cuts] + low[:, cuts] - low[main, -1]
        for table in (first, second):
            gains = np.maximum(gains, table.max(axis=1))
            system = int(table[:n_systems].max(axis=1).argmax())
            gain = float(table[system].max())
            if system != main and gain > best:
                cut = int(table[system].argmax()) + fewest
                best, halves = gain, (np.sort(order[:cut]), np.sort(order[cut:]))
    if halves is None or best <= CHANCE_BY_PLACE * gains[n_systems:].max(initial=0.0):
        return None
    return halves if best / np.sqrt(scores.design_effect) >= LEAST_GAIN_TOO else None
