"""From a program to an answer: recounted exactly, with what the solver has proven about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting import milp
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
    from collections.abc import Callable

    from numpy.typing import NDArray

    Progress = Callable[[float, float], None]
    Worth = Callable[[NDArray[np.bool_]], int | None]

SCALE = 1_000_000
"""Millionths of a person in a person: programs count people, answers count millionths."""

NEAR = 1e-6
"""How far the objective of the solver may be, relatively, from the one that is recounted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(_Frozen):
    """The best choice found: `picked` bool per option, its exact worth, and a proven bound."""

    status: str
    picked: NDArray[np.bool_]
    objective: int
    bound: int
    nodes: int
    by_clock: bool

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
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Outcome:
    """The best answer of a program as a choice of options, no better than its exact worth.

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
    """
    sign = 1 if program.sense == "max" else -1
    known = None if found is None else worth(found)
    picked = found if known is not None else None
    if known is not None and top is not None and sign * (top - known) <= 0:
        lean_ = lean(found, known, worth, order)  # type: ignore[arg-type]  # it has a worth
        return _outcome(OPTIMAL, lean_, known, known, 0, by_clock=False)
    solved = milp.solve(
        program, start=None if picked is None else start, limits=limits,
        interior=interior, progress=progress,
    )  # fmt: skip
    bound = float("inf") * sign
    if len(solved.x):
        other = solved.x[options] > 0.5
        value = worth(other)
        if value is not None and (known is None or sign * (value - known) > 0):
            picked, known = other, value
        bound = _safe(solved.bound, scale, sign)
        close = abs(solved.objective) * NEAR + NEAR
        if (
            solved.status == OPTIMAL
            and value is not None
            and sign * (solved.objective - value / scale) <= close
        ):
            bound = known  # type: ignore[assignment]  # a value is known
    elif np.isfinite(solved.bound):
        bound = _safe(solved.bound, scale, sign)
    if picked is None or known is None:
        sure = solved.status == INFEASIBLE
        return _outcome(
            INFEASIBLE if sure else NOTHING, np.zeros(len(options), bool), 0, 0, solved.nodes,
            by_clock=solved.by_clock,
        )  # fmt: skip
    if top is not None:
        bound = sign * min(sign * bound, sign * top)
    bound = sign * max(sign * bound, sign * known)
    return _outcome(
        OPTIMAL if bound == known else FEASIBLE,
        lean(picked, known, worth, order),
        known,
        bound,
        solved.nodes,
        by_clock=solved.by_clock,
    )


def _outcome(
    status: str,
    picked: NDArray[np.bool_],
    objective: int,
    bound: float,
    nodes: int,
    *,
    by_clock: bool,
) -> Outcome:
    finite = int(bound) if np.isfinite(bound) else (1 if bound > 0 else -1) * 2**62
    return Outcome(
        status=status,
        picked=picked,
        objective=objective,
        bound=finite,
        nodes=nodes,
        by_clock=by_clock,
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
) -> NDArray[np.bool_]:
    """The choice without options that add nothing; where one of two is enough the first stays."""
    result = picked.copy()
    every = np.arange(len(picked))[::-1] if order is None else order
    for k in every[picked[every]].tolist():
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
