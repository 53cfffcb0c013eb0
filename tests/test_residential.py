"""Residential areas judged by gates, by the people inside and by positions: by hand arithmetic.

One street runs east from the facility at x = 0; the walker makes 1 m/s, so that 15 minutes end at
x = 900. Each area is a strip along the street, with positions every 25 m.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from quarterhour.assessing import residential
from quarterhour.assessing.analysis import assess
from quarterhour.assessing.facility_links import facility_points
from quarterhour.core import reach as times
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, AreaSet, Demand, Entrances
from quarterhour.units import MICRO
from road_files import LOCAL, lonlat, refusal
from test_guard_zone import facilities, network

if TYPE_CHECKING:
    from quarterhour.assessing.assessment import AreaVerdict, PlaceTimes

STREET = [(-100.0, 0.0), (2500.0, 0.0)]
AREA = shapely.box(-200, -1500, 2600, 1500)
NEAR = shapely.box(101, 1, 299, 49)
HALF = shapely.box(801, 1, 999, 60)
OUT = shapely.box(1001, 1, 1199, 49)
ALONE = shapely.box(101, 1001, 199, 1049)
SHAPES = (NEAR, HALF, OUT, ALONE)

People = list[tuple[float, float, int]]


def areas(*shapes: shapely.Geometry) -> AreaSet:
    shapes = shapes or SHAPES
    return AreaSet(
        geometry=gpd.GeoSeries(list(shapes), crs=LOCAL).to_crs(4326).to_numpy(),
        name=tuple(f"小区{k}" for k in range(len(shapes))), kind=("",) * len(shapes),
        row=np.arange(1, len(shapes) + 1),
    )  # fmt: skip


def gates(*at: tuple[int, float, float]) -> Entrances:
    lon, lat = np.array([lonlat(x, y) for _, x, y in at]).T
    return Entrances(
        lon=lon, lat=lat, owner=np.array([k for k, _, _ in at]), name=("gate",) * len(at)
    )


def judged(
    people: People | None = None, *, shapes: tuple[shapely.Geometry, ...] = (), **options: object
) -> tuple[AreaVerdict, PlaceTimes]:
    """The verdict at 15 minutes, and the times; by people where there are some."""
    every = people or [(0.0, 0.0, 1)]
    lon, lat = np.array([lonlat(x, y) for x, y, _ in every]).T
    demand = Demand(
        kind="people", lon=lon, lat=lat, row=np.arange(len(every)),
        amounts={EVERYONE: np.array([n * MICRO for _, _, n in every])},
    )  # fmt: skip
    care = facilities((0, 0))
    made = assess(
        network([STREET]), demand, care, walker="elderly", residential=areas(*shapes),
        area=gpd.GeoSeries([AREA], crs=LOCAL).to_crs(4326).iloc[0],
    )  # fmt: skip
    ground = made.ground
    costs = ground.impedance(made.walker)
    links = ground.link_facilities(facility_points(ground, care)[0], costs.linkable, limit_m=100.0)
    if people is not None:
        options |= {"by": "people", "demand": made.demand}
    (verdict,), found = residential.judge(
        ground, costs, times.stops(costs, links), 3_600_000, [made.cutoff_ms], None, **options
    )
    assert found is not None
    return verdict, found


def test_positions_inside_decide_where_nothing_else_is_known() -> None:
    verdict, found = judged()
    assert verdict.status.tolist() == ["covered", "partly", "uncovered", "unlinked"]
    assert set(verdict.judged_by) == {"positions"}
    # all positions near a road count, and their share is the verdict's
    assert (verdict.n_covered[:3] / verdict.n_linked[:3]).tolist() == verdict.share[:3].tolist()
    assert 0.2 < verdict.share[1] < 0.6
    assert np.isnan(verdict.share[3])
    assert found.linked.tolist() == [True, True, True, False]
    assert residential.judged_note(verdict) is None


def test_people_inside_decide_by_their_number() -> None:
    # 30 people at 850 m of street and 10 m beside it, 10 people at 950 m
    verdict, found = judged([(850, 10, 30), (950, 10, 10), (1100, 10, 5)])
    assert verdict.judged_by.tolist() == ["positions", "people", "people", "positions"]
    assert verdict.status.tolist() == ["covered", "partly", "uncovered", "unlinked"]
    assert verdict.share[1] == 0.75
    assert verdict.share[2] == 0.0
    # half of the 40 people are within 860 s, that of the 30
    assert abs(int(found.ms[1]) - 860_000) <= 20
    note = residential.judged_note(verdict)
    assert note is not None
    assert note.en == "residential areas are judged: 2 by the people inside, 2 by positions inside"
    assert note.zh.startswith("居住区的判定：2 个按范围内的人口，2 个按范围内的位置")


def test_unlinked_people_count_in_the_share() -> None:
    # a deep area: 30 people beside the street, 10 people 500 m from it, the limit is 200 m
    deep = shapely.box(101, 1, 299, 600)
    verdict, _ = judged([(200, 10, 30), (200, 500, 10)], shapes=(deep,))
    assert verdict.status.tolist() == ["partly"]
    assert verdict.share.tolist() == [0.75]
    assert (verdict.n_positions[0], verdict.n_linked[0], verdict.n_covered[0]) == (2, 1, 1)
    nobody, _ = judged([(200, 500, 10), (0, 0, 1)], shapes=(deep,))
    assert nobody.status.tolist() == ["unlinked"]
    assert np.isnan(nobody.share[0])


def test_a_place_in_two_areas_counts_for_both() -> None:
    verdict, _ = judged([(150, 10, 7)], shapes=(NEAR, shapely.box(101, 1, 199, 49)))
    assert verdict.status.tolist() == ["covered", "covered"]
    assert verdict.n_positions.tolist() == [1, 1]


def test_places_without_people_of_the_group_are_no_people() -> None:
    verdict, _ = judged([(850, 10, 0), (200, 10, 3)])
    assert verdict.judged_by.tolist() == ["people", "positions", "positions", "positions"]


def test_the_best_gate_decides() -> None:
    # the area lies beyond the cutoff, and one of its gates at 880 m and 5 m beside the street
    verdict, found = judged(entrances=gates((2, 1190, 5), (2, 880, 5), (1, 1000, 5)))
    assert verdict.judged_by.tolist() == ["positions", "entrances", "entrances", "positions"]
    assert verdict.status.tolist() == ["covered", "uncovered", "covered", "unlinked"]
    assert verdict.share[1:3].tolist() == [0.0, 1.0]
    assert (verdict.n_positions[2], verdict.n_covered[2]) == (2, 1)
    assert abs(int(found.ms[2]) - 885_000) <= 20
    note = residential.judged_note(verdict)
    assert note is not None
    assert note.en.startswith("residential areas are judged: 2 by their gates")


def test_gates_come_before_people() -> None:
    verdict, _ = judged([(1100, 10, 5)], entrances=gates((2, 880, 5)))
    assert verdict.judged_by[2] == "entrances"
    assert verdict.status[2] == "covered"


def test_a_gate_far_from_any_road_decides_nothing() -> None:
    verdict, _ = judged(entrances=gates((0, 200, 900), (3, 150, 1000)))
    assert set(verdict.judged_by) == {"positions"}
    assert verdict.status[0] == "covered"


def test_gates_follow_their_areas_where_some_are_left_out() -> None:
    every = areas()
    kept = AreaSet(
        geometry=every.geometry[[0, 2]],
        name=("小区0", "小区2"),
        kind=("", ""),
        row=every.row[[0, 2]],
    )
    found = residential.gates_of(gates((2, 880, 5), (1, 0, 0), (0, 50, 0)), every, kept)
    assert found.owner.tolist() == [1, 0]
    assert len(found.name) == 2
    none = AreaSet(geometry=every.geometry[:0], name=(), kind=(), row=every.row[:0])
    assert len(residential.gates_of(gates((2, 880, 5)), every, none)) == 0


def test_an_unknown_way_to_judge_is_refused() -> None:
    text = refusal(lambda: judged(by="land"), InputError)
    assert "judged by positions or people, found 'land'" in text


@pytest.mark.parametrize("x", [895, 905])
def test_one_person_is_covered_or_not(x: int) -> None:
    verdict, _ = judged([(x, 2, 1)])
    assert verdict.status[1] == ("covered" if x == 895 else "uncovered")
    assert verdict.share[1] == (1.0 if x == 895 else 0.0)
