"""What the map page says, in a real browser: languages, shares, names, hostile text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser import chromium, ink, on_screen, ready, settle, visit
from map_town import HOSTILE, at, hostile_town, lone_gap, shown, town
from quarterhour.render.map.html import write_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def both_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "both.html"
    write_map(path, town("both"))
    return path


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_language_is_what_was_asked_for(browser: Browser, tmp_path: Path, language: str) -> None:
    file = tmp_path / "map.html"
    write_map(file, town(language))
    with visit(browser, file) as seen:
        page = ready(seen)
        text = page.inner_text("#qh-layers")
        assert ("步行路网" in text) is (language != "en")
        assert ("Walking network" in text) is (language != "zh")
        if language != "both":
            assert page.locator("button[data-language]").count() == 0
            return
        for key, chinese, english in (
            ("en", False, True),
            ("zh", True, False),
            ("both", True, True),
        ):
            page.click(f"button[data-language={key}]")
            text = page.inner_text("body")
            assert ("步行路网" in text) is chinese
            assert ("Walking network" in text) is english
            assert ("分钟内可达" in text) is chinese
            assert ("Within 15 min" in text) is english


def test_every_share_has_its_denominator(browser: Browser, both_file: Path) -> None:
    figure = next(
        f for f in town().services[0].figures if f.cutoff_min == 15 and f.group == "age_60_plus"
    )
    share = f"{100 * figure.covered / figure.total:.1f}%"
    parts = [f"{n:,.0f}" for n in (figure.covered, figure.total)]
    with visit(browser, both_file) as seen:
        page = ready(seen)
        big = page.inner_text(".qh-share >> nth=0")
        told = page.inner_text(".qh-told >> nth=0")
        for text in (big, told):
            assert share in text
            assert f"{parts[0]} / {parts[1]}" in text or all(part + " 人" in text for part in parts)
        assert f"{figure.unlinked:,.0f} 人，单列" in told
        page.click("#qh-figures summary")
        rows = page.eval_on_selector_all(
            "#qh-figures .qh-service:not([hidden]) tbody tr", "all => all.map((r) => r.innerText)"
        )
        assert len(rows) == 6
        assert all("%" in row and "占总量" in row for row in rows)
        # Nowhere else does a share stand.
        everywhere = page.inner_text("body")
        assert everywhere.count("%") == big.count("%") + told.count("%") + len(rows)


def test_hostile_text_is_shown_and_never_run(
    browser: Browser, tmp_path: Path, both_file: Path
) -> None:
    file = tmp_path / "map.html"
    write_map(file, hostile_town())
    want = shown(HOSTILE)
    with visit(browser, both_file) as seen:
        harmless = ready(seen).locator("script").count()
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = ready(seen)
        assert shown(page.inner_text("h1")) == want
        assert page.title().startswith("`${alert(1)}")
        x, y = on_screen(page, *at(-900, 0))
        page.mouse.move(x, y)
        page.wait_for_selector(".qh-tip h3")
        assert shown(page.inner_text(".qh-tip h3")) == want
        page.mouse.click(x, y)
        page.wait_for_selector(".qh-popup h3")
        assert shown(page.inner_text(".qh-popup h3")) == want
        assert want in shown(page.inner_text(".qh-popup dl"))
        page.keyboard.press("Escape")
        for metres, words in (((0, -900), ["12", "17.3", want]), ((800, 800), ["100.0%", "4.3"])):
            page.wait_for_selector(".qh-popup", state="detached")
            page.click(".qh-buttons button:nth-child(3)")
            x, y = on_screen(page, *at(*metres))
            page.mouse.click(x, y)
            settle(seen)
            text = shown(page.inner_text(".qh-popup"))
            for word in words:
                assert word in text
            page.keyboard.press("Escape")
        page.click("#qh-method summary")
        assert want in shown(page.inner_text("#qh-method"))
        assert want in shown(page.inner_text("#qh-foot"))
        links = page.eval_on_selector_all("a[href]", "all => all.map((a) => a.protocol)")
        assert "javascript:" not in links
        assert "https:" in links
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == harmless
        assert seen.quiet(), (seen.console, seen.errors, seen.dialogs)


def test_page_without_script_still_tells_the_figures(browser: Browser, both_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(both_file.resolve().as_uri())
    text = page.inner_text("body")
    assert "12," in text
    assert "分钟内可达" in text
    assert "需要 JavaScript" in page.content()
    context.close()


def test_facility_click_shows_its_own_area(browser: Browser, tmp_path: Path) -> None:
    # One facility whose area is known, and no other layer under the pointer.
    file = tmp_path / "map.html"
    write_map(file, lone_gap())
    inside = at(-1500.0 + 200, -1500.0)
    with visit(browser, file) as seen:
        page = ready(seen)
        for name in ("areas", "boundary"):
            page.click(f"#qh-layer-{name}")
        settle(seen)
        assert ink(page, *inside)[3] == 0
        page.focus(".qh-facility[data-row='0']")
        assert "养老服务1号站" in page.inner_text(".qh-tip")
        page.keyboard.press("Enter")
        page.wait_for_selector(".qh-popup")
        settle(seen)
        assert ink(page, *inside)[3] > 30
        text = page.inner_text(".qh-popup")
        assert "812 人" in text
        assert "60岁以上" in text
        page.keyboard.press("Escape")
        page.wait_for_selector(".qh-popup", state="detached")
        settle(seen)
        assert ink(page, *inside)[3] == 0
        x, y = on_screen(page, *at(0, 0))
        page.mouse.move(x, y)
        # Just beyond the cutoff must not read as 15.0.
        assert "15.1" in page.inner_text(".qh-tip")


def test_reduced_motion_is_respected(browser: Browser, both_file: Path) -> None:
    with visit(browser, both_file, reduced_motion="reduce") as seen:
        page = ready(seen)
        assert page.evaluate("Quarterhour.app.map.options.zoomAnimation") is False
        # Without motion the map is there at once, not a quarter of a second later.
        moved = page.evaluate(
            "() => { const m = Quarterhour.app.map, a = m.getCenter().lng; m.panBy([90, 0]);"
            " return m.getCenter().lng - a; }"
        )
        assert moved > 0
        assert seen.quiet(), (seen.console, seen.errors)
