"""Pins in the page: every figure equals Python's for the same positions, also while dragging."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ink, on_screen, settle
from quarterhour.render.sentences import amount_text, count
from whatif_page import (
    PANEL,
    covered,
    demo,
    exact,
    lacking,
    look,
    panel,
    pins,
    press,
    rows,
    said,
    slide,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

OWN = "age_60_plus"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def signed(page: Page) -> str:
    """The change that the panel shows in large figures."""
    return page.inner_text(".qh-wi-change b")


def told(micro: int) -> str:
    sign = "+" if micro > 0 else "−"
    return "±0" if micro == 0 else sign + amount_text(abs(micro) / 1e6)


def test_a_pin_is_counted_as_python_counts_it(browser: Browser) -> None:
    town = demo()
    today = town.covered()
    with panel(browser, town.file) as seen:
        page = seen.page
        assert "40" in page.inner_text("#qh-wi-tested")
        assert covered(page) == today
        assert page.locator("#qh-trial-line").is_hidden()
        assert "图上为现状" in page.inner_text("#qh-trial")
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        assert len(pins(page)) == 1
        trial = town.covered(pins(page))
        assert covered(page) == trial
        assert trial[OWN] > today[OWN] + 100_000_000
        # the groups with their totals, before and after, and what is not linked apart
        shown = rows(page)
        assert set(shown) == set(today)
        for group, cells in shown.items():
            after = exact(page)[group]
            assert after["covered"] + after["uncovered"] + after["unlinked"] == after["total"]
            change = trial[group] - today[group]
            expected = [after["total"], today[group], trial[group]]
            assert cells == [*(count(v / 1e6) for v in expected), told(change)], group
        assert signed(page) == told(trial[OWN] - today[OWN])
        apart = f"未能连接路网 {count(exact(page)[OWN]['unlinked'] / 1e6)} 人，单列"
        assert apart in page.inner_text("#qh-wi-result")
        total = count(exact(page)[OWN]["total"] / 1e6)
        assert f"占总量 {total} 人" in page.inner_text("#qh-wi-result")
        # the map says that this is a trial, and the figures above are labelled as today's
        assert "试算方案，非现状" in page.inner_text("#qh-trial")
        assert "Trial, not the present state" in page.inner_text("#qh-trial")
        assert signed(page) in page.inner_text("#qh-trial")
        assert page.locator("#qh-head .qh-today-mark:visible").count() == 1
        assert "床位" in page.inner_text("#qh-whatif")
        page.wait_for_function(
            "() => document.getElementById('qh-wi-live').textContent.includes("
            "document.querySelector('.qh-wi-change b').textContent)"
        )
        page.click("#qh-trial-clear")
        assert covered(page) == today
        assert page.locator("#qh-trial-line").is_hidden()
        assert page.locator(".qh-pin").count() == 0
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_dragged_pin_is_followed_step_by_step(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        first = covered(page)
        x, y = on_screen(page, *place)
        page.mouse.move(x, y - 20)
        page.mouse.down()
        steps = []
        for k in range(1, 7):
            page.mouse.move(x - 22 * k, y - 20 + 9 * k, steps=3)
            settle(seen)
            at = page.evaluate(f"{PANEL}.drag.at")
            assert covered(page) == town.covered([(at["edge"], at["offset_mm"], at["access_mm"])])
            steps.append(signed(page))
            assert page.evaluate(f"{PANEL}.plan.past.length") == 1, "one step of undo for a drag"
        assert len(set(steps)) > 2
        page.mouse.up()
        settle(seen)
        moved = covered(page)
        assert moved == town.covered(pins(page))
        assert moved != first
        assert signed(page) == steps[-1]
        page.click("#qh-wi-undo")
        assert covered(page) == first
        page.click("#qh-wi-undo")
        assert covered(page) == town.covered()
        assert page.locator("#qh-wi-undo").is_disabled()
        page.click("#qh-wi-redo")
        page.click("#qh-wi-redo")
        assert covered(page) == moved
        assert page.locator("#qh-wi-redo").is_disabled()
        assert seen.quiet(), (seen.console, seen.errors)


def test_places_of_gaps_are_left_as_they_are_covered(browser: Browser) -> None:
    town = demo()
    gaps = town.data.services[0].gaps
    assert gaps is not None
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        page.click("#qh-wi-left summary")
        page.wait_for_selector("#qh-wi-left-body tr[data-row]")
        left = page.evaluate(f"{PANEL}.shown.left")
        # who gains was in a gap, and every gap loses exactly who gains in it
        before = page.evaluate(f"{PANEL}.sums.gaps(0).people")
        assert [v / 1e6 for v in before] == pytest.approx([m.people for m in gaps.marks], abs=0.06)
        gained = town.covered(pins(page))[OWN] - town.covered()[OWN]
        assert sum(before) - sum(left) == gained
        assert min(left) >= 0
        lines = page.locator("#qh-wi-left-body tr[data-row]").all()
        ranks = [int(line.get_attribute("data-row") or -1) for line in lines]
        assert ranks == sorted(range(len(left)), key=lambda k: (-left[k], k))[: len(ranks)]
        assert 0 not in ranks, "the largest gap is no longer among the first"
        cells = lines[0].locator("td").all_inner_texts()
        assert cells[0] == "1"
        assert f"现状第 {ranks[0] + 1}" in cells[1]
        assert cells[3] == amount_text(left[ranks[0]] / 1e6)
        lines[0].locator("button").click()
        assert page.evaluate("Quarterhour.app.gapList.row") == ranks[0]
        assert seen.quiet(), (seen.console, seen.errors)


def test_pins_closures_and_moves_together(browser: Browser) -> None:
    town = demo()
    used = [
        k for k, mark in enumerate(town.data.services[0].facilities) if mark.status == "used"
    ]  # fmt: skip
    with panel(browser, town.file) as seen:
        page = seen.page
        marks = town.data.services[0].facilities
        places = [lacking(page, row) for row in (0, 1)]
        for place in places:
            look(seen, *place)
            press(seen, "add", place)
        for tool, row in (("close", used[0]), ("move", used[1])):
            look(seen, marks[row].lon, marks[row].lat)
            page.click(f"[data-tool={tool}]")
            page.click(f".qh-facility[data-row='{row}']")
            settle(seen)
        assert covered(page) == town.covered(pins(page), used[:2])
        assert len(pins(page)) == 3
        shut = page.locator(".qh-facility.qh-shut")
        rows_shut = [int(it.get_attribute("data-row") or -1) for it in shut.all()]
        assert sorted(rows_shut) == used[:2]
        # the moved one is dragged away
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        settle(seen)
        assert covered(page) == town.covered(pins(page), used[:2])
        names = page.locator("#qh-wi-list li").all_inner_texts()
        assert len(names) == 4
        assert marks[used[0]].name in names[2]
        assert page.locator(".qh-wi-name").nth(2).input_value() == marks[used[1]].name
        # one after the other is taken away again
        page.locator("#qh-wi-list .qh-wi-remove").nth(2).click()
        assert covered(page) == town.covered(pins(page), used[1:2])
        page.locator("#qh-wi-list .qh-wi-remove").nth(2).click()
        assert covered(page) == town.covered(pins(page))
        page.locator("#qh-wi-list .qh-wi-remove").first.click()
        assert len(pins(page)) == 1
        assert covered(page) == town.covered(pins(page))
        page.click("#qh-wi-reset")
        assert covered(page) == town.covered()
        assert page.locator("#qh-wi-list li").count() == 0
        assert seen.quiet(), (seen.console, seen.errors)


def test_a_planned_facility_is_tried_from_its_card(browser: Browser) -> None:
    town = demo()
    marks = town.data.services[0].facilities
    row = next(k for k, mark in enumerate(marks) if mark.status == "planned")
    with panel(browser, town.file) as seen:
        page = seen.page
        page.click("#qh-tab-legend")
        look(seen, marks[row].lon, marks[row].lat)
        page.click(f".qh-facility[data-row='{row}']")
        page.locator(".qh-popup .qh-wi-card button").click()
        settle(seen)
        assert page.locator("#qh-whatif").is_visible()
        assert page.locator(".qh-wi-name").input_value() == marks[row].name
        assert covered(page) == town.covered(pins(page))
        assert covered(page)[OWN] > town.covered()[OWN]
        assert seen.quiet(), (seen.console, seen.errors)


@pytest.mark.parametrize(("minutes", "speed"), [(20, 1.0), (10, 0.8), (30, 1.35)])
def test_minutes_and_speed_are_counted_as_python_counts_them(
    browser: Browser, minutes: int, speed: float
) -> None:
    town = demo()
    terms = {"speed_mmph": round(speed * 3_600_000), "cutoff_ms": minutes * 60_000}
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        page.click("#qh-wi-terms summary")
        slide(seen, "minutes", minutes)
        slide(seen, "speed", speed)
        assert covered(page) == town.covered(pins(page), **terms)
        alone = town.covered((), **terms)[OWN] - town.covered()[OWN]
        assert told(alone) in page.inner_text("#qh-wi-result .qh-wi-note")
        assert f"{minutes} 分钟内可达" in page.inner_text(".qh-wi-terms-line")
        assert f"{speed:g} 米/秒" in page.inner_text(".qh-wi-terms-line")
        page.click("#qh-wi-terms-today")
        assert covered(page) == town.covered(pins(page))
        assert page.locator("#qh-wi-result .qh-wi-note").count() == 0
        page.select_option("#qh-wi-preset", "0.65")
        settle(seen)
        assert covered(page) == town.covered(pins(page), speed_mmph=2_340_000)
        assert seen.quiet(), (seen.console, seen.errors)


def test_outside_the_network_there_is_a_message_and_no_figure(browser: Browser) -> None:
    town = demo()
    far = (town.data.services[0].facilities[0].lon + 0.5, town.data.services[0].facilities[0].lat)
    with panel(browser, town.file) as seen:
        page = seen.page
        look(seen, *far)
        press(seen, "add", far)
        assert "网络" not in said(page)
        assert "路网以外" in said(page)
        assert "not zero" in said(page)
        assert pins(page) == []
        assert page.get_attribute("[data-tool=add]", "aria-pressed") == "true"
        page.keyboard.press("Escape")
        place = lacking(page)
        look(seen, *place, 13)
        press(seen, "add", place)
        before = covered(page)
        # beyond the border nothing is linked: a dash, and on letting go it is where it was
        x, y = on_screen(page, *place)
        page.mouse.move(x, y - 20)
        page.mouse.down()
        off = page.evaluate(
            f"""() => {{
              const map = Quarterhour.app.map, box = map.getContainer().getBoundingClientRect();
              for (let k = 0; k < 4000; k++) {{
                const p = L.point(40 + (k % 80) * 10, 120 + Math.floor(k / 80) * 8);
                const at = map.containerPointToLatLng(p);
                if ({PANEL}.model.link(0, at.lat, at.lng).edge === undefined) {{
                  return [p.x + box.left, p.y + box.top - 20];
                }}
              }}
              return null;
            }}"""
        )
        page.mouse.move(*off, steps=4)
        settle(seen)
        assert page.inner_text(".qh-wi-change b") == "–"
        assert re.search("不计为零", said(page))
        page.mouse.up()
        settle(seen)
        assert covered(page) == before
        assert re.search("不计为零", said(page)), "the message stays"
        assert seen.quiet(), (seen.console, seen.errors)


def test_gaps_stay_above_the_trial(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place, 15)

        def plates() -> dict[tuple[int, float, float], list[int]]:
            # beside the figure on the plate of each number that is seen
            spots = page.evaluate(
                """() => {
                  const app = Quarterhour.app, scale = app.scale();
                  return app.service().gaps.drawn.map(({ row, box, left, top }) => {
                    const x = (box[0] + 3 + left) / scale;
                    const y = ((box[1] + box[3]) / 2 + top) / scale;
                    const lat = Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI;
                    return [row, x * 360 - 180, lat];
                  });
                }"""
            )
            return {(row, lon, lat): ink(page, lon, lat) for row, lon, lat in spots}

        before = plates()
        assert len(before) > 3
        green = """() => {
          const canvas = document.querySelector(".leaflet-qh-trial-pane canvas");
          const dots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          let n = 0;
          for (let i = 0; i < dots.length; i += 4) {
            n += dots[i] < 60 && dots[i + 1] > 105 && dots[i + 2] < 90 && dots[i + 3] > 200;
          }
          return n;
        }"""
        without = page.evaluate(green)
        press(seen, "add", place)
        look(seen, *place, 15)
        page.wait_for_function(f"() => !{PANEL}.drawing.waiting")
        after = plates()
        filled = page.evaluate(f"Array.from({PANEL}.drawing.filled || [])")
        stays = [at for at in before if at in after and at[0] not in filled]
        assert len(stays) > 0.8 * len(before), "but for those that make room for the pin"
        assert [after[at] for at in stays] == [before[at] for at in stays]
        assert page.evaluate(green) > without + 500, "who gains is drawn"
        # reading a canvas often is what the browser complains of
        assert seen.errors == []
        assert len(seen.requests) == 1


def test_one_slider_leaves_the_other_as_it_was(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        page.click("#qh-wi-terms summary")
        slide(seen, "minutes", 20)
        slide(seen, "speed", 0.9)
        terms = page.evaluate(f"{PANEL}.plan.now.terms[0]")
        assert terms == {"cutoff_ms": 1_200_000, "speed_mmph": 3_240_000}
        # back to today's value, one after the other: nothing is changed any more
        slide(seen, "speed", 1.0)
        assert page.evaluate(f"{PANEL}.plan.now.terms[0]") == {"cutoff_ms": 1_200_000}
        slide(seen, "minutes", 15)
        assert page.evaluate(f"{PANEL}.plan.active()") is False
        assert page.locator("#qh-trial-line").is_hidden()
        assert covered(page) == town.covered()
        assert seen.quiet(), (seen.console, seen.errors)
