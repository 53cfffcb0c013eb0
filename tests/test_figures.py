"""Figures: readable, the same bytes, Chinese where there is a font, never a warning."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from quarterhour.inputs import Note
from quarterhour.render.fonts import OTHERS, chinese_font, drawable, signs_of
from quarterhour.render.report import figures
from quarterhour.render.report.figures import DPI, NO_FONT, WIDTH_IN, figure_png
from quarterhour.render.report.page import figures_of
from quarterhour.tabular import Chart, Column
from report_tables_town import (
    BAD,
    COLUMNS,
    LONG,
    ROWS,
    many_rows,
    town_table,
    verdict_table,
    year_table,
)

if TYPE_CHECKING:
    from quarterhour.tabular import Table


def drawn(table: Table, language: str = "zh", font: str | None = "?") -> Any:
    """The figure itself, drawn once."""
    kept: list[Any] = []
    own = figures._canvas

    def canvas(height_in: float) -> tuple[Any, Any]:
        kept.append(own(height_in))
        return kept[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "_canvas", canvas)
        assert figure_png(table, language=language, font=font) is not None
    figure, axes = kept[-1]
    figure.set_dpi(DPI)  # as it was saved, so that it can be measured
    figure.draw_without_rendering()
    return figure, axes


def texts_of(figure: Any, axes: Any) -> list[str]:
    said = [t.get_text() for t in (*axes.texts, *axes.get_yticklabels(), *axes.get_xticklabels())]
    legend = [t.get_text() for one in figure.legends for t in one.get_texts()]
    return [*said, *legend, figure.get_suptitle()]


def test_a_table_without_chart_and_verdicts_has_no_figure() -> None:
    assert figure_png(town_table(chart=None), language="zh") is None
    assert figure_png(town_table(rows=(), total=0), language="zh") is None
    nothing = tuple((name, None, None, None, None) for name, *_ in ROWS)
    assert figure_png(town_table(rows=nothing, total=0), language="zh") is None


@pytest.mark.parametrize("table", [town_table(), many_rows(60), year_table(), verdict_table()])
def test_a_figure_is_as_wide_as_a_page_and_always_the_same(table: Table) -> None:
    png = figure_png(table, language="both")
    assert png is not None
    assert png == figure_png(table, language="both")
    image = Image.open(io.BytesIO(png))
    assert image.size[0] == pytest.approx(WIDTH_IN * DPI, abs=1)
    assert 1.4 < image.size[1] / DPI < 9.5, "it fits on a page"
    assert not {"Software", "Creation Time"} & set(image.info)


@pytest.mark.parametrize("font", ["?", None])
@pytest.mark.parametrize("table", [town_table(), many_rows(60)])
def test_labels_do_not_overlap_and_stay_inside(table: Table, font: str | None) -> None:
    figure, axes = drawn(table, "both", font)
    labels = [label.get_window_extent() for label in axes.get_yticklabels()]
    tall = sorted(labels, key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 0.5 for below, above in itertools.pairwise(tall))
    assert min(box.x0 for box in labels) >= 0
    title = figure._suptitle.get_window_extent()
    assert title.y0 >= max(box.y1 for box in labels)
    assert title.x1 <= figure.bbox.x1


def test_the_bars_are_the_values_without_the_total() -> None:
    _, axes = drawn(town_table())
    assert [bar.get_width() for bar in axes.patches] == [0.75, 0.25, 0.0, 1.0]
    assert axes.yaxis_inverted(), "the first row is on top"


def test_the_most_are_drawn_and_the_others_are_counted() -> None:
    figure, axes = drawn(many_rows(60))
    assert [bar.get_width() for bar in axes.patches] == list(range(20)), "ranked: as they come"
    assert "另有 40 项，见 report.xlsx" in texts_of(figure, axes)
    mixed = many_rows(60)
    rows = (*mixed.rows[30:], *mixed.rows[:30])
    figure, axes = drawn(many_rows(60, rows=rows), "en")
    assert [bar.get_width() for bar in axes.patches] == list(range(59, 39, -1))
    assert "and 40 more, see report.xlsx" in texts_of(figure, axes)


def test_without_a_chinese_font_words_are_english_and_names_are_rows() -> None:
    figure, axes = drawn(town_table(), "zh", None)
    said = texts_of(figure, axes)
    assert "Share by town" in said
    assert NO_FONT.en in said
    assert [t.get_text() for t in axes.get_yticklabels()] == ["1", "2", "3", "=1+1"]
    assert not any(ord(sign) > 0x2E7F for text in said for sign in text)


def test_with_a_chinese_font_names_are_written() -> None:
    if chinese_font() is None:
        pytest.skip("no Chinese font: install fonts-noto-cjk")
    figure, axes = drawn(town_table(), "zh")
    labels = [t.get_text() for t in axes.get_yticklabels()]
    assert labels[0] == "城南街道"
    assert labels[2].replace("\n", "").rstrip("…") == LONG[: len(labels[2]) - 2]
    assert labels[2].count("\n") == 1
    assert "各乡镇可达占比" in texts_of(figure, axes)


def test_a_sign_without_a_glyph_becomes_a_box() -> None:
    assert drawable("a覆b\n", [OTHERS]) == "a□b "
    assert ord("✓") in signs_of(OTHERS)


def test_verdicts_are_told_by_a_sign_and_counted() -> None:
    figure, axes = drawn(verdict_table(), "en")
    said = texts_of(figure, axes)
    for sign in ("✓", "✗", "?", "T-01", "T-02", "T-03"):
        assert sign in said
    assert "✓ pass 1, ✗ fail 1, ? unknown 1" in said[6]


def test_a_line_has_a_point_for_each_year() -> None:
    _, axes = drawn(year_table())
    (line,) = axes.lines
    assert list(line.get_ydata()) == [0.4, 0.5, 0.75]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["2023", "2024", "2025"]


def test_many_or_long_names_lie_down() -> None:
    upright = Chart("bar", Note("占比", "Share"), "town", ("share",))
    short = town_table(rows=(("甲", 1, 1, 0.5, 1), ("乙", 1, 1, 0.7, 1)), total=0, chart=upright)
    assert [bar.get_height() for bar in drawn(short)[1].patches] == [0.5, 0.7]
    assert [bar.get_width() for bar in drawn(town_table(chart=upright))[1].patches][:2] == [
        0.75, 0.25,
    ]  # fmt: skip


def test_names_that_come_twice_are_told_apart_by_the_first_column() -> None:
    columns = (Column("service", "服务", "Service"), *COLUMNS[:2])
    rows = (("Care", "far", 3), ("Care", "cut off", 2), ("Nursery", "far", 1))
    chart = Chart("barh", Note("原因", "Reasons"), "town", ("total",))
    _, axes = drawn(town_table(columns=columns, rows=rows, total=0, chart=chart), "en")
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        "Care · far", "Care · cut off", "Nursery · far",
    ]  # fmt: skip


def test_series_have_a_legend_and_parts_of_a_whole_are_stacked() -> None:
    chart = Chart("barh", Note("人口", "People"), "town", ("total", "covered"))
    figure, axes = drawn(town_table(chart=chart), "en")
    assert len(axes.patches) == 8
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["Total", "Covered"]
    columns = (COLUMNS[0], COLUMNS[2], COLUMNS[1]._replace(key="uncovered"))
    stack = town_table(
        columns=columns, rows=(("甲", 3, 1),), total=0,
        chart=Chart("barh", Note("人口", "People"), "town", ("covered", "uncovered")),
    )  # fmt: skip
    _, axes = drawn(stack)
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0, 3), (3, 1)]


@settings(max_examples=12, deadline=None)
@given(st.text(max_size=50), st.sampled_from(["?", None]))
def test_any_name_can_be_drawn(name: str, font: str | None) -> None:
    rows = ((name, 1, 1, 0.5, 1), (f"$\\frac{name}$", 1, 1, 0.7, 1), (BAD, 1, 1, 0.1, 1))
    table = town_table(rows=rows, total=0, title=Note(name, name))
    assert figure_png(table, language="both", font=font) is not None


def test_figures_are_named_after_their_tables() -> None:
    tables = [town_table(), town_table(key="plain", chart=None), year_table()]
    drawn = figures_of(tables, language="zh")
    assert list(drawn) == ["by_town", "timeline"]
    assert all(png[:4] == b"\x89PNG" for png in drawn.values())


@pytest.mark.parametrize(
    ("form", "value", "written"),
    [
        ("percent", 0.4, "40%"), ("people", 30_000, "30,000"), ("number", 100.0, "100"),
        ("number", 0.25, "0.25"), ("minutes", 20.0, "20"), ("number", 0.0, "0"),
    ],
)  # fmt: skip
def test_ticks_are_written_plainly(form: str, value: float, written: str) -> None:
    assert figures._axis_text(COLUMNS[0]._replace(form=form))(value, 0) == written
