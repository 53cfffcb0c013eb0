"""Sites by years, curves and several services: against every choice."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.building import covered_variables, site_variables
from quarterhour.core.siting.curve import curve
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import Limits, Program, solve
from quarterhour.core.siting.nouns import Cover, Rules
from quarterhour.core.siting.phases import Year, phased
from quarterhour.core.siting.shared_budget import SHARES, Service, most_for_all
from siting_cases import (
    MICRO,
    best_of,
    cover_of,
    covers,
    every_choice,
    flags_for,
    people,
    rules_for,
    weights_for,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


def worth(cover: Cover, weight: NDArray[np.int64], chosen: NDArray[np.int64]) -> int:
    return int(weight[cover.covered(chosen)].sum())


def test_the_best_single_site_is_not_in_the_best_pair() -> None:
    # alone the middle covers most (6), but the best pair are the two ends (8)
    cover = cover_of([".xxxx.", "xxx...", "...xxx"])
    weight = people(1, 1, 2, 2, 1, 1)
    early = phased(cover, weight, Rules.plain(3), [Year(n_sites=1), Year(n_sites=2)])
    # 6 + 7 with the middle first, 4 + 8 with an end first
    assert [one.tolist() for one in early.built] == [[0], [1]]
    assert early.covered == (6 * MICRO, 7 * MICRO)
    assert (early.solution.objective, early.solution.status) == (13 * MICRO, "optimal")
    assert early.free.chosen.tolist() == [1, 2]
    assert early.price == early.most_price == MICRO
    late = [Year(n_sites=1), Year(n_sites=2, factor=3)]
    found = phased(cover, weight, Rules.plain(3), late)
    assert found.covered == (4 * MICRO, 8 * MICRO)
    assert found.price == 0


def test_money_left_over_is_there_next_year() -> None:
    cover = cover_of(["x...", ".xxx"])
    rules = Rules.plain(2, cost=np.array([2, 5], np.int64))
    found = phased(cover, people(1, 1, 1, 1), rules, [Year(budget=3), Year(budget=6)])
    # 3 for the first year and 6 for both: waiting buys the larger one
    assert [one.tolist() for one in found.built] == [[], [1]]
    assert found.covered == (0, 3 * MICRO)
    assert found.solution.objective == 3 * MICRO
    with pytest.raises(ValueError, match="costs"):
        phased(cover, people(1, 1, 1), Rules.plain(2), [Year(budget=3)])
    with pytest.raises(ValueError, match="years"):
        phased(cover, people(1, 1, 1), Rules.plain(2), [])


@settings(max_examples=80, deadline=None)
@given(covers(most_sites=6, most_places=8), st.data())
def test_phases_equal_the_best_of_every_plan(cover: Cover, data: st.DataObject) -> None:
    n = cover.n_sites
    rules = data.draw(rules_for(n))
    weight, done = data.draw(weights_for(cover.n_places)), data.draw(flags_for(cover.n_places))
    number, money = st.none() | st.integers(0, n), st.none() | st.integers(0, 20)
    years = [
        Year(
            n_sites=data.draw(number),
            budget=data.draw(money) if rules.cost is not None else None,
            factor=data.draw(st.integers(1, 3)),
        )
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    left = np.where(done, 0, weight)
    best = None
    # the year in which each site is built, the last number for never
    for when in itertools.product(range(len(years) + 1), repeat=n):
        plan = [np.flatnonzero(np.array(when) <= t) for t in range(len(years))]
        if not rules.allow(plan[-1]) or any(
            (year.n_sites is not None and len(sites) > year.n_sites)
            or (year.budget is not None and rules.price(sites) > year.budget)
            for year, sites in zip(years, plan, strict=True)
        ):
            continue
        total = sum(
            y.factor * worth(cover, left, sites) for y, sites in zip(years, plan, strict=True)
        )
        best = total if best is None else max(best, total)
    found = phased(cover, weight, rules, years, done=done)
    if best is None:
        assert found.solution.status == "infeasible"
        return
    assert found.solution.status == "optimal"
    assert found.solution.objective == found.solution.bound == best
    stands = [np.sort(np.concatenate(found.built[: t + 1])) for t in range(len(years))]
    assert [worth(cover, left, one) for one in stands] == list(found.covered)
    assert sum(y.factor * c for y, c in zip(years, found.covered, strict=True)) == best
    assert stands[-1].tolist() == found.solution.chosen.tolist()
    assert rules.allow(stands[-1])
    # nested is never better than free
    assert found.price == found.most_price >= 0


@settings(max_examples=40, deadline=None)
@given(covers(most_sites=7, most_places=10), st.data())
def test_one_year_is_the_plain_problem(cover: Cover, data: st.DataObject) -> None:
    weight, rules = data.draw(weights_for(cover.n_places)), data.draw(rules_for(cover.n_sites))
    plain = most_covered(cover, weight, rules)
    found = phased(cover, weight, rules, [Year()])
    assert found.solution.status == plain.status
    if plain.status == "optimal":
        assert (found.solution.objective, found.price) == (plain.objective, 0)


@settings(max_examples=60, deadline=None)
@given(covers(most_sites=12, most_places=10), st.data())
def test_every_point_of_a_curve_is_the_best(cover: Cover, data: st.DataObject) -> None:
    n = cover.n_sites
    rules = data.draw(rules_for(n))
    weight, done = data.draw(weights_for(cover.n_places)), data.draw(flags_for(cover.n_places))
    left = np.where(done, 0, weight)
    over_money = rules.cost is not None and data.draw(st.booleans())
    values = data.draw(st.lists(st.integers(0, 20 if over_money else n), max_size=5))
    found = curve(
        cover, weight, rules, done=done,
        n_sites=None if over_money else values, budgets=values if over_money else None,
    )  # fmt: skip
    assert len(found) == len(values)
    for value, one in zip(values, found, strict=True):
        at = replace(rules, budget=value) if over_money else replace(rules, n_sites=value)
        best = best_of(at, lambda chosen: worth(cover, left, chosen))
        assert (one.status == "infeasible") == (best is None)
        if best is not None:
            assert one.objective == one.bound == best == worth(cover, left, one.chosen)
            assert at.allow(one.chosen)


def hard_town() -> tuple[Cover, NDArray[np.int64]]:
    rng = np.random.default_rng(3)
    marks = rng.random((60, 400)) < 0.06
    cover = cover_of(["".join(".x"[int(m)] for m in row) for row in marks])
    return cover, people(*rng.integers(1, 50, 400))


def test_points_that_were_stopped_still_agree() -> None:
    cover, weight = hard_town()
    values = [2, 6, 9, 12, 40]
    stopped = curve(cover, weight, Rules.plain(60), n_sites=values, limits=Limits(nodes=0))
    got, bounds = [s.objective for s in stopped], [s.bound for s in stopped]
    assert got == sorted(got)
    assert bounds == sorted(bounds)
    assert all(s.bound >= s.objective for s in stopped)
    assert all((s.status == "optimal") == (s.bound == s.objective) for s in stopped)
    again = curve(cover, weight, Rules.plain(60), n_sites=values, limits=Limits(nodes=0))
    assert [s.chosen.tolist() for s in again] == [s.chosen.tolist() for s in stopped]


def test_a_plan_stopped_early_tells_a_true_bound() -> None:
    cover, weight = hard_town()
    years = [Year(n_sites=2), Year(n_sites=4)]
    whole = phased(cover, weight, Rules.plain(60), years)
    stopped = phased(cover, weight, Rules.plain(60), years, limits=Limits(nodes=0))
    assert whole.solution.status == "optimal"
    bound, objective = stopped.solution.bound, stopped.solution.objective
    assert bound >= whole.solution.objective >= objective
    assert (stopped.solution.status == "optimal") == (bound == objective)
    assert stopped.most_price >= stopped.price >= 0


def test_beginning_inside_finds_the_same() -> None:
    cover, weight = hard_town()
    found = []
    for interior in (False, True):
        program = Program("max")
        sites = site_variables(program, Rules.plain(60, n_sites=4))
        covered_variables(program, cover, sites, cost=weight / MICRO)
        found.append(solve(program, interior=interior))
    assert [one.status for one in found] == ["optimal", "optimal"]
    assert found[0].objective == pytest.approx(found[1].objective, rel=1e-9)


def test_one_budget_goes_where_it_covers_most() -> None:
    elders = Service(
        cover=cover_of(["xx.", "..x"]), weight=people(5, 5, 4),
        rules=Rules.plain(2, cost=np.array([3, 3], np.int64)),
    )  # fmt: skip
    nursery = Service(
        cover=cover_of(["x..", ".xx"]), weight=people(2, 3, 3),
        rules=Rules.plain(2, cost=np.array([3, 3], np.int64)),
    )  # fmt: skip
    found = most_for_all([elders, nursery], budget=6)
    assert [one.tolist() for one in found.chosen] == [[0], [1]]
    assert found.gained == (10 * MICRO, 6 * MICRO)
    # nurseries counted five times: both of them
    found = most_for_all([elders, replace(nursery, factor=5)], budget=6)
    assert [one.tolist() for one in found.chosen] == [[0], [1]]
    found = most_for_all([elders, replace(nursery, factor=6)], budget=6)
    assert [one.tolist() for one in found.chosen] == [[], [0, 1]]


def test_a_building_holds_one_service() -> None:
    both = [
        Service(
            cover=cover_of(["xx", "x."]), weight=people(1, 1), rules=Rules.plain(2),
            building=np.array([7, own]),
        )
        for own in (1, 2)
    ]  # fmt: skip
    found = most_for_all(both)
    assert sum(found.gained) == 3 * MICRO
    assert sum(0 in one.tolist() for one in found.chosen) == 1


def test_the_service_that_is_worst_off_comes_first() -> None:
    many = Service(cover=cover_of(["x.", ".x"]), weight=people(50, 50), rules=Rules.plain(2))
    few = Service(cover=cover_of(["x.", ".x"]), weight=people(3, 1), rules=Rules.plain(2))
    assert most_for_all([many, few], n_sites=2).gained == (100 * MICRO, 0)
    fair = most_for_all([many, few], n_sites=2, smallest_share=True)
    assert fair.gained == (50 * MICRO, 3 * MICRO)
    assert fair.solution.objective == SHARES // 2
    # a third site raises no smallest share, but goes where it covers most
    assert most_for_all([many, few], n_sites=3, smallest_share=True).gained[0] == 100 * MICRO


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_services_equal_the_best_of_every_choice(data: st.DataObject) -> None:
    services = []
    for _ in range(data.draw(st.integers(1, 2))):
        cover = data.draw(covers(most_sites=6, most_places=6))
        n, m = cover.n_sites, cover.n_places
        building = st.lists(st.sampled_from([-1, 0, 1]), min_size=n, max_size=n)
        services.append(
            Service(
                cover=cover,
                weight=data.draw(weights_for(m)),
                rules=data.draw(rules_for(n)),
                done=data.draw(st.none() | flags_for(m)),
                factor=data.draw(st.integers(1, 3)),
                building=np.array(data.draw(building), np.int64),
            )
        )
    budget = data.draw(st.none() | st.integers(0, 20))
    n_sites = data.draw(st.none() | st.integers(0, 5))
    smallest = data.draw(st.booleans())

    def value(plan: tuple[NDArray[np.int64], ...]) -> int:
        shares, total = [SHARES], 0
        for one, chosen in zip(services, plan, strict=True):
            done = np.zeros(one.cover.n_places, bool) if one.done is None else one.done
            new = worth(one.cover, np.where(done, 0, one.weight), chosen)
            everybody = int(one.weight.sum())
            total += one.factor * new
            if everybody:
                shares.append(SHARES * (int(one.weight[done].sum()) + new) // everybody)
        return min(shares) if smallest else total

    def allowed(plan: tuple[NDArray[np.int64], ...]) -> bool:
        pairs = list(zip(services, plan, strict=True))
        used = np.concatenate([one.building[c] for one, c in pairs])  # type: ignore[index]
        used = used[used >= 0]
        return (
            len(np.unique(used)) == len(used)
            and (n_sites is None or sum(len(c) for c in plan) <= n_sites)
            and (budget is None or sum(one.rules.price(c) for one, c in pairs) <= budget)
        )

    plans = itertools.product(*(list(every_choice(one.rules)) for one in services))
    best = max((value(plan) for plan in plans if allowed(plan)), default=None)
    found = most_for_all(services, budget=budget, n_sites=n_sites, smallest_share=smallest)
    if best is None:
        assert found.solution.status == "infeasible"
        return
    assert found.solution.status == "optimal"
    assert found.solution.objective == found.solution.bound == best == value(found.chosen)
    assert allowed(found.chosen)
    assert all(s.rules.allow(c) for s, c in zip(services, found.chosen, strict=True))
