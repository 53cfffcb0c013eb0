"""The search against networkx on random networks, equal in milliseconds, and its invariants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from quarterhour.core import reach
from quarterhour.core.impedance import impedance
from quarterhour.model import FERRY, STEPS
from quarterhour.walkers import WALKERS
from street_maps import Piece, Position, Streets, assemble, costs_of, positions, streets, walk_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

Situation = tuple[Streets, str, list[Position], list[Position]]

moderate = settings(
    max_examples=120,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

WALKER = st.sampled_from(["elderly", "adult", "caregiver_with_stroller", "engine_5kmh"])
LIMIT = st.one_of(st.integers(0, 1_500_000), st.sampled_from([0, 60_000, 900_000]))

Pairs = dict[tuple[int, int], int]


def by_oracle(
    town: Streets, walker: str, sources: Sequence[Position], places: Sequence[Position],
    *, toward: bool,
) -> Pairs:  # fmt: skip
    """Milliseconds between owners of sources and places, access legs included, without a limit."""
    who = WALKERS[walker]
    graph = town.oracle(who, {"source": sources, "place": places}, toward=toward)
    found: Pairs = {}
    for s, source in enumerate(sources):
        ms = nx.single_source_dijkstra_path_length(graph, ("source", s), weight="ms")
        for p, place in enumerate(places):
            if ("place", p) in ms:
                t = ms["place", p] + walk_ms(source.access_mm, who) + walk_ms(place.access_mm, who)
                pair = (source.owner, place.owner)
                found[pair] = min(t, found.get(pair, t))
    return found


def by_engine(
    town: Streets, walker: str, sources: Sequence[Position], places: Sequence[Position],
    limit_ms: int, *, toward: bool, threads: int | None = None,
) -> Pairs:  # fmt: skip
    costs = costs_of(town, walker, toward=toward)
    starts, ends = _stops(town, sources, costs), _stops(town, places, costs)
    nodes = reach.reach_nodes(costs, starts, limit_ms=limit_ms, threads=threads)
    found = reach.places_within(costs, starts, nodes, ends, limit_ms=limit_ms, threads=threads)
    return {
        (int(s), int(p)): int(t)
        for s, p, t in zip(found.source, found.place, found.ms, strict=True)
    }


def _stops(town: Streets, places: Sequence[Position], costs: object) -> reach.Stops:
    return town.stops(places, max(p.owner for p in places) + 1, costs)  # type: ignore[arg-type]


def nearest_by_engine(
    town: Streets, walker: str, sources: Sequence[Position], places: Sequence[Position],
    limit_ms: int, *, toward: bool,
) -> dict[int, tuple[int, int]]:  # fmt: skip
    costs = costs_of(town, walker, toward=toward)
    found = reach.nearest(
        costs, _stops(town, sources, costs), _stops(town, places, costs), limit_ms=limit_ms
    )
    return {
        int(p): (int(t), int(f))
        for p, f, t in zip(found.place, found.facility, found.ms, strict=True)
    }


@st.composite
def situations(draw: st.DrawFn, *, owners: int | None = None) -> Situation:
    town, walker = draw(streets()), draw(WALKER)
    sources = draw(positions(town, walker, at_most=4, owners=owners))
    places = draw(positions(town, walker, at_most=8, owners=owners))
    assume(sources)
    return town, walker, sources, places


@moderate
@given(situations(), st.booleans(), LIMIT)
def test_every_place_within_the_limit_is_found_with_its_time(
    situation: Situation, toward: bool, limit_ms: int
) -> None:
    town, walker, sources, places = situation
    expected = by_oracle(town, walker, sources, places, toward=toward)
    found = by_engine(town, walker, sources, places, limit_ms, toward=toward)
    assert found == {pair: t for pair, t in expected.items() if t <= limit_ms}


@moderate
@given(situations(owners=3), st.booleans(), LIMIT)
def test_the_best_entrance_of_each_owner_counts(
    situation: Situation, toward: bool, limit_ms: int
) -> None:
    town, walker, sources, places = situation
    expected = by_oracle(town, walker, sources, places, toward=toward)
    found = by_engine(town, walker, sources, places, limit_ms, toward=toward)
    assert found == {pair: t for pair, t in expected.items() if t <= limit_ms}


@moderate
@given(situations(owners=3), st.booleans(), LIMIT)
def test_the_nearest_is_the_smallest_time_and_then_the_lowest_facility(
    situation: Situation, toward: bool, limit_ms: int
) -> None:
    town, walker, sources, places = situation
    best: dict[int, tuple[int, int]] = {}
    for (s, p), t in by_oracle(town, walker, sources, places, toward=toward).items():
        if t <= limit_ms:
            best[p] = min((t, s), best.get(p, (t, s)))
    assert nearest_by_engine(town, walker, sources, places, limit_ms, toward=toward) == best


@moderate
@given(situations(), st.booleans(), LIMIT)
def test_nodes_are_reached_at_their_times(
    situation: Situation, toward: bool, limit_ms: int
) -> None:
    town, walker, sources, _ = situation
    costs = costs_of(town, walker, toward=toward)
    found = reach.reach_nodes(costs, _stops(town, sources, costs), limit_ms=limit_ms)
    key = _key_of_node(town)
    graph = town.oracle(WALKERS[walker], {"source": sources}, toward=toward)
    for s, source in enumerate(sources):
        part = slice(found.first[s], found.first[s + 1])
        ms = nx.single_source_dijkstra_path_length(graph, ("source", s), weight="ms")
        leg = walk_ms(source.access_mm, WALKERS[walker])
        expected = {node: ms[k] + leg for node, k in key.items() if k in ms}
        expected = {node: t for node, t in expected.items() if t <= limit_ms}
        assert (
            dict(zip(found.node[part].tolist(), found.ms[part].tolist(), strict=True)) == expected
        )
        assert len(expected) == part.stop - part.start  # no node twice


def _key_of_node(town: Streets) -> dict[int, int]:
    """Point of the drawing by node; a point's key is its longitude."""
    net = town.network
    first, last = net.first_vertex[:-1], net.first_vertex[1:] - 1
    key = {int(n): int(net.vertex_lon[v]) for n, v in zip(net.edge_tail, first, strict=True)}
    head = {int(n): int(net.vertex_lon[v]) for n, v in zip(net.edge_head, last, strict=True)}
    assert all(head.get(n, k) == k for n, k in key.items())
    return key | head


@moderate
@given(streets())
def test_contraction_keeps_every_piece_and_only_junctions_as_nodes(town: Streets) -> None:
    net = town.network
    kept = [p for p in town.pieces if p.u != p.v or p.mm > 0]
    # as much street of each kind and direction as was drawn, in as many pieces
    drawn, built = [(p.kind, p.oneway, p.mm) for p in kept], []
    for e in range(net.n_edges):
        part = slice(net.first_piece[e], net.first_piece[e + 1])
        for start, end in zip(net.piece_start_mm[part], net.piece_end_mm[part], strict=True):
            built.append((int(net.edge_kind[e]), bool(net.edge_oneway[e]), int(end - start)))
    assert sorted(built) == sorted(drawn)
    # a node that could be passed through is none, except on a ring of its own
    ends: dict[int, list[tuple[int, bool, bool]]] = {}
    for e in range(net.n_edges):
        style = (int(net.edge_kind[e]), bool(net.edge_oneway[e]))
        ends.setdefault(int(net.edge_tail[e]), []).append((e, False, style[1]))
        ends.setdefault(int(net.edge_head[e]), []).append((e, True, style[1]))
    for at in ends.values():
        if len(at) == 2 and at[0][0] != at[1][0]:
            (a, a_head, a_oneway), (b, b_head, b_oneway) = at
            alike = net.edge_kind[a] == net.edge_kind[b] and a_oneway == b_oneway
            assert not (alike and (not a_oneway or a_head != b_head))
    assert set(ends) == set(range(net.n_nodes))


@moderate
@given(situations(), st.booleans())
def test_cutting_lines_at_their_points_changes_no_time(situation: Situation, toward: bool) -> None:
    town, walker, sources, places = situation
    cut = assemble([
        ([p.u, p.v], p.kind, p.oneway, [_hop(p)]) for p in town.pieces
    ])  # fmt: skip
    # measured from the same side as before
    moved = [
        [
            Position(
                piece=p.piece,
                mm=p.mm if town.edge_of[p.piece][2] == cut.edge_of[p.piece][2]
                else town.pieces[p.piece].mm - p.mm,
                access_mm=p.access_mm,
                owner=p.owner,
            )
            for p in group
        ]
        for group in (sources, places)
    ]  # fmt: skip
    one = by_engine(town, walker, sources, places, 900_000, toward=toward)
    two = by_engine(cut, walker, *moved, 900_000, toward=toward)
    # a position measured from the other end may be rounded the other way
    for pair in one.keys() | two.keys():
        assert abs(one.get(pair, 900_001) - two.get(pair, 900_001)) <= 2


def _hop(piece: Piece) -> tuple[int, int, int, bool]:
    if len(piece.inner) < 2:
        return 0, 0, piece.mm, False
    first = piece.inner[0][1]
    return first, 0, piece.mm - first, True


@moderate
@given(situations(), st.booleans(), LIMIT, LIMIT)
def test_a_longer_cutoff_never_uncovers_anyone(
    situation: Situation, toward: bool, a: int, b: int
) -> None:
    town, walker, sources, places = situation
    short, long = sorted((a, b))
    few = by_engine(town, walker, sources, places, short, toward=toward)
    many = by_engine(town, walker, sources, places, long, toward=toward)
    assert few.items() <= many.items()
    assert few == {pair: t for pair, t in many.items() if t <= short}


@moderate
@given(situations(), st.booleans(), st.data())
def test_a_new_facility_never_worsens_a_time(
    situation: Situation,
    toward: bool,
    data: st.DataObject,
) -> None:
    town, walker, sources, places = situation
    new = data.draw(positions(town, walker, at_most=1))[0]
    more = [*sources, Position(piece=new.piece, mm=new.mm, access_mm=new.access_mm,
                               owner=len(sources))]  # fmt: skip
    before = nearest_by_engine(town, walker, sources, places, 900_000, toward=toward)
    after = nearest_by_engine(town, walker, more, places, 900_000, toward=toward)
    for place, (t, facility) in before.items():
        assert after[place] <= (t, facility)


@moderate
@given(situations(owners=3), LIMIT)
def test_nearest_and_all_within_agree(situation: Situation, limit_ms: int) -> None:
    town, walker, sources, places = situation
    best: dict[int, tuple[int, int]] = {}
    for (s, p), t in by_engine(town, walker, sources, places, limit_ms, toward=True).items():
        best[p] = min((t, s), best.get(p, (t, s)))
    assert nearest_by_engine(town, walker, sources, places, limit_ms, toward=True) == best


def test_threads_change_nothing() -> None:
    rng = np.random.default_rng(7)
    drawn = []
    for a in range(60):
        for b in rng.integers(0, 60, 3):
            hops = [(*(int(x) for x in rng.integers(1_000, 60_000, 3)), True)]
            drawn.append(([a, int(b)], int(rng.choice([0, 0, STEPS])), bool(rng.random() < 0.2),
                          hops))  # fmt: skip
    town = assemble(drawn)
    spots = [
        Position(
            piece=int(k), mm=int(rng.integers(0, town.pieces[k].mm)), access_mm=int(k), owner=n
        )
        for n, k in enumerate(rng.integers(0, len(drawn), 90))
    ]
    sources, places = spots[:50], [
        Position(piece=p.piece, mm=p.mm, access_mm=p.access_mm, owner=n)
        for n, p in enumerate(spots[50:])
    ]  # fmt: skip
    answers = [
        by_engine(town, "elderly", sources, places, 300_000, toward=True, threads=threads)
        for threads in (1, 2, 5)
    ]
    assert len(answers[0]) > 100
    assert answers[0] == answers[1] == answers[2]
    assert list(answers[0]) == list(answers[2])


@moderate
@given(streets(), WALKER)
def test_components_are_those_of_the_usable_streets(town: Streets, walker: str) -> None:
    who = WALKERS[walker]
    costs = impedance(town.network, who)
    graph = nx.Graph()
    graph.add_nodes_from(range(town.network.n_nodes))
    for e in range(town.network.n_edges):
        kind = town.network.edge_kind[e]
        if not kind & FERRY and (who.steps or not kind & STEPS):
            graph.add_edge(int(town.network.edge_tail[e]), int(town.network.edge_head[e]))
    parts = sorted((sorted(p) for p in nx.connected_components(graph)), key=lambda p: p[0])
    for number, part in enumerate(parts):
        assert (costs.component[part] == number).all()


def test_a_network_without_streets_has_nothing_to_reach() -> None:
    town = assemble([([0, 0], 0, False, [(0, 0, 0, False)])])
    assert town.network.n_edges == 0
    assert town.network.n_nodes == 0
    costs = costs_of(town, "adult")
    nowhere = reach.stops(costs, town.linkage([], 3))
    found = reach.reach_nodes(costs, nowhere, limit_ms=900_000)
    assert found.first.tolist() == [0, 0, 0, 0]
    assert len(reach.nearest(costs, nowhere, nowhere, limit_ms=900_000).place) == 0


@moderate
@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**9),
            st.booleans(),
            st.booleans(),
            st.integers(-1, 3),
            st.integers(0, 1_500_000),
        ),
        min_size=1,
    ),
    LIMIT,
    LIMIT,
)
def test_covered_uncovered_and_unlinked_add_up_to_the_total(
    rows: list[tuple[int, bool, bool, int, int]], a: int, b: int
) -> None:
    from quarterhour.assessing.analysis import count
    from quarterhour.assessing.assessment import PlaceTimes

    amount, inside, linked, nearest, ms = (np.array(column) for column in zip(*rows, strict=True))
    times = PlaceTimes(
        nearest=np.where(linked, nearest, -1), ms=ms.astype(np.int32), linked=linked, served=linked
    )
    few, many = (count(amount, inside, times, cutoff) for cutoff in sorted((a, b)))
    for found in (few, many):
        assert found.covered + found.uncovered + found.unlinked == found.total
        assert found.total == sum(n for n, here, *_ in rows if here)
        assert found.unlinked == sum(n for n, here, near, *_ in rows if here and not near)
    assert few.covered <= many.covered
