"""What an answer says: who stays uncovered and where, what would do, what is lacking in a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import openpyxl
import pytest

from quarterhour.errors import InputError
from quarterhour.siting.run import run_site
from siting_town import SITES, sites_text, siting_study, with_cells
from small_study import box, command, lonlat, write_layer

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [{"name": "小", "capacity": 30, "cost": 50}, {"name": "大", "capacity": 60, "cost": 90}]
"""Sizes: 50 and 90 万元."""


def with_districts(folder: Path, site: dict[str, Any], **more: Any) -> Path:
    """The town with 西片 (甲 10, 山 7, 岛 5) and 东片 (乙 20, 丙 30, 丁 40); 112 people."""
    folder.mkdir(parents=True, exist_ok=True)
    west, east = box(-100, -1000, 400, 900), box(400, -1000, 1400, 900)
    write_layer(folder / "districts.gpkg", [west, east], name=["西片", "东片"])
    changes = {"districts": {"source": "districts.gpkg", "name": "name"}, **more.pop("changes", {})}
    return siting_study(folder, site, changes=changes, **more)


def test_who_stays_uncovered_by_area(tmp_path: Path, capfd: Any) -> None:
    path = with_districts(tmp_path / "s", {"n_sites": 1})
    out = tmp_path / "out"
    code, printed, _ = command(capfd, "site", path, "--out", out)
    assert code == 0
    # 东口 adds 丁; 乙 20 and 丙 30 stay in the east, 山 7 and 岛 5 in the west; nobody reaches 山
    assert "建成后仍有 62 人未覆盖（东片 50、西片 12）" in printed
    assert "7 人未覆盖，且 5 分钟内没有可选的候选点（西片 7）" in printed
    book = openpyxl.load_workbook(out / "report.xlsx")
    rows = [[c.value for c in row] for row in book["各片区选址前后"]["A3:I5"]]
    assert [row[:7] for row in rows[1:]] == [
        ["东片", 90, 0, 40, 40, 50, 0],
        ["西片", 22, 10, 0, 10, 12, 7],
    ]
    chosen = [[c.value for c in row] for row in book["建议选址"]["A3:C4"]]
    assert chosen[1] == [1, "东口", "东片"]
    layer = gpd.read_file(out / "results.gpkg", layer="still_uncovered")
    assert sorted(
        zip(layer["area"], layer["people"], layer["candidate_in_reach"], strict=True)
    ) == [("东片", 20, True), ("东片", 30, True), ("西片", 5, True), ("西片", 7, False)]
    told = json.loads((out / "summary.json").read_text("utf-8"))["site"]
    group = told["groups"]["people"] if "people" in told["groups"] else told["groups"]["all"]
    assert group["covered_before"] + group["added"] == group["covered_after"]
    assert group["covered_after"] + group["remaining"] == group["total"]


def test_without_districts_there_is_no_such_table(tmp_path: Path) -> None:
    run = run_site(siting_study(tmp_path, {"n_sites": 1}))
    assert "site_by_area" not in {table.key for table in run.answered.tables}
    assert "建成后仍有 62 人未覆盖" in {note.zh for note in run.answered.answers}


def test_no_other_choice_is_said(tmp_path: Path) -> None:
    # five sites that cover different people: any other pair covers fewer
    run = run_site(siting_study(tmp_path / "a", {"n_sites": 2}))
    told = {note.zh: note.en for note in run.answered.answers}
    assert told["没有另一方案能覆盖到本方案的 99%（已证明）"] == (
        "no other choice covers 99% of what this one does (proven)"
    )
    # a twin of 东口 is as good
    twin = sites_text([*((n, *at) for n, at in SITES.items()), ("东口二", 1101, 0)])
    run = run_site(siting_study(tmp_path / "b", {"n_sites": 2}, sites=twin))
    assert any(note.zh.startswith("另一方案") for note in run.answered.answers)


def test_two_of_one_name_are_told_apart(tmp_path: Path) -> None:
    rows = sites_text([("旧房", *SITES["东口"]), ("旧房", *SITES["北坡"]), ("空地", 600, 0)])
    run = run_site(siting_study(tmp_path, {"n_sites": 3}, sites=rows))
    names = [site["name"] for site in run.summary["site"]["sites"]]
    assert names == ["旧房（第 2 行）", "旧房（第 3 行）", "空地"]


def test_headings_of_a_list_of_idle_buildings(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "闲置资产"
    sheet.append(["序号", "房屋名称", "经度", "纬度", "改造费用（万元）", "可设床位", "是否可用"])
    for k, (name, at) in enumerate(SITES.items(), 1):
        sheet.append([k, name, *lonlat(*at), 40, 30, "是"])
    path = siting_study(tmp_path, {"budget": 80, "candidates": "idle.xlsx"})
    book.save(tmp_path / "idle.xlsx")
    told = run_site(path).summary["site"]
    assert [(s["name"], s["cost"], s["capacity"]) for s in told["sites"]] == [
        ("东口", 40, 30), ("北坡", 40, 30)
    ]  # fmt: skip
    sheet["H1"], sheet["H2"], sheet["H3"] = "必选", "是", "是"
    sheet["G2"] = "否"
    book.save(tmp_path / "idle.xlsx")
    with pytest.raises(InputError) as caught:
        run_site(path)
    assert "idle.xlsx: '东口' (sheet 闲置资产, row 2) is required and marked as unusable" in str(
        caught.value
    )


def test_candidates_without_room_are_counted(tmp_path: Path) -> None:
    cells = with_cells({"东口": 20}, "容量", default=("",))
    run = run_site(siting_study(tmp_path, {"n_sites": 5, "capacity": True}, sites=cells))
    assert "4 个候选点没有填写容量，不参与选址" in {n.zh for n in run.answered.answers}


CASES: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "required without room": (
        {"n_sites": 2, "capacity": True},
        with_cells({"东口": ("是", ""), "北坡": ("", 30)}, "必选", "容量", default=("", "")),
        "'东口' (row 2) is required and has no capacity; fill in the column 容量",
    ),
    "a budget below the smallest size": (
        {"budget": 10, "size": SIZES}, None,
        "budget is 10 万元, and the cheapest site with the size '小' costs 50",
    ),
    "yuan taken for 万元": (
        {"budget": 100}, with_cells({}, "造价", default=(400_000,)),
        "costs 400000; raise the budget, or head the column 造价（元）",
    ),
    "a curve below nothing": (
        {"n_sites": 3, "curve": [2, -1]}, None,
        "curve is [2, -1]: every number of the list must be above 0, and -1 is not",
    ),
    "a curve of nothing": (
        {"n_sites": 3, "curve": []}, None, "true, false or a list of numbers is needed",
    ),
    "a share of another question": (
        {"n_sites": 1, "share": 0.5}, None, "share says how many must be covered, which goes with",
    ),
    "a word for the candidates": (
        {"n_sites": 1, "candidates": "streets"}, None,
        "candidates is 'streets'; needed is a file such as idle.xlsx, or one of network, places",
    ),
    "generated ones without a cost": (
        {"budget": 100, "candidates": "network"}, None, "give cost (万元 for each site) under",
    ),
    "too many move": (
        {"problem": "move", "n_sites": 3}, None,
        "养老 has 1 facility in use, so that at most 1 can move; ask for fewer",
    ),
    "one number too small": (
        {"problem": "everyone", "n_sites": 2}, None,
        "(n_sites = 2), the people to be covered (all that can be); 4 sites would do, and no fewer",
    ),
    "one budget too small": (
        {"problem": "everyone", "budget": 100}, with_cells({"东口": 70}, "造价", default=(40,)),
        "(100 万元), the people to be covered (all that can be); 190 万元 would do, and no less",
    ),
    "required against a distance": (
        {"problem": "everyone", "share": 0.7, "apart_m": 450},
        with_cells({"路口": "是"}, "必选"),
        "the required candidates ('路口' (row 4)), the distance between new sites (apart_m = 450)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_one_sentence(case: str, tmp_path: Path, capfd: Any) -> None:
    keys, sites, sentence = CASES[case]
    code, out, err = command(capfd, "site", siting_study(tmp_path, keys, sites=sites), "-q")
    assert (code, out) == (1, "")
    assert sentence in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_where_those_live_whom_nobody_reaches(tmp_path: Path) -> None:
    sites = sites_text([("北坡", 600, 400), ("西口", 200, 0)])
    path = with_districts(tmp_path, {"problem": "everyone", "share": 0.9}, sites=sites)
    with pytest.raises(InputError) as caught:
        run_site(path)
    assert "90.0% of all people (101) is asked for, and all usable candidates together" in str(
        caught.value
    )
    assert "without a usable candidate within 5 min (东片 60, 西片 12)" in str(caught.value)


def test_the_walks_of_the_median_and_the_center(tmp_path: Path) -> None:
    # at 1 m/s and a limit of 10 minutes: 西院 (0, 10) is 100 + 10 m from 甲, 500 + 20 + 10 from 乙;
    # 丙, 丁 and 岛 have none within the limit. 北坡 (600, 400) is 200 m from 丙
    changes = {"service.0.limit_min": 10}
    limits = {"problem": "median", "n_sites": 1}
    run = run_site(siting_study(tmp_path / "m", limits, changes=changes))
    told = run.summary["site"]
    notes = [note.zh for note in run.answered.answers if "平均步行时间" in note.zh]
    assert len(notes) == 1
    # the mean that is told is the objective of the solver over the people near a road
    assert f"→ {told['objective'] / 105:.1f} 分钟" in notes[0]
    run = run_site(siting_study(tmp_path / "c", {"problem": "center", "n_sites": 3}))
    assert any("最长步行时间" in note.zh for note in run.answered.answers)


def test_a_center_that_leaves_people_out(tmp_path: Path) -> None:
    # nobody on the island has a way to a facility, and 东口 alone does not change that
    sites = sites_text([("东口", 1100, 0), ("岛心", 150, -790)])
    site = {"problem": "center", "n_sites": 1}
    changes = {"service.0.limit_min": 6}
    with pytest.raises(InputError) as caught:
        run_site(siting_study(tmp_path, site, sites=sites, changes=changes))
    assert "have no existing facility within 6 min" in str(caught.value)
    assert "2 sites would do, and no fewer" in str(caught.value)
