"""Part "isochrones": 15-minute walking polygons of 300 points, ours against Valhalla.

pyvalhalla may live in a Python of its own (its wheels want a newer one than the other peers do):
the environment variable QUARTERHOUR_BENCH_VALHALLA names that Python.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from bench_common import (
    LIMIT_MS,
    Part,
    Row,
    Times,
    heidelberg_roads,
    node_lonlat,
    race,
    require,
    roads_file,
    run,
)
from bench_link import beside_streets, metres

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance
    from quarterhour.core.reach import Reach

N_POINTS = 300
OURS = "ours: links, searches, reached pieces, polygons"
OURS_ALONE = "ours, the same on one processor"
VALHALLA = "Valhalla isochrone, one request per point"
ALIKE = 0.75
"""Median share of junctions that both must have in common. Valhalla draws a contour through a grid,
so that streets beside those that are reached lie inside it too."""


def measure(*, repeat: int, quick: bool) -> Part:  # noqa: ARG001 - nothing here is slow
    """Seconds per polygon, for ours and Valhalla where it is installed."""
    from quarterhour.core import snap
    from quarterhour.core.pieces import reached_pieces
    from quarterhour.core.reach import reach_nodes, stops
    from quarterhour.core.service_area import polygons
    from quarterhour.frames import MetricCrs, bounds_of
    from quarterhour.model import PointSet

    network, costs = heidelberg_roads()
    x, y = metres(network)
    crs = MetricCrs(bounds_of((network.vertex_lon, network.vertex_lat)))
    points = PointSet.single(*beside_streets(network, x, y, N_POINTS))
    index = snap.SegmentIndex(network, x, y, edges=costs.linkable)

    def ours(threads: int | None = None) -> NDArray[Any]:
        sources = stops(costs, snap.link(index, points, limit_m=1_000.0))
        reach = reach_nodes(costs, sources, limit_ms=LIMIT_MS, threads=threads)
        pieces = reached_pieces(costs, sources, reach, cutoff_ms=LIMIT_MS, threads=threads)
        return polygons(network, x, y, pieces, threads=threads)

    ours()
    runners = {OURS: ours, OURS_ALONE: lambda: ours(1)}
    python = os.environ.get("QUARTERHOUR_BENCH_VALHALLA", sys.executable)
    missing = _missing(python)
    if missing:
        times = race(runners, repeat, per=dict.fromkeys(runners, N_POINTS))
        agreed = "nothing to compare with"
        rows = [Row(what=VALHALLA, note=missing)]
    else:
        with tempfile.TemporaryDirectory(prefix="quarterhour-valhalla-") as name:
            at = Path(name) / "points.json"
            at.write_text(json.dumps(np.stack(crs.lonlat(points.x_m, points.y_m), 1).tolist()))
            program = str(Path(__file__).with_name("bench_valhalla.py"))
            files = [str(roads_file()), str(at), str(Path(name) / "out")]
            answer = json.loads(run([python, program, *files, str(repeat)]).splitlines()[-1])
        theirs = [shapely.Polygon(r[0], r[1:]) for r in answer["areas"]]
        sources = stops(costs, snap.link(index, points, limit_m=1_000.0))
        reach = reach_nodes(costs, sources, limit_ms=LIMIT_MS)
        at_m = np.stack(crs.metres(*node_lonlat(network)), axis=1)
        areas_m = crs.geometry_m(shapely.make_valid(np.array(theirs, object)))
        agreed = _compare(costs, reach, at_m, areas_m)
        times = race(runners, repeat, per=dict.fromkeys(runners, N_POINTS))
        peer = Times(seconds=tuple(answer["seconds"]), per=N_POINTS)
        note = f"its tiles took {answer['tiles_s']:.1f} s to build"
        rows = [peer.against(times[OURS_ALONE], VALHALLA, note=note)]
    return Part(
        name="isochrones",
        title=f"Walking areas of {N_POINTS} random points, 15 minutes at 1.2 m/s, per point",
        agreed=agreed,
        rows=(times[OURS_ALONE].row(OURS_ALONE), times[OURS].row(OURS), *rows),
    )


def _missing(python: str) -> str:
    """Why a Python cannot draw with Valhalla, empty where it can."""
    look = (
        "import pathlib, valhalla as v;"
        "print((pathlib.Path(v.__file__).parent / 'bin' / 'valhalla_build_tiles').exists())"
    )
    if python == sys.executable and importlib.util.find_spec("valhalla") is None:
        return "not installed (pip install pyvalhalla, Python 3.12 and later)"
    told = subprocess.run([python, "-c", look], capture_output=True, text=True, check=False)
    if told.returncode:
        return f"not installed in {Path(python).name} (pip install pyvalhalla)"
    return "" if told.stdout.strip() == "True" else "this pyvalhalla cannot build tiles; 3.6 can"


def _compare(costs: Impedance, reach: Reach, at: NDArray[np.float64], theirs: NDArray[Any]) -> str:
    """How far they agree on which junctions lie within the minutes, in words.

    `at`: metres east and north of the junctions.
    """
    n = costs.network.n_nodes
    common = np.empty(len(theirs))
    only_ours, only_theirs = np.empty((2, len(theirs)))
    shapely.prepare(theirs)
    for k, area in enumerate(theirs):
        own = np.zeros(n, bool)
        own[reach.node[reach.first[k] : reach.first[k + 1]]] = True
        inside = shapely.intersects_xy(area, at[:, 0], at[:, 1])
        either = max(int((own | inside).sum()), 1)
        common[k] = (own & inside).sum() / either
        only_ours[k] = (own & ~inside).sum() / either
        only_theirs[k] = (inside & ~own).sum() / either
    middle, left, right = (float(np.median(of)) for of in (common, only_ours, only_theirs))
    require(
        middle >= ALIKE,
        f"isochrones: of the junctions that Valhalla or we reach only {middle:.0%} are common"
        f" (median); {left:.0%} are ours alone, {right:.0%} theirs",
    )
    return (
        f"of the junctions within either area {middle:.0%} are within both, {left:.0%} within ours"
        f" alone and {right:.0%} within Valhalla's alone (medians)"
    )
