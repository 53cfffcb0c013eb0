"""Units outside the study area, and urban areas that say nothing: told in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.answers.membership import units_at, urban_at
from quarterhour.inputs import EVERYONE, Note
from quarterhour.measures import counted, verb
from quarterhour.targets.words import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quarterhour.assessing.ground import Ground
    from quarterhour.gather.inputs import Gather
    from quarterhour.inputs import AreaSet, UnitSet

MOST_NAMES = 8
"""Units that a sentence names; how many there are is said."""


def told_of(inputs: Gather, ground: Ground) -> list[Note]:
    """What must be known of the units and the urban area of a study, each a sentence.

    Raises
    ------
    InputError
        A layer cannot be used.
    """
    urban = inputs.urban()
    told = outside_notes(inputs.units(), ground)
    return told if urban is None else [*told, *urban_notes(urban, ground)]


def outside_notes(levels: Mapping[str, UnitSet], ground: Ground) -> list[Note]:
    """The units that lie outside the study area, by level: how many, and the first by name.

    Outside is what does not meet the study area and where none of its people live. Counties that
    the layer of towns names are told as towns.
    """
    told = []
    town = levels.get("town")
    for level, units in levels.items():
        if level == "county" and town is not None and units.file == town.file:
            continue
        placed = ~(shapely.is_missing(units.geometry) | shapely.is_empty(units.geometry))
        meets = shapely.intersects(units.geometry, ground.area)
        here = ground.inside
        lived_in = units_at(ground.demand.lon[here], ground.demand.lat[here], units)
        meets[np.unique(lived_in[lived_in >= 0])] = True
        outside = np.flatnonzero(placed & ~meets)
        if len(outside):
            told.append(_outside(units, outside.tolist(), is_all=not meets.any()))
    return told


def _outside(units: UnitSet, rows: list[int], *, is_all: bool) -> Note:
    names = [units.name[k] for k in rows[:MOST_NAMES]]
    what = LEVELS.get(units.level, Note(units.level, units.level))
    n, left = len(rows), len(rows) - len(names)
    more = (" 等", f" and {left} more") if left else ("", "")
    zh, en = "、".join(names) + more[0], ", ".join(names) + more[1]
    if is_all:
        none = "the only unit" if n == 1 else f"all {n} units"
        return Note(
            f"{units.file}：全部 {n} 个单元（{what.zh}）都在研究范围以外：{zh}。"
            "请检查该图层及其坐标系",
            f"{units.file}: {none} ({what.en}) outside the study area: {en}; check the layer and"
            " its coordinate system",
        )
    return Note(
        f"{units.file}：{n} 个单元（{what.zh}）在研究范围以外，不计：{zh}",
        f"{units.file}: outside the study area and left out {verb(f'{n}', 'is', 'are')}"
        f" {counted(n, 'unit')} ({what.en}): {en}",
    )


def urban_notes(urban: AreaSet, ground: Ground) -> list[Note]:
    """A sentence where the urban area holds none of the places of people, or all of them."""
    here = ground.inside & (ground.demand.amounts[EVERYONE] > 0)
    n = int(here.sum())
    inside = int(urban_at(ground.demand.lon[here], ground.demand.lat[here], urban).sum())
    if not n or 0 < inside < n:
        return []
    if inside:
        return [
            Note(
                f"{urban.file}：[urban] 包含了研究范围内的全部 {n:,} 处居住地，没有一处按农村计。"
                "请检查该图层",
                f"{urban.file}: [urban] holds {verb(f'{n}', 'the only place', f'all {n:,} places')}"
                " of people in the study area, and nothing is rural; check the layer",
            )
        ]
    return [
        Note(
            f"{urban.file}：研究范围内的 {n:,} 处居住地都在 [urban] 以外，全部按农村计。"
            "请检查该图层及其坐标系",
            f"{urban.file}: {verb(f'{n}', 'the only place', f'all {n:,} places')} of people in the"
            f" study area {verb(f'{n}', 'lies', 'lie')} outside [urban], and"
            " everything is rural; check the layer and its coordinate system",
        )
    ]
