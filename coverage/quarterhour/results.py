"""Assessments to the rows of the output files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour import units
from quarterhour.assessing.facility_links import kind_name_of, position_of
from quarterhour.assessing.guard_zone import FACILITIES, PEOPLE, ROADS
from quarterhour.inputs import EVERYONE
from quarterhour.render.gis.geopackage import text_column
from quarterhour.render.summary import UNITS, change_rows, count_row, fit_rows, set_aside_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment, Beside, Count, PlaceTimes
    from quarterhour.assessing.circles import Circle
    from quarterhour.assessing.guard_zone import GuardReport
    from quarterhour.inputs import Change, DatumFit, Note, SetAside
    from quarterhour.sources.people.disaggregate import SpreadReport

EDGES = {"roads": ROADS, "facilities": FACILITIES, "people": PEOPLE}

Layer = tuple["NDArray[Any]", str, dict[str, Any]]


def layers_of(assessments: Sequence[Assessment]) -> dict[str, Layer]:
    """GeoPackage layers, (geometries, type, columns) by name."""
    demand = assessments[0].ground.demand
    name = "people" if demand.kind == "people" else "demand"
    layers = {
        "service_areas": _stack([_service_areas(a) for a in assessments], "MultiPolygon"),
        "service_area_lines": _stack([_lines(a) for a in assessments], "MultiLineString"),
        "facilities": _stack(
            [_facilities(a, _attributes(assessments)) for a in assessments], "Point"
        ),
        name: _stack([_places(a, inside=True) for a in assessments], "Point"),
    }
    if not assessments[0].ground.inside.all():
        rows = [_places(a, inside=False) for a in assessments]
        layers[f"{name}_outside"] = _stack(rows, "Point")
    if assessments[0].residential:
        layers["residential"] = _stack([_residential(a) for a in assessments], "MultiPolygon")
    return layers


def _stack(parts: list[tuple[NDArray[Any], dict[str, Any]]], kind: str) -> Layer:
    geometry = np.concatenate([g for g, _ in parts])
    columns = {key: np.concatenate([c[key] for _, c in parts]) for key in parts[0][1]}
    if kind.startswith("Multi"):
        single = ~np.isin(shapely.get_type_id(geometry), (4, 5, 6))
        make = shapely.multipolygons if kind == "MultiPolygon" else shapely.multilinestrings
        geometry = geometry.copy()
        for k in np.flatnonzero(single):
            geometry[k] = make([geometry[k]])
    return geometry, kind, columns


def _const(value: str | None, n: int) -> NDArray[Any]:
    return np.full(n, value, object)


def _minutes(a: Assessment, at: PlaceTimes, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    found = at.nearest[rows] >= 0
    return np.where(found, a.walker.minutes(at.ms[rows]), np.nan)


def _nearest(a: Assessment, at: PlaceTimes, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Name and table row of the nearest facility."""
    of = at.nearest[rows]
    found = of >= 0
    # one more at the end, where -1 looks: a service may have no facility at all
    names = text_column((*a.facilities.name, ""))
    return {
        "nearest": np.where(found, names[of], _const(None, len(of))),
        "nearest_row": np.where(found, np.append(a.facilities.row, -1)[of], np.nan),
    }


def _service_areas(a: Assessment) -> tuple[NDArray[Any], dict[str, Any]]:
    return _by_cutoff(a, a.areas, a.dissolved, polygons=True)


def _lines(a: Assessment) -> tuple[NDArray[Any], dict[str, Any]]:
    return _by_cutoff(a, a.lines, a.dissolved_lines, polygons=False)


def _by_cutoff(
    a: Assessment, own: tuple[NDArray[Any], ...], dissolved: tuple[Any, ...], *, polygons: bool
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Rows of each cutoff: all facilities together, then each that serves."""
    used = a.used
    n = len(used) + 1
    geometry = [np.concatenate([[dissolved[k]], own[k][used]]) for k in range(len(own))]
    names = text_column(a.facilities.name)[used]

    def figures(key: str) -> NDArray[np.float64]:
        parts = [(getattr(f, f"dissolved_{key}"), getattr(f, key)[used]) for f in a.area_figures]
        return np.concatenate([np.r_[together, each] for together, each in parts])

    columns: dict[str, Any] = {
        "service": _const(a.name, n * len(own)),
        "cutoff_min": np.repeat(a.cutoffs_min, n),
        "scope": np.tile(np.concatenate([["all"], _const("facility", len(used))]), len(own)),
        "facility": np.tile(np.concatenate([[None], names]), len(own)),
        "facility_row": np.tile(np.concatenate([[np.nan], a.facilities.row[used]]), len(own)),
    }
    whole = np.concatenate(geometry)
    if polygons:
        columns["area_ha"] = figures("area_m2") / 10_000
        columns["unreached_m"] = figures("unreached_m")
        columns["unreached_share"] = figures("unreached_share")
        columns["offset_m"] = np.repeat([f.offset_m for f in a.area_figures], n)
    else:
        columns["length_km"] = figures("reached_m") / 1_000
    return whole, columns


def _attributes(assessments: Sequence[Assessment]) -> dict[str, bool]:
    """Further columns that any facility table has, and whether they hold numbers."""
    found: dict[str, bool] = {}
    for a in assessments:
        for key, values in a.facilities.attributes.items():
            found[key] = found.get(key, True) and all(isinstance(v, float) for v in values)
    return found


def _attribute(a: Assessment, key: str, *, number: bool) -> NDArray[Any]:
    n = len(a.facilities)
    values = a.facilities.attributes.get(key)
    if values is None:
        return np.full(n, np.nan) if number else _const(None, n)
    if number:
        return np.array(values, np.float64)
    return text_column("" if v is None else f"{v:g}" if isinstance(v, float) else v for v in values)


def _facilities(a: Assessment, attributes: dict[str, bool]) -> tuple[NDArray[Any], dict[str, Any]]:
    f = a.facilities
    n = len(f)
    detail = {(r.row, r.name): r.detail for r in a.set_aside if r.layer == "facilities"}
    used = np.array(a.facility_status) == "used"
    people = a.ground.demand.kind == "people"
    columns: dict[str, Any] = {
        "service": _const(a.name, n),
        "name": text_column(f.name),
        "kind": text_column(f.kind),
        "kind_zh": text_column(kind_name_of(f, k)[0] for k in range(n)),
        "kind_en": text_column(kind_name_of(f, k)[1] for k in range(n)),
        "state": text_column(f.status),
        "row": f.row,
        "status": text_column(a.facility_status),
        "link_m": np.where(used, a.facility_link_m, np.nan),
        "people_reached" if people else "demand_reached": np.where(
            used, a.reached[a.group] / units.MICRO, np.nan
        ),
        "detail": text_column(
            "" if u else detail.get((int(r), m), "")
            for u, r, m in zip(used, f.row, f.name, strict=True)
        ),
        "edge": _edge(None if a.edge is None else a.edge.facility_flags, n),
        "position": text_column(position_of(f, k) for k in range(n)),
    }
    for group, reached in a.reached.items():
        columns[f"reached_{group}"] = np.where(used, reached / units.MICRO, np.nan)
    for key, number in attributes.items():
        # never in the place of a column of ours or of the format, whatever the case of its letters
        ours = {*columns, "fid", "geom", "geometry", "bbox"}
        name = f"{key}_given" if key.lower() in ours else key
        columns[name] = _attribute(a, key, number=number)
    return shapely.points(f.lon, f.lat), columns


def _edge(flags: NDArray[np.uint8] | None, n: int) -> NDArray[Any]:
    """Which data, continued beyond their edge, could change a row: a text, or nothing."""
    if flags is None:
        return _const(None, n)
    names = [
        " ".join(layer for layer, bit in EDGES.items() if flag & bit) or None for flag in range(8)
    ]
    return np.array(names, object)[flags]


def _gate(a: Assessment, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Name of the gate through which the nearest facility is entered, where any has gates."""
    gates = a.facilities.entrances
    if gates is None or not len(gates) or a.demand.gate is None:
        return {"gate": _const(None, len(rows))}
    at = a.demand.gate[rows]
    # a gate without a name has its number among those of its facility
    number = np.arange(len(gates)) - np.searchsorted(gates.owner, gates.owner) + 1
    names = text_column(n or str(k) for n, k in zip(gates.name, number.tolist(), strict=True))
    return {"gate": np.where(at >= 0, names[np.maximum(at, 0)], _const(None, len(at)))}


def _places(a: Assessment, *, inside: bool) -> tuple[NDArray[Any], dict[str, Any]]:
    demand = a.ground.demand
    rows = np.flatnonzero(a.ground.inside == inside)
    reason = a.demand.reason(a.cutoff_ms)[rows]
    status = np.full(len(rows), "uncovered", object)
    status[reason == ""] = "covered"
    status[~a.demand.linked[rows]] = "unlinked"
    columns: dict[str, Any] = {"service": _const(a.name, len(rows)), "place": rows}
    columns["source_row"] = np.where(demand.row[rows] >= 0, demand.row[rows], np.nan)
    for group, amount in demand.amounts.items():
        key = group
        if group == EVERYONE:
            key = "people" if demand.kind == "people" else demand.kind
        columns[key] = amount[rows] / units.MICRO
    columns |= _nearest(a, a.demand, rows)
    columns |= _gate(a, rows)
    columns["minutes"] = _minutes(a, a.demand, rows)
    if a.walker.rule_m:
        found = a.demand.nearest[rows] >= 0
        columns["metres"] = np.where(found, a.demand.ms[rows] / units.MM_PER_M, np.nan)
    else:
        columns["metres"] = np.full(len(rows), np.nan)
    columns["status"] = status
    columns["reason"] = reason
    columns["edge"] = _edge(None if a.edge is None else a.edge.place_flags[rows], len(rows))
    return shapely.points(demand.lon[rows], demand.lat[rows]), columns


def _residential(a: Assessment) -> tuple[NDArray[Any], dict[str, Any]]:
    areas, at = a.ground.residential, a.residential_times
    assert areas is not None and at is not None, "there are verdicts only for areas"  # noqa: S101, PT018
    verdict = a.residential[-1]
    rows = np.arange(len(areas))
    reason = np.full(len(areas), "far", object)
    reason[at.nearest < 0] = "beyond_limit"
    reason[~at.served] = "disconnected"
    reason[verdict.status == "unlinked"] = "unlinked"
    reason[np.isin(verdict.status, ["covered", "partly"])] = ""
    columns: dict[str, Any] = {
        "service": _const(a.name, len(areas)),
        "name": text_column(areas.name),
        "kind": text_column(areas.kind),
        "source_row": areas.row,
        "status": verdict.status,
        "share_covered": verdict.share,
        "judged_by": verdict.judged_by,
        "minutes": _minutes(a, at, rows),
        **_nearest(a, at, rows),
        "reason": reason,
        "positions": verdict.n_positions,
        "positions_covered": verdict.n_covered,
        "positions_unlinked": verdict.n_positions - verdict.n_linked,
        "area_ha": shapely.area(a.ground.crs.geometry_m(areas.geometry)) / 10_000,
    }
    return areas.geometry, columns


def summary_of(
    assessments: Sequence[Assessment],
    *,
    study: dict[str, Any],
    set_aside: Sequence[SetAside],
    notes: Sequence[Note],
    changes: Sequence[Change] = (),
    fits: Sequence[tuple[str, str, DatumFit | None]] = (),
    spread: SpreadReport | None = None,
    roads: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The summary as a document; its keys are explained in `render.summary`."""
    ground = assessments[0].ground
    outside = {g: units.persons(v) for g, v in assessments[0].outside.items()}
    return {
        "study": {
            **study,
            "demand": {"kind": ground.demand.kind, "unit": UNITS[ground.demand.kind]},
            "places": len(ground.demand),
            "link_limit_m": ground.link_limit_m,
            "outside_area": outside,
            "area_given": ground.area_given,
            "notes": [f"{note.zh} / {note.en}" for note in (*notes, *ground.notes)],
        },
        "roads": roads or {},
        "services": [_service(a) for a in assessments],
        "set_aside": set_aside_rows(set_aside),
        "changes": change_rows(changes),
        "datum": fit_rows(fits),
        "totals": [] if spread is None else _totals(spread),
    }


def _totals(spread: SpreadReport) -> list[dict[str, Any]]:
    return [
        {
            "unit": unit,
            "row": int(spread.row[k]),
            "places": int(spread.n_places[k]),
            "groups": {
                group: {
                    "table": units.persons(int(spread.table[group][k])),
                    "spread": units.persons(int(spread.spread[group][k])),
                    "lost": units.persons(int(spread.lost[group][k])),
                }
                for group in spread.table
            },
        }
        for k, unit in enumerate(spread.unit)
    ]


def _service(a: Assessment) -> dict[str, Any]:
    used = a.used
    f = a.facilities
    return {
        "name": a.name,
        "group": a.group,
        "walker": a.walker.name,
        "speed_mps": None if a.walker.rule_m else a.walker.speed_mps,
        "limit_min": a.limit_min,
        "link_limit_m": a.link_limit_m,
        "direction": a.direction,
        "inside_min": a.inside_min,
        "facilities": [
            {
                "name": f.name[k],
                "kind": f.kind[k],
                "row": int(f.row[k]),
                "link_m": float(a.facility_link_m[k]),
                "reached": {g: units.persons(int(v[k])) for g, v in a.reached.items()},
            }
            for k in used.tolist()
        ],
        "facilities_used": len(used),
        "facilities_planned": a.facility_status.count("planned"),
        "facilities_of_other_kinds": f.other_kinds,
        "set_aside": set_aside_rows(a.set_aside),
        "cutoffs": [_cutoff(a, k) for k in range(len(a.cutoffs_min))],
        "walkers_beside": [_beside(b) for b in a.beside],
        "edge": None if a.edge is None else _open_edge(a.edge),
    }


def _open_edge(edge: GuardReport) -> dict[str, Any]:
    return {
        "missing_m": edge.missing_m,
        "places": {layer: _groups(counts) for layer, counts in edge.counts.items()},
        "facilities": {
            layer: int(((edge.facility_flags & bit) > 0).sum()) for layer, bit in EDGES.items()
        },
    }


def _beside(beside: Beside) -> dict[str, Any]:
    return {
        "walker": beside.walker.name,
        "speed_mps": None if beside.walker.rule_m else beside.walker.speed_mps,
        "cutoffs": [
            {"cutoff_min": cutoff, "groups": _groups(counts)}
            for cutoff, counts in zip(beside.cutoffs_min, beside.counts, strict=True)
        ],
    }


def _groups(counts: dict[str, Count]) -> dict[str, Any]:
    return {g: count_row(c.total, c.covered, c.uncovered, c.unlinked) for g, c in counts.items()}


def _cutoff(a: Assessment, k: int) -> dict[str, Any]:
    figures = a.area_figures[k]
    row: dict[str, Any] = {
        "cutoff_min": a.cutoffs_min[k],
        "groups": _groups(a.counts[k]),
        "service_area_ha": round(figures.dissolved_area_m2 / 1e4, 3),
        "reached_street_km": round(figures.dissolved_reached_m / 1e3, 3),
    }
    if a.circles:
        row["straight_line"] = _circle(a.circles[k])
    if a.residential:
        status = list(a.residential[k].status)
        row["residential"] = {
            "areas": len(status),
            **{s: status.count(s) for s in ("covered", "partly", "uncovered", "unlinked")},
        }
    return row


def _circle(circle: Circle) -> dict[str, Any]:
    return {
        "radius_m": round(circle.radius_m, 3),
        "groups": {
            group: {
                "counted": units.persons(circle.counted[group]),
                "wrongly": units.persons(circle.wrongly[group]),
                "share_wrongly": circle.share_wrongly(group),
            }
            for group in circle.counted
        },
    }
