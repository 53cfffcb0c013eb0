"""Of all choices as good as a proven one the lowest: the fewest options, then the lowest numbers.

Choices of as many options are compared as ascending lists, number by number. An option after the
other is settled: is there a choice as good that has the same ones so far and then a lower one? The
solver is asked for one that keeps the rows of the program and the objective within its tolerance;
what it finds is counted exactly, and shut out where it is not as good. Limits are nodes, steps and
sizes, which repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.core.siting import milp
from quarterhour.core.siting.lowest_bound import relaxed, slack_of
from quarterhour.core.siting.milp import INFEASIBLE, NO_LIMITS, Limits, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Picked = NDArray[np.bool_]

LOWEST, EXCHANGED, STOPPED = "lowest", "exchanged", "stopped"
"""The lowest of all; one that no single exchange for a lower option leaves as good, because more
would take too long; the same because the seconds are over."""

ENTRIES = 60_000
"""Numbers in the rows of a program up to which the lowest choice is looked for."""

WORK = 2_000_000
"""What all questions may take, roughly in millionths of a second; the same in every run."""

ASKING, NODE, PART = 2_000, 12_000, 15
"""What a question takes, one of its nodes, and so many rows at a step of the simplex method: 1. A
number that is read takes 1 as well."""

ROUNDING = 1e-12
"""What sums of many numbers may be off by, relatively."""

FEW = 2_000
"""Numbers of a program up to which what is found impossible is tried once more, without
simplification."""

NODES, TRIES = 300, 30
"""Nodes of one question, and choices within the tolerance of the solver that are shut out."""


class Low(NamedTuple):
    """A choice (bool per option), and how low it is: LOWEST, EXCHANGED or STOPPED."""

    picked: Picked
    ties: str


@dataclass(slots=True, kw_only=True)
class Equal:
    """Choices as good as a proven one.

    `program`: every choice as good keeps its rows; `options`: its whole variables. `good`: whether
    a choice is allowed and as good, exactly. `known`: objective of the program for such a choice,
    None where keeping the rows is enough. `blocks`: positions among the options that are compared
    one block after the other, all of them at once if empty. `fixed`: all choices have as many
    options, so that fewer are not looked for. `low`: exchanges for lower options. `limits`,
    `begin`: seconds after which it ends, counted from a time of the clock.
    """

    program: Program
    options: NDArray[np.int64]
    good: Callable[[Picked], bool]
    known: float | None
    blocks: Sequence[NDArray[np.int64]] = ()
    fixed: bool = False
    low: Callable[[Picked], Picked] = lambda picked: picked
    limits: Limits = NO_LIMITS
    begin: float = 0.0
    work: int = field(default=0, init=False)

    def lowest(self, picked: Picked) -> Low:
        """The lowest of all choices as good as `picked`, which is one of them."""
        best = self.low(picked)
        if self.program.n_entries > ENTRIES or len(self.options) == 0:
            return Low(best, EXCHANGED if len(self.options) else LOWEST)
        pinned = _pinned(self.program, self.known)
        for block in self.blocks or (np.arange(len(self.options)),):
            best, ties = _Block(self, pinned, block).settled(best)
            if ties != LOWEST:
                return Low(best, ties)
            value = best[block].astype(np.float64)
            pinned.lower[0][self.options[block]] = value
            pinned.upper[0][self.options[block]] = value
        return Low(best, LOWEST)

    def spend(self, program: Program, steps: int, nodes: int = 0) -> None:
        """Count what a question took."""
        self.work += ASKING + nodes * NODE + steps * program.n_rows // PART + program.n_entries


def _pinned(program: Program, known: float | None) -> Program:
    """The program without its objective, which is a row instead; bounds as one array each."""
    made = copied(program)
    cost = np.concatenate(program.cost)
    made.sense, made.cost = "min", [np.zeros(program.n_variables)]
    made.lower = [np.concatenate(program.lower)]
    made.upper = [np.concatenate(program.upper)]
    made.whole = [np.concatenate(program.whole)]
    still = made.lower[0] == made.upper[0]  # such as what every choice costs: not in the row
    base = float(cost[still] @ made.lower[0][still])
    at = np.flatnonzero(np.where(still, 0.0, cost))
    if known is not None and len(at):
        sign = 1.0 if program.sense == "min" else -1.0
        most = sign * (known - base) + slack_of(known - base) + ROUNDING * abs(base)
        made.rows(np.zeros(len(at), np.int64), at, sign * cost[at], upper=most, n=1)
    return made


def copied(program: Program) -> Program:
    """The same with lists of its own: what is added to one is not in the other."""
    return replace(
        program, cost=[*program.cost], lower=[*program.lower], upper=[*program.upper],
        whole=[*program.whole], row_lower=[*program.row_lower], row_upper=[*program.row_upper],
        entries=[*program.entries], carries=[*program.carries],
    )  # fmt: skip


class _Block:
    """One block of options, settled from its lowest to its highest."""

    def __init__(self, of: Equal, pinned: Program, block: NDArray[np.int64]) -> None:
        self.of, self.block = of, block
        self.at = of.options[block]
        self.program = pinned

    def settled(self, picked: Picked) -> Low:
        """The lowest choice of the block; the rest of the options is as it comes."""
        of, best = self.of, picked
        count = int(best[self.block].sum())
        number = self.program.rows(np.zeros(len(self.at), np.int64), self.at, 1.0, upper=count,
                                   lower=count if of.fixed else -np.inf, n=1)  # fmt: skip
        needed = self._relaxed(int(number[0]), count)
        least = int((self.program.lower[0][self.at] > 0).sum())
        while not needed and count > least:
            other, ties = self._ask(np.empty(0, np.int64), most=count - 1)
            if ties:
                return Low(best, ties)
            if other is None:
                break
            best = other
            count = int(best[self.block].sum())
            self._at_most(int(number[0]), count)
        return self._in_order(best)

    def _in_order(self, best: Picked) -> Low:
        lower, upper = self.program.lower[0], self.program.upper[0]
        first, nth = 0, 0
        while nth < int(best[self.block].sum()):
            at = int(np.flatnonzero(best[self.block])[nth])
            free = first + np.flatnonzero(upper[self.at[first:at]] > 0)
            if len(free):
                other, ties = self._ask(free)
                if ties:
                    return Low(best, ties)
                if other is not None:
                    best = other
                    continue
            upper[self.at[first:at]] = 0.0
            lower[self.at[at]] = 1.0
            first, nth = at + 1, nth + 1
        upper[self.at[first:]] = 0.0
        return Low(best, LOWEST)

    def _at_most(self, row: int, count: int) -> None:
        """Another limit for the number of options."""
        rows = self.program.row_upper
        first = np.cumsum([0, *(len(part) for part in rows)])
        part = int(np.searchsorted(first, row, "right")) - 1
        rows[part] = rows[part].copy()
        rows[part][row - first[part]] = count

    def _relaxed(self, row: int, count: int) -> bool:
        """Leave the options that no choice as good has; settle those that every one has.

        Whether so many options are needed, as far as it can be told from this.
        """
        of, program = self.of, self.program
        cost = np.concatenate(of.program.cost)
        known, needed = of.known, of.fixed
        if known is None or not cost.any():
            cost, known = np.zeros(program.n_variables), float(count)
            cost[self.at] = 1.0
        elif of.program.sense == "max":
            cost, known = -cost, -known
        else:  # where the number of options is what is to be least, there is no choice with fewer
            needed |= bool((cost[self.at] > 0).all() and np.ptp(cost[self.at]) == 0
                           and np.count_nonzero(cost) == len(self.at))  # fmt: skip
        # a question may take several times as long: there is to be time for some of them
        found = relaxed(program, cost, row, WORK // 10 * PART // program.n_rows)
        if found is None:
            of.work += WORK  # too large to go on
            return needed
        of.spend(program, found.steps)
        room = known + 2 * slack_of(known) - found.value
        lower, upper = program.lower[0], program.upper[0]
        away = found.reduced[of.options]
        free = lower[of.options] < upper[of.options]
        upper[of.options[free & (away > room)]] = 0.0
        lower[of.options[free & (-away > room)]] = 1.0
        return needed or found.fewer > room

    def _ask(
        self, free: NDArray[np.int64], *, most: int | None = None
    ) -> tuple[Picked | None, str]:
        """A choice as good with one of the `free` options, or with `most` options; None for none.

        And why it is not known, empty where it is.
        """
        of, program = self.of, copied(self.program)
        program.lower = [program.lower[0].copy()]
        if most is not None:
            program.rows(np.zeros(len(self.at), np.int64), self.at, 1.0, upper=most, n=1)
        elif len(free) == 1:
            program.lower[0][self.at[free]] = 1.0
        else:
            program.rows(np.zeros(len(free), np.int64), self.at[free], 1.0, lower=1.0, n=1)
        for _ in range(TRIES):
            if of.work >= WORK:
                return None, EXCHANGED
            nodes = min(NODES, (WORK - of.work) // NODE + 1)
            left = Limits(of.limits.left(of.begin).seconds, nodes)
            twice = program.n_entries <= FEW
            solved = milp.solve(program, limits=left, twice=twice, heuristics=False)
            of.spend(program, solved.steps, solved.nodes)
            if solved.by_clock:
                return None, STOPPED
            if solved.status == INFEASIBLE:
                return None, ""
            if not len(solved.x):
                return None, EXCHANGED
            other = solved.x[of.options] > 0.5
            if of.good(other):
                return of.low(other), ""
            value = np.where(other, 1.0, -1.0)
            row = np.zeros(len(value), np.int64)
            program.rows(row, of.options, value, upper=int(other.sum()) - 1, n=1)
        return None, EXCHANGED
