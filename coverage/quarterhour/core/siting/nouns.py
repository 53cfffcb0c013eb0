"""What every siting problem is made of: who is covered from where, and what may be built."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.core.siting.milp import FEASIBLE, INFEASIBLE, NOTHING, OPTIMAL
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_COST = 2.0**61
"""Yuan of all candidates together, beyond which sums of whole numbers would overflow."""

STATUS = (OPTIMAL, FEASIBLE, INFEASIBLE, NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover(_Frozen):
    """Places within the cutoff of each candidate: CSR `first` (n_sites + 1,), `place` ascending.

    `n_places`: places there are, covered by a candidate or not.
    """

    first: NDArray[np.int64]
    place: NDArray[np.int32]
    n_places: int

    @property
    def n_sites(self) -> int:
        """Candidates."""
        return len(self.first) - 1

    @property
    def site(self) -> NDArray[np.int64]:
        """Candidate of every entry."""
        return np.repeat(np.arange(self.n_sites), np.diff(self.first))

    def transposed(self) -> Cover:
        """Candidates that cover each place, in the same form."""
        order = np.argsort(self.place, kind="stable")
        first = np.zeros(self.n_places + 1, np.int64)
        np.cumsum(np.bincount(self.place, minlength=self.n_places), out=first[1:])
        return Cover(first=first, place=self.site[order].astype(np.int32), n_places=self.n_sites)

    def rows(self, sites: NDArray[np.int64]) -> Cover:
        """Some candidates only, in the order given."""
        size = np.diff(self.first)[sites]
        first = np.concatenate([[0], np.cumsum(size)])
        at = np.repeat(self.first[sites] - first[:-1], size) + np.arange(first[-1])
        return Cover(first=first, place=self.place[at], n_places=self.n_places)

    def covered(self, chosen: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Bool per place: within the cutoff of a chosen candidate."""
        result = np.zeros(self.n_places, bool)
        for k in chosen.tolist():
            result[self.place[self.first[k] : self.first[k + 1]]] = True
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(_Frozen):
    """What may be built.

    `n_sites`: at most so many new sites, None for any number. `budget`, `cost`: int64 yuan, for the
    whole and per candidate. `required`, `forbidden`: bool per candidate. `exclusive`: int64 group
    per candidate of which at most one is built, -1 for none. `apart`: (n, 2) int64 pairs of
    candidates that must not both be built, such as those nearer to each other than the spacing.
    """

    required: NDArray[np.bool_]
    forbidden: NDArray[np.bool_]
    exclusive: NDArray[np.int64]
    apart: NDArray[np.int64]
    n_sites: int | None = None
    budget: int | None = None
    cost: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        """Refuse costs that cannot be summed exactly; ValueError with one sentence."""
        _Frozen.__post_init__(self)
        costs = np.zeros(0) if self.cost is None else self.cost.astype(np.float64)
        most = max(float(np.abs(costs).sum()), abs(float(self.budget or 0)))
        if most >= LARGEST_COST:
            raise ValueError(
                f"costs and budget come to {most:.3g} yuan, and at most {LARGEST_COST:.3g} can be"
                " counted exactly; look for a wrong unit"
            )
        if len(costs) and costs.min() < 0:
            raise ValueError(f"a cost is {costs.min():.0f} yuan; needed are costs of 0 or more")

    @classmethod
    def plain(
        cls,
        n: int,
        *,
        n_sites: int | None = None,
        budget: int | None = None,
        cost: NDArray[np.int64] | None = None,
    ) -> Rules:
        """Nothing required, forbidden or exclusive among `n` candidates."""
        return cls(
            required=np.zeros(n, bool),
            forbidden=np.zeros(n, bool),
            exclusive=np.full(n, -1, np.int64),
            apart=np.empty((0, 2), np.int64),
            n_sites=n_sites,
            budget=budget,
            cost=cost,
        )

    def bound_together(self) -> NDArray[np.bool_]:
        """Bool per candidate: another one may forbid it, or it must be built."""
        result = self.required | (self.exclusive >= 0)
        result[self.apart.ravel()] = True
        return result

    def allow(self, chosen: NDArray[np.int64]) -> bool:
        """Whether a choice keeps every rule."""
        built = np.zeros(len(self.required), bool)
        built[chosen] = True
        group = self.exclusive[built & (self.exclusive >= 0)]
        return bool(
            not (built & self.forbidden).any()
            and built[self.required].all()
            and (self.n_sites is None or built.sum() <= self.n_sites)
            and (self.budget is None or self.price(chosen) <= self.budget)
            and len(np.unique(group)) == len(group)
            and not (built[self.apart[:, 0]] & built[self.apart[:, 1]]).any()
        )

    def most_sites(self) -> int | None:
        """How many sites a choice can have at most by number and budget; None for any number."""
        number = self.n_sites
        if self.budget is not None and self.cost is not None:
            cost = np.sort(self.cost[~self.forbidden])
            affordable = int(np.searchsorted(np.cumsum(cost), self.budget, side="right"))
            number = affordable if number is None else min(number, affordable)
        return number

    def counted(self) -> Rules:
        """The same as a number of sites where all candidates cost alike: easier to prove."""
        if self.budget is None or self.cost is None:
            return self
        cost = np.unique(self.cost[~self.forbidden])
        if len(cost) != 1 or self.budget < 0:
            return self
        return replace(self, budget=None, n_sites=self.most_sites())

    def dear(self, picked: NDArray[np.bool_]) -> bool:
        """Whether candidates (bool) cost more than the budget."""
        return self.budget is not None and self.price(np.flatnonzero(picked)) > self.budget

    def price(self, chosen: NDArray[np.int64]) -> int:
        """Cost of a choice in yuan, 0 where nothing is said about costs."""
        return 0 if self.cost is None else int(self.cost[chosen].sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution(_Frozen):
    """Chosen candidates with what is proven about them.

    `chosen`: int64 ascending. `objective`, `bound`: in the unit of the problem (millionths of a
    person, sites, yuan, person-milliseconds, milliseconds); no choice is better than `bound`.
    `status`: optimal, feasible, infeasible or nothing. `why`: what makes it infeasible, by kind.
    `by_clock`: the limit of seconds stopped it. `by_size`: there are too many candidates and places
    to list, which no longer time changes. `ties`: of a proven answer, whether it is the lowest of
    all that are as good, see `lowest_exact`; empty where nobody looked.
    """

    status: str
    chosen: NDArray[np.int64]
    objective: float
    bound: float
    nodes: int = 0
    by_clock: bool = False
    by_size: bool = False
    ties: str = ""
    why: dict[str, Any] = field(default_factory=dict)

    @property
    def lowest(self) -> str | None:
        """`ties` of a proven answer, None where it is not proven or nobody looked."""
        return self.ties or None if self.status == OPTIMAL else None

    @property
    def gap(self) -> float:
        """|bound - objective| / |objective|, 0 where it is proven, infinite where nothing is."""
        if self.status == OPTIMAL:
            return 0.0
        if self.status in {INFEASIBLE, NOTHING} or self.objective == 0:
            return float("inf")
        return abs(self.bound - self.objective) / abs(self.objective)


def nothing(status: str, **why: Any) -> Solution:  # noqa: ANN401 - evidence of any kind
    """An answer without sites."""
    nan = float("nan")
    return Solution(status=status, chosen=np.empty(0, np.int64), objective=nan, bound=nan, why=why)
