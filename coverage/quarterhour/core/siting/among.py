"""Enough of some units must pass, each by how many of its people are covered or by what it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.outcome import SCALE
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.milp import Program
    from quarterhour.core.siting.nouns import Cover
    from quarterhour.core.siting.reduce import Merged

NEVER = -1
"""No amount will do: a unit cannot pass in this way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Among(_Frozen):
    """At least `amount` of the units `of` (bool) must pass, in one of two ways.

    By people: `people` (int64 millionths per unit) or more of those at the places of the unit are
    covered, old cover included; `place`: int64 unit of every place of the cover, -1 for none. By
    what stands there: `existing` and the `each` of its new sites come to `enough` or more (int64);
    `site`: int64 unit of every candidate, -1 for none. `NEVER` where a unit cannot pass so.
    """

    of: NDArray[np.bool_]
    place: NDArray[np.int64]
    people: NDArray[np.int64]
    site: NDArray[np.int64]
    each: NDArray[np.int64]
    existing: NDArray[np.int64]
    enough: NDArray[np.int64]
    amount: int
    name: str = ""

    @property
    def by_people_only(self) -> bool:
        """Whether nothing but cover counts: a site that covers more is never worse."""
        return not (self.of & (self.enough != NEVER)).any()

    def passing(
        self,
        cover: Cover,
        weight: NDArray[np.int64],
        chosen: NDArray[np.int64],
        done: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """Bool per unit: it passes with a choice, exactly; also units that do not count."""
        got = (cover.covered(chosen) | done) & (self.place >= 0)
        covered, have = np.zeros(len(self.of), np.int64), self.existing.copy()
        np.add.at(covered, self.place[got], weight[got])
        new = chosen[self.site[chosen] >= 0]
        np.add.at(have, self.site[new], self.each[new])
        by_people = (self.people != NEVER) & (covered >= self.people)
        return np.asarray(by_people | ((self.enough != NEVER) & (have >= self.enough)), bool)

    def met(
        self,
        cover: Cover,
        weight: NDArray[np.int64],
        chosen: NDArray[np.int64],
        done: NDArray[np.bool_],
    ) -> int:
        """Units that count and pass."""
        return int((self.passing(cover, weight, chosen, done) & self.of).sum())


def unit_rows(
    program: Program,
    one: Among,
    small: Merged,
    people: NDArray[np.int64],
    sites: NDArray[np.int64],
    *,
    weight: NDArray[np.int64],
    done: NDArray[np.bool_],
) -> None:
    """Enough units u with z_u <= a_u + b_u, whole a and b that stand for the two ways.

    p_u a_u <= sum_i w_i x_i over the places of u, p_u what its cover lacks; q_u b_u <= sum_j
    min(e_j, q_u) y_j over its candidates, q_u what it lacks: a site with more than what is lacking
    is worth what is lacking.

    Parameters
    ----------
    small, people
        The places by classes, each within one unit, and the variable of every class.
    sites
        Variable of every candidate.
    """
    none = np.empty(0, np.int64)
    now = one.passing(_no_sites(small.cover, len(done)), weight, none, done)
    lack = one.amount - int((now & one.of).sum())
    if lack <= 0:
        return
    open_ = np.flatnonzero(one.of & ~now)
    every = lack == len(open_)
    passed = program.variables(len(open_), lower=float(every))
    covered = np.zeros(len(one.of), np.int64)
    np.add.at(covered, one.place[done & (one.place >= 0)], weight[done & (one.place >= 0)])
    unit_of = _units_of(one, small)
    used, rows = [np.arange(len(open_))], [passed]
    for k, unit in enumerate(open_.tolist()):
        ways = []
        of = np.flatnonzero(unit_of == unit)
        if one.people[unit] != NEVER and len(of):
            left = int(one.people[unit] - covered[unit])
            ways.append(_way(program, people[of], small.weight[of] / SCALE, left / SCALE))
        at = np.flatnonzero((one.site == unit) & (one.each > 0))
        if one.enough[unit] != NEVER and len(at):
            left = int(one.enough[unit] - one.existing[unit])
            part = np.minimum(one.each[at], left)
            step = max(int(np.gcd.reduce(part)), 1)
            ways.append(_way(program, sites[at], part // step, -(-left // step)))
        used += [np.full(len(ways), k)]
        rows += [np.array(ways, np.int64)]
    at_row, variable = np.concatenate(used), np.concatenate(rows)
    value = np.where(np.arange(len(at_row)) < len(open_), 1.0, -1.0)
    program.rows(at_row, variable, value, upper=0.0, n=len(open_))
    if not every:
        program.rows(np.zeros(len(open_), np.int64), passed, 1.0, lower=lack, n=1)


def _way(
    program: Program,
    variables: NDArray[np.int64],
    value: NDArray[np.float64] | NDArray[np.int64],
    needed: float,
) -> int:
    """A new whole variable that is 1 only where the sum comes to what is needed."""
    way = program.variables(1, whole=True)
    program.rows(
        np.zeros(len(variables) + 1, np.int64), np.append(variables, way),
        np.append(value, -needed), lower=0.0, n=1,
    )  # fmt: skip
    return int(way[0])


def _units_of(one: Among, small: Merged) -> NDArray[np.int64]:
    """Unit of every class of places."""
    unit = np.full(len(small.weight), -1, np.int64)
    used = small.of >= 0
    unit[small.of[used]] = one.place[used]
    return unit


def _no_sites(cover: Cover, n_places: int) -> Cover:
    """A cover of as many places by nobody."""
    return type(cover)(first=np.zeros(1, np.int64), place=np.empty(0, np.int32), n_places=n_places)


def with_units(part: NDArray[np.int64], among: tuple[Among, ...]) -> NDArray[np.int64]:
    """Numbers of places told further apart by the units that they are in."""
    for one in among:
        pairs = part * (len(one.of) + 1) + one.place + 1
        part = np.unique(pairs, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return part
