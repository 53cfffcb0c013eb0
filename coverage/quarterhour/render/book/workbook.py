"""report.xlsx: a cover, then one sheet per table, with formats, filters, charts and print setup.

Nothing in it is a formula: a text that begins with = + - @ stays a text. The same tables give the
same bytes. What a sheet cannot hold is told under its table: texts beyond 32,767 characters are
cut, rows beyond the last of a sheet go on in another.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.render.book.sheet_chart import chart_of
from quarterhour.render.book.sheet_names import (
    COVER,
    FIRST,
    book_order,
    cut_to,
    place_of,
    sheet_names,
)
from quarterhour.render.book.sheet_page import (
    HIGHEST_PT,
    LINE_PT,
    MOST_CHARACTERS,
    NARROWEST,
    Sheet,
    lines_of,
)
from quarterhour.render.values import (
    Cell,
    clean,
    columns_of,
    decimals_of,
    heading,
    number_format,
    shown,
    told,
    width,
)
from quarterhour.render.words import both

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from quarterhour.tabular import Table

MOST_ROWS: Final = 1_000_000
"""Rows of a table on one sheet; a sheet of Excel ends at row 1,048,576."""

FIRST_ROW: Final = 4
"""Row of the first values: the title, a link to the notes and the headings stand above."""

_WIDEST, _PAPER = 52, 300
"""Widest column, and the width of all of them from which they are narrowed."""

_FAIR, _LONGEST = 15, 80
"""In a table too wide every column has at least so much; the rest is for the longest texts."""

_LARGE, _A3 = 170, 8
"""Width from which a sheet is printed on larger paper, and its number."""

_ABOUT = 90
"""Signs of the first note about a sheet on the cover."""

_CLOCK = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


def write_workbook(
    path: Path,
    tables: Sequence[Table],
    *,
    title: str,
    language: str,
    notes: Sequence[Note] = (),
    generated_from: str = "",
    headlines: Table | None = None,
    answers: Sequence[Note] = (),
) -> tuple[Note, ...]:
    """Write the workbook; returns what it could not hold, which is also told on its sheets.

    `headlines`: key figures for the cover, each row with its denominator. `answers`: sentences for
    the cover. `notes`: what should be known about the results. `generated_from`: the version and
    the study's key. Sheets bear Chinese names unless the language is en.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    parts = [part for table in book_order(tables) for part in _split(table)]
    names = sheet_names(parts, language)
    book = Workbook(write_only=True)
    book.properties.creator = "Quarterhour 一刻钟"
    book.properties.title = cut_to(clean(title), 250)
    cover = _cover(book, parts, names, title, language, generated_from, headlines, answers, notes)
    found = [cover.cut]
    for table, name in zip(parts, names, strict=True):
        found.append(_table_sheet(book, table, name, language))
    raw = io.BytesIO()
    book.save(raw)
    path.write_bytes(_settled(raw))
    lost: list[Note] = []
    for cut, name in zip(found, (both(*COVER, language), *names), strict=True):
        lost += [_cut_note(cut, name)] if cut else []
    split = [n for table in parts for n in table.notes if n.en.startswith("Rows ")]
    return (*split, *lost)


def _split(table: Table) -> list[Table]:
    """The table in parts that fit on a sheet, with a note in each where there are several."""
    n = len(table.rows)
    if n <= MOST_ROWS:
        return [table]
    parts = []
    for first in range(0, n, MOST_ROWS):
        last = min(first + MOST_ROWS, n)
        note = Note(
            f"本表共 {n:,} 行，一张工作表放不下；此处为第 {first + 1:,}–{last:,} 行",
            f"Rows {first + 1:,} to {last:,} of {n:,}: a sheet cannot hold them all",
        )
        total = max(0, min(table.total - (n - last), last - first)) if last == n else 0
        parts.append(
            replace(
                table,
                rows=table.rows[first:last],
                notes=(note, *table.notes),
                total=total,
                chart=table.chart if first == 0 else None,
            )
        )
    return parts


def _cut_note(cut: int, name: str) -> Note:
    return Note(
        f"工作表“{name}”有 {cut} 个单元格超过 {MOST_CHARACTERS:,} 个字符，已截短并以…结尾",
        f"sheet {name}: {counted(cut, 'cell was', 'cells were')} longer than {MOST_CHARACTERS:,}"
        " characters and cut to end in …",
    )


def _cover(
    book: Any,  # noqa: ANN401 - openpyxl is untyped
    tables: Sequence[Table],
    names: Sequence[str],
    title: str,
    language: str,
    generated_from: str,
    headlines: Table | None,
    answers: Sequence[Note],
    notes: Sequence[Note],
) -> Sheet:
    """Name, key figures with what they are shares of, the sheets with links, and notes."""
    name = COVER[1] if language == "en" else COVER[0]
    values, decimals = _values(headlines, language) if headlines else ([], [])
    count = max(6, len(values))
    widths = _widths(headlines, values, decimals, language) if headlines else []
    widths = [max(w, 12.0) for w in widths] + [14.0] * (count - len(widths))
    widths[0] = max(widths[0], 28.0)
    sheet = Sheet(book, name, widths, None)
    sheet.sheet.page_setup.orientation = "landscape"
    sheet.wide(clean(title), "title", count)
    if generated_from:
        sheet.wide(clean(generated_from), "note", count)
    if headlines is not None:
        sheet.add([])
        sheet.wide(heading(headlines.title, language), "total", count)
        _body(sheet, headlines, values, decimals, language)
        for note in headlines.notes:
            sheet.wide(told(note, language), "note", count)
    for note in answers:
        sheet.wide(told(note, language), "body", count)
    sheet.add([])
    sheet.wide(both("工作表", "Sheets", language), "total", count)
    rows = both("行数", "Rows", language)
    about = both("说明", "About", language)
    sheet.add([sheet.cell(text, "head") for text in (both("名称", "Name", language), rows, about)])
    for table, target in zip(tables, names, strict=True):
        first = _about(table, language)
        here = sheet.row + 1
        sheet.sheet.merged_cells.add(f"C{here}:{get_column_letter(count)}{here}")
        places = sum(widths[2:])
        lines = max(lines_of(first, places), lines_of(target, widths[0]))
        quoted = target.replace("'", "''")
        cells = [
            sheet.cell(target, "link", link=f"'{quoted}'!A1"),
            sheet.cell(len(table.rows), "body", "#,##0"),
            sheet.cell(first, "body"),
        ]
        sheet.add(cells, min(LINE_PT * lines + 3, HIGHEST_PT))
    if notes:
        sheet.add([])
        sheet.wide(both("须知", "What should be known", language), "total", count)
        for note in notes:
            sheet.wide(told(note, language), "body", count)
    return sheet


def _about(table: Table, language: str) -> str:
    """The first note about a table in one line and one language."""
    if not table.notes:
        return ""
    first = clean(table.notes[0].en if language == "en" else table.notes[0].zh)
    return cut_to(first.replace("\n", " "), _ABOUT)


def _values(table: Table, language: str) -> tuple[list[list[Cell]], list[int]]:
    """The values column by column, and the decimals of each column."""
    values = columns_of(table, language)
    decimals = [decimals_of(c, v) for c, v in zip(table.columns, values, strict=True)]
    return values, decimals


def _widths(
    table: Table, values: list[list[Cell]], decimals: list[int], language: str
) -> list[float]:
    """Width of each column: its content, or half of its heading, which may take two lines."""
    found = []
    for column, cells, places in zip(table.columns, values, decimals, strict=True):
        body = max((width(shown(v, column.form, places)) for v in cells), default=0)
        head = width(heading(column, language)) * (2 / 3 if language == "both" else 1)
        words = max((width(w) for w in heading(column, language).split()), default=0)
        found.append(
            float(max(min(body + 3, _LONGEST), head / 2 + 4, min(words, 12) + 4, NARROWEST))
        )
    if sum(found) <= _PAPER:
        return found
    if sum(min(places, _WIDEST) for places in found) <= _PAPER:
        return [min(places, _WIDEST) for places in found]
    kept = [min(places, _FAIR) for places in found]
    rest, missing = max(_PAPER - sum(kept), 0), sum(found) - sum(kept)
    return [
        min(had + (places - had) * rest / missing, places, _LONGEST)
        for had, places in zip(kept, found, strict=True)
    ]


def _body(
    sheet: Sheet, table: Table, values: list[list[Cell]], decimals: list[int], language: str
) -> None:
    """The headings and the rows."""
    heads = [heading(column, language) for column in table.columns]
    lines = max((lines_of(h, max(w - 4, 4)) for h, w in zip(heads, sheet.widths, strict=False)))
    sheet.add(
        [
            sheet.cell(h, "head" if column.form == "text" else "number")
            for h, column in zip(heads, table.columns, strict=True)
        ],
        LINE_PT * min(lines, 5) + 4,
    )
    forms = [(column.form, places) for column, places in zip(table.columns, decimals, strict=True)]
    body = len(table.rows) - table.total
    for k in range(len(table.rows)):
        kind = "body" if k < body else "total"
        row = [cells[k] for cells in values]
        lines = max(
            lines_of(v, w - 1) if isinstance(v, str) else 1
            for v, w in zip(row, sheet.widths, strict=False)
        )  # not every program gives a row the height that its texts need
        sheet.add(
            [
                sheet.cell(v, kind, number_format(v, *form))
                for v, form in zip(row, forms, strict=True)
            ],
            min(LINE_PT * lines + 2, HIGHEST_PT) if lines > 1 else None,
        )


def _table_sheet(book: Any, table: Table, name: str, language: str) -> int:  # noqa: ANN401 - untyped
    """Writes one table and its notes and chart; returns how many texts were cut."""
    values, decimals = _values(table, language)
    count = len(table.columns)
    widths = _widths(table, values, decimals, language)
    sheet = Sheet(book, name, widths, _frozen(table, widths))
    if sum(widths) > _LARGE:
        sheet.sheet.page_setup.paperSize = _A3
    if place_of(table.key) < len(FIRST):
        sheet.sheet.sheet_properties.tabColor = "1A6FB0"
    last = FIRST_ROW - 1 + len(table.rows)
    letter = get_column_letter(count)
    below = last + 2
    quoted = name.replace("'", "''")
    sheet.add([sheet.cell(heading(table.title, language), "title")], 24)
    link = both(f"说明见表下第 {below} 行", f"Notes: row {below}", language) if table.notes else ""
    sheet.add([sheet.cell(link or None, "soft", link=f"'{quoted}'!A{below}" if link else "")], 14)
    _body(sheet, table, values, decimals, language)
    if not table.rows:
        below = last + 3
        sheet.wide(both("没有记录", "No rows", language), "note", count)
    sheet.add([])
    for note in table.notes:
        sheet.wide(told(note, language), "note", count)
    if sheet.cut:
        sheet.wide(told(_cut_note(sheet.cut, name), language), "note", count)
    home = COVER[1] if language == "en" else COVER[0]
    sheet.wide(f"← {home}", "link", count, link=f"'{home}'!A1")
    filtered = max(last - table.total, FIRST_ROW - 1)
    sheet.sheet.auto_filter.ref = f"A{FIRST_ROW - 1}:{letter}{filtered}"
    sheet.sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    # a header holds 255 signs in all, or the file is damaged
    sheet.sheet.oddHeader.left.text = cut_to(heading(table.title, language), 100).replace("&", "&&")
    sheet.sheet.oddHeader.left.size = 8
    area = f"A1:{letter}{sheet.row}"
    chart = chart_of(sheet.sheet, table, values, language, first_row=FIRST_ROW)
    if chart is not None:
        sheet.sheet.add_chart(chart, f"{get_column_letter(count + 2)}{FIRST_ROW - 1}")
        right = get_column_letter(count + 2), get_column_letter(count + 12)
        area = f"{area},{right[0]}1:{right[1]}{FIRST_ROW + 30}"  # a page of its own
    sheet.sheet.print_area = area
    return sheet.cut


def _frozen(table: Table, widths: Sequence[float]) -> str:
    """Headings stay, and the first name stays where it is among the first two columns."""
    for k, column in enumerate(table.columns[:2]):
        if column.form == "text" and sum(widths[: k + 1]) <= 50 and len(table.columns) > k + 2:
            return f"{get_column_letter(k + 2)}{FIRST_ROW}"
    return f"A{FIRST_ROW}"


def _settled(raw: io.BytesIO) -> bytes:
    """The same workbook without the hour it was written at."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(raw) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _CLOCK.sub(b"", content)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content)
    return out.getvalue()
