"""Coverage under its four official meanings, each with its denominator, and capacity ratios.

    land         hectares of covered residential land / hectares of all residential land
    people       covered people of a group / all people of the group
    communities  communities with a facility, or reached / all communities
    units        counties or towns with a facility / all counties or towns

What has no road near it is part of every denominator, and so is a unit that cannot be judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.answers.unit_counts import UNKNOWN, YES
from quarterhour.inputs import EVERYONE, Note

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.answers.unit_counts import LevelCoverage, UnitCoverage

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

LAND, PEOPLE, WITH, REACHED = "land", "people", "with_facility", "reached"
BUILDINGS = "buildings"
"""Instead of people, where buildings stand in for them."""

WHOLE, URBAN, RURAL, COMBINED = "whole", "urban", "rural", "combined"
"""The study area at the cutoff of the service; its urban part at that cutoff; its rural part at the
rural cutoff; and both together, every place at its own cutoff."""

ADMINISTRATIVE = ("county", "town")
"""Levels whose units are counted by presence only."""

ADMINISTRATION = (*ADMINISTRATIVE, "community", "village")
"""Levels that a reader expects, and of which a missing position is told."""

PER = 1000

NEEDS_COMMUNITIES = Note(
    '研究中没有社区：需要 [[units]] level = "community"',
    'the study has no communities: needs [[units]] level = "community"',
)
NEEDS_TOWNS = Note(
    '研究中没有乡镇（街道）：需要 [towns]，或 [[units]] level = "town"',
    'the study has no towns: needs [towns], or [[units]] level = "town"',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One share with its denominator.

    `key`: land, people (or buildings), with_facility or reached. `level`: of units, "" otherwise.
    `group`: of people, "" where nobody is counted. `part`: whole, urban, rural or combined.
    `minutes`: the cutoffs that count, () where none does. `numerator`, `denominator`: hectares,
    people or units; None where they are not known, and `missing` says why. `unlinked`: part of the
    denominator without a road near it. `unknown`: units in the denominator that cannot be judged.
    """

    key: str
    level: str
    group: str
    part: str
    minutes: tuple[float, ...]
    numerator: float | None
    denominator: float | None
    unlinked: float = 0
    unknown: int = 0
    missing: Note | None = None

    @property
    def share(self) -> float | None:
        """numerator / denominator, None where one is not known or the denominator is 0."""
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Beds or places for every 1000 people of a group in the study area.

    `facilities`: how many are counted, of which `blank` do not say their number.
    """

    capacity: str
    group: str
    amount: float
    people: float
    facilities: int
    blank: int

    @property
    def per_1000(self) -> float | None:
        """1000 x amount / people, None where there is nobody."""
        return PER * self.amount / self.people if self.people else None


def meanings_of(found: UnitCoverage) -> tuple[Meaning, ...]:
    """All shares of a service: land, people by group, then the levels in their order.

    Lists of names without any position, such as hospitals, have none.
    """
    rows = [*_land(found), *_people(found)]
    for level in found.levels:
        name = level.units.level
        if level.placed or name in ADMINISTRATION:
            rows += _with_facility(level)
            rows += [] if name in ADMINISTRATIVE else _reached(found, level)
    there = {level.units.level for level in found.levels}
    for one, other, missing in (
        ("community", "village", NEEDS_COMMUNITIES),
        ("town", "county", NEEDS_TOWNS),
    ):
        if not there & {one, other}:
            rows.append(_unknown(WITH, one, "", missing))
    return tuple(rows)


def ratios_of(found: UnitCoverage) -> tuple[Ratio, ...]:
    """Beds and places of the study area per 1000 people of the service's group, and of everyone."""
    a = found.assessment
    amounts, inside = a.ground.demand.amounts, a.ground.inside
    if a.ground.demand.kind != "people":
        return ()
    rows = []
    for capacity in found.capacities:
        values = np.array(a.facilities.attributes[capacity], np.float64)[found.facility]
        said = np.isfinite(values)
        rows += [
            Ratio(
                capacity=capacity,
                group=group,
                amount=float(values[said].sum()),
                people=units.persons(int(amounts[group][inside].sum())),
                facilities=len(values),
                blank=int((~said).sum()),
            )
            for group in dict.fromkeys((a.group, EVERYONE))
        ]
    return tuple(rows)


def _parts(
    found: UnitCoverage, urban: BoolArray | None, covered: BoolArray, own: BoolArray | None
) -> list[tuple[str, tuple[float, ...], BoolArray, BoolArray]]:
    """Part, minutes, what belongs to it and what of that is covered."""
    cutoff, rural = found.assessment.cutoffs_min[-1], found.rural_cutoff_min
    every = np.ones(len(covered), bool)
    rows: list[tuple[str, tuple[float, ...], BoolArray, BoolArray]]
    rows = [(WHOLE, (cutoff,), every, covered)]
    if urban is not None and own is not None:
        both = (cutoff,) if rural == cutoff else (cutoff, rural)
        rows += [
            (URBAN, (cutoff,), urban, own),
            (RURAL, (rural,), ~urban, own),
            (COMBINED, both, every, own),
        ]
    return rows


def _shares(
    found: UnitCoverage,
    key: str,
    group: str,
    amount: IntArray,
    linked: BoolArray,
    covered: BoolArray,
    urban: BoolArray | None,
    own: BoolArray | None,
) -> list[Meaning]:
    rows = []
    for part, minutes, here, yes in _parts(found, urban, covered, own):
        top, whole, off = (
            int(amount[m].sum()) for m in (here & yes & linked, here, here & ~linked)
        )
        rows.append(
            Meaning(
                key=key, level="", group=group, part=part, minutes=minutes,
                numerator=units.persons(top), denominator=units.persons(whole),
                unlinked=units.persons(off),
            )
        )  # fmt: skip
    return rows


def _land(found: UnitCoverage) -> list[Meaning]:
    land = found.land
    if land is None:
        missing = Note(
            "研究中没有居住用地 [residential]", "the study has no residential land: [residential]"
        )
        return [_unknown(LAND, "", "", missing)]
    covered = land.at.covered(found.assessment.cutoff_ms)
    return _shares(
        found, LAND, "", land.amount, land.at.linked, covered, found.land_urban, found.land_own
    )


def _people(found: UnitCoverage) -> list[Meaning]:
    a = found.assessment
    demand, times = a.ground.demand, a.demand
    if demand.kind not in {"people", "buildings"}:
        missing = Note("研究中没有人口 [people]", "the study has no people: [people]")
        return [_unknown(PEOPLE, "", a.group, missing)]
    rows = []
    key = PEOPLE if demand.kind == "people" else BUILDINGS
    for group in dict.fromkeys((a.group, *demand.amounts)):
        amount = np.where(a.ground.inside, demand.amounts[group], 0)
        own = None if found.urban is None else found.own
        rows += _shares(
            found, key, group, amount, times.linked, times.covered(a.cutoff_ms), found.urban, own
        )
    return rows


def _unknown(key: str, level: str, group: str, missing: Note) -> Meaning:
    return Meaning(
        key=key, level=level, group=group, part=WHOLE, minutes=(), numerator=None,
        denominator=None, missing=missing,
    )  # fmt: skip


def _with_facility(level: LevelCoverage) -> list[Meaning]:
    name = level.units.level
    if not level.counted.any():
        return [_unknown(WITH, name, "", _no_units(name))]
    if (level.present[level.counted] == UNKNOWN).all():
        missing = Note(
            "该层级的单元不是面，设施表也没有写明所在单元的列，无法判断是否有设施",
            "the units are no polygons, and the facilities have no column that names their unit",
        )
        return [_unknown(WITH, name, "", missing)]
    parts = [(WHOLE, level.counted)]
    if level.urban is not None:
        parts += [(URBAN, level.counted & level.urban), (RURAL, level.counted & ~level.urban)]
    return [_of_units(WITH, name, part, (), level.present, here) for part, here in parts]


def _reached(found: UnitCoverage, level: LevelCoverage) -> list[Meaning]:
    name, counted = level.units.level, level.counted
    if not counted.any() or (level.reached[counted] == UNKNOWN).all():
        missing = _no_units(name)
        if counted.any():
            missing = Note(
                "该层级的单元内既没有人口也没有居住用地，也没有位置，无法判断是否可达",
                "the units have no people, no residential land and no position",
            )
        return [_unknown(REACHED, name, found.assessment.group, missing)]
    cutoff, rural = found.assessment.cutoffs_min[-1], found.rural_cutoff_min
    rows = [_of_units(REACHED, name, WHOLE, (cutoff,), level.reached, counted)]
    if level.urban is not None and level.reached_own is not None:
        own, both = level.reached_own, (cutoff,) if rural == cutoff else (cutoff, rural)
        rows += [
            _of_units(REACHED, name, URBAN, (cutoff,), own, counted & level.urban),
            _of_units(REACHED, name, RURAL, (rural,), own, counted & ~level.urban),
            _of_units(REACHED, name, COMBINED, both, own, counted),
        ]
    return rows


def _of_units(
    key: str,
    level: str,
    part: str,
    minutes: tuple[float, ...],
    verdict: NDArray[np.int8],
    here: BoolArray,
) -> Meaning:
    return Meaning(
        key=key, level=level, group="", part=part, minutes=minutes,
        numerator=float((verdict[here] == YES).sum()), denominator=float(here.sum()),
        unknown=int((verdict[here] == UNKNOWN).sum()),
    )  # fmt: skip


def _no_units(level: str) -> Note:
    return Note(
        f"没有一个 {level} 层级的单元位于研究范围内",
        f"no unit of the level {level} lies in the area",
    )
