"""Towns drawn as text: every expected time can be added up by eye (1 m is 1 s unless said)."""

from __future__ import annotations

import pytest

from quarterhour.model import BRIDGE, STEPS
from towns import Town

ONEWAY = {"highway": "footway", "oneway:foot": "yes"}
CROSS = """
    A----B----C
         |
         |
         D
"""


def test_a_walk_is_the_sum_of_both_access_legs_and_the_street_between() -> None:
    town = Town(CROSS, ABC="residential", BD="residential")
    walks = town.walks({"clinic": ("AB", 100, 7)}, {"home": ("BD", 200, 12), "corner": "C"})
    # home: 12 beside + 200 up to B + 400 along to the clinic + 7 beside
    # corner: 500 to B + 400 + 7
    assert walks.nearest() == {"home": ("clinic", 619_000), "corner": ("clinic", 907_000)}
    assert walks.within(700_000) == {("clinic", "home"): 619_000}


def test_a_one_way_street_binds_walkers_only_through_oneway_foot() -> None:
    drawing = """
        A----B
        |    |
        D----C
    """
    # 500 m across, 200 m down
    facilities, homes = {"clinic": "B"}, {"home": ("AB", 100)}
    ring = {"BC": "footway", "CD": "footway", "DA": "footway"}
    for tags, to_clinic, from_clinic in (
        ({"highway": "footway", "oneway": "yes"}, 400, 400),  # a rule for vehicles
        (ONEWAY, 400, 200 + 500 + 200 + 100),  # back: B-C-D-A and 100 along
        (
            {**ONEWAY, "oneway:foot": "-1"},
            100 + 200 + 500 + 200,
            400,
        ),  # drawn against its direction
    ):
        town = Town(drawing, AB=tags, **ring)
        assert town.walks(facilities, homes).ms() == {"home": to_clinic * 1000}
        assert town.walks(facilities, homes, toward=False).ms() == {"home": from_clinic * 1000}


def test_behind_a_facility_on_a_one_way_street_the_way_is_round() -> None:
    town = Town(
        """
        A----B
        |    |
        D----C
        """,
        AB=ONEWAY,
        BCDA="footway",
    )
    facilities, homes = {"clinic": ("AB", 250)}, {"before": ("AB", 200), "after": ("AB", 300)}
    # toward: before walks 50 on; after walks 200 to B, 900 round to A, 250 along
    assert town.walks(facilities, homes).ms() == {"before": 50_000, "after": 1_350_000}
    # from the clinic: after is 50 on; before is 250 to B, 900 round, 200 along
    walks = town.walks(facilities, homes, toward=False)
    assert walks.ms() == {"before": 1_350_000, "after": 50_000}


@pytest.mark.parametrize("toward", [True, False])
def test_the_end_of_a_one_way_street_is_a_node_that_is_open_to_all_its_streets(
    toward: bool,
) -> None:
    # the nearest position of both homes is an end of the one-way street BC; A-B and C-D are open
    drawing = "A----B----C----D"
    one = {"home": "B", "other": "C"}
    for order in ((("BC", ONEWAY), ("AB", "footway"), ("CD", "footway")),
                  (("AB", "footway"), ("CD", "footway"), ("BC", ONEWAY))):  # fmt: skip
        town = Town(drawing, order)
        left = town.walks({"clinic": ("AB", 400)}, one, toward=toward)
        right = town.walks({"clinic": ("CD", 100)}, one, toward=toward)
        # B is 100 from the left clinic, C is 100 from the right one, whatever the direction of BC;
        # across BC only B reaches C
        assert left.ms() == {"home": 100_000, "other": None if toward else 600_000}
        assert right.ms() == {"home": 600_000 if toward else None, "other": 100_000}
        # and a facility at an end of BC serves its other streets
        at_c = town.walks({"clinic": "C"}, {"home": ("CD", 300), "west": "A"}, toward=toward)
        assert at_c.ms() == {"home": 300_000, "west": 1_000_000 if toward else None}
        assert at_c.reached_m(200_000) == {"clinic": 400.0 if toward else 200.0}


def test_a_river_makes_the_near_bank_far() -> None:
    town = Town(
        """
        A---------B
        |         |
        ~~~~~~~~~ |
        ~~~~~~~~~ |
        |         |
        C---------D
        """,
        AB="residential",
        CD="residential",
        BD={"highway": "residential", "bridge": "yes"},
    )
    # A and C are 500 m apart as the crow flies; over the bridge 1000 + 500 + 1000
    walks = town.walks({"clinic": "A"}, {"over there": "C", "at the bridge": "D"})
    assert walks.ms() == {"over there": 2_500_000, "at the bridge": 1_500_000}
    assert walks.within(900_000) == {}
    assert walks.reached_m(900_000) == {"clinic": 900.0}


def test_a_cul_de_sac_is_left_the_way_it_is_entered() -> None:
    town = Town(
        """
        A----B----C
             |
             D    E
             |    |
             F    G
        """,
        ABC="residential",
        BDF="residential",
        CEG="residential",
    )
    # F and G are 500 m apart, but the way is F-B-C-G: 400 + 500 + 400
    assert town.walks({"clinic": "G"}, {"home": "F"}).ms() == {"home": 1_300_000}
    # the dead end is searched to its end: 900 s reach all 400 + 500 and nothing of BF but B
    assert town.walks({"clinic": "G"}, {"home": "F"}).reached_m(900_000) == {"clinic": 900.0}
    # 100 s more reach 100 m of AB and 100 m of BF
    assert town.walks({"clinic": "G"}, {"home": "F"}).reached_m(1_000_000) == {"clinic": 1100.0}


def test_an_island_is_told_apart_from_a_long_walk_and_from_an_unlinked_place() -> None:
    town = Town(
        """
        A--------------------B

        C----D
        """,
        AB="residential",
        CD="residential",
    )
    homes = {"far": "B", "island": "D", "field": ("AB", 1000, 51)}
    walks = town.walks({"clinic": "A"}, homes)
    assert walks.ms(limit_ms=1_000_000) == {"far": None, "island": None, "field": None}
    assert walks.connected() == {"far": True, "island": False, "field": False}
    assert walks.linked() == {"far": True, "island": True, "field": False}


def test_a_ferry_is_no_walk() -> None:
    town = Town("A----B----C", AB="residential", BC={"route": "ferry"})
    walks = town.walks({"clinic": "A"}, {"on board": ("BC", 250), "pier": "C"})
    assert walks.linked() == {"on board": False, "pier": False}


def test_the_way_round_may_be_shorter_than_the_way_along_the_same_street() -> None:
    town = Town(
        """
        C--------D
        |        |
        A        B
        |        |
        E--------F
        """,
        # one street A-E-F-B of 1300 m and a short link A-C-D-B of 200 + 900 + 200
        AEFB="residential",
        ACDB="path",
    )
    # 50 m from A and 50 m from B on the long street: 1200 along, 50 + 1300 + 50 round
    facilities, homes = {"clinic": ("AE", 50)}, {"home": ("BF", 50)}
    assert town.walks(facilities, homes).ms() == {"home": 1_200_000}
    shorter = Town(
        """
        A-B
        |  |
        |   |
        E--F
        """,
        AEFB="residential",
        AB="steps",
    )
    # A-B is 200 m of steps, 333.333 s; along E and F: 300 + 300 + sqrt(100^2 + 300^2) = 916.228
    facilities, homes = {"clinic": ("AE", 50)}, {"home": ("BF", 50)}
    assert shorter.walks(facilities, homes).ms() == {"home": 433_333}
    # with a stroller the steps are closed: 250 + 300 + 266.228
    walks = shorter.walks(facilities, homes, walker="caregiver_with_stroller")
    assert walks.ms() == {"home": 816_228}


def test_steps_are_closed_to_a_stroller_and_open_to_the_elderly() -> None:
    town = Town(
        """
        A----B
        |    |
        |    |
        D----C
        """,
        AB="steps",
        BCDA="residential",
    )
    facilities, homes = {"nursery": "A"}, {"home": ("BC", 10)}
    # the steps take 5/3 of the time of a street
    assert town.walks(facilities, homes).ms() == {"home": 843_333}
    # 290 + 500 + 300
    walks = town.walks(facilities, homes, walker="caregiver_with_stroller")
    assert walks.ms() == {"home": 1_090_000}
    # a place beside the steps is linked to the steps, with a stroller to the street
    homes = {"home": ("AB", 20, -3)}
    assert town.walks(facilities, homes).ms() == {"home": 36_333}
    walks = town.walks(facilities, homes, walker="caregiver_with_stroller")
    assert walks.ms() == {"home": 23_000}  # 20 m from AD, 3 m along it


def test_a_street_reached_by_steps_only_is_another_part_for_a_stroller() -> None:
    town = Town("A----B----C", AB="residential", BC="steps")
    homes = {"up": "C", "down": "B"}
    assert town.walks({"nursery": "A"}, homes).connected() == {"up": True, "down": True}
    walks = town.walks({"nursery": "A"}, homes, walker="caregiver_with_stroller")
    assert walks.linked() == {"up": False, "down": True}


def test_a_bridge_over_a_street_is_no_crossing() -> None:
    town = Town(
        """
             C
             |
        A---------B
             |
             D
        """,
        AB="residential",
        CD={"highway": "footway", "bridge": "yes"},
    )
    walks = town.walks({"clinic": "A"}, {"on the bridge": ("CD", 100), "street": "B"})
    assert walks.ms() == {"on the bridge": None, "street": 1_000_000}
    assert walks.connected() == {"on the bridge": False, "street": True}
    assert set(town.network.edge_kind.tolist()) == {0, BRIDGE}


def test_a_ring_road_is_walked_the_shorter_way() -> None:
    town = Town(
        """
        A----B
        |    |
        D----C
        """,
        ABCDA="residential",
    )
    # one edge of 1400 m from A to A (or wherever it was cut)
    assert town.network.n_edges == 1
    assert town.network.edge_tail[0] == town.network.edge_head[0]
    homes = {"clockwise": ("AB", 400), "opposite": ("BC", 150), "counter": ("AD", 50), "here": "A"}
    # opposite: 650 clockwise, 50 + 500 + 200 = 750 counter
    walks = town.walks({"clinic": "A"}, homes)
    assert walks.ms() == {"clockwise": 400_000, "opposite": 650_000, "counter": 50_000, "here": 0}
    # from 30 m down AD: counter 20, opposite 170 + 500 + 50 = 720 or 30 + 650 = 680
    walks = town.walks({"clinic": ("AD", 30)}, homes)
    assert walks.ms() == {
        "clockwise": 430_000,
        "opposite": 680_000,
        "counter": 20_000,
        "here": 30_000,
    }
    assert walks.reached_m(300_000) == {"clinic": 600.0}
    assert walks.reached_m(699_000) == {"clinic": 1398.0}
    assert walks.reached_m(700_000) == {"clinic": 1400.0}


def test_a_one_way_ring_is_walked_one_way() -> None:
    town = Town(
        """
        A----B
        |    |
        D----C
        """,
        ABCDA=ONEWAY,
    )
    homes = {"before": ("DA", 150), "after": ("AB", 50), "here": "A"}
    walks = town.walks({"clinic": "A"}, homes)
    assert walks.ms() == {"before": 50_000, "after": 1_350_000, "here": 0}


def test_parallel_streets_keep_their_own_lengths() -> None:
    town = Town(
        """
          C
        A----B
        """,
        [("AB", "residential"), ("ACB", "footway"), ("AB", "steps")],
    )
    # ACB is sqrt(200^2 + 100^2) + sqrt(300^2 + 100^2) = 223.607 + 316.228 = 539.835 m
    assert town.network.n_edges == 3
    walks = town.walks({"clinic": "B"}, {"home": "A", "garden": ("AC", 100)})
    # garden: 100 back to A and 500 is longer than 123.607 + 316.228 on
    assert walks.ms() == {"home": 500_000, "garden": 439_835}


def test_a_street_without_length_joins_what_it_joins() -> None:
    # B and X are two points of the network at the same place, joined by steps of 0 m
    town = Town("A----B----C", AB="residential", BX="steps", XC="residential", twins={"X": "B"})
    walks = town.walks({"clinic": "A"}, {"home": "C", "here": "B"})
    assert walks.ms() == {"home": 1_000_000, "here": 500_000}
    assert walks.reached_m(700_000) == {"clinic": 700.0}
    assert (town.network.edge_length_mm[town.network.edge_kind == STEPS] == 0).all()
    walks = town.walks({"clinic": "A"}, {"home": "C"}, walker="caregiver_with_stroller")
    assert walks.ms() == {"home": None}


def test_a_chain_of_streets_is_one_edge_with_the_same_times() -> None:
    drawing = "A--B---C-D----E"
    # at 1.2 m/s: 300 m 250 s, 400 m 333.333, 200 m 166.667, 500 m 416.667; sum 1166.667
    walks = {}
    for ways in ({"ABCDE": "path"}, {"AB": "path", "CB": "path", "CD": "path", "ED": "path"}):
        town = Town(drawing, **ways)
        assert town.network.n_edges == 1
        homes = {"C": "C", "E": "E", "inside": ("CD", 60)}
        walks[len(ways)] = town.walks({"clinic": "A"}, homes, walker="adult").ms()
    # C is 700 m: half of 1166.667 s and rounded up in one piece, 250 + 333.333 in two
    assert walks[1] == {"C": 583_334, "E": 1_166_667, "inside": 633_334}
    assert walks[4] == {"C": 583_333, "E": 1_166_667, "inside": 633_333}
