"""What new sites can do for the indicators of plans, as requirements that a program can meet."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.analysis import inside_ms_of
from quarterhour.core.siting.targets import Presence, Stock
from quarterhour.inputs import Note
from quarterhour.model import _Frozen
from quarterhour.siting.cover import site_cover
from quarterhour.targets.choosing import Case, Chosen, facilities, units, values_of
from quarterhour.targets.evidence import FAIL, PASS, UNKNOWN
from quarterhour.targets.filters import Filter, exact, judge
from quarterhour.targets.rules import evaluate_part, milestone_of
from quarterhour.targets.rules_sums import amounts_of, people_of
from quarterhour.units import MICRO
from quarterhour.walkers import walker as walker_named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessment import Assessment
    from quarterhour.core.siting.nouns import Cover
    from quarterhour.inputs import Facilities
    from quarterhour.targets.data import Register, Settings
    from quarterhour.targets.evidence import PartResult
    from quarterhour.targets.schema import AnyRule, Indicator, Plan

OPENED = Note("只计特定年份开放的设施", "it counts only facilities opened in certain years")
MOST = Note("要求不超过某值，新增设施无助于此", "it asks for no more than a number, and sites add")
QUALITY = Note(
    "取决于设施的属性或规模，不取决于选址",
    "it depends on what facilities are like, not on where they are",
)
CHOICE = Note(
    "按单元的可达或比例判断，且不要求每个单元都达到，这里不求解",
    "it judges units by reach or ratio and does not ask it of every unit, which is not solved here",
)
SEVERAL = Note("每个单元要求多处设施，这里不求解", "it asks for several facilities in each unit,"
               " which is not solved here")  # fmt: skip


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
class Aim(_Frozen):
    """A part of an indicator: `before` as it is, and what sites can do for it.

    `reached`, `presence`, `stock`: requirements that make it pass; empty where it passes or where
    `why` says that siting cannot change it.
    """

    plan: str
    indicator: Indicator
    number: int
    part: AnyRule
    before: PartResult
    reached: tuple[Reached, ...] = ()
    presence: tuple[Presence, ...] = ()
    stock: tuple[Stock, ...] = ()
    why: Note | None = None

    @property
    def open(self) -> bool:
        """Whether sites are to make it pass."""
        return bool(self.reached or self.presence or self.stock)

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


def aims_of(plans: list[Plan], now: Register, site: Site, settings: Settings) -> list[Aim]:
    """Every part of every indicator, with what candidates can do for it."""
    aims = []
    for plan in plans:
        for one in plan.indicator:
            for k, part in enumerate(one.part):
                before = evaluate_part(part, now, settings, id_=one.id, head=plan.plan)
                aim = Aim(plan=plan.plan.key, indicator=one, number=k, part=part, before=before)
                if before.result == PASS:
                    aims.append(aim)
                    continue
                year, milestone = milestone_of(part, settings)
                case = Case(
                    register=site.register, year=year, milestone=milestone.year,
                    threshold=exact(settings.thresholds.get(one.id, settings.threshold_percent)),
                )  # fmt: skip
                aims.append(dataclasses.replace(aim, **_wanted(aim, case, site)))
    return aims


def _wanted(aim: Aim, case: Case, site: Site) -> dict[str, Any]:
    """The requirements of a part that does not pass, or why there are none."""
    part, before = aim.part, aim.before
    if part.direction == "<=":
        return {"why": MOST}
    if part.rule in {"share_of", "size_rule"} or getattr(part, "of", "") == "units":
        return {"why": QUALITY}
    opened = getattr(part, "opened", None)
    if opened is not None:
        return {"why": OPENED}
    if before.target is None or (before.result == UNKNOWN and before.missing and not _partial(aim)):
        return {"why": before.missing[0] if before.missing else QUALITY}
    chosen = facilities(case, part.facilities)
    if chosen is None:
        return {"why": case.missing[0]}
    mine = site.mine(chosen.walkable)
    if not len(mine):
        return {"why": _not_counted(case, part, site)}
    wanted = before.target * exact(part.scale)
    strict = part.direction == ">"
    made = {
        "share_in_reach": _reach, "presence": _presence, "share_of_units": _units,
        "total": _total, "ratio": _ratio,
    }[part.rule](aim, case, site, chosen, wanted, strict)  # fmt: skip
    if made is None:
        return {"why": case.missing[0] if case.missing else CHOICE}
    return made


def _partial(aim: Aim) -> bool:
    """Whether a result is open only because a column is missing that could raise it."""
    return aim.before.result == FAIL or any("至少" in note.zh for note in aim.before.notes)


def _not_counted(case: Case, part: AnyRule, site: Site) -> Note:
    rows = range(site.first, site.first + site.n)
    only = Filter(kinds=part.facilities.kinds, domain=part.facilities.domain)
    if any(judge(only, case.rows, rows).yes) and part.facilities.columns:
        told = [case.column(key) for key in part.facilities.columns]
        return Note(
            f"候选点没有满足该项条件的（{'、'.join(n.zh for n in told)}）",
            f"no candidate meets its conditions ({', '.join(n.en for n in told)})",
        )
    kind = site.at.kind[0] if site.n else ""
    return Note(f"新建的“{kind}”不计入此项", f"what is built ({kind}) does not count for it")


def _ceil(value: Fraction, strict: bool) -> int:
    whole = math.ceil(value)
    return whole + 1 if strict and whole == value else whole


def _reach(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    part = aim.part
    assert part.rule == "share_in_reach"  # noqa: S101 - our mistake
    who = amounts_of(case, part.group, stand_in=True)
    if who is None:
        return None
    people, amount = who
    if part.where != "all" and not (part.where == "urban_or_all" and people.urban is None):
        if people.urban is None:
            case.lack("缺少城区范围：需要 [urban]", "what is urban is not known: needs [urban]")
            return None
        amount = np.where(people.urban == (part.where != "rural"), amount, 0)
    cover, done = _walks(case, site, chosen, part.minutes, part.walker)
    need = _ceil(Fraction(int(amount.sum())) * wanted / 100, strict)
    return {"reached": (
        Reached(weight=amount, done=done, cover=cover, amount=need, name=aim.key),
    )}  # fmt: skip


def _walks(
    case: Case, site: Site, chosen: Chosen, minutes: float, walker: str | None
) -> tuple[Cover, NDArray[np.bool_]]:
    """Places inside the area that each candidate covers, and those that are covered already."""
    from quarterhour.core.siting.nouns import Cover as Covers  # noqa: PLC0415

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
    cover = Covers(
        first=np.concatenate([[0], np.cumsum(size)]),
        place=number[every.place[use]].astype(np.int32),
        n_places=int(inside.sum()),
    )
    done = np.zeros(cover.n_places, bool)
    if rows and case.register.reach is not None:
        done = case.register.reach(rows, minutes, walker).covered
    return cover, done


def _presence(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    part = aim.part
    if getattr(part, "at_least", 1) != 1:
        return {"why": SEVERAL}
    some = units(case, part.level, part.units)
    if some is None:
        return None
    layer, which = some
    unit = layer.of_facilities()
    of, has = np.zeros(len(layer), bool), np.zeros(len(layer), bool)
    of[which.rows] = True
    old = np.array([k for k in chosen.walkable if k < site.first], np.int64)
    at = unit[old]
    has[at[at >= 0]] = True
    mine = site.mine(chosen.walkable)
    own = np.full(site.n, -1, np.int64)
    own[mine] = unit[mine + site.first]
    amount = _ceil(wanted * len(which.rows) / 100, strict)
    return {"presence": (Presence(unit=own, has=has, of=of, amount=amount, name=aim.key),)}


def _units(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    """By presence; by reach or ratio only where every unit has to be served."""
    part = aim.part
    assert part.rule == "share_of_units"  # noqa: S101 - our mistake
    if part.by == "presence":
        return _presence(aim, case, site, chosen, wanted, strict)
    if wanted < 100 or part.by == "either":
        return {"why": CHOICE}
    some = units(case, part.level, part.units)
    if some is None:
        return None
    layer, which = some
    if part.by == "ratio":
        return _stocks(aim, case, site, chosen, exact(part.at_least))
    who = amounts_of(case, part.group, stand_in=True)
    if who is None or part.minutes is None:
        return None
    cover, done = _walks(case, site, chosen, part.minutes, part.walker)
    unit, found = layer.of_people(), []
    for k in which.rows:
        weight = np.where(unit == k, who[1], 0)
        total = int(weight.sum())
        if not total:
            return {"why": CHOICE}
        amount = _ceil(total * case.threshold / 100, strict=False)
        if int(weight[done].sum()) < amount:
            name = f"{aim.key} {layer.rows.name[k]}"
            found.append(Reached(weight=weight, done=done, cover=cover, amount=amount, name=name))
    return {"reached": tuple(found)}


def _values(
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


def _total(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    each, old = _values(case, site, chosen.rows, getattr(aim.part, "attribute", None))
    if not each.any():
        return {"why": _lacking(aim, case)}
    amount = _ceil(wanted * MICRO, strict)
    return {"stock": (
        Stock(each=each, existing=sum(old.values()), amount=amount, name=aim.key),
    )}  # fmt: skip


def _lacking(aim: Aim, case: Case) -> Note:
    key = getattr(aim.part, "attribute", None) or ""
    what = case.column(key)
    return Note(f"候选点没有填写{what.zh}", f"the candidates have no {what.en}")


def _ratio(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    part = aim.part
    assert part.rule == "ratio"  # noqa: S101 - our mistake
    if part.level:
        return _stocks(aim, case, site, chosen, wanted)
    if part.per_attribute is not None:
        return {"why": QUALITY}
    base = people_of(case, part.group)
    if base is None:
        return None
    return _total(aim, case, site, chosen, wanted * base / exact(part.per), strict)


def _stocks(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction
) -> dict[str, Any] | None:
    """So much of an attribute per people in every unit."""
    part: Any = aim.part
    some = units(case, part.level, part.units)
    who = amounts_of(case, part.group)
    if some is None or who is None:
        return None
    if part.per_attribute not in {None, "people"}:
        return {"why": CHOICE}
    layer, which = some
    if part.per_attribute == "people" and all(
        "people" in layer.rows.columns[layer.rows.table[k]] for k in which.rows
    ):
        return {"why": CHOICE}
    each, old = _values(case, site, chosen.walkable, part.attribute)
    if not each.any():
        return {"why": _lacking(aim, case)}
    unit, lived = layer.of_facilities(), layer.of_people()
    found = []
    for k in which.rows:
        people = int(who[1][lived == k].sum())
        amount = math.ceil(wanted * people / exact(part.per))
        existing = sum(v for row, v in old.items() if unit[row] == k)
        if existing < amount:
            here = unit[site.first :] == k
            name = f"{aim.key} {layer.rows.name[k]}"
            found.append(Stock(
                each=np.where(here, each, 0), existing=existing, amount=amount, name=name
            ))  # fmt: skip
    return {"stock": tuple(found)}
