"""Amounts of demand with what they are amounts of: people, land, buildings, lengths of street."""

from __future__ import annotations

from typing import Final, NamedTuple

from quarterhour.inputs import Note

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

    def told(self, amount: float) -> Note:
        """An amount with its unit."""
        n = self.number(amount)
        return Note(f"{n} {self.zh}", f"{n} {self.en}")


def measure(kind: str, *amounts: float) -> Measure:
    """How amounts of a kind of demand are told: long streets in kilometres, all else as it is.

    `amounts`: those that stand together; the largest decides for all of them.
    """
    if kind == STREETS and max(map(abs, amounts), default=0.0) >= KILOMETRES_FROM_M:
        return Measure(M_PER_KM, *KILOMETRES)
    return Measure(1.0, *NAMES[kind])
