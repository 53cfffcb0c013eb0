"""Arrays of whole numbers as one row of choices for `core.range_coder`, and the text of a page.

    base85( gzip( length of the head in 4 bytes, little-endian; head as JSON; the coded arrays ) )

The checksum of gzip covers everything. Base 85 takes 5 characters for 4 bytes where base 64 takes
16 for 12; those of its characters that mean something in HTML or in a template are others here.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.core.range_coder import MOST_BITS, NUMBER, NUMBER_PLACES, SYMBOL, UNIFORM, encode
from quarterhour.render.map.pack import zigzag

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Ints = np.ndarray[Any, np.dtype[np.int64]]

PLAIN: Final = bytes.maketrans(b"<>&{}", b".,:[]")
"""Characters of base 85 that are others here."""

SEAL: Final = 29011
"""What stands behind the last array: a reader that does not find it has read something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Numbers that are read one after the other: as `core.range_coder` codes them.

    `at`: number of the step of the reader at which each is read.
    """

    kind: int
    place: Ints
    value: Ints
    size: Ints
    at: Ints


class Stream:
    """Numbers in the order in which the page reads them."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, Ints, Ints, Ints]] = []
        self._n_places = 0

    def symbols(
        self, values: Ints, bits: int, context: ArrayLike = 0, n_contexts: int = 1,
        at: Ints | None = None,
    ) -> Part:  # fmt: skip
        """Values of `bits` bits, each with the chances of its context."""
        return self._learnt(SYMBOL, values, context, n_contexts, 1 << bits, bits, at)

    def numbers(
        self, values: Ints, context: ArrayLike = 0, n_contexts: int = 1, *, signed: bool = False,
        at: Ints | None = None,
    ) -> Part:  # fmt: skip
        """Values of any size; signed ones are zig-zag coded first.

        ValueError for a negative one that is not said to be signed.
        """
        data = zigzag(np.asarray(values, np.int64)) if signed else values
        return self._learnt(NUMBER, data, context, n_contexts, NUMBER_PLACES, 0, at)

    def uniform(self, values: Ints, among: Ints, at: Ints | None = None) -> Part:
        """Values from 0 up to, but not including, `among`, each as likely as any other."""
        value, size = (np.asarray(v, np.int64) for v in (values, among))
        if bool(((value < 0) | (value >= size)).any()):
            message = "a value is none of those that there are"
            raise ValueError(message)
        steps = np.arange(len(value)) if at is None else at
        return Part(kind=UNIFORM, place=np.zeros_like(value), value=value, size=size, at=steps)

    def _learnt(
        self, kind: int, values: Ints, context: ArrayLike, n_contexts: int, places: int, bits: int,
        at: Ints | None,
    ) -> Part:  # fmt: skip
        value = np.asarray(values, np.int64)
        most = bits if kind == SYMBOL else MOST_BITS
        if value.size and (int(value.min()) < 0 or int(value.max()) >> most):
            message = f"a number is negative or has more than {most} bits"
            raise ValueError(message)
        of = np.broadcast_to(np.asarray(context, np.int64), value.shape)
        place = self._n_places + places * of
        self._n_places += places * n_contexts
        size = np.full(value.shape, bits, np.int64)
        steps = np.arange(len(value)) if at is None else at
        return Part(kind=kind, place=np.ascontiguousarray(place), value=value, size=size, at=steps)

    def put(self, *parts: Part) -> None:
        """Add parts, step by step, those of one step in their order here."""
        kind = np.concatenate([np.full(len(p.value), p.kind, np.int64) for p in parts])
        at = np.concatenate([p.at for p in parts])
        place, value, size = (
            np.concatenate([getattr(p, name) for p in parts]) for name in ("place", "value", "size")
        )
        if len(parts) > 1:
            order = np.argsort(at, kind="stable")
            kind, place, value, size = (v[order] for v in (kind, place, value, size))
        self._parts.append((kind, place, value, size))

    def flags(self, values: ArrayLike) -> None:
        """Add booleans."""
        self.put(self.symbols(np.asarray(values, bool).astype(np.int64), 1))

    def spells(self, values: ArrayLike) -> None:
        """Add booleans that seldom change: how many there are of each kind, false ones first."""
        every = np.asarray(values, bool)
        change = np.flatnonzero(np.diff(every.astype(np.int64), prepend=0))
        last = np.diff(np.append(change, len(every)))
        first = change[:1] if len(change) else np.array([len(every)])
        lengths = np.concatenate([first, last])
        self.array(np.append(len(lengths), lengths))

    def array(self, values: Ints, *, signed: bool = False) -> None:
        """Add numbers of one kind."""
        self.put(self.numbers(values, signed=signed))

    def text(self, head: dict[str, Any]) -> str:
        """All of them behind their head."""
        one = np.ones(1, np.int64)
        self.put(self.uniform(SEAL * one, 65536 * one))
        kind, place, value, size = (np.concatenate([p[k] for p in self._parts]) for k in range(4))
        coded = encode(kind, place, value, size, self._n_places)
        words = json.dumps(
            head, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        ).encode("utf-8", "replace")  # fmt: skip
        whole = struct.pack("<I", len(words)) + words + coded
        packed = base64.b85encode(gzip.compress(whole, 9, mtime=0))
        return packed.translate(PLAIN).decode("ascii")
