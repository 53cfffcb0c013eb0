"""Changes saved as GeoJSON and loaded again; files that nobody should trust."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from browser import chromium, settle
from map_town import HOSTILE
from quarterhour.study import run_study
from whatif_page import PANEL, covered, demo, lacking, look, panel, pins, press, rows, said, slide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from browser import Visit


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def export(page: Page) -> str:
    with page.expect_download() as waiting:
        page.click("#qh-wi-export")
    assert waiting.value.suggested_filename == "quarterhour-what-if.geojson"
    return waiting.value.path().read_text("utf-8")


def load(seen: Visit, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    seen.page.set_input_files(
        "#qh-wi-file", {"name": "a.geojson", "mimeType": "application/json", "buffer": data}
    )
    seen.page.wait_for_timeout(150)
    settle(seen)


def point(lon: object, lat: object, **properties: object) -> dict[str, Any]:
    return {
        "type": "Feature", "properties": properties,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }  # fmt: skip


def collection(*features: object, **more: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more})


def test_what_is_saved_is_what_is_loaded(browser: Browser) -> None:
    town = demo()
    used = [k for k, m in enumerate(town.data.services[0].facilities) if m.status == "used"]
    marks = town.data.services[0].facilities
    with panel(browser, town.file) as seen:
        page = seen.page
        places = [lacking(page)]
        look(seen, *places[0])
        press(seen, "add", places[0])
        page.locator(".qh-wi-name").fill(HOSTILE[:70])
        page.keyboard.press("Tab")
        look(seen, marks[used[0]].lon, marks[used[0]].lat)
        page.click("[data-tool=close]")
        page.click(f".qh-facility[data-row='{used[0]}']")
        look(seen, marks[used[1]].lon, marks[used[1]].lat)
        page.click("[data-tool=move]")
        page.click(f".qh-facility[data-row='{used[1]}']")
        page.keyboard.press("ArrowUp")
        at, length = page.evaluate(
            f"""() => {{
              const net = {PANEL}.model.network, it = {PANEL}.plan.now.items[0].at;
              return [it.edge, net.length_mm[it.edge]];
            }}"""
        )
        page.evaluate(
            f"""([edge, mm]) => {{
              const at = (offset) => Object.assign(
                {{ edge, offset_mm: offset }}, {PANEL}.streets.degrees(edge, offset));
              {PANEL}.plan.add([
                {{ what: "cut", at: at(Math.floor(mm / 3)) }},
                {{ what: "link", from: at(0), to: at(mm), length_mm: 12345 }},
              ]);
            }}""",
            [at, length],
        )
        page.click("#qh-wi-terms summary")
        slide(seen, "minutes", 12)
        page.click("#qh-wi-files summary")
        before, shown, where = covered(page), rows(page), pins(page)
        text = export(page)
        sent = json.loads(text)
        kinds = [feature["properties"]["quarterhour"] for feature in sent["features"]]
        assert kinds == ["facility", "close_facility", "facility", "cut", "link"]
        first = sent["features"][0]
        assert first["properties"]["name"] == HOSTILE[:70].strip()
        assert [first["properties"][k] for k in ("edge", "offset_mm", "access_mm")] == list(
            where[0]
        )
        assert first["geometry"]["coordinates"] == pytest.approx(list(places[0]), abs=2e-4)
        assert town.data.what_if is not None
        assert {f["properties"]["network"] for f in sent["features"]} == {
            town.data.what_if.network.key
        }
        # what is tried already is not tried twice
        load(seen, text)
        assert "6 项改动已在试算中" in said(page)
        assert (covered(page), len(page.evaluate(f"{PANEL}.plan.now.items"))) == (before, 5)
        page.click("#qh-wi-reset")
        assert covered(page) == town.covered()
        load(seen, text)
        assert "已读入 6 项改动" in said(page)
        assert "按经纬度" not in said(page)
        assert covered(page) == before
        assert rows(page) == shown
        assert pins(page) == where
        assert export(page) == text
        # one step of undo takes the whole file back; names are text and nothing else
        assert page.locator("#qh-wi-list img, #qh-wi-list script").count() == 0
        page.click("#qh-wi-undo")
        assert covered(page) == town.covered()
        assert seen.errors == []
        assert seen.dialogs == []
        assert [url for url in seen.requests if not url.startswith(("file:", "blob:"))] == []


def test_a_run_with_the_saved_file_finds_what_the_panel_showed(browser: Browser) -> None:
    town = demo()
    marks = town.data.services[0].facilities
    used = [k for k, m in enumerate(marks) if m.status == "used"]
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page)
        look(seen, *place)
        press(seen, "add", place)
        for tool, row in (("close", used[2]), ("move", used[0])):
            look(seen, marks[row].lon, marks[row].lat)
            page.click(f"[data-tool={tool}]")
            page.click(f".qh-facility[data-row='{row}']")
        for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
            page.keyboard.press(key)
        # a street is closed where many walk: between a facility and its people
        edge, mm = page.evaluate(
            f"""() => {{
              const net = {PANEL}.model.network, own = {PANEL}.sums.today(0);
              const e = {PANEL}.model.services[0].sent.gates[1][1];
              return [e, Math.floor(net.length_mm[e] / 2)];
            }}"""
        )
        page.evaluate(
            f"""([edge, mm]) => {{
              const there = {PANEL}.streets.degrees(edge, mm);
              const at = Object.assign({{ edge, offset_mm: mm }}, there);
              {PANEL}.plan.add([{{ what: "cut", at }}]);
            }}""",
            [edge, mm],
        )
        ends = [lacking(page, row) for row in (0, 2)]
        look(seen, *ends[0], 14)
        spots = page.evaluate(
            f"""(ends) => ends.map(([lon, lat]) => {{
              const it = {PANEL}.model.link(0, lat, lon, {{ any: true }});
              return [it.on[1], it.on[0]];
            }})""",
            [list(end) for end in ends],
        )
        press(seen, "link", *[tuple(spot) for spot in spots])
        page.click("#qh-wi-files summary")
        shown, text = covered(page), export(page)
        assert page.locator("#qh-wi-list li").count() == 5
        assert seen.errors == []
    where = town.file.parent
    (where / "page.geojson").write_text(text, encoding="utf-8")
    study = (where / "study.toml").read_text("utf-8")
    (where / "tried.toml").write_text(
        study + '\n[[scenario]]\nname = "试"\npins = "page.geojson"\n', encoding="utf-8"
    )
    result = run_study(where / "tried.toml")
    (change,) = [one for one in result.scenarios if one.part.name == "试"]
    after = change.services[0].after.counts[-1]
    assert {group: after[group].covered for group in shown} == shown


def test_a_file_of_another_network_is_linked_by_its_degrees(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page)
        page.click("#qh-wi-files summary")
        foreign = {"quarterhour": {"format": 1, "network": "other"}}
        wrong = {"edge": 7, "offset_mm": 5, "access_mm": 0, "quarterhour": "facility"}
        load(seen, collection(point(*place, name="甲", **wrong), **foreign))
        assert "1 处按经纬度重新连接" in said(page)
        by_degrees = pins(page)
        assert by_degrees[0][0] != 7
        assert covered(page) == town.covered(by_degrees)
        page.click("#qh-wi-reset")
        # the same place from any program's GeoJSON, with Chinese headings
        load(seen, collection(point(*place, 名称="乙院")))
        assert pins(page) == by_degrees
        assert page.locator(".qh-wi-name").input_value() == "乙院"
        page.click("#qh-wi-reset")
        # a position that is not where the degrees are is not believed
        own = {"quarterhour": {"format": 1, "network": town.data.what_if.network.key}}  # type: ignore[union-attr]
        load(seen, collection(point(*place, name="甲", **wrong), **own))
        assert pins(page) == by_degrees
        assert "按经纬度" in said(page)
        # what lies outside is left out and told
        load(seen, collection(point(place[0] + 3, place[1]), point(*place, quarterhour="cut")))
        assert "1 项未读入" in said(page)
        assert seen.errors == []


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


HOSTILE_FILES = {
    "nothing": "",
    "broken": '{"type": "FeatureCollection", "features": [',
    "a table": "name,lon,lat\n甲,104.1,30.2\n",
    "a page": "<html><script>alert(1)</script></html>",
    "a list": "[]",
    "null": "null",
    "a number": "1e999",
    "no features": '{"type": "FeatureCollection"}',
    "features are no list": '{"type": "FeatureCollection", "features": {"length": 9}}',
    "empty": collection(),
    "null features": collection(None, 1, "x", [], {}),
    "no geometry": collection({"type": "Feature", "properties": {}}),
    "a polygon": collection(
        {"geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [1, 2]]]}}
    ),
    "text for degrees": collection(point("104", "30")),
    "no degrees": collection(point(500, 91), point(None, 30)),
    "projected": collection(point(3_355_000.1, 40_512_000.2)),
    "deep": nested(20_000),
    "deep coordinates": collection({"geometry": {"type": "Point", "coordinates": [[[1]]]}}),
    "a prototype": '{"__proto__": {"type": "FeatureCollection"}, "features": []}',
    "unknown kinds": collection(point(104, 30, quarterhour="__proto__")),
    "huge numbers": collection(
        point(1e308, -1e308, edge=1e308, offset_mm=-1, access_mm=1e300, quarterhour="facility")
    ),
    "another service": collection(point(104, 30, quarterhour="facility", service="没有")),
    "a link to nowhere": collection(
        {
            "properties": {"quarterhour": "link", "length_mm": -5},
            "geometry": {"type": "LineString", "coordinates": [[104, 30]]},
        }
    ),
    "lone surrogates": '{"type": "\ud800"}',
    "bytes": b"\xff\xfe\x00\x01" * 200,
}


def test_files_that_make_no_sense_give_one_sentence(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        page.click("#qh-wi-files summary")
        for name, content in HOSTILE_FILES.items():
            page.evaluate(f"{PANEL}.hush()")
            load(seen, content)
            message = said(page)
            assert "未读入" in message, name
            assert message.count("。") == 1, (name, message)
            assert page.locator("#qh-trial-said.qh-wrong").count() == 1, name
            assert page.evaluate(f"{PANEL}.plan.active()") is False, name
        assert covered(page) == town.covered()
        assert seen.errors == []
        assert seen.dialogs == []


def test_too_large_a_file_and_too_many_changes(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        place = lacking(page)
        page.click("#qh-wi-files summary")
        load(seen, b" " * 5_100_000)
        assert "超过 5 MB" in said(page)
        many = [point(place[0] + 1e-5 * k, place[1], name=f"{k}") for k in range(430)]
        load(seen, collection(*many))
        assert "已读入 400 项改动" in said(page)
        assert "30 项未读入" in said(page)
        assert len(pins(page)) == 400
        assert covered(page) == town.covered(pins(page))
        look(seen, place[0], place[1] + 0.002)
        press(seen, "add", (place[0], place[1] + 0.002))
        assert "最多 400 项" in said(page)
        assert len(pins(page)) == 400
        assert seen.errors == []


def test_a_file_is_dropped_on_the_map(browser: Browser) -> None:
    town = demo()
    with panel(browser, town.file) as seen:
        page = seen.page
        content = collection(point(*lacking(page), name="丢"))
        handle = page.evaluate_handle(
            """(text) => {
              const sent = new DataTransfer();
              sent.items.add(new File([text], "x.geojson"));
              return sent;
            }""",
            content,
        )
        for box in (".folium-map", "#qh-whatif"):
            page.dispatch_event(box, "dragover", {"dataTransfer": handle})
            assert page.locator(f"{box}.qh-dropping").count() == 1
            page.dispatch_event(box, "drop", {"dataTransfer": handle})
            page.wait_for_timeout(150)
            assert page.locator(".qh-dropping").count() == 0
        assert len(pins(page)) == 1, "the same file a second time adds nothing"
        assert "1 项改动已在试算中" in said(page)
        assert seen.errors == []
