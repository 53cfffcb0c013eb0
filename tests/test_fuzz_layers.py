"""GIS layers of anything: every feature is used or set aside, whatever its geometry."""

from __future__ import annotations

import math
import tempfile
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from hostile import NEAR, outcome, tries
from quarterhour.sources.facilities.entrances import read_area_entrances
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.ground.barriers import read_barrier_layer
from quarterhour.sources.people.read import read_people
from quarterhour.sources.roads.read import read_roads
from quarterhour.sources.units.areas import read_areas, read_boundary
from quarterhour.sources.units.towns import place_by_town, read_towns, town_of
from small_study import box, lonlat

NAN, INF = math.nan, math.inf
X, Y = lonlat(0, 0)
NUMBER = st.one_of(
    st.sampled_from([0.0, -0.0, 90.0, -90.0, 180.0, -180.0, 180.1, 1e-300, 1e300, NAN, INF, -INF]),
    st.floats(X - 0.02, X + 0.02),
    st.floats(Y - 0.02, Y + 0.02),
    st.floats(-200, 200),
)
NEARBY = st.tuples(st.floats(X - 0.02, X + 0.02), st.floats(Y - 0.02, Y + 0.02))
POINT = st.one_of(NEARBY, st.tuples(NUMBER, NUMBER), st.tuples(NUMBER, NUMBER, NUMBER))
CORNERS = st.lists(st.one_of(NEARBY, st.tuples(NUMBER, NUMBER)), min_size=3, max_size=7)
HOME = box(0, 0, 300, 300)


def line(points: list[Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return shapely.LineString(points)


def polygon(outer: list[Any], inner: list[list[Any]]) -> Any:
    """Holes may lie outside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return shapely.Polygon(outer, inner)
        except shapely.errors.GEOSException:  # a ring from no number to no number
            return shapely.Polygon()


SIMPLE = st.one_of(
    POINT.map(shapely.Point),
    st.lists(st.one_of(NEARBY, st.tuples(NUMBER, NUMBER)), min_size=2, max_size=6).map(line),
    st.builds(polygon, CORNERS, st.lists(CORNERS, max_size=2)),
)
SHAPE = st.one_of(
    st.none(),
    SIMPLE,
    st.lists(SIMPLE, max_size=3).map(shapely.GeometryCollection),
    st.lists(CORNERS, max_size=3).map(
        lambda rings: shapely.MultiPolygon([polygon(ring, []) for ring in rings])
    ),
    st.sampled_from([
        HOME, shapely.Point(), shapely.Polygon(), shapely.MultiPolygon(), shapely.MultiPoint(),
        shapely.box(-180, -90, 180, 90), shapely.box(-540, -270, 540, 270),
        shapely.force_3d(HOME, 5), shapely.Polygon([(X, Y)] * 4), shapely.LineString([(X, Y)] * 2),
        shapely.Polygon(HOME.exterior, [affinity.translate(HOME, 1, 1).exterior.coords]),
        shapely.GeometryCollection([shapely.GeometryCollection([HOME]), shapely.Point(X, Y)]),
        shapely.MultiPolygon([HOME, HOME]), shapely.Point(Y, X), shapely.MultiLineString(),
    ]),
)  # fmt: skip
VALUE = st.one_of(st.text(max_size=5), st.none(), st.sampled_from(["甲", "合计", "106.28,30.01"]))
LAYER = st.lists(st.tuples(SHAPE, VALUE, st.floats()), min_size=1, max_size=5)
FORMS = [".parquet", ".gpkg", ".geojson"]


def layer(folder: str, rows: list[Any], form: str, epsg: int) -> Path | None:
    """The layer as a file; None where the format does not take it."""
    path = Path(folder) / f"t{form}"
    shapes, names, people = zip(*rows, strict=True)
    columns = {"name": pd.array(names, object), "县": ["雁江区"] * len(rows), "population": people,
               "highway": ["residential"] * len(rows)}  # fmt: skip
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=epsg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame.to_parquet(path) if form == ".parquet" else frame.to_file(path)
    except Exception:  # noqa: BLE001 - what a driver refuses to write cannot be read
        return None
    return path


@pytest.mark.parametrize("form", FORMS)
@tries(25)
@given(rows=LAYER, epsg=st.sampled_from([4326, 4326, 4544, 3857, 4490]),
       coordinates=st.sampled_from(["wgs84", "gcj02", "bd09"]))  # fmt: skip
def test_any_geometries(form: str, rows: list[Any], epsg: int, coordinates: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = layer(folder, rows, form, epsg)
        if path is None:
            return
        found = outcome(lambda: read_facilities(path, coordinates=coordinates, near=NEAR))
        areas = outcome(lambda: read_areas(path, coordinates=coordinates, what="residential"))
        towns = outcome(lambda: read_towns(path, name="name", county="县"))
        outcome(lambda: read_people(path, coordinates=coordinates))
        outcome(lambda: read_boundary(path, coordinates=coordinates))
        outcome(lambda: read_barrier_layer(path, bounds=NEAR))
        for crossings in (False, True):
            outcome(
                lambda c=crossings: read_roads(path, cache=False, split_crossings=c, repair_m=5)
            )
        gates = None if areas is None else outcome(lambda: read_area_entrances(path, areas))
    if found is not None:
        assert len(found) + len(found.set_aside) == len(rows) == found.reading.rows
        assert ((abs(found.lon) <= 180) & (abs(found.lat) <= 90)).all()
    if areas is not None:
        assert len(areas) + len(areas.set_aside) == len(rows) == areas.reading.rows
        assert shapely.is_valid(areas.geometry).all()
        assert not shapely.is_empty(areas.geometry).any()
    if towns is not None and found is not None:
        assert (town_of(found.lon, found.lat, towns) < len(towns)).all()
        assert callable(place_by_town)
    if gates is not None and len(gates.entrances):
        assert gates.entrances.owner.max() < len(areas)


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    """As in the table of a shapefile that a program has joined or damaged."""
    frame = gpd.GeoDataFrame(
        {"name": ["西院"], "nomo": ["东院"]}, geometry=[shapely.Point(X, Y)], crs=4326
    )
    frame.to_file(tmp_path / "t.shp")
    table = (tmp_path / "t.dbf").read_bytes()
    (tmp_path / "t.dbf").write_bytes(table.replace(b"nomo", b"name"))
    found = read_facilities(tmp_path / "t.shp")
    assert len(found) == 1
    assert [use.heading for use in found.reading.columns] == ["name", "name (2)"]
