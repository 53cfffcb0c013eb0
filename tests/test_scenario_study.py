"""Scenarios of a study file: in the summary, in a layer, and as a line on the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from quarterhour.errors import InputError
from quarterhour.study_file.settings import load_study
from small_study import box, command, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path


def study(folder: Path, **changes: Any) -> Path:
    """A street closed at 300 m, and a bridge to the island, each a scenario; 1 m/s, 10 minutes."""
    folder.mkdir(parents=True, exist_ok=True)
    write_layer(folder / "closed.gpkg", [shapely.Point(lonlat(300, 0))])
    line = shapely.LineString([lonlat(0, -800), lonlat(0, -400), lonlat(0, 0)])
    write_layer(folder / "bridge.gpkg", [line], kind=["天桥"])
    plans = [
        {"name": "封路", "close": "closed.gpkg"},
        {"name": "新桥", "open": "bridge.gpkg"},
    ]
    given = {
        "scenario": plans, "study.language": "zh", "service.0.walker": "elderly",
        "service.0.cutoffs_min": [10, 17], "service.0.kinds": "养老院", **changes,
    }  # fmt: skip
    return small_study(folder, given)


def test_before_and_after(tmp_path: Path, capfd: Any) -> None:
    # the facility is at (0, 10); 甲 (100) and 乙 (500, 20) are within 10 min, 丙 (600, 600) and
    # 丁 (1200) beyond 17; the island's home is 150 + 800 m away by the bridge, and 10 m beside
    code, out, _ = command(capfd, "run", study(tmp_path), "--out", tmp_path / "out")
    assert code == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    rows = {
        (plan["name"], cutoff["minutes"]): cutoff["groups"]["all"]
        for plan in summary["scenarios"]
        for cutoff in plan["services"][0]["cutoffs"]
    }
    assert rows["封路", 17]["covered_before"] == 30
    assert rows["封路", 17]["difference"] == -20  # 乙
    assert rows["新桥", 10]["difference"] == 0
    assert rows["新桥", 17]["covered_after"] == 35
    assert "方案“封路”：养老 17 分钟可达 30 → 10（-20），共 112" in out
    assert "方案“新桥”：养老 17 分钟可达 30 → 35（+5），共 112" in out
    layer = gpd.read_file(tmp_path / "out" / "results.gpkg", layer="scenario_changes")
    told = layer[["scenario", "service", "change", "people", "row"]].to_numpy().tolist()
    assert told == [["封路", "养老", "lost", 20.0, 3], ["新桥", "养老", "gained", 5.0, 6]]
    assert layer["minutes_after"][1] == pytest.approx(960 / 60, abs=0.02)
    # what the study itself says is not touched by its scenarios
    plain = small_study(tmp_path / "plain", {
        "study.language": "zh", "service.0.walker": "elderly", "service.0.cutoffs_min": [10, 17],
        "service.0.kinds": "养老院",
    })  # fmt: skip
    command(capfd, "run", plain, "--out", tmp_path / "plain-out", "-q")
    without = json.loads((tmp_path / "plain-out" / "summary.json").read_text("utf-8"))
    assert without["services"] == summary["services"]
    assert "scenarios" not in without


def test_faults_are_named(tmp_path: Path, capfd: Any) -> None:
    twice = [{"name": "甲"}, {"name": "甲"}]
    with pytest.raises(InputError, match=r"number 2 .* is used twice"):
        load_study(small_study(tmp_path / "a", {"scenario": twice}))
    with pytest.raises(InputError, match=r"found \[scenario\]; write \[\[scenario\]\]"):
        load_study(small_study(tmp_path / "b", {"scenario": {"name": "甲"}}))
    with pytest.raises(InputError, match=r"unknown key \[\[scenario\]\] number 1 \(甲\) clos"):
        load_study(small_study(tmp_path / "c", {"scenario": [{"name": "甲", "clos": "x"}]}))
    plan = [{"name": "甲", "close": "nothing.gpkg"}]
    code, _, err = command(
        capfd, "run", small_study(tmp_path / "d", {"scenario": plan}), "--out", tmp_path / "o"
    )
    assert code == 1
    assert "nothing.gpkg" in err
    assert not (tmp_path / "o" / "summary.json").exists()


def test_a_new_street_that_meets_none_is_told(tmp_path: Path, capfd: Any) -> None:
    plan = [{"name": "新桥", "open": "far.gpkg"}]
    folder = tmp_path / "s"
    folder.mkdir()
    line = shapely.LineString([lonlat(100, 300), lonlat(200, 300)])
    write_layer(folder / "far.gpkg", [line], name=["空中桥"])
    code, out, err = command(
        capfd, "run", small_study(folder, {"scenario": plan}), "--out", tmp_path / "o"
    )
    assert code == 0
    assert "方案“新桥”：养老 15 分钟可达" in out
    assert "far.gpkg" in err
    assert "空中桥" in err


def test_a_closure_of_everything_is_one_sentence(tmp_path: Path, capfd: Any) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    write_layer(folder / "all.gpkg", [box(-500, -2000, 3000, 2000)])
    plan = [{"name": "全封", "close": "all.gpkg"}]
    code, _, err = command(capfd, "run", small_study(folder, {"scenario": plan}), "--out", folder)
    assert code == 1
    assert "[[scenario]] 全封: all.gpkg closes every street" in err
    assert "Traceback" not in err
