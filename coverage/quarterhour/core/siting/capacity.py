"""Sites with beds or places: the most people served, nobody twice and no site beyond its room."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import flow
from quarterhour.core.siting.building import budget_row, covers_joined, site_variables
from quarterhour.core.siting.milp import NO_LIMITS, Limits, Program
from quarterhour.core.siting.nouns import Cover, Rules, Solution
from quarterhour.core.siting.outcome import SCALE, best_choice
from quarterhour.core.siting.reduce import merged
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]

TRIED = 1_000
"""Sizes that are tried one by one once the time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes(_Frozen):
    """What can be built where, at most one size per candidate.

    `site`: int64 candidate of each size, ascending. `capacity`: int64 millionths of people.
    `cost`: int64 yuan, on top of `Rules.cost` of the candidate, None where it costs nothing more.
    """

    site: NDArray[np.int64]
    capacity: NDArray[np.int64]
    cost: NDArray[np.int64] | None = None

    @classmethod
    def one(cls, capacity: NDArray[np.int64]) -> Sizes:
        """One size per candidate, its cost told by the rules."""
        return cls(site=np.arange(len(capacity)), capacity=capacity)

    def price(self, rules: Rules) -> NDArray[np.int64]:
        """Yuan of each size with its site."""
        land = np.zeros(len(self.site), np.int64)
        land += 0 if rules.cost is None else rules.cost[self.site]
        land += 0 if self.cost is None else self.cost
        return land


@dataclass(frozen=True, slots=True, kw_only=True)
class Served(_Frozen):
    """Sites with sizes, and who goes where.

    `solution`: chosen candidates; its objective and bound are int64 millionths served by all
    facilities, old and new. `size`: row of `Sizes` per chosen candidate. `before`: millionths that
    the existing facilities serve on their own. `load`, `existing_load`: millionths per chosen
    candidate and per existing facility. `of`: class of each place, -1 where nobody can be served;
    `flow_class`, `flow_site`, `flow_people`: millionths of a class served by a facility, candidates
    first and existing ones numbered after them. `left`: millionths per class without room.
    """

    solution: Solution
    size: NDArray[np.int64]
    before: int
    load: NDArray[np.int64]
    existing_load: NDArray[np.int64]
    of: NDArray[np.int64]
    flow_class: NDArray[np.int64]
    flow_site: NDArray[np.int64]
    flow_people: NDArray[np.int64]
    left: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case(_Frozen):
    """The problem in classes: `cover` of candidates, then existing ones; `room` of the latter."""

    cover: Cover
    weight: NDArray[np.int64]
    sizes: Sizes
    rules: Rules
    price: NDArray[np.int64]
    room: NDArray[np.int64]

    def rooms(self, picked: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Room of every facility with some sizes built."""
        result = np.zeros(self.cover.n_sites, np.int64)
        result[self.sizes.site[picked]] = self.sizes.capacity[picked]
        result[len(self.rules.required) :] = self.room
        return result

    def inside(self) -> NDArray[np.int64]:
        """Millionths within reach of every facility."""
        result = np.zeros(self.cover.n_sites, np.int64)
        np.add.at(result, self.cover.site, self.weight[self.cover.place])
        return result

    def dear(self, picked: NDArray[np.bool_]) -> bool:
        """Whether a choice of sizes costs more than the budget."""
        budget = self.rules.budget
        return budget is not None and int(self.price[picked].sum()) > budget

    def allowed(self, picked: NDArray[np.bool_]) -> bool:
        """Whether a choice of sizes keeps the rules."""
        sites = self.sizes.site[picked]
        if len(np.unique(sites)) < len(sites):
            return False
        if self.dear(picked):
            return False
        return _without_budget(self.rules).allow(sites)

    def served(self, picked: NDArray[np.bool_]) -> int | None:
        """Millionths served, exactly; None where the choice is not allowed."""
        if not self.allowed(picked):
            return None
        done = flow.largest(self.cover, self.weight, self.rooms(picked))
        return int(self.weight.sum() - done.left.sum())


def _without_budget(rules: Rules) -> Rules:
    return Rules(
        required=rules.required,
        forbidden=rules.forbidden,
        exclusive=rules.exclusive,
        apart=rules.apart,
        n_sites=rules.n_sites,
    )


def most_served(
    cover: Cover,
    weight: NDArray[np.int64],
    sizes: Sizes,
    rules: Rules,
    *,
    existing: Cover | None = None,
    existing_capacity: NDArray[np.int64] | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Served:
    """The sites and sizes that serve the most people, with the bound, and who goes where.

    maximise sum_ij f_ij with sum_j f_ij <= w_i, sum_i f_ij <= sum_s cap_s y_js and
    f_ij <= sum_s min(w_i, cap_s) y_js, sum_s y_js <= 1 and the rules (the capacitated maximal
    covering problem of Current and Storbeck 1988, Environment and Planning B 15:153-163, with parts
    of a place going to different sites). Places with the same sites in reach are one.

    Parameters
    ----------
    existing, existing_capacity
        Places within reach of each existing facility, and millionths that it has room for.
    """
    begin, n = time.monotonic(), cover.n_sites
    old = existing if existing is not None else cover.rows(np.empty(0, np.int64))
    room = np.zeros(0, np.int64) if existing_capacity is None else existing_capacity
    joined = covers_joined([cover, old])
    small = merged(joined, weight, leave=weight <= 0)
    case = _Case(
        cover=small.cover, weight=small.weight, sizes=sizes, rules=rules,
        price=sizes.price(rules), room=room,
    )  # fmt: skip
    program, picks, flows = _program(case)
    found = _greedy(case, limits, begin)
    start = None if found is None else _start(case, program, picks, flows, found)
    outcome = best_choice(
        program, picks, case.served, found=found, start=start, top=_top(case), dear=case.dear,
        limits=limits.left(begin), width=1, progress=progress,
    )  # fmt: skip
    picked = outcome.picked
    done = flow.largest(case.cover, case.weight, case.rooms(picked))
    before = flow.largest(case.cover, case.weight, case.rooms(np.zeros(len(picked), bool)))
    use = np.flatnonzero(done.flow > 0)
    load = done.load()
    return Served(
        solution=outcome.solution(sizes.site[picked]),
        size=np.flatnonzero(picked),
        before=int(case.weight.sum() - before.left.sum()),
        load=load[sizes.site[picked]],
        existing_load=load[n:],
        of=small.of,
        flow_class=case.cover.place[use].astype(np.int64),
        flow_site=done.site[use],
        flow_people=done.flow[use],
        left=done.left,
    )


def _top(case: _Case) -> int:
    """No more people than can reach anything, and than the largest sizes have room for."""
    n = len(case.rules.required)
    most = np.zeros(n, np.int64)
    np.maximum.at(most, case.sizes.site, case.sizes.capacity)
    most[case.rules.forbidden] = 0
    open_ = np.concatenate([most, case.room]) > 0
    reached = case.cover.covered(np.flatnonzero(open_))
    each = np.minimum(np.concatenate([most, case.room]), case.inside())
    new = np.sort(each[:n])[::-1]
    if case.rules.n_sites is not None:
        new = new[: max(case.rules.n_sites, 0)]
    return min(int(case.weight[reached].sum()), int(new.sum() + each[n:].sum()))


def _program(case: _Case) -> tuple[Program, NDArray[np.int64], NDArray[np.int64]]:
    """The program, the variables of the sizes, and those of the pairs (-1 for no variable)."""
    rules, sizes, cover = case.rules, case.sizes, case.cover
    n, m = len(rules.required), len(sizes.site)
    program = Program("max")
    sites = site_variables(program, _without_budget(rules))
    picks = program.variables(m, whole=True)
    program.rows(
        np.concatenate([sizes.site, np.arange(n)]),
        np.concatenate([picks, sites]),
        np.concatenate([np.ones(m), np.full(n, -1.0)]),
        lower=0.0, upper=0.0, n=n,
    )  # fmt: skip
    if rules.budget is not None:
        budget_row(program, picks, case.price, rules.budget)
    most = np.zeros(cover.n_sites, np.int64)
    np.maximum.at(most, sizes.site, sizes.capacity)
    most[:n][rules.forbidden] = 0
    most[n:] = case.room
    site, people = cover.site, case.weight[cover.place]
    use = np.flatnonzero((most[site] > 0) & (people > 0))
    flows = np.full(len(site), -1, np.int64)
    flows[use] = program.variables(len(use), cost=1.0, upper=people[use] / SCALE)
    place = cover.place[use]
    program.rows(place, flows[use], 1.0, upper=case.weight / SCALE, n=cover.n_places)
    some = np.flatnonzero(sizes.capacity > 0)
    # room beyond all who are in reach changes nothing, but large numbers would to the solver
    room = np.minimum(sizes.capacity, case.inside()[sizes.site])[some]
    program.rows(
        np.concatenate([site[use], sizes.site[some]]),
        np.concatenate([flows[use], picks[some]]),
        np.concatenate([np.ones(len(use)), -room / SCALE]),
        upper=np.concatenate([np.zeros(n), case.room / SCALE]),
        n=cover.n_sites,
    )
    _links(program, case, use[site[use] < n], flows, picks)
    return program, picks, flows


def _links(
    program: Program,
    case: _Case,
    new: NDArray[np.int64],
    flows: NDArray[np.int64],
    picks: NDArray[np.int64],
) -> None:
    """Nobody goes to a site that is not built: f_ij <= sum of min(w_i, capacity) over its sizes."""
    sizes, n = case.sizes, len(case.rules.required)
    by_site = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(sizes.site, minlength=n), out=by_site[1:])
    order = np.argsort(sizes.site, kind="stable")
    site = case.cover.site[new]
    count = np.diff(by_site)[site]
    row = np.repeat(np.arange(len(new)), count)
    begin = np.repeat(by_site[site] - np.cumsum(count) + count, count)
    option = order[begin + np.arange(count.sum())]
    part = np.minimum(case.weight[case.cover.place[new]][row], sizes.capacity[option])
    program.rows(
        np.concatenate([np.arange(len(new)), row]),
        np.concatenate([flows[new], picks[option]]),
        np.concatenate([np.ones(len(new)), -part / SCALE]),
        upper=0.0,
        n=len(new),
    )


def _start(
    case: _Case,
    program: Program,
    picks: NDArray[np.int64],
    flows: NDArray[np.int64],
    found: NDArray[np.bool_],
) -> NDArray[np.float64]:
    done = flow.largest(case.cover, case.weight, case.rooms(found))
    start = np.zeros(program.n_variables)
    start[case.sizes.site[found]] = 1  # the sites are the first variables
    start[picks[found]] = 1
    use = flows >= 0
    start[flows[use]] = done.flow[use] / SCALE
    return start


def _greedy(case: _Case, limits: Limits, begin: float) -> NDArray[np.bool_] | None:
    """Sizes by their gain (per yuan under a budget), required sites first; None where that fails.

    Gains only fall as more is built, so that an old one is an upper bound of the new one. Ends with
    the seconds of `limits`.
    """
    sizes, rules = case.sizes, case.rules
    picked = np.zeros(len(sizes.site), bool)
    per_yuan = rules.budget is not None
    for site in np.flatnonzero(rules.required).tolist():
        of = np.flatnonzero(sizes.site == site)
        if not len(of):
            return None
        key = case.price[of] if per_yuan else -sizes.capacity[of]
        picked[of[np.argmin(key)]] = True
    if not case.allowed(picked):
        return None
    now = flow.largest(case.cover, case.weight, case.rooms(picked))
    unit = np.maximum(case.price, 1) if per_yuan else np.ones(len(picked), np.int64)
    heap = [
        (-float("inf"), k, -1)
        for k in np.flatnonzero(~rules.forbidden[sizes.site] & (sizes.capacity > 0)).tolist()
    ]
    step = 0
    while heap and not limits.over(begin):
        value, k, at = heapq.heappop(heap)
        if value == 0:
            break
        picked[k] = True
        fits = case.allowed(picked)
        picked[k] = False
        if not fits:
            continue
        site, room = int(sizes.site[k]), int(sizes.capacity[k])
        if at < step:
            heapq.heappush(heap, (-now.gain(site, room) / int(unit[k]), k, step))
            continue
        now.fill(site, room)
        picked[k] = True
        step += 1
    if limits.over(begin):
        _fill_up(case, picked, unit)
    return picked


def _fill_up(case: _Case, picked: NDArray[np.bool_], unit: NDArray[np.int64]) -> None:
    """More sizes by their room for whoever is in reach, without looking who is served already."""
    sizes, cover = case.sizes, case.cover
    running = np.concatenate([[0], np.cumsum(case.weight[cover.place])])
    inside = (running[cover.first[1:]] - running[cover.first[:-1]])[sizes.site]
    value = np.minimum(inside, sizes.capacity) / unit
    most = case.rules.n_sites
    for k in np.argsort(-value, kind="stable")[:TRIED].tolist():
        if value[k] <= 0 or (most is not None and picked.sum() >= most):
            break
        if not picked[k]:
            picked[k] = True
            picked[k] = case.allowed(picked)
