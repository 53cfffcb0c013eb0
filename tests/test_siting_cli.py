"""`quarterhour site`: what is printed and what is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import openpyxl

from quarterhour.siting.run import OUTPUTS
from siting_town import siting_study
from small_study import command

if TYPE_CHECKING:
    from pathlib import Path


def test_printed_and_written(tmp_path: Path, capfd: Any) -> None:
    path = siting_study(tmp_path / "s", {"n_sites": 2, "cost": 30})
    out = tmp_path / "out"
    code, printed, err = command(capfd, "site", path, "--out", out)
    assert (code, err) == (0, "")
    assert "“养老”新增 2 处，共 60 万元：5 分钟新增覆盖 70 人，覆盖率 8.9% → 71.4%" in printed
    assert "已证明最优（差距 0）" in printed
    assert "7 人未覆盖，且 5 分钟内没有可选的候选点" in printed
    assert sorted(p.name for p in out.iterdir()) == sorted(OUTPUTS)
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert [s["name"] for s in summary["site"]["sites"]] == ["东口", "北坡"]
    assert summary["site"]["objective"] == summary["site"]["bound"] == 70
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert {"role": "candidates", "file": "sites.csv"}.items() <= manifest["inputs"][-1].items()
    assert manifest["options"]["site"]["n_sites"] == 2
    assert set(manifest["outputs"]) == set(OUTPUTS) - {"manifest.json"}
    assert str(tmp_path) not in (out / "manifest.json").read_text("utf-8")


def test_layers_and_tables(tmp_path: Path, capfd: Any) -> None:
    path = siting_study(tmp_path / "s", {"n_sites": 2})
    out = tmp_path / "out"
    command(capfd, "site", path, "--out", out, "-q")
    book = out / "results.gpkg"
    chosen = gpd.read_file(book, layer="sites_chosen")
    assert chosen[["order", "name", "added_all"]].to_numpy().tolist() == [
        [1, "东口", 40.0], [2, "北坡", 30.0],
    ]  # fmt: skip
    gained = gpd.read_file(book, layer="newly_covered")
    assert gained[["row", "people", "nearest"]].to_numpy().tolist() == [
        [4, 30.0, "北坡"], [5, 40.0, "东口"],
    ]  # fmt: skip
    every = gpd.read_file(book, layer="sites_candidates")
    assert dict(zip(every["name"], every["status"], strict=True)) == {
        "东口": "chosen", "北坡": "chosen", "路口": "usable", "岛心": "usable", "西口": "usable",
    }  # fmt: skip
    assert every["uncovered_in_reach"].tolist() == [40, 30, 20, 5, 0]
    areas = gpd.read_file(book, layer="sites_areas")
    assert areas.contains(chosen.geometry).all()
    points = gpd.read_file(out / "sites.geojson")
    assert points.geometry.geom_equals_exact(chosen.geometry, 1e-12).all()
    sheets = openpyxl.load_workbook(out / "report.xlsx", read_only=True).sheetnames
    assert len(sheets) == 5  # a cover and four tables
    page = (out / "report.html").read_text("utf-8")
    assert "东口" in page
    assert "MCLP" in page
    told = (out / "map.html").read_text("utf-8")
    assert "建议选址" in told


def test_the_same_study_gives_the_same_bytes(tmp_path: Path, capfd: Any) -> None:
    path = siting_study(tmp_path / "s", {"n_sites": 2, "candidates": "network"})
    for out in ("a", "b"):
        assert command(capfd, "site", path, "--out", tmp_path / out, "-q")[0] == 0
    for name in OUTPUTS:
        one, two = ((tmp_path / out / name).read_bytes() for out in ("a", "b"))
        assert one == two, name


def test_the_command_line_comes_first(tmp_path: Path, capfd: Any) -> None:
    path = siting_study(tmp_path / "s", {"n_sites": 1, "cost": 30})
    out = tmp_path / "out"
    code, printed, _ = command(capfd, "site", path, "--out", out, "--sites", 3, "--json")
    told = json.loads(printed)
    assert code == 0
    assert (told["n_sites"], len(told["sites"])) == (3, 3)
    code, printed, _ = command(
        capfd, "site", path, "--out", out, "--sites", 4, "--budget", 65, "--json"
    )
    told = json.loads(printed)
    assert (told["budget"], told["cost"], len(told["sites"])) == (65, 60, 2)
    assert told["status"] == "optimal"


def test_a_study_without_the_section(tmp_path: Path, capfd: Any) -> None:
    # positions along the streets are the candidates
    path = siting_study(tmp_path / "s", {}, changes={"site": None})
    code, printed, _ = command(
        capfd, "site", path, "--out", tmp_path / "out", "--sites", 1, "--json"
    )
    told = json.loads(printed)
    assert code == 0
    assert told["candidates"]["source"] == "network"
    assert told["groups"]["all"]["added"] == 40


def test_english_and_both(tmp_path: Path, capfd: Any) -> None:
    path = siting_study(tmp_path / "s", {"n_sites": 1}, changes={"study.language": "both"})
    _, printed, _ = command(capfd, "site", path, "--out", tmp_path / "out")
    assert "新增覆盖 40 人" in printed
    assert "covers 40 more people within 5 min, 8.9% → 44.6% of 112" in printed
    assert "proven best (gap 0)" in printed


def test_a_folder_that_is_a_file(tmp_path: Path, capfd: Any) -> None:
    path = siting_study(tmp_path / "s", {"n_sites": 1})
    code, _, err = command(capfd, "site", path, "--out", path)
    assert code == 1
    assert "is a file; choose a folder for the results with --out" in err
