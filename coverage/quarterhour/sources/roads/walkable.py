"""Which ways of OpenStreetMap, or of a file with its tags, can be walked, and what they are.

Rules: https://wiki.openstreetmap.org/wiki/Key:foot and Key:access; what is ours is said beside it.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour.model import (
    BRIDGE,
    FERRY,
    LIFT,
    RANK_FERRY,
    RANK_MAIN,
    RANK_PATH,
    RANK_STEPS,
    RANK_STREET,
    STEPS,
    TUNNEL,
    WAIT_CROSSING,
    WAIT_LIFT,
    WAIT_SIGNAL,
    WAIT_SIGNAL_CROSSING,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_A_WAY = frozenset({
    "construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished", "no",
    "via_ferrata", "bus_stop", "crossing", "traffic_signals", "street_lamp",
})  # fmt: skip
"""Not there, or not walked along, whatever `foot` says."""

NOT_FOR_FEET = frozenset({
    "raceway", "bus_guideway", "busway", "escape", "rest_area", "services", "platform", "corridor",
})  # fmt: skip
"""Not meant for walking from place to place, or inside a building, unless `foot` says otherwise."""

MOTOR_ONLY = frozenset({"motorway", "motorway_link", "trunk_link"})
"""Closed to walkers unless `foot` or a sidewalk says otherwise. Trunk roads are open: in cities
they are ordinary streets, and where they are not they carry `motorroad` or `foot=no`."""

MAIN = frozenset({"motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link",
                  "secondary", "secondary_link"})  # fmt: skip
PATHS = frozenset({"footway", "path", "track", "cycleway", "bridleway", "pedestrian_path",
                   "elevator"})  # fmt: skip

FOOT_YES = frozenset({"yes", "designated", "permissive", "destination", "official", "customers"})
FOOT_NO = frozenset({"no", "private", "use_sidepath", "discouraged"})
CLOSED = frozenset({"no", "private"})
NEGATIVE = frozenset({"", "no", "false", "f", "0", "none", "n"})


GATES = frozenset({
    "gate", "lift_gate", "swing_gate", "kissing_gate", "wicket_gate", "sliding_gate",
    "hampshire_gate", "turnstile", "full-height_turnstile", "door", "sally_port",
})  # fmt: skip
"""Nodes of `barrier` that can be shut."""

BOOMS = frozenset({"lift_gate", "swing_gate"})
"""Gates that hold back vehicles only: a lock on them stops nobody on foot."""


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
    welcome = foot in FOOT_YES
    shut = not welcome and (foot in FOOT_NO or tags.get("access", "") in CLOSED)
    if not highway:
        ferry = tags.get("route") == "ferry" and not shut
        return Way(FERRY, RANK_FERRY, 1) if ferry else None
    if highway in NOT_A_WAY:
        return None
    if not welcome:
        if shut or highway in NOT_FOR_FEET:
            return None
        sidewalk = tags.get("sidewalk", "") in {"both", "left", "right", "yes"}
        if (highway in MOTOR_ONLY or tags.get("motorroad") == "yes") and not sidewalk:
            return None
        if tags.get("indoor", "") in {"yes", "corridor"}:
            return None
    kind = 0
    if highway == "steps":
        kind |= STEPS
    if highway == "elevator":
        kind |= LIFT
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
        # Geofabrik's fclass counts the grades of tracks: track_grade1 to track_grade5
        is_path = highway in PATHS or highway.startswith("track_")
        rank = RANK_PATH if is_path else RANK_STREET
    oneway = tags.get("oneway:foot", "")
    direction = {"yes": 0, "1": 0, "true": 0, "-1": -1}.get(oneway, 1)
    return Way(kind, rank, direction)


def gate_is_closed(tags: Mapping[str, str]) -> bool:
    """Whether a node with these tags is a gate that nobody on foot may or can pass.

    https://wiki.openstreetmap.org/wiki/Key:barrier: who may pass a gate stands in `access` and
    `foot` at the node; `locked=yes`: "usually locked and not accessible without the key". A gate
    that says nothing is open, as its road would not be drawn through it otherwise.
    """
    barrier, foot = tags.get("barrier", ""), tags.get("foot", "")
    if barrier not in GATES or foot in FOOT_YES:
        return False
    shut = foot in {"no", "private"} or tags.get("access", "") in CLOSED
    return shut or (tags.get("locked") == "yes" and barrier not in BOOMS)


SIGNALS = frozenset({"traffic_signals", "pelican", "puffin", "toucan", "pegasus"})
"""Values of `crossing` with signals."""

NODE_KEYS = ("highway", "crossing", "crossing:signals", "traffic_signals")
"""Tags of nodes that `wait` looks at."""


def wait(tags: Mapping[str, str]) -> tuple[int, bool] | None:
    """What makes walkers wait at a node with these tags, and whether it is a crossing, or None.

    https://wiki.openstreetmap.org/wiki/Key:crossing and Tag:highway=traffic_signals. Whether it
    counts depends on what meets there, see `sources.roads.waits`.
    """
    highway, crossing = tags.get("highway", ""), tags.get("crossing", "")
    signals = tags.get("crossing:signals") == "yes" or not SIGNALS.isdisjoint(crossing.split(";"))
    if highway == "elevator":
        return WAIT_LIFT, False
    if highway == "traffic_signals":
        crosses = crossing not in {"", "no"} or signals
        if tags.get("traffic_signals") in {"pedestrian_crossing", "crossing"}:
            return WAIT_SIGNAL_CROSSING, True
        return WAIT_SIGNAL, crosses
    if highway == "crossing" and crossing != "no":
        return (WAIT_SIGNAL_CROSSING if signals else WAIT_CROSSING), True
    return None


def way_of_line(tags: Mapping[str, tuple[str, ...]]) -> Way | None:
    """As `way`, for a line of a GIS file or graph, where a tag of merged lines has several values.

    A merged line is closed where one of its parts is, and is steps, bridge or tunnel where one of
    its parts is. A line without a class is a road that the file's author put there to be used.
    """
    plain = "" if "ferry" in tags.get("route", ()) else "road"
    highway = tuple(value or plain for value in tags.get("highway", ("",)))
    tags = {**tags, "highway": highway}
    found: list[Way] = []
    for values in product(*tags.values()):
        part = way(dict(zip(tags, values, strict=True)))
        if part is None:
            return None
        found.append(part)
    bound = {part.direction for part in found} - {1}
    if len(bound) > 1:  # its parts lead against each other
        return None
    kind = 0
    for part in found:
        kind |= part.kind
    rank = RANK_STEPS if kind & STEPS else found[0].rank
    return Way(kind, rank, bound.pop() if bound else 1)


def tag_values(value: object) -> tuple[str, ...]:
    """The values of a tag as files and graphs hold it: text, number, flag, nothing, or a list."""
    if isinstance(value, str) and value.startswith("['") and value.endswith("']"):
        # OSMnx writes the tags of merged lines into a GeoPackage like this
        value = value[2:-2].replace('", "', "', '").split("', '")
    if isinstance(value, (list, tuple, set, np.ndarray)):
        several = {text for item in value for text in tag_values(item)}
        return tuple(sorted(several)) or ("",)
    if isinstance(value, (bool, np.bool_)):
        return ("yes" if value else "no",)
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return (str(int(value)),)
    text = str(value).strip().lower()
    return ("" if text in {"nan", "none", "<na>", "null"} else text,)
