"""The written part of the page: title, figures, tables, method, sources; readable without a script.

Every text from the data passes through `esc`. A text in two languages is two elements with a `lang`
each, so that a style rule can show one or both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.measures import Measure, measure
from quarterhour.render import palette
from quarterhour.render.map.cards import cards, method_facts, tallies, view_table
from quarterhour.render.markup import SOURCE_LINK_CLASS, esc, linked, pair, plain, word
from quarterhour.render.sentences import (
    circle_sentence,
    conserved,
    coverage_sentence,
    headline,
    percent,
    plain_minutes,
    scenario_sentence,
    share_base,
    walker_line,
)
from quarterhour.render.words import WORDS, group_pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.render.map.layers import Figure, MapData, ServiceLayer

__all__ = [
    "SOURCE_LINK_CLASS", "esc", "foot", "head", "head_section", "linked", "notices", "pair",
    "panel", "plain", "table", "word",
]  # fmt: skip


def _bar(figure: Figure) -> str:
    """Covered, not covered and not linked as one bar; the words are in the sentence beside it."""
    if figure.total <= 0:
        return ""
    parts = (
        ("covered", figure.covered, palette.STATUS["covered"]),
        ("uncovered", figure.uncovered, palette.GAP),
        ("unlinked", figure.unlinked, palette.STATUS["unlinked"]),
    )
    cells = "".join(
        f'<i class="qh-bar-{key}" style="flex:{amount / figure.total:.5f} 1 0;background:{colour}">'
        "</i>"
        for key, amount, colour in parts
        if amount > 0
    )
    return f'<div class="qh-bar" aria-hidden="true">{cells}</div>'


def _row(figure: Figure, unit: str, told: Measure, language: str) -> str:
    base = share_base(figure)
    if base is None or figure.share_covered is None:
        share = "–"
    else:
        share = f"{percent(figure.share_covered)} <small>{word(base[0], language)}</small>"
    shown = conserved(figure, unit)
    cells = "".join(
        f"<td>{value}</td>"
        for value in (
            told.number(shown.total),
            told.number(shown.covered),
            told.number(shown.uncovered),
            told.number(shown.unlinked),
            share,
        )
    )
    group = pair(*group_pair(figure.group, unit), language)
    minutes = f"{plain_minutes(figure.cutoff_min)} {word('minutes', language)}"
    return f'<tr><th scope="row">{minutes}<small>{group}</small></th>{cells}</tr>'


def table(service: ServiceLayer, unit: str, language: str) -> str:
    """The figures of one service as a table, or a sentence when there are none."""
    if not service.figures:
        return f"<p>{word('no_figures', language)}</p>"
    keys = ("cutoff", "total", "covered", "uncovered", "unlinked", "share_covered")
    heads = "".join(f'<th scope="col">{word(key, language)}</th>' for key in keys)
    told = measure(unit, *(figure.total for figure in service.figures))
    rows = "".join(_row(figure, unit, told, language) for figure in service.figures)
    unit_text = pair(told.zh, told.en, language)
    return (
        f'<div class="qh-scroll" tabindex="0"><table><caption>{esc(service.name)} · {unit_text}'
        f"</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    ) + _beside_table(service, unit, language)


def _beside_table(service: ServiceLayer, unit: str, language: str) -> str:
    """Covered and share by walker at each cutoff, the service's own first; empty without others."""
    if not service.beside:
        return ""
    own = tuple(f for f in service.figures if f.group == service.group)
    told = measure(unit, *(f.total for f in own))
    label = (
        service.walker_label_zh or service.walker,
        service.walker_label_en or service.walker,
    )
    every = [(label, own), *(((b.label_zh, b.label_en), b.figures) for b in service.beside)]
    heads = "".join(
        f'<th scope="col">{plain_minutes(c)} {word("minutes", language)}</th>'
        for c in service.cutoffs_min
    )
    rows = ""
    for names, figures in every:
        by_cutoff = {f.cutoff_min: f for f in figures}
        cells = "".join(f"<td>{_short(by_cutoff.get(c), told)}</td>" for c in service.cutoffs_min)
        rows += f'<tr><th scope="row">{pair(*names, language)}</th>{cells}</tr>'
    what = f"{word('covered', language)}, {pair(*group_pair(service.group, unit), language)}"
    total = f" / {told.number(own[0].total)}" if own else ""
    return (
        '<div class="qh-scroll" tabindex="0"><table class="qh-beside">'
        f"<caption>{esc(service.name)} · {word('beside', language)} · {what}{total}</caption>"
        f'<thead><tr><th scope="col">{word("walker", language)}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _short(figure: Figure | None, told: Measure) -> str:
    """Covered amount and its share of the total, a dash where the walker has no such cutoff."""
    if figure is None or figure.share_covered is None:
        return "–"
    return f"{told.number(figure.covered)} <small>{percent(figure.share_covered)}</small>"


def _cutoffs(service: ServiceLayer) -> str:
    return " / ".join(plain_minutes(cutoff) for cutoff in service.cutoffs_min)


def _facts(service: ServiceLayer, data: MapData) -> str:
    language = data.language
    first = f"<b>{esc(service.name)}</b> · {_cutoffs(service)} {word('minutes', language)}"
    if data.data_date:
        first += f" · {word('data_date', language)} {esc(data.data_date)}"
    lines = [first, f'<span class="qh-two">{pair(*walker_line(service), language)}</span>']
    return "".join(f"<li>{line}</li>" for line in lines)


def head_section(service: ServiceLayer, number: int, data: MapData, told: str = "") -> str:
    """What one service's map says: its terms, its share with the denominator, the sentence.

    `told`: markup that stands in place of share and sentence while a proposal is drawn.
    """
    plan = " qh-has-plan qh-plan-now" if told else ""
    return (
        f'<section class="qh-service{plan}" data-service="{number}" '
        f'aria-label="{esc(service.name)}">'
        f'<ul class="qh-facts">{_facts(service, data)}</ul>{told}{_today(service, data)}</section>'
    )


def _today(service: ServiceLayer, data: MapData) -> str:
    language, figure = data.language, headline(service)
    if figure is None:
        return f'<p class="qh-told">{word("no_figures", language)}</p>'
    return (
        cards(service, figure, data)
        + _bar(figure)
        + '<p class="qh-told">'
        + pair(*coverage_sentence(figure, data.demand_unit), language)
        + "</p>"
        + tallies(data.targets, language)
    )


def _circle(service: ServiceLayer, data: MapData) -> str:
    figure = headline(service)
    told = None if figure is None else circle_sentence(figure, data.demand_unit)
    return "" if told is None else f'<p class="qh-told">{pair(*told, data.language)}</p>'


def _switch(language: str) -> str:
    if language != "both":
        return ""
    buttons = "".join(
        f'<button type="button" data-language="{key}" aria-pressed="{str(key == "both").lower()}">'
        f"{text}</button>"
        for key, text in (("both", "双语"), ("zh", "中文"), ("en", "EN"))
    )
    return (
        f'<div class="qh-languages" role="group" aria-label="{plain("language", language)}">'
        f"{buttons}</div>"
    )


def _choice(data: MapData, colours: list[tuple[str, str]]) -> str:
    if len(data.services) == 1:
        return ""
    walkers = len({service.name for service in data.services}) < len(data.services)
    buttons = []
    for at, service in enumerate(data.services):
        zh, en = walker_line(service)
        more = f"<small>{pair(zh, en, data.language)}</small>" if walkers else ""
        buttons.append(
            f'<button type="button" role="radio" data-choose="{at}" tabindex="{-1 if at else 0}" '
            f'aria-checked="{str(at == 0).lower()}" style="--service:{colours[at][0]}">'
            f"<span>{esc(service.name)}</span>{more}</button>"
        )
    return (
        '<div class="qh-choice" role="radiogroup" '
        f'aria-label="{plain("choose_service", data.language)}">{"".join(buttons)}</div>'
    )


def head(data: MapData, colours: list[tuple[str, str]], *, told: Sequence[str] = ()) -> str:
    """The title block: title, service choice, terms and headline of each service.

    `told`: as in `head_section`, by service; empty for the headline of today.
    """
    sections = "".join(
        head_section(s, at, data, told[at] if told else "") for at, s in enumerate(data.services)
    )
    return (
        f'<header id="qh-head"><div class="qh-title">{_switch(data.language)}'
        f"<h1>{esc(data.title)}</h1></div>{_choice(data, colours)}{sections}</header>"
    )


def _method(data: MapData) -> str:
    language = data.language
    lines = [f'<span class="qh-two">{pair(zh, en, language)}</span>' for zh, en in data.notes]
    lines += [
        f'<span class="qh-two">{word(key, language)}</span>'
        for key in ("not_capacity", "drawing_only", "rounded")
    ]
    if data.outside_people > 0:
        told = measure(data.demand_unit, data.outside_people)
        out = pair(*told.told(data.outside_people), language)
        lines.append(f"{word('outside_people', language)} {out}")
    lines += [
        f"{esc(service.name)} · {word('set_aside', language)} {service.set_aside}"
        for service in data.services
        if service.set_aside
    ]
    for key, value in (("version", data.version), ("study_key", data.study_key)):
        if value:
            lines.append(f"{word(key, language)} <code>{esc(value)}</code>")
    listed = "".join(f"<li>{line}</li>" for line in lines)
    return f"{method_facts(data)}<ul>{listed}</ul>"


def panel(
    data: MapData, licences: str, *, tabs: str = "", gaps: str = "", proposal: str = ""
) -> str:
    """Legend and layers (filled by the script), the table, the method, the licences.

    `gaps`: the section of the ranked gaps, which `tabs` choose between and the legend. `proposal`:
    the section of proposed sites, above the legend.
    """
    language = data.language
    tables = "".join(
        f'<div class="qh-service" data-service="{at}">'
        f"{tallies(data.targets, language)}{view_table(data, at)}"
        f"{table(service, data.demand_unit, language)}{_circle(service, data)}</div>"
        for at, service in enumerate(data.services)
    )
    plans = "".join(
        f"<h3>{pair(*(plan.label or (plan.name, plan.name)), language)}</h3><ul>"
        + "".join(
            f'<li><span class="qh-two">'
            f"{pair(*scenario_sentence(one, data.demand_unit), language)}</span></li>"
            for one in plan.services
        )
        + "</ul>"
        for plan in data.scenarios
    )
    closed = (
        ("figures", "qh-figures", tables),
        *([("scenarios", "qh-scenarios", plans)] if plans else []),
        ("method", "qh-method", _method(data)),
        ("licences", "qh-licences", f"<pre>{esc(licences)}</pre>"),
    )
    details = "".join(
        f'<details id="{name}"><summary>{word(key, language)}</summary>{body}</details>'
        for key, name, body in closed
    )
    called = word("layers_gaps" if gaps else "layers", language)
    if data.what_if is not None:
        called = word("layers_whatif", language)
    if proposal:
        called = word("layers_proposal", language)
    return (
        '<section id="qh-panel"><button type="button" id="qh-panel-button" '
        'aria-controls="qh-panel-body" aria-expanded="false">'
        f'{called}</button><div id="qh-panel-body">{tabs}'
        f'<div id="qh-legend">{proposal}'
        f'<section id="qh-layers" aria-label="{plain("layers", language)}">'
        f"<h2>{word('layers', language)}</h2></section>{details}</div>{gaps}</div></section>"
    )


def foot(data: MapData) -> str:
    """The line under the map: internal mark, sources, version and study key."""
    language = data.language
    sources = [*data.attribution, *([data.tiles_attribution] if data.tiles else [])]
    listed = " · ".join(linked(text) for text in sources if text)
    said = f"{word('source', language)}: {listed}" if listed else ""
    # In both languages whatever the page's: it tells a stranger not to pass the map on.
    zh, en = WORDS["internal"]
    mark = f'<b class="qh-internal">{esc(zh)} <span>{esc(en)}</span></b>'
    if data.public:
        mark = ""
    if data.approval_no:
        zh = WORDS["approval"][0]
        mark += f'<b class="qh-approval">{esc(zh)}：{esc(data.approval_no)}</b>'
    key = " · ".join(esc(v) for v in (data.version, data.study_key) if v)
    return (
        f'<footer id="qh-foot">{mark}'
        f'<span class="qh-sources">{said}</span><span class="qh-key">{key}</span></footer>'
    )


def notices(data: MapData) -> str:
    """Messages for readers without a script and for browsers that are too old."""
    banner = ""
    if data.synthetic:
        zh, en = WORDS["synthetic"]
        banner = f'<div id="qh-synthetic" role="note">{esc(zh)} <span>{esc(en)}</span></div>'
    return (
        f"{banner}<noscript><p>{word('no_script', data.language)}</p></noscript>"
        f'<p id="qh-old" hidden>{esc(" ".join(WORDS["old_browser"]))}</p>'
    )
