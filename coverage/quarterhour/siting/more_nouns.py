"""The nouns of what is told beside the best choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from quarterhour.core.siting.alternative import Alternative
    from quarterhour.core.siting.backup import Backup
    from quarterhour.core.siting.capacity import Served, Sizes
    from quarterhour.core.siting.nouns import Solution
    from quarterhour.core.siting.phases import Phased
    from quarterhour.study_file.site_parts import SitePart


class Curve(NamedTuple):
    """Most people by number of sites (`by` n_sites) or by budget in 万元 (`by` budget)."""

    by: str
    values: tuple[float, ...]
    points: tuple[Solution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class More(_Frozen):
    """Further answers, None where they are not asked for or mean nothing.

    `years`: of `phased`, in order. `twice_before`: millionths that two existing facilities cover.
    `sizes`: what could be built, of which `served` names the rows that are. `room`: what existing
    facilities have room for in millionths, None where none of them says it; `roomless`: how many
    do not say it, while others do. `unsized`: usable candidates that do not, which are not chosen.
    `lone`: another choice was looked for and there is none (true: proven; false: none was found).
    """

    curve: Curve | None = None
    phased: Phased | None = None
    years: tuple[str, ...] = ()
    alternative: Alternative | None = None
    backup: Backup | None = None
    twice_before: int = 0
    served: Served | None = None
    sizes: Sizes | None = None
    room: int | None = None
    roomless: int = 0
    lone: bool | None = None
    unsized: int = 0

    @property
    def more_served(self) -> int:
        """Millionths who have a place only by the new sites."""
        if self.served is None:
            return 0
        return int(self.served.solution.objective) - self.served.before

    def built(self, part: SitePart) -> dict[int, tuple[str, int, int]]:
        """Size, yuan on top of the site and millionths served, by chosen candidate."""
        if self.served is None or self.sizes is None:
            return {}
        found = {}
        chosen = self.sizes.site[self.served.size].tolist()
        for site, row, load in zip(
            chosen, self.served.size.tolist(), self.served.load.tolist(), strict=True
        ):
            size = part.size[row % len(part.size)] if part.size else None
            cost = 0 if self.sizes.cost is None else int(self.sizes.cost[row])
            found[site] = (size.name if size else "", cost, int(load))
        return found
