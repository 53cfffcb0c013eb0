"""The panel itself: by keyboard, in each language, on a phone, and when it must not be used."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, settle, visit
from quarterhour.render.map.html import map_html, write_map
from whatif_page import PANEL, covered, demo, folder, lacking, look, panel, pins, press, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from quarterhour.render.map.layers import MapData

OWN = "age_60_plus"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def written(data: MapData) -> Path:
    file = folder() / "map.html"
    write_map(file, data)
    return file


def focus(page: Page) -> str:
    found: str = page.evaluate(
        """() => {
          const it = document.activeElement;
          return it === document.body ? "" : it.id || it.dataset.tool || it.className;
        }"""
    )
    return found


def tab_to(page: Page, name: str, most: int = 60) -> None:
    for _ in range(most):
        if name in focus(page):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{name} cannot be reached with the Tab key")


def test_everything_can_be_done_with_the_keyboard(browser: Browser) -> None:
    town = demo()
    with visit(browser, town.file, (1366, 900), reduced_motion="reduce") as seen:
        page = ready(seen)
        page.wait_for_function(f"() => {PANEL}.ready")
        place = lacking(page)
        look(seen, *place, 15)
        tab_to(page, "qh-tab-legend")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert focus(page) == "qh-tab-whatif"
        assert page.locator("#qh-whatif").is_visible()
        page.keyboard.press("Tab")
        assert focus(page) == "add"
        page.keyboard.press("Enter")
        # the cross is in the middle of the map, which has the keyboard now
        assert page.locator(".qh-wi-cross").is_visible()
        assert "回车" in said(page)
        page.keyboard.press("ArrowUp")
        page.wait_for_timeout(100)
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(100)
        page.keyboard.press("Enter")
        settle(seen)
        assert page.locator(".qh-wi-cross").is_hidden()
        first = pins(page)
        assert covered(page) == town.covered(first)
        assert "qh-pin" in focus(page)
        # the pin has the keyboard: steps are one step of undo, Shift makes them small
        for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowUp"):
            page.keyboard.press(key)
        settle(seen)
        second = pins(page)
        assert second != first
        assert covered(page) == town.covered(second)
        page.keyboard.press("Control+z")
        assert pins(page) == first
        page.keyboard.press("Control+Shift+z")
        assert pins(page) == second
        # Escape puts a tool away, Delete takes the pin
        tab_to(page, "qh-tab-whatif", 200)
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert focus(page) == "move"
        page.keyboard.press("Enter")
        assert page.get_attribute("[data-tool=move]", "aria-pressed") == "true"
        page.keyboard.press("Escape")
        assert page.get_attribute("[data-tool=move]", "aria-pressed") == "false"
        page.focus(".qh-pin")
        page.keyboard.press("Delete")
        assert pins(page) == []
        assert covered(page) == town.covered()
        # a facility is closed from its card
        page.focus(".qh-facility")
        page.keyboard.press("Enter")
        page.locator(".qh-wi-card button").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("#qh-wi-list li").count() == 1
        page.locator("#qh-wi-list .qh-wi-remove").focus()
        page.keyboard.press("Enter")
        assert page.locator("#qh-wi-list li").count() == 0
        assert focus(page) == "add", "the keyboard is not lost with the line"
        assert seen.quiet(), (seen.console, seen.errors)


def test_controls_have_names_and_a_ring(browser: Browser) -> None:
    with panel(browser, demo().file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        page.eval_on_selector_all(
            "#qh-whatif details", "all => all.forEach((d) => { d.open = true })"
        )
        nameless = page.eval_on_selector_all(
            "#qh-whatif button, #qh-whatif input:not([type=file]), #qh-whatif select, .qh-pin",
            """all => all.filter((it) => !(it.getAttribute("aria-label") || it.innerText.trim() ||
              (it.labels && it.labels.length))).map((it) => it.outerHTML)""",
        )
        assert nameless == []
        assert "试算点 1" in (page.get_attribute(".qh-pin", "aria-label") or "")
        assert page.get_attribute("#qh-wi-live", "aria-live") == "polite"
        page.keyboard.press("Tab")
        page.focus("[data-tool=cut]")
        ring = page.eval_on_selector("[data-tool=cut]", "it => getComputedStyle(it).outlineStyle")
        assert ring == "solid"
        texts = page.evaluate(
            "[document.getElementById('qh-wi-minutes'), document.getElementById('qh-wi-speed')]"
            ".map((it) => it.getAttribute('aria-valuetext'))"
        )
        assert texts == ["15 分钟 min", "1 米/秒 m/s"]
        assert seen.quiet(), (seen.console, seen.errors)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_language_has_no_word_of_the_other(browser: Browser, language: str) -> None:
    file = written(replace(demo().data, language=language))
    with panel(browser, file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        page.eval_on_selector_all(
            "#qh-whatif details", "all => all.forEach((d) => { d.open = true })"
        )
        settle(seen)
        names = "#qh-wi-left-body button"
        page.eval_on_selector_all(names, "all => all.forEach((it) => it.remove())")
        text = page.inner_text("#qh-whatif") + page.inner_text("#qh-trial")
        if language == "en":
            assert not any("\u4e00" <= sign <= "\u9fff" for sign in text.replace("养老", "")), text
            assert "Trial, not the present state" in text
        else:
            assert "试算方案，非现状" in text
            for word in ("Trial", "facility", "people", "Minutes"):
                assert word not in text
        assert seen.quiet(), (seen.console, seen.errors)


def test_the_switch_of_language_reaches_the_panel(browser: Browser) -> None:
    with panel(browser, demo().file) as seen:
        page = seen.page
        page.click("button[data-language=en]")
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        assert page.locator(".qh-wi-name").input_value() == "Trial site 1"
        assert "试" not in page.inner_text("#qh-wi-body")
        page.click("button[data-language=zh]")
        assert "Trial" not in page.inner_text("#qh-wi-result")
        assert seen.quiet(), (seen.console, seen.errors)


def test_on_a_phone_the_map_makes_room_and_the_line_tells(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file, (390, 844), has_touch=True) as seen:
        page = seen.page
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.tap("[data-tool=add]")
        settle(seen)
        assert page.locator("#qh-panel-body").is_hidden()
        look(seen, *lacking(page))
        box = page.locator(".folium-map").bounding_box()
        assert box
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        settle(seen)
        assert covered(page) == town.covered(pins(page))
        line = page.locator("#qh-trial-line").bounding_box()
        assert line
        assert line["x"] >= 0
        assert line["x"] + line["width"] <= 390
        assert "+" in page.inner_text("#qh-trial-figure")
        assert seen.quiet(), (seen.console, seen.errors)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844), (844, 390)])
def test_the_strip_of_a_trial_covers_nothing(browser: Browser, size: tuple[int, int]) -> None:
    """The map keeps its own room, shows the whole area as before, and gets the room back."""
    apart = """() => {
      const box = (name) => document.querySelector(name).getBoundingClientRect();
      const strip = box("#qh-trial"), map = box(".folium-map");
      const { app } = Quarterhour;
      return [map.top - strip.bottom, strip.right - innerWidth, map.height,
        app.map.getBounds().contains(app.data.bounds)];
    }"""
    with visit(browser, demo().file, size) as seen:
        page = ready(seen)
        page.wait_for_function(f"() => {PANEL}.ready")
        high = page.locator(".folium-map").bounding_box()
        page.evaluate("document.getElementById('qh-tab-whatif').click()")
        settle(seen)
        idle = page.evaluate(apart)
        assert "图上为现状" in page.inner_text("#qh-trial")
        page.evaluate(f"{PANEL}.plan.add([{{ what: 'close', service: 0, row: 0 }}])")
        page.evaluate(f"{PANEL}.say('hint_drag')")
        settle(seen)
        for gap, beyond, tall, whole in (idle, page.evaluate(apart)):
            assert gap >= -0.5
            assert beyond <= 0.5
            assert tall > 140
            assert whole
        assert "非现状" in page.locator("#qh-trial").text_content()
        page.evaluate(f"{PANEL}.plan.reset()")
        page.evaluate(f"{PANEL}.hush()")
        page.evaluate("document.getElementById('qh-tab-legend').click()")
        settle(seen)
        assert page.locator("#qh-trial").is_hidden()
        assert page.locator(".folium-map").bounding_box() == high
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_failed_self_test_switches_it_off(browser: Browser) -> None:
    data = demo().data
    model = data.what_if
    assert model is not None
    wrong = {**model.answers[3], "sum": model.answers[3]["sum"] + 1}
    answers = (*model.answers[:3], wrong, *model.answers[4:])
    file = written(replace(data, what_if=replace(model, answers=answers)))
    with panel(browser, file) as seen:
        page = seen.page
        alarm = page.locator("#qh-selftest")
        assert alarm.is_visible()
        assert f"1 / {len(answers)}" in alarm.inner_text()
        assert "switched off" in alarm.inner_text()
        assert page.eval_on_selector(
            "#qh-selftest", "it => getComputedStyle(it).backgroundColor"
        ) == ("rgb(155, 28, 28)")
        # above the map, over no control; on paper and in the picture too
        box, under = alarm.bounding_box(), page.locator(".folium-map").bounding_box()
        assert box
        assert under
        assert box["y"] + box["height"] <= under["y"] + 0.5
        assert page.locator("#qh-trial").is_hidden()
        assert "自检未通过" in page.locator("#qh-print .qh-p-foot b").first.text_content()
        assert page.locator("#qh-wi-body").is_hidden()
        assert page.locator("[data-tool=add]").is_hidden()
        # the map itself goes on
        page.click(".qh-facility >> nth=0")
        assert page.locator(".qh-popup").is_visible()
        assert page.locator(".qh-wi-card").count() == 0
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_model_of_another_study_switches_it_off(browser: Browser) -> None:
    """Its answers agree with itself; what is shown beside it is not of it."""
    model = re.compile(r'"what_if":\{[^}]*\}')
    text = demo().file.read_text("utf-8")
    other = written(replace(demo().data, title="别处")).read_text("utf-8")
    (own,), (foreign,) = model.findall(text), model.findall(other)
    assert own != foreign
    file = folder() / "map.html"
    file.write_text(text.replace(own, foreign), encoding="utf-8")
    with panel(browser, file) as seen:
        page = seen.page
        assert "另一项研究" in page.inner_text("#qh-selftest")
        assert page.locator("#qh-selftest").is_visible()
        assert page.locator("#qh-wi-body").is_hidden()
        assert seen.quiet(), (seen.console, seen.errors)


def test_without_unpacking_the_tab_says_so_and_the_map_works(browser: Browser) -> None:
    with visit(browser, demo().file, (1366, 900)) as seen:
        seen.page.add_init_script("delete window.DecompressionStream;")
        seen.page.reload()
        page = ready(seen)
        page.wait_for_function(f"() => {PANEL}.failed")
        page.click("#qh-tab-whatif")
        assert "DecompressionStream" in page.inner_text("#qh-wi-state")
        assert page.locator("#qh-wi-body").is_hidden()
        assert page.locator("#qh-selftest").is_hidden()
        page.click("#qh-tab-gaps")
        page.click("#qh-gaps .qh-service:not([hidden]) tr[data-gap='0'] button")
        assert page.locator(".qh-gap").is_visible()
        assert seen.errors == []


def test_a_damaged_network_is_told(browser: Browser) -> None:
    text = demo().file.read_text("utf-8")
    at = text.index('"what_if":{')
    at = text.index("H4sI", at) + 4000 if "H4sI" in text[at:] else at + 40_000
    assert text[at : at + 8].isprintable()
    file = folder() / "map.html"
    file.write_text(text[:at] + "AAAAAAAA" + text[at + 8 :], encoding="utf-8")
    with panel(browser, file) as seen:
        page = seen.page
        assert "损坏" in page.inner_text("#qh-wi-state")
        assert page.locator("#qh-wi-body").is_hidden()
        assert seen.errors == []


def test_without_a_model_there_is_no_panel() -> None:
    page = map_html(replace(demo().data, what_if=None))
    assert 'id="qh-whatif"' not in page
    assert 'id="qh-tab-whatif"' not in page
    assert 'id="qh-trial"' not in page
    assert 'id="qh-tab-gaps"' in page


def test_paper_and_pictures_say_that_it_is_a_trial(browser: Browser) -> None:
    plate = """() => {
      const canvas = Quarterhour.poster.paint(Quarterhour.app, 900, 600, 1, true);
      return Array.from(canvas.getContext("2d").getImageData(16, 16, 1, 1).data);
    }"""
    with panel(browser, demo().file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place)
        assert page.evaluate(plate) != [32, 38, 43, 255]
        press(seen, "add", place)
        assert page.evaluate(plate) == [32, 38, 43, 255]
        # the trial is a layer too: without it the map is today's, and says nothing else
        page.click("#qh-tab-legend")
        page.click("#qh-layer-trial")
        settle(seen)
        assert page.locator("#qh-trial-line").is_hidden()
        assert page.locator(".qh-pin").count() == 0
        assert page.evaluate(plate) != [32, 38, 43, 255]
        page.click("#qh-tab-whatif")
        page.locator("#qh-wi-list .qh-wi-remove").click()
        press(seen, "add", place)
        assert page.locator("#qh-trial-line").is_visible()
        assert seen.errors == []


def test_the_trial_belongs_to_today(browser: Browser) -> None:
    with panel(browser, demo().file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        year = page.evaluate("Quarterhour.app.stages.states().find((it) => it.kind === 'year').key")
        page.evaluate("(key) => Quarterhour.app.stages.choose(key)", year)
        settle(seen)
        assert page.locator("#qh-trial-line").is_hidden()
        assert page.locator(".qh-pin").count() == 0
        page.evaluate("Quarterhour.app.stages.choose('today')")
        settle(seen)
        assert page.locator("#qh-trial-line").is_visible()
        assert page.locator(".qh-pin").count() == 1
        # each service has its own pins
        page.click("[data-choose='1']")
        settle(seen)
        assert pins(page) == []
        assert page.locator(".qh-pin").count() == 0
        assert covered(page) == demo().covered(k=1)
        assert page.locator("#qh-wi-list li").count() == 1
        assert seen.quiet(), (seen.console, seen.errors)
