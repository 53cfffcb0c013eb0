"""How far roads are known is kept beside them, and its short cuts find what the long way does."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from quarterhour.core.grid import Grid
from quarterhour.sources.ground import extents
from quarterhour.sources.roads import cache
from quarterhour.sources.roads.read import read_roads
from road_files import write_osm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from quarterhour.model import RoadNetwork

STREET = {"highway": "residential"}
NODES = {1: (0.0, 0.0), 2: (600.0, 0.0), 3: (600.0, 600.0), 4: (0.0, 600.0)}
RING = [([1, 2, 3, 4, 1], STREET), ([1, 3], STREET), ([2, 4], STREET)]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A road file, with the user's own cache folder in a place of the test."""
    monkeypatch.delenv("QUARTERHOUR_CACHE", raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    (tmp_path / "data").mkdir()
    return write_osm(tmp_path / "data" / "town.osm", NODES, RING)


def kept(town: Path) -> list[Path]:
    return sorted((town.parent / ".quarterhour").glob("*-extent-*"))


def never() -> shapely.Geometry:
    raise AssertionError("the extent was made anew")


def roads(town: Path) -> RoadNetwork:
    return read_roads(town, cache=False)


def test_the_extent_is_kept_beside_its_roads(town: Path) -> None:
    fresh = extents.known_roads(roads(town))
    assert shapely.to_wkb(extents.kept_extent(town, roads(town))) == shapely.to_wkb(fresh)
    assert [path.name.startswith("town.osm-extent-") for path in kept(town)] == [True]
    again = cache.cached_extent(town, roads(town), None, never)
    assert shapely.to_wkb(again) == shapely.to_wkb(fresh)


def test_another_box_or_another_network_is_another_extent(town: Path) -> None:
    whole = extents.kept_extent(town, roads(town))
    west, south, east, north = whole.bounds
    box = shapely.box(west, south, (west + east) / 2, north)
    half = extents.kept_extent(town, roads(town), box=box)
    assert half.area == pytest.approx(whole.area / 2, rel=0.01)
    write_osm(town, {**NODES, 3: (900.0, 600.0)}, RING)
    assert extents.kept_extent(town, roads(town)).area > whole.area
    assert len(kept(town)) == 3


def test_without_store_nothing_is_written(town: Path) -> None:
    extents.kept_extent(town, roads(town), store=False)
    assert not kept(town)
    made = extents.kept_extent(town, roads(town))
    again = extents.kept_extent(town, roads(town), store=False)
    assert shapely.to_wkb(again) == shapely.to_wkb(made)


def test_roads_without_a_file_have_theirs_in_the_user_s_folder(town: Path, tmp_path: Path) -> None:
    extents.kept_extent(None, roads(town))
    found = [path.name for path in (tmp_path / "home").rglob("roads-extent-*.npz")]
    assert len(found) == 1
    cache.cached_extent(None, roads(town), None, never)


def _other_arrays(path: Path) -> None:
    np.savez(path, other=np.zeros(3))


def _no_geometry(path: Path) -> None:
    np.savez(path, wkb=np.frombuffer(b"POLYGON EMPTY", np.uint8))


def _a_line(path: Path) -> None:
    line = shapely.to_wkb(shapely.LineString([(0, 0), (1, 1)]))
    np.savez(path, wkb=np.frombuffer(line, np.uint8))


def _a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        _other_arrays, _no_geometry, _a_line, _a_bit,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: os.truncate(path, path.stat().st_size - 1),
    ],
)  # fmt: skip
def test_a_damaged_extent_is_made_anew(town: Path, damage: Callable[[Path], object]) -> None:
    whole = extents.kept_extent(town, roads(town))
    [path] = kept(town)
    intact = path.read_bytes()
    damage(path)
    assert path.read_bytes() != intact
    assert shapely.to_wkb(extents.kept_extent(town, roads(town))) == shapely.to_wkb(whole)
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    cache.cached_extent(town, roads(town), None, never)


# --------------------------------------------------------------------------------- the long way

squares = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=4, max_size=60)


def by_union(points: np.ndarray, width: float) -> list[Any]:
    """The largest parts of the alpha shape as the union of its triangles, without their holes."""
    corners = points[Delaunay(points).simplices]
    a, b, c = (np.hypot(*(corners[:, k] - corners[:, k - 1]).T) for k in range(3))
    double = 2 * shapely.area(shapely.polygons(corners))
    narrow = corners[a * b * c / np.maximum(2 * double, 1e-9) <= width]
    parts = shapely.get_parts(shapely.union_all(shapely.polygons(narrow)))
    most = shapely.area(parts).max(initial=0.0)
    return [shapely.Polygon(part.exterior) for part in parts if part.area > 0.999_999 * most]


@settings(max_examples=60, deadline=None)
@given(squares)
def test_the_outline_of_the_triangles_is_that_of_their_union(cells: list[tuple[int, int]]) -> None:
    points = np.unique(np.array(cells, float), axis=0) * 200.0
    assume(shapely.convex_hull(shapely.multipoints(points)).area > 0)
    expected = [by_union(points, width) for width in extents.WIDTHS_M]
    expected = [largest for largest in expected if largest]
    found = list(extents._alpha_shapes(points))
    assert len(found) == len(expected)
    for one, largest in zip(found, expected, strict=True):
        assert one.is_valid
        assert any(one.equals(part) for part in largest)


def test_triangles_that_meet_in_a_ring_enclose_nothing_unknown() -> None:
    side = np.arange(0.0, 4_001.0, 100.0)
    far = np.isin(side, (0.0, 4_000.0))
    x, y = (v.ravel() for v in np.meshgrid(side, side))
    edge = (far[:, None] | far[None, :]).ravel()
    [*_, widest] = extents._alpha_shapes(np.column_stack([x[edge], y[edge]]))
    assert widest.area == 4_000.0**2


def test_points_count_once_in_their_square() -> None:
    xy = np.array([[7.0, 1.0], [-6.0, 11.0], [-4.0, 9.0], [6.0, 1.0], [-5.0, -12.0]])
    found = extents._thinned(xy)
    assert found.tolist() == [[-5.0, -10.0], [-5.0, 10.0], [5.0, 0.0]]


coordinate = st.floats(-900, 900).map(lambda v: round(v, 1))
point = st.tuples(coordinate, coordinate)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(point, point).filter(lambda ends: ends[0] != ends[1]), min_size=1),
    st.lists(point, min_size=3, max_size=8, unique=True),
    st.booleans(),
)
def test_no_street_at_a_border_is_passed_over(
    streets: list[tuple[tuple[float, float], tuple[float, float]]],
    corners: list[tuple[float, float]],
    single: bool,
) -> None:
    ends = np.array(streets).reshape(-1, 4)
    ax, ay, bx, by = ends.T.copy()
    n = len(ends)
    index = SimpleNamespace(
        ax=ax, ay=ay, bx=bx, by=by, grid=Grid(ax, ay, bx, by), edge=np.arange(n, dtype=np.int32),
        start_mm=np.zeros(n, np.int64), end_mm=np.full(n, 1_000),
    )  # fmt: skip
    border: Any = shapely.LineString([*corners, corners[0]])
    if single:  # one that only touches, beside a line
        border = shapely.GeometryCollection([shapely.Point(ends[0, :2]), border])
    lines = shapely.linestrings(ends.reshape(-1, 2, 2))
    expected = np.flatnonzero(shapely.intersects(lines, border))
    found = extents.crossings(index, border)
    assert np.unique(found.edge).tolist() == expected.tolist()
    cut = shapely.get_coordinates(shapely.intersection(lines[expected], border))
    np.testing.assert_array_equal(found.xy, cut)


def all_around(xy: np.ndarray, extent: Any, reach_m: float) -> dict[str, int]:
    """What circles lack, from their every sixteenth, whether they can lack the most or not."""
    lacks = dict.fromkeys(extents.SIDES, 0.0)
    border = extent.exterior
    for x, y in xy:
        turn = np.arange(16) * np.pi / 8
        ring = np.column_stack([x + reach_m * np.cos(turn), y + reach_m * np.sin(turn)])
        for k, at in enumerate(shapely.points([(x, y), *ring])):
            outside = not shapely.intersects(extent, at)
            line = shapely.get_coordinates(shapely.shortest_line(at, border))
            (east, north), away_m = line[1] - line[0], shapely.distance(at, border)
            if k == 0:
                far_m = reach_m + (away_m if outside else -away_m)
            else:
                far_m = away_m if outside else 0.0
            if outside:
                east, north = -east, -north
            if far_m > 0 and (east or north):
                across = "north" if north > 0 else "south"
                along = "east" if east > 0 else "west"
                side = across if abs(north) >= abs(east) else along
                lacks[side] = max(lacks[side], float(far_m))
    return {side: int(np.ceil(max(m - 0.5, 0) / 10)) * 10 for side, m in lacks.items()}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-700, 700), st.floats(-700, 700)), min_size=1, max_size=6),
    st.sampled_from([200.0, 500.0, 1_500.0]),
)
def test_no_circle_that_lacks_more_is_passed_over(
    at: list[tuple[float, float]], reach_m: float
) -> None:
    # none of its sides is in line with the sixteenths of a circle
    extent = shapely.Polygon([(-600, -450), (560, -510), (640, 380), (30, 90), (-520, 610)])
    xy = np.array(at)
    # one point for each of the squares from which circles are looked at
    xy = xy[np.unique(np.round(xy / (reach_m / 10)), axis=0, return_index=True)[1]]
    assert extents.missing_m(xy, extent, reach_m) == all_around(xy, extent, reach_m)
