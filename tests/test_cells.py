"""What people write in cells: degrees, minutes and seconds, pairs, units, years, yes and no."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.sources.rows.angles import read_angle, read_pair
from quarterhour.sources.rows.cells import (
    MONEY_10K,
    cell_number,
    understood_amount,
    understood_flag,
    understood_number,
    understood_year,
)

# 106° 16' 48" is 106 + 16/60 + 48/3600 = 106.28; 30° 0' 36" is 30.01
ANGLES: list[tuple[Any, float, str, str]] = [
    (106.28, 106.28, "", ""),
    ("106.28", 106.28, "", ""),
    ("１０６．２８", 106.28, "", "full_width"),
    ("106.28\u200b", 106.28, "", "invisible"),
    ("106,28", 106.28, "", "comma"),
    ("106.28,", 106.28, "", "plain"),
    ("'106.28", 106.28, "", "plain"),
    ("106°16′48″E", 106.28, "lon", "dms"),
    ("106°16'48\"", 106.28, "", "dms"),
    ("106°16’48”", 106.28, "", "dms"),
    ("106º16'48''", 106.28, "", "dms"),
    ("106-16-48", 106.28, "", "dms"),
    ("106 16 48", 106.28, "", "dms"),
    ("106:16:48.0", 106.28, "", "dms"),
    ("106度16分48秒", 106.28, "", "dms"),
    ("东经106度16分48秒", 106.28, "lon", "dms"),
    ("106°16.8'", 106.28, "", "dms"),
    ("106.28°", 106.28, "", "dms"),
    ("E106.28", 106.28, "lon", "hemisphere"),
    ("经度：东经106.28", 106.28, "lon", "hemisphere"),
    ("30.01N", 30.01, "lat", "hemisphere"),
    ("51°12′W", -51.2, "lon", "dms"),
    ("S 30.03", -30.03, "lat", "hemisphere"),
]


@pytest.mark.parametrize(("cell", "degrees", "axis", "how"), ANGLES)
def test_one_coordinate(cell: Any, degrees: float, axis: str, how: str) -> None:
    found = read_angle(cell)
    assert found is not None
    assert found.degrees == pytest.approx(degrees, abs=1e-12)
    assert (found.axis, found.how) == (axis, how)


@pytest.mark.parametrize(
    "cell",
    [None, "", "一百零六", "2021-06-01", "106-76-48", "106°16′88″", "106.28.5", "023-42811111",
     "东街12号", True, "106_28"],
)  # fmt: skip
def test_what_is_no_coordinate(cell: Any) -> None:
    assert read_angle(cell) is None


PAIRS: list[tuple[str, float, float, str]] = [
    ("106.28,30.01", 106.28, 30.01, ""),
    ("30.01，106.28", 30.01, 106.28, ""),
    ("(106.28 30.01)", 106.28, 30.01, ""),
    ("[106.28; 30.01]", 106.28, 30.01, ""),
    ("106.28、30.01", 106.28, 30.01, ""),
    ("106.28\n30.01", 106.28, 30.01, ""),
    ("POINT(106.28 30.01)", 106.28, 30.01, "lon"),
    ("经度:106.28 纬度:30.01", 106.28, 30.01, "lon"),
    ("lat=30.01, lng=106.28", 30.01, 106.28, "lat"),
    ('{"lng": 106.28, "lat": 30.01}', 106.28, 30.01, "lon"),
    ("E106.28N30.01", 106.28, 30.01, "lon"),
    ("30.01N 106.28E", 30.01, 106.28, "lat"),
    ("106°16′48″E,30°0′36″N", 106.28, 30.01, "lon"),
    ("106°16′48″ 30°0′36″", 106.28, 30.01, ""),
    ("东经106度16分48秒北纬30度0分36秒", 106.28, 30.01, "lon"),
    ("106 16 48 30 0 36", 106.28, 30.01, ""),
]


@pytest.mark.parametrize(("cell", "a", "b", "first"), PAIRS)
def test_both_coordinates_in_one_cell(cell: str, a: float, b: float, first: str) -> None:
    found = read_pair(cell)
    assert found is not None
    assert (found.a, found.b) == (pytest.approx(a, abs=1e-12), pytest.approx(b, abs=1e-12))
    assert found.first == first


@pytest.mark.parametrize(
    "cell", ["", None, "106.28", "东街12号,3栋", "13800138000", "1,2,3", "E106.28 E30.01"]
)
def test_what_is_no_pair(cell: Any) -> None:
    assert read_pair(cell) is None


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    degrees=st.integers(0, 179),
    minutes=st.integers(0, 59),
    hundredths=st.integers(0, 5999),
    form=st.sampled_from(
        ["{}°{}′{}″", "{}°{}'{}\"", "{}-{}-{}", "{}度{}分{}秒", "{} {} {}", "E{}°{}′{}″"]
    ),
)
def test_every_way_of_writing_an_angle_is_the_same_angle(
    degrees: int, minutes: int, hundredths: int, form: str
) -> None:
    seconds = f"{hundredths // 100}.{hundredths % 100:02d}"
    found = read_angle(form.format(degrees, minutes, seconds))
    assert found is not None
    assert found.degrees == pytest.approx(degrees + minutes / 60 + hundredths / 360_000, abs=1e-12)


NUMBERS: list[tuple[Any, float | None, str]] = [
    (120, 120, ""),
    ("120", 120, ""),
    ("１２０", 120, "full_width"),
    ("120张", 120, "unit"),
    ("１２０ 张", 120, "unit"),
    ("约120", 120, "about"),
    ("120余张", 120, "about"),
    ("近100人", 100, "about"),
    ("1.2万", 12_000, "unit"),
    ("1.5亿", 150_000_000, "unit"),
    ("1,200㎡", 1200, "unit"),
    ("无", None, ""),
    ("—", None, ""),
    ("", None, ""),
    (None, None, ""),
    ("100-120", None, "unread"),
    ("若干", None, "unread"),
]


@pytest.mark.parametrize(("cell", "value", "how"), NUMBERS)
def test_numbers_of_an_office(cell: Any, value: float | None, how: str) -> None:
    assert understood_number(cell) == (value, how)


def test_a_plain_number_stays_strict() -> None:
    """People are counted from plain numbers only: nothing is guessed there."""
    assert [cell_number(c) for c in ("120张", "约9", "1.2万")] == [None, None, None]
    assert cell_number("－１２．５") == -12.5


@pytest.mark.parametrize(
    ("cell", "cost"),
    [("1200万元", 1200), ("1.2亿元", 12_000), ("500000元", 50), (300, 300), ("约300万", 300)],
)
def test_costs_are_in_ten_thousand_yuan(cell: Any, cost: float) -> None:
    assert understood_amount(cell, MONEY_10K, 1.0).value == cost


YEARS: list[tuple[Any, float | None]] = [
    ("1998年", 1998), ("2021-06", 2021), ("2021年6月", 2021), ("2021/6/1", 2021),
    ("20210630", 2021), ("202106", 2021), (1998.0, 1998), (dt.date(2021, 6, 1), 2021),
    ("２０２１", 2021), ("98年", None), (44348, None), ("2000-2005", None), ("", None),
    (2200, 2200), ("2200年", 2200), ("2200-06", 2200), (2201, None), ("2201年", None),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "year"), YEARS)
def test_years(cell: Any, year: float | None) -> None:
    assert understood_year(cell).value == year


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (["是", "有", "√", "Yes", "1", 1, 1.0, True, "普惠", "已备案"], "yes"),
        (["否", "无", "×", "no", "0", 0, False, "非普惠", "未备案"], "no"),
        (["", None, float("nan")], ""),
    ],
)
def test_yes_and_no(cells: list[Any], value: str) -> None:
    assert [understood_flag(c) for c in cells] == [(value, "")] * len(cells)


def test_neither_yes_nor_no() -> None:
    assert understood_flag("待定") == ("", "unread")


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    cell=st.one_of(st.text(max_size=20), st.text(alphabet="0123456789.,°'\"-+ ENSW度分秒经纬()"))
)
def test_no_text_breaks_a_reader(cell: str) -> None:
    for read in (read_angle, read_pair, understood_number, understood_year, understood_flag):
        read(cell)  # whatever it is, it is no traceback
