"""Types of the values in a study file, and what is allowed in them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from quarterhour.sources.datum.coordinates import NAMES, known_coordinates


class Part(BaseModel):
    """A section of a study file: no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def one_or_many(value: object) -> object:
    """A text alone as a list of one."""
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


def _in_map(value: object) -> object:
    if not (isinstance(value, bool) or value == "places"):
        raise ValueError('allowed are true, false and "places"')
    return value


Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], BeforeValidator(one_or_many), Field(min_length=1)]
DateText = Annotated[str, BeforeValidator(_date)]
InMap = Annotated[bool | Literal["places"], BeforeValidator(_in_map)]
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
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Year = Annotated[int, Field(ge=1900, le=2200)]
