"""Cells of anything: each reader of words gives an answer, and a number is a finite one."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hostile import NEAR, outcome, tries
from quarterhour.sources.facilities.entrances import entrances_of_column
from quarterhour.sources.facilities.kinds import kind_keys, nearest_kinds
from quarterhour.sources.facilities.kinds import matches as is_kind
from quarterhour.sources.facilities.name_parts import may_be_one, parts_of
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.rows.angles import read_angle, read_pair
from quarterhour.sources.rows.cells import (
    AREA_M2,
    MONEY_10K,
    cell_number,
    cell_text,
    plain_text,
    understood_amount,
    understood_flag,
    understood_number,
    understood_year,
)
from quarterhour.sources.rows.columns import heading_unit, holds_coordinates, matches, understand
from quarterhour.sources.units.town_names import Town, match_towns, register_of

PIECES = [
    *"EN度分秒,，; -+(）万元张约亩年/.院镇乡县区市分Axy、及无１٣²Ⅷ㎡𠀀éﬁİ°′″", "106", "30.01",
    "东经", "平方米", "2021", "1e9", "nan", "养老", "日间照料", "中心", "托育", "幼儿园", "街道",
    "办事处", "第二", "\u202e", "\ufeff", "\0", "\n", "\ud800",
]  # fmt: skip
WORDS = st.one_of(
    st.text(max_size=12),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.builds(lambda piece, n: piece * n, st.sampled_from(PIECES), st.integers(500, 4_000)),
)
CELL = st.one_of(WORDS, st.floats(), st.integers(), st.booleans(), st.none(), st.dates())


@tries(500)
@given(cell=CELL)
def test_numbers_angles_and_flags_of_any_cell(cell: object) -> None:
    assert isinstance(cell_text(cell), str)
    assert isinstance(plain_text(cell), str)
    read = [
        understood_number(cell), understood_year(cell), understood_amount(cell, AREA_M2, 1e4),
        understood_amount(cell, MONEY_10K, 1e-4),
    ]  # fmt: skip
    for value in (cell_number(cell), *(one.value for one in read)):
        assert value is None or math.isfinite(value)
    assert understood_flag(cell)[0] in {"yes", "no", ""}
    angle, pair = read_angle(cell), read_pair(cell)
    assert angle is None or math.isfinite(angle.degrees)
    assert pair is None or (math.isfinite(pair.a) and math.isfinite(pair.b))


@tries(120)
@given(headings=st.lists(WORDS, max_size=6), other=WORDS)
def test_any_headings_and_kinds(headings: list[str], other: str) -> None:
    told = list(dict.fromkeys(headings))
    found = understand(told)
    assert set(found.heading.values()) <= set(told)
    holds_coordinates(told)
    for text in told:
        assert all(m.meaning == key for key, m in matches(text).items())
        assert isinstance(heading_unit(text), str)
        assert len(set(kind_keys(text))) == len(kind_keys(text))
        assert is_kind(text, [text]) or not kind_keys(text)
        nearest_kinds(text)
        assert may_be_one(parts_of(text), parts_of(other)) == may_be_one(
            parts_of(other), parts_of(text)
        )


REGISTER = register_of([
    Town(city="资阳市", county="雁江区", town="莲花街道"),
    Town(city="资阳市", county="雁江区", town="丹山镇"),
    Town(city="资阳市", county="乐至县", town="天池街道"),
    Town(city="资阳市", county="乐至县", town="丹山镇"),
    Town(city="", county="", town=""),
    Town(city="\u202e", county="é", town="𠀀"),
])  # fmt: skip


@tries(300)
@given(county=st.one_of(WORDS, st.sampled_from(["雁江区", "乐至", "", "资阳市雁江区"])), town=WORDS)
def test_any_town_names(county: str, town: str) -> None:
    for match in match_towns(county, town, REGISTER, zones={"高新区": "雁江区", town: county}):
        assert match.index is None or 0 <= match.index < len(REGISTER.towns)
        assert match.note.zh
        assert match.note.en


@tries(40)
@given(cells=st.lists(WORDS, min_size=1, max_size=6), system=st.sampled_from(["wgs84", "bd09"]))
def test_any_column_of_entrances(cells: list[str], system: str) -> None:
    lines = ["名称\t经度\t纬度\t出入口"]
    for k, cell in enumerate(cells):
        text = "".join(c for c in cell if c not in "\t\r\n\0" and not "\ud800" <= c <= "\udfff")
        lines.append(f"甲{k}\t104.65\t30.12\t{text.replace(chr(34), chr(39))[:600]}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        found = outcome(lambda: read_facilities(path, coordinates=system, near=NEAR))
    gates = outcome(lambda: entrances_of_column(found))
    assert len(gates) == len(found)
    if gates.entrances is not None:
        assert np.isfinite(gates.entrances.lon).all()
        assert set(gates.entrances.owner.tolist()) <= set(range(len(found)))
