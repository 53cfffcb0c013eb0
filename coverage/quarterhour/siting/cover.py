"""Who could reach each candidate: sparse cover and times, from the engine of the assessments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.assessing.analysis import inside_ms_of, toward
from quarterhour.assessing.facility_links import FacilityLinks, link_facilities
from quarterhour.assessing.place_search import Places
from quarterhour.core import reach as times
from quarterhour.core.siting.nouns import Cover
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.impedance import Impedance
    from quarterhour.inputs import Facilities

    Progress = Callable[[str, int, int], None]

BLOCK = 4_096
"""Candidates that are searched at once: what is not asked for is dropped before the next block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCover(_Frozen):
    """Places within a limit of each candidate, and how long they walk.

    `cover`: CSR by candidate row; those that cannot be linked reach nobody. `ms`: int32 per entry
    of `cover.place`. `links`: how the candidates stand to the roads.
    """

    cover: Cover
    ms: NDArray[np.int32]
    links: FacilityLinks

    def within(self, cutoff_ms: int) -> Cover:
        """The cover at a shorter cutoff, inclusive."""
        near = self.ms <= cutoff_ms
        running = np.concatenate([[0], np.cumsum(near)])
        return Cover(
            first=running[self.cover.first],
            place=self.cover.place[near],
            n_places=self.cover.n_places,
        )


def site_cover(
    given: Assessment,
    at: Facilities,
    *,
    limit_ms: int,
    link_limit_m: float,
    keep: NDArray[np.bool_] | None = None,
    below_ms: NDArray[np.int32] | None = None,
    only: NDArray[np.bool_] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> SiteCover:
    """Every place within `limit_ms` of each candidate, walked as in the assessment `given`.

    Parameters
    ----------
    at
        The candidates, in the order of the rows.
    keep
        Bool per place of demand: the others are left out, such as those that are covered already.
    below_ms
        Per place: only walks that are shorter than this are kept.
    only
        Bool per candidate: the others reach nobody.
    """
    costs, links, sources = sources_of(given, at, link_limit_m)
    ground = given.ground
    places = Places(ground, costs, threads)
    n = len(at)
    if only is not None:
        sources = stops_where(sources, only[sources.owner])
    size = np.zeros(n, np.int64)
    parts: list[NDArray[np.int32]] = []
    walks: list[NDArray[np.int32]] = []
    for first in range(0, n, BLOCK):
        if progress is not None:
            progress("candidates", first, n)
        last = min(first + BLOCK, n)
        block = _block(sources, first, last)
        reach = times.reach_nodes(costs, block, limit_ms=limit_ms, threads=threads)
        found = places.within(block, reach, limit_ms)
        use = np.ones(len(found.place), bool) if keep is None else keep[found.place]
        if below_ms is not None:
            use &= found.ms < below_ms[found.place]
        running = np.concatenate([[0], np.cumsum(use)])
        size[first:last] = np.diff(running[found.first])
        parts.append(found.place[use])
        walks.append(found.ms[use])
    empty = np.empty(0, np.int32)
    return SiteCover(
        cover=Cover(
            first=np.concatenate([[0], np.cumsum(size)]),
            place=np.concatenate([empty, *parts]),
            n_places=len(ground.demand),
        ),
        ms=np.concatenate([empty, *walks]),
        links=links,
    )


def sources_of(
    given: Assessment, at: Facilities, link_limit_m: float
) -> tuple[Impedance, FacilityLinks, times.Stops]:
    """The streets as they are walked, how the candidates stand to them, and their stops."""
    costs = given.ground.impedance(given.walker, toward=toward(given.direction))
    links = link_facilities(given.ground, costs, at, link_limit_m)
    inside_ms = inside_ms_of(given.walker, given.inside_min)
    return costs, links, times.stops(costs, links.linkage, inside_ms=inside_ms)


def stops_where(sources: times.Stops, use: NDArray[np.bool_]) -> times.Stops:
    """Some of the stops; owners keep their numbers."""
    return replace(
        sources,
        owner=sources.owner[use], edge=sources.edge[use], offset_mm=sources.offset_mm[use],
        out_ms=sources.out_ms[use], in_ms=sources.in_ms[use], access_ms=sources.access_ms[use],
    )  # fmt: skip


def _block(sources: times.Stops, first: int, last: int) -> times.Stops:
    """The stops of some owners, numbered from 0."""
    at = np.flatnonzero((sources.owner >= first) & (sources.owner < last))
    return times.Stops(
        owner=sources.owner[at] - first,
        edge=sources.edge[at],
        offset_mm=sources.offset_mm[at],
        out_ms=sources.out_ms[at],
        in_ms=sources.in_ms[at],
        access_ms=sources.access_ms[at],
        n_owners=last - first,
    )
