"""Excel sheets and text tables with their headings, wherever in the sheet these stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.sources.files.sheets import HEADER_ROWS, Rows, Sheet, text_sheet, workbook_sheets
from quarterhour.sources.files.vector import require_file
from quarterhour.sources.rows.cells import cell_number, cell_text
from quarterhour.sources.rows.columns import (
    PAIRS,
    SYNONYMS,
    find_column,
    holds_coordinates,
    matches,
    plain_heading,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["SYNONYMS", "Table", "find_column", "holds_coordinates", "read_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with headings: `columns` by heading, `row` numbers as the user sees them.

    `header_row`: of the lowest row of headings, counted from 1. `form`, `sheets`: as in `Reading`.
    `chosen`: says which sheet was taken of several, None where there was no choice.
    """

    path: Path
    sheet: str
    columns: dict[str, list[Any]]
    row: list[int]
    header_row: int
    form: str = ""
    sheets: tuple[str, ...] = ()
    chosen: Note | None = None

    @property
    def where(self) -> str:
        """The file and the sheet, for messages."""
        return f"{self.path} sheet {self.sheet}" if self.sheet else str(self.path)

    def find(self, meaning: str) -> str | None:
        """Heading of the column with this meaning, see `sources.rows.columns`."""
        return find_column(list(self.columns), meaning)


def read_table(
    path: Path,
    *,
    sheet: str | None = None,
    needed: str,
    columns: Mapping[str, str] | None = None,
    usable: Callable[[list[str]], bool] = holds_coordinates,
) -> Table:
    """A sheet of a workbook or a text table (UTF-8, GB18030 or UTF-16; comma, semicolon, tab).

    The headings are the first row, among the first rows, that is `usable` (by default: that holds
    both coordinates) or that holds the headings named in `columns`, or else the first with two
    recognised headings, or else with two filled cells; a second row of headings above or below it
    is joined to it. Of several sheets without a name, the only one with usable headings is taken.

    Raises
    ------
    InputError
        Missing, empty or unreadable file, unknown sheet, several usable sheets, or no headings.
    """
    require_file(path, needed)
    wanted = {plain_heading(h) for h in (columns or {}).values()}

    def good(texts: list[str]) -> bool:
        return usable(texts) or bool(wanted and wanted <= {plain_heading(t) for t in texts})

    chosen = None
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        pages = workbook_sheets(path)
        page, chosen = _choose(path, pages, sheet, good)
    else:
        pages = []
        page = text_sheet(path)
    where = f"{path} sheet {page.title}" if page.title else str(path)
    header = _header_row(page.rows, good)
    if header is None:
        raise InputError(f"{where}: no headings were found; needed is {needed} with headings")
    headings = _headings(page.rows, header)
    body = [
        (number, cells)
        for number, cells in enumerate(page.rows[header + 1 :], header + 2)
        if any(cell is not None and str(cell).strip() for cell in cells)
    ]
    if not page.title:
        body = _with_pairs_in_one(body, headings, len(page.rows[header]))
    return Table(
        path=path,
        sheet=page.title,
        columns={
            name: [cells[k] if k < len(cells) else None for _, cells in body]
            for name, k in headings.items()
        },
        row=[number for number, _ in body],
        header_row=header + 1,
        form=page.form,
        sheets=tuple(p.title for p in pages),
        chosen=chosen,
    )


def _with_pairs_in_one(
    body: list[tuple[int, list[Any]]], headings: dict[str, int], width: int
) -> list[tuple[int, list[Any]]]:
    """Rows of a text table whose column of both coordinates was cut at its comma, joined again."""
    both = [k for h, k in headings.items() if "position" in matches(h)]
    if len(both) != 1 or not body or any(len(cells) != width + 1 for _, cells in body):
        return body
    k = both[0]
    return [(n, [*c[:k], f"{c[k]},{c[k + 1]}", *c[k + 2 :]]) for n, c in body]


def _choose(
    path: Path, pages: list[Sheet], sheet: str | None, good: Callable[[list[str]], bool]
) -> tuple[Sheet, Note | None]:
    """The named sheet, or the only one, or the only one with usable headings and a note on it."""
    names = ", ".join(p.title for p in pages)
    if sheet is not None:
        found = [p for p in pages if p.title == sheet]
        if not found:
            raise InputError(f"{path}: has no sheet {sheet!r}; found are {names}")
        return found[0], None
    if len(pages) == 1:
        return pages[0], None
    usable = [p for p in pages if any(good(_texts(cells)) for cells in p.rows[:HEADER_ROWS])]
    if len(usable) == 1:
        title = usable[0].title
        return usable[0], Note(
            f"有 {len(pages)} 个工作表（{names}），只有“{title}”有可用的表头，读取该表",
            f"has the sheets {names}; only {title} has usable headings, and it was read",
        )
    if not usable:
        filled = [p for p in pages if p.rows]
        if len(filled) == 1:
            return filled[0], None
        raise InputError(
            f"{path}: has the sheets {names}, none of them with the headings that are needed; name"
            " one with sheet"
        )
    counts = ", ".join(f"{p.title} {_filled_rows(p.rows, good)}" for p in usable)
    raise InputError(
        f"{path}: has the sheets {names}; needed is one: name it with sheet (rows of data:"
        f" {counts})"
    )


def _filled_rows(rows: Rows, good: Callable[[list[str]], bool]) -> int:
    header = _header_row(rows, good) or 0
    return sum(bool(_texts(cells)) for cells in rows[header + 1 :])


def _texts(cells: list[Any]) -> list[str]:
    return [" ".join(str(c).split()) for c in cells if c is not None and str(c).strip()]


def _header_row(rows: Rows, good: Callable[[list[str]], bool]) -> int | None:
    """Index of the lowest row of headings."""
    head = [_texts(cells) for cells in rows[:HEADER_ROWS]]
    usable = [k for k, texts in enumerate(head) if good(texts)]
    # 坐标 over 经度 and 纬度: the row that tells the two apart is the one
    pairs = [k for k in usable if _has_pair(head[k])]
    # a line such as 坐标：GCJ-02 above the table is no row of headings
    found = pairs or [k for k in usable if len(set(head[k])) > 1] or usable
    if not found:
        known = (k for k, texts in enumerate(head) if sum(map(bool, map(matches, texts))) >= 2)
        filled = (k for k, texts in enumerate(head) if len(set(texts)) >= 2)
        return next(known, next(filled, None))
    k = found[0]
    return k + 1 if k + 1 < len(rows) and _goes_on(rows[k], rows[k + 1]) else k


def _has_pair(texts: list[str]) -> bool:
    found = {meaning for text in texts for meaning in matches(text)}
    return any(a in found and b in found for a, b in PAIRS)


def _goes_on(upper: list[Any], lower: list[Any]) -> bool:
    """Whether `lower` is a second row of headings: 床位 over 总数 and 护理型."""
    below = [cell_text(c) for c in lower]
    above = [cell_text(c) for c in upper]
    above += [""] * (len(below) - len(above))
    if len(set(filter(None, below))) < 2 or any(cell_number(c) is not None for c in lower):
        return False
    same = [a for a, b in zip(above, below, strict=False) if a and a == b]
    if same and holds_coordinates(same):
        return True  # merged downwards
    first = next((k for k, a in enumerate(above) if a), 0)
    if below[first]:
        return False
    coordinates = {"lon", "lat", "east", "north", "position"}
    under = [k for k, a in enumerate(above) if coordinates & set(matches(a))]
    if any(k < len(below) and below[k] for k in under):
        return False
    return any(b and not a for a, b in zip(above, below, strict=False))


def _headings(rows: Rows, header: int) -> dict[str, int]:
    """Column number by heading; where two rows hold headings, the upper goes before the lower."""
    child = [" ".join(cell_text(c).split()) for c in rows[header]]
    above = rows[header - 1] if header else []
    own = [
        " ".join(cell_text(above[k]).split()) if k < len(above) else "" for k in range(len(child))
    ]
    # a title has no column that goes through both rows; a row of headings has
    through = any(p and c in {"", p} for p, c in zip(own, child, strict=True))
    groups = len(set(filter(None, own))) >= 2 and through
    parent, last = [], ""
    for p, c in zip(own, child, strict=True):
        last = p or (last if c else "")
        parent.append(last if groups else "")
    found: dict[str, int] = {}
    for k, name in enumerate(child):
        text = name or (own[k] if groups or own.count(own[k]) == 1 else "")
        if not text:
            continue
        plain = min((m.rank for m in matches(text).values()), default=2) < 2
        if parent[k] and parent[k] != name and name and (not plain or child.count(name) > 1):
            text = f"{parent[k]} {name}"
        unique, n = text, 1
        while unique in found:
            n += 1
            unique = f"{text} ({n})"
        found[unique] = k
    return found
