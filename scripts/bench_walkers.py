"""Part "walkers": searches by cutoff and by walker, and all pairs within the cutoff."""

from __future__ import annotations

import dataclasses

import numpy as np

from bench_common import Part, heidelberg_roads, race, random, require, stops_at_nodes

N_SOURCES = 300
N_PLACES = 100_000
WALKERS = ("adult", "elderly", "frail", "caregiver_with_stroller", "standard_1000m")
CUTOFFS_MIN = (5, 10, 15, 30)
PAIRS = "all pairs within 15 min: 300 facilities, 100,000 places"


def measure(*, repeat: int, quick: bool) -> Part:  # noqa: ARG001 - every part is called alike
    """Seconds per source, one processor, for every cutoff and walker."""
    from quarterhour.core import reach
    from quarterhour.core.impedance import impedance
    from quarterhour.model import FERRY, STEPS
    from quarterhour.units import ms_of_min
    from quarterhour.walkers import walker

    network, costs = heidelberg_roads()
    rng = random()
    # streets that everybody may walk, both ways
    open_ = ((network.edge_kind & (STEPS | FERRY)) == 0) & ~network.edge_oneway
    two_way = np.unique(np.concatenate([network.edge_tail[open_], network.edge_head[open_]]))
    source = rng.choice(two_way, N_SOURCES, replace=False).astype(np.int64)
    runners = {}
    reached = {}

    def add(name: str, on: object, limit_ms: int) -> None:
        stops = stops_at_nodes(on, source)

        def run() -> object:
            return reach.reach_nodes(on, stops, limit_ms=limit_ms, threads=1)

        runners[name] = run
        reached[name] = len(run().node) / N_SOURCES  # type: ignore[attr-defined]

    for minutes in CUTOFFS_MIN:
        add(f"adult, {minutes} min", costs, ms_of_min(minutes))
    for name in WALKERS[1:]:
        who = walker(name)
        add(f"{name}, 15 min", impedance(network, who), who.cutoff_ms(15))
    counts = [reached[f"adult, {minutes} min"] for minutes in CUTOFFS_MIN]
    require(counts == sorted(counts), "walkers: a longer search reached fewer junctions")

    at = rng.choice(two_way, N_PLACES).astype(np.int64)
    stops, places = stops_at_nodes(costs, source), stops_at_nodes(costs, at)
    limit = ms_of_min(15)

    def pairs() -> object:
        nodes = reach.reach_nodes(costs, stops, limit_ms=limit)
        return reach.places_within(costs, stops, nodes, places, limit_ms=limit)

    found = pairs()
    number = np.bincount(at, minlength=network.n_nodes)
    nodes = reach.reach_nodes(costs, stops, limit_ms=limit)
    expected = int(number[nodes.node].sum())
    require(
        len(found.place) == expected,  # type: ignore[attr-defined]
        f"walkers: {expected} pairs are within the cutoff by junctions, not {len(found.place)}",  # type: ignore[attr-defined]
    )
    runners[PAIRS] = pairs
    times = race(runners, repeat, per=dict.fromkeys(reached, N_SOURCES))
    rows = [
        dataclasses.replace(
            times[name].row(name),
            note=f"{1 / times[name].median:,.0f} searches a second, {reached[name]:,.0f} junctions"
            " each",
        )
        for name in reached
    ]
    return Part(
        name="walkers",
        title="Searches from 300 random junctions, one processor, per source; all pairs with all",
        agreed=f"longer cutoffs reach more; {expected:,} pairs, as many as by junctions",
        rows=(*rows, times[PAIRS].row(PAIRS)),
    )
