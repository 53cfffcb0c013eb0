"""Proposed sites as layers of a GeoPackage, and as tables that a scenario can name."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour import units
from quarterhour.render.gis.geopackage import text_column
from quarterhour.siting.demand import column_of
from quarterhour.siting.result import groups_of
from quarterhour.siting.tables import site_rows
from quarterhour.sources.facilities.candidates import YUAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.siting.result import SiteResult

    Layer = tuple[NDArray[Any], str, dict[str, Any]]


def layers_of(result: SiteResult) -> dict[str, Layer]:
    """GeoPackage layers: sites_chosen, sites_areas, newly_covered and sites_candidates.

    A layer without features is left out.
    """
    layers: dict[str, Layer] = {}
    every, at = result.candidates, result.candidates.at
    rank = np.zeros(len(every), np.int64)
    rank[result.chosen] = np.arange(1, len(result.steps) + 1)
    if result.steps and result.change is not None:
        layers["sites_chosen"] = _chosen_layer(result)
        layers["sites_areas"] = _area_layer(result)
        gained = np.flatnonzero(result.change.gained)
        if len(gained):
            layers["newly_covered"] = _gained_layer(result, gained)
    cost = np.where(every.cost >= 0, every.cost / YUAN, np.nan)
    layers["sites_candidates"] = (
        shapely.points(at.lon, at.lat),
        "Point",
        {
            "name": text_column(at.name),
            "row": at.row,
            "status": text_column(
                "chosen" if r else s for r, s in zip(rank, result.status, strict=True)
            ),
            "order": rank,
            "uncovered_in_reach": result.alone / units.MICRO,
            "cost_10k_yuan": cost,
            "capacity": every.capacity,
        },
    )
    return layers


def _chosen_layer(result: SiteResult) -> Layer:
    at, rows = result.sites, site_rows(result)
    columns: dict[str, Any] = {
        "order": np.array([s["rank"] for s in rows], np.int64),
        "name": text_column(at.name),
        "kind": text_column(at.kind),
        "row": at.row,
        "cost_10k_yuan": np.array([_nan(s["cost"]) for s in rows]),
        "capacity": np.array([_nan(s["capacity"]) for s in rows]),
        "reached": np.array([s["reached"] for s in rows]),
    }
    for group in groups_of(result.given):
        columns[f"added_{group}"] = np.array([s["added"][group] for s in rows])
    return shapely.points(at.lon, at.lat), "Point", columns


def _nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _area_layer(result: SiteResult) -> Layer:
    first = len(result.given.facilities)
    shapes = np.array([_multi(shape) for shape in result.after.areas[-1][first:]], object)
    columns: dict[str, Any] = {
        "order": np.arange(1, len(shapes) + 1),
        "name": text_column(result.sites.name),
        "cutoff_min": np.full(len(shapes), result.given.cutoffs_min[-1]),
    }
    return shapes, "MultiPolygon", columns


def _multi(shape: Any) -> Any:  # noqa: ANN401 - shapely geometry
    if shape is None or shapely.is_empty(shape):
        return shapely.MultiPolygon()
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])


def _gained_layer(result: SiteResult, gained: NDArray[np.int64]) -> Layer:
    assert result.change is not None  # noqa: S101 - the caller has looked
    after = result.change.after
    demand, nearest = after.ground.demand, after.demand.nearest[gained]
    names = after.facilities.name
    columns: dict[str, Any] = {
        "row": demand.row[gained],
        "minutes": after.walker.minutes(after.demand.ms[gained]),
        "nearest": text_column(names[k] for k in nearest.tolist()),
    }
    for group in groups_of(result.given):
        columns[column_of(result.given, group)] = demand.amounts[group][gained] / units.MICRO
    return shapely.points(demand.lon[gained], demand.lat[gained]), "Point", columns


HEADINGS = ("设施名称", "类型", "经度", "纬度", "投资（万元）", "容量", "次序", "新增覆盖")


def csv_of(result: SiteResult) -> str:
    """The chosen sites as a table that a [[scenario]] can name as its facilities, WGS-84."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    write.writerow(HEADINGS)
    group, at = result.given.group, result.sites
    for k, s in enumerate(site_rows(result)):
        # all digits, so that a run with this table finds the very same people
        place = (repr(float(at.lon[k])), repr(float(at.lat[k])))
        more = ["" if s[key] is None else f"{s[key]:.10g}" for key in ("cost", "capacity")]
        write.writerow([at.name[k], at.kind[k], *place, *more, s["rank"], s["added"][group]])
    return text.getvalue()


def geojson_of(result: SiteResult) -> str:
    """The chosen sites as GeoJSON, WGS-84, with what the table has."""
    group, at = result.given.group, result.sites
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [float(at.lon[k]), float(at.lat[k])]},
            "properties": {
                "name": at.name[k], "kind": at.kind[k], "order": s["rank"], "cost": s["cost"],
                "capacity": s["capacity"], "added": s["added"][group], "reached": s["reached"],
            },
        }
        for k, s in enumerate(site_rows(result))
    ]  # fmt: skip
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
