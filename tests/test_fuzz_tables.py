"""Tables of anything: every row is used or set aside, and no row changes another."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from hostile import NEAR, outcome, tries
from quarterhour.sources.facilities.duplicates import find_duplicates, merge_duplicates
from quarterhour.sources.facilities.entrances import entrances_of_column, read_entrances
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.people.read import read_people
from quarterhour.sources.rows.column_words import SYNONYMS

if TYPE_CHECKING:
    from quarterhour.inputs import Facilities

Rows = list[list[Any]]
CELLS_LONG = "养老院" * 3_400

WORDS = sorted({word for words in SYNONYMS.values() for word in words})
HEADING = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        ["名称", "经度", "纬度", "坐标", "x", "y", "编号", "床位", "投资（元）", "状态"]
    ),
    st.builds("{}（{}）".format, st.sampled_from(WORDS), st.sampled_from(["张", "元", "2021年"])),
    st.text(max_size=6),
)
ODD = st.sampled_from([
    "106°16′48″", "N30.01", "106.28,30.01", "约120", "合计", "经度", "x", "=1/0", "=A1", "#N/A",
    "１２０张", "是", "35600000", "3333000", "\ufeff", "\u3000", "'", '"', "1e308", "-1e999", "inf",
    "nan", "-0.0", "0x10", "1_000", "NULL", "\u202e30.01", "\u200f104.65", "a\nb", "a\r\nb", "\t",
    "东门 104.651,30.122; 北门", "POINT(104.65 30.12)", '{"lng":104.65}', "2021-06-31", "30,5",
    "9" * 400, CELLS_LONG, "\x00", "\x0b", "(" * 300, "°" * 300, "万" * 300, "𠀀", "é",
    "٣٠", "Ⅷ", "²",
])  # fmt: skip
CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.floats(104, 105).map(lambda x: round(x, 6)),
    st.floats(29, 31).map(lambda y: round(y, 6)),
    st.dates(dt.date(1900, 1, 2), dt.date(2199, 1, 1)),
    ODD,
    st.text(max_size=8),
)
PLACE = st.tuples(st.floats(104, 106), st.floats(29.5, 31)).map(lambda p: [round(v, 5) for v in p])
FORMS = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "xlsx"]
SYSTEMS = ["wgs84", "gcj02", "bd09", "cgcs2000", "EPSG:4544", "EPSG:4490"]


def written(folder: str, rows: Rows, form: str) -> Path:
    path = Path(folder) / ("t.xlsx" if form == "xlsx" else "t.csv")
    if form == "xlsx":
        book = openpyxl.Workbook()
        for k, row in enumerate(rows, 1):
            for c, cell in enumerate(row, 1):
                value = ILLEGAL_CHARACTERS_RE.sub("?", cell) if isinstance(cell, str) else cell
                book.active.cell(k, c, value)
        book.save(path)
    else:
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        path.write_bytes(out.getvalue().encode(form, "replace"))
    return path


def accounted(found: Facilities) -> int:
    """Rows that are used, left out by their kind, or set aside, each once."""
    rows = [*found.row.tolist(), *(a.row for a in found.set_aside)]
    assert len(set(rows)) == len(rows)
    assert all(len(a.detail) < 1_000 for a in found.set_aside)
    assert all(len(c.detail.en) < 2_000 for c in found.changes)
    headings = [a for a in found.set_aside if a.reason in {"header_row", "footer_row"}]
    return len(rows) + found.other_kinds - len(headings)


@tries(150)
@given(
    headings=st.one_of(
        st.lists(HEADING, min_size=1, max_size=8),
        st.lists(HEADING, max_size=6).map(lambda more: ["经度", "纬度", *more]),
    ),
    body=st.lists(
        st.one_of(
            st.lists(CELL, max_size=9),
            st.tuples(PLACE, st.lists(CELL, max_size=7)).map(lambda row: [*row[0], *row[1]]),
        ),
        max_size=7,
    ),
    form=st.sampled_from(FORMS),
    coordinates=st.sampled_from(SYSTEMS),
)
def test_every_row_of_any_table_is_accounted_for(
    headings: list[str], body: Rows, form: str, coordinates: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, [headings, *body], form)
        found = outcome(lambda: read_facilities(path, coordinates=coordinates, near=NEAR))
        outcome(lambda: read_people(path, coordinates=coordinates))
        outcome(lambda: read_entrances(path, found) if found is not None else None)
    if found is None:
        return
    assert accounted(found) == found.reading.rows
    assert ((abs(found.lon) <= 180) & (abs(found.lat) <= 90)).all()
    outcome(lambda: merge_duplicates(found, find_duplicates(found)))
    outcome(lambda: entrances_of_column(found))


TEXT_CELL = CELL.filter(lambda cell: not isinstance(cell, str) or "\0" not in cell)
"""A text file with a zero byte is no text file, and that is said of the whole file."""

HEAD = ["名称", "类型", "状态", "经度", "纬度", "床位", "投资（元）", "建成年份", "普惠", "出入口"]
GOOD = st.tuples(st.text("甲乙丙丁东西", min_size=1, max_size=3), PLACE).map(
    lambda row: [row[0], "养老院", "现状", *row[1], 120, 1e6, 2020, "是", ""]
)


def content(found: Facilities, rows: set[int]) -> list[tuple[Any, ...]]:
    values = zip(found.row.tolist(), found.name, found.kind, found.status, found.lon.tolist(),
                 found.lat.tolist(), *found.attributes.values(), strict=True)  # fmt: skip
    return [tuple(map(str, row)) for row in values if row[0] in rows]


@tries(120)
@given(
    good=st.lists(GOOD, min_size=1, max_size=6),
    bad=st.lists(st.lists(TEXT_CELL, min_size=10, max_size=10), max_size=5),
    form=st.sampled_from(["utf-8", "gb18030", "utf-16", "xlsx"]),
)
def test_rows_of_anything_change_nothing_for_the_others(good: Rows, bad: Rows, form: str) -> None:
    """The good rows come first; whatever stands below them, they are read the same."""
    with tempfile.TemporaryDirectory() as folder:
        alone = outcome(lambda: read_facilities(written(folder, [HEAD, *good], form), near=NEAR))
        path = written(folder, [HEAD, *good, *bad], form)
        mixed = outcome(lambda: read_facilities(path, near=NEAR))
    mine = set(range(2, 2 + len(good)))
    assert content(mixed, mine) == content(alone, mine)
    assert len(content(alone, mine)) == len(good)


TEXT = st.text(st.characters(codec="gb18030", exclude_categories=["Cs", "Cc"]), max_size=8)


@tries(60)
@given(
    headings=st.lists(st.one_of(st.sampled_from(WORDS), TEXT), min_size=2, max_size=6),
    body=st.lists(st.lists(st.one_of(PLACE.map(lambda p: p[0]), TEXT), max_size=6), max_size=5),
)
def test_a_table_is_the_same_in_every_encoding(headings: list[str], body: Rows) -> None:
    assume(not any("\ufeff" in str(c) for row in [headings, *body] for c in row))
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        for form in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
            path = written(folder, [["名称", "经度", "纬度", *headings], *body], form)
            found = outcome(lambda path=path: read_facilities(path, near=NEAR))
            seen.append(None if found is None else (
                content(found, set(range(99))), found.changes, found.set_aside))  # fmt: skip
    assert all(one == seen[0] for one in seen)


@pytest.mark.parametrize("form", ["utf-8", "xlsx"])
def test_ten_thousand_headings_are_one_sentence(tmp_path: Path, form: str) -> None:
    path = written(str(tmp_path), [[f"列{k}" for k in range(10_000)], ["甲"] * 9], form)
    with pytest.raises(ValueError, match="has no coordinate columns") as caught:
        read_facilities(path)
    assert len(str(caught.value)) <= 1_500
    assert str(caught.value).endswith('name them with columns = { lon = "...", lat = "..." }')
