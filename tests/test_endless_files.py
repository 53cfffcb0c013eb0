"""Workbooks that are small on disk and endless in memory are refused with a sentence."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from quarterhour.errors import InputError
from quarterhour.sources.facilities.read import read_facilities

if TYPE_CHECKING:
    from pathlib import Path


def book(path: Path) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    made.active.append(["名称", "经度", "纬度"])
    made.active.append(["西院", 104.65, 30.12])
    made.save(path)
    return made


def test_a_merged_cell_over_the_whole_sheet(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx")
    merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A3:XFD1048576"/></mergeCells>'
    with (
        zipfile.ZipFile(tmp_path / "a.xlsx") as good,
        zipfile.ZipFile(tmp_path / "b.xlsx", "w") as bad,
    ):
        for name in good.namelist():
            bad.writestr(name, good.read(name).replace(b"</sheetData>", merged))
    with pytest.raises(InputError, match="A3:XFD1048576 is one merged cell; undo the merging"):
        read_facilities(tmp_path / "b.xlsx")


def test_signs_in_the_last_row_and_in_the_last_column(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = book(path)
    made.active["XFD1"] = "x"
    made.save(path)
    assert read_facilities(path).name == ("西院",)  # a stray heading harms nobody
    made.active["A1048576"] = "x"
    made.save(path)
    with pytest.raises(InputError, match="delete the rows and columns that are not used"):
        read_facilities(path)
