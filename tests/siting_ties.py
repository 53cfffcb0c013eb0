"""The lowest of all choices as good as the best, by trying every choice."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import strategies as st

from quarterhour.core.siting.lowest_exact import Equal, Low
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.shared_budget import SHARES, Service
from siting_cases import covers, every_choice, rules_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

MICRO = 1_000_000


def lowest(
    rules: Rules, worth: Callable[[IntArray], float | None], *, most: bool = True
) -> list[int] | None:
    """Of the best choices the one with the fewest sites, then with the lowest list of numbers."""
    every = [(worth(chosen), chosen.tolist()) for chosen in every_choice(rules)]
    known = [(-value if most else value, len(c), c) for value, c in every if value is not None]
    return min(known)[2] if known else None


def lowest_of_two(
    services: list[Service], n_sites: int, budget: int | None, *, fair: bool
) -> list[int] | None:
    """The same for two services, the candidates of the second numbered after those of the first."""
    one, other = services
    known: list[tuple[int, int, int, list[int]]] = []
    for a, b in itertools.product(every_choice(one.rules), list(every_choice(other.rules))):
        cost = one.rules.price(a) + other.rules.price(b)
        if len(a) + len(b) > n_sites or (budget is not None and cost > budget):
            continue
        total, shares = 0, [SHARES]
        for service, chosen in ((one, a), (other, b)):
            done = np.zeros(service.cover.n_places, bool) if service.done is None else service.done
            new = int(service.weight[service.cover.covered(chosen) & ~done].sum())
            total += service.factor * new
            every = int(service.weight.sum())
            if every:
                shares.append(SHARES * (service.before + new) // every)
        rows = [*a.tolist(), *(b + one.cover.n_sites).tolist()]
        known.append((-min(shares) if fair else 0, -total, len(rows), rows))
    return min(known)[3] if known else None


@st.composite
def likes(draw: st.DrawFn, n: int) -> IntArray:
    """People at places, most of them as many as elsewhere."""
    unit = draw(st.sampled_from([MICRO, MICRO, 333_333]))
    each = st.sampled_from([1, 1, 1, 1, 2, 0])
    return unit * np.array(draw(st.lists(each, min_size=n, max_size=n)), np.int64)


@st.composite
def rings(draw: st.DrawFn, *, most_sites: int = 8) -> Cover:
    """Candidates round a square, in any order, each with the places on both sides.

    Every second one covers all: two choices, and no exchange of one site leads between them.
    """
    n = draw(st.integers(2, most_sites))
    at = draw(st.permutations(range(n)))
    rows = [sorted({k, (k + 1) % n}) for k in at]
    return Cover(
        first=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        place=np.array([k for row in rows for k in row], np.int32),
        n_places=n,
    )


def tied_covers(*, most_sites: int = 8) -> st.SearchStrategy[Cover]:
    """Any covers, and rings."""
    return rings(most_sites=most_sites) | covers(most_sites=most_sites, most_places=8)


@st.composite
def tied_rules(draw: st.DrawFn, n: int) -> Rules:
    """Half of them nothing but a number of sites or a budget, with costs that are alike."""
    if draw(st.booleans()):
        return draw(rules_for(n))
    cost = np.array(draw(st.lists(st.sampled_from([2, 2, 2, 3]), min_size=n, max_size=n)), np.int64)
    half = n // 2 + draw(st.sampled_from([0, 0, 0, -1, 1]))
    if draw(st.booleans()):
        return Rules.plain(n, n_sites=max(half, 0), cost=cost)
    return Rules.plain(n, budget=max(2 * half, 0), cost=cost)


MOST_OPTIONS = 10


@pytest.fixture(scope="module", params=["as it is found", "from the highest"])
def begun(request: pytest.FixtureRequest) -> Iterator[None]:
    """The search for the lowest choice as it begins, and from the highest one without exchanges.

    What is found first is often the lowest already: the second way leaves nothing to that.
    """
    real = Equal.lowest

    def from_the_highest(self: Equal, picked: NDArray[np.bool_]) -> Low:
        n = len(self.options)
        if n <= MOST_OPTIONS:
            every = (np.arange(2**n)[:, None] >> np.arange(n)) & 1 > 0
            good = [one for one in every if self.good(one)]
            size = picked.sum()
            good = [one for one in good if not self.fixed or one.sum() == size]
            picked = max(good, key=lambda one: (one.sum(), np.flatnonzero(one).tolist()))
            self.low = lambda one: one
        return real(self, picked)

    with pytest.MonkeyPatch.context() as patch:
        if request.param != "as it is found":
            patch.setattr(Equal, "lowest", from_the_highest)
        yield
