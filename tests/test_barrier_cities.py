"""Barriers and diagnosis in real places: what is crossed no longer, and how much changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from quarterhour.core import graph, snap
from quarterhour.core.crossing import CONTACT_M, WATER, BarrierIndex
from quarterhour.core.diagnosis import RoadDiagnosis, diagnose, diagnosis_notes
from quarterhour.core.impedance import impedance
from quarterhour.frames import MetricCrs, bounds_of
from quarterhour.model import PointSet
from quarterhour.sources.ground.barriers import read_barriers
from quarterhour.sources.roads.lines import lines_of_frame
from quarterhour.sources.roads.read import read_roads
from quarterhour.sources.units.areas import read_osm_areas
from quarterhour.walkers import WALKERS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.model import Linkage

LIMIT_M = 200.0
FILES = {
    "Heidelberg": "heidelberg/heidelberg.osm.pbf",
    "Liechtenstein": "liechtenstein/liechtenstein-latest.osm.pbf",
    "Porto Alegre": "porto_alegre/poa_osm.pbf",
    "Helsinki": "helsinki/Helsinki.osm.pbf",
}


@dataclass(frozen=True)
class Place:
    """Points of a place, linked with and without its barriers."""

    xy: NDArray[np.float64]
    free: Linkage
    held: Linkage
    lines: NDArray[Any]
    water: NDArray[Any]


def place(path: Path) -> Place:
    network = read_roads(path)
    bounds = bounds_of((network.vertex_lon, network.vertex_lat))
    crs = MetricCrs(bounds)
    x, y = crs.metres(network.vertex_lon, network.vertex_lat)
    barriers = read_barriers(path, bounds)
    bx, by = crs.metres(barriers.lon, barriers.lat)
    homes = read_osm_areas(path, what="buildings")
    if len(homes) > 500:
        at = shapely.point_on_surface(homes.geometry)
        px, py = crs.metres(shapely.get_x(at), shapely.get_y(at))
    else:  # an extract without buildings: places beside its streets
        rng = np.random.default_rng(2)
        vertex, turn = rng.integers(0, len(x), 20_000), rng.uniform(0, 2 * np.pi, 20_000)
        away = rng.choice([10, 25, 60], 20_000)
        px, py = x[vertex] + away * np.cos(turn), y[vertex] + away * np.sin(turn)
    costs = impedance(network, WALKERS["adult"])
    index = snap.SegmentIndex(network, x, y, edges=costs.linkable)
    points = PointSet.single(px, py)
    of = np.repeat(np.arange(len(barriers)), np.diff(barriers.first))
    drawn = shapely.linestrings(np.column_stack([bx, by]), indices=of)
    rings = barriers.kind == WATER
    return Place(
        xy=np.column_stack([px, py]),
        free=snap.link(index, points, limit_m=LIMIT_M),
        held=snap.link(index, points, limit_m=LIMIT_M, barriers=BarrierIndex(barriers, bx, by)),
        lines=drawn[~rings],
        water=shapely.get_parts(shapely.build_area(shapely.geometrycollections(drawn[rings]))),
    )


@pytest.fixture(scope="module")
def places(shared: Path) -> dict[str, Place]:
    return {name: place(shared / file) for name, file in FILES.items()}


@pytest.mark.parametrize("name", FILES)
def test_no_leg_crosses_a_barrier(name: str, places: dict[str, Place]) -> None:
    town, link = places[name], places[name].held
    long = np.flatnonzero(link.access_mm > 2 * CONTACT_M * 1000 + 2)
    begin = town.xy[link.point[long]]
    end = np.column_stack([link.snap_x_m[long], link.snap_y_m[long]])
    step = (end - begin) / np.hypot(*(end - begin).T)[:, None] * (CONTACT_M + 1e-3)
    short = shapely.linestrings(np.stack([begin + step, end - step], 1))
    leg, _ = shapely.STRtree(town.lines).query(short, predicate="intersects")
    assert len(leg) == 0
    # and none that starts on land ends in the water
    tree = shapely.STRtree(town.water)
    wet_start = np.zeros(len(long), bool)
    wet_start[tree.query(shapely.points(begin), predicate="intersects")[0]] = True
    dry = np.flatnonzero(~wet_start)
    legs = shapely.linestrings(np.stack([begin, end - step], 1))
    assert len(tree.query(legs[dry], predicate="intersects")[0]) == 0


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("Heidelberg", 60, 240), ("Liechtenstein", 42, 42), ("Porto Alegre", 3, 30),
     ("Helsinki", 100, 400)],
)  # fmt: skip
def test_few_places_are_linked_otherwise_and_only_those_that_were_blocked(
    name: str, least: int, most: int, places: dict[str, Place]
) -> None:
    free, held = places[name].free, places[name].held
    assert held.blocked is not None
    assert held.behind_barrier is not None
    assert least <= held.n_blocked <= most
    assert int(held.behind_barrier.sum()) < held.n_blocked
    np.testing.assert_array_equal(free.linked, held.linked | held.behind_barrier)
    same = np.flatnonzero(held.linked & ~held.blocked)
    for array in ("edge", "offset_mm", "access_mm"):
        one, two = getattr(free, array), getattr(held, array)
        at_one, at_two = np.searchsorted(free.point, same), np.searchsorted(held.point, same)
        np.testing.assert_array_equal(one[at_one], two[at_two])
    # whoever is linked otherwise has a longer leg
    other = np.flatnonzero(held.linked & held.blocked)
    before = free.access_mm[np.searchsorted(free.point, other)]
    after = held.access_mm[np.searchsorted(held.point, other)]
    assert (after >= before).all()


def diagnosed(path: Path) -> RoadDiagnosis:
    network = read_roads(path)
    crs = MetricCrs(bounds_of((network.vertex_lon, network.vertex_lat)))
    return diagnose(network, *crs.metres(network.vertex_lon, network.vertex_lat))


@pytest.mark.parametrize(
    ("name", "parts", "near", "gaps", "crossings", "gates"),
    [
        ("Heidelberg", 236, 218, 76, 72, 147),
        ("Liechtenstein", 24, 15, 2, 6, 2),
        ("Porto Alegre", 71, 78, 15, 42, 27),
        ("Helsinki", 24, 88, 33, 4, 8),
    ],
)
def test_the_diagnosis_of_a_city(
    name: str, parts: int, near: int, gaps: int, crossings: int, gates: int, shared: Path
) -> None:
    found = diagnosed(shared / FILES[name])
    assert (len(found.parts), found.near_misses.total, found.gaps.total) == (parts, near, gaps)
    assert (found.crossings.total, found.closed_gates) == (crossings, gates)
    assert found.parts.length_m[0] > 0.9 * found.length_m
    assert (found.near_misses.gap_m <= found.near_m + 1e-6).all()
    notes = diagnosis_notes(found)
    assert len(notes) == 6
    assert all("{" not in text for note in notes for text in note)


def test_wuhan_is_one_part_until_its_motorways_are_closed(shared: Path) -> None:
    path = shared / "wuhan" / "wuhan_roads.parquet"
    everything = gpd.read_parquet(path).drop(columns="highway")
    lines = lines_of_frame(everything, "Wuhan", join_tolerance_m=0.5, split_crossings=False)
    network = graph.build(lines)
    crs = MetricCrs(bounds_of((network.vertex_lon, network.vertex_lat)))
    whole = diagnose(network, *crs.metres(network.vertex_lon, network.vertex_lat))
    assert len(whole.parts) == 1
    walked = diagnosed(path)
    assert len(walked.parts) == 12
    assert walked.parts.length_m[0] > 0.99 * walked.length_m
    assert walked.near_misses.total == 34
    # the file marks no bridges: its flyovers cross the streets below without a joint
    assert walked.crossings.total > 2_000
    assert len(walked.crossings) == 200
