"""What a map shows, as plain data: the one contract between a finished analysis and its drawers.

Everything is in WGS-84 longitude and latitude (degrees), people in persons, time in minutes.
Nothing here computes; a drawer shows exactly these numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from quarterhour.render.map.model_layers import WhatIf
    from quarterhour.render.map.rebuilt import Rebuilt
    from quarterhour.render.map.site_layers import Optimum, Proposal, SiteMark
    from quarterhour.render.map.views import PlanTally, View


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRoads:
    """The walking network as polylines: the base map that needs no tiles.

    `lon`, `lat`: float64, one entry per vertex. `line_start`: int64, shape (n_lines + 1,), the
    vertices of line i are `line_start[i]:line_start[i + 1]`. `rank`: uint8 per line, 0 main road,
    1 street, 2 path, 3 steps, 4 ferry.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    line_start: NDArray[np.int64]
    rank: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityMark:
    """One facility row as it is drawn.

    `status`: "used" (linked to the roads and serving), "unlinked" (too far from any road) or
    "planned" (in the table, but not counted by this service). `reached`: demand reached within the
    last cutoff by group ("all" is everyone), empty when the facility serves nobody. `link_m`:
    metres to the road, None when unlinked. `position`: "own", "gates" (entered there) or
    "approximate" (somewhere in its town). `area`: its own service area polygon at the last cutoff,
    None if it has none. `kind`: as the data have it; `kind_name`: what it was recognised as,
    Chinese and English, by which the map tells kinds apart; two empty texts for none.
    """

    name: str
    kind: str
    lon: float
    lat: float
    status: str
    link_m: float | None = None
    reached: dict[str, float] = field(default_factory=dict)
    position: str = "own"
    area: BaseGeometry | None = None
    kind_name: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Demand places as arrays of equal length.

    `amount`: people of the service's group (or the unit of `MapData.demand_unit`). `minutes`: to
    the nearest facility, NaN where none was found within the search limit. `nearest`: row in
    `ServiceLayer.facilities`, -1 for none. `reason`: a key of the word list per place: "far"
    (beyond the cutoff), "beyond_limit", "disconnected" (no facility on its part of the network),
    "unlinked" (no road within the link limit) or "behind_barrier" (only roads behind one).
    `exact`: the sum of the amounts, where these are rounded or no place may be told; None where
    they add up to it.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    amount: NDArray[np.float64]
    minutes: NDArray[np.float64]
    nearest: NDArray[np.int64]
    reason: tuple[str, ...]
    exact: float | None = None

    @property
    def total(self) -> float:
        """Of all places, also of those that are not told."""
        return float(self.amount.sum()) if self.exact is None else self.exact

    @property
    def hidden(self) -> bool:
        """Whether there are places, and none is told."""
        return not len(self.reason) and self.total > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas:
    """Residential areas with their verdict at the last cutoff.

    `status`: "covered", "partly", "uncovered" or "unlinked". `share`: covered share of the
    positions inside, 0 to 1. `minutes`: median to the nearest facility, NaN where none.
    """

    geometry: tuple[BaseGeometry, ...]
    name: tuple[str, ...]
    status: tuple[str, ...]
    share: NDArray[np.float64]
    minutes: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The residential areas of a service in another state: arrays as in `Areas`, in its order."""

    status: tuple[str, ...]
    share: NDArray[np.float64]
    minutes: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Counts of one group at one cutoff; `covered + uncovered + unlinked == total`.

    `circle_m`: radius of the straight-line circle of the same length; it holds `circle_counted`, of
    whom `circle_wrongly` are not covered. None where no circle was looked at.
    """

    cutoff_min: float
    group: str
    total: float
    covered: float
    uncovered: float
    unlinked: float
    share_covered: float | None
    circle_m: float | None = None
    circle_counted: float = 0.0
    circle_wrongly: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkerFigures:
    """What another walker would count: figures of the service's own group, by cutoff."""

    label_zh: str
    label_en: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapMark:
    """One gap: places together that are not covered, at the last cutoff.

    Texts are Chinese and English. `people`: of the service's group; `everyone`: all, None where
    people are not what is counted. `lon`, `lat`: its middle. `extent`: polygons around its places.
    `look`: "plain", "edge" (whether it is a gap is not certain: the data end there) or "unlinked".
    `minutes`, `walk_m`, `route` (a line from the middle to the facility) and `nearest` (its name):
    the walk to the nearest facility; None, None, None and "" where there is none within the search
    limit. `told`: the evidence of the reason as a sentence.
    """

    name: tuple[str, str]
    people: float
    everyone: float | None
    lon: float
    lat: float
    extent: BaseGeometry
    look: str
    reason: tuple[str, str]
    told: tuple[str, str]
    minutes: float | None = None
    walk_m: float | None = None
    nearest: str = ""
    route: BaseGeometry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GapList:
    """Gaps of a service, the largest first, so that a mark's rank is its place.

    `total`, `people`: of all gaps of the service, also those that are not among the `marks`.
    `join_m`: how far neighbours in one gap may be apart.
    """

    marks: tuple[GapMark, ...]
    total: int
    people: float
    join_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLayer:
    """One service circle: its areas by cutoff (ascending), facilities, and who is left out.

    `group`: the group that this service is for ("all" when everyone). `rule`: empty for walkers
    with a speed; for a distance rule, a text such as "5/10/15 min = 300/500/1000 m".
    `uncovered_lines`: streets drawn as uncovered where street metres are the demand; `uncovered`
    is then empty. `gaps`: None where nobody looked for them. `covered`: the places that are, to be
    asked for their minutes; None where the network of the page is asked instead.
    """

    name: str
    group: str
    walker: str
    walker_label_zh: str
    walker_label_en: str
    speed_mps: float
    cutoffs_min: tuple[float, ...]
    dissolved: tuple[BaseGeometry, ...]
    facilities: tuple[FacilityMark, ...]
    uncovered: Places
    unlinked: Places
    residential: Areas | None
    figures: tuple[Figure, ...]
    set_aside: int = 0
    rule: str = ""
    uncovered_lines: BaseGeometry | None = None
    beside: tuple[WalkerFigures, ...] = ()
    gaps: GapList | None = None
    covered: Places | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedMark:
    """A facility of a scenario's own; `reached`: as in `FacilityMark`."""

    name: str
    kind: str
    lon: float
    lat: float
    reached: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioService:
    """One service in a scenario, at its last cutoff; before is the study as it is.

    `added`: the scenario's own facilities. `gained`, `lost`: places
    covered only after and only before; `minutes` in the state in which they are covered. `before`,
    `after`: figures of the service's own group, of the same total. `sites`: what is proposed, in
    place of `added`, in the order of their rank. `opened`, `dropped`: places in
    `ServiceLayer.facilities` of those that serve only after and only before. `area`: polygon of all
    that is served after; None where it is that of today and of the `sites` together. `residential`:
    verdicts after, `gaps`: those after; None where nobody asked. `rebuilt`: how the page makes what
    is after, None where it cannot.
    """

    name: str
    added: tuple[AddedMark, ...]
    gained: Places
    lost: Places
    before: Figure
    after: Figure
    sites: tuple[SiteMark, ...] = ()
    opened: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    area: BaseGeometry | None = None
    residential: Verdicts | None = None
    gaps: GapList | None = None
    rebuilt: Rebuilt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a plan changes: streets closed and opened, and its services in the order of `services`.

    `closed`: the lines and outlines within which streets are closed; `cuts`: longitude and latitude
    of every place where one is cut at a point (n, 2). `opened`: new streets. `label`: its name in
    Chinese and English, where it is not a name of the data. `shown`: drawn before the reader asks.
    `proposed`: "" for a plan of the study, else what the program proposes: "best", or "other" for
    another choice. `among`: of the scenarios with the same word one at a time is drawn; "" for any.
    """

    name: str
    closed: tuple[BaseGeometry, ...]
    cuts: NDArray[np.float64]
    opened: tuple[BaseGeometry, ...]
    services: tuple[ScenarioService, ...]
    label: tuple[str, str] | None = None
    shown: bool = False
    proposed: str = ""
    among: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A named boundary line drawn for orientation."""

    name: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class MapData:
    """A whole briefing map.

    `language`: "zh", "en" or "both". `demand_unit`: "people", "residential_land", "buildings" or
    "street_metres". `area`: the study boundary or None. `extent`: without one, west, south, east,
    north of the demand that the first view shows. `synthetic`: a mark in large letters that
    says so. `water`, `green`, `streams`: a backdrop without meaning for the figures. `tiles`: an
    XYZ template, or None for a map that makes no request at all. `notes`: sentences (Chinese,
    English) for the data and method panel. `version`, `study_key`: shown in the footer.
    `scenarios`: drawn only where the reader asks for them, but those that are `shown`. `proposal`,
    `optimum`: of a map of proposed sites. `views`: other years and other walkers, to be compared
    with today. `targets`: plans in figures. `public`: the map may leave the house; it then has no
    mark that says it may not, and shows boundaries only with an `approval_no` (the number of its
    review, 审图号). `made_by`: who made the map.
    `boundaries`: whether the study boundary and the district lines are drawn. `rounding_people`:
    amounts of places are multiples of it, 0 where they are exact.
    `names`: name, longitude, latitude and kind (town, village or street) of what is written on it.
    """

    title: str
    language: str
    demand_unit: str
    roads: BaseRoads
    services: tuple[ServiceLayer, ...]
    area: BaseGeometry | None
    extent: tuple[float, float, float, float] | None = None
    districts: tuple[District, ...] = ()
    outside_people: float = 0.0
    water: tuple[BaseGeometry, ...] = ()
    green: tuple[BaseGeometry, ...] = ()
    streams: tuple[BaseGeometry, ...] = ()
    data_date: str = ""
    attribution: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    synthetic: bool = False
    tiles: str | None = None
    tiles_attribution: str = ""
    version: str = ""
    study_key: str = ""
    scenarios: tuple[Scenario, ...] = ()
    proposal: Proposal | None = None
    optimum: tuple[Optimum, ...] = ()
    names: tuple[tuple[str, float, float, str], ...] = ()
    views: tuple[View, ...] = ()
    targets: tuple[PlanTally, ...] = ()
    public: bool = False
    approval_no: str = ""
    made_by: str = ""
    boundaries: bool = True
    what_if: WhatIf | None = None
    rounding_people: int = 0
