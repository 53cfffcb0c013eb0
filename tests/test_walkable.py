"""Who may walk where: one row per rule, tags as they are found in OpenStreetMap."""

from __future__ import annotations

import numpy as np
import pytest

from quarterhour.model import (
    BRIDGE,
    FERRY,
    RANK_FERRY,
    RANK_MAIN,
    RANK_PATH,
    RANK_STEPS,
    RANK_STREET,
    STEPS,
    TUNNEL,
)
from quarterhour.sources.roads.walkable import Way, gate_is_closed, tag_values, way, way_of_line

BOTH, ALONG, AGAINST = 1, 0, -1


def tags(text: str) -> dict[str, str]:
    return dict(item.split("=") for item in text.split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "building=yes",
        "route=bus",
        "highway=motorway",
        "highway=motorway_link",
        "highway=trunk_link",
        "highway=motorway foot=no",
        "highway=trunk motorroad=yes",
        "highway=residential foot=no",
        "highway=residential foot=private",
        "highway=primary foot=use_sidepath",
        "highway=residential access=no",
        "highway=service access=private",
        "highway=service access=private foot=unknown",
        "highway=construction",
        "highway=construction construction=residential foot=yes",
        "highway=proposed",
        "highway=proposed foot=designated",
        "highway=abandoned",
        "highway=via_ferrata foot=yes",
        "highway=raceway",
        "highway=elevator foot=no",
        "highway=elevator indoor=yes",
        "highway=busway",
        "highway=corridor",
        "highway=footway indoor=yes",
        "highway=footway indoor=corridor",
        "route=ferry foot=no",
        "route=ferry access=private",
    ],
)
def test_nobody_walks_here(text: str) -> None:
    assert way(tags(text)) is None


@pytest.mark.parametrize(
    ("text", "kind", "rank", "direction"),
    [
        ("highway=residential", 0, RANK_STREET, BOTH),
        ("highway=living_street", 0, RANK_STREET, BOTH),
        ("highway=primary", 0, RANK_MAIN, BOTH),
        ("highway=trunk", 0, RANK_MAIN, BOTH),
        ("highway=footway", 0, RANK_PATH, BOTH),
        ("highway=track_grade2", 0, RANK_PATH, BOTH),
        ("highway=unheard_of", 0, RANK_STREET, BOTH),
        # welcome wins over every other rule
        ("highway=motorway foot=yes", 0, RANK_MAIN, BOTH),
        ("highway=motorway_link foot=designated", 0, RANK_MAIN, BOTH),
        ("highway=trunk motorroad=yes foot=yes", 0, RANK_MAIN, BOTH),
        ("highway=service access=private foot=yes", 0, RANK_STREET, BOTH),
        ("highway=service access=no foot=permissive", 0, RANK_STREET, BOTH),
        ("highway=corridor foot=yes", 0, RANK_STREET, BOTH),
        ("highway=footway indoor=yes foot=yes", 0, RANK_PATH, BOTH),
        ("highway=busway foot=yes", 0, RANK_STREET, BOTH),
        ("highway=platform foot=designated", 0, RANK_STREET, BOTH),
        # a sidewalk opens what is closed for its traffic only
        ("highway=trunk motorroad=yes sidewalk=both", 0, RANK_MAIN, BOTH),
        ("highway=motorway sidewalk=right", 0, RANK_MAIN, BOTH),
        ("highway=residential sidewalk=no", 0, RANK_STREET, BOTH),
        ("highway=service access=destination", 0, RANK_STREET, BOTH),
        ("highway=residential motorroad=no", 0, RANK_STREET, BOTH),
        # one-way is for vehicles, unless it says foot
        ("highway=residential oneway=yes", 0, RANK_STREET, BOTH),
        ("highway=residential oneway=-1", 0, RANK_STREET, BOTH),
        ("highway=footway oneway:foot=yes", 0, RANK_PATH, ALONG),
        ("highway=footway oneway:foot=-1", 0, RANK_PATH, AGAINST),
        ("highway=footway oneway=yes oneway:foot=no", 0, RANK_PATH, BOTH),
        # what it is
        ("highway=steps", STEPS, RANK_STEPS, BOTH),
        ("highway=footway bridge=yes", BRIDGE, RANK_PATH, BOTH),
        ("highway=primary bridge=viaduct", BRIDGE, RANK_MAIN, BOTH),
        ("highway=footway bridge=no", 0, RANK_PATH, BOTH),
        ("highway=footway tunnel=yes", TUNNEL, RANK_PATH, BOTH),
        ("highway=footway tunnel=building_passage", 0, RANK_PATH, BOTH),
        ("highway=steps bridge=yes", STEPS | BRIDGE, RANK_STEPS, BOTH),
        ("route=ferry", FERRY, RANK_FERRY, BOTH),
        ("route=ferry foot=yes access=private", FERRY, RANK_FERRY, BOTH),
        # as Geofabrik writes flags
        ("highway=footway bridge=F tunnel=T", TUNNEL, RANK_PATH, BOTH),
    ],
)
def test_everybody_walks_here(text: str, kind: int, rank: int, direction: int) -> None:
    assert way(tags(text)) == Way(kind, rank, direction)


@pytest.mark.parametrize(
    ("value", "values"),
    [
        (None, ("",)),
        (float("nan"), ("",)),
        ("", ("",)),
        (" Footway ", ("footway",)),
        (True, ("yes",)),
        (np.bool_(False), ("no",)),
        (1.0, ("1",)),
        (np.float64(0.0), ("0",)),
        (-1, ("-1",)),
        (["steps", "footway"], ("footway", "steps")),
        (np.array(["yes", "yes"], object), ("yes",)),
        ([], ("",)),
        ("['footway', 'steps']", ("footway", "steps")),
    ],
)
def test_a_tag_is_read_however_the_file_holds_it(value: object, values: tuple[str, ...]) -> None:
    assert tag_values(value) == values


def test_missing_values_of_pandas_say_nothing() -> None:
    import pandas as pd

    assert tag_values(pd.NA) == ("",)


@pytest.mark.parametrize(
    ("merged", "expected"),
    [
        ({}, Way(0, RANK_STREET, BOTH)),
        ({"highway": ("",), "name": ("x",)}, Way(0, RANK_STREET, BOTH)),
        ({"route": ("66",)}, Way(0, RANK_STREET, BOTH)),
        ({"route": ("ferry",)}, Way(FERRY, RANK_FERRY, BOTH)),
        ({"highway": ("footway", "steps")}, Way(STEPS, RANK_STEPS, BOTH)),
        ({"highway": ("residential", "construction")}, None),
        ({"highway": ("path",), "foot": ("no", "yes")}, None),
        ({"highway": ("path",), "bridge": ("", "yes")}, Way(BRIDGE, RANK_PATH, BOTH)),
        ({"highway": ("path",), "oneway:foot": ("no", "yes")}, Way(0, RANK_PATH, ALONG)),
        ({"highway": ("path",), "oneway:foot": ("-1", "yes")}, None),
    ],
)
def test_a_merged_line_is_as_bad_as_its_worst_part(
    merged: dict[str, tuple[str, ...]], expected: Way | None
) -> None:
    assert way_of_line(merged) == expected


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("barrier=gate", False),
        ("barrier=gate access=yes", False),
        ("barrier=gate access=private", True),
        ("barrier=gate access=no", True),
        ("barrier=gate access=destination", False),
        ("barrier=gate foot=no", True),
        ("barrier=gate foot=private", True),
        ("barrier=gate access=yes foot=no", True),
        ("barrier=gate access=private foot=yes", False),
        ("barrier=gate access=no foot=designated", False),
        ("barrier=gate locked=yes", True),
        ("barrier=gate locked=no", False),
        ("barrier=gate locked=yes foot=yes", False),
        ("barrier=turnstile access=private", True),
        ("barrier=kissing_gate", False),
        # a boom holds back vehicles: its lock stops nobody on foot, its sign does
        ("barrier=lift_gate locked=yes", False),
        ("barrier=lift_gate access=private", True),
        ("barrier=swing_gate foot=no", True),
        # what is no gate cannot be shut
        ("barrier=bollard access=no", False),
        ("barrier=cycle_barrier locked=yes", False),
        ("highway=crossing foot=no", False),
        ("access=private", False),
    ],
)
def test_which_gates_are_closed(text: str, closed: bool) -> None:
    assert gate_is_closed(tags(text)) is closed
