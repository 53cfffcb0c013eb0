"""Measures of how unequally something is spread over people.

Contract: `value` float64, not negative and finite; `people` int64 millionths, not negative; both
one per place or unit. Nobody (people all 0) has no measure: None. Every measure is of people, not
of places: cutting a place in two of the same value changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

BEST, WORST = 0.1, 0.4
"""Parts of the people that the Palma ratio compares."""


def gini(value: FloatArray, people: NDArray[np.int64]) -> float | None:
    """Gini coefficient in [0, 1): mean difference between two people, over twice the mean.

        G = Σ_i Σ_j p_i p_j |x_i - x_j| / (2 P² x̄),    P = Σ p_i,  x̄ = Σ p_i x_i / P

    0 where all have the same. None where there is nothing to share out. Computed from people in the
    order of what they have, as Σ p_i x_i (2 C_i - p_i - P) / (P Σ p_i x_i), C_i the people up to i.
    """
    x, p = _sorted(value, people)
    total = float((x * p).sum())
    if total <= 0:
        return None
    upto = np.cumsum(p)
    everyone = upto[-1]
    return max(0.0, float((x * p / total * ((2 * upto - p - everyone) / everyone)).sum()))


def median(value: FloatArray, people: NDArray[np.int64]) -> float | None:
    """The least value that at least half of the people do not exceed, None for nobody."""
    x, p = _sorted(value, people)
    if not len(x):
        return None
    return float(x[np.searchsorted(np.cumsum(p), p.sum() / 2)])


def palma(value: FloatArray, people: NDArray[np.int64]) -> float | None:
    """Palma ratio: what the tenth with most has, over what the 40 % with least have.

    0.25 where all have the same; None where the 40 % have nothing. Palma 2011, Development and
    Change 42:87-153; Cobham and Sumner 2013.
    """
    x, p = _sorted(value, people)
    if not len(x):
        return None
    least = _part(x, p, WORST)
    return _part(x[::-1], p[::-1], BEST) / least if least > 0 else None


def _sorted(value: FloatArray, people: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    some = people > 0
    x, p = np.asarray(value, np.float64)[some], people[some].astype(np.float64)
    order = np.argsort(x, kind="stable")
    return x[order], p[order]


def _part(x: FloatArray, p: FloatArray, share: float) -> float:
    """Sum of what the first `share` of the people have; a place on the edge counts in part."""
    return float((x * taken(p, share)).sum())


def taken(people: FloatArray, share: float) -> FloatArray:
    """People of each place among the first `share` of all, in the order given."""
    before = np.concatenate([[0.0], np.cumsum(people)])[:-1]
    return np.asarray(np.clip(share * people.sum() - before, 0, people), np.float64)
