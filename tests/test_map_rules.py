"""What a map may show when it leaves the house, how its names are read, and what names it has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from map_town import HOSTILE, town
from quarterhour.errors import InputError
from quarterhour.render.map.html import map_html
from quarterhour.render.map.initials import readings
from quarterhour.render.map.payload import payload
from quarterhour.sources.ground.scenery import read_scenery
from quarterhour.study_file.settings import load_study
from small_study import box, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.render.map.layers import MapData

NUMBER = "GS(2026)0001"


def foot(data: MapData) -> str:
    page = map_html(data)
    return page[page.index('<footer id="qh-foot"') : page.index("</footer>")]


def test_an_internal_map_says_so_with_or_without_a_number() -> None:
    assert "内部工作用图" in foot(town("en"))
    assert "审图号" not in foot(town("zh"))
    both = foot(town("zh", approval_no=NUMBER))
    assert "内部工作用图" in both
    assert f"审图号：{NUMBER}" in both


def test_a_public_map_has_its_number_in_place_of_the_mark() -> None:
    told = foot(town("both", public=True, approval_no=NUMBER))
    assert told.index(f"审图号：{NUMBER}") < told.index("qh-sources")
    assert "内部" not in told
    assert "Internal" not in told


def test_a_number_is_text() -> None:
    told = foot(town("zh", approval_no=HOSTILE))
    assert "<img" not in told
    assert "&lt;img" in told


def test_a_public_map_without_a_number_has_no_boundary() -> None:
    data = town("zh", public=True)
    with pytest.raises(InputError, match="the study boundary, the district lines") as told:
        map_html(data)
    for way in ("approval_no", "审图号", "boundaries = false"):
        assert way in str(told.value)
    sent = payload(replace(data, boundaries=False))
    none = payload(town("zh", districts=()))["districts"]["packed"]
    assert (sent["boundary"], sent["districts"]["packed"]) == ("", none)
    # names and the first view stay: neither is a line
    assert sent["districts"]["name"] == ["江西街道", "江东街道", "沿江线"]
    assert sent["bounds"] == payload(town("zh"))["bounds"]
    assert "内部工作用图" not in foot(replace(data, boundaries=False))


@pytest.mark.parametrize("number", ["", "   "])
def test_an_empty_number_is_none(number: str) -> None:
    with pytest.raises(InputError, match="approval_no"):
        map_html(town("zh", public=True, approval_no=number))


def test_an_online_base_map_has_boundaries_of_its_own() -> None:
    tiles = "https://t.example.org/{z}/{x}/{y}.png"
    bare = town("zh", public=True, area=None, districts=(), tiles=tiles)
    with pytest.raises(InputError, match="leave tiles out"):
        map_html(bare)
    assert "内部工作用图" not in foot(replace(bare, tiles=None))
    assert NUMBER in foot(replace(bare, approval_no=NUMBER))


def test_a_study_is_refused_before_the_long_work(tmp_path: Path) -> None:
    write_layer(tmp_path / "area.gpkg", [box(-100, -100, 1300, 700)])
    changes = {"study.public": True, "study.area": "area.gpkg"}
    with pytest.raises(InputError, match=r"\[study\] public = true.*\[study\] area.*approval_no"):
        load_study(small_study(tmp_path, changes))
    for more in ({"study.approval_no": NUMBER}, {"study.boundaries": False}):
        assert load_study(small_study(tmp_path, {**changes, **more})).study.public
    # without an area nothing is drawn that would need a number
    assert load_study(small_study(tmp_path, {"study.public": True})).study.public


def test_characters_are_read_in_every_way() -> None:
    found = readings(["重庆", "老城", "老街", "abc 12", HOSTILE])
    assert "重" in found["chong"]
    assert "重" in found["zhong"]
    assert found["lao"] == "老"
    assert list(found) == sorted(found)
    assert all(key.isascii() and key.isalpha() and key.islower() for key in found)
    assert not any(c.isascii() for text in found.values() for c in text)
    assert readings(["street", ""]) == {}


READ = """
import sys
from quarterhour.render.map.initials import readings
assert readings(["Rua da Praia", ""]) == {}
assert "pypinyin" not in sys.modules  # a quarter of a second, for names that have no characters
print(ascii(readings([chr(code) for code in range(0x4E00, 0xA000)])))
"""


def test_characters_are_read_the_same_without_the_book_of_words() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", READ],
            check=True,
            capture_output=True,
            env={**os.environ, **more},
        ).stdout
        for more in ({}, {"PYPINYIN_NO_PHRASES": "1"})
    ]
    assert told[0] == told[1]
    assert len(told[0]) > 20_902  # every character of the block is in it


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30))
def test_any_text_can_be_read(text: str) -> None:
    found = readings([text])
    assert set("".join(found.values())) <= set(text)
    json.dumps(found)


PLACES = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="test">
{nodes}
{ways}
</osm>
"""


def places_file(tmp_path: Path) -> Path:
    spots = {
        1: (0, 0, {}), 2: (400, 0, {}), 3: (900, 0, {}), 4: (500, 300, {}),
        5: (100, 100, {"place": "village", "name": "李家村"}),
        6: (200, 100, {"place": "town", "name": "石桥镇"}),
        7: (300, 100, {"place": "suburb", "name": " 老城 "}),
        8: (400, 100, {"place": "town"}),
        9: (90_000, 0, {"place": "town", "name": "远镇"}),
        10: (500, 100, {"place": "island", "name": "某岛"}),
    }  # fmt: skip
    nodes = []
    for key, (x, y, tags) in spots.items():
        lon, lat = lonlat(x, y)
        inner = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        nodes.append(f'<node id="{key}" version="1" lat="{lat:.7f}" lon="{lon:.7f}">{inner}</node>')
    ways = [
        f'<way id="{number}" version="1">'
        + "".join(f'<nd ref="{n}"/>' for n in of)
        + f'<tag k="highway" v="{kind}"/>{name}</way>'
        for number, (of, kind, name) in enumerate(
            [
                ((1, 2), "primary", '<tag k="name" v="人民路"/>'),
                ((2, 3, 4), "primary", '<tag k="name" v="人民路"/>'),
                ((1, 4), "residential", '<tag k="name" v="小巷"/>'),
                ((1, 3), "secondary", ""),
            ],
            1,
        )
    ]
    path = tmp_path / "places.osm"
    path.write_text(PLACES.format(nodes="\n".join(nodes), ways="\n".join(ways)), encoding="utf-8")
    return path


def test_names_of_a_road_file(tmp_path: Path) -> None:
    names = read_scenery(places_file(tmp_path), box(-2000, -2000, 2000, 2000).bounds).names
    assert [(it.name, it.kind) for it in names] == [
        ("石桥镇", "town"), ("老城", "town"), ("李家村", "village"), ("人民路", "street"),
    ]  # fmt: skip
    # of the two ways of that name, the middle vertex of the longer
    assert (names[-1].lon, names[-1].lat) == pytest.approx(lonlat(900, 0), abs=1e-6)


def test_names_are_sent_by_kind_and_refused_when_wrong() -> None:
    named = [("石桥镇", 106.5, 29.5, "town"), ("人民路", 106.6, 29.6, "street")]
    sent = payload(town("zh", names=tuple(named)))
    assert sent["names"] == {
        "town": [["石桥镇", 29.5, 106.5]], "village": [], "street": [["人民路", 29.6, 106.6]],
    }  # fmt: skip
    assert "石" in sent["readings"]["shi"]
    for wrong in (("甲", 106.5, 29.5, "county"), ("甲", float("nan"), 29.5, "town")):
        with pytest.raises(InputError, match="the name '甲'"):
            map_html(town("zh", names=(wrong,)))


def test_the_method_is_told_in_terms() -> None:
    page = map_html(town("both"))
    method = page[page.index('<dl class="qh-method">') :]
    method = re.sub(r"<[^>]+>", " ", method[: method.index("</dl>")])
    for words in ("WGS-84", "5 / 10 / 15", "0.9 米/秒", "2025-06-30", "人口：街道统计表"):
        assert words in method
    total = next(f.total for f in town().services[0].figures if f.group == "age_60_plus")
    assert f"{total:,.0f}" in method
