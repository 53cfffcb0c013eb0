"""The shape of a figure file: what a plan prints, and what is to be held against what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from quarterhour.errors import InputError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LEAST = 1e-9
"""A figure that is divided by is not less: what is smaller is no figure of a plan."""

Positive = Annotated[float, Field(ge=LEAST, le=1e15, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], Field(min_length=1)]
Year = Annotated[int, Field(ge=1900, le=2200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PlanPart(_Part):
    """[plan]"""

    target_year: Year
    key: Text | None = None
    zh: Text | None = None
    en: Text | None = None
    document: str = ""
    list: str = ""
    city: str = ""
    other_version: str = ""


class FigurePart(_Part):
    """[figure]: one printed figure; divided by, so never 0."""

    value: Positive
    zh: str = ""
    en: str = ""
    clause: str = ""
    role: str = ""


class CheckPart(_Part):
    """[[check]], see `targets.reconcile` for what each rule takes."""

    key: Text
    rule: Text
    zh: str | None = None
    en: str | None = None
    total: Text | None = None
    ratio: Text | None = None
    people: Text | None = None
    target: Text | None = None
    base: Text | None = None
    base_ratio: Text | None = None
    added: Text | None = None
    measure: Text | None = None
    select: Texts | None = None
    printed: Text | None = None
    terms: Texts | None = None
    factors: Texts | None = None
    less: Text | None = None
    tolerance: Amount | None = None
    kind: Text | None = None
    figures: Texts | None = None


class HeadPart(_Part):
    """[[head]]: a printed sum over rows of the list."""

    key: Text
    select: Texts
    zh: str | None = None
    en: str | None = None
    counties: Texts | None = None
    year: Year | None = None
    projects: Amount | None = None
    beds: Amount | None = None
    places: Amount | None = None
    cost: Amount | None = None
    central: Amount | None = None
    rounded: Amount | None = None
    parts: Texts | None = None


class TextPart(_Part):
    """[[text]]: what the described content of a row says."""

    no: Text
    beds: Amount | None = None
    places: Amount | None = None
    cost: Amount | None = None
    town: Text | None = None
    sites: Texts | None = None


class FigureFile(_Part):
    """A whole figure file."""

    plan: PlanPart
    figure: dict[str, FigurePart] = {}
    check: list[CheckPart] = []
    head: list[HeadPart] = []
    text: list[TextPart] = []


def checked(document: dict[str, Any], label: str) -> dict[str, Any]:
    """The document of a figure file with its defaults, without what is not given.

    Raises
    ------
    InputError
        Something in it is missing, unknown or of another type: the first of these is named.
    """
    try:
        found = FigureFile.model_validate(document)
    except ValidationError as error:
        raise InputError(f"{label}: {_sentence(error.errors()[0])}") from error
    for name in ("check", "head"):
        keys = [entry.key for entry in getattr(found, name)]
        twice = next((key for k, key in enumerate(keys) if key in keys[:k]), None)
        if twice is not None:
            raise InputError(f"{label}: two [[{name}]] have the key {twice!r}; needed is one each")
    return found.model_dump(exclude_none=True)


def _sentence(fault: ErrorDetails) -> str:
    where = [str(step + 1) if isinstance(step, int) else step for step in fault["loc"]]
    part, rest = where[0], where[1:]
    kind = fault["type"]
    if len(where) == 1:
        if kind == "missing":
            return f"needs a part [{part}]"
        if kind == "extra_forbidden":
            return (
                f"unknown part {part!r}; needed are [plan], [figure], [[check]], [[head]] and"
                " [[text]]"
            )
        if kind == "list_type":
            return f"write [[{part}]] in double brackets"
        return f"needs a part [{part}] with keys below it"
    at = f"[{part}]"
    if part in {"check", "head", "text"}:
        at, rest = f"[[{part}]] number {rest[0]}", rest[1:]
    elif part == "figure" and len(rest) > 1:
        at, rest = f"[figure] {rest[0]}", rest[1:]
    key = ".".join(rest)
    if kind == "missing":
        return f"{at} needs {key}"
    if kind == "extra_forbidden":
        return f"{at} has the unknown key {key}; correct or remove it"
    return f"{at} {key} is {_shown(fault['input'])}; needed is {_needed(fault)}"


NEEDED = {
    "float_type": "a number without quotation marks",
    "int_type": "a whole number without quotation marks",
    "int_from_float": "a whole number",
    "finite_number": "a finite number",
    "string_type": 'text in quotation marks, such as "1E01"',
    "string_too_short": "some text",
    "list_type": 'a list in brackets, such as ["1E*"]',
    "too_short": "a list with something in it",
    "model_type": "a table in braces, such as { value = 12500 }",
    "dict_type": "a table, such as [figure]",
}
"""What is needed, by the kind of a fault."""


def _needed(fault: ErrorDetails) -> str:
    limits = fault.get("ctx", {})
    for name, words in (("gt", "a number above"), ("ge", "a number not below"),
                        ("lt", "a number below"), ("le", "a number not above")):  # fmt: skip
        if name in limits:
            if limits[name] == LEAST:
                return "a number above 0"
            return f"{words} {limits[name]:g}"
    return NEEDED.get(fault["type"], "something else")


def _shown(value: object) -> str:
    """What was found, short enough to be read."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:60]}…"
