"""Several pins in the panel, and a map that shows after each step what it would show anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser import chromium, ink, settle
from whatif_page import PANEL, demo, lacking, look, panel, pins, press, slide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from browser import Visit

OWN = "age_60_plus"
FAR = 12
"""Two of 256 steps of a colour for each layer that is laid on another."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def people(micro: int) -> int:
    return int(micro / 1_000_000 + 0.5)


def test_each_pin_tells_its_own_gain_and_all_their_common_one(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        first = lacking(page, 0)
        look(seen, *first)
        press(seen, "add", first)
        press(seen, "add", (first[0] + 0.0015, first[1]))
        page.wait_for_function("() => !document.getElementById('qh-wi-joint').hidden")
        at = pins(page)
        assert len(at) == 2
        today = town.covered()[OWN]
        alone = [people(town.covered([one])[OWN]) - people(today) for one in at]
        joint = people(town.covered(at)[OWN]) - people(today)
        told = page.locator(".qh-wi-alone").all_inner_texts()
        assert [f"+{n:,}" in text for n, text in zip(alone, told, strict=True)] == [True, True]
        assert 0 < joint < sum(alone), "they stand side by side"
        line = page.inner_text("#qh-wi-joint")
        for n in (sum(alone), joint, sum(alone) - joint):
            assert f"{n:,}" in line
        # what no longer holds does not stand while a pin is moved
        page.evaluate(f"{PANEL}.dragStart({PANEL}.pins.chosen)")
        assert page.locator("#qh-wi-joint").is_hidden()
        assert page.locator(".qh-wi-alone").all_inner_texts() == ["", ""]
        assert seen.quiet(), (seen.console, seen.errors)


def apart(seen: Visit) -> float:
    """Share of the pixels that differ from a map that is painted anew on one sheet."""
    share: float = seen.page.evaluate(
        f"""(far) => {{
          const app = Quarterhour.app, sheet = app.sheet, panel = {PANEL}, parts = panel.parts;
          const size = app.map.getSize(), width = size.x, height = size.y;
          const seen = [sheet, panel.drawing.middle, panel.drawing.over]
            .filter((it) => it.getPane().style.display !== "none");
          // what the window shows of the sheets, laid on one another
          const laid = (sheets) => {{
            const canvas = document.createElement("canvas");
            Object.assign(canvas, {{ width, height }});
            const ctx = canvas.getContext("2d");
            for (const it of sheets) {{
              const {{ x, y }} = it._shown().from;
              ctx.drawImage(it._container, -x, -y);
            }}
            return ctx.getImageData(0, 0, width, height).data;
          }};
          const kept = laid(seen);
          panel.parts = () => false;
          sheet._draw();
          const anew = laid([sheet]);
          panel.parts = parts;
          sheet._draw();
          let n = 0;
          for (let i = 0; i < kept.length; i += 4) {{
            const a = kept[i + 3], b = anew[i + 3];
            for (let k = 0; k < 4; k++) {{
              const one = k < 3 ? kept[i + k] * a / 255 : a;
              const two = k < 3 ? anew[i + k] * b / 255 : b;
              if (Math.abs(one - two) > far) {{ n += 1; break; }}
            }}
          }}
          return n / (kept.length / 4);
        }}""",
        FAR,
    )
    return share


def test_the_sheets_of_a_trial_show_what_one_sheet_would_show(browser: Browser) -> None:
    town = demo()
    used = next(
        k for k, mark in enumerate(town.data.services[0].facilities) if mark.status == "used"
    )
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page, 0)
        look(seen, *place, 14)
        assert apart(seen) < 0.002
        press(seen, "add", place)
        assert apart(seen) < 0.002
        page.evaluate(f"{PANEL}.toggle({used}, false)")
        assert apart(seen) < 0.002
        page.click("#qh-wi-terms summary")
        slide(seen, "speed", 0.7)
        assert apart(seen) < 0.002
        page.click("#qh-wi-undo")
        assert apart(seen) < 0.002
        # what the reader changes meanwhile is seen at once
        page.evaluate("Quarterhour.app.gapList.choose(1)")
        settle(seen)
        assert apart(seen) < 0.002
        page.click("#qh-tab-legend")
        page.click("label[for=qh-layer-gaps], #qh-layer-gaps")
        settle(seen)
        assert apart(seen) < 0.002
        look(seen, place[0] + 0.01, place[1], 15)
        assert apart(seen) < 0.002
        page.click("#qh-tab-whatif")
        page.click("#qh-wi-reset")
        settle(seen)
        assert apart(seen) < 0.002
        # the pixels that are read here are told on the console
        assert seen.errors == []


def test_gaps_that_a_trial_fills_are_told_apart_on_the_map(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page, 0)
        look(seen, *place, 14)
        press(seen, "add", place)
        page.click("#qh-wi-terms summary")
        slide(seen, "speed", 1.7)
        # people of a gap by the millionth: what its places have in all is reached
        page.wait_for_function(f"() => !{PANEL}.drawing.waiting")
        left = page.evaluate(f"{PANEL}.shown.left")
        filled = page.evaluate(f"Array.from({PANEL}.drawing.filled)")
        assert filled == [row for row, n in enumerate(left) if n == 0]
        assert 0 < len(filled) < len(left)
        colours = page.evaluate("Quarterhour.app.data.colours")
        plates = page.evaluate(
            """() => {
              const app = Quarterhour.app, scale = app.scale();
              return app.service().gaps.drawn.map(({ row, box, left, top }) => {
                const x = (box[0] + 3 + left) / scale, y = ((box[1] + box[3]) / 2 + top) / scale;
                const lat = Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI;
                return [row, x * 360 - 180, lat];
              });
            }"""
        )
        shown = {row: ink(page, lon, lat) for row, lon, lat in plates}
        wanted = {row: colours["gained" if row in filled else "number"] for row in shown}
        assert len(set(wanted.values())) == 2, "both kinds are seen"
        for row, (red, green, blue, _) in shown.items():
            rgb = [int(wanted[row][k : k + 2], 16) for k in (1, 3, 5)]
            assert max(abs(a - b) for a, b in zip(rgb, (red, green, blue), strict=True)) < FAR
        page.click("#qh-tab-legend")
        assert "试算后补齐的空白区" in page.inner_text("#qh-layers")
        full = next(row for row, n in enumerate(left) if n > 0)
        for row, said in ((filled[0], "试算后补齐"), (full, "试算后剩余")):
            page.evaluate(f"Quarterhour.app.gapList.choose({row})")
            settle(seen)
            assert said in page.inner_text(".qh-gap-trial")
        page.click("#qh-trial-clear")
        page.wait_for_function(f"() => !{PANEL}.drawing.filled")
        assert page.locator(".qh-gap-trial").count() == 0
        assert "试算后补齐的空白区" not in page.inner_text("#qh-layers")
        assert seen.errors == []


def test_who_is_lost_becomes_gaps_that_are_ranked_with_the_others(browser: Browser) -> None:
    town = demo()
    used = [k for k, mark in enumerate(town.data.services[0].facilities) if mark.status == "used"]
    with panel(browser, town.file) as seen:
        page = seen.page
        page.click("#qh-wi-left summary")
        page.evaluate(f"{PANEL}.toggle({used[0]}, false)")
        settle(seen)
        # at once, and nobody is forgotten
        rows = page.locator("#qh-wi-left-body tbody tr").all()
        fresh = page.evaluate(f"Quarterhour.whatIf.fresh.of({PANEL}, {PANEL}.shown)")
        lost = page.evaluate(f"{PANEL}.shown.lost")
        assert sum(it["people"] for it in fresh) == lost > 0
        assert lost == town.covered()[OWN] - town.covered(closed=[used[0]])[OWN]
        left = page.evaluate(f"{PANEL}.shown.left")
        amounts = sorted([*left, *(it["people"] for it in fresh)], reverse=True)
        shown = {
            int(cells[0]): float(cells[3].replace(",", ""))
            for cells in (row.locator("td").all_inner_texts() for row in rows)
        }
        assert shown == {k: pytest.approx(amounts[k - 1] / 1e6, abs=0.51) for k in shown}
        assert list(shown)[:15] == list(range(1, 16))
        assert page.locator("#qh-wi-left-body tr[data-fresh=A]").count() == 1
        assert fresh == sorted(fresh, key=lambda it: -it["people"])
        page.wait_for_function(f"() => !{PANEL}.drawing.waiting")
        page.click("#qh-wi-left-body tr[data-fresh=A] button")
        settle(seen)
        lat, lon = fresh[0]["at"]
        colour = page.evaluate("Quarterhour.app.data.colours.lost")
        rgb = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        # the letter's plate is there, or just beside where a number stands
        steps = [1e-4 * k for k in range(-9, 10)]
        near = [ink(page, lon + dx, lat + dy) for dx in steps for dy in steps]
        assert any(max(abs(a - b) for a, b in zip(rgb, it, strict=False)) < FAR for it in near)
        page.click("#qh-tab-legend")
        assert "试算后新出现的空白区" in page.inner_text("#qh-layers")
        page.click("#qh-trial-clear")
        page.wait_for_function(f"() => !{PANEL}.drawing.fresh")
        page.click("#qh-tab-whatif")
        assert page.locator("#qh-wi-left-body tr[data-fresh]").count() == 0
        assert seen.errors == []


def to_move(seen: Visit) -> tuple[int, float, float]:
    """A facility that serves, with the tool for moving in hand: its row and where it is seen."""
    marks = demo().data.services[0].facilities
    row = next(k for k, it in enumerate(marks) if it.status == "used")
    look(seen, marks[row].lon, marks[row].lat, 16)
    seen.page.click('#qh-whatif [data-tool="move"]')
    box = seen.page.locator(f'.qh-facility[data-row="{row}"]').bounding_box()
    assert box is not None
    return row, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_facility_is_dragged_with_the_tool_for_moving(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        row, x, y = to_move(seen)
        view = page.evaluate("Quarterhour.app.map.getCenter()")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y + 25, steps=6)
        page.mouse.up()
        settle(seen)
        assert page.evaluate("Quarterhour.app.map.getCenter()") == view, "the map stays"
        items = page.evaluate(f"{PANEL}.plan.now.items")
        assert [(it["what"], it["from"]) for it in items] == [("add", row)]
        at = page.evaluate(
            "(it) => { const p = Quarterhour.app.map.latLngToContainerPoint([it.lat, it.lon]);"
            " const b = Quarterhour.app.map.getContainer().getBoundingClientRect();"
            " return [p.x + b.left, p.y + b.top]; }",
            items[0]["at"],
        )
        assert at == [pytest.approx(x + 40, abs=2), pytest.approx(y + 25, abs=2)]
        assert page.locator(".leaflet-popup").count() == 0
        moved = town.covered(pins(page), closed=[row])
        assert page.evaluate(f"{PANEL}.shown.after.{OWN}.covered") == moved[OWN]
        # a click alone makes it a pin where it stands
        page.click("#qh-trial-clear")
        page.click('#qh-whatif [data-tool="move"]')
        page.mouse.click(x, y)
        settle(seen)
        assert [it["from"] for it in page.evaluate(f"{PANEL}.plan.now.items")] == [row]
        assert page.locator(".leaflet-popup").count() == 0
        assert seen.quiet(), (seen.console, seen.errors)


def test_pins_are_there_again_after_another_state(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page, 0)
        look(seen, *place, 15)
        press(seen, "add", place)
        before = page.locator(".qh-pin").evaluate(
            "(it) => it.outerHTML.replace(/style=.[^>]*/, '')"
        )
        page.click('[data-stage="2026"], [data-stage="year-2026"], .qh-stops button:nth-child(2)')
        settle(seen)
        assert page.locator(".qh-pin").count() == 0
        page.click("#qh-tab-legend")
        assert "试算" not in page.inner_text("#qh-layers"), "the trial is not what is shown"
        page.click("#qh-tab-whatif")
        settle(seen)
        after = page.locator(".qh-pin").evaluate("(it) => it.outerHTML.replace(/style=.[^>]*/, '')")
        assert after.replace(" qh-pin-chosen", "") == before.replace(" qh-pin-chosen", "")
        old = pins(page)
        page.locator(".qh-pin").focus()
        page.keyboard.press("ArrowUp")
        settle(seen)
        assert pins(page) != old, "it listens as before"
        page.keyboard.press("Delete")
        assert pins(page) == []
        assert seen.quiet(), (seen.console, seen.errors)


@pytest.mark.parametrize("key", ["Escape", "Control+z", "Delete"])
def test_a_key_in_the_middle_of_a_drag_leaves_no_drag_behind(browser: Browser, key: str) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        row, x, y = to_move(seen)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 40, y + 25, steps=5)
        page.keyboard.press(key)
        page.mouse.move(x + 60, y + 35, steps=3)
        page.mouse.up()
        settle(seen)
        assert page.evaluate(f"{PANEL}.drag") is None
        # Escape takes the move back as a whole; the others wait until the pin is let go
        items = page.evaluate(f"{PANEL}.plan.now.items.length")
        assert items == (0 if key == "Escape" else 1)
        closed = [] if key == "Escape" else [row]
        assert (
            page.evaluate(f"{PANEL}.shown.after.{OWN}.covered")
            == (town.covered(pins(page), closed=closed)[OWN])
        )
        if items:
            page.click("#qh-wi-undo")
            assert page.evaluate(f"{PANEL}.plan.now.items") == [], "a move is one step"
        assert page.evaluate(f"{PANEL}.shown.after.{OWN}.covered") == town.covered()[OWN]
        assert seen.errors == []
