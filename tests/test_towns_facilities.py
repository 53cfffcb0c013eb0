"""Cutoffs, ties, entrances and rules in towns drawn as text (1 m is 1 s unless said)."""

from __future__ import annotations

from quarterhour.walkers import WALKERS
from towns import Town


def test_speed_divides_the_metres() -> None:
    town = Town("A----B", AB="residential")
    # 360 m: 300 s at 1.2 m/s, 450 s at 0.8, 553.846 s at 0.65, 259.2 s at 5 km/h
    for walker, ms in (
        ("adult", 300_000),
        ("elderly_75_plus", 450_000),
        ("frail", 553_846),
        ("engine_5kmh", 259_200),
    ):
        walks = town.walks({"clinic": "A"}, {"home": ("AB", 360)}, walker=walker)
        assert walks.ms() == {"home": ms}


def test_exactly_fifteen_minutes_is_covered_and_a_millimetre_more_is_not() -> None:
    town = Town("A---------B", AB="residential")
    homes = {"on the line": ("AB", 900), "a millimetre on": ("AB", 900.001)}
    walks = town.walks({"clinic": "A"}, homes)
    assert walks.ms() == {"on the line": 900_000, "a millimetre on": 900_001}
    assert walks.within(900_000) == {("clinic", "on the line"): 900_000}
    assert walks.nearest(900_000) == {"on the line": ("clinic", 900_000), "a millimetre on": None}
    assert walks.nearest(899_999) == {"on the line": None, "a millimetre on": None}


def test_the_last_millimetre_may_lie_in_the_access_leg() -> None:
    town = Town("A---------B", AB="residential")
    homes = {"near": ("AB", 890, 10), "far": ("AB", 890, 10.001)}
    walks = town.walks({"clinic": "A"}, homes)
    assert walks.within(900_000) == {("clinic", "near"): 900_000}


def test_two_facilities_on_one_street() -> None:
    town = Town("A---------B", AB="residential")
    homes = {
        "before": ("AB", 100),
        "between": ("AB", 450),
        "halfway": ("AB", 500),
        "behind": ("AB", 950),
    }
    walks = town.walks({"west": ("AB", 300), "east": ("AB", 700)}, homes)
    assert walks.nearest() == {
        "before": ("west", 200_000),
        "between": ("west", 150_000),
        "halfway": ("west", 200_000),  # 200 to both: the lower one
        "behind": ("east", 250_000),
    }
    assert walks.within(250_000) == {
        ("west", "before"): 200_000,
        ("west", "between"): 150_000,
        ("west", "halfway"): 200_000,
        ("east", "between"): 250_000,
        ("east", "halfway"): 200_000,
        ("east", "behind"): 250_000,
    }
    assert walks.reached_m(350_000) == {"west": 650.0, "east": 650.0}


def test_equal_times_go_to_the_first_facility() -> None:
    town = Town("A----B----C", ABC="residential")
    homes = {"middle": "B", "nearer": ("BC", 1)}
    walks = town.walks({"one": "C", "two": "A", "three": "A"}, homes)
    assert walks.nearest() == {"middle": ("one", 500_000), "nearer": ("one", 499_000)}
    walks = town.walks({"two": "A", "three": "A", "one": "C"}, homes)
    assert walks.nearest() == {"middle": ("two", 500_000), "nearer": ("one", 499_000)}


def test_the_distance_rule_of_the_standard_includes_its_own_metres() -> None:
    town = Town("A---------B", AB="residential")
    rule = WALKERS["standard_1000m"]
    homes = {"300": ("AB", 300), "500": ("AB", 490, 10), "1000": "B"}
    beyond = {"300": ("AB", 300.001), "500": ("AB", 490, 10.001), "1000": ("AB", 1000, 0.001)}
    for cutoff_min, metres in ((5, "300"), (10, "500"), (15, "1000")):
        cutoff_ms = rule.cutoff_ms(cutoff_min)
        walks = town.walks({"clinic": "A"}, homes, walker="standard_1000m")
        assert walks.within(cutoff_ms)["clinic", metres] == int(metres) * 1000
        assert walks.nearest(cutoff_ms - 1)[metres] is None
        walks = town.walks({"clinic": "A"}, beyond, walker="standard_1000m")
        assert ("clinic", metres) not in walks.within(cutoff_ms)
    # the access leg counts in metres too: 999 along and 2 beside are too far
    walks = town.walks({"clinic": "A"}, {"home": ("AB", 999, 2)}, walker="standard_1000m")
    assert walks.within(1_000_000) == {}


def test_the_best_entrance_counts_on_both_sides() -> None:
    town = Town(
        """
        A---------B
                  |
                  C
        """,
        AB="residential",
        BC="residential",
    )
    park = {"park": ["A", ("BC", 150)], "clinic": ("AB", 350)}
    homes = {
        "estate": [("AB", 450), ("BC", 50)],
        "west": ("AB", 100),
        "field": [("AB", 5, 60), "C"],
    }
    walks = town.walks(park, homes)
    # estate: 100 between its west gate and the clinic, 100 between its south gate and the park;
    # field: its first gate is 60 m from any street and cannot be linked, its second is C
    assert walks.nearest() == {
        "estate": ("park", 100_000),
        "west": ("park", 100_000),
        "field": ("park", 50_000),
    }
    assert walks.within(250_000) == {
        ("park", "estate"): 100_000,
        ("park", "west"): 100_000,
        ("park", "field"): 50_000,
        ("clinic", "estate"): 100_000,
        ("clinic", "west"): 250_000,
    }


def test_a_facility_and_a_home_at_the_same_spot_are_zero_apart_and_not_lost() -> None:
    town = Town("A----B", AB="residential")
    walks = town.walks({"clinic": ("AB", 123)}, {"home": ("AB", 123)})
    assert walks.within(0) == {("clinic", "home"): 0}
    assert walks.nearest(0) == {"home": ("clinic", 0)}
