"""Facilities linked to the roads, by their gates where these are known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.assessing.known_links import with_known
from quarterhour.inputs import SetAside
from quarterhour.model import PointSet, _Frozen
from quarterhour.sources.facilities.kinds import KINDS
from quarterhour.units import MM_PER_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.ground import Ground
    from quarterhour.core.impedance import Impedance
    from quarterhour.inputs import Facilities
    from quarterhour.model import Linkage

FACILITY_SEARCH_M = 5_000.0
"""How far the nearest road of a facility that cannot be linked is looked for, for the message."""

USED, PLANNED, OUTSIDE, UNLINKED = "used", "planned", "outside", "unlinked"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityLinks(_Frozen):
    """How the rows of a facility table stand to the roads.

    `points`: a point per gate, or per facility without gates. `linkage`: of those that serve.
    `gate`: int64 per point, row of `Facilities.entrances`, -1 for a facility's own position.
    `status` per facility: used, planned, outside (of area and guard zone) or unlinked. `link_m`:
    metres from the nearest of its linked gates to the road, NaN where there is none.
    """

    points: PointSet
    linkage: Linkage
    gate: NDArray[np.int64]
    status: tuple[str, ...]
    link_m: NDArray[np.float64]
    set_aside: tuple[SetAside, ...]

    @property
    def used(self) -> NDArray[np.bool_]:
        """Bool per facility: serves."""
        return np.array([s == USED for s in self.status], bool)


def link_facilities(
    ground: Ground, costs: Impedance, facilities: Facilities, limit_m: float
) -> FacilityLinks:
    """Linkage and status of the facility rows; those that had to be set aside are named."""
    points, gate = facility_points(ground, facilities)
    n = len(facilities)
    linkage = linked(ground, costs, points, facilities, limit_m, search_m=FACILITY_SEARCH_M)
    if facilities.exact is not None:
        linkage = with_known(ground, costs, points, facilities.exact, linkage, limit_m)
    behind = np.zeros(n, bool)
    if linkage.behind_barrier is not None:
        behind[points.owner[linkage.behind_barrier]] = True
    link_m = np.full(n, np.nan)
    np.fmin.at(link_m, linkage.owner, linkage.access_mm / MM_PER_M)
    nearest_m = np.full(n, np.inf)
    np.minimum.at(nearest_m, points.owner, linkage.nearest_m)
    near = np.zeros(n, bool)
    near[points.owner[shapely.intersects_xy(ground.zone_m, points.x_m, points.y_m)]] = True
    status, aside = [], []
    for k in range(n):
        if not facilities.serving[k]:
            status.append(PLANNED)
            continue
        if not near[k]:
            status.append(OUTSIDE)
            reason, detail = "outside_area", "outside the study area and its guard zone"
        elif np.isnan(link_m[k]) and behind[k]:
            status.append(UNLINKED)
            reason = "behind_barrier"
            detail = (
                f"every road within {limit_m:g} m lies behind water, a railway, an expressway or a"
                " wall: give the position of its entrance"
            )
        elif np.isnan(link_m[k]):
            status.append(UNLINKED)
            away = nearest_m[k]
            found = f"{away:.0f} m" if np.isfinite(away) else f"over {FACILITY_SEARCH_M:.0f} m"
            reason = "too_far_from_road"
            detail = f"too far from any road: {found} away, the limit is {limit_m:g} m"
        else:
            status.append(USED)
            continue
        aside.append(
            SetAside(
                layer="facilities", file=facilities.file, sheet=facilities.sheet,
                row=int(facilities.row[k]), name=facilities.name[k], reason=reason, detail=detail,
            )
        )  # fmt: skip
    used = np.array([s == USED for s in status], bool)
    return FacilityLinks(
        points=points,
        linkage=_only(linkage, points, used),
        gate=gate,
        status=tuple(status),
        link_m=link_m,
        set_aside=tuple(aside),
    )


def linked(
    ground: Ground,
    costs: Impedance,
    points: PointSet,
    facilities: Facilities,
    limit_m: float,
    *,
    search_m: float | None = None,
) -> Linkage:
    """Linkage of the points; what stands somewhere in its town takes the nearest road, at no cost.

    Such a position is nobody's door: the leg from it to the road would be an invention.
    """
    exact = ground.link_facilities(points, costs.linkable, limit_m=limit_m, search_m=search_m)
    rough = facilities.approximate
    if rough is None or not rough.any():
        return exact
    vague = ground.link_facilities(points, costs.linkable, limit_m=FACILITY_SEARCH_M)
    at = rough[points.owner]
    ours, theirs = ~at[exact.point], at[vague.point]
    point = np.concatenate([exact.point[ours], vague.point[theirs]])
    order = np.argsort(point, kind="stable")
    chosen: dict[str, Any] = {
        name: np.concatenate([getattr(exact, name)[ours], getattr(vague, name)[theirs]])[order]
        for name in LINK_COLUMNS
    }
    access_mm = np.concatenate([exact.access_mm[ours], np.zeros(int(theirs.sum()), np.int64)])
    flags: dict[str, Any] = {
        name: np.where(at, getattr(vague, name), getattr(exact, name))
        for name in ("linked", "nearest_m", "blocked", "behind_barrier")
        if getattr(exact, name) is not None
    }
    return replace(exact, access_mm=access_mm[order], **chosen, **flags)


LINK_COLUMNS = ("point", "owner", "edge", "offset_mm", "snap_x_m", "snap_y_m")


def facility_points(ground: Ground, facilities: Facilities) -> tuple[PointSet, NDArray[np.int64]]:
    """Points at which the facilities are entered, and the gate that each one is (-1: none)."""
    x, y = ground.crs.metres(facilities.lon, facilities.lat)
    gates = facilities.entrances
    if gates is None or not len(gates):
        return PointSet.single(x, y), np.full(len(x), -1, np.int64)
    own = np.flatnonzero(~np.isin(np.arange(len(x)), gates.owner))
    gx, gy = ground.crs.metres(gates.lon, gates.lat)
    owner = np.concatenate([own, gates.owner])
    gate = np.concatenate([np.full(len(own), -1, np.int64), np.arange(len(gates))])
    order = np.lexsort((gate, owner))
    points = PointSet(
        x_m=np.concatenate([x[own], gx])[order],
        y_m=np.concatenate([y[own], gy])[order],
        owner=owner[order],
        n_owners=len(x),
    )
    return points, gate[order]


def _only(linkage: Linkage, points: PointSet, used: NDArray[np.bool_]) -> Linkage:
    """The linkage of the chosen owners; the points of the others count as not linked."""
    keep = used[linkage.owner]
    return replace(
        linkage,
        linked=linkage.linked & used[points.owner],
        access_mm=linkage.access_mm[keep],
        **{name: getattr(linkage, name)[keep] for name in LINK_COLUMNS},
    )


def kind_name_of(facilities: Facilities, k: int) -> tuple[str, str]:
    """What facility `k` is, Chinese and English: its recognised kind, else what its cell says."""
    keys = facilities.kind_keys[k] if facilities.kind_keys else ()
    if keys:
        return KINDS[keys[0]].zh, KINDS[keys[0]].en
    said = facilities.kind[k].strip()
    return said, said


def position_of(facilities: Facilities, k: int) -> str:
    """Where facility `k` stands: "own" position, at its "gates", or "approximate" in its town."""
    if facilities.approximate is not None and facilities.approximate[k]:
        return "approximate"
    gates = facilities.entrances
    return "gates" if gates is not None and k in gates.owner else "own"
