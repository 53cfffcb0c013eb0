"""What a gap is called: by the residential area, the place or the town that it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.inputs import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment

    Ints = NDArray[np.int64]

GAP = Note("空白区", "gap")
CROWDED = Note("满员区", "crowded place")

HELD = 0.2
"""Share of a gap's people that an area must hold for the gap to be named after it."""


def names_of(
    a: Assessment,
    members: Sequence[Ints],
    rows: Ints,
    counted: Ints,
    centre: Ints,
    town: Ints,
    town_names: Sequence[str],
    *,
    called: Note = GAP,
) -> tuple[list[Note], list[str]]:
    """Name and town of every gap.

    A gap is called after the named residential area that holds most of its people, a fifth at
    least; else after its middle, where the places of demand have names; else it has a number: its
    rank, or with towns its number in its town. The town stands before the name. Names that several
    gaps would have get a number in their order.

    Parameters
    ----------
    members
        Points of every gap, ranked.
    rows, counted, town
        Row of the demand, people and town (-1: none) per point.
    centre
        Point in the middle of every gap.
    called
        What a gap without a name of its own is called.
    """
    area = _areas(a, rows)
    names = () if a.ground.residential is None else a.ground.residential.name
    places = a.ground.demand.names
    found: list[tuple[str, str, str]] = []  # town, name, and whether it is of an area
    for k, mine in enumerate(members):
        which = int(town[centre[k]])
        where = town_names[which] if 0 <= which < len(town_names) else ""
        told, kind = "", ""
        inside = mine[area[mine] >= 0]
        if len(inside):
            of, at = np.unique(area[inside], return_inverse=True)
            # without people of the group every place counts
            weight = counted[mine] if counted[mine].any() else np.ones(len(mine), np.int64)
            held = np.zeros(len(of), np.int64)
            np.add.at(held, at.ravel(), weight[area[mine] >= 0])
            most = int(np.argmax(held))
            if held[most] >= HELD * weight.sum():
                told, kind = names[of[most]], "area"
        if not told and places:
            told, kind = places[rows[centre[k]]].strip(), "place"
        found.append((where, told, kind))
    seen: dict[tuple[str, str], int] = {}
    result = []
    for rank, (where, told, kind) in enumerate(found, 1):
        seen[where, told] = number = seen.get((where, told), 0) + 1
        twice = number > 1
        before = "" if told.startswith(where) else where  # not twice
        if told:
            around = "一带" if kind == "area" else ""
            name_zh = f"{before}{told}{around}" + (f"（{number}）" if twice else "")
            name_en = (f"{where}, " if before else "") + told + (f" ({number})" if twice else "")
        else:
            count = number if where else rank
            name_zh = f"{where}{called.zh} {count}"
            name_en = (f"{where}, " if where else "") + f"{called.en} {count}"
        result.append(Note(name_zh, name_en))
    return result, [where for where, _, _ in found]


def _areas(a: Assessment, rows: Ints) -> Ints:
    """The first named residential area that each demand place lies in, -1 for none."""
    found = np.full(len(rows), -1, np.int64)
    areas = a.ground.residential
    if areas is None or not len(areas) or not len(rows):
        return found
    named = np.flatnonzero([bool(name.strip()) for name in areas.name])
    lon, lat = a.ground.demand.lon[rows], a.ground.demand.lat[rows]
    tree = shapely.STRtree(areas.geometry[named])
    point, area = tree.query(shapely.points(lon, lat), predicate="intersects")
    # the last assignment stays: the lowest area comes last
    order = np.argsort(-area, kind="stable")
    found[point[order]] = named[area[order]]
    return found
