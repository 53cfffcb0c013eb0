"""Tables of a town that does not exist, for the tests of the workbook, the figures and the page."""

from __future__ import annotations

from typing import Any

from quarterhour.inputs import Note
from quarterhour.tabular import Chart, Column, Table

LONG = "资阳高新技术产业开发区管理委员会临江片区街道办事处沱江东路社区居民委员会"
BAD = '<img src=x onerror="alert(1)">'

COLUMNS = (
    Column("town", "乡镇（街道）", "Town"),
    Column("total", "总量", "Total", "people"),
    Column("covered", "可达", "Covered", "people"),
    Column("share", "可达占比", "Share covered", "percent"),
    Column("minutes", "平均分钟", "Mean minutes", "minutes"),
)

ROWS = (
    ("城南街道", 4000.0, 3000.0, 0.75, 7.25),
    ("河东镇", 1000, 250, 0.25, None),
    (LONG, 500.5, 0.0, 0.0, float("nan")),
    ("=1+1", 100.0, 100.0, 1.0, 2.0),
)
TOTAL = ("合计", 5600.5, 3350.0, 3350 / 5600.5, None)


def town_table(**changes: Any) -> Table:
    """Coverage of four towns with a row of totals, a chart and a note."""
    given = {
        "key": "by_town",
        "title": Note("分乡镇可达情况", "Coverage by town"),
        "columns": COLUMNS,
        "rows": (*ROWS, TOTAL),
        "notes": (Note("分母：60岁以上人口", "Denominator: people aged 60 and over"),),
        "chart": Chart("barh", Note("各乡镇可达占比", "Share by town"), "town", ("share",)),
        "total": 1,
    }
    return Table(**{**given, **changes})


def many_rows(n: int, **changes: Any) -> Table:
    """`n` residential areas; the k-th has k people who are not covered."""
    given = {
        "key": "residential",
        "title": Note("未覆盖的居住区", "Residential areas not covered"),
        "columns": (
            Column("name", "名称", "Name"),
            Column("people", "未覆盖", "Not covered", "people"),
        ),
        "rows": tuple((f"{LONG}第{k}区", k) for k in range(n)),
        "chart": Chart("barh", Note("人数", "People"), "name", ("people",)),
    }
    return Table(**{**given, **changes})


def year_table() -> Table:
    """Coverage in three years."""
    return Table(
        key="timeline",
        title=Note("历年覆盖", "Coverage by year"),
        columns=(
            Column("year", "年份", "Year", "year"),
            Column("share", "占比", "Share", "percent"),
        ),
        rows=((2023, 0.4), (2024, 0.5), (2025, 0.75)),
        chart=Chart("line", Note("历年占比", "Share by year"), "year", ("share",)),
    )


def verdict_table() -> Table:
    """Four indicators: one of each verdict, and one that is only explained."""
    return Table(
        key="targets_town",
        title=Note("规划指标", "Targets"),
        columns=(
            Column("id", "编号", "Id"),
            Column("value", "现值", "Value", "number"),
            Column("result", "结果", "Result"),
        ),
        rows=(
            ("T-01", 4.26, Note("达标", "pass")),
            ("T-02", 1.5, Note("未达标", "fail")),
            ("T-03", None, Note("无法判断", "unknown")),
            ("T-04", None, Note("不作计算", "not computed")),
        ),
    )
