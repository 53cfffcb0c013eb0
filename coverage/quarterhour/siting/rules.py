"""What may be built: candidates that can be used, what they cost, and what contradicts itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.core.siting.nouns import Rules
from quarterhour.errors import InputError
from quarterhour.inputs import SetAside
from quarterhour.sources.facilities.candidates import YUAN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.facility_links import FacilityLinks
    from quarterhour.assessing.ground import Ground
    from quarterhour.sources.facilities.candidates import Candidates
    from quarterhour.study_file.site_parts import SitePart

USABLE, UNUSABLE, EXCLUDED, OUTSIDE, UNLINKED, UNPRICED, ELSEWHERE = (
    "usable", "unusable", "excluded", "outside", "unlinked", "unpriced", "elsewhere",
)  # fmt: skip

SEEMS_YUAN = 5_000 * YUAN
"""Cost from which on a number under 万元 may be one of yuan: a site of 50 million."""

MOST_PAIRS = 3_000_000
"""Pairs of candidates nearer than `apart_m` that a program can still be made of."""


def status_of(
    ground: Ground, candidates: Candidates, links: FacilityLinks, service: str = ""
) -> tuple[tuple[str, ...], tuple[SetAside, ...]]:
    """Status of every candidate, and rows that are outside or not linked, with their reasons.

    `service`: what is asked about; a candidate that is for another one cannot be used.
    """
    at = candidates.at
    inside = np.asarray(shapely.intersects_xy(ground.area, at.lon, at.lat), bool)
    status: list[str] = []
    aside: list[SetAside] = []
    told = {(row.row, row.name): row for row in links.set_aside}
    for k in range(len(at)):
        if candidates.why[k]:
            status.append(candidates.why[k])
        elif service and not candidates.serves(k, service):
            status.append(ELSEWHERE)
        elif ground.area_given and not inside[k]:
            status.append(OUTSIDE)
            aside.append(_aside(candidates, k, "outside_area", "outside the study area"))
        elif links.status[k] != "used":
            status.append(OUTSIDE if links.status[k] == "outside" else UNLINKED)
            row = told[int(at.row[k]), at.name[k]]
            aside.append(_aside(candidates, k, row.reason, row.detail))
        else:
            status.append(USABLE)
    # of thousands of generated ones nobody reads each
    return tuple(status), tuple(aside) if candidates.source == "table" else ()


def _aside(candidates: Candidates, k: int, reason: str, detail: str) -> SetAside:
    at = candidates.at
    return SetAside(
        layer="candidates", file=at.file, sheet=at.sheet, row=int(at.row[k]), name=at.name[k],
        reason=reason, detail=detail,
    )  # fmt: skip


def costs_of(part: SitePart, candidates: Candidates) -> NDArray[np.int64]:
    """Yuan of every candidate: its own, else that of the study, else -1; sizes cost their own."""
    none = 0 if part.size else -1
    default = none if part.cost is None else round(part.cost * YUAN)
    return np.where(candidates.cost >= 0, candidates.cost, default)


def rules_of(
    part: SitePart,
    candidates: Candidates,
    status: Sequence[str],
    ground: Ground,
    *,
    alone: bool = True,
) -> tuple[Rules, tuple[str, ...]]:
    """The rules of a study, and the status with what has no cost under a budget.

    `alone`: the number of sites and the budget are those of this service, not of several together.

    Raises
    ------
    InputError
        The requirements cannot be met by any choice, or there is nothing to choose from.
    """
    cost = costs_of(part, candidates)
    states = list(status)
    if part.budget is not None:
        for k in np.flatnonzero(cost < 0).tolist():
            states[k] = UNPRICED if states[k] == USABLE else states[k]
    usable = np.array([s == USABLE for s in states], bool)
    _require_some(part if alone else part.model_copy(update={"n_sites": None}), candidates, states)
    required = candidates.required & np.array([s != ELSEWHERE for s in states], bool)
    rules = Rules(
        required=required,
        forbidden=~usable & ~required,
        exclusive=candidates.group,
        apart=_pairs(part, candidates, usable, ground),
        n_sites=part.n_sites,
        budget=None if part.budget is None else round(part.budget * YUAN),
        cost=None if part.budget is None else np.where(usable, np.maximum(cost, 0), 0),
    )
    _check(part, candidates, states, rules)
    if alone:
        check_amounts(part, candidates, [(states, rules)])
    return rules, tuple(states)


def _require_some(part: SitePart, candidates: Candidates, states: Sequence[str]) -> None:
    usable = states.count(USABLE)
    file = candidates.at.file
    if usable:
        if part.n_sites is not None and part.n_sites > usable:
            raise InputError(
                f"[site] n_sites is {part.n_sites}, and {file} has only {usable} usable"
                f" candidate{'s' if usable > 1 else ''}; ask for fewer sites, or add candidates"
            )
        return
    if UNPRICED in states:
        raise InputError(
            f"[site] budget needs costs, and no candidate of {file} has one; "
            + (
                "fill in the column 投资 (cost), or give cost under [site] for all of them"
                if candidates.source == "table"
                else "give cost (万元 for each site) under [site]"
            )
        )
    told = ", ".join(
        f"{states.count(s)} {'for another service' if s == ELSEWHERE else s}"
        for s in dict.fromkeys(states)
    ) or "no rows"  # fmt: skip
    aside = candidates.at.set_aside
    if aside:
        told = f"{told}; {len(aside)} set aside, the first: {aside[0].line()}"
    raise InputError(
        f"{file}: no usable candidate ({told}); needed is at least one inside the study area, near"
        " a road and not marked as unusable; where all of them lie elsewhere, check coordinates"
    )


def _pairs(
    part: SitePart, candidates: Candidates, usable: NDArray[np.bool_], ground: Ground
) -> NDArray[np.int64]:
    """Pairs of usable candidates nearer to each other than `apart_m`, straight."""
    if not part.apart_m:
        return np.empty((0, 2), np.int64)
    from scipy.spatial import cKDTree  # noqa: PLC0415 - only where a distance is asked for

    of = np.flatnonzero(usable)
    x, y = ground.crs.metres(candidates.at.lon[of], candidates.at.lat[of])
    tree = cKDTree(np.column_stack([x, y]))
    reach = np.nextafter(part.apart_m, 0.0)  # exactly so far apart is far enough
    if (int(tree.count_neighbors(tree, reach)) - len(of)) // 2 > MOST_PAIRS:
        raise InputError(
            f"[site] apart_m is {part.apart_m:g}, nearer than which {len(of)} candidates have more"
            f" than {MOST_PAIRS} pairs; make apart_m smaller, or spacing_m larger, or name"
            " candidates in a file"
        )
    pairs = tree.query_pairs(reach, output_type="ndarray").astype(np.int64).reshape(-1, 2)
    pairs = np.sort(of[pairs], axis=1)
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], np.int64)


def _check(
    part: SitePart,
    candidates: Candidates,
    states: Sequence[str],
    rules: Rules,
) -> None:
    """Raise `InputError` where the required candidates contradict another requirement."""
    file, label = candidates.at.file, candidates.label
    must = np.flatnonzero(rules.required)
    reasons = {
        UNUSABLE: "marked as unusable", EXCLUDED: "excluded", OUTSIDE: "outside the study area",
        UNLINKED: "not near a road", UNPRICED: "without a cost, which the budget needs",
    }  # fmt: skip
    for k in must.tolist():
        if states[k] != USABLE:
            raise InputError(
                f"{file}: {label(k)} is required and {reasons[states[k]]}; take one of the two back"
            )
    group = rules.exclusive[must]
    for number in np.unique(group[group >= 0]).tolist():
        both = must[group == number].tolist()
        if len(both) > 1:
            raise InputError(
                f"{file}: {label(both[0])} and {label(both[1])} are both required, and of the group"
                f" {candidates.group_name[number]!r} only one may be built; require only one"
            )
    for a, b in rules.apart.tolist():
        if rules.required[a] and rules.required[b]:
            raise InputError(
                f"{file}: {label(a)} and {label(b)} are both required and nearer to each other than"
                f" apart_m = {part.apart_m:g}; require only one, or make apart_m smaller"
            )


def check_amounts(
    part: SitePart, candidates: Candidates, every: Sequence[tuple[Sequence[str], Rules]]
) -> None:
    """Raise `InputError` where what must be built is more than there is number or money for.

    `every`: the states and rules of each service that shares them.
    """
    file, must = candidates.at.file, sum(int(rules.required.sum()) for _, rules in every)
    if part.n_sites is not None and must > part.n_sites:
        raise InputError(
            f"{file}: {must} candidates are required and n_sites is {part.n_sites}; require"
            f" fewer, or raise n_sites to {must} or more"
        )
    if part.budget is None:
        return
    budget, cost = round(part.budget * YUAN), costs_of(part, candidates)
    needed = sum(rules.price(np.flatnonzero(rules.required)) for _, rules in every)
    if needed > budget:
        raise InputError(
            f"[site] budget is {part.budget:.10g} 万元, and the required candidates of {file} cost"
            f" {needed / YUAN:.10g}; raise the budget, or require fewer{_in_yuan(needed, budget)}"
        )
    some = np.array([any(s[k] == USABLE for s, _ in every) for k in range(len(candidates))], bool)
    usable = np.flatnonzero(some)
    cheapest = int(usable[np.argmin(cost[usable])])
    if int(cost[cheapest]) > budget:
        raise InputError(
            f"[site] budget is {part.budget:.10g} 万元, and the cheapest candidate of {file},"
            f" {candidates.label(cheapest)}, costs {cost[cheapest] / YUAN:.10g};"
            f" raise the budget{_in_yuan(int(cost[cheapest]), budget)}"
        )


def _in_yuan(cost: int, budget: int) -> str:
    """What to do where a cost in 万元 would fit if it were in yuan."""
    if cost // YUAN > budget or cost < SEEMS_YUAN:
        return ""
    return ", or head the column 造价（元） where it is in yuan and not in 万元"
