"""Facilities that close or move as sentences, tables, layers and a part of summary.json."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour import units
from quarterhour.core.siting.milp import OPTIMAL
from quarterhour.inputs import Note
from quarterhour.render.gis.geopackage import text_column
from quarterhour.siting.closing import MOVE, facility_label, names_of
from quarterhour.siting.demand import amount_of, column_of, in_units
from quarterhour.siting.people_table import people_table
from quarterhour.siting.result import groups_of, money
from quarterhour.siting.words import STATUS, formula_of, problem_of, verdict_of
from quarterhour.tabular import Column, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.siting.closing import ClosingResult

    Layer = tuple[NDArray[Any], str, dict[str, Any]]

CLOSES, STAYS, OPENS = Note("关闭", "closes"), Note("保留", "stays"), Note("新建", "opens")
MOVES = Note("迁走", "moves away")


def _people(result: ClosingResult, micro: int) -> Note:
    return amount_of(result.given, micro)


def closing_summary(result: ClosingResult) -> dict[str, Any]:
    """The answer for summary.json; people in persons (or units of demand), money in 万元.

    `problem`: close or move. `n_sites`: how many were asked for. `status`, `zh`, `en`: how far it
    is proven. `objective`, `bound`: people of the service's group covered afterwards; no choice
    covers more than `bound`. `gap`: their relative difference. `among`, `ties`: as in
    `siting.tables`. `closed`: the facilities with `name`, `row`, `lon`, `lat`, `reached` and
    `alone` (people that no other one covers). `sites`: what opens instead, with `name`, `row`,
    `lon`, `lat`, `cost`. `groups`: by group `total`, `covered_before`, `lost`, `gained`,
    `covered_after`. `least_lost`: no choice loses less.
    """
    a, solution = result.given, result.solution
    at, opened = a.facilities, result.opened
    alone = dict(zip(result.used.tolist(), result.alone.tolist(), strict=True))
    return {
        "service": a.name,
        "group": a.group,
        "cutoff_min": a.cutoffs_min[-1],
        "problem": result.part.problem,
        "n_sites": result.part.n_sites,
        "status": solution.status,
        **verdict_of(solution, among=result.among)._asdict(),
        "objective": units.persons(int(solution.objective)),
        "bound": units.persons(int(solution.bound)),
        "gap": float(solution.gap) if np.isfinite(solution.gap) else None,
        "among": result.among,
        "by_clock": solution.by_clock,
        "ties": solution.lowest,
        "closed": [
            {
                "name": facility_label(a, k),
                "row": int(at.row[k]),
                "lon": round(float(at.lon[k]), 9),
                "lat": round(float(at.lat[k]), 9),
                "reached": units.persons(int(a.reached[a.group][k])),
                "alone": units.persons(alone[k]),
            }
            for k in result.closed.tolist()
        ],
        "sites": [
            {
                "name": opened.name[k],
                "row": int(opened.row[k]) if opened.row[k] >= 0 else None,
                "lon": round(float(opened.lon[k]), 9),
                "lat": round(float(opened.lat[k]), 9),
                "cost": money(int(result.costs[k])) if result.costs[k] >= 0 else None,
            }
            for k in range(len(opened))
        ],
        "groups": _groups(result),
        "least_lost": units.persons(result.least_lost),
    }


def _groups(result: ClosingResult) -> dict[str, dict[str, Any]]:
    """Persons and shares of each group, before and after."""
    found = {}
    for group in groups_of(result.given):
        before, after = (x.counts[-1][group] for x in (result.given, result.change.after))
        found[group] = {
            "total": units.persons(before.total),
            "covered_before": units.persons(before.covered),
            "lost": units.persons(result.change.lost_by[group]),
            "gained": units.persons(result.change.gained_by[group]),
            "covered_after": units.persons(after.covered),
            "share_before": before.share_covered,
            "share_after": after.share_covered,
        }
    return found


def closing_answers(result: ClosingResult) -> tuple[Note, ...]:
    """Sentences that answer the question, the first one first."""
    a, n = result.given, len(result.closed)
    before, after = (x.counts[-1][a.group] for x in (a, result.change.after))
    lost, gained = (
        _people(result, x[a.group]) for x in (result.change.lost_by, result.change.gained_by)
    )
    shares = [f"{c.share_covered:.1%}" if c.total else "–" for c in (before, after)]
    names, minutes = names_of(a, result.closed), f"{a.cutoffs_min[-1]:g}"
    proof = verdict_of(result.solution, among=result.among)
    notes = []
    if not n:
        notes.append(
            Note(
                f"“{a.name}”：没有迁址能使 {minutes} 分钟内覆盖更多，维持现状",
                f"{a.name}: no move covers more within {minutes} min; all stay",
            )
        )
    elif result.part.problem == MOVE:
        new = Note("、".join(result.opened.name), ", ".join(result.opened.name))
        notes.append(
            Note(
                f"“{a.name}”迁 {n} 处（{names.zh} → {new.zh}）：{minutes} 分钟内新增 {gained.zh}，"
                f"失去 {lost.zh}，覆盖率 {shares[0]} → {shares[1]}",
                f"{a.name}: {n} move ({names.en} → {new.en}): {gained.en} newly within {minutes}"
                f" min, {lost.en} no longer, {shares[0]} → {shares[1]}",
            )
        )
    else:
        notes.append(
            Note(
                f"“{a.name}”关闭 {n} 处（{names.zh}）：{minutes} 分钟内少 {lost.zh}，覆盖率"
                f" {shares[0]} → {shares[1]}",
                f"{a.name}: {n} close ({names.en}): {lost.en} no longer within {minutes} min,"
                f" {shares[0]} → {shares[1]}",
            )
        )
    notes.append(proof)
    if result.solution.status != OPTIMAL and result.among is None:
        notes.append(bound_note(result))
    return (*notes, *result.notes)


def bound_note(result: ClosingResult) -> Note:
    """What no choice betters: moves may bring more people than closing takes from."""
    told = _people(result, abs(result.least_lost))
    if result.least_lost < 0:
        return Note(
            f"任何方案至多净增加 {told.zh}", f"no choice gains more than {told.en}, on balance"
        )
    if not result.least_lost:
        return Note("不可能更少", "no choice loses less")
    return Note(f"任何方案至少净失去 {told.zh}", f"any choice loses {told.en} or more, on balance")


def closing_tables(result: ClosingResult) -> list[Table]:
    """The answer, the facilities with what each alone covers, what opens, and the groups."""
    tables = [_answer(result), _facilities(result)]
    if len(result.opened):
        tables.append(opened_table(result))
    tables.append(_people_table(result))
    if result.status:
        states = [s for s in STATUS if s in result.status]
        tables.append(
            Table(
                key="site_candidates",
                title=Note("候选点", "Candidates"),
                columns=(
                    Column("status", "状态", "status"),
                    Column("number", "数量", "number", "integer"),
                ),
                rows=tuple((STATUS[s], result.status.count(s)) for s in states),
            )
        )
    return [in_units(table, result.given) for table in tables]


def _answer(result: ClosingResult) -> Table:
    part = result.part
    asked = Note("迁址数量上限", "at most so many move") if part.problem == MOVE else Note(
        "关闭数量", "how many close"
    )  # fmt: skip
    top = (Note("已证明的上限", "proven bound"), _people(result, int(result.solution.bound)))
    bound = () if result.among is not None else (top,)
    rows = [
        (Note("服务", "service"), result.given.name),
        (Note("问题", "problem"), problem_of(result.given, part.problem)),
        (asked, str(part.n_sites)),
        (Note("之后覆盖", "covered afterwards"), _people(result, int(result.solution.objective))),
        *bound,
        (Note("结论", "conclusion"), verdict_of(result.solution, among=result.among)),
    ]
    return Table(
        key="site_answer",
        title=Note("关闭与迁址结论", "Which facilities close or move"),
        columns=(Column("what", "项目", "what"), Column("answer", "内容", "answer")),
        rows=tuple(rows),
        notes=(formula_of(result.given, part.problem),),
    )


def shown_table(result: ClosingResult) -> Table:
    """What closes and what opens, for the terminal."""
    whole = _facilities(result)
    rows = tuple(row for row in whole.rows if row[-1] != STAYS)
    table = Table(key=whole.key, title=whole.title, columns=whole.columns, rows=rows)
    return in_units(table, result.given)


def _facilities(result: ClosingResult) -> Table:
    a, closed = result.given, set(result.closed.tolist())
    goes = MOVES if result.part.problem == MOVE else CLOSES
    order = np.lexsort((result.used, result.alone))
    rows = []
    for j in sorted(order.tolist(), key=lambda j: int(result.used[j]) not in closed):
        k = int(result.used[j])
        rows.append(
            (
                facility_label(a, k), int(a.facilities.row[k]),
                units.persons(int(a.reached[a.group][k])), units.persons(int(result.alone[j])),
                goes if k in closed else STAYS,
            )
        )  # fmt: skip
    return Table(
        key="site_closing",
        title=Note("现有设施", "Existing facilities"),
        columns=(
            Column("name", "名称", "name"),
            Column("row", "行", "row", "integer"),
            Column("reached", "可达人数", "within reach", "people"),
            Column("alone", "仅此一处可达", "reached by it alone", "people"),
            Column("what", "建议", "advice"),
        ),
        rows=tuple(rows),
        notes=(
            Note(
                "仅此一处可达：单独关闭该设施所失去的；同时关闭多处时，失去的可能多于各行之和，总数以"
                "完整评估为准",
                "reached by it alone: what is lost where it closes by itself; several together may"
                " lose more than the sum of their rows, and the whole is that of a full run",
            ),
        ),
    )


def opened_table(result: ClosingResult) -> Table:
    """What opens instead."""
    at = result.opened
    columns = [
        Column("name", "名称", "name"),
        Column("lon", "经度", "longitude", "number"),
        Column("lat", "纬度", "latitude", "number"),
    ]
    rows: list[tuple[Any, ...]] = [
        (at.name[k], round(float(at.lon[k]), 9), round(float(at.lat[k]), 9)) for k in range(len(at))
    ]
    if (result.costs >= 0).any():
        columns.append(Column("cost", "造价（万元）", "cost (万元)", "money"))
        costs = [money(c) if c >= 0 else None for c in result.costs.tolist()]
        rows = [(*row, cost) for row, cost in zip(rows, costs, strict=True)]
    return Table(
        key="site_chosen",
        title=Note("迁往的新址", "New sites instead"),
        columns=tuple(columns),
        rows=tuple(rows),
        notes=(Note("坐标为 WGS-84", "coordinates are WGS-84"),),
    )


def _people_table(result: ClosingResult) -> Table:
    return people_table(
        result.given,
        _groups(result),
        title=Note("前后的覆盖", "Cover before and after"),
        change=(
            Column("lost", "失去", "lost", "people"),
            Column("gained", "新增", "gained", "people"),
            Column("covered_after", "之后覆盖", "covered after", "people"),
        ),
        share_after="之后覆盖率",
        source=Note(
            "之后的数字由去掉（并加上）这些设施的完整评估重新计算",
            "the figures after are those of a whole assessment without (and with) these facilities",
        ),
    )


def closing_layers(result: ClosingResult) -> dict[str, Layer]:
    """GeoPackage layers: sites_closed, sites_chosen and no_longer_covered, where there are any."""
    a, at = result.given, result.given.facilities
    alone = dict(zip(result.used.tolist(), result.alone.tolist(), strict=True))
    layers: dict[str, Layer] = {}
    if len(result.closed):
        rows = result.closed
        layers["sites_closed"] = (
            shapely.points(at.lon[rows], at.lat[rows]),
            "Point",
            {
                "name": text_column(facility_label(a, k) for k in rows.tolist()),
                "row": at.row[rows],
                "alone": np.array([units.persons(alone[k]) for k in rows.tolist()]),
            },
        )
    if len(result.opened):
        new = result.opened
        layers["sites_chosen"] = (
            shapely.points(new.lon, new.lat),
            "Point",
            {"name": text_column(new.name), "row": new.row},
        )
    lost = np.flatnonzero(result.change.lost)
    if len(lost):
        demand = a.ground.demand
        layers["no_longer_covered"] = (
            shapely.points(demand.lon[lost], demand.lat[lost]),
            "Point",
            {"row": demand.row[lost], **{
                column_of(a, g): demand.amounts[g][lost] / units.MICRO
                for g in groups_of(result.given)
            }},
        )  # fmt: skip
    return layers


def closing_csv(result: ClosingResult) -> str:
    """What closes and what opens as a table, WGS-84."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    write.writerow(("设施名称", "建议", "经度", "纬度"))
    a, at, new = result.given, result.given.facilities, result.opened
    goes = MOVES if result.part.problem == MOVE else CLOSES
    for k in result.closed.tolist():
        place = (repr(float(at.lon[k])), repr(float(at.lat[k])))
        write.writerow((facility_label(a, k), goes.zh, *place))
    for k in range(len(new)):
        write.writerow((new.name[k], OPENS.zh, repr(float(new.lon[k])), repr(float(new.lat[k]))))
    return text.getvalue()
