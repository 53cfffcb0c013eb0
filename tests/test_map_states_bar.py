"""The bar of states with few and many choices of long names: one run of buttons, clear of all."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, settle, visit
from map_views import views_town
from quarterhour.render.map.html import write_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

NAMES = [
    ("建议方案", "Proposal"),
    ("按步行较慢的老年人计算的五处新址方案", "Five new sites for those who walk slowly"),
    ("施工封闭与新建天桥同时实施", "The closure and the new footbridge together"),
    ("近期先建三处", "Three sites soon"),
    ("远期八处，并撤并其中两处", "Eight sites later, two of them merged"),
]

BUTTONS = """() => Array.from(document.querySelectorAll("#qh-stages button"), (it) => {
  const box = it.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom, it.scrollWidth - it.clientWidth];
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_buttons_are_one_run(
    browser: Browser, tmp_path: Path, size: tuple[int, int], n: int
) -> None:
    """Each follows the one before it, in its row or at the start of the next."""
    data = views_town("both")
    plans = tuple(replace(data.scenarios[0], name=zh, label=(zh, en)) for zh, en in NAMES[:n])
    file = tmp_path / "map.html"
    write_map(file, replace(data, scenarios=plans, views=()))
    with visit(browser, file, size, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.click('[data-stage="scenario-0"]')
        for language in ("zh", "en", "both"):
            page.click(f"button[data-language={language}]")
            settle(seen)
            boxes = page.evaluate(BUTTONS)
            assert len(boxes) == n + 2  # today and the comparison
            for (_, top, right, bottom, cut), after in pairwise(boxes):
                assert cut <= 0, "no name is cut off"
                if after[1] < bottom:
                    assert 0 < after[0] - right < 10
                    assert abs(after[1] - top) < 1
                else:
                    assert abs(after[0] - boxes[0][0]) < 1
                    assert 0 < after[1] - bottom < 10
            rows = len({round(box[1]) for box in boxes})
            assert rows <= (1 if n < 3 else 2), language
            bar = page.locator("#qh-stages").bounding_box()
            map_ = page.locator(".folium-map").bounding_box()
            side = page.locator(".qh-outputs").bounding_box()
            assert bar
            assert map_
            assert side
            assert bar["x"] + bar["width"] < side["x"]
            assert bar["height"] < 0.22 * map_["height"]
            if rows == 1:  # as wide as what is in it
                words = page.locator("#qh-stages .qh-stage-told > span").bounding_box()
                assert words
                widest = max(boxes[-1][2], words["x"] + words["width"])
                assert bar["x"] + bar["width"] - widest < 14
        assert seen.quiet(), (seen.console, seen.errors)
