"""Mixed-integer programs built from arrays and solved by HiGHS, the same way every time.

One solver thread and a fixed seed: an answer that is proven, or that a limit of nodes has stopped,
repeats exactly. One that the clock has stopped may differ next time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array

from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    Progress = Callable[[float, float], None]

OPTIMAL, FEASIBLE, INFEASIBLE, NOTHING = "optimal", "feasible", "infeasible", "nothing"
"""Proven best; found, not proven; proven impossible; stopped before anything was found."""

WHOLE = 1e-6
"""How near to a whole number a variable must be, the solver's own tolerance."""


class Limits(NamedTuple):
    """When to stop: `seconds` depends on the machine, `nodes` repeats. None is no limit."""

    seconds: float | None = None
    nodes: int | None = None

    def part(self, share: float) -> Limits:
        """A share of the seconds for one of several questions; nodes are those of each one."""
        return self if self.seconds is None else Limits(self.seconds * share, self.nodes)

    def left(self, begin: float, nodes: int = 0) -> Limits:
        """What is left of what began at `begin` of the monotonic clock and has used some nodes."""
        seconds = self.seconds
        if seconds is not None:
            seconds = max(seconds - (time.monotonic() - begin), 0.0)
        return Limits(seconds, None if self.nodes is None else max(self.nodes - nodes, 0))

    def over(self, begin: float) -> bool:
        """Whether the seconds are used up."""
        return self.seconds is not None and time.monotonic() - begin >= self.seconds


NO_LIMITS = Limits()

READ = 250_000
"""Numbers of a program that the solver reads and simplifies in a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved(_Frozen):
    """An answer: `x` per variable (empty where there is none), `objective` and proven `bound`.

    `status`: OPTIMAL, FEASIBLE, INFEASIBLE or NOTHING. `by_clock`: the limit of seconds stopped it.
    `steps`: of the simplex method, which repeat as nodes do.
    """

    status: str
    x: FloatArray
    objective: float
    bound: float
    nodes: int
    by_clock: bool
    steps: int = 0


@dataclass(slots=True)
class Program:
    """A program that grows by blocks of variables and rows; `sense` is "max" or "min".

    `carries`: whole variables that follow from others, lowest digit first: the variable, those
    that it follows from, their numbers, what is allowed of their sum, and what one carry is worth.
    """

    sense: str
    cost: list[FloatArray] = field(default_factory=list)
    lower: list[FloatArray] = field(default_factory=list)
    upper: list[FloatArray] = field(default_factory=list)
    whole: list[NDArray[np.bool_]] = field(default_factory=list)
    row_lower: list[FloatArray] = field(default_factory=list)
    row_upper: list[FloatArray] = field(default_factory=list)
    entries: list[tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]] = field(
        default_factory=list
    )
    carries: list[tuple[int, NDArray[np.int64], NDArray[np.int64], int, int]] = field(
        default_factory=list
    )
    n_variables: int = 0
    n_rows: int = 0

    def completed(self, start: FloatArray) -> FloatArray:
        """A start with the carries of the rows of its budgets (see `building.budget_row`)."""
        result = np.array(start, np.float64)
        for carry, of, low, rest, base in self.carries:
            over = round(float(low @ result[of])) - rest
            result[carry] = max(-(-over // base), 0)
        return result

    def variables(
        self,
        n: int,
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = 1.0,
        whole: bool = False,
    ) -> NDArray[np.int64]:
        """Numbers of `n` new variables with their share in the objective."""
        for store, value in ((self.cost, cost), (self.lower, lower), (self.upper, upper)):
            store.append(np.broadcast_to(np.asarray(value, np.float64), n))
        self.whole.append(np.full(n, whole))
        first = self.n_variables
        self.n_variables += n
        return np.arange(first, first + n)

    def rows(
        self,
        row: ArrayLike,
        variable: ArrayLike,
        value: ArrayLike,
        *,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
        n: int | None = None,
    ) -> NDArray[np.int64]:
        """Numbers of new rows: lower <= sum of value x variable <= upper, `row` counted from 0."""
        at, of = np.asarray(row, np.int64), np.asarray(variable, np.int64)
        number = n if n is not None else (int(at.max()) + 1 if len(at) else 0)
        values = np.broadcast_to(np.asarray(value, np.float64), at.shape)
        self.entries.append((at + self.n_rows, of, values))
        self.row_lower.append(np.broadcast_to(np.asarray(lower, np.float64), number))
        self.row_upper.append(np.broadcast_to(np.asarray(upper, np.float64), number))
        first = self.n_rows
        self.n_rows += number
        return np.arange(first, first + number)

    @property
    def n_entries(self) -> int:
        """Numbers in the rows."""
        return sum(len(values) for _, _, values in self.entries)

    def matrix(self) -> csr_array:
        """The rows as a sparse matrix, entries of a row in the order of the variables."""
        row, variable, value = (
            np.concatenate([e[k] for e in self.entries]) if self.entries else np.empty(0)
            for k in range(3)
        )
        shape = (self.n_rows, self.n_variables)
        made = csr_array((value, (row.astype(np.int64), variable.astype(np.int64))), shape=shape)
        made.sum_duplicates()
        return made


def solve(
    program: Program,
    *,
    start: FloatArray | None = None,
    limits: Limits = NO_LIMITS,
    gap: float = 0.0,
    interior: bool = False,
    presolve: bool = True,
    twice: bool = True,
    heuristics: bool = True,
    progress: Progress | None = None,
) -> Solved:
    """The best answer of a program, or what was found within `limits`.

    Parameters
    ----------
    start
        An answer to begin with, whole variables whole; it need not be best.
    gap
        Relative gap at which an answer counts as best; 0 for a full proof.
    interior
        Begin with an interior point method: faster than the simplex method for large programs.
    presolve
        Simplify first. What is found impossible so is tried once more without: simplified rows may
        shut out what is allowed by less than the tolerance.
    twice
        Not so where rows leave more room than the tolerance: then once is enough.
    heuristics
        Look for answers beside the tree: in vain where there are none.
    progress
        Called with the best objective so far and the bound.

    A program too large to be read in the seconds that are left is not begun: the solver looks at
    the clock only after it has read and simplified one.
    """
    begin = time.monotonic()
    if limits.seconds is not None and limits.seconds < program.n_entries / READ:
        nan = float("nan")
        return Solved(
            status=NOTHING, x=np.empty(0), objective=nan, bound=nan, nodes=0, by_clock=True
        )
    ways = (interior, presolve, heuristics)
    solved = _once(program, start, limits, gap, begin, ways, progress)
    if solved.status == INFEASIBLE and presolve and twice:
        # not refuted where the second try was stopped, but not proven either
        ways = (interior, False, heuristics)
        return _once(program, start, limits, gap, begin, ways, progress)
    return solved


def _once(
    program: Program,
    start: FloatArray | None,
    limits: Limits,
    gap: float,
    begin: float,
    ways: tuple[bool, bool, bool],
    progress: Progress | None,
) -> Solved:
    import highspy  # noqa: PLC0415 - heavy

    interior, presolve, heuristics = ways
    n = program.n_variables
    if n == 0:
        return Solved(
            status=OPTIMAL, x=np.empty(0), objective=0.0, bound=0.0, nodes=0, by_clock=False
        )
    highs = quiet(limits, gap)
    if not presolve:
        highs.setOptionValue("presolve", "off")
    if not heuristics:
        highs.setOptionValue("mip_heuristic_effort", 0.0)
    if interior:
        highs.setOptionValue("mip_lp_solver", "ipm")
    lp = rows_of(program)
    whole = np.concatenate(program.whole)
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    if whole.any():
        lp.integrality_ = [kinds[k] for k in whole.astype(int).tolist()]
    highs.passModel(lp)
    if start is not None:
        highs.setSolution(n, np.arange(n, dtype=np.int32), program.completed(start))
    if progress is not None and whole.any():
        _report(highs, progress)
    if limits.seconds is not None:
        highs.setOptionValue("time_limit", float(limits.left(begin).seconds or 0.0))
    highs.run()
    return _answer(highs, mixed=bool(whole.any()))


def rows_of(program: Program) -> Any:  # noqa: ANN401 - the solver has no types
    """The program for the solver, its variables not yet whole."""
    import highspy  # noqa: PLC0415 - heavy

    n, matrix = program.n_variables, program.matrix()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, program.n_rows
    lp.col_cost_ = _joined(program.cost)
    lp.col_lower_, lp.col_upper_ = _joined(program.lower), _joined(program.upper)
    lp.row_lower_, lp.row_upper_ = _joined(program.row_lower), _joined(program.row_upper)
    lp.sense_ = highspy.ObjSense.kMaximize if program.sense == "max" else highspy.ObjSense.kMinimize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    return lp


def quiet(limits: Limits, gap: float = 0.0) -> Any:  # noqa: ANN401 - the solver has no types
    """A solver that prints nothing and answers the same way every time."""
    import highspy  # noqa: PLC0415 - heavy

    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("random_seed", 0),
        ("mip_rel_gap", gap),
        ("mip_abs_gap", 0.0),
        ("mip_feasibility_tolerance", WHOLE),
    ):
        highs.setOptionValue(name, value)
    if limits.nodes is not None:
        highs.setOptionValue("mip_max_nodes", int(limits.nodes))
    return highs


def _joined(parts: list[FloatArray]) -> FloatArray:
    return np.concatenate(parts) if parts else np.empty(0)


def _report(highs: Any, progress: Progress) -> None:  # noqa: ANN401
    def tell(event: Any) -> None:  # noqa: ANN401
        out = event.data_out
        progress(out.mip_primal_bound, out.mip_dual_bound)

    highs.cbMipLogging += tell


def _answer(highs: Any, *, mixed: bool) -> Solved:  # noqa: ANN401
    import highspy  # noqa: PLC0415 - heavy

    state = highs.getModelStatus()
    info = highs.getInfo()
    status = highspy.HighsModelStatus
    by_clock = state == status.kTimeLimit
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if state in {status.kInfeasible, status.kUnboundedOrInfeasible}:
        kind = INFEASIBLE
    elif state == status.kOptimal:
        kind = OPTIMAL
    else:
        kind = FEASIBLE if found else NOTHING
    has = kind in {OPTIMAL, FEASIBLE}
    x = np.array(highs.getSolution().col_value, np.float64) if has else np.empty(0)
    objective = float(info.objective_function_value) if has else float("nan")
    proven = objective if kind == OPTIMAL else float("nan")
    bound = float(info.mip_dual_bound) if mixed else proven
    return Solved(
        status=kind,
        x=x,
        objective=objective,
        bound=bound,
        nodes=max(int(info.mip_node_count), 0),
        by_clock=by_clock,
        steps=max(int(info.simplex_iteration_count), 0),
    )
