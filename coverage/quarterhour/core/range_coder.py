"""Whole numbers to few bytes: an adaptive binary range coder, as the page's script reads it again.

Every choice between two ways is coded with the chance that it has had so far in its place: the mean
of a chance that learns fast and of one that learns slowly, each a 16-bit number. What is coded:

    symbol    k bits, the highest first, each in the place that the bits before it lead to
    number    its bits are counted by a symbol of 5 (31: there are more, 5 even bits tell how many),
              then come those below the highest: up to three as a symbol, of more only the first,
              and the rest even
    uniform   one of n equal chances

Only integers below 2^48 and divisions of 32-bit numbers are needed: the same in any language. The
carry is handled as in LZMA (Igor Pavlov, public domain).
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

SYMBOL, NUMBER, UNIFORM = 0, 1, 2
NUMBER_PLACES = 32 + 48 * 8
"""Places of chances that numbers of one context take."""

MOST_BITS = 47
_HALF = 1 << 15
_SHORT = 31
_FAST, _SLOW = 4, 7


def encode(kind: Ints, place: Ints, value: Ints, size: Ints, n_places: int) -> bytes:
    """Bytes of the values, one after the other.

    `kind`: SYMBOL, NUMBER or UNIFORM. `place`: where the chances of a symbol or number begin, of
    `n_places` in all; values with the same place learn from each other. `size`: bits of a symbol,
    or how many values a uniform one is among (1 to 2^47). `value`: not negative, and of that size.
    """
    chance = np.full((n_places, 2), _HALF, np.int64)
    longest = 8 * len(kind) + 64  # no value takes more than 64 bits in the mean of many
    while True:
        out = np.zeros(longest, np.uint8)
        chance[:] = _HALF
        n = int(_encode(kind, place, value, size, chance, out))
        if n >= 0:
            return out[:n].tobytes()
        longest *= 2


@kernel
def _encode(kind, place, value, size, chance, out):
    """Number of bytes written to `out`, -1 where it is too short."""
    # low, range, the byte that waits, how many wait, bytes written
    state = np.array([0, 0xFFFFFFFF, 0, 1, 0], np.int64)
    for i in range(len(kind)):
        if state[4] + state[3] + 128 > len(out):
            return -1
        v, at = value[i], place[i]
        if kind[i] == SYMBOL:
            _symbol(state, chance, out, at, size[i], v)
        elif kind[i] == UNIFORM:
            _uniform(state, out, v, size[i])
        else:
            bits = 0
            while v >> bits:
                bits += 1
            _symbol(state, chance, out, at, 5, min(bits, _SHORT))
            if bits >= _SHORT:
                _even(state, out, bits - _SHORT, 32)
            rest = bits - 1
            if rest > 0:
                top = rest if rest < 4 else 1
                rest -= top
                _symbol(state, chance, out, at + 32 + bits * 8, top, (v >> rest) & ((1 << top) - 1))
                _bits(state, out, v & ((1 << rest) - 1), rest)
    for _ in range(5):
        _shift(state, out)
    return state[4]


@kernel
def _symbol(state, chance, out, at, bits, v):
    node = 1
    for k in range(bits - 1, -1, -1):
        bit = (v >> k) & 1
        fast, slow = chance[at + node, 0], chance[at + node, 1]
        bound = (state[1] >> 12) * ((fast + slow) >> 5)
        if bit:
            state[0] += bound
            state[1] -= bound
            chance[at + node, 0] = fast - (fast >> _FAST)
            chance[at + node, 1] = slow - (slow >> _SLOW)
        else:
            state[1] = bound
            chance[at + node, 0] = fast + ((65536 - fast) >> _FAST)
            chance[at + node, 1] = slow + ((65536 - slow) >> _SLOW)
        node = 2 * node + bit
        while state[1] < 1 << 24:
            state[1] <<= 8
            _shift(state, out)


@kernel
def _uniform(state, out, v, n):
    """One of n: the highest 16 bits as one of as many as there are, the rest even."""
    rest = 0
    while (n - 1) >> rest >= 1 << 16:
        rest += 1
    _even(state, out, v >> rest, ((n - 1) >> rest) + 1)
    _bits(state, out, v & ((1 << rest) - 1), rest)


@kernel
def _bits(state, out, v, n):
    """The lowest n bits of v, the lowest 16 first."""
    while n > 0:
        some = min(n, 16)
        _even(state, out, v & ((1 << some) - 1), 1 << some)
        v >>= some
        n -= some


@kernel
def _even(state, out, v, n):
    """One of n equal chances, at most 2^16."""
    part = state[1] // n
    state[0] += part * v
    state[1] = part
    while state[1] < 1 << 24:
        state[1] <<= 8
        _shift(state, out)


@kernel
def _shift(state, out):
    """The highest byte of what is coded goes out, unless a carry may still change it."""
    low = state[0]
    if low < 0xFF000000 or low >= 1 << 32:
        carry = low >> 32
        byte = state[2]
        while state[3] > 0:
            out[state[4]] = (byte + carry) & 0xFF
            state[4] += 1
            state[3] -= 1
            byte = 0xFF
        state[2] = (low >> 24) & 0xFF
    state[3] += 1
    state[0] = (low & 0x00FFFFFF) << 8


def recency(value: Ints, most: int) -> Ints:
    """How many other values came lately since the last of the same, plus one; 0 for a new one.

    A value is new too where more than `most` others came since.
    """
    return np.asarray(_recency(np.ascontiguousarray(value, np.int64), most), np.int64)


@kernel
def _recency(value, most):
    lately = np.zeros(most, np.int64)
    rank = np.zeros(len(value), np.int64)
    n = 0
    for i in range(len(value)):
        at = 0
        while at < n and lately[at] != value[i]:
            at += 1
        if at < n:
            rank[i] = at + 1
        else:
            n = min(n + 1, most)
            at = n - 1
        for k in range(at, 0, -1):
            lately[k] = lately[k - 1]
        lately[0] = value[i]
    return rank
