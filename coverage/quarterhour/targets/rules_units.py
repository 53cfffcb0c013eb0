"""Rules that are counted by unit, and the share of people in reach."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.targets import rules_sums
from quarterhour.targets.choosing import facilities, units, values_of
from quarterhour.targets.evidence import (
    COUNTED,
    LACKS,
    NO_UNIT,
    Measured,
    of_rows,
    reached,
)
from quarterhour.targets.filters import exact
from quarterhour.targets.rules_sums import HUNDRED, amounts_of, gap, unit_words, unknown
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from quarterhour.targets.choosing import Case, Chosen
    from quarterhour.targets.data import BoolArray, IntArray
    from quarterhour.targets.layers import Layer
    from quarterhour.targets.schema import Presence, Ratio, ShareInReach, ShareOfUnits

AMOUNTS = {
    "people": Note("人", "people"),
    "residential_land": Note("公顷居住用地", "hectares of residential land"),
    "buildings": Note("栋建筑", "buildings"),
}
"""What the demand is an amount of, by its kind; else metres of street."""

WHOLE = frozenset({"county", "town"})
"""Levels that leave nothing of a city out: a facility in none of their units is told."""


def presence(case: Case, part: Presence) -> Measured:
    """Percent of the units of a level that have enough facilities."""
    some = units(case, part.level, part.units)
    chosen = facilities(case, part.facilities)
    if some is None or chosen is None:
        return unknown(case)
    layer, which = some
    served = _having(case, layer, chosen) >= part.at_least
    return _of_units(case, layer, which.rows, served, chosen, partial=chosen.partial)


def share_of_units(case: Case, part: ShareOfUnits) -> Measured:
    """Percent of the units of a level that are served: by presence, reach, either or a ratio."""
    some = units(case, part.level, part.units)
    chosen = facilities(case, part.facilities)
    if some is None or chosen is None:
        return unknown(case)
    layer, which = some
    served = np.zeros(len(layer), bool)
    partial = chosen.partial
    if part.by in {"presence", "either"}:
        served |= _having(case, layer, chosen) >= part.at_least
    if part.by in {"reach", "either"}:
        near = _in_reach(case, part, layer, chosen)
        if near is None:
            if part.by == "reach":
                return unknown(case)
            partial = True
        else:
            served |= near
    if part.by == "ratio":
        found = _ratios(case, part, layer, which.rows, chosen)
        if found is None:
            return unknown(case)
        ratios, partial = found
        least = exact(part.at_least)
        served[[k for k, value in ratios.items() if value >= least]] = True
    return _of_units(case, layer, which.rows, served, chosen, partial=partial)


def _having(case: Case, layer: Layer, chosen: Chosen) -> IntArray:
    """How many of the chosen facilities lie in each unit."""
    unit = layer.of_facilities()
    # a unit has what stands in it, even where its edge reaches beyond the study area
    at = unit[chosen.walkable]
    lost = _lost(layer, unit, chosen)
    if lost:
        case.tell(
            f"{len(lost)} 个设施不在任何{layer.label.zh}内",
            f"{counted(len(lost), 'facility lies', 'facilities lie')} in none of the"
            f" {layer.label.en}",
        )
    return np.asarray(np.bincount(at[at >= 0], minlength=len(layer)), np.int64)


def _lost(layer: Layer, unit: IntArray, chosen: Chosen) -> list[int]:
    """Facilities in no unit of a level that leaves nothing of a city out."""
    return [k for k in chosen.rows if unit[k] < 0] if WHOLE.issuperset(layer.levels) else []


def _of_units(
    case: Case,
    layer: Layer,
    which: list[int],
    served: BoolArray,
    chosen: Chosen,
    *,
    partial: bool,
) -> Measured:
    n = len(which)
    good = [k for k in which if served[k]]
    lacks = of_rows(layer.rows, [k for k in which if not served[k]], LACKS, layer.key)
    counted = of_rows(case.rows, chosen.walkable, COUNTED, "facility")
    lost = of_rows(case.rows, _lost(layer, layer.of_facilities(), chosen), NO_UNIT, "facility")
    return Measured(
        value=HUNDRED * len(good) / n,
        lower_bound=partial,
        evidence=(*lacks, *lost, *counted),
        lacking=gap(Fraction(len(good)), lambda target: target * n / HUNDRED),
        lacking_of=unit_words(layer.label),
    )


def _walkable(case: Case, chosen: Chosen) -> tuple[int, ...] | None:
    """Rows with coordinates; None where there are facilities and none has any."""
    rows = tuple(k for k in chosen.walkable if case.rows.placed[k])
    lost = len(chosen.walkable) - len(rows)
    if lost and not rows:
        files = sorted({case.rows.tables[case.rows.table[k]] for k in chosen.walkable})
        case.lack(
            f"这些设施都没有坐标（{'、'.join(files)}），无法计算步行时间",
            f"none of these facilities has coordinates ({', '.join(files)}): no walk can be timed",
        )
        return None
    if lost:
        case.tell(
            f"{lost} 个设施没有坐标，不计步行可达",
            f"{counted(lost, 'facility has', 'facilities have')} no coordinates and nobody is"
            " counted as walking there",
        )
    return rows


def _covered(
    case: Case, part: ShareOfUnits | ShareInReach, chosen: Chosen
) -> tuple[tuple[int, ...], BoolArray | None] | None:
    """The rows that can be walked to, and the places they cover (None for no row at all)."""
    rows = _walkable(case, chosen)
    if rows is None:
        return None
    if case.register.reach is None:
        case.lack("缺少道路：需要 [roads]", "no roads: needs [roads]")
        return None
    if not rows:
        return rows, None
    assert part.minutes is not None  # noqa: S101 - checked when the plan was read
    walked = case.register.reach(rows, part.minutes, part.walker)
    for note in walked.told:
        case.assume(note)
    return rows, walked.covered


def _in_reach(case: Case, part: ShareOfUnits, layer: Layer, chosen: Chosen) -> BoolArray | None:
    """Units of whose people enough are in reach; of whose positions, where nobody lives."""
    found = _covered(case, part, chosen)
    who = amounts_of(case, part.group, stand_in=True)
    if found is None or who is None:
        return None
    rows, covered = found
    amount, n, unit = who[1], len(layer), layer.of_people()
    total, near = _by_unit(unit, amount, n), np.zeros(n, np.int64)
    if covered is not None:
        near = _by_unit(unit, np.where(covered, amount, 0), n)
    percent = f"{float(case.threshold):g}"
    case.assume(
        Note(
            f"一个单元有 {percent}% 的人在 {part.minutes:g} 分钟内可达即计入",
            f"a unit is served where {percent} % of its people are within {part.minutes:g} minutes",
        )
    )
    empty = total == 0
    if empty.any() and case.register.positions is not None and rows:
        assert part.minutes is not None  # noqa: S101 - checked when the plan was read
        at = layer.positions(rows, part.minutes, part.walker)
        total, near = np.where(empty, at.total, total), np.where(empty, at.covered, near)
        case.tell(
            f"{int(empty.sum())} 个单元内没有人口，按其范围内的位置判断",
            f"{counted(int(empty.sum()), 'unit', 'units')} without people:"
            " judged by positions inside",
        )
    # exact integers: 60 % of 10 is 6
    share = case.threshold / HUNDRED
    return np.array(
        [t > 0 and int(c) >= share * int(t) for c, t in zip(near, total, strict=True)], bool
    )


def _by_unit(unit: IntArray, amount: IntArray, n: int) -> IntArray:
    """Sums by unit, int64 millionths."""
    result = np.zeros(n, np.int64)
    inside = unit >= 0
    np.add.at(result, unit[inside], amount[inside])
    return result


def share_in_reach(case: Case, part: ShareInReach) -> Measured:
    """Percent of people within so many minutes; those far from any road stay in the whole."""
    chosen = facilities(case, part.facilities)
    if chosen is None:
        return unknown(case)
    found = _covered(case, part, chosen)
    who = amounts_of(case, part.group, stand_in=True)
    if found is None or who is None:
        return unknown(case)
    people, amount = who
    if part.where == "urban_or_all" and people.urban is None:
        case.tell("没有城区范围 [urban]，计全部的人", "[urban] is not given: everybody is counted")
    elif part.where != "all":
        if people.urban is None:
            case.lack("缺少城区范围：需要 [urban]", "what is urban is not known: needs [urban]")
            return unknown(case)
        amount = np.where(people.urban == (part.where != "rural"), amount, 0)
        case.assume(
            Note("只计城区内的人", "only people in the urban area")
            if part.where != "rural"
            else Note("只计城区以外的人，按步行计算", "only people outside the urban area, on foot")
        )
    whole = int(amount.sum())
    if not whole:
        case.lack("这一范围内没有人口", "there are no people where they are looked for")
        return unknown(case)
    covered = 0 if found[1] is None else int(amount[found[1]].sum())
    evidence = of_rows(case.rows, found[0], COUNTED, "facility")
    return Measured(
        value=HUNDRED * covered / Fraction(whole),
        lower_bound=chosen.partial,
        evidence=tuple(evidence),
        lacking=gap(
            Fraction(covered, MICRO), lambda target: target * Fraction(whole, MICRO) / HUNDRED
        ),
        lacking_of=AMOUNTS.get(people.kind, Note("米街道", "metres of street")),
    )


def _ratios(
    case: Case, part: ShareOfUnits | Ratio, layer: Layer, which: list[int], chosen: Chosen
) -> tuple[dict[int, Fraction], bool] | None:
    """Sum of the attribute x per / people (or a column of the units), by unit that has any."""
    size = sizes_of(case, part, layer, which)
    if size is None:
        return None
    at = layer.of_facilities()
    inside = [k for k in chosen.walkable if at[k] >= 0]
    sums = values_of(case, case.rows, inside, part.attribute)
    have: dict[int, Fraction] = dict.fromkeys(which, Fraction(0))
    for k, value in zip(inside, sums.values, strict=True):
        if int(at[k]) in have:
            have[int(at[k])] += value
    per = exact(part.per)
    ratios = {k: have[k] * per / size[k] for k in which if size[k]}
    return ratios, chosen.partial or sums.partial


def sizes_of(
    case: Case, part: ShareOfUnits | Ratio, layer: Layer, which: list[int]
) -> dict[int, Fraction] | None:
    """People of each unit (or a column of the units), 0 for none; None where that is not known."""
    own = part.per_attribute
    rows = layer.rows
    if (
        own == "people"
        and case.register.people is not None
        and not all(own in rows.columns[rows.table[k]] for k in which)
    ):
        own = None
        case.assume(
            Note(
                "单元表没有人口一列，取研究中各单元范围内的人口",
                "the units have no column of people: the people of the study inside each are taken",
            )
        )
    if own is not None:
        base = values_of(case, rows, which, own)
        if base.partial:
            return None
        size = dict(zip(which, base.values, strict=True))
    else:
        who = amounts_of(case, part.group)
        if who is None:
            return None
        amount = _by_unit(layer.of_people(), who[1], len(layer))
        size = {k: Fraction(int(amount[k]), MICRO) for k in which}
    none = [k for k in which if not size[k]]
    if none:
        case.tell(
            f"{len(none)} 个单元没有人口（户数），无法计算比例",
            f"{counted(len(none), 'unit has', 'units have')} no people (households): no ratio",
        )
    if len(none) == len(which):
        case.lack("各单元都没有人口（户数）", "no unit has any people (households)")
        return None
    return size


def ratio(case: Case, part: Ratio) -> Measured:
    """A ratio of the whole, or of the unit that is worst off."""
    if not part.level:
        return rules_sums.ratio(case, part)
    some = units(case, part.level, part.units)
    chosen = facilities(case, part.facilities, opened=part.opened, since=part.since)
    if some is None or chosen is None:
        return unknown(case)
    layer, which = some
    found = _ratios(case, part, layer, which.rows, chosen)
    if found is None:
        return unknown(case)
    ratios, partial = found
    worst = max if part.direction == "<=" else min
    value = worst(ratios.values())
    order = sorted(ratios, key=lambda k: (ratios[k] if worst is min else -ratios[k], k))
    target = next((exact(t.value) * exact(part.scale) for t in reversed(part.targets)
                   if t.value is not None and t.year == case.milestone), None)  # fmt: skip
    below = [
        k
        for k in order
        if target is not None and not reached(ratios[k], part.direction, target, share=False)
    ]
    lacks = of_rows(layer.rows, below, LACKS, layer.key, [ratios[k] for k in below])
    rest = [k for k in order if k not in set(below)]
    good = of_rows(layer.rows, rest, COUNTED, layer.key, [ratios[k] for k in rest])
    case.tell(
        f"{len(ratios)} 个{layer.label.zh}中取最低的一个"
        if worst is min
        else f"{len(ratios)} 个单元中取最高的一个",
        f"the {'lowest' if worst is min else 'highest'} of {counted(len(ratios), 'unit')} is taken",
    )
    return Measured(value=value, lower_bound=partial, evidence=(*lacks, *good))
