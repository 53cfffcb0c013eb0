"""The lowest of all choices as good as the best, by trying every choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from siting_cases import every_choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Rules

    IntArray = NDArray[np.int64]

MICRO = 1_000_000


def lowest(
    rules: Rules, worth: Callable[[IntArray], float | None], *, most: bool = True
) -> list[int] | None:
    """Of the best choices the one with the fewest sites, then with the lowest list of numbers."""
    every = [(worth(chosen), chosen.tolist()) for chosen in every_choice(rules)]
    known = [(-value if most else value, len(c), c) for value, c in every if value is not None]
    return min(known)[2] if known else None


@st.composite
def likes(draw: st.DrawFn, n: int) -> IntArray:
    """People at places, most of them as many as elsewhere."""
    unit = draw(st.sampled_from([MICRO, MICRO, 333_333]))
    each = st.sampled_from([1, 1, 1, 1, 2, 0])
    return unit * np.array(draw(st.lists(each, min_size=n, max_size=n)), np.int64)
