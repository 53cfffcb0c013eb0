"""Part "million": nearest facility of every node on a network of a million junctions.

The network is Heidelberg many times over, side by side: node and edge numbers are offset, and each
copy lies further east. Nothing joins two copies, and each has its 27 facilities. As a program it
measures itself, so that its peak memory holds nothing else:

    python scripts/bench_million.py check|time REPEAT
"""

from __future__ import annotations

import dataclasses
import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench_common import (
    Part,
    Times,
    child,
    heidelberg,
    heidelberg_roads,
    junctions,
    race,
    require,
    say,
    scipy_graph,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance
    from quarterhour.core.reach import Stops
    from quarterhour.model import RoadNetwork

N_NODES = 1_000_000
FOREVER_MS = 2_000_000_000
"""A limit that no walk in the network comes near, so that every node gets its facility."""

STEP_DEG = 2.0
OURS = "ours, nearest_nodes"
SCIPY = "SciPy dijkstra(min_only=True), same sources"


def measure(*, repeat: int, quick: bool) -> Part:
    """Seconds and peak memory, each in a process of its own."""
    say("  comparing answers with SciPy, in a process of its own")
    check = json.loads(child("bench_million.py", "check", str(1 if quick else 3)))
    say("  times and memory, in a process of its own")
    found = json.loads(child("bench_million.py", "time", str(repeat)))
    ours = Times(seconds=tuple(found["seconds"]))
    theirs = Times(seconds=tuple(check["scipy"]))
    gigabytes = found["peak_bytes"] / 1e9
    memory = f"under 2 GB: {'met' if gigabytes < 2 else 'MISSED'}"
    return Part(
        name="million",
        title=f"Nearest facility of every node: {found['nodes']:,} junctions"
        f" ({found['points']:,} vertices before contraction), {found['facilities']} facilities,"
        f" {found['copies']} copies of Heidelberg side by side",
        agreed=f"same milliseconds at every node, {check['reached']:,} of them reached, and each"
        " facility is as near as said",
        rows=(
            ours.under(0.5, OURS, note=f"peak memory of the process {gigabytes:.2f} GB ({memory})"),
            theirs.against(Times(seconds=tuple(check["ours"])), SCIPY),
        ),
    )


def main() -> None:
    """Print the findings of one process as JSON."""
    from quarterhour.core.reach import nearest_nodes

    task, repeat = sys.argv[1], int(sys.argv[2])
    costs, sources, copies = million()

    def ours() -> Any:  # noqa: ANN401
        return nearest_nodes(costs, sources, limit_ms=FOREVER_MS)

    found = ours()  # also loads the kernel
    if task == "check":
        print(json.dumps(_check(costs, sources, found, repeat)))
        return
    seconds = race({OURS: ours}, repeat)[OURS].seconds
    network = costs.network
    print(json.dumps({
        "seconds": seconds,
        "peak_bytes": peak_bytes(),
        "nodes": network.n_nodes,
        # inner vertices of every edge, and the junctions
        "points": int(len(network.vertex_mm) - 2 * network.n_edges + network.n_nodes),
        "facilities": sources.n_owners,
        "copies": copies,
    }))  # fmt: skip


def peak_bytes() -> int:
    """Most memory that this process has held.

    Linux hands the peak of the starting process down to getrusage of the started one, so there the
    process's own number is read.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    # kilobytes, but bytes on macOS
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _check(costs: Impedance, sources: Stops, found: Any, repeat: int) -> dict[str, Any]:  # noqa: ANN401
    """Compare with SciPy from the nodes that the sources begin at, and time both."""
    from scipy.sparse import coo_array, csr_array, vstack
    from scipy.sparse.csgraph import dijkstra

    from quarterhour.core.reach import _seeds, nearest_nodes

    graph = scipy_graph(junctions(costs))
    n = costs.network.n_nodes
    owner, node, ms = _seeds(costs, sources)
    # one more node per facility, with an arc to each of the nodes that its search begins at
    seeds = coo_array((ms + 0.0, (owner, node)), shape=(sources.n_owners, n))
    whole = csr_array(vstack([graph, seeds]))
    whole.resize((n + sources.n_owners, n + sources.n_owners))
    start = n + np.arange(sources.n_owners)

    def theirs() -> Any:  # noqa: ANN401
        return dijkstra(whole, indices=start, min_only=True)

    distance = theirs()[:n]
    reached = np.flatnonzero(np.isfinite(distance))
    require(
        np.array_equal(reached, found.node) and np.array_equal(distance[reached], found.ms),
        "million: SciPy and ours differ in the nodes reached or in their milliseconds",
    )
    times = race(
        {OURS: lambda: nearest_nodes(costs, sources, limit_ms=FOREVER_MS), SCIPY: theirs}, repeat
    )
    return {
        "reached": len(reached),
        "ours": times[OURS].seconds,
        "scipy": times[SCIPY].seconds,
    }


def million() -> tuple[Impedance, Stops, int]:
    """Copies of Heidelberg with a million nodes, its facilities on each, and how many copies."""
    from quarterhour.core.impedance import impedance

    one, costs = heidelberg_roads()
    copies = -(-N_NODES // one.n_nodes)
    stops = facility_stops(one, costs)
    steps = {"owner": stops.n_owners, "edge": one.n_edges}
    many = {
        item.name: shifted(getattr(stops, item.name), steps.get(item.name, 0), copies)
        for item in dataclasses.fields(stops)
        if item.name != "n_owners"
    }
    sources = dataclasses.replace(stops, **many, n_owners=stops.n_owners * copies)
    return impedance(side_by_side(one, copies), costs.walker), sources, copies


def facility_stops(network: RoadNetwork, costs: Impedance) -> Stops:
    """The facilities of Heidelberg, linked to its roads."""
    from bench_link import metres
    from quarterhour.core import snap
    from quarterhour.core.reach import stops
    from quarterhour.frames import MetricCrs, bounds_of
    from quarterhour.model import PointSet
    from quarterhour.sources.facilities.read import read_facilities

    facilities = read_facilities(heidelberg() / "heidelberg_facilities.csv")
    index = snap.SegmentIndex(network, *metres(network), edges=costs.linkable)
    crs = MetricCrs(bounds_of((network.vertex_lon, network.vertex_lat)))
    at = PointSet.single(*crs.metres(facilities.lon, facilities.lat))
    return stops(costs, snap.link(index, at, limit_m=100.0))


def shifted(values: NDArray[Any], step: float, copies: int) -> NDArray[Any]:
    """`copies` of `values` one after another, each `step` more than the one before."""
    moved = np.tile(values, copies).reshape(copies, -1)
    moved += (np.arange(copies) * step).astype(moved.dtype)[:, None]
    return moved.ravel()


def side_by_side(one: RoadNetwork, copies: int) -> RoadNetwork:
    """`copies` of a network, each `STEP_DEG` degrees east of the one before."""
    from quarterhour.model import RoadNetwork

    def offsets(first: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([[0], shifted(first[1:], first[-1], copies)])

    return RoadNetwork(
        n_nodes=one.n_nodes * copies,
        edge_tail=shifted(one.edge_tail, one.n_nodes, copies),
        edge_head=shifted(one.edge_head, one.n_nodes, copies),
        edge_kind=np.tile(one.edge_kind, copies),
        edge_rank=np.tile(one.edge_rank, copies),
        edge_oneway=np.tile(one.edge_oneway, copies),
        first_vertex=offsets(one.first_vertex),
        vertex_lon=shifted(one.vertex_lon, STEP_DEG, copies),
        vertex_lat=np.tile(one.vertex_lat, copies),
        vertex_mm=np.tile(one.vertex_mm, copies),
        first_piece=offsets(one.first_piece),
        piece_start_mm=np.tile(one.piece_start_mm, copies),
    )


if __name__ == "__main__":
    main()
