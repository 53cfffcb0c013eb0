"""The lowest choice by eye, of published problems, where it takes too long, and what is told."""

from __future__ import annotations

import time
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import quarterhour as qh
from quarterhour.core.siting import lowest_exact
from quarterhour.core.siting.building import site_variables
from quarterhour.core.siting.fewest import fewest_sites
from quarterhour.core.siting.milp import NO_LIMITS, Limits, Program
from quarterhour.core.siting.nouns import Rules, Solution
from quarterhour.core.siting.outcome import lowest_equal
from quarterhour.core.siting.shared_budget import Service
from quarterhour.siting.split import split
from quarterhour.siting.words import verdict_of
from siting_cases import cover_of, flags_for
from siting_ties import begun, likes, lowest_of_two, tied_covers
from test_siting_maximal import san_francisco

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover
    from quarterhour.inputs import Note

__all__ = ["begun"]

RING = [
    "x....x",
    "..xx..",
    ".xx...",
    "...xx.",
    "xx....",
    "....xx",
]
"""Six candidates round a square of six places. The first, the third and the fourth cover all; so do
the other three, and no exchange of one site leads from these to those."""


def test_by_eye() -> None:
    cover, rules = cover_of(RING), Rules.plain(6)
    found = fewest_sites(cover, np.ones(6, np.int64), rules)
    assert (found.chosen.tolist(), found.ties) == ([0, 2, 3], "lowest")
    # without the first candidate there is only one way
    rules = Rules(
        required=np.zeros(6, bool), forbidden=np.arange(6) == 0, exclusive=np.full(6, -1),
        apart=np.empty((0, 2), np.int64),
    )  # fmt: skip
    found = fewest_sites(cover, np.ones(6, np.int64), rules)
    assert (found.chosen.tolist(), found.ties) == ([1, 4, 5], "lowest")


def test_from_the_other_way_round() -> None:
    cover = cover_of(RING)
    program = Program("min")
    sites = site_variables(program, Rules.plain(6), cost=1.0)
    program.rows(cover.place, sites[cover.site], 1.0, lower=1.0, n=6)

    def worth(picked: NDArray[np.bool_]) -> int | None:
        chosen = np.flatnonzero(picked)
        return len(chosen) if cover.covered(chosen).all() else None

    other = np.isin(np.arange(6), [1, 4, 5])
    low = lowest_equal(program, sites, worth, other, 3, scale=1)
    assert (np.flatnonzero(low.picked).tolist(), low.ties) == ([0, 2, 3], "lowest")
    over = lowest_equal(
        program, sites, worth, other, 3, scale=1, limits=Limits(seconds=0.0),
        begin=time.monotonic() - 1,
    )  # fmt: skip
    assert (np.flatnonzero(over.picked).tolist(), over.ties) == ([1, 4, 5], "stopped")


def test_too_large_to_look_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lowest_exact, "ENTRIES", 0)
    found = fewest_sites(cover_of(RING), np.ones(6, np.int64), Rules.plain(6))
    assert (found.status, found.objective, found.ties) == ("optimal", 3, "exchanged")
    monkeypatch.undo()
    monkeypatch.setattr(lowest_exact, "WORK", 0)
    found = fewest_sites(cover_of(RING), np.ones(6, np.int64), Rules.plain(6))
    assert (found.status, found.objective, found.ties) == ("optimal", 3, "exchanged")


def test_what_is_told() -> None:
    none = np.empty(0, np.int64)

    def told(ties: str, status: str = "optimal") -> Note:
        return verdict_of(Solution(status=status, chosen=none, objective=5.0, bound=6.0, ties=ties))

    assert told("lowest") == told("")
    assert "编号更小" in told("exchanged").zh
    assert "a choice as good with lower numbers may exist" in told("exchanged").en
    assert "another run gives the same" in told("exchanged").en
    assert "another run gives the same" not in told("stopped").en
    assert "结果相同" not in told("stopped").zh
    assert told("exchanged", "feasible") == told("", "feasible")
    best = Solution(status="optimal", chosen=none, objective=5.0, bound=5.0, ties="lowest")
    found = Solution(status="feasible", chosen=none, objective=5.0, bound=6.0, ties="lowest")
    assert (best.lowest, found.lowest) == ("lowest", None)


def test_san_francisco(shared: Path) -> None:
    """Of the eight best sets the lowest."""
    metres, weight, _ = san_francisco(shared)
    near = metres <= 5000
    best = [c for c in combinations(range(16), 8) if near[:, c].any(axis=1).all()]
    assert len(best) == 8
    found = qh.site_matrix(metres, weight / 1e6, problem="everyone", within=5000)
    assert (found.ties, found.chosen.tolist()) == ("lowest", list(min(best)))
    for p in (3, 5):
        worth = {c: int(weight[near[:, c].any(axis=1)].sum()) for c in combinations(range(16), p)}
        most = max(worth.values())
        found = qh.site_matrix(metres, weight / 1e6, n_sites=p, within=5000)
        wanted = min(c for c, value in worth.items() if value == most)
        assert (found.ties, found.chosen.tolist()) == ("lowest", list(wanted))


@pytest.mark.usefixtures("begun")
@settings(max_examples=60, deadline=None)
@given(tied_covers(most_sites=4), tied_covers(most_sites=4), st.booleans(), st.data())
def test_a_number_that_services_share_is_split(
    one: Cover, other: Cover, fair: bool, data: st.DataObject
) -> None:
    services = [
        Service(cover=cover, weight=data.draw(likes(cover.n_places)),
                rules=Rules.plain(cover.n_sites), factor=data.draw(st.integers(1, 2)),
                done=data.draw(flags_for(cover.n_places)))
        for cover in (one, other)
    ]  # fmt: skip
    number = data.draw(st.integers(1, 4))
    found = split(services, number, fair=fair, limits=NO_LIMITS)
    assert (found.solution.status, found.solution.ties) == ("optimal", "lowest")
    assert found.solution.chosen.tolist() == lowest_of_two(services, number, None, fair=fair)
