"""The words of a map's figure: in its language, in lines that fit, and in tables."""

from __future__ import annotations

from typing import Any, Final

from quarterhour.render.fonts import OTHERS, chinese_font, drawable
from quarterhour.render.map.states import by_rank
from quarterhour.render.words import WORDS

INK: Final = "#20262B"
SOFT: Final = "#5B666E"
ROW_IN: Final = 0.165
LISTED: Final = 10
_TITLE: Final = 44
_SITES: Final = 12
"""Sites in the table; the others are on the map."""


class Pen:
    """The words of the figure in the language that it is drawn in, in signs that its font has."""

    def __init__(self, language: str) -> None:
        font = chinese_font()
        self.fonts = [OTHERS] if font is None else [font, OTHERS]
        self.language = "en" if font is None else language

    def pair(self, texts: Any) -> str:  # noqa: ANN401 - of the page's data
        """A text of the page's data, Chinese and English, in the language of the figure."""
        zh, en = texts
        text = {"zh": zh, "en": en}.get(self.language) or (zh if zh == en else f"{zh} {en}")
        return self.plain(text)

    def title(self, texts: Any) -> str:  # noqa: ANN401
        """A text in both languages where these fit on a line over a table, else in the first."""
        text = self.pair(texts)
        return (
            text
            if len(wrapped(text, _TITLE)) < 2 or self.language != "both"
            else self.plain(texts[0])
        )

    def word(self, key: str) -> str:
        """A word of the table of words."""
        return self.pair(WORDS[key])

    def plain(self, text: str) -> str:
        """A text without the signs that no font here has."""
        return drawable(text, self.fonts)


def wrapped(text: str, most: int) -> list[str]:
    """Lines of at most `most` places; Chinese signs take two and may stand at any end."""
    lines, used = [""], 0
    for word in _words(text):
        size = sum(2 if ord(sign) > 0x2E7F else 1 for sign in word)
        if used and used + size > most:
            lines.append("")
            used = 0
        lines[-1] += word
        used += size
    return [line.strip() for line in lines if line.strip()]


def _words(text: str) -> list[str]:
    out = [""]
    for sign in text:
        if ord(sign) > 0x2E7F:
            out += [sign, ""]
        else:
            out[-1] += sign
            if sign == " ":
                out.append("")
    return [word for word in out if word]


def gaps_table(
    figure: Any,  # noqa: ANN401 - matplotlib's
    at: tuple[float, float],
    gaps: dict[str, Any] | None,
    told_in: tuple[str, float],
    pen: Pen,
    em: float,
    *,
    most: int,
) -> None:
    """The largest gaps, at most `most`: rank, name, people, minutes.

    `told_in`: the word that amounts are told in, and how many of the unit of demand one of it is.
    """
    if not gaps or not gaps["n"] or most < 1:
        return
    x, y = at
    high = figure.get_figheight()
    step = ROW_IN * em / high
    right = 1 - 0.35 / figure.get_figwidth()
    bold = {"fontsize": 9 * em, "fontweight": "bold", "va": "top"}
    told = {"n": f"{min(gaps['n'], most):,}", "total": f"{gaps['total']:,}"}
    title = pen.title([text.format(**told) for text in WORDS["gaps_first"]])
    figure.text(x, y, title, **bold)
    small = {"fontsize": 7.5 * em, "va": "top", "color": SOFT}
    figure.text(right - 0.055, y - step, pen.word(told_in[0]), ha="right", **small)
    figure.text(right, y - step, pen.word("minutes"), ha="right", **small)
    for k in range(min(gaps["n"], most)):
        y_row = y - (k + 2) * step
        tenths = gaps["tenths"][k]
        zh, en = gaps["name"][k] or by_rank(k + 1)
        called = pen.plain(en if pen.language == "en" else zh)
        name = wrapped(f"{k + 1}  {called}", 38)
        line = {"fontsize": 8 * em, "va": "top"}
        figure.text(x, y_row, name[0] + ("…" if len(name) > 1 else ""), **line)
        figure.text(
            right - 0.055, y_row, f"{gaps['people'][k] / told_in[1]:,.0f}", ha="right", **line
        )
        minutes = f"{(tenths - 1) / 10:.1f}" if tenths else "–"
        figure.text(right, y_row, minutes, ha="right", **line)


def sites_table(
    figure: Any,  # noqa: ANN401 - matplotlib's
    at: tuple[float, float],
    sites: list[dict[str, Any]],
    told_in: tuple[str, float],
    pen: Pen,
    em: float,
    *,
    most: int,
) -> int:
    """Proposed sites by rank with what each adds, at most `most` lines; how many lines it takes."""
    ranked = sorted(sites, key=lambda it: it["rank"])[: min(_SITES, most)]
    if not ranked or most < 1:
        return 0
    x, y = at
    step = ROW_IN * em / figure.get_figheight()
    right = 1 - 0.35 / figure.get_figwidth()
    figure.text(x, y, pen.title(WORDS["site_best"]), fontsize=9 * em, fontweight="bold", va="top")
    head = f"{pen.word('site_added')} · {pen.word(told_in[0])}"
    figure.text(right, y - step, head, ha="right", fontsize=7.5 * em, va="top", color=SOFT)
    for k, site in enumerate(ranked):
        line = {"fontsize": 8 * em, "va": "top"}
        name = wrapped(f"{site['rank']}  {pen.pair(site['name'])}", 38)
        y_row = y - (k + 2) * step
        figure.text(x, y_row, name[0] + ("…" if len(name) > 1 else ""), **line)
        figure.text(right, y_row, f"{site['added'][0][2] / told_in[1]:,.0f}", ha="right", **line)
    return len(ranked) + 3
