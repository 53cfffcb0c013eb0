"""The layers of results.gpkg as GeoJSON and GeoParquet: the same rows, as the standards say."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from quarterhour.render.gis.exchange import SUFFIXES, write_formats
from quarterhour.siting.run import run_site
from quarterhour.study import run_study
from quarterhour.study_file.settings import load_study
from siting_town import siting_study
from small_study import box, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '{"a": 1} </script><img src=x onerror=alert(1)> `${1}` "q" \u202e\U0001f474 𠮷'
BOTH = {"study.formats": ["geojson", "geoparquet"]}


def city(folder: Path, **changes: Any) -> Path:
    """The small town with residential areas and a hostile name."""
    write_layer(
        (folder.mkdir(parents=True), folder / "homes.gpkg")[1],
        [box(0, -50, 300, 50), box(900, -50, 1250, 50)],
        name=[HOSTILE, "东苑"],
    )
    return small_study(folder, {"residential.source": "homes.gpkg", **BOTH, **changes})


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    run_study(city(folder / "s"), folder / "out")
    return folder / "out"


def layers(out: Path) -> list[str]:
    return [n for n, kind in pyogrio.list_layers(out / "results.gpkg") if kind is not None]


def test_every_layer_of_the_geopackage_is_there(out: Path) -> None:
    assert len(layers(out)) >= 6
    for name, suffix in SUFFIXES.items():
        assert sorted(p.stem for p in (out / name).iterdir()) == sorted(layers(out))
        assert {p.suffix for p in (out / name).iterdir()} == {suffix}


@pytest.mark.parametrize("name", ["people", "residential", "facilities", "service_areas"])
def test_the_rows_are_those_of_the_geopackage(out: Path, name: str) -> None:
    want = gpd.read_file(out / "results.gpkg", layer=name)
    for found in (
        gpd.read_file(out / "geojson" / f"{name}.geojson"),
        gpd.read_parquet(out / "geoparquet" / f"{name}.parquet"),
    ):
        assert list(found["service"]) == list(want["service"])
        assert set(found.columns) >= set(want.columns)
        assert found.crs.equals(want.crs, ignore_axis_order=True)
        near = shapely.hausdorff_distance(found.geometry.values, want.geometry.values)
        assert near.max() < 1e-6
        for column in want.select_dtypes("number"):
            np.testing.assert_allclose(
                found[column].astype(float), want[column].astype(float), rtol=1e-12
            )


def rings(shape: dict[str, Any]) -> list[list[list[list[float]]]]:
    """Polygons of a geometry, each a list of rings."""
    return shape["coordinates"] if shape["type"] == "MultiPolygon" else []


def test_geojson_is_that_of_the_standard(out: Path) -> None:
    n_rings = 0
    for path in sorted((out / "geojson").iterdir()):
        text = path.read_text("utf-8")
        document = json.loads(text, parse_constant=pytest.fail)
        assert document["type"] == "FeatureCollection"
        assert "crs" not in document
        # at most seven decimals, longitude before latitude
        numbers = re.findall(r"-?\d+\.\d+", "".join(re.findall(r'"coordinates": (.*)', text)))
        assert numbers
        assert max(len(number.split(".")[1]) for number in numbers) <= 7
        for feature in document["features"]:
            assert feature["type"] == "Feature"
            for outer, *holes in rings(feature["geometry"]):
                n_rings += 1
                assert shapely.is_ccw(shapely.linearrings(outer))
                assert not any(shapely.is_ccw(shapely.linearrings(hole)) for hole in holes)
                assert all(103 < x < 106 and 29 < y < 31 for x, y in outer)
    assert n_rings > 5


def test_a_hostile_name_stays_a_text(out: Path) -> None:
    document = json.loads((out / "geojson" / "residential.geojson").read_text("utf-8"))
    assert [f["properties"]["name"] for f in document["features"]] == [HOSTILE, "东苑"]
    table = gpd.read_parquet(out / "geoparquet" / "residential.parquet")
    assert list(table["name"]) == [HOSTILE, "东苑"]


def test_geoparquet_says_what_it_is(out: Path) -> None:
    for path in sorted((out / "geoparquet").iterdir()):
        told = json.loads(pq.read_metadata(path).metadata[b"geo"])
        assert told["version"] == "1.1.0"
        column = told["columns"][told["primary_column"]]
        assert column["encoding"] == "WKB"
        assert column["crs"]["id"] == {"authority": "EPSG", "code": 4326}
        assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
        assert not [f.name for f in pq.read_schema(path) if str(f.type) == "null"]


def test_the_manifest_has_every_file_and_two_runs_are_the_same(out: Path, tmp_path: Path) -> None:
    run_study(city(tmp_path / "s"), tmp_path / "out")
    listed = json.loads((out / "manifest.json").read_text("utf-8"))
    for folder in SUFFIXES:
        for path in (out / folder).iterdir():
            data = path.read_bytes()
            assert data == (tmp_path / "out" / folder / path.name).read_bytes()
            assert listed["outputs"][f"{folder}/{path.name}"] == hashlib.sha256(data).hexdigest()
            assert str(tmp_path).encode() not in data
    assert listed["options"]["study"]["formats"] == ["geojson", "geoparquet"]
    assert "pyarrow" in listed["libraries"]


def test_files_of_a_format_no_longer_asked_for_go_and_others_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    written = run_study(city(tmp_path / "one"), out).written
    assert [path.name for path in written[-2:]] == ["geojson", "geoparquet"]
    (out / "geojson" / "mine.geojson").write_text("{}", encoding="utf-8")
    run_study(small_study(tmp_path / "two", {"study.formats": "geojson"}), out)
    assert not (out / "geoparquet").exists()
    kept = {path.stem for path in (out / "geojson").iterdir()}
    assert "mine" in kept
    assert "residential" not in kept, "the second study has no residential areas"
    run_study(small_study(tmp_path / "three"), out)
    assert [path.name for path in (out / "geojson").iterdir()] == ["mine.geojson"]


def test_a_folder_that_is_a_file_ends_in_a_sentence(tmp_path: Path) -> None:
    from quarterhour.errors import QuarterhourError

    out = tmp_path / "out"
    out.mkdir()
    (out / "geojson").write_text("mine", encoding="utf-8")
    with pytest.raises(QuarterhourError, match="geojson is a file there"):
        run_study(city(tmp_path / "s"), out)
    assert [path.name for path in out.iterdir()] == ["geojson"]


def test_siting_writes_them_too(tmp_path: Path) -> None:
    study = siting_study(tmp_path / "s", {"n_sites": 2}, changes=BOTH)
    out = tmp_path / "out"
    run_site(study, out)
    sites = json.loads((out / "geojson" / "sites_chosen.geojson").read_text("utf-8"))
    assert [f["properties"]["name"] for f in sites["features"]] == ["东口", "北坡"]
    assert len(gpd.read_parquet(out / "geoparquet" / "sites_candidates.parquet")) == 5
    listed = json.loads((out / "manifest.json").read_text("utf-8"))["outputs"]
    assert "geoparquet/sites_chosen.parquet" in listed
    assert "sites.geojson" in listed


def test_numbers_that_are_not_finite_and_rings_that_collapse(tmp_path: Path) -> None:
    sliver = shapely.MultiPolygon([shapely.box(104, 30, 104 + 1e-9, 30.1), box(0, 0, 9, 9)])
    bow = shapely.MultiPolygon([shapely.Polygon([(104, 30), (105, 31), (105, 30), (104, 31)])])
    shapes = np.array([sliver, shapely.MultiPolygon(), bow], object)
    columns = {
        "name": np.array([None, "", "[1]"], object),
        "minutes": np.array([np.nan, np.inf, 1.5]),
        "nothing": np.array([None] * 3, object),
    }
    made = write_formats(
        tmp_path, {"areas": (shapes, "MultiPolygon", columns)}, ["geoparquet", "geojson"]
    )
    assert list(made) == ["geojson", "geoparquet"]
    rows = json.loads(made["geojson"][0].read_text("utf-8"))["features"]
    assert [row["properties"] for row in rows] == [
        {"name": None, "minutes": None, "nothing": None},
        {"name": "", "minutes": None, "nothing": None},
        {"name": "[1]", "minutes": 1.5, "nothing": None},
    ]
    assert len(rings(rows[0]["geometry"])) == 1, "a sliver of a tenth of a millimetre is no area"
    assert list(gpd.read_parquet(made["geoparquet"][0])["name"].fillna("-")) == ["-", "", "[1]"]


def test_lines_shorter_than_a_centimetre_are_no_points(tmp_path: Path) -> None:
    """Pieces of streets: one that collapses goes, and the layer keeps its one type."""
    long, short = [(104, 30), (104.001, 30)], [(104.002, 30), (104.002 + 1e-9, 30)]
    shapes = np.array(
        [shapely.MultiLineString([long, short]), shapely.MultiLineString([short])], object
    )
    layer = {"lines": (shapes, "MultiLineString", {"n": np.array([1, 2])})}
    made = write_formats(tmp_path, layer, ["geojson"])
    rows = json.loads(made["geojson"][0].read_text("utf-8"))["features"]
    assert {row["geometry"]["type"] for row in rows if row["geometry"]} == {"MultiLineString"}
    assert rows[0]["geometry"]["coordinates"] == [[list(map(float, at)) for at in long]]
    assert [row["properties"]["n"] for row in rows] == [1, 2]


def test_an_unknown_format_is_told(tmp_path: Path) -> None:
    from quarterhour.errors import InputError

    study = small_study(tmp_path, {"study.formats": ["geojson", "shapefile"]})
    with pytest.raises(InputError, match="allowed are 'geojson' or 'geoparquet'"):
        load_study(study)
