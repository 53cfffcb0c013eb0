"""What closes, what moves, and another choice nearly as good: against every choice."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.alternative import alternative
from quarterhour.core.siting.closing import best_moves, fewest_lost, unique_people
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import Limits
from quarterhour.core.siting.nouns import Cover, Rules
from siting_cases import (
    MICRO,
    cover_of,
    covers,
    every_choice,
    flags_for,
    people,
    rules_for,
    weights_for,
)


def test_what_only_one_covers_is_lost_with_it() -> None:
    cover = cover_of(["xx.", ".xx", ".x."])
    weight = people(4, 5, 3)
    assert unique_people(cover, weight).tolist() == people(4, 3, 0).tolist()
    found = fewest_lost(cover, weight, 1)
    assert (found.closed.tolist(), found.lost, found.least_lost) == ([2], 0, 0)
    assert found.before == 12 * MICRO
    two = fewest_lost(cover, weight, 2)
    assert (two.closed.tolist(), two.lost) == ([1, 2], 3 * MICRO)
    three = fewest_lost(cover, weight, 3)
    assert (three.closed.tolist(), three.lost) == ([0, 1, 2], 12 * MICRO)
    assert fewest_lost(cover, weight, 0).closed.tolist() == []
    with pytest.raises(ValueError, match="below 0"):
        fewest_lost(cover, weight, -1)


def test_two_that_cover_for_each_other_do_not_both_close() -> None:
    # nobody is lost with the first alone or the second alone, but with both
    cover = cover_of(["xx.", "xx.", "..x"])
    weight = people(5, 5, 6)
    assert unique_people(cover, weight).tolist() == people(0, 0, 6).tolist()
    assert fewest_lost(cover, weight, 2).closed.tolist() == [1, 2]
    stay = np.array([False, False, True])
    assert fewest_lost(cover, weight, 2, stay=stay).lost == 10 * MICRO
    assert fewest_lost(cover, weight, 3, stay=stay).solution.status == "infeasible"


@settings(max_examples=80, deadline=None)
@given(covers(most_sites=12), st.data())
def test_closing_equals_the_best_of_every_choice(cover: Cover, data: st.DataObject) -> None:
    n = cover.n_sites
    weight = data.draw(weights_for(cover.n_places))
    stay, close = data.draw(flags_for(n)), data.draw(flags_for(n))
    k = data.draw(st.integers(0, n))
    every = int(weight[cover.covered(np.arange(n))].sum())
    losses = []
    for gone in itertools.combinations(range(n), k):
        closed = np.isin(np.arange(n), gone)
        if not (closed & stay).any() and not (close & ~closed).any():
            losses.append(every - int(weight[cover.covered(np.flatnonzero(~closed))].sum()))
    found = fewest_lost(cover, weight, k, stay=stay, close=close)
    if not losses:
        assert found.solution.status == "infeasible"
        return
    assert found.solution.status == "optimal"
    assert found.lost == found.least_lost == min(losses)
    rest = np.setdiff1d(np.arange(n), found.closed)
    assert rest.tolist() == found.solution.chosen.tolist()
    assert len(found.closed) == k
    assert every - int(weight[cover.covered(rest)].sum()) == found.lost
    assert not stay[found.closed].any()
    assert np.isin(np.flatnonzero(close), found.closed).all()
    one = fewest_lost(cover, weight, 1)
    assert one.lost == unique_people(cover, weight).min()


def test_one_moves_where_nobody_is_covered() -> None:
    existing, new = cover_of(["xx..", ".x.."]), cover_of(["..x.", "..xx"])
    weight = people(2, 2, 3, 1)
    found = best_moves(existing, new, weight, Rules.plain(2), 1)
    assert found.before == 4 * MICRO
    assert (found.closed.tolist(), found.solution.chosen.tolist()) == ([1], [1])
    assert found.solution.objective == 8 * MICRO
    fixed = best_moves(existing, new, weight, Rules.plain(2), 2, stay=np.array([True, True]))
    assert (fixed.closed.tolist(), fixed.solution.objective) == ([], 4 * MICRO)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_moving_equals_the_best_of_every_choice(data: st.DataObject) -> None:
    existing = data.draw(covers(most_sites=6, most_places=7))
    m, n_old = existing.n_places, existing.n_sites
    n = data.draw(st.integers(1, 6))
    marks = data.draw(st.lists(flags_for(m), min_size=n, max_size=n))
    cover = cover_of(["".join(".x"[int(k)] for k in row) for row in marks])
    weight, rules = data.draw(weights_for(m)), data.draw(rules_for(n))
    stay, k = data.draw(flags_for(n_old)), data.draw(st.integers(0, n_old))
    best = None
    for opened in every_choice(rules):
        for gone in itertools.combinations(range(n_old), len(opened)):
            if len(gone) <= k and not stay[list(gone)].any():
                rest = np.setdiff1d(np.arange(n_old), gone)
                got = int(weight[existing.covered(rest) | cover.covered(opened)].sum())
                best = got if best is None else max(best, got)
    found = best_moves(existing, cover, weight, rules, k, stay=stay)
    if best is None:
        assert found.solution.status == "infeasible"
        return
    assert found.solution.status == "optimal"
    assert found.solution.objective == found.solution.bound == best
    rest = np.setdiff1d(np.arange(n_old), found.closed)
    got = existing.covered(rest) | cover.covered(found.solution.chosen)
    assert int(weight[got].sum()) == best
    assert len(found.solution.chosen) <= len(found.closed) <= k
    assert not stay[found.closed].any()
    assert rules.allow(found.solution.chosen)
    assert found.before == int(weight[existing.covered(np.arange(n_old))].sum())
    if not rules.required.any():
        assert best >= found.before


def test_another_choice_with_nothing_in_common() -> None:
    cover = cover_of(["xxxx....", "....xxxx", "xxxx....", "....xxx."])
    weight, rules = people(*[25] * 8), Rules.plain(4, n_sites=2)
    best = most_covered(cover, weight, rules)
    assert best.chosen.tolist() == [0, 1]
    # the third is as good as the first; the fourth lacks an eighth of all
    close = alternative(cover, weight, rules, best)
    assert close.solution.chosen.tolist() == [1, 2]
    assert (close.solution.objective, close.solution.status) == (1, "optimal")
    assert close.covered == best.objective
    wide = alternative(cover, weight, rules, best, loss=Fraction(1, 8))
    assert wide.solution.chosen.tolist() == [2, 3]
    assert (wide.solution.objective, wide.covered) == (0, 175 * MICRO)
    assert wide.farthest


@settings(max_examples=60, deadline=None)
@given(covers(most_sites=12), st.data())
def test_no_choice_as_good_has_fewer_in_common(cover: Cover, data: st.DataObject) -> None:
    rules = data.draw(rules_for(cover.n_sites))
    weight, done = data.draw(weights_for(cover.n_places)), data.draw(flags_for(cover.n_places))
    loss = data.draw(st.sampled_from([Fraction(0), Fraction(1, 100), Fraction(1, 3)]))
    best = most_covered(cover, weight, rules, done=done)
    if best.status == "infeasible":
        return
    left = np.where(done, 0, weight)

    def covered(chosen: np.ndarray) -> int:
        return int(left[cover.covered(chosen)].sum())

    least = best.objective * (1 - loss)
    enough = [one for one in every_choice(rules) if covered(one) >= least]
    common = min(len(np.intersect1d(one, best.chosen)) for one in enough)
    most = max(covered(c) for c in enough if len(np.intersect1d(c, best.chosen)) == common)
    found = alternative(cover, weight, rules, best, done=done, loss=loss)
    chosen = found.solution.chosen
    assert rules.allow(chosen)
    assert found.solution.objective == found.solution.bound == common
    assert len(np.intersect1d(chosen, best.chosen)) == common
    assert found.covered == covered(chosen) == most
    assert found.least >= least
    assert found.farthest


def test_stopped_early_nothing_is_called_proven_that_is_not() -> None:
    rng = np.random.default_rng(3)
    marks = rng.random((40, 200)) < 0.08
    cover = cover_of(["".join(".x"[int(m)] for m in row) for row in marks])
    weight, rules = people(*rng.integers(1, 50, 200)), Rules.plain(40, n_sites=6)
    best = most_covered(cover, weight, rules)
    whole = alternative(cover, weight, rules, best, loss=Fraction(1, 20))
    stopped = alternative(cover, weight, rules, best, loss=Fraction(1, 20), limits=Limits(nodes=0))
    assert whole.farthest
    assert stopped.solution.bound <= whole.solution.objective <= stopped.solution.objective
    assert stopped.covered >= stopped.least
    assert (stopped.solution.status == "optimal") == (
        stopped.solution.bound == stopped.solution.objective
    )
    old, new = cover.rows(np.arange(10)), cover.rows(np.arange(10, 40))
    moved = best_moves(old, new, weight, Rules.plain(30), 5)
    early = best_moves(old, new, weight, Rules.plain(30), 5, limits=Limits(nodes=0))
    assert moved.solution.status == "optimal"
    assert early.solution.bound >= moved.solution.objective >= early.solution.objective
