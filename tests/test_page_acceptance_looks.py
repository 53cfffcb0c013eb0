"""What the eye must be able to tell: gaps above coverage after every toggle, colours for everyone.

Pixels are those of screenshots: what the reader gets, all sheets and marks laid on each other.
"""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

import browser as b
from map_gaps import gap_town
from map_town import at, lone_gap
from quarterhour.render import palette
from quarterhour.render.map.html import write_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page

GAP = (0xD5, 0x5E, 0x00)

# Machado, Oliveira and Fernandes 2009, full strength, for linear red, green and blue.
SEEN_BY = {
    "everyone else": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                        [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                        [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                        [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with b.chromium() as found:
        yield found


def pixels(page: Page, lon: float, lat: float, radius: int = 3) -> NDArray[np.float64]:
    """Colours (n, 3) around a place as they are on the screen."""
    x, y = b.on_screen(page, lon, lat)
    side = 2 * radius + 1
    shot = page.screenshot(clip={"x": x - radius, "y": y - radius, "width": side, "height": side})
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), np.float64).reshape(-1, 3)


def lab(rgb: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE Lab (D65) of a colour as somebody with this matrix sees it."""
    share = np.asarray(rgb, np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ matrix.T, 0, 1)
    xyz = linear @ np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                             [0.0193339, 0.1191920, 0.9503041]]).T  # fmt: skip
    f = xyz / [0.95047, 1.0, 1.08883]
    f = np.where(f > (6 / 29) ** 3, np.cbrt(f), f / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1
    )


def test_the_measure_of_colours_is_the_known_one() -> None:
    """White, black and red of sRGB in Lab, and how near green and red are to a deutan eye."""
    plain = SEEN_BY["everyone else"]
    assert lab(np.array([255, 255, 255]), plain) == pytest.approx([100, 0, 0], abs=0.1)
    assert lab(np.array([0, 0, 0]), plain) == pytest.approx([0, 0, 0], abs=0.1)
    assert lab(np.array([255, 0, 0]), plain) == pytest.approx([53.2, 80.1, 67.2], abs=0.2)
    red, green = np.array([0xD6, 0x27, 0x28]), np.array([0x2C, 0xA0, 0x2C])
    apart = {who: float(np.linalg.norm(lab(red, m) - lab(green, m))) for who, m in SEEN_BY.items()}
    assert apart["everyone else"] > 80
    assert apart["deutan"] < 20


def test_a_gap_is_told_from_what_is_covered_by_every_eye(browser: Browser, tmp_path: Path) -> None:
    """On the screen: the dot of a gap against each band of the service area around it."""
    file = tmp_path / "map.html"
    write_map(file, lone_gap())
    with b.visit(browser, file) as seen:
        page = b.ready(seen)
        dot = np.median(pixels(page, *at(0, 0), 2), axis=0)
        assert np.abs(dot - GAP).max() < 30
        for cutoff in range(3):
            for other in range(3):
                box = page.locator(f"#qh-layer-cutoff-{other}")
                if box.is_checked() != (other == cutoff):
                    box.click()
            b.settle(seen)
            ground = np.median(pixels(page, *at(260, 40), 4), axis=0)
            assert np.linalg.norm(ground - [0xF4, 0xF4, 0xF2]) > 8, "nothing is drawn there"
            for who, matrix in SEEN_BY.items():
                apart = np.linalg.norm(lab(dot, matrix) - lab(ground, matrix))
                assert apart > 25, (cutoff, who, apart)


@pytest.mark.parametrize("place", range(len(palette.SERVICES)))
def test_no_service_comes_near_the_colour_of_gaps(place: int) -> None:
    colour = palette.SERVICES[place][0]
    rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    for who, matrix in SEEN_BY.items():
        apart = np.linalg.norm(lab(rgb, matrix) - lab(np.array(GAP), matrix))
        # or, where colours come near, the shape of the mark tells
        assert apart > 18, (who, apart)
    assert len({shape for _, shape in palette.SERVICES}) == len(palette.SERVICES)


def test_covered_and_uncovered_areas_are_told_apart_by_every_eye() -> None:
    """Filled as on the map, over paper; where colours are near, uncovered areas are hatched."""
    paper = np.array([0xF4, 0xF4, 0xF2], np.float64)
    seen = {}
    for key, colour in palette.STATUS.items():
        rgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], np.float64)
        seen[key] = rgb * 0.7 + paper * 0.3
    for who, matrix in SEEN_BY.items():
        apart = np.linalg.norm(lab(seen["covered"], matrix) - lab(seen["uncovered"], matrix))
        assert apart > 20, (who, apart)


def boxes(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "#qh-layers input[type=checkbox]", "all => all.map((it) => it.id)"
    )
    return found


def gap_on_top(page: Page) -> bool:
    """Whether the dot of the lone gap is what is on top."""
    dot = pixels(page, *at(0, 0), 2)
    return bool((np.abs(dot - GAP).max(axis=1) < 40).mean() > 0.5)


def test_gaps_stay_above_coverage_after_every_toggle(browser: Browser, tmp_path: Path) -> None:
    """Every layer off and on again, and every two layers one after the other."""
    file = tmp_path / "map.html"
    write_map(file, lone_gap())
    with b.visit(browser, file) as seen:
        page = b.ready(seen)
        every = [name for name in boxes(page) if not name.endswith(("uncovered", "facilities"))]
        assert {"qh-layer-areas", "qh-layer-roads", "qh-layer-boundary"} <= set(every)
        assert gap_on_top(page)
        for name in every:
            for _ in range(2):
                page.click(f"#{name}")
                b.settle(seen)
                assert gap_on_top(page), name
        for first, second in itertools.permutations(every[:6], 2):
            for name in (first, second, first, second):
                page.evaluate("(id) => document.getElementById(id).click()", name)
            b.settle(seen)
            assert gap_on_top(page), (first, second)
        page.click("#qh-layer-uncovered")
        b.settle(seen)
        assert not gap_on_top(page), "the test would not see a gap that is covered up"
        assert seen.quiet()


def test_areas_of_gaps_stay_above_coverage_too(browser: Browser, tmp_path: Path) -> None:
    """The outline of the largest gap, at the middle of its northern edge and beside it."""
    file = tmp_path / "map.html"
    write_map(file, gap_town())

    def outlined(page: Page) -> float:
        strip = np.concatenate([pixels(page, *at(x, 300), 4) for x in range(-280, 281, 35)])
        return float((np.abs(strip - GAP).max(axis=1) < 70).mean())

    with b.visit(browser, file) as seen:
        page = b.ready(seen)
        before = outlined(page)
        assert before > 0.05
        for name in boxes(page):
            for _ in range(2):
                page.evaluate("(id) => document.getElementById(id).click()", name)
                b.settle(seen)
                if name != "qh-layer-gaps":
                    assert outlined(page) > 0.6 * before, name
        page.click("#qh-layer-gaps")
        b.settle(seen)
        assert outlined(page) < 0.3 * before
