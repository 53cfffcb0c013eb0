"""People of places as multiples of a number: who is left over stands at a neighbour's.

All rows of people stand in one line, and the line is parted into blocks of `unit` people. A block
stands at the row where its middle falls, and no other row keeps anybody. So the people of any
stretch of the line are right to less than one block, however small its places are.

What is alike today stands together in the line: first whether a row is covered, uncovered or not
linked, by all services at once; then the gaps that it is in; then its street and where on it. The
sums of today, of a gap and of a neighbourhood are therefore those of whole stretches.

A group is counted at the ends of the blocks: of its people up to there, rounded half up, a block
has what those before have not had. A group grows no faster in the line than everyone, so a block
has none of it or is full of it: nowhere is a group larger than everyone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.assessing.analysis import toward

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.gaps import Gaps
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground

    Ints = NDArray[np.int64]


def rounded_people(
    assessments: Sequence[Assessment], gaps: Sequence[Gaps], people: int
) -> dict[str, Ints]:
    """Millionths by group for every row of demand, all multiples of `people`; 0 outside the area.

    The assessments are of one ground, `gaps` of some or all of them.
    """
    ground = assessments[0].ground
    line = line_of(assessments, gaps)
    amounts = {g: a[line] for g, a in ground.demand.amounts.items()}
    out = {g: np.zeros(len(ground.demand), np.int64) for g in amounts}
    for group, found in in_blocks(amounts, people * units.MICRO).items():
        out[group][line] = found
    return out


def line_of(assessments: Sequence[Assessment], gaps: Sequence[Gaps]) -> Ints:
    """Rows inside the study area in the order in which they are counted, see above."""
    ground = assessments[0].ground
    keys: list[Ints] = [status_of(a) for a in assessments]
    for a in assessments:
        found = next((g for g in gaps if g.assessment is a), None)
        if found is not None:
            number = np.full(len(ground.demand), len(found.gaps), np.int64)
            for k, gap in enumerate(found.gaps):
                number[gap.places] = k
            keys.append(number)
    keys += _streets(ground, assessments[0])
    order = np.lexsort(keys[::-1])
    return order[ground.inside[order]]


COVERED = 0


def status_of(a: Assessment) -> Ints:
    """Of every row today: `COVERED`, 1 uncovered, 2 not linked."""
    covered = a.demand.covered(a.cutoff_ms)
    return np.where(a.demand.linked, np.where(covered, COVERED, 1), 2).astype(np.int64)


def _streets(ground: Ground, a: Assessment) -> list[Ints]:
    """Edge, millimetres along it, and leg of every row; those without a street come by position."""
    link = ground.link(
        "demand", ground.impedance(a.walker, toward=toward(a.direction)).linkable, None
    )
    last = link.owner[::-1]  # of several positions the first
    columns = []
    for values in (link.edge, link.offset_mm, link.access_mm):
        column = np.full(link.n_owners, -1, np.int64)
        column[last] = values[::-1]
        columns.append(column)
    points = ground.demand_points
    east = np.floor((points.x_m - points.x_m.min(initial=0.0)) / APART_M).astype(np.int64)
    north = np.floor((points.y_m - points.y_m.min(initial=0.0)) / APART_M).astype(np.int64)
    return [*columns, east, np.where(east % 2, -north, north)]


APART_M = 300.0
"""Rows without a street are counted in strips of this width, up one and down the next."""


def in_blocks(amounts: dict[str, Ints], unit: int) -> dict[str, Ints]:
    """Amounts in the order of a line as multiples of `unit`; the first is everyone.

    Contract: amounts are not negative. Every total is rounded half up. Of everyone any stretch of
    the line keeps its sum to at most `unit`, of a group to less than three times that, mostly to
    less than one. Where no row has more of a group than of everyone, none has it afterwards; a
    group that is larger somewhere is rounded all the same and may be larger there still.
    """
    everyone = next(iter(amounts.values()), None)
    if everyone is None or not len(everyone):
        return {g: a.copy() for g, a in amounts.items()}
    total = np.cumsum(everyone)
    blocks = (total + unit // 2) // unit  # up to and with each row
    at = np.flatnonzero(np.diff(blocks, prepend=0))
    many = blocks[at]
    out = {}
    for group, a in amounts.items():
        found = np.zeros(len(a), np.int64)
        if a is everyone:
            told = many
        else:
            told = (_up_to(total, np.cumsum(a), many * unit) + unit // 2) // unit
            if len(told):  # with those behind the last block
                told[-1] = (int(a.sum()) + unit // 2) // unit
                if bool((a <= everyone).all()):
                    told = _no_more(told, many)
        found[at] = np.diff(told, prepend=0) * unit
        out[group] = found
    return out


def _no_more(told: Ints, many: Ints) -> Ints:
    """`told` with steps no larger than those of `many`, and the same end.

    What are too many at the end come a little earlier; `told` is nowhere more than `many`.
    """
    apart = np.maximum(told - many, told[-1] - many[-1])
    return np.asarray(many + np.minimum.accumulate(np.minimum(apart, 0)))


def _up_to(total: Ints, part: Ints, ends: Ints) -> Ints:
    """The part up to where the total is `ends`: of a row that lies across, its share."""
    row = np.minimum(np.searchsorted(total, ends), len(total) - 1)
    before, had = np.where(row > 0, total[row - 1], 0), np.where(row > 0, part[row - 1], 0)
    wide, more = np.maximum(total[row] - before, 1), part[row] - had
    share = np.minimum(np.maximum(ends - before, 0), wide)
    return np.asarray(had + np.floor(more * (share / wide)).astype(np.int64))
