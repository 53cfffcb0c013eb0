"""Reached pieces and service-area polygons of a service, in longitude and latitude."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.core import pieces as cut
from quarterhour.core import reach as times
from quarterhour.core import service_area

if TYPE_CHECKING:
    from quarterhour.core.impedance import Impedance
    from quarterhour.ground import Ground


def draw(
    ground: Ground,
    costs: Impedance,
    sources: times.Stops,
    reach: times.Reach,
    cutoffs_ms: list[int],
    threads: int | None,
) -> dict[str, Any]:
    """Lines and polygons per facility and dissolved, in longitude and latitude, by cutoff."""
    net, crs = ground.network, ground.crs
    merged = replace(sources, owner=np.zeros(len(sources.owner), np.int64), n_owners=1)
    every = times.nearest_nodes(costs, sources, limit_ms=cutoffs_ms[-1])
    together = times.Reach(first=np.array([0, len(every.node)]), node=every.node, ms=every.ms)
    areas, lines, dissolved, dissolved_lines = [], [], [], []
    lon, lat = net.vertex_lon, net.vertex_lat
    for cutoff_ms in cutoffs_ms:
        own = cut.reached_pieces(costs, sources, reach, cutoff_ms=cutoff_ms, threads=threads)
        both = cut.reached_pieces(costs, merged, together, cutoff_ms=cutoff_ms, threads=1)
        polygons = service_area.polygons(net, ground.x_m, ground.y_m, own, threads=threads)
        whole = service_area.polygons(net, ground.x_m, ground.y_m, both, threads=threads)
        areas.append(crs.geometry_lonlat(polygons))
        dissolved.append(crs.geometry_lonlat(whole)[0])
        lines.append(service_area.lines_by_source(net, lon, lat, own))
        dissolved_lines.append(service_area.lines_by_source(net, lon, lat, both)[0])
    rest = None
    if ground.demand.kind == "street_metres":
        left = cut.complement(both, costs.linkable, net.edge_length_mm)
        rest = service_area.lines_by_source(net, lon, lat, left)[0]
    return {
        "uncovered_lines": rest,
        "areas": tuple(areas),
        "lines": tuple(lines),
        "dissolved": tuple(dissolved),
        "dissolved_lines": tuple(dissolved_lines),
    }
