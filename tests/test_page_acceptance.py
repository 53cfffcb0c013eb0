"""The map as a stranger gets it: opened without a network, every control worked, names that attack.

The page comes from `hostile_city` by the ordinary way, from files through a whole run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import browser as b
from hostile_city import NAMES, hostile_city, hostile_pages
from page_driver import DRIVE, HARMED, MAP_BOX, START, require_drawn, unread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

LANGUAGES = ("zh", "en", "both")
SIZES = ((1366, 768), (1920, 1080), (390, 844))
LOOKED_FOR = ["\u8f9b", "\u58ec"]
"""Last signs of the names of a district and of a residential area, for the search."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with b.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return hostile_pages(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize(
    ("language", "size"), [*zip(LANGUAGES, SIZES, strict=True), ("both", SIZES[0])]
)
def test_every_control_works_offline_and_names_stay_names(
    browser: Browser, pages: dict[str, Path], language: str, size: tuple[int, int]
) -> None:
    with b.visit(browser, pages[language], size) as seen:
        page = b.ready(seen)
        before = page.evaluate(HARMED)
        page.evaluate(START)
        walk = page.evaluate(DRIVE, [500, LOOKED_FOR])
        # the walk really went through the page: its parts are all among what it worked
        worked = "\n".join(walk["told"])
        assert 30 < len(walk["told"]) < 500
        for part in ("qh-tab-legend", "qh-search-input", "qh-facility", 'choose":"1"', "checkbox"):
            assert part in worked
        if language == "both":
            assert 'language":"en"' in worked
        assert page.evaluate(HARMED) == before
        assert before["taken"] == before["strangers"] == 0
        assert not before["turned"]
        assert unread(NAMES, walk["texts"]) == []
        assert walk["wide"] == []
        assert seen.requests == [pages[language].as_uri()]
        assert seen.quiet(), (seen.console, seen.errors, seen.dialogs)


def test_nothing_is_asked_for_with_a_network_either(
    browser: Browser, pages: dict[str, Path]
) -> None:
    """Offline could hide an attempt; here every attempt would be seen, and be answered."""
    with b.visit(browser, pages["both"], offline=False) as seen:
        page = b.ready(seen)
        page.evaluate(START)
        page.evaluate(DRIVE, [500, []])
        assert seen.requests == [pages["both"].as_uri()]
        assert seen.quiet(), (seen.console, seen.errors)
        # and it would be seen: the policy stops it and says so
        page.evaluate("() => { new Image().src = 'https://example.invalid/a.png'; }")
        page.wait_for_timeout(50)
        assert not seen.quiet()


def test_screenshots_are_not_blank(
    browser: Browser, pages: dict[str, Path], tmp_path: Path
) -> None:
    from PIL import Image

    seen_views = set()
    for language, file in pages.items():
        for size in SIZES:
            with b.visit(browser, file, size) as seen:
                b.ready(seen)
                shot = tmp_path / f"{language}{size[0]}.png"
                seen.page.screenshot(path=shot)
                box = seen.page.evaluate(MAP_BOX)
            image = Image.open(shot).convert("RGB")
            assert image.size == size
            require_drawn(image, box)
            seen_views.add(image.tobytes())
    assert len(seen_views) == len(LANGUAGES) * len(SIZES), "languages and sizes look alike"


def test_two_runs_in_two_places_give_the_same_bytes(tmp_path: Path) -> None:
    """In processes of their own, with other seeds of Python's hashes and other time zones."""
    script = "import sys; from quarterhour.study import run_study; run_study(*sys.argv[1:])"
    made = []
    hostile_city(tmp_path / "one")
    for number, zone in enumerate(("Asia/Shanghai", "America/Lima")):
        home = tmp_path / f"place{number}"
        shutil.copytree(tmp_path / "one", home / "study")
        subprocess.run(
            [sys.executable, "-c", script, str(home / "study" / "study.toml"), str(home / "out")],
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": str(number + 1), "TZ": zone},
        )
        made.append((home / "out" / "map.html").read_bytes())
    assert made[0] == made[1]
    assert str(tmp_path).encode() not in made[0]
