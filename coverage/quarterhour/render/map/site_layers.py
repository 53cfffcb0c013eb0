"""What a map shows of proposed sites, as plain data; the units are those of `render.map.layers`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMark:
    """A proposed site.

    `name`: Chinese and English. `rank`: 1 for the site that adds the most. `added`: people by group
    ("all" is everyone) newly covered beyond those of the ranks before it. `reached`: people of the
    service's group within its cutoff, covered before or not. `cost`: 万元, None where it is not
    known. `size`, `capacity`: what is built, "" and None where nobody said. `when`: the year in
    which it is built, or "". `area`: its service area at the last cutoff. `link`: where it is
    entered, as edge of the network, millimetres along it and millimetres beside it; None where that
    is not one place.
    """

    name: tuple[str, str]
    rank: int
    lon: float
    lat: float
    added: dict[str, float]
    reached: float
    cost: float | None = None
    size: str = ""
    capacity: float | None = None
    when: str = ""
    area: BaseGeometry | None = None
    link: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What a number of sites or a budget brings; every point is an answer of its own.

    `by`: "n_sites" or "budget" (万元). `points`: value, people newly covered and the proven bound
    (None where there is none), and whether it is proven, by ascending value. `chosen`: the value
    that the proposal has, None where it is none of them.
    """

    by: str
    points: tuple[tuple[float, float | None, float | None, bool], ...]
    chosen: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is told of an optimiser's answer; texts are Chinese and English.

    `verdict`: how far it is proven; `proven`: that nothing is better. `facts`: labels and values.
    `notes`: what else should be known.
    """

    verdict: tuple[str, str]
    proven: bool
    facts: tuple[tuple[tuple[str, str], tuple[str, str]], ...]
    notes: tuple[tuple[str, str], ...] = ()
    curve: Curve | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The optimiser's sites of one service, to compare other sites with.

    `service`: place in `MapData.services`. `sites`: name, longitude and latitude. `added`: people
    newly covered by group. `status`: as the optimiser has it, such as "optimal" or "feasible".
    `bound`: people of the service's group that no choice of the question newly covers more of,
    None where nobody has proven one.
    """

    service: int
    sites: tuple[tuple[str, float, float], ...]
    added: dict[str, float]
    status: str
    bound: float | None
