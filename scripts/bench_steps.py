"""Part "steps": what a study does beside its searches, step by step, on Heidelberg.

Nobody else does these steps, so they stand beside each other: how long each takes of the whole.
Slopes are graded on Porto Alegre, which has a terrain.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from bench_common import Part, Row, heidelberg, race, require, roads_file, say
from bench_job import STUDY
from bench_link import beside_streets

if TYPE_CHECKING:
    from collections.abc import Callable

REPAIR_M = 2.0
N_PLACES = 200_000
FIT = "datum fit of 27 facilities, streets indexed before"
FIRST_FIT = "datum fit of 27 facilities, the first"
EXTENT = "extent of the roads, made anew"
KEPT = "extent of the roads, from the cache"
BARRIERS = "barriers read from .osm.pbf"
FREE = f"{N_PLACES:,} places linked, without barriers"
HELD = f"{N_PLACES:,} places linked, none across a barrier"
DIAGNOSIS = "diagnosis of the roads"
REPAIR = f"joints of {REPAIR_M:g} m mended"
EDGE = "guard report"
CIRCLES = "circles, three cutoffs"
CHECK = "quarterhour check, roads cached"
SLOPES = "Porto Alegre: streets graded by its terrain"


def measure(*, repeat: int, quick: bool) -> Part:  # noqa: ARG001 - nothing here is slow
    """Seconds of every step."""
    with tempfile.TemporaryDirectory(prefix="quarterhour-steps-") as name:
        path = Path(name) / "study.toml"
        # whole paths, with the slashes that TOML takes on every system
        text = STUDY.replace('"heidelberg', f'"{heidelberg().as_posix()}/heidelberg')
        path.write_text(text, encoding="utf-8")
        runners, agreed = _on_heidelberg(path)
        slopes = _slopes()
        if slopes is not None:
            runners[SLOPES] = slopes
        times = race(runners, repeat)
    rows = [times[what].row(what) for what in runners]
    if slopes is None:
        rows.append(Row(what=SLOPES, note="the data of Porto Alegre is not there"))
    return Part(
        name="steps",
        title="The steps of a study beside its searches, in one process",
        agreed=agreed,
        rows=tuple(rows),
    )


def _on_heidelberg(path: Path) -> tuple[dict[str, Callable[[], object]], str]:
    """What is timed, and in words how the answers were compared."""
    from quarterhour.assessing.circles import circles
    from quarterhour.assessing.facility_links import link_facilities
    from quarterhour.assessing.guard_zone import guard_report
    from quarterhour.checks.checking import check_study
    from quarterhour.core import snap
    from quarterhour.core.diagnosis import diagnose
    from quarterhour.gather.laying import assess_service, bounds_of
    from quarterhour.model import PointSet
    from quarterhour.sources.datum.fit import resolver
    from quarterhour.sources.ground.barriers import read_barriers
    from quarterhour.sources.ground.extents import kept_extent, known_roads, read_osm_box
    from quarterhour.sources.roads.read import read_roads
    from quarterhour.sources.roads.repair import repair
    from quarterhour.study import prepare_study

    ready = prepare_study(path)
    laid, facilities = ready.laid, ready.facilities[0]
    ground, made = ready.ground, assess_service(ready.laid, 0, ready.facilities[0])
    costs = ground.impedance(made.walker)
    links = link_facilities(ground, costs, facilities, made.link_limit_m)
    network, box, bounds = read_roads(roads_file()), read_osm_box(roads_file()), bounds_of(ground)
    index = ground.index(costs.linkable)
    look = resolver(network)
    places = PointSet.single(*beside_streets(ground.network, ground.x_m, ground.y_m, N_PLACES))

    def fit() -> object:
        return look(facilities.lon, facilities.lat, "auto")

    def linked(*, held: bool) -> snap.Linkage:
        barriers = ground.barriers if held else None
        return snap.link(index, places, limit_m=ground.link_limit_m, barriers=barriers)

    say("  comparing answers")
    kept = kept_extent(roads_file(), network, box=box)
    require(
        shapely.to_wkb(kept) == shapely.to_wkb(known_roads(network, box=box)),
        "steps: the extent in the cache is another than that of the roads",
    )
    free, held = linked(held=False), linked(held=True)
    apart = np.full((2, N_PLACES), np.iinfo(np.int64).max)
    for row, link in zip(apart, (free, held), strict=True):
        row[link.owner] = link.access_mm
    require(
        bool((apart[1] >= apart[0]).all()),
        "steps: a barrier has brought a place nearer to a road",
    )
    checked = check_study(path)
    require(not checked.problems, f"steps: the check finds {checked.problems}")
    mended = repair(network, REPAIR_M)
    here = circles(ground, made.walker, links, made.demand, [made.cutoff_ms])[0]
    held_in = here.counted["all"] - here.wrongly["all"]
    require(
        held_in == made.counts[-1]["all"].covered,
        "steps: who is inside a circle and covered is not who is covered",
    )
    moved = int((apart[0] != apart[1]).sum())
    return {
        FIRST_FIT: lambda: resolver(network)(facilities.lon, facilities.lat, "auto"),
        FIT: fit,
        EXTENT: lambda: known_roads(network, box=box),
        KEPT: lambda: kept_extent(roads_file(), network, box=box),
        BARRIERS: lambda: read_barriers(roads_file(), bounds),
        FREE: lambda: linked(held=False),
        HELD: lambda: linked(held=True),
        DIAGNOSIS: lambda: diagnose(ground.network, ground.x_m, ground.y_m, zone_m=ground.zone_m),
        REPAIR: lambda: repair(network, REPAIR_M),
        EDGE: lambda: guard_report(made, road_extent=laid.road_extent),
        CIRCLES: lambda: circles(ground, made.walker, links, made.demand, [made.cutoff_ms] * 3),
        CHECK: lambda: check_study(path),
    }, (
        f"the kept extent is the fresh one; of {N_PLACES:,} places barriers bring none"
        f" nearer and link {moved:,} otherwise; {len(mended.joints)} joints mended; all that is"
        " covered lies inside a circle; the check finds no fault"
    )


def _slopes() -> Callable[[], object] | None:
    """Grading of the streets of Porto Alegre, None where its data is not there."""
    from quarterhour.assessing.relief import LEAST_STEP_M
    from quarterhour.core.slope import graded
    from quarterhour.frames import bounds_of
    from quarterhour.sources.ground.terrain import read_terrain
    from quarterhour.sources.roads.read import read_roads

    folder = heidelberg().parent / "porto_alegre"
    if not (folder / "poa_elevation.tif").is_file():
        return None
    network = read_roads(folder / "poa_osm.pbf")
    near = bounds_of((network.vertex_lon, network.vertex_lat))
    terrain = read_terrain(folder / "poa_elevation.tif", near=near)
    step_m = max(terrain.cell_m, LEAST_STEP_M)
    rule = "tobler"
    found = graded(network, terrain.heights, step_m=step_m, rule=rule)
    require(found.climb_mm > 0, "steps: the streets of Porto Alegre do not climb")
    return lambda: graded(network, terrain.heights, step_m=step_m, rule=rule)
