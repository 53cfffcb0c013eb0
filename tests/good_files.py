"""A good file of every kind that can be read, small enough to be damaged many times."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import osmium
import shapely

from small_study import (
    FACILITIES,
    STREETS,
    box,
    facilities_text,
    lonlat,
    osm_text,
    people_text,
    small_study,
    write_raster,
)

OBJECTS = """<node id="901" version="1" lat="30.1201" lon="104.6501">
<tag k="amenity" v="nursing_home"/><tag k="name" v="西院"/><tag k="capacity" v="120"/></node>
<node id="911" version="1" lat="30.1210" lon="104.6510"/>
<node id="912" version="1" lat="30.1210" lon="104.6520"><tag k="entrance" v="main"/></node>
<node id="913" version="1" lat="30.1220" lon="104.6520"/>
<node id="914" version="1" lat="30.1220" lon="104.6510"/>"""
AREAS = [("amenity", "kindergarten"), ("natural", "water"), ("landuse", "residential"),
         ("building", "apartments"), ("waterway", "river"), ("barrier", "wall"),
         ("leisure", "park")]  # fmt: skip


def town_osm() -> str:
    """The town's streets with a facility, homes, water, a wall and a relation."""
    head, _, rest = osm_text(STREETS).partition("<way ")
    ways = "".join(
        f'<way id="{920 + k}" version="1">'
        + "".join(f'<nd ref="{n}"/>' for n in (911, 912, 913, 914, 911))
        + f'<tag k="{key}" v="{value}"/></way>\n'
        for k, (key, value) in enumerate(AREAS)
    )
    relation = (
        '<relation id="990" version="1"><member type="way" ref="922" role="outer"/>'
        '<tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>\n'
    )
    body = f"{head}{OBJECTS}\n<way {rest}".replace("</osm>", f"{ways}{relation}</osm>")
    return body.replace('generator="test">', 'generator="test"><bounds minlat="30.11"'
                        ' minlon="104.64" maxlat="30.13" maxlon="104.67"/>')  # fmt: skip


def layer() -> Any:
    """A point, a line, a polygon with a hole, one that crosses itself, and nothing."""
    home = box(100, 10, 400, 300).difference(box(150, 50, 200, 90))
    bow = shapely.Polygon([lonlat(0, 0), lonlat(90, 90), lonlat(90, 0), lonlat(0, 90)])
    street = shapely.LineString([lonlat(*p) for p in STREETS["主街"]])
    shapes = [shapely.Point(lonlat(0, 0)), street, home, bow, None]
    columns = {
        "name": ["西院", "主街", "小区", "结", "空"], "county": ["雁江区"] * 5,
        "highway": ["residential"] * 5, "population": [1.0, 2.0, 3.0, 4.0, 5.0],
        "kind": ["养老院"] * 5,
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4326)


def workbook(path: Path) -> None:
    """Two sheets, a title, merged cells and a date."""
    import datetime as dt

    book = openpyxl.Workbook()
    page = book.active
    page.append(["养老服务设施一览表"])
    page.merge_cells("A1:D1")
    page.append(["名称", "类型", "经度", "纬度", "床位", "建成年份", "人口"])
    for name, x, y, kind, _ in FACILITIES:
        page.append([name, kind, *lonlat(x, y), 120, dt.date(2021, 6, 1), 9])
    book.create_sheet("说明").append(["填表说明"])
    book.save(path)


@functools.cache
def good() -> dict[str, bytes]:
    """Content by name, with all parts of a shapefile."""
    with tempfile.TemporaryDirectory() as folder:
        return _written(Path(folder))


def _written(folder: Path) -> dict[str, bytes]:
    study = small_study(folder)
    files = {"facilities.csv": facilities_text().encode(), "study.toml": study.read_bytes()}
    files["people.csv"] = people_text().encode()
    files["facilities.txt"] = facilities_text().replace(",", "\t").encode("utf-16")
    files["town.osm"] = town_osm().encode()
    workbook(folder / "book.xlsx")
    frame = layer()
    frame.to_file(folder / "layer.gpkg")
    frame.to_file(folder / "layer.geojson")
    frame.to_file(folder / "layer.fgb", SPATIAL_INDEX="NO")
    frame.to_parquet(folder / "layer.parquet")
    frame.iloc[2:4].to_file(folder / "layer.shp", encoding="utf-8")
    bands = np.ones((1, 8, 13), "float32")
    write_raster(folder / "people.tif", bands)
    (folder / "town.osm").write_bytes(files["town.osm"])
    with osmium.SimpleWriter(str(folder / "town.osm.pbf")) as writer:
        for item in osmium.FileProcessor(str(folder / "town.osm")):
            writer.add(item)
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for k, point in enumerate(STREETS["主街"]):
        lon, lat = lonlat(*point)
        graph.add_node(k, x=str(lon), y=str(lat))
    for k in range(3):
        graph.add_edge(k, k + 1, highway="residential", osmid="1", oneway="False", length="100.0")
    nx.write_graphml(graph, folder / "town.graphml")
    for path in sorted(folder.iterdir()):
        if path.suffix in {".gpkg", ".geojson", ".fgb", ".parquet", ".shp", ".shx", ".dbf", ".prj",
                           ".cpg", ".tif", ".pbf", ".graphml", ".xlsx"}:  # fmt: skip
            files[path.name] = path.read_bytes()
    return files


def suffix_of(name: str) -> str:
    """.shp of layer.shp, .osm.pbf of town.osm.pbf."""
    return name[name.index(".") :]
