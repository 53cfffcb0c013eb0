"""People of rasters and rows: counts and densities, blocks, impossible numbers, one position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

import quarterhour as qh
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Demand
from quarterhour.sources.people import raster as people_raster
from quarterhour.sources.people.rows import numbers_of
from quarterhour.sources.people.surface import cell_m2, polygon_m2
from quarterhour.sources.rows.cells import cell_number

if TYPE_CHECKING:
    from pathlib import Path

GEOD = Geod(ellps="WGS84")
CELL = 1 / 1200
"""Three seconds of arc, as in WorldPop."""

moderate = settings(max_examples=60, deadline=None, derandomize=True)


def tif(path: Path, band: Any, *, crs: str = "EPSG:4326", at: Any = None, **more: Any) -> Path:
    """A raster of one band; degrees from 104.6 east, 30.2 north unless told otherwise."""
    band = np.asarray(band)
    at = at or rasterio.Affine(CELL, 0, 104.6, 0, -CELL, 30.2)
    profile = {"driver": "GTiff", "count": 1, "height": band.shape[0], "width": band.shape[1],
               "dtype": band.dtype, "crs": crs, "transform": at}  # fmt: skip
    with rasterio.open(path, "w", **{**profile, **more}) as raster:
        raster.write(band, 1)
    return path


def total(demand: Demand, group: str = EVERYONE) -> float:
    return int(demand.amounts[group].sum()) / 1e6


def english(demand: Demand) -> str:
    return "\n".join(note.en for note in demand.notes)


# --- areas --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lat", [0.0, 30.0, -51.3, 64.0])
def test_the_area_of_a_cell_is_that_of_the_geodesic(lat: float) -> None:
    wide = shapely.box(104.0, lat, 104.0 + CELL, lat + CELL)
    geodesic = abs(GEOD.geometry_area_perimeter(wide)[0])
    assert polygon_m2(np.array([wide]))[0] == pytest.approx(geodesic, rel=1e-7)


@pytest.mark.parametrize("code", ["EPSG:3857", "EPSG:32648", "EPSG:4544", "ESRI:54009"])
def test_cells_of_projected_grids_have_their_area_on_the_earth(code: str) -> None:
    from pyproj import Transformer

    to_lonlat = Transformer.from_crs(code, 4326, always_xy=True).transform
    x0, y0 = Transformer.from_crs(4326, code, always_xy=True).transform(104.65, 30.12)
    affine = (100.0, 0.0, x0, 0.0, -100.0, y0)
    row, col = np.array([0, 7, 150, 299]), np.array([0, 290, 33, 299])
    found = cell_m2(affine, to_lonlat, row, col, rows_only=False)
    for r, c, m2 in zip(row, col, found, strict=True):
        corners = [(c, r), (c + 1, r), (c + 1, r + 1), (c, r + 1)]
        lon, lat = to_lonlat([x0 + 100 * i for i, _ in corners], [y0 - 100 * j for _, j in corners])
        assert m2 == pytest.approx(abs(GEOD.polygon_area_perimeter(lon, lat)[0]), rel=1e-5)


# --- rasters ------------------------------------------------------------------------------------


def test_densities_are_taken_times_the_area(tmp_path: Path) -> None:
    path = tif(tmp_path / "p.tif", np.array([[0, 500.0], [2000, -9999]]), nodata=-9999)
    m2 = abs(GEOD.geometry_area_perimeter(shapely.box(104.6, 30.2 - CELL, 104.6 + CELL, 30.2))[0])
    assert total(qh.read_people(path)) == 2500
    found = qh.read_people(path, values="per_km2", groups={"old": 0.5})
    assert total(found) == pytest.approx(2500 * m2 / 1e6, rel=1e-4)
    assert total(found, "old") == pytest.approx(total(found) / 2, abs=1e-6)
    assert found.readings[0].rows == 2


def test_blocks_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = np.arange(70 * 50, dtype="float64").reshape(70, 50) % 7
    cells[3, 4], cells[40, 17] = -3, np.inf
    strips = tif(tmp_path / "strips.tif", cells)
    tiles = tif(tmp_path / "tiles.tif", cells, tiled=True, blockxsize=16, blockysize=16)
    whole = qh.read_people(strips)
    seen: list[tuple[str, int, int]] = []
    monkeypatch.setattr(people_raster, "CELLS_AT_ONCE", 300)
    for path in (strips, tiles):
        found = qh.read_people(path, progress=lambda *step: seen.append(step))
        assert found.lon.tolist() == whole.lon.tolist()
        assert found.amounts[EVERYONE].tolist() == whole.amounts[EVERYONE].tolist()
        assert [a.detail for a in found.set_aside] == [a.detail for a in whole.set_aside]
    assert seen[-1][1] == seen[-1][2] > 10
    assert [a.reason for a in whole.set_aside] == ["negative_people", "bad_people"]


def test_of_a_large_raster_only_the_part_near_the_study_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tif(tmp_path / "p.tif", np.ones((100, 120), "uint8"), tiled=True, blockxsize=16,
               blockysize=32)  # fmt: skip
    near = (104.6 + 20 * CELL, 30.2 - 60 * CELL, 104.6 + 30 * CELL, 30.2 - 40 * CELL)
    assert total(qh.read_people(path, near=near)) == 12_000
    monkeypatch.setattr(people_raster, "LARGE_CELLS", 10_000)
    found = qh.read_people(path, near=near)
    assert 10 * 20 <= total(found) <= 14 * 24
    inside = (found.lon > near[0]) & (found.lon < near[2])
    inside &= (found.lat > near[1]) & (found.lat < near[3])
    assert inside.sum() == 200
    assert "people beyond it are not counted" in english(found)
    with pytest.raises(InputError, match="does not reach the study area"):
        qh.read_people(path, near=(10, 50, 11, 51))


def test_the_other_unit_is_proposed_where_the_total_is_impossible(tmp_path: Path) -> None:
    density = tif(tmp_path / "d.tif", np.full((9, 9), 8000.0))
    found = qh.read_people(density)
    assert "which is impossible" in english(found)
    assert 'set values = "per_km2"' in english(found)
    assert not qh.read_people(density, values="per_km2").notes
    count = tif(tmp_path / "c.tif", np.full((9, 9), 55.0))
    assert not qh.read_people(count).notes
    assert 'set values = "count"' in english(qh.read_people(count, values="per_km2"))


def test_a_scale_in_the_file_is_applied_and_told(tmp_path: Path) -> None:
    path = tif(tmp_path / "p.tif", np.array([[15, 255]], "uint8"), nodata=255)
    with rasterio.open(path, "r+") as raster:
        raster.scales = (0.5,)
    found = qh.read_people(path)
    assert total(found) == 7.5
    assert [c.kind for c in found.changes] == ["unit"]


def test_porto_alegre_as_counts_and_as_densities(shared: Path, tmp_path: Path) -> None:
    source = shared / "porto_alegre" / "poa_population.tif"
    counts = qh.read_people(source)
    assert total(counts) == pytest.approx(812_935, abs=0.01)
    assert not counts.notes
    with rasterio.open(source) as raster:
        band, profile = raster.read(1), raster.profile
        north = raster.transform.f - CELL * np.arange(raster.height)
    km2 = [abs(GEOD.geometry_area_perimeter(shapely.box(0, n - CELL, CELL, n))[0]) / 1e6
           for n in north.tolist()]  # fmt: skip
    dense = np.where(band < 0, band, band / np.array(km2)[:, None])
    with rasterio.open(tmp_path / "d.tif", "w", **profile) as raster:
        raster.write(dense.astype("float32"), 1)
    assert total(qh.read_people(tmp_path / "d.tif", values="per_km2")) == pytest.approx(
        812_935, abs=0.1
    )
    assert "If they are densities there are 812,935" in english(qh.read_people(tmp_path / "d.tif"))


# --- rows ---------------------------------------------------------------------------------------


def test_polygons_as_densities_and_polygons_that_are_too_large(tmp_path: Path) -> None:
    shapes = [shapely.box(104.60, 30.10, 104.61, 30.11), shapely.box(104.7, 30.1, 104.702, 30.102)]
    frame = gpd.GeoDataFrame({"人口": [1000, 500]}, geometry=shapes, crs=4326)
    frame.to_file(tmp_path / "p.gpkg")
    found = qh.read_people(tmp_path / "p.gpkg", values="per_km2")
    km2 = [abs(GEOD.geometry_area_perimeter(s)[0]) / 1e6 for s in shapes]
    assert total(found) == pytest.approx(1000 * km2[0] + 500 * km2[1], rel=1e-5)
    assert "1 polygon is wider than 1 km (the widest 1.1 km)" in english(found)
    (tmp_path / "p.csv").write_text("lon,lat,人口\n104.6,30.1,5\n", encoding="utf-8")
    with pytest.raises(InputError, match="needs a raster or polygons"):
        qh.read_people(tmp_path / "p.csv", values="per_km2")
    with pytest.raises(InputError, match="needed is count"):
        qh.read_people(tmp_path / "p.csv", values="per_ha")


def test_units_and_shares_in_headings_are_followed_and_told(tmp_path: Path) -> None:
    text = "经度,纬度,常住人口（万人）,60岁以上占比(%)\n104.6,30.1,1.5,20\n104.7,30.1,0.5,50\n"
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    found = qh.read_people(tmp_path / "p.csv", groups={"old": "60岁以上占比(%)"})
    assert found.amounts[EVERYONE].tolist() == [15_000_000_000, 5_000_000_000]
    assert found.amounts["old"].tolist() == [3_000_000_000, 2_500_000_000]
    assert sorted(c.kind for c in found.changes) == ["share", "unit"]
    uses = {use.heading: use.meaning for use in found.readings[0].columns}
    assert uses["常住人口（万人）"] == "people"
    assert uses["60岁以上占比(%)"] == "old"


cell = st.one_of(
    st.floats(allow_nan=True), st.integers(-(10**9), 10**9), st.none(), st.booleans(),
    st.text("0123456789.,-+eE_ ５人", max_size=6),
)  # fmt: skip


@moderate
@given(st.one_of(st.lists(cell), st.lists(st.text("0123456789.-+eE", max_size=5))))
def test_the_fast_way_to_numbers_is_the_slow_one(cells: list[Any]) -> None:
    slow = [cell_number(c) for c in cells]
    for a, b in zip(numbers_of(cells).tolist(), slow, strict=True):
        assert (a == b) if b is not None else np.isnan(a)


def test_helsinki(shared: Path) -> None:
    found = qh.read_people(shared / "helsinki" / "helsinki_population_grid_2020.gpkg")
    assert (total(found), len(found), found.notes) == (71_724, 92, ())
