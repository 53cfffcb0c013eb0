"""Places at the same position of the network, as far from it, are searched for once.

Contract: every owner has one point, which may be linked to several positions. Merging changes no
time and no sum: a group's members have the same edges, offsets and access legs, so every search
gives all of them the same milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.core.graph import _ranges
from quarterhour.model import Linkage, RoadNetwork, _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(_Frozen):
    """A linkage whose owners are groups of places.

    `linkage`: the positions of each group, groups in the order of their first member. `group`:
    int64 per owner of the linkage that was merged, -1 where it was not linked.
    """

    linkage: Linkage
    group: NDArray[np.int64]

    def sums(self, amount: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum of an int64 amount per group, exact; what was not linked is left out."""
        total = np.zeros(self.linkage.n_owners, np.int64)
        linked = self.group >= 0
        np.add.at(total, self.group[linked], amount[linked])
        return total


def merge(network: RoadNetwork, linkage: Linkage) -> Merged:
    """`linkage` with the points of one position made one."""
    assert linkage.n_owners == len(linkage.linked), "places to be merged have one point each"  # noqa: S101
    before = np.concatenate([[0], np.cumsum(network.edge_length_mm + 1)])
    longest = int(linkage.access_mm.max(initial=0)) + 1
    along = before[linkage.edge] + linkage.offset_mm
    if int(before[-1]) * longest < 2**63:
        key = along * longest + linkage.access_mm
    else:  # a continent with legs of kilometres
        key = np.unique(np.column_stack([along, linkage.access_mm]), axis=0, return_inverse=True)[1]
    if bool((np.diff(linkage.point) > 0).all()):  # one position each
        owner, size = linkage.owner, np.ones(len(linkage.owner), np.int64)
        by_owner = before = np.arange(len(owner))
        _, first, of = np.unique(key, return_index=True, return_inverse=True)
    else:
        _, same = np.unique(key, return_inverse=True)
        owner, size = np.unique(linkage.owner, return_counts=True)
        by_owner, before = np.lexsort((same.ravel(), linkage.owner)), np.cumsum(size) - size
        # the positions of an owner in the order of their numbers, side by side
        row = np.repeat(np.arange(len(owner)), size)
        table = np.full((len(owner), int(size.max())), -1, np.int64)
        table[row, np.arange(len(row)) - before[row]] = same.ravel()[by_owner]
        _, first, of = np.unique(table, axis=0, return_index=True, return_inverse=True)
    # numbered by the first member
    order = np.argsort(first)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    group = np.full(linkage.n_owners, -1, np.int64)
    group[owner] = number[of.ravel()]
    some = first[order]
    one = by_owner[_ranges(before[some], size[some])]
    index = np.repeat(np.arange(len(some), dtype=np.int64), size[some])
    return Merged(
        group=group,
        linkage=Linkage(
            linked=np.ones(len(some), bool),
            point=index,
            owner=index,
            edge=linkage.edge[one],
            offset_mm=linkage.offset_mm[one],
            access_mm=linkage.access_mm[one],
            snap_x_m=linkage.snap_x_m[one],
            snap_y_m=linkage.snap_y_m[one],
            nearest_m=linkage.nearest_m[linkage.point[by_owner[before[some]]]],
            limit_m=linkage.limit_m,
            n_owners=len(some),
        ),
    )


def either(one: Linkage, other: Linkage) -> Linkage:
    """`one`, with the positions of `other` beside it where a point is linked to another edge.

    Both are of the same points; what is told of a point is what `one` says.
    """
    edge = np.full(len(one.linked), -1, np.int64)
    edge[one.point] = one.edge
    more = np.flatnonzero(other.edge != edge[other.point])
    if not len(more):
        return one
    order = np.argsort(np.concatenate([one.point, other.point[more]]), kind="stable")
    both: dict[str, Any] = {
        name: np.concatenate([getattr(one, name), getattr(other, name)[more]])[order]
        for name in ("point", "owner", "edge", "offset_mm", "access_mm", "snap_x_m", "snap_y_m")
    }
    return replace(one, linked=one.linked | other.linked, **both)
