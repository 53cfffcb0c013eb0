"""The group of people that a plan means, under the name that a study has given it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SAID: dict[str, tuple[int, int | None]] = {
    "elderly": (60, None), "older": (60, None), "seniors": (60, None), "老年人": (60, None),
    "老人": (60, None), "infants": (0, 3), "toddlers": (0, 3), "婴幼儿": (0, 3),
}  # fmt: skip
"""Ages of groups that are named without a number: 老年人 is 60 and over, as is customary."""


def ages(name: str) -> tuple[int, int | None] | None:
    """The ages that a group's name says, the upper None for all above; None where it says none.

    age_60_plus, 60+, 60岁以上 and elderly are (60, None); age_0_3, 0-3岁 and 3岁以下 are (0, 3).
    """
    plain = name.strip().casefold()
    if plain in SAID:
        return SAID[plain]
    numbers = [int(n) for n in re.findall(r"\d+", plain)]
    if len(numbers) == 2 and numbers[0] < numbers[1]:
        return numbers[0], numbers[1]
    if len(numbers) == 1:
        if re.search(r"plus|\+|以上|over|older|岁及", plain):
            return numbers[0], None
        if re.search(r"以下|under|below", plain):
            return 0, numbers[0]
    return None


def same_group(wanted: str, known: Iterable[str]) -> str | None:
    """The group of `known` that is meant by `wanted`: of its name, or else of the same ages."""
    names = list(known)
    if wanted in names:
        return wanted
    mine = ages(wanted)
    return None if mine is None else next((n for n in names if ages(n) == mine), None)
