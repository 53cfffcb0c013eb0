"""Siting on a table of distances: published answers, every choice, and unusable tables."""

from __future__ import annotations

import csv
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.sparse import coo_array, csr_array

import quarterhour as qh
from test_siting_maximal import san_francisco
from test_siting_others import orlib

if TYPE_CHECKING:
    from pathlib import Path

NO = float("inf")
LINE = [[0, 4, 9], [3, 1, 6], [8, 4, 1], [NO, 9, 4]]
"""Four places and three candidates; nobody comes from the last place to the first candidate."""


def test_by_eye() -> None:
    people = [5, 1, 1, 2]
    most = qh.site_matrix(LINE, people, n_sites=1, within=4)
    assert (most.chosen.tolist(), most.objective, most.bound, most.gap) == ([1], 7.0, 7.0, 0.0)
    all_of_them = qh.site_matrix(LINE, people, problem="everyone", within=4)
    assert (all_of_them.chosen.tolist(), all_of_them.objective) == ([0, 2], 2)
    most_of_them = qh.site_matrix(LINE, people, problem="everyone", within=4, share=0.7)
    assert most_of_them.chosen.tolist() == [1]
    walked = qh.site_matrix(LINE, people, problem="median", n_sites=2)
    assert (walked.chosen.tolist(), walked.objective) == ([0, 2], 0 + 3 + 1 + 8)
    longest = qh.site_matrix(LINE, problem="center", n_sites=1)
    assert (longest.chosen.tolist(), longest.objective) == ([1], 9)
    twice = qh.site_matrix(LINE, people, problem="backup", n_sites=2, within=4)
    assert (twice.chosen.tolist(), twice.objective) == (
        [1, 2],
        1,
    )  # all once, the third place twice


def test_what_stands_already_counts() -> None:
    new = qh.site_matrix(LINE, [5, 1, 1, 2], n_sites=1, within=4, existing=[1])
    assert (new.chosen.tolist(), new.objective) == ([2], 2.0)
    walked = qh.site_matrix(LINE, problem="median", n_sites=1, existing=[0, 1])
    assert (walked.chosen.tolist(), walked.objective) == ([2], 0 + 1 + 1 + 4)
    bought = qh.site_matrix(LINE, [5, 1, 1, 2], within=4, cost=[3, 9, 4], budget=7)
    assert (bought.chosen.tolist(), bought.objective) == ([0, 2], 9.0)
    kept = qh.site_matrix(LINE, [5, 1, 1, 2], n_sites=2, within=4, required=[0], forbidden=[2])
    assert kept.chosen.tolist() == [0, 1]


def test_what_is_not_stored_has_no_way_and_zero_is_a_distance() -> None:
    table = np.array(LINE)
    at = np.nonzero(np.isfinite(table))
    sparse = coo_array((table[at], at), shape=table.shape)
    assert sparse.nnz == table.size - 1  # the zero is stored
    for problem in ("median", "center"):
        one = qh.site_matrix(table, problem=problem, n_sites=2)
        other = qh.site_matrix(csr_array(sparse), problem=problem, n_sites=2)
        assert one.objective == other.objective
        assert one.chosen.tolist() == other.chosen.tolist()


def test_a_place_without_a_way_to_anything_cannot_be_walked_from() -> None:
    cut_off = [[1, 2], [NO, NO]]
    assert qh.site_matrix(cut_off, problem="median", n_sites=1).status == "infeasible"
    assert qh.site_matrix(cut_off, problem="center", n_sites=1).status == "infeasible"
    nobody = qh.site_matrix(cut_off, [1, 0], problem="center", n_sites=1)
    assert (nobody.status, nobody.objective) == ("optimal", 1)


@pytest.mark.parametrize(("p", "radius_m"), [(2, 3500), (3, 6500), (5, 2500), (6, 4200)])
def test_san_francisco_against_every_choice(shared: Path, p: int, radius_m: float) -> None:
    metres, weight, _ = san_francisco(shared)
    people = weight / 1_000_000
    near = metres <= radius_m
    choices = [list(c) for c in combinations(range(16), p)]
    most = max(float(people[near[:, c].any(axis=1)].sum()) for c in choices)
    walked = min(float((people * metres[:, c].min(axis=1)).sum()) for c in choices)
    longest = min(float(metres[people > 0][:, c].min(axis=1).max()) for c in choices)
    found = qh.site_matrix(metres, people, n_sites=p, within=radius_m)
    assert (found.status, found.objective, found.bound) == ("optimal", most, most)
    found = qh.site_matrix(metres, people, problem="median", n_sites=p)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(walked, rel=1e-12)
    found = qh.site_matrix(metres, people, problem="center", n_sites=p)
    assert (found.status, found.objective) == ("optimal", longest)


def test_or_library(shared: Path) -> None:
    folder = shared / "siting" / "orlib"
    with (folder / "pmedopt.csv").open(encoding="utf-8") as file:
        best = {r["instance"]: float(r["optimal"]) for r in csv.DictReader(file)}
    metres, p = orlib(folder / "pmed4.txt")
    found = qh.site_matrix(metres, problem="median", n_sites=p)
    assert (found.status, found.objective, found.bound) == ("optimal", best["pmed4"], best["pmed4"])


@pytest.mark.parametrize(
    ("distance", "question", "told"),
    [
        (LINE, {"n_sites": 4, "within": 4}, "n_sites is 4; needed is a whole number from 1"),
        (LINE, {"n_sites": 0, "within": 4}, "n_sites is 0"),
        (LINE, {"n_sites": 1.5, "within": 4}, "n_sites is 1.5"),
        (LINE, {"n_sites": 1}, "needs within"),
        (LINE, {"within": 4}, "needs n_sites"),
        (LINE, {"n_sites": 1, "within": float("nan")}, "needs within"),
        (LINE, {"problem": "median", "n_sites": 1, "within": 4}, "looks at every distance"),
        (LINE, {"problem": "mclp", "n_sites": 1}, "needed is one of most_people"),
        (LINE, {"people": [1, 2], "n_sites": 1, "within": 4}, r"the shape \(2,\)"),
        (LINE, {"people": [1, -2, 1, 1], "n_sites": 1, "within": 4}, "go from -2"),
        (LINE, {"people": [1, NO, 1, 1], "n_sites": 1, "within": 4}, "people go from"),
        (LINE, {"people": ["a", 2, 1, 1], "n_sites": 1, "within": 4}, "not numbers"),
        (LINE, {"budget": 5, "within": 4}, "cost and budget go together"),
        (LINE, {"budget": -5, "cost": [1, 1, 1], "within": 4}, "budget is -5"),
        (LINE, {"budget": 5, "cost": [1, -1, 1], "within": 4}, "cost go from -1"),
        (LINE, {"n_sites": 1, "within": 4, "required": [3]}, "required names the column 3"),
        (LINE, {"n_sites": 1, "within": 4, "required": [1], "forbidden": [1]}, "take one of the"),
        (LINE, {"n_sites": 1, "within": 4, "share": 0.5}, "share is 0.5"),
        (LINE, {"problem": "everyone", "within": 4, "share": 90}, "share is 90"),
        ([[1, -2]], {"n_sites": 1, "within": 4}, "a distance is -2"),
        ([1, 2], {"n_sites": 1, "within": 4}, "1 dimensions"),
        ([[]], {"n_sites": 1, "within": 4}, "1 places and 0 candidates"),
        ([["x"]], {"n_sites": 1, "within": 4}, "not a table of numbers"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(
    distance: Any,
    question: dict[str, Any],
    told: str,
) -> None:
    with pytest.raises(qh.InputError, match=told):
        qh.site_matrix(distance, **question)


def test_one_pair_twice_is_not_added_up() -> None:
    twice = coo_array(([1.0, 2.0], ([0, 0], [0, 0])), shape=(1, 1))
    with pytest.raises(qh.InputError, match="the same pair twice"):
        qh.site_matrix(twice, n_sites=1, within=1)
