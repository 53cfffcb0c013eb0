"""Coverage by unit as layers for a GeoPackage and as a part of summary.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour import units
from quarterhour.answers.unit_counts import NO, YES
from quarterhour.answers.unit_meanings import PER, meanings_of, ratios_of
from quarterhour.inputs import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.unit_counts import LevelCoverage, Sums, UnitCoverage

    Layer = tuple[NDArray[Any], str, dict[str, Any]]

VERDICTS = {YES: True, NO: False}
"""Verdicts of units as JSON has them; unknown is None."""


def summary_of(found: UnitCoverage) -> dict[str, Any]:
    """Coverage by unit of one service, for summary.json.

    `service`; `threshold_percent`; `rural_cutoff_min` (None without an urban area); `meanings`: a
    list of `meaning` (land, people, with_facility, reached), `level`, `group`, `part` (whole,
    urban, rural, combined), `minutes` (cutoffs), `numerator`, `denominator` and `unlinked` (ha,
    people or units), `share` (0 to 1), `unknown` (units that cannot be judged) and `missing` (what
    a share that is None needs); `capacity`: a list of `capacity`, `group`, `amount`, `people`,
    `per_1000`, `facilities`, `blank`; `levels`: by level a list of units, the last of them what is
    outside every unit, with `unit`, `county`, `kind`, `row`, `counted`, `urban`, `groups` (total,
    covered, uncovered, unlinked, share_covered), `share_own` (each place at its own cutoff),
    `land_ha`, `land_covered_ha`, `land_unlinked_ha`, `facilities`, `present`, `reached`, and for
    each capacity its number, `<capacity>_blank` and `<capacity>_per_1000` by group.
    """
    return {
        "service": found.assessment.name,
        "threshold_percent": found.threshold_percent,
        "rural_cutoff_min": None if found.urban is None else found.rural_cutoff_min,
        "meanings": [
            {
                "meaning": m.key,
                "level": m.level,
                "group": m.group,
                "part": m.part,
                "minutes": list(m.minutes),
                "numerator": m.numerator,
                "denominator": m.denominator,
                "unlinked": m.unlinked,
                "share": m.share,
                "unknown": m.unknown,
                "missing": None if m.missing is None else m.missing.en,
            }
            for m in meanings_of(found)
        ],
        "capacity": [
            {
                "capacity": r.capacity,
                "group": r.group,
                "amount": r.amount,
                "people": r.people,
                "per_1000": r.per_1000,
                "facilities": r.facilities,
                "blank": r.blank,
            }
            for r in ratios_of(found)
        ],
        "levels": {
            level.units.level: [
                _unit(found, level, k) for k in [*level.listed.tolist(), len(level.units)]
            ]
            for level in found.levels
            if level.placed
        },
    }


def _unit(found: UnitCoverage, level: LevelCoverage, k: int) -> dict[str, Any]:
    of = level.units
    inside = k < len(of)
    result: dict[str, Any] = {
        "unit": of.name[k] if inside else None,
        "county": of.county[k] if inside else None,
        "kind": of.kind[k] if inside else None,
        "row": int(of.row[k]) if inside else None,
        "counted": bool(level.counted[k]) if inside else None,
        "urban": None if level.urban is None or not inside else bool(level.urban[k]),
        "groups": {g: _parts(s, k) for g, s in level.people.items()},
    }
    if level.people_own is not None:
        result["share_own"] = _parts(level.people_own[found.assessment.group], k)["share_covered"]
    if level.land is not None:
        land = _parts(level.land, k)
        result["land_ha"] = land["total"]
        result["land_covered_ha"] = land["covered"]
        result["land_unlinked_ha"] = land["unlinked"]
    result["facilities"] = int(level.facilities[k])
    result["present"] = VERDICTS.get(int(level.present[k])) if inside else None
    result["reached"] = VERDICTS.get(int(level.reached[k])) if inside else None
    for capacity, amounts in level.capacity.items():
        result[capacity] = float(amounts.amount[k])
        result[f"{capacity}_blank"] = int(amounts.blank[k])
        result[f"{capacity}_per_1000"] = {
            group: _per_1000(float(amounts.amount[k]), int(level.people[group].total[k]))
            for group in _ratio_groups(found)
        }
    return result


def _ratio_groups(found: UnitCoverage) -> tuple[str, ...]:
    """Groups that beds and places are told for 1000 of."""
    if found.assessment.ground.demand.kind != "people":
        return ()
    return tuple(dict.fromkeys((found.assessment.group, EVERYONE)))


def _per_1000(amount: float, micro: int) -> float | None:
    return PER * amount / units.persons(micro) if micro else None


def _parts(of: Sums, k: int) -> dict[str, Any]:
    total, covered, unlinked = int(of.total[k]), int(of.covered[k]), int(of.unlinked[k])
    return {
        "total": units.persons(total),
        "covered": units.persons(covered),
        "uncovered": units.persons(total - covered - unlinked),
        "unlinked": units.persons(unlinked),
        "share_covered": covered / total if total else None,
    }


def layers_of(coverages: Sequence[UnitCoverage]) -> dict[str, Layer]:
    """Layers of a GeoPackage: `units` (polygons) and `unit_points`, by service and level.

    Columns: service, level, unit, county, kind, source_row, counted, urban; total_, covered_,
    uncovered_, unlinked_ and share_ of every group; share_own; land_ha, land_covered_ha,
    land_share; facilities, present, reached; beds and places. Units without people, land and share
    in the study area are left out; so are those without a position. Verdicts are yes, no or empty.
    """
    layers: dict[str, Layer] = {}
    for name, dimension, kind in (("units", 2, "MultiPolygon"), ("unit_points", 0, "Point")):
        parts = [
            _columns(found, level, rows)
            for found in coverages
            for level in found.levels
            if len(rows := _rows(level, dimension))
        ]
        if not parts:
            continue
        geometry = np.concatenate([shape for shape, _ in parts])
        keys = list(dict.fromkeys(key for _, columns in parts for key in columns))
        columns = {key: np.concatenate([_filled(of, key) for _, of in parts]) for key in keys}
        layers[name] = (geometry, kind, columns)
    return layers


def _filled(columns: dict[str, NDArray[Any]], key: str) -> NDArray[Any]:
    """A column, NaN where a service has none of its name."""
    return columns.get(key, np.full(len(columns["unit"]), np.nan))


def _rows(level: LevelCoverage, dimension: int) -> NDArray[np.int64]:
    rows = level.listed
    found = shapely.get_dimensions(level.units.geometry[rows])
    return np.asarray(rows[found == dimension], np.int64)


def _columns(
    found: UnitCoverage, level: LevelCoverage, rows: NDArray[np.int64]
) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
    of, n = level.units, len(rows)

    def text(values: Sequence[str]) -> NDArray[Any]:
        result = np.empty(n, object)
        result[:] = [values[k] for k in rows.tolist()]
        return result

    columns: dict[str, NDArray[Any]] = {
        "service": np.full(n, found.assessment.name, object),
        "level": np.full(n, of.level, object),
        "unit": text(of.name),
        "county": text(of.county),
        "kind": text(of.kind),
        "source_row": of.row[rows],
        "counted": _words(level.counted[rows]),
        "urban": _words(np.full(n, -1) if level.urban is None else level.urban[rows]),
    }
    for group, sums in level.people.items():
        columns |= _amounts(sums, rows, f"_{group}")
    own = level.people_own
    group = found.assessment.group
    columns["share_own"] = np.full(n, np.nan) if own is None else own[group].share[rows]
    nothing = np.full(n, np.nan)
    land = level.land
    columns["land_ha"] = nothing if land is None else land.total[rows] / units.MICRO
    columns["land_covered_ha"] = nothing if land is None else land.covered[rows] / units.MICRO
    columns["land_share"] = nothing if land is None else land.share[rows]
    columns["facilities"] = level.facilities[rows]
    columns["present"] = _words(level.present[rows])
    columns["reached"] = _words(level.reached[rows])
    for capacity, amounts in level.capacity.items():
        columns[capacity] = amounts.amount[rows]
    geometry = of.geometry[rows]
    if (shapely.get_dimensions(geometry) == 2).all():
        many = np.empty(n, object)
        many[:] = [shapely.multipolygons(shapely.get_parts(shape)) for shape in geometry]
        geometry = many
    else:
        geometry = shapely.point_on_surface(geometry)
    return geometry, columns


def _amounts(of: Sums, rows: NDArray[np.int64], name: str) -> dict[str, NDArray[Any]]:
    return {
        f"total{name}": of.total[rows] / units.MICRO,
        f"covered{name}": of.covered[rows] / units.MICRO,
        f"uncovered{name}": of.uncovered[rows] / units.MICRO,
        f"unlinked{name}": of.unlinked[rows] / units.MICRO,
        f"share{name}": of.share[rows],
    }


def _words(verdict: NDArray[Any]) -> NDArray[Any]:
    """Yes, no, or None for unknown."""
    words = np.array(["no", "yes", None], object)
    return words[np.asarray(verdict, np.int64)]
