"""A service that a scenario leaves without any facility, or without anybody who gets to one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.assessing.analysis import count, toward
from quarterhour.assessing.circles import Circle
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.assessing.guard_zone import guard_report
from quarterhour.assessing.place_search import Places
from quarterhour.assessing.residential import judge
from quarterhour.assessing.shapes import draw
from quarterhour.core import reach as times

if TYPE_CHECKING:
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground
    from quarterhour.assessing.shapes import AreaFigures
    from quarterhour.core.impedance import Impedance
    from quarterhour.gather.laying import Laid
    from quarterhour.inputs import Facilities


def serves(ground: Ground, like: Assessment, facilities: Facilities) -> bool:
    """Whether any facility can be used, linked as those of `like` are, and anybody has a street."""
    if not facilities.serving.any():
        return False
    costs = ground.impedance(like.walker, toward=toward(like.direction))
    if not ground.inside[ground.link("demand", costs.linkable, None).owner].any():
        return False
    return bool(link_facilities(ground, costs, facilities, like.link_limit_m).used.any())


def unserved(
    laid: Laid, k: int, facilities: Facilities, like: Assessment, *, threads: int | None = None
) -> Assessment:
    """Service `k` of a study that nobody can walk to: everyone is uncovered or unlinked.

    None of its `facilities` serves, or nobody has a street.

    Walker, cutoffs and all other terms are those of `like`, the service with facilities.
    """
    ground, study = laid.ground, laid.inputs.study
    costs = ground.impedance(like.walker, toward=toward(like.direction))
    links = link_facilities(ground, costs, facilities, like.link_limit_m)
    sources = times.stops(costs, links.linkage)
    gates = times.stops(costs, links.linkage, each_point=True)
    cutoffs_ms = [like.walker.cutoff_ms(c) for c in like.cutoffs_min]
    limit_ms = max(like.walker.limit_ms(like.limit_min), cutoffs_ms[-1])
    places = Places(ground, costs, threads)
    demand = places.nearest(links, gates, limit_ms)
    verdicts, area_times = judge(
        ground, costs, sources, limit_ms, cutoffs_ms, threads,
        by=study.residential.by if study.residential else "positions", demand=demand,
        group=study.service[k].group, entrances=laid.gates,
    )  # fmt: skip
    drawn, area_figures = _drawn(ground, costs, sources, cutoffs_ms, threads)
    amounts, inside = ground.demand.amounts, ground.inside
    counts = tuple({g: count(a, inside, demand, c) for g, a in amounts.items()} for c in cutoffs_ms)
    none = dict.fromkeys(amounts, 0)
    made = dataclasses.replace(
        like,
        ground=ground,
        facilities=facilities,
        facility_status=links.status,
        facility_link_m=links.link_m,
        demand=demand,
        within=times.TravelTimes(
            first=np.zeros(len(facilities) + 1, np.int64),
            place=np.empty(0, np.int32),
            ms=np.empty(0, np.int32),
        ),
        counts=counts,
        reached={g: np.zeros(len(facilities), np.int64) for g in amounts},
        residential=verdicts,
        residential_times=area_times,
        set_aside=facilities.set_aside + links.set_aside,
        circles=tuple(
            Circle(radius_m=c.radius_m, counted=dict(none), wrongly=dict(none))
            for c in like.circles
        ),
        beside=tuple(
            dataclasses.replace(
                b,
                counts=tuple(
                    {g: count(a, inside, demand, b.walker.cutoff_ms(c)) for g, a in amounts.items()}
                    for c in b.cutoffs_min
                ),
            )
            for b in like.beside
        ),
        area_figures=area_figures,
        edge=None,
        **drawn,
    )
    return dataclasses.replace(
        made, edge=guard_report(made, road_extent=laid.road_extent, threads=threads)
    )


def _drawn(
    ground: Ground,
    costs: Impedance,
    sources: times.Stops,
    cutoffs_ms: list[int],
    threads: int | None,
) -> tuple[dict[str, Any], tuple[AreaFigures, ...]]:
    """Empty shapes by `draw`, which needs at least one facility row."""
    n = sources.n_owners
    one = dataclasses.replace(sources, n_owners=max(n, 1))
    reach = times.reach_nodes(costs, one, limit_ms=cutoffs_ms[-1], threads=threads)
    drawn, figures = draw(ground, costs, one, reach, cutoffs_ms, threads)
    for key in ("areas", "lines"):
        drawn[key] = tuple(shapes[:n] for shapes in drawn[key])
    return drawn, tuple(
        dataclasses.replace(
            f,
            area_m2=f.area_m2[:n],
            reached_m=f.reached_m[:n],
            unreached_m=f.unreached_m[:n],
            unreached_share=f.unreached_share[:n],
        )
        for f in figures
    )
