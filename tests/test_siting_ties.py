"""Of all choices as good as the best the lowest: every one is tried, with many ties on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.fewest import Need, fewest_sites
from quarterhour.core.siting.maximal import most_covered
from siting_cases import flags_for
from siting_ties import begun, likes, lowest, tied_covers, tied_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover

    IntArray = NDArray[np.int64]

__all__ = ["begun"]

pytestmark = pytest.mark.usefixtures("begun")


@settings(max_examples=150, deadline=None)
@given(tied_covers(), st.data())
def test_most_people(cover: Cover, data: st.DataObject) -> None:
    weight, rules = data.draw(likes(cover.n_places)), data.draw(tied_rules(cover.n_sites))
    done = data.draw(flags_for(cover.n_places))
    found = most_covered(cover, weight, rules, done=done)
    wanted = lowest(rules, lambda c: int(weight[cover.covered(c) & ~done].sum()))
    if wanted is None:
        assert found.status == "infeasible"
        return
    assert (found.status, found.ties) == ("optimal", "lowest")
    assert found.chosen.tolist() == wanted


@settings(max_examples=150, deadline=None)
@given(tied_covers(), st.data())
def test_everyone(cover: Cover, data: st.DataObject) -> None:
    rules, by_cost = data.draw(tied_rules(cover.n_sites)), data.draw(st.booleans())
    by_cost = by_cost and rules.cost is not None
    done = data.draw(flags_for(cover.n_places))
    found = fewest_sites(
        cover, np.ones(cover.n_places, np.int64), rules, done=done, by_cost=by_cost
    )
    can = cover.covered(np.flatnonzero(~rules.forbidden)) & ~done

    def worth(chosen: IntArray) -> int | None:
        if not cover.covered(chosen)[can].all():
            return None
        return rules.price(chosen) if by_cost else len(chosen)

    wanted = lowest(rules, worth, most=False)
    if wanted is None:
        assert found.status == "infeasible"
        return
    assert (found.status, found.ties) == ("optimal", "lowest")
    assert found.chosen.tolist() == wanted


@settings(max_examples=150, deadline=None)
@given(tied_covers(), st.data())
def test_shares(cover: Cover, data: st.DataObject) -> None:
    weight, rules = data.draw(likes(cover.n_places)), data.draw(tied_rules(cover.n_sites))
    by_cost = data.draw(st.booleans()) and rules.cost is not None
    done, town = data.draw(flags_for(cover.n_places)), data.draw(flags_for(cover.n_places))
    share = data.draw(st.sampled_from([0.3, 0.6, 1.0]))
    every = np.ones(cover.n_places, bool)
    needs = [
        Need(of=of, amount=int(share * int(weight[of].sum())), name="n") for of in (every, town)
    ]
    found = fewest_sites(cover, weight, rules, done=done, needs=needs, by_cost=by_cost)

    def worth(chosen: IntArray) -> int | None:
        had = cover.covered(chosen) | done
        if any(int(weight[need.of & had].sum()) < need.amount for need in needs):
            return None
        return rules.price(chosen) if by_cost else len(chosen)

    wanted = lowest(rules, worth, most=False)
    if wanted is None:
        assert found.status == "infeasible"
        return
    assert (found.status, found.ties) == ("optimal", "lowest")
    assert found.chosen.tolist() == wanted
