"""Reached pieces and service-area polygons of a service, in longitude and latitude."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core import pieces as cut
from quarterhour.core import reach as times
from quarterhour.core import service_area
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.ground import Ground
    from quarterhour.core.impedance import Impedance


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFigures(_Frozen):
    """The size of the polygons and lines of one cutoff, and what they hold beyond what is reached.

    `area_m2`, `reached_m`: per facility row, the polygon's area and the metres of reached street.
    `unreached_m`, `unreached_share`: metres of walkable street inside the polygon that are not
    reached, and their share of all walkable street inside (0 where there is none). `dissolved_*`:
    of all facilities together. `offset_m`: no point of a polygon is farther than this from a
    reached piece.
    """

    area_m2: NDArray[np.float64]
    reached_m: NDArray[np.float64]
    unreached_m: NDArray[np.float64]
    unreached_share: NDArray[np.float64]
    dissolved_area_m2: float
    dissolved_reached_m: float
    dissolved_unreached_m: float
    dissolved_unreached_share: float
    offset_m: float


def dissolved(
    ground: Ground,
    costs: Impedance,
    sources: times.Stops,
    cutoff_ms: int,
    threads: int | None,
) -> Any:  # noqa: ANN401 - a polygon of shapely
    """Polygon, in degrees, of all from where any of the sources is reached within the cutoff."""
    merged = replace(sources, owner=np.zeros(len(sources.owner), np.int64), n_owners=1)
    every = times.nearest_nodes(costs, sources, limit_ms=cutoff_ms)
    together = times.Reach(first=np.array([0, len(every.node)]), node=every.node, ms=every.ms)
    found = cut.reached_pieces(costs, merged, together, cutoff_ms=cutoff_ms, threads=1)
    whole = service_area.service_areas(
        ground.network, ground.x_m, ground.y_m, found,
        streets=ground.index(costs.out_open | costs.in_open), barriers=ground.barriers,
        threads=threads,
    )  # fmt: skip
    return ground.crs.geometry_lonlat(whole.polygon)[0]


def draw(
    ground: Ground,
    costs: Impedance,
    sources: times.Stops,
    reach: times.Reach,
    cutoffs_ms: list[int],
    threads: int | None,
) -> tuple[dict[str, Any], tuple[AreaFigures, ...]]:
    """Lines and polygons per facility and dissolved, in degrees, by cutoff, and their figures."""
    net, crs = ground.network, ground.crs
    merged = replace(sources, owner=np.zeros(len(sources.owner), np.int64), n_owners=1)
    every = times.nearest_nodes(costs, sources, limit_ms=cutoffs_ms[-1])
    together = times.Reach(first=np.array([0, len(every.node)]), node=every.node, ms=every.ms)
    areas, lines, dissolved, dissolved_lines = [], [], [], []
    lon, lat = net.vertex_lon, net.vertex_lat
    streets = ground.index(costs.out_open | costs.in_open)
    figures = []
    for cutoff_ms in cutoffs_ms:
        own = cut.reached_pieces(costs, sources, reach, cutoff_ms=cutoff_ms, threads=threads)
        both = cut.reached_pieces(costs, merged, together, cutoff_ms=cutoff_ms, threads=1)
        single, whole = (
            service_area.service_areas(
                net, ground.x_m, ground.y_m, found,
                streets=streets, barriers=ground.barriers, threads=threads,
            )
            for found in (own, both)
        )  # fmt: skip
        figures.append(
            AreaFigures(
                area_m2=shapely.area(single.polygon),
                reached_m=single.reached_m,
                unreached_m=single.unreached_m,
                unreached_share=single.unreached_share,
                dissolved_area_m2=float(shapely.area(whole.polygon[0])),
                dissolved_reached_m=float(whole.reached_m[0]),
                dissolved_unreached_m=float(whole.unreached_m[0]),
                dissolved_unreached_share=float(whole.unreached_share[0]),
                offset_m=whole.offset_m,
            )
        )
        areas.append(crs.geometry_lonlat(single.polygon))
        dissolved.append(crs.geometry_lonlat(whole.polygon)[0])
        lines.append(service_area.lines_by_source(net, lon, lat, own))
        dissolved_lines.append(service_area.lines_by_source(net, lon, lat, both)[0])
    rest = None
    if ground.demand.kind == "street_metres":
        left = cut.complement(both, costs.linkable, net.edge_length_mm)
        rest = service_area.lines_by_source(net, lon, lat, left)[0]
    shapes = {
        "uncovered_lines": rest,
        "areas": tuple(areas),
        "lines": tuple(lines),
        "dissolved": tuple(dissolved),
        "dissolved_lines": tuple(dissolved_lines),
    }
    return shapes, tuple(figures)
