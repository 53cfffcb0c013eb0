"""Straight-line circles in the small town, checked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from quarterhour.study import run_study
from small_study import small_study

if TYPE_CHECKING:
    from pathlib import Path


def test_a_circle_counts_who_cannot_walk_there(tmp_path: Path) -> None:
    # one facility at (0, 10), 1 m/s, 15 min: a circle of 900 m. Inside: 甲 (100, 0), 乙 (500, 20),
    # 丙 (600, 600): 839 m straight, 1210 m on foot; 岛 (150, -800): 824 m, no way; 山 (300, 400):
    # no road near. 丁 (1200, 0) is outside.
    study = small_study(
        tmp_path,
        {"service.0.walker": "elderly", "service.0.cutoffs_min": [5, 15],
         "service.0.kinds": "养老院"},
    )  # fmt: skip
    rows = run_study(study).summary["services"][0]["cutoffs"]
    assert rows[1]["straight_line"] == {
        "radius_m": 900.0,
        "groups": {"all": {"counted": 72, "wrongly": 42, "share_wrongly": 42 / 72}},
    }
    assert rows[0]["straight_line"]["groups"]["all"] == {
        "counted": 10, "wrongly": 0, "share_wrongly": 0,
    }  # fmt: skip


def test_the_rim_of_a_circle_is_inside(tmp_path: Path) -> None:
    # 1.0 m/s for 5 minutes are 300 m, to the millimetre
    people = [("on", 300, 0, 1), ("beyond", 300.002, 0, 2), ("near", 0, -299.999, 4)]
    from small_study import facilities_text, people_text

    study = small_study(
        tmp_path,
        {"service.0.walker": "elderly", "service.0.cutoffs_min": [5]},
        {"people.csv": people_text(people), "facilities.csv": facilities_text(
            [("西院", 0, 0, "养老院", "现状")])},
    )  # fmt: skip
    found = run_study(study).assessments[0]
    assert found.circles[0].radius_m == pytest.approx(300)
    assert found.circles[0].counted["all"] == 5_000_000


def test_a_planned_facility_has_no_circle(tmp_path: Path) -> None:
    study = small_study(tmp_path, {"service.0.status": "现状"})
    with_plan = (tmp_path / "facilities.csv").read_text("utf-8") + "东院,养老院,规划,104.66,30.12\n"
    before = run_study(study).assessments[0].circles
    (tmp_path / "facilities.csv").write_text(with_plan, "utf-8")
    after = run_study(study).assessments[0].circles
    assert [c.counted for c in before] == [c.counted for c in after]


def test_the_map_says_it(tmp_path: Path) -> None:
    study = small_study(
        tmp_path, {"study.language": "both", "service.0.walker": "elderly",
                   "service.0.kinds": "养老院"}
    )  # fmt: skip
    run_study(study, tmp_path / "out")
    text = (tmp_path / "out" / "map.html").read_text("utf-8")
    assert (
        "若以直线半径 900 米画圆，会计入 72 人，其中 42 人（58.3%）沿路步行 15 分钟实际到不了"
        in text
    )
    assert "Straight-line circles of 900 m would count 72 people; 42 of them (58.3%)" in text
