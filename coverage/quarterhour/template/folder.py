"""A study folder that a planner can fill: study file, workbooks with drop-downs, instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.errors import InputError, QuarterhourError
from quarterhour.inputs import Note
from quarterhour.template.books import (
    ADVICE,
    TOTALS_ADVICE,
    TOWNS,
    Kinds,
    facility_sheets,
    write_book,
)
from quarterhour.template.toml import study_text

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = ("zh", "en", "both")

GUIDE = Note(
    """一刻钟（Quarterhour）研究文件夹

这个文件夹用来回答：谁能在15分钟内步行到养老、托育等设施，谁不能。

一、要做的事
1. 道路：把道路文件复制到本文件夹，命名为 roads.osm.pbf（OpenStreetMap）；
   用其他文件时，在 study.toml 的 [roads] 里改 source。
   道路要比研究范围每边多出约4公里，否则边缘的结果不可靠。
2. 设施：打开 {book}，按“填写说明”工作表填写各工作表，一行一处。
   示例只在“填写说明”里，不会计入。
3. 人口（可选）：有人口栅格或居住点时，启用 study.toml 的 [people]；
   只有分街道的总数时，填写 {people_book}，并启用 [people.totals]。
   不填人口时，以建筑或街道长度代替，结果不报人数。
4. 检查：quarterhour check study.toml
   屏幕上给出要点，全部细节在 check.html（浏览器打开，不联网）。有问题会逐条说明怎么改。
5. 计算：quarterhour run study.toml --out 结果
   得到 map.html（地图）、results.gpkg（QGIS 可打开）、summary.json、manifest.json。

二、文件
study.toml：研究设置，每一项都有说明
{book}：设施表，有下拉列表
{people_book}：分街道（乡镇）的人口总数

三、坐标系
高德、腾讯拾取的坐标是 gcj02，百度是 bd09，GPS、OpenStreetMap 是 wgs84。
不清楚就保留 coordinates = "auto"：程序把设施与道路比对，报告里写明判断的依据和把握。
""",
    """A Quarterhour study folder

It answers who can walk to care for the old, to nurseries or to other services within fifteen
minutes, and who cannot.

1. What to do
   a. Roads: copy a road file into this folder as roads.osm.pbf (OpenStreetMap); for another file
      change source under [roads] in study.toml. The roads should reach about 4 km beyond the study
      area, or results at its edge cannot be trusted.
   b. Facilities: open {book} and fill its sheets, one row for each place. The sheet that explains
      holds the examples; they are not counted.
   c. People (optional): with a raster or points of people use [people] in study.toml; with totals
      by town only, fill {people_book} and use [people.totals]. Without people, buildings or streets
      stand in for them and no people are reported.
   d. Check: quarterhour check study.toml
      The main points are on the screen, everything is in check.html (opens offline in a browser).
   e. Run: quarterhour run study.toml --out results
      This gives map.html, results.gpkg (for QGIS), summary.json and manifest.json.

2. Files
   study.toml      the settings, each explained
   {book}     facilities, with drop-downs
   {people_book}   people by town

3. Coordinates
   Picked in Amap or Tencent they are gcj02, in Baidu bd09, from GPS or OpenStreetMap wgs84. Where
   unknown keep coordinates = "auto": the facilities are compared with the roads, and the report
   says with what evidence and how surely the system was found.
""",
)

NAMES = {
    "zh": {
        "name": "示例区一老一小15分钟服务圈", "book": "设施.xlsx", "people_book": "街道人口.xlsx",
        "people_sheet": "街道人口", "readme": "说明.txt", "existing": "现状",
    },
    "en": {
        "name": "Care within fifteen minutes", "book": "facilities.xlsx",
        "people_book": "people_by_town.xlsx", "people_sheet": "towns", "readme": "README.txt",
        "existing": "existing",
    },
}  # fmt: skip

SERVICES = {
    "zh": [
        {
            "service": "养老", "sheet": "养老设施", "walker": "elderly", "group": "age_60_plus",
            "tag": "amenity=nursing_home",
        },
        {
            "service": "托育", "sheet": "托育设施", "walker": "caregiver_with_stroller",
            "group": "age_0_3", "tag": "amenity=childcare",
        },
    ],
    "en": [
        {
            "service": "Care for the old", "sheet": "elderly care", "walker": "elderly",
            "group": "age_60_plus", "tag": "amenity=nursing_home",
        },
        {
            "service": "Nurseries", "sheet": "nurseries", "walker": "caregiver_with_stroller",
            "group": "age_0_3", "tag": "amenity=childcare",
        },
    ],
}  # fmt: skip


def init_study(folder: Path, language: str = "zh") -> tuple[Path, ...]:
    """Write the files of a new study to `folder` and return them, the study file first.

    `language`: zh, en or both; in both, names of files and headings are Chinese.

    Raises
    ------
    InputError
        The folder is a file or holds something already; nothing is written then.
    QuarterhourError
        The folder cannot be written.
    """
    if language not in LANGUAGES:
        raise InputError(f"language is {language!r}; it must be one of {', '.join(LANGUAGES)}")
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder}: is a file; choose a new folder for the study")
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(
                f"{folder}: the folder is not empty; choose a new or empty folder, so that nothing"
                " is overwritten"
            )
        folder.mkdir(parents=True, exist_ok=True)
        return _write(folder, language)
    except OSError as error:
        raise QuarterhourError(
            f"{folder}: the study cannot be written there ({error.strerror}); choose another folder"
        ) from error


def _write(folder: Path, language: str) -> tuple[Path, ...]:
    tongue = "en" if language == "en" else "zh"
    names = NAMES[tongue]
    kinds = template_kinds()
    services = [
        {**service, "kind": getattr(kind[0], tongue)}
        for service, kind in zip(SERVICES[tongue], kinds, strict=True)
    ]
    study, book, people, guide = (
        folder / name
        for name in ("study.toml", names["book"], names["people_book"], names["readme"])
    )
    study.write_text(
        study_text(language, {**names, "language": language}, services), encoding="utf-8"
    )
    write_book(book, facility_sheets(kinds), language, ADVICE)
    write_book(people, (TOWNS,), language, TOTALS_ADVICE)
    # both languages always: whoever fills the study need not be the one who asked for it
    texts = (GUIDE.en, GUIDE.zh) if language == "en" else (GUIDE.zh, GUIDE.en)
    # old editors of Windows take UTF-8 for GBK without the mark at the beginning
    text = "\n".join(texts).format(**names)
    guide.write_text(text, encoding="utf-8-sig", newline="\r\n")
    return study, book, people, guide


def template_kinds() -> Kinds:
    """The kinds of the drop-downs: those for the old, and those for small children."""
    from quarterhour.sources.facilities.kinds import KINDS  # noqa: PLC0415 - start-up stays quick

    def of(*domains: str) -> tuple[Note, ...]:
        return tuple(Note(k.zh, k.en) for k in KINDS.values() if k.domain in domains and k.services)

    return Kinds(of("elderly", "both"), of("childcare", "both"))
