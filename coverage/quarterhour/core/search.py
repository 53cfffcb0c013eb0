"""The compiled searches: bounded shortest paths per source, and from all sources at once.

Labels are int32 milliseconds. Nodes wait in buckets of 2^14 ms, each a linked list, and a node
whose label improves inside its bucket is taken again (as in delta-stepping; Meyer and Sanders
2003, J. Algorithms 49:114-152), so the result is exact whatever the width; 16 s is about the
length of an edge, and some three times faster than a heap. A search touches only what it reaches:
the label array is made once per block of sources and is cleaned along the list of reached nodes.

The loops that do the work neither make nor replace arrays, which would cost more than the work;
when the queue is full they return, are given a larger one, and go on.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import numpy as np

from quarterhour.kernels import kernel

UNREACHED = np.int32(2_147_483_647)
"""Label of a node that was not reached; never leaves the kernels."""

LOW = np.int64(0xFFFFFFFF)
BUCKET_BITS = np.int64(14)


@kernel
def grown(array):
    """A copy with twice the room."""
    bigger = np.empty(2 * len(array) + 16, array.dtype)
    bigger[: len(array)] = array
    return bigger


@kernel
def _put(ms, node, head, following, entry, state):
    """Queue a node; `state` is (bucket, last bucket, entries used, nodes reached)."""
    used, bucket = state[2], ms >> BUCKET_BITS
    entry[used] = (ms << 32) | node
    following[used] = head[bucket]
    head[bucket] = used
    state[0] = min(state[0], bucket)
    state[1] = max(state[1], bucket)
    state[2] = used + 1


@kernel
def _spread(first_arc, arc_to_ms, label, head, following, entry, state, reached, limit_ms):
    """Work the queue off; False if it is full and must go on in a larger one."""
    bucket, last, used, count = state[0], state[1], state[2], state[3]
    room = len(entry)
    while bucket <= last:
        at = head[bucket]
        if at < 0:
            bucket += 1
            continue
        node, ms = entry[at] & LOW, entry[at] >> 32
        a0, a1 = first_arc[node], first_arc[node + 1]
        if used + (a1 - a0) > room:
            state[0], state[1], state[2], state[3] = bucket, last, used, count
            return False
        head[bucket] = following[at]
        if ms > label[node]:
            continue
        for a in range(a0, a1):
            to_ms = arc_to_ms[a]
            target = to_ms & LOW
            t = ms + (to_ms >> 32)
            if t > limit_ms or t >= label[target]:
                continue
            if label[target] == UNREACHED:
                reached[count] = target
                count += 1
            label[target] = t
            b0 = first_arc[target]
            if first_arc[target + 1] - b0 == 1 and arc_to_ms[b0] & LOW == node:
                continue  # a dead end leads only back
            c = t >> BUCKET_BITS
            entry[used] = (t << 32) | target
            following[used] = head[c]
            head[c] = used
            used += 1
            last = max(last, c)
    state[3] = count
    return True


@kernel
def spread_from(
    source, seed_first, seed_node, seed_ms, first_arc, arc_to_ms, label, head, following, entry,
    state, reached, begin, limit_ms,
):  # fmt: skip
    """Labels of the nodes around a source, which stand in `reached` from `begin` to `state[3]`.

    Returns `following` and `entry`, which may have grown; whoever asks wipes the labels.
    """
    seeds = seed_first[source + 1] - seed_first[source]
    while len(entry) < seeds:
        following, entry = grown(following), grown(entry)
    state[0], state[1], state[2], state[3] = len(head), -1, 0, begin
    for k in range(seed_first[source], seed_first[source + 1]):
        node, ms = np.int64(seed_node[k]), np.int64(seed_ms[k])
        if ms <= limit_ms and ms < label[node]:
            if label[node] == UNREACHED:
                reached[state[3]] = node
                state[3] += 1
            label[node] = ms
            _put(ms, node, head, following, entry, state)
    while not _spread(
        first_arc, arc_to_ms, label, head, following, entry, state, reached, limit_ms
    ):
        following, entry = grown(following), grown(entry)
    return following, entry


@kernel
def bounded(first_arc, arc_to_ms, seed_first, seed_node, seed_ms, lo, hi, limit_ms):
    """Nodes within `limit_ms` of each source lo .. hi - 1: CSR offsets, nodes, milliseconds."""
    n = len(first_arc) - 1
    label = np.full(n, UNREACHED, np.int32)
    head = np.full((limit_ms >> BUCKET_BITS) + 1, -1, np.int32)
    following = np.empty(4096, np.int32)
    entry = np.empty(4096, np.int64)
    state = np.zeros(4, np.int64)
    out_first = np.zeros(hi - lo + 1, np.int64)
    out_node = np.empty(0, np.int32)
    out_ms = np.empty(0, np.int32)
    for source in range(lo, hi):
        begin = out_first[source - lo]
        while len(out_node) - begin < n:
            out_node, out_ms = grown(out_node), grown(out_ms)
        following, entry = spread_from(
            source, seed_first, seed_node, seed_ms, first_arc, arc_to_ms, label, head, following,
            entry, state, out_node, begin, limit_ms,
        )  # fmt: skip
        for k in range(begin, state[3]):
            node = out_node[k]
            out_ms[k] = label[node]
            label[node] = UNREACHED
        out_first[source - lo + 1] = state[3]
    count = out_first[hi - lo]
    return out_first, out_node[:count].copy(), out_ms[:count].copy()


@kernel
def _spread_all(first_arc, arc_to_ms, label, source, head, following, entry, state, limit_ms):
    """As `_spread`, for labels of (milliseconds, source)."""
    bucket, last, used = state[0], state[1], state[2]
    room = len(entry)
    while bucket <= last:
        at = head[bucket]
        if at < 0:
            bucket += 1
            continue
        node, ms = entry[at] & LOW, entry[at] >> 32
        a0, a1 = first_arc[node], first_arc[node + 1]
        if used + (a1 - a0) > room:
            state[0], state[1], state[2] = bucket, last, used
            return False
        head[bucket] = following[at]
        if ms > label[node]:
            continue
        s = source[node]
        for a in range(a0, a1):
            to_ms = arc_to_ms[a]
            target = to_ms & LOW
            t = ms + (to_ms >> 32)
            if t > limit_ms or t > label[target] or (t == label[target] and s >= source[target]):
                continue
            label[target] = t
            source[target] = s
            c = t >> BUCKET_BITS
            entry[used] = (t << 32) | target
            following[used] = head[c]
            head[c] = used
            used += 1
            last = max(last, c)
    return True


@kernel
def from_all(first_arc, arc_to_ms, seed_node, seed_ms, seed_source, limit_ms):
    """Smallest (milliseconds, source) per node over all sources, by time and then by source.

    Two label arrays of network size; a label that improves in time, or in source at equal time, is
    queued again, so that the result is the unique smallest pair.
    """
    n = len(first_arc) - 1
    label = np.full(n, UNREACHED, np.int32)
    source = np.full(n, UNREACHED, np.int32)
    head = np.full((limit_ms >> BUCKET_BITS) + 1, -1, np.int32)
    following = np.empty(len(seed_node) + len(arc_to_ms) + 1024, np.int32)
    entry = np.empty(len(following), np.int64)
    state = np.zeros(4, np.int64)
    state[0], state[1] = len(head), -1
    for k in range(len(seed_node)):
        node, ms, s = np.int64(seed_node[k]), np.int64(seed_ms[k]), seed_source[k]
        if ms <= limit_ms and (ms < label[node] or (ms == label[node] and s < source[node])):
            label[node] = ms
            source[node] = s
            _put(ms, node, head, following, entry, state)
    while not _spread_all(
        first_arc, arc_to_ms, label, source, head, following, entry, state, limit_ms
    ):
        following, entry = grown(following), grown(entry)
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
