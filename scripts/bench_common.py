"""What the parts of the bench share: where the data is, how times are taken, what a row says."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance
    from quarterhour.core.reach import Stops
    from quarterhour.model import RoadNetwork

SEED = 20260615
CUTOFFS_MIN = (5, 10, 15)
LIMIT_MS = 15 * 60_000
SPEED_MPS = 1.2
WALKER = "adult"
"""Walks at `SPEED_MPS`."""

LIBRARIES = ("numpy", "scipy", "numba", "shapely", "pyproj", "geopandas", "osmium", "networkx",
             "osmnx", "folium", "pandana", "igraph", "spopt", "pulp",
             "highspy")  # fmt: skip


class MismatchError(Exception):
    """Two ways of computing the same thing gave different answers: no time is worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    `seconds`: median of `runs` runs, None where nothing was run. `times_ours`: how many times our
    own time this takes, None for our own rows. `target`: in words; `met`: None where there is none.
    """

    what: str
    seconds: float | None = None
    low: float | None = None
    high: float | None = None
    runs: int = 0
    times_ours: float | None = None
    target: str = ""
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the bench: its name, what is measured, how the answers agreed, and its rows."""

    name: str
    title: str
    agreed: str
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and words."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds of several runs of one thing, divided by `per` (say, the sources of a batch)."""

    seconds: tuple[float, ...]
    per: int = 1

    @property
    def median(self) -> float:
        """Median seconds of one of the `per` things."""
        return statistics.median(self.seconds) / self.per

    def row(self, what: str, **more: object) -> Row:
        """Row with the median, the lowest and the highest of the runs."""
        return Row(
            what=what,
            seconds=self.median,
            low=min(self.seconds) / self.per,
            high=max(self.seconds) / self.per,
            runs=len(self.seconds),
            **more,  # type: ignore[arg-type]
        )

    def against(
        self, ours: Times, what: str, *, at_least: float | None = None, note: str = ""
    ) -> Row:
        """Row of a peer, as a multiple of our time, with the multiple that was promised."""
        ratio = self.median / ours.median
        return self.row(
            what,
            times_ours=ratio,
            target="" if at_least is None else f"at least {at_least:g} times ours",
            met=None if at_least is None else ratio >= at_least,
            note=note,
        )

    def under(self, most_s: float, what: str, *, note: str = "") -> Row:
        """Row of ours with the time that was promised."""
        return self.row(what, target=f"under {most_s:g} s", met=self.median < most_s, note=note)


def race(
    runners: Mapping[str, Callable[[], object]],
    repeat: int,
    *,
    per: Mapping[str, int] | None = None,
    slow: Mapping[str, int] | None = None,
) -> dict[str, Times]:
    """Times of each runner, taken in turns, so that a busy moment of the machine hits all alike.

    `per`: things done in one run. `slow`: runs of those that take too long for `repeat` of them.
    """
    taken: dict[str, list[float]] = {name: [] for name in runners}
    for turn in range(repeat):
        for name, run in runners.items():
            if turn >= (slow or {}).get(name, repeat):
                continue
            say(f"    {name} {turn + 1}")
            began = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - began)
    return {
        name: Times(seconds=tuple(seconds), per=(per or {}).get(name, 1))
        for name, seconds in taken.items()
    }


def say(text: str) -> None:
    """A line of progress on stderr."""
    print(text, file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    """End the bench with one sentence."""
    say(f"error: {text}")
    raise SystemExit(1)


def require(agree: object, sentence: str) -> None:
    """Raise `MismatchError` with `sentence` unless the answers agree."""
    if not agree:
        raise MismatchError(sentence)


def installed(name: str) -> bool:
    """Whether a peer can be imported."""
    return importlib.util.find_spec(name) is not None


def not_installed(what: str, name: str) -> Row:
    """Row of a peer that is not there."""
    return Row(what=what, note=f"not installed (pip install {name})")


def heidelberg() -> Path:
    """Folder of the Heidelberg data: in QUARTERHOUR_SHARED, or ../shared beside the repository."""
    told = os.environ.get("QUARTERHOUR_SHARED")
    shared = Path(told) if told else Path(__file__).resolve().parents[2] / "shared"
    folder = next(
        (f for f in (shared / "data" / "heidelberg", shared / "heidelberg") if f.is_dir()), None
    )
    if folder is None or not (folder / "heidelberg.osm.pbf").is_file():
        fail(
            "the Heidelberg data is not there: needed is data/heidelberg/heidelberg.osm.pbf in the"
            " folder ../shared beside the repository, or in the folder named by the environment"
            " variable QUARTERHOUR_SHARED"
        )
    return folder


def roads_file() -> Path:
    """The road file of Heidelberg."""
    return heidelberg() / "heidelberg.osm.pbf"


def heidelberg_roads() -> tuple[RoadNetwork, Impedance]:
    """Walking network of Heidelberg, from our cache if it is there, and an adult's times on it."""
    from quarterhour.core.impedance import impedance
    from quarterhour.sources.roads.read import read_roads
    from quarterhour.walkers import walker

    network = read_roads(roads_file())
    return network, impedance(network, walker(WALKER, speed_mps=SPEED_MPS))


def random() -> np.random.Generator:
    """Random numbers, the same in every run."""
    return np.random.default_rng(SEED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arcs:
    """A graph as a peer wants it: tail, head and milliseconds of every arc."""

    n_nodes: int
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    ms: NDArray[np.int64]


def junctions(costs: Impedance) -> Arcs:
    """The arcs that our search grows along."""
    n = costs.network.n_nodes
    return Arcs(
        n_nodes=n,
        tail=np.repeat(np.arange(n), np.diff(costs.first_arc)),
        head=costs.arc_to_ms & 0xFFFFFFFF,
        ms=costs.arc_to_ms >> 32,
    )


def node_lonlat(network: RoadNetwork) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of every node."""
    lon, lat = np.empty(network.n_nodes), np.empty(network.n_nodes)
    begin, end = network.first_vertex[:-1], network.first_vertex[1:] - 1
    for node, vertex in ((network.edge_tail, begin), (network.edge_head, end)):
        lon[node], lat[node] = network.vertex_lon[vertex], network.vertex_lat[vertex]
    return lon, lat


def stops_at_nodes(costs: Impedance, nodes: NDArray[np.int64]) -> Stops:
    """One source per node, at the node itself, without an access leg.

    Raises
    ------
    MismatchError
        A node has no edge that is open both ways, so that a stop on an edge cannot stand for it.
    """
    from quarterhour.core.reach import stops
    from quarterhour.model import Linkage

    net, n = costs.network, len(nodes)
    both = np.flatnonzero(costs.out_open & costs.in_open)
    edge = np.full(net.n_nodes, -1, np.int32)
    edge[net.edge_head[both]] = both
    edge[net.edge_tail[both]] = both
    e = edge[nodes]
    require((e >= 0).all(), "a source node has no edge that is open both ways")
    lon, lat = node_lonlat(net)
    linkage = Linkage(
        linked=np.ones(n, bool),
        point=np.arange(n),
        owner=np.arange(n),
        edge=e,
        offset_mm=np.where(net.edge_tail[e] == nodes, 0, net.edge_length_mm[e]),
        access_mm=np.zeros(n, np.int64),
        snap_x_m=lon[nodes],
        snap_y_m=lat[nodes],
        nearest_m=np.zeros(n),
        limit_m=0.0,
        n_owners=n,
    )
    return stops(costs, linkage)


def as_one(sources: Stops) -> Stops:
    """All sources as the entrances of a single one."""
    return dataclasses.replace(sources, owner=np.zeros_like(sources.owner), n_owners=1)


def every_vertex(costs: Impedance) -> Arcs:
    """Arcs of the same streets before contraction: every vertex of a street is a node.

    Junctions keep their numbers, the other vertices follow. The milliseconds between two vertices
    are the difference of theirs from the tail of the edge, so that junctions are as far apart as
    before.
    """
    net = costs.network
    n_vertices = len(net.vertex_mm)
    edge = np.repeat(np.arange(net.n_edges, dtype=np.int32), np.diff(net.first_vertex))
    node = np.full(n_vertices, -1, np.int64)
    node[net.first_vertex[:-1]] = net.edge_tail
    node[net.first_vertex[1:] - 1] = net.edge_head
    inner = np.flatnonzero(node < 0)
    node[inner] = net.n_nodes + np.arange(len(inner))
    out_ms, in_ms = costs.position_ms(edge, net.vertex_mm)
    a = np.flatnonzero(edge[:-1] == edge[1:])
    out, back = a[costs.out_open[edge[a]]], a[costs.in_open[edge[a]]]
    return Arcs(
        n_nodes=net.n_nodes + len(inner),
        tail=np.concatenate([node[out], node[back + 1]]),
        head=np.concatenate([node[out + 1], node[back]]),
        ms=np.concatenate([out_ms[out + 1] - out_ms[out], in_ms[back + 1] - in_ms[back]]),
    )


def scipy_graph(of: Arcs) -> Any:  # noqa: ANN401 - scipy is untyped here
    """Sparse matrix of milliseconds between nodes, the shorter of two parallel arcs."""
    from scipy.sparse import csr_array

    order = np.lexsort((of.ms, of.head, of.tail))
    tail, head, ms = of.tail[order], of.head[order], of.ms[order]
    best = np.ones(len(ms), bool)
    best[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    entries = (ms[best].astype(np.float64), (tail[best], head[best]))
    return csr_array(entries, shape=(of.n_nodes, of.n_nodes))


def child(script: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    """What a script beside this one writes to stdout, run as a program of its own."""
    path = Path(__file__).resolve().parent / script
    return run([sys.executable, str(path), *arguments], env=env)


def run(command: list[str], *, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """What a program writes to stdout; its failure ends the bench with its last words."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
    if done.returncode:
        words = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise MismatchError(f"{Path(command[1]).name} ended with code {done.returncode}: {words}")
    return done.stdout


def machine() -> dict[str, Any]:
    """Facts that a time depends on, without names of hosts or people."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        cores = os.cpu_count() or 1
    return {
        "cores": cores,
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "libraries": {n: importlib.metadata.version(n) for n in LIBRARIES if installed(n)},
    }
