"""One sheet of a workbook, written from the top down: cells, styles, heights, page setup."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties

from quarterhour.render.book.sheet_names import cut_to
from quarterhour.render.values import width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.render.values import Cell

MOST_CHARACTERS: Final = 32_767
"""UTF-16 units that a cell can hold."""

NARROWEST: Final = 8
LINE_PT: Final = 15.0
HIGHEST_PT: Final = 400.0

_FONT = "Microsoft YaHei"
_INK, _SOFT, _ACCENT = "20262B", "5B666E", "1A6FB0"
_THIN = Side(style="thin", color="C9D1D6")
_RISKY = re.compile(r"[=+\-@\t]")


def lines_of(text: str, places: float) -> int:
    """Lines that a text takes in a column of so many places."""
    taken = [width(line) for line in text.split("\n")]
    return sum(1 if t <= places else math.ceil(1.05 * t / places) for t in taken)


class _Styles:
    """Cell styles, each registered once and shared by its cells."""

    def __init__(self, sheet: Any) -> None:  # noqa: ANN401 - openpyxl is untyped
        self._sheet = sheet
        self._made: dict[tuple[Any, ...], Any] = {}

    def of(
        self, kind: str, format_: str = "General", *, text: bool = True, risky: bool = False
    ) -> Any:  # noqa: ANN401 - openpyxl is untyped
        """The style of a kind of cell: title, soft, head, number, body, total, link or note."""
        key = (kind, format_, text, risky)
        if key not in self._made:
            self._made[key] = self._make(kind, format_, text=text, risky=risky)
        return self._made[key]

    def _make(self, kind: str, format_: str, *, text: bool, risky: bool) -> Any:  # noqa: ANN401 - openpyxl is untyped
        cell = WriteOnlyCell(self._sheet)
        if kind == "number":  # the heading of a column of numbers
            kind, text = "head", False
        bold = kind in {"title", "head", "total"}
        colour = {"link": _ACCENT, "soft": _SOFT, "note": _SOFT}.get(kind, _INK)
        size = {"title": 15, "note": 9, "soft": 9}.get(kind, 10)
        underline = "single" if kind == "link" else None
        cell.font = Font(name=_FONT, size=size, bold=bold, color=colour, underline=underline)
        wrap = kind not in {"title", "soft"}
        across = "left" if text else "right"
        upright = "center" if kind == "head" else "top"
        inset = 1 if text and kind in {"body", "total", "head"} else 0  # apart from a number
        cell.alignment = Alignment(
            horizontal=across, vertical=upright, wrap_text=wrap, indent=inset
        )
        cell.number_format = format_
        if kind == "head":
            cell.fill = PatternFill("solid", fgColor="E8EEF2")
            cell.border = Border(bottom=Side(style="medium", color="8A979F"))
        elif kind == "total":
            cell.border = Border(top=Side(style="thin", color="20262B"), bottom=_THIN)
        elif kind == "body":
            cell.border = Border(bottom=_THIN)
        if risky:
            cell.quotePrefix = True  # stays a text also where somebody edits the cell
        return cell._style  # noqa: SLF001 - the only way to share one style


class Sheet:
    """One sheet, written from the top down."""

    def __init__(self, book: Any, name: str, widths: Sequence[float], frozen: str | None) -> None:  # noqa: ANN401 - openpyxl is untyped
        self.sheet = book.create_sheet(name)
        self.styles = _Styles(self.sheet)
        self.widths = list(widths)
        self.row = 0
        self.cut = 0
        for k, places in enumerate(widths):
            self.sheet.column_dimensions[get_column_letter(k + 1)].width = places
        self.sheet.freeze_panes = frozen
        self.sheet.sheet_view.showGridLines = False
        setup = self.sheet.page_setup
        setup.orientation, setup.paperSize = "landscape", 9  # A4
        setup.fitToWidth, setup.fitToHeight = 1, 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        margins = self.sheet.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom = 0.5, 0.6
        self.sheet.oddFooter.center.text = "&P / &N"
        self.sheet.oddFooter.center.size = 8

    def cell(
        self, value: Cell, kind: str = "body", format_: str = "General", link: str = ""
    ) -> Any:  # noqa: ANN401 - openpyxl is untyped
        """A cell that is a number, a text or empty, and never a formula."""
        cell = WriteOnlyCell(self.sheet)
        is_text = isinstance(value, str)
        if value == "":
            value = None  # a text cell without a text is a damaged file to Excel
        if value is not None and is_text:
            kept = cut_to(str(value), MOST_CHARACTERS)
            self.cut += kept != value
            cell.value = kept
            cell.data_type = "s"  # whatever it begins with
        elif value is not None:
            cell.value = value
        risky = is_text and _RISKY.match(str(value)) is not None
        cell._style = self.styles.of(  # noqa: SLF001 - the only way to share one style
            kind, format_, text=is_text or (value is None and format_ == "General"), risky=risky
        )
        if link:
            cell.hyperlink = Hyperlink(ref="A1", location=link)
        return cell

    def add(self, cells: Sequence[Any], height: float | None = None) -> None:
        """The next row; without a height the program that opens it chooses one."""
        self.row += 1
        if height is not None:
            self.sheet.row_dimensions[self.row].height = height
        self.sheet.append(list(cells))

    def wide(self, text: str, kind: str, columns: int, link: str = "") -> None:
        """A text across the first columns, as high as it needs to be."""
        places = max(sum(self.widths[:columns]), NARROWEST)
        size = {"title": 15, "body": 10, "link": 10, "total": 10}.get(kind, 9)
        lines = lines_of(text, places * 10 / size)
        empty = [self.cell(None, kind) for _ in range(columns - 1)]
        if columns > 1:
            here = self.row + 1
            self.sheet.merged_cells.add(f"A{here}:{get_column_letter(columns)}{here}")
        height = min(LINE_PT * (size / 10) * lines + 3, HIGHEST_PT)
        self.add([self.cell(text, kind, link=link), *empty], height)
