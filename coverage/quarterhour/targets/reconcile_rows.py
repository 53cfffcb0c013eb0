"""Rows of a project list against the heads that are printed over them, and against themselves."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.targets.findings import Finding, amount, listed
from quarterhour.targets.projects import MEASURES, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from quarterhour.targets.project_list import Project
    from quarterhour.targets.projects import Plan

ZONES = ("高新", "经开", "临空")
"""Functional zones that a responsible body may be of, without a county of their own."""

COUNTY = re.compile(r"(?:自治县|新区|区|县|市)$")
COMMUNITY = re.compile(r"(?:社区|村)$")


class WrittenTown(NamedTuple):
    """A town of a row, as written, and what it was taken to mean: see `sources.units.town_names`.

    `town`, `county`: of the register, "" where it was not found.
    """

    no: str
    written_county: str
    written: str
    status: str
    county: str
    town: str
    note: Note


def head_findings(plan: Plan) -> list[Finding]:
    """Printed heads against the sums of their rows, and against the heads that they consist of.

    Raises
    ------
    InputError
        A head is about rows or heads that are not there.
    """
    found = []
    for head in plan.heads:
        what = f"the head {head['key']!r}"
        chosen = rows_of(plan, what, head["select"], head.get("counties", ()))
        found.append(_head(plan, head, chosen))
        if "year" in head:
            found += _years(head, chosen)
    return found


def _head(plan: Plan, head: Mapping[str, Any], chosen: list[Project]) -> Finding:
    zh, en, wrong = [], [], []
    numbers: dict[str, float] = {}
    for measure, (name, unit) in MEASURES.items():
        if measure not in head:
            continue
        printed = float(head[measure])
        real = sum(p.amount(measure) for p in chosen)
        numbers |= {f"{measure}_printed": printed, f"{measure}_rows": real}
        if abs(real - printed) <= float(head.get("rounded", 0)) / 2:
            continue
        wrong.append(measure)
        zh.append(f"{name.zh}写为 {amount(printed)} {unit.zh}，逐行为 {amount(real)} {unit.zh}")
        en.append(f"{name.en} {amount(printed)} as printed, {amount(real)}{unit.en} by row")
        if measure == "cost":
            twin = _equal_to(plan, head, abs(printed - real))
            if twin is not None:
                numbers["cost_of_other_head"] = float(twin["cost"])
                names = twin.get("zh", twin["key"]), twin.get("en", twin["key"])
                zh.append(f"差额 {amount(abs(printed - real))} 等于“{names[0]}”")
                en.append(f"the difference {amount(abs(printed - real))} is that of {names[1]}")
    parts = _parts(plan, head)
    if parts and "cost" in head:
        total = sum(float(h["cost"]) for h in parts)
        numbers["cost_parts"] = total
        zh.append(f"{amount(total)} = {' + '.join(amount(float(h['cost'])) for h in parts)}")
        en.append(f"{amount(total)} = {' + '.join(amount(float(h['cost'])) for h in parts)}")
    name = Note(str(head.get("zh", head["key"])), str(head.get("en", head["key"])))
    if not wrong:
        return Finding(
            key=f"head_{head['key']}", status="agrees",
            sentence=Note(f"{name.zh}：{len(chosen)} 行合计与所写一致",
                          f"{name.en}: {counted(len(chosen), 'row adds', 'rows add')} up to what is"
                          " printed"),
            clause=_annex(name), numbers=numbers,
        )  # fmt: skip
    return Finding(
        key=f"head_{head['key']}", status="differs",
        sentence=Note(f"{name.zh}：{'；'.join(zh)}", f"{name.en}: {'; '.join(en)}"),
        clause=_annex(name), rows=tuple(p.no for p in chosen), numbers=numbers,
    )  # fmt: skip


def _parts(plan: Plan, head: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The other heads that a head is the sum of."""
    others = {h["key"]: h for h in plan.heads if h is not head}
    found = []
    for key in head.get("parts", ()):
        if key not in others:
            raise InputError(
                f"{plan.where}: the head {head['key']!r} has the part {key!r}; needed are keys of"
                f" other heads: {', '.join(others) or '(there are none)'}"
            )
        if "cost" in head and "cost" not in others[key]:
            raise InputError(
                f"{plan.where}: the head {head['key']!r} has a cost, and its part {key!r} has none;"
                f" write cost at [[head]] {key!r}, or take it out of parts"
            )
        found.append(others[key])
    return found


def _annex(name: Note) -> str:
    return name.zh.split()[0] if name.zh.startswith("附件") else ""


def _equal_to(plan: Plan, head: Mapping[str, Any], difference: float) -> Mapping[str, Any] | None:
    """Another head that prints just this cost: what was counted in by mistake."""
    return next((h for h in plan.heads if h is not head and h.get("cost") == difference), None)


def _years(head: Mapping[str, Any], chosen: list[Project]) -> list[Finding]:
    """Rows printed under a year with another year of building."""
    return [
        Finding(
            key=f"year_{p.no}", status="differs",
            sentence=Note(f"{p.no} {p.name}：列在 {head['year']} 年，建设期限为 {p.year_end} 年",
                          f"{p.no} {p.name}: under {head['year']}, its year is {p.year_end}"),
            clause=str(head.get("zh", "")), rows=(p.no,),
            numbers={"printed_under": float(head["year"]), "year_end": float(p.year_end)},
        )
        for p in chosen
        if p.year_end is not None and p.year_end != head["year"]
    ]  # fmt: skip


def row_findings(plan: Plan) -> list[Finding]:
    """Rows against their described content, against each other, and against who leads them."""
    found = [f for text in plan.texts for f in _text(plan, text)]
    found += _twins(plan)
    found += _leads(plan)
    return found + _unread(plan) + _doubts(plan)


def _text(plan: Plan, text: Mapping[str, Any]) -> list[Finding]:
    row = next((p for p in plan.projects if p.no == text["no"]), None)
    if row is None:
        raise InputError(
            f"{plan.where}: a [[text]] is about the row {text['no']!r}, which the list does not"
            " have; correct its no"
        )
    found = []
    for measure in ("beds", "places", "cost"):
        if measure in text and float(text[measure]) != row.amount(measure):
            name, unit = MEASURES[measure]
            said, column = amount(float(text[measure])), amount(row.amount(measure))
            found.append(
                Finding(
                    key=f"text_{row.no}_{measure}", status="differs",
                    sentence=Note(
                        f"{row.no} {row.name}：建设内容写{name.zh} {said} {unit.zh}，"
                        f"表列 {column} {unit.zh}",
                        f"{row.no} {row.name}: {said} {name.en} by its text, {column} by the"
                        " column"),
                    rows=(row.no,),
                    numbers={"text": float(text[measure]), "column": row.amount(measure)},
                )
            )  # fmt: skip
    town = text.get("town")
    if town is not None and not any(town.startswith(own) for own in row.towns):
        same = [p for p in plan.projects if town in p.towns]
        where = "、".join(f"{p.no}（{p.county}）" for p in same)
        rows = (row.no, *(p.no for p in same))
        listed_zh, listed_en = (
            (f"；{town}见 {where}", f"; {town} is the town of {listed(rows[1:])}")
            if same
            else ("", "")
        )
        told = "、".join(row.towns)
        found.append(
            Finding(
                key=f"text_{row.no}_town", status="differs",
                sentence=Note(
                    f"{row.no} {row.name}：建设内容写{town}，地点为{row.county}{told}{listed_zh}",
                    f"{row.no} {row.name}: the text says {town}, the place is {row.county}{told}"
                    f"{listed_en}"),
                rows=rows,
            )
        )  # fmt: skip
    for one, two in combinations(text.get("sites", ()), 2):
        if _one_letter_apart(one, two):
            found.append(
                Finding(
                    key=f"text_{row.no}_sites", status="doubtful",
                    sentence=Note(
                        f"{row.no} {row.name}：“{one}”与“{two}”只差一字，疑为同一社区",
                        f"{row.no} {row.name}: {one} and {two} differ by one character and are"
                        " probably one community"),
                    rows=(row.no,), numbers={"sites": float(len(text["sites"]))},
                )
            )  # fmt: skip
    return found


def _one_letter_apart(one: str, two: str) -> bool:
    return len(one) == len(two) >= 4 and sum(a != b for a, b in zip(one, two, strict=True)) == 1


def _twins(plan: Plan) -> list[Finding]:
    """Rows for one community with the same capacity and cost: probably one project twice."""
    found = []
    for one, two in combinations(plan.projects, 2):
        same = (one.county, one.towns, one.beds, one.places, one.cost, one.domain) == (
            two.county, two.towns, two.beds, two.places, two.cost, two.domain
        )  # fmt: skip
        if not same or len(one.towns) != 1 or not COMMUNITY.search(one.towns[0]):
            continue
        beds, places, cost = one.amount("beds"), one.amount("places"), one.amount("cost")
        found.append(
            Finding(
                key=f"twice_{one.no}_{two.no}", status="doubtful",
                sentence=Note(
                    f"{one.no} {one.name}与 {two.no} {two.name}：同在{one.towns[0]}，床位"
                    f" {amount(beds)}、托位 {amount(places)}、投资 {amount(cost)} 万元都相同，"
                    "疑为重复",
                    f"{one.no} {one.name} and {two.no} {two.name}: both in {one.towns[0]} with"
                    f" {amount(beds)} beds, {amount(places)} places and the same cost of"
                    f" {amount(cost)}: probably one project twice"),
                rows=(one.no, two.no), numbers={"beds": beds, "places": places, "cost": cost},
            )
        )  # fmt: skip
    return found


def _leads(plan: Plan) -> list[Finding]:
    """Rows led by the body of another county or zone than their own."""
    cores = {COUNTY.sub("", p.county) for p in plan.projects if COUNTY.search(p.county)}
    cores = {c for c in cores if len(c) > 1}
    found = []
    for p in plan.projects:
        own = COUNTY.sub("", p.county)
        zone = next((z for z in ZONES if z in p.county), None)
        if not COUNTY.search(p.county) or own in p.lead or (zone is not None and zone in p.lead):
            continue
        others = [w for w in (*ZONES, *sorted(cores)) if w in p.lead]
        if others:
            found.append(
                Finding(
                    key=f"lead_{p.no}", status="doubtful",
                    sentence=Note(f"{p.no} {p.name}：地点为{p.county}，责任单位为{p.lead}",
                                  f"{p.no} {p.name}: the place is in {p.county}, led by {p.lead}"),
                    rows=(p.no,),
                )
            )  # fmt: skip
    return found


def _unread(plan: Plan) -> list[Finding]:
    found = []
    for p in plan.projects:
        for column, text in p.unread.items():
            (name, needed), row, said = _column(column), _row_name(p), _short(text)
            found.append(
                Finding(
                    key=f"unread_{p.no}_{column}", status="doubtful",
                    sentence=Note(
                        f"{row.zh}：{name.zh}写作“{said}”，不是 {needed.zh}，没有计入",
                        f"{row.en}: {name.en} {said!r} is not {needed.en}, not counted"),
                    rows=(p.no,),
                )
            )  # fmt: skip
    return found


def _doubts(plan: Plan) -> list[Finding]:
    """What was odd about a row when it was read."""
    return [
        Finding(
            key=f"row_{p.no}_{k}", status="doubtful",
            sentence=Note(f"{_row_name(p).zh}：{doubt.zh}", f"{_row_name(p).en}: {doubt.en}"),
            rows=(p.no,),
        )
        for p in plan.projects
        for k, doubt in enumerate(p.doubts, 1)
    ]  # fmt: skip


def _row_name(p: Project) -> Note:
    """Number, name and row of the table."""
    name = f"{p.no} {_short(p.name)}".strip()
    return Note(f"{name}（第 {p.row} 行）", f"{name} (row {p.row})")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


NUMBER = Note("0 以上的数", "a number from 0 up")
YEAR = Note("1900 至 2200 的年份", "a year from 1900 to 2200")
CELLS = {
    "year_start": (Note("开工年份", "year_start"), YEAR),
    "year_end": (Note("建成年份", "year_end"), YEAR),
    "floor_area_m2": (Note("建筑面积", "floor_area_m2"), NUMBER),
    "investment_10k_yuan": (Note("投资", "investment_10k_yuan"), NUMBER),
    "apply_central_10k_yuan": (Note("申请中央投资", "apply_central_10k_yuan"), NUMBER),
}


def _column(column: str) -> tuple[Note, Note]:
    """What a column is called, and what is needed in it."""
    return CELLS.get(column) or (MEASURES[column][0], NUMBER)


def town_findings(towns: Iterable[WrittenTown]) -> list[Finding]:
    """Names of towns that are not those of the code list, each once, with the rows they are in."""
    by_name: dict[tuple[str, str], list[WrittenTown]] = {}
    for one in towns:
        # what only adds its community behind the name of the town is no other name
        longer = one.status == "normalised" and one.written.startswith(one.town)
        if one.status != "exact" and not longer:
            by_name.setdefault((one.written_county, one.written), []).append(one)
    found = []
    for (county, written), group in by_name.items():
        first, rows = group[0], tuple(w.no for w in group)
        ok = bool(first.town)
        to = f" → {first.county}{first.town}" if ok else ""
        found.append(
            Finding(
                key=f"town_{county}_{written}", status="doubtful",
                sentence=Note(f"{county} {written}{to}：{first.note.zh}",
                              f"{county} {written}{to}: {first.note.en}"),
                clause="统计用区划代码 2023-06-30", rows=rows,
                numbers={"rows": float(len(rows)), "resolved": float(ok)},
            )
        )  # fmt: skip
    return found
