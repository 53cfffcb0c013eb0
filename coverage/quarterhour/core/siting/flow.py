"""People and places to serve them: a largest flow that grows by one site at a time, in int64.

Every step fills one more site along shortest augmenting paths (Edmonds and Karp 1972): straight
from whoever is not served yet, or by moving somebody to this site, which frees room elsewhere.
After each step as many as possible are served by the sites so far: a path to an older site would
have been there before.
"""

# ruff: noqa: ANN001, ANN202 - numba reads the types from the arguments
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.kernels import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.core.siting.nouns import Cover


@dataclass(slots=True)
class Flow:
    """People on their way: `flow` int64 per pair of the cover, `left` per place, `room` per site.

    It grows: `fill` gives a site room and serves as many more as possible.
    """

    cover: Cover
    flow: NDArray[np.int64]
    left: NDArray[np.int64]
    room: NDArray[np.int64]
    place_first: NDArray[np.int64]
    place_pair: NDArray[np.int64]
    site: NDArray[np.int64]

    @classmethod
    def of(cls, cover: Cover, weight: NDArray[np.int64]) -> Flow:
        """Nobody served yet."""
        first = np.zeros(cover.n_places + 1, np.int64)
        np.cumsum(np.bincount(cover.place, minlength=cover.n_places), out=first[1:])
        return cls(
            cover=cover,
            flow=np.zeros(len(cover.place), np.int64),
            left=weight.astype(np.int64).copy(),
            room=np.zeros(cover.n_sites, np.int64),
            place_first=first,
            place_pair=np.argsort(cover.place, kind="stable"),
            site=cover.site,
        )

    def fill(self, site: int, room: int) -> int:
        """How many more are served once a site has `room` more."""
        self.room[site] += room
        more: int = _fill(
            self.cover.first, self.cover.place, self.place_first, self.place_pair, self.site,
            self.flow, self.left, self.room, site,
        )  # fmt: skip
        return int(more)

    def gain(self, site: int, room: int) -> int:
        """How many more would be served; nothing changes."""
        kept = self.flow.copy(), self.left.copy(), self.room.copy()
        more = self.fill(site, room)
        self.flow, self.left, self.room = kept
        return more

    def load(self) -> NDArray[np.int64]:
        """Millionths that each site serves."""
        running = np.concatenate([[0], np.cumsum(self.flow)])
        load: NDArray[np.int64] = running[self.cover.first[1:]] - running[self.cover.first[:-1]]
        return load


def largest(cover: Cover, weight: NDArray[np.int64], room: NDArray[np.int64]) -> Flow:
    """As many as possible of `weight` served within the cover by sites with `room` (0 for none)."""
    made = Flow.of(cover, weight)
    for site in np.flatnonzero(room > 0).tolist():
        made.fill(site, int(room[site]))
    return made


@kernel
def _fill(first, place, place_first, place_pair, site, flow, left, room, start):
    n = len(first) - 1
    line = np.empty(n, np.int64)
    out = np.empty(n, np.int64)  # the pair that gives somebody up, to free room at this site
    into = np.empty(n, np.int64)  # the pair that takes them
    seen_site = np.zeros(n, np.int64)
    seen_place = np.zeros(len(left), np.int64)
    total, turn = np.int64(0), 0
    # people who are not served yet come first; then the searches begin
    for e in range(first[start], first[start + 1]):
        amount = min(left[place[e]], room[start])
        if amount > 0:
            flow[e] += amount
            left[place[e]] -= amount
            room[start] -= amount
            total += amount
    while room[start] > 0:
        turn += 1
        line[0] = start
        end, at = 1, 0
        seen_site[start] = turn
        last = -1
        while at < end and last < 0:
            s = line[at]
            at += 1
            for e in range(first[s], first[s + 1]):
                i = place[e]
                if seen_place[i] == turn:
                    continue
                seen_place[i] = turn
                if left[i] > 0:
                    last = e
                    break
                for k in range(place_first[i], place_first[i + 1]):
                    other = site[place_pair[k]]
                    if flow[place_pair[k]] > 0 and seen_site[other] != turn:
                        seen_site[other] = turn
                        out[other], into[other] = place_pair[k], e
                        line[end] = other
                        end += 1
        if last < 0:
            break
        amount = min(left[place[last]], room[start])
        s = site[last]
        while s != start:
            amount = min(amount, flow[out[s]])
            s = site[into[s]]
        flow[last] += amount
        left[place[last]] -= amount
        s = site[last]
        while s != start:
            flow[out[s]] -= amount
            flow[into[s]] += amount
            s = site[into[s]]
        room[start] -= amount
        total += amount
    return total
