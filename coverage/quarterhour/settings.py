"""The study file: what it may say, checked before anything is read."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from quarterhour.errors import InputError
from quarterhour.sources.datum import NAMES, known_coordinates
from quarterhour.walkers import check_cutoffs, walker

if TYPE_CHECKING:
    from quarterhour.model import Walker


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _coordinates(value: object) -> object:
    if not isinstance(value, str) or not known_coordinates(value):
        raise ValueError(f'allowed are {", ".join(NAMES)} or "EPSG:n"')
    return value


Texts = Annotated[list[str], BeforeValidator(_one_or_many)]
Coordinates = Annotated[str, BeforeValidator(_coordinates)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StudyPart(_Part):
    """[study]"""

    name: Text
    language: Literal["zh", "en", "both"] = "zh"
    area: Text | None = None
    area_layer: Text | None = None
    data_date: str = ""
    attribution: Texts = []
    tiles: Text | None = None
    tiles_attribution: str = ""
    synthetic: bool = False
    limit_min: Positive = 60


class RoadsPart(_Part):
    """[roads]"""

    source: Text | None = None
    place: Text | None = None
    bbox: list[float] | None = Field(default=None, min_length=4, max_length=4)
    layer: Text | None = None
    join_tolerance_m: NotNegative = 0.5
    split_crossings: bool = False


class PeoplePart(_Part):
    """[people]"""

    source: Text
    people: Text | None = None
    groups: dict[str, float | str] = {}
    layer: Text | None = None
    sheet: Text | None = None
    coordinates: Coordinates = "wgs84"
    link_limit_m: Positive = 200


class ResidentialPart(_Part):
    """[residential]"""

    source: Text
    layer: Text | None = None
    name: Text | None = None


class DistrictsPart(_Part):
    """[districts]"""

    source: Text
    layer: Text | None = None
    name: Text | None = None


class ServicePart(_Part):
    """[[service]]"""

    name: Text
    facilities: Text
    sheet: Text | None = None
    layer: Text | None = None
    kinds: Texts | None = None
    status: Texts | None = None
    coordinates: Coordinates = "wgs84"
    group: Text = "all"
    walker: Text = "adult"
    cutoffs_min: list[Positive] = Field(default=[15], min_length=1)
    speed_mps: Positive | None = None
    link_limit_m: Positive = 100
    limit_min: Positive | None = None

    def who(self) -> Walker:
        """The walker with the study's speed."""
        return walker(self.walker, speed_mps=self.speed_mps)


class Study(_Part):
    """A whole study file."""

    study: StudyPart
    roads: RoadsPart
    people: PeoplePart | None = None
    residential: ResidentialPart | None = None
    districts: DistrictsPart | None = None
    service: list[ServicePart] = Field(min_length=1)

    def limit_min(self, service: ServicePart) -> float:
        """Search limit of a service: never below its last cutoff."""
        told = service.limit_min if service.limit_min is not None else self.study.limit_min
        return max(told, *service.cutoffs_min)


PARTS: dict[str, type[BaseModel]] = {
    "": Study,
    "study": StudyPart,
    "roads": RoadsPart,
    "people": PeoplePart,
    "residential": ResidentialPart,
    "districts": DistrictsPart,
    "service": ServicePart,
}


def load_study(path: Path) -> Study:
    """The checked study file.

    Raises
    ------
    InputError
        The file is missing or not TOML, or a key is unknown, missing or has a value that is not
        allowed. The message names the key, what was found and what is allowed.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder; needed is a study file such as study.toml")
    if not path.exists():
        raise InputError(f"{path}: file not found; needed is a study file (study.toml)")
    try:
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save the study file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: is not valid TOML: {error}") from error
    if not raw:
        raise InputError(
            f"{path}: the study file is empty; needed are [study], [roads], [[service]]"
        )
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        raise InputError(f"{path}: {_sentence(error, raw)}") from error
    _check(study, path)
    return study


def _check(study: Study, path: Path) -> None:
    """What one part says about another."""
    ways = {k: getattr(study.roads, k) for k in ("source", "place", "bbox")}
    given = [k for k, v in ways.items() if v is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise InputError(
            f"{path}: [roads] needs exactly one of source, place and bbox; found {found}"
        )
    names = [s.name for s in study.service]
    for k, service in enumerate(study.service):
        at = f"{path}: [[service]] number {k + 1} ({service.name})"
        if service.name in names[:k]:
            raise InputError(f"{at}: the name is used twice; give every service its own name")
        if len(set(service.cutoffs_min)) < len(service.cutoffs_min):
            raise InputError(f"{at}: cutoffs_min names a cutoff twice: {service.cutoffs_min}")
        try:
            check_cutoffs(service.who(), tuple(service.cutoffs_min))
        except InputError as error:
            raise InputError(f"{at}: {error}") from error
        groups = ["all", *(study.people.groups if study.people else {})]
        if service.group not in groups:
            near = difflib.get_close_matches(service.group, groups, 1, 0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(
                f"{at}: group {service.group!r} is not in [people.groups]; known are"
                f" {', '.join(groups)}{hint}"
            )


def _sentence(error: ValidationError, raw: dict[str, Any]) -> str:
    """The first fault in plain words, and how many there are."""
    faults = error.errors()
    # an unknown key explains more than the missing one it was meant to be
    first = min(faults, key=lambda f: f["type"] != "extra_forbidden")
    loc = [
        p for p in first["loc"] if not (isinstance(p, str) and ("[" in p or p in {"float", "str"}))
    ]
    where = _where(loc, raw)
    more = f" ({len(faults) - 1} more after this)" if len(faults) > 1 else ""
    kind, found = first["type"], first["input"]
    if kind == "extra_forbidden":
        section = next((str(p) for p in loc[:-1] if isinstance(p, str)), "")
        known = list(PARTS[section].model_fields) if section in PARTS else []
        key = str(loc[-1])
        near = difflib.get_close_matches(key, known, 1, 0.5)
        elsewhere = [s for s, part in PARTS.items() if s and key in part.model_fields]
        hint = f"did you mean {near[0]!r}? " if near else ""
        if not near and elsewhere:
            hint = f"it belongs under [{elsewhere[0]}]; "
        return f"unknown key {where}; {hint}allowed are {', '.join(known)}{more}"
    if kind == "missing":
        return f"{where} is missing{more}"
    message = first["msg"].removeprefix("Value error, ")
    allowed = {
        "greater_than": "a number above 0 is needed",
        "greater_than_equal": "a number of 0 or more is needed",
        "finite_number": "a finite number is needed",
        "string_too_short": "a text that is not empty is needed",
    }.get(kind, message[:1].lower() + message[1:])
    return f"{where} is {found!r}: {allowed}{more}"


def _where(loc: list[Any], raw: dict[str, Any]) -> str:
    """A key as the user wrote it: [roads] source, [[service]] number 2 (托育) walker."""
    if len(loc) < 2:
        return f"[{loc[0]}]" if loc and loc[0] in PARTS else str(loc[0] if loc else "the file")
    section, *rest = loc
    label = f"[{section}]"
    if section == "service" and isinstance(rest[0], int):
        number, *rest = rest
        services = raw.get("service", [])
        entry = services[number] if isinstance(services, list) and number < len(services) else {}
        name = entry.get("name") if isinstance(entry, dict) else None
        label = f"[[service]] number {number + 1}" + (f" ({name})" if name else "")
    return " ".join([label, ".".join(str(p) for p in rest)]).strip()
