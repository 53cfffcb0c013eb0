"""A real browser for the tests of the pages: found on this machine, cut off from any network."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)


def find_browser() -> str | None:
    """The browser named by QUARTERHOUR_CHROMIUM, else the first known one on the PATH."""
    named = os.environ.get("QUARTERHOUR_CHROMIUM")
    if named:
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def need(what: object, reason: str) -> None:
    """Skips the test without `what`, or fails it where a browser is required."""
    if what:
        return
    if os.environ.get("QUARTERHOUR_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason}; QUARTERHOUR_REQUIRE_BROWSER=1 asks for it")
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser; skips when there is none (fails with QUARTERHOUR_REQUIRE_BROWSER=1)."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        need(None, "playwright is not installed")
    path = find_browser()
    need(path, "no Chromium, Chrome or Edge on the PATH (or set QUARTERHOUR_CHROMIUM)")
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if as_root else []
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """A page and everything it did that an offline page must not do."""

    page: Page
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def quiet(self) -> bool:
        """Only the file itself was requested, and nothing went wrong."""
        return len(self.requests) == 1 and not (self.console or self.errors or self.dialogs)


@contextmanager
def visit(
    browser: Browser,
    file: Path,
    size: tuple[int, int] = (1400, 900),
    *,
    offline: bool = True,
    **choices: object,
) -> Iterator[Visit]:
    """The file opened from disk without a network, with what it did kept for the test."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, offline=offline, **choices
    )
    page = context.new_page()
    seen = Visit(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda message: seen.console.append(f"{message.type}: {message.text}"))

    def refuse(dialog: object) -> None:
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    try:
        page.goto(file.resolve().as_uri())
        yield seen
    finally:
        context.close()


def ready(seen: Visit) -> Page:
    # asked again and again from here: what waits inside the page needs eval, which its policy stops
    started = "Boolean(window.Quarterhour && window.Quarterhour.started === true)"
    for _ in range(1500):
        if seen.page.evaluate(started) or seen.errors:
            break
        seen.page.wait_for_timeout(20)
    assert seen.page.evaluate(started), (seen.errors, seen.console)
    settle(seen)
    return seen.page


def ready_to_try(seen: Visit) -> Page:
    """The page once its model can be asked too."""
    page = ready(seen)
    able = "Boolean(Quarterhour.app.whatIf && Quarterhour.app.whatIf.ready)"
    for _ in range(1500):
        if page.evaluate(able):
            break
        page.wait_for_timeout(20)
    assert page.evaluate(able), (seen.errors, seen.console)
    return page


def settle(seen: Visit) -> None:
    """Until the frames that were asked for have been drawn."""
    seen.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def ink(page: Page, lon: float, lat: float, pane: str = "qh-data") -> list[int]:
    """Red, green, blue, alpha at a place of a sheet; of that of the data with those of a trial."""
    return page.evaluate(
        """([lon, lat, panes]) => {
          const map = Quarterhour.app.map, at = map.latLngToContainerPoint([lat, lon]);
          const outer = map.getContainer().getBoundingClientRect();
          const one = document.createElement("canvas"), ctx = one.getContext("2d");
          one.width = one.height = 1;
          for (const pane of panes) {
            const canvas = document.querySelector(`.leaflet-${pane}-pane canvas`);
            if (!canvas || canvas.parentNode.style.display === "none") continue;
            const box = canvas.getBoundingClientRect(), k = canvas.width / box.width;
            const x = (at.x + outer.left - box.left) * k, y = (at.y + outer.top - box.top) * k;
            ctx.drawImage(canvas, -Math.floor(x), -Math.floor(y));
          }
          return Array.from(ctx.getImageData(0, 0, 1, 1).data);
        }""",
        [lon, lat, ["qh-data", "qh-trial", "qh-over"] if pane == "qh-data" else [pane]],
    )


def on_screen(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Pixels in the window of a place."""
    point = page.evaluate(
        """([lon, lat]) => {
          const map = Quarterhour.app.map, p = map.latLngToContainerPoint([lat, lon]);
          const box = map.getContainer().getBoundingClientRect();
          return [p.x + box.left, p.y + box.top];
        }""",
        [lon, lat],
    )
    return point[0], point[1]
