"""Of equal answers one that no single exchange for a candidate of a lower number leaves as good."""

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from quarterhour.core.siting.backup import backup
from quarterhour.core.siting.capacity import Sizes, most_served
from quarterhour.core.siting.centre import centre
from quarterhour.core.siting.median import distances, median
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.phases import Year, phased
from quarterhour.core.siting.targets import Asked, Stock, fewest_for_targets
from siting_cases import covers, rules_for, weights_for

IntArray = NDArray[np.int64]


def lower(chosen: IntArray, rules: Rules) -> list[IntArray]:
    """Every allowed choice with one site exchanged for a lower one."""
    inside = set(chosen.tolist())
    found = []
    for old in inside:
        for new in set(range(old)) - inside:
            other = np.array(sorted(inside - {old} | {new}), np.int64)
            if rules.allow(other):
                found.append(other)
    return found


def no_lower(chosen: IntArray, rules: Rules, as_good: Callable[[IntArray], bool]) -> bool:
    return not any(as_good(other) for other in lower(chosen, rules))


def near_of(site: IntArray, place: IntArray, far: IntArray, m: int, chosen: IntArray) -> IntArray:
    """Distance of every place to the nearest chosen site, 1000 without one."""
    nearest = np.full(m, 1000)
    use = np.isin(site, chosen)
    np.minimum.at(nearest, place[use], far[use])
    return nearest


@st.composite
def walks(draw: st.DrawFn) -> tuple[int, int, IntArray, IntArray, IntArray]:
    """Sites, places, and short distances from every site to every place, so that many are alike."""
    n, m = draw(st.integers(2, 7)), draw(st.integers(1, 8))
    far = draw(st.lists(st.integers(0, 3), min_size=n * m, max_size=n * m))
    return n, m, np.repeat(np.arange(n), m), np.tile(np.arange(m), n), np.array(far, np.int64)


@settings(max_examples=60, deadline=None)
@given(walks(), st.data())
def test_the_median(
    case: tuple[int, int, IntArray, IntArray, IntArray], data: st.DataObject
) -> None:
    n, m, site, place, far = case
    rules = data.draw(rules_for(n))
    weight = data.draw(st.lists(st.integers(0, 3), min_size=m, max_size=m).map(np.array))
    made = distances(site, place, far.astype(float), weight.astype(float), n, beyond=1000.0)
    found = median(made, rules)
    if found.status == "optimal":

        def cost(chosen: IntArray) -> int:
            return int((near_of(site, place, far, m, chosen) * weight).sum())

        assert cost(found.chosen) == found.objective == found.bound
        assert no_lower(found.chosen, rules, lambda other: cost(other) <= found.objective)


@settings(max_examples=60, deadline=None)
@given(walks(), st.data())
def test_the_centre(
    case: tuple[int, int, IntArray, IntArray, IntArray], data: st.DataObject
) -> None:
    n, m, site, place, far = case
    rules = data.draw(rules_for(n))
    found = centre(site, place, far.astype(float), m, rules, existing=np.full(m, 1000.0))
    if found.status == "optimal":

        def longest(chosen: IntArray) -> int:
            return int(near_of(site, place, far, m, chosen).max())

        assert longest(found.chosen) == found.objective == found.bound
        assert no_lower(found.chosen, rules, lambda other: longest(other) <= found.objective)


@settings(max_examples=60, deadline=None)
@given(covers(most_sites=7, most_places=9), st.data())
def test_backup(cover: Cover, data: st.DataObject) -> None:
    weight, rules = data.draw(weights_for(cover.n_places)), data.draw(rules_for(cover.n_sites))
    found = backup(cover, weight, rules)
    if found.solution.status == "optimal":

        def covered(chosen: IntArray) -> tuple[int, int]:
            times = np.bincount(cover.rows(chosen).place, minlength=cover.n_places)
            return int(weight[times >= 1].sum()), int(weight[times >= 2].sum())

        assert covered(found.solution.chosen) == (found.once, found.twice)
        assert no_lower(
            found.solution.chosen, rules,
            lambda other: covered(other)[0] >= found.once and covered(other)[1] == found.twice,
        )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(covers(most_sites=7, most_places=9), st.data())
def test_capacity(cover: Cover, data: st.DataObject) -> None:
    weight, rules = data.draw(weights_for(cover.n_places)), data.draw(rules_for(cover.n_sites))
    sizes = Sizes.one(np.full(cover.n_sites, max(int(weight.sum()) // 3, 1), np.int64))
    found = most_served(cover, weight, sizes, rules)
    if found.solution.status == "optimal":

        def served(chosen: IntArray) -> int:
            fixed = Rules(
                required=np.isin(np.arange(cover.n_sites), chosen),
                forbidden=~np.isin(np.arange(cover.n_sites), chosen),
                exclusive=np.full(cover.n_sites, -1), apart=np.empty((0, 2), np.int64),
            )  # fmt: skip
            return int(most_served(cover, weight, sizes, fixed).solution.objective)

        most = found.solution.objective
        assert no_lower(found.solution.chosen, rules, lambda other: served(other) >= most)


@settings(max_examples=40, deadline=None)
@given(covers(most_sites=7, most_places=9), st.data())
def test_years(cover: Cover, data: st.DataObject) -> None:
    """A site and all its years change together."""
    weight = data.draw(weights_for(cover.n_places))
    rules = Rules.plain(cover.n_sites)
    found = phased(cover, weight, rules, [Year(n_sites=1), Year(n_sites=2)])
    if found.solution.status != "optimal":
        return
    year = {j: t for t, new in enumerate(found.built) for j in new.tolist()}

    def total(plan: dict[int, int]) -> int:
        stands = [np.array([j for j, t in plan.items() if t <= k], np.int64) for k in (0, 1)]
        return sum(int(weight[cover.covered(one)].sum()) for one in stands)

    assert total(year) == found.solution.objective
    for old, built in year.items():
        for new in set(range(old)) - set(year):
            other = {j: t for j, t in year.items() if j != old} | {new: built}
            assert total(other) < found.solution.objective


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=7), st.integers(1, 8))
def test_fewest_for_beds(beds: list[int], amount: int) -> None:
    n = len(beds)
    cover = Cover(first=np.zeros(n + 1, np.int64), place=np.empty(0, np.int32), n_places=1)
    each = np.array(beds, np.int64)
    asked = Asked(stocks=(Stock(each=each, existing=0, amount=amount, name="beds"),))
    rules = Rules.plain(n)
    found = fewest_for_targets(cover, np.zeros(1, np.int64), rules, asked)
    if each.sum() < amount:
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    assert len(found.chosen) == next(
        k for k in range(n + 1) if np.sort(each)[::-1][:k].sum() >= amount
    )
    assert no_lower(found.chosen, rules, lambda other: each[other].sum() >= amount)
