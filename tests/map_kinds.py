"""Towns for the tests of kinds of facilities, and of symbols that stand for several."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from map_town import at, nobody, places, service, town
from quarterhour.render.map.layers import FacilityMark

if TYPE_CHECKING:
    from quarterhour.render.map.layers import MapData, ServiceLayer

HOME = ("养老院", "care home")
DAY = ("日间照料中心", "day care centre")
MEALS = ("老年食堂", "meal service")
NONE = ("", "")
CROWD = 80


def kinds_of(layer: ServiceLayer, *names: tuple[str, str]) -> ServiceLayer:
    """The service with only the facilities that serve, whose kinds are `names` in turn."""
    used = [mark for mark in layer.facilities if mark.status == "used"]
    marks = (
        replace(mark, kind=names[k % len(names)][0], kind_name=names[k % len(names)])
        for k, mark in enumerate(used)
    )
    return replace(layer, facilities=tuple(marks))


def row_of(n: int, *, step_m: float, y_m: float = 0.0) -> list[tuple[float, float]]:
    """Places in metres on a line from west to east."""
    return [(k * step_m - 1500.0, y_m) for k in range(n)]


def marks_at(
    points: list[tuple[float, float]], *names: tuple[str, str]
) -> tuple[FacilityMark, ...]:
    """Facilities at points in metres; every third is planned."""
    out = []
    for k, (x, y) in enumerate(points):
        lon, lat = at(x, y)
        kind = names[k % len(names)]
        out.append(
            FacilityMark(
                name=f"第{k + 1}站", kind=kind[0], kind_name=kind, lon=lon, lat=lat,
                status="planned" if k % 3 == 2 else "used",
            )
        )  # fmt: skip
    return tuple(out)


def kinds_town(language: str = "zh") -> MapData:
    """Elderly care of three kinds (2, 2 and 1), child care of two that are not its neighbour's."""
    elderly = kinds_of(
        service("养老", [(-900, 700), (250, 300), (900, -700), (-500, -1100), (1200, 1200)]),
        HOME, DAY, DAY, HOME, MEALS,
    )  # fmt: skip
    nursery = kinds_of(
        service("托育", [(-300, 200), (700, 900)], group="age_0_3", seed=5),
        ("托育机构", "nursery"), ("幼儿园托班", "kindergarten class"),
    )  # fmt: skip
    return town(language, services=(elderly, nursery), synthetic=False)


def crowded_town() -> MapData:
    """80 facilities of two kinds 40 m apart, and three places that nothing covers, 30 m apart."""
    layer = service("养老", [(0.0, 0.0)], residential=False)
    layer = replace(
        layer,
        facilities=marks_at(row_of(CROWD, step_m=40.0), HOME, DAY),
        unlinked=nobody(),
        uncovered=places(np.array([[0.0, -1500.0], [30.0, -1500.0], [60.0, -1500.0]]),
                         np.array([5.0, 9.0, 7.0]), np.array([20.0, 21.0, 22.0]), "far"),
    )  # fmt: skip
    return town("zh", services=(layer,), districts=(), synthetic=False)
