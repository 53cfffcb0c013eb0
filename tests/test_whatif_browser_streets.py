"""Streets closed and added in the page, on a town whose figures can be counted by hand.

Elderly people walk 1 m/s, so 15 minutes are 900 m. 西院 stands at 0 m of the main street and 北站
at 500 m of the side street that leaves it at 600 m (see small_study).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pyproj import Geod

from browser import chromium, on_screen, settle
from small_study import lonlat, small_study
from whatif_page import PANEL, Tried, covered, folder, look, panel, press, said, tried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from browser import Visit


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def study(**changes: Any) -> Tried:
    where = folder()
    base = {"study.language": "both", "service.0.walker": "elderly"}
    return tried(
        small_study(where, {**base, **{k.replace("__", "."): v for k, v in changes.items()}})
    )


@pytest.fixture(scope="module")
def town() -> Tried:
    return study()


def at(x: float, y: float) -> tuple[float, float]:
    return lonlat(x, y)


def people(seen: Visit) -> float:
    return covered(seen.page)["all"] / 1e6


def test_a_closed_street_takes_the_ways_through_it(browser: Browser, town: Tried) -> None:
    with panel(browser, town.file) as seen:
        page = seen.page
        look(seen, *at(600, 0), 15)
        # 甲 from 西院; 乙 and 丙 from 北站, 620 m and 100 m; 丁 at 1100 m is too far
        assert people(seen) == 60
        press(seen, "cut", at(600, 250))
        # 乙 is 500 m from 西院 as well
        assert people(seen) == 60
        press(seen, "cut", at(300, 0))
        assert people(seen) == 40
        assert page.inner_text(".qh-wi-change b") == "−20"
        assert "不再可达 20" in page.inner_text("#qh-wi-result")
        assert page.locator("#qh-wi-list li").count() == 2
        lost = page.evaluate(f"{PANEL}.shown.mark.filter((it) => it === 2).length")
        assert lost == 1
        page.locator("#qh-wi-list .qh-wi-remove").first.click()
        assert people(seen) == 60
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_click_beside_every_street_closes_none(browser: Browser, town: Tried) -> None:
    with panel(browser, town.file) as seen:
        look(seen, *at(600, 0), 15)
        press(seen, "cut", at(900, 300))
        assert "点在道路上" in said(seen.page)
        assert seen.page.locator("#qh-wi-list li").count() == 0
        assert people(seen) == 60
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_new_street_joins_the_island(browser: Browser, town: Tried) -> None:
    with panel(browser, town.file) as seen:
        page = seen.page
        look(seen, *at(150, -400), 15)
        press(seen, "link", at(50, -800))
        assert "终点" in said(page)
        page.mouse.click(*on_screen(page, *at(50, 0)))
        settle(seen)
        # 岛 at 150 m: 100 m along the island, 800 m over the bridge, 50 m to 西院 and 10 m to its
        # door, which is 960 m and too far
        assert people(seen) == 60
        page.click("#qh-wi-undo")
        press(seen, "link", at(150, -800), at(150, 0))
        # 800 m and 150 m and 10 m: too far too; within 17 minutes it is reached, and so is nobody
        # else than 丁, who is 1110 m away
        assert people(seen) == 60
        page.click("#qh-wi-terms summary")
        page.evaluate(
            """() => {
              const slider = document.getElementById("qh-wi-minutes");
              slider.value = 17;
              slider.dispatchEvent(new Event("input"));
            }"""
        )
        settle(seen)
        settle(seen)
        assert people(seen) == 65
        # a street is as long as the map says, to the pixel of the click and the step of the shapes
        metres = page.inner_text("#qh-wi-list li[data-item]:first-child b").split()[0]
        assert float(metres) == pytest.approx(800, abs=1.5)
        link = page.evaluate(f"{PANEL}.plan.now.items[0]")
        ends = [(link[end]["lon"], link[end]["lat"]) for end in ("from", "to")]
        true_m = Geod(ellps="WGS84").line_length(*zip(*ends, strict=True))
        assert link["length_mm"] == pytest.approx(1000 * true_m, abs=1.0)
        assert page.evaluate(f"{PANEL}.shown.mark.filter((it) => it === 1).length") == 1
        assert seen.quiet(), (seen.console, seen.errors)


def test_both_ends_of_a_street_cannot_be_one_place(browser: Browser, town: Tried) -> None:
    with panel(browser, town.file) as seen:
        look(seen, *at(600, 0), 15)
        press(seen, "link", at(300, 0), at(300, 0))
        assert "同一处" in said(seen.page)
        assert seen.page.locator("#qh-wi-list li").count() == 0
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_pin_on_the_island_serves_the_island(browser: Browser, town: Tried) -> None:
    with panel(browser, town.file) as seen:
        page = seen.page
        look(seen, *at(150, -800), 15)
        press(seen, "add", at(200, -790))
        assert people(seen) == 65
        # 山 is linked to no street, and stands apart whatever is tried
        assert "未能连接路网 7 人，单列" in page.inner_text("#qh-wi-result")
        assert "占总量 112 人" in page.inner_text("#qh-wi-result")
        assert page.inner_text(".qh-wi-is small:last-child") == "58.0%"
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_distance_rule_has_no_sliders_and_says_why(browser: Browser) -> None:
    ruled = study(service__0__walker="standard_1000m")
    with panel(browser, ruled.file) as seen:
        page = seen.page
        page.click("#qh-wi-terms summary")
        assert page.locator("#qh-wi-sliders").is_hidden()
        told = page.inner_text("#qh-wi-rule")
        assert "距离规则" in told
        assert "15 min = 1000 m" in told
        assert "no speed" in told
        # 1000 m reach 甲, 乙 and 丙; a pin at 900 m of the main street reaches 丁
        assert people(seen) == 60
        look(seen, *at(900, 0), 15)
        press(seen, "add", at(900, 5))
        assert people(seen) == 100
        assert "15 分钟内可达" in page.inner_text(".qh-wi-terms-line")
        assert "步速" not in page.inner_text(".qh-wi-terms-line")
        assert seen.quiet(), (seen.console, seen.errors)
