"""The p-median where there are too many candidates to list their walks: a bound for all of them.

Lagrangian multipliers u_i = w_i t_i that are found among some candidates bound all choices: what
the p candidates save at most of sum u_i, sum_i w_i max(0, t_i - walk), is added up by searches.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.parallel import in_blocks
from quarterhour.core.reach import nearest
from quarterhour.core.search import BUCKET_BITS, UNREACHED, along, spread_from
from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.searches import Searches

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

NET_MS, ROUNDING_MS = 120_000, 10
"""Walk from a candidate that is looked at to those that it bounds; what roundings come to."""

MOST_EXACT = 4_000
"""Candidates that are looked at one by one after that."""


def least_total(
    field: Searches,
    weight: FloatArray,
    upto_ms: IntArray,
    usable: NDArray[np.bool_],
    p: int,
    *,
    net_ms: int = NET_MS,
    most_exact: int = MOST_EXACT,
) -> float:
    """Weight times milliseconds that no choice of `p` usable candidates goes below.

    Parameters
    ----------
    field
        Its limit is at least the largest of `upto_ms`.
    weight, upto_ms
        Of each place, its weight and t_i >= 0, no more than the walk to what is there already.
    """
    total = float((weight * upto_ms).sum())
    order = np.flatnonzero(usable)
    if not len(order) or p <= 0:
        return total * (1 - 1e-9)
    kept = field.net(order, net_ms, np.zeros(field.n_sites, bool)) & usable
    lead = np.flatnonzero(kept)
    # whatever a candidate saves somebody, the kept one near it saves, and `net_ms` more
    most = np.zeros(field.n_sites)
    near = _nearest_kept(field, lead, net_ms)
    most[lead] = saved(field, weight, upto_ms, lead, net_ms + ROUNDING_MS)
    known = near >= 0
    most[known] = most[near[known]]
    most[usable & ~known] = np.inf
    most[~usable] = 0.0
    # those that may be among the p largest, one by one, as long as they are few
    order = np.argsort(-most, kind="stable")
    order = order[usable[order]][:most_exact]
    most[order] = saved(field, weight, upto_ms, order, 0)
    top = np.sort(most[usable])[::-1][:p]
    return max(total * (1 - 1e-9) - float(top.sum()) * (1 + 1e-9), 0.0)


def _nearest_kept(field: Searches, lead: IntArray, net_ms: int) -> IntArray:
    """The nearest kept candidate of each, -1 where none is within the walk."""
    found = nearest(field.impedance, field.stops_of(lead), field.candidates, limit_ms=net_ms)
    near = np.full(field.n_sites, -1, np.int64)
    near[found.place] = lead[found.facility]
    # from one of several doors somebody may be near to whom the others are not
    near[np.diff(field.stops[0]) > 1] = -1
    near[lead] = lead
    return near


def saved(
    field: Searches, weight: FloatArray, upto_ms: IntArray, some: IntArray, extra_ms: int
) -> FloatArray:
    """Sum of weight times min(t_i, t_i + extra - walk), where above 0, of some candidates."""
    costs, place = field.impedance, field.place
    limit_ms = int(upto_ms.max(initial=0)) + extra_ms
    parts = in_blocks(
        lambda lo, hi: _saved(
            costs.first_arc, costs.arc_to_ms, costs.arc_edge_side, costs.in_ms, costs.out_open,
            costs.in_open, *field.seeds, *field.stops, field.place_first, place.owner,
            place.offset_mm, place.out_ms, place.in_ms, place.access_ms, weight, upto_ms,
            some[lo:hi], limit_ms, extra_ms,
        ),
        len(some),
        threads=field.threads,
    )  # fmt: skip
    return np.concatenate([np.empty(0, np.float64), *parts])


@kernel
def _saved(
    first_arc, arc_to_ms, arc_edge_side, in_ms, out_open, in_open,
    seed_first, seed_node, seed_ms,
    stop_first, stop_edge, stop_mm, stop_out, stop_in, stop_access,
    place_first, place_owner, place_mm, place_out, place_in, place_access,
    weight, upto_ms, some, limit_ms, extra_ms,
):  # fmt: skip
    n = len(first_arc) - 1
    label = np.full(n, UNREACHED, np.int32)
    head = np.full((limit_ms >> BUCKET_BITS) + 1, -1, np.int32)
    following, entry = np.empty(4096, np.int32), np.empty(4096, np.int64)
    state = np.zeros(4, np.int64)
    reached = np.empty(n, np.int32)
    best = np.full(len(weight), UNREACHED, np.int32)
    touched = np.empty(len(weight), np.int64)
    result = np.zeros(len(some))
    for s in range(len(some)):
        source = some[s]
        following, entry = spread_from(
            source, seed_first, seed_node, seed_ms, first_arc, arc_to_ms, label, head, following,
            entry, state, reached, 0, limit_ms,
        )  # fmt: skip
        count = 0
        for r in range(state[3]):
            node = reached[r]
            ms = np.int64(label[node])
            label[node] = UNREACHED
            for a in range(first_arc[node], first_arc[node + 1]):
                e, from_head = arc_edge_side[a] >> 1, arc_edge_side[a] & 1
                for q in range(place_first[e], place_first[e + 1]):
                    i = place_owner[q]
                    way = np.int64(in_ms[e]) - place_in[q] if from_head else np.int64(place_out[q])
                    t = ms + way + place_access[q]
                    if t < best[i] and t < upto_ms[i] + extra_ms:
                        if best[i] == UNREACHED:
                            touched[count] = i
                            count += 1
                        best[i] = t
        for k in range(stop_first[source], stop_first[source + 1]):
            e = stop_edge[k]
            for q in range(place_first[e], place_first[e + 1]):
                t = along(
                    stop_mm[k], stop_out[k], stop_in[k], place_mm[q], place_out[q], place_in[q],
                    out_open[e], in_open[e],
                )  # fmt: skip
                i = place_owner[q]
                if t < 0:
                    continue
                t += np.int64(stop_access[k]) + place_access[q]
                if t < best[i] and t < upto_ms[i] + extra_ms:
                    if best[i] == UNREACHED:
                        touched[count] = i
                        count += 1
                    best[i] = t
        total = 0.0
        for k in range(count):
            i = touched[k]
            total += weight[i] * min(upto_ms[i], upto_ms[i] + extra_ms - best[i])
            best[i] = UNREACHED
        result[s] = total
    return result
