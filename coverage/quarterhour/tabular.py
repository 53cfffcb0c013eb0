"""Tables of results: what a workbook, a printed report and a screen reader are all given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from quarterhour.inputs import Note

FORMS = (
    "text", "integer", "people", "percent", "minutes", "metres", "number", "year", "money",
)  # fmt: skip
"""How the values of a column are written: percent is a share from 0 to 1, people may have parts,
money is in ten thousand yuan."""


class Column(NamedTuple):
    """A column: `key` in English snake case, its heading, and how its values are written."""

    key: str
    zh: str
    en: str
    form: str = "text"


class Chart(NamedTuple):
    """A chart of a table: `kind` is bar, barh or line; `label` and `values` are keys of columns."""

    kind: str
    title: Note
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows with what they are called in Chinese and English.

    `key`: short, English, unique in a report. `rows`: one tuple per row in the order of `columns`;
    None is no value, a `Note` is a text in both languages. `notes`: what must be known to read it:
    definitions, denominators, sources. `total`: how many of the last rows are totals.
    """

    key: str
    title: Note
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[Note, ...] = ()
    chart: Chart | None = None
    total: int = 0

    def __post_init__(self) -> None:
        """Every row has a value for every column."""
        for column in self.columns:
            assert column.form in FORMS, f"{column.form} is no form of a column"  # noqa: S101
        for row in self.rows:
            assert len(row) == len(self.columns), f"{self.key}: a row of the wrong length"  # noqa: S101
