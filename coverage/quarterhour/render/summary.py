"""The numbers of a run as JSON: documented keys in a stable order.

Top level: `study` (name, language, synthetic, data_date, attribution, demand, places, outside_area,
area_given, notes), `roads` (the diagnosis: length, parts, dead ends, gaps, joints), `services` (a
list), `set_aside` (rows of people, residential areas and districts that are not used), `changes`
(what was read otherwise than it is written: layer, file, sheet, row, name, kind, detail_zh,
detail_en), `datum` (how well the points of a file lie on the roads: layer, file, stated, used,
verdict, best, sure, points, median_m by coordinate system), `totals` (where totals were spread, by
unit: unit, row, places, and by group table = spread + lost). A service has `name`, `group`,
`walker`, `speed_mps`, `limit_min`, `link_limit_m`, `direction` (to or from the facility),
`inside_min`, `facilities` (a list of those that serve, with their row, metres to the road and the
demand they reach within the last cutoff), `facilities_used`, `facilities_planned`,
`facilities_of_other_kinds`, `set_aside` (a list with layer, file, sheet, row, name, reason,
detail), and `cutoffs` (a list). A cutoff has `cutoff_min`, `groups` (total, covered, uncovered,
unlinked, share_covered by group; `all` is everyone), `service_area_ha`, `reached_street_km`,
`straight_line` (what circles of the same length around the facilities would count: radius_m, and by
group counted, wrongly = counted but not covered, share_wrongly = wrongly / counted), and
`residential` (areas by status) where there are residential areas. `walkers_beside` has the walkers
of `[study] walkers` with the groups of their cutoffs. `edge` says what data beyond their edge could
change: `missing_m` (metres of data that are needed further out, by layer and side), `places` (the
demand whose status could change, by layer and group), `facilities` (how many could reach more, by
layer). `scenarios` (where the study has some) have name, year, services (by cutoff and group:
covered before and after, difference, shares), changes and set_aside. Amounts are people, or the
unit named in `study.demand`.

The answers beyond coverage are documented where they are made, in the `summary_of` of the modules
of `quarterhour.answers`: of a service `redundancy` (overlap), `equity` (equity), `gaps`
(gap_summary), `supply` (supply_demand) and `tiers` (care_tiers); on the top level `units`
(unit_layers, one for each service), `timeline` (timeline) and `targets` (plans.target_run).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quarterhour.units import persons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.inputs import Change, DatumFit, SetAside

UNITS = {
    "people": "people",
    "residential_land": "hectares of residential land",
    "buildings": "buildings",
    "street_metres": "metres of street",
}


def set_aside_rows(rows: Sequence[SetAside]) -> list[dict[str, Any]]:
    """Rows that are not used, for the outputs."""
    return [
        {
            "layer": r.layer, "file": r.file, "sheet": r.sheet, "row": r.row, "name": r.name,
            "reason": r.reason, "detail": r.detail,
        }
        for r in rows
    ]  # fmt: skip


def change_rows(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """What was read otherwise than it is written, for the outputs."""
    return [
        {
            "layer": c.layer, "file": c.file, "sheet": c.sheet, "row": c.row, "name": c.name,
            "kind": c.kind, "detail_zh": c.detail.zh, "detail_en": c.detail.en,
        }
        for c in changes
    ]  # fmt: skip


def fit_rows(fits: Sequence[tuple[str, str, DatumFit | None]]) -> list[dict[str, Any]]:
    """How well the points of each layer and file lie on the roads, by coordinate system."""
    return [
        {
            "layer": layer,
            "file": file,
            "stated": fit.stated,
            "used": fit.used,
            "verdict": fit.verdict,
            "best": fit.best,
            "sure": fit.sure,
            "points": fit.n_points,
            "median_m": fit.median_m,
        }
        for layer, file, fit in fits
        if fit is not None
    ]


def count_row(total: int, covered: int, uncovered: int, unlinked: int) -> dict[str, Any]:
    """One group at one cutoff, in whole units; the share is of the total, unlinked included."""
    return {
        "total": persons(total),
        "covered": persons(covered),
        "uncovered": persons(uncovered),
        "unlinked": persons(unlinked),
        "share_covered": covered / total if total else None,
    }


def to_json(document: dict[str, Any]) -> str:
    """Stable text: keys in the order they were put in, UTF-8, one newline at the end."""
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
