"""The made-up town with two later years, a scenario, another walker and places that are covered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from map_town import ELDERLY, at, blob, ground, nobody, places, service, town
from quarterhour.render.map.layers import (
    AddedMark,
    Figure,
    Scenario,
    ScenarioService,
    Verdicts,
)
from quarterhour.render.map.views import PlanTally, ServiceView, View

if TYPE_CHECKING:
    from quarterhour.render.map.layers import MapData, ServiceLayer

PLANNED = len(ELDERLY)
"""Row of the planned facility, at (1500, -1300)."""
GAINED = [(1500.0, -1300.0), (1560.0, -1200.0), (1400.0, -1420.0)]
LOST = [(-900.0, 700.0), (-850.0, 640.0)]


def figure(layer: ServiceLayer, more: float) -> Figure:
    """The last figure of the layer's own group with so many more covered."""
    now = next(f for f in layer.figures if f.cutoff_min == 15 and f.group == layer.group)
    covered = now.covered + more
    return replace(
        now,
        covered=covered,
        uncovered=now.uncovered - more,
        share_covered=covered / now.total,
    )


def points(spots: list[tuple[float, float]], each: float):  # noqa: ANN201 - places
    """Places of equal amounts, seven minutes from the first facility."""
    return places(np.array(spots), np.full(len(spots), each), 7.0, "far")


def views_town(language: str = "both", **changes: object) -> MapData:
    """In 2026 the planned facility opens; in 2028 the first facility has closed too."""
    old = service("养老服务", ELDERLY)
    grid = np.array([(x, y) for x in range(-1200, -600, 60) for y in range(400, 1000, 60)], float)
    uncovered = points([*GAINED, (1700.0, 300.0)], 100.0)
    old = replace(
        old,
        uncovered=uncovered,
        covered=places(grid, np.full(len(grid), 5.0), 3.2, "far"),
    )
    other = service("托育服务", [(-300.0, 200.0), (700.0, 900.0)], group="age_0_3", seed=5)
    whole = old.dissolved[-1]
    more = ground(blob(1500.0, -1300.0, 500.0, 9))
    less = ground(blob(-900.0, 700.0, 700.0, 9))
    opened = ServiceView(
        figure=figure(old, 300.0),
        gained=points(GAINED, 100.0),
        lost=nobody(),
        area=whole | more,
        opened=(PLANNED,),
        residential=Verdicts(
            status=("covered",) * len(old.residential.name),
            share=np.ones(len(old.residential.name)),
            minutes=np.full(len(old.residential.name), 4.2),
        ),
    )
    closed = ServiceView(
        figure=figure(old, 290.0),
        gained=points(GAINED, 100.0),
        lost=points(LOST, 5.0),
        area=(whole | more) - less,
        opened=(PLANNED,),
        closed=(0,),
    )
    faster = ServiceView(
        figure=figure(old, 100.0),
        gained=points([(1700.0, 300.0)], 100.0),
        lost=nobody(),
        area=whole | ground(blob(1700.0, 300.0, 300.0, 4)),
    )
    lon, lat = at(1700.0, 300.0)
    own = AddedMark(name="新站", kind="日间照料", lon=lon, lat=lat, reached={"age_60_plus": 80.0})
    plan = Scenario(
        name="新<b>站",
        closed=(),
        cuts=np.empty((0, 2)),
        opened=(),
        services=(
            ScenarioService(
                name="养老服务", added=(own,), gained=faster.gained, lost=nobody(),
                before=figure(old, 0.0), after=figure(old, 100.0),
            ),
            ScenarioService(
                name="托育服务", added=(), gained=nobody(), lost=nobody(),
                before=figure(other, 0.0), after=figure(other, 0.0),
            ),
        ),
    )  # fmt: skip
    fields = {
        "services": (old, other),
        "views": (
            View(kind="year", name=("2026", "2026"), services=(opened, None)),
            View(kind="year", name=("2027", "2027"), services=(opened, None)),
            View(kind="year", name=("2028", "2028"), services=(closed, None)),
            View(kind="walker", name=("成年人", "adult"), services=(faster, None)),
        ),
        "scenarios": (plan,),
        "targets": (PlanTally(name=("某市方案", "City plan"), passed=3, failed=12, unknown=5),),
        "names": (("石桥镇", *at(-1500.0, -600.0), "town"), ("人民路", *at(300.0, 20.0), "street")),
    }
    fields.update(changes)
    return town(language, **fields)
