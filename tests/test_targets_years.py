"""What is planned counts from the year of the data on, what is closed no more; both are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from quarterhour.answers.timeline import timeline
from quarterhour.study import run_study
from small_study import box, write_layer
from target_rows import judged, named, register
from test_targets_cli import run
from test_targets_run import TOTAL, found, indicator, notes_of, part_of, study, table

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.targets.data import Register
    from quarterhour.targets.evidence import PartResult

CARE = {"domain": "elderly"}

# 甲院 exists, 乙院 is planned for 2025 and 丙院 for 2027
PLAN = """
    name kind        beds year status
    甲院  senior_home 100  2020 现状
    乙院  senior_home 50   2025 规划
    丙院  senior_home 7    2027 规划
"""


def beds(data: Register, goal: float, year: int, **more: Any) -> PartResult:
    targets = [{"year": year, "value": goal}]
    return judged(data, "total", None, targets=targets, facilities=CARE, attribute="beds", **more)


def said(part: PartResult) -> str:
    return " | ".join(n.en for n in part.notes)


def test_what_is_still_planned_opens_no_sooner_than_the_data_are_of() -> None:
    # in the data of 2026 乙院 is still planned: it was not there in 2025
    by_year = {year: beds(register(PLAN, data_year=2026), 150, year).value
               for year in (2024, 2025, 2026, 2027, 2030)}  # fmt: skip
    assert by_year == {2024: 100, 2025: 100, 2026: 150, 2027: 157, 2030: 157}
    before = beds(register(PLAN, data_year=2026), 150, 2025)
    assert (before.result, before.planned, before.without_planned) == ("fail", 0, "")
    assert "1 facility is still planned in the data of 2026" in said(before)
    assert "1 facility is not open in 2025" in said(before)
    # without a year of the data the table is believed
    assert beds(register(PLAN), 150, 2025).value == 150


def test_it_is_told_how_many_planned_ones_count_and_whether_the_result_rests_on_them() -> None:
    data = register(PLAN, data_year=2026)
    rests = beds(data, 150, 2026)
    assert (rests.result, rests.planned, rests.without_planned) == ("pass", 1, "fail")
    assert rests.notes[0].zh == (
        "计入 1 个规划设施：乙院；不计它们为 100，未达标（结果取决于它们）"
    )
    assert rests.notes[0].en == (
        "1 planned facility counts: 乙院; without them 100, fail (the result rests on them)"
    )
    assert "taken to open in 2026" in said(rests)
    assert (named(rests, "counted"), named(rests, "planned")) == (["甲院"], ["乙院"])
    stands = beds(data, 90, 2027)
    assert (stands.result, stands.planned, stands.without_planned) == ("pass", 2, "pass")
    assert stands.notes[0].en.endswith("without them 100, pass")
    still = beds(data, 200, 2027)
    assert (still.result, still.without_planned) == ("fail", "fail")


def test_the_result_without_planned_ones_is_that_of_a_table_without_them() -> None:
    towns = {"towns": "东 西", "homes": "0:东:10 8:西:30"}
    head = "name kind beds at town year status"
    here = "甲站 senior_day_care 5 0 东 2020 现状"
    there = "乙站 senior_day_care 5 8 西 2027 规划"
    both = register(f"{head}\n{here}\n{there}", **towns, data_year=2026)
    one = register(f"{head}\n{here}", **towns, data_year=2026)
    due = [{"year": 2027, "value": 80}]
    for rule, keys in (
        ("presence", {"level": "town"}),
        ("share_in_reach", {"minutes": 5}),
        ("share_of_units", {"level": "town", "by": "either", "minutes": 5}),
        ("ratio", {"per": 1000, "attribute": "beds"}),
        ("share_of", {"having": {"kinds": ["senior_day_care"]}}),
    ):
        with_it = judged(both, rule, None, targets=due, facilities=CARE, **keys)
        without = judged(one, rule, None, targets=due, facilities=CARE, **keys)
        assert with_it.planned == 1, rule
        assert with_it.without_planned == without.result, rule
        assert (without.planned, without.without_planned) == (0, "")
        # whoever is without it is told of nothing planned
        assert "planned" not in said(without), rule


def test_a_standing_target_counts_nothing_planned() -> None:
    today = judged(register(PLAN, data_year=2026), "total", 1, facilities=CARE)
    assert (today.value, today.planned) == (1, 0)


def closed_in(*years: int, data_year: int | None = None) -> Register:
    rows = "\n".join(f"院{k} senior_home 10 2000" for k in range(len(years)))
    data = register(f"name kind beds year\n{rows}", data_year=data_year)
    object.__setattr__(data.facilities, "close_year", np.array(years, np.int64))
    return data


@pytest.mark.parametrize(("year", "beds_left"), [(2023, 30), (2024, 20), (2025, 10), (2026, 10)])
def test_what_is_closed_at_the_end_of_a_year_does_not_count_in_it(
    year: int, beds_left: int
) -> None:
    part = beds(closed_in(2024, 2025, -1), 30, year)
    assert part.value == beds_left
    gone = 3 - beds_left // 10
    many = "1 facility is" if gone == 1 else f"{gone} facilities are"
    told = f"{many} closed by the end of {year} and do{'es' * (gone == 1)} not count"
    assert (told in said(part)) == bool(gone)


def test_at_present_what_closed_before_the_year_of_the_data_does_not_count() -> None:
    data = closed_in(2024, 2026, -1, data_year=2026)
    part = judged(data, "total", 1, facilities=CARE)
    assert part.value == 2
    assert "1 facility is closed by the end of 2025" in said(part)
    assert judged(closed_in(2024, -1), "total", 1, facilities=CARE).value == 2


def test_a_study_reads_both_years(tmp_path: Path) -> None:
    rows = [
        ("西院", 0, 10, "养老院", "现状", "河东街道", 40, "2020,2024"),
        ("北站", 600, 500, "日间照料中心", "现状", "河西街道", 10, "2021,"),
        ("新院", 1200, 10, "养老院", "规划", "河西街道", 50, "2025,"),
    ]
    text = table(*rows, headings="名称,经度,纬度,类型,状态,区县,街道,床位,建成年份,关闭年份")
    plan = TOTAL + TOTAL.replace("2025", "2026").replace("T-1", "T-2")
    path = study(
        tmp_path, plan, {"study.data_date": "2026-01", "service.0.status": ["现状"]},
        **{"facilities.csv": text},
    )  # fmt: skip
    assert [part_of(path, k).value for k in (0, 1)] == [10, 60]
    assert part_of(path, 1).without_planned == "fail"
    # the time line of the study says the same of the end of 2026
    a = run_study(path).assessments[0]
    line = timeline(a, data_year=2026)
    assert line is not None
    assert [a.facilities.name[k] for k in line.years[1].serving] == ["北站", "新院"]


def test_villages_in_the_layer_of_communities(tmp_path: Path) -> None:
    write_layer(
        tmp_path / "c.gpkg",
        [box(-100, -1000, 300, 1000), box(300, -1000, 900, 1000), box(900, -1000, 1300, 1000)],
        名称=["东社区", "西社区", "西村"], 类型=["社区", "社区", "村"],
    )  # fmt: skip
    part = {"facilities": '{ domain = "elderly" }', "targets": "[ { year = 2025, value = 60 } ]"}
    plan = (
        indicator("presence", "T-1", level='["village"]', **part)
        + indicator("presence", "T-2", level='["community"]', **part)
        + indicator("presence", "T-3", level='["community", "village"]', **part)
    )
    path = study(tmp_path, plan, {"units": [{"level": "community", "source": "c.gpkg"}]})
    village, community, both = (part_of(path, k) for k in range(3))
    # 西院 and 北站 stand in the two communities, the planned 新院 in the village
    assert (village.value, community.value, both.value) == (100, 100, 100)
    assert (village.without_planned, community.planned) == ("fail", 1)
    assert [e.name for e in both.evidence if e.role == "lacks"] == []
    assert "the kind of 1 row says village" in notes_of(path)
    assert "left out" not in " ".join(n.en for n in both.notes)
    # a layer of villages of its own has the word
    write_layer(tmp_path / "v.gpkg", [box(900, -1000, 1300, 1000)], 名称=["西村"])
    both_layers = [{"level": "community", "source": "c.gpkg"},
                   {"level": "village", "source": "v.gpkg"}]  # fmt: skip
    path = study(tmp_path, plan, {"units": both_layers})
    assert "says village" not in notes_of(path)
    assert len(found(path).plans[0].indicators) == 3


def test_a_threshold_of_the_user_is_marked(tmp_path: Path, capfd: Any) -> None:
    plan = indicator(
        "share_in_reach", facilities='{ domain = "elderly" }', minutes=15, direction='"="',
        targets="[ { year = 2025 } ]",
    ) + TOTAL.replace("T-1", "T-2")  # fmt: skip
    path = study(tmp_path, plan, {"study.language": "en", "targets.threshold_percent": 70})
    code, out, _ = run(capfd, path)
    assert code == 0
    lines = {line.split()[0]: line for line in out.splitlines() if line.split()}
    assert "≥ 70 *" in lines["T-1"] or "≥ 70 % *" in lines["T-1"]
    assert "*" not in lines["T-2"]
    assert out.count("* the plan names no number: threshold of the user") == 1
    code, out, _ = run(capfd, study(tmp_path / "stated", TOTAL, {"study.language": "en"}))
    assert "*" not in out


def test_a_threshold_is_reached_and_not_hit() -> None:
    # three where at least one is asked for, whatever sign the plan has
    found_ = judged(register(PLAN), "total", None, facilities=CARE, direction="=",
                    targets=[{"year": 2030}])  # fmt: skip
    assert (found_.value, found_.target, found_.result) == (3, 1, "pass")


def test_the_terminal_says_that_a_pass_rests_on_what_is_planned(tmp_path: Path, capfd: Any) -> None:
    # 40 and 10 beds exist, 50 are planned for 2025
    code, out, _ = run(capfd, study(tmp_path, TOTAL, {"study.language": "zh"}))
    assert code == 0
    assert "达标 1" in out
    told = "".join("".join(line.split()) for line in out.splitlines())
    assert "计入1个规划设施：新院" in told
