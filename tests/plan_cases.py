"""Pairs of towns for the indicators of plans: one that just passes, one that just fails.

Every helper draws the least that an indicator needs and stops at its very limit: 12 500 beds pass
and 12 499 fail, 15:00 is inside and one metre more is not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from plan_towns import World, fac, home, judged, units
from quarterhour.targets.data import Settings
from quarterhour.targets.evidence import FAIL, PASS, UNKNOWN
from quarterhour.targets.schema import load_plan


class Pair(NamedTuple):
    """A town that passes, and one that fails; `year`: evaluated in, the last target's if None.

    `also`: further towns that fail, for another part of the indicator.
    """

    passes: World
    fails: World
    year: int | None = None
    also: tuple[World, ...] = ()


def present(level: str, kind: str, need: int, of: int, **columns: Any) -> Pair:
    """`need` of `of` units have a facility.

    In the town that fails two stand in one unit, and where columns are asked for, the unit that is
    left without has a facility that says no.
    """
    names = [f"{level}{k}" for k in range(of)]

    def town(*seats: int, other: int | None = None) -> World:
        rows = [fac(kind, inside={level: k}, **columns) for k in seats]
        if other is not None and columns:
            rows.append(fac(kind, inside={level: other}, **dict.fromkeys(columns, "no")))
        return World(facilities=rows, units={level: units(*names)})

    return Pair(town(*range(need)), town(0, *range(need - 1), other=need - 1))


def number(kind: str, need: int, **columns: Any) -> Pair:
    """So many facilities; in the town that fails one of them is not what is asked for."""
    good = [fac(kind, **columns) for _ in range(need)]
    other = fac(kind, **dict.fromkeys(columns, "no")) if columns else fac("幼儿园")
    return Pair(World(facilities=good), World(facilities=[*good[1:], other]))


def amount(kind: str, column: str, need: float, **columns: Any) -> Pair:
    """A sum over two facilities, and one less."""

    def town(value: float) -> World:
        return World(facilities=[fac(kind, **{column: 1}, **columns),
                                 fac(kind, **{column: value - 1}, **columns)])  # fmt: skip

    return Pair(town(need), town(need - 1))


def share(kind: str, need: int, of: int, **columns: Any) -> Pair:
    """`need` of `of` facilities say yes, or whatever is asked for."""

    def town(good: int) -> World:
        return World(facilities=[fac(kind, **(columns if k < good else {})) for k in range(of)])

    return Pair(town(need), town(need - 1))


def part_of(kind: str, whole: str, part: str, percent: int, *, strict: bool = False) -> Pair:
    """A column that is `percent` of another one, and one less."""

    def town(value: int) -> World:
        return World(facilities=[fac(kind, **{whole: 200, part: 2 * value}),
                                 fac(kind, **{whole: 100, part: value})])  # fmt: skip

    return Pair(town(percent + strict), town(percent + strict - 1))


def inclusive(kind: str, percent: int, *, strict: bool = False) -> Pair:
    """Inclusive places by the flag of the nursery, or by a column of their own."""

    def town(good: int) -> World:
        return World(facilities=[fac(kind, places=good, inclusive="yes"),
                                 fac(kind, places=100 - good, inclusive="no")])  # fmt: skip

    return Pair(town(percent + strict), town(percent + strict - 1))


def per_people(kind: str, column: str, need: float, group: str, people: float) -> Pair:
    """`need` of a column in all for so many people of a group, and one part in a thousand less."""

    def town(value: float) -> World:
        who = {group: people} if group != "all" else {"all": people}
        return World(facilities=[fac(kind, **{column: value})], people=[home(5, **who)])

    return Pair(town(need), town(need * 0.999))


def estates(level: str, kind: str, column: str, need: float, of: str, size: float) -> Pair:
    """Two areas of one size; in the town that fails the second has a little less than the first."""

    def town(second: float) -> World:
        rows = [fac(kind, inside={level: 0}, **{column: need}),
                fac(kind, inside={level: 1}, **{column: second})]  # fmt: skip
        return World(facilities=rows, units={level: units("甲", "乙", **{of: size})})

    return Pair(town(need), town(need * 0.999))


def compliant(kind: str, need: int, of: int) -> Pair:
    """New areas of 200 households with 60 m2, of which `need` of `of` reach 30 m2 per hundred."""

    def town(good: int) -> World:
        level = "new_residential"
        rows = [fac(kind, inside={level: k}, floor_area_m2=60 if k < good else 59)
                for k in range(of)]  # fmt: skip
        names = [f"区{k}" for k in range(of)]
        return World(facilities=rows, units={level: units(*names, households=200)})

    return Pair(town(need), town(need - 1))


def circle(kind: str, minutes: int, group: str, *, where: str = "urban") -> Pair:
    """80 of 100 people exactly at the limit and 20 a metre beyond it; then 79 and 21.

    People elsewhere (rural, or urban where the rural ones are asked for) change nothing: they live
    far away in the town that passes and next door in the one that fails.
    """
    inside, beyond = float(minutes * 60), float(minutes * 60 + 1)

    def town(near: int, others_at: float) -> World:
        own = where != "rural"
        people = [home(inside, urban=own, **{group: near}),
                  home(beyond, urban=own, **{group: 100 - near})]  # fmt: skip
        if where != "all":
            people.append(home(others_at, urban=not own, **{group: 1000}))
        return World(facilities=[fac(kind)], people=people)

    return Pair(town(80, 4000), town(79, 0))


def reached(level: str, kind: str, need: int, of: int, minutes: int, group: str) -> Pair:
    """`need` of `of` units have the facility, or their people exactly at the limit from it."""

    def town(good: int) -> World:
        at = [0.0, *[minutes * 60.0 + (k >= good) for k in range(1, of)]]
        people = [home(x, inside={level: k}, **{group: 10}) for k, x in enumerate(at)]
        names = [f"村{k}" for k in range(of)]
        return World(facilities=[fac(kind)], people=people, units={level: units(*names)})

    return Pair(town(need), town(need - 1))


def both(one: Pair, other: Pair, *, apart: bool = True) -> Pair:
    """Two parts: it fails where one of them does; not `apart`: one counts towards the other."""
    also = (_joined(one.fails, other.passes),) if apart else ()
    passes, fails = _joined(one.passes, other.passes), _joined(one.passes, other.fails)
    return Pair(passes, fails, also=(*also, *one.also))


def _joined(one: World, other: World) -> World:
    return replace(
        one,
        facilities=one.facilities + other.facilities,
        units=one.units | other.units,
        people=one.people + other.people,
    )


def check(plan: str, id_: str, pair: Pair) -> None:
    """The one passes, the other fails, and whatever is taken away is named where it matters."""
    settings = Settings(year=pair.year)
    named = 0
    failing = ((world, FAIL) for world in (pair.fails, *pair.also))
    for world, result in ((pair.passes, PASS), *failing):
        found = judged(plan, id_, world, settings)
        assert found.result == result, (id_, [(p.value, p.target, p.missing) for p in found.parts])
        for part in found.parts:
            assert part.value is not None
            assert part.target is not None
        for name, less in world.less():
            after = judged(plan, id_, less, settings)
            missing = " ".join(note.en for part in after.parts for note in part.missing)
            told = " ".join(note.en for part in after.parts for note in part.notes)
            if after.result == UNKNOWN:
                assert name in missing, (id_, name, missing)
                named += 1
            elif after.result != result:
                # only a condition or a border that the plan asks for where it is known
                assert name in told, (id_, name, after.result, told)
    assert named, f"{id_} is never unknown"


def ids(plan: str) -> set[str]:
    """Indicators of a plan that a rule computes."""
    return {one.id for one in load_plan(plan).indicator if one.part}


__all__ = [
    "Pair", "World", "amount", "both", "check", "circle", "compliant", "estates", "fac", "home",
    "ids", "inclusive", "judged", "number", "part_of", "per_people", "present", "reached", "share",
    "units",
]  # fmt: skip
