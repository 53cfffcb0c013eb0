"""States in a real browser: their gaps, a scenario's own facilities, where a trial begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, ready_to_try, settle, visit
from quarterhour.publish import map_of
from quarterhour.render.map.html import write_map
from quarterhour.siting.run import run_site
from quarterhour.study import run_study
from siting_town import siting_study, with_cells
from small_study import facilities_text, lonlat, small_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from browser import Visit

GAPS = "#qh-gaps .qh-service:not([hidden])"
COSTS = with_cells({"东口": 90, "北坡": 50, "路口": 45, "岛心": 5, "西口": 1}, "造价（万元）")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map of 140 万元, which 东口 (丁 40) and 北坡 (丙 30) take; 乙 20, 山 7, 岛 5 are left."""
    folder = tmp_path_factory.mktemp("proposal")
    run = run_site(siting_study(folder, {"budget": 140}, sites=COSTS), folder / "out")
    return next(path for path in run.written if path.name == "map.html")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small town within five minutes, with a scenario that adds a facility in the east."""
    folder = tmp_path_factory.mktemp("scenario")
    (folder / "new.csv").write_text(
        facilities_text([("东<b>院", 1200, 10, "养老院", "现状")]), encoding="utf-8"
    )
    changes = {
        "scenario": [{"name": "东院", "facilities": "new.csv"}], "service.0.cutoffs_min": [5],
        "study.language": "both",
    }  # fmt: skip
    result = run_study(small_study(folder, changes))
    write_map(folder / "map.html", map_of(result, "test"))
    return folder / "map.html"


def gaps_of(page: Page) -> list[int]:
    """People of the rows of the ranked table that is shown."""
    cells = page.locator(f"{GAPS} tbody tr td:nth-of-type(2)").all_inner_texts()
    return [int(cell) for cell in cells]


def numbers(page: Page) -> list[int]:
    """Rows of the numbers that the map shows."""
    return sorted(page.evaluate(
        "Quarterhour.app.gapList.gaps().drawn.map((it) => it.row)"
    ))  # fmt: skip


def covered(seen: Visit) -> tuple[int, int]:
    """People covered before and in the trial, of the panel's large figures."""
    settle(seen)
    texts = [
        seen.page.locator(f"#qh-wi-result .qh-wi-{name} b").inner_text() for name in ("was", "is")
    ]
    return int(texts[0]), int(texts[1])


def trial(seen: Visit) -> Page:
    """The panel in front, once it is ready."""
    page = ready_to_try(seen)
    page.locator("#qh-tab-whatif").click()
    settle(seen)
    return page


def test_a_proposal_shows_what_it_leaves_and_today_shows_its_own(
    browser: Browser, site: Path
) -> None:
    with visit(browser, site, reduced_motion="reduce") as seen:
        page = ready(seen)
        tab = page.locator("#qh-tab-gaps")
        tab.click()
        assert gaps_of(page) == [20, 7, 5]
        assert tab.inner_text().split() == ["空白区", "3"]
        assert page.locator(".qh-gaps-of").inner_text() == "建议方案"
        assert "3 处共 32 人" in page.locator(GAPS).inner_text()
        assert numbers(page) == [0, 1, 2]
        page.locator('[data-stage="today"]').click()
        settle(seen)
        assert gaps_of(page) == [40, 30, 20, 7, 5]
        assert tab.inner_text().split() == ["空白区", "5"]
        assert not page.locator(".qh-gaps-of").is_visible()
        assert numbers(page) == [0, 1, 2, 3, 4]
        page.locator('[data-stage="scenario-0"]').click()
        settle(seen)
        assert gaps_of(page) == [20, 7, 5]
        assert seen.quiet()


def test_a_gap_of_a_proposal_is_chosen_with_pointer_and_keys(browser: Browser, site: Path) -> None:
    with visit(browser, site, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.locator("#qh-tab-gaps").click()
        page.locator(f"{GAPS} tbody button").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        settle(seen)
        card = page.locator(".qh-gap")
        assert re.search(r"\b2\b", card.locator("h3").inner_text())
        assert "7 人" in card.inner_text()
        pressed = page.locator(f'{GAPS} button[aria-pressed="true"]')
        assert pressed.count() == 1
        # the proposal is still what the map shows
        assert page.evaluate("Quarterhour.app.stages.key") == "scenario-0"
        page.keyboard.press("Escape")
        assert not card.is_visible()
        # its number on the map
        lon, lat = lonlat(500, 20)
        page.evaluate("([lon, lat]) => { Quarterhour.app.map.setView([lat, lon], 15) }", [lon, lat])
        settle(seen)
        found = page.evaluate(
            """() => { const { app } = Quarterhour;
              const it = app.gapList.gaps().drawn.find((one) => one.row === 0);
              const box = app.map.getContainer().getBoundingClientRect(), s = app.sheet._shown();
              return [box.x + (it.box[0] + it.box[2]) / 2 - s.from.x,
                box.y + (it.box[1] + it.box[3]) / 2 - s.from.y]; }"""
        )
        page.mouse.click(*found)
        settle(seen)
        assert "20 人" in card.inner_text()
        # another state has other gaps: the card does not stay
        page.locator('[data-stage="today"]').click()
        assert not card.is_visible()
        assert seen.quiet()


def test_both_sides_of_a_comparison_have_their_own_numbers(browser: Browser, site: Path) -> None:
    with visit(browser, site, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.evaluate("void Quarterhour.app.compare.open('today', 'scenario-0')")
        settle(seen)
        drawn = page.evaluate(
            """() => [0, 1].map((side) => Quarterhour.gapStates.of(Quarterhour.app,
              Quarterhour.app.compare.state(side)).drawn.length)"""
        )
        assert drawn[1] == 3
        assert 3 <= drawn[0] <= 5
        # on paper the line parts the same places, however much of the map it shows
        lon, at = page.evaluate(
            """() => { const { app } = Quarterhour, size = app.map.getSize();
              app.compare.put(0.3);
              const lon = app.map.containerPointToLatLng([0.3 * size.x, 0]).lng;
              const x = Quarterhour.decode.worldX(lon), scale = 3e6;
              const view = { scale, left: x * scale - 123, width: 800,
                shown: { from: { x: 0 }, size: { x: 800 } } };
              return [lon, app.compare.at(view)]; }"""
        )
        assert lon
        assert at == pytest.approx(123, abs=0.01)
        assert seen.quiet()


def test_a_facility_of_a_scenario_has_a_name(browser: Browser, plan: Path) -> None:
    with visit(browser, plan, reduced_motion="reduce") as seen:
        page = ready(seen)
        own = page.locator('.qh-facility[aria-label^="东<b>院"]')
        assert own.count() == 0
        page.locator("#qh-search-input").fill("东<b>院")
        page.keyboard.press("Enter")
        settle(seen)
        assert page.evaluate("Quarterhour.app.stages.key") == "scenario-0"
        card = page.locator(".leaflet-popup-content").inner_text()
        assert "东<b>院" in card
        assert "方案新增" in card
        assert re.search(r"40\s*人", card)  # 丁 lives there
        page.keyboard.press("Escape")
        assert own.get_attribute("aria-label").startswith("东<b>院, 养老, 方案新增")
        own.focus()
        assert "东<b>院" in page.locator(".qh-tip").inner_text()
        page.locator('[data-stage="today"]').click()
        settle(seen)
        assert own.count() == 0
        assert seen.quiet()


def test_a_trial_over_a_proposal_begins_with_it(browser: Browser, site: Path) -> None:
    with visit(browser, site, reduced_motion="reduce") as seen:
        ready(seen)
        page = trial(seen)
        # as the proposal: 10 covered today, 80 with 东口 and 北坡
        assert covered(seen) == (10, 80)
        line = page.locator("#qh-wi-begun").inner_text()
        assert "建议方案" in line
        assert "80 人可达" in line
        assert "±0" in line
        assert page.locator("#qh-wi-list li").count() == 2
        assert page.evaluate("Quarterhour.app.stages.key") == "today"
        names = page.locator("#qh-wi-list input").evaluate_all("all => all.map((it) => it.value)")
        assert names == ["东口", "北坡"]
        # without one of them: what is compared is said, and follows
        page.locator("#qh-wi-list .qh-wi-remove").first.click()
        assert covered(seen) == (10, 40)
        assert "−40" in page.locator("#qh-wi-begun").inner_text()
        page.locator("#qh-wi-undo").click()
        assert covered(seen) == (10, 80)
        # the proposal on the map again: its figures beside it, not those of the trial
        page.locator('[data-stage="scenario-0"]').click()
        settle(seen)
        assert not page.locator("#qh-whatif").is_visible()
        assert not page.locator("#qh-trial-line").is_visible()
        assert seen.quiet()


def test_a_trial_of_ones_own_is_kept(browser: Browser, site: Path) -> None:
    with visit(browser, site, reduced_motion="reduce") as seen:
        ready(seen)
        page = trial(seen)
        page.locator("#qh-wi-list .qh-wi-remove").first.click()
        page.locator('[data-stage="scenario-0"]').click()
        settle(seen)
        page.locator("#qh-tab-whatif").click()
        assert covered(seen) == (10, 40)
        assert page.evaluate("Quarterhour.app.stages.key") == "today"
        assert "试算仍在" in page.locator("#qh-trial-said").inner_text()
        page.locator("#qh-wi-begun button").click()
        assert covered(seen) == (10, 80)
        assert seen.quiet()


def test_a_trial_over_a_plan_of_the_study_goes_back_to_today(browser: Browser, plan: Path) -> None:
    with visit(browser, plan, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.locator('[data-stage="scenario-0"]').click()
        settle(seen)
        trial(seen)
        assert page.evaluate("Quarterhour.app.stages.key") == "today"
        said = page.locator("#qh-trial-said").inner_text()
        assert "试一试从现状开始：地图已由“东院”回到现状" in said
        assert page.locator("#qh-wi-list li").count() == 0
        assert seen.quiet()


def test_a_proposal_of_too_many_changes_says_why_the_trial_begins_with_today(
    browser: Browser, site: Path
) -> None:
    """Its two sites, where one change is the most."""
    with visit(browser, site, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.evaluate("Quarterhour.whatIf.Plan.MOST = 1")
        trial(seen)
        assert page.evaluate("Quarterhour.app.stages.key") == "today"
        said = page.locator("#qh-trial-said").text_content()
        assert "有 2 项改动，试一试最多 1 项，因此从现状开始" in said
        assert page.locator("#qh-wi-list li").count() == 0
        assert seen.quiet()
