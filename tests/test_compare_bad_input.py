"""Runs that are damaged, and changes that cannot be written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from quarterhour.answers.compare import compare_runs, write_changes
from quarterhour.commands import plan as plan_commands
from quarterhour.errors import InputError, QuarterhourError
from quarterhour.study import run_study
from small_study import facilities_text, small_study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(plan_commands.reconcile)
app.command()(plan_commands.compare)

WEST, EAST = ("西院", 0, 0, "养老院", "现状"), ("东院", 1200, 0, "养老院", "现状")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    for name, rows in (("west", [WEST]), ("both", [WEST, EAST])):
        study = small_study(
            folder / f"{name}-study",
            {"service.0.walker": "elderly", "service.0.cutoffs_min": [5]},
            {"facilities.csv": facilities_text(rows)},
        )
        run_study(study, folder / name, store=False)
    return {name: folder / name for name in ("west", "both")}


def said(*words: object) -> str:
    done = CliRunner().invoke(app, [str(w) for w in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def damaged(good: Path, target: Path, file: str, change: Callable[[str], str]) -> Path:
    shutil.copytree(good, target)
    path = target / file
    path.write_text(change(path.read_text("utf-8")), "utf-8")
    return target


@pytest.mark.parametrize("file", ["summary.json", "manifest.json"])
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[" * 100_000, r"is no JSON of a run \(brackets in brackets without end\)"),
        ('{"a": ' + "9" * 5000 + "}", "is no JSON of a run"),
        ("\ufeff{", "is no JSON of a run"),
        ("null", "it is no table"),
    ],
)
def test_documents_that_are_no_documents(
    runs: dict[str, Path], tmp_path: Path, file: str, text: str, fault: str
) -> None:
    folder = damaged(runs["both"], tmp_path / "b", file, lambda _: text)
    with pytest.raises(InputError, match=fault) as error:
        compare_runs(runs["west"], folder)
    assert str(folder / file) in str(error.value)


@pytest.mark.parametrize("value", ["1e400", "1e308", "-1", "NaN", "true", "null", '"x"', "[[1]]"])
@pytest.mark.parametrize("key", ["total", "covered"])
def test_amounts_that_are_none(runs: dict[str, Path], tmp_path: Path, key: str, value: str) -> None:
    def change(text: str) -> str:
        document: dict[str, Any] = json.loads(text)
        document["services"][0]["cutoffs"][0]["groups"]["all"][key] = "HERE"
        return json.dumps(document).replace('"HERE"', value)

    folder = damaged(runs["both"], tmp_path / "b", "summary.json", change)
    where = rf"services\[0\]\.cutoffs\[0\]\.groups\.all\.{key} is"
    with pytest.raises(InputError, match=where):
        compare_runs(runs["west"], folder)


def test_changes_of_an_earlier_comparison_do_not_stay(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    west, both = runs["west"], runs["both"]
    out = said("compare", west, both, "--out", tmp_path)
    assert str(tmp_path / "changes.gpkg") in out
    assert [p.name for p in tmp_path.iterdir()] == ["changes.gpkg"]
    out = said("compare", west, west, "--out", tmp_path)
    assert "changes.gpkg：没有逐点的变化可写，该处没有这个文件（以前的已删除）" in out
    assert list(tmp_path.iterdir()) == []
    english = said("compare", west, west, "--out", tmp_path, "--language", "en")
    assert "no place changes, nothing was written (an older one is removed)" in english


def test_changes_that_cannot_be_written(runs: dict[str, Path], tmp_path: Path) -> None:
    found = compare_runs(runs["west"], runs["both"])
    (tmp_path / "folder" / "changes.gpkg").mkdir(parents=True)
    (tmp_path / "file").write_text("mine", "utf-8")
    for out in ("folder", "file"):
        with pytest.raises(QuarterhourError, match=r"changes\.gpkg: cannot be written"):
            write_changes(found, tmp_path / out)
    assert [p.name for p in (tmp_path / "folder").iterdir()] == ["changes.gpkg"]
    assert (tmp_path / "file").read_text("utf-8") == "mine"


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
from quarterhour.answers.compare import compare_runs, write_changes
from quarterhour.errors import QuarterhourError
found = compare_runs(sys.argv[1], sys.argv[2])
try:
    write_changes(found, sys.argv[3])
except QuarterhourError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files there")
def test_a_full_disk_leaves_the_older_changes(runs: dict[str, Path], tmp_path: Path) -> None:
    older = write_changes(compare_runs(runs["both"], runs["west"]), tmp_path)
    assert older is not None
    before = older.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(runs["west"]), str(runs["both"]), str(tmp_path)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert "changes.gpkg: cannot be written" in done.stdout
    assert "the disk may be full" in done.stdout
    assert "Traceback" not in done.stderr
    assert older.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["changes.gpkg"]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["ziyang", "--domain", "elderly"], "--domain is 'elderly' and --write is not given"),
        (
            ["dazhou_draft", "--zone", "经开区=达川区", "--zone", "经开区=通川区"],
            "--zone gives 经开区 to 达川区 and to 通川区; needed is one county",
        ),
    ],
)
def test_options_that_contradict_each_other(words: list[str], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        said("reconcile", *words)


def test_sites_are_only_called_right_where_they_are(tmp_path: Path) -> None:
    head = "清单号,名称,经度,纬度,床位数\n"
    path = tmp_path / "sites.csv"
    path.write_text(head, "utf-8")
    assert "没有读到可用的点位，无从核对" in said("reconcile", "yinzhou", "--sites", path)
    path.write_text(head + "4,甲,121.5,29.8,五十张左右\n1,乙,121.5,29.8,\n", "utf-8")
    out = said("reconcile", "yinzhou", "--sites", path)
    assert "1 处，属清单 2 行：0 行合计与清单一致，2 行床位或托位没有填全，无法核对：1、4" in out
    assert "set aside: sites.csv row 2 '甲': 床位数 is '五十张左右'" in out
    document = json.loads(said("reconcile", "yinzhou", "--sites", path, "--json", "-q"))
    assert (document["sites"], document["sites_agree"]) == (1, [])
    assert document["sites_unsure"] == ["1", "4"]
    assert [row["row"] for row in document["set_aside"]] == [2]


def test_rows_of_a_list_that_are_set_aside_are_told(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "no,name,domain,type,mode,year_start,year_end,county,town,beds,places,floor_area_m2,"
        "investment_10k_yuan,apply_central_10k_yuan,lead\n"
        "1,甲,elderly,养老院,,,2024,某县,,9,,,,,\n1,乙,elderly,养老院,,,2024,某县,,9,,,,,\n",
        "utf-8",
    )
    plan = tmp_path / "plan.toml"
    plan.write_text('[plan]\ntarget_year = 2025\nlist = "list.csv"\n', "utf-8")
    assert "set aside: list.csv row 3 '乙': the number '1' is that of row 2" in said(
        "reconcile", plan
    )
    document = json.loads(said("reconcile", plan, "--json", "-q"))
    assert [row["reason"] for row in document["set_aside"]] == ["number_twice"]
