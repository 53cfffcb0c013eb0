"""A map as a figure, where no browser is installed: the first service of a page, drawn plainly.

It has what the printed sheet has (title, map, figures, legend, largest gaps, sources) and is drawn
from the page's own data, so that no number can differ.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.errors import InputError
from quarterhour.render.fonts import OTHERS, chinese_font, drawable
from quarterhour.render.map.states import by_rank
from quarterhour.render.picture import unpack
from quarterhour.render.whole_file import whole_file
from quarterhour.render.words import WORDS

if TYPE_CHECKING:
    from pathlib import Path

SIDES_IN: Final = {"A4": (11.69, 8.27), "A3": (16.54, 11.69)}
DPI: Final = 200
_ROW_IN: Final = 0.165
LISTED: Final = 10
_INK, _SOFT, _GROUND = "#20262B", "#5B666E", "#F5F5F2"
_ROADS: Final = ("#BFC5C9", "#D3D8DB", "#DBDFE1", "#BCC2C7", "#8FAFC4")
_WATER, _GREEN = "#CFE0EA", "#E3EBDD"
_MARKERS: Final[dict[str, Any]] = {
    "circle": "o", "square": "s", "triangle": "^", "diamond": "D", "pentagon": "p", "hexagon": "h",
    "down": "v", "plus": "P", "star": "*",
    "house": ((0, 9), (8, 2), (8, -8), (-8, -8), (-8, 2)),
    "bar": ((-10, 5), (10, 5), (10, -5), (-10, -5)),
}  # fmt: skip
"""Of matplotlib, or the corners of a shape."""

_WIDER: Final = {"star": 1.5, "house": 1.1, "bar": 1.2, "triangle": 1.1, "down": 1.1, "plus": 1.15}
"""Shapes that look smaller than a disc of their width."""

_GAP_LINES: Final = ("-", "--", ":")
_EARTH_M: Final = 6_371_008.8


class _Pen:
    """The words of the figure in the language that it is drawn in, in signs that its font has."""

    def __init__(self, language: str) -> None:
        font = chinese_font()
        self.fonts = [OTHERS] if font is None else [font, OTHERS]
        self.language = "en" if font is None else language

    def pair(self, texts: Any) -> str:  # noqa: ANN401 - of the page's data
        zh, en = texts
        text = {"zh": zh, "en": en}.get(self.language) or (zh if zh == en else f"{zh} {en}")
        return self.plain(text)

    def word(self, key: str) -> str:
        return self.pair(WORDS[key])

    def plain(self, text: str) -> str:
        return drawable(text, self.fonts)


def write_figure(
    page: str, target: Path, *, name: str, kind: str, paper: str, portrait: bool, language: str = ""
) -> None:
    """Draw a map's page as a figure; `kind`: "png" or "pdf", `language`: "" for the page's own.

    Raises
    ------
    InputError
        The page is no map, or its data are damaged.
    OSError
        `target` cannot be written.
    """
    data = unpack.page_data(page, name)
    from matplotlib import style  # noqa: PLC0415 - heavy

    pen = _Pen(language or data["language"])
    plain = {"text.parse_math": False, "font.family": pen.fonts, "text.color": _INK,
             "pdf.fonttype": 42, "axes.unicode_minus": False}  # fmt: skip
    # the same page gives the same bytes
    told: dict[str, Any] = {"CreationDate": None} if kind == "pdf" else {"Software": None}
    with style.context(["default", plain]):
        try:
            figure = _figure(data, pen, paper=paper, portrait=portrait)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise InputError(
                f"{name}: the data of this map are damaged; run the study again"
            ) from error
        with whole_file(target) as fresh:
            figure.savefig(fresh, format=kind, dpi=DPI, metadata=told)


def _figure(data: dict[str, Any], pen: _Pen, *, paper: str, portrait: bool) -> Any:  # noqa: ANN401
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - heavy
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    wide, high = SIDES_IN[paper][::-1] if portrait else SIDES_IN[paper]
    figure = Figure(figsize=(wide, high), facecolor="white")
    canvas: Any = FigureCanvasAgg(figure)
    em = 1.25 if paper == "A3" else 1.0
    edge_x, edge_y = 0.35 / wide, 0.35 / high
    head, foot = 0.62 * em / high, 0.5 * em / high
    left, bottom, top = edge_x, edge_y + foot, 1 - edge_y - head
    if portrait:
        middle = bottom + 0.39 * (top - bottom)
        axes = figure.add_axes((left, middle, 1 - 2 * edge_x, top - middle))
        words = (left, middle - 0.1 / high)
        table = (0.5, middle - 0.1 / high)
    else:
        side = 0.27
        axes = figure.add_axes((left, bottom, 1 - 2 * edge_x - side, top - bottom))
        words = (1 - edge_x - side + 0.015, top)
        table = (words[0], bottom + 0.44 * (top - bottom))
    service = data["services"][0]
    figure.text(left, 1 - edge_y, pen.plain(data["title"]), fontsize=16 * em, fontweight="bold",
                va="top")  # fmt: skip
    cutoffs = " / ".join(service["cutoffs"])
    figure.text(1 - edge_x, 1 - edge_y - 0.05 / high, ha="right", va="top", fontsize=10 * em,
                s=f"{pen.plain(service['name'])} · {cutoffs} {pen.word('minutes')}")  # fmt: skip
    handles = _map(axes, data, service, pen, em)
    if WORDS["synthetic"] in map(tuple, data["facts"]):
        axes.text(0.5, 0.985, "{} {}".format(*map(pen.plain, WORDS["synthetic"])), va="top",
                  ha="center", transform=axes.transAxes, fontsize=10 * em, fontweight="bold",
                  zorder=9, bbox={"facecolor": "#FFE48A", "edgecolor": "#C79A00"})  # fmt: skip
    line = 60 if portrait else 44
    y = _figures(figure, words, data, pen, em, line)
    legend = figure.legend(
        handles=handles, labels=["\n".join(_wrapped(h.get_label(), line - 4)) for h in handles],
        loc="upper left", bbox_to_anchor=(words[0] - 0.006, y), frameon=False,
        fontsize=8 * em, title=pen.word("legend"), alignment="left",
        title_fontproperties={"weight": "bold", "size": 9 * em},
    )  # fmt: skip
    if not portrait:
        frame = legend.get_window_extent(canvas.get_renderer())
        under = figure.transFigure.inverted().transform(frame)[0, 1] - 0.1 / high
        table = (table[0], min(table[1], float(under)))
    room = int((table[1] - bottom) / (_ROW_IN * em / high)) - 2
    _table(figure, table, service, data["unit"], pen, em, most=min(LISTED, room))
    most = int((wide - 0.7) * 72 / (7 * em * 0.54))  # half of a sign's height wide, nearly
    figure.text(left, edge_y + foot - 0.08 / high, _foot(data, pen, most), fontsize=7 * em,
                color=_SOFT, va="top")  # fmt: skip
    return figure


def _figures(
    figure: Any,  # noqa: ANN401 - matplotlib's
    at: tuple[float, float],
    data: dict[str, Any],
    pen: _Pen,
    em: float,
    most: int,
) -> float:
    """The share with its denominator in lines of `most` places; where the text ends."""
    view = next((v for v in data["story"] if v["kind"] == "coverage" and v["service"] == 0), None)
    if view is None:
        return at[1]
    x, y = at
    line = em / float(figure.get_figheight())
    figure.text(x, y, view["figure"], fontsize=22 * em, fontweight="bold", va="top")
    for text in _wrapped(pen.pair(view["of"]), most):
        figure.text(x, y - 0.42 * line, text, fontsize=8 * em, color=_SOFT, va="top")
        y -= 0.15 * line
    for text in _wrapped(pen.pair(view["said"]), most):
        figure.text(x, y - 0.46 * line, text, fontsize=8 * em, va="top")
        y -= 0.15 * line
    return y - 0.5 * line


def _wrapped(text: str, most: int) -> list[str]:
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


def _map(axes: Any, data: Any, service: Any, pen: _Pen, em: float) -> list[Any]:  # noqa: ANN401
    """Draw the layers, bottom to top; the rows of the legend."""
    from matplotlib.collections import LineCollection  # noqa: PLC0415 - heavy
    from matplotlib.lines import Line2D  # noqa: PLC0415 - heavy
    from matplotlib.patches import Patch  # noqa: PLC0415 - heavy

    step, colours = data["steps"]["shape"], data["colours"]
    rows: list[Any] = []
    (south, west), (north, east) = data["bounds"]
    axes.set_facecolor(_GROUND)
    _limits(axes, west, south, east, north)
    axes.set_xticks([])
    axes.set_yticks([])
    for key, colour in (("green", _GREEN), ("water", _WATER)):
        _fill(axes, unpack.shapes(data[key], step), facecolor=colour)
    for rank in (2, 3, 4, 1, 0):
        lines = [
            line for r, line in unpack.roads(data["roads"], data["steps"]["road"]) if r == rank
        ]
        axes.add_collection(LineCollection(
            lines, colors=_ROADS[rank], linewidths=(1.1, 0.6, 0.4, 0.5, 0.6)[rank] * em
        ))  # fmt: skip
    bands = unpack.shapes(service["dissolved"], step)
    for k in reversed(range(len(bands))):
        _fill(axes, [bands[k]], facecolor=service["bands"][k], alpha=0.55)
    for k, cutoff in enumerate(service["cutoffs"]):
        rows.append(Patch(facecolor=service["bands"][k], alpha=0.7,
                          label=f"≤ {cutoff} {pen.word('minutes')}"))  # fmt: skip
    rows += _gaps(axes, service, step, colours, pen, em)
    for shape in unpack.shapes(data["boundary"], step):
        for _, ring in shape:
            axes.plot(*np.vstack([ring, ring[:1]]).T, color="#2B3237", lw=1.4 * em, ls=(0, (6, 4)))
            rows += [] if rows[-1].get_label() == pen.word("boundary") else [
                Line2D([], [], color="#2B3237", ls="--", label=pen.word("boundary"))
            ]  # fmt: skip
    _scale(axes, pen, em)
    return _facilities(axes, service, pen, em) + rows


def _facilities(axes: Any, service: Any, pen: _Pen, em: float) -> list[Any]:  # noqa: ANN401
    """Draw the facilities, those that serve on top; rows of the legend by kind and by status."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - heavy

    kinds, of, every = service["kinds"], service["kind_of"], service["facilities"]
    rows: list[Any] = []
    for status in ("unlinked", "planned", "used"):
        for k, shape in enumerate([kind["shape"] for kind in kinds] or [service["shape"]]):
            at = [
                f["at"]
                for row, f in enumerate(every)
                if f["status"] == status and (not kinds or of[row] == k)
            ]
            look = _look(service["colour"], shape, em, hollow=status != "used")
            axes.plot([p[1] for p in at], [p[0] for p in at], zorder=6, **look)
        if any(f["status"] == status for f in every):
            label = f"{pen.word('facilities')} · {pen.word('facility_' + status)}"
            # where shapes tell kinds, filled and hollow are told without the colour of any
            colour, shape = (_SOFT, "circle") if kinds else (service["colour"], service["shape"])
            look = _look(colour, shape, em, hollow=status != "used")
            rows.insert(0, Line2D([], [], label=label, **look))
    signs = [
        Line2D([], [], label=pen.pair(kind["name"]), **_look(service["colour"], kind["shape"], em))
        for kind in kinds
    ]
    return signs + rows


def _look(colour: str, shape: str, em: float, *, hollow: bool = False) -> dict[str, Any]:
    fill, edge = ("white", colour) if hollow else (colour, "white")
    size = 7.5 * em * _WIDER.get(shape, 1.0)
    marker = _MARKERS.get(shape, "o")
    return {"marker": marker, "ls": "", "ms": size, "mew": 1.6 if hollow else 0.9, "color": colour,
            "mfc": fill, "mec": edge}  # fmt: skip


def _limits(axes: Any, west: float, south: float, east: float, north: float) -> None:  # noqa: ANN401
    """Show the whole area, as much more as the frame has room for, and metres alike both ways."""
    box = axes.get_window_extent()
    stretch = math.cos(math.radians((south + north) / 2))
    wide, high = 1.04 * (east - west) * stretch, 1.04 * (north - south)
    per_px = max(wide / box.width, high / box.height)
    half_x, half_y = per_px * box.width / stretch / 2, per_px * box.height / 2
    axes.set_xlim((west + east) / 2 - half_x, (west + east) / 2 + half_x)
    axes.set_ylim((south + north) / 2 - half_y, (south + north) / 2 + half_y)


def _fill(axes: Any, shapes: Any, **look: Any) -> None:  # noqa: ANN401 - matplotlib's
    """Rings of a shape as one path, so that a hole stays one."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415 - heavy
    from matplotlib.path import Path as Outline  # noqa: PLC0415 - heavy

    for shape in shapes:
        rings = [np.vstack([ring, ring[:1]]) for closed, ring in shape if closed]
        if not rings:
            continue
        codes = [
            code
            for ring in rings
            for code in (Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY)
        ]
        axes.add_patch(PathPatch(Outline(np.vstack(rings), codes), **{"lw": 0, **look}))


def _gaps(axes: Any, service: Any, step: float, colours: Any, pen: _Pen, em: float) -> list[Any]:  # noqa: ANN401
    from matplotlib.lines import Line2D  # noqa: PLC0415 - heavy
    from matplotlib.patches import Patch  # noqa: PLC0415 - heavy

    sent, gaps = service["uncovered"], service["gaps"]
    rows: list[Any] = []
    at, _ = unpack.places(sent["packed"], sent["n"], step)
    if len(at):
        axes.plot(at[:, 0], at[:, 1], ".", ms=2.2 * em, mew=0, color=colours["gap"], zorder=3)
        rows.append(Line2D([], [], marker=".", ls="", color=colours["gap"],
                           label=pen.word("uncovered_place")))  # fmt: skip
    if not gaps or not gaps["n"]:
        return rows
    every = unpack.shapes(gaps["packed"], step)
    shapes = [every[k] for k in gaps["shape"][: gaps["n"]]]
    for k in reversed(range(len(shapes))):
        look = {"edgecolor": colours["gap"], "lw": 0.8 * em, "ls": _GAP_LINES[gaps["look"][k]]}
        _fill(axes, [shapes[k]], facecolor="none", hatch="\\\\\\\\", alpha=0.55, zorder=4, **look)
    rows.append(Patch(facecolor="none", edgecolor=colours["gap"], hatch="\\\\\\\\",
                      label=pen.word("gap_plain")))  # fmt: skip
    for k in reversed(range(min(gaps["n"], LISTED))):
        lat, lon = gaps["at"][k]
        axes.text(lon, lat, str(k + 1), fontsize=7.5 * em, fontweight="bold", color="white",
                  ha="center", va="center", zorder=7, clip_on=True,
                  bbox={"boxstyle": "round,pad=0.3,rounding_size=0.8", "lw": 1,
                        "facecolor": colours["number"], "edgecolor": "white"})  # fmt: skip
    return rows


def _scale(axes: Any, pen: _Pen, em: float) -> None:  # noqa: ANN401 - matplotlib's
    """A scale bar for the middle of the map, and an arrow to the north."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    degree = math.radians(1) * _EARTH_M * math.cos(math.radians((south + north) / 2))
    most = (east - west) * degree / 5
    power = 10 ** math.floor(math.log10(most))
    length = next(m * power for m in (5, 2, 1) if m * power <= most)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    share = length / degree / (east - west)
    look = {"transform": axes.transAxes, "zorder": 8}
    axes.plot([0.02, 0.02 + share], [0.025, 0.025], color=_INK, lw=3 * em, **look)
    axes.text(0.02, 0.034, text, fontsize=8 * em, va="bottom", **look)
    axes.annotate(
        "N", (0.97, 0.985), (0.97, 0.915), xycoords="axes fraction", textcoords="axes fraction",
        ha="center", fontsize=11 * em, fontweight="bold", label=pen.word("north"),
        arrowprops={"arrowstyle": "-|>", "color": _INK, "lw": 1.6},
    )  # fmt: skip


def _table(
    figure: Any,  # noqa: ANN401 - matplotlib's
    at: tuple[float, float],
    service: dict[str, Any],
    unit: str,
    pen: _Pen,
    em: float,
    *,
    most: int,
) -> None:
    """The largest gaps, at most `most`: rank, name, people, minutes."""
    gaps = service["gaps"]
    if not gaps or not gaps["n"] or most < 1:
        return
    x, y = at
    high = figure.get_figheight()
    step = _ROW_IN * em / high
    right = 1 - 0.35 / figure.get_figwidth()
    bold = {"fontsize": 9 * em, "fontweight": "bold", "va": "top"}
    figure.text(x, y, pen.word("gaps_ranked"), **bold)
    small = {"fontsize": 7.5 * em, "va": "top", "color": _SOFT}
    figure.text(right - 0.055, y - step, pen.word(unit), ha="right", **small)
    figure.text(right, y - step, pen.word("minutes"), ha="right", **small)
    for k in range(min(gaps["n"], most)):
        y_row = y - (k + 2) * step
        tenths = gaps["tenths"][k]
        zh, en = gaps["name"][k] or by_rank(k + 1)
        told = pen.plain(en if pen.language == "en" else zh)
        name = _wrapped(f"{k + 1}  {told}", 38)
        line = {"fontsize": 8 * em, "va": "top"}
        figure.text(x, y_row, name[0] + ("…" if len(name) > 1 else ""), **line)
        figure.text(right - 0.055, y_row, f"{gaps['people'][k]:,.0f}", ha="right", **line)
        minutes = f"{(tenths - 1) / 10:.1f}" if tenths else "–"
        figure.text(right, y_row, minutes, ha="right", **line)


def _foot(data: Any, pen: _Pen, most: int) -> str:  # noqa: ANN401 - the page's data
    parts = [pen.plain(zh) for zh, _ in data["facts"]]
    if pen.language == "en":
        parts = [pen.plain(en) for _, en in data["facts"]]
    return "\n".join(_wrapped(" · ".join(parts), most))
