"""The page at the sizes of a projector, a screen and a telephone: nothing lies over another."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from browser import chromium, ready, settle, visit
from map_kinds import kinds_town
from map_town import places, service, town
from quarterhour.render.map.html import write_map
from quarterhour.render.map.pack import ROAD_STEP_DEG
from quarterhour.render.map.payload import payload
from quarterhour.render.picture import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

SIZES = [(1366, 768), (1920, 1080), (1024, 768), (390, 844), (844, 390), (667, 375)]

BOXES = """() => {
  const parts = ["#qh-search", "#qh-synthetic", ".qh-buttons:not(.qh-outputs)", ".qh-outputs",
    ".qh-north", "#qh-stages", ".leaflet-control-scale", "#qh-foot", "#qh-head", "#qh-panel"];
  const out = [];
  for (const name of parts) {
    const box = document.querySelector(name).getBoundingClientRect();
    if (box.width && box.height) out.push([name, box.left, box.top, box.right, box.bottom]);
  }
  return out;
}"""

CUT = """() => {
  const input = document.querySelector("#qh-search-input"), style = getComputedStyle(input);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  return pen.measureText(input.placeholder).width >
    input.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
}"""

# Words with less than 4.5 to 1 against what lies under them.
FAINT = """() => {
  const part = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
  const light = (c) => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  const colour = (text) => {
    const found = text.match(/[\\d.]+/g).map(Number);
    return found.length < 4 ? found.concat(1) : found;
  };
  const under = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] > 0.9) return found;
    }
    return [255, 255, 255];
  };
  const out = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (!text.nodeValue.trim() || !box.width || style.visibility === "hidden") continue;
    if (element.closest("svg,script,style")) continue;
    const a = light(colour(style.color)), b = light(under(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) out.push(text.nodeValue.trim() + " " + ratio.toFixed(2));
  }
  return out;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sizes") / "map.html"
    write_map(file, replace(kinds_town("both"), synthetic=True))
    return file


def over(a: list[float], b: list[float]) -> bool:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    return wide > 1 and min(a[3], b[3]) - max(a[1], b[1]) > 1


@pytest.mark.parametrize("size", SIZES)
def test_nothing_lies_over_anything_and_no_word_is_cut(
    browser: Browser, file: Path, size: tuple[int, int]
) -> None:
    with visit(browser, file, size, reduced_motion="reduce") as seen:
        page = ready(seen)
        for language in ("both", "zh", "en"):
            page.click(f"button[data-language={language}]")
            settle(seen)
            boxes = page.evaluate(BOXES)
            wrong = [(a[0], b[0]) for a, b in combinations(boxes, 2) if over(a[1:], b[1:])]
            assert wrong == [], language
            assert not page.evaluate(CUT), language
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert page.evaluate(FAINT) == [], language
        # the whole town is seen, clear of the mark that it is made up
        clear = page.evaluate(
            """() => {
              const { map, data } = Quarterhour.app, [[south, west], [north, east]] = data.bounds;
              const a = map.latLngToContainerPoint([north, west]);
              const b = map.latLngToContainerPoint([south, east]), size = map.getSize();
              const mark = document.getElementById("qh-synthetic").getBoundingClientRect();
              const top = map.getContainer().getBoundingClientRect().top;
              return a.x >= 0 && b.x <= size.x && b.y <= size.y && a.y >= mark.bottom - top;
            }"""
        )
        assert clear


def test_the_keyboard_reaches_the_buttons_before_the_facilities(
    browser: Browser, file: Path
) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.focus(".folium-map")
        reached = []
        for _ in range(8):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.className || 'button'"))
        first = next(k for k, name in enumerate(reached) if "qh-facility" in name)
        assert first == 6, "three buttons of the view and three of the outputs"


def test_covered_places_of_a_page_without_a_network_are_packed_small() -> None:
    rng = np.random.default_rng(7)
    points = rng.uniform(-2000, 2000, (500, 2))
    covered = places(points, rng.uniform(1, 9, 500), rng.uniform(1, 15, 500), "far")
    layer = replace(service("x", [(0.0, 0.0)], residential=False), covered=covered)
    sent = payload(town("zh", services=(layer,)))["services"][0]["covered"]
    assert (sent["n"], sent["bare"], sent["step"]) == (500, True, ROAD_STEP_DEG)
    values = unpack.numbers(sent["packed"]).reshape(5, 500)
    signed = (values[:2] >> 1) ^ -(values[:2] & 1)
    at = np.cumsum(signed, axis=1).T * ROAD_STEP_DEG
    # every place is there, within half a step
    order = np.lexsort(np.rint(at / ROAD_STEP_DEG).T)
    want = np.column_stack([covered.lon, covered.lat])
    wanted = np.lexsort(np.rint(want / ROAD_STEP_DEG).T)
    assert np.abs(at[order] - want[wanted]).max() <= 0.51 * ROAD_STEP_DEG
    assert values[2].sum() == np.rint(covered.amount * 10).sum()
