"""A plain bounded Dijkstra with a binary heap, compiled: what a careful programmer would write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def search(first: NDArray[Any], to: NDArray[Any], ms: NDArray[Any], source: int, limit: int) -> Any:  # noqa: ANN401
    """Nodes within `limit` of `source` and their milliseconds, on arcs in CSR."""
    return _search(first, to, ms, source, limit)


def batch(
    first: NDArray[Any], to: NDArray[Any], ms: NDArray[Any], sources: NDArray[Any], limit: int
) -> int:
    """Number of nodes reached from all sources, one after another, on one set of work arrays."""
    return int(_batch(first, to, ms, sources, limit))


@numba.njit(cache=False, nogil=True)
def _run(first, to, ms, source, limit, best, heap_ms, heap_node, touched):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    best[source] = 0
    heap_ms[0], heap_node[0] = 0, source
    size, count = 1, 0
    touched[count] = source
    count += 1
    while size > 0:
        t, node = heap_ms[0], heap_node[0]
        size -= 1
        last_ms, last_node = heap_ms[size], heap_node[size]
        k = 0
        while True:
            child = 2 * k + 1
            if child >= size:
                break
            if child + 1 < size and heap_ms[child + 1] < heap_ms[child]:
                child += 1
            if heap_ms[child] >= last_ms:
                break
            heap_ms[k], heap_node[k] = heap_ms[child], heap_node[child]
            k = child
        heap_ms[k], heap_node[k] = last_ms, last_node
        if t > best[node]:
            continue
        for arc in range(first[node], first[node + 1]):
            other, reached = to[arc], t + ms[arc]
            if reached <= limit and reached < best[other]:
                if best[other] > limit:
                    touched[count] = other
                    count += 1
                best[other] = reached
                k = size
                size += 1
                while k > 0:
                    parent = (k - 1) >> 1
                    if heap_ms[parent] <= reached:
                        break
                    heap_ms[k], heap_node[k] = heap_ms[parent], heap_node[parent]
                    k = parent
                heap_ms[k], heap_node[k] = reached, other
    return count


@numba.njit(cache=False, nogil=True)
def _search(first, to, ms, source, limit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n = len(first) - 1
    best = np.full(n, limit + 1, np.int64)
    heap_ms, heap_node = np.empty(len(to) + 1, np.int64), np.empty(len(to) + 1, np.int64)
    touched = np.empty(n, np.int64)
    count = _run(first, to, ms, source, limit, best, heap_ms, heap_node, touched)
    return touched[:count], best[touched[:count]]


@numba.njit(cache=False, nogil=True)
def _batch(first, to, ms, sources, limit):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    n = len(first) - 1
    best = np.full(n, limit + 1, np.int64)
    heap_ms, heap_node = np.empty(len(to) + 1, np.int64), np.empty(len(to) + 1, np.int64)
    touched = np.empty(n, np.int64)
    total = 0
    for source in sources:
        count = _run(first, to, ms, source, limit, best, heap_ms, heap_node, touched)
        total += count
        for k in range(count):
            best[touched[k]] = limit + 1
    return total
