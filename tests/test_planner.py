"""What a planner reads first: one language, what asks for action before what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.checks.checking import check_study
from quarterhour.checks.looks import edge_told
from quarterhour.checks.report import document
from quarterhour.measures import Parts
from quarterhour.render.check.faults import fault_zh
from quarterhour.render.check.page import check_html
from quarterhour.render.check.sentences import fit_short
from quarterhour.render.check.words import (
    form_pair,
    is_background,
    is_doubtful,
    reason_zh,
)
from quarterhour.sources.ground.edge_notes import beyond_roads
from quarterhour.study import run_study
from small_study import command, facilities_text, small_study

if TYPE_CHECKING:
    from pathlib import Path

ONE = 1_000_000
"""A person in millionths."""


@pytest.mark.parametrize(
    ("amounts", "zh", "en"),
    [
        ((8, 2, 0, 0), "未覆盖的 8 人中，有 2 人离道路数据的边缘很近", "2 of the 8 uncovered"),
        ((8, 0, 0, 5), "只可能改变紧靠边缘的 5 人（未连接道路）的结果", "of 5 unlinked people at"),
        ((8, 0, 3, 5), "3 人（已覆盖）和 5 人（未连接道路）", "3 covered people and 5 unlinked"),
        ((8, 2, 3, 0), "；紧靠边缘的 3 人（已覆盖）也可能改变", "; at the very edge, 3 covered"),
        ((8, 0.2, 0.1, 0.4), "可能改变的结果不到 1 人", "less than one of the people"),
        ((8, 0, 0, 0), "不会改变任何结果", "no result depends"),
    ],
)
def test_figures_that_would_be_shown_as_zero_are_left_out(
    amounts: tuple[float, ...], zh: str, en: str
) -> None:
    every, *parts = amounts
    left = Parts(every, 0, every, 0)
    note = beyond_roads("people", left, *(round(ONE * n) for n in parts))
    assert zh in note.zh
    assert en in note.en
    assert " 0 " not in note.zh + note.en


@given(st.lists(st.integers(0, 3 * ONE), min_size=4, max_size=4))
def test_no_sentence_on_the_edge_speaks_of_nobody(amounts: list[int]) -> None:
    every, *parts = amounts
    left = round((every + sum(parts)) / ONE)
    note = beyond_roads("people", Parts(left, 0, left, 0), *parts)
    assert " 0 人" not in note.zh.replace("未覆盖的 0 人中", "")


def test_small_shares_ask_for_nothing_and_large_ones_do() -> None:
    line = "{}% 的需求在 200 米内只有被隔断的道路，未接入路网"
    assert is_background(line.format("0.02"))
    assert not is_background(line.format("12.00"))
    assert is_background("3 个居住区在研究范围以外，未列入")
    assert not is_background("未给出研究范围，以人口数据的范围代替")


def test_what_services_share_is_told_once(tmp_path: Path) -> None:
    other = {"name": "助餐", "facilities": "facilities.csv", "cutoffs_min": [15]}
    found = check_study(small_study(tmp_path, {"service.0.name": "养老", "service.1": other}))
    told = edge_told(list(found.assessments.values()))
    lines = [line for _, note, _ in told for line in note.zh.split("\n")]
    assert lines
    assert len(lines) == len(set(lines))
    assert ("养老", "助餐") in [services for services, _, _ in told]
    rows = [w for w in document(found)["warnings"] if w["part"] == "edge"]
    assert rows[0]["services"] == [], "of all services: none is named"


@pytest.mark.parametrize(
    ("language", "there", "not_there"),
    [
        ("zh", "条，请核对", "please check"),
        ("en", "please check", "请核对"),
        ("both", "条，请核对 / ", "note:"),
    ],
)
def test_a_run_speaks_the_language_of_the_study(
    tmp_path: Path, capfd: Any, language: str, there: str, not_there: str
) -> None:
    study = small_study(
        tmp_path, {"study.language": language, "study.name": "Town", "service.0.name": "Care"}
    )
    code, out, err = command(capfd, "run", study, "--out", tmp_path / "out")
    assert code == 0
    assert there in out
    assert not_there not in out
    assert ("未采用：" in err) == (language != "en")
    assert ("set aside:" in err) == (language != "zh")


def test_a_run_warns_of_what_the_check_warns_of_but_for_the_roads(
    tmp_path: Path, capfd: Any
) -> None:
    study = small_study(tmp_path)
    _, out, _ = command(capfd, "run", study, "--out", tmp_path / "out")
    for warned in document(check_study(study))["warnings"]:
        if warned["part"] != "roads":
            assert warned["zh"].split("\n")[0] in out
    notes = run_study(study).summary["study"]["notes"]
    assert all(" / " in note for note in notes), "the documents keep both languages"


@pytest.mark.parametrize(
    ("line", "zh", "en"),
    [
        ("name = “养老”", '请在英文输入状态下写 "，不用 “', 'write " instead of “'),
        ('name ＝ "养老"', "写 =，不用 ＝", "write = instead of ＝"),
        ("cutoffs_min = [5， 10]", "写 ,，不用 ，", "write , instead of ，"),
        ('area = "D:\\数据\\区.gpkg"', "路径请用 /，不用 \\", "write paths with /"),
        ('name = "养老', "引号没有在同一行内结束", "not valid TOML"),
        ("name", "缺少 =", "not valid TOML"),
    ],
)
def test_slips_of_a_chinese_keyboard(
    tmp_path: Path, capfd: Any, line: str, zh: str, en: str
) -> None:
    study = tmp_path / "study.toml"
    study.write_text(f'[study]\nlanguage = "zh"\n{line}\n', encoding="utf-8")
    code, _, err = command(capfd, "run", study)
    assert code == 1
    assert err.count("\n") == 1
    assert zh in err
    assert en in err
    assert "第 3 行" in err
    _, out, _ = command(capfd, "check", study)
    assert zh in out
    assert "cannot run yet" not in out, "the language is read although the rest cannot be"


def test_a_sign_inside_quotes_is_not_to_blame(tmp_path: Path, capfd: Any) -> None:
    study = tmp_path / "study.toml"
    study.write_text('[study]\nname = "养老，托育" "x"\n', encoding="utf-8")
    _, _, err = command(capfd, "run", study)
    assert "instead of" not in err


@pytest.mark.parametrize("written", [28.19, "28.19%", "28.19％"])
def test_a_percent_is_told_as_a_share(tmp_path: Path, capfd: Any, written: object) -> None:
    study = small_study(tmp_path, {"people.groups": {"age_60_plus": written}})
    code, _, err = command(capfd, "run", study)
    assert code == 1
    assert "28.19 percent is 0.2819" in err
    assert "28.19% 写作 0.2819" in err


def test_a_missing_road_file_is_one_problem(tmp_path: Path) -> None:
    study = small_study(tmp_path, {"residential.source": "osm"}, {"roads.osm": None})
    found = document(check_study(study))
    assert [p["part"] for p in found["problems"]] == ["roads"]


def test_facilities_of_another_city_are_one_problem(tmp_path: Path) -> None:
    far = facilities_text([("远院", 900_000, 0, "养老院", "现状")])
    other = {"name": "助餐", "facilities": "near.csv", "cutoffs_min": [15]}
    study = small_study(
        tmp_path, {"service.1": other}, {"facilities.csv": far, "near.csv": facilities_text()}
    )
    found = document(check_study(study))
    (problem,) = found["problems"]
    assert problem["zh"].startswith("facilities.csv：1 处都不在道路所在的地方")
    assert "养老" not in [name for w in found["warnings"] for name in w["services"]]
    assert [s["facilities_used"] for s in found["services"]] == [None, 2]


def test_auto_is_not_called_stated() -> None:
    entry = {"stated": "auto", "used": "gcj02", "median_m": {}, "verdict": "fits", "sure": 0}
    assert fit_short(entry).zh == "未指定坐标系（auto），采用 gcj02"
    assert fit_short({**entry, "stated": "gcj02"}).zh == "按写明的 gcj02"


def test_a_raster_is_described_in_chinese() -> None:
    zh, en = form_pair("GeoTIFF 140 x 300 cells, float32, people per cell")
    assert zh == "GeoTIFF，140 × 300 格, float32, 值为每格人数"
    assert "people per cell" in en


def test_the_main_network_is_not_called_gated(tmp_path: Path) -> None:
    found = document(check_study(small_study(tmp_path)))
    parts = found["roads"]["diagnosis"]["largest_parts"]
    assert len(parts) > 1
    parts[0]["gated"] = True
    page = check_html(found)
    assert "门禁隔开" not in page
    assert page.count("主路网</") == 1


def test_a_column_that_is_missing_is_named_in_chinese() -> None:
    told = fault_zh(
        "a.xlsx: status is set but there is no status column (类型, 状态); found are 甲, 乙:"
        ' name it with columns = { status = "..." }'
    )
    assert told == (
        'a.xlsx：写了 status，但没有“状态”列；现有：甲, 乙。请用 columns = { status = "列名" } 指明'
    )


@pytest.mark.parametrize(
    ("stated", "used", "verdict", "doubtful"),
    [
        ("gcj02", "gcj02", "undecided", False),  # nothing is nearer to the roads
        ("wgs84", "wgs84", "undecided", True),  # another system is
        ("auto", "gcj02", "undecided", True),  # nobody has said so
        ("wgs84", "wgs84", "other", True),
        ("gcj02", "gcj02", "fits", False),
    ],
)
def test_a_stated_system_that_lies_nearest_is_not_doubted(
    stated: str, used: str, verdict: str, doubtful: bool
) -> None:
    median_m = {"wgs84": 30.0, "gcj02": 12.0, "bd09": 31.0}
    assert is_doubtful(verdict, stated, used, median_m, 7) is doubtful
    assert is_doubtful("undecided", "gcj02", "gcj02", median_m, 4), "too few to say anything"
    assert is_doubtful("undecided", "gcj02", "gcj02", {"wgs84": 13.0, "gcj02": 12.0}, 99)
    fit = {"stated": stated, "used": used, "verdict": verdict, "best": "gcj02", "sure": 0.5,
           "median_m": median_m, "n_points": 7}  # fmt: skip
    assert ("请核对" in fit_short(fit).zh) is doubtful


def test_people_without_a_road_are_said_to_count() -> None:
    told = reason_zh("too_far_from_road", "no road within 200 m: counted apart, as unlinked")
    assert told == "200 米内没有道路，计入总量，单列为未连路网"
    far = "too far from any road: 251 m away, the limit is 100 m"
    assert reason_zh("too_far_from_road", far) == "离道路太远：251 米，限 100 米"
