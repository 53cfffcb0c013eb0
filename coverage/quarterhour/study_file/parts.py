"""The parts of a study file: every key, its type and its default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field

from quarterhour.study_file.answer_parts import (
    GapsPart,
    SupplyPart,
    TargetsPart,
    UnitsPart,
    UrbanPart,
)
from quarterhour.study_file.site_parts import SitePart, SizePart
from quarterhour.study_file.types import (
    Columns,
    Coordinates,
    DateText,
    Degrees,
    Group,
    InMap,
    JoinMetres,
    LinkMetres,
    Minutes,
    Part,
    RepairMetres,
    Share,
    Shifted,
    Speed,
    Text,
    Texts,
    Year,
    one_or_many,
)
from quarterhour.walkers import walker

if TYPE_CHECKING:
    from pydantic import BaseModel

    from quarterhour.model import Walker


TAKEN = frozenset({
    "people", "service", "place", "source_row", "nearest", "nearest_row", "gate", "minutes",
    "metres", "status", "reason", "edge", "gap", "fid", "geom", "geometry", "bbox",
})  # fmt: skip
"""Columns of the results beside which the people of each group stand under the group's name."""


class StudyPart(Part):
    """[study]"""

    name: Text
    language: Literal["zh", "en", "both"] = "zh"
    area: Text | None = None
    area_layer: Text | None = None
    area_coordinates: Shifted = "wgs84"
    data_date: DateText = ""
    attribution: Annotated[list[Text], BeforeValidator(one_or_many)] = []
    tiles: Text | None = None
    tiles_attribution: str = ""
    synthetic: bool = False
    what_if: InMap = True
    what_if_rounding: Annotated[int, Field(ge=0, le=100_000, strict=True)] = 0
    public: bool = False
    approval_no: str = ""
    made_by: str = ""
    boundaries: bool = True
    plan: Annotated[list[Text], BeforeValidator(one_or_many)] = []
    limit_min: Minutes = 60
    walkers: Annotated[list[Text], BeforeValidator(one_or_many)] = []
    formats: Annotated[list[Literal["geojson", "geoparquet"]], BeforeValidator(one_or_many)] = []

    def beside(self) -> list[Walker]:
        """The walkers for comparison."""
        return [walker(name) for name in self.walkers]


class RoadsPart(Part):
    """[roads]"""

    source: Text | None = None
    place: Text | None = None
    bbox: list[Degrees] | None = Field(default=None, min_length=4, max_length=4)
    layer: Text | None = None
    join_tolerance_m: JoinMetres = 0.5
    split_crossings: bool = False
    repair_m: RepairMetres = 0
    barriers: Text | None = None
    barriers_layer: Text | None = None
    attribution: Text | None = None


class TotalsPart(Part):
    """[people.totals]"""

    source: Text
    sheet: Text | None = None
    columns: Columns = {}
    areas: Text | None = None
    areas_layer: Text | None = None
    areas_coordinates: Shifted = "wgs84"
    zones: dict[str, Text] = {}


class PeoplePart(Part):
    """[people]"""

    source: Text
    people: Text | None = None
    values: Literal["count", "per_km2"] = "count"
    columns: Columns = {}
    weight: Literal["people", "area", "floor_area", "equal"] | None = None
    totals: TotalsPart | None = None
    groups: dict[str, Group] = {}
    layer: Text | None = None
    sheet: Text | None = None
    coordinates: Coordinates = "wgs84"
    link_limit_m: LinkMetres = 200


class ResidentialPart(Part):
    """[residential]"""

    source: Text
    layer: Text | None = None
    name: Text | None = None
    coordinates: Shifted = "wgs84"
    by: Literal["positions", "people"] = "positions"
    entrances: Text | None = None
    entrances_coordinates: Coordinates | None = None


class DistrictsPart(Part):
    """[districts]"""

    source: Text
    layer: Text | None = None
    name: Text | None = None
    coordinates: Shifted = "wgs84"


class TownsPart(Part):
    """[towns]"""

    source: Text
    layer: Text | None = None
    name: Text | None = None
    county: Text | None = None
    coordinates: Shifted = "wgs84"
    zones: dict[str, Text] = {}


class TerrainPart(Part):
    """[terrain]"""

    source: Text
    rule: Literal["tobler", "irmischer_clarke", "none"] = "tobler"


class ServicePart(Part):
    """[[service]]"""

    name: Text
    facilities: Text
    sheet: Text | None = None
    layer: Text | None = None
    kinds: Texts | None = None
    status: Texts | None = None
    tags: Texts | None = None
    columns: Columns = {}
    coordinates: Coordinates = "wgs84"
    entrances: Text | None = None
    entrances_sheet: Text | None = None
    entrances_coordinates: Coordinates | None = None
    duplicates: Literal["keep", "merge"] = "keep"
    place_by_town: bool = False
    group: Text = "all"
    walker: Text = "adult"
    cutoffs_min: list[Minutes] = Field(default=[15], min_length=1)
    direction: Literal["to", "from"] = "to"
    inside_min: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False)] = 0
    speed_mps: Speed | None = None
    steps_factor: Annotated[float, Field(ge=1, le=20, allow_inf_nan=False)] | None = None
    steps_penalty_s: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] | None = None
    signal_s: Annotated[float, Field(ge=0, le=300, allow_inf_nan=False)] | None = None
    crossing_s: Annotated[float, Field(ge=0, le=300, allow_inf_nan=False)] | None = None
    lift_s: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] | None = None
    link_limit_m: LinkMetres = 100
    limit_min: Minutes | None = None
    rural_cutoff_min: Minutes | None = None
    supply: Literal["beds", "places"] | None = None
    need_share: Share | None = None

    def who(self) -> Walker:
        """The walker with the study's speed."""
        return walker(
            self.walker,
            speed_mps=self.speed_mps,
            steps_factor=self.steps_factor,
            steps_penalty_s=self.steps_penalty_s,
            signal_s=self.signal_s,
            crossing_s=self.crossing_s,
            lift_s=self.lift_s,
        )


class ScenarioPart(Part):
    """[[scenario]]"""

    name: Text
    close: Text | None = None
    close_layer: Text | None = None
    open: Text | None = None
    open_layer: Text | None = None
    tolerance_m: JoinMetres = 5
    split_crossings: bool = False
    service: Text | None = None
    facilities: Text | None = None
    pins: Text | None = None
    sheet: Text | None = None
    columns: Columns = {}
    facilities_coordinates: Coordinates | None = None
    replace: bool = False
    year: Year | None = None
    coordinates: Coordinates = "wgs84"


class Study(Part):
    """A whole study file."""

    study: StudyPart
    roads: RoadsPart
    people: PeoplePart | None = None
    residential: ResidentialPart | None = None
    districts: DistrictsPart | None = None
    towns: TownsPart | None = None
    terrain: TerrainPart | None = None
    urban: UrbanPart | None = None
    units: list[UnitsPart] = []
    gaps: GapsPart = GapsPart()
    supply: SupplyPart = SupplyPart()
    targets: TargetsPart = TargetsPart()
    site: SitePart | None = None
    service: list[ServicePart] = Field(min_length=1)
    scenario: list[ScenarioPart] = []

    def limit_min(self, service: ServicePart) -> float:
        """Search limit of a service: never below its last cutoff."""
        told = service.limit_min if service.limit_min is not None else self.study.limit_min
        rural = [] if service.rural_cutoff_min is None else [service.rural_cutoff_min]
        return max(told, *service.cutoffs_min, *rural)


MANY = ("service", "scenario", "units", "site.size")
"""Parts that a study may have several times, in double brackets."""

PARTS: dict[str, type[BaseModel]] = {
    "": Study,
    "study": StudyPart,
    "roads": RoadsPart,
    "people": PeoplePart,
    "people.totals": TotalsPart,
    "residential": ResidentialPart,
    "districts": DistrictsPart,
    "towns": TownsPart,
    "terrain": TerrainPart,
    "urban": UrbanPart,
    "units": UnitsPart,
    "gaps": GapsPart,
    "supply": SupplyPart,
    "targets": TargetsPart,
    "site": SitePart,
    "site.size": SizePart,
    "service": ServicePart,
    "scenario": ScenarioPart,
}
