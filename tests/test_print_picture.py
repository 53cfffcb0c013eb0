"""The map as a picture file, made by the page itself: not blank, with every layer, and a file."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, visit
from map_gaps import gap_town, hostile_gaps
from print_town import near, only, picture, print_file
from quarterhour.render import palette
from quarterhour.render.map.story import story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def drawn(page: Page) -> np.ndarray:
    """The pixels of the picture that the page would save."""
    sent = page.evaluate("Quarterhour.picture.picture(Quarterhour.app).toDataURL('image/png')")
    return picture(base64.b64decode(sent.split(",")[1]))


def test_the_picture_is_saved_as_a_file_without_a_network(browser: Browser, tmp_path: Path) -> None:
    path = print_file(tmp_path, "zh")
    with visit(browser, path) as seen:
        page = ready(seen)
        with page.expect_download() as waiting:
            page.click('.qh-outputs button:has-text("图片")')
        name = waiting.value.suggested_filename
        waiting.value.save_as(tmp_path / "saved.png")
        day = page.evaluate("Quarterhour.today()")
        assert name == f"江州区 一刻钟 养老托育服务圈现状 {day}.png"
        pixels = picture((tmp_path / "saved.png").read_bytes())
        size = page.evaluate("Quarterhour.app.map.getSize()")
        # twice as sharp as the screen, with room for title, legend and sources
        assert pixels.shape[1] > 2 * size["x"] + 400
        assert pixels.shape[0] > 2 * size["y"] + 100
        assert not seen.errors
        assert not seen.console
        assert [url for url in seen.requests if not url.startswith("blob:")] == seen.requests[:1]


def test_every_colour_of_the_map_is_in_the_picture(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, print_file(tmp_path)) as seen:
        page = ready(seen)
        pixels = drawn(page)
        # marks with a colour of their own, which nothing lies over
        for colour, least in (
            (palette.SERVICES[0][0], 1500),  # facilities
            (palette.GAP_NUMBER, 1500),  # numbers of gaps
            (palette.GAP, 1500),  # people not covered, outlines of gaps
            (palette.UNLINKED, 50),
            ("#2B3237", 1500),  # the study boundary
            ("#84708F", 300),  # district lines
            ("#9B1C1C", 200),  # the mark that it is internal
        ):
            assert near(pixels, colour) > least, colour
        # a tone of the service areas that is theirs alone
        only(seen, "areas", "roads")
        with_areas = drawn(page)
        only(seen, "roads")
        without = drawn(page)
        high = min(len(with_areas), len(without))
        assert (with_areas[:high] != without[:high]).any(axis=2).mean() > 0.05
        only(seen)
        bare = drawn(page)
        assert (without[: len(bare)] != bare[: len(without)]).any(axis=2).mean() > 0.01


def test_the_legend_of_the_picture_follows_the_switches(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, print_file(tmp_path, "en")) as seen:
        page = ready(seen)
        rows = "Quarterhour.poster.legend(Quarterhour.app).map((row) => row[1])"
        only(seen, "facilities", "areas", "boundary", "gaps")
        told = page.evaluate(rows)
        assert "Study boundary" in told
        assert "≤ 15 min" in told
        assert "Not covered, numbered by size" in told
        # no walk is drawn before a gap is chosen
        walk = "Walk to the nearest facility"
        assert not [text for text in told if walk in text]
        page.evaluate("Quarterhour.app.gapList.choose(0)")
        assert walk in page.evaluate(rows)
        page.evaluate("Quarterhour.app.gapList.clear()")
        only(seen, "facilities")
        told = page.evaluate(rows)
        assert "Study boundary" not in told
        assert not [text for text in told if text.startswith("≤")]


def test_no_walk_is_told_of_where_none_is_drawn(browser: Browser, tmp_path: Path) -> None:
    """Of the third gap of the town: nothing is reached from there."""
    with visit(browser, print_file(tmp_path, data=gap_town("en"))) as seen:
        page = ready(seen)
        rows = "Quarterhour.poster.legend(Quarterhour.app).map((row) => row[1])"
        briefed = "document.querySelector('.qh-b-legend').textContent"
        for row, has in ((0, True), (2, False)):
            page.evaluate(f"Quarterhour.app.gapList.choose({row})")
            assert ("Walk to the nearest facility" in page.evaluate(rows)) == has
        page.evaluate("Quarterhour.app.brief.start()")
        drawn_of = {}
        for at, view in enumerate(story(gap_town("en"))):
            page.evaluate(f"Quarterhour.app.brief.go({at})")
            drawn_of[view["gap"]] = "Walk to the nearest facility" in page.evaluate(briefed)
        assert drawn_of == {-1: False, 0: True, 1: True}


def test_the_picture_leaves_the_map_as_it_was(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, print_file(tmp_path)) as seen:
        page = ready(seen)
        before = page.screenshot()
        numbers = page.evaluate("JSON.stringify(Quarterhour.app.service().gaps.drawn)")
        drawn(page)
        assert page.evaluate("JSON.stringify(Quarterhour.app.service().gaps.drawn)") == numbers
        assert (picture(page.screenshot()) == picture(before)).all()


def test_the_scale_bar_is_as_long_as_it_says(browser: Browser, tmp_path: Path) -> None:
    with visit(browser, print_file(tmp_path)) as seen:
        page = ready(seen)
        for width, height in ((700, 500), (400, 900)):
            length, px, degrees_px = page.evaluate(
                """([width, height]) => {
                  const P = Quarterhour.poster;
                  const bounds = L.latLngBounds(Quarterhour.app.data.bounds);
                  const at = P.view({ bounds, edge: 14 }, width, height);
                  const { length, px } = P.bar(at, 150);
                  return [length, px, at.scale / 360];
                }""",
                [width, height],
            )
            # a degree of longitude at this latitude, on the sphere of the projection
            metres = 6378137 * 3.14159265 / 180 * 0.8697
            assert length / metres * degrees_px == pytest.approx(px, rel=0.002)
            assert px <= 150
            assert str(length).rstrip("0") in {"1", "2", "5"}


def test_hostile_names_make_a_picture_and_a_harmless_file_name(
    browser: Browser, tmp_path: Path
) -> None:
    with visit(browser, print_file(tmp_path, data=hostile_gaps())) as seen:
        page = ready(seen)
        assert drawn(page).size
        name = page.evaluate("Quarterhour.picture.named(Quarterhour.app)")
        assert not set(name) & set('<>:"/\\|?*`$')
        assert name.endswith(".png")
        assert seen.quiet()
