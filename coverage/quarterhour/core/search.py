"""The compiled searches: bounded Dijkstra per source, and from all sources at once.

Labels are int32 milliseconds. A heap entry packs milliseconds above the node, so that entries order
by time and then by node. A search touches only what it reaches: the label array is made once per
block of sources and is cleaned along the list of reached nodes.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import numpy as np

from quarterhour.kernels import kernel

UNREACHED = np.int32(2_147_483_647)
"""Label of a node that was not reached; never leaves the kernels."""

LOW = np.int64(0xFFFFFFFF)


@kernel
def _sift_up(heap, at):
    entry = heap[at]
    while at > 0:
        up = (at - 1) >> 2
        if heap[up] <= entry:
            break
        heap[at] = heap[up]
        at = up
    heap[at] = entry


@kernel
def _pop(heap, size):
    """Smallest entry of a 4-ary heap of `size` entries; the last one takes its place."""
    top = heap[0]
    size -= 1
    entry = heap[size]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        best = child
        value = heap[child]
        for c in range(child + 1, min(child + 4, size)):
            if heap[c] < value:
                best, value = c, heap[c]
        if value >= entry:
            break
        heap[at] = value
        at = best
    heap[at] = entry
    return top


@kernel
def grown(array):
    """A copy with twice the room."""
    bigger = np.empty(2 * len(array) + 16, array.dtype)
    bigger[: len(array)] = array
    return bigger


@kernel
def bounded(first_arc, arc_to_ms, seed_first, seed_node, seed_ms, lo, hi, limit_ms):
    """Nodes within `limit_ms` of each source lo .. hi - 1: CSR offsets, nodes, milliseconds."""
    label = np.full(len(first_arc) - 1, UNREACHED, np.int32)
    out_first = np.zeros(hi - lo + 1, np.int64)
    out_node = np.empty(1024, np.int32)
    out_ms = np.empty(1024, np.int32)
    heap = np.empty(1024, np.int64)
    count = 0
    for source in range(lo, hi):
        size = 0
        begin = count
        for k in range(seed_first[source], seed_first[source + 1]):
            node, ms = seed_node[k], seed_ms[k]
            if ms <= limit_ms and ms < label[node]:
                label[node] = ms
                if size == len(heap):
                    heap = grown(heap)
                heap[size] = (np.int64(ms) << 32) | np.int64(node)
                _sift_up(heap, size)
                size += 1
        while size > 0:
            top = _pop(heap, size)
            size -= 1
            node = top & LOW
            ms = top >> 32
            if ms > label[node]:
                continue
            if count == len(out_node):
                out_node, out_ms = grown(out_node), grown(out_ms)
            out_node[count] = node
            out_ms[count] = ms
            count += 1
            for a in range(first_arc[node], first_arc[node + 1]):
                to_ms = arc_to_ms[a]
                target = to_ms & LOW
                t = ms + (to_ms >> 32)
                if t <= limit_ms and t < label[target]:
                    label[target] = t
                    if size == len(heap):
                        heap = grown(heap)
                    heap[size] = (t << 32) | target
                    _sift_up(heap, size)
                    size += 1
        for k in range(begin, count):
            label[out_node[k]] = UNREACHED
        out_first[source - lo + 1] = count
    return out_first, out_node[:count], out_ms[:count]


@kernel
def from_all(first_arc, arc_to_ms, seed_node, seed_ms, seed_source, limit_ms):
    """Smallest (milliseconds, source) per node over all sources; equal times go to the lowest source.

    Two label arrays of network size; a label that improves in time, or in source at equal time, is
    pushed again, so that the result is the unique smallest pair.
    """
    n = len(first_arc) - 1
    label = np.full(n, UNREACHED, np.int32)
    source = np.full(n, UNREACHED, np.int32)
    heap = np.empty(4096, np.int64)
    size = 0
    for k in range(len(seed_node)):
        node, ms, s = seed_node[k], seed_ms[k], seed_source[k]
        if ms <= limit_ms and (ms < label[node] or (ms == label[node] and s < source[node])):
            label[node] = ms
            source[node] = s
            if size == len(heap):
                heap = grown(heap)
            heap[size] = (np.int64(ms) << 32) | np.int64(node)
            _sift_up(heap, size)
            size += 1
    while size > 0:
        top = _pop(heap, size)
        size -= 1
        node = top & LOW
        ms = top >> 32
        if ms > label[node]:
            continue
        s = source[node]
        for a in range(first_arc[node], first_arc[node + 1]):
            to_ms = arc_to_ms[a]
            target = to_ms & LOW
            t = ms + (to_ms >> 32)
            if t > limit_ms:
                continue
            if t < label[target] or (t == label[target] and s < source[target]):
                label[target] = t
                source[target] = s
                if size == len(heap):
                    heap = grown(heap)
                heap[size] = (t << 32) | target
                _sift_up(heap, size)
                size += 1
    return label, source


@kernel
def nearest_place(
    label, source, out_open, in_open, tail, head, in_ms,
    place_edge, place_mm, place_out, place_in, place_access,
    stop_first, stop_owner, stop_mm, stop_out, stop_in, stop_access, limit_ms,
):  # fmt: skip
    """Smallest (milliseconds, source) per linked place; source -1 where none is within the limit.

    `stop_*`: linked facilities, CSR by edge, for places on the same edge.
    """
    n = len(place_edge)
    best_ms = np.empty(n, np.int32)
    best_source = np.empty(n, np.int32)
    for p in range(n):
        e = place_edge[p]
        ms, who = np.int64(UNREACHED), np.int64(UNREACHED)
        if out_open[e] and label[tail[e]] != UNREACHED:
            ms, who = np.int64(label[tail[e]]) + place_out[p], np.int64(source[tail[e]])
        if in_open[e] and label[head[e]] != UNREACHED:
            t = np.int64(label[head[e]]) + in_ms[e] - place_in[p]
            if t < ms or (t == ms and source[head[e]] < who):
                ms, who = t, np.int64(source[head[e]])
        for k in range(stop_first[e], stop_first[e + 1]):
            t = along(
                stop_mm[k], stop_out[k], stop_in[k], place_mm[p], place_out[p], place_in[p],
                out_open[e], in_open[e],
            )  # fmt: skip
            if t >= 0:
                t += stop_access[k]
                if t < ms or (t == ms and stop_owner[k] < who):
                    ms, who = t, np.int64(stop_owner[k])
        ms += place_access[p]
        found = who != UNREACHED and ms <= limit_ms
        best_ms[p] = ms if found else 0
        best_source[p] = who if found else -1
    return best_ms, best_source


@kernel
def along(from_mm, from_out, from_in, to_mm, to_out, to_in, out_open, in_open):
    """Milliseconds between two positions along their one edge, -1 where that way is closed."""
    if out_open and to_mm >= from_mm:
        return np.int64(to_out) - from_out
    if in_open and to_mm <= from_mm:
        return np.int64(from_in) - to_in
    return np.int64(-1)


@kernel
def places_within(
    first_arc, arc_edge_side, reach_first, reach_node, reach_ms, in_ms,
    place_first, place_owner, place_mm, place_out, place_in, place_access, n_owners,
    stop_first, stop_edge, stop_mm, stop_out, stop_in, stop_access, out_open, in_open, lo, hi,
    limit_ms,
):  # fmt: skip
    """Owners within `limit_ms` of each source lo .. hi - 1: CSR offsets, owners, milliseconds.

    `place_*`: linked places, CSR by edge. `stop_*`: linked points of the sources, CSR by source.
    """
    best = np.full(n_owners, UNREACHED, np.int32)
    touched = np.empty(1024, np.int32)
    out_first = np.zeros(hi - lo + 1, np.int64)
    out_owner = np.empty(1024, np.int32)
    out_ms = np.empty(1024, np.int32)
    count = 0
    for source in range(lo, hi):
        n = 0
        for r in range(reach_first[source], reach_first[source + 1]):
            node, label = reach_node[r], np.int64(reach_ms[r])
            for a in range(first_arc[node], first_arc[node + 1]):
                e, from_head = arc_edge_side[a] >> 1, arc_edge_side[a] & 1
                for p in range(place_first[e], place_first[e + 1]):
                    part = in_ms[e] - place_in[p] if from_head else place_out[p]
                    t = label + part + place_access[p]
                    if t <= limit_ms and t < best[place_owner[p]]:
                        owner = place_owner[p]
                        if best[owner] == UNREACHED:
                            if n == len(touched):
                                touched = grown(touched)
                            touched[n] = owner
                            n += 1
                        best[owner] = t
        for k in range(stop_first[source], stop_first[source + 1]):
            e = stop_edge[k]
            for p in range(place_first[e], place_first[e + 1]):
                t = along(
                    stop_mm[k], stop_out[k], stop_in[k], place_mm[p], place_out[p], place_in[p],
                    out_open[e], in_open[e],
                )  # fmt: skip
                if t < 0:
                    continue
                t += np.int64(stop_access[k]) + place_access[p]
                if t <= limit_ms and t < best[place_owner[p]]:
                    owner = place_owner[p]
                    if best[owner] == UNREACHED:
                        if n == len(touched):
                            touched = grown(touched)
                        touched[n] = owner
                        n += 1
                    best[owner] = t
        touched[:n].sort()
        for k in range(n):
            if count == len(out_owner):
                out_owner, out_ms = grown(out_owner), grown(out_ms)
            out_owner[count] = touched[k]
            out_ms[count] = best[touched[k]]
            best[touched[k]] = UNREACHED
            count += 1
        out_first[source - lo + 1] = count
    return out_first, out_owner[:count], out_ms[:count]
