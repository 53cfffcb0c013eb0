"""Slopes of pieces in thousandths, found again from what the pieces are worth on the flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.slope import STEEPEST, THOUSAND, ratio
from quarterhour.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.model import RoadNetwork

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


def slopes_of(network: RoadNetwork, rule: str) -> tuple[Ints, Floats] | None:
    """Thousandths per piece, and the ratio of speeds from the steepest down to the steepest up.

    None where no terrain was given. Of several slopes that a short piece may have the gentlest is
    taken: each gives the very same lengths.

    Raises
    ------
    InputError
        Lengths on the flat that no slope of this rule gives.
    """
    forward, backward = network.piece_forward_mm, network.piece_backward_mm
    if forward is None or backward is None:
        return None
    length = network.piece_end_mm - network.piece_start_mm
    slope = np.zeros(len(length), np.int64)
    steepest = int(STEEPEST * THOUSAND)
    table = ratio(np.arange(-steepest, steepest + 1) / THOUSAND, rule)
    left = np.arange(len(length))
    for size in range(steepest + 1):
        for s in (size, -size) if size else (0,):
            mm = length[left]
            fits = _worth(mm, table[steepest + s]) == forward[left]
            fits &= _worth(mm, table[steepest - s]) == backward[left]
            slope[left[fits]] = s
            left = left[~fits]
        if not len(left):
            break
    if len(left):
        raise InputError(
            f"{len(left)} pieces of street have slopes that are no whole thousandths, so the page"
            " could not compute with them; needed is a network with slopes of this version, or"
            " what_if = false under [study]"
        )
    used = int(np.abs(slope).max(initial=0))
    return slope, table[steepest - used : steepest + used + 1]


def _worth(length: Ints, speed_ratio: float) -> Ints:
    return np.asarray(np.floor(length / speed_ratio + 0.5), np.int64)
