"""The compiled searches of the greedy over every point: gains of candidates, bounds from hubs."""

# ruff: noqa: ANN001, ANN201 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import numpy as np

from quarterhour.core.search import BUCKET_BITS, UNREACHED, _put, _spread, along, grown, spread_from
from quarterhour.kernels import kernel

NEVER = np.int64(1) << 40


@kernel
def needs(arc_edge_side, in_ms, place_first, place_out, place_in, place_access, mixed):
    """Milliseconds from the start of each arc to the last place on its edge, int64.

    `NEVER` where the places of the edge must be looked at one by one.
    """
    result = np.empty(len(arc_edge_side), np.int64)
    for a in range(len(arc_edge_side)):
        e, from_head = arc_edge_side[a] >> 1, arc_edge_side[a] & 1
        most = np.int64(0)
        for p in range(place_first[e], place_first[e + 1]):
            part = np.int64(in_ms[e]) - place_in[p] if from_head else np.int64(place_out[p])
            most = max(most, part + place_access[p])
        result[a] = NEVER if mixed[e] else most
    return result


@kernel
def gains(
    first_arc, arc_to_ms, arc_edge_side, in_ms, out_open, in_open,
    seed_first, seed_node, seed_ms,
    stop_first, stop_edge, stop_mm, stop_out, stop_in, stop_access,
    place_first, place_owner, place_mm, place_out, place_in, place_access,
    left, edge_sum, need_ms, some, limit_ms,
):  # fmt: skip
    """What each of `some` candidates gains: `left` of the places within `limit_ms`, int64.

    `edge_sum`: the `left` of all places of an edge.
    """
    n, n_edges = len(first_arc) - 1, len(edge_sum)
    label = np.full(n, UNREACHED, np.int32)
    head = np.full((limit_ms >> BUCKET_BITS) + 1, -1, np.int32)
    following, entry = np.empty(4096, np.int32), np.empty(4096, np.int64)
    state = np.zeros(4, np.int64)
    reached = np.empty(n, np.int32)
    seen = np.zeros(len(left), np.int32)
    edge_seen = np.zeros(n_edges, np.int32)
    part = np.zeros(n_edges, np.int64)
    result = np.empty(len(some), np.int64)
    for s in range(len(some)):
        source, mark = some[s], s + 1
        following, entry = spread_from(
            source, seed_first, seed_node, seed_ms, first_arc, arc_to_ms, label, head, following,
            entry, state, reached, 0, limit_ms,
        )  # fmt: skip
        gain = np.int64(0)
        for r in range(state[3]):
            node = reached[r]
            ms = np.int64(label[node])
            for a in range(first_arc[node], first_arc[node + 1]):
                e = arc_edge_side[a] >> 1
                if edge_sum[e] == 0 or edge_seen[e] == -mark:
                    continue
                if edge_seen[e] != mark:
                    edge_seen[e], part[e] = mark, 0
                if ms + need_ms[a] <= limit_ms:
                    gain += edge_sum[e] - part[e]
                    edge_seen[e] = -mark
                    continue
                from_head = arc_edge_side[a] & 1
                for p in range(place_first[e], place_first[e + 1]):
                    owner = place_owner[p]
                    way = np.int64(in_ms[e]) - place_in[p] if from_head else np.int64(place_out[p])
                    if ms + way + place_access[p] <= limit_ms and seen[owner] != mark:
                        seen[owner] = mark
                        gain += left[owner]
                        part[e] += left[owner]
            label[node] = UNREACHED
        for k in range(stop_first[source], stop_first[source + 1]):
            e = stop_edge[k]
            if edge_seen[e] == -mark:
                continue
            for p in range(place_first[e], place_first[e + 1]):
                t = along(
                    stop_mm[k], stop_out[k], stop_in[k], place_mm[p], place_out[p], place_in[p],
                    out_open[e], in_open[e],
                )  # fmt: skip
                owner = place_owner[p]
                if t < 0 or seen[owner] == mark:
                    continue
                if t + np.int64(stop_access[k]) + place_access[p] <= limit_ms:
                    seen[owner] = mark
                    gain += left[owner]
        result[s] = gain
    return result


@kernel
def hubs(first_arc, arc_to_ms, limit_ms):
    """Nodes so that every node is within `limit_ms` of one; the nearest of each, and the walk."""
    n = len(first_arc) - 1
    label = np.full(n, UNREACHED, np.int32)
    head = np.full((limit_ms >> BUCKET_BITS) + 1, -1, np.int32)
    following, entry = np.empty(4096, np.int32), np.empty(4096, np.int64)
    state = np.zeros(4, np.int64)
    reached = np.empty(n, np.int32)
    hub = np.full(n, -1, np.int64)
    ms = np.full(n, UNREACHED, np.int64)
    found = np.empty(n, np.int64)
    count = 0
    for node in range(n):
        if hub[node] >= 0 or first_arc[node] == first_arc[node + 1]:
            continue
        state[0], state[1], state[2], state[3] = len(head), -1, 0, 1
        reached[0], label[node] = node, 0
        _put(np.int64(0), np.int64(node), head, following, entry, state)
        while not _spread(
            first_arc, arc_to_ms, label, head, following, entry, state, reached, limit_ms
        ):
            following, entry = grown(following), grown(entry)
        for r in range(state[3]):
            other = reached[r]
            if label[other] < ms[other]:
                hub[other], ms[other] = count, label[other]
            label[other] = UNREACHED
        found[count] = node
        count += 1
    return found[:count].copy(), hub, ms


@kernel
def nearest_hub(
    node_hub, node_ms, out_open, in_open, tail, head, in_ms, owner, edge, out, inward, n, limit_ms
):  # fmt: skip
    """Hub of each candidate and milliseconds from it to all its positions; -1 beyond `limit_ms`."""
    hub = np.full(n, -2, np.int64)
    ms = np.zeros(n, np.int64)
    for k in range(len(owner)):
        e, c = edge[k], owner[k]
        who, t = np.int64(-1), np.int64(UNREACHED)
        if out_open[e] and node_hub[tail[e]] >= 0:
            who, t = node_hub[tail[e]], node_ms[tail[e]] + out[k]
        if in_open[e] and node_hub[head[e]] >= 0:
            other = node_ms[head[e]] + in_ms[e] - inward[k]
            if other < t:
                who, t = node_hub[head[e]], other
        if t > limit_ms or (hub[c] != -2 and hub[c] != who):
            hub[c] = -1
        else:
            hub[c], ms[c] = who, max(ms[c], t)
    for c in range(n):
        hub[c] = max(hub[c], -1)
    return hub, ms


@kernel
def profiles(
    first_arc, arc_to_ms, arc_edge_side, in_ms, place_first, place_owner, place_out, place_in,
    place_access, left, edge_sum, nodes, limit_ms, most_ms, step_ms,
):  # fmt: skip
    """`left` of the places within `limit_ms`, and one, two ... `step_ms` more, of each node."""
    n, n_steps = len(first_arc) - 1, most_ms // step_ms + 1
    far_ms = limit_ms + most_ms
    label = np.full(n, UNREACHED, np.int32)
    head = np.full((far_ms >> BUCKET_BITS) + 1, -1, np.int32)
    following, entry = np.empty(4096, np.int32), np.empty(4096, np.int64)
    state = np.zeros(4, np.int64)
    reached = np.empty(n, np.int32)
    best = np.full(len(left), UNREACHED, np.int32)
    touched = np.empty(len(left), np.int32)
    result = np.zeros((len(nodes), n_steps), np.int64)
    for s in range(len(nodes)):
        node = nodes[s]
        state[0], state[1], state[2], state[3] = len(head), -1, 0, 1
        reached[0], label[node] = node, 0
        _put(np.int64(0), np.int64(node), head, following, entry, state)
        while not _spread(
            first_arc, arc_to_ms, label, head, following, entry, state, reached, far_ms
        ):
            following, entry = grown(following), grown(entry)
        count = 0
        for r in range(state[3]):
            node = reached[r]
            ms = np.int64(label[node])
            for a in range(first_arc[node], first_arc[node + 1]):
                e, from_head = arc_edge_side[a] >> 1, arc_edge_side[a] & 1
                if edge_sum[e] == 0:
                    continue
                for p in range(place_first[e], place_first[e + 1]):
                    way = np.int64(in_ms[e]) - place_in[p] if from_head else np.int64(place_out[p])
                    t = ms + way + place_access[p]
                    owner = place_owner[p]
                    if t <= far_ms and t < best[owner]:
                        if best[owner] == UNREACHED:
                            touched[count] = owner
                            count += 1
                        best[owner] = t
            label[node] = UNREACHED
        for k in range(count):
            owner = touched[k]
            late = max(np.int64(best[owner]) - limit_ms, 0)
            result[s, (late + step_ms - 1) // step_ms] += left[owner]
            best[owner] = UNREACHED
        for b in range(1, n_steps):
            result[s, b] += result[s, b - 1]
    return result


@kernel
def lower(most, step, first, candidate, some, profile):
    """Lower what the candidates of some hubs may gain to the hub's bound."""
    for s in range(len(some)):
        for k in range(first[some[s]], first[some[s] + 1]):
            c = candidate[k]
            most[c] = min(most[c], profile[s, step[c]])
