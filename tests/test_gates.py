"""Facilities with several gates: the best one counts, and the result says which."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from quarterhour.assessing.analysis import assess
from quarterhour.assessing.facility_links import facility_points
from quarterhour.assessing.guard_zone import guard_report
from quarterhour.inputs import Entrances, Facilities
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.people.read import read_people
from quarterhour.sources.roads.read import read_roads
from small_study import lonlat, small_study

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment


def gates(*spots: tuple[int, str, float, float]) -> Entrances:
    """Gates (facility row, name, metres east and north of the town's origin)."""
    at = np.array([lonlat(x, y) for _, _, x, y in spots])
    return Entrances(
        lon=at[:, 0],
        lat=at[:, 1],
        owner=np.array([owner for owner, _, _, _ in spots], np.int64),
        name=tuple(name for _, name, _, _ in spots),
    )


def assessed(folder: Path, entrances: Entrances | None, **more: Any) -> Assessment:
    """The town at 1 m/s; facility 0 stands at (0, 10), facility 1 at (600, 500)."""
    small_study(folder)
    facilities = read_facilities(folder / "facilities.csv")
    return assess(
        read_roads(folder / "roads.osm", cache=False),
        read_people(folder / "people.csv"),
        dataclasses.replace(facilities, entrances=entrances),
        walker="elderly",
        **more,
    )


def metres(a: Assessment) -> dict[str, int]:
    """Metres from each linked home to its nearest facility: at 1 m/s a second is a metre."""
    return {
        name: round(int(ms) / 1000)
        for name, ms, nearest in zip(
            a.ground.demand.names, a.demand.ms, a.demand.nearest, strict=True
        )
        if nearest >= 0
    }


def test_the_best_gate_counts_and_is_named(tmp_path: Path) -> None:
    own = metres(assessed(tmp_path / "own", None))
    # 甲 (100, 0): 100 m + 10 m to the house at (0, 10); 丁 (1200, 0): 600 + 500 to the other one
    assert (own["甲"], own["丁"]) == (110, 1100)
    found = assessed(
        tmp_path / "gates", gates((0, "西门", 0, 10), (0, "东门", 1100, 0), (1, "", 600, 500))
    )
    assert (metres(found)["甲"], metres(found)["丁"]) == (110, 100)
    names = dict(zip(found.ground.demand.names, found.demand.gate.tolist(), strict=True))
    assert [names[home] for home in ("甲", "丁", "丙")] == [0, 1, 2]
    assert found.demand.nearest[found.demand.gate == 1].tolist() == [0]


def test_a_facility_with_gates_is_not_entered_where_it_is_drawn(tmp_path: Path) -> None:
    # the house stands at the main street, its only gate is on the side street at (600, 300)
    found = metres(assessed(tmp_path, gates((0, "北门", 600, 300))))
    assert found["甲"] == 500 + 300


def test_one_gate_too_far_from_a_road_does_not_matter(tmp_path: Path) -> None:
    far = assessed(tmp_path / "a", gates((0, "后门", 300, 400), (0, "前门", 0, 10)))
    assert far.facility_status == ("used", "used")
    assert metres(far) == metres(assessed(tmp_path / "b", None))
    # gate 0 is not linked, gate 1 is: what is told is the row of the gates, not of the links
    assert far.demand.gate[0] == 1


def test_all_gates_too_far_set_the_facility_aside(tmp_path: Path) -> None:
    found = assessed(tmp_path, gates((0, "后门", 300, 400)))
    assert found.facility_status == ("unlinked", "used")
    assert [(r.name, r.reason) for r in found.set_aside] == [("西院", "too_far_from_road")]


def test_equal_gates_go_to_the_lowest(tmp_path: Path) -> None:
    # 500 m east and 500 m west of 丁 there is no tie but one made by hand: two gates at one spot
    found = assessed(tmp_path, gates((0, "一", 1100, 0), (0, "二", 1100, 0)))
    home = found.ground.demand.names.index("丁")
    assert found.demand.gate[home] == 0


def test_points_are_in_the_order_of_their_facilities(tmp_path: Path) -> None:
    ground = assessed(tmp_path, None).ground
    lon, lat = np.array([lonlat(x, 0) for x in (0, 100, 200)]).T
    three = Facilities(
        name=("a", "b", "c"), kind=("",) * 3, status=("",) * 3, lon=lon, lat=lat,
        row=np.arange(3), serving=np.ones(3, bool),
        entrances=gates((1, "south", 100, -50), (1, "north", 100, 50)),
    )  # fmt: skip
    points, gate = facility_points(ground, three)
    assert points.owner.tolist() == [0, 1, 1, 2]
    assert gate.tolist() == [-1, 0, 1, -1]
    assert np.round(points.y_m - points.y_m[0]).tolist() == [0, -50, 50, 0]


def test_the_people_layer_names_the_gate(tmp_path: Path) -> None:
    from quarterhour.render.gis.geopackage import write_geopackage
    from quarterhour.results import layers_of

    found = assessed(tmp_path, gates((0, "西门", 0, 10), (1, "", 600, 500)))
    write_geopackage(tmp_path / "r.gpkg", layers_of([found]))
    people = gpd.read_file(tmp_path / "r.gpkg", layer="people")
    told = dict(zip(found.ground.demand.names, people["gate"], strict=True))
    assert (told["甲"], told["丙"]) == ("西门", "1")  # an unnamed gate has its number
    assert told["山"] is None or np.isnan(told["山"])
    facilities = gpd.read_file(tmp_path / "r.gpkg", layer="facilities")
    assert facilities["position"].tolist() == ["gates", "gates"]


def test_what_stands_somewhere_in_its_town_takes_the_nearest_road(tmp_path: Path) -> None:
    small_study(tmp_path)
    facilities = read_facilities(tmp_path / "facilities.csv")
    lon, lat = np.array([lonlat(300, 400), lonlat(600, 500)]).T  # 300 m and more from any street
    given = (read_roads(tmp_path / "roads.osm", cache=False), read_people(tmp_path / "people.csv"))
    moved = dataclasses.replace(facilities, lon=lon, lat=lat)
    assert assess(*given, moved, walker="elderly").facility_status == ("unlinked", "used")
    vague = dataclasses.replace(moved, approximate=np.array([True, False]))
    found = assess(*given, vague, walker="elderly")
    assert found.facility_status == ("used", "used")
    assert found.facility_link_m[0] == 0
    # nearest to (300, 400) is the side street at (600, 400), 600 m on foot from the main street
    assert metres(found)["丙"] == 100
    assert found.demand.nearest[found.ground.demand.names.index("甲")] == 0
    assert metres(found)["甲"] == 900


def test_what_the_edge_leaves_open_is_the_same_for_a_door_at_that_road(tmp_path: Path) -> None:
    small_study(tmp_path)
    facilities = read_facilities(tmp_path / "facilities.csv")
    given = (read_roads(tmp_path / "roads.osm", cache=False), read_people(tmp_path / "people.csv"))
    reports = []
    for x, approximate in ((300, True), (600, False)):  # 300 m from the side street, and at it
        lon, lat = np.array([lonlat(x, 400), lonlat(600, 500)]).T
        moved = dataclasses.replace(
            facilities, lon=lon, lat=lat, approximate=np.array([approximate, False])
        )
        found = assess(*given, moved, walker="elderly", cutoffs_min=[5])
        reports.append(guard_report(found))
    vague, exact = reports
    assert vague.place_flags.tolist() == exact.place_flags.tolist()
    assert vague.facility_flags.tolist() == exact.facility_flags.tolist()
