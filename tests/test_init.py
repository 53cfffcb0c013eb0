"""A new study folder: what it explains, what its workbooks ask for, and that it can be filled."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from quarterhour.errors import InputError
from quarterhour.sources.facilities.kinds import KINDS, kind_keys
from quarterhour.sources.rows.columns import matches
from quarterhour.study import run_study
from quarterhour.study_file.parts import PARTS
from quarterhour.study_file.settings import load_study
from quarterhour.template.folder import LANGUAGES, init_study
from small_study import FACILITIES, STREETS, command, lonlat, osm_text

if TYPE_CHECKING:
    from pathlib import Path

LINE = re.compile(r"#?(\[|[a-z_0-9]+ = )")


def filled(folder: Path) -> Path:
    """The new study with the town's streets and both of its facilities in each sheet."""
    study, book, *_ = init_study(folder)
    (folder / "roads.osm").write_text(osm_text(STREETS), encoding="utf-8")
    text = study.read_text("utf-8").replace("roads.osm.pbf", "roads.osm")
    study.write_text(text, encoding="utf-8")
    pages = openpyxl.load_workbook(book)
    for sheet in ("养老设施", "托育设施"):
        page = pages[sheet]
        heads = [cell.value for cell in page[1]]
        for row, (name, x, y, kind, status) in enumerate(FACILITIES, 2):
            lon, lat = lonlat(x, y)
            values = {"名称": name, "类型": kind, "经度": lon, "纬度": lat, "状态": status}
            for key, value in values.items():
                page.cell(row, heads.index(key) + 1, value)
    pages.save(book)
    return study


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_a_study_may_have_is_explained(tmp_path: Path, language: str) -> None:
    study, *_ = init_study(tmp_path, language)
    lines = study.read_text("utf-8").splitlines()
    told: dict[str, set[str]] = {}
    section = ""
    for k, line in enumerate(lines):
        if not LINE.match(line):
            assert not line or line.startswith("# "), line
            continue
        plain = line.removeprefix("#")
        if plain.startswith("["):
            section = plain.strip("[]")
            continue
        key = plain.split(" = ")[0]
        if key not in told.setdefault(section, set()):
            assert lines[k - 1].startswith("# "), f"{line} has no explanation above it"
        told[section].add(key)
        tomllib.loads(plain)
    for part, model in PARTS.items():
        # the whole study and the free names of groups are no lists of keys
        missing = set(model.model_fields) - told.get(part, set()) - {"groups", "totals", "size"}
        assert part == "" or not missing, f"[{part}] {missing}"
    assert set(told) - set(PARTS) == {"people.groups"}
    assert load_study(study).study.language == language
    chinese = any(re.match(r"# .*[\u4e00-\u9fff]", line) for line in lines)
    assert chinese == (language != "en")


def test_each_option_alone_is_a_study_that_can_be_read(tmp_path: Path) -> None:
    study, *_ = init_study(tmp_path)
    lines = study.read_text("utf-8").splitlines()
    options = [k for k, line in enumerate(lines) if re.match(r"#[a-z]", line)]
    # instead of, or together with, another
    other = {"place", "bbox", "place_by_town", "group", "rural_cutoff_min"}
    section = ""
    for k, line in enumerate(lines):
        section = line if line.startswith(("[", "#[")) else section
        key = line.removeprefix("#").split(" = ")[0]
        if k in options and section.startswith("[") and key not in other:
            study.write_text("\n".join([*lines[:k], line[1:], *lines[k + 1 :]]), encoding="utf-8")
            load_study(study)


def test_the_workbook_asks_for_what_the_reader_knows(tmp_path: Path) -> None:
    _, book, people, _ = init_study(tmp_path)
    pages = openpyxl.load_workbook(book)
    assert pages.sheetnames == ["养老设施", "托育设施", "填写说明", "选项"]
    wanted = {"name", "kind", "lon", "lat", "source", "address", "county", "town", "status",
              "open_year", "floor_area_m2", "cost"}  # fmt: skip
    for sheet, more in (("养老设施", {"beds", "nursing_beds"}),
                        ("托育设施", {"places", "inclusive"})):  # fmt: skip
        page = pages[sheet]
        found = {meaning for cell in page[1] for meaning in matches(cell.value)}
        assert wanted | more <= found
        assert page.max_row == 1, "examples are not data"
        assert page.freeze_panes == "B2"
    heads = [cell.value for cell in openpyxl.load_workbook(people)["街道人口"][1]]
    assert [set(matches(h)) & {"county", "town", "people"} for h in heads[:3]] == [
        {"county"}, {"town"}, {"people"},
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_drop_downs_offer_values_that_are_understood(tmp_path: Path, language: str) -> None:
    _, book, *_ = init_study(tmp_path, language)
    pages = openpyxl.load_workbook(book)
    offered: dict[str, list[str]] = {}
    for page in pages.worksheets[:2]:
        for rule in page.data_validations.dataValidation:
            if rule.type != "list":
                continue
            sheet, span = rule.formula1.split("!")
            values = [row[0].value for row in pages[sheet.strip("'")][span.replace("$", "")]]
            heading = page.cell(1, next(iter(rule.sqref.ranges)).min_col).value
            (meaning,) = set(matches(heading)) & {"kind", "status", "inclusive", "source"}
            offered.setdefault(meaning, []).extend(values)
    assert len(offered["kind"]) > 20
    for value in offered["kind"]:
        assert kind_keys(value), f"{value} is not a kind"
        assert value in {name for kind in KINDS.values() for name in (kind.zh, kind.en)}
    existing = "existing" if language == "en" else "现状"
    assert existing in offered["status"]
    assert load_study(tmp_path / "study.toml").service[0].status == [existing]


def test_a_new_study_says_what_is_missing(tmp_path: Path, capfd: Any) -> None:
    code, out, err = command(capfd, "init", tmp_path / "新研究")
    assert (code, err) == (0, "")
    assert [line.rsplit("/", 1)[-1] for line in out.splitlines()[:4]] == [
        "study.toml", "设施.xlsx", "街道人口.xlsx", "说明.txt",
    ]  # fmt: skip
    code, out, err = command(capfd, "check", tmp_path / "新研究" / "study.toml")
    assert code == 1
    assert "还不能运行：3 个问题" in out
    assert "[道路] roads.osm.pbf：找不到这个文件" in out
    for sheet in ("养老设施", "托育设施"):
        assert f"设施.xlsx 工作表 {sheet}：只有列名，还没有填写任何一行" in out
    assert err.count("\n") == 1


def test_a_filled_study_runs(tmp_path: Path, capfd: Any) -> None:
    study = filled(tmp_path / "s")
    code, out, _ = command(capfd, "check", study)
    assert code == 0, out
    assert "养老：2 处可用" in out
    result = run_study(study, tmp_path / "out")
    assert [a.facilities.name for a in result.assessments] == [("西院", "北站")] * 2
    assert result.assessments[0].facilities.lon == pytest.approx(
        [lonlat(x, y)[0] for _, x, y, *_ in FACILITIES], abs=1e-6
    )


def test_the_readme_opens_in_an_old_editor(tmp_path: Path) -> None:
    *_, readme = init_study(tmp_path, "both")
    data = readme.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in data
    assert b"\n" not in data.replace(b"\r\n", b"")
    text = data.decode("utf-8-sig")
    assert "设施.xlsx" in text
    assert "A Quarterhour study folder" in text
    assert "{" not in text


def test_nothing_is_overwritten(tmp_path: Path, capfd: Any) -> None:
    (tmp_path / "mine.txt").write_text("x")
    code, out, err = command(capfd, "init", tmp_path)
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert "is not empty" in err
    assert err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
    code, _, err = command(capfd, "init", tmp_path / "mine.txt")
    assert code == 1
    assert "is a file" in err
    with pytest.raises(InputError, match="language is 'fr'"):
        init_study(tmp_path / "new", "fr")
    assert not (tmp_path / "new").exists()
