"""Heights that are stored badly: cut off, in feet, with holes that nobody declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

from quarterhour.errors import InputError
from quarterhour.sources.ground.terrain import read_terrain
from small_study import write_raster

if TYPE_CHECKING:
    from pathlib import Path

SLOPE = np.repeat(np.linspace(200, 300, 50)[None, None, :], 40, axis=1)
"""Heights from 200 to 300 m."""


def dem(folder: Path, z: np.ndarray, **more: Any) -> Path:
    return write_raster(folder / "dem.tif", z, west=0, north=1200, cell_m=30, **more)


def told(path: Path) -> list[str]:
    return [note.en for note in read_terrain(path).notes]


def test_bytes_that_are_full_are_told(tmp_path: Path) -> None:
    assert told(dem(tmp_path, SLOPE.astype(np.float32))) == []
    clipped = told(dem(tmp_path, np.clip(SLOPE, 0, 255).astype(np.uint8)))
    assert len(clipped) == 1
    # of 50 columns two metres apart, those from 255 m on, in 40 rows
    full = int((np.clip(SLOPE, 0, 255).astype(np.uint8) == 255).sum())
    assert f"{full} cells are 255 and 0 are 0" in clipped[0]
    wrapped = told(dem(tmp_path, (SLOPE % 256).astype(np.uint8)))
    assert "are 0, so that higher or lower ground may be cut off" in wrapped[0]
    assert told(dem(tmp_path, (SLOPE - 150).astype(np.uint8))) == []
    # a scale is no cut
    path = dem(tmp_path, np.full((1, 40, 50), 100, np.uint8))
    assert told(path) == []


@pytest.mark.parametrize(("unit", "metre"), [("ft", 0.3048), ("US survey foot", 1200 / 3937)])
def test_feet_become_metres(tmp_path: Path, unit: str, metre: float) -> None:
    path = dem(tmp_path, (SLOPE / metre).astype(np.float32))
    with rasterio.open(path, "r+") as raster:
        raster.units = (unit,)
    found = read_terrain(path)
    assert float(np.nanmax(found.z_m)) == pytest.approx(300, abs=2)
    assert "were converted to metres" in found.notes[0].en
    assert "已换算为米" in found.notes[0].zh
    with rasterio.open(path, "r+") as raster:
        raster.units = ("m",)
    assert float(np.nanmax(read_terrain(path).z_m)) == pytest.approx(300 / metre, abs=5)


def test_zeros_among_hills_are_holes_and_the_sea_is_none(tmp_path: Path) -> None:
    z = SLOPE.astype(np.int16)
    z[:, 10:15, 10:15] = 0
    found = read_terrain(dem(tmp_path, z))
    assert int(np.isnan(found.z_m).sum()) == 25
    assert "25 cells are 0 while almost all others lie above 20 m" in found.notes[0].en
    assert float(np.nanmin(found.z_m)) > 199
    # a coast: from the sea up
    coast = np.maximum(SLOPE - 220, 0).astype(np.int16)
    assert read_terrain(dem(tmp_path, coast)).notes == ()
    # what is declared needs no words
    assert read_terrain(dem(tmp_path, z, nodata=0)).notes == ()


def test_complex_numbers_are_no_heights(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="complex numbers"):
        read_terrain(dem(tmp_path, SLOPE.astype(np.complex64)))
