"""Signals, crossings and lifts in towns drawn as text (1 m is 1 s; half a wait on either side)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quarterhour.core import graph, pieces, reach
from quarterhour.core.impedance import Impedance, impedance
from quarterhour.core.slope import graded
from quarterhour.core.waits import waits_of
from quarterhour.errors import InputError
from quarterhour.model import (
    LIFT,
    WAIT_CROSSING,
    WAIT_LIFT,
    WAIT_PART,
    WAIT_SIGNAL,
    WAIT_SIGNAL_CROSSING,
    RoadNetwork,
    Walker,
)
from quarterhour.sources.roads.osm import read_osm_lines
from quarterhour.sources.roads.read import read_roads
from quarterhour.sources.roads.through_osmnx import lines_of_graph
from quarterhour.sources.roads.waits import wait_note
from quarterhour.sources.roads.walkable import wait
from quarterhour.walkers import WALKERS, waiting_like, walker
from street_maps import Streets, streets
from towns import DEGREES_PER_M, Spot, Town

if TYPE_CHECKING:
    from pathlib import Path

LONG = 10_000_000

# A to C crosses the main road D-B-E at B
CROSS = """
         D
         |
    A----B----C
         |
         E
    """


def waiting(place: Town, where: dict[str, int]) -> RoadNetwork:
    """The town's network with waits at its points."""
    rows = [(*(v * DEGREES_PER_M for v in place.xy[p]), kind) for p, kind in where.items()]
    return dataclasses.replace(place.network, waits=np.array(rows, np.float64))


def seconds(place: Town, network: RoadNetwork, who: Walker, one: Spot, two: Spot) -> float:
    """Seconds from one spot to another; the way back takes the same."""
    found = []
    for toward in (True, False):
        costs = impedance(network, who, toward=toward)
        for a, b in ((one, two), (two, one)):
            stops = [reach.stops(costs, place.link(costs, {"x": s}, 1.0)) for s in (a, b)]
            found.append(int(reach.nearest(costs, *stops, limit_ms=LONG).ms[0]))
    assert len(set(found)) == 1
    return found[0] / 1000


def crossroads(ac: str = "footway") -> Town:
    return Town(CROSS, ABC=ac, DBE="primary")


WAITS = walker("elderly", signal_s=20, crossing_s=8, lift_s=30)


def test_a_signal_stops_whoever_passes_it() -> None:
    place = crossroads("residential")
    network = waiting(place, {"B": WAIT_SIGNAL})
    assert seconds(place, network, WAITS, "A", "C") == 500 + 500 + 20
    assert seconds(place, network, WAITS, "A", "D") == 500 + 200 + 20  # whoever turns, too
    assert seconds(place, network, WAITS, "A", "B") == 500 + 10  # begins in the middle of it
    # near the signal, not through it: nobody waits
    assert seconds(place, network, WAITS, "A", ("AB", 499)) == 499
    assert seconds(place, network, WAITS, ("AB", 499), ("BC", 1)) == 2 + 20
    one_of_two = waiting(place, {"B": WAIT_PART})
    assert seconds(place, one_of_two, WAITS, "A", "C") == 1000 + 10


def test_a_crossing_stops_who_crosses_and_not_who_walks_along() -> None:
    place = crossroads()
    for kind, waited in ((WAIT_CROSSING, 8), (WAIT_SIGNAL_CROSSING, 20)):
        network = waiting(place, {"B": kind})
        assert seconds(place, network, WAITS, "A", "C") == 1000 + waited
        assert seconds(place, network, WAITS, "D", "E") == 400
        assert seconds(place, network, WAITS, "A", "D") == 700 + waited / 2  # half of the road
    streets_only = crossroads("residential")
    network = waiting(streets_only, {"B": WAIT_CROSSING})
    assert seconds(streets_only, network, WAITS, "A", "C") == 1000  # no path is drawn across


def test_nobody_waits_unless_the_study_says_so() -> None:
    place = crossroads()
    network = waiting(place, {"B": WAIT_SIGNAL})
    plain = impedance(place.network, WALKERS["elderly"])
    told = impedance(network, WALKERS["elderly"])
    rule = impedance(network, WALKERS["standard_1000m"])
    assert told.out_ms.tolist() == plain.out_ms.tolist()
    assert told.piece_mm.tolist() == plain.piece_mm.tolist()
    assert rule.out_ms.sum() == place.network.edge_length_mm.sum()
    assert all(getattr(w, k) == 0 for w in WALKERS.values() for k in ("signal_s", "lift_s"))


def test_a_lift_waits_takes_strollers_and_leaves_the_steps_to_others() -> None:
    place = Town(
        """
        A----B----C
             |    |
             D----E
        """,
        AB="footway", BC="footway", BD="steps", CE="elevator", ED="footway",
    )  # fmt: skip
    network = place.network
    assert int(((network.edge_kind & LIFT) > 0).sum()) == 1
    adult = walker("elderly", lift_s=30)
    stroller = walker("caregiver_with_stroller", lift_s=30)
    assert seconds(place, network, adult, "A", "D") == pytest.approx(500 + 200 * 5 / 3, abs=0.001)
    assert seconds(place, network, stroller, "A", "D") == 500 + 500 + 200 + 500 + 30
    wheels = walker("wheelchair", lift_s=30)
    assert seconds(place, network, wheels, "A", "D") == pytest.approx(1700 * 0.9 + 30, abs=0.01)
    # nobody lives in a lift
    assert (impedance(network, adult).linkable == ((network.edge_kind & LIFT) == 0)).all()
    # a node that is a lift, on a path
    shaft = waiting(crossroads(), {"B": WAIT_LIFT})
    assert seconds(crossroads(), shaft, stroller, "A", "C") == 1000 + 30


def test_a_lift_is_level_on_any_slope() -> None:
    place = Town("A----B----C", AB="footway", BC="elevator")
    hill = graded(
        place.network, lambda lon, _: lon / DEGREES_PER_M * 0.3, step_m=50, rule="tobler"
    ).network
    costs = impedance(hill, WALKERS["elderly"])
    lift = (hill.edge_kind & LIFT) > 0
    assert costs.out_ms[lift].tolist() == costs.in_ms[lift].tolist() == [500_000]
    assert (costs.out_ms[~lift] != costs.in_ms[~lift]).all()


def test_a_signal_within_a_street_and_slopes_leave_sums_exact() -> None:
    # B is no junction: the street goes on
    place = Town("A----B----C", ABC="residential")
    network = waiting(place, {"B": WAIT_SIGNAL})
    assert seconds(place, network, WAITS, "A", "C") == 1020
    assert seconds(place, network, WAITS, ("AB", 300), "C") == 700 + 20
    hill = graded(
        network, lambda lon, _: lon / DEGREES_PER_M * 0.1, step_m=70, rule="tobler"
    ).network
    slow, fast = impedance(hill, WAITS), impedance(hill, WALKERS["elderly"])
    assert slow.out_ms.tolist() == (fast.out_ms + 20_000).tolist()
    assert slow.in_ms.tolist() == (fast.in_ms + 20_000).tolist()


def test_the_reached_street_ends_at_the_signal_until_it_is_green() -> None:
    place = crossroads("residential")
    network = waiting(place, {"B": WAIT_SIGNAL})
    costs = impedance(network, WAITS)
    source = reach.stops(costs, place.link(costs, {"x": "A"}, 1.0))

    def metres(cutoff_s: float) -> float:
        nodes = reach.reach_nodes(costs, source, limit_ms=LONG)
        cut = pieces.reached_pieces(costs, source, nodes, cutoff_ms=int(cutoff_s * 1000))
        return float((cut.end_mm - cut.start_mm).sum() / 1000)

    assert metres(499) == 499
    assert metres(505) == pytest.approx(500, abs=0.001)  # waits before the junction
    assert metres(515) == pytest.approx(500, abs=0.003)  # and on it
    assert metres(521) == pytest.approx(500 + 3 * 1, abs=0.001)  # three ways on


@st.composite
def signalled(draw: st.DrawFn) -> tuple[Streets, RoadNetwork]:
    town = draw(streets(longest_mm=5_000))
    names = sorted(set(town.network.vertex_lon.tolist()))
    assume(names)
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=5, unique=True))
    kinds = st.sampled_from([WAIT_SIGNAL, WAIT_PART, WAIT_CROSSING, WAIT_LIFT])
    rows = [(name, (name * 7) % 13, draw(kinds)) for name in chosen]
    return town, dataclasses.replace(town.network, waits=np.array(rows, np.float64))


@given(signalled(), st.floats(0, 300), st.sampled_from([True, False]))
def test_waits_add_to_edges_and_never_turn_time_back(
    made: tuple[Streets, RoadNetwork], wait_s: float, toward: bool
) -> None:
    network = made[1]
    who = dataclasses.replace(WALKERS["adult"], signal_s=wait_s, crossing_s=wait_s, lift_s=wait_s)
    slow = impedance(network, who, toward=toward)
    fast = impedance(network, WALKERS["adult"], toward=toward)
    extra = np.zeros(network.n_edges, np.int64)
    found = waits_of(network, who)
    np.add.at(extra, found.edge, found.ms)
    assert (slow.out_ms == fast.out_ms + extra).all()
    assert (slow.in_ms == fast.in_ms + extra).all()
    for edge, length in enumerate(network.edge_length_mm.tolist()):
        at = np.unique(np.linspace(0, length, 60).astype(np.int64))
        times = [_at(c, edge, at) for c in (slow, fast)]
        assert (np.diff(times[0]) >= 0).all()
        # no wait is paid where nobody passes: never more than the edge's own waits, never less time
        assert (times[0] >= times[1] - 1).all()
        assert (times[0] <= times[1] + extra[edge] + 1).all()
        assert times[0][0] == 0
        assert times[0][-1] == slow.out_ms[edge]


def _at(costs: Impedance, edge: int, offset_mm: np.ndarray) -> np.ndarray:
    return costs.position_ms(np.full(len(offset_mm), edge, np.int32), offset_mm)[0]


@pytest.mark.parametrize(
    ("text", "kind", "crossing"),
    [
        ("highway=traffic_signals", WAIT_SIGNAL, False),
        ("highway=traffic_signals crossing=traffic_signals", WAIT_SIGNAL, True),
        ("highway=traffic_signals crossing=no", WAIT_SIGNAL, False),
        ("highway=traffic_signals traffic_signals=pedestrian_crossing", WAIT_SIGNAL_CROSSING, True),
        ("highway=crossing crossing=traffic_signals", WAIT_SIGNAL_CROSSING, True),
        ("highway=crossing crossing=traffic_signals;island", WAIT_SIGNAL_CROSSING, True),
        ("highway=crossing crossing=marked crossing:signals=yes", WAIT_SIGNAL_CROSSING, True),
        ("highway=crossing crossing=uncontrolled", WAIT_CROSSING, True),
        ("highway=crossing", WAIT_CROSSING, True),
        ("highway=elevator", WAIT_LIFT, False),
    ],
)
def test_what_makes_walkers_wait(text: str, kind: int, crossing: bool) -> None:
    assert wait(dict(item.split("=") for item in text.split())) == (kind, crossing)


@pytest.mark.parametrize(
    "text", ["highway=crossing crossing=no", "highway=bus_stop", "barrier=gate"]
)
def test_what_does_not(text: str) -> None:
    assert wait(dict(item.split("=") for item in text.split())) is None


NODES = {
    # number: x, y (1e-4 degrees, about 11 m), tags
    1: (0, 0, ""), 2: (50, 0, "highway=traffic_signals crossing=traffic_signals"),
    3: (100, 0, "highway=crossing crossing=marked"), 4: (150, 0, ""),
    5: (50, 40, ""), 6: (50, -40, ""), 7: (100, 20, ""), 8: (100, -20, ""),
    9: (120, 0, "highway=traffic_signals crossing=traffic_signals"),
    10: (200, 0, "highway=traffic_signals"), 11: (202, 0, "highway=traffic_signals"),
    12: (250, 0, "highway=crossing"), 13: (250, 20, ""), 14: (300, 0, ""),
}  # fmt: skip
WAYS = {
    "highway=primary": [1, 2, 3, 9, 4], "highway=residential": [5, 2, 6],
    "highway=footway footway=crossing": [7, 3, 8], "highway=tertiary": [4, 10, 11, 12, 14],
    "highway=footway": [13, 12],
}  # fmt: skip


def osm(path: Path) -> Path:
    def tags(text: str) -> str:
        pairs = (item.split("=") for item in text.split())
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in pairs)

    rows = ['<osm version="0.6">']
    for number, (x, y, text) in NODES.items():
        rows.append(f'<node id="{number}" lon="{x / 1e4}" lat="{y / 1e4}">{tags(text)}</node>')
    for number, (text, nodes) in enumerate(WAYS.items(), 1):
        refs = "".join(f'<nd ref="{n}"/>' for n in nodes)
        rows.append(f'<way id="{number}">{refs}{tags(text)}</way>')
    path.write_text("\n".join([*rows, "</osm>"]), encoding="utf-8")
    return path


def test_what_is_read_from_a_map(tmp_path: Path) -> None:
    path = osm(tmp_path / "roads.osm")
    kinds = {round(lon * 1e4): int(kind) for lon, _, kind in read_osm_lines(path).waits.tolist()}
    assert kinds == {
        50: WAIT_SIGNAL,  # four arms of streets
        100: WAIT_CROSSING,  # a path across a major road
        120: WAIT_SIGNAL_CROSSING,  # alone within a street: who walks along it does not wait
        200: WAIT_PART, 202: WAIT_PART,  # two stop lines of one junction
    }  # fmt: skip  # and not the crossing of a tertiary road
    # repaired, clipped and stored, the waits stay
    network = read_roads(path, cache=False)
    note = wait_note(network, WAITS)
    assert note is not None
    assert (
        "20 s at signals (4 in the roads), 8 s at crossings of major roads without (1)" in note.en
    )
    assert "信号灯 20 秒（路网中 4 处）" in note.zh
    assert wait_note(network, WALKERS["adult"]) is None
    for network in (read_roads(path, cache=False, repair_m=2), read_roads(path), read_roads(path)):
        assert len(network.waits) == 5
        assert len(graph.subset(network, np.ones(network.n_edges, bool)).waits) == 5


def test_what_is_read_from_a_graph() -> None:
    import networkx as nx

    town = nx.MultiDiGraph(crs="epsg:4326")
    spots = {"a": (0, 0), "b": (0.01, 0), "c": (0.02, 0), "d": (0.01, 0.01), "e": (0.01, -0.01)}
    tags = {"b": {"highway": "crossing", "crossing": "unmarked"}, "c": {"highway": "elevator"}}
    for name, (x, y) in spots.items():
        town.add_node(name, x=x, y=y, **tags.get(name, {}))
    for u, v, highway in (
        ("a", "b", "secondary"), ("b", "c", "secondary"), ("d", "b", "footway"),
        ("b", "e", "footway"),
    ):  # fmt: skip
        town.add_edge(u, v, highway=highway)
    waits = lines_of_graph(town).waits.tolist()
    assert waits == [[0.01, 0.0, WAIT_CROSSING], [0.02, 0.0, WAIT_LIFT]]


def test_values_that_are_refused() -> None:
    for key in ("signal_s", "crossing_s", "lift_s"):
        with pytest.raises(InputError, match="a number of seconds between 0 and"):
            walker("adult", **{key: -1.0})
        with pytest.raises(InputError, match="distance rule"):
            walker("standard_1000m", **{key: 5.0})
    others = waiting_like(WAITS, [WALKERS["adult"], WALKERS["standard_1000m"]])
    assert [w.signal_s for w in others] == [20, 0]
    assert others[0].speed_mps == WALKERS["adult"].speed_mps


def test_real_cities_have_the_signals_that_were_counted(shared: Path) -> None:
    # counted in the file with a plain reader: 135 signals, 337 crossings with signals, 11 lifts
    path = shared / "helsinki" / "Helsinki.osm.pbf"
    network = read_roads(path, cache=False)
    kinds = np.bincount(network.waits[:, 2].astype(int), minlength=6)
    assert kinds[WAIT_SIGNAL] + kinds[WAIT_PART] <= 135  # highway=traffic_signals
    assert kinds[WAIT_SIGNAL_CROSSING] <= 337
    assert kinds[WAIT_CROSSING] <= 177 + 105 + 1
    assert kinds[WAIT_LIFT] == 11
    slow, fast = impedance(network, WAITS), impedance(network, WALKERS["elderly"])
    extra = slow.out_ms.astype(np.int64) - fast.out_ms
    assert (extra >= 0).all()
    assert set(np.unique(extra % 1000)) == {0}
    assert (extra == slow.in_ms.astype(np.int64) - fast.in_ms).all()
