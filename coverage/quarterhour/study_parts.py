"""The parts of a study file: every key, its type and its default."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from quarterhour.sources.datum import NAMES, known_coordinates
from quarterhour.walkers import walker

if TYPE_CHECKING:
    from quarterhour.model import Walker


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _coordinates(value: object) -> object:
    if not isinstance(value, str) or not (value == "auto" or known_coordinates(value)):
        raise ValueError(f'allowed are auto, {", ".join(NAMES)} or "EPSG:n"')
    return value


def _date(value: object) -> object:
    """A date that TOML read as one, or a year, as the text that the outputs show."""
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _group(value: object) -> object:
    if isinstance(value, str) and value:
        return value
    percent = ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if 0 <= value <= 1:
            return value
        percent = f"; {value:g} percent is {value / 100:g}" if 1 < value <= 100 else ""
    raise ValueError(
        "a share between 0 and 1, or the name of a column or band in quotes, is needed" + percent
    )


Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], BeforeValidator(_one_or_many), Field(min_length=1)]
DateText = Annotated[str, BeforeValidator(_date)]
Coordinates = Annotated[str, BeforeValidator(_coordinates)]
Shifted = Literal["wgs84", "gcj02", "bd09"]
Columns = dict[Text, Text]
Group = Annotated[float | str, BeforeValidator(_group)]
Minutes = Annotated[float, Field(gt=0, le=1440, allow_inf_nan=False)]
Speed = Annotated[float, Field(gt=0, allow_inf_nan=False)]
LinkMetres = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
RepairMetres = Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)]
JoinMetres = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]

TAKEN = frozenset({
    "people", "service", "place", "source_row", "nearest", "nearest_row", "gate", "minutes",
    "metres", "status", "reason", "edge", "fid", "geom",
})  # fmt: skip
"""Columns of the results beside which the people of each group stand under the group's name."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StudyPart(_Part):
    """[study]"""

    name: Text
    language: Literal["zh", "en", "both"] = "zh"
    area: Text | None = None
    area_layer: Text | None = None
    area_coordinates: Shifted = "wgs84"
    data_date: DateText = ""
    attribution: Annotated[list[Text], BeforeValidator(_one_or_many)] = []
    tiles: Text | None = None
    tiles_attribution: str = ""
    synthetic: bool = False
    limit_min: Minutes = 60
    walkers: Texts = Field(default=[], min_length=0)

    def beside(self) -> list[Walker]:
        """The walkers for comparison."""
        return [walker(name) for name in self.walkers]


class RoadsPart(_Part):
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


class TotalsPart(_Part):
    """[people.totals]"""

    source: Text
    sheet: Text | None = None
    columns: Columns = {}
    areas: Text | None = None
    areas_layer: Text | None = None
    areas_coordinates: Shifted = "wgs84"
    zones: dict[str, Text] = {}


class PeoplePart(_Part):
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


class ResidentialPart(_Part):
    """[residential]"""

    source: Text
    layer: Text | None = None
    name: Text | None = None
    coordinates: Shifted = "wgs84"
    by: Literal["positions", "people"] = "positions"
    entrances: Text | None = None
    entrances_coordinates: Coordinates | None = None


class DistrictsPart(_Part):
    """[districts]"""

    source: Text
    layer: Text | None = None
    name: Text | None = None
    coordinates: Shifted = "wgs84"


class TownsPart(_Part):
    """[towns]"""

    source: Text
    layer: Text | None = None
    name: Text | None = None
    county: Text | None = None
    coordinates: Shifted = "wgs84"
    zones: dict[str, Text] = {}


class TerrainPart(_Part):
    """[terrain]"""

    source: Text
    rule: Literal["tobler", "irmischer_clarke", "none"] = "tobler"


class ServicePart(_Part):
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


class ScenarioPart(_Part):
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
    sheet: Text | None = None
    replace: bool = False
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    coordinates: Coordinates = "wgs84"


class Study(_Part):
    """A whole study file."""

    study: StudyPart
    roads: RoadsPart
    people: PeoplePart | None = None
    residential: ResidentialPart | None = None
    districts: DistrictsPart | None = None
    towns: TownsPart | None = None
    terrain: TerrainPart | None = None
    service: list[ServicePart] = Field(min_length=1)
    scenario: list[ScenarioPart] = []

    def limit_min(self, service: ServicePart) -> float:
        """Search limit of a service: never below its last cutoff."""
        told = service.limit_min if service.limit_min is not None else self.study.limit_min
        return max(told, *service.cutoffs_min)


MANY = ("service", "scenario")
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
    "service": ServicePart,
    "scenario": ScenarioPart,
}
