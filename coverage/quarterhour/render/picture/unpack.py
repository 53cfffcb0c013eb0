"""What a map's page holds, read back: for drawing it without a browser.

The other way round of `render.map.pack`; coordinates come back as longitude and latitude.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.errors import InputError
from quarterhour.render.map.pack import N_RANKS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Line = NDArray[np.float64]

_DATA: Final = re.compile(r'<script type="application/json" id="qh-data">(.*?)</script>', re.DOTALL)
_NEEDED: Final = ("title", "language", "bounds", "steps", "roads", "services", "story", "facts")


def page_data(page: str, name: str) -> dict[str, Any]:
    """The data of a map's page; `name`: the file's, for the message.

    Raises
    ------
    InputError
        The page is not a map of this program, or of a version that wrote other data.
    """
    found = _DATA.search(page)
    if found is None:
        raise InputError(
            f"{name}: is not a map; give a study file (TOML) or a map.html that quarterhour wrote"
        )
    try:
        data = json.loads(found.group(1))
    except ValueError as error:
        raise InputError(
            f"{name}: the data of this map are damaged; run the study again"
        ) from error
    if not isinstance(data, dict) or not all(key in data for key in _NEEDED):
        raise InputError(f"{name}: was written by another version; run the study again")
    return data


def numbers(packed: str) -> NDArray[np.int64]:
    """The unsigned whole numbers of a stream; ValueError for a damaged one."""
    try:
        raw = np.frombuffer(base64.b64decode(packed, validate=True), dtype=np.uint8)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if not raw.size:
        return np.zeros(0, np.int64)
    last = raw < 128
    if not last[-1]:
        message = "a stream ends within a number"
        raise ValueError(message)
    first = np.concatenate([[0], np.flatnonzero(last)[:-1] + 1])
    place = np.arange(raw.size) - np.repeat(first, np.diff(np.append(first, raw.size)))
    parts = (raw & 127).astype(np.int64) << (7 * place)
    return np.add.reduceat(parts, first)


def _signed(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return (values >> 1) ^ -(values & 1)


def _points(values: NDArray[np.int64], step_deg: float) -> Line:
    """Longitude and latitude of every vertex of a stream of differences."""
    whole = np.cumsum(_signed(values).reshape(-1, 2), axis=0)
    return np.asarray(whole * step_deg, dtype=np.float64)


def roads(packed: str, step_deg: float) -> list[tuple[int, Line]]:
    """Rank and vertices of every line."""
    values = numbers(packed)
    by_rank = values[:N_RANKS]
    n = int(by_rank.sum())
    counts = values[N_RANKS : N_RANKS + n]
    points = _points(values[N_RANKS + n :], step_deg)
    lines = np.split(points, np.cumsum(counts)[:-1]) if n else []
    ranks = np.repeat(np.arange(N_RANKS), by_rank)
    return list(zip(ranks.tolist(), lines, strict=True))


def shapes(packed: str, step_deg: float) -> list[list[tuple[bool, Line]]]:
    """For every shape its rings: whether it is closed, and its vertices."""
    values = numbers(packed) if packed else np.zeros(0, np.int64)
    if not values.size:
        return []
    heads: list[list[int]] = []
    at = 1
    for _ in range(int(values[0])):
        n = int(values[at])
        heads.append(values[at + 1 : at + 1 + n].tolist())
        at += 1 + n
    points = _points(values[at:], step_deg)
    out, start = [], 0
    for rings in heads:
        shape = []
        for head in rings:
            size = head >> 1
            shape.append((bool(head & 1), points[start : start + size]))
            start += size
        out.append(shape)
    return out


def places(packed: str, n: int, step_deg: float) -> tuple[Line, NDArray[np.float64]]:
    """Longitude and latitude, and the amount, of every place."""
    values = numbers(packed).reshape(6, n) if n else np.zeros((6, 0), np.int64)
    at = np.cumsum(_signed(values[:2]), axis=1).T * step_deg
    return np.asarray(at, dtype=np.float64), np.asarray(values[2] / 10, dtype=np.float64)
