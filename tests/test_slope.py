"""Slopes in towns drawn as text: heights by hand, times by hand (1 m is 1 s on the flat)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core import reach
from quarterhour.core.alter import close_streets
from quarterhour.core.impedance import impedance
from quarterhour.core.slope import STEEPEST, graded, ratio
from quarterhour.walkers import WALKERS
from towns import DEGREES_PER_M, Town, Walks

if TYPE_CHECKING:
    from collections.abc import Callable

    from towns import Spots

    Ground = Callable[[np.ndarray, np.ndarray], np.ndarray]

UP, LEVEL = np.exp(-3.5 * 0.15 + 0.175), 1.0
"""Tobler at 10 % uphill; at 10 % downhill, as far beyond his best slope as the flat, it is 1."""


def hill(heights: Ground) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Heights by metres east and north of the town's first row and column."""
    return lambda lon, lat: heights(lon / DEGREES_PER_M, lat / DEGREES_PER_M)


def on(town: Town, heights: Ground, *, step_m: float = 30.0, rule: str = "tobler") -> Town:
    """The town on this ground."""
    found = graded(town.network, hill(heights), step_m=step_m, rule=rule)
    result = Town.__new__(Town)
    result.__dict__.update(town.__dict__)
    result.network = found.network
    return result


def walks(town: Town, facilities: Spots, homes: Spots, **more: object) -> Walks:
    return town.walks(facilities, homes, **more)  # type: ignore[arg-type]


def test_published_values() -> None:
    # Tobler: 5.04 km/h on the flat, 6 at 5 % downhill
    assert 5.0367 * ratio(np.array([-0.05]), "tobler")[0] == pytest.approx(6.0, abs=1e-3)
    assert ratio(np.array([0.0, -0.1]), "tobler") == pytest.approx([1.0, 1.0])
    # Irmischer and Clarke, men on a path: 3.946 km/h on the flat, 3.573 at 10 % up or down
    found = 3.946 * ratio(np.array([0.0, 0.1, -0.1]), "irmischer_clarke")
    assert found == pytest.approx([3.946, 3.573, 3.573], abs=1e-3)
    assert ratio(np.array([-0.3, 0.0, 0.3]), "none").tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(KeyError, match="naismith"):
        ratio(np.zeros(1), "naismith")


def test_up_and_down() -> None:
    # 1000 m that climb 100 m from west to east
    town = on(Town("A---------B", AB="residential"), lambda x, _: 0.1 * x)
    up = walks(town, {"top": "B"}, {"home": "A"}).ms()["home"]
    down = walks(town, {"valley": "A"}, {"home": "B"}).ms()["home"]
    assert up == pytest.approx(1_000_000 / UP, abs=20)  # half a millisecond for each of 34 pieces
    assert down == pytest.approx(1_000_000, abs=20)
    # from the facility, it is the other way round
    back = walks(town, {"top": "B"}, {"home": "A"}, toward=False).ms()["home"]
    assert back == down


def test_up_and_down_again() -> None:
    # a ridge of 50 m in the middle: 500 m up at 10 %, 500 m down at 10 %
    town = on(Town("A----C----B", ACB="residential"), lambda x, _: 50 - np.abs(0.1 * (x - 500)))
    ms = walks(town, {"far": "B"}, {"home": "A", "ridge": "C"}).ms()
    assert ms["ridge"] == pytest.approx(500_000, abs=20)
    assert ms["home"] == pytest.approx(500_000 / UP + 500_000, abs=40)


def test_part_of_a_slope() -> None:
    # 400 m of flat street, then the climb
    ground = lambda x, _: 0.1 * np.maximum(x - 400, 0)  # noqa: E731
    town = on(Town("A---------B", AB="residential"), ground, step_m=50)
    homes = {"flat": ("AB", 300), "foot": ("AB", 400), "slope": ("AB", 720)}
    ms = walks(town, {"valley": "A"}, homes).ms()
    assert (ms["flat"], ms["foot"]) == (300_000, 400_000)
    ms = walks(town, {"top": "B"}, homes).ms()
    assert ms["slope"] == pytest.approx(280_000 / UP, abs=10)  # 720 m lies within a piece
    assert ms["foot"] == pytest.approx(600_000 / UP, abs=10)
    assert ms["flat"] - ms["foot"] == 100_000


VALLEY = "A----C----D----B"


def valley(x: np.ndarray, _: np.ndarray) -> np.ndarray:
    """A valley 40 m deep between C (500 m) and D (1000 m)."""
    return -40 * np.clip(1 - np.abs(x - 750) / 250, 0, 1)


def test_a_bridge_does_not_go_down_into_the_valley() -> None:
    street = on(Town(VALLEY, AC="residential", CD="residential", DB="residential"), valley)
    bridge = {"highway": "residential", "bridge": "yes"}
    flat = on(Town(VALLEY, AC="residential", CD=bridge, DB="residential"), valley)
    assert walks(flat, {"far": "B"}, {"home": "A"}).ms() == {"home": 1_500_000}
    # down 16 % for 250 m and up again
    way = 250 / ratio(np.array([-0.16]), "tobler")[0] + 250 / ratio(np.array([0.16]), "tobler")[0]
    ms = walks(street, {"far": "B"}, {"home": "A"}).ms()["home"]
    assert ms == pytest.approx(1000 * (1000 + way), rel=0.01)


BRIDGE = {"highway": "footway", "bridge": "yes"}
ENDS = """
          F--G
          |
    A--C--E-----D--B
"""


def ravine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """C (300 m) lies at 0, D (1200 m) at 45, F at 30, and what is between them far below."""
    high = np.where(x < 300.5, 0.0, np.where(x > 1199.5, 45.0, -80.0))
    return np.where(y > -50, 30.0, high)


def worths(town: Town, ground: Ground) -> dict[int, float]:
    """Slope from tail to head, or back, whichever climbs, of the pieces by their metres."""
    net = graded(town.network, hill(ground), step_m=5000, rule="tobler").network
    found = {}
    for mm, *worth in zip(
        net.piece_end_mm - net.piece_start_mm, net.piece_forward_mm, net.piece_backward_mm,
        strict=True,
    ):  # fmt: skip
        # Tobler uphill: worth = mm / exp(-3.5 S)
        found[int(mm) // 1000] = float(np.log(max(worth) / mm) / 3.5)
    return found


def test_a_bridge_of_several_ways_rises_evenly_between_its_ends() -> None:
    ways = {"AC": "residential", "CE": BRIDGE, "ED": BRIDGE, "DB": "residential"}
    slope = worths(Town(ENDS, **ways), ravine)  # type: ignore[arg-type]
    # 45 m in 900 m, over E, which lies 80 m below on the map of the ground; AC and DB are 300 m
    assert slope[600] == pytest.approx(45 / 900, abs=1e-6)


def test_where_three_bridges_meet_the_nearest_end_counts_most() -> None:
    ways = {"AC": "residential", "CE": BRIDGE, "ED": BRIDGE, "EF": BRIDGE, "DB": "residential",
            "FG": "residential"}  # fmt: skip
    slope = worths(Town(ENDS, **ways), ravine)  # type: ignore[arg-type]
    middle = (0 / 300 + 45 / 600 + 30 / 200) / (1 / 300 + 1 / 600 + 1 / 200)
    assert middle == pytest.approx(22.5)
    # to the nearest thousandth: 37.5 and 37.5
    assert slope[600] == pytest.approx(0.038, abs=1e-6)
    assert slope[200] == pytest.approx(0.038, abs=1e-6)
    assert (45 - middle) / 600 == pytest.approx(0.0375)
    assert (30 - middle) / 200 == pytest.approx(0.0375)


def test_unknown_ground_is_flat_and_counted() -> None:
    town = Town("A---------B", AB="residential")
    nowhere = graded(
        town.network,
        hill(lambda x, _: np.where(x < 500, 0.1 * x, np.nan)),
        step_m=100,
        rule="tobler",
    )
    assert nowhere.unknown_mm == 600_000  # the piece across the edge is not known either
    assert nowhere.climb_mm == 40_000
    every = graded(
        town.network, hill(lambda x, _: np.full_like(x, np.nan)), step_m=100, rule="tobler"
    )
    assert every.unknown_mm == 1_000_000
    costs = impedance(every.network, WALKERS["elderly"])
    assert costs.out_ms.tolist() == [1_000_000]


def test_steeper_than_any_street_is_taken_as_the_steepest() -> None:
    cliff = graded(
        Town("A---------B", AB="residential").network, hill(lambda x, _: 2 * x), step_m=100,
        rule="tobler",
    )  # fmt: skip
    assert cliff.steep_mm == 1_000_000
    up = 1_000_000 / ratio(np.array([STEEPEST]), "tobler")[0]
    assert max(cliff.network.piece_forward_mm.sum(), cliff.network.piece_backward_mm.sum()) == (
        pytest.approx(up, abs=10)
    )


def test_a_distance_rule_counts_the_metres_of_the_street() -> None:
    town = on(Town("A---------B", AB="residential"), lambda x, _: 0.1 * x)
    assert walks(town, {"top": "B"}, {"home": "A"}, walker="standard_1000m").ms() == {
        "home": 1_000_000
    }


GRID = """
    A----B----C
    |    |    |
    D----E----F
    |    |    |
    G----H----I
"""
WAYS = dict.fromkeys(("ABC", "DEF", "GHI", "ADG", "BEH", "CFI"), "residential")
heights_of_nine = st.lists(st.floats(-40, 40), min_size=9, max_size=9)


def bumpy(heights: list[float]) -> Ground:
    """Heights between nine given ones on the grid, which is 1000 by 400 metres."""
    from scipy.interpolate import RegularGridInterpolator

    z = RegularGridInterpolator(
        ([-400.0, -200.0, 0.0], [0.0, 500.0, 1000.0]), np.array(heights).reshape(3, 3),
        bounds_error=False, fill_value=None,
    )  # fmt: skip
    return lambda x, y: z(np.column_stack([y, x]))


HOMES: Spots = {"a": "A", "b": ("EF", 130.5, 7), "c": ("GH", 12), "d": "I", "e": ("BE", 77)}
CLINICS: Spots = {"p": ("DE", 40, 3), "q": ("CF", 150)}


@given(st.floats(-100, 100))
@settings(max_examples=15, deadline=None)
def test_flat_ground_changes_no_millisecond(level: float) -> None:
    town = Town(GRID, **WAYS)
    flat = on(town, lambda x, _: np.full_like(x, level))
    for walker in ("adult", "frail"):
        assert flat.walks(CLINICS, HOMES, walker=walker).within(2_000_000) == (
            town.walks(CLINICS, HOMES, walker=walker).within(2_000_000)
        )


@given(heights_of_nine)
@settings(max_examples=25, deadline=None)
def test_the_world_upside_down_is_the_way_back(heights: list[float]) -> None:
    town = Town(GRID, **WAYS)
    up = on(town, bumpy(heights))
    down = on(town, bumpy([-z for z in heights]))
    there = up.walks(CLINICS, HOMES, toward=True).within(3_000_000)
    back = down.walks(CLINICS, HOMES, toward=False).within(3_000_000)
    assert there == back


@given(heights_of_nine, st.floats(0.3, 1.5), st.floats(1.01, 2))
@settings(max_examples=20, deadline=None)
def test_faster_is_never_later(heights: list[float], slow: float, more: float) -> None:
    town = on(Town(GRID, **WAYS), bumpy(heights))
    ms = []
    for speed in (slow, slow * more):
        who = dataclasses.replace(WALKERS["elderly"], speed_mps=speed)
        costs = impedance(town.network, who)
        stops = [reach.stops(costs, town.link(costs, s, 50.0)) for s in (CLINICS, HOMES)]
        ms.append(reach.nearest(costs, *stops, limit_ms=20_000_000).ms)
    assert (ms[1] <= ms[0]).all()


@given(heights_of_nine, st.sampled_from(["tobler", "irmischer_clarke"]))
@settings(max_examples=20, deadline=None)
def test_pieces_cover_every_edge_and_are_worth_at_least_their_best(
    heights: list[float], rule: str
) -> None:
    town = Town(GRID, **WAYS)
    net = on(town, bumpy(heights), rule=rule).network
    length = net.piece_end_mm - net.piece_start_mm
    assert (length > 0).all()
    assert length.sum() == town.network.edge_length_mm.sum()
    best = ratio(np.linspace(-0.5, 0.5, 1001), rule).max()
    for worth in (net.piece_forward_mm, net.piece_backward_mm):
        assert worth is not None
        assert (worth >= np.floor(length / best)).all()


def test_steps_and_lifts_do_not_pull_a_deck_into_the_valley() -> None:
    # steps from below reach the deck of ENDS in its middle, E; F is their foot in the valley
    for below in ("steps", "elevator"):
        ways = {"AC": "residential", "CE": BRIDGE, "ED": BRIDGE, "EF": below, "DB": "residential"}
        slope = worths(Town(ENDS, **ways), ravine)  # type: ignore[arg-type]
        assert slope[600] == pytest.approx(45 / 900, abs=1e-6)


def test_a_cut_bridge_stays_level_with_the_end_that_holds_it() -> None:
    # ENDS, closed 200 m before D: what is left over the ravine does not dip into it
    town = Town(ENDS, AC="residential", CE=BRIDGE, ED=BRIDGE, DB="residential")
    cut = close_streets(town.network, town.x_m, town.y_m, [shapely.Point(1000, -200)])
    net = graded(cut.network, hill(ravine), step_m=5000, rule="tobler").network
    length = (net.piece_end_mm - net.piece_start_mm).tolist()
    assert sorted(length) == [200_000, 300_000, 300_000, 300_000, 400_000]
    for mm, there, back in zip(
        length, net.piece_forward_mm, net.piece_backward_mm, strict=True
    ):  # fmt: skip
        assert (there, back) == (mm, mm)  # A to C at 0 m, D to B at 45 m: all of it is level


def test_a_deck_without_any_street_stands_on_its_ends() -> None:
    # nothing but the bridge: 45 m up over 900 m, over E as before
    town = Town(ENDS, CE=BRIDGE, ED=BRIDGE)
    assert worths(town, ravine)[600] == pytest.approx(45 / 900, abs=1e-6)


def test_a_bridge_at_the_edge_of_the_terrain_changes_no_other() -> None:
    drawing = """
        A--C--E-----D--B

        U----V
        |    |
        X----W
    """
    loop = {"UV": BRIDGE, "VW": BRIDGE, "WX": BRIDGE, "XU": BRIDGE}
    ways = {"AC": "residential", "CE": BRIDGE, "ED": BRIDGE, "DB": "residential"}

    def ground(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        high = np.where(x < 300.5, 0.0, np.where(x > 1199.5, 45.0, -80.0))
        return np.where(y < -150, np.nan, high)

    alone = worths(Town(drawing, **ways), ground)  # type: ignore[arg-type]
    both = worths(Town(drawing, **ways, **loop), ground)  # type: ignore[arg-type]
    assert alone[600] == pytest.approx(45 / 900, abs=1e-6)
    assert both[600] == alone[600]
