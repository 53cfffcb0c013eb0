"""Coverage by unit as numbers: what is counted of every county, town, community, and of the whole.

Contract: people and land are int64 millionths. For every level and every group, the sums over the
units and over what lies outside every unit are those of the study area, exactly. What has no road
near it stays in every denominator. A place in several units of one level is counted in the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.inputs import EVERYONE
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.answers.land_times import Land
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import UnitSet

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]
    Verdict = NDArray[np.int8]

YES, NO, UNKNOWN = 1, 0, -1
"""Verdicts of units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums(_Frozen):
    """int64 millionths per unit, and last of what lies outside every unit.

    `uncovered` are near a road; the three parts of `total` add up to it.
    """

    total: IntArray
    covered: IntArray
    unlinked: IntArray

    @property
    def uncovered(self) -> IntArray:
        """Near a road, and beyond the cutoff."""
        return np.asarray(self.total - self.covered - self.unlinked, np.int64)

    @property
    def share(self) -> FloatArray:
        """covered / total, NaN where the total is 0."""
        with np.errstate(invalid="ignore"):
            return np.where(self.total > 0, self.covered / np.maximum(self.total, 1), np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity(_Frozen):
    """Beds or places per unit, last outside every unit, and how many facilities say none."""

    amount: FloatArray
    blank: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCoverage(_Frozen):
    """One level of units and one service.

    `counted`: bool, one of the units of the study area: at least half of its area lies there, or
    its point; a unit without a position always is. `urban`: bool, None where nobody said what is
    urban. `place`: unit of each place of demand, -1 for none. `people[group]`: at the last cutoff;
    `people_own`: every place at its own cutoff (urban or rural), None without an urban area. `land`
    (hectares) likewise, None without residential areas. `facilities`: how many stand there, last
    those outside every unit. `present`, `reached`: verdicts YES, NO, UNKNOWN per unit: whether a
    facility stands in it; whether enough of its people, or land, is covered. `reached_own`: the
    same with the rural cutoff for rural units, None without an urban area.
    """

    units: UnitSet
    counted: BoolArray
    urban: BoolArray | None
    place: IntArray
    people: dict[str, Sums]
    people_own: dict[str, Sums] | None
    land: Sums | None
    land_own: Sums | None
    facilities: IntArray
    capacity: dict[str, Capacity]
    present: Verdict
    reached: Verdict
    reached_own: Verdict | None

    @property
    def placed(self) -> bool:
        """Whether anything is known of where the units are; a bare list of names is not."""
        known = ~shapely.is_missing(self.units.geometry) | (self.present != UNKNOWN)
        return bool(known.any())

    @property
    def listed(self) -> IntArray:
        """Rows of the units that are counted, or that hold people or land of the study area."""
        some = self.counted | (self.people[EVERYONE].total[:-1] > 0)
        if self.land is not None:
            some |= self.land.total[:-1] > 0
        return np.flatnonzero(some)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCoverage(_Frozen):
    """One service by units of every level.

    `urban`: bool per place of demand, `land_urban` per position of `land`; None where nobody said
    what is urban. `rural_cutoff_min`: minutes that count in rural places, those of the service
    where it has none of its own. `own`: bool per place, covered at its own cutoff. `facility`: bool
    per facility row, serves and stands in the study area or in one of its units.
    """

    assessment: Assessment
    levels: tuple[LevelCoverage, ...]
    threshold_percent: float
    rural_cutoff_min: float
    urban: BoolArray | None
    own: BoolArray
    land: Land | None
    land_urban: BoolArray | None
    land_own: BoolArray | None
    facility: BoolArray
    capacities: tuple[str, ...]

    def level(self, name: str) -> LevelCoverage | None:
        """The level of this name."""
        return next((found for found in self.levels if found.units.level == name), None)


def sums(amount: IntArray, unit: IntArray, n: int, covered: BoolArray, linked: BoolArray) -> Sums:
    """Amounts by unit; `unit` -1 goes to the end. What is covered is linked."""

    def of(which: BoolArray) -> IntArray:
        result = np.zeros(n + 1, np.int64)
        np.add.at(result, unit[which], amount[which])
        return result

    every = of(np.ones(len(amount), bool))
    assert int(every.sum()) == int(amount.sum()), "nobody is lost between units"  # noqa: S101
    return Sums(total=every, covered=of(covered & linked), unlinked=of(~linked))
