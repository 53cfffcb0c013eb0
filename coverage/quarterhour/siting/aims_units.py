"""Indicators that are judged unit by unit, as requirements that a program can meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.core.siting.among import NEVER, Among
from quarterhour.core.siting.nouns import Cover
from quarterhour.core.siting.targets import Presence
from quarterhour.inputs import Note
from quarterhour.siting.aim_parts import Aim, Counted, Site, least_whole, no_value, values, walks
from quarterhour.targets.choosing import Case, Chosen, units
from quarterhour.targets.filters import exact
from quarterhour.targets.rules_sums import amounts_of
from quarterhour.targets.rules_units import sizes_of
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from quarterhour.targets.layers import Layer

MOST_NAMES = 5


class _Ways:
    """How each unit of a layer may pass, as it is put together."""

    def __init__(self, layer: Layer, which: Sequence[int], site: Site) -> None:
        n = len(layer)
        self.layer, self.which, self.n_sites = layer, list(which), site.n
        self.of = np.zeros(n, bool)
        self.of[self.which] = True
        self.people, self.enough = np.full(n, NEVER), np.full(n, NEVER)
        self.existing = np.zeros(n, np.int64)
        self.site, self.each = np.full(site.n, -1), np.zeros(site.n, np.int64)
        self.place, self.weight = np.empty(0, np.int64), np.empty(0, np.int64)
        self.done = np.empty(0, bool)
        self.cover = Cover(
            first=np.zeros(site.n + 1, np.int64), place=np.empty(0, np.int32), n_places=0
        )

    def counted(self, name: str, amount: int) -> dict[str, Any]:
        """The requirement that so many of the units pass."""
        among = Among(
            of=self.of, place=self.place, people=self.people, site=self.site, each=self.each,
            existing=self.existing, enough=self.enough, amount=amount, name=name,
        )  # fmt: skip
        return {"counted": (
            Counted(
                among=among, weight=self.weight, done=self.done, cover=self.cover,
                names=self.layer.rows.name,
            ),
        )}  # fmt: skip


def presence(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    """So many percent of the units have enough facilities."""
    some = units(case, aim.part.level, aim.part.units)
    if some is None:
        return None
    layer, which = some
    amount = least_whole(wanted * len(which.rows) / 100, strict)
    least = least_whole(exact(getattr(aim.part, "at_least", 1)), strict=False)
    if least != 1:
        ways = _Ways(layer, which.rows, site)
        _standing(ways, site, chosen, least)
        return ways.counted(aim.key, amount)
    unit = layer.of_facilities()
    of, has = np.zeros(len(layer), bool), np.zeros(len(layer), bool)
    of[which.rows] = True
    at = unit[np.array([k for k in chosen.walkable if k < site.first], np.int64)]
    has[at[at >= 0]] = True
    mine = site.mine(chosen.walkable)
    own = np.full(site.n, -1, np.int64)
    own[mine] = unit[mine + site.first]
    return {"presence": (Presence(unit=own, has=has, of=of, amount=amount, name=aim.key),)}


def _standing(ways: _Ways, site: Site, chosen: Chosen, least: int) -> None:
    """A unit passes with so many facilities."""
    unit = ways.layer.of_facilities()
    at = unit[np.array([k for k in chosen.walkable if k < site.first], np.int64)]
    ways.existing = np.bincount(at[at >= 0], minlength=len(ways.of)).astype(np.int64)
    mine = site.mine(chosen.walkable)
    ways.site[mine] = unit[mine + site.first]
    ways.each[mine] = 1
    ways.enough[ways.which] = least


def share_of_units(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    """So many percent of the units are served: by presence, reach, either or a ratio."""
    part = aim.part
    assert part.rule == "share_of_units"  # noqa: S101 - our mistake
    if part.by == "presence":
        return presence(aim, case, site, chosen, wanted, strict)
    some = units(case, part.level, part.units)
    if some is None:
        return None
    layer, which = some
    amount = least_whole(wanted * len(which.rows) / 100, strict)
    ways = _Ways(layer, which.rows, site)
    if part.by == "ratio":
        why = _ratio(ways, aim, case, site, chosen, exact(part.at_least), strict=False)
        return why or ways.counted(aim.key, amount) if why is not None else None
    if part.by == "either":
        _standing(ways, site, chosen, least_whole(exact(part.at_least), strict=False))
    why = _near(ways, aim, case, site, chosen)
    return why or ways.counted(aim.key, amount) if why is not None else None


def _near(ways: _Ways, aim: Aim, case: Case, site: Site, chosen: Chosen) -> dict[str, Any] | None:
    """A unit passes where enough of its people are within reach; why not, {} where all is said."""
    part: Any = aim.part
    who = amounts_of(case, part.group, stand_in=True)
    if who is None:
        return None
    cover, done = walks(case, site, chosen, part.minutes, part.walker)
    unit, n = ways.layer.of_people(), len(ways.of)
    total = np.zeros(n, np.int64)
    np.add.at(total, unit[unit >= 0], who[1][unit >= 0])
    share = case.threshold / 100
    for k in ways.which:
        if total[k] > 0:
            ways.people[k] = max(least_whole(share * int(total[k]), strict=False), 0)
    # where nobody lives positions are judged, which candidates may reach as well
    empty = [k for k in ways.which if not total[k]]
    rows = tuple(k for k in chosen.walkable if k < site.first and case.rows.placed[k])
    if empty and case.register.positions is not None:
        good = np.zeros(n, bool)
        if rows:
            at = ways.layer.positions(rows, part.minutes, part.walker)
            good = np.array(
                [t > 0 and int(c) >= share * int(t)
                 for c, t in zip(at.covered, at.total, strict=True)]
            )  # fmt: skip
        good |= (ways.enough != NEVER) & (ways.existing >= ways.enough)
        lost = [k for k in empty if not good[k]]
        if lost:
            return {"why": _empty(ways.layer, lost)}
        ways.enough[empty] = 0  # what is reached stays so
    keep = (unit >= 0) & ways.of[unit] & (who[1] > 0)
    number = np.cumsum(keep) - 1
    use = keep[cover.place]
    running = np.concatenate([[0], np.cumsum(use)])
    ways.cover = Cover(
        first=running[cover.first],
        place=number[cover.place[use]].astype(np.int32),
        n_places=int(keep.sum()),
    )
    ways.place, ways.weight, ways.done = unit[keep], who[1][keep], done[keep]
    return {}


def _empty(layer: Layer, lost: list[int]) -> Note:
    names = named(tuple(layer.rows.name[k] for k in lost))
    return Note(
        f"有 {len(lost)} 个{layer.label.zh}内没有人口（{names.zh}），按其范围内的位置判断，"
        "这里不求解",
        f"{len(lost)} of the {layer.label.en} without people ({names.en}), to be judged by"
        " positions inside them, which is not solved here",
    )


def named(names: Sequence[str]) -> Note:
    """A few names, and how many more there are."""
    told, left = names[:MOST_NAMES], len(names) - MOST_NAMES
    return Note(
        "、".join(told) + (f" 等 {len(names)} 个" if left > 0 else ""),
        ", ".join(told) + (f" and {left} more" if left > 0 else ""),
    )


def unit_ratio(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    """So much of an attribute per people (or per a column of the units) in every unit."""
    some = units(case, aim.part.level, aim.part.units)
    if some is None:
        return None
    layer, which = some
    ways = _Ways(layer, which.rows, site)
    why = _ratio(ways, aim, case, site, chosen, wanted, strict=strict)
    if why is None or why:
        return why
    # those without people have no ratio, and none is asked of them
    ways.of &= ways.enough != NEVER
    return ways.counted(aim.key, int(ways.of.sum()))


def _ratio(
    ways: _Ways,
    aim: Aim,
    case: Case,
    site: Site,
    chosen: Chosen,
    wanted: Fraction,
    *,
    strict: bool,
) -> dict[str, Any] | None:
    """A unit passes where it has enough for its size; why not, {} where all is said."""
    part: Any = aim.part
    size = sizes_of(case, part, ways.layer, ways.which)
    if size is None:
        return None
    each, old = values(case, site, chosen.walkable, part.attribute)
    if not each.any():
        return {"why": no_value(aim, case)}
    unit = ways.layer.of_facilities()
    for row, value in old.items():
        if unit[row] >= 0:
            ways.existing[unit[row]] += value
    ways.each, ways.site = each, np.asarray(unit[site.first :], np.int64)
    for k, people in size.items():
        if people:
            ways.enough[k] = least_whole(wanted * people / exact(part.per) * MICRO, strict)
    return {}
