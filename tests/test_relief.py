"""A study with a terrain: the small town on a slope, and terrain files that cannot be used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

from quarterhour.core.slope import ratio
from quarterhour.errors import InputError
from quarterhour.sources.ground.terrain import read_terrain, smoothed
from quarterhour.study import run_study
from small_study import facilities_text, lonlat, people_text, small_study, write_raster

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.study import StudyResult

COLUMNS, ROWS = 80, 100


def plane(per_m: float, *, base: float = 300.0) -> np.ndarray:
    """Heights that rise eastward by `per_m`, on cells of 30 m from (-600, 1500) on."""
    x = -600 + 30 * (np.arange(COLUMNS) + 0.5)
    return np.repeat((base + per_m * x)[None, None, :], ROWS, axis=1).astype(np.float32)


def dem(folder: Path, z: np.ndarray, **more: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return write_raster(folder / "dem.tif", z, west=-600, north=1500, cell_m=30, **more)


def town(folder: Path, **changes: Any) -> StudyResult:
    """One home 600 m east of one facility, at 1 m/s."""
    files = {
        "facilities.csv": facilities_text([("西院", 0, 0, "养老院", "现状")]),
        "people.csv": people_text([("甲", 600, 0, 1)]),
    }
    given = {"service.0.walker": "elderly", **{k.replace("__", "."): v for k, v in changes.items()}}
    return run_study(small_study(folder, given, files), folder / "out")


def seconds(result: StudyResult) -> float:
    return float(result.assessments[0].demand.ms[0]) / 1000


def test_uphill_takes_longer_and_downhill_is_on_the_map_of_both_ways(tmp_path: Path) -> None:
    dem(tmp_path, plane(-0.08))  # the facility stands 48 m above the home
    up = seconds(town(tmp_path, terrain__source="dem.tif"))
    down = seconds(town(tmp_path, terrain__source="dem.tif", service__0__direction="from"))
    assert up == pytest.approx(600 / ratio(np.array([0.08]), "tobler")[0], rel=1e-3)
    assert down == pytest.approx(600 / ratio(np.array([-0.08]), "tobler")[0], rel=1e-3)
    assert up > 600 > down
    either = seconds(town(tmp_path, terrain__source="dem.tif", terrain__rule="irmischer_clarke"))
    assert either == pytest.approx(600 / ratio(np.array([0.08]), "irmischer_clarke")[0], rel=1e-3)
    notes = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["study"]["notes"]
    assert any("dem.tif (cells of 30 m), Irmischer and Clarke's function" in n for n in notes)
    inputs = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["inputs"]
    assert "terrain" in [i["role"] for i in inputs]


def test_flat_ground_and_no_slopes_are_the_flat_answer(tmp_path: Path) -> None:
    dem(tmp_path, plane(0.0))
    flat = town(tmp_path / "flat").assessments[0].demand.ms.tolist()
    for rule in ("tobler", "none"):
        folder = tmp_path / rule
        dem(folder, plane(0.0) if rule == "tobler" else plane(0.2))
        found = town(folder, terrain__source="dem.tif", terrain__rule=rule)
        assert found.assessments[0].demand.ms.tolist() == flat


def test_the_distance_rule_has_no_slope(tmp_path: Path) -> None:
    dem(tmp_path, plane(-0.1))
    found = town(tmp_path, terrain__source="dem.tif", service__0__walker="standard_1000m")
    assert seconds(found) == pytest.approx(600, abs=0.1)


@pytest.mark.parametrize("nodata", [-9999.0, None])
def test_holes_are_flat_and_told(tmp_path: Path, nodata: float | None) -> None:
    z = plane(-0.1)
    z[:, :, COLUMNS // 2 :] = -9999.0  # from x = 600 on
    dem(tmp_path, z, nodata=nodata)
    found = town(tmp_path, terrain__source="dem.tif")
    notes = " ".join(n.en for n in found.prepared.notes)
    assert "have no height and count as flat" in notes
    assert ("hold no height (such as -9999)" in notes) == (nodata is None)
    assert 600 < seconds(found) < 600 / ratio(np.array([0.12]), "tobler")[0]


def test_files_that_are_no_terrain(tmp_path: Path) -> None:
    def refusal(**changes: Any) -> str:
        with pytest.raises(InputError) as caught:
            town(tmp_path, **changes)
        return str(caught.value)

    assert "file not found" in refusal(terrain__source="none.tif")
    (tmp_path / "text.tif").write_text("no raster", "utf-8")
    assert "cannot be read as a raster" in refusal(terrain__source="text.tif")
    write_raster(tmp_path / "away.tif", plane(0.1), west=900_000, north=900_000, cell_m=30)
    assert "does not touch the roads" in refusal(terrain__source="away.tif")
    dem(tmp_path, np.full((1, ROWS, COLUMNS), -32768, np.int16), nodata=-32768)
    assert "holds no heights near the roads" in refusal(terrain__source="dem.tif")
    write_raster(tmp_path / "bare.tif", plane(0.1), crs=None)
    assert "does not say its coordinate system" in refusal(terrain__source="bare.tif")


def test_a_picture_is_no_terrain(tmp_path: Path) -> None:
    picture = np.full((3, ROWS, COLUMNS), 120, np.uint8)
    with pytest.raises(InputError, match=r"has 3 bands of whole numbers .* an orthophoto"):
        read_terrain(dem(tmp_path / "a", picture))
    # one band of bytes may well be heights in metres
    low = read_terrain(dem(tmp_path / "b", picture[:1]))
    assert np.nanmax(low.z_m) == 120


def test_heights_lie_on_the_plane_in_any_coordinate_system(tmp_path: Path) -> None:
    # the same slope, once in metres and once in degrees on Beijing's meridian strip
    local = read_terrain(dem(tmp_path, plane(0.1)))
    x = np.array([0.0, 100.0, 333.3, 900.0])
    lon, lat = np.array([lonlat(a, 50.0) for a in x]).T
    assert local.heights(lon, lat) == pytest.approx(300 + 0.1 * x, abs=0.01)
    assert local.cell_m == pytest.approx(30, abs=0.01)
    west, north = lonlat(-600, 1500)
    z = (np.arange(200)[None, None, :] * np.ones((1, 200, 1))).astype(np.float32)
    write_raster(
        tmp_path / "deg.tif", z, crs="EPSG:4326",
        transform=rasterio.Affine(0.0002, 0, west, 0, -0.0002, north),
    )  # fmt: skip
    degrees = read_terrain(tmp_path / "deg.tif")
    expected = (lon - west) / 0.0002 - 0.5
    assert degrees.heights(lon, lat) == pytest.approx(expected, abs=1e-3)
    assert degrees.cell_m == pytest.approx(0.0002 * 111_320 * np.cos(np.radians(30.12)), rel=0.01)
    assert np.isnan(degrees.heights(np.array([0.0]), np.array([0.0]))).all()


def test_whole_metres_do_not_make_stairs() -> None:
    # 3 % in whole metres on cells of 10 m: steps of 1 m every third cell, 10 % each
    z = np.floor(np.arange(60) * 0.3)[None, :].repeat(20, axis=0).astype(np.float32)
    step = np.diff(smoothed(z)[10])[10:-10] / 10
    assert np.abs(step - 0.03).max() < 0.02 < np.abs(np.diff(z[10]) / 10 - 0.03).max()
    hole = z.copy()
    hole[8:12, 30:33] = np.nan
    filled = smoothed(hole)
    assert np.isnan(filled[8:12, 30:33]).all()
    assert np.isfinite(filled).sum() == np.isfinite(hole).sum()


def test_scale_and_offset_of_the_band_count(tmp_path: Path) -> None:
    # the same slope in decimetres below a datum of 200 m
    z = ((plane(-0.08) - 200) * 10).astype(np.int16)
    path = dem(tmp_path, z)
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (200.0,)
    up = seconds(town(tmp_path, terrain__source="dem.tif"))
    assert up == pytest.approx(600 / ratio(np.array([0.08]), "tobler")[0], rel=5e-3)
