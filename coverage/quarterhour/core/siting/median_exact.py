"""The p-median exactly by the solver, in the program of radii."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.core.siting import milp
from quarterhour.core.siting.building import site_variables
from quarterhour.core.siting.milp import (
    FEASIBLE,
    INFEASIBLE,
    NO_LIMITS,
    NOTHING,
    OPTIMAL,
    Limits,
    Program,
)
from quarterhour.core.siting.nouns import Rules, Solution, nothing
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.siting.median import Distances

    FloatArray = NDArray[np.float64]
    Progress = Callable[[float, float], None]


def exactly(
    pairs: Distances,
    rules: Rules,
    found: NDArray[np.int64],
    *,
    gap: float = 0.0,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Solution:
    """The best choice in the program of radii: z_ik = 1 where no site is within radius k of i.

    minimise sum_i (c_i1 + sum_k (c_i,k+1 - c_ik) z_ik) with z_ik >= z_i,k-1 - sum of the y_j whose
    cost is c_ik (Elloumi 2010, Journal of Combinatorial Optimization 19:69-83).

    `found`: a choice to begin with, empty where there is none. `gap`: relative gap at which nothing
    better is left, since costs are whole multiples of something.
    """
    begin = time.monotonic()
    made = radii_program(pairs, rules)
    if made is None:
        return nothing(INFEASIBLE, unreached=True)
    program, sites, level, steps, scale = made
    start, known = None, np.inf
    if len(found):
        known = pairs.total(found)
        start = np.zeros(program.n_variables)
        start[sites[found]] = 1
        start[program.n_variables - len(level) - 1] = 1
        inside = np.zeros(pairs.n_sites, bool)
        inside[found] = True
        near = np.zeros(len(level), bool)
        near[steps.of[inside[steps.site]]] = True
        start[level] = _open_levels(steps.first, near)
    chosen, nodes, at_hand = found, 0, np.isfinite(known)
    while True:
        solved = milp.solve(
            program, start=start, limits=limits.left(begin, nodes), gap=gap, progress=progress
        )
        nodes += solved.nodes
        other = np.flatnonzero(solved.x[sites] > 0.5) if len(solved.x) else None
        if other is None or rules.allow(other) or limits.over(begin):
            break
        # within the budget by the tolerance of the solver only: without one of these sites
        of = sites[other]
        program.rows(np.zeros(len(of), np.int64), of, 1.0, upper=len(of) - 1, n=1)
        if limits.nodes is not None and nodes >= limits.nodes:
            break
    if solved.status == INFEASIBLE and not at_hand:
        return nothing(INFEASIBLE, rules=True)
    if other is not None and rules.allow(other) and pairs.total(other) < known:
        chosen, known = other, pairs.total(other)
    if not np.isfinite(known):
        return nothing(NOTHING)
    # what the solver calls impossible, or dearer than a choice at hand, is not believed
    close = known * (1 - NEAR) <= solved.objective * scale <= known * (1 + NEAR) + scale * NEAR
    low = solved.bound * scale * (1 - 1e-9) if np.isfinite(solved.bound) else 0.0
    bound = known if solved.status == OPTIMAL and close else min(low, known)
    return Solution(
        status=OPTIMAL if bound >= known else FEASIBLE,
        chosen=np.sort(chosen),
        objective=known,
        bound=bound,
        nodes=nodes,
        by_clock=solved.by_clock,
    )


class Made(NamedTuple):
    """A program of radii: variables of the sites and levels; costs in it are divided by `scale`."""

    program: Program
    sites: NDArray[np.int64]
    level: NDArray[np.int64]
    steps: _Radii
    scale: float


def radii_program(pairs: Distances, rules: Rules) -> Made | None:
    """The program that `exactly` solves; None where a place has no site at all."""
    program = Program("min")
    sites = site_variables(program, rules)
    steps = _radii(pairs, ~rules.forbidden)
    if steps is None:
        return None
    scale = max(float(np.abs(steps.rise).max(initial=0.0)), 1e-9) / 1e3
    program.variables(1, cost=steps.base / scale, lower=1.0, upper=1.0)
    level = program.variables(len(steps.rise), cost=steps.rise / scale)
    rows = np.arange(len(steps.rise))
    inner = np.flatnonzero(~steps.first)
    program.rows(
        np.concatenate([rows, inner, steps.of]),
        np.concatenate([level, level[inner - 1], sites[steps.site]]),
        np.concatenate([np.ones(len(rows)), -np.ones(len(inner)), np.ones(len(steps.of))]),
        lower=np.where(steps.first, 1.0, 0.0),
        n=len(rows),
    )
    if len(steps.closed):
        last = level[steps.closed]
        program.rows(np.arange(len(last)), last, 1.0, upper=0.0)
    return Made(program, sites, level, steps, scale)


NEAR = 1e-6
"""How far the objective of the solver may be, relatively, from the one that is recounted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Radii(_Frozen):
    """Levels of all places in a row: `rise` of cost beyond each, `first` of a place; its sites.

    `closed`: levels beyond which no place may be left. `base`: cost of all places at their first.
    """

    rise: FloatArray
    first: NDArray[np.bool_]
    of: NDArray[np.int64]
    site: NDArray[np.int64]
    closed: NDArray[np.int64]
    base: float


def _radii(pairs: Distances, keep: NDArray[np.bool_]) -> _Radii | None:
    """Radii of the pairs of the sites to `keep`; None where a place has nothing at all."""
    rise, first, of, site, closed = [], [], [], [], []
    base, number = 0.0, 0
    for i in range(pairs.n_places):
        lo, hi = pairs.first[i], pairs.first[i + 1]
        row = np.arange(lo, hi)[keep[pairs.site[lo:hi]]]
        end = float(pairs.beyond[i])
        row = row[pairs.cost[row] < end]
        if not len(row):
            if not np.isfinite(end):
                return None
            base += end
            continue
        radius, at = np.unique(pairs.cost[row], return_inverse=True)
        shut = not np.isfinite(end)
        after = radius[-1] if shut else end
        base += float(radius[0])
        rise.append(np.append(radius[1:], after) - radius)
        first.append(np.arange(len(radius)) == 0)
        of.append(at.reshape(-1) + number)
        site.append(pairs.site[row].astype(np.int64))
        number += len(radius)
        if shut:
            closed.append(number - 1)
    empty = np.empty(0)
    return _Radii(
        rise=np.concatenate(rise) if rise else empty,
        first=np.concatenate(first) if first else np.empty(0, bool),
        of=np.concatenate(of) if of else np.empty(0, np.int64),
        site=np.concatenate(site) if site else np.empty(0, np.int64),
        closed=np.array(closed, np.int64),
        base=base,
    )


def _open_levels(first: NDArray[np.bool_], near: NDArray[np.bool_]) -> FloatArray:
    """1 for the levels of each place before its first near one."""
    result = np.zeros(len(first))
    state = 0.0
    for k in range(len(first)):
        state = 1.0 if first[k] else state
        state = 0.0 if near[k] else state
        result[k] = state
    return result
