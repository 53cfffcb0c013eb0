"""Small siting problems for tests: every choice of sites can be tried."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from quarterhour.core.siting.nouns import Cover, Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

MICRO = 1_000_000


def cover_of(rows: Sequence[str]) -> Cover:
    """Candidates drawn as rows: an x where it covers the place of that column."""
    lists = [[k for k, mark in enumerate(row) if mark == "x"] for row in rows]
    return Cover(
        first=np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64),
        place=np.array([k for one in lists for k in one], np.int32),
        n_places=len(rows[0]),
    )


def people(*numbers: float) -> NDArray[np.int64]:
    """Whole people as millionths."""
    return np.array([round(MICRO * n) for n in numbers], np.int64)


def every_choice(rules: Rules) -> Iterator[NDArray[np.int64]]:
    """All choices that the rules allow, small ones first."""
    n = len(rules.required)
    for size in range(n + 1):
        for sites in itertools.combinations(range(n), size):
            chosen = np.array(sites, np.int64)
            if rules.allow(chosen):
                yield chosen


def best_of(rules: Rules, worth: Callable[[NDArray[np.int64]], float]) -> float | None:
    """The largest worth of any allowed choice, None where nothing is allowed."""
    return max((worth(chosen) for chosen in every_choice(rules)), default=None)


@st.composite
def covers(draw: st.DrawFn, *, most_sites: int = 12, most_places: int = 10) -> Cover:
    """Any cover of a few places by a few candidates, empty rows included."""
    n, m = draw(st.integers(1, most_sites)), draw(st.integers(1, most_places))
    marks = draw(st.lists(st.lists(st.booleans(), min_size=m, max_size=m), min_size=n, max_size=n))
    return cover_of(["".join("x" if mark else "." for mark in row) for row in marks])


@st.composite
def rules_for(draw: st.DrawFn, n: int, *, number: bool = True) -> Rules:
    """Any rules for `n` candidates, contradictory ones included."""
    flags = st.lists(st.sampled_from([False, False, False, True]), min_size=n, max_size=n)
    groups = st.lists(st.sampled_from([-1, -1, 0, 1]), min_size=n, max_size=n)
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    apart = draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True)) if pairs else []
    priced = draw(st.booleans())
    cost = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    return Rules(
        required=np.array(draw(flags)),
        forbidden=np.array(draw(flags)),
        exclusive=np.array(draw(groups), np.int64),
        apart=np.array(apart, np.int64).reshape(-1, 2),
        n_sites=draw(st.none() | st.integers(0, n)) if number else None,
        budget=draw(st.integers(0, 20)) if priced else None,
        cost=np.array(cost, np.int64) if priced else None,
    )


@st.composite
def weights_for(draw: st.DrawFn, n: int, *, most: int = 20) -> NDArray[np.int64]:
    """Whole people per place, or odd parts of people."""
    unit = draw(st.sampled_from([MICRO, MICRO, 333_333]))
    return unit * np.array(draw(st.lists(st.integers(0, most), min_size=n, max_size=n)), np.int64)


@st.composite
def flags_for(draw: st.DrawFn, n: int) -> NDArray[np.bool_]:
    """A yes or no each, mostly no."""
    mark = st.sampled_from([False, False, True])
    return np.array(draw(st.lists(mark, min_size=n, max_size=n)), bool)
