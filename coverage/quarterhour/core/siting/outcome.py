"""From a program to an answer: recounted exactly, with what the solver has proven about it."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import milp
from quarterhour.core.siting.lowest import lowest_by
from quarterhour.core.siting.lowest_exact import Equal, Low, copied
from quarterhour.core.siting.milp import (
    FEASIBLE,
    INFEASIBLE,
    NO_LIMITS,
    NOTHING,
    OPTIMAL,
    Limits,
    Program,
)
from quarterhour.core.siting.nouns import Solution, nothing
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]
    Worth = Callable[[NDArray[np.bool_]], int | None]

SCALE = 1_000_000
"""Millionths of a person in a person: programs count people, answers count millionths."""

NEAR = 1e-6
"""How far the objective of the solver may be, relatively, from the one that is recounted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(_Frozen):
    """The best choice found: `picked` bool per option, its exact worth, and a proven bound.

    `ties`: as in `Solution`.
    """

    status: str
    picked: NDArray[np.bool_]
    objective: int
    bound: int
    nodes: int
    by_clock: bool
    ties: str = ""

    @property
    def some(self) -> bool:
        """Whether there is a choice at all."""
        return self.status in {OPTIMAL, FEASIBLE}

    def solution(self, chosen: NDArray[np.int64]) -> Solution:
        """The same for candidates, without any where nothing was found."""
        if not self.some:
            return nothing(self.status)
        return Solution(
            status=self.status,
            chosen=chosen,
            objective=self.objective,
            bound=self.bound,
            nodes=self.nodes,
            by_clock=self.by_clock,
            ties=self.ties,
        )


def best_choice(
    program: Program,
    options: NDArray[np.int64],
    worth: Worth,
    *,
    found: NDArray[np.bool_] | None = None,
    start: NDArray[np.float64] | None = None,
    top: int | None = None,
    scale: int = SCALE,
    order: NDArray[np.int64] | None = None,
    interior: bool = False,
    dear: Callable[[NDArray[np.bool_]], bool] | None = None,
    width: int | None = None,
    whole: Callable[[int], tuple[Program, NDArray[np.int64]]] | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Outcome:
    """The best answer of a program as a choice of options, no better than its exact worth.

    What the solver returns is counted again. A choice that keeps the rows within the tolerance of
    the solver only is shut out by a row of its own, and the program solved once more. An answer
    that a choice at hand refutes is not believed: without simplification it is asked again, and
    nothing is proven where that one is refuted, too.

    Parameters
    ----------
    options
        Whole variables of the program.
    worth
        The objective of a choice in whole units, None where a requirement is not kept. What the
        solver returns is within its tolerances only: this is what counts.
    found, start
        A choice at hand, and the values of all variables with it.
    top
        A bound that is known beforehand.
    scale
        Units of `worth` in one unit of the program.
    order
        Options in the order in which those that add nothing are dropped; the last first if None.
    interior
        As in `milp.solve`.
    dear
        Whether a choice costs more than there is, and with it every choice that has all of it.
        Any other choice without a worth is too little, and so is every part of it.
    width
        Of choices worth the same the lowest (see `lowest_exact`), or, where that is not found, one
        that no exchange of so many options in a row for lower ones leaves as good (`lowest_by`);
        None: whatever was found.
    whole
        Makes the same program and its options for a choice worth so much, with all candidates,
        where `program` lacks some that a lower choice may have.
    """
    begin, nodes = time.monotonic(), 0
    first = copied(program)

    def low(picked: NDArray[np.bool_], known: int, *, proven: bool) -> Low:
        over = functools.partial(limits.over, begin)
        result = lean(picked, known, worth, order, over=over)
        if width is None:
            return Low(result, "")
        if not proven:
            work = program.n_entries
            return Low(lowest_by(result, worth, width=width, work=work, over=over), "")
        asked, of = (first, options) if whole is None else whole(known)
        return lowest_equal(
            asked, of, worth, result, known, scale=scale, width=width, limits=limits, begin=begin
        )

    sign = 1 if program.sense == "max" else -1
    known = None if found is None else worth(found)
    picked = found if known is not None else None
    if known is not None and top is not None and sign * (top - known) <= 0:
        least = low(picked, known, proven=True)  # type: ignore[arg-type]  # it is worth something
        return _outcome(OPTIMAL, least, known, known, 0, by_clock=False)
    held = known is not None  # the choice at hand keeps all rows of the program
    bound, presolve = float("inf") * sign, True
    while True:
        solved = milp.solve(
            program, start=start if held else None, limits=limits.left(begin, nodes),
            interior=interior, presolve=presolve, progress=progress,
        )  # fmt: skip
        nodes += solved.nodes
        other = solved.x[options] > 0.5 if len(solved.x) else None
        value = None if other is None else worth(other)
        close = abs(solved.objective) * NEAR + NEAR
        refuted = held and (
            solved.status == INFEASIBLE
            or (
                solved.status == OPTIMAL
                and known is not None
                and sign * (known / scale - solved.objective) > close
            )
        )
        if value is not None and (known is None or sign * (value - known) > 0):
            picked, known, held, start = other, value, False, None
        if refuted:
            if not presolve or limits.over(begin):
                break
            presolve = False
            continue
        if solved.status == INFEASIBLE:
            bound = float("inf") * sign if known is None else known
        elif np.isfinite(solved.bound):
            bound = _safe(solved.bound, scale, sign)
        if solved.status != OPTIMAL or other is None:
            # stopped with a choice that the rules do not allow: the next one may be allowed
            if other is None or value is not None or limits.over(begin) or _spent(limits, nodes):
                break
        elif value is not None and sign * (solved.objective - value / scale) <= close:
            bound = known  # type: ignore[assignment]  # a value is known
            break
        if value is not None:
            held = held and picked is not None and not np.array_equal(other, picked)
        _shut_out(program, options, other, dear, counted=value is not None)
    if picked is None or known is None:
        sure = solved.status == INFEASIBLE
        return _outcome(
            INFEASIBLE if sure else NOTHING, Low(np.zeros(len(options), bool), ""), 0, 0, nodes,
            by_clock=solved.by_clock,
        )  # fmt: skip
    if top is not None:
        bound = sign * min(sign * bound, sign * top)
    bound = sign * max(sign * bound, sign * known)
    return _outcome(
        OPTIMAL if bound == known else FEASIBLE,
        low(picked, known, proven=bound == known),
        known,
        bound,
        nodes,
        by_clock=solved.by_clock,
    )


def lowest_equal(
    program: Program,
    options: NDArray[np.int64],
    worth: Worth,
    picked: NDArray[np.bool_],
    known: int,
    *,
    scale: int = SCALE,
    width: int = 1,
    blocks: Sequence[NDArray[np.int64]] = (),
    limits: Limits = NO_LIMITS,
    begin: float = 0.0,
) -> Low:
    """The lowest choice that is worth what `picked` is, which is proven best.

    `blocks`: as in `lowest_exact.Equal`; the rest as in `best_choice`.
    """

    def low(choice: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return lowest_by(
            choice, worth, width=width, work=program.n_entries, over=lambda: limits.over(begin)
        )

    return Equal(
        program=program, options=options, good=lambda choice: worth(choice) == known, low=low,
        known=known / scale, blocks=blocks, limits=limits, begin=begin,
    ).lowest(picked)  # fmt: skip


def _spent(limits: Limits, nodes: int) -> bool:
    return limits.nodes is not None and nodes >= limits.nodes


def _shut_out(
    program: Program,
    options: NDArray[np.int64],
    picked: NDArray[np.bool_],
    dear: Callable[[NDArray[np.bool_]], bool] | None,
    *,
    counted: bool,
) -> None:
    """One more row, which a choice breaks: it alone, or with all that has or is a part of it."""
    row = np.zeros(len(options), np.int64)
    if counted:
        value, most = np.where(picked, 1.0, -1.0), int(picked.sum()) - 1
        program.rows(row, options, value, upper=most, n=1)
    elif dear is not None and dear(picked):
        of = options[picked]
        program.rows(row[picked], of, 1.0, upper=len(of) - 1, n=1)
    else:
        program.rows(row[~picked], options[~picked], 1.0, lower=1.0, n=1)


def _outcome(
    status: str,
    found: Low,
    objective: int,
    bound: float,
    nodes: int,
    *,
    by_clock: bool,
) -> Outcome:
    finite = int(bound) if np.isfinite(bound) else (1 if bound > 0 else -1) * 2**62
    return Outcome(
        status=status,
        picked=found.picked,
        objective=objective,
        bound=finite,
        nodes=nodes,
        by_clock=by_clock,
        ties=found.ties,
    )


def _safe(bound: float, scale: int, sign: int) -> float:
    """A bound of the solver in whole units, rounded to the safe side of its tolerance.

    A largest worth is at most the bound and a little; a smallest one, a whole number, is at least
    the next whole number above the bound less a little.
    """
    if not np.isfinite(bound):
        return float("inf") * sign
    if sign > 0:
        return float(np.ceil(bound * scale * (1 + 1e-9)))
    return float(np.ceil(bound * scale - max(1e-6, abs(bound * scale) * 1e-9)))


def lean(
    picked: NDArray[np.bool_],
    known: int,
    worth: Worth,
    order: NDArray[np.int64] | None = None,
    over: Callable[[], bool] = lambda: False,
) -> NDArray[np.bool_]:
    """The choice without options that add nothing; where one of two is enough the first stays.

    `over`: whether the time is; what is left then stays.
    """
    result = picked.copy()
    every = np.arange(len(picked))[::-1] if order is None else order
    for k in every[picked[every]].tolist():
        if over():
            break
        result[k] = False
        if worth(result) != known:
            result[k] = True
    return result


def kept_in_order(
    options: NDArray[np.int64], n: int, worth: Worth, first: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_] | None:
    """Options taken one by one while the requirements hold, None where they do not at the start."""
    picked = np.zeros(n, bool) if first is None else first.copy()
    if worth(picked) is None:
        return None
    for k in options.tolist():
        if not picked[k]:
            picked[k] = True
            if worth(picked) is None:
                picked[k] = False
    return picked
