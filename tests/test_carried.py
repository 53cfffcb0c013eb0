"""Edges of a changed network found again on the one that it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core import carried as module
from quarterhour.core.alter import close_streets
from quarterhour.core.carried import carried
from quarterhour.core.pinned import Link, Spot, cut_and_link
from quarterhour.core.splice import Flat
from towns import Town

if TYPE_CHECKING:
    import pytest

TOWN = Town(
    """
        A--B--C----D
        |     |
        E--F--G
    """,
    ABCD="residential", AE="residential", EFGC="footway", CD="steps",
)  # fmt: skip
FLAT = Flat(TOWN.network, TOWN.x_m, TOWN.y_m)
LENGTH = TOWN.network.edge_length_mm.tolist()


def test_what_is_not_changed_is_the_same_edge() -> None:
    found = carried(TOWN.network, TOWN.network)
    assert found is not None
    assert found.edge.tolist() == list(range(TOWN.network.n_edges))
    assert found.whole.all()
    assert not found.start_mm.any()


def test_a_polygon_leaves_two_parts_of_a_street() -> None:
    # E to F to G is 600 m along y = -200; 150 to 250 m are under the polygon
    done = close_streets(TOWN.network, TOWN.x_m, TOWN.y_m, [shapely.box(150, -250, 250, -150)])
    found = carried(TOWN.network, done.network)
    assert found is not None
    parts = np.flatnonzero(~found.whole)
    assert len(parts) == 2
    (b,) = set(found.edge[parts].tolist())
    start, length = found.start_mm[parts], done.network.edge_length_mm[parts]
    gone = LENGTH[b] - int(length.sum())
    assert gone == 100_000
    assert min(start.tolist()) == 0
    assert (start + length).max() == LENGTH[b]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_parts_lie_one_behind_the_other_and_links_are_new(data: st.DataObject) -> None:
    edge = st.integers(0, len(LENGTH) - 1)
    spot = edge.flatmap(lambda e: st.integers(0, LENGTH[e]).map(lambda mm: Spot(e, mm)))
    cuts = data.draw(st.lists(spot, max_size=6))
    ends = data.draw(st.lists(st.tuples(spot, spot), max_size=2))
    links = [Link(a, b, 12_345) for a, b in ends if a.edge != b.edge]
    made = cut_and_link(FLAT, cuts, links).network
    found = carried(TOWN.network, made)
    assert found is not None
    length = made.edge_length_mm
    for b, whole in enumerate(LENGTH):
        rows = np.flatnonzero(found.edge == b)
        rows = rows[np.argsort(found.start_mm[rows], kind="stable")]
        # the parts of a street that is only cut fill it without a gap
        ends_mm = np.cumsum(length[rows])
        assert found.start_mm[rows].tolist() == [0, *ends_mm[:-1].tolist()]
        assert ends_mm[-1] == whole
    # what is of no street of today is a link
    new = np.flatnonzero(found.edge < 0)
    assert (length[new] == 12_345).all()
    assert len(new) <= len(links)


def test_too_many_changes_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TOUCHED", 1)
    made = cut_and_link(FLAT, [Spot(0, 1000), Spot(1, 1000)], []).network
    assert carried(TOWN.network, made) is None
