"""Figures at a glance, years and walkers as a table, and what the figures rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.measures import measure, verb
from quarterhour.render.markup import esc, linked, pair, word
from quarterhour.render.sentences import (
    conserved,
    gap_people,
    headline,
    percent,
    plain_minutes,
    share_base,
    walker_line,
)
from quarterhour.render.words import WORDS, group_pair

if TYPE_CHECKING:
    from quarterhour.render.map.layers import Figure, MapData, ServiceLayer
    from quarterhour.render.map.views import PlanTally


def cards(service: ServiceLayer, figure: Figure, data: MapData) -> str:
    """Covered, not covered and not linked with what they are of, the gaps, and the plans."""
    base = share_base(figure)
    if base is None or figure.share_covered is None:
        return ""
    language = data.language
    told = measure(data.demand_unit, figure.total)
    unit_zh, unit_en, number = told.zh, told.en, told.number
    shown = conserved(figure, data.demand_unit)
    total = number(shown.total)
    linked = base[0] == "share_of_linked"
    of = f"{number(shown.covered)} / {number(shown.total - shown.unlinked * linked)}"
    tiles = [
        (
            "qh-share",
            percent(figure.share_covered),
            f"{of} {unit_zh}可达",
            f"{of} {unit_en} covered",
        ),
        (
            "qh-left",
            number(shown.uncovered),
            f"/ {total} {unit_zh}未覆盖",
            f"of {total} {unit_en} not covered",
        ),
    ]
    more = [
        (
            "qh-apart",
            number(shown.unlinked),
            f"/ {total} {unit_zh}未连路网",
            f"of {total} {unit_en} not linked",
        )
    ]
    if service.gaps is not None:
        people = number(gap_people(service.gaps, figure, data.demand_unit))
        more.append(
            (
                "qh-holes",
                f"{service.gaps.total:,}",
                f"处空白区，{people} {unit_zh}",
                (
                    f"{verb(f'{service.gaps.total}', 'gap', 'gaps')} with {people}"
                    f" {told.unit_en(people)}"
                ),
            )
        )

    def row(name: str, of_row: list[tuple[str, str, str, str]]) -> str:
        cells = "".join(
            f'<p class="{key}"><b>{value}</b><small>{pair(zh, en, language)}</small></p>'
            for key, value, zh, en in of_row
        )
        return f'<div class="{name}">{cells}</div>'

    minutes = plain_minutes(figure.cutoff_min)
    who = group_pair(figure.group, data.demand_unit)
    # only people are of a group
    whose = (f" · {who[0]}", f" · {who[1]}") if data.demand_unit == "people" else ("", "")
    within = pair(f"{minutes} 分钟内{whose[0]}", f"within {minutes} min{whose[1]}", language)
    now = f"<span>{word('today', language)}</span> " if data.views or data.scenarios else "<i></i>"
    return (
        f'<p class="qh-within">{now}{within}</p>'
        + row("qh-big", tiles)
        + row("qh-big qh-more-figures", more)
    )


def tallies(targets: tuple[PlanTally, ...], language: str) -> str:
    """How many indicators of each plan are reached; empty without plans."""
    if not targets:
        return ""
    parts = []
    for plan in targets:
        counted = " · ".join(
            f'<span class="qh-{key}"><b>{number}</b> {word(f"kpi_{key}", language)}</span>'
            for key, number in (
                ("passed", plan.passed),
                ("failed", plan.failed),
                ("unknown", plan.unknown),
            )
        )
        total = plan.passed + plan.failed + plan.unknown
        parts.append(
            f"<li><span>{pair(*plan.name, language)}</span> "
            f"<span>{word('kpi_targets', language)} {total}: {counted}</span></li>"
        )
    return f'<ul class="qh-tallies">{"".join(parts)}</ul>'


def view_table(data: MapData, at: int) -> str:
    """Today, the other years and the other walkers of a service, as a table; empty without any."""
    language, service = data.language, data.services[at]
    own = headline(service)
    rows = [] if own is None else [(WORDS["today"], own)]
    rows += [(v.name, one.figure) for v in data.views if (one := v.services[at]) is not None]
    if own is None or len(rows) < 2:
        return ""
    told = measure(data.demand_unit, own.total)
    heads = "".join(
        f'<th scope="col">{word(key, language)}</th>'
        for key in ("stages", "covered", "uncovered", "unlinked", "share_covered")
    )
    cells = "".join(
        f'<tr><th scope="row">{pair(*name, language)}</th><td>{told.number(f.covered)}</td>'
        f"<td>{told.number(f.uncovered)}</td><td>{told.number(f.unlinked)}</td>"
        f"<td>{_share(f)}</td></tr>"
        for name, f in ((name, conserved(f, data.demand_unit)) for name, f in rows)
    )
    total = pair(*told.told(own.total), language)
    group = pair(*group_pair(service.group, data.demand_unit), language)
    minutes = f"≤ {plain_minutes(own.cutoff_min)} {word('minutes', language)}"
    return (
        '<div class="qh-scroll" tabindex="0"><table class="qh-views"><caption>'
        f"{esc(service.name)} · {minutes} · {group} · {word('total', language)} {total}"
        f"</caption><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table></div>"
    )


def _share(figure: Figure) -> str:
    return "–" if figure.share_covered is None else percent(figure.share_covered)


def method_facts(data: MapData) -> str:
    """Coordinates, walkers and cutoffs, what is counted, date and sources, as a list of terms."""
    language = data.language
    walkers, bases = [], []
    for service in data.services:
        cutoffs = " / ".join(plain_minutes(c) for c in service.cutoffs_min)
        minutes = f"≤ {cutoffs} {word('minutes', language)} ({word('method_inclusive', language)})"
        walker = pair(*walker_line(service), language)
        walkers.append(f"<b>{esc(service.name)}</b> {minutes}; {walker}")
        figure = headline(service)
        if figure is not None:
            group = pair(*group_pair(service.group, data.demand_unit), language)
            whole = measure(data.demand_unit, figure.total).told(figure.total)
            total = pair(*whole, language)
            bases.append(f"<b>{esc(service.name)}</b> {group}: {total}")
    told = [
        ("method_crs", [word("method_crs_told", language)]),
        ("method_time", walkers),
        ("method_base", bases),
        ("method_date", [esc(data.data_date) or word("method_date_none", language)]),
        ("method_source", [linked(text) for text in data.attribution if text]),
    ]
    if data.approval_no:
        told.append(("approval", [esc(data.approval_no)]))
    return (
        '<dl class="qh-method">'
        + "".join(
            f"<dt>{word(key, language)}</dt>" + "".join(f"<dd>{line}</dd>" for line in lines)
            for key, lines in told
            if lines
        )
        + "</dl>"
    )
