"""Routes are the walks of the search: to the millisecond, along open streets, leg after leg."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.core.route import Router, drawn, street_lines
from quarterhour.walkers import WALKERS
from street_maps import costs_of
from test_search import LIMIT, Situation, by_oracle, moderate, situations
from towns import Town

if TYPE_CHECKING:
    from quarterhour.core import reach
    from quarterhour.core.impedance import Impedance
    from quarterhour.core.route import Route


def rows_of(stops: reach.Stops, owner: int) -> list[int]:
    return np.flatnonzero(stops.owner == owner).tolist()


def ms_of(costs: Impedance, route: Route) -> int:
    """Milliseconds of the legs, each along a street that is open that way."""
    total = 0
    for edge, one, two in zip(route.edge, route.from_mm, route.to_mm, strict=True):
        # the search grew the other way, from the facility on
        back = two < one
        assert (costs.out_open if back else costs.in_open)[edge]
        ends = costs.position_ms(np.array([edge, edge]), np.array([one, two]))[0 if back else 1]
        total += abs(int(ends[0]) - int(ends[1]))
    return total


def spots(costs: Impedance, edge: int, mm: int) -> set[tuple[str, int, int]]:
    """What a position is: itself, and the node at that end of its edge.

    Nodes with a street of no length between them are one.
    """
    net = costs.network
    none = np.flatnonzero((net.edge_length_mm == 0) & (costs.out_open | costs.in_open))
    same = nx.Graph(zip(net.edge_tail[none].tolist(), net.edge_head[none].tolist(), strict=True))
    same.add_nodes_from(range(net.n_nodes))
    found = {("position", edge, mm)}
    for at, node in ((0, net.edge_tail[edge]), (net.edge_length_mm[edge], net.edge_head[edge])):
        if mm == at:
            found |= {("node", n, 0) for n in nx.node_connected_component(same, int(node))}
    return found


@moderate
@given(situations(owners=3), st.booleans(), LIMIT)
def test_a_route_takes_the_time_of_the_search_and_hangs_together(
    situation: Situation, toward: bool, limit_ms: int
) -> None:
    town, walker, sources, places = situation
    costs = costs_of(town, walker, toward=toward)
    starts = town.stops(sources, max(p.owner for p in sources) + 1, costs)
    homes = town.stops(places, max((p.owner for p in places), default=-1) + 1, costs)
    best: dict[int, tuple[int, int]] = {}
    for (s, p), t in by_oracle(town, walker, sources, places, toward=toward).items():
        if t <= limit_ms:
            best[p] = min((t, s), best.get(p, (t, s)))
    router = Router(costs, starts, limit_ms=limit_ms)
    for owner in range(homes.n_owners):
        route = router.route(homes, rows_of(homes, owner))
        if owner not in best:
            assert route is None
            continue
        assert route is not None
        assert (route.ms, route.source) == best[owner]
        legs = list(zip(route.edge, route.from_mm, route.to_mm, strict=True))
        stations = [route.start, *((int(e), int(b)) for e, _, b in legs)]
        begins = [*((int(e), int(a)) for e, a, _ in legs), route.end]
        for arrived, goes_on in zip(stations, begins, strict=True):
            assert spots(costs, *arrived) & spots(costs, *goes_on)
        beside = {
            int(homes.access_ms[r]) + int(starts.access_ms[s])
            for r in rows_of(homes, owner)
            if (homes.edge[r], homes.offset_mm[r]) == route.start
            for s in rows_of(starts, route.source)
            if (starts.edge[s], starts.offset_mm[s]) == route.end
        }
        assert route.ms - ms_of(costs, route) in beside


# a hill road round a block of 300 by 200 m, and steps through it
BLOCK = """
    A---B---C
    |       |
    D-------E
    """


def one(town: Town, home: object, care: object, *, walker: str = "elderly") -> tuple[Route, Town]:
    walks = town.walks({"F": care}, {"h": home}, walker=walker)  # type: ignore[dict-item]
    route = Router(walks.costs, walks.sources, limit_ms=10_000_000).route(walks.places, [0])
    assert route is not None
    return route, town


def line(town: Town, route: Route) -> list[tuple[float, float]]:
    (street,) = street_lines(town.network, town.x_m, town.y_m, [route])
    return [tuple(round(v, 3) for v in point) for point in street.tolist()]  # type: ignore[misc]


def test_a_route_is_drawn_exactly_from_place_to_facility() -> None:
    town = Town(BLOCK, ABC="residential", AD="residential", DE="residential", CE="residential")
    route, _ = one(town, ("AB", 100.0, 10.0), ("DE", 200.0, -20.0))
    # 100 m back to A, 200 m down, 200 m along: 500 m, and 10 + 20 m beside the road
    assert line(town, route) == [(100.0, 0.0), (0.0, 0.0), (0.0, -200.0), (200.0, -200.0)]
    assert route.ms == 530_000
    assert route.street_mm == 500_000


def test_along_one_street_the_route_is_one_leg() -> None:
    town = Town(BLOCK, ABC="residential")
    route, _ = one(town, ("BC", 300.0), ("AB", 150.0))
    # B, where the drawing bends or not, is a vertex of the way
    assert line(town, route) == [(700.0, 0.0), (400.0, 0.0), (150.0, 0.0)]
    assert route.street_mm == 550_000


def test_who_lives_at_the_door_has_a_route_without_a_leg() -> None:
    town = Town(BLOCK, ABC="residential")
    route, _ = one(town, ("AB", 150.0, 5.0), ("AB", 150.0, -5.0))
    assert route.ms == 10_000
    assert route.street_mm == 0
    assert line(town, route) == [(150.0, 0.0)]
    (shape,) = drawn(
        [np.array([[150.0, 0.0]])], np.array([[150.0, 5.0]]), np.array([[150.0, -5.0]])
    )
    assert shape.length == 10
    (shape,) = drawn([np.array([[1.0, 0.0]])], np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]]))
    assert shape.geom_type == "LineString"
    assert shape.length == 0


def test_a_walker_without_steps_goes_round() -> None:
    ways = {"ABC": "residential", "AD": "residential", "DE": "residential", "CE": "steps"}
    town = Town(BLOCK, **ways)
    by_steps, _ = one(town, "C", "E", walker="elderly")
    assert line(town, by_steps) == [(800.0, 0.0), (800.0, -200.0)]
    around, _ = one(town, "C", "E", walker="caregiver_with_stroller")
    assert around.street_mm == 1_800_000
    assert line(town, around)[0] == (800.0, 0.0)
    assert line(town, around)[-1] == (800.0, -200.0)


def test_beyond_the_limit_there_is_no_route() -> None:
    town = Town(BLOCK, ABC="residential")
    walks = town.walks({"F": "A"}, {"h": "C"})
    for limit_ms, found in ((800_000, True), (799_999, False)):
        route = Router(walks.costs, walks.sources, limit_ms=limit_ms).route(walks.places, [0])
        assert (route is not None) is found


@pytest.mark.parametrize("walker", ["elderly", "adult", "standard_1000m"])
def test_the_drawn_length_is_the_walked_length(walker: str) -> None:
    town = Town(BLOCK, ABC="residential", AD="residential", DE="residential", CE="residential")
    for home, care in itertools.product([("AB", 37.5), ("CE", 11.25)], [("DE", 333.0), "A"]):
        route, _ = one(town, home, care, walker=walker)
        (street,) = street_lines(town.network, town.x_m, town.y_m, [route])
        drawn_m = np.hypot(*np.diff(street, axis=0).T).sum()
        assert drawn_m == pytest.approx(route.street_mm / 1000, abs=1e-6)
        metre_ms = 3_600_000_000 / WALKERS[walker].speed_mmph
        assert route.ms == pytest.approx(drawn_m * metre_ms, abs=5)
