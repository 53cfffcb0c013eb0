"""The facilities of a project list as a workbook, to be filled with coordinates."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

from quarterhour.errors import InputError
from quarterhour.plans.planned import facilities_in, planned_of
from quarterhour.render.whole_file import whole_file
from quarterhour.targets.findings import amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from quarterhour.plans.planned import PlannedFacility
    from quarterhour.targets.projects import Plan

SHEETS = (("elderly", "养老项目"), ("childcare", "托育项目"))
HEADINGS = (
    ("清单号", 10), ("名称", 44), ("类型", 26), ("状态", 8), ("经度", 13), ("纬度", 13),
    ("区县", 14), ("街道", 18), ("床位数", 9), ("托位数", 9), ("建成年份", 10),
    ("建筑面积（平方米）", 18), ("投资（万元）", 14), ("牵头单位", 34), ("备注", 60),
)  # fmt: skip
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
FIXED_TIME = (2000, 1, 1, 0, 0, 0)

LONGEST_TEXT = 32_767
"""Characters that a cell of a workbook holds."""

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that no workbook may hold."""


TOTALS = "打包项目的合计：各处的床位、托位填好后请删除本行，以免重复计算"
"""The remark of a row of totals."""


def write_workbook(path: Path, plan: Plan, *, domain: str | None = None) -> int:
    """Rows of a workbook of the plan's facilities, to be filled with coordinates, at `path`.

    Quarterhour reads it as a facility table once it has coordinates; rows without are set aside and
    named. A package has a row for each of its sites, with beds and places left to be filled in, and
    one with its totals, so that they are not lost before that; returned are the rows of sites.
    `domain`: elderly or childcare alone; a workbook of one sheet needs no name of a sheet.

    Raises
    ------
    InputError
        The plan lists no facilities, or the file cannot be written.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only needed here

    if domain not in {None, *dict(SHEETS)}:
        raise InputError(f"the domain is {domain!r}; needed is one of {', '.join(dict(SHEETS))}")
    rows = [one for one in planned_of(plan) if domain in {None, one.domain}]
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
    try:
        data = BytesIO()
        book.save(data)
        with whole_file(path) as fresh:
            fresh.write_bytes(_without_clock(data.getvalue()))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror}); choose another place, or close the"
            " program that has it open"
        ) from error
    return sum(one.sites > 0 for one in rows)


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
    for number, one in enumerate(rows, 2):
        values = (
            one.no, one.name, one.kind, one.status, None, None, one.county, one.town,
            one.beds, one.places, one.open_year, one.floor_area_m2, one.cost, one.lead,
            remarks.get(one.no) if one.sites else TOTALS,
        )  # fmt: skip
        for k, value in enumerate(values, 1):
            if value is not None:
                _put(page.cell(number, k), value)
    page.freeze_panes = "C2"
    page.auto_filter.ref = page.dimensions


def _put(cell: Any, value: object) -> None:  # noqa: ANN401 - openpyxl has no types
    """Write a value; text stays text, also where it begins like a formula."""
    if not isinstance(value, str):
        cell.value = value
        return
    plain = ILLEGAL.sub("", value)
    cell.value = plain if len(plain) <= LONGEST_TEXT else f"{plain[: LONGEST_TEXT - 1]}…"
    cell.data_type = "s"


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
