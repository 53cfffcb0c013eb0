"""Most people with a number of sites: against every choice, and against published answers."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import READ, Limits, Program, solve
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.reduce import dominated, merged
from siting_cases import best_of, cover_of, covers, people, rules_for

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def worth(cover: Cover, weight: NDArray[np.int64], chosen: NDArray[np.int64]) -> int:
    return int(weight[cover.covered(chosen)].sum())


def test_greedy_is_not_best_and_the_answer_is() -> None:
    # the middle covers 6 people, but the two ends together cover all 8
    cover = cover_of([".xxxx.", "xxx...", "...xxx"])
    weight = people(1, 1, 2, 2, 1, 1)
    rules = Rules.plain(3, n_sites=2)
    assert worth(cover, weight, search_cover.greedy(cover, weight, rules)) == 7_000_000
    found = most_covered(cover, weight, rules)
    assert found.chosen.tolist() == [1, 2]
    assert found.objective == 8_000_000
    assert found.status == "optimal"
    assert found.gap == 0


def test_what_is_covered_already_does_not_count() -> None:
    cover = cover_of(["xx..", "..x.", "...x"])
    done = np.array([True, True, False, False])
    found = most_covered(cover, people(9, 9, 1, 2), Rules.plain(3, n_sites=1), done=done)
    assert found.chosen.tolist() == [2]
    assert found.objective == 2_000_000


def test_of_equal_sites_the_lowest_is_chosen() -> None:
    cover = cover_of(["x..", ".x.", "..x"])
    found = most_covered(cover, people(5, 5, 5), Rules.plain(3, n_sites=2))
    assert found.chosen.tolist() == [0, 1]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_equals_the_best_of_every_choice(data: st.DataObject) -> None:
    cover = data.draw(covers(most_sites=12))
    rules = data.draw(rules_for(cover.n_sites))
    weight = people(*data.draw(
        st.lists(st.integers(0, 20), min_size=cover.n_places, max_size=cover.n_places)
    ))  # fmt: skip
    done = np.array(data.draw(
        st.lists(st.sampled_from([False, False, True]), min_size=cover.n_places,
                 max_size=cover.n_places)
    ))  # fmt: skip
    left = np.where(done, 0, weight)
    best = best_of(rules, lambda chosen: worth(cover, left, chosen))
    found = most_covered(cover, weight, rules, done=done)
    if best is None:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert found.objective == found.bound == best == worth(cover, left, found.chosen)
    assert rules.allow(found.chosen)


@settings(max_examples=40, deadline=None)
@given(covers(most_sites=9, most_places=12), st.data())
def test_more_sites_never_cover_less(cover: Cover, data: st.DataObject) -> None:
    weight = people(*data.draw(
        st.lists(st.integers(0, 9), min_size=cover.n_places, max_size=cover.n_places)
    ))  # fmt: skip
    got = [
        most_covered(cover, weight, Rules.plain(cover.n_sites, n_sites=p)).objective
        for p in range(cover.n_sites + 1)
    ]
    assert got == sorted(got)
    assert got[0] == 0
    assert got[-1] == worth(cover, weight, np.arange(cover.n_sites))


@settings(max_examples=60, deadline=None)
@given(covers(), st.data())
def test_the_bound_is_never_below_what_can_be_covered(cover: Cover, data: st.DataObject) -> None:
    weight = people(*data.draw(
        st.lists(st.integers(0, 20), min_size=cover.n_places, max_size=cover.n_places)
    ))  # fmt: skip
    p = data.draw(st.integers(1, cover.n_sites))
    best = best_of(Rules.plain(cover.n_sites, n_sites=p), lambda c: worth(cover, weight, c))
    for rounds in (1, 5, 200):
        bound = search_cover.lagrangian(cover, weight, p, 0, rounds=rounds)
        assert best is not None
        assert bound.value >= best * (1 - 1e-12)


@settings(max_examples=60, deadline=None)
@given(covers(), st.data())
def test_merged_places_keep_every_choice_worth_the_same(cover: Cover, data: st.DataObject) -> None:
    weight = people(*data.draw(
        st.lists(st.integers(0, 20), min_size=cover.n_places, max_size=cover.n_places)
    ))  # fmt: skip
    small = merged(cover, weight)
    chosen = np.array(sorted(data.draw(st.sets(st.integers(0, cover.n_sites - 1)))), np.int64)
    assert small.worth(chosen) == worth(cover, weight, chosen)
    assert len(small.weight) == len({
        tuple(row) for row in np.split(cover.transposed().place, cover.transposed().first[1:-1])
        if len(row)
    })  # fmt: skip


def test_a_candidate_inside_another_is_left_out_unless_it_is_cheaper() -> None:
    cover = cover_of(["xx.", "x..", "..x", "xx.", "..."])
    weight, free = people(1, 1, 1), np.ones(5, bool)
    assert dominated(cover, weight, free).tolist() == [False, True, False, True, True]
    cost = np.array([5, 1, 1, 4, 0], np.int64)
    assert dominated(cover, weight, free, cost=cost).tolist() == [True, False, False, False, True]
    only = np.array([True, True, False, False, False])  # the fourth is tied to another by a rule
    assert dominated(cover, weight, only).tolist() == [False, True, False, False, False]


def test_after_the_work_is_done_the_candidates_that_are_left_stay() -> None:
    # each row but the first is inside the one before it
    cover = cover_of(["xxxxx", "xxxx ", "xxx  ", "xx   ", "x    "])
    free = np.ones(5, bool)
    few = dominated(cover, people(1, 1, 1, 1, 1), free, most_steps=1)
    assert dominated(cover, people(1, 1, 1, 1, 1), free).tolist() == [False] + [True] * 4
    assert 0 < few.sum() < 4


def test_a_program_too_large_for_the_time_is_not_begun() -> None:
    program = Program("max")
    x = program.variables(2, cost=1.0, whole=True)
    program.rows(np.zeros(2, np.int64), x, 1.0, upper=1.0)
    assert solve(program, limits=Limits(seconds=60)).objective == 1
    late = solve(program, limits=Limits(seconds=program.n_entries / READ / 2))
    assert (late.status, late.by_clock, len(late.x)) == ("nothing", True, 0)


def test_an_answer_stopped_early_never_calls_itself_optimal() -> None:
    rng = np.random.default_rng(3)
    marks = rng.random((60, 400)) < 0.06
    cover = cover_of(["".join(".x"[int(m)] for m in row) for row in marks])
    weight = people(*rng.integers(1, 50, 400))
    rules = Rules.plain(60, n_sites=9)
    stopped = most_covered(cover, weight, rules, limits=Limits(nodes=0))
    whole = most_covered(cover, weight, rules)
    assert whole.status == "optimal"
    assert stopped.bound >= whole.objective >= stopped.objective
    assert stopped.status == ("optimal" if stopped.bound == stopped.objective else "feasible")
    again = most_covered(cover, weight, rules, limits=Limits(nodes=0))
    assert again.chosen.tolist() == stopped.chosen.tolist()
    assert again.bound == stopped.bound


def san_francisco(shared: Path) -> tuple[NDArray[np.float64], NDArray[np.int64], list[str]]:
    """Metres from each tract to each store, people, and the names of the stores."""
    folder = shared / "siting" / "spopt_sf"
    name = "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with (folder / name).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    stores = sorted({r["name"] for r in rows}, key=lambda s: int(s.split("_")[1]))
    tracts = sorted({r["DestinationName"] for r in rows})
    metres = np.full((len(tracts), len(stores)), np.nan)
    weight = np.zeros(len(tracts), np.int64)
    for r in rows:
        i, j = tracts.index(r["DestinationName"]), stores.index(r["name"])
        metres[i, j] = float(r["distance"])
        weight[i] = int(r["demand"]) * 1_000_000
    return metres, weight, stores


def within(metres: NDArray[np.float64], radius_m: float) -> Cover:
    lists = [np.flatnonzero(metres[:, j] <= radius_m) for j in range(metres.shape[1])]
    return Cover(
        first=np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64),
        place=np.concatenate(lists).astype(np.int32),
        n_places=len(metres),
    )


def test_san_francisco(shared: Path) -> None:
    metres, weight, stores = san_francisco(shared)
    answers = json.loads(
        (shared / "siting" / "spopt_sf" / "published_answers.json").read_text(encoding="utf-8")
    )
    found = most_covered(within(metres, 5000), weight, Rules.plain(16, n_sites=4))
    assert found.status == "optimal"
    assert found.objective == answers["mclp_people_covered"] * 1_000_000
    assert [stores[k] for k in found.chosen] == ["Store_2", "Store_11", "Store_12", "Store_15"]
