"""The map page as a file: its bytes, what it may load, what is refused."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from map_town import HOSTILE, hostile_town, nobody, service, town
from quarterhour.errors import InputError
from quarterhour.render.guard import external
from quarterhour.render.map import html as html_module
from quarterhour.render.map.html import library_scripts, map_html, tile_source, write_map
from quarterhour.render.map.layers import BaseRoads
from quarterhour.render.map.pack import varint, zigzag
from quarterhour.render.words import WORDS, group_label, label

if TYPE_CHECKING:
    from pathlib import Path


def test_share_without_a_known_denominator_is_refused() -> None:
    data = town()
    figures = tuple(replace(f, share_covered=0.5) for f in data.services[0].figures)
    odd = replace(data, services=(replace(data.services[0], figures=figures),))
    with pytest.raises(InputError, match="neither covered / total"):
        map_html(odd)


def test_share_of_the_linked_is_called_that() -> None:
    data = town("en")
    figures = tuple(
        replace(f, share_covered=f.covered / (f.covered + f.uncovered))
        for f in data.services[0].figures
    )
    page = map_html(replace(data, services=(replace(data.services[0], figures=figures),)))
    assert "of those linked" in page
    linked = next(f for f in figures if f.cutoff_min == 15 and f.group == "age_60_plus")
    assert f"of {linked.covered + linked.uncovered:,.0f} people" in page


def test_no_demand_gives_no_share() -> None:
    layer = replace(service("养老服务", [(0.0, 0.0)]), figures=(), uncovered=nobody())
    page = map_html(town("zh", services=(layer,), demand_unit="street_metres"))
    text = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    assert "不给出覆盖率" in text
    assert "%" not in text


def test_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "a" / "one.html", tmp_path / "b" / "two.html"
    for path in (one, two):
        path.parent.mkdir()
        write_map(path, town())
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes() != map_html(town(title="其他")).encode()
    assert str(tmp_path) not in one.read_text("utf-8")
    assert [p.name for p in one.parent.iterdir()] == ["one.html"]


def test_a_refused_map_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(InputError):
        write_map(path, town(language="fr"))
    assert path.read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


def test_making_a_map_leaves_folium_as_it_was() -> None:
    import folium

    before = (list(folium.Map.default_js), list(folium.Map.default_css))
    map_html(town())
    assert (folium.Map.default_js, folium.Map.default_css) == before
    assert before[0]


def test_no_asset_from_elsewhere_and_licences_inside() -> None:
    page = map_html(town())
    assert external(page, libraries=library_scripts()) == []
    assert len(re.findall(r"https?://", page)) < 20
    for text in ("cdn.jsdelivr", "cdnjs", "bootstrap", "fontawesome", "sourceMappingURL"):
        assert text not in page.lower()
    for text in ("BSD 2-Clause", "MIT License", "Volodymyr Agafonkin", "OpenJS Foundation"):
        assert text in page
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "http" not in policy[1]
    assert page.index(policy[0]) < page.index("<script")


@pytest.mark.parametrize(
    "part",
    [
        '<script src="https://cdn.example/a.js"></script>',
        "<link rel=stylesheet href=//cdn.example/a.css>",
        '<img srcset="https://cdn.example/a.png 2x">',
        "<style>@import 'a.css';</style>",
        "<style>i{background:url(http://cdn.example/a.png)}</style>",
        '<i style="background:url(a.png)"></i>',
        "<script>fetch('a.json')</script>",
        "<script>x.src='https://cdn.example/a.png'</script>",
        '<a href="https://example.org/">followed by nobody</a>',
        '<iframe srcdoc="x"></iframe>',
        '<b onclick="x()">b</b>',
    ],
)
def test_exporter_refuses_what_reaches_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    real = html_module.notices
    monkeypatch.setattr(html_module, "notices", lambda data: real(data) + part)
    with pytest.raises(InputError, match="from elsewhere"):
        write_map(tmp_path / "map.html", town())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "template",
    ["http://a.example/{z}/{x}/{y}", "https://a.example/{z}/{x}", "https://a.{z}.b/{x}{y}"],
)
def test_bad_tile_templates_are_refused(template: str) -> None:
    with pytest.raises(InputError, match="tiles is"):
        tile_source(template)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"language": "de"}, "language"),
        ({"demand_unit": "souls"}, "demand_unit"),
        ({"services": ()}, "no service"),
    ],
)
def test_unusable_data_is_refused(change: dict[str, object], match: str) -> None:
    with pytest.raises(InputError, match=match):
        map_html(town(**change))


def test_payload_is_plain_json_that_nothing_can_end() -> None:
    page = map_html(hostile_town())
    found = re.search(
        r'<script type="application/json" id="qh-data">(.*?)</script>', page, re.DOTALL
    )
    assert found
    assert not re.search("[<>&\u2028\u2029]", found[1])
    assert json.loads(found[1])["title"] == HOSTILE


def test_browser_is_required_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import browser as helper

    monkeypatch.setenv("QUARTERHOUR_REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="none here"):
        helper.need(None, "none here")
    monkeypatch.delenv("QUARTERHOUR_REQUIRE_BROWSER")
    with pytest.raises(pytest.skip.Exception, match="none here"):
        helper.need(None, "none here")
    monkeypatch.setenv("QUARTERHOUR_CHROMIUM", os.devnull)
    assert helper.find_browser() == os.devnull


@given(st.lists(st.integers(-(2**51), 2**51)))
def test_packed_numbers_can_be_read_back(numbers: list[int]) -> None:
    packed = varint(zigzag(np.array(numbers, dtype=np.int64)))
    found, value, factor = [], 0, 1
    for byte in packed:
        value += (byte & 127) * factor
        factor *= 128
        if byte < 128:
            found.append(-(value + 1) // 2 if value % 2 else value // 2)
            value, factor = 0, 1
    assert found == numbers


def test_roads_that_do_not_fit_together_are_refused() -> None:
    data = town()
    short = replace(data.roads, rank=data.roads.rank[:-1])
    with pytest.raises(InputError, match="line_start must run"):
        map_html(replace(data, roads=short))


def test_a_map_without_roads_is_still_a_map() -> None:
    none = BaseRoads(
        lon=np.empty(0),
        lat=np.empty(0),
        line_start=np.zeros(1, dtype=np.int64),
        rank=np.empty(0, dtype=np.uint8),
    )
    assert "未覆盖" in map_html(town(roads=none))


@pytest.mark.parametrize(
    ("key", "language", "want"),
    [
        ("age_60_plus", "both", "60岁以上 / aged 60 and over"),
        ("age_0_3", "zh", "0–3岁"),
        ("age_75_plus", "en", "aged 75 and over"),
        ("age_3_6", "both", "3–6岁 / aged 3–6"),
        ("孤寡老人", "both", "孤寡老人"),
    ],
)
def test_groups_have_names(key: str, language: str, want: str) -> None:
    assert group_label(key, language) == want


def test_every_word_has_two_languages() -> None:
    for key, (zh, en) in WORDS.items():
        assert zh.strip(), key
        assert en.strip(), key
        assert not re.search("[\u4e00-\u9fff]", en), key
    assert label("total", "both") == "总量 / Total"
    with pytest.raises(KeyError):
        label("no such key", "zh")
