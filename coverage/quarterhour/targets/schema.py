"""The file of a plan: its indicators, each with the rules that compute it, checked when read.

[plan]
key = "town"                       # small letters, figures and _
zh = "..."
en = "..."
status = "draft"                   # in_force, draft, copy or national
source = "where the figures come from"

[[indicator]]
id = "T-1"
domain = "elderly"                 # elderly, childcare or both
zh = "每个街道建成社区养老服务综合体"
en = "..."
class = "G"                        # X: explain_zh and explain_en say why it cannot be computed

[[indicator.part]]                 # one or more; all of them have to pass
rule = "presence"                  # see the classes below: each attribute is a key
level = "town"                     # or several: ["community", "village"]
units = { kind = ["street"] }      # conditions, see `filters`
facilities = { kinds = ["senior_complex"] }
targets = [ { year = 2023, value = 90 }, { year = 2025, value = 100 } ]
"""

from __future__ import annotations

import datetime as dt
import difflib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Note
from quarterhour.targets.filters import Filter, parse
from quarterhour.targets.schema_check import check_parts
from quarterhour.targets.schema_words import sentence
from quarterhour.targets.words import LEVELS
from quarterhour.walkers import walker

PATTERN = r"^[a-z][a-z0-9_]*$"


def _date(value: object) -> object:
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else value


def _levels(value: object) -> object:
    """One level, or a list of several, as a tuple."""
    return (
        (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value
    )


def _walker(name: str) -> str:
    """The name of a walker; who is not known raises a sentence that names those who are."""
    walker(name)
    return name


Text = Annotated[str, Field(min_length=1)]
Known = Annotated[Text, AfterValidator(_walker)]
Number = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Above = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
Scale = Annotated[float, Field(ge=1e-9, le=1e9, allow_inf_nan=False)]
Minutes = Annotated[float, Field(gt=0, le=1440, allow_inf_nan=False)]
Conditions = Annotated[Filter, PlainValidator(parse)]
Year = Annotated[int, Field(ge=0, le=2200)]
Key = Annotated[str, Field(pattern=PATTERN)]
Levels = Annotated[tuple[Key, ...], BeforeValidator(_levels), Field(strict=False)]
SomeLevels = Annotated[Levels, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Target(_Part):
    """A milestone: `year` 0 is standing; without a `value` the user's threshold counts."""

    year: Year = 0
    value: Number | None = None


class Rule(_Part):
    """What every part of an indicator has; printed unit x `scale` is the unit of the rule."""

    zh: str = ""
    en: str = ""
    rule: str
    direction: Literal[">=", ">", "=", "<="] = ">="
    targets: Annotated[list[Target], Field(min_length=1)]
    scale: Scale = 1
    facilities: Conditions = Filter()
    units: Conditions = Filter()
    level: Levels = ()
    unit_zh: str = ""
    unit_en: str = ""


class Presence(Rule):
    """Every unit has at least `at_least` facilities; percent of units that do."""

    rule: Literal["presence"]
    level: SomeLevels
    at_least: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class ShareOfUnits(Rule):
    """Percent of units that are served."""

    rule: Literal["share_of_units"]
    level: SomeLevels
    by: Literal["presence", "reach", "either", "ratio"] = "presence"
    at_least: Above = 1
    minutes: Minutes | None = None
    walker: Known | None = None
    group: Text = EVERYONE
    attribute: Key | None = None
    per: Above = 1
    per_attribute: Key | None = None

    @model_validator(mode="after")
    def _needs(self) -> ShareOfUnits:
        if self.by in {"reach", "either"} and self.minutes is None:
            raise ValueError(f'by = "{self.by}" needs minutes')
        return self


class ShareInReach(Rule):
    """Percent of people within `minutes` of a facility on foot."""

    rule: Literal["share_in_reach"]
    minutes: Minutes
    walker: Known | None = None
    group: Text = EVERYONE
    where: Literal["all", "urban", "rural", "urban_or_all"] = "all"


class _Opened(Rule):
    opened: Literal["year", "since"] | None = None
    since: Year | None = None

    @model_validator(mode="after")
    def _since(self) -> _Opened:
        if (self.opened == "since") != (self.since is not None):
            raise ValueError('opened = "since" and since = a year belong together')
        return self


class Total(_Opened):
    """Number of facilities or units, or the sum of an attribute."""

    rule: Literal["total"]
    of: Literal["facilities", "units"] = "facilities"
    attribute: Key | None = None

    @model_validator(mode="after")
    def _level(self) -> Total:
        if self.of == "units" and not self.level:
            raise ValueError('of = "units" needs level')
        return self


class Ratio(_Opened):
    """Sum of an attribute, or number of facilities, per so many people."""

    rule: Literal["ratio"]
    attribute: Key | None = None
    per: Above = 1000
    group: Text = EVERYONE
    per_attribute: Key | None = None


class ShareOf(Rule):
    """Percent that a part is of a whole."""

    rule: Literal["share_of"]
    having: Conditions = Filter()
    attribute: Key | None = None
    part_attribute: Key | None = None
    over: Literal["facilities", "units"] = "facilities"

    @model_validator(mode="after")
    def _part(self) -> ShareOf:
        if self.having == Filter() and self.part_attribute is None:
            raise ValueError("needs having (which of them) or part_attribute (which column)")
        if self.part_attribute is not None and self.attribute is None:
            raise ValueError("part_attribute needs attribute, the column of the whole")
        if self.over == "units" and not self.level:
            raise ValueError('over = "units" needs level')
        return self


class SizeRule(Rule):
    """Percent of those of a size that meet a demand."""

    rule: Literal["size_rule"]
    where_size: Conditions = Filter()
    must: Conditions
    over: Literal["facilities", "units"] = "facilities"

    @model_validator(mode="after")
    def _level(self) -> SizeRule:
        if self.over == "units" and not self.level:
            raise ValueError('over = "units" needs level')
        return self


AnyRule = Annotated[
    Presence | ShareOfUnits | ShareInReach | Total | Ratio | ShareOf | SizeRule,
    Field(discriminator="rule"),
]


class Indicator(_Part):
    """One line of a plan."""

    id: Text
    domain: Literal["elderly", "childcare", "both"]
    zh: Text
    en: Text
    clause: str = ""
    base: str = ""
    kind: Literal["G", "G+", "X"] = Field(alias="class")
    unit_zh: str = ""
    unit_en: str = ""
    counted_per_zh: str = ""
    counted_per_en: str = ""
    unconfirmed: bool = False
    note_zh: str = ""
    note_en: str = ""
    explain_zh: str = ""
    explain_en: str = ""
    part: list[AnyRule] = []

    @model_validator(mode="after")
    def _parts(self) -> Indicator:
        if self.kind == "X":
            if self.part or not (self.explain_zh and self.explain_en):
                raise ValueError(
                    'class = "X" needs explain_zh and explain_en, and no [[indicator.part]]'
                )
        elif not self.part:
            raise ValueError("needs at least one [[indicator.part]] with a rule")
        return self


class Words(_Part):
    """What a level is called."""

    zh: Text
    en: Text


class Head(_Part):
    """[plan]"""

    key: Key
    zh: Text
    en: Text
    document: str = ""
    date: Annotated[str, BeforeValidator(_date)] = ""
    status: Literal["in_force", "draft", "copy", "national"]
    source: Text
    note_zh: str = ""
    note_en: str = ""
    levels: dict[Key, Words] = {}

    def level(self, key: str) -> Note:
        """A level in Chinese and English."""
        own = self.levels.get(key)
        return LEVELS[key] if own is None else Note(own.zh, own.en)


class Plan(_Part):
    """A whole plan file."""

    plan: Head
    indicator: Annotated[list[Indicator], Field(min_length=1)]


_MODELS: dict[str, type[BaseModel]] = {
    "": Plan,
    "plan": Head,
    "indicator": Indicator,
    "targets": Target,
    "presence": Presence,
    "share_of_units": ShareOfUnits,
    "share_in_reach": ShareInReach,
    "total": Total,
    "ratio": Ratio,
    "share_of": ShareOf,
    "size_rule": SizeRule,
}
KEYS: dict[str, list[str]] = {
    name: [field.alias or key for key, field in model.model_fields.items()]
    for name, model in _MODELS.items()
}
"""Keys by section of the file and by rule."""


def shipped_plans() -> tuple[str, ...]:
    """Keys of the plans that come with the product, in alphabetical order."""
    folder = resources.files("quarterhour.targets")
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def load_plan(name: str | Path) -> Plan:
    """A plan by its key, or from a file (what ends in .toml or holds a / or a backslash).

    Raises
    ------
    InputError
        There is no such plan or file, or something in it is not allowed: the message names the
        file, the indicator and the key.
    """
    text = str(name)
    if isinstance(name, Path) or text.lower().endswith(".toml") or "/" in text or "\\" in text:
        path = Path(name)
        return _checked(_bytes(path), str(path))
    known = shipped_plans()
    if text not in known:
        near = difflib.get_close_matches(text, known, 1, 0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(
            f"no plan is called {text!r}; shipped are {', '.join(known) or 'none'}, a plan of your"
            f" own is named by its file, such as plan.toml{hint}"
        )
    data = resources.files("quarterhour.targets").joinpath(f"{text}.toml").read_bytes()
    return _checked(data, f"{text}.toml")


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: is a folder; needed is the file of a plan such as plan.toml")
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"{path}: file not found; needed is the file of a plan, or the key of one of"
            f" {', '.join(shipped_plans()) or 'none'}"
        ) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read ({why}); check its permissions") from error


def _checked(data: bytes, where: str) -> Plan:
    try:
        raw = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: is not UTF-8 text; save the plan as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: is not valid TOML: {error}") from error
    if not raw:
        raise InputError(f"{where}: is empty; needed are [plan] and [[indicator]]")
    for section, many in (("plan", False), ("indicator", True)):
        found = raw.get(section)
        if found is not None and isinstance(found, list) != many:
            needed = f"[[{section}]], once for every one" if many else f"[{section}], once"
            raise InputError(f"{where}: [{section}] is written otherwise; write {needed}")
    try:
        plan = Plan.model_validate(raw)
    except ValidationError as error:
        raise InputError(f"{where}: {sentence(error, raw, KEYS)}") from error
    check_parts(plan, where)
    return plan
