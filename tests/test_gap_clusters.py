"""Places that belong together, against networkx on random networks, and in towns drawn as text."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quarterhour.core.crossing import RAILWAY, RIVER, BarrierIndex, Barriers
from quarterhour.core.gaps import joined_along, joined_straight, kinds_across, middle
from quarterhour.core.parting import parted_along, parted_straight
from quarterhour.model import FERRY
from street_maps import streets
from towns import Town

if TYPE_CHECKING:
    from quarterhour.model import RoadNetwork

Spots = tuple["RoadNetwork", np.ndarray, np.ndarray, np.ndarray, np.ndarray]

moderate = settings(
    max_examples=80,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@st.composite
def spots(draw: st.DrawFn) -> Spots:
    """A network, which of its edges may be used, and positions on these, each with a town."""
    net = draw(streets()).network
    usable = (net.edge_kind & FERRY) == 0
    ways = np.flatnonzero(usable)
    n = draw(st.integers(0, 9)) if len(ways) else 0
    edge, at, town = [], [], []
    for _ in range(n):
        e = int(ways[draw(st.integers(0, len(ways) - 1))])
        edge.append(e)
        at.append(draw(st.integers(0, int(net.edge_length_mm[e]))))
        town.append(draw(st.integers(-1, 1)))
    return (
        net, usable, np.array(edge, np.int32), np.array(at, np.int64), np.array(town, np.int64)
    )  # fmt: skip


def ways_mm(net: RoadNetwork, usable: np.ndarray, edge: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Millimetres between all pairs of positions by networkx, infinite where there is no way."""
    graph = nx.Graph()
    graph.add_nodes_from(("place", k) for k in range(len(edge)))

    def join(a: object, b: object, mm: int) -> None:
        if not graph.has_edge(a, b) or graph[a][b]["mm"] > mm:
            graph.add_edge(a, b, mm=mm)

    for e in np.flatnonzero(usable).tolist():
        stops = [(int(at[k]), ("place", k)) for k in np.flatnonzero(edge == e).tolist()]
        ends = [(0, ("node", int(net.edge_tail[e]))),
                (int(net.edge_length_mm[e]), ("node", int(net.edge_head[e])))]  # fmt: skip
        row = [ends[0], *sorted(stops), ends[1]]
        for (a_mm, a), (b_mm, b) in itertools.pairwise(row):
            join(a, b, b_mm - a_mm)
    result = np.full((len(edge), len(edge)), np.inf)
    for k in range(len(edge)):
        found = nx.single_source_dijkstra_path_length(graph, ("place", k), weight="mm")
        for m in range(len(edge)):
            result[k, m] = found.get(("place", m), np.inf)
    return result


def components(near: np.ndarray) -> list[set[int]]:
    return sorted(nx.connected_components(nx.from_numpy_array(near)), key=min)


def sets(label: np.ndarray) -> list[set[int]]:
    return [set(np.flatnonzero(label == k).tolist()) for k in range(int(label.max(initial=-1)) + 1)]


@moderate
@given(spots(), st.one_of(st.integers(0, 900_000), st.sampled_from([0, 60_000, 120_000])))
def test_neighbours_along_the_streets_are_one_cluster(found: Spots, join_mm: int) -> None:
    net, usable, edge, at, town = found
    way = ways_mm(net, usable, edge, at)
    label = joined_along(net, usable, edge, at, join_mm=join_mm)
    assert sets(label) == components(way <= join_mm)
    same = town[:, None] == town
    label = joined_along(net, usable, edge, at, join_mm=join_mm, town=town)
    assert sets(label) == components((way <= join_mm) & same)


@moderate
@given(spots(), st.integers(0, 900_000), st.integers(1, 600_000))
def test_a_part_is_within_reach_of_one_of_its_places(
    found: Spots, join_mm: int, reach_mm: int
) -> None:
    net, usable, edge, at, town = found
    cluster = joined_along(net, usable, edge, at, join_mm=join_mm, town=town)
    x = np.arange(len(edge)) * 10.0
    weight = (np.arange(len(edge)) * 7) % 3
    part = parted_along(
        net, usable, edge, at, cluster, xy_m=(x, x), weight=weight, reach_mm=reach_mm
    )
    way = ways_mm(net, usable, edge, at)
    for members in sets(part):
        rows = sorted(members)
        assert len(set(cluster[rows].tolist())) == 1
        assert (way[np.ix_(rows, rows)] <= reach_mm).all(axis=1).any()
    assert sum(len(m) for m in sets(part)) == len(edge)


def places(town: Town, spots_: dict[str, tuple[str, float]]) -> tuple[np.ndarray, ...]:
    """Network, edges, positions of places on a town for a walker on foot."""
    walks = town.walks({"F": next(iter(spots_.values()))}, spots_)  # type: ignore[dict-item]
    link = walks.home_link
    assert link.linked.all()
    return (
        walks.costs.network,
        np.ones(walks.costs.network.n_edges, bool),
        link.edge,
        link.offset_mm,
    )


# two streets, 200 m apart, with a bridge at their west end
BANKS = """
    A----B----C
    |
    D----E----F
    """


def test_a_river_parts_what_lies_on_both_banks() -> None:
    town = Town(BANKS, ABC="residential", DEF="residential", AD="residential")
    # a and b face each other over the water: 400 + 200 + 400 m by the bridge
    at = {"a": ("AB", 400.0), "b": ("DE", 400.0), "c": ("BC", 150.0)}
    near = joined_along(*places(town, at), join_mm=999_999)
    assert near.tolist() == [0, 1, 0]  # c is 250 m from a
    assert joined_along(*places(town, at), join_mm=1_000_000).tolist() == [0, 0, 0]


def test_a_town_between_two_places_does_not_join_them() -> None:
    town = Town("A--------B", AB="residential")
    at = {"a": ("AB", 100.0), "b": ("AB", 300.0), "c": ("AB", 500.0)}
    along = places(town, at)
    assert joined_along(*along, join_mm=200_000).tolist() == [0, 0, 0]
    towns = np.array([4, 9, 4])
    assert joined_along(*along, join_mm=200_000, town=towns).tolist() == [0, 1, 2]
    assert joined_along(*along, join_mm=400_000, town=towns).tolist() == [0, 1, 0]


def test_a_wide_cluster_is_parted_where_most_people_are() -> None:
    town = Town("A" + "-" * 29 + "B", AB="residential")
    at = {f"{k}": ("AB", 100.0 * k) for k in range(21)}
    net, usable, edge, offset = places(town, at)  # type: ignore[misc]
    cluster = joined_along(net, usable, edge, offset, join_mm=100_000)
    assert not cluster.any()
    x = np.arange(21) * 100.0
    weight = np.ones(21, np.int64)
    weight[4] = 1000
    whole = parted_along(
        net, usable, edge, offset, cluster, xy_m=(x, x * 0), weight=weight, reach_mm=1_600_000
    )
    assert not whole.any()  # from 400 m it is 1600 m to the end
    part = parted_along(
        net, usable, edge, offset, cluster, xy_m=(x, x * 0), weight=weight, reach_mm=600_000
    )
    # the first core lies at 400 m, where the people are, and reaches to 1000 m
    assert part[:7].tolist() == [0] * 7
    assert len(set(part.tolist())) in {2, 3}
    assert part[-1] != 0


@moderate
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 2)), max_size=25),
    st.sampled_from([1.0, 3.0, 5.0, 7.5]),
)
def test_straight_neighbours_are_one_cluster(at: list[tuple[int, int, int]], join_m: float) -> None:
    rows = np.array(at, np.float64).reshape(-1, 3)
    x, y, kind = rows[:, 0], rows[:, 1], rows[:, 2].astype(np.int64)
    away = np.hypot(x[:, None] - x, y[:, None] - y)
    label = joined_straight(x, y, join_m=join_m, kind=kind)
    assert sets(label) == components((away <= join_m) & (kind[:, None] == kind))
    part = parted_straight((x, y), label, weight=np.ones(len(x), np.int64), reach_m=join_m * 1.5)
    for members in sets(part):
        m = sorted(members)
        assert len(set(label[m].tolist())) == 1
        assert (away[np.ix_(m, m)] <= join_m * 1.5).all(axis=1).any()


@moderate
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 9)),
        min_size=1, max_size=20,
    )
)  # fmt: skip
def test_the_middle_has_the_least_sum_of_distances(at: list[tuple[int, int, int]]) -> None:
    x, y, weight = np.array(at, np.int64).T
    w = weight if weight.any() else np.ones(len(x), np.int64)
    sums = (np.hypot(x[:, None] - x, y[:, None] - y) * w).sum(axis=1) / w.sum()
    found = middle(x.astype(float), y.astype(float), weight)
    assert sums[found] <= sums.min() + 2e-6
    assert found == np.flatnonzero(sums <= sums[found] + 1e-9)[0]


def test_of_equal_middles_the_first_counts() -> None:
    x = np.array([0.0, 0.0, 10.0, 10.0])
    assert middle(x, x * 0, np.array([1, 1, 1, 1])) == 0
    assert middle(x, x * 0, np.array([0, 0, 0, 0])) == 0
    assert middle(x, x * 0, np.array([0, 0, 0, 5])) == 2  # stands where the only people are


@pytest.mark.parametrize(
    ("to", "kinds"),
    [
        ((100.0, 0.0), [RIVER, RAILWAY]),
        ((60.0, 0.0), [RIVER]),
        ((20.0, 0.0), []),
        ((0.0, 100.0), []),  # along them
        ((30.4, 0.0), []),  # it ends on the bank
    ],
)
def test_a_straight_line_tells_what_it_crosses(to: tuple[float, float], kinds: list[int]) -> None:
    x = np.array([30.0, 30.0, 80.0, 80.0])
    y = np.array([-500.0, 500.0, -500.0, 500.0])
    fences = Barriers(
        lon=x, lat=y, first=np.array([0, 2, 4]), kind=np.array([RIVER, RAILWAY], np.uint8),
        entered=np.zeros(2, bool),
    )  # fmt: skip
    index = BarrierIndex(fences, x, y)
    zero = np.zeros(1)
    bits = kinds_across(index, zero, zero, np.array([to[0]]), np.array([to[1]]))
    assert bits.tolist() == [sum(1 << kind for kind in kinds)]
