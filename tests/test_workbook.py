"""report.xlsx: the values of the tables, never a formula, the same bytes, opened by others."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.inputs import Note
from quarterhour.render.book import workbook
from quarterhour.render.book.sheet_names import sheet_names, units_of
from quarterhour.render.book.sheet_page import MOST_CHARACTERS
from quarterhour.render.book.workbook import FIRST_ROW, write_workbook
from quarterhour.render.values import clean, decimals_of, number_format, shown
from quarterhour.tabular import Chart, Column, Table
from report_tables_town import COLUMNS, LONG, ROWS, many_rows, town_table, verdict_table, year_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write(path: Path, tables: Sequence[Table], language: str = "zh", **more: Any) -> Any:
    write_workbook(path, tables, title="示例区", language=language, **more)
    return openpyxl.load_workbook(path)


def texts(*values: str) -> Table:
    return Table(
        key="texts",
        title=Note("文字", "Texts"),
        columns=(Column("text", "文字", "Text"),),
        rows=tuple((value,) for value in values),
    )


def test_cells_hold_the_values_of_the_table(tmp_path: Path) -> None:
    sheet = write(tmp_path / "a.xlsx", [town_table()])["分乡镇可达情况"]
    rows = [tuple(c.value for c in row[:5]) for row in sheet.iter_rows(FIRST_ROW, FIRST_ROW + 4)]
    assert rows[0] == ("城南街道", 4000, 3000, 0.75, 7.25)
    assert rows[1] == ("河东镇", 1000, 250, 0.25, None)
    assert rows[2] == (LONG, 500.5, 0, 0, None), "no number is an empty cell"
    assert rows[4][0] == "合计"
    formats = [cell.number_format for cell in sheet[FIRST_ROW][:5]]
    assert formats == ["General", "#,##0", "#,##0", "0.0%", "0.0"]
    assert [sheet.cell(r, 1).font.bold for r in (FIRST_ROW, FIRST_ROW + 4)] == [False, True]


def test_pandas_reads_a_sheet(tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", [town_table()])
    frame = pd.read_excel(tmp_path / "a.xlsx", sheet_name=1, header=FIRST_ROW - 2, nrows=4)
    assert list(frame["总量"]) == [4000, 1000, 500.5, 100]
    assert frame["乡镇（街道）"][3] == "=1+1"


@pytest.mark.parametrize(
    ("language", "name", "heading", "home"),
    [
        ("zh", "分乡镇可达情况", "可达占比", "概要"),
        ("en", "Coverage by town", "Share covered", "Overview"),
        ("both", "分乡镇可达情况", "可达占比 Share covered", "概要"),
    ],
)
def test_languages(tmp_path: Path, language: str, name: str, heading: str, home: str) -> None:
    book = write(tmp_path / "a.xlsx", [town_table()], language)
    assert book.sheetnames == [home, name]
    assert book[name].cell(FIRST_ROW - 1, 4).value == heading


def test_cover_shows_figures_with_their_denominator_and_leads_to_every_sheet(
    tmp_path: Path,
) -> None:
    tables = [town_table(), year_table(), town_table(key="again")]
    book = write(
        tmp_path / "a.xlsx", tables, headlines=verdict_table(), generated_from="一刻钟 1.2 · abc",
        answers=[Note("可达：3,350 人 / 5,601 人", "3,350 of 5,601")], notes=[Note("须知", "know")],
    )  # fmt: skip
    cover = book["概要"]
    written = [c.value for row in cover.iter_rows() for c in row if c.value is not None]
    for said in ("示例区", "一刻钟 1.2 · abc", "T-01", "可达：3,350 人 / 5,601 人", "须知"):
        assert said in written
    links = [c.hyperlink.location for row in cover.iter_rows() for c in row if c.hyperlink]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[1:]]


def test_headings_stay_and_totals_are_not_filtered(tmp_path: Path) -> None:
    sheet = write(tmp_path / "a.xlsx", [town_table()])["分乡镇可达情况"]
    assert sheet.freeze_panes == f"A{FIRST_ROW}"  # the first name is too wide to stay
    short = town_table(rows=ROWS[:2], total=0)
    assert write(tmp_path / "b.xlsx", [short])["分乡镇可达情况"].freeze_panes == f"B{FIRST_ROW}"
    assert sheet.auto_filter.ref == f"A{FIRST_ROW - 1}:E{FIRST_ROW + 3}"
    assert sheet.print_title_rows == f"${FIRST_ROW - 1}:${FIRST_ROW - 1}"
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize) == ("landscape", 9)
    assert (setup.fitToWidth, setup.fitToHeight) == (1, 0)
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width


def test_notes_stand_below_the_table_and_the_sheet_says_where(tmp_path: Path) -> None:
    sheet = write(tmp_path / "a.xlsx", [town_table()])["分乡镇可达情况"]
    row = FIRST_ROW + 6
    assert sheet.cell(row, 1).value == "分母：60岁以上人口"
    assert sheet["A2"].value == f"说明见表下第 {row} 行"
    assert sheet["A2"].hyperlink.location == f"'分乡镇可达情况'!A{row}"


def test_a_chart_is_drawn_from_the_cells_without_the_totals(tmp_path: Path) -> None:
    book = write(tmp_path / "a.xlsx", [town_table(), year_table()])
    (chart,) = book["分乡镇可达情况"]._charts
    (series,) = chart.series
    assert chart.tagname == "barChart"
    assert chart.barDir == "bar"
    assert series.val.numRef.f == "'分乡镇可达情况'!$D$4:$D$7"
    assert series.cat.strRef.f == "'分乡镇可达情况'!$A$4:$A$7"
    (line,) = book["历年覆盖"]._charts
    assert line.tagname == "lineChart"


def test_a_chart_of_many_rows_shows_the_first_and_says_so(tmp_path: Path) -> None:
    (chart,) = write(tmp_path / "a.xlsx", [many_rows(500)])["未覆盖的居住区"]._charts
    assert chart.series[0].val.numRef.f.endswith("$B$4:$B$23")
    assert "前 20 项，共 500" in chart.title.tx.rich.p[0].r[0].t


def test_parts_of_one_whole_are_stacked(tmp_path: Path) -> None:
    columns = (COLUMNS[0], Column("covered", "可达", "Covered", "people"),
               Column("uncovered", "未覆盖", "Not covered", "people"))  # fmt: skip
    table = town_table(
        columns=columns, rows=(("甲", 3, 1), ("乙", 2, 2)), total=0,
        chart=Chart("bar", Note("人口", "People"), "town", ("covered", "uncovered")),
    )  # fmt: skip
    (chart,) = write(tmp_path / "a.xlsx", [table])["分乡镇可达情况"]._charts
    assert (chart.grouping, chart.barDir, len(chart.series)) == ("stacked", "col", 2)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=cmd|"/c calc"!A0', "#N/A"])
def test_a_text_is_never_a_formula(tmp_path: Path, text: str) -> None:
    table = town_table(
        rows=((text, 1, 1, 1.0, 1.0),), total=0, title=Note(text, text), notes=(Note(text, text),)
    )
    book = write(tmp_path / "a.xlsx", [table], notes=[Note(text, text)], generated_from=text)
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value == text]
    assert len(cells) >= 4
    assert {c.data_type for c in cells} == {"s"}
    if text[0] in "=+-@":
        assert {c.quotePrefix for c in cells} == {True}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_any_text_comes_back_as_it_is_but_for_what_a_file_cannot_hold(
    tmp_path_factory: pytest.TempPathFactory, values: list[str]
) -> None:
    sheet = write(tmp_path_factory.mktemp("book") / "a.xlsx", [texts(*values)])["文字"]
    for k, value in enumerate(values):
        cell = sheet.cell(FIRST_ROW + k, 1)
        assert (cell.value or "") == clean(value)
        assert cell.data_type in "sn"  # n: empty
    assert clean("a\x00b\ud800c\u202ed\r\ne") == "abcd\ne"


def test_a_text_too_long_for_a_cell_is_cut_and_told(tmp_path: Path) -> None:
    table = texts("字" * 40_000, "短")
    told = write_workbook(tmp_path / "a.xlsx", [table], title="t", language="zh")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["文字"]
    assert len(sheet.cell(FIRST_ROW, 1).value) == MOST_CHARACTERS
    assert sheet.cell(FIRST_ROW, 1).value.endswith("…")
    (note,) = told
    assert "1 个单元格" in note.zh
    assert note.zh in [row[0].value for row in sheet.iter_rows()]


def test_rows_beyond_the_last_go_on_in_another_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    told = write_workbook(tmp_path / "a.xlsx", [many_rows(10, total=1)], title="t", language="en")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    first, second, third = book.sheetnames[1:]
    assert [second, third] == [f"{first} 2", f"{first} 3"]
    got = [
        book[name].cell(FIRST_ROW + k, 2).value for name in book.sheetnames[1:] for k in range(4)
    ]
    assert got[:10] == list(range(10))
    assert [note.en[:14] for note in told] == ["Rows 1 to 4 of", "Rows 5 to 8 of", "Rows 9 to 10 o"]
    bold = [book[third].cell(FIRST_ROW + k, 1).font.bold for k in range(2)]
    assert bold == [False, True]


def test_an_empty_table_says_so(tmp_path: Path) -> None:
    sheet = write(tmp_path / "a.xlsx", [town_table(rows=(), total=0)])["分乡镇可达情况"]
    assert "没有记录" in [row[0].value for row in sheet.iter_rows()]
    assert sheet._charts == []


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}.xlsx", [town_table(), year_table(), many_rows(30)], "both")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=45), min_size=1, max_size=8))
def test_names_of_sheets_are_valid_and_each_once(titles: list[str]) -> None:
    tables = [town_table(key=f"t{k}", title=Note(t, t)) for k, t in enumerate(titles)]
    names = sheet_names(tables, "zh")
    assert len({name.lower() for name in [*names, "概要", "Overview"]}) == len(names) + 2
    for name in names:
        assert 1 <= units_of(name) <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")


def soffice() -> str:
    """LibreOffice, or a skip that says how to get it."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        reason = "no LibreOffice: install libreoffice-calc to open the workbook with it"
        if os.environ.get("QUARTERHOUR_REQUIRE_OFFICE"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def convert(source: Path, form: str, folder: Path) -> Path:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [soffice(), profile, "--headless", "--convert-to", form, "--outdir", str(folder / "out"),
         str(source)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return folder / "out" / f"{source.stem}.{form}"


def test_libreoffice_opens_it_and_keeps_every_value(tmp_path: Path) -> None:
    tables = [town_table(), many_rows(60), year_table(), verdict_table()]
    mine = write(tmp_path / "report.xlsx", tables, "both")
    theirs = openpyxl.load_workbook(convert(tmp_path / "report.xlsx", "xlsx", tmp_path))
    assert theirs.sheetnames == mine.sheetnames
    for name in mine.sheetnames:
        for row in mine[name].iter_rows():
            for cell in row:
                other = theirs[name].cell(cell.row, cell.column)
                expected: Any = cell.value
                if isinstance(expected, float):
                    expected = pytest.approx(expected, rel=1e-13)  # it keeps 15 digits
                assert other.value == expected, f"{name} {cell.coordinate}"
                assert other.data_type != "f"
        assert len(theirs[name]._charts) == len(mine[name]._charts)
    assert convert(tmp_path / "report.xlsx", "pdf", tmp_path).stat().st_size > 10_000


@pytest.mark.parametrize(
    ("numbers", "written", "formats"),
    [
        ((3, 1200), ["3", "1,200"], ["#,##0", "#,##0"]),
        ((0.3421, 2.5), ["0.342", "2.500"], ["#,##0.000", "#,##0.000"]),
        ((12.25, 3000.0), ["12.2", "3,000.0"], ["#,##0.0", "#,##0.0"]),
        ((0.0499, -1400.0), ["0.050", "-1,400"], ["#,##0.000", "#,##0"]),
    ],
)
def test_numbers_have_the_decimals_that_they_need(
    numbers: tuple[float, ...], written: list[str], formats: list[str]
) -> None:
    column = Column("value", "值", "Value", "number")
    decimals = decimals_of(column, numbers)
    assert [shown(v, "number", decimals) for v in numbers] == written
    assert [number_format(v, "number", decimals) for v in numbers] == formats


def test_a_position_can_be_found_again() -> None:
    column = Column("lon", "经度", "Longitude", "number")
    assert shown(105.571234, "number", decimals_of(column, [105.571234])) == "105.571234"


def test_a_table_of_many_texts_stays_wide_enough_for_paper_only(tmp_path: Path) -> None:
    columns = tuple(Column(f"c{k}", f"列{k}", f"Column {k}") for k in range(12))
    table = Table(key="wide", title=Note("宽", "Wide"), columns=columns, rows=((LONG * 3,) * 12,))
    sheet = write(tmp_path / "a.xlsx", [table])["宽"]
    widths = [sheet.column_dimensions[c].width for c in "ABCDEFGHIJKL"]
    assert len(set(widths)) == 1
    assert sum(widths) == pytest.approx(300)
    lines = 3 * 2 * len(LONG) / widths[0]
    assert sheet.row_dimensions[FIRST_ROW].height > 15 * lines, "all of the text is seen"


def test_the_longest_text_gets_what_is_left_of_the_paper(tmp_path: Path) -> None:
    columns = tuple(Column(f"c{k}", f"列{k}", f"Column {k}") for k in range(7))
    row = (*("中等长度的一段文字，三十个字左右，不算太长也不算短",) * 6, LONG * 9)
    table = Table(key="wide", title=Note("宽", "Wide"), columns=columns, rows=(row,))
    sheet = write(tmp_path / "a.xlsx", [table])["宽"]
    widths = [sheet.column_dimensions[c].width for c in "ABCDEFG"]
    assert min(widths) >= 15
    assert widths[-1] > 1.4 * max(widths[:-1])
    assert sum(widths) <= 300.001
