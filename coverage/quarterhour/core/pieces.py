"""Reached pieces of edges, cut exactly where the cutoff falls.

The time at a position is a rounded integer, so "reached" has a last millimetre: it is found by
inverting the rounding, not by dividing.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.parallel import in_blocks
from quarterhour.core.reach import Reach, Stops, _csr, _joined_offsets
from quarterhour.core.search import UNREACHED, grown
from quarterhour.kernels import kernel
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.impedance import Impedance


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces(_Frozen):
    """Reached parts of edges: CSR `first` (n_sources + 1,), `edge`, `start_mm`, `end_mm`.

    Within a source, parts are ascending by edge and position, do not overlap, and are never empty.
    """

    first: NDArray[np.int64]
    edge: NDArray[np.int32]
    start_mm: NDArray[np.int64]
    end_mm: NDArray[np.int64]


def reached_pieces(
    impedance: Impedance,
    sources: Stops,
    reach: Reach,
    *,
    cutoff_ms: int,
    threads: int | None = None,
) -> Pieces:
    """Parts of edges within `cutoff_ms` of each source, access legs of the sources included.

    `reach` must have been searched at least as far as `cutoff_ms`.
    """
    net = impedance.network
    order = np.lexsort((sources.edge, sources.owner))
    stop_first = _csr(sources.owner, sources.n_owners)
    parts = in_blocks(
        lambda lo, hi: _pieces(
            reach.first, reach.node, reach.ms, impedance.first_arc, impedance.arc_edge_side,
            net.edge_tail, net.edge_head, impedance.out_open, impedance.in_open,
            impedance.out_ms, impedance.in_ms, net.edge_length_mm, net.first_piece,
            impedance.piece_mm, impedance.piece_out_ms, impedance.piece_in_ms,
            stop_first, sources.edge[order], sources.offset_mm[order], sources.out_ms[order],
            sources.in_ms[order], sources.access_ms[order], lo, hi, cutoff_ms,
        ),
        sources.n_owners,
        threads=threads,
        smallest=8,
    )  # fmt: skip
    first = _joined_offsets([p[0] for p in parts])
    edge, start, end = (np.concatenate([p[k] for p in parts]) for k in (1, 2, 3))
    source = np.repeat(np.arange(sources.n_owners), np.diff(first))
    by_edge = np.lexsort((start, edge, source))
    return Pieces(first=first, edge=edge[by_edge], start_mm=start[by_edge], end_mm=end[by_edge])


def complement(pieces: Pieces, edges: NDArray[np.bool_], length_mm: NDArray[np.int64]) -> Pieces:
    """What the pieces of one source leave of the chosen edges; `length_mm` per edge."""
    assert len(pieces.first) == 2, "one source"  # noqa: S101 - our mistake
    whole = np.flatnonzero(edges & (length_mm > 0)).astype(np.int32)
    cut = edges[pieces.edge]
    # each edge begins at 0 and ends at its length; each piece ends a rest and begins the next
    edge = np.concatenate([whole, pieces.edge[cut]])
    start = np.concatenate([np.zeros(len(whole), np.int64), pieces.end_mm[cut]])
    stop_edge = np.concatenate([pieces.edge[cut], whole])
    stop = np.concatenate([pieces.start_mm[cut], length_mm[whole]])
    by_start, by_stop = np.lexsort((start, edge)), np.lexsort((stop, stop_edge))
    edge, start, stop = edge[by_start], start[by_start], stop[by_stop]
    some = stop > start
    return Pieces(
        first=np.array([0, int(some.sum())]),
        edge=edge[some],
        start_mm=start[some],
        end_mm=stop[some],
    )


@kernel
def _furthest(budget, e, length, total, first_piece, piece_mm, piece_ms):
    """Largest offset from the tail whose time is at most `budget` (not negative)."""
    hi = first_piece[e + 1]
    for k in range(first_piece[e], hi):
        end_ms = piece_ms[k + 1] if k + 1 < hi else total
        end_mm = piece_mm[k + 1] if k + 1 < hi else length
        if end_ms <= budget and k + 1 < hi:
            continue
        ms = np.int64(end_ms) - piece_ms[k]
        mm = end_mm - piece_mm[k]
        left = np.int64(budget) - piece_ms[k]
        if left >= ms:
            return end_mm
        # the largest x with (ms * x + mm // 2) // mm <= left
        return piece_mm[k] + ((left + 1) * mm - 1 - mm // 2) // ms
    return length


@kernel
def _earliest(need, e, length, total, first_piece, piece_mm, piece_ms):
    """Smallest offset from the tail whose time is at least `need`."""
    hi = first_piece[e + 1]
    for k in range(first_piece[e], hi):
        end_ms = piece_ms[k + 1] if k + 1 < hi else total
        if end_ms < need and k + 1 < hi:
            continue
        end_mm = piece_mm[k + 1] if k + 1 < hi else length
        ms = np.int64(end_ms) - piece_ms[k]
        mm = end_mm - piece_mm[k]
        left = np.int64(need) - piece_ms[k]
        if left <= 0:
            return piece_mm[k]
        # the smallest x with (ms * x + mm // 2) // mm >= left
        return piece_mm[k] + (left * mm - mm // 2 + ms - 1) // ms
    return length


@kernel
def _pieces(
    reach_first, reach_node, reach_ms, first_arc, arc_edge_side, tail, head, out_open, in_open,
    out_ms, in_ms, edge_mm, first_piece, piece_mm, piece_out, piece_in,
    stop_first, stop_edge, stop_mm, stop_out, stop_in, stop_access, lo, hi, cutoff_ms,
):  # fmt: skip
    label = np.full(len(first_arc) - 1, UNREACHED, np.int32)
    own = np.zeros(len(tail), np.bool_)
    out_first = np.zeros(hi - lo + 1, np.int64)
    out_edge = np.empty(1024, np.int32)
    out_start = np.empty(1024, np.int64)
    out_end = np.empty(1024, np.int64)
    count = 0
    for source in range(lo, hi):
        r0, r1 = reach_first[source], reach_first[source + 1]
        for r in range(r0, r1):
            if reach_ms[r] <= cutoff_ms:
                label[reach_node[r]] = reach_ms[r]
        s0, s1 = stop_first[source], stop_first[source + 1]
        for k in range(s0, s1):
            own[stop_edge[k]] = True

        # edges without a stop of this source: reached from the tail, from the head, or both
        for r in range(r0, r1):
            node = reach_node[r]
            if reach_ms[r] > cutoff_ms:
                continue
            for a in range(first_arc[node], first_arc[node + 1]):
                e, from_head = arc_edge_side[a] >> 1, arc_edge_side[a] & 1
                if own[e]:
                    continue
                both = out_open[e] and in_open[e] and label[tail[e]] != UNREACHED
                both = both and label[head[e]] != UNREACHED
                if from_head and both:
                    continue  # handled from its tail
                length = edge_mm[e]
                a_end, b_start = np.int64(0), length
                if both or not from_head:
                    left = np.int64(cutoff_ms) - label[tail[e]]
                    a_end = _furthest(left, e, length, out_ms[e], first_piece, piece_mm, piece_out)
                if both or from_head:
                    need = np.int64(in_ms[e]) - (np.int64(cutoff_ms) - label[head[e]])
                    b_start = _earliest(need, e, length, in_ms[e], first_piece, piece_mm, piece_in)
                if count + 2 > len(out_edge):
                    out_edge, out_start, out_end = (
                        grown(out_edge), grown(out_start), grown(out_end),
                    )  # fmt: skip
                if a_end >= b_start:
                    if length > 0:
                        out_edge[count], out_start[count], out_end[count] = e, 0, length
                        count += 1
                    continue
                if a_end > 0:
                    out_edge[count], out_start[count], out_end[count] = e, 0, a_end
                    count += 1
                if b_start < length:
                    out_edge[count], out_start[count], out_end[count] = e, b_start, length
                    count += 1

        # edges with stops: one interval around each stop as well, merged
        k = s0
        while k < s1:
            e = stop_edge[k]
            k_end = k
            while k_end < s1 and stop_edge[k_end] == e:
                k_end += 1
            length = edge_mm[e]
            start = np.empty(k_end - k + 2, np.int64)
            end = np.empty(k_end - k + 2, np.int64)
            n = 0
            if out_open[e] and label[tail[e]] != UNREACHED:
                left = np.int64(cutoff_ms) - label[tail[e]]
                start[n] = 0
                end[n] = _furthest(left, e, length, out_ms[e], first_piece, piece_mm, piece_out)
                n += 1
            if in_open[e] and label[head[e]] != UNREACHED:
                need = np.int64(in_ms[e]) - (np.int64(cutoff_ms) - label[head[e]])
                start[n] = _earliest(need, e, length, in_ms[e], first_piece, piece_mm, piece_in)
                end[n] = length
                n += 1
            for j in range(k, k_end):
                left = np.int64(cutoff_ms) - stop_access[j]
                if left < 0:
                    continue
                start[n] = end[n] = stop_mm[j]
                if out_open[e]:
                    end[n] = _furthest(
                        stop_out[j] + left, e, length, out_ms[e], first_piece, piece_mm, piece_out
                    )
                if in_open[e]:
                    start[n] = _earliest(
                        stop_in[j] - left, e, length, in_ms[e], first_piece, piece_mm, piece_in
                    )
                n += 1
            order = np.argsort(start[:n], kind="mergesort")
            at = 0
            while at < n:
                lo_mm, hi_mm = start[order[at]], end[order[at]]
                at += 1
                while at < n and start[order[at]] <= hi_mm:
                    hi_mm = max(hi_mm, end[order[at]])
                    at += 1
                if hi_mm > lo_mm:
                    if count == len(out_edge):
                        out_edge, out_start, out_end = (
                            grown(out_edge), grown(out_start), grown(out_end),
                        )  # fmt: skip
                    out_edge[count], out_start[count], out_end[count] = e, lo_mm, hi_mm
                    count += 1
            k = k_end

        for r in range(r0, r1):
            label[reach_node[r]] = UNREACHED
        for k in range(s0, s1):
            own[stop_edge[k]] = False
        out_first[source - lo + 1] = count
    return out_first, out_edge[:count], out_start[:count], out_end[:count]
