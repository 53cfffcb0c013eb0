"""What roads, facilities and people beyond the edge of the data could change: by hand arithmetic.

Two streets run east, 200 m apart and not joined as far as the data go, which is to x = 1000:

    y = 200   Q------------F---------------------:......
    y =   0   P----------------------------------:......
              x = 0       300                  1000

The walker makes 1 m/s, so that 15 minutes are 900 m. Exits lie 30 m inside the edge, at x = 970: to
F it is 670 m from there, and 200 m from the lower street to the upper one are over unknown land.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.assessing.analysis import assess
from quarterhour.assessing.guard_zone import FACILITIES, PEOPLE, ROADS, guard_report
from quarterhour.core import graph
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Demand, Entrances, Facilities
from quarterhour.model import RawLines
from quarterhour.sources.ground.extents import known_roads, missing_m, read_osm_box
from quarterhour.sources.roads.lengths import segment_mm
from quarterhour.sources.roads.read import clip
from quarterhour.units import MICRO
from road_files import LOCAL, lonlat, refusal, write_osm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.guard_zone import GuardReport
    from quarterhour.model import RoadNetwork

    Point = tuple[float, float]
    Line = Sequence[Point]

LOW, HIGH = [(-1600.0, 0.0), (1000.0, 0.0)], [(-1600.0, 200.0), (1000.0, 200.0)]
EDGE = shapely.box(-3000, -3000, 1000, 3000)
FAR = shapely.box(-9000, -9000, 9000, 9000)


def degrees(shape_m: shapely.Geometry) -> shapely.Geometry:
    return gpd.GeoSeries([shape_m], crs=LOCAL).to_crs(4326).iloc[0]


def network(lines: Sequence[Line]) -> RoadNetwork:
    """Streets in metres; points that are equal are joined."""
    at = [point for line in lines for point in line]
    number = {point: k for k, point in enumerate(dict.fromkeys(at))}
    lon, lat = np.array([lonlat(*point) for point in at]).T
    first = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    n = len(lines)
    return graph.build(
        RawLines(
            vertex_key=np.array([number[p] for p in at], np.int64), lon=lon, lat=lat,
            segment_mm=segment_mm(lon, lat, first), first_vertex=first, kind=np.zeros(n, np.uint8),
            oneway=np.zeros(n, bool), rank=np.ones(n, np.uint8),
        )
    )  # fmt: skip


def facilities(*at: Point) -> Facilities:
    lon, lat = np.array([lonlat(*p) for p in at]).T
    n = len(at)
    return Facilities(
        name=tuple(f"f{k}" for k in range(n)), kind=("",) * n, status=("",) * n, lon=lon, lat=lat,
        row=np.arange(2, n + 2), serving=np.ones(n, bool), file="f.csv",
    )  # fmt: skip


def homes(*at: Point) -> Demand:
    """Ten people in each place."""
    lon, lat = np.array([lonlat(*p) for p in at]).T
    return Demand(
        kind="people", lon=lon, lat=lat, row=np.arange(2, len(at) + 2), file="p.csv",
        amounts={EVERYONE: np.full(len(at), 10 * MICRO, np.int64)},
    )  # fmt: skip


def run(
    people: Sequence[Point],
    care: Sequence[Point],
    *,
    lines: Sequence[Line] = (LOW, HIGH),
    area: shapely.Geometry = EDGE,
    roads: shapely.Geometry = EDGE,
    listed: shapely.Geometry = FAR,
    counted: shapely.Geometry = FAR,
) -> tuple[Assessment, GuardReport]:
    made = assess(
        network(lines), homes(*people), facilities(*care), walker="elderly", area=degrees(area)
    )
    return made, guard_report(
        made, road_extent=degrees(roads), facility_extent=degrees(listed),
        people_extent=degrees(counted),
    )  # fmt: skip


def test_a_way_round_over_unknown_land_counts_straight() -> None:
    # 20 + 200 + 670 = 890 m is within 900, 40 + 200 + 670 = 910 m is not
    # at x = 980 it stands beyond the exits: 200.2 + 670 m straight to the upper exit
    made, report = run([(950, 0), (930, 0), (980, 0), (0, 0)], [(300, 200)])
    assert not made.demand.covered(made.cutoff_ms).any()
    assert report.place_flags.tolist() == [ROADS, 0, ROADS, 0]
    assert report.counts["roads"][EVERYONE].uncovered == 20 * MICRO
    assert report.counts["any"][EVERYONE].total == 20 * MICRO


def test_going_out_and_in_again_at_one_exit_gains_nothing() -> None:
    # one street: 950 m to the facility stay 950 m, whatever lies beyond the edge
    made, report = run([(950, 0)], [(0, 0)], lines=[LOW])
    assert not made.demand.covered(made.cutoff_ms).any()
    assert report.place_flags.tolist() == [0]


def test_with_data_all_around_nothing_is_flagged() -> None:
    _, report = run([(950, 0), (980, 0)], [(300, 200)], roads=FAR)
    assert report.place_flags.tolist() == [0, 0]
    assert report.facility_flags.tolist() == [0]
    assert not any(m for sides in report.missing_m.values() for m in sides.values())
    assert report.notes == ()


def test_where_slopes_count_unknown_land_may_lie_downhill() -> None:
    # the straight 200 m could be walked at 1.2 m/s: 40 + 167 + 670 s
    level = network([LOW, HIGH])
    length = level.piece_end_mm - level.piece_start_mm
    sloped = replace(level, piece_forward_mm=length, piece_backward_mm=length)
    flags = []
    for roads in (level, sloped):
        made = assess(
            roads, homes((930, 0)), facilities((300, 200)), walker="elderly", area=degrees(EDGE)
        )
        report = guard_report(made, road_extent=degrees(EDGE), facility_extent=degrees(FAR))
        flags += report.place_flags.tolist()
    assert flags == [0, ROADS]


@pytest.mark.parametrize(("inside_min", "flag"), [(0.0, ROADS), (1.0, 0)])
@pytest.mark.parametrize("direction", ["to", "from"])
def test_the_walk_behind_the_door_and_both_directions_count(
    direction: str, inside_min: float, flag: int
) -> None:
    # 20 + 200 + 670 s are within 900, with a minute behind the door they are not
    made = assess(
        network([LOW, HIGH]), homes((950, 0)), facilities((300, 200)), walker="elderly",
        area=degrees(EDGE), direction=direction, inside_min=inside_min,
    )  # fmt: skip
    report = guard_report(made, road_extent=degrees(EDGE), facility_extent=degrees(FAR))
    assert report.place_flags.tolist() == [flag]


def test_how_far_more_data_is_needed_and_where() -> None:
    # the people at x = 950 walk 900 m: to 1850, which is 850 beyond the edge
    _, report = run([(950, 0), (0, 0)], [(300, 200)])
    assert report.missing_m["roads"] == {"north": 0, "east": 850, "south": 0, "west": 0}
    first = report.notes[0]
    assert (
        "up to 900 m are walked in 15 min; more road data are needed: 850 m in the east" in first.en
    )
    assert "15 分钟最多步行 900 米，还需补充道路数据：向东 850 米" in first.zh
    assert report.notes[1].en.startswith("10 of the 20 uncovered people are so near to the edge")


def test_an_area_cut_at_the_edge_of_the_data_is_told_although_nothing_could_change() -> None:
    _, report = run([(950, 0)], [(0, 0)], lines=[LOW])
    assert report.missing_m["roads"]["east"] == 850
    assert "no result depends on roads beyond it" in report.notes[1].en


def test_missing_metres_by_side_are_rounded_up_to_tens() -> None:
    box = shapely.box(0, 0, 2000, 2000)
    points = np.array([[1000.0, 1896.0], [40.0, 1000.0], [1000.0, 1000.0]])
    assert missing_m(points, box, 900.0) == {"north": 800, "east": 0, "south": 0, "west": 860}
    assert missing_m(np.array([[2300.0, 1000.0]]), box, 900.0)["east"] == 1200
    assert missing_m(np.array([[1000.0, 1000.0]]), box, 900.0) == dict.fromkeys(
        ("north", "east", "south", "west"), 0
    )


# ---------------------------------------------------------- roads that could take over a link

NORTH = shapely.box(-3000, -3000, 3000, 100)
"""Data that end 100 m north of the lower street."""


def test_a_covered_place_is_sure_unless_an_unknown_road_could_be_nearer() -> None:
    # 70 m from the street and 30 m from the edge; 40 m from the street and 60 m from the edge
    made, report = run([(500, 70), (500, 40)], [(300, 0)], lines=[LOW], roads=NORTH)
    assert made.demand.covered(made.cutoff_ms).all()
    assert report.place_flags.tolist() == [ROADS, 0]
    assert report.counts["roads"][EVERYONE].covered == 10 * MICRO
    # it could also lose one of the people whom it reaches
    assert report.facility_flags.tolist() == [ROADS]


def test_an_unlinked_place_is_sure_where_the_data_hold_no_road_near_it() -> None:
    # 250 m from the street, the limit is 200; the edge lies 10 m beyond, or 2.7 km
    near = shapely.box(-3000, -3000, 3000, 260)
    made, report = run([(500, 250), (500, 0)], [(300, 0)], lines=[LOW], roads=near)
    assert made.demand.linked.tolist() == [False, True]
    assert report.place_flags.tolist() == [ROADS, 0]
    assert report.counts["roads"][EVERYONE].unlinked == 10 * MICRO
    _, sure = run([(500, 250), (500, 0)], [(300, 0)], lines=[LOW], roads=FAR)
    assert sure.place_flags.tolist() == [0, 0]


def test_places_that_only_an_unsure_facility_covers_are_unsure() -> None:
    # the first facility is 70 m from its street and 30 m from the edge of the data
    alone = run([(500, 0)], [(300, 70)], lines=[LOW], roads=NORTH)[1]
    assert alone.place_flags.tolist() == [ROADS]
    both = run([(500, 0)], [(300, 70), (400, 0)], lines=[LOW], roads=NORTH)[1]
    assert both.place_flags.tolist() == [0]
    assert both.facility_flags.tolist() == [ROADS, 0]


# ------------------------------------------------------------------ facilities beyond the list


def test_a_facility_beyond_the_list_may_stand_beside_the_last_street() -> None:
    # the list ends at x = 1000; a facility there is at most 100 m from its street: 1000 - x <= 900
    made, report = run([(150, 0), (80, 0)], [(-1500, 0)], lines=[LOW], roads=FAR, listed=EDGE)
    assert not made.demand.covered(made.cutoff_ms).any()
    assert report.place_flags.tolist() == [FACILITIES, 0]
    assert report.counts["facilities"][EVERYONE].uncovered == 10 * MICRO
    assert "could serve 10 of the 20 uncovered people" in report.notes[-1].en


def test_the_list_reaches_as_far_as_the_facilities_in_it() -> None:
    def flags(*care: Point) -> list[int]:
        made = assess(
            network([[(-1600.0, 0.0), (3000.0, 0.0)]]), homes((150, 0)), facilities(*care),
            walker="elderly", area=degrees(EDGE),
        )  # fmt: skip
        return guard_report(made, road_extent=degrees(FAR)).place_flags.tolist()

    assert flags((-1500, 0)) == [FACILITIES]
    # what is listed around the street 1 km further east shows that facilities there are listed
    assert flags((-1500, 0), (2000, 900), (2000, -900)) == [0]


# -------------------------------------------------------------------------------- facilities


def test_people_beyond_the_area_can_walk_to_a_facility_near_its_edge() -> None:
    # people beyond x = 1000 may be linked to the street at x = 800, with 200 m to walk to it
    _, report = run([(0, 0)], [(150, 0), (50, 0)], lines=[LOW], roads=FAR, counted=EDGE)
    assert report.facility_flags.tolist() == [PEOPLE, 0]
    assert report.notes[-1].en.startswith("1 of 2 facilities could also be walked to by people")


def test_a_facility_that_nobody_of_the_area_can_reach_is_not_flagged() -> None:
    # 1,500 m west of the area, in its guard zone
    area = shapely.box(0, -500, 900, 500)
    _, report = run([(150, 0)], [(-1500, 0)], lines=[LOW], area=area, roads=FAR, counted=area)
    assert report.facility_flags.tolist() == [0]
    assert not any(report.missing_m["people"].values())


def test_how_many_more_a_facility_could_reach() -> None:
    _, report = run([(950, 0), (930, 0), (300, 200)], [(300, 200), (-1500, 200)])
    assert report.facility_flags.tolist() == [ROADS, 0]
    # one place at 890 m over unknown land; the one beside it is reached already
    assert report.more[EVERYONE].tolist() == [10 * MICRO, 0]


def test_gates_count_as_the_places_where_facilities_are_entered() -> None:
    lon, lat = lonlat(400, 200)
    care = facilities((300, 900))
    gates = Entrances(lon=np.array([lon]), lat=np.array([lat]), owner=np.array([0]), name=("gate",))
    care = replace(care, entrances=gates)
    made = assess(
        network([LOW, HIGH]), homes((860, 0), (840, 0)), care, walker="elderly", area=degrees(EDGE)
    )
    report = guard_report(made, road_extent=degrees(EDGE), facility_extent=degrees(FAR))
    # 110 + 200 + 570 = 880 m to the gate, and 130 + 200 + 570 = 900 m
    assert report.place_flags.tolist() == [ROADS, ROADS]


# ------------------------------------------------------------------------- how far roads are known


def grid(n: int, step: float, x: float = 0.0) -> list[Line]:
    along = [k * step for k in range(n)]
    return [
        *([(x + a, b) for a in along] for b in along),
        *([(x + a, b) for b in along] for a in along),
    ]


def extent_m(lines: Sequence[Line], **options: object) -> shapely.Geometry:
    found = known_roads(network(lines), **options)
    return gpd.GeoSeries([found], crs=4326).to_crs(LOCAL).iloc[0]


def test_ways_that_stick_out_are_no_extent() -> None:
    extent = extent_m([*grid(5, 100.0), [(400.0, 200.0), (3400.0, 200.0)]])
    # the edge lies 40 m inside the outermost streets
    assert abs(extent.area - 320.0**2) < 0.05 * 320**2
    assert not shapely.intersects(extent, shapely.Point(700, 200))


def test_villages_with_land_between_them_are_one_extent() -> None:
    extent = extent_m([*grid(5, 100.0), *grid(5, 100.0, 2400.0), [(400.0, 0.0), (2400.0, 0.0)]])
    assert shapely.covers(extent, shapely.box(50, 50, 350, 350))
    assert shapely.covers(extent, shapely.box(2450, 50, 2750, 350))


def test_a_hole_without_roads_is_known_to_have_none() -> None:
    lines = grid(21, 100.0)
    kept = [line for line in lines if not all(0 < v < 2000 for v in line[0])]
    ring = [(0.0, 0.0), (2000.0, 0.0), (2000.0, 2000.0), (0.0, 2000.0), (0.0, 0.0)]
    around = extent_m([ring, *(line[:2] for line in kept)])
    assert shapely.get_num_interior_rings(around) == 0


def test_a_stated_box_bounds_the_extent() -> None:
    box = degrees(shapely.box(-100, -100, 250, 900))
    extent = extent_m(grid(5, 100.0), box=box)
    assert abs(extent.area - 210 * 320) < 2_000
    # a box that lies elsewhere cannot be meant
    elsewhere = extent_m(grid(5, 100.0), box=degrees(shapely.box(5000, 5000, 6000, 6000)))
    assert abs(elsewhere.area - 320**2) < 5_000


@pytest.mark.parametrize("line", [[(0.0, 0.0), (500.0, 0.0)], [(0.0, 0.0), (3.0, 0.0)]])
def test_a_single_street_is_an_extent(line: Line) -> None:
    extent = extent_m([line])
    assert extent.area > 0
    assert shapely.covers(extent, shapely.LineString(line))


def test_the_box_of_an_osm_file(tmp_path: Path) -> None:
    nodes = {1: (0.0, 0.0), 2: (300.0, 0.0)}
    path = write_osm(tmp_path / "town.osm", nodes, [([1, 2], {"highway": "path"})])
    assert read_osm_box(path) is None
    text = path.read_text(encoding="utf-8")
    bounds = '<bounds minlat="30.1" minlon="104.6" maxlat="30.2" maxlon="104.7"/>'
    path.write_text(text.replace("<node", f"{bounds}<node", 1), encoding="utf-8")
    assert read_osm_box(path).bounds == (104.6, 30.1, 104.7, 30.2)
    torn = tmp_path / "torn.osm.pbf"
    torn.write_bytes(b"<html></html>")
    assert "cannot be read as OpenStreetMap" in refusal(lambda: read_osm_box(torn), InputError)


# --------------------------------------------------------------------------------- any town at all

SIZE, STEP = 8, 150.0
JOINTS = [(i, j) for i in range(SIZE) for j in range(SIZE)]
STREETS = [((i, j), (i + a, j + b)) for i, j in JOINTS for a, b in ((1, 0), (0, 1))
           if i + a < SIZE and j + b < SIZE]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.integers(0, len(STREETS) - 1), min_size=30),
    st.lists(st.tuples(st.integers(0, 1050), st.integers(0, 1050)), min_size=2, max_size=4),
    st.sampled_from([(200, 180, 800, 870), (-50, -50, 620, 640), (310, 310, 740, 760)]),
)
def test_whatever_the_cut_data_change_is_flagged(
    streets: set[int], care: list[tuple[int, int]], box: tuple[int, int, int, int]
) -> None:
    lines = [[(a[0] * STEP, a[1] * STEP), (b[0] * STEP, b[1] * STEP)]
             for a, b in (STREETS[k] for k in sorted(streets))]  # fmt: skip
    whole = network(lines)
    extent = degrees(shapely.box(*box))
    west, south, east, north = box
    people = homes(*((x + 7, y + 3) for x in range(west, east - 7, 60)
                     for y in range(south, north - 3, 60)))  # fmt: skip
    part = clip(whole, extent)
    try:
        true, cut = (
            assess(roads, people, facilities(*care), walker="elderly", cutoffs_min=(8,),
                   area=extent, limit_min=15)
            for roads in (whole, part)
        )  # fmt: skip
    except ValueError:
        return  # no facility has a street near it, or nobody
    report = guard_report(cut, road_extent=extent)
    limit = cut.cutoff_ms
    status = [np.where(a.demand.covered(limit), 2, a.demand.linked) for a in (true, cut)]
    changed = status[0] != status[1]
    assert not (changed & ((report.place_flags & ROADS) == 0)).any()
    gain = true.reached[EVERYONE] - cut.reached[EVERYONE]
    assert not ((gain != 0) & ((report.facility_flags & ROADS) == 0)).any()
    assert (gain <= report.more[EVERYONE]).all()
