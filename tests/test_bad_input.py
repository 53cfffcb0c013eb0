"""Row faults are set aside and counted; file and study faults end in one line that helps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest

from quarterhour.study import run_study
from small_study import (
    FACILITIES,
    LAT_0,
    LON_0,
    PEOPLE,
    STREETS,
    box,
    command,
    facilities_text,
    lonlat,
    people_text,
    small_study,
    write_layer,
    write_raster,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

Run = Any
CSV_HEAD = "name,lon,lat,population\n"


def row(name: str, x: float, y: float, people: object = 9) -> str:
    lon, lat = lonlat(x, y)
    return f"{name},{lon:.9f},{lat:.9f},{people}\n"


def rows_of(path: Path, layer: str) -> list[dict[str, Any]]:
    return gpd.read_file(path, layer=layer).drop(columns="geometry").to_dict("records")


# --- rows ---------------------------------------------------------------------------------------


def test_bad_rows_are_set_aside_and_change_nothing_else(tmp_path: Path, capfd: Run) -> None:
    bad_people = (
        "缺,,30.12,9\n" + "字,东经,30.12,9\n" + "非,nan,30.12,9\n" + "外,204.6,30.12,9\n"
        + row("负", 200, 0, -3) + row("空", 200, 0, "") + row("字", 200, 0, "不详")
        + row("巨", 200, 0, "1e30")
    )  # fmt: skip
    bad_facilities = (
        "缺,养老院,现状,,30.12\n" + "字,养老院,现状,一百,30.12\n" + "反,养老院,现状,30.12,204.65\n"
        + facilities_text([("远", 300, 300, "养老院", "现状")]).split("\n")[1] + "\n"
        + "外,养老院,现状,106.5,31.0\n"
    )  # fmt: skip
    plain = small_study(tmp_path / "plain")
    dirty = small_study(
        tmp_path / "dirty",
        files={
            "people.csv": people_text() + bad_people,
            "facilities.csv": facilities_text() + bad_facilities,
        },
    )
    assert command(capfd, "run", plain, "--out", tmp_path / "a")[0] == 0
    code, out, err = command(capfd, "run", dirty, "--out", tmp_path / "b")
    assert code == 0
    assert "Traceback" not in out + err
    first, second = (
        json.loads((tmp_path / f / "summary.json").read_text("utf-8")) for f in ("a", "b")
    )
    assert second["services"][0]["cutoffs"] == first["services"][0]["cutoffs"]
    assert second["services"][0]["facilities"] == first["services"][0]["facilities"]
    for layer in ("people", "service_areas", "service_area_lines"):
        assert str(rows_of(tmp_path / "b" / "results.gpkg", layer)) == str(
            rows_of(tmp_path / "a" / "results.gpkg", layer)
        )
    people = {(r["row"], r["name"]): r for r in second["set_aside"]}
    reasons = {key: r["reason"] for key, r in people.items()}
    assert reasons == {
        (7, "山"): "too_far_from_road",
        (8, "缺"): "missing_coordinate",
        (9, "字"): "bad_coordinate",
        (10, "非"): "missing_coordinate",
        (11, "外"): "bad_coordinate",
        (12, "负"): "negative_people",
        (13, "空"): "bad_people",
        (14, "字"): "bad_people",
        (15, "巨"): "bad_people",
    }
    facilities = second["services"][0]["set_aside"]
    assert {(r["row"], r["reason"]) for r in facilities} == {
        (4, "missing_coordinate"),
        (5, "bad_coordinate"),
        (6, "bad_coordinate"),
        (7, "too_far_from_road"),
        (8, "outside_area"),
    }
    for r in [*second["set_aside"], *facilities]:
        assert r["file"] == f"{r['layer']}.csv"
        assert r["detail"]
        assert f"{r['file']} 第 {r['row']} 行" in err
    assert len(err.splitlines()) == 14
    assert "300 米，限 100 米" in err


def test_duplicate_ids(tmp_path: Path) -> None:
    text = "编号,名称,lon,lat,population\n" + "".join(
        f"{key},{row(name, x, 0)}" for key, name, x in
        (("A1", "一", 0), ("A2", "二", 100), ("A1", "三", 200), ("", "四", 300), ("", "五", 400))
    )  # fmt: skip
    found = run_study(small_study(tmp_path, files={"people.csv": text}))
    assert len(found.prepared.ground.demand) == 4  # no id is no duplicate
    assert [(r.row, r.name, r.reason) for r in found.set_aside] == [(4, "三", "duplicate_id")]
    assert "already used in row 2" in found.set_aside[0].detail


def test_at_most_twenty_lines_and_then_the_number(tmp_path: Path, capfd: Run) -> None:
    text = people_text() + "".join(row(f"p{k}", 200, 0, -1) for k in range(30))
    study = small_study(tmp_path, files={"people.csv": text})
    code, _, err = command(capfd, "run", study, "--out", tmp_path / "out")
    assert code == 0
    lines = err.splitlines()
    assert len(lines) == 21
    assert all(line.startswith("未采用：people.csv 第 ") for line in lines[:20])
    assert lines[20] == "未采用：另有 11 行；全部 31 行见 summary.json"
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert len(summary["set_aside"]) == 31
    assert summary["services"][0]["cutoffs"][0]["groups"]["all"]["total"] == 112


def test_rows_of_a_workbook_are_named_by_sheet(tmp_path: Path, capfd: Run) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "养老设施"
    page.append(["养老设施一览"])
    page.append(["名称", "经度", "纬度"])
    page.append(["西院", *lonlat(0, 0)])
    page.append([])
    page.append(["无址", None, None])
    study = small_study(tmp_path, {"service.0.facilities": "f.xlsx"})
    book.save(tmp_path / "f.xlsx")
    code, out, err = command(capfd, "check", study, "--json")
    assert code == 0
    (aside,) = json.loads(out)["services"][0]["set_aside"]
    assert (aside["file"], aside["sheet"], aside["row"], aside["name"], aside["reason"]) == (
        "f.xlsx", "养老设施", 5, "无址", "missing_coordinate",
    )  # fmt: skip
    assert "f.xlsx sheet 养老设施 row 5 '无址': coordinate is missing" in err


def town_raster(dtype: str = "float32") -> np.ndarray:
    """One band of the town's 13 by 8 cells: 10 people along the main street, row 6."""
    band = np.zeros((1, 8, 13), dtype)
    band[0, 6] = 10
    return band


def test_negative_cells_are_set_aside(tmp_path: Path) -> None:
    band = town_raster()
    band[0, 0, :3] = -7
    band[0, 1, 0] = np.nan
    study = small_study(tmp_path, {"people": {"source": "p.tif"}})
    write_raster(tmp_path / "p.tif", band)
    found = run_study(study)
    assert found.assessments[0].total == 130
    assert [(r.reason, r.row) for r in found.set_aside] == [("negative_people", None)] * 3
    assert "raster cell (row 0, column 2) holds -7 people" in found.set_aside[2].detail


@pytest.mark.parametrize("value", [-9999.0, 3.4028230607370965e38])
def test_a_no_data_value_that_is_not_declared_is_one_line(tmp_path: Path, value: float) -> None:
    band = np.full((1, 40, 40), value, "float32")
    band[0, :8, :13] = town_raster()
    study = small_study(tmp_path, {"people": {"source": "p.tif"}})
    write_raster(tmp_path / "p.tif", band, nodata=-3.4028234663852886e38)
    found = run_study(study)
    assert found.assessments[0].total == 130
    (aside,) = found.set_aside
    assert "1,496 raster cells hold" in aside.detail
    assert "no-data value that the file does not declare" in aside.detail


def far(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [(name, x + 300, 300, *rest) for name, x, _, *rest in rows]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"facilities.csv": facilities_text([])}, "facilities.csv: no usable facility"),
        ({"facilities.csv": facilities_text(far(FACILITIES[:1]))}, "1 unlinked"),
        ({"facilities.csv": "名称,经度,纬度\n西院,,\n"}, "1 set aside before"),
        ({"facilities.csv": "x,y\n30.12,204.65\n"}, "coordinate is outside the earth"),
        ({"people.csv": CSV_HEAD}, "people.csv: holds no people"),
        ({"people.csv": CSV_HEAD + row("甲", 0, 0, 0)}, "people.csv: holds no people"),
        ({"people.csv": CSV_HEAD + row("甲", 0, 0, -1)}, "1 row is set aside"),
        ({"people.csv": people_text(far(PEOPLE[:1]))}, "has a road within 200 m"),
        ({"people.csv": CSV_HEAD + row("甲", 0, 0, "9e8") * 200}, "more than there are"),
    ],
)
def test_nothing_usable_remains(
    tmp_path: Path, capfd: Run, files: dict[str, str], words: str
) -> None:
    ends_in_one_line(capfd, small_study(tmp_path, files=files), words)


# --- files --------------------------------------------------------------------------------------


def ends_in_one_line(capfd: Run, study: Path, *words: str, out: Path | None = None) -> str:
    """The one line that a run ends in; it names everything in `words`."""
    place = out or study.parent / "out"
    code, stdout, err = command(capfd, "run", study, "--out", place)
    assert code == 1, err
    assert stdout == ""
    assert err.count("\n") == 1, err
    assert err.startswith("error: ")
    for word in words:
        assert word in err
    assert len(err) < 1000
    assert not (place / "summary.json").exists()
    return err


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with every kind of input file, all of them good."""
    folder = tmp_path_factory.mktemp("everything")
    whole = [box(-50, -900, 1300, 700)]
    write_layer(folder / "area.gpkg", whole, name=["区"])
    write_layer(folder / "districts.gpkg", whole, name=["街道"])
    write_layer(folder / "homes.gpkg", [box(100, 10, 200, 60)], name=["小区"])
    write_layer(folder / "people.gpkg", [box(0, 0, 50, 50)], population=[20])
    lines = [[lonlat(*p) for p in line] for line in STREETS.values()]
    import shapely

    write_layer(folder / "roads.gpkg", [shapely.LineString(line) for line in lines])
    write_raster(folder / "people.tif", town_raster())
    book = openpyxl.Workbook()
    book.active.append(["名称", "经度", "纬度"])
    book.active.append(["西院", LON_0, LAT_0])
    book.save(folder / "facilities.xlsx")
    demo = Path(__file__).parents[1] / "data" / "demo" / "roads.osm.pbf"
    shutil.copy(demo, folder / "roads.osm.pbf")
    small_study(folder)
    return folder


PART = {"area": "study.area", "districts": "districts.source", "homes": "residential.source",
        "people": "people.source", "roads": "roads.source",
        "facilities": "service.0.facilities"}  # fmt: skip
FILES = ("roads.osm", "roads.osm.pbf", "roads.gpkg", "people.csv", "people.tif", "people.gpkg",
         "facilities.xlsx", "facilities.csv", "area.gpkg", "districts.gpkg",
         "homes.gpkg")  # fmt: skip


def with_file(everything: Path, folder: Path, name: str) -> tuple[Path, Path]:
    """A study that reads `name`, a copy to be damaged."""
    shutil.copytree(everything, folder, dirs_exist_ok=True)
    changes: dict[str, Any] = {PART[name.split(".", maxsplit=1)[0]]: name}
    if name == "people.tif":
        changes["people.people"] = None
    study = small_study(folder, changes)
    return study, folder / name


@pytest.mark.parametrize("name", [f for f in FILES if f != "roads.osm.pbf"])
def test_the_files_that_are_going_to_be_damaged_are_good(
    tmp_path: Path, everything: Path, name: str
) -> None:
    run_study(with_file(everything, tmp_path / "a", name)[0])


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (name, damage)
        for name in FILES
        for damage in ("missing", "empty", "folder", "half", "picture", "letter")
        if damage != "half" or not name.endswith(".csv")  # half a text table is a shorter table
    ],
)
def test_file_faults(tmp_path: Path, capfd: Run, everything: Path, name: str, damage: str) -> None:
    study, path = with_file(everything, tmp_path / "a", name)
    data = path.read_bytes()
    path.unlink()
    words = {"missing": "file not found", "empty": "is empty", "folder": "is a folder"}
    if damage == "folder":
        path.mkdir()
    elif damage == "half":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "picture":
        path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8)
    elif damage != "missing":
        path.write_bytes({"empty": b"", "letter": "您好，\n数据见附件。\n".encode()}[damage])
    line = ends_in_one_line(capfd, study, str(path), words.get(damage, ""))
    assert line.rstrip("\n").isprintable()
    assert "needed is" in line or "may be" in line  # what it should be, or what has happened to it


def test_formats_in_each_others_place(tmp_path: Path, capfd: Run, everything: Path) -> None:
    for k, (name, instead) in enumerate(
        [("people.tif", "area.gpkg"), ("area.gpkg", "people.tif"),
         ("facilities.xlsx", "people.csv"), ("people.csv", "facilities.xlsx"),
         ("roads.osm", "roads.osm.pbf"),
         ("roads.osm.pbf", "roads.osm"), ("roads.gpkg", "homes.gpkg"), ("homes.gpkg", "roads.gpkg")]
    ):  # fmt: skip
        study, path = with_file(everything, tmp_path / str(k), name)
        shutil.copy(everything / instead, path)
        ends_in_one_line(capfd, study, str(path))
