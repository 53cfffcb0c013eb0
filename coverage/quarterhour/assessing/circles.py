"""The straight-line circle of the same length, to say how many people it wrongly counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import PlaceTimes
    from quarterhour.assessing.facility_links import FacilityLinks
    from quarterhour.assessing.ground import Ground
    from quarterhour.model import Walker


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle(_Frozen):
    """What a circle as wide as the walker gets within the cutoff counts, by group.

    `radius_m`; `counted`, `wrongly`: int64 millionths inside the study area that the circles of the
    serving facilities hold, and those of them who are not covered along the streets.
    """

    radius_m: float
    counted: dict[str, int]
    wrongly: dict[str, int]

    def share_wrongly(self, group: str) -> float | None:
        """wrongly / counted, None where nobody is counted."""
        return self.wrongly[group] / self.counted[group] if self.counted[group] else None


def circles(
    ground: Ground,
    walker: Walker,
    links: FacilityLinks,
    demand: PlaceTimes,
    cutoffs_ms: Sequence[int],
    inside_ms: int = 0,
) -> tuple[Circle, ...]:
    """Circles around the facilities that serve, each as wide as the flat walk of its cutoff.

    `inside_ms`: the walk behind the door, which is no part of the circle.

    A place on the rim is inside. On flat ground a circle misses nobody: no walk is shorter than the
    straight line. Downhill a walker may get a little farther.
    """
    from scipy.spatial import cKDTree  # noqa: PLC0415 - heavy

    near_mm = np.full(len(ground.demand), np.iinfo(np.int64).max)
    points = links.points
    use = links.used[points.owner]
    places = np.flatnonzero(ground.inside)
    tree = cKDTree(np.column_stack([points.x_m[use], points.y_m[use]]))
    at = ground.demand_points
    near_m, _ = tree.query(np.column_stack([at.x_m[places], at.y_m[places]]))
    near_mm[places] = units.mm_of_m(near_m)
    result = []
    for cutoff_ms in cutoffs_ms:
        # in millimetres like the streets, so that the rim is the same for both
        radius_mm = max(cutoff_ms - inside_ms, 0) * walker.speed_mmph // units.MS_PER_HOUR
        inside = ground.inside & (near_mm <= radius_mm)
        wrong = inside & ~demand.covered(cutoff_ms)
        result.append(
            Circle(
                radius_m=radius_mm / units.MM_PER_M,
                counted=_sums(ground.demand.amounts, inside),
                wrongly=_sums(ground.demand.amounts, wrong),
            )
        )
    return tuple(result)


def _sums(amounts: dict[str, NDArray[np.int64]], use: NDArray[np.bool_]) -> dict[str, int]:
    return {group: int(amount[use].sum()) for group, amount in amounts.items()}
