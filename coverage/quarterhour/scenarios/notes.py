"""What a scenario does that should be looked at: links that it moves, lines that climb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour import units
from quarterhour.inputs import EVERYONE, Change, Note
from quarterhour.measures import measure
from quarterhour.sources.scenario.street_shapes import BITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground
    from quarterhour.sources.ground.terrain import Terrain
    from quarterhour.sources.scenario.alterations import AlteredRoads
    from quarterhour.sources.scenario.street_shapes import Shapes

MOVED_M = 0.5
"""A link this far from where it was is another one; one street cut is not."""

LESS_MS = 1000
"""Walks differ by milliseconds where a street is cut and rounded anew."""

DEEP_M = 5.0
"""Ground this far below (or above) the straight way between the ends of a new street deserves a
question: the deck of a footbridge is some five metres above the street."""

EVERY_M = 10.0
"""How far apart the ground below a new street is looked at."""


def links_moved(
    before: Sequence[Assessment], after: Sequence[Assessment], file: str
) -> list[Change]:
    """How many people a closure leaves without a street, or leads to another one that is nearer.

    `file`: of the closure. Told once where several services say the same.
    """
    told: dict[Note, Change] = {}
    for old, new in zip(before, after, strict=True):
        amount = np.where(old.ground.inside, old.ground.demand.amounts[EVERYONE], 0)
        apart = old.demand.linked & ~new.demand.linked
        n = int(amount[apart].sum())
        if n:
            zh, en = _amount(old.ground, n)
            note = Note(
                f"{zh}附近的道路已封闭，或身处封闭的范围之内，未接入路网",
                f"not linked, as their streets are closed or lie across closed ground: {en}",
            )
            told.setdefault(note, _change(file, "now_unlinked", note))
        n = int(amount[_shorter(old, new)].sum())
        if n:
            zh, en = _amount(old.ground, n)
            note = Note(
                f"{zh}原来所接的道路已封闭，改接另一条道路后步行反而更短，请核对（住处可能离该路较近，"
                "或原本就可走另一条路）",
                "linked to another street now, as theirs is closed, and walk less than before:"
                f" {en}; please check",
            )
            told.setdefault(note, _change(file, "link_moved", note))
    return list(told.values())


def _shorter(old: Assessment, new: Assessment) -> NDArray[np.bool_]:
    """Bool per place: linked elsewhere than before, and nearer to a facility."""
    less = (old.demand.nearest >= 0) & (new.demand.nearest >= 0)
    less &= new.demand.ms.astype(np.int64) + LESS_MS < old.demand.ms
    if not less.any() or old.ground.crs.proj4 != new.ground.crs.proj4:
        return np.zeros(len(less), bool)
    stay = np.zeros(len(less), bool)
    links = [
        a.ground.link("demand", a.ground.impedance(a.walker, toward=a.direction != "from").linkable,
                      None)
        for a in (old, new)
    ]  # fmt: skip
    x, y = np.full((2, len(less)), np.inf)
    x[links[0].point], y[links[0].point] = links[0].snap_x_m, links[0].snap_y_m
    at = links[1].point
    near = np.hypot(links[1].snap_x_m - x[at], links[1].snap_y_m - y[at]) <= MOVED_M
    stay[at[near]] = True
    return less & ~stay


def _amount(ground: Ground, micro: int) -> tuple[str, str]:
    """An amount of demand in words."""
    n = units.persons(micro)
    unit = measure(ground.demand.kind, n)
    shown = unit.number(n) if n >= 10 else f"{n:,.3g}"
    return f"{shown} {unit.zh}", f"{shown} {unit.en}"


def _change(file: str, kind: str, note: Note) -> Change:
    return Change(
        layer="people", file=file, sheet="", row=None, name="", kind=kind, detail=note
    )  # fmt: skip


def climbs(openings: Shapes | None, altered: AlteredRoads, terrain: Terrain | None) -> list[Change]:
    """New streets on the ground that go far below or above the straight way between their ends."""
    if openings is None or terrain is None:
        return []
    told = []
    for k in altered.used.tolist():
        kinds = {key for key in openings.kind[k].split(",") if key}
        if any(BITS[key] for key in kinds):
            continue
        off = _off_straight(openings.geometry[k], terrain)
        if abs(off) < DEEP_M:
            continue
        zh, en = ("低于", "below") if off < 0 else ("高于", "above")
        told.append(
            Change(
                layer="openings", file=openings.file, sheet="", row=openings.row[k],
                name=openings.name[k], kind="climbs",
                detail=Note(
                    f"按地面起伏步行：途中地面最多{zh}两端连线 {abs(off):.0f} 米；如为桥或隧道，"
                    "请在“类型”列写明",
                    f"is walked up and down on the ground, which lies up to {abs(off):.0f} m"
                    f" {en} the straight way between its ends; if it is a bridge or a tunnel,"
                    " write so in a column kind",
                ),
            )
        )  # fmt: skip
    return told


def _off_straight(line: shapely.LineString, terrain: Terrain) -> float:
    """Metres by which the ground departs most from the even rise between the ends of a line."""
    dense = shapely.segmentize(line, EVERY_M / 111_000)
    lon, lat = shapely.get_coordinates(dense).T
    z = terrain.heights(lon, lat)
    step = np.hypot(np.diff(lon) * np.cos(np.radians(lat[:-1])), np.diff(lat))
    along = np.concatenate([[0.0], np.cumsum(step)])
    off = z - (z[0] + (z[-1] - z[0]) * along / max(float(along[-1]), 1e-12))
    known = off[np.isfinite(off)]
    return float(known[np.argmax(np.abs(known))]) if len(known) else 0.0
