"""Walking networks drawn as text, with times that can be checked by eye.

    Town('''
        A----B----C
             |
             D
    ''', ABC="residential", BD={"highway": "steps"})

Every character is a square of 100 m: here A to B are 500 m and B to D are 200 m. Letters and digits
are points; a way is named by its points, and what it is by its OpenStreetMap tags (a plain text is
its highway tag). Lengths come from the drawing, to the millimetre, not from the earth. At 1.0 m/s
(`elderly`) a metre is a second.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core import graph, pieces, reach, snap
from quarterhour.core.impedance import Impedance, impedance
from quarterhour.model import Linkage, PointSet, RawLines
from quarterhour.sources.roads.walkable import Way, way
from quarterhour.walkers import WALKERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DEGREES_PER_M = 2.0**-17
"""Towns lie on a plane; a power of two makes the way to degrees and back exact."""

Spot = str | tuple[str, float] | tuple[str, float, float]
"""A point "A"; ("AB", 30): 30 m along from A to B; ("AB", 30, 5): and 5 m to the left of that."""

Spots = dict[str, Spot | list[Spot]]
"""Places by name; a list holds the entrances of one place."""


@dataclass(frozen=True, kw_only=True)
class Walks:
    """Places on a town for one walker, ready to be searched."""

    costs: Impedance
    facilities: dict[str, int]
    homes: dict[str, int]
    facility_link: Linkage
    home_link: Linkage
    threads: int | None = None

    @property
    def sources(self) -> reach.Stops:
        return reach.stops(self.costs, self.facility_link)

    @property
    def places(self) -> reach.Stops:
        return reach.stops(self.costs, self.home_link)

    def nearest(self, limit_ms: int = 3_600_000) -> dict[str, tuple[str, int] | None]:
        """Nearest facility and milliseconds by home, None where none is within the limit."""
        found = reach.nearest(self.costs, self.sources, self.places, limit_ms=limit_ms)
        home, facility = list(self.homes), list(self.facilities)
        result: dict[str, tuple[str, int] | None] = dict.fromkeys(home)
        for place, who, ms in zip(found.place, found.facility, found.ms, strict=True):
            result[home[place]] = (facility[who], int(ms))
        return result

    def ms(self, limit_ms: int = 3_600_000) -> dict[str, int | None]:
        """Milliseconds to the nearest facility by home."""
        return {k: None if v is None else v[1] for k, v in self.nearest(limit_ms).items()}

    def within(self, limit_ms: int) -> dict[tuple[str, str], int]:
        """Milliseconds by facility and home of all pairs within the limit."""
        nodes = reach.reach_nodes(self.costs, self.sources, limit_ms=limit_ms, threads=self.threads)
        found = reach.places_within(
            self.costs, self.sources, nodes, self.places, limit_ms=limit_ms, threads=self.threads
        )
        home, facility = list(self.homes), list(self.facilities)
        return {
            (facility[f], home[p]): int(ms)
            for f, p, ms in zip(found.source, found.place, found.ms, strict=True)
        }

    def reached_m(self, cutoff_ms: int) -> dict[str, float]:
        """Metres of street within the cutoff, by facility."""
        nodes = reach.reach_nodes(self.costs, self.sources, limit_ms=cutoff_ms)
        cut = pieces.reached_pieces(self.costs, self.sources, nodes, cutoff_ms=cutoff_ms)
        size = (cut.end_mm - cut.start_mm) / 1000
        return {
            name: float(size[cut.first[k] : cut.first[k + 1]].sum())
            for name, k in self.facilities.items()
        }

    def connected(self) -> dict[str, bool]:
        """Whether a home is on a part of the network that a facility is on."""
        served = reach.owners_on_components_of(self.costs, self.sources, self.places)
        return {name: bool(served[k]) for name, k in self.homes.items()}

    def linked(self) -> dict[str, bool]:
        """Whether a home is near enough to a street."""
        owners = set(self.home_link.owner.tolist())
        return {name: k in owners for name, k in self.homes.items()}


class Town:
    """A network drawn as text; `ways` as keywords, or as pairs where one name comes twice.

    `twins`: further points that stand where another stands, without being joined to it.
    """

    def __init__(
        self,
        drawing: str,
        pairs: Iterable[tuple[str, str | Mapping[str, str]]] = (),
        *,
        square_m: float = 100.0,
        twins: Mapping[str, str] | None = None,
        **ways: str | Mapping[str, str],
    ) -> None:
        self.xy: dict[str, tuple[float, float]] = {}
        rows = textwrap.dedent(drawing).strip("\n").split("\n")
        for row, text in enumerate(rows):
            for col, letter in enumerate(text):
                if letter.isalnum():
                    assert letter not in self.xy, f"{letter} is drawn twice"
                    self.xy[letter] = (col * square_m, -row * square_m)
        self.xy |= {name: self.xy[place] for name, place in (twins or {}).items()}
        self.number = {letter: k for k, letter in enumerate(self.xy)}
        self.lines = self._lines([*pairs, *ways.items()])
        self.network = graph.build(self.lines)
        self.x_m = self.network.vertex_lon / DEGREES_PER_M
        self.y_m = self.network.vertex_lat / DEGREES_PER_M

    def _lines(self, ways: Sequence[tuple[str, str | Mapping[str, str]]]) -> RawLines:
        points: list[str] = []
        first, kinds = [0], []
        for name, tags in ways:
            found = way({"highway": tags} if isinstance(tags, str) else tags)
            if found is not None:
                points += name[::-1] if found.direction < 0 else name
                first.append(len(points))
                kinds.append(found)
        return raw_lines(
            [self.number[p] for p in points], [self.xy[p] for p in points], first, kinds
        )

    def at(self, spot: Spot) -> tuple[float, float]:
        """Metres east and north of a spot."""
        if isinstance(spot, str):
            return self.xy[spot]
        (ax, ay), (bx, by) = self.xy[spot[0][0]], self.xy[spot[0][1]]
        length = float(np.hypot(bx - ax, by - ay))
        ux, uy = (bx - ax) / length, (by - ay) / length
        beside = spot[2] if len(spot) == 3 else 0.0
        return ax + ux * spot[1] - uy * beside, ay + uy * spot[1] + ux * beside

    def link(self, costs: Impedance, spots: Spots, limit_m: float) -> Linkage:
        """Linkage of named places, each with one or several entrances."""
        entrances = [s if isinstance(s, list) else [s] for s in spots.values()]
        at = [self.at(spot) for several in entrances for spot in several]
        xy = np.array(at, np.float64).reshape(-1, 2)
        owner = np.repeat(np.arange(len(spots)), np.array([len(e) for e in entrances], np.int64))
        index = snap.SegmentIndex(self.network, self.x_m, self.y_m, edges=costs.linkable)
        points = PointSet(x_m=xy[:, 0], y_m=xy[:, 1], owner=owner, n_owners=len(spots))
        return snap.link(index, points, limit_m=limit_m)

    def walks(
        self,
        facilities: Spots,
        homes: Spots,
        *,
        walker: str = "elderly",
        toward: bool = True,
        limit_m: float = 50.0,
        threads: int | None = None,
    ) -> Walks:
        """Homes and facilities linked for a walker, who walks to the facilities or from them."""
        costs = impedance(self.network, WALKERS[walker], toward=toward)
        return Walks(
            costs=costs,
            facilities={name: k for k, name in enumerate(facilities)},
            homes={name: k for k, name in enumerate(homes)},
            facility_link=self.link(costs, facilities, limit_m),
            home_link=self.link(costs, homes, limit_m),
            threads=threads,
        )


def raw_lines(
    key: Sequence[int],
    xy_m: Sequence[tuple[float, float]],
    first: Sequence[int],
    ways: Sequence[Way],
) -> RawLines:
    """Lines over numbered points on a plane; lengths are straight, to the millimetre."""
    xy = np.array(xy_m, np.float64).reshape(-1, 2)
    step = np.zeros(len(xy), np.int64)
    step[1:] = np.floor(np.hypot(*np.diff(xy, axis=0).T) * 1000 + 0.5)
    step[np.array(first[:-1], np.int64)] = 0
    return RawLines(
        vertex_key=np.array(key, np.int64),
        lon=xy[:, 0] * DEGREES_PER_M,
        lat=xy[:, 1] * DEGREES_PER_M,
        segment_mm=step,
        first_vertex=np.array(first, np.int64),
        kind=np.array([w.kind for w in ways], np.uint8),
        oneway=np.array([w.direction != 1 for w in ways], bool),
        rank=np.array([w.rank for w in ways], np.uint8),
    )
