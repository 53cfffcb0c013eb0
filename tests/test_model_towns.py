"""The page's engine on towns drawn as text: minutes that can be checked by eye."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from model_node import Small, ask
from quarterhour.core.impedance import impedance
from quarterhour.core.reach import nearest, stops
from quarterhour.model import WAIT_SIGNAL
from quarterhour.walkers import WALKERS, walker
from towns import Town

SQUARE = """
    A----B----C
    |    |    |
    |    |    |
    D----E----F
"""
STREETS = {
    "ABC": "residential", "DEF": "residential", "AD": "residential", "BE": "residential",
    "CF": "residential",
}  # fmt: skip
HOMES = {"a": ("AB", 100), "c": "C", "d": ("AD", 200), "f": ("EF", 450), "side": ("BE", 100, 20)}


def test_seconds_are_metres_at_one_metre_a_second() -> None:
    town = Small(Town(SQUARE, **STREETS), {"clinic": "A"}, HOMES)
    # A to B is 500 m, A to D 300 m; "side" stands 20 m beside the street
    assert town.state() == {
        "a": 100_000, "c": 1_000_000, "d": 200_000, "f": 1_250_000, "side": 620_000,
    }  # fmt: skip


def test_a_pin_is_one_more_facility_and_goes_again() -> None:
    town = Small(Town(SQUARE, **STREETS), {"clinic": "A"}, HOMES)
    pin = town.at("F")
    with_pin = town.state(pins=[pin])
    assert with_pin == {
        "a": 100_000, "c": 300_000, "d": 200_000, "f": 50_000, "side": 620_000,
    }  # fmt: skip
    before, after, added = ask(town.packed, [
        {"do": "state", "k": 0}, {"do": "state", "k": 0, "options": {"pins": [pin]}},
        {"do": "add", "k": 0, "at": pin},
    ])  # fmt: skip
    # 15 minutes: c (2 people) and f (4 people) are new
    assert before["counts"]["all"]["covered"] == (1 + 3 + 5) * 1_000_000
    assert after["counts"]["all"]["covered"] == (1 + 2 + 3 + 4 + 5) * 1_000_000
    assert added["gained"]["all"] == 6_000_000
    assert after["source"][town.who.index("f")] == 1, "the pin is behind the one facility"
    assert town.state() == town.state(pins=[]), "and without it everything is as before"


def test_closing_and_moving_a_facility() -> None:
    town = Small(Town(SQUARE, **STREETS), {"one": "A", "two": "C"}, HOMES)
    assert town.state()["c"] == 0
    assert town.state(closed=[1])["c"] == 1_000_000
    assert town.state(closed=[1], pins=[town.at("F")])["c"] == 300_000
    assert set(town.state(closed=[0, 1]).values()) == {None}


def test_nobody_walks_against_a_one_way_path() -> None:
    ways = STREETS | {"AD": {"highway": "footway", "oneway:foot": "yes"}}
    town = Town(SQUARE, **ways)
    homes = {"d": ("AD", 200), "D": "D"}
    to = Small(town, {"clinic": "A"}, homes)
    # from d on to D, E, B, A: 100 + 500 + 300 + 500 m
    assert to.state() == {"D": 1_300_000, "d": 1_400_000}
    away = Small(town, {"clinic": "A"}, homes, toward=False)
    assert away.state() == {"D": 300_000, "d": 200_000}
    # the very end of a one-way path is a corner, open to all that meets there
    end = Small(town, {"clinic": "A"}, {"c": "C"})
    assert end.state(pins=[end.at("D")], closed=[0]) == end.state(
        pins=[end.at(("DE", 0))], closed=[0]
    )


def test_steps_cost_more_and_stop_wheels() -> None:
    ways = STREETS | {"AD": "steps"}
    town = Town(SQUARE, **ways)
    homes = {"D": "D", "half": ("AD", 150)}
    slow = dataclasses.replace(WALKERS["elderly"], steps_factor=2.0, steps_penalty_s=30.0)
    # 300 m of steps count 600 m, and 30 s for the flight; half of it half of both
    assert Small(town, {"clinic": "A"}, homes, walker=slow).state() == {
        "D": 630_000, "half": 315_000,
    }  # fmt: skip
    wheels = Small(town, {"clinic": "A"}, {"D": "D"}, walker="wheelchair")
    assert wheels.state()["D"] == ((1300 * 3600 * 1000 + 2000) // 4000)


def test_waits_stand_in_their_millimetre() -> None:
    town = Town(SQUARE, **STREETS)
    b = town.xy["B"]
    k = int(np.flatnonzero((town.x_m == b[0]) & (town.y_m == b[1]))[0])
    waits = np.array([[town.network.vertex_lon[k], town.network.vertex_lat[k], WAIT_SIGNAL]])
    net = dataclasses.replace(town.network, waits=waits)
    who = walker("elderly", signal_s=20)
    homes = {"before": ("AB", 499), "at": "B", "behind": ("BC", 1), "c": "C"}
    small = Small(town, {"clinic": "A"}, homes, walker=who, network=net)
    # half of the 20 s in the last millimetre before the signal, half in the first behind it
    assert small.state() == {
        "at": 510_000, "before": 499_000, "behind": 521_000, "c": 1_020_000,
    }  # fmt: skip


def test_the_cutoff_is_inclusive_to_the_millisecond() -> None:
    town = Small(Town(SQUARE, **STREETS), {"clinic": "A"}, HOMES)
    for cutoff, covered in ((620_000, 5 + 1 + 3), (619_999, 1 + 3)):
        (found,) = ask(town.packed, [{"do": "state", "k": 0, "options": {"cutoff_ms": cutoff}}])
        assert found["counts"]["all"]["covered"] == covered * 1_000_000


def test_a_faster_walker_takes_each_piece_anew() -> None:
    town = Town(SQUARE, **STREETS)
    small = Small(town, {"clinic": "A"}, HOMES)
    for speed in (3_123_457, 4_999_999, 1_000_003):
        who = dataclasses.replace(WALKERS["elderly"], speed_mps=speed / 3_600_000)
        assert who.speed_mmph == speed
        costs = impedance(town.network, who)
        found = nearest(
            costs, stops(costs, small.walks.facility_link), stops(costs, small.walks.home_link),
            limit_ms=3_600_000,
        )  # fmt: skip
        want: dict[str, int | None] = dict.fromkeys(HOMES)  # what is beyond the hour has none
        want |= {list(HOMES)[p]: int(t) for p, t in zip(found.place, found.ms, strict=True)}
        assert small.state(speed_mmph=speed) == want


def test_a_closed_bridge_and_a_new_link() -> None:
    town = Small(Town(SQUARE, **STREETS), {"clinic": "A"}, HOMES)
    cut = {"edge": town.at(("AB", 250))["edge"], "offset_mm": 250_000}
    closed = town.state(cuts=[cut])
    # a is on the near side; B is reached over D and E only: 300 + 500 + 300 m
    assert closed == {"a": 100_000, "c": 1_600_000, "d": 200_000, "f": 1_250_000,
                      "side": 1_020_000}  # fmt: skip
    link = {"from": town.at("A"), "to": town.at("F"), "length_mm": 10_000}
    linked = town.state(cuts=[cut], links=[link])
    assert linked == {"a": 100_000, "c": 310_000, "d": 200_000, "f": 60_000, "side": 730_000}
    middle = {"from": town.at(("AD", 100)), "to": town.at(("CF", 100)), "length_mm": 5_000}
    assert town.state(links=[middle])["c"] == (100 + 5 + 100) * 1000
    assert town.state() == town.state(cuts=[], links=[])


def test_reached_parts_end_where_the_time_is_up() -> None:
    town = Small(Town(SQUARE, **STREETS), {"clinic": "A"}, HOMES)
    (found,) = ask(town.packed, [
        {"do": "reached", "k": 0, "at": [town.at(("AB", 100))], "options": {"cutoff_ms": 50_000}}
    ])  # fmt: skip
    spans = [(part["from_mm"], part["to_mm"]) for part in found]
    assert spans in ([(50_000, 150_000)], [(350_000, 450_000)])
    (covered,) = ask(town.packed, [{"do": "covered", "k": 0, "options": {"cutoff_ms": 120_000}}])
    assert sum(part["to_mm"] - part["from_mm"] for part in covered) == 240_000


def test_gains_of_every_corner() -> None:
    town = Small(Town(SQUARE, **STREETS), {"clinic": "A"}, HOMES, cutoffs_min=(10,))
    gains, *spots = ask(town.packed, [
        {"do": "gains", "k": 0}, *({"do": "node", "node": k} for k in range(2))
    ])  # fmt: skip
    for gain, spot in zip(gains, spots, strict=True):
        (added,) = ask(town.packed, [{"do": "add", "k": 0, "at": spot}])
        assert gain == added["gained"]["all"]
    # a (1) and d (3) are covered today; B has c (2) and side (5) within 600 m, E has f (4) and side
    assert sorted(gains) == [7_000_000, 9_000_000]


def test_a_pin_far_from_any_street_is_told_and_never_a_zero() -> None:
    town = Small(Town(SQUARE, **STREETS), {"clinic": "A"}, HOMES)
    near, far = ask(town.packed, [
        {"do": "link", "k": 0, "lat": 20 * 2.0**-17, "lon": 130 * 2.0**-17},
        {"do": "link", "k": 0, "lat": 900 * 2.0**-17, "lon": 130 * 2.0**-17},
    ])  # fmt: skip
    assert {"edge", "offset_mm", "access_mm"} <= set(near)
    assert "edge" not in far
    assert far["blocked"] is False
    assert far["far"] == pytest.approx(900 * 2.0**-17 * 110_574, rel=0.01)


def test_a_distance_rule_counts_millimetres() -> None:
    town = Town(SQUARE, **(STREETS | {"AD": "steps"}))
    small = Small(town, {"clinic": "A"}, HOMES, walker="standard_1000m", cutoffs_min=(5, 10, 15))
    # times are millimetres there: steps count their metres, 5, 10 and 15 minutes 300, 500, 1000 m
    assert small.state() == {
        "a": 100_000, "c": 1_000_000, "d": 200_000, "f": 1_250_000, "side": 620_000,
    }  # fmt: skip
    assert small.model.services[0].cutoffs_ms == (300_000, 500_000, 1_000_000)
    (found,) = ask(small.packed, [{"do": "state", "k": 0}])
    assert found["counts"]["all"]["covered"] == (1 + 2 + 3 + 5) * 1_000_000


def test_a_facility_is_entered_at_its_nearest_gate() -> None:
    town = Town(SQUARE, **STREETS)
    small = Small(town, {"two gates": ["A", "F"], "clinic": "C"}, HOMES)
    (found,) = ask(small.packed, [{"do": "state", "k": 0}])
    assert small.named(found["ms"]) == {
        "a": 100_000, "c": 0, "d": 200_000, "f": 50_000, "side": 620_000,
    }  # fmt: skip
    # C is 300 m from F: "side" is 600 + 20 m from A, 500 + 100 + 20 m from C, and A comes first
    assert found["source"][small.who.index("side")] == 0
    (shut,) = ask(small.packed, [{"do": "state", "k": 0, "options": {"closed": [0]}}])
    assert small.named(shut["ms"])["f"] == 350_000, "closing it closes both gates"
