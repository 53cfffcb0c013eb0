"""Figures of tables as PNG, for a page of A4: bars, lines and a strip of verdicts.

Chinese is drawn where a font for it is found. Where there is none, titles and headings are English,
Chinese names give way to the number of their row in the table, and the figure says so. The same
table gives the same bytes with the same fonts and version of matplotlib.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from quarterhour.inputs import Note
from quarterhour.render import palette
from quarterhour.render.book.sheet_chart import MOST_BARS, colour_of, is_stacked
from quarterhour.render.fonts import OTHERS, chinese_font, drawable
from quarterhour.render.values import (
    columns_of,
    decimals_of,
    heading,
    plain_rows,
    shown,
    told,
    value_of,
    verdict_column,
    verdict_of,
    width,
)
from quarterhour.render.words import both

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quarterhour.render.values import Cell
    from quarterhour.tabular import Chart, Table

WIDTH_IN: Final = 7.1
"""18 cm: the text of a page of A4."""

DPI: Final = 200
LONGEST_LABEL: Final = 34
"""Places of a line of a label, Chinese signs take two; a label has at most two lines."""

MOST_UPRIGHT: Final = 8
"""Bars that may stand upright; more of them lie, so that their names can be read."""

FIND_FONT: Final = "?"
NO_FONT = Note(
    "本机没有中文字体：图中名称以表中行次代替",
    "No Chinese font on this computer: Chinese names are given as rows of the table",
)

_INK, _SOFT, _LINE = "#20262B", "#5B666E", "#DDE3E6"
_VERDICTS = {"pass": "#009E73", "fail": palette.GAP, "unknown": "#8A8A8A"}
_VERDICT_WORDS = {
    "pass": Note("达标", "pass"),
    "fail": Note("未达标", "fail"),
    "unknown": Note("无法判断", "unknown"),
}
_STYLE: dict[str, Any] = {
    "text.parse_math": False,  # a name with two $ is a name
    "axes.unicode_minus": False,
    "font.size": 8.5,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _SOFT,
    "ytick.color": _INK,
    "axes.edgecolor": _LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": _LINE,
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "figure.facecolor": "white",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pen:
    """The words of a figure, in what its font can draw."""

    language: str
    chinese: bool
    fonts: tuple[str, ...]

    def text(self, text: str) -> str:
        return drawable(text, self.fonts)

    def note(self, note: Any) -> str:  # noqa: ANN401 - a note or a column
        return self.text(heading(note, self.language))

    def label(self, value: Cell, row: int) -> str:
        """A label of at most two lines; the number of its row where it cannot be drawn."""
        text = " ".join(str("" if value is None else value).split())
        if not self.chinese and any(ord(c) > 0x2E7F for c in text):
            return str(row + 1)
        return "\n".join(_two_lines(self.text(text)))


def _two_lines(text: str) -> list[str]:
    """The text on one line or two, and an ellipsis where that is not enough."""
    lines = [""]
    for at, sign in enumerate(text):
        if width(lines[-1]) + width(sign) <= LONGEST_LABEL:
            lines[-1] += sign
        elif len(lines) == 1:
            head, gap, tail = lines[0].rpartition(" ")
            broken = gap and width(tail) < LONGEST_LABEL // 2 and sign.isascii()
            lines = [head, tail + sign] if broken else [lines[0], sign]
        else:
            lines[-1] = lines[-1][:-1] + "…"
            break
        assert at < len(text)  # noqa: S101
    return [line.strip() for line in lines]


def figure_png(table: Table, *, language: str, font: str | None = FIND_FONT) -> bytes | None:
    """A PNG of the table's chart, or of its verdicts; None where it has neither, or no values.

    `font`: the Chinese font; by default the first one that is found, None for none.
    """
    found = verdict_column(table)
    if not plain_rows(table) or (table.chart is None and found is None):
        return None
    from matplotlib import style  # noqa: PLC0415 - heavy

    chosen = chinese_font() if font == FIND_FONT else font
    fonts = (OTHERS,) if chosen is None else (chosen, OTHERS)
    pen = _Pen(language=language if chosen else "en", chinese=chosen is not None, fonts=fonts)
    with style.context(["default", {**_STYLE, "font.family": list(fonts)}]):
        figure = _strip(table, found or 0, pen) if table.chart is None else _chart(table, pen)
        if figure is None:
            return None
        out = io.BytesIO()
        # what `savefig` does in two passes: one to lay everything out, and one to draw
        figure.canvas.print_png(out, metadata={"Software": None})
    return out.getvalue()


def _canvas(height_in: float) -> tuple[Any, Any]:
    """A figure and its axes, without the state that pyplot keeps."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - heavy
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy

    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _title(axes: Any, figure: Any, title: str, below: Sequence[str]) -> None:  # noqa: ANN401 - untyped
    words = title.replace(" ", "\n", 1) if width(title) > 76 else title
    figure.suptitle(words, fontsize=11, fontweight="bold", x=0.012, ha="left")
    if below:
        said = axes.annotate(
            "\n".join(below), (0.012, 0.012), xycoords="figure fraction", fontsize=7.5,
            color=_SOFT, annotation_clip=False,
        )  # fmt: skip
        said.set_in_layout(False)  # the room for it is kept by the rectangle
        share = 0.17 * len(below) / figure.get_figheight()
        figure.get_layout_engine().set(rect=(0, share, 1, 1 - share))


def _chart(table: Table, pen: _Pen) -> Any:  # noqa: ANN401 - matplotlib's figure
    chart = table.chart
    assert chart is not None  # noqa: S101
    rows = len(plain_rows(table))
    keys = [column.key for column in table.columns]
    values = columns_of(table, pen.language)
    series = [
        [float(v) if isinstance(v, int | float) else math.nan for v in values[keys.index(k)][:rows]]
        for k in chart.values
    ]
    if all(math.isnan(v) for one in series for v in one):
        return None
    forms = [table.columns[keys.index(k)] for k in chart.values]
    labels = values[keys.index(chart.label)][:rows]
    if len(set(labels)) < rows and chart.label != keys[0]:  # the same of several services
        labels = [
            label if first is None else f"{first} · {label}"
            for first, label in zip(values[0], labels, strict=False)
        ]
    if chart.kind == "line":
        at_form = table.columns[keys.index(chart.label)].form
        return _lines(chart, forms, [shown(v, at_form, 0) for v in labels], series, pen)
    known = [k for k in range(rows) if any(not math.isnan(one[k]) for one in series)]
    if len(known) == 1 and len(series) == 1:
        return None  # one bar says no more than its number
    labels = [labels[k] for k in known]
    series = [[one[k] for k in known] for one in series]
    return _bars(chart, forms, labels, series, _drawn_rows(series[0]), pen)


def _drawn_rows(values: list[float]) -> list[int]:
    """Rows that get a bar: all, or the first where they are ranked, or those of most."""
    rows = range(len(values))
    known = [v for v in values if not math.isnan(v)]
    if len(values) <= MOST_BARS or known in (sorted(known), sorted(known, reverse=True)):
        return list(rows[:MOST_BARS])
    most = sorted(rows, key=lambda k: (math.isnan(values[k]), -values[k], k))
    return most[:MOST_BARS]


def _axis_text(column: Any) -> Callable[[float, Any], str]:  # noqa: ANN401 - a column
    """How the ticks of an axis are written."""
    if column.form == "percent":
        return lambda value, _: f"{100 * value:.0f}%"
    if column.form in {"minutes", "number", "money"}:
        return lambda value, _: f"{value:,.3f}".rstrip("0").rstrip(".")
    return lambda value, _: f"{value:,.0f}"


def _numbers(axis: Any, column: Any) -> None:  # noqa: ANN401 - untyped
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415 - heavy

    axis.set_major_locator(MaxNLocator(nbins=6, integer=column.form in {"people", "integer"}))
    axis.set_major_formatter(FuncFormatter(_axis_text(column)))


def _bars(  # a bar per row, one colour per series
    chart: Chart,
    forms: Sequence[Any],
    labels: Sequence[Cell],
    series: list[list[float]],
    rows: list[int],
    pen: _Pen,
) -> Any:  # noqa: ANN401 - matplotlib's figure
    count = len(rows)
    stacked = is_stacked(chart.values)
    names = [pen.label(labels[k], k) for k in rows]
    series = [[one[k] for k in rows] for one in series]
    tall = 1 if stacked else len(series)
    upright = (
        chart.kind == "bar" and count <= MOST_UPRIGHT
        and max(width(n) for n in names) <= 80 // max(count, 1)
    )  # fmt: skip
    step = 0.25 + 0.13 * (tall - 1) + (0.12 if any("\n" in n for n in names) else 0)
    figure, axes = _canvas(3.4 if upright else 1.15 + step * count)
    draw = axes.bar if upright else axes.barh
    base = [0.0] * count
    thick = 0.72 / tall
    for number, (key, values) in enumerate(zip(chart.values, series, strict=True)):
        drawn = [0.0 if math.isnan(v) else v for v in values]
        shift = 0.0 if stacked else (number - (tall - 1) / 2) * thick
        more = {} if not stacked else {"bottom" if upright else "left": base}
        bars = draw(
            [k + shift for k in range(count)], drawn, thick, label=pen.note(forms[number]),
            color=colour_of(key, number), edgecolor="white", linewidth=0.6, **more,
        )  # fmt: skip
        if not stacked:
            decimals = decimals_of(forms[number], [v for v in values if not math.isnan(v)])
            texts = [
                "" if math.isnan(v) else shown(v, forms[number].form, decimals) for v in values
            ]
            axes.bar_label(bars, labels=texts, padding=3, fontsize=7.5, color=_INK)
        base = [b + d for b, d in zip(base, drawn, strict=True)]
    _, names_axis = (axes.yaxis, axes.xaxis) if upright else (axes.xaxis, axes.yaxis)
    names_axis.set_ticks(range(count), names)
    names_axis.set_tick_params(length=0)
    _numbers(axes.yaxis if upright else axes.xaxis, forms[0])
    axes.grid(visible=True, axis="y" if upright else "x")
    axes.margins(**({"y": 0.12} if upright else {"x": 0.1, "y": 0.3 / max(count, 1)}))
    if not upright:
        axes.invert_yaxis()
    if len(series) > 1:
        figure.legend(loc="outside lower center", ncols=min(len(series), 4), fontsize=8)
    below = [] if pen.chinese else [NO_FONT.en]
    if len(labels) > count:
        more_zh = f"另有 {len(labels) - count:,} 项，见 report.xlsx"
        more_en = f"and {len(labels) - count:,} more, see report.xlsx"
        below.insert(0, both(more_zh, more_en, pen.language))
    _title(axes, figure, pen.note(chart.title), [pen.text(b) for b in below])
    return figure


def _lines(
    chart: Chart, forms: Sequence[Any], labels: Sequence[str], series: list[list[float]], pen: _Pen
) -> Any:  # noqa: ANN401 - matplotlib's figure
    figure, axes = _canvas(3.2)
    at = list(range(len(labels)))
    for number, (key, values) in enumerate(zip(chart.values, series, strict=True)):
        colour = colour_of(key, number)
        axes.plot(
            at, values, marker="os^Dpv"[number % 6], markersize=5, color=colour, linewidth=1.8,
            linestyle=("-", "--", "-.", ":")[number // 6 % 4], label=pen.note(forms[number]),
        )  # fmt: skip
        if len(series) == 1 and len(labels) <= 15:
            decimals = decimals_of(forms[0], [v for v in values if not math.isnan(v)])
            for k, value in enumerate(values):
                if not math.isnan(value):
                    axes.annotate(
                        shown(value, forms[0].form, decimals), (k, value), (0, 6),
                        textcoords="offset points", ha="center", fontsize=7.5,
                    )  # fmt: skip
    step = max(1, math.ceil(len(labels) / 16))
    axes.set_xticks(at[::step], [pen.label(label, k) for k, label in enumerate(labels)][::step])
    axes.set_xlim(-0.4, max(len(labels) - 0.6, 0.4))
    drawn = [v for one in series for v in one]
    _numbers(axes.yaxis, forms[0])
    axes.grid(visible=True, axis="y")
    axes.margins(y=0.15)
    if all(v >= 0 for v in drawn if not math.isnan(v)):
        axes.set_ylim(bottom=0)
    if len(series) > 1:
        figure.legend(loc="outside lower center", ncols=3, fontsize=8)
    below = [] if pen.chinese else [NO_FONT.en]
    _title(axes, figure, pen.note(chart.title), below)
    return figure


def _strip(table: Table, column: int, pen: _Pen) -> Any:  # noqa: ANN401 - matplotlib's figure
    """A square per verdict with its sign and name; rows without a verdict have none."""
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - heavy

    found = [(row, verdict_of(row[column])) for row in plain_rows(table)]
    squares = [(row, verdict) for row, verdict in found if verdict is not None]
    names = [k for k, c in enumerate(table.columns) if c.key == "id"] or [0]
    across = 10 if len(squares) <= 60 else 15
    down = math.ceil(len(squares) / across)
    figure, axes = _canvas(1.0 + 0.52 * down)
    counts = dict.fromkeys(_VERDICTS, 0)
    for k, (row, (verdict, sign)) in enumerate(squares):
        counts[verdict] += 1
        x, y = k % across, k // across
        axes.add_patch(Rectangle((x + 0.04, y + 0.06), 0.92, 0.88, color=_VERDICTS[verdict]))
        axes.text(x + 0.5, y + 0.38, pen.text(sign), ha="center", va="center", color="white",
                  fontsize=11, fontweight="bold")  # fmt: skip
        name = pen.label(value_of(row[names[0]], pen.language), k).replace("\n", "")
        name = name if width(name) <= 110 // across else name[: 90 // across] + "…"
        axes.text(x + 0.5, y + 0.74, name, ha="center", va="center", color="white", fontsize=6.5)
    axes.set_xlim(0, across)
    axes.set_ylim(down, 0)
    axes.set_axis_off()
    said = "，" if pen.language != "en" else ", "
    total = said.join(
        f"{pen.text(sign)} {told(_VERDICT_WORDS[key], pen.language)} {counts[key]}"
        for key, sign in (("pass", "✓"), ("fail", "✗"), ("unknown", "?"))
    )
    below = [total] if pen.chinese else [total, NO_FONT.en]
    _title(axes, figure, pen.note(table.title), below)
    return figure
