"""The page's engine in a real browser, under the page's own policy and without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, visit
from quarterhour.study import run_study
from small_study import lonlat, small_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    run_study(small_study(folder, {"service.0.walker": "elderly"}), out=folder / "out")
    return folder / "out" / "map.html"


ASK = """async ([lat, lon]) => {
  const model = await Quarterhour.Model.open(Quarterhour.app.data.what_if);
  const { ok, n } = model.selftest();
  const pin = model.link(0, lat, lon), state = model.state(0);
  return { ok, n, before: state.counts.all.covered, gained: model.add(state, pin).gained.all };
}"""


def test_the_engine_runs_in_the_page(browser: Browser, page_file: Path) -> None:
    with visit(browser, page_file) as seen:
        page = ready(seen)
        lon, lat = lonlat(1190, 8)
        found = page.evaluate(ASK, [lat, lon])
        assert found["ok"]
        assert found["n"] >= 20
        # 甲 (10), 乙 (20) and 丙 (30) are covered within 15 minutes, 丁 (40) by the pin
        assert (found["before"], found["gained"]) == (60_000_000, 40_000_000)
        assert seen.quiet(), (seen.requests, seen.console, seen.errors)


def test_damage_rejects_with_an_error_and_nothing_else(browser: Browser, page_file: Path) -> None:
    with visit(browser, page_file) as seen:
        page = ready(seen)
        told = page.evaluate(
            """async () => {
              const { gzip } = Quarterhour.app.data.what_if;
              const bad = { format: 1, gzip: gzip.slice(0, 300) + "AAAA" + gzip.slice(304) };
              return Quarterhour.Model.open(bad).then(() => "opened", (error) => error.message);
            }"""
        )
        assert told.startswith("The what-if data of this page cannot be used")
        assert not seen.errors
