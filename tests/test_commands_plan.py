"""The commands about plans and runs, as a planner types them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import openpyxl
import pytest
import typer
from typer.testing import CliRunner

from quarterhour.commands import plan as plan_commands
from quarterhour.errors import InputError
from quarterhour.study import run_study
from small_study import facilities_text, lonlat, small_study

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(plan_commands.reconcile)
app.command()(plan_commands.compare)


def said(*words: object) -> str:
    done = CliRunner().invoke(app, [str(w) for w in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_reconcile_names_what_does_not_fit() -> None:
    out = said("reconcile", "ziyang")
    assert "项目清单 80 行" in out
    assert "不一致 7" in out
    assert "= 每千人 4.26，达不到 4.5；按 4.5 需 10,389，差 559" in out
    assert "清单中 16 个小计、合计与逐行相加一致" in out
    assert "per 1000" not in out
    english = said("reconcile", "ziyang", "--language", "en")
    assert "differs: 7" in english
    assert "4.26 per 1000, short of 4.5; needed are 10,389, 559 more" in english
    both = said("reconcile", "ziyang", "--language", "both")
    assert "不一致 7" in both
    assert "differs: 7" in both
    assert "没有项目清单" in said("reconcile", "anon_city")
    assert said("reconcile", "yinzhou", "-q") == ""


def test_reconcile_as_json() -> None:
    document = json.loads(said("reconcile", "dazhou_draft", "--json"))
    assert document["plan"]["projects"] == 105
    by_key = {f["key"]: f for f in document["findings"]}
    assert by_key["complexes_listed"]["numbers"]["listed"] == 9
    assert by_key["head_childcare_xuanhan"]["status"] == "differs"
    zoned = json.loads(said("reconcile", "dazhou_draft", "--json", "--zone", "经开区=达川区"))
    assert len(zoned["findings"]) < len(document["findings"])


def test_a_workbook_written_filled_in_and_checked(tmp_path: Path) -> None:
    book = tmp_path / "projects.xlsx"
    out = said("reconcile", "yinzhou", "--write", book)
    assert "9 行待填坐标" in out
    assert "9 处，属清单 9 行，各行合计与清单一致" in said("reconcile", "yinzhou", "--sites", book)
    document = json.loads(said("reconcile", "yinzhou", "--sites", book, "--json"))
    assert (document["sites"], document["set_aside"]) == (9, [])
    elderly = tmp_path / "elderly.xlsx"
    assert "7 行待填坐标" in said("reconcile", "yinzhou", "--write", elderly, "--domain", "elderly")
    assert openpyxl.load_workbook(elderly).sheetnames == ["养老项目"]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["nowhere"], "there is no plan 'nowhere'"),
        (["ziyang", "--language", "fr"], "needed is one of zh, en, both"),
        (["ziyang", "--zone", "经开区"], "needed is zone=county"),
        (["ziyang", "--write", "a.xlsx", "--domain", "old"], "needed is one of elderly, childcare"),
        (["ziyang", "--write", "no/such/folder/a.xlsx"], "cannot be written"),
        (["ziyang", "--sites", "no.csv"], r"no\.csv: file not found"),
    ],
)
def test_faults_are_one_sentence(words: list[str], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        said("reconcile", *words)


def test_a_filled_workbook_opens_facilities_in_a_scenario(tmp_path: Path) -> None:
    # two projects of one list get coordinates: one opens in 2023, the other in 2025
    book = tmp_path / "study" / "projects.xlsx"
    book.parent.mkdir()
    said("reconcile", "yinzhou", "--write", book)
    pages = openpyxl.load_workbook(book)
    page = pages["养老项目"]
    heading = {cell.value: cell.column for cell in page[1]}
    rows = {page.cell(k, heading["清单号"]).value: k for k in range(2, page.max_row + 1)}
    for no, at in (("4", (1200, 0)), ("6", (600, 500))):
        for name, value in zip(("经度", "纬度"), lonlat(*at), strict=True):
            page.cell(rows[no], heading[name], value)
    pages.save(book)
    plans = [
        {"name": f"{year}年", "facilities": "projects.xlsx", "sheet": "养老项目", "year": year}
        for year in (2024, 2025)
    ]
    study = small_study(
        tmp_path / "study",
        {"scenario": plans, "service.0.walker": "elderly", "service.0.cutoffs_min": [5]},
        {"facilities.csv": facilities_text([("西院", 0, 0, "养老院", "现状")])},
    )
    found = run_study(study, store=False)
    after = [
        plan["services"][0]["cutoffs"][0]["groups"]["all"]["covered_after"]
        for plan in found.summary["scenarios"]
    ]
    assert after == [10 + 40, 10 + 40 + 30]


def test_compare_two_runs(tmp_path: Path) -> None:
    places = [("西院", 0, 0, "养老院", "现状"), ("东院", 1200, 0, "养老院", "现状")]
    for name, rows in (("a", places[:1]), ("b", places)):
        study = small_study(
            tmp_path / f"{name}-study",
            {"service.0.walker": "elderly", "service.0.cutoffs_min": [5]},
            {"facilities.csv": facilities_text(rows)},
        )
        run_study(study, tmp_path / name, store=False)
    out = said("compare", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "c")
    assert "  新增设施 1 处：东院" in out
    assert "  5 分钟 全部人口：可达 10 → 50（+40），占 8.9 % → 44.6 %，总量 112" in out
    assert (tmp_path / "c" / "changes.gpkg").is_file()
    document = json.loads(said("compare", tmp_path / "a", tmp_path / "b", "--json"))
    assert document["services"][0]["facilities_opened"] == ["东院"]
    assert "more facilities (1): 东院" in said(
        "compare", tmp_path / "a", tmp_path / "b", "--language", "en"
    )
    with pytest.raises(InputError, match="has no manifest"):
        said("compare", tmp_path / "a", tmp_path / "a-study")
