"""Proposed sites as tables, as sentences and as a part of summary.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.answers.answer_words import group_note
from quarterhour.inputs import Note
from quarterhour.siting.areas import area_table, left_note, names_at, unreached_note
from quarterhour.siting.candidate_table import candidate_table
from quarterhour.siting.demand import amount_of, in_units
from quarterhour.siting.more_tables import more_notes, more_summary, more_tables
from quarterhour.siting.people_table import people_table
from quarterhour.siting.result import groups_of, money
from quarterhour.siting.words import (
    STATUS,
    added_of,
    anywhere_note,
    fewer_note,
    formula_of,
    objective_of,
    problem_of,
    verdict,
    walk_note,
)
from quarterhour.tabular import Column, Table

if TYPE_CHECKING:
    from quarterhour.siting.areas import Areas
    from quarterhour.siting.result import SiteResult

DIGITS = 6


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def summary_of(result: SiteResult) -> dict[str, Any]:
    """The answer for summary.json; people in persons (or units of demand), money in 万元.

    `service`, `group`, `cutoff_min`, `problem`, `n_sites`, `budget`: what was asked. `status`:
    optimal, feasible, infeasible or nothing. `zh`, `en`: how far it is proven, in a sentence.
    `objective`, `bound`: people (most_people), sites (everyone), person-minutes (median) or minutes
    (center); no choice is better than `bound`. `gap`: their relative difference, None where nothing
    is proven. `among`: how many candidates that holds for, None for all. `by_clock`: a limit of
    seconds stopped it. `ties`: of a proven answer, "lowest" of all that are as good, "exchanged"
    (no single exchange for a lower candidate keeps it as good) or "stopped" (the same, by a limit
    of seconds); else None. `anywhere`: what sites anywhere along the streets could not better, None
    where nobody looked. `candidates`: how many there are by status.
    `cost`: of all sites, None where one is not known. `groups`: by group `total`, `covered_before`,
    `added`, `covered_after`, `remaining` and the shares. `unreached`: people of the group that no
    usable candidate has within the cutoff. `sites`: in the order of their gain `rank`, `name`,
    `row`, `lon`, `lat`, `cost`, `capacity`, `added` and `total_added` by group, `reached` (of the
    service's group, covered before or not). Further answers as in `siting.more_tables`. `why`: what
    makes it impossible. `notes`: what else should be known.
    """
    a, solution = result.given, result.solution
    status = [*result.status]
    return {
        "service": a.name,
        "group": a.group,
        "cutoff_min": a.cutoffs_min[-1],
        "problem": result.part.problem,
        "n_sites": result.part.n_sites,
        "budget": result.part.budget,
        "share": result.part.share,
        "share_each_town": result.part.share_each_town,
        "status": solution.status,
        **verdict(result)._asdict(),
        "objective": _value(result, solution.objective),
        "bound": _value(result, solution.bound),
        "gap": _number(solution.gap),
        "among": result.among,
        "by_clock": solution.by_clock,
        "ties": solution.lowest,
        "anywhere": None if result.anywhere is None else _value(result, result.anywhere),
        "candidates": {
            "source": result.candidates.source,
            "file": result.candidates.at.file,
            "total": len(status),
            **{key: status.count(key) for key in STATUS if key in status},
        },
        "cost": None if result.cost is None else money(result.cost),
        "groups": _groups(result),
        "unreached": units.persons(result.unreached),
        "sites": site_rows(result),
        **more_summary(result),
        "why": [note._asdict() for note in result.why],
        "notes": [note._asdict() for note in _notes(result)],
    }


def _value(result: SiteResult, value: float) -> float | None:
    """An objective or bound in the unit that is told."""
    if not np.isfinite(value):
        return None
    if result.part.problem in {"most_people", "backup"}:
        return units.persons(int(value))
    return round(value, DIGITS)


def _groups(result: SiteResult) -> dict[str, dict[str, Any]]:
    """Persons and shares of each group, before and after."""
    found = {}
    for group in groups_of(result.given):
        before, after = (x.counts[-1][group] for x in (result.given, result.after))
        found[group] = {
            "total": units.persons(before.total),
            "covered_before": units.persons(before.covered),
            "added": units.persons(result.added[group]),
            "covered_after": units.persons(after.covered),
            "remaining": units.persons(after.uncovered + after.unlinked),
            "share_before": before.share_covered,
            "share_after": after.share_covered,
        }
    return found


def site_rows(result: SiteResult) -> list[dict[str, Any]]:
    """The chosen sites as in `summary_of`."""
    at, rows = result.sites, []
    costs, capacity = _costs(result), _capacities(result)
    total = dict.fromkeys(groups_of(result.given), 0)
    for k, step in enumerate(result.steps):
        total = {g: total[g] + step.added[g] for g in total}
        row = int(at.row[k])
        rows.append(
            {
                "rank": k + 1,
                "name": at.name[k],
                "row": row if row >= 0 else None,
                "lon": round(float(at.lon[k]), 9),
                "lat": round(float(at.lat[k]), 9),
                "cost": costs[k],
                "capacity": _number(capacity[k]),
                "added": {g: units.persons(step.added[g]) for g in total},
                "total_added": {g: units.persons(n) for g, n in total.items()},
                "reached": units.persons(step.reached),
            }
        )
    return rows


def _capacities(result: SiteResult) -> list[float]:
    """Room of the chosen sites: of their size, else of the candidate, NaN where none is known."""
    built = result.more.built(result.part)
    sizes = {size.name: size.capacity for size in result.part.size}
    own = result.candidates.capacity
    return [
        sizes[built[k][0]] if k in built and sizes else float(own[k])
        for k in result.chosen.tolist()
    ]


def _costs(result: SiteResult) -> list[float | None]:
    """万元 of the chosen sites, None where a cost is not known."""
    return [money(int(c)) if c >= 0 else None for c in result.costs]


def _notes(result: SiteResult, areas: Areas | None = None) -> list[Note]:
    told = [*result.notes]
    told += [note for note in (fewer_note(result), walk_note(result)) if note is not None]
    told += more_notes(result)
    lost = anywhere_note(result)
    told += [] if lost is None else [lost]
    left = left_note(result, areas) if result.solution.chosen.size else None
    told += [] if left is None else [left]
    lost = unreached_note(result, areas)
    told += [] if lost is None else [lost]
    return told


def answers_of(result: SiteResult, areas: Areas | None = None) -> tuple[Note, ...]:
    """Sentences that answer the question, the first one first."""
    a = result.given
    if result.why:
        return result.why
    before, after = (x.counts[-1][a.group] for x in (a, result.after))
    n = len(result.steps)
    added, total = added_of(result), amount_of(a, before.total)
    number, unit = added.en.split(" ", 1)
    shares = [f"{c.share_covered:.1%}" if c.total else "–" for c in (before, after)]
    cost_zh = cost_en = ""
    if result.cost and n:
        cost_zh = f"，共 {money(result.cost):,.10g} 万元"
        cost_en = f" for {money(result.cost):,.10g} 万元 (ten thousand yuan)"
    return (
        Note(
            f"“{a.name}”新增 {n} 处{cost_zh}：{a.cutoffs_min[-1]:g} 分钟新增覆盖"
            f" {added.zh}，覆盖率 {shares[0]} → {shares[1]}（共 {total.zh}）",
            f"{a.name}: {n} new site{' covers' if n == 1 else 's cover'} {number} more {unit}"
            f" within {a.cutoffs_min[-1]:g} min{cost_en}, {shares[0]} → {shares[1]} of"
            f" {total.en}",
        ),
        verdict(result),
        *_notes(result, areas),
    )


def tables_of(result: SiteResult, areas: Areas | None = None) -> list[Table]:
    """The answer, the sites in order, groups before and after, and the candidates by status."""
    found = (
        _answer(result, areas),
        _site_table(result, areas),
        _group_table(result),
        *(() if areas is None else (area_table(result, areas),)),
        *more_tables(result),
        candidate_table(result),
    )
    return [in_units(table, result.given) for table in found]


def _answer(result: SiteResult, areas: Areas | None) -> Table:
    part, solution = result.part, result.solution
    rows: list[tuple[Any, ...]] = [
        (Note("服务", "service"), result.given.name),
        (Note("问题", "problem"), problem_of(result.given, part.problem)),
    ]
    if part.n_sites is not None:
        rows.append((Note("新建数量上限", "most new sites"), str(part.n_sites)))
    if part.budget is not None:
        rows.append((Note("预算（万元）", "budget (万元)"), f"{part.budget:,.10g}"))
    if np.isfinite(solution.objective):
        rows.append((Note("结果", "result"), objective_of(result, solution.objective)))
    if np.isfinite(solution.bound) and result.among is None:
        rows.append((Note("已证明的界", "proven bound"), objective_of(result, solution.bound)))
    rows.append((Note("结论", "conclusion"), verdict(result)))
    rows += [(Note("原因", "reason"), note) for note in result.why]
    return Table(
        key="site_answer",
        title=Note("选址结论", "Where to build next"),
        columns=(Column("what", "项目", "what"), Column("answer", "内容", "answer")),
        rows=tuple(rows),
        notes=(formula_of(result.given, part.problem), *_notes(result, areas)),
    )


def _site_table(result: SiteResult, areas: Areas | None) -> Table:
    group, rows = result.given.group, site_rows(result)
    first = Note("年份、", "the years and ") if result.more.phased is not None else Note("", "")
    columns = [
        Column("rank", "次序", "order", "integer"),
        Column("name", "名称", "name"),
        Column("lon", "经度", "longitude", "number"),
        Column("lat", "纬度", "latitude", "number"),
        Column("added", "新增覆盖（服务人群）", "newly covered (the service's group)", "people"),
        Column("total_added", "累计新增覆盖", "newly covered so far", "people"),
        Column("reached", "可达人数（含已覆盖）", "within reach, covered before or not", "people"),
    ]
    values = [
        [s["rank"], s["name"], s["lon"], s["lat"], s["added"][group], s["total_added"][group],
         s["reached"]]
        for s in rows
    ]  # fmt: skip
    years = _years(result)
    if years:
        columns.insert(1, Column("year", "年份", "year", "year"))
        for row, year in zip(values, years, strict=True):
            row.insert(1, year)
    if areas is not None:
        columns.insert(2 + bool(years), Column("area", "片区", "area"))
        at = result.sites
        for row, name in zip(values, names_at(areas, at.lon, at.lat), strict=True):
            row.insert(2 + bool(years), name)
    for other in groups_of(result.given):
        if other != group:
            label = group_note(result.given, other)
            columns.append(
                Column(
                    f"added_{other}", f"新增覆盖：{label.zh}", f"newly covered: {label.en}",
                    "people",
                )
            )  # fmt: skip
            for row, s in zip(values, rows, strict=True):
                row.append(s["added"][other])
    for key, zh, en, form in (
        ("cost", "造价（万元）", "cost (万元)", "money"),
        ("capacity", "容量", "capacity", "number"),
    ):
        if any(s[key] is not None for s in rows):
            columns.append(Column(key, zh, en, form))
            for row, s in zip(values, rows, strict=True):
                row.append(s[key])
    return Table(
        key="site_chosen",
        title=Note("建议选址", "Proposed sites"),
        columns=tuple(columns),
        rows=tuple(tuple(row) for row in values),
        notes=(
            Note(
                f"按{first.zh}边际新增覆盖由多到少排列：每处的新增覆盖不含排在它前面的各处，各行相加"
                "即总数",
                f"in the order of {first.en}the largest gain: what a site adds leaves out those"
                " above it, and the rows add up to the whole",
            ),
            Note("坐标为 WGS-84", "coordinates are WGS-84"),
        ),
    )


def _years(result: SiteResult) -> list[int]:
    """The year in which each site is built, in their order; empty without years."""
    plan = result.more.phased
    if plan is None:
        return []
    by_site = {
        int(k): int(year)
        for year, new in zip(result.more.years, plan.built, strict=True)
        for k in new.tolist()
    }
    return [by_site[k] for k in result.chosen.tolist()]


def brief_table(result: SiteResult) -> Table:
    """The sites in order with what they add, for the terminal."""
    group, rows = result.given.group, site_rows(result)
    columns = [
        Column("rank", "次序", "order", "integer"),
        Column("name", "名称", "name"),
        Column("lon", "经度", "lon", "number"),
        Column("lat", "纬度", "lat", "number"),
        Column("added", "新增覆盖", "added", "people"),
        Column("total_added", "累计", "so far", "people"),
    ]
    values = [
        [s["rank"], s["name"], s["lon"], s["lat"], s["added"][group], s["total_added"][group]]
        for s in rows
    ]
    years = _years(result)
    if years:
        columns.insert(1, Column("year", "年份", "year", "year"))
        for row, year in zip(values, years, strict=True):
            row.insert(1, year)
    if any(s["cost"] is not None for s in rows):
        columns.append(Column("cost", "万元", "万元", "money"))
        for row, s in zip(values, rows, strict=True):
            row.append(s["cost"])
    table = Table(
        key="site_brief",
        title=Note(f"建议选址：{result.given.name}", f"Proposed sites: {result.given.name}"),
        columns=tuple(columns),
        rows=tuple(tuple(row) for row in values),
    )
    return in_units(table, result.given)


def _group_table(result: SiteResult) -> Table:
    return people_table(
        result.given,
        _groups(result),
        title=Note("选址前后的覆盖", "Cover before and after"),
        change=(
            Column("added", "新增覆盖", "newly covered", "people"),
            Column("covered_after", "建成后覆盖", "covered after", "people"),
            Column("remaining", "仍未覆盖", "still not covered", "people"),
        ),
        share_after="建成后覆盖率",
        source=Note(
            "建成后的数字由包含新址的完整评估重新计算",
            "the figures after are those of a whole assessment with the new sites in it",
        ),
    )
