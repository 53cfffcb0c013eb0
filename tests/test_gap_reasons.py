"""Why somebody is not covered, each reason in a town where it is plain to see.

At 1 m/s a metre is a second, and 15 minutes are 900 m. Unless a town says otherwise:

    y = 200   Q-------------------------o
              |                         |  joined at x = -1000 only
    y =   0   P-------------------------F

F, the facility, stands at x = 0; who lives at x = 0 on the upper street walks 2200 m to it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from gap_towns import AREA, assessed, degrees, facilities, fences, homes
from quarterhour.answers.gap_reasons import REASONS
from quarterhour.answers.gap_words import REASON_WORDS
from quarterhour.answers.gaps import find_gaps
from quarterhour.assessing.guard_zone import guard_report
from quarterhour.core.crossing import RAILWAY, RIVER, WALL
from quarterhour.core.slope import graded
from quarterhour.model import STEPS
from quarterhour.walkers import WALKERS

if TYPE_CHECKING:
    from quarterhour.answers.gaps import Gap
    from quarterhour.assessing.ground import Ground

LOW = [(-1000.0, 0.0), (1500.0, 0.0)]
HIGH = [(-1000.0, 200.0), (1500.0, 200.0)]
WEST = [(-1000.0, 0.0), (-1000.0, 200.0)]
HERE = facilities((0, 0))


def only(*args: object, **more: object) -> Gap:
    (gap,) = find_gaps(assessed(*args, **more)).gaps  # type: ignore[arg-type]
    return gap


def test_no_facility_near() -> None:
    gap = only([LOW], homes((1100, 0)), HERE)
    assert (gap.reason, gap.share, gap.facility) == ("no_facility", 1.0, 0)
    assert gap.minutes == pytest.approx(1100 / 60, abs=0.01)
    assert gap.walk_m == pytest.approx(1100, abs=0.5)
    assert gap.straight_m == pytest.approx(1100, abs=0.5)
    assert gap.told.zh == "步行最近的“f0”要走 1,100 米、18.3 分钟（最近的设施直线距离 1,100 米）"
    assert gap.told.en == (
        "the nearest on foot, “f0”, is 1,100 m and 18.3 min away (the nearest in a straight line:"
        " 1,100 m)"
    )


def test_near_but_the_walk_is_too_long() -> None:
    # near is up to 1.2 times 900 m; a straight walk of 1079 m is no detour
    for metres, reason in ((950, "beyond"), (1079, "beyond"), (1081, "no_facility")):
        assert only([LOW], homes((metres, 0)), HERE).reason == reason
    gap = only([LOW], homes((950, 0)), HERE)
    assert gap.told.zh == "直线 950 米就有“f0”，但步行要走 950 米、15.8 分钟，超过 15 分钟"
    assert gap.told.en == (
        "“f0” is 950 m away in a straight line, but the walk to it is 950 m and takes 15.8 min,"
        " more than 15 min"
    )


def test_a_river_parts_what_lies_just_beyond_the_cutoff_too() -> None:
    # 900 m are the cutoff; the home is across the river, 1000 m away and 3000 m to walk
    lines = [[(-1000.0, 0.0), (0.0, 0.0)], [(-1000.0, 0.0), (-1000.0, 1000.0)],
             [(-1000.0, 1000.0), (0.0, 1000.0)]]  # fmt: skip
    river = fences((RIVER, [(-900, 500), (2000, 500)]))
    assert only(lines, homes((0, 1000)), HERE, barriers=river).reason == "barrier"
    far = [[(x, 1.1 * y) for x, y in line] for line in lines]
    assert only(far, homes((0, 1100)), HERE, barriers=river).reason == "no_facility"


def test_a_detour_is_told_by_how_many_times_as_far() -> None:
    gap = only([LOW, HIGH, WEST], homes((0, 200)), HERE)
    assert gap.reason == "detour"
    assert gap.detour == pytest.approx(11, abs=0.01)
    assert gap.evidence["straight_m"] == pytest.approx(200, abs=0.1)
    assert gap.told.zh == "直线 200 米就有“f0”，但步行要走 2,200 米、36.7 分钟，为直线的 11.0 倍"


def test_a_barrier_is_named_by_what_the_straight_line_crosses() -> None:
    river = fences(
        (RIVER, [(-900, 100), (2000, 100)]), (RAILWAY, [(-900, 150), (2000, 150)]),
        (WALL, [(-900, 300), (2000, 300)]),
    )  # fmt: skip
    gap = only([LOW, HIGH, WEST], homes((0, 200)), HERE, barriers=river)
    assert gap.reason == "barrier"
    assert gap.evidence["crosses"] == ["water", "railway"]
    assert gap.told.zh.endswith("；直线穿过水面、铁路")
    assert gap.told.en.endswith("the straight line crosses water and a railway")


def test_a_usual_way_round_a_block_is_no_detour() -> None:
    # 640 m east and 640 m north: 905 m straight, 1280 m to walk, 1.41 times as far
    corner = [[(-500.0, 0.0), (640.0, 0.0)], [(640.0, 0.0), (640.0, 700.0)]]
    gap = only(corner, homes((640, 640)), HERE)
    assert gap.reason == "beyond"
    # 600 m and 500 m: 1100 m walking, 1.41 times the straight 781 m
    gap = only(corner, homes((640, 460)), facilities((40, 0)))
    assert gap.detour is not None
    assert 1.3 < gap.detour < 1.5
    assert gap.reason == "beyond"


def test_another_facility_may_be_the_nearest_on_foot() -> None:
    gap = only([LOW, HIGH, WEST], homes((0, 200)), facilities((0, 0), (1400, 200)))
    assert gap.facility == 1
    assert gap.told.zh == (
        "直线 200 米就有“f0”，但步行最近的“f1”要走 1,400 米、23.3 分钟，为直线的 7.0 倍"
    )


def test_a_broken_network_tells_how_little_is_missing() -> None:
    # a branch ends 8 m before the upper street
    branch = [(500.0, 0.0), (500.0, 192.0)]
    low = [LOW[0], (500.0, 0.0), LOW[1]]
    gap = only([low, HIGH, branch], homes((0, 200)), HERE)
    assert gap.reason == "disconnected"
    assert gap.facility == -1
    assert gap.route is None
    assert gap.evidence["part_km"] == pytest.approx(2.5, abs=0.001)
    assert gap.evidence["away_m"] == pytest.approx(8, abs=0.05)
    assert gap.evidence["joint_m"] == pytest.approx(8, abs=0.05)
    assert "补接 8.0 米即可连通" in gap.told.zh
    gap = only([LOW, HIGH], homes((0, 200)), HERE)
    assert gap.evidence["away_m"] == pytest.approx(200, abs=0.1)
    assert gap.evidence["joint_m"] is None


def test_streets_that_cross_without_a_joint_are_torn() -> None:
    across = [(500.0, -100.0), (500.0, 300.0)]
    gap = only([LOW, across], homes((500, 250)), HERE)
    assert gap.reason == "disconnected"
    assert gap.evidence["away_m"] == 0
    assert gap.evidence["joint_m"] == 0


def test_far_from_any_road_and_behind_a_wall() -> None:
    wall_m = fences((WALL, [(300, 20), (800, 20)]))
    a = assessed([LOW], homes((0, 900), (400, 40), (100, 0)), HERE, barriers=wall_m)
    wall, far = sorted(find_gaps(a).gaps, key=lambda g: g.reason)
    assert (far.reason, wall.reason) == ("far_from_road", "behind_barrier")
    assert far.evidence["road_m"] == pytest.approx(900, abs=0.5)
    assert far.told.zh == "最近的道路在 900 米以外，超过 200 米的连接限距"
    assert wall.evidence["crosses"] == ["wall"]
    assert wall.told.en == "the nearest road is 40 m away, behind a wall"


def test_steps_are_the_reason_for_a_stroller_only() -> None:
    # 200 m of steps at x = 300: 300 + 200 * 5/3 + 300 s with steps, 2200 m without
    steps = [(300.0, 0.0), (300.0, 200.0)]
    low, high = ([*line[:1], (300.0, line[0][1]), *line[1:]] for line in (LOW, HIGH))
    lines, kinds = [low, high, WEST, steps], [0, 0, 0, STEPS]
    stroller = WALKERS["caregiver_with_stroller"]
    gap = only(lines, homes((0, 200)), HERE, kinds=kinds, walker=stroller, cutoffs_min=(16,))
    assert gap.reason == "walker"
    assert gap.evidence["steps_min"] == pytest.approx((600 + 200 * 5 / 3) / 60, abs=0.01)
    assert gap.minutes == pytest.approx(2200 / 60, abs=0.01)
    a = assessed(lines, homes((0, 200)), HERE, kinds=kinds, cutoffs_min=(16,))
    assert find_gaps(a).gaps == ()
    # without the way round nothing is broken: the steps are the way
    gap = only([low, high, steps], homes((0, 200)), HERE, kinds=[0, 0, STEPS], walker=stroller)
    assert gap.reason == "walker"
    assert gap.facility == -1
    # who lives on the steps has no other road
    gap = only(
        [LOW, [(0.0, 600.0), (0.0, 900.0)]], homes((0, 880), (100, 0)), HERE, kinds=[0, STEPS],
        walker=stroller,
    )  # fmt: skip
    assert gap.reason == "walker"
    assert gap.told.zh == "附近只有台阶，没有平路"


def test_a_hill_is_the_reason_where_the_flat_walk_is_short_enough() -> None:
    def uphill(ground: Ground) -> None:
        def heights(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
            return 0.1 * ground.crs.metres(lon, lat)[0]  # 10 % to the east

        ground.network = graded(ground.network, heights, step_m=50, rule="tobler").network

    hilly = homes((-800, 0), (-1000, 0))
    steep, far = sorted(
        find_gaps(assessed([LOW], hilly, HERE, change=uphill), join_m=100).gaps,
        key=lambda g: g.lon, reverse=True,
    )  # fmt: skip
    assert (steep.reason, far.reason) == ("hill", "beyond")
    assert steep.evidence["flat_min"] == pytest.approx(800 / 60, abs=0.01)
    # uphill a metre takes exp(3.5 * 0.15 - 0.175) seconds
    assert steep.minutes == pytest.approx(800 / 60 * np.exp(0.35), rel=0.001)
    flat = find_gaps(assessed([LOW], hilly, HERE)).gaps
    assert len(flat) == 1


def test_the_edge_of_the_data_comes_before_reasons_that_it_could_undo() -> None:
    a = assessed([LOW, HIGH], homes((1450, 200)), facilities((760, 0)))
    assert find_gaps(a).gaps[0].reason == "disconnected"
    # roads are known to x = 1500 only: 20 m to the exit, 200 m across and 710 m back are 930 m
    near = degrees(shapely.box(-2000, -2000, 1500, 2000))
    everywhere = degrees(AREA.buffer(9000))
    for limit, reason in ((15, "disconnected"), (17, "edge")):
        a = assessed([LOW, HIGH], homes((1450, 200)), facilities((760, 0)), cutoffs_min=(limit,))
        edge = guard_report(
            a, road_extent=near, facility_extent=everywhere, people_extent=everywhere
        )
        (gap,) = find_gaps(dataclasses.replace(a, edge=edge)).gaps
        assert gap.reason == reason
    assert gap.evidence["layers"] == ["roads"]
    assert gap.told.zh.startswith("靠近数据边缘：边缘以外的道路可能使其在 17 分钟以内")


def test_facilities_beyond_the_list_do_not_mend_a_broken_network() -> None:
    # facilities are known to x = 1500 only: both homes stand 50 m before that
    a = assessed([LOW, HIGH], homes((1450, 200), (1450, 0)), HERE)
    everywhere = degrees(AREA.buffer(9000))
    listed = degrees(shapely.box(-2000, -2000, 1500, 2000))
    edge = guard_report(a, road_extent=everywhere, facility_extent=listed, people_extent=everywhere)
    broken, near = find_gaps(dataclasses.replace(a, edge=edge)).gaps
    assert (broken.reason, near.reason) == ("disconnected", "edge")
    assert near.evidence["layers"] == ["facilities"]


def test_without_any_facility_nothing_is_broken() -> None:
    a = assessed([LOW, HIGH], homes((0, 200), (0, 0)), HERE)
    none = dataclasses.replace(
        a,
        facilities=dataclasses.replace(a.facilities, serving=np.zeros(1, bool)),
        facility_status=("planned",),
        demand=dataclasses.replace(
            a.demand, nearest=np.full(2, -1), ms=np.zeros(2, np.int32), served=np.zeros(2, bool)
        ),
    )
    gaps = find_gaps(none).gaps
    assert [g.reason for g in gaps] == ["no_facility"] * 2
    assert gaps[0].told.zh == "没有可用的设施"


def test_every_reason_has_words() -> None:
    assert set(REASON_WORDS) == set(REASONS)
