"""What candidates save, added up by searches, and a bound of all walks for all candidates."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.everywhere_fewest import fewest_of_all
from quarterhour.core.siting.everywhere_median import least_total, saved
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.searches import Stored
from quarterhour.siting.candidates import network_candidates
from quarterhour.siting.result import SiteResult
from quarterhour.siting.run import run_site
from quarterhour.siting.wide import Ask
from siting_town import siting_study

if TYPE_CHECKING:
    from quarterhour.core.siting.searches import Searches

LIMIT_MS = 900_000


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Candidates every 60 m as a field, weights, and all walks to its places by a full listing."""
    found = run_site(siting_study(tmp_path_factory.mktemp("town"), {"n_sites": 1})).result
    assert isinstance(found, SiteResult)
    at = network_candidates(found.given, spacing_m=60).at
    weight = np.where(
        found.given.ground.inside, found.given.ground.demand.amounts[found.given.group], 0
    )
    ask = Ask(given=found.given, at=at, weight=weight, limit_ms=LIMIT_MS)
    field, own, group = ask.searches()
    reach = ask.reach()
    walk = np.full((len(at), field.n_places), 10 * LIMIT_MS, np.int64)
    walk[reach.cover.site, group[reach.cover.place]] = reach.ms
    return field, own, walk


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    p=st.integers(1, 2),
    net_ms=st.sampled_from([15_000, 60_000, 120_000]),
    most_exact=st.sampled_from([0, 3, 1_000]),
)
def test_no_choice_walks_less_than_the_bound(
    town: Any, seed: int, p: int, net_ms: int, most_exact: int
) -> None:
    field, own, walk = town
    rng = np.random.default_rng(seed)
    weight = own / 1e6
    before = rng.integers(1, LIMIT_MS, field.n_places)  # the walk to what is there already
    upto = rng.integers(0, before + 1)
    usable = rng.random(field.n_sites) < 0.5
    usable[0] = True
    low = least_total(field, weight, upto, usable, p, net_ms=net_ms, most_exact=most_exact)
    best = min(
        float((np.minimum(before, walk[list(some)].min(axis=0)) * weight).sum())
        for some in itertools.combinations_with_replacement(np.flatnonzero(usable).tolist(), p)
    )
    assert low <= best
    if most_exact == 1_000:
        value = np.sort((np.maximum(upto - walk, 0) * weight).sum(axis=1)[usable])[::-1]
        assert low == pytest.approx(max(float((upto * weight).sum() - value[:p].sum()), 0))


def test_what_is_saved_is_that_of_the_listed_walks(town: Any) -> None:
    field, own, walk = town
    upto = np.random.default_rng(1).integers(0, LIMIT_MS // 2, field.n_places)
    weight = own / 1e6
    for extra in (0, 30_000):
        save = np.clip(upto + extra - walk, 0, upto)
        told = saved(field, weight, upto, np.arange(field.n_sites), extra)
        assert told == pytest.approx((save * weight).sum(axis=1))


def test_searches_list_and_bound_like_stored_pairs(town: Any) -> None:
    field, own, walk = town
    near = walk <= LIMIT_MS
    stored = Stored(
        cover=Cover(
            first=np.concatenate([[0], np.cumsum(near.sum(axis=1))]),
            place=np.nonzero(near)[1].astype(np.int32),
            n_places=field.n_places,
        )
    )
    keep = np.arange(field.n_places) % 3 == 0
    some = np.arange(0, field.n_sites, 2)
    a, b = field.rows(some, keep), stored.rows(some, keep)
    assert np.array_equal(a.first, b.first)
    assert np.array_equal(a.place, b.place)
    plain = Rules.plain(field.n_sites)
    first = [
        fewest_of_all(one, own > 0, plain, np.arange(field.n_sites)) for one in (field, stored)
    ]
    assert first[0].bound == first[1].bound
    assert np.array_equal(first[0].price, first[1].price)


def test_without_candidates_nobody_walks_less(town: Any) -> None:
    field: Searches = town[0]
    upto = np.full(field.n_places, 1_000)
    none = np.zeros(field.n_sites, bool)
    low = least_total(field, np.ones(field.n_places), upto, none, 1)
    assert low == pytest.approx(1_000 * field.n_places)
