"""Coverage by year in a town of which every walk can be added up by eye."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterhour.answers.timeline import Timeline, data_year_of, summary_of, tables_of, timeline
from quarterhour.gather.laying import assess_service
from quarterhour.study import prepare_study
from year_town import NAN, assessed, year_town

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment
    from year_town import Town


@pytest.fixture(scope="module")
def town(tmp_path_factory: Any) -> Town:
    return year_town(tmp_path_factory.mktemp("town"))


def covered(line: Timeline) -> dict[int | None, float]:
    return {y.year: y.counts[-1]["all"].covered / 1e6 for y in line.years}


def found(a: Assessment, **more: Any) -> Timeline:
    line = timeline(a, **more)
    assert line is not None
    return line


def test_year_by_year(town: Town) -> None:
    line = found(assessed(town, open_year=(NAN, 2026.0, 2028.0, 2028.0)), data_year=2025)
    assert covered(line) == {None: 10, 2026: 50, 2027: 50, 2028: 100}
    assert [(list(y.opened), y.used) for y in line.years] == [
        ([], 1), ([1], 2), ([], 2), ([2, 3], 4),
    ]  # fmt: skip
    assert line.years[2].counts is line.years[1].counts  # nothing changed, nothing searched for
    assert line.notes == ()


def test_closures(town: Town) -> None:
    a = assessed(town, open_year=(NAN, 2026.0, NAN, NAN), close_year=(2027.0, 2029.0, NAN, NAN))
    line = found(a, data_year=2025)
    # 东站 closes at the end of the line, and nobody is left
    assert covered(line) == {None: 10, 2026: 50, 2027: 40, 2028: 40, 2029: 0}
    assert [list(y.closed) for y in line.years] == [[], [], [0], [], [1]]
    last = line.years[-1]
    assert last.used == 0
    assert last.counts[-1]["all"].unlinked == line.years[0].counts[-1]["all"].unlinked
    assert [line.names[k] for k in line.undated] == ["北站", "中站"]
    assert "2 处规划设施没有建成年份" in line.notes[0].zh
    assert "北站（facilities.csv 第 4 行）、中站（facilities.csv 第 5 行）" in line.notes[0].zh


def test_opened_and_closed_before_it_could_serve(town: Town) -> None:
    a = assessed(town, open_year=(NAN, 2027.0, 2026.0, NAN), close_year=(NAN, 2026.0, NAN, NAN))
    assert covered(found(a)) == {None: 10, 2026: 40, 2027: 40}


def test_the_last_year_is_a_run_with_all_of_them(town: Town) -> None:
    line = found(assessed(town, open_year=(NAN, 2026.0, 2027.0, 2028.0)))
    whole = assessed(town, serving=[True] * 4)
    assert line.years[-1].counts == whole.counts
    assert line.years[-1].used == len(whole.used)


YEARS = st.lists(
    st.one_of(st.just(NAN), st.integers(2024, 2030).map(float)), min_size=4, max_size=4
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(opens=YEARS, closes=YEARS)
def test_every_year_is_a_run_with_the_facilities_of_that_year(
    town: Town, opens: list[float], closes: list[float]
) -> None:
    line = timeline(
        assessed(town, open_year=tuple(opens), close_year=tuple(closes)), data_year=2025
    )
    if line is None:
        assert all(np.isnan(v) for v in (*opens[1:], closes[0]))
        return
    people = {0: {"甲"}, 1: {"丁"}, 2: {"丙"}, 3: {"甲", "乙"}}
    amount = {"甲": 10, "乙": 20, "丙": 30, "丁": 40}
    for y in line.years:
        who = set().union(*(people[k] for k in y.serving.tolist()))
        assert y.counts[-1]["all"].covered == sum(amount[p] for p in who) * 10**6
        if y.year is not None:
            for k in range(1, 4):
                serves = opens[k] <= y.year and not closes[k] <= y.year
                assert (k in y.serving) == serves
            assert (0 in y.serving) == (not closes[0] <= y.year)
    if all(np.isnan(v) for v in closes):
        counts = list(covered(line).values())
        assert counts == sorted(counts)


def test_what_opens_in_the_year_of_the_data_opens_at_its_end(
    town: Town,
) -> None:
    line = found(assessed(town, open_year=(NAN, 2025.0, 2026.0, NAN)), data_year=2025)
    assert covered(line) == {None: 10, 2025: 50, 2026: 80}
    assert len(line.notes) == 1  # only that 中站 has no year


@pytest.mark.parametrize(
    ("text", "year"),
    [("2026-01 (synthetic)", 2026), ("2023年6月", 2023), ("", None), ("20260131", None)],
)
def test_the_year_of_the_data(text: str, year: int | None) -> None:
    assert data_year_of(text) == year


def test_without_later_changes_the_year_of_the_data_shows_them(
    town: Town,
) -> None:
    line = found(assessed(town, open_year=(NAN, 2020.0, NAN, NAN)), data_year=2025)
    assert covered(line) == {None: 10, 2025: 50}


def test_nothing_changes(town: Town) -> None:
    assert timeline(assessed(town)) is None
    assert timeline(assessed(town, open_year=(2001.0, NAN, NAN, NAN))) is None


def test_a_typing_error_in_a_year_does_not_make_an_endless_line(
    town: Town,
) -> None:
    line = found(assessed(town, open_year=(NAN, 2026.0, 2199.0, NAN)))
    assert len(line.years) == 61


def test_summary_and_table(town: Town) -> None:
    line = found(assessed(town, open_year=(NAN, 2026.0, 2027.0, NAN)), data_year=2025)
    document = summary_of(line)
    assert json.loads(json.dumps(document, allow_nan=False, ensure_ascii=False)) == document
    assert [y["opened"] for y in document["years"]] == [[], ["东站"], ["北站"]]
    shares = [y["cutoffs"][0]["groups"]["all"]["share_covered"] for y in document["years"]]
    assert shares == [10 / 112, 50 / 112, 80 / 112]
    assert document["undated"] == ["中站"]
    table = tables_of([line])[0]
    assert table.key == "timeline_1"
    assert table.rows[1] == ("2026", 1, 0, 2, 50 / 112, 50.0, 40.0, "+东站")
    assert table.rows[0][6] is None  # nothing before today to compare with
    assert table.chart is not None
    assert table.chart.values == ("share_5_min",)
    assert "112" in table.notes[0].zh


def test_the_demo_opens_its_planned_facilities(tmp_path: Path) -> None:
    from quarterhour.demo_study import demo_study

    ready = prepare_study(demo_study(tmp_path / "study"), store=False)
    facilities = ready.facilities[0]
    line = found(assess_service(ready.laid, 0, facilities), data_year=2025)
    every = dataclasses.replace(facilities, serving=np.ones(len(facilities), bool))
    whole = assess_service(ready.laid, 0, every)
    assert line.years[-1].counts == whole.counts
    counts = [y.counts[-1]["age_60_plus"].covered for y in line.years]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
