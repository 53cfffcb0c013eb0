"""Siting on a table of distances: published instances, and tables that other tools made."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from quarterhour.core.siting.backup import backup
from quarterhour.core.siting.centre import centre
from quarterhour.core.siting.fewest import Need, fewest_sites
from quarterhour.core.siting.maximal import most_covered
from quarterhour.core.siting.median import distances, median
from quarterhour.core.siting.milp import Limits
from quarterhour.core.siting.nouns import Cover, Rules, Solution
from quarterhour.errors import InputError
from quarterhour.sources.facilities.candidates import YUAN
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

COVERING = ("most_people", "everyone", "backup")
PROBLEMS = (*COVERING, "median", "center")
MOST_PEOPLE = 2.0**62 / MICRO
"""People of all places together, beyond which sums of millionths would overflow."""

MOST_MONEY = 1e13
"""万元 of all candidates together, beyond which yuan cannot be counted exactly."""


class _Pairs(NamedTuple):
    """Place, candidate and distance of every pair with a way between them."""

    place: NDArray[np.int64]
    site: NDArray[np.int64]
    far: NDArray[np.float64]
    n_places: int
    n_sites: int


def site_matrix(
    distance: Any,  # noqa: ANN401 - an array, or one of SciPy's sparse ones
    people: ArrayLike | None = None,
    *,
    problem: str = "most_people",
    n_sites: int | None = None,
    within: float | None = None,
    share: float | None = None,
    cost: ArrayLike | None = None,
    budget: float | None = None,
    required: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    existing: Sequence[int] = (),
    seconds: float | None = None,
    nodes: int | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> Solution:
    """The best sites for a table of distances, without a map: `chosen` columns and their bound.

    Parameters
    ----------
    distance
        One row for each place, one column for each candidate; metres, minutes, anything that is
        added up. NaN or infinite: no way. Of a sparse array what is not stored has no way.
    people
        Of each place, 0 or more; 1 each where it is left out. A place of nobody counts nothing.
    problem
        "most_people" (MCLP), "everyone" (LSCP: the fewest sites), "backup" (most people, and of
        these choices the most with two in reach), "median" (the least sum of people times distance)
        or "center" (the shortest longest distance).
    within
        The farthest distance that still counts as covered, inclusive; for the first three.
    share
        For "everyone": of all people, instead of everybody whom a candidate reaches.
    cost, budget
        Of each candidate and of all together, both in 万元.
    required, forbidden, existing
        Columns that must be, must not be chosen, and that stand already: these cost nothing, are
        not counted in `n_sites` and not told in `chosen`.
    seconds, nodes
        When to stop. Without either it goes on until the answer is proven.

    Returns
    -------
    Solution
        `objective` and `bound` in people newly covered (most_people), sites (everyone), people in
        reach of two (backup), people times distance (median) or distance (center).
        `status`: optimal only where it is proven; feasible, infeasible or nothing.

    Raises
    ------
    InputError
        The table or the question cannot be used.
    """
    pairs = _pairs_of(distance)
    weight = _people_of(people, pairs.n_places)
    stands = _columns("existing", existing, pairs.n_sites)
    rules = _rules(pairs, n_sites, cost, budget, (required, forbidden), stands)
    _check(problem, pairs, rules, within=within, share=share)
    limits = Limits(seconds=seconds, nodes=nodes)
    if problem in COVERING:
        use = pairs.far <= (within if within is not None else math.inf)
        times = np.bincount(pairs.place[use & stands[pairs.site]], minlength=pairs.n_places)
        use &= ~stands[pairs.site]
        cover = _cover(pairs, use)
        done = times > 0
        if problem == "most_people":
            found = most_covered(cover, weight, rules, done=done, limits=limits, progress=progress)
        elif problem == "backup":
            found = backup(
                cover, weight, rules, times=times, limits=limits, progress=progress
            ).solution
        else:
            return fewest_sites(
                cover, weight, rules, done=done | (weight == 0), needs=_needs(weight, share),
                limits=limits, progress=progress,
            )  # fmt: skip
        return dataclasses.replace(
            found, objective=found.objective / MICRO, bound=found.bound / MICRO
        )
    return _by_distance(problem, pairs, weight, rules, stands, limits, progress)


def _by_distance(
    problem: str,
    pairs: _Pairs,
    weight: NDArray[np.int64],
    rules: Rules,
    stands: NDArray[np.bool_],
    limits: Limits,
    progress: Callable[[float, float], None] | None,
) -> Solution:
    """The problems of how far people go, among the places where somebody is."""
    before = np.full(pairs.n_places, np.inf)
    old = stands[pairs.site]
    np.minimum.at(before, pairs.place[old], pairs.far[old])
    some = np.flatnonzero(weight > 0)
    number = np.full(pairs.n_places, -1, np.int64)
    number[some] = np.arange(len(some))
    use = ~old & (number[pairs.place] >= 0) & (pairs.far < before[pairs.place])
    site, place, far = pairs.site[use], number[pairs.place[use]], pairs.far[use]
    if problem == "center":
        return centre(
            site, place, far, len(some), rules, existing=before[some], limits=limits,
            progress=progress,
        )  # fmt: skip
    each = weight[some] / MICRO
    made = distances(site, place, far, each, pairs.n_sites)
    made = dataclasses.replace(made, beyond=each * before[some])
    return median(made, rules, limits=limits, progress=progress)


def _pairs_of(distance: Any) -> _Pairs:  # noqa: ANN401 - as the caller gave it
    from scipy.sparse import issparse  # noqa: PLC0415 - only its question

    if issparse(distance):
        table = distance.tocoo()
        shape, far = table.shape, np.asarray(table.data, np.float64)
        place, site = (np.asarray(k, np.int64) for k in (table.row, table.col))
        pair = place * max(shape[1], 1) + site
        if len(np.unique(pair)) < len(pair):
            raise InputError(
                "the distances have the same pair twice; call sum_duplicates(), or keep one"
            )
    else:
        try:
            table = np.asarray(distance, np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"the distances are not a table of numbers: {error}") from error
        if table.ndim != 2:
            raise InputError(
                f"the distances have {table.ndim} dimensions; needed is a row for each place and a"
                " column for each candidate"
            )
        shape, far = table.shape, table.ravel()
        place, site = (k.ravel().astype(np.int64) for k in np.indices(shape))
    if not shape[0] or not shape[1]:
        raise InputError(
            f"the distances have {shape[0]} places and {shape[1]} candidates; needed is at least"
            " one of each"
        )
    if (far < 0).any():
        raise InputError(f"a distance is {np.nanmin(far):g}; needed are distances of 0 or more")
    some = np.isfinite(far)
    return _Pairs(place[some], site[some], far[some], int(shape[0]), int(shape[1]))


def _numbers(name: str, values: ArrayLike, n: int, most: float) -> NDArray[np.float64]:
    try:
        found = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} are not numbers: {error}") from error
    if found.shape != (n,):
        raise InputError(f"{name} have the shape {found.shape}, and the distances ask for ({n},)")
    if not (found >= 0).all() or found.sum() > most:
        raise InputError(
            f"{name} go from {found.min():g} to {found.max():g}; needed are numbers of 0 or more,"
            f" all together at most {most:.3g}"
        )
    return found


def _people_of(people: ArrayLike | None, n: int) -> NDArray[np.int64]:
    if people is None:
        return np.full(n, MICRO, np.int64)
    found = _numbers("people", people, n, MOST_PEOPLE)
    weight: NDArray[np.int64] = np.round(found * MICRO).astype(np.int64)
    return weight


def _columns(name: str, columns: Sequence[int], n: int) -> NDArray[np.bool_]:
    found = np.zeros(n, bool)
    for k in columns:
        if not 0 <= int(k) < n:
            raise InputError(f"{name} names the column {k}; the candidates are 0 to {n - 1}")
        found[int(k)] = True
    return found


def _rules(
    pairs: _Pairs,
    n_sites: int | None,
    cost: ArrayLike | None,
    budget: float | None,
    lists: tuple[Sequence[int], Sequence[int]],
    stands: NDArray[np.bool_],
) -> Rules:
    n = pairs.n_sites
    required, forbidden = (
        _columns(name, one, n) for name, one in zip(("required", "forbidden"), lists, strict=True)
    )
    both = np.flatnonzero(required & (forbidden | stands))
    if len(both):
        raise InputError(
            f"column {both[0]} is required and forbidden or existing; take one of the two back"
        )
    forbidden |= stands
    usable = int((~forbidden).sum())
    least = max(int(required.sum()), 1)
    if n_sites is not None and not (least <= n_sites <= usable and n_sites == int(n_sites)):
        raise InputError(
            f"n_sites is {n_sites}; needed is a whole number from {least} (what is required) to"
            f" {usable} (what can be chosen)"
        )
    if (budget is None) != (cost is None):
        raise InputError("cost and budget go together; give both, or neither")
    yuan = None
    if cost is not None and budget is not None:
        if not 0 < budget <= MOST_MONEY:
            raise InputError(f"budget is {budget}; needed is a number above 0, in 万元")
        yuan = np.round(_numbers("cost", cost, n, MOST_MONEY) * YUAN).astype(np.int64)
    plain = Rules.plain(
        n, n_sites=None if n_sites is None else int(n_sites), cost=yuan,
        budget=None if budget is None else round(budget * YUAN),
    )  # fmt: skip
    return dataclasses.replace(plain, required=required, forbidden=forbidden)


def _check(
    problem: str, pairs: _Pairs, rules: Rules, *, within: float | None, share: float | None
) -> None:
    if problem not in PROBLEMS:
        raise InputError(f"problem is {problem!r}; needed is one of {', '.join(PROBLEMS)}")
    if problem in COVERING and (within is None or not within >= 0):
        raise InputError(
            f'problem = "{problem}" needs within, the farthest distance that counts as covered;'
            f" it is {within}, and the distances go up to {pairs.far.max(initial=0):g}"
        )
    if problem not in COVERING and within is not None:
        raise InputError(
            f'problem = "{problem}" looks at every distance; leave within out, or leave pairs'
            " beyond it out of the distances"
        )
    if problem != "everyone" and rules.n_sites is None and rules.budget is None:
        raise InputError(f'problem = "{problem}" needs n_sites, or cost and budget')
    if share is not None and (problem != "everyone" or not 0 < share <= 1):
        raise InputError(
            f'share is {share} with problem = "{problem}"; it goes with "everyone", above 0 and at'
            " most 1"
        )


def _needs(weight: NDArray[np.int64], share: float | None) -> list[Need] | None:
    if share is None:
        return None
    amount = math.ceil(int(weight.sum()) * share - 1e-6)
    return [Need(of=np.ones(len(weight), bool), amount=amount, name="all")]


def _cover(pairs: _Pairs, use: NDArray[np.bool_]) -> Cover:
    place, site = pairs.place[use], pairs.site[use]
    order = np.lexsort((place, site))
    first = np.zeros(pairs.n_sites + 1, np.int64)
    np.cumsum(np.bincount(site, minlength=pairs.n_sites), out=first[1:])
    return Cover(first=first, place=place[order].astype(np.int32), n_places=pairs.n_places)
