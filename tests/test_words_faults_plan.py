"""Faults of plans, lists and comparisons are said in Chinese, too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from quarterhour.commands import plan as plan_commands
from quarterhour.errors import QuarterhourError
from quarterhour.render.check.faults_plan import PLAN_FAULTS
from quarterhour.targets.project_list import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(plan_commands.reconcile)
app.command()(plan_commands.compare)

LIST = ",".join(COLUMNS) + "\n1,甲,elderly,养老院,,,2024,某县,,9,,,,,\n"
FIGURES = '[plan]\ntarget_year = 2025\nlist = "list.csv"\n'
HEAD = '[[head]]\nkey = "h"\nselect = ["*"]\ncost = 1\n'
CHECK = '[[check]]\nkey = "c"\nrule = "new"\n'
FEW_COLUMNS, BAD_TEXT = "no,name\n", LIST.replace("甲", "甲" * 200_000)


def in_chinese(words: list[str]) -> str:
    with pytest.raises(QuarterhourError) as error:
        CliRunner().invoke(app, words, catch_exceptions=False)
    for pattern, told in PLAN_FAULTS:
        found = re.search(pattern, str(error.value))
        if found:
            return told.format(**found.groupdict())
    raise AssertionError(str(error.value))


@pytest.mark.parametrize(
    ("figures", "rows", "zh"),
    [
        ("[plan", LIST, "不是 TOML 文件"),
        ("x = " + "9" * 5000, LIST, "有一个几千位的数字"),
        (FIGURES, FEW_COLUMNS, "项目清单没有 domain 列"),
        (FIGURES, BAD_TEXT, "第 2 行读不下去"),
        (FIGURES + HEAD.replace("*", "9"), LIST, "'h' 的 select 中，'9' 在项目清单里没有对应的行"),
        (FIGURES + HEAD + 'counties = ["x"]\n', LIST, "'h' 的 counties 中，项目清单没有 'x' 的行"),
        (FIGURES + HEAD + 'parts = ["x"]\n', LIST, "'h' 的 parts 中没有 'x' 这个小计"),
        (FIGURES + '[[text]]\nno = "9"\n', LIST, "[[text]] 所写的 '9' 不在项目清单中"),
        (FIGURES + CHECK.replace("new", "magic"), LIST, "'c' 的 rule 写的是 'magic'"),
        (FIGURES.replace("list.csv", "no.csv"), LIST, "无法读取"),
    ],
)
def test_faults_of_files(tmp_path: Path, figures: str, rows: str, zh: str) -> None:
    (tmp_path / "list.csv").write_text(rows, "utf-8")
    (tmp_path / "plan.toml").write_text(figures, "utf-8")
    assert zh in in_chinese(["reconcile", str(tmp_path / "plan.toml")])


def test_faults_of_sites_and_options(tmp_path: Path) -> None:
    sites = tmp_path / "sites.csv"
    sites.write_text("清单号,名称,床位数\n4,甲,9999\n", "utf-8")
    words = ["reconcile", "yinzhou", "--sites", str(sites)]
    assert "4 各处床位合计为 9,999" in in_chinese(words)
    sites.write_text("甲,乙\n1,2\n", "utf-8")
    assert "没有“清单号”列" in in_chinese(words)
    assert "没有规划 'x'；可用的是 ziyang" in in_chinese(["reconcile", "x"])
    assert "--domain 只用于 --write" in in_chinese(["reconcile", "ziyang", "--domain", "elderly"])
    assert "应写成 功能区=区县" in in_chinese(["reconcile", "ziyang", "--zone", "x"])
    zones = ["--zone", "经开区=甲区", "--zone", "经开区=乙区"]
    assert "既归 甲区 又归 乙区" in in_chinese(["reconcile", "ziyang", *zones])
    book = str(tmp_path / "no" / "a.xlsx")
    assert "无法写入" in in_chinese(["reconcile", "ziyang", "--write", book])
    (tmp_path / "gbk.toml").write_bytes("[plan]\nzh = '资阳市方案'".encode("gbk"))
    assert "不是 UTF-8 文本" in in_chinese(["reconcile", str(tmp_path / "gbk.toml")])


def test_faults_of_comparisons(tmp_path: Path) -> None:
    assert "不是运行结果的文件夹" in in_chinese(["compare", str(tmp_path), str(tmp_path)])
    assert "不是运行结果的文件夹" in in_chinese(["compare", str(tmp_path / "no"), str(tmp_path)])
