"""Rules that add up: totals, ratios, shares of a whole, and rules of size."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from quarterhour.inputs import EVERYONE, Note
from quarterhour.targets import words
from quarterhour.targets.choosing import Chosen, facilities, layer_of, tables_of, units, values_of
from quarterhour.targets.evidence import COUNTED, LACKS, Measured, of_rows
from quarterhour.targets.filters import Filter, exact, judge
from quarterhour.targets.groups import same_group
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quarterhour.targets.choosing import Case
    from quarterhour.targets.data import IntArray, People, Rows
    from quarterhour.targets.schema import Ratio, ShareOf, SizeRule, Total

FACILITY = Note("个设施", "facilities")
STAND_INS = {
    "residential_land": Note("居住用地", "residential land"),
    "buildings": Note("建筑", "buildings"),
}
HUNDRED = Fraction(100)


def unknown(case: Case) -> Measured:
    """Nothing can be said; what is missing has been told."""
    assert case.missing, "an unknown result says what is missing"  # noqa: S101 - our mistake
    return Measured(value=None)


def gap(
    have: Fraction, step: Callable[[Fraction], Fraction]
) -> Callable[[Fraction, bool], Fraction]:
    """How many more whole ones are needed: `step` gives the amount that a target stands for."""

    def more(target: Fraction, strict: bool) -> Fraction:
        need = step(target) - have
        whole = math.ceil(need)
        return Fraction(whole + 1 if strict and whole == need else whole)

    return more


def amount_words(attribute: str | None, counted: Note = FACILITY) -> Note:
    """What is added up, for the amount that is lacking."""
    if attribute is None:
        return counted
    own = words.column(attribute)
    if attribute.endswith("_m2"):
        return Note("平方米", "m2")
    measure = "张" if attribute.endswith("beds") else "个" if attribute.endswith("places") else ""
    return Note(f"{measure}{own.zh}", own.en)


def unit_words(label: Note) -> Note:
    """Units of a level, for the number that is lacking."""
    return Note(f"个{label.zh}", label.en)


def total(case: Case, part: Total) -> Measured:
    """Number of facilities or units, or the sum of an attribute of them."""
    rows: Rows
    if part.of == "units":
        layer = layer_of(case, part.level)
        if layer is None:
            return unknown(case)
        rows, what, counted = layer.rows, layer.key, unit_words(layer.label)
        every = range(len(rows))
        judged = judge(part.units, rows, every)
        case.told_missing(rows, judged)
        case.told_left(rows, judged)
        case.told_blank(rows, judged.blank, tables_of(rows, every))
        chosen = Chosen(rows=[k for k in every if judged.yes[k]], partial=any(judged.open))
    else:
        some = facilities(case, part.facilities, opened=part.opened, since=part.since)
        if some is None:
            return unknown(case)
        chosen, rows, what, counted = some, case.rows, "facility", FACILITY
    sums = values_of(case, rows, chosen.rows, part.attribute)
    values = sums.values if part.attribute else None
    evidence = of_rows(rows, chosen.rows, COUNTED, what, values)
    return Measured(
        value=sums.total,
        lower_bound=chosen.partial or sums.partial,
        evidence=tuple(evidence),
        lacking=gap(sums.total, lambda target: target),
        lacking_of=amount_words(part.attribute, counted),
    )


def people_of(case: Case, group: str) -> Fraction | None:
    """People of a group in the study area, as [targets.people] or the study says; None: missing."""
    stated = case.register.stated_people
    told = same_group(group, stated)
    if told is not None:
        shown = f"{float(stated[told]):,.0f}"
        case.assume(
            Note(
                f"人口取 [targets.people] {told} = {shown}",
                f"people are those of [targets.people] {told} = {shown}",
            )
        )
        return stated[told]
    found = amounts_of(case, group, or_stated=True)
    if found is None:
        return None
    amount = Fraction(int(found[1].sum()), MICRO)
    shown = f"{float(amount):,.0f}"
    case.assume(
        Note(
            f"人口取研究范围内的 {shown} 人（{group}）",
            f"people are the {shown} of the study area ({group})",
        )
    )
    if not amount:
        case.lack(
            f"研究范围内没有人口（{group}）", f"there are no people ({group}) in the study area"
        )
        return None
    return amount


def amounts_of(
    case: Case, group: str, *, or_stated: bool = False, stand_in: bool = False
) -> tuple[People, IntArray] | None:
    """Millionths of the group by place; None where the study has no such people.

    `or_stated`: a stated number would do as well. `stand_in`: land, buildings or streets will do
    for everyone.
    """
    people = case.register.people
    other = f" / [targets.people] {group} = ..." if or_stated else ""
    if people is None or (people.kind != "people" and not (stand_in and group == EVERYONE)):
        case.lack(f"缺少人口：需要 [people]{other}", f"no people: needs [people]{other}")
        return None
    own = same_group(group, people.amounts)
    if own is None:
        case.lack(
            f"人口没有 {group} 一组：需要 [people.groups] {group}{other}",
            f"people have no group {group}: needs [people.groups] {group}{other}",
        )
        return None
    if own != group:
        case.assume(Note(f"{group} 取研究中的 {own}", f"{group} is {own} of the study"))
    if people.kind != "people":
        stands = STAND_INS.get(people.kind, Note("街道长度", "metres of street"))
        case.assume(Note(f"没有人口数据，以{stands.zh}代替", f"{stands.en} stand in for people"))
    return people, people.amounts[own]


def ratio(case: Case, part: Ratio) -> Measured:
    """Sum of an attribute x per / people, or / the sum of another attribute."""
    chosen = facilities(case, part.facilities, opened=part.opened, since=part.since)
    if part.per_attribute is None:
        base = people_of(case, part.group)
        if chosen is None or base is None:
            return unknown(case)
        use = chosen.rows
    else:
        if chosen is None:
            return unknown(case)
        sized = _sized(case, chosen.rows, part.per_attribute)
        if sized is None:
            return unknown(case)
        use, base = sized
    per = exact(part.per)
    sums = values_of(case, case.rows, use, part.attribute)
    values = sums.values if part.attribute else None
    evidence = of_rows(case.rows, use, COUNTED, "facility", values)
    divisor = base / per
    return Measured(
        value=sums.total / divisor,
        lower_bound=chosen.partial or sums.partial,
        evidence=tuple(evidence),
        lacking=gap(sums.total, lambda target: target * divisor),
        lacking_of=amount_words(part.attribute),
    )


def _sized(case: Case, chosen: Sequence[int], key: str) -> tuple[list[int], Fraction] | None:
    """The facilities that say how large they are, and how large all of them are."""
    found = values_of(case, case.rows, chosen, key)
    if found.partial:
        return None
    use = [k for k, v in zip(chosen, found.values, strict=True) if v > 0]
    if not use:
        what = case.column(key)
        case.lack(f"没有设施填有{what.zh}", f"no facility has a value in {what.en}")
        return None
    return use, found.total


def _whole(case: Case, part: ShareOf | SizeRule) -> tuple[Rows, list[int], str, Note] | None:
    """The rows that a share is taken of; None where they cannot be told."""
    if part.over == "units":
        some = units(case, part.level, part.units)
        return (
            None
            if some is None
            else (some[0].rows, some[1].rows, some[0].key, unit_words(some[0].label))
        )
    chosen = facilities(case, part.facilities)
    if chosen is None or chosen.partial:
        return None
    if not chosen.rows:
        names = [case.register.kinds[k][0] for k in part.facilities.all_kinds
                 if k in case.register.kinds]  # fmt: skip
        what = words.listed(names) if names else Note("设施", "facilities")
        case.lack(
            f"没有一个{what.zh}，比例无从计算", f"there is not one of {what.en} to take a share of"
        )
        return None
    return case.rows, chosen.rows, "facility", FACILITY


def _meeting(case: Case, rows: Rows, whole: list[int], condition: Filter) -> tuple[list[int], bool]:
    """Rows of the whole that fulfil a condition, and whether a missing column leaves some open."""
    judged = judge(condition, rows, whole)
    case.told_missing(rows, judged)
    case.told_left(rows, judged)
    case.told_blank(rows, judged.blank, tables_of(rows, whole))
    return [k for k in whole if judged.yes[k]], any(judged.open)


def share_of(case: Case, part: ShareOf) -> Measured:
    """Percent that a part is of a whole, by number or by the sum of an attribute."""
    found = _whole(case, part)
    if found is None:
        return unknown(case)
    rows, whole, what, label = found
    base = values_of(case, rows, whole, part.attribute)
    if base.partial:
        return unknown(case)
    if not base.total:
        key = case.column(part.attribute or "")
        case.lack(f"{key.zh}合计为 0，比例无从计算", f"the sum of {key.en} is 0: no share of it")
        return unknown(case)
    some, values, partial = _part(case, part, rows, whole)
    have = sum(values, Fraction(0))
    own = part.part_attribute or part.attribute
    good = of_rows(rows, some, COUNTED, what, values if own else None)
    chosen = set(some)
    rest = of_rows(rows, [k for k in whole if k not in chosen], LACKS, what)
    if part.part_attribute is not None and have > base.total:
        some_of, all_of = case.column(part.part_attribute), case.column(part.attribute or "")
        case.tell(
            f"{some_of.zh}多于{all_of.zh}，请核对",
            f"{some_of.en} are more than {all_of.en}: please check",
        )
    return Measured(
        value=HUNDRED * have / base.total,
        lower_bound=partial,
        evidence=(*rest, *good),
        lacking=gap(have, lambda target: target * base.total / HUNDRED),
        lacking_of=amount_words(own, label),
    )


def _part(
    case: Case, part: ShareOf, rows: Rows, whole: list[int]
) -> tuple[list[int], list[Fraction], bool]:
    """Rows of the part with what each counts for, and whether a missing column hides more.

    A table that has the column of the part is taken by it, the others by `having`.
    """
    key = part.part_attribute
    by_column = [k for k in whole if key is not None and key in rows.columns[rows.table[k]]]
    column = set(by_column)
    others = [k for k in whole if k not in column]
    rest: list[int] = []
    partial = bool(others) and key is not None
    if others and part.having != Filter():
        rest, partial = _meeting(case, rows, others, part.having)
    if partial and key is not None:
        for table in sorted({rows.table[k] for k in others}):
            case.no_column(rows, table, key)
    values = dict(zip(by_column, values_of(case, rows, by_column, key).values, strict=True))
    values |= dict(zip(rest, values_of(case, rows, rest, part.attribute).values, strict=True))
    chosen = [k for k in whole if k in values]
    return chosen, [values[k] for k in chosen], partial


def size_rule(case: Case, part: SizeRule) -> Measured:
    """Percent of those of a size that meet what is demanded of them."""
    found = _whole(case, part)
    if found is None:
        return unknown(case)
    rows, every, what, label = found
    whole, partial = _meeting(case, rows, every, part.where_size)
    if partial:
        return unknown(case)
    if not whole:
        case.tell("没有达到该规模的，视为达标", "none is of this size, so nothing is demanded")
        return Measured(value=HUNDRED)
    good, partial = _meeting(case, rows, whole, part.must)
    n = len(whole)
    chosen = set(good)
    lacks = of_rows(rows, [k for k in whole if k not in chosen], LACKS, what)
    met = of_rows(rows, good, COUNTED, what)
    return Measured(
        value=HUNDRED * len(good) / n,
        lower_bound=partial,
        evidence=(*lacks, *met),
        lacking=gap(Fraction(len(good)), lambda target: target * n / HUNDRED),
        lacking_of=label,
    )
