"""The nouns of an answered siting question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour import units
from quarterhour.inputs import EVERYONE
from quarterhour.model import _Frozen
from quarterhour.sources.facilities.candidates import YUAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.facility_links import FacilityLinks
    from quarterhour.core.siting.nouns import Solution
    from quarterhour.inputs import Facilities, Note, SetAside
    from quarterhour.scenarios.scenario import ServiceChange
    from quarterhour.siting.more_nouns import More
    from quarterhour.sources.facilities.candidates import Candidates
    from quarterhour.study_file.site_parts import SitePart


class Step(NamedTuple):
    """A chosen candidate: what it adds to those before it, in the order of the largest gain.

    `added`: int64 millionths by group, newly covered. `reached`: of the service's group, everybody
    within its cutoff, covered before or not.
    """

    candidate: int
    added: dict[str, int]
    reached: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteResult(_Frozen):
    """An answered siting question.

    `status`: per candidate, see `siting.rules`. `solution`: as the core gives it, see
    `siting.solve.solve` for the unit. `steps`: the chosen candidates in the order of their gain;
    `sites`: the same as facilities. `change`: the service before and after, worked out again as a
    whole with the chosen sites as facilities; None where nothing is built. `costs`: int64 yuan in
    the order of `steps`, -1 where one is not known. `more`: a curve, years and the like.
    `anywhere`: what no sites anywhere along the streets can better, None where nobody looked.
    `unreached`: millionths of the group, uncovered, that no usable candidate has within the cutoff;
    `unreached_at`: bool per place, where these live.
    `alone`: int64 millionths per candidate, uncovered and within its cutoff. `why`: what makes it
    impossible, empty where it is not. `among`: how many candidates were chosen from, where what is
    proven holds for these only; None where it holds for all.
    """

    part: SitePart
    given: Assessment
    candidates: Candidates
    status: tuple[str, ...]
    links: FacilityLinks
    solution: Solution
    steps: tuple[Step, ...]
    sites: Facilities
    change: ServiceChange | None
    more: More
    costs: NDArray[np.int64]
    unreached: int
    unreached_at: NDArray[np.bool_]
    anywhere: float | None
    why: tuple[Note, ...]
    alone: NDArray[np.int64]
    notes: tuple[Note, ...]
    set_aside: tuple[SetAside, ...]
    among: int | None = None

    @property
    def cost(self) -> int | None:
        """Yuan of all sites, None where one is not known."""
        return None if (self.costs < 0).any() else int(self.costs.sum())

    @property
    def added(self) -> dict[str, int]:
        """Newly covered people by group, int64 millionths."""
        if self.change is None:
            return dict.fromkeys(self.given.ground.demand.amounts, 0)
        return self.change.gained_by

    @property
    def after(self) -> Assessment:
        """The service with what is proposed."""
        return self.given if self.change is None else self.change.after

    @property
    def chosen(self) -> NDArray[np.int64]:
        """Rows of the candidates, in the order of `steps`."""
        return np.array([step.candidate for step in self.steps], np.int64)

    @property
    def people_added(self) -> float:
        """Newly covered people of the service's group."""
        return units.persons(self.added[self.given.group])

    @property
    def gap(self) -> float:
        """How far the best possible may be above what was found, 0 where it is proven."""
        return self.solution.gap

    def _repr_html_(self) -> str:
        """The answer, the sites, before and after, and a sketch, as notebooks show a value."""
        # these tell of this module's results, and only notebooks ask for them
        from quarterhour.assessing.glance import of_site  # noqa: PLC0415
        from quarterhour.siting.answered import answered  # noqa: PLC0415

        told = answered(self, language="both")
        return of_site(self, told.answers, told.shown)


def groups_of(given: Assessment) -> list[str]:
    """Groups of people: everyone, then the service's group, then the others."""
    every = list(given.ground.demand.amounts)
    first = [g for g in (EVERYONE, given.group) if g in every]
    return list(dict.fromkeys([*first, *every]))


def money(yuan: int) -> float:
    """Ten thousand yuan."""
    return yuan / YUAN
