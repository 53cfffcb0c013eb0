"""The project lists of city plans, and the figures that the plans print, as data."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.targets.figure_schema import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.resources.abc import Traversable

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

COLUMNS = (
    "no", "name", "domain", "type", "mode", "year_start", "year_end", "county", "town", "beds",
    "places", "floor_area_m2", "investment_10k_yuan", "apply_central_10k_yuan", "lead",
)  # fmt: skip

_SITES = re.compile(r"(\d+)(个|所)(?!月)")
_RESTORED = re.compile(r"\[(.)\]")
"""A character that the published text has lost, put back by the transcription."""
_SEPARATORS = re.compile(r"[;；]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A row of a project list.

    `row`: of the table, counted from 1 as the user sees it. `domain`: elderly, childcare or other.
    `kind`: as normalised in the table; `kind_keys`: what it was recognised as. `year_start`,
    `year_end`: years of building, None where not stated; it opens in `year_end`. `towns`: as
    printed. `beds`, `places`: of all its sites together. `cost`, `central`: ten thousand yuan.
    `sites`: how many sites it names, 1 for a single one. `unread`: cells that are no number, by
    column.
    """

    no: str
    row: int
    name: str
    domain: str
    kind: str
    kind_keys: tuple[str, ...]
    mode: str
    year_start: int | None
    year_end: int | None
    county: str
    towns: tuple[str, ...]
    beds: float | None
    places: float | None
    floor_area_m2: float | None
    cost: float | None
    central: float | None
    lead: str
    sites: int
    unread: Mapping[str, str]

    def amount(self, measure: str) -> float:
        """The value of a measure of `MEASURES`, 0 where it is not stated."""
        if measure == "projects":
            return 1.0
        return float(getattr(self, measure) or 0)


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
    document: dict[str, Any] = field(default_factory=dict)


def read_plan(plan: str, *, kind_keys: Callable[[str], tuple[str, ...]]) -> Plan:
    """A shipped plan by its key, or a figure file (TOML) with its list beside it.

    `kind_keys`: recognises what a row is, see `sources.kinds`.

    Raises
    ------
    InputError
        There is no such plan or file, or it is not as `projects/SOURCE.md` describes it.
    """
    source = _open(plan)
    document = checked(source.document, source.label)
    about, listed = document["plan"], document["plan"]["list"]
    key = str(about.get("key", Path(plan).stem))
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
        other=about["other_version"],
        file=listed,
        projects=read_list(source.beside / listed, kind_keys=kind_keys) if listed else (),
        figures=figures,
        checks=tuple(document["check"]),
        heads=tuple(document["head"]),
        texts=tuple(document["text"]),
    )


def _open(plan: str) -> _Source:
    if plan in PLANS:
        folder = data_folder()
        source = _Source(f"{plan}.toml", folder / f"{plan}.toml", folder)
    else:
        path = Path(plan)
        if path.suffix.lower() != ".toml":
            raise InputError(
                f"there is no plan {plan!r}; needed is one of {', '.join(PLANS)}, or a figure file"
                " (.toml) of your own"
            )
        source = _Source(plan, path, path.parent)
    try:
        source.document = tomllib.loads(source.file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{plan}: cannot be read ({error.strerror}); needed is a figure file"
        ) from (error)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{plan}: is no TOML file ({error}); needed is a figure file") from error
    return source


def read_list(
    source: Traversable | Path, *, kind_keys: Callable[[str], tuple[str, ...]]
) -> tuple[Project, ...]:
    """The rows of a project list (csv, UTF-8) with the headings of `COLUMNS`.

    Raises
    ------
    InputError
        It cannot be read, lacks a column, or has a number twice.
    """
    label = source.name
    try:
        text = source.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(
            f"{label}: cannot be read ({error.strerror}); needed is a project list"
        ) from (error)
    except UnicodeDecodeError as error:
        raise InputError(f"{label}: is not in UTF-8; save the project list as CSV UTF-8") from error
    rows = csv.DictReader(text.splitlines())
    missing = [c for c in COLUMNS if c not in (rows.fieldnames or ())]
    if missing:
        raise InputError(f"{label}: has no column {missing[0]}; needed are {', '.join(COLUMNS)}")
    found = tuple(_project(number, row, kind_keys) for number, row in enumerate(rows, 2))
    seen: set[str] = set()
    for project in found:
        if project.no in seen:
            raise InputError(f"{label} row {project.row}: the number {project.no!r} is used twice")
        seen.add(project.no)
    return found


def _project(
    number: int, row: Mapping[str, str | None], kind_keys: Callable[[str], tuple[str, ...]]
) -> Project:
    cell = {key: _RESTORED.sub(r"\1", (row.get(key) or "").strip()) for key in COLUMNS}
    unread: dict[str, str] = {}

    def amount(key: str) -> float | None:
        text = cell[key].replace(",", "")
        try:
            value = float(text) if text else None
        except ValueError:
            value = -1.0
        if value is not None and not 0 <= value < 1e12:
            unread[key] = cell[key]
            return None
        return value

    def year(key: str) -> int | None:
        value = amount(key)
        if value is None or (value == int(value) and 1900 <= value <= 2200):
            return None if value is None else int(value)
        unread[key] = cell[key]
        return None

    towns = tuple(t.strip() for t in _SEPARATORS.split(cell["town"]) if t.strip())
    return Project(
        no=cell["no"] or str(number),
        row=number,
        name=cell["name"],
        domain=cell["domain"],
        kind=cell["type"],
        kind_keys=kind_keys(cell["type"]),
        mode=cell["mode"],
        year_start=year("year_start"),
        year_end=year("year_end"),
        county=cell["county"],
        towns=towns,
        beds=amount("beds"),
        places=amount("places"),
        floor_area_m2=amount("floor_area_m2"),
        cost=amount("investment_10k_yuan"),
        central=amount("apply_central_10k_yuan"),
        lead=cell["lead"],
        sites=sites_named(cell["name"], len(towns)),
        unread=unread,
    )


def sites_named(name: str, n_towns: int) -> int:
    """How many sites a row speaks of: the number in its name, at least that of its towns.

    Of 15个镇39所 the 39 homes are the sites; 2个街道1个乡镇 are three.
    """
    found = _SITES.findall(name)
    exact = [int(n) for n, word in found if word == "所"]
    said = exact or [int(n) for n, _ in found]
    return max(sum(said), n_towns, 1)


def select(
    projects: Sequence[Project], wanted: Sequence[str], counties: Sequence[str] = ()
) -> list[Project]:
    """Rows by number: 1E*, E10, or E01-E09 in the order of the list; only of `counties`, if any."""
    order = [p.no for p in projects]
    chosen: set[str] = set()
    for pattern in wanted:
        first, dash, last = pattern.partition("-")
        if pattern.endswith("*"):
            chosen.update(no for no in order if no.startswith(pattern[:-1]))
        elif dash and first in order and last in order:
            chosen.update(order[order.index(first) : order.index(last) + 1])
        else:
            chosen.add(pattern)
    return [p for p in projects if p.no in chosen and (not counties or p.county in counties)]


def in_time(projects: Sequence[Project], year: int) -> list[Project]:
    """Rows that are finished by the end of `year`; those without a year are not."""
    return [p for p in projects if p.year_end is not None and p.year_end <= year]
