"""A second cover with many candidates: those of no best first cover are left out, and no others."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting import backup as module
from quarterhour.core.siting.backup import Backup, backup
from quarterhour.core.siting.everywhere import Narrowed
from quarterhour.core.siting.everywhere_backup import as_good, only
from quarterhour.core.siting.nouns import Rules, Solution
from quarterhour.siting.wide import Wide
from test_siting_everywhere import random_case


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 11), st.integers(1, 4))
def test_whatever_covers_as_much_stays(seed: int, n: int, p: int) -> None:
    cover, weight = random_case(seed, n, 30)
    rng = np.random.default_rng(seed)
    done = rng.random(30) < 0.3
    plain = Rules.plain(n, n_sites=p)
    rules = dataclasses.replace(plain, forbidden=rng.random(n) < 0.2)
    open_ = np.flatnonzero(~rules.forbidden)
    size = min(p, len(open_))
    worth = {
        some: int(weight[cover.covered(np.array(some, np.int64)) & ~done].sum())
        for some in itertools.combinations(open_.tolist(), size)
    }
    best = max(worth.values())
    for known in (best, best * 9 // 10):
        kept = as_good(cover, weight, rules, done, known)
        for some, value in worth.items():
            assert value < known or kept[list(some)].all()
        assert not kept[rules.forbidden].any()
        less = only(cover, kept)
        assert less.n_sites == n
        assert np.array_equal(less.covered(np.arange(n)), cover.covered(np.flatnonzero(kept)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 9), st.integers(1, 3))
def test_the_second_cover_is_that_of_all_candidates(seed: int, n: int, p: int) -> None:
    cover, weight = random_case(seed, n, 25)
    rng = np.random.default_rng(seed)
    times = rng.integers(0, 3, 25)
    best = (-1, -1)
    for some in itertools.combinations(range(n), min(p, n)):
        count = times + np.bincount(cover.rows(np.array(some)).place, minlength=25)
        best = max(best, (int(weight[count >= 1].sum()), int(weight[count >= 2].sum())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MANY", 0)
        found = backup(cover, weight, Rules.plain(n, n_sites=p), times=times)
    assert (found.once, found.twice) == best
    assert found.solution.status == "optimal"
    assert found.solution.objective == found.solution.bound == best[1]


def test_a_bound_for_all_candidates_where_some_are_left_out() -> None:
    none = np.zeros(2, bool)
    narrowed = Narrowed(
        kept=none, alone=np.zeros(2, np.int64), chosen=np.array([0]), known=5, bound=5, whole=False,
        pairs=9, bounds=np.array([0, 5]), others=none, joined=none,
        by_clock=False,
    )  # fmt: skip
    # 100 may get a second cover, 40 have one; sites reach 30 of them at most; 7 have two already
    wide = Wide(
        kept=none, alone=narrowed.alone, usable=~none, pairs=9, unreached_at=none,
        narrowed=narrowed, twice=(100, 40 + 30, 7),
    )  # fmt: skip
    best = Solution(status="optimal", chosen=np.array([0]), objective=17, bound=17)
    # 55 of the 100 are covered once, so of 70 covers 15 are second ones at most
    told = wide.told_backup(Backup(solution=best, once=55 + 7, twice=17)).solution
    assert (told.status, told.bound, told.by_size) == ("feasible", 7 + 15, True)
    whole = dataclasses.replace(wide, narrowed=dataclasses.replace(narrowed, whole=True))
    assert whole.told_backup(Backup(solution=best, once=62, twice=17)).solution is best
