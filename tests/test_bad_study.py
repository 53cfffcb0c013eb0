"""Studies whose parts do not fit each other, and anything at all: one line, or a result."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterhour.errors import QuarterhourError
from quarterhour.study import run_study
from small_study import (
    LOCAL,
    box,
    command,
    facilities_text,
    lonlat,
    osm_text,
    people_text,
    small_study,
    write_layer,
    write_raster,
)
from test_bad_input import ends_in_one_line, town_raster

if TYPE_CHECKING:
    from pathlib import Path

AREA = {"study.area": "area.gpkg"}


def test_area_without_roads(tmp_path: Path, capfd: Any) -> None:
    study = small_study(tmp_path, AREA)
    write_layer(tmp_path / "area.gpkg", [box(90_000, 90_000, 91_000, 91_000)])
    line = ends_in_one_line(capfd, study, "roads.osm: no road that can be walked lies in the study")
    assert "the roads cover 104.65" in line


def test_area_without_people(tmp_path: Path, capfd: Any) -> None:
    study = small_study(tmp_path, AREA)
    write_layer(tmp_path / "area.gpkg", [box(620, 300, 700, 310)])
    ends_in_one_line(capfd, study, "people.csv: nothing of it lies inside the study area")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"people.people": "populaton"}, "no column or band 'populaton' for people (did you mean"),
        ({"people.groups": {"old": "age_60"}}, "no column or band 'age_60' for the group 'old'"),
        ({"service.0.kinds": ["养猫"]}, "no row has kind '养猫'; found are 养老院, 日间照料"),
        ({"service.0.status": ["已建"]}, "no row has status '已建'; found are 现状"),
        ({"service.0.cutoffs_min": [0]}, "cutoffs_min (entry 1) is 0"),
        ({"service.0.walker": "eldery"}, "unknown walker 'eldery'"),
        ({"service.0.wolker": "x"}, "unknown key [[service]] number 1 (养老) wolker"),
        ({"service.0.coordinates": "EPSG:99999"}, "no such code"),
        ({"residential.source": "osm"}, "no landuse=residential"),
        ({"study.area": "nowhere.gpkg"}, "nowhere.gpkg: file not found"),
        ({"people.source": "people.xls"}, "save it as .xlsx in Excel"),
        ({"residential.source": "roads.osm"}, 'write source = "osm"'),
        ({"service.0.facilities": "roads.osm"}, "no object has the tags"),
        ({"roads.source": "people.csv"}, "this kind of file is not known"),
        ({"roads.source": "a\tb.osm"}, "write paths with /"),
        ({"people.source": "x" * 3000}, "cannot be the name of a file"),
        ({"people.source": "x" * 300}, "cannot be the name of a file"),
    ],
)
def test_study_faults(tmp_path: Path, capfd: Any, changes: dict[str, Any], words: str) -> None:
    ends_in_one_line(capfd, small_study(tmp_path, changes), words)


def test_text_without_its_columns(tmp_path: Path, capfd: Any) -> None:
    text = people_text().replace("population", "residents")
    study = small_study(tmp_path, {"people.people": None}, {"people.csv": text})
    ends_in_one_line(capfd, study, "which column holds the people? found are name, lon, lat, resid")
    text = facilities_text().replace("经度", "经纬")
    study = small_study(tmp_path, files={"facilities.csv": text})
    ends_in_one_line(capfd, study, "facilities.csv: has no coordinate columns", "纬度 (30.12")
    study = small_study(tmp_path, {"service.0.kinds": "养老院"}, {"facilities.csv": "x,y\n1,2\n"})
    ends_in_one_line(capfd, study, "kinds is set but there is no kind column")


def test_misspelt_sheet(tmp_path: Path, capfd: Any) -> None:
    study = small_study(
        tmp_path, {"service.0.facilities": "f.xlsx", "service.0.sheet": "养老设施 "}
    )
    book = openpyxl.Workbook()
    book.active.title = "养老设施"
    book.save(tmp_path / "f.xlsx")
    ends_in_one_line(capfd, study, "f.xlsx: has no sheet '养老设施 '; found are 养老设施")


def test_raster_that_does_not_say_where_it_is(tmp_path: Path, capfd: Any) -> None:
    study = small_study(tmp_path, {"people": {"source": "p.tif"}})
    for crs in (None, 'LOCAL_CS["x",UNIT["metre",1]]'):
        write_raster(tmp_path / "p.tif", town_raster(), crs=crs)
        ends_in_one_line(capfd, study, "p.tif: ", "coordinate system", "with a CRS")
    profile = {"driver": "GTiff", "count": 1, "height": 8, "width": 13, "dtype": "float32"}
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        raster = rasterio.open(tmp_path / "p.tif", "w", **profile)
    with raster:
        raster.write(town_raster())
    ends_in_one_line(capfd, study, "p.tif: does not say its coordinate system")


@pytest.mark.parametrize("key", ["study.area", "residential.source", "people.source",
                                 "roads.source", "service.0.facilities"])  # fmt: skip
def test_layer_that_does_not_say_where_it_is(tmp_path: Path, capfd: Any, key: str) -> None:
    study = small_study(tmp_path, {key: "lost.gpkg"})
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame({"population": [1]}, geometry=[box(0, 0, 9, 9)]).to_file(
            tmp_path / "lost.gpkg"
        )
    ends_in_one_line(capfd, study, "lost.gpkg: does not say its coordinate system", "with a CRS")


@pytest.mark.parametrize("what", ["points", "lines", "polygons"])
def test_layers_of_the_wrong_shape(tmp_path: Path, capfd: Any, what: str) -> None:
    shape = {"points": shapely.Point(lonlat(0, 0)), "polygons": box(0, 0, 50, 50),
             "lines": shapely.LineString([lonlat(0, 0), lonlat(50, 0)])}[what]  # fmt: skip
    write_layer(tmp_path / "w.gpkg", [shape], population=[3])
    for key, good in (("study.area", "polygons"), ("districts.source", "polygons"),
                      ("residential.source", "polygons"), ("roads.source", "lines")):  # fmt: skip
        study = small_study(tmp_path, {key: "w.gpkg"})
        if what != good:
            ends_in_one_line(capfd, study, "w.gpkg: holds no ")
    for key in ("people.source", "service.0.facilities"):
        run_study(small_study(tmp_path, {key: "w.gpkg"}))  # any shape has a point inside


def test_layers_with_several_layers(tmp_path: Path, capfd: Any) -> None:
    for layer in ("a", "b"):
        gpd.GeoDataFrame(geometry=[box(-50, -50, 1300, 700)], crs=4326).to_file(
            tmp_path / "area.gpkg", layer=layer
        )
    study = small_study(tmp_path, AREA)
    ends_in_one_line(capfd, study, "area.gpkg: has the layers a, b; needed is one")
    study = small_study(tmp_path, {**AREA, "study.area_layer": "c"})
    ends_in_one_line(capfd, study, "area.gpkg: has no layer 'c', only a, b")
    run_study(small_study(tmp_path, {**AREA, "study.area_layer": "b"}))


def test_out_that_is_no_folder(tmp_path: Path, capfd: Any) -> None:
    study = small_study(tmp_path / "study")
    file = tmp_path / "taken"
    file.write_text("mine")
    for out in (file, file / "deeper"):
        ends_in_one_line(capfd, study, f"{file}: is a file; choose a folder", out=out)
    assert file.read_text() == "mine"
    code, _, err = command(capfd, "run", study, "--out", tmp_path / ("x" * 300))
    assert (code, err.count("\n")) == (1, 1)
    assert "the results cannot be written" in err
    (tmp_path / "out" / "results.gpkg").mkdir(parents=True)
    ends_in_one_line(capfd, study, "the results cannot be written", out=tmp_path / "out")
    assert not list((tmp_path / "out").glob(".writing-*"))
    code, _, err = command(capfd, "demo", "--out", file)
    assert (code, err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    "words",
    [[], ["run"], ["--speed"], ["fly"], ["run", "study.toml", "--speed", "3"], ["check", "a", "b"],
     ["run", "study.toml", "--threads", "0"], ["run", "study.toml", "--threads", "many"]],
)  # fmt: skip
def test_wrong_usage_exits_2(capfd: Any, words: list[str]) -> None:
    code, out, err = command(capfd, *words)
    assert code == 2
    assert out == ""
    assert err.startswith("Usage: ")
    assert "Traceback" not in err


def test_the_installed_program_is_as_quiet_about_libraries(tmp_path: Path) -> None:
    """In a process of its own, where nothing catches what libraries log and warn."""
    study = small_study(tmp_path, {"people": {"source": "p.tif"}})
    rng = np.random.default_rng(1)
    write_raster(tmp_path / "p.tif", rng.random((1, 200, 200)), compress="deflate")
    data = (tmp_path / "p.tif").read_bytes()
    (tmp_path / "p.tif").write_bytes(data[: len(data) // 2])
    done = subprocess.run(
        [sys.executable, "-m", "quarterhour", "run", str(study), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {tmp_path / 'p.tif'}: cannot be read as a raster (")
    assert done.stderr.count("\n") == 1


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
KINDS = {
    "roads.source": ["roads.osm", "roads.osm.pbf", "r.gpkg", "r.graphml", "r.parquet"],
    "people.source": ["p.tif", "people.csv", "p.geojson"],
    "service.0.facilities": ["f.xlsx", "facilities.csv"],
    "study.area": ["area.gpkg", "area.shp"],
    "residential.source": ["homes.geojson"],
}
HEADS = [b"", b"PK\x03\x04", b"II*\x00", b"SQLite format 3\x00", b"<osm>", b"name,lon,lat\n",
         b"PAR1", b'{"type":"FeatureCollection","features":[', b"\x00\x00\x00\x0d\x0a\x09OSMHeader",
         b"\x1f\x8b\x08\x00", b"lon,lat,population\n104.65,30.12,"]  # fmt: skip


@pytest.mark.parametrize(("key", "name"), [(k, n) for k in KINDS for n in KINDS[k]])
@settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=SLOW)
@given(head=st.sampled_from(HEADS), tail=st.binary(max_size=300))
def test_any_bytes_in_place_of_a_file(
    tmp_path_factory: pytest.TempPathFactory, key: str, name: str, head: bytes, tail: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    study = small_study(folder, {key: name}, {name: head + tail})
    with contextlib.suppress(QuarterhourError):
        run_study(study)


CELLS = st.sampled_from(
    ["104.65", "30.12", "1e308", "-1", "0", "", "nan", "inf", "甲", "1,5", "9e8", "104.651", "=A1"]
)


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=SLOW)
@given(rows=st.lists(st.lists(CELLS, min_size=4, max_size=5), max_size=6), people=st.booleans())
def test_any_cells_in_a_table(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], people: bool
) -> None:
    lines = ["name,lon,lat,population", *(",".join(f'"{c}"' for c in row) for row in rows)]
    name = "people.csv" if people else "facilities.csv"
    study = small_study(tmp_path_factory.mktemp("cells"), files={name: "\n".join(lines)})
    try:
        result = run_study(study)
    except QuarterhourError:
        return
    count = result.assessments[0].counts[-1]["all"]
    assert count.covered + count.uncovered + count.unlinked == count.total > 0


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=SLOW)
@given(streets=st.lists(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=4),
                        max_size=4))  # fmt: skip
def test_any_streets(
    tmp_path_factory: pytest.TempPathFactory, streets: list[list[tuple[int, int]]]
) -> None:
    """Streets of one point, of no length, crossing themselves, or none at all."""
    lines = {str(k): [(x * 50.0, y * 50.0) for x, y in line] for k, line in enumerate(streets)}
    study = small_study(tmp_path_factory.mktemp("streets"), files={"roads.osm": osm_text(lines)})
    with contextlib.suppress(QuarterhourError):
        total = run_study(study).assessments[0].total
        assert total == 112


def test_projection_without_a_place_is_never_guessed(tmp_path: Path, capfd: Any) -> None:
    """Metres that call themselves degrees lie outside the earth."""
    study = small_study(tmp_path, AREA)
    frame = gpd.GeoDataFrame(geometry=[box(0, 0, 500, 500)], crs=4326).to_crs(LOCAL)
    frame.set_crs(4326, allow_override=True).to_file(tmp_path / "area.gpkg")
    ends_in_one_line(capfd, study, "area.gpkg: ")
