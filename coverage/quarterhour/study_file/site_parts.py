"""The part of a study file that asks where the next facilities go."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from quarterhour.study_file.types import Columns, Coordinates, Part, Share, Text, Texts

TenThousandYuan = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Budget = Annotated[float, Field(gt=0, le=10_000_000, allow_inf_nan=False)]
Sites = Annotated[int, Field(ge=1, le=1_000_000)]


def _curve(value: object) -> object:
    """True, false, or numbers above 0; whatever else raises a sentence."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, list) or not value:
        raise ValueError("true, false or a list of numbers is needed")
    for one in value:
        if isinstance(one, bool) or not isinstance(one, (int, float)) or not 0 < one < math.inf:
            raise ValueError(f"every number of the list must be above 0, and {one!r} is not")
    return [float(one) for one in value]


class SizePart(Part):
    """[[site.size]]"""

    name: Text
    capacity: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    cost: TenThousandYuan


class SitePart(Part):
    """[site]"""

    service: Texts | None = None
    problem: Literal[
        "most_people", "everyone", "median", "center", "backup", "targets", "close", "move"
    ] = "most_people"
    n_sites: Sites | None = None
    budget: Budget | None = None
    share: Share | None = None
    share_each_town: Share | None = None
    candidates: Text = "network"
    sheet: Text | None = None
    layer: Text | None = None
    columns: Columns = {}
    coordinates: Coordinates = "wgs84"
    spacing_m: Annotated[float, Field(ge=10, le=1_000, allow_inf_nan=False)] = 50
    apart_m: Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)] = 0
    cost: TenThousandYuan | None = None
    seconds: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] = 60
    nodes: Annotated[int, Field(ge=0)] | None = None
    curve: Annotated[bool | list[float], BeforeValidator(_curve)] = False
    phases: dict[str, Sites] = {}
    capacity: bool = False
    need_share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    size: list[SizePart] = []
    kind: Text | None = None
    keep: Texts | None = None
    aim_of_services: Literal["sum", "fair"] = "sum"
    service_weights: dict[Text, Annotated[int, Field(ge=1, le=1_000)]] = {}
