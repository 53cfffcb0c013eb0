"""How far points are from the roads where each coordinate system puts them, and elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.sources.datum.score import FEWEST, SEARCH_M, Scores, other_moves, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.sources.datum.streets import StreetFinder
    from quarterhour.sources.datum.systems import Placed

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

MOST = 400
"""Points that are looked at, evenly spaced in the file."""

MOST_GROUPS = 20
"""Groups that are looked at by themselves, the largest ones."""

FAR_M = 2000.0
"""Distances are told up to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Distances of the looked-at points: rows are the systems' positions, then the others.

    `x_m`, `y_m`: about where the points are. `road_m`: metres to the nearest road of any kind per
    system and point, at most `FAR_M`.
    """

    street_m: FloatArray
    path_m: FloatArray
    inside: BoolArray
    road_m: FloatArray
    x_m: FloatArray
    y_m: FloatArray

    def score(self, points: IntArray | slice) -> Scores:
        """Scores of the systems for these points."""
        return score(
            self.street_m[:, points],
            self.path_m[:, points],
            self.inside[:, points],
            len(self.road_m),
        )


def sample(
    x: FloatArray, y: FloatArray, labels: NDArray[np.str_], there: BoolArray
) -> tuple[IntArray, int]:
    """Indices of at most about `MOST` points at different places, and how many such there are.

    Evenly spaced in the file, in every group as many where there are groups.
    """
    at = np.flatnonzero(there)
    _, group = np.unique(labels[at], return_inverse=True)
    # several facilities in one building say it once
    _, once = np.unique(np.column_stack([x[at], y[at], group]), axis=0, return_index=True)
    once.sort()
    at, group = at[once], group[once]
    if len(at) <= MOST:
        return at, len(at)
    each = max(MOST // min(int(group.max()) + 1, MOST_GROUPS), FEWEST)
    picked = []
    for k in np.flatnonzero(np.bincount(group) >= FEWEST):
        members = np.flatnonzero(group == k)
        picked.append(
            members[np.arange(min(each, len(members))) * len(members) // each]
            if len(members) > each
            else members
        )
    if not picked:
        picked = [np.arange(MOST) * len(at) // MOST]
    return at[np.sort(np.concatenate(picked))], len(at)


def gather(finder: StreetFinder, seen: Sequence[Placed], inside: BoolArray) -> Evidence | None:
    """Distances of points that the systems put at `seen`; None where there is no road near them.

    `inside`: where the road data reach, (systems, points), at least once per system and point.
    """
    lon, lat = np.array([p.lon for p in seen]), np.array([p.lat for p in seen])
    streets = finder.near(lon[inside], lat[inside])
    if streets is None:
        return None
    x, y = streets.crs.metres(
        np.where(inside, lon, streets.crs.lon_0), np.where(inside, lat, streets.crs.lat_0)
    )
    x, y = np.where(inside, x, np.nan), np.where(inside, y, np.nan)
    main = int(inside.sum(axis=1).argmax())
    at = np.array([_median_move(x[k] - x[main], y[k] - y[main]) for k in range(len(seen))])
    # where a point would be under the main system, also if it lies outside the roads there
    first, points = inside.argmax(axis=0), np.arange(inside.shape[1])
    base_x = np.where(inside[main], x[main], x[first, points] - at[first, 0])
    base_y = np.where(inside[main], y[main], y[first, points] - at[first, 1])
    moves = other_moves(at)
    other_x, other_y = base_x + moves[:, :1], base_y + moves[:, 1:]
    all_x = np.concatenate([np.where(inside, x, base_x), other_x])
    all_y = np.concatenate([np.where(inside, y, base_y), other_y])
    k = len(seen)
    street, path = streets.metres(all_x, all_y, limit_m=SEARCH_M)
    far_street, far_path = streets.metres(all_x[:k], all_y[:k], limit_m=FAR_M)
    return Evidence(
        street_m=street,
        path_m=path,
        inside=np.concatenate([inside, finder.covers(*streets.crs.lonlat(other_x, other_y))]),
        road_m=np.where(inside, np.minimum(far_street, far_path), np.nan),
        x_m=base_x,
        y_m=base_y,
    )


def _median_move(dx: FloatArray, dy: FloatArray) -> tuple[float, float]:
    """Typical move in metres of a system's positions; 0 where no point is inside in both."""
    both = np.isfinite(dx)
    if not both.any():
        return 0.0, 0.0
    return float(np.median(dx[both])), float(np.median(dy[both]))
