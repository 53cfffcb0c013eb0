"""What the page says while another state or another language is shown, in a real browser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, settle, visit
from map_gaps import gap, listed
from map_views import figure, views_town
from quarterhour.render.map.html import write_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from quarterhour.render.map.layers import MapData

SAID = """() => [].concat(...["title", "aria-label", "placeholder"].map((name) =>
  Array.from(document.querySelectorAll("button[" + name + "],input[" + name + "]"),
    (it) => it.getAttribute(name))),
  Array.from(document.querySelectorAll("option"), (it) => it.textContent))"""
CHINESE, LATIN = ("打印", "搜索", "现状"), ("Print", "Search", "Today")


def fewer_town() -> MapData:
    """The town of the years with gaps; in 2028 fewer are covered than today."""
    data = views_town()
    old, year = data.services[0], data.views[2]
    first = year.services[0]
    assert first is not None
    worse = replace(first, figure=figure(old, -40.0))
    years = (*data.views[:2], replace(year, services=(worse, None)), *data.views[3:])
    return replace(data, views=years)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("told") / "map.html"
    write_map(path, fewer_town())
    return path


def test_what_attributes_and_choices_say_follows_the_language(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.click(".qh-compare-open")
        first = page.evaluate(SAID)
        for key, chinese, english in (("zh", 1, 0), ("en", 0, 1), ("both", 1, 1)):
            page.click(f"button[data-language={key}]")
            said = " ".join(page.evaluate(SAID))
            assert [word in said for word in CHINESE] == [bool(chinese)] * len(CHINESE)
            assert [word in said for word in LATIN] == [bool(english)] * len(LATIN)
        assert page.evaluate(SAID) == first


def test_what_is_of_today_only_is_not_said_of_another_year(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        head = page.locator("#qh-head .qh-service >> nth=0")
        sentence, plans = head.locator("> .qh-told"), head.locator("> .qh-tallies")
        shown = sentence.is_visible(), plans.is_visible()
        page.click("[data-stage='view-0']")
        settle(seen)
        assert (sentence.is_visible(), plans.is_visible()) == (False, False)
        page.click("[data-stage='today']")
        settle(seen)
        assert (sentence.is_visible(), plans.is_visible()) == shown == (True, True)


def test_a_loss_is_not_green(browser: Browser, file: Path) -> None:
    ink = "getComputedStyle(document.querySelector('.qh-stage-told .qh-more')).color"
    with visit(browser, file) as seen:
        page = ready(seen)
        page.click("[data-stage='view-0']")
        more = page.evaluate(ink)
        page.click("[data-stage='view-2']")
        assert "−40" in page.inner_text(".qh-stage-told")
        assert page.evaluate(ink) != more


def test_the_buttons_of_the_years_stay_where_they_are(browser: Browser, file: Path) -> None:
    for size in ((1366, 768), (390, 844)):
        with visit(browser, file, size) as seen:
            page = ready(seen)
            button = page.locator("[data-stage='view-1']")
            before = button.bounding_box()
            page.click("[data-stage='view-0']")
            settle(seen)
            after = button.bounding_box()
            assert before is not None
            assert after is not None
            assert after["y"] == pytest.approx(before["y"], abs=1)
            assert after["x"] == pytest.approx(before["x"], abs=4)  # what is chosen is bold


def test_the_legend_counts_what_serves_in_the_year(browser: Browser, file: Path) -> None:
    def existing() -> int:
        return int(page.inner_text("label:has(#qh-layer-facilities-used) .qh-count"))

    with visit(browser, file) as seen:
        page = ready(seen)
        today = existing()
        page.click("[data-stage='view-0']")
        settle(seen)
        assert page.locator("#qh-layer-facilities-planned").count() == 0  # the only one has opened
        page.click("[data-stage='today']")
        settle(seen)
        assert existing() == today


def test_a_comparison_with_today_has_its_gaps_in_the_legend(
    browser: Browser, tmp_path: Path
) -> None:
    data = fewer_town()
    services = (replace(data.services[0], gaps=listed(gap(0, 0, 300, 400))), *data.services[1:])
    path = tmp_path / "map.html"
    write_map(path, replace(data, services=services))
    with visit(browser, path) as seen:
        page = ready(seen)
        page.click(".qh-compare-open")
        settle(seen)
        assert page.locator("#qh-layer-gaps").count() == 1
        assert "此处不显示" not in page.inner_text("#qh-layers")
        page.select_option(".qh-side-left select", label="2026")
        settle(seen)
        assert page.locator("#qh-layer-gaps").count() == 0
        assert "此处不显示" in page.inner_text("#qh-layers")
