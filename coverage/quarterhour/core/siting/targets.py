"""Fewest sites that meet requirements of several kinds: people, presence in units, beds."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.among import Among, unit_rows, with_units
from quarterhour.core.siting.beginning import enough_quickly
from quarterhour.core.siting.building import budget_row, site_variables
from quarterhour.core.siting.fewest import Need, lacking, parts_of, share_rows, short_of
from quarterhour.core.siting.milp import INFEASIBLE, NO_LIMITS, Limits, Program
from quarterhour.core.siting.nouns import Cover, Rules, Solution, nothing
from quarterhour.core.siting.outcome import best_choice
from quarterhour.core.siting.reduce import dominated, merged
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(_Frozen):
    """At least `amount` of some units must have a facility, old or new.

    `unit`: int64 unit of each candidate, -1 for none. `has`: bool per unit, a facility is there.
    `of`: bool per unit, it counts. To ask it of every unit, `amount` is their number; for a share,
    the share of their number rounded up.
    """

    unit: NDArray[np.int64]
    has: NDArray[np.bool_]
    of: NDArray[np.bool_]
    amount: int
    name: str = ""

    def met(self, chosen: NDArray[np.int64]) -> int:
        """Units with a facility."""
        there = self.has.copy()
        unit = self.unit[chosen]
        there[unit[unit >= 0]] = True
        return int((there & self.of).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock(_Frozen):
    """At least `amount` beds, places or square metres, `existing` ones and those of new sites.

    `each`: int64 per candidate, 0 for those that do not count, such as sites of another district.
    """

    each: NDArray[np.int64]
    existing: int
    amount: int
    name: str = ""

    def met(self, chosen: NDArray[np.int64]) -> int:
        """What there is with a choice."""
        return self.existing + int(self.each[chosen].sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(_Frozen):
    """All requirements: `needs` of people covered, `presence` in units, `stocks`, `among` units."""

    needs: tuple[Need, ...] = ()
    presence: tuple[Presence, ...] = ()
    stocks: tuple[Stock, ...] = ()
    among: tuple[Among, ...] = ()

    def short(
        self,
        cover: Cover,
        weight: NDArray[np.int64],
        chosen: NDArray[np.int64],
        done: NDArray[np.bool_],
    ) -> list[tuple[str, int, int]]:
        """Requirements (name, amount, reached) that a choice does not meet, exactly."""
        got = [(one.name, one.amount, one.met(chosen)) for one in self.presence]
        got += [(one.name, one.amount, one.met(chosen)) for one in self.stocks]
        got += [(one.name, one.amount, one.met(cover, weight, chosen, done)) for one in self.among]
        return [
            *short_of(cover, weight, chosen, done, self.needs),
            *(one for one in got if one[2] < one[1]),
        ]


def fewest_for_targets(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    asked: Asked,
    *,
    done: NDArray[np.bool_] | None = None,
    by_cost: bool = False,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Solution:
    """The fewest sites (with `by_cost` the least yuan) that meet everything asked, with its bound.

    minimise sum_j y_j with, for every need, sum of the w_i x_i >= its amount and x_i <= sum of the
    y_j that reach i; for every presence, sum of the v_u >= its amount and v_u <= 1 where a facility
    is there, else the sum of the y_j in the unit; for every stock, sum_j a_j y_j >= what
    is lacking; and enough units that pass, see `core.siting.among`.

    Returns
    -------
    Solution
        `objective` and `bound`: sites or yuan; no choice with less than `bound` will do. Where it
        is infeasible, `why["need"]` names what all candidates together do not meet, with the amount
        and the most that they reach; `why["rules"]` says that the rules clash.

    Raises
    ------
    ValueError
        For `by_cost` without costs.
    """
    if by_cost and rules.cost is None:
        raise ValueError("the cheapest choice needs costs")
    begin = time.monotonic()
    before = np.zeros(cover.n_places, bool) if done is None else done
    short = asked.short(cover, weight, np.flatnonzero(~rules.forbidden), before)
    if short:
        return nothing(INFEASIBLE, need=short)
    case = (cover, weight, rules, asked, before)
    program, sites = _program(*case, by_cost=by_cost)
    price = rules.cost if by_cost else None

    def worth(picked: NDArray[np.bool_]) -> int | None:
        chosen = np.flatnonzero(picked)
        if not rules.allow(chosen) or asked.short(cover, weight, chosen, before):
            return None
        return len(chosen) if price is None else int(price[chosen].sum())

    lack = lacking(weight, before, asked.needs)
    counts = np.zeros(cover.n_places, np.int64)
    for need, left in zip(asked.needs, lack, strict=True):
        if left:
            counts[need.of & ~before] = weight[need.of & ~before]
    for one in asked.among:
        inside = (one.place >= 0) & ~before
        counts[inside] = weight[inside]
    found = enough_quickly(cover, counts, rules, worth, by_cost=by_cost)
    must = np.flatnonzero(rules.required)
    outcome = best_choice(
        program, sites, worth, found=found, scale=1, dear=rules.dear,
        top=len(must) if price is None else int(price[must].sum()),
        limits=limits.left(begin), width=1, progress=progress,
        whole=lambda known: _program(*case, by_cost=by_cost, known=known),
    )  # fmt: skip
    if outcome.status == INFEASIBLE:
        return nothing(INFEASIBLE, rules=True)
    return outcome.solution(np.flatnonzero(outcome.picked))


def _program(
    cover: Cover,
    weight: NDArray[np.int64],
    rules: Rules,
    asked: Asked,
    done: NDArray[np.bool_],
    *,
    by_cost: bool,
    known: int | None = None,
) -> tuple[Program, NDArray[np.int64]]:
    """The program and its sites; for the lowest choice, where the least there is is `known`."""
    needs = asked.needs
    counts = weight if needs or asked.among else np.zeros(cover.n_places, np.int64)
    lost = ~cover.covered(np.flatnonzero(~rules.forbidden))
    apart = with_units(parts_of(cover, needs), asked.among)
    small = merged(cover, counts, leave=done | lost | (counts <= 0), apart=apart)
    tight = rules
    by_cover = all(one.by_people_only for one in asked.among)
    if not asked.presence and not asked.stocks and by_cover:
        free = ~rules.bound_together() & ~rules.forbidden
        drop = dominated(
            small.cover, small.weight, free, cost=rules.cost, lower_only=known is not None
        )  # fmt: skip
        tight = replace(rules, forbidden=rules.forbidden | drop)
    program = Program("min")
    unit = np.ones(cover.n_sites) if not by_cost or rules.cost is None else rules.cost
    sites = site_variables(program, tight, cost=unit)
    if by_cost and rules.cost is not None and known is not None:
        budget_row(program, sites, rules.cost, known)  # exactly, where the objective is near only
    if needs or asked.among:
        people = share_rows(program, small, sites, lacking(weight, done, needs), needs)
        for one in asked.among:
            unit_rows(program, one, small, people, sites, weight=weight, done=done)
    for units in asked.presence:
        _presence_rows(program, units, sites)
    for stock in asked.stocks:
        lack = stock.amount - stock.existing
        if lack > 0:
            # a site with more than what is lacking is worth what is lacking
            part = np.clip(stock.each, 0, lack)
            step = max(int(np.gcd.reduce(part, initial=0)), 1)
            program.rows(
                np.zeros(len(sites), np.int64), sites, part // step, lower=-(-lack // step), n=1
            )
    return program, sites


def _presence_rows(program: Program, one: Presence, sites: NDArray[np.int64]) -> None:
    lack = one.amount - int((one.has & one.of).sum())
    if lack <= 0:
        return
    open_ = np.flatnonzero(one.of & ~one.has)
    number = np.full(len(one.of), -1, np.int64)
    number[open_] = np.arange(len(open_))
    row = np.where(one.unit >= 0, number[one.unit], -1)
    use = np.flatnonzero(row >= 0)
    every = lack == len(open_)
    there = program.variables(len(open_), lower=float(every))
    program.rows(
        np.concatenate([row[use], np.arange(len(open_))]),
        np.concatenate([sites[use], there]),
        np.concatenate([np.full(len(use), -1.0), np.ones(len(open_))]),
        upper=0.0,
        n=len(open_),
    )
    if not every:
        program.rows(np.zeros(len(open_), np.int64), there, 1.0, lower=lack, n=1)
