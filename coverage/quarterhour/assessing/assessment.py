"""The result of assessing one service: times, counts and shapes, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.measures import measure, parts_told
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.circles import Circle
    from quarterhour.assessing.ground import Ground
    from quarterhour.assessing.guard_zone import GuardReport
    from quarterhour.assessing.shapes import AreaFigures
    from quarterhour.core.reach import TravelTimes
    from quarterhour.inputs import Facilities, SetAside
    from quarterhour.measures import Parts
    from quarterhour.model import Walker

COVERED, UNCOVERED, UNLINKED = "covered", "uncovered", "unlinked"
PARTLY = "partly"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTimes(_Frozen):
    """Nearest facility per owner of points.

    `nearest`: row of `Facilities`, -1 for none within the limit; `ms` counts only where there is
    one; `linked`: to a road; `served`: on a part of the network with a facility. `gate`: row of
    `Facilities.entrances` through which the nearest is entered, -1 for its own position; None where
    it is not looked for. `behind_barrier`: not linked, although there are roads within the limit;
    None where nobody looked.
    """

    nearest: NDArray[np.int64]
    ms: NDArray[np.int32]
    linked: NDArray[np.bool_]
    served: NDArray[np.bool_]
    gate: NDArray[np.int64] | None = None
    behind_barrier: NDArray[np.bool_] | None = None

    def covered(self, cutoff_ms: int) -> NDArray[np.bool_]:
        """Bool per owner: within the cutoff, inclusive."""
        return (self.nearest >= 0) & (self.ms <= cutoff_ms)

    def reason(self, cutoff_ms: int) -> NDArray[Any]:
        """Text per owner: "", or unlinked, behind_barrier, disconnected, far, beyond_limit."""
        result = np.full(len(self.ms), "far", object)
        result[self.nearest < 0] = "beyond_limit"
        result[~self.served] = "disconnected"
        result[~self.linked] = "unlinked"
        if self.behind_barrier is not None:
            result[self.behind_barrier & ~self.linked] = "behind_barrier"
        result[self.covered(cutoff_ms)] = ""
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Demand of one group at one cutoff, int64 millionths; the three parts add up to `total`."""

    total: int
    covered: int
    uncovered: int
    unlinked: int

    @property
    def share_covered(self) -> float | None:
        """covered / total, None where the total is 0."""
        return self.covered / self.total if self.total else None

    def told(self, kind: str = "people") -> Parts:
        """The count in whole units of a kind of demand that add up, as every output tells it."""
        total, *parts = map(
            units.persons, (self.total, self.covered, self.uncovered, self.unlinked)
        )
        return parts_told(total, *parts, per=measure(kind, total).per)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What another walker would count: `counts[cutoff][group]` at those cutoffs that it knows."""

    walker: Walker
    cutoffs_min: tuple[float, ...]
    counts: tuple[dict[str, Count], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaVerdict(_Frozen):
    """Residential areas at one cutoff: `status` per area, and what it rests on.

    `judged_by`: what an area was judged by: positions, people or entrances. `n_positions`,
    `n_linked`, `n_covered`: how many positions, places of people or gates there are, are near a
    road and are covered. `share`: covered of what counts, NaN where the area is not linked: of the
    positions near a road, of all people inside (the unlinked too), or 1 or 0 for gates, of which
    one is enough.
    """

    status: NDArray[Any]
    n_positions: NDArray[np.int64]
    n_linked: NDArray[np.int64]
    n_covered: NDArray[np.int64]
    share: NDArray[np.float64]
    judged_by: NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One service circle on one ground.

    `direction`: "to" or "from" the facility. `inside_min`: minutes from its door to its service,
    part of every travel time.

    `facility_status` per row of `facilities`: used, unlinked, outside (of area and guard zone) or
    planned. `facility_link_m`: metres to the road, NaN where not linked. `counts[cutoff][group]`.
    `reached[group]`: int64 millionths per facility row within the last cutoff, overlaps counted for
    each. `within`: every place within the last cutoff of every facility row. `areas[k]` (per
    facility row) and `dissolved[k]`: polygons in longitude and latitude of cutoff k; `lines[k]`,
    `dissolved_lines[k]` the exact reached pieces. `uncovered_lines`: the streets beyond the last
    cutoff where streets stand in for people, else None. `circles[cutoff]`: what straight-line
    circles of the same length would count. `beside`: other walkers for comparison. `edge`: what
    data beyond their edge could change, None where nobody looked. `area_figures[cutoff]`: how
    large the polygons are, and the streets inside that are not reached.
    """

    name: str
    group: str
    walker: Walker
    cutoffs_min: tuple[float, ...]
    limit_min: float
    link_limit_m: float
    direction: str
    inside_min: float
    ground: Ground
    facilities: Facilities
    facility_status: tuple[str, ...]
    facility_link_m: NDArray[np.float64]
    demand: PlaceTimes
    within: TravelTimes
    counts: tuple[dict[str, Count], ...]
    reached: dict[str, NDArray[np.int64]]
    areas: tuple[NDArray[Any], ...]
    dissolved: tuple[Any, ...]
    lines: tuple[NDArray[Any], ...]
    dissolved_lines: tuple[Any, ...]
    uncovered_lines: Any
    residential: tuple[AreaVerdict, ...]
    residential_times: PlaceTimes | None
    set_aside: tuple[SetAside, ...]
    outside: dict[str, int]
    circles: tuple[Circle, ...] = ()
    beside: tuple[Beside, ...] = ()
    edge: GuardReport | None = None
    area_figures: tuple[AreaFigures, ...] = ()

    @property
    def cutoff_ms(self) -> int:
        """The cutoff that counts: the last."""
        return self.walker.cutoff_ms(self.cutoffs_min[-1])

    @property
    def share_covered(self) -> float | None:
        """Share of the service's group covered at the last cutoff, of everyone inside the area."""
        return self.counts[-1][self.group].share_covered

    @property
    def covered(self) -> float:
        """People (or units of demand) of the service's group covered at the last cutoff."""
        return units.persons(self.counts[-1][self.group].covered)

    @property
    def total(self) -> float:
        """People (or units of demand) of the service's group inside the area."""
        return units.persons(self.counts[-1][self.group].total)

    @property
    def used(self) -> NDArray[np.int64]:
        """Rows of the facilities that serve."""
        return np.flatnonzero(np.array(self.facility_status) == "used")

    def _repr_html_(self) -> str:
        """The figures with their denominators, and a sketch, as notebooks show a value."""
        from quarterhour.assessing.glance import of_assessment  # noqa: PLC0415 - only notebooks ask for it

        return of_assessment(self)
