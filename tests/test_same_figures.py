"""One figure is told alike in every output, parts add up, and nothing changes by itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from quarterhour.measures import (
    before_and_after_told,
    both_ways_told,
    counted,
    measure,
    parts_told,
    singular,
    split_told,
    verb,
)
from test_model_pack import data_of

if TYPE_CHECKING:
    from pathlib import Path

# of the demo, within 15 minutes: total, covered, not covered and not linked. Exactly they are
# 22,070.035 = 12,295.627 + 9,703.615 + 70.793 and 2,207 = 836.767 + 1,368.642 + 1.591: one by one
# they would be rounded to 12,296 + 9,704 + 71 = 22,071 and to 837 + 1,369 + 2 = 2,208
TOLD = {"养老": (22_070, 12_296, 9_703, 71), "托育": (2_207, 837, 1_368, 2)}
WRONG = (r"9,?704", r"1,?369")
PARTS = ("total", "covered", "uncovered", "unlinked")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the demo and what its run says."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "quarterhour", "demo", "--out", str(folder / "demo")],
        capture_output=True, text=True, check=False, cwd=folder, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "demo", done.stdout


def alone(number: str, text: str) -> list[str]:
    """Where a number stands in a text by itself."""
    return re.findall(rf"(?<![\d.,]){number}(?![\d]|[.,]\d)", text)


def text_of(path: Path) -> str:
    """A page without what is packed in it."""
    return re.sub(r"[A-Za-z0-9+/=]{80,}", "", path.read_text("utf-8"))


def test_the_exact_figures_stand_in_the_summary(demo: tuple[Path, str]) -> None:
    summary = json.loads((demo[0] / "summary.json").read_text("utf-8"))
    for service in summary["services"]:
        row = service["cutoffs"][-1]["groups"][service["group"]]
        exact = [row[key] for key in PARTS]
        assert exact[0] == pytest.approx(sum(exact[1:]), abs=1e-6)
        assert any(n != round(n) for n in exact)
        assert parts_told(*exact) == TOLD[service["name"]]


def test_pages_report_workbook_and_terminal_tell_the_same(demo: tuple[Path, str]) -> None:
    folder, said = demo
    pages = [text_of(folder / name) for name in ("map.html", "report.html")]
    for text in (*pages, said):
        for whole, covered, left, _ in TOLD.values():
            for number in (whole, covered, left):
                assert alone(f"{number:,}", text)
        for number in WRONG:
            assert not alone(number, text), number
    for *_, apart in TOLD.values():
        assert all(f"未能连接路网 {apart} 人，单列" in text for text in pages)
    # the notes on the edge of the data name the number too
    assert "未覆盖的 9,703 人中" in said
    assert "of the 9,703 uncovered people" in text_of(folder / "report.html")


def test_cells_of_the_workbook_are_the_numbers_that_they_show(demo: tuple[Path, str]) -> None:
    book = load_workbook(demo[0] / "report.xlsx", read_only=True, data_only=True)
    rows = [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]
    for whole, covered, left, apart in TOLD.values():
        found = [r for r in rows if {whole, covered, left, apart} <= set(r)]
        assert len(found) >= 3  # the cover, the summary and the row of all towns
    numbers = [c for row in rows for c in row if isinstance(c, (int, float))]
    assert not {9_704, 1_369} & {round(n) for n in numbers}


def test_the_map_tells_them_in_every_state(demo: tuple[Path, str]) -> None:
    data = data_of(demo[0] / "map.html")
    states = 0
    for at, service in enumerate(data["services"]):
        today = service["figures"][-1]
        assert tuple(today[key] for key in PARTS) == TOLD[service["name"]]
        for view in data["views"]:
            one = view["services"][at]
            if one is None or "same" in one:
                continue
            figure = one["figure"]
            states += 1
            # a year builds facilities: nobody moves, and no street comes nearer
            assert (figure["total"], figure["unlinked"]) == (today["total"], today["unlinked"])
            assert figure["covered"] + figure["uncovered"] + figure["unlinked"] == figure["total"]
    assert states >= 2


amounts = st.one_of(st.floats(0, 1e6, allow_nan=False), st.integers(0, 40).map(lambda n: n / 10))


@given(amounts, amounts, amounts)
@settings(max_examples=400)
def test_parts_add_up_and_each_depends_on_itself(a: float, b: float, c: float) -> None:
    whole = parts_told(a + b + c, a, b, c)
    assert whole.covered + whole.uncovered + whole.unlinked == whole.total
    assert min(whole) >= 0
    assert whole.total == round(a + b + c)
    assert whole.covered == round(a)
    for told, exact in zip(whole[2:], (b, c), strict=True):
        assert abs(told - exact) <= 1.5
        assert told == 0 or exact > 0  # nobody is made up
    if b >= 2:  # what is not linked is told alike, whatever is covered
        assert whole.unlinked == round(c)


def test_examples_of_parts() -> None:
    assert parts_told(22_070.035, 12_295.627, 9_703.615, 70.793) == (22_070, 12_296, 9_703, 71)
    assert parts_told(10.2, 3.4, 3.4, 3.4) == (10, 3, 4, 3)
    # nobody is uncovered: the rest is with the unlinked
    assert parts_told(100.6, 100.3, 0, 0.3) == (101, 100, 0, 1)
    # 1 + 1 of 1: no part is negative
    assert parts_told(1.4, 0.7, 0.0001, 0.6999) == (1, 1, 0, 0)
    assert parts_told(14_099, 600, 13_399, 100, per=1000) == (14_000, 1_000, 13_000, 0)


@given(st.lists(st.floats(0, 1e5, allow_nan=False), min_size=1, max_size=8))
@settings(max_examples=200)
def test_shares_of_a_told_number_add_up_to_it(parts: list[float]) -> None:
    found = split_told(round(sum(parts)), parts)
    assert sum(found) == round(sum(parts))
    assert all(abs(n - part) <= 1 and n >= 0 for n, part in zip(found, parts, strict=True))


@given(amounts, amounts, amounts, amounts)
@settings(max_examples=200)
def test_before_and_after_add_up(rest: float, stays: float, gained: float, lost: float) -> None:
    exact = {
        "total": rest + stays + gained + lost, "covered_before": stays + lost,
        "added": gained - lost, "covered_after": stays + gained, "remaining": rest + lost, "x": 0.5,
    }  # fmt: skip
    told = before_and_after_told(exact)
    assert told["covered_before"] + told["added"] == told["covered_after"]
    assert told["covered_after"] + told["remaining"] == told["total"]
    assert told["x"] == 0.5
    assert list(told) == list(exact)
    more, less = both_ways_told(told["added"], gained, lost)
    assert more - less == told["added"]
    assert min(more, less) >= 0
    assert abs(more - gained) <= 1.5
    assert abs(less - lost) <= 1.5


def test_one_is_singular() -> None:
    people, streets = measure("people"), measure("street_metres", 20_000)
    assert [people.told(n).en for n in (0, 1, 2, 1_001)] == [
        "0 people", "1 person", "2 people", "1,001 people",
    ]  # fmt: skip
    assert streets.told(1_000).en == "1 km of street"
    assert measure("residential_land").told(1).en == "1 hectare of residential land"
    assert measure("street_metres").told(1).en == "1 metre of street"
    assert measure("buildings").told(1).en == "1 building"
    assert people.told(1).zh == "1 人"
    assert (counted(1, "gap"), counted(2_000, "gap"), counted(0, "gap")) == (
        "1 gap", "2,000 gaps", "0 gaps",
    )  # fmt: skip
    assert [singular(many) for many in ("facilities", "nursery places", "metres of street")] == [
        "facility", "nursery place", "metre of street",
    ]  # fmt: skip
    assert counted(1, "facility is", "facilities are") == "1 facility is"
    assert [verb(n, "is", "are") for n in ("1", "1 person", "11", "1,001 people")] == [
        "is", "is", "are", "are",
    ]  # fmt: skip
