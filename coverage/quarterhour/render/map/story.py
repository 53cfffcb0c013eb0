"""The views of the briefing mode in order: what each shows, one sentence, and one figure of what.

A view names what the page turns on for it; its texts are made here, from the same figures as the
rest of the page, so that the page's script computes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from quarterhour.measures import counted, measure, verb
from quarterhour.render.map.gaps import LISTED, minutes_tenths
from quarterhour.render.map.story_view import (
    base_of,
    share_of,
    signed,
    still_left,
    view_of,
    who_of,
)
from quarterhour.render.sentences import (
    conserved,
    difference,
    gap_people,
    headline,
    left_out,
    measure_of,
    plain_minutes,
    scenario_sentence,
)
from quarterhour.render.words import WORDS

if TYPE_CHECKING:
    from quarterhour.render.map.layers import Figure, GapMark, MapData, Scenario, ServiceLayer
    from quarterhour.render.map.views import PlanTally

    Pair = tuple[str, str]

MOST_SERVICES: Final = 3
"""Services that have views of their own; the last view has the share of every service."""

GAPS_BY_SERVICES: Final = (3, 2, 1)
"""Gaps shown one by one for each service, by how many services there are."""

MOST_SCENARIOS: Final = 4
MOST_NAMES: Final = 4


def story(data: MapData) -> list[dict[str, Any]]:
    """The views of a map, in order; keys as in `_view`, `lines` only where there are any."""
    names = list(dict.fromkeys(service.name for service in data.services))
    first = [next(k for k, s in enumerate(data.services) if s.name == name) for name in names]
    told = first[:MOST_SERVICES]
    views = [_district(data, told[0])]
    for number in told:
        views += _of_service(data, number, GAPS_BY_SERVICES[len(told) - 1])
    shown = [k for k, one in enumerate(data.scenarios) if one.proposed != "other"]
    views += [_scenario(data, k) for k in shown[:MOST_SCENARIOS]]
    views += _years(data, told)
    views += [_plan(one) for one in data.targets]
    return [*views, _closing(data, first)]


def _district(data: MapData, number: int) -> dict[str, Any]:
    service = data.services[number]
    used = sum(mark.status == "used" for mark in service.facilities)
    figure = headline(service)
    title = ("全区概况", "The whole area")
    many = "facility counts" if used == 1 else "facilities count"
    sites = (f"“{service.name}”设施 {used:,} 处", f"“{service.name}”: {used:,} {many}")
    if figure is None:
        return view_of("district", title, (f"{sites[0]}。", f"{sites[1]}."), service=number)
    who = who_of(figure.group, data.demand_unit, figure.total)
    total = measure(data.demand_unit, figure.total).number(figure.total)
    return view_of(
        "district",
        title,
        (
            f"研究范围内有 {total} {who[0]}；{sites[0]}（已计入）。",
            f"The study area has {total} {who[1]}. {sites[1]}.",
        ),
        total,
        (f"{who[0]}，研究范围内全部", f"{who[1]}, all in the study area"),
        service=number,
    )


def _of_service(data: MapData, number: int, most_gaps: int) -> list[dict[str, Any]]:
    service, unit = data.services[number], data.demand_unit
    views = []
    figure = headline(service)
    if figure is not None:
        told = measure(unit, figure.total)
        reach, unit_zh = told.told(figure.covered), told.zh
        minutes = plain_minutes(figure.cutoff_min)
        shown = conserved(figure, unit)
        left, unlinked = told.number(shown.uncovered), told.number(shown.unlinked)
        apart = shown.unlinked > 0
        reached = "reaches it" if reach.en.startswith("1 ") else "reach it"
        do, are = ("does" if left == "1" else "do"), ("is" if unlinked == "1" else "are")
        base = base_of(figure, unit) or ("", ("", ""))
        views.append(
            view_of(
                "coverage",
                (f"{service.name}：现状", f"{service.name}: today"),
                (
                    f"步行 {minutes} 分钟内，{reach.zh}走得到，"
                    f"{left} {unit_zh}走不到"
                    + (f"；另有 {unlinked} {unit_zh}未能连接路网。" if apart else "。"),
                    f"Within {minutes} minutes on foot {reach.en} {reached}, {left} {do} not"
                    + (f"; {unlinked} {are} not linked to the roads." if apart else "."),
                ),
                *base,
                service=number,
            )
        )
    gaps = service.gaps
    if gaps is None or not gaps.marks:
        return views
    first = gaps.marks[:most_gaps]
    views.append(_gaps(service, number, unit, figure, len(first)))
    return views + [_gap(service, number, unit, row) for row in range(len(first))]


def _gaps(
    service: ServiceLayer, number: int, unit: str, figure: Figure | None, most: int
) -> dict[str, Any]:
    gaps = service.gaps
    assert gaps is not None  # noqa: S101
    largest = sum(mark.people for mark in gaps.marks[:most])
    share, whole = share_of(largest, gaps.people), figure.total if figure else gaps.people
    who, told = who_of(service.group, unit, whole), measure(unit, whole)
    total, people = f" / {told.number(whole)}" if figure else "", told.told(largest)
    few_zh = f"最大的 {most} 处" if most > 1 else "最大的一处"
    few_en = f"the {most} largest hold" if most > 1 else "the largest holds"
    zh = f"走不到的分布在 {gaps.total:,} 处空白区；{few_zh}有 {people.zh}，占其中 {share}。"
    en = f"{counted(gaps.total, 'gap')}; {few_en} {people.en}, {share} of all in gaps."
    if gaps.total == 1:
        zh, en = "走不到的都在一处空白区。", "All of them are in one gap."
    return view_of(
        "gaps",
        (f"{service.name}：空白区", f"{service.name}: gaps"),
        (zh, en),
        told.number(gap_people(gaps, figure, unit)),
        (
            f"{total} {who[0]}，含未能连接路网者".strip(),
            f"{total} {who[1]}, those not linked to roads included".strip(),
        ),
        service=number,
    )


def _gap(service: ServiceLayer, number: int, unit: str, row: int) -> dict[str, Any]:
    gaps = service.gaps
    assert gaps is not None  # noqa: S101
    mark = gaps.marks[row]
    whole = gap_people(gaps, headline(service), unit)
    who, told = who_of(service.group, unit, whole), measure(unit, whole)
    zh, en = _walk(mark, service.cutoffs_min[-1])
    return view_of(
        "gap",
        (
            f"{service.name}：第 {row + 1} 大空白区",
            f"{service.name}: gap {row + 1}",
        ),
        (f"{mark.name[0]}：{zh}", f"{mark.name[1][:1].upper()}{mark.name[1][1:]}: {en}"),
        told.amount(mark.people),
        (
            f"/ {told.number(whole)} {who[0]}，空白区合计",
            f"/ {told.number(whole)} {who[1]} in all gaps",
        ),
        service=number,
        gap=row,
        lines=[mark.told] if row < LISTED and any(mark.told) else None,
    )


def _walk(mark: GapMark, cutoff_min: float) -> Pair:
    """The walk from a gap and the reason of the gap."""
    tenths = minutes_tenths(mark, cutoff_min)
    if not tenths:
        return (
            f"搜索范围内走不到任何设施（{mark.reason[0]}）。",
            f"no facility within the search limit ({mark.reason[1]}).",
        )
    minutes = f"{(tenths - 1) / 10:,.1f}"
    to = (f"“{mark.nearest}”", f", “{mark.nearest}”") if mark.nearest else ("设施", " facility")
    return (
        f"到最近的{to[0]}要走 {minutes} 分钟（{mark.reason[0]}）。",
        f"{minutes} minutes on foot to the nearest{to[1]} ({mark.reason[1]}).",
    )


def _scenario(data: MapData, number: int) -> dict[str, Any]:
    one, unit = data.scenarios[number], data.demand_unit
    changes = [s.after.covered - s.before.covered for s in one.services]
    at = max(range(len(changes)), key=lambda k: (abs(changes[k]), -k))
    service = one.services[at]
    told = measure(unit, service.before.total)
    unit_zh = told.zh
    who = who_of(service.before.group, unit, service.before.total)
    old, new = told.number(service.before.covered), told.number(service.after.covered)
    total = told.number(service.before.total)
    minutes = plain_minutes(service.before.cutoff_min)
    name = label_of(one)
    word_zh, word_en = WORDS["scenario"]
    others = [k for k in range(len(changes)) if k != at and abs(changes[k]) >= 1]
    return view_of(
        "scenario",
        name if one.proposed else (f"{word_zh}：{name[0]}", f"{word_en}: {name[1]}"),
        (
            f"“{service.name}”{minutes} 分钟内走得到的，由 {old} 变为 {new} {unit_zh}。",
            (
                f"Within {minutes} minutes of “{service.name}”: from {old} to"
                f" {told.told(service.after.covered).en}."
            ),
        )
        if old != new
        else (
            f"“{service.name}”{minutes} 分钟内走得到的仍为 {old} {unit_zh}，没有变化。",
            (
                f"Within {minutes} minutes of “{service.name}”:"
                f" {told.told(service.after.covered).en} as before, no change."
            ),
        ),
        signed(difference(service.before, service.after, unit), told),
        (f"/ {total} {who[0]}", f"/ {total} {who[1]}"),
        service=at,
        scenario=number,
        lines=[
            *still_left(service.gaps, service.after, unit),
            *(scenario_sentence(one.services[k], unit) for k in others[:MOST_NAMES]),
        ],
    )


def label_of(one: Scenario) -> Pair:
    """The name of a scenario in Chinese and English."""
    return one.label or (one.name, one.name)


def _years(data: MapData, first: list[int]) -> list[dict[str, Any]]:
    """One view of all later years, where the map has them: the share of each, and today's."""
    years = [view for view in data.views if view.kind == "year"]
    at = next((k for k in first if any(view.services[k] for view in years)), None)
    today = None if at is None else headline(data.services[at])
    if at is None or today is None:
        return []
    name, unit = data.services[at].name, data.demand_unit
    states = [(("现状", "Today"), today)]
    for view in years:
        one = view.services[at]
        states += [] if one is None else [(view.name, one.figure)]
    lines: list[Pair] = []
    for (zh, en), figure in states:
        base = base_of(figure, unit)
        if base is not None:
            lines.append((f"{zh} {base[0]}：{base[1][0]}", f"{en}: {base[0]}, {base[1][1]}"))
    shown = years[-1].services[at]  # None: as today
    gaps = data.services[at].gaps if shown is None else shown.gaps
    lines += still_left(gaps, figure if shown is None else shown.figure, unit)
    (zh, en), last = states[-1]
    by = f" {zh} 年" if zh.isdigit() else zh
    change = difference(today, last, unit)
    told, minutes = measure(unit, today.total), plain_minutes(today.cutoff_min)
    who, total = who_of(today.group, unit, today.total), told.number(today.total)
    old, new = told.number(today.covered), told.number(last.covered)
    return [
        view_of(
            "years",
            (f"{name}：各年", f"{name}: by year"),
            (
                f"到{by}，{minutes} 分钟内走得到的由 {old} 变为 {new} {told.zh}。",
                (
                    f"By {en} those within {minutes} minutes go from {old} to"
                    f" {told.told(last.covered).en}."
                ),
            ),
            signed(change, told),
            (f"/ {total} {who[0]}", f"/ {total} {who[1]}"),
            service=at,
            lines=lines,
        )
    ]


def _plan(plan: PlanTally) -> dict[str, Any]:
    total = plan.passed + plan.failed + plan.unknown
    zh, en = f"{plan.failed} 项未达标", f"{counted(plan.failed, 'is', 'are')} not reached"
    if plan.unknown:
        zh, en = f"{zh}，{plan.unknown} 项无法判断", f"{en}, {plan.unknown} cannot be told"
    said = (f"{zh}。", f"{en}.")
    return view_of(
        "plan",
        (f"规划指标：{plan.name[0]}", f"Targets: {plan.name[1]}"),
        said if plan.passed < total else ("各项均已达标。", "All are reached."),
        f"{plan.passed}",
        (f"/ {total} 项指标达标", f"/ {counted(total, 'indicator')} reached"),
    )


def _left(data: MapData, number: int, left: float) -> Pair:
    """How many do not reach a service today, and how many once what is proposed is there."""
    told, name = measure_of(data), data.services[number].name
    now = told.told(left)
    plan = next((one for one in data.scenarios if one.proposed), None)
    if plan is None:
        return (
            f"现状有 {now.zh}走不到“{name}”或未连路网。",
            (
                f"Today {now.en} {verb(now.en, 'does', 'do')} not reach “{name}”, the unlinked"
                " included."
            ),
        )
    then = told.number(left_out(plan.services[number].after, data.demand_unit))
    zh, en = label_of(plan)
    return (
        f"现状 {now.zh}走不到或未连路网，按“{zh}”为 {then} {told.zh}。",
        (
            f"Today {now.en} {verb(now.en, 'does', 'do')} not reach it, the unlinked included;"
            f" with “{en}” {then}."
        ),
    )


def _closing(data: MapData, numbers: list[int]) -> dict[str, Any]:
    unit = data.demand_unit
    title = ("小结", "In short")
    lines: list[Pair] = []
    for number in numbers:
        service = data.services[number]
        figure = headline(service)
        base = None if figure is None else base_of(figure, unit)
        if figure is not None and base is not None:
            minutes = plain_minutes(figure.cutoff_min)
            share, of = base
            lines.append((
                f"{service.name} {minutes} 分钟可达 {share}：{of[0]}",
                f"{service.name} within {minutes} min: {share}, {of[1]}",
            ))  # fmt: skip
    first = data.services[numbers[0]]
    figure, gaps = headline(first), first.gaps
    left = 0.0 if figure is None else left_out(figure, unit)
    told = measure_of(data)
    who = who_of(first.group, unit, *(() if figure is None else (figure.total,)))
    if gaps is not None and gaps.marks:
        most = min(len(gaps.marks), GAPS_BY_SERVICES[0])
        largest = sum(mark.people for mark in gaps.marks[:most])
        people, share = told.told(largest), share_of(largest, gaps.people)
        few = f"{most} largest gaps" if most > 1 else "largest gap"
        zh = f"先看最大的 {most} 处空白区：{people.zh}，占空白区合计的 {share}。"
        en = f"Begin with the {few}: {people.en}, {share} of all in gaps."
        said = (zh, en)
    elif figure is not None:
        said = _left(data, numbers[0], left)
    else:
        said = WORDS["no_figures"]
    of = ("", "") if figure is None else (
        f"/ {told.number(figure.total)} {who[0]}走不到“{first.name}”或未连路网",
        f"/ {told.number(figure.total)} {who[1]}: not reaching “{first.name}”, or not linked",
    )  # fmt: skip
    return view_of(
        "closing",
        title,
        said,
        "" if figure is None else told.number(left),
        of,
        service=numbers[0],
        lines=lines,
    )
