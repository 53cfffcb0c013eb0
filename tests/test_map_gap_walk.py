"""Gaps in a real browser: above coverage, ranked table and map tied together, the walk drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from shapely.geometry import box

from browser import chromium, ink, on_screen, ready, settle, visit
from map_gaps import SITE, gap_town, hostile_gaps, many_gaps
from map_town import HOSTILE, at, shown
from quarterhour.render.map.html import write_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from browser import Visit

DARK = (32, 38, 43)
ROW = "#qh-gaps .qh-service:not([hidden]) tr[data-gap='{}']"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("gaps")
    made = {}
    for name, data in (("zh", gap_town()), ("both", gap_town("both")), ("many", many_gaps())):
        made[name] = folder / f"{name}.html"
        write_map(made[name], data)
    return made


def still(seen: Visit) -> None:
    """Until the map has arrived where it was sent."""
    seen.page.wait_for_function(
        """() => {
          const map = Quarterhour.app.map;
          return !map._animatingZoom && !(map._panAnim && map._panAnim._inProgress);
        }"""
    )
    settle(seen)


def card(page: Page) -> str:
    return page.inner_text(".qh-gap")


def holds(page: Page, *places: tuple[float, float]) -> bool:
    """Whether the map shows these places, beside the card."""
    cover = page.locator(".qh-gap").bounding_box()
    frame = page.locator(".folium-map").bounding_box()
    assert cover
    assert frame
    free = box(
        frame["x"], frame["y"], frame["x"] + frame["width"], frame["y"] + frame["height"]
    ).difference(
        box(cover["x"], cover["y"], cover["x"] + cover["width"], cover["y"] + cover["height"])
    )
    return all(free.intersects(box(x, y, x, y)) for x, y in (on_screen(page, *p) for p in places))


def near(rgba: list[int], colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(rgba[:3], colour, strict=True))


def outlined(page: Page) -> bool:
    """Whether the eastern side of the large gap is seen undimmed."""
    across = [ink(page, *at(x, 150)) for x in range(280, 321, 2)]
    return any(red > 180 and 50 < green < 140 and blue < 70 for red, green, blue, _ in across)


def test_gaps_stay_above_coverage_after_every_toggle(
    browser: Browser, files: dict[str, Path]
) -> None:
    # inside the large gap beside its dot and its number, and beside the gap
    inside, beside = at(150, 150), at(-600, 0)
    with visit(browser, files["zh"], reduced_motion="reduce") as seen:
        page = ready(seen)
        gap, band = ink(page, *inside), ink(page, *beside)
        # the fill lies on the band: more red, less blue
        assert gap[0] > band[0]
        assert gap[2] < band[2]
        names = page.eval_on_selector_all("#qh-layers input", "all => all.map((i) => i.id)")
        page.click("#qh-twig-service-1")
        for name in names:
            for _ in range(2):
                page.click(f"#{name}")
                settle(seen)
            assert ink(page, *inside) == gap, name
            assert outlined(page), name
        page.click("#qh-layer-areas")
        settle(seen)
        assert ink(page, *inside)[3] > 10, "the gap without the service area"
        page.click("#qh-layer-gaps")
        settle(seen)
        assert ink(page, *inside)[3] == 0
        assert ink(page, *at(0, 0))[3] > 200, "its people stay when the gaps go"
        assert not outlined(page)
        assert seen.errors == []


def test_outlines_tell_the_edge_and_the_unlinked_apart(
    browser: Browser, files: dict[str, Path]
) -> None:
    with visit(browser, files["zh"], reduced_motion="reduce") as seen:
        page = ready(seen)
        for name in ("areas", "boundary", "roads"):
            page.click(f"#qh-layer-{name}")
        page.evaluate("() => Quarterhour.app.map.setZoom(14.5, { animate: false })")
        settle(seen)
        parts = []
        for x, y, half in ((0, 0, 300), (1200, 500, 250), (-1200, 900, 250)):
            page.evaluate(
                "([lon, lat]) => Quarterhour.app.map.setView([lat, lon], 14.5, {animate: false})",
                at(x, y),
            )
            settle(seen)
            # along the southern side, the share of it that is strongly coloured
            line = [ink(page, *at(x - half + 5 + k, y - half)) for k in range(10, 2 * half - 10, 4)]
            parts.append(sum(red > 180 and blue < 120 for red, _, blue, _ in line) / len(line))
        plain, edge, unlinked = parts
        assert plain > 0.95
        assert 0.45 < edge < 0.85
        assert unlinked < edge
        legend = page.locator(".qh-layer:has(#qh-layer-gaps)").inner_text()
        for words in ("由大到小编号", "数据边缘", "未能连接路网", "步行路线"):
            assert words in legend


def test_a_row_shows_its_gap_and_its_walk(browser: Browser, files: dict[str, Path]) -> None:
    with visit(browser, files["both"], reduced_motion="reduce") as seen:
        page = ready(seen)
        assert page.locator("#qh-gaps").is_hidden()
        page.focus("#qh-tab-legend")
        page.keyboard.press("ArrowRight")
        assert page.locator("#qh-gaps").is_visible()
        assert page.locator("#qh-layers").is_hidden()
        assert page.get_attribute("#qh-tab-gaps", "aria-selected") == "true"
        assert page.locator(".qh-gap").is_hidden()
        row = page.locator(ROW.format(1))
        page.focus(ROW.format(0) + " button")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        still(seen)
        assert row.locator("button").get_attribute("aria-pressed") == "true"
        text = card(page)
        for words in (
            "2", "东街道300号院一带", "East Street, yard 300", "300 人", "1,200 人", "21.3 分钟",
            "1,276 米", "养老服务1号站", "位于数据边缘", "at the edge of the data", "依据 300",
            "evidence 300",
        ):  # fmt: skip
            assert words in text, words
        # the gap's corners and the facility are all to be seen
        assert holds(page, at(950, 250), at(1450, 750), at(*SITE))
        # the walk runs south and then west; its label is in the middle of it
        assert near(ink(page, *at(1200, -700)), DARK)
        assert near(ink(page, *at(-1000, -1500)), DARK)
        assert not near(ink(page, *at(1100, -700)), DARK)
        # Escape ends it, and the keyboard is where it was
        page.keyboard.press("Escape")
        settle(seen)
        assert page.locator(".qh-gap").is_hidden()
        assert not near(ink(page, *at(1200, -700)), DARK)
        assert row.locator("button").get_attribute("aria-pressed") == "false"
        assert page.evaluate("document.activeElement.closest('tr').dataset.gap") == "1"
        # a gap without a walk has none
        page.click(ROW.format(2) + " td >> nth=0")
        still(seen)
        assert "附近没有道路" in card(page)
        assert "到最近设施" not in card(page)
        page.click(".qh-gap-close")
        assert page.locator(".qh-gap").is_hidden()
        assert seen.errors == []


def test_a_gap_on_the_map_does_what_its_row_does(browser: Browser, files: dict[str, Path]) -> None:
    with visit(browser, files["zh"], reduced_motion="reduce") as seen:
        page = ready(seen)
        page.click("#qh-tab-gaps")
        x, y = on_screen(page, *at(1350, 400))
        page.mouse.move(x, y)
        assert "21.3 分钟" in page.inner_text(".qh-tip")
        assert "东街道300号院一带" in page.inner_text(".qh-tip")
        page.mouse.click(x, y)
        still(seen)
        assert "依据 300" in card(page)
        assert page.locator(ROW.format(1)).get_attribute("class") == "qh-chosen"
        assert holds(page, at(950, 250), at(*SITE))
        assert near(ink(page, *at(1200, -700)), DARK)
        # on somebody's place in a gap: the gap, and the place
        x, y = on_screen(page, *at(0, 0))
        page.evaluate("Quarterhour.app.map.setView([0, 0], 15, {animate: false})")
        page.click(".qh-buttons button:nth-child(3)")
        still(seen)
        x, y = on_screen(page, *at(0, 0))
        page.mouse.move(x + 1, y)
        page.mouse.click(x + 1, y)
        still(seen)
        assert "依据 400" in card(page)
        assert page.locator(ROW.format(0)).get_attribute("class") == "qh-chosen"
        assert page.locator(ROW.format(1)).get_attribute("class") == ""
        # another service has other gaps
        page.click("[data-choose='1']")
        settle(seen)
        assert page.locator(".qh-gap").is_hidden()
        assert page.locator("#qh-gaps tr[data-gap]:visible").count() == 1
        assert page.inner_text("#qh-tab-gaps").split()[-1] == "1"
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_row_turns_its_layer_on(browser: Browser, files: dict[str, Path]) -> None:
    with visit(browser, files["zh"], reduced_motion="reduce") as seen:
        page = ready(seen)
        page.click("#qh-layer-gaps")
        page.click("#qh-tab-gaps")
        page.click(ROW.format(1) + " button")
        still(seen)
        assert near(ink(page, *at(1200, -700)), DARK)
        page.click("#qh-tab-legend")
        assert page.locator("#qh-layer-gaps").is_checked()
        page.click("#qh-layer-gaps")
        assert page.locator(".qh-gap").is_hidden()


def test_the_first_ten_rows_until_all_are_asked_for(
    browser: Browser, files: dict[str, Path]
) -> None:
    with visit(browser, files["zh"], reduced_motion="reduce") as seen:
        page = ready(seen)
        page.click("#qh-tab-gaps")
        rows = page.locator("#qh-gaps tr[data-gap]:visible")
        assert rows.count() == 10
        button = page.locator("#qh-gaps .qh-all:visible")
        assert button.inner_text() == "显示全部 (15)"
        button.press("Enter")
        assert rows.count() == 15
        assert button.get_attribute("aria-expanded") == "true"
        button.press("Enter")
        assert rows.count() == 10
        # a gap chosen on the map shows its row
        page.evaluate("Quarterhour.app.gapList.choose(13)")
        still(seen)
        assert rows.count() == 15
        assert page.locator(ROW.format(13)).is_visible()


def test_the_language_switch_reaches_the_walk(browser: Browser, files: dict[str, Path]) -> None:
    with visit(browser, files["both"], reduced_motion="reduce") as seen:
        page = ready(seen)
        page.click("#qh-tab-gaps")
        page.click(ROW.format(1) + " button")
        still(seen)
        canvas = "() => document.querySelector('.leaflet-qh-data-pane canvas').toDataURL()"
        pictures = set()
        for language, there, gone in (
            ("en", "detour", "绕行过远"), ("zh", "绕行过远", "detour"), ("both", "detour", "-"),
        ):  # fmt: skip
            page.click(f"button[data-language={language}]")
            settle(seen)
            text = page.inner_text("#qh-gaps")
            assert there in text
            assert gone not in text
            assert ("evidence 300" in card(page)) is (language != "zh")
            pictures.add(page.evaluate(canvas))
        assert len(pictures) == 3, "minutes and metres on the walk are in the chosen language"


def test_numbers_do_not_touch_and_zooming_in_brings_more(
    browser: Browser, files: dict[str, Path]
) -> None:
    ask = """() => {
      const app = Quarterhour.app;
      const view = { left: app.sheet._map.getPixelOrigin().x + app.sheet._bounds.min.x,
        top: app.sheet._map.getPixelOrigin().y + app.sheet._bounds.min.y,
        scale: app.scale() };
      return { rows: app.service().gaps.drawn.map((it) => it.row),
        boxes: app.service().gaps.drawn.map((it) => it.box), marks: app.markBoxes(view) };
    }"""
    with visit(browser, files["many"], reduced_motion="reduce") as seen:
        page = ready(seen)
        first = page.evaluate(ask)
        assert first["rows"][0] == 0
        assert 10 < len(first["rows"]) <= 40
        for k, one in enumerate(first["boxes"]):
            for other in [*first["boxes"][k + 1 :], *first["marks"]]:
                assert box(*one).intersection(box(*other)).area == 0
        page.evaluate(
            "([lon, lat]) => Quarterhour.app.map.setView([lat, lon], 16, {animate: false})",
            at(1500, 1500),
        )
        settle(seen)
        after = page.evaluate(ask)["rows"]
        assert set(after) - set(first["rows"]), "numbers that had no room before"
        assert min(after) > 100, "only those that are seen"


def test_on_a_phone_the_walk_gets_the_room(browser: Browser, files: dict[str, Path]) -> None:
    with visit(browser, files["both"], (390, 844), reduced_motion="reduce") as seen:
        page = ready(seen)
        page.click("#qh-panel-button")
        page.click("#qh-tab-gaps")
        page.click(ROW.format(0) + " button")
        still(seen)
        assert page.locator("#qh-panel-body").is_hidden()
        assert holds(page, at(-300, -300), at(300, 300), at(*SITE))
        cover = page.locator(".qh-gap").bounding_box()
        frame = page.locator(".folium-map").bounding_box()
        assert cover
        assert frame
        assert cover["x"] >= 0
        assert cover["x"] + cover["width"] <= 390
        assert cover["y"] > frame["y"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.click(".qh-gap-close")
        assert page.evaluate("document.activeElement.id") == "qh-panel-button"
        assert page.locator("#qh-head .qh-big:visible").count() == 1


def test_hostile_gaps_stay_text(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    write_map(file, hostile_gaps())
    want = shown(HOSTILE)
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.click("#qh-tab-gaps")
        assert shown(page.inner_text(ROW.format(0) + " button")) == want
        page.click(ROW.format(0) + " button")
        still(seen)
        assert shown(card(page)).count(want) >= 4
        x, y = on_screen(page, *at(-750, -450))
        page.mouse.move(x, y)
        assert want in shown(page.inner_text(".qh-tip"))
        assert page.locator("img").count() == 0
        assert seen.quiet(), (seen.console, seen.errors, seen.dialogs)
