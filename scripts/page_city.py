"""A city of a stated size as files of a study, for measuring its map; the same every time.

A grid of bent streets with some of them missing, residential areas of fourteen corners between
them, people and facilities beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

LON, LAT = 106.55, 29.56
LAT_M = 1 / 111_320
LON_M = LAT_M / np.cos(np.radians(LAT))
GAP_M = 95.0
STUDY = """\
[study]
name = "大城"
language = "both"
synthetic = true
what_if = {what_if}

[roads]
source = "roads.gpkg"

[people]
source = "people.csv"
people = "population"

[residential]
source = "homes.gpkg"

[[service]]
name = "养老服务"
facilities = "facilities.csv"
cutoffs_min = [5, 10, 15]
walker = "elderly"
"""


def page_city(
    folder: Path,
    *,
    homes: int = 4_000,
    points: int = 2_500,
    vertices: int = 100_000,
    what_if: bool = True,
) -> Path:
    """Write the study to `folder` and return its file; `vertices` of roads, to within a few."""
    import geopandas as gpd

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(20)
    lines, half_m = _streets(rng, vertices)
    gpd.GeoDataFrame({"highway": "residential"}, geometry=lines, index=range(len(lines)),
                     crs=4326).to_file(folder / "roads.gpkg")  # fmt: skip
    side = int(np.ceil(np.sqrt(homes)))
    step = 1.9 * half_m / side
    middles = np.array([(i, j) for i in range(side) for j in range(side)][:homes], np.float64)
    middles = (middles + 0.5) * step - 0.95 * half_m
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    radius = rng.uniform(0.28, 0.42, (homes, 14)) * step
    rings = np.stack([np.cos(angle) * radius, np.sin(angle) * radius], axis=-1)
    shapes = shapely.polygons(_degrees(rings + middles[:, None, :]))
    names = [f"幸福里小区{k}" for k in range(homes)]
    gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=4326).to_file(folder / "homes.gpkg")
    at = _degrees(rng.uniform(-0.94 * half_m, 0.94 * half_m, (points, 2)))
    rows = [
        f"{x:.7f},{y:.7f},{n}" for (x, y), n in zip(at, rng.integers(1, 90, points), strict=True)
    ]
    _table(folder / "people.csv", "lon,lat,population", rows)
    sites = _degrees(rng.uniform(-0.85 * half_m, 0.85 * half_m, (45, 2)))
    marks = [f"第{k}社区养老服务站,{x:.7f},{y:.7f}" for k, (x, y) in enumerate(sites)]
    _table(folder / "facilities.csv", "设施名称,经度,纬度", marks)
    file = folder / "study.toml"
    # the page without the model draws the same places
    file.write_text(STUDY.format(what_if="true" if what_if else '"places"'), encoding="utf-8")
    return file


def _streets(rng: np.random.Generator, vertices: int) -> tuple[NDArray[np.object_], float]:
    """Streets of four vertices between the crossings of a grid, one of eight left out."""
    # a crossing has nearly two streets with two bends each: about 4.5 vertices
    side = int(np.sqrt(vertices / 4.5)) + 1
    half_m = GAP_M * (side - 1) / 2
    node = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1) * GAP_M
    node = node - half_m + rng.normal(0, GAP_M / 9, node.shape)
    parts = []
    for shift in ((1, 0), (0, 1)):
        begin = node[: side - shift[0], : side - shift[1]].reshape(-1, 2)
        end = node[shift[0] :, shift[1] :].reshape(-1, 2)
        kept = rng.random(len(begin)) > 1 / 8
        share = np.linspace(0, 1, 4)[:, None]
        street = begin[kept][:, None, :] * (1 - share) + end[kept][:, None, :] * share
        street[:, 1:-1] += rng.normal(0, GAP_M / 30, street[:, 1:-1].shape)
        parts.append(street)
    return shapely.linestrings(_degrees(np.concatenate(parts))), half_m


def _degrees(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(metres * [LON_M, LAT_M] + [LON, LAT], np.float64)


def _table(path: Path, heading: str, rows: list[str]) -> None:
    path.write_text("\n".join([heading, *rows, ""]), encoding="utf-8")
