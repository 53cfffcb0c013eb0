"""Figures as words: the sentences that never give a share without what it is a share of."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from quarterhour.errors import InputError
from quarterhour.measures import Measure, both_ways_told, counted, measure, parts_told
from quarterhour.render.words import group_pair

if TYPE_CHECKING:
    from quarterhour.render.map.layers import (
        Figure,
        GapList,
        MapData,
        ScenarioService,
        ServiceLayer,
    )

# Half a displayed tenth of a percent: shares closer than this read the same.
_SAME_SHARE = 0.0005
_SAME_PEOPLE = 1e-3


def count(value: float) -> str:
    """A whole number with thousands separators."""
    return f"{value:,.0f}"


def amount_text(value: float) -> str:
    """An amount, with one decimal below ten, where a decimal still tells something."""
    if 0 < value < 0.05:
        return "<0.1"
    return f"{value:,.1f}".removesuffix(".0") if value < 9.95 else count(value)


def percent(share: float) -> str:
    """A share (0 to 1) as a percentage with one decimal."""
    return f"{100 * share:.1f}%"


def plain_minutes(cutoff_min: float) -> str:
    """A cutoff in minutes, without a decimal when it is whole."""
    return f"{cutoff_min:g}"


def measure_of(data: MapData) -> Measure:
    """How amounts of demand are told on a page, all of them alike."""
    return measure(data.demand_unit, *(f.total for one in data.services for f in one.figures))


def conserved(figure: Figure, unit: str) -> Figure:
    """The figure in whole units as it is told, by the rule of `measures.parts_told`."""
    per = measure(unit, figure.total).per
    told = parts_told(figure.total, figure.covered, figure.uncovered, figure.unlinked, per=per)
    return dataclasses.replace(figure, **told._asdict())


def left_out(figure: Figure, unit: str) -> float:
    """Who is not covered or not linked, as the two are told."""
    shown = conserved(figure, unit)
    return shown.uncovered + shown.unlinked


def difference(before: Figure, after: Figure, unit: str) -> float:
    """How many more are covered after: the difference of the two numbers that are told."""
    return conserved(after, unit).covered - conserved(before, unit).covered


def gap_people(gaps: GapList, figure: Figure | None, unit: str) -> float:
    """People in all gaps: where these are all who are left out, as many as are told to be."""
    if figure is None or abs(gaps.people - figure.uncovered - figure.unlinked) > _SAME_PEOPLE:
        return gaps.people
    return left_out(figure, unit)


def share_base(figure: Figure) -> tuple[str, float] | None:
    """What `share_covered` is a share of: a word key and the amount; None when there is no share.

    Raises InputError when the share fits neither the total nor the linked part of it: a share
    whose denominator is unknown is not shown.
    """
    if figure.share_covered is None:
        return None
    linked = figure.covered + figure.uncovered
    for key, base in (("share_of_total", figure.total), ("share_of_linked", linked)):
        if base > 0 and abs(figure.covered / base - figure.share_covered) < _SAME_SHARE:
            return key, base
    message = (
        f"share_covered is {figure.share_covered!r} for group {figure.group!r} within "
        f"{figure.cutoff_min:g} min, which is neither covered / total nor covered / (covered + "
        "uncovered); give the share of one of these"
    )
    raise InputError(message)


def headline(service: ServiceLayer) -> Figure | None:
    """The figure of the service's own group at its last cutoff, or None when it has none."""
    if not service.cutoffs_min:
        return None
    last = service.cutoffs_min[-1]
    at_last = [figure for figure in service.figures if figure.cutoff_min == last]
    own = [figure for figure in at_last if figure.group == service.group]
    return next(iter(own or at_last), None)


def coverage_sentence(figure: Figure, unit: str) -> tuple[str, str]:
    """Who is reached, out of how many, and who stands apart, in Chinese and English.

    `unit` is what is counted: "people", "residential_land", "buildings" or "street_metres".
    """
    told, shown = measure(unit, figure.total), conserved(figure, unit)
    unit_zh, unit_en, number = told.zh, told.en, told.number
    group_zh, group_en = group_pair(figure.group)
    minutes = plain_minutes(figure.cutoff_min)
    base = share_base(figure)
    amount = shown.total
    if base is not None and base[0] == "share_of_linked":
        amount -= shown.unlinked
    who_zh = [group_zh] if unit == "people" else []
    who_en = [group_en] if unit == "people" else []
    if base is not None and figure.share_covered is not None:
        linked_only = base[0] == "share_of_linked"
        who_zh.append(("占已连接者 " if linked_only else "占 ") + percent(figure.share_covered))
        who_en.append(percent(figure.share_covered) + (" of those linked" if linked_only else ""))
    note_zh = f"（{'，'.join(who_zh)}）" if who_zh else ""
    note_en = f" ({', '.join(who_en)})" if who_en else ""
    zh = (
        f"{minutes}分钟内可达：{number(shown.covered)} {unit_zh} / {number(amount)} {unit_zh}"
        f"{note_zh}；未能连接路网 {number(shown.unlinked)} {unit_zh}，单列"
    )
    en = (
        f"Within {minutes} min: {number(shown.covered)} of {number(amount)} {unit_en}{note_en}; "
        f"{told.told(shown.unlinked).en} not linked to the road network, counted separately"
    )
    return zh, en


def circle_sentence(figure: Figure, unit: str) -> tuple[str, str] | None:
    """How many a straight-line circle would wrongly count, of how many; None without a circle."""
    if figure.circle_m is None or figure.circle_counted <= 0:
        return None
    told = measure(unit, figure.circle_counted)
    unit_zh, unit_en = told.zh, told.en
    share = percent(figure.circle_wrongly / figure.circle_counted)
    radius, minutes = count(figure.circle_m), plain_minutes(figure.cutoff_min)
    wrongly, counted = told.number(figure.circle_wrongly), told.number(figure.circle_counted)
    zh = (
        f"若以直线半径 {radius} 米画圆，会计入 {counted} {unit_zh}，其中 {wrongly} {unit_zh}"
        f"（{share}）沿路步行 {minutes} 分钟实际到不了"
    )
    en = (
        f"Straight-line circles of {radius} m would count {counted} {unit_en}; {wrongly} of them"
        f" ({share}) cannot walk there within {minutes} min"
    )
    return zh, en


def scenario_sentence(one: ScenarioService, unit: str) -> tuple[str, str]:
    """Covered before and after a plan, of how many, and who gains and loses."""
    told = measure(unit, one.before.total)
    unit_zh, unit_en = told.zh, told.en
    group_zh, group_en = group_pair(one.before.group, unit)
    minutes = plain_minutes(one.before.cutoff_min)
    old, new, total = map(told.number, (one.before.covered, one.after.covered, one.before.total))
    shares = [f.share_covered for f in (one.before, one.after)]
    more = difference(one.before, one.after, unit)
    change = f"{'+' if more >= 0 else '-'}{told.number(abs(more))}"
    if shares[0] is None or shares[1] is None:
        part_zh = part_en = ""
    else:
        part_zh = f"（占总量 {percent(shares[0])} → {percent(shares[1])}）"
        part_en = f" ({percent(shares[0])} → {percent(shares[1])} of the total)"
    ways = (float(p.amount.sum()) for p in (one.gained, one.lost))
    gained, lost = map(told.number, both_ways_told(more, *ways, per=told.per))
    who_zh, who_en = (f"{group_zh} ", f"{group_en}: ") if unit == "people" else ("", "")
    zh = (
        f"{one.name} {minutes}分钟可达：{who_zh}{old} → {new}（{change}）{unit_zh}，共 {total}"
        f" {unit_zh}{part_zh}；新增可达 {gained}，不再可达 {lost}"
    )
    en = (
        f"{one.name} within {minutes} min: {who_en}{old} → {new} ({change}) of {total} {unit_en}"
        f"{part_en}; {gained} gained, {lost} lost"
    )
    return zh, en


def gaps_sentence(
    gaps: GapList, group: str, unit: str, figure: Figure | None = None
) -> tuple[str, str]:
    """How many gaps with how many people, and how they were made; `figure`: of the same state."""
    told = measure(unit, gaps.people)
    unit_zh = told.zh
    group_zh, group_en = group_pair(group, unit)
    zh_who, en_who = (f"（{group_zh}）", f" ({group_en})") if unit == "people" else ("", "")
    people = told.number(gap_people(gaps, figure, unit))
    zh = (
        f"{gaps.total:,} 处共 {people} {unit_zh}{zh_who}，含未能连接路网者；"
        f"沿路相距不超过 {gaps.join_m:g} 米的归为一处"
    )
    en = (
        f"{counted(gaps.total, 'gap')} with {people} {told.unit_en(people)}{en_who}, those not"
        " linked to roads included; "
        f"places within {gaps.join_m:g} m of each other along the streets are one gap"
    )
    return zh, en


def walker_line(service: ServiceLayer) -> tuple[str, str]:
    """Who walks and how fast (metres per second and km/h), or the distance rule, zh and en."""
    if service.rule:
        return f"换算规则：{service.rule}", f"Distance rule: {service.rule}"
    kmh = 3.6 * service.speed_mps
    speed = f"{service.speed_mps:g}"
    zh = f"{service.walker_label_zh or service.walker}，步速 {speed} 米/秒（{kmh:.1f} 公里/时）"
    en = f"{service.walker_label_en or service.walker}, {speed} m/s ({kmh:.1f} km/h)"
    return zh, en
