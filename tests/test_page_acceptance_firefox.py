"""Acceptance of the map in Firefox: offline, every control, names that attack, all languages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from firefox import firefox
from hostile_city import NAMES, hostile_pages
from page_driver import DRIVE, HARMED, MAP_BOX, START, require_drawn, unread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firefox import Fox

LANGUAGES = ("zh", "en", "both")
WAIT = "() => new Promise((done) => setTimeout(done, 300))"
SIZES = ((1366, 768), (1920, 1080), (390, 844))


@pytest.fixture(scope="module")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fox]:
    with firefox(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return hostile_pages(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("size", SIZES)
def test_every_control_works_and_names_stay_names(
    fox: Fox, pages: dict[str, Path], size: tuple[int, int]
) -> None:
    fox.open(pages["both"], size)
    fox.ready()
    before = fox.run(HARMED)
    fox.run(START)
    walk = fox.run(DRIVE, [500, ["\u8f9b", "\u58ec"]])
    assert 30 < len(walk["told"]) < 500
    assert "qh-layer-" in "".join(walk["told"])
    assert fox.run(HARMED) == before
    assert before["taken"] == before["strangers"] == 0
    assert not before["turned"]
    assert unread(NAMES, walk["texts"]) == []
    assert walk["wide"] == []
    assert fox.requests == []
    assert fox.console == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_drawn(fox: Fox, pages: dict[str, Path], language: str) -> None:
    from PIL import Image

    for size in SIZES:
        fox.open(pages[language], size)
        fox.ready()
        image = Image.open(io.BytesIO(fox.screenshot())).convert("RGB")
        assert image.size == size
        require_drawn(image, fox.run(MAP_BOX))
        assert fox.run("() => document.documentElement.lang") == (
            "en" if language == "en" else "zh-CN"
        )
        assert fox.requests == fox.console == []


def test_the_policy_stops_and_tells_a_request(fox: Fox, pages: dict[str, Path]) -> None:
    """What the tests above rely on: Firefox says when something is asked for, and stops it."""
    fox.open(pages["zh"], SIZES[0])
    fox.ready()
    fox.run("() => { new Image().src = 'https://example.invalid/a.png'; }")
    fox.run("() => fetch('https://example.invalid/b').then(() => 1, () => 0)")
    fox.run(WAIT)
    assert sum("Content-Security-Policy" in line for line in fox.console) >= 2
    assert fox.requests == []


def test_without_a_policy_requests_are_seen(fox: Fox, tmp_path: Path) -> None:
    file = tmp_path / "bare.html"
    file.write_text("<!DOCTYPE html><meta charset=utf-8><img src='http://example.invalid/a.png'>")
    fox.open(file, SIZES[0])
    fox.run(WAIT)
    assert any(url.endswith("://example.invalid/a.png") for url in fox.requests)
