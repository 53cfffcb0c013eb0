"""Gaps as a part of summary.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour import units
from quarterhour.answers.gap_reasons import REASONS
from quarterhour.inputs import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.answers.gap_areas import AreaGap
    from quarterhour.answers.gaps import Gap, Gaps
    from quarterhour.assessing.assessment import Assessment

MOST_SUMMARY = 50
"""Gaps and areas that summary.json lists for each service."""


def persons_of(amount: dict[str, int], group: str) -> float:
    """People (or units of demand) of a group."""
    return units.persons(amount[group])


def everyone_of(gap: Gap) -> float:
    """All people (or units of demand) of a gap of those who are not covered."""
    return units.persons(gap.people[EVERYONE])


def nearest_name(a: Assessment, row: int) -> str | None:
    """Name of a facility, None for none; its row where it has no name."""
    if row < 0:
        return None
    return a.facilities.name[row] or f"#{int(a.facilities.row[row])}"


def summary_of(found: Gaps, areas: Sequence[AreaGap] = ()) -> dict[str, Any]:
    """The gaps of one service for summary.json; people in persons (or units of demand).

    `join_m`, `reach_m`, `by_town`: how places became gaps (metres). `gaps`: how many there are.
    `people`: of the service's group in all of them. `reasons`: by reason (far_from_road,
    behind_barrier, edge, disconnected, walker, hill, barrier, detour, beyond, no_facility) the
    number of `gaps` and the `people` of the group in them. `cutoff_min`: the minutes that count
    everywhere; `rural_cutoff_min`: the longer ones of rural places, or None; `within_rural`: of the
    people in gaps, those who are within these. `rows`: the largest gaps, at most 50: `rank`,
    `name_zh`, `name_en`, `town`, `lon`, `lat` (of the middle), `places`, `people` by group,
    `reason`, `share` (of the people of the group, with that reason), `zh`, `en` (the sentence),
    `evidence` (numbers of the reason, as in `gap_evidence.evidence`),
    `minutes`, `median_min`, `walk_m`, `straight_m`, `detour`, `nearest`, `nearest_row`; None where
    no facility is within the search limit. `full`: the same for people who are covered and find no
    room, with `need` (those of the group who need a bed or place and find none) for `people`, and
    without `within_rural`; `nearest` then is one that has any bed or place. `residential`: how many
    areas are not covered as a whole (`areas`), and at most 50 `rows`: `name`, `town`, `status`,
    `share`, `people` and `uncovered` by group, `minutes`, `nearest`, `reason`, `zh`, `en`.
    """
    a = found.assessment
    reasons: dict[str, dict[str, Any]] = {}
    for reason in REASONS:
        mine = [g for g in found.gaps if g.reason == reason]
        if mine:
            people = units.persons(sum(g.people[a.group] for g in mine))
            reasons[reason] = {"gaps": len(mine), "people": people}
    return {
        "join_m": found.join_m,
        "reach_m": round(found.reach_m, 3),
        "by_town": found.by_town,
        "cutoff_min": a.cutoffs_min[-1],
        "rural_cutoff_min": found.rural_cutoff_min,
        "gaps": len(found.gaps),
        "within_rural": persons_or_none(
            None if found.rural_cutoff_min is None else sum(g.within_rural or 0 for g in found.gaps)
        ),
        "people": units.persons(sum(g.people[a.group] for g in found.gaps)),
        "reasons": reasons,
        "rows": [_row(a, g) for g in found.gaps[:MOST_SUMMARY]],
        "full": [_row(a, g) for g in found.full[:MOST_SUMMARY]],
        "residential": {
            "areas": len(areas),
            "rows": [_area_row(a, g) for g in areas[:MOST_SUMMARY]],
        },
    }


def _numbers(evidence: dict[str, Any]) -> dict[str, Any]:
    """What a reason rests on beside the walk."""
    found = {}
    for key in EVIDENCE:
        value = evidence.get(key)
        if key in evidence:
            found[key] = round(value, 4) if isinstance(value, float) else value
    return found


EVIDENCE = (
    "road_m", "link_limit_m", "crosses", "layers", "part_km", "away_m", "joint_m", "joint",
    "steps_min", "flat_min",
)  # fmt: skip


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def persons_or_none(amount: int | None) -> float | None:
    """People of millionths, None for None."""
    return None if amount is None else units.persons(amount)


def _row(a: Assessment, gap: Gap) -> dict[str, Any]:
    amounts: dict[str, Any] = {
        "people": {g: units.persons(v) for g, v in gap.people.items()},
        "within_rural": persons_or_none(gap.within_rural),
    }
    if gap.reason == "full":
        amounts = {"need": units.persons(gap.people[a.group])}
    return {
        "rank": gap.rank,
        "name_zh": gap.name.zh,
        "name_en": gap.name.en,
        "town": gap.town,
        "lon": round(gap.lon, 6),
        "lat": round(gap.lat, 6),
        "places": len(gap.places),
        **amounts,
        "reason": gap.reason,
        "share": round(gap.share, 6),
        "zh": gap.told.zh,
        "en": gap.told.en,
        "evidence": _numbers(gap.evidence),
        "minutes": _rounded(gap.minutes, 4),
        "median_min": _rounded(gap.median_min, 4),
        "walk_m": _rounded(gap.walk_m, 1),
        "straight_m": _rounded(gap.straight_m, 1),
        "detour": _rounded(gap.detour, 3),
        "nearest": nearest_name(a, gap.facility),
        "nearest_row": int(a.facilities.row[gap.facility]) if gap.facility >= 0 else None,
    }


def _area_row(a: Assessment, area: AreaGap) -> dict[str, Any]:
    return {
        "name": area.name,
        "town": area.town,
        "status": area.status,
        "share": _rounded(area.share, 6),
        "people": {g: units.persons(v) for g, v in area.inside.items()},
        "uncovered": {g: units.persons(v) for g, v in area.uncovered.items()},
        "minutes": _rounded(area.minutes, 4),
        "nearest": nearest_name(a, area.facility),
        "reason": area.reason,
        "zh": area.told.zh,
        "en": area.told.en,
    }
