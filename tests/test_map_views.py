"""Years, scenarios and two states side by side, in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from browser import chromium, ink, on_screen, ready, settle, visit
from map_town import HOSTILE, at, town
from map_views import GAINED, LOST, PLANNED, figure, views_town
from quarterhour.errors import InputError
from quarterhour.render.map.html import map_html, write_map
from quarterhour.render.map.layers import Verdicts
from quarterhour.render.map.payload import payload

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

ONE_AREA = Verdicts(status=("covered",), share=np.ones(1), minutes=np.ones(1))
SPOT = GAINED[0][0] + 60, GAINED[0][1] - 40
"""Beside a place that is covered from 2026 on, and under no facility."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("views") / "map.html"
    write_map(path, views_town())
    return path


def picture(page: Page) -> str:
    return page.evaluate("() => document.querySelector('.leaflet-qh-data-pane canvas').toDataURL()")


def greenish(rgba: list[int]) -> bool:
    red, green, _, alpha = rgba
    return alpha > 60 and green > red + 20


def shares(more: float) -> tuple[str, str]:
    one = figure(views_town().services[0], more)
    return f"{100 * one.share_covered:.1f}%", f"{one.covered:,.0f} / {one.total:,.0f}"


def test_what_is_alike_is_sent_once() -> None:
    first, second, third, walker = payload(views_town())["views"]
    assert second["services"] == [{"same": [0, 0]}, None]
    assert first["services"][0]["opened"] == [PLANNED]
    assert third["services"][0]["closed"] == [0]
    assert (walker["kind"], walker["name"]) == ("walker", ["成年人", "adult"])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"services": ()}, "has 0 services and the map 2"),
        ({"kind": "day"}, "of kind 'day'"),
    ],
)
def test_wrong_views_are_refused(wrong: dict[str, object], told: str) -> None:
    data = views_town()
    with pytest.raises(InputError, match=told):
        map_html(replace(data, views=(replace(data.views[0], **wrong),)))


def test_views_of_other_facilities_or_areas_are_refused() -> None:
    data = views_town()
    view = data.views[0]
    for change in ({"opened": (99,)}, {"closed": (-1,)}, {"residential": ONE_AREA}):
        one = replace(view.services[0], **change)
        with pytest.raises(InputError, match="2026"):
            map_html(replace(data, views=(replace(view, services=(one, None)),)))


def test_every_state_is_in_a_table_that_needs_no_script() -> None:
    page = map_html(views_town("zh"))
    table = page[page.index('<table class="qh-views">') :]
    rows = re.findall(r"<tr>.*?</tr>", table[: table.index("</table>")])
    text = [re.sub(r"<[^>]+>", " ", row) for row in rows]
    named = {"现状": 0.0, "2026": 300.0, "2027": 300.0, "2028": 290.0, "成年人": 100.0}
    for row, (name, more) in zip(text[1:], named.items(), strict=True):
        assert name in row
        share, of = shares(more)
        assert share in row
        assert of.split(" / ")[0] in row
    assert "达标" in page
    assert re.search(r"规划指标</span> 20:", page)


def test_buttons_go_from_state_to_state(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        labels = page.eval_on_selector_all("[data-stage]", "all => all.map((b) => b.innerText)")
        assert [re.sub(r"\s+", " ", label) for label in labels] == [
            "现状 Today", "2026", "2027", "2028", "新<b>站",
        ]  # fmt: skip
        before = picture(page)
        assert shares(0.0)[0] in page.inner_text(".qh-share >> nth=0")
        page.click("[data-stage='view-0']")
        settle(seen)
        told = page.inner_text(".qh-stage-told")
        for words in (*shares(300.0), "+300"):
            assert words in told
        assert shares(300.0)[0] in page.inner_text(".qh-share >> nth=0")
        assert "2026" in page.inner_text(".qh-within >> nth=0")
        assert greenish(ink(page, *at(*SPOT)))
        planned = page.locator(f".qh-facility[data-row='{PLANNED}']")
        assert planned.get_attribute("data-status") == "used"
        assert page.locator("#qh-layer-gaps").count() == 0
        page.click("[data-stage='view-2']")
        settle(seen)
        assert "+290" in page.inner_text(".qh-stage-told")
        assert "届时关闭的设施" in page.inner_text("#qh-layers")
        page.click("[data-stage='today']")
        settle(seen)
        assert picture(page) == before
        assert planned.get_attribute("data-status") == "planned"
        assert shares(0.0)[0] in page.inner_text(".qh-share >> nth=0")
        assert seen.quiet(), (seen.console, seen.errors)


def test_stages_by_keyboard_and_by_service(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.focus("[data-stage='today']")
        page.keyboard.press("ArrowRight")
        assert page.evaluate("Quarterhour.app.stages.key") == "view-0"
        assert page.evaluate("document.activeElement.dataset.stage") == "view-0"
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        assert page.evaluate("Quarterhour.app.stages.key") == "scenario-0"
        settle(seen)
        assert "+100" in page.inner_text(".qh-stage-told")
        page.click("[data-stage='view-0']")
        # the other service has nothing new in 2026, and says so
        page.click("[data-choose='1']")
        settle(seen)
        assert "±0" in page.inner_text(".qh-stage-told")
        assert seen.quiet(), (seen.console, seen.errors)


def test_the_years_play_and_stop(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.evaluate("() => { window.setInterval = (f) => { window.tick = f; return 1; }; }")
        page.click(".qh-play")
        assert "暂停" in page.get_attribute(".qh-play", "aria-label")
        keys = []
        for _ in range(3):
            page.evaluate("window.tick()")
            keys.append(page.evaluate("Quarterhour.app.stages.key"))
        assert keys == ["view-0", "view-1", "view-2"]
        assert "播放" in page.get_attribute(".qh-play", "aria-label")
        assert seen.quiet(), (seen.console, seen.errors)


def test_nothing_plays_by_itself_where_motion_is_not_wanted(browser: Browser, file: Path) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.evaluate("() => { window.setInterval = () => { throw new Error('moves'); }; }")
        for key in ("view-0", "view-1", "view-2", "today"):
            page.click(".qh-play")
            assert page.evaluate("Quarterhour.app.stages.key") == key
        assert seen.quiet(), (seen.console, seen.errors)


def test_places_tell_their_state(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.evaluate(
            "([lat, lon]) => Quarterhour.app.map.setView([lat, lon], 16, { animate: false })",
            list(reversed(at(*GAINED[1]))),
        )
        settle(seen)
        page.mouse.move(*on_screen(page, *at(*GAINED[1])))
        assert "未覆盖" in page.inner_text(".qh-tip")
        page.mouse.move(5, 5)
        page.click("[data-stage='view-0']")
        settle(seen)
        page.mouse.move(*on_screen(page, *at(*GAINED[1])))
        text = page.inner_text(".qh-tip")
        assert "新增可达" in text
        assert "7 分钟" in text.replace("7.0", "7")
        # one who is covered today tells the minutes too
        page.click("[data-stage='today']")
        page.evaluate(
            "([lat, lon]) => Quarterhour.app.map.setView([lat, lon], 17, { animate: false })",
            list(reversed(at(-1140.0, 460.0))),
        )
        page.locator("#qh-layer-residential").uncheck()
        settle(seen)
        page.mouse.move(*on_screen(page, *at(-1140.0, 460.0)))
        text = page.inner_text(".qh-tip")
        for words in ("可达", "3.2", "养老服务1号站"):
            assert words in text


def compare(page: Page) -> tuple[str, str]:
    return page.inner_text(".qh-side-left"), page.inner_text(".qh-side-right")


def test_two_states_side_by_side(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        today = ink(page, *at(*SPOT))
        page.click(".qh-compare-open")
        settle(seen)
        left, right = compare(page)
        assert shares(0.0)[0] in left
        assert shares(290.0)[0] in right
        assert "+290" in right
        slider = page.locator(".qh-swipe")
        assert slider.get_attribute("aria-valuenow") == "50"
        # the place lies in the east: on the right side it is as in 2028
        assert greenish(ink(page, *at(*SPOT)))
        slider.focus()
        page.keyboard.press("End")
        settle(seen)
        assert slider.get_attribute("aria-valuenow") == "100"
        assert ink(page, *at(*SPOT)) == today
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        settle(seen)
        assert slider.get_attribute("aria-valuenow") == "5"
        assert greenish(ink(page, *at(*SPOT)))
        # the line stays where it is in the window while the map moves below it
        page.evaluate("Quarterhour.app.map.panBy([300, 0], { animate: false })")
        settle(seen)
        assert greenish(ink(page, *at(*SPOT)))
        page.keyboard.press("Escape")
        assert page.locator("#qh-compare").is_hidden()
        # the browser warns of the test's own looks at the pixels
        assert (seen.errors, len(seen.requests)) == ([], 1)


def test_the_line_is_dragged_and_sides_are_chosen(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.click(".qh-compare-open")
        options = page.eval_on_selector_all(
            "#qh-side-right option", "all => all.map((o) => o.value)"
        )
        assert options == ["today", "view-0", "view-1", "view-2", "scenario-0", "view-3"]
        page.select_option("#qh-side-left", "view-3")
        settle(seen)
        assert shares(100.0)[0] in compare(page)[0]
        grip = page.locator(".qh-swipe-grip").bounding_box()
        x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 200, y, steps=4)
        page.mouse.up()
        now = page.locator(".qh-swipe-grip").bounding_box()
        assert now["x"] - grip["x"] == pytest.approx(-200, abs=3)
        centre = page.evaluate("Quarterhour.app.map.getCenter()")
        page.click(".qh-compare-close")
        assert page.evaluate("Quarterhour.app.map.getCenter()") == centre
        assert page.evaluate("document.activeElement.className") == "qh-compare-open"
        assert seen.quiet(), (seen.console, seen.errors)


def test_walkers_that_are_services_of_one_name_are_compared(
    browser: Browser, tmp_path: Path
) -> None:
    data = town("zh")
    first = data.services[0]
    second = replace(first, walker="adult", walker_label_zh="成年人", speed_mps=1.2)
    file = tmp_path / "map.html"
    write_map(file, replace(data, services=(first, second)))
    with visit(browser, file) as seen:
        page = ready(seen)
        assert page.locator("[data-stage]").count() == 0
        page.click(".qh-compare-open")
        settle(seen)
        assert "老年人" in compare(page)[0]
        assert "成年人" in compare(page)[1]
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_map_without_other_states_has_no_bar(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    write_map(file, town("zh"))
    with visit(browser, file) as seen:
        page = ready(seen)
        assert page.locator("#qh-stages").is_hidden()


def test_names_of_states_are_text(browser: Browser, tmp_path: Path) -> None:
    data = views_town("both")
    view = replace(data.views[0], name=(HOSTILE, HOSTILE))
    file = tmp_path / "map.html"
    write_map(file, replace(data, views=(view,)))
    with visit(browser, file) as seen:
        page = ready(seen)
        page.click("[data-stage='view-0']")
        page.click(".qh-compare-open")
        settle(seen)
        assert page.locator("#qh-stages img, #qh-compare img, #qh-head img").count() == 0
        assert seen.quiet(), (seen.console, seen.errors, seen.dialogs)


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844)])
def test_what_lies_on_the_map_does_not_overlap(
    browser: Browser, file: Path, size: tuple[int, int]
) -> None:
    with visit(browser, file, size) as seen:
        page = ready(seen)
        page.click("[data-stage='view-2']")
        settle(seen)
        names = ["#qh-search", "#qh-stages", ".qh-buttons >> nth=0", ".leaflet-control-scale"]
        names += [".qh-north", ".qh-outputs"]
        for opened in (False, True):
            if opened:
                page.click(".qh-compare-open")
                settle(seen)
                names[1] = "#qh-compare .qh-side-left"
                names.append("#qh-compare .qh-side-right")
            edges = {name: page.locator(name).bounding_box() for name in names}
            for one, a in edges.items():
                assert a["x"] >= 0
                assert a["x"] + a["width"] <= size[0]
                for other, b in edges.items():
                    apart = (
                        a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
                        or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
                    )  # fmt: skip
                    assert one == other or apart, (one, other)


def test_the_keyboard_comes_to_search_and_years_before_the_map(
    browser: Browser, file: Path
) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.focus("#qh-search-input")
        order = []
        for _ in range(4):
            order.append(
                page.evaluate("document.activeElement.id || document.activeElement.className")
            )
            page.keyboard.press("Tab")
        assert order == ["qh-search-input", "qh-play", "qh-stop-today", "qh-compare-open"]


def test_lost_places_lie_where_they_were(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.click("[data-stage='view-2']")
        settle(seen)
        sent = page.evaluate(
            """() => { const app = Quarterhour.app, view = app.stages.state().view;
              return [Array.from(view.lost.lon), Array.from(view.lost.lat),
                Quarterhour.stages.leftOver(app.service(), view).n]; }"""
        )
        want = sorted(at(*spot) for spot in LOST)
        for spot, wanted in zip(sorted(zip(*sent[:2], strict=True)), want, strict=True):
            assert spot == pytest.approx(wanted, abs=1e-6)
        # four were uncovered; three are not any more, and two are now
        assert sent[2] == 4 - len(GAINED) + len(LOST)
