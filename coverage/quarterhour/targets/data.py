"""What the rules of a plan are given: facilities, units and people as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.inputs import EVERYONE, Note
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(_Frozen):
    """Rows of one or several tables.

    `row`: as the user sees it. `table`: index into `tables` (names of files and sheets) per row.
    `columns`: by table, the meanings that it has. `values` by meaning, NaN or "" for an empty cell
    or a table without the column. `kinds`: per row its keys with the broader ones. `domains`: of
    these kinds; both is elderly and childcare, too.
    """

    name: tuple[str, ...]
    row: tuple[int | None, ...]
    table: tuple[int, ...]
    tables: tuple[str, ...]
    columns: tuple[frozenset[str], ...]
    values: dict[str, tuple[Any, ...]]
    kinds: tuple[frozenset[str], ...]
    domains: tuple[frozenset[str], ...]

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityRows(Rows):
    """All facilities that a study knows, those without coordinates and planned ones, too.

    `planned`, `placed` (has coordinates), `counts` (False: outside the study area, it may be walked
    to but is not counted): bool. `open_year`, `close_year`: int, -1 for none; closed is what
    closes in a year at its end. `unit`: by level the int64 row of its `UnitRows`, -1 for none.
    """

    planned: BoolArray
    placed: BoolArray
    counts: BoolArray
    open_year: IntArray
    close_year: IntArray | None = None
    unit: dict[str, IntArray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRows(Rows):
    """The units of a level."""

    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class People(_Frozen):
    """The places of people inside the study area.

    `kind`: as in `Demand`. `amounts`: int64 millionths by group, `EVERYONE` among them. `unit`: by
    level the row of its `UnitRows` per place. `urban`: bool per place, None where the study does
    not say what is urban.
    """

    kind: str
    amounts: dict[str, IntArray]
    unit: dict[str, IntArray] = field(default_factory=dict)
    urban: BoolArray | None = None

    def __len__(self) -> int:
        return len(self.amounts[EVERYONE])


class Walked(NamedTuple):
    """Who can walk to one of some facilities: bool per place, and how that was walked."""

    covered: BoolArray
    linked: BoolArray
    told: tuple[Note, ...]


class PositionsWalked(NamedTuple):
    """The positions inside units that are covered: how many of how many, int64 per unit."""

    covered: IntArray
    total: IntArray


if TYPE_CHECKING:
    Reach = Callable[[tuple[int, ...], float, str | None], Walked]
    PositionReach = Callable[[str, tuple[int, ...], float, str | None], PositionsWalked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Everything that the indicators of a plan are computed from.

    `stated_people`: people by group as [targets.people] states them. `reach` and `positions`: which
    places, and which positions inside units, are within so many minutes of one of these facilities
    on foot; None where there are no roads. `headings`: what a column is usually called, in Chinese.
    `kinds`: what a kind of facility is called, and its domain. `data_year`: of the data, None where
    the study does not say; what is planned in them opens then at the earliest. `notes`: what must
    be known.
    """

    facilities: FacilityRows
    units: dict[str, UnitRows] = field(default_factory=dict)
    people: People | None = None
    stated_people: dict[str, Fraction] = field(default_factory=dict)
    reach: Reach | None = None
    positions: PositionReach | None = None
    headings: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, tuple[Note, str]] = field(default_factory=dict)
    data_year: int | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user decides: percent of status targets, by indicator where given, and the year."""

    threshold_percent: float = 80
    thresholds: dict[str, float] = field(default_factory=dict)
    year: int | None = None
