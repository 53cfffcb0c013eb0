"""The p-median and the p-center by branch and bound: every choice, networks, and stopped ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from quarterhour.core.siting.centre import centre
from quarterhour.core.siting.median import Distances, distances, median
from quarterhour.core.siting.median_bound import FREE, OUT, bound, first_prices, settle
from quarterhour.core.siting.median_exact import exactly
from quarterhour.core.siting.milp import Limits
from quarterhour.core.siting.nouns import Rules
from siting_cases import every_choice


def network(n: int, n_edges: int, seed: int) -> np.ndarray:
    """Shortest distances between all vertices of a random connected graph, edges of 1 to 100."""
    rng = np.random.default_rng(seed)
    tail = np.concatenate([rng.integers(0, np.arange(1, n)), rng.integers(0, n, n_edges)])
    head = np.concatenate([np.arange(1, n), rng.integers(0, n, n_edges)])
    cost = rng.integers(1, 101, len(tail)).astype(float)
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    keep = np.concatenate([[True], (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])])
    graph = csr_array((cost[keep], (tail[keep], head[keep])), shape=(n, n))
    return dijkstra(graph, directed=False)


def all_pairs(metres: np.ndarray, weight: np.ndarray | None = None, **more: float) -> Distances:
    place, site = np.indices(metres.shape)
    near = np.isfinite(metres)
    each = np.ones(len(metres)) if weight is None else weight
    return distances(site[near], place[near], metres[near], each, metres.shape[1], **more)


@pytest.mark.parametrize("p", [2, 5, 20])
def test_branching_and_the_solver_agree(p: int) -> None:
    pairs = all_pairs(network(80, 260, p))
    rules = Rules.plain(80, n_sites=p)
    found = median(pairs, rules)
    other = exactly(pairs, rules, np.empty(0, np.int64))
    assert (found.status, other.status) == ("optimal", "optimal")
    assert found.objective == found.bound == pytest.approx(other.objective)
    assert pairs.total(found.chosen) == found.objective


def test_a_gap_of_the_bound_is_closed_by_branching() -> None:
    pairs = all_pairs(network(400, 3200, 5))
    found = median(pairs, Rules.plain(400, n_sites=5))
    assert found.status == "optimal"
    assert found.nodes > 0
    again = median(pairs, Rules.plain(400, n_sites=5))
    assert (again.chosen.tolist(), again.nodes) == (found.chosen.tolist(), found.nodes)


def test_a_stopped_answer_is_not_proven() -> None:
    pairs = all_pairs(network(400, 3200, 5))
    told: list[tuple[float, float]] = []
    rules = Rules.plain(400, n_sites=5)
    found = median(
        pairs, rules, limits=Limits(nodes=1), progress=lambda a, b: told.append((a, b))
    )  # fmt: skip
    best = median(pairs, rules)
    assert found.status == "feasible"
    assert found.nodes == 1
    assert found.bound <= best.objective <= found.objective
    assert 0 < found.gap < 0.05
    assert all(low <= known for known, low in told)
    assert told
    late = median(pairs, rules, limits=Limits(seconds=0.0))
    assert (late.status, late.by_clock) == ("feasible", True)


def test_existing_facilities_serve_whom_they_are_nearer_to() -> None:
    # on a line 0 .. 9 a facility stands at 0; one more serves the far end best at 6 or 7
    metres = np.abs(np.arange(10.0)[:, None] - np.arange(10.0)[None, :])
    pairs = all_pairs(metres)
    with_one = replace(pairs, beyond=metres[:, 0].copy())
    found = median(with_one, Rules.plain(10, n_sites=1))
    by_hand = [np.minimum(metres[:, j], metres[:, 0]).sum() for j in range(10)]
    assert found.objective == min(by_hand)
    assert by_hand[int(found.chosen[0])] == min(by_hand)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_choice_is_below_the_bound(data: st.DataObject) -> None:
    n, p = data.draw(st.integers(2, 6)), data.draw(st.integers(1, 3))
    number = st.integers(0, 20).map(float)
    rows = data.draw(st.lists(st.lists(number, min_size=n, max_size=n), min_size=1, max_size=7))
    metres = np.array(rows)
    pairs = replace(
        all_pairs(metres), beyond=np.array(data.draw(st.lists(
            st.one_of(number, st.just(np.inf)), min_size=len(rows), max_size=len(rows)
        )))
    )  # fmt: skip
    state = np.full(n, FREE, np.int8)
    known = float(data.draw(st.integers(0, 100)))
    found = bound(
        pairs, state, p, known, np.inf, first_prices(pairs), rounds=80, step=1.0, patience=9
    )
    total = [(c, pairs.total(c)) for c in every_choice(Rules.plain(n, n_sites=p))]
    assert all(found.low <= cost + 1e-9 for _, cost in total)
    # what a bound settles is true of every choice that is good enough
    bad = (np.zeros(n + 1, np.int64), np.empty(0, np.int64))
    after = settle(state, found, known, bad)
    for chosen, cost in total:
        if cost <= known - 1e-9:
            assert not (after[chosen] == OUT).any()


@pytest.mark.parametrize("p", [3, 12])
def test_centre_of_a_network(p: int) -> None:
    metres = network(150, 500, p)
    place, site = np.indices(metres.shape)
    rules = Rules.plain(150, n_sites=p)
    found = centre(site.ravel(), place.ravel(), metres.ravel(), 150, rules)
    assert found.status == "optimal"
    assert metres[:, found.chosen].min(axis=1).max() == found.objective == found.bound
    assert rules.allow(found.chosen)
