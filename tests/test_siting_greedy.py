"""Greedy over every point of the network: the same as with the whole cover at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from quarterhour.core import reach
from quarterhour.core.impedance import impedance
from quarterhour.core.siting import greedy_search, search_cover
from quarterhour.core.siting.greedy_search import every_vertex
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.sources.roads.read import read_roads
from quarterhour.walkers import WALKERS
from siting_cases import MICRO, people
from street_maps import costs_of, positions, streets
from test_search import LIMIT, WALKER, moderate
from towns import Town

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.core.impedance import Impedance


def whole_cover(
    costs: Impedance, candidates: reach.Stops, places: reach.Stops, limit_ms: int
) -> Cover:
    nodes = reach.reach_nodes(costs, candidates, limit_ms=limit_ms)
    found = reach.places_within(costs, candidates, nodes, places, limit_ms=limit_ms)
    return Cover(first=found.first, place=found.place, n_places=places.n_owners)


def test_by_eye() -> None:
    # within 200 m of B live 1 + 2 + 3 people, of E 5; C and D reach no more than these
    town = Town("A-B--C-----------D--E", ABCDE="residential")
    walks = town.walks(
        {"A": "A", "C": "C", "B": "B", "E": "E", "D": "D"},
        {"a": "A", "b": "B", "one": ("AB", 150), "e": "E"},
    )
    found = greedy_search.greedy(
        walks.costs, walks.sources, walks.places, people(1, 2, 3, 5), n_sites=2, limit_ms=200_000
    )
    # A and B both reach six, and A comes first
    assert (found.chosen.tolist(), found.gain.tolist()) == ([0, 3], [6 * MICRO, 5 * MICRO])
    assert found.covered == found.bound == 11 * MICRO


def test_nothing_more_to_gain() -> None:
    town = Town("A----B", AB="residential")
    walks = town.walks({"A": "A", "B": "B"}, {"a": "A", "b": "B"})
    run = lambda n, **more: greedy_search.greedy(  # noqa: E731
        walks.costs, walks.sources, walks.places, people(1, 2), n_sites=n, limit_ms=500_000, **more
    )
    assert run(2).chosen.tolist() == [0]
    assert run(0).chosen.tolist() == []
    assert run(2, done=np.array([True, True])).bound == 0
    assert run(1, forbidden=np.array([True, False])).chosen.tolist() == [1]


@moderate
@given(st.data(), LIMIT)
def test_equals_greedy_with_the_whole_cover(data: st.DataObject, limit_ms: int) -> None:
    town, walker = data.draw(streets()), data.draw(WALKER)
    shared = data.draw(st.sampled_from([None, 3]))
    at = data.draw(positions(town, walker, at_most=9, owners=shared))
    several = data.draw(st.sampled_from([None, 4]))
    homes = data.draw(positions(town, walker, at_most=12, owners=several))
    assume(at and homes)
    costs = costs_of(town, walker, toward=data.draw(st.booleans()))
    n, m = max(p.owner for p in at) + 1, max(p.owner for p in homes) + 1
    candidates, places = town.stops(at, n, costs), town.stops(homes, m, costs)
    weight = people(*data.draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)))
    done = np.array(data.draw(st.lists(st.booleans(), min_size=m, max_size=m)))
    p = data.draw(st.integers(1, 4))
    found = greedy_search.greedy(
        costs, candidates, places, weight, n_sites=p, limit_ms=limit_ms, done=done,
        threads=data.draw(st.integers(1, 3)),
    )  # fmt: skip
    cover = whole_cover(costs, candidates, places, limit_ms)
    rules = Rules.plain(n, n_sites=p)
    expected = search_cover.greedy(cover, weight, rules, done=done)
    assert found.chosen.tolist() == expected.tolist()
    assert found.covered == int(weight[cover.covered(expected) & ~done].sum())
    best = most_covered(cover, weight, rules, done=done).objective
    assert found.covered <= best <= found.bound


def test_heidelberg(shared: Path) -> None:
    network = read_roads(shared / "heidelberg" / "heidelberg.osm.pbf", store=False)
    costs = impedance(network, WALKERS["adult"])
    every = every_vertex(costs)
    assert every.n_owners > 160_000
    # every 60th vertex may be built on, every 11th holds people
    n, limit_ms, rng = every.n_owners, 600_000, np.random.default_rng(4)
    candidates, places = (
        some_of(every, np.arange(n) % 60 == 7),
        some_of(every, np.arange(n) % 11 == 0),
    )
    weight = rng.integers(0, 50, places.n_owners) * MICRO
    found = greedy_search.greedy(
        costs, candidates, places, weight, n_sites=12, limit_ms=limit_ms, threads=2
    )
    cover = whole_cover(costs, candidates, places, limit_ms)
    expected = search_cover.greedy(cover, weight, Rules.plain(candidates.n_owners, n_sites=12))
    assert found.chosen.tolist() == expected.tolist()
    assert found.covered == int(weight[cover.covered(expected)].sum())
    # of all vertices the first is at least as good, and few of them are searched
    best = greedy_search.greedy(costs, every, places, weight, n_sites=2, limit_ms=limit_ms)
    assert best.gain[0] >= found.gain[0]
    assert best.searches < n / 2


def some_of(stops: reach.Stops, keep: np.ndarray) -> reach.Stops:
    """Some owners only, numbered anew."""
    number = np.cumsum(keep) - 1
    use = keep[stops.owner]
    return reach.Stops(
        owner=number[stops.owner[use]], edge=stops.edge[use], offset_mm=stops.offset_mm[use],
        out_ms=stops.out_ms[use], in_ms=stops.in_ms[use], access_ms=stops.access_ms[use],
        n_owners=int(keep.sum()),
    )  # fmt: skip
