"""Symbols that stand for several: a list of what they are; a place in a gap shows its own walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser import chromium, on_screen, ready, ready_to_try, settle, visit
from map_gaps import gap_town
from map_kinds import CROWD, crowded_town
from map_town import at
from quarterhour.render.map.html import write_map
from quarterhour.study import run_study
from small_study import lonlat, small_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

SEVERAL = ".qh-several"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("crowd") / "map.html"
    write_map(file, crowded_town())
    return file


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walk")
    run_study(small_study(folder, {"study.language": "both"}), folder / "out")
    return folder / "out" / "map.html"


def zoom(page: Page, zoom: float) -> None:
    page.evaluate("z => { Quarterhour.app.map.setZoom(z, { animate: false }); }", zoom)


def members(page: Page) -> int:
    """Facilities that are drawn, by themselves or in a symbol of several."""
    return page.evaluate(
        """() => Quarterhour.app.marks.spots(Quarterhour.app.scale())
          .reduce((sum, one) => sum + one.rows.length, 0)"""
    )


def test_facilities_that_touch_are_one_symbol_until_they_have_room(
    browser: Browser, crowd: Path
) -> None:
    with visit(browser, crowd, reduced_motion="reduce") as seen:
        page = ready(seen)
        zoom(page, 13)
        settle(seen)
        # 40 m are less than two pixels at zoom 12
        shown = page.locator(".qh-facility").count()
        assert page.locator(SEVERAL).count() > 0
        assert shown < CROWD / 2
        assert members(page) == CROWD
        numbers = page.locator(SEVERAL + " text").all_text_contents()
        alone = shown - len(numbers)
        assert sum(int(n) for n in numbers) + alone == CROWD
        assert "数字为处数" in page.inner_text("#qh-layers")
        zoom(page, 18)
        settle(seen)
        assert page.locator(SEVERAL).count() == 0
        assert "数字为处数" not in page.inner_text("#qh-layers")
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_symbol_of_several_lists_them_by_kind_and_keyboard(browser: Browser, crowd: Path) -> None:
    with visit(browser, crowd, reduced_motion="reduce") as seen:
        page = ready(seen)
        zoom(page, 13)
        settle(seen)
        one = page.locator(SEVERAL).first
        n = int(one.locator("text").text_content())
        one.focus()
        assert page.locator(".qh-tip .qh-sorts li").count() >= 2
        page.keyboard.press("Enter")
        counts = page.locator(".qh-popup .qh-sorts li .qh-count").all_inner_texts()
        # by kind and by status, each of which makes the whole
        assert sum(int(c) for c in counts) == 2 * n
        buttons = page.locator(".qh-popup .qh-members button")
        assert buttons.count() == n
        # the keyboard is in the list, where the arrow keys go from one to the next
        page.keyboard.press("ArrowDown")
        chosen = buttons.nth(1).locator("b").inner_text()
        page.keyboard.press("Enter")
        settle(seen)
        assert page.inner_text(".qh-popup h3") == chosen
        page.click(".qh-popup .qh-link")
        assert page.locator(".qh-popup .qh-members button").count() == n
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_trial_and_paper_count_the_same_facilities(browser: Browser, crowd: Path) -> None:
    with visit(browser, crowd, reduced_motion="reduce") as seen:
        page = ready(seen)
        zoom(page, 13)
        settle(seen)
        before = page.locator(".qh-facility").count()
        page.evaluate("Quarterhour.picture.picture(Quarterhour.app).toDataURL()")
        assert page.locator(".qh-facility").count() == before, "the screen is as it was"


def test_paper_tells_of_symbols_that_stand_for_several_only_there(
    browser: Browser, crowd: Path
) -> None:
    """Symbols that have room on a wide screen touch on a sheet that shows the same, smaller."""
    told = "数字为处数"
    with visit(browser, crowd, (1920, 1080), reduced_motion="reduce") as seen:
        page = ready(seen)
        page.evaluate("Quarterhour.app.map.options.zoomSnap = 0")
        gathers = (
            """(scale) => Quarterhour.app.marks.spots(scale).some((one) => one.rows.length > 1)"""
        )
        paper = """(level) => {
          const { app } = Quarterhour, { print } = app, sheet = document.querySelector(".qh-p-map");
          app.map.setZoom(level, { animate: false });
          print.open();
          const wide = app.map.getSize().x, of = sheet.clientWidth / wide;
          const list = document.querySelector(".qh-p-list").textContent;
          print.close();
          return [app.scale(), app.scale() * of, list];
        }"""
        found = []
        for level in (13, 15, 15.25, 15.5, 15.75, 16, 16.25, 16.5, 18):
            screen, sheet, words = page.evaluate(paper, level)
            found.append((page.evaluate(gathers, screen), page.evaluate(gathers, sheet)))
            assert (told in words) == found[-1][1], level
            assert (told in page.inner_text("#qh-layers")) == found[-1][0], level
        assert {(True, True), (False, True), (False, False)} <= set(found), found
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_symbol_of_several_places_lists_them(browser: Browser, crowd: Path) -> None:
    with visit(browser, crowd, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.evaluate(
            "([lon, lat]) => Quarterhour.app.map.setView([lat, lon], 12, { animate: false })",
            at(30, -1500),
        )
        settle(seen)
        page.mouse.click(*on_screen(page, *at(30, -1500)))
        buttons = page.locator(".qh-popup .qh-members button")
        # most people first
        assert [text.split()[0] for text in buttons.all_inner_texts()] == ["9", "7", "5"]
        buttons.nth(2).click()
        assert page.inner_text(".qh-popup h3").split()[0] == "5"
        assert "20.0" in page.inner_text(".qh-popup")
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_place_in_a_gap_is_told_by_itself_and_leads_to_its_gap(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "map.html"
    write_map(file, gap_town())
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.evaluate(
            "([lon, lat]) => Quarterhour.app.map.setView([lat, lon], 17, { animate: false })",
            at(0, 0),
        )
        settle(seen)
        told = page.evaluate(
            """() => {
              const app = Quarterhour.app, dots = app.service().uncovered;
              const latlng = L.latLng(dots.lat[0], dots.lon[0]);
              app.select(Object.assign({ gap: 0 }, { what: "uncovered", service: 0, row: 0,
                times: dots.levels.times(app.scale()), state: "today" }), latlng);
              return document.querySelector(".qh-popup").innerText;
            }"""
        )
        assert "位于空白区" in told
        assert page.locator(".qh-gap").is_hidden()
        # this map has no network to trace a walk in, and says so
        assert "不能画出" in told
        page.click(".qh-popup .qh-link")
        assert page.locator(".qh-gap").is_visible()
        assert page.locator(".qh-popup").count() == 0
        assert seen.quiet(), (seen.console, seen.errors)


def test_places_that_are_not_listed_are_asked_of_the_network(browser: Browser, study: Path) -> None:
    ask = """() => {
      const app = Quarterhour.app, service = app.service(), listed = service.covered, out = [];
      service.covered = null;
      const { covered } = Quarterhour.reach.of(app, 0);
      for (let i = 0; i < covered.n; i++) {
        out.push([covered.amount[i], covered.minutes[i], covered.nearest[i]]);
      }
      const was = [];
      for (let i = 0; i < listed.n; i++) {
        was.push([listed.amount[i], listed.minutes[i], listed.nearest[i]]);
      }
      const found = app.findAt(L.latLng(covered.lat[0], covered.lon[0]));
      app.select(found, L.latLng(covered.lat[0], covered.lon[0]));
      return { out, was, what: found.what, drawn: Boolean(app.walk) };
    }"""
    with visit(browser, study, reduced_motion="reduce") as seen:
        page = ready_to_try(seen)
        page.evaluate(
            "([lon, lat]) => Quarterhour.app.map.setView([lat, lon], 17, { animate: false })",
            lonlat(100, 0),
        )
        settle(seen)
        told = page.evaluate(ask)
        # amounts as they are listed: in tenths of a person
        rounded = sorted([round(a, 1), m, n] for a, m, n in told["out"])
        assert rounded == sorted([round(a, 1), m, n] for a, m, n in told["was"])
        assert told["what"] == "covered"
        assert told["drawn"]
        assert "The black line" in page.inner_text(".qh-popup")
        assert seen.quiet(), (seen.console, seen.errors)
