"""Scenarios in the check: what each would change, and every fault of every one of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from quarterhour.checks.checking import check_study
from quarterhour.checks.report import document
from quarterhour.render.check.page import check_html
from quarterhour.render.check.sentences import overview
from small_study import box, command, facilities_text, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

PLANS = [
    {"name": "封路", "close": "site.gpkg"},
    {"name": "新桥", "open": "bridge.gpkg"},
    {"name": "新院", "facilities": "new.csv"},
    {"name": "早年", "facilities": "new.csv", "replace": True, "year": 2020},
]


def files(folder: Path) -> None:
    """200 m of the main street closed; a bridge to the island and a line in the air; a table."""
    folder.mkdir(parents=True, exist_ok=True)
    write_layer(folder / "site.gpkg", [box(200, -20, 400, 20), box(0, 300, 9, 309)])
    bridge = shapely.LineString([lonlat(150, -800), lonlat(150, -3)])
    stub = shapely.LineString([lonlat(300, 0), lonlat(300, 80)])
    write_layer(folder / "bridge.gpkg", [bridge, stub])
    head, row = facilities_text([("东院", 1200, 10, "养老院", "规划")]).splitlines()
    (folder / "new.csv").write_text(f"{head},投用时间\n{row},2027\n", encoding="utf-8")


def looked_at(folder: Path, plans: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    files(folder)
    given = {key.replace("__", "."): value for key, value in changes.items()}
    return document(check_study(small_study(folder, {**given, "scenario": plans})))


def test_what_each_scenario_would_change(tmp_path: Path) -> None:
    told = looked_at(tmp_path, PLANS)
    assert told["problems"] == []
    shut, opened, added, early = told["scenarios"]
    assert (shut["closed_km"], shut["cuts"]) == (0.2, 1)
    assert (shut["facilities"], shut["opened_km"]) == ([], 0.0)
    assert opened["opened_km"] == 0.877  # 797 m of bridge and 80 m of stub
    assert (opened["joints"], opened["loose"]) == (3, 1)
    one = {"service": "养老", "rows": 1, "replaces": False, "serving": 3, "of": 3}
    assert added["facilities"] == [one]
    assert early["facilities"] == [{**one, "replaces": True, "serving": 0, "of": 1}]
    assert added["cuts"] is None
    lines = [(zh, en) for (part, _), (zh, en) in overview(told) if part == "方案"]
    assert lines == [
        ("封路：封闭道路 0.20 公里（1 处）", "封路: 0.20 km of street closed at 1 place"),
        ("新桥：新增道路 0.88 公里，接通 3 处，1 个端点未接通",
         "新桥: 0.88 km of new street, joined at 3 places, 1 end not joined"),
        ("新院：“养老”的设施增加 1 处，“养老”有 3 / 3 处计入",
         "新院: facilities of 养老 joined by 1, 3 of 3 serve 养老"),
        ("早年：“养老”的设施替换为 1 处，“养老”2020 年有 0 / 1 处计入",
         "早年: facilities of 养老 replaced by 1, 0 of 1 serve 养老 in 2020"),
    ]  # fmt: skip
    # what deserves a second look, under the scenario's name
    warned = {(tuple(w["services"]), w["zh"]) for w in told["warnings"] if w["part"] == "scenario"}
    assert {who for who, _ in warned} == {("封路",), ("新桥",), ("新院",), ("早年",)}
    assert any("1 个图形不起作用" in zh for _, zh in warned)
    assert any("按无人可达计" in zh for _, zh in warned)
    kinds = {change["kind"]: change["count"] for change in told["changes"]}
    assert kinds["closed"] == 1
    assert kinds["opened"] == 2
    assert kinds["loose_end"] == kinds["planned_serves"] == kinds["none_serves"] == 1
    page = check_html({**told, "study": {**told["study"], "language": "both"}})
    for words in ("封闭道路 0.20 公里", "0.20 km of street closed", "方案封闭的道路"):
        assert words in page


def test_every_fault_of_every_scenario_is_found(tmp_path: Path) -> None:
    bad = [
        {"name": "无关", "year": 2030, "service": "托育"},
        {"name": "缺两个", "close": "gone.gpkg", "open": "lost.gpkg", "facilities": "none.csv"},
        {"name": "全封", "close": "all.gpkg"},
        {"name": "好的", "open": "bridge.gpkg"},
    ]
    tmp_path.mkdir(exist_ok=True)
    write_layer(tmp_path / "all.gpkg", [box(-500, -2000, 3000, 2000)])
    told = looked_at(tmp_path, bad)
    assert not told["can_run"]
    found = [(p["services"], p["en"]) for p in told["problems"]]
    assert all(p["part"] == "scenario" for p in told["problems"])
    assert [who for who, _ in found] == [["无关"], ["缺两个"], ["缺两个"], ["缺两个"], ["全封"]]
    for (_, text), words in zip(
        found, ("the study has 养老", "gone.gpkg", "lost.gpkg", "none.csv", "closes every street"),
        strict=True,
    ):  # fmt: skip
        assert words in text
    assert told["scenarios"][-1]["joints"] == 3
    assert [row["is_faulty"] for row in told["scenarios"]] == [True, True, False]
    lines = [zh for (part, _), (zh, _) in overview(told) if part == "方案"]
    assert lines[0] == "缺两个：有错误，见上面的问题"
    # the services themselves are looked at all the same
    assert told["services"][0]["facilities_used"] == 2


def test_scenarios_are_looked_at_without_roads(tmp_path: Path) -> None:
    plans = [{**PLANS[0], "coordinates": "auto"}, PLANS[2], {"name": "缺", "close": "gone.gpkg"}]
    told = looked_at(tmp_path, plans, roads__source="no.osm")
    assert {p["part"] for p in told["problems"]} == {"roads", "scenario"}
    assert [row["cuts"] for row in told["scenarios"]] == [None, None, None]
    assert told["scenarios"][1]["facilities"][0]["rows"] == 1


def test_on_the_terminal(tmp_path: Path, capfd: Any) -> None:
    files(tmp_path)
    study = small_study(tmp_path, {"scenario": PLANS, "study.language": "zh"})
    code, out, err = command(capfd, "check", study)
    assert code == 0, err
    assert "方案  封路：封闭道路 0.20 公里（1 处）" in out
    assert "[方案（新桥）]" in out


def test_a_table_of_another_place_is_a_warning(tmp_path: Path) -> None:
    files(tmp_path)
    far = facilities_text([("天外", 90_000, 0, "养老院", "现状")])
    (tmp_path / "far.csv").write_text(far, encoding="utf-8")
    told = looked_at(tmp_path, [{"name": "远", "facilities": "far.csv"}])
    assert told["can_run"]
    warned = [w for w in told["warnings"] if w["part"] == "scenario"]
    assert any("none of its 1 places is where the roads are" in w["en"] for w in warned)
