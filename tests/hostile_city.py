"""A whole study of which every name is an attack on the page, a fault of layout, or both.

The town of `small_study` on a larger scale, with two services, districts, residential areas, a
group and a scenario, run by the ordinary way from files to the map.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from small_study import box, facilities_text, lonlat, osm_text, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

ALERT = "window.taken=(window.taken||0)+1"
NAMES = {
    "title": f"题目 `${{{ALERT}}}` </script><script>{ALERT}</script> 卷一",
    "service": f"服务 <img src=x onerror={ALERT}> \"双\" '单' 甲",
    "other": f"服务 乙 </title></style><svg onload={ALERT}> &amp; &#60;b&#62;",
    "facility": f"设施 <iframe srcdoc='<script>parent.{ALERT}</script>'> 丙 👩‍👩‍👧‍👦 𠮷㐂龘",
    "planned": f"设施 \\u003cimg src=x onerror={ALERT}\\u003e \u202e倒着写\u202c 丁",
    "long": "长名" + "很长的设施名称不含任何空格" * 20 + "戊",
    "wide": "W" * 300 + "己",
    "kind": f"类别 <b onclick={ALERT}>庚</b>",
    "district": f"街道 ]]> --> <!-- <script>{ALERT}</script> 辛",
    "home": f"小区 ');{ALERT};(' \u0645\u062f\u0631\u0633\u0629 壬",
    "scenario": f"方案 {{{{7*7}}}} {{% raw %}} ${{{ALERT}}} `癸`",
    "group": f"人群 <svg/onload={ALERT}> 子",
    "source": f'来源 javascript:{ALERT} https://a.example/?q="><script>{ALERT}</script> 丑',
    "date": f"2025 <u onmouseover={ALERT}>寅",
    "zalgo": "卯"
    + "\u0301\u0316\u0337" * 12
    + " e\u0301\U0001f3f4\U000e0067\U000e0062 Ⅷ ㎡ \ufeff辰",
}
STEP = 200
STREETS = {
    **{f"横{j}": [(STEP * i, STEP * j) for i in range(9)] for j in range(9) if j != 4},
    **{f"纵{i}": [(STEP * i, STEP * j) for j in range(9) if j != 4] for i in (0, 8)},
    **{f"北{i}": [(STEP * i, STEP * j) for j in range(5, 9)] for i in range(1, 8)},
    **{f"南{i}": [(STEP * i, STEP * j) for j in range(4)] for i in range(1, 8)},
}
"""A grid of 1.6 km without its middle street: only two ways lead from the north to the south."""


def hostile_city(folder: Path, language: str = "both") -> Path:
    """Write the study and return its file."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    people = ["name,lon,lat,population,二"]
    for k, (x, y) in enumerate(rng.uniform(0, 8 * STEP, (400, 2))):
        lon, lat = lonlat(float(x), float(y))
        people.append(f"{k},{lon:.7f},{lat:.7f},{5 + k % 17},{k % 5}")
    side = 8 * STEP
    homes = [
        box(x, y, x + 260, y + 180) for x in range(50, side, 420) for y in range(60, side, 430)
    ]
    write_layer(
        folder / "homes.gpkg", homes,
        name=[NAMES["home"], NAMES["zalgo"], *(f"苑{k}" for k in range(2, len(homes)))],
    )  # fmt: skip
    write_layer(
        folder / "districts.gpkg", [box(-60, -60, side / 2, side + 60),
        box(side / 2, -60, side + 60, side + 60)], name=[NAMES["district"], NAMES["long"]],
    )  # fmt: skip
    write_layer(folder / "area.gpkg", [box(-60, -60, side + 60, side + 60)])
    kind = NAMES["kind"].replace('"', '""')
    rows = [
        (f'"{NAMES["facility"]}"', 210, 220, f'"{kind}"', "现状"),
        (f'"{NAMES["long"]}"', 1390, 190, "养老院", "现状"),
        (f'"{NAMES["planned"]}"', 800, 1400, "养老院", "规划"),
    ]
    other = [
        (f'"{NAMES["zalgo"]}"', 810, 200, "养老院", "现状"),
        (f'"{NAMES["wide"]}"', 1380, 1190, "养老院", "现状"),
    ]
    more = [(f'"{NAMES["scenario"]}"', 830, 1390, "养老院", "现状")]
    return small_study(
        folder,
        {
            "study.name": NAMES["title"],
            "study.language": language,
            "study.area": "area.gpkg",
            "study.data_date": NAMES["date"],
            "study.attribution": [NAMES["source"], NAMES["zalgo"]],
            "study.synthetic": True,
            "people.groups": {NAMES["group"]: 0.3},
            "residential": {"source": "homes.gpkg", "name": "name"},
            "districts": {"source": "districts.gpkg", "name": "name"},
            "service": [
                {
                    "name": NAMES["service"], "facilities": "facilities.csv",
                    "group": NAMES["group"], "cutoffs_min": [5, 10, 15], "status": ["现状"],
                },
                {"name": NAMES["other"], "facilities": "other.csv", "cutoffs_min": [5, 15]},
            ],
            "scenario": [{
                "name": NAMES["scenario"], "facilities": "more.csv", "service": NAMES["service"],
            }],
        },
        {
            "roads.osm": osm_text(STREETS),
            "people.csv": "\n".join([*people, ""]),
            "facilities.csv": facilities_text(rows),
            "other.csv": facilities_text(other),
            "more.csv": facilities_text(more),
        },
    )  # fmt: skip


def hostile_pages(folder: Path) -> dict[str, Path]:
    """The map of one run of the study, by language."""
    from quarterhour.publish import map_of
    from quarterhour.render.map.html import write_map
    from quarterhour.study import run_study

    result = run_study(hostile_city(folder / "study"))
    found = {}
    for language in ("zh", "en", "both"):
        found[language] = folder / f"{language}.html"
        write_map(found[language], map_of(result, "0123456789ab", language=language))
    return found
