"""The map page drawn by a real browser without a network: layers, layout, speed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from browser import chromium, ink, ready, settle, visit
from map_town import M_LAT, at, lone_gap, nobody, places, roads, service, town
from quarterhour.render.map.html import write_map

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


SIZES = ((1400, 900), (1024, 768), (390, 844))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def both_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "both.html"
    write_map(path, town("both"))
    return path


def is_gap(rgba: list[int]) -> bool:
    red, green, blue, alpha = rgba
    return alpha > 200 and red > 180 and 60 < green < 130 and blue < 60


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_page_is_one_file_without_requests_or_errors(
    browser: Browser, tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    file = tmp_path / "map.html"
    write_map(file, town(language))
    with visit(browser, file, size) as seen:
        page = ready(seen)
        assert seen.requests == [file.as_uri()]
        assert seen.quiet(), (seen.console, seen.errors)
        # The page is not merely quiet because nothing runs: roads and people are drawn.
        for pane in ("qh-base", "qh-data"):
            painted = page.evaluate(
                """(pane) => {
                  const c = document.querySelector(`.leaflet-${pane}-pane canvas`);
                  const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
                  let n = 0;
                  for (let i = 3; i < d.length; i += 4) n += d[i] > 0;
                  return n;
                }""",
                pane,
            )
            assert painted > 2000, pane
        assert page.locator(".qh-facility").count() == 7
        assert page.evaluate("document.documentElement.lang") == (
            "en" if language == "en" else "zh-CN"
        )


def test_policy_stops_a_request_that_would_be_made(browser: Browser, both_file: Path) -> None:
    with visit(browser, both_file, offline=False) as seen:
        page = ready(seen)
        page.evaluate("() => { new Image().src = 'https://example.invalid/a.png'; }")
        page.evaluate("() => fetch('https://example.invalid/b').catch(() => 0)")
        assert sum("Content Security Policy" in line for line in seen.console) >= 2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_no_part_lies_over_another(
    browser: Browser, tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    file = tmp_path / "map.html"
    write_map(file, town(language))
    with visit(browser, file, size) as seen:
        page = ready(seen)
        for opened in (False, True):
            if opened and size[0] > 760:
                break
            if opened:
                page.click("#qh-panel-button")
                settle(seen)
            boxes = page.evaluate(
                """() => ["#qh-head", "#qh-panel", "#qh-foot", ".folium-map", "#qh-synthetic",
                  ".qh-buttons", ".qh-north", ".leaflet-control-scale"].map((name) => {
                    const b = document.querySelector(name).getBoundingClientRect();
                    return [name, b.left, b.top, b.right, b.bottom];
                  })"""
            )
            shapes = {name: box(*edges) for name, *edges in boxes}
            window = box(0, 0, *size).buffer(1)
            for name, shape in shapes.items():
                assert shape.area > 0, name
                assert window.covers(shape), (name, shape.bounds)
            names = list(shapes)
            for i, one in enumerate(names):
                for other in names[i + 1 :]:
                    if one == ".folium-map" and other not in {"#qh-head", "#qh-panel", "#qh-foot"}:
                        continue
                    shared = shapes[one].intersection(shapes[other]).area
                    assert shared < 1, (one, other, shared)
            assert shapes[".folium-map"].bounds[3] - shapes[".folium-map"].bounds[1] >= 199
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size[0]


def test_first_view_holds_the_study_area(browser: Browser, both_file: Path) -> None:
    data = town("both")
    with visit(browser, both_file) as seen:
        page = ready(seen)
        west, south, east, north = page.evaluate(
            "() => { const b = Quarterhour.app.map.getBounds();"
            " return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; }"
        )
        view = box(west, south, east, north)
        assert view.covers(data.area)
        assert data.area.envelope.area > 0.2 * view.area


def test_gaps_stay_above_service_areas_after_toggles(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    write_map(file, lone_gap())
    middle, beside, lost = at(0, 0), at(300, 0), at(600, 0)
    with visit(browser, file) as seen:
        page = ready(seen)
        assert is_gap(ink(page, *middle))
        band = ink(page, *beside)
        assert band[3] > 60
        assert not is_gap(band)
        assert ink(page, *lost)[:3] != band[:3]
        for name in ("areas", "cutoff-0", "cutoff-2", "roads", "boundary", "areas"):
            page.click(f"#qh-layer-{name}")
            settle(seen)
            assert is_gap(ink(page, *middle)), name
            page.click(f"#qh-layer-{name}")
            settle(seen)
            assert is_gap(ink(page, *middle)), name
        assert ink(page, *beside) == band
        page.click("#qh-layer-areas")
        settle(seen)
        assert ink(page, *beside)[3] == 0
        page.click("#qh-layer-uncovered")
        settle(seen)
        assert ink(page, *middle)[3] == 0
        page.click("#qh-layer-unlinked")
        settle(seen)
        assert ink(page, *lost)[3] == 0


def test_every_switch_changes_the_map_and_its_legend(browser: Browser, both_file: Path) -> None:
    with visit(browser, both_file) as seen:
        page = ready(seen)
        names = page.eval_on_selector_all("#qh-layers input", "all => all.map((i) => i.id)")
        expected = {"facilities", "uncovered", "unlinked", "areas", "residential"}
        marks = [f"-{status}" for status in ("used", "planned", "unlinked")]
        expected |= {start + status for start in ("facilities", "other-1") for status in marks}
        expected.add("other-1-area")
        expected |= {"boundary", "districts", "roads", "cutoff-0", "cutoff-1", "cutoff-2"}
        assert {name.removeprefix("qh-layer-") for name in names} == expected
        picture = (
            "() => Array.from(document.querySelectorAll('canvas')).map((c) => c.toDataURL())"
            ".join() + document.querySelector('.leaflet-marker-pane').childElementCount"
        )
        page.click("#qh-twig-service-1")
        for name in names:
            box_ = page.locator(f"#{name}")
            row = page.locator(f".qh-layer:has(> .qh-row > #{name})")
            before, was = page.evaluate(picture), box_.is_checked()
            box_.focus()
            page.keyboard.press("Space")
            settle(seen)
            assert box_.is_checked() is not was
            assert page.evaluate(picture) != before, name
            off = "qh-off" in (row.get_attribute("class") or "")
            assert off is was, name
            page.keyboard.press("Space")
            settle(seen)
            assert page.evaluate(picture) == before, name
        assert seen.quiet(), (seen.console, seen.errors)


def test_switching_the_service_changes_words_marks_and_colours(
    browser: Browser, both_file: Path
) -> None:
    with visit(browser, both_file) as seen:
        page = ready(seen)
        first = page.locator("#qh-head .qh-service:visible .qh-told").inner_text()
        assert "60岁以上" in first
        assert "aged 60 and over" in first
        page.focus("[data-choose='0']")
        page.keyboard.press("ArrowRight")
        settle(seen)
        second = page.locator("#qh-head .qh-service:visible .qh-told").inner_text()
        assert "0–3岁" in second
        assert page.get_attribute("[data-choose='1']", "aria-checked") == "true"
        assert page.locator(".qh-facility").count() == 5
        page.click("#qh-twig-service-0")
        for status, number in (("used", 10), ("planned", 11), ("unlinked", 12)):
            page.click(f"#qh-layer-other-0-{status}")
            settle(seen)
            assert page.locator(".qh-facility").count() == number
        paths = page.eval_on_selector_all(
            ".qh-facility path:nth-child(2)", "all => all.map((p) => p.getAttribute('d'))"
        )
        assert len(set(paths)) == 2
        assert seen.quiet(), (seen.console, seen.errors)


def test_tiles_are_requested_only_when_asked_for(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    template = "https://t{0-7}.tiles.example/vec/{z}/{x}/{y}.png"
    write_map(file, town("zh", tiles=template, tiles_attribution="底图：示例"))
    assert "img-src data: blob: https://*.tiles.example;" in file.read_text("utf-8")
    with visit(browser, file) as seen:
        page = ready(seen)
        page.wait_for_timeout(300)
        hosts = {url.split("/")[2] for url in seen.requests[1:]}
        assert hosts
        assert all(re.fullmatch(r"t[0-7]\.tiles\.example", host) for host in hosts)
        # Tiles that fail are silent: no message of ours, and the map is all there.
        assert seen.errors == []
        assert page.locator(".qh-facility").count() == 7
        assert "底图：示例" in page.inner_text("#qh-foot")
        page.click("#qh-layer-tiles")
        assert page.locator(".leaflet-tile").count() == 0


def test_large_network_and_many_places_stay_small_and_quick(
    browser: Browser, tmp_path: Path
) -> None:
    net = roads(n=176, bends=4, gap_m=70.0)
    assert len(net.lon) > 190_000
    rng = np.random.default_rng(8)
    many = places(rng.uniform(-6000, 6000, (20_000, 2)), rng.gamma(2, 9, 20_000), 23.4, "far")
    sites = [tuple(xy) for xy in rng.uniform(-5500, 5500, (27, 2))]
    layer = service("养老服务", sites, people_step_m=600.0, half_m=6000.0, residential=False)
    file = tmp_path / "map.html"
    plain = town("zh", roads=net, services=(replace(layer, uncovered=nobody()),), area=None)
    write_map(file, plain)
    assert file.stat().st_size < 1_800_000
    write_map(file, replace(plain, services=(replace(layer, uncovered=many),)))
    assert file.stat().st_size < 2_200_000
    with visit(browser, file) as seen:
        page = ready(seen)
        assert page.evaluate("Quarterhour.app.roads.x.length") > 150_000
        assert page.evaluate("Quarterhour.app.service().uncovered.n") == 20_000
        # Seen from afar, places are gathered; none of their people is lost.
        gathered, each = page.evaluate(
            """() => {
              const dots = Quarterhour.app.service().uncovered, sum = (a, b) => a + b;
              const level = dots.levels.at(Quarterhour.app.scale());
              return [[level.n, level.amount.reduce(sum)], [dots.n, dots.amount.reduce(sum)]];
            }"""
        )
        assert 100 < gathered[0] < 5000
        assert gathered[1] == pytest.approx(each[1])
        assert each[1] == pytest.approx(float(many.amount.sum()), abs=0.05 * many.amount.size)
        page.mouse.click(
            *page.evaluate(
                """() => {
                  const app = Quarterhour.app, dots = app.service().uncovered;
                  const level = dots.levels.at(app.scale()), scale = app.scale();
                  const marks = app.service().facilities;
                  const row = level.members.findIndex((m, i) => m.length > 1 &&
                    !marks.some((f) => Math.hypot(
                      (Quarterhour.decode.worldX(f.at[1]) - level.x[i]) * scale,
                      (Quarterhour.decode.worldY(f.at[0]) - level.y[i]) * scale) < 40));
                  const box = app.map.getContainer().getBoundingClientRect();
                  const corner = app.map.getPixelBounds().min;
                  return [level.x[row] * scale - corner.x + box.left,
                    level.y[row] * scale - corner.y + box.top];
                }"""
            )
        )
        settle(seen)
        assert "包含需求点" in page.inner_text(".qh-popup")
        assert "23.4 分钟" in page.inner_text(".qh-popup")
        spent = page.evaluate(
            """() => {
              const app = Quarterhour.app, times = [];
              for (let i = 0; i < 5; i++) {
                const from = performance.now();
                app.base._draw();
                app.sheet._draw();
                times.push(performance.now() - from);
              }
              app.sheet._ctx.getImageData(0, 0, 1, 1);
              return times.sort((a, b) => a - b)[2];
            }"""
        )
        assert spent < 1000
        assert seen.quiet(), (seen.console, seen.errors)


def test_drawn_geometry_is_where_the_data_says(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "map.html"
    data = lone_gap()
    write_map(file, data)
    with visit(browser, file) as seen:
        page = ready(seen)
        inverse = """(pts) => pts.map(([x, y]) =>
          [x * 360 - 180, Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI])"""
        ring = page.evaluate(
            "() => { const s = Quarterhour.app.service().areas[0], r = s.rings[0];"
            f" return ({inverse})(Array.from(s.x).slice(r.from, r.to)"
            ".map((x, i) => [x, s.y[r.from + i]])); }"
        )
        own = data.services[0].facilities[0].area
        apart = shapely.hausdorff_distance(shapely.Polygon(ring).exterior, own.exterior)
        assert apart < 2 * M_LAT
        where = page.evaluate("() => Quarterhour.app.service().uncovered.lon[0]")
        assert abs(where - at(0, 0)[0]) < 1e-6
