"""Kernels compiled before the clock is looked at: the first run of a version takes a while."""

from __future__ import annotations

import functools

import numpy as np

from quarterhour.core.siting.capacity import Sizes, most_served
from quarterhour.core.siting.everywhere import narrowed
from quarterhour.core.siting.everywhere_fewest import fewest_of_all
from quarterhour.core.siting.fewest_search import fewer
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.median import distances, median
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.searches import Stored


@functools.cache
def compiled() -> None:
    """Small questions of every kind, so that later ones find their kernels compiled."""
    n, m = 12, 30
    pairs = np.array([(j, i) for j in range(n) for i in range(m) if (i * 7 + j * 5) % 11 < 3])
    first = np.concatenate([[0], np.cumsum(np.bincount(pairs[:, 0], minlength=n))])
    cover = Cover(first=first.astype(np.int64), place=pairs[:, 1].astype(np.int32), n_places=m)
    weight = (np.arange(m, dtype=np.int64) % 5 + 1) * 1_000_000
    rules = Rules.plain(n, n_sites=3)
    most_covered(cover, weight, rules)
    narrowed(Stored(cover=cover), weight, rules, pairs=(8, 12, 10_000))
    fewest_of_all(Stored(cover=cover), weight > 0, rules, np.arange(n))
    fewer(cover, np.arange(n), np.ones(n, bool), steps=5)
    most_served(cover, weight, Sizes.one(np.full(n, 9_000_000, np.int64)), rules)
    far = (pairs[:, 0] * 37 + pairs[:, 1] * 11) % 23 + 1.0
    made = distances(pairs[:, 0], pairs[:, 1], far, weight / 1e6, n, beyond=50.0)
    median(made, rules)
