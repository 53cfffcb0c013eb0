"""Part "search": one 15-minute search per source, ours against OSMnx, SciPy, pandana and igraph.

Every peer gets the same junctions and the same milliseconds per arc, the same sources and one
processor. A peer's graph is made before the clock starts, as ours is. SciPy and pandana contract
nothing, so they are also run on the streets as they come, where every vertex is a node. OSMnx and
pandana are judged on our junctions; SciPy on the streets as they come, which is what its user has.
On our junctions it is lent half of our work: that figure stands beside the other.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench_common import (
    LIMIT_MS,
    Arcs,
    Part,
    every_vertex,
    heidelberg_roads,
    installed,
    junctions,
    node_lonlat,
    not_installed,
    race,
    random,
    require,
    say,
    scipy_graph,
    stops_at_nodes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance

N_SOURCES = 300
N_SLOW = 30
"""Sources of the peers that search far longer; theirs is a time per source too."""

OURS = "ours, batch of 300"
OURS_ALONE = "ours, one source per call"
OSMNX = "OSMnx recipe (networkx.ego_graph)"
SCIPY = "SciPy dijkstra(limit), one source per call"
SCIPY_BATCH = "SciPy dijkstra(limit), batch of 300"
PANDANA = "pandana nodes_in_range, batch of 300"
SCIPY_VERTICES = "SciPy, one source per call, every vertex a node"
PANDANA_VERTICES = "pandana, every vertex a node"
PLAIN = "a plain compiled Dijkstra with a binary heap, batch of 300"
IGRAPH = "igraph distances (it has no limit: whole graph)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A peer: what is timed, its number of sources, and node -> milliseconds of the k-th source."""

    run: Callable[[], object]
    answer: Callable[[int], dict[int, int]]
    n: int


def measure(*, repeat: int, quick: bool) -> Part:
    """Seconds per source of a bounded search, for ours and every peer that is installed."""
    from quarterhour.core.reach import reach_nodes

    network, costs = heidelberg_roads()
    two_way = np.unique(np.concatenate([network.edge_tail, network.edge_head]))
    source = random().choice(two_way, N_SOURCES, replace=False).astype(np.int64)
    stops = stops_at_nodes(costs, source)
    alone = [stops_at_nodes(costs, source[k : k + 1]) for k in range(N_SOURCES)]

    def ours() -> Any:  # noqa: ANN401
        return reach_nodes(costs, stops, limit_ms=LIMIT_MS, threads=1)

    with one_processor():
        reach = ours()
        expected = [
            dict(
                zip(
                    reach.node[reach.first[k] : reach.first[k + 1]].tolist(),
                    reach.ms[reach.first[k] : reach.first[k + 1]].tolist(),
                    strict=True,
                )
            )
            for k in range(N_SOURCES)
        ]
        few, many = junctions(costs), every_vertex(costs)
        peers = {
            SCIPY: _scipy(few, source),
            SCIPY_BATCH: _scipy_batch(few, source),
            PLAIN: _plain(few, source),
            OSMNX: _osmnx(costs, source, N_SLOW if quick else N_SOURCES),
            SCIPY_VERTICES: _scipy(many, source),
        }
        if installed("pandana"):
            peers[PANDANA] = _pandana(few, source)
            peers[PANDANA_VERTICES] = _pandana(many, source)
        if installed("igraph"):
            peers[IGRAPH] = _igraph(few, source[:N_SLOW])
        for name, peer in peers.items():
            say(f"  comparing answers: {name}")
            for k in range(peer.n):
                found = {node: t for node, t in peer.answer(k).items() if node < network.n_nodes}
                require(
                    found == expected[k],
                    f"search: {name} and ours differ from source node {source[k]}: the reached"
                    " nodes or their milliseconds are not the same",
                )
        runners: dict[str, Callable[[], object]] = {OURS: ours}
        runners[OURS_ALONE] = lambda: [
            reach_nodes(costs, s, limit_ms=LIMIT_MS, threads=1) for s in alone
        ]
        runners |= {name: peer.run for name, peer in peers.items()}
        per = {OURS: N_SOURCES, OURS_ALONE: N_SOURCES} | {n: p.n for n, p in peers.items()}
        times = race(runners, repeat, per=per, slow={OSMNX: max(1, repeat // 2)})
    base = times[OURS]
    targets = {OSMNX: 100.0, SCIPY_VERTICES: 10.0, PANDANA: 10.0}
    rows = [base.row(OURS)]
    rows += [
        times[name].against(base, name, at_least=targets.get(name)) for name in (OURS_ALONE, *peers)
    ]
    for name, package in ((PANDANA, "pandana"), (IGRAPH, "igraph")):
        if name not in peers:
            rows.append(not_installed(name, package))
    return Part(
        name="search",
        title=f"One 15-minute search at 1.2 m/s, per source, {N_SOURCES} random sources, one"
        f" processor; {few.n_nodes} junctions, {len(few.ms)} arcs"
        f" ({many.n_nodes} vertices)",
        agreed="same reached nodes and same milliseconds for every source and peer;"
        f" {len(reach.node) / N_SOURCES:.0f} nodes reached on average",
        rows=tuple(rows),
    )


@contextlib.contextmanager
def one_processor() -> Iterator[None]:
    """Everything inside runs on one processor, threads of the libraries included."""
    try:
        allowed = os.sched_getaffinity(0)
    except AttributeError:  # not on Windows and macOS: the peers may then use more than we do
        yield
        return
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _reached(row: NDArray[np.float64]) -> dict[int, int]:
    node = np.flatnonzero(np.isfinite(row))
    return dict(zip(node.tolist(), row[node].astype(np.int64).tolist(), strict=True))


def _scipy(of: Arcs, source: NDArray[np.int64]) -> Peer:
    from scipy.sparse.csgraph import dijkstra

    graph = scipy_graph(of)

    def one(node: int) -> NDArray[np.float64]:
        row: NDArray[np.float64] = dijkstra(graph, indices=node, limit=float(LIMIT_MS))
        return row

    def run() -> None:
        for node in source:
            one(node)

    return Peer(run=run, answer=lambda k: _reached(one(source[k])), n=len(source))


def _scipy_batch(of: Arcs, source: NDArray[np.int64]) -> Peer:
    from scipy.sparse.csgraph import dijkstra

    graph = scipy_graph(of)

    def run() -> NDArray[np.float64]:
        rows: NDArray[np.float64] = dijkstra(graph, indices=source, limit=float(LIMIT_MS))
        return rows

    every = run()
    return Peer(run=run, answer=lambda k: _reached(every[k]), n=len(source))


def _plain(of: Arcs, source: NDArray[np.int64]) -> Peer:
    import bench_plain

    order = np.argsort(of.tail, kind="stable")
    first = np.zeros(of.n_nodes + 1, np.int64)
    np.cumsum(np.bincount(of.tail, minlength=of.n_nodes), out=first[1:])
    arcs = first, of.head[order].astype(np.int64), of.ms[order].astype(np.int64)

    def answer(k: int) -> dict[int, int]:
        node, ms = bench_plain.search(*arcs, int(source[k]), LIMIT_MS)
        return dict(zip(node.tolist(), ms.tolist(), strict=True))

    bench_plain.batch(*arcs, source[:1], LIMIT_MS)  # compiled before the clock starts
    return Peer(
        run=lambda: bench_plain.batch(*arcs, source, LIMIT_MS), answer=answer, n=len(source)
    )


def _osmnx(costs: Impedance, source: NDArray[np.int64], n: int) -> Peer:
    """The isochrone example of OSMnx: a MultiDiGraph with times on its edges, and ego_graph."""
    import networkx as nx

    of = junctions(costs)
    lon, lat = node_lonlat(costs.network)
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_nodes_from((k, {"x": float(lon[k]), "y": float(lat[k])}) for k in range(len(lon)))
    metres = costs.network.edge_length_mm[costs.arc_edge_side >> 1] / 1000
    columns = (of.tail.tolist(), of.head.tolist(), of.ms.tolist(), metres.tolist())
    for u, v, t, m in zip(*columns, strict=True):
        graph.add_edge(u, v, length=m, time=t)

    def ego(node: int) -> Any:  # noqa: ANN401
        return nx.ego_graph(graph, node, radius=LIMIT_MS, distance="time")

    def answer(k: int) -> dict[int, int]:
        node = int(source[k])
        reached = nx.single_source_dijkstra_path_length(graph, node, LIMIT_MS, weight="time")
        require(
            set(ego(node)) == set(reached), "search: ego_graph does not hold what networkx reaches"
        )
        return dict(reached)

    return Peer(run=lambda: [ego(int(s)) for s in source[:n]], answer=answer, n=n)


def _pandana(of: Arcs, source: NDArray[np.int64]) -> Peer:
    """pandana's weights are seconds: it cuts them to whole thousandths, hence the quarter ms."""
    import pandana
    import pandas as pd

    nowhere = np.zeros(of.n_nodes)  # coordinates play no part in a range query
    with quiet_stdout():
        network = pandana.Network(
            nowhere, nowhere, of.tail, of.head,
            pd.DataFrame({"s": (of.ms + 0.25) / 1000}), twoway=False,
        )  # fmt: skip

    def query() -> pd.DataFrame:
        return network.nodes_in_range(source, LIMIT_MS / 1000 + 0.0005)

    by_source = query().groupby("source")

    def answer(k: int) -> dict[int, int]:
        rows = by_source.get_group(source[k])
        ms = (rows["s"] * 1000).round().astype(int)
        return dict(zip(rows["destination"].tolist(), ms.tolist(), strict=True))

    return Peer(run=query, answer=answer, n=len(source))


def _igraph(of: Arcs, source: NDArray[np.int64]) -> Peer:
    import igraph

    graph = igraph.Graph(
        n=of.n_nodes,
        edges=np.column_stack([of.tail, of.head]).tolist(),
        directed=True,
        edge_attrs={"ms": of.ms.tolist()},
    )

    def answer(k: int) -> dict[int, int]:
        row = graph.distances(source=[int(source[k])], weights="ms")[0]
        return {node: int(t) for node, t in enumerate(row) if t <= LIMIT_MS}

    return Peer(
        run=lambda: [graph.distances(source=[int(s)], weights="ms") for s in source],
        answer=answer,
        n=len(source),
    )


@contextlib.contextmanager
def quiet_stdout() -> Iterator[None]:
    """Compiled libraries that print go to stderr, so that stdout holds the table only."""
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
