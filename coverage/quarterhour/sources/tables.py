"""Excel sheets and text tables as rows of cells with their row numbers."""

from __future__ import annotations

import contextlib
import csv
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quarterhour.errors import InputError
from quarterhour.sources.vector import require_file

if TYPE_CHECKING:
    from pathlib import Path

SYNONYMS: dict[str, tuple[str, ...]] = {
    "name": ("name", "名称", "设施名称", "机构名称", "项目名称", "单位名称"),
    "kind": ("kind", "类型", "类别", "设施类型", "设施类别", "机构类型", "type", "amenity"),
    "status": ("status", "状态", "现状/规划", "建设状态"),
    "id": ("id", "编号", "序号id", "设施编号", "机构编号"),
    "lon": ("lon", "lng", "long", "longitude", "经度", "东经", "x"),
    "lat": ("lat", "latitude", "纬度", "北纬", "y"),
    "east": ("x", "east", "easting", "横坐标", "东坐标"),
    "north": ("y", "north", "northing", "纵坐标", "北坐标"),
}
"""Headings that are recognised, without regard to case, spaces and bracketed units."""

HEADER_ROWS = 30
"""How far down the headings are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with headings: `columns` by heading, `row` numbers as the user sees them."""

    path: Path
    sheet: str
    columns: dict[str, list[Any]]
    row: list[int]

    def find(self, meaning: str) -> str | None:
        """Heading of the first column with this meaning, see `SYNONYMS`."""
        return find_column(list(self.columns), meaning)


def find_column(headings: list[str], meaning: str) -> str | None:
    """The heading that stands for `meaning`, in the order of its synonyms."""
    plain = {_plain(h): h for h in reversed(headings)}
    for synonym in SYNONYMS[meaning]:
        if synonym in plain:
            return plain[synonym]
    return None


def holds_coordinates(headings: list[str]) -> bool:
    """Whether these headings name longitude and latitude, or east and north."""
    pairs = (("lon", "lat"), ("east", "north"))
    return any(find_column(headings, a) and find_column(headings, b) for a, b in pairs)


def _plain(heading: str) -> str:
    text = str(heading).strip().lower().replace("（", "(").replace("\n", "")
    return text.split("(")[0].replace(" ", "").replace("*", "").replace("\u3000", "")


def read_table(path: Path, *, sheet: str | None = None, needed: str) -> Table:
    """A sheet of a workbook or a text table (UTF-8 or GB18030; comma, semicolon or tab).

    The headings are the first row, among the first rows, that holds both coordinates, or else the
    first row with two filled cells; merged cells count for every cell they span.

    Raises
    ------
    InputError
        Missing, empty or unreadable file, unknown sheet, or no headings.
    """
    require_file(path, needed)
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        sheet, rows = _workbook_rows(path, sheet)
    else:
        sheet, rows = "", _text_rows(path)
    where = f"{path} sheet {sheet}" if sheet else str(path)
    header = _header_row(rows)
    if header is None:
        raise InputError(f"{where}: no headings were found; needed is {needed} with headings")
    headings: dict[str, int] = {}
    for k, cell in enumerate(rows[header]):
        name = " ".join(str(cell).split()) if cell is not None else ""
        if not name and header > 0:  # a heading may stand in the row above
            above = rows[header - 1]
            name = " ".join(str(above[k]).split()) if k < len(above) and above[k] else ""
        if name and name not in headings:
            headings[name] = k
    body = [
        (number, cells)
        for number, cells in enumerate(rows[header + 1 :], header + 2)
        if any(cell is not None and str(cell).strip() for cell in cells)
    ]
    return Table(
        path=path,
        sheet=sheet,
        columns={
            name: [cells[k] if k < len(cells) else None for _, cells in body]
            for name, k in headings.items()
        },
        row=[number for number, _ in body],
    )


def _header_row(rows: list[list[Any]]) -> int | None:
    filled = None
    for k, cells in enumerate(rows[:HEADER_ROWS]):
        texts = [str(c) for c in cells if c is not None and str(c).strip()]
        if holds_coordinates(texts):
            return k
        if filled is None and len(set(texts)) >= 2:
            filled = k
    return filled


def _workbook_rows(path: Path, sheet: str | None) -> tuple[str, list[list[Any]]]:
    import openpyxl  # noqa: PLC0415 - only for workbooks

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, not about data
            book = openpyxl.load_workbook(path, data_only=True)
    except Exception as error:
        raise InputError(
            f"{path}: cannot be read as an Excel workbook ({type(error).__name__}); it may be"
            " damaged, protected, or an old .xls: save it as .xlsx"
        ) from error
    names = [str(s.title) for s in book.worksheets]
    if sheet is None:
        if len(names) != 1:
            raise InputError(
                f"{path}: has the sheets {', '.join(names)}; needed is one: name it with sheet"
            )
        sheet = names[0]
    if sheet not in names:
        raise InputError(f"{path}: has no sheet {sheet!r}; found are {', '.join(names)}")
    page = book[sheet]
    # iter_rows would make a cell of every blank up to the last one that was ever formatted
    held = {at: c.value for at, c in page._cells.items() if c.value is not None}  # noqa: SLF001
    width = max((column for row, column in held if row <= HEADER_ROWS), default=0)
    held = {(row, column): value for (row, column), value in held.items() if column <= width}
    rows: list[list[Any]] = [[None] * width for _ in range(max((r for r, _ in held), default=0))]
    for (row, column), value in held.items():
        rows[row - 1][column - 1] = value
    for span in page.merged_cells.ranges:
        value = held.get((span.min_row, span.min_col))
        for r in range(span.min_row - 1, min(span.max_row, len(rows))):
            for c in range(span.min_col - 1, min(span.max_col, len(rows[r]))):
                rows[r][c] = value
    return sheet, rows


def _text_rows(path: Path) -> list[list[Any]]:
    lines = io.StringIO(_text(path), newline="").readlines()
    delimiter = _delimiter(lines)
    rows: list[list[Any]] = []
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
    return rows


def _text(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # Excel's "Unicode text"
        encodings = ["utf-16"]
    elif data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"SQLite")) or b"\0" in data:
        raise InputError(f"{path}: is not a text table; needed is csv text or an .xlsx workbook")
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise InputError(f"{path}: the text is neither UTF-8 nor GB18030 (GBK); save it as UTF-8 csv")


def _delimiter(lines: list[str]) -> str:
    """What parts the cells: that with which a row holds both coordinates, or else the commonest."""
    head = lines[:HEADER_ROWS]
    for sign in ",;\t":
        for line in head:
            cells = [cell.strip().strip('"') for cell in line.split(sign)]
            if holds_coordinates(cells):
                return sign
    return max(",;\t", key="".join(head).count)
