"""Colours and shapes: Okabe-Ito, so that they stay apart for colour-blind readers.

Vermilion is kept for people who are left out; no service may use it. Each service also has a shape,
because blue and purple come close for some readers.
"""

from __future__ import annotations

from typing import Final

GAP: Final = "#D55E00"
GAP_NUMBER: Final = "#A84300"
"""Darker, so that white figures can be read on it."""
UNLINKED: Final = "#4A4A4A"
GAINED: Final = "#0B7A3B"
LOST: Final = "#A1123F"
"""What a scenario gives and takes: green and crimson, told apart by their darkness too."""
SITE: Final = "#5B2A86"
"""Proposed sites and their service areas: darker than any service, and always with a white edge."""
STATUS: Final = {
    "covered": "#009E73",
    "partly": "#E6B400",
    "uncovered": "#D55E00",
    "unlinked": "#8A8A8A",
}
SERVICES: Final = (
    ("#0072B2", "circle"),
    ("#B3558F", "square"),
    ("#00795A", "triangle"),
    ("#5C3A00", "diamond"),
    ("#3D4FA8", "pentagon"),
    ("#444444", "hexagon"),
)
_NEAR, _FAR = -0.06, 0.68


def mix(colour: str, share: float) -> str:
    """The colour moved towards white (share above 0) or black (below 0)."""
    target = 255 if share > 0 else 0
    part = abs(share)
    channels = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(c + (target - c) * part):02X}" for c in channels)


def bands(colour: str, number: int) -> list[str]:
    """`number` tones of one hue, the first (nearest) the darkest."""
    if number == 1:
        return [mix(colour, 0.25)]
    step = (_FAR - _NEAR) / (number - 1)
    return [mix(colour, _NEAR + step * at) for at in range(number)]
