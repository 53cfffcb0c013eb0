"""Which existing facilities can close at least loss, or move to where they cover more."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import search_cover
from quarterhour.core.siting.building import covered_variables, covers_joined, site_variables
from quarterhour.core.siting.lowest_cover import lowest_most
from quarterhour.core.siting.lowest_exact import LOWEST
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.milp import (
    FEASIBLE,
    INFEASIBLE,
    NO_LIMITS,
    OPTIMAL,
    Limits,
    Program,
)
from quarterhour.core.siting.nouns import Cover, Rules, Solution, nothing
from quarterhour.core.siting.outcome import SCALE, best_choice, kept_in_order
from quarterhour.core.siting.reduce import merged
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]


def unique_people(cover: Cover, weight: NDArray[np.int64]) -> NDArray[np.int64]:
    """Millionths that each facility alone covers: what is lost when it closes, exactly."""
    times = np.bincount(cover.place, minlength=cover.n_places)
    alone = np.where(times[cover.place] == 1, weight[cover.place], 0)
    running = np.concatenate([[0], np.cumsum(alone)])
    result: NDArray[np.int64] = running[cover.first[1:]] - running[cover.first[:-1]]
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing(_Frozen):
    """Facilities that close. `closed`: int64 ascending. `before`: millionths covered by all.

    `solution`: chosen are those that stay; objective and bound are millionths still covered.
    """

    solution: Solution
    closed: NDArray[np.int64]
    before: int

    @property
    def lost(self) -> int:
        """Millionths that nobody covers any more."""
        return self.before - int(self.solution.objective)

    @property
    def least_lost(self) -> int:
        """No choice of as many closures loses less."""
        return self.before - int(self.solution.bound)


def fewest_lost(
    existing: Cover,
    weight: NDArray[np.int64],
    n_closed: int,
    *,
    stay: NDArray[np.bool_] | None = None,
    close: NDArray[np.bool_] | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Closing:
    """The `n_closed` existing facilities whose closing loses the fewest people, with its bound.

    It is the MCLP of those that stay: n - k of them cover the most, and of several such choices the
    lowest numbers stay. Infeasible where `stay` (must not close) and `close` (must) leave no
    such choice; ValueError for a number below 0.
    """
    if n_closed < 0:
        raise ValueError("a number of closures is not below 0")
    n = existing.n_sites
    fixed = np.zeros(n, bool) if stay is None else stay
    gone = np.zeros(n, bool) if close is None else close
    before = int(weight[existing.covered(np.arange(n))].sum())
    impossible = (
        n_closed > int((~fixed).sum()) or n_closed < int(gone.sum()) or (fixed & gone).any()
    )
    if impossible:
        return Closing(solution=nothing(INFEASIBLE), closed=np.empty(0, np.int64), before=before)
    rules = replace(Rules.plain(n, n_sites=n - n_closed), required=fixed, forbidden=gone)
    begin = time.monotonic()
    found = most_covered(existing, weight, rules, ties=False, limits=limits, progress=progress)
    kept = np.zeros(n, bool)
    kept[found.chosen] = True
    # nobody is lost by keeping more than the program needed
    spare = np.flatnonzero(~kept & ~gone)
    kept[spare[: n - n_closed - int(kept.sum())]] = True
    found = replace(found, chosen=np.flatnonzero(kept))
    if found.status in {OPTIMAL, FEASIBLE}:
        small = merged(existing, weight)
        found = lowest_most(small, rules, found, fixed=True, limits=limits, begin=begin)
        kept = np.isin(np.arange(n), found.chosen)
    return Closing(
        solution=found,
        closed=np.flatnonzero(~kept),
        before=before,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving(_Frozen):
    """Facilities that close, and candidates that open instead. `before`: millionths covered now.

    `solution`: chosen are the candidates that open; objective and bound are millionths covered
    afterwards.
    """

    solution: Solution
    closed: NDArray[np.int64]
    before: int


def best_moves(
    existing: Cover,
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    n_moved: int,
    *,
    stay: NDArray[np.bool_] | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Moving:
    """At most `n_moved` facilities that close and as many candidates that open, covering the most.

    maximise sum_i w_i x_i with x_i <= sum of the z_e and y_j that reach i, sum_e (1 - z_e) <= k,
    sum_j y_j <= sum_e (1 - z_e), and the rules for the candidates. `stay`: bool per existing
    facility, it must not close.
    """
    n_old, n_new = existing.n_sites, cover.n_sites
    fixed = np.zeros(n_old, bool) if stay is None else stay
    joined = covers_joined([existing, cover])
    small = merged(joined, weight)
    program = Program("max")
    opened = site_variables(program, rules)
    kept = program.variables(n_old, lower=fixed.astype(np.float64), whole=True)
    sites = np.concatenate([kept, opened])
    program.rows(np.zeros(n_old, np.int64), kept, 1.0, lower=n_old - n_moved, n=1)
    program.rows(np.zeros(n_old + n_new, np.int64), sites, 1.0, upper=n_old, n=1)
    people = covered_variables(program, small.cover, sites, cost=small.weight / SCALE)
    # options are closures and openings, so that nothing is done that adds nothing
    shut = program.variables(n_old, whole=True)
    program.rows(
        np.tile(np.arange(n_old), 2), np.concatenate([kept, shut]), 1.0, lower=1.0, upper=1.0,
        n=n_old,
    )  # fmt: skip
    options = np.concatenate([shut, opened])

    def stands(picked: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.flatnonzero(np.concatenate([~picked[:n_old], picked[n_old:]]))

    def worth(picked: NDArray[np.bool_]) -> int | None:
        closed = picked[:n_old]
        n_closed, n_opened = int(closed.sum()), int(picked[n_old:].sum())
        if (closed & fixed).any() or not n_opened <= n_closed <= n_moved:
            return None
        return small.worth(stands(picked)) if rules.allow(np.flatnonzero(picked[n_old:])) else None

    found = _first_moves(existing, cover, weight, rules, n_moved, fixed, worth)
    start = None
    if found is not None:
        start = np.zeros(program.n_variables)
        start[options[found]] = 1
        start[kept[~found[:n_old]]] = 1
        start[people[small.cover.covered(stands(found))]] = 1
    outcome = best_choice(
        program, options, worth, found=found, start=start, width=1, limits=limits,
        progress=progress,
    )  # fmt: skip
    picked = outcome.picked
    if outcome.ties != LOWEST:
        picked = _fewest_moves(picked, n_old, worth, outcome.objective)
    return Moving(
        solution=outcome.solution(np.flatnonzero(picked[n_old:])),
        closed=np.flatnonzero(picked[:n_old]),
        before=int(weight[existing.covered(np.arange(n_old))].sum()),
    )


def _fewest_moves(
    picked: NDArray[np.bool_],
    n_old: int,
    worth: Callable[[NDArray[np.bool_]], int | None],
    known: int,
) -> NDArray[np.bool_]:
    """The choice without moves, a closure and an opening together, that add nothing."""
    result = picked.copy()
    for new in (n_old + np.flatnonzero(picked[n_old:])[::-1]).tolist():
        for old in np.flatnonzero(result[:n_old])[::-1].tolist():
            result[[old, new]] = False
            if worth(result) == known:
                break
            result[[old, new]] = True
    return result


def _first_moves(
    existing: Cover,
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    n_moved: int,
    fixed: NDArray[np.bool_],
    worth: Callable[[NDArray[np.bool_]], int | None],
) -> NDArray[np.bool_] | None:
    """Those with the fewest people of their own close for what gains most; None if not allowed."""
    n_old = existing.n_sites
    order = np.argsort(unique_people(existing, weight), kind="stable")
    order = order[~fixed[order]][:n_moved]
    rest = np.setdiff1d(np.arange(n_old), order)
    opened = search_cover.greedy(cover, weight, rules, done=existing.covered(rest))[: len(order)]
    first = np.zeros(n_old + cover.n_sites, bool)
    first[order] = True
    return kept_in_order(opened + n_old, len(first), worth, _with_required(first, rules, n_old))


def _with_required(first: NDArray[np.bool_], rules: Rules, n_old: int) -> NDArray[np.bool_]:
    result = first.copy()
    result[n_old:] |= rules.required
    return result
