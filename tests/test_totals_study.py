"""Township totals in a study: spread over places, kept unit by unit, and told in check and run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quarterhour.study import run_study
from small_study import box, command, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

TOTALS = """区县,街道,常住人口,60岁以上
甲区,西街道,300,90
甲区,东街道,100,20
甲区,北镇,50,5
乙区,远镇,7,1
"""
"""西 holds 甲 (10) and 乙 (20), 东 丙 (30) and 丁 (40), 北 nobody; 远镇 has no polygon."""


def study(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_layer(
        folder / "towns.gpkg",
        [box(-50, -100, 550, 100), box(550, -100, 1300, 700), box(0, 900, 300, 1200)],
        乡镇=["西街道", "东街道", "北镇"], 区县=["甲区"] * 3,
    )  # fmt: skip
    given = {
        "people.totals": {"source": "totals.csv", "areas": "towns.gpkg"},
        "people.groups": {"old": "60岁以上", "young": 0.1},
        "service.0.walker": "elderly", "service.0.cutoffs_min": [15], "service.0.group": "old",
        **{key.replace("__", "."): value for key, value in changes.items()},
    }  # fmt: skip
    return small_study(folder, given, {"totals.csv": TOTALS})


def test_totals_are_kept_and_those_who_live_nowhere_are_told(tmp_path: Path) -> None:
    result = run_study(study(tmp_path), tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    by_unit = {row["unit"]: row for row in summary["totals"]}
    west = next(row for unit, row in by_unit.items() if "西街道" in unit)
    assert west["groups"]["all"] == {"table": 300, "spread": 300, "lost": 0}
    assert west["groups"]["old"] == {"table": 90, "spread": 90, "lost": 0}
    assert west["places"] == 2
    north = next(row for unit, row in by_unit.items() if "北镇" in unit)
    assert north["groups"]["all"] == {"table": 50, "spread": 0, "lost": 50}
    # 甲 and 乙 share 300 as 10 to 20, 丙 and 丁 100 as 30 to 40; nobody lives elsewhere
    demand = result.prepared.ground.demand
    people = dict(zip(demand.names, (demand.amounts["all"] / 1e6).round(6), strict=True))
    assert people == {"甲": 100, "乙": 200, "丙": 42.857, "丁": 57.143}
    old = dict(zip(demand.names, (demand.amounts["old"] / 1e6).round(6), strict=True))
    assert old == {"甲": 30, "乙": 60, "丙": 8.571, "丁": 11.429}
    assert sum(demand.amounts["young"].tolist()) == 40_000_000
    total = summary["services"][0]["cutoffs"][0]["groups"]["all"]["total"]
    assert total == 400
    told = {r["row"]: r["reason"] for r in summary["set_aside"] if r["file"] == "totals.csv"}
    assert told == {4: "no_place", 5: "no_area"}
    assert any("57 people of 2 units" in note for note in summary["study"]["notes"])
    roles = {i["role"] for i in json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))[
        "inputs"]}  # fmt: skip
    assert {"totals", "totals areas"} <= roles


def test_the_check_prints_the_account(tmp_path: Path, capfd: Any) -> None:
    code, out, _ = command(capfd, "check", study(tmp_path), "--json")
    assert code == 0
    lines = [row["en"] for row in json.loads(out)["conservation"]]
    assert any("457 in the table = 400 spread + 57 lost" in line for line in lines)
    assert any("西街道" in line and "300 = 300 + 0" in line for line in lines)
    page = (tmp_path / "check.html").read_text("utf-8")
    assert "西街道" in page


def test_towns_of_the_study_serve_as_units_and_weights_may_be_equal(tmp_path: Path) -> None:
    changes = {
        "people__totals": {"source": "totals.csv"}, "people__weight": "equal",
        "towns": {"source": "towns.gpkg"},
    }  # fmt: skip
    demand = run_study(study(tmp_path, **changes)).prepared.ground.demand
    people = dict(zip(demand.names, demand.amounts["all"].tolist(), strict=True))
    assert people == {
        name: n * 10**6 for name, n in zip("甲乙丙丁", (150, 150, 50, 50), strict=True)
    }
