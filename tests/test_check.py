"""The check: every fault at once, what was read and what became of it, and nothing else touched."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quarterhour
from quarterhour.checks.checking import check_study
from quarterhour.checks.report import document
from quarterhour.render.check.faults import FAULTS, fault_zh
from quarterhour.render.check.words import CHANGES, MEANINGS, REASONS
from quarterhour.render.summary import to_json
from quarterhour.sources.rows.changes import KINDS
from quarterhour.sources.rows.columns import SYNONYMS
from small_study import (
    FACILITIES,
    box,
    command,
    facilities_text,
    lonlat,
    people_text,
    small_study,
    write_layer,
)

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)


def checked(study: Path) -> dict[str, Any]:
    return document(check_study(study))


def test_a_sound_study(tmp_path: Path, capfd: Any) -> None:
    study = small_study(tmp_path)
    code, out, err = command(capfd, "check", study)
    assert (code, err) == (0, "")
    assert "可以运行" in out
    assert "养老：2 处可用" in out
    found = checked(study)
    assert found["can_run"] is True
    assert found["problems"] == []
    (service,) = found["services"]
    assert (service["facilities_used"], service["set_aside"]) == (2, [])
    # 西院 stands 10 m from the main street, 北站 on its street
    assert (service["link_median_m"], service["link_max_m"]) == (5.0, 10.0)
    assert (service["total"], service["unlinked"]) == (112, 7)
    people = found["people"]
    assert (people["places"], people["linked_places"], people["unlinked"]) == (6, 5, 7)
    assert (people["link_median_m"], people["link_max_m"]) == (0.0, 20.0)
    (aside,) = found["set_aside"]
    assert (aside["name"], aside["reason"]) == ("山", "too_far_from_road")


def test_the_island_is_a_part_of_its_own(tmp_path: Path) -> None:
    roads = checked(small_study(tmp_path))["roads"]
    assert roads["street_km"] == pytest.approx(2.1, abs=0.001)
    found = roads["diagnosis"]
    assert found["parts"] == 2
    main, island = found["largest_parts"]
    assert main["length_m"] == pytest.approx(1800, abs=0.1)
    assert island["length_m"] == pytest.approx(300, abs=0.1)
    assert (main["people"], island["people"]) == (100, 5)


def test_every_fault_is_found_at_once(tmp_path: Path, capfd: Any) -> None:
    study = small_study(
        tmp_path,
        {
            "study.area": "nowhere.gpkg",
            "people.people": "populaton",
            "residential.source": "homes.gpkg",
            "districts.source": "districts.gpkg",
            "service.1": {"name": "托育", "facilities": "f.xlsx"},
            "service.2": {"name": "助餐", "facilities": "f.xlsx"},
            "service.3": {"name": "医疗", "facilities": "empty.csv"},
        },
        {"roads.osm": None, "empty.csv": "名称,经度,纬度\n"},
    )
    code, out, err = command(capfd, "check", study)
    assert code == 1
    assert "还不能运行：7 个问题" in out
    assert err == f"error: {study}: 还不能运行：7 个问题，见上文\n"
    found = checked(study)
    parts = [(p["part"], p["services"], p["en"].split(":")[0]) for p in found["problems"]]
    assert sorted(parts) == [
        ("area", [], "nowhere.gpkg"),
        ("districts", [], "districts.gpkg"),
        ("facilities", ["医疗"], "empty.csv"),
        ("facilities", ["托育", "助餐"], "f.xlsx"),  # one file, said once
        ("people", [], "people.csv"),
        ("residential", [], "homes.gpkg"),
        ("roads", [], "roads.osm"),
    ]
    # the service that can be read is reported all the same
    assert found["services"][0]["rows_with_position"] == 2
    assert (tmp_path / "check.html").is_file()


def test_facilities_of_another_city_are_a_problem_whatever_else_is_wrong(tmp_path: Path) -> None:
    far = facilities_text([("远院", 900_000, 0, "养老院", "现状")])
    study = small_study(tmp_path, {"people.people": "x"}, {"facilities.csv": far})
    told = {p["part"]: p["en"] for p in checked(study)["problems"]}
    assert set(told) == {"people", "facilities"}
    assert "none of its 1 places is where the roads are" in told["facilities"]


def test_a_study_file_that_cannot_be_read(tmp_path: Path, capfd: Any) -> None:
    study = small_study(tmp_path)
    study.write_text("[study\n", encoding="utf-8")
    code, out, _ = command(capfd, "check", study)
    assert code == 1
    assert "study.toml" in out
    assert "TOML" in out
    assert (tmp_path / "check.html").is_file()
    code, out, err = command(capfd, "check", tmp_path / "none" / "study.toml", "-q")
    assert (code, out) == (1, "")
    assert err.startswith("error: study.toml: file not found")
    assert not (tmp_path / "none").exists()


def test_bad_rows_are_named_with_file_sheet_and_row(tmp_path: Path, capfd: Any) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "养老设施"
    page.append(["养老设施一览"])
    page.append(["名称", "经度", "纬度"])
    page.append(["西院", *lonlat(0, 0)])
    page.append(["无址", None, None])
    page.append(["远处", *lonlat(0, 9000)])
    page.append(["坡上", *lonlat(300, 300)])
    study = small_study(tmp_path, {"service.0.facilities": "f.xlsx"})
    book.save(tmp_path / "f.xlsx")
    code, out, _ = command(capfd, "check", study)
    assert code == 0
    assert "未采用 4 行" in out
    assert "f.xlsx 工作表“养老设施” 第 4 行“无址”：缺少坐标\n" in out
    rows = {r["name"]: (r["sheet"], r["row"], r["reason"]) for r in
            checked(study)["services"][0]["set_aside"]}  # fmt: skip
    assert rows == {
        "无址": ("养老设施", 4, "missing_coordinate"),
        "远处": ("养老设施", 5, "outside_area"),
        "坡上": ("养老设施", 6, "too_far_from_road"),
    }


def test_what_was_read_otherwise_than_written_is_listed_by_kind(tmp_path: Path, capfd: Any) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["机构名称", "坐标", "床位"])
    west, north = lonlat(0, 10), lonlat(600, 500)
    page.append(["西院", f"{west[0]:.6f}，{west[1]:.6f}", "60张"])
    page.append(["北站", f"{north[1]:.6f},{north[0]:.6f}", 20])
    page.append(["怪", "待定", None])
    study = small_study(tmp_path, {"service.0.facilities": "f.xlsx"})
    book.save(tmp_path / "f.xlsx")
    found = checked(study)
    changes = {kind["kind"]: [r["row"] for r in kind["rows"]] for kind in found["changes"]}
    assert changes["one_cell"] == [2, 3]
    assert changes["unit"] == [2]
    assert all(kind["count"] == len(kind["rows"]) for kind in found["changes"])
    _, out, _ = command(capfd, "check", study)
    assert "经纬度在同一单元格 2，例如" in out
    assert "“怪”：坐标无法使用（不是两个数）：“待定”" in out


def test_columns_are_shown_with_what_they_were_taken_to_be(tmp_path: Path) -> None:
    (reading,) = [
        r for r in checked(small_study(tmp_path))["readings"] if r["layer"] == "facilities"
    ]
    assert (reading["file"], reading["rows"], reading["services"]) == (
        "facilities.csv", 2, ["养老"],
    )  # fmt: skip
    taken = {c["heading"]: (c["meaning"], c["example"]) for c in reading["columns"]}
    assert taken["设施名称"] == ("name", "西院")
    assert taken["类型"] == ("kind", "养老院")
    assert taken["经度"][0] == "lon"


def test_duplicates_are_proposed_and_not_merged(tmp_path: Path) -> None:
    rows = [*FACILITIES, ("西院", 30, 10, "养老院", "现状")]
    found = checked(small_study(tmp_path, files={"facilities.csv": facilities_text(rows)}))
    (pair,) = found["duplicates"]
    assert (pair["row_a"], pair["row_b"], pair["name_a"]) == (2, 4, "西院")
    assert pair["distance_m"] == pytest.approx(30, abs=0.1)
    assert found["services"][0]["facilities_used"] == 3
    assert [w["part"] for w in found["warnings"]].count("duplicates") == 1


def test_a_cut_off_study_area_is_warned_of(tmp_path: Path) -> None:
    warned = [w for w in checked(small_study(tmp_path))["warnings"] if w["part"] == "edge"]
    assert any("1080" in w["zh"] and "1080" in w["en"] for w in warned), "15 min at 1.2 m/s"


def test_without_people_the_check_says_what_stands_in(tmp_path: Path) -> None:
    found = checked(small_study(tmp_path, {"people": None}))
    assert found["people"]["unit"] == "street_metres"
    told = [w["zh"] for w in found["warnings"] if w["part"] == "people"]
    assert "未给出人口，以街道长度代替；结果不报人数" in told


def test_json_is_one_document_and_nothing_else(tmp_path: Path, capfd: Any) -> None:
    study = small_study(tmp_path, {"service.0.facilities": "nowhere.csv"})
    code, out, err = command(capfd, "check", study, "--json")
    assert code == 1
    told = json.loads(out)
    assert out == to_json(checked(study))
    assert told["can_run"] is False
    assert set(told) == {
        "quarterhour", "study", "can_run", "problems", "warnings", "notes", "roads", "people",
        "services", "residential", "districts", "towns", "urban", "units", "targets", "site",
        "scenarios", "readings", "datum", "duplicates", "conservation", "changes", "set_aside",
    }  # fmt: skip
    assert err.startswith("error: nowhere.csv: file not found")
    assert str(tmp_path) not in out, "no whole paths"
    code, out, err = command(capfd, "check", small_study(tmp_path), "-q")
    assert (code, out, err) == (0, "", "")


def test_sentences_name_files_without_their_folders(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "else").mkdir()
    changes = {"people.source": str(tmp_path / "else" / "p.csv"), "study.area": "../none.gpkg"}
    study = small_study(tmp_path / "s", changes)
    told = {p["part"]: p["en"].split(":")[0] for p in checked(study)["problems"]}
    assert told == {"people": "p.csv", "area": "../none.gpkg"}
    monkeypatch.chdir(tmp_path / "s")
    told = {p["part"]: p["en"].split(":")[0] for p in checked(Path("study.toml"))["problems"]}
    assert told == {"people": "p.csv", "area": "../none.gpkg"}


def test_the_page_goes_where_it_can(tmp_path: Path, capfd: Any) -> None:
    study = small_study(tmp_path / "s")
    page = tmp_path / "elsewhere.html"
    code, out, _ = command(capfd, "check", study, "--html", page)
    assert code == 0
    assert page.is_file()
    assert str(page) in out
    assert not (tmp_path / "s" / "check.html").exists()
    (tmp_path / "s" / "check.html").mkdir()
    code, out, err = command(capfd, "check", study)
    assert code == 0
    assert "cannot be written" in err
    assert err.count("\n") == 1
    assert "check.html" not in out


def test_only_the_page_is_written(tmp_path: Path, capfd: Any, monkeypatch: Any) -> None:
    study = small_study(tmp_path)
    monkeypatch.delenv("QUARTERHOUR_CACHE")  # processed roads would be kept beside their source
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    command(capfd, "check", study)
    after = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert set(after) - set(before) == {"check.html"}
    assert all(after[name] == data for name, data in before.items())
    first = after["check.html"]
    command(capfd, "check", study)
    assert (tmp_path / "check.html").read_bytes() == first, "the same study, the same bytes"


@pytest.mark.parametrize(("language", "word", "not_word"), [
    ("zh", "可以运行", "the study can run"),
    ("en", "the study can run", "可以运行"),
    ("both", "可以运行，", ""),
])  # fmt: skip
def test_the_report_speaks_the_language_of_the_study(
    tmp_path: Path, capfd: Any, language: str, word: str, not_word: str
) -> None:
    study = small_study(
        tmp_path, {"study.language": language, "study.name": "Town", "service.0.name": "Care"}
    )
    _, out, _ = command(capfd, "check", study)
    assert word in out
    assert not not_word or not_word not in out
    assert (language == "zh") == ("set aside" not in out)


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_a_long_report_stays_short_on_the_terminal(
    tmp_path: Path, capfd: Any, language: str
) -> None:
    bad = [(f"坏{k}", 0, 0, "x") for k in range(200)]
    text = facilities_text() + "".join(f"{name},{kind},现状,,\n" for name, _, _, kind in bad)
    services = {
        f"service.{k}": {"name": f"服务{k}", "facilities": f"none{k}.csv"} for k in range(1, 30)
    }
    changes = {"study.language": language, **services}
    study = small_study(tmp_path, changes, {"facilities.csv": text})
    code, out, _ = command(capfd, "check", study)
    assert code == 1
    assert len(out.splitlines()) <= 40
    assert language == "en" or "未采用 20" in out
    assert {"zh": "另有 21 条", "en": "and 21 more", "both": "另有 25 条"}[language] in out
    out.encode("gbk")
    page = (tmp_path / "check.html").read_text("utf-8")
    assert "坏199" in page
    assert "none29.csv" in page


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_a_gbk_console_can_print_all_of_it(tmp_path: Path, capfd: Any, language: str) -> None:
    rows = [*FACILITIES, ("西院", 30, 10, "养老院", "现状"), ("远", 0, 9000, "养老院", "现状")]
    text = facilities_text(rows) + "坏,养老院,现状,,\n"
    study = small_study(
        tmp_path,
        {"study.language": language, "residential.source": "homes.gpkg"},
        {"facilities.csv": text},
    )
    write_layer(tmp_path / "homes.gpkg", [box(0, 0, 50, 50)], name=["小区"])
    _, out, err = command(capfd, "check", study)
    (out + err).encode("gbk")


def test_common_faults_are_told_in_chinese(tmp_path: Path) -> None:
    faults: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({}, {"roads.osm": None}, "roads.osm：找不到这个文件"),
        ({}, {"roads.osm": b""}, "roads.osm：文件是空的"),
        ({"service.0.facilities": "."}, {}, "不认识这种文件"),
        ({}, {"facilities.csv": "名称,甲,乙\n西院,1,2\n"}, "facilities.csv：没有坐标列"),
        (
            {"service.0.facilities": "f.xlsx"},
            {"f.xlsx": b"PK"},
            "f.xlsx：无法作为 Excel 工作簿读取",
        ),
        ({"service.0.kinds": ["医院"]}, {}, "没有一行的"),
        ({"people.people": "x"}, {}, "people.csv：没有列或波段 'x'"),
        ({"service.0.group": "老人"}, {}, "不在 [people.groups] 中"),
        ({"roads.source": None}, {}, "[roads] 的 source、place、bbox 须写且只写一个"),
        ({"roads.sauce": "x"}, {}, "不认识 [roads] sauce"),
        ({"study.name": None}, {}, "缺少 [study] name"),
        ({}, {"people.csv": people_text([("远", 90_000, 90_000, 5)])}, "都不在道路所在的地方"),
    ]
    for k, (changes, files, words) in enumerate(faults):
        found = checked(small_study(tmp_path / str(k), changes, files))
        told = [p["zh"] for p in found["problems"]]
        assert any(words in text for text in told), f"{words!r} is not in {told}"


@given(st.text(), st.text(HAN))
def test_any_sentence_may_be_asked_for_in_chinese(any_text: str, han: str) -> None:
    for _, chinese in FAULTS:
        assert chinese
    fault_zh(any_text)
    assert fault_zh(f"{han}.csv: file not found; needed is x") is not None


def test_every_meaning_and_every_change_has_its_word() -> None:
    assert set(SYNONYMS) <= set(MEANINGS)
    assert set(KINDS) <= set(CHANGES)
    for table in (MEANINGS, REASONS, CHANGES):
        for zh, en in table.values():
            zh.encode("gbk")
            assert en.isascii()


def reasons_given() -> set[str]:
    """Every reason for which a row is set aside anywhere in the source."""
    found = set()
    for file in Path(quarterhour.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            given = None
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                "SetAside", "dataclasses.replace",
            }:  # fmt: skip
                given = next((word.value for word in node.keywords if word.arg == "reason"), None)
            elif (
                isinstance(node, ast.Assign)
                and ast.unparse(node.targets[0]).startswith("faults[")
                and isinstance(node.value, ast.Tuple)
            ):
                given = node.value.elts[0]
            if isinstance(given, ast.Constant):
                found.add(str(given.value))
    return found


def test_every_reason_for_setting_a_row_aside_has_its_word() -> None:
    given = reasons_given()
    assert {"closed_off", "no_street", "bad_pin", "number_twice", "bad_cost"} <= given
    assert given <= set(REASONS)
