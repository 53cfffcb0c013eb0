"""Proposed sites in a real browser: pins, cards, table, years, facilities that close."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from browser import chromium, ink, ready, settle, visit
from map_gaps import gap_town
from map_town import HOSTILE, at, ground
from quarterhour.briefing.shown import map_data
from quarterhour.render.map.html import write_map
from quarterhour.render.map.layers import Figure, MapData, Places, Scenario, ScenarioService
from quarterhour.render.map.site_layers import Proposal, SiteMark
from quarterhour.siting.on_map import drawn_of
from quarterhour.siting.run import run_site
from quarterhour.study import run_study
from siting_town import siting_study, with_cells
from small_study import facilities_text, lonlat, small_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from quarterhour.siting.run import SiteRun

COSTS = with_cells({"东口": 90, "北坡": 50, "路口": 45, "岛心": 5, "西口": 1}, "造价（万元）")
ROWS = [("西院", 0, 10, "养老院", "现状"), ("东院", 1100, 10, "养老院", "现状")]


def drawn(run: SiteRun, language: str = "zh") -> MapData:
    told = drawn_of(run.result, run.answered, language=language)
    return map_data(
        run.answered.assessments, title="选址", language=language, proposed=told.proposed,
        proposal=told.proposal, optimum=told.optimum,
    )  # fmt: skip


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A budget with its costs, years, and a closing, each as a written page."""
    folder = tmp_path_factory.mktemp("proposals")
    runs = {
        "budget": run_site(siting_study(folder / "a", {"budget": 140}, sites=COSTS)),
        "years": run_site(siting_study(folder / "b", {"phases": {"2026": 1, "2027": 2}})),
        "closed": run_site(
            siting_study(folder / "c", {}, files={"facilities.csv": facilities_text(ROWS)}),
            close=1,
        ),
    }
    made = {}
    for name, run in runs.items():
        made[name] = folder / f"{name}.html"
        write_map(made[name], drawn(run))
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def pins(page: Page) -> list[str]:
    """Ranks of the pins on the map, in the order of the elements."""
    return sorted(page.locator(".qh-site text").all_text_contents())


def shape_of(element: Locator) -> shapely.Polygon:
    found = element.bounding_box()
    assert found
    x, y = found["x"], found["y"]
    return shapely.box(x, y, x + found["width"], y + found["height"])


def card(page: Page) -> str:
    return re.sub(r"\s+", " ", page.locator(".leaflet-popup-content").inner_text())


def test_the_proposal_is_drawn_at_first_and_can_be_taken_away(
    browser: Browser, maps: dict[str, Path]
) -> None:
    with visit(browser, maps["budget"], reduced_motion="reduce") as seen:
        page = ready(seen)
        # 东口 and 北坡 for 140 万元: 70 people; 北坡, 路口, 岛心 would be 55
        assert pins(page) == ["1", "2"]
        toggle = page.locator("#qh-layer-scenario-0")
        assert toggle.is_checked()
        # over the area of 东口, on its street beside the pin
        spot = lonlat(900, 0)
        with_it = ink(page, *spot)
        # the figures beside the map are those of what is drawn
        head = page.locator("#qh-head")
        assert "10 → 80 / 112 人可达" in head.inner_text()
        toggle.uncheck()
        settle(seen)
        assert pins(page) == []
        assert "→" not in head.inner_text()
        assert "10 / 112 人可达" in head.inner_text()
        assert ink(page, *spot) != with_it
        page.locator("#qh-layer-scenario-0").check()
        settle(seen)
        assert pins(page) == ["1", "2"]
        assert ink(page, *spot) == with_it
        # another shape than a facility, and other words
        assert page.locator(".qh-facility").count() == 1
        labels = [page.locator(".qh-site").nth(k).get_attribute("aria-label") for k in (0, 1)]
        assert sorted(labels) == ["建议新址 1, 东口", "建议新址 2, 北坡"]
        assert not seen.errors


def test_a_pin_has_a_card_with_the_mouse_and_with_the_keyboard(
    browser: Browser, maps: dict[str, Path]
) -> None:
    with visit(browser, maps["budget"], reduced_motion="reduce") as seen:
        page = ready(seen)
        pin = page.locator('.qh-site[data-site="0"]')
        pin.hover()
        tip = page.locator(".qh-tip").inner_text()
        assert "东口" in tip
        pin.click()
        assert re.search(r"1 东口 新增覆盖：全部人口 40 人", card(page))
        assert "造价 90 万元" in card(page)
        page.keyboard.press("Escape")
        second = page.locator('.qh-site[data-site="1"]')
        second.focus()
        page.keyboard.press("Enter")
        assert "2 北坡 新增覆盖：全部人口 30 人" in card(page)
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.dataset.site") == "1"
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_row_of_the_table_goes_to_its_site(browser: Browser, maps: dict[str, Path]) -> None:
    for size in ((1366, 768), (390, 844)):
        with visit(browser, maps["budget"], size, reduced_motion="reduce") as seen:
            page = ready(seen)
            small = size[0] < 500
            if small:
                page.click("#qh-panel-button")
            before = page.evaluate("Quarterhour.app.map.getZoom()")
            row = page.locator('#qh-proposal tr[data-site="1"]')
            row.locator("button").click()
            settle(seen)
            assert page.evaluate("Quarterhour.app.map.getZoom()") >= before
            lon, lat = lonlat(600, 400)
            assert page.evaluate(
                "([lon, lat]) => Quarterhour.app.map.getBounds().contains([lat, lon])", [lon, lat]
            )
            assert "北坡" in card(page)
            assert "qh-chosen" in row.get_attribute("class")
            # the buttons of the map do not lie on that of the card
            close = shape_of(page.locator(".leaflet-popup-close-button"))
            assert not any(close.intersects(shape_of(b)) for b in page.locator(".qh-buttons").all())
            page.keyboard.press("Escape")
            assert "qh-chosen" not in (row.get_attribute("class") or "")
            assert seen.quiet(), (seen.console, seen.errors)


def test_years_are_stepped_through(browser: Browser, maps: dict[str, Path]) -> None:
    with visit(browser, maps["years"], reduced_motion="reduce") as seen:
        page = ready(seen)
        assert pins(page) == ["1", "2", "3"]
        later = page.locator("#qh-proposal tr.qh-later")
        assert later.count() == 0
        page.locator("#qh-layer-scenario-0").check()
        settle(seen)
        # one year at a time
        assert pins(page) == ["1"]
        assert later.count() == 2
        assert not page.locator("#qh-layer-scenario-1").is_checked()
        assert page.evaluate("document.activeElement.id") == "qh-layer-scenario-0"
        # a site that stands by then is shown in that year, a later one in its own
        page.locator('#qh-proposal tr[data-site="0"] button').click()
        assert pins(page) == ["1"]
        page.locator('#qh-proposal tr[data-site="2"] button').click()
        assert pins(page) == ["1", "2", "3"]
        assert "建设年份 2027" in card(page)
        assert seen.quiet(), (seen.console, seen.errors)


def test_what_closes_is_crossed_out(browser: Browser, maps: dict[str, Path]) -> None:
    with visit(browser, maps["closed"], reduced_motion="reduce") as seen:
        page = ready(seen)
        crossed = page.locator(".qh-facility:has(.qh-cross)")
        assert crossed.count() == 1
        assert crossed.get_attribute("aria-label").startswith("西院, ")
        assert crossed.get_attribute("aria-label").endswith("方案中停用")
        assert page.locator("#qh-layers .qh-cross").count() == 1
        crossed.click()
        assert "建议方案 方案中停用" in card(page)
        page.keyboard.press("Escape")
        page.locator('#qh-proposal tr[data-closed="0"] button').click()
        assert "西院" in card(page)
        page.keyboard.press("Escape")
        page.locator("#qh-layer-scenario-0").uncheck()
        settle(seen)
        assert crossed.count() == 0
        west = page.locator('.qh-facility[aria-label^="西院"]')
        assert "停用" not in west.get_attribute("aria-label")
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_scenario_of_a_study_crosses_out_what_it_leaves_out(
    browser: Browser, tmp_path: Path
) -> None:
    # its own table stands in place of the study's: 西院 stays, 东院 is not in it, 新院 is new
    new = facilities_text([ROWS[0], ("新院", 600, 10, "养老院", "现状")])
    plan = {"name": "换址", "facilities": "new.csv", "replace": True}
    path = small_study(
        tmp_path, {"scenario": [plan]},
        {"new.csv": new, "facilities.csv": facilities_text(ROWS)},
    )  # fmt: skip
    result = run_study(path)
    data = map_data(result.assessments, title="换址", scenarios=result.scenarios)
    one = data.scenarios[0].services[0]
    assert [data.services[0].facilities[k].name for k in one.dropped] == ["东院"]
    assert [it.name for it in one.added] == ["新院"]
    write_map(tmp_path / "map.html", data)
    with visit(browser, tmp_path / "map.html", reduced_motion="reduce") as seen:
        page = ready(seen)
        assert page.locator(".qh-facility:has(.qh-cross)").count() == 0
        page.locator("#qh-layer-scenario-0").check()
        settle(seen)
        crossed = page.locator(".qh-facility:has(.qh-cross)")
        assert crossed.get_attribute("aria-label").startswith("东院, ")
        assert seen.quiet(), (seen.console, seen.errors)


def everywhere(base: MapData, name: str = "新址") -> MapData:
    """A proposal with one site whose service area is the whole town; nobody gains by it."""
    service = base.services[0]
    none = Places(
        lon=np.empty(0), lat=np.empty(0), amount=np.empty(0), minutes=np.empty(0),
        nearest=np.empty(0, np.int64), reason=(),
    )  # fmt: skip
    figure = Figure(
        cutoff_min=15, group=service.group, total=10, covered=5, uncovered=5, unlinked=0,
        share_covered=0.5,
    )  # fmt: skip
    lon, lat = at(1500, -1500)
    site = SiteMark(
        name=(name, name), rank=1, lon=lon, lat=lat, added={"all": 3.0}, reached=7.0, size=name,
        when="2026", area=ground(shapely.box(-3000, -3000, 3000, 3000)),
    )  # fmt: skip
    parts = tuple(
        ScenarioService(
            name=one.name, added=(), gained=none, lost=none, before=figure, after=figure,
            sites=(site,) if k == 0 else (),
        )
        for k, one in enumerate(base.services)
    )  # fmt: skip
    plan = Scenario(
        name=name, closed=(), cuts=np.empty((0, 2)), opened=(), services=parts,
        label=(name, name), shown=True, proposed="best",
    )  # fmt: skip
    told = Proposal(
        verdict=(name, name), proven=False, facts=(((name, name), (name, name)),),
        notes=((name, name),),
    )  # fmt: skip
    return replace(base, scenarios=(plan,), proposal=told)


def test_service_areas_of_sites_lie_under_gaps_and_people(browser: Browser, tmp_path: Path) -> None:
    write_map(tmp_path / "map.html", everywhere(gap_town()))
    # the dot of the people of the large gap, and its outline in the east
    dot, edge = at(0, 0), [at(x, 150) for x in range(280, 321, 2)]

    def orange(rgba: list[int]) -> bool:
        return rgba[0] > 180 and 50 < rgba[1] < 150 and rgba[2] < 80

    with visit(browser, tmp_path / "map.html", reduced_motion="reduce") as seen:
        page = ready(seen)
        page.evaluate("Quarterhour.app.layers.on.gaps = false; Quarterhour.app.repaint()")
        settle(seen)
        assert orange(ink(page, *dot)), "people above the areas of a proposal"
        # over the map of today, as a briefing draws it
        page.evaluate(
            """() => {
              const app = Quarterhour.app;
              app.stages.choose("today");
              Object.assign(app.layers.on, { gaps: true, "scenario-0": true });
              app.repaint();
            }"""
        )
        settle(seen)
        assert pins(page) == ["1"]
        assert any(orange(ink(page, *place)) for place in edge), "gaps above the areas"
        assert not seen.errors


def test_hostile_texts_stay_texts(browser: Browser, tmp_path: Path) -> None:
    write_map(tmp_path / "map.html", everywhere(gap_town("both"), HOSTILE))
    with visit(browser, tmp_path / "map.html", reduced_motion="reduce") as seen:
        page = ready(seen)
        assert "<img src=x onerror=alert(2)>" in page.locator("#qh-proposal").inner_text()
        page.locator("#qh-proposal tr[data-site] button").click()
        settle(seen)
        assert "<img src=x onerror=alert(2)>" in card(page)
        assert page.locator("#qh-proposal img, .leaflet-popup img").count() == 0
        assert seen.quiet(), (seen.console, seen.errors, seen.dialogs)


def test_the_same_answer_gives_the_same_bytes(tmp_path: Path) -> None:
    pages = []
    for name in ("a", "b"):
        run = run_site(siting_study(tmp_path / name, {"n_sites": 2, "curve": True}))
        write_map(tmp_path / f"{name}.html", drawn(run))
        pages.append((tmp_path / f"{name}.html").read_bytes())
    assert pages[0] == pages[1]
