"""An answer that was stopped is told with what it covers, also after a lower candidate came in."""

from __future__ import annotations

import numpy as np
import pytest

from quarterhour.core.siting.centre import centre
from quarterhour.core.siting.lowest_cover import lowest_most
from quarterhour.core.siting.lowest_median import lowest_median
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.median import distances
from quarterhour.core.siting.milp import FEASIBLE, OPTIMAL, Limits
from quarterhour.core.siting.nouns import Cover, Rules, Solution
from quarterhour.core.siting.reduce import merged


def cover_of(*rows: list[int], n: int) -> Cover:
    size = [len(row) for row in rows]
    return Cover(
        first=np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        place=np.array([k for row in rows for k in row], np.int32),
        n_places=n,
    )


@pytest.mark.parametrize(("bound", "status"), [(5.0, OPTIMAL), (7.0, FEASIBLE)])
def test_a_lower_candidate_that_covers_more_is_told_with_what_it_covers(
    bound: float, status: str
) -> None:
    # candidate 0 reaches 5 people, candidate 1 reaches 3 others
    small = merged(cover_of([0], [1], n=2), np.array([5, 3], np.int64))
    stopped = Solution(status=FEASIBLE, chosen=np.array([1]), objective=3, bound=bound)
    found = lowest_most(small, Rules.plain(2, n_sites=1), stopped)
    assert found.chosen.tolist() == [0]
    assert (found.objective, found.bound, found.status) == (5, bound, status)


def test_a_lower_candidate_that_costs_less_is_told_with_what_it_costs() -> None:
    # one place, 2 from candidate 0 and 9 from candidate 1
    pairs = distances(np.array([0, 1]), np.array([0, 0]), np.array([2.0, 9.0]), np.array([1.0]), 2)
    stopped = Solution(status=FEASIBLE, chosen=np.array([1]), objective=9.0, bound=1.0)
    found = lowest_median(pairs, Rules.plain(2, n_sites=1), stopped, whole=True)
    assert (found.chosen.tolist(), found.objective, found.bound) == ([0], 2.0, 1.0)


@pytest.mark.parametrize("seconds", [0.0001, 0.01, 0.1])
@pytest.mark.parametrize("seed", range(4))
def test_a_stopped_answer_covers_what_it_says(seconds: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [rng.choice(400, rng.integers(5, 60), replace=False).tolist() for _ in range(120)]
    cover, weight = cover_of(*rows, n=400), rng.integers(1, 1000, 400)
    rules = Rules.plain(120, n_sites=15)
    found = most_covered(cover, weight, rules, limits=Limits(seconds=seconds))
    assert found.objective == int(weight[cover.covered(found.chosen)].sum())
    assert found.bound >= found.objective


@pytest.mark.parametrize("nodes", [0, 1])
def test_a_stopped_centre_is_as_long_as_it_says(nodes: int) -> None:
    rng = np.random.default_rng(5)
    table = rng.integers(1, 200, (60, 25)).astype(float)
    place, site = (k.ravel() for k in np.indices(table.shape))
    found = centre(
        site, place, table.ravel(), 60, Rules.plain(25, n_sites=4),
        existing=np.full(60, np.inf), limits=Limits(nodes=nodes),
    )  # fmt: skip
    assert found.objective == table[:, found.chosen].min(axis=1).max()
    assert found.bound <= found.objective
