"""The sites of a project list: a workbook to fill with coordinates, and what was filled in."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterhour.errors import InputError
from quarterhour.inputs import SetAside
from quarterhour.plans.planned import facilities_in, planned_of
from quarterhour.sources.cells import cell_text, understood_number
from quarterhour.sources.columns import plain_heading
from quarterhour.sources.sheets import workbook_sheets
from quarterhour.sources.tables import read_table
from quarterhour.targets.findings import amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quarterhour.plans.planned import PlannedFacility
    from quarterhour.sources.tables import Table
    from quarterhour.targets.projects import Plan

NO = ("清单号", "no", "序号", "编号", "项目编号", "项目序号")
"""Headings of the number of a row; the first is ours: 编号 would be taken for a unique number."""

SITE = ("名称", "设施名称", "点位名称", "site", "name", "点位", "站点名称", "项目名称")
SHEETS = (("elderly", "养老项目"), ("childcare", "托育项目"))
HEADINGS = (
    ("清单号", 10), ("名称", 44), ("类型", 26), ("状态", 8), ("经度", 13), ("纬度", 13),
    ("区县", 14), ("街道", 18), ("床位数", 9), ("托位数", 9), ("建成年份", 10),
    ("建筑面积（平方米）", 18), ("投资（万元）", 14), ("牵头单位", 34), ("备注", 60),
)  # fmt: skip
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
FIXED_TIME = (2000, 1, 1, 0, 0, 0)


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


def write_workbook(path: Path, plan: Plan, *, domain: str | None = None) -> int:
    """Rows of a workbook of the plan's facilities, to be filled with coordinates, at `path`.

    Quarterhour reads it as a facility table once it has coordinates; rows without are set aside and
    named. A package has a row for each of its sites, with beds and places left to be filled in.
    `domain`: elderly or childcare alone; a workbook of one sheet needs no name of a sheet.

    Raises
    ------
    InputError
        The plan lists no facilities, or the file cannot be written.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only needed here

    if domain not in {None, *dict(SHEETS)}:
        raise InputError(f"the domain is {domain!r}; needed is one of {', '.join(dict(SHEETS))}")
    rows = [one for one in planned_of(plan) if one.sites and domain in {None, one.domain}]
    if not rows:
        raise InputError(f"{plan.key}: the plan lists no facilities that could be written")
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path}: needed is a name that ends in .xlsx")
    remarks = _remarks(plan)
    book = Workbook()
    book.remove(book.active)
    for key, title in SHEETS:
        of = [one for one in rows if one.domain == key]
        if of:
            _fill(book.create_sheet(title), of, remarks)
    data = BytesIO()
    book.save(data)
    try:
        path.write_bytes(_without_clock(data.getvalue()))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); choose another place, or close the"
            " program that has it open"
        ) from error
    return len(rows)


def _remarks(plan: Plan) -> dict[str, str]:
    """What must be known to fill in the sites of a package, and not to count a facility twice."""
    found = {}
    for project in facilities_in(plan):
        told = []
        if project.sites > 1:
            told.append(f"打包项目，共 {project.sites} 处")
            told += [
                f"{word}合计 {amount(value)} {unit}"
                for word, value, unit in (
                    ("床位", project.beds, "张，请分到各处"),
                    ("托位", project.places, "个，请分到各处"),
                    ("建筑面积", project.floor_area_m2, "平方米"),
                    ("投资", project.cost, "万元"),
                )
                if value
            ]
        if project.mode == "rebuild":
            told.append("改建项目：原设施若已列入现状，请勿重复")
        if told:
            found[project.no] = "；".join(told)
    return found


def _fill(
    page: Any,  # noqa: ANN401 - openpyxl has no types
    rows: Sequence[PlannedFacility],
    remarks: Mapping[str, str],
) -> None:
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415

    page.append([heading for heading, _ in HEADINGS])
    for k, (heading, width) in enumerate(HEADINGS, 1):
        cell = page.cell(1, k)
        cell.font = Font(bold=True, color="FFFFFF")
        needed = heading in {"经度", "纬度"}
        cell.fill = PatternFill("solid", fgColor="0072B2" if needed else "5B666E")
        page.column_dimensions[cell.column_letter].width = width
    for one in rows:
        page.append(
            [
                one.no, one.name, one.kind, one.status, None, None, one.county, one.town,
                one.beds, one.places, one.open_year, one.floor_area_m2, one.cost, one.lead,
                remarks.get(one.no),
            ]
        )  # fmt: skip
    page.freeze_panes = "C2"
    page.auto_filter.ref = page.dimensions


def _without_clock(data: bytes) -> bytes:
    """The workbook with a fixed date, so that the same plan gives the same bytes."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = STAMP.sub(b"2000-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()


def read_sites(
    path: str | Path, plan: Plan, *, sheet: str | None = None
) -> tuple[tuple[Site, ...], tuple[SetAside, ...]]:
    """The sites that a user gives for the rows of a list, and rows that belong to none of them.

    The table (csv or xlsx) has the columns 清单号 (no) and, as far as they are known, 名称 (site),
    街道 (town), 经度, 纬度, 床位数 (beds), 托位数 (places). The beds and places of a row of the
    list are the sums of those of its sites.

    Raises
    ------
    InputError
        The file cannot be read, has no column of numbers, or the sums of a row are not those of
        its sites: the message names the row and both numbers.
    """
    file = Path(path)
    sites: list[Site] = []
    aside: list[SetAside] = []
    for table in _tables(file, sheet):
        _read(table, plan, sites, aside)
    _check_sums(file, plan, sites)
    return tuple(sites), tuple(aside)


def _tables(file: Path, sheet: str | None) -> list[Table]:
    """The named sheet; of a workbook that was written here both sheets, or the only one."""
    own: list[str] = []
    if sheet is None and file.suffix.lower() == ".xlsx" and file.is_file():
        there = {page.title for page in workbook_sheets(file)}
        own = [title for _, title in SHEETS if title in there]
    return [_sites_table(file, title) for title in own] or [_sites_table(file, sheet)]


def _read(table: Table, plan: Plan, sites: list[Site], aside: list[SetAside]) -> None:
    heading = next(h for h in table.columns if _is_no(h))
    known = {p.no: p for p in plan.projects}
    for k, number in enumerate(table.columns[heading]):
        no = cell_text(number).strip()
        no = no.removesuffix(".0") if no not in known else no
        site = _site(table, k, no)
        if no in known:
            sites.append(site)
        else:
            aside.append(
                SetAside(
                    layer="facilities", file=table.path.name, sheet=table.sheet, row=table.row[k],
                    name=site.name, reason="unknown_project",
                    detail=f"the list of {plan.key} has no row {no!r}",
                )
            )  # fmt: skip


def _check_sums(file: Path, plan: Plan, sites: Sequence[Site]) -> None:
    """Raise `InputError` where the sites of a row do not have its beds or places."""
    known = {p.no: p for p in plan.projects}
    for no in dict.fromkeys(s.no for s in sites):
        own = [s for s in sites if s.no == no]
        for measure in ("beds", "places"):
            given = [v for v in (getattr(s, measure) for s in own) if v is not None]
            listed = getattr(known[no], measure)
            # what nobody has filled in is not wrong yet
            if given and sum(given) != (listed or 0):
                raise InputError(
                    f"{file}: the sites of {no} have {amount(sum(given))} {measure}, the"
                    f" list has {amount(listed or 0)}; correct the rows"
                    f" {', '.join(str(s.row) for s in own)}"
                )


def _is_no(heading: str) -> bool:
    return plain_heading(heading) in {plain_heading(word) for word in NO}


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


def _site(table: Table, k: int, no: str) -> Site:
    def cell(meaning: str, words: Sequence[str] = ()) -> Any:  # noqa: ANN401 - as it is read
        plain = {plain_heading(w) for w in words}
        heading = table.find(meaning) or next(
            (h for h in table.columns if plain_heading(h) in plain), None
        )
        return None if heading is None else table.columns[heading][k]

    def number(meaning: str) -> float | None:
        return understood_number(cell(meaning)).value

    return Site(
        no=no,
        row=table.row[k],
        name=cell_text(cell("name", SITE)).strip(),
        county=cell_text(cell("county")).strip(),
        town=cell_text(cell("town")).strip(),
        lon=number("lon"),
        lat=number("lat"),
        beds=number("beds"),
        places=number("places"),
    )
