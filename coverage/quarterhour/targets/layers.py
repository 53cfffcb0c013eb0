"""The units of one or of several levels, as one list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.targets.data import PositionsWalked, UnitRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.inputs import Note
    from quarterhour.targets.data import IntArray, Register


class Layer:
    """The units of some levels of a register, one behind the other.

    `rows`: all of them. `label`: what they are called. What lies in units of two levels counts for
    the first.
    """

    def __init__(self, register: Register, levels: Sequence[str], label: Note) -> None:
        self.register, self.levels, self.label = register, tuple(levels), label
        self.key = "+".join(levels)
        parts = [register.units[key] for key in levels]
        self.first = np.concatenate([[0], np.cumsum([len(p) for p in parts])])
        self.rows = parts[0] if len(parts) == 1 else _joined(parts)

    def __len__(self) -> int:
        return len(self.rows)

    def of_facilities(self) -> IntArray:
        """The unit that each facility lies in, -1 for none."""
        return self._unit(self.register.facilities.unit, len(self.register.facilities))

    def of_people(self) -> IntArray:
        """The unit that each place of people lies in, -1 for none."""
        people = self.register.people
        return np.empty(0, np.int64) if people is None else self._unit(people.unit, len(people))

    def _unit(self, by_level: dict[str, IntArray], n: int) -> IntArray:
        result = np.full(n, -1, np.int64)
        for key, first in zip(self.levels, self.first.tolist(), strict=False):
            own = by_level.get(key)
            if own is not None:
                result = np.where((result < 0) & (own >= 0), own + first, result)
        return result

    def positions(
        self, rows: tuple[int, ...], minutes: float, walker: str | None
    ) -> PositionsWalked:
        """Positions inside the units that are covered, and how many there are."""
        walk = self.register.positions
        assert walk is not None, "asked for only where there are roads"  # noqa: S101
        found = [walk(key, rows, minutes, walker) for key in self.levels]
        return PositionsWalked(
            covered=np.concatenate([f.covered for f in found]),
            total=np.concatenate([f.total for f in found]),
        )


def _joined(parts: Sequence[UnitRows]) -> UnitRows:
    keys = dict.fromkeys(key for p in parts for key in p.values)
    tables: list[str] = []
    table: list[int] = []
    for p in parts:
        table += [k + len(tables) for k in p.table]
        tables += p.tables
    values: dict[str, tuple[Any, ...]] = {
        key: tuple(v for p in parts for v in p.values.get(key, ("",) * len(p))) for key in keys
    }
    return UnitRows(
        level="+".join(p.level for p in parts),
        name=tuple(n for p in parts for n in p.name),
        row=tuple(r for p in parts for r in p.row),
        table=tuple(table),
        tables=tuple(tables),
        columns=tuple(c for p in parts for c in p.columns),
        values=values,
        kinds=tuple(k for p in parts for k in p.kinds),
        domains=tuple(d for p in parts for d in p.domains),
    )
