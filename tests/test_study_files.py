"""What a run writes and prints: documented keys and columns, the same bytes everywhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import openpyxl
import pytest

import quarterhour as qh
from quarterhour.errors import QuarterhourError
from quarterhour.publish import OUTPUTS
from quarterhour.study import run_study
from small_study import (
    FACILITIES,
    PEOPLE,
    box,
    command,
    facilities_text,
    people_text,
    small_study,
    write_layer,
    write_raster,
)
from test_bad_input import town_raster

HOSTILE = "`${alert(1)}<img src=x onerror=alert(2)></script> \"'--院"
AREA = [box(-50, -900, 1100, 700)]


def rich_study(folder: Path, **changes: Any) -> Path:
    """Two services, groups, an area that leaves 丁 out, homes, districts, rows set aside."""
    folder.mkdir(parents=True, exist_ok=True)
    write_layer(folder / "区 域.gpkg", AREA, name=["区"])
    write_layer(folder / "homes.gpkg", [box(100, 0, 200, 50), box(9000, 0, 9100, 50)])
    rows = [*FACILITIES, (HOSTILE, 300, 0, "养老院", "规划"), ("坏", 300, 300, "养老院", "现状")]
    text = facilities_text(rows).replace(f"{HOSTILE},", '"' + HOSTILE.replace('"', '""') + '",')
    return small_study(
        folder,
        {
            "study.area": "区 域.gpkg",
            "study.data_date": "2026-01",
            "people.groups": {"age_60_plus": 0.25, "age_0_3": 0.02},
            "residential.source": "homes.gpkg",
            "districts.source": "区 域.gpkg",
            "service.0.group": "age_60_plus",
            "service.0.status": "现状",
            "service.1": {"name": "托育", "facilities": "facilities.csv", "kinds": "养老院",
                          "walker": "standard_1000m", "cutoffs_min": [15]},
            **changes,
        },
        {"facilities.csv": text},
    )  # fmt: skip


def table(path: Path, layer: str) -> gpd.GeoDataFrame:
    return gpd.read_file(path / "results.gpkg", layer=layer)


def test_summary_has_the_documented_keys_in_their_order(tmp_path: Path) -> None:
    run_study(rich_study(tmp_path / "s"), tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert list(summary) == [
        "study", "roads", "services", "set_aside", "changes", "datum", "totals", "units",
    ]  # fmt: skip
    assert list(summary["study"]) == [
        "name", "language", "synthetic", "data_date", "attribution", "demand", "places",
        "link_limit_m", "outside_area", "area_given", "notes",
    ]  # fmt: skip
    for service in summary["services"]:
        assert list(service) == [
            "name", "group", "walker", "speed_mps", "limit_min", "link_limit_m", "direction",
            "inside_min", "facilities",
            "facilities_used", "facilities_planned", "facilities_of_other_kinds", "set_aside",
            "cutoffs", "walkers_beside", "edge", "redundancy", "equity", "gaps",
        ]  # fmt: skip
        for facility in service["facilities"]:
            assert list(facility) == ["name", "kind", "row", "link_m", "reached"]
        for cutoff in service["cutoffs"]:
            keys = [
                "cutoff_min", "groups", "service_area_ha", "reached_street_km", "straight_line",
                "residential",
            ]  # fmt: skip
            assert list(cutoff) == keys
            assert list(cutoff["groups"]) == ["all", "age_60_plus", "age_0_3"]
            for row in cutoff["groups"].values():
                keys = ["total", "covered", "uncovered", "unlinked", "share_covered"]
                assert list(row) == keys
                assert row["covered"] / row["total"] == pytest.approx(row["share_covered"])
        for row in service["set_aside"]:
            keys = ["layer", "file", "sheet", "row", "name", "reason", "detail"]
            assert list(row) == keys
    assert summary["services"][0]["speed_mps"] == 1.2
    assert summary["services"][1]["speed_mps"] is None  # a distance rule has none
    assert summary["study"]["outside_area"] == {"all": 40, "age_60_plus": 10, "age_0_3": 0.8}


def test_layers_and_their_columns(tmp_path: Path) -> None:
    run_study(rich_study(tmp_path / "s"), tmp_path)
    names = gpd.list_layers(tmp_path / "results.gpkg")
    kinds = dict(zip(names["name"], names["geometry_type"], strict=True))
    del kinds["layer_styles"]  # below
    assert kinds == {
        "service_areas": "MultiPolygon", "service_area_lines": "MultiLineString",
        "facilities": "Point", "people": "Point", "people_outside": "Point",
        "residential": "MultiPolygon", "gaps": "MultiPolygon",
    }  # fmt: skip
    areas = table(tmp_path, "service_areas")
    assert areas.crs.to_epsg() == 4326
    # three cutoffs with two facilities and one with two, each with all of them together
    assert areas.groupby(["service", "cutoff_min"]).size().to_dict() == {
        ("养老", 5.0): 3, ("养老", 10.0): 3, ("养老", 15.0): 3, ("托育", 15.0): 3,
    }  # fmt: skip
    assert set(areas["scope"]) == {"all", "facility"}
    assert areas.geometry.is_valid.all()
    lines = table(tmp_path, "service_area_lines")
    assert len(lines) == len(areas)
    whole = lines[(lines["service"] == "养老") & (lines["scope"] == "all")]
    assert whole["length_km"].is_monotonic_increasing
    plane = lines.estimate_utm_crs()  # its metres differ from the study's by up to 4 in 10,000
    km, ha = lines.to_crs(plane).length / 1e3, areas.to_crs(plane).area / 1e4
    for told, own in ((lines["length_km"], km), (areas["area_ha"], ha)):
        assert told.tolist() == pytest.approx(own.tolist(), rel=2e-3)
    facilities = table(tmp_path, "facilities")
    assert facilities["service"].tolist() == ["养老"] * 4 + ["托育"] * 3
    status = ["used", "used", "planned", "unlinked", "used", "used", "unlinked"]
    assert facilities["status"].tolist() == status
    assert facilities["name"][2] == HOSTILE
    assert facilities["link_m"][0] == pytest.approx(10, abs=0.02)
    assert facilities["people_reached"][0] == 7.5  # a quarter of 甲 and 乙
    assert facilities["row"].tolist() == [2, 3, 4, 5, 2, 4, 5]
    assert "300 m away" in facilities["detail"][3]
    people = table(tmp_path, "people")
    assert people.groupby("service").size().to_dict() == {"养老": 5, "托育": 5}
    assert people["source_row"].tolist() == [2, 3, 4, 6, 7] * 2
    assert people["status"].tolist()[:5] == [
        "covered", "covered", "covered", "uncovered", "unlinked",
    ]  # fmt: skip
    assert people["reason"].tolist()[3:5] == ["disconnected", "unlinked"]
    assert people["nearest"].tolist()[:3] == ["西院", "西院", "北站"]
    assert people["minutes"][0] == pytest.approx(110 / 72, abs=1e-3)
    assert people["minutes"].isna().tolist()[3:5] == [True, True]
    assert people["metres"][5] == pytest.approx(110, abs=0.02)  # by the rule, in metres
    assert people["age_60_plus"].tolist()[:2] == [2.5, 5.0]
    assert len(table(tmp_path, "people_outside")) == 2
    homes = table(tmp_path, "residential")
    assert homes["service"].tolist() == ["养老", "托育"]
    assert {"status", "share_covered", "nearest", "minutes", "source_row"} <= set(homes.columns)


def test_rows_in_are_rows_out_and_rows_set_aside(tmp_path: Path) -> None:
    extra = "无,,,9\n零,104.65,30.12,0\n负,104.65,30.12,-4\n"
    study = small_study(tmp_path, files={"people.csv": people_text() + extra})
    result = run_study(study, tmp_path / "out")
    rows = table(tmp_path / "out", "people")["source_row"].tolist()
    aside = [r.row for r in result.set_aside if r.reason != "too_far_from_road"]
    assert sorted(rows + aside) == [2, 3, 4, 5, 6, 7, 8, 10]
    nobody = 9  # a row of 0 people is no place of people, and no fault
    assert sorted([*rows, *aside, nobody]) == list(range(2, 2 + len(PEOPLE) + 3))


def test_styles_are_stored_as_qgis_reads_them(tmp_path: Path) -> None:
    run_study(rich_study(tmp_path / "s"), tmp_path)
    with sqlite3.connect(tmp_path / "results.gpkg") as base:
        columns = [row[1] for row in base.execute("PRAGMA table_info(layer_styles)")]
        rows = base.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML, styleName"
            " FROM layer_styles"
        ).fetchall()
        content = base.execute(
            "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        ).fetchall()
        geometry = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    base.close()
    assert columns == [
        "id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column",
        "styleName", "styleQML", "styleSLD", "useAsDefault", "description", "owner", "ui",
        "update_time",
    ]  # fmt: skip
    assert content == [("attributes",)]
    assert {"service_areas", "service_area_lines", "facilities", "people", "residential"} <= {
        row[0] for row in rows
    }
    for layer, column, default, qml, name in rows:
        assert column == geometry[layer]
        assert default == 1
        assert len(name) <= 30
        root = ET.fromstring(qml)  # noqa: S314 - written by us
        assert root.tag == "qgis"
        renderer = root.find("renderer-v2")
        assert renderer is not None
        symbols = [s.get("name") for s in renderer.iter("symbol")]
        rules = [rule for rule in renderer.iter("rule") if rule.get("symbol") is not None]
        assert [rule.get("symbol") for rule in rules] == symbols
        assert symbols == [str(k) for k in range(len(symbols))]
        assert len(symbols) > 0
        columns = set(table(tmp_path, layer).columns)
        for rule in renderer.iter("rule"):
            asked = re.findall(r'"(\w+)" = ', rule.get("filter", ""))
            assert columns.issuperset(asked), (layer, asked)
        assert columns.issuperset(str(a.get("field")) for a in root.iter("alias"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_runs_write_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other folders, other threads, other working folder, over older outputs, in a new process."""
    one = rich_study(tmp_path / "甲 a")
    two = tmp_path / "another" / "much deeper" / "乙" / "study.toml"
    shutil.copytree(one.parent, two.parent)
    run_study(one, tmp_path / "first", threads=1)
    monkeypatch.chdir(two.parent)
    second = tmp_path / "x" / "结 果"
    run_study(rich_study(tmp_path / "z", **{"service.0.speed_mps": 0.7}), second)
    before = digest(second / "results.gpkg")
    (second / "results.gpkg-wal").write_bytes(b"left by a program")
    words = ["run", "study.toml", "--out", str(second), "--threads", "3", "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "quarterhour", *words], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert before != digest(second / "results.gpkg")
    assert sorted(p.name for p in second.iterdir()) == sorted([*OUTPUTS, "figures"])
    for name in OUTPUTS:
        assert (tmp_path / "first" / name).read_bytes() == (second / name).read_bytes(), name
        data = (second / name).read_bytes()
        for secret in (str(tmp_path), str(Path.home()), Path(sys.prefix).as_posix()):
            assert secret.encode() not in data, name
        if name != "map.html":  # its libraries carry years of copyright
            now = dt.datetime.now(dt.UTC)
            assert f"{now:%Y-%m-%d}".encode() not in data
            assert f"{now:%Y-%m}".encode() not in data.replace(b"2026-01", b"")


def test_manifest_repeats_what_went_in(tmp_path: Path) -> None:
    study = rich_study(tmp_path / "s")
    absolute = study.parent / "elsewhere" / "人口.csv"
    absolute.parent.mkdir()
    shutil.move(study.parent / "people.csv", absolute)
    text = study.read_text("utf-8").replace('"people.csv"', json.dumps(str(absolute)))
    study.write_text(text, encoding="utf-8")
    run_study(study, tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert manifest["quarterhour"] == qh.__version__
    found = {(i["role"], i["file"]): i["sha256"] for i in manifest["inputs"]}
    home = study.parent
    assert found == {
        ("study", "study.toml"): digest(study),
        ("roads", "roads.osm"): digest(home / "roads.osm"),
        ("area", "区 域.gpkg"): digest(home / "区 域.gpkg"),
        ("people", "人口.csv"): digest(absolute),
        ("residential", "homes.gpkg"): digest(home / "homes.gpkg"),
        ("districts", "区 域.gpkg"): digest(home / "区 域.gpkg"),
        ("service 养老", "facilities.csv"): digest(home / "facilities.csv"),
        ("service 托育", "facilities.csv"): digest(home / "facilities.csv"),
    }
    figures = {f"figures/{path.name}" for path in (tmp_path / "figures").iterdir()}
    assert manifest["outputs"] == {
        name: digest(tmp_path / name) for name in {*OUTPUTS, *figures} - {"manifest.json"}
    }
    assert manifest["options"]["service"][0]["walker"] == "adult"  # defaults are told, too
    assert manifest["options"]["people"]["source"] == "人口.csv"
    assert manifest["crs"].startswith("+proj=tmerc")
    assert manifest["output_crs"] == "EPSG:4326"
    assert {"numpy", "osmium", "shapely"} <= manifest["libraries"].keys()
    (home / "roads.osm").write_bytes((home / "roads.osm").read_bytes() + b"\n")
    run_study(study, tmp_path / "again")
    again = json.loads((tmp_path / "again" / "manifest.json").read_text("utf-8"))
    assert again["inputs"][1]["sha256"] == digest(home / "roads.osm") != found["roads", "roads.osm"]


def test_json_and_silence(tmp_path: Path, capfd: Any) -> None:
    study = rich_study(tmp_path / "s")
    code, out, err = command(capfd, "run", study, "--out", tmp_path / "out", "--json")
    assert code == 0
    assert out == (tmp_path / "out" / "summary.json").read_text("utf-8")
    assert [line.split(":")[0] for line in err.splitlines()] == ["set aside"] * 2
    code, out, err = command(capfd, "run", study, "--out", tmp_path / "out", "-q")
    assert (code, out, err) == (0, "", "")
    code, out, err = command(capfd, "run", study, "--out", tmp_path / "out")
    assert code == 0
    for word in ("小镇", "养老", "托育", str(tmp_path / "out" / "map.html")):
        assert word in out


def test_check_writes_nothing(tmp_path: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    study = rich_study(tmp_path / "s")
    monkeypatch.chdir(tmp_path)
    before = {p: digest(p) for p in tmp_path.rglob("*") if p.is_file()}
    monkeypatch.delenv("QUARTERHOUR_CACHE")  # the cache would be kept beside the roads
    code, out, err = command(capfd, "check", study)
    assert code == 0
    after = {p: digest(p) for p in tmp_path.rglob("*") if p.is_file()}
    assert after.keys() - before.keys() == {study.parent / "check.html"}
    assert before.items() <= after.items()
    assert "养老" in out
    assert err == ""
    assert "未采用" in out
    assert "第 5 行“坏”" in out
    code, out, _ = command(capfd, "check", study, "--json")
    assert code == 0
    assert json.loads(out)["can_run"] is True


def test_hostile_names_are_text_on_the_map(tmp_path: Path) -> None:
    run_study(rich_study(tmp_path / "s"), tmp_path)
    page = (tmp_path / "map.html").read_text("utf-8")
    assert "<img src=x" not in page
    assert "onerror=alert(2)></script>" not in page


def test_a_study_of_every_binary_format(tmp_path: Path) -> None:
    """Workbook, raster and parquet, in a folder with a space and a Chinese name."""
    folder = tmp_path / "数 据"
    change = {"people": {"source": "人 口.tif"}, "service.0.facilities": "设 施.xlsx",
              "study.area": "区.parquet", "study.language": "both"}  # fmt: skip
    study = small_study(folder, change)
    write_raster(folder / "人 口.tif", town_raster("uint16"), nodata=None)
    gpd.GeoDataFrame(geometry=AREA, crs=4326).to_crs(4544).to_parquet(folder / "区.parquet")
    book = openpyxl.Workbook()
    book.active.append(["设施名称", "x", "y"])
    book.active.append(["西院", 104.65, 30.12])
    book.save(folder / "设 施.xlsx")
    result = run_study(study, folder / "结 果")
    assert result.assessments[0].total == 120  # the easternmost cell lies outside
    assert len(result.written) == len(OUTPUTS)


def test_ten_lines_of_python(tmp_path: Path) -> None:
    small_study(tmp_path)
    roads = qh.read_roads(tmp_path / "roads.osm")
    homes = qh.read_facilities(tmp_path / "facilities.csv", kinds=["养老院"], coordinates="wgs84")
    residents = qh.read_people(tmp_path / "people.csv", groups={"age_60_plus": 0.25})
    today = qh.assess(
        roads, residents, homes, cutoffs_min=[5, 10, 15], walker="elderly", group="age_60_plus"
    )
    qh.write_map(tmp_path / "map.html", today, title="养老", language="zh")
    assert today.share_covered == pytest.approx(30 / 112)  # 甲 and 乙 within 900 m
    assert (today.covered, today.total) == (7.5, 28)
    assert (tmp_path / "map.html").stat().st_size > 100_000
    area = box(50, -50, 550, 50)
    part = qh.assess(roads, residents, homes, area=area, walker=qh.walker("adult", speed_mps=0.5))
    assert (part.covered, part.total) == (10, 30)  # 甲 and not 乙 within 450 m
    assert part.outside["all"] == 82_000_000  # millionths


def test_a_far_away_row_neither_moves_the_map_nor_is_called_too_far_from_a_road(
    tmp_path: Path,
) -> None:
    from quarterhour.briefing.shown import map_data
    from quarterhour.render.map.payload import view_bounds

    rows = [("近", 100, 0, "", ""), ("远", 900_000, 0, "", "")]
    study = small_study(tmp_path, None, {"facilities.csv": facilities_text(rows)})
    result = run_study(study)
    data = map_data(result.assessments, title="t")
    assert [m.name for m in data.services[0].facilities] == ["近"]
    west, _, east, _ = view_bounds(data)
    assert east - west < 0.1
    aside = result.summary["services"][0]["set_aside"]
    assert [(r["name"], r["reason"]) for r in aside] == [("远", "outside_area")]


def test_roads_of_openstreetmap_are_credited_unless_the_study_words_it(tmp_path: Path) -> None:
    osm = small_study(tmp_path / "a", {"study.synthetic": True})
    assert any("OpenStreetMap" in t for t in run_study(osm).summary["study"]["attribution"])
    own = small_study(tmp_path / "b", {"roads.attribution": "Roads: drawn by hand"})
    assert run_study(own).summary["study"]["attribution"][-1:] == ["Roads: drawn by hand"]


def test_a_result_that_cannot_be_replaced_leaves_the_old_ones_alone(tmp_path: Path) -> None:
    study = small_study(tmp_path / "s")
    out = tmp_path / "out"
    run_study(study, out)
    before = (out / "map.html").read_bytes()
    (out / "results.gpkg").unlink()
    (out / "results.gpkg").mkdir()
    (tmp_path / "s" / "facilities.csv").write_text(
        facilities_text([("新", 600, 0, "", "")]), encoding="utf-8"
    )
    with pytest.raises(QuarterhourError, match=r"results\.gpkg is a folder"):
        run_study(study, out)
    assert (out / "map.html").read_bytes() == before
    assert (out / "manifest.json").exists()
    assert not list(out.glob(".writing-*"))
