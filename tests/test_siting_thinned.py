"""Too many candidates for their places to be listed: a net of them, and what it may cost at most.

The small town of `siting_town` with a candidate on every few metres of its streets.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.everywhere import Narrowed
from quarterhour.core.siting.nouns import Rules, Solution
from quarterhour.errors import InputError
from quarterhour.siting.candidates import network_candidates
from quarterhour.siting.closing import ClosingResult
from quarterhour.siting.result import SiteResult
from quarterhour.siting.run import run_site
from quarterhour.siting.shared import SharedResult
from quarterhour.siting.tables import answers_of
from quarterhour.siting.wide import RADII_MS, Ask, Wide, thinned
from siting_town import siting_study
from test_siting_closed import closing_study
from test_siting_for_targets import indicator, targets_study
from test_siting_shared import shared_study

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.siting.cover import SiteCover

MOST_TRIED = 60
"""Candidates of which every pair is tried."""

ROUNDING_MS = 4
"""Parts of an arc are timed each with its own rounding."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Asks by metres between candidates and seconds of reach, every walk of theirs known."""
    found = run_site(siting_study(tmp_path_factory.mktemp("town"), {"n_sites": 1})).result
    assert isinstance(found, SiteResult)
    given_, ground = found.given, found.given.ground
    weight = np.where(ground.inside, ground.demand.amounts[given_.group], 0)

    @cache
    def made(spacing_m: int, limit_s: int) -> tuple[Ask, SiteCover]:
        at = network_candidates(given_, spacing_m=spacing_m).at
        ask = Ask(given=given_, at=at, weight=weight, limit_ms=limit_s * 1_000)
        return ask, ask.reach()

    return made


def walks(reach: SiteCover, beyond_ms: int) -> np.ndarray:
    """Milliseconds by candidate and place, `beyond_ms` where it is farther than was searched."""
    table = np.full((reach.cover.n_sites, reach.cover.n_places), beyond_ms, np.int64)
    table[reach.cover.site, reach.cover.place] = reach.ms
    return table


@settings(max_examples=30, deadline=None)
@given(
    spacing_m=st.sampled_from([30, 60, 120]),
    limit_s=st.sampled_from([120, 300, 600]),
    most_pairs=st.integers(1, 400),
    seed=st.integers(0, 100),
)
def test_whoever_a_candidate_serves_a_kept_one_serves_almost_as_well(
    town: Any,
    spacing_m: int,
    limit_s: int,
    most_pairs: int,
    seed: int,
) -> None:
    ask, reach = town(spacing_m, limit_s)
    n = len(ask.at)
    out = np.random.default_rng(seed).random(n) < 0.2
    rules = Rules.plain(n)
    rules = Rules(
        required=np.arange(n) == seed % n, forbidden=out & (np.arange(n) != seed % n),
        exclusive=rules.exclusive, apart=rules.apart,
    )  # fmt: skip
    found = thinned(ask, rules, most_pairs=most_pairs)
    kept, usable = np.flatnonzero(found.kept), np.flatnonzero(~rules.forbidden)
    assert found.kept[seed % n]
    assert not found.kept[rules.forbidden].any()
    # nobody loses the only candidate in reach
    assert np.array_equal(reach.cover.covered(kept), reach.cover.covered(usable))
    assert found.unreached_at.tolist() == ((ask.weight > 0) & ~reach.cover.covered(usable)).tolist()
    # of every candidate there is a kept one that is at most so much farther for everybody
    table = walks(reach, ask.limit_ms)
    moved = found.moved_ms
    assert moved is not None
    table[:, ask.weight == 0] = 0
    for one in usable[np.diff(reach.cover.first)[usable] > 0].tolist():
        worse = (table[kept] - table[one]).max(axis=1).min()
        assert worse <= moved + ROUNDING_MS
    # and so it is for the best pair of all: the sum of all walks, and the longest one
    people = ask.weight // 1_000_000

    def best(of: np.ndarray) -> tuple[int, int]:
        pairs = itertools.combinations_with_replacement(of.tolist(), 2)
        near = [np.minimum(table[a], table[b]) for a, b in pairs]
        return min(int((w * people).sum()) for w in near), min(int(w.max()) for w in near)

    if len(usable) <= MOST_TRIED:
        (total, longest), (least, shortest) = best(kept), best(usable)
        assert total <= least + (moved + ROUNDING_MS) * int(people.sum())
        assert longest <= shortest + moved + ROUNDING_MS


def test_fewer_pairs_make_the_net_wider(town: Any) -> None:
    ask, reach = town(30, 300)
    n, pairs = len(ask.at), len(reach.cover.place)
    plain = Rules.plain(n)
    every = thinned(ask, plain, most_pairs=pairs)
    few = thinned(ask, plain, most_pairs=pairs // 8)
    assert 0 < few.kept.sum() < every.kept.sum() < n
    assert every.moved_ms is not None
    assert few.moved_ms is not None
    assert every.moved_ms <= RADII_MS[0] < few.moved_ms
    assert few.pairs == every.pairs == int((ask.weight > 0)[reach.cover.place].sum())


def test_of_neighbours_the_cheapest_stays(town: Any) -> None:
    ask, _ = town(30, 300)
    n = len(ask.at)
    cost = np.full(n, 100, np.int64)
    cost[::4] = 1
    found = thinned(ask, Rules.plain(n, cost=cost, budget=500), most_pairs=100)
    kept = found.kept & (found.alone > 0)
    assert (cost[kept] == 1).mean() > (cost == 1).mean()


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any number of candidates is too large."""
    monkeypatch.setattr(Ask, "too_many", lambda _ask: True)


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("problem", ["everyone", "median", "center", "backup"])
def test_the_answer_tells_what_was_looked_at(problem: str, tmp_path: Path) -> None:
    keys = {"problem": problem, "candidates": "network", "spacing_m": 10}
    if problem != "everyone":
        keys["n_sites"] = 2
    found = run_site(siting_study(tmp_path, keys)).result
    assert isinstance(found, SiteResult)
    assert found.steps
    assert found.change is not None
    n = len(found.candidates)
    if problem == "everyone":  # as many as without the net: 甲 has one, four more are needed
        assert found.among is None
        assert (found.solution.status, found.solution.objective, found.solution.bound) == (
            "optimal", 4, 4
        )  # fmt: skip
        told = [note.en for note in answers_of(found) if f"{n:,} candidates: chosen" in note.en]
        assert told[0].endswith("the gap is counted from a bound for all of them")
        assert found.unreached == 7e6  # 山 has no road near it
        assert found.change.after.counts[-1]["all"].uncovered == 0
        return
    if problem == "median":
        assert found.among is None
        assert found.solution.bound <= found.solution.objective
        assert found.solution.gap < 0.1
        told = [note.en for note in answers_of(found) if f"{n:,} candidates: chosen" in note.en]
        assert told[0].endswith("the gap is counted from a bound for all of them")
        return
    if problem == "backup":
        assert found.among is None
        assert found.solution.status == "optimal"
        told = [note.en for note in answers_of(found) if f"{n:,} candidates: those" in note.en]
        assert told[0].endswith("what is said holds for all of them")
        return
    told = [note.en for note in answers_of(found) if "candidates are too many" in note.en]
    assert len(told) == 1
    assert told[0].startswith(f"{n:,} candidates are too many: one of each neighbourhood, ")
    # the first radius, 15 seconds, is enough, and what the walks come to is rounded up
    assert told[0].endswith((" is at most 0.2 min on foot from one of them",
                             " is at most 0.3 min on foot from one of them"))  # fmt: skip


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_shares_are_bounded_for_all_candidates(share: float, tmp_path: Path) -> None:
    keys = {"problem": "everyone", "candidates": "network", "spacing_m": 60, "share": share}
    found = run_site(siting_study(tmp_path / "net", keys)).result
    assert isinstance(found, SiteResult)
    assert found.change is not None
    assert found.among is None
    after = found.change.after.counts[-1]["all"]
    assert after.covered >= after.total * share - 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ask, "too_many", lambda _ask: False)
        every = run_site(siting_study(tmp_path / "all", keys)).result
    assert isinstance(every, SiteResult)
    assert every.solution.status == "optimal"
    assert found.solution.bound <= every.solution.objective <= found.solution.objective
    assert found.solution.bound >= 1


@pytest.mark.usefixtures("crowded")
def test_moving_and_several_services(tmp_path: Path) -> None:
    site = {"problem": "move", "n_sites": 1, "candidates": "network", "spacing_m": 10}
    moved = run_site(closing_study(tmp_path / "move", site)).result
    assert isinstance(moved, ClosingResult)
    # 东邻 is not needed, and somewhere along the streets it covers 乙 20
    assert moved.lost == -20e6
    assert [note.en.split(":")[0].split(" ", 1)[1] for note in moved.notes] == [
        "candidates are too many"
    ]
    site = {"n_sites": 2, "candidates": "network", "spacing_m": 10}
    shared = run_site(shared_study(tmp_path / "shared", site)).result
    assert isinstance(shared, SharedResult)
    assert all(len(one.notes) == 1 for one in shared.sites)
    assert shared.solution.status == "optimal"


@pytest.mark.usefixtures("crowded")
def test_targets_are_not_asked_of_so_many(tmp_path: Path) -> None:
    plan = indicator("T-1", "share_in_reach", 85, minutes="5")
    path = targets_study(tmp_path, plan, {"candidates": "network"})
    with pytest.raises(InputError, match="too many places to be listed; take candidates"):
        run_site(path)


def test_a_narrowing_that_its_size_stops() -> None:
    none = np.zeros(3, bool)
    for by_clock in (False, True):
        narrowed = Narrowed(
            kept=none, alone=np.zeros(3, np.int64), chosen=np.array([0]), known=80, bound=100,
            whole=False, pairs=9, bounds=np.array([0, 100]), others=none, joined=none,
            by_clock=by_clock,
        )  # fmt: skip
        wide = Wide(
            kept=none, alone=narrowed.alone, usable=~none, pairs=9, unreached_at=none,
            narrowed=narrowed,
        )  # fmt: skip
        best = Solution(status="optimal", chosen=np.array([0]), objective=90, bound=90)
        told = wide.told(best)
        assert (told.status, told.bound, told.gap) == ("feasible", 100, pytest.approx(1 / 9))
        assert (told.by_clock, told.by_size) == (by_clock, not by_clock)
        proven = wide.told(
            Solution(status="optimal", chosen=np.array([0]), objective=100, bound=100)
        )
        assert (proven.status, proven.by_clock, proven.by_size) == ("optimal", False, False)
