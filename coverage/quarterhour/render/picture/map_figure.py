"""A map as a figure, where no browser is installed: the first service of a page, drawn plainly.

It has what the printed sheet has (title, map, figures, legend, largest gaps, sources) and is drawn
from the page's own data, so that no number can differ.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.errors import InputError
from quarterhour.render.picture import unpack
from quarterhour.render.picture.opening import Opening, opening_of
from quarterhour.render.picture.proposed import areas, changes, told
from quarterhour.render.picture.written import (
    INK,
    LISTED,
    ROW_IN,
    SOFT,
    Pen,
    gaps_table,
    sites_table,
    wrapped,
)
from quarterhour.render.whole_file import whole_file
from quarterhour.render.words import WORDS

if TYPE_CHECKING:
    from pathlib import Path

SIDES_IN: Final = {"A4": (11.69, 8.27), "A3": (16.54, 11.69)}
DPI: Final = 200
_GROUND: Final = "#F5F5F2"
_MARK: Final = "#9B1C1C"
_LETTERS: Final = (8.0, 7.2, 6.4, 5.8)
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

    pen = Pen(language or data["language"])
    plain = {"text.parse_math": False, "font.family": pen.fonts, "text.color": INK,
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


def _figure(data: dict[str, Any], pen: Pen, *, paper: str, portrait: bool) -> Any:  # noqa: ANN401
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
    service, opened = data["services"][0], opening_of(data)
    figure.text(left, 1 - edge_y, pen.plain(data["title"]), fontsize=16 * em, fontweight="bold",
                va="top")  # fmt: skip
    cutoffs = " / ".join(service["cutoffs"])
    shown = "" if opened.name is None else f"{pen.pair(opened.name)} · "
    named = f"{shown}{pen.plain(service['name'])} · {cutoffs} {pen.word('minutes')}"
    beside = (1 - edge_x, 1 - edge_y - 0.05 / high)
    figure.text(*beside, named, ha="right", va="top", fontsize=10 * em)
    handles = _map(axes, data, opened, pen, em)
    if WORDS["synthetic"] in map(tuple, data["facts"]):
        axes.text(0.5, 0.985, "{} {}".format(*map(pen.plain, WORDS["synthetic"])), va="top",
                  ha="center", transform=axes.transAxes, fontsize=10 * em, fontweight="bold",
                  zorder=9, bbox={"facecolor": "#FFE48A", "edgecolor": "#C79A00"})  # fmt: skip
    line = 60 if portrait else 44
    y = _figures(figure, words, data, opened, pen, em, line)
    place = (words[0] - 0.006, y)
    under = _legend(figure, canvas, handles, place, pen, em, line - 4, bottom)
    if not portrait:
        table = (table[0], min(table[1], under - 0.1 / high))
    room = int((table[1] - bottom) / (ROW_IN * em / high)) - 2
    if opened.one is not None and opened.one["sites"]:
        used = sites_table(figure, table, opened.one["sites"], data["told_in"], pen, em, most=room)
        table, room = (table[0], table[1] - used * ROW_IN * em / high), room - used
    gaps_table(figure, table, opened.gaps, data["told_in"], pen, em, most=min(LISTED, room))
    most = int((wide - 0.7) * 72 / (7 * em * 0.54))  # half of a sign's height wide, nearly
    _foot(figure, (left, edge_y + foot - 0.1 / high), data, pen, em, most)
    return figure


def _legend(
    figure: Any,  # noqa: ANN401 - matplotlib's
    canvas: Any,  # noqa: ANN401
    handles: list[Any],
    at: tuple[float, float],
    pen: Pen,
    em: float,
    most: int,
    bottom: float,
) -> float:
    """The legend in letters small enough for its room above `bottom`; where it ends."""
    labels = ["\n".join(wrapped(handle.get_label(), most)) for handle in handles]
    under = at[1]
    for size in _LETTERS:
        legend = figure.legend(
            handles=handles, labels=labels, loc="upper left", bbox_to_anchor=at, frameon=False,
            fontsize=size * em, title=pen.word("legend"), alignment="left", labelspacing=0.4,
            title_fontproperties={"weight": "bold", "size": 9 * em},
        )  # fmt: skip
        frame = legend.get_window_extent(canvas.get_renderer())
        under = float(figure.transFigure.inverted().transform(frame)[0, 1])
        if under >= bottom or size == _LETTERS[-1]:
            break
        legend.remove()
    return under


def _figures(
    figure: Any,  # noqa: ANN401 - matplotlib's
    at: tuple[float, float],
    data: dict[str, Any],
    opened: Opening,
    pen: Pen,
    em: float,
    most: int,
) -> float:
    """The share with its denominator in lines of `most` places; where the text ends."""
    if opened.one is not None:
        share, of, said = told(opened, data, pen.pair, pen.word)
    else:
        views = (v for v in data["story"] if v["kind"] == "coverage" and v["service"] == 0)
        view = next(views, None)
        if view is None:
            return at[1]
        share, of, said = view["figure"], pen.pair(view["of"]), pen.pair(view["said"])
    x, y = at
    line = em / float(figure.get_figheight())
    figure.text(x, y, share, fontsize=22 * em, fontweight="bold", va="top")
    for text in wrapped(of, most):
        figure.text(x, y - 0.42 * line, text, fontsize=8 * em, color=SOFT, va="top")
        y -= 0.15 * line
    verdict = data.get("verdict") if opened.one is not None else None
    for text in [*wrapped(said, most), *(wrapped(pen.pair(verdict), most) if verdict else [])]:
        figure.text(x, y - 0.46 * line, text, fontsize=8 * em, va="top")
        y -= 0.15 * line
    return y - 0.5 * line


def _map(axes: Any, data: Any, opened: Opening, pen: Pen, em: float) -> list[Any]:  # noqa: ANN401
    """Draw the layers, bottom to top; the rows of the legend."""
    from matplotlib.collections import LineCollection  # noqa: PLC0415 - heavy
    from matplotlib.lines import Line2D  # noqa: PLC0415 - heavy
    from matplotlib.patches import Patch  # noqa: PLC0415 - heavy

    service, step, colours = data["services"][0], data["steps"]["shape"], data["colours"]
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
    if opened.one is not None:
        rows += areas(opened, data, partial(_fill, axes), pen.word)
    else:
        bands = unpack.shapes(service["dissolved"], step)
        for k in reversed(range(len(bands))):
            _fill(axes, [bands[k]], facecolor=service["bands"][k], alpha=0.55)
        for k, cutoff in enumerate(service["cutoffs"]):
            rows.append(Patch(facecolor=service["bands"][k], alpha=0.7,
                              label=f"≤ {cutoff} {pen.word('minutes')}"))  # fmt: skip
    rows += _gaps(axes, opened, step, colours, pen, em)
    for shape in unpack.shapes(data["boundary"], step):
        for _, ring in shape:
            axes.plot(*np.vstack([ring, ring[:1]]).T, color="#2B3237", lw=1.4 * em, ls=(0, (6, 4)))
            rows += [] if rows[-1].get_label() == pen.word("boundary") else [
                Line2D([], [], color="#2B3237", ls="--", label=pen.word("boundary"))
            ]  # fmt: skip
    _scale(axes, pen, em)
    if opened.one is not None:
        rows = changes(axes, opened, data, em, pen.word) + rows
    return _facilities(axes, service, pen, em) + rows


def _facilities(axes: Any, service: Any, pen: Pen, em: float) -> list[Any]:  # noqa: ANN401
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
            colour, shape = (SOFT, "circle") if kinds else (service["colour"], service["shape"])
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


def _gaps(axes: Any, opened: Opening, step: float, colours: Any, pen: Pen, em: float) -> list[Any]:  # noqa: ANN401
    from matplotlib.lines import Line2D  # noqa: PLC0415 - heavy
    from matplotlib.patches import Patch  # noqa: PLC0415 - heavy

    at, gaps = opened.left, opened.gaps
    rows: list[Any] = []
    if len(at):
        axes.plot(at[:, 0], at[:, 1], ".", ms=2.2 * em, mew=0, color=colours["gap"], zorder=3)
        word = pen.word("stage_left" if opened.one else "uncovered_place")
        rows.append(Line2D([], [], marker=".", ls="", color=colours["gap"], label=word))
    if len(opened.apart):
        sign = {"marker": "s", "ls": "", "ms": 2.6 * em, "mfc": "white", "mew": 0.7 * em,
                "color": colours["unlinked"]}  # fmt: skip
        axes.plot(*opened.apart.T, zorder=3.1, **sign)
        word = pen.word("unlinked")
        rows.append(Line2D([], [], label=word, **(sign | {"ms": 5 * em})))
    if not gaps or not gaps["n"]:
        return rows
    every = unpack.shapes(gaps["packed"], step)
    shapes = [every[k] for k in gaps["shape"]]
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


def _scale(axes: Any, pen: Pen, em: float) -> None:  # noqa: ANN401 - matplotlib's
    """A scale bar for the middle of the map, and an arrow to the north."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    degree = math.radians(1) * _EARTH_M * math.cos(math.radians((south + north) / 2))
    most = (east - west) * degree / 5
    power = 10 ** math.floor(math.log10(most))
    length = next(m * power for m in (5, 2, 1) if m * power <= most)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    share = length / degree / (east - west)
    look = {"transform": axes.transAxes, "zorder": 8}
    axes.plot([0.02, 0.02 + share], [0.025, 0.025], color=INK, lw=3 * em, **look)
    axes.text(0.02, 0.034, text, fontsize=8 * em, va="bottom", **look)
    axes.annotate(
        "N", (0.97, 0.985), (0.97, 0.915), xycoords="axes fraction", textcoords="axes fraction",
        ha="center", fontsize=11 * em, fontweight="bold", label=pen.word("north"),
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.6},
    )  # fmt: skip


def _foot(
    figure: Any,  # noqa: ANN401 - matplotlib's
    at: tuple[float, float],
    data: dict[str, Any],
    pen: Pen,
    em: float,
    most: int,
) -> None:
    """The approval's number or the mark that the map is internal, then dates, sources, version."""
    told = [pair for pair in map(tuple, data["facts"]) if pair != WORDS["synthetic"]]
    marks = [pair for pair in told[:2] if pair == WORDS["internal"] or
             pair[0].startswith(WORDS["approval_no"][0])]  # fmt: skip
    own = [pen.pair(pair) for pair in told if pair not in marks]
    x, y = at
    if marks:
        # in both languages whatever the figure's: it tells a stranger not to pass the map on
        text = " · ".join(f"{pen.plain(zh)} {pen.plain(en)}" for zh, en in marks)
        box = {"facecolor": "white", "edgecolor": _MARK, "lw": 0.8, "pad": 1.8}
        look = {"fontsize": 7.5 * em, "fontweight": "bold", "color": _MARK, "bbox": box}
        figure.text(x + 0.004, y, text, va="top", **look)
        y -= 0.19 * em / figure.get_figheight()
    lines = "\n".join(wrapped(" · ".join(own), most))
    figure.text(x, y, lines, fontsize=6.5 * em, color=SOFT, va="top")
