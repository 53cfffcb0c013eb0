"""The what-if model as text for a page: byte planes, compressed, in base 85.

    base85( gzip( length of the head in 4 bytes, little-endian; head as JSON; the arrays ) )

The head names the arrays in their order, each with its length and its number of bytes per value. An
array lies in planes: the lowest bytes of all its values, then the next ones. That compresses
better than varints. Values are not negative; signed ones are zig-zag coded first. The checksum of
gzip covers everything. What can be worked out from the rest is not written:

    ends of edges       lower node as the difference from the edge before it, span to the higher
                        node, and a bit for those that run from the higher to the lower
    shapes              in steps of `STEP_M` around the middle, inner vertices simplified by
                        `TOLERANCE_M`, each as the difference from an even way to the head
    lengths             difference from the length of the drawn shape
    pieces              runs of pieces of even length; a whole edge is mostly one run
    stretches of street one bit each, where they stand in for people
    groups              difference from the group's share of everyone
    slopes              difference from the piece before it on the same edge
    gaps                runs of places in one gap, each gap by how lately there was one in it

Base 85 takes 5 characters for 4 bytes where base 64 takes 16 for 12; those of its characters that
mean something in HTML or in a template are others here.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from quarterhour.model import FERRY, TUNNEL
from quarterhour.render.map.pack import zigzag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.render.map.model_layers import (
        ModelBarriers,
        ModelDemand,
        ModelNetwork,
        ModelService,
        WhatIf,
    )

    Floats = NDArray[np.float64]

Ints = np.ndarray[Any, np.dtype[np.int64]]

FORMAT: Final = 2
STEP_M: Final = 0.5
TOLERANCE_M: Final = 1.5
BARRIER_TOLERANCE_M: Final = 0.3
PLAIN: Final = bytes.maketrans(b"<>&{}", b".,:[]")
"""Characters of base 85 that are others here."""
_A_M: Final = 6_378_137.0
_E2: Final = 0.0066943799901413165
"""WGS-84: metres of a degree are worked out for the latitude in the middle."""


class Arrays:
    """Arrays as planes of bytes, with a table of their names, lengths and bytes per value."""

    def __init__(self) -> None:
        self.table: list[list[Any]] = []
        self._bytes: list[bytes] = []

    def put(self, name: str, values: Ints, *, signed: bool = False) -> None:
        """Add an array; ValueError for a negative value that is not said to be signed."""
        data = np.asarray(values, np.int64)
        data = zigzag(data) if signed else data
        if data.size and int(data.min()) < 0:
            message = f"{name} cannot be negative"
            raise ValueError(message)
        planes = max((int(data.max(initial=0)).bit_length() + 7) // 8, 1)
        self.table.append([name, len(data), planes, int(signed)])
        self._bytes += [(data >> (8 * k)).astype(np.uint8).tobytes() for k in range(planes)]

    def bits(self, name: str, values: NDArray[np.bool_]) -> None:
        """Add booleans, eight in a byte, the first in the lowest bit."""
        self.table.append([name, len(values), 0, 0])
        self._bytes.append(np.packbits(values, bitorder="little").tobytes())

    def text(self, head: dict[str, Any]) -> str:
        """All of them behind their head, compressed."""
        words = json.dumps(
            {**head, "arrays": self.table}, ensure_ascii=False, allow_nan=False,
            separators=(",", ":"),
        ).encode("utf-8", "replace")  # fmt: skip
        whole = struct.pack("<I", len(words)) + words + b"".join(self._bytes)
        packed = base64.b85encode(gzip.compress(whole, 9, mtime=0))
        return packed.translate(PLAIN).decode("ascii")


class Plane:
    """Whole steps of `STEP_M` east and north of the middle of some positions."""

    def __init__(self, lon: Floats, lat: Floats) -> None:
        self.lon_0 = round(float(lon.min() + lon.max()) / 2, 4) if lon.size else 0.0
        self.lat_0 = round(float(lat.min() + lat.max()) / 2, 4) if lat.size else 0.0
        sine = np.sin(np.radians(self.lat_0))
        curve = 1 - _E2 * sine**2
        north = np.pi / 180 * _A_M * (1 - _E2) / curve**1.5
        east = np.pi / 180 * _A_M * np.cos(np.radians(self.lat_0)) / curve**0.5
        self.lon_step = round(STEP_M / float(east), 15)
        self.lat_step = round(STEP_M / float(north), 15)

    def steps(self, lon: Floats, lat: Floats) -> tuple[Ints, Ints]:
        """x, y in steps."""
        x = np.rint((lon - self.lon_0) / self.lon_step).astype(np.int64)
        return x, np.rint((lat - self.lat_0) / self.lat_step).astype(np.int64)


def pack_model(model: WhatIf) -> dict[str, Any]:
    """The model as the page reads it: its format, and everything else as one compressed text."""
    out = Arrays()
    net = model.network
    plane = Plane(net.lon, net.lat)
    head: dict[str, Any] = {
        "key": net.key,
        "n_nodes": net.n_nodes,
        "n_edges": len(net.tail),
        "step_m": STEP_M,
        "tolerance_m": TOLERANCE_M,
        "lon": [plane.lon_0, plane.lon_step],
        "lat": [plane.lat_0, plane.lat_step],
        "rounding": model.rounding_people,
        "ratio": None if net.speed_ratio is None else net.speed_ratio.tolist(),
        "services": [_service(s) for s in model.services],
        "answers": list(model.answers),
    }
    _edges(out, net)
    _shapes(out, net, plane)
    _pieces(out, net)
    for k, wait in enumerate(model.waits):
        out.put(f"wait{k}_edge", np.diff(wait.edge, prepend=0), signed=True)
        out.put(f"wait{k}_mm", wait.start_mm)
        out.put(f"wait{k}_ms", wait.ms)
    head["waits"] = len(model.waits)
    for k, service in enumerate(model.services):
        if service.gap is not None:
            _gaps(out, f"gap{k}_", service.gap)
    head["demands"] = [_demand(out, k, d, net) for k, d in enumerate(model.demands)]
    head["barriers"] = _barriers(out, model.barriers, plane)
    return {"format": FORMAT, "gzip": out.text(head)}


def _gaps(out: Arrays, name: str, gap: Ints) -> None:
    """Runs of places in one gap: how many; and which: 1 the latest other one, 2 the one before.

    0 is one that was not there yet; those are in an array of their own. -1, none, is as the others.
    """
    begin = np.flatnonzero(np.diff(gap, prepend=-2))
    lately: list[int] = []
    back, fresh = [], []
    for value in gap[begin].tolist():
        if value in lately:
            at = lately.index(value)
            lately.pop(at)
            back.append(at + 1)
        else:
            fresh.append(value)
            back.append(0)
        lately.insert(0, value)
    out.put(f"{name}places", np.diff(np.append(begin, len(gap))))
    out.put(f"{name}back", np.array(back, np.int64))
    out.put(f"{name}new", np.array(fresh, np.int64) + 1)


def _edges(out: Arrays, net: ModelNetwork) -> None:
    low, high = np.minimum(net.tail, net.head), np.maximum(net.tail, net.head)
    out.put("low", np.diff(low, prepend=0), signed=True)
    out.put("span", high - low)
    out.bits("turned", net.tail > net.head)
    out.put("look", net.kind + 32 * net.rank)
    out.bits("oneway", net.oneway)


def _shapes(out: Arrays, net: ModelNetwork, plane: Plane) -> None:
    n = len(net.tail)
    first, last = net.first_vertex[:-1], net.first_vertex[1:] - 1
    lon, lat = np.zeros(net.n_nodes), np.zeros(net.n_nodes)
    for node, vertex in ((net.head, last), (net.tail, first)):
        lon[node], lat[node] = net.lon[vertex], net.lat[vertex]
    x, y = plane.steps(lon, lat)
    out.put("node_x", np.diff(x, prepend=0), signed=True)
    out.put("node_y", np.diff(y, prepend=0), signed=True)
    every = np.column_stack(plane.steps(net.lon, net.lat))
    owner = np.repeat(np.arange(n), np.diff(net.first_vertex))
    lines = shapely.linestrings(every.astype(np.float64), indices=owner)
    lines = shapely.simplify(lines, TOLERANCE_M / STEP_M, preserve_topology=False)
    points, of = shapely.get_coordinates(lines, return_index=True)
    points = np.rint(points).astype(np.int64)
    inner = np.ones(len(of), bool)
    inner[1:] &= of[1:] == of[:-1]
    inner[:-1] &= of[1:] == of[:-1]
    inner[[0, -1]] = False
    count = np.bincount(of[inner], minlength=n)
    # tail, inner vertices, head of every edge one after the other
    start = np.concatenate([[0], np.cumsum(count + 2)])
    at = np.empty((int(start[-1]), 2), np.int64)
    at[start[:-1], 0], at[start[:-1], 1] = x[net.tail], y[net.tail]
    at[start[1:] - 1, 0], at[start[1:] - 1, 1] = x[net.head], y[net.head]
    middle = np.ones(len(at), bool)
    middle[start[:-1]] = middle[start[1:] - 1] = False
    at[middle] = points[inner]
    step = np.diff(at, axis=0, prepend=at[:1])
    out.put("inner", count)
    here = np.flatnonzero(middle)
    edge = np.repeat(np.arange(n), count)
    # even steps from the vertex before to the head: half up, as the page divides
    left = start[1:][edge] - here
    even = (2 * (at[start[1:][edge] - 1] - at[here - 1]) + left[:, None]) // (2 * left[:, None])
    beside = step[here] - even
    out.put("inner_x", beside[:, 0], signed=True)
    out.put("inner_y", beside[:, 1], signed=True)
    step[start[:-1]] = 0
    mm = np.floor(STEP_M * 1000 * np.sqrt((step**2).sum(axis=1).astype(np.float64)) + 0.5)
    drawn = np.add.reduceat(mm.astype(np.int64), start[:-1]) if n else np.empty(0, np.int64)
    out.put("length", net.length_mm - drawn, signed=True)


def _pieces(out: Arrays, net: ModelNetwork) -> None:
    """Runs of pieces of even length: piece k of n of a run of L begins at L * k // n."""
    count, length, per_edge = runs(net.first_piece, net.piece_start_mm, net.length_mm)
    out.put("runs", per_edge - 1)
    out.put("run_pieces", count - 1)
    last = np.cumsum(per_edge) - 1
    inner = np.ones(len(count), bool)
    inner[last] = False
    out.put("run_mm", length[inner])
    if net.slope is not None:
        change = np.diff(net.slope, prepend=0)
        first = net.first_piece[:-1]
        change[first] = net.slope[first]
        out.put("slope", change, signed=True)


def runs(first_piece: Ints, start_mm: Ints, length_mm: Ints) -> tuple[Ints, Ints, Ints]:
    """Pieces and millimetres of every run, and the number of runs of every edge.

    A run is as long as it can be from where it begins.
    """
    n = np.diff(first_piece)
    edge = np.repeat(np.arange(len(n)), n)
    k = np.arange(len(edge)) - first_piece[:-1][edge]
    even = start_mm == length_mm[edge] * k // n[edge]
    whole = np.ones(len(n), bool)
    whole[edge[~even]] = False
    counts: dict[int, list[tuple[int, int]]] = {}
    for e in np.flatnonzero(~whole).tolist():
        lo, hi = int(first_piece[e]), int(first_piece[e + 1])
        counts[e] = _runs_of([*start_mm[lo:hi].tolist(), int(length_mm[e])])
    per_edge = np.ones(len(n), np.int64)
    for e, found in counts.items():
        per_edge[e] = len(found)
    first = np.concatenate([[0], np.cumsum(per_edge)])
    pieces, mm = np.empty(int(first[-1]), np.int64), np.empty(int(first[-1]), np.int64)
    pieces[first[:-1][whole]], mm[first[:-1][whole]] = n[whole], length_mm[whole]
    for e, found in counts.items():
        pieces[first[e] : first[e + 1]] = [c for c, _ in found]
        mm[first[e] : first[e + 1]] = [length for _, length in found]
    return pieces, mm, per_edge


def _runs_of(at: list[int]) -> list[tuple[int, int]]:
    found, begin, last = [], 0, len(at) - 1
    while begin < last:
        end = last
        while any(
            at[begin + k] - at[begin] != (at[end] - at[begin]) * k // (end - begin)
            for k in range(1, end - begin)
        ):
            end -= 1
        found.append((end - begin, at[end] - at[begin]))
        begin = end
    return found


def stretches(kind: Ints, length_mm: Ints, stretch_mm: int) -> tuple[Ints, Ints, Ints]:
    """Edge, middle and length of the stretches of street that stand in for people."""
    usable = np.flatnonzero((kind & (FERRY | TUNNEL)) == 0)
    count = np.maximum(-(-length_mm[usable] // stretch_mm), 1)
    edge = np.repeat(usable, count)
    k = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    n, whole = np.repeat(count, count), length_mm[edge]
    start, end = whole * k // n, whole * (k + 1) // n
    return edge, (start + end) // 2, end - start


def _demand(out: Arrays, number: int, demand: ModelDemand, net: ModelNetwork) -> dict[str, Any]:
    name = f"demand{number}_"
    m = demand.n_regular
    if demand.stretch_mm:
        edge, middle, _ = stretches(net.kind, net.length_mm, demand.stretch_mm)
        longest = int(net.length_mm.max(initial=0)) + 1
        known = edge * longest + middle
        out.bits(f"{name}some", np.isin(known, demand.edge[:m] * longest + demand.offset_mm[:m]))
    out.put(f"{name}edge", np.diff(demand.edge[m:], prepend=0), signed=True)
    out.put(f"{name}mm", demand.offset_mm[m:])
    out.put(f"{name}access", demand.access_mm[m:])
    shares: dict[str, float] = {}
    everyone: Ints | None = None
    for k, (group, values) in enumerate(demand.amounts.items()):
        rest = values[m:]
        if everyone is None:
            everyone = rest
            out.put(f"{name}people{k}", rest)
            continue
        shares[group] = float(rest.sum()) / max(float(everyone.sum()), 1.0)
        guess = np.floor(everyone * shares[group] + 0.5).astype(np.int64)
        out.put(f"{name}people{k}", rest - guess, signed=True)
    return {
        "n": len(demand.edge),
        "regular": m,
        "stretch_mm": demand.stretch_mm,
        "groups": list(demand.amounts),
        "shares": shares,
        "unlinked": demand.unlinked,
    }


def _service(service: ModelService) -> dict[str, Any]:
    gates = (service.gate_owner, service.gate_edge, service.gate_offset_mm, service.gate_access_mm)
    return {
        "name": service.name,
        "group": service.group,
        "walker": service.walker,
        "toward": service.toward,
        "inside_ms": service.inside_ms,
        "cutoffs_min": list(service.cutoffs_min),
        "cutoffs_ms": list(service.cutoffs_ms),
        "limit_ms": service.limit_ms,
        "link_limit_mm": service.link_limit_mm,
        "demand": service.demand,
        "waits": service.waits,
        "gaps": service.gap is not None,
        "facilities": [
            [f.name, round(f.lon, 6), round(f.lat, 6), f.row, f.status] for f in service.facilities
        ],
        "gates": [column.tolist() for column in gates],
    }


def _barriers(out: Arrays, barriers: ModelBarriers | None, plane: Plane) -> int:
    if barriers is None:
        return 0
    n = len(barriers.entered)
    at = np.column_stack(plane.steps(barriers.lon, barriers.lat)).astype(np.float64)
    owner = np.repeat(np.arange(n), np.diff(barriers.first))
    lines = shapely.simplify(
        shapely.linestrings(at, indices=owner), BARRIER_TOLERANCE_M / STEP_M,
        preserve_topology=False,
    )  # fmt: skip
    points, of = shapely.get_coordinates(lines, return_index=True)
    points = np.rint(points).astype(np.int64)
    out.put("barrier_size", np.bincount(of, minlength=n))
    out.put("barrier_x", np.diff(points[:, 0], prepend=0), signed=True)
    out.put("barrier_y", np.diff(points[:, 1], prepend=0), signed=True)
    out.bits("barrier_entered", barriers.entered)
    return n
