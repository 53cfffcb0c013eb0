"""A whole study of a tiny town, every key and file of which a test may replace.

    island   (0,-800) ======== (300,-800)            no way to the main street

    (600,600)
        |                         side street, 600 m
        |
    (0,0) ==== main street ==== (600,0) ==== (1200,0)

Metres from the town's origin become degrees through a local map projection, so that distances in
the town are what is written here to the centimetre of an OSM file.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

LON_0, LAT_0 = 104.65, 30.12
LOCAL = CRS.from_proj4(f"+proj=tmerc +lat_0={LAT_0} +lon_0={LON_0} +k=1 +datum=WGS84 +units=m")
TO_LONLAT = Transformer.from_crs(LOCAL, 4326, always_xy=True)

STREETS = {
    "主街": [(x, 0) for x in range(0, 1201, 100)],
    "支路": [(600, y) for y in range(0, 601, 100)],
    "岛上路": [(x, -800) for x in range(0, 301, 100)],
}

PEOPLE = [
    # name, x, y, population
    ("甲", 100, 0, 10),
    ("乙", 500, 20, 20),
    ("丙", 600, 600, 30),
    ("丁", 1200, 0, 40),
    ("岛", 150, -800, 5),
    ("山", 300, 400, 7),
]
"""山 stands 300 m from the side street and 400 m from the main street: it cannot be linked."""

FACILITIES = [("西院", 0, 10, "养老院", "现状"), ("北站", 600, 500, "日间照料", "现状")]


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Degrees of a point of the town."""
    lon, lat = TO_LONLAT.transform(x, y)
    return float(lon), float(lat)


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle of the town in degrees."""
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return shapely.Polygon([lonlat(*c) for c in corners])


def osm_text(streets: dict[str, Sequence[tuple[float, float]]]) -> str:
    """OSM XML of named streets; equal points are one node."""
    points = sorted({p for line in streets.values() for p in line})
    ids = {p: k for k, p in enumerate(points, 1)}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="test">']
    for point, number in ids.items():
        lon, lat = lonlat(*point)
        lines.append(f'<node id="{number}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"/>')
    for number, (name, line) in enumerate(streets.items(), 1):
        nodes = "".join(f'<nd ref="{ids[p]}"/>' for p in line)
        tags = f'<tag k="highway" v="residential"/><tag k="name" v="{name}"/>'
        lines.append(f'<way id="{number}" version="1">{nodes}{tags}</way>')
    return "\n".join([*lines, "</osm>", ""])


def people_text(rows: Iterable[tuple[Any, ...]] = PEOPLE) -> str:
    """csv of people with longitude and latitude."""
    lines = ["name,lon,lat,population"]
    for name, x, y, people in rows:
        lon, lat = lonlat(x, y)
        lines.append(f"{name},{lon:.9f},{lat:.9f},{people}")
    return "\n".join([*lines, ""])


def facilities_text(rows: Iterable[tuple[Any, ...]] = FACILITIES) -> str:
    """csv of facilities with Chinese headings."""
    lines = ["设施名称,类型,状态,经度,纬度"]
    for name, x, y, kind, status in rows:
        lon, lat = lonlat(x, y)
        lines.append(f"{name},{kind},{status},{lon:.9f},{lat:.9f}")
    return "\n".join([*lines, ""])


def write_layer(path: Path, shapes: Sequence[Any], **columns: Sequence[Any]) -> Path:
    """A GIS layer in WGS-84 of shapes in degrees."""
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4326).to_file(path)
    return path


def toml_text(study: dict[str, Any]) -> str:
    """A study as TOML; its texts, numbers, lists and flags are written the same way in JSON."""
    lines = []
    for part, content in study.items():
        for entry in content if isinstance(content, list) else [content]:
            lines.append(f"[[{part}]]" if isinstance(content, list) else f"[{part}]")
            tables = {k: v for k, v in entry.items() if isinstance(v, dict)}
            lines += [f"{k} = {_value(v)}" for k, v in entry.items() if k not in tables]
            for name, table in tables.items():
                lines.append(f"[{part}.{name}]")
                lines += [f"{json.dumps(k)} = {_value(v)}" for k, v in table.items()]
    return "\n".join([*lines, ""])


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(v) for v in value)}]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k, ensure_ascii=False)} = {_value(v)}" for k, v in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


def base_study() -> dict[str, Any]:
    """The study of the town as a document."""
    return {
        "study": {"name": "小镇", "limit_min": 60},
        "roads": {"source": "roads.osm"},
        "people": {"source": "people.csv", "people": "population"},
        "service": [{"name": "养老", "facilities": "facilities.csv", "cutoffs_min": [5, 10, 15]}],
    }


def small_study(
    folder: Path,
    changes: dict[str, Any] | None = None,
    files: dict[str, str | bytes | None] | None = None,
) -> Path:
    """Write the town to `folder` and return its study file.

    `changes`: by dotted key ("people.groups", "service.0.walker"), None takes the key out. `files`:
    content by name instead of, or besides, the town's own; None leaves the file out.
    """
    study = base_study()
    for key, value in (changes or {}).items():
        *way, last = key.split(".")
        at: Any = study
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
        if isinstance(at, list):
            at.append(value)
        elif value is None:
            at.pop(last, None)
        else:
            at[last] = value
    content: dict[str, str | bytes | None] = {
        "roads.osm": osm_text(STREETS),
        "people.csv": people_text(),
        "facilities.csv": facilities_text(),
        "study.toml": toml_text(study),
        **(files or {}),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in content.items():
        if text is not None:
            data = text.encode() if isinstance(text, str) else text
            (folder / name).write_bytes(data)
    return folder / "study.toml"


def write_raster(
    path: Path,
    bands: Any,
    *,
    west: float = -100,
    north: float = 700,
    cell_m: float = 100,
    **more: Any,
) -> Path:
    """A GeoTIFF of the town, north up in its local metres unless told otherwise.

    `bands`: shape (bands, rows, columns); the first cell's corner is (`west`, `north`).
    """
    import rasterio

    values = np.asarray(bands)
    profile = {
        "driver": "GTiff", "count": values.shape[0], "height": values.shape[1],
        "width": values.shape[2], "dtype": values.dtype, "crs": LOCAL.to_wkt(),
        "transform": rasterio.Affine(cell_m, 0, west, 0, -cell_m, north),
    }  # fmt: skip
    with rasterio.open(path, "w", **{**profile, **more}) as raster:
        raster.write(values)
    return path


def command(capfd: Any, *words: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `quarterhour` with these words."""
    from quarterhour.cli import main

    capfd.readouterr()
    before = sys.argv
    sys.argv = ["quarterhour", *map(str, words)]
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.argv = before
    out, err = capfd.readouterr()
    return code, out, err
