"""Gaps as layers of a GeoPackage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.answers.gap_summary import everyone_of, nearest_name, persons_of, persons_or_none
from quarterhour.render.gis.geopackage import text_column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.gaps import Gap, Gaps
    from quarterhour.assessing.assessment import Assessment

    Layer = tuple[NDArray[Any], str, dict[str, Any]]


def layers_of(found: Sequence[Gaps]) -> dict[str, Layer]:
    """GeoPackage layers `gaps` (MultiPolygon) and `gap_routes` (LineString), if they have rows.

    `gaps`: `service`, `covered` (0, or 1 for those that are full), `rank`, `name`, `name_en`,
    `town`, `group`, `of_group`, `people` (or the kind of demand), `within_rural` (of the group,
    those within the rural cutoff), `need` (of those that are full, for which the three are empty:
    people in need of a bed or place who find none), `places`, `reason`, `share`, `why`, `why_en`,
    `nearest`, `nearest_row`, `minutes`, `median_min`, `walk_m`, `straight_m`,
    `detour`. `gap_routes`: from the middle of a gap to its nearest facility, with the first of
    these.
    """
    every = [(one.assessment, g) for one in found for g in (*one.gaps, *one.full)]
    if not every:
        return {}
    kind = found[0].assessment.ground.demand.kind
    nan = float("nan")

    def number(values: Sequence[float | None]) -> NDArray[np.float64]:
        return np.array([nan if v is None else v for v in values], np.float64)

    def crowded(gap: Gap) -> bool:
        return gap.reason == "full"

    def columns(rows: Sequence[tuple[Assessment, Gap]]) -> dict[str, Any]:
        gaps = [g for _, g in rows]
        return {
            "service": text_column(a.name for a, _ in rows),
            "covered": np.array([int(crowded(g)) for g in gaps], np.int64),
            "rank": np.array([g.rank for g in gaps], np.int64),
            "name": text_column(g.name.zh for g in gaps),
            "name_en": text_column(g.name.en for g in gaps),
            "nearest": text_column(nearest_name(a, g.facility) for a, g in rows),
            "nearest_row": number(
                [int(a.facilities.row[g.facility]) if g.facility >= 0 else None for a, g in rows]
            ),
            "minutes": number([g.minutes for g in gaps]),
            "walk_m": number([g.walk_m for g in gaps]),
            "straight_m": number([g.straight_m for g in gaps]),
            "detour": number([g.detour for g in gaps]),
        }

    shapes = np.array([_multi(g.extent) for _, g in every], object)
    more = {
        "town": text_column(g.town for _, g in every),
        "group": text_column(a.group for a, _ in every),
        "of_group": number(
            [None if crowded(g) else persons_of(g.people, a.group) for a, g in every]
        ),
        "people" if kind == "people" else kind: number(
            [None if crowded(g) else everyone_of(g) for _, g in every]
        ),
        "within_rural": number([persons_or_none(g.within_rural) for _, g in every]),
        "need": number([persons_of(g.people, a.group) if crowded(g) else None for a, g in every]),
        "places": np.array([len(g.places) for _, g in every], np.int64),
        "reason": text_column(g.reason for _, g in every),
        "share": number([g.share for _, g in every]),
        "median_min": number([g.median_min for _, g in every]),
        "why": text_column(g.told.zh for _, g in every),
        "why_en": text_column(g.told.en for _, g in every),
    }
    layers: dict[str, Layer] = {"gaps": (shapes, "MultiPolygon", columns(every) | more)}
    walked = [(a, g) for a, g in every if g.route is not None]
    if walked:
        lines = np.empty(len(walked), object)
        lines[:] = [g.route for _, g in walked]
        layers["gap_routes"] = (lines, "LineString", columns(walked))
    return layers


def _multi(shape: Any) -> Any:  # noqa: ANN401 - shapely geometry
    return shape if shape.geom_type == "MultiPolygon" else shapely.multipolygons([shape])


def marked(layers: Mapping[str, Layer], found: Sequence[Gaps]) -> dict[str, Layer]:
    """The layer of places inside the study area with the rank of the gap that each is in.

    `layers`: of `results.layers_of`, for the assessments of `found` in their order. The column
    `gap` is empty for who is covered and for places without people. Nothing without such a layer.
    """
    name = next((n for n in ("people", "demand") if n in layers), None)
    if name is None or not found:
        return {}
    geometry, kind, columns = layers[name]
    ranks = []
    for one in found:
        rank = np.full(len(one.assessment.ground.demand), np.nan)
        for gap in one.gaps:
            rank[gap.places] = gap.rank
        ranks.append(rank[one.assessment.ground.inside])
    column = np.concatenate(ranks)
    assert len(column) == len(geometry), "the layer is of the same assessments"  # noqa: S101
    return {name: (geometry, kind, {**columns, "gap": column})}
