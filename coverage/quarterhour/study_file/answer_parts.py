"""Parts of a study file that say what is asked beyond coverage: units, gaps, supply, targets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from quarterhour.study_file.types import (
    Columns,
    Coordinates,
    Part,
    Share,
    Shifted,
    Text,
    Year,
    one_or_many,
)


class UrbanPart(Part):
    """[urban]"""

    source: Text
    layer: Text | None = None
    coordinates: Shifted = "wgs84"


class UnitsPart(Part):
    """[[units]]"""

    level: Text
    source: Text
    layer: Text | None = None
    sheet: Text | None = None
    name: Text | None = None
    columns: Columns = {}
    coordinates: Coordinates = "wgs84"


class GapsPart(Part):
    """[gaps]"""

    join_m: Annotated[float, Field(gt=0, le=5_000, allow_inf_nan=False)] = 300
    by_town: bool = True


class SupplyPart(Part):
    """[supply]"""

    decay: Literal["none", "steps", "gaussian", "linear"] = "none"
    home_share: Share = 0.90
    community_share: Share = 0.07
    institution_share: Share = 0.03
    nursery_wish: Share = 0.30


class TargetsPart(Part):
    """[targets]"""

    plans: Annotated[list[Text], BeforeValidator(one_or_many)] = []
    threshold_percent: Annotated[float, Field(gt=0, le=100)] = 80
    thresholds: dict[str, float] = {}
    year: Year | None = None
    facilities: Annotated[list[Text], BeforeValidator(one_or_many)] = []
    people: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = {}
