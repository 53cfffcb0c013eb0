"""The map on paper: one page, every layer's ink, and everything as before afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, settle, visit
from map_gaps import hostile_gaps
from map_views import views_town
from print_town import (
    LAYERS,
    inked,
    only,
    opened,
    pages_of,
    picture,
    print_file,
    print_town,
    rendered,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from browser import Visit

SIZES = {"A4": (297, 210), "A3": (420, 297)}
STATE = """() => {
  const { app } = Quarterhour, map = app.map, root = document.documentElement;
  return JSON.stringify({
    at: app.at, on: app.layers.on, cutoffs: app.layers.cutoffs, gap: app.gapList.row,
    zoom: map.getZoom(), centre: map.getCenter(), size: map.getSize(), title: document.title,
    root: [root.className, root.lang, root.dataset.language], body: document.body.className,
    canvases: Array.from(document.querySelectorAll("canvas"), (it) => [it.width, it.height]),
    shown: Array.from(document.body.children, (it) => getComputedStyle(it).display),
    numbers: app.service().gaps.drawn.map((it) => it.box),
  });
}"""
CHOOSE = """([paper, portrait, language]) => {
  const { print } = Quarterhour.app;
  print.choice = { paper, portrait, language };
  print.page();
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return print_file(tmp_path_factory.mktemp("print"))


def printed(seen: Visit, *, paper: str = "A4", portrait: bool = False, language: str = "") -> bytes:
    seen.page.evaluate(CHOOSE, [paper, portrait, language])
    return seen.page.pdf(prefer_css_page_size=True, print_background=True)


@pytest.mark.parametrize("portrait", [False, True])
@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_the_map_is_one_page_of_its_paper(
    browser: Browser, file: Path, paper: str, portrait: bool
) -> None:
    with visit(browser, file) as seen:
        ready(seen)
        pages = pages_of(printed(seen, paper=paper, portrait=portrait))
        wide, high = SIZES[paper]
        assert pages == [(high, wide) if portrait else (wide, high)]
        assert not seen.errors


def test_every_layer_has_ink_on_paper(browser: Browser, file: Path, tmp_path: Path) -> None:
    with visit(browser, file) as seen:
        ready(seen)
        box = {}

        def ink(*layers: str) -> float:
            only(seen, *layers)
            (tmp_path / "sheet.pdf").write_bytes(printed(seen))
            pixels = rendered(tmp_path / "sheet.pdf")
            high, wide = pixels.shape[:2]
            # well within the frame, without scale bar and arrow
            return inked(
                pixels[int(0.15 * high) : int(0.8 * high), int(0.05 * wide) : int(0.6 * wide)]
            )

        empty = ink()
        assert empty < 0.001
        box = {layer: ink(layer) for layer in LAYERS}
        assert min(box.values()) > 0.002, box
        # areas and roads lie on two canvases, of which a browser once printed but the upper
        assert box["areas"] > 0.05
        assert box["roads"] > 0.02
        both = ink("areas", "roads")
        assert both > max(box["areas"], box["roads"])


def test_a_layer_that_is_off_is_not_painted(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        paint = """() => {
          const canvas = Quarterhour.poster.paint(Quarterhour.app, 500, 400, 1, true);
          return Array.from(canvas.getContext("2d").getImageData(0, 0, 500, 400).data);
        }"""
        only(seen, *LAYERS)
        whole = page.evaluate(paint)
        for layer in LAYERS:
            only(seen, *(other for other in LAYERS if other != layer))
            assert page.evaluate(paint) != whole, layer
        only(seen, *LAYERS)
        assert page.evaluate(paint) == whole


def test_gaps_have_lines_for_a_printer_without_colours(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        paint = """() => {
          const { app } = Quarterhour, shade = (data, i) => 0.3 * data[i] + 0.59 * data[i + 1];
          const [plain, lined] = [false, true].map((paper) => {
            const canvas = Quarterhour.poster.paint(app, 600, 500, 2, paper);
            return canvas.getContext("2d").getImageData(0, 0, 1200, 1000).data;
          });
          let darker = 0;
          for (let i = 0; i < plain.length; i += 4) {
            if (shade(lined, i) < shade(plain, i) - 10) darker += 1;
          }
          return [darker / (1200 * 1000), Array.from(lined.slice(0, 4))];
        }"""
        only(seen, "gaps")
        darker, corner = page.evaluate(paint)
        assert darker > 0.005
        only(seen, "areas", "roads", "uncovered")
        assert page.evaluate(paint)[0] == 0
        assert corner[3] == 255  # nothing of the picture is transparent


def test_after_printing_everything_is_as_before(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.evaluate("Quarterhour.app.gapList.choose(2)")
        page.evaluate("Quarterhour.app.map.setZoom(14.25, { animate: false })")
        settle(seen)
        page.wait_for_timeout(300)
        before, looks = page.evaluate(STATE), page.screenshot()
        for paper in ("A3", "A4"):
            printed(seen, paper=paper, portrait=paper == "A3", language="en")
            settle(seen)
            assert page.evaluate(STATE) == before
        assert (picture(page.screenshot()) == picture(looks)).all()
        assert seen.quiet()


def test_the_sheet_says_what_a_plan_sheet_must(browser: Browser, file: Path) -> None:
    with visit(browser, file) as seen:
        page = ready(seen)
        page.evaluate("Quarterhour.app.print.keep({ paper: 'A3' })")
        opened(seen)
        text = page.inner_text("#qh-print")
        for words in (
            "江州区“一刻钟”养老托育服务圈现状", "内部工作用图", "Internal working map", "合成数据",
            "数据日期", "2025-06-30", "出图日期", "资料来源", "人口：街道统计表", "图例", "Legend",
            "空白区（最大的 10 处，共 14 处）", "合计 5,000 人", "3f9a1c07", "网络墨卡托",
        ):  # fmt: skip
            assert words in text, words
        date = page.inner_text(".qh-p-date")
        assert date == page.evaluate("Quarterhour.today()")
        rows = page.locator("#qh-print .qh-p-gaps tbody tr:visible")
        assert rows.count() == 10
        assert "东街道400号院一带" in rows.nth(0).inner_text()
        # the share with what it is a share of, as beside the map
        share = page.inner_text("#qh-print .qh-p-figures .qh-share")
        assert "%" in share
        assert " / " in share
        # the second service is not on the first one's sheet
        assert page.locator("#qh-print .qh-p-head .qh-service:visible").count() == 1
        assert page.locator("#qh-print button, #qh-print input").count() == 0


@pytest.mark.parametrize("language", ["zh", "en", "both"])
@pytest.mark.parametrize("way", ["landscape", "portrait"])
@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_nothing_is_cut_off_beside_the_map(
    browser: Browser, file: Path, paper: str, way: str, language: str
) -> None:
    with visit(browser, file, (1700, 1700)) as seen:
        page = ready(seen)
        page.evaluate(
            "([paper, portrait, language]) => Quarterhour.app.print.keep("
            "{ paper, portrait, language })",
            [paper, way == "portrait", language],
        )
        opened(seen)
        boxes = page.evaluate(
            """() => {
              const box = (e) => e.getBoundingClientRect();
              const sheet = box(document.getElementById("qh-print"));
              const all = Array.from(document.querySelectorAll(
                "#qh-print h2, #qh-print .qh-p-row, #qh-print tr, #qh-print p, .qh-p-foot > span"));
              const side = document.querySelector(".qh-p-side");
              const map = box(document.querySelector(".qh-p-map"));
              return {
                out: all.filter((e) => e.offsetParent && (box(e).bottom > sheet.bottom + 1 ||
                  box(e).right > sheet.right + 1)).map((e) => e.textContent.slice(0, 40)),
                over: side.scrollHeight - side.clientHeight, share: map.width * map.height /
                  (sheet.width * sheet.height),
                listed: document.querySelectorAll(".qh-p-gaps .qh-service:not([hidden]) "
                  + "tbody tr:not([hidden])").length,
              };
            }"""
        )
        assert boxes["out"] == []
        assert boxes["over"] <= 1
        assert boxes["share"] > 0.4
        assert boxes["listed"] == 10 or paper == "A4"
        shown = page.inner_text(".qh-p-legend")
        assert ("Legend" in shown) == (language != "zh")
        assert ("图例" in shown) == (language != "en")


def test_who_made_the_map_and_its_approval_are_in_the_title_block(
    browser: Browser, tmp_path: Path
) -> None:
    data = replace(
        print_town("both"), made_by="某区规划编制中心", approval_no="川S(2026)00001号", public=True
    )
    with visit(browser, print_file(tmp_path, data=data)) as seen:
        page = ready(seen)
        page.evaluate("Quarterhour.app.print.keep({})")
        foot = opened(seen).inner_text(".qh-p-foot")
        assert "制图单位" in foot
        assert "Made by" in foot
        assert foot.count("某区规划编制中心") == 1
        assert foot.startswith("审图号")
        assert foot.count("川S(2026)00001号") == 1
        assert "内部工作用图" not in foot


def test_hostile_names_stay_text_on_the_sheet(browser: Browser, tmp_path: Path) -> None:
    path = print_file(tmp_path, data=hostile_gaps())
    with visit(browser, path) as seen:
        page = ready(seen)
        page.evaluate("Quarterhour.app.print.keep({})")
        opened(seen)
        assert page.locator("#qh-print .qh-p-map img").count() == 1
        assert page.locator("#qh-print img").count() == 1
        assert "${alert(1)}" in page.inner_text("#qh-print h2")
        assert seen.quiet()


def test_the_sheet_follows_the_year_that_is_shown(browser: Browser, tmp_path: Path) -> None:
    path = print_file(tmp_path, data=views_town("en"))
    with visit(browser, path) as seen:
        page = ready(seen)
        last = page.evaluate(
            "() => { const s = Quarterhour.app.stages; const all = s.states()"
            ".filter((it) => it.kind === 'year'); const it = all[all.length - 1];"
            " s.choose(it.key); return it.name[1]; }"
        )
        page.evaluate("Quarterhour.app.print.keep({})")
        opened(seen)
        assert last in page.inner_text("#qh-print .qh-p-figures")
        assert not page.locator("#qh-print .qh-p-gaps").is_visible()
        assert seen.quiet()


def test_a_comparison_is_printed_with_both_of_its_sides(browser: Browser, tmp_path: Path) -> None:
    path = print_file(tmp_path, data=views_town("en"))
    with visit(browser, path) as seen:
        page = ready(seen)
        page.evaluate("Quarterhour.app.compare.open()")
        shares = page.evaluate(
            """() => {
              const { app } = Quarterhour;
              return [0, 1].map((side) => {
                const { share } = Quarterhour.stages.figureOf(app, app.compare.state(side));
                return Quarterhour.text.percent(share);
              });
            }"""
        )
        assert shares[0] != shares[1]
        page.evaluate("Quarterhour.app.print.keep({})")
        told = opened(seen).inner_text("#qh-print .qh-p-figures")
        assert told.index(shares[0]) < told.index(shares[1])
        assert "Today" in told
        assert not page.locator("#qh-print .qh-p-gaps").is_visible()
        assert seen.quiet()
