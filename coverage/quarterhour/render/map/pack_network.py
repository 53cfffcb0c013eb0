"""The walking network of the what-if model, as the page reads it: streets, shapes, pieces, slopes.

What can be worked out from the rest is not written:

    ends of edges   lower node as the difference from the edge before it, span to the higher node,
                    and a bit for those that run from the higher to the lower
    nodes           in steps of `STEP_M` from the last lower node that a street leads to
    shapes          inner vertices, simplified by `TOLERANCE_M`, from the even way to the head:
                    along the longer of its two directions, and beside the straight line there
    lengths         difference from the length of the drawn shape
    runs            pieces of even length are one run; a whole edge mostly is. A run that ends near
                    a drawn vertex, as most do: from there; another one anywhere between those.
    pieces of runs  only where they are not cut as evenly as the terrain asks for
    slopes          difference from the piece before it on the same edge
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import shapely

from quarterhour.model import FERRY, TUNNEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.render.map.model_layers import ModelBarriers, ModelNetwork
    from quarterhour.render.map.pack_stream import Stream

    Floats = NDArray[np.float64]

Ints = np.ndarray[Any, np.dtype[np.int64]]

STEP_M: Final = 0.5
TOLERANCE_M: Final = 1.5
BARRIER_TOLERANCE_M: Final = 0.3
NEAR_MM: Final = 6_000
"""How far the end of a run may be from the drawn vertex that it is told from."""

SIZES: Final = 20
"""Contexts by the number of bits of another number, the last for all that are larger."""

_LOOKS: Final = 256
_A_M: Final = 6_378_137.0
_E2: Final = 0.0066943799901413165
"""WGS-84: metres of a degree are worked out for the latitude in the middle."""


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


class Drawn(NamedTuple):
    """Shapes as the page draws them: vertices from tail to head, millimetres from the tail."""

    first: Ints
    x: Ints
    y: Ints
    mm: Ints


def bits_of(values: Ints) -> Ints:
    """Number of bits of each value, at most `SIZES` - 1: a context."""
    found = np.frexp(np.abs(values).astype(np.float64))[1].astype(np.int64)
    return np.minimum(found, SIZES - 1)


def pack_network(out: Stream, net: ModelNetwork, plane: Plane) -> tuple[Drawn, int]:
    """The shapes as they are drawn, and the millimetres that slopes are cut by (0 for none)."""
    _edges(out, net)
    drawn = _shapes(out, net, plane)
    return drawn, _pieces(out, net, drawn)


def _edges(out: Stream, net: ModelNetwork) -> None:
    low, high = np.minimum(net.tail, net.head), np.maximum(net.tail, net.head)
    ahead, step = np.diff(low, prepend=0), np.arange(len(low))
    look = net.kind + 32 * net.rank
    seen = [0] * net.n_nodes
    before = np.zeros(len(low), np.int64)  # how the last street at the lower end looks
    for e, (a, b, own) in enumerate(zip(low.tolist(), high.tolist(), look.tolist(), strict=True)):
        before[e] = seen[a]
        seen[a] = seen[b] = own
    out.put(
        out.numbers(ahead, at=step),
        out.numbers(high - low, np.minimum(ahead, 3), 4, at=step),
        out.symbols((net.tail > net.head).astype(np.int64), 1, at=step),
        out.symbols(look, 8, before, _LOOKS, at=step),
        out.symbols(net.oneway.astype(np.int64), 1, at=step),
    )


def _shapes(out: Stream, net: ModelNetwork, plane: Plane) -> Drawn:
    n = len(net.tail)
    first, last = net.first_vertex[:-1], net.first_vertex[1:] - 1
    lon, lat = np.zeros(net.n_nodes), np.zeros(net.n_nodes)
    for node, vertex in ((net.head, last), (net.tail, first)):
        lon[node], lat[node] = net.lon[vertex], net.lat[vertex]
    node_x, node_y = plane.steps(lon, lat)
    _nodes(out, net, node_x, node_y)
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
    x, y = np.empty(int(start[-1]), np.int64), np.empty(int(start[-1]), np.int64)
    x[start[:-1]], y[start[:-1]] = node_x[net.tail], node_y[net.tail]
    x[start[1:] - 1], y[start[1:] - 1] = node_x[net.head], node_y[net.head]
    middle = np.ones(len(x), bool)
    middle[start[:-1]] = middle[start[1:] - 1] = False
    x[middle], y[middle] = points[inner].T
    out.array(count)
    _inner(out, x, y, np.flatnonzero(middle), start[1:][np.repeat(np.arange(n), count)] - 1)
    step_mm = np.floor(
        STEP_M * 1000
        * np.sqrt((np.diff(x, prepend=0) ** 2 + np.diff(y, prepend=0) ** 2).astype(np.float64))
        + 0.5
    ).astype(np.int64)  # fmt: skip
    step_mm[start[:-1]] = 0
    mm = np.cumsum(step_mm)
    mm -= np.repeat(mm[start[:-1]], np.diff(start))
    out.array(net.length_mm - mm[start[1:] - 1], signed=True)
    return Drawn(start, x, y, mm)


def _nodes(out: Stream, net: ModelNetwork, x: Ints, y: Ints) -> None:
    low, high = np.minimum(net.tail, net.head), np.maximum(net.tail, net.head)
    step = np.arange(net.n_nodes)
    near = np.maximum(step - 1, 0)
    joined = low < high
    near[high[joined]] = low[joined]  # the last one stays
    dx, dy = x - x[near], y - y[near]
    dx[:1], dy[:1] = x[:1], y[:1]
    out.put(
        out.numbers(dx, signed=True, at=step),
        out.numbers(dy, bits_of(dx), SIZES, signed=True, at=step),
    )


def _inner(out: Stream, x: Ints, y: Ints, here: Ints, end: Ints) -> None:
    """Inner vertices from the one before: along the longer direction to the head, and beside it."""
    way_x, way_y = x[end] - x[here - 1], y[end] - y[here - 1]
    left = end - here + 1
    step_x, step_y = x[here] - x[here - 1], y[here] - y[here - 1]
    steep = np.abs(way_y) > np.abs(way_x)
    way, other = np.where(steep, way_y, way_x), np.where(steep, way_x, way_y)
    along, beside = np.where(steep, step_y, step_x), np.where(steep, step_x, step_y)
    run = np.where(way == 0, 1, way)
    size = bits_of((np.abs(way) + np.abs(other)) // left)
    step = np.arange(len(here))
    out.put(
        out.numbers(along - (2 * way + left) // (2 * left), size, SIZES, signed=True, at=step),
        out.numbers(
            beside - (2 * along * other + run) // (2 * run), bits_of(along), SIZES, signed=True,
            at=step,
        ),
    )  # fmt: skip


def _pieces(out: Stream, net: ModelNetwork, drawn: Drawn) -> int:
    """Runs of pieces of even length: piece k of n of a run of L begins at L * k // n."""
    count, length, per_edge = runs(net.first_piece, net.piece_start_mm, net.length_mm)
    _ends(out, net, drawn, length, per_edge)
    if net.slope is None:
        out.array(count - 1)
        return 0
    cut = _cut_mm(count, length)
    usual = -(-length // cut)
    step = np.arange(len(count))
    other = np.where(count == usual, 0, np.where(count == 1, 1, 2))
    odd = np.flatnonzero(other == 2)
    out.put(out.symbols(other, 2, at=step), out.numbers(count[odd] - 1, at=odd))
    first = net.first_piece[:-1]
    change = np.diff(net.slope, prepend=0)
    change[first] = net.slope[first]
    # a change is about as large as the one before it; the first and the second are by themselves
    place = np.arange(len(change)) - np.repeat(first, np.diff(net.first_piece))
    context = np.where(place > 1, bits_of(np.roll(change, 1)) + 2, place)
    out.put(out.numbers(change, context, SIZES + 2, signed=True))
    return cut


def _cut_mm(count: Ints, length: Ints) -> int:
    """Millimetres by which most runs of several pieces are cut: each is as few as fit."""
    several = count > 1
    if not several.any():
        return int(length.max(initial=0)) + 1
    n, mm = count[several], length[several]
    least, most = -(-mm // n), -(-mm // (n - 1)) - 1
    at = np.concatenate([least, most + 1])
    order = np.argsort(at, kind="stable")
    agree = np.cumsum(np.repeat([1, -1], len(n))[order])
    return max(int(at[order[np.argmax(agree)]]), 1)


def _ends(out: Stream, net: ModelNetwork, drawn: Drawn, length: Ints, per_edge: Ints) -> None:
    """Ends of the runs but the last of each edge: those near drawn vertices, then the others."""
    n = len(net.tail)
    last = np.cumsum(per_edge) - 1
    edge = np.repeat(np.arange(n), per_edge)
    end = np.cumsum(length)
    end -= (end[last] - net.length_mm)[edge]
    inner = np.ones(len(end), bool)
    inner[last] = False
    edge, end = edge[inner], end[inner]
    of, guess = _guesses(net, drawn)
    taken = _near(edge, end, of, guess)
    out.flags(taken >= 0)
    out.array(end[taken[taken >= 0]] - guess[taken >= 0], signed=True)
    told = np.zeros(len(end), bool)
    told[taken[taken >= 0]] = True
    # the rest lies in stretches: from the tail or from one that is told to the next one or the head
    begin = np.arange(n) + np.searchsorted(edge[told], np.arange(n))
    lower = np.zeros(n + int(told.sum()), np.int64)
    lower[edge[told] + 1 + np.arange(int(told.sum()))] = end[told]
    upper = np.append(lower[1:], 0)
    upper[np.append(begin[1:], len(lower)) - 1] = net.length_mm
    rest = np.flatnonzero(~told)
    stretch = edge[rest] + np.cumsum(told)[rest]
    out.array(np.bincount(stretch, minlength=len(lower)))
    before = np.concatenate([[0], end[rest]])[:-1]
    new = np.diff(stretch, prepend=-1) != 0
    before[new] = lower[stretch[new]]
    out.put(out.uniform(end[rest] - before, upper[stretch] - before + 1))


def _guesses(net: ModelNetwork, drawn: Drawn) -> tuple[Ints, Ints]:
    """Edge of every drawn inner vertex, and how far from the tail it should be."""
    vertex = np.ones(len(drawn.mm), bool)
    vertex[drawn.first[:-1]] = vertex[drawn.first[1:] - 1] = False
    of = np.repeat(np.arange(len(net.tail)), np.diff(drawn.first))[vertex]
    whole = np.maximum(drawn.mm[drawn.first[1:] - 1], 1)[of].astype(np.float64)
    mm, length = drawn.mm[vertex].astype(np.float64), net.length_mm[of].astype(np.float64)
    return of, np.floor(mm * length / whole + 0.5).astype(np.int64)


def _near(edge: Ints, end: Ints, of: Ints, guess: Ints) -> Ints:
    """The end that each guess is of, -1 for none: each is the nearest to the other, in order."""
    if not len(end) or not len(guess):
        return np.full(len(guess), -1, np.int64)
    longest = int(max(end.max(), guess.max())) + NEAR_MM
    one, other = edge * longest + end, of * longest + guess
    at, back = _nearest(one, other), _nearest(other, one)
    fits = (back[at] == np.arange(len(other))) & (np.abs(one[at] - other) <= NEAR_MM)
    fits &= edge[at] == of
    fits[1:] &= at[1:] > np.maximum.accumulate(np.where(fits, at, -1))[:-1]
    return np.where(fits, at, -1)


def _nearest(values: Ints, to: Ints) -> Ints:
    """Index of the value nearest to each of `to`; both ascend."""
    right = np.clip(np.searchsorted(values, to), 1, max(len(values) - 1, 1))
    left = right - 1
    right = np.minimum(right, len(values) - 1)
    return np.where(np.abs(values[right] - to) < np.abs(values[left] - to), right, left)


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
        counts[e] = runs_of([*start_mm[lo:hi].tolist(), int(length_mm[e])])
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


def runs_of(at: list[int]) -> list[tuple[int, int]]:
    """Number of pieces and millimetres of the runs of one edge; `at`: where they begin and end."""
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


def pack_barriers(out: Stream, barriers: ModelBarriers | None, plane: Plane) -> int:
    """How many lines there are that no leg crosses."""
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
    out.array(np.bincount(of, minlength=n))
    dx, dy = np.diff(points[:, 0], prepend=0), np.diff(points[:, 1], prepend=0)
    step = np.arange(len(dx))
    out.put(
        out.numbers(dx, signed=True, at=step),
        out.numbers(dy, bits_of(dx), SIZES, signed=True, at=step),
    )
    out.flags(barriers.entered)
    return n
