"""Scenarios on the map: figures before and after with their total, layers that are off at first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from browser import chromium, ready, settle, visit
from quarterhour.briefing.shown import map_data
from quarterhour.errors import InputError
from quarterhour.render.map.html import map_html, write_map
from quarterhour.render.map.payload import payload
from quarterhour.study import run_study
from small_study import box, facilities_text, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from quarterhour.render.map.layers import MapData


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> MapData:
    """The small town with a gate closed, a bridge to the island, and a house in the east."""
    folder = tmp_path_factory.mktemp("plans")
    gates = [lonlat(300, 0), lonlat(600, 250)]
    lines = ["名称,经度,纬度", *(f"门,{lon:.9f},{lat:.9f}" for lon, lat in gates)]
    (folder / "gates.csv").write_text("\n".join(lines), encoding="utf-8")
    write_layer(folder / "site.gpkg", [box(700, -20, 900, 20)])
    write_layer(
        folder / "bridge.gpkg", [shapely.LineString([lonlat(150, -800), lonlat(150, -3)])]
    )  # fmt: skip
    (folder / "new.csv").write_text(
        facilities_text(
            [("东<b>院", 1200, 10, "养老院", "现状"), ("天外", 9e3, 0, "养老院", "现状")]
        ),
        encoding="utf-8",
    )
    plans: list[dict[str, Any]] = [
        {"name": "封<i>路", "close": "gates.csv"},
        {"name": "新桥与新院", "open": "bridge.gpkg", "facilities": "new.csv"},
        {"name": "工地", "close": "site.gpkg"},
    ]
    result = run_study(small_study(folder, {"scenario": plans, "study.language": "both"}))
    return map_data(
        result.assessments, title="方案", language="both", scenarios=result.scenarios
    )  # fmt: skip


def test_what_the_page_is_told(town: MapData) -> None:
    # 甲 10, 乙 20 and 丙 30 of 112 are covered; the gates take 乙's ways; 岛 (5) and 丁 (40) gain
    shut, opened, site = payload(town)["scenarios"]
    assert shut["services"][0]["told"] == [
        (
            "养老 15分钟可达：全部人口 60 → 40（-20）人，共 112 人（占总量 53.6% → 35.7%）；"
            "新增可达 0，不再可达 20"
        ),
        (
            "养老 within 15 min: everyone: 60 → 40 (-20) of 112 people"
            " (53.6% → 35.7% of the total); 0 gained, 20 lost"
        ),
    ]
    assert "60 → 105（+45）人，共 112 人" in opened["services"][0]["told"][0]
    assert (shut["services"][0]["lost"]["n"], shut["services"][0]["gained"]["n"]) == (1, 0)
    assert (opened["services"][0]["lost"]["n"], opened["services"][0]["gained"]["n"]) == (0, 2)
    # points are crosses, areas are drawn; only facilities that serve are added
    assert (len(shut["cuts"]), town.scenarios[0].closed) == (2, ())
    assert (site["cuts"], len(town.scenarios[2].closed)) == ([], 1)
    assert opened["opened"]
    assert [it["name"] for it in opened["services"][0]["added"]] == ["东<b>院"]


def test_the_sentences_can_be_read_without_a_script(town: MapData) -> None:
    page = map_html(town)
    written = page[page.index('<details id="qh-scenarios">') :]
    assert "60 → 40（-20）人，共 112 人" in written
    assert "封&lt;i&gt;路" in written
    plain = map_html(replace(town, scenarios=()))
    assert '<details id="qh-scenarios">' not in plain


def test_a_scenario_of_other_services_is_refused(town: MapData) -> None:
    one = replace(town.scenarios[0], services=())
    with pytest.raises(InputError, match="has 0 services and the map 1"):
        map_html(replace(town, scenarios=(one,)))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_layers_are_off_at_first_and_can_be_shown(
    browser: Browser, tmp_path: Path, town: MapData
) -> None:
    file = tmp_path / "map.html"
    write_map(file, town)
    picture = """() => {
      const c = document.querySelector(".leaflet-qh-data-pane canvas");
      return c.toDataURL();
    }"""
    with visit(browser, file, (1400, 900)) as seen:
        page = ready(seen)
        before = page.evaluate(picture)
        for number in range(3):
            toggle = page.locator(f"#qh-layer-scenario-{number}")
            assert not toggle.is_checked()
            toggle.check()
            settle(seen)
            assert page.evaluate(picture) != before, number
            told = page.locator(".qh-layer", has=toggle).locator(".qh-told")
            assert "共 112 人" in told.inner_text()
            toggle.uncheck()
            settle(seen)
            assert page.evaluate(picture) == before, number
        assert seen.quiet(), (seen.console, seen.errors)
