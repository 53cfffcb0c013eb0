"""Sites of a user held against the list, and the workbook that asks for them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.plans.planned import read_plan
from quarterhour.plans.project_sites import LONGEST_TEXT, write_workbook
from quarterhour.plans.site_table import read_sites
from quarterhour.render.whole_file import whole_file

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.plans.site_table import GivenSites
    from quarterhour.targets.projects import Plan

LIST = """no,name,domain,type,mode,year_start,year_end,county,town,beds,places,floor_area_m2,\
investment_10k_yuan,apply_central_10k_yuan,lead
E1,3个养老院,elderly,养老院,new,2023,2024,甲区,东镇,60,,,5,,民政局
E2,{name},elderly,养老院,new,2023,2025,甲区,西镇,30,,,5,,民政局
"""


def plan_of(folder: Path, name: str = "乙") -> Plan:
    (folder / "list.csv").write_text(LIST.format(name=name), "utf-8")
    (folder / "plan.toml").write_text('[plan]\ntarget_year = 2025\nlist = "list.csv"\n', "utf-8")
    return read_plan(str(folder / "plan.toml"))


def sites(folder: Path, *rows: str) -> GivenSites:
    text = "\n".join(["清单号,名称,经度,纬度,床位数", *rows, ""])
    (folder / "sites.csv").write_text(text, "utf-8")
    return read_sites(folder / "sites.csv", plan_of(folder))


def test_sums_that_agree_and_sums_that_nobody_can_tell(tmp_path: Path) -> None:
    found = sites(tmp_path, "E1,甲,106,30,20", "E1,乙,106,30,40", "E2,丙,106,30,")
    assert (found.agree, found.unsure) == (("E1",), ("E2",))
    # one of two cells is blank: 20 of 60 is not wrong yet
    found = sites(tmp_path, "E1,甲,106,30,20", "E1,乙,106,30,")
    assert (found.agree, found.unsure) == ((), ("E1",))
    assert sites(tmp_path).sites == ()


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        ("E1,甲,106,30,二十左右", "床位数 is '二十左右'; needed is a number, or nothing"),
        ("E1,甲,106,30,-20", "床位数 is '-20'; needed is a number from 0 up"),
        ("E1,甲,106,30,1e308", "床位数 is '1e308'; needed is a number from 0 up"),
        ("E1,甲,106,30,1e400", "床位数 is '1e400'; needed is a number"),
        ("E1,甲,999,30,20", "经度 '999', 纬度 '30' lies outside the earth"),
        ("E1,甲,106,120,20", "经度 '106', 纬度 '120' lies outside the earth"),
        ("E1,甲,999,abc,20", "no position in 经度 '999', 纬度 'abc'; needed are two"),
        ("E1,甲,106,,20", "no position in 经度 '106'; needed are two coordinates"),
    ],
)
def test_a_row_that_cannot_be_used_is_set_aside(tmp_path: Path, row: str, detail: str) -> None:
    found = sites(tmp_path, row, "E1,乙,106,30,80", "E2,丙,106,30,30")
    assert [s.name for s in found.sites] == ["乙", "丙"]
    assert [(r.row, r.name) for r in found.set_aside] == [(2, "甲")]
    assert detail in found.set_aside[0].detail
    # with a row missing, nobody can say whether the sums of E1 agree
    assert (found.agree, found.unsure) == (("E2",), ("E1",))


def test_a_row_of_no_project_is_set_aside(tmp_path: Path) -> None:
    found = sites(tmp_path, "E9,甲,106,30,20", ",丁,106,30,20", "E2,丙,106,30,30")
    assert [r.detail for r in found.set_aside] == [
        "the list of plan has no row 'E9'", "the list of plan has no row ''",
    ]  # fmt: skip
    assert (found.agree, found.unsure) == (("E2",), ())


def test_too_many_beds_are_too_many_also_with_blank_cells(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the sites of E1 have 80 beds, the list has 60"):
        sites(tmp_path, "E1,甲,106,30,80", "E1,乙,106,30,")


@pytest.mark.parametrize(
    "position",
    [
        "106,30",
        "30,106",
        "106°16′48″E,30°10′N",
        "500000,3300000",
        "35412345.5,3300000",
        ",",
        "-,无",
    ],
)
def test_positions_as_people_write_them(tmp_path: Path, position: str) -> None:
    found = sites(tmp_path, f"E1,甲,{position},60")
    assert found.set_aside == ()
    assert found.agree == ("E1",)


@given(st.lists(st.one_of(st.integers(-5, 70), st.sampled_from(["", "二十", "1e308"])), max_size=4))
def test_a_sum_is_only_called_right_where_it_is(
    tmp_path_factory: pytest.TempPathFactory, beds: list[int | str]
) -> None:
    folder = tmp_path_factory.mktemp("sites")
    try:
        found = sites(folder, *(f"E1,甲,106,30,{b}" for b in beds))
    except InputError as error:
        assert "the list has 60" in str(error)  # noqa: PT017 - either is right
        return
    numbers = [b for b in beds if isinstance(b, int) and b >= 0]
    readable = len(numbers) + beds.count("") == len(beds)
    assert (found.agree == ("E1",)) == (readable and sum(numbers) == 60)
    assert len(found.sites) + len(found.set_aside) == len(beds)


@pytest.mark.parametrize("name", ["=1+1", "=cmd|' /C calc'!A0", "+1-1", "@SUM(1)", "-乙"])
def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, name: str) -> None:
    book = tmp_path / "book.xlsx"
    write_workbook(book, plan_of(tmp_path, name))
    cells = [c for row in openpyxl.load_workbook(book).active.iter_rows() for c in row]
    assert [c.data_type for c in cells if c.value == name] == ["s"]
    assert not [c.value for c in cells if c.data_type == "f"]


def test_signs_and_lengths_that_no_sheet_can_hold(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    write_workbook(book, plan_of(tmp_path, "乙\x07\x01院"))
    # below the three of the first row and their total
    assert openpyxl.load_workbook(book).active["B6"].value == "乙院"
    write_workbook(book, plan_of(tmp_path, "乙" * 40_000))
    long = openpyxl.load_workbook(book).active["B6"].value
    assert len(long) == LONGEST_TEXT
    assert long.endswith("乙…")


def test_a_workbook_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    folder = tmp_path / "book.xlsx"
    folder.mkdir()
    with pytest.raises(InputError, match=r"book\.xlsx: cannot be written"):
        write_workbook(folder, plan)
    with pytest.raises(InputError, match="cannot be written"):
        write_workbook(tmp_path / "no" / "book.xlsx", plan)
    assert not list(tmp_path.glob(".writing-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files there")
def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    import resource
    import signal

    old = tmp_path / "a.bin"
    old.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(OSError, match="too large"), whole_file(old) as fresh:  # noqa: PT012
            fresh.write_bytes(b"1234567890")
            fresh.write_bytes(b"1234567890 and more")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert old.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]
    with whole_file(old) as fresh:
        fresh.write_bytes(b"new")
    assert old.read_bytes() == b"new"
