"""The inputs of a study put together: one ground, and each service assessed on it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour import frames
from quarterhour.assessing import analysis
from quarterhour.assessing.beside import walkers_beside
from quarterhour.assessing.ground import PEOPLE_LINK_M, Ground, barrier_index, prepare
from quarterhour.assessing.guard_zone import guard_report
from quarterhour.assessing.relief import add_slopes
from quarterhour.assessing.residential import gates_of
from quarterhour.core import graph
from quarterhour.sources.roads.read import clip
from quarterhour.walkers import waiting_like

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.gather.inputs import Gather
    from quarterhour.inputs import Entrances, Facilities, Note
    from quarterhour.model import RoadNetwork

    Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A ground with what the services on it share.

    `gates`: of the residential areas of the ground, None where there are none. `road_extent`:
    polygon (longitude, latitude) within which the roads are taken as complete.
    """

    inputs: Gather
    ground: Ground
    gates: Entrances | None
    road_extent: Any
    notes: tuple[Note, ...]


def lay(inputs: Gather, *, n_old: int | None = None) -> Laid:
    """Roads, people and areas of a study as one ground, with barriers and slopes.

    `n_old`: edges of the roads from here on are streets of a plan. Whoever is nearest to one of
    them keeps the link to the streets of today beside it: a new street lengthens no walk.

    Raises
    ------
    InputError
        One of them cannot be used, or they are not of one place.
    """
    study = inputs.study
    every = inputs.residential()
    ground = prepare(
        inputs.roads(),
        inputs.people(),
        area=inputs.area(),
        residential=every,
        buildings=inputs.buildings(),
        guard_m=inputs.guard_m,
        link_limit_m=study.people.link_limit_m if study.people else PEOPLE_LINK_M,
        roads_label=study.roads.source or study.roads.place or "roads",
    )
    if n_old is not None:
        ground.today = _of_today(inputs.roads(), n_old, ground)
    near = bounds_of(ground)
    ground.barriers = barrier_index(inputs.barriers(near), ground.crs)
    # whole streets reach beyond the zone, and so must the heights
    net = ground.network
    terrain = inputs.terrain(frames.bounds_of((net.vertex_lon, net.vertex_lat)))
    notes: tuple[Note, ...] = ()
    if terrain is not None and study.terrain is not None:
        notes = add_slopes(ground, terrain, study.terrain.rule)
    gates = inputs.residential_gates()
    kept = ground.residential
    return Laid(
        inputs=inputs,
        ground=ground,
        gates=None
        if gates is None or every is None or kept is None
        else gates_of(gates.entrances, every, kept),
        road_extent=inputs.road_extent(),
        notes=notes,
    )


def _of_today(roads: RoadNetwork, n_old: int, ground: Ground) -> NDArray[np.bool_] | None:
    """Bool per edge of the ground, None where all of them are of today: new ones come last."""
    new = graph.subset(roads, np.arange(roads.n_edges) >= n_old)
    if not new.n_edges:
        return None
    n_new = clip(new, ground.crs.geometry_lonlat(ground.zone_m)).n_edges
    n = ground.network.n_edges
    return np.arange(n) < n - n_new if n_new else None


def bounds_of(ground: Ground) -> tuple[float, float, float, float]:
    """West, south, east, north of the study area and its guard zone, in degrees."""
    west, south, east, north = shapely.bounds(ground.crs.geometry_lonlat(ground.zone_m))
    return float(west), float(south), float(east), float(north)


def assess_service(
    laid: Laid,
    k: int,
    facilities: Facilities,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Assessment:
    """Service `k` of the study, with the other walkers beside it and what its edge leaves open.

    Raises
    ------
    InputError
        No facility of it can be used.
    """
    study = laid.inputs.study
    service = study.service[k]
    found = analysis.assess_on(
        laid.ground,
        facilities,
        cutoffs_min=service.cutoffs_min,
        walker=service.who(),
        group=service.group,
        link_limit_m=service.link_limit_m,
        limit_min=study.limit_min(service),
        direction=service.direction,
        inside_min=service.inside_min,
        residential_by=study.residential.by if study.residential else "positions",
        residential_gates=laid.gates,
        name=service.name,
        threads=threads,
        progress=progress,
    )
    others = [w for w in waiting_like(found.walker, study.study.beside()) if w != found.walker]
    return dataclasses.replace(
        found,
        beside=walkers_beside(found, others, threads=threads),
        edge=guard_report(found, road_extent=laid.road_extent, threads=threads),
    )
