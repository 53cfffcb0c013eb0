"""Values of a table as cells and as text, the same in the workbook, the report and the figures."""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.inputs import Note
from quarterhour.render.words import both

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from quarterhour.tabular import Column, Table

Cell = str | int | float | None

YES, NO = Note("是", "yes"), Note("否", "no")

VERDICTS: Final[dict[str, tuple[str, str]]] = {
    "pass": ("pass", "✓"), "passed": ("pass", "✓"), "met": ("pass", "✓"),
    "fail": ("fail", "✗"), "failed": ("fail", "✗"), "not met": ("fail", "✗"),
    "unknown": ("unknown", "?"),
}  # fmt: skip
"""English words of a verdict: which of the three, and a sign, so that it is not colour alone."""

# What XML cannot hold, and signs that reorder or hide the text around them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_SHORT = 24


def clean(text: str) -> str:
    """The text without signs that a file cannot hold; ends of lines are a line feed."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def width(text: str) -> int:
    """Places that the longest line of a text takes; Chinese signs take two."""
    return max((_width(line) for line in text.split("\n")), default=0)


@functools.cache
def _places_of(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WFA" else 1


def _width(line: str) -> int:
    return len(line) if line.isascii() else sum(map(_places_of, line))


def heading(note: Note | Column, language: str) -> str:
    """A heading in the language; in both, Chinese and English with a space."""
    zh, en = clean(note.zh), clean(note.en)
    if language == "both":
        return zh if zh == en else f"{zh} {en}"
    return en if language == "en" else zh


@functools.lru_cache(maxsize=4096)  # the same few notes stand in thousands of rows
def told(note: Note, language: str) -> str:
    """A text in the language; in both, short ones with a slash and sentences on two lines."""
    zh, en = clean(note.zh), clean(note.en)
    if language == "both" and zh != en and width(zh) + width(en) > _SHORT:
        return f"{zh}\n{en}"
    return both(zh, en, language)


def value_of(value: Any, language: str) -> Cell:  # noqa: ANN401 - whatever a table holds
    """A value as text, number or None: no NaN, no infinity, no type of another library."""
    if value is None:
        return None
    if isinstance(value, Note):
        return told(value, language)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return told(YES if value else NO, language)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return clean(str(value))


BY_VALUE: Final = -1
"""Decimals of a column of numbers of several sizes, such as values of different units."""


def decimals_of(column: Column, values: Iterable[Cell]) -> int:
    """Decimals that a column is written with; a column of plain numbers goes by its content."""
    fixed = {"percent": 1, "minutes": 1, "money": 2}
    if column.key in {"lon", "lat"}:
        return 6  # a tenth of a metre
    if column.form != "number":
        return fixed.get(column.form, 0)
    numbers = [abs(v) for v in values if isinstance(v, int | float) and v]
    if all(float(v).is_integer() for v in numbers):
        return 0
    if max(numbers) < 10:
        return 3
    if min(numbers) >= 100 and max(numbers) >= 10_000:
        return 0
    return 1 if min(numbers) >= 1 else BY_VALUE


def _places(value: float, decimals: int) -> int:
    if decimals != BY_VALUE:
        return decimals
    if float(value).is_integer():
        return 0
    return 3 if abs(value) < 10 else 1


def shown(value: Cell, form: str, decimals: int) -> str:
    """A value of `value_of` as it is read; "" for none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if form == "text":
        return f"{value:g}" if isinstance(value, float) else str(value)
    if form == "percent":
        return f"{100 * value:.{decimals}f}%"
    if form == "year":
        return f"{value:.0f}"
    return f"{value:,.{_places(value, decimals)}f}"


def number_format(value: Cell, form: str, decimals: int) -> str:
    """The same as a number format of a workbook."""
    if form == "text":
        return "General"
    if form == "year":
        return "0"
    places = _places(value, decimals) if isinstance(value, int | float) else max(decimals, 0)
    after = "." + "0" * places if places else ""
    if form == "percent":
        return f"0{after}%"
    return f"0{after}" if form == "minutes" else f"#,##0{after}"


def columns_of(table: Table, language: str) -> list[list[Cell]]:
    """The values of a table, column by column."""
    return [[value_of(row[k], language) for row in table.rows] for k in range(len(table.columns))]


def plain_rows(table: Table) -> Sequence[tuple[Any, ...]]:
    """The rows without those of totals."""
    return table.rows[: len(table.rows) - table.total] if table.total else table.rows


def verdict_of(value: Any) -> tuple[str, str] | None:  # noqa: ANN401 - whatever a table holds
    """pass, fail or unknown with its sign, where a value is one of our words: no text of a file."""
    return VERDICTS.get(value.en.strip().lower()) if isinstance(value, Note) else None


def verdict_column(table: Table) -> int | None:
    """The first column at least half of which are verdicts; None where there is none."""
    rows = plain_rows(table)
    for k in range(len(table.columns)):
        found = sum(verdict_of(row[k]) is not None for row in rows)
        if found and 2 * found >= len(rows):
            return k
    return None
