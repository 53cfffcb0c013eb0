"""Questions of a model and their answers by the engine itself, by which the page tests itself.

Each question is worked out here with `core.reach`, on the positions that the page holds, and there
by the page's own script. What is compared: how many places are reached, their milliseconds (by a
sum in which each counts with its place in the list), and the people of every group.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.core import reach as times
from quarterhour.core.impedance import Impedance, impedance
from quarterhour.model import STEPS
from quarterhour.whatif.places import linkage_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground
    from quarterhour.model import RoadNetwork, Walker
    from quarterhour.render.map.model_layers import ModelService, WhatIf

    Ints = NDArray[np.int64]
    Position = tuple[int, int, int]

WEIGHTS = 1009
"""A place counts in the sum with its number in the list modulo this, plus one: the sum stays below
2^53 with a million places."""

QUESTIONS = 40
SEED = 15
SLOWER = 0.8


def answers_of(model: WhatIf, assessments: Sequence[Assessment]) -> WhatIf:
    """The model with its answers: for each service its state today and some changes of it."""
    per = max(QUESTIONS // len(model.services), 4)
    found: list[dict[str, Any]] = []
    for k, a in enumerate(assessments):
        found += _of_service(Bench(model, k, a.ground, a.walker), per)
    return dataclasses.replace(model, answers=tuple(found))


def checksum(place: Ints, ms: Ints) -> int:
    """Sum of the milliseconds, each plus one and weighted by the number of its place."""
    return int(((place % WEIGHTS + 1) * (ms.astype(np.int64) + 1)).sum())


class Bench:
    """One service of a model with what the engine needs to answer for it."""

    def __init__(self, model: WhatIf, k: int, ground: Ground, walker: Walker) -> None:
        self.service: ModelService = model.services[k]
        self.number, self.ground, self.walker = k, ground, walker
        self.demand = model.demands[self.service.demand]
        self.network: RoadNetwork = ground.network
        demand = self.demand
        self.places = linkage_of(demand.edge, demand.offset_mm, demand.access_mm)

    def costs(self, speed_mmph: int | None = None) -> Impedance:
        """The impedance of the walker, or of one as fast as is said."""
        if speed_mmph is None or speed_mmph == self.walker.speed_mmph:
            return self.ground.impedance(self.walker, toward=self.service.toward)
        walker = dataclasses.replace(self.walker, speed_mps=speed_mmph / 3_600_000)
        assert walker.speed_mmph == speed_mmph, "a whole number per hour"  # noqa: S101 - our mistake
        return impedance(self.network, walker, toward=self.service.toward)

    def within(
        self, at: Position, cutoff_ms: int, speed_mmph: int | None = None
    ) -> tuple[Ints, Ints]:
        """Places within the cutoff of one position, and their milliseconds."""
        costs = self.costs(speed_mmph)
        one = linkage_of(*(np.array([v], np.int64) for v in at))
        source = times.stops(costs, one, inside_ms=self.service.inside_ms)
        reach = times.reach_nodes(costs, source, limit_ms=cutoff_ms, threads=1)
        places = times.stops(costs, self.places)
        found = times.places_within(costs, source, reach, places, limit_ms=cutoff_ms, threads=1)
        return found.place.astype(np.int64), found.ms.astype(np.int64)

    def nearest(
        self, pins: Sequence[Position], closed: Sequence[int], speed_mmph: int | None = None
    ) -> tuple[Ints, Ints, Ints]:
        """Places with a source within the limit, its number (facilities, pins) and the time."""
        service, costs = self.service, self.costs(speed_mmph)
        keep = ~np.isin(service.gate_owner, np.array(closed, np.int64))
        pin = np.array(pins, np.int64).reshape(-1, 3)
        owner = np.concatenate([
            service.gate_owner[keep], len(service.facilities) + np.arange(len(pin))
        ])  # fmt: skip
        at = linkage_of(
            np.concatenate([service.gate_edge[keep], pin[:, 0]]),
            np.concatenate([service.gate_offset_mm[keep], pin[:, 1]]),
            np.concatenate([service.gate_access_mm[keep], pin[:, 2]]),
        )
        gates = times.stops(costs, at, each_point=True, inside_ms=service.inside_ms)
        places = times.stops(costs, self.places)
        found = times.nearest(costs, gates, places, limit_ms=service.limit_ms)
        return found.place, owner[found.facility], found.ms.astype(np.int64)

    def sums(self, place: Ints) -> dict[str, int]:
        """Millionths of every group at some places."""
        return {g: int(values[place].sum()) for g, values in self.demand.amounts.items()}


def _of_service(bench: Bench, n: int) -> list[dict[str, Any]]:
    service, net = bench.service, bench.network
    if not len(bench.demand.edge):
        return []
    cutoff = service.cutoffs_ms[-1]
    slower = None if service.walker["rule_m"] else round(bench.walker.speed_mmph * SLOWER)
    used = np.unique(service.gate_owner)
    spots = positions(bench, n - 4)
    first, last = spots[0], spots[-1]
    found = [
        state(bench, cutoff),
        state(bench, service.cutoffs_ms[0], pins=[first, last]),
        state(bench, cutoff, pins=[last], closed=used[:1].tolist()),
        state(bench, cutoff, pins=[first], speed_mmph=slower),
    ]
    for k, at in enumerate(spots):
        speed = slower if k % 4 == 3 else None
        place, ms = bench.within(at, cutoff, speed)
        # every other one with a cutoff that some place just meets, or just misses
        limit = cutoff if k % 2 == 0 or not len(ms) else int(np.sort(ms)[len(ms) // 2]) - k // 2 % 2
        place, ms = place[ms <= limit], ms[ms <= limit]
        found.append({
            "ask": "add", "service": bench.number, "at": [int(v) for v in at],
            "cutoff_ms": limit, "speed_mmph": speed, "n": len(place),
            "sum": checksum(place, ms), "people": bench.sums(place),
        })  # fmt: skip
    assert net is bench.network  # noqa: S101 - nothing changes it
    return found


def state(
    bench: Bench,
    cutoff_ms: int,
    *,
    pins: Sequence[Position] = (),
    closed: Sequence[int] = (),
    speed_mmph: int | None = None,
) -> dict[str, Any]:
    """A question about everybody: nearest facility or pin, and who is covered."""
    place, source, ms = bench.nearest(pins, closed, speed_mmph)
    covered = place[ms <= cutoff_ms]
    return {
        "ask": "state",
        "service": bench.number,
        "pins": [[int(v) for v in pin] for pin in pins],
        "closed": [int(v) for v in closed],
        "cutoff_ms": cutoff_ms,
        "speed_mmph": speed_mmph,
        "n": len(place),
        "sum": checksum(place, ms),
        "sources": checksum(place, source),
        "people": bench.sums(covered),
    }


class Draw:
    """Numbers that look random and are the same everywhere, whatever the version of numpy.

    A linear congruential generator: Knuth 1997, The Art of Computer Programming 2, 3.3.4.
    """

    def __init__(self, seed: int) -> None:
        self.state = seed

    def __call__(self, below: int) -> int:
        """A whole number from 0 up to, but not including, `below`."""
        self.state = (6364136223846793005 * self.state + 1442695040888963407) % 2**64
        return (self.state >> 33) % below


def positions(bench: Bench, n: int, seed: int = SEED) -> list[Position]:
    """Positions to ask about: on any street, and on what is rare wherever there is some.

    Ends of one-way streets, steps, the smallest part of the network, and nodes.
    """
    net, costs = bench.network, bench.costs()
    draw = Draw(seed + bench.number)
    linkable = np.flatnonzero(costs.linkable)
    part = costs.component[net.edge_tail]
    sizes = np.bincount(part[linkable], minlength=int(part.max(initial=0)) + 1)
    smallest = int(np.argmin(np.where(sizes > 0, sizes, np.iinfo(np.int64).max)))
    rare = [
        linkable[net.edge_oneway[linkable]],
        linkable[(net.edge_kind[linkable] & STEPS) != 0],
        linkable[part[linkable] == smallest],
    ]
    found: list[Position] = []
    for edges in rare:
        for e in sorted({int(edges[draw(len(edges))]) for _ in range(2 if len(edges) else 0)}):
            length = int(net.edge_length_mm[e])
            found += [(e, length, 0), (e, length // 2, 1500)]
    near = bench.demand.edge[np.flatnonzero(np.isin(bench.demand.edge, linkable))]
    pool = near if len(near) else linkable
    while len(found) < max(n, 4):
        e = int(pool[draw(len(pool))])
        offset = draw(int(net.edge_length_mm[e]) + 1)
        found.append((e, offset, draw(100_000)))
    return found[-max(n, 4) :] if len(found) > max(n, 4) else found
