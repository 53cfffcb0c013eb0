"""Demand of the page: places at one position made one, in an order that packs well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.assessing.ground import STRETCH_M
from quarterhour.core.merge import merge
from quarterhour.model import Linkage
from quarterhour.render.map.model_layers import ModelDemand
from quarterhour.render.map.pack_network import stretches
from quarterhour.whatif.lattice import lattice_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.ground import Ground
    from quarterhour.model import RoadNetwork

    Ints = NDArray[np.int64]


def demand_of(
    ground: Ground, linkage: Linkage, people: dict[str, Ints] | None = None
) -> tuple[ModelDemand, Ints]:
    """The demand inside the study area as `linkage` links it.

    `people`: millionths by group and row in place of the ground's own, see `rounded_people`.
    Places where nobody is are left out: they change no sum. Also, for every row of the demand of
    the ground, the place that it is part of, -1 for none.
    """
    merged = merge(ground.network, linkage)
    inside = ground.inside
    amounts = {g: np.where(inside, a, 0) for g, a in (people or ground.demand.amounts).items()}
    linked = merged.group >= 0
    unlinked = {g: int(a[~linked].sum()) for g, a in amounts.items()}
    sums = {g: merged.sums(a) for g, a in amounts.items()}
    some = np.zeros(merged.linkage.n_owners, bool)
    for values in sums.values():
        some |= values > 0
    at = merged.linkage
    edge = at.edge.astype(np.int64)
    keep = np.flatnonzero(some)
    of_streets = ground.demand.kind == "street_metres"
    regular = np.zeros(len(some), bool)
    if of_streets:
        regular = some & _regular(ground.network, edge, at.offset_mm, at.access_mm, sums)
    first = np.zeros(len(some), np.int64)
    first[merged.group[linked][::-1]] = np.flatnonzero(linked)[::-1]
    grid = None if of_streets else _lattice(ground, first[keep])
    along = (at.access_mm[keep], at.offset_mm[keep], *(grid or ()))
    placed = np.lexsort((*along, edge[keep], ~regular[keep]))
    order = keep[placed]
    number = np.full(merged.linkage.n_owners + 1, -1, np.int64)  # the last: not linked
    number[order] = np.arange(len(order))
    of_row = number[merged.group]
    made = ModelDemand(
        edge=edge[order],
        offset_mm=at.offset_mm[order],
        access_mm=at.access_mm[order],
        amounts={g: values[order] for g, values in sums.items()},
        unlinked=unlinked,
        lon=None if grid is None else ground.demand.lon[first[order]],
        lat=None if grid is None else ground.demand.lat[first[order]],
        column=None if grid is None else grid[0][placed],
        row=None if grid is None else grid[1][placed],
        n_regular=int(regular.sum()),
        stretch_mm=_stretch_mm() if of_streets else 0,
        of_row=of_row,
    )
    return made, of_row


def _lattice(ground: Ground, rows: Ints) -> tuple[Ints, Ints] | None:
    """Column and row of these rows of the demand, in degrees, in its own metres, or in ours."""
    told, ours = ground.demand, ground.demand_points
    for x, y in ((told.lon, told.lat), (told.x, told.y), (ours.x_m, ours.y_m)):
        if x is not None and y is not None:
            found = lattice_of(x[rows], y[rows])
            if found is not None:
                return found
    return None


def _regular(
    network: RoadNetwork, edge: Ints, offset_mm: Ints, access_mm: Ints, sums: dict[str, Ints]
) -> NDArray[np.bool_]:
    """Bool per place: is the whole of one stretch at its middle, and nothing else."""
    of, middle, mm = stretches(
        network.edge_kind.astype(np.int64), network.edge_length_mm, _stretch_mm()
    )
    before = np.concatenate([[0], np.cumsum(network.edge_length_mm + 1)])
    known = before[of] + middle
    position = before[edge] + offset_mm
    at = np.minimum(np.searchsorted(known, position), len(known) - 1)
    alone = np.ones(len(known), bool)  # an edge without a length, or of a millimetre, may have two
    alone[1:] &= known[1:] != known[:-1]
    alone[:-1] &= known[1:] != known[:-1]
    per_mm = units.MICRO // units.MM_PER_M
    same = (known[at] == position) & alone[at] & (access_mm == 0)
    for values in sums.values():
        same &= values == mm[at] * per_mm
    return np.asarray(same)


def _stretch_mm() -> int:
    return int(STRETCH_M * units.MM_PER_M)


def linkage_of(edge: Ints, offset_mm: Ints, access_mm: Ints) -> Linkage:
    """Positions on a network as a linkage of one point each."""
    n = len(edge)
    index = np.arange(n, dtype=np.int64)
    nowhere = np.zeros(n)
    return Linkage(
        linked=np.ones(n, bool),
        point=index,
        owner=index.copy(),
        edge=edge.astype(np.int32),
        offset_mm=offset_mm.astype(np.int64),
        access_mm=access_mm.astype(np.int64),
        snap_x_m=nowhere,
        snap_y_m=nowhere.copy(),
        nearest_m=access_mm / units.MM_PER_M,
        limit_m=float("inf"),
        n_owners=n,
    )
