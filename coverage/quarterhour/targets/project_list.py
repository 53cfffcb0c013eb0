"""The rows of a project list (csv), read one by one: what is odd about a row is told with it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from quarterhour.errors import InputError
from quarterhour.inputs import Note, SetAside
from quarterhour.measures import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

COLUMNS = (
    "no", "name", "domain", "type", "mode", "year_start", "year_end", "county", "town", "beds",
    "places", "floor_area_m2", "investment_10k_yuan", "apply_central_10k_yuan", "lead",
)  # fmt: skip

DOMAINS = {"elderly": "elderly", "childcare": "childcare", "other": "other",
           "养老": "elderly", "托育": "childcare", "其他": "other"}  # fmt: skip
"""What a row is for, as it may be written."""

MOST_SITES = 200
"""Sites of one row: a larger number in its name counts something else, or is a slip."""

MOST = 1e12
"""An amount of a row is less."""

_CAPACITY = r"托位|床位|学位|车位"
_SITES = re.compile(
    r"(?<![\d.])(?<!\d,)(\d+)(个|所)"
    # months, and what stands in a facility and is none: 3000个普惠托位
    rf"(?!月|(?:普惠性?|示范性?|婴幼儿|养老|护理型?|公办|新增)*(?:{_CAPACITY}))"
)
_OF_CAPACITY = re.compile(rf"(?:{_CAPACITY}|面积)(?:总?数)?(?:约|共|计|达|为|新增|至|到)?\s*$")
_RESTORED = re.compile(r"\[(.)\]")
"""A character that the published text has lost, put back by the transcription."""
_SEPARATORS = re.compile(r"[;；]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
"""Signs that no sheet shows: bells, nulls, marks that turn the direction of writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A row of a project list.

    `row`: of the table, counted from 1 as the user sees it. `domain`: elderly, childcare or other.
    `kind`: as normalised in the table; `kind_keys`: what it was recognised as. `year_start`,
    `year_end`: years of building, None where not stated; it opens in `year_end`. `towns`: as
    printed. `beds`, `places`: of all its sites together. `cost`, `central`: ten thousand yuan.
    `sites`: how many sites it names, 1 for a single one. `unread`: cells that are no number, by
    column. `doubts`: what else is odd about the row.
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
    doubts: tuple[Note, ...] = ()

    def amount(self, measure: str) -> float:
        """The value of a measure of `projects.MEASURES`, 0 where it is not stated."""
        if measure == "projects":
            return 1.0
        return float(getattr(self, measure) or 0)


class ProjectList(NamedTuple):
    """The rows of a list, and those that are not used."""

    projects: tuple[Project, ...]
    set_aside: tuple[SetAside, ...]


def read_list(
    source: Traversable | Path, *, kind_keys: Callable[[str], tuple[str, ...]]
) -> ProjectList:
    """The rows of a project list (csv, UTF-8) with the headings of `COLUMNS`.

    Rows of nothing but commas are no rows. Of two rows with one number the second is set aside.

    Raises
    ------
    InputError
        It cannot be read, or lacks a column.
    """
    records = _records(source)
    header = next(records, (1, []))[1]
    headings = [h.strip() for h in header]
    missing = [c for c in COLUMNS if c not in headings]
    if missing:
        raise InputError(
            f"{source}: the project list has no column {missing[0]}; needed are the headings"
            f" {', '.join(COLUMNS)} in its first row, separated by commas; found are"
            f" {_short(', '.join(headings), 80) or '(none)'}"
        )
    found: list[Project] = []
    aside: list[SetAside] = []
    rows: dict[str, int] = {}
    for number, cells in records:
        project = _project(number, headings, cells, kind_keys)
        first = rows.setdefault(project.no, number)
        if first == number:
            found.append(project)
            continue
        aside.append(
            SetAside(
                layer="facilities", file=source.name, sheet="", row=number, name=project.name,
                reason="number_twice",
                detail=f"the number {project.no!r} is that of row {first}; give it one of its own",
            )
        )  # fmt: skip
    return ProjectList(tuple(found), tuple(aside))


def _records(source: Traversable | Path) -> Iterator[tuple[int, list[str]]]:
    """Filled rows with the line on which they begin, as an editor shows it."""
    try:
        text = source.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(
            f"{source}: cannot be read ({error.strerror}); needed is a project list (csv)"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source}: is not in UTF-8; save the project list as CSV UTF-8"
        ) from error
    # only a real end of line ends a row, and none of the other signs that str.splitlines knows
    reader = csv.reader(io.StringIO(text, newline=""))
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{source}: line {begins}: {error}; a quotation mark may be open there: close it, or"
            " save the project list as csv again"
        ) from error


def _project(
    number: int, headings: list[str], cells: list[str], kind_keys: Callable[[str], tuple[str, ...]]
) -> Project:
    doubts = list(_shape(headings, cells))
    given = dict(zip(headings, cells, strict=False))
    cell: dict[str, str] = {}
    for key in COLUMNS:
        plain = _CONTROLS.sub("", given.get(key, ""))
        if plain != given.get(key, ""):
            doubts.append(
                Note(f"{key} 一格中有看不见的控制字符，已去掉",
                     f"the cell {key} has control characters; they were taken out")
            )  # fmt: skip
        cell[key] = _RESTORED.sub(r"\1", plain.strip())
    unread: dict[str, str] = {}

    def amount(key: str) -> float | None:
        text = cell[key].replace(",", "")
        try:
            value = float(text) if text else None
        except ValueError:
            value = -1.0
        if value is not None and not 0 <= value < MOST:
            unread[key] = cell[key]
            return None
        return value

    def year(key: str) -> int | None:
        value = amount(key)
        if value is None or (value == int(value) and 1900 <= value <= 2200):
            return None if value is None else int(value)
        unread[key] = cell[key]
        return None

    domain = DOMAINS.get(cell["domain"].lower(), "")
    if not domain:
        doubts.append(
            Note(
                f"domain 写作“{_short(cell['domain'])}”，应为 elderly、childcare 或 other；"
                "不作为规划设施",
                f"the domain is {_short(cell['domain'])!r}; needed is elderly, childcare or other:"
                " it is no planned facility",
            )
        )
    towns = tuple(t.strip() for t in _SEPARATORS.split(cell["town"]) if t.strip())
    refused = _refused(cell["name"])
    if refused:
        doubts.append(
            Note(
                f"名称中的“{refused}”多于 {MOST_SITES} 处，不作为点位数",
                f"{refused} in its name are more than {MOST_SITES} sites: not taken as a number"
                " of sites",
            )
        )
    return Project(
        no=cell["no"] or str(number),
        row=number,
        name=cell["name"],
        domain=domain or cell["domain"],
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
        doubts=tuple(doubts),
    )


def _shape(headings: list[str], cells: list[str]) -> Iterator[Note]:
    """What is odd about the number of cells of a row."""
    n, more = len(headings), [c.strip() for c in cells[len(headings) :] if c.strip()]
    if len(cells) < n:
        yield Note(
            f"只有 {len(cells)} 格，表头有 {n} 格，缺的按空白计",
            f"it has {counted(len(cells), 'cell')} and the headings {n}; the rest is taken as"
            " blank",
        )
    if more:
        yield Note(
            f"比表头多出 {len(more)} 格（{_short('、'.join(more))}），没有使用；"
            "某格中的逗号可能没有加引号，各列可能错位",
            f"it has {counted(len(more), 'cell')} more than the headings"
            f" ({_short(', '.join(more))}), not"
            " used; a comma in a cell may lack its quotation marks, and the columns be shifted",
        )


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def sites_named(name: str, n_towns: int) -> int:
    """How many sites a row speaks of: the number in its name, at least that of its towns.

    Of 15个镇39所 the 39 homes are the sites; 2个街道1个乡镇 are three. 新建托位3000个 and
    3000个托位 name no sites, nor does a number above `MOST_SITES`.
    """
    found = [(int(n), word) for n, word in _numbers(name) if not _too_many(n)]
    exact = [n for n, word in found if word == "所"]
    said = exact or [n for n, _ in found]
    return min(max(sum(said), n_towns, 1), max(MOST_SITES, n_towns))


def _numbers(name: str) -> list[tuple[str, str]]:
    """Numbers of sites in a name, as written, with 个 or 所."""
    return [
        (found[1], found[2])
        for found in _SITES.finditer(name)
        if not _OF_CAPACITY.search(name[: found.start()])
    ]


def _too_many(digits: str) -> bool:
    # thousands of digits are no number to anybody
    return len(digits) > 9 or int(digits) > MOST_SITES


def _refused(name: str) -> str:
    return next((f"{_short(n, 12)}{word}" for n, word in _numbers(name) if _too_many(n)), "")
