"""The walk of a place that is clicked: through the page's own network, to the millisecond."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from browser import chromium, on_screen, ready, settle, visit
from quarterhour.study import run_study
from small_study import lonlat, small_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

TRACED = """() => {
  const app = Quarterhour.app, model = app.whatIf.model, net = model.net, out = [];
  app.data.services.forEach((service, k) => {
    const state = model.state(k), d = model.demand(k);
    for (let p = 0; p < d.n; p++) {
      const at = { edge: d.edge[p], offset_mm: d.offset[p], access_mm: d.access[p] };
      const walk = Quarterhour.route.trace(state, at);
      const node = (part, mm) => mm === 0 ? net.tail[part.edge] : net.head[part.edge];
      out.push({
        ms: state.ms[p], source: state.source[p], walk,
        joined: !walk || walk.parts.every((part, i) => !i ||
          node(walk.parts[i - 1], walk.parts[i - 1].to_mm) === node(part, part.from_mm)),
      });
    }
  });
  return out;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("walk")
    changes: dict[str, Any] = {"service.0.walker": "elderly", "study.language": "both"}
    run_study(small_study(folder, changes), folder / "out")
    return folder / "out" / "map.html"


def trying(seen: Any) -> Page:
    page = ready(seen)
    page.wait_for_function("Quarterhour.app.whatIf && Quarterhour.app.whatIf.ready")
    return page


def test_every_walk_takes_the_time_that_the_engine_has(browser: Browser, file: Path) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        traced = trying(seen).evaluate(TRACED)
    reached = [it for it in traced if it["ms"] >= 0]
    # 甲, 乙, 丙 and 丁 have a way; the island has none
    assert len(reached) == 4
    for it in reached:
        assert (it["walk"]["ms"], it["walk"]["who"]) == (it["ms"], it["source"])
        assert it["joined"]
    assert all(it["walk"] is None for it in traced if it["ms"] < 0)


def test_a_place_that_is_clicked_shows_its_walk(browser: Browser, file: Path) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = trying(seen)
        # 甲 lives 100 m along the main street; 西院 stands 10 m beside its end
        page.evaluate(
            "([lat, lon]) => Quarterhour.app.map.setView([lat, lon], 16, { animate: false })",
            list(reversed(lonlat(100, 0))),
        )
        settle(seen)
        page.mouse.click(*on_screen(page, *lonlat(100, 0)))
        page.wait_for_selector(".qh-popup")
        assert "西院" in page.inner_text(".qh-popup")
        walk = page.evaluate(
            "() => { const w = Quarterhour.app.walk; return [w.metres[0], w.ms, w.parts.length]; }"
        )
        assert walk[0] == pytest.approx(110, abs=1)
        # 110 m at 1 m/s
        assert walk[1] == pytest.approx(110_000, abs=1_000)
        page.keyboard.press("Escape")
        assert page.evaluate("Quarterhour.app.walk") is None
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_walk_that_is_not_the_study_s_is_not_drawn(browser: Browser, file: Path) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = trying(seen)
        told = page.evaluate(
            """() => {
              const app = Quarterhour.app, dots = app.service().covered;
              const times = dots.levels.times(1e9), found = (row) =>
                ({ what: "covered", service: 0, row, times, state: "today" });
              const before = Quarterhour.route.walkOf(app, found(0)) !== null;
              dots.minutes[0] += 1;
              return [before, Quarterhour.route.walkOf(app, found(0))];
            }"""
        )
        assert told == [True, None]
