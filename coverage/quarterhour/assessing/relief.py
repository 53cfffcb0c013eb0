"""The slopes of a terrain on the roads of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.core.slope import STEEPEST, graded
from quarterhour.inputs import Note

if TYPE_CHECKING:
    from quarterhour.assessing.ground import Ground
    from quarterhour.sources.ground.terrain import Terrain

LEAST_STEP_M = 10.0
"""Finer terrain is sampled this far apart: a walker does not notice shorter slopes."""

RULES = {
    "tobler": Note("托布勒（Tobler）坡度函数", "Tobler's function"),
    "irmischer_clarke": Note("Irmischer 与 Clarke 坡度函数", "Irmischer and Clarke's function"),
    "none": Note("不计坡度", "no slopes"),
}


def add_slopes(ground: Ground, terrain: Terrain, rule: str) -> tuple[Note, ...]:
    """Give the roads of `ground` the slopes of `terrain`, and say what came of it.

    Called before anything is searched on the ground: the impedances are made of what it leaves.
    """
    step_m = max(terrain.cell_m, LEAST_STEP_M)
    found = graded(ground.network, terrain.heights, step_m=step_m, rule=rule)
    ground.network = found.network
    name, km = RULES[rule], found.network.edge_length_mm.sum() / 1e6
    notes = [
        Note(
            f"坡度：{terrain.file}（像元 {terrain.cell_m:.0f} 米），{name.zh}；路网累计爬升"
            f" {found.climb_mm / 1e3:.0f} 米 / {km:.1f} 公里",
            f"slopes: {terrain.file} (cells of {terrain.cell_m:.0f} m), {name.en}; the streets"
            f" climb {found.climb_mm / 1e3:.0f} m over {km:.1f} km",
        ),
        *terrain.notes,
    ]
    if found.unknown_mm:
        part = found.unknown_mm / 1e6
        notes.append(
            Note(
                f"{part:.1f} 公里（{part / km:.1%}）道路没有高程，按平路计算",
                f"{part:.1f} km ({part / km:.1%}) of the streets have no height and count as flat",
            )
        )
    if found.steep_mm:
        notes.append(
            Note(
                f"{found.steep_mm / 1e3:.0f} 米道路的坡度超过 {STEEPEST:.0%}，按 {STEEPEST:.0%} 计",
                f"{found.steep_mm / 1e3:.0f} m of street are steeper than {STEEPEST:.0%} and count"
                f" as {STEEPEST:.0%}",
            )
        )
    return tuple(notes)
