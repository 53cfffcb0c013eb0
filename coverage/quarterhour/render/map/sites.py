"""Proposed sites on the page: what the script reads, and what can be read without one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from quarterhour.errors import InputError
from quarterhour.measures import Measure, measure
from quarterhour.render import palette
from quarterhour.render.map.pack import pack_shapes
from quarterhour.render.map.page import esc, pair, plain, word
from quarterhour.render.sentences import (
    amount_text,
    difference,
    measure_of,
    percent,
    plain_minutes,
)
from quarterhour.render.words import group_pair

if TYPE_CHECKING:
    from quarterhour.render.map.layers import MapData, Scenario, ScenarioService
    from quarterhour.render.map.site_layers import Curve, Optimum, SiteMark

PROPOSED: Final = ("", "best", "other")


def check_sites(data: MapData) -> None:
    """Raises InputError for proposed sites that cannot be shown."""
    for plan in data.scenarios:
        if plan.proposed not in PROPOSED:
            message = (
                f"scenario {plan.name!r} is proposed as {plan.proposed!r}; it must be one of"
                f" {', '.join(map(repr, PROPOSED))}"
            )
            raise InputError(message)
        for one, service in zip(plan.services, data.services, strict=False):
            if any(not 0 <= k < len(service.facilities) for k in one.dropped):
                message = (
                    f"scenario {plan.name!r} drops facilities that {service.name!r} does not have"
                )
                raise InputError(message)
            for site in one.sites:
                numbers = (site.lon, site.lat, site.reached, *site.added.values())
                if not all(map(math.isfinite, numbers)):
                    message = (
                        f"site {site.name[1]!r} has no finite position and counts; leave it out"
                    )
                    raise InputError(message)
    for best in data.optimum:
        if not 0 <= best.service < len(data.services):
            message = f"the optimum is of service {best.service}; the map has {len(data.services)}"
            raise InputError(message)


def _short(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def _site(site: SiteMark, unit: str) -> dict[str, Any]:
    return {
        "name": list(site.name),
        "rank": site.rank,
        "at": [round(site.lat, 6), round(site.lon, 6)],
        # so near that it is rounded in the page as it is in the table
        "added": [[*group_pair(key, unit), round(n, 6)] for key, n in site.added.items()],
        "reached": _short(site.reached),
        "cost": None if site.cost is None else money(site.cost),
        "size": site.size,
        "capacity": _short(site.capacity),
        "when": site.when,
        **({} if site.link is None else {"link": list(site.link)}),
    }


def sites_payload(one: ScenarioService, unit: str) -> dict[str, Any]:
    """The proposed sites of one service, their service areas, and the facilities that close."""
    return {
        "sites": [_site(site, unit) for site in one.sites],
        "areas": pack_shapes([site.area for site in one.sites]),
        "dropped": list(one.dropped),
    }


def optimum_payload(optimum: tuple[Optimum, ...]) -> list[dict[str, Any]] | None:
    """What other sites can be compared with; None where nothing was optimised.

    People as the answer has them, to a millionth.
    """
    return [
        {
            "service": best.service,
            "sites": [
                {"name": name, "lon": round(lon, 9), "lat": round(lat, 9)}
                for name, lon, lat in best.sites
            ],
            "added": {key: round(n, 6) for key, n in best.added.items()},
            "status": best.status,
            "bound": None if best.bound is None else round(best.bound, 6),
        }
        for best in optimum
    ] or None


def money(value: float) -> str:
    """An amount of 万元 with its decimals, if it has some."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def main_plan(data: MapData) -> Scenario | None:
    """The proposal that the page opens with."""
    if data.proposal is None:
        return None
    return next((plan for plan in data.scenarios if plan.proposed and plan.shown), None)


def head_parts(data: MapData) -> tuple[str, ...]:
    """What the title block says of each service while the proposal is drawn; empty for none."""
    plan = main_plan(data)
    if plan is None:
        return ()
    return tuple(_head(one, data) for one in plan.services)


def _head(one: ScenarioService, data: MapData) -> str:
    language, unit = data.language, data.demand_unit
    before, after = one.before, one.after
    told = measure(unit, before.total)
    unit_zh, unit_en, number = told.zh, told.en, told.number
    shares = [f.share_covered for f in (before, after) if f.share_covered is not None]
    change = difference(before, after, unit)
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    big = "–" if len(shares) < 2 else "<small>{} →</small> {}".format(*map(percent, shares))
    of = f"{number(before.covered)} → {number(after.covered)} / {number(before.total)}"
    n, gone = len(one.sites), len(one.dropped)
    what_zh = "、".join(t for t in (f"新增 {n} 处" * (n > 0), f"关闭 {gone} 处" * (gone > 0)) if t)
    what_en = ", ".join(
        t
        for t in (
            f"{n} new site{'s' * (n > 1)}" * (n > 0),
            f"{gone} closed" * (gone > 0),
        )
        if t
    )
    who = group_pair(before.group, unit)
    people = pair(f"{of} {unit_zh}可达", f"{of} {unit_en} covered", language)
    done = pair(
        f"{unit_zh}（{what_zh or '无须新增'}）", f"{unit_en} ({what_en or 'nothing to build'})",
        language,
    )  # fmt: skip
    minutes = plain_minutes(before.cutoff_min)
    of_whom = (f" · {who[0]}", f" · {who[1]}") if unit == "people" else ("", "")
    whom = pair(f"{minutes} 分钟内{of_whom[0]}", f"within {minutes} min{of_whom[1]}", language)
    return (
        '<div class="qh-big qh-after qh-of-plan">'
        f"<p><b>{big}</b><small>{people}</small><small>{whom}</small></p>"
        f'<p class="qh-gain{" qh-loss" * (change < 0)}"><b>{sign}{number(abs(change))}</b>'
        f"<small>{done}</small></p></div>{_bar(one)}"
    )  # fmt: skip


def _bar(one: ScenarioService) -> str:
    """Covered today and after, newly covered, lost and left, as one bar; its words stand above."""
    before, after = one.before, one.after
    if before.total <= 0:
        return ""
    gained, lost = one.gained.total, one.lost.total
    parts = (
        ("covered", before.covered - lost, palette.STATUS["covered"]),
        ("gained", gained, palette.GAINED),
        ("lost", lost, palette.LOST),
        ("uncovered", after.uncovered - lost, palette.GAP),
        ("unlinked", after.unlinked, palette.STATUS["unlinked"]),
    )
    cells = "".join(
        f'<i class="qh-bar-{key}" style="flex:{max(amount, 0) / before.total:.5f} 1 0;'
        f'background:{colour}"></i>'
        for key, amount, colour in parts
        if amount > 0
    )
    return f'<div class="qh-bar qh-of-plan" aria-hidden="true">{cells}</div>'


def proposal_section(data: MapData) -> str:
    """How far the answer is proven, its figures, its sites and its curve; empty without one."""
    told = data.proposal
    if told is None:
        return ""
    language = data.language
    facts = "".join(
        f"<dt>{pair(*label, language)}</dt><dd>{pair(*value, language)}</dd>"
        for label, value in told.facts
    )
    plan = main_plan(data)
    tables = (
        ""
        if plan is None
        else "".join(
            f'<div class="qh-service" data-service="{at}">'
            f"{_tables(plan, data.scenarios.index(plan), at, data)}</div>"
            for at in range(len(plan.services))
        )
    )
    notes = "".join(
        f'<li><span class="qh-two">{pair(*n, language)}</span></li>' for n in told.notes
    )
    more = (
        f'<details class="qh-said"><summary>{word("proposal_notes", language)}</summary>'
        f"<ul>{notes}</ul></details>"
        if notes
        else ""
    )
    look = "" if told.proven else " qh-open-end"
    return (
        f'<section id="qh-proposal" aria-label="{plain("proposal", language)}">'
        f"<h2>{word('proposal', language)}</h2>"
        f'<p class="qh-verdict{look} qh-two">{pair(*told.verdict, language)}</p>'
        f'{tables}<dl class="qh-facts-of">{facts}</dl>'
        f"{_curve(told.curve, data)}{more}</section>"
    )  # fmt: skip


def _tables(plan: Scenario, number: int, at: int, data: MapData) -> str:
    one, language, told = plan.services[at], data.language, measure_of(data)
    out = ""
    if one.sites:
        costs = any(site.cost is not None for site in one.sites)
        group = data.services[at].group
        heads = (
            word("site_rank", language), word("site_name", language),
            word("site_added_people", language)
            if data.demand_unit == "people"
            else f"{word('site_added', language)}{_unit(data, told)}",
            *([f"{word('site_cost', language)}<small>{word('wan_yuan', language)}</small>"]
              if costs else []),
        )  # fmt: skip
        rows = "".join(
            _row(site, k, told.amount(site.added.get(group, 0.0)), costs, language)
            for k, site in enumerate(one.sites)
        )
        out += _table("sites", f'data-plan="{number}"', "site_row", heads, rows, data)
    if one.dropped:
        marks = data.services[at].facilities
        heads = (
            word("site_closes", language), f"{word('site_reached', language)}{_unit(data, told)}"
        )  # fmt: skip
        rows = "".join(
            f'<tr data-closed="{k}"><th scope="row"><button type="button">'
            f"{esc(marks[k].name) or word('unnamed', language)}</button></th>"
            f"<td>{_reached(marks[k].reached, data.services[at].group, told)}</td></tr>"
            for k in one.dropped
        )
        out += _table("closed", f'data-plan="{number}"', "closed_row", heads, rows, data)
    return out


def _table(
    kind: str, more: str, caption: str, heads: tuple[str, ...], rows: str, data: MapData
) -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    return (
        f'<table class="qh-ranked qh-{kind}" {more}><caption>{word(caption, data.language)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _unit(data: MapData, told: Measure) -> str:
    """The unit below a heading, where it is not people."""
    if data.demand_unit == "people":
        return ""
    return f"<small>{pair(told.zh, told.en, data.language)}</small>"


def _reached(reached: dict[str, float], group: str, told: Measure) -> str:
    amount = reached.get(group)
    return "–" if amount is None else told.number(amount)


def _row(site: SiteMark, k: int, added: str, costs: bool, language: str) -> str:
    more = " · ".join(esc(text) for text in (site.when, site.size) if text)
    if site.capacity is not None:
        room = f"{word('site_capacity', language)} {amount_text(site.capacity)}"
        more = f"{more} · {room}" if more else room
    small = f"<small>{more}</small>" if more else ""
    cost = ""
    if costs:
        cost = f"<td>{'–' if site.cost is None else money(site.cost)}</td>"
    return (
        f'<tr data-site="{k}"><td><b class="qh-rank">{site.rank}</b></td>'
        f'<th scope="row"><button type="button">{pair(*site.name, language)}</button>{small}</th>'
        f"<td>{added}</td>{cost}</tr>"
    )


WIDE, HIGH, LEFT, FOOT = 320, 132, 46, 20
"""Pixels of the figure, of its scale on the left and of that below it."""


def _curve(curve: Curve | None, data: MapData) -> str:
    points = [] if curve is None else [p for p in curve.points if p[1] is not None]
    if curve is None or not points:
        return ""
    language, told = data.language, measure_of(data)
    key = "curve_budget" if curve.by == "budget" else "curve_sites"
    rows = "".join(
        f'<tr class="{"qh-chosen" if p[0] == curve.chosen else ""}">'
        f'<th scope="row">{money(p[0])}</th>'
        f"<td>{told.number(p[1] or 0.0)}</td>"
        f"<td>{'–' if p[2] is None else told.number(p[2])}</td>"
        f"<td>{word('curve_proven' if p[3] else 'curve_open', language)}</td></tr>"
        for p in curve.points
    )
    unit = _unit(data, told)
    heads = "".join(
        f'<th scope="col">{word(k, language)}{unit if k in {"site_added", "curve_bound"} else ""}'
        "</th>"
        for k in (f"{key}_axis", "site_added", "curve_bound", "curve_status")
    )
    return (
        f'<figure class="qh-curve"><figcaption>{word(key, language)}</figcaption>'
        f"{_figure(curve, plain(key, language), told)}"
        f"<p>{word(f'{key}_axis', language)}</p></figure>"
        f'<details><summary>{word("curve_table", language)}</summary><div class="qh-scroll" '
        f'tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        "</details>"
    )


def _figure(curve: Curve, label: str, told: Measure) -> str:
    """People over sites or budget: a line through what was found, dashes where more may be.

    Bounds far above what was found are cut off at the top.
    """
    points = [(0.0, 0.0, 0.0, True), *curve.points]
    right = max(p[0] for p in points)
    found = [p[1] for p in points if p[1] is not None]
    most = max(p[2] or 0.0 for p in points)
    top = min(max(most, *found), 1.3 * max(found)) or 1.0
    step = _nice(top / 3)
    top = math.ceil(top / step) * step

    def spot(value: float, people: float) -> str:
        x = LEFT + (WIDE - LEFT - 10) * value / right
        y = 8 + (HIGH - FOOT - 8) * (1 - min(people, top) / top)
        return f"{x:.1f} {y:.1f}"

    lines = ""
    for k in range(round(top / step) + 1):
        _, y = spot(0, k * step).split()
        lines += (
            f'<path d="M{LEFT} {y}H{WIDE - 10}" class="qh-grid"/>'
            f'<text x="{LEFT - 5}" y="{y}" dy="4" text-anchor="end">{told.number(k * step)}</text>'
        )
    every = max(1, math.ceil((len(points) - 1) / 6))
    for p in points[::-every]:
        x, _ = spot(p[0], 0).split()
        last = p[0] == right
        lines += (
            f'<text x="{WIDE if last else x}" y="{HIGH - 4}" '
            f'text-anchor="{"end" if last else "middle"}">{money(p[0])}</text>'
        )
    line = "L".join(spot(p[0], p[1]) for p in points if p[1] is not None)
    bound = "L".join(spot(p[0], p[2]) for p in points if p[2] is not None)
    dots = "".join(
        '<circle cx="{}" cy="{}" r="{}" class="{}"/>'.format(
            *spot(p[0], p[1]).split(),
            5.5 if p[0] == curve.chosen else 3.2,
            "qh-sure" if p[3] else "qh-unsure",
        )
        for p in curve.points
        if p[1] is not None
    )
    return (
        f'<svg viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{label}">{lines}'
        f'<path d="M{bound}" class="qh-most"/><path d="M{line}" class="qh-found"/>{dots}</svg>'
    )


def _nice(value: float) -> float:
    """The next of 1, 2 and 5 times a power of ten, and no less than 1."""
    power = 10.0 ** math.floor(math.log10(max(value, 1.0)))
    return next(f * power for f in (1, 2, 5, 10) if f * power >= value - 1e-9)
