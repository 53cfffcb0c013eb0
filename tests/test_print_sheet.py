"""What a sheet says: how many gaps it lists, its one language, and of what its legend tells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, settle, visit
from map_kinds import kinds_town
from print_town import only, opened, print_file, print_town
from whatif_page import demo, lacking, look, panel, press

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from quarterhour.render.map.layers import MapData

LISTED = "#qh-print .qh-p-gaps .qh-service:not([hidden])"
KEEP = "([paper, language]) => Quarterhour.app.print.keep({ paper, language })"
ROWS = "Quarterhour.poster.legend(Quarterhour.app).map((row) => row[1])"
ON_SHEET = """([wide, high]) => Quarterhour.poster.legendOf(Quarterhour.app, wide, high)
  .map(([svg, text]) => [text, svg && !svg.hasAttribute("viewBox") ?
    Array.from(svg.querySelectorAll("circle"), (it) => Number(it.getAttribute("r"))) : null])"""
WRITTEN = """(language) => {
  const { print } = Quarterhour.app, pen = CanvasRenderingContext2D.prototype, all = [];
  const write = pen.fillText;
  pen.fillText = function (text, ...where) {
    all.push(text);
    write.call(this, text, ...where);
  };
  print.choice = { paper: "A4", portrait: false, language };
  print.open();
  pen.fillText = write;
  print.close();
  return all;
}"""
TRIAL = ("试算方案，非现状", "Trial, not the present state")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return print_file(tmp_path_factory.mktemp("sheet"), data=named_town())


def named_town() -> MapData:
    """Twelve of fourteen gaps, whose long names take two lines of a sheet each."""
    base = print_town("both")
    first = base.services[0]
    assert first.gaps is not None
    marks = tuple(
        replace(mark, name=(f"江南街道翰林院子{k}期一带", f"江南街道, 翰林院子{k}期"))
        for k, mark in enumerate(first.gaps.marks)
    )
    first = replace(first, gaps=replace(first.gaps, marks=marks))
    return replace(base, services=(first, base.services[1]))


@pytest.mark.parametrize("language", ["zh", "en", "both"])
@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_the_heading_says_how_many_gaps_are_listed(
    browser: Browser, file: Path, paper: str, language: str
) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.evaluate(KEEP, [paper, language])
        opened(seen)
        rows = page.locator(f"{LISTED} tbody tr:visible").count()
        assert 5 <= rows <= 10
        assert rows < 10 or (paper, language) != ("A4", "both")
        title = page.inner_text(f"{LISTED} h3")
        assert (f"最大的 {rows} 处，共 14 处" in title) == (language != "en")
        assert (f"the {rows} largest of 14" in title) == (language != "zh")
        total = page.inner_text(f"{LISTED} .qh-p-total")
        assert ("5,000 people in all 14" in total) == (language != "zh")
        # that others are on the map is said where rows had to go
        assert page.locator(f"{LISTED} .qh-p-cut").is_visible() == (rows < 10)
        # and the next sheet begins with all ten
        page.evaluate(
            "() => { Quarterhour.app.print.kept = false; Quarterhour.app.print.close(); }"
        )
        assert "the 10 largest of 14" in page.text_content(f"{LISTED} h3")
        assert page.locator(f"{LISTED} tbody tr[hidden]").count() == 0


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("zh", "江南街道翰林院子0期一带"),
        ("en", "江南街道, 翰林院子0期"),
        ("both", "江南街道翰林院子0期一带 江南街道, 翰林院子0期"),
    ],
)
def test_a_sheet_has_the_names_of_its_language(
    browser: Browser, file: Path, language: str, name: str
) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.evaluate(KEEP, ["A3", language])
        opened(seen)
        told = " ".join(page.inner_text(f"{LISTED} tbody tr >> nth=0").split())
        assert told.startswith(f"1 {name} ")
        assert ("一带" in told) == (language != "en")


def test_the_line_of_a_trial_is_in_the_language_of_the_sheet(browser: Browser) -> None:
    with panel(browser, demo().file) as seen:
        place = lacking(seen.page)
        look(seen, *place)
        press(seen, "add", place)
        for language, has in (("zh", (1, 0)), ("en", (0, 1)), ("both", (1, 1))):
            lines = [text for text in seen.page.evaluate(WRITTEN, language) if "+" in text]
            assert len(lines) == 1
            assert tuple(int(words in lines[0]) for words in TRIAL) == has
        assert not seen.errors


def test_kinds_of_another_service_are_told_while_they_are_drawn(
    browser: Browser, tmp_path: Path
) -> None:
    with visit(browser, print_file(tmp_path, data=kinds_town("en"))) as seen:
        page = ready(seen)
        assert "care home 2" in page.evaluate(ROWS)
        assert not {"托育", "nursery", "kindergarten class"} & set(page.evaluate(ROWS))
        page.click("#qh-twig-service-1")
        assert page.locator("#qh-branch-service-1 .qh-parts").is_hidden()
        page.click("#qh-layer-other-1-used")
        assert {"托育", "nursery", "kindergarten class"} <= set(page.evaluate(ROWS))
        assert page.locator("#qh-branch-service-1 .qh-parts").is_visible()
        page.click("#qh-layer-other-1-used")
        assert not {"托育", "nursery", "kindergarten class"} & set(page.evaluate(ROWS))


def test_a_sheet_tells_the_sizes_of_its_own_scale(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        sizes = "document.querySelector('#qh-layers .qh-sizes').outerHTML"
        before = page.evaluate(sizes)
        told = {}
        for wide in (300, 2400):
            rows = [row for row in page.evaluate(ON_SHEET, [wide, wide]) if row[1]]
            assert len(rows) == 1
            ((text, radii),) = rows
            assert text.endswith("人 people")
            # largest first, by area
            assert len(radii) == text.count("·") + 1
            assert radii == sorted(radii, reverse=True)
            told[wide] = (text, radii)
        assert told[300] != told[2400]
        assert page.evaluate(sizes) == before
        page.evaluate(KEEP, ["A4", "zh"])
        opened(seen)
        row = page.locator("#qh-print .qh-p-row", has=page.locator("circle >> nth=1"))
        circle = row.locator("svg:not([viewBox]) circle >> nth=0")
        box = circle.bounding_box()
        assert box is not None
        # a circle of the legend is as large as one on the map, whatever the letters
        assert box["width"] == pytest.approx(2 * float(circle.get_attribute("r")), abs=0.1)
        only(seen, "facilities")
        assert not [row for row in page.evaluate(ON_SHEET, [800, 600]) if row[1]]


def test_the_surface_of_gains_is_in_the_legend(browser: Browser) -> None:
    star, head = "The position that adds most", "One more facility here would add · people"
    with panel(browser, demo().file) as seen:
        page = seen.page
        page.click('button[data-language="en"]')
        assert head not in page.evaluate(ROWS)
        page.evaluate("Quarterhour.app.whatIf.best.run()")
        settle(seen)
        told = page.evaluate(ROWS)
        levels = page.locator("#qh-wi-best-told .qh-wi-scale li").all_text_contents()
        assert len(levels) > 2
        at = told.index(head)
        assert told[at + 1 : at + 2 + len(levels)] == [*levels, star]
        # a row like the others: what is off is neither drawn nor told
        page.click("#qh-tab-legend")
        page.click("#qh-layer-gain")
        assert page.evaluate("Quarterhour.app.whatIf.best.surface()") is None
        assert star not in page.evaluate(ROWS)
        assert page.evaluate("document.activeElement.id") == "qh-layer-gain"
        page.click("#qh-layer-gain")
        assert page.evaluate("Boolean(Quarterhour.app.whatIf.best.surface())")
        # it comes and goes with what is tried
        page.click("#qh-tab-whatif")
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        page.click("#qh-tab-legend")
        assert star in page.evaluate(ROWS)
        page.click("#qh-layer-trial")
        assert star not in page.evaluate(ROWS)
        page.evaluate("Quarterhour.app.layers.show('trial')")
        assert star in page.evaluate(ROWS)
        # it belongs to today
        page.evaluate("Quarterhour.app.stages.choose('view-0')")
        assert star not in page.evaluate(ROWS)
        assert not seen.errors


def test_the_dialog_keeps_the_keyboard_wherever_it_is_clicked(browser: Browser, file: Path) -> None:
    inside = "document.getElementById('qh-print-dialog').contains(document.activeElement)"
    with visit(browser, file) as seen:
        page = ready(seen)
        opener = page.locator(".qh-outputs button >> nth=1")
        for what in ("h2", "p", "legend >> nth=0"):
            opener.click()
            page.click(f"#qh-print-dialog {what}")
            assert page.evaluate(inside)
            page.keyboard.press("Tab")
            assert page.evaluate(inside)
            page.click(f"#qh-print-dialog {what}")
            page.keyboard.press("Shift+Tab")
            assert page.evaluate("document.activeElement.className") == "qh-p-cancel"
            page.click(f"#qh-print-dialog {what}")
            page.keyboard.press("Escape")
            assert page.locator("#qh-print-dialog").is_hidden()
            assert opener.evaluate("(it) => it === document.activeElement")
        opener.click()
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Escape")
        assert page.locator("#qh-print-dialog").is_hidden()
        opener.click()
        page.evaluate("document.getElementById('qh-search-input').focus()")
        assert page.evaluate(inside)
        page.keyboard.press("Escape")
        assert seen.quiet()
