"""Briefing mode driven with the keyboard, as a presenter's remote control does, and left again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, settle, visit
from map_gaps import gap_town, hostile_gaps
from map_views import views_town
from print_town import picture, print_file
from quarterhour.render.map.story import story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from browser import Visit

STATE = """() => {
  const { app } = Quarterhour, map = app.map;
  return JSON.stringify({
    at: app.at, on: app.layers.on, cutoffs: app.layers.cutoffs, gap: app.gapList.row,
    zoom: map.getZoom(),
    stage: app.stages.key, compare: app.compare.on && app.compare.keys,
    body: document.body.className,
    chosen: Array.from(document.querySelectorAll(".qh-chosen"), (it) => it.dataset.gap),
    card: app.gapList.card.textContent, held: document.activeElement.textContent,
  });
}"""

CENTRE = """() => {
  const { map } = Quarterhour.app, at = map.project(map.getCenter());
  return [at.x, at.y];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def start(seen: Visit) -> Page:
    page = ready(seen)
    page.focus(".qh-outputs button >> nth=0")
    page.keyboard.press("Enter")
    settle(seen)
    return page


def now(page: Page) -> int:
    return page.evaluate("Quarterhour.app.brief.at")


def layers(page: Page) -> set[str]:
    return set(
        page.evaluate(
            "Object.keys(Quarterhour.app.layers.on).filter((key) => Quarterhour.app.layers.on[key])"
        )
    )


def test_through_all_views_and_back_to_the_same_map(browser: Browser, tmp_path: Path) -> None:
    data = gap_town("both")
    views = story(data)
    with visit(browser, print_file(tmp_path, data=data), (1366, 768)) as seen:
        page = ready(seen)
        page.click("#qh-layer-unlinked")
        page.evaluate("Quarterhour.app.layers.cutoffs['10'] = false; Quarterhour.app.layers.draw()")
        page.click('[data-choose="1"]')
        page.evaluate("Quarterhour.app.gapList.choose(0)")
        page.wait_for_timeout(500)
        page.evaluate("Quarterhour.app.map.setZoom(14.5, { animate: false })")
        page.focus(".qh-outputs button >> nth=0")
        page.wait_for_timeout(400)
        before, looks, centre = page.evaluate(STATE), page.screenshot(), page.evaluate(CENTRE)
        page.keyboard.press("Enter")
        settle(seen)
        for at, view in enumerate(views):
            assert now(page) == at
            text = page.inner_text("#qh-brief .qh-b-text")
            for told in (view["title"][0], view["said"][0], view["said"][1]):
                assert told in text
            if view["figure"]:
                assert page.inner_text(".qh-b-figure b") == view["figure"]
                assert view["of"][0] in text
            assert page.evaluate("Quarterhour.app.at") == view["service"]
            assert page.evaluate("Quarterhour.app.gapList.row") == view["gap"]
            on = layers(page)
            # who is left out is told by every view but that of the whole area
            assert ("gaps" in on) == (view["kind"] != "district")
            assert ("areas" in on) == (view["kind"] != "district")
            assert page.inner_text(".qh-b-count").startswith(f"第 {at + 1} 页，共 {len(views)} 页")
            assert page.get_attribute(f".qh-b-dots button >> nth={at}", "aria-current") == "step"
            page.keyboard.press("PageDown" if at % 2 else "ArrowRight")
        # the last view stays
        assert now(page) == len(views) - 1
        page.keyboard.press("Escape")
        page.wait_for_timeout(400)
        assert page.evaluate(STATE) == before
        # Leaflet keeps places as whole pixels: within one of them
        assert page.evaluate(CENTRE) == pytest.approx(centre, abs=1)
        assert not page.locator("#qh-brief").is_visible()
        # what stands beside the map is the same to the pixel
        assert (picture(page.screenshot())[:, :370] == picture(looks)[:, :370]).all()
        assert seen.quiet()


def test_keys_go_back_to_the_ends_and_to_a_black_screen(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, print_file(tmp_path, data=gap_town("zh"))) as seen:
        page = start(seen)
        last = len(story(gap_town("zh"))) - 1
        for key, at in (
            ("ArrowLeft", 0), ("ArrowDown", 1), ("PageDown", 2), ("PageUp", 1), ("End", last),
            ("ArrowRight", last), ("Home", 0), ("ArrowRight", 1), ("ArrowUp", 0),
        ):  # fmt: skip
            page.keyboard.press(key)
            assert now(page) == at, key
        page.keyboard.press("F5")  # remote controls send it; the briefing is not loaded anew
        page.keyboard.press(".")
        assert page.evaluate("document.body.classList.contains('qh-black')")
        page.keyboard.press(".")
        assert not page.evaluate("document.body.classList.contains('qh-black')")
        assert now(page) == 0
        # on a button the keys press it, once
        page.focus(".qh-b-step >> nth=1")
        page.keyboard.press("Enter")
        page.keyboard.press(" ")
        assert now(page) == 2
        page.click(".qh-b-dots button >> nth=0")
        assert now(page) == 0
        page.click('#qh-brief [aria-label="退出演示"]')
        assert now(page) == -1
        # outside of it the keys are the map's again
        page.keyboard.press("PageDown")
        assert now(page) == -1
        assert seen.quiet()


def test_a_hurried_presenter_sees_the_right_place(browser: Browser, tmp_path: Path) -> None:
    data = gap_town("zh")
    with visit(browser, print_file(tmp_path, data=data)) as seen:
        page = start(seen)
        place = """() => {
          const { map } = Quarterhour.app, at = map.project(map.getCenter(), 16);
          return [map.getZoom(), at.x, at.y];
        }"""
        slowly, hurried = [], []
        for _ in story(data):
            page.wait_for_timeout(400)
            slowly.append(page.evaluate(place))
            page.keyboard.press("PageDown")
        page.keyboard.press("Home")
        for at in range(len(slowly)):
            for _ in range(at):  # each press while the map still moves
                page.keyboard.press("PageDown")
            page.wait_for_timeout(400)
            hurried.append(page.evaluate(place))
            page.keyboard.press("Home")
        for one, two in zip(hurried, slowly, strict=True):
            assert one[0] == two[0]
            assert one[1:] == pytest.approx(two[1:], abs=16)  # pixels closer in by far
        assert len({at[0] for at in slowly}) > 2


def test_the_largest_gap_is_shown_with_its_walk(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, print_file(tmp_path, data=gap_town("en")), (1366, 768)) as seen:
        page = start(seen)
        kinds = [view["kind"] for view in story(gap_town("en"))]
        for _ in range(kinds.index("gap")):
            page.keyboard.press("PageDown")
        page.wait_for_timeout(600)
        inside = page.evaluate(
            """() => {
              const { app } = Quarterhour, [south, north] = Quarterhour.gaps.bounds(
                app.service().gaps, 0);
              return app.map.getBounds().contains([south, north]);
            }"""
        )
        assert inside
        assert page.evaluate("Quarterhour.app.gapList.row") == 0
        assert "evidence 400" in page.inner_text("#qh-brief")


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (1024, 768), (390, 844), (844, 390)])
@pytest.mark.parametrize("language", ["zh", "both"])
def test_letters_are_large_and_nothing_is_cut_off(
    browser: Browser, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    data = gap_town(language)
    with visit(browser, print_file(tmp_path, data=data), size) as seen:
        page = start(seen)
        for _ in story(data):
            told = page.evaluate(
                """() => {
                  const text = document.querySelector(".qh-b-text");
                  const letters = (name) => parseFloat(getComputedStyle(
                    document.querySelector(name)).fontSize);
                  return {
                    over: [text.scrollHeight - text.clientHeight,
                           text.scrollWidth - text.clientWidth],
                    figure: letters(".qh-b-figure b"), said: letters(".qh-b-said"),
                    map: Quarterhour.app.map.getSize(), page: document.body.scrollWidth,
                  };
                }"""
            )
            assert told["page"] <= size[0]
            assert min(told["map"]["x"], told["map"]["y"]) > 140
            if size[0] >= 1024:
                # from the back of a room
                assert max(told["over"]) <= 1
                assert told["figure"] >= 60
                assert told["said"] >= 22
            page.keyboard.press("PageDown")
            settle(seen)


def test_years_and_scenarios_are_shown_as_their_states(browser: Browser, tmp_path: Path) -> None:
    data = views_town("both")
    kinds = [view["kind"] for view in story(data)]
    with visit(browser, print_file(tmp_path, data=data)) as seen:
        page = ready(seen)
        page.evaluate("() => { const s = Quarterhour.app.stages; s.choose(s.states()[1].key); }")
        before = page.evaluate("Quarterhour.app.stages.key")
        page.evaluate("Quarterhour.app.brief.start()")
        seen_states = {}
        for kind in kinds:
            seen_states[kind] = page.evaluate("Quarterhour.app.stages.state().kind")
            page.keyboard.press("PageDown")
        assert seen_states["coverage"] == seen_states["closing"] == "today"
        assert seen_states["scenario"] == "scenario"
        assert seen_states["years"] == "year"
        page.keyboard.press("Escape")
        assert page.evaluate("Quarterhour.app.stages.key") == before
        # and a comparison comes back
        page.evaluate("Quarterhour.app.compare.open()")
        keys = page.evaluate("Quarterhour.app.compare.keys.join()")
        page.evaluate("Quarterhour.app.brief.start()")
        assert not page.evaluate("Quarterhour.app.compare.on")
        page.keyboard.press("Escape")
        assert page.evaluate("Quarterhour.app.compare.on")
        assert page.evaluate("Quarterhour.app.compare.keys.join()") == keys
        assert seen.quiet()


def test_it_is_read_aloud_and_the_keyboard_comes_back(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, print_file(tmp_path, data=gap_town("zh"))) as seen:
        page = start(seen)
        assert page.get_attribute(".qh-b-text", "aria-live") == "polite"
        assert page.get_attribute("#qh-brief", "aria-label") == "汇报内容"
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "下一页"
        names = page.evaluate(
            "Array.from(document.querySelectorAll('#qh-brief button'), "
            "(it) => it.getAttribute('aria-label'))"
        )
        assert all(names)
        assert len(set(names)) == len(names)
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.textContent") == "演示"


def test_with_reduced_motion_the_map_is_there_at_once(browser: Browser, tmp_path: Path) -> None:
    data = gap_town("zh")
    path = print_file(tmp_path, data=data)
    with visit(browser, path, reduced_motion="reduce") as seen:
        page = start(seen)
        for _ in range([view["kind"] for view in story(data)].index("gap")):
            page.keyboard.press("PageDown")
        first = page.evaluate("Quarterhour.app.map.getZoom()")
        page.wait_for_timeout(500)
        assert page.evaluate("Quarterhour.app.map.getZoom()") == first
        assert not page.evaluate("Boolean(Quarterhour.app.map._animatingZoom)")


def test_hostile_names_stay_text_in_every_view(browser: Browser, tmp_path: Path) -> None:
    data = hostile_gaps()
    with visit(browser, print_file(tmp_path, data=data)) as seen:
        page = start(seen)
        for _ in story(data):
            assert page.locator("#qh-brief img, #qh-brief script").count() == 0
            page.keyboard.press("PageDown")
        assert seen.quiet()
