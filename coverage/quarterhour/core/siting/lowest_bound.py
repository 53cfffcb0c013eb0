"""Options that no choice as good as a proven one has: the reduced costs of the relaxed program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.core.siting.milp import NO_LIMITS, quiet, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.milp import Program

    FloatArray = NDArray[np.float64]

NEAR = 1e-6
"""What counts as nothing beside an objective, relatively, and times 1000 beside 1: well above the
tolerances of the solver, which simplifies rows by less and loses what they allow."""


class Relaxed(NamedTuple):
    """The relaxed program at its best.

    `value`: its objective, counted as a cost. `reduced`: what one more of each variable costs at
    least. `fewer`: what one fewer option costs at least. `steps`: of the simplex method.
    """

    value: float
    reduced: FloatArray
    fewer: float
    steps: int


def slack_of(known: float) -> float:
    """How far beside an objective a row of it is set, so that it shuts out nothing as good."""
    return NEAR * abs(known) + 1000 * NEAR


def relaxed(program: Program, cost: FloatArray, count: int, steps: int) -> Relaxed | None:
    """The least `cost` where variables need not be whole; None where that takes more `steps`.

    `count`: the row that limits the number of options.
    """
    import highspy  # noqa: PLC0415 - heavy

    lp = rows_of(program)
    lp.col_cost_ = cost
    lp.sense_ = highspy.ObjSense.kMinimize
    highs = quiet(NO_LIMITS)
    highs.setOptionValue("simplex_iteration_limit", steps)
    highs.passModel(lp)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    info, found = highs.getInfo(), highs.getSolution()
    return Relaxed(
        value=float(info.objective_function_value),
        reduced=np.array(found.col_dual, np.float64),
        fewer=abs(float(found.row_dual[count])),
        steps=max(int(info.simplex_iteration_count), 0),
    )
