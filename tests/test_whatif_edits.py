"""Changes one after the other and taken back: the page's engine against quarterhour's own.

Streets are cut and linked by `core.pinned`, which knows nothing of the page; places, facilities and
pins are carried over to its network by the millimetres of their street.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from model_node import Small, ask, position
from quarterhour.core import reach
from quarterhour.core.impedance import impedance
from quarterhour.core.pieces import reached_pieces
from quarterhour.core.pinned import Link, Spot, cut_and_link
from quarterhour.core.splice import Flat
from quarterhour.model import WAIT_SIGNAL
from quarterhour.walkers import walker
from quarterhour.whatif.places import linkage_of
from towns import Town

if TYPE_CHECKING:
    from quarterhour.core.impedance import Impedance
    from quarterhour.model import RoadNetwork

TOWN = """
    A----B----C-----G
    |    |    |     |
    |    |    |     |
    D----E----F--H--I
     K-------L
"""
STREETS: dict[str, Any] = {
    "AB": "residential", "BC": {"highway": "footway", "oneway:foot": "yes"}, "CG": "residential",
    "DE": "residential", "EF": "steps", "FHI": "footway", "AD": "residential", "BE": "residential",
    "CF": "residential", "GI": {"highway": "footway", "oneway:foot": "yes"}, "KL": "residential",
}  # fmt: skip
HOMES: dict[str, Any] = {
    "a": ("AB", 100), "b": "B", "c": "C", "d": ("AD", 200, 7), "f": ("EF", 310), "g": "G",
    "h": "H", "i": ("GI", 120, 12), "k": ("KL", 400), "l": ("CF", 90),
}  # fmt: skip
CLINICS: dict[str, Any] = {"one": "A", "two": ("FH", 40, 3), "three": [("BE", 150), "G"]}
STEPS_OF_A_TRIAL = 16
SPEEDS_MMPH = (2_222_222, 3_000_000, 4_123_457)
CUTOFFS_MS = (180_000, 420_000, 777_777)
LIMIT_MS = 3_600_000


def town_with(*, toward: bool, signal: bool) -> tuple[Small, RoadNetwork]:
    """The town as a model, with a signal at B or without one, and its network."""
    town = Town(TOWN, **STREETS)
    net = town.network
    if signal:
        x, y = town.xy["B"]
        k = int(np.flatnonzero((town.x_m == x) & (town.y_m == y))[0])
        waits = np.array([[net.vertex_lon[k], net.vertex_lat[k], WAIT_SIGNAL]])
        net = dataclasses.replace(net, waits=waits)
    who = walker("elderly", steps_factor=1.7, signal_s=20 if signal else 0)
    small = Small(town, CLINICS, HOMES, walker=who, network=net, toward=toward, inside_ms=30_000,
                  cutoffs_min=(7,), limit_min=60)  # fmt: skip
    return small, net


class Trial:
    """Changes as the page is asked for them, drawn at random; none is taken back to nothing."""

    def __init__(self, net: RoadNetwork, seed: int) -> None:
        self.net, self.random = net, np.random.default_rng(seed)
        self.now: dict[str, Any] = {"pins": [], "closed": [], "cuts": [], "links": []}
        self.past: list[dict[str, Any]] = []

    def spot(self, access_mm: int = 0) -> dict[str, int]:
        edge = int(self.random.integers(self.net.n_edges))
        length = int(self.net.edge_length_mm[edge])
        inner = int(self.random.integers(1, length))
        return position(edge, (inner, inner, inner, 0, length)[self.random.integers(5)], access_mm)

    def step(self) -> dict[str, Any]:
        """The next change, or the one before it again."""
        kinds = ["pin", "move", "cut", "link", "close", "speed", "cutoff", "undo"]
        kind = self.random.choice(kinds)
        if kind == "undo" and self.past:
            self.now = self.past.pop()
            return self.now
        self.past.append(self.now)
        now: dict[str, Any] = {
            key: list(value) if isinstance(value, list) else value
            for key, value in self.now.items()
        }
        if kind == "pin" or (kind == "move" and not now["pins"]):
            now["pins"].append(self.spot(int(self.random.integers(0, 40_000))))
        elif kind == "move":
            now["pins"][int(self.random.integers(len(now["pins"])))] = self.spot(1234)
        elif kind == "cut" and len(now["cuts"]) < 4:
            now["cuts"].append(self.spot())
        elif kind == "link":
            ends = {"from": self.spot(), "to": self.spot()}
            now["links"].append(ends | {"length_mm": int(self.random.integers(0, 300_000))})
        elif kind == "close":
            now["closed"] = sorted({*now["closed"], int(self.random.integers(len(CLINICS)))})[:2]
        elif kind == "speed":
            now["speed_mmph"] = int(self.random.choice(SPEEDS_MMPH))
        elif kind == "cutoff":
            now["cutoff_ms"] = int(self.random.choice(CUTOFFS_MS))
        self.now = now
        return now


class Oracle:
    """The same changes by the engine of the report."""

    def __init__(self, small: Small, net: RoadNetwork, options: dict[str, Any]) -> None:
        flat = Flat(net, net.vertex_lon * 2.0**17, net.vertex_lat * 2.0**17)
        self.whole, self.service = net, small.model.services[0]
        self.demand, self.options = small.model.demands[0], options

        def spot(at: dict[str, int]) -> Spot:
            return Spot(at["edge"], at["offset_mm"])

        links = [
            Link(spot(it["from"]), spot(it["to"]), it["length_mm"])
            for it in options["links"]
            if spot(it["from"]) != spot(it["to"])
        ]
        self.net = cut_and_link(flat, [spot(it) for it in options["cuts"]], links).network
        who = small.walker
        if "speed_mmph" in options:
            who = dataclasses.replace(who, speed_mps=options["speed_mmph"] / 3_600_000)
        self.costs: Impedance = impedance(self.net, who, toward=self.service.toward)
        self.parts = self.parts_of(len(links))

    def parts_of(self, n_links: int) -> list[list[tuple[int, int]]]:
        """For each edge its parts in order: where each begins and its number; no metre is lost."""
        found, number = [], 0
        for length in self.whole.edge_length_mm.tolist():
            parts, at = [], 0
            while at < length:
                parts.append((at, number))
                at += int(self.net.edge_length_mm[number])
                number += 1
            assert at == length
            found.append(parts)
        assert self.net.n_edges - number in range(n_links + 1)
        return found

    def there(self, edge: int, offset: int) -> tuple[int, int]:
        """A position on the changed network; at the end of two parts, the first of them."""
        for start, number in self.parts[edge]:
            if offset - start <= self.net.edge_length_mm[number]:
                return number, offset - start
        raise AssertionError

    def linkage(self, edge: Any, offset: Any, access: Any) -> Any:
        at = [self.there(int(e), int(o)) for e, o in zip(edge, offset, strict=True)]
        moved = np.array(at, np.int64).reshape(-1, 2)
        return linkage_of(moved[:, 0], moved[:, 1], np.asarray(access, np.int64))

    def sources(self) -> tuple[Any, np.ndarray]:
        service = self.service
        keep = ~np.isin(service.gate_owner, self.options["closed"])
        pins = np.array(
            [[p["edge"], p["offset_mm"], p["access_mm"]] for p in self.options["pins"]], np.int64
        ).reshape(-1, 3)
        gates = np.column_stack(
            [service.gate_edge, service.gate_offset_mm, service.gate_access_mm]
        )[keep]
        first = len(service.facilities)
        owner = np.concatenate([service.gate_owner[keep], first + np.arange(len(pins))])
        at = self.linkage(*np.concatenate([gates, pins]).T)
        return reach.stops(self.costs, at, each_point=True, inside_ms=service.inside_ms), owner

    def state(self) -> tuple[list[int], list[int]]:
        """Milliseconds and source of every place, -1 for none."""
        sources, owner = self.sources()
        demand = self.demand
        places = reach.stops(
            self.costs, self.linkage(demand.edge, demand.offset_mm, demand.access_mm)
        )
        ms, who = (np.full(len(demand.edge), -1, np.int64) for _ in range(2))
        if len(owner):
            found = reach.nearest(self.costs, sources, places, limit_ms=LIMIT_MS)
            ms[found.place], who[found.place] = found.ms, owner[found.facility]
        return ms.tolist(), who.tolist()

    def reached(self, cutoff_ms: int) -> dict[int, list[tuple[int, int]]]:
        """Millimetres of each edge within the cutoff of any source."""
        sources, owner = self.sources()
        if not len(owner):
            return {}
        nodes = reach.reach_nodes(self.costs, sources, limit_ms=cutoff_ms)
        found = reached_pieces(self.costs, sources, nodes, cutoff_ms=cutoff_ms)
        origin = {n: (e, at) for e, parts in enumerate(self.parts) for at, n in parts}
        spans = [
            (origin[e][0], origin[e][1] + low, origin[e][1] + high)
            for e, low, high in zip(
                found.edge.tolist(), found.start_mm.tolist(), found.end_mm.tolist(), strict=True
            )
            if e in origin
        ]
        return merged(spans)


def merged(spans: list[tuple[int, int, int]]) -> dict[int, list[tuple[int, int]]]:
    """Spans by edge, ascending, those that touch as one."""
    out: dict[int, list[tuple[int, int]]] = {}
    for edge, low, high in sorted(spans):
        here = out.setdefault(edge, [])
        if here and low <= here[-1][1]:
            here[-1] = (here[-1][0], max(here[-1][1], high))
        elif high > low:
            here.append((low, high))
    return {edge: here for edge, here in out.items() if here}


@pytest.mark.parametrize("toward", [True, False])
@pytest.mark.parametrize("signal", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_every_step_of_a_trial_is_what_the_report_would_find(
    *, seed: int, toward: bool, signal: bool
) -> None:
    small, net = town_with(toward=toward, signal=signal)
    trial = Trial(net, seed)
    steps = [dict(trial.step()) for _ in range(STEPS_OF_A_TRIAL)]
    cutoff = small.model.services[0].cutoffs_ms[-1]
    # one page for the whole trial: what it keeps from one step to the next is tried too
    asked = ("state", "covered")
    tasks = [{"do": what, "k": 0, "options": options} for options in steps for what in asked]
    found = ask(small.packed, tasks)
    for options, state, parts in zip(steps, found[::2], found[1::2], strict=True):
        oracle = Oracle(small, net, options)
        ms, who = oracle.state()
        assert state["ms"] == ms, options
        assert state["source"] == who, options
        limit = options.get("cutoff_ms", cutoff)
        people = small.model.demands[0].amounts["all"]
        covered = sum(int(n) for n, t in zip(people, ms, strict=True) if 0 <= t <= limit)
        assert state["counts"]["all"]["covered"] == covered
        spans = [(it["edge"], it["from_mm"], it["to_mm"]) for it in parts]
        assert merged(spans) == oracle.reached(limit), options
