"""Facilities whose position on the streets is known beforehand, to the millimetre."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.core import snap
from quarterhour.core.identity import network_key
from quarterhour.core.slope import position_lonlat
from quarterhour.model import Linkage, PointSet
from quarterhour.units import MM_PER_M, mm_of_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.ground import Ground
    from quarterhour.core.impedance import Impedance
    from quarterhour.inputs import Exact

    Ints = NDArray[np.int64]

STALE_M = 10.0
"""A point this much farther from its position than it says was moved by hand; the page draws
streets within two metres of where they are."""

ON_STREET_M = 2.0
"""A position is found again on a street that was cut, this far from where it was at most."""


def with_known(
    ground: Ground,
    costs: Impedance,
    points: PointSet,
    exact: Exact,
    linkage: Linkage,
    limit_m: float,
) -> Linkage:
    """`linkage` with the known positions of its owners in place of those that were looked for.

    A position counts where it is on a street that the walker may step onto, no farther than the
    limit, and where the point was not moved since.
    """
    owner = np.flatnonzero(exact.edge >= 0)
    owner = owner[np.isin(owner, points.owner)]
    point = np.searchsorted(points.owner, owner)
    edge, offset = exact.edge[owner], exact.offset_mm[owner]
    good = exact.access_mm[owner] <= int(mm_of_m(limit_m))
    net = ground.network
    if exact.network == network_key(net):
        inside = edge < net.n_edges
        good &= inside & costs.linkable[np.where(inside, edge, 0)]
        good &= offset <= net.edge_length_mm[np.where(inside, edge, 0)]
    else:
        edge, offset, found = _again(ground, costs, exact, owner)
        good &= found
    owner, point, edge, offset = owner[good], point[good], edge[good], offset[good]
    x, y = ground.crs.metres(*position_lonlat(net, edge, offset))
    away = np.hypot(x - points.x_m[point], y - points.y_m[point])
    stays = np.abs(away - exact.access_mm[owner] / MM_PER_M) <= STALE_M
    at = tuple(v[stays] for v in (owner, point, edge, offset, x, y))
    return _replaced(linkage, at, exact.access_mm[owner[stays]])


def _again(
    ground: Ground, costs: Impedance, exact: Exact, owner: Ints
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Edge, offset and whether it was found, of positions on streets that were cut since."""
    edge, offset = np.zeros(len(owner), np.int64), np.zeros(len(owner), np.int64)
    found = np.zeros(len(owner), bool)
    known = np.flatnonzero(np.isfinite(exact.on_lon[owner]))
    if len(known):
        x, y = ground.crs.metres(exact.on_lon[owner[known]], exact.on_lat[owner[known]])
        link = snap.link(ground.index(costs.linkable), PointSet.single(x, y), limit_m=ON_STREET_M)
        row = known[link.point]
        edge[row], offset[row], found[row] = link.edge, link.offset_mm, True
    return edge, offset, found


def _replaced(linkage: Linkage, at: tuple[Any, ...], access_mm: Ints) -> Linkage:
    owner, point, edge, offset, x, y = at
    stay = ~np.isin(linkage.point, point)
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(linkage, name)[stay], new]).astype(
            getattr(linkage, name).dtype
        )
        for name, new in (
            ("point", point), ("owner", owner), ("edge", edge), ("offset_mm", offset),
            ("access_mm", access_mm), ("snap_x_m", x), ("snap_y_m", y),
        )
    }  # fmt: skip
    order = np.argsort(columns["point"], kind="stable")
    flags: dict[str, Any] = {}
    for name, value in (
        ("linked", True), ("nearest_m", access_mm / MM_PER_M), ("blocked", False),
        ("behind_barrier", False),
    ):  # fmt: skip
        old = getattr(linkage, name)
        if old is not None:
            flags[name] = old.copy()
            flags[name][point] = value
    return replace(linkage, **{name: c[order] for name, c in columns.items()}, **flags)
