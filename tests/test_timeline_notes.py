"""Doubtful years of facilities: each is told with its file, its row and its years."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.answers.timeline_notes import year_notes
from quarterhour.inputs import Facilities, Note

NAN = float("nan")


def facilities(serving: list[bool], sheet: str = "") -> Facilities:
    n = len(serving)
    return Facilities(
        name=tuple(f"{k}院" for k in range(n)), kind=("养老院",) * n, status=("",) * n,
        lon=np.zeros(n), lat=np.zeros(n), row=np.arange(2, n + 2), serving=np.array(serving, bool),
        file="fac.csv", sheet=sheet,
    )  # fmt: skip


def told(
    *rows: tuple[bool, float, float], data: int | None = None, first: int = 2026, last: int = 2030
) -> tuple[Note, ...]:
    """What is said of facilities that serve or not, and open and close in a year."""
    opens, closes = (np.array([row[k] for row in rows]) for k in (1, 2))
    f = facilities([row[0] for row in rows])
    return year_notes(f, opens, closes, first=first, last=last, data_year=data)


def test_a_planned_facility_that_closes_before_it_opens() -> None:
    for data in (None, 2025):
        (note,) = told((False, 2030, 2025), data=data)
        assert note.zh == (
            "1 处规划设施的关闭年份不晚于建成年份，任何年份都不计入："
            "0院（fac.csv 第 2 行，2030 年建成，2025 年关闭）；请核对"
        )
        assert "(fac.csv row 2, opens 2030, closes 2025)" in note.en


@pytest.mark.parametrize(
    ("row", "data", "zh", "en"),
    [
        ((True, 2020, 2010), 2025, "1 处现状设施的关闭年份早于建成年份", "close before they open"),
        ((True, 2020, 2010), None, "1 处现状设施的关闭年份早于建成年份", "close before they open"),
        ((False, 2020, 2024), 2025, "第一年 2026 或更早就要关闭", "and never serve"),
        ((False, 2020, 2026), 2025, "第一年 2026 或更早就要关闭", "and never serve"),
        ((True, 2020, 2024), 2025, "早于数据年份 2025，但按现状计入", "closed before 2025"),
        ((True, 2035, NAN), 2025, "晚于数据年份 2025，但按现状计入", "open after 2025"),
        ((True, 2028, NAN), None, "晚于时间线的第一年 2026，但按现状计入", "open after 2026"),
        ((True, 2020, 2026), None, "在时间线的第一年 2026 关闭", "close in 2026"),
        ((False, 2020, NAN), 2025, "按时间线的第一年建成", "open in the first year of the line"),
        ((False, NAN, NAN), 2025, "没有建成年份", "have no year of opening"),
        ((False, 2199, NAN), 2025, "晚于时间线的最后一年 2030", "change after 2030"),
        ((True, NAN, 2199), 2025, "晚于时间线的最后一年 2030", "change after 2030"),
    ],
)
def test_doubtful_years_are_told_once(
    row: tuple[bool, float, float], data: int | None, zh: str, en: str
) -> None:
    (note,) = told(row, data=data)
    assert zh in note.zh
    assert en in note.en
    assert "fac.csv 第 2 行" in note.zh
    assert "fac.csv row 2" in note.en
    for year in row[1:]:
        assert np.isnan(year) or f"{year:.0f} 年" in note.zh


def test_years_that_are_in_order_are_not_told() -> None:
    assert told((False, 2027, 2029), (True, 2020, 2029), (True, NAN, NAN), data=2025) == ()
    assert told((False, 2027, 2029), (True, 2020, 2029), (True, NAN, NAN)) == ()


def test_many_are_cut_short_and_a_sheet_is_named() -> None:
    f = facilities([False] * 10, sheet="养老")
    (note,) = year_notes(
        f, np.full(10, NAN), np.full(10, NAN), first=2026, last=2030, data_year=None
    )
    assert note.zh.startswith("10 处规划设施")
    assert note.zh.endswith("7院（fac.csv 养老 第 9 行）、…")
    assert "0院 (fac.csv sheet 养老 row 2)" in note.en


YEAR = st.one_of(st.just(NAN), st.integers(1990, 2060).map(float))


@given(st.lists(st.tuples(st.booleans(), YEAR, YEAR), min_size=1, max_size=8),
       st.sampled_from([None, 2025]))  # fmt: skip
def test_what_can_never_serve_is_always_named(
    rows: list[tuple[bool, float, float]], data: int | None
) -> None:
    notes = told(*rows, data=data)
    every = " ".join(n.zh for n in notes)
    for k, (serving, opens, closes) in enumerate(rows):
        # what opens before the line begins opens in its first year, 2026
        if not serving and (np.isnan(opens) or closes <= max(opens, 2026)):
            assert f"{k}院（" in every
    for note in notes:
        assert note.zh != note.en
        assert "{" not in note.zh + note.en
