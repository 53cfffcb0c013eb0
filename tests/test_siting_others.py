"""Fewest sites, shortest sums and shortest longest walks: every choice, and published answers."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from quarterhour.core.siting.centre import centre
from quarterhour.core.siting.fewest import Need, fewest_sites
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.median import distances, median
from quarterhour.core.siting.nouns import Cover, Rules
from siting_cases import MICRO, best_of, cover_of, covers, people, rules_for
from test_siting_maximal import san_francisco, within

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.core.siting.median import Distances


def all_pairs(metres: NDArray[np.float64], weight: NDArray[np.float64]) -> Distances:
    place, site = np.indices(metres.shape)
    near = np.isfinite(metres)
    return distances(
        site[near], place[near], metres[near], weight, metres.shape[1]
    )  # fmt: skip


def test_fewest_sites_by_eye() -> None:
    # the long one and the two ends; the last place has no candidate and is left out
    cover = cover_of([".xxxx..", "xxx....", "...xxx."])
    found = fewest_sites(cover, people(*[1] * 7), Rules.plain(3))
    assert found.chosen.tolist() == [1, 2]
    assert (found.objective, found.bound, found.status) == (2, 2, "optimal")
    impossible = fewest_sites(cover, people(*[1] * 7), Rules.plain(3), every=True)
    assert impossible.status == "infeasible"


def test_a_share_needs_fewer() -> None:
    cover = cover_of([".xxxx.", "xxx...", "...xxx"])
    everywhere = np.ones(6, bool)
    four = Need(of=everywhere, amount=4 * MICRO, name="all")
    five = Need(of=everywhere, amount=5 * MICRO, name="all")
    weight, rules = people(*[1] * 6), Rules.plain(3)
    assert fewest_sites(cover, weight, rules, needs=[four]).chosen.tolist() == [0]
    assert fewest_sites(cover, weight, rules, needs=[five]).objective == 2
    west = Need(of=np.arange(6) < 2, amount=2 * MICRO, name="west")
    assert 1 in fewest_sites(cover, weight, rules, needs=[four, west]).chosen


def test_a_need_beyond_all_candidates_is_named() -> None:
    cover = cover_of(["xx.."])
    need = Need(of=np.arange(4) >= 1, amount=2 * MICRO, name="东镇")
    found = fewest_sites(cover, people(1, 1, 1, 1), Rules.plain(1), needs=[need])
    assert found.status == "infeasible"
    assert found.why["need"] == [("东镇", 2 * MICRO, MICRO)]


def test_the_cheapest_is_not_the_fewest() -> None:
    cover = cover_of(["xxxx", "xx..", "..xx"])
    rules = Rules.plain(3, cost=np.array([9, 4, 4], np.int64))
    assert fewest_sites(cover, people(1, 1, 1, 1), rules).chosen.tolist() == [0]
    cheap = fewest_sites(cover, people(1, 1, 1, 1), rules, by_cost=True)
    assert (cheap.chosen.tolist(), cheap.objective) == ([1, 2], 8)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_fewest_equals_the_best_of_every_choice(data: st.DataObject) -> None:
    cover = data.draw(covers(most_sites=12))
    rules = data.draw(rules_for(cover.n_sites))
    m = cover.n_places
    weight = people(*data.draw(st.lists(st.integers(0, 9), min_size=m, max_size=m)))
    done = np.array(data.draw(st.lists(st.booleans(), min_size=m, max_size=m)))
    needs = None
    if data.draw(st.booleans()):
        needs = [
            Need(
                of=np.array(data.draw(st.lists(st.booleans(), min_size=m, max_size=m))),
                amount=data.draw(st.integers(0, 20)) * MICRO,
            )
            for _ in range(data.draw(st.integers(1, 2)))
        ]
    possible = cover.covered(np.flatnonzero(~rules.forbidden))

    def worth(chosen: NDArray[np.int64]) -> float:
        got = cover.covered(chosen) | done
        if needs is None:
            enough = bool((got | ~possible).all())
        else:
            enough = all(int(weight[n.of & got].sum()) >= n.amount for n in needs)
        return -len(chosen) if enough else -np.inf

    best = best_of(rules, worth)
    found = fewest_sites(cover, weight, rules, done=done, needs=needs)
    if best is None or best == -np.inf:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.objective == found.bound == -best
    assert worth(found.chosen) == best
    assert rules.allow(found.chosen)


@settings(max_examples=60, deadline=None)
@given(covers(most_sites=8), st.data())
def test_as_many_sites_as_lscp_needs_cover_all(cover: Cover, data: st.DataObject) -> None:
    weight = people(*data.draw(
        st.lists(st.integers(1, 9), min_size=cover.n_places, max_size=cover.n_places)
    ))  # fmt: skip
    fewest = fewest_sites(cover, weight, Rules.plain(cover.n_sites))
    reachable = int(weight[cover.covered(np.arange(cover.n_sites))].sum())
    p = int(fewest.objective)
    assert most_covered(cover, weight, Rules.plain(cover.n_sites, n_sites=p)).objective == reachable
    if p:
        less = most_covered(cover, weight, Rules.plain(cover.n_sites, n_sites=p - 1))
        assert less.objective < reachable


@st.composite
def tables(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances of a few places to a few candidates, some missing, and weights."""
    m, n = draw(st.integers(1, 8)), draw(st.integers(1, 12))
    number = st.one_of(st.integers(0, 12).map(float), st.just(float("inf")))
    rows = draw(st.lists(st.lists(number, min_size=n, max_size=n), min_size=m, max_size=m))
    weight = draw(st.lists(st.integers(1, 5).map(float), min_size=m, max_size=m))
    return np.array(rows), np.array(weight)


@settings(max_examples=120, deadline=None)
@given(tables(), st.data())
def test_median_equals_the_best_of_every_choice(
    table: tuple[NDArray[np.float64], NDArray[np.float64]], data: st.DataObject
) -> None:
    metres, weight = table
    n = metres.shape[1]
    rules = data.draw(st.one_of(
        rules_for(n), st.integers(1, n).map(lambda p: Rules.plain(n, n_sites=p))
    ))  # fmt: skip

    def worth(chosen: NDArray[np.int64]) -> float:
        if not len(chosen):
            return -np.inf
        return -float((metres[:, chosen].min(axis=1) * weight).sum())

    best = best_of(rules, worth)
    found = median(all_pairs(metres, weight), rules)
    if best is None or best == -np.inf:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.objective == pytest.approx(-best)
    assert worth(found.chosen) == pytest.approx(best)
    assert rules.allow(found.chosen)


@settings(max_examples=100, deadline=None)
@given(tables(), st.data())
def test_centre_equals_the_best_of_every_choice(
    table: tuple[NDArray[np.float64], NDArray[np.float64]], data: st.DataObject
) -> None:
    metres, _ = table
    m, n = metres.shape
    rules = data.draw(rules_for(n))
    existing = np.array(data.draw(
        st.lists(st.sampled_from([np.inf, np.inf, 3.0]), min_size=m, max_size=m)
    ))  # fmt: skip

    def worth(chosen: NDArray[np.int64]) -> float:
        every = np.column_stack([metres[:, chosen], existing])
        return -float(every.min(axis=1).max())

    best = best_of(rules, worth)
    place, site = np.nonzero(np.isfinite(metres))
    found = centre(site, place, metres[place, site], m, rules, existing=existing)
    if best is None or best == -np.inf:
        assert found.status == "infeasible"
        return
    assert (found.status, found.objective, found.bound) == ("optimal", -best, -best)
    assert worth(found.chosen) == best


def test_san_francisco(shared: Path) -> None:
    metres, weight, stores = san_francisco(shared)
    folder = shared / "siting" / "spopt_sf"
    answers = json.loads((folder / "published_answers.json").read_text(encoding="utf-8"))
    lscp = fewest_sites(within(metres, 5000), weight, Rules.plain(16))
    assert (lscp.status, lscp.objective) == ("optimal", answers["lscp_sites"])
    four = Rules.plain(16, n_sites=4)
    found = median(all_pairs(metres, weight / MICRO), four)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(answers["pmedian_objective_person_m"], rel=1e-14)
    assert [stores[k] for k in found.chosen] == ["Store_2", "Store_11", "Store_12", "Store_15"]
    place, site = np.nonzero(np.isfinite(metres))
    far = centre(site, place, metres[place, site], len(metres), four)
    assert far.status == "optimal"
    assert far.objective == pytest.approx(answers["pcenter_max_distance_m"], rel=1e-9)
    assert [stores[k] for k in far.chosen] == ["Store_7", "Store_11", "Store_13", "Store_15"]


def orlib(path: Path) -> tuple[NDArray[np.float64], int]:
    """Shortest distances between all vertices, and the number of sites."""
    numbers = [int(word) for word in path.read_text(encoding="utf-8").split()]
    n, m, p = numbers[:3]
    edges = {}
    for k in range(3, 3 + 3 * m, 3):
        u, v, cost = numbers[k : k + 3]
        edges[u - 1, v - 1] = edges[v - 1, u - 1] = cost  # of a repeated edge the last counts
    at = np.array(list(edges))
    graph = csr_array((np.array(list(edges.values()), float), (at[:, 0], at[:, 1])), shape=(n, n))
    return dijkstra(graph), p


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_or_library(shared: Path, number: int) -> None:
    folder = shared / "siting" / "orlib"
    with (folder / "pmedopt.csv").open(encoding="utf-8") as file:
        rows = {r["instance"]: r for r in csv.DictReader(file)}
    metres, p = orlib(folder / f"pmed{number}.txt")
    found = median(all_pairs(metres, np.ones(len(metres))), Rules.plain(len(metres), n_sites=p))
    assert found.status == "optimal"
    assert found.objective == found.bound == float(rows[f"pmed{number}"]["optimal"])
