"""The written part of the page's "what if" panel; the script fills it with figures."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from quarterhour.render.map.page import esc, pair, plain, word
from quarterhour.render.map.words_what_if import WHAT_IF
from quarterhour.render.sentences import headline, share_base
from quarterhour.render.words import group_pair
from quarterhour.units import MICRO
from quarterhour.walkers import WALKERS

if TYPE_CHECKING:
    from quarterhour.render.map.layers import MapData, ServiceLayer

TOOLS: Final = ("add", "move", "close", "cut", "link")
SLOWEST_MPS, FASTEST_MPS, STEP_MPS = 0.4, 1.6, 0.05
LEAST_MIN, MOST_MIN = 3, 45
"""Ends of the sliders: slower than the frail, faster than the fit, and no walks of an hour."""


def what_if_tab(data: MapData) -> str:
    """The button that shows the panel; empty without a model."""
    if data.what_if is None:
        return ""
    return (
        '<button type="button" role="tab" id="qh-tab-whatif" aria-controls="qh-whatif" '
        f'tabindex="-1" aria-selected="false">{word("whatif", data.language)}</button>'
    )


def mark_of(data: MapData) -> str:
    """What binds the model to its page: study, network and the answers known of them, as one text.

    It stands in the page's own words and in the packed model, so that a model of another study,
    whose answers agree with itself, is told from this one.
    """
    if data.what_if is None:
        return ""
    known = [data.study_key, data.title, data.what_if.network.key, list(data.what_if.answers)]
    text = json.dumps(known, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def group_names(data: MapData) -> dict[str, list[str]]:
    """Chinese and English names of the model's groups by key."""
    if data.what_if is None:
        return {}
    keys = dict.fromkeys(key for demand in data.what_if.demands for key in demand.amounts)
    return {key: list(group_pair(key, data.demand_unit)) for key in keys}


def _button(name: str, key: str, language: str, more: str = "") -> str:
    return f'<button type="button" id="qh-wi-{name}"{more}>{word(key, language)}</button>'


def _tools(language: str) -> str:
    buttons = "".join(
        f'<button type="button" data-tool="{tool}" aria-pressed="false">'
        f"<span>{word(f'tool_{tool}', language)}</span></button>"
        for tool in TOOLS
    )
    return (
        f'<div class="qh-wi-tools" role="group" aria-label="{plain("whatif_tools", language)}">'
        f"{buttons}</div>"
    )


def _changes(language: str) -> str:
    return (
        f'<section aria-label="{plain("changes", language)}"><div class="qh-wi-bar">'
        f"<h3>{word('changes', language)}</h3>"
        + _button("undo", "undo", language, " disabled")
        + _button("redo", "redo", language, " disabled")
        + _button("reset", "reset", language, " disabled")
        + '</div><ol id="qh-wi-list"></ol>'
        + f'<p id="qh-wi-none" class="qh-told">{word("changes_none", language)}</p></section>'
    )


def _slider(name: str, key: str, language: str, *, low: float, high: float, step: float) -> str:
    return (
        f'<div class="qh-wi-slide"><label for="qh-wi-{name}">{word(key, language)}</label>'
        f'<output id="qh-wi-{name}-now" for="qh-wi-{name}"></output>'
        f'<input type="range" id="qh-wi-{name}" min="{low:g}" max="{high:g}" step="{step:g}"></div>'
    )


def _presets(language: str) -> str:
    """Known walkers with a speed, one for each speed."""
    seen: dict[float, tuple[str, str]] = {}
    for who in WALKERS.values():
        speed = round(who.speed_mps, 6)
        if who.rule_m or not SLOWEST_MPS <= speed <= FASTEST_MPS:
            continue
        zh, en = seen.get(speed, ("", ""))
        seen[speed] = (f"{zh}、{who.label_zh}".strip("、"), f"{en}, {who.label_en}".strip(", "))
    unit = "米/秒" if language == "zh" else "m/s"
    options = "".join(
        f'<option value="{speed:g}" data-zh="{esc(zh)} · {speed:.3g} 米/秒"'
        f' data-en="{esc(en)} · {speed:.3g} m/s">'
        f"{esc(_one(zh, en, language))} · {speed:.3g} {unit}</option>"
        for speed, (zh, en) in sorted(seen.items())
    )
    return (
        f'<div class="qh-wi-slide"><label for="qh-wi-preset">{word("terms_preset", language)}'
        f'</label><select id="qh-wi-preset"><option value="">{plain("terms_own", language)}'
        f"</option>{options}</select></div>"
    )


def _one(zh: str, en: str, language: str) -> str:
    return en if language == "en" else zh if language == "zh" else f"{zh} {en}"


def _details(name: str, key: str, body: str, language: str, more: str = "") -> str:
    return (
        f'<details id="qh-wi-{name}"{more}><summary>{word(key, language)}</summary>{body}</details>'
    )


def _progress(name: str, language: str) -> str:
    return (
        f'<p id="qh-wi-{name}-work" class="qh-wi-work" hidden><progress id="qh-wi-{name}-bar" '
        f'max="1" value="0"></progress>{_button(f"{name}-cancel", "best_cancel", language)}</p>'
    )


def _told(key: str, language: str, more: str = "") -> str:
    return f'<p class="qh-told"{more}><span class="qh-two">{word(key, language)}</span></p>'


def _terms(data: MapData) -> str:
    language = data.language
    # what a service has today is on its slider
    speeds = [s.speed_mps for s in data.services if not s.rule]
    minutes = [s.cutoffs_min[-1] for s in data.services]
    body = (
        '<div id="qh-wi-sliders">'
        + _slider(
            "minutes",
            "terms_minutes",
            language,
            low=min([LEAST_MIN, *minutes]),
            high=max([MOST_MIN, *minutes]),
            step=1,
        )
        + _slider(
            "speed",
            "terms_speed",
            language,
            low=min([SLOWEST_MPS, *speeds]),
            high=max([FASTEST_MPS, *speeds]),
            step=STEP_MPS,
        )
        + _presets(language)
        + _told("terms_steps", language)
        + f"<p>{_button('terms-today', 'terms_today', language)}</p></div>"
        + '<p id="qh-wi-rule" class="qh-told" hidden></p>'
    )
    return _details("terms", "terms", body, language)


def _best(language: str) -> str:
    body = (
        _told("best_lead", language)
        + '<p class="qh-wi-row">'
        + _button("best-start", "best_start", language)
        + _button("best-off", "best_off", language, ' aria-pressed="false" hidden')
        + "</p>"
        + _progress("best", language)
        + '<div id="qh-wi-best-told" aria-live="polite"></div><p>'
        + _button("best-add", "best_add", language, " hidden")
        + "</p>"
        + _told("best_note", language)
    )
    return _details("best", "best", body, language)


def _compare(language: str) -> str:
    body = (
        '<p class="qh-wi-row">'
        + _button("compare-start", "compare_greedy", language, " disabled")
        + "</p>"
        + _told("compare_need", language, ' id="qh-wi-compare-need"')
        + _progress("compare", language)
        + '<div id="qh-wi-compare-told" aria-live="polite"></div>'
        + '<label class="qh-row" id="qh-wi-compare-on" hidden><input type="checkbox" '
        + f'id="qh-wi-compare-show" checked><span>{word("compare_show", language)}</span></label>'
        + _told("compare_what", language, ' id="qh-wi-compare-what"')
    )
    return _details("compare", "compare_reference", body, language)


def _files(language: str) -> str:
    body = (
        _told("files_lead", language)
        + '<p class="qh-wi-row">'
        + _button("export", "files_export", language)
        + _button("import", "files_import", language)
        + '<input type="file" id="qh-wi-file" accept=".geojson,.json,application/geo+json" '
        + 'tabindex="-1" aria-hidden="true" hidden></p>'
        + _told("files_drop", language)
    )
    return _details("files", "files", body, language)


def _base(service: ServiceLayer) -> str:
    """What the headline's share is a share of."""
    figure = headline(service)
    base = None if figure is None else share_base(figure)
    return "share_of_total" if base is None else base[0]


def _rounded(data: MapData) -> str:
    """How people are rounded, and by how many today's figures are other than the report's."""
    model, language = data.what_if, data.language
    if model is None or not model.rounding_people:
        return ""
    told = [f"{micro / MICRO:+.1f}".replace("-", "−") for micro in model.off]
    zh = "，".join(f"{s.name} {n} 人" for s, n in zip(data.services, told, strict=True))
    en = ", ".join(f"{s.name} {n} people" for s, n in zip(data.services, told, strict=True))
    said = [
        text.replace("{n}", f"{model.rounding_people:,}").replace("{off}", off)
        for text, off in zip(WHAT_IF["whatif_rounded"], (zh, en), strict=True)
    ]
    return (
        '<p class="qh-told" id="qh-wi-rounded"><span class="qh-two">'
        f"{pair(said[0], said[1], language)}</span></p>"
    )


def what_if_section(data: MapData) -> str:
    """The panel, hidden until its tab is chosen; empty without a model."""
    if data.what_if is None:
        return ""
    language = data.language
    bases = " ".join(
        f'data-base{at}="{_base(service)}"' for at, service in enumerate(data.services)
    )
    body = (
        _tools(language)
        + '<section id="qh-wi-result-box" '
        + f'aria-label="{plain("whatif_result", language)}"><div id="qh-wi-result"></div>'
        + f'<p class="qh-told qh-wi-caveat">{word("trial_capacity", language)}</p>'
        + '<p id="qh-wi-live" class="qh-unseen" aria-live="polite"></p>'
        + f"{_rounded(data)}</section>"
        + _changes(language)
        + _terms(data)
        + _best(language)
        + _compare(language)
        + _details("left", "left", '<div id="qh-wi-left-body"></div>', language, " hidden")
        + _files(language)
        + '<p class="qh-told qh-wi-tested" id="qh-wi-tested"></p>'
    )
    return (
        f'<section id="qh-whatif" data-bound="{mark_of(data)}" {bases} '
        f'aria-label="{plain("whatif", language)}" hidden>'
        f'<p class="qh-told qh-two">{word("whatif_lead", language)}</p>'
        f'<p id="qh-wi-state" class="qh-told" role="status">{word("whatif_wait", language)}</p>'
        f'<div id="qh-wi-body" hidden>{body}</div></section>'
    )


def what_if_notices(data: MapData) -> str:
    """The strip above the map while something is tried, and the alarm of the self-test in it."""
    if data.what_if is None:
        return ""
    language = data.language
    return (
        '<div id="qh-trial" hidden><p id="qh-trial-line" hidden>'
        f'<b>{word("trial_banner", language)}</b><span id="qh-trial-figure"></span>'
        f'<button type="button" id="qh-trial-clear">{word("trial_clear", language)}</button></p>'
        f'<p id="qh-trial-idle" hidden>{word("trial_idle", language)}</p>'
        '<p id="qh-trial-said" role="status" aria-live="polite" hidden></p></div>'
        '<div id="qh-selftest" role="alert" hidden></div>'
    )
