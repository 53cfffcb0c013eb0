"""What was found about a study as one document, from which the reports are drawn.

Keys: `quarterhour` (version), `study` (file, name, language), `can_run`, `problems`, `warnings` and
`notes` (what asks for nothing; each with part, services, zh, en; no services where a warning is of
all of them), `roads` (file, junctions, edges, street_km, diagnosis),
`people` (unit, file, places, total and groups inside the study area, outside, linked_places,
unlinked, link_limit_m, link_median_m, link_max_m), `services` (a list: name, group, file, sheet,
rows_with_position, facilities_used, facilities_planned, facilities_unlinked, facilities_outside,
facilities_of_other_kinds, link_median_m, link_max_m, link_limit_m, total, unlinked, set_aside),
`residential`, `districts`, `towns` and `urban` (file, areas, set_aside), `units` (a list: level,
file, sheet, units, placed, set_aside), `targets` (plans, and `facilities`: rows that they count,
those without coordinates, too; null where they cannot be read), `site` (file, sheet, candidates
with a position, set_aside), `scenarios` (a list, see
`check_scenarios.scenario_row`), `readings` (layer, services, file,
sheet, form, header_row, rows, coordinates, sheets, columns: heading, meaning, how, example),
`datum` (layer, services, file, sheet, stated, used, verdict, best, sure, n_points, median_m, zh,
en, parts), `duplicates` (file, sheet, services, row_a, name_a, row_b, name_b, distance_m,
similarity, rule, zh, en), `conservation` (a list, where totals were spread), `changes`
(kind, count, rows) and `set_aside` (rows of people, residential areas and districts). People are in
the unit that `people.unit` names. A key whose input could not be read is null, or an empty list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour import units
from quarterhour._version import __version__
from quarterhour.checks.scenarios import scenario_row
from quarterhour.inputs import EVERYONE, Reading
from quarterhour.render.check.faults import fault_zh
from quarterhour.render.summary import change_rows, set_aside_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.checks.findings import Findings
    from quarterhour.inputs import AreaSet, Change, DatumFit, Demand, Facilities, SetAside, UnitSet
    from quarterhour.plans.target_facilities import Listed
    from quarterhour.sources.units.towns import Towns


def document(found: Findings) -> dict[str, Any]:
    """The document of a check."""
    study = found.study
    return {
        "quarterhour": __version__,
        "study": {
            "file": found.path.name,
            "name": study.study.name if study else found.path.stem,
            "language": study.study.language if study else _language_of(found.path),
        },
        "can_run": found.can_run,
        "problems": [
            {
                "part": p.part, "services": list(p.services), "zh": fault_zh(p.text) or p.text,
                "en": p.text,
            }
            for p in found.problems
        ],
        "warnings": warning_rows(found, background=False),
        "notes": warning_rows(found, background=True),
        "roads": _roads(found),
        "people": _people(found),
        "services": list(_services(found)),
        "residential": _areas(found.residential),
        "districts": _areas(found.districts),
        "towns": _areas(found.towns),
        "urban": _areas(found.urban),
        "units": _units(found),
        "targets": _targets(found),
        "site": _site(found),
        "scenarios": [scenario_row(look) for look in found.scenarios],
        "readings": _readings(found),
        "datum": _datum(found),
        "duplicates": list(found.pairs),
        "conservation": list(found.conservation),
        "changes": _changes(found),
        "set_aside": set_aside_rows(_set_aside(found)),
    }  # fmt: skip


def _language_of(path: Path) -> str:
    """The language that a study file which cannot be used asks for, as far as it can be seen."""
    try:
        text = path.read_bytes()[:100_000].decode("utf-8", "replace")
    except OSError:
        return "both"
    found = re.search(r"^\s*language\s*=\s*[^a-z\s]?(zh|en|both)\b", text, re.MULTILINE)
    return found[1] if found else "both"


def warning_rows(found: Findings, *, background: bool) -> list[dict[str, Any]]:
    """What to look at, or (`background`) what is only good to know; each service once named.

    A warning of all services of a study names none of them.
    """
    count = len(found.study.service) if found.study else 0
    return [
        {
            "part": w.part,
            "services": list(w.services)
            if w.part == "scenario" or not len(w.services) == count > 1
            else [],
            "zh": w.note.zh,
            "en": w.note.en,
        }
        for w in found.warnings
        if w.is_background is background
    ]


def _roads(found: Findings) -> dict[str, Any] | None:
    net = found.network
    if net is None:
        return None
    part = found.study.roads if found.study else None
    return {
        "file": (part.source or part.place or "") if part else "",
        "junctions": net.n_nodes,
        "edges": net.n_edges,
        "street_km": round(float(net.edge_length_mm.sum()) / 1e6, 3),
        "diagnosis": found.roads,
    }


def _people(found: Findings) -> dict[str, Any] | None:
    ground = found.ground
    if ground is None:
        return None
    demand = ground.demand
    legs = np.empty(0)
    linked = None
    unlinked = None
    first = next(iter(found.assessments.values()), None)
    if first is not None:
        linked = int((first.demand.linked & ground.inside).sum())
        unlinked = units.persons(first.counts[-1][EVERYONE].unlinked)
        costs = ground.impedance(first.walker)
        at = ground.link("demand", costs.linkable, None)
        legs = at.access_mm[ground.inside[at.owner]] / units.MM_PER_M
    return {
        "unit": demand.kind,
        "file": demand.file,
        "places": int(ground.inside.sum()),
        "total": units.persons(int(demand.amounts[EVERYONE][ground.inside].sum())),
        "groups": {
            name: units.persons(int(amount[ground.inside].sum()))
            for name, amount in demand.amounts.items()
            if name != EVERYONE
        },
        "outside": units.persons(int(demand.amounts[EVERYONE][~ground.inside].sum())),
        "linked_places": linked,
        "unlinked": unlinked,
        "link_limit_m": ground.link_limit_m,
        **_legs(legs),
    }


def _legs(legs_m: np.ndarray[Any, Any]) -> dict[str, float | None]:
    """Median and longest leg between places and the road, metres to the decimetre."""
    if not len(legs_m):
        return {"link_median_m": None, "link_max_m": None}
    return {
        "link_median_m": round(float(np.median(legs_m)), 1),
        "link_max_m": round(float(legs_m.max()), 1),
    }


def _services(found: Findings) -> Iterator[dict[str, Any]]:
    """One entry for each service whose facilities could be read."""
    assert found.study is not None or not found.facilities  # noqa: S101
    for k, facilities in found.facilities.items():
        service = found.study.service[k]  # type: ignore[union-attr]
        made = found.assessments.get(k)
        aside = made.set_aside if made else facilities.set_aside
        yield {
            "name": service.name,
            "group": service.group,
            "file": facilities.file,
            "sheet": facilities.sheet,
            "rows_with_position": len(facilities),
            **_standing(made, facilities),
            "facilities_of_other_kinds": facilities.other_kinds,
            "link_limit_m": service.link_limit_m,
            "set_aside": set_aside_rows(aside),
        }


def _standing(made: Assessment | None, facilities: Facilities) -> dict[str, Any]:
    """How many facilities can be used, how far from the road, and who cannot be linked."""
    if made is None:
        return {
            "facilities_used": None,
            "facilities_planned": int((~facilities.serving).sum()),
            "facilities_unlinked": None,
            "facilities_outside": None,
            **_legs(np.empty(0)),
            "total": None,
            "unlinked": None,
        }
    status = made.facility_status
    used = np.array([s == "used" for s in status], bool)
    count = made.counts[-1][made.group]
    return {
        "facilities_used": status.count("used"),
        "facilities_planned": status.count("planned"),
        "facilities_unlinked": status.count("unlinked"),
        "facilities_outside": status.count("outside"),
        **_legs(made.facility_link_m[used]),
        "total": units.persons(count.total),
        "unlinked": units.persons(count.unlinked),
    }


def _areas(areas: AreaSet | Towns | None) -> dict[str, Any] | None:
    if areas is None:
        return None
    return {"file": areas.file, "areas": len(areas), "set_aside": len(areas.set_aside)}


def _units(found: Findings) -> list[dict[str, Any]]:
    return [
        {
            "level": level, "file": units.file, "sheet": units.sheet, "units": len(units),
            "placed": int((~shapely.is_missing(units.geometry)).sum()),
            "set_aside": len(units.set_aside),
        }
        for level, units in found.units.items()
    ]  # fmt: skip


def _targets(found: Findings) -> dict[str, Any] | None:
    plans = found.study.targets.plans if found.study else []
    if not plans or found.listed is None:
        return None
    return {"plans": list(plans), "facilities": len(found.listed.facilities)}


def _site(found: Findings) -> dict[str, Any] | None:
    at = found.candidates
    if at is None:
        return None
    aside = len(at.set_aside)
    return {"file": at.file, "sheet": at.sheet, "candidates": len(at), "set_aside": aside}


def _more_layers(found: Findings) -> list[UnitSet | AreaSet | Listed | Facilities]:
    """What the answers read beyond coverage: units, urban area, further tables, candidates."""
    more = (found.urban, found.listed, found.candidates)
    return [*found.units.values(), *(layer for layer in more if layer is not None)]


def _readings(found: Findings) -> list[dict[str, Any]]:
    """How each file was understood; one that several services share stands once."""
    told: list[tuple[Reading, list[str]]] = []

    def add(reading: Reading | None, service: str = "") -> None:
        if reading is None:
            return
        for known, services in told:
            if known == reading:
                services.extend([service] if service else [])
                return
        told.append((reading, [service] if service else []))

    for k, facilities in found.facilities.items():
        service = found.study.service[k].name if found.study else ""
        add(facilities.reading or _plain("facilities", facilities), service)
        add(facilities.gates_reading, service)
    if found.people is not None:
        for reading in found.people.readings or (_plain("people", found.people),):
            add(reading)
    for layer, areas in (("residential", found.residential), ("districts", found.districts)):
        if areas is not None:
            add(areas.reading or Reading(layer=layer, file=areas.file, rows=len(areas)))
    for other in (found.gates, found.towns, found.urban, *found.units.values()):
        add(other.reading if other else None)
    for reading in found.listed.readings if found.listed else ():
        add(reading)
    if found.candidates is not None:
        add(found.candidates.reading or _plain("candidates", found.candidates))
    return [
        {
            "layer": r.layer, "services": services, "file": r.file, "sheet": r.sheet,
            "form": r.form, "header_row": r.header_row, "rows": r.rows,
            "coordinates": r.coordinates, "sheets": list(r.sheets),
            "columns": [c._asdict() for c in r.columns],
        }
        for r, services in told
    ]  # fmt: skip


def _plain(layer: str, read: Facilities | Demand) -> Reading:
    """As much as is known of a file whose reader says no more."""
    rows = len(read) + len(read.set_aside)
    return Reading(
        layer=layer, file=read.file, sheet=read.sheet, rows=rows, coordinates=read.coordinates
    )


def _datum(found: Findings) -> list[dict[str, Any]]:
    """How well each table fits the roads."""
    rows: list[dict[str, Any]] = []
    every: list[tuple[str, str, Facilities | Demand]] = [
        ("facilities", found.study.service[k].name if found.study else "", f)
        for k, f in found.facilities.items()
    ]
    if found.people is not None:
        every.append(("people", "", found.people))
    for layer, service, read in every:
        if read.fit is not None:
            one = {"layer": layer, "services": [service] if service else [], "file": read.file,
                   "sheet": read.sheet, **_fit(read.fit)}  # fmt: skip
            rows.append(one)
    return rows


def _fit(fit: DatumFit) -> dict[str, Any]:
    return {
        "stated": fit.stated,
        "used": fit.used,
        "verdict": fit.verdict,
        "best": fit.best,
        "sure": round(fit.sure, 4),
        "n_points": fit.n_points,
        "median_m": {k: round(v, 1) for k, v in fit.median_m.items()},
        "zh": fit.note.zh if fit.note else "",
        "en": fit.note.en if fit.note else "",
        "parts": [{"part": what, **_fit(part)} for what, part in fit.parts],
    }


def _changes(found: Findings) -> list[dict[str, Any]]:
    """Everything that was changed or guessed, by kind, the commonest first."""
    rows: list[Change] = []
    for facilities in found.facilities.values():
        rows += facilities.changes
    for layer in (found.people, found.residential, found.gates, found.districts, found.towns):
        rows += [] if layer is None else layer.changes
    for more in _more_layers(found):
        rows += more.changes
    rows += found.changes
    kinds: dict[str, list[Change]] = {}
    for row in dict.fromkeys(rows):
        kinds.setdefault(row.kind, []).append(row)
    return [
        {"kind": kind, "count": len(of), "rows": change_rows(of)}
        for kind, of in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _set_aside(found: Findings) -> list[SetAside]:
    """Rows of everything but facilities that are not used."""
    from quarterhour.assessing.analysis import far_rows  # noqa: PLC0415 - heavy

    rows: list[SetAside] = []
    for layer in (found.people, found.residential, found.gates, found.districts, found.towns):
        rows += [] if layer is None else layer.set_aside
    for more in _more_layers(found):
        rows += more.set_aside
    if found.ground is not None and found.assessments:
        rows += far_rows(found.ground, list(found.assessments.values()))
    for look in found.scenarios:
        rows += look.set_aside
    return list(dict.fromkeys(rows))
