"""What a check found as sentences, the same on the terminal and on the page.

Every function takes a part of the document of `checks.report` and gives Chinese and English.
"""

from __future__ import annotations

from typing import Any

from quarterhour.inputs import Note
from quarterhour.measures import counted, measure
from quarterhour.render.check.words import (
    CHANGES,
    LEVELS,
    PARTS,
    REASONS,
    form_pair,
    is_doubtful,
    reason_zh,
)
from quarterhour.render.words import group_pair


def number(value: float | None) -> str:
    """Thousands separated, with a decimal only below a hundred; a dash for nothing."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"


def verdict(document: dict[str, Any]) -> Note:
    """Whether the study can run, with the number of problems and warnings."""
    problems, warnings = len(document["problems"]), len(document["warnings"])
    if problems:
        plural = "problem" if problems == 1 else "problems"
        zh, en = f"还不能运行：{problems} 个问题", f"cannot run yet: {problems} {plural}"
    else:
        zh, en = "可以运行", "the study can run"
    if warnings:
        plural = "warning" if warnings == 1 else "warnings"
        zh, en = f"{zh}，{warnings} 条提醒", f"{en}, {warnings} {plural}"
    return Note(zh, en)


def about(entry: dict[str, Any]) -> Note:
    """What a problem or a warning is about: its part, and the services where they are named."""
    zh, en = PARTS.get(entry["part"], (entry["part"], entry["part"]))
    services = "、".join(entry["services"])
    return Note(f"{zh}（{services}）", f"{en} ({services})") if services else Note(zh, en)


def first_line(entry: dict[str, Any]) -> Note:
    """The first sentence of a problem or a warning, and how many more the page has."""
    (zh, *more), (en, *_) = entry["zh"].split("\n"), entry["en"].split("\n")
    if not more:
        return Note(zh, en)
    return Note(f"{zh}（另 {len(more)} 点）", f"{en} (and {len(more)} more)")


def place(row: dict[str, Any]) -> Note:
    """Where a row stands: file, sheet, row and name."""
    zh = row["file"] + (f" 工作表“{row['sheet']}”" if row["sheet"] else "")
    en = row["file"] + (f" sheet {row['sheet']}" if row["sheet"] else "")
    if row["row"] is not None:
        zh, en = f"{zh} 第 {row['row']} 行", f"{en} row {row['row']}"
    if row["name"]:
        zh, en = f"{zh}“{row['name']}”", f'{en} "{row["name"]}"'
    return Note(zh, en)


def reason(row: dict[str, Any]) -> Note:
    """Why a row is not used."""
    return Note(reason_zh(row["reason"], row["detail"]), row["detail"])


def reasons(rows: list[dict[str, Any]]) -> Note:
    """How many rows are not used for which reason, the commonest first."""
    count: dict[str, int] = {}
    for row in rows:
        count[row["reason"]] = count.get(row["reason"], 0) + 1
    order = sorted(count, key=lambda key: (-count[key], key))
    words = {key: REASONS.get(key, (key, key.replace("_", " "))) for key in order}
    return Note(
        "、".join(f"{words[k][0]} {count[k]}" for k in order),
        ", ".join(f"{words[k][1]} {count[k]}" for k in order),
    )


def change_kind(kind: str) -> Note:
    """What a kind of change is called."""
    return Note(*CHANGES.get(kind, (kind, kind.replace("_", " "))))


def reading(entry: dict[str, Any]) -> Note:
    """What was read of a file: sheet, form, heading row, rows, coordinates."""
    zh = [entry["file"] + (f" 工作表“{entry['sheet']}”" if entry["sheet"] else "")]
    en = [entry["file"] + (f" sheet {entry['sheet']}" if entry["sheet"] else "")]
    if entry["form"]:
        form_zh, form_en = form_pair(entry["form"])
        zh.append(form_zh)
        en.append(form_en)
    if entry["header_row"] is not None:
        zh.append(f"列名在第 {entry['header_row']} 行")
        en.append(f"headings in row {entry['header_row']}")
    is_raster = "cells" in entry["form"]
    zh.append(f"{entry['rows']:,} {'格有人口' if is_raster else '行'}")
    one, many = ("cell with people", "cells with people") if is_raster else ("row", "rows")
    en.append(f"{entry['rows']:,} {one if entry['rows'] == 1 else many}")
    if entry["coordinates"]:
        zh.append(f"坐标系 {entry['coordinates']}")
        en.append(f"coordinates {entry['coordinates']}")
    return Note("，".join(zh), ", ".join(en))


def service(entry: dict[str, Any]) -> Note:
    """How many facilities of a service can be used, and how far they are from the road."""
    name = entry["name"]
    if entry["facilities_used"] is None:
        rows = entry["rows_with_position"]
        zh, en = [f"{rows} 处有坐标"], [f"{rows} with a position"]
    else:
        used = entry["facilities_used"]
        zh = [f"{used} 处可用"]
        en = [f"{used} {'facility' if used == 1 else 'facilities'} usable"]
    for key, told_zh, told_en in (
        ("facilities_planned", "处规划", "planned"),
        ("facilities_of_other_kinds", "处其他类型", "of other kinds"),
    ):
        if entry[key]:
            zh.append(f"{entry[key]} {told_zh}")
            en.append(f"{entry[key]} {told_en}")
    if entry["set_aside"]:
        zh.append(f"{len(entry['set_aside'])} 行未采用")
        en.append(f"{len(entry['set_aside'])} set aside")
    if entry["link_median_m"] is not None:
        median, longest = number(entry["link_median_m"]), number(entry["link_max_m"])
        zh.append(f"到道路 {median} 米（中位），最远 {longest} 米")
        en.append(f"{median} m to the road (median), at most {longest} m")
    return Note(f"{name}：{'，'.join(zh)}", f"{name}: {', '.join(en)}")


def people(entry: dict[str, Any]) -> Note:
    """How much demand there is, and how much of it has no road."""
    told = measure(entry["unit"], entry["total"])
    total = number(entry["total"] / told.per)
    zh = [f"{total} {told.zh}，{entry['places']:,} 处"]
    en = [f"{total} {told.unit_en(total)} at {counted(entry['places'], 'place')}"]
    for group, amount in entry["groups"].items():
        group_zh, group_en = group_pair(group)
        zh.append(f"{group_zh} {number(amount / told.per)}")
        en.append(f"{group_en} {number(amount / told.per)}")
    if entry["outside"]:
        zh.append(f"研究范围以外另有 {number(entry['outside'] / told.per)}")
        en.append(f"another {number(entry['outside'] / told.per)} outside the study area")
    if entry["unlinked"] is not None:
        lost = number(entry["unlinked"] / told.per)
        zh.append(f"未连路网 {lost}（限 {entry['link_limit_m']:g} 米）")
        en.append(f"{lost} unlinked (limit {entry['link_limit_m']:g} m)")
    return Note("，".join(zh), ", ".join(en))


def roads(entry: dict[str, Any]) -> Note:
    """Junctions, pieces and length of the network."""
    km = number(entry["street_km"])
    return Note(
        f"{entry['junctions']:,} 个路口，{entry['edges']:,} 段，{km} 公里",
        f"{counted(entry['junctions'], 'junction')}, {counted(entry['edges'], 'edge')}, {km} km",
    )


def _systems(entry: dict[str, Any]) -> tuple[str, str]:
    """Which system the study states and which one is used."""
    stated, used = entry["stated"], entry["used"]
    if stated == "auto":
        return f"未指定坐标系（auto），采用 {used}", f"no system stated (auto), used {used}"
    if stated == used:
        return f"按写明的 {used}", f"{used} as stated"
    return f"写明 {stated}，采用 {used}", f"stated {stated}, used {used}"


def fit(entry: dict[str, Any]) -> Note:
    """Which system coordinates were stated to be in and taken to be, and how well they fit."""
    zh, en = _systems(entry)
    if entry["zh"]:
        return Note(f"{zh}。{entry['zh']}", f"{en}. {entry['en']}")
    found_zh, found_en = {
        "fits": ("与道路吻合", "fits the roads"),
        "other": (f"按 {entry['best']} 更吻合", f"fits better as {entry['best']}"),
        "undecided": ("由道路无法判断", "the roads do not tell"),
    }.get(entry["verdict"], (entry["verdict"], entry["verdict"]))
    if entry["sure"] > 0 and entry["verdict"] != "undecided" and len(entry["median_m"]) > 1:
        found_zh = f"{found_zh}（把握 {entry['sure']:.0%}）"
        found_en = f"{found_en} (sure: {entry['sure']:.0%})"
    return Note(f"{zh}；{found_zh}", f"{en}; {found_en}")


def fit_short(entry: dict[str, Any]) -> Note:
    """The same in a few words, with the median metres to the road in the system that is used."""
    zh, en = ([told] for told in _systems(entry))
    metres = entry["median_m"].get(entry["used"])
    if metres is not None:
        zh.append(f"到道路 {number(metres)} 米（中位）")
        en.append(f"{number(metres)} m to the road (median)")
    if entry["verdict"] == "undecided":
        keys = ("verdict", "stated", "used", "median_m", "n_points")
        ask = is_doubtful(*(entry[key] for key in keys))
        zh.append("由道路无法判断，请核对" if ask else "由道路无法判断")
        en.append("the roads do not tell: please check" if ask else "the roads do not tell")
    elif entry["verdict"] == "other":
        zh.append(f"按 {entry['best']} 更吻合（把握 {entry['sure']:.0%}），请核对")
        en.append(f"fits better as {entry['best']} (sure: {entry['sure']:.0%}): please check")
    elif entry["sure"] > 0 and len(entry["median_m"]) > 1:
        zh.append(f"把握 {entry['sure']:.0%}")
        en.append(f"sure: {entry['sure']:.0%}")
    return Note("，".join(zh), ", ".join(en))


def place_of(entry: dict[str, Any]) -> str:
    """File and sheet as a title."""
    sheet = f" · {entry['sheet']}" if entry["sheet"] else ""
    return f"{entry['file']}{sheet}"


def scenario(entry: dict[str, Any]) -> Note:
    """What a scenario would change: streets closed and opened, facilities added."""
    zh: list[str] = []
    en: list[str] = []
    if entry["cuts"]:
        km, n = f"{entry['closed_km']:.2f}", entry["cuts"]
        zh.append(f"封闭道路 {km} 公里（{n} 处）")
        en.append(f"{km} km of street closed at {n} {'place' if n == 1 else 'places'}")
    if entry["opened_km"]:
        km, n = f"{entry['opened_km']:.2f}", entry["joints"]
        zh.append(f"新增道路 {km} 公里，接通 {n} 处")
        en.append(f"{km} km of new street, joined at {n} {'place' if n == 1 else 'places'}")
        if entry["loose"]:
            zh.append(f"{entry['loose']} 个端点未接通")
            ends = "end" if entry["loose"] == 1 else "ends"
            en.append(f"{entry['loose']} {ends} not joined")
    for one in entry["facilities"]:
        if one["rows"]:
            how = ("替换为", "replaced by") if one["replaces"] else ("增加", "joined by")
            zh.append(f"“{one['service']}”的设施{how[0]} {one['rows']} 处")
            en.append(f"facilities of {one['service']} {how[1]} {one['rows']}")
        year = (
            ("", "") if entry["year"] is None else (f"{entry['year']} 年", f" in {entry['year']}")
        )
        zh.append(f"“{one['service']}”{year[0]}有 {one['serving']} / {one['of']} 处计入")
        en.append(f"{one['serving']} of {one['of']} serve {one['service']}{year[1]}")
    if entry["is_faulty"]:
        zh.append("有错误，见上面的问题")
        en.append("has faults, see the problems above")
    told = (
        "，".join(zh) or "没有改变任何道路或设施",
        ", ".join(en) or "changes no street or facility",
    )
    return Note(f"{entry['name']}：{told[0]}", f"{entry['name']}: {told[1]}")


def areas(entry: dict[str, Any]) -> Note:
    """How many areas were read, and how many could not be used."""
    zh, en = f"{entry['file']}：{entry['areas']:,} 个", f"{entry['file']}: {entry['areas']:,}"
    if entry["set_aside"]:
        zh = f"{zh}，{entry['set_aside']} 个未采用"
        en = f"{en}, {entry['set_aside']} set aside"
    return Note(zh, en)


def units(entry: dict[str, Any]) -> Note:
    """How many units of a level were read, and how many have no position or cannot be used."""
    level = LEVELS.get(entry["level"], (entry["level"], entry["level"]))
    zh = [f"{entry['file']}：{level[0]} {entry['units']:,} 个"]
    en = [f"{entry['file']}: {entry['units']:,} {level[1]}"]
    without = entry["units"] - entry["placed"]
    if without:
        zh.append(f"{without:,} 个没有位置")
        en.append(f"{without:,} without a position")
    if entry["set_aside"]:
        zh.append(f"{entry['set_aside']} 行未采用")
        en.append(f"{entry['set_aside']} set aside")
    return Note("，".join(zh), ", ".join(en))


def targets(entry: dict[str, Any]) -> Note:
    """Which plans are judged, and how many facilities they can count."""
    plans, n = ", ".join(entry["plans"]), entry["facilities"]
    return Note(
        f"{plans}；可计数的设施 {n:,} 处",
        f"{plans}; {counted(n, 'facility', 'facilities')} to be counted",
    )


def candidates(entry: dict[str, Any]) -> Note:
    """How many candidate sites have a position."""
    zh = f"{entry['file']}：{entry['candidates']:,} 处候选地点"
    en = f"{entry['file']}: {counted(entry['candidates'], 'candidate site')}"
    if entry["set_aside"]:
        zh = f"{zh}，{entry['set_aside']} 行未采用"
        en = f"{en}, {entry['set_aside']} set aside"
    return Note(zh, en)


def people_links(entry: dict[str, Any]) -> Note:
    """How far the places of the demand stand from the road."""
    median, longest = number(entry["link_median_m"]), number(entry["link_max_m"])
    return Note(
        f"需求点 {entry['places']:,} 处，连上道路 {entry['linked_places']:,} 处："
        f"到道路 {median} 米（中位），最远 {longest} 米，限 {entry['link_limit_m']:g} 米",
        f"{entry['linked_places']:,} of {counted(entry['places'], 'place')} linked: {median} m to"
        f" the road (median), at most {longest} m, limit {entry['link_limit_m']:g} m",
    )


def all_set_aside(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of every input that are not used, those of the facilities first, each once."""
    rows: list[dict[str, Any]] = []
    for entry in document["services"]:
        rows += [row for row in entry["set_aside"] if row not in rows]
    return [*rows, *document["set_aside"]]


def overview(document: dict[str, Any]) -> list[tuple[Note, Note]]:
    """What there is: the part and a line about it, for each input."""
    lines: list[tuple[Note, Note]] = []
    if document["roads"] is not None:
        lines.append((Note(*PARTS["roads"]), roads(document["roads"])))
    if document["people"] is not None:
        kind = "people" if document["people"]["unit"] == "people" else "stand_in"
        lines.append((Note(*PARTS[kind]), people(document["people"])))
    lines += [(Note(*PARTS["facilities"]), service(entry)) for entry in document["services"]]
    for key in ("residential", "districts", "towns", "urban"):
        if document[key] is not None:
            lines.append((Note(*PARTS[key]), areas(document[key])))
    lines += [(Note(*PARTS["units"]), units(entry)) for entry in document["units"]]
    if document["targets"] is not None:
        lines.append((Note(*PARTS["targets"]), targets(document["targets"])))
    if document["site"] is not None:
        lines.append((Note(*PARTS["site"]), candidates(document["site"])))
    lines += [(Note(*PARTS["scenario"]), scenario(entry)) for entry in document["scenarios"]]
    return lines


def at(spot: dict[str, Any]) -> str:
    """Longitude and latitude as a map takes them."""
    return f"{spot['lon']:.6f}, {spot['lat']:.6f}"
