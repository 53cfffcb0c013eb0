"""Which unit a place, a facility or an area lies in: on borders, in overlaps, by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.answers import membership
from quarterhour.inputs import AreaSet, UnitSet
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.units.read import read_units
from test_guard_zone import facilities

if TYPE_CHECKING:
    from pathlib import Path


def units(
    shapes: list[shapely.Geometry | None],
    *,
    level: str = "town",
    name: tuple[str, ...] = (),
    county: tuple[str, ...] = (),
) -> UnitSet:
    n = len(shapes)
    geometry = np.empty(n, object)
    geometry[:] = shapes
    return UnitSet(
        level=level, name=name or tuple(f"u{k}" for k in range(n)), county=county or ("",) * n,
        kind=("",) * n, geometry=geometry, row=np.arange(1, n + 1),
    )  # fmt: skip


#   0 +----+----+      u0: 0..2, u1: 1..3 (they overlap between 1 and 2), u2: 3..4
#     0    1    2    3    4
STRIPS = [shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1), shapely.box(3, 0, 4, 1)]


@pytest.mark.parametrize(
    ("x", "unit"), [(0.5, 0), (1.5, 0), (2.0, 0), (2.5, 1), (3.0, 1), (3.5, 2), (0.0, 0), (9.0, -1)]
)
def test_the_lowest_unit_counts_where_units_overlap_or_meet(x: float, unit: int) -> None:
    at = membership.units_at(np.array([x]), np.array([0.5]), units(STRIPS))
    assert at.tolist() == [unit]


def test_points_and_rows_without_a_position_own_nobody() -> None:
    mixed = units([shapely.Point(0.5, 0.5), None, STRIPS[0]])
    assert membership.has_area(mixed).tolist() == [False, False, True]
    assert membership.units_at(np.array([0.5]), np.array([0.5]), mixed).tolist() == [2]
    assert membership.units_at(np.empty(0), np.empty(0), mixed).tolist() == []


def test_what_is_inside_an_urban_area_is_urban_and_so_is_its_border() -> None:
    area = AreaSet(
        geometry=np.array([STRIPS[0]], object), name=("城",), kind=("",), row=np.array([1])
    )
    at = membership.urban_at(np.array([1.0, 2.0, 2.1]), np.array([0.5, 0.5, 0.5]), area)
    assert at.tolist() == [True, True, False]


def test_an_area_lies_in_the_unit_that_most_of_it_lies_in() -> None:
    two = units([shapely.box(0, 0, 2, 1), shapely.box(2, 0, 4, 1)])
    areas = np.array(
        [
            shapely.box(1.9, 0, 2.4, 1),  # a fifth in the first
            shapely.box(1.5, 0, 2.5, 1),  # one half in each: the first
            shapely.box(4, 0, 5, 1),  # touches the second only
            shapely.box(7, 0, 8, 1),
        ],
        object,
    )
    assert membership.units_of_areas(areas, two).tolist() == [1, 0, -1, -1]


def test_a_facility_somewhere_in_its_town_is_in_no_community() -> None:
    found = replace(facilities((0, 0), (0, 0)), approximate=np.array([False, True]))
    around = shapely.Point(found.lon[0], found.lat[0]).buffer(0.01)
    of = {level: membership.units_of_facilities(found, units([around], level=level))
          for level in ("county", "town", "community")}  # fmt: skip
    assert {level: at.tolist() for level, at in of.items()} == {
        "county": [0, 0], "town": [0, 0], "community": [0, -1],
    }  # fmt: skip


def test_towns_are_found_by_name_within_their_county() -> None:
    towns = units(
        [None] * 3, name=("莲花街道", "莲花镇", "永安乡"), county=("河东区", "河西县", "河西县")
    )
    names = {
        ("河东区", "莲花街道办事处"): 0, ("河西县", "莲花镇"): 1, ("河西", "永安"): 2,
        ("河东区", "永安乡"): -1, ("", "莲花镇"): -1, ("河西县", "莲花镇、永安乡"): -1,
    }  # fmt: skip
    named = membership.UnitNames(towns)
    found = {key: named(*key) for key in names}
    assert found == names
    # a functional zone has no towns of its own: the study says its county
    assert named("高新区", "莲花镇") == -1
    assert membership.UnitNames(towns, zones={"高新区": "河西县"})("高新区", "莲花镇") == 1


def test_counties_and_communities_are_found_by_name() -> None:
    counties = units([None] * 2, level="county", name=("河东区", "河西县"))
    county = membership.UnitNames(counties)
    assert county("河西", "") == 1
    assert county("河南", "") == -1
    blocks = units(
        [None] * 3, level="community", name=("新村社区", "新村社区", "桥头社区"),
        county=("河东区", "河西县", "河西县"),
    )  # fmt: skip
    block = membership.UnitNames(blocks)
    assert block("河西县", "新村社区") == 1
    assert block("", "新村社区") == -1  # which of the two?
    assert block("", "桥头社区 ") == 2
    assert block("河西县", "") == -1


def test_facilities_are_in_the_units_that_their_columns_name() -> None:
    named = replace(
        facilities((0, 0), (0, 0)), attributes={"community": ("桥头社区", ""), "county": ("", "")}
    )
    blocks = units([None] * 2, level="community", name=("新村社区", "桥头社区"))
    written = membership.units_written(named, blocks)
    assert written is not None
    assert written.tolist() == [1, -1]
    assert membership.units_written(facilities((0, 0)), blocks) is None


def test_the_places_of_ningbo_lie_in_the_counties_that_they_name(shared: Path) -> None:
    # the boundaries come from a web map (GCJ-02): as they are, 18 of 1008 places lie in another one
    agree = {}
    for system in ("wgs84", "gcj02"):
        path = shared / "boundaries" / "330200.geojson"
        counties = read_units(path, level="county", coordinates=system)
        same = total = 0
        for kind in ("school", "hospital", "cbd"):
            places = read_facilities(shared / "ningbo" / f"ningbo_{kind}_boundaries.geojson")
            written = membership.units_written(places, counties)
            assert written is not None
            same += int((membership.units_of_facilities(places, counties) == written).sum())
            total += len(places)
        agree[system] = (same, total)
    assert agree == {"wgs84": (990, 1008), "gcj02": (1006, 1008)}


whole = st.integers(-4, 4)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(whole, whole, st.integers(1, 4), st.integers(1, 4)), max_size=8),
    st.lists(st.tuples(whole, whole), min_size=1, max_size=30),
)
def test_every_place_is_in_the_first_unit_that_holds_it(
    boxes: list[tuple[int, int, int, int]], places: list[tuple[int, int]]
) -> None:
    shapes = [shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes]
    x, y = np.array(places, float).T
    by_hand = [
        next((k for k, s in enumerate(shapes) if s.intersects(shapely.Point(p))), -1)
        for p in places
    ]
    assert membership.units_at(x, y, units(shapes)).tolist() == by_hand
