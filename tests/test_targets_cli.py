"""The command: a plan explained without a study, and judged on one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quarterhour import cli
from quarterhour.commands.targets import targets
from quarterhour.demo_study import demo_study
from small_study import command, small_study
from test_targets_run import HEAD, TOTAL, study

if TYPE_CHECKING:
    from pathlib import Path


def run(capfd: Any, *words: object) -> tuple[int, str, str]:
    """`quarterhour targets` with these words."""
    if all(known.callback is not targets for known in cli.app.registered_commands):
        cli.app.command()(targets)
    return command(capfd, "targets", *words)


def test_a_plan_is_explained_without_a_study(capfd: Any) -> None:
    code, out, err = run(capfd, "--explain", "ziyang")
    assert (code, err) == (0, "")
    assert "Z-01 每个街道建成社区养老服务综合体" in out
    assert "Z-01 A community elderly care complex in every subdistrict" in out
    assert "Z-30" in out
    code, out, _ = run(capfd, "--explain", "--plan", "yinzhou", "--language", "en")
    assert code == 0
    assert "Y-29" in out
    assert "    needs: " in out
    assert "需要" not in out
    code, out, _ = run(capfd, "--explain", "ziyang", "--json")
    assert "Z-01" in json.dumps(json.loads(out)["ziyang"])


def test_a_plan_of_ones_own_is_explained(tmp_path: Path, capfd: Any) -> None:
    plan = tmp_path / "mine.toml"
    plan.write_text(HEAD + TOTAL, "utf-8")
    code, out, _ = run(capfd, "--explain", plan, "--language", "zh")
    assert code == 0
    assert "养老设施的床位合计。目标 ≥ 100" in out


def test_failed_targets_are_results_and_no_error(tmp_path: Path, capfd: Any) -> None:
    path = study(tmp_path, TOTAL.replace("value = 100", "value = 101"), {"study.language": "zh"})
    code, out, err = run(capfd, path)
    assert (code, err) == (0, "")
    assert "达标 0，未达标 1，无法判断 0" in out
    row = next(line for line in out.splitlines() if line.startswith("T-1")).split()
    assert row[2:7] == ["未达标", "100", "≥", "101", "2025"]
    assert "还差 1 张床位" in out


def test_results_in_english_as_json_and_as_a_file(tmp_path: Path, capfd: Any) -> None:
    path = study(tmp_path, TOTAL, {"study.language": "en"})
    code, out, _ = run(capfd, path, "--out", tmp_path / "out")
    assert code == 0
    assert "1 pass, 0 fail, 0 unknown" in out
    written = json.loads((tmp_path / "out" / "targets.json").read_text("utf-8"))
    code, out, err = run(capfd, path, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == written
    assert written["plans"][0]["indicators"][0]["result"] == "pass"
    assert run(capfd, path, "-q")[:2] == (0, "")


def test_plans_of_the_command_come_before_those_of_the_study(tmp_path: Path, capfd: Any) -> None:
    path = study(tmp_path, TOTAL)
    code, out, _ = run(capfd, path, "--plan", "hechuan", "--plan", tmp_path / "mine.toml", "--json")
    assert code == 0
    assert [p["key"] for p in json.loads(out)["plans"]] == ["hechuan", "mine"]


def test_everything_is_told_with_explain(tmp_path: Path, capfd: Any) -> None:
    path = study(tmp_path, TOTAL, {"study.language": "both"})
    code, out, _ = run(capfd, path, "--explain")
    assert code == 0
    assert "计入：西院、北站 / counted: 西院, 北站" in out
    assert "计入（规划）：新院 / counted (planned): 新院" in out


def test_the_demo_under_a_plan(tmp_path: Path, capfd: Any) -> None:
    code, out, _ = run(capfd, demo_study(tmp_path), "--plan", "ziyang", "--json")
    assert code == 0
    plan = json.loads(out)["plans"][0]
    results = {one["id"]: one for one in plan["indicators"]}
    assert plan["pass"] + plan["fail"] + plan["unknown"] == len(results)
    # 507 places of the table's 现状 and earlier openings, for the people of the demo
    assert results["Z-20"]["result"] == "fail"
    assert results["Z-22"]["result"] == "unknown"
    assert "inclusive" in results["Z-22"]["parts"][0]["missing"][0]["en"]


def test_faults_are_one_line(tmp_path: Path, capfd: Any) -> None:
    plain = small_study(tmp_path / "plain")
    bad = tmp_path / "bad.toml"
    bad.write_bytes((HEAD + TOTAL).encode("gb18030"))
    broken = tmp_path / "broken.toml"
    broken.write_text(HEAD + TOTAL.replace('"beds"', '"bedz"'), "utf-8")
    for words, told in (
        ((), "no study file is named"),
        (("--explain",), "--explain needs a plan"),
        ((tmp_path / "none.toml",), "file not found"),
        ((plain,), "no plan is named"),
        ((plain, "--plan", "zyiang"), "did you mean 'ziyang'?"),
        ((plain, "--plan", bad), "is not UTF-8 text"),
        ((plain, "--plan", broken), "indicator T-1: no column of facilities is called 'bedz'"),
        ((plain, "--plan", "ziyang", "--out", bad), "is a file"),
        ((plain, "--plan", "ziyang", "--language", "fr"), "--language is 'fr'"),
        (("--explain", tmp_path / "none.toml"), "file not found"),
    ):
        code, out, err = run(capfd, *words)
        assert (code, out) == (1, ""), words
        assert told in err, words
        assert err.startswith("error: "), words
        assert err.count("\n") == 1, words


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, capfd: Any) -> None:
    path = study(tmp_path, TOTAL)
    out = tmp_path / "out"
    (out / "targets.json").mkdir(parents=True)
    code, _, err = run(capfd, path, "--out", out)
    assert code == 1
    assert "targets.json: cannot be written" in err
    assert [p.name for p in out.iterdir()] == ["targets.json"]
    (out / "targets.json").rmdir()
    (out / "targets.json").write_text("old", "utf-8")
    code, _, _ = run(capfd, path, "--out", out, "-q")
    assert code == 0
    assert [p.name for p in out.iterdir()] == ["targets.json"]
    assert json.loads((out / "targets.json").read_text("utf-8"))["plans"]


def test_rows_and_changes_of_tables_are_told_in_the_language(tmp_path: Path, capfd: Any) -> None:
    more = "名称,类型,床位\n某院,养老院,约30\n,,5\n"
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "more.csv").write_text(more, "utf-8")
    path = study(tmp_path / "s", TOTAL, {"targets.facilities": ["more.csv"]})
    code, out, _ = run(capfd, path, "--language", "zh")
    assert code == 0
    assert "未采用：more.csv 第 3 行：没有名称\n" in out
    assert "改读：more.csv 第 2 行“某院”：“床位”为“约30”（约数），读作 30\n" in out
    code, out, _ = run(capfd, path, "--language", "en")
    assert "changed: more.csv row 2 \"某院\": 床位 '约30' is not exact and was read as 30\n" in out
    assert "改读" not in out


def test_a_plan_that_is_named_twice_is_judged_once(tmp_path: Path, capfd: Any) -> None:
    path = study(tmp_path, TOTAL)
    plans = ("--plan", tmp_path / "town.toml") * 2
    (tmp_path / "town.toml").write_text(HEAD + TOTAL, "utf-8")
    code, out, _ = run(capfd, path, *plans, "--json")
    assert code == 0
    assert len(json.loads(out)["plans"]) == 1
