"""The study file: what it may say, checked before anything is read."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE
from quarterhour.sources.datum import NAMES, known_coordinates
from quarterhour.walkers import check_cutoffs, walker

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.model import Walker


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _coordinates(value: object) -> object:
    if not isinstance(value, str) or not known_coordinates(value):
        raise ValueError(f'allowed are {", ".join(NAMES)} or "EPSG:n"')
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
Group = Annotated[float | str, BeforeValidator(_group)]
Minutes = Annotated[float, Field(gt=0, le=1440, allow_inf_nan=False)]
Speed = Annotated[float, Field(gt=0, allow_inf_nan=False)]
LinkMetres = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
JoinMetres = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]

TAKEN = frozenset({
    "people", "service", "place", "source_row", "nearest", "nearest_row", "minutes", "metres",
    "status", "reason", "fid", "geom",
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
    data_date: DateText = ""
    attribution: Annotated[list[Text], BeforeValidator(_one_or_many)] = []
    tiles: Text | None = None
    tiles_attribution: str = ""
    synthetic: bool = False
    limit_min: Minutes = 60


class RoadsPart(_Part):
    """[roads]"""

    source: Text | None = None
    place: Text | None = None
    bbox: list[Degrees] | None = Field(default=None, min_length=4, max_length=4)
    layer: Text | None = None
    join_tolerance_m: JoinMetres = 0.5
    split_crossings: bool = False
    attribution: Text | None = None


class PeoplePart(_Part):
    """[people]"""

    source: Text
    people: Text | None = None
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
    cutoffs_min: list[Minutes] = Field(default=[15], min_length=1)
    speed_mps: Speed | None = None
    link_limit_m: LinkMetres = 100
    limit_min: Minutes | None = None

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
        text = path.read_bytes().decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save the study file as UTF-8") from error
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check its permissions"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not valid TOML: {error}{_backslash(error, text)}") from error
    if not raw:
        raise InputError(
            f"{path}: the study file is empty; needed are [study], [roads], [[service]]"
        )
    for name in PARTS.keys() & raw.keys():
        many = isinstance(raw[name], list)
        if name == "service" and isinstance(raw[name], dict):
            raise InputError(f"{path}: found [service]; write [[service]], once for every service")
        if name != "service" and many:
            raise InputError(f"{path}: found [[{name}]]; write [{name}], which a study has once")
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        raise InputError(f"{path}: {_sentence(error, raw)}") from error
    _check(study, path)
    return study


def input_path(home: Path, name: str) -> Path:
    """The file that a study in the folder `home` names; backslashes are separators, too.

    Raises
    ------
    InputError
        No file can have this name.
    """
    if any(ord(letter) < 32 for letter in name) or len(name) > 1000:
        raise InputError(
            f"{name[:100]!r} cannot be the name of a file; in a study file a backslash in double"
            " quotes starts a special character: write paths with /"
        )
    path = home / name
    try:
        if "\\" in name and not path.exists():
            return home / name.replace("\\", "/")
        path.exists()
    except OSError as error:
        raise InputError(f"{path}: cannot be the name of a file ({error.strerror})") from error
    return path


def _backslash(error: Exception, text: str) -> str:
    """A hint where the faulty line holds a backslash: most of them are paths."""
    at = re.search(r"at line (\d+)", str(error))
    lines = text.splitlines()
    if at is None or int(at[1]) > len(lines) or "\\" not in lines[int(at[1]) - 1]:
        return ""
    return "; write paths with / instead of a backslash"


def _check(study: Study, path: Path) -> None:
    """What one part says about another."""
    lower: dict[str, str] = {}
    for group in study.people.groups if study.people else ():
        at = f"{path}: [people] groups.{group}"
        if group == EVERYONE:
            raise InputError(f"{at}: {EVERYONE} is everyone already; choose another name")
        if not group.strip() or group.lower() in TAKEN:
            raise InputError(f"{at}: this name is a column of the results; choose another")
        if group.lower() in lower:
            raise InputError(f"{at}: differs from {lower[group.lower()]} only by its capitals")
        lower[group.lower()] = group
    if study.study.tiles is not None:
        from quarterhour.render.html import tile_source  # noqa: PLC0415 - only for online maps

        try:
            tile_source(study.study.tiles)
        except InputError as error:
            raise InputError(f"{path}: [study] {error}") from error
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
        homes = [_label(s) for s, part in PARTS.items() if s and key in part.model_fields]
        hint = f"did you mean {near[0]!r}? " if near else ""
        if homes:
            hint = f"it belongs under {' or '.join(homes)}; "
        return f"unknown key {where}; {hint}allowed are {', '.join(known)}{more}"
    if kind == "missing":
        return f"{where} is missing; every study needs it{more}"
    message = first["msg"].removeprefix("Value error, ")
    limits = first.get("ctx", {})
    needed = {
        "greater_than": "a number above 0 is needed",
        "greater_than_equal": f"a number of {limits.get('ge')} or more is needed",
        "less_than_equal": f"a number of at most {limits.get('le')} is needed",
        "finite_number": "a finite number is needed",
        "float_type": "a number without quotes is needed",
        "string_type": "a text in quotes is needed",
        "string_too_short": "a text that is not empty is needed",
        "bool_type": "true or false is needed",
        "list_type": "a list in brackets [ ] is needed",
        "too_short": f"a list of at least {limits.get('min_length')} is needed",
        "too_long": f"a list of at most {limits.get('max_length')} is needed",
        "dict_type": "a section with keys is needed",
        "model_type": "a section with keys is needed",
        "literal_error": f"allowed are {limits.get('expected')}",
    }.get(kind, message[:1].lower() + message[1:])
    shown = repr(found)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    return f"{where} is {shown}: {needed}{more}"


def _label(section: str) -> str:
    return "[[service]]" if section == "service" else f"[{section}]"


def _where(loc: list[Any], raw: dict[str, Any]) -> str:
    """A key as the user wrote it: [roads] source, [[service]] number 2 (托育) walker."""
    if len(loc) < 2:
        return _label(str(loc[0])) if loc and loc[0] in PARTS else str(loc[0] if loc else "file")
    section, *rest = loc
    label = _label(str(section))
    if section == "service" and isinstance(rest[0], int):
        number, *rest = rest
        services = raw.get("service", [])
        entry = services[number] if isinstance(services, list) and number < len(services) else {}
        name = entry.get("name") if isinstance(entry, dict) else None
        label += f" number {number + 1}" + (f" ({name})" if name else "")
    entry_of = [f"(entry {p + 1})" if isinstance(p, int) else f".{p}" for p in rest]
    return " ".join([label, " ".join(entry_of).replace(" .", ".").removeprefix(".")]).strip()
