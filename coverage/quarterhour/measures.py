"""Amounts of demand with what they are amounts of: people, land, buildings, lengths of street."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from quarterhour.inputs import Note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STREETS: Final = "street_metres"
NAMES: Final[dict[str, Note]] = {
    "people": Note("人", "people"),
    "residential_land": Note("公顷居住用地", "hectares of residential land"),
    "buildings": Note("栋建筑", "buildings"),
    STREETS: Note("米街道", "metres of street"),
}
"""What demand is counted in, by its kind."""

KILOMETRES: Final = Note("公里街道", "km of street")
M_PER_KM: Final = 1_000.0
KILOMETRES_FROM_M: Final = 10_000.0
"""Metres of street from which on kilometres are told."""


class Measure(NamedTuple):
    """How amounts that stand together are told: one name for all, `per` of the unit make one."""

    per: float
    zh: str
    en: str

    def number(self, amount: float) -> str:
        """An amount without its unit: whole, and kilometres below ten with one decimal."""
        return f"{amount:,.0f}" if self.per == 1 else self.amount(amount)

    def amount(self, amount: float) -> str:
        """The same with one decimal below ten, where a decimal still tells something."""
        value = amount / self.per
        if 0 < value < 0.05:
            return "<0.1"
        return f"{value:,.1f}".removesuffix(".0") if value < 9.95 else f"{value:,.0f}"

    def unit_en(self, n: str) -> str:
        """The unit in English after a number as it is written: 1 person, 2 people."""
        return verb(n, singular(self.en), self.en)

    def told(self, amount: float) -> Note:
        """An amount with its unit."""
        n = self.number(amount)
        return Note(f"{n} {self.zh}", f"{n} {self.unit_en(n)}")


def counted(n: int, one: str, many: str = "") -> str:
    """A number of things in English: 1 gap, 2,000 gaps; `many`: by default `one` with an s."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"


def singular(many: str) -> str:
    """One of several things in English: person, facility, nursery place, metre of street."""
    things, of, more = many.partition(" of ")
    *before, noun = things.split(" ")
    one = "person" if noun == "people" else re.sub("ies$", "y", noun)
    return " ".join([*before, one.removesuffix("s")]) + of + more


def verb(number: str, one: str, many: str) -> str:
    """What follows a number, or an amount with its unit: 1 person is, 2 people are."""
    return one if number == "1" or number.startswith("1 ") else many


def measure(kind: str, *amounts: float) -> Measure:
    """How amounts of a kind of demand are told: long streets in kilometres, all else as it is.

    `amounts`: those that stand together; the largest decides for all of them.
    """
    if kind == STREETS and max(map(abs, amounts), default=0.0) >= KILOMETRES_FROM_M:
        return Measure(M_PER_KM, *KILOMETRES)
    return Measure(1.0, *NAMES[kind])


class Parts(NamedTuple):
    """An amount of demand and its parts in whole numbers, as every output tells them."""

    total: float
    covered: float
    uncovered: float
    unlinked: float


def parts_told(
    total: float, covered: float, uncovered: float, unlinked: float, *, per: float = 1.0
) -> Parts:
    """The total and its three parts in whole numbers that add up: the one rule of all outputs.

    What is the same in every state of a service, the total and what is not linked, is rounded by
    itself, and so is what is covered, which also stands alone. What is not covered is the rest:
    total - covered - unlinked, which may be one more or less than it would be by itself. So a
    number changes between two states only where what it tells of has changed. Where nothing is
    uncovered, or where too little is for a rest, what is not linked takes the rest instead.

    `per`: all are multiples of it, such as whole kilometres of metres. None is negative; the exact
    amounts, with their decimals, stand in summary.json and results.gpkg.
    """
    whole = round(total / per)
    reached = min(round(covered / per), whole)
    apart = min(round(unlinked / per), whole - reached) if uncovered > 0 else whole - reached
    told = (whole, reached, whole - reached - apart, apart)
    return Parts(*(n if per == 1 else n * per for n in told))


def split_told(whole: int, parts: Sequence[float]) -> list[int]:
    """Parts of a number that is told, in whole numbers that add up to it by largest remainder.

    `parts`: not negative, with a sum that rounds to `whole`, or nearly so. Ties go to the first.
    """
    found = [math.floor(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda k: (found[k] - parts[k], k))
    missing = whole - sum(found)
    for k in order[: max(missing, 0)]:
        found[k] += 1
    for k in [k for k in reversed(order) if found[k]][: max(-missing, 0)]:
        found[k] -= 1
    return found


def both_ways_told(
    more: float, gained: float, lost: float, *, per: float = 1.0
) -> tuple[float, float]:
    """Who gains and who loses, in whole numbers that differ by `more`, a change that is told.

    Who loses is rounded by itself, unless nobody gains; none is negative.
    """
    down = max(round(lost / per) * per if gained > 0 else 0.0, -more, 0.0)
    return more + down, down


def before_and_after_told(found: Mapping[str, float]) -> dict[str, float]:
    """Figures before and after a change in whole numbers that add up.

    `found`: `total`, `covered_before` and `covered_after`, each rounded by itself; of `added` (the
    difference of the latter two) and `remaining` (that of the total and what is covered after)
    those that are there; all else is as it was.
    """
    total, before, after = (round(found[k]) for k in ("total", "covered_before", "covered_after"))
    told = {**found, "total": total, "covered_before": before, "covered_after": after}
    more = {"added": after - before, "remaining": total - after}
    return told | {key: value for key, value in more.items() if key in found}
