"""An answered siting question as a map shows it: sites, years, another choice, the proof."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.answers.every import towns_of_gaps
from quarterhour.answers.gaps import find_gaps
from quarterhour.assessing.analysis import toward
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.briefing.scenarios import scenario_layer, service_layer
from quarterhour.briefing.states import Looking
from quarterhour.core.siting.milp import FEASIBLE
from quarterhour.inputs import Note
from quarterhour.publish import looking_of
from quarterhour.render.map.site_layers import Optimum, Proposal, SiteMark
from quarterhour.scenarios.scenario import compare
from quarterhour.siting.answered import scenarios_of
from quarterhour.siting.closing import ClosingResult
from quarterhour.siting.for_targets import TargetsResult
from quarterhour.siting.map_facts import curve_of, facts_of
from quarterhour.siting.result import groups_of, money
from quarterhour.siting.rules import costs_of
from quarterhour.siting.shared import SharedResult
from quarterhour.siting.site import assessed_with, proposed
from quarterhour.siting.tables import site_rows
from quarterhour.siting.words import percent, verdict_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.gather.laying import Laid
    from quarterhour.render.map.layers import Scenario, ScenarioService
    from quarterhour.scenarios.scenario import ScenarioResult, ServiceChange
    from quarterhour.siting.answered import Answered, Result
    from quarterhour.siting.result import SiteResult

BEST = Note("建议方案", "Proposal")
YEARS = "years"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What `briefing.shown.map_data` takes of an answer."""

    proposed: tuple[Scenario, ...]
    proposal: Proposal
    optimum: tuple[Optimum, ...]


def looking_at(laid: Laid, assessments: Sequence[Assessment]) -> Looking:
    """How a study looks at its services in every state, with their gaps as a run finds them."""
    looking = looking_of(laid, ())
    town_of, names = towns_of_gaps(laid.inputs, laid.ground)
    join_m = laid.inputs.study.gaps.join_m
    gaps = [
        find_gaps(looking.with_edge(a), join_m=join_m, town_of=town_of, town_names=names)
        for a in assessments
    ]
    return dataclasses.replace(
        looking,
        gaps=tuple(
            # of the assessment that the map shows, which has no look beyond the edge
            dataclasses.replace(found, assessment=a)
            for found, a in zip(gaps, assessments, strict=True)
        ),
    )


def drawn_of(
    result: Result,
    told: Answered,
    *,
    looking: Looking | None = None,
    language: str = "zh",
    threads: int | None = None,
) -> Drawn:
    """The answer for the map; another choice is assessed as a whole for it.

    `looking`: how the study looks at its services, with the gaps of today; by default without.
    """
    looking = looking or Looking()
    solution = result.site.solution if isinstance(result, TargetsResult) else result.solution
    among = None if isinstance(result, TargetsResult) else result.among
    verdict = verdict_of(solution, among=among)
    curve = None
    if isinstance(result, SharedResult):
        sites: tuple[SiteResult, ...] = result.sites
    elif isinstance(result, ClosingResult):
        sites = ()
    else:
        one = result.site if isinstance(result, TargetsResult) else result
        sites, curve = (one,), curve_of(one)
    if isinstance(result, ClosingResult):
        plans = _closing(result, told, looking)
    elif len(sites) == 1:
        plans = _plans(sites[0], told, looking, language, threads)
    else:
        plans = _together(sites, told, looking)
    return Drawn(
        proposed=plans,
        proposal=Proposal(
            verdict=verdict,
            proven=solution.status == "optimal" and among is None,
            facts=facts_of(result),
            notes=tuple((note.zh, note.en) for note in told.answers if note != verdict),
            curve=curve,
        ),
        optimum=tuple(best for k, one in enumerate(sites) for best in _optimum(one, k, len(sites))),
    )


def _optimum(result: SiteResult, k: int, services: int) -> tuple[Optimum, ...]:
    """The sites of a service to compare others with, () where nothing is built."""
    if not result.steps:
        return ()
    at, bound = result.sites, None
    if result.part.problem == "most_people" and result.more.served is None and services == 1:
        plan = result.more.phased
        best = result.solution.bound if plan is None else plan.free.bound
        bound = units.persons(int(best)) if np.isfinite(best) else None
    return (
        Optimum(
            service=k,
            sites=tuple((at.name[i], float(at.lon[i]), float(at.lat[i])) for i in range(len(at))),
            added={g: units.persons(result.added[g]) for g in groups_of(result.given)},
            status=result.solution.status if result.among is None else FEASIBLE,
            bound=bound,
        ),
    )


def _layer(one: ScenarioResult, looking: Looking) -> Scenario:
    """What is proposed as a scenario, its residential areas judged as those of the study."""
    services = tuple(
        dataclasses.replace(change, after=looking.judged(change.after)) for change in one.services
    )
    return scenario_layer(dataclasses.replace(one, services=services), looking)


def _whole(told: Answered, looking: Looking) -> Scenario | None:
    """The answer as a scenario with all that it changes, None where nothing is built."""
    if not told.scenarios:
        return None
    return dataclasses.replace(
        _layer(told.scenarios[0], looking), label=(BEST.zh, BEST.en), shown=True, proposed="best"
    )


def _with(one: ScenarioService, marks: tuple[SiteMark, ...]) -> ScenarioService:
    return dataclasses.replace(one, added=(), sites=marks)


def _plans(
    result: SiteResult, told: Answered, looking: Looking, language: str, threads: int | None
) -> tuple[Scenario, ...]:
    """The best choice, or its years one after the other, and another choice."""
    best = _whole(told, looking)
    if best is None or result.change is None:
        return ()
    marks = _marks(result)
    whole = _with(best.services[0], marks)
    plans = [dataclasses.replace(best, services=(whole,))]
    if result.more.phased is not None:
        plans, n = [], 0
        for year, built in zip(result.more.years, result.more.phased.built, strict=True):
            n += len(built)
            last = year == result.more.years[-1]
            plans.append(
                dataclasses.replace(
                    best,
                    name=year,
                    label=(f"至 {year} 年", f"By {year}"),
                    shown=last,
                    among=YEARS,
                    services=(whole if last else _until(whole, result.change, n, looking),),
                )
            )
    other = _other(result, looking, language, threads)
    return (*plans, *(() if other is None else (other,)))


def _together(
    sites: Sequence[SiteResult], told: Answered, looking: Looking
) -> tuple[Scenario, ...]:
    best = _whole(told, looking)
    if best is None:
        return ()
    services = tuple(
        _with(one, _marks(site)) for one, site in zip(best.services, sites, strict=True)
    )
    return (dataclasses.replace(best, services=services),)


def _closing(result: ClosingResult, told: Answered, looking: Looking) -> tuple[Scenario, ...]:
    """What closes, and what opens instead in the order of what it brings."""
    best = _whole(told, looking)
    if best is None:
        return ()
    after, first = result.change.after, len(result.given.facilities)
    gains, links = _by_gain(after, first), _links(after)
    at, marks = result.opened, []
    every = result.candidates
    for rank, (k, added) in enumerate(gains, 1):
        cost = int(result.costs[k])
        named = every.at.name[int(result.solution.chosen[k])] if every is not None else at.name[k]
        marks.append(
            SiteMark(
                name=(named, named) if named else (f"建议新址 {rank}", f"Proposed site {rank}"),
                rank=rank,
                lon=float(at.lon[k]),
                lat=float(at.lat[k]),
                added=_own_first(result, {g: units.persons(n) for g, n in added.items()}),
                reached=units.persons(int(after.reached[result.given.group][first + k])),
                cost=None if cost < 0 else money(cost),
                area=after.areas[-1][first + k],
                link=links.get(first + k),
            )
        )
    return (dataclasses.replace(best, services=(_with(best.services[0], tuple(marks)),)),)


def _marks(result: SiteResult) -> tuple[SiteMark, ...]:
    """The chosen sites in their order, with their service areas."""
    if result.change is None:
        return ()
    first, when = len(result.given.facilities), _years(result)
    built, own = result.more.built(result.part), result.candidates.at.name
    links, marks = _links(result.change.after), []
    for k, (row, step) in enumerate(zip(site_rows(result), result.steps, strict=True)):
        name = (row["name"], row["name"])
        if not own[step.candidate]:
            name = (f"建议新址 {k + 1}", f"Proposed site {k + 1}")
        marks.append(
            SiteMark(
                name=name,
                rank=row["rank"],
                lon=float(result.sites.lon[k]),
                lat=float(result.sites.lat[k]),
                added=_own_first(result, row["added"]),
                reached=row["reached"],
                cost=row["cost"],
                size=built[step.candidate][0] if step.candidate in built else "",
                capacity=row["capacity"],
                when=when[k],
                area=result.change.after.areas[-1][first + k],
                link=links.get(first + k),
            )
        )
    return tuple(marks)


def _links(after: Assessment) -> dict[int, tuple[int, int, int]]:
    """Edge, offset and access in millimetres of every facility row that is entered at one place."""
    costs = after.ground.impedance(after.walker, toward=toward(after.direction))
    at = link_facilities(after.ground, costs, after.facilities, after.link_limit_m).linkage
    rows, first, number = np.unique(at.owner, return_index=True, return_counts=True)
    return {
        int(row): (int(at.edge[k]), int(at.offset_mm[k]), int(at.access_mm[k]))
        for row, k, n in zip(rows, first, number, strict=True)
        if n == 1
    }


def _own_first(result: SiteResult | ClosingResult, added: dict[str, float]) -> dict[str, float]:
    """People by group, the service's own group first."""
    order = dict.fromkeys([result.given.group, *groups_of(result.given)])
    return {g: added[g] for g in order}


def _years(result: SiteResult) -> list[str]:
    """The year of every site in its order, "" where there are no years."""
    plan = result.more.phased
    if plan is None:
        return [""] * len(result.steps)
    return [year for year, built in zip(result.more.years, plan.built, strict=True) for _ in built]


def _until(
    whole: ScenarioService, change: ServiceChange, n: int, looking: Looking
) -> ScenarioService:
    """The service with the first `n` sites only."""
    before, after = change.before, change.after
    first = len(before.facilities)
    serving = after.facilities.serving.copy()
    serving[first + n :] = False
    state = looking.state(before, dataclasses.replace(after.facilities, serving=serving))
    then = service_layer(compare(before, state), first, looking)
    # the area is that of today and of the sites together
    return dataclasses.replace(then, added=(), sites=whole.sites[:n], area=None)


def _by_gain(after: Assessment, first: int) -> list[tuple[int, dict[str, int]]]:
    """Facilities from row `first` on by what each adds to all before it, the largest first.

    Their number from there, and millionths by group; ties by the lowest number.
    """
    ground, within = after.ground, after.within
    amounts = {g: np.where(ground.inside, a, 0) for g, a in ground.demand.amounts.items()}
    seen = np.zeros(len(ground.inside), bool)
    seen[within.place[: within.first[first]]] = True
    left = list(range(len(after.facilities) - first))

    def new(k: int) -> NDArray[np.int64]:
        place = within.place[within.first[first + k] : within.first[first + k + 1]]
        return np.asarray(place[~seen[place]], np.int64)

    order = []
    while left:
        worth = [int(amounts[after.group][new(k)].sum()) for k in left]
        k = left.pop(int(np.argmax(worth)))
        rows = new(k)
        order.append((k, {g: int(a[rows].sum()) for g, a in amounts.items()}))
        seen[rows] = True
    return order


def _other(
    result: SiteResult, looking: Looking, language: str, threads: int | None
) -> Scenario | None:
    """The choice within one percent of the best that differs most, assessed as a whole."""
    found = result.more.alternative
    if found is None:
        return None
    at = proposed(result.candidates, found.solution.chosen, language)
    change = compare(result.given, assessed_with(result.given, at, threads=threads))
    plan = _layer(scenarios_of((change,), language=language)[0], looking)
    after, first = change.after, len(result.given.facilities)
    own, links, marks = result.candidates.at.name, _links(after), []
    cost = _costs(result, found.solution.chosen)
    for rank, (k, added) in enumerate(_by_gain(after, first), 1):
        named = own[int(found.solution.chosen[k])]
        name = (named, named) if named else (f"另一新址 {rank}", f"Other site {rank}")
        marks.append(
            SiteMark(
                name=name,
                rank=rank,
                lon=float(at.lon[k]),
                lat=float(at.lat[k]),
                added=_own_first(result, {g: units.persons(n) for g, n in added.items()}),
                reached=units.persons(int(after.reached[result.given.group][first + k])),
                cost=cost[k],
                area=after.areas[-1][first + k],
                link=links.get(first + k),
            )
        )
    best = result.added[result.given.group]
    fewer = percent(1 - found.covered / best) if best and found.covered < best else "0"
    return dataclasses.replace(
        plan,
        label=(
            f"另一方案（少 {fewer}）",
            f"Another choice ({fewer} fewer)",
        ),
        proposed="other",
        services=(_with(plan.services[0], tuple(marks)),),
    )


def _costs(result: SiteResult, rows: NDArray[np.int64]) -> list[float | None]:
    return [
        None if c < 0 else money(int(c)) for c in costs_of(result.part, result.candidates)[rows]
    ]
