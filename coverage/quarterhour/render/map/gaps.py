"""Gaps on the page: the ranked table that can be read without a script, and what the script reads.

All gaps that are given are drawn; the first `LISTED` of a service also stand in the table, with
their sentence and their walk.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from quarterhour.errors import InputError
from quarterhour.measures import measure
from quarterhour.render.map.page import esc, pair, plain, word
from quarterhour.render.sentences import gaps_sentence, headline
from quarterhour.render.words import group_pair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quarterhour.render.map.layers import GapList, GapMark, MapData, ServiceLayer

LISTED: Final = 200
"""Rows of the table, and walks in the file, for each service."""

FIRST: Final = 10
"""Rows that are shown before the reader asks for all."""

LOOKS: Final = ("plain", "edge", "unlinked")


def check_gaps(service: ServiceLayer, others: Iterable[GapList | None] = ()) -> None:
    """Raises InputError for gaps that cannot be shown; `others`: those in other states."""
    for gaps in (service.gaps, *others):
        if gaps is not None:
            _check(gaps, f"the gaps of service {service.name!r}")


def _check(gaps: GapList, what: str) -> None:
    marks = gaps.marks
    if gaps.total < len(marks):
        message = f"{what} are {len(marks)} and their total is {gaps.total}; count them all"
        raise InputError(message)
    for mark in marks:
        if not all(map(math.isfinite, (mark.lon, mark.lat, mark.people))) or mark.people < 0:
            message = f"{what}: {mark.name[1]!r} has no finite position and count; leave it out"
            raise InputError(message)
        if mark.look not in LOOKS:
            message = f"{what}: a look is {mark.look!r}; it must be one of {', '.join(LOOKS)}"
            raise InputError(message)


def minutes_tenths(mark: GapMark, cutoff_min: float) -> int:
    """Tenths of minutes plus one, 0 for none; a walk beyond the cutoff never reads as within it."""
    if mark.minutes is None or not math.isfinite(mark.minutes):
        return 0
    tenths = math.floor(mark.minutes * 10 + 0.5)
    if mark.minutes > cutoff_min:
        tenths = max(tenths, math.floor(cutoff_min * 10 + 1e-6) + 1)
    return tenths + 1


def rest_told(gaps: GapList, unit: str) -> tuple[str, str] | None:
    """How many gaps the table does not list, Chinese and English; None where it lists all."""
    listed = gaps.marks[:LISTED]
    rest = gaps.total - len(listed)
    if not rest:
        return None
    left = gaps.people - sum(mark.people for mark in listed)
    few = measure(unit, gaps.people).told(max(left, 0.0))
    return (
        f"其余 {rest:,} 处共 {few.zh}，见 results.gpkg 的 gaps 图层",
        f"{rest:,} more with {few.en}: layer gaps of results.gpkg",
    )


def _row(service: ServiceLayer, number: int, mark: GapMark, people: str, language: str) -> str:
    tenths = minutes_tenths(mark, service.cutoffs_min[-1])
    minutes = f"{(tenths - 1) / 10:,.1f}" if tenths else "–"
    return (
        f'<tr data-gap="{number}"><td>{number + 1}</td><th scope="row">'
        f'<button type="button" aria-pressed="false">{pair(*mark.name, language)}</button>'
        f"<small>{pair(*mark.reason, language)}</small></th>"
        f"<td>{people}</td><td>{minutes}</td></tr>"
    )


def gap_table(service: ServiceLayer, unit: str, language: str) -> str:
    """The ranked table of one service; empty where nobody looked for gaps."""
    if service.gaps is None:
        return ""
    told = pair(*gaps_sentence(service.gaps, service.group, unit, headline(service)), language)
    if not service.gaps.marks:
        return f'<p class="qh-two">{told}</p>'
    listed = service.gaps.marks[:LISTED]
    told_in = measure(unit, service.gaps.people)
    unit_text = pair(told_in.zh, told_in.en, language)
    who_zh, who_en = group_pair(service.group, unit)
    heads = (
        word("gap_rank", language),
        word("gap_name", language),
        f"{pair(who_zh, who_en, language)}<small>{unit_text}</small>"
        if unit == "people"
        else unit_text,
        f"{word('to_walk', language)}<small>{word('minutes', language)}</small>",
    )
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    rows = "".join(
        _row(service, k, mark, told_in.amount(mark.people), language)
        for k, mark in enumerate(listed)
    )
    rest = rest_told(service.gaps, unit)
    more = "" if rest is None else f'<p class="qh-rest qh-two">{pair(*rest, language)}</p>'
    button = ""
    if len(listed) > FIRST:
        button = (
            f'<button type="button" class="qh-all" data-first="{FIRST}" aria-expanded="true" '
            f"hidden><span>{word('gap_all', language)} ({len(listed)})</span>"
            f"<span hidden>{word('gap_top', language)} ({FIRST})</span></button>"
        )
    return (
        f'<p class="qh-two">{told}</p>'
        f'<table class="qh-gaps"><caption>{esc(service.name)} · {word("gap_row", language)}'
        f"</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>{button}{more}"
    )


def _none(data: MapData) -> bool:
    return all(service.gaps is None for service in data.services)


def gap_section(data: MapData) -> str:
    """The tables of all services; empty where nobody looked for gaps."""
    if _none(data):
        return ""
    tables = "".join(
        f'<div class="qh-service" data-service="{at}">'
        f"{gap_table(service, data.demand_unit, data.language)}</div>"
        for at, service in enumerate(data.services)
    )
    return (
        f'<section id="qh-gaps" aria-label="{plain("gaps_ranked", data.language)}">'
        f"<h2>{word('gaps_ranked', data.language)}</h2>{tables}</section>"
    )


def gap_tabs(data: MapData, *, more: str = "") -> str:
    """Buttons that show the legend, the table or what `more` shows; for a page with a script."""
    if _none(data) and not more:
        return ""
    counts = "".join(
        f'<span data-service="{at}">{0 if s.gaps is None else s.gaps.total:,}</span>'
        for at, s in enumerate(data.services)
    )
    language = data.language
    legend = "legend" if data.proposal is None else "tab_proposal"
    gaps = "" if _none(data) else (
        '<button type="button" role="tab" id="qh-tab-gaps" aria-controls="qh-gaps" tabindex="-1" '
        f'aria-selected="false">{word("gaps", language)} {counts}</button>'
    )  # fmt: skip
    return (
        f'<div class="qh-tabs" role="tablist" aria-label="{plain("layers_gaps", language)}" hidden>'
        '<button type="button" role="tab" id="qh-tab-legend" aria-controls="qh-legend" '
        f'aria-selected="true">{word(legend, language)}</button>{gaps}{more}</div>'
    )
