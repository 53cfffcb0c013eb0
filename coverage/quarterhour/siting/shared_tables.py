"""Sites of several services as sentences, tables, layers and a part of summary.json."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.core.siting.shared_budget import SHARES
from quarterhour.inputs import Note
from quarterhour.siting.areas import left_layer
from quarterhour.siting.demand import COUNTED, PEOPLE, in_units, kind_of, summed_of, told_of
from quarterhour.siting.layers import csv_of, geojson_of, layers_of
from quarterhour.siting.result import money
from quarterhour.siting.tables import answers_of, brief_table, summary_of, tables_of
from quarterhour.siting.words import verdict_of
from quarterhour.tabular import Column, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Count
    from quarterhour.siting.areas import Areas
    from quarterhour.siting.result import SiteResult
    from quarterhour.siting.shared import SharedResult

    Layer = tuple[NDArray[Any], str, dict[str, Any]]

AIMS = {
    "sum": Note(
        "各服务新增覆盖{n}之和最大", "the most {n} newly covered, summed over the services"
    ),
    "fair": Note(
        "先使覆盖率最低的服务尽量高，再使新增覆盖{n}之和最大",
        "first the share of the service that is worst off as high as can be, then the most {n}"
        " in sum",
    ),
}


def aim_of(result: SharedResult) -> Note:
    """What all services together are to have."""
    told, kind = AIMS[result.part.aim_of_services], kind_of(result.sites[0].given)
    zh = "人次" if kind == PEOPLE else COUNTED[kind].zh
    return Note(told.zh.format(n=zh), told.en.format(n=COUNTED[kind].en))


def shared_answers(result: SharedResult, areas: Areas | None = None) -> tuple[Note, ...]:
    """Sentences of all services together, then of each."""
    counts = [len(one.steps) for one in result.sites]
    names = [one.given.name for one in result.sites]
    each_zh = "、".join(f"{name} {n} 处" for name, n in zip(names, counts, strict=True))
    each_en = ", ".join(f"{name} {n}" for name, n in zip(names, counts, strict=True))
    added = summed_of(result.sites[0].given, result.added)
    cost_zh = cost_en = ""
    cost = _cost(result)
    if cost:
        cost_zh, cost_en = (
            f"，共 {money(cost):,.10g} 万元",
            f" for {money(cost):,.10g} 万元 (ten thousand yuan)",
        )
    n = sum(counts)
    told = [
        Note(
            f"共新增 {n} 处{cost_zh}（{each_zh}）：各服务新增覆盖合计 {added.zh}",
            f"{n} new site{'' if n == 1 else 's'} in all{cost_en} ({each_en}): {added.en}"
            " newly covered, summed over services",
        )
    ]
    told += [*_aim(result), verdict_of(result.solution, among=result.among), *_left_out(result)]
    told += [
        Note(f"{one.given.name}：{note.zh}", f"{one.given.name}: {note.en}")
        for one in result.sites
        for note in one.notes
    ]
    told += [
        note for one in result.sites for k, note in enumerate(answers_of(one, areas)) if k != 1
    ]
    return tuple(dict.fromkeys(told))


def _cost(result: SharedResult) -> int | None:
    """Yuan of all sites, None where one is not known or there are none."""
    costs = [one.cost for one in result.sites if one.steps]
    return None if not costs or None in costs else sum(cost or 0 for cost in costs)


def _aim(result: SharedResult) -> list[Note]:
    """How far the smallest share comes, or how people are weighted."""
    weights = result.part.service_weights
    told = []
    if result.fair:
        before, after = (_smallest(result, k) for k in (0, 1))
        if before is not None and after is not None:
            told.append(
                Note(
                    f"公平优先：覆盖率最低的服务由 {before[1]:.1%}（{before[0]}）变为"
                    f" {after[1]:.1%}（{after[0]}）",
                    f"the service that is worst off comes first: from {before[1]:.1%} ({before[0]})"
                    f" to {after[1]:.1%} ({after[0]})",
                )
            )
    if weights:
        every = [(one.given.name, weights.get(one.given.name, 1)) for one in result.sites]
        told.append(
            Note(
                f"按权重计：{'、'.join(f'{name} × {k}' for name, k in every)}",
                f"weights: {', '.join(f'{name} × {k}' for name, k in every)}",
            )
        )
    return told


def _smallest(result: SharedResult, when: int) -> tuple[str, float] | None:
    """The service with the lowest share, before (0) or after (1), and that share."""
    every = [((one.given, one.after)[when], one.given.name) for one in result.sites]
    shares = [(name, a.share_covered) for a, name in every]
    some = [(share, name) for name, share in shares if share is not None]
    if not some:
        return None
    share, name = min(some, key=lambda pair: pair[0])
    return name, share


def _left_out(result: SharedResult) -> list[Note]:
    """Services that get nothing although somebody is not covered, and what can be done."""
    lost = [one.given.name for one in result.sites if not one.steps and _open(one)]
    built = any(one.steps for one in result.sites)
    if not lost or result.fair or not built:
        return []
    return [
        Note(
            f"{'、'.join(lost)}没有得到新址：各服务同等计数时，其他服务新增覆盖更多；要先照顾覆盖率"
            '最低的服务，写 aim_of_services = "fair"，或用 service_weights 加权',
            f"{', '.join(lost)} gets no site: with all services counted alike others add more;"
            ' aim_of_services = "fair" looks at the service that is worst off first, and'
            " service_weights lets a service count for more",
        )
    ]


def _open(one: SiteResult) -> bool:
    count = one.given.counts[-1][one.given.group]
    return bool(count.covered < count.total)


def shared_tables(result: SharedResult, areas: Areas | None = None) -> list[Table]:
    """The conclusion of all together, services side by side, then the tables of each."""
    found = [_answer(result), _service_table(result)]
    for k, one in enumerate(result.sites, 1):
        every = tables_of(one, areas)
        found += [_of(t, one.given.name, k) for t in every if t.key != "site_answer"]
    return found


def _answer(result: SharedResult) -> Table:
    part, solution = result.part, result.solution
    rows: list[tuple[Any, ...]] = [
        (Note("服务", "services"), "、".join(one.given.name for one in result.sites)),
        (Note("目标", "aim"), aim_of(result)),
    ]
    if part.n_sites is not None:
        rows.append((Note("新建数量上限", "most new sites"), str(part.n_sites)))
    if part.budget is not None:
        rows.append((Note("预算（万元）", "budget (万元)"), f"{part.budget:,.10g}"))
    for label, value in (
        (Note("结果", "result"), solution.objective),
        # what holds for some candidates only is told with the conclusion
        (
            Note("已证明的界", "proven bound"),
            solution.bound if result.among is None else np.nan,
        ),
    ):
        if np.isfinite(value):
            rows.append((label, told_together(result, value)))
    rows.append((Note("结论", "conclusion"), verdict_of(solution, among=result.among)))
    return Table(
        key="site_answer",
        title=Note("选址结论", "Where to build next"),
        columns=(Column("what", "项目", "what"), Column("answer", "内容", "answer")),
        rows=tuple(rows),
        notes=(
            Note(
                "最大覆盖选址模型（MCLP，Church 与 ReVelle，1974），各服务共用预算或数量；"
                "一处房屋只用于一个服务",
                "Maximal covering location problem (Church and ReVelle 1974) of several services"
                " that share a budget or a number of sites; a building holds one of them",
            ),
            *_aim(result),
            *_left_out(result),
        ),
    )


def told_together(result: SharedResult, value: float) -> Note:
    """An objective or bound with its unit."""
    if result.fair:
        share = f"{value / SHARES:.1%}"
        return Note(f"最低覆盖率 {share}", f"{share} of the service that is worst off")
    told = summed_of(result.sites[0].given, value)
    if result.part.service_weights:
        return Note(f"加权 {told.zh}", f"{told.en}, weighted")
    return Note(told.zh, f"{told.en}, summed over services")


def _told(one: SiteResult, before: Count, after: Count) -> tuple[float, ...]:
    """Total, covered before, added, covered after and remaining in numbers that add up."""
    given = {
        "total": units.persons(before.total), "covered_before": units.persons(before.covered),
        "added": units.persons(one.added[one.given.group]),
        "covered_after": units.persons(after.covered),
        "remaining": units.persons(after.uncovered + after.unlinked),
    }  # fmt: skip
    return tuple(told_of(one.given, given).values())


def _service_table(result: SharedResult) -> Table:
    rows = []
    for one in result.sites:
        before, after = (x.counts[-1][one.given.group] for x in (one.given, one.after))
        rows.append(
            (
                one.given.name, len(one.steps),
                money(one.cost) if one.steps and one.cost is not None else None,
                *_told(one, before, after),
                before.share_covered, after.share_covered,
            )
        )  # fmt: skip
    columns = (
        Column("service", "服务", "service"),
        Column("sites", "新建", "new sites", "integer"),
        Column("cost", "造价（万元）", "cost (万元)", "money"),
        Column("total", "服务人群", "people of its group", "people"),
        Column("covered_before", "现状覆盖", "covered before", "people"),
        Column("added", "新增覆盖", "newly covered", "people"),
        Column("covered_after", "建成后覆盖", "covered after", "people"),
        Column("remaining", "仍未覆盖", "still not covered", "people"),
        Column("share_before", "现状覆盖率", "share before", "percent"),
        Column("share_after", "建成后覆盖率", "share after", "percent"),
    )
    known = any(row[2] is not None for row in rows)
    keep = [k for k, column in enumerate(columns) if known or column.key != "cost"]
    table = Table(
        key="site_services",
        title=Note("各服务对照", "The services side by side"),
        columns=tuple(columns[k] for k in keep),
        rows=tuple(tuple(row[k] for k in keep) for row in rows),
    )
    return in_units(table, result.sites[0].given)


def _of(table: Table, name: str, k: int) -> Table:
    """A table of one service, told apart from those of the others."""
    return dataclasses.replace(
        table,
        key=f"{table.key}_{k}",
        title=Note(f"{table.title.zh}：{name}", f"{table.title.en}: {name}"),
    )


def shared_brief(result: SharedResult) -> tuple[Table, ...]:
    """The sites of every service, for the terminal."""
    return tuple(
        dataclasses.replace(brief_table(one), key=f"site_brief_{k}")
        for k, one in enumerate(result.sites, 1)
        if one.steps
    )


def shared_summary(result: SharedResult) -> dict[str, Any]:
    """For summary.json: of all together, and under `services` each as `siting.tables` tells it.

    `aim`: sum or fair. `objective`, `bound`: weighted people (sum), or the share of the people of
    the service that is worst off (fair). `added`: people newly covered, summed without weights.
    """
    solution, part = result.solution, result.part
    unit = SHARES if result.fair else units.MICRO
    cost = _cost(result)
    return {
        "problem": part.problem,
        "n_sites": part.n_sites,
        "budget": part.budget,
        "aim": part.aim_of_services,
        "weights": {
            one.given.name: part.service_weights.get(one.given.name, 1) for one in result.sites
        },
        "status": solution.status,
        **verdict_of(solution, among=result.among)._asdict(),
        "objective": int(solution.objective) / unit,
        "bound": int(solution.bound) / unit,
        "gap": float(solution.gap) if np.isfinite(solution.gap) else None,
        "among": result.among,
        "by_clock": solution.by_clock,
        "ties": solution.lowest,
        "added": units.persons(result.added),
        "cost": None if cost is None else money(cost),
        "services": [summary_of(one) for one in result.sites],
    }


def shared_layers(result: SharedResult, areas: Areas | None = None) -> dict[str, Layer]:
    """The layers of every service, numbered."""
    return {
        f"{name}_{k}": layer
        for k, one in enumerate(result.sites, 1)
        for name, layer in {**layers_of(one), **left_layer(one, areas)}.items()
    }


def shared_csv(result: SharedResult) -> str:
    """The sites of all services in one table, the service in its first column."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    for k, one in enumerate(result.sites):
        rows = list(csv.reader(io.StringIO(csv_of(one))))
        if k == 0:
            write.writerow(["服务", *rows[0]])
        write.writerows([one.given.name, *row] for row in rows[1:])
    return text.getvalue()


def shared_geojson(result: SharedResult) -> str:
    """The sites of all services as GeoJSON, WGS-84."""
    features = []
    for one in result.sites:
        for feature in json.loads(geojson_of(one))["features"]:
            feature["properties"] = {"service": one.given.name, **feature["properties"]}
            features.append(feature)
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
