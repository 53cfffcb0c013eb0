"""Searches for all places of demand: those at one position of the network are searched for once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.assessing.assessment import PlaceTimes
from quarterhour.core import reach as times
from quarterhour.core.merge import Merged, merge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.facility_links import FacilityLinks
    from quarterhour.assessing.ground import Ground
    from quarterhour.core.impedance import Impedance
    from quarterhour.model import Linkage


class Places:
    """The demand of a ground, linked for one walker, with what it takes to search for it.

    `linkage`: of every place. Searches run over groups of places at one position; what they find is
    given back for every place, the same as if each had been searched for.
    """

    def __init__(self, ground: Ground, costs: Impedance, threads: int | None) -> None:
        self.costs, self.threads = costs, threads
        self.linkage: Linkage = ground.link("demand", costs.linkable, threads)
        self.merged: Merged = merge(ground.network, self.linkage)
        self.stops = times.stops(costs, self.merged.linkage)

    def nearest(self, links: FacilityLinks, gates: times.Stops, limit_ms: int) -> PlaceTimes:
        """Nearest facility of every place, and the gate through which it is entered.

        `gates`: every gate by itself, in the order of their facilities, so that ties go to the
        lowest.
        """
        found = times.nearest(self.costs, gates, self.stops, limit_ms=limit_ms)
        owner = np.zeros(len(links.gate), np.int64)
        owner[links.linkage.point] = links.linkage.owner
        n = self.merged.linkage.n_owners
        nearest = np.full(n + 1, -1, np.int64)  # the last is for places that are not linked
        gate = np.full(n + 1, -1, np.int64)
        ms = np.zeros(n + 1, np.int32)
        served = np.zeros(n + 1, bool)
        nearest[found.place] = owner[found.facility]
        gate[found.place] = links.gate[found.facility]
        ms[found.place] = found.ms
        served[:n] = times.owners_on_components_of(self.costs, gates, self.stops)
        of = self.merged.group
        linkage = self.linkage
        linked, behind = np.zeros((2, linkage.n_owners), bool)
        linked[linkage.owner] = True
        if linkage.behind_barrier is not None:
            behind = linkage.behind_barrier
        return PlaceTimes(
            nearest=nearest[of], ms=ms[of], linked=linked, served=served[of], gate=gate[of],
            behind_barrier=behind,
        )  # fmt: skip

    def within(self, sources: times.Stops, reach: times.Reach, limit_ms: int) -> times.TravelTimes:
        """Every place within `limit_ms` of each source."""
        found = times.places_within(
            self.costs, sources, reach, self.stops, limit_ms=limit_ms, threads=self.threads
        )
        linked = np.flatnonzero(self.merged.group >= 0)
        group = self.merged.group[linked]
        if self.merged.linkage.n_owners == len(linked):
            # nothing was merged: groups are numbered like the places that are linked
            return times.TravelTimes(
                first=found.first, place=linked[found.place].astype(np.int32), ms=found.ms
            )
        members = linked[np.argsort(group, kind="stable")]
        size = np.bincount(group, minlength=self.merged.linkage.n_owners)
        return _spread(found, members, np.concatenate([[0], np.cumsum(size)]))


def _spread(
    found: times.TravelTimes, members: NDArray[np.int64], first_member: NDArray[np.int64]
) -> times.TravelTimes:
    """Times of groups as times of their members, ascending by place within each source."""
    begin = first_member[found.place]
    size = first_member[found.place.astype(np.int64) + 1] - begin
    before = np.concatenate([[0], np.cumsum(size)])
    at = np.arange(int(before[-1])) - np.repeat(before[:-1] - begin, size)
    place = members[at]
    source = np.repeat(found.source, size)
    order = np.lexsort((place, source))
    return times.TravelTimes(
        first=before[found.first],
        place=place[order].astype(np.int32),
        ms=np.repeat(found.ms, size)[order],
    )
