"""Charts of a workbook: drawn by Excel from the cells of the table, so that they stay editable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openpyxl.chart import BarChart, LineChart
from openpyxl.chart.data_source import (
    AxDataSource,
    MultiLevelStrRef,
    NumDataSource,
    NumRef,
    StrRef,
)
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.text import CharacterProperties, ParagraphProperties
from openpyxl.utils import get_column_letter, quote_sheetname

from quarterhour.render import palette
from quarterhour.render.values import heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.render.values import Cell
    from quarterhour.tabular import Table

MOST_BARS: Final = 20
"""Bars of a chart; the table has the others."""

WIDTH_CM, HEIGHT_CM = 17.0, 8.5


def colour_of(key: str, number: int) -> str:
    """The colour of a series: its status has one, others go by their number."""
    if key in palette.STATUS:
        return palette.STATUS[key]
    return palette.SERVICES[number % len(palette.SERVICES)][0]


def is_stacked(keys: Sequence[str]) -> bool:
    """Whether the series are parts of one whole: covered, uncovered, unlinked."""
    return len(keys) > 1 and all(key in palette.STATUS for key in keys)


def chart_of(
    sheet: Any,  # noqa: ANN401 - openpyxl is untyped
    table: Table,
    values: list[list[Cell]],
    language: str,
    *,
    first_row: int,
) -> Any:  # noqa: ANN401 - openpyxl is untyped
    """The chart of a table whose first values stand in `first_row`; None where there is none."""
    rows = len(table.rows) - table.total
    if table.chart is None or rows < 1:
        return None
    keys = [column.key for column in table.columns]
    if table.chart.kind != "line" and rows == len(table.chart.values) == 1:
        return None  # one bar says no more than its number
    kind, last = table.chart.kind, rows
    name = heading(table.chart.title, language)
    if kind != "line" and rows > MOST_BARS:
        last = MOST_BARS
        name += {"zh": f"（前 {last} 项，共 {rows}）", "en": f" (first {last} of {rows})"}.get(
            language, f"（前 {last} 项 first {last} / {rows}）"
        )
    made = LineChart() if kind == "line" else BarChart()
    if kind != "line":
        made.type = "bar" if kind == "barh" else "col"
        made.gapWidth = 60
        if is_stacked(table.chart.values):
            made.grouping, made.overlap = "stacked", 100
    made.title = name
    made.title.tx.rich.p[0].pPr = ParagraphProperties(
        defRPr=CharacterProperties(sz=1200, b=True, solidFill="20262B")
    )
    made.title.overlay = False
    quoted = quote_sheetname(sheet.title)

    def cells(key: str) -> str:
        letter = get_column_letter(keys.index(key) + 1)
        return f"{quoted}!${letter}${first_row}:${letter}${first_row + last - 1}"

    names = AxDataSource(strRef=StrRef(f=cells(table.chart.label)))
    at = keys.index(table.chart.label)
    if at == 1 and len(set(values[1][:last])) < last:  # the same names of several services
        both = f"{quoted}!$A${first_row}:$B${first_row + last - 1}"
        names = AxDataSource(multiLvlStrRef=MultiLevelStrRef(f=both))
    for number, key in enumerate(table.chart.values):
        letter = get_column_letter(keys.index(key) + 1)
        series = Series(
            val=NumDataSource(numRef=NumRef(f=cells(key))),
            cat=names,
            tx=SeriesLabel(strRef=StrRef(f=f"{quoted}!${letter}${first_row - 1}")),
        )
        colour = colour_of(key, number).lstrip("#")
        series.graphicalProperties = GraphicalProperties()
        if kind == "line":
            series.graphicalProperties.line.solidFill = colour
            series.graphicalProperties.line.width = 28_000
            series.marker.symbol = ("circle", "square", "triangle", "diamond")[number % 4]
            series.marker.size = 7
            series.marker.graphicalProperties = GraphicalProperties(solidFill=colour)
            series.smooth = False
        else:
            series.graphicalProperties.solidFill = colour
            series.invertIfNegative = False
        made.series.append(series)
    if len(table.chart.values) == 1:
        made.legend = None
    else:
        made.legend.position = "b"
    made.x_axis.delete = made.y_axis.delete = False  # newer Excel hides axes that do not say so
    made.y_axis.majorGridlines.spPr = GraphicalProperties(ln=None)
    made.y_axis.majorGridlines.spPr.line.solidFill = "E1E5E7"
    if kind == "barh":
        made.x_axis.scaling.orientation = "maxMin"  # the first row on top
    made.y_axis.scaling.min = 0 if _lowest(table, values) >= 0 else None
    forms = {table.columns[keys.index(key)].form for key in table.chart.values}
    if forms == {"percent"}:
        made.y_axis.number_format = "0%"
        made.y_axis.scaling.max = 1 if _highest(table, values) <= 1 else None
    elif not forms & {"number", "minutes", "year"}:
        made.y_axis.number_format = "#,##0"
    made.width = WIDTH_CM
    each = 1.1 if names.multiLvlStrRef is not None else 0.62  # a label of two lines
    made.height = max(HEIGHT_CM, 2.8 + each * last) if kind == "barh" else HEIGHT_CM
    if kind == "barh":
        made.x_axis.tickLblSkip = 1  # every bar has its name
    return made


def _drawn(table: Table, values: list[list[Cell]]) -> list[float]:
    assert table.chart is not None  # noqa: S101
    keys = [column.key for column in table.columns]
    rows = len(table.rows) - table.total
    return [
        float(v)
        for key in table.chart.values
        for v in values[keys.index(key)][:rows]
        if isinstance(v, int | float)
    ]


def _lowest(table: Table, values: list[list[Cell]]) -> float:
    return min(_drawn(table, values), default=0.0)


def _highest(table: Table, values: list[list[Cell]]) -> float:
    return max(_drawn(table, values), default=0.0)
