"""Pages with rounded places, with places and no network, and with no places at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from browser import chromium, on_screen, ready, ready_to_try, settle, visit
from quarterhour.siting.run import run_site, write_site
from siting_town import siting_study
from small_study import lonlat
from state_town import protected_pages
from test_map_protection import town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from browser import Visit

APP = "Quarterhour.app"
PLACES = ("uncovered", "unlinked", "covered", "gained", "lost")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return protected_pages(tmp_path_factory, town)


def rows(page: Page) -> set[str]:
    """Switches of places that the legend offers."""
    ids = page.evaluate("Array.from(document.querySelectorAll('#qh-layers input'), (it) => it.id)")
    return {key for key in PLACES if f"qh-layer-{key}" in ids}


def states(page: Page) -> list[str]:
    return list(page.evaluate(f"{APP}.stages.states().map((it) => it.key)"))


def legend(page: Page) -> str:
    return str(page.evaluate("document.getElementById('qh-layers').textContent"))


def at(seen: Visit, x: float, y: float) -> tuple[float, float]:
    lon, lat = lonlat(x, y)
    seen.page.evaluate(f"(at) => {APP}.map.setView(at, 18, {{ animate: false }})", [lat, lon])
    settle(seen)
    return on_screen(seen.page, lon, lat)


def test_without_places_nothing_offers_them_in_any_state(
    browser: Browser, files: dict[str, Path]
) -> None:
    with visit(browser, files["plain"], reduced_motion="reduce") as seen:
        page = ready(seen)
        offered, said = set(), {}
        for key in states(page):
            page.evaluate(f"{APP}.stages.choose({key!r})")
            offered |= rows(page)
            said[key] = [word for word in ("新增的服务区", "不再到达") if word in legend(page)]
        assert offered == set(PLACES), "the search finds what is there"
    with visit(browser, files["none"], reduced_motion="reduce") as seen:
        page = ready(seen)
        assert len(states(page)) == len(said) >= 4
        for key, was in said.items():
            page.evaluate(f"{APP}.stages.choose({key!r})")
            settle(seen)
            assert rows(page) == set()
            # areas that are new or gone are drawn and told all the same
            assert [word for word in ("新增的服务区", "不再到达") if word in legend(page)] == was
        page.evaluate(f"{APP}.stages.choose('today')")
        page.evaluate(f"{APP}.layers.on.gaps = false; {APP}.repaint()")
        page.mouse.move(*at(seen, 471.9, 21.3))
        settle(seen)
        assert page.evaluate(f"{APP}.tip._map == null"), "nothing lies under the pointer"
        assert page.evaluate(f"{APP}.whatIf === undefined")
        page.locator("#qh-search input, input[type=search]").first.fill("西院")
        settle(seen)
        assert seen.quiet(), (seen.console, seen.errors)


def test_the_briefing_goes_through_without_places(browser: Browser, files: dict[str, Path]) -> None:
    with visit(browser, files["none"], reduced_motion="reduce") as seen:
        page = ready(seen)
        page.locator("button", has_text="演示").first.click()
        for _ in range(12):
            page.keyboard.press("ArrowRight")
            settle(seen)
        page.keyboard.press("Escape")
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_place_says_that_its_people_are_rounded(browser: Browser, files: dict[str, Path]) -> None:
    for name, word in (("plain", False), ("tens", True), ("places", False)):
        with visit(browser, files[name], reduced_motion="reduce") as seen:
            page = ready_to_try(seen) if name != "places" else ready(seen)
            page.evaluate(f"{APP}.layers.on.gaps = false; {APP}.repaint()")
            page.mouse.click(*at(seen, 1161.1, 9.9))
            settle(seen)
            card = page.locator(".qh-popup .qh-card h3").inner_text()
            assert ("已取整" in card) == word, name
            assert card.startswith("40" if word else "41")
            assert seen.quiet(), (seen.console, seen.errors)


def test_the_legend_shows_no_fewer_people_than_the_rounding(
    browser: Browser, files: dict[str, Path]
) -> None:
    with visit(browser, files["tens"], reduced_motion="reduce") as seen:
        page = ready(seen)
        page.evaluate(f"{APP}.layers.drawSizes()")
        told = page.locator(".qh-sizes span").first.inner_text()
        sizes = [int(part) for part in told.split(" 人")[0].replace(",", "").split(" · ")]
        assert sizes
        assert min(sizes) >= 10


def test_gaps_of_a_trial_keep_the_report_s_people(browser: Browser, files: dict[str, Path]) -> None:
    """What is left is the report's number until somebody is reached, and nobody when all are."""
    with visit(browser, files["tens"], reduced_motion="reduce") as seen:
        page = ready_to_try(seen)
        found: dict[str, Any] = page.evaluate(
            f"""() => {{
              const sums = {APP}.whatIf.sums, gaps = sums.gaps(0), model = {APP}.whatIf.model;
              const n = gaps.of.length, all = gaps.people.map(() => 0);
              for (let p = 0; p < n; p++) if (gaps.of[p] >= 0) all[gaps.of[p]] += gaps.amounts[p];
              const today = sums.result(0, sums.today(0));
              const every = sums.apart(0, today.mark.map(() => 0), new Uint8Array(n).fill(1));
              return {{ people: gaps.people, all, now: today.left, then: every.left,
                amounts: Array.from(model.demand(0).amounts.all) }};
            }}"""
        )
        assert not any(amount % 10_000_000 for amount in found["amounts"])
        assert found["now"] == found["people"]
        reached = [k for k, n in enumerate(found["all"]) if n]
        assert reached
        for k, n in enumerate(found["people"]):
            assert found["all"][k] in {0, n}
            assert found["then"][k] == (0 if k in reached else n)
        text = page.locator("#qh-wi-rounded").text_content() or ""
        assert "按 10 人取整" in text
        assert "按取整人口" in (page.locator("#qh-wi-tested").text_content() or "")


def test_states_are_made_again_of_the_places_that_are_left(
    browser: Browser, files: dict[str, Path]
) -> None:
    """The page's own milliseconds of a year and of a closed street are those of the study."""
    with visit(browser, files["tens"], reduced_motion="reduce") as seen:
        page = ready_to_try(seen)
        made = page.evaluate(
            f"""() => {APP}.stages.states().filter((it) => it.view && it.view.walk)
              .map((it) => [it.kind, Boolean(Quarterhour.rebuilt.of({APP}, it))])"""
        )
        assert {kind for kind, _ in made} >= {"year", "scenario"}
        assert all(is_made for _, is_made in made)
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_rounded_proposal_can_be_tried(browser: Browser, tmp_path: Path) -> None:
    study = siting_study(tmp_path, {"n_sites": 1}, changes={"study.what_if_rounding": 5})
    write_site(run_site(study), tmp_path / "out")
    with visit(browser, tmp_path / "out" / "map.html", reduced_motion="reduce") as seen:
        page = ready_to_try(seen)
        assert page.evaluate(f"{APP}.whatIf.model.rounding") == 5
        assert page.evaluate(f"{APP}.data.rounding") == 5
        assert seen.quiet(), (seen.console, seen.errors)
