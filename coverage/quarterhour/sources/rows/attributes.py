"""Further columns of facilities as values: beds, areas, costs, years, yes or no, texts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from quarterhour.sources.rows.cells import (
    AREA_M2,
    MONEY_10K,
    Understood,
    cell_text,
    understood_amount,
    understood_flag,
    understood_number,
    understood_year,
)
from quarterhour.sources.rows.changes import ChangeLog
from quarterhour.sources.rows.columns import FORMS, heading_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.inputs import Change
    from quarterhour.sources.rows.point_rows import PointRows

NO_ATTRIBUTE = frozenset({"name", "kind", "status", "lon", "lat", "east", "north", "position"})

COUNT = {"万人": 1e4, "万": 1e4, "万户": 1e4, "千人": 1e3, "百人": 1e2}
"""Factor by unit of a number of people or households."""

UNITS = {
    "number": (COUNT, "个", "ones"),
    "area": (AREA_M2, "平方米", "square metres"),
    "money": (MONEY_10K, "万元", "10 000 yuan"),
}

LARGEST: dict[str, float] = {
    "beds": 1e5, "nursing_beds": 1e5, "family_beds": 1e5, "dementia_beds": 1e5, "rehab_beds": 1e5,
    "places": 1e5, "inclusive_places": 1e5, "staff": 1e5, "enrolment": 1e5, "levels": 200,
    "cost": 1e7,
}  # fmt: skip
"""A row with more is a slip of the pen or of the unit: a home with a hundred thousand beds, a
building with two hundred floors, a hundred billion yuan (in ten thousand yuan)."""

LARGEST_OF_ALL = 1e11
"""Nothing that is counted or measured is larger: people of the earth, square metres of a city."""


def attributes_of(
    rows: PointRows, keep: Sequence[int], *, layer: str
) -> tuple[dict[str, tuple[Any, ...]], tuple[Change, ...]]:
    """Values by meaning, one for each of the rows `keep`, and what was odd about them.

    Numbers, areas in square metres, costs and years are floats, NaN for none; a cost is in ten
    thousand yuan where its heading or cell says 元, 万元 or 亿元, otherwise as it is written. A
    number below 0 or above `LARGEST` is not understood, which is told with its row. Flags are
    "yes", "no" or ""; everything else is text.
    """
    names = rows.text("name")
    log = ChangeLog(
        layer,
        rows.path.name,
        rows.sheet,
        rows.row[list(keep)].tolist(),
        [names[k] for k in keep],
    )
    found: dict[str, tuple[Any, ...]] = {}
    for meaning, heading in rows.meanings.items():
        if meaning in NO_ATTRIBUTE:
            continue
        column = rows.columns[heading]
        cells = [column[k] for k in keep]
        form = FORMS.get(meaning, "text")
        if form == "text":
            found[meaning] = tuple(cell_text(v) for v in cells)
        elif form == "flag":
            found[meaning] = _flags(cells, heading, log)
        else:
            found[meaning] = _floats(cells, meaning, heading, log)
    return found, log.done()


def _flags(cells: list[Any], heading: str, log: ChangeLog) -> tuple[str, ...]:
    values = []
    for k, cell in enumerate(cells):
        value, how = understood_flag(cell)
        if how:
            log.row(how, heading, k, cell_text(cell), "")
        values.append(value)
    return tuple(values)


def _floats(cells: list[Any], meaning: str, heading: str, log: ChangeLog) -> tuple[float, ...]:
    form = FORMS[meaning]
    of_one = LARGEST if log.layer != "units" else {}  # a unit may be a whole city
    largest = of_one.get(meaning, LARGEST_OF_ALL)
    factors, zh, en = UNITS.get(form, ({}, "", ""))
    unit = heading_unit(heading).lower()
    factor = factors.get(unit, 1.0)
    if factor != 1.0:
        log.whole(
            "unit",
            f"“{heading}”的单位是{unit}，已换算为{zh}",
            f"{heading} is in {unit} and was converted to {en}",
        )
    values = []
    for k, cell in enumerate(cells):
        if form == "year":
            read = understood_year(cell)
        elif form == "number" and factor == 1.0:
            read = understood_number(cell)
        else:
            read = understood_amount(cell, factors, factor)
        if read.value is not None and not 0 <= read.value <= largest:
            read = Understood(None, "unread")
        if read.how:
            log.row(read.how, heading, k, cell_text(cell), _made(read))
        values.append(math.nan if read.value is None else read.value)
    return tuple(values)


def _made(read: Understood) -> str:
    return "" if read.value is None else f"{read.value:.10g}"
