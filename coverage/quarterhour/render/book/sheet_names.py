"""Names of the sheets of a workbook: short, valid, each once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from quarterhour.render.values import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.tabular import Table

LONGEST: Final = 31
"""Characters of a sheet's name, as workbooks count them: UTF-16 units."""

COVER: Final = ("概要", "Overview")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\t\n]+")


FIRST: Final = (
    "summary", "by_town", "uncovered_areas", "gaps", "facilities", "targets", "timeline",
    "set_aside", "method",
)  # fmt: skip
"""Beginnings of the keys of the tables that are asked for first."""


def place_of(key: str) -> int:
    """Where a table stands among those that are asked for first; behind them if it is none."""
    stem = key.rstrip("0123456789").rstrip("_")
    return FIRST.index(stem) if stem in FIRST else len(FIRST)


def book_order(tables: Sequence[Table]) -> list[Table]:
    """The tables as a workbook has them: those that are asked for first, then the others."""
    return sorted(tables, key=lambda table: place_of(table.key))


def units_of(text: str) -> int:
    """UTF-16 units of a text: signs beyond the basic plane count two."""
    return len(text.encode("utf-16-le")) // 2


def cut_to(text: str, most: int) -> str:
    """The text, its end replaced by … where it has more UTF-16 units than `most`."""
    if units_of(text) <= most:
        return text
    kept = text[: most - 1]
    while units_of(kept) > most - 1:
        kept = kept[:-1]
    return kept + "…"


def sheet_names(tables: Sequence[Table], language: str) -> list[str]:
    """A name for each table, Chinese for zh and both, English for en; the cover's is taken."""
    taken = {name.lower() for name in COVER} | {"history"}  # the second is kept by Excel
    names = []
    for table in tables:
        said = table.title.en if language == "en" else table.title.zh
        base = _FORBIDDEN.sub(" ", clean(said)).strip(" '") or table.key
        name, number = cut_to(base, LONGEST).rstrip(" '"), 1
        while name.lower() in taken:
            number += 1
            end = f" {number}"
            name = cut_to(base, LONGEST - len(end)) + end
        taken.add(name.lower())
        names.append(name)
    return names
