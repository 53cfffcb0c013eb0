"""The sheet that is printed: title block, map, figures, legend, ranked gaps; and its dialog.

The page's script puts the map, the figures beside it, the legend and the date into it; without a
script it stays hidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from quarterhour.measures import measure
from quarterhour.render.map.gaps import minutes_tenths
from quarterhour.render.map.page import esc, pair, plain, word
from quarterhour.render.sentences import gap_people, headline
from quarterhour.render.words import WORDS

if TYPE_CHECKING:
    from quarterhour.render.map.layers import GapMark, MapData, ServiceLayer

    Pair = tuple[str, str]

FIRST: Final = 10
"""Gaps that the sheet lists."""

PAPERS: Final = ("A4", "A3")
SAME_END: Final = 4
"""Signs from which on a common end of two languages is written once."""


def sheet(data: MapData) -> str:
    """The hidden sheet and the hidden dialog, as markup."""
    language = data.language
    terms = "".join(
        f'<div class="qh-service" data-service="{at}">{_terms(service, language)}</div>'
        for at, service in enumerate(data.services)
    )
    gaps = "".join(
        f'<div class="qh-service" data-service="{at}">{_gaps(s, data.demand_unit, language)}</div>'
        for at, s in enumerate(data.services)
    )
    banner = ""
    if data.synthetic:
        zh, en = WORDS["synthetic"]
        banner = f'<b class="qh-p-synthetic">{esc(zh)} <span>{esc(en)}</span></b>'
    return (
        '<section id="qh-print" aria-hidden="true" hidden><div class="qh-p-head">'
        f"<h2>{esc(data.title)}</h2>{banner}{terms}</div>"
        '<div class="qh-p-map"></div>'
        '<div class="qh-p-side"><div class="qh-p-figures"></div>'
        f'<div class="qh-p-legend"><h3>{word("legend", language)}</h3>'
        f'<div class="qh-p-list"></div></div><div class="qh-p-gaps">{gaps}</div>'
        '<div class="qh-p-plan"></div></div>'
        f"{_foot(data)}</section>{_dialog(data)}"
    )


def _terms(service: ServiceLayer, language: str) -> str:
    cutoffs = " / ".join(f"{cutoff:g}" for cutoff in service.cutoffs_min)
    walker = pair(
        service.walker_label_zh or service.walker,
        service.walker_label_en or service.walker,
        language,
    )
    return f"<b>{esc(service.name)}</b> · {cutoffs} {word('minutes', language)} · {walker}"


def _row(number: int, mark: GapMark, people: str, cutoff_min: float, language: str) -> str:
    tenths = minutes_tenths(mark, cutoff_min)
    minutes = f"{(tenths - 1) / 10:,.1f}" if tenths else "–"
    return (
        f"<tr><td>{number}</td><th>{pair(*mark.name, language)} "
        f"<small>{pair(*mark.reason, language)}</small></th>"
        f"<td>{people}</td><td>{minutes}</td></tr>"
    )


def _gaps(service: ServiceLayer, unit: str, language: str) -> str:
    """The largest gaps of a service; empty where nobody looked for any, or there are none."""
    gaps = service.gaps
    if gaps is None or not gaps.marks:
        return ""
    first = gaps.marks[:FIRST]
    told = {"n": f"{len(first):,}", "total": f"{gaps.total:,}"}
    zh, en = WORDS["gaps_first"]
    title = pair(zh.format(**told), en.format(**told), language)
    title = f'<span class="qh-p-first" data-total="{gaps.total}">{title}</span>'
    told_in = measure(unit, gaps.people)
    heads = (
        word("gap_rank", language),
        word("gap_name", language),
        pair(told_in.zh, told_in.en, language),
        word("minutes", language),
    )
    head = "".join(f"<th>{text}</th>" for text in heads)
    rows = "".join(
        _row(k + 1, mark, told_in.amount(mark.people), service.cutoffs_min[-1], language)
        for k, mark in enumerate(first)
    )
    all_zh, all_en = told_in.told(gap_people(gaps, headline(service), unit))
    total = pair(f"合计 {all_zh}", f"{all_en} in all", language)
    if gaps.total > len(first):  # not of the rows above only
        n = f"{gaps.total:,}"
        total = pair(f"全部 {n} 处合计 {all_zh}", f"{all_en} in all {n}", language)
    return (
        f"<h3>{title}</h3><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="qh-p-total">{total}<span class="qh-p-cut" hidden> · '
        f"{word('gaps_cut', language)}</span></p>"
    )


def facts(data: MapData) -> list[Pair]:
    """What a sheet says of itself, Chinese and English, the mark or the approval first."""
    out: list[Pair] = [WORDS["synthetic"]] if data.synthetic else []
    if data.approval_no:
        zh, en = WORDS["approval_no"]
        out.append((f"{zh} {data.approval_no}", f"{en} {data.approval_no}"))
    if not data.public:
        out.append(WORDS["internal"])
    if data.made_by:
        zh, en = WORDS["made_by"]
        out.append((f"{zh} {data.made_by}", f"{en} {data.made_by}"))
    if data.data_date:
        zh, en = WORDS["data_date"]
        out.append((f"{zh} {data.data_date}", f"{en} {data.data_date}"))
    out.append(WORDS["projection"])
    listed = " · ".join(text for text in data.attribution if text)
    if listed:
        zh, en = WORDS["source"]
        out.append((f"{zh}：{listed}", f"{en}: {listed}"))
    out.append(WORDS["not_capacity"])
    key = " · ".join(value for value in (data.version, data.study_key) if value)
    name = f"Quarterhour {key}".strip()
    return [*out, (name, name)]


def _foot(data: MapData) -> str:
    """The title block: mark or approval, dates, projection, sources, version and key."""
    language = data.language
    told = facts(data)[int(data.synthetic) :]
    marks = bool(data.approval_no) + (not data.public)
    items = [f"<b>{_told(*text, language)}</b>" for text in told[:marks]]
    if not data.public:
        # in both languages whatever the sheet's: it tells a stranger not to pass the map on
        zh, en = WORDS["internal"]
        items[-1] = f'<b class="qh-internal">{esc(zh)} <span>{esc(en)}</span></b>'
    items.append(f'{word("drawn_on", language)} <span class="qh-p-date"></span>')
    items += [_told(*text, language) for text in told[marks:]]
    return '<div class="qh-p-foot">' + "".join(f"<span>{item}</span>" for item in items) + "</div>"


def _told(zh: str, en: str, language: str) -> str:
    """A pair whose common end, such as a list of sources, is written once."""
    if language != "both" or zh == en:
        return pair(zh, en, language)
    n = 0
    while n < min(len(zh), len(en)) and zh[-1 - n] == en[-1 - n]:
        n += 1
    at = len(zh) - n
    if n < SAME_END:
        return pair(zh, en, language)
    return f"{pair(zh[:at].rstrip(), en[: len(en) - n].rstrip(), language)} {esc(zh[at:])}"


def _choice(name: str, key: str, options: list[tuple[str, str]], language: str) -> str:
    """A question of the dialog with one answer; the first is the usual one."""
    radios = "".join(
        f'<label><input type="radio" name="qh-print-{name}" value="{value}"'
        f"{' checked' if k == 0 else ''}> {text}</label>"
        for k, (value, text) in enumerate(options)
    )
    return f"<fieldset><legend>{word(key, language)}</legend>{radios}</fieldset>"


def _dialog(data: MapData) -> str:
    language = data.language
    papers = _choice("paper", "paper", [(paper, paper) for paper in PAPERS], language)
    ways = [("landscape", word("landscape", language)), ("portrait", word("portrait", language))]
    turned = _choice("way", "orientation", ways, language)
    tongues = ""
    if language == "both":
        both = [("both", "双语 Both"), ("zh", "中文"), ("en", "English")]
        tongues = _choice("language", "print_language", both, language)
    return (
        '<div id="qh-print-dialog" role="dialog" aria-modal="true" tabindex="-1" '
        f'aria-label="{plain("print_map", language)}" hidden><form>'
        f"<h2>{word('print_map', language)}</h2>{papers}{turned}{tongues}"
        f'<p class="qh-two">{word("print_hint", language)}</p><div class="qh-p-buttons">'
        f'<button type="submit" class="qh-p-go">{word("print_go", language)}</button>'
        f'<button type="button" class="qh-p-cancel">{word("cancel", language)}</button>'
        "</div></form></div>"
    )
