"""Two runs of one town against each other: totals, places, differences, and bad folders."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from quarterhour.answers.compare import compare_runs, write_changes
from quarterhour.answers.compare_words import print_comparison, summary_of, tables_of
from quarterhour.errors import InputError
from quarterhour.study import run_study
from small_study import facilities_text, lonlat, people_text, small_study

if TYPE_CHECKING:
    from pathlib import Path

# 5 minutes at 1 m/s are 300 m, at 1.2 m/s 360 m
EARLIER = [("西院", 0, 0, "养老院", "现状")]  # reaches 甲 (100 m), 10 people
LATER = [("东院", 1200, 0, "养老院", "现状"), ("北院", 600, 400, "养老院", "现状")]
"""丁 (0 m, 40 people) and 丙 (200 m, 30 people)."""


def run(folder: Path, name: str, files: Any = None, **changes: Any) -> Path:
    study = small_study(
        folder / f"{name}-study",
        {"service.0.walker": "elderly", "service.0.cutoffs_min": [5], **changes},
        files,
    )
    run_study(study, folder / name, store=False)
    return folder / name


@pytest.fixture(scope="module")
def runs(tmp_path_factory: Any) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    east = {"facilities.csv": facilities_text(LATER)}
    fewer = [("甲", 100, 0, 10), ("丁", 1200, 0, 40)]
    more = [("甲", 100, 0, 11), *[("乙", 500, 20, 20)], ("丙", 600, 600, 30), ("丁", 1200, 0, 40),
            ("岛", 150, -800, 5), ("山", 300, 400, 7)]  # fmt: skip
    west = {"facilities.csv": facilities_text(EARLIER)}
    return {
        "before": run(folder, "before", west),
        "again": run(folder, "again", west),
        "after": run(folder, "after", east),
        "fast": run(folder, "fast", west, **{"service.0.walker": "adult"}),
        "fewer": run(folder, "fewer", {**west, "people.csv": people_text(fewer)}),
        "more": run(folder, "more", {**west, "people.csv": people_text(more)}),
        "other": run(folder, "other", west, **{"service.0.name": "托育"}),
        "wide": run(folder, "wide", west, **{"service.0.cutoffs_min": [10, 15]}),
    }


def test_other_facilities(runs: dict[str, Path], tmp_path: Path) -> None:
    found = compare_runs(runs["before"], runs["after"])
    service = found.services[0]
    amounts = service.amounts[5.0]["all"]
    assert (amounts.covered_before, amounts.covered_after, amounts.difference) == (10, 70, 60)
    assert (amounts.total_before, amounts.total_after) == (112, 112)
    places = service.places
    assert places is not None
    assert (places.total("all", gained=True), places.total("all", gained=False)) == (70, 10)
    assert amounts.difference == 70 - 10
    assert places.n_places == 6
    assert [(d.part, d.name) for d in found.differences] == [("input", "service 养老")]
    path = write_changes(found, tmp_path / "out")
    assert path is not None
    layer = gpd.read_file(path, layer="changes").sort_values("people")
    assert layer[["change", "people", "nearest_before", "nearest_after"]].to_numpy().tolist() == [
        ["lost", 10.0, "西院", "北院"], ["gained", 30.0, "西院", "北院"],
        ["gained", 40.0, "西院", "东院"],
    ]  # fmt: skip
    assert layer.geometry.iloc[0].distance(shapely.Point(lonlat(100, 0))) < 1e-6
    first = path.read_bytes()
    write_changes(found, tmp_path / "out")
    assert path.read_bytes() == first


def test_one_run_against_itself(runs: dict[str, Path], tmp_path: Path) -> None:
    found = compare_runs(runs["before"], runs["again"])
    assert found.differences == ()
    assert found.notes == ()
    assert found.services[0].amounts[5.0]["all"].difference == 0
    places = found.services[0].places
    assert places is not None
    assert len(places.gained) == 0
    assert write_changes(found, tmp_path) is None


def test_another_walker(runs: dict[str, Path]) -> None:
    found = compare_runs(runs["before"], runs["fast"])
    assert [d._asdict() for d in found.differences] == [
        {"part": "option", "name": "service.养老.walker", "before": "elderly", "after": "adult"}
    ]
    lines = said(found, 0)
    assert "养老（elderly → adult；设施 1 处）" in lines
    assert "  5 分钟 全部人口：可达 10 → 10（0），占 8.9 % → 8.9 %，总量 112" in lines


def test_other_people_are_compared_by_their_totals_only(runs: dict[str, Path]) -> None:
    for name, told in (
        ("fewer", "两次运行的人口位置不同（6 处和 2 处），只比较合计"),
        ("more", "两次运行同一位置的人数不同（all），只比较合计"),
    ):
        found = compare_runs(runs["before"], runs[name])
        assert found.services[0].places is None
        assert [n.zh for n in found.notes] == [told]
        assert ("input", "people") in {(d.part, d.name) for d in found.differences}
    amounts = found.services[0].amounts[5.0]["all"]
    assert (amounts.total_before, amounts.total_after, amounts.difference) == (112, 113, 1)


def test_services_of_other_names_and_other_cutoffs(runs: dict[str, Path]) -> None:
    found = compare_runs(runs["before"], runs["other"])
    assert "“养老”与“托育”名称不同" in found.notes[0].zh
    assert found.services[0].amounts[5.0]["all"].difference == 0
    found = compare_runs(runs["before"], runs["wide"])
    assert found.services[0].amounts == {}
    assert any("没有相同的时间与人群" in n.zh for n in found.notes)
    assert any("最长时间不同（5 和 15 分钟）" in n.zh for n in found.notes)


def test_a_file_that_was_changed_is_told(runs: dict[str, Path], tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(runs["before"], changed)
    path = changed / "summary.json"
    path.write_text(path.read_text("utf-8").replace('"小镇"', '"大镇"'), "utf-8")
    found = compare_runs(changed, runs["again"])
    assert [n.zh for n in found.notes] == [
        "changed/summary.json 在运行之后被改动过，与 manifest.json 的记录不符"
    ]
    assert said(found, 0)[0] == "大镇 → 小镇"


def said(found: Any, language: int) -> list[str]:
    lines: list[str] = []
    print_comparison(found, lambda *texts: lines.append(texts[language]))
    return lines


def test_words_tables_and_summary(runs: dict[str, Path]) -> None:
    found = compare_runs(runs["before"], runs["after"])
    zh, en = said(found, 0), said(found, 1)
    assert len(zh) == len(en)
    assert "  5 分钟 全部人口：可达 10 → 70（+60），占 8.9 % → 62.5 %，总量 112" in zh
    assert "  新增可达 70 人（2 处），不再可达 10 人（1 处），共比较 6 处" in zh
    assert "  gained 70 people (2 places), lost 10 (1 place), of 6 places" in en
    document = summary_of(found)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["services"][0]["places"]["gained"] == {"all": 70.0}
    tables = {t.key: t for t in tables_of(found)}
    assert tables["compare"].rows[0][3:] == (10, 70, 60, 10 / 112, 70 / 112)
    assert len(tables["compare_differences"].rows) == 1


def with_units(folder: Path, target: Path, covered: dict[str, float]) -> Path:
    """A copy of a run whose summary has a table of towns."""
    shutil.copytree(folder, target)
    path = target / "summary.json"
    document = json.loads(path.read_text("utf-8"))
    units = [
        {"unit": unit, "county": "某县", "kind": "street",
         "groups": {"all": {"total": 56.0, "covered": people}}}
        for unit, people in covered.items()
    ]  # fmt: skip
    units.append({"unit": None, "county": None, "kind": None, "groups": {}})
    document["units"] = [{"service": "养老", "levels": {"town": units}}]
    path.write_text(json.dumps(document), "utf-8")
    return target


def test_units_that_both_have(runs: dict[str, Path], tmp_path: Path) -> None:
    one = with_units(runs["before"], tmp_path / "a", {"东街道": 0, "西街道": 10, "旧街道": 3})
    two = with_units(runs["after"], tmp_path / "b", {"西街道": 0, "东街道": 70, "新街道": 3})
    units = compare_runs(one, two).services[0].units
    assert [(u.unit, u.amounts.difference) for u in units] == [("东街道", 70), ("西街道", -10)]
    lines = said(compare_runs(one, two), 0)
    assert "  镇街 某县东街道：+70，0.0 % → 125.0 %" in lines
    table = next(t for t in tables_of(compare_runs(one, two)) if t.key == "compare_units_1")
    assert [row[2] for row in table.rows] == ["东街道", "西街道"]


def test_folders_that_are_no_results(runs: dict[str, Path], tmp_path: Path) -> None:
    good = runs["before"]

    def broken(name: str, file: str, content: bytes | None) -> Path:
        folder = tmp_path / name
        shutil.copytree(good, folder)
        if content is None:
            (folder / file).unlink()
        else:
            (folder / file).write_bytes(content)
        return folder

    def manifest(**changes: Any) -> bytes:
        document = json.loads((good / "manifest.json").read_text("utf-8"))
        return json.dumps({**document, **changes}).encode()

    (tmp_path / "empty").mkdir()
    for folder, fault in (
        (tmp_path / "nowhere", "nowhere: there is no such folder; needed is the folder"),
        (good / "summary.json", "is a file; needed"),
        (tmp_path / "empty", "has no manifest.json; needed"),
        (broken("a", "results.gpkg", None), "has no results.gpkg"),
        (broken("b", "summary.json", None), "has no summary.json"),
        (broken("c", "manifest.json", b"{"), "is no JSON of a run"),
        (broken("d", "manifest.json", b"[]"), "is not of a run of quarterhour, it is no table"),
        (broken("e", "manifest.json", manifest(inputs=1)), "inputs is no list"),
        (broken("e2", "manifest.json", manifest(inputs=[{"role": 3}])), r"inputs\[0\] has no file"),
        (broken("f", "results.gpkg", b"no"), "is no GeoPackage"),
        (broken("g", "summary.json", b"\xff\xfe"), "is no JSON of a run"),
        (broken("h", "summary.json", b'{"study": 1, "services": []}'), "study is no table"),
        (broken("i", "summary.json", b'{"services": []}'), "it has no study"),
    ):
        with pytest.raises(InputError, match=fault):
            compare_runs(good, folder)
