"""What a briefing keeps of a table: rows, columns and widths, and what it says stands elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.inputs import Note
from quarterhour.render.report.brief import (
    PLACES,
    Rule,
    briefs_of,
    is_told_twice,
    rule_of,
    shortened,
)
from quarterhour.render.report.brief_pivot import meanings_beside, targets_with_evidence
from quarterhour.tabular import Column, Table
from report_tables_town import many_rows, town_table

PASS, FAIL, UNKNOWN = Note("达标", "pass"), Note("未达标", "fail"), Note("无法判断", "unknown")


def table(columns: str, rows: list[tuple[Any, ...]], **more: Any) -> Table:
    """A table whose columns are named in a line, `name:form` where they are no texts."""
    pairs = [name.partition(":") for name in columns.split()]
    return Table(
        key=more.pop("key", "any"), title=Note("表", "table"), rows=tuple(rows), **more,
        columns=tuple(Column(n, f"列{n}", n, form or "text") for n, _, form in pairs),
    )  # fmt: skip


def names(columns: Any) -> list[str]:
    return [column.key for column in columns]


def test_those_with_most_come_first_part_by_part() -> None:
    rows = [("养老", f"区{k}", k) for k in range(5)] + [("托育", "区9", 9)]
    brief = shortened(
        table("service name people:people", rows), Rule(apart="service", by="people", most=2), "zh"
    )
    assert [(part.name, part.rows) for part in brief.parts] == [
        ("养老", (("区4", 4), ("区3", 3))),
        ("托育", (("区9", 9),)),
    ]
    assert brief.left_rows == 3
    assert brief.by is not None
    assert names(brief.columns) == ["name", "people"]


def test_a_short_table_keeps_its_order_and_its_totals() -> None:
    given_ = town_table()
    brief = briefs_of([given_], "zh")["by_town"]
    assert brief is not None
    assert [row[0] for row in brief.rows] == [row[0] for row in given_.rows]
    assert brief.by is None
    assert brief.left_rows == 0


def test_rows_without_a_value_are_left_out_and_counted() -> None:
    rows = [("甲", 3.0), ("乙", None), ("丙", 1.0)]
    brief = shortened(table("name unique:people", rows), Rule(needs="unique"), "zh")
    assert [row[0] for row in brief.rows] == ["甲", "丙"]
    assert brief.left_rows == 1


def test_one_row_for_each_value_is_the_first() -> None:
    rows = [(5.0, "老人"), (5.0, "全部"), (10.0, "老人"), (10.0, "全部")]
    brief = shortened(table("cutoff:number group", rows), Rule(once="cutoff"), "zh")
    assert brief.rows == [(5.0, "老人"), (10.0, "老人")]


def test_towns_are_shown_and_other_levels_only_where_there_are_none() -> None:
    town, county = town_table(key="by_town_1"), town_table(key="by_county_1", total=0,
                                                           rows=town_table().rows[:1])  # fmt: skip
    community = town_table(key="by_community_1")
    briefs = briefs_of([town, county, community], "zh")
    assert [key for key, brief in briefs.items() if brief] == ["by_town_1"]
    briefs = briefs_of([county, community], "zh")
    assert [key for key, brief in briefs.items() if brief] == ["by_community_1"]


@pytest.mark.parametrize("key", ["supply_access_1", "target_evidence", "by_town_people_2"])
def test_some_tables_stand_in_the_workbook_only(key: str) -> None:
    assert rule_of(key).out


@given(
    texts=st.lists(st.text(max_size=80), min_size=1, max_size=24),
    language=st.sampled_from(["zh", "en", "both"]),
)
def test_no_table_is_wider_than_the_page(texts: list[str], language: str) -> None:
    columns = " ".join(f"c{k}" for k in range(len(texts)))
    rows = [tuple(texts), tuple(Note(t, t[::-1]) for t in texts)]
    brief = shortened(table(columns, rows), Rule(), language)
    assert 1 <= len(brief.columns) <= len(texts)
    assert sum(brief.widths) <= PLACES + 1e-6
    assert len(brief.columns) + brief.left_columns == len(texts)


def test_parts_of_a_meaning_stand_beside_each_other_and_definitions_below() -> None:
    columns = (
        "meaning part minutes numerator:number denominator:number unit share:percent definition "
        "source"
    )
    by, gone = Note("按人口", "by people"), Note("按社区", "by communities")
    rows = [
        (by, "全部", "15", 30.0, 60.0, "人", 0.5, Note("定义", "defined"), Note("出处", "source")),
        (by, "农村", "30", 5.0, 20.0, "人", 0.25, None, None),
        (gone, "全部", None, None, None, "个", None, Note("缺图层", "no layer"), Note("", "")),
    ]
    made = meanings_beside(table(columns, rows, key="meanings_1"))
    assert made.rows == ((by, 30.0, 60.0, "人", 0.5, 0.25),)
    assert [c.zh for c in made.columns[-2:]] == ["全部 15 分钟", "农村 30 分钟"]
    assert [note.zh for note in made.notes] == ["按人口：定义。出处", "按社区：缺图层"]


def test_targets_give_who_misses_them_or_what_is_missing() -> None:
    targets = table(
        "plan id indicator result value:number target more why",
        [
            ("p", "A", "甲", FAIL, 1.0, "≥ 3", Note("2 个镇", "2 towns"), Note("长", "long")),
            ("p", "B", "乙", FAIL, 1.0, "≥ 1,400", Note("9 张", "9 beds"), Note("长", "long")),
            ("p", "C", "丙", UNKNOWN, None, "= 1", None,
             Note("表缺少列：智慧（smart）；还有", "no column smart; more")),
            ("p", "D", "丁", PASS, 5.0, "≥ 4", None, Note("长", "long")),
        ],
    )  # fmt: skip
    lacks, counted = Note("未达到", "lacks it"), Note("计入", "counted")
    evidence = table(
        "plan id part:integer role name",
        [("p", "A", 1, lacks, f"镇{k}") for k in "一二三"] + [("p", "B", 1, counted, "院")],
    )
    made = targets_with_evidence(targets, evidence)
    assert [row[-1] and row[-1].zh for row in made.rows] == [
        "2 个镇：镇一、镇二等", "差 9 张", "表缺少列：智慧", None,
    ]  # fmt: skip
    assert made.rows[1][5] == "≥\u00a01,400"


def test_only_short_texts_are_told_twice() -> None:
    assert is_told_twice(Note("绕行过远", "detour"))
    assert not is_told_twice(Note("同", "同"))
    assert not is_told_twice(Note("老城街道一带", "老城街道, 一带"))
    assert not is_told_twice(Note("附近没有设施" * 5, "no facility near " * 5))


def test_a_table_of_an_unknown_key_shows_its_first_rows() -> None:
    brief = briefs_of([many_rows(40, key="unheard")], "en")["unheard"]
    assert brief is not None
    assert [row[1] for row in brief.rows] == list(range(15))
    assert brief.left_rows == 25
