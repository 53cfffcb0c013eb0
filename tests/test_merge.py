"""Places at one position are searched for once, and nothing that is told changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core import reach, snap
from quarterhour.core.impedance import impedance
from quarterhour.core.merge import either, merge
from quarterhour.model import Linkage, PointSet
from quarterhour.walkers import WALKERS
from towns import Town

TOWN = Town(
    """
    A---B---C
    |   |
    D---E   F-G
    """,
    ABC="residential", ADEB="footway", FG="residential",
)  # fmt: skip
COSTS = impedance(TOWN.network, WALKERS["elderly"])
INDEX = snap.SegmentIndex(TOWN.network, TOWN.x_m, TOWN.y_m, edges=COSTS.linkable)


def test_same_edge_offset_and_leg_are_one() -> None:
    # the first two are the same, the third lies across the street, the fourth is too far away
    x = np.array([50.0, 50.0, 50.0, 50.0, 60.0, 50.0])
    y = np.array([10.0, 10.0, -10.0, 990.0, 10.0, 10.0])
    linkage = snap.link(INDEX, PointSet.single(x, y), limit_m=50)
    found = merge(TOWN.network, linkage)
    # whether right or left of the street makes no difference to the walk
    assert found.group.tolist() == [0, 0, 0, -1, 1, 0]
    assert found.linkage.offset_mm.tolist() == linkage.offset_mm[[0, 3]].tolist()
    assert found.sums(np.array([1, 2, 4, 8, 16, 32])).tolist() == [39, 16]


def test_no_places_and_none_linked() -> None:
    none = snap.link(INDEX, PointSet.single(np.empty(0), np.empty(0)), limit_m=50)
    assert len(merge(TOWN.network, none).linkage.edge) == 0
    far = snap.link(INDEX, PointSet.single(np.full(3, 9e4), np.zeros(3)), limit_m=50)
    assert merge(TOWN.network, far).group.tolist() == [-1, -1, -1]


def test_places_with_several_gates_are_not_merged() -> None:
    two = PointSet(x_m=np.zeros(2), y_m=np.zeros(2), owner=np.zeros(2, np.int64), n_owners=1)
    with pytest.raises(AssertionError, match="one point each"):
        merge(TOWN.network, snap.link(INDEX, two, limit_m=50))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_searches_tell_the_same_with_and_without(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spot = np.column_stack([rng.integers(-2, 12, 60), rng.integers(-4, 2, 60)]) * 100 / 1.5
    x, y = spot[rng.integers(0, 60, 300)].T
    amount = rng.integers(0, 10**9, 300)
    places = snap.link(INDEX, PointSet.single(x, y), limit_m=60)
    at = rng.uniform((0, -200), (1000, 0), (4, 2))
    sources = reach.stops(COSTS, snap.link(INDEX, PointSet.single(*at.T), limit_m=300))
    found = merge(TOWN.network, places)
    every, groups = reach.stops(COSTS, places), reach.stops(COSTS, found.linkage)
    one = reach.nearest(COSTS, sources, every, limit_ms=900_000)
    two = reach.nearest(COSTS, sources, groups, limit_ms=900_000)
    who, ms = np.full(300, -1), np.full(300, -1)
    who[one.place], ms[one.place] = one.facility, one.ms
    of_group, ms_group = (np.full(found.linkage.n_owners + 1, -1) for _ in range(2))
    of_group[two.place], ms_group[two.place] = two.facility, two.ms
    # group -1, not linked, takes the last entry, which is -1
    np.testing.assert_array_equal(who, of_group[found.group])
    np.testing.assert_array_equal(ms, ms_group[found.group])
    nodes = reach.reach_nodes(COSTS, sources, limit_ms=600_000)
    total = []
    for stops, people in ((every, amount), (groups, found.sums(amount))):
        within = reach.places_within(COSTS, sources, nodes, stops, limit_ms=600_000)
        sums = np.zeros(4, np.int64)
        np.add.at(sums, within.source, people[within.place])
        total.append(sums.tolist())
    assert total[0] == total[1]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(-60, 60)), min_size=1, max_size=30),
    st.integers(1, 2 ** len(COSTS.linkable) - 2),
)
def test_of_two_links_the_better_one_counts(at: list[tuple[int, int]], chosen: int) -> None:
    # each place four times over, so that there is something to merge
    xy = np.repeat(np.array(at, np.float64) * 10, 4, axis=0)
    points = PointSet.single(xy[:, 0], xy[:, 1])
    some = COSTS.linkable & np.array(
        [bool(chosen >> k & 1) for k in range(len(COSTS.linkable))], bool
    )
    index = snap.SegmentIndex(TOWN.network, TOWN.x_m, TOWN.y_m, edges=some)
    every, few = (snap.link(i, points, limit_m=200) for i in (INDEX, index))
    both = either(every, few)
    assert both.linked.tolist() == every.linked.tolist()
    assert (np.diff(both.point) >= 0).all()
    door = snap.link(INDEX, PointSet.single(np.array([800.0]), np.array([0.0])), limit_m=50)
    sources = reach.stops(COSTS, door)

    def ms(linkage: Linkage) -> np.ndarray:
        found = merge(TOWN.network, linkage)
        near = reach.nearest(COSTS, sources, reach.stops(COSTS, found.linkage), limit_ms=9_000_000)
        of_group = np.full(found.linkage.n_owners + 1, 2**31)
        of_group[near.place] = near.ms
        assert found.sums(np.ones(len(xy), np.int64)).sum() == linkage.linked.sum()
        return of_group[found.group]

    assert ms(both).tolist() == np.minimum(ms(every), ms(few)).tolist()
