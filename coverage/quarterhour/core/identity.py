"""Whether two networks are the same, so that a position on one is the same on the other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from quarterhour.model import RoadNetwork

KEY_LETTERS = 24


def network_key(network: RoadNetwork) -> str:
    """A short text that is equal where nodes, edges, directions, lengths and slopes are.

    It does not depend on the machine: the arrays enter as little-endian 64-bit numbers.
    """
    digest = hashlib.sha256()
    arrays = (
        network.edge_tail,
        network.edge_head,
        network.edge_kind,
        network.edge_oneway,
        network.edge_length_mm,
        network.first_piece,
        network.piece_start_mm,
        network.piece_forward_mm,
        network.piece_backward_mm,
    )
    for array in arrays:
        digest.update(b"-" if array is None else np.asarray(array, "<i8").tobytes())
        digest.update(b"|")
    return digest.hexdigest()[:KEY_LETTERS]
