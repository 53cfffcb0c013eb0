"""Search on the map: what is found, by whom it is driven, and where it goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, settle, visit
from map_gaps import gap, listed
from map_town import HOSTILE, at, service, town
from quarterhour.render.map.html import write_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from quarterhour.render.map.layers import MapData

SITES = [(-900.0, 700.0), (250.0, 300.0), (900.0, -700.0), (-500.0, -1100.0)]
NAMES = ["重庆路养老院", "老城街道综合体", "North (Gate) Centre", "𠮷野站"]


def searched() -> MapData:
    elderly = service("养老服务", SITES, names=NAMES)
    nursery = service("托育服务", [(-300.0, 200.0)], group="age_0_3", names=["江北托育园"], seed=5)
    names = (("石桥镇", *at(-1500.0, -600.0), "town"), ("人民路", *at(300.0, 20.0), "street"))
    return town("both", services=(elderly, nursery), names=names)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "map.html"
    write_map(path, searched())
    return path


def options(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        "#qh-search-list [role=option] > span", "all => all.map((o) => o.textContent)"
    )


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("重庆", "重庆路养老院"),
        ("cqlyly", "重庆路养老院"),  # 重 is read chong here
        ("zq", "重庆路养老院"),  # and zhong elsewhere: whoever reads it so finds it too
        ("chongqing", "重庆路养老院"),
        ("chongq", "重庆路养老院"),
        ("重qing路", "重庆路养老院"),
        ("lcjd", "老城街道综合体"),
        ("LCJD", "老城街道综合体"),
        ("zonghe", "老城街道综合体"),  # in the middle of a name
        ("north gate", "North (Gate) Centre"),
        ("centre", "North (Gate) Centre"),
        ("𠮷", "𠮷野站"),
        ("jbty", "江北托育园"),  # of the other service
        ("jxjd", "江西街道"),
        ("rml", "人民路"),
        ("sqz", "石桥镇"),
        ("幸福小区3", "幸福小区3"),
        ("xfxq12", "幸福小区12"),
    ],
)
def test_what_is_found_first(browser: Browser, file: Path, asked: str, first: str) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.fill("#qh-search-input", asked)
        assert options(page)[0] == first


def test_nothing_found_is_said(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        for asked in ("zzzz", "((", "<b>", "\\"):
            page.fill("#qh-search-input", asked)
            assert options(page) == [], asked
        assert "没有找到" in page.inner_text("#qh-search-list")
        assert "没有找到" in page.inner_text("#qh-search [role=status]")
        page.keyboard.press("Enter")
        page.fill("#qh-search-input", "  ")
        assert page.locator("#qh-search-list").is_hidden()
        assert seen.quiet(), (seen.console, seen.errors)


def test_keyboard_roles_and_card(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        field = page.locator("#qh-search-input")
        assert field.get_attribute("role") == "combobox"
        assert field.get_attribute("aria-expanded") == "false"
        field.focus()
        page.keyboard.type("xfxq")
        assert field.get_attribute("aria-expanded") == "true"
        assert len(options(page)) == 12
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        active = field.get_attribute("aria-activedescendant")
        assert active == "qh-found-0"
        assert page.get_attribute(f"#{active}", "aria-selected") == "true"
        page.keyboard.press("ArrowUp")
        assert field.get_attribute("aria-activedescendant") == "qh-found-11"
        page.keyboard.press("Escape")
        assert field.get_attribute("aria-expanded") == "false"
        assert field.input_value() == "xfxq"
        page.keyboard.press("Escape")
        assert field.input_value() == ""
        page.keyboard.type("lcjd")
        page.keyboard.press("Enter")
        page.wait_for_selector(".qh-popup")
        assert "老城街道综合体" in page.inner_text(".qh-popup h3")
        here = page.evaluate("(() => { const c = Quarterhour.app.map.getCenter();"
                             " return [c.lng, c.lat]; })()")  # fmt: skip
        assert here == pytest.approx(at(250.0, 300.0), abs=0.004)
        # closing the card gives the keyboard back to the search
        page.keyboard.press("Enter")
        page.wait_for_selector(".qh-popup", state="detached")
        assert page.evaluate("document.activeElement.id") == "qh-search-input"
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_name_of_another_service_takes_the_map_there(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.fill("#qh-search-input", "jbty")
        page.click("#qh-search-list [role=option]")
        settle(seen)
        assert page.evaluate("Quarterhour.app.service().name") == "托育服务"
        assert "江北托育园" in page.inner_text(".qh-popup h3")
        page.locator("#qh-layer-districts").uncheck()
        page.fill("#qh-search-input", "江东街道")
        page.keyboard.press("Enter")
        settle(seen)
        assert page.locator("#qh-layer-districts").is_checked()
        bounds = page.evaluate("Quarterhour.app.map.getBounds().contains([29.56, 106.56])")
        assert bounds
        page.fill("#qh-search-input", "幸福小区12")
        page.keyboard.press("Enter")
        settle(seen)
        assert "幸福小区12" in page.inner_text(".qh-popup h3")
        assert seen.quiet(), (seen.console, seen.errors)


def test_gaps_are_found_and_opened(browser: Browser, tmp_path: Path) -> None:
    data = searched()
    first = data.services[0]
    gaps = listed(
        gap(900.0, 900.0, 60.0, 40.0, name=("东门一带", "East Gate")),
        gap(-900.0, -900.0, 60.0, 30.0, name=("西门一带", "West Gate")),
    )
    path = tmp_path / "map.html"
    write_map(path, replace(data, services=(replace(first, gaps=gaps), data.services[1])))
    with visit(browser, path) as seen:
        page = ready(seen)
        page.fill("#qh-search-input", "west gate")
        assert options(page) == ["西门一带 West Gate"]
        page.fill("#qh-search-input", "xmyd")
        assert options(page) == ["西门一带 West Gate"]
        page.keyboard.press("Enter")
        settle(seen)
        assert page.evaluate("Quarterhour.app.gapList.row") == 1
        assert "西门一带" in page.inner_text(".qh-gap")


def test_hostile_names_stay_text(browser: Browser, tmp_path: Path) -> None:
    data = searched()
    layer = service("养老服务", SITES[:1], names=[HOSTILE])
    path = tmp_path / "map.html"
    write_map(path, replace(data, services=(layer,)))
    with visit(browser, path) as seen:
        page = ready(seen)
        page.fill("#qh-search-input", "alert")
        assert len(options(page)) == 1
        assert page.locator("#qh-search-list img, #qh-search-list script").count() == 0
        page.keyboard.press("Enter")
        settle(seen)
        assert seen.quiet(), (seen.console, seen.errors, seen.dialogs)
