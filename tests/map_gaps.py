"""Made-up gaps on the made-up town, for the tests of the map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from shapely.geometry import LineString, box

from map_town import HOSTILE, at, ground, hostile_town, lone_gap, service
from quarterhour.render.map.layers import GapList, GapMark, MapData

SITE = (-1500.0, -1500.0)


def gap(
    x_m: float, y_m: float, half_m: float, people: float, *, look: str = "plain", **more: object
) -> GapMark:
    """A square gap with its walk to the facility, by the square's middle; `more` replaces fields.

    Unlinked gaps have no walk.
    """
    lon, lat = at(x_m, y_m)
    walk = None if look == "unlinked" else ground(LineString([(x_m, y_m), (x_m, -1500.0), SITE]))
    fields = {
        "name": (f"东街道{people:g}号院一带", f"East Street, yard {people:g}"),
        "people": people,
        "everyone": 4 * people,
        "lon": lon,
        "lat": lat,
        "extent": ground(box(x_m - half_m, y_m - half_m, x_m + half_m, y_m + half_m)),
        "look": look,
        "reason": {
            "plain": ("绕行过远", "detour"),
            "edge": ("位于数据边缘", "at the edge of the data"),
            "unlinked": ("附近没有道路", "far from any road"),
        }[look],
        "told": (f"依据 {people:g}", f"evidence {people:g}"),
        "minutes": None if walk is None else 21.26,
        "walk_m": None if walk is None else 1275.6,
        "nearest": "" if walk is None else "养老服务1号站",
        "route": walk,
    }
    return GapMark(**(fields | more))


def listed(*marks: GapMark, total: int | None = None, people: float | None = None) -> GapList:
    return GapList(
        marks=marks,
        total=len(marks) if total is None else total,
        people=sum(m.people for m in marks) if people is None else people,
        join_m=300.0,
    )


def gap_town(language: str = "zh") -> MapData:
    """A service that covers all but a large gap, one at the edge, one unlinked and twelve small.

    A second service has one gap.
    """
    base = lone_gap()
    marks = [
        gap(0, 0, 300, 400, minutes=15.004),
        gap(1200, 500, 250, 300, look="edge"),
        gap(-1200, 900, 250, 200, look="unlinked"),
        *(gap(-1000 + 250 * k, -1000, 60, 40 - k) for k in range(12)),
    ]
    first = replace(base.services[0], gaps=listed(*marks, total=17, people=1500.0))
    second = service("托育服务", [(900.0, -900.0)], group="age_0_3", residential=False)
    second = replace(second, gaps=listed(gap(-300, 300, 200, 55)))
    return replace(base, language=language, services=(first, second))


def many_gaps(n: int = 400) -> MapData:
    """So many gaps side by side that their numbers cannot all be written."""
    base = lone_gap()
    side = int(np.ceil(np.sqrt(n)))
    step = 4000.0 / side
    marks = [
        gap(-1900 + step * (k % side), -1900 + step * (k // side), 0.4 * step, float(n - k))
        for k in range(n)
    ]
    return replace(base, services=(replace(base.services[0], gaps=listed(*marks)),))


def hostile_gaps() -> MapData:
    """Gaps whose every text is made to break a page."""
    both = (HOSTILE, HOSTILE)
    mark = gap(-900, -600, 200, 9.5, name=both, reason=both, told=both, nearest=HOSTILE)
    base = hostile_town()
    return replace(base, services=(replace(base.services[0], gaps=listed(mark)),))
