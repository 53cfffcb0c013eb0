"""The walk of a place in other states: a year, a closed street, a bridge, a proposal, a trial.

    (0,200) ==== 绕路 ==== (400,200)
        |                      |
    (0,0) ====|==== 主街 ==== (400,0) == (600,0) ==== (1100,0) == (1200,0)
     西院   300 m                          |            东站, from 2027
        :                               支路 to (600,600)
        : 新桥, a scenario
        :
    (0,-800) ==== 岛上路 ==== (300,-800)

At 1 m/s a metre is a second. 西院 stands on 绕路, 10 m from the corner; 东站 10 m beside 主街.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from pyproj import Transformer

from browser import chromium, on_screen, ready_to_try, settle, visit
from quarterhour.publish import map_of
from quarterhour.render.map.payload import payload
from quarterhour.siting.run import run_site, write_site
from quarterhour.study import run_study
from siting_town import siting_study
from small_study import LOCAL, STREETS, lonlat, osm_text
from state_town import state_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from browser import Visit

AROUND = {**STREETS, "绕路": [(0, 0), (0, 100), (0, 200), (200, 200), (400, 200), (400, 0)]}
FROM_LONLAT = Transformer.from_crs(4326, LOCAL, always_xy=True)
TRIED = "Quarterhour.app.whatIf"


def town(folder: Path, **changes: Any) -> Path:
    given = {"study.language": "zh", "service.0.cutoffs_min": [10, 17], **changes}
    return state_study(folder, {"roads.osm": osm_text(AROUND)}, given)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("states")
    run_study(town(folder), folder / "out")
    return folder / "out" / "map.html"


def opened(seen: Visit) -> Page:
    page = ready_to_try(seen)
    # the number of a gap of one place lies on that place
    page.evaluate("Quarterhour.app.layers.on.gaps = false; Quarterhour.app.repaint();")
    return page


def stage(page: Page, name: str) -> None:
    page.locator("#qh-stages button[data-stage]", has_text=name).click()


def look(seen: Visit, x: float, y: float, zoom: float = 18) -> tuple[float, float]:
    """Pixels of a place of the town, in the middle of the map."""
    lon, lat = lonlat(x, y)
    seen.page.evaluate(
        "([at, zoom]) => { Quarterhour.app.popup.remove();"
        " Quarterhour.app.map.setView(at, zoom, { animate: false }); }",
        [[lat, lon], zoom],
    )
    settle(seen)
    return on_screen(seen.page, lon, lat)


def clicked(seen: Visit, x: float, y: float) -> dict[str, Any] | None:
    """The walk that is drawn after a click on a place, and its card."""
    seen.page.mouse.click(*look(seen, x, y))
    found: dict[str, Any] | None = seen.page.evaluate(
        """() => {
          const card = document.querySelector(".qh-popup"), walk = Quarterhour.app.walk;
          if (!walk) return card && { told: card.innerText };
          const way = walk.routes[0], D = Quarterhour.decode, name = walk.to.name;
          return {
            ms: walk.ms, metres: walk.metres[0], told: card.innerText,
            to: name.textContent === undefined ? name : name.textContent,
            way: Array.from(way.x, (x, i) => D.latLng(x, way.y[i]).reverse()),
          };
        }"""
    )
    return found


def passes(walk: dict[str, Any] | None, x: float, y: float) -> bool:
    """Whether a walk comes within two metres of a point of the town."""
    assert walk is not None
    line = shapely.LineString([FROM_LONLAT.transform(*at) for at in walk["way"]])
    return bool(line.distance(shapely.Point(x, y)) < 2)


def seconds(walk: dict[str, Any] | None) -> float:
    assert walk is not None
    return float(walk["ms"]) / 1000


def test_a_year_draws_the_walk_to_what_has_opened_by_then(browser: Browser, file: Path) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = opened(seen)
        # 丁 at (1200, 0): today 1200 + 10 m to 西院
        walk = clicked(seen, 1200, 0)
        assert walk is not None
        assert walk["to"] == "西院"
        assert seconds(walk) == pytest.approx(1210, abs=2)
        stage(page, "2027")
        assert page.evaluate("Quarterhour.app.walk") is None  # it is no longer true
        walk = clicked(seen, 1200, 0)
        assert walk is not None
        assert walk["to"] == "东站"
        assert seconds(walk) == pytest.approx(110, abs=1)
        assert walk["metres"] == pytest.approx(110, abs=1)
        assert "1.9 分钟" in walk["told"]
        # 丙 at (600, 600) is still not within 17 min: 600 + 500 + 10 m instead of 1210
        walk = clicked(seen, 600, 600)
        assert walk is not None
        assert seconds(walk) == pytest.approx(1110, abs=2)
        assert "18.5 分钟" in walk["told"]
        assert re.search(r"现状\s+20\.2 分钟 · 西院", walk["told"])
        # 甲 is as near to 西院 as before
        walk = clicked(seen, 100, 0)
        assert walk is not None
        assert walk["to"] == "西院"
        assert "现状" not in walk["told"]
        assert seen.quiet(), (seen.console, seen.errors)


def test_around_a_closed_street_and_over_a_bridge(browser: Browser, file: Path) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = opened(seen)
        # 乙 at (500, 20): 20 beside, 500 along and 10 m to 西院
        walk = clicked(seen, 500, 20)
        assert seconds(walk) == pytest.approx(530, abs=1)
        assert passes(walk, 300, 0)
        stage(page, "封路")
        walk = clicked(seen, 500, 20)
        # 20 beside, 100 m to (400, 0), 200 + 400 m around, and 190 m down to 西院
        assert seconds(walk) == pytest.approx(910, abs=2)
        assert passes(walk, 400, 200)
        assert not passes(walk, 300, 0)
        assert "15.2 分钟" in (walk or {})["told"]
        # the home on the island is 150 + 800 + 10 m away by the new bridge, and has no way else
        assert seconds_or_none(clicked(seen, 150, -800)) is None
        stage(page, "新桥")
        walk = clicked(seen, 150, -800)
        assert walk is not None
        assert walk["to"] == "西院"
        assert seconds(walk) == pytest.approx(960, abs=2)
        assert passes(walk, 0, -400)  # a bend of the bridge's own shape
        assert seen.quiet(), (seen.console, seen.errors)


def seconds_or_none(walk: dict[str, Any] | None) -> float | None:
    return None if walk is None or "ms" not in walk else seconds(walk)


def test_another_walker_has_times_of_its_own(browser: Browser, file: Path) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        told = opened(seen).evaluate(
            """() => {
              const app = Quarterhour.app, Q = Quarterhour, dots = app.service().covered;
              const state = Q.stages.statesOf(app, 0).find((it) => it.kind === "walker");
              const speed = Q.rebuilt.of(app, state).model.services[0].walker.speed_mmph;
              return Array.from({ length: dots.n }, (none, row) => {
                const ms = (state) => Q.reach.tell(app, {
                  what: "place", from: "covered", service: 0, row, times: 1, state,
                }, row).ms;
                return [ms("today") * 3600000, ms(state.key) * speed];
              });
            }"""
        )
    assert len(told) >= 2
    for elderly, frail in told:  # the same metres
        assert frail == pytest.approx(elderly, rel=1e-4)


def test_a_proposal_draws_the_walk_to_its_site(browser: Browser, tmp_path: Path) -> None:
    run = run_site(siting_study(tmp_path / "s", {"n_sites": 1}))
    write_site(run, tmp_path / "out")
    with visit(browser, tmp_path / "out" / "map.html", reduced_motion="reduce") as seen:
        page = opened(seen)
        # 东口 at (1100, 0) is the best: 丁 is 100 m away, and was 1210 m away from 西院
        walk = clicked(seen, 1200, 0)
        assert walk is not None
        assert walk["to"] == "东口"
        assert seconds(walk) == pytest.approx(100, abs=1)
        assert passes(walk, 1100, 0)
        stage(page, "现状")
        walk = clicked(seen, 1200, 0)
        assert walk is not None
        assert walk["to"] == "西院"
        assert seconds(walk) == pytest.approx(1210, abs=2)
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_trial_draws_the_walk_to_a_pin_until_its_next_step(browser: Browser, file: Path) -> None:
    with visit(browser, file, (1366, 900), reduced_motion="reduce") as seen:
        page = opened(seen)
        page.click("#qh-tab-whatif")
        page.click('#qh-whatif [data-tool="add"]')
        page.mouse.click(*look(seen, 600, 500, 17))
        page.keyboard.press("Escape")
        # 丙 at (600, 600) is 100 m up the side street from the pin
        walk = clicked(seen, 600, 600)
        assert walk is not None
        assert walk["to"] == page.input_value(".qh-wi-name")
        assert seconds(walk) == pytest.approx(100, abs=2)
        assert re.search(r"现状\s+20\.2 分钟 · 西院", walk["told"])
        # to close 西院 is another step: the walk and its card go
        page.evaluate(f"{TRIED}.toggle(0, false)")
        assert page.evaluate("Quarterhour.app.walk") is None
        assert page.locator(".qh-popup").count() == 0
        # 甲 at (100, 0) then goes 500 m along the main street and 500 m up to the pin
        walk = clicked(seen, 100, 0)
        assert seconds(walk) == pytest.approx(1000, abs=3)
        assert passes(walk, 600, 0)
        page.click("#qh-wi-undo")
        assert seconds(clicked(seen, 100, 0)) == pytest.approx(110, abs=1)
        page.click("#qh-wi-reset")
        assert page.evaluate("Quarterhour.app.walk") is None
        assert seconds(clicked(seen, 600, 600)) == pytest.approx(1210, abs=2)
        assert seen.quiet(), (seen.console, seen.errors)


def test_what_is_not_the_study_s_state_has_no_walk_and_says_so(
    browser: Browser, file: Path
) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = opened(seen)
        page.evaluate("Quarterhour.app.data.scenarios[0].services[0].walk.sum += 1")
        stage(page, "封路")
        walk = clicked(seen, 1200, 0)
        assert walk is not None
        assert "ms" not in walk
        assert "无法在页面中准确重现" in walk["told"]


def test_a_study_without_a_network_in_its_map_tells_nothing_of_states(tmp_path: Path) -> None:
    result = run_study(town(tmp_path / "s", **{"study.what_if": False}))
    told = payload(map_of(result, "test"))
    every = [one for kind in ("views", "scenarios") for it in told[kind] for one in it["services"]]
    assert len(every) >= 3
    assert not any(one and "walk" in one for one in every)
