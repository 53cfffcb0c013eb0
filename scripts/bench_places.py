"""Part "places": a study of a million places of people, from its table to its counts.

The places are drawn beside the streets of Heidelberg, one to nine people each, and written as CSV.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench_common import SPEED_MPS, WALKER, Part, heidelberg, race, random, require, roads_file, say
from bench_link import SIDE_M

if TYPE_CHECKING:
    from quarterhour.assessing.ground import Ground

N_PLACES = 1_000_000
CUTOFFS_MIN = (5, 10, 15)
READ = "table read"
LAY = "put on the roads: ground and study area"
LINK = "places linked"
RUN = "assessed: links, searches, polygons, circles, counts"
EDGE = "guard report"


def measure(*, repeat: int, quick: bool) -> Part:
    """Seconds to read, link and assess a million places."""
    from quarterhour.assessing.analysis import assess_on, guard_metres
    from quarterhour.assessing.ground import prepare
    from quarterhour.assessing.guard_zone import guard_report
    from quarterhour.core import snap
    from quarterhour.sources.facilities.read import read_facilities
    from quarterhour.sources.ground.extents import known_roads
    from quarterhour.sources.people.read import read_people
    from quarterhour.sources.roads.read import read_roads
    from quarterhour.walkers import walker

    network, who = read_roads(roads_file()), walker(WALKER, speed_mps=SPEED_MPS)
    facilities = read_facilities(heidelberg() / "heidelberg_facilities.csv")
    extent = known_roads(network)
    with tempfile.TemporaryDirectory(prefix="quarterhour-places-") as folder:
        say(f"  writing a table of {N_PLACES:,} places")
        table = Path(folder) / "places.csv"
        people = _write(table, network.vertex_lon, network.vertex_lat)
        demand = read_people(table)
        total = sum(map(int, demand.amounts["all"])) // 1_000_000
        require(total == people, f"places: {people} people were written and {total} read")

        def ground() -> Ground:
            return prepare(network, demand, guard_m=guard_metres(who, max(CUTOFFS_MIN)))

        here = ground()
        costs = here.impedance(who)
        index = here.index(costs.linkable)

        def run() -> object:
            here._linkages.clear()  # noqa: SLF001 - what an earlier run has kept
            return assess_on(here, facilities, cutoffs_min=CUTOFFS_MIN, walker=who)

        made = assess_on(here, facilities, cutoffs_min=CUTOFFS_MIN, walker=who)
        count = made.counts[-1]["all"]
        require(
            count.covered + count.uncovered + count.unlinked == count.total,
            "places: the parts are not the whole",
        )
        times = race(
            {
                READ: lambda: read_people(table),
                LAY: ground,
                LINK: lambda: snap.link(index, here.demand_points, limit_m=200.0),
                RUN: run,
                EDGE: lambda: guard_report(made, road_extent=extent),
            },
            min(repeat, 2 if quick else 3),
        )
    return Part(
        name="places",
        title=f"A study of {N_PLACES:,} places, {SIDE_M:g} m (one sigma) beside the streets of"
        " Heidelberg, 27 facilities, 5, 10 and 15 minutes",
        agreed=f"{people:,} people written and read; covered, uncovered and unlinked add up to them"
        f" exactly; {made.share_covered or 0:.1%} covered",
        rows=tuple(times[what].row(what) for what in times),
    )


def _write(table: Path, lon: np.ndarray, lat: np.ndarray) -> int:
    """Write the places; the number of people in them."""
    rng = random()
    vertex = rng.integers(0, len(lon), N_PLACES)
    degree_m = 111_000.0
    x = lon[vertex] + rng.normal(0, SIDE_M / degree_m, N_PLACES) / np.cos(np.radians(lat.mean()))
    y = lat[vertex] + rng.normal(0, SIDE_M / degree_m, N_PLACES)
    people = rng.integers(1, 10, N_PLACES)
    rows = zip(x.tolist(), y.tolist(), people.tolist(), strict=True)
    lines = ["lon,lat,people", *(f"{a:.7f},{b:.7f},{n}" for a, b, n in rows)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(people.sum())
