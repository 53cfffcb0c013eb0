"""What new sites can do for a part of an indicator: the nouns, and what all forms share."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.assessing.analysis import inside_ms_of
from quarterhour.core.siting.nouns import Cover
from quarterhour.inputs import Note
from quarterhour.model import _Frozen
from quarterhour.siting.cover import site_cover
from quarterhour.targets.choosing import values_of
from quarterhour.units import MICRO
from quarterhour.walkers import walker as walker_named

if TYPE_CHECKING:
    from fractions import Fraction

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.siting.among import Among
    from quarterhour.core.siting.targets import Presence, Stock
    from quarterhour.inputs import Facilities
    from quarterhour.targets.choosing import Case, Chosen
    from quarterhour.targets.data import Register
    from quarterhour.targets.evidence import PartResult
    from quarterhour.targets.schema import AnyRule, Indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached(_Frozen):
    """Millionths `amount` among some places must be covered: by place inside the study area.

    `weight`: int64 millionths. `done`: covered already. `cover`: places of each candidate.
    """

    weight: NDArray[np.int64]
    done: NDArray[np.bool_]
    cover: Cover
    amount: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted(_Frozen):
    """Enough units must pass: `among` with the places of `cover`, and what they are called.

    `weight`: int64 millionths. `done`: covered already. `names`: of the units.
    """

    among: Among
    weight: NDArray[np.int64]
    done: NDArray[np.bool_]
    cover: Cover
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the requirement."""
        return self.among.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim(_Frozen):
    """A part of an indicator: `before` as it is, and what sites can do for it.

    `reached`, `presence`, `stock`, `counted`: requirements that make it pass; empty where it passes
    or where `why` says that siting cannot change it.
    """

    plan: str
    indicator: Indicator
    number: int
    part: AnyRule
    before: PartResult
    reached: tuple[Reached, ...] = ()
    presence: tuple[Presence, ...] = ()
    stock: tuple[Stock, ...] = ()
    counted: tuple[Counted, ...] = ()
    why: Note | None = None

    @property
    def open(self) -> bool:
        """Whether sites are to make it pass."""
        return bool(self.reached or self.presence or self.stock or self.counted)

    @property
    def key(self) -> str:
        """The name of its requirements."""
        more = f" ({self.number + 1})" if len(self.indicator.part) > 1 else ""
        return f"{self.plan} {self.indicator.id}{more}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(_Frozen):
    """The candidates: `at` as facilities, which are the rows of `register` from `first` on."""

    given: Assessment
    at: Facilities
    register: Register
    first: int

    @property
    def n(self) -> int:
        """Candidates."""
        return len(self.at)

    def mine(self, rows: list[int]) -> NDArray[np.int64]:
        """The candidates among some rows."""
        found = np.array(rows, np.int64)
        return np.asarray(found[found >= self.first] - self.first, np.int64)


def least_whole(value: Fraction, strict: bool) -> int:
    """The least whole number that reaches a value, or with `strict` is above it."""
    whole = math.ceil(value)
    return whole + 1 if strict and whole == value else whole


def walks(
    case: Case, site: Site, chosen: Chosen, minutes: float, walker: str | None
) -> tuple[Cover, NDArray[np.bool_]]:
    """Places inside the area that each candidate covers, and those that are covered already."""
    rows = tuple(k for k in chosen.walkable if k < site.first and case.rows.placed[k])
    given, inside = site.given, site.given.ground.inside
    who = given.walker if walker is None else walker_named(walker)
    rule = bool(who.rule_m) and minutes not in {m for m, _ in who.rule_m}
    cutoff_ms = who.limit_ms(minutes) if rule else who.cutoff_ms(minutes)
    inside_min = 0.0 if who.rule_m else given.inside_min
    assert inside_ms_of(who, inside_min) >= 0  # noqa: S101 - as the plan walks
    like = dataclasses.replace(given, walker=who, inside_min=inside_min)
    every = site_cover(
        like, site.at, limit_ms=cutoff_ms, link_limit_m=given.link_limit_m, keep=inside
    ).cover
    number = np.cumsum(inside) - 1
    counts = np.zeros(site.n, bool)
    counts[site.mine(chosen.walkable)] = True
    use = counts[every.site]
    size = np.where(counts, np.diff(every.first), 0)
    cover = Cover(
        first=np.concatenate([[0], np.cumsum(size)]),
        place=number[every.place[use]].astype(np.int32),
        n_places=int(inside.sum()),
    )
    done = np.zeros(cover.n_places, bool)
    if rows and case.register.reach is not None:
        done = case.register.reach(rows, minutes, walker).covered
    return cover, done


def values(
    case: Case, site: Site, rows: list[int], attribute: str | None
) -> tuple[NDArray[np.int64], dict[int, int]]:
    """What each candidate counts for, and what each existing row does, in millionths."""
    summed = values_of(case, case.rows, rows, attribute).values
    each, old = np.zeros(site.n, np.int64), {}
    for k, value in zip(rows, summed, strict=True):
        if k >= site.first:
            each[k - site.first] = math.floor(value * MICRO)
        else:
            old[k] = math.floor(value * MICRO)
    return each, old


def no_value(aim: Aim, case: Case) -> Note:
    """That no candidate has a value in the column that is added up."""
    key = getattr(aim.part, "attribute", None) or ""
    what = case.column(key)
    return Note(f"候选点没有填写{what.zh}", f"the candidates have no {what.en}")
