"""Residential areas judged by their gates, the people inside or positions inside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.assessing.assessment import (
    COVERED,
    PARTLY,
    UNCOVERED,
    UNLINKED,
    AreaVerdict,
    PlaceTimes,
)
from quarterhour.core import reach as times
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Note
from quarterhour.model import PointSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.ground import Ground
    from quarterhour.core.impedance import Impedance
    from quarterhour.inputs import AreaSet, Entrances
    from quarterhour.model import Linkage

    IntArray = NDArray[np.int64]

GATES, PEOPLE, POSITIONS = "entrances", "people", "positions"
"""What an area may be judged by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Samples:
    """Points that speak for areas: rows `of` an area, how much they weigh, and their times.

    `ms` and `facility` count only where `found`; `served`: bool per area.
    """

    of: IntArray
    weight: IntArray
    linked: NDArray[np.bool_]
    found: NDArray[np.bool_]
    ms: NDArray[np.int32]
    facility: IntArray
    served: NDArray[np.bool_]


def judge(
    ground: Ground,
    costs: Impedance,
    sources: times.Stops,
    limit_ms: int,
    cutoffs_ms: list[int],
    threads: int | None,
    *,
    by: str = POSITIONS,
    demand: PlaceTimes | None = None,
    group: str = EVERYONE,
    entrances: Entrances | None = None,
) -> tuple[tuple[AreaVerdict, ...], PlaceTimes | None]:
    """Verdicts by cutoff, and the times of each area.

    An area with a linked gate is judged by its gates: the walk begins at the one that is best for
    the facility, so that it is covered or not as a whole. How far people walk inside is not known
    and not counted. Other areas are judged by the people inside (`by="people"`), whose share is
    that of all of them, unlinked ones too, and where nobody is inside, as by default, by positions
    on a grid, whose share is that of the positions near a road. An area's time is that of its best
    gate, or of its median person or position among those with a facility within the limit.

    Parameters
    ----------
    by
        positions or people.
    demand, group
        Times of the demand places and the group that counts, for `by="people"`.
    entrances
        Gates; `owner` is the row of `ground.residential`.

    Raises
    ------
    InputError
        `by` is neither positions nor people.
    """
    if by not in {POSITIONS, PEOPLE}:
        raise InputError(f"residential areas are judged by positions or people, found {by!r}")
    points = ground.residential_points
    if points is None or points.n_owners == 0:
        return (), None
    n = points.n_owners
    judged_by = np.full(n, POSITIONS, object)
    positions = ground.link("residential", costs.linkable, threads)
    samples = {POSITIONS: _of_points(costs, sources, limit_ms, points, positions)}
    if by == PEOPLE and demand is not None and ground.demand.kind == "people":
        inside = _of_people(ground, demand, group, n)
        judged_by[inside.of] = PEOPLE
        samples[PEOPLE] = inside
    if entrances is not None and len(entrances):
        at = _gate_points(ground, entrances, n)
        linkage = ground.link_facilities(at, costs.linkable, limit_m=ground.link_limit_m)
        gates = _of_points(costs, sources, limit_ms, at, linkage)
        # a gate that is far from any road says nothing: the area is then judged by what is inside
        judged_by[gates.of[gates.linked]] = GATES
        samples[GATES] = gates
    one = _chosen(samples, judged_by)
    return tuple(_verdict(one, judged_by, c) for c in cutoffs_ms), _times(one, judged_by)


def gates_of(entrances: Entrances, every: AreaSet, kept: AreaSet) -> Entrances:
    """The gates of `every` as gates of those of its areas that are `kept`; the others are left."""
    row = every.row[entrances.owner]
    at = np.minimum(np.searchsorted(kept.row, row), max(len(kept) - 1, 0))
    use = np.flatnonzero(kept.row[at] == row) if len(kept) else np.empty(0, np.int64)
    return replace(
        entrances,
        lon=entrances.lon[use],
        lat=entrances.lat[use],
        owner=at[use].astype(np.int64),
        name=tuple(entrances.name[k] for k in use),
    )


def judged_note(verdict: AreaVerdict) -> Note | None:
    """How many areas were judged by what, None where all were by the positions inside them."""
    how = verdict.judged_by
    count = {name: int((how == name).sum()) for name in (GATES, PEOPLE, POSITIONS)}
    if count[POSITIONS] == len(how):
        return None
    zh = {GATES: "按出入口", PEOPLE: "按范围内的人口", POSITIONS: "按范围内的位置（每25米一个）"}
    en = {GATES: "their gates", PEOPLE: "the people inside", POSITIONS: "positions inside"}
    return Note(
        "居住区的判定：" + "，".join(f"{k} 个{zh[name]}" for name, k in count.items() if k),
        "residential areas are judged: "
        + ", ".join(f"{k} by {en[name]}" for name, k in count.items() if k),
    )


def _gate_points(ground: Ground, entrances: Entrances, n: int) -> PointSet:
    order = np.argsort(entrances.owner, kind="stable")
    x, y = ground.crs.metres(entrances.lon[order], entrances.lat[order])
    return PointSet(x_m=x, y_m=y, owner=entrances.owner[order], n_owners=n)


def _of_points(
    costs: Impedance,
    sources: times.Stops,
    limit_ms: int,
    points: PointSet,
    linkage: Linkage,
) -> _Samples:
    """Every point by itself."""
    alone = times.stops(costs, linkage, each_point=True)
    near = times.nearest(costs, sources, alone, limit_ms=limit_ms)
    size = len(points.owner)
    ms, facility, found = (
        np.zeros(size, np.int32),
        np.full(size, -1, np.int64),
        np.zeros(size, bool),
    )
    ms[near.place], facility[near.place], found[near.place] = near.ms, near.facility, True
    return _Samples(
        of=points.owner,
        weight=np.ones(size, np.int64),
        linked=linkage.linked,
        found=found,
        ms=ms,
        facility=facility,
        served=times.owners_on_components_of(costs, sources, times.stops(costs, linkage)),
    )


def _of_people(ground: Ground, demand: PlaceTimes, group: str, n: int) -> _Samples:
    """Every place of the group in every area that it lies in."""
    assert ground.residential is not None  # noqa: S101 - the caller has looked
    places = ground.demand
    somebody = np.flatnonzero(places.amounts[group] > 0)
    at = shapely.points(places.lon[somebody], places.lat[somebody])
    tree = shapely.STRtree(at)
    area, hit = tree.query(ground.residential.geometry, predicate="intersects")
    order = np.lexsort((hit, area))
    of, place = area[order].astype(np.int64), somebody[hit[order]]
    served = np.zeros(n, bool)
    served[of[demand.served[place]]] = True
    return _Samples(
        of=of,
        weight=places.amounts[group][place],
        linked=demand.linked[place],
        found=demand.nearest[place] >= 0,
        ms=demand.ms[place],
        facility=demand.nearest[place],
        served=served,
    )


def _chosen(samples: dict[str, _Samples], judged_by: NDArray[Any]) -> _Samples:
    """Of every area the samples that it is judged by."""
    parts, served = [], np.zeros(len(judged_by), bool)
    for name, one in samples.items():
        mine = judged_by == name
        served[mine] = one.served[mine]
        parts.append((one, mine[one.of]))
    joined = {
        key: np.concatenate([getattr(one, key)[keep] for one, keep in parts])
        for key in ("of", "weight", "linked", "found", "ms", "facility")
    }
    return _Samples(**joined, served=served)


def _verdict(samples: _Samples, judged_by: NDArray[Any], cutoff_ms: int) -> AreaVerdict:
    n = len(judged_by)
    covered = samples.found & (samples.ms <= cutoff_ms)

    def weight(of: NDArray[np.bool_]) -> IntArray:
        total = np.zeros(n, np.int64)
        np.add.at(total, samples.of[of], samples.weight[of])
        return total

    def number(of: NDArray[np.bool_]) -> IntArray:
        return np.asarray(np.bincount(samples.of[of], minlength=n), np.int64)

    every = np.ones(len(covered), bool)
    by_gates, by_people = judged_by == GATES, judged_by == PEOPLE
    done, linked = weight(covered), weight(samples.linked)
    whole = np.where(by_people, weight(every), linked)
    # people leave by the gate that is best for them: one is enough
    whole = np.where(by_gates & (done > 0), done, whole)
    status = np.full(n, PARTLY, object)
    status[done == 0] = UNCOVERED
    status[done == whole] = COVERED
    status[linked == 0] = UNLINKED
    share = np.full(n, np.nan)
    some = linked > 0
    share[some] = done[some] / whole[some]
    return AreaVerdict(
        status=status,
        n_positions=number(every),
        n_linked=number(samples.linked),
        n_covered=number(covered),
        share=share,
        judged_by=judged_by,
    )


def _times(samples: _Samples, judged_by: NDArray[Any]) -> PlaceTimes:
    """The lower median by weight of what has a facility within the limit; of gates the best."""
    n = len(judged_by)
    row = np.flatnonzero(samples.found)
    row = row[np.lexsort((samples.facility[row], samples.ms[row], samples.of[row]))]
    of, weight = samples.of[row], samples.weight[row]
    total = np.zeros(n, np.int64)
    np.add.at(total, of, weight)
    before = np.cumsum(total) - total
    within = np.cumsum(weight) - before[of]
    enough = (2 * within >= total[of]) | (judged_by[of] == GATES)
    some, first = np.unique(of[enough], return_index=True)
    middle = row[np.flatnonzero(enough)[first]]
    nearest, ms = np.full(n, -1, np.int64), np.zeros(n, np.int32)
    nearest[some], ms[some] = samples.facility[middle], samples.ms[middle]
    linked = np.zeros(n, bool)
    linked[samples.of[samples.linked]] = True
    return PlaceTimes(nearest=nearest, ms=ms, linked=linked, served=samples.served)
