"""A second facility within the cutoff: against every choice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.backup import EVERYONE, MOST, WEIGHTED, backup
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import Limits
from quarterhour.core.siting.nouns import Cover, Rules
from siting_cases import (
    MICRO,
    cover_of,
    covers,
    every_choice,
    people,
    rules_for,
    weights_for,
)


def test_the_second_cover_comes_after_the_first() -> None:
    cover = cover_of(["xx..", "xx..", "..x.", "...x"])
    weight, two = people(9, 9, 1, 1), Rules.plain(4, n_sites=2)
    # two on the left would cover 18 people twice, but one person fewer once
    found = backup(cover, weight, two)
    assert (found.once, found.twice) == (19 * MICRO, 0)
    assert found.solution.chosen.tolist() == [0, 2]
    found = backup(cover, weight, two, first=WEIGHTED)
    assert (found.once, found.twice) == (18 * MICRO, 18 * MICRO)
    assert found.solution.objective == 36 * MICRO
    assert backup(cover, weight, two, first=EVERYONE).solution.status == "infeasible"
    four = backup(cover, weight, Rules.plain(4), first=EVERYONE)
    assert (four.once, four.twice) == (20 * MICRO, 18 * MICRO)


def test_an_existing_facility_is_the_first_cover() -> None:
    cover = cover_of(["xx.", "..x"])
    times = np.array([1, 0, 2])
    found = backup(cover, people(3, 4, 9), Rules.plain(2, n_sites=1), times=times)
    assert found.solution.chosen.tolist() == [0]
    assert (found.once, found.twice) == (16 * MICRO, 12 * MICRO)
    with pytest.raises(ValueError, match="weight"):
        backup(cover, people(3, 4, 9), Rules.plain(2), first=WEIGHTED, weights=(1, 2))


@settings(max_examples=100, deadline=None)
@given(covers(most_sites=12), st.data())
def test_backup_equals_the_best_of_every_choice(cover: Cover, data: st.DataObject) -> None:
    m = cover.n_places
    rules, weight = data.draw(rules_for(cover.n_sites)), data.draw(weights_for(m))
    base = np.array(data.draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)))
    first = data.draw(st.sampled_from([EVERYONE, MOST, WEIGHTED]))
    weights = data.draw(st.sampled_from([(1, 1), (3, 1), (5, 2)]))

    def both(chosen: np.ndarray) -> tuple[int, int]:
        times = base.copy()
        for k in chosen.tolist():
            times[cover.place[cover.first[k] : cover.first[k + 1]]] += 1
        return int(weight[times >= 1].sum()), int(weight[times >= 2].sum())

    every = [both(chosen) for chosen in every_choice(rules)]
    if first == EVERYONE:
        can = cover.covered(np.flatnonzero(~rules.forbidden)) | (base >= 1)
        every = [one for one in every if one[0] == int(weight[can].sum())]
    found = backup(cover, weight, rules, times=base, first=first, weights=weights)
    if not every:
        assert found.solution.status == "infeasible"
        return
    if first == WEIGHTED:
        best = max(weights[0] * one + weights[1] * two for one, two in every)
    else:
        best = max(two for one, two in every if one == max(every)[0])
    assert found.solution.status == "optimal"
    assert found.solution.objective == found.solution.bound == best
    assert both(found.solution.chosen) == (found.once, found.twice)
    assert rules.allow(found.solution.chosen)
    if first == MOST:
        plain = most_covered(cover, weight, rules, done=base >= 1)
        assert found.once == plain.objective + int(weight[base >= 1].sum())


def test_stopped_early_it_tells_a_true_bound() -> None:
    rng = np.random.default_rng(3)
    marks = rng.random((60, 400)) < 0.06
    cover = cover_of(["".join(".x"[int(m)] for m in row) for row in marks])
    weight = people(*rng.integers(1, 50, 400))
    rules = Rules.plain(60, n_sites=9)
    whole = backup(cover, weight, rules, first=WEIGHTED)
    stopped = backup(cover, weight, rules, first=WEIGHTED, limits=Limits(nodes=0))
    assert whole.solution.status == "optimal"
    assert stopped.solution.bound >= whole.solution.objective >= stopped.solution.objective
    assert (stopped.solution.status == "optimal") == (
        stopped.solution.bound == stopped.solution.objective
    )
    again = backup(cover, weight, rules, first=WEIGHTED)
    assert again.solution.chosen.tolist() == whole.solution.chosen.tolist()
