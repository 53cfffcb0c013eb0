"""What new sites can do for the indicators of plans, as requirements that a program can meet."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.core.siting.targets import Stock
from quarterhour.inputs import Note
from quarterhour.siting.aim_parts import Aim, Reached, Site, least_whole, no_value, values, walks
from quarterhour.siting.aims_units import presence, share_of_units, unit_ratio
from quarterhour.targets.choosing import Case, Chosen, facilities
from quarterhour.targets.evidence import FAIL, PASS, UNKNOWN
from quarterhour.targets.filters import Filter, exact, judge
from quarterhour.targets.rules import evaluate_part, milestone_of
from quarterhour.targets.rules_sums import amounts_of, people_of
from quarterhour.targets.words import SHARES
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from quarterhour.targets.data import Register, Settings
    from quarterhour.targets.schema import AnyRule, Plan

OPENED = Note(
    "只计特定年份开放的设施，候选点没有开放年份",
    "it counts only facilities opened in certain years, and candidates have no year",
)
MOST = Note("要求不超过某值，新增设施无助于此", "it asks for no more than a number, and sites add")
QUALITY = Note(
    "取决于设施的属性或规模，不取决于选址",
    "it depends on what facilities are like, not on where they are",
)
OF_UNITS = Note("统计的是单元本身，不是设施", "it counts the units themselves, not facilities")
PER_SIZE = Note(
    "是设施自身两项数值之比，取决于设施的规模，不取决于选址",
    "it is a ratio of two values of the facilities themselves: it depends on how large they are,"
    " not on where they are",
)
EXACTLY = Note(
    "要求恰好等于某值，这里只求解不少于某值的指标",
    "it asks for exactly a number; only those that ask for at least a number are solved here",
)


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
    if part.direction == "=" and part.rule not in SHARES:
        return {"why": EXACTLY}
    if part.rule in {"share_of", "size_rule"}:
        return {"why": QUALITY}
    if getattr(part, "of", "") == "units":
        return {"why": OF_UNITS}
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
        "share_in_reach": _reach, "presence": presence, "share_of_units": share_of_units,
        "total": _total, "ratio": _ratio,
    }[part.rule](aim, case, site, chosen, wanted, strict)  # fmt: skip
    if made is None:
        return {"why": case.missing[0] if case.missing else QUALITY}
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
    cover, done = walks(case, site, chosen, part.minutes, part.walker)
    need = least_whole(Fraction(int(amount.sum())) * wanted / 100, strict)
    return {"reached": (
        Reached(weight=amount, done=done, cover=cover, amount=need, name=aim.key),
    )}  # fmt: skip


def _total(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    each, old = values(case, site, chosen.rows, getattr(aim.part, "attribute", None))
    if not each.any():
        return {"why": no_value(aim, case)}
    amount = least_whole(wanted * MICRO, strict)
    return {"stock": (
        Stock(each=each, existing=sum(old.values()), amount=amount, name=aim.key),
    )}  # fmt: skip


def _ratio(
    aim: Aim, case: Case, site: Site, chosen: Chosen, wanted: Fraction, strict: bool
) -> dict[str, Any] | None:
    part = aim.part
    assert part.rule == "ratio"  # noqa: S101 - our mistake
    if part.level:
        return unit_ratio(aim, case, site, chosen, wanted, strict)
    if part.per_attribute is not None:
        return {"why": PER_SIZE}
    base = people_of(case, part.group)
    if base is None:
        return None
    return _total(aim, case, site, chosen, wanted * base / exact(part.per), strict)
