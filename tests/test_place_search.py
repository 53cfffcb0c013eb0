"""Places at one position are searched for once, and told as if each had been."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.assessing.analysis import assess
from quarterhour.core import reach as times
from quarterhour.inputs import Demand
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.roads.read import read_roads
from quarterhour.units import MICRO
from small_study import lonlat, small_study

if TYPE_CHECKING:
    from quarterhour.inputs import Facilities
    from quarterhour.model import RoadNetwork


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[RoadNetwork, Facilities]:
    folder = tmp_path_factory.mktemp("town")
    small_study(folder)
    roads = read_roads(folder / "roads.osm", cache=False)
    return roads, read_facilities(folder / "facilities.csv")


SPOTS = [(100, 0), (100, 20), (500, 0), (600, 300), (1200, 0), (150, -800), (300, 400), (100, 150)]
"""Two beside the main street at 100 m, one on an island, one too far from any street."""


def demand(of: list[int]) -> Demand:
    at = np.array([lonlat(*SPOTS[k]) for k in of])
    n = len(of)
    return Demand(
        kind="people", lon=at[:, 0], lat=at[:, 1], row=np.arange(n),
        amounts={"all": (np.arange(n) + 1) * MICRO, "old": np.arange(n)[::-1] * 7},
    )  # fmt: skip


@given(st.lists(st.integers(0, len(SPOTS) - 1), min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_the_same_as_searching_for_every_place(
    town: tuple[RoadNetwork, Facilities], of: list[int]
) -> None:
    roads, facilities = town
    people = demand([*of, 0])  # somebody is near a road
    found = assess(roads, people, facilities, walker="elderly")
    ground = found.ground
    costs = ground.impedance(found.walker)
    linkage = ground.link("demand", costs.linkable, None)
    links = ground.link_facilities(_points(found), costs.linkable, limit_m=100)
    sources, stops = times.stops(costs, links), times.stops(costs, linkage)
    one = times.nearest(costs, sources, stops, limit_ms=3_600_000)
    nearest = np.full(len(people), -1)
    nearest[one.place] = one.facility
    assert found.demand.nearest.tolist() == nearest.tolist()
    assert found.demand.ms[one.place].tolist() == one.ms.tolist()
    nodes = times.reach_nodes(costs, sources, limit_ms=900_000)
    within = times.places_within(costs, sources, nodes, stops, limit_ms=900_000)
    for key in ("first", "place", "ms"):
        assert getattr(found.within, key).tolist() == getattr(within, key).tolist()
    for group, amount in people.amounts.items():
        for k in range(len(facilities)):
            places = within.place[within.first[k] : within.first[k + 1]]
            assert found.reached[group][k] == amount[places].sum()


def _points(found):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    from quarterhour.assessing.facility_links import facility_points

    return facility_points(found.ground, found.facilities)[0]


def test_a_crowd_at_one_door(town: tuple[RoadNetwork, Facilities]) -> None:
    roads, facilities = town
    crowd = assess(roads, demand([2] * 1000 + [6]), facilities)
    alone = assess(roads, demand([2, 6]), facilities)
    assert set(crowd.demand.ms[:1000].tolist()) == {int(alone.demand.ms[0])}
    assert crowd.counts[-1]["all"].covered == 500_500 * MICRO
    assert crowd.counts[-1]["all"].unlinked == 1001 * MICRO
    assert np.diff(crowd.within.first).tolist() == [1000, 1000]
