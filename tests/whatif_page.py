"""The page's "what if" panel on the demo, and Python's own answers to what is tried there."""

from __future__ import annotations

import functools
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from browser import on_screen, ready, settle, visit
from quarterhour.demo_study import demo_study
from quarterhour.publish import map_of
from quarterhour.render.map.html import write_map
from quarterhour.study import run_study
from quarterhour.whatif.answers import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Page

    from browser import Visit
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.render.map.layers import MapData

PANEL = "Quarterhour.app.whatIf"
Position = tuple[int, int, int]


@dataclass(frozen=True)
class Tried:
    """A study with its map on disk."""

    data: MapData
    assessments: Sequence[Assessment]
    file: Path

    def bench(self, k: int = 0) -> Bench:
        a = self.assessments[k]
        assert self.data.what_if is not None
        return Bench(self.data.what_if, k, a.ground, a.walker)

    def covered(
        self,
        pins: Sequence[Position] = (),
        closed: Sequence[int] = (),
        *,
        k: int = 0,
        speed_mmph: int | None = None,
        cutoff_ms: int | None = None,
    ) -> dict[str, int]:
        """Millionths of every group within the cutoff, as Python counts them."""
        bench = self.bench(k)
        place, _, ms = bench.nearest(pins, closed, speed_mmph)
        limit = bench.service.cutoffs_ms[-1] if cutoff_ms is None else cutoff_ms
        return bench.sums(place[ms <= limit])


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def folder() -> Path:
    """A new folder that stays until the tests end."""
    _KEPT.append(tempfile.TemporaryDirectory(prefix="whatif-"))
    return Path(_KEPT[-1].name)


def tried(study: Path) -> Tried:
    """The study run, and its map written beside it."""
    result = run_study(study)
    data = map_of(result, "test")
    file = study.with_name("map.html")
    write_map(file, data)
    return Tried(data, result.assessments, file)


@functools.cache
def demo() -> Tried:
    """The demo of the product; once for all tests."""
    return tried(demo_study(folder() / "demo"))


@contextmanager
def panel(
    browser: Browser, file: Path, size: tuple[int, int] = (1366, 900), **choices: Any
) -> Iterator[Visit]:
    """The page with the panel in front."""
    with visit(browser, file, size, reduced_motion="reduce", **choices) as seen:
        page = ready(seen)
        page.wait_for_function(f"() => {PANEL}.ready || {PANEL}.failed")
        if size[0] < 760:
            page.click("#qh-panel-button")
        page.click("#qh-tab-whatif")
        settle(seen)
        yield seen


def exact(page: Page) -> dict[str, dict[str, int]]:
    """What the panel shows of every group after the changes, in millionths."""
    found: dict[str, dict[str, int]] = page.evaluate(f"{PANEL}.shown.after")
    return found


def covered(page: Page) -> dict[str, int]:
    return {group: row["covered"] for group, row in exact(page).items()}


def rows(page: Page) -> dict[str, list[str]]:
    """The cells of the table by group: total, today, trial, change."""
    return {
        row.get_attribute("data-group") or "": row.locator("td").all_inner_texts()
        for row in page.locator("#qh-wi-result tr[data-group]").all()
    }


def pins(page: Page) -> list[Position]:
    """Positions of the pins of the service that is shown, in their order."""
    found = page.evaluate(
        f"{PANEL}.plan.ofService(Quarterhour.app.at, 'add')"
        ".map((it) => [it.at.edge, it.at.offset_mm, it.at.access_mm])"
    )
    return [tuple(one) for one in found]


def said(page: Page) -> str:
    text = page.locator("#qh-trial-said")
    return text.inner_text() if text.is_visible() else ""


def look(seen: Visit, lon: float, lat: float, zoom: float = 15.5) -> None:
    """The map moved to a place."""
    seen.page.evaluate(
        "([lon, lat, zoom]) => Quarterhour.app.map.setView([lat, lon], zoom, {animate: false})",
        [lon, lat, zoom],
    )
    settle(seen)


def press(seen: Visit, tool: str, *places: tuple[float, float]) -> None:
    """A tool taken and used at places."""
    seen.page.click(f"[data-tool={tool}]")
    for place in places:
        seen.page.mouse.click(*on_screen(seen.page, *place))
    settle(seen)


def slide(seen: Visit, name: str, value: float) -> None:
    """A slider moved by hand to a value."""
    seen.page.evaluate(
        """([id, value]) => {
          const slider = document.getElementById(id);
          slider.value = value;
          slider.dispatchEvent(new Event("input"));
        }""",
        [f"qh-wi-{name}", value],
    )
    settle(seen)
    settle(seen)


def lacking(page: Page, row: int = 0) -> tuple[float, float]:
    """Longitude and latitude of the middle of a gap."""
    lat, lon = page.evaluate(f"Quarterhour.app.service().gaps.at[{row}]")
    return lon, lat
