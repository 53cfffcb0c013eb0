"""What a line or an area closes: towns drawn as text, lengths that can be added up by eye."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core import reach, snap
from quarterhour.core.alter import Altered, close_streets
from quarterhour.core.closing import closed_by
from quarterhour.core.impedance import impedance
from quarterhour.core.splice import Flat
from quarterhour.frames import MetricCrs, bounds_of
from quarterhour.model import PointSet
from quarterhour.sources.roads.read import read_roads
from quarterhour.walkers import WALKERS
from towns import Town

if TYPE_CHECKING:
    from pathlib import Path

# a main street that ends in a cross street, with a side street and a street across it; 100 m
TOWN = """
       S     N     T
       |     |     |
    A--B-----C-----D
             |     |
             M     U
    """


def town() -> Town:
    return Town(
        TOWN, ABCD="residential", BS="residential", NCM="residential", TDU="residential",
    )  # fmt: skip


def close(place: Town, *shapes: Any, tolerance_m: float = 5.0) -> Altered:
    return close_streets(place.network, place.x_m, place.y_m, shapes, tolerance_m=tolerance_m)


def at(place: Town, *names: str) -> shapely.LineString:
    return shapely.LineString([place.xy[n] for n in names])


def ms(place: Town | Altered, one: tuple[float, float], two: tuple[float, float]) -> int | None:
    """Milliseconds at 1 m/s between two points on the streets, None where there is no way."""
    costs = impedance(place.network, WALKERS["elderly"])
    index = snap.SegmentIndex(place.network, place.x_m, place.y_m, edges=costs.linkable)
    stops = []
    for x, y in (one, two):
        points = PointSet.single(np.array([x]), np.array([y]))
        stops.append(reach.stops(costs, snap.link(index, points, limit_m=1.0)))
    found = reach.nearest(costs, *stops, limit_ms=10_000_000).ms
    return int(found[0]) if len(found) else None


def lengths(done: Altered) -> list[float]:
    return sorted(done.closed[:, 2].tolist())


@pytest.mark.parametrize("tolerance_m", [0.0, 0.5, 5.0, 15.0])
def test_a_street_closed_by_its_own_line_takes_no_other_with_it(tolerance_m: float) -> None:
    place = town()
    side = close(place, at(place, "B", "S"), tolerance_m=tolerance_m)
    assert lengths(side) == [200]
    x, y = place.xy["B"]
    assert ms(side, (x - 100, y), (x + 100, y)) == 200_000
    assert ms(side, (x, y + 100), (x, y)) is None
    main = close(place, at(place, "A", "D"), tolerance_m=tolerance_m)
    assert lengths(main) == [300, 600, 600]
    # the street across it and the one it ends at go on
    for one, two in (("N", "M"), ("T", "U")):
        assert ms(main, place.xy[one], place.xy[two]) == 400_000
    assert ms(main, place.xy["N"], place.xy["T"]) is None


@pytest.mark.parametrize(
    "line",
    [
        [(-3, 3), (700, -3), (1503, 3)],  # by hand, a little too long
        [(0, 4), (1500, 4)],  # beside it
        [(1500, 0), (0, 0)],  # the other way round
        [(0, 0), (500, 1), (502, 4), (505, 0), (1500, 0)],  # with a kink
        [(6 * k, (k * 37 % 5 - 2)) for k in range(251)],  # by a trembling hand
    ],
)
def test_a_line_drawn_by_hand_closes_the_same(line: list[tuple[float, float]]) -> None:
    place = town()
    x, y = place.xy["A"]
    main = close(place, shapely.LineString([(x + a, y + b) for a, b in line]))
    assert sum(lengths(main)) == pytest.approx(1500, abs=6)
    for one, two in (("N", "M"), ("T", "U")):
        assert ms(main, place.xy[one], place.xy[two]) == 400_000


def test_a_line_along_a_part_of_a_street_closes_that_part() -> None:
    place = town()
    x, y = place.xy["A"]
    part = close(place, shapely.LineString([(x + 400, y), (x + 500, y)]))
    assert lengths(part) == [100]
    assert ms(part, (x, y), (x + 300, y)) == 300_000
    short = close(place, shapely.LineString([(x + 400, y), (x + 412, y)]))
    assert lengths(short) == [12]


def test_a_line_along_nothing_cuts_what_it_crosses() -> None:
    place = town()
    x, y = place.xy["C"]
    fence = close(place, shapely.LineString([(x - 100, y - 50), (x + 100, y - 50)]))
    assert lengths(fence) == [0]
    assert ms(fence, (x, y - 49), (x, y - 51)) is None
    assert ms(fence, (x, y), (x, y - 49)) == 49_000
    # a gate that is drawn up to the street closes it, too
    gate = close(place, shapely.LineString([(x + 30, y - 50), (x + 4, y - 50)]))
    assert lengths(gate) == [0]
    away = close(place, shapely.LineString([(x + 30, y - 50), (x + 6, y - 50)]))
    assert away.idle.tolist() == [0]
    # one that leaves the street which it runs along cuts what comes then
    both = close(place, at(place, "A", "C"), shapely.LineString([(x, y), (x, y - 200)]))
    assert lengths(both) == [200, 300, 600]
    path = [(x - 300, y), (x - 50, y), (x - 50, y - 50), (x + 50, y - 50)]
    turns = close(place, shapely.LineString(path))
    assert lengths(turns) == [0, 250]
    assert ms(turns, (x, y), (x, y - 51)) is None


def test_bridges_are_closed_by_lines_along_them_only() -> None:
    place = Town(
        """
              N
              |
        A-----B-----C
              |
              S
        """,
        ABC="residential", NS={"highway": "footway", "bridge": "yes", "layer": "1"},
    )  # fmt: skip
    deck = [k for k in range(place.network.n_edges) if place.network.edge_kind[k]]
    under = close(place, at(place, "A", "C"))
    assert lengths(under) == [1200]
    assert (under.network.edge_kind != 0).sum() == len(deck)
    x, y = place.xy["B"]
    fence = close(place, shapely.LineString([(x - 500, y + 50), (x + 500, y + 50)]))
    assert fence.idle.tolist() == [0]  # it passes below
    along = close(place, at(place, "N", "S"))
    assert not (along.network.edge_kind != 0).any()
    site = close(place, shapely.box(x - 50, y + 20, x + 50, y + 80))
    assert lengths(site) == [60]


@pytest.mark.parametrize("rows", [4, 7, 11, 30])  # of 11 columns: 20, 32, 45 and 70 degrees
def test_streets_that_fork_off_stay_whole(rows: int) -> None:
    drawing = "\n".join(["A---B----------C", *[""] * (rows - 1), " " * 15 + "F"])
    place = Town(drawing, ABC="residential", BF="residential")
    (x, y), size = place.xy["B"], float(np.hypot(1100, 100 * rows))
    fork = close(place, at(place, "B", "F"))
    assert lengths(fork) == pytest.approx([size], abs=0.001)
    assert ms(fork, (x - 100, y), (x + 100, y)) == 200_000
    main = close(place, at(place, "A", "C"))
    assert lengths(main) == [400, 1100]
    assert main.network.n_edges == 1


def test_metres_are_counted_once() -> None:
    place = town()
    x, y = place.xy["A"]
    box = shapely.box(x + 100, y - 9, x + 200, y + 9)
    wider = shapely.box(x + 150, y - 9, x + 280, y + 9)
    done = close(place, box, box, wider, shapely.Point(x + 120, y))
    assert done.closed[:, 2:].tolist() == [[100, 0], [80, 2]]
    assert done.again.tolist() == [1, 3]
    gone = place.network.edge_length_mm.sum() - done.network.edge_length_mm.sum()
    assert gone == 180_000


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 4)), min_size=2, max_size=4, unique=True),
    st.sampled_from([0.0, 1.0, 5.0, 20.0]),
)
def test_what_is_told_is_what_is_gone(points: list[tuple[int, int]], tolerance_m: float) -> None:
    place = town()
    x, y = place.xy["A"]
    line = shapely.LineString([(x + 100 * a, y - 200 + 100 * b) for a, b in points])
    done = close(place, line, line, tolerance_m=tolerance_m)
    gone = int(place.network.edge_length_mm.sum() - done.network.edge_length_mm.sum())
    assert gone == round(float(done.closed[:, 2].sum()) * 1000)
    assert done.idle.tolist() in ([], [0, 1])
    assert done.again.tolist() in ([], [1])
    # only streets that are drawn along are shorter: of the others every metre is there
    zone = line.buffer(max(tolerance_m, 0.1) + 1e-6)
    lines = shapely.linestrings(
        np.column_stack([place.x_m, place.y_m]),
        indices=np.repeat(np.arange(place.network.n_edges), np.diff(place.network.first_vertex)),
    )
    near = float(shapely.length(shapely.intersection(lines, zone)).sum())
    assert gone / 1000 <= near + 0.01 * len(lines)  # an end within a centimetre is the end


def test_blocks_of_a_city_closed_by_their_own_lines(shared: Path) -> None:
    """Each of 100 blocks of Porto Alegre is closed whole, and no street that meets it is cut."""
    net = read_roads(shared / "porto_alegre" / "poa_osm.pbf", cache=False)
    x, y = MetricCrs(bounds_of((net.vertex_lon, net.vertex_lat))).metres(
        net.vertex_lon, net.vertex_lat
    )
    degree = np.bincount(net.edge_tail, minlength=net.n_nodes)
    degree += np.bincount(net.edge_head, minlength=net.n_nodes)
    length = net.edge_length_mm
    blocks = (length > 80_000) & (length < 200_000) & (net.edge_kind == 0)
    blocks &= (degree[net.edge_tail] >= 3) & (degree[net.edge_head] >= 3)
    some = np.random.default_rng(5).choice(np.flatnonzero(blocks), 100, replace=False)
    first = net.first_vertex
    shapes = [
        shapely.linestrings(x[first[e] : first[e + 1]], y[first[e] : first[e + 1]]) for e in some
    ]
    flat = Flat(net, x, y)
    tree = shapely.STRtree(flat.lines())
    cut = {}
    for e, shape in zip(some.tolist(), shapes, strict=True):
        found = closed_by(flat, tree, shape, 5.0)
        assert (e, 0, int(length[e])) in found
        others = [(other, b - a) for other, a, b in found if other != e]
        if others:
            cut[e] = others
    # one of them is half of a street with two carriageways, which run side by side for 68 m
    assert len(cut) <= 1
    assert all(mm > 20_000 for others in cut.values() for _, mm in others)
