"""Blocks of independent work on threads, put together in order."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def thread_count(threads: int | None = None) -> int:
    """Threads to use: `threads`, or one per processor this process may run on."""
    if threads is not None:
        return max(1, threads)
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # not on Windows and macOS
        return os.cpu_count() or 1


def in_blocks(
    work: Callable[[int, int], T], n: int, *, threads: int | None = None, smallest: int = 1
) -> list[T]:
    """Results of `work(lo, hi)` over consecutive blocks of 0 .. n - 1, in order.

    Blocks are handed to threads; compiled kernels release the GIL. The number of threads changes
    the blocks, so the caller's results must not depend on where a block begins.
    """
    if n == 0:
        return []
    count = min(thread_count(threads), -(-n // smallest))
    bounds = [n * k // count for k in range(count + 1)]
    if count == 1:
        return [work(0, n)]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, bounds[:-1], bounds[1:]))
