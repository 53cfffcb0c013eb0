"""Which ways of OpenStreetMap, or of a file with its tags, can be walked, and what they are.

Rules: https://wiki.openstreetmap.org/wiki/Key:foot and Key:access; what is ours is said beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_A_WAY = frozenset({
    "construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished", "no",
    "raceway", "bus_guideway", "busway", "escape", "rest_area", "services", "elevator", "corridor",
    "platform", "via_ferrata", "bus_stop", "crossing", "traffic_signals", "street_lamp",
})  # fmt: skip
"""Not built, not walked along, or (corridor) inside a building."""

MOTOR_ONLY = frozenset({"motorway", "motorway_link", "trunk_link"})
"""Closed to walkers unless `foot` or a sidewalk says otherwise. Trunk roads are open: in cities they
are ordinary streets, and where they are not they carry `motorroad` or `foot=no`."""

MAIN = frozenset({"motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link",
                  "secondary", "secondary_link"})  # fmt: skip
PATHS = frozenset({"footway", "path", "track", "cycleway", "bridleway", "pedestrian_path"})

FOOT_YES = frozenset({"yes", "designated", "permissive", "destination", "official", "customers"})
FOOT_NO = frozenset({"no", "private", "use_sidepath", "discouraged"})
CLOSED = frozenset({"no", "private"})
NEGATIVE = frozenset({"", "no", "false", "f", "0", "none", "n"})


class Way(NamedTuple):
    """Kind bits, rank for drawing, and 1, 0 or -1 for walkable both ways, along, against."""

    kind: int
    rank: int
    direction: int


def way(tags: Mapping[str, str]) -> Way | None:
    """What a way with these tags is to a walker, or None where nobody may walk.

    `foot=yes` and its like win over every other rule except that the thing must be a way that
    exists; one-way binds walkers only through `oneway:foot`.
    """
    highway = tags.get("highway", "")
    foot = tags.get("foot", "")
    if tags.get("route") == "ferry" and not highway:
        return None if foot in FOOT_NO else Way(FERRY, RANK_FERRY, 1)
    if not highway:
        return None
    welcome = foot in FOOT_YES
    if highway in NOT_A_WAY and not (highway == "corridor" and welcome):
        return None
    if not welcome:
        if foot in FOOT_NO or (not foot and tags.get("access", "") in CLOSED):
            return None
        sidewalk = tags.get("sidewalk", "") in {"both", "left", "right", "yes"}
        if (highway in MOTOR_ONLY or tags.get("motorroad") == "yes") and not sidewalk:
            return None
        if tags.get("indoor", "") in {"yes", "corridor"}:
            return None
    kind = 0
    if highway == "steps":
        kind |= STEPS
    if tags.get("bridge", "").lower() not in NEGATIVE:
        kind |= BRIDGE
    tunnel = tags.get("tunnel", "").lower()
    if tunnel not in NEGATIVE and tunnel not in {"building_passage", "covered"}:
        kind |= TUNNEL
    if kind & STEPS:
        rank = RANK_STEPS
    elif highway in MAIN:
        rank = RANK_MAIN
    else:
        rank = RANK_PATH if highway in PATHS else RANK_STREET
    oneway = tags.get("oneway:foot", "")
    direction = {"yes": 0, "1": 0, "true": 0, "-1": -1}.get(oneway, 1)
    return Way(kind, rank, direction)
