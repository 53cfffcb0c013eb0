"""Who finds room: sizes that may be built, what existing facilities have, and who is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core.siting.capacity import Sizes, most_served
from quarterhour.core.siting.nouns import Cover
from quarterhour.errors import InputError
from quarterhour.siting.more_nouns import More
from quarterhour.sources.facilities.candidates import YUAN
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.siting.milp import Limits
    from quarterhour.core.siting.nouns import Rules
    from quarterhour.siting.solve import Task
    from quarterhour.sources.facilities.candidates import Candidates
    from quarterhour.study_file.site_parts import SitePart

    Progress = Callable[[float, float], None]


def sizes_of(part: SitePart, candidates: Candidates, usable: NDArray[np.int64]) -> Sizes:
    """What may be built where: each size at each usable candidate, or each candidate's own.

    Raises
    ------
    InputError
        No candidate says what it has room for.
    """
    if part.size:
        n = len(part.size)
        return Sizes(
            site=np.repeat(usable, n),
            capacity=np.tile([round(s.capacity * MICRO) for s in part.size], len(usable)),
            cost=np.tile([round(s.cost * YUAN) for s in part.size], len(usable)),
        )
    lost = np.flatnonzero(candidates.required & ~np.isfinite(candidates.capacity))
    if len(lost):
        raise InputError(
            f"{candidates.at.file}: {candidates.label(int(lost[0]))} is required and has no"
            " capacity; fill in the column 容量 (capacity), or give [[site.size]]"
        )
    known = usable[np.isfinite(candidates.capacity[usable])]
    if not len(known):
        raise InputError(
            f"[site] capacity is asked for, and no usable candidate of {candidates.at.file} has"
            " one; fill in the column 容量 (capacity), or give [[site.size]]"
        )
    return Sizes(site=known, capacity=np.round(candidates.capacity[known] * MICRO).astype(np.int64))


def rooms_of(given: Assessment) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Facilities that serve, and the beds or places of each (NaN for none); None without any."""
    used = given.used
    for key in ("beds", "places"):
        column = given.facilities.attributes.get(key)
        if column is None:
            continue
        value = np.array([v if isinstance(v, float) else np.nan for v in column], np.float64)
        if np.isfinite(value[used]).any():
            return used, value[used]
    return None


def served_of(
    task: Task,
    candidates: Candidates,
    rules: Rules,
    limits: Limits,
    progress: Progress | None = None,
) -> More:
    """Most people who find room, nobody counted twice, at existing facilities as far as they go.

    Where these do not say how many beds or places they have, whoever they cover has room there.
    """
    part = task.part
    usable = np.flatnonzero(~rules.forbidden)
    sizes = sizes_of(part, candidates, usable)
    if part.budget is not None and part.size:
        _check_sizes(part, candidates, usable)
    unsized = 0 if part.size else int(np.isnan(candidates.capacity[usable]).sum())
    rooms = rooms_of(task.given)
    open_ = np.where(task.done, 0, task.weight) if rooms is None else task.weight
    need = np.floor(open_ * (part.need_share or 1.0)).astype(np.int64)
    cover = task.reach.cover
    if rooms is None:
        found = most_served(cover, need, sizes, rules, limits=limits, progress=progress)
        return More(served=found, sizes=sizes, unsized=unsized)
    used, value = rooms
    within = task.given.within
    every = Cover(first=within.first, place=within.place, n_places=len(need))
    room = np.round(np.nan_to_num(value) * MICRO).astype(np.int64)
    found = most_served(
        cover, need, sizes, rules, existing=every.rows(used), existing_capacity=room,
        limits=limits, progress=progress,
    )  # fmt: skip
    return More(
        served=found, sizes=sizes, room=int(room.sum()), roomless=int(np.isnan(value).sum()),
        unsized=unsized,
    )  # fmt: skip


def _check_sizes(part: SitePart, candidates: Candidates, usable: NDArray[np.int64]) -> None:
    """Raise `InputError` where not even the cheapest size at the cheapest site can be paid."""
    own = np.maximum(candidates.cost[usable], 0)
    size = min(part.size, key=lambda one: one.cost)
    least = int(own.min()) + round(size.cost * YUAN)
    if part.budget is not None and least > round(part.budget * YUAN):
        raise InputError(
            f"[site] budget is {part.budget:.10g} 万元, and the cheapest site with the size"
            f" {size.name!r} costs {least / YUAN:.10g}; raise the budget"
        )
