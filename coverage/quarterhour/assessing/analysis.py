"""The Python verbs: one service assessed on a ground, as arrays that writers turn into files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.assessing.assessment import (
    COVERED,
    UNCOVERED,
    UNLINKED,
    Assessment,
    Count,
    PlaceTimes,
)
from quarterhour.assessing.circles import circles
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.assessing.ground import FACILITY_LINK_M, PEOPLE_LINK_M, Ground, prepare
from quarterhour.assessing.place_search import Places
from quarterhour.assessing.residential import judge
from quarterhour.assessing.shapes import draw
from quarterhour.core import reach as times
from quarterhour.core.slope import DOWNHILL
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, AreaSet, Demand, Entrances, Facilities, Note, SetAside
from quarterhour.measures import counted
from quarterhour.walkers import check_cutoffs
from quarterhour.walkers import walker as walker_named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from quarterhour.model import Linkage, RoadNetwork, Walker

    Progress = Callable[[str, int, int], None]

MOST_FAR = 1000
"""Rows of people that could not be linked which are named one by one; all are in the results."""

MUCH_UNLINKED = 0.1
"""Share of the demand without a road from which on the run says so."""


def assess(
    roads: RoadNetwork,
    people: Demand | None,
    facilities: Facilities,
    *,
    cutoffs_min: Sequence[float] = (15,),
    walker: str | Walker = "adult",
    group: str = EVERYONE,
    area: Any = None,  # noqa: ANN401 - shapely geometry
    residential: AreaSet | None = None,
    link_limit_m: float = FACILITY_LINK_M,
    people_link_limit_m: float = PEOPLE_LINK_M,
    limit_min: float = 60,
    direction: str = "to",
    inside_min: float = 0,
    name: str = "",
    threads: int | None = None,
) -> Assessment:
    """Who can walk to a facility within the cutoffs, the last of which counts.

    Parameters
    ----------
    roads, people, facilities
        From `read_roads`, `read_people`, `read_facilities`. Without people, residential land or
        street metres stand in for them.
    cutoffs_min
        Minutes, inclusive. walker: a name of `WALKERS` or a `Walker`.
    group
        The group of people that the service is for.
    area
        Study area (longitude, latitude); default: the extent of the people.
    link_limit_m, people_link_limit_m
        Longest leg between a facility (100 m) or a place of people (200 m) and the road.
    limit_min
        How far the nearest facility is looked for.
    direction
        "to": people walk to the facility; "from": it comes to them. They differ on slopes and
        where walkers must keep to one direction.
    inside_min
        Minutes from the door of a facility to its service, added to every walk.
    """
    who = walker_named(walker) if isinstance(walker, str) else walker
    longest = max(limit_min, *cutoffs_min)
    ground = prepare(
        roads,
        people,
        area=area,
        residential=residential,
        guard_m=guard_metres(who, longest),
        link_limit_m=people_link_limit_m,
    )
    return assess_on(
        ground,
        facilities,
        cutoffs_min=cutoffs_min,
        walker=who,
        group=group,
        link_limit_m=link_limit_m,
        limit_min=longest,
        direction=direction,
        inside_min=inside_min,
        name=name,
        threads=threads,
    )


def guard_metres(walker: Walker, limit_min: float, *, slopes: bool = False) -> float:
    """Metres that a walker can get within the search limit: the width of the guard zone.

    `slopes`: downhill it is farther than on the flat, except by a distance rule.
    """
    flat_m = walker.limit_ms(limit_min) * walker.speed_mmph / units.MS_PER_HOUR / units.MM_PER_M
    return flat_m * DOWNHILL if slopes and not walker.rule_m else flat_m


def assess_on(
    ground: Ground,
    facilities: Facilities,
    *,
    cutoffs_min: Sequence[float],
    walker: Walker,
    group: str = EVERYONE,
    link_limit_m: float = FACILITY_LINK_M,
    limit_min: float = 60,
    direction: str = "to",
    inside_min: float = 0,
    residential_by: str = "positions",
    residential_gates: Entrances | None = None,
    name: str = "",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """As `assess`, on a ground that several services share."""
    cutoffs = tuple(float(c) for c in cutoffs_min)
    check_cutoffs(walker, cutoffs)
    if group not in ground.demand.amounts:
        raise InputError(
            f"service {name!r}: people have no group {group!r}; found are"
            f" {', '.join(ground.demand.amounts)}: add it under [people.groups]"
        )

    def step(what: str, k: int) -> None:
        if progress is not None:
            progress(what, k, 6)

    step("link", 0)
    costs = ground.impedance(walker, toward=toward(direction))
    links = link_facilities(ground, costs, facilities, link_limit_m)
    if not links.used.any():
        raise InputError(_nothing_serves(name, facilities, links.status, links.set_aside))
    inside_ms = inside_ms_of(walker, inside_min)
    sources = times.stops(costs, links.linkage, inside_ms=inside_ms)
    limit_ms = max(walker.limit_ms(limit_min), walker.cutoff_ms(cutoffs[-1]))
    cutoffs_ms = [walker.cutoff_ms(c) for c in cutoffs]

    places = Places(ground, costs, threads)
    _require_linked(ground, places.linkage)
    step("search", 1)
    gates = times.stops(costs, links.linkage, each_point=True, inside_ms=inside_ms)
    demand = places.nearest(links, gates, limit_ms)
    reach = times.reach_nodes(costs, sources, limit_ms=cutoffs_ms[-1], threads=threads)
    within = places.within(sources, reach, cutoffs_ms[-1])
    step("residential", 2)
    verdicts, area_times = judge(
        ground, costs, sources, limit_ms, cutoffs_ms, threads,
        by=residential_by, demand=demand, group=group, entrances=residential_gates,
    )  # fmt: skip
    step("service_areas", 3)
    drawn, area_figures = draw(ground, costs, sources, reach, cutoffs_ms, threads)
    step("count", 5)
    amounts, inside = ground.demand.amounts, ground.inside
    counts = tuple({g: count(a, inside, demand, c) for g, a in amounts.items()} for c in cutoffs_ms)
    step("done", 6)
    return Assessment(
        name=name,
        group=group,
        walker=walker,
        cutoffs_min=cutoffs,
        limit_min=limit_min,
        link_limit_m=link_limit_m,
        direction=direction,
        inside_min=inside_min,
        ground=ground,
        facilities=facilities,
        facility_status=links.status,
        facility_link_m=links.link_m,
        demand=demand,
        within=within,
        counts=counts,
        reached={g: _reached(within, np.where(inside, a, 0)) for g, a in amounts.items()},
        residential=verdicts,
        residential_times=area_times,
        set_aside=facilities.set_aside + links.set_aside,
        outside={g: int(a[~inside].sum()) for g, a in amounts.items()},
        area_figures=area_figures,
        circles=circles(ground, walker, links, demand, cutoffs_ms, inside_ms),
        **drawn,
    )


def assess_again(
    given: Assessment, facilities: Facilities, *, threads: int | None = None
) -> Assessment:
    """What `given` asks, with other facilities."""
    return assess_on(
        given.ground,
        facilities,
        cutoffs_min=given.cutoffs_min,
        walker=given.walker,
        group=given.group,
        link_limit_m=given.link_limit_m,
        limit_min=given.limit_min,
        direction=given.direction,
        inside_min=given.inside_min,
        name=given.name,
        threads=threads,
    )


def toward(direction: str) -> bool:
    """Whether walks go to the facility; anything but "to" and "from" is an `InputError`."""
    if direction not in {"to", "from"}:
        raise InputError(f'direction is {direction!r}; needed is "to" or "from" the facility')
    return direction == "to"


def inside_ms_of(walker: Walker, inside_min: float) -> int:
    """Milliseconds behind the door; a distance rule has none, and more than an hour is wrong."""
    if not 0 <= inside_min <= 60:
        raise InputError(f"inside_min is {inside_min:g}; needed are minutes between 0 and 60")
    if inside_min and walker.rule_m:
        raise InputError(
            f"inside_min adds minutes, and the walker {walker.name!r} is a rule of metres: leave"
            " one of them out"
        )
    return units.ms_of_min(inside_min)


def _require_linked(ground: Ground, places: Linkage) -> None:
    """Raise `InputError` where not one place inside the area is near a road."""
    linked = np.zeros(places.n_owners, bool)
    linked[places.owner] = True
    if not (linked & ground.inside).any():
        raise InputError(
            f"{ground.demand.file or 'demand'}: none of its {int(ground.inside.sum())} places in"
            f" the study area has a road within {ground.link_limit_m:g} m; check that people and"
            " roads are of the same place, or raise link_limit_m under [people]"
        )


def _nothing_serves(
    name: str, facilities: Facilities, status: tuple[str, ...], aside: tuple[SetAside, ...]
) -> str:
    where = facilities.file + (f" sheet {facilities.sheet}" if facilities.sheet else "")
    bad = len(facilities.set_aside)
    parts = (
        [f"{counted(len(facilities), 'row')} with a position", f"{bad} set aside before"]
        if bad
        else []
    )
    parts += [f"{status.count(s)} {s}" for s in ("planned", "outside", "unlinked") if s in status]
    first = (aside or facilities.set_aside)[:1]
    example = f"; first: {first[0].line()}" if first else ""
    return (
        f"{where}: no usable facility for the service {name!r}"
        f" ({', '.join(parts) or 'no rows'}){example}; needed is at least one near a road of the"
        " study area: check the coordinates and their system"
    )


def count(
    amount: NDArray[np.int64], inside: NDArray[np.bool_], demand: PlaceTimes, cutoff_ms: int
) -> Count:
    """Covered, uncovered and unlinked amounts inside the study area at a cutoff."""
    covered = demand.covered(cutoff_ms)
    parts = {
        COVERED: int(amount[inside & covered].sum()),
        UNCOVERED: int(amount[inside & ~covered & demand.linked].sum()),
        UNLINKED: int(amount[inside & ~demand.linked].sum()),
    }
    total = int(amount[inside].sum())
    assert sum(parts.values()) == total, "covered + uncovered + unlinked must be the total"  # noqa: S101
    return Count(total=total, **parts)


def _reached(within: times.TravelTimes, amount: NDArray[np.int64]) -> NDArray[np.int64]:
    """Demand within the cutoff of each source, int64 millionths."""
    running = np.concatenate([[0], np.cumsum(amount[within.place])])
    return np.asarray(running[within.first[1:]] - running[within.first[:-1]], np.int64)


def unlinked_note(ground: Ground, assessments: Sequence[Assessment]) -> tuple[Note, ...]:
    """Where much of the demand has no road near it, the roads may end before the area does."""
    count = assessments[0].counts[-1][EVERYONE]
    if count.unlinked <= MUCH_UNLINKED * count.total:
        return ()
    share = f"{count.unlinked / count.total:.0%}"
    limit = f"{ground.link_limit_m:g}"
    return (
        Note(
            f"{share} 的需求在 {limit} 米内没有道路：道路数据是否覆盖整个研究范围？",
            f"{share} of the demand has no road within {limit} m: do the roads cover the whole"
            " study area?",
        ),
    )


def far_rows(ground: Ground, assessments: Sequence[Assessment]) -> tuple[SetAside, ...]:
    """Table and layer rows of people that a service could not link: counted apart, and named."""
    demand = ground.demand
    if demand.kind != "people":
        return ()
    linked = np.array([a.demand.linked for a in assessments])
    rows = np.flatnonzero(ground.inside & ~linked.all(axis=0) & (demand.row >= 0))
    result = []
    for k in rows[:MOST_FAR]:
        of = [
            a.name for a, is_linked in zip(assessments, linked[:, k], strict=True) if not is_linked
        ]
        which = f" for {', '.join(of)}" if len(of) < len(assessments) else ""
        behind = any(
            a.demand.behind_barrier is not None and a.demand.behind_barrier[k] for a in assessments
        )
        limit = f"{ground.link_limit_m:g}"
        why = (
            f"every road within {limit} m lies behind water, a railway, an expressway or a wall"
            if behind
            else f"no road within {limit} m"
        )
        result.append(
            SetAside(
                layer="people",
                file=demand.file,
                sheet=demand.sheet,
                row=int(demand.row[k]),
                name=demand.names[k] if demand.names else "",
                reason="behind_barrier" if behind else "too_far_from_road",
                detail=f"{why}{which}: counted apart, as unlinked",
            )
        )
    if len(rows) > MOST_FAR:
        more = len(rows) - MOST_FAR
        result.append(
            SetAside(
                layer="people", file=demand.file, sheet=demand.sheet, row=None, name="",
                reason="too_far_from_road",
                detail=f"{counted(more, 'more row')} of people without a usable road within"
                f" {ground.link_limit_m:g} m: counted apart, as unlinked; each is in the layer"
                " people of the results",
            )
        )  # fmt: skip
    return tuple(result)
