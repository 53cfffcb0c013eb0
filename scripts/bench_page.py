"""Part "page": the map of a large city: how large its file is, and how long until it is ready.

4,000 residential areas, 2,500 places of people and roads of 100,000 vertices, with the model that
the page computes with and without it. Opened in Chromium from disk without a network; ready is
when the page says so and its next frame has been drawn. Then the steps of "what if", see
page_steps.py.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench_common import Part, Row, Times, not_installed, race, require, say
from page_city import page_city
from page_steps import high, steps_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from quarterhour.render.map.layers import MapData

HOMES, POINTS, VERTICES = 4_000, 2_500, 100_000
MOST_BYTES = 5_000_000
READY_S = 1.5
STEP_MS = 16.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def measure(*, repeat: int, quick: bool) -> Part:
    """Bytes of the page and seconds until it is ready, with and without the model."""
    from quarterhour.render.map.html import map_html

    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="quarterhour-page-") as folder:
        home = Path(folder)
        for name, what_if in (("without what if", False), ("with what if", True)):
            data = city_map(home / name.replace(" ", "-"), what_if=what_if)
            require(
                (data.what_if is not None) == what_if, f"page: {name} came out the other way round"
            )
            if not quick:
                times = race({"write": lambda data=data: map_html(data)}, min(repeat, 3))
                rows.append(times["write"].row(f"page written, {name}"))
            file = home / f"{what_if}.html"
            file.write_bytes(map_html(data).encode())
            size = file.stat().st_size
            rows.append(
                Row(
                    what=f"file, {name}",
                    target=f"at most {MOST_BYTES / 1e6:g} MB",
                    met=size <= MOST_BYTES,
                    note=f"{size / 1e6:.2f} MB",
                )
            )
            rows.append(_opened(file, name, repeat))
            if what_if:
                rows += _steps(file, quick=quick)
    counted = f"{HOMES:,} residential areas, {POINTS:,} places, {VERTICES:,} vertices"
    return Part(
        name="page",
        title=f"the map of {counted}",
        agreed="every area, place and vertex is in the page that was opened",
        rows=tuple(rows),
    )


def city_map(folder: Path, *, what_if: bool, homes: int = HOMES, points: int = POINTS,
             vertices: int = VERTICES) -> MapData:  # fmt: skip
    """What the map of the city shows, by a whole run."""
    from quarterhour.publish import map_of
    from quarterhour.study import run_study

    say(f"  a city of {homes:,} areas and {vertices:,} vertices")
    study = page_city(folder, homes=homes, points=points, vertices=vertices, what_if=what_if)
    return map_of(run_study(study), "0123456789ab")


def browser_path() -> str | None:
    """The browser named by QUARTERHOUR_CHROMIUM, else the first known one on the PATH."""
    return os.environ.get("QUARTERHOUR_CHROMIUM") or next(
        (path for browser in BROWSERS if (path := shutil.which(browser))), None
    )


def _steps(file: Path, *, quick: bool) -> list[Row]:
    """Work of a step of "what if" by kind: the median is held to the target, p95 is told."""
    found = browser_path()
    if found is None:
        return []
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return []
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"] if as_root else []
        )
        try:
            steps = steps_of(browser, file, 6 if quick else 24)["steps"]
        finally:
            browser.close()
    return [
        Row(
            what=f"a step: {kind}",
            target=f"under {STEP_MS:g} ms",
            met=statistics.median(ms) < STEP_MS,
            note=f"median {statistics.median(ms):.1f} ms, p95 {high(ms):.1f} ms",
        )
        for kind, ms in steps.items()
    ]


def _opened(file: Path, name: str, repeat: int) -> Row:
    what = f"opened until ready, {name}"
    found = browser_path()
    if found is None:
        return Row(what=what, note="no Chromium on the PATH (or set QUARTERHOUR_CHROMIUM)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return not_installed(what, "playwright")
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"] if as_root else []
        )
        try:
            seconds = [_once(browser, file) for _ in range(repeat)]
        finally:
            browser.close()
    return Times(seconds=tuple(seconds)).under(READY_S, what)


def _once(browser: Browser, file: Path) -> float:
    """Seconds from the call to open the page until its first frame after it was ready."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    page = context.new_page()
    # Looked at from inside, in the page's own time, so that asking takes none of it.
    page.add_init_script(
        "(() => { const look = () => { const Q = window.Quarterhour;"
        " if (Q && Q.started) requestAnimationFrame(() => setTimeout(() => {"
        " window.readyAt = performance.now(); }, 0)); else setTimeout(look, 1); }; look(); })()"
    )
    try:
        page.goto(file.as_uri())
        for _ in range(2000):
            at = page.evaluate("window.readyAt || 0")
            if at:
                break
            page.wait_for_timeout(20)
        require(at, "page: it was not ready after 40 seconds")
        counted = page.evaluate(
            "() => { const a = Quarterhour.app, s = a.service();"
            " return [s.residential.shapes.length, a.roads.x.length]; }"
        )
        require(counted[0] == HOMES, f"page: {counted[0]} residential areas are in the page")
        require(counted[1] > 0.6 * VERTICES, f"page: {counted[1]} vertices are in the page")
        return float(at) / 1000
    finally:
        context.close()
