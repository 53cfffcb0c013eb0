"""Sites of several services that share one budget or one number of sites."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.core.siting.milp import INFEASIBLE, NOTHING, Limits
from quarterhour.core.siting.shared_budget import Service, most_for_all
from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.model import _Frozen
from quarterhour.siting.layers import csv_of, geojson_of, layers_of
from quarterhour.siting.more import More
from quarterhour.siting.result import money
from quarterhour.siting.rules import rules_of, status_of
from quarterhour.siting.site import candidates_for, result_of
from quarterhour.siting.solve import task_of
from quarterhour.siting.tables import answers_of, brief_table, summary_of, tables_of
from quarterhour.siting.words import verdict_of
from quarterhour.sources.edge_notes import UNITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from quarterhour.assessment import Assessment
    from quarterhour.core.siting.nouns import Solution
    from quarterhour.site_parts import SitePart
    from quarterhour.siting.result import SiteResult
    from quarterhour.sources.candidates import Candidates
    from quarterhour.tabular import Table

    Steps = Callable[[str, int, int], None]
    Found = Callable[[float, float], None]
    Layer = tuple[NDArray[Any], str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedResult(_Frozen):
    """One answer per service, in the order asked for.

    `solution`: of all together; its objective and bound are the sum of millionths newly covered.
    """

    part: SitePart
    solution: Solution
    sites: tuple[SiteResult, ...]


def check_shared(part: SitePart) -> None:
    """Raise `InputError` where the question is none for several services."""
    if part.service is None or len(part.service) < 2:
        return
    if len(set(part.service)) < len(part.service):
        raise InputError(f"[site] service names one twice: {', '.join(part.service)}")
    told = [key for key in ("phases", "curve", "size", "capacity") if getattr(part, key)]
    if part.problem != "most_people" or told:
        what = f'problem = "{part.problem}"' if part.problem != "most_people" else told[0]
        raise InputError(
            f"[site] several services share one budget or number of sites; {what} is asked of one"
            f" service, such as service = {part.service[0]!r}"
        )


def shared_with(
    part: SitePart,
    given: Sequence[Assessment],
    wanted: Candidates | str,
    *,
    language: str = "zh",
    threads: int | None = None,
    progress: Steps | None = None,
    found: Found | None = None,
) -> SharedResult:
    """Sites of all services that newly cover the most people in sum, a building for one of them.

    Raises
    ------
    InputError
        The question contradicts itself, or there is nothing to choose from.
    """
    limits = Limits(seconds=part.seconds, nodes=part.nodes)
    cases, services = [], []
    for one in given:
        every = candidates_for(part, one, wanted, threads=threads)
        if every.required.any():
            raise InputError(
                f"{every.at.file}: candidates are required, and with several services it is not"
                " known for which; ask for one service, or take the marks out"
            )
        task = task_of(part, one, every.at, threads=threads, progress=progress)
        status, aside = status_of(one.ground, every, task.reach.links)
        rules, status = rules_of(part, every, status, one.ground)
        own = dataclasses.replace(rules, n_sites=None, budget=None)
        cases.append((one, every, task, status, own, aside))
        # generated candidates of two services are no buildings
        building = np.arange(len(every)) if every.source == "table" else None
        services.append(
            Service(
                cover=task.reach.cover, weight=task.weight, rules=own, done=task.done,
                building=building,
            )
        )  # fmt: skip
    if progress is not None:
        progress("solve", 0, 1)
    shared = most_for_all(
        services,
        budget=None if part.budget is None else round(part.budget * 10_000),
        n_sites=part.n_sites,
        limits=limits,
        progress=found,
    )
    if shared.solution.status in {INFEASIBLE, NOTHING}:
        raise InputError("[site] no sites were found that keep to the rules and the limits")
    results = []
    for (one, every, task, status, own, aside), chosen, gained in zip(
        cases, shared.chosen, shared.gained, strict=True
    ):
        solution = dataclasses.replace(
            shared.solution, chosen=chosen, objective=float(gained), bound=float("nan")
        )
        results.append(
            result_of(
                part, one, every, task, status, solution, More(), rules=own, language=language,
                set_aside=every.at.set_aside + aside, anywhere_too=False, threads=threads,
                progress=progress,
            )
        )  # fmt: skip
    return SharedResult(part=part, solution=shared.solution, sites=tuple(results))


def shared_answers(result: SharedResult) -> tuple[Note, ...]:
    """Sentences of all services together, then of each."""
    unit = UNITS[result.sites[0].given.ground.demand.kind]
    counts = [len(one.steps) for one in result.sites]
    names = [one.given.name for one in result.sites]
    each_zh = "、".join(f"{name} {n} 处" for name, n in zip(names, counts, strict=True))
    each_en = ", ".join(f"{name} {n}" for name, n in zip(names, counts, strict=True))
    added = f"{units.persons(int(result.solution.objective)):,.0f}"
    costs = [one.cost for one in result.sites]
    cost_zh = cost_en = ""
    if any(costs) and None not in costs:
        whole = money(sum(cost or 0 for cost in costs))
        cost_zh, cost_en = (
            f"，共 {whole:,.10g} 万元",
            f" for {whole:,.10g} 万元 (ten thousand yuan)",
        )
    n = sum(counts)
    return (
        Note(
            f"共新增 {n} 处{cost_zh}（{each_zh}）：各服务新增覆盖合计 {added} {unit.zh}次",
            f"{n} new site{'' if n == 1 else 's'} in all{cost_en} ({each_en}): {added} {unit.en}"
            " newly covered, summed over services",
        ),
        verdict_of(result.solution),
        *dict.fromkeys(
            note for one in result.sites for k, note in enumerate(answers_of(one)) if k != 1
        ),
    )


def _of(table: Table, name: str, k: int) -> Table:
    """A table of one service, told apart from those of the others."""
    return dataclasses.replace(
        table,
        key=f"{table.key}_{k}",
        title=Note(f"{table.title.zh}：{name}", f"{table.title.en}: {name}"),
    )


def shared_tables(result: SharedResult) -> list[Table]:
    """The tables of every service but its conclusion, which is that of all together."""
    found = []
    for k, one in enumerate(result.sites, 1):
        every = tables_of(one)
        found += [_of(t, one.given.name, k) for t in every if t.key != "site_answer"]
    return found


def shared_brief(result: SharedResult) -> tuple[Table, ...]:
    """The sites of every service, for the terminal."""
    return tuple(
        dataclasses.replace(brief_table(one), key=f"site_brief_{k}")
        for k, one in enumerate(result.sites, 1)
        if one.steps
    )


def shared_summary(result: SharedResult) -> dict[str, Any]:
    """For summary.json: of all together, and under `services` each as `siting.tables` tells it."""
    solution = result.solution
    return {
        "problem": result.part.problem,
        "n_sites": result.part.n_sites,
        "budget": result.part.budget,
        "status": solution.status,
        **verdict_of(solution)._asdict(),
        "objective": units.persons(int(solution.objective)),
        "bound": units.persons(int(solution.bound)),
        "gap": float(solution.gap) if np.isfinite(solution.gap) else None,
        "services": [summary_of(one) for one in result.sites],
    }


def shared_layers(result: SharedResult) -> dict[str, Layer]:
    """The layers of every service, numbered."""
    return {
        f"{name}_{k}": layer
        for k, one in enumerate(result.sites, 1)
        for name, layer in layers_of(one).items()
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
