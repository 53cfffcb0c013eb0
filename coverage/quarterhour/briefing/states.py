"""Other states of a service to what a map shows of them, looked at as today's was.

A state is the service with other facilities, in a later year, on other streets or with another
walker. Its gaps are found by the function that finds today's, joined and named alike, and its
residential areas are judged by what today's are judged by.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from shapely.geometry import Polygon

from quarterhour import units
from quarterhour.answers.gaps import find_again
from quarterhour.assessing.analysis import count, inside_ms_of, toward
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.assessing.guard_zone import GuardReport, flagged_places
from quarterhour.assessing.place_search import Places
from quarterhour.assessing.residential import judge
from quarterhour.assessing.shapes import dissolved
from quarterhour.briefing.gaps import gap_list
from quarterhour.core import reach as times
from quarterhour.render.map import layers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.answers.gaps import Gaps
    from quarterhour.assessing.assessment import Assessment, Count
    from quarterhour.inputs import Entrances, Facilities
    from quarterhour.model import Walker


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """How a study looks at its services, whatever their state.

    `gaps`: today's, of some or all services; where there are none nobody looks for any in other
    states. `gates`, `residential_by`: by what residential areas are judged. `road_extent`: polygon
    (longitude, latitude) within which the roads are taken as complete. `edge`: that gaps are asked
    whether data beyond the edge could close them, also where the assessment has not been.
    `slope_rule`: by which the slopes of the ground were made. `people`: millionths by group and row
    of the demand with which places are drawn in place of their own, multiples of `rounding_people`;
    empty where no place is drawn, None where all are as they are.
    """

    gaps: tuple[Gaps, ...] = ()
    gates: Entrances | None = None
    residential_by: str = "positions"
    road_extent: Any = None
    edge: bool = False
    slope_rule: str = "none"
    threads: int | None = None
    people: dict[str, NDArray[np.int64]] | None = None
    rounding_people: int = 0

    @property
    def places(self) -> bool:
        """Whether places of demand are drawn."""
        return self.people is None or bool(self.people)

    def amount(self, a: Assessment) -> NDArray[np.int64]:
        """Millionths of a service's group that places are drawn with, 0 for those that are not."""
        own = a.ground.demand.amounts[a.group]
        if self.people is None:
            return own
        return self.people[a.group] if self.people else np.zeros_like(own)

    def exact(self, a: Assessment, of: NDArray[np.bool_]) -> float | None:
        """Persons of the group in some rows by the report, None where places add up to it."""
        if self.people is None:
            return None
        return units.persons(int(a.ground.demand.amounts[a.group][of].sum()))

    def today(self, a: Assessment) -> Gaps | None:
        """The gaps of an assessment of today, None where nobody looked for any."""
        return next((one for one in self.gaps if one.assessment is a), None)

    def gaps_in(self, today: Assessment, state: Assessment) -> layers.GapList | None:
        """The gaps of a state of the service `today`, None where nobody looks for any."""
        found = self.today(today)
        if found is None:
            return None
        if state.edge is None and (self.edge or today.edge is not None):
            state = self.with_edge(state)
        return gap_list(find_again(found, state), places=self.places)

    def with_edge(self, a: Assessment) -> Assessment:
        """With what roads and facilities beyond the data leave open, place by place."""
        n = len(a.facilities)
        flags = flagged_places(a, road_extent=self.road_extent, threads=self.threads)
        # gaps ask for places only; the rest of a report takes most of its time
        edge = GuardReport(
            place_flags=flags, facility_flags=np.zeros(n, np.uint8), more={}, counts={},
            missing_m={}, extents={}, notes=(),
        )  # fmt: skip
        return dataclasses.replace(a, edge=edge)

    def judged(self, a: Assessment) -> Assessment:
        """The residential areas of an assessment judged as the study judges them."""
        if not a.residential:
            return a
        costs = a.ground.impedance(a.walker, toward=toward(a.direction))
        links = link_facilities(a.ground, costs, a.facilities, a.link_limit_m)
        sources = times.stops(costs, links.linkage, inside_ms=_inside_ms(a, a.walker))
        limit_ms = max(a.walker.limit_ms(a.limit_min), a.cutoff_ms)
        verdicts, at = judge(
            a.ground, costs, sources, limit_ms, [a.walker.cutoff_ms(c) for c in a.cutoffs_min],
            self.threads, by=self.residential_by, demand=a.demand, group=a.group,
            entrances=self.gates,
        )  # fmt: skip
        return dataclasses.replace(a, residential=verdicts, residential_times=at)

    def state(
        self, a: Assessment, facilities: Facilities, *, walker: Walker | None = None
    ) -> Assessment:
        """A service with other facilities or another walker, at its last cutoff.

        Its only polygon is that of all that is served; of single facilities nothing is worked out.
        """
        who, ground = walker or a.walker, a.ground
        costs = ground.impedance(who, toward=toward(a.direction))
        links = link_facilities(ground, costs, facilities, a.link_limit_m)
        inside_ms = _inside_ms(a, who)
        cutoff_ms = who.cutoff_ms(a.cutoffs_min[-1])
        limit_ms = max(who.limit_ms(a.limit_min), cutoff_ms)
        stops = times.stops(costs, links.linkage, each_point=True, inside_ms=inside_ms)
        found = Places(ground, costs, self.threads).nearest(links, stops, limit_ms)
        area: Any = Polygon()
        if links.used.any():
            sources = times.stops(costs, links.linkage, inside_ms=inside_ms)
            area = dissolved(ground, costs, sources, cutoff_ms, self.threads)
        n = len(facilities)
        state = dataclasses.replace(
            a, walker=who, cutoffs_min=a.cutoffs_min[-1:], facilities=facilities,
            facility_status=links.status, facility_link_m=links.link_m, demand=found,
            within=times.TravelTimes(
                first=np.zeros(n + 1, np.int64), place=np.empty(0, np.int32),
                ms=np.empty(0, np.int32),
            ),
            counts=({
                group: count(amount, ground.inside, found, cutoff_ms)
                for group, amount in ground.demand.amounts.items()
            },),
            reached={}, areas=(), dissolved=(area,), lines=(), dissolved_lines=(),
            uncovered_lines=None, circles=(), beside=(), edge=None,
        )  # fmt: skip
        return self.judged(state)


def verdicts_of(a: Assessment) -> layers.Verdicts | None:
    """Verdicts of the residential areas at the last cutoff, None where there are none."""
    at = a.residential_times
    if not a.residential or at is None:
        return None
    verdict = a.residential[-1]
    return layers.Verdicts(
        status=tuple(verdict.status),
        share=np.nan_to_num(verdict.share),
        minutes=np.where(at.nearest >= 0, a.walker.minutes(at.ms), np.nan),
    )


def figure_of(cutoff: float, group: str, count: Count, **circle: float) -> layers.Figure:
    """A count as it is drawn; `circle`: fields of `Figure` about one."""
    return layers.Figure(
        cutoff_min=cutoff,
        group=group,
        total=units.persons(count.total),
        covered=units.persons(count.covered),
        uncovered=units.persons(count.uncovered),
        unlinked=units.persons(count.unlinked),
        share_covered=count.share_covered,
        **circle,
    )


def shown_rows(a: Assessment) -> list[int]:
    """Rows of the facilities that are drawn: all but those outside the area and its guard zone."""
    return [k for k, status in enumerate(a.facility_status) if status != "outside"]


def _inside_ms(a: Assessment, walker: Walker) -> int:
    return 0 if walker.rule_m else inside_ms_of(walker, a.inside_min)
