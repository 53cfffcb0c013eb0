"""The gain of every position against Python, and what the reader's pins are compared with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ink, settle
from quarterhour.render.map.html import write_map
from quarterhour.render.map.site_layers import Optimum
from whatif_page import PANEL, covered, demo, folder, lacking, look, panel, pins, press, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

OWN = "age_60_plus"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def compute(page: Page) -> None:
    page.click("#qh-wi-best-start")
    page.wait_for_function(f"() => {PANEL}.best.found && !{PANEL}.best.work")


def compare(page: Page) -> list[list[str]]:
    page.click("#qh-wi-compare-start")
    page.wait_for_function(f"() => {PANEL}.best.reference && !{PANEL}.best.work")
    return [
        row.locator("th, td").all_inner_texts()
        for row in page.locator(".qh-wi-compare-table tr").all()
    ]


def test_the_gain_of_a_position_is_what_python_finds_there(browser: Browser) -> None:
    town = demo()
    today = town.covered()[OWN]
    with panel(browser, town.file) as seen:
        page = seen.page
        page.click("#qh-wi-best summary")
        compute(page)
        n, best = page.evaluate(f"[{PANEL}.best.found.gains.length, {PANEL}.best.found.node]")
        every = sorted({best, *range(5, n, n // 12)})
        asked = page.evaluate(
            f"""(nodes) => nodes.map((node) => {{
              const at = {PANEL}.model.at(node);
              return [at.edge, at.offset_mm, at.access_mm, {PANEL}.best.found.gains[node]];
            }})""",
            every,
        )
        for edge, offset, access, gain in asked:
            assert town.covered([(edge, offset, access)])[OWN] - today == gain
        assert max(gain for *_, gain in asked) == asked[every.index(best)][3] > 0
        assert page.evaluate(f"Math.max(...{PANEL}.best.found.gains)") == max(g for *_, g in asked)
        # the best one is told, and added
        shown = page.inner_text("#qh-wi-best-told")
        assert f"可新增 {max(g for *_, g in asked) / 1e6:,.0f} 人" in shown
        classes = page.locator(".qh-wi-scale li").all_inner_texts()
        assert 4 <= len(classes) <= 6
        assert classes[-1].startswith("≥")
        page.click("#qh-wi-best-add")
        settle(seen)
        assert pins(page) == [tuple(asked[every.index(best)][:3])]
        assert covered(page)[OWN] - today == max(g for *_, g in asked)
        # it was computed before this pin
        assert "过时" in page.inner_text("#qh-wi-best-told")
        assert page.locator("#qh-wi-best-add").is_hidden()
        compute(page)
        second = page.evaluate(f"{PANEL}.best.found.gains[{PANEL}.best.found.node]")
        assert 0 < second < max(g for *_, g in asked)
        assert seen.quiet(), (seen.console, seen.errors)


def test_the_surface_is_drawn_and_hidden_again(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        page.click("#qh-wi-best summary")
        compute(page)
        at = page.evaluate(f"{PANEL}.best.found.at")
        look(seen, at["lon"], at["lat"], 15)
        lon, lat, gain, row = page.evaluate(
            f"""() => {{
              const app = Quarterhour.app, found = {PANEL}.best.found, net = {PANEL}.model.network;
              const b = app.map.getBounds().pad(-0.2), levels = found.levels;
              let best = -1;
              for (let i = 0; i < found.gains.length; i++) {{
                if (!b.contains([net.node_lat[i], net.node_lon[i]])) continue;
                if (best < 0 || found.gains[i] > found.gains[best]) best = i;
              }}
              let k = 0;
              while (k + 1 < levels.length && found.gains[best] >= levels[k + 1] * 1e6) k++;
              return [net.node_lon[best], net.node_lat[best], found.gains[best], k];
            }}"""
        )
        assert gain > 0
        assert row >= 3
        assert page.locator("#qh-layer-areas").count() == 0, "the legend says what is on the map"
        dark = ink(page, lon, lat)
        assert dark[3] > 120
        assert max(dark[:3]) < 150
        page.click("#qh-wi-best-off")
        settle(seen)
        assert ink(page, lon, lat) != dark
        assert page.locator("#qh-layer-areas").count() == 1
        assert page.locator(".qh-wi-scale").count() == 0
        assert seen.errors == []


def test_a_computation_can_be_stopped(browser: Browser) -> None:
    with panel(browser, demo().file) as seen:
        page = seen.page
        page.click("#qh-wi-best summary")
        # stopped in the same turn in which it began
        page.evaluate(
            """() => {
              document.getElementById("qh-wi-best-start").click();
              document.getElementById("qh-wi-best-cancel").click();
            }"""
        )
        page.wait_for_function(f"() => !{PANEL}.best.work")
        assert "已停止" in said(page)
        assert page.evaluate(f"{PANEL}.best.found") is None
        assert page.locator("#qh-wi-best-work").is_hidden()
        compute(page)
        assert seen.quiet(), (seen.console, seen.errors)


def test_pins_are_compared_with_the_greedy_choice_of_as_many(browser: Browser) -> None:
    town = demo()
    today = town.covered()[OWN]
    with panel(browser, town.file) as seen:
        page = seen.page
        page.click("#qh-wi-compare summary")
        assert page.locator("#qh-wi-compare-start").is_disabled()
        assert "先放置" in page.inner_text("#qh-wi-compare")
        for row in (2, 6):
            place = lacking(page, row)
            look(seen, *place)
            press(seen, "add", place)
        mine, theirs = compare(page)
        assert "您的 2 处" in mine[0]
        assert "逐个取优的 2 处" in theirs[0]
        assert "不保证整体最优" in page.inner_text("#qh-wi-compare")
        yours = town.covered(pins(page))[OWN] - today
        sites = page.evaluate(
            f"{PANEL}.best.reference.sites.map((it) => [it.edge, it.offset_mm, it.access_mm])"
        )
        greedy = town.covered([tuple(s) for s in sites])[OWN] - today
        assert mine[1] == f"+{yours / 1e6:,.0f}"
        assert theirs[1] == f"+{greedy / 1e6:,.0f}"
        assert greedy > yours
        text = page.inner_text("#qh-wi-compare-told")
        assert (
            f"比参照少 {(greedy - yours) / 1e6:,.0f} 人（达到 {100 * yours / greedy:.1f}%）" in text
        )
        # drawn, until the reader does not want them
        top = """() => document.querySelector(".leaflet-qh-made-pane canvas").toDataURL()"""
        with_stars = page.evaluate(top)
        page.click("#qh-wi-compare-show")
        settle(seen)
        assert page.evaluate(top) != with_stars
        page.click("#qh-wi-undo")
        assert "过时" in page.inner_text("#qh-wi-compare-told")
        assert seen.quiet(), (seen.console, seen.errors)


def test_on_a_map_of_proposed_sites_the_proposal_is_the_reference(browser: Browser) -> None:
    data = demo().data
    mark = data.services[0].facilities[0]
    optimum = Optimum(
        service=0, sites=(("甲", mark.lon, mark.lat), ("乙<b>", mark.lon + 0.01, mark.lat)),
        added={OWN: 100.25, "all": 400.0}, status="optimal", bound=100.25,
    )  # fmt: skip
    file = folder() / "map.html"
    write_map(file, replace(data, optimum=(optimum,)))
    with panel(browser, file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        page.click("#qh-wi-compare summary")
        assert "优化方案" in page.inner_text("#qh-wi-compare-start")
        assert page.locator("#qh-wi-compare-what").is_hidden()
        mine, theirs = compare(page)
        yours = demo().covered(pins(page))[OWN] - demo().covered()[OWN]
        assert mine[1] == f"+{yours / 1e6:,.0f}"
        assert "优化方案的 2 处" in theirs[0]
        assert theirs[1] == "+100"
        assert "比参照多" in page.inner_text("#qh-wi-compare-told")
        assert seen.quiet(), (seen.console, seen.errors)
