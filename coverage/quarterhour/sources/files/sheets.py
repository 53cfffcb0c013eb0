"""Workbooks and text files as rows of cells; merged cells count for every cell they span."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import warnings
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.errors import InputError
from quarterhour.sources.rows.columns import holds_coordinates

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[list[Any]]

HEADER_ROWS = 30
"""How far down the headings are looked for."""

MOST_CELLS = 50_000_000
"""Half a million rows of a hundred columns; more is a stray sign in the last corner."""

MOST_MERGED = 2_000_000
MOST_BYTES = 2_000_000_000
MERGED = re.compile(rb'<mergeCell [^>]*ref="([A-Z]+[0-9]+):([A-Z]+[0-9]+)"')

MARKS = (b"\xff\xfe", b"\xfe\xff")
"""What a text in UTF-16 begins with."""

ENCODINGS = {"utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}


class Sheet(NamedTuple):
    """`title`: "" for a text file. `form`: as in `Reading`."""

    title: str
    rows: Rows
    form: str


def workbook_sheets(path: Path) -> list[Sheet]:
    """All sheets of a workbook in their order.

    Raises
    ------
    InputError
        It cannot be read.
    """
    import openpyxl  # noqa: PLC0415 - only for workbooks

    why = _endless(path)
    if why:
        raise InputError(f"{path}: {why}")
    try:
        # opened here, so that it is closed also where openpyxl gives up in the middle
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, not about data
            book = openpyxl.load_workbook(file, data_only=True)
    except Exception as error:
        raise InputError(
            f"{path}: cannot be read as an Excel workbook ({type(error).__name__}); it may be"
            " damaged, protected, or an old .xls: save it as .xlsx"
        ) from error
    sheets = []
    for page in book.worksheets:
        rows = _sheet_rows(page)
        if rows is None:
            raise InputError(
                f"{path} sheet {page.title}: something stands far below and far right of the table;"
                " delete the rows and columns that are not used"
            )
        sheets.append(Sheet(str(page.title), rows, "workbook"))
    return sheets


def _endless(path: Path) -> str:
    """Why a workbook could not be held in memory; "" where nothing says so."""
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
            if size > MOST_BYTES:
                return (
                    f"unpacked it has {size / 1e9:.1f} GB: save the table alone, as .xlsx or .csv"
                )
            for part in parts.infolist():
                if not part.filename.startswith("xl/worksheets/"):
                    continue
                for ends in MERGED.findall(parts.read(part)):
                    first, last = (end.decode() for end in ends)
                    wide, high = _extent(first, last)
                    if wide * high > MOST_MERGED:
                        return f"{first}:{last} is one merged cell; undo the merging in Excel"
    except Exception:  # noqa: BLE001 - whatever is wrong with the archive, openpyxl says it
        return ""
    return ""


def _extent(first: str, last: str) -> tuple[int, int]:
    """Columns and rows from one cell to another."""
    from openpyxl.utils.cell import coordinate_to_tuple  # noqa: PLC0415 - only for workbooks

    (top, left), (bottom, right) = coordinate_to_tuple(first), coordinate_to_tuple(last)
    return right - left + 1, bottom - top + 1


def _sheet_rows(page: Any) -> Rows | None:  # noqa: ANN401 - openpyxl is untyped
    """Rows of cells; None where their rectangle is too large to be a table."""
    # iter_rows would make a cell of every blank up to the last one that was ever formatted
    held = {at: c.value for at, c in page._cells.items() if c.value is not None}  # noqa: SLF001
    width = max((column for row, column in held if row <= HEADER_ROWS), default=0)
    held = {(row, column): value for (row, column), value in held.items() if column <= width}
    height = max((r for r, _ in held), default=0)
    if width * height > MOST_CELLS:
        return None
    rows: Rows = [[None] * width for _ in range(height)]
    for (row, column), value in held.items():
        rows[row - 1][column - 1] = value
    for span in page.merged_cells.ranges:
        value = held.get((span.min_row, span.min_col))
        for r in range(span.min_row - 1, min(span.max_row, len(rows))):
            for c in range(span.min_col - 1, min(span.max_col, len(rows[r]))):
                rows[r][c] = value
    return rows


def text_sheet(path: Path) -> Sheet:
    """Rows of a text table: comma, semicolon, tab or upright stroke; UTF-8, GB18030 or UTF-16.

    Raises
    ------
    InputError
        It is no text, or a quotation mark is never closed.
    """
    text, encoding = _text(path)
    lines = io.StringIO(text, newline="").readlines()
    delimiter = _delimiter(lines)
    rows: Rows = []
    first = last = 0
    try:
        reader = csv.reader(lines, delimiter=delimiter)
        for cells in reader:
            # a quoted cell may span lines: a row is where an editor shows its beginning
            rows += [[] for _ in range(last - len(rows))]
            rows.append(list(cells))
            first, last = last, reader.line_num
        if last - first > 1:
            # a quotation mark that is never closed swallows the rest of the file without a word
            last = first
            list(csv.reader(lines[first:], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(
            f"{path}: line {last + 1}: {error}; a quotation mark may be open there: close it, or"
            " save the table as csv again"
        ) from error
    return Sheet("", rows, f"text ({ENCODINGS[encoding]})")


def _text(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    marked = data.startswith(MARKS)
    beginnings = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"SQLite")
    if not marked and (data.startswith(beginnings) or b"\0" in data):
        raise InputError(f"{path}: is not a text table; needed is csv text or an .xlsx workbook")
    found = decoded(data)
    if found is None:
        raise InputError(
            f"{path}: the text is neither UTF-8 nor GB18030 (GBK); save it as UTF-8 csv"
        )
    return found


def decoded(data: bytes) -> tuple[str, str] | None:
    """The text of a file and its encoding, a key of `ENCODINGS`; None where it is in none."""
    # with a mark it is Excel's "Unicode text"
    encodings = ["utf-16"] if data.startswith(MARKS) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding), encoding
    return None


def _delimiter(lines: list[str]) -> str:
    """What parts the cells: that with which a row holds both coordinates, or else the commonest."""
    head = lines[:HEADER_ROWS]
    for sign in ",;\t|":
        for line in head:
            cells = [cell.strip().strip('"') for cell in line.split(sign)]
            if holds_coordinates(cells) and len(cells) > 1:
                return sign
    return max(",;\t|", key="".join(head).count)
