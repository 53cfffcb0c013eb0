"""The project lists of city plans, and the figures that the plans print, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.targets.figure_schema import checked
from quarterhour.targets.project_list import ProjectList, read_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from quarterhour.inputs import SetAside
    from quarterhour.targets.project_list import Project

PLANS = ("ziyang", "anon_city", "dazhou_draft", "hechuan", "yinzhou")
"""Keys of the plans whose lists and figures ship with the product."""

MEASURES: dict[str, tuple[Note, Note]] = {
    "projects": (Note("项目", "projects"), Note("个", "")),
    "beds": (Note("床位", "beds"), Note("张", "")),
    "places": (Note("托位", "nursery places"), Note("个", "")),
    "cost": (Note("投资", "cost"), Note("万元", " × 10 000 yuan")),
    "central": (Note("申请中央投资", "central funds"), Note("万元", " × 10 000 yuan")),
}
"""What is added up over the rows of a list: its name and its unit."""


class Figure(NamedTuple):
    """A printed figure: `role` is target, or "" for a base, a forecast or a denominator."""

    key: str
    value: float
    zh: str
    en: str
    clause: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan with its list and what is to be checked in it.

    `checks`, `heads`, `texts`: tables of the figure file, see `targets.reconcile`. `other`: the key
    of another version of the same plan, "" for none.
    """

    key: str
    zh: str
    en: str
    document: str
    city: str
    target_year: int
    other: str
    file: str
    projects: tuple[Project, ...]
    figures: Mapping[str, Figure]
    checks: tuple[Mapping[str, Any], ...] = ()
    heads: tuple[Mapping[str, Any], ...] = ()
    texts: tuple[Mapping[str, Any], ...] = ()
    source: str = ""
    set_aside: tuple[SetAside, ...] = ()

    @property
    def where(self) -> str:
        """The figure file, or the key of a shipped plan, for messages."""
        return self.source or self.key

    def named(self, no: str) -> Project:
        """The row with this number."""
        return next(p for p in self.projects if p.no == no)


def data_folder() -> Traversable:
    """Where the shipped lists, figures and town codes are."""
    return resources.files("quarterhour") / "projects"


@dataclass(slots=True)
class _Source:
    """A figure file and what stands beside it, shipped or of the user."""

    label: str
    file: Traversable | Path
    beside: Traversable | Path
    own: bool
    document: dict[str, Any] = field(default_factory=dict)


def read_plan(plan: str, *, kind_keys: Callable[[str], tuple[str, ...]]) -> Plan:
    """A shipped plan by its key, or a figure file (TOML) with its list beside it.

    `kind_keys`: recognises what a row is, see `sources.facilities.kinds`.

    Raises
    ------
    InputError
        There is no such plan or file, or it is not as `projects/SOURCE.md` describes it.
    """
    source = _open(plan)
    document = checked(source.document, source.label)
    about, listed = document["plan"], document["plan"]["list"]
    key = str(about.get("key", Path(plan).stem))
    rows = read_list(source.beside / listed, kind_keys=kind_keys) if listed else ProjectList((), ())
    other = about["other_version"]
    if source.own and other not in {"", *PLANS}:
        if not other.lower().endswith(".toml"):
            raise InputError(
                f"{plan}: [plan] other_version is {other!r}; needed is one of {', '.join(PLANS)},"
                " or a figure file (.toml) beside this one"
            )
        other = str(source.beside / other)
    figures = {
        name: Figure(
            name, float(f["value"]), f["zh"] or name, f["en"] or name, f["clause"], f["role"]
        )
        for name, f in document["figure"].items()
    }
    return Plan(
        key=key,
        zh=about.get("zh", key),
        en=about.get("en", key),
        document=about["document"],
        city=about["city"],
        target_year=about["target_year"],
        other=other,
        file=listed,
        projects=rows.projects,
        figures=figures,
        checks=tuple(document["check"]),
        heads=tuple(document["head"]),
        texts=tuple(document["text"]),
        source=source.label if source.own else "",
        set_aside=rows.set_aside,
    )


def _open(plan: str) -> _Source:
    if plan in PLANS:
        folder = data_folder()
        source = _Source(f"{plan}.toml", folder / f"{plan}.toml", folder, own=False)
    else:
        path = Path(plan)
        if path.suffix.lower() != ".toml":
            raise InputError(
                f"there is no plan {plan!r}; needed is one of {', '.join(PLANS)}, or a figure file"
                " (.toml) of your own"
            )
        source = _Source(plan, path, path.parent, own=True)
    try:
        source.document = tomllib.loads(source.file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(
            f"{plan}: cannot be read ({error.strerror}); needed is a figure file (.toml) that is"
            " there and may be read"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{plan}: is not in UTF-8; save the figure file as UTF-8 text") from error
    except RecursionError as error:
        raise InputError(
            f"{plan}: is no TOML file (brackets in brackets without end); correct the figure file"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"{plan}: is no TOML file ({error}); correct the figure file there"
        ) from error
    except ValueError as error:
        raise InputError(
            f"{plan}: has a number of thousands of digits; correct the figure file"
        ) from error
    return source


def select(
    projects: Sequence[Project], wanted: Sequence[str], counties: Sequence[str] = ()
) -> list[Project]:
    """Rows by number: 1E*, E10, or E01-E09 in the order of the list; only of `counties`, if any."""
    chosen = {no for pattern in wanted for no in _matching(projects, pattern)}
    return [p for p in projects if p.no in chosen and (not counties or p.county in counties)]


def rows_of(
    plan: Plan, what: str, wanted: Sequence[str], counties: Sequence[str] = ()
) -> list[Project]:
    """The rows that `what`, a check or a head of the figure file, is about; see `select`.

    Raises
    ------
    InputError
        A number or a county is that of no row.
    """
    for pattern in wanted:
        # all of an empty list are none
        if pattern != "*" and not _matching(plan.projects, pattern):
            raise InputError(
                f"{plan.where}: {what} selects {pattern!r}, and the project list"
                f" {plan.file or '(there is none)'} has no such row; correct select: a number such"
                " as 1E10, a beginning such as 1E*, or from-to such as 1E01-1E09 in the order of"
                " the list"
            )
    for county in counties:
        if not any(p.county == county for p in plan.projects):
            raise InputError(
                f"{plan.where}: {what} is about the county {county!r}, and no row of the project"
                f" list {plan.file} is in it; correct counties"
            )
    return select(plan.projects, wanted, counties)


def _matching(projects: Sequence[Project], pattern: str) -> list[str]:
    """Numbers of the rows that a pattern of `select` means."""
    order = [p.no for p in projects]
    if pattern.endswith("*"):
        return [no for no in order if no.startswith(pattern[:-1])]
    if pattern in order:
        return [pattern]
    first, dash, last = pattern.partition("-")
    if dash and first in order and last in order:
        return order[order.index(first) : order.index(last) + 1]
    return []


def in_time(projects: Sequence[Project], year: int) -> list[Project]:
    """Rows that are finished by the end of `year`; those without a year are not."""
    return [p for p in projects if p.year_end is not None and p.year_end <= year]
