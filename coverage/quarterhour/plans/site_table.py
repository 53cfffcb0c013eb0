"""The sites that a user gives for the rows of a project list, held against the sums of the list."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.errors import InputError
from quarterhour.inputs import SetAside
from quarterhour.plans.project_sites import SHEETS
from quarterhour.sources.files.sheets import workbook_sheets
from quarterhour.sources.rows.angles import read_angle
from quarterhour.sources.rows.cells import DASHES, cell_text, plain_text, understood_number
from quarterhour.sources.rows.columns import plain_heading
from quarterhour.sources.rows.tables import read_table
from quarterhour.targets.findings import amount
from quarterhour.targets.project_list import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.sources.rows.tables import Table
    from quarterhour.targets.projects import Plan

NO = ("清单号", "no", "序号", "编号", "项目编号", "项目序号")
"""Headings of the number of a row; the first is ours: 编号 would be taken for a unique number."""

WHOLE = "（合计）"
"""How the name of a row ends that holds the totals of a package, and is no site."""

SITE = ("名称", "设施名称", "点位名称", "site", "name", "点位", "站点名称", "项目名称")

METRES = 10_000.0
"""Coordinates in metres are larger than this, those in degrees far smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A site of a project: `no` of the list, `row` of the user's table.

    `lon`, `lat`: as written, None for none. `beds`, `places`: None for none.
    """

    no: str
    row: int
    name: str
    county: str
    town: str
    lon: float | None
    lat: float | None
    beds: float | None
    places: float | None


class GivenSites(NamedTuple):
    """The sites of a table, and rows that are not used.

    `agree`: numbers of the list whose sites have its beds and places; `unsure`: those of which
    some cells are blank, or rows set aside, so that nobody can tell.
    """

    sites: tuple[Site, ...]
    set_aside: tuple[SetAside, ...]
    agree: tuple[str, ...]
    unsure: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """What is read so far; `short`: numbers of the list of which a row was set aside."""

    sites: list[Site] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    short: set[str] = field(default_factory=set)


def read_sites(path: str | Path, plan: Plan, *, sheet: str | None = None) -> GivenSites:
    """The sites that a user gives for the rows of a list.

    The table (csv or xlsx) has the columns 清单号 (no) and, as far as they are known, 名称 (site),
    街道 (town), 经度, 纬度, 床位数 (beds), 托位数 (places). The beds and places of a row of the
    list are the sums of those of its sites. Set aside are rows that belong to no row of the list,
    and those with a cell that is no number of beds or places, or no coordinate.

    Raises
    ------
    InputError
        The file cannot be read, has no column of numbers, or the sums of a row are not those of
        its sites: the message names the row and both numbers.
    """
    file = Path(path)
    found = _Found()
    for table in _tables(file, sheet):
        _read(table, plan, found)
    agree, unsure = _sums(file, plan, found)
    return GivenSites(tuple(found.sites), tuple(found.aside), agree, unsure)


def _tables(file: Path, sheet: str | None) -> list[Table]:
    """The named sheet; of a workbook that was written here both sheets, or the only one."""
    own: list[str] = []
    if sheet is None and file.suffix.lower() == ".xlsx" and file.is_file():
        there = {page.title for page in workbook_sheets(file)}
        own = [title for _, title in SHEETS if title in there]
    return [_sites_table(file, title) for title in own] or [_sites_table(file, sheet)]


def _sites_table(file: Path, sheet: str | None) -> Table:
    table = read_table(
        file, sheet=sheet, needed="a table of sites",
        usable=lambda texts: any(_is_no(text) for text in texts),
    )  # fmt: skip
    if not any(_is_no(h) for h in table.columns):
        raise InputError(
            f"{table.where}: has no column 清单号 (no) that says to which row of the list a site"
            f" belongs; found are {', '.join(table.columns)}"
        )
    return table


def _is_no(heading: str) -> bool:
    return plain_heading(heading) in {plain_heading(word) for word in NO}


def _read(table: Table, plan: Plan, found: _Found) -> None:
    heading = next(h for h in table.columns if _is_no(h))
    known = {p.no for p in plan.projects}
    for k, number in enumerate(table.columns[heading]):
        no = cell_text(number).strip()
        no = no.removesuffix(".0") if no not in known else no
        row = _Row(table, k)
        site = row.site(no)
        if site.name.endswith(WHOLE):  # the totals of a package that was written here
            continue
        if no not in known:
            row.set_aside(
                found, site, "unknown_project", f"the list of {plan.key} has no row {no!r}"
            )
        elif row.faults:
            row.set_aside(found, site, "bad_cell", "; ".join(row.faults))
            found.short.add(no)
        else:
            found.sites.append(site)


class _Row:
    """A row of a table of sites; `faults`: cells that cannot be what they should."""

    def __init__(self, table: Table, k: int) -> None:
        self.table, self.k = table, k
        self.faults: list[str] = []

    def site(self, no: str) -> Site:
        """The site of this row."""
        lon, lat = self._position()
        return Site(
            no=no,
            row=self.table.row[self.k],
            name=cell_text(self._cell("name", SITE)[1]).strip(),
            county=cell_text(self._cell("county")[1]).strip(),
            town=cell_text(self._cell("town")[1]).strip(),
            lon=lon,
            lat=lat,
            beds=self._amount("beds"),
            places=self._amount("places"),
        )

    def set_aside(self, found: _Found, site: Site, reason: str, detail: str) -> None:
        """Leave the row out, and say why."""
        found.aside.append(
            SetAside(
                layer="facilities", file=self.table.path.name, sheet=self.table.sheet,
                row=site.row, name=site.name, reason=reason, detail=detail,
            )
        )  # fmt: skip

    def _cell(self, meaning: str, words: Sequence[str] = ()) -> tuple[str, Any]:
        """Heading and value of a cell; "" and None without such a column."""
        plain = {plain_heading(w) for w in words}
        heading = self.table.find(meaning) or next(
            (h for h in self.table.columns if plain_heading(h) in plain), None
        )
        return ("", None) if heading is None else (heading, self.table.columns[heading][self.k])

    def _amount(self, meaning: str) -> float | None:
        heading, cell = self._cell(meaning)
        value = understood_number(cell).value
        if value is None and not _is_blank(cell):
            self.faults.append(f"{heading} is {_short(cell)!r}; needed is a number, or nothing")
        if value is not None and not 0 <= value < MOST:
            self.faults.append(f"{heading} is {_short(cell)!r}; needed is a number from 0 up")
            return None
        return value

    def _position(self) -> tuple[float | None, float | None]:
        """Both coordinates as written: degrees in any order, or metres; None for none."""
        cells = [self._cell(meaning) for meaning in ("lon", "lat")]
        angles = [read_angle(cell) for _, cell in cells]
        told = ", ".join(f"{h} {_short(cell)!r}" for h, cell in cells if h and not _is_blank(cell))
        if not told:
            return None, None
        one, two = (None if a is None else a.degrees for a in angles)
        if one is None or two is None:
            self.faults.append(f"there is no position in {told}; needed are two coordinates")
            return None, None
        low, high = sorted((abs(one), abs(two)))
        degrees = low <= 90 and high <= 180
        metres = low >= METRES and high < 1e8
        if not degrees and not metres:
            self.faults.append(
                f"{told} lies outside the earth; needed are a longitude and latitude"
            )
            return None, None
        return one, two


def _is_blank(cell: object) -> bool:
    text = plain_text(cell).replace(" ", "")
    return not text or text in DASHES


def _short(cell: object) -> str:
    text = cell_text(cell)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _sums(file: Path, plan: Plan, found: _Found) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Numbers whose sums agree, and whose sums nobody can tell.

    Raises
    ------
    InputError
        The sites of a row are all filled in, and are not its beds or places; or are already more.
    """
    known = {p.no: p for p in plan.projects}
    numbers = dict.fromkeys([*(s.no for s in found.sites), *sorted(found.short)])
    unsure = []
    for no in numbers:
        own = [s for s in found.sites if s.no == no]
        whole = no not in found.short
        for measure in ("beds", "places"):
            given = [v for v in (getattr(s, measure) for s in own) if v is not None]
            listed = float(getattr(known[no], measure) or 0)
            total = sum(given)
            same = math.isclose(total, listed, rel_tol=1e-9, abs_tol=1e-6)
            # what nobody has filled in is not wrong yet; what is too much already is
            full = total > listed or len(given) == len(own)
            if given and not same and full and no not in found.short:
                raise InputError(
                    f"{file}: the sites of {no} have {amount(total)} {measure}, the"
                    f" list has {amount(listed)}; correct the rows"
                    f" {', '.join(str(s.row) for s in own)}"
                )
            whole = whole and same
        if not whole:
            unsure.append(no)
    return tuple(no for no in numbers if no not in unsure), tuple(unsure)
