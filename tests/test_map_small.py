"""Small and magnified pages: figures, tabs, tools and sources are seen whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, settle, visit
from map_views import views_town
from print_town import opened, print_file
from whatif_page import demo, lacking, look, panel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

PHONE, ASIDE, MAGNIFIED, DESK = (390, 844), (844, 390), (683, 384), (1366, 768)
SIZES = (PHONE, ASIDE, MAGNIFIED, DESK)
LONG = "某市某区养老托育十五分钟服务圈现状评估与近期建设方案比选" * 6
CUT = """(selector) => Array.from(document.querySelectorAll(selector))
  .filter((it) => it.offsetParent)
  .filter((it) => {
    const box = it.getBoundingClientRect();
    for (let at = it.parentElement; at && at !== document.body; at = at.parentElement) {
      if (getComputedStyle(at).overflow === "visible") continue;
      const outer = at.getBoundingClientRect();
      if (box.right > outer.right + 1 || box.bottom > outer.bottom + 1) return true;
    }
    return it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).display !== "inline";
  }).map((it) => it.textContent)"""
FIGURES = "#qh-head .qh-share, #qh-head .qh-left, #qh-head .qh-share small, #qh-head .qh-left small"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = replace(views_town("both"), title=LONG)
    return print_file(tmp_path_factory.mktemp("long"), data=data)


def speak(page: Page, language: str) -> None:
    page.evaluate("(it) => document.querySelector(`button[data-language=${it}]`).click()", language)


@pytest.mark.parametrize("language", ["zh", "en", "both"])
@pytest.mark.parametrize("size", SIZES)
def test_figures_tabs_buttons_and_sources_are_seen_whole(
    browser: Browser, size: tuple[int, int], language: str
) -> None:
    with visit(browser, demo().file, size, reduced_motion="reduce") as seen:
        page = ready(seen)
        speak(page, language)
        settle(seen)
        for part in (FIGURES, ".qh-outputs button", "#qh-foot > *", "#qh-panel [role=tab]"):
            assert page.evaluate(CUT, part) == [], part
        assert page.locator("#qh-head .qh-share small").first.is_visible()
        assert "Roads: synthetic" in page.inner_text("#qh-foot")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("tab", ["legend", "gaps", "whatif"])
def test_a_telephone_tells_the_figures_while_a_list_is_read(browser: Browser, tab: str) -> None:
    with visit(browser, demo().file, PHONE, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.click("#qh-panel-button")
        page.click(f"#qh-tab-{tab}")
        for language in ("zh", "en", "both"):
            speak(page, language)
            settle(seen)
            share = page.locator("#qh-head .qh-share").first
            assert share.is_visible()
            assert "12,296 / 22,070" in share.inner_text()
            assert "22,070" in page.locator("#qh-head .qh-left").first.inner_text()
            assert page.evaluate(CUT, FIGURES) == []
            # the map is still there, and the foot of the page
            assert page.locator(".folium-map").bounding_box()["height"] > 180
            foot = page.locator("#qh-foot").bounding_box()
            assert foot["y"] + foot["height"] <= PHONE[1]


def test_a_tool_takes_the_place_of_the_card_of_a_gap(browser: Browser) -> None:
    with panel(browser, demo().file, PHONE) as seen:
        page = seen.page
        page.click("#qh-tab-gaps")
        page.click("#qh-gaps tr[data-gap='0'] button")
        settle(seen)
        card = page.locator(".qh-gap")
        assert card.is_visible()
        high = page.locator(".folium-map").bounding_box()["height"]
        assert card.bounding_box()["height"] < 0.5 * high
        assert page.locator("#qh-head .qh-share").first.is_visible()
        page.click("#qh-panel-button")
        page.click("#qh-tab-whatif")
        page.click("[data-tool=add]")
        settle(seen)
        assert card.is_hidden()
        assert page.evaluate("Quarterhour.app.gapList.row") == -1
        assert page.evaluate("document.body.classList.contains('qh-walking')") is False
        assert page.locator("#qh-trial-said").is_visible()
        assert page.locator("#qh-head .qh-share").first.is_visible()
        assert not seen.errors


@pytest.mark.parametrize("size", SIZES)
def test_a_long_title_leaves_the_figures_their_room(
    browser: Browser, long: Path, size: tuple[int, int]
) -> None:
    with visit(browser, long, size) as seen:
        page = ready(seen)
        title = page.locator("#qh-head h1")
        line = title.evaluate("(it) => parseFloat(getComputedStyle(it).lineHeight)")
        lines = title.bounding_box()["height"] / line
        assert round(lines) == (3 if size == DESK else 2)
        assert title.get_attribute("title") == LONG
        assert page.evaluate(CUT, FIGURES) == []
        page.evaluate("Quarterhour.app.print.keep({ paper: 'A4' })")
        opened(seen)
        assert page.inner_text("#qh-print h2") == LONG
        assert page.evaluate(CUT, "#qh-print h2") == []


def test_a_short_title_is_as_it_was(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, print_file(tmp_path, data=views_town("zh")), DESK) as seen:
        page = ready(seen)
        assert not page.get_attribute("#qh-head h1", "title")
        assert "qh-long" not in (page.get_attribute("#qh-head h1", "class") or "")
        # and becomes long where there is less room
        page.evaluate("(it) => { document.querySelector('#qh-head h1').textContent = it; }", LONG)
        page.set_viewport_size({"width": 900, "height": 700})
        settle(seen)
        assert page.get_attribute("#qh-head h1", "title") == LONG


def test_no_tool_lies_under_the_tabs(browser: Browser) -> None:
    under = """(tool) => {
      const it = document.querySelector(`[data-tool=${tool}]`), box = it.getBoundingClientRect();
      const top = document.elementFromPoint(box.left + 20, box.top + 3);
      return !it.contains(top);
    }"""
    with panel(browser, demo().file, DESK) as seen:
        page = seen.page
        page.evaluate("document.getElementById('qh-panel').scrollTop = 400")
        assert page.evaluate(under, "add")
        # what the keyboard comes to, and what is brought into view, stands below the tabs
        page.evaluate("document.querySelector('[data-tool=add]').focus()")
        settle(seen)
        assert not page.evaluate(under, "add")
        page.evaluate("document.getElementById('qh-panel').scrollTop = 400")
        page.evaluate(
            "document.querySelector('[data-tool=cut]').scrollIntoView({block: 'nearest'})"
        )
        assert not page.evaluate(under, "cut")
        # another tab begins at its top, wherever the one before was left
        page.click("#qh-tab-legend")
        page.evaluate("document.getElementById('qh-panel').scrollTop = 300")
        page.click("#qh-tab-whatif")
        assert page.evaluate("document.getElementById('qh-panel').scrollTop") == 0
        for tool in ("add", "move", "close"):
            assert not page.evaluate(under, tool)
        # but the row of the gap that is chosen is brought into view
        page.evaluate("Quarterhour.app.gapList.choose(9)")
        page.click("#qh-tab-gaps")
        settle(seen)
        row = page.locator("#qh-gaps tr.qh-chosen").bounding_box()
        assert row["y"] + row["height"] <= DESK[1]
        assert row["y"] >= page.locator(".qh-tabs").bounding_box()["y"]


@pytest.mark.parametrize("size", [DESK, PHONE, MAGNIFIED])
def test_the_list_of_gaps_says_that_it_is_without_the_trial(
    browser: Browser, size: tuple[int, int]
) -> None:
    with visit(browser, demo().file, size, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.wait_for_function("() => Quarterhour.app.whatIf.ready")
        place = lacking(page)
        look(seen, *place)
        page.evaluate(
            "([lon, lat]) => Quarterhour.app.whatIf.tools.add(L.latLng(lat, lon))", list(place)
        )
        settle(seen)
        if size == PHONE:
            page.click("#qh-panel-button")
        page.click("#qh-tab-gaps")
        mark = page.locator("#qh-gaps > .qh-today-mark")
        for language, words in (
            ("zh", "现状数字，不含试算"),
            ("en", "Today's figures, without the trial"),
        ):
            speak(page, language)
            assert mark.inner_text() == words
        speak(page, "both")
        settle(seen)
        mark.scroll_into_view_if_needed()
        box, tabs = mark.bounding_box(), page.locator(".qh-tabs").bounding_box()
        assert box["y"] >= tabs["y"] + tabs["height"] - 1
        told = page.locator("#qh-gaps .qh-two:visible").first.bounding_box()
        assert told["y"] >= box["y"] + box["height"] - 6
        assert page.evaluate(CUT, "#qh-gaps > .qh-today-mark") == []


def test_the_sign_of_playing_keeps_its_size(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, print_file(tmp_path, data=views_town("zh"))) as seen:
        page = ready(seen)
        page.evaluate("() => { window.setInterval = () => 1; }")
        button, sign = page.locator(".qh-play"), page.locator(".qh-play svg")
        whole, shape = button.bounding_box(), sign.bounding_box()
        drawn = sign.inner_html()
        for _ in range(2):
            button.click()
            assert sign.inner_html() != drawn
            assert (button.bounding_box(), sign.bounding_box()) == (whole, shape)
            button.click()
            assert sign.inner_html() == drawn
            assert (button.bounding_box(), sign.bounding_box()) == (whole, shape)
        assert seen.quiet()
