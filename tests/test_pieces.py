"""Reached pieces against brute force: the time of every millimetre of every street."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from quarterhour.core import pieces, reach
from street_maps import Position, Streets, costs_of, positions, streets
from towns import Town

if TYPE_CHECKING:
    from quarterhour.core.impedance import Impedance

moderate = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
SHORT_MM = 3_000
"""Streets this short can be tried millimetre by millimetre."""


@st.composite
def situations(draw: st.DrawFn, *, longest_mm: int) -> tuple[Streets, str, list[Position]]:
    town = draw(streets(longest_mm=longest_mm, most_points=5))
    walker = draw(st.sampled_from(["elderly", "adult", "caregiver_with_stroller", "engine_5kmh"]))
    sources = draw(positions(town, walker, at_most=3, owners=2))
    assume(sources)
    return town, walker, sources


def cut(
    costs: Impedance, sources: reach.Stops, cutoff_ms: int, threads: int | None = None
) -> pieces.Pieces:
    nodes = reach.reach_nodes(costs, sources, limit_ms=cutoff_ms, threads=threads)
    return pieces.reached_pieces(costs, sources, nodes, cutoff_ms=cutoff_ms, threads=threads)


def covered_offsets(
    costs: Impedance, sources: reach.Stops, cutoff_ms: int, edge: int, offsets: list[int]
) -> list[set[int]]:
    """Offsets of an edge, by source, whose time is within the cutoff, by asking for each one."""
    n = len(offsets)
    edges = np.full(n, edge, np.int32)
    mm = np.array(offsets, np.int64)
    out_ms, in_ms = costs.position_ms(edges, mm)
    places = reach.Stops(
        owner=np.arange(n), edge=edges, offset_mm=mm, out_ms=out_ms, in_ms=in_ms,
        access_ms=np.zeros(n, np.int32), n_owners=n,
    )  # fmt: skip
    nodes = reach.reach_nodes(costs, sources, limit_ms=cutoff_ms)
    found = reach.places_within(costs, sources, nodes, places, limit_ms=cutoff_ms)
    return [
        {offsets[p] for p in found.place[found.first[s] : found.first[s + 1]].tolist()}
        for s in range(sources.n_owners)
    ]


def check_form(town: Streets, found: pieces.Pieces) -> None:
    """Ascending by edge and position within a source, without overlap, never empty, on the edge."""
    assert (found.end_mm > found.start_mm).all()
    assert (found.start_mm >= 0).all()
    assert (found.end_mm <= town.network.edge_length_mm[found.edge]).all()
    for s in range(len(found.first) - 1):
        part = slice(found.first[s], found.first[s + 1])
        edge, start, end = found.edge[part], found.start_mm[part], found.end_mm[part]
        assert (np.diff(edge) >= 0).all()
        same = np.diff(edge) == 0
        assert (start[1:][same] > end[:-1][same]).all()


def in_pieces(found: pieces.Pieces, source: int, edge: int, offset: int) -> bool:
    part = slice(found.first[source], found.first[source + 1])
    on = found.edge[part] == edge
    return bool((on & (found.start_mm[part] <= offset) & (offset <= found.end_mm[part])).any())


@moderate
@given(situations(longest_mm=SHORT_MM // 4), st.booleans(), st.integers(0, 6_000))
def test_every_millimetre_is_in_a_piece_exactly_when_it_is_reached(
    situation: tuple[Streets, str, list[Position]], toward: bool, cutoff_ms: int
) -> None:
    town, walker, places = situation
    costs = costs_of(town, walker, toward=toward)
    sources = town.stops(places, 2, costs)
    found = cut(costs, sources, cutoff_ms)
    check_form(town, found)
    for edge, length in enumerate(town.network.edge_length_mm.tolist()):
        if length > SHORT_MM:
            continue
        # the two ends are nodes, which belong to the pieces of any of their streets
        inner = list(range(1, length))
        for source, reached in enumerate(covered_offsets(costs, sources, cutoff_ms, edge, inner)):
            lone = {x for x in reached if x - 1 not in reached and x + 1 not in reached}
            by_piece = {x for x in inner if in_pieces(found, source, edge, x)}
            # a single reached millimetre has no length and makes no piece
            assert by_piece <= reached
            assert reached - by_piece <= lone


@moderate
@given(situations(longest_mm=400_000), st.booleans(), st.integers(0, 900_000))
def test_pieces_of_long_streets_end_at_the_last_reached_millimetre(
    situation: tuple[Streets, str, list[Position]], toward: bool, cutoff_ms: int
) -> None:
    town, walker, places = situation
    costs = costs_of(town, walker, toward=toward)
    sources = town.stops(places, 2, costs)
    found = cut(costs, sources, cutoff_ms)
    check_form(town, found)
    for edge, length in enumerate(town.network.edge_length_mm.tolist()):
        on = found.edge == edge
        ends = np.concatenate([found.start_mm[on], found.end_mm[on]])
        tried = np.concatenate([ends - 1, ends, ends + 1, np.arange(7_919, length, 7_919)])
        inner = sorted({x for x in tried.tolist() if 0 < x < length})
        for source, reached in enumerate(covered_offsets(costs, sources, cutoff_ms, edge, inner)):
            by_piece = {x for x in inner if in_pieces(found, source, edge, x)}
            assert by_piece <= reached
            for x in reached - by_piece:  # it may only be a single millimetre, which has no length
                beside = [y for y in (x - 1, x + 1) if 0 < y < length]
                assert not covered_offsets(costs, sources, cutoff_ms, edge, beside)[source]


def test_a_facility_in_the_middle_of_a_street_reaches_both_ways() -> None:
    town = Town("A---------B", AB="residential")
    walks = town.walks({"clinic": ("AB", 400, 10)}, {})
    found = cut(walks.costs, walks.sources, 300_000)
    # 10 s to the street, 290 m both ways
    assert found.start_mm.tolist() == [110_000]
    assert found.end_mm.tolist() == [690_000]
    assert len(cut(walks.costs, walks.sources, 9_999).edge) == 0


def test_two_ends_that_do_not_meet_leave_a_gap() -> None:
    town = Town(
        """
        A----B
        |    |
        D----C
        """,
        ABCD="residential",
        AD="path",
    )
    walks = town.walks({"clinic": ("AD", 100)}, {})
    found = cut(walks.costs, walks.sources, 500_000)
    # from the middle of AD: 400 m of ABCD from each end, the middle 400 of 1200 are left
    long = int(np.argmax(town.network.edge_length_mm))
    assert found.start_mm[found.edge == long].tolist() == [0, 800_000]
    assert found.end_mm[found.edge == long].tolist() == [400_000, 1_200_000]
    rest = pieces.complement(found, np.ones(2, bool), town.network.edge_length_mm)
    assert rest.edge.tolist() == [long]
    assert rest.start_mm.tolist() == [400_000]
    assert rest.end_mm.tolist() == [800_000]


@moderate
@given(situations(longest_mm=400_000), st.integers(0, 900_000))
def test_what_is_reached_and_what_is_left_make_up_the_streets(
    situation: tuple[Streets, str, list[Position]], cutoff_ms: int
) -> None:
    town, walker, places = situation
    costs = costs_of(town, walker)
    one = [Position(piece=p.piece, mm=p.mm, access_mm=p.access_mm, owner=0) for p in places]
    found = cut(costs, town.stops(one, 1, costs), cutoff_ms)
    length = town.network.edge_length_mm
    chosen = np.arange(len(length)) % 3 != 1
    rest = pieces.complement(found, chosen, length)
    both = [*zip(found.edge, found.start_mm, found.end_mm, strict=True)]
    both += [*zip(rest.edge, rest.start_mm, rest.end_mm, strict=True)]
    by_edge: dict[int, list[tuple[int, int]]] = {}
    for edge, start, end in both:
        by_edge.setdefault(int(edge), []).append((int(start), int(end)))
    for edge in np.flatnonzero(chosen & (length > 0)).tolist():
        parts = sorted(by_edge[edge])
        assert parts[0][0] == 0
        assert parts[-1][1] == length[edge]
        assert all(a[1] == b[0] for a, b in itertools.pairwise(parts))
    assert chosen[rest.edge].all()


@moderate
@given(situations(longest_mm=400_000), st.integers(0, 900_000), st.integers(0, 900_000))
def test_a_shorter_cutoff_of_one_search_is_the_search_of_the_shorter_cutoff(
    situation: tuple[Streets, str, list[Position]], a: int, b: int
) -> None:
    town, walker, places = situation
    costs = costs_of(town, walker)
    sources = town.stops(places, 2, costs)
    far = reach.reach_nodes(costs, sources, limit_ms=max(a, b))
    one = pieces.reached_pieces(costs, sources, far, cutoff_ms=min(a, b))
    two = cut(costs, sources, min(a, b), threads=2)
    for key in ("first", "edge", "start_mm", "end_mm"):
        np.testing.assert_array_equal(getattr(one, key), getattr(two, key))
