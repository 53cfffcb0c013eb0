"""Places at the same position of the network, as far from it, are searched for once.

Contract: every owner has one point. Merging changes no time and no sum: a group's members have the
same edge, offset and access leg, so every search gives all of them the same milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.model import Linkage, RoadNetwork, _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(_Frozen):
    """A linkage whose owners are groups of places.

    `linkage`: one point per group, groups in the order of their first member. `group`: int64 per
    owner of the linkage that was merged, -1 where it was not linked.
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
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    # numbered by the first member
    order = np.argsort(first)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    one = first[order]
    group = np.full(linkage.n_owners, -1, np.int64)
    group[linkage.owner] = number[of.ravel()]
    index = np.arange(len(one), dtype=np.int64)
    return Merged(
        group=group,
        linkage=Linkage(
            linked=np.ones(len(one), bool),
            point=index,
            owner=index,
            edge=linkage.edge[one],
            offset_mm=linkage.offset_mm[one],
            access_mm=linkage.access_mm[one],
            snap_x_m=linkage.snap_x_m[one],
            snap_y_m=linkage.snap_y_m[one],
            nearest_m=linkage.nearest_m[linkage.point[one]],
            limit_m=linkage.limit_m,
            n_owners=len(one),
        ),
    )
