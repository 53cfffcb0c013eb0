"""However a table is laid out, it is the same table; a bad row is its own affair."""

from __future__ import annotations

import contextlib
import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.sources.facilities.read import read_facilities

if TYPE_CHECKING:
    from quarterhour.inputs import Facilities

Rows = list[list[Any]]

HEADINGS = {
    "name": ["名称", "设施名称（全称）", "name", "机构 名称*"],
    "kind": ["类型", "设施类别", "Kind"],
    "lon": ["经度", "lng", "Longitude", "经度（°）", "ＬＯＮ"],
    "lat": ["纬度", "lat", "北纬（度）", "纬　度"],
    "beds": ["床位", "床位数（张）", "beds", "核定床位数"],
    "town": ["街道", "所在街道", "乡镇（街道）"],
}
TITLES: Rows = [["雁江区养老服务设施一览表"], [], ["填报单位：民政局"]]
NAMES = st.text("东西南北街院站甲乙丙丁 (一)", min_size=1, max_size=6).filter(str.strip)

FACILITY = st.tuples(
    NAMES,
    st.sampled_from(["养老院", "日间照料中心", "托育机构"]),
    st.integers(1_040_000, 1_060_000).map(lambda n: n / 10_000),
    st.integers(295_000, 310_000).map(lambda n: n / 10_000),
    st.integers(0, 500),
    st.sampled_from(["丹山镇", "莲花街道"]),
)
LAYOUT = st.fixed_dictionaries(
    {
        "order": st.permutations(list(HEADINGS)),
        "heading": st.fixed_dictionaries({m: st.sampled_from(h) for m, h in HEADINGS.items()}),
        "titles": st.integers(0, len(TITLES)),
        "form": st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "xlsx"]),
        "sign": st.sampled_from([",", ";", "\t", "|"]),
        "end": st.sampled_from(["\n", "\r\n"]),
        "blank": st.booleans(),
    }
)


def written(folder: str, rows: Rows, form: str, sign: str, end: str) -> Path:
    path = Path(folder) / ("t.xlsx" if form == "xlsx" else "t.csv")
    if form == "xlsx":
        whole = openpyxl.Workbook()
        for row in rows:
            whole.active.append(row)
        whole.save(path)
    else:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=sign, lineterminator=end).writerows(rows)
        path.write_bytes(out.getvalue().encode(form))
    return path


def laid_out(facilities: list[tuple[Any, ...]], layout: dict[str, Any]) -> Rows:
    place = {meaning: k for k, meaning in enumerate(HEADINGS)}
    rows: Rows = [list(row) for row in TITLES[: layout["titles"]]]
    rows.append([layout["heading"][m] for m in layout["order"]])
    for facility in facilities:
        rows += [[]] * layout["blank"]
        rows.append([facility[place[m]] for m in layout["order"]])
    return rows


def content(found: Facilities) -> list[tuple[Any, ...]]:
    return list(
        zip(found.name, found.kind, found.lon.tolist(), found.lat.tolist(),
            found.attributes["beds"], found.attributes["town"], strict=True)
    )  # fmt: skip


@settings(max_examples=80, derandomize=True, deadline=None,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(facilities=st.lists(FACILITY, min_size=1, max_size=6), layout=LAYOUT)
def test_any_layout_gives_the_same_table(
    facilities: list[tuple[Any, ...]], layout: dict[str, Any]
) -> None:
    rows = laid_out(facilities, layout)
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, rows, layout["form"], layout["sign"], layout["end"])
        found = read_facilities(path)
    assert content(found) == [(name.strip(), *rest) for name, *rest in facilities]
    assert (found.set_aside, found.changes) == ((), ())
    first = layout["titles"] + 2 + layout["blank"]
    assert found.row.tolist() == [
        first + k * (1 + layout["blank"]) for k in range(len(facilities))
    ]  # where it stands in the sheet


BAD = st.sampled_from([
    ["缺", "养老院", "", "", 5, ""],
    ["字", "养老院", "东经", "北纬", 5, ""],
    ["外", "养老院", 204.6, 30.12, 5, ""],
    ["零", "养老院", 0, 0, 5, ""],
    ["没有", "养老院", 999, 999, "", ""],
    ["合计", "", "", "", 120, ""],
    ["填表人：", "", "", "", "", ""],
    ["名称", "类型", "经度", "纬度", "床位", "街道"],
])  # fmt: skip


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    facilities=st.lists(FACILITY, min_size=1, max_size=8),
    bad=st.lists(st.tuples(st.integers(0, 8), BAD), max_size=6),
    exchanged=st.booleans(),
)
def test_a_bad_row_changes_nothing_for_the_others(
    facilities: list[tuple[Any, ...]], bad: list[tuple[int, list[Any]]], exchanged: bool
) -> None:
    good: Rows = [list(row) for row in facilities]
    if exchanged:
        good[0][2], good[0][3] = good[0][3], good[0][2]
    mixed: Rows = list(good)
    for at, row in bad:
        mixed.insert(min(at, len(mixed)), row)
    head = ["名称", "类型", "经度", "纬度", "床位", "街道"]
    with tempfile.TemporaryDirectory() as folder:
        found = read_facilities(written(folder, [head, *mixed], "utf-8", ",", "\n"))
        alone = read_facilities(written(folder, [head, *good], "utf-8", ",", "\n"))
    assert content(found) == content(alone)
    # headings that stand there twice from the start are headings in two rows
    assert len(found.set_aside) == len(bad) - (mixed[0] == head)
    assert {c.kind for c in found.changes} == {c.kind for c in alone.changes}


ONE_LINE = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")
CELL = st.one_of(
    st.none(),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.sampled_from(["106°16′48″", "N30.01", "106.28,30.01", "约120", "合计", "经度", "x", "=1/0",
                     "１２０张", "是", "35600000", "3333000", "\ufeff", "\u3000", "'", '"']),
    st.text(ONE_LINE, max_size=8),
)  # fmt: skip


HEADING = st.one_of(
    st.sampled_from(
        ["名称", "经度", "纬度", "坐标", "x", "y", "编号", "床位", "投资（元）", "年份"]
    ),
    st.text(ONE_LINE, max_size=6),
)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(
    headings=st.lists(HEADING, min_size=1, max_size=7),
    body=st.lists(st.lists(CELL, max_size=8), max_size=6),
    coordinates=st.sampled_from(["wgs84", "gcj02", "bd09", "cgcs2000", "EPSG:4544"]),
)  # fmt: skip
def test_no_table_ends_in_a_traceback(headings: list[str], body: Rows, coordinates: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, [headings, *body], "utf-8", ",", "\n")
        found = None
        with contextlib.suppress(InputError):
            found = read_facilities(path, coordinates=coordinates, near=(104, 29, 107, 32))
    rows = sum(any(c is not None and str(c).strip() for c in row) for row in body)
    assert found is None or len(found) + len(found.set_aside) <= rows


@settings(max_examples=120, derandomize=True, deadline=None)
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)),
       suffix=st.sampled_from(["csv", "txt", "xlsx", "geojson"]))  # fmt: skip
def test_no_bytes_end_in_a_traceback(data: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t.{suffix}"
        path.write_bytes(data)
        with contextlib.suppress(InputError):
            read_facilities(path)  # whatever else is raised fails the test
