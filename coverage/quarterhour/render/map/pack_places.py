"""People of the what-if model, as the page reads them: where they link to the streets, gaps, waits.

What can be worked out from the rest is not written:

    stretches of street which of them stand in for people, and which do not
    places on a grid    column and row, from those of the place before or of the lower end of the
                        edge; where they link to the drawn edge, and how far away it is, is found
                        again, and only what that is wrong by is written
    people              how lately there was a place with as many, or their number
    groups              difference from the group's share of everyone
    gaps                that of the place before on the edge, or the one seen at an end of the edge
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.core.range_coder import recency
from quarterhour.render.map.pack_network import STEP_M, stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.render.map.model_layers import ModelDemand, ModelNetwork, ModelWaits
    from quarterhour.render.map.pack_network import Drawn, Plane
    from quarterhour.render.map.pack_stream import Stream

    Floats = NDArray[np.float64]

Ints = np.ndarray[Any, np.dtype[np.int64]]

LATELY: Final = 63
"""So many of the last values are known by how lately they were there."""

_LATELY_BITS: Final = 6
_UNKNOWN: Final = -2
_NOTHING: Final = 1e-3


def pack_demand(
    out: Stream, demand: ModelDemand, net: ModelNetwork, drawn: Drawn, plane: Plane
) -> dict[str, Any]:
    """What the head says about a demand."""
    m = demand.n_regular
    if demand.stretch_mm:
        edge, middle, _ = stretches(net.kind, net.length_mm, demand.stretch_mm)
        longest = int(net.length_mm.max(initial=0)) + 1
        known = edge * longest + middle
        out.spells(np.isin(known, demand.edge[:m] * longest + demand.offset_mm[:m]))
    grid = _grid(demand, plane)
    _positions(out, demand, net, drawn, grid)
    rest = {g: values[m:] for g, values in demand.amounts.items()}
    units = {g: int(np.gcd.reduce(values, initial=0)) or 1 for g, values in rest.items()}
    shares: dict[str, float] = {}
    everyone: Ints | None = None
    for group, amounts in rest.items():
        values = amounts // units[group]
        if everyone is None:
            everyone = amounts
            _lately(out, values)
            continue
        # of the units of the group, so that the page multiplies once and rounds once
        shares[group] = float(values.sum()) / max(float(everyone.sum()), 1.0)
        guess = np.floor(everyone * shares[group] + 0.5).astype(np.int64)
        out.array(values - guess, signed=True)
    return {
        "n": len(demand.edge),
        "regular": m,
        "stretch_mm": demand.stretch_mm,
        "grid": None if grid is None else [row.tolist() for row in grid],
        "units": units,
        "groups": list(demand.amounts),
        "shares": shares,
        "unlinked": demand.unlinked,
    }


def _lately(out: Stream, values: Ints) -> None:
    """Values, those that were lately there by how lately, others as numbers."""
    rank = recency(values, LATELY)
    new = np.flatnonzero(rank == 0)
    step = np.arange(len(values))
    out.put(out.symbols(rank, _LATELY_BITS, at=step), out.numbers(values[new], at=new))


def _grid(demand: ModelDemand, plane: Plane) -> Floats | None:
    """What gives x, y in steps from column and row, then column and row from x, y; one per row."""
    if demand.column is None or demand.row is None or demand.lon is None or demand.lat is None:
        return None
    on = demand.row >= 0
    c, r = demand.column[on].astype(np.float64), demand.row[on].astype(np.float64)
    x = (demand.lon[on] - plane.lon_0) / plane.lon_step
    y = (demand.lat[on] - plane.lat_0) / plane.lat_step
    there = np.linalg.lstsq(_terms(c, r), np.column_stack([x, y]), rcond=None)[0].T
    back = np.linalg.lstsq(_terms(x, y), np.column_stack([c, r]), rcond=None)[0].T
    most = [np.abs(_terms(*uv)).max(axis=0) for uv in ((c, r), (c, r), (x, y), (x, y))]
    found = np.array([*there, *back])
    # what changes nothing is none, and far fewer digits are enough: the same text wherever the
    # equations are solved
    some = np.where(np.abs(found) * np.array(most) > _NOTHING, found, 0.0)
    return np.array([[float(f"{value:.11g}") for value in row] for row in some.tolist()])


def _terms(u: Floats, v: Floats) -> Floats:
    return np.column_stack([np.ones(len(u)), u, v, u * u, u * v, v * v])


def _at(terms: Floats, u: Floats, v: Floats) -> Floats:
    a = terms.tolist()
    found = a[0] + a[1] * u + a[2] * v + a[3] * (u * u) + a[4] * (u * v) + a[5] * (v * v)
    return np.asarray(found, np.float64)


def _positions(
    out: Stream, demand: ModelDemand, net: ModelNetwork, drawn: Drawn, grid: Floats | None
) -> None:
    m = demand.n_regular
    edge, offset, access = demand.edge[m:], demand.offset_mm[m:], demand.access_mm[m:]
    step, length = np.arange(len(edge)), net.length_mm[edge]
    ahead = np.diff(edge, prepend=0)
    parts = [out.numbers(ahead, np.minimum(np.concatenate([[0], ahead])[:-1], 2), 3, at=step)]
    on = np.zeros(len(edge), bool)
    if grid is not None and demand.row is not None and demand.column is not None:
        on = demand.row[m:] >= 0
        at = np.flatnonzero(on)
        parts.append(out.symbols(on.astype(np.int64), 1, at=step))
        if len(at):
            column, row = demand.column[m:][at], demand.row[m:][at]
            parts += _cells(out, grid, drawn, edge[at], column, row, at)
            x, y = (_at(a, column.astype(np.float64), row.astype(np.float64)) for a in grid[:2])
            mm, leg = _linked(net, drawn, edge[at], x, y)
            ends = ((mm == 0) | (mm == length[at])).astype(np.int64)
            parts.append(out.numbers(offset[at] - mm, ends, 2, signed=True, at=at))
            parts.append(out.numbers(access[at] - leg, ends, 2, signed=True, at=at))
    off = np.flatnonzero(~on)
    parts.append(out.uniform(offset[off], length[off] + 1, at=off))
    parts.append(out.numbers(access[off], at=off))
    out.put(*parts)


def _cells(
    out: Stream, grid: Floats, drawn: Drawn, edge: Ints, column: Ints, row: Ints, at: Ints,
) -> list[Any]:  # fmt: skip
    """Rows, then columns, from those of the place before on the edge or of the edge's lower end."""
    guess_row, guess_column = _lower_ends(grid, drawn, edge)
    # a place beside the grid has the lowest row, so none lies between two of one edge
    again = np.diff(edge, prepend=-1) == 0
    guess_row[again], guess_column[again] = row[:-1][again[1:]], column[:-1][again[1:]]
    down = row - guess_row
    context = np.where(again, np.where(down == 0, 1, 2), 0)
    return [
        out.numbers(down, again.astype(np.int64), 2, signed=True, at=at),
        out.numbers(column - guess_column, context, 3, signed=True, at=at),
    ]


def _lower_ends(grid: Floats, drawn: Drawn, edge: Ints) -> tuple[Ints, Ints]:
    """Row and column of the end of each edge with the lower row, the tail where both are alike."""
    rows, columns = [], []
    for vertex in (drawn.first[edge], drawn.first[edge + 1] - 1):
        x, y = drawn.x[vertex].astype(np.float64), drawn.y[vertex].astype(np.float64)
        columns.append(np.floor(_at(grid[2], x, y) + 0.5).astype(np.int64))
        rows.append(np.floor(_at(grid[3], x, y) + 0.5).astype(np.int64))
    head = rows[1] < rows[0]
    return np.where(head, rows[1], rows[0]), np.where(head, columns[1], columns[0])


def _linked(net: ModelNetwork, drawn: Drawn, edge: Ints, x: Floats, y: Floats) -> tuple[Ints, Ints]:
    """Millimetres from the tail of the nearest position of a drawn edge, and to it."""
    n = drawn.first[edge + 1] - drawn.first[edge] - 1
    of = np.repeat(np.arange(len(edge)), n)
    start = np.cumsum(n) - n
    v = drawn.first[edge][of] + np.arange(len(of)) - start[of]
    ax, ay = drawn.x[v].astype(np.float64), drawn.y[v].astype(np.float64)
    dx, dy = drawn.x[v + 1] - ax, drawn.y[v + 1] - ay
    size = dx * dx + dy * dy
    px, py = x[of], y[of]
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.where(size > 0, ((px - ax) * dx + (py - ay) * dy) / size, 0.0)
    t = np.minimum(np.maximum(t, 0.0), 1.0)
    bx, by = ax + t * dx - px, ay + t * dy - py
    away = bx * bx + by * by
    best = np.flatnonzero(away == np.minimum.reduceat(away, start)[of])
    best = best[np.diff(of[best], prepend=-1) != 0]  # the first of several
    v, t, away = v[best], t[best], away[best]
    low = drawn.mm[v].astype(np.float64)
    along = low + t * (drawn.mm[v + 1] - low)
    whole = np.maximum(drawn.mm[drawn.first[edge + 1] - 1], 1).astype(np.float64)
    length = net.length_mm[edge]
    mm = np.floor(along * length.astype(np.float64) / whole + 0.5).astype(np.int64)
    leg = np.floor(np.sqrt(away) * (STEP_M * 1000) + 0.5).astype(np.int64)
    return np.minimum(mm, length), leg


def pack_gaps(out: Stream, gap: Ints, edge: Ints, net: ModelNetwork) -> None:
    """The gap of every place, -1 for none.

    It is that of the place before on the edge, or for the first one that which was seen last at the
    tail or else at the head; if not, that which was seen at the head; if not, one of the latest.
    """
    begin = np.diff(edge, prepend=-1) != 0
    first = np.flatnonzero(begin)
    last = np.append(first[1:], len(edge))[: len(first)] - 1
    usual = np.concatenate([[-1], gap])[:-1]
    ahead = np.full(len(gap), _UNKNOWN, np.int64)
    seen = [_UNKNOWN] * net.n_nodes
    tail, head = net.tail[edge[first]].tolist(), net.head[edge[first]].tolist()
    ends = zip(first.tolist(), last.tolist(), tail, head, strict=True)
    for at, to, a, b in ends:
        ahead[at : to + 1] = seen[b]
        if seen[a] != _UNKNOWN:
            usual[at] = seen[a]
        elif seen[b] != _UNKNOWN:
            usual[at] = seen[b]
        seen[a], seen[b] = int(gap[at]), int(gap[to])
    context = np.where(ahead == _UNKNOWN, 0, np.where(ahead == usual, 1, 2))
    context = context + 3 * (usual == -1) + 6 * begin
    same = gap == usual
    other = np.flatnonzero(~same & (context % 3 == 2))  # the head says something else
    unlike = np.flatnonzero(~same & ~((context % 3 == 2) & (gap == ahead)))
    rank = recency(gap[unlike], LATELY)
    new = unlike[rank == 0]
    out.put(
        out.symbols(same.astype(np.int64), 1, context, 12, at=np.arange(len(gap))),
        out.symbols((gap[other] == ahead[other]).astype(np.int64), 1, at=other),
        out.symbols(rank, _LATELY_BITS, at=unlike),
        out.numbers(gap[new] + 1, at=new),
    )


def pack_waits(out: Stream, wait: ModelWaits) -> None:
    """How many waits there are, where, and how long."""
    out.array(np.array([len(wait.edge)]))
    out.array(np.diff(wait.edge, prepend=0), signed=True)
    out.array(wait.start_mm)
    _lately(out, wait.ms)
