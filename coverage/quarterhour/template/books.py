"""Workbooks to fill in: facilities with drop-downs, totals of people, and a sheet that explains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.inputs import Note

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS = 2000
"""Rows below the headings that have drop-downs and formats."""

BLUE, GREY, PALE = "0072B2", "5B666E", "F2F5F6"


class Column(NamedTuple):
    """A column to fill: `width` in characters, `form` as Excel writes it.

    `choices`: the values of its drop-down; the reader takes others, too.
    """

    heading: Note
    needed: bool
    about: Note
    example: Note
    width: int
    form: str = "General"
    choices: tuple[Note, ...] = ()


class Sheet(NamedTuple):
    """A sheet to fill: its name and columns."""

    name: Note
    columns: tuple[Column, ...]


class Kinds(NamedTuple):
    """Kinds of facilities for the drop-downs."""

    elderly: tuple[Note, ...]
    childcare: tuple[Note, ...]


STATUS = (Note("现状", "existing"), Note("规划", "planned"), Note("在建", "under construction"))
FROM = (
    Note("高德", "Amap"), Note("腾讯", "Tencent"), Note("百度", "Baidu"),
    Note("天地图", "Tianditu"), Note("GPS", "GPS"), Note("测绘", "survey"),
)  # fmt: skip
YES_NO = (Note("是", "yes"), Note("否", "no"))


def _column(
    zh: str, en: str, about: tuple[str, str], example: tuple[str, str] | str, width: int,
    *, needed: bool = False, form: str = "General", choices: tuple[Note, ...] = (),
) -> Column:  # fmt: skip
    shown = (example, example) if isinstance(example, str) else example
    return Column(Note(zh, en), needed, Note(*about), Note(*shown), width, form, choices)


LON = _column(
    "经度", "lon",
    ("十进制度，东经为正，例如 106.276543；度分秒也可以。与“纬度”用同一坐标系",
     "Decimal degrees, east positive; degrees, minutes, seconds are understood, too"),
    "106.276543", 13, needed=True, form="0.000000",
)  # fmt: skip
LAT = _column(
    "纬度", "lat",
    ("十进制度，北纬为正，例如 29.972345",
     "Decimal degrees, north positive"),
    "29.972345", 13, needed=True, form="0.000000",
)  # fmt: skip


def _columns(kinds: tuple[Note, ...], capacity: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of a sheet of facilities."""
    return (
        _column(
            "名称", "name", ("设施的正式名称，一行一处", "Its full name; one row for each place"),
            ("示例街道社区养老服务综合体", "Example Street care centre"), 34, needed=True, form="@",
        ),
        _column(
            "类型", "kind", ("从下拉列表选取，也可以填写其他类型", "From the list, or another one"),
            kinds[0] if kinds else "", 24, form="@", choices=kinds,
        ),
        LON,
        LAT,
        _column(
            "坐标来源", "source",
            ("坐标取自哪里；同一张表有几种来源时，程序按来源分别核对坐标系",
             "Where the coordinates come from; each source is compared with the roads by itself"),
            FROM[0], 11, form="@", choices=FROM,
        ),
        _column(
            "地址", "address", ("门牌地址，供核对", "Street address, for checking"),
            ("示例路1号", "1 Example Road"), 34, form="@",
        ),
        _column(
            "区县", "county", ("所属区县，全称", "County or district, full name"),
            ("示例区", "Example District"), 12, form="@",
        ),
        _column(
            "街道", "town", ("所属街道、镇、乡，全称；没有坐标时可按它安放",
             "Street office, town or township; may place a row without coordinates"),
            ("示例街道", "Example Street Office"), 16, form="@",
        ),
        *capacity,
        _column(
            "状态", "status",
            ("现状、规划或在建；只有 study.toml 中 status 写明的才计入覆盖",
             "Existing, planned or under construction; those in the study's status count"),
            STATUS[0], 10, form="@", choices=STATUS,
        ),
        _column("建成年份", "open_year", ("四位年份", "Year, four digits"), "2023", 10, form="0"),
        _column(
            "建筑面积（平方米）", "floor_area_m2", ("设施的建筑面积", "Square metres"), "850", 20,
            form="#,##0",
        ),
        _column(
            "投资（万元）", "cost", ("建设总投资", "Cost of building it"), "300", 14,
            form="#,##0",
        ),
    )  # fmt: skip


def facility_sheets(kinds: Kinds) -> tuple[Sheet, Sheet]:
    """The two sheets of facilities: care for the old, and nurseries."""
    beds = (
        _column("床位", "beds", ("床位总数（张）", "Number of beds"), "60", 8, form="0"),
        _column(
            "护理型床位", "nursing_beds", ("其中护理型（张），不大于床位", "Of these with nursing"),
            "35", 11, form="0",
        ),
    )  # fmt: skip
    places = (
        _column("托位", "places", ("托位总数（个）", "Number of places"), "60", 8, form="0"),
        _column(
            "普惠", "inclusive", ("是否普惠性托育", "Whether it is of the publicly priced kind"),
            YES_NO[0], 8, form="@", choices=YES_NO,
        ),
    )  # fmt: skip
    return (
        Sheet(Note("养老设施", "elderly care"), _columns(kinds.elderly, beds)),
        Sheet(Note("托育设施", "nurseries"), _columns(kinds.childcare, places)),
    )


TOWNS = Sheet(
    Note("街道人口", "towns"),
    (
        _column("区县", "county", ("所属区县，全称", "County or district"),
                ("示例区", "Example District"), 12, needed=True, form="@"),
        _column("街道", "town", ("街道、镇、乡名称，与界线数据一致；另带“街道”“镇”等后缀也能识别",
                "Town, as in the polygons of the towns"),
                ("示例街道", "Example Street Office"), 18, needed=True, form="@"),
        _column("人口", "people", ("常住人口（人）", "Residents"), "52300", 12, needed=True,
                form="#,##0"),
        _column("0-3岁", "age_0_3", ("其中 3 岁以下（人）；没有可留空", "Of these under three"),
                "1030", 10, form="#,##0"),
        _column("60岁以上", "age_60_plus", ("其中 60 岁及以上（人）", "Of these 60 and over"),
                "14700", 12, form="#,##0"),
        _column("80岁以上", "age_80_plus", ("其中 80 岁及以上（人）", "Of these 80 and over"),
                "2350", 12, form="#,##0"),
    ),
)  # fmt: skip

ADVICE = (
    Note(
        "坐标从哪里来，就在 study.toml 里写哪个坐标系；"
        '不清楚就保留 coordinates = "auto"，由程序与道路比对后说明。',
        "Write in study.toml which system the coordinates are in; where that is unknown keep"
        ' coordinates = "auto".',
    ),
    Note("高德、腾讯地图拾取：gcj02。百度地图拾取：bd09。两者与 GPS 相差约 100 至 1500 米。",
         "Picked in Amap or Tencent: gcj02; in Baidu: bd09. Both are 100 to 1500 m off GPS."),
    Note("手持 GPS、OpenStreetMap、天地图：wgs84（天地图为 cgcs2000，两者在此视为相同）。",
         "GPS and OpenStreetMap: wgs84; Tianditu: cgcs2000, taken here to be the same."),
    Note(
        "测绘成果以米为单位时，把“经度”“纬度”两个标题改为“横坐标”（东）和“纵坐标”（北），"
        "并在 study.toml 里写 EPSG 代码，例如 EPSG:4544。",
        "Coordinates in metres: rename the headings to east and north, and write the EPSG code,"
        " for example EPSG:4544.",
    ),
    Note("一张表里最好只用一种坐标系；确有几种的，请填“坐标来源”列，或分成不同的表。",
         "Best one system of coordinates in a table; where there are several fill in the source."),
    Note("不要合并单元格，不要在数据中间留标题行；可以增加列，列的次序可以改变。",
         "No merged cells and no headings among the data; columns may be added and moved."),
    Note("没有坐标的行不会丢失：检查报告会逐行列出。",
         "A row without coordinates is not lost: the check names it."),
)  # fmt: skip

TOTALS_ADVICE = (
    Note(
        "各单位的总数按 [people] 的位置分摊，总数不变；检查报告列出每个单位的核对结果。",
        "Totals are spread over the places of [people] and kept; the check shows each of them.",
    ),
    Note(
        "不要写合计行；没有的人群整列留空，或删去该列。",
        "No row of totals; leave out the columns of groups that are not known.",
    ),
    Note(
        "单位名称须能在界线数据中找到；对不上的会列出，并给出最接近的名称。",
        "Names must be found among the polygons; others are listed with the nearest names.",
    ),
)

GUIDE = Note("填写说明", "how to fill in")
LISTS = Note("选项", "lists")


def write_book(path: Path, sheets: Sequence[Sheet], language: str, advice: Sequence[Note]) -> None:
    """Write a workbook with empty `sheets`, the explanation and the lists of the drop-downs."""
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only needed here

    book = Workbook()
    book.remove(book.active)
    tongue = "en" if language == "en" else "zh"
    pages = [book.create_sheet(getattr(s.name, tongue)) for s in sheets]
    _guide(book.create_sheet(getattr(GUIDE, tongue)), sheets, language, advice)
    lists: dict[tuple[Note, ...], str] = {}
    choices = [c.choices for s in sheets for c in s.columns if c.choices]
    if choices:
        page = book.create_sheet(getattr(LISTS, tongue))
        for k, values in enumerate(dict.fromkeys(choices), 1):
            for row, value in enumerate(values, 1):
                page.cell(row, k, getattr(value, tongue))
            letter = page.cell(1, k).column_letter
            page.column_dimensions[letter].width = 28
            lists[values] = f"'{page.title}'!${letter}$1:${letter}${len(values)}"
    for page, sheet in zip(pages, sheets, strict=True):
        _fill_in(page, sheet, tongue, language, lists)
    book.save(path)


def _fill_in(
    page: Any,  # noqa: ANN401 - openpyxl has no types
    sheet: Sheet,
    tongue: str,
    language: str,
    lists: dict[tuple[Note, ...], str],
) -> None:
    """Headings, formats and drop-downs of an empty sheet."""
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    for k, column in enumerate(sheet.columns, 1):
        cell = page.cell(1, k, getattr(column.heading, tongue))
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=BLUE if column.needed else GREY)
        cell.alignment = Alignment(horizontal="center", vertical="center")
        letter = cell.column_letter
        page.column_dimensions[letter].width = column.width
        page.column_dimensions[letter].number_format = column.form
        told = _told(column.about, language)
        title = getattr(column.heading, tongue)
        rule = DataValidation(
            type="list" if column.choices else None,
            formula1=lists.get(column.choices),
            allow_blank=True,
            showErrorMessage=bool(column.choices),
            errorStyle="warning",
            errorTitle=title,
            error={"zh": "不在列表中。仍要使用吗？"}.get(tongue, "Not in the list. Use it?"),
            showInputMessage=True,
            promptTitle=title,
            prompt=told[:255],
        )
        rule.add(f"{letter}2:{letter}{ROWS + 1}")
        page.add_data_validation(rule)
    page.row_dimensions[1].height = 24
    page.freeze_panes = "B2"


def _guide(
    page: Any,  # noqa: ANN401
    sheets: Sequence[Sheet],
    language: str,
    advice: Sequence[Note],
) -> None:
    """What every column means, with an example that is no data."""
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

    wrap = Alignment(wrap_text=True, vertical="top")
    tongue = "en" if language == "en" else "zh"
    heads = (
        Note("列", "column"), Note("必填", "needed"), Note("含义", "meaning"),
        Note("可选值", "values"), Note("示例（不是数据）", "example (no data)"),
    )  # fmt: skip
    for letter, width in zip("ABCDE", (20, 8, 62, 44, 34), strict=True):
        page.column_dimensions[letter].width = width
    page.append([_told(Note("填写说明：蓝色标题为必填", "Blue headings are needed"), language)])
    page["A1"].font = Font(bold=True, size=14)
    for sheet in sheets:
        page.append([])
        page.append([_told(sheet.name, language)])
        page.cell(page.max_row, 1).font = Font(bold=True, size=12, color=BLUE)
        page.append([_told(head, language) for head in heads])
        for cell in page[page.max_row]:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor=PALE)
        for column in sheet.columns:
            page.append([
                _told(column.heading, language),
                _told(YES_NO[0], language) if column.needed else "",
                _told(column.about, language),
                "、".join(getattr(c, tongue) for c in column.choices),
                getattr(column.example, tongue),
            ])  # fmt: skip
            for cell in page[page.max_row]:
                cell.alignment = wrap
    page.append([])
    page.append([_told(Note("请注意", "Please note"), language)])
    page.cell(page.max_row, 1).font = Font(bold=True, size=12, color=BLUE)
    for line in advice:
        page.append([_told(line, language)])
        row = page.max_row
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=5)
        page.cell(row, 1).alignment = wrap
        page.row_dimensions[row].height = 32 if language == "both" else 18
    page.freeze_panes = "A2"
    page.sheet_properties.tabColor = "E6B400"


def _told(note: Note, language: str) -> str:
    """A text in the language; in both, Chinese first."""
    if language == "both":
        return note.zh if note.zh == note.en else f"{note.zh}\n{note.en}"
    return note.en if language == "en" else note.zh
